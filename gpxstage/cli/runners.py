"""Runner options -> a Runner and a Policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli.options import typed
from gpxstage.cli.raced import Race, carried, results
from gpxstage.course import CourseError
from gpxstage.estimator import Policy, fit
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import asked_for
from gpxstage.estimator.runner import DEFAULT_LEVEL, LEVELS, Runner
from gpxstage.units import hms, hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.profile import Profile

RUNNERS = ("level", "runner", "effort", "flat", "past", "index")  # options that say who runs
Found = tuple[Runner | None, Policy, tuple[str, ...]]


def runner_and_policy(
    course: Course, profiles: Sequence[Profile], model: str, wishes: dict[str, Any]
) -> Found:
    """Whom the options mean, under which policy, and what is odd about it."""
    policy = _policy(course, wishes)
    pack_kg, body_kg = wishes["pack"], wishes["body"]
    race = Race(course, profiles, policy, pack_kg, body_kg, model)
    raced = results(wishes, race)
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
        runner, notes = fit.for_goal(race.elapsed_s, wishes["goal"], what)
        notes = (_implied(runner), *notes)
    elif clues:
        runner, notes = fit.combine(clues)
        notes = (*notes, *(note for result in raced for note in result.notes))
    elif wishes["runner"] is not None:
        from gpxstage.estimator.runner_file import read_file, runner_of  # loads msgspec

        effort = efforts(course, wishes)[0]
        runner, notes = runner_of(read_file(wishes["runner"]), effort, wishes["gait"])
        pack_kg = runner.pack_kg if pack_kg is None else pack_kg
    else:
        runner = LEVELS[next(iter(wishes["level"]), DEFAULT_LEVEL)]
    return carried(course, runner, pack_kg, body_kg), policy, notes


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
    from gpxstage.estimator.runner_file import read_file, runner_of

    file = read_file(wishes["runner"])
    if file.effort == "race":
        return (runner,)
    easy = runner_of(file, "recorded", wishes["gait"])[0]
    pack_kg = easy.pack_kg if wishes["pack"] is None else wishes["pack"]
    recorded = carried(course, easy, pack_kg, wishes["body"])
    return (
        replace(runner, name=f"{runner.name}, in a race"),
        replace(recorded, name=f"{runner.name}, as recorded"),
    )


def others(course: Course, model: str, wishes: dict[str, Any]) -> tuple[Runner, ...]:
    """The rest of a field, where several levels are asked for: no plan is all of theirs."""
    if len(wishes["level"]) > 1:
        for option in ("sleep", "stop", "passed", "plans"):
            if wishes.get(option):
                raise click.UsageError(f"--{option} is of one runner: not with several --level")
        if not MODELS[model].knows_runner:
            raise click.UsageError(f"--level: by --model {model} all runners take the same time")
    weights = (wishes["pack"], wishes["body"])
    return tuple(carried(course, LEVELS[name], *weights) for name in wishes["level"][1:])


def unused(model: str) -> list[str]:
    """Notes of the options that were given and that a plain model cannot use."""
    if model == "gait":
        return []
    notes = []
    if given := typed("terrain", "pack", "body", "draws", "seed", "why"):
        notes.append(f"--model {model} goes by distance and grade alone: {_none(given)}")
    if not MODELS[model].knows_runner and (given := typed(*RUNNERS)):
        same = f"--model {model} gives all runners the same moving time"
        notes.append(f"{same}: beside stops and sleep, {_none(given)}")
    return notes


def _none(given: Sequence[str]) -> str:
    return f"{', '.join(given)} {'changes' if len(given) == 1 else 'change'} nothing"


def crew_items(wishes: dict[str, Any]) -> tuple[str, ...]:
    """What the crew is to bring: as asked for, or as the runner file says."""
    given: tuple[str, ...] = wishes.get("crew_items", ())
    if given or not wishes["runner"]:
        return given
    from gpxstage.estimator.runner_file import read_file  # loads msgspec

    return read_file(wishes["runner"]).crew_items


def _implied(runner: Runner) -> str:
    worth = ", ".join(f"{name} {hms(s)}" for name, s in fit.equivalents(runner).items())
    return f"{runner.name} asks for the shape of a runner who does on flat road: {worth}"
