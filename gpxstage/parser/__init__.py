"""GPX bytes -> tracks, routes and waypoints: the only reader of GPX.

Expat from the standard library with handlers of our own: GPX 1.0, 1.1 or no namespace,
any prefix, any encoding that Python knows, gzip or not. The file is fed in chunks, numbers
go straight into arrays, so two million points stay flat in memory.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import IO
from xml.parsers import expat

from gpxstage.course import CourseError
from gpxstage.parser.handlers import GpxFile, Handlers

__all__ = ["GpxFile", "read"]

CHUNK_BYTES = 1 << 16
UNBOUND_PREFIX = 27  # expat's XML_ERROR_UNBOUND_PREFIX


def read(source: str | Path | bytes | IO[bytes], where: str | None = None) -> GpxFile:
    """Read GPX from a path, from bytes, or from a binary stream; *where* names it in messages.

    Raises CourseError, with line and column where there is one, for anything that is not
    well-formed GPX with coordinates in range. A missing file raises FileNotFoundError.
    """
    if isinstance(source, bytes):
        return _read_stream(io.BytesIO(source), where or "GPX")
    if isinstance(source, str | Path):
        where = where or Path(source).name
        try:
            with open(source, "rb") as stream:
                return _read_stream(stream, where)
        except (IsADirectoryError, PermissionError) as error:
            raise CourseError(f"{where}: cannot be read: {error.strerror}") from error
    return _read_stream(source, where or "GPX")


def _read_stream(stream: IO[bytes], where: str) -> GpxFile:
    with tempfile.TemporaryFile() as spool:
        if not stream.seekable():  # a pipe: a second reading must be possible
            shutil.copyfileobj(stream, spool)
            spool.seek(0)
            stream = spool
        start = stream.tell()
        try:
            return _parse(stream, where, namespaces=True)
        except expat.ExpatError as error:
            if error.code != UNBOUND_PREFIX:
                raise _malformed(error, where) from None
        stream.seek(start)
        try:
            found = _parse(stream, where, namespaces=False)
        except expat.ExpatError as error:
            raise _malformed(error, where) from None
        note = f"{where}: uses an XML prefix that it does not declare; read without namespaces"
        return GpxFile(found.tracks, found.routes, found.waypoints, (note, *found.notes))


def _parse(stream: IO[bytes], where: str, *, namespaces: bool) -> GpxFile:
    try:
        head = stream.read(2)
        stream.seek(-len(head), io.SEEK_CUR)
        data = gzip.GzipFile(fileobj=stream) if head == b"\x1f\x8b" else stream
        chunk = data.read(CHUNK_BYTES).lstrip(b" \t\r\n")  # blank lines before the XML
        if not chunk:
            raise CourseError(f"{where}: is empty")
        if namespaces and not _looks_like_xml(chunk):
            raise CourseError(f"{where}: is not XML, so not a GPX file")
        handlers = Handlers(where, namespaces)
        while chunk:
            handlers.parser.Parse(chunk, False)
            chunk = data.read(CHUNK_BYTES)
        handlers.parser.Parse(b"", True)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CourseError(f"{where}: its gzip data are damaged: {error}") from None
    except LookupError as error:
        raise CourseError(f"{where}: {error}") from None
    return handlers.result()


def _looks_like_xml(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or head[:2] in (
        b"\xff\xfe",
        b"\xfe\xff",
        b"\x00<",
        b"<\x00",
    )


def _malformed(error: expat.ExpatError, where: str) -> CourseError:
    text = expat.ErrorString(error.code)
    if text == "no element found":
        text = "the file ends before it is complete"
    return CourseError(f"{where}: line {error.lineno}, column {error.offset + 1}: {text}")
