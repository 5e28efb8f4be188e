"""What people hand over: paths, folders, standard input, bytes, streams, a gpxpy object."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo, parser
from gpxstage.course import LEAST_LENGTH_M, CourseError, Point, Track
from gpxstage.matching import OFF_TRACK_M
from gpxstage.parser import GpxFile, inputs
from gpxstage.parser.handlers import LONG_TEXT
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import places
from gpxstage.text import counted, listed, short

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

    @property
    def ways(self) -> tuple[Track, ...]:
        """Its tracks, or its routes where it has no track."""
        return self.gpx.tracks or self.gpx.routes

    @property
    def usable(self) -> tuple[Track, ...]:
        """Those that lead anywhere: a pressed button leaves one that does not."""
        return tuple(track for track in self.ways if track.steps_m.sum() >= LEAST_LENGTH_M)


def race_file(sources: Sequence[Any]) -> Path | None:
    """The race file that the sources name, by itself or by its folder; None for bare GPX."""
    paths = [Path(source) for source in sources if isinstance(source, str | Path)]
    found = [
        path / RACE_FILE if path.is_dir() else path
        for path in paths
        if path.suffix.lower() == ".toml" or (path.is_dir() and os.path.lexists(path / RACE_FILE))
    ]
    for path in paths:
        if path.is_dir():
            _inside(path / RACE_FILE, path)
    if found and len(sources) > 1:
        raise CourseError(f"{found[0].name}: a race file is a whole race: give it alone")
    return found[0] if found else None


def read_all(sources: Iterable[Any], limits: Limits = LIMITS) -> list[Source]:
    """Read GPX sources in the given order, a folder's files in natural order.

    Where that order does not join, and another one does, a folder's files take the other one.
    """
    found: list[Source] = []
    folders = 0
    for source in sources:
        if isinstance(source, str | Path) and Path(source).is_dir():
            files = [read_file(path, limits=limits) for path in _folder(Path(source))]
            found += _ordered(files, by_name=True)
            folders += 1
        else:
            found.append(_read(source, limits))
    return found if folders else _ordered(found, by_name=False)


def _ordered(found: list[Source], *, by_name: bool) -> list[Source]:
    """Files in the order of the stages; notes about the order go to the first file."""
    ways = [source.usable for source in found]
    if len(found) < 2 or not all(ways):
        return found
    whose = "that of the file names" if by_name else "the one in which the files were given"
    names = [source.stem or source.where for source in found]
    order, notes = _order(names, ways, by_name=by_name, whose=whose)
    first, *rest = (found[k] for k in order)
    gpx = replace(first.gpx, notes=(*first.gpx.notes, *notes))
    return [replace(first, gpx=gpx), *rest]


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
        why = str(error).replace("Cannot overwrite a value", "the key is given twice")
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


def lines(source: Source) -> tuple[tuple[Track, ...], list[str]]:
    """The tracks of a file, or its routes where it has no track, and what to say about it."""
    gpx, notes = source.gpx, list(source.gpx.notes)
    if gpx.tracks and gpx.routes:
        notes.append(
            f"{source.where}: has {counted(len(gpx.routes), 'route')} beside its tracks: left out,"
            " the tracks are the course"
        )
    usable = source.usable
    if not source.ways:
        waypoints = len(gpx.waypoints)
        has = f"has {counted(waypoints, 'waypoint')} but " if waypoints else "has "
        raise CourseError(f"{source.where}: {has}no track or route")
    if not usable:
        raise CourseError(
            f"{source.where}: its track is a single place: a course needs two at least"
        )
    if dropped := len(source.ways) - len(usable):
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
        and not places.is_turn(replace(point, symbol=point.name))
    )


def _folder(folder: Path) -> list[Path]:
    found = [
        path
        for path in folder.iterdir()
        if path.name.lower().endswith((".gpx", ".gpx.gz")) and not path.name.startswith(".")
    ]
    if not found:
        name = real(folder).name
        raise CourseError(f"{name}: the folder holds no {RACE_FILE} and no GPX file")
    for path in found:
        _inside(path, folder)
    return sorted(found, key=natural)


def _inside(path: Path, folder: Path) -> None:
    """Raise CourseError for a link that leads out of its folder: a stranger may have made it.

    One that leads to itself leads nowhere: reading says so.
    """
    if path.is_symlink() and not real(path).is_relative_to(real(folder)):
        raise CourseError(f"{name_of(path)}: is a link that leads out of its folder")


def real(path: Path) -> Path:
    """Where a path leads in the end; a link that leads to itself stays as it is."""
    return Path(os.path.realpath(path))


def name_of(path: Path) -> str:
    """A file's name as text; bytes that are none, which Linux allows, are replaced."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def stem_of(name: str) -> str:
    """A file's name without its ending."""
    return re.sub(r"(\.gpx)?(\.gz)?$", "", name, flags=re.IGNORECASE)


def natural(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts names as people do: 2 before 10."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return key, path.name


def read_file(path: Path, where: str | None = None, limits: Limits = LIMITS) -> Source:
    """Read one GPX file, called *where* in messages."""
    name = name_of(path)
    return Source(where or name, stem_of(name), parser.read(path, where or name, limits), path)


def _read(source: Any, limits: Limits) -> Source:
    if source == "-":
        where = "standard input"
        if sys.stdin is None:  # closed before the program began
            raise CourseError("standard input is closed, so nothing can be read from it")
        return Source(where, "", parser.read(sys.stdin.buffer, where, limits))
    if isinstance(source, str | Path):
        return read_file(Path(source), limits=limits)
    if isinstance(source, bytes | bytearray | memoryview):
        return Source("GPX", "", parser.read(bytes(source), limits=limits))
    if hasattr(source, "tracks") and hasattr(source, "waypoints"):
        return _adopt(source)
    if hasattr(source, "read"):
        stream: IO[bytes] = source
        return Source("GPX", "", parser.read(stream, limits=limits))
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
    stem = short(getattr(gpx, "name", None) or "")
    file = GpxFile(tuple(tracks), tuple(routes), _points(gpx.waypoints), (), _points(named))
    return Source("GPX", stem, file)


def _points(points: Iterable[Any]) -> tuple[Point, ...]:
    return tuple(
        Point(
            short((point.name or "").strip()),
            lat_deg=float(point.latitude),
            lon_deg=float(point.longitude),
            elevation_m=None if point.elevation is None else float(point.elevation),
            symbol=short(point.symbol or ""),
            category=short(point.type or ""),
            description=short(point.description or point.comment or "", LONG_TEXT),
        )
        for point in points
    )


def _track(segments: list[list[Any]], name: str | None, *, is_route: bool = False) -> Track:
    points = [point for segment in segments for point in segment]
    sizes = [len(segment) for segment in segments if segment]
    height = [np.nan if point.elevation is None else point.elevation for point in points]
    times = [point.time for point in points]
    times = [time.replace(tzinfo=UTC) if time and not time.tzinfo else time for time in times]
    return Track(
        np.array([point.latitude for point in points], dtype=np.float64),
        np.array([point.longitude for point in points], dtype=np.float64),
        np.array(height, dtype=np.float64),
        np.array([np.nan if time is None else time.timestamp() for time in times]),
        np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64),
        name=short(name or ""),
        is_route=is_route,
    )


MOST_ORDERED = 1_000  # judgement: files whose ends are compared, each with each
FIRST = re.compile(
    r"(?<![^\W_])(one|first|start|prologue?|erster?|erstes|eins|premiere?|première|un|une"
    r"|primo|prima|uno|primero|primera|i)(?![^\W_])"
)  # words for the first one, where stages make a circle


def order_of(tracks: Sequence[Track]) -> list[str]:
    """A note where the tracks of one file would join in another order, or one the other way."""
    names = [track.name for track in tracks]
    if len(set(names)) < len(names) or "" in names:
        names = [str(k) for k in range(1, len(names) + 1)]
    return _order(names, [[track] for track in tracks], by_name=False, whose="")[1]


def _order(
    names: Sequence[str], files: Sequence[Sequence[Track]], *, by_name: bool, whose: str
) -> tuple[list[int], list[str]]:
    """The order of files in which the end of each meets a start, and notes about it.

    *files* holds the tracks of each file. Where *by_name*, the order comes from the names alone
    (a folder), and the other order is taken if it is the only one and the names do not number
    the files; where a person gave the order it is kept. Either way a note says so. Where nothing
    tells the order, a note says *whose* it is, unless that is empty.
    """
    kept = list(range(len(names)))
    if len(names) > MOST_ORDERED:
        return kept, []
    starts, ends = _ends(files, 0), _ends(files, -1)
    joins = geo.near_pairs(ends, starts, OFF_TRACK_M)
    open_ = [k for k in kept[1:] if not joins[k - 1, k]]
    if not open_:
        return kept, []
    order = geo.chain(joins)
    if order is not None:
        circle = bool(joins[order[-1], order[0]])
        order = _from_first(order, names) if circle else order
        take = by_name and not _numbered(names)
        return order if take else kept, [_other_order(names, order, take=take, circle=circle)]
    notes = [
        f"stage {k + 1} would join its neighbours the other way round: it may be drawn backwards"
        for k in geo.backwards(joins, starts, ends, OFF_TRACK_M)
    ]
    if whose and not notes and len(names) > 2 and 2 * len(open_) >= len(names) - 1:
        notes.append(
            f"{len(open_)} of {len(names)} stages do not start where the one before them ends:"
            f" their order is {whose}, and may be wrong"
        )
    return kept, notes


def _ends(files: Sequence[Sequence[Track]], at: int) -> tuple[geo.Array, geo.Array]:
    lat = np.array([tracks[at].lat_deg[at] for tracks in files])
    return lat, np.array([tracks[at].lon_deg[at] for tracks in files])


def _other_order(names: Sequence[str], order: list[int], *, take: bool, circle: bool) -> str:
    """A note of an order that is taken, or could be."""
    start = "; they make a circle, so check which one is the first" if circle else ""
    some = f"{listed([names[k] for k in order])}{start}"
    if take:
        return (
            "the order of the stages is the one in which the end of each meets the start of the"
            f" next, not that of the file names: {some}"
        )
    back = order == sorted(order, reverse=True)
    hint = " or all of them are drawn backwards" if back else ""
    return f"the stages would join in another order: {some}{hint}; their order is kept"


def _from_first(order: list[int], names: Sequence[str]) -> list[int]:
    """A circle, beginning with the one file whose name says that it is the first."""
    first = [k for k in order if FIRST.search(names[k].casefold())]
    at = order.index(first[0]) if len(first) == 1 else 0
    return order[at:] + order[:at]


def _numbered(names: Sequence[str]) -> bool:
    """Whether each name holds one number, and they count without a hole; days of months do not."""
    numbers = [re.findall(r"\d+", name) for name in names]
    if any(len(found) != 1 for found in numbers):
        return False
    counted = sorted(int(found[0]) for found in numbers)
    return counted == list(range(counted[0], counted[0] + len(names)))
