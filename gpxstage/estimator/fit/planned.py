"""Whether a clock was computed and not recorded: in a plan, speed follows from the slope.

Planners write the times that they expect into a tour: by a rule of walking (Naismith, Tobler,
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

from gpxstage.course import track_distance_m
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from gpxstage.course import Array, Indices, Track

# All of these are judgement. The 157 recordings at hand, of 17 people, scatter by 0.018 or more
# in windows of one minute and by 0.012 in windows of two (both an even run on a flat road; in
# hills by 0.026). Times in whole seconds make plans scatter by 0.007 and 0.004.
# Seconds in a window; a smaller scatter of the time of neighbours, share, is no recording; nor is
# one below the last number that is below SHARE of the spread of the speeds, too.
WINDOWS = ((60.0, 0.012, 0.016), (120.0, 0.009, 0.012))
SHARE = 0.1
FINER = 6.0  # windows are shorter by this factor where times are finer than whole seconds
COARSE_S = (
    30  # of times that are all multiples of so much nothing is said: rounding makes them even
)
LONGEST_S = 300.0  # a longer window holds a pause
MOVING_MPS = 0.25  # slower is standing
FEWEST = 15  # pairs of windows: of fewer nothing is said
OVER_M = (0.0, 50.0, 100.0, 200.0, 400.0)  # lengths over which planners take the grade
KNOTS, PER_KNOT = 16, 8  # most knots, and pairs of windows for each
ROUNDS, SOFT, RIDGE = 10, 1.5, 1e-4
TRIMMED, TRIMMED_NORMAL = 0.5, 2.648  # share, and the factor that a normal distribution needs
NORMAL = 1.4826  # standard deviation of a normal distribution over its median deviation


@dataclass(frozen=True, eq=False)
class _Walk:
    """A track in w windows of a minute or two."""

    along_m: Array  # (n,) at each point
    height_m: Array  # (n,)
    edges: Indices  # (w+1,) points that part the windows
    lasts_s: Array  # (w,)
    length_m: Array  # (w,)
    pairs: Indices  # windows that move and whose next one does, too

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
    for window_s, least, most in WINDOWS:
        walk = _walk(track, window_s / FINER if finer else window_s)
        if len(walk.pairs) < FEWEST:
            continue
        scatter = min(_scatter(walk, over_m) for over_m in OVER_M)
        if scatter < least or (scatter < most and scatter < SHARE * walk.spread):
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
    used = (length_m > MOVING_MPS * lasts_s) & (lasts_s <= LONGEST_S)
    measured = np.isfinite(track.elevation_m)
    height_m = np.zeros(len(track))
    if measured.any():
        height_m = np.interp(along_m, along_m[measured], track.elevation_m[measured])
    pairs = np.flatnonzero(used[1:] & used[:-1])
    return _Walk(along_m, height_m, edges, lasts_s, length_m, pairs)


def _scatter(walk: _Walk, over_m: float) -> float:
    """How much neighbouring windows scatter about the best function of the grade, share."""
    metres = _by_grade(walk, over_m) / walk.lasts_s[:, None]
    count, knots = len(walk.pairs), metres.shape[1]
    used = np.union1d(walk.pairs, walk.pairs + 1)
    pace = np.linalg.lstsq(metres[used], np.ones(len(used)), rcond=RIDGE)[0]
    pace = np.maximum(pace, 0.2 * max(float(np.median(pace)), 1e-3))
    best = np.inf
    for _ in range(ROUNDS):
        told = np.maximum(metres @ pace, 1e-9)  # over the real time
        off = np.diff(np.log(told))[walk.pairs]
        slopes = np.diff(metres / told[:, None], axis=0)[walk.pairs]
        now = max(_typical(off), 1e-6)
        best = min(best, now)
        weight = 1.0 / np.sqrt(1.0 + np.square(off / (SOFT * now)))
        step = np.linalg.lstsq(slopes * weight[:, None], -off * weight, rcond=RIDGE)[0]
        pace = np.clip(pace + step, 0.3 * pace, 3.0 * pace)
    return float(best / np.sqrt(2.0) * np.sqrt(count / max(count - knots, 1)))


def _typical(off: Array) -> float:
    """Standard deviation by the smaller half: jumps from path to path do not count.

    Unlike a median it sees through times in whole seconds.
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
