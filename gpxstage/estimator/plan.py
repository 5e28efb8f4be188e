"""Course and checked options -> what the engine runs on: cells and places to stop; and back."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import walltime
from gpxstage.course import CourseError, track_distance_m
from gpxstage.estimator import conditions
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.nouns import (
    Halt,
    Passed,
    Policy,
    Push,
    Run,
    Sites,
    Slower,
    StageEstimate,
    Stop,
)
from gpxstage.estimator.runner import Runner, a_number, in_range, kind_of, runner_of
from gpxstage.estimator.sleepiness import at_start
from gpxstage.racefile import services
from gpxstage.text import suggestion
from gpxstage.units import hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set
    from datetime import datetime

    from gpxstage.course import Array, Course, Point, Stage
    from gpxstage.profile import Cells, Profile

    Part = Sequence[tuple[Stage, Profile]]
    Place = tuple[int, float]  # a stage's number, and metres from its start

# the share of all stops that a kind of place has (judgement: life bases against refreshments,
# by the passages of the Tor 2025)
STOP_WEIGHT = {"life-base": 5.0, "aid": 1.0, "crew": 1.0, "water": 0.3}
LONGEST_STOP_S = 7.0 * 86_400.0  # a longer one is a mistake in typing (judgement)
SAME_PLACE_M = 1.0  # a point this near to a border is that border
UNNAMED_EVERY_M = 10_000.0  # without known places, stops are spread this far apart
MOST_DRAWS = 5000
SLOWDOWN, HOME_M, GRADE = (0.5, 3.0), (-500.0, 5500.0), (0.0, 1.0)
SLOWER = (0.1, 2.0)


def checked(
    runners: Sequence[Any], *, policy: Any, model: Any, draws: Any, seed: Any, passed: Any, why: Any
) -> tuple[tuple[Runner, ...], Policy]:
    """The runners and the policy of an estimate; all options are checked.

    Raises ValueError for an unknown model and for draws and a seed out of their range, TypeError
    for a value of the wrong kind.
    """
    if not isinstance(model, str):
        raise TypeError(f"a model is the name of one, not {kind_of(model)}")
    if model not in MODELS:
        hint = suggestion(model, list(MODELS))
        raise ValueError(f"unknown model {model!r}: one of {', '.join(MODELS)}{hint}")
    _count("draws", draws, MOST_DRAWS)
    _count("seed", seed)
    if not isinstance(why, bool):
        raise TypeError(f"why is True or False, not {kind_of(why)}")
    for here in passed:
        if not isinstance(here, Passed):
            raise TypeError(f"passed holds Passed, not {kind_of(here)}")
    return tuple(map(runner_of, runners)), policy_of(policy)


def policy_of(how: Any) -> Policy:
    """The policy, checked; None is the usual one.

    Places and lengths of stops are checked against the course, by `plan.wanted_at`.
    """
    if how is None:
        return Policy()
    if not isinstance(how, Policy):
        raise TypeError(f"a policy is a Policy, not {kind_of(how)}")
    if how.hike_above is not None:
        in_range("policy: hike_above", how.hike_above, *GRADE)
    if how.slowdown is not None:
        in_range("policy: slowdown", how.slowdown, *SLOWDOWN)
    if how.slower is not None:
        in_range("policy: slower", how.slower.speed, *SLOWER)
    in_range("policy: home_altitude_m", how.home_altitude_m, *HOME_M)
    for name, given in (("sleeps", how.sleeps), ("stops", how.stops)):
        if given is None and name == "sleeps":
            continue
        if not isinstance(given, Mapping):
            raise TypeError(f"policy: {name} is a dict of seconds by point, not {kind_of(given)}")
        for place, value_s in given.items():
            if not isinstance(place, str):
                raise TypeError(f"policy: {name}: a point is named by text, not {kind_of(place)}")
            a_number(f"policy: {name}: {place}", value_s)
    return how


def _count(name: str, value: Any, most: int | None = None) -> None:
    """Raise unless *value* is a whole number from 0 to *most*."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} is a whole number, not {kind_of(value)}")
    found = int(value)
    if found < 0 or (most is not None and found > most):
        rule = "0 or more" if most is None else f"0 ... {most}"
        raise ValueError(f"{name} {found} is out of range: {rule}")


def halts_of(course: Course, part: Part, policy: Policy | None = None) -> list[Halt]:
    """The places where a push may stop and sleep, in order.

    Nobody stops at the start or at the finish. A point has beds where its services name them;
    where no point of the race names one, sleep is spread over the life bases, or else over
    all places. Where no place is known, stops are spread evenly. A *policy* may give the
    lengths of stops and sleeps at any point. Raises CourseError where it names no point.
    """
    policy = policy or Policy()
    sleeps, lengths = wanted_at(course, policy)
    stops = list(_stops(part, sleeps.keys() | lengths.keys()))
    beds = _beds(course, [point for _, _, _, point in stops])
    halts = []
    for (k, at_m, place, point), bed in zip(stops, beds, strict=True):
        fixed_s = np.nan if point.stop_s is None else point.stop_s
        slept_s = np.nan if policy.sleeps is None else sleeps.get(place, 0.0)
        if place in lengths:
            fixed_s = lengths[place] - sleeps.get(place, 0.0)
        weight = STOP_WEIGHT.get(point.kind, 0.0)
        most_s = np.inf if point.max_stay_s is None else point.max_stay_s
        sleeps_there = float(bed and not point.no_sleep)
        halts.append(Halt(k, point.name, at_m, weight, sleeps_there, fixed_s, slept_s, most_s))
    return halts or _unnamed(part, np.nan if policy.sleeps is None else 0.0)


def wanted_at(course: Course, policy: Policy) -> tuple[dict[Place, float], dict[Place, float]]:
    """The sleeps and the stops that a policy gives, by place.

    Raises CourseError for a name that means no point or several, for a point named twice, for
    the start or the finish, for what is negative or over a week, and for a sleep that is longer
    than the stop it is part of.
    """
    sleeps = _placed(course, policy.sleeps or {}, asleep=True)
    stops = _placed(course, policy.stops)
    for place, (name, stop_s) in stops.items():
        if place in sleeps and sleeps[place][1] > stop_s:
            raise CourseError(f"{name}: a stop includes its sleep, and cannot be shorter")
    asleep_s = {place: value_s for place, (_, value_s) in sleeps.items()}
    return asleep_s, {place: value_s for place, (_, value_s) in stops.items()}


def _placed(
    course: Course, named: Mapping[str, float], *, asleep: bool = False
) -> dict[Place, tuple[str, float]]:
    found: dict[Place, tuple[str, float]] = {}
    for name, value_s in named.items():
        stage, point = course.point(name)
        at_m, end_m = point.distance_m or 0.0, float(track_distance_m(stage.track)[-1])
        alone = course.format == "staged"
        if at_m < SAME_PLACE_M and (alone or stage is course.stages[0]):
            raise CourseError(f"{point.name}: nobody stops at a start")
        if at_m > end_m - SAME_PLACE_M and (alone or stage is course.stages[-1]):
            raise CourseError(f"{point.name}: the race ends there, so no stop is planned")
        if not 0.0 <= value_s <= LONGEST_STOP_S:
            raise CourseError(f"{point.name}: a stop lasts from nothing to a week")
        if asleep and point.no_sleep:
            raise CourseError(f"{point.name}: the race forbids to sleep there")
        if point.max_stay_s is not None and value_s > point.max_stay_s:
            longest = hours(point.max_stay_s)
            raise CourseError(f"{point.name}: the race allows a stay of {longest} there")
        place = (stage.number, at_m)
        if place in found:
            raise CourseError(f"{point.name}: is named twice")
        found[place] = (point.name, value_s)
    return found


def _stops(part: Part, wanted: Set[Place]) -> Iterator[tuple[int, float, Place, Point]]:
    """Stage and distance of every halt, its place, its point.

    A base on both sides of a border is listed once.
    """
    at_border = ""  # the name of a halt at the end of the stage before
    for k, (stage, profile) in enumerate(part):
        last, ends_m = k == len(part) - 1, profile.length_m - SAME_PLACE_M
        name, at_border = at_border, ""
        for point in stage.points:
            halts = point.kind in STOP_WEIGHT or point.stop_s is not None
            place = (stage.number, point.distance_m or 0.0)
            halts = halts or place in wanted
            if point.distance_m is None or not halts or (last and point.distance_m > ends_m):
                continue
            at_m = min(point.distance_m, profile.length_m)
            if at_m > ends_m:
                at_border = point.name
            if at_m >= SAME_PLACE_M:
                yield k, at_m, place, point
            elif k > 0 and point.name != name:
                yield k - 1, part[k - 1][1].length_m, place, point


def _unnamed(part: Part, slept_s: float) -> list[Halt]:
    """Halts without a name, evenly along the way; one at least, as hours make stops, not metres."""
    end_m = sum(profile.length_m for _, profile in part)
    count = max(int(end_m // UNNAMED_EVERY_M), 1)
    halts = []
    for at_m in (np.arange(count) + 1.0) * end_m / (count + 1):
        k, offset_m = 0, 0.0
        while at_m > offset_m + part[k][1].length_m:
            offset_m += part[k][1].length_m
            k += 1
        halts.append(Halt(k, "", float(at_m) - offset_m, 1.0, 1.0, slept_s=slept_s))
    return halts


def _beds(course: Course, points: list[Point]) -> list[bool]:
    if any_bed(course):
        return ["bed" in services.offered(point) for point in points]
    bases = [point.kind == "life-base" for point in points]
    return bases if any(bases) else [True] * len(points)


def _start_h(course: Course, start: datetime | None) -> float:
    """The local clock of a start, where beds are assumed; NaN where they or no hour are known."""
    bases = any(point.kind == "life-base" for stage in course.stages for point in stage.points)
    known = any_bed(course) or bases
    return np.nan if start is None or known else at_start(start, JUDGEMENT)[0]


def any_bed(course: Course) -> bool:
    """Does any point of a race name a bed?"""
    points = (point for stage in course.stages for point in stage.points)
    return any("bed" in services.offered(point) for point in points)


def push_of(
    course: Course,
    part: Part,
    halts: Sequence[Halt],
    fresh: Array | float,
    policy: Policy | None = None,
) -> Push:
    """The cells of some stages, one after another, and the halts among them."""
    start = course.start if course.format == "continuous" else part[0][0].start
    *offsets_m, _ = accumulate((profile.length_m for _, profile in part), initial=0.0)
    sites = Sites(
        np.array([offsets_m[halt.stage] + halt.distance_m for halt in halts]),
        np.array([halt.stop_weight for halt in halts]),
        np.array([halt.bed for halt in halts]),
        np.array([halt.fixed_s for halt in halts]),
        np.array([halt.slept_s for halt in halts]) if sleeps_given(halts) else None,
        np.array([halt.most_s for halt in halts]),
        start_h=_start_h(course, start),
    )
    cells = [_cells(profile) for _, profile in part]
    edges = [c.edge_m[1:] + offset_m for c, offset_m in zip(cells, offsets_m, strict=True)]
    middles = [0.5 * (c.edge_m[1:] + c.edge_m[:-1]) for c in cells]
    by_stage = [(stage, m) for m, (stage, _) in zip(middles, part, strict=True)]
    return Push(
        edge_m=np.concatenate([[0.0], *edges]),
        grade=np.concatenate([c.grade for c in cells]),
        altitude_m=np.concatenate([c.altitude_m for c in cells]),
        terrain=np.concatenate([stage.terrain_at(m) for stage, m in by_stage]),
        lat_deg=np.concatenate([c.lat_deg for c in cells]),
        lon_deg=np.concatenate([c.lon_deg for c in cells]),
        sites=sites,
        border_cells=np.cumsum([len(c.grade) for c in cells[:-1]], dtype=np.int64),
        start=start,
        slowed=_slowed(course, policy or Policy(), by_stage),
        sand=_by_cell([stage.sand for stage, _ in part], by_stage),
        lighter_kg=_by_cell([_lighter_kg(course, stage) for stage, _ in part], by_stage),
        weather=conditions.weather_hours(course.weather, start),
        fresh=fresh,
        next_start_s=_next_start_s(course, part),
    )


def _slowed(course: Course, how: Policy, by_stage: Sequence[tuple[Stage, Array]]) -> Array:
    """Times as long by a bad stretch, and by the course's conditions where no others are given."""
    slower, met = how.slower or Slower(1.0), course.conditions if how.slowdown is None else 1.0
    return met * np.concatenate([slower.times(stage.number, m) for stage, m in by_stage])


def _lighter_kg(course: Course, stage: Stage) -> float:
    """What the pack has lost since the start of the race; food is eaten."""
    if course.pack_kg is None or stage.pack_kg is None:
        return 0.0
    return course.pack_kg - stage.pack_kg


def _by_cell(each: Sequence[float], by_stage: Sequence[tuple[Stage, Array]]) -> Array | float:
    """What stages have, in each of their cells; one number where all have the same."""
    if len(set(each)) == 1:
        return each[0]
    return np.repeat(each, [len(middle_m) for _, middle_m in by_stage])


def sleeps_given(halts: Sequence[Halt]) -> bool:
    """Are the sleeps given, rather than as usual?"""
    return any(np.isfinite(halt.slept_s) for halt in halts)


def _next_start_s(course: Course, part: Part) -> float | None:
    """Seconds from the start of a staged race's stage to that of the next, through UTC."""
    after = course.stages.index(part[-1][0]) + 1
    if course.format != "staged" or after == len(course.stages):
        return None
    starts = (part[0][0].start, course.stages[after].start)
    if starts[0] is None or starts[1] is None:
        return None
    return walltime.between_s(starts[0], starts[1])


def split_run(part: Part, halts: Sequence[Halt], run: Run) -> list[StageEstimate]:
    """A push's run, stage by stage; a stop at a border belongs to the stage that ends there."""
    found, first, clock_s = [], 0, 0.0
    for number, (_, profile) in enumerate(part):
        cells = _cells(profile)
        last = first + len(cells.grade)
        here = slice(first, last)
        stops = tuple(
            Stop(halt.name, halt.distance_m, float(stop_s), float(sleep_s))
            for halt, stop_s, sleep_s in zip(halts, run.stop_s, run.sleep_s, strict=True)
            if halt.stage == number
        )
        estimate = StageEstimate(
            cells.edge_m,
            run.moving_s[first : last + 1] - run.moving_s[first],
            None if run.hiked_s is None else run.hiked_s[here],
            None if run.hiked_m is None else run.hiked_m[here],
            None if run.dark_s is None else run.dark_s[here],
            None if run.energy_kcal is None else run.energy_kcal[here],
            stops,
            clock_s,
        )
        found.append(estimate)
        first, clock_s = last, clock_s + estimate.elapsed_s
    return found


def _cells(profile: Profile) -> Cells:
    if profile.cells is None:
        raise ValueError("a stage without elevation cannot be run")
    return profile.cells
