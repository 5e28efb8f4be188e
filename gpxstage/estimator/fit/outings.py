"""A repaired recording -> an Outing: cells with the time each took, in bins; or why not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.clean import repair
from gpxstage.course import CourseError
from gpxstage.estimator import daylight
from gpxstage.estimator.fit.planned import why_planned
from gpxstage.estimator.fit.windows import GAP_S, hiked_and_known_s, windows_of
from gpxstage.estimator.nouns import Push, Sites
from gpxstage.profile import measure
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track
    from gpxstage.estimator.fit.windows import Windows
    from gpxstage.profile import Cells

# All of these are judgement.
BIN_M, BIN_HEIGHT_M = (
    500.0,
    100.0,
)  # a bin ends with either
GAP_SHARE = 0.2  # of a cell's time in gaps of the recording: more, and the cell is left out
RIDDEN_SHARE = 0.3  # of the distance too fast for feet: more, and it is another sport
LEAST_M, LEAST_S = 1000.0, 600.0  # a shorter recording tells nothing
NIGHT_S = 3.0 * 3600.0  # a longer pause parts two outings
HIGHEST_PERCENTILE = 99.5  # of the heart rate: the last half per cent is the strap's

NOWHERE = Sites(*(np.zeros(0) for _ in range(4)))


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
    hiked: Array | None = None  # (n,) share by cadence, NaN where unknown
    heart_bpm: float | None = None  # mean while moving
    highest_bpm: float | None = None
    start_s: float = float("nan")  # seconds since 1970 at which its clock is 0

    @property
    def moving_s(self) -> float:
        """All moving time."""
        return float(self.cell_s.sum())


def outings_of(track: Track, where: str, terrain: float) -> tuple[list[Outing], list[str]]:
    """The outings of a raw track, parted at its nights, and what of it is not used and why."""
    found: list[Outing] = []
    notes: list[str] = []
    if sparse := _too_sparse(np.diff(track.time_s[np.isfinite(track.time_s)])):
        return [], [f"{where}: not used: {sparse}"]
    pieces = _parted(track)
    for number, piece in enumerate(pieces, 1):
        name = where if len(pieces) == 1 else f"{where}, part {number}"
        try:
            fixed, said = repair(piece, name)
            reason = _refusal(piece, fixed, said)
            answer = reason or _outing(fixed, name, terrain)
        except CourseError as error:
            answer = str(error).removeprefix(f"{name}: ")
        if isinstance(answer, str):
            notes.append(f"{name}: not used: {answer}")
        else:
            found.append(answer)
    return found, notes


def push_of(cells: Cells, terrain: float) -> Push:
    """Cells without stops and without a clock."""
    rough = np.full(len(cells.grade), terrain)
    return Push(
        cells.edge_m, cells.grade, cells.altitude_m, rough, cells.lat_deg, cells.lon_deg, NOWHERE
    )


def _parted(track: Track) -> list[Track]:
    """A track cut where its clock stands still for a night."""
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
        said = next((note for note in notes if "no recorded time" in note), "")
        return said.rpartition(": ")[0].partition(": ")[2] or "it has no recorded time"
    windows = windows_of(fixed)
    length_m = float(windows.edge_m[-1] - windows.edge_m[0])
    if length_m < LEAST_M or windows.moving_s < LEAST_S:
        minutes = windows.moving_s / 60.0
        return f"{length_m / 1000.0:.1f} km in {minutes:.0f} min of moving tell nothing"
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
    """What to say where most points are so far apart in time that nothing between is known."""
    apart_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    if apart_s <= GAP_S or steps_s[steps_s <= GAP_S].sum() >= LEAST_S:
        return None
    return f"points {apart_s:.0f} s apart: too sparse, {GAP_S:.0f} s is the most"


def _outing(track: Track, where: str, terrain: float) -> Outing | str:
    """The cells of a track that can be used."""
    cells = measure(track).cells
    if cells is None:
        return "it has no elevations"
    windows, push = windows_of(track), push_of(cells, terrain)
    cell_s = np.diff(np.interp(cells.edge_m, windows.edge_m, windows.passed_s))
    middle_m = 0.5 * (cells.edge_m[1:] + cells.edge_m[:-1])
    edge_clock_s = np.interp(cells.edge_m, windows.edge_m, windows.edge_s - windows.edge_s[0])
    start = utc(windows.edge_s[0])
    nights = daylight.darkness(start, edge_clock_s[1:], cells.lat_deg, cells.lon_deg)
    lasts_s = np.diff(edge_clock_s)
    kept = _kept(windows, cells.edge_m, cell_s)
    if (known_s := cell_s[kept].sum()) < LEAST_S:
        steps_s = np.diff(windows.edge_s)
        little = f"what happened is known of {known_s / 60.0:.0f} min only: too little"
        return _too_sparse(steps_s) or little
    heart = _heart_bpm(track, windows)
    return Outing(
        where,
        push,
        cell_s,
        clock_h=np.interp(middle_m, windows.edge_m, windows.edge_s - windows.edge_s[0]) / 3600.0,
        dark=nights.between_s(edge_clock_s[:-1], edge_clock_s[1:]) / np.maximum(lasts_s, 1e-9),
        kept=kept,
        bins=_bins(cells),
        hiked=_hiked(track, windows, cells.edge_m),
        heart_bpm=None if heart is None else heart[0],
        highest_bpm=None if heart is None else heart[1],
        start_s=float(windows.edge_s[0]),
    )


def _kept(windows: Windows, edge_m: Array, cell_s: Array) -> NDArray[np.bool_]:
    """(n,) cells whose time is known: gaps are guesses, and rides are no hikes."""
    doubt = (windows.gap | windows.ridden) & windows.moving
    doubt_s = np.concatenate([[0.0], np.cumsum(np.diff(windows.edge_s) * doubt)])
    lost_s = np.diff(np.interp(edge_m, windows.edge_m, doubt_s))
    return np.asarray((lost_s <= GAP_SHARE * cell_s) & (cell_s > 0.0))


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


def _heart_bpm(track: Track, windows: Windows) -> tuple[float, float] | None:
    """Mean heart rate while moving, and the highest."""
    timed = np.flatnonzero(np.isfinite(track.time_s))
    if track.heart_rate_bpm is None or len(timed) < 2:
        return None
    bpm, time_s = track.heart_rate_bpm[timed][1:], track.time_s[timed]
    at = np.clip(np.searchsorted(windows.edge_s, time_s[1:]) - 1, 0, len(windows.moving) - 1)
    used = np.isfinite(bpm) & (bpm > 0.0) & windows.moving[at] & ~windows.gap[at]
    seconds = np.diff(time_s)[used]
    if seconds.sum() < 0.5 * windows.moving_s:
        return None
    mean = float((bpm[used] * seconds).sum() / seconds.sum())
    return mean, float(np.percentile(bpm[used], HIGHEST_PERCENTILE))
