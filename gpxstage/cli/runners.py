"""Runner options -> a Runner and a Policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gpxstage.cli.measuring import load
from gpxstage.cli.values import distance_m, duration_s, flat_time_s
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator import Policy, estimate, fit
from gpxstage.estimator.fit.made import by_length_and_climb
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import asked_for
from gpxstage.estimator.runner import DEFAULT_LEVEL, LEVELS, Runner
from gpxstage.estimator.runner.seen import ground_of_course
from gpxstage.geo import steps_m
from gpxstage.profile import measure
from gpxstage.report.units import hours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Course
    from gpxstage.profile import Profile

    Measured = tuple[Course, Sequence[Profile]]

SAME_LENGTH, SAME_PLACE_M = 0.03, 2000.0  # of a race in two years: its length, start and finish
Found = tuple[Runner | None, Policy, tuple[str, ...]]


def runner_and_policy(
    course: Course, profiles: Sequence[Profile], model: str, wishes: dict[str, Any]
) -> Found:
    """Whom the options mean, under which policy, and what is odd about it."""
    policy = _policy(course, wishes)
    raced = results(wishes, (course, profiles))
    clues = [result.clue(fit.unchanged) for result in raced]
    if wishes["index"] is not None:
        clues.append(fit.from_index(wishes["index"]))
    known = [name for name in ("level", "goal", "runner") if wishes[name] not in (None, ())]
    if wishes["effort"] and not wishes["runner"]:
        raise click.UsageError("--effort needs --runner: nothing else was recorded")
    if wishes["gait"] and not wishes["runner"]:
        raise click.UsageError("--as needs --runner: nothing else was recorded")
    if clues:
        known.append("what was raced")
    if len(known) > 1:
        raise click.UsageError(f"{' and '.join(known)} exclude each other: who is the runner?")
    notes: tuple[str, ...] = ()
    if wishes["goal"] is not None:
        if not MODELS[model].knows_runner:
            raise click.UsageError(f"--goal: by --model {model} all runners take the same time")
        if any(profile.cells is None for profile in profiles):
            return None, policy, ()
        what = f"goal {hours(wishes['goal'])}"
        time_of = _time_of(course, profiles, model, policy, wishes)
        runner, notes = fit.for_goal(time_of, wishes["goal"], what)
        notes = (_implied(runner), *notes)
    elif clues:
        runner, notes = fit.combine(clues)
        notes = (*notes, *(note for result in raced for note in result.notes))
    elif wishes["runner"] is not None:
        from gpxstage.estimator.runner.files import read_runner  # loads msgspec

        effort = efforts(course, wishes)[0]
        runner, notes = read_runner(wishes["runner"], effort, wishes["gait"])
    else:
        runner = LEVELS[next(iter(wishes["level"]), DEFAULT_LEVEL)]
    return _loaded(runner, wishes), policy, notes


def _policy(course: Course, wishes: dict[str, Any]) -> Policy:
    policy = Policy(
        hike_above=wishes["hike_above"],
        slowdown=wishes["conditions"],
        home_altitude_m=wishes["home_altitude"],
        acclimatised=wishes["acclimatised"],
        sleeps=_sleeps(wishes["sleep"]),
        stops=_once("stop", wishes["stop"]),
    )
    try:
        asked_for(course, policy)
    except CourseError as error:
        raise click.UsageError(f"--sleep or --stop: {error}") from None
    return policy


def _sleeps(given: Sequence[tuple[str, float]]) -> dict[str, float] | None:
    """All sleeps that are given; None where they are as usual."""
    words = [name for name, _ in given if name in ("auto", "none")]
    if words and len(given) > 1:
        raise click.UsageError(f"--sleep {words[0]} stands alone")
    if words or not given:
        return {} if words == ["none"] else None
    return _once("sleep", given)


def _once(option: str, given: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Durations by name, none of them twice."""
    for name, count in Counter(name for name, _ in given).items():
        if count > 1:
            raise click.UsageError(f"--{option} {name}: is named twice")
    return dict(given)


def efforts(course: Course, wishes: dict[str, Any]) -> tuple[str | None, ...]:
    """How hard a fitted runner goes: in a race as in one, and beside it as recorded.

    What is run without a limit, a cutoff or anybody's result may be any outing.
    """
    cutoffs = (point.cutoff_s for stage in course.stages for point in stage.points)
    limits = (course.limit_s, *(stage.limit_s for stage in course.stages), *cutoffs)
    is_race = bool(course.results) or any(limit is not None for limit in limits)
    if not wishes["runner"] or wishes["effort"] or wishes["gait"] == "hike" or not is_race:
        return (wishes["effort"],)
    return ("race",) if wishes["passed"] or wishes["plans"] else ("race", "recorded")


def as_both(course: Course, wishes: dict[str, Any], runner: Runner) -> tuple[Runner, ...]:
    """A fitted runner in a race and, after that, as hard as recorded; else the runner alone."""
    if len(efforts(course, wishes)) == 1:
        return (runner,)
    from gpxstage.estimator.runner.files import read_file, runner_of

    file = read_file(wishes["runner"])
    if file.effort == "race":
        return (runner,)
    recorded = _loaded(runner_of(file, "recorded", wishes["gait"])[0], wishes)
    return (
        replace(runner, name=f"{runner.name}, in a race"),
        replace(recorded, name=f"{runner.name}, as recorded"),
    )


def others(model: str, wishes: dict[str, Any]) -> tuple[Runner, ...]:
    """The rest of a field, where several levels are asked for: no plan is all of theirs."""
    if len(wishes["level"]) > 1:
        for option in ("sleep", "stop", "passed", "plans"):
            if wishes.get(option):
                raise click.UsageError(f"--{option} is of one runner: not with several --level")
        if not MODELS[model].knows_runner:
            raise click.UsageError(f"--level: by --model {model} all runners take the same time")
    return tuple(_loaded(LEVELS[name], wishes) for name in wishes["level"][1:])


def crew_items(wishes: dict[str, Any]) -> tuple[str, ...]:
    """What the crew is to bring: as asked for, or as the runner file says."""
    given: tuple[str, ...] = wishes.get("crew_items", ())
    if given or not wishes["runner"]:
        return given
    from gpxstage.estimator.runner.files import read_file  # loads msgspec

    return read_file(wishes["runner"]).crew_items


def results(wishes: dict[str, Any], asked: Measured | None = None) -> list[fit.Result]:
    """What was raced: flat distances and past courses, one of them perhaps that asked about."""
    found = []
    for distance, time in wishes["flat"]:
        length_m = distance_m(distance)
        if length_m is None:
            raise click.UsageError(f"--flat {distance}: a distance is 10km, 13.1mi, marathon")
        elapsed_s = flat_time_s(time, length_m)
        if elapsed_s is None:
            raise click.UsageError(f"--flat {distance} {time}: a time is 38:00, 3:10:00, 90min")
        what = f"{distance} in {time}"
        found.append(fit.Result(partial(fit.from_flat, what, length_m, elapsed_s), elapsed_s))
    for source, time in wishes["past"]:
        elapsed_s = duration_s(time)
        if elapsed_s is None:
            raise click.UsageError(f"--past {source} {time}: a time is 38:00 (h:mm) or 38h")
        made = by_length_and_climb(source)
        past = made or load((source,))
        profiles = [measure(stage.track) for stage in past.stages]
        time_of = _time_of(past, profiles, "gait", Policy(), {"pack": None, "body": None})
        what = f"{past.name} in {time}"
        here = asked is not None and _same_way(asked, (past, profiles))
        ground = ground_of_course(past, profiles, made=made is not None)
        clue = partial(fit.from_past, what, time_of, elapsed_s, here=here, ground=ground)
        found.append(fit.Result(clue, elapsed_s, _assumed(past)))
    return found


def _same_way(one: Measured, other: Measured) -> bool:
    """Do two courses go the same way, as a race does in two years?"""
    length_m, past_m = (sum(p.length_m for p in profiles) for _, profiles in (one, other))
    tracks = [(c.stages[k].track, k) for k in (0, -1) for c, _ in (one, other)]
    lat_deg = np.array([track.lat_deg[k] for track, k in tracks])
    lon_deg = np.array([track.lon_deg[k] for track, k in tracks])
    apart_m = steps_m(lat_deg, lon_deg)[[0, 2]]  # start from start, finish from finish
    return abs(length_m / past_m - 1.0) <= SAME_LENGTH and bool((apart_m <= SAME_PLACE_M).all())


def _assumed(past: Course) -> tuple[str, ...]:
    """That nobody has said how rough a past course was."""
    if not past.terrain_assumed:
        return ()
    return (f"--past {past.name}: no terrain: {DEFAULT_TERRAIN} (mountain trail) is taken",)


def _time_of(
    course: Course,
    profiles: Sequence[Profile],
    model: str,
    policy: Policy,
    wishes: dict[str, Any],
) -> Callable[[Runner], float]:
    def elapsed_s(runner: Runner) -> float:
        carried = _loaded(runner, wishes)
        return estimate(course, profiles, carried, model=model, policy=policy).elapsed_s

    return elapsed_s


def _loaded(runner: Runner, wishes: dict[str, Any]) -> Runner:
    given = {"pack_kg": wishes["pack"], "body_kg": wishes["body"]}
    return replace(runner, **{key: value for key, value in given.items() if value is not None})


def _implied(runner: Runner) -> str:
    worth = ", ".join(f"{name} {_race(s)}" for name, s in fit.equivalents(runner).items())
    return f"{runner.name} asks for the shape of a runner who does on flat road: {worth}"


def _race(value_s: float) -> str:
    minutes, rest = divmod(round(value_s), 60)
    return (
        f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
        if minutes >= 60
        else f"{minutes}:{rest:02d}"
    )
