"""The recorded clock: when the times of a track's points are those of a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.clean.finding import Finding

if TYPE_CHECKING:
    from gpxstage.course import Track

YEAR_2000_S = 946_684_800.0  # judgement: no track was recorded before; 1901 and 1970 are defaults


def clock(track: Track) -> Finding | None:
    """Drop times that are no recording: a route's, all equal, before 2000, running backwards.

    A point without a time between timed ones is only counted: its time stays missing.
    """
    known = np.isfinite(track.time_s)
    if not known.any():
        return None
    without = replace(track, time_s=np.full(len(track), np.nan))
    if track.is_route:  # when its points were made, in whatever order
        return Finding(without, always=True)
    times_s = track.time_s[known]
    if times_s.max() < YEAR_2000_S:
        return Finding(without, "its times are before 2000: no recorded time", always=True)
    if len(times_s) > 1 and times_s.max() == times_s.min():
        return Finding(without, "its times are all the same: no recorded time", always=True)
    back = np.flatnonzero(np.diff(times_s) < 0.0) + 1
    if len(back):
        first = f"at point {np.flatnonzero(known)[back[0]] + 1:,}"
        more = f" and {len(back) - 1:,} more" if len(back) > 1 else ""
        text = f"its times run backwards {first}{more}: no recorded time"
        return Finding(without, text, always=True)
    if not known.all():
        return Finding(track, f"{len(times_s):,} of {len(track):,} points have a time")
    return None
