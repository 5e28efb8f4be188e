"""Track -> Profile: distance, elevation, ascent, grade, and what follows from them.

The published definition of gain: the track resampled every 10 m, elevations smoothed by a
gaussian of sigma 30 m, ascent counted between turning points that reverse by at least 3 m.
The band beside it runs from (sigma 15 m, 2 m) to (sigma 50 m, 5 m).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import (
    LEAST_LENGTH_M,
    CourseError,
    Track,
    frozen,
    gap_heights_m,
    track_distance_m,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices

SPACING_M = 10.0
GAIN_SIGMA_M, GAIN_REVERSAL_M = 30.0, 3.0
HIGH_SIGMA_M, HIGH_REVERSAL_M = 15.0, 2.0  # counts more
LOW_SIGMA_M, LOW_REVERSAL_M = 50.0, 5.0  # counts less

ROUGH_BAND = 0.2  # judgement, of the climb: Tor, GR20 and UTMB 0.03 to 0.08, a noisy walk 0.36
SMALL_M = 100.0  # judgement: of less climb, what smoothing leaves is not worth a line

CELL_M = 50.0
CELL_SIGMA_M = 60.0
STEEPEST_GRADE = 0.45  # the range of Minetti et al. 2002; steeper is clipped and noted

GRADE_EDGES = (-0.30, -0.20, -0.10, -0.05, 0.05, 0.10, 0.20, 0.30)


@dataclass(frozen=True, eq=False)
class Cells:
    """The grid the estimator walks on: n cells of about 50 m, n+1 edges."""

    edge_m: Array  # (n+1,) distance from the start
    elevation_m: Array  # (n+1,) smoothed with sigma 60 m
    grade: Array  # (n,) rise over horizontal run, clipped to +-0.45
    lat_deg: Array  # (n,) of the middle
    lon_deg: Array  # (n,)

    def __repr__(self) -> str:
        """How many; the arrays are in the fields."""
        return f"<Cells: {len(self.grade)} of {self.edge_m[-1] / 1000.0:.1f} km>"

    @property
    def length_m(self) -> Array:
        """(n,) horizontal length of each cell."""
        return np.diff(self.edge_m)

    @property
    def altitude_m(self) -> Array:
        """(n,) elevation of each cell's middle."""
        return 0.5 * (self.elevation_m[1:] + self.elevation_m[:-1])


@dataclass(frozen=True, eq=False)
class Profile:
    """A measured stage on an even grid of n nodes, about 10 m apart.

    Cumulative arrays make every part a difference of two interpolations, so parts add up
    to the whole. Without elevation, ``elevation_m``, ``ascent_m`` and ``descent_m`` are NaN,
    the gains are None and ``cells`` is None.
    """

    distance_m: Array  # (n,)
    elevation_m: Array  # (n,) smoothed with sigma 30 m
    ascent_m: Array  # (n,) cumulative
    descent_m: Array  # (n,) cumulative
    lat_deg: Array  # (n,)
    lon_deg: Array  # (n,)
    gain_low_m: float | None = None
    gain_high_m: float | None = None
    gain_raw_m: float | None = None
    lowest_m: float | None = None  # of the points themselves, not smoothed
    highest_m: float | None = None
    cells: Cells | None = None
    clipped_share: float = 0.0  # of the length: steeper than the grades the estimator knows
    lift_m: Array | float = 0.0  # (n,) cumulative height of the gaps, which nobody walked

    def top_m(self, inside: NDArray[np.bool_] | Indices | slice = slice(None)) -> float:
        """The highest altitude of a part; that of the whole is not smoothed, as ``highest_m``."""
        top_m = float(self.elevation_m[inside].max())
        if self.highest_m is None or top_m < float(self.elevation_m.max()):
            return top_m
        return self.highest_m

    def __repr__(self) -> str:
        """Length and climb; the arrays are in the fields."""
        gain = "no elevation" if self.gain_m is None else f"+{self.gain_m:,.0f} m"
        return f"<Profile: {self.length_m / 1000.0:.1f} km, {gain}>"

    @property
    def length_m(self) -> float:
        """Horizontal length of the stage."""
        return float(self.distance_m[-1])

    @property
    def gain_m(self) -> float | None:
        """Climb by the published definition."""
        return None if self.cells is None else float(self.ascent_m[-1])

    @property
    def loss_m(self) -> float | None:
        """Descent by the published definition."""
        return None if self.cells is None else float(self.descent_m[-1])

    @property
    def walked_m(self) -> Array:
        """(n,) elevation without the height of the gaps: grades and climbs come from it."""
        return np.asarray(self.elevation_m - self.lift_m)

    @property
    def is_rough(self) -> bool:
        """Whether the climb hangs on the smoothing: its band is wide beside it."""
        if self.gain_m is None or self.gain_low_m is None or self.gain_high_m is None:
            return False
        wide = self.gain_high_m - self.gain_low_m > ROUGH_BAND * self.gain_m
        return wide and self.gain_m > SMALL_M

    def elevation_at_m(self, distance_m: float) -> float | None:
        """Smoothed elevation at a distance from the start."""
        if self.cells is None:
            return None
        return float(np.interp(distance_m, self.distance_m, self.elevation_m))

    def ascent_at_m(self, distance_m: float) -> float | None:
        """Climb from the start to a distance."""
        if self.cells is None:
            return None
        return float(np.interp(distance_m, self.distance_m, self.ascent_m))

    def climbed_m(self, edges_m: Sequence[float] | Array) -> tuple[Array, Array]:
        """(k,) climb and (k,) descent between each two neighbours of k+1 distances."""
        until_m = (self.ascent_m, self.descent_m)
        up_m, down_m = (np.diff(np.interp(edges_m, self.distance_m, sums)) for sums in until_m)
        return up_m, down_m

    def position_deg(self, distance_m: Array) -> tuple[Array, Array]:
        """(k,) latitude and (k,) longitude at k distances, across the date line too."""
        lat_deg = np.interp(distance_m, self.distance_m, self.lat_deg)
        unbroken_deg = np.unwrap(self.lon_deg, period=360.0)
        lon_deg = geo.wrap_deg(np.interp(distance_m, self.distance_m, unbroken_deg))
        return lat_deg, np.asarray(lon_deg)

    def steepest(self, window_m: float) -> float | None:
        """Steepest mean grade over any *window_m*, up or down; None on a shorter stage."""
        if self.cells is None or self.length_m < window_m:
            return None
        start = self.distance_m[self.distance_m <= self.length_m - window_m]
        rise = np.interp(start + window_m, self.distance_m, self.walked_m) - np.interp(
            start, self.distance_m, self.walked_m
        )
        return float(rise[np.argmax(np.abs(rise))] / window_m)


def measure(track: Track) -> Profile:
    """Measure a cleaned track. Neither length nor climb nor grade comes from its gaps.

    Raises CourseError when it is no longer than a place.
    """
    if not isinstance(track, Track):
        raise TypeError(f"a Track is measured, not {type(track).__name__}")
    along_m = track_distance_m(track)
    if len(track) < 2 or along_m[-1] < LEAST_LENGTH_M:
        raise CourseError(f"{track.name or 'track'}: fewer than two different points, no length")
    nodes = geo.even_grid(along_m[-1], SPACING_M)
    lat, lon = _positions(track, along_m, nodes)
    known = np.isfinite(track.elevation_m)
    if not known.any():
        missing = frozen(np.full(len(nodes), np.nan))
        return Profile(frozen(nodes), missing, missing, missing, frozen(lat), frozen(lon))
    raw = track.elevation_m[known]
    lift = gap_heights_m(track, along_m)[known]
    even = np.interp(nodes, along_m[known], raw - lift)
    lift_m = _before(nodes, along_m[known], lift)
    cells, clipped = _cells(nodes, even, lat, lon)
    edge_lift = _before(cells.edge_m, along_m[known], lift)
    cells = replace(cells, elevation_m=frozen(cells.elevation_m + edge_lift))
    elevation, ascent, descent = _climb(even, nodes[1], GAIN_SIGMA_M, GAIN_REVERSAL_M)
    return Profile(
        frozen(nodes),
        frozen(elevation + lift_m),
        frozen(ascent),
        frozen(descent),
        frozen(lat),
        frozen(lon),
        gain_low_m=float(_climb(even, nodes[1], LOW_SIGMA_M, LOW_REVERSAL_M)[1][-1]),
        gain_high_m=float(_climb(even, nodes[1], HIGH_SIGMA_M, HIGH_REVERSAL_M)[1][-1]),
        gain_raw_m=float(np.clip(np.diff(raw - lift), 0.0, None).sum()),
        lowest_m=float(raw.min()),
        highest_m=float(raw.max()),
        cells=cells,
        clipped_share=clipped,
        lift_m=frozen(lift_m),
    )


def _before(at_m: Array, along_m: Array, values: Array) -> Array:
    """At each place the value of the last point before it: a step stays a step."""
    last = np.searchsorted(along_m, at_m, side="right") - 1
    return values[np.maximum(last, 0)]


def _climb(
    even_m: Array, spacing_m: float, sigma_m: float, reversal_m: float
) -> tuple[Array, Array, Array]:
    """Smoothed elevation, cumulative ascent and descent of evenly spaced elevations."""
    elevation = geo.smooth(even_m, sigma_m / spacing_m)
    return elevation, *geo.climb(elevation, reversal_m)


def _positions(track: Track, along_m: Array, nodes: Array) -> tuple[Array, Array]:
    """Coordinates at the nodes; longitudes are unwrapped so that the date line is no jump."""
    lat = np.interp(nodes, along_m, track.lat_deg)
    lon = track.lon_deg[0] + geo.so_far(geo.wrap_deg(np.diff(track.lon_deg)))
    return lat, geo.wrap_deg(np.interp(nodes, along_m, lon))


def _cells(nodes: Array, even: Array, lat: Array, lon: Array) -> tuple[Cells, float]:
    """The estimator's grid, and the share of the length that is steeper than it knows."""
    edge = geo.even_grid(nodes[-1], CELL_M)
    elevation = np.interp(edge, nodes, geo.smooth(even, CELL_SIGMA_M / nodes[1]))
    grade = np.diff(elevation) / np.diff(edge)
    middle = 0.5 * (edge[1:] + edge[:-1])
    cells = Cells(
        frozen(edge),
        frozen(elevation),
        frozen(np.clip(grade, -STEEPEST_GRADE, STEEPEST_GRADE)),
        frozen(np.interp(middle, nodes, lat)),
        frozen(np.interp(middle, nodes, lon)),
    )
    return cells, float(np.mean(np.abs(grade) > STEEPEST_GRADE + 1e-9))


def by_grade(cells: Cells, weight: Array) -> Array:
    """Share out a per-cell weight over the grade bands, open at both ends."""
    return geo.by_band(cells.grade, cells.grade, weight, _open(GRADE_EDGES))


def by_altitude(cells: Cells, weight: Array, edges_m: Sequence[float]) -> Array:
    """Share out a per-cell weight over altitude bands, exact where a cell crosses an edge.

    Bands are open at both ends: the first is below the first edge.
    """
    return geo.by_band(cells.elevation_m[:-1], cells.elevation_m[1:], weight, _open(edges_m))


def _open(edges: Sequence[float]) -> Array:
    return np.array([-np.inf, *edges, np.inf])
