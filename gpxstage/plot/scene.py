"""What a picture shows, before any ink: the stages end to end, borders, sections, points.

Distances count from the picture's left edge. Everything here is metres and seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.plot.cells import hiked_share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gpxstage.course import Array, Course, Point, Stage
    from gpxstage.estimator.result import Estimate, StageEstimate
    from gpxstage.profile import Profile
    from gpxstage.report import Report

NEAR_END_M = 250.0  # a point this near to a stage's end is that end


@dataclass(frozen=True, eq=False)
class Leg:
    """One stage in the picture, and where it begins."""

    stage: Stage
    profile: Profile
    estimate: StageEstimate | None
    start_m: float

    @property
    def end_m(self) -> float:
        """Where the stage ends in the picture."""
        return self.start_m + self.profile.length_m


@dataclass(frozen=True)
class Border:
    """The start, the finish, a base or the end of a stage."""

    at_m: float
    name: str
    elapsed_s: float | None  # on the race's clock, on arrival


@dataclass(frozen=True)
class Section:
    """From one border to the next; ``number`` is the stage's where it is one whole stage."""

    start_m: float
    end_m: float
    number: int | None
    name: str
    gain_m: float | None
    elapsed_s: float | None  # the stop at its end included, so that sections add up
    hiked: float | None  # share of the moving time


@dataclass(frozen=True)
class Place:
    """A named point between the borders."""

    name: str
    kind: str
    at_m: float
    elevation_m: float  # as written beside the name
    ground_m: float  # as drawn
    elapsed_s: float | None


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture's content. ``start`` is the clock's zero; None when there is no clock."""

    legs: tuple[Leg, ...]
    borders: tuple[Border, ...]
    sections: tuple[Section, ...]
    places: tuple[Place, ...]
    clock_m: Array  # where the race's clock stands at ...
    clock_s: Array  # ... ; both empty without an estimate or with a clock per stage
    start: datetime | None

    @property
    def length_m(self) -> float:
        """Length of all stages in the picture."""
        return self.legs[-1].end_m


def compose(report: Report, index: int | None) -> Scene:
    """The scene of the whole race, or of the stage at *index*."""
    course = report.course
    every = tuple(_legs(course, report.profiles, report.estimate))
    if index is None:
        legs = every
    else:
        leg = every[index]
        legs = (Leg(leg.stage, leg.profile, leg.estimate, 0.0),)
    before = _end_name(every[index - 1]) if index else _first_word(legs[0])
    one_clock = course.format == "continuous" or len(legs) == 1
    start = course.start if course.format == "continuous" else legs[0].stage.start
    clocks = [_clock(leg) for leg in legs if leg.estimate is not None] if one_clock else []
    return Scene(
        legs,
        tuple(_borders(legs, before, one_clock)),
        tuple(_sections(legs)),
        tuple(_places(legs, one_clock)),
        np.concatenate([clock[0] for clock in clocks]) if clocks else np.empty(0),
        np.concatenate([clock[1] for clock in clocks]) if clocks else np.empty(0),
        start if one_clock else None,
    )


def _legs(
    course: Course, profiles: tuple[Profile, ...], estimate: Estimate | None
) -> Iterator[Leg]:
    start_m = 0.0
    for k, (stage, profile) in enumerate(zip(course.stages, profiles, strict=True)):
        part = None if estimate is None or profile.cells is None else estimate.stages[k]
        yield Leg(stage, profile, part, start_m)
        start_m += profile.length_m


def _clock(leg: Leg) -> tuple[Array, Array]:
    """Distance and race clock along a leg; a stop is two entries at one place."""
    assert leg.estimate is not None
    estimate = leg.estimate
    at_m = np.array([stop.distance_m for stop in estimate.stops])
    waited_s = np.concatenate([[0.0], np.cumsum([stop.stop_s for stop in estimate.stops])])
    place = np.concatenate([estimate.edge_m, at_m, at_m])
    before = np.searchsorted(at_m, place, side="left")
    after = np.searchsorted(at_m, at_m, side="right")
    before[len(place) - len(at_m) :] = after
    clock = estimate.offset_s + np.interp(place, estimate.edge_m, estimate.moving_s)
    clock = clock + waited_s[before]
    order = np.lexsort((clock, place))
    return leg.start_m + place[order], clock[order]


def _arrival_s(leg: Leg, distance_m: float) -> float | None:
    return None if leg.estimate is None else leg.estimate.arrival_s(distance_m)


def _matched(leg: Leg) -> list[Point]:
    return sorted(
        (point for point in leg.stage.points if point.distance_m is not None),
        key=lambda point: point.distance_m or 0.0,
    )


def _end_point(leg: Leg) -> Point | None:
    """The point that a stage ends at, where it has one."""
    near = [p for p in _matched(leg) if (p.distance_m or 0.0) > leg.profile.length_m - NEAR_END_M]
    ends = [point for point in near if point.kind in ("finish", "life-base")]
    return (ends or near)[-1] if near else None


def _end_name(leg: Leg) -> str:
    point = _end_point(leg)
    made_up = f"End of stage {leg.stage.number}"  # says nothing that the number does not
    return point.name if point and point.name != made_up else ""


def _first_word(leg: Leg) -> str:
    """Where a stage called "Here - There" starts."""
    start, dash, _ = leg.stage.name.partition(" - ")
    return start.strip() if dash else ""


def _start_point(leg: Leg) -> Point | None:
    for point in _matched(leg):
        if (point.distance_m or 0.0) < NEAR_END_M and point.kind in ("start", "life-base"):
            return point
    return None


def _bases(leg: Leg) -> list[Point]:
    """Life bases inside a stage."""
    ends = (_start_point(leg), _end_point(leg))
    return [p for p in _matched(leg) if p.kind == "life-base" and p not in ends]


def _borders(legs: tuple[Leg, ...], before: str, one_clock: bool) -> Iterator[Border]:
    first = _start_point(legs[0])
    yield Border(
        0.0, first.name if first else before, _arrival_s(legs[0], 0.0) if one_clock else None
    )
    for k, leg in enumerate(legs):
        for point in _bases(leg):
            at_m = point.distance_m or 0.0
            clock = _arrival_s(leg, at_m) if one_clock else None
            yield Border(leg.start_m + at_m, point.name, clock)
        name = _end_name(leg)
        if not name and k + 1 < len(legs) and (following := _start_point(legs[k + 1])):
            name = following.name
        clock = _arrival_s(leg, leg.profile.length_m) if one_clock else None
        yield Border(leg.end_m, name, clock)


def _sections(legs: tuple[Leg, ...]) -> Iterator[Section]:
    for leg in legs:
        cuts = [0.0, *(p.distance_m or 0.0 for p in _bases(leg)), leg.profile.length_m]
        whole = len(cuts) == 2
        for start, end in pairwise(cuts):
            gain = None
            if leg.profile.cells is not None:
                low, high = np.interp([start, end], leg.profile.distance_m, leg.profile.ascent_m)
                gain = float(high - low)
            yield Section(
                leg.start_m + start,
                leg.start_m + end,
                leg.stage.number if whole else None,
                leg.stage.name if whole else "",
                gain,
                *_effort(leg.estimate, start, end),
            )


def _effort(
    estimate: StageEstimate | None, start_m: float, end_m: float
) -> tuple[float | None, float | None]:
    """Time from one place of a stage to another, and the share of the moving time hiked."""
    if estimate is None:
        return None, None
    ends = np.array([start_m, end_m])
    moving_s = float(np.diff(np.interp(ends, estimate.edge_m, estimate.moving_s))[0])
    stopped_s = sum(
        stop.stop_s
        for stop in estimate.stops
        if start_m + 0.5 < stop.distance_m <= end_m + 0.5 or stop.distance_m == start_m == 0.0
    )
    share = hiked_share(estimate, ends[:1], ends[1:])
    return moving_s + stopped_s, None if share is None else float(share[0])


def _places(legs: tuple[Leg, ...], one_clock: bool) -> Iterator[Place]:
    for leg in legs:
        taken = [_start_point(leg), _end_point(leg), *_bases(leg)]
        for point in _matched(leg):
            at_m = point.distance_m or 0.0
            ground_m = leg.profile.elevation_at_m(at_m)
            if point in taken or ground_m is None or not point.name.strip():
                continue
            height_m = ground_m if point.elevation_m is None else point.elevation_m
            clock = _arrival_s(leg, at_m) if one_clock else None
            name = " ".join(point.name.split())
            yield Place(name, point.kind, leg.start_m + at_m, height_m, ground_m, clock)
