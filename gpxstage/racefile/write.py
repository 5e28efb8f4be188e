"""A first race file: from the waypoints of GPX files, or from an organiser's table."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from gpxstage.course import DEFAULT_TERRAIN, CourseError, track_distance_m
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import bare, keys, places, sources, table
from gpxstage.racefile import race as reading
from gpxstage.racefile.rows import PointRow, RaceRow, StageRow, text
from gpxstage.text import fits, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from tomlkit import TOMLDocument

    from gpxstage.course import Course, Point
    from gpxstage.racefile.sources import Source
    from gpxstage.racefile.table import TableRow


NEAR_END = 0.01  # of the length: a table's last km this close to the measured length is the same
UNNAMED = "course.gpx"  # what a race file calls GPX that came without a file


def first_race_file(
    *given: Any,
    points: str | Path | None = None,
    beside: str | Path | None = None,
    timezone: str | None = None,
    start: datetime | None = None,
    limits: Limits = LIMITS,
) -> str:
    """The text of a first race.toml for GPX sources, to be checked and completed by hand.

    Points are the named waypoints on the track, or those of *points*, a table with a header
    (name, km, kind, cutoff, services, ...). A kind that was guessed says so in a comment.
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
    if points is None:
        # an end without coordinates is no waypoint: the race file needs no name for it
        rows = [
            [point_row(point, guessed=True) for point in stage.points if point.lat_deg is not None]
            for stage in course.stages
        ]
        stages = _stages(course, files, rows)
    else:
        stages = _from_table(course, files, table.read(points), Path(points).name)
    names = listed(list(dict.fromkeys(gpx for gpx, _ in files)))
    race = RaceRow(
        course.name,
        f"A first race file for {names}: check every line, then fill in the comments.",
        timezone=timezone,
        format=course.format if len(stages) > 1 else None,
        start=start,
    )
    read = {gpx: source for (gpx, _), source in zip(files, _each(found), strict=True)}
    where = names if points is None else Path(points).name
    return read_back(text(race, stages), read, where, folder)


def read_back(
    content: str, read: Mapping[str, Source], where: str, beside: Path | None = None
) -> str:
    """The text of a race file, once it has been read with the files it names.

    Raises CourseError, in the name of *where* it was made from, for what gpxstage would refuse.
    """
    path = (beside or Path(os.sep)).resolve() / sources.RACE_FILE
    files = {(path.parent / name).resolve(): source for name, source in read.items()}
    try:
        table = keys.check(sources.parsed_toml(content.encode(), path.name), path.name)
        reading.assembled(table, path, bare.Wishes(), files)
    except CourseError as error:
        why = str(error).removeprefix(f"{path.name}: ")
        raise CourseError(f"{where}: makes no race file that can be read: {why}") from None
    return content


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


def _stages(
    course: Course,
    files: Sequence[tuple[str, int | None]],
    rows: Sequence[Sequence[PointRow]],
) -> list[StageRow]:
    return [
        StageRow(stage.name, gpx, tuple(points), track=track)
        for stage, (gpx, track), points in zip(course.stages, files, rows, strict=True)
    ]


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
    kind, origin = places.guess(point.name, point.symbol)
    if kind == point.kind and origin:
        return f"the {origin}" if origin == "name" else f"the symbol {point.symbol}"
    return "where it is"


def _from_table(
    course: Course,
    files: Sequence[tuple[str, int | None]],
    rows: Sequence[TableRow],
    where: str,
) -> list[StageRow]:
    """The table's points, each to its stage: by the stage column, or by the distance so far."""
    lengths_km = [track_distance_m(stage.track)[-1] / 1000.0 for stage in course.stages]
    count = len(course.stages)
    if any(row.stage is not None for row in rows) or count == 1:
        shares: list[list[PointRow]] = [[] for _ in range(count)]
        for row in rows:
            shares[_stage_of(row, course, where) - 1].append(row.point)
        official = [_official(points, km) for points, km in zip(shares, lengths_km, strict=True)]
        stages = _stages(course, files, shares)
        return [replace(s, official_km=km) for s, km in zip(stages, official, strict=True)]
    return _stages(course, files, _shared_out([row.point for row in rows], lengths_km, where))


def _stage_of(row: TableRow, course: Course, where: str) -> int:
    """The number of a row's stage, which the table gives as it is or by words of its name."""
    if isinstance(row.stage, str):
        names = [stage.name for stage in course.stages]
        found = fits(row.stage, names)
        if len(found) != 1:
            some = listed([names[k] for k in found] or names)
            raise CourseError(
                f'{where}: stage "{row.stage}" '
                + (f"may be {some}" if found else f"is no stage: the stages are {some}")
            )
        return found[0] + 1
    number = row.stage or 1
    if not 1 <= number <= len(course.stages):
        raise CourseError(f"{where}: stage {number}: the course has {len(course.stages)}")
    return number


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
