"""The cells that are coloured: how wide and steep they are, how much is hiked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.plot.legs import Leg

SHORT_CELL_M, LONG_CELL_M = 200.0, 500.0
LONG_M = 100_000.0
MOST_CELLS, FEWEST_CELLS = 1000, 40


def cell_edges_m(leg: Leg, picture_m: float) -> Array:
    """The edges of a leg's colour cells: as wide as the whole picture asks for, or to a stop."""
    if picture_m <= SHORT_CELL_M * FEWEST_CELLS:
        cell_m = picture_m / FEWEST_CELLS
    else:
        wanted = SHORT_CELL_M if picture_m <= LONG_M else LONG_CELL_M
        cell_m = max(wanted, picture_m / MOST_CELLS)
    count = max(1, round(leg.profile.length_m / cell_m))
    edges_m = np.linspace(0.0, leg.profile.length_m, count + 1)
    halts_m = leg.halts_m
    return np.union1d(edges_m, halts_m[halts_m < leg.profile.length_m]) if len(halts_m) else edges_m


def cell_grades(leg: Leg, edges_m: Array) -> Array:
    """Mean grade of each cell and half of its neighbours: fewer stripes."""
    start_m, end_m = _around(edges_m)
    nodes, level = leg.profile.distance_m, leg.profile.walked_m
    rise = np.interp(end_m, nodes, level) - np.interp(start_m, nodes, level)
    return np.asarray(rise / (end_m - start_m))


def cell_shares(estimate: StageEstimate, edges_m: Array) -> Array | None:
    """Share of the time in each cell and half of its neighbours that is hiked."""
    return hiked_share(estimate, *_around(edges_m))


def cell_sleepiness(estimate: StageEstimate, edges_m: Array) -> Array | None:
    """Sleepiness in the middle of each cell, on the Karolinska scale; None without a clock."""
    alertness = estimate.alertness
    if alertness is None:
        return None
    middle_m = 0.5 * (edges_m[1:] + edges_m[:-1])
    return np.asarray(np.interp(middle_m, alertness.distance_m, alertness.kss))


def _around(edges_m: Array) -> tuple[Array, Array]:
    half = 0.5 * np.diff(edges_m)
    start, end = edges_m[:-1] - half, edges_m[1:] + half
    return np.maximum(start, edges_m[0]), np.minimum(end, edges_m[-1])


def hiked_share(estimate: StageEstimate, start_m: Array, end_m: Array) -> Array | None:
    """Share of the time from some places to others that is hiked; None without a gait."""
    if estimate.hiked_s is None:
        return None
    summed = np.concatenate([[0.0], np.cumsum(estimate.hiked_s)])

    def between(total_s: Array) -> Array:
        end_s = np.interp(end_m, estimate.edge_m, total_s)
        return np.asarray(end_s - np.interp(start_m, estimate.edge_m, total_s))

    return between(summed) / np.maximum(between(estimate.moving_s), 1e-9)
