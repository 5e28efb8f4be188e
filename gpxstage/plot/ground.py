"""The profile and its colours: cells by grade, strips below, and the nights behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from gpxstage.estimator.daylight import darkness
from gpxstage.plot import style
from gpxstage.plot.layout import STRIP_IN
from gpxstage.plot.legs import cell_edges_m, cell_grades
from gpxstage.plot.style import INK, NIGHT, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.plot.layout import Frame
    from gpxstage.plot.legs import Leg
    from gpxstage.plot.scene import Scene

    Values = Callable[[StageEstimate, Array], Array | None]
    Tints = Callable[[Array], NDArray[np.float64]]
    from collections.abc import Iterable, Iterator
    from datetime import datetime

COLUMNS = 1900  # the profile's line needs no more points than twice the page's columns
LAP = 1.0 / COLUMNS  # cells reach this share of the page under their neighbour: no seams


@dataclass(frozen=True, eq=False)
class Ground:
    """The artists of the profile; None for what it does not have."""

    fill: PolyCollection | None  # a cell each, in the colour of its grade
    outline: LineCollection | None
    stopped: PolyCollection | None  # where the clock runs on


def put_ground(axes: Axes, frame: Frame, scene: Scene) -> Ground:
    """The profile filled with the colours of its grades, and its outline."""
    shapes: list[Array] = []
    grades, outline, rests = [], [], []
    for leg in scene.legs:
        if leg.profile.cells is None:
            continue
        edges_m = cell_edges_m(leg, scene.length_m)
        grades.append(cell_grades(leg, edges_m))
        shape = _shape(leg, edges_m, frame.width)
        spans = leg.leave(edges_m[:-1]), leg.reach(edges_m[1:])
        shapes += _cells(shape, spans, frame.low_m, LAP * frame.width)
        outline.append(shape)
        heights = np.interp(leg.halts_m, leg.profile.distance_m, leg.profile.elevation_m)
        stands = zip(leg.reach(leg.halts_m), leg.leave(leg.halts_m), heights, strict=True)
        rests += [_box(a, b, frame.low_m, float(top)) for a, b, top in stands]
    if not shapes:
        return Ground(None, None, None)
    tints = style.grade_colours(np.concatenate(grades))
    fill = PolyCollection(shapes, facecolors=tints, linewidths=0.0, zorder=2)
    line = LineCollection(outline, colors=INK, linewidths=1.1, zorder=3, joinstyle="round")
    axes.add_collection(fill, autolim=False)
    axes.add_collection(line, autolim=False)
    return Ground(fill, line, put_boxes(axes, rests, STOPPED, 2.2))


def _shape(leg: Leg, edges_m: Array, width: float) -> Array:
    """(n, 2) the leg's outline: lowest and highest node of each column, and all cells' edges."""
    x, y = leg.profile.distance_m, leg.profile.elevation_m
    per = int(len(x) / max(1.0, COLUMNS * (leg.end - leg.start) / width))
    if per > 2:
        columns = len(x) // per
        blocks = y[: columns * per].reshape(columns, per)
        first = per * np.arange(columns)
        kept = np.concatenate([first + blocks.argmin(axis=1), first + blocks.argmax(axis=1)])
        x = x[np.union1d(kept, [0, len(x) - 1])]
    x = np.union1d(x, edges_m)
    across = leg.leave(x)
    if len(leg.halts_m):
        x, across = np.append(x, leg.halts_m), np.append(across, leg.reach(leg.halts_m))
        order = np.lexsort((across, x))
        x, across = x[order], across[order]
    height = np.interp(x, leg.profile.distance_m, leg.profile.elevation_m)
    return np.column_stack([across, height])


def _cells(shape: Array, spans: tuple[Array, Array], low_m: float, lap: float) -> list[Array]:
    """A polygon for each cell: its part of the outline, a lap to the right, the foot."""
    hair = 1e-6
    firsts = np.searchsorted(shape[:, 0], spans[0] - hair)
    lasts = np.searchsorted(shape[:, 0], spans[1] + hair, side="right") - 1
    found = []
    for k, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        part = shape[first : last + 1]
        joined = k + 1 < len(firsts) and spans[0][k + 1] - spans[1][k] < hair
        right = part[-1, 0] + (lap if joined else 0.0)
        corners = [(right, part[-1, 1]), (right, low_m), (part[0, 0], low_m)]
        found.append(np.concatenate([part, corners]))
    return found


def put_strip(
    axes: Axes, frame: Frame, scene: Scene, foot_in: float, *, values: Values, tints: Tints
) -> PolyCollection | None:
    """A value of each cell below the profile: how much is hiked, how sleepy one is.

    *axes* are the profile's: the strip shares what is across, and stands below them.
    """
    low, high = (
        (y_in - frame.base_in) / (frame.top_in - frame.base_in)
        for y_in in (foot_in, foot_in + STRIP_IN)
    )
    boxes: list[NDArray[np.float64]] = []
    found = []
    for leg in scene.legs:
        edges_m = cell_edges_m(leg, scene.length_m)
        value = None if leg.estimate is None else values(leg.estimate, edges_m)
        if value is None:
            continue
        found.append(value)
        left, right = leg.leave(edges_m[:-1]), leg.reach(edges_m[1:])
        joined = left[1:] - right[:-1] < LAP * frame.width
        right[:-1] = np.where(joined, right[:-1] + LAP * frame.width, right[:-1])
        x = np.stack([left, left, right, right], axis=1)
        y = np.broadcast_to([low, high, high, low], x.shape)
        boxes.append(np.stack([x, y], axis=2))
    if not boxes:
        return None
    strip = PolyCollection(
        list(np.concatenate(boxes)),
        facecolors=tints(np.concatenate(found)),
        linewidths=0.0,
        transform=axes.get_xaxis_transform(),
        clip_on=False,
    )
    axes.add_collection(strip, autolim=False)
    return strip


def put_nights(axes: Axes, spans: Sequence[Span]) -> PolyCollection | None:
    """Shaded from the axes' foot to their ceiling."""
    low, top = axes.get_ylim()
    return put_boxes(axes, [_box(a, b, low, top) for a, b in spans], NIGHT, 0.0)


def _box(left: float, right: float, low: float, high: float) -> list[tuple[float, float]]:
    return [(left, low), (left, high), (right, high), (right, low)]


def put_boxes(
    axes: Axes, boxes: Sequence[list[tuple[float, float]]], tint: str, zorder: float
) -> PolyCollection | None:
    """Boxes of one colour; None where there is none."""
    if not boxes:
        return None
    artist = PolyCollection(list(boxes), facecolors=tint, linewidths=0.0, zorder=zorder)
    axes.add_collection(artist, autolim=False)
    return artist


Span = tuple[float, float]
SAME_NIGHT = 1.0  # metres or seconds between two dark stretches


def night_spans(legs: Sequence[Leg], begin: datetime | None) -> list[Span]:
    """From where to where across the picture it is dark, joined across stage borders.

    *begin* is the moment at the left edge, where the clock is across: then nights that are
    slept are shown, too. Else what counts is where the runner is in the dark.
    """
    return _joined(_by_cells(legs) if begin is None else _by_clock(legs, begin))


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] < SAME_NIGHT:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _by_cells(legs: Sequence[Leg]) -> Iterator[Span]:
    for leg in legs:
        if leg.estimate is None or leg.estimate.dark_s is None:
            continue
        dark = leg.estimate.dark_s > 0.5 * leg.estimate.cell_s
        turns = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]]).astype(np.int8)))
        begin = leg.leave(leg.estimate.edge_m[turns[::2]])
        end = leg.reach(leg.estimate.edge_m[turns[1::2]])
        yield from zip(begin.tolist(), end.tolist(), strict=True)


def _by_clock(legs: Sequence[Leg], begin: datetime) -> Iterator[Span]:
    """The nights between the start and the last arrival, walked or not."""
    known = [(leg, leg.profile.cells) for leg in legs if leg.profile.cells is not None]
    at_s = [leg.leave(0.5 * (cells.edge_m[1:] + cells.edge_m[:-1])) for leg, cells in known]
    nights = darkness(
        begin,
        np.concatenate(at_s),
        np.concatenate([cells.lat_deg for _, cells in known]),
        np.concatenate([cells.lon_deg for _, cells in known]),
    )
    dark = np.flatnonzero(np.diff(nights.dark_s) > 0.0)
    for start, end in zip(nights.clock_s[dark], nights.clock_s[dark + 1], strict=True):
        if start < legs[-1].end and end > 0.0:
            yield max(float(start), 0.0), min(float(end), legs[-1].end)
