"""The picture of a training: hours and climb of each week, and those of the race beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from gpxstage.plot.style import (
    DPI,
    FAINT,
    FAMILY,
    HIKE,
    INK,
    RAN,
    RULE,
    SOFT,
    open_frame,
    put_heading,
    writable,
)
from gpxstage.text import one_line
from gpxstage.units import HOUR_S, UNITS, hours, number, written_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from gpxstage.facts.workload import Amounts, Training, Week

SIZE_IN = (13.0, 6.4)
LEFT_IN = 0.78
APART = 1.6  # from the last week to the race, in weeks
MOST_LETTERS = 60  # of a race's name in the title
WIDTH = 0.72  # of a bar, in weeks
LEAST_WEEKS = 6  # for which there is always room, so that few bars are not wide


@dataclass(eq=False)
class WeeksDrawing:
    """The figure and its artists by role; the last bar of each is the race."""

    figure: Figure
    hours: Axes
    climb: Axes
    hiked: BarContainer | None = None
    run: BarContainer | None = None
    moving: BarContainer | None = None  # where nothing is known of the gait
    climbed: BarContainer | None = None
    title: Text | None = None


def draw(training: Training, weeks: Sequence[Week], units: str = "metric") -> WeeksDrawing:
    """Draw some weeks and the race, in metric or imperial units."""
    figure = Figure(SIZE_IN, dpi=DPI, facecolor="white")
    upper = figure.add_axes((0.06, 0.545, 0.92, 0.31))
    climb = figure.add_axes((0.06, 0.115, 0.92, 0.31))
    found, unit = WeeksDrawing(figure, upper, climb), UNITS[units]
    open_frame(upper, "Hours moving")
    open_frame(climb, f"Climb, {unit.height}")
    each = [*(week.covered for week in weeks), training.demands.whole]
    at = np.append(np.arange(len(weeks), dtype=np.float64), len(weeks) - 1.0 + APART)
    _hours(found, at, each)
    climb_high = np.array([part.gain_m for part in each]) / unit.m_per_height
    found.climbed = climb.bar(at, climb_high, WIDTH, color=FAINT)
    _above(climb, at, climb_high, [unit.high(part.gain_m) for part in each])
    names = [written_day(week.start).rsplit(" ", 1)[0] for week in weeks]
    for axes in (upper, climb):
        axes.set_xticks(at, [*names, "race"])
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
        middle, half = 0.5 * float(at[-1]), 0.5 * max(float(at[-1]), LEAST_WEEKS - 1.0 + APART)
        axes.set_xlim(middle - half - 0.6, middle + half + 0.6)
    last = f"the last {len(weeks)} weeks" if len(weeks) > 1 else "the last week"
    name = (writable(one_line(training.race)) or "the race")[:MOST_LETTERS]
    since = f"{last} of training: from Monday {written_day(weeks[0].start)}"
    found.title = put_heading(figure, LEFT_IN, f"{name}, and {since}")
    return found


def _hours(found: WeeksDrawing, at: NDArray[np.float64], each: Sequence[Amounts]) -> None:
    """Draw moving hours, hiked below run; in one colour where a gait is not known."""
    axes = found.hours
    moving_h = np.array([part.moving_s for part in each]) / HOUR_S
    hiked_s = [part.hiked_s for part in each]
    known = [value_s for value_s in hiked_s if value_s is not None]
    if len(known) == len(hiked_s):
        hiked_h = np.array(known) / HOUR_S
        found.hiked = axes.bar(at, hiked_h, WIDTH, color=HIKE, label="hiked")
        found.run = axes.bar(
            at, moving_h - hiked_h, WIDTH, bottom=hiked_h, color=RAN, label="run",
            edgecolor=RULE, linewidth=0.6,
        )  # fmt: skip
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            frameon=False,
            fontsize=9,
            labelcolor=INK,
            ncols=2,
        )
    else:
        found.moving = axes.bar(at, moving_h, WIDTH, color=FAINT)
    _above(axes, at, moving_h, [hours(part.moving_s) for part in each])


def _above(
    axes: Axes, at: NDArray[np.float64], values: NDArray[np.float64], words: Sequence[str]
) -> None:
    """Write each value over its bar; nothing over a week without an outing."""
    axes.set_ylim(0.0, 1.18 * max(float(values.max()), 1.0))
    for x, value, word in zip(at, values, words, strict=True):
        if value > 0.0:
            axes.annotate(
                word,
                (float(x), float(value)),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=SOFT,
                fontsize=9,
                fontfamily=FAMILY,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # over the lines
            )
