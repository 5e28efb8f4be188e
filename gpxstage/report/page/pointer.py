"""Curves -> what the page says at each of their places, in ready text, and the named marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.facts import Interval
from gpxstage.report.say.times import when, when_range
from gpxstage.text import one_line
from gpxstage.units import Units, half_up, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.facts import RaceFacts, StageFacts
    from gpxstage.report.page.thinned import Curve

RANKS = {"finish": 0, "start": 0, "life-base": 1, "col": 2, "aid": 3, "crew": 3, "water": 4}


def places(
    found: Sequence[Curve],
    shown: RaceFacts,
    x: Sequence[Array],
    plan: Sequence[tuple[Array, Array]],
    *,
    unit: Units,
) -> dict[str, list[Any]]:
    """Columns over all places: where they are in both charts, and text; empty where unknown."""
    columns: dict[str, list[Any]] = {
        "x": [round(float(v), 4) for along in x for v in along],
        "y": [
            half_up(float(v) / unit.m_per_height, 1) if np.isfinite(v) else None
            for curve in found
            for v in curve.elevation_m
        ],
        "east": [round(float(v)) for east, _ in plan for v in east],
        "north": [round(float(v)) for _, north in plan for v in north],
    }
    for name in ("at", "high", "grade", "hiked", "when", "window", "dark"):
        columns[name] = []
    for curve, stage in zip(found, shown.stages, strict=True):
        for name, texts in _texts(curve, shown, stage, unit).items():
            columns[name] += texts
    return columns


def _texts(curve: Curve, race: RaceFacts, stage: StageFacts, unit: Units) -> dict[str, list[Any]]:
    part, count = curve.part, len(curve.distance_m)
    offset_m = 0.0 if part.is_staged else part.offset_m
    nothing = ["" for _ in range(count)]
    expected = window = nothing
    if curve.arrival_s is not None:
        expected = [when(race, stage, s) for s in np.round(curve.arrival_s).tolist()]
    if curve.early_s is not None and curve.late_s is not None:
        pairs = zip(np.round(curve.early_s).tolist(), np.round(curve.late_s).tolist(), strict=True)
        window = [when_range(race, stage, Interval(low, None, high)) for low, high in pairs]
    known = np.isfinite(curve.elevation_m).all()
    return {
        "at": [unit.far(offset_m + d) for d in curve.distance_m.tolist()],
        "high": [unit.high(round(h, 1)) for h in curve.elevation_m.tolist()] if known else nothing,
        "grade": [percent(g) for g in curve.grade.tolist()] if known else nothing,
        "hiked": nothing
        if curve.hike_fraction is None
        else [percent(s) for s in curve.hike_fraction.tolist()],
        "when": expected,
        "window": window,
        "dark": nothing if curve.dark is None else [int(d) for d in curve.dark.tolist()],
    }


def marks(
    found: Sequence[Curve],
    shown: Sequence[StageFacts],
    plan: Sequence[tuple[Array, Array]],
    unit: Units,
) -> dict[str, list[Any]]:
    """The points of the stages shown as columns; the lower its rank, the sooner one is named."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("at", "height", "east", "north", "name", "rank")
    }
    for curve, stage, (east, north) in zip(found, shown, plan, strict=True):
        for point in stage.points:
            at_m, height_m = point.distance_m, point.elevation_m
            last = point is stage.points[-1]
            values = (
                (curve.part.offset_m + at_m) / unit.m_per_distance,
                None if height_m is None else half_up(height_m / unit.m_per_height, 1),
                round(float(np.interp(at_m, curve.distance_m, east))),
                round(float(np.interp(at_m, curve.distance_m, north))),
                one_line(point.name),
                0 if last else RANKS.get(point.kind, 5),
            )
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    return columns


def views(found: Sequence[Curve]) -> list[dict[str, Any]]:
    """What can be looked at: all of it, and each of several stages; first and last place."""
    ends = np.cumsum([0, *(len(curve.distance_m) for curve in found)]).tolist()
    whole = [{"name": "Whole race", "number": None, "first": 0, "last": ends[-1] - 1}]
    if len(found) < 2:
        return whole
    return whole + [
        {
            "name": one_line(curve.part.stage.name),
            "number": curve.part.stage.number,
            "first": ends[k],
            "last": ends[k + 1] - 1,
        }
        for k, curve in enumerate(found)
    ]
