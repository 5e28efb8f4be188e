"""Runs of plain track points, taken out of the bytes before expat sees them.

Most of a GPX file is one point after another in one fixed form. That form is described here so
narrowly that what it matches is well-formed XML with coordinates in range, so its numbers can be
read at once. What the bytes mean is still for expat to say, and the handlers stay the reference:
expat gets an empty <trkpt> in place of a run, and everything else as it is. When that element
comes back to the handlers, from the byte where it was put, the run stood among elements of the
file's own namespace, and not in a comment, a CDATA section, an attribute or another encoding.
The point after a run is always left to the handlers, so that they go on as if they had read the
run. Where anything is in doubt, UnsureError or another error is raised, and the handlers alone
must read the file once more: they also know the lines of errors.
"""

from __future__ import annotations

import re
from array import array
from datetime import datetime
from typing import NamedTuple

from gpxstage.parser.handlers import NAN, Attributes, GpxFile, Handlers

S = r"[ \t\r\n]*+"
TAIL = r"(?:\.[0-9]++)?+"
TIME = rf"<time>([12][0-9]{{3}}-[0-9][0-9]-[0-9][0-9]T[0-9:]{{8}}{TAIL}Z)</time>{S}"
SENSORS = (
    rf"(?:<extensions>{S}(?:<power>([0-9]{{1,5}})</power>{S})?+<@TrackPointExtension>{S}"
    rf"(?:<@atemp>[0-9.-]++</@atemp>{S})?+(?:<@hr>([0-9]{{1,5}})</@hr>{S})?+"
    rf"(?:<@cad>([0-9]{{1,5}})</@cad>{S})?+</@TrackPointExtension>{S}</extensions>{S})?+"
)
POINT = (  # under 90 and 180 degrees and 100,000 m, no exponents; @ stands for a prefix
    rf'<trkpt lat="(-?+[0-8]?[0-9]{TAIL})" lon="(-?+(?:1[0-7][0-9]|[0-9]{{1,2}}+){TAIL})">{S}'
    rf"<ele>(-?+[0-9]{{1,5}}+{TAIL})</ele>{S}(?:{TIME})?+{SENSORS}</trkpt>{S}"
)
COLUMNS = ("power_w", "heart_rate_bpm", "cadence_spm")  # in the order of SENSORS

EXTENSION = b"TrackPointExtension>"
PREFIX = re.compile(rb"<([A-Za-z][A-Za-z0-9]*:)" + EXTENSION)
BLANKED = bytes(byte if chr(byte) in "0123456789.-" else 32 for byte in range(256))


class UnsureError(Exception):
    """Something that only the handlers can judge."""


class Run(NamedTuple):
    """The columns of a run of points; the optional ones by name, each with a value at least."""

    lat_deg: array[float]
    lon_deg: array[float]
    elevation_m: array[float]
    columns: dict[str, array[float]]


class Scanner(Handlers):
    """Handlers that are spared the runs."""

    def __init__(self, where: str) -> None:
        super().__init__(where, namespaces=True)
        self.fed = 0  # bytes that expat has been given
        self.runs: dict[int, Run] = {}  # by the byte where their empty element stands
        self.prefix = ""  # of the sensors
        self._compile()

    def _compile(self) -> None:
        point = POINT.replace("@", self.prefix)
        followed = rf"{point}(?=<trkpt)"
        self.point = re.compile(point)
        self.run = re.compile(rf"{followed}(?:{followed})*+".encode())

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes of the file, an empty element in place of each run."""
        if not self.prefix and EXTENSION in chunk and (found := PREFIX.search(chunk)):
            self.prefix = found[1].decode()
            self._compile()
        parts: list[bytes] = []
        fed, done = self.fed, 0
        for match in self.run.finditer(chunk):
            parts.append(chunk[done : match.start()])
            fed += len(parts[-1])
            self.runs[fed] = self._read(match[0])
            # the prefix must be declared where it is used
            inside = f"<{self.prefix}x/>".encode() if b"<extensions>" in match[0] else b""
            parts.append(b"<trkpt>" + inside + b"</trkpt>")
            fed += len(parts[-1])
            done = match.end()
        parts.append(chunk[done:])
        self.fed = fed + len(parts[-1])
        super().feed(b"".join(parts))

    def _read(self, run: bytes) -> Run:
        if b"<time>" not in run and b"<extensions>" not in run:
            values = array("d", map(float, run.translate(BLANKED).split()))
            return Run(values[::3], values[1::3], values[2::3], {})
        lat, lon, ele, times, *sensors = zip(*self.point.findall(run.decode()), strict=True)
        columns = {}
        try:
            if any(times):
                columns["time_s"] = array("d", [_seconds(text) for text in times])
        except ValueError:
            raise UnsureError from None
        for name, texts in zip(COLUMNS, sensors, strict=True):
            if any(texts):
                columns[name] = array("d", [float(text) if text else NAN for text in texts])
        lat_deg, lon_deg, elevation_m = (array("d", map(float, texts)) for texts in (lat, lon, ele))
        return Run(lat_deg, lon_deg, elevation_m, columns)

    def _add_point(self, attributes: Attributes) -> None:
        run = None if attributes else self.runs.pop(self.parser.CurrentByteIndex, None)
        if run is None:
            super()._add_point(attributes)
            return
        if self.open[-1] != "trkseg":
            raise UnsureError
        before = len(self.line.lat_deg)
        for name, values in run.columns.items():
            column = self.line.columns.setdefault(name, array("d"))
            column.extend([NAN] * (before - len(column)))
            column.extend(values)
        self.line.lat_deg.extend(run.lat_deg)
        self.line.lon_deg.extend(run.lon_deg)
        self.line.elevation_m.extend(run.elevation_m)

    def result(self) -> GpxFile:
        """As the handlers' own, if every run has found its place."""
        if self.runs:
            raise UnsureError
        return super().result()


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else NAN
