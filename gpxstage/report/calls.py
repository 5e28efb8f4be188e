"""When a runner is where: what the crew card, the runner's strip and the calendar share."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.daylight import darkness
from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts.parts import points_of
from gpxstage.units import SHOWN_S, range_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gpxstage.course import Point
    from gpxstage.estimator.daylight import Darkness
    from gpxstage.facts import PointFacts, StageFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.figures import LegEaten
    from gpxstage.facts.parts import Part

    Chain = Sequence[tuple[Part, StageFacts]]  # stages on one clock

CREWED = ("crew", "life-base")  # kinds of places where a crew may be, listed or not


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
    eaten_kcal: int = 0  # since the start, at the arrival
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
    seen: bool = False  # a passage there is given
    staying: bool = False  # it is the last one, and the planned stop there goes on
    passed: bool = False  # the runner has been there, and has gone on
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


def reached_m(parts: Iterable[Part]) -> float:
    """How far along the race the runner is known to have been."""
    return max(
        (part.offset_m + max(part.passed_m) for part in parts if part.passed_m), default=-math.inf
    )


def closed(point: PointFacts, been_m: float) -> bool:
    """Whether the plan reaches a place after its cutoff; who has passed it was let through."""
    arrival_s = point.arrival_s.p50
    if point.cutoff_s is None or arrival_s is None or point.race_distance_m <= been_m + SAME_M:
        return False
    return arrival_s > point.cutoff_s


def until_closed(report: Report) -> Iterator[tuple[StageFacts, PointFacts, bool]]:
    """The points of a race up to the first that has closed by then, and whether it is that one."""
    been_m = reached_m(report.parts)
    for stage, point in report.facts.every_point():
        is_last = closed(point, been_m)
        yield stage, point, is_last
        if is_last:
            return


def crewed(point: Point) -> bool:
    """Whether the crew may be at a place."""
    return point.crew or point.kind in CREWED


def calls_of(
    chain: Chain,
    eaten: Iterable[LegEaten],
    *,
    start: str,
    through: bool,
    gain_m: float,
    been_m: float,
) -> list[Call]:
    """The start and every point of stages on one clock, up to one that has closed by then.

    *start* is the name of the start, empty where it has none; *eaten* is what is eaten on their
    legs; *gain_m* is the climb of the race before them; *through*: the clock is that of the race;
    *been_m* is how far along the race the runner is.
    """
    facts = chain[0][1]
    begin = Call(
        start or "Start",
        *(0.0, 0.0, 0.0),
        race_distance_m=facts.offset_m,
        gain_m=gain_m,
        end=True,
        bag=any(point.drop_bag for part, _ in chain for point in part.stage.points),
        passed=facts.offset_m < been_m - SAME_M,
    )
    found, eaten_kcal, legs = [begin], 0, iter(eaten)
    for part, stage in chain:
        for point, here in zip(points_of(part), stage.points, strict=True):
            leg = next(legs)
            call = _call(point, here, eaten_kcal + leg.way_kcal, through=through)
            eaten_kcal += leg.eaten_kcal
            climbed_m = gain_m + (here.gain_m or 0.0)
            passed = here.race_distance_m <= been_m + SAME_M and not call.staying
            shut = closed(here, been_m)
            found.append(replace(call, gain_m=climbed_m, passed=passed, closed=shut))
            if shut:
                return found
        gain_m += stage.gain_m or 0.0
    return [*found[:-1], replace(found[-1], end=True)]


def _call(point: Point, here: PointFacts, eaten_kcal: int, *, through: bool) -> Call:
    early_s, arrival_s, late_s = arrival_range_s(here, through=through)
    stop_s, left_s = float(here.stop_s or 0), here.margin_s.p50
    return Call(
        name=here.name,
        early_s=early_s,
        arrival_s=arrival_s,
        late_s=late_s,
        stop_s=stop_s,
        sleep_s=float(here.sleep_s or 0),
        eaten_kcal=eaten_kcal,
        cutoff_s=here.cutoff_s,
        late_leaving_s=float(max(-(left_s or 0), 0)),
        race_distance_m=here.race_distance_m,
        crewed=crewed(point),
        base=point.kind == "life-base",
        bag=point.drop_bag,
        drive_s=point.drive_s,
        services=point.services,
        seen=here.passed,
        staying=staying(here),
    )


def staying(point: PointFacts) -> bool:
    """Whether the runner was last seen there, and the planned stop still goes on."""
    return point.passed and not point.behind and (point.stop_s or 0) >= SHOWN_S


@dataclass(frozen=True)
class Sky:
    """When it is dark where the runner then is."""

    nights: Darkness

    def dark(self, at_s: float) -> bool:
        """Whether it is dark at a moment."""
        from_s = np.array([max(at_s - 30.0, 0.0)])  # nothing is known of before the start
        return bool(self.nights.between_s(from_s, from_s + 60.0)[0] > 30.0)

    def nights_between(self, from_s: float, to_s: float) -> int:
        """How many nights a stretch of time touches, by at least ten minutes each."""
        knots_s, dark_s = self.nights.clock_s, self.nights.dark_s
        pieces = zip(knots_s[:-1], knots_s[1:], np.diff(dark_s), strict=True)
        return sum(
            min(end_s, to_s) - max(begin_s, from_s) > 600.0
            for begin_s, end_s, dark in pieces
            if dark > 0.0
        )


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
