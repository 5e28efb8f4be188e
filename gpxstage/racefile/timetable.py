"""The clock of a race file: its starts, and cutoffs in seconds from the start they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage import walltime
from gpxstage.course import CourseError, Weather, WishError
from gpxstage.racefile import bare, doubts
from gpxstage.racefile.keys import label

if TYPE_CHECKING:
    from datetime import datetime

    from gpxstage.course import Format
    from gpxstage.racefile.bare import Wishes
    from gpxstage.racefile.keys import RaceTable


class Timetable:
    """When each stage starts, and every cutoff in seconds from the start it belongs to.

    The race file's starts and cutoffs are the first wave's; a later wave, or a start given by
    hand, moves them all by the same shift, so cutoffs in seconds do not change.
    """

    def __init__(self, race: RaceTable, format_: Format, wishes: Wishes, where: str) -> None:
        self.race, self.format, self.where = race, format_, where
        self.notes: list[str] = []
        self.zone = bare.zone(race.timezone, where) if race.timezone else None
        self.waves = tuple(self._aware(wave, f"{where}: waves") for wave in race.waves)
        first = self._first()
        self.own = self._own(first)  # the first wave's start of each stage
        self.start = self._moved(self.own[0], wishes)
        self.starts: list[datetime | None] = [None] * len(race.stage)
        if format_ == "staged":
            self.starts = [self._follow(k, own) for k, own in enumerate(self.own)]
            self.starts[0] = self.start

    def _aware(self, local: datetime, where: str) -> datetime:
        if self.zone is None:
            raise CourseError(
                f'{where}: a date and time needs a timezone, such as timezone = "Europe/Rome"'
            )
        if problem := bare.out_of_range(local):
            raise CourseError(f"{where}: {problem}")
        return self._noted(*walltime.on_the_wall(local, self.zone), where)

    def _noted(self, when: datetime, doubt: str, where: str) -> datetime:
        """The moment, with a note of what is odd about it."""
        if doubt:
            self.notes.append(f"{where}: {doubt}")
        return when

    def _first(self) -> datetime | None:
        """The first start of the race, by the race's own keys."""
        if self.race.start is not None and self.waves:
            raise CourseError(f"{self.where}: start and waves: the race has one of them")
        if list(self.waves) != sorted(self.waves):
            raise CourseError(f"{self.where}: waves must be in order: cutoffs are the first's")
        if self.race.start is not None:
            return self._aware(self.race.start, f"{self.where}: start")
        return self.waves[0] if self.waves else None

    def _own(self, first: datetime | None) -> list[datetime | None]:
        starts: list[datetime | None] = []
        for k, stage in enumerate(self.race.stage):
            where = label(self.where, k + 1, stage.name)
            own = None if stage.start is None else self._aware(stage.start, f"{where}: start")
            if k == 0 and first is not None:
                if own is not None and own != first:
                    raise CourseError(f"{where}: start differs from the race's start")
                own = first
            elif k and own is not None and self.format == "continuous":
                self.notes.append(
                    f"stage {k + 1}: its start is not used: the clock of a continuous race"
                    " runs through"
                )
            starts.append(own)
        before: datetime | None = None
        for k, start in enumerate(starts if self.format == "staged" else []):
            if start is not None and before is not None and start <= before:
                where = label(self.where, k + 1, self.race.stage[k].name)
                raise CourseError(f"{where}: starts before the stage before it")
            before = start or before
        return starts

    def _moved(self, first: datetime | None, wishes: Wishes) -> datetime | None:
        """The start that counts: the file's, a later wave's, or one given by hand."""
        if wishes.start is not None and wishes.wave is not None:
            raise WishError("a start and a wave: give one of them")
        if wishes.start is not None:
            return self._noted(*bare.wished_start(wishes.start, self.zone), "the start")
        if wishes.wave is None:
            return first
        if not 1 <= wishes.wave <= len(self.waves):
            raise WishError(f"{self.where}: wave {wishes.wave}: it has {len(self.waves)} waves")
        return self.waves[wishes.wave - 1]

    def _follow(self, k: int, own: datetime | None) -> datetime | None:
        first = self.own[0]
        if own is None or first is None or self.start in (None, first) or own.tzinfo is None:
            return own
        assert self.start is not None
        moved = walltime.shifted(own, first, self.start)
        return self._noted(*walltime.on_the_wall(moved, own.tzinfo), f"the start of stage {k + 1}")

    def cutoffs_s(self, k: int) -> list[float | None]:
        """The cutoffs of a stage's points, in seconds from the race's or the stage's start."""
        stage = self.race.stage[k]
        start = self.own[k if self.format == "staged" else 0]
        if start is None and k == 0:
            start = self.start
        found: list[float | None] = []
        for point in stage.point:
            if point.cutoff is None:
                found.append(None)
                continue
            where = f'{label(self.where, k + 1, stage.name)}: point "{point.name}"'
            if start is None:
                raise CourseError(f"{where}: a cutoff needs a start to count from")
            cutoff = self._aware(point.cutoff, f"{where}: cutoff")
            seconds = walltime.between_s(start, cutoff)
            if seconds <= 0.0:
                raise CourseError(
                    f"{where}: cutoff {cutoff:%Y-%m-%d %H:%M} is not after the start"
                    f" {start:%Y-%m-%d %H:%M}"
                )
            found.append(seconds)
        return found

    def weather(self) -> tuple[Weather, ...]:
        """The rows of the race's weather as moments."""
        return tuple(
            Weather(
                self._aware(row.at, f"{self.where}: weather {k}: at"),
                row.temperature_c,
                row.humidity / 100.0,
                row.height_m,
            )
            for k, row in enumerate(self.race.weather, 1)
        )

    def doubts(self, lon_deg: float) -> list[str]:
        """Notes of a time zone that is not that of the place, and of cutoffs that have moved."""
        notes = [*self.notes]
        if self.zone is not None and self.race.timezone is not None:
            local = None if self.start is None else self.start.replace(tzinfo=None)
            notes += doubts.zone(self.race.timezone, self.zone, lon_deg, local)
        points = [point for stage in self.race.stage for point in stage.point]
        given = [(point.name, point.cutoff) for point in points if point.cutoff is not None]
        first = self.own[0]
        if first is None or self.start is None or not given or self.start in self.waves:
            return notes
        assert self.zone is not None  # else there is no start
        name, local = given[0]
        cutoff = walltime.on_the_wall(local, self.zone)[0]
        moved_s = walltime.between_s(first, self.start)
        after = walltime.after(self.start, walltime.between_s(first, cutoff))
        if moved_s and f"{after:%H%M}" != f"{cutoff:%H%M}":
            notes.append(
                f"the start is not that of {self.where}, and the cutoffs move with it: that at"
                f' "{name}" from {cutoff:%H:%M} to {after:%H:%M}; to keep the cutoffs,'
                f" write the start into {self.where}"
            )
        return notes
