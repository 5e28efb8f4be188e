"""The habit of standing on the way, by the clocks of outings.

All that a clock holds beside the moving time counts: rests, views, and gaps in which a watch paused
by itself. One outing may hold a long meal, so the middle of several counts, drawn towards what
other people do on runs or on hikes. Minutes are compared as log (minutes + 1): who never stands
has a number, too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.fit.solving import EIGHT_OF_TEN, Parameter
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.runner import STOPPED, STOPPED_RANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.learnt import Learnt
    from gpxstage.estimator.runner_file import Gait

OTHERS = 1.0  # outings that the habit of other people counts for (judgement, by left-out outings)


def stopped_min_per_h(outing: Outing) -> float:
    """Minutes that an outing stood for each hour of moving."""
    stopped_s = max(float(outing.edge_s[-1] - outing.edge_s[0]) - outing.moving_s, 0.0)
    return min(60.0 * stopped_s / outing.moving_s, STOPPED_RANGE[1])


def logs_of(outings: Sequence[Outing]) -> Array:
    """(n,) log (minutes standing an hour of moving + 1) of each outing."""
    return np.log1p([stopped_min_per_h(outing) for outing in outings])


def habit(outings: Sequence[Outing], gait: Gait, known: Learnt | None = None) -> Parameter:
    """Minutes standing for each hour of moving, and how far the next outing may be off.

    *gait* is that of all outings; *known* are numbers of other people, by default as learnt. The
    spread is that of the logarithm which keeps the late end of eight outings in ten.
    """
    known = known or learnt()
    others = known.outing_stopped_hike if gait == "hike" else known.outing_stopped_run
    logs = logs_of(outings)
    count, sure = len(logs), len(logs) + OTHERS
    middle = (count * float(np.median(logs)) + OTHERS * math.log1p(others)) / sure
    prior = known.outing_scatter_counts
    squares = prior * known.outing_stopped_scatter**2 + float(np.square(logs - middle).sum())
    scatter = math.sqrt(squares / (prior + count - 1.0) * (1.0 + 1.0 / sure))
    minutes, late = math.expm1(middle), math.expm1(middle + EIGHT_OF_TEN * scatter)
    spread = math.log(late / minutes) / EIGHT_OF_TEN
    return Parameter(STOPPED, minutes, spread, "data" if count > OTHERS else "prior")


def eight_in_ten(minutes: float, spread: float) -> tuple[float, float]:
    """Minutes an hour of moving between which eight outings in ten lie, by such a spread."""
    times = math.exp(EIGHT_OF_TEN * spread)
    return minutes / times, minutes * times
