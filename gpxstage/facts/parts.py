"""The stages of a report one by one, each with its profile, its estimate and its draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from gpxstage.course import Point
from gpxstage.estimator.nouns import SAME_M
from gpxstage.units import metres

if TYPE_CHECKING:
    from datetime import datetime

    from gpxstage.course import Course, Stage
    from gpxstage.estimator.nouns import Estimate, StageEstimate, StageSpread
    from gpxstage.profile import Profile


@dataclass(frozen=True, eq=False)
class Part:
    """A stage with all that is known of it."""

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
    limit_s: float | None = None  # of the stage, or of the race at its end; on the same clock
    passed_m: tuple[float, ...] = ()  # where the runner has been, and when is known


class Findings(Protocol):
    """What the facts are made from: a `gpxstage.Report`, by its shape."""

    @property
    def course(self) -> Course: ...

    @property
    def profiles(self) -> tuple[Profile, ...]: ...

    @property
    def estimate(self) -> Estimate | None: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    @property
    def levels(self) -> tuple[tuple[str, Estimate], ...]: ...

    @property
    def intake_kcal_per_h(self) -> float: ...

    @property
    def usual(self) -> Estimate | None: ...

    @property
    def plans(self) -> tuple[Estimate, ...] | None: ...

    @property
    def parts(self) -> tuple[Part, ...]: ...


def parts_of(
    course: Course,
    profiles: tuple[Profile, ...],
    estimate: Estimate | None,
    *,
    estimated: bool,
) -> tuple[Part, ...]:
    """The stages of a course in order; *estimated*: an estimate was wanted."""
    race_start = course.start or course.stages[0].start
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
                spread=estimate.spread[k] if estimate and estimate.spread else None,
                limit_s=_limit_s(course, k),
                passed_m=_passed_m(estimate, stage.number),
            )
        )
        offset_m += metres(profile.length_m) or 0.0
    return tuple(found)


def _limit_s(course: Course, k: int) -> float | None:
    """When the end of a stage closes: in a staged race by its own limit."""
    if course.format == "staged":
        return course.stages[k].limit_s
    return course.limit_s if k == len(course.stages) - 1 else None


def _passed_m(estimate: Estimate | None, number: int) -> tuple[float, ...]:
    passed = estimate.passed if estimate else ()
    return tuple(here.distance_m for here in passed if here.stage == number)


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
