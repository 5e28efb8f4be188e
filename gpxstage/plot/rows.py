"""What stands around the profile: heights at its left, distances, clocks and hours below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.plot import captions
from gpxstage.plot.colours import FAINT, INK, SOFT
from gpxstage.plot.frame import LEFT_IN, RIGHT_IN, STRIP_IN
from gpxstage.plot.page import CAP_IN, in_row, lines, width_in, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.plot.frame import Frame
    from gpxstage.plot.scene import Scene
    from gpxstage.plot.units import Units

TICK_PT = 8.5
STEPS = (1.0, 2.0, 5.0)
MOST_HEIGHTS, MOST_DISTANCES, MOST_HOURS = 7, 18, 14


def even_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers in a range, as many as may be: 1, 2 or 5 times a power of ten apart."""
    power = np.floor(np.log10((high - low) / most))
    steps = [step * 10.0**p for p in (power, power + 1.0) for step in STEPS]
    step = next(step for step in steps if (high - low) / step <= most - 1 + 1e-9)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(step * k) + 0.0 for k in np.arange(first, last + 1.0)]  # no negative zero


def height_ticks(frame: Frame, unit: Units) -> list[float]:
    """Altitudes that get a line and a number, in the unit."""
    return even_ticks(frame.low_m / unit.height_m, frame.high_m / unit.height_m, MOST_HEIGHTS)


def put_heights(figure: Figure, frame: Frame, unit: Units) -> list[Text]:
    """Altitudes at the left; those to stress are darker, the highest says the unit."""
    ticks = height_ticks(frame, unit)
    texts = []
    for tick in ticks:
        said = unit.height_text(tick * unit.height_m)
        said = said if tick == ticks[-1] else said.rsplit(" ", 1)[0]
        y_in = frame.y(tick * unit.height_m) - CAP_IN * TICK_PT
        color = INK if tick in unit.marked else SOFT
        texts.append(write(figure, LEFT_IN - 0.1, y_in, said, TICK_PT, color=color, ha="right"))
    return texts


def put_rows(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """Below the profile: what the strip is, distances, clocks, hours."""
    texts = _distances(figure, frame, unit)
    if frame.plan.strip and any(leg.estimate is not None for leg in scene.legs):
        y_in = frame.strip_in + 0.5 * STRIP_IN - CAP_IN * TICK_PT
        texts.append(_row_name(figure, y_in, "hiked"))
    return texts + _moments(figure, frame, scene)


def _row_name(figure: Figure, y_in: float, words: str) -> Text:
    return write(figure, LEFT_IN - 0.1, y_in, words, TICK_PT, color=SOFT, ha="right")


def _distances(figure: Figure, frame: Frame, unit: Units) -> list[Text]:
    ticks = even_ticks(0.0, frame.length_m / unit.distance_m, MOST_DISTANCES)
    digits = 0 if len(ticks) < 2 else max(0, int(np.ceil(-np.log10(ticks[1]) - 1e-9)))
    xs = [frame.x(tick * unit.distance_m) for tick in ticks]
    foot = frame.strip_in - 0.02
    lines(figure, [[(x, foot), (x, foot - 0.04)] for x in xs], FAINT, 0.8)
    texts = [_row_name(figure, frame.km_in, unit.distance)]
    for x, tick in zip(xs, ticks, strict=True):
        said = f"{tick:,.{digits}f}" if tick else "0"
        texts.append(write(figure, x, frame.km_in, said, TICK_PT, color=SOFT, ha="center"))
    return texts


def _moments(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Clocks and hours, one above the other at the same places."""
    told = list(captions.moments(scene, MOST_HOURS))
    spans = [(frame.x(at_m), max(width_in(w, TICK_PT) for w in words)) for at_m, *words in told]
    last = len(spans) - 1
    left = in_row(spans, (LEFT_IN, RIGHT_IN), 0.14, lambda k: (k not in (0, last), k))
    texts = []
    for row, name, y_in in ((1, "elapsed", frame.hours_in), (2, "clock", frame.clocks_in)):
        if not any(moment[row] for moment in told):
            continue
        texts.append(_row_name(figure, y_in, name))
        for k, start in left.items():
            words = str(told[k][row])
            x, align = _aligned(start, spans[k])
            texts.append(
                write(figure, x, y_in, words, TICK_PT, color=INK if row == 2 else SOFT, ha=align)
            )
    return texts


def _aligned(start: float, span: tuple[float, float]) -> tuple[float, str]:
    """Where and how a word of a column stands: at the page's edges the column leans inwards."""
    middle, width = span
    if start > middle - 0.5 * width + 1e-9:
        return start, "left"
    if start < middle - 0.5 * width - 1e-9:
        return start + width, "right"
    return middle, "center"
