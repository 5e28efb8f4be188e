"""Which hours of a recording were moving, and which of them were hiked.

Windows of at least 30 s, each at one speed; walking and running are distinguished by the steps a
minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.course import track_distance_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

# All of these are judgement.
WINDOW_S = 30.0  # shorter, and the scatter of positions looks like walking
MOVING_MPS = 0.25  # slower is standing: the steepest scrambles of the recordings at hand go at 0.3
GAP_S = 120.0  # a window that lasts longer holds a gap: what happened in it is not known
SUSTAINED = ((300.0, 25.0), (1800.0, 20.0))  # seconds at km/h: nobody does that on foot in hills
EVEN = 0.03  # spread of speed over its mean: a receiver's own noise is more than this
EVEN_WINDOWS = 10  # of fewer nothing is said


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
        return np.concatenate([[0.0], np.cumsum(np.diff(self.edge_s) * self.moving)])

    @property
    def moving_s(self) -> float:
        """All moving time."""
        return float(self.passed_s[-1])

    @property
    def speed_mps(self) -> Array:
        """(w,) mean speed."""
        return np.diff(self.edge_m) / np.maximum(np.diff(self.edge_s), 1e-9)

    def is_even(self) -> bool:
        """Whether all of it goes at one speed, as no recording does."""
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
RUNNING_LEAST_MPS = 1.1  # nobody runs slower: a slow steep step is counted twice
LEAST_KNOWN = 0.5  # of the moving time: else a recording has no cadence


def hiked_and_known_s(track: Track, windows: Windows, edge_m: Array) -> tuple[Array, Array] | None:
    """Seconds hiked, and seconds of which the gait is known, in the n cells between n+1 edges.

    No steps at all while getting on are hiking: hands on poles, on rock. None for a recording
    without cadence.
    """
    if track.cadence_spm is None:
        return None
    timed = np.flatnonzero(np.isfinite(track.time_s))
    time_s, counted = track.time_s[timed], track.cadence_spm[timed]
    stepping = counted[np.isfinite(counted) & (counted > 0.0)]
    if len(stepping) == 0:
        return None
    legs = 2.0 if np.percentile(stepping, 95) < ONE_LEG_MOST else 1.0
    at = np.searchsorted(windows.edge_s, time_s[1:], side="left") - 1
    at = np.clip(at, 0, len(windows.moving) - 1)
    known = np.isfinite(counted[1:]) & windows.moving[at] & ~windows.gap[at]
    seconds = np.where(known, np.diff(time_s), 0.0)
    if seconds.sum() < LEAST_KNOWN * windows.moving_s:
        return None
    runs = (legs * counted[1:] >= RUNNING_SPM) & (windows.speed_mps[at] >= RUNNING_LEAST_MPS)
    along_m = np.interp(time_s[1:], windows.edge_s, windows.edge_m)
    cell = np.clip(np.searchsorted(edge_m, along_m, side="right") - 1, 0, len(edge_m) - 2)
    hiked_s, known_s = np.zeros(len(edge_m) - 1), np.zeros(len(edge_m) - 1)
    np.add.at(hiked_s, cell, np.where(runs, 0.0, seconds))
    np.add.at(known_s, cell, seconds)
    return hiked_s, known_s
