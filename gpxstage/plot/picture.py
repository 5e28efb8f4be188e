"""A scene in ink: one figure, axes in fixed rectangles, few artists."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from gpxstage.plot import colours, legend, words
from gpxstage.plot.colours import FAINT, INK, NIGHT, RULE, SOFT
from gpxstage.plot.scene import cell_edges_m, cell_grades, hiked_share, night_spans_m
from gpxstage.plot.units import UNITS, Units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gpxstage.plot.scene import Scene
    from gpxstage.report import Report

DPI = 150
RACE_IN, STAGE_IN = (14.0, 6.4), (14.0, 5.6)
LEFT, WIDTH = 0.058, 0.925
LEAST_RANGE_M = 400.0  # flat courses must not look alpine
HEADROOM = 0.62  # of the profile's height, above it, for names


@dataclass(eq=False)
class Drawing:
    """A figure and its artists by role."""

    figure: Figure
    profile: Axes
    strip: Axes | None = None
    fill: PolyCollection | None = None
    hiked: PolyCollection | None = None
    names: list[Text] = field(default_factory=list)  # slanted names of places
    texts: list[Text] = field(default_factory=list)  # all other words but the ticks'
    missing: Text | None = None  # says that there is no elevation


def picture(report: Report, scene: Scene, index: int | None, units: str) -> Drawing:
    """Draw a scene; *index* is the stage's, None for the whole race."""
    unit = UNITS[units]
    figure = Figure(RACE_IN if index is None else STAGE_IN, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    profile = figure.add_axes((LEFT, 0.265, WIDTH, 0.51))
    drawing = Drawing(figure, profile)
    low_m, high_m = vertical_m(report)
    profile.set_xlim(0.0, scene.length_m)
    profile.set_ylim(low_m, high_m + HEADROOM * (high_m - low_m))
    _frame(profile, unit, low_m, high_m)
    _nights(profile, scene, low_m, high_m)
    _ground(drawing, scene, low_m)
    _borders(profile, scene, low_m)
    _strip(drawing, scene)
    _kilometres(drawing, scene, unit)
    words.write(drawing, report, scene, index, unit)
    legend.draw(figure, scene)
    return drawing


def vertical_m(report: Report) -> tuple[float, float]:
    """Lowest and highest altitude of the vertical axis: the same for every stage of a race."""
    known = [p.elevation_m for p in report.profiles if p.cells is not None]
    if not known:
        return 0.0, LEAST_RANGE_M
    low, high = float(min(e.min() for e in known)), float(max(e.max() for e in known))
    span = max(high - low, LEAST_RANGE_M)
    step = 500.0 if span > 1500.0 else 100.0
    floor = step * np.floor((low - 0.06 * span) / step)
    if 0.0 <= low < 0.35 * span:
        floor = 0.0  # near the sea the sea is the honest floor
    return float(floor), float(max(high, floor + LEAST_RANGE_M))


def _frame(axes: Axes, unit: Units, low_m: float, high_m: float) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.set_facecolor("none")
    low, high = low_m / unit.height_m, high_m / unit.height_m
    ticks = [
        t
        for t in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        if low <= t <= high
    ]
    axes.yaxis.set_major_locator(FixedLocator([t * unit.height_m for t in ticks]))
    axes.set_yticklabels([unit.height_text(t * unit.height_m) for t in ticks])
    axes.tick_params(axis="y", length=0, labelcolor=SOFT, labelsize=9)
    lines = [((0.0, t * unit.height_m), (axes.get_xlim()[1], t * unit.height_m)) for t in ticks]
    axes.add_collection(
        LineCollection(lines, colors="#d5dae1", linewidths=0.6, zorder=1), autolim=False
    )
    axes.add_collection(
        LineCollection(lines, colors="white", linewidths=0.6, alpha=0.55, zorder=2.5), autolim=False
    )


def _nights(axes: Axes, scene: Scene, low_m: float, high_m: float) -> None:
    top = high_m + 0.04 * (high_m - low_m)
    boxes = [((a, low_m), (a, top), (b, top), (b, low_m)) for a, b in night_spans_m(scene.legs)]
    axes.add_collection(PolyCollection(boxes, facecolors=NIGHT, zorder=0), autolim=False)


def _ground(drawing: Drawing, scene: Scene, low_m: float) -> None:
    """The profile filled with the colours of its grades, and its outline."""
    boxes, grades, outline = [], [], []
    for leg in scene.legs:
        if leg.profile.cells is None:
            continue
        edges = cell_edges_m(leg, scene.length_m)
        nodes, level = leg.profile.distance_m, leg.profile.elevation_m
        grades.append(cell_grades(leg, edges))
        for start, end in pairwise(edges):
            inner = nodes[(nodes > start) & (nodes < end)][::3]
            x = np.concatenate([[start], inner, [end]])
            y = np.interp(x, nodes, level)
            shape = np.column_stack([x, y])
            foot = np.array([[end, low_m], [start, low_m]])
            boxes.append(np.concatenate([shape, foot]) + np.array([leg.start_m, 0.0]))
        outline.append(np.column_stack([nodes + leg.start_m, level]))
    axes = drawing.profile
    if not boxes:
        drawing.missing = axes.text(
            0.5, 0.4, "no elevation in this file", transform=axes.transAxes, ha="center",
            fontsize=13, color=SOFT, parse_math=False,
        )  # fmt: skip
        return
    tints = colours.grade_colours(np.concatenate(grades))
    drawing.fill = PolyCollection(
        boxes, facecolors=tints, edgecolors=tints, linewidths=0.25, zorder=2
    )
    axes.add_collection(drawing.fill, autolim=False)
    axes.add_collection(
        LineCollection(outline, colors=INK, linewidths=1.1, zorder=3, joinstyle="round"),
        autolim=False,
    )


def _borders(axes: Axes, scene: Scene, low_m: float) -> None:
    top = axes.get_ylim()[1]
    lines = [((b.at_m, low_m), (b.at_m, top)) for b in scene.borders[1:-1]]
    axes.add_collection(LineCollection(lines, colors=RULE, linewidths=0.9, zorder=4), autolim=False)


def _strip(drawing: Drawing, scene: Scene) -> None:
    """How much of each cell is hiked, under the profile."""
    boxes, shares = [], []
    for leg in scene.legs:
        if leg.estimate is None:
            continue
        edges = cell_edges_m(leg, scene.length_m)
        share = hiked_share(leg.estimate, edges)
        if share is None:
            continue
        shares.append(share)
        at = edges + leg.start_m
        boxes += [((a, 0.0), (a, 1.0), (b, 1.0), (b, 0.0)) for a, b in pairwise(at)]
    if not boxes:
        return
    strip = drawing.figure.add_axes((LEFT, 0.213, WIDTH, 0.032), sharex=drawing.profile)
    strip.set_ylim(0.0, 1.0)
    strip.set_axis_off()
    tints = colours.hike_colours(np.concatenate(shares))
    drawing.hiked = PolyCollection(boxes, facecolors=tints, edgecolors=tints, linewidths=0.25)
    strip.add_collection(drawing.hiked, autolim=False)
    drawing.strip = strip


def _kilometres(drawing: Drawing, scene: Scene, unit: Units) -> None:
    axes = drawing.profile
    length = scene.length_m / unit.distance_m
    ticks = [t for t in MaxNLocator(14, steps=[1, 2, 5, 10]).tick_values(0, length) if t <= length]
    axes.xaxis.set_major_locator(FixedLocator([t * unit.distance_m for t in ticks]))
    whole = all(float(t).is_integer() for t in ticks)
    axes.set_xticklabels([f"{t:,.0f}" if whole else f"{t:.1f}" for t in ticks])
    pad_pt = words.tick_pad_pt(drawing)
    axes.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9, pad=pad_pt)
    axes.spines["bottom"].set_color(FAINT)
