"""Walking and running told apart by the steps a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.course import Array, Track
    from gpxstage.estimator.fit.windows import Windows

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
