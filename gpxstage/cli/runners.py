"""Runner options -> a Runner and a Policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gpxstage.cli.asked import distance_m, flat_time_s
from gpxstage.cli.measuring import load
from gpxstage.cli.options import typed
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator import Policy, estimate, fit
from gpxstage.estimator.fit import by_length_and_climb
from gpxstage.estimator.learnt import ground_of_course
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import asked_for
from gpxstage.estimator.runner import DEFAULT_LEVEL, LEVELS, Runner
from gpxstage.geo import steps_m
from gpxstage.profile import measure
from gpxstage.text import duration_s
from gpxstage.units import hms, hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.cli.asked import Request
    from gpxstage.course import Array, Course
    from gpxstage.profile import Profile


RUNNERS = ("level", "runner", "effort", "flat", "past", "index")  # options that say who runs
Found = tuple[Runner | None, Policy, tuple[str, ...]]


def runner_and_policy(course: Course, profiles: Sequence[Profile], asked: Request) -> Found:
    """Whom the options mean, under which policy, and what is odd about it."""
    policy = _policy(course, asked)
    pack_kg, body_kg = asked.pack, asked.body
    race = Race(course, profiles, policy, pack_kg, body_kg, asked.model)
    raced = results(asked.flat, asked.past, body_kg, race)
    clues = [result.clue(fit.unchanged) for result in raced]
    if asked.index is not None:
        clues.append(fit.from_index(asked.index))
    known = [name for name in ("level", "goal", "runner") if getattr(asked, name) not in (None, ())]
    if asked.effort and not asked.runner:
        raise click.UsageError("--effort needs --runner: nothing else was recorded")
    if asked.gait and not asked.runner:
        raise click.UsageError("--as needs --runner: nothing else was recorded")
    if clues:
        known.append("what was raced")
    if len(known) > 1:
        raise click.UsageError(f"{' and '.join(known)} exclude each other: who is the runner?")
    notes: tuple[str, ...] = ()
    if asked.goal is not None:
        if not MODELS[asked.model].knows_runner:
            raise click.UsageError(f"--goal: {_all_alike(asked.model)}")
        if any(profile.cells is None for profile in profiles):
            return None, policy, ()
        what = f"goal {hours(asked.goal)}"
        runner, notes = fit.for_goal(race.elapsed_s, asked.goal, what)
        notes = (_implied(runner), *notes)
    elif clues:
        runner, notes = fit.combine(clues)
        notes = (*notes, *(note for result in raced for note in result.notes))
    elif asked.runner is not None:
        from gpxstage.estimator.runner_file import read_file, runner_of  # loads msgspec

        effort = efforts(course, asked)[0]
        runner, notes = runner_of(read_file(asked.runner), effort, asked.gait)
        pack_kg = runner.pack_kg if pack_kg is None else pack_kg
    else:
        runner = LEVELS[next(iter(asked.level), DEFAULT_LEVEL)]
    return carried(course, runner, pack_kg, body_kg), policy, notes


def _policy(course: Course, asked: Request) -> Policy:
    policy = Policy(
        hike_above=asked.hike_above,
        slowdown=asked.conditions,
        home_altitude_m=asked.home_altitude,
        acclimatised=asked.acclimatised,
        sleeps=_sleeps(asked.sleep),
        stops=_once("stop", asked.stop),
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


def efforts(course: Course, asked: Request) -> tuple[str | None, ...]:
    """How hard a fitted runner goes: in a race as in one, and beside it as recorded.

    What is run without a limit, a cutoff or anybody's result may be any outing.
    """
    cutoffs = (point.cutoff_s for stage in course.stages for point in stage.points)
    limits = (course.limit_s, *(stage.limit_s for stage in course.stages), *cutoffs)
    is_race = bool(course.results) or any(limit is not None for limit in limits)
    if not asked.runner or asked.effort or asked.gait == "hike" or not is_race:
        return (asked.effort,)
    return ("race",) if asked.passed or asked.plans else ("race", "recorded")


def as_both(course: Course, asked: Request, runner: Runner) -> tuple[Runner, ...]:
    """A fitted runner in a race and, after that, as hard as recorded; else the runner alone."""
    if asked.runner is None or len(efforts(course, asked)) == 1:
        return (runner,)
    from gpxstage.estimator.runner_file import read_file, runner_of

    file = read_file(asked.runner)
    if file.effort == "race":
        return (runner,)
    easy = runner_of(file, "recorded", asked.gait)[0]
    pack_kg = easy.pack_kg if asked.pack is None else asked.pack
    recorded = carried(course, easy, pack_kg, asked.body)
    return (
        replace(runner, name=f"{runner.name}, in a race"),
        replace(recorded, name=f"{runner.name}, as recorded"),
    )


def others(course: Course, asked: Request) -> tuple[Runner, ...]:
    """The rest of a field, where several levels are asked for: no plan is all of theirs."""
    if len(asked.level) > 1:
        for option in ("sleep", "stop", "passed", "plans"):
            if getattr(asked, option):
                raise click.UsageError(f"--{option} is of one runner: not with several --level")
        if not MODELS[asked.model].knows_runner:
            raise click.UsageError(f"--level: {_all_alike(asked.model)}")
    weights = (asked.pack, asked.body)
    return tuple(carried(course, LEVELS[name], *weights) for name in asked.level[1:])


def _all_alike(model: str) -> str:
    return f"by --model {model} all runners take the same time"


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


def crew_items(asked: Request) -> tuple[str, ...]:
    """What the crew is to bring: as asked for, or as the runner file says."""
    given: tuple[str, ...] = asked.crew_items
    if given or not asked.runner:
        return given
    from gpxstage.estimator.runner_file import read_file  # loads msgspec

    return read_file(asked.runner).crew_items


def _implied(runner: Runner) -> str:
    worth = ", ".join(f"{name} {hms(s)}" for name, s in fit.equivalents(runner).items())
    return f"{runner.name} asks for the shape of a runner who does on flat road: {worth}"


# of a race in two years (judgement): its length, and how far apart the same share of the way is
SAME_LENGTH, SAME_PLACE_M = 0.03, 2000.0
FLAT_M_PER_KM = 10.0  # of climb: a past course with less is a road, if nobody knows (judgement)
SHARES = np.linspace(0.0, 1.0, 11)  # of the way, where two courses are compared
# options that say under which conditions the race that is asked about is run
CONDITIONS = (
    *("format", "start", "wave", "terrain", "pack", "conditions"),
    *("home_altitude", "acclimatised"),
)


@dataclass(frozen=True, eq=False)
class Race:
    """A course under its conditions: `fit.solve` finds the ability that a time on it asks for."""

    course: Course
    profiles: Sequence[Profile]
    policy: Policy
    pack_kg: float | None = None  # None: what a runner of that ability carries; on a road nothing
    body_kg: float | None = None
    model: str = "gait"

    def elapsed_s(self, runner: Runner) -> float:
        """What this race takes a runner, stops and sleep included."""
        who = carried(self.course, runner, self.pack_kg, self.body_kg)
        run = estimate(self.course, self.profiles, who, model=self.model, policy=self.policy)
        return run.elapsed_s


def carried(course: Course, runner: Runner, pack_kg: float | None, body_kg: float | None) -> Runner:
    """The runner with the weights that are given; without them nobody has a pack on a road."""
    if pack_kg is None and all(stage.terrain == 0.0 for stage in course.stages):
        pack_kg = 0.0
    known: dict[str, Any] = {"pack_kg": pack_kg, "body_kg": body_kg}
    return replace(runner, **{key: kg for key, kg in known.items() if kg is not None})


def results(
    flat: Sequence[tuple[str, str]],
    past: Sequence[tuple[str, str]],
    body_kg: float | None,
    there: Race | None = None,
) -> list[fit.Result]:
    """What was raced, as `--flat` and `--past` give it; *there* is the race to estimate."""
    found = [_flat(distance, time) for distance, time in flat]
    return found + [_past(source, time, body_kg, there) for source, time in past]


def _flat(distance: str, time: str) -> fit.Result:
    length_m = distance_m(distance)
    if length_m is None:
        raise click.UsageError(f"--flat {distance}: a distance is 10km, 13.1mi, marathon")
    elapsed_s = flat_time_s(time, length_m)
    if elapsed_s is None:
        raise click.UsageError(f"--flat {distance} {time}: a time is 38:00, 3:10:00, 90min")
    what = f"{distance} in {time}"
    return fit.Result(partial(fit.from_flat, what, length_m, elapsed_s), elapsed_s)


def _past(source: str, time: str, body_kg: float | None, there: Race | None) -> fit.Result:
    """A past race: under its own conditions, or, where it is the race asked about, under its."""
    elapsed_s = duration_s(time)
    if elapsed_s is None:
        raise click.UsageError(f"--past {source} {time}: a time is 38:00 (h:mm) or 38h")
    made = by_length_and_climb(source)
    course = made or load((source,))
    profiles = [measure(stage.track) for stage in course.stages]
    course, notes = _with_terrain(course, profiles)
    ground = ground_of_course(course, profiles, made=made is not None)
    race, what = Race(course, profiles, Policy(), None, body_kg), f"{course.name} in {time}"
    here = there is not None and _same_way(there, race)
    if there is not None and here:
        as_usual = replace(there.policy, sleeps=None, stops={}, hike_above=None)
        race, notes = replace(there, policy=as_usual, model="gait"), _same_conditions(what)
    clue = partial(fit.from_past, what, race.elapsed_s, elapsed_s, here=here, ground=ground)
    return fit.Result(clue, elapsed_s, notes)


def _same_conditions(what: str) -> tuple[str, ...]:
    """That a time on the course asked about counts under the conditions given for it."""
    given = typed(*CONDITIONS)
    if not given:
        return ()
    return (
        f"--past {what}: this is the course that the estimate is for, so that time counts"
        f" under the same conditions ({', '.join(given)})",
    )


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
