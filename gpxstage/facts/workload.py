"""What a race demands of a training, and what recordings hold of it: the typed facts.

`gpxstage.training` finds them; tables, JSON and the picture of the weeks read them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from gpxstage.course import Format
from gpxstage.facts.figures import AltitudeCost
from gpxstage.units import fraction


@dataclass(frozen=True)
class GradeTime:
    """What is covered between two grades; None is an open end."""

    from_grade: float | None
    to_grade: float | None
    length_m: float
    moving_s: int


@dataclass(frozen=True)
class AltitudeTime:
    """Time on the clock above an altitude, stops included."""

    above_m: float
    elapsed_s: int


@dataclass(frozen=True)
class Amounts:
    """What lies between two moments. None is unknown, as hiking by a model without a gait."""

    length_m: float
    gain_m: float
    loss_m: float
    elapsed_s: int
    moving_s: int
    hiked_s: int | None
    dark_s: int | None  # moving in the dark
    energy_kcal: int | None  # while moving
    by_grade: tuple[GradeTime, ...]
    above: tuple[AltitudeTime, ...]

    @property
    def gain_m_per_km(self) -> float:
        """Climb for each kilometre; 0 where nothing is covered."""
        return 1000.0 * self.gain_m / self.length_m if self.length_m else 0.0

    @property
    def run_s(self) -> int | None:
        """Moving time that is not hiked."""
        return None if self.hiked_s is None else self.moving_s - self.hiked_s

    @property
    def hike_fraction(self) -> float | None:
        """The hiked share of the moving time."""
        if self.hiked_s is None or not self.moving_s:
            return None
        return fraction(self.hiked_s / self.moving_s)

    def none(self) -> Amounts:
        """Nothing, with the same bands and altitudes."""
        return Amounts(
            *(0.0, 0.0, 0.0),
            *(0, 0, 0, 0, 0),
            tuple(replace(band, length_m=0.0, moving_s=0) for band in self.by_grade),
            tuple(replace(level, elapsed_s=0) for level in self.above),
        )

    def slope_s(self, low: float | None, high: float | None) -> int:
        """Moving time between two of the grades that divide the bands; None is an open end."""
        return sum(
            band.moving_s
            for band in self.by_grade
            if (low is None or (band.from_grade is not None and band.from_grade >= low))
            and (high is None or (band.to_grade is not None and band.to_grade <= high))
        )


@dataclass(frozen=True)
class Day:
    """A day of a race: a stage, 24 hours from the start, or a day of the calendar.

    Distances count from the start of the race where its clock runs through, else from the start
    of the stage.
    """

    number: int  # from 1
    name: str | None  # of the stage in a staged race
    start: datetime | None
    from_m: float
    to_m: float
    covered: Amounts


@dataclass(frozen=True)
class Pair:
    """Two days in a row, by the number of the first, and their sum."""

    first: int
    covered: Amounts


@dataclass(frozen=True)
class Section:
    """A climb or a descent: where it is, what it is, and when a runner is there.

    Distances count from the start of the race where its clock runs through, else from the start
    of the stage. ``reasons`` are in the order of their weight.
    """

    stage: int
    kind: Literal["climb", "descent"]
    name: str | None  # of the point at its upper end if a climb, at its lower end if a descent
    from_m: float
    to_m: float
    race_distance_m: float  # of its start, from the start of the race
    height_m: float
    mean_grade: float
    highest_m: float | None
    from_s: int  # on the clock that the arrivals of its stage count from
    start: datetime | None  # the same as a moment
    moving_s: int
    dark_s: int | None
    above_s: int  # on the feet above the highest altitude that the race passes
    above_m: float | None  # that altitude
    kss: float | None  # sleepiness at worst, on the Karolinska scale, which ends at 9
    off_scale: bool  # sleepier than the scale has words for: written 9+
    margin_s: int | None  # at the tightest cutoff, where this section is the last before it
    reasons: tuple[str, ...] = ()

    @property
    def length_m(self) -> float:
        """Horizontal length."""
        return round(self.to_m - self.from_m, 1)

    @property
    def steepness(self) -> float:
        """The mean grade, whether up or down."""
        return abs(self.mean_grade)


@dataclass(frozen=True)
class Demands:
    """What a race asks of a training; ``calendar`` is None in a staged race and without a start.

    ``hardest_pair`` is the one with the most energy, or, by a model without energy, the most
    moving time; None where there is one day.
    """

    race: str
    format: Format
    start: datetime | None
    runner: str
    model: str
    whole: Amounts
    days: tuple[Day, ...]
    calendar: tuple[Day, ...] | None
    hardest_pair: Pair | None
    longest_climb: Section | None
    longest_descent: Section | None
    sections: tuple[Section, ...]
    altitude: tuple[AltitudeCost, ...]  # of each stage; none where nothing was asked for it
    notes: tuple[str, ...]

    @property
    def through(self) -> bool:
        """Whether one clock runs through all stages."""
        return self.format == "continuous"

    @property
    def longest_s(self) -> int:
        """The moving time without a night's rest: of the race, or of its longest stage."""
        stages_s = [day.covered.moving_s for day in self.days]
        return sum(stages_s) if self.through else max(stages_s)


@dataclass(frozen=True)
class Recorded:
    """An outing: its name, its start on the clock of its place, and what it covered."""

    where: str
    start: datetime
    covered: Amounts


@dataclass(frozen=True)
class Week:
    """A week from Monday to Sunday, and how many outings began in it."""

    start: date
    outings: int
    covered: Amounts


@dataclass(frozen=True)
class Window:
    """The last weeks together; the last of them is the week of the last outing."""

    weeks: int
    covered: Amounts


@dataclass(frozen=True)
class DayPair:
    """Two days of the calendar in a row, each with an hour of moving or more."""

    start: date
    covered: Amounts


@dataclass(frozen=True)
class SeenStage:
    """How much of a stage lies near (``Training.seen_within_m``) what was recorded."""

    stage: int
    name: str
    length_m: float
    seen_m: float


@dataclass(frozen=True)
class Reported:
    """A week, or the mean of the weeks from ``start`` on; None where the report does not say."""

    what: str
    start: date
    race: str  # the race that the week was for
    length_m: float | None
    gain_m: float
    moving_s: int | None
    source: str  # title, date and address


@dataclass(frozen=True)
class Training:
    """What recordings hold of what a race demands.

    ``weeks`` are those with an outing. ``pairs`` begin with the hardest. ``specific`` is the week
    that has most of the race, ``specific_share`` how much. ``longest_race_s`` is the moving time
    of the race, or of its longest stage, and ``times_longest`` what that is of the longest outing.
    ``reported`` are weeks of other runners.
    """

    race: str
    whole: Amounts
    outings: tuple[Recorded, ...]
    weeks: tuple[Week, ...]
    last: tuple[Window, ...]
    specific: Week
    specific_share: float
    pairs: tuple[DayPair, ...]
    longest: Recorded
    longest_race_s: int
    times_longest: float
    seen: tuple[SeenStage, ...]
    seen_within_m: float
    cadence_share: float
    demands: Demands
    reported: tuple[Reported, ...]
    notes: tuple[str, ...]
