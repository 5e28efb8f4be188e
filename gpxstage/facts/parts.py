"""The stages of a report one by one, and their points: when a runner is there, what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gpxstage import geo
from gpxstage.course import Point
from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts import PointFacts
from gpxstage.facts.figures import Interval
from gpxstage.facts.figures import replace as changed
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from gpxstage.course import Array, Course, Stage
    from gpxstage.estimator.nouns import Estimate, Passed, StageEstimate, StageSpread
    from gpxstage.profile import Profile

    Points = list[list[PointFacts]]  # of each stage

N = TypeVar("N", int, float)
NEAR_END_M = 250.0  # a point this near to a stage's end is that end
EARLIEST = 0.5  # of the expected time: nobody is at a place so early (judgement)


@dataclass(frozen=True, eq=False)
class Part:
    """A stage with its points, its profile and its estimate."""

    stage: Stage
    profile: Profile
    estimate: StageEstimate | None
    estimated: bool  # whether an estimate was wanted
    offset_m: float  # race distance at its start
    start: datetime | None  # of the clock that its arrivals count from
    race_start: datetime | None
    is_last: bool
    is_staged: bool
    spread: StageSpread | None = None
    given_finish: StageSpread | None = None  # the draws finish as expected
    ranged: StageSpread | None = None  # those that ranges on the way are made from
    limit_s: float | None = None  # of the stage, or of the race at its end; on the same clock
    passed_m: tuple[float, ...] = ()  # where the runner has been, and when is known
    reached_m: float = -np.inf  # how far the runner is known to have been, of what is in the stage

    def is_behind(self, at_m: float) -> bool:
        """Whether the runner is known to have been farther on: who has was let through."""
        return at_m < self.reached_m - SAME_M


def parts_of(
    course: Course, profiles: tuple[Profile, ...], estimate: Estimate | None, *, estimated: bool
) -> tuple[Part, ...]:
    """The stages of a course in order; *estimated*: an estimate was wanted."""
    race_start = course.start or course.stages[0].start
    passed = estimate.passed if estimate else ()
    found, offset_m = [], 0.0
    for k, (stage, profile) in enumerate(zip(course.stages, profiles, strict=True)):
        found.append(
            Part(
                stage,
                profile,
                estimate.stages[k] if estimate else None,
                estimated,
                offset_m,
                course.start if course.format == "continuous" else stage.start,
                race_start,
                is_last=k == len(course.stages) - 1,
                is_staged=course.format == "staged",
                spread=_of_stage(estimate.spread if estimate else None, k),
                given_finish=_of_stage(estimate.given_finish if estimate else None, k),
                ranged=_of_stage(estimate.ranged if estimate else None, k),
                limit_s=_limit_s(course, k),
                passed_m=tuple(here.distance_m for here in passed if here.stage == stage.number),
                reached_m=_reached_m(stage.number, passed),
            )
        )
        offset_m += metres(profile.length_m) or 0.0
    return tuple(found)


def _reached_m(number: int, passed: Sequence[Passed]) -> float:
    """How far a stage is behind the runner; endless where a passage is in a later one."""
    last = max(passed, key=lambda here: (here.stage, here.distance_m), default=None)
    if last is None or last.stage < number:
        return -np.inf
    return last.distance_m if last.stage == number else np.inf


def _of_stage(spread: tuple[StageSpread, ...] | None, k: int) -> StageSpread | None:
    return spread[k] if spread else None


def _limit_s(course: Course, k: int) -> float | None:
    """When the end of a stage closes: in a staged race by its own limit."""
    if course.format == "staged":
        return course.stages[k].limit_s
    return course.limit_s if k == len(course.stages) - 1 else None


def sleeps_behind(
    course: Course, parts: Sequence[Part], sleeps: Mapping[str, float]
) -> dict[str, float]:
    """Those of some sleeps, seconds by point, whose places lie behind the runner."""
    places = {name: course.point(name) for name in sleeps}
    return {
        name: sleeps[name]
        for name, (stage, point) in places.items()
        if parts[course.index(stage.number)].is_behind(point.distance_m or 0.0)
    }


def start_point(stage: Stage) -> Point | None:
    """The point where a stage starts; None where no start or life base is there."""
    near = (p for p in stage.points if p.distance_m is not None and p.distance_m < NEAR_END_M)
    return next((point for point in near if point.kind in ("start", "life-base")), None)


def start_name(stage: Stage, course: Course) -> str:
    """Where a stage starts: from its point there, or from a name such as "2 Here - There"."""
    if point := start_point(stage):
        return point.name
    start, dash, _ = own_name(stage, course).partition(" - ")
    return start.strip() if dash else ""


def own_name(stage: Stage, course: Course) -> str:
    """A stage's name without the number that is written beside it; "Stage 02" has none.

    The race's name goes with the number, but "Race - There" stays: a race may be named by a place.
    """
    name, race = " ".join(stage.name.split()), re.escape(" ".join(course.name.split()))
    number = rf"(?:{race}\W*)?(?:stage\s*)?0*{stage.number}(?!\w)\W*"
    found = re.match(number, name, re.IGNORECASE)
    return name[found.end() :] if found else name


def points_of(part: Part) -> list[Point]:
    """The matched points in order; where none is at the stage's end, one is made.

    The end of what has a limit closes with it.
    """
    length_m = part.profile.length_m
    found = [
        replace(point, distance_m=min(max(point.distance_m, 0.0), length_m))
        for point in part.stage.points
        if point.distance_m is not None and (point.kind != "start" or point.distance_m > SAME_M)
    ]
    found.sort(key=lambda point: point.distance_m or 0.0)
    if not found or (found[-1].distance_m or 0.0) < length_m - SAME_M:
        name = "Finish" if part.is_last else f"End of stage {part.stage.number}"
        kind = "finish" if part.is_last or part.is_staged else "waypoint"
        found.append(Point(name, kind, distance_m=length_m))
    if found[-1].cutoff_s is None:
        found[-1] = replace(found[-1], cutoff_s=part.limit_s)
    return found


# figures


def ratio(part: float | None, whole: float | None) -> float | None:
    """A share to a thousandth; of nothing it is unknown."""
    return None if part is None or not whole else fraction(part / whole)


def interval(
    p50: N | None, draws: Array | None, rounded: Callable[[float], N | None]
) -> Interval[N]:
    """p50 of the run without draws, p10 and p90 of the draws: None without them."""
    if p50 is None or draws is None:
        return Interval(None, p50, None)
    low, high = map(rounded, geo.quantiles(draws, (0.1, 0.9)))
    return Interval(min(p50, low or 0), p50, max(p50, high or 0))


def total(values: Iterable[float | None], digits: int = 1) -> float | None:
    """The sum of values that are rounded already; unknown where one of them is."""
    found = list(values)
    known = [value for value in found if value is not None]
    return round(sum(known), digits) if len(known) == len(found) else None


def apart(parts: Array, digits: int, before: float = 0.0) -> list[float]:
    """Round parts so that they add up to their rounded whole.

    They are the steps between rounded running sums, which start at *before*.
    """
    sums = np.round(before + geo.so_far(parts), digits)
    return [round(float(step), digits) + 0.0 for step in np.diff(sums)]


# points


def points(part: Part) -> list[PointFacts]:
    """Every point of a stage but its start, in order; the last one is the stage's end.

    What depends on other points, ``miss_probability`` and ``leave_by_s``, comes later
    (`with_chances`, `with_leave_by`).
    """
    return [_point(part, point) for point in points_of(part)]


def _point(part: Part, point: Point) -> PointFacts:
    """Where, how high, when, how long one stays, and what is left before the cutoff."""
    place_m = at_m = point.distance_m or 0.0
    estimate = part.estimate
    arrival_s = stop_s = sleep_s = draws = given = None
    if estimate is not None:
        here = estimate.stops_at(at_m, point.name)
        at_m = estimate.reached_m(at_m, point.name)
        arrival_s = seconds(estimate.arrival_s(at_m))
        draws = part.ranged.arrival_s(at_m) if part.ranged else None
        given = part.given_finish.arrival_s(at_m) if part.given_finish else None
        stop_s = seconds(sum(stop.stop_s for stop in here))
        sleep_s = seconds(sum(stop.sleep_s for stop in here))
    arrival = to_the_second(moment(part.start, arrival_s))
    return PointFacts(
        name=point.name,
        kind=point.kind,
        distance_m=metres(place_m) or 0.0,
        race_distance_m=metres(part.offset_m + (metres(place_m) or 0.0)) or 0.0,
        elevation_m=metres(part.profile.elevation_at_m(place_m)),
        gain_m=metres(part.profile.ascent_at_m(place_m)),
        arrival_s=interval(arrival_s, draws, seconds),
        given_finish_s=interval(None if given is None else arrival_s, given, seconds),
        arrival=arrival,
        day=_day(part.race_start, arrival),
        stop_s=stop_s,
        sleep_s=sleep_s,
        cutoff_s=seconds(point.cutoff_s),
        cutoff_at=None if point.cutoff_s is None else point.cutoff_at,
        margin_s=_margin(part, point, arrival_s, stop_s),
        passed=any(abs(here_m - at_m) < SAME_M for here_m in part.passed_m),
        behind=part.is_behind(place_m),
    )


def leaving_draws_s(part: Part, point: Point, spread: StageSpread | None) -> Array | None:
    """(d,) when each draw has done what a point's cutoff requires: to leave, or to arrive."""
    if part.estimate is None or spread is None:
        return None
    at_m, estimate = point.distance_m or 0.0, part.estimate
    arrival_s = spread.arrival_s(estimate.reached_m(at_m, point.name))
    if point.cutoff_at == "arrive":
        return arrival_s
    here = estimate.stops_at(at_m, point.name)
    columns = [k for k, stop in enumerate(estimate.stops) if stop in here]
    return np.asarray(arrival_s + spread.stop_s[:, columns].sum(axis=1))


def to_the_second(there: datetime | None) -> datetime | None:
    """A moment without its fraction of a second, as it is written."""
    return None if there is None else there.replace(microsecond=0)


def _margin(part: Part, point: Point, arrival_s: int | None, stop_s: int | None) -> Interval[int]:
    """What is left before a cutoff once its stop is over: p90 is the small one."""
    if point.cutoff_s is None or arrival_s is None or part.is_behind(point.distance_m or 0.0):
        return Interval()
    cutoff_s = point.cutoff_s
    middle_s = arrival_s + (0 if point.cutoff_at == "arrive" else stop_s or 0)
    leaving_s = interval(middle_s, leaving_draws_s(part, point, part.ranged), seconds)
    ends = (leaving_s.p10, leaving_s.p50, leaving_s.p90)
    return Interval(*(None if end is None else seconds(cutoff_s - end) for end in ends))


def _day(first: datetime | None, there: datetime | None) -> int | None:
    """Calendar day of the race, from 1, in local time."""
    if first is None or there is None:
        return None
    return (there.date() - first.astimezone(there.tzinfo).date()).days + 1


# what depends on other points too


def with_chances(parts: Sequence[Part]) -> Points:
    """The points with ``miss_probability``: the share of draws that are out there or before.

    It can only grow along the course, from stage to stage, too, and is given what the margin's
    range is given. None without draws, and where there is no cutoff ahead.
    """
    found = [points(part) for part in parts]
    for k, j, out in _out(parts):
        found[k][j] = changed(found[k][j], miss_probability=fraction(float(out.mean())))
    return found


def with_leave_by(stages: Sequence[Sequence[PointFacts]], *, through: bool) -> Points:
    """The points with ``leave_by_s``.

    Who goes on later, and then as planned, misses a cutoff farther on; nobody stays past the
    place's own, where that is one of leaving. None where there is none of either, behind the
    last passage, and where nobody can be there so early: then the plan cannot keep the cutoff.
    *through*: the clock runs from stage to stage.
    """
    found = [list(stage) for stage in stages]
    slack_s: int | None = None
    for stage in reversed(found):
        slack_s = slack_s if through else None
        for j in reversed(range(len(stage))):
            point = stage[j]
            arrival_s, stop_s, left_s = point.arrival_s.p50, point.stop_s, point.margin_s.p50
            if slack_s is not None and arrival_s is not None and stop_s is not None:
                by_s = arrival_s + stop_s + slack_s
                if point.cutoff_at == "leave" and point.cutoff_s is not None:
                    by_s = min(by_s, point.cutoff_s)
                if not point.behind and by_s >= arrival_s * (1.0 if point.passed else EARLIEST):
                    stage[j] = changed(point, leave_by_s=by_s)
            if left_s is not None:
                slack_s = left_s if slack_s is None else min(slack_s, left_s)
    return found


def finish_probability(parts: Sequence[Part], limit_s: float | None) -> float | None:
    """Share of the draws that keep every cutoff and the race's limit, and that no collapse ends.

    Where ranges on the way are given the finish, so is this, as are the chances at the cutoffs.
    None without draws, and where there is neither.
    """
    drawn = [part.ranged.elapsed_s for part in parts if part.ranged is not None]
    if not drawn:
        return None
    missed = [out for _, _, out in _out(parts)][-1:]  # the last holds all before it
    if limit_s is not None:
        missed.append(np.asarray(sum(drawn) > limit_s))
    if not missed:
        return None
    ended = [part.ranged.ended for part in parts if part.ranged is not None]
    missed += [each for each in ended if each is not None]
    return fraction(1.0 - float(np.any(missed, axis=0).mean()))


def _out(parts: Sequence[Part]) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """Stage, point, and which draws are out by then, for every cutoff ahead, in order."""
    out: NDArray[np.bool_] | None = None
    for k, part in enumerate(parts):
        for j, point in enumerate(points_of(part)):
            if point.cutoff_s is None:
                continue
            leaving_s = leaving_draws_s(part, point, part.ranged)
            if leaving_s is None:
                continue
            if part.is_behind(point.distance_m or 0.0):
                continue
            late = leaving_s > point.cutoff_s
            out = late if out is None else out | late
            yield k, j, out
