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
    height_m: float  # between its ends
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
    it is steeper than 2 %, and kept if it is high and steep enough.
    """
    if profile.cells is None:
        return ()
    distance_m, elevation_m = profile.distance_m, profile.elevation_m
    turns = np.array(geo.turning_points(elevation_m, 3.0))
    kept = turns[_merged(elevation_m[turns], dip_share)]
    found = []
    for foot, top in pairwise(kept.tolist()):
        sign = 1.0 if elevation_m[top] > elevation_m[foot] else -1.0
        for first, last in _rises(distance_m, sign * elevation_m, foot, top, least_height_m):
            height_m = float(elevation_m[last] - elevation_m[first])
            from_m, to_m = float(distance_m[first]), float(distance_m[last])
            if sign * height_m >= least_grade * (to_m - from_m):
                steepest = _steepest(profile, first, last, sign)
                found.append(Climb(_name(points, to_m), from_m, to_m, height_m, steepest))
    return tuple(found)


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


def _rises(
    distance_m: Array, rising_m: Array, first: int, last: int, least_height_m: float
) -> Iterator[tuple[int, int]]:
    """The parts of a rise that stand high above a ramp of 2 %, in order.

    The highest is taken first, then what is left before it and after it: two climbs with a
    long plateau between are two.
    """
    if rising_m[last] - rising_m[first] < least_height_m:
        return
    over = rising_m[first : last + 1] - RAMP_GRADE * distance_m[first : last + 1]
    end = int(np.argmax(over - np.minimum.accumulate(over)))
    start = int(np.argmin(over[: end + 1]))
    begin, stop = first + start, first + end
    if rising_m[stop] - rising_m[begin] < least_height_m:
        return
    yield from _rises(distance_m, rising_m, first, begin, least_height_m)
    yield begin, stop
    yield from _rises(distance_m, rising_m, stop, last, least_height_m)


def _steepest(profile: Profile, first: int, last: int, sign: float) -> float:
    """Steepest grade over 100 m inside a climb; over all of it if it is shorter."""
    part_m = profile.distance_m[first : last + 1]
    level_m = profile.elevation_m[first : last + 1]
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
