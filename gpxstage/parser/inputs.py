"""Input files, opened in one place: none of them hangs, and none is read without an end.

A path must lead to a regular file. Opening a named pipe waits for somebody who writes into it,
and a device such as /dev/zero has no end. What comes through a pipe that already has a writer
(standard input, a shell's ``<(...)``) is read up to a bound.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gpxstage.course import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
MOST_TEXT_MIB = 4  # of a race file, a runner file or a table: judgement, real ones are some kB


@dataclass(frozen=True)
class Limits:
    """What one GPX file may hold at most: judgement, no real one comes near."""

    file_mib: int = 256  # unpacked: two million points with all sensors fit in it
    points: int = 5_000_000  # of tracks, routes and waypoints together
    nesting: int = 100  # elements within each other: GPX needs ten


LIMITS = Limits()


class LimitError(CourseError):
    """A file beyond one of the limits: another way of reading it does not help."""


KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def opened(path: str | Path, where: str) -> IO[bytes]:
    """A file, open to be read; *where* names it in messages.

    Raises CourseError for what is no file or cannot be read, FileNotFoundError for what is not
    there.
    """
    try:
        mode = os.stat(path).st_mode
        for is_kind, kind in KINDS:
            if is_kind(mode) and not _is_open_pipe(path):
                raise CourseError(
                    f"{where}: is {kind}, not a file; GPX may come on standard input (-)"
                )
        return open(path, "rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CourseError(f"{where}: cannot be read: {error.strerror}") from error


def _is_open_pipe(path: str | Path) -> bool:
    """Whether a path such as /dev/fd/63 is a pipe that has no name and so has a writer already."""
    return os.path.basename(os.path.realpath(path)).startswith("pipe:[")


def is_file(stream: IO[bytes]) -> bool:
    """Whether a stream can be read again from its start, and has an end."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError):  # in memory; OSError is also io's UnsupportedOperation
        return stream.seekable()


@contextmanager
def spooled(stream: IO[bytes], where: str, most_mib: int) -> Iterator[IO[bytes]]:
    """The bytes of a stream in a file without a name, that can be read again.

    Raises LimitError beyond *most_mib*.
    """
    with tempfile.TemporaryFile() as spool:
        left = most_mib * MIB
        while chunk := stream.read(MIB):
            left -= len(chunk)
            if left < 0:
                raise too_long(where, most_mib, "--max-file-mib")
            spool.write(chunk)
        spool.seek(0)
        yield spool


def whole(path: str | Path, where: str, most_mib: int = MOST_TEXT_MIB) -> bytes:
    """All bytes of a file that is no longer than *most_mib*.

    Raises what `opened` does, and CourseError for a longer one.
    """
    with opened(path, where) as stream:
        return limited(stream, where, most_mib)


def limited(stream: IO[bytes], where: str, most_mib: int) -> bytes:
    """All bytes of a stream. Raises CourseError beyond *most_mib*."""
    data = stream.read(most_mib * MIB + 1)
    if len(data) > most_mib * MIB:
        raise too_long(where, most_mib)
    return data


def too_long(where: str, most_mib: int, option: str = "") -> LimitError:
    """The error of a file of more than *most_mib*, with the option that raises the limit."""
    more = f": {option} raises the limit" if option else ""
    return LimitError(f"{where}: is longer than {most_mib} MiB, and no more is read{more}")
