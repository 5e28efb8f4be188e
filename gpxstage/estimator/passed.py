"""Where a runner has been already: a clock that agrees with passages that are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.clock import Sites
    from gpxstage.estimator.engine import Push

NEAR_M = 0.05  # a stop this near to a passage is made after it
LEAST_FREE = 0.25  # of a leg's planned time: stops that leave less were shorter, too


@dataclass(frozen=True, eq=False)
class Passages:
    """p places of a push, in order, and when they were reached."""

    distance_m: Array = field(default_factory=lambda: np.zeros(0))  # (p,) each an edge of a cell
    clock_s: Array = field(default_factory=lambda: np.zeros(0))  # (p,) since the push's start

    def __len__(self) -> int:
        return len(self.distance_m)

    def leg_of(self, distance_m: Array) -> Indices:
        """The number of passages at or before each distance: the leg that it lies in."""
        return np.searchsorted(self.distance_m - NEAR_M, distance_m, side="right")


def agreed(
    push: Push, moving_s: Array, standing: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Moving time at n+1 edges, stops and sleep at k halts, so that each passage is kept.

    Each leg between two passages is stretched as a whole, stops and sleep whose length nobody
    gave too: how a leg's time was really spent is not known. What lies behind the last passage
    stays as it was.
    Arrays may have a leading axis of draws.
    """
    passages, (stop_s, sleep_s) = push.passed, standing
    if not len(passages):
        return moving_s, stop_s, sleep_s
    legs = np.arange(len(passages) + 1)
    cells, halts = passages.leg_of(push.edge_m[:-1]), passages.leg_of(push.sites.distance_m)
    in_cell, in_halt = ((k[:, None] == legs).astype(np.float64) for k in (cells, halts))
    cell_s, asked = np.diff(moving_s), _asked_for(push.sites)
    kept_s = ((stop_s * asked[0] + sleep_s * asked[1]) @ in_halt)[..., :-1]
    free_s = (cell_s @ in_cell + (stop_s + sleep_s) @ in_halt)[..., :-1] - kept_s
    leg_s = np.diff(passages.clock_s, prepend=0.0)
    fits = leg_s - kept_s > LEAST_FREE * free_s
    stretch = np.where(fits, (leg_s - kept_s) / free_s, leg_s / (free_s + kept_s))
    ahead = np.ones((*stretch.shape[:-1], 1))  # the rest, as it is
    stretch, fits = np.append(stretch, ahead, axis=-1), np.append(fits, ahead > 0.0, axis=-1)
    cell_s = cell_s * stretch[..., cells]
    start_s = np.zeros((*cell_s.shape[:-1], 1))
    free, whole = stretch[..., halts], fits[..., halts]
    return (
        np.concatenate([start_s, np.cumsum(cell_s, axis=-1)], axis=-1),
        np.where(whole & asked[0], stop_s, stop_s * free),
        np.where(whole & asked[1], sleep_s, sleep_s * free),
    )


def _asked_for(sites: Sites) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the length of each stop, and of each sleep, is given."""
    stops = np.isfinite(sites.fixed_s)
    sleeps = stops & False if sites.slept_s is None else np.isfinite(sites.slept_s)
    return stops, sleeps
