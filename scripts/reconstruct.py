"""A smooth track through places of which length, climb and height are known.

On the map, a meander between the places that have coordinates: every step of a leg has the same
length, so the leg is as long as it should be. In height, straight climbs and descents with gentle
changes of grade, broken by as many small reversals as the leg's climb asks for; then rounded.
Measured, compared with the figures, corrected, a few times over.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from meander import meander, spread

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout, installed or not

from gpxstage import geo
from gpxstage.course import Track
from gpxstage.profile import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.geo import Indices
    from gpxstage.profile import Profile

STEP_M = 60.0  # between trackpoints
GRID_M = 10.0
ROUNDING_M = 45.0  # sigma of the gaussian that rounds tops and hollows
LOOK_BACK = 150  # trackpoints that a new leg keeps clear of

REVERSAL_M = 18.0  # the size of one reversal, about, but not more than so many on one leg:
REVERSALS = 30
APART_M = 500.0  # reversals are at least this far apart
COUNTED_M = 3.5  # a smaller reversal is none by the published definition
EVENNESS = 0.15  # share of a leg that its runs divide evenly, so that a short one is not a step
STEEPEST = 0.36  # grades vary along a run up to here, where the mean allows
UNLIKE = 0.65  # how far one run may be steeper or gentler than the next, on a gentle leg
ROUNDS = 14
DIGITS = 6  # of metres that decide: processors differ from the 13th on, and choices must not


@dataclass(frozen=True)
class Place:
    """A known place; the leg is the way to it from the place before."""

    elevation_m: float
    at_deg: tuple[float, float] | None = None  # latitude, longitude; None: somewhere on the way
    leg_m: float = 0.0
    gain_m: float = 0.0
    loss_m: float = 0.0
    highest_m: float | None = None
    lowest_m: float | None = None


@dataclass(frozen=True, eq=False)
class Shape:
    """The reconstructed track, its distances, and the index of the trackpoint at each place."""

    track: Track
    along_m: Array
    at: list[int]


def reconstruct(places: Sequence[Place], *, name: str, seed: int) -> Shape:
    """The track from the first place to the last; both need coordinates."""
    legs_m = np.array([place.leg_m for place in places[1:]])
    counts = np.maximum(1, np.round(legs_m / STEP_M)).astype(np.int64)
    at = np.concatenate([[0], np.cumsum(counts)])
    lat, lon = _plan(places, at, np.repeat(legs_m / counts, counts), seed)
    along_m = np.concatenate([[0.0], np.cumsum(geo.steps_m(lat, lon))])
    elevation = _heights(places, along_m[at], (lat, lon, along_m), seed)
    return Shape(_track(lat, lon, elevation, name), along_m, at.tolist())


def _track(lat: Array, lon: Array, elevation: Array, name: str = "") -> Track:
    return Track(lat, lon, elevation, np.full(len(lat), np.nan), np.array([0]), name)


def _plan(places: Sequence[Place], at: Indices, step_m: Array, seed: int) -> tuple[Array, Array]:
    """Latitudes and longitudes: a meander from each place with coordinates to the next."""
    known = [(k, place.at_deg) for k, place in enumerate(places) if place.at_deg is not None]
    lat, lon = np.zeros(len(step_m) + 1), np.zeros(len(step_m) + 1)
    for (k, here), (next_k, there) in pairwise(known):
        start, end = at[k], at[next_k]
        middle = np.array([0.5 * (here[0] + there[0])])
        north_m, east_m = (float(m[0]) for m in geo.metric_m_per_deg(middle))
        east_to_m, north_to_m = (there[1] - here[1]) * east_m, (there[0] - here[0]) * north_m
        before = slice(max(0, start - LOOK_BACK), start)
        past = (lon[before] - here[1]) * east_m + 1j * ((lat[before] - here[0]) * north_m)
        way = meander(step_m[start:end], complex(east_to_m, north_to_m), past, 31 * seed + next_k)
        lat[start : end + 1] = here[0] + way.imag / north_m
        lon[start : end + 1] = here[1] + way.real / east_m
    return np.round(lat, 6), np.round(lon, 6)


def _heights(
    places: Sequence[Place], place_m: Array, plan: tuple[Array, Array, Array], seed: int
) -> Array:
    """Elevations whose measured heights and climbs are those of the places, as near as it goes."""
    lat, lon, along_m = plan
    known = np.array([place.elevation_m for place in places])
    both = np.array([place.gain_m + place.loss_m for place in places[1:]])
    extra = 0.5 * (both - np.abs(np.diff(known)))  # up, and down again
    lift = np.zeros(len(places))
    best, least = np.zeros(len(lat)), np.inf
    for _ in range(ROUNDS):
        height = np.round(known + lift, DIGITS)
        grid, line = _line(places, place_m, height, np.maximum(extra, 0.0), seed)
        elevation = np.round(np.interp(along_m, grid, line), 1)
        profile = measure(_track(lat, lon, elevation))
        off = known - np.interp(place_m, profile.distance_m, profile.elevation_m)
        short = 0.5 * (both - np.diff(_climbed(profile, place_m)))
        miss = np.abs(short).sum() + 5.0 * abs(short.sum()) + 2.0 * np.abs(off).sum()
        miss = round(float(miss), DIGITS)
        if miss < least:
            best, least = elevation, miss
        lift += off
        extra = np.round(extra + 0.7 * short, DIGITS)
    return best


def _climbed(profile: Profile, place_m: Array) -> Array:
    """Climb and descent together, from the start to each place."""
    return np.interp(place_m, profile.distance_m, profile.ascent_m + profile.descent_m)


def _line(
    places: Sequence[Place], place_m: Array, height_m: Array, extra_m: Array, seed: int
) -> tuple[Array, Array]:
    """Distances and rounded heights, every 10 m or so."""
    s, h = [place_m[:1]], [height_m[:1]]
    for k, place in enumerate(places[1:]):
        turns = _turns(place, height_m[k], height_m[k + 1], extra_m[k], 17 * seed + k)
        leg_s, leg_h = _runs(turns, place_m[k + 1] - place_m[k], seed + k)
        s.append(place_m[k] + leg_s)
        h.append(leg_h)
    grid = geo.even_grid(float(place_m[-1]), GRID_M)
    even = np.interp(grid, np.concatenate(s), np.concatenate(h))
    return grid, geo.smooth(even, ROUNDING_M / grid[1])


def _turns(place: Place, start_m: float, end_m: float, extra_m: float, seed: int) -> Array:
    """Heights where a leg turns, from its start to its end.

    A leg up first dips to its lowest and ends over its highest, where these lie beyond its
    ends; what is then left of the extra climb is broken into small reversals on the way.
    A leg down is a leg up, walked backwards.
    """
    if end_m < start_m:
        return _turns(place, end_m, start_m, extra_m, seed)[::-1]
    asked = min(place.gain_m, place.loss_m)
    dip = _beyond(0.0 if place.lowest_m is None else start_m - place.lowest_m, asked)
    over = _beyond(0.0 if place.highest_m is None else place.highest_m - end_m, asked - dip)
    left, count = asked - dip - over, 0
    if left >= COUNTED_M:
        most = max(1, int(place.leg_m / APART_M))
        count = min(max(1, round(left / REVERSAL_M)), most, REVERSALS)
    elif dip + over > 0.0:
        dip, over = (extra_m * part / (dip + over) for part in (dip, over))
    low, high = start_m - dip, end_m + over
    chosen = np.array([spread(seed + 3 * k) for k in range(count)])
    weight = 0.5 + 2.0 * chosen[::-1] ** 4  # many small ones, a few large
    size = max(extra_m - dip - over, 0.0) * weight / max(float(weight.sum()), 1e-9)
    middle = low + (high - low) * (np.arange(count) + 0.2 + 0.6 * chosen) / max(count, 1)
    pairs = np.stack([middle + 0.5 * size, middle - 0.5 * size], axis=1).ravel()
    ends = ([start_m], [low] if dip else [], pairs, [high] if over else [], [end_m])
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in ends])


def _beyond(by_m: float, at_most_m: float) -> float:
    """How far a leg goes past its end: nothing where it would not count."""
    by_m = min(by_m, at_most_m)
    return by_m if by_m >= COUNTED_M else 0.0


def _runs(turn_m: Array, length_m: float, seed: int) -> tuple[Array, Array]:
    """Distances and heights from turn to turn, with gentle changes of grade in between."""
    rise = np.diff(turn_m)
    total = float(np.abs(rise).sum())
    share = np.full(len(rise), 1.0 / len(rise))
    if total > 0.0:
        unlike = float(np.clip(1.0 - 5.0 * total / length_m, 0.0, UNLIKE))
        chosen = np.array([spread(seed + 5 * k) for k in range(len(rise))])
        wide = np.abs(rise) * (1.0 + unlike * (2.0 * chosen - 1.0))
        share = EVENNESS * share + (1.0 - EVENNESS) * wide / wide.sum()
    width = length_m * share
    start = np.cumsum(width) - width
    s, h = [], []
    for k in range(len(rise)):
        u = np.linspace(0.0, 1.0, max(2, int(width[k] / GRID_M)))[1:]
        waves = max(1, round(width[k] / 1400.0))
        room = STEEPEST * width[k] / max(abs(rise[k]), 1e-9) - 1.0
        change = float(np.clip(room, 0.05, 0.5)) if width[k] > 300.0 else 0.0
        eased = u - change * np.sin(2.0 * np.pi * waves * u) / (2.0 * np.pi * waves)
        lean = 0.5 * (spread(seed + k) - 0.5)  # steeper high or low
        eased += lean * change * u * (1.0 - u)
        s.append(start[k] + width[k] * u)
        h.append(turn_m[k] + rise[k] * eased)
    return np.concatenate(s), np.concatenate(h)
