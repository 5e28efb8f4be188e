"""Shares of a stage: by grade, by altitude, by night, by climb."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo
from gpxstage.profile import GRADE_EDGES, by_altitude, by_grade
from gpxstage.report.figures import apart, ratio
from gpxstage.units import fraction, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Stage
    from gpxstage.estimator.nouns import StageEstimate, StageSpread
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
    is_last: bool
    is_staged: bool
    spread: StageSpread | None = None
    limit_s: float | None = None  # of the stage, or of the race at its end; on the same clock
    passed_m: tuple[float, ...] = ()  # where the runner has been, and when is known


def grade_bands(part: Part) -> list[Row] | None:
    """Distance, time and hike share by grade; open at both ends; None without elevation."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None:
        return None
    rows: list[Row] = [
        {"from": low, "to": high, "distance_m": length}
        for (low, high), length in zip(
            pairwise([None, *GRADE_EDGES, None]),
            apart(by_grade(cells, cells.length_m), 1),
            strict=True,
        )
    ]
    if not part.estimated:
        return rows
    moving = None if estimate is None else by_grade(cells, estimate.cell_s)
    hiked = None
    if estimate is not None and estimate.hiked_s is not None:
        hiked = by_grade(cells, estimate.hiked_s)
    for k, row in enumerate(rows):
        row["moving_s"] = None if moving is None else int(apart(moving, 0)[k])
        row["hike_fraction"] = None
        if moving is not None and hiked is not None:
            row["hike_fraction"] = ratio(float(hiked[k]), float(moving[k]))
    return rows


def altitude_bands(part: Part, edges_m: Sequence[float]) -> list[Row] | None:
    """Distance and time by altitude, exact where the course crosses an edge."""
    if part.profile.cells is None:
        return None
    columns = _by_altitude(part, edges_m)
    return [
        {"from_m": metres(low), "to_m": metres(high)}
        | {name: values[k] for name, values in columns.items()}
        for k, (low, high) in enumerate(pairwise([None, *edges_m, None]))
    ]


def above_rows(part: Part, above_m: Sequence[float]) -> list[Row] | None:
    """Distance and time above each altitude."""
    if part.profile.cells is None:
        return None
    levels = sorted(above_m)
    columns = _by_altitude(part, levels)
    return [
        {"m": metres(level)}
        | {
            name: None if values[k] is None else round(sum(values[k:]), 1)
            for name, values in columns.items()
        }
        for k, level in enumerate(levels, 1)
    ]


def _by_altitude(part: Part, edges_m: Sequence[float]) -> dict[str, list[Any]]:
    """Each band's distance, moving time, and time with the stops that are made in it."""
    cells, estimate = part.profile.cells, part.estimate
    assert cells is not None
    columns: dict[str, list[Any]] = {
        "distance_m": [*apart(by_altitude(cells, cells.length_m, edges_m), 1)]
    }
    if not part.estimated:
        return columns
    if estimate is None:
        unknown = [None] * (len(edges_m) + 1)
        return columns | {"moving_s": unknown, "elapsed_s": unknown}
    moving = by_altitude(cells, estimate.cell_s, edges_m)
    at_m = np.array([stop.distance_m for stop in estimate.stops])
    level_m = np.interp(at_m, cells.edge_m, cells.elevation_m)
    stop_s = np.array([stop.stop_s for stop in estimate.stops])
    stood = geo.by_band(level_m, level_m, stop_s, np.array([-np.inf, *edges_m, np.inf]))
    columns["moving_s"] = [int(s) for s in apart(moving, 0)]
    columns["elapsed_s"] = [int(s) for s in apart(moving + stood, 0, estimate.offset_s)]
    return columns


def night_row(part: Part) -> Row | None:
    """What of the stage is covered in the dark; unknown without a start."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None or estimate is None or estimate.dark_s is None:
        return None
    share = estimate.dark_s / np.maximum(estimate.cell_s, 1e-9)
    return {
        "distance_m": metres(float(share @ cells.length_m)),
        "moving_s": seconds(float(estimate.dark_s.sum())),
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
        moving_s, hiked_s = between(part.estimate, climb.from_m, climb.to_m)
        row |= {"moving_s": seconds(moving_s), "hike_fraction": ratio(hiked_s, moving_s)}
    return row


def between(
    estimate: StageEstimate | None, from_m: float, to_m: float
) -> tuple[float | None, float | None]:
    """Moving time between two places of a stage, and how much of it is hiked."""
    if estimate is None:
        return None, None
    moving_s = estimate.moving_at_s(to_m) - estimate.moving_at_s(from_m)
    if estimate.hiked_s is None:
        return moving_s, None
    until = np.concatenate([[0.0], np.cumsum(estimate.hiked_s)])
    first_s, last_s = np.interp([from_m, to_m], estimate.edge_m, until)
    return moving_s, float(last_s - first_s)
