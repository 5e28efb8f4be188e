"""The track of each stage of a race file: its file, which of its tracks, which part of that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gpxstage import geo
from gpxstage.course import DEFAULT_TERRAIN, CourseError, Track
from gpxstage.matching import OFF_TRACK_M
from gpxstage.racefile import keys, places, sources
from gpxstage.racefile.bare import prepare
from gpxstage.racefile.keys import PointTable, RaceTable, StageTable, label
from gpxstage.text import counted, fits, letters, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpxstage.course import Array, Point
    from gpxstage.racefile.bare import Wishes
    from gpxstage.racefile.places import Way
    from gpxstage.racefile.sources import Source


LEAST_M = 1.0  # of a part of a track
PASS = re.compile(r"(.*\S.*)/(\d{1,4})")  # the second pass by a place: "Hut/2"


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

    def passages_m(self, lat_deg: float | None, lon_deg: float | None) -> list[float]:
        """The distances at which the track passes a place."""
        assert lat_deg is not None
        assert lon_deg is not None
        return [passage.distance_m for passage in self.way.line.passages(lat_deg, lon_deg)]


class Sections:
    """Reads the files of a race, each once."""

    def __init__(
        self, path: Path, race: RaceTable, wishes: Wishes, read: Mapping[Path, Source]
    ) -> None:
        self.where = path.name
        self.root = sources.real(path).parent
        self.race = race
        self.wishes = wishes
        self.files = dict(read)  # by resolved path
        self.wholes: dict[tuple[str, int], _Whole] = {}
        self.keys: dict[int, tuple[str, int]] = {}  # by stage: what it is cut from
        self.notes: list[str] = []

    def all(self) -> list[Section]:
        """The sections of all stages, in order."""
        stages = list(enumerate(self.race.stage))
        for k, stage in stages:
            self.keys[k] = self._track(k, stage)
        return [self._section(k, stage) for k, stage in stages]

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
                self.files[path] = sources.read_file(path, stage.gpx, self.wishes.limits)
            except FileNotFoundError:
                raise CourseError(f"{where}: {stage.gpx} is not there") from None
        return self.files[path]

    def _track(self, k: int, stage: StageTable) -> tuple[str, int]:
        """Which track of which file a stage is; it is cleaned when it is first wanted."""
        where = label(self.where, k + 1, stage.name)
        source = self._read(stage, where)
        tracks, notes = sources.lines(source)
        self.notes += [note for note in notes if note not in self.notes]
        index = _choose(tracks, stage.track, f"{where}: {stage.gpx}")
        is_part = bool(stage.from_ or stage.to)
        key = (str(self.root / stage.gpx) if is_part else where, index)
        if key not in self.wholes:
            says = source.where if is_part else f"stage {k + 1}"
            way, repairs = prepare(tracks[index], says, repairs=self.wishes.repair)
            self.wholes[key] = _Whole(source, way, repairs)
        return key

    def _section(self, k: int, stage: StageTable) -> Section:
        whole = self.wholes[self.keys[k]]
        where = label(self.where, k + 1, stage.name)
        (begin_m, begins_at), (end_m, ends_at) = (0.0, ""), (whole.way.length_m, "")
        if stage.from_:
            begin_m, begins_at = self._find(k, stage.from_, where, "from")
        whole.begin_m[k] = begin_m
        if stage.to:
            end_m, ends_at = self._find(k, stage.to, where, "to")
        notes, whole.notes = whole.notes, ()  # shown once
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

        "Hut/2" is the second pass of the track by that place. Without a pass, the same place as
        the last cut is the same cut, and any other is its first passage after the last cut.
        """
        whole, says = self.wholes[self.keys[k]], f'{where}: {key} = "{name}"'
        rows, waypoints = self._listed(k)
        named = [point.name for _, point in rows] + [w.name for w in waypoints]
        typed = None if name in named else PASS.fullmatch(name)
        wanted, nth = (typed[1], int(typed[2])) if typed else (name, 0)
        meant = self._meant(wanted, named, says, whole)
        if key == "from" and not typed and letters(meant) == letters(whole.cut_name):
            return whole.cut_m, meant
        after_m = whole.begin_m[k] + LEAST_M if key == "to" else whole.cut_m
        rows = [(j, point) for j, point in rows if letters(point.name) == letters(meant)]
        each_m = [self._passages_m(j, point, whole) for j, point in rows]
        each_m += [
            whole.passages_m(waypoint.lat_deg, waypoint.lon_deg)
            for waypoint in waypoints
            if letters(waypoint.name) == letters(meant)
        ]
        by_km = any(point.km is not None and point.lat is None for _, point in rows)
        if by_km and not any(each_m):
            raise CourseError(
                f"{says} has no place yet: the km of {meant} counts from the start of its stage."
                f" {meant} needs lat and lon, or a waypoint in {whole.source.where}"
            )
        if typed:
            return _nth(each_m, nth, says, meant), meant
        found_m = next(filter(None, each_m), [])
        if not found_m:
            raise CourseError(f"{says} is not on the track")
        return min([m for m in found_m if m >= after_m] or found_m), meant

    def _listed(self, k: int) -> tuple[list[tuple[int, PointTable]], list[Point]]:
        """The points of the race file for the track of a stage, its own first; the waypoints."""
        rows = [
            (j, point)
            for j, stage in enumerate(self.race.stage)
            if self.keys[j] == self.keys[k]
            for point in stage.point
        ]
        rows.sort(key=lambda row: row[0] != k)
        waypoints = sources.waypoints(self.wholes[self.keys[k]].source)
        return rows, [waypoint for waypoint in waypoints if waypoint.name]

    @staticmethod
    def _passages_m(j: int, point: PointTable, whole: _Whole) -> list[float]:
        """Where a point of stage *j* is on the whole track, as far as that is known by now."""
        if point.lat is not None and point.lon is not None:
            return whole.passages_m(point.lat, point.lon)
        if point.km is not None and j in whole.begin_m:
            return [whole.begin_m[j] + 1000.0 * point.km]
        return []

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


def _nth(each_m: Sequence[Sequence[float]], nth: int, says: str, meant: str) -> float:
    """The nth pass by places of one name along a track."""
    passes: list[float] = []
    for at_m in sorted(m for found_m in each_m for m in found_m):
        if not passes or at_m - passes[-1] > OFF_TRACK_M:  # else one place, listed again
            passes.append(at_m)
    if not 0 < nth <= len(passes):
        raise CourseError(f"{says} is no pass: {meant} is passed {counted(len(passes), 'time')}")
    return passes[nth - 1]


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


Pieces = tuple[tuple[float, float], ...]


def ground_of_stage(
    race: RaceTable, k: int, parts: Sequence[Section], wish: float | None, where: str
) -> tuple[float, Pieces]:
    """A stage's terrain and its pieces: of the command line, of the stage, or else of the race.

    Kilometres of a stage's stretches count from its start, those of a race's from the race's, as
    measured, or by the organiser's length where one is given. Raises CourseError for stretches
    that do not come in order.
    """
    if wish is not None:
        return wish, ()
    stage, lengths_m = race.stage[k], [part.way.length_m for part in parts]
    given, place = stage.terrain, keys.label(where, k + 1, stage.name)
    official_km, before_m, whole_m = race.official_km(stage), 0.0, lengths_m[k]
    if given is None:
        given, place = race.terrain, where
        official_km = (race.official or keys.Official()).km
        before_m, whole_m = sum(lengths_m[:k]), sum(lengths_m)
    if not isinstance(given, list):
        return DEFAULT_TERRAIN if given is None else given, ()
    to_km = [stretch.to_km for stretch in given]
    if sorted(set(to_km)) != to_km:
        raise CourseError(f"{place}: terrain: each to_km must lie beyond the one before")
    scale = whole_m / official_km if official_km else 1000.0  # measured metres in its kilometre
    ends = [(stretch.to_km * scale - before_m, stretch.value) for stretch in given]
    touching = [end for end in ends if end[0] > 0.0] or ends[-1:]
    last = next((j for j, (to_m, _) in enumerate(touching) if to_m >= lengths_m[k]), -1)
    pieces = (*touching[:last], (lengths_m[k], touching[last][1]))
    lasts_m = np.diff([0.0, *(to_m for to_m, _ in pieces)])
    mean = float(np.average([value for _, value in pieces], weights=lasts_m))
    return mean, pieces if len(pieces) > 1 else ()


SNAP_M = 1.0  # a cut this close to a point of the track is at that point


class _Spot(NamedTuple):
    """A place on a track: a share of the step after a point."""

    at: int
    share: float


def cut(track: Track, along_m: Array, from_m: float, to_m: float) -> Track:
    """The part of a track between two distances; points are made where the cuts fall in a step."""
    if not from_m < to_m:
        raise ValueError("a part begins before it ends")
    first, last = _spot(along_m, from_m, after_gap=True), _spot(along_m, to_m, after_gap=False)
    stop = last.at + (1 if last.share else 0)
    inner = slice(first.at + 1, stop)
    rows = {name: getattr(track, name) for name in track.columns}
    parts = {
        name: np.concatenate(
            [
                [_value(column, first, around=name == "lon_deg")],
                column[inner],
                [_value(column, last, around=name == "lon_deg")],
            ]
        )
        for name, column in rows.items()
    }
    starts = track.segment_starts - first.at
    starts = starts[(starts > 0) & (starts < len(parts["lat_deg"]))]
    return track.with_columns(parts, np.concatenate([[0], starts]))


def _spot(along_m: Array, at_m: float, *, after_gap: bool) -> _Spot:
    """Where a cut falls: at a point if one is near, else within a step.

    Both ends of a gap are equally far along: a part begins behind it and ends before it.
    """
    right = min(int(np.searchsorted(along_m, at_m)), len(along_m) - 1)
    around_m = (along_m[max(right - 1, 0)], along_m[right])
    nearest_m = min(around_m, key=lambda there_m: abs(there_m - at_m))
    if abs(nearest_m - at_m) <= SNAP_M and after_gap:
        return _Spot(int(np.searchsorted(along_m, nearest_m, side="right")) - 1, 0.0)
    if abs(nearest_m - at_m) <= SNAP_M:
        return _Spot(int(np.searchsorted(along_m, nearest_m, side="left")), 0.0)
    before = int(np.searchsorted(along_m, at_m, side="right")) - 1
    step_m = along_m[before + 1] - along_m[before]
    return _Spot(before, float((at_m - along_m[before]) / step_m))


def _value(column: Array, spot: _Spot, *, around: bool) -> float:
    value = float(column[spot.at])
    if not spot.share:
        return value
    step = column[spot.at + 1 : spot.at + 2] - value
    if not around:
        return value + spot.share * float(step[0])
    east = value + spot.share * float(geo.wrap_deg(step)[0])
    return float(geo.wrap_deg(np.array([east]))[0])
