"""Array kernels: lengths on the ellipsoid, resampling, smoothing, ascent, banding.

Arrays in, arrays out; nothing here knows what a race is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from numpy.typing import NDArray

    N = TypeVar("N", np.float64, np.int64)
    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]
    Pair = tuple[Array, Array]  # latitudes and longitudes

# WGS 84 (NIMA TR8350.2, third edition, table 3.1)
SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1.0 / 298.257223563
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)

BLOCK = 1 << 15  # values at a time, where one array of all would be only in between
FLAT_SPAN = 1e-9  # a cell that spans less than this is one value, not a ramp


def metric_m_per_deg(lat_deg: Array) -> tuple[Array, Array]:
    """Metres per degree of latitude and of longitude at *lat_deg* on WGS 84.

    From the radii of curvature in the meridian and in the prime vertical
    (Rapp 1991, Geometric Geodesy I, sections 3.5 and 3.6).
    """
    lat = np.radians(lat_deg)
    w = np.sqrt(1.0 - ECCENTRICITY_2 * np.sin(lat) ** 2)
    meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (w * w * w)
    parallel = SEMI_MAJOR_M / w * np.cos(lat)
    return np.radians(meridian), np.radians(parallel)


def wrap_deg(difference_deg: Array) -> Array:
    """A difference of longitudes in [-180, 180)."""
    turned = difference_deg + 180.0
    if np.size(turned) and np.min(turned) >= 0.0 and np.max(turned) < 360.0:
        return turned - 180.0  # the same: a remainder takes ten times as long
    return turned % 360.0 - 180.0


def steps_m(lat_deg: Array, lon_deg: Array) -> Array:
    """Lengths of the n-1 steps between n points, in the horizontal.

    The metric is taken at each step's middle latitude: within 0.01 ppm of the
    geodesic for steps up to 1 km, and a few ppm at 20 km.
    """
    steps = np.empty(max(len(lat_deg) - 1, 0))
    for start in range(0, len(steps), BLOCK):  # what is needed in between stays small
        lat, lon = lat_deg[start : start + BLOCK + 1], lon_deg[start : start + BLOCK + 1]
        north, east = metric_m_per_deg(0.5 * (lat[1:] + lat[:-1]))
        np.hypot(
            np.diff(lat) * north, wrap_deg(np.diff(lon)) * east, out=steps[start : start + BLOCK]
        )
    return steps


def apart_m(from_deg: Pair, to_deg: Pair) -> Array:
    """Metres from places to others that are near, by the metric at the first ones; (lat, lon)."""
    north, east = metric_m_per_deg(from_deg[0])
    return np.hypot((to_deg[0] - from_deg[0]) * north, wrap_deg(to_deg[1] - from_deg[1]) * east)


def near_pairs(from_deg: Pair, to_deg: Pair, reach_m: float) -> NDArray[np.bool_]:
    """Whether place i of *from_deg* lies within *reach_m* of place j of *to_deg*; (lat, lon)."""
    lat, lon = from_deg[0][:, None], from_deg[1][:, None]
    north, east = metric_m_per_deg(0.5 * (lat + to_deg[0][None, :]))
    apart_m = np.hypot(
        (to_deg[0][None, :] - lat) * north, wrap_deg(to_deg[1][None, :] - lon) * east
    )
    return np.asarray(apart_m <= reach_m)


def chain(joins: NDArray[np.bool_]) -> list[int] | None:
    """The one order in which every piece leads to the next; None where there is none, or several.

    ``joins[i, j]``: piece i ends where piece j starts. A circle begins with piece 0.
    """
    joins = joins & ~np.eye(len(joins), dtype=bool)
    if (joins.sum(axis=0) > 1).any() or (joins.sum(axis=1) > 1).any():
        return None
    free = np.flatnonzero(~joins.any(axis=0))
    if len(free) > 1:
        return None
    order = [int(free[0]) if len(free) else 0]
    while joins[order[-1]].any() and (after := int(np.argmax(joins[order[-1]]))) != order[0]:
        order.append(after)
    return order if len(order) == len(joins) else None


def backwards(joins: NDArray[np.bool_], starts: Pair, ends: Pair, reach_m: float) -> list[int]:
    """Which lines between two others would join both if they went the other way.

    *joins* are the pairs whose end and start are near already, as `near_pairs` gives them.
    """
    end_end, start_start = near_pairs(ends, ends, reach_m), near_pairs(starts, starts, reach_m)
    return [
        k
        for k in range(1, len(joins) - 1)
        if end_end[k - 1, k] and start_start[k, k + 1]
        if not joins[k - 1, k] and not joins[k, k + 1]
    ]


def so_far(values: Array) -> Array:
    """(..., n+1) sums of n cells up to each of their edges, from 0; draws may be a leading axis."""
    found = np.empty((*values.shape[:-1], values.shape[-1] + 1))
    found[..., 0] = 0.0
    np.cumsum(values, axis=-1, out=found[..., 1:])
    return found


def distinct(values: NDArray[N]) -> NDArray[N]:
    """The different values of an array, in order: np.unique would load masked arrays for this."""
    found = np.sort(values)
    return np.concatenate([found[:1], found[1:][found[1:] != found[:-1]]])


def quantiles(values: Array, shares: Sequence[float]) -> list[float]:
    """What such shares of the values lie below: np.quantile to the last bit, but for its 0.1 ms."""
    ordered, last, found = np.sort(values).tolist(), len(values) - 1, []
    for share in shares:
        k, after = divmod(share * last, 1.0)
        low, high = ordered[int(k)], ordered[min(int(k) + 1, last)]
        step = high - low
        found.append(high - step * (1.0 - after) if after >= 0.5 else low + step * after)
    return found


def even_grid(length_m: float, spacing_m: float) -> Array:
    """Nodes 0 ... length_m, evenly spaced, as near to *spacing_m* as fits whole."""
    cells = max(1, round(length_m / spacing_m))
    return np.linspace(0.0, length_m, cells + 1)


def smooth(values: Array, sigma: float) -> Array:
    """Gaussian mean with *sigma* in nodes; the ends are continued by point reflection.

    Point reflection keeps the end values and any constant slope as they are, so a
    ramp stays that ramp up to its last node.
    """
    reach = min(int(4.0 * sigma + 0.5), len(values) - 1)
    if reach < 1:
        return values.copy()
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    before = 2.0 * values[0] - values[reach:0:-1]
    after = 2.0 * values[-1] - values[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, values, after])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def turning_points(values: Array, reversal: float) -> list[int]:
    """Indices of the first node, every turn confirmed by *reversal*, and the last node.

    A high (low) is a turn once the values have come back from it by at least
    *reversal*: the zigzag rule with hysteresis. Linear in the number of local extremes.
    """
    at = _local_extremes(values)
    extremes, level = at.tolist(), values[at].tolist()
    turns = [0]
    low = high = 0  # positions in `extremes` of the candidates since the last turn
    rising = 0  # +1 climbing, -1 descending, 0 not known yet
    for k in range(1, len(extremes)):
        if level[k] > level[high]:
            high = k
        if level[k] < level[low]:
            low = k
        if rising >= 0 and level[high] - level[k] >= reversal:
            if rising or high:
                turns.append(extremes[high])
            rising, low = -1, k
            high = k
        elif rising <= 0 and level[k] - level[low] >= reversal:
            if rising or low:
                turns.append(extremes[low])
            rising, high = 1, k
            low = k
    # the open end: the best candidate counts up to its place
    last = high if rising > 0 else low if rising < 0 else 0
    if last and extremes[last] != turns[-1]:
        turns.append(extremes[last])
    if turns[-1] != len(values) - 1:
        turns.append(len(values) - 1)
    return turns


def _local_extremes(values: Array) -> Indices:
    """Indices of the ends and of every node where the direction changes."""
    step = np.diff(values)
    moving = np.flatnonzero(step)
    if len(moving) == 0:
        return np.array([0])
    sign = np.sign(step[moving])
    turns = moving[1:][sign[1:] != sign[:-1]]
    return np.concatenate([[0], turns, [len(values) - 1]])


def climb(values: Array, reversal: float) -> tuple[Array, Array]:
    """Cumulative ascent and descent at each node, counted between turning points.

    Both are zero at the first node and never fall. A swing smaller than *reversal*
    is not counted; the last value is the total.
    """
    if len(values) < 2:
        return np.zeros(len(values)), np.zeros(len(values))
    turns = np.array(turning_points(values, reversal))
    rise = np.diff(values[turns])
    if len(turns) > 2:  # before the first turn or after the last: too small to count
        rise[np.abs(rise) < reversal] = 0.0
    swing = np.repeat(np.arange(len(rise)), np.diff(turns))
    swing = np.append(swing, swing[-1])  # the last node ends the last swing
    part = values - values[turns[swing]]
    return _counted(part, rise, swing), _counted(-part, -rise, swing)


def _counted(part: Array, rise: Array, swing: Indices) -> Array:
    """Cumulative rise at each node, from its height above the start of its swing."""
    rise = np.maximum(rise, 0.0)
    before = np.append(0.0, np.cumsum(rise)[:-1])
    return np.maximum.accumulate(before[swing] + np.clip(part, 0.0, rise[swing]))


def by_band(start: Array, end: Array, weight: Array, edges: Array) -> Array:
    """Share out *weight* over the bands between *edges* by the value each cell spans.

    Cell k runs linearly from ``start[k]`` to ``end[k]``; a cell that crosses an edge is
    split exactly there. Pass -inf and inf as outer edges and the bands add up to the
    whole. A value that is equal to an edge belongs to the band above it.
    """
    return np.diff(weight @ _below(start, end, edges))


def band_shares(start: Array, end: Array, edges: Array) -> Array:
    """(n, b) share of each of n cells that lies in each of b bands, as `by_band` counts them."""
    return np.diff(_below(start, end, edges), axis=1)


def _below(start: Array, end: Array, edges: Array) -> Array:
    """(n, b+1) share of each cell that lies below each edge."""
    low, high = np.minimum(start, end)[:, None], np.maximum(start, end)[:, None]
    span = high - low
    flat = span < FLAT_SPAN
    inner = np.asarray(edges, dtype=np.float64)[None, :]
    with np.errstate(invalid="ignore"):
        share = (inner - low) / np.where(flat, 1.0, span)
    below = np.where(flat, (low < inner).astype(np.float64), np.clip(share, 0.0, 1.0))
    return below


def at_distance(distance_m: Array, edge_m: Array, values: Array) -> Array:
    """Values (..., n+1) at the edges, interpolated at k distances: (..., k)."""
    after = np.clip(np.searchsorted(edge_m, distance_m), 1, len(edge_m) - 1)
    share = (distance_m - edge_m[after - 1]) / (edge_m[after] - edge_m[after - 1])
    share = np.clip(share, 0.0, 1.0)
    return values[..., after - 1] * (1.0 - share) + values[..., after] * share
