"""Clocks on the wall: moments with an offset, seconds between them, changes of the clocks.

Every step goes through UTC, because a day on which the clocks change has 23 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo


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
    late = there + timedelta(seconds=30)
    return late.replace(second=0, microsecond=0)


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
