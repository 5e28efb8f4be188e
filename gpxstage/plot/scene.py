"""What a picture shows, before any ink: the stages side by side, borders, sections, points.

Where things are across counts from the left edge: see `legs`. All is in metres and seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts.parts import NEAR_END_M, own_name, start_name, start_point
from gpxstage.plot.legs import hiked_share, legs_of
from gpxstage.profile.climbs import climbs
from gpxstage.units import clock_text, hours, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gpxstage.course import Course, Point
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts.analysis import Report
    from gpxstage.plot.legs import Leg

RANGE = (0.1, 0.9)
EIGHT_OF_TEN = "8 of 10"  # runs that are between p10 and p90
SUMMIT = "summit"  # the kind of a place without a name
SUMMIT_SHARE, SUMMIT_M = 0.015, 500.0  # of the picture's width: this near, a name is enough
TRANSFER = "\N{RIGHTWARDS ARROW}"  # from where a stage ends to where the next one starts


@dataclass(frozen=True)
class Visit:
    """When the runner is at a place, in seconds on the clock of the race, or of a staged stage.

    What is unknown is None.
    """

    elapsed_s: float | None = None
    low_s: float | None = None  # p10
    high_s: float | None = None  # p90
    cutoff_s: float | None = None
    levels_s: tuple[float, ...] = ()  # of a field, the picture's own level first
    stop_s: float = 0.0  # the expected stop, which must be over before a cutoff of leaving

    @property
    def is_late(self) -> bool:
        """Is the expected time past the cutoff, the stop there included?"""
        if self.elapsed_s is None or self.cutoff_s is None:
            return False
        return self.elapsed_s + self.stop_s > self.cutoff_s

    def closes(self, start: datetime | None) -> str:
        """The cutoff in words, by the clock that begins at a start."""
        return f"{'past ' if self.is_late else ''}{when(start, self.cutoff_s)}"


@dataclass(frozen=True)
class Border:
    """The start, the finish, a base or the end of a stage."""

    at: float
    name: str
    length_m: float  # from the picture's left edge, along the course
    visit: Visit
    clock: datetime | None  # the moment from which its visit counts
    begins: datetime | None  # when a stage starts there


@dataclass(frozen=True)
class Effort:
    """What a section takes."""

    elapsed_s: float  # the stop at its end included, so that sections add up
    hiked: float | None  # share of the moving time


@dataclass(frozen=True)
class Section:
    """The course from one border to the next; ``number`` is None for a part of a stage."""

    start: float
    end: float
    length_m: float
    number: int | None
    name: str
    gain_m: float | None
    efforts: tuple[Effort, ...]  # of each level, the picture's own first


@dataclass(frozen=True)
class Place:
    """A named point between the borders."""

    name: str
    kind: str
    at: float
    ground_m: float  # the profile's height there, drawn and written
    visit: Visit


@dataclass(frozen=True, eq=False)
class Scene:
    """What one picture shows; ``start`` is None where the picture has no clock."""

    legs: tuple[Leg, ...]
    borders: tuple[Border, ...]
    sections: tuple[Section, ...]
    places: tuple[Place, ...]
    across: str
    one_clock: bool  # for all of the picture; otherwise each stage has its own
    start: datetime | None  # the moment from which the clock counts
    first_s: float  # time on that clock at the left edge
    before_m: float  # of the race, before the left edge
    levels: tuple[str, ...]
    course: Course
    runner: Runner | None

    @property
    def width(self) -> float:
        """Across the picture, in metres or seconds."""
        return self.legs[-1].end

    @property
    def measured(self) -> list[Leg]:
        """The stages of which the heights are known."""
        return [leg for leg in self.legs if leg.profile.cells is not None]

    @property
    def estimates(self) -> list[StageEstimate]:
        """The picture's own estimates, of the stages that have one."""
        return [leg.estimate for leg in self.legs if leg.estimate is not None]

    @property
    def length_m(self) -> float:
        """Length of all stages in the picture."""
        return sum(metres(leg.profile.length_m) or 0.0 for leg in self.legs)


def when(start: datetime | None, after_s: float | None) -> str:
    """Day and local time, or the time since a start that is unknown; empty where both are."""
    return hours(after_s) if start is None or after_s is None else clock_text(start, after_s)


def compose(report: Report, index: int | None, across: str) -> Scene:
    """The scene of the whole race, or of the stage at *index*."""
    course = report.course
    legs = legs_of(report, index, across)
    continuous, first = course.format == "continuous", legs[0].estimate
    before = _end_name(legs_of(report, index - 1, "distance")[0]) if index else ""
    one_clock = continuous or len(legs) == 1
    start = course.start if continuous else legs[0].stage.start
    return Scene(
        legs,
        tuple(_borders(legs, before, course)),
        tuple(_sections(legs, course)),
        tuple(_places(legs)),
        across,
        one_clock,
        start if one_clock or across == "clock" else None,
        0.0 if first is None else first.offset_s,
        sum(metres(profile.length_m) or 0.0 for profile in report.profiles[: index or 0]),
        tuple(name for name, _ in report.levels),
        course,
        None if report.estimate is None else report.estimate.runner,
    )


def _visit(
    leg: Leg, distance_m: float, cutoff_s: float | None = None, point: Point | None = None
) -> Visit:
    """When the runner is at a border, with the range and all levels."""
    if leg.estimate is None:
        return Visit(cutoff_s=cutoff_s)
    name = "" if point is None else point.name
    at_s, ends = _reached_s(leg.estimate, distance_m, name), (None, None)
    if leg.spread is not None:
        at_m = leg.estimate.reached_m(distance_m, name)
        low_s, high_s = np.quantile(leg.spread.arrival_s(at_m), RANGE).tolist()
        ends = min(low_s, at_s), max(high_s, at_s)
    levels = tuple(_reached_s(each, distance_m, name) for each in leg.estimates if leg.others)
    return Visit(at_s, *ends, cutoff_s, levels, _stop_s(leg, distance_m, point))


def _reached_s(estimate: StageEstimate, distance_m: float, name: str) -> float:
    """Time on the clock at a point, before a stop that is made there."""
    return estimate.arrival_s(estimate.reached_m(distance_m, name))


def _stop_s(leg: Leg, distance_m: float, point: Point | None) -> float:
    """The stop that must be over before a point's cutoff."""
    if leg.estimate is None or point is None or point.cutoff_at == "arrive":
        return 0.0
    return sum(stop.stop_s for stop in leg.estimate.stops_at(distance_m, point.name))


def between_m(leg: Leg) -> list[float]:
    """Distances of the points between the ends of a stage, each once."""
    last_m = leg.profile.length_m - NEAR_END_M
    at_m = {point.distance_m or 0.0 for point in leg.points if point.name.strip()}
    return sorted(m for m in at_m if NEAR_END_M < m < last_m)


def _end_point(leg: Leg) -> Point | None:
    """The point where a stage ends, if it has one."""
    near = [p for p in leg.points if (p.distance_m or 0.0) > leg.profile.length_m - NEAR_END_M]
    ends = [point for point in near if point.kind in ("finish", "life-base")]
    return (ends or near)[-1] if near else None


def _end_name(leg: Leg) -> str:
    point = _end_point(leg)
    made_up = f"End of stage {leg.stage.number}"  # the name of an end without a name
    return point.name if point and point.name != made_up else ""


def _bases(leg: Leg) -> list[Point]:
    """Life bases inside a stage."""
    ends = (start_point(leg.stage), _end_point(leg))
    return [p for p in leg.points if p.kind == "life-base" and p not in ends]


def _borders(legs: tuple[Leg, ...], before: str, course: Course) -> Iterator[Border]:
    continuous, begin_m = course.format == "continuous", 0.0
    point, own = start_point(legs[0].stage), start_name(legs[0].stage, course)
    name = point.name if point else (before or own) if continuous else (own or before)
    starts = [course.start if continuous else leg.stage.start for leg in legs]
    first = not continuous or legs[0].stage is course.stages[0]
    if not name and len(legs) == 1 and first and _end_name(legs[0]):
        name = "Start"  # as the other end has a name
    yield Border(legs[0].start, name, 0.0, _visit(legs[0], 0.0), starts[0], starts[0])
    for k, (leg, clock) in enumerate(zip(legs, starts, strict=True)):
        for point in _bases(leg):
            at_m = point.distance_m or 0.0
            visit = _visit(leg, at_m, point.cutoff_s, point)
            yield Border(float(leg.reach(at_m)), point.name, begin_m + at_m, visit, clock, None)
        length_m, is_last = leg.profile.length_m, k + 1 == len(legs)
        begin_m += length_m
        name = _border_name(leg, None if is_last else legs[k + 1], course)
        begins = None if continuous or is_last else starts[k + 1]
        visit = _visit(leg, *_end(leg, course))
        yield Border(float(leg.reach(length_m)), name, begin_m, visit, clock, begins)


def _end(leg: Leg, course: Course) -> tuple[float, float | None, Point | None]:
    """At a stage's end: the distance of its time, its cutoff, and its point."""
    point, length_m = _end_point(leg), leg.profile.length_m
    is_there = point is not None and (point.distance_m or 0.0) >= length_m - SAME_M
    at_m = min(point.distance_m or 0.0, length_m) if point and is_there else length_m
    return at_m, _end_cutoff_s(leg, point, course), point if is_there else None


def _end_cutoff_s(leg: Leg, point: Point | None, course: Course) -> float | None:
    """The cutoff of a stage's end: its point's, else the limit of the stage or of the race."""
    if point is not None and point.cutoff_s is not None:
        return point.cutoff_s
    if course.format == "staged":
        return leg.stage.limit_s
    return course.limit_s if leg.stage is course.stages[-1] else None


def _border_name(leg: Leg, following: Leg | None, course: Course) -> str:
    """The name of a stage's end, with the next stage's start where that is another place."""
    name = _end_name(leg)
    start = "" if following is None else start_name(following.stage, course)
    short, long = sorted((name.casefold(), start.casefold()), key=len)
    if short and not long.startswith(short):  # "Cogne base" is the same place as "Cogne"
        return f"{name} {TRANSFER} {start}"
    return name or start


def _sections(legs: tuple[Leg, ...], course: Course) -> Iterator[Section]:
    for leg in legs:
        cuts = [0.0, *(p.distance_m or 0.0 for p in _bases(leg)), leg.profile.length_m]
        whole = len(cuts) == 2
        for start, end in pairwise(cuts):
            gain = None
            if leg.profile.cells is not None:
                low, high = (metres(leg.profile.ascent_at_m(at)) or 0.0 for at in (start, end))
                gain = high - low
            yield Section(
                float(leg.leave(start)) if start else leg.start,
                float(leg.reach(end)),
                (metres(end) or 0.0) - (metres(start) or 0.0),
                leg.stage.number if whole else None,
                own_name(leg.stage, course) if whole else "",
                gain,
                tuple(_effort(estimate, start, end) for estimate in leg.estimates),
            )


def _effort(estimate: StageEstimate, start_m: float, end_m: float) -> Effort:
    """What the way from one place of a stage to another takes."""
    ends = np.array([start_m, end_m])
    from_s, to_s = (_left_s(estimate, at_m) for at_m in (start_m, end_m))
    share = hiked_share(estimate, ends[:1], ends[1:])
    return Effort(to_s - from_s, None if share is None else float(share[0]))


def _left_s(estimate: StageEstimate, distance_m: float) -> int:
    """Time on the race's clock after the stop at a place; at the start, before a stop there."""
    stops = (stop.stop_s for stop in estimate.stops if stop.distance_m <= distance_m + 0.5)
    stopped_s = sum(stops) if distance_m > 0.0 else 0.0
    return seconds(estimate.offset_s + estimate.moving_at_s(distance_m) + stopped_s) or 0


def _places(legs: tuple[Leg, ...]) -> Iterator[Place]:
    length_m = sum(leg.profile.length_m for leg in legs)
    for leg in legs:
        taken = [start_point(leg.stage), _end_point(leg), *_bases(leg)]
        named = [point for point in leg.points if point.name.strip()]
        for point in named:
            at_m = point.distance_m or 0.0
            ground_m = leg.profile.elevation_at_m(at_m)
            if point in taken or ground_m is None:
                continue
            name = " ".join(point.name.split())
            known = leg.estimate
            passes_s = None if known is None else _reached_s(known, at_m, point.name)
            visit = Visit(passes_s, cutoff_s=point.cutoff_s, stop_s=_stop_s(leg, at_m, point))
            yield Place(name, point.kind, float(leg.reach(at_m)), ground_m, visit)
        near_m = max(SUMMIT_M, SUMMIT_SHARE * length_m)
        inner_m = [point.distance_m or 0.0 for point in named if point not in taken]
        yield from _summits(leg, inner_m, near_m)


def _summits(leg: Leg, named_m: list[float], near_m: float) -> Iterator[Place]:
    """The tops of the climbs that are not near a name or an end of the stage."""
    x, y = leg.profile.distance_m, leg.profile.elevation_m
    parts = climbs(leg.profile)
    for k, climb in enumerate(parts):
        if climb.height_m < 0.0:
            continue
        until_m = parts[k + 1].from_m if k + 1 < len(parts) else leg.profile.length_m
        there = np.flatnonzero((x >= climb.to_m - near_m) & (x <= max(until_m, climb.to_m)))
        top = int(there[np.argmax(y[there])])
        top_m = float(x[top])
        inside = SUMMIT_M < top_m < leg.profile.length_m - SUMMIT_M
        if inside and min((abs(top_m - m) for m in named_m), default=np.inf) > near_m:
            passes_s = None if leg.estimate is None else leg.estimate.arrival_s(top_m)
            yield Place(
                "", SUMMIT, float(leg.reach(top_m)), leg.profile.top_m(there), Visit(passes_s)
            )
