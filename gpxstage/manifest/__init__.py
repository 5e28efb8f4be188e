"""race.toml, folders and GPX files -> Course."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpxstage.course import CourseError, WishError
from gpxstage.manifest import bare, sources
from gpxstage.manifest.bare import Wishes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Course, Format

__all__ = ["load"]


def load(
    *given: Any,
    format: Format | None = None,
    start: str | datetime | None = None,
    wave: int | None = None,
    terrain: float | None = None,
    repair: bool = True,
    tracks: Sequence[str | int] = (),
) -> Course:
    """Read a race: a race file, a folder, GPX files, or GPX in memory.

    Each of *given* is a path to GPX (or .gpx.gz), to a race.toml or to a folder; "-" for
    standard input; bytes, a binary stream, or a gpxpy.GPX object. Several are stages in that
    order. *format*, *start* (an offset is needed where no race file gives a time zone), *wave*
    (from 1) and *terrain* overrule the race file; ``repair=False`` measures the track as it is.
    *tracks* are the numbers (from 1, through all files) or names of the tracks to take; a race
    file names its own.

    Raises FileNotFoundError when a path of *given* is not there, CourseError for everything
    else that a person can fix.
    """
    if not given:
        raise TypeError("load() needs a source")
    if terrain is not None and not 0.0 <= terrain <= 1.0:
        raise CourseError(f"terrain {terrain:g} is out of range: 0 road ... 1 hands on rock")
    wishes = Wishes(
        format=format,
        start=start,
        wave=wave,
        terrain=terrain,
        repair=repair,
        tracks=tuple(map(str, tracks)),
    )
    path = sources.race_file(given)
    if path is not None:
        if tracks:
            raise WishError(f"{path.name}: a race file names its tracks itself: track = 2")
        from gpxstage.manifest import race  # bare GPX needs no msgspec

        return race.build(path, wishes)
    found = sources.read_all(given)
    return bare.build(found, sources.title(given, found), wishes)
