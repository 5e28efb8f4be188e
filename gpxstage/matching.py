"""Points to the track: where a place is passed, and a list of places in the order it is walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gpxstage import geo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Indices, Point, Track

OFF_TRACK_M = 250.0  # a place farther off than this is not on the track

# judgement, fitted to nothing: what distinguishes a second passage from a bend of the first
LEAVE_M = 100.0  # a place is left, and may be passed again, once the track is this much farther
WORSE_M = 50.0  # a passage this much farther off than the nearest one is another path
BEND_M = 25.0  # candidates for a list in order may be closer: the order picks among them

REACH_M = 1000.0  # a place of a list is looked for this far from the track
KM_WEIGHT = 0.1  # a given distance chooses the passage; coordinates give its place
KM_DOUBT_M = 5_000.0  # the most that a stated distance can cost
APART_M = 2.0 * LEAVE_M  # from one passage of a place to the next one
SKIP_M = 20_000.0  # the cost of leaving a place out: more than any doubt
LATER = 1e-4  # of the distance: of two equal passages the earlier one is meant


@dataclass(frozen=True)
class Passage:
    """Where a track passes a place: how far along, and how far off."""

    distance_m: float
    off_m: float


class Near(NamedTuple):
    """The steps of a track within reach of a place, in order."""

    step: Indices
    distance_m: Array  # along the track to where each step is nearest
    off_m: Array  # how far off it is there
    end_off_m: Array  # how far off it ends


class Line:
    """A track prepared for many questions: its steps as boxes in degrees."""

    def __init__(self, track: Track, along_m: Array) -> None:
        self.along_m = along_m
        self.lat_deg = track.lat_deg
        self.lon_deg = track.lon_deg
        self.is_gap = np.zeros(len(track) - 1, dtype=bool)
        self.is_gap[track.segment_starts[1:] - 1] = True
        self.south_deg = np.minimum(track.lat_deg[:-1], track.lat_deg[1:])
        self.north_deg = np.maximum(track.lat_deg[:-1], track.lat_deg[1:])

    def near(self, lat_deg: float, lon_deg: float, reach_m: float) -> Near:
        """The steps within reach of a place."""
        north_m, east_m = (float(m[0]) for m in geo.metric_m_per_deg(np.array([lat_deg])))
        margin = reach_m / north_m
        inside = (self.south_deg <= lat_deg + margin) & (self.north_deg >= lat_deg - margin)
        index = np.flatnonzero(inside)
        start_m = geo.wrap_deg(self.lon_deg[index] - lon_deg) * east_m
        step_m = geo.wrap_deg(self.lon_deg[index + 1] - self.lon_deg[index]) * east_m
        close = (np.minimum(start_m, start_m + step_m) <= reach_m) & (
            np.maximum(start_m, start_m + step_m) >= -reach_m
        )
        index, x, dx = index[close], start_m[close], step_m[close]
        y = (self.lat_deg[index] - lat_deg) * north_m
        dy = (self.lat_deg[index + 1] - self.lat_deg[index]) * north_m
        dx, dy = (np.where(self.is_gap[index], 0.0, d) for d in (dx, dy))
        square = dx * dx + dy * dy
        share = np.clip(-(x * dx + y * dy) / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
        off_m = np.hypot(x + share * dx, y + share * dy)
        along_m = self.along_m[index] + share * (self.along_m[index + 1] - self.along_m[index])
        found = off_m <= reach_m
        return Near(index[found], along_m[found], off_m[found], np.hypot(x + dx, y + dy)[found])

    def minima(
        self, lat_deg: float, lon_deg: float, *, reach_m: float, prominence_m: float
    ) -> list[Passage]:
        """Every time the track comes nearest to a place and then leaves it by *prominence_m*."""
        near = self.near(lat_deg, lon_deg, reach_m)
        # where a step ends says how far the track leaves between two steps that come near
        off_m = np.stack([near.off_m, near.end_off_m], axis=1).ravel()
        first = 2 * (np.flatnonzero(np.diff(near.step) > 1) + 1)  # of each visit but the first one
        step = np.insert(np.arange(len(off_m)) // 2, first, -1)
        off_m = np.insert(off_m, first, np.inf)  # between two visits the track is far away
        at = step[_minima(off_m, prominence_m)]
        return list(map(Passage, near.distance_m[at].tolist(), near.off_m[at].tolist()))

    def passages(self, lat_deg: float, lon_deg: float) -> list[Passage]:
        """The times a place is passed within 250 m, in order; two bends of one visit are one."""
        found = self.minima(lat_deg, lon_deg, reach_m=OFF_TRACK_M + LEAVE_M, prominence_m=LEAVE_M)
        nearest = min((passage.off_m for passage in found), default=0.0)
        limit = min(OFF_TRACK_M, nearest + WORSE_M)
        return [passage for passage in found if passage.off_m <= limit]


def _minima(values: Array, prominence: float) -> Indices:
    """Indices of the lows that the values leave by *prominence*; outside they count as high.

    Only where the values turn can a low or a high be, so only these are looked at one by one.
    """
    if len(values) == 0:
        return np.zeros(0, dtype=np.int64)
    moving = np.flatnonzero(values[1:] != values[:-1])
    rises = values[moving + 1] > values[moving]
    turns = np.concatenate([[0], moving[:-1][rises[1:] != rises[:-1]] + 1, [len(values) - 1]])
    found, falling, turn, at_turn = [], True, 0, float(values[0])
    for k, value in zip(turns.tolist(), values[turns].tolist(), strict=True):
        if falling:
            if value < at_turn:
                turn, at_turn = k, value
            elif value > at_turn + prominence:
                found.append(turn)
                falling, turn, at_turn = False, k, value
        elif value > at_turn:
            turn, at_turn = k, value
        elif value < at_turn - prominence:
            falling, turn, at_turn = True, k, value
    return np.array([*found, turn] if falling else found, dtype=np.int64)


def match(line: Line, points: Sequence[Point]) -> list[Passage | None]:
    """Place points on a track in the order given: distances never fall.

    A point has coordinates, or an expected ``distance_m``, or both. With a distance alone it
    is placed there; with coordinates it is placed at the passage within reach that
    costs least: in metres off the track, in tenths of the metres from the expected distance,
    and in the places that it leaves to the others (dynamic programming over all passages).
    Of two points in a row with one name and coordinates alone the second is a later passage.
    None: nothing within reach, or not in this order.
    """
    choices = [_candidates(line, point) for point in points]
    reached_m = [passage.distance_m for choice in choices for passage, _ in choice]
    places = geo.distinct(np.array(reached_m, dtype=np.float64))
    cost = np.zeros(len(places))  # of the best way to be no farther than each place
    back: list[Array] = []  # per point: the place that it took on the way to each place
    for point, before, choice in zip(points, [None, *points], choices, strict=False):
        again = before is not None and _is_again(point, before)
        skipped = cost + SKIP_M
        taken = np.full(len(places), np.inf)
        for passage, price in choice:
            k = int(np.searchsorted(places, passage.distance_m))
            last = int(np.searchsorted(places, passage.distance_m - APART_M)) - 1 if again else k
            taken[k] = min(taken[k], (cost[last] if last >= 0 else np.inf) + price)
        best = np.minimum.accumulate(taken)
        # the first place at which the running minimum was reached
        fresh = np.concatenate([[True], best[1:] < best[:-1]]) if len(places) else np.array([])
        reached = np.maximum.accumulate(np.where(fresh, np.arange(len(places)), 0))
        back.append(np.where(best <= skipped, reached, -1).astype(np.float64))
        cost = np.minimum(best, skipped)
    return _walk_back(places, back, choices)


def _is_again(point: Point, before: Point) -> bool:
    """Whether two points are passages of one place that only their order tells apart."""
    known = point.lat_deg is not None and before.lat_deg is not None
    return known and point.name == before.name and before.distance_m is None


def _walk_back(
    places: Array, back: list[Array], choices: list[list[tuple[Passage, float]]]
) -> list[Passage | None]:
    found: list[Passage | None] = [None] * len(choices)
    k = len(places) - 1
    for i in range(len(choices) - 1, -1, -1):
        if k < 0 or (place := int(back[i][k])) < 0:
            continue
        k = place
        here = [passage for passage, _ in choices[i] if passage.distance_m == places[k]]
        found[i] = min(here, key=lambda passage: passage.off_m)
    return found


def _candidates(line: Line, point: Point) -> list[tuple[Passage, float]]:
    """The passages that a point may mean, each with its cost in metres."""
    expected_m = point.distance_m
    if point.lat_deg is None or point.lon_deg is None:
        return [] if expected_m is None else [(Passage(expected_m, 0.0), 0.0)]
    near = line.minima(point.lat_deg, point.lon_deg, reach_m=REACH_M, prominence_m=BEND_M)
    found = [(passage, passage.off_m + _doubt_m(passage, expected_m)) for passage in near]
    if not found and expected_m is not None:  # the coordinates are wrong: keep the distance
        return [(Passage(expected_m, np.inf), REACH_M)]
    return found


def _doubt_m(passage: Passage, expected_m: float | None) -> float:
    if expected_m is None:
        return LATER * passage.distance_m
    return min(KM_WEIGHT * abs(passage.distance_m - expected_m), KM_DOUBT_M)
