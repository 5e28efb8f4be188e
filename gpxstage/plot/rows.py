"""What stands around the profile: heights at its left; ticks and moments below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.plot import captions, ticks
from gpxstage.plot.colours import FAINT, INK, SOFT, STAMP
from gpxstage.plot.frame import STRIP_IN
from gpxstage.plot.page import CAP_IN, in_row, lines, width_in, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.facts.analysis import Report
    from gpxstage.plot.captions import Moment
    from gpxstage.plot.frame import Frame
    from gpxstage.plot.how import How
    from gpxstage.plot.scene import Scene
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
    return ticks.even(
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
    told = ticks.across(scene, frame.width, unit, frame.plan.sheet.most_distances)
    xs = [frame.x(at) for at, _ in told]
    foot = frame.foot_in - 0.02
    lines(figure, [[(x, foot), (x, foot - 0.04)] for x in xs], FAINT, 0.8)
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
