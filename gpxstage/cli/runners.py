"""The options of the runner and of the plan -> runners, a policy, and notes about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gpxstage.cli.options import RunnerOptions, WeightOptions
from gpxstage.cli.raced import NO_NOTES, RaceDay, carried, results
from gpxstage.cli.values import typed
from gpxstage.course import CourseError
from gpxstage.estimator import Policy, fit
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import wanted_at
from gpxstage.estimator.runner import DEFAULT_LEVEL, LEVELS, Runner
from gpxstage.units import hms, hours, percent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gpxstage.cli.options import PlanOptions, RaceOptions
    from gpxstage.course import Course
    from gpxstage.estimator.runner_file import RunnerFile
    from gpxstage.profile import Profile

# options that say who runs, and those that a model of distance and grade alone cannot use
RUNNERS = ("--level", "--runner", "--effort", "--flat", "--past", "--index")
UNUSED = ("--terrain", "--pack", "--body", "--draws", "--seed", "--why")


class Field(NamedTuple):
    """Who runs: the runner (None where no estimate can find one), the others, and how they go."""

    runner: Runner | None
    others: tuple[Runner, ...]
    policy: Policy
    notes: tuple[str, ...]
    crew_items: tuple[str, ...] = ()  # of the first runner file: the crew card is that runner's


def check_together(race: RaceOptions, *, plans: bool, arrive: bool = False) -> None:
    """A usage error for options that contradict each other, whatever the course is."""
    who, plan, model = race.runner, race.plan, race.model.name
    several = _several(who)
    if plan.passed and (model != "gait" or several):
        raise click.UsageError("--passed is about one runner, and not for a plain --model")
    if arrive and plan.passed:
        raise click.UsageError("--arrive is for before the start, not with --passed")
    if plans and model != "gait":
        raise click.UsageError("--plans: a plain --model knows no sleep")
    for flag, given in (("--effort", who.effort), ("--as", who.gait)):
        if given and not who.files:
            raise click.UsageError(f"{flag} needs --runner: nothing else was recorded")
    ways = {
        "level": bool(who.level),
        "goal": who.goal_s is not None,
        "inside": who.inside,
        "runner": bool(who.files),
        "what was raced": _raced(who),
    }
    known = [name for name, is_given in ways.items() if is_given]
    if len(known) > 1:
        raise click.UsageError(f"{' and '.join(known)} exclude each other: who is the runner?")
    wishes = {"--plans": plans, "--arrive": arrive}
    if several and not who.together:
        wishes |= {"--sleep": bool(plan.sleep), "--stop": bool(plan.stop)}
    for flag, wish in wishes.items():
        if wish and several:
            raise click.UsageError(f"{flag} is for one runner: not with {several}")
    for flag, is_given in (
        ("--goal", who.goal_s is not None),
        ("--inside", who.inside),
        ("--arrive", arrive),
        ("--level", len(who.level) > 1),
        ("--runner", len(who.files) > 1),
    ):
        if is_given and not MODELS[model].knows_runner:
            raise click.UsageError(f"{flag}: by --model {model} all runners take the same time")


def _several(who: RunnerOptions) -> str:
    """Several runners, as they were typed; nothing for one. Raises UsageError for no team."""
    if who.together and len(who.files) != 2:
        raise click.UsageError("--together: a team is two runners: give --runner twice")
    if len(who.files) > 1:
        return "--together" if who.together else "several --runner"
    return "several --level" if len(who.level) > 1 else ""


def _raced(who: RunnerOptions) -> bool:
    return bool(who.results.flat or who.results.past or who.index is not None)


def field(
    course: Course, profiles: Sequence[Profile], race: RaceOptions, *, both_efforts: bool
) -> Field:
    """The runners that the options mean; *both_efforts* of a fitted one where this is a race."""
    who, policy = race.runner, _policy(course, race)
    if who.files:
        both = both_efforts and race.model.name == "gait" and not race.plan.passed
        both = both and len(who.files) == 1
        files = _files(who.files)
        each = [_of_file(course, file, who, both=both) for file in files]
        runners = tuple(runner for found, _ in each for runner in found)
        notes = tuple(dict.fromkeys(note for _, noted in each for note in noted))
        return Field(runners[0], runners[1:], policy, notes, files[0].crew_items)
    there = RaceDay(course, profiles, policy, who.weight, race.model.name)
    runner, notes = _of_options(there, who)
    others = tuple(carried(course, LEVELS[name], who.weight) for name in who.level[1:])
    return Field(runner, others, policy, notes)


def _of_options(there: RaceDay, who: RunnerOptions) -> tuple[Runner | None, tuple[str, ...]]:
    """The runner of a goal, of results or of a level, and notes about them."""
    runner, notes = LEVELS[next(iter(who.level), DEFAULT_LEVEL)], NO_NOTES
    if who.goal_s is not None or who.inside:
        if any(profile.cells is None for profile in there.profiles):
            return None, ()
        runner, noted = _solved(there, who.goal_s)
        worth = ", ".join(f"{name} {hms(s)}" for name, s in fit.equivalents(runner).items())
        notes = (f"{runner.name} needs a runner who runs on a flat road: {worth}", *noted)
    elif _raced(who):
        raced = results(who.results, who.weight, there)
        clues = [result.clue(fit.unchanged) for result in raced]
        clues += [fit.from_index(who.index)] if who.index is not None else []
        runner, noted = fit.combine(clues)
        notes = (*noted, *(note for result in raced for note in result.notes))
    return carried(there.course, runner, who.weight), notes


def _solved(there: RaceDay, goal_s: float | None) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a goal; without one, the slowest who is in time everywhere."""
    if goal_s is not None:
        return fit.for_goal(there.elapsed_s, goal_s, f"goal {hours(goal_s)}")
    what = "inside all cutoffs by half an hour"
    try:
        return fit.for_goal(there.late_of_cutoffs, 1.0, what)
    except fit.UnmetError:
        raise CourseError(f"--inside: no runner that can be estimated is {what}") from None


def _of_file(
    course: Course, file: RunnerFile, who: RunnerOptions, *, both: bool
) -> tuple[tuple[Runner, ...], tuple[str, ...]]:
    """The runner of a file, and after that, with *both*, the same as hard as recorded.

    A race is run as hard as a race; a course that `_is_race` does not know may be any outing.
    """
    from gpxstage.estimator.runner_file import runner_of  # loads msgspec

    raced = who.effort is None and who.gait != "hike" and _is_race(course)
    runner, notes = runner_of(file, "race" if raced else who.effort, who.gait)
    found = [runner]
    if both and raced and file.effort != "race":
        easy = replace(runner_of(file, "recorded", who.gait)[0], name=f"{runner.name}, as recorded")
        found = [replace(runner, name=f"{runner.name}, in a race"), easy]
    return tuple(map(who.weight.on, found)), notes


def of_a_race(
    course: Course, names: Sequence[str], weight: WeightOptions
) -> tuple[dict[str, Runner], tuple[str, ...]]:
    """The runners of a race by their names, and notes: a level of the field, or that of a file."""
    found: dict[str, Runner] = {}
    notes: list[str] = []
    as_in_a_race = RunnerOptions(effort="race", weight=weight)
    paths = list(dict.fromkeys(who for who in names if who not in LEVELS))
    files = dict(zip(paths, _files(paths, LEVELS), strict=True))
    for who in names:
        if who in LEVELS:
            found[who] = carried(course, LEVELS[who], weight)
        elif who not in found:
            (found[who],), noted = _of_file(course, files[who], as_in_a_race, both=False)
            notes += noted
    return found, tuple(notes)


def _files(paths: Sequence[str], taken: Collection[str] = ()) -> list[RunnerFile]:
    """Runner files; where one name is that of two or is *taken*, each is called by its file too."""
    from gpxstage.estimator.runner_file import read_file  # loads msgspec

    found = [read_file(path) for path in paths]
    names = [*taken, *(file.name for file in found)]
    stems = [Path(path).stem for path in paths]
    stems = stems if len(set(stems)) == len(paths) else list(paths)
    return [
        replace(file, name=f"{file.name} ({stem})") if names.count(file.name) > 1 else file
        for file, stem in zip(found, stems, strict=True)
    ]


def _is_race(course: Course) -> bool:
    """Whether a course has what only races have; hikers begin a day when they are ready."""
    timed = course.format == "staged" and all(stage.start for stage in course.stages)
    if timed and len(course.stages) > 1:
        return True
    cutoffs = (point.cutoff_s for stage in course.stages for point in stage.points)
    limits = (course.limit_s, *(stage.limit_s for stage in course.stages), *cutoffs)
    return bool(course.results) or any(limit is not None for limit in limits)


def _policy(course: Course, race: RaceOptions) -> Policy:
    plan, who = race.plan, race.runner
    policy = Policy(
        hike_above=plan.hike_above,
        slowdown=plan.conditions,
        home_altitude_m=who.home_altitude_m,
        acclimatised=who.acclimatised,
        sleeps=_sleeps(plan),
        stops=_once("--stop", plan.stop),
    )
    try:
        wanted_at(course, policy)
    except CourseError as error:
        raise click.UsageError(f"--sleep or --stop: {error}") from None
    return policy


def _sleeps(plan: PlanOptions) -> dict[str, float] | None:
    """All sleeps that are given; None where they are as usual."""
    words = [name for name, _ in plan.sleep if name in ("auto", "none")]
    if words and len(plan.sleep) > 1:
        raise click.UsageError(f"--sleep {words[0]} cannot be given with another --sleep")
    if words or not plan.sleep:
        return {} if words == ["none"] else None
    return _once("--sleep", plan.sleep)


def _once(flag: str, given: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Durations by name, none of them twice."""
    for name, count in Counter(name for name, _ in given).items():
        if count > 1:
            raise click.UsageError(f"{flag} {name}: is named twice")
    return dict(given)


def unused(model: str) -> list[str]:
    """Notes of the options that were given and that a plain model cannot use."""
    if model == "gait":
        return []
    notes = []
    if given := typed(*UNUSED):
        notes.append(f"--model {model} goes by distance and grade alone: {_none(given)}")
    if not MODELS[model].knows_runner and (given := typed(*RUNNERS)):
        same = f"--model {model} gives all runners the same moving time"
        notes.append(f"{same}: beside stops and sleep, {_none(given)}")
    return notes


def _none(given: Sequence[str]) -> str:
    return f"{', '.join(given)} {'changes' if len(given) == 1 else 'change'} nothing"


def slowed(plan: PlanOptions) -> list[str]:
    """A note that a part of the race goes at another speed."""
    if plan.slower is None:
        return []
    start, end = "the last passage" if plan.passed else "the start", plan.until or "the finish"
    more = ": more hours on the way tire besides" if plan.slower < 1.0 else ""
    return [f"{percent(plan.slower)} % of the expected speed from {start} to {end}{more}"]
