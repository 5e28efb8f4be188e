"""Files as watches give them -> outings, and a line for each that is not used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage import parser
from gpxstage.clean import fold
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator.fit.outings import outings_of
from gpxstage.estimator.fit.same import once
from gpxstage.parser import garmin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gpxstage.course import Track
    from gpxstage.estimator.fit.outings import Outing

ENDINGS = (".gpx", ".gpx.gz", ".fit", ".fit.gz")
MOST_NOTES = 10  # in one error message


def files(given: Iterable[str | Path]) -> list[Path]:
    """The recordings that are meant: files, and all recordings of a folder.

    Raises FileNotFoundError for what is not there.
    """
    found: list[Path] = []
    for path in map(Path, given):
        if path.is_dir():
            inside = (each for each in path.iterdir() if each.name.lower().endswith(ENDINGS))
            found += sorted(each for each in inside if not each.name.startswith("."))
        elif path.exists():
            found.append(path)
        else:
            raise FileNotFoundError(2, "no such file", str(path))
    return found


def read(
    paths: Iterable[str | Path],
    *,
    terrain: float = DEFAULT_TERRAIN,
    done: Callable[[], object] = lambda: None,
) -> tuple[list[Outing], tuple[str, ...]]:
    """All outings of some files, and a note for each recording that is not used.

    An outing that comes twice, as from a watch and a phone, is used once. *terrain* is that of
    all of them; *done* is called after each file. Raises CourseError when nothing is left,
    FileNotFoundError for a file that is not there.
    """
    found: list[Outing] = []
    notes: list[str] = []
    known = files(paths)
    for path in known:
        tracks: tuple[Track, ...] = ()
        try:
            tracks = _tracks(path)
        except CourseError as error:
            where = f"{path.name}: "
            notes.append(f"{where}not used: {str(error).removeprefix(where)}")
        for number, track in enumerate(tracks, 1):
            where = path.name if len(tracks) == 1 else f"{path.name}, track {number}"
            outings, said = outings_of(track, where, terrain)
            found += outings
            notes += said
        done()
    if not found:
        raise CourseError("; ".join(["no recording can be used", *fold(notes, MOST_NOTES)]))
    found, again = once(found)
    return found, (*notes, *again)


def _tracks(path: Path) -> tuple[Track, ...]:
    if path.name.lower().endswith((".fit", ".fit.gz")):
        return (garmin.read(path),)
    gpx = parser.read(path)
    if not gpx.tracks and not gpx.routes:
        raise CourseError(f"{path.name}: it has no track")
    return gpx.tracks or gpx.routes
