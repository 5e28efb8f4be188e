"""Course, profiles and estimate -> RaceFacts.

The race's lengths, climbs and times are the sums of its stages' as they are written.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.facts import (
    HikeFraction,
    Official,
    RaceFacts,
    RunnerFacts,
    StageFacts,
    convert,
    replace,
)
from gpxstage.facts.bands import above, altitude_bands, climb, grade_bands, night
from gpxstage.facts.compared import level_facts, plan_facts, sleepiness, usual_facts, why_facts
from gpxstage.facts.figures import interval, ratio, total
from gpxstage.facts.margins import finish_probability, tightest, with_margins
from gpxstage.facts.parts import Findings, parts_of
from gpxstage.facts.passages import to_the_second
from gpxstage.profile.climbs import climbs
from gpxstage.units import UNITS, fraction, metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import Estimate, StageEstimate, StageSpread
    from gpxstage.facts import PointFacts
    from gpxstage.facts.parts import Part


def race_facts(
    report: Findings, *, units: str = "metric", above_m: Sequence[float] = ()
) -> RaceFacts:
    """The facts of a report.

    *units* has the altitudes that bands end at and, without *above_m*, the thresholds; every
    length is in metres.
    """
    course, unit, parts = report.course, UNITS[units], report.parts
    points = with_margins(parts, through=course.format == "continuous")
    stages = tuple(
        _stage(part, tuple(found), above_m or unit.above_m, unit.edges_m)
        for part, found in zip(parts, points, strict=True)
    )
    race = RaceFacts(
        name=course.name,
        survey=course.survey,
        format=course.format,
        timezone=course.timezone,
        start=to_the_second(course.start or course.stages[0].start),
        limit_s=seconds(course.limit_s),
        official=_official(course.official_length_m, course.official_gain_m),
        length_m=total(stage.length_m for stage in stages) or 0.0,
        gain_m=total(stage.gain_m for stage in stages),
        gain_low_m=total(stage.gain_low_m for stage in stages),
        gain_high_m=total(stage.gain_high_m for stage in stages),
        gain_raw_m=total(stage.gain_raw_m for stage in stages),
        loss_m=total(stage.loss_m for stage in stages),
        lowest_m=_extreme(min, [stage.lowest_m for stage in stages]),
        highest_m=_extreme(max, [stage.highest_m for stage in stages]),
        stages=stages,
        notes=report.notes,
    )
    return _compared(_estimated(race, report) if parts[0].estimated else race, report)


def _extreme(pick: Callable[[list[float]], float], values: Sequence[float | None]) -> float | None:
    """The lowest or the highest of values that are all known, else None."""
    known = [value for value in values if value is not None]
    return pick(known) if len(known) == len(values) else None


def _compared(race: RaceFacts, report: Findings) -> RaceFacts:
    """The race with reasons, plans and levels, where they were wanted."""
    course, estimate = report.course, report.estimate

    def parts(one: Estimate) -> tuple[Part, ...]:
        return parts_of(course, report.profiles, one, estimated=True)

    if estimate and estimate.why:
        why = why_facts(estimate.why, [stage.number for stage in course.stages])
        race = replace(race, why=why)
    if report.plans is not None:
        plans = tuple(plan_facts(parts(one), course.limit_s) for one in report.plans)
        race = replace(race, plans=plans)
    if report.levels:
        levels = tuple(level_facts(name, parts(one)) for name, one in report.levels)
        race = replace(race, levels=levels)
    return race


def _estimated(race: RaceFacts, report: Findings) -> RaceFacts:
    """The race with what needs a runner."""
    estimate, parts, stages = report.estimate, report.parts, race.stages
    spread = estimate.spread if estimate else None
    moving_s = seconds(total((stage.moving_s.p50 for stage in stages), 0))
    on_clock_s = seconds(total((stage.elapsed_s.p50 for stage in stages), 0))
    energy = seconds(total((stage.energy_kcal.p50 for stage in stages), 0))
    moving_draws = _summed(spread, lambda stage: stage.moving_s[:, -1])
    elapsed_draws = _summed(spread, lambda stage: stage.elapsed_s)
    energy_draws = _summed(spread, lambda stage: stage.energy_kcal)
    return replace(
        race,
        runner=_assumed(estimate) if estimate else None,
        moving_s=interval(moving_s, moving_draws, seconds),
        elapsed_s=interval(on_clock_s, elapsed_draws, seconds),
        stopped_s=None if moving_s is None or on_clock_s is None else on_clock_s - moving_s,
        slept_s=seconds(sum(s.slept_s for s in estimate.stages)) if estimate else None,
        hike_fraction=_hiked(estimate.stages if estimate else (), spread),
        energy_kcal=interval(energy, energy_draws, seconds),
        intake_kcal_per_h=report.intake_kcal_per_h,
        finish_probability=finish_probability(parts, report.course.limit_s),
        tightest=tightest((stage.number, point) for stage, point in race.every_point()),
        alertness=sleepiness(parts),
        usual=usual_facts(report.usual, estimate) if report.usual and estimate else None,
    )


def _summed(
    spread: Sequence[StageSpread] | None, part: Callable[[StageSpread], Array]
) -> Array | None:
    """A figure of each draw, added up over the stages."""
    return None if not spread else np.asarray(sum(part(stage) for stage in spread))


def _assumed(estimate: Estimate) -> RunnerFacts:
    """All that the estimate assumes of a runner."""
    rounded = {
        key: round(float(value), 4) if isinstance(value, float) else value
        for key, value in asdict(estimate.runner).items()
        if key != "seen"  # it is in the ability on this course
    }
    return convert({"model": estimate.model, **rounded}, RunnerFacts)


def _hiked(
    stages: Sequence[StageEstimate], spread: Sequence[StageSpread] | None = None
) -> HikeFraction:
    """The hiked share of the moving time and of the distance; None where a model has no gait."""
    if not stages or any(s.hiked_s is None or s.hiked_m is None for s in stages):
        return HikeFraction()
    time_draws = distance_draws = None
    length_m = sum(float(s.edge_m[-1]) for s in stages)
    hiked_s = sum(float(s.hiked_s.sum()) for s in stages if s.hiked_s is not None)
    hiked_m = sum(float(s.hiked_m.sum()) for s in stages if s.hiked_m is not None)
    if spread:
        moving_s = sum(stage.moving_s[:, -1] for stage in spread)
        time_draws = np.asarray(sum(stage.hiked_s for stage in spread) / moving_s)
        distance_draws = np.asarray(sum(stage.hiked_m for stage in spread) / length_m)
    of_time = ratio(hiked_s, sum(float(s.moving_s[-1]) for s in stages))
    return HikeFraction(
        interval(of_time, time_draws, fraction),
        interval(ratio(hiked_m, length_m), distance_draws, fraction),
    )


def _stage(
    part: Part,
    points: tuple[PointFacts, ...],
    above_m: Sequence[float],
    edges_m: Sequence[float],
) -> StageFacts:
    stage, profile = part.stage, part.profile
    found = [climb(part, each) for each in climbs(profile, stage.points)]
    known = profile.cells is not None
    facts = StageFacts(
        number=stage.number,
        name=stage.name,
        length_m=metres(profile.length_m) or 0.0,
        gain_m=metres(profile.gain_m),
        gain_low_m=metres(profile.gain_low_m),
        gain_high_m=metres(profile.gain_high_m),
        gain_raw_m=metres(profile.gain_raw_m),
        loss_m=metres(profile.loss_m),
        lowest_m=metres(profile.lowest_m),
        highest_m=metres(profile.highest_m),
        steepest_100m=fraction(profile.steepest(100.0)),
        steepest_500m=fraction(profile.steepest(500.0)),
        start=to_the_second(_start(part)),
        limit_s=seconds(stage.limit_s),
        official=_official(stage.official_length_m, stage.official_gain_m),
        grade_bands=grade_bands(part),
        altitude_bands=altitude_bands(part, edges_m),
        above=above(part, above_m),
        night=night(part),
        climbs=tuple(each for each in found if each.height_m > 0) if known else None,
        descents=tuple(each for each in found if each.height_m < 0) if known else None,
        points=points,
        notes=stage.notes,
    )
    return _stage_estimated(facts, part.estimate, part.spread) if part.estimate else facts


def _stage_estimated(
    facts: StageFacts, estimate: StageEstimate, spread: StageSpread | None
) -> StageFacts:
    """The stage with what needs a runner."""
    energy = None if estimate.energy_kcal is None else seconds(float(estimate.energy_kcal.sum()))
    moving_s = seconds(float(estimate.moving_s[-1]))
    return replace(
        facts,
        moving_s=interval(moving_s, spread.moving_s[:, -1] if spread else None, seconds),
        elapsed_s=interval(estimate.on_clock_s, spread.elapsed_s if spread else None, seconds),
        hike_fraction=_hiked([estimate], [spread] if spread else None),
        energy_kcal=interval(energy, spread.energy_kcal if spread else None, seconds),
        earlier_days_s=seconds(estimate.earlier_days_s),
    )


def _start(part: Part) -> datetime | None:
    """When a stage begins: where the clock runs through, by the estimate."""
    if part.is_staged or part.start is None:
        return part.stage.start
    if part.estimate is not None:
        return moment(part.start, seconds(part.estimate.offset_s))
    return part.start if part.offset_m == 0.0 else None


def _official(length_m: float | None, gain_m: float | None) -> Official:
    return Official(metres(length_m), metres(gain_m))
