"""Shares of a stage: by grade, by altitude, by night, by climb; and how figures are rounded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.profile import ALTITUDE_EDGES_M, GRADE_EDGES, above, by_altitude, by_grade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Array, Stage
    from gpxstage.estimator.result import StageEstimate
    from gpxstage.profile import Profile
    from gpxstage.profile.climbs import Climb

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Part:
    """A stage with all that is known of it."""

    stage: Stage
    profile: Profile
    estimate: StageEstimate | None
    estimated: bool  # was an estimate asked for
    offset_m: float  # race distance at its start
    start: datetime | None  # of the clock that its arrivals count from
    race_start: datetime | None


def grade_bands(part: Part) -> list[Row]:
    """Distance, time and hike share by grade; open at both ends."""
    if part.profile.cells is None:
        return []
    edges = [None, *GRADE_EDGES, None]
    distance = by_grade(part.profile.cells, part.profile.cells.length_m)
    rows: list[Row] = [
        {"from": low, "to": high, "distance_m": metres(length)}
        for low, high, length in zip(edges[:-1], edges[1:], distance, strict=True)
    ]
    if part.estimated:
        moving = by_grade(part.profile.cells, part.estimate.cell_s) if part.estimate else None
        hiked = None
        if part.estimate and part.estimate.hiked_s is not None:
            hiked = by_grade(part.profile.cells, part.estimate.hiked_s)
        for k, row in enumerate(rows):
            row["moving_s"] = None if moving is None else seconds(moving[k])
            share = None
            if moving is not None and hiked is not None and moving[k] > 0.0:
                share = hiked[k] / moving[k]
            row["hike_fraction"] = fraction(share)
    return rows


def altitude_bands(part: Part) -> list[Row]:
    """Distance and time by altitude, exact where the course crosses an edge."""
    if part.profile.cells is None:
        return []
    edges = [None, *ALTITUDE_EDGES_M, None]
    columns = _altitude_columns(part, ALTITUDE_EDGES_M)
    rows = [
        {"from_m": low, "to_m": high} | {name: values[k] for name, values in columns.items()}
        for k, (low, high) in enumerate(pairwise(edges))
    ]
    return rows[0 if rows[0]["distance_m"] else 1 :]


def above_rows(part: Part, above_m: Sequence[float]) -> list[Row]:
    """Distance and time above each altitude."""
    if part.profile.cells is None:
        return []
    levels = sorted(above_m)
    length = above(part.profile.cells, part.profile.cells.length_m, levels)
    rows: list[Row] = [
        {"m": level, "distance_m": metres(value)}
        for level, value in zip(levels, length, strict=True)
    ]
    if part.estimated:
        moving = above(part.profile.cells, part.estimate.cell_s, levels) if part.estimate else None
        for k, row in enumerate(rows):
            row["moving_s"] = None if moving is None else seconds(moving[k])
            stood = _stood(part)
            row["elapsed_s"] = (
                None
                if moving is None
                else seconds(moving[k] + sum(s for z, s in stood if z >= row["m"]))
            )
    return rows


def _altitude_columns(part: Part, edges_m: Sequence[float]) -> dict[str, list[float | None]]:
    assert part.profile.cells is not None
    distance = by_altitude(part.profile.cells, part.profile.cells.length_m, edges_m)
    columns: dict[str, list[float | None]] = {"distance_m": [metres(x) for x in distance]}
    if not part.estimated:
        return columns
    if part.estimate is None:
        nothing: list[float | None] = [None] * len(distance)
        return columns | {"moving_s": nothing, "elapsed_s": nothing}
    moving = by_altitude(part.profile.cells, part.estimate.cell_s, edges_m)
    elapsed = moving.copy()
    for level_m, stopped_s in _stood(part):
        elapsed[int(np.searchsorted(edges_m, level_m, side="right"))] += stopped_s
    columns["moving_s"] = [seconds(x) for x in moving]
    columns["elapsed_s"] = [seconds(x) for x in elapsed]
    return columns


def _stood(part: Part) -> list[tuple[float, float]]:
    """Altitude and length of every stop."""
    stops = part.estimate.stops if part.estimate else ()
    return [(part.profile.elevation_at_m(s.distance_m) or 0.0, s.stop_s) for s in stops]


def night_row(part: Part) -> Row:
    """What of the stage is walked in the dark; null without a start."""
    if part.estimate is None or part.estimate.dark_s is None or part.profile.cells is None:
        return {"distance_m": None, "moving_s": None}
    share = part.estimate.dark_s / np.maximum(part.estimate.cell_s, 1e-9)
    return {
        "distance_m": metres(float(share @ part.profile.cells.length_m)),
        "moving_s": seconds(float(part.estimate.dark_s.sum())),
    }


def climb_row(part: Part, climb: Climb) -> Row:
    """A climb or a descent."""
    row: Row = {
        "name": climb.name or None,
        "from_m": metres(climb.from_m),
        "to_m": metres(climb.to_m),
        "length_m": metres(climb.length_m),
        "height_m": metres(climb.height_m),
        "mean_grade": fraction(climb.mean_grade),
        "steepest_grade": fraction(climb.steepest_grade),
    }
    if part.estimated:
        moving = hiked = None
        estimate = part.estimate
        if estimate:
            moving = estimate.moving_at_s(climb.to_m) - estimate.moving_at_s(climb.from_m)
            if estimate.hiked_s is not None:
                until = np.concatenate([[0.0], np.cumsum(estimate.hiked_s)])
                ends = np.interp([climb.from_m, climb.to_m], estimate.edge_m, until)
                hiked = float(ends[1] - ends[0]) / moving
        row |= {"moving_s": seconds(moving), "hike_fraction": fraction(hiked)}
    return row


def interval(p50: float | None) -> Row:
    """p10 and p90 come from draws: null without them."""
    return {"p10": None, "p50": p50, "p90": None}


def metres(value: float | Array | None) -> float | None:
    """To a decimetre."""
    return None if value is None else round(float(value), 1) + 0.0


def seconds(value: float | Array | None) -> int | None:
    """To a second."""
    return None if value is None else round(float(value))


def fraction(value: float | None) -> float | None:
    """To a thousandth."""
    return None if value is None else round(float(value), 3) + 0.0
