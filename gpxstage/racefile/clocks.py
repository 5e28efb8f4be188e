"""Times as organisers write them in a table: "14:30", "D1 09:30", "Fri 9h30", "24:30", "+33 h"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from gpxstage import walltime
from gpxstage.racefile import vocabulary
from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

MOST_HOURS = 30  # "24:30" to "29:59" are the small hours of the next day (Japanese timetables)
FAR = timedelta(days=3)  # judgement: a cutoff this long before the one before it is a week later
DAY = timedelta(days=1)

ELAPSED = re.compile(r"\+ ?(\d{1,3}(?:[.,]\d+)?|\d{1,3}[:h][0-5]\d) ?(?:h|hours?)?|(\d{2,3}) ?h")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=\D|$)")
DATE = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?(?=[^\d:]|$)")
NUMBERED = re.compile(
    r"(?<![^\W\d_])(?:day|d|jour|j|giorno|g|tag|t|dia|dag) ?(\d{1,2})(?![\d:])|(\d{1,2})日目"
)
CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?: ?(?:[:h.時]|uhr) ?([0-5]\d)(?::[0-5]\d)?分?| ?(?=[ap]\.?m|h|uhr|時))"
    r" ?(?:([ap])\.?m\.?|h|uhr|時)?(?![\d:])"
)
FILLERS = {"at", "a", "alle", "ore", "um", "las", "le", "il", "am", "den", "the", "uhr", "h"}


@dataclass(frozen=True)
class Written:
    """What a text says of a moment; None where it says nothing."""

    clock: timedelta | None = None
    elapsed: timedelta | None = None
    number: int | None = None  # the day of the race, from 1
    weekday: int | None = None  # Monday is 0
    dates: tuple[tuple[int | None, int, int], ...] = ()  # year, month, day: every reading


def read(text: str) -> Written | None:
    """What a text says of a moment; None for a text that is not understood as a whole."""
    rest = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("+ ", "+").split())
    if found := ELAPSED.fullmatch(rest):
        elapsed = _hours(found[1] or found[2])
        if found[1] or elapsed >= DAY:
            return Written(elapsed=elapsed)
    dates, rest = _dates(rest)
    number, rest = _take(NUMBERED, rest)
    clock, rest = _take(CLOCK, rest)
    if clock is None:
        return None
    hours, minutes = int(clock[1]), int(clock[2] or 0)
    if clock[3]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if clock[3] == "p" else 0)
    if hours >= MOST_HOURS:
        return None
    left = [w for w in letters(rest).split() if w.isalnum() and w not in FILLERS]
    days = [_weekday(word) for word in left]
    if len(days) > 1 or None in days:
        return None
    return Written(
        timedelta(hours=hours, minutes=minutes),
        number=None if number is None else int(number[1] or number[2]),
        weekday=days[0] if days else None,
        dates=dates,
    )


MOST_WORDS = 5  # of a time: "Sat 30 August, 9:30 AM"
SIGNS = " .,;:=-()[]"


def limit_in(text: str) -> str:
    """The time limit that a description names, as it is written there; "" where there is none.

    It is the whole text, or a word for a time limit is beside it.
    """
    if len(text.split()) <= MOST_WORDS and read(text.strip(SIGNS)) is not None:
        return text.strip(SIGNS)
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    for found in _limits().finditer(plain):
        after = plain[found.end() :].strip(SIGNS).split()[:MOST_WORDS]
        before = plain[: found.start()].strip(SIGNS).split()[-MOST_WORDS:]
        several = [after[:n] for n in range(len(after), 0, -1)]
        several += [before[-n:] for n in range(len(before), 0, -1)]
        for some in several:
            if read(limit := " ".join(some).strip(SIGNS)) is not None:
                return limit
    return ""


@cache
def _limits() -> re.Pattern[str]:
    parts = [
        re.escape(word)
        if vocabulary.UNSPACED.search(word)
        else r"(?<![a-z])" + re.escape(word).replace(r"\ ", r"[ -]?") + "(?![a-z])"
        for word in vocabulary.limits()
    ]
    return re.compile("|".join(parts))


def _hours(text: str) -> timedelta:
    whole, sign, minutes = text.replace("h", ":").partition(":")
    return timedelta(hours=float(whole.replace(",", ".")), minutes=float(minutes) if sign else 0.0)


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return (found, f"{text[: found.start()]} {text[found.end() :]}") if found else (None, text)


def _dates(text: str) -> tuple[tuple[tuple[int | None, int, int], ...], str]:
    """The readings of a date in a text, and the rest; a date needs a time beside it."""
    found, rest = _take(ISO, text)
    if found:
        return _real([(int(found[1]), int(found[2]), int(found[3]))]), rest.replace("t", " ")
    found, rest = _take(DATE, text)
    if found is None or not CLOCK.search(rest):
        return (), text
    first, second, year = int(found[1]), int(found[3]), int(found[4]) if found[4] else None
    if year is not None and year < 100:
        year += 2000
    month_first = [] if found[2] == "." else [(year, first, second)]
    real = _real([(year, second, first), *month_first])
    return (real, rest) if real else ((), text)


def _real(
    readings: Sequence[tuple[int | None, int, int]],
) -> tuple[tuple[int | None, int, int], ...]:
    """The readings that the calendar has; 2000 has every day of a year."""
    found = []
    for year, month, day in readings:
        try:
            date(year or 2000, month, day)
        except ValueError:
            continue
        found.append((year, month, day))
    return tuple(dict.fromkeys(found))


def _weekday(word: str) -> int | None:
    """The day of the week that a word of any language means, by its longest beginning."""
    begins = [
        (len(begin), day)
        for text in vocabulary.WEEKDAYS.values()
        for day, begin in enumerate(map(letters, text.split()))
        if word.startswith(begin)
    ]
    return max(begins)[1] if begins else None


def moment(
    entry: Written, start: datetime | None, last: datetime | None, zone: tzinfo | None = None
) -> datetime | None:
    """The local date and time of a cutoff; None where a start is needed and not known.

    *start* is the local start of the race, *last* the cutoff before this one. A time of day alone
    is the first one after *last*, a day of the week the first one after *start*, and hours that
    count from the start are counted through the clock of *zone*.
    """
    if entry.clock is not None and entry.dates:
        return _dated(entry.clock, entry.dates, start)
    if start is None:
        return None
    last = start if last is None else last
    if entry.elapsed is not None:
        aware = start if zone is None else walltime.on_the_wall(start, zone)[0]
        seconds = entry.elapsed.total_seconds()
        there = start + entry.elapsed if zone is None else walltime.after(aware, seconds)
        return there.replace(tzinfo=None, fold=0)
    assert entry.clock is not None
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if entry.number is not None:
        return midnight + (entry.number - 1) * DAY + entry.clock
    if entry.weekday is not None:
        there = midnight + ((entry.weekday - midnight.weekday()) % 7) * DAY + entry.clock
        while there <= start or there < last - FAR:
            there += 7 * DAY
        return there
    there = last.replace(hour=0, minute=0, second=0, microsecond=0) + entry.clock % DAY
    return there if there > start and there >= last else there + DAY


def _dated(
    clock: timedelta, dates: tuple[tuple[int | None, int, int], ...], start: datetime | None
) -> datetime | None:
    """A date with its time: of several readings the one that comes soonest after the start."""
    found = []
    for year, month, day in dates:
        years = (
            [year] if year is not None else [] if start is None else [start.year, start.year + 1]
        )
        for one in years:
            try:
                found.append(datetime(one, month, day) + clock)
            except ValueError:  # 29 February
                continue
    if start is None:
        return found[0] if len(found) == 1 else None
    return min((there for there in found if there > start), default=found[0] if found else None)
