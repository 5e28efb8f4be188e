"""What sleep that is not as usual makes of the speed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import alertness, clock

if TYPE_CHECKING:
    from gpxstage.course import Array, Indices
    from gpxstage.estimator.engine import Push
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.runner import Runner


def speed_kept(
    push: Push, passed: Indices, moving_s: Array, runner: Runner, constants: Judgement
) -> Array | float:
    """Share of the speed in each of n cells that given sleeps leave, over that of usual sleep.

    The fatigue of a push was fitted to people who slept as usual, so their sleepiness is in it
    and only the difference counts: 1 where sleep is as usual, or no hour is known. *passed* is
    the number of sites before each cell. How much a point of sleepiness takes is judgement.
    """
    if push.start is None or push.sites.slept_s is None:
        return 1.0
    kept = []
    for sites in (push.sites, replace(push.sites, slept_s=None)):
        at_s = clock.at_distance(sites.distance_m, push.edge_m, moving_s)
        standing = clock.standing(sites, push.edge_m, moving_s, runner, constants)
        kss = alertness.on_the_way(
            moving_s, at_s, standing, passed, start=push.start, constants=constants
        )
        kept.append(alertness.speed_kept(kss, constants))
    return np.asarray(kept[0] / kept[1])
