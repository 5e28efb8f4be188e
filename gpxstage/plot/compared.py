"""The picture of several courses: one under another, kilometres and metres on one scale."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from gpxstage.plot.ground import put_ground
from gpxstage.plot.layout import SHEETS, vertical_m
from gpxstage.plot.panels import put_keys
from gpxstage.plot.scales import across_ticks, height_ticks
from gpxstage.plot.scene import compose
from gpxstage.plot.style import DPI, open_frame, put_heading
from gpxstage.text import legible
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gpxstage.facts.analysis import Report
    from gpxstage.units import Units

WIDE_IN, ROW_IN, HEAD_IN, FOOT_IN = 13.0, 1.9, 0.6, 0.7
LEFT_IN, RIGHT_IN = 0.78, 12.74  # the edges of the profiles
ABOVE_IN, BELOW_IN = 0.25, 0.4  # of each row, for its words
HEADROOM = 0.03  # share of the heights that is free above the highest
MOST_NAME = 70  # letters
MOST_HEIGHTS, MOST_DISTANCES = 6, 12  # numbers beside and below each profile


@dataclass(eq=False)
class ComparedDrawing:
    """The figure and its artists by role."""

    figure: Figure
    rows: list[Axes] = field(default_factory=list)
    ground: list[PolyCollection] = field(default_factory=list)


def draw(reports: Sequence[Report], units: str = "metric") -> ComparedDrawing:
    """Draw the profile of each report, coloured by grade; courses without heights stay empty."""
    unit, high_in = UNITS[units], HEAD_IN + ROW_IN * len(reports) + FOOT_IN
    found = ComparedDrawing(Figure((WIDE_IN, high_in), dpi=DPI, facecolor="white"))
    title = f"{len(reports)} courses on one scale" if len(reports) > 1 else "One course"
    put_heading(found.figure, LEFT_IN, title)
    races = [compose(report, None, "distance") for report in reports]
    longest_m = max(race.width for race in races)
    low_m, high_m = vertical_m([leg for race in races for leg in race.legs])
    ticks = across_ticks(races[0], longest_m, unit, MOST_DISTANCES)
    at_m = [unit.m_per_height * h for h in height_ticks(low_m, high_m, unit, MOST_HEIGHTS)]
    for k, (report, race) in enumerate(zip(reports, races, strict=True)):
        base_in = high_in - HEAD_IN - ROW_IN * (k + 1) + BELOW_IN
        box_in = LEFT_IN, base_in, RIGHT_IN - LEFT_IN, ROW_IN - ABOVE_IN - BELOW_IN
        page_in = WIDE_IN, high_in, WIDE_IN, high_in
        left, low, wide, high = (part / whole for part, whole in zip(box_in, page_in, strict=True))
        axes = found.figure.add_axes((left, low, wide, high))
        last = k + 1 == len(reports)
        below = f"{unit.distance}; heights in {unit.height}" if last else ""
        open_frame(axes, _name(report, unit), below)
        axes.set_xlim(0.0, longest_m)
        axes.set_ylim(low_m, high_m + HEADROOM * (high_m - low_m))
        axes.set_xticks([m for m, _ in ticks], [words for _, words in ticks])
        axes.set_yticks(at_m, [unit.high(m) for m in at_m])
        if fill := put_ground(axes, race).fill:
            found.ground.append(fill)
        found.rows.append(axes)
    if found.ground:
        sheet = replace(SHEETS["screen"], width_in=WIDE_IN, left_in=LEFT_IN, right_in=RIGHT_IN)
        put_keys(found.figure, sheet, frozenset({"grade"}))
    return found


def _name(report: Report, unit: Units) -> str:
    """Name, length and climb of a course."""
    facts = report.facts
    words = f"{legible(facts.name)[:MOST_NAME]}  {unit.distance_text(facts.length_m)}"
    return words + ("" if facts.gain_m is None else f"  {unit.gain_text(facts.gain_m)}")
