"""Expat's callbacks: what each element of a GPX file adds to tracks and waypoints."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Required, TypedDict
from xml.parsers import expat

import numpy as np

from gpxstage.course import CourseError, Point, Track, handed_over, missing
from gpxstage.parser.inputs import LIMITS, MIB, LimitError, Limits
from gpxstage.text import MOST_LETTERS, counted, short

NAN = float("nan")
FAR = 1e6  # no elevation or sensor value of this size can be one
POINT_OWNERS = {"trkseg", "rtept", "trk"}  # innermost containers around what a point holds
SENSOR_OWNERS = {"trkseg", "rtept"}  # extensions of the whole track hold its statistics

MOST_COMMENT_BYTES = 64 * MIB  # judgement: expat reads a comment as a whole
MOST_TAG_BYTES = 4 * MIB  # judgement: expat keeps each attribute; a tag of GPX has a hundred bytes
MOST_PARTS = 200_000  # judgement: tracks, routes, segments and named places of a file
MOST_NAMES = 10_000  # judgement: of elements and attributes; GPX has fewer than a hundred
MOST_TEXTS = 64  # pieces of a text that are kept, of 8 kB each: a longer one is no name

Attributes = list[str]  # names and values in turn, as expat gives them
Opener = Callable[[Attributes], object]
Closer = Callable[[], object]

CONTAINERS = {"metadata", "author", "link", "trk", "trkseg", "rte", "rtept", "wpt", "extensions"}
PARTS = {"trk", "trkseg", "rte", "wpt"}
SHAPE = "rpt"  # a point that Garmin's planners put between two of a route, in their own namespace
LEAVES = {"name", "desc", "cmt", "type", "sym", "ele", "time"}
LONG_NAME = 60  # judgement: a longer description is a text, not a name
LONG_TEXT = 500  # judgement: letters of a description that are kept, to guess a kind from
SENSORS = {
    "hr": "heart_rate_bpm", "heartrate": "heart_rate_bpm", "cad": "cadence_spm",
    "cadence": "cadence_spm", "power": "power_w", "powerinwatts": "power_w", "watts": "power_w",
}  # fmt: skip


class Waypoint(TypedDict, total=False):
    """What an open <wpt> has so far, by the names of Point's fields."""

    name: Required[str]
    lat_deg: float
    lon_deg: float
    elevation_m: float | None
    symbol: str
    category: str
    description: str


@dataclass(frozen=True)
class GpxFile:
    """What one file holds; a track or route without points is left out, with a note.

    ``route_points`` are the points of the routes that have a name.
    """

    tracks: tuple[Track, ...]
    routes: tuple[Track, ...]
    waypoints: tuple[Point, ...]
    notes: tuple[str, ...]
    route_points: tuple[Point, ...] = ()
    name: str = ""  # of all of it, by its metadata


@dataclass(slots=True)
class Line:
    """A track or route in the making: a column is padded with NaN up to where it is set."""

    is_route: bool
    name: str = ""
    lat_deg: array[float] = field(default_factory=lambda: array("d"))
    lon_deg: array[float] = field(default_factory=lambda: array("d"))
    elevation_m: array[float] = field(default_factory=lambda: array("d"))
    columns: dict[str, array[float]] = field(default_factory=dict)
    segment_starts: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # of points of a route, by their index
    symbols: dict[int, str] = field(default_factory=dict)

    def named_points(self) -> list[Point]:
        """The points of a route that have a name."""
        return [
            Point(
                name,
                lat_deg=self.lat_deg[k],
                lon_deg=self.lon_deg[k],
                elevation_m=self.elevation_m[k] if np.isfinite(self.elevation_m[k]) else None,
                symbol=self.symbols.get(k, ""),
            )
            for k, name in self.names.items()
        ]

    def put(self, column: str, value: float) -> None:
        """Set a value of the last point, unless it has one already."""
        values = self.columns.get(column)
        if values is None:
            values = self.columns[column] = array("d")
        missing = len(self.lat_deg) - len(values)
        if missing > 1:
            values.extend([NAN] * (missing - 1))
        if missing > 0:
            values.append(value)

    def track(self) -> Track:
        """What has been read; the numbers are handed over, not copied."""
        n = len(self.lat_deg)
        full = {}
        for name, values in self.columns.items():
            values.extend([NAN] * (n - len(values)))
            full[name] = handed_over(np.asarray(values))
        starts = {0} | {start for start in self.segment_starts if start < n}
        return Track(
            handed_over(np.asarray(self.lat_deg)),
            handed_over(np.asarray(self.lon_deg)),
            handed_over(np.asarray(self.elevation_m)),
            full.pop("time_s", missing(n)),
            np.array(sorted(starts)),
            name=self.name,
            is_route=self.is_route,
            **full,
        )


class Handlers:
    """Expat's callbacks. A value belongs to the innermost open container that may own it.

    What an element is to us is decided when its full name is first met: from then on one look
    in ``openers`` and one in ``closers`` says what to call, None for nothing.
    """

    def __init__(self, where: str, namespaces: bool, limits: Limits = LIMITS) -> None:
        self.where = where
        self.limits = limits
        self.held: list[bytes] = []  # not yet parsed
        self.held_bytes = self.parsed_bytes = self.wanted_bytes = 0
        self.is_tag = True  # what is not yet closed; else it is a comment or the like
        self.depth = self.parts = 0
        self.name = ""  # of the whole file
        self.cut = 0  # names that are longer than anyone reads
        self.points_before = 0  # of the lines before the last one
        self.attributes: set[str] = set()  # their names
        self.separator = " " if namespaces else ":"
        self.namespace: str | None = None  # of the root element
        self.track_point = self.elevation = ""  # full names of the two most frequent elements
        self.openers: dict[str, Opener | None] = {}
        self.closers: dict[str, Closer | None] = {}
        self.open = ["gpx"]  # innermost container last
        self.text: list[str] = []  # since the last start of an element
        self.lines: list[Line] = []
        self.line = Line(is_route=False)
        self.waypoint = Waypoint(name="")
        self.spare: dict[str, str] = {}  # texts that may name the waypoint
        self.waypoints: list[Point] = []
        self.unreadable = {"elevation": 0, "time": 0, "sensor value": 0}
        self.parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes of the file, once they are enough.

        Expat reads an open comment or tag from its start each time more bytes come. It gets
        as many bytes more as are open, so that each byte is read about twice.
        """
        self.held.append(chunk)
        self.held_bytes += len(chunk)
        if self.held_bytes >= self.wanted_bytes:
            self._parse()

    def finish(self) -> None:
        """Parse what is left; the file ends here."""
        self._parse()
        self.parser.Parse(b"", True)

    def _parse(self) -> None:
        self.parsed_bytes += self.held_bytes
        chunk = self.held[0] if len(self.held) == 1 else b"".join(self.held)
        self.held, self.held_bytes = [], 0
        self.parser.Parse(chunk, False)
        self.wanted_bytes = self.parsed_bytes - max(self.parser.CurrentByteIndex, 0)
        if self.wanted_bytes <= len(chunk):  # what is open begins here: <! and <? are no tags
            self.is_tag = not set(chunk[len(chunk) - self.wanted_bytes :][:4]) & set(b"!?")
        most = MOST_TAG_BYTES if self.is_tag else MOST_COMMENT_BYTES
        if self.wanted_bytes > most:
            raise self._beyond(f"a {'tag' if self.is_tag else 'comment'} of over {most // MIB} MiB")
        points = self.points_before + len(self.line.lat_deg) + len(self.waypoints)
        if points > self.limits.points:
            raise self._beyond(f"over {self.limits.points:,} points", "--max-points")
        if len(self.attributes) > MOST_NAMES:
            raise self._beyond(f"over {MOST_NAMES:,} names of attributes")
        del self.text[MOST_TEXTS:]

    def _beyond(self, what: str, option: str = "") -> LimitError:
        more = f": {option} raises the limit" if option else ""
        return LimitError(f"{self.where}: holds {what}, and no more is read{more}")

    def _doctype(self, name: str, *_: object) -> None:
        if name.lower() == "html":
            raise CourseError(f"{self.where}: is a web page, not a GPX file")
        raise CourseError(f"{self.where}: has a DOCTYPE, which no GPX needs: refused as unsafe")

    def _start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > self.limits.nesting:
            raise self._beyond(
                f"over {self.limits.nesting} elements within each other", "--max-nesting"
            )
        if name == self.track_point:
            self._add_point(attributes)
        elif name != self.elevation:
            try:
                opener = self.openers[name]
            except KeyError:
                opener = self._classify(name)
            if attributes:
                self.attributes.update(attributes[::2])
            if opener is not None:
                opener(attributes)
        self.text.clear()

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name == self.elevation and self.open[-1] == "trkseg" and self.line.elevation_m:
            self.line.elevation_m[-1] = self._number("".join(self.text), "elevation")
        elif name != self.track_point:
            closer = self.closers[name]
            if closer is not None:
                closer()

    def _add_point(self, attributes: Attributes) -> None:
        lat_deg, lon_deg = self._coordinates(attributes)
        line = self.line
        line.lat_deg.append(lat_deg)
        line.lon_deg.append(lon_deg)
        line.elevation_m.append(NAN)

    def _coordinates(self, attributes: Attributes) -> tuple[float, float]:
        try:
            if attributes[0] == "lat" and attributes[2] == "lon":
                lat, lon = float(attributes[1]), float(attributes[3])
                if len(attributes) > 4:
                    self.attributes.update(attributes[::2])
            else:
                pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
                self.attributes.update(pairs)
                lat, lon = float(pairs["lat"]), float(pairs["lon"])
        except (IndexError, KeyError):
            raise self._wrong("a point without lat and lon") from None
        except ValueError:
            raise self._wrong(f"{' '.join(attributes)[:60]}: coordinates must be numbers") from None
        if -90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0:
            return lat, lon
        raise self._wrong(f"lat {lat} lon {lon} is out of range (90 and 180 degrees)")

    def _wrong(self, what: str) -> CourseError:
        return CourseError(f"{self.where}: line {self.parser.CurrentLineNumber}: {what}")

    def _classify(self, name: str) -> Opener | None:
        """Decide what to do where an element of this name starts and ends."""
        namespace, _, local = name.rpartition(self.separator)
        if self.namespace is None:
            if local != "gpx":
                raise CourseError(f"{self.where}: is not GPX: its first element is <{local}>")
            self.namespace = namespace
            prefix = namespace + self.separator if namespace else ""
            self.track_point, self.elevation = prefix + "trkpt", prefix + "ele"
            self.closers[self.elevation] = partial(self._keep, "ele")
        opener: Opener | None = None
        closer: Closer | None = None
        if (namespace == self.namespace and local in CONTAINERS) or local == SHAPE:
            opener = partial(self._open, local)
            closer = self._close_waypoint if local == "wpt" else self.open.pop
        elif namespace == self.namespace and local in LEAVES:
            closer = self._keep_time if local == "time" else partial(self._keep, local)
        elif local.lower() in SENSORS:
            closer = partial(self._keep_sensor, SENSORS[local.lower()])
        self.openers[name], self.closers[name] = opener, closer
        if len(self.openers) > MOST_NAMES:
            raise self._beyond(f"over {MOST_NAMES:,} names of elements")
        return opener

    def _open(self, kind: str, attributes: Attributes) -> None:
        if kind in PARTS:
            self._count_part()
        if kind in ("trk", "rte"):
            self.points_before += len(self.line.lat_deg)
            self.line = Line(is_route=kind == "rte")
            self.lines.append(self.line)
        elif kind == "trkseg":
            self.line.segment_starts.append(len(self.line.lat_deg))
        elif kind == "rtept" or (kind == SHAPE and "rtept" in self.open):
            self._add_point(attributes)
        elif kind == "wpt":
            lat, lon = self._coordinates(attributes)
            self.waypoint, self.spare = Waypoint(name="", lat_deg=lat, lon_deg=lon), {}
        self.open.append(kind)

    def _count_part(self) -> None:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise self._beyond(f"over {MOST_PARTS:,} tracks, segments and named places")

    def _close_waypoint(self) -> None:
        self.open.pop()
        spare = [self.spare.get(kind, "") for kind in ("desc", "cmt")]
        names = [text for text in spare if 0 < len(text) <= LONG_NAME]
        if names and not self.waypoint["name"]:
            self.waypoint["name"] = names[0]
        self.waypoint["description"] = short(spare[0] or spare[1], LONG_TEXT)
        self.waypoints.append(Point(**self.waypoint))

    def _keep_time(self) -> None:
        text = "".join(self.text).strip()
        if text and self.open[-1] in POINT_OWNERS:
            self.line.put("time_s", self._seconds(text))

    def _keep_sensor(self, column: str) -> None:
        owner = self.open[-1] if self.open[-1] != "extensions" else self.open[-2]
        text = "".join(self.text)
        if text and owner in SENSOR_OWNERS:
            self.line.put(column, self._number(text, "sensor value"))

    def _keep(self, kind: str) -> None:
        text, owner = "".join(self.text).strip(), self.open[-1]
        if not text:
            return
        if kind == "ele":
            if owner in POINT_OWNERS and self.line.elevation_m:
                self.line.elevation_m[-1] = self._number(text, "elevation")
            elif owner == "wpt":
                value = self._number(text, "elevation")
                self.waypoint["elevation_m"] = value if np.isfinite(value) else None
        elif kind == "name":
            self.cut += len(text) > MOST_LETTERS
            text = short(text)
            if owner in ("trk", "rte"):
                self.line.name = text
            elif owner in ("metadata", "gpx"):
                self.name = self.name or text
            elif owner == "wpt":
                self.waypoint["name"] = text
            elif owner == "rtept":
                self._count_part()
                self.line.names[len(self.line.lat_deg) - 1] = text
        elif kind in ("desc", "cmt"):
            if owner == "wpt":
                self.spare[kind] = text
        elif owner == "wpt":
            self.waypoint["category" if kind == "type" else "symbol"] = short(text)
        elif owner == "rtept":
            self.line.symbols[len(self.line.lat_deg) - 1] = short(text)

    def _number(self, text: str, what: str) -> float:
        try:
            value = float(text)
            if -FAR < value < FAR:
                return value
        except ValueError:
            if not text.strip():
                return NAN
        self.unreadable[what] += 1
        return NAN

    def _seconds(self, text: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.unreadable["time"] += 1
            return NAN
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def result(self) -> GpxFile:
        """What has been read, once the whole file has been fed."""
        lines = [line.track() for line in self.lines if line.lat_deg]
        notes = [
            f"{self.where}: {counted(number, what)} cannot be read: left out"
            for what, number in self.unreadable.items()
            if number
        ]
        for what, is_route in (("track", False), ("route", True)):
            if empty := sum(not x.lat_deg and x.is_route is is_route for x in self.lines):
                notes.append(f"{self.where}: {counted(empty, what)} without points: left out")
        if self.cut:
            what = counted(self.cut, "name")
            notes.append(f"{self.where}: {what} of over {MOST_LETTERS} letters: cut")
        tracks, routes = (tuple(a for a in lines if a.is_route is kind) for kind in (False, True))
        named = [point for line in self.lines for point in line.named_points()]
        return GpxFile(tracks, routes, tuple(self.waypoints), tuple(notes), tuple(named), self.name)
