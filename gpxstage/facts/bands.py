"""Shares of a stage: by grade, by altitude, by night, by climb."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.facts import Above, AltitudeBand, ClimbFacts, GradeBand, Night
from gpxstage.facts.figures import apart, ratio
from gpxstage.profile import GRADE_EDGES, by_altitude, by_grade
from gpxstage.units import fraction, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts.parts import Part
    from gpxstage.profile.climbs import Climb


@dataclass(frozen=True)
class _Columns:
    """A figure of each band, in order; times are None without an estimate."""

    distance_m: list[float]
    moving_s: Sequence[int | None]
    elapsed_s: Sequence[int | None]


def grade_bands(part: Part) -> tuple[GradeBand, ...] | None:
    """Distance, time and hike share by grade; open at both ends; None without elevation."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None:
        return None
    count = len(GRADE_EDGES) + 1
    moving_s: Sequence[int | None] = [None] * count
    hiked: Sequence[float | None] = [None] * count
    if estimate is not None:
        moving = by_grade(cells, estimate.cell_s)
        moving_s = [int(value) for value in apart(moving, 0)]
        if estimate.hiked_s is not None:
            hiked_s = by_grade(cells, estimate.hiked_s)
            hiked = [ratio(float(h), float(s)) for h, s in zip(hiked_s, moving, strict=True)]
    return tuple(
        GradeBand(low=low, high=high, distance_m=length, moving_s=moving, hike_fraction=share)
        for (low, high), length, moving, share in zip(
            pairwise([None, *GRADE_EDGES, None]),
            apart(by_grade(cells, cells.length_m), 1),
            moving_s,
            hiked,
            strict=True,
        )
    )


def altitude_bands(part: Part, edges_m: Sequence[float]) -> tuple[AltitudeBand, ...] | None:
    """Distance and time by altitude, exact where the course crosses an edge."""
    columns = _by_altitude(part, edges_m)
    if columns is None:
        return None
    return tuple(
        AltitudeBand(
            from_m=metres(low),
            to_m=metres(high),
            distance_m=columns.distance_m[k],
            moving_s=columns.moving_s[k],
            elapsed_s=columns.elapsed_s[k],
        )
        for k, (low, high) in enumerate(pairwise([None, *edges_m, None]))
    )


def above(part: Part, above_m: Sequence[float]) -> tuple[Above, ...] | None:
    """Distance and time above each altitude."""
    levels = sorted(above_m)
    columns = _by_altitude(part, levels)
    if columns is None:
        return None

    def upward(values: Sequence[int | None], k: int) -> int | None:
        known = [value for value in values[k:] if value is not None]
        return sum(known) if len(known) == len(values[k:]) else None

    return tuple(
        Above(
            m=metres(level) or 0.0,
            distance_m=round(sum(columns.distance_m[k:]), 1),
            moving_s=upward(columns.moving_s, k),
            elapsed_s=upward(columns.elapsed_s, k),
        )
        for k, level in enumerate(levels, 1)
    )


def _by_altitude(part: Part, edges_m: Sequence[float]) -> _Columns | None:
    """Each band's distance, moving time, and time with the stops that are made in it."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None:
        return None
    distance_m = apart(by_altitude(cells, cells.length_m, edges_m), 1)
    if estimate is None:
        unknown = [None] * (len(edges_m) + 1)
        return _Columns(distance_m, unknown, unknown)
    moving = by_altitude(cells, estimate.cell_s, edges_m)
    at_m = np.array([stop.distance_m for stop in estimate.stops])
    level_m = np.interp(at_m, cells.edge_m, cells.elevation_m)
    stop_s = np.array([stop.stop_s for stop in estimate.stops])
    stood = geo.by_band(level_m, level_m, stop_s, np.array([-np.inf, *edges_m, np.inf]))
    return _Columns(
        distance_m,
        [int(value) for value in apart(moving, 0)],
        [int(value) for value in apart(moving + stood, 0, estimate.offset_s)],
    )


def night(part: Part) -> Night | None:
    """What of the stage is covered in the dark; unknown without a start."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None or estimate is None or estimate.dark_s is None:
        return None
    share = estimate.dark_s / np.maximum(estimate.cell_s, 1e-9)
    return Night(
        metres(float(share @ cells.length_m)) or 0.0, seconds(float(estimate.dark_s.sum())) or 0
    )


def climb(part: Part, found: Climb) -> ClimbFacts:
    """A climb or a descent."""
    moving_s = hiked_s = None
    if part.estimate is not None:
        moving_s = part.estimate.moving_between_s(found.from_m, found.to_m)
        hiked_s = part.estimate.hiked_between_s(found.from_m, found.to_m)
    return ClimbFacts(
        name=found.name or None,
        from_m=metres(found.from_m) or 0.0,
        to_m=metres(found.to_m) or 0.0,
        length_m=metres(found.length_m) or 0.0,
        height_m=metres(found.height_m) or 0.0,
        mean_grade=fraction(found.mean_grade) or 0.0,
        steepest_grade=fraction(found.steepest_grade),
        moving_s=seconds(moving_s),
        hike_fraction=ratio(hiked_s, moving_s),
    )
