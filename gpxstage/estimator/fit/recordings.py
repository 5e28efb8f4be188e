"""Files as watches give them -> outings, and a line for each that is not used.

The same outing from two devices, or twice in a folder, counts once. Nobody is on two outings at
one time, so two that share most of their clock and their places are one: a watch and a phone, a
copy, an export with its ends cut off. Where one of them holds local time as UTC, the two are
apart by a whole number of quarter hours, and otherwise in step to the second; who walks the same
loop twice is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo, parser
from gpxstage.clean import shortened
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator.fit.outings import outings_of
from gpxstage.parser import garmin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gpxstage.course import Array, Track
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
        raise CourseError("; ".join(["no recording can be used", *shortened(notes, MOST_NOTES)]))
    found, again = once(found)
    return found, (*notes, *again)


def _tracks(path: Path) -> tuple[Track, ...]:
    if path.name.lower().endswith((".fit", ".fit.gz")):
        return (garmin.read(path),)
    gpx = parser.read(path)
    if not gpx.tracks and not gpx.routes:
        raise CourseError(f"{path.name}: it has no track")
    return gpx.tracks or gpx.routes


# All of these are judgement.
SHARED = 0.5  # of the shorter one's time: less, and each says something of its own
PLACES = 48  # instants at which two outings are compared
NEAR_M, NEAR_SHARE = 500.0, 0.8  # at one time: clocks differ by a minute, phones cut corners
STEP_M, STEP_SHARE = 75.0, 0.85  # with another clock: in step to half a minute
APART_M = 1000.0  # at one time, this far apart: two people
ZONE_S, MOST_ZONE_S = 900.0, 14.0 * 3600.0  # time zones are whole quarter hours, at most 14 h
SENSORS = 1.05  # a recording with heart rate or cadence is worth so much more


@dataclass(frozen=True, eq=False)
class _Trace:
    """Where an outing was when."""

    outing: Outing
    time_s: Array  # (n,) seconds since 1970
    lat_deg: Array
    lon_deg: Array
    worth_s: float

    @property
    def lasts_s(self) -> float:
        """From its first cell to its last."""
        return float(self.time_s[-1] - self.time_s[0])


def once(outings: Sequence[Outing]) -> tuple[list[Outing], list[str]]:
    """Outings in their order without those that come again, and a note for each of these.

    The one that tells more is kept. Two that are at one time in two places are both kept, with
    a note.
    """
    traces = [_trace(outing) for outing in outings]
    kept: list[_Trace] = []
    notes: dict[int, str] = {}
    left: set[int] = set()
    for k in sorted(range(len(traces)), key=lambda k: (-round(traces[k].worth_s), k)):
        trace = traces[k]
        for other in kept:
            shift_s = _shift_s(other, trace)
            if shift_s is not None:
                notes[k] = _again(trace, other, shift_s)
                left.add(k)
                break
            if k not in notes and _is_elsewhere(other, trace):
                notes[k] = (
                    f"{trace.outing.where}: recorded at the same time as"
                    f" {other.outing.where} in another place: are these two people?"
                )
        else:
            kept.append(trace)
    chosen = [outing for k, outing in enumerate(outings) if k not in left]
    return chosen, [notes[k] for k in sorted(notes)]


def _trace(outing: Outing) -> _Trace:
    time_s = outing.start_s + 3600.0 * outing.clock_h
    known_s = float(outing.cell_s[outing.kept].sum())
    sensed = outing.heart_bpm is not None or outing.hiked is not None
    worth_s = known_s * (SENSORS if sensed else 1.0)
    return _Trace(outing, time_s, outing.push.lat_deg, outing.push.lon_deg, worth_s)


def _again(trace: _Trace, other: _Trace, shift_s: float) -> str:
    note = f"{trace.outing.where}: not used: it is the outing of {other.outing.where} again"
    if not shift_s:
        return note
    minutes = round(abs(shift_s) / 60.0)
    when = f"{minutes // 60}:{minutes % 60:02d} h {'later' if shift_s > 0.0 else 'earlier'}"
    return f"{note}, its clock {when}: local time written as UTC?"


def _shift_s(one: _Trace, two: _Trace) -> float | None:
    """By how much the clock of *two* is later than that of *one*, the same outing; else None."""
    first, last = two.time_s[0] - one.time_s[-1], two.time_s[-1] - one.time_s[0]
    if last < -MOST_ZONE_S or first > MOST_ZONE_S:
        return None
    if _distances_m(one, two, 0.0, NEAR_M, NEAR_SHARE) is not None:
        return 0.0
    least, most = max(first, -MOST_ZONE_S) / ZONE_S, min(last, MOST_ZONE_S) / ZONE_S
    for quarter in range(int(np.ceil(least)), int(np.floor(most)) + 1):
        found = _distances_m(one, two, quarter * ZONE_S, STEP_M, STEP_SHARE)
        if quarter and found is not None:
            return quarter * ZONE_S
    return None


def _is_elsewhere(one: _Trace, two: _Trace) -> bool:
    """Whether two outings are at one time in two places."""
    apart_m = _distances_m(one, two, 0.0, np.inf, 0.0)
    return apart_m is not None and bool(np.median(apart_m) > APART_M)


def _distances_m(
    one: _Trace, two: _Trace, shift_s: float, near_m: float, share: float
) -> Array | None:
    """Metres between two outings at common instants, the clock of *two* set back by *shift_s*.

    None where they share too little time, or where too few of the instants are near.
    """
    start_s = max(one.time_s[0], two.time_s[0] - shift_s)
    end_s = min(one.time_s[-1], two.time_s[-1] - shift_s)
    if end_s - start_s < SHARED * min(one.lasts_s, two.lasts_s):
        return None
    for count in (4, PLACES):  # most pairs are apart at the first few instants
        at_s = np.linspace(start_s, end_s, count)
        east = [np.interp(at_s + s, t.time_s, t.lon_deg) for t, s in ((one, 0.0), (two, shift_s))]
        north = [np.interp(at_s + s, t.time_s, t.lat_deg) for t, s in ((one, 0.0), (two, shift_s))]
        north_m, east_m = geo.metric_m_per_deg(north[0])
        apart_m = np.hypot(
            (north[1] - north[0]) * north_m, geo.wrap_deg(east[1] - east[0]) * east_m
        )
        if np.mean(apart_m <= near_m) < (share if count == PLACES else 0.5 * share):
            return None
    return apart_m
