"""When a runner is where: what the crew card, the runner's strip and the calendar share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.daylight import darkness
from gpxstage.facts.parts import points_of
from gpxstage.units import range_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Point
    from gpxstage.estimator.daylight import Darkness
    from gpxstage.facts import PointFacts, RaceFacts, StageFacts
    from gpxstage.facts.parts import Part

    Chain = Sequence[tuple[Part, StageFacts]]  # stages on one clock

CREWED = ("crew", "life-base")  # kinds of places where a crew may be, said or not


@dataclass(frozen=True)
class Call:
    """One place of the course; seconds on the clock that its arrivals count from.

    The range is that of runners who finish at the expected time, and it ends at the cutoff.
    """

    name: str
    early_s: float
    arrival_s: float
    late_s: float
    stop_s: float = 0.0
    sleep_s: float = 0.0
    slept_s: float = 0.0  # since the start, when leaving
    cutoff_s: float | None = None
    late_leaving_s: float = 0.0  # how long after the cutoff the plan leaves
    race_distance_m: float = 0.0
    gain_m: float = 0.0  # since the start of the race; an estimate knows all heights
    crewed: bool = False
    base: bool = False
    end: bool = False  # the start or the end of what is on one clock
    bag: bool = False
    drive_s: float | None = None  # from the crew place before
    services: tuple[str, ...] = ()
    passed: bool = False
    closed: bool = False

    @property
    def leave_s(self) -> float:
        """When the runner goes on."""
        return self.arrival_s + self.stop_s


def arrival_range_s(point: PointFacts, *, through: bool) -> tuple[float, float, float]:
    """Early end, expected, late end of an arrival, given the finish; it ends at the cutoff.

    The finish itself has one time. Under way, and where the stages have clocks of their own
    (not *through*), the range is that of the report. All are equal without draws.
    """
    middle_s = float(point.arrival_s.p50 or 0)
    ends = (point.given_finish_s.ends if through else None) or point.arrival_s.ends
    low_s, high_s = range_s(*ends) if ends else (middle_s, middle_s)
    if point.cutoff_s is not None and not point.passed:
        low_s, high_s = min(low_s, point.cutoff_s), min(high_s, point.cutoff_s)
    return low_s, middle_s, high_s


def closed(point: PointFacts) -> bool:
    """Whether the plan reaches a place after its cutoff; who has passed it was let through."""
    arrival_s = point.arrival_s.p50
    if point.cutoff_s is None or arrival_s is None or point.passed:
        return False
    return arrival_s > point.cutoff_s


def until_closed(race: RaceFacts) -> list[tuple[StageFacts, PointFacts]]:
    """The points of a race up to the first that the plan reaches after its cutoff."""
    found = []
    for stage, point in race.every_point():
        found.append((stage, point))
        if closed(point):
            break
    return found


def crewed(point: Point) -> bool:
    """Whether the crew may be at a place."""
    return point.crew or point.kind in CREWED


def calls_of(chain: Chain, *, through: bool, gain_m: float) -> list[Call]:
    """The start and every point of stages on one clock, up to one that has closed by then.

    *gain_m* is the climb of the race before them; *through*: the clock is that of the race.
    """
    first, facts = chain[0]
    starts = [point.name for point in first.stage.points if point.kind == "start"]
    begin_m = facts.offset_m
    name = next(iter(starts), "Start")
    bag = any(point.drop_bag for part, _ in chain for point in part.stage.points)
    found = [Call(name, 0.0, 0.0, 0.0, race_distance_m=begin_m, gain_m=gain_m, end=True, bag=bag)]
    slept_s = 0.0
    for part, stage in chain:
        for point, here in zip(points_of(part), stage.points, strict=True):
            slept_s += here.sleep_s or 0
            found.append(
                _call(point, here, slept_s, gain_m + (here.gain_m or 0.0), through=through)
            )
        gain_m += stage.gain_m or 0.0
    found[-1] = replace(found[-1], end=True)
    found = found[: next((k for k, call in enumerate(found) if call.closed), len(found)) + 1]
    last = max((k for k, call in enumerate(found) if call.passed), default=-1)
    return [replace(call, passed=k <= last) for k, call in enumerate(found)]


def _call(point: Point, here: PointFacts, slept_s: float, gain_m: float, *, through: bool) -> Call:
    early_s, arrival_s, late_s = arrival_range_s(here, through=through)
    stop_s, left_s = float(here.stop_s or 0), here.margin_s.p50
    return Call(
        name=here.name,
        early_s=early_s,
        arrival_s=arrival_s,
        late_s=late_s,
        stop_s=stop_s,
        sleep_s=float(here.sleep_s or 0),
        slept_s=slept_s,
        cutoff_s=here.cutoff_s,
        late_leaving_s=float(max(-(left_s or 0), 0)),
        race_distance_m=here.race_distance_m,
        gain_m=gain_m,
        crewed=crewed(point),
        base=point.kind == "life-base",
        bag=point.drop_bag,
        drive_s=point.drive_s,
        services=point.services,
        passed=here.passed,
        closed=closed(here),
    )


@dataclass(frozen=True)
class Sky:
    """When it is dark where the runner then is."""

    nights: Darkness

    def dark(self, at_s: float) -> bool:
        """Whether it is dark at a moment."""
        return self._between_s(at_s - 30.0, at_s + 30.0) > 30.0

    def nights_between(self, from_s: float, to_s: float) -> int:
        """How many nights a stretch of time touches, by at least ten minutes each."""
        knots_s, dark_s = self.nights.clock_s, self.nights.dark_s
        pieces = zip(knots_s[:-1], knots_s[1:], np.diff(dark_s), strict=True)
        return sum(
            min(end_s, to_s) - max(begin_s, from_s) > 600.0
            for begin_s, end_s, dark in pieces
            if dark > 0.0
        )

    def _between_s(self, from_s: float, to_s: float) -> float:
        return float(self.nights.between_s(np.array([from_s]), np.array([to_s]))[0])


def sky_of(chain: Chain) -> Sky | None:
    """The nights of stages on one clock; None without a start."""
    start = chain[0][0].start
    if start is None:
        return None
    at_s: list[float] = []
    lat_deg: list[float] = []
    lon_deg: list[float] = []
    for part, stage in chain:
        for point in stage.points:
            late_s = point.arrival_s.p90
            at_s.append((point.arrival_s.p50 or 0) if late_s is None else late_s)
            k = max(int(np.searchsorted(part.profile.distance_m, point.distance_m)) - 1, 0)
            lat_deg.append(float(part.profile.lat_deg[k]))
            lon_deg.append(float(part.profile.lon_deg[k]))
    return Sky(darkness(start, np.array(at_s), np.array(lat_deg), np.array(lon_deg)))
