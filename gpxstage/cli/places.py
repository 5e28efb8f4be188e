"""POINT and a moment, as people type them -> a place of the course, seconds on its clock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from gpxstage.course import CourseError
from gpxstage.estimator import Passed, live
from gpxstage.text import duration_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course, Stage
    from gpxstage.profile import Profile

TIMES = "14:35 (h:mm since the start), 38h, D2 14:30, 2026-09-05T14:30"


def place(course: Course, profiles: Sequence[Profile], text: str, option: str) -> Passed:
    """Where a name is, with no time yet: a point, or ``stage 3`` for the end of that stage."""
    ends = {f"stage {stage.number}": k for k, stage in enumerate(course.stages)}
    ends |= {"finish": len(course.stages) - 1}
    try:
        stage, point = course.point(text)
    except CourseError as error:
        k = ends.get(" ".join(text.casefold().split()))
        if k is None:
            raise click.UsageError(f"{option} {text}: {error}") from None
        number = course.stages[k].number
        return Passed(number, profiles[k].length_m, 0.0, text)
    length_m = profiles[course.stages.index(stage)].length_m
    return Passed(stage.number, min(point.distance_m or 0.0, length_m), 0.0, point.name)


def passed(
    course: Course, profiles: Sequence[Profile], given: Sequence[tuple[str, str]]
) -> tuple[Passed, ...]:
    """The passages of ``--passed``, checked; a usage error where they cannot be."""
    found = []
    for text, time in given:
        there = place(course, profiles, text, "--passed")
        stage = next(stage for stage in course.stages if stage.number == there.stage)
        elapsed_s = _elapsed_s(course, stage, time, f"--passed {text} {time}")
        found.append(replace(there, elapsed_s=elapsed_s))
    try:
        live.checked(course, profiles, found)
    except ValueError as error:
        raise click.UsageError(f"--passed: {error}") from None
    return tuple(found)


def _elapsed_s(course: Course, stage: Stage, text: str, where: str) -> float:
    """Seconds on the clock that a stage's times count from."""
    value_s = duration_s(text)
    if value_s is not None:
        return value_s
    through = course.format == "continuous"
    start, first = course.start if through else stage.start, course.start or course.stages[0].start
    match = re.fullmatch(r"\s*d\s*(\d{1,3})\s+(\d{1,2}):([0-5]\d)\s*", text, re.IGNORECASE)
    try:
        when = None if match else datetime.fromisoformat(text.strip())
        if int(match[2]) > 23 if match else len(text.strip()) <= len("2026-09-05"):
            raise ValueError  # no such hour, or no hour at all
    except ValueError:
        raise click.UsageError(f"{where}: a time is {TIMES}") from None
    if start is None or first is None:
        raise click.UsageError(
            f"{where}: a time of day needs a start: give --start, or elapsed time"
        )
    if match:
        day = first.replace(hour=0, minute=0, second=0) + timedelta(days=int(match[1]) - 1)
        when = day.replace(hour=int(match[2]), minute=int(match[3]))
    assert when is not None
    try:
        when = when.replace(tzinfo=when.tzinfo or start.tzinfo).astimezone(UTC)
    except OverflowError:  # a day off the calendar, in its zone
        raise click.UsageError(f"{where}: a time is {TIMES}") from None
    return (when - start.astimezone(UTC)).total_seconds()
