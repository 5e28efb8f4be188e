"""Times as organisers write them in a table: "14:30", "D1 09:30", "Fri 9h30", "24:30", "+33 h"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from gpxstage import walltime
from gpxstage.racefile import vocabulary
from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

MOST_HOURS = 30  # "24:30" to "29:59" are the small hours of the next day (Japanese timetables)
FAR = timedelta(days=3)  # judgement: a cutoff this long before the one before it is a week later
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

ELAPSED = re.compile(
    r"\+ ?(\d{1,3}(?:[.,]\d+)?|\d{1,3}[:h][0-5]\d) ?(?:h|hours?)?|(\d{2,3}) ?h(?: ?([0-5]\d))?"
)
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=\D|$)")
DATE = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?(?=[^\d:]|$)")
MONTHS = (  # dates whose month is a word, or which are written as in Japan
    re.compile(
        r"(?<![\d:.h])(?<!h )(?P<day>\d{1,2})(?:er|st|nd|rd|th|º|\.)? (?:de |d')?"
        r"(?P<month>[^\W\d_]{3,})\.?(?: (?:de )?(?P<year>\d{4})(?!\d))?"
    ),
    re.compile(
        r"(?P<month>[^\W\d_]{3,})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?"
        r"(?![\d:.]| ?[:h時]| ?[ap]\.?m| uhr)(?:,? (?P<year>\d{4})(?!\d))?"
    ),
    re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
)
NUMBERED = re.compile(
    r"(?<![^\W\d_])(?:day|d|jour|j|giorno|g|tag|t|dia|dag) ?(\+?\d{1,2})(?![\d:])"
    r"|(\d{1,2})日目"
    r"|\(?(?<!\d)(\+\d)(?: ?(?:days?|d|jours?|j|giorn[oi]|tage?|dias?))?(?![\d:.h])\)?"
    r"|(翌(?!々)日?|next day|(?:le )?lendemain|giorno dopo|giorno successivo|folgetag"
    r"|d[ií]a siguiente|dia seguinte)"
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
        elapsed = _hours(found[1] or f"{found[2]}:{found[3] or '00'}")
        if found[1] or elapsed >= (DAY if found[3] is None else MOST_HOURS * HOUR):
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
    days = [_begun(word, vocabulary.WEEKDAYS) for word in left]
    if len(days) > 1 or None in days:
        return None
    return Written(
        timedelta(hours=hours, minutes=minutes),
        number=None if number is None else _number(number),
        weekday=days[0] if days else None,
        dates=dates,
    )


def _number(found: re.Match[str]) -> int:
    """The day of the race: "J+1", "+1" and "next day" are the day after the first."""
    text = found[1] or found[2] or found[3] or "+1"
    return int(text) + text.startswith("+")


MOST_WORDS = 5  # of a time: "Sat 30 August, 9:30 AM"
SIGNS = " .,;:=-()[]"


PARTS = re.compile(r"[,;&|]|(?<=[\dhm])/(?=\d)| / |(?<!\w)(?:and|then|et|puis|e|poi|und|y)(?!\w)")


@lru_cache(maxsize=1024)  # each passage of a place has the same text
def limits_in(text: str) -> tuple[tuple[str, ...], ...]:
    """The time limits that a description names, as they are written there: a list by each word.

    They are the whole text, or a word for a time limit is beside them. A place that is passed
    twice has lists of two: "cutoffs 10:15 AM, 5:30 AM Sun".
    """
    whole = text.strip(SIGNS)
    if _is_time(whole):
        return ((whole,),)
    if all(map(_is_time, PARTS.split(whole.casefold()))):
        return (_begin(whole.casefold()),)
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found = []
    for word in _limits().finditer(plain):
        before = plain[: word.start()].strip(SIGNS).split()[-MOST_WORDS:]
        several = (" ".join(before[-n:]) for n in range(len(before), 0, -1))
        times = _begin(plain[word.end() :]) or tuple(filter(_is_time, several))[:1]
        found += [tuple(time.strip(SIGNS) for time in times)] if times else []
    return tuple(found)


def _is_time(text: str) -> bool:
    return len(text.split()) <= MOST_WORDS and read(text.strip(SIGNS)) is not None


def _begin(text: str) -> tuple[str, ...]:
    """The times at the beginning of a text: one, or as many as signs or "and" part."""
    found: list[str] = []
    for part in PARTS.split(text.strip(SIGNS)):
        if first := _longest(part):
            found.append(first)
        if not _is_time(part):
            break
    return tuple(found) if len(found) > 1 else tuple(filter(None, [_longest(text)]))


def _longest(text: str) -> str:
    """The longest beginning of a text that is a time; "" where none is."""
    words = text.strip(SIGNS).split()[:MOST_WORDS]
    several = (" ".join(words[:n]).strip(SIGNS) for n in range(len(words), 0, -1))
    return next(filter(_is_time, several), "")


@cache
def _limits() -> re.Pattern[str]:
    parts = [
        re.escape(word)
        if vocabulary.UNSPACED.search(word)
        else r"(?<![a-z])" + re.escape(word).replace(r"\ ", r"[ -]?") + "(?![a-z])"
        for word in vocabulary.limits()
    ]
    return re.compile("|".join(parts))


SINCE = re.compile(
    r"\+? ?(\d{1,3}) ?(?:[:h]|hours?|hrs?|std|stunden|heures|ore|horas|時間) ?"
    r"(?:([0-5]?\d)(?::[0-5]\d)? ?(?:min|m|h|分)?)?"
)
MINUTES = re.compile(r"\+? ?(\d{1,3})[.,]([0-5]\d) ?h?")
NUMBER = re.compile(r"\+? ?(\d{1,3}(?:[.,]\d+)?) ?(?:h|hours?|hrs?|std|stunden|heures|ore|horas)?")


def since_start(text: str, *, numbers: bool = False) -> timedelta | None:
    """What a text is as hours since the start: "4:00", "7h30", "14 h 30"; else None.

    With *numbers* also "4", "46.5" and "12.75"; "12.30" is half past twelve hours.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if found := SINCE.fullmatch(plain):
        return timedelta(hours=int(found[1]), minutes=int(found[2] or 0))
    if numbers and (found := MINUTES.fullmatch(plain)):
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    if numbers and (found := NUMBER.fullmatch(plain)):
        return timedelta(hours=float(found[1].replace(",", ".")))
    return None


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
    if (named := _month(text)) is not None:
        return named
    found, rest = _take(DATE, text)
    if found is None or not CLOCK.search(rest):
        return (), text
    first, second, year = int(found[1]), int(found[3]), int(found[4]) if found[4] else None
    if year is not None and year < 100:
        year += 2000
    month_first = [] if found[2] == "." else [(year, first, second)]
    real = _real([(year, second, first), *month_first])
    return (real, rest) if real else ((), text)


def _month(text: str) -> tuple[tuple[tuple[int | None, int, int], ...], str] | None:
    """A date whose month is a word, "31 août" or "Aug 31", and the rest of the text."""
    for found in (found for pattern in MONTHS for found in pattern.finditer(text)):
        name, year = found["month"], found["year"]
        begun = _begun(name, vocabulary.MONTHS)
        month = int(name) if name.isdecimal() else None if begun is None else begun + 1
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        if month is None or not CLOCK.search(rest):
            continue
        if real := _real([(int(year) if year else None, month, int(found["day"]))]):
            return real, rest
    return None


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


def _begun(word: str, table: Mapping[str, str]) -> int | None:
    """The place of a day or a month that a word of any language means, by its longest beginning."""
    plain = letters(word)
    begins = [
        (len(begin), place)
        for text in table.values()
        for place, begin in enumerate(map(letters, text.split()))
        if plain.startswith(begin)
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
