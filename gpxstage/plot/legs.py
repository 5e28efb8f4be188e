"""The stages of a picture side by side, their colour cells, and what is across the picture.

A place across the picture counts from its left edge: in metres where distance is across,
else in seconds. Then a stop is as wide as it is long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo, walltime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array, Point, Stage
    from gpxstage.estimator.nouns import StageEstimate, StageSpread
    from gpxstage.facts.analysis import Report
    from gpxstage.profile import Profile

SEEN = 0.002  # share of the width of the picture: narrower stops are not drawn
REST_SHARE = 0.03  # of the hours on the way: the most that is drawn of a rest between stages
ACROSS = ("distance", "time", "clock")


@dataclass(frozen=True, eq=False)
class Leg:
    """One stage in the picture."""

    stage: Stage
    profile: Profile
    estimate: StageEstimate | None
    spread: StageSpread | None
    others: tuple[StageEstimate, ...]  # of the other levels, where a field is shown
    way_m: Array  # (n,) distances in the stage, and ...
    way: Array  # (n,) ... where they are across; a stop is two entries of one distance
    halts_m: Array  # (k,) distances of the stops that are wide enough to be seen

    @property
    def estimates(self) -> tuple[StageEstimate, ...]:
        """The estimate of each level, the picture's own first; empty where there is none."""
        return () if self.estimate is None else (self.estimate, *self.others)

    @property
    def points(self) -> list[Point]:
        """The points of the stage that have a distance, in order."""
        known = (point for point in self.stage.points if point.distance_m is not None)
        return sorted(known, key=lambda point: point.distance_m or 0.0)

    @property
    def start(self) -> float:
        """Where it begins across the picture."""
        return float(self.way[0])

    @property
    def end(self) -> float:
        """Where it ends, a stop at its end included."""
        return float(self.way[-1])

    def leave(self, distance_m: Array | Sequence[float] | float) -> Array:
        """Place across the picture of a distance in metres, after a stop that is made there."""
        return np.asarray(np.interp(distance_m, self.way_m, self.way))

    def reach(self, distance_m: Array | float) -> Array:
        """Place across the picture of a distance in metres, before a stop that is made there."""
        back_m, back = -self.way_m[::-1], self.way[::-1]
        return np.asarray(np.interp(-np.asarray(distance_m), back_m, back))


def legs_of(report: Report, index: int | None, across: str) -> tuple[Leg, ...]:
    """All legs of a race, or the one at *index*, with distance, time or clock across.

    Raises ValueError for a race without an estimate (time, clock) or without a start (clock).
    """
    course = report.course
    chosen = range(len(course.stages)) if index is None else [index]
    all_of = report.estimate
    estimates = [
        None if all_of is None or report.profiles[k].cells is None else all_of.stages[k]
        for k in chosen
    ]
    begin = _begin(report, chosen, estimates, across)
    spread = None if all_of is None else all_of.ranged
    others = tuple(estimate for _, estimate in report.levels[1:])
    found, edge = [], 0.0
    for k, estimate in zip(chosen, estimates, strict=True):
        profile = report.profiles[k]
        if across == "distance" or estimate is None:
            way_m = np.array([0.0, profile.length_m])
            way = edge + way_m
        else:
            way_m, way = clock_of(estimate)
            way = way - way[0] + begin(k, edge)
        edge = float(way[-1])
        each = tuple(other.stages[k] for other in others)
        draws = spread[k] if spread is not None and estimate is not None else None
        found.append(Leg(course.stages[k], profile, estimate, draws, each, way_m, way, np.empty(0)))
    return tuple(replace(leg, halts_m=_halts_m(leg, SEEN * edge)) for leg in found)


def _halts_m(leg: Leg, least: float) -> Array:
    """Distances of the stops that are at least so wide across the picture."""
    is_stop = (np.diff(leg.way_m) == 0.0) & (np.diff(leg.way) >= least)
    return np.asarray(np.unique(leg.way_m[1:][is_stop]))


def _begin(
    report: Report, chosen: Sequence[int], estimates: Sequence[StageEstimate | None], across: str
) -> Callable[[int, float], float]:
    """Where a stage begins across, by its index and by where the one before it ends."""
    course = report.course
    if across != "distance" and any(estimate is None for estimate in estimates):
        raise ValueError(f"no {across} to put across: there is no estimate of the hours")
    shared = course.format == "continuous" or len(chosen) == 1
    starts = [
        course.start if course.format == "continuous" else course.stages[k].start for k in chosen
    ]
    if across == "clock" and None in starts:
        raise ValueError("no clock to put across: " + _what_has_no_start(report, chosen))
    if across != "clock" or shared:
        return lambda _, edge: edge
    took_s = [0.0 if estimate is None else estimate.elapsed_s for estimate in estimates]

    def begin(k: int, edge: float) -> float:
        if k == chosen[0]:
            return edge
        before, own = course.stages[k - 1].start, course.stages[k].start
        assert before is not None
        assert own is not None
        rest_s = walltime.between_s(before, own) - took_s[k - 1]
        if rest_s < 0.0:
            raise ValueError(
                f"no clock to put across: stage {k + 1} starts before stage {k} is over"
            )
        return edge + min(rest_s, REST_SHARE * sum(took_s))

    return begin


def clock_edges_s(legs: Sequence[Leg], *, one_clock: bool) -> tuple[Array, Array]:
    """(n,) moments since the first start, and (n,) where they are across a picture with a clock.

    Between stages that start afresh, the time is drawn shorter than it is.
    """
    across_s = np.array([edge for leg in legs for edge in (leg.start, leg.end)])
    if one_clock:
        return across_s, across_s
    starts = [leg.stage.start for leg in legs]
    begins_s = [walltime.between_s(starts[0], start) for start in starts if start and starts[0]]
    ends_s = (at + leg.end - leg.start for at, leg in zip(begins_s, legs, strict=True))
    return np.array([s for pair in zip(begins_s, ends_s, strict=True) for s in pair]), across_s


def _what_has_no_start(report: Report, chosen: Sequence[int]) -> str:
    if report.course.format == "continuous":
        return "the race has no start"
    number = next(k for k in chosen if report.course.stages[k].start is None) + 1
    return f"stage {number} has no start"


def clock_of(estimate: StageEstimate) -> tuple[Array, Array]:
    """Distance in a stage and the race's clock along it; a stop is two entries at one place."""
    at_m = np.array([stop.distance_m for stop in estimate.stops])
    waited_s = geo.so_far(np.array([stop.stop_s for stop in estimate.stops]))
    place = np.concatenate([estimate.edge_m, at_m, at_m])
    before = np.searchsorted(at_m, place, side="left")
    after = np.searchsorted(at_m, at_m, side="right")
    before[len(place) - len(at_m) :] = after
    clock = estimate.offset_s + np.interp(place, estimate.edge_m, estimate.moving_s)
    clock = clock + waited_s[before]
    order = np.lexsort((clock, place))
    return place[order], clock[order]


SHORT_CELL_M, LONG_CELL_M = 200.0, 500.0
LONG_M = 100_000.0
MOST_CELLS, FEWEST_CELLS = 1000, 40


def cell_edges_m(leg: Leg, picture_m: float) -> Array:
    """The edges of a leg's colour cells in metres; a stop is an edge, too.

    How wide a cell is depends on the length of the whole picture.
    """
    if picture_m <= SHORT_CELL_M * FEWEST_CELLS:
        cell_m = picture_m / FEWEST_CELLS
    else:
        usual_m = SHORT_CELL_M if picture_m <= LONG_M else LONG_CELL_M
        cell_m = max(usual_m, picture_m / MOST_CELLS)
    count = max(1, round(leg.profile.length_m / cell_m))
    edges_m = np.linspace(0.0, leg.profile.length_m, count + 1)
    halts_m = leg.halts_m
    return np.union1d(edges_m, halts_m[halts_m < leg.profile.length_m]) if len(halts_m) else edges_m


def cell_grades(leg: Leg, edges_m: Array) -> Array:
    """Mean grade of each cell and the near halves of its neighbours, so that it varies less."""
    start_m, end_m = _around(edges_m)
    nodes, level = leg.profile.distance_m, leg.profile.walked_m
    rise = np.interp(end_m, nodes, level) - np.interp(start_m, nodes, level)
    return np.asarray(rise / (end_m - start_m))


def cell_shares(estimate: StageEstimate, edges_m: Array) -> Array | None:
    """Share of the time hiked in each cell and the near halves of its neighbours."""
    return hiked_share(estimate, *_around(edges_m))


def cell_sleepiness(estimate: StageEstimate, edges_m: Array) -> Array | None:
    """Sleepiness in the middle of each cell, on the Karolinska scale; None without a clock."""
    alertness = estimate.alertness
    if alertness is None:
        return None
    middle_m = 0.5 * (edges_m[1:] + edges_m[:-1])
    return np.asarray(np.interp(middle_m, alertness.distance_m, alertness.kss))


def _around(edges_m: Array) -> tuple[Array, Array]:
    """From and to where: each cell with half of its width on both sides."""
    half = 0.5 * np.diff(edges_m)
    start, end = edges_m[:-1] - half, edges_m[1:] + half
    return np.maximum(start, edges_m[0]), np.minimum(end, edges_m[-1])


def hiked_share(estimate: StageEstimate, start_m: Array, end_m: Array) -> Array | None:
    """Share of the moving time hiked from some places to others; None where it is unknown."""
    if (until_s := estimate.hiked_until_s) is None:
        return None

    def between(total_s: Array) -> Array:
        end_s = np.interp(end_m, estimate.edge_m, total_s)
        return np.asarray(end_s - np.interp(start_m, estimate.edge_m, total_s))

    return between(until_s) / np.maximum(between(estimate.moving_s), 1e-9)
