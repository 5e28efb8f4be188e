"""The passages of `--passed`: places of the course, seconds on its clock, and doubts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from gpxstage import walltime
from gpxstage.course import CourseError
from gpxstage.estimator import Passed, estimate, underway
from gpxstage.estimator.nouns import Slower
from gpxstage.estimator.runner import LEVELS
from gpxstage.text import duration_s
from gpxstage.units import DAYS, hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.cli.options import PlanOptions
    from gpxstage.course import Course, Stage
    from gpxstage.profile import Profile
    from gpxstage.racefile.table import SplitRow

TIMES = "14:35 (h:mm since the start), 38h, Mon 14:30, D2 14:30, 2026-09-05T14:30"
# no passage is believed at more than FASTER of the winner's speed; NOTED is odd (judgement)
FASTEST, FASTER, NOTED = "elite", 1.1, 1.03
# what the winner's level may be off at an early place (judgement: winners of the UTMB 2024 are
# 14 minutes ahead of it after two hours where no past results are known, else 8)
EARLY_S = 300.0


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


def slower(
    course: Course, profiles: Sequence[Profile], passed: Sequence[Passed], plan: PlanOptions
) -> Slower | None:
    """The stretch of ``--slower``, from the last passage on; a usage error where there is none."""
    if plan.slower is None:
        if plan.until is not None:
            raise click.UsageError("--until needs --slower")
        return None
    start = max(((here.stage, here.distance_m) for here in passed), default=(0, 0.0))
    if plan.until is None:
        return Slower(plan.slower, start)
    there = place(course, profiles, plan.until, "--until")
    end = (there.stage, there.distance_m)
    if end <= start:
        raise click.UsageError(f"--until {plan.until}: the runner has been there already")
    return Slower(plan.slower, start, end)


def wanted(course: Course, profiles: Sequence[Profile], text: str | None) -> Passed | None:
    """The place and the moment of ``--arrive``; a usage error where it means none."""
    if text is None:
        return None
    name, _, time = text.rpartition("=")
    if not name.strip():
        raise click.UsageError(f"--arrive {text}: it is POINT=WHEN, as Cogne='Mon 12:00'")
    there = place(course, profiles, name.strip(), "--arrive")
    stage = course.stages[course.index(there.stage)]
    elapsed_s, _ = _elapsed_s(course, stage, time, f"--arrive {text}")
    if not elapsed_s > 0.0:
        raise click.UsageError(f"--arrive {text}: the time is not after the start")
    return replace(there, elapsed_s=elapsed_s)


def passages(
    course: Course, profiles: Sequence[Profile], given: Sequence[tuple[str, str]]
) -> tuple[tuple[Passed, ...], tuple[str, ...]]:
    """The passages of ``--passed``, checked, and notes; a usage error where they cannot be."""
    if not given:
        return (), ()
    found, notes = [], []
    for name, (text, time) in zip(_each_pass(course, given), given, strict=True):
        there = place(course, profiles, name, "--passed")
        stage = course.stages[course.index(there.stage)]
        elapsed_s, doubt = _elapsed_s(course, stage, time, f"--passed {text} {time}")
        found.append(replace(there, elapsed_s=elapsed_s))
        notes += [f"--passed {text} {time}: {doubt}"] if doubt else []
    try:
        underway.checked(course, profiles, found)
    except ValueError as error:
        raise click.UsageError(f"--passed: {error}") from None
    return tuple(found), (*notes, *_believed(course, profiles, given, found))


def _each_pass(course: Course, given: Sequence[tuple[str, str]]) -> list[str]:
    """The names as given; one that is given for each of its passes: these passes, in order."""
    count = Counter(text for text, _ in given)
    left: dict[str, list[str]] = {}
    for text, times in count.items():
        meant = course.meant(text)
        if times > 1 and len(meant) == times and len({point.name for _, point in meant}) == 1:
            left[text] = [course.name_of(*each) for each in meant]
    return [left[text].pop(0) if text in left else text for text, _ in given]


def in_order(
    course: Course, profiles: Sequence[Profile], rows: Sequence[SplitRow]
) -> list[tuple[str, str]]:
    """The places and times of a table of splits, each place by the name of one pass.

    Of a place that is passed more than once a row means the pass that is nearest to its distance;
    without one, the first after the row before it.
    """
    lengths_m = [profile.length_m for profile in profiles]
    begin_m = {s.number: sum(lengths_m[:k]) for k, s in enumerate(course.stages)}
    found, last_m = [], -1.0
    for row in rows:
        meant = course.meant(row.place)
        own = [each for each in meant if each[0].number == row.stage]
        from_m = begin_m[own[0][0].number] if own else 0.0
        meant = own or meant
        along_m = [begin_m[stage.number] + (point.distance_m or 0.0) for stage, point in meant]
        k = 0
        if row.km is not None and meant:
            off_m = [abs(from_m + 1000.0 * row.km - at_m) for at_m in along_m]
            k = off_m.index(min(off_m))
        elif meant:
            k = next((k for k, at_m in enumerate(along_m) if at_m > last_m), -1)
        if len({point.name for _, point in meant}) != 1:  # `place` says what is wrong
            found.append((row.place, row.time))
            continue
        last_m = along_m[k]
        name = course.name_of(*meant[k]) if len(course.meant(row.place)) > 1 else row.place
        found.append((name, row.time))
    return found


def _elapsed_s(course: Course, stage: Stage, text: str, where: str) -> tuple[float, str]:
    """Seconds on the clock that a stage's times count from, and what is odd about the moment."""
    value_s = duration_s(text)
    if value_s is not None:
        return value_s, ""
    start = _start(course, stage)
    try:
        if start is None:
            walltime.read(text, datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1))
            raise click.UsageError(
                f"{where}: a time of day needs a start: give --start, or elapsed time"
            )
        first = (course.start or course.stages[0].start or start).replace(tzinfo=None)
        when = walltime.read(text, start, first)
        doubt = ""
        if when.tzinfo is None and start.tzinfo is not None:
            when, doubt = walltime.on_the_wall(when, start.tzinfo)
        return walltime.between_s(start, when), doubt
    except (ValueError, OverflowError) as error:  # no such hour, no hour at all, no such day
        rule = str(error) if isinstance(error, walltime.NoSuchDayError) else f"a time is {TIMES}"
        raise click.UsageError(f"{where}: {rule}") from None


def _start(course: Course, stage: Stage) -> datetime | None:
    return course.start if course.format == "continuous" else stage.start


def _believed(
    course: Course,
    profiles: Sequence[Profile],
    given: Sequence[tuple[str, str]],
    found: Sequence[Passed],
) -> list[str]:
    """Notes of passages ahead of all winners; a usage error where they are too far ahead."""
    if any(profile.cells is None for profile in profiles):
        return []  # no estimate: another note says so
    winner, notes = estimate(course, profiles, LEVELS[FASTEST]), []
    known_s = [past.winner_s for past in course.results if past.winner_s is not None]
    factor = min(known_s) / winner.elapsed_s if known_s else 1.0
    for (text, time), here in zip(given, found, strict=True):
        k = course.index(here.stage)
        winner_s = factor * winner.stages[k].arrival_s(here.distance_m)
        if here.elapsed_s >= winner_s / NOTED - EARLY_S:
            continue
        least_s, start = winner_s / FASTER - EARLY_S, _start(course, course.stages[k])
        instead = _clock_instead(time, start, least_s)
        doubt = _too_fast(text, time, here.elapsed_s, winner_s, instead)
        if here.elapsed_s < least_s:
            raise click.UsageError(doubt)
        notes.append(doubt)
    return notes


def _too_fast(text: str, time: str, elapsed_s: float, winner_s: float, instead: str) -> str:
    """How far ahead of the winner's level a passage would be, and what else may be meant."""
    share = 100.0 * (winner_s / elapsed_s - 1.0)
    ahead = (
        f"would be {share:.0f} % faster than the winner's level ({FASTEST}),"
        f" which gets there after {hours(winner_s)}"
    )
    if instead:
        return f"--passed {text} {time}: {time} as elapsed time {ahead}; as clock time {instead}"
    after = f"{hours(elapsed_s)} after the start"
    return f"--passed {text} {time}: {after} {ahead}: are the point and the time right?"


def _clock_instead(time: str, start: datetime | None, after_s: float) -> str:
    """How a time that was read as elapsed is written as a time of day; nothing where it is none.

    It is the first such time of day *after_s* after the start.
    """
    clock_s = duration_s(time)
    if clock_s is None or clock_s >= walltime.DAY_S or time.count(":") != 1:
        return ""
    if start is None:
        return "give --start and the day, as in 'Mon 14:10' or 'D2 14:10'"
    hour, minute = divmod(round(clock_s / 60.0), 60)
    earliest = walltime.after(start, math.ceil(after_s))
    there = earliest.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if there < earliest:
        there += timedelta(days=1)
    return f"use '{DAYS[there.weekday()]} {hour:02d}:{minute:02d}'"
