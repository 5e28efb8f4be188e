"""Course -> what the engine runs on: cells one after another, places to stop; and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.clock import Sites
from gpxstage.estimator.engine import Push, Run
from gpxstage.estimator.result import StageEstimate, Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course, Point, Stage
    from gpxstage.profile import Cells, Profile

    Part = Sequence[tuple[Stage, Profile]]

# how much of the stopping a kind of place draws (judgement: life bases against refreshments,
# by the passages of the Tor 2025)
STOP_WEIGHT = {"life-base": 5.0, "aid": 1.0, "crew": 1.0, "water": 0.3}
UNNAMED_EVERY_M = 10_000.0  # without known places, stops are spread this far apart


def sites_of(course: Course, part: Part) -> tuple[Sites, list[str]]:
    """Where a push may stop and sleep, and notes of what had to be assumed.

    Nobody stops at the finish. Beds are where a point's services say so; where no point of
    the race has any, sleep is spread over the life bases, or over whatever places there are.
    """
    ahead = [
        (offset + (p.distance_m or 0.0), p) for offset, s, _ in _offsets(part) for p in s.points
    ]
    end_m = sum(profile.length_m for _, profile in part)
    ahead = [(at, p) for at, p in ahead if at < end_m - 1.0]
    stops = [(at, p) for at, p in ahead if p.kind in STOP_WEIGHT or p.stop_s is not None]
    if not stops:
        count = int(end_m // UNNAMED_EVERY_M)
        even = np.ones(count)
        at_m = (np.arange(count) + 1) * end_m / (count + 1)
        note = "no aid stations are known: stops and sleep are spread evenly along the way"
        return Sites(at_m, even, even, np.full(count, np.nan)), [note] if count else []
    points = [point for _, point in stops]
    sleep_weight, notes = _beds(course, points)
    sites = Sites(
        np.array([at for at, _ in stops]),
        np.array([STOP_WEIGHT.get(point.kind, 0.0) for point in points]),
        sleep_weight,
        np.array([np.nan if point.stop_s is None else point.stop_s for point in points]),
    )
    return sites, notes


def _beds(course: Course, points: list[Point]) -> tuple[Array, list[str]]:
    every = [point for stage in course.stages for point in stage.points]
    if any(point.services for point in every):
        return np.array([float("bed" in point.services) for point in points]), []
    bases = np.array([float(point.kind == "life-base") for point in points])
    note = "no point says what services it has: sleep is spread over the "
    if bases.any():
        return bases, [note + "life bases"]
    return np.ones(len(points)), [note + "places to stop"]


def push_of(course: Course, part: Part, sites: Sites, fresh: float) -> Push:
    """The cells of some stages, one after another."""
    cells = [_cells(profile) for _, profile in part]
    edges = [c.edge_m[1:] + offset for c, (offset, _, _) in zip(cells, _offsets(part), strict=True)]
    start = course.start if course.format == "continuous" else part[0][0].start
    return Push(
        edge_m=np.concatenate([[0.0], *edges]),
        grade=np.concatenate([c.grade for c in cells]),
        altitude_m=np.concatenate([c.altitude_m for c in cells]),
        terrain=np.concatenate(
            [np.full(len(c.grade), s.terrain) for c, (s, _) in zip(cells, part, strict=True)]
        ),
        lat_deg=np.concatenate([c.lat_deg for c in cells]),
        lon_deg=np.concatenate([c.lon_deg for c in cells]),
        sites=sites,
        start=start,
        fresh=fresh,
    )


def split_run(part: Part, push: Push, run: Run) -> list[StageEstimate]:
    """A push's run, stage by stage; a stop at a border belongs to the stage that ends there."""
    found, first, clock_s = [], 0, 0.0
    for offset_m, stage, profile in _offsets(part):
        cells = _cells(profile)
        last = first + len(cells.grade)
        here = slice(first, last)
        moving_s = run.moving_s[first : last + 1] - run.moving_s[first]
        end_m = offset_m + profile.length_m
        at_m = push.sites.distance_m
        inside = np.flatnonzero((at_m > offset_m) & (at_m <= end_m + 1e-6))
        names = {round(offset_m + (p.distance_m or 0.0), 3): p.name for p in stage.points}
        stops = tuple(
            Stop(
                names.get(round(float(at_m[k]), 3), ""),
                float(at_m[k]) - offset_m,
                float(run.stop_s[k]),
                float(run.sleep_s[k]),
            )
            for k in inside
        )
        estimate = StageEstimate(
            cells.edge_m,
            moving_s,
            None if run.hiked_s is None else run.hiked_s[here],
            None if run.hiked_m is None else run.hiked_m[here],
            None if run.dark_s is None else run.dark_s[here],
            None if run.energy_kcal is None else run.energy_kcal[here],
            stops,
            clock_s,
        )
        found.append(estimate)
        first, clock_s = last, clock_s + estimate.elapsed_s
    return found


def _offsets(part: Part) -> list[tuple[float, Stage, Profile]]:
    """Each stage with its distance from the push's start."""
    found, offset_m = [], 0.0
    for stage, profile in part:
        found.append((offset_m, stage, profile))
        offset_m += profile.length_m
    return found


def _cells(profile: Profile) -> Cells:
    if profile.cells is None:
        raise ValueError("a stage without elevation cannot be run")
    return profile.cells
