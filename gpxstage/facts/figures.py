"""Figures that facts are made of: values with their ranges, bands of a stage, climbs.

All facts are structs of msgspec, and take what they need of it from here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from msgspec import Meta, field
from msgspec import Struct as Struct
from msgspec import to_builtins as to_builtins
from msgspec.json import encode as encode
from msgspec.json import format as format
from msgspec.json import schema as schema
from msgspec.structs import asdict as asdict
from msgspec.structs import replace as replace

if TYPE_CHECKING:
    from collections.abc import Collection

N = TypeVar("N", int, float)
Moment = Annotated[datetime, Meta(tz=True)]


class Interval(Struct, Generic[N], frozen=True):
    """The expected value, p50, and the ends of the 80 % range, which need draws."""

    p10: N | None = None
    p50: N | None = None
    p90: N | None = None

    @property
    def ends(self) -> tuple[N, N] | None:
        """p10 and p90, or None without draws."""
        return None if self.p10 is None or self.p90 is None else (self.p10, self.p90)


class HikeFraction(Struct, frozen=True):
    """The hiked share of the moving time and of the distance."""

    of_time: Interval[float] = Interval()
    of_distance: Interval[float] = Interval()


class Official(Struct, frozen=True):
    """What the organiser publishes."""

    length_m: float | None
    gain_m: float | None


class GradeBand(Struct, frozen=True, kw_only=True):
    """The part of a stage between two grades; None is an open end."""

    low: float | None = field(name="from")
    high: float | None = field(name="to")
    distance_m: float
    moving_s: int | None = None
    hike_fraction: float | None = None


class AltitudeBand(Struct, frozen=True, kw_only=True):
    """The part of a stage between two altitudes; None is an open end."""

    from_m: float | None
    to_m: float | None
    distance_m: float
    moving_s: int | None = None
    elapsed_s: int | None = None


class Above(Struct, frozen=True, kw_only=True):
    """The part of a stage above an altitude."""

    m: float
    distance_m: float
    moving_s: int | None = None
    elapsed_s: int | None = None


class Night(Struct, frozen=True):
    """The part of a stage in the dark."""

    distance_m: float
    moving_s: int


class ClimbFacts(Struct, frozen=True, kw_only=True):
    """A climb or a descent."""

    name: str | None
    from_m: float
    to_m: float
    length_m: float
    height_m: float
    mean_grade: float
    steepest_grade: float | None
    moving_s: int | None = None
    hike_fraction: float | None = None


class LegEaten(Struct, frozen=True, kw_only=True):
    """What a leg takes: the way from the point before to this one, and the stop here.

    ``spent_kcal`` is spent while moving, None where a model knows no energy. ``there_kcal`` is
    the part of ``eaten_kcal`` that is eaten during the stop. ``water_l`` is drunk on the way.
    """

    stage: int
    point: str
    spent_kcal: int | None
    eaten_kcal: int
    there_kcal: int
    deficit_kcal: int | None
    water_l: float

    @property
    def way_kcal(self) -> int:
        """What is eaten on the way."""
        return self.eaten_kcal - self.there_kcal


class Carried(Struct, frozen=True, kw_only=True):
    """What a runner carries when leaving a place that has food or water.

    ``food_kcal`` lasts until ``food_until``, the next place with food, and ``water_l`` until
    ``water_until``, the next place with water; both are None where this place has none.
    """

    stage: int
    point: str
    food_kcal: int | None
    food_until: str | None
    water_l: float | None
    water_until: str | None


class EatingFacts(Struct, frozen=True, kw_only=True):
    """What is spent, eaten and drunk; the legs are in the order of the points.

    A runner has a meal of ``base_meal_kcal`` at each base with a stop, nothing until ``pause_s``
    after leaving it, and a portion of ``portion_kcal`` every ``portion_every_s`` else, as long as
    they are awake. ``eaten_kcal_per_h`` is the result for each hour awake: the intake that
    was wanted, unless the meals are more than that, or leave too little time for the rest.
    """

    intake_kcal_per_h: float
    base_meal_kcal: float
    meal_stops: int
    pause_s: int
    portion_kcal: int
    portion_every_s: int
    eaten_kcal_per_h: float | None
    spent_kcal: int | None
    eaten_kcal: int
    deficit_kcal: int | None
    water_l: float
    legs: tuple[LegEaten, ...]
    carried: tuple[Carried, ...]

    def shown(self, stages: Collection[int]) -> EatingFacts:
        """The same with the legs and the places of some stages alone."""
        legs = tuple(leg for leg in self.legs if leg.stage in stages)
        carried = tuple(one for one in self.carried if one.stage in stages)
        return replace(self, legs=legs, carried=carried)


class Wait(Struct, frozen=True, kw_only=True):
    """How long a member of a team waits on the way to a point, and how long during the stop."""

    stage: int
    point: str
    way_s: int
    stop_s: int


class TeamMember(Struct, frozen=True, kw_only=True):
    """One of a team: the time alone, what the team adds to it, and where that is waited.

    The waits add up to ``costs_s``, to the seconds of rounding.
    """

    name: str
    alone_s: int
    costs_s: int
    waits: tuple[Wait, ...]


class LossRange(Struct, frozen=True, kw_only=True):
    """Moving time that altitude adds: by the middle of the published loss, and by its ends."""

    low_s: int
    middle_s: int
    high_s: int


class AltitudeCost(Struct, frozen=True, kw_only=True):
    """What altitude adds to a stage, for a runner who is used to it and for one who is not."""

    stage: int
    acclimatised: LossRange
    unacclimatised: LossRange


class RecordedStop(Struct, frozen=True, kw_only=True):
    """A halt of two minutes or more, or a pause of the recording."""

    distance_m: float
    after_s: int  # since the start
    stop_s: int


class RecordedBand(Struct, frozen=True, kw_only=True):
    """Time on the clock between two altitudes, stops included; None is an open end."""

    from_m: float | None
    to_m: float | None
    elapsed_s: int


class RecordedFacts(Struct, frozen=True, kw_only=True):
    """What the clock of a recorded track says.

    ``stopped_s`` is all time without moving, and ``stops`` are the parts of it that last two
    minutes or more. ``above`` is None where the track has no elevation.
    """

    start: Moment
    elapsed_s: int
    moving_s: int
    stopped_s: int
    stops: tuple[RecordedStop, ...]
    altitude_bands: tuple[RecordedBand, ...] | None
    above: tuple[RecordedBand, ...] | None


class Tightest(Struct, frozen=True, kw_only=True):
    """The cutoff whose margin is the smallest share of its time."""

    stage: int
    name: str
    margin_s: int
    of_time: float
    miss_probability: float | None


class Sleepiest(Struct, frozen=True, kw_only=True):
    """The sleepiest moment of a race, on the Karolinska scale; *off_scale*, beyond its end, 9."""

    kss: float
    off_scale: bool
    elapsed_s: int
    clock: Moment | None
    stage: int
    distance_m: float


class Sleepiness(Struct, frozen=True):
    """Hours awake above two levels of sleepiness, and the sleepiest moment."""

    hours_above_kss_7: float
    hours_above_kss_8: float
    worst: Sleepiest


class MoreSleepFacts(Struct, frozen=True, kw_only=True):
    """A sleep beside the planned ones, and the chance of a collapse with it."""

    stage: int
    point: str
    sleep_s: int
    collapse_probability: float


class CollapseFacts(Struct, frozen=True, kw_only=True):
    """Where a runner is likeliest to have to lie down by the trail, and what it costs.

    The cost is that of the draws that collapse, in the whole race. ``ends_probability`` is the
    chance that a collapse ends the race.
    """

    stage: int
    distance_m: float
    elapsed_s: int
    clock: Moment | None
    after: str | None
    before: str | None
    cost_s: Interval[int]
    ends_probability: float
    more_sleep: MoreSleepFacts | None


class PlaceTime(Struct, frozen=True):
    """A time at a place: a sleep, or what is left before a cutoff."""

    point: str
    s: int
    stage: int


class Plan(Struct, frozen=True, kw_only=True):
    """A plan of sleep, under way of that ahead alone, and what becomes of the race with it."""

    sleeps: tuple[PlaceTime, ...]
    elapsed_s: int | None
    p90_s: int | None
    worst_kss: float | None
    off_scale: bool | None
    finish_probability: float | None
    collapse_probability: float | None
    slept_s: int | None
    hours_above_kss_8: float | None
    tightest: Tightest | None
    margins: tuple[PlaceTime, ...]
