"""The facts of a race: frozen, typed nouns that tables, pages, pictures and exports read.

report.json is their serialisation, and its schema comes from them (`gpxstage.facts.whole`).
Metres are rounded to 0.1, seconds and kilocalories to 1, fractions to 0.001. None means unknown.
Moments are aware datetimes. Times count from the start of the race where the clock runs through
all stages, and from the start of the stage where each stage has a start of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gpxstage.course import CutoffAt, Format
from gpxstage.estimator.nouns import RangeGiven
from gpxstage.facts.figures import (
    Above,
    AltitudeBand,
    AltitudeCost,
    ClimbFacts,
    CollapseFacts,
    EatingFacts,
    GradeBand,
    HikeFraction,
    Interval,
    Moment,
    Night,
    Official,
    Plan,
    RecordedFacts,
    Sleepiness,
    Struct,
    TeamMember,
    Tightest,
    replace,
)
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

SCHEMA = 2


class PointFacts(Struct, frozen=True, kw_only=True):
    """A place of the course, and when a runner is there.

    ``margin_s`` is what is left before the cutoff once the planned stop is over.
    ``arrival_s`` and ``margin_s`` range as `RaceFacts.range_given` names; ``given_finish_s`` is
    the arrival of runners who finish at the expected time, None under way.
    ``miss_probability`` is the chance to miss this cutoff or one before it, given the same.
    ``leave_by_s`` is the latest moment to leave that still keeps all cutoffs farther on at the
    expected pace; None where nobody can be there so early. ``passed``: a passage is given there;
    ``behind``: one is given farther on, so a cutoff was kept and has neither margin nor chance.
    """

    name: str
    kind: str
    distance_m: float
    race_distance_m: float
    elevation_m: float | None
    gain_m: float | None
    arrival_s: Interval[int] = Interval()
    given_finish_s: Interval[int] = Interval()
    arrival: Moment | None = None
    day: int | None = None
    stop_s: int | None = None
    sleep_s: int | None = None
    cutoff_s: int | None = None
    cutoff_at: CutoffAt | None = None
    margin_s: Interval[int] = Interval()
    miss_probability: float | None = None
    leave_by_s: int | None = None
    passed: bool = False
    behind: bool = False


class StageFacts(Struct, frozen=True, kw_only=True):
    """A stage; bands and climbs are None where the track has no elevation.

    ``recorded`` is there where the track was recorded and no estimate was wanted.
    """

    number: int
    name: str
    length_m: float
    gain_m: float | None
    gain_low_m: float | None
    gain_high_m: float | None
    gain_raw_m: float | None
    loss_m: float | None
    lowest_m: float | None
    highest_m: float | None
    steepest_100m: float | None
    steepest_500m: float | None
    start: Moment | None
    limit_s: int | None
    official: Official
    moving_s: Interval[int] = Interval()
    elapsed_s: Interval[int] = Interval()
    hike_fraction: HikeFraction = HikeFraction()
    energy_kcal: Interval[int] = Interval()
    earlier_days_s: int | None = None
    grade_bands: tuple[GradeBand, ...] | None
    altitude_bands: tuple[AltitudeBand, ...] | None
    above: tuple[Above, ...] | None
    night: Night | None = None
    climbs: tuple[ClimbFacts, ...] | None
    descents: tuple[ClimbFacts, ...] | None
    points: tuple[PointFacts, ...]
    recorded: RecordedFacts | None = None
    notes: tuple[str, ...]

    @property
    def offset_m(self) -> float:
        """The distance of the race at the start of this stage."""
        return self.points[0].race_distance_m - self.points[0].distance_m


class RunnerFacts(Struct, frozen=True, kw_only=True):
    """All that the estimate assumes of a runner; see `gpxstage.Runner` for what each means."""

    source: str
    model: str
    name: str
    flat_speed_mps: float
    descent_m_per_h: float
    downhill_gain: float
    hike_most_mps: float
    gait_weight: float
    decay: float
    ease: float
    front: float
    early: float
    wear: float
    stops: float
    sleep: float
    night_up: float
    night_down: float
    pack_kg: float
    body_kg: float
    ability_spread: float
    known_from: str
    gait_shift_mps: float
    gait_down_mps: float
    habit: float
    habit_from_h: float
    habit_to_h: float
    stopped_min_per_h: float | None = None


class Behind(Struct, frozen=True):
    """How far behind the plan at the last passage, of its stage and in all; below 0 is ahead."""

    stage: int
    point: str
    s: int
    in_all_s: int


class ArriveFacts(Struct, frozen=True, kw_only=True):
    """What has to change for the runner to be at a place at a wanted time.

    Either the speed, all the way, or the rest at the places before. ``speed_share`` is of the
    runner's speed on the flat, None where no runner is that fast or slow; ``elapsed_s`` is what
    the race then takes.
    """

    stage: int
    point: str
    wanted_s: int
    wanted: Moment | None
    later_s: int
    speed_share: float | None
    elapsed_s: int | None
    rest_before_s: int


class Usual(Struct, frozen=True, kw_only=True):
    """What the same runner takes with usual stops and sleep, where other ones were given."""

    moving_s: int
    elapsed_s: int
    stopped_s: int
    slept_s: int
    sleeps_given: bool


class StageCauses(Struct, frozen=True, kw_only=True):
    """Seconds of a stage by cause; ``road_s`` is the flat road, the rest is what each adds."""

    number: int
    road_s: int
    fatigue_s: int
    slope_s: int
    descents_s: int
    terrain_s: int
    altitude_s: int
    night_s: int
    conditions_s: int
    sleepiness_s: int
    stops_s: int
    sleep_s: int

    @property
    def total_s(self) -> int:
        """The time on the clock."""
        return sum(self.seconds(cause) for cause in CAUSES)

    def seconds(self, cause: str) -> int:
        """Seconds of one of the causes."""
        value: int = getattr(self, f"{cause}_s")
        return value


CAUSES = tuple(name.removesuffix("_s") for name in StageCauses.__struct_fields__[1:])


class WhyFacts(Struct, frozen=True):
    """Where the hours go, and the moving time by plain speed models."""

    stages: tuple[StageCauses, ...]
    models: dict[str, int]
    altitude: tuple[AltitudeCost, ...] = ()


class LevelPoint(Struct, frozen=True):
    """When a level arrives at a point."""

    stage: int
    name: str
    arrival_s: int | None
    arrival: Moment | None


class LevelFacts(Struct, frozen=True):
    """One runner of a field: elapsed time, and the arrival at every point."""

    level: str
    elapsed_s: int | None
    points: tuple[LevelPoint, ...]


class RaceFacts(Struct, frozen=True, kw_only=True):
    """A race: the course, and, where an estimate was wanted, what it takes a runner.

    Lengths, climbs and times are the sums of the stages' as they are written.
    """

    schema: int = SCHEMA
    name: str
    survey: str | None
    format: Format
    timezone: str | None
    start: Moment | None
    limit_s: int | None
    official: Official
    length_m: float
    gain_m: float | None
    gain_low_m: float | None
    gain_high_m: float | None
    gain_raw_m: float | None
    loss_m: float | None
    lowest_m: float | None
    highest_m: float | None
    runner: RunnerFacts | None = None
    moving_s: Interval[int] = Interval()
    elapsed_s: Interval[int] = Interval()
    stopped_s: int | None = None
    slept_s: int | None = None
    hike_fraction: HikeFraction = HikeFraction()
    energy_kcal: Interval[int] = Interval()
    intake_kcal_per_h: float | None = None
    eating: EatingFacts | None = None
    finish_probability: float | None = None
    range_given: RangeGiven | None = None
    behind: Behind | None = None
    arrive: ArriveFacts | None = None
    collapse_probability: float | None = None
    collapse: CollapseFacts | None = None
    tightest: Tightest | None = None
    alertness: Sleepiness | None = None
    usual: Usual | None = None
    why: WhyFacts | None = None
    plans: tuple[Plan, ...] | None = None
    levels: tuple[LevelFacts, ...] | None = None
    team: tuple[TeamMember, ...] | None = None
    stages: tuple[StageFacts, ...]
    notes: tuple[str, ...]

    @property
    def estimated(self) -> bool:
        """Whether an estimate was wanted; ``runner`` is None where none could be made."""
        return self.intake_kcal_per_h is not None

    @property
    def through(self) -> bool:
        """Whether one clock runs through all stages."""
        return self.format == "continuous"

    @property
    def steepest_100m(self) -> float | None:
        """The steepest 100 m of all stages, up or down."""
        return _steepest(stage.steepest_100m for stage in self.stages)

    @property
    def steepest_500m(self) -> float | None:
        """The steepest 500 m of all stages, up or down."""
        return _steepest(stage.steepest_500m for stage in self.stages)

    @property
    def night(self) -> Night | None:
        """What is covered in the dark; None where it is unknown of a stage."""
        nights = [stage.night for stage in self.stages if stage.night is not None]
        if len(nights) < len(self.stages):
            return None
        distance_m = round(sum(night.distance_m for night in nights), 1)
        return Night(distance_m, sum(night.moving_s for night in nights))

    @property
    def earlier_days_s(self) -> int:
        """What the stages before added to each stage, all together."""
        return sum(stage.earlier_days_s or 0 for stage in self.stages)

    def every_point(self) -> Iterator[tuple[StageFacts, PointFacts]]:
        """All points in the order of the course, each with its stage."""
        return ((stage, point) for stage in self.stages for point in stage.points)

    def clock_at(self, stage: StageFacts, after_s: float | None) -> datetime | None:
        """Local time of a moment on the clock of a stage; None without a start."""
        start = self.start if self.through else stage.start
        if start is not None and self.timezone:  # an offset alone does not change with the clocks
            start = start.astimezone(ZoneInfo(self.timezone))
        return moment(start, after_s)

    def shown(self, stages: Collection[int]) -> RaceFacts:
        """The same race with the stages of those numbers alone; none means all of them."""
        if not stages:
            return self
        levels = self.levels and tuple(
            replace(level, points=tuple(p for p in level.points if p.stage in stages))
            for level in self.levels
        )
        kept = tuple(stage for stage in self.stages if stage.number in stages)
        eating = self.eating and self.eating.shown(stages)
        return replace(self, stages=kept, levels=levels, eating=eating)


def _steepest(grades: Iterable[float | None]) -> float | None:
    return max((grade for grade in grades if grade is not None), key=abs, default=None)
