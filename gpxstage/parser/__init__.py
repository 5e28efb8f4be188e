"""GPX bytes -> tracks, routes and waypoints: the only reader of GPX.

Expat from the standard library calls handlers of our own: GPX 1.0, 1.1 or no namespace, any
prefix, UTF-8, UTF-16 or any one-byte encoding that Python knows, gzip or not. The file is fed in
chunks and numbers go straight into arrays, so two million points need little memory.

Most of a GPX file is one track point after another in one fixed form. `Scanner` takes runs of
such points out of the bytes before expat sees them, which makes most files several times faster
to read. Its pattern is so narrow that what it matches is well-formed XML with coordinates in
range, so its numbers can be read at once. Expat still decides what the bytes mean, and the
handlers stay the reference: expat gets an empty <trkpt> in place of a run, and everything else as
it is. When that element comes back to the handlers, from the byte where it was put, the run is
among elements of the file's own namespace, and not in a comment, a CDATA section, an attribute or
another encoding. The point after a run is always left to the handlers, so that they go on as if
they had read the run. Where anything is in doubt or wrong, the handlers alone read the file from
its start: they also know the lines of errors.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from array import array
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple
from xml.parsers import expat

import msgspec

from gpxstage.course import CourseError
from gpxstage.parser import inputs
from gpxstage.parser.handlers import NAN, Attributes, GpxFile, Handlers
from gpxstage.parser.inputs import LIMITS, LimitError, Limits

__all__ = [
    "GpxFile",
    "Limits",
    "PointRun",
    "Scanner",
    "UnsureError",
    "parse",
    "read",
    "read_by_handlers",
]

CHUNK_BYTES = 1 << 16
HEAD_BYTES = 1 << 12
XML_STARTS = (b"<", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\x00<")

# expat's error codes, which the standard library names by their texts only
UNBOUND_PREFIX = 27
CUT_SHORT = (3, 5, 6)  # no element found, unclosed token, partial character

S = r"[ \t\r\n]*+"
TAIL = r"(?:\.[0-9]++)?+"
TIME = rf"<time>([12][0-9]{{3}}-[0-9][0-9]-[0-9][0-9]T[0-9:]{{8}}{TAIL}Z)</time>{S}"
SENSORS = (
    rf"(?:<extensions>{S}(?:<power>([0-9]{{1,5}})</power>{S})?+<@TrackPointExtension>{S}"
    rf"(?:<@atemp>[0-9.-]++</@atemp>{S})?+(?:<@hr>([0-9]{{1,5}})</@hr>{S})?+"
    rf"(?:<@cad>([0-9]{{1,5}})</@cad>{S})?+</@TrackPointExtension>{S}</extensions>{S})?+"
)
POINT = (  # under 90 and 180 degrees and 100,000 m, no exponents; @ is a prefix
    rf'<trkpt lat="(-?+[0-8]?[0-9]{TAIL})" lon="(-?+(?:1[0-7][0-9]|[0-9]{{1,2}}+){TAIL})">{S}'
    rf"<ele>(-?+[0-9]{{1,5}}+{TAIL})</ele>{S}(?:{TIME})?+{SENSORS}</trkpt>{S}"
)
OF_TIME, OF_SENSORS = b"Z", b"x"  # letters that no other part of a point has: soonest found
COLUMNS = ("power_w", "heart_rate_bpm", "cadence_spm")  # in the order of SENSORS

EXTENSION = b"TrackPointExtension>"
PREFIX = re.compile(rb"<([A-Za-z][A-Za-z0-9]*:)" + EXTENSION)
BLANKED = bytes(byte if chr(byte) in "0123456789.-" else 32 for byte in range(256))
# what is left of <trkpt lat="1" lon="2"><ele>3</ele></trkpt> is 1,1,2,3,1 then: a one
# before and after each point, so that there is a number on both sides of every comma
JSON_SIGNS = bytes.maketrans(b"lk", b",1")
NO_NUMBER = bytes(byte for byte in range(256) if chr(byte) not in "0123456789.-lk")


def read(
    source: str | Path | bytes | IO[bytes], where: str | None = None, limits: Limits = LIMITS
) -> GpxFile:
    """Read GPX from a path, from bytes, or from a binary stream; *where* names it in messages.

    Raises CourseError, with line and column where there is one, for anything that is not
    well-formed GPX with coordinates in range, for a path that is no file and for what is beyond
    *limits*. A missing file raises FileNotFoundError.
    """
    if isinstance(source, bytes):
        return _read_stream(io.BytesIO(source), where or "GPX", limits)
    if isinstance(source, str | Path):
        where = where or Path(source).name
        with inputs.opened(source, where) as stream:
            return _read_stream(stream, where, limits)
    return _read_stream(source, where or "GPX", limits)


def _read_stream(stream: IO[bytes], where: str, limits: Limits) -> GpxFile:
    if inputs.is_file(stream):
        return _read_again_if_needed(stream, where, limits)
    # a pipe: another reading must be possible
    with inputs.spooled(stream, where, limits.file_mib) as spool:
        return _read_again_if_needed(spool, where, limits)


def _read_again_if_needed(stream: IO[bytes], where: str, limits: Limits) -> GpxFile:
    start = stream.tell()
    try:
        return parse(stream, where, Scanner(where, limits))
    except LimitError:
        raise
    except (UnsureError, expat.ExpatError, CourseError):
        stream.seek(start)
    return read_by_handlers(stream, where, limits)


def read_by_handlers(stream: IO[bytes], where: str, limits: Limits = LIMITS) -> GpxFile:
    """Read a stream without the scan, once more without namespaces where a prefix is unknown."""
    start = stream.tell()
    try:
        return parse(stream, where, Handlers(where, namespaces=True, limits=limits))
    except expat.ExpatError as error:
        if error.code != UNBOUND_PREFIX:
            raise _malformed(error, where) from None
    stream.seek(start)
    try:
        found = parse(stream, where, Handlers(where, namespaces=False, limits=limits))
    except expat.ExpatError as error:
        raise _malformed(error, where) from None
    note = f"{where}: uses an XML prefix that it does not declare; read without namespaces"
    return replace(found, notes=(note, *found.notes))


def parse(stream: IO[bytes], where: str, handlers: Handlers) -> GpxFile:
    """What some handlers read in a stream, which is unpacked where it is gzipped."""
    try:
        magic = stream.read(2)
        stream.seek(-len(magic), io.SEEK_CUR)
        data = gzip.GzipFile(fileobj=stream) if magic == inputs.GZIP_MAGIC else stream
        chunk = _head(data, where)
        left = handlers.limits.file_mib * inputs.MIB
        while chunk:
            left -= len(chunk)
            if left < 0:
                raise inputs.too_long(where, handlers.limits.file_mib, "--max-file-mib")
            handlers.feed(chunk)
            chunk = data.read(CHUNK_BYTES)
        handlers.finish()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CourseError(f"{where}: its gzip data are damaged: {error}") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, CourseError):
            raise
        raise CourseError(f"{where}: cannot be decoded: {error}; save it as UTF-8") from None
    return handlers.result()


def _head(data: IO[bytes] | gzip.GzipFile, where: str) -> bytes:
    """The first bytes, once they look like XML.

    Blank lines before the XML declaration, which must come first, are moved behind it, so that
    lines keep their numbers.
    """
    head = b""
    while len(head) < HEAD_BYTES and (more := data.read(CHUNK_BYTES)):
        head += more
    mark = codecs.BOM_UTF8 if head.startswith(codecs.BOM_UTF8) else b""
    head = head.removeprefix(mark)
    text = head.lstrip()
    blank = head[: len(head) - len(text)]
    if not text:
        raise CourseError(f"{where}: is empty")
    if not text.startswith(XML_STARTS):
        raise CourseError(f"{where}: {_foreign(head)}")
    if not text.startswith(b"<?xml"):
        return mark + head
    declaration, end, rest = text.partition(b"?>")
    return mark + declaration + end + blank + rest


def _foreign(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "is a zip archive: unpack it first"
    if head[8:12] == b".FIT":
        return (
            "is a FIT file, not GPX: its name must end in .fit, and only fit, training and review"
            " read it"
        )
    return "is not XML, so not a GPX file"


def _malformed(error: expat.ExpatError, where: str) -> CourseError:
    text = expat.ErrorString(error.code)
    if error.code in CUT_SHORT:
        text = "the file ends before it is complete"
    return CourseError(f"{where}: line {error.lineno}, column {error.offset + 1}: {text}")


class UnsureError(Exception):
    """Something that only the handlers can judge."""


class PointRun(NamedTuple):
    """The columns of a run of points; the optional ones by name, each with a value at least."""

    lat_deg: array[float]
    lon_deg: array[float]
    elevation_m: array[float]
    columns: dict[str, array[float]]


class Scanner(Handlers):
    """Handlers that get runs of plain points as arrays, already read."""

    def __init__(self, where: str, limits: Limits = LIMITS) -> None:
        super().__init__(where, namespaces=True, limits=limits)
        self.fed = 0  # bytes that expat has been given
        self.runs: dict[int, PointRun] = {}  # by the byte of their empty element
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
            self.runs[fed] = self.columns_of(match[0])
            # the prefix must be declared where it is used
            inside = f"<{self.prefix}x/>".encode() if OF_SENSORS in match[0] else b""
            parts.append(b"<trkpt>" + inside + b"</trkpt>")
            fed += len(parts[-1])
            done = match.end()
        parts.append(chunk[done:])
        self.fed = fed + len(parts[-1])
        super().feed(b"".join(parts))

    def columns_of(self, run: bytes) -> PointRun:
        """The numbers of a run. Raises UnsureError for a time that is none."""
        if OF_TIME not in run and OF_SENSORS not in run:
            lat_deg, lon_deg, elevation_m = _places(run)
            return PointRun(lat_deg, lon_deg, elevation_m, {})
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
        return PointRun(lat_deg, lon_deg, elevation_m, columns)

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


def _places(run: bytes) -> list[array[float]]:
    """Latitudes, longitudes and elevations of a run of points without times and sensors.

    msgspec reads numbers twice as fast as float() and to the same bits, but for an integer "-0"
    and for zeros in front, which JSON does not have.
    """
    text = run.translate(JSON_SIGNS, NO_NUMBER)
    if b"-" not in text or b"-0," not in text:
        with suppress(msgspec.DecodeError):
            values = array("d", msgspec.json.decode(b"[%b]" % text, type=list[float]))
            return [values[k::4] for k in (1, 2, 3)]
    values = array("d", map(float, run.translate(BLANKED).split()))
    return [values[k::3] for k in range(3)]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else NAN
