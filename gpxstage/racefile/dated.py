"""Starts and cutoffs of a race file in the making: texts become local dates and times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gpxstage.racefile import bare, clocks, columns, doubts
from gpxstage.racefile.clocks import Written
from gpxstage.racefile.doubts import Closing
from gpxstage.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from gpxstage.racefile.rows import PointRow, RaceRow, StageRow


@dataclass(frozen=True)
class Timed:
    """A stage in the making, with what its cutoffs count from."""

    stage: StageRow  # without the time of its start
    written: str | datetime | None  # the time of its first row, where that is its start
    own: datetime | None  # the start that its cutoffs count from
    along_km: Sequence[float | None]  # how far each point is from that start


def with_times(
    race: RaceRow,
    stages: Sequence[StageRow],
    unread: Sequence[str],
    *,
    title: str,
    along_km: Sequence[Sequence[float | None]],
) -> tuple[RaceRow, list[StageRow]]:
    """The rows with starts and cutoffs as dates and times; the race notes what stays a comment.

    *unread* are the titles of a table's columns that were not read: a note names them. The time
    of a stage's first row, where that is its start, is the start of the stage. A time of day
    without a date is the first one after the cutoff before it. Whether it is one, or hours since
    the start, is what *title*, that of the column, and the speeds say: *along_km* holds by stage
    how far each point is from the start that its clock counts from.
    """
    zone = None if race.timezone is None else bare.zone(race.timezone, "timezone")
    staged = race.format == "staged"
    notes: list[str] = []
    if unread:
        some = listed(unread, len(unread))
        notes.append(f"columns that a race file has no place for, left out: {some}")
    taken = [_start_apart(stage) for stage in stages]
    start = race.start
    if start is not None and start.tzinfo is not None:
        start = (start.astimezone(zone) if zone else start).replace(tzinfo=None)
    if start is None:
        start = _first_start(taken[0][0], [p for _, stage in taken for p in stage.points])
        if start is not None:
            notes.append(f"the start {start:%Y-%m-%d %H:%M} was taken from the table")
    timed = _timed(taken, start, along_km, staged=staged)
    since, doubt = _are_elapsed(timed, title, staged=staged)
    reading = Reading(zone, start, start, since=since, numbers=columns.of_hours(title))
    found: list[StageRow] = []
    for k, (here, ends) in enumerate(zip(timed, _ends(timed, reading, staged=staged), strict=True)):
        if staged:
            reading.closings.append([])
        rows = zip(here.stage.points, here.along_km, ends, strict=True)
        points = tuple(reading.point(point, here.own, km, end) for point, km, end in rows)
        if here.own is None and any(point.cutoff is not None for point in points):
            reading.stages.append(k + 1)
        own = here.own if staged and k else here.stage.start
        found.append(replace(here.stage, points=points, start=own))
    race = replace(race, start=start)
    return replace(race, notes=(*notes, *_notes(race, found, reading), *doubt)), found


def _timed(
    taken: Sequence[tuple[str | datetime | None, StageRow]],
    start: datetime | None,
    along_km: Sequence[Sequence[float | None]],
    *,
    staged: bool,
) -> list[Timed]:
    """The stages, each with the start that its cutoffs count from."""
    found: list[Timed] = []
    before = start
    for k, (written, stage) in enumerate(taken):
        own = start
        if staged and k:
            own = stage.start or _later_start(written, start, before)
            before = own or before
        found.append(Timed(stage, written, own, along_km[k]))
    return found


def _ends(timed: Sequence[Timed], reading: Reading, *, staged: bool) -> list[list[datetime | None]]:
    """By stage and point: the first of the dated cutoffs after it, on the same clock."""
    found: list[list[datetime | None]] = []
    first: datetime | None = None
    for here in reversed(timed):
        first = None if staged else first
        row = []
        for point in reversed(here.stage.points):
            row.append(first)
            if (there := reading.dated(point, here.own)) is not None:
                first = there if first is None else min(first, there)
        found.append(row[::-1])
    return found[::-1]


def _are_elapsed(timed: Sequence[Timed], title: str, *, staged: bool) -> tuple[bool, list[str]]:
    """Whether the cutoffs without a day count from the start, and what to say about it."""
    races: list[columns.Clock] = []
    is_dated = False
    for here in timed:
        if here.own is None:
            continue
        rows: list[columns.Bare] = []
        for point, km in zip(here.stage.points, here.along_km, strict=True):
            if isinstance(point.cutoff, str):
                row = columns.bare(point.name, point.cutoff, km, title)
                entry = clocks.read(point.cutoff)
                is_dated |= row is None and entry is not None and entry.clock is not None
                rows += [] if row is None else [row]
            is_dated |= isinstance(point.cutoff, datetime)
        if races and not staged:
            races[0] = replace(races[0], rows=(*races[0].rows, *rows))
        else:
            first = here.written if isinstance(here.written, str) else ""
            races.append(columns.Clock(here.own, first, tuple(rows)))
    return columns.are_elapsed(races, title, dated=is_dated)


@dataclass
class Reading:
    """Cutoffs read in their order, and the places whose cutoffs stay comments, by the reason."""

    zone: tzinfo | None
    first: datetime | None  # the start of the race
    last: datetime | None  # the cutoff before
    since: bool = False  # cutoffs without a day count from the start
    numbers: bool = False  # so do numbers alone: they are hours
    unclear: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)  # they count from a start that is not known
    over: list[str] = field(default_factory=list)  # of so many hours that they count from it
    stages: list[int] = field(default_factory=list)  # that have cutoffs and no start
    pushed: list[str] = field(default_factory=list)  # why some would be a day too late
    closings: list[list[Closing]] = field(default_factory=lambda: [[]])  # by clock

    def dated(self, point: PointRow, own: datetime | None) -> datetime | None:
        """The cutoff of a point where its text alone gives the day."""
        if not isinstance(point.cutoff, str):
            return point.cutoff
        entry = clocks.read(point.cutoff)
        if entry is None or not (entry.dates or entry.number or entry.elapsed):
            return None
        return self._moment(entry, own)

    def point(
        self, point: PointRow, own: datetime | None, km: float | None, end: datetime | None
    ) -> PointRow:
        """A point, its cutoff as a moment where that can be; *own* is the start it counts from.

        *end* is the first dated cutoff after it.
        """
        there, text, of_day, weekly = point.cutoff, point.cutoff_text, False, False
        if isinstance(there, str):
            text, entry = there, self._entry(point.name, there)
            of_day = entry is not None and entry == Written(clock=entry.clock)
            weekly = entry is not None and entry.weekday is not None and not entry.dates
            there = None if entry is None else self._moment(entry, own)
            if there is None:
                (self.unclear if entry is None else self.open).append(point.name)
                return point
        if there is None:
            return point
        if own is not None and there <= own:
            self.early.append(point.name)
            return replace(point, cutoff=text or f"{there:%Y-%m-%d %H:%M}")
        if own is not None:
            rolled = of_day and self.last is not None and there.time() < self.last.time()
            after_h = (there - own) / clocks.HOUR
            shown = text if of_day or weekly else ""
            here = Closing(point.name, after_h, km, shown, weekly, rolled)
            end_h = None if end is None else (end - own) / clocks.HOUR
            latest = max(self.closings[-1], default=None, key=lambda closing: closing.after_h)
            if why := doubts.pushed(here, latest, end_h):
                self.pushed.append(f"{why}: it became a comment")
                return point
            self.closings[-1].append(here)
        self.last = there if self.last is None else max(self.last, there)
        return replace(point, cutoff=there, cutoff_text=text)

    def _entry(self, name: str, text: str) -> Written | None:
        """What a text says; hours since the start where the table's cutoffs are that."""
        entry, since = clocks.read(text), clocks.since_start(text, numbers=self.numbers)
        if since is None or (entry is not None and not self.since):
            return entry
        if not self.since:
            if since < clocks.MOST_HOURS * clocks.HOUR:
                return None
            self.over.append(name)
        return Written(elapsed=since)

    def _moment(self, entry: Written, own: datetime | None) -> datetime | None:
        """A numbered day counts from the race's first day, other cutoffs from *own*."""
        if entry.number is not None:
            return clocks.moment(entry, self.first, self.last, self.zone)
        last = own if self.last is None or own is None else max(own, self.last)
        return clocks.moment(entry, own, last, self.zone)


def _start_apart(stage: StageRow) -> tuple[str | datetime | None, StageRow]:
    """The time that a stage's first row has where it is the start, and the stage without it."""
    if not stage.points:
        return None, stage
    first, *rest = stage.points
    if first.kind != "start" and (first.km is None or first.km > 0.0):
        return None, stage
    return first.cutoff, replace(stage, points=(replace(first, cutoff=None), *rest))


def _first_start(written: str | datetime | None, points: Sequence[PointRow]) -> datetime | None:
    """The start of the race: dated by itself, or a time of day before the first dated cutoff."""
    if written is None or isinstance(written, datetime):
        return written
    entry = clocks.read(written)
    if entry is None or entry.clock is None:
        return None
    if (there := clocks.moment(entry, None, None)) is not None or entry.dates:
        return there
    for point in points:
        cutoff = point.cutoff
        if isinstance(cutoff, str) and (text := clocks.read(cutoff)) is not None:
            cutoff = clocks.moment(text, None, None)
        if isinstance(cutoff, datetime):
            midnight = cutoff.replace(hour=0, minute=0, second=0)
            there = midnight + entry.clock
            there -= timedelta(days=there >= cutoff)
            fits = entry.weekday in (None, there.weekday()) and entry.number in (None, 1)
            return there if fits else None
    return None


def _later_start(
    written: str | datetime | None, first: datetime | None, before: datetime | None
) -> datetime | None:
    """The start of a later stage of a staged race: it must say its day."""
    there = written if isinstance(written, datetime) else None
    entry = clocks.read(written) if isinstance(written, str) else None
    if entry is not None and (entry.dates or entry.number is not None or entry.weekday is not None):
        there = clocks.moment(entry, first, before)
    return there if there is not None and (before is None or there > before) else None


def _notes(race: RaceRow, stages: Sequence[StageRow], reading: Reading) -> list[str]:
    def of(names: Sequence[str], says: str) -> list[str]:
        return [f"{counted(len(names), 'cutoff')} {says}: {listed(names)}"] if names else []

    notes = of(reading.unclear, "cannot be read as a time and became a comment")
    notes += of(reading.early, "would not be after the start and became a comment")
    if race.start is None:
        notes += of(reading.open, "without a date became a comment: --start gives the day")
    elif reading.stages:
        numbers = ", ".join(map(str, reading.stages))
        notes.append(
            f"the cutoffs of stages without a start became comments: stage {numbers}: write their"
            ' starts, or format = "continuous"'
        )
    count = "counts" if len(reading.over) == 1 else "count"
    notes += of(reading.over, f"of {clocks.MOST_HOURS} h and more {count} from the start")
    notes += reading.pushed
    for closings in reading.closings:
        notes += [*doubts.backwards(closings), *doubts.legs(closings)]
    dated = [p for s in stages for p in s.points if isinstance(p.cutoff, datetime)]
    if race.timezone is None and (dated or race.start is not None):
        notes.append("starts and cutoffs became comments: --timezone makes them count")
    elif dated and race.start is None:
        notes.append(f"{counted(len(dated), 'cutoff')} became a comment: --start makes them count")
    return notes
