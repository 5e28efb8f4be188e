"""Report -> the rows of report.json: a contract that programs depend on.

Metres to 0.1, seconds to 1, fractions to 0.001; null means unknown; the order of keys is fixed.
The race's lengths, climbs and times are the sums of its stages' as they are written.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.profile.climbs import climbs
from gpxstage.report.bands import (
    Part,
    above_rows,
    altitude_bands,
    climb_row,
    grade_bands,
    night_row,
)
from gpxstage.report.chances import finish_probability, set_chances
from gpxstage.report.cutoffs import set_leave_by, tightest_row
from gpxstage.report.field import level_row
from gpxstage.report.figures import Row, interval, ratio, total
from gpxstage.report.passages import elapsed_s, point_row, point_rows
from gpxstage.report.plans import plan_row
from gpxstage.report.reasons import why_row
from gpxstage.report.rest import alertness_row, usual_row
from gpxstage.units import UNITS, fraction, metres, moment, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gpxstage.course import Array, Course
    from gpxstage.estimator.result import Estimate, StageEstimate
    from gpxstage.estimator.spread import StageSpread
    from gpxstage.report import Report

__all__ = ["Part", "as_json", "json_text", "parts", "point_row"]

SCHEMA = 1
SUMS = ("length_m", "gain_m", "gain_low_m", "gain_high_m", "gain_raw_m", "loss_m")


def as_json(
    report: Report,
    *,
    stages: Sequence[int] = (),
    above_m: Sequence[float] = (),
    units: str = "metric",
) -> Row:
    """The whole report as plain rows; *stages* picks the stages shown, changing none.

    *units* has the altitudes that bands end at and, without *above_m*, the thresholds; every
    length is metres.

    Keys that need a runner are absent where no estimate was asked for, and null where one was
    and cannot be made.
    """
    course, unit = report.course, UNITS[units]
    every = _stages(report, tuple(above_m) or unit.above_m, unit.edges_m)
    row: Row = {
        "schema": SCHEMA,
        "name": course.name,
        "survey": course.survey,
        "format": course.format,
        "timezone": course.timezone,
        "start": _iso(course.start or course.stages[0].start),
        "limit_s": seconds(course.limit_s),
        "official": _official(course.official_length_m, course.official_gain_m),
    }
    row |= {key: total(stage[key] for stage in every) for key in SUMS}
    for key, pick in (("lowest_m", min), ("highest_m", max)):
        known = [stage[key] for stage in every if stage[key] is not None]
        row[key] = pick(known) if len(known) == len(every) else None
    if _asked(report):
        row |= _race_estimate(report, every)
    if report.estimate and report.estimate.why:
        row["why"] = why_row(report.estimate.why, [stage["number"] for stage in every])
    if report.plans is not None:
        row["plans"] = [
            plan_row(parts(replace(report, estimate=plan)), course.limit_s) for plan in report.plans
        ]
    if report.levels:
        row["levels"] = [
            level_row(name, parts(replace(report, estimate=found)), stages)
            for name, found in report.levels
        ]
    row["stages"] = [stage for stage in every if not stages or stage["number"] in stages]
    row["notes"] = list(report.notes)
    own: Row = _copied(row)  # the stages are kept for the next caller
    return own


def _copied(node: Any) -> Any:
    """Rows of one's own, down to the last list."""
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node


@lru_cache(maxsize=2)
def _stages(
    report: Report, above_m: tuple[float, ...], edges_m: tuple[float, ...]
) -> tuple[Row, ...]:
    """The stages' rows, made once for all the files of a report: whoever reads changes none."""
    each = parts(report)
    rows = tuple(_stage(part, above_m, edges_m) for part in each)
    if _asked(report):
        set_chances(each, rows)
        set_leave_by(rows, through=report.course.format == "continuous")
    return rows


def json_text(report: Report, **options: Any) -> str:
    """report.json: UTF-8, two spaces, no NaN; the same report gives the same bytes."""
    rows = as_json(report, **options)
    return json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _asked(report: Report) -> bool:
    return report.estimated or report.estimate is not None


def parts(report: Report) -> list[Part]:
    """The stages one by one, each with its profile and its estimate."""
    course, estimate = report.course, report.estimate
    race_start = course.start or course.stages[0].start
    found, offset_m = [], 0.0
    for k, (stage, profile) in enumerate(zip(course.stages, report.profiles, strict=True)):
        found.append(
            Part(
                stage,
                profile,
                estimate.stages[k] if estimate else None,
                _asked(report),
                offset_m,
                course.start if course.format == "continuous" else stage.start,
                race_start,
                is_last=k == len(course.stages) - 1,
                is_staged=course.format == "staged",
                spread=estimate.spread[k] if estimate and estimate.spread else None,
                limit_s=_limit_s(course, k),
                passed_m=_passed_m(estimate, stage.number),
            )
        )
        offset_m += metres(profile.length_m) or 0.0
    return found


def _limit_s(course: Course, k: int) -> float | None:
    """When the end of a stage closes: in a staged race by its own limit."""
    if course.format == "staged":
        return course.stages[k].limit_s
    return course.limit_s if k == len(course.stages) - 1 else None


def _passed_m(estimate: Estimate | None, number: int) -> tuple[float, ...]:
    passed = estimate.passed if estimate else ()
    return tuple(here.distance_m for here in passed if here.stage == number)


def _race_estimate(report: Report, stages: Sequence[Row]) -> Row:
    """What needs a runner, of the whole race."""
    estimate = report.estimate
    spread = estimate.spread if estimate else None
    moving_s = total((stage["moving_s"]["p50"] for stage in stages), 0)
    on_clock_s = total((stage["elapsed_s"]["p50"] for stage in stages), 0)
    energy = total((stage["energy_kcal"]["p50"] for stage in stages), 0)
    stopped_s = None if moving_s is None or on_clock_s is None else on_clock_s - moving_s
    elapsed_draws = _summed(spread, lambda stage: stage.elapsed_s)
    return {
        "runner": _assumed(estimate) if estimate else None,
        "moving_s": interval(
            seconds(moving_s), _summed(spread, lambda stage: stage.moving_s[:, -1])
        ),
        "elapsed_s": interval(seconds(on_clock_s), elapsed_draws),
        "stopped_s": seconds(stopped_s),
        "slept_s": seconds(sum(s.slept_s for s in estimate.stages)) if estimate else None,
        "hike_fraction": _hiked(estimate.stages if estimate else (), spread),
        "energy_kcal": interval(seconds(energy), _summed(spread, lambda stage: stage.energy_kcal)),
        "intake_kcal_per_h": report.intake_kcal_per_h,
        "finish_probability": finish_probability(parts(report), report.course.limit_s),
        "tightest": tightest_row(stages),
        "alertness": alertness_row(parts(report)),
        **({"usual": usual_row(report.usual, estimate)} if report.usual and estimate else {}),
    }


def _summed(
    spread: Sequence[StageSpread] | None, part: Callable[[StageSpread], Array]
) -> Array | None:
    """A figure of each draw, added up over the stages."""
    return None if not spread else np.asarray(sum(part(stage) for stage in spread))


def _assumed(estimate: Estimate) -> Row:
    """All that the estimate assumes of a runner."""
    runner = {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in asdict(estimate.runner).items()
        if key != "seen"  # it is in the ability of this course
    }
    return {"source": runner.pop("source"), "model": estimate.model} | runner


def _hiked(stages: Sequence[StageEstimate], spread: Sequence[StageSpread] | None = None) -> Row:
    """The hiked share of the moving time and of the distance; null where a model has no gait."""
    of_time = of_distance = time_draws = distance_draws = None
    if stages and all(s.hiked_s is not None and s.hiked_m is not None for s in stages):
        length_m = sum(float(s.edge_m[-1]) for s in stages)
        hiked_s = sum(float(s.hiked_s.sum()) for s in stages if s.hiked_s is not None)
        hiked_m = sum(float(s.hiked_m.sum()) for s in stages if s.hiked_m is not None)
        of_time = ratio(hiked_s, sum(float(s.moving_s[-1]) for s in stages))
        of_distance = ratio(hiked_m, length_m)
        if spread:
            moving_s = sum(stage.moving_s[:, -1] for stage in spread)
            time_draws = np.asarray(sum(stage.hiked_s for stage in spread) / moving_s)
            distance_draws = np.asarray(sum(stage.hiked_m for stage in spread) / length_m)
    return {
        "of_time": interval(of_time, time_draws, fraction),
        "of_distance": interval(of_distance, distance_draws, fraction),
    }


def _stage(part: Part, above_m: Sequence[float], edges_m: Sequence[float]) -> Row:
    stage, profile = part.stage, part.profile
    row: Row = {"number": stage.number, "name": stage.name}
    row |= {key: metres(getattr(profile, key)) for key in SUMS}
    row |= {
        "lowest_m": metres(profile.lowest_m),
        "highest_m": metres(profile.highest_m),
        "steepest_100m": fraction(profile.steepest(100.0)),
        "steepest_500m": fraction(profile.steepest(500.0)),
        "start": _iso(_start(part)),
        "limit_s": seconds(stage.limit_s),
        "official": _official(stage.official_length_m, stage.official_gain_m),
    }
    if part.estimated:
        row |= _stage_estimate(part.estimate, part.spread)
    row["grade_bands"] = grade_bands(part)
    row["altitude_bands"] = altitude_bands(part, edges_m)
    row["above"] = above_rows(part, above_m)
    if part.estimated:
        row["night"] = night_row(part)
    known = profile.cells is not None
    found = climbs(profile, stage.points)
    row["climbs"] = [climb_row(part, c) for c in found if c.height_m > 0] if known else None
    row["descents"] = [climb_row(part, c) for c in found if c.height_m < 0] if known else None
    row["points"] = point_rows(part)
    row["notes"] = list(stage.notes)
    return row


def _stage_estimate(estimate: StageEstimate | None, spread: StageSpread | None) -> Row:
    """What needs a runner, of one stage."""
    moving_s = energy = None
    if estimate is not None:
        moving_s = seconds(float(estimate.moving_s[-1]))
        if estimate.energy_kcal is not None:
            energy = seconds(float(estimate.energy_kcal.sum()))
    return {
        "moving_s": interval(moving_s, spread.moving_s[:, -1] if spread else None),
        "elapsed_s": interval(elapsed_s(estimate), spread.elapsed_s if spread else None),
        "hike_fraction": _hiked([estimate] if estimate else (), [spread] if spread else None),
        "energy_kcal": interval(energy, spread.energy_kcal if spread else None),
        "earlier_days_s": seconds(estimate.earlier_days_s) if estimate else None,
    }


def _start(part: Part) -> datetime | None:
    """When a stage begins: where the clock runs through, by the estimate."""
    if part.is_staged or part.start is None:
        return part.stage.start
    if part.estimate is not None:
        return moment(part.start, seconds(part.estimate.offset_s))
    return part.start if part.offset_m == 0.0 else None


def _official(length_m: float | None, gain_m: float | None) -> Row:
    return {"length_m": metres(length_m), "gain_m": metres(gain_m)}


def _iso(moment_: datetime | None) -> str | None:
    return None if moment_ is None else moment_.isoformat(timespec="seconds")
