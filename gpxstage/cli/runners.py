"""The options of the runner and of the plan -> runners, a policy, and notes about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from gpxstage.cli.options import CourseOptions, RunnerOptions, WeightOptions
from gpxstage.cli.values import distance_m, flat_time_s, no_half_course, typed
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator import Policy, estimate, fit
from gpxstage.estimator.fit import by_length_and_climb
from gpxstage.estimator.learnt import ground_of_course
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import wanted_at
from gpxstage.estimator.runner import DEFAULT_LEVEL, LEVELS, Runner
from gpxstage.facts.parts import parts_of, points
from gpxstage.geo import steps_m
from gpxstage.profile import measure
from gpxstage.text import duration_s
from gpxstage.units import hms, hours, percent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gpxstage.cli.options import PlanOptions, RaceOptions, ResultOptions
    from gpxstage.course import Array, Course
    from gpxstage.estimator import Estimate
    from gpxstage.estimator.runner_file import RunnerFile
    from gpxstage.profile import Profile

# options that say who runs, and those that a model of distance and grade alone cannot use
RUNNERS = ("--level", "--runner", "--effort", "--flat", "--past", "--index")
UNUSED = ("--terrain", "--pack", "--body", "--draws", "--seed", "--why")
# options that say under which conditions the race to estimate is run
CONDITIONS = (
    *("--format", "--start", "--wave", "--terrain", "--pack", "--conditions"),
    *("--home-altitude", "--acclimatised"),
)
# of a race in two years (judgement): its length, and how far apart the same share of the way is
SAME_LENGTH, SAME_PLACE_M = 0.03, 2000.0
FLAT_M_PER_KM = 10.0  # of climb: a past course with less is a road, if nobody knows (judgement)
SPARE_S = 1800.0  # before a cutoff, for who asks to be inside (judgement)
NO_NOTES: tuple[str, ...] = ()
SHARES = np.linspace(0.0, 1.0, 11)  # of the way, where two courses are compared


class Field(NamedTuple):
    """Who runs: the runner (None where no estimate can find one), the others, and how they go."""

    runner: Runner | None
    others: tuple[Runner, ...]
    policy: Policy
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Race:
    """A course under its conditions: `fit.solve` finds the ability that a time on it needs."""

    course: Course
    profiles: Sequence[Profile]
    policy: Policy
    weight: WeightOptions
    model: str = "gait"

    def elapsed_s(self, runner: Runner) -> float:
        """What this race takes a runner, stops and sleep included."""
        return self._run(runner).elapsed_s

    def late_of_cutoffs(self, runner: Runner) -> float:
        """When a runner is ready to leave, half an hour added: the worst share of a cutoff."""
        parts = parts_of(self.course, tuple(self.profiles), self._run(runner), estimated=True)
        shares = [
            (point.cutoff_s - point.margin_s.p50 + SPARE_S) / point.cutoff_s
            for part in parts
            for point in points(part)
            if point.cutoff_s and point.margin_s.p50 is not None
        ]
        if not shares:
            raise CourseError("--inside: the race has neither cutoffs nor a limit")
        return max(shares)

    def _run(self, runner: Runner) -> Estimate:
        who = carried(self.course, runner, self.weight)
        return estimate(self.course, self.profiles, who, model=self.model, policy=self.policy)


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
        each = [_of_file(course, file, who, both=both) for file in _files(who.files)]
        runners = tuple(runner for found, _ in each for runner in found)
        notes = tuple(dict.fromkeys(note for _, noted in each for note in noted))
        return Field(runners[0], runners[1:], policy, notes)
    there = Race(course, profiles, policy, who.weight, race.model.name)
    runner, notes = _of_options(there, who)
    others = tuple(carried(course, LEVELS[name], who.weight) for name in who.level[1:])
    return Field(runner, others, policy, notes)


def _of_options(there: Race, who: RunnerOptions) -> tuple[Runner | None, tuple[str, ...]]:
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


def _solved(there: Race, goal_s: float | None) -> tuple[Runner, tuple[str, ...]]:
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


def carried(course: Course, runner: Runner, weight: WeightOptions) -> Runner:
    """The runner with the weights that are given; without them nobody has a pack on a road."""
    on_road = all(stage.terrain == 0.0 for stage in course.stages)
    return weight.on(replace(runner, pack_kg=0.0) if on_road else runner)


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


def crew_items(who: RunnerOptions) -> tuple[str, ...]:
    """What the crew brings by the runner file; nothing without one."""
    if not who.files:
        return ()
    from gpxstage.estimator.runner_file import read_file  # loads msgspec

    return read_file(who.files[0]).crew_items  # the card is that of the first one


def results(
    raced: ResultOptions, weight: WeightOptions, there: Race | None = None
) -> list[fit.Result]:
    """What was raced, as `--flat` and `--past` give it; *there* is the race to estimate."""
    found = [_flat(distance, time) for distance, time in raced.flat]
    return found + [_past(source, time, weight, there) for source, time in raced.past]


def _flat(distance: str, time: str) -> fit.Result:
    length_m = distance_m(distance)
    if length_m is None:
        raise click.UsageError(f"--flat {distance}: a distance is 10km, 13.1mi, marathon")
    elapsed_s = flat_time_s(time, length_m)
    if elapsed_s is None:
        raise click.UsageError(f"--flat {distance} {time}: a time is 38:00, 3:10:00, 90min")
    what = f"{distance} in {time}"
    return fit.Result(partial(fit.from_flat, what, length_m, elapsed_s), elapsed_s)


def _past(source: str, time: str, weight: WeightOptions, there: Race | None) -> fit.Result:
    """A past race under its own conditions, or under those of *there* where it is that course."""
    elapsed_s = duration_s(time)
    if elapsed_s is None:
        raise click.UsageError(f"--past {source} {time}: a time is 38:00 (h:mm) or 38h")
    made = by_length_and_climb(source)
    if made is None:
        no_half_course(source)
    course = made or CourseOptions((source,)).load()
    profiles = [measure(stage.track) for stage in course.stages]
    course, notes = _with_terrain(course, profiles)
    ground = ground_of_course(course, profiles, made=made is not None)
    usual = WeightOptions(body_kg=weight.body_kg)
    race, what = Race(course, profiles, Policy(), usual), f"{course.name} in {time}"
    here = there is not None and _same_way(there, race)
    if there is not None and here:
        as_usual = replace(there.policy, sleeps=None, stops={}, hike_above=None)
        race, notes = replace(there, policy=as_usual, model="gait"), NO_NOTES
        if given := typed(*CONDITIONS):
            same = "this is the course that the estimate is for, so that time counts under the same"
            notes = (f"--past {what}: {same} conditions ({', '.join(given)})",)
    clue = partial(fit.from_past, what, race.elapsed_s, elapsed_s, here=here, ground=ground)
    return fit.Result(clue, elapsed_s, notes)


def _same_way(one: Race, other: Race) -> bool:
    """Do two courses go the same way, as a race does in two years?"""
    lengths_m = [sum(profile.length_m for profile in race.profiles) for race in (one, other)]
    if abs(lengths_m[0] / lengths_m[1] - 1.0) > SAME_LENGTH:
        return False
    (lat, lon), (other_lat, other_lon) = _places(one), _places(other)
    pairs = (np.column_stack([a, b]).ravel() for a, b in ((lat, other_lat), (lon, other_lon)))
    apart_m = steps_m(*pairs)[::2]
    return bool((apart_m <= max(SAME_PLACE_M, SAME_LENGTH * lengths_m[0])).all())


def _places(race: Race) -> tuple[Array, Array]:
    """Latitude and longitude at SHARES of the way."""
    lat = np.concatenate([profile.lat_deg for profile in race.profiles])
    lon = np.concatenate([profile.lon_deg for profile in race.profiles])
    nodes = np.round(SHARES * (len(lat) - 1)).astype(int)  # profiles are even grids
    return lat[nodes], lon[nodes]


def _with_terrain(past: Course, profiles: Sequence[Profile]) -> tuple[Course, tuple[str, ...]]:
    """A past course, and what had to be assumed where nobody knows how rough it was."""
    if not past.terrain_assumed:
        return past, ()
    where, length_m = f"--past {past.name}", sum(profile.length_m for profile in profiles)
    if sum(profile.gain_m or 0.0 for profile in profiles) > FLAT_M_PER_KM * length_m / 1000.0:
        return past, (f"{where}: no terrain: {DEFAULT_TERRAIN} (mountain trail) is taken",)
    stages = tuple(replace(stage, terrain=0.0) for stage in past.stages)
    note = f"{where}: no terrain, and it is flat: a road race without a pack is taken"
    return replace(past, stages=stages), (note,)
