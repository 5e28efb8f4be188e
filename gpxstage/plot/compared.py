"""The picture of several courses: one under another, kilometres and metres on one scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from gpxstage.plot.style import DPI, FAMILY, INK, SOFT, grade_colours, open_frame
from gpxstage.text import legible
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gpxstage.facts.analysis import Report

WIDE_IN, ROW_IN, HEAD_IN, FOOT_IN = 13.0, 1.9, 0.35, 0.6
MOST_NAME = 70  # letters
PIECE_M = 100.0


@dataclass(eq=False)
class ComparedDrawing:
    """The figure and its artists by role."""

    figure: Figure
    rows: list[Axes] = field(default_factory=list)
    ground: list[PolyCollection] = field(default_factory=list)


def draw(reports: Sequence[Report], units: str = "metric") -> ComparedDrawing:
    """Draw the profile of each report, coloured by grade; courses without heights stay empty."""
    unit = UNITS[units]
    high_in = HEAD_IN + ROW_IN * len(reports) + FOOT_IN
    found = ComparedDrawing(Figure((WIDE_IN, high_in), dpi=DPI, facecolor="white"))
    longest_m = max(report.facts.length_m for report in reports)
    lows = [r.facts.lowest_m for r in reports if r.facts.lowest_m is not None]
    tops = [r.facts.highest_m for r in reports if r.facts.highest_m is not None]
    for k, report in enumerate(reports):
        base_in = high_in - HEAD_IN - ROW_IN * (k + 1)
        axes = found.figure.add_axes(
            (0.06, (base_in + 0.4) / high_in, 0.92, (ROW_IN - 0.6) / high_in)
        )
        open_frame(axes)
        if ground := _ground(axes, report, unit.m_per_distance, unit.m_per_height):
            found.ground.append(ground)
        axes.set_xlim(0.0, longest_m / unit.m_per_distance)
        if lows:
            axes.set_ylim(min(lows) / unit.m_per_height, max(tops) / unit.m_per_height)
        facts = report.facts
        words = f"{legible(facts.name)[:MOST_NAME]}  {unit.distance_text(facts.length_m)}"
        words += "" if facts.gain_m is None else f"  {unit.gain_text(facts.gain_m)}"
        axes.set_title(
            words, loc="left", color=INK, fontsize=10.5, fontfamily=FAMILY, parse_math=False
        )
        found.rows.append(axes)
    found.rows[-1].set_xlabel(
        f"{unit.distance}; heights in {unit.height}", color=SOFT, fontsize=9.5, fontfamily=FAMILY
    )
    return found


def _ground(
    axes: Axes, report: Report, m_per_distance: float, m_per_height: float
) -> PolyCollection | None:
    """The stages one after another as pieces of 100 m, each in the colour of its grade."""
    shapes, colours, offset_m = [], [], 0.0
    for profile in report.profiles:
        if profile.cells is not None:
            count = max(round(profile.length_m / PIECE_M), 1)
            edge_m = np.linspace(0.0, profile.length_m, count + 1)
            high_m = np.interp(edge_m, profile.distance_m, profile.elevation_m)
            x, y = (offset_m + edge_m) / m_per_distance, high_m / m_per_height
            base = np.full(count, -1e4)
            corners = [(x[:-1], base), (x[:-1], y[:-1]), (x[1:], y[1:]), (x[1:], base)]
            shapes.append(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))
            colours.append(grade_colours(np.diff(high_m) / np.diff(edge_m)))
        offset_m += profile.length_m
    if not shapes:
        return None
    made = PolyCollection(
        list(np.concatenate(shapes)), facecolors=np.concatenate(colours), edgecolors="face",
        linewidths=0.2,
    )  # fmt: skip
    axes.add_collection(made)
    return made
