"""The clock of a recording: which hours were moving, which were hiked, and whether it is real.

Windows of at least 30 s, each at one speed, are moving or not; walking and running are
distinguished by the steps a minute.

A planner writes the times that it expects into a track: by a rule of walking (Naismith, Tobler,
DIN 33466), by a pace for each kilometre, or by a factor for each kind of path. Whatever the
rule, the time of a minute's walk is the sum over its steps of length times a function of the
grade, apart from factors that change seldom. That function is found here by least squares, as
straight lines between knots, from the differences between neighbouring minutes, so that slow
changes (tiring, another path) cancel. People and receivers scatter about any such function; a
planner does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import track_distance_m
from gpxstage.estimator.gait import ENERGETIC_MPS
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

# All of these are judgement.
WINDOW_S = 30.0  # shorter, and the scatter of positions looks like walking
MOVING_MPS = 0.25  # slower is no movement: the steepest scrambles in the recordings go at 0.3
GAP_S = 120.0  # a window that lasts longer holds a gap: what happened in it is not known
SUSTAINED = ((300.0, 25.0), (1800.0, 20.0))  # seconds at km/h: nobody does that on foot in hills
EVEN = 0.03  # spread of speed over its mean: a receiver's own noise is more than this
EVEN_WINDOWS = 10  # with fewer there is no answer


@dataclass(frozen=True, eq=False)
class Windows:
    """A recording cut into w windows; a pause that was not recorded is the inside of one."""

    edge_m: Array  # (w+1,) along the track
    edge_s: Array  # (w+1,) seconds since 1970
    moving: Mask  # (w,)
    gap: Mask  # (w,)
    ridden: Mask  # (w,) within a stretch that is too fast for feet

    @property
    def passed_s(self) -> Array:
        """(w+1,) cumulative moving time."""
        return geo.so_far(np.diff(self.edge_s) * self.moving)

    @property
    def moving_s(self) -> float:
        """All moving time."""
        return float(self.passed_s[-1])

    @property
    def speed_mps(self) -> Array:
        """(w,) mean speed."""
        return np.diff(self.edge_m) / np.maximum(np.diff(self.edge_s), 1e-9)

    def is_even(self) -> bool:
        """Whether the whole track goes at one speed, as no recording does."""
        speed = self.speed_mps[self.moving]
        return len(speed) >= EVEN_WINDOWS and bool(speed.std() < EVEN * speed.mean())


def windows_of(track: Track) -> Windows:
    """Cut a repaired track at its timed points into windows of at least 30 s.

    A window is moving when it covers more than 0.25 m/s along the track. Raises ValueError for
    a track with fewer than two timed points.
    """
    known = np.flatnonzero(np.isfinite(track.time_s))
    if len(known) < 2:
        raise ValueError("fewer than two timed points")
    cut = known[cuts(track.time_s[known])]
    edge_m, edge_s = track_distance_m(track)[cut], track.time_s[cut]
    length_m, lasts_s = np.diff(edge_m), np.diff(edge_s)
    return Windows(
        edge_m,
        edge_s,
        moving=length_m > MOVING_MPS * lasts_s,
        gap=lasts_s > GAP_S,
        ridden=_ridden(edge_m, edge_s),
    )


def cuts(time_s: Array) -> Indices:
    """Indices of points that cut a recording into windows of at least 30 s."""
    cuts = [0]
    for k in range(1, len(time_s)):
        if time_s[k] - time_s[cuts[-1]] >= WINDOW_S:
            cuts.append(k)
    if cuts[-1] != len(time_s) - 1:
        cuts.append(len(time_s) - 1)
    return np.array(cuts)


def _ridden(edge_m: Array, edge_s: Array) -> Mask:
    """(w,) windows that lie wholly in a stretch that is sustained too fast for feet."""
    found = np.zeros(len(edge_s) - 1, dtype=bool)
    for lasts_s, kmh in SUSTAINED:
        starts = np.concatenate([edge_s, edge_s - lasts_s])  # ahead of each edge, and behind it
        ends = starts + lasts_s
        covered_m = np.interp(ends, edge_s, edge_m) - np.interp(starts, edge_s, edge_m)
        inside = (starts >= edge_s[0]) & (ends <= edge_s[-1])
        first = np.searchsorted(edge_s, starts, side="left")
        last = np.searchsorted(edge_s, ends, side="right") - 1
        for k in np.flatnonzero(inside & (covered_m > lasts_s * kmh / 3.6)):
            found[first[k] : last[k]] = True
    return found


# All of these are judgement, by the recordings of docs/accuracy.md.
RUNNING_SPM = 140.0  # of both legs: between two heaps, 80 to 130 and 150 to 170
ONE_LEG_MOST = 105.0  # a watch whose 95th percentile is below counts one leg: hikers reach 115
TWICE_LEAST = 210.0  # one above it counts each step twice: nobody steps so fast for long
VOID = 255.0  # what FIT writes for a value that was not measured; no heart beats so fast
RUNNING_LEAST_MPS = 1.1  # nobody runs slower: a slow steep step is counted twice
LEAST_KNOWN = 0.5  # of the moving time: else a recording has no cadence
HIGHEST_PERCENTILE = 99.5  # of the heart rate: the highest half per cent are errors of the strap


def hiked_and_known_s(track: Track, windows: Windows, edge_m: Array) -> tuple[Array, Array] | None:
    """Seconds hiked, and seconds of which the gait is known, in the n cells between n+1 edges.

    Moving without any step is hiking: the hands are on poles or on rock. Faster than walking is
    cheaper than running (Brill & Kram 2021) it is running whose steps were missed. None for a
    recording without cadence.
    """
    if track.cadence_spm is None:
        return None
    timed = np.flatnonzero(np.isfinite(track.time_s))
    time_s, counted = track.time_s[timed], track.cadence_spm[timed]
    counted = np.where(counted == VOID, np.nan, counted)
    stepping = counted[counted > 0.0]
    if len(stepping) == 0:
        return None
    usual = float(np.percentile(stepping, 95))
    legs = 2.0 if usual < ONE_LEG_MOST else 0.5 if usual > TWICE_LEAST else 1.0
    at = np.searchsorted(windows.edge_s, time_s[1:], side="left") - 1
    at = np.clip(at, 0, len(windows.moving) - 1)
    known = np.isfinite(counted[1:]) & windows.moving[at] & ~windows.gap[at]
    seconds = np.where(known, np.diff(time_s), 0.0)
    if seconds.sum() < LEAST_KNOWN * windows.moving_s:
        return None
    steps, mps = legs * counted[1:], windows.speed_mps[at]
    runs = (steps >= RUNNING_SPM) & (mps >= RUNNING_LEAST_MPS)
    runs |= (steps == 0.0) & (mps >= ENERGETIC_MPS[0])
    along_m = np.interp(time_s[1:], windows.edge_s, windows.edge_m)
    cell = np.clip(np.searchsorted(edge_m, along_m, side="right") - 1, 0, len(edge_m) - 2)
    hiked_s, known_s = np.zeros(len(edge_m) - 1), np.zeros(len(edge_m) - 1)
    np.add.at(hiked_s, cell, np.where(runs, 0.0, seconds))
    np.add.at(known_s, cell, seconds)
    return hiked_s, known_s


def heart_bpm(track: Track, windows: Windows) -> tuple[float, float] | None:
    """Mean heart rate while moving, and the highest; None where too little was measured."""
    timed = np.flatnonzero(np.isfinite(track.time_s))
    if track.heart_rate_bpm is None or len(timed) < 2:
        return None
    bpm, time_s = track.heart_rate_bpm[timed][1:], track.time_s[timed]
    at = np.clip(np.searchsorted(windows.edge_s, time_s[1:]) - 1, 0, len(windows.moving) - 1)
    used = (bpm > 0.0) & (bpm < VOID) & windows.moving[at] & ~windows.gap[at]
    seconds = np.diff(time_s)[used]
    if seconds.sum() < 0.5 * windows.moving_s:
        return None
    mean = float((bpm[used] * seconds).sum() / seconds.sum())
    return mean, float(np.percentile(bpm[used], HIGHEST_PERCENTILE))


# Planned or recorded. All of these are judgement. The 157 recordings at hand, of 17 people,
# scatter by 0.018 or more in windows of one minute and by 0.012 in windows of two (both an even
# run on a flat road; in hills by 0.026). Times in whole seconds make plans scatter by 0.007 and
# 0.004.
# Each row: seconds in a window; with less than this scatter (share of the time, between neighbours)
# a track is planned; with less than this it is where SPREAD_SHARE of the spread of speeds is more.
PLANNED = ((60.0, 0.012, 0.016), (120.0, 0.009, 0.012))
SPREAD_SHARE = 0.1
FINER = 6.0  # windows are shorter by this factor where times are finer than whole seconds
COARSE_S = 30  # times that are all multiples of so much are not judged: rounding evens them
LONGEST_WINDOW_S = 300.0  # a longer window holds a pause
FEWEST = 15  # pairs of windows: fewer are not judged
OVER_M = (0.0, 50.0, 100.0, 200.0, 400.0)  # lengths over which planners take the grade
KNOTS, PER_KNOT = 16, 8  # most knots, and pairs of windows for each
ROUNDS, SOFT, RIDGE = 10, 1.5, 1e-4
# rounds after which what scatters by so much is left alone: all others together have at most halved
# it, of 1,585 such fits to recordings
SOME, FAR = 3, 0.1
TRIMMED, TRIMMED_NORMAL = 0.5, 2.648  # share, and the factor that a normal distribution needs
NORMAL = 1.4826  # standard deviation of a normal distribution over its median deviation


@dataclass(frozen=True, eq=False)
class _Walk:
    """A track in w windows of a minute or two."""

    along_m: Array  # (n,) at each point
    height_m: Array  # (n,)
    edges: Indices  # (w+1,) points between the windows
    lasts_s: Array  # (w,)
    length_m: Array  # (w,)
    pairs: Indices  # windows that move and are followed by one that moves

    @property
    def spread(self) -> float:
        """How much the speed varies at all, share."""
        pace = np.log(self.lasts_s[self.pairs] / self.length_m[self.pairs])
        return float(NORMAL * np.median(np.abs(pace - np.median(pace))))


def why_planned(track: Track) -> str | None:
    """Why the clock of a repaired track is no recording; None where it may be one."""
    timed = track.time_s[np.isfinite(track.time_s)]
    start = utc(float(timed[0]))
    if (start.month, start.day, start.hour, start.minute) == (1, 1, 0, 0) and not start.second:
        return "its clock starts with the year, at 0:00:00: planned and not recorded"
    if np.gcd.reduce(np.round(np.diff(timed)).astype(np.int64)) >= COARSE_S:
        return None
    finer = np.mean(np.abs(timed - np.round(timed)) > 1e-3) > 0.1
    for window_s, least, most in PLANNED:
        walk = _walk(track, window_s / FINER if finer else window_s)
        if len(walk.pairs) < FEWEST:
            continue
        scatter = min(_scatter(walk, over_m) for over_m in OVER_M)
        if scatter < least or (scatter < most and scatter < SPREAD_SHARE * walk.spread):
            return "its speed follows the slope too exactly for a person: planned and not recorded"
    return None


def _walk(track: Track, window_s: float) -> _Walk:
    known = np.flatnonzero(np.isfinite(track.time_s))
    time_s, along_m = track.time_s[known], track_distance_m(track)
    cuts, last = [0], 0
    while (last := int(np.searchsorted(time_s, time_s[last] + window_s))) < len(time_s):
        cuts.append(last)
    edges = known[np.array(cuts)]
    lasts_s, length_m = np.diff(track.time_s[edges]), np.diff(along_m[edges])
    used = (length_m > MOVING_MPS * lasts_s) & (lasts_s <= LONGEST_WINDOW_S)
    measured = np.isfinite(track.elevation_m)
    height_m = np.zeros(len(track))
    if measured.any():
        height_m = np.interp(along_m, along_m[measured], track.elevation_m[measured])
    pairs = np.flatnonzero(used[1:] & used[:-1])
    return _Walk(along_m, height_m, edges, lasts_s, length_m, pairs)


def _scatter(walk: _Walk, over_m: float) -> float:
    """How much neighbouring windows scatter about the best function of the grade, share.

    Where that is much more than any plan's, it is a first approximation.
    """
    metres = _by_grade(walk, over_m) / walk.lasts_s[:, None]
    count, knots = len(walk.pairs), metres.shape[1]
    used = np.union1d(walk.pairs, walk.pairs + 1)
    pace = np.linalg.lstsq(metres[used], np.ones(len(used)), rcond=RIDGE)[0]
    pace = np.maximum(pace, 0.2 * max(float(np.median(pace)), 1e-3))
    best = np.inf
    for turn in range(1, ROUNDS + 1):
        planned = np.maximum(metres @ pace, 1e-9)  # over the real time
        off = np.diff(np.log(planned))[walk.pairs]
        slopes = np.diff(metres / planned[:, None], axis=0)[walk.pairs]
        now = max(_typical(off), 1e-6)
        best = min(best, now)
        if turn == SOME and best > FAR:
            break
        weight = 1.0 / np.sqrt(1.0 + np.square(off / (SOFT * now)))
        step = np.linalg.lstsq(slopes * weight[:, None], -off * weight, rcond=RIDGE)[0]
        pace = np.clip(pace + step, 0.3 * pace, 3.0 * pace)
    return float(best / np.sqrt(2.0) * np.sqrt(count / max(count - knots, 1)))


def _typical(off: Array) -> float:
    """Standard deviation by the smaller half, so that jumps from path to path do not count.

    Unlike a median it is not misled by times in whole seconds.
    """
    small = np.sort(np.square(off))[: max(1, round(TRIMMED * len(off)))]
    return float(TRIMMED_NORMAL * np.sqrt(small.mean()))


def _by_grade(walk: _Walk, over_m: float) -> Array:
    """(w, knots) metres of each window at each knot of the grade, shared linearly between two."""
    start_m, end_m = walk.along_m[:-1], walk.along_m[1:]
    window = np.searchsorted(walk.edges, np.arange(len(start_m)), side="right") - 1
    inside = (end_m > start_m) & (window >= 0) & (window < len(walk.lasts_s))
    start_m, end_m, window = start_m[inside], end_m[inside], window[inside]
    step_m, middle_m = end_m - start_m, 0.5 * (start_m + end_m)
    half_m = np.maximum(0.5 * over_m, 0.5 * step_m)
    low_m = np.maximum(middle_m - half_m, walk.along_m[0])
    high_m = np.minimum(middle_m + half_m, walk.along_m[-1])
    rise_m = np.interp(high_m, walk.along_m, walk.height_m)
    rise_m -= np.interp(low_m, walk.along_m, walk.height_m)
    grade = rise_m / np.maximum(high_m - low_m, 1e-6)
    count = max(2, min(KNOTS, len(walk.pairs) // PER_KNOT))
    order = np.argsort(grade)
    so_far_m = np.cumsum(step_m[order])
    knots = np.unique(np.interp(np.linspace(0.0, so_far_m[-1], count), so_far_m, grade[order]))
    if len(knots) < 2:
        knots = np.array([knots[0], knots[0] + 1.0])
    left = np.clip(np.searchsorted(knots, grade, side="right") - 1, 0, len(knots) - 2)
    share = (grade - knots[left]) / (knots[left + 1] - knots[left])
    found = np.zeros((len(walk.lasts_s), len(knots)))
    np.add.at(found, (window, left), (1.0 - share) * step_m)
    np.add.at(found, (window, left + 1), share * step_m)
    return found
