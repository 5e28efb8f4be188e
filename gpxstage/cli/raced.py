"""A course under its conditions, and what was raced on others by `--flat` and `--past`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import click
import numpy as np

from gpxstage.cli.options import CourseOptions, WeightOptions
from gpxstage.cli.values import distance_m, flat_time_s, no_half_course, typed
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator import Policy, estimate, fit
from gpxstage.estimator.fit import by_length_and_climb
from gpxstage.estimator.learnt import ground_of_course
from gpxstage.facts.parts import parts_of, points
from gpxstage.geo import steps_m
from gpxstage.profile import measure
from gpxstage.text import duration_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.cli.options import ResultOptions
    from gpxstage.course import Array, Course
    from gpxstage.estimator import Estimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.profile import Profile

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


@dataclass(frozen=True, eq=False)
class RaceDay:
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


def carried(course: Course, runner: Runner, weight: WeightOptions) -> Runner:
    """The runner with the weights that are given; without them nobody has a pack on a road."""
    on_road = all(stage.terrain == 0.0 for stage in course.stages)
    return weight.on(replace(runner, pack_kg=0.0) if on_road else runner)


def results(
    raced: ResultOptions, weight: WeightOptions, there: RaceDay | None = None
) -> list[fit.RacedTime]:
    """What was raced, as `--flat` and `--past` give it; *there* is the race to estimate."""
    found = [_flat(distance, time) for distance, time in raced.flat]
    return found + [_past(source, time, weight, there) for source, time in raced.past]


def _flat(distance: str, time: str) -> fit.RacedTime:
    length_m = distance_m(distance)
    if length_m is None:
        raise click.UsageError(f"--flat {distance}: a distance is 10km, 13.1mi, marathon")
    elapsed_s = flat_time_s(time, length_m)
    if elapsed_s is None:
        raise click.UsageError(f"--flat {distance} {time}: a time is 38:00, 3:10:00, 90min")
    what = f"{distance} in {time}"
    return fit.RacedTime(partial(fit.from_flat, what, length_m, elapsed_s), elapsed_s)


def _past(source: str, time: str, weight: WeightOptions, there: RaceDay | None) -> fit.RacedTime:
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
    race, what = RaceDay(course, profiles, Policy(), usual), f"{course.name} in {time}"
    here = there is not None and _same_way(there, race)
    if there is not None and here:
        as_usual = replace(there.policy, sleeps=None, stops={}, hike_above=None)
        race, notes = replace(there, policy=as_usual, model="gait"), NO_NOTES
        if given := typed(*CONDITIONS):
            same = "this is the course that the estimate is for, so that time counts under the same"
            notes = (f"--past {what}: {same} conditions ({', '.join(given)})",)
    clue = partial(fit.from_past, what, race.elapsed_s, elapsed_s, here=here, ground=ground)
    return fit.RacedTime(clue, elapsed_s, notes)


def _same_way(one: RaceDay, other: RaceDay) -> bool:
    """Do two courses go the same way, as a race does in two years?"""
    lengths_m = [sum(profile.length_m for profile in race.profiles) for race in (one, other)]
    if abs(lengths_m[0] / lengths_m[1] - 1.0) > SAME_LENGTH:
        return False
    (lat, lon), (other_lat, other_lon) = _places(one), _places(other)
    pairs = (np.column_stack([a, b]).ravel() for a, b in ((lat, other_lat), (lon, other_lon)))
    apart_m = steps_m(*pairs)[::2]
    return bool((apart_m <= max(SAME_PLACE_M, SAME_LENGTH * lengths_m[0])).all())


def _places(race: RaceDay) -> tuple[Array, Array]:
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
