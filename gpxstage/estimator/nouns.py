"""The nouns of the estimator, below all its files but the runner's: what they hand on, and say."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from gpxstage import geo
from gpxstage.text import counted
from gpxstage.units import hours, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.risks import Alertness, Collapse
    from gpxstage.estimator.runner import Runner

RangeGiven = Literal["nothing", "finish", "passages"]
SAME_M = 1.0  # a stop this near to a point is made there
NEAR_M = 0.05  # a stop this near to a passage is made after it


@dataclass(frozen=True)
class Slower:
    """A part of a race that goes at another speed than the runner could: bad legs, a bad guide."""

    speed: float  # share of the usual one
    start: tuple[int, float] = (0, 0.0)  # number of the stage, metres from its start
    end: tuple[int, float] = (1_000_000, 0.0)

    def times(self, stage: int, distance_m: Array) -> Array:
        """How many times as long each of some places of a stage takes."""
        begin_m, end_m = (
            m if number == stage else np.inf if number > stage else -np.inf
            for number, m in (self.start, self.end)
        )
        return np.where((distance_m > begin_m) & (distance_m < end_m), 1.0 / self.speed, 1.0)


@dataclass(frozen=True)
class Policy:
    """What a runner decides or meets on a course, apart from their abilities."""

    hike_above: float | None = None  # grade: everything steeper is hiked
    slowdown: float | None = None  # on all moving time: heat, mud, sand; None: as the course says
    home_altitude_m: float = 0.0
    acclimatised: bool = True  # to what lies above home
    # by any words of a point's name (`text.fits`), seconds; a stop includes the sleep given there
    sleeps: Mapping[str, float] | None = None  # all there are; None: as usual
    stops: Mapping[str, float] = field(default_factory=dict)  # the others are as usual
    slower: Slower | None = None


@dataclass(frozen=True, eq=False)
class Sites:
    """The k places where a runner may stop, in order along a push."""

    distance_m: Array  # (k,) from the push's start
    stop_weight: Array  # (k,) share of the unplanned stopping, before normalising
    sleep_weight: Array  # (k,) 0 where nobody sleeps
    fixed_s: Array  # (k,) of the stop without its sleep; NaN where its length is not fixed
    slept_s: Array | None = None  # (k,) where the sleeps are given, all there are; None: as usual
    most_s: Array | float = np.inf  # (k,) the longest stay that the race allows, sleep included
    stop_share: Array | float = field(default=1.0, kw_only=True)  # (k,) of the usual stop, if cut
    # local clock of the start, where beds are assumed: those are for the nights
    start_h: float = field(default=np.nan, kw_only=True)


@dataclass(frozen=True)
class Halt:
    """A place where a runner may stop."""

    stage: int  # its place in the push, from 0; a border belongs to the stage that ends there
    name: str
    distance_m: float  # from that stage's start
    stop_weight: float
    bed: float  # 1 where one may sleep
    fixed_s: float = np.nan  # a stop of known length, its sleep not counted
    slept_s: float = np.nan  # a sleep of known length
    most_s: float = np.inf  # the longest stay that the race allows, sleep included

    @property
    def is_bed(self) -> bool:
        """Can a plan of sleep name it, and stay there?"""
        return bool(self.bed > 0.0 and self.name and not np.isfinite(self.fixed_s))


@dataclass(frozen=True)
class Passed:
    """A runner was there at that time: the arrival, before any stop that is made there."""

    stage: int  # number, from 1
    distance_m: float  # from the stage's start
    elapsed_s: float  # since the race's start; in a staged race, since the stage's
    name: str = ""


@dataclass(frozen=True, eq=False)
class Passages:
    """p places of a push, in order, and when they were reached."""

    distance_m: Array = field(default_factory=lambda: np.zeros(0))  # (p,) each an edge of a cell
    clock_s: Array = field(default_factory=lambda: np.zeros(0))  # (p,) since the push's start
    planned_sleep_s: Array | float = np.inf  # (p,) on the way to each: no more is assumed

    def __len__(self) -> int:
        return len(self.distance_m)

    def leg_of(self, distance_m: Array) -> Indices:
        """The number of passages at or before each distance: the leg that it lies in."""
        return np.searchsorted(self.distance_m - NEAR_M, distance_m, side="right")


@dataclass(frozen=True, eq=False)
class WeatherHours:
    """The weather at w moments of a push, in order; outside of them as at the nearest."""

    clock_s: Array  # (w,) since the push's start
    temperature_c: Array
    humidity: Array  # relative, share
    height_m: Array  # of the thermometer; NaN: as high as the runner


@dataclass(frozen=True, eq=False)
class Push:
    """What lies ahead: n cells one after another, k sites."""

    edge_m: Array  # (n+1,)
    grade: Array  # (n,)
    altitude_m: Array  # (n,)
    terrain: Array  # (n,)
    lat_deg: Array  # (n,)
    lon_deg: Array  # (n,)
    sites: Sites
    border_cells: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    start: datetime | None = None  # aware; None: no darkness
    weather: WeatherHours | None = None
    slowed: Array | float = 1.0  # (n,) times as long, beside all else
    sand: Array | float = 0.0  # (n,) share of soft sand
    lighter_kg: Array | float = 0.0  # (n,) that the pack has lost since the start
    fresh: Array | float = 1.0  # what earlier stages left of the power
    next_start_s: float | None = None  # after the start, where there is a next stage with one
    passed: Passages = field(default_factory=Passages)  # what is known already


@dataclass(frozen=True, eq=False)
class Run:
    """The result of a push, on the same cells and sites."""

    moving_s: Array  # (n+1,) cumulative
    hiked_s: Array | None  # (n,); None from a model that knows no gait
    hiked_m: Array | None  # (n,)
    dark_s: Array | None  # (n,); None without a start
    energy_kcal: Array | None  # (n,)
    effort: Array | None  # (n,) share of the one-hour power in use
    stop_s: Array  # (k,) sleep included
    sleep_s: Array  # (k,)
    settled: bool = True  # whether another round would change the time by less than the tolerance


@dataclass(frozen=True)
class Stop:
    """A stop: time on the clock without moving."""

    point: str
    distance_m: float  # from the stage's start
    stop_s: float  # sleep included
    sleep_s: float = 0.0


@dataclass(frozen=True, eq=False)
class StageEstimate:
    """One stage of an estimate on the n cells of its profile.

    A plain speed model knows no gait: then ``hiked_s``, ``hiked_m`` and ``energy_kcal``
    are None.
    """

    edge_m: Array  # (n+1,) the cells' edges
    moving_s: Array  # (n+1,) cumulative moving time from the stage's start
    hiked_s: Array | None  # (n,) seconds of each cell that are hiked
    hiked_m: Array | None  # (n,) metres of each cell that are hiked
    dark_s: Array | None  # (n,) seconds of each cell in the dark; None without a start
    energy_kcal: Array | None  # (n,) spent while moving, rest included
    stops: tuple[Stop, ...]  # in order of distance
    offset_s: float  # on the race's clock when the stage starts; 0 in a staged race
    earlier_days_s: float | None = None  # of a staged race: what stages before added (judgement)
    alertness: Alertness | None = None  # None without a start

    def __repr__(self) -> str:
        """Length and time; the rest is in the fields."""
        return f"<StageEstimate: {self.edge_m[-1] / 1000.0:.1f} km in {hours(self.elapsed_s)} h>"

    @property
    def cell_s(self) -> Array:
        """(n,) moving time in each cell."""
        return np.diff(self.moving_s)

    @property
    def dark_share(self) -> Array | None:
        """(n,) share of each cell's moving time in the dark; None without a start."""
        return None if self.dark_s is None else self.dark_s / np.maximum(self.cell_s, 1e-9)

    @cached_property
    def hiked_until_s(self) -> Array | None:
        """(n+1,) hiked time from the stage's start to each edge; None without a gait."""
        return None if self.hiked_s is None else geo.so_far(self.hiked_s)

    @property
    def stopped_s(self) -> float:
        """All stops, sleep included."""
        return sum(stop.stop_s for stop in self.stops)

    @property
    def slept_s(self) -> float:
        """Sleep alone."""
        return sum(stop.sleep_s for stop in self.stops)

    @property
    def elapsed_s(self) -> float:
        """From the stage's start to its end, a stop at its end included."""
        return float(self.moving_s[-1]) + self.stopped_s

    @property
    def on_clock_s(self) -> int:
        """``elapsed_s`` in whole seconds of the race's clock, so that stages add up to the race."""
        end_s = seconds(self.offset_s + self.elapsed_s) or 0
        return end_s - (seconds(self.offset_s) or 0)

    def stops_at(self, distance_m: float, name: str) -> tuple[Stop, ...]:
        """The stops that are made at a point of that distance and name."""
        near = (stop for stop in self.stops if abs(stop.distance_m - distance_m) < SAME_M)
        return tuple(stop for stop in near if stop.point in ("", name))

    def reached_m(self, distance_m: float, name: str) -> float:
        """Where the clock is read at a point: not behind a stop that is made there."""
        return min([distance_m, *(stop.distance_m for stop in self.stops_at(distance_m, name))])

    def moving_at_s(self, distance_m: float) -> float:
        """Moving time from the stage's start to a distance."""
        return float(np.interp(distance_m, self.edge_m, self.moving_s))

    def moving_between_s(self, from_m: float, to_m: float) -> float:
        """Moving time between two places of the stage."""
        return self.moving_at_s(to_m) - self.moving_at_s(from_m)

    def hiked_between_s(self, from_m: float, to_m: float) -> float | None:
        """How much of the moving time between two places is hiked; None without a gait."""
        if self.hiked_until_s is None:
            return None
        return float(np.diff(np.interp([from_m, to_m], self.edge_m, self.hiked_until_s))[0])

    def arrival_s(self, distance_m: float) -> float:
        """On the race's clock at a distance, before any stop that is made there."""
        return float(self.arrivals_s(np.array([distance_m]))[0])

    def arrivals_s(self, distance_m: Array, *, near_m: float = 0.0) -> Array:
        """(k,) on the race's clock at k distances, before stops that are made there.

        A stop up to *near_m* before a distance counts as made there.
        """
        stop_m, stood_s = self._stood
        before = np.searchsorted(stop_m, distance_m - near_m)
        return self.offset_s + np.interp(distance_m, self.edge_m, self.moving_s) + stood_s[before]

    @cached_property
    def _stood(self) -> tuple[Array, Array]:  # (k,) where stops are, (k+1,) what they took before
        stop_s = np.array([stop.stop_s for stop in self.stops])
        return np.array([stop.distance_m for stop in self.stops]), geo.so_far(stop_s)


@dataclass(frozen=True, eq=False)
class StageSpread:
    """One stage of d draws on m coarse cells."""

    edge_m: Array  # (m+1,)
    moving_s: Array  # (d, m+1) cumulative from the stage's start
    hiked_s: Array  # (d,) of the stage
    hiked_m: Array  # (d,)
    energy_kcal: Array  # (d,)
    halt_m: Array  # (k,) where the stage's stops are
    stop_s: Array  # (d, k)
    sleep_s: Array  # (d, k)
    offset_s: Array  # (d,) on the race's clock when the stage starts
    lost_s: Array | None = None  # (d, m+1) to collapses, cumulative from the stage's start
    ended: NDArray[np.bool_] | None = None  # (d,) a collapse ends the race here; its clock goes on

    def __repr__(self) -> str:
        """How many draws; the arrays are in the fields."""
        return f"<StageSpread: {len(self.moving_s)} draws of {self.edge_m[-1] / 1000.0:.1f} km>"

    @property
    def elapsed_s(self) -> Array:
        """(d,) from the stage's start to its end, stops included."""
        lost_s = 0.0 if self.lost_s is None else self.lost_s[:, -1]
        return np.asarray(self.moving_s[:, -1] + self.stop_s.sum(axis=1) + lost_s)

    def arrival_s(self, distance_m: float) -> Array:
        """(d,) on the race's clock at a distance, before any stop that is made there."""
        return self.arrivals_s(np.array([distance_m]))[:, 0]

    def arrivals_s(self, distance_m: Array, near_m: float = 0.0) -> Array:
        """(d, m) the same at m distances; a stop is made there if it is as near as that."""
        after = np.clip(np.searchsorted(self.edge_m, distance_m), 1, len(self.edge_m) - 1)
        columns = geo.distinct(np.concatenate([after - 1, after]))  # of many thousand, those needed
        on_clock_s = self.moving_s[:, columns]
        if self.lost_s is not None:
            on_clock_s += self.lost_s[:, columns]
        before = np.searchsorted(self.halt_m, distance_m - near_m, "right" if near_m else "left")
        moving_s = geo.at_distance(distance_m, self.edge_m[columns], on_clock_s)
        return np.asarray(self.offset_s[:, None] + moving_s + self._stood_s[:, before])

    @cached_property
    def _stood_s(self) -> Array:  # (d, k+1) at the stops before each of them, and at all
        return geo.so_far(self.stop_s)


@dataclass(frozen=True)
class AltitudeLoss:
    """Moving seconds that altitude adds to a stage, by the published loss: low, middle, high."""

    acclimatised_s: tuple[float, float, float]
    unacclimatised_s: tuple[float, float, float]


@dataclass(frozen=True)
class Why:
    """Where the hours go, and what other models would say.

    ``stages`` holds, for each stage, seconds by cause in the order of `time_breakdown.CAUSES`:
    the time on a flat road, then what each cause adds, then stops and sleep; they add up to
    the stage's elapsed time. ``models`` holds moving seconds of the race by plain model.
    """

    stages: tuple[dict[str, float], ...]
    models: dict[str, float]
    altitude: tuple[AltitudeLoss, ...] = ()  # by stage

    def __repr__(self) -> str:
        """How many; the seconds are in the fields."""
        return f"<Why: {len(self.stages)} stages by cause, {len(self.models)} other models>"


@dataclass(frozen=True, eq=False)
class Estimate:
    """A race for one runner: stages in order, and what was assumed."""

    runner: Runner
    model: str
    stages: tuple[StageEstimate, ...]
    notes: tuple[str, ...] = ()
    why: Why | None = None
    spread: tuple[StageSpread, ...] | None = None  # by stage; None without draws
    policy: Policy | None = None
    passed: tuple[Passed, ...] = ()  # where the runner has been already
    collapse: Collapse | None = None  # None without draws, and where no start is known
    given_finish: tuple[StageSpread, ...] | None = None  # all finish as expected; None under way

    def __repr__(self) -> str:
        """Who, and how long; the rest is in the fields."""
        took = f"{hours(self.elapsed_s)} h on {counted(len(self.stages), 'stage')}"
        return f"<Estimate for {self.runner.name}: {took}>"

    @property
    def moving_s(self) -> float:
        """Moving time of the whole race."""
        return sum(float(stage.moving_s[-1]) for stage in self.stages)

    @property
    def elapsed_s(self) -> float:
        """Time on the clock: of a staged race, the sum of its stages'."""
        return sum(stage.elapsed_s for stage in self.stages)

    @property
    def range_given(self) -> RangeGiven:
        """What the ranges on the way hold fixed: passages, or the finish of a runner of a goal."""
        if self.passed:
            return "passages"
        return "finish" if self.runner.known_from == "goal" else "nothing"

    @property
    def ranged(self) -> tuple[StageSpread, ...] | None:
        """The draws, by stage, that ranges on the way are made from; see ``range_given``."""
        return self.given_finish if self.range_given == "finish" else self.spread

    @property
    def hike_of_time(self) -> float | None:
        """Share of the moving time that is hiked."""
        hiked = [stage.hiked_s.sum() for stage in self.stages if stage.hiked_s is not None]
        return float(sum(hiked)) / self.moving_s if hiked else None
