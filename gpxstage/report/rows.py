"""Report -> the rows of report.json: a contract that programs depend on.

Metres to 0.1, seconds to 1, fractions to 0.001; null means unknown; the order of keys is fixed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gpxstage.profile import ABOVE_M
from gpxstage.profile.climbs import climbs
from gpxstage.report.bands import (
    Part,
    Row,
    above_rows,
    altitude_bands,
    climb_row,
    fraction,
    grade_bands,
    interval,
    metres,
    night_row,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Point
    from gpxstage.report import Report

SCHEMA = 1
INTAKE_KCAL_PER_H = 200.0


def as_json(
    report: Report, *, stages: Sequence[int] = (), above_m: Sequence[float] = ABOVE_M
) -> Row:
    """The whole report as plain rows; *stages* picks the stages shown, changing none."""
    course = report.course
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
    row["stages"] = [
        _stage(part, above_m) for part in parts(report) if not stages or part.stage.number in stages
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


def parts(report: Report) -> list[Part]:
    """The stages one by one, each with its profile and its estimate."""
    course, estimate = report.course, report.estimate
    race_start = course.start or course.stages[0].start
    found, offset_m = [], 0.0
    for k, (stage, profile) in enumerate(zip(course.stages, report.profiles, strict=True)):
        start = course.start if course.format == "continuous" else stage.start
        mine = estimate.stages[k] if estimate else None
        found.append(Part(stage, profile, mine, report.estimated, offset_m, start, race_start))
        offset_m += profile.length_m
    return found


def _stage(part: Part, above_m: Sequence[float]) -> Row:
    stage, profile = part.stage, part.profile
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
    if part.estimated:
        row |= _stage_estimate(part)
    row["grade_bands"] = grade_bands(part)
    row["altitude_bands"] = altitude_bands(part)
    row["above"] = above_rows(part, above_m)
    if part.estimated:
        row["night"] = night_row(part)
    found = climbs(profile, stage.points)
    row["climbs"] = [climb_row(part, climb) for climb in found if climb.height_m > 0]
    row["descents"] = [climb_row(part, climb) for climb in found if climb.height_m < 0]
    row["points"] = [point_row(part, point) for point in stage.points]
    row["notes"] = list(stage.notes)
    return row


def _stage_estimate(part: Part) -> Row:
    estimate = part.estimate
    of_time = of_distance = energy = None
    if estimate and estimate.hiked_s is not None and estimate.hiked_m is not None:
        of_time = float(estimate.hiked_s.sum() / estimate.moving_s[-1])
        of_distance = float(estimate.hiked_m.sum()) / part.profile.length_m
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


def point_row(part: Part, point: Point) -> Row:
    """One point: where, how high, and with an estimate when, and how long one stays."""
    profile, estimate, at_m = part.profile, part.estimate, point.distance_m or 0.0
    row: Row = {
        "name": point.name,
        "kind": point.kind,
        "distance_m": metres(at_m),
        "race_distance_m": metres(part.offset_m + at_m),
        "elevation_m": metres(profile.elevation_at_m(at_m)),
        "gain_m": metres(profile.ascent_at_m(at_m)),
    }
    if not part.estimated:
        return row | {"cutoff_s": seconds(point.cutoff_s)}
    arrival_s = seconds(estimate.arrival_s(at_m)) if estimate else None
    clock = (
        part.start + timedelta(seconds=arrival_s) if part.start and arrival_s is not None else None
    )
    here = [s for s in (estimate.stops if estimate else ()) if abs(s.distance_m - at_m) < 0.5]
    margin = None
    if point.cutoff_s is not None and arrival_s is not None:
        margin = seconds(point.cutoff_s - arrival_s)
    return row | {
        "arrival_s": interval(arrival_s),
        "arrival": _iso(clock),
        "day": _day(part.race_start, clock),
        "stop_s": seconds(sum(s.stop_s for s in here)) if estimate else None,
        "sleep_s": seconds(sum(s.sleep_s for s in here)) if estimate else None,
        "cutoff_s": seconds(point.cutoff_s),
        "margin_s": interval(margin),
        "miss_probability": None,
        "leave_by_s": None,
    }


def _day(first: datetime | None, clock: datetime | None) -> int | None:
    """Calendar day of the race, from 1, in local time."""
    return (clock.date() - first.date()).days + 1 if first and clock else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
