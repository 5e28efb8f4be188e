"""Clocks on the wall: moments with an offset, seconds between them, changes of the clocks.

Every step goes through UTC, because a day on which the clocks change has 23 or 25 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

DAY_S = 86_400.0
# day of the race, day of the week, or both as the outputs have them: "D2 Mon 14:10"
OF_DAY = re.compile(r"(?:d ?(\d{1,3}) )?(?:([a-z]{3,9})\.? )?(\d{1,2}):([0-5]\d)")
ZONED = re.compile(r"(.*\d:[0-5]\d) ([a-z]{2,5}|[+-]\d{2,4})", re.IGNORECASE)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def utc(seconds: float) -> datetime:
    """The moment that lies *seconds* after the start of 1970 UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def after(start: datetime, seconds: float) -> datetime:
    """The wall clock *seconds* after an aware *start*, in the time zone of *start*."""
    return (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(start.tzinfo)


def moment(start: datetime | None, after_s: float | None) -> datetime | None:
    """The wall clock *after_s* seconds after *start*; None where one of them is unknown."""
    return None if start is None or after_s is None else after(start, after_s)


def between_s(start: datetime, end: datetime) -> float:
    """Seconds from one aware date-time to another."""
    return (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()


def to_the_minute(there: datetime) -> datetime:
    """A moment at the nearest full minute; a half counts upwards."""
    late = there + timedelta(seconds=30) if there.tzinfo is None else after(there, 30.0)
    return late.replace(second=0, microsecond=0)


def zone_where_twice(there: datetime) -> str:
    """The name of the zone's time, "CET", of a moment whose local time comes twice; else ""."""
    first, second = (there.replace(fold=fold).utcoffset() for fold in (0, 1))
    if first is None or second is None or first <= second:
        return ""
    return there.tzname() or ""


@dataclass(frozen=True)
class Change:
    """A change of the clocks: when, by how much, and what the zone's time is called around it."""

    after_s: float  # after the start
    by_s: float  # negative where the clocks go back
    before: str
    then: str


def changes(start: datetime, most_s: float) -> list[Change]:
    """The changes of the clocks from an aware *start* until *most_s* seconds after it."""
    found: list[Change] = []
    low_s, here = 0.0, start
    while low_s < most_s:
        high_s = min(low_s + DAY_S, most_s)  # no zone has two changes in a day
        there = after(start, high_s)
        if there.utcoffset() != here.utcoffset():
            at_s = _first_s(start, low_s, high_s)
            by_s = (there.utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
            names = (here.tzname() or "", there.tzname() or "")
            found.append(Change(at_s, by_s.total_seconds(), *names))
        low_s, here = high_s, there
    return found


def _first_s(start: datetime, low_s: float, high_s: float) -> float:
    """The first whole second at which the offset is no longer that at *low_s*."""
    before = after(start, low_s).utcoffset()
    low, high = int(low_s), int(-(-high_s // 1))
    while high - low > 1:
        middle = (low + high) // 2
        same = after(start, float(middle)).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return float(high)


def on_the_wall(local: datetime, tz: tzinfo) -> tuple[datetime, str]:
    """The aware moment of a local date and time, and a note where that time is doubtful.

    A time that the clocks jump over is as much later as they jump. Of a time that comes twice the
    first is taken. The note is empty for every other time.
    """
    when, again = local.replace(tzinfo=tz, fold=0), local.replace(tzinfo=tz, fold=1)
    if when.utcoffset() == again.utcoffset():
        return when, ""
    real = when.astimezone(UTC).astimezone(tz)
    if real.replace(tzinfo=None) != local.replace(tzinfo=None, fold=0):
        return real, (
            f"{local:%Y-%m-%d %H:%M} does not exist, because the clocks go forward then:"
            f" {real:%H:%M} is taken"
        )
    return when, (
        f"{local:%Y-%m-%d %H:%M} exists twice, because the clocks go back then: the first is taken"
    )


def shifted(start: datetime, first: datetime, moved: datetime) -> datetime:
    """*start* moved on the wall clock by as much as *first* has moved to *moved*.

    The answer has no offset, because such a local time may not exist: see `on_the_wall`.
    """
    local = moved.astimezone(first.tzinfo).replace(tzinfo=None)
    return start.replace(tzinfo=None) + (local - first.replace(tzinfo=None))


class NoSuchDayError(ValueError):
    """A day of the race and a day of the week that are two days."""


def read(text: str, start: datetime, first: datetime) -> datetime:
    """The moment that a person writes: a time of day with its day, or a date with a time.

    The answer has no offset where the text has none. *start* is the start of the clock that
    counts. *first* is the start of the race on the wall: its day is D1. A day of the week means
    the first such moment after *start*. The name of the zone's time may follow, as the outputs
    have it where a time comes twice: "Sun 02:13 CET". Raises ValueError for any other text.
    """
    if zoned := ZONED.fullmatch(text.strip()):
        there = read(zoned[1], start, first)
        for fold in (0, 1):
            when = there.replace(tzinfo=start.tzinfo, fold=fold)
            if (when.tzname() or "").casefold() == zoned[2].casefold():
                return when
        raise ValueError("no time of the zone has that name then")
    of_day = OF_DAY.fullmatch(" ".join(text.casefold().split()))
    if of_day is None:
        if len(text.strip()) <= len("2026-09-05"):
            raise ValueError("a date without a time")
        return datetime.fromisoformat(text.strip())
    number, name, hour, minute = of_day.groups()
    if number is None and name is None:
        raise ValueError("a time of day without a day")
    clock = timedelta(hours=int(hour), minutes=int(minute))
    if clock >= timedelta(days=1):
        raise ValueError("no such hour")
    weekday = None if name is None else _weekday(name)
    if number is not None:
        day = first.replace(hour=0, minute=0, second=0) + timedelta(days=int(number) - 1)
        if weekday not in (None, day.weekday()):
            raise NoSuchDayError(f"D{number} is a {WEEKDAYS[day.weekday()].capitalize()}")
        return day + clock
    local = start.replace(tzinfo=None)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day += timedelta(days=((weekday or 0) - local.weekday()) % 7)
    return day + clock if day + clock > local else day + clock + timedelta(days=7)


def _weekday(name: str) -> int:
    found = [k for k, whole in enumerate(WEEKDAYS) if whole.startswith(name)]
    if not found:
        raise ValueError("no such day of the week")
    return found[0]
