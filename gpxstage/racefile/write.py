"""A first race file: from the waypoints of GPX files, or from an organiser's table."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gpxstage.course import CourseError, WishError, track_distance_m
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import (
    bare,
    dated,
    doubts,
    keys,
    naming,
    places,
    services,
    sources,
    table,
    vocabulary,
)
from gpxstage.racefile import race as reading
from gpxstage.racefile.rows import PointRow, RaceRow, StageRow, text
from gpxstage.text import fits, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpxstage.course import Course, Point
    from gpxstage.racefile.sources import Source
    from gpxstage.racefile.table import TableRow


UNNAMED = "course.gpx"  # what a race file calls GPX that came without a file
NEAR_END = 0.01  # of the length: a table's last km this close to the measured length is the same


class StageFile(NamedTuple):
    """Where a stage of a race file in the making comes from."""

    gpx: str  # what the race file calls the file
    track: int | None  # its number among those that can be used, where the file has several
    source: Source


@dataclass(frozen=True)
class Draft:
    """The text of a first race file, and what the person who checks it should know."""

    text: str
    notes: tuple[str, ...]  # they are comments in the text, too


def first_race_file(
    *given: Any,
    points: str | Path | None = None,
    beside: str | Path | None = None,
    timezone: str | None = None,
    start: datetime | None = None,
    limits: Limits = LIMITS,
) -> Draft:
    """A first race.toml for GPX sources, to be checked and completed by hand.

    Points are the named waypoints on the track, with the cutoffs that their descriptions name,
    or those of *points*, a table with a header (name, km, kind, cutoff, services, ...). A kind
    that was guessed says so in a comment. The *start* is that of the table where none is given.
    *beside* is the folder of the race file: files inside it are named by their
    path from there. Cutoffs are live with a *timezone* and a local *start*, else comments.
    The text is read back before it is handed out. Raises WishError for a time zone that is none,
    CourseError for what would make a race file that gpxstage refuses.
    """
    if timezone is not None:
        try:
            bare.zone(timezone, "--timezone")
        except CourseError as error:
            raise WishError(str(error)) from None
    if (path := sources.race_file(given)) is not None:
        raise CourseError(f"{path.name}: is a race file already")
    found = sources.read_all(given, limits)
    course = bare.build(found, naming.title(given, found), bare.Wishes())
    folder = None if beside is None else Path(beside)
    files = _files(found, folder)
    listed_ = table.PointsTable(()) if points is None else table.read(points)
    stages, passed = _from_waypoints(course, files)
    if points is not None:
        stages, passed = _from_table(course, files, listed_.rows, Path(points).name), []
    names = listed(list(dict.fromkeys(file.gpx for file in files)))
    race = RaceRow(
        course.name,
        f"A first race file for {names}: check every line, then fill in the comments.",
        timezone=timezone,
        format=course.format if len(stages) > 1 else None,
        start=start,
    )
    read = {file.gpx: file.source for file in files}
    back = partial(read_back, read=read, where=Path(points or names).name, beside=folder)
    placed = back(text(replace(race, timezone=None), stages))
    kms, title = _along_km(placed, stages), listed_.cutoff
    race, stages = dated.with_times(race, stages, listed_.unread, title=title, along_km=kms)
    known = [*race.notes, *_doubts(course, race, stages, listed_.kinds)]
    race = replace(race, notes=(*passed, *known, *doubts.heights(placed, stages)))
    back(content := text(race, stages))
    return Draft(content, race.notes)


def _along_km(placed: Course, stages: Sequence[StageRow]) -> list[list[float | None]]:
    """How far each point is from the start that its clock counts from; None where not known.

    *placed* is the course that the rows make.
    """
    found: list[list[float | None]] = []
    before_km = 0.0
    for stage, row in zip(placed.stages, stages, strict=True):
        length_km = track_distance_m(stage.track)[-1] / 1000.0
        kms = []
        for point, here in zip(row.points, doubts.of_rows(row.points, stage.points), strict=True):
            km = length_km if point.km is None and point.kind == "finish" else point.km
            if not km:
                at_m = None if here is None else here.distance_m
                km = None if at_m is None else at_m / 1000.0
            kms.append(None if km is None else before_km + km)
        found.append(kms)
        before_km += 0.0 if placed.format == "staged" else length_km
    return found


def _doubts(
    course: Course, race: RaceRow, stages: Sequence[StageRow], kinds: Sequence[str]
) -> list[str]:
    """What is doubtful about the places and the zone, as it is when the race file is read."""
    points = [point for stage in stages for point in stage.points]
    ends = bool(points) and points[-1].kind == "finish"
    notes = [f"kinds of the table that are not known, left out: {listed(kinds)}"] if kinds else []
    notes += services.doubts([(point.name, point.services) for point in points])
    notes += doubts.no_kinds([point.kind for point in points[: len(points) - ends]])
    if race.timezone is not None:
        tz = bare.zone(race.timezone, "timezone")
        lon_deg = float(course.stages[0].track.lon_deg[0])
        notes += doubts.zone(race.timezone, tz, lon_deg, race.start)
    return notes


def _from_waypoints(course: Course, files: Sequence[StageFile]) -> tuple[list[StageRow], list[str]]:
    """The waypoints on each stage, with the cutoffs that their descriptions name, and notes.

    An end without coordinates is no waypoint and needs no name.
    """
    stages = [
        [point for point in stage.points if point.lat_deg is not None] for stage in course.stages
    ]
    limits, notes = places.limits([point for points in stages for point in points])
    cutoffs = iter(limits)
    rows = [
        [replace(point_row(point, guessed=True), cutoff=next(cutoffs)) for point in points]
        for points in stages
    ]
    return _stages(course, files, rows), notes


def _stages(
    course: Course, files: Sequence[StageFile], rows: Sequence[Sequence[PointRow]]
) -> list[StageRow]:
    """The stages of a course with their points."""
    return [
        StageRow(stage.name, file.gpx, tuple(points), track=file.track)
        for stage, file, points in zip(course.stages, files, rows, strict=True)
    ]


def read_back(
    content: str, read: Mapping[str, Source], where: str, beside: Path | None = None
) -> Course:
    """The course that the text of a race file makes with the files it names.

    Raises CourseError, in the name of *where* it was made from, for what gpxstage would refuse.
    """
    path = (beside or Path(os.sep)).resolve() / sources.RACE_FILE
    files = {(path.parent / name).resolve(): source for name, source in read.items()}
    try:
        table = keys.check(sources.parsed_toml(content.encode(), path.name), path.name)
        return reading.build(table, path, bare.Wishes(), files)
    except CourseError as error:
        why = str(error).removeprefix(f"{path.name}: ")
        raise CourseError(f"{where}: makes no race file that can be read: {why}") from None


def _files(found: Sequence[Source], beside: Path | None) -> list[StageFile]:
    """Where each stage comes from."""
    files: list[StageFile] = []
    for source in found:
        name = Path(source.where).name if source.path else UNNAMED
        if source.path is not None and sources.name_of(source.path) != source.path.name:
            raise CourseError(f"{name}: its name is no UTF-8 text: a race file cannot name it")
        if source.path is not None and beside is not None:
            relative = os.path.relpath(sources.real(source.path), sources.real(beside))
            name = name if relative.startswith("..") else Path(relative).as_posix()
            if (beside / name).exists() and not (beside / name).samefile(source.path):
                raise CourseError(f"{name}: the folder of the race file has another file like it")
        if any(name == other.gpx for other in files):
            raise CourseError(
                f"{name}: two files have that name: put all files of a race into its folder"
            )
        count = len(source.usable)
        files += [StageFile(name, k if count > 1 else None, source) for k in range(1, count + 1)]
    return files


def point_row(point: Point, *, guessed: bool) -> PointRow:
    """A point as a race file lists it, but for its cutoff; a finish needs no km."""
    assert point.distance_m is not None
    times_s = (point.stop_s, point.max_stay_s, point.drive_s)
    stop_min, max_stay_min, drive_min = (None if s is None else s / 60.0 for s in times_s)
    return PointRow(
        point.name,
        point.kind,
        _origin(point) if guessed else "",
        km=None if point.kind == "finish" else point.distance_m / 1000.0,
        crew=point.crew,
        services=point.services,
        stop_min=stop_min,
        max_stay_min=max_stay_min,
        drive_min=drive_min,
        no_sleep=point.no_sleep,
        drop_bag=point.drop_bag,
        cutoff_at=point.cutoff_at,
    )


def _origin(point: Point) -> str:
    """What the kind of a waypoint was guessed from."""
    kind, origin = places.guess(point)
    if kind == point.kind and origin:
        text = {"type": point.category, "symbol": point.symbol}.get(origin, "")
        return f"the {origin} {text}".rstrip()
    return "where it is"


def _from_table(
    course: Course, files: Sequence[StageFile], rows: Sequence[TableRow], where: str
) -> list[StageRow]:
    """The table's points, each to its stage: by the stage column, or by the distance so far.

    Raises CourseError for a row of which neither the table nor a waypoint says where it is.
    """
    lengths_km = [track_distance_m(stage.track)[-1] / 1000.0 for stage in course.stages]
    count = len(course.stages)
    if count > 1 and all(row.stage is None and row.day.isdecimal() for row in rows):
        rows = [replace(row, stage=int(row.day)) for row in rows]  # a day is a stage
    if any(row.stage is not None for row in rows) or count == 1:
        shares: list[list[PointRow]] = [[] for _ in range(count)]
        for row in rows:
            k = _stage_of(row, course, where)
            _is_somewhere(row, files[k], where)
            shares[k].append(row.dated())
        shares = [
            places.joined_rows(places.passages(points, stage.points))
            for points, stage in zip(shares, course.stages, strict=True)
        ]
        return [
            replace(stage, official_km=_official(stage.points, km))
            for stage, km in zip(_stages(course, files, shares), lengths_km, strict=True)
        ]
    points = places.joined_rows([row.dated() for row in rows])
    return _stages(course, files, _shared_out(points, lengths_km, where))


def _is_somewhere(row: TableRow, file: StageFile, where: str) -> None:
    """Raise CourseError for a row that has no place, by its number in the table."""
    point = row.point
    ends = point.kind in ("start", "finish")
    if ends or point.km is not None or point.lat_deg is not None:
        return
    waypoints = [waypoint.name for waypoint in places.named(sources.waypoints(file.source))]
    stem, _ = vocabulary.passage(point.name)
    if not fits(point.name, waypoints) and not fits(stem, waypoints):
        raise CourseError(
            f"{where}: makes no race file that can be read: row {row.line}:"
            f' "{point.name}" has no km, and {file.gpx} has no waypoint of that name'
            f"{suggestion(point.name, waypoints)}"
        )


def _stage_of(row: TableRow, course: Course, where: str) -> int:
    """The place of a row's stage, which the table gives by its number or by words of its name."""
    if isinstance(row.stage, str):
        names = [stage.name for stage in course.stages]
        found = fits(row.stage, names)
        if len(found) != 1:
            some = listed([names[k] for k in found] or names)
            raise CourseError(
                f'{where}: stage "{row.stage}" '
                + (f"may be {some}" if found else f"is no stage: the stages are {some}")
            )
        return found[0]
    number = row.stage or 1
    if not 1 <= number <= len(course.stages):
        raise CourseError(f"{where}: stage {number}: the course has {len(course.stages)}")
    return number - 1


def _official(points: Sequence[PointRow], length_km: float) -> float | None:
    """The length that a table gives, where its last km is near the measured end but not it."""
    last = max((point.km for point in points if point.km is not None), default=0.0)
    is_end = bool(points) and (points[-1].kind == "finish" or abs(last / length_km - 1.0) < 0.05)
    if not is_end or points[-1].km != last or abs(last - length_km) < 0.1:
        return None
    return round(last, 3)


def _shared_out(
    points: Sequence[PointRow], lengths_km: Sequence[float], where: str
) -> list[list[PointRow]]:
    """Points whose km count through the whole race, each to its stage, as measured."""
    if any(point.km is None for point in points):
        raise CourseError(f"{where}: several stages: each row needs its km, or a stage column")
    total_km = sum(lengths_km)
    official = _official(points, total_km)
    factor = 1.0 if official is None else total_km / official
    shares: list[list[PointRow]] = [[] for _ in lengths_km]
    for point in points:
        assert point.km is not None
        left_km, k = point.km * factor, 0
        while k < len(lengths_km) - 1 and left_km > lengths_km[k] * (1.0 + NEAR_END):
            left_km -= lengths_km[k]
            k += 1
        shares[k].append(replace(point, km=min(max(left_km, 0.0), lengths_km[k])))
    return shares
