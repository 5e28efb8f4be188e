"""race.toml -> Course, with the clock of its stages."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage import walltime
from gpxstage.course import DEFAULT_TERRAIN, Course, CourseError, Result, Stage, Weather, WishError
from gpxstage.racefile import bare, doubts, keys, marks, places, services, sources
from gpxstage.racefile.keys import Official
from gpxstage.racefile.sections import Sections, ground_of_stage
from gpxstage.text import duration_s, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gpxstage.course import Format, Point
    from gpxstage.racefile.bare import Wishes
    from gpxstage.racefile.keys import RaceTable
    from gpxstage.racefile.sections import Section
    from gpxstage.racefile.sources import Source


FAR = 0.05  # of the official length: a measured one this far from it is a note


def build(
    race: RaceTable, path: Path, wishes: Wishes, read: Mapping[Path, Source] | None = None
) -> Course:
    """The course of a race file at *path*, whose files may have been *read* already."""
    where = sources.name_of(path)
    format_ = wishes.format or race.format or ("staged" if len(race.stage) > 1 else "continuous")
    timetable = Timetable(race, format_, wishes, where)
    sections = Sections(path, race, wishes, read or {})
    parts = sections.all()
    fields, late = earlier_fields(race, where)
    stages = _stages(race, parts, timetable, wishes.terrain, where)
    official = race.official or Official()
    notes = [
        *sections.notes,
        *_unsaid(race, wishes),
        *timetable.doubts(float(parts[0].way.track.lon_deg[0])),
        *places.gaps([p.way for p in parts], [stage.transfer for stage in race.stage]),
        *doubts.disorder(stages, staged=format_ == "staged"),
        *late,
        *_far("the race", sum(part.way.length_m for part in parts), official.length_m),
        *services.doubts([(p.name, p.services) for stage in race.stage for p in stage.point]),
    ]
    course = Course(
        race.name or sources.name_of(sources.real(path).parent) or "course",
        tuple(stages),
        format=format_,
        timezone=race.timezone,
        start=timetable.start,
        waves=timetable.waves,
        limit_s=None if race.limit_h is None else 3600.0 * race.limit_h,
        official_length_m=official.length_m,
        official_gain_m=official.gain_m,
        survey=race.survey,
        results=fields,
        terrain_spread=race.terrain_spread if wishes.terrain is None else None,
        terrain_assumed=bool(_without_terrain(race, wishes)),
        conditions=1.0 if race.conditions is None else race.conditions,
        weather=timetable.weather(),
    )
    return replace(course, notes=(*notes, *doubts.of_course(course)))


def _stages(
    race: RaceTable,
    parts: Sequence[Section],
    timetable: Timetable,
    terrain: float | None,
    where: str,
) -> list[Stage]:
    points, doubts = _points(race, parts, timetable, where)
    stages, packs_kg = [], _packs_kg(race, where)
    for k, (stage, part) in enumerate(zip(race.stage, parts, strict=True)):
        official = stage.official or Official()
        far = _far("", part.way.length_m, official.length_m)
        mean, along = ground_of_stage(race, k, parts, terrain, where)
        stages.append(
            Stage(
                k + 1,
                stage.name or part.way.track.name or f"Stage {k + 1}",
                part.way.track,
                points=points[k],
                start=timetable.starts[k],
                limit_s=None if stage.limit_h is None else 3600.0 * stage.limit_h,
                terrain=mean,
                terrain_along=along,
                sand=race.sand if stage.sand is None else stage.sand,
                pack_kg=packs_kg[k],
                official_length_m=official.length_m,
                official_gain_m=official.gain_m,
                notes=(*part.notes, *(f"stage {k + 1}: {doubt}" for doubt in [*doubts[k], *far])),
            )
        )
    return stages


def _points(
    race: RaceTable, parts: Sequence[Section], timetable: Timetable, where: str
) -> tuple[list[tuple[Point, ...]], list[list[str]]]:
    """The points of all stages; a race file that lists none takes the waypoints of its files."""
    ways = [part.way for part in parts]
    doubts: list[list[str]] = [[] for _ in parts]
    if any(stage.point for stage in race.stage):
        found = []
        for k, stage in enumerate(race.stage):
            points, doubts[k] = marks.placed(
                stage,
                parts[k],
                timetable.cutoffs_s(k),
                race=race,
                where=keys.label(where, k + 1, stage.name),
            )
            found.append(points)
        listed = marks.bounded(found, ways)
    else:
        waypoints = places.named(point for part in parts for point in part.waypoints)
        spread, doubts[0] = places.spread(waypoints, ways)
        listed = [(points, None) for points in spread]
    closed = []
    for k, (stay, _) in enumerate(listed):
        next_start = listed[k + 1][1] if k + 1 < len(listed) else None
        end = _end(race, k, timetable.format, next_start, parts[k].ends_at)
        closed.append(places.close(stay, ways[k].length_m, end))
    return closed, doubts


def _end(race: RaceTable, k: int, format_: Format, next_start: Point | None, ends_at: str) -> Point:
    """What a stage's end is called where no point says it."""
    stage, last = race.stage[k], k == len(race.stage) - 1
    end = places.end_of(k + 1, stage.name or "", last=last, format_=format_)
    if next_start is not None:
        kind = end.kind if next_start.kind == "start" else next_start.kind
        return replace(next_start, kind=kind)
    return replace(end, name=ends_at) if ends_at else end


def _packs_kg(race: RaceTable, where: str) -> list[float | None]:
    """What everyone carries on each stage: of the stage, or else of the race.

    Raises CourseError where it is known for some stages only.
    """
    each = [race.pack_kg if s.pack_kg is None else s.pack_kg for s in race.stage]
    if None in each and set(each) != {None}:
        raise CourseError(
            f"{where}: no pack_kg for stage {each.index(None) + 1}: give it for the race,"
            " or for every stage"
        )
    return each


def _far(what: str, length_m: float, official_m: float | None) -> list[str]:
    if official_m is None or abs(length_m / official_m - 1.0) <= FAR:
        return []
    share = 100.0 * (length_m / official_m - 1.0)
    return [
        f"{what} measures {length_m / 1000.0:.1f} km,".lstrip()
        + f" {abs(share):.0f} % {'more' if share > 0 else 'less'} than the organiser's"
        + f" {official_m / 1000.0:.1f} km"
    ]


def _without_terrain(race: RaceTable, wishes: Wishes) -> list[str]:
    """Numbers of the stages whose terrain nobody says."""
    if race.terrain is not None or wishes.terrain is not None:
        return []
    return [str(k) for k, stage in enumerate(race.stage, 1) if stage.terrain is None]


def _unsaid(race: RaceTable, wishes: Wishes) -> list[str]:
    notes = []
    if without := _without_terrain(race, wishes):
        whose = f" for stage {listed(without)}" if len(without) < len(race.stage) else ""
        finds = "; `gpxstage fit --race` finds it from [[results]]" if race.results else ""
        notes.append(f"no terrain{whose}: {DEFAULT_TERRAIN} (mountain trail) is taken{finds}")
    if len(race.stage) > 1 and race.format is None and wishes.format is None:
        notes.append(
            "several stages without a format are taken as staged:"
            ' format = "continuous" lets the clock run through'
        )
    return notes


PLACES = ("winner", "p10", "p25", "median", "p75", "p90")  # in the order they finish


def earlier_fields(race: RaceTable, where: str) -> tuple[tuple[Result, ...], list[str]]:
    """The results of a race file, and what is odd about them.

    Raises CourseError for a text that is no time, for times out of order, and for a
    terrain_spread without the terrain that it belongs to.
    """
    given = race.terrain is not None or all(stage.terrain is not None for stage in race.stage)
    if race.terrain_spread is not None and not given:
        raise CourseError(f"{where}: terrain_spread without a terrain: whose spread is it?")
    found, notes = [], []
    for k, table in enumerate(race.results, 1):
        place = f"{where}: results {k}"
        times_s = {key: _time_s(getattr(table, key), key, place) for key in PLACES}
        known = [(key, value) for key, value in times_s.items() if value is not None]
        for (before, sooner_s), (after, later_s) in pairwise(known):
            if sooner_s > later_s:
                raise CourseError(
                    f'{place}: {after} "{getattr(table, after)}" is faster than'
                    f' {before} "{getattr(table, before)}"'
                )
        late = [key for key, value in known if value > 3600.0 * (race.limit_h or float("inf"))]
        if late:
            notes.append(f"results {k}: {late[0]} lies past the limit of {race.limit_h:g} h")
        fields = {f"{key}_s": value for key, value in times_s.items()}
        found.append(Result(table.year, table.finishers, **fields, source=table.source or ""))
    return tuple(found), notes


def _time_s(text: str | None, key: str, place: str) -> float | None:
    if text is None:
        return None
    value_s = duration_s(text)
    if value_s is None:
        raise CourseError(f'{place}: {key} "{text}" is no time such as "40:34:49" or "38h"')
    if not value_s > 0.0:
        raise CourseError(f'{place}: {key} "{text}": a time must be longer than nothing')
    return value_s


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
            where = keys.label(self.where, k + 1, stage.name)
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
                where = keys.label(self.where, k + 1, self.race.stage[k].name)
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
            where = f'{keys.label(self.where, k + 1, stage.name)}: point "{point.name}"'
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
                row.celsius or 0.0,
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
