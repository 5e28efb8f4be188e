"""What people hand over: paths, folders, standard input, bytes, streams, a gpxpy object."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo, parser
from gpxstage.course import LEAST_LENGTH_M, CourseError, Point, Track
from gpxstage.parser import GpxFile, inputs
from gpxstage.racefile import kinds, order
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RACE_FILE = "race.toml"
NUMBERED = re.compile(r"(rpt|rtept|rte|wpt|wp|pt|p|via|point|#)?[ _-]*\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """One GPX file that has been read: what messages call it, its stem, what it holds."""

    where: str
    stem: str
    gpx: GpxFile
    path: Path | None = None  # where it came from a file


def race_file(sources: Sequence[Any]) -> Path | None:
    """The race file that the sources name, by itself or by its folder; None for bare GPX."""
    paths = [Path(source) for source in sources if isinstance(source, str | Path)]
    found = [
        path / RACE_FILE if path.is_dir() else path
        for path in paths
        if path.suffix.lower() == ".toml" or (path.is_dir() and os.path.lexists(path / RACE_FILE))
    ]
    if found and len(sources) > 1:
        raise CourseError(f"{found[0].name}: a race file is a whole race: it stands alone")
    return found[0] if found else None


def read_all(sources: Iterable[Any]) -> list[Source]:
    """Read GPX sources in the given order, a folder's files in natural order.

    Where that order does not join, and another one does, a folder's files take the other one.
    """
    found: list[Source] = []
    listed: list[Source] = []
    for source in sources:
        if isinstance(source, str | Path) and Path(source).is_dir():
            files = [read_file(path) for path in _folder(Path(source))]
            found += _ordered(files, by_name=True)
        else:
            listed.append(_read(source))
            found.append(listed[-1])
    return _ordered(found, by_name=False) if len(listed) == len(found) else found


def _ordered(found: list[Source], *, by_name: bool) -> list[Source]:
    """Files in the order of the stages; what is to be said of it is a note of the first file."""
    ways = [[t for t in source.gpx.tracks or source.gpx.routes if goes(t)] for source in found]
    if len(found) < 2 or not all(ways):
        return found
    checked = order.check([source.stem or source.where for source in found], ways, by_name=by_name)
    ordered = [found[k] for k in checked.positions]
    first = ordered[0]
    gpx = replace(first.gpx, notes=(*first.gpx.notes, *checked.notes))
    return [replace(first, gpx=gpx), *ordered[1:]]


def read_toml(path: Path) -> dict[str, Any]:
    """The TOML document in a file.

    Raises CourseError for what is no TOML, FileNotFoundError when the file is not there.
    """
    where = name_of(path) or str(path)
    return parsed_toml(inputs.whole(path, where), where)


def parsed_toml(data: bytes, where: str) -> dict[str, Any]:
    """The document that TOML bytes hold, or a CourseError."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        why = str(error).replace("Cannot overwrite a value", "the key stands twice")
        raise CourseError(f"{where}: is not TOML: {why}") from None
    except UnicodeDecodeError:
        raise CourseError(f"{where}: is not UTF-8 text") from None
    except RecursionError:
        raise CourseError(f"{where}: its lists or tables are nested too deeply") from None
    except ValueError:  # Python reads whole numbers of up to 4,300 digits
        raise CourseError(f"{where}: a whole number in it is too long") from None


def paths(sources: Iterable[Any]) -> list[Path]:
    """The files of GPX sources, as `read_all` reads them; what is no file is left out."""
    found: list[Path] = []
    for source in sources:
        if isinstance(source, str | Path) and source != "-":
            found += _folder(Path(source)) if Path(source).is_dir() else [Path(source)]
    return found


def title(sources: Sequence[Any], found: Sequence[Source]) -> str:
    """The name of a race that nobody named: the folder's, the file's, or the track's."""
    if len(sources) == 1:
        if isinstance(sources[0], str | Path) and Path(sources[0]).is_dir():
            return name_of(real(Path(sources[0]))) or "course"
        tracks = found[0].gpx.tracks + found[0].gpx.routes
        return found[0].stem or next((track.name for track in tracks if track.name), "course")
    first, last = found[0].stem, found[-1].stem
    return f"{first} to {last}" if first and last else "course"


def lines(source: Source) -> tuple[tuple[Track, ...], list[str]]:
    """The tracks of a file, or its routes where it has no track, and what to say about it."""
    gpx, notes = source.gpx, list(source.gpx.notes)
    if gpx.tracks and gpx.routes:
        notes.append(
            f"{source.where}: has {counted(len(gpx.routes), 'route')} beside its tracks: left out,"
            " the tracks are the course"
        )
    found = gpx.tracks or gpx.routes
    usable = tuple(track for track in found if goes(track))
    if not found:
        waypoints = len(gpx.waypoints)
        has = f"has {counted(waypoints, 'waypoint')} but " if waypoints else "has "
        raise CourseError(f"{source.where}: {has}no track or route")
    if not usable:
        raise CourseError(
            f"{source.where}: its track is a single place: a course needs two at least"
        )
    if dropped := len(found) - len(usable):
        notes.append(f"{source.where}: {counted(dropped, 'track')} of a single place: left out")
    return usable, notes


def waypoints(source: Source) -> tuple[Point, ...]:
    """The waypoints of a file, and the named points of its routes where they are the course.

    A route point that a planner numbered, a turn, and one that is a waypoint, too, are none.
    """
    gpx = source.gpx
    if gpx.tracks:
        return gpx.waypoints
    known = {point.name for point in gpx.waypoints}
    return gpx.waypoints + tuple(
        point
        for point in gpx.route_points
        if point.name not in known
        and not NUMBERED.fullmatch(point.name)
        and not kinds.is_turn(replace(point, symbol=point.name))
    )


def goes(track: Track) -> bool:
    """Whether a track leads anywhere: a pressed button leaves one that does not."""
    return bool(geo.steps_m(track.lat_deg, track.lon_deg).sum() >= LEAST_LENGTH_M)


def _folder(folder: Path) -> list[Path]:
    found = [
        path
        for path in folder.iterdir()
        if path.name.lower().endswith((".gpx", ".gpx.gz")) and not path.name.startswith(".")
    ]
    if not found:
        name = real(folder).name
        raise CourseError(f"{name}: the folder holds no {RACE_FILE} and no GPX file")
    return sorted(found, key=natural)


def real(path: Path) -> Path:
    """Where a path leads in the end; a link that leads to itself stays as it is."""
    return Path(os.path.realpath(path))


def name_of(path: Path) -> str:
    """A file's name as text; bytes that are none, which Linux allows, are replaced."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def natural(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts names as people do: 2 before 10."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return key, path.name


def read_file(path: Path, where: str | None = None) -> Source:
    """Read one GPX file, called *where* in messages."""
    name = name_of(path)
    stem = re.sub(r"(\.gpx)?(\.gz)?$", "", name, flags=re.IGNORECASE)
    where = where or name
    return Source(where, stem, parser.read(path, where), path)


def _read(source: Any) -> Source:
    if source == "-":
        where = "standard input"
        if sys.stdin is None:  # closed before the program began
            raise CourseError("standard input is closed, so nothing can be read from it")
        return Source(where, "", parser.read(sys.stdin.buffer, where))
    if isinstance(source, str | Path):
        return read_file(Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return Source("GPX", "", parser.read(bytes(source)))
    if hasattr(source, "tracks") and hasattr(source, "waypoints"):
        return _adopt(source)
    if hasattr(source, "read"):
        stream: IO[bytes] = source
        return Source("GPX", "", parser.read(stream))
    raise TypeError(f"a source is a path, bytes, a binary stream or a GPX object, not {source!r}")


def _adopt(gpx: Any) -> Source:
    """A gpxpy.GPX object, known by its shape."""
    tracks = [
        _track([segment.points for segment in track.segments], track.name)
        for track in gpx.tracks
        if any(segment.points for segment in track.segments)
    ]
    routes = [
        _track([route.points], route.name, is_route=True) for route in gpx.routes if route.points
    ]
    named = [point for route in gpx.routes for point in route.points if point.name]
    stem = getattr(gpx, "name", None) or ""
    file = GpxFile(tuple(tracks), tuple(routes), _points(gpx.waypoints), (), _points(named))
    return Source("GPX", stem, file)


def _points(points: Iterable[Any]) -> tuple[Point, ...]:
    return tuple(
        Point(
            (point.name or "").strip(),
            lat_deg=float(point.latitude),
            lon_deg=float(point.longitude),
            elevation_m=None if point.elevation is None else float(point.elevation),
            symbol=point.symbol or point.type or "",
        )
        for point in points
    )


def _track(segments: list[list[Any]], name: str | None, *, is_route: bool = False) -> Track:
    points = [point for segment in segments for point in segment]
    sizes = [len(segment) for segment in segments if segment]
    height = [np.nan if point.elevation is None else point.elevation for point in points]
    return Track(
        np.array([point.latitude for point in points], dtype=np.float64),
        np.array([point.longitude for point in points], dtype=np.float64),
        np.array(height, dtype=np.float64),
        np.array([_seconds(point.time) for point in points]),
        np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64),
        name=name or "",
        is_route=is_route,
    )


def _seconds(moment: datetime | None) -> float:
    if moment is None:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
