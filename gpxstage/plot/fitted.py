"""The picture of a fit: speed against grade, and how much slower or faster each hour was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from gpxstage.estimator.fit import solving
from gpxstage.plot.style import (
    DPI,
    FAINT,
    HIKE,
    INK,
    RAN,
    RULE,
    SOFT,
    open_frame,
    put_heading,
    write,
)
from gpxstage.text import counted
from gpxstage.units import HOUR_S, UNITS, Units, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection, PolyCollection
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from gpxstage.estimator.fit.solving import Curve, Fitted, Left, Measured

SIZE_IN = (13.0, 5.6)
LEFT_IN, NUMBERS_IN = 0.715, 0.69  # of the words above; those of the numbers from the upper edge
PIECE_M = 200.0  # of way with one measured speed, about
MOST_GRADE, MOST_LEFT = 0.42, 1.0
UNDER_LEGEND = 1.18  # so much higher than what is drawn are the axes of speed
FASTEST_SHARE = 0.995  # of the pieces are inside the picture
LEAST_BINS = 4  # in an hour that gets a median
# outings as a whole: stretches of 200 m vary far more
BAND_NAME = "where the fit expects 8 of 10 outings"


@dataclass(eq=False)
class FittedDrawing:
    """The figure and its artists by role."""

    figure: Figure
    speed: Axes
    hours: Axes
    walked: PathCollection | None = None
    run: PathCollection | None = None
    unknown: PathCollection | None = None
    band: PolyCollection | None = None
    line: Line2D | None = None
    left: PathCollection | None = None
    middle: Line2D | None = None
    title: Text | None = None


def draw(fitted: Fitted, units: str = "metric") -> FittedDrawing:
    """Draw the picture of a fit, in metric or imperial units."""
    figure = Figure(SIZE_IN, dpi=DPI, facecolor="white")
    speed = figure.add_axes((0.055, 0.125, 0.535, 0.675))
    hours = figure.add_axes((0.655, 0.125, 0.33, 0.675))
    found = FittedDrawing(figure, speed, hours)
    _speeds(found, solving.measured(fitted), solving.curve(fitted), UNITS[units])
    _hours(found, solving.left(fitted))
    _words(found, fitted, UNITS[units])
    return found


def _speeds(found: FittedDrawing, measured: Measured, curve: Curve, unit: Units) -> None:
    """Draw the measured stretches by gait, and the fitted line with its band."""
    axes = found.speed
    open_frame(axes, f"Speed, {unit.distance}/h", "grade, %")
    scale = HOUR_S / unit.m_per_distance
    walked, run = measured.hiked >= solving.HALF, measured.hiked < solving.HALF
    x, y = 100.0 * measured.grade, scale * measured.mps

    def dots(mask: NDArray[np.bool_], colour: str, label: str) -> PathCollection | None:
        if not mask.any():
            return None
        return axes.scatter(
            x[mask], y[mask], 9.0, color=colour, label=label, alpha=0.45, linewidths=0.0, zorder=2.0
        )

    piece = unit.height_text(PIECE_M)
    found.walked = dots(walked, HIKE, f"{piece} walked, by cadence")
    found.run = dots(run, RAN, f"{piece} run, by cadence")
    found.unknown = dots(~walked & ~run, FAINT, f"{piece} measured")
    grade = 100.0 * curve.grade
    low, high = scale * curve.low_mps, scale * curve.high_mps
    found.band = axes.fill_between(
        grade, low, high, color=INK, alpha=0.13, linewidth=0.0, zorder=1.0, label=BAND_NAME
    )
    (found.line,) = axes.plot(
        grade, scale * curve.mps, color=INK, linewidth=2.0, zorder=3.0, label="fitted"
    )
    top = max(float(np.quantile(y, FASTEST_SHARE)), float(high.max()))
    axes.set_xlim(-100.0 * MOST_GRADE, 100.0 * MOST_GRADE)
    axes.set_ylim(0.0, UNDER_LEGEND * top)
    legend = axes.legend(
        loc="upper right", ncols=2, facecolor="white", edgecolor="none", framealpha=1.0,
        fontsize=9, labelcolor=INK, borderaxespad=0.0,
    )  # fmt: skip
    dotted = [each for each in (found.walked, found.run, found.unknown) if each is not None]
    for handle in legend.legend_handles[: len(dotted)]:
        if handle is not None:
            handle.set_alpha(1.0)


def _hours(found: FittedDrawing, left: Left) -> None:
    """Draw real against fitted time of each bin, and the median of each hour."""
    axes = found.hours
    open_frame(axes, "Slower (+) than fitted, %", "hours since the start")
    share = 100.0 * np.clip(left.share, -MOST_LEFT, MOST_LEFT)
    found.left = axes.scatter(left.clock_h, share, s=10.0, color=FAINT, alpha=0.7, linewidths=0.0)
    hour = np.floor(left.clock_h).astype(int)
    full = [h for h in np.unique(hour) if (hour == h).sum() >= LEAST_BINS]
    middle = [float(np.median(share[hour == h])) for h in full]
    (found.middle,) = axes.plot(
        np.array(full) + 0.5, middle, color=INK, linewidth=2.0, marker="o", markersize=4.0
    )
    axes.axhline(0.0, color=RULE, linewidth=0.8, zorder=0.5)
    low, high = np.quantile(share, (1.0 - FASTEST_SHARE, FASTEST_SHARE))
    axes.set_ylim(min(-30.0, 1.1 * float(low)), max(30.0, 1.1 * float(high)))
    axes.set_xlim(0.0, max(1.0, float(np.ceil(left.clock_h.max()))))
    axes.yaxis.set_major_formatter(
        lambda value, _: f"{value:+.0f}".replace("-", "−").replace("+0", "0")
    )


def _words(found: FittedDrawing, fitted: Fitted, unit: Units) -> None:
    """Write how much was recorded, and the fitted numbers with their spreads."""
    count, hours = len(fitted.outings), sum(o.moving_s for o in fitted.outings) / HOUR_S
    outings = f"{counted(count, 'outing')}, {number(hours, 1)} h of moving"
    flat, descent = fitted.runner.flat_speed_mps, fitted.runner.descent_m_per_h
    spread = {p.name: 100.0 * p.spread for p in fitted.parameters}
    numbers = (
        f"ability {unit.speed(flat)} {unit.distance} flat in an hour"
        f" ± {number(spread['flat_speed_mps'])} %,"
        f" descents {unit.height_text(descent)} an hour ± {number(spread['descent_m_per_h'])} %"
    )
    found.title = put_heading(found.figure, LEFT_IN, outings)
    write(found.figure, LEFT_IN, SIZE_IN[1] - NUMBERS_IN, numbers, 10.0, color=SOFT)
