"""Stages -> a curve of few places, and the shapes of the charts as columns of float32.

Every place is one of the course itself, and its values are the report's there, not means over
what was left out: only the places in between are not drawn. Pieces in one column are parted by NaN.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts.parts import points_of
from gpxstage.geo import wrap_deg
from gpxstage.profile import GRADE_EDGES
from gpxstage.profile.climbs import climbs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gpxstage.course import Array, Indices
    from gpxstage.facts.parts import Part

MOST_PLACES = 1600  # of the whole curve, beside points and the ends of climbs
WINDOW_M = 100.0  # the grade under the pointer, as the steepest 100 m of report.json
STRIPES = 700  # stretches of one colour across the whole course, at most
HIKED_STEPS = 8  # shades of the strip that shows what is hiked

EARTH_M = 6_371_008.8  # mean radius (IUGG), for a plan a race wide

Columns = dict[str, Any]  # of a chart's source, by name


@dataclass(frozen=True, eq=False)
class Curve:
    """One stage at n places, NaN where a value is unknown; None where nothing is estimated."""

    part: Part
    distance_m: Array  # (n,) from the stage's start
    elevation_m: Array  # (n,)
    grade: Array  # (n,) over 100 m around the place
    stretch_grade: Array  # (n-1,) around each drawn stretch, calm enough to be coloured
    lat_deg: Array  # (n,)
    lon_deg: Array  # (n,)
    hike_fraction: Array | None  # (n,) of the time in the cell
    dark: Array | None  # (n,) 1 in the dark, 0 in the light
    arrival_s: Array | None  # (n,) p50
    early_s: Array | None  # (n,) p10
    late_s: Array | None  # (n,) p90


def curves(parts: Sequence[Part]) -> list[Curve]:
    """The stages thinned together: long ones get more places than short ones."""
    whole_m = sum(part.profile.length_m for part in parts)
    calm_m = max(WINDOW_M, whole_m / STRIPES)
    return [
        _curve(part, max(8, round(MOST_PLACES * part.profile.length_m / whole_m)), calm_m)
        for part in parts
    ]


def _curve(part: Part, count: int, calm_m: float) -> Curve:
    profile, estimate = part.profile, part.estimate
    at_m = places_m(part, count)
    middle_m = 0.5 * (at_m[1:] + at_m[:-1])
    lat_deg, lon_deg = profile.position_deg(at_m)
    hike = dark = None
    if estimate is not None:
        cell = np.clip(np.searchsorted(estimate.edge_m, at_m, "right") - 1, 0, None)
        cell = np.minimum(cell, len(estimate.cell_s) - 1)
        if estimate.hiked_s is not None:
            hike = (estimate.hiked_s / np.maximum(estimate.cell_s, 1e-9))[cell]
        if estimate.dark_share is not None:
            dark = np.where(estimate.dark_share > 0.5, 1.0, 0.0)[cell]
    return Curve(
        part,
        at_m,
        np.interp(at_m, profile.distance_m, profile.elevation_m),
        _grade(part, at_m, WINDOW_M),
        _grade(part, middle_m, np.maximum(calm_m, np.diff(at_m))),
        lat_deg,
        lon_deg,
        hike,
        dark,
        *_passage(part, at_m),
    )


def places_m(part: Part, count: int) -> Array:
    """About *count* places: the lowest and the highest node of each of count / 2 stretches.

    Both ends, every point and every end of a climb are among them, so no summit is cut.
    """
    profile = part.profile
    nodes, level = profile.distance_m, profile.elevation_m
    edges = np.unique(np.linspace(0, len(nodes), max(2, count // 2 + 1)).astype(int))
    kept = {0, len(nodes) - 1}
    for first, last in pairwise(edges.tolist()):
        if profile.cells is None:
            kept |= {int(first), int((first + last) // 2)}
        else:
            here = level[first:last]
            kept |= {int(first + np.argmin(here)), int(first + np.argmax(here))}
    points = [point.distance_m or 0.0 for point in points_of(part)]
    found = climbs(profile, part.stage.points) if profile.cells is not None else []
    ends = [at_m for climb in found for at_m in (climb.from_m, climb.to_m)]
    every = np.concatenate([nodes[sorted(kept)], points, ends])
    return np.unique(np.clip(every, 0.0, profile.length_m))


def _grade(part: Part, at_m: Array, window_m: Array | float) -> Array:
    """Mean grade over a window around each place, less of it at the ends of the stage."""
    profile = part.profile
    low = np.maximum(at_m - 0.5 * window_m, 0.0)
    high = np.minimum(at_m + 0.5 * window_m, profile.length_m)
    level = np.interp(np.stack([low, high]), profile.distance_m, profile.walked_m)
    return np.asarray((level[1] - level[0]) / np.maximum(high - low, 1e-9))


def _passage(part: Part, at_m: Array) -> tuple[Array | None, Array | None, Array | None]:
    """Arrival, and p10 and p90 of the draws, before any stop that is made at the place."""
    estimate, spread = part.estimate, part.ranged
    if estimate is None:
        return None, None, None
    arrival = estimate.arrivals_s(at_m, near_m=SAME_M)
    if spread is None:
        return arrival, None, None
    low, high = np.quantile(spread.arrivals_s(at_m, near_m=SAME_M), (0.1, 0.9), axis=0)
    return arrival, np.minimum(low, arrival), np.maximum(high, arrival)


def plan_m(found: Sequence[Curve]) -> list[tuple[Array, Array]]:
    """East and north of each curve's places in metres: a plan around the course's middle."""
    every = np.concatenate([curve.lat_deg for curve in found])
    middle = 0.5 * float(every.min() + every.max())
    first = float(found[0].lon_deg[0])
    scale = np.radians(1.0) * EARTH_M
    return [
        (
            scale * np.cos(np.radians(middle)) * np.asarray(wrap_deg(curve.lon_deg - first)),
            scale * (curve.lat_deg - middle),
        )
        for curve in found
    ]


def shape(plan: Sequence[tuple[Array, Array]]) -> float:
    """Width over height of a plan that names find room on: between 0.8 and 2.6."""
    east, north = (float(np.ptp(np.concatenate(each))) for each in zip(*plan, strict=True))
    edge = 0.15 * max(east, north, 1.0)
    return round(float(np.clip((east + edge) / (north + edge), 0.8, 2.6)), 2)


# shapes


def small(values: Any) -> Any:
    """Seven digits are enough for what is drawn, and half the bytes."""
    return np.asarray(values, dtype=np.float32)


def columns(names: Sequence[str], lines: Sequence[Sequence[float]]) -> Columns:
    """Lines of numbers as named columns, of nothing where there are none."""
    table = np.array(lines, dtype=np.float64).reshape(len(lines), len(names))
    return {name: small(table[:, k]) for k, name in enumerate(names)}


def joined(pieces: Sequence[Array]) -> Any:
    """Pieces one after another, parted by NaN."""
    parted = [part for piece in pieces for part in (piece, [np.nan])]
    return small(np.concatenate(parted[:-1])) if parted else small([])


def runs(values: Array | Indices) -> Iterator[tuple[int, int]]:
    """First and one past last of every run of equal values."""
    turns = np.flatnonzero(np.diff(values)) + 1
    yield from pairwise([0, *turns.tolist(), len(values)])


def spans(curve: Curve, x: Array) -> list[tuple[float, float]]:
    """Where it is dark."""
    if curve.dark is None:
        return []
    return [(x[a], x[min(b, len(x) - 1)]) for a, b in runs(curve.dark) if curve.dark[a]]


def hiked(curve: Curve, x: Array) -> list[tuple[float, float, float]]:
    """Stretches with the share that is hiked of each, in a few steps."""
    if curve.hike_fraction is None:
        return []
    middle = 0.5 * (curve.hike_fraction[1:] + curve.hike_fraction[:-1])
    step = np.round(middle * HIKED_STEPS) / HIKED_STEPS
    return [(x[a], x[b], step[a]) for a, b in runs(step)]


def areas(found: Sequence[Curve], x: Sequence[Array], y: Sequence[Array], base: float) -> Columns:
    """The ground below the profile, a shape a band of grades; none where no height is known."""
    return _by_grade(
        (band, np.append(along[here], along[here][[-1, 0]]), np.append(level[here], [base, base]))
        for curve, along, level in zip(found, x, y, strict=True)
        if np.isfinite(level).all()
        for band, here in _stretches(curve.stretch_grade)
    )


def paths(found: Sequence[Curve], plan: Sequence[tuple[Array, Array]]) -> Columns:
    """The way on the ground, a shape a band of grades; all of it flat where none is known."""
    return _by_grade(
        (band, east[here], north[here])
        for curve, (east, north) in zip(found, plan, strict=True)
        for band, here in _stretches(np.nan_to_num(curve.stretch_grade))
    )


def _stretches(grade: Array) -> Iterator[tuple[int, slice]]:
    """Places with one band of grades between them: the band, and from the first to the last."""
    band = np.digitize(grade, GRADE_EDGES)
    for first, last in runs(band):
        yield int(band[first]), slice(first, last + 1)


def _by_grade(shapes: Iterable[tuple[int, Array, Array]]) -> Columns:
    """Shapes, each with its band of grades, as one a band."""
    xs: dict[int, list[Array]] = defaultdict(list)
    ys: dict[int, list[Array]] = defaultdict(list)
    for band, x, y in shapes:
        xs[band].append(x)
        ys[band].append(y)
    used = sorted(xs)
    return {
        "xs": [joined(xs[band]) for band in used],
        "ys": [joined(ys[band]) for band in used],
        "band": used,
        "colour": ["#888888" for _ in used],
    }
