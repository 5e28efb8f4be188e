"""The points of a stage as rows: where they are, and when a runner is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.course import Point
from gpxstage.estimator.nouns import SAME_M
from gpxstage.report.figures import interval
from gpxstage.units import metres, moment, seconds

if TYPE_CHECKING:
    from datetime import datetime

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.report.bands import Part

Row = dict[str, Any]


def elapsed_s(estimate: StageEstimate | None) -> int | None:
    """A stage's time on the clock; where that runs through, elapsed times add up."""
    return None if estimate is None else estimate.on_clock_s


def point_rows(part: Part) -> list[Row]:
    """Every point of a stage but its start, in order; the last one is the stage's end."""
    return [point_row(part, point) for point in points_of(part)]


def point_row(part: Part, point: Point) -> Row:
    """One point: where, how high, and with an estimate when, and how long one stays."""
    at_m = point.distance_m or 0.0
    row: Row = {
        "name": point.name,
        "kind": point.kind,
        "distance_m": metres(at_m),
        "race_distance_m": metres(part.offset_m + (metres(at_m) or 0.0)),
        "elevation_m": metres(part.profile.elevation_at_m(at_m)),
        "gain_m": metres(part.profile.ascent_at_m(at_m)),
    }
    return row | (
        _passage(part, point)
        if part.estimated
        else {"cutoff_s": seconds(point.cutoff_s), "cutoff_at": _cutoff_at(point)}
    )


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


def _passage(part: Part, point: Point) -> Row:
    """When a runner arrives, how long the stop is, and what is left before the cutoff.

    What depends on other points, ``miss_probability`` and ``leave_by_s``, is written later.
    """
    at_m, estimate = point.distance_m or 0.0, part.estimate
    arrival_s = stop_s = sleep_s = draws = None
    if estimate is not None:
        here = estimate.stops_at(at_m, point.name)
        at_m = estimate.reached_m(at_m, point.name)
        arrival_s = seconds(estimate.arrival_s(at_m))
        draws = part.spread.arrival_s(at_m) if part.spread else None
        stop_s = seconds(sum(stop.stop_s for stop in here))
        sleep_s = seconds(sum(stop.sleep_s for stop in here))
    there = moment(part.start, arrival_s)
    return {
        "arrival_s": interval(arrival_s, draws),
        "arrival": None if there is None else there.isoformat(timespec="seconds"),
        "day": _day(part.race_start, there),
        "stop_s": stop_s,
        "sleep_s": sleep_s,
        "cutoff_s": seconds(point.cutoff_s),
        "cutoff_at": _cutoff_at(point),
        "margin_s": _margin(part, point, arrival_s, stop_s),
        "miss_probability": None,
        "leave_by_s": None,
        "passed": any(abs(here_m - at_m) < SAME_M for here_m in part.passed_m),
    }


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


def _cutoff_at(point: Point) -> str | None:
    return None if point.cutoff_s is None else point.cutoff_at


def _margin(part: Part, point: Point, arrival_s: int | None, stop_s: int | None) -> Row:
    """What is left before a cutoff once its stop is over: p90 is the small one."""
    if point.cutoff_s is None or arrival_s is None:
        return interval(None)
    middle_s = arrival_s + (0 if point.cutoff_at == "arrive" else stop_s or 0)
    leaving_s = interval(middle_s, leaving_draws_s(part, point))
    return {
        key: None if value is None else seconds(point.cutoff_s - value)
        for key, value in leaving_s.items()
    }


def _day(first: datetime | None, there: datetime | None) -> int | None:
    """Calendar day of the race, from 1, in local time."""
    if first is None or there is None:
        return None
    return (there.date() - first.astimezone(there.tzinfo).date()).days + 1
