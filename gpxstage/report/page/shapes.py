"""Curves -> the shapes of the charts as columns of float32: areas by grade, lines, spans.

Several pieces in one column are parted by NaN.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.profile import GRADE_EDGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gpxstage.course import Array, Indices
    from gpxstage.report.page.curve import Curve

GRADES = len(GRADE_EDGES) + 1
HIKED_STEPS = 8  # shades of the strip that shows what is hiked

Columns = dict[str, Any]


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
    xs: list[list[Array]] = [[] for _ in range(GRADES)]
    ys: list[list[Array]] = [[] for _ in range(GRADES)]
    for curve, along, level in zip(found, x, y, strict=True):
        if not np.isfinite(level).all():
            continue
        band = np.digitize(curve.stretch_grade, GRADE_EDGES)
        for first, last in runs(band):
            here = slice(first, last + 1)
            xs[band[first]].append(np.concatenate([along[here], along[here][::-1][[0, -1]]]))
            ys[band[first]].append(np.concatenate([level[here], [base, base]]))
    return _by_grade(xs, ys)


def paths(found: Sequence[Curve], plan: Sequence[tuple[Array, Array]]) -> Columns:
    """The way on the ground, a shape a band of grades; all of it flat where none is known."""
    xs: list[list[Array]] = [[] for _ in range(GRADES)]
    ys: list[list[Array]] = [[] for _ in range(GRADES)]
    for curve, (east, north) in zip(found, plan, strict=True):
        known = np.nan_to_num(curve.stretch_grade)
        band = np.digitize(known, GRADE_EDGES)
        for first, last in runs(band):
            xs[band[first]].append(east[first : last + 1])
            ys[band[first]].append(north[first : last + 1])
    return _by_grade(xs, ys)


def _by_grade(xs: Sequence[Sequence[Array]], ys: Sequence[Sequence[Array]]) -> Columns:
    used = [k for k in range(GRADES) if xs[k]]
    return {
        "xs": [joined(xs[k]) for k in used],
        "ys": [joined(ys[k]) for k in used],
        "band": used,
        "colour": ["#888888" for _ in used],
    }
