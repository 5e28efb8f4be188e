"""Report -> the rows of report.json: a contract that programs depend on.

Metres to 0.1, seconds to 1, fractions to 0.001; null means unknown; the order of keys is fixed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.profile import ABOVE_M, ALTITUDE_EDGES_M, GRADE_EDGES, above, by_altitude, by_grade
from gpxstage.profile.climbs import climbs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course, Point, Stage
    from gpxstage.estimator.result import StageEstimate
    from gpxstage.profile import Profile
    from gpxstage.profile.climbs import Climb
    from gpxstage.report import Report

SCHEMA = 1
INTAKE_KCAL_PER_H = 200.0
Row = dict[str, Any]


def as_json(
    report: Report, *, stages: Sequence[int] = (), above_m: Sequence[float] = ABOVE_M
) -> Row:
    """The whole report as plain rows; *stages* picks the stages shown, changing none."""
    course, estimate = report.course, report.estimate
    shown = [k for k, stage in enumerate(course.stages) if not stages or stage.number in stages]
    row: Row = {
        "schema": SCHEMA,
        "name": course.name,
        "survey": course.survey,
        "format": course.format,
        "timezone": course.timezone,
        "start": _iso(course.start),
        "limit_s": seconds(course.limit_s),
        "official": {
            "length_m": metres(course.official_length_m),
            "gain_m": metres(course.official_gain_m),
        },
        **measured_race(report),
    }
    if report.estimated:
        row |= _race_estimate(report)
    offsets_m = np.concatenate([[0.0], np.cumsum([p.length_m for p in report.profiles])])
    row["stages"] = [
        _stage(
            course,
            course.stages[k],
            report.profiles[k],
            estimate.stages[k] if estimate else None,
            offset_m=float(offsets_m[k]),
            estimated=report.estimated,
            above_m=above_m,
        )
        for k in shown
    ]
    row["notes"] = list(report.notes)
    return row


def json_text(report: Report, **options: Any) -> str:
    """report.json: UTF-8, two spaces, no NaN; the same report gives the same bytes."""
    rows = as_json(report, **options)
    return json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def measured_race(report: Report) -> Row:
    """Length, climb and heights of the whole race; null where a stage does not know."""
    profiles = report.profiles

    def total(name: str) -> float | None:
        values = [getattr(profile, name) for profile in profiles]
        return None if None in values else metres(sum(values))

    lows = [p.lowest_m for p in profiles if p.lowest_m is not None]
    highs = [p.highest_m for p in profiles if p.highest_m is not None]
    names = ("length_m", "gain_m", "gain_low_m", "gain_high_m", "gain_raw_m", "loss_m")
    return {name: total(name) for name in names} | {
        "lowest_m": metres(min(lows)) if lows else None,
        "highest_m": metres(max(highs)) if highs else None,
    }


def _race_estimate(report: Report) -> Row:
    estimate = report.estimate
    energy, of_distance = None, None
    if estimate and all(s.energy_kcal is not None for s in estimate.stages):
        energy = sum(
            float(s.energy_kcal.sum()) for s in estimate.stages if s.energy_kcal is not None
        )
        hiked_m = sum(float(s.hiked_m.sum()) for s in estimate.stages if s.hiked_m is not None)
        of_distance = hiked_m / sum(profile.length_m for profile in report.profiles)
    runner = None
    if estimate:
        runner = {k: v for k, v in asdict(estimate.runner).items() if k != "name"}
        runner = {"name": estimate.runner.name, "model": estimate.model} | {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in runner.items()
        }
    return {
        "runner": runner,
        "moving_s": interval(seconds(estimate.moving_s if estimate else None)),
        "elapsed_s": interval(seconds(estimate.elapsed_s if estimate else None)),
        "stopped_s": seconds(sum(s.stopped_s for s in estimate.stages)) if estimate else None,
        "slept_s": seconds(sum(s.slept_s for s in estimate.stages)) if estimate else None,
        "hike_fraction": {
            "of_time": interval(fraction(estimate.hike_of_time if estimate else None)),
            "of_distance": interval(fraction(of_distance)),
        },
        "energy_kcal": interval(seconds(energy)),
        "intake_kcal_per_h": INTAKE_KCAL_PER_H,
        "finish_probability": None,
        "alertness": None,
    }


def _stage(
    course: Course,
    stage: Stage,
    profile: Profile,
    estimate: StageEstimate | None,
    *,
    offset_m: float,
    estimated: bool,
    above_m: Sequence[float],
) -> Row:
    row: Row = {
        "number": stage.number,
        "name": stage.name,
        "length_m": metres(profile.length_m),
        "gain_m": metres(profile.gain_m),
        "gain_low_m": metres(profile.gain_low_m),
        "gain_high_m": metres(profile.gain_high_m),
        "gain_raw_m": metres(profile.gain_raw_m),
        "loss_m": metres(profile.loss_m),
        "lowest_m": metres(profile.lowest_m),
        "highest_m": metres(profile.highest_m),
        "steepest_100m": fraction(profile.steepest(100.0)),
        "steepest_500m": fraction(profile.steepest(500.0)),
        "start": _iso(stage.start),
        "official": {
            "length_m": metres(stage.official_length_m),
            "gain_m": metres(stage.official_gain_m),
        },
    }
    if estimated:
        row |= _stage_estimate(profile, estimate)
    found = climbs(profile, stage.points)
    row |= {
        "grade_bands": grade_bands(profile, estimate, estimated),
        "altitude_bands": altitude_bands(profile, estimate, stage.points, estimated),
        "above": above_rows(profile, estimate, stage.points, above_m, estimated),
    }
    if estimated:
        row["night"] = _night(profile, estimate)
    row["climbs"] = [_climb(c, estimate, estimated) for c in found if c.height_m > 0]
    row["descents"] = [_climb(c, estimate, estimated) for c in found if c.height_m < 0]
    row["points"] = [
        point_row(course, stage, profile, estimate, point, offset_m, estimated)
        for point in stage.points
    ]
    row["notes"] = list(stage.notes)
    return row


def _stage_estimate(profile: Profile, estimate: StageEstimate | None) -> Row:
    of_time = of_distance = energy = None
    if estimate and estimate.hiked_s is not None and estimate.hiked_m is not None:
        of_time = float(estimate.hiked_s.sum() / estimate.moving_s[-1])
        of_distance = float(estimate.hiked_m.sum()) / profile.length_m
    if estimate and estimate.energy_kcal is not None:
        energy = float(estimate.energy_kcal.sum())
    return {
        "moving_s": interval(seconds(float(estimate.moving_s[-1]) if estimate else None)),
        "elapsed_s": interval(seconds(estimate.elapsed_s if estimate else None)),
        "hike_fraction": {
            "of_time": interval(fraction(of_time)),
            "of_distance": interval(fraction(of_distance)),
        },
        "energy_kcal": interval(seconds(energy)),
    }


def grade_bands(profile: Profile, estimate: StageEstimate | None, estimated: bool) -> list[Row]:
    """Distance, time and hike share by grade; open at both ends."""
    if profile.cells is None:
        return []
    edges = [None, *GRADE_EDGES, None]
    distance = by_grade(profile.cells, profile.cells.length_m)
    rows: list[Row] = [
        {"from": low, "to": high, "distance_m": metres(length)}
        for low, high, length in zip(edges[:-1], edges[1:], distance, strict=True)
    ]
    if estimated:
        moving = by_grade(profile.cells, estimate.cell_s) if estimate else None
        hiked = None
        if estimate and estimate.hiked_s is not None:
            hiked = by_grade(profile.cells, estimate.hiked_s)
        for k, row in enumerate(rows):
            row["moving_s"] = None if moving is None else seconds(moving[k])
            share = None
            if moving is not None and hiked is not None and moving[k] > 0.0:
                share = hiked[k] / moving[k]
            row["hike_fraction"] = fraction(share)
    return rows


def altitude_bands(
    profile: Profile, estimate: StageEstimate | None, points: Sequence[Point], estimated: bool
) -> list[Row]:
    """Distance and time by altitude, exact where the course crosses an edge."""
    if profile.cells is None:
        return []
    edges = [None, *ALTITUDE_EDGES_M, None]
    columns = _altitude_columns(profile, estimate, points, ALTITUDE_EDGES_M, estimated)
    rows = [
        {"from_m": low, "to_m": high} | {name: values[k] for name, values in columns.items()}
        for k, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True))
    ]
    return rows[0 if rows[0]["distance_m"] else 1 :]


def above_rows(
    profile: Profile,
    estimate: StageEstimate | None,
    points: Sequence[Point],
    above_m: Sequence[float],
    estimated: bool,
) -> list[Row]:
    """Distance and time above each altitude."""
    if profile.cells is None:
        return []
    levels = sorted(above_m)
    length = above(profile.cells, profile.cells.length_m, levels)
    rows: list[Row] = [
        {"m": level, "distance_m": metres(value)}
        for level, value in zip(levels, length, strict=True)
    ]
    if estimated:
        moving = above(profile.cells, estimate.cell_s, levels) if estimate else None
        for k, row in enumerate(rows):
            row["moving_s"] = None if moving is None else seconds(moving[k])
            stood = _stood(profile, estimate)
            row["elapsed_s"] = (
                None
                if moving is None
                else seconds(moving[k] + sum(s for z, s in stood if z >= row["m"]))
            )
    return rows


def _altitude_columns(
    profile: Profile,
    estimate: StageEstimate | None,
    points: Sequence[Point],
    edges_m: Sequence[float],
    estimated: bool,
) -> dict[str, list[float | None]]:
    assert profile.cells is not None
    distance = by_altitude(profile.cells, profile.cells.length_m, edges_m)
    columns: dict[str, list[float | None]] = {"distance_m": [metres(x) for x in distance]}
    if not estimated:
        return columns
    if estimate is None:
        nothing: list[float | None] = [None] * len(distance)
        return columns | {"moving_s": nothing, "elapsed_s": nothing}
    moving = by_altitude(profile.cells, estimate.cell_s, edges_m)
    elapsed = moving.copy()
    for level_m, stopped_s in _stood(profile, estimate):
        elapsed[int(np.searchsorted(edges_m, level_m, side="right"))] += stopped_s
    columns["moving_s"] = [seconds(x) for x in moving]
    columns["elapsed_s"] = [seconds(x) for x in elapsed]
    return columns


def _stood(profile: Profile, estimate: StageEstimate | None) -> list[tuple[float, float]]:
    """Altitude and length of every stop."""
    stops = estimate.stops if estimate else ()
    return [(profile.elevation_at_m(s.distance_m) or 0.0, s.stop_s) for s in stops]


def _night(profile: Profile, estimate: StageEstimate | None) -> Row:
    if estimate is None or estimate.dark_s is None or profile.cells is None:
        return {"distance_m": None, "moving_s": None}
    share = estimate.dark_s / np.maximum(estimate.cell_s, 1e-9)
    return {
        "distance_m": metres(float(share @ profile.cells.length_m)),
        "moving_s": seconds(float(estimate.dark_s.sum())),
    }


def _climb(climb: Climb, estimate: StageEstimate | None, estimated: bool) -> Row:
    row: Row = {
        "name": climb.name or None,
        "from_m": metres(climb.from_m),
        "to_m": metres(climb.to_m),
        "length_m": metres(climb.length_m),
        "height_m": metres(climb.height_m),
        "mean_grade": fraction(climb.mean_grade),
        "steepest_grade": fraction(climb.steepest_grade),
    }
    if estimated:
        moving = hiked = None
        if estimate:
            moving = estimate.moving_at_s(climb.to_m) - estimate.moving_at_s(climb.from_m)
            if estimate.hiked_s is not None:
                until = np.concatenate([[0.0], np.cumsum(estimate.hiked_s)])
                ends = np.interp([climb.from_m, climb.to_m], estimate.edge_m, until)
                hiked = float(ends[1] - ends[0]) / moving
        row |= {"moving_s": seconds(moving), "hike_fraction": fraction(hiked)}
    return row


def point_row(
    course: Course,
    stage: Stage,
    profile: Profile,
    estimate: StageEstimate | None,
    point: Point,
    offset_m: float,
    estimated: bool,
) -> Row:
    """One point: where, how high, and with an estimate when, and how long one stays."""
    at_m = point.distance_m or 0.0
    row: Row = {
        "name": point.name,
        "kind": point.kind,
        "distance_m": metres(at_m),
        "race_distance_m": metres(offset_m + at_m),
        "elevation_m": metres(profile.elevation_at_m(at_m)),
        "gain_m": metres(profile.ascent_at_m(at_m)),
    }
    if not estimated:
        return row | {"cutoff_s": seconds(point.cutoff_s)}
    start = course.start if course.format == "continuous" else stage.start
    arrival_s = seconds(estimate.arrival_s(at_m)) if estimate else None
    clock = start + timedelta(seconds=arrival_s) if start and arrival_s is not None else None
    here = [s for s in (estimate.stops if estimate else ()) if abs(s.distance_m - at_m) < 0.5]
    margin = None
    if point.cutoff_s is not None and arrival_s is not None:
        margin = seconds(point.cutoff_s - arrival_s)
    first = course.start or course.stages[0].start
    return row | {
        "arrival_s": interval(arrival_s),
        "arrival": _iso(clock),
        "day": (clock.date() - first.date()).days + 1 if clock and first else None,
        "stop_s": seconds(sum(s.stop_s for s in here)) if estimate else None,
        "sleep_s": seconds(sum(s.sleep_s for s in here)) if estimate else None,
        "cutoff_s": seconds(point.cutoff_s),
        "margin_s": interval(margin),
        "miss_probability": None,
        "leave_by_s": None,
    }


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


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
