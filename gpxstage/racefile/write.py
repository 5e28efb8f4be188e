"""A first race file: from the waypoints of GPX files, or from an organiser's table."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from gpxstage.course import DEFAULT_TERRAIN, CourseError, track_distance_m
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import (
    bare,
    dated,
    doubts,
    heights,
    keys,
    pairs,
    places,
    services,
    sources,
    table,
    tabled,
)
from gpxstage.racefile import race as reading
from gpxstage.racefile.rows import PointRow, RaceRow, StageRow, text
from gpxstage.text import letters, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from tomlkit import TOMLDocument

    from gpxstage.course import Course, Point
    from gpxstage.racefile.sources import Source


UNNAMED = "course.gpx"  # what a race file calls GPX that came without a file


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
        bare.wished_zone(timezone)
    if (path := sources.race_file(given)) is not None:
        raise CourseError(f"{path.name}: is a race file already")
    found = sources.read_all(given, limits)
    course = bare.build(found, sources.title(given, found), bare.Wishes())
    folder = None if beside is None else Path(beside)
    files = _files(found, folder)
    listed_ = table.PointsTable(()) if points is None else table.read(points)
    stages, passed = _from_waypoints(course, files)
    if points is not None:
        names_ = [[w.name for w in places.named(sources.waypoints(s))] for s in _each(found)]
        stages = tabled.from_table(course, files, listed_.rows, names_, Path(points).name)
        passed = []
    names = listed(list(dict.fromkeys(gpx for gpx, _ in files)))
    race = RaceRow(
        _name(course, found),
        f"A first race file for {names}: check every line, then fill in the comments.",
        timezone=timezone,
        format=course.format if len(stages) > 1 else None,
        start=start,
    )
    read = dict(zip((gpx for gpx, _ in files), _each(found), strict=True))
    back = partial(read_back, read=read, where=Path(points or names).name, beside=folder)
    placed = back(text(replace(race, timezone=None), stages))
    kms, title = _along_km(placed, stages), listed_.cutoff
    race, stages = dated.with_times(race, stages, listed_.unread, title=title, along_km=kms)
    known = [*race.notes, *_doubts(course, race, stages, listed_.kinds)]
    race = replace(race, notes=(*passed, *known, *heights.doubts(placed, stages)))
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
        kms = [
            length_km if point.km is None and point.kind == "finish" else point.km or _km(here)
            for point, here in zip(
                row.points, heights.of_rows(row.points, stage.points), strict=True
            )
        ]
        found.append([None if km is None else before_km + km for km in kms])
        before_km += 0.0 if placed.format == "staged" else length_km
    return found


def _km(point: Point | None) -> float | None:
    return None if point is None or point.distance_m is None else point.distance_m / 1000.0


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


MACHINE_NAME = re.compile(
    r"(?:(?:active log|activity|course|current|default|download(?:ed)?|export(?:ed)?|file|gps|gpx"
    r"|log|map|new|parcours|path|route|track|trace|trk|unnamed|untitled|workout) ?)*[\d ]*"
)  # what devices and web sites call files and tracks, in small letters without signs


def _name(course: Course, found: Sequence[Source]) -> str:
    """The name of the race: the track's own where that of the file says nothing."""
    if not MACHINE_NAME.fullmatch(letters(course.name)):
        return course.name
    tracks = [track for source in found for track in source.gpx.tracks or source.gpx.routes]
    names = list(dict.fromkeys(track.name for track in tracks if track.name))
    alone = len(names) == 1 and not MACHINE_NAME.fullmatch(letters(names[0]))
    return names[0] if alone else course.name


def _from_waypoints(
    course: Course, files: Sequence[tuple[str, int | None]]
) -> tuple[list[StageRow], list[str]]:
    """The waypoints on each stage, with the cutoffs that their descriptions name, and notes.

    An end without coordinates is no waypoint and needs no name.
    """
    stages = [
        [point for point in stage.points if point.lat_deg is not None] for stage in course.stages
    ]
    limits, notes = pairs.limits([point for points in stages for point in points])
    cutoffs = iter(limits)
    rows = [
        [replace(point_row(point, guessed=True), cutoff=next(cutoffs)) for point in points]
        for points in stages
    ]
    return tabled.stages_of(course, files, rows), notes


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
        return reading.assembled(table, path, bare.Wishes(), files)
    except CourseError as error:
        why = str(error).removeprefix(f"{path.name}: ")
        raise CourseError(f"{where}: makes no race file that can be read: {why}") from None


def _each(found: Sequence[Source]) -> list[Source]:
    """The source of every stage."""
    return [
        source
        for source in found
        for track in source.gpx.tracks or source.gpx.routes
        if sources.goes(track)
    ]


def _files(found: Sequence[Source], beside: Path | None) -> list[tuple[str, int | None]]:
    """Per stage the name of its file, and the number of its track where it has several."""
    files: list[tuple[str, int | None]] = []
    for source in found:
        name = Path(source.where).name if source.path else UNNAMED
        if source.path is not None and sources.name_of(source.path) != source.path.name:
            raise CourseError(f"{name}: its name is no UTF-8 text: a race file cannot name it")
        if source.path is not None and beside is not None:
            relative = os.path.relpath(sources.real(source.path), sources.real(beside))
            name = name if relative.startswith("..") else Path(relative).as_posix()
            if (beside / name).exists() and not (beside / name).samefile(source.path):
                raise CourseError(f"{name}: the folder of the race file has another file like it")
        lines = source.gpx.tracks or source.gpx.routes
        if any(name == other for other, _ in files):
            raise CourseError(
                f"{name}: two files have that name: put all files of a race into its folder"
            )
        usable = [k for k, track in enumerate(lines, 1) if sources.goes(track)]
        # a race file counts the tracks that can be used
        files += [(name, n if len(usable) > 1 else None) for n, _ in enumerate(usable, 1)]
    return files


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60.0


def point_row(point: Point, *, guessed: bool) -> PointRow:
    """A point as a race file lists it, but for its cutoff; a finish needs no km."""
    assert point.distance_m is not None
    return PointRow(
        point.name,
        point.kind,
        _origin(point) if guessed else "",
        km=None if point.kind == "finish" else point.distance_m / 1000.0,
        crew=point.crew,
        services=point.services,
        stop_min=_minutes(point.stop_s),
        max_stay_min=_minutes(point.max_stay_s),
        drive_min=_minutes(point.drive_s),
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


DIGITS = 2
WAS = "; was "
SPREAD_SAYS = "how far off: a strong field looks like smooth ground, a weak one like rough"


def with_terrain(text: str, *, shift: float, spread: float, source: str) -> str:
    """The text of a race file whose terrains have moved by *shift*, found from its results.

    The race has one terrain, or, where stages have their own, they keep their differences.
    *source* becomes its comment, with what stood there before.
    """
    race = tomlkit.parse(text)
    stages: list[Any] = list(race.get("stage", ()))
    end = "\r\n" if "\r\n" in text else "\n"
    comment, known = " ".join(source.split()), set(race)
    if "terrain" in race or not all("terrain" in stage for stage in stages):
        old = race.get("terrain")
        _set(race, "terrain", _moved(old, shift), comment + _before(race), end)
    for stage in stages:
        if "terrain" in stage:
            _set(stage, "terrain", _moved(stage["terrain"], shift), None, end)
    words = SPREAD_SAYS if "terrain" in race else f"{SPREAD_SAYS}; {comment}"
    _set(race, "terrain_spread", max(round(spread, DIGITS), 0.01), words, end)
    for key in ("terrain", "terrain_spread"):
        if key not in known:
            _settle(race, key)
    return tomlkit.dumps(race)


def _settle(race: TOMLDocument, key: str) -> None:
    """Move a new key up to the last one before it: a comment heads what follows it.

    A spread goes beside its terrain.
    """
    names = [name.key if name is not None else "" for name, _ in race.body]
    if key not in names:
        return
    here = names.index(key)
    above = [k for k, name in enumerate(names[:here]) if name]
    if key == "terrain_spread" and "terrain" in names:
        above = [names.index("terrain")]
    if above:
        race.body.insert(above[-1] + 1, race.body.pop(here))


def _moved(old: Any, shift: float) -> Any:
    """A number, or stretches, on other ground."""
    if isinstance(old, list):
        return [{**stretch, "value": _moved(stretch["value"], shift)} for stretch in old]
    value = (DEFAULT_TERRAIN if old is None else float(old)) + shift
    return round(min(max(value, 0.0), 1.0), DIGITS)


def _before(race: MutableMapping[str, Any]) -> str:
    """What the terrain was before results set it: kept when they set it anew."""
    if "terrain" not in race:
        return ""
    comment = race["terrain"].trivia.comment.lstrip("# ")
    if "terrain_spread" in race:
        return "".join(comment.partition(WAS)[1:])
    was = "a list of stretches" if isinstance(race["terrain"], list) else race["terrain"]
    return f"{WAS}{was}" + (f": {comment}" if comment else "")


def _set(
    table: MutableMapping[str, Any], key: str, value: Any, comment: str | None, end: str
) -> None:
    """A number in the place of the old one, aligned as that was; None keeps its comment.

    Stretches stay where they are and get new values.
    """
    old = table.get(key)
    item: Any = old if isinstance(value, list) else tomlkit.item(value)
    if isinstance(value, list):
        for stretch, moved in zip(item, value, strict=True):
            stretch["value"] = moved["value"]
    elif old is None:
        item.trivia.trail = end
    else:
        for name in ("indent", "comment_ws", "comment", "trail"):
            setattr(item.trivia, name, getattr(old.trivia, name))
    if comment is not None:
        space = item.trivia.comment_ws or " "
        item.comment(comment)
        item.trivia.comment_ws = space
    if item is not old:
        table[key] = item
