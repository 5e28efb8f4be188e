"""Wall clocks: time zones, local date-times, and seconds through UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gpxstage.course import CourseError, WishError
from gpxstage.text import nearest

if TYPE_CHECKING:
    from datetime import tzinfo

FIRST_YEAR, LAST_YEAR = 1900, 2100  # judgement: races, well inside what the calendar can count


def zone(name: str, where: str) -> ZoneInfo:
    """The time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(name, sorted(available_timezones()))
        hint = f": did you mean {close}?" if close else ', such as "Europe/Rome"'
        raise CourseError(
            f'{where}: timezone "{name}" is not a name of the IANA list{hint}'
        ) from None


def wished(when: str | datetime) -> datetime:
    """The start that somebody asks for, local or with an offset.

    Raises WishError for what is no such thing.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError:
            raise WishError(
                f'start "{when}" is no date and time such as 2026-09-04T10:00'
            ) from None
    if problem := out_of_range(when):
        raise WishError(f"start {when.isoformat()}: {problem}")
    return when


def wished_zone(name: str) -> ZoneInfo:
    """The time zone that somebody asks for. Raises WishError for what is none."""
    try:
        return zone(name, "--timezone")
    except CourseError as error:
        raise WishError(str(error)) from None


def out_of_range(when: datetime) -> str:
    """What is wrong with the year of a date; nothing where nothing is."""
    if FIRST_YEAR <= when.year <= LAST_YEAR:
        return ""
    return f"the year {when.year} is out of range: {FIRST_YEAR} ... {LAST_YEAR}"


def moment(when: str | datetime, tz: ZoneInfo | None) -> tuple[datetime, str]:
    """An aware start from what somebody asks for, and what is odd about it.

    A time zone is where local is.
    """
    when = wished(when)
    if when.tzinfo is not None:
        return (when.astimezone(tz) if tz else when), ""
    if tz is None:
        raise WishError(
            f"start {when:%Y-%m-%dT%H:%M} needs an offset, as in"
            f" {when:%Y-%m-%dT%H:%M}+02:00: the course has no timezone"
        )
    return on_the_wall(when, tz)


def on_the_wall(local: datetime, tz: tzinfo) -> tuple[datetime, str]:
    """The aware moment of a local date and time, and what is odd about it; else nothing.

    A time that the clocks jump over is as much later as they jump; of one that comes twice
    the first is taken.
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


def between_s(start: datetime, end: datetime) -> float:
    """Seconds from one aware date-time to another, through UTC."""
    return (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()


def shifted(start: datetime, first: datetime, moved: datetime) -> datetime:
    """*start* moved on the wall clock by as much as *first* has moved; naive, as it may not be."""
    local = moved.astimezone(first.tzinfo).replace(tzinfo=None)
    return start.replace(tzinfo=None) + (local - first.replace(tzinfo=None))
