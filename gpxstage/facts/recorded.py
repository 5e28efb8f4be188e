"""Track with a real clock -> RecordedFacts: how long it took, where the stops were, how high."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.fit.windows import why_planned, windows_of
from gpxstage.facts.figures import RecordedBand, RecordedFacts, RecordedStop
from gpxstage.profile import by_altitude
from gpxstage.units import metres, seconds
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Track
    from gpxstage.estimator.fit.windows import Windows
    from gpxstage.profile import Profile

STOP_S = 120.0  # a shorter halt is a look at the map, not a stop (judgement)


def recorded(
    track: Track, profile: Profile, above_m: Sequence[float], edges_m: Sequence[float]
) -> RecordedFacts | None:
    """What the clock of a cleaned track says; None where it has none, or a planned one.

    Bands of altitude end at *edges_m*; time is counted above each of *above_m*.
    """
    if track.is_route or np.isfinite(track.time_s).sum() < 2:
        return None
    windows = windows_of(track)
    if not windows.edge_s[-1] > windows.edge_s[0] or windows.is_even() or why_planned(track):
        return None
    elapsed_s = seconds(float(windows.edge_s[-1] - windows.edge_s[0])) or 0
    moving_s = seconds(windows.moving_s) or 0
    return RecordedFacts(
        start=utc(float(windows.edge_s[0])).replace(microsecond=0),
        elapsed_s=elapsed_s,
        moving_s=moving_s,
        stopped_s=elapsed_s - moving_s,
        stops=_stops(windows),
        altitude_bands=_bands(windows, profile, edges_m),
        above=_above(windows, profile, sorted(above_m)),
    )


def _stops(windows: Windows) -> tuple[RecordedStop, ...]:
    """The stretches of windows that do not move and last long enough."""
    turns = np.flatnonzero(np.diff(windows.moving)) + 1
    found = []
    for first, last in pairwise([0, *turns.tolist(), len(windows.moving)]):
        lasts_s = float(windows.edge_s[last] - windows.edge_s[first])
        if windows.moving[first] or lasts_s < STOP_S:
            continue
        found.append(
            RecordedStop(
                distance_m=metres(float(windows.edge_m[first])) or 0.0,
                after_s=seconds(float(windows.edge_s[first] - windows.edge_s[0])) or 0,
                stop_s=seconds(lasts_s) or 0,
            )
        )
    return tuple(found)


def _bands(
    windows: Windows, profile: Profile, edges_m: Sequence[float]
) -> tuple[RecordedBand, ...] | None:
    """Time between altitudes, and below the first and above the last of them."""
    cells = profile.cells
    if cells is None:
        return None
    clock_s = np.interp(cells.edge_m, windows.edge_m, windows.edge_s)
    bands_s = by_altitude(cells, np.diff(clock_s), edges_m)
    each_s = np.diff(np.round(geo.so_far(bands_s)))  # rounded, they add up
    return tuple(
        RecordedBand(from_m=metres(low), to_m=metres(high), elapsed_s=int(elapsed_s))
        for (low, high), elapsed_s in zip(pairwise([None, *edges_m, None]), each_s, strict=True)
    )


def _above(
    windows: Windows, profile: Profile, levels_m: Sequence[float]
) -> tuple[RecordedBand, ...] | None:
    """Time above each altitude."""
    bands = _bands(windows, profile, levels_m)
    return bands and tuple(
        RecordedBand(from_m=metres(m), to_m=None, elapsed_s=sum(b.elapsed_s for b in bands[k:]))
        for k, m in enumerate(levels_m, 1)
    )
