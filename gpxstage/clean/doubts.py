"""What a track shows that may be wrong, and that nothing proves: noted with its place.

Each rule takes a repaired track and the distance at each of its points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean.finding import Finding, near
from gpxstage.course import gap_heights_m

if TYPE_CHECKING:
    from gpxstage.course import Array, Track

WINDOW_M = 100.0  # of the steepest grade that is reported
NOBODY_GRADE = 0.70  # judgement: 35 degrees on the mean of 100 m; the steepest races reach 0.6
GRID_M, SIGMA_M = 10.0, 30.0  # of the definition of gain
LOOP_M = 50.0  # judgement: who comes back so near is at the place of the start
LOOP_LEAST_M = 1000.0  # judgement: a shorter track is no loop
DRIFT_M = 30.0  # judgement: a receiver errs by less on most days
END_POINTS = 3  # judgement: steps at an end that are looked at
END_M, END_GRADE = 20.0, 1.2  # judgement: at an end, a step of more and steeper is in doubt
LONG_M, LONG_SHARE = 500.0, 0.25  # judgement: where steps so long are such a share of the length


def too_steep(track: Track, along: Array) -> Finding | None:
    """Places where 100 m are steeper than anyone climbs, as the profile measures them."""
    known = np.isfinite(track.elevation_m)
    if not known.any() or along[-1] < WINDOW_M:
        return None
    nodes = geo.even_grid(along[-1], GRID_M)
    level = (track.elevation_m - gap_heights_m(track, along))[known]
    even = np.interp(nodes, along[known], level)
    cells = round(WINDOW_M / nodes[1])
    raw_rise_m = np.abs(even[cells:] - even[:-cells])  # smoothing makes no window steeper
    if len(raw_rise_m) == 0 or raw_rise_m.max() < 0.9 * NOBODY_GRADE * WINDOW_M:
        return None
    smooth = geo.smooth(even, SIGMA_M / nodes[1])
    start = nodes[nodes <= nodes[-1] - WINDOW_M]
    rise = np.interp(start + WINDOW_M, nodes, smooth) - np.interp(start, nodes, smooth)
    grade = np.abs(rise) / WINDOW_M
    steep = np.flatnonzero(grade >= NOBODY_GRADE)
    if len(steep) == 0:
        return None
    worst = int(np.argmax(grade))
    others = near(start[steep] + 0.5 * WINDOW_M)
    return Finding(
        track,
        f"100 m with a grade of {100.0 * grade[worst]:,.0f} %, steeper than anyone climbs:"
        f" the elevations are in doubt {others}",
    )


def drift(track: Track, along: Array) -> Finding | None:
    """A way that ends where it starts, at another elevation: the altimeter drifted."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(known) == 0 or along[-1] < LOOP_LEAST_M:
        return None
    ends = known[[0, -1]]
    apart_m = float(geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[0])
    drift_m = abs(float(np.diff(track.elevation_m[ends])[0]))
    if apart_m > LOOP_M or drift_m < max(DRIFT_M, apart_m) or along[ends[1]] < LOOP_LEAST_M:
        return None
    return Finding(
        track,
        f"starts and ends at one place, with elevations that differ by {drift_m:,.0f} m:"
        " climb or descent is wrong by as much",
    )


def ends(track: Track, along: Array) -> Finding | None:
    """A step at the start or the end that is steep, but not surely wrong."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(known) < 2 * END_POINTS + 2:
        return None
    walked = np.diff((track.elevation_m - gap_heights_m(track, along))[known])
    along = along[known]
    steep = np.abs(walked) > np.maximum(END_M, END_GRADE * np.diff(along))
    places = [
        k for k in np.flatnonzero(steep).tolist() if not END_POINTS <= k < len(steep) - END_POINTS
    ]
    if not places:
        return None
    rise_m = float(np.abs(walked[places]).max())
    where = near(along[k + 1] for k in places)
    return Finding(
        track, f"the elevation at its start or end steps by {rise_m:,.0f} m {where}: in doubt"
    )


def coarse_part(track: Track, along: Array) -> Finding | None:
    """A good part of the length in long straight lines, where the track is not coarse as a whole.

    A track whose mean step is long has a note of its own.
    """
    step_m = np.diff(along)
    long = step_m > LONG_M
    long_m = float(step_m[long].sum())
    if long_m < LONG_SHARE * along[-1] or along[-1] > 0.5 * LONG_M * len(step_m):
        return None
    return Finding(
        track,
        f"{long_m / 1000.0:,.1f} of {along[-1] / 1000.0:,.1f} km are straight lines of more than"
        f" {LONG_M:.0f} m {near(along[:-1][long])}: length and climb are rough there",
    )
