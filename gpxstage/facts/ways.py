"""The chosen stages of a report as one way, and estimates on it, read by the distance along it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts.parts import points_of
from gpxstage.text import one_line
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.nouns import Estimate, StageEstimate
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

# judgement: a course with fewer points is cut into legs of so many kilometres or miles
FEW_LEGS, EVEN_LEG = 3, 5.0


@dataclass(frozen=True, eq=False)
class Way:
    """The chosen stages of a course, one after another; lengths count from their start."""

    parts: tuple[Part, ...]
    offset_m: tuple[float, ...]
    units: str = "metric"

    @property
    def length_m(self) -> float:
        """Length of all chosen stages."""
        return self.offset_m[-1] + self.parts[-1].profile.length_m

    def marks(self) -> list[tuple[str, int, float]]:
        """Name, stage and distance of the ends of legs, in order."""
        found = [
            (one_line(point.name), part.stage.number, offset_m + (point.distance_m or 0.0))
            for part, offset_m in zip(self.parts, self.offset_m, strict=True)
            for point in points_of(part)
        ]
        if len(found) < FEW_LEGS:
            unit = UNITS[self.units]
            for at in np.arange(
                EVEN_LEG, self.length_m / unit.m_per_distance - 0.5 * EVEN_LEG, EVEN_LEG
            ):
                at_m = float(at) * unit.m_per_distance
                found.append((f"{unit.distance} {at:.0f}", self.stage_at(at_m), at_m))
        return sorted(found, key=lambda mark: mark[2])

    def stage_at(self, at_m: float) -> int:
        """Number of the stage in which a distance lies."""
        return self.parts[max(bisect_left(self.offset_m, at_m) - 1, 0)].stage.number

    def gain_m(self, from_m: float, to_m: float) -> float | None:
        """Climb between two places; None without elevation."""
        if any(part.profile.cells is None for part in self.parts):
            return None
        return sum(
            float(part.profile.climbed_m([from_m - offset_m, to_m - offset_m])[0][0])
            for part, offset_m in zip(self.parts, self.offset_m, strict=True)
        )


@dataclass(frozen=True, eq=False)
class PlannedWay:
    """An estimate of the chosen stages, read by the distance along them."""

    offset_m: tuple[float, ...]
    stages: tuple[StageEstimate, ...]

    def _at(self, at_m: float) -> tuple[int, float]:
        """Which stage a place is in, and how far along; a border belongs to the stage it ends."""
        k = max(bisect_left(self.offset_m, at_m - SAME_M) - 1, 0)
        return k, at_m - self.offset_m[k]

    def _arrival_s(self, at_m: float) -> float:
        """On the race's clock, before a stop that is made there."""
        k, there_m = self._at(at_m)
        stops_m = [stop.distance_m for stop in self.stages[k].stops]
        here_m = [stop_m for stop_m in stops_m if abs(stop_m - there_m) < SAME_M]
        return self.stages[k].arrival_s(min([there_m, *here_m]))

    def between_s(self, from_m: float, to_m: float) -> float:
        """Time on the clock from arriving at one place to arriving at another."""
        return self._arrival_s(to_m) - self._arrival_s(from_m)

    def moving_s(self, from_m: float, to_m: float) -> float:
        """Moving time from one place to another."""
        before = np.cumsum([0.0, *(float(stage.moving_s[-1]) for stage in self.stages)])
        first_s, last_s = (
            float(before[k]) + self.stages[k].moving_at_s(at_m)
            for k, at_m in map(self._at, (from_m, to_m))
        )
        return last_s - first_s


def way_of(report: Report, stages: Sequence[int] = (), units: str = "metric") -> Way:
    """The chosen stages of a report; none means all. Even legs are round in *units*."""
    parts = report.shown(stages)
    lengths_m = [part.profile.length_m for part in parts]
    return Way(parts, tuple(float(m) for m in np.cumsum([0.0, *lengths_m[:-1]])), units)


def plan_on(way: Way, estimate: Estimate) -> PlannedWay:
    """The chosen stages of an estimate."""
    numbers = [part.stage.number - 1 for part in way.parts]
    return PlannedWay(way.offset_m, tuple(estimate.stages[k] for k in numbers))
