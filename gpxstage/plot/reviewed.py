"""The picture of a review: the recorded line, the plan and the even plan over the profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from gpxstage.plot.scales import step_s
from gpxstage.plot.style import DPI, FAINT, INK, RULE, open_frame, put_heading
from gpxstage.text import legible
from gpxstage.units import HOUR_S, UNITS, hms, hours, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from gpxstage.course import Array
    from gpxstage.facts.review import ReviewFacts

SIZE_IN = (13.0, 7.4)
LEFT_IN = 0.78
MOST_NAME = 90  # letters
MOST_HOURS, MOST_BEHIND, MOST_HEIGHTS = 7, 4, 4  # numbers at the left of each chart
COLOURS = {"recorded": INK, "plan": "#4583ba", "even plan": "#d9642f"}


@dataclass(eq=False)
class ReviewDrawing:
    """The figure and its artists by role."""

    figure: Figure
    clock: Axes
    behind: Axes
    ground: Axes
    lines: dict[str, Line2D] = field(default_factory=dict)
    gaps: dict[str, Line2D] = field(default_factory=dict)


def draw(
    review: ReviewFacts, along_m: Array, height_m: Array, units: str = "metric"
) -> ReviewDrawing:
    """Hours against distance, how far behind each plan, and the ground; *height_m* may be NaN."""
    unit = UNITS[units]
    figure = Figure(SIZE_IN, dpi=DPI, facecolor="white")
    clock = figure.add_axes((0.06, 0.48, 0.92, 0.385))
    behind = figure.add_axes((0.06, 0.275, 0.92, 0.15), sharex=clock)
    ground = figure.add_axes((0.06, 0.08, 0.92, 0.14), sharex=clock)
    found = ReviewDrawing(figure, clock, behind, ground)
    open_frame(clock, "Time since the start of the recording on the course, h:mm")
    open_frame(behind, "Behind (+) or ahead of (−) each plan, h:mm")
    open_frame(ground, f"Height, {unit.height}", unit.distance)
    name = legible(review.name)[:MOST_NAME]
    put_heading(figure, LEFT_IN, f"{name}: recorded {hms(review.whole.elapsed_s)}")
    _lines(found, review, unit.m_per_distance)
    behind.axhline(0.0, color=RULE, linewidth=0.8, zorder=0.5)
    if np.isfinite(height_m).any():
        ground.fill_between(
            along_m / unit.m_per_distance,
            height_m / unit.m_per_height,
            float(np.nanmin(height_m)) / unit.m_per_height,
            color=FAINT,
            alpha=0.6,
            linewidth=0.0,
        )
    ground.yaxis.set_major_formatter(lambda value, _: number(value))
    ground.yaxis.set_major_locator(MaxNLocator(MOST_HEIGHTS, steps=[1, 2, 5, 10]))
    ground.set_xlim(0.0, float(along_m[-1]) / unit.m_per_distance)
    for axes in (clock, behind):
        axes.tick_params(labelbottom=False)
    clock.set_ylim(bottom=0.0)
    _round_hours(clock, MOST_HOURS, signed=False)
    _round_hours(behind, MOST_BEHIND, signed=True)
    if found.lines:
        clock.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(found.lines), frameon=False,
            fontsize=9.5, labelcolor=INK, borderaxespad=0.0,
        )  # fmt: skip
    return found


def _round_hours(axes: Axes, most: int, *, signed: bool) -> None:
    """Write round hours and minutes at the left, at most so many: h:mm, as in the tables."""
    low_h, high_h = axes.get_ylim()
    axes.yaxis.set_major_locator(MultipleLocator(step_s(HOUR_S * (high_h - low_h), most) / HOUR_S))
    axes.yaxis.set_major_formatter(
        lambda value, _: hours(HOUR_S * value, signed=signed and bool(value))
    )


def _lines(found: ReviewDrawing, review: ReviewFacts, m_per_distance: float) -> None:
    """Draw each plan that is known for all legs."""
    legs = [leg for leg in review.legs if leg.to_m is not None and leg.from_m is not None]
    at = [(legs[0].from_m or 0.0) / m_per_distance] if legs else []
    at += [(leg.to_m or 0.0) / m_per_distance for leg in legs]
    recorded = _summed([leg.elapsed_s for leg in legs])
    for name, each in (
        ("recorded", [leg.elapsed_s for leg in legs]),
        ("plan", [leg.planned_s for leg in legs]),
        ("even plan", [leg.even_s for leg in legs]),
    ):
        known = [value for value in each if value is not None]
        if not legs or len(known) < len(each):
            continue
        total_h = _summed(known)
        label = f"{name} {hours(HOUR_S * total_h[-1])}"
        (found.lines[name],) = found.clock.plot(
            at, total_h, color=COLOURS[name], linewidth=2.0, marker="o", markersize=3.0,
            label=label, clip_on=False,
        )  # fmt: skip
        if name != "recorded":
            late_h = [a - b for a, b in zip(recorded, total_h, strict=True)]
            (found.gaps[name],) = found.behind.plot(
                at, late_h, color=COLOURS[name], linewidth=1.8, marker="o", markersize=3.0,
                clip_on=False,
            )  # fmt: skip


def _summed(each_s: list[int]) -> list[float]:
    """Hours on the clock at the ends of legs, from 0."""
    found = [0.0]
    for value_s in each_s:
        found.append(found[-1] + value_s / HOUR_S)
    return found
