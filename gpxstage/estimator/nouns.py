"""What the estimator answers: Interval, Stop, Alertness, StageEstimate, Estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.units import seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.engine import Policy
    from gpxstage.estimator.live import Passed
    from gpxstage.estimator.runner import Runner
    from gpxstage.estimator.spread import StageSpread


SAME_M = 1.0  # a stop this near to a point is made there


@dataclass(frozen=True)
class Interval:
    """p50 is the run without draws; p10 and p90 come from the draws, None without them."""

    p10: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True)
class Stop:
    """Where the clock runs while the feet do not."""

    point: str
    distance_m: float  # from the stage's start
    stop_s: float  # all of it, sleep included
    sleep_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Alertness:
    """How sleepy one is along a stage, at m moments in order; see `estimator.alertness`."""

    distance_m: Array  # (m,) from the stage's start; the same through a stop
    elapsed_s: Array  # (m,) on the race's clock
    kss: Array  # (m,) Karolinska scale: 1 very alert, 7 sleepy, 9 fighting sleep; not clipped
    asleep: NDArray[np.bool_]  # (m-1,) slept from this moment to the next

    def __repr__(self) -> str:
        """How many moments and the worst; the arrays are in the fields."""
        return f"<Alertness: {len(self.kss)} moments, KSS {self.kss.max():.1f} at worst>"

    @property
    def worst(self) -> int:
        """Which of the moments is the sleepiest."""
        return int(np.argmax(self.kss))

    def above_s(self, kss: float) -> float:
        """Time awake above a level of sleepiness, exact between the moments."""
        low, high = np.sort(np.stack([self.kss[:-1], self.kss[1:]]), axis=0)
        share = np.clip((high - kss) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        return float((share * np.diff(self.elapsed_s))[~self.asleep].sum())


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
        hours, minutes = divmod(round(self.elapsed_s / 60.0), 60)
        return f"<StageEstimate: {self.edge_m[-1] / 1000.0:.1f} km in {hours}:{minutes:02d} h>"

    @property
    def cell_s(self) -> Array:
        """(n,) moving time in each cell."""
        return np.diff(self.moving_s)

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
        return tuple(
            stop
            for stop in self.stops
            if abs(stop.distance_m - distance_m) < SAME_M and stop.point in ("", name)
        )

    def reached_m(self, distance_m: float, name: str) -> float:
        """Where the clock is read at a point: not behind a stop that is made there."""
        return min([distance_m, *(stop.distance_m for stop in self.stops_at(distance_m, name))])

    def moving_at_s(self, distance_m: float) -> float:
        """Moving time from the stage's start to a distance."""
        return float(np.interp(distance_m, self.edge_m, self.moving_s))

    def arrival_s(self, distance_m: float) -> float:
        """On the race's clock at a distance, before any stop that is made there."""
        stopped = sum(stop.stop_s for stop in self.stops if stop.distance_m < distance_m)
        return self.offset_s + self.moving_at_s(distance_m) + stopped


@dataclass(frozen=True)
class Why:
    """Where the hours go, and what other models would say.

    ``stages`` holds, for each stage, seconds by cause in the order of `estimator.why.CAUSES`:
    the time on a flat road, then what each cause adds, then stops and sleep; they add up to
    the stage's elapsed time. ``models`` holds moving seconds of the race by plain model.
    """

    stages: tuple[dict[str, float], ...]
    models: dict[str, float]

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

    def __repr__(self) -> str:
        """Who, and how long; the rest is in the fields."""
        hours, minutes = divmod(round(self.elapsed_s / 60.0), 60)
        took = f"{hours}:{minutes:02d} h on {len(self.stages)} stage"
        return f"<Estimate for {self.runner.name}: {took}{'s' if len(self.stages) != 1 else ''}>"

    @property
    def moving_s(self) -> float:
        """Moving time of the whole race."""
        return sum(float(stage.moving_s[-1]) for stage in self.stages)

    @property
    def elapsed_s(self) -> float:
        """Time on the clock: of a staged race, the sum of its stages'."""
        return sum(stage.elapsed_s for stage in self.stages)

    @property
    def hike_of_time(self) -> float | None:
        """Share of the moving time that is hiked."""
        hiked = [stage.hiked_s.sum() for stage in self.stages if stage.hiked_s is not None]
        return float(sum(hiked)) / self.moving_s if hiked else None
