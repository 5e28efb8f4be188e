"""Files as watches give them -> outings, and a line for each that is not used.

A repaired recording becomes an Outing: cells with the time that each took, in bins.

The same outing from two devices, or twice in a folder, counts once. Nobody is on two outings at
one time, so two that share most of their clock and their places are one: a watch and a phone, a
copy, an export with its ends cut off. Where one of them holds local time as UTC, the two are
apart by a whole number of quarter hours, and otherwise in step to the second; who walks the same
loop twice is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo, parser
from gpxstage.clean import repair, shortened
from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.estimator import daylight
from gpxstage.estimator.fit.windows import (
    GAP_S,
    heart_bpm,
    hiked_and_known_s,
    why_planned,
    windows_of,
)
from gpxstage.estimator.nouns import Push, Sites
from gpxstage.parser import garmin
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.profile import measure
from gpxstage.units import hours
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track
    from gpxstage.estimator.fit.windows import Windows
    from gpxstage.profile import Cells, Profile

ENDINGS = (".gpx", ".gpx.gz", ".fit", ".fit.gz")
MOST_NOTES = 10  # in one error message
# All of these are judgement.
BIN_M, BIN_HEIGHT_M = 500.0, 100.0  # a bin ends with either
GAP_SHARE = 0.2  # of a cell's time in gaps of the recording: more, and the cell is left out
RIDDEN_SHARE = 0.3  # of the distance too fast for feet: more, and it is another sport
LEAST_M, LEAST_S = 1000.0, 600.0  # a shorter recording is not used
NIGHT_S = 3.0 * 3600.0  # a longer pause separates two outings
NOWHERE = Sites(*(np.zeros(0) for _ in range(4)))
# to find the same outing again (all judgement)
SHARED = 0.5  # of the shorter one's time: with less in common they are two outings
PLACES = 48  # instants at which two outings are compared
NEAR_M, NEAR_SHARE = 500.0, 0.8  # at one time: clocks differ by a minute, phones cut corners
STEP_M, STEP_SHARE = 75.0, 0.85  # with another clock: they agree to half a minute
APART_M = 1000.0  # at one time, this far apart: two people
ZONE_S, MOST_ZONE_S = 900.0, 14.0 * 3600.0  # time zones are whole quarter hours, at most 14 h
SENSED = 1.05  # a recording with heart rate or cadence is worth so much more


@dataclass(frozen=True, eq=False)
class Outing:
    """One push of a recording in n cells of about 50 m, with its own clock."""

    where: str
    push: Push
    cell_s: Array  # (n,) moving time
    clock_h: Array  # (n,) on the clock since the start, pauses included
    dark: Array  # (n,) share of the time
    kept: NDArray[np.bool_]  # (n,) what happened here is known
    bins: Indices  # (n,) number of the bin, from 0
    profile: Profile
    edge_s: Array  # (n+1,) on the clock since the start, pauses included
    ridden: Array  # (n,) share of the length that is too fast for feet
    hiked: Array | None = None  # (n,) share by cadence, NaN where unknown
    heart_bpm: float | None = None  # mean while moving
    highest_bpm: float | None = None
    start_s: float = float("nan")  # seconds since 1970 at which its clock is 0

    @property
    def moving_s(self) -> float:
        """All moving time."""
        return float(self.cell_s.sum())


def outings_of(track: Track, where: str, terrain: float) -> tuple[list[Outing], list[str]]:
    """The outings of a raw track, cut at its nights, and a note for each that is not used.

    *where* names the track in the notes; *terrain*, 0 to 1, is that of all its cells.
    """
    found: list[Outing] = []
    notes: list[str] = []
    if sparse := _too_sparse(np.diff(track.time_s[np.isfinite(track.time_s)])):
        return [], [f"{where}: not used: {sparse}"]
    pieces = _parted(track)
    for number, piece in enumerate(pieces, 1):
        name = where if len(pieces) == 1 else f"{where}, part {number}"
        try:
            fixed, repairs = repair(piece, name)
            answer = _refusal(piece, fixed, repairs) or _outing(fixed, name, terrain)
        except CourseError as error:
            answer = str(error).removeprefix(f"{name}: ")
        if isinstance(answer, str):
            notes.append(f"{name}: not used: {answer}")
        else:
            found.append(answer)
    return found, notes


def push_of(cells: Cells, terrain: float) -> Push:
    """The cells of a profile as the engine takes them, without places to stop and a start."""
    rough = np.full(len(cells.grade), terrain)
    c = cells
    return Push(c.edge_m, c.grade, c.altitude_m, rough, c.lat_deg, c.lon_deg, NOWHERE)


def _parted(track: Track) -> list[Track]:
    """The pieces of a track between pauses of a night."""
    timed = np.flatnonzero(np.isfinite(track.time_s))
    after = timed[1:][np.diff(track.time_s[timed]) > NIGHT_S]
    borders = [0, *after.tolist(), len(track)]
    return [track.part(a, b) for a, b in pairwise(borders)]


def _refusal(raw: Track, fixed: Track, notes: tuple[str, ...]) -> str | None:
    """Why a track is no recording on foot; None where it is one."""
    if raw.is_route:
        return "it is a route, planned and not recorded"
    if not np.isfinite(raw.time_s).any():
        return "it has no times"
    if np.isfinite(fixed.time_s).sum() < 2:
        why = next((note for note in notes if "no recorded time" in note), "")
        return why.rpartition(": ")[0].partition(": ")[2] or "it has no recorded time"
    windows = windows_of(fixed)
    length_m = float(windows.edge_m[-1] - windows.edge_m[0])
    if length_m < LEAST_M or windows.moving_s < LEAST_S:
        minutes = windows.moving_s / 60.0
        return f"{length_m / 1000.0:.1f} km in {minutes:.0f} min of moving are too little"
    if windows.is_even():
        return "its speed is the same all the way: planned and not recorded"
    fast_m = float((np.diff(windows.edge_m) * windows.ridden).sum())
    if fast_m > RIDDEN_SHARE * length_m:
        fast_s = float((np.diff(windows.edge_s) * windows.ridden).sum())
        minutes = max(fast_s, 1.0) / 60.0  # a jump takes no time
        kmh = 3.6 * fast_m / (60.0 * minutes)
        return f"it goes at {kmh:.0f} km/h for {minutes:.0f} min: not on foot"
    return why_planned(fixed)


def _too_sparse(steps_s: Array) -> str | None:
    """A reason where most points are so far apart in time that nothing between them is known."""
    apart_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    if apart_s <= GAP_S or steps_s[steps_s <= GAP_S].sum() >= LEAST_S:
        return None
    return f"points {apart_s:.0f} s apart: too sparse, {GAP_S:.0f} s is the most"


def _outing(track: Track, where: str, terrain: float) -> Outing | str:
    """The outing of a repaired track, or the reason why it cannot be used."""
    profile = measure(track)
    if (cells := profile.cells) is None:
        return "it has no elevations"
    windows, push = windows_of(track), push_of(cells, terrain)
    cell_s = np.diff(np.interp(cells.edge_m, windows.edge_m, windows.passed_s))
    middle_m = 0.5 * (cells.edge_m[1:] + cells.edge_m[:-1])
    edge_clock_s = np.interp(cells.edge_m, windows.edge_m, windows.edge_s - windows.edge_s[0])
    nights = daylight.darkness(
        utc(windows.edge_s[0]), edge_clock_s[1:], cells.lat_deg, cells.lon_deg
    )
    lasts_s = np.diff(edge_clock_s)
    kept = _kept(windows, cells.edge_m, cell_s)
    if (known_s := cell_s[kept].sum()) < LEAST_S:
        steps_s = np.diff(windows.edge_s)
        little = f"what happened is known of {known_s / 60.0:.0f} min only: too little"
        return _too_sparse(steps_s) or little
    mean_bpm, highest_bpm = heart_bpm(track, windows) or (None, None)
    return Outing(
        where,
        push,
        cell_s,
        clock_h=np.interp(middle_m, windows.edge_m, windows.edge_s - windows.edge_s[0]) / 3600.0,
        dark=nights.between_s(edge_clock_s[:-1], edge_clock_s[1:]) / np.maximum(lasts_s, 1e-9),
        kept=kept,
        bins=_bins(cells),
        profile=profile,
        edge_s=edge_clock_s,
        ridden=_ridden(windows, cells.edge_m),
        hiked=_hiked(track, windows, cells.edge_m),
        heart_bpm=mean_bpm,
        highest_bpm=highest_bpm,
        start_s=float(windows.edge_s[0]),
    )


def _kept(windows: Windows, edge_m: Array, cell_s: Array) -> NDArray[np.bool_]:
    """(n,) cells whose time is known: neither a gap of the recording nor a ride."""
    doubt = (windows.gap | windows.ridden) & windows.moving
    doubt_s = geo.so_far(np.diff(windows.edge_s) * doubt)
    lost_s = np.diff(np.interp(edge_m, windows.edge_m, doubt_s))
    return np.asarray((lost_s <= GAP_SHARE * cell_s) & (cell_s > 0.0))


def _ridden(windows: Windows, edge_m: Array) -> Array:
    """(n,) share of each cell that lies in a stretch too fast for feet."""
    ridden_m = geo.so_far(np.diff(windows.edge_m) * windows.ridden)
    return np.asarray(np.diff(np.interp(edge_m, windows.edge_m, ridden_m)) / np.diff(edge_m))


def _bins(cells: Cells) -> Indices:
    """(n,) the bin of each cell: one ends after 500 m or 100 m of height."""
    length_m, height_m = cells.length_m, np.abs(cells.grade) * cells.length_m
    found, number, along_m, climbed_m = [], 0, 0.0, 0.0
    for step_m, rise_m in zip(length_m.tolist(), height_m.tolist(), strict=True):
        if along_m + 0.5 * step_m > BIN_M or climbed_m + 0.5 * rise_m > BIN_HEIGHT_M:
            number, along_m, climbed_m = number + 1, 0.0, 0.0
        found.append(number)
        along_m, climbed_m = along_m + step_m, climbed_m + rise_m
    return np.array(found)


def _hiked(track: Track, windows: Windows, edge_m: Array) -> Array | None:
    """(n,) share of the time hiked by cadence."""
    seconds = hiked_and_known_s(track, windows, edge_m)
    if seconds is None:
        return None
    hiked_s, known_s = seconds
    return np.asarray(np.where(known_s > 0.0, hiked_s / np.maximum(known_s, 1e-9), np.nan))


def files(given: Iterable[str | Path]) -> list[Path]:
    """The given files, and all recordings of the given folders.

    Raises FileNotFoundError for what is not there, CourseError where that is none.
    """
    found: list[Path] = []
    for path in (paths := [*map(Path, given)]):
        if not path.exists():
            raise FileNotFoundError(2, "no such file", str(path))
        inside = sorted(path.iterdir()) if path.is_dir() else []
        named = [each for each in inside if each.name.lower().endswith(ENDINGS)]
        found += [each for each in named if each.name[0] != "."] if path.is_dir() else [path]
    if paths and not found:
        raise CourseError("no recording can be used: folders within a folder are not read")
    return found


def read(
    paths: Iterable[str | Path],
    *,
    terrain: float = DEFAULT_TERRAIN,
    done: Callable[[], object] = lambda: None,
    limits: Limits = LIMITS,
) -> tuple[list[Outing], tuple[str, ...]]:
    """All outings of some files, and a note for each recording that is not used.

    An outing that comes twice, as from a watch and a phone, is used once. *terrain* is that of
    all of them; *done* is called after each file. Raises CourseError when nothing is left,
    FileNotFoundError for a file that is not there.
    """
    found: list[Outing] = []
    notes: list[str] = []
    for path in files(paths):
        tracks: tuple[Track, ...] = ()
        try:
            tracks = tracks_of(path, limits)
        except CourseError as error:
            notes.append(f"{path.name}: not used: {str(error).removeprefix(f'{path.name}: ')}")
        for number, track in enumerate(tracks, 1):
            where = path.name if len(tracks) == 1 else f"{path.name}, track {number}"
            outings, unused = outings_of(track, where, terrain)
            found += outings
            notes += unused
        done()
    if not found:
        raise CourseError("; ".join(["no recording can be used", *shortened(notes, MOST_NOTES)]))
    found, again = once(found)
    return found, (*notes, *again)


def tracks_of(path: Path, limits: Limits = LIMITS) -> tuple[Track, ...]:
    """The raw tracks of a file. Raises CourseError for one without any."""
    if path.name.lower().endswith((".fit", ".fit.gz")):
        return (garmin.read(path, limits=limits),)
    gpx = parser.read(path, limits=limits)
    if not gpx.tracks and not gpx.routes:
        raise CourseError(f"{path.name}: it has no track")
    return gpx.tracks or gpx.routes


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
    """Outings in their order, each once, and a note for each copy that is left out.

    Of two copies the one with more known time, and with sensors, is kept. Two outings at one
    time in two places are both kept, with a note.
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
    worth_s = known_s * (SENSED if sensed else 1.0)
    return _Trace(outing, time_s, outing.push.lat_deg, outing.push.lon_deg, worth_s)


def _again(trace: _Trace, other: _Trace, shift_s: float) -> str:
    note = f"{trace.outing.where}: not used: it is the outing of {other.outing.where} again"
    if not shift_s:
        return note
    when = f"{hours(abs(shift_s))} h {'later' if shift_s > 0.0 else 'earlier'}"
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
        apart_m = geo.apart_m((north[0], east[0]), (north[1], east[1]))
        if np.mean(apart_m <= near_m) < (share if count == PLACES else 0.5 * share):
            return None
    return apart_m
