"""A Runner from what is known of one: results, a goal, one's own recordings."""

from __future__ import annotations

from gpxstage.estimator.fit.clues import (
    AGREE,
    FASTEST_MPS,
    ONE_HOUR_RECORD_MPS,
    SLOWEST_MPS,
    SPREAD_FLAT,
    SPREAD_FLAT_LONG,
    SPREAD_INDEX,
    Result,
    combine,
    equivalents,
    flat_time_s,
    for_goal,
    from_flat,
    from_index,
    from_past,
    solve,
    unchanged,
)
from gpxstage.estimator.fit.outings import Outing
from gpxstage.estimator.fit.pooling import Clue
from gpxstage.estimator.fit.solving import Fitted, Parameter, fitted

__all__ = [
    "AGREE",
    "FASTEST_MPS",
    "ONE_HOUR_RECORD_MPS",
    "SLOWEST_MPS",
    "SPREAD_FLAT",
    "SPREAD_FLAT_LONG",
    "SPREAD_INDEX",
    "Clue",
    "Fitted",
    "Outing",
    "Parameter",
    "Result",
    "combine",
    "equivalents",
    "fitted",
    "flat_time_s",
    "for_goal",
    "from_flat",
    "from_index",
    "from_past",
    "solve",
    "unchanged",
]
