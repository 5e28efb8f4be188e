"""What was raced: flat distances and past courses, each under its own conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gpxstage.cli.measuring import load
from gpxstage.cli.options import typed
from gpxstage.cli.values import distance_m, flat_time_s
from gpxstage.course import DEFAULT_TERRAIN
from gpxstage.estimator import Policy, estimate, fit
from gpxstage.estimator.fit import by_length_and_climb
from gpxstage.estimator.learnt import ground_of_course
from gpxstage.geo import steps_m
from gpxstage.profile import measure
from gpxstage.text import duration_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course
    from gpxstage.estimator.runner import Runner
    from gpxstage.profile import Profile

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


def results(wishes: dict[str, Any], asked: Race | None = None) -> list[fit.Result]:
    """What was raced, as `--flat` and `--past` say; *asked* is the race that is asked about."""
    flat = [_flat(distance, time) for distance, time in wishes["flat"]]
    return flat + [_past(source, time, wishes["body"], asked) for source, time in wishes["past"]]


def _flat(distance: str, time: str) -> fit.Result:
    length_m = distance_m(distance)
    if length_m is None:
        raise click.UsageError(f"--flat {distance}: a distance is 10km, 13.1mi, marathon")
    elapsed_s = flat_time_s(time, length_m)
    if elapsed_s is None:
        raise click.UsageError(f"--flat {distance} {time}: a time is 38:00, 3:10:00, 90min")
    what = f"{distance} in {time}"
    return fit.Result(partial(fit.from_flat, what, length_m, elapsed_s), elapsed_s)


def _past(source: str, time: str, body_kg: float | None, asked: Race | None) -> fit.Result:
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
    here = asked is not None and _same_way(asked, race)
    if asked is not None and here:
        as_usual = replace(asked.policy, sleeps=None, stops={}, hike_above=None)
        race, notes = replace(asked, policy=as_usual, model="gait"), _same_conditions(what)
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
