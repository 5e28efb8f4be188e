"""The picture of several courses: one under another, kilometres and metres on one scale."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from gpxstage.plot.layout import SHEETS
from gpxstage.plot.legs import cell_edges_m, cell_grades, legs_of
from gpxstage.plot.panels import put_keys
from gpxstage.plot.scales import height_ticks
from gpxstage.plot.style import DPI, FAMILY, INK, SOFT, grade_colours, open_frame, write
from gpxstage.text import legible
from gpxstage.units import UNITS, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gpxstage.facts.analysis import Report
    from gpxstage.units import Units

WIDE_IN, ROW_IN, HEAD_IN, FOOT_IN = 13.0, 1.9, 0.6, 0.7
LEFT_IN, RIGHT_IN = 0.78, 12.74  # the edges of the profiles
TITLE_IN, TITLE_PT = 0.43, 13.0
BELOW = -1e4  # the foot of the shapes, under all heights
MOST_NAME = 70  # letters
MOST_HEIGHTS = 5  # numbers at the left of each profile


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
    title = f"{len(reports)} courses on one scale" if len(reports) > 1 else "One course"
    write(found.figure, LEFT_IN, high_in - TITLE_IN, title, TITLE_PT, weight="bold")
    for k, report in enumerate(reports):
        base_in = high_in - HEAD_IN - ROW_IN * (k + 1)
        axes = found.figure.add_axes(
            (
                LEFT_IN / WIDE_IN,
                (base_in + 0.4) / high_in,
                (RIGHT_IN - LEFT_IN) / WIDE_IN,
                (ROW_IN - 0.65) / high_in,
            )
        )
        open_frame(axes)
        if ground := _ground(axes, report, longest_m, (unit.m_per_distance, unit.m_per_height)):
            found.ground.append(ground)
        axes.set_xlim(0.0, longest_m / unit.m_per_distance)
        if lows:
            axes.set_ylim(min(lows) / unit.m_per_height, max(tops) / unit.m_per_height)
            axes.set_yticks(height_ticks(min(lows), max(tops), unit, MOST_HEIGHTS))
            axes.yaxis.set_major_formatter(lambda value, _: number(value))
        _name(axes, report, unit)
        found.rows.append(axes)
    found.rows[-1].set_xlabel(
        f"{unit.distance}; heights in {unit.height}", color=SOFT, fontsize=9.5, fontfamily=FAMILY
    )
    if found.ground:
        sheet = replace(SHEETS["screen"], width_in=WIDE_IN, left_in=LEFT_IN, right_in=RIGHT_IN)
        put_keys(found.figure, sheet, frozenset({"grade"}))
    return found


def _name(axes: Axes, report: Report, unit: Units) -> None:
    """Name, length and climb above a profile."""
    facts = report.facts
    words = f"{legible(facts.name)[:MOST_NAME]}  {unit.distance_text(facts.length_m)}"
    words += "" if facts.gain_m is None else f"  {unit.gain_text(facts.gain_m)}"
    axes.set_title(words, loc="left", color=INK, fontsize=10.5, fontfamily=FAMILY, parse_math=False)


def _ground(
    axes: Axes, report: Report, longest_m: float, m_per: tuple[float, float]
) -> PolyCollection | None:
    """The stages one after another, in the colours that their own pictures have at this length."""
    shapes, colours, offset_m = [], [], 0.0
    for leg in legs_of(report, None, "distance"):
        profile = leg.profile
        if profile.cells is not None:
            edge_m = cell_edges_m(leg, longest_m)
            colours.append(grade_colours(cell_grades(leg, edge_m)))
            for start_m, end_m in pairwise(edge_m):
                inner = (profile.distance_m > start_m) & (profile.distance_m < end_m)
                x_m = np.concatenate([[start_m], profile.distance_m[inner], [end_m]])
                high_m = np.interp(x_m, profile.distance_m, profile.elevation_m)
                x = (offset_m + x_m[[0, *range(len(x_m)), -1]]) / m_per[0]
                y = np.concatenate([[BELOW], high_m / m_per[1], [BELOW]])
                shapes.append(np.column_stack([x, y]))
        offset_m += profile.length_m
    if not shapes:
        return None
    made = PolyCollection(
        shapes, facecolors=np.concatenate(colours), edgecolors="face", linewidths=0.2
    )
    axes.add_collection(made)
    return made
