"""Course, profiles and estimate -> RaceFacts.

The race's lengths, climbs and times are the sums of its stages' as they are written.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.facts import (
    ArriveFacts,
    Behind,
    LevelFacts,
    LevelPoint,
    RaceFacts,
    RunnerFacts,
    StageCauses,
    Usual,
    WhyFacts,
)
from gpxstage.facts.chances import (
    collapse_facts,
    collapse_probability_of,
    plan_facts,
    ranked,
    sleepiness,
    team_facts,
    tightest,
)
from gpxstage.facts.eating import eating_facts
from gpxstage.facts.figures import AltitudeCost, LossRange, replace, to_builtins
from gpxstage.facts.figures import format as format_json
from gpxstage.facts.figures import schema as schema_of
from gpxstage.facts.parts import (
    finish_probability,
    interval,
    parts_of,
    points,
    to_the_second,
    total,
    with_chances,
    with_leave_by,
)
from gpxstage.facts.stages import hiked, official, stage_facts
from gpxstage.units import UNITS, fraction, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gpxstage.course import Array, Course
    from gpxstage.estimator.nouns import Estimate, Passed, StageSpread, Why
    from gpxstage.estimator.wanted import Wanted
    from gpxstage.facts.figures import EatingFacts
    from gpxstage.facts.parts import Part
    from gpxstage.profile import Profile


INTAKE_KCAL_PER_H = 200.0  # what a stomach takes for hours: a usual plan (judgement)


@dataclass(frozen=True, eq=False)
class Findings:
    """What the facts are made from: the fields of a `gpxstage.Report`, explained there."""

    course: Course
    profiles: tuple[Profile, ...]
    estimate: Estimate | None = None
    estimated: bool = False
    notes: tuple[str, ...] = ()
    levels: tuple[tuple[str, Estimate], ...] = ()
    team: tuple[Estimate, ...] = ()
    intake_kcal_per_h: float = INTAKE_KCAL_PER_H
    base_meal_kcal: float = 0.0
    crew_items: tuple[str, ...] = ()
    usual: Estimate | None = None
    plans: tuple[Estimate, ...] | None = None
    planned: Estimate | None = None
    wanted: Wanted | None = None

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The stages one by one, each with its profile, its estimate and its draws."""
        wanted = self.estimated or self.estimate is not None
        return parts_of(self.course, self.profiles, self.estimate, estimated=wanted)

    def shown(self, stages: Collection[int]) -> tuple[Part, ...]:
        """The stages of those numbers; none means all of them, as `RaceFacts.shown` has it."""
        return tuple(part for part in self.parts if not stages or part.stage.number in stages)


def race_facts(
    report: Findings, *, units: str = "metric", above_m: Sequence[float] = ()
) -> RaceFacts:
    """The facts of a report.

    *units* has the altitudes that bands end at and, without *above_m*, the thresholds; every
    length is in metres.
    """
    course, unit, parts = report.course, UNITS[units], report.parts
    points = with_leave_by(with_chances(parts), through=course.format == "continuous")
    stages = tuple(
        stage_facts(part, tuple(found), above_m or unit.above_m, unit.edges_m)
        for part, found in zip(parts, points, strict=True)
    )
    race = RaceFacts(
        name=course.name,
        survey=course.survey,
        format=course.format,
        timezone=course.timezone,
        start=to_the_second(course.start or course.stages[0].start),
        limit_s=seconds(course.limit_s),
        official=official(course.official_length_m, course.official_gain_m),
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
        plans = [plan_facts(parts(one), one, course.limit_s) for one in report.plans]
        race = replace(race, plans=ranked(plans, draws_of(report.plans)))
    if report.levels:
        levels = tuple(level_facts(name, parts(one)) for name, one in report.levels)
        race = replace(race, levels=levels)
    return replace(race, team=team_facts(report.parts, report.team))


def draws_of(plans: Sequence[Estimate]) -> int:
    """How many draws the plans have."""
    spreads = [one.spread for one in plans if one.spread]
    return len(spreads[0][0].moving_s) if spreads else 0


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
        hike_fraction=hiked(estimate.stages if estimate else (), spread),
        energy_kcal=interval(energy, energy_draws, seconds),
        intake_kcal_per_h=report.intake_kcal_per_h,
        eating=_eating(race, report),
        finish_probability=finish_probability(parts, report.course.limit_s),
        range_given=estimate.range_given if estimate else None,
        behind=_behind(report),
        arrive=_arrive(report),
        collapse_probability=collapse_probability_of(estimate),
        collapse=collapse_facts(estimate, parts),
        tightest=tightest((stage.number, point) for stage, point in race.every_point()),
        alertness=sleepiness(parts),
        usual=usual_facts(report.usual, estimate) if report.usual and estimate else None,
    )


def _eating(race: RaceFacts, report: Findings) -> EatingFacts | None:
    return eating_facts(
        report.course,
        report.parts,
        race.stages,
        intake_kcal_per_h=report.intake_kcal_per_h,
        base_meal_kcal=report.base_meal_kcal,
    )


def _summed(
    spread: Sequence[StageSpread] | None, part: Callable[[StageSpread], Array]
) -> Array | None:
    """A figure of each draw, added up over the stages."""
    return None if not spread else np.asarray(sum(part(stage) for stage in spread))


# in the ability on this course, and in the range
NOT_ASSUMED = ("seen", "stopped_spread", "stopped_to_h")


def _assumed(estimate: Estimate) -> RunnerFacts:
    """All that the estimate assumes of a runner."""
    rounded: Mapping[str, Any] = {
        key: value if value is None or isinstance(value, str) else round(float(value), 4)
        for key, value in asdict(estimate.runner).items()
        if key not in NOT_ASSUMED
    }
    return RunnerFacts(model=estimate.model, **rounded)


# comparisons


def _behind(report: Findings) -> Behind | None:
    """The last passage against the plan that was made before the start."""
    planned, estimate = report.planned, report.estimate
    if planned is None or estimate is None:
        return None

    def late_s(here: Passed) -> int:
        expected_s = planned.stages[report.course.index(here.stage)].arrival_s(here.distance_m)
        return (seconds(here.elapsed_s) or 0) - (seconds(expected_s) or 0)

    last = {here.stage: here for here in estimate.passed}  # in order: the last one of each stage
    here = estimate.passed[-1]
    in_all_s = sum(map(late_s, last.values())) if report.course.format == "staged" else late_s(here)
    return Behind(here.stage, here.name, late_s(here), in_all_s)


def _arrive(report: Findings) -> ArriveFacts | None:
    """What has to change for the wanted arrival."""
    wanted = report.wanted
    if wanted is None:
        return None
    there = wanted.there
    part = report.parts[report.course.index(there.stage)]
    return ArriveFacts(
        stage=there.stage,
        point=there.name,
        wanted_s=seconds(there.elapsed_s) or 0,
        wanted=to_the_second(moment(part.start, there.elapsed_s)),
        later_s=seconds(wanted.later_s) or 0,
        speed_share=fraction(wanted.speed) if wanted.speed else None,
        elapsed_s=seconds(wanted.elapsed_s) if wanted.elapsed_s else None,
        rest_before_s=seconds(wanted.rest_before_s) or 0,
    )


def usual_facts(usual: Estimate, estimate: Estimate) -> Usual:
    """What the same runner takes with usual stops and sleep, and which were given."""
    given = estimate.policy
    moving_s, elapsed_s = seconds(usual.moving_s) or 0, seconds(usual.elapsed_s) or 0
    return Usual(
        moving_s=moving_s,
        elapsed_s=elapsed_s,
        stopped_s=elapsed_s - moving_s,
        slept_s=seconds(sum(stage.slept_s for stage in usual.stages)) or 0,
        sleeps_given=given is not None and given.sleeps is not None,
    )


def why_facts(why: Why, numbers: Sequence[int]) -> WhyFacts:
    """Seconds by cause for each stage, and what plain models say of the moving time."""
    return WhyFacts(
        tuple(
            StageCauses(
                number=number,
                **{f"{cause}_s": seconds(value) or 0 for cause, value in causes.items()},
            )
            for number, causes in zip(numbers, why.stages, strict=True)
        ),
        {name: seconds(value) or 0 for name, value in why.models.items()},
        tuple(
            AltitudeCost(
                stage=number,
                acclimatised=_loss(lost.acclimatised_s),
                unacclimatised=_loss(lost.unacclimatised_s),
            )
            for number, lost in zip(numbers, why.altitude, strict=True)
        ),
    )


def _loss(ends_s: tuple[float, float, float]) -> LossRange:
    low_s, middle_s, high_s = (seconds(end_s) or 0 for end_s in ends_s)
    return LossRange(low_s=low_s, middle_s=middle_s, high_s=high_s)


def level_facts(level: str, parts: Sequence[Part]) -> LevelFacts:
    """One level's elapsed time and its arrival at every point."""
    return LevelFacts(
        level,
        seconds(total((p.estimate.on_clock_s if p.estimate else None for p in parts), 0)),
        tuple(
            LevelPoint(part.stage.number, point.name, point.arrival_s.p50, point.arrival)
            for part in parts
            for point in points(part)
        ),
    )


DIALECT = "https://json-schema.org/draft/2020-12/schema"

# keys that need a runner, wherever they are: absent where no estimate was wanted
NEED_RUNNER = {
    *("runner", "moving_s", "elapsed_s", "stopped_s", "slept_s", "hike_fraction", "energy_kcal"),
    *("intake_kcal_per_h", "eating", "finish_probability", "tightest", "alertness"),
    *("earlier_days_s", "range_given", "behind", "arrive", "collapse_probability", "collapse"),
    *("given_finish_s", "night", "arrival_s", "arrival", "day", "stop_s", "sleep_s", "margin_s"),
    *("miss_probability", "leave_by_s", "passed"),
}
RECORDED = "recorded"  # the key that is there only for a recorded track
WANTED = ("usual", "why", "plans", "levels", "team")  # keys that are there only where wanted


def as_json(race: RaceFacts) -> dict[str, Any]:
    """The facts as plain dictionaries and lists in the order of report.json.

    Keys that need a runner are absent where no estimate was wanted, and null where one was
    wanted and cannot be made.
    """
    found: dict[str, Any] = to_builtins(race, builtin_types=(datetime,))
    found = {key: value for key, value in found.items() if key not in WANTED or value is not None}
    plain: dict[str, Any] = _plain(found, set() if race.estimated else NEED_RUNNER)
    return plain


def _plain(node: Any, left_out: Collection[str]) -> Any:
    """Moments as ISO text to the second; without some keys."""
    if isinstance(node, dict):
        return {
            key: _plain(value, () if key == RECORDED else left_out)  # a clock, not a runner's
            for key, value in node.items()
            if key not in left_out and not (key == RECORDED and value is None)
        }
    if isinstance(node, list | tuple):
        return [_plain(value, left_out) for value in node]
    return node.isoformat(timespec="seconds") if isinstance(node, datetime) else node


def points_as_json(race: RaceFacts) -> list[list[dict[str, Any]]]:
    """The points of each stage alone, as `as_json` has them."""
    left_out = () if race.estimated else NEED_RUNNER
    points = [stage.points for stage in race.stages]
    found: list[list[dict[str, Any]]] = _plain(
        to_builtins(points, builtin_types=(datetime,)), left_out
    )
    return found


def json_text(race: RaceFacts) -> str:
    """report.json: UTF-8, two spaces, no NaN; the same facts give the same bytes."""
    return _text(as_json(race))


def text_of(found: Any) -> str:
    """Other typed facts as JSON of the same kind: all keys, unknown values null."""
    return _text(_plain(to_builtins(found, builtin_types=(datetime,)), ()))


def _text(plain: Any) -> str:
    packed = json.dumps(plain, ensure_ascii=False, allow_nan=False)  # in C: not so with an indent
    return format_json(packed, indent=2) + "\n"


def schema(of: type = RaceFacts, title: str = "report.json") -> dict[str, Any]:
    """JSON Schema of report.json, or of other typed facts: every key, its type, what it means."""
    return {"$schema": DIALECT, "title": title, **schema_of(of)}
