"""race.toml, folders and GPX files -> Course."""

from __future__ import annotations

from datetime import datetime
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpxstage.course import CourseError, WishError, track_distance_m
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import bare, naming, sources
from gpxstage.racefile.bare import Wishes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course, Format

__all__ = ["files", "load"]

LONGEST_M = 20_000_000.0  # judgement: half the way around the earth


def load(
    *given: Any,
    format: Format | None = None,
    start: str | datetime | None = None,
    wave: int | None = None,
    terrain: float | None = None,
    repair: bool = True,
    tracks: Sequence[str | int] = (),
    limits: Limits = LIMITS,
) -> Course:
    """Read a race: a race file, a folder, GPX files, or GPX in memory.

    Each of *given* is a path to GPX (or .gpx.gz), to a race.toml or to a folder; "-" for
    standard input; bytes, a binary stream, or a gpxpy.GPX object. Several are stages in that
    order. *format*, *start* (an offset is needed where no race file gives a time zone), *wave*
    (from 1) and *terrain* overrule the race file; ``repair=False`` measures the track as it is.
    *tracks* are the numbers (from 1, through all files) or names of the tracks to take; a race
    file names its own. *limits* say how large a file may be.

    Raises FileNotFoundError when a path of *given* is not there, CourseError for everything
    else that a person can fix.
    """
    if not given:
        raise TypeError("load() needs a source")
    _check(given, format, start, wave, terrain)
    wishes = Wishes(
        format=format,
        start=start,
        wave=wave,
        terrain=terrain,
        repair=repair,
        tracks=tuple(map(str, tracks)),
        limits=limits,
    )
    path = sources.race_file(given)
    if path is not None:
        if tracks:
            raise WishError(f"{path.name}: a race file names its tracks itself: track = 2")
        from gpxstage.racefile import keys, race  # bare GPX needs no msgspec

        course = race.build(keys.read(path), path, wishes)
    else:
        found = sources.read_all(given, limits)
        course = bare.build(found, naming.title(given, found), wishes)
    # its length decides how much memory it takes to measure it
    length_m = sum(float(track_distance_m(stage.track)[-1]) for stage in course.stages)
    if length_m > LONGEST_M:
        raise CourseError(
            f"{course.name}: its stages measure {length_m / 1000.0:,.0f} km: a course of over"
            f" {LONGEST_M / 1000.0:,.0f} km is no course on foot"
        )
    return course


def _check(given: Any, format: Any, start: Any, wave: Any, terrain: Any) -> None:
    """Raise for what is of the wrong kind or out of range, which the command line never is."""
    for source in given:
        if isinstance(source, str | Path) and "\0" in str(source):
            raise CourseError(f"{str(source)!r}: holds a NUL character, which no file's name has")
    if format not in (None, "continuous", "staged"):
        raise ValueError(f"format is continuous or staged, not {format!r}")
    if wave is not None and (isinstance(wave, bool) or not isinstance(wave, int) or wave < 1):
        raise ValueError(f"wave is a whole number from 1, not {wave!r}")
    if start is not None and not isinstance(start, str | datetime):
        raise TypeError(f"start is text or a datetime, not {start!r}")
    if terrain is not None and (isinstance(terrain, bool) or not isinstance(terrain, Real)):
        raise TypeError(f"terrain is a number from 0 to 1, not {terrain!r}")
    if terrain is not None and not 0.0 <= float(terrain) <= 1.0:
        raise CourseError(f"terrain {terrain:g} is out of range: 0 road ... 1 hands on rock")


def files(*given: Any) -> list[Path]:
    """The files that `load` reads of the same sources: race file and GPX."""
    path = sources.race_file(given)
    if path is None:
        return sources.paths(given)
    from gpxstage.racefile import keys  # bare GPX needs no msgspec

    return [path, *(path.parent / stage.gpx for stage in keys.read(path).stage)]
