"""The numbers around the profile: altitudes, rows of words below, and the curve of hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from gpxstage.plot import captions
from gpxstage.plot.layout import STRIP_IN
from gpxstage.plot.legs import clock_of
from gpxstage.plot.scene import RANGE
from gpxstage.plot.style import (
    BAND,
    CAP_IN,
    FAINT,
    INK,
    RULE,
    SOFT,
    STAMP,
    in_row,
    put_lines,
    width_in,
    write,
)
from gpxstage.units import HOUR_S, MINUTE_S, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts.analysis import Report
    from gpxstage.plot.captions import Moment
    from gpxstage.plot.layout import Frame, How
    from gpxstage.plot.legs import Leg
    from gpxstage.plot.scene import Scene, Visit
    from gpxstage.units import Units

TICK_PT = 8.5
MOST_HEIGHTS, MOST_MOMENTS = 7, 14
BETWEEN_IN = 0.17  # from one height to the next, at least
LEANING_IN = 0.06  # that a number may reach to the left of the course
STARTS, CUTOFF = "starts", "cutoff"


def plan_rows(report: Report, race: Scene, how: How, *, whole: bool) -> tuple[str, ...]:
    """Names of the rows below, from above: the ticks' first; the same for all stages of a race."""
    unit = how.unit
    first = {"distance": unit.distance, "time": "elapsed", "clock": "clock"}[how.across]
    known = any(leg.estimate is not None for leg in race.legs)
    shared = known and (report.course.format == "continuous" or len(race.legs) == 1 or not whole)
    starts = any([report.course.start, *(stage.start for stage in report.course.stages)])
    visits = [border.visit for border in race.borders]
    rows = [first]
    if race.levels and known:
        rows += [captions.level_name(level) for level in race.levels]
    else:
        rows += ["clock"] * (starts and shared)
        rows += ["elapsed"] * shared
        between = whole and shared and len(visits) > 2
        rows += [captions.EIGHT_OF_TEN] * (between and any(visit.low_s for visit in visits))
    glance = how.sheet.compact
    rows += [CUTOFF] * (
        not glance and known and any(visit.cutoff_s is not None for visit in visits)
    )
    rows += [STARTS] * (starts and not shared and how.across != "clock")
    rows += [unit.distance] * (shared and how.across != "distance")
    rows = list(dict.fromkeys(rows))
    return tuple(rows[:2] if glance and not race.levels else rows)


def height_ticks(frame: Frame, unit: Units) -> list[float]:
    """Altitudes that get a line and a number, in the unit."""
    top_m = min(frame.high_m, frame.top_m)
    most = 1 + int((frame.y(top_m) - frame.base_in) / BETWEEN_IN)
    return captions.even(
        frame.low_m / unit.m_per_height, top_m / unit.m_per_height, min(max(most, 2), MOST_HEIGHTS)
    )


def put_heights(figure: Figure, frame: Frame, unit: Units) -> list[Text]:
    """Altitudes at the left; those to stress are darker, the highest says the unit."""
    heights = height_ticks(frame, unit)
    texts = []
    for tick in heights:
        height_m = tick * unit.m_per_height
        said = unit.height_text(height_m) if tick == heights[-1] else unit.high(height_m)
        y_in = frame.y(tick * unit.m_per_height) - CAP_IN * TICK_PT
        color = INK if tick in unit.marked else SOFT
        texts.append(_beside(figure, frame, y_in, said, color))
    return texts


def put_rows(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """Below the profile: what the strips are, ticks, moments row by row."""
    texts = _ticks(figure, frame, scene, unit)
    if any(leg.estimate is not None for leg in scene.legs):
        for strip in frame.plan.strips:
            y_in = frame.strip_in(strip) + 0.5 * STRIP_IN - CAP_IN * TICK_PT
            texts.append(_beside(figure, frame, y_in, strip))
    return texts + _moments(figure, frame, scene, unit)


def _beside(figure: Figure, frame: Frame, y_in: float, words: str, color: str = SOFT) -> Text:
    return write(figure, frame.left_in - 0.1, y_in, words, TICK_PT, color=color, ha="right")


def _ticks(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """The row of what is across."""
    told = captions.across_ticks(scene, frame.width, unit, frame.plan.sheet.most_distances)
    xs = [frame.x(at) for at, _ in told]
    foot = frame.foot_in - 0.02
    put_lines(figure, [[(x, foot), (x, foot - 0.04)] for x in xs], FAINT, 0.8)
    texts = [_beside(figure, frame, frame.row_in(0), frame.plan.rows[0])]
    for x, (_, said) in zip(xs, told, strict=True):
        half_in = 0.5 * width_in(said, TICK_PT, True)
        if x + half_in > frame.plan.sheet.width_in:
            continue
        color, weight = (INK, "bold") if said.isalpha() else (SOFT, "normal")
        at = max(x, frame.left_in + half_in - LEANING_IN), frame.row_in(0)
        texts.append(write(figure, *at, said, TICK_PT, ha="center", color=color, weight=weight))
    return texts


def _moments(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """What is told of the borders, one row above the other at the same places."""
    names = frame.plan.rows[1:]
    told = captions.moments(scene, unit, MOST_MOMENTS)
    words = [[_word(moment, scene, name) for name in names] for moment in told]
    spans = [
        (frame.x(moment.at), max((width_in(w, TICK_PT) for w in column), default=0.0))
        for moment, column in zip(told, words, strict=True)
    ]
    last = len(spans) - 1
    left = in_row(spans, (frame.left_in, frame.right_in), 0.14, lambda k: (k not in (0, last), k))
    texts = []
    for row, name in enumerate(names):
        if not any(column[row] for column in words):
            continue
        texts.append(_beside(figure, frame, frame.row_in(row + 1), name))
        for k, start in left.items():
            x, align = _aligned(start, spans[k])
            strong = STAMP if name == CUTOFF and told[k].late else INK
            color = SOFT if name in ("elapsed", captions.EIGHT_OF_TEN) else strong
            text = words[k][row]
            if text:
                y_in = frame.row_in(row + 1)
                texts.append(write(figure, x, y_in, text, TICK_PT, color=color, ha=align))
    return texts


def _word(moment: Moment, scene: Scene, row: str) -> str:
    """What a row says of a moment."""
    names = [captions.level_name(level) for level in scene.levels]
    if row in names:
        return moment.levels[names.index(row)] if moment.levels else ""
    if row in ("clock", STARTS):
        return moment.clock
    if row == "elapsed":
        return moment.elapsed
    if row == CUTOFF:
        return moment.cutoff
    return moment.range if row == captions.EIGHT_OF_TEN else moment.distance


def _aligned(start: float, span: tuple[float, float]) -> tuple[float, str]:
    """Where and how a word of a column stands: at the page's edges the column leans inwards."""
    middle, width = span
    if start > middle - 0.5 * width + 1e-9:
        return start, "left"
    if start < middle - 0.5 * width - 1e-9:
        return start + width, "right"
    return middle, "center"


NODES = 250  # of a whole picture's band: it is smooth
MOST_TICKS = 4  # steps
HEADROOM = 1.04
HOUR_PT = 8.5
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
    step = captions.step_s(high_s - low_s, MOST_TICKS)
    at_s = step * np.arange(np.ceil(low_s / step - 1e-9) + 0.0, np.floor(high_s / step) + 1.0)
    rules = [[(0.0, s), (frame.width, s)] for s in at_s]
    axes.add_collection(
        LineCollection(rules, colors=FAINT, linewidths=0.4, zorder=1), autolim=False
    )
    texts = []
    for s in at_s:
        y_in = foot_in + (top_in - foot_in) * (float(s) - low_s) / (high_s - low_s)
        said = f"{number(s / HOUR_S)} h" if step >= HOUR_S else f"{number(s / MINUTE_S)} min"
        at = frame.left_in - 0.1, y_in - CAP_IN * HOUR_PT
        texts.append(write(figure, *at, said, HOUR_PT, color=SOFT, ha="right"))
    return texts
