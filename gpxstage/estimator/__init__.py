"""Profile + Runner -> Estimate: the door to the engine and to the plain models."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import CourseError
from gpxstage.estimator import (
    cutoffs,
    endurance,
    engine,
    gait,
    scatter,
    sleep_plans,
    sleepiness,
    stops,
)
from gpxstage.estimator.assumptions import assumptions
from gpxstage.estimator.cloud import Cloud
from gpxstage.estimator.draws import SEED, spreads_for
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import far, ground_of_course
from gpxstage.estimator.models import MODELS, clipped_share, pace_s_per_m
from gpxstage.estimator.nouns import (
    AltitudeLoss,
    Estimate,
    Passed,
    Policy,
    Push,
    Run,
    StageEstimate,
    Stop,
    Why,
)
from gpxstage.estimator.plan import checked, halts_of, push_of, split_run
from gpxstage.estimator.risks import Collapse, MoreSleep
from gpxstage.estimator.runner import LEVELS, Runner, against_results, moved, runner_of
from gpxstage.estimator.time_breakdown import altitude_losses, by_stage, losses_s
from gpxstage.estimator.underway import Known, doubts, learned, slept_before, with_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course, Stage
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.nouns import Halt
    from gpxstage.estimator.plan import Part
    from gpxstage.profile import Profile

    Lost = tuple[dict[str, float], AltitudeLoss]

__all__ = [
    "LEVELS",
    "Collapse",
    "Estimate",
    "MoreSleep",
    "Passed",
    "Policy",
    "Runner",
    "StageEstimate",
    "Stop",
    "Why",
    "estimate",
    "plan_sleep",
]

ENGINE = "gait"


def estimate(
    course: Course,
    profiles: Sequence[Profile],
    runner: Runner | str | None = None,
    *,
    model: str = ENGINE,
    policy: Policy | None = None,
    why: bool = False,
    draws: int = 0,
    seed: int = SEED,
    passed: Sequence[Passed] = (),
    near: Sequence[Estimate] = (),
) -> Estimate:
    """How long a course takes a runner, and how much of it is hiked.

    A continuous race is one push. In a staged race each stage is a push of its own, and the night
    between two stages restores most of the power.

    Parameters
    ----------
    course
        The race, as `gpxstage.load` gives it.
    profiles
        One profile for each stage of the course, in order, each with elevations.
    runner
        A Runner, the name of a level (`LEVELS`), or None for the usual level.
    model
        ``"gait"`` is the engine. Every other model of `estimator.models` gives the moving time
        alone: what is hiked and the energy stay None.
    policy
        What the runner decides or meets: stops, sleeps, conditions. None is the usual policy.
    why
        Whether to work out where the hours go (`Estimate.why`).
    draws
        How many runs the range p10 to p90 is made from, 0 ... 5000; none with a plain model.
    seed
        A whole number; the same seed gives the same draws.
    passed
        Where the runner has been already. These times are kept exactly, and the rest of the race
        follows from what they show.
    near
        Estimates of the same course for runners who are nearly as fast. The search begins from
        their mean and ends sooner; what it finds is the same, to its tolerance, but for the
        alertness, which is left out.

    Returns
    -------
    Estimate
        One StageEstimate for each stage, and notes of what was assumed.

    Raises
    ------
    CourseError
        For a stage without elevation, and a stop or a sleep at a point that is not there.
    ValueError
        For an unknown level or model, a number out of its range, and passages that contradict
        each other.
    TypeError
        For an argument of the wrong kind.
    """
    options = {"model": model, "draws": draws, "seed": seed, "passed": passed, "why": why}
    known = _plan(course, profiles, *checked((runner,), policy=policy, **options))
    if passed:
        profiles, known = _under_way(course, profiles, known, model, passed)
    stages: list[StageEstimate] = []
    lost: list[Lost] = []
    notes = [*_clipped(course, profiles, model), *_unheard(known.policy, model)]
    cloud, fresh, how = Cloud(known, draws if model == ENGINE else 0, seed), 1.0, known.policy
    for part in _pushes(course, profiles):
        halts, there = halts_of(course, part, how), known.passages(part)
        push = replace(push_of(course, part, halts, fresh, how), passed=there)
        guess_s = _moving_s(near, len(stages), len(part))
        push, run, cut = _in_time(course, part, push, known, model, guess_s=guess_s, halts=halts)
        inputs = known.inputs(push)
        fresh = endurance.next_fresh(fresh, push, run, inputs[1], JUDGEMENT).item()
        notes += assumptions(part, run, course=course, halts=halts, push=push, policy=how) + cut
        found = split_run(part, halts, run)
        found = found if near else sleepiness.with_alertness(found, push.start)
        found = found if course.format == "continuous" else _with_earlier_days(found, inputs, run)
        if why and model == ENGINE:
            lost += _lost(inputs, run, found)
        stages += found
        cloud.add(part, inputs, run, halts)
    notes[:0] = doubts(known)
    about = (_why(course, profiles, known, lost), cloud.stages(), how, known.passed)
    noted = dict.fromkeys([*notes, *_doubts(course, runner_of(runner), known, stages)])
    return Estimate(inputs[1], model, tuple(stages), tuple(noted), *about, *cloud.risks())


def _in_time(
    course: Course,
    part: Part,
    push: Push,
    known: Known,
    model: str,
    *,
    guess_s: Array | None,
    halts: Sequence[Halt],
) -> tuple[Push, Run, list[str]]:
    """A push that leaves room for the cutoffs, if its finish is not given: `cutoffs.in_time`."""
    run_of = partial(_run, known, model)
    given = known.runner.known_from == "goal" and not known.passed
    push, run, notes = cutoffs.in_time(
        course, part, push, run_of, guess_s, halts=halts, given=given
    )
    return push, run, notes + slept_before(known, part, halts, run)


def _run(known: Known, model: str, push: Push, guess_s: Array | None) -> Run:
    """A push by the engine, which may begin from a guess, or by a plain model."""
    if model != ENGINE:
        return _plain_run(push, known, model)
    return engine.run(*known.inputs(push), guess_s=guess_s)


def _moving_s(near: Sequence[Estimate], first: int, count: int) -> Array | None:
    """The mean moving time of so many stages, one after another; None where none is known."""
    pushes = [one.stages[first : first + count] for one in near]
    steps_s = [np.concatenate([np.diff(stage.moving_s) for stage in push]) for push in pushes]
    return geo.so_far(np.mean(steps_s, axis=0)) if near else None


def _lost(inputs: Inputs, run: Run, stages: Sequence[StageEstimate]) -> list[Lost]:
    """Where the hours of a push go by stage, and what altitude costs."""
    causes = by_stage(losses_s(inputs[0], run, *inputs[1:]), stages)
    return list(zip(causes, altitude_losses(*inputs, stages), strict=True))


def _why(
    course: Course, profiles: Sequence[Profile], known: Known, lost: Sequence[Lost]
) -> Why | None:
    """Where the hours go, where that was worked out."""
    if not lost:
        return None
    causes, thin = zip(*lost, strict=True)
    return Why(causes, _plain_times(course, profiles, known), thin)


def _doubts(
    course: Course, runner: Runner, known: Known, stages: Sequence[StageEstimate]
) -> list[str]:
    """Notes where the race is longer than the runner's outings, and where its fields say otherwise.

    Stages start anew. Under way, times of earlier fields say nothing.
    """
    each_h = [float(stage.moving_s[-1]) / 3600.0 for stage in stages]
    notes = far(runner.name, runner.seen, sum(each_h))
    if course.format == "staged":
        notes = far(runner.name, runner.seen, max(each_h), "the longest stage of this race")
    elapsed_s = sum(stage.elapsed_s for stage in stages)
    results = () if known.passed else course.results
    return [*notes, *against_results(known.runner, results, elapsed_s)]


def plan_sleep(
    course: Course,
    profiles: Sequence[Profile],
    runner: Runner | str | None = None,
    policy: Policy | None = None,
    *,
    passed: Sequence[Passed] = (),
) -> list[dict[str, float]]:
    """Find up to three plans of sleep at places with beds.

    Parameters
    ----------
    course, profiles, runner, policy, passed
        As for `estimate`; the policy's own sleeps count before the last passage alone.

    Returns
    -------
    list of dict
        Each plan is seconds of sleep by point, as `Policy.sleeps` takes them: about half of the
        usual sleep, as much, and half as much again. Empty where no start is known, where no
        place has a bed, and where sleep changes little.

    Raises
    ------
    CourseError, ValueError, TypeError
        As `estimate` does.
    """
    asked = checked(
        (runner,), policy=policy, model=ENGINE, draws=0, seed=SEED, passed=passed, why=False
    )
    known = _plan(course, profiles, *asked)
    if passed:
        profiles, known = _under_way(course, profiles, known, ENGINE, passed)
    return sleep_plans.plans(course, _pushes(course, profiles), known)


def _plan(
    course: Course, profiles: Sequence[Profile], runners: Sequence[Runner], policy: Policy
) -> Known:
    """What is thought of the one runner before the start, with the pack that the race requires.

    A level is a place in the field of the whole race. Raises CourseError where elevations are
    missing.
    """
    if len(course.stages) != len(profiles):
        raise ValueError(f"{len(profiles)} profiles for {len(course.stages)} stages")
    for stage, profile in zip(course.stages, profiles, strict=True):
        if profile.cells is None:
            raise CourseError(f"stage {stage.number}: no elevation, so no duration")
    whole = runners[0].source == "level"
    who = moved(runners[0], ground_of_course(course, profiles, whole=whole))
    if course.pack_kg is not None:
        who = replace(who, pack_kg=max(who.pack_kg, course.pack_kg))
    apart = (scatter.WAY, scatter.DRIFT)
    if course.terrain_assumed:
        apart = (scatter.WAY_ASSUMED, scatter.DRIFT_ASSUMED)
    return Known(who, policy, spreads_for(who, course.terrain_spread), *apart)


def _under_way(
    course: Course, profiles: Sequence[Profile], known: Known, model: str, passed: Sequence[Passed]
) -> tuple[tuple[Profile, ...], Known]:
    """Profiles that have an edge at every passage, and what those say."""
    if model != ENGINE:
        raise ValueError(f"the model {model} cannot learn of a runner from passages")
    profiles = with_edges(course, profiles, passed)
    return profiles, learned(course, _pushes(course, profiles), known, passed)


def _with_earlier_days(
    stages: list[StageEstimate], inputs: Inputs, run: Run
) -> list[StageEstimate]:
    """A stage with what those before it added: against the same with fresh legs."""
    if run.hiked_s is None or len(inputs[0].passed):  # no engine, or what happened is known
        return stages
    rested_s = stages[0].elapsed_s
    if inputs[0].fresh != 1.0:
        fresh = engine.run(replace(inputs[0], fresh=1.0), *inputs[1:])
        rested_s = float(fresh.moving_s[-1] + fresh.stop_s.sum())
    return [replace(stages[0], earlier_days_s=stages[0].elapsed_s - rested_s)]


def _pushes(course: Course, profiles: Sequence[Profile]) -> list[list[tuple[Stage, Profile]]]:
    """Stages that are run without a night's rest between them."""
    each = list(zip(course.stages, profiles, strict=True))
    return [[one] for one in each] if course.format == "staged" else [each]


def _plain_times(course: Course, profiles: Sequence[Profile], known: Known) -> dict[str, float]:
    """Moving seconds of the whole race by each plain model."""
    found = dict.fromkeys((name for name in MODELS if name != ENGINE), 0.0)
    for part in _pushes(course, profiles):
        push = push_of(course, part, halts_of(course, part), 1.0, known.policy)
        for name in found:
            found[name] += float(_plain_run(push, known, name).moving_s[-1])
    return found


def _plain_run(push: Push, known: Known, model: str) -> Run:
    """Moving time by a plain model, slowed down by the day's factor; stops as the engine's.

    A model's own factor multiplies the runner's pace on the flat over the model's own duration,
    or, where it is one of walking, an easy walking pace.
    """
    runner, row = known.runner, MODELS[model]
    length_m = engine.slowdown_of(known.policy) * push.slowed * np.diff(push.edge_m)
    moving_h = 1.0
    for _ in range(engine.ROUNDS):
        held = float(endurance.held_factor(moving_h, runner.decay, runner.ease, JUDGEMENT))
        flat_mps = runner.flat_speed_mps * held if row.knows_runner else gait.EASY_WALK_MPS
        cell_s = length_m * pace_s_per_m(row, push.grade, flat_mps)
        before, moving_h = moving_h, float(cell_s.sum()) / 3600.0
        if abs(moving_h - before) < engine.TOLERANCE * moving_h:
            break
    moving_s = geo.so_far(cell_s)
    stop_s, sleep_s = stops.standing(push.sites, push.edge_m, moving_s, runner, JUDGEMENT)
    sleep_s = stops.worthwhile(push.sites, stop_s, sleep_s)
    return Run(moving_s, None, None, None, None, None, stop_s + sleep_s, sleep_s)


def _unheard(policy: Policy, model: str) -> list[str]:
    """What a policy says and is not used: by a plain model, or by anybody."""
    usual = Policy()
    given = {
        "hiking above a grade": policy.hike_above != usual.hike_above,
        "the altitude of home": policy.home_altitude_m != usual.home_altitude_m,
        "acclimatisation": policy.acclimatised != usual.acclimatised,
    }
    unused = [what for what, is_given in given.items() if is_given]
    if model == ENGINE and given["the altitude of home"] and policy.acclimatised:
        return ["the altitude of home changes nothing for a runner who is used to altitude"]
    if model == ENGINE or not unused:
        return []
    return [f"the model {model} does not know {' and '.join(unused)}: not used"]


def _clipped(course: Course, profiles: Sequence[Profile], model: str) -> list[str]:
    """One note of all that is steeper than the model knows."""
    shares: dict[int, float] = {}
    for stage, profile in zip(course.stages, profiles, strict=True):
        assert profile.cells is not None
        share, cells = profile.clipped_share, profile.cells
        if model != ENGINE:
            share = max(share, clipped_share(MODELS[model], cells.grade, cells.length_m))
        if share >= 0.0005:
            shares[stage.number] = share
    if not shares:
        return []
    worst = max(shares, key=lambda number: shares[number])
    where = f"{100.0 * shares[worst]:.1f} % of the length is"
    if len(course.stages) > 1:
        where = f"up to {where}" if len(shares) > 1 else where
        numbers = ", ".join(map(str, shares))
        where = f"stage{'s' if len(shares) > 1 else ''} {numbers}: {where}"
    return [f"{where} steeper than the model {model} knows and counts as its steepest grade"]
