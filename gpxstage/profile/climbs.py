"""Climbs and descents as people see them: few, long, a dip on the way forgiven."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gpxstage.course import Array, Point
    from gpxstage.profile import Profile

LEAST_HEIGHT_M = 100.0  # all of these are judgement: what a runner would call a climb
LEAST_MEAN_GRADE = 0.03
DIP_SHARE = 0.15  # of the whole climb: a dip smaller than this does not split it
RAMP_GRADE = 0.02  # a flatter run-in or run-out is not part of the climb
NAMED_WITHIN_M = 500.0


@dataclass(frozen=True)
class Climb:
    """A stretch that goes up, or down: height and grades are then negative."""

    name: str  # the point nearest its upper end if a climb, its lower end if a descent; or ""
    from_m: float
    to_m: float
    height_m: float  # between its ends, without the height of gaps
    steepest_grade: float  # over 100 m

    @property
    def length_m(self) -> float:
        """Horizontal length."""
        return self.to_m - self.from_m

    @property
    def mean_grade(self) -> float:
        """Height over length."""
        return self.height_m / self.length_m


def climbs(
    profile: Profile,
    points: Sequence[Point] = (),
    *,
    least_height_m: float = LEAST_HEIGHT_M,
    least_grade: float = LEAST_MEAN_GRADE,
    dip_share: float = DIP_SHARE,
) -> tuple[Climb, ...]:
    """Climbs and descents of a stage in order of distance; none without elevation.

    Swings of the smoothed elevation are merged from the smallest up: one that is less than
    *dip_share* of the swing it interrupts disappears in it. What is left is trimmed to where
    it is steeper than 2 %, and kept if it is high and steep enough. What is trimmed off is
    searched in the same way, so that no climb is lost beside a larger one. The height of a gap
    that nobody walked does not count.
    """
    if profile.cells is None:
        return ()
    search = _Search(profile.distance_m, profile.walked_m, least_height_m, least_grade, dip_share)
    found = []
    for first, last in search.parts(0, len(search.level_m) - 1):
        height_m = float(search.level_m[last] - search.level_m[first])
        from_m, to_m = float(search.distance_m[first]), float(search.distance_m[last])
        steepest = _steepest(profile, first, last, float(np.sign(height_m)))
        found.append(Climb(_name(points, to_m), from_m, to_m, height_m, steepest))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Search:
    """A profile and what counts as a climb or a descent in it."""

    distance_m: Array
    level_m: Array
    least_height_m: float
    least_grade: float
    dip_share: float

    def parts(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """First and last nodes of the climbs and descents between two nodes, in order."""
        if abs(np.ptp(self.level_m[first : last + 1])) < self.least_height_m:
            return
        turns = first + np.array(geo.turning_points(self.level_m[first : last + 1], 3.0))
        kept = turns[_merged(self.level_m[turns], self.dip_share)]
        for foot, top in pairwise(kept.tolist()):
            part = self._part(foot, top)
            if part is not None:
                yield from self.parts(foot, part[0])
                yield part
                yield from self.parts(part[1], top)

    def _part(self, foot: int, top: int) -> tuple[int, int] | None:
        """The part of a swing that is highest above a ramp, if it is high and steep enough.

        The ramp is one of 2 %; where that leaves too gentle a part, the least grade of a climb,
        and then none.
        """
        sign = 1.0 if self.level_m[top] > self.level_m[foot] else -1.0
        rising_m = sign * self.level_m[foot : top + 1]
        along_m = self.distance_m[foot : top + 1]
        for ramp in (RAMP_GRADE, self.least_grade, 0.0):
            over = rising_m - ramp * along_m
            end = int(np.argmax(over - np.minimum.accumulate(over)))
            start = int(np.argmin(over[: end + 1]))
            height_m = rising_m[end] - rising_m[start]
            least_m = self.least_grade * (along_m[end] - along_m[start])
            if height_m >= self.least_height_m and height_m >= least_m:
                return foot + start, foot + end
        return None


def _merged(level_m: Array, dip_share: float) -> list[int]:
    """Positions of the turns that stay when small swings are merged into large ones."""
    kept = list(range(len(level_m)))
    while True:
        swing = np.abs(np.diff(level_m[kept]))
        before, inner, after = swing[:-2], swing[1:-1], swing[2:]
        whole = before + after - inner
        small = (inner < dip_share * whole) & (inner <= before) & (inner <= after)
        if not small.any():
            return kept
        smallest = int(np.argmin(np.where(small, inner, np.inf)))
        del kept[smallest + 1 : smallest + 3]


def _steepest(profile: Profile, first: int, last: int, sign: float) -> float:
    """Steepest grade over 100 m inside a climb; over the whole climb if it is shorter."""
    part_m = profile.distance_m[first : last + 1]
    level_m = profile.walked_m[first : last + 1]
    window_m = min(100.0, float(part_m[-1] - part_m[0]))
    start_m = part_m[part_m <= part_m[-1] - window_m + 1e-6]
    rise_m = np.interp(start_m + window_m, part_m, level_m) - np.interp(start_m, part_m, level_m)
    return float(rise_m[np.argmax(sign * rise_m)] / window_m)


def _name(points: Sequence[Point], at_m: float) -> str:
    near = [
        (point.kind != "col", abs(point.distance_m - at_m), point.name)
        for point in points
        if point.distance_m is not None and abs(point.distance_m - at_m) <= NAMED_WITHIN_M
    ]
    return min(near)[2] if near else ""
