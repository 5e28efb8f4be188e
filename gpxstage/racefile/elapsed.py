"""Whether the cutoffs of a table are times of day or hours since the start.

"7h30" and "7:30" may be both. The title of the column decides where it is clear, then a cutoff of
30 hours and more, then the speed that the first cutoff asks for in either reading. The speeds of
`SANE_KMH` are judgement: first cutoffs of trail races ask for 2 to 8 km/h.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage.racefile import clocks, columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

HOUR = timedelta(hours=1)
SANE_KMH = (2.0, 8.0)  # judgement
USUAL_KMH = 4.0  # judgement: the middle of these
NEAR_KM = 5.0  # judgement: a cutoff so near to the start says nothing of speeds
TITLED = 0.15  # judgement: what "time limit" as the title counts for, in ratios of speed: 1.16


@dataclass(frozen=True)
class Bare:
    """A cutoff without a day, its place, and how far from the start that is."""

    name: str
    text: str
    km: float | None
    clock: timedelta | None  # the time of day, where it can be one
    elapsed: timedelta  # the hours since the start, if it is that


@dataclass(frozen=True)
class Clock:
    """The cutoffs without a day that count from one start."""

    start: datetime
    first: str  # what the table says of the start itself
    rows: tuple[Bare, ...]

    @property
    def as_clocks_h(self) -> list[float]:
        """Hours from the start to each cutoff, read as a time of day."""
        found, last = [], self.start
        for row in self.rows:
            entry = clocks.Written(clock=row.clock)
            there = None if row.clock is None else clocks.moment(entry, self.start, last)
            if there is not None:
                last = there
            found.append(math.nan if there is None else (there - self.start) / HOUR)
        return found

    @property
    def as_elapsed_h(self) -> list[float]:
        """The same, read as hours since the start."""
        return [row.elapsed / HOUR for row in self.rows]

    @property
    def time_of_day(self) -> timedelta:
        """The time of day of the start."""
        return self.start - self.start.replace(hour=0, minute=0)

    def gives(self, first: timedelta, *, numbers: bool = False) -> bool:
        """Whether this is the time that the table has at a start that is not at midnight."""
        at_midnight = self.start.hour + self.start.minute == 0
        return not at_midnight and clocks.since_start(self.first, numbers=numbers) == first

    def are_sane(self) -> list[bool | None]:
        """Whether the first cutoff asks for a speed that races ask for; None where no km is known.

        Read as a time of day, and as hours since the start.
        """
        known = [k for k, row in enumerate(self.rows) if row.km is not None and row.km >= NEAR_KM]
        if not known:
            return [None, None]
        km, first = self.rows[known[0]].km or 0.0, known[0]
        hours = (self.as_clocks_h[first], self.as_elapsed_h[first])
        return [h > 0.0 and SANE_KMH[0] <= km / h <= SANE_KMH[1] for h in hours]


def bare(name: str, text: str, km: float | None, title: str) -> Bare | None:
    """A cutoff that may count from the start; None for one that is dated or is no such text."""
    entry = clocks.read(text)
    elapsed = clocks.since_start(text, numbers=columns.of_hours(title))
    if elapsed is None or "+" in text:
        return None
    return Bare(name, text, km, None if entry is None else entry.clock, elapsed)


def are_elapsed(races: Sequence[Clock], title: str, *, dated: bool) -> tuple[bool, list[str]]:
    """Whether the cutoffs count from the start, and what to say about it.

    *dated* says that other cutoffs of the table have a day: then these are times of day, too.
    """
    races = [race for race in races if race.rows]
    if not races or dated or any(race.gives(race.time_of_day) for race in races):
        return False, []
    rises = all(a.elapsed <= b.elapsed for race in races for a, b in pairwise(race.rows))
    from_zero = any(race.gives(timedelta(), numbers=True) for race in races)
    if columns.of_elapsed(title) or from_zero:
        return True, [_says(races[0], "count from the start")]
    if any(row.clock is None for race in races for row in race.rows):
        since = rises and races[0].are_sane() != [True, False]
        return since, [_says(races[0], "count from the start")] if since else []
    readings = [zip(race.as_clocks_h, race.as_elapsed_h, strict=True) for race in races]
    if all(abs(a - b) < 1e-6 for both in readings for a, b in both):  # the start is at midnight
        return False, []
    return _by_speed(races, title, rises=rises)


def _by_speed(races: Sequence[Clock], title: str, *, rises: bool) -> tuple[bool, list[str]]:
    """The reading that asks for the usual speeds."""
    first = races[0]
    sane = first.are_sane()
    if None in sane:
        early = first.rows[0].elapsed < first.time_of_day
        since = rises and early
        doubtful = early or columns.of_duration(title)
        return since, [_says(first, _which(since))] if doubtful else []
    by_clock, by_start = bool(sane[0]), bool(sane[1]) and rises
    if by_clock != by_start:
        why = _asked(first, since=not by_start)
        doubtful = by_start or columns.of_duration(title)
        return by_start, [_says(first, _which(by_start), why)] if doubtful else []
    if not by_clock:
        return False, [_says(first, _which(False), _asked(first, since=False, both=True))]
    off = [
        sum(_off(race, hours) for race, hours in zip(races, readings, strict=True))
        for readings in ([r.as_clocks_h for r in races], [r.as_elapsed_h for r in races])
    ]
    since = off[1] - TITLED * columns.of_duration(title) < off[0]
    return since, [_says(first, _which(since), "both are possible: check one of them")]


def _which(since: bool) -> str:
    return "were read as hours since the start" if since else "were read as times of day"


def _says(race: Clock, what: str, why: str = "") -> str:
    row = race.rows[0]
    return f'the cutoffs {what} ("{row.text}" at {row.name})' + (f": {why}" if why else "")


def _asked(race: Clock, *, since: bool, both: bool = False) -> str:
    """What speed the first cutoff with a km asks for in the reading that was not taken."""
    kms = [row.km or 0.0 for row in race.rows]
    k = next(k for k, km in enumerate(kms) if km >= NEAR_KM)
    km = kms[k]
    clock, elapsed = km / race.as_clocks_h[k], km / max(race.as_elapsed_h[k], 1e-6)
    where = f"{km:.1f} km"
    if both:
        return (
            f"neither is usual for {where}, {clock:.1f} km/h as a time of day,"
            f" {elapsed:.1f} km/h as hours since the start"
        )
    other, one = ("as hours since the start", elapsed) if since else ("as times of day", clock)
    return f"{other} the first asks for {one:.1f} km/h"


def _off(race: Clock, hours: Sequence[float]) -> float:
    """How far the speeds are from the usual one, as a mean of the logarithms of their ratios."""
    off = [
        abs(math.log(row.km / after_h / USUAL_KMH))
        for row, after_h in zip(race.rows, hours, strict=True)
        if row.km and after_h > 0.0
    ]
    return sum(off) / len(off) if off else math.inf
