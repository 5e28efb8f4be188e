"""The points of a stage: where they are, and when a runner is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts import Interval, PointFacts
from gpxstage.facts.figures import interval
from gpxstage.facts.parts import points_of
from gpxstage.units import metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from datetime import datetime

    from gpxstage.course import Array, Point
    from gpxstage.facts.parts import Part


def points(part: Part) -> list[PointFacts]:
    """Every point of a stage but its start, in order; the last one is the stage's end.

    What depends on other points, ``miss_probability`` and ``leave_by_s``, comes later
    (`gpxstage.facts.margins`).
    """
    return [_point(part, point) for point in points_of(part)]


def _point(part: Part, point: Point) -> PointFacts:
    """Where, how high, when, how long one stays, and what is left before the cutoff."""
    place_m = at_m = point.distance_m or 0.0
    estimate = part.estimate
    arrival_s = stop_s = sleep_s = draws = None
    if estimate is not None:
        here = estimate.stops_at(at_m, point.name)
        at_m = estimate.reached_m(at_m, point.name)
        arrival_s = seconds(estimate.arrival_s(at_m))
        draws = part.spread.arrival_s(at_m) if part.spread else None
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
        arrival=arrival,
        day=_day(part.race_start, arrival),
        stop_s=stop_s,
        sleep_s=sleep_s,
        cutoff_s=seconds(point.cutoff_s),
        cutoff_at=None if point.cutoff_s is None else point.cutoff_at,
        margin_s=_margin(part, point, arrival_s, stop_s),
        passed=any(abs(here_m - at_m) < SAME_M for here_m in part.passed_m),
    )


def leaving_draws_s(part: Part, point: Point) -> Array | None:
    """(d,) when each draw has done what a point's cutoff asks for: to leave it, or to arrive."""
    if part.estimate is None or part.spread is None:
        return None
    at_m, estimate = point.distance_m or 0.0, part.estimate
    arrival_s = part.spread.arrival_s(estimate.reached_m(at_m, point.name))
    if point.cutoff_at == "arrive":
        return arrival_s
    here = estimate.stops_at(at_m, point.name)
    columns = [k for k, stop in enumerate(estimate.stops) if stop in here]
    return np.asarray(arrival_s + part.spread.stop_s[:, columns].sum(axis=1))


def to_the_second(there: datetime | None) -> datetime | None:
    """A moment without its fraction of a second, as it is written."""
    return None if there is None else there.replace(microsecond=0)


def _margin(part: Part, point: Point, arrival_s: int | None, stop_s: int | None) -> Interval[int]:
    """What is left before a cutoff once its stop is over: p90 is the small one."""
    if point.cutoff_s is None or arrival_s is None:
        return Interval()
    cutoff_s = point.cutoff_s
    middle_s = arrival_s + (0 if point.cutoff_at == "arrive" else stop_s or 0)
    leaving_s = interval(middle_s, leaving_draws_s(part, point), seconds)
    ends = (leaving_s.p10, leaving_s.p50, leaving_s.p90)
    return Interval(*(None if end is None else seconds(cutoff_s - end) for end in ends))


def _day(first: datetime | None, there: datetime | None) -> int | None:
    """Calendar day of the race, from 1, in local time."""
    if first is None or there is None:
        return None
    return (there.date() - first.astimezone(there.tzinfo).date()).days + 1
