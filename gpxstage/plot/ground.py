"""What is drawn over the course: the profile in the colours of its grades, strips, nights, hours.

Each function draws into axes whose limits are set already: the left edge of the picture is 0, and
a place across is in metres or seconds, as `legs` counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from gpxstage import walltime
from gpxstage.estimator.daylight import darkness
from gpxstage.plot import style
from gpxstage.plot.layout import HIKED, SLEEPY, STRIP_IN, Frame
from gpxstage.plot.legs import (
    Leg,
    cell_edges_m,
    cell_grades,
    cell_shares,
    cell_sleepiness,
    clock_edges_s,
    clock_of,
)
from gpxstage.plot.scales import level_name, put_beside, step_s
from gpxstage.plot.scene import RANGE, Scene, Visit
from gpxstage.plot.style import TICK_PT
from gpxstage.units import HOUR_S, MINUTE_S, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate


COLUMNS = 1900  # the profile's line needs no more points than twice the page's columns
LAP = 1.0 / COLUMNS  # cells reach this share of the page under their neighbour: no seams


@dataclass(frozen=True, eq=False)
class Ground:
    """The artists of the profile; None for what it does not have."""

    fill: PolyCollection | None  # one shape for each cell, in the colour of its grade
    outline: LineCollection | None
    stopped: PolyCollection | None  # where time passes during a stop
    asleep: PolyCollection | None = None  # the part of a stop that is slept


def put_ground(axes: Axes, scene: Scene) -> Ground:
    """Draw the profile filled with the colours of its grades, and its outline."""
    width, low_m = float(axes.get_xlim()[1]), float(axes.get_ylim()[0])
    shapes: list[Array] = []
    rests: list[style.Corners] = []
    sleeps: list[style.Corners] = []
    grades, outline = [], []
    for leg in scene.legs:
        if leg.profile.cells is None:
            continue
        edges_m = cell_edges_m(leg, scene.length_m)
        grades.append(cell_grades(leg, edges_m))
        shape = _shape(leg, edges_m, width)
        spans = leg.leave(edges_m[:-1]), leg.reach(edges_m[1:])
        shapes += _cells(shape, spans, low_m, LAP * width)
        outline.append(shape)
        heights = np.interp(leg.halts_m, leg.profile.distance_m, leg.profile.elevation_m)
        ends = zip(leg.reach(leg.halts_m), leg.leave(leg.halts_m), heights, strict=True)
        rests += [style.box(a, b, low_m, float(top)) for a, b, top in ends]
        sleeps += [
            style.box(a, b, low_m, leg.profile.elevation_at_m(m) or low_m)
            for a, b, m in _slept(leg)
        ]
    if not shapes:
        return Ground(None, None, None)
    fill = style.fill_axes(axes, shapes, style.grade_colours(np.concatenate(grades)), 2.0)
    line = style.line_axes(axes, outline, style.INK, 1.1, 3.0, joinstyle="round")
    stopped = style.fill_axes(axes, rests, style.STOPPED, 2.2)
    return Ground(fill, line, stopped, style.fill_axes(axes, sleeps, style.ASLEEP, 2.3))


def _slept(leg: Leg) -> Iterator[tuple[float, float, float]]:
    """From when to when across there is sleep, and at which distance: in the middle of a stop."""
    if leg.estimate is None:
        return
    for stop in leg.estimate.stops:
        if stop.sleep_s > 0.0 and stop.distance_m in leg.halts_m:
            start = float(leg.reach(stop.distance_m)) + 0.5 * (stop.stop_s - stop.sleep_s)
            yield start, start + stop.sleep_s, stop.distance_m


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


# by strip: the values of a stage's cells, and their colours
STRIPS: dict[
    str, tuple[Callable[[StageEstimate, Array], Array | None], Callable[[Array], Array]]
] = {
    HIKED: (cell_shares, style.hike_colours),
    SLEEPY: (cell_sleepiness, style.sleep_colours),
}


def put_strip(axes: Axes, frame: Frame, scene: Scene, name: str) -> PolyCollection | None:
    """Draw a strip below the profile, where the page has it: one value for each cell.

    The strip shares the horizontal scale of *axes*, the profile's, and lies outside of them.
    """
    if name not in frame.plan.strips:
        return None
    (values, tints), foot_in = STRIPS[name], frame.strip_in(name)
    low, high = (
        (y_in - frame.base_in) / (frame.top_in - frame.base_in)
        for y_in in (foot_in, foot_in + STRIP_IN)
    )
    boxes: list[Array] = []
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


# nights

Span = tuple[float, float]
SAME_NIGHT = 1.0  # metres or seconds between two dark stretches


def put_nights(axes: Axes, scene: Scene) -> PolyCollection | None:
    """Shade the nights from the lower to the upper edge of the axes."""
    return style.fill_axes(
        axes, [style.box(a, b, *axes.get_ylim()) for a, b in _dark(scene)], style.NIGHT, 0.0
    )


def _dark(scene: Scene) -> list[Span]:
    """From where to where across the picture it is dark, joined across stage borders.

    With a clock across these are all nights until the finish, slept or not; else where the
    runner moves in the dark.
    """
    found: list[Span] = []
    clock = scene.across != "distance" and scene.start is not None
    for start, end in _by_clock(scene) if clock else _by_cells(scene.legs):
        if found and start - found[-1][1] < SAME_NIGHT:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _by_cells(legs: Sequence[Leg]) -> Iterator[Span]:
    """Stretches of cells that are dark for more than half of their time."""
    for leg in legs:
        if leg.estimate is None or leg.estimate.dark_s is None:
            continue
        dark = leg.estimate.dark_s > 0.5 * leg.estimate.cell_s
        turns = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]]).astype(np.int8)))
        begin = leg.leave(leg.estimate.edge_m[turns[::2]])
        end = leg.reach(leg.estimate.edge_m[turns[1::2]])
        yield from zip(begin.tolist(), end.tolist(), strict=True)


def _by_clock(scene: Scene) -> Iterator[Span]:
    """The nights between the start and the last arrival."""
    assert scene.start is not None
    real_s, across_s = clock_edges_s(scene.legs, one_clock=scene.one_clock)
    known = [(leg, leg.profile.cells) for leg in scene.legs if leg.profile.cells is not None]
    at_s = [leg.leave(0.5 * (cells.edge_m[1:] + cells.edge_m[:-1])) for leg, cells in known]
    nights = darkness(
        walltime.after(scene.start, scene.first_s),
        np.interp(np.concatenate(at_s), across_s, real_s),
        np.concatenate([cells.lat_deg for _, cells in known]),
        np.concatenate([cells.lon_deg for _, cells in known]),
    )
    dark = np.flatnonzero(np.diff(nights.dark_s) > 0.0)
    for start, end in zip(nights.clock_s[dark], nights.clock_s[dark + 1], strict=True):
        if start < real_s[-1] and end > 0.0:
            first, last = np.interp([start, end], real_s, across_s).tolist()
            yield first, last


# the curve of hours

NODES = 250  # points of the curve across a whole picture: it is smooth
MOST_TICKS = 4  # steps between the hours at the left
HEADROOM = 1.04
NAMES_APART_IN = 0.14
MARK_IN = 0.05  # half the width of a cutoff's mark


@dataclass(frozen=True, eq=False)
class Hours:
    """The artists of the curve of hours, in seconds of the race's or of each stage's clock."""

    axes: Axes
    band: PolyCollection | None  # p10 to p90
    middle: LineCollection  # the expected time: one line for each stage and level
    cutoffs: LineCollection | None
    names: list[Text]  # of the levels, at the right end of each one's curve
    heights: list[Text]  # the hours at the left


def put_hours(figure: Figure, axes: Axes, frame: Frame, scene: Scene) -> Hours:
    """Draw the curve with its band, the cutoffs and the hours at the left."""
    low_s, high_s = ends_s(scene)
    axes.set_ylim(low_s, low_s + HEADROOM * max(high_s - low_s, frame.plan.span_s))
    shapes = [shape for leg in scene.legs if (shape := _band(leg, frame)) is not None]
    curves = [line for leg in scene.legs for line in _lines(leg, frame, leg is scene.legs[-1])]
    band = style.fill_axes(axes, shapes, style.BAND, 2.0)
    middle = style.line_axes(axes, curves, style.INK, 1.2, 3.0)
    names = _names(figure, axes, frame, scene)
    cutoffs = None
    if marks := list(_marks(frame, scene)):
        tints = [style.STAMP if late else style.RULE for _, late in marks]
        cutoffs = style.line_axes(axes, [ends for ends, _ in marks], tints, 1.6, 4.0)
    return Hours(axes, band, middle, cutoffs, names, _heights(figure, axes, frame))


def ends_s(scene: Scene) -> tuple[float, float]:
    """The first and the last moment that the curve shows, cutoffs among them."""
    low_s: list[float] = []
    high_s = [visit.cutoff_s for _, visit in _visits(scene) if visit.cutoff_s is not None]
    for leg in scene.legs:
        for estimate in leg.estimates:
            low_s.append(estimate.offset_s)
            high_s.append(estimate.offset_s + estimate.elapsed_s)
        if leg.spread is not None:
            low_s.append(float(np.quantile(leg.spread.offset_s, RANGE[0])))
            last_s = leg.spread.offset_s + leg.spread.elapsed_s
            high_s.append(float(np.quantile(last_s, RANGE[1])))
    return min(low_s, default=0.0), max(high_s, default=1.0)


def _visits(scene: Scene) -> Iterator[tuple[float, Visit]]:
    """Where across, and when, there is a border or a place."""
    yield from ((border.at, border.visit) for border in scene.borders)
    yield from ((place.at, place.visit) for place in scene.places)


def _nodes(leg: Leg, frame: Frame) -> int:
    """How many points a leg's part of the curve needs."""
    return 1 + max(2, round(NODES * (leg.end - leg.start) / frame.width))


def _band(leg: Leg, frame: Frame) -> Array | None:
    """(2 n, 2) corners: along p10 to the leg's end and back along p90; None without draws."""
    spread = leg.spread
    if spread is None or leg.estimate is None:
        return None
    at_m = np.linspace(0.0, leg.profile.length_m, _nodes(leg, frame))
    k = np.clip(np.searchsorted(spread.edge_m, at_m), 0, len(spread.edge_m) - 1)
    low_s, high_s = np.quantile(spread.arrivals_s(spread.edge_m[k]), RANGE, axis=0)
    middle_s = np.array([leg.estimate.arrival_s(float(m)) for m in spread.edge_m[k]])
    across = leg.reach(spread.edge_m[k])
    there = np.column_stack([across, np.minimum(low_s, middle_s)])
    back = np.column_stack([across, np.maximum(high_s, middle_s)])
    return np.concatenate([there, back[::-1]])


def _lines(leg: Leg, frame: Frame, last: bool) -> Iterator[Array]:
    """(n, 2) the expected time along a leg, for each level; the *last* ends with the arrival."""
    for estimate in leg.estimates:
        at_m, clock_s = clock_of(estimate)
        if last and len(at_m) > 2 and at_m[-1] == at_m[-2]:
            at_m, clock_s = at_m[:-1], clock_s[:-1]
        stops = np.flatnonzero(np.diff(at_m) == 0.0)
        even = np.linspace(0, len(at_m) - 1, _nodes(leg, frame)).astype(int)
        kept = np.unique(np.concatenate([even, stops, stops + 1]))
        yield np.column_stack([leg.reach(at_m[kept]), clock_s[kept]])


def _names(figure: Figure, axes: Axes, frame: Frame, scene: Scene) -> list[Text]:
    """The name of each level beside the end of its curve; close ends are written apart."""
    foot_in, top_in = frame.hours_in
    low_s, high_s = axes.get_ylim()
    ends = [
        (foot_in + (top_in - foot_in) * (float(line[-1, 1]) - low_s) / (high_s - low_s), name)
        for name, line in zip(scene.levels, _lines(scene.legs[-1], frame, True), strict=False)
    ]
    texts, below_in = [], -np.inf
    for y_in, name in sorted(ends):
        below_in = max(y_in, below_in + NAMES_APART_IN)
        words = level_name(name)
        at = frame.right_in + 0.06, below_in - style.CAP_IN * TICK_PT
        texts.append(style.write(figure, *at, words, TICK_PT))
    return texts


def _marks(frame: Frame, scene: Scene) -> Iterator[tuple[style.Corners, bool]]:
    """A short line at each cutoff, and whether the expected time is past it."""
    half = MARK_IN * frame.width / (frame.right_in - frame.left_in)
    for at, visit in _visits(scene):
        if visit.cutoff_s is not None:
            middle = min(max(at, half), frame.width - half)
            yield [(middle - half, visit.cutoff_s), (middle + half, visit.cutoff_s)], visit.is_late


def _heights(figure: Figure, axes: Axes, frame: Frame) -> list[Text]:
    """The hours at the left of the curve."""
    foot_in, top_in = frame.hours_in
    low_s, high_s = axes.get_ylim()
    step = step_s(high_s - low_s, MOST_TICKS)
    at_s = step * np.arange(np.ceil(low_s / step - 1e-9) + 0.0, np.floor(high_s / step) + 1.0)
    style.line_axes(axes, [[(0.0, s), (frame.width, s)] for s in at_s], style.FAINT, 0.4, 1.0)
    texts = []
    for s in at_s:
        y_in = foot_in + (top_in - foot_in) * (float(s) - low_s) / (high_s - low_s)
        words = f"{number(s / HOUR_S)} h" if step >= HOUR_S else f"{number(s / MINUTE_S)} min"
        texts.append(put_beside(figure, frame, y_in, words))
    return texts
