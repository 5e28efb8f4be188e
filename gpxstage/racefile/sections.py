"""The track of each stage of a race file: its file, which of its tracks, which part of that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.racefile import places, sources
from gpxstage.racefile.bare import prepare
from gpxstage.racefile.cut import cut
from gpxstage.racefile.keys import PointTable, RaceTable, StageTable, label
from gpxstage.text import fits, letters, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gpxstage.course import Point, Track
    from gpxstage.racefile.places import Way
    from gpxstage.racefile.sources import Source

LEAST_M = 1.0  # of a part of a track


@dataclass(frozen=True, eq=False)
class Section:
    """A stage's way, and the waypoints of its file."""

    way: Way
    waypoints: tuple[Point, ...]
    notes: tuple[str, ...]
    begins_at: str = ""  # the whole names of the points that from and to mean
    ends_at: str = ""


@dataclass
class _Whole:
    """One track of one file, cleaned once, and the cuts made in it so far."""

    source: Source
    way: Way
    notes: tuple[str, ...]
    begin_m: dict[int, float] = field(default_factory=dict)  # by stage
    cut_name: str = ""  # the last cut, to which the next stage may refer
    cut_m: float = 0.0


class Sections:
    """Reads the files of a race, each once."""

    def __init__(
        self, path: Path, race: RaceTable, *, repairs: bool, read: Mapping[Path, Source]
    ) -> None:
        self.where = path.name
        self.root = sources.real(path).parent
        self.race = race
        self.repairs = repairs
        self.files = dict(read)  # by resolved path
        self.wholes: dict[tuple[str, int], _Whole] = {}
        self.keys: dict[int, tuple[str, int]] = {}  # by stage: what it is cut from
        self.notes: list[str] = []

    def all(self) -> list[Section]:
        """The sections of all stages, in order."""
        stages = self.race.stage
        for k, stage in enumerate(stages):
            self.keys[k] = self._track(stage, label(self.where, k + 1, stage.name))
        return [self._section(k, stage) for k, stage in enumerate(stages)]

    def _read(self, stage: StageTable, where: str) -> Source:
        parts = (*Path(stage.gpx).parts, *PureWindowsPath(stage.gpx).parts)
        if "\0" in stage.gpx:
            raise CourseError(f"{where}: gpx holds a NUL character, which no file's name has")
        outside = Path(stage.gpx).is_absolute() or PureWindowsPath(stage.gpx).drive
        path = sources.real(self.root / stage.gpx)
        if outside or ".." in parts or not path.is_relative_to(self.root):
            raise CourseError(
                f'{where}: gpx = "{stage.gpx}" leads out of the folder of the race file:'
                " files must be inside"
            )
        if path not in self.files:
            try:
                self.files[path] = sources.read_file(path, stage.gpx)
            except FileNotFoundError:
                raise CourseError(f"{where}: {stage.gpx} is not there") from None
        return self.files[path]

    def _track(self, stage: StageTable, where: str) -> tuple[str, int]:
        """Which track of which file a stage is; it is cleaned when it is first wanted."""
        source = self._read(stage, where)
        tracks, notes = sources.lines(source)
        self.notes += [note for note in notes if note not in self.notes]
        index = _choose(tracks, stage.track, f"{where}: {stage.gpx}")
        is_part = bool(stage.from_ or stage.to)
        key = (str(self.root / stage.gpx) if is_part else where, index)
        if key not in self.wholes:
            says = source.where if is_part else self._short(where)
            way, repairs = prepare(tracks[index], says, repairs=self.repairs)
            self.wholes[key] = _Whole(source, way, repairs)
        return key

    def _short(self, where: str) -> str:
        """Notes name a stage by its number alone."""
        return where.removeprefix(f"{self.where}: ").split(' "')[0]

    def _section(self, k: int, stage: StageTable) -> Section:
        whole = self.wholes[self.keys[k]]
        where = label(self.where, k + 1, stage.name)
        (begin_m, begins_at), (end_m, ends_at) = (0.0, ""), (whole.way.length_m, "")
        if stage.from_:
            begin_m, begins_at = self._find(k, stage.from_, where, "from")
        whole.begin_m[k] = begin_m
        if stage.to:
            end_m, ends_at = self._find(k, stage.to, where, "to")
        notes, whole.notes = whole.notes, ()  # told once
        whole.cut_name, whole.cut_m = ends_at, end_m
        waypoints = sources.waypoints(whole.source)
        if not (stage.from_ or stage.to):
            return Section(whole.way, waypoints, notes)
        if end_m - begin_m < LEAST_M:
            raise CourseError(f"{where}: the part from {stage.from_} to {stage.to} has no length")
        part = cut(whole.way.track, whole.way.along_m, begin_m, end_m)
        name = stage.name or f"{begins_at or 'Start'} - {ends_at or 'Finish'}"
        way = places.way(replace(part, name=name), where)
        return Section(way, waypoints, notes, begins_at, ends_at)

    def _find(self, k: int, name: str, where: str, key: str) -> tuple[float, str]:
        """How far along the whole track a part begins or ends, and the name of that place.

        The same place as the last cut is the same cut; otherwise a point of the race file by
        that name, then a waypoint: its first passage after the last cut.
        """
        whole = self.wholes[self.keys[k]]
        rows = [
            (j, point)
            for j, stage in enumerate(self.race.stage)
            if self.keys[j] == self.keys[k]
            for point in stage.point
        ]
        rows.sort(key=lambda row: row[0] != k)  # the stage's own first
        waypoints = [w for w in sources.waypoints(whole.source) if w.name]
        named = [point.name for _, point in rows] + [w.name for w in waypoints]
        meant = self._meant(name, named, f'{where}: {key} = "{name}"', whole)
        if key == "from" and letters(meant) == letters(whole.cut_name):
            return whole.cut_m, meant
        after_m = whole.begin_m[k] + LEAST_M if key == "to" else whole.cut_m
        found_m: list[float] = []
        for j, point in rows:
            if letters(point.name) == letters(meant):
                found_m = found_m or _distances(point, whole, whole.begin_m.get(j))
        for waypoint in waypoints:
            if letters(waypoint.name) == letters(meant) and not found_m:
                found_m = _passages(whole, waypoint.lat_deg, waypoint.lon_deg)
        if not found_m:
            raise CourseError(f'{where}: {key} = "{name}" is not on the track')
        return min([m for m in found_m if m >= after_m] or found_m), meant

    @staticmethod
    def _meant(name: str, named: list[str], where: str, whole: _Whole) -> str:
        """The whole name of the one point or waypoint that a name means."""
        known = [*named, whole.cut_name] if whole.cut_name else named
        found = {letters(known[k]): known[k] for k in reversed(fits(name, known))}
        if len(found) > 1:
            raise CourseError(f"{where} may be {listed(list(found.values())[::-1])}")
        if not found:
            raise CourseError(
                f"{where} is no point of the race file and no waypoint of"
                f" {whole.source.where}{suggestion(name, known)}"
            )
        return next(iter(found.values()))


def _choose(tracks: tuple[Track, ...], wanted: str | int | None, where: str) -> int:
    if wanted is None:
        if len(tracks) > 1:
            raise CourseError(f"{where} has {len(tracks)} tracks: track = says which")
        return 0
    if isinstance(wanted, int):
        if wanted > len(tracks):
            raise CourseError(f"{where} has {len(tracks)} tracks, no track {wanted}")
        return wanted - 1
    names = [track.name for track in tracks]
    found = fits(wanted, names)
    if len(found) != 1:
        what = "several tracks" if found else "no track"
        hint = f": {listed([names[k] for k in found])}" if found else suggestion(wanted, names)
        raise CourseError(f'{where} has {what} named "{wanted}"{hint}')
    return found[0]


def _distances(point: PointTable, whole: _Whole, begin_m: float | None) -> list[float]:
    if point.lat is not None and point.lon is not None:
        return _passages(whole, point.lat, point.lon)
    if point.km is not None and begin_m is not None:
        return [begin_m + 1000.0 * point.km]
    return []


def _passages(whole: _Whole, lat_deg: float | None, lon_deg: float | None) -> list[float]:
    assert lat_deg is not None
    assert lon_deg is not None
    return [passage.distance_m for passage in whole.way.line.passages(lat_deg, lon_deg)]
