"""GPX bytes -> tracks, routes and waypoints: the only reader of GPX.

Expat from the standard library with handlers of our own: GPX 1.0, 1.1 or no namespace,
any prefix, UTF-8, UTF-16 or any one-byte encoding that Python knows, gzip or not. The file is
fed in chunks, numbers go straight into arrays, so two million points stay flat in memory.
Runs of plain track points are lifted out of the bytes by a regular expression (scan.py), which
makes most files several times faster to read. Expat confirms each, and where one is in doubt or
anything is wrong, the handlers read the file from its start: they are the reference.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path
from typing import IO
from xml.parsers import expat

from gpxstage.course import CourseError
from gpxstage.parser import inputs
from gpxstage.parser.handlers import GpxFile, Handlers
from gpxstage.parser.scan import Scanner, UnsureError

__all__ = ["GpxFile", "read"]

CHUNK_BYTES = 1 << 16
HEAD_BYTES = 1 << 12
GZIP_MAGIC = b"\x1f\x8b"
XML_STARTS = (b"<", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\x00<")

# expat's error codes, which the standard library names by their texts only
UNBOUND_PREFIX = 27
CUT_SHORT = (3, 5, 6)  # no element found, unclosed token, partial character


def read(source: str | Path | bytes | IO[bytes], where: str | None = None) -> GpxFile:
    """Read GPX from a path, from bytes, or from a binary stream; *where* names it in messages.

    Raises CourseError, with line and column where there is one, for anything that is not
    well-formed GPX with coordinates in range, for a path that is no file and for a stream beyond
    256 MiB. A missing file raises FileNotFoundError.
    """
    if isinstance(source, bytes):
        return _read_stream(io.BytesIO(source), where or "GPX")
    if isinstance(source, str | Path):
        where = where or Path(source).name
        with inputs.opened(source, where) as stream:
            return _read_stream(stream, where)
    return _read_stream(source, where or "GPX")


def _read_stream(stream: IO[bytes], where: str) -> GpxFile:
    if inputs.is_file(stream):
        return _read_again_if_needed(stream, where)
    with inputs.spooled(stream, where) as spool:  # a pipe: another reading must be possible
        return _read_again_if_needed(spool, where)


def _read_again_if_needed(stream: IO[bytes], where: str) -> GpxFile:
    start = stream.tell()
    try:
        return _parse(stream, where, Scanner(where))
    except (UnsureError, expat.ExpatError, CourseError):
        stream.seek(start)
    return _read_by_handlers(stream, where)


def _read_by_handlers(stream: IO[bytes], where: str) -> GpxFile:
    start = stream.tell()
    try:
        return _parse(stream, where, Handlers(where, namespaces=True))
    except expat.ExpatError as error:
        if error.code != UNBOUND_PREFIX:
            raise _malformed(error, where) from None
    stream.seek(start)
    try:
        found = _parse(stream, where, Handlers(where, namespaces=False))
    except expat.ExpatError as error:
        raise _malformed(error, where) from None
    note = f"{where}: uses an XML prefix that it does not declare; read without namespaces"
    return replace(found, notes=(note, *found.notes))


def _parse(stream: IO[bytes], where: str, handlers: Handlers) -> GpxFile:
    try:
        magic = stream.read(2)
        stream.seek(-len(magic), io.SEEK_CUR)
        data = gzip.GzipFile(fileobj=stream) if magic == GZIP_MAGIC else stream
        chunk = _head(data, where)
        while chunk:
            handlers.feed(chunk)
            chunk = data.read(CHUNK_BYTES)
        handlers.parser.Parse(b"", True)
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
        raise CourseError(f"{where}: is not XML, so not a GPX file")
    if not text.startswith(b"<?xml"):
        return mark + head
    declaration, end, rest = text.partition(b"?>")
    return mark + declaration + end + blank + rest


def _malformed(error: expat.ExpatError, where: str) -> CourseError:
    text = expat.ErrorString(error.code)
    if error.code in CUT_SHORT:
        text = "the file ends before it is complete"
    return CourseError(f"{where}: line {error.lineno}, column {error.offset + 1}: {text}")
