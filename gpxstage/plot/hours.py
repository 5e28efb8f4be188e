"""The curve of hours below the profile: when one is where, with the band of p10 to p90."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from gpxstage.plot import ticks
from gpxstage.plot.colours import BAND, FAINT, INK, RULE, SOFT, STAMP
from gpxstage.plot.legs import clock_of
from gpxstage.plot.page import CAP_IN, write
from gpxstage.plot.scene import RANGE
from gpxstage.units import HOUR_S, MINUTE_S, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.plot.frame import Frame
    from gpxstage.plot.legs import Leg
    from gpxstage.plot.scene import Scene, Visit

NODES = 250  # of a whole picture's band: it is smooth
MOST_TICKS = 4  # steps
HEADROOM = 1.04
TICK_PT = 8.5
MARK_IN = 0.05  # half the width of a cutoff's mark


@dataclass(frozen=True, eq=False)
class Hours:
    """The artists of the curve of hours, in seconds of the race's or of each stage's clock."""

    axes: Axes
    band: PolyCollection | None  # p10 to p90
    middle: LineCollection  # without draws, a line a stage and level
    cutoffs: LineCollection | None
    heights: list[Text]  # the hours at the left


def put_hours(figure: Figure, axes: Axes, frame: Frame, scene: Scene) -> Hours:
    """Draw the curve with its band, the cutoffs and the hours at the left."""
    shapes = [band for leg in scene.legs if (band := _band(leg, frame)) is not None]
    curves = [line for leg in scene.legs for line in _lines(leg, frame)]
    marks = list(_marks(frame, scene))
    low_s, high_s = ends_s(scene)
    axes.set_ylim(low_s, low_s + HEADROOM * max(high_s - low_s, frame.plan.span_s))
    drawn = None
    if shapes:
        drawn = PolyCollection(shapes, facecolors=BAND, linewidths=0.0, zorder=2)
        axes.add_collection(drawn, autolim=False)
    middle = LineCollection(curves, colors=INK, linewidths=1.2, zorder=3)
    axes.add_collection(middle, autolim=False)
    cutoffs = None
    if marks:
        tints = [STAMP if late else RULE for _, late in marks]
        cutoffs = LineCollection([at for at, _ in marks], colors=tints, linewidths=1.6, zorder=4)
        axes.add_collection(cutoffs, autolim=False)
    return Hours(axes, drawn, middle, cutoffs, _heights(figure, axes, frame))


def ends_s(scene: Scene) -> tuple[float, float]:
    """The first and the last moment that the curve shows, cutoffs among them."""
    low_s, high_s = (
        [],
        [visit.cutoff_s for _, visit in _visits(scene) if visit.cutoff_s is not None],
    )
    for leg in scene.legs:
        for estimate in (leg.estimate, *leg.others) if leg.estimate is not None else ():
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


def _band(leg: Leg, frame: Frame) -> Array | None:
    """(2 n, 2) there along p10 and back along p90; None without draws."""
    spread = leg.spread
    if spread is None or leg.estimate is None:
        return None
    count = max(2, round(NODES * (leg.end - leg.start) / frame.width))
    at_m = np.linspace(0.0, leg.profile.length_m, count + 1)
    k = np.clip(np.searchsorted(spread.edge_m, at_m), 0, len(spread.edge_m) - 1)
    waited_s = np.concatenate(
        [np.zeros((len(spread.stop_s), 1)), np.cumsum(spread.stop_s, axis=1)], axis=1
    )
    before = np.searchsorted(spread.halt_m, spread.edge_m[k])
    clock_s = spread.offset_s[:, None] + spread.moving_s[:, k] + waited_s[:, before]
    low_s, high_s = np.quantile(clock_s, RANGE, axis=0)
    middle_s = np.array([leg.estimate.arrival_s(float(m)) for m in spread.edge_m[k]])
    across = leg.reach(spread.edge_m[k])
    there = np.column_stack([across, np.minimum(low_s, middle_s)])
    back = np.column_stack([across, np.maximum(high_s, middle_s)])
    return np.concatenate([there, back[::-1]])


def _lines(leg: Leg, frame: Frame) -> Iterator[Array]:
    """The run without draws, and those of the other levels of a field."""
    if leg.estimate is None:
        return
    for estimate in (leg.estimate, *leg.others):
        yield _line(leg, estimate, frame)


def _line(leg: Leg, estimate: StageEstimate, frame: Frame) -> Array:
    at_m, clock_s = clock_of(estimate)
    count = max(2, round(NODES * (leg.end - leg.start) / frame.width))
    stands = np.flatnonzero(np.diff(at_m) == 0.0)
    even = np.linspace(0, len(at_m) - 1, count + 1).astype(int)
    kept = np.unique(np.concatenate([even, stands, stands + 1]))
    return np.column_stack([leg.reach(at_m[kept]), clock_s[kept]])


def _marks(frame: Frame, scene: Scene) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """A short line at each cutoff, and whether the middle is past it."""
    half = MARK_IN * frame.width / (frame.right_in - frame.left_in)
    for at, visit in _visits(scene):
        if visit.cutoff_s is not None:
            middle = min(max(at, half), frame.width - half)
            ends = (middle - half, visit.cutoff_s), (middle + half, visit.cutoff_s)
            yield list(ends), visit.is_late


def _heights(figure: Figure, axes: Axes, frame: Frame) -> list[Text]:
    """Hours at the left of the curve."""
    foot_in, top_in = frame.hours_in
    low_s, high_s = axes.get_ylim()
    step = ticks.step_s(high_s - low_s, MOST_TICKS)
    at_s = step * np.arange(np.ceil(low_s / step - 1e-9) + 0.0, np.floor(high_s / step) + 1.0)
    rules = [[(0.0, s), (frame.width, s)] for s in at_s]
    axes.add_collection(
        LineCollection(rules, colors=FAINT, linewidths=0.4, zorder=1), autolim=False
    )
    texts = []
    for s in at_s:
        y_in = foot_in + (top_in - foot_in) * (float(s) - low_s) / (high_s - low_s)
        said = f"{number(s / HOUR_S)} h" if step >= HOUR_S else f"{number(s / MINUTE_S)} min"
        at = frame.left_in - 0.1, y_in - CAP_IN * TICK_PT
        texts.append(write(figure, *at, said, TICK_PT, color=SOFT, ha="right"))
    return texts
