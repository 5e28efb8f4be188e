"""The start and the time zone that a race file or a person gives, checked."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gpxstage.course import CourseError, WishError
from gpxstage.text import nearest
from gpxstage.walltime import on_the_wall

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


def wished_start(when: str | datetime, tz: ZoneInfo | None) -> tuple[datetime, str]:
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
