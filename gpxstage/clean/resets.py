"""Steps of height that no ground does: an altimeter that was off, or set anew, on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.clean.elevation import SPIKE_M, possible_rise_m
from gpxstage.clean.finding import Finding, along_m, counted, near

if TYPE_CHECKING:
    from gpxstage.clean.finding import Mask
    from gpxstage.course import Array, Indices, Track

# All of these are judgement, fitted so that the planned courses at hand keep their climb.
WORTH_M = 40.0  # judgement: a smaller step changes no figure that anyone would read
PAIR_M, PAIR_SHARE = 15.0, 0.1  # judgement: two steps of one shift differ by less than either
PAIR_APART_M = 50_000.0  # judgement: farther apart, two equal steps are chance ...
SMALL_APART_M = 5_000.0  # judgement: ... and smaller ones than SURE_M are chance from here on
CLOCK_MPS = 5.0  # judgement: nobody on foot gains or loses height so fast ...
CLOCK_M = 30.0  # judgement: ... and less height than this comes back within some steps
PAUSE_S, PAUSE_M = 300.0, 30.0  # judgement: a pause, and what is walked in one
SURE_M, SURE_GRADE = 100.0, 5.0  # judgement: 79 degrees over so much height is no ladder
ALONE_M = 200.0  # judgement: beside a step in the other direction, a step is bad ground data
BACK_M = 80.0  # judgement: so much in the other direction within 200 m is no ground, either


@dataclass(frozen=True, eq=False)
class _Heights:
    """The steps between points that have an elevation."""

    point: Indices  # of the track, at the end of each step
    rise_m: Array
    ground_m: Array
    at_m: Array  # ground from the start to the middle of each step
    taken_s: Array
    steep: Mask  # more than any ground does, gaps excepted


def resets(track: Track) -> Finding | None:
    """Make a gap of each step of height that is surely none of the ground; tell the doubtful.

    Sure are two opposite steps of one size (a shift that ends), a step that the clock forbids,
    one in a pause, and one of over 100 m at 79 degrees; the last three where no step in the
    other direction lies beside them. The elevations stay: only the step is not counted.
    """
    heights = _heights(track)
    if heights is None:
        return None
    sure = _paired(heights) | (_single(heights) & _alone(heights))
    doubtful = heights.steep & ~sure & (np.abs(heights.rise_m) >= WORTH_M)
    if not (sure.any() or doubtful.any()):
        return None
    along = along_m(track)
    texts = []
    for which, what in ((sure, "{0}"), (doubtful, "counted, in doubt,")):
        if which.any():
            sum_m = float(np.abs(heights.rise_m[which]).sum())
            steps = f"{counted(int(which.sum()), 'step')} in height"
            all_ = " in all" if which.sum() > 1 else ""
            places = near(along[heights.point[which]])
            texts.append(f"{steps}, {sum_m:,.0f} m{all_}, that no ground does: {what} {places}")
    starts = np.union1d(track.segment_starts, heights.point[sure])
    fixed = replace(track, segment_starts=starts) if sure.any() else track
    return Finding(fixed, "; ".join(texts), "not counted as climb" if sure.any() else "")


def _heights(track: Track) -> _Heights | None:
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    z = track.elevation_m[known]
    rise = np.diff(z)
    if not (np.abs(rise) > SPIKE_M).any():
        return None
    along = along_m(track)[known]
    ground = np.diff(along)
    gaps = np.searchsorted(track.segment_starts[1:], known, side="right")
    taken_s = np.diff(track.time_s[known])
    steep = np.abs(rise) > possible_rise_m(ground)
    steep |= _fast(rise, taken_s) & (np.abs(rise) > ground)  # 45 degrees, and the clock forbids it
    steep &= np.diff(gaps) == 0
    if not steep.any():
        return None
    middle = 0.5 * (along[1:] + along[:-1])
    return _Heights(known[1:], rise, ground, middle, taken_s, steep)


def _paired(heights: _Heights) -> Mask:
    """Two steep steps in turn, up and down by the same height: what lies between is shifted."""
    sure = np.zeros(len(heights.rise_m), dtype=bool)
    worth = np.flatnonzero(heights.steep & (np.abs(heights.rise_m) >= WORTH_M)).tolist()
    k = 0
    while k + 1 < len(worth):
        p, q = worth[k], worth[k + 1]
        first, second = float(heights.rise_m[p]), float(heights.rise_m[q])
        allowed_m = max(PAIR_M, PAIR_SHARE * min(abs(first), abs(second)))
        reach_m = PAIR_APART_M if min(abs(first), abs(second)) >= SURE_M else SMALL_APART_M
        close = heights.at_m[q] - heights.at_m[p] <= reach_m
        if close and first * second < 0.0 and abs(first + second) <= allowed_m:
            sure[[p, q]] = True
            k += 1
        k += 1
    return sure


def _single(heights: _Heights) -> Mask:
    """Steps that the clock forbids, that happened in a pause, or that no ladder does."""
    size = np.abs(heights.rise_m)
    with np.errstate(invalid="ignore"):
        paused = (heights.taken_s >= PAUSE_S) & (heights.ground_m <= PAUSE_M)
    sheer = (size >= SURE_M) & (size >= SURE_GRADE * heights.ground_m)
    fast = _fast(heights.rise_m, heights.taken_s)
    return np.asarray(heights.steep & (fast | paused | sheer))


def _fast(rise_m: Array, taken_s: Array) -> Mask:
    """Steps of height that nobody on foot does in the time that the clock gives them."""
    size = np.abs(rise_m)
    with np.errstate(invalid="ignore"):
        return np.asarray((size >= CLOCK_M) & (size > CLOCK_MPS * taken_s))


def _alone(heights: _Heights) -> Mask:
    """Steep steps without as much in the other direction beside them, at once or bit by bit."""
    alone = heights.steep.copy()
    some = np.abs(heights.rise_m) > np.maximum(SPIKE_M / 2.0, heights.ground_m)
    for k in np.flatnonzero(heights.steep).tolist():
        first = int(np.searchsorted(heights.at_m, heights.at_m[k] - ALONE_M))
        last = int(np.searchsorted(heights.at_m, heights.at_m[k] + ALONE_M, side="right"))
        against = -np.sign(heights.rise_m[k]) * heights.rise_m
        at_once = some[first:last] & (against[first:last] > 0.0)
        before, after = against[first:k][::-1].cumsum(), against[k + 1 : last].cumsum()
        back_m = max(before.max(initial=0.0), after.max(initial=0.0))
        alone[k] = not at_once.any() and back_m < max(BACK_M, 0.5 * abs(heights.rise_m[k]))
    return alone
