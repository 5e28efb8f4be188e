"""Expat's callbacks: what each element of a GPX file adds to tracks and waypoints."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

import numpy as np

from gpxstage.course import CourseError, Point, Track

NAN = float("nan")

CONTAINERS = {"metadata", "author", "link", "trk", "trkseg", "rte", "rtept", "wpt", "extensions"}
LEAVES = {"name", "type", "sym", "ele", "time"}
SENSORS = {
    "hr": "heart_rate_bpm",
    "heartrate": "heart_rate_bpm",
    "cad": "cadence_spm",
    "cadence": "cadence_spm",
    "power": "power_w",
    "powerinwatts": "power_w",
    "watts": "power_w",
}


@dataclass(frozen=True)
class GpxFile:
    """What one file holds; a track or route without points is left out."""

    tracks: tuple[Track, ...]
    routes: tuple[Track, ...]
    waypoints: tuple[Point, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    """A track or route in the making: a column is padded with NaN up to where it is set."""

    is_route: bool
    name: str = ""
    lat_deg: array[float] = field(default_factory=lambda: array("d"))
    lon_deg: array[float] = field(default_factory=lambda: array("d"))
    elevation_m: array[float] = field(default_factory=lambda: array("d"))
    columns: dict[str, array[float]] = field(default_factory=dict)
    segment_starts: list[int] = field(default_factory=list)

    def add(self, lat_deg: float, lon_deg: float) -> None:
        self.lat_deg.append(lat_deg)
        self.lon_deg.append(lon_deg)
        self.elevation_m.append(NAN)

    def put(self, column: str, value: float) -> None:
        values = self.columns.get(column)
        if values is None:
            values = self.columns[column] = array("d")
        missing = len(self.lat_deg) - len(values)
        if missing > 1:
            values.extend([NAN] * (missing - 1))
        if missing > 0:
            values.append(value)

    def track(self) -> Track:
        n = len(self.lat_deg)
        full = {
            name: np.concatenate([np.asarray(values), np.full(n - len(values), NAN)])
            for name, values in self.columns.items()
        }
        absent = np.full(n, NAN)
        starts = {0} | {start for start in self.segment_starts if start < n}
        return Track(
            np.asarray(self.lat_deg),
            np.asarray(self.lon_deg),
            np.asarray(self.elevation_m),
            full.pop("time_s", absent),
            np.array(sorted(starts)),
            name=self.name,
            is_route=self.is_route,
            **full,
        )


class Handlers:
    """Expat's callbacks. A value belongs to the innermost open element that may own it."""

    def __init__(self, where: str, namespaces: bool) -> None:
        self.where = where
        self.parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.separator = " " if namespaces else ":"
        self.namespace: str | None = None  # of the root element
        self.track_point = self.elevation = ""  # full names of the two most frequent elements
        self.kinds: dict[str, str] = {}  # full name -> what it is to us, "" for nothing
        self.open = ["gpx"]  # innermost container last
        self.text: list[str] = []
        self.parser.CharacterDataHandler = self.text.append
        self.lines: list[_Line] = []
        self.line = _Line(is_route=False)
        self.waypoint: dict[str, Any] = {}
        self.waypoints: list[Point] = []
        self.bad_numbers = {"elevation": 0, "time": 0}

    def _doctype(self, *_: object) -> None:
        raise CourseError(f"{self.where}: has a DOCTYPE, which no GPX needs: refused as unsafe")

    def _start(self, name: str, attributes: list[str]) -> None:
        if name == self.track_point:
            self.line.add(*self._coordinates(attributes))
        elif name != self.elevation:
            kind = self.kinds.get(name)
            if kind is None:
                kind = self._classify(name)
            if kind in CONTAINERS:
                self._open_container(kind, attributes)
        self.text.clear()

    def _coordinates(self, attributes: list[str]) -> tuple[float, float]:
        try:
            if attributes[0] == "lat" and attributes[2] == "lon":
                lat, lon = float(attributes[1]), float(attributes[3])
            else:
                pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
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

    def _classify(self, name: str) -> str:
        """What an element is to us, decided once per name."""
        namespace, _, local = name.rpartition(self.separator)
        if self.namespace is None:
            if local != "gpx":
                raise CourseError(f"{self.where}: is not GPX: its first element is <{local}>")
            self.namespace = namespace
            prefix = namespace + self.separator if namespace else ""
            self.track_point, self.elevation = prefix + "trkpt", prefix + "ele"
            self.kinds[self.elevation] = "ele"
        kind = ""
        if namespace == self.namespace and (local in CONTAINERS or local in LEAVES):
            kind = local
        elif local.lower() in SENSORS:
            kind = SENSORS[local.lower()]
        self.kinds[name] = kind
        return kind

    def _open_container(self, kind: str, attributes: list[str]) -> None:
        if kind in ("trk", "rte"):
            self.line = _Line(is_route=kind == "rte")
            self.lines.append(self.line)
        elif kind == "trkseg":
            self.line.segment_starts.append(len(self.line.lat_deg))
        elif kind == "rtept":
            self.line.add(*self._coordinates(attributes))
        elif kind == "wpt":
            lat, lon = self._coordinates(attributes)
            self.waypoint = {"name": "", "lat_deg": lat, "lon_deg": lon}
        self.open.append(kind)

    def _end(self, name: str) -> None:
        if name == self.track_point:
            return
        if name == self.elevation and self.open[-1] == "trkseg" and self.line.elevation_m:
            self.line.elevation_m[-1] = self._number("".join(self.text))
            return
        kind = self.kinds[name]
        if not kind:
            return
        if kind in CONTAINERS:
            self.open.pop()
            if kind == "wpt":
                self.waypoints.append(Point(**self.waypoint))
            return
        text = "".join(self.text).strip()
        if text:
            self._keep(kind, text, self.open[-1])

    def _keep(self, kind: str, text: str, owner: str) -> None:
        if kind in ("ele", "time"):
            if owner in ("trkseg", "trk", "rtept") and kind == "time":
                self.line.put("time_s", self._seconds(text))
            elif owner in ("trk", "rtept") and self.line.elevation_m:
                self.line.elevation_m[-1] = self._number(text)
            elif owner == "wpt" and kind == "ele":
                value = self._number(text)
                self.waypoint["elevation_m"] = value if np.isfinite(value) else None
        elif kind == "name":
            if owner in ("trk", "rte"):
                self.line.name = text
            elif owner == "wpt":
                self.waypoint["name"] = text
        elif kind in ("type", "sym"):
            if owner == "wpt":
                self.waypoint["symbol"] = text
        elif self.line.lat_deg and "extensions" in self.open:
            self.line.put(kind, self._number(text))

    def _number(self, text: str) -> float:
        try:
            value = float(text)
            if abs(value) < 1e6:
                return value
        except ValueError:
            if not text.strip():
                return NAN
        self.bad_numbers["elevation"] += 1
        return NAN

    def _seconds(self, text: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.bad_numbers["time"] += 1
            return NAN
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def result(self) -> GpxFile:
        """What has been read, once the whole file has been fed."""
        lines = [line.track() for line in self.lines if line.lat_deg]
        notes = tuple(
            f"{self.where}: {count} {what}{'s' if count > 1 else ''} cannot be read: left out"
            for what, count in self.bad_numbers.items()
            if count
        )
        tracks = tuple(line for line in lines if not line.is_route)
        routes = tuple(line for line in lines if line.is_route)
        return GpxFile(tracks, routes, tuple(self.waypoints), notes)
