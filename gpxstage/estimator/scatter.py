"""How runners who finish in the same time differ on the way.

Whoever is ahead of the plan at a quarter of a race may finish as planned all the same. Of finishers
whose finish is known the logarithm of a passage's time scatters by WAY (1 - u) ** FADE, u being the
share of the race's time that is over: fitted to the passages of races that the engine's constants
were not fitted to, and scored with the race left out (docs/accuracy-tables.md). Where no
terrain is given, it is half as much again: a track does not show where a race is rough.
Where passages are known instead, the legs before them say less of what is left than legs that err
by themselves would: all of it may be faster or slower by DRIFT, and its legs err by themselves in
proportion to that (`underway.LEGS`).
"""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.nouns import Push, Run

WAY, WAY_ASSUMED = 0.072, 0.109  # log sd at the start: terrain given, terrain assumed
FADE = 0.85
# log sd of all that is left of a race, of what nobody can learn from the passages: as above
DRIFT, DRIFT_ASSUMED = 0.067, 0.104
FASTEST = 0.2  # of the time of a cell: nobody is faster than that
MOST = 2.6  # sd: farther off the way would run backwards


def normals(draws: int, seed: int) -> Array:
    """(d,) standard normals, one in each of as many equal strata, in an order of the seed."""
    order = np.random.default_rng((seed, draws)).permutation(draws)
    found = np.array([NormalDist().inv_cdf((k + 0.5) / draws) for k in range(draws)])
    return np.asarray(np.clip(found[order], -MOST, MOST))


def spread_at(share: Array, way: float) -> Array:
    """Log sd of a passage at some share of a race's time, with the finish known."""
    return np.asarray(way * np.maximum(1.0 - share, 0.0) ** FADE)


def scattered(push: Push, draws: Run, each: Array, way: float) -> Run:
    """Draws that reach the end of a push as before, each earlier or later on the way.

    *each*, (d,), is by how many sd. Stops stay as long as they were.
    """
    cell_s = np.diff(draws.moving_s)
    passed = np.searchsorted(push.sites.distance_m, push.edge_m)
    stood_s = geo.so_far(draws.stop_s)[:, passed]
    clock_s = draws.moving_s + stood_s
    whole_s = clock_s[:, -1:]
    moved_s = clock_s * np.exp(each[:, None] * spread_at(clock_s / whole_s, way))
    # after a stop that is left early the way makes up for it, but nobody is that fast
    least_s = FASTEST * draws.moving_s
    moved_s = least_s + np.maximum.accumulate(moved_s - stood_s - least_s, axis=1)
    assert draws.hiked_s is not None
    return replace(draws, moving_s=moved_s, hiked_s=draws.hiked_s * (np.diff(moved_s) / cell_s))


def alike(coarse: Push, push: Push, run: Run, draws: int) -> Run:
    """The run without draws on the coarse cells, so many times."""
    starts = np.searchsorted(push.edge_m, coarse.edge_m[:-1])

    def rows(values: Array) -> Array:
        return np.tile(values, (draws, 1))

    def summed(values: Array | None) -> Array:
        assert values is not None
        return rows(np.add.reduceat(values, starts))

    return replace(
        run,
        moving_s=rows(np.interp(coarse.edge_m, push.edge_m, run.moving_s)),
        hiked_s=summed(run.hiked_s),
        hiked_m=summed(run.hiked_m),
        energy_kcal=summed(run.energy_kcal),
        dark_s=None,
        effort=None,
        stop_s=rows(run.stop_s),
        sleep_s=rows(run.sleep_s),
    )
