"""The numbers around the profile: round ticks, altitudes at the left, rows of words below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from gpxstage.plot.layout import STRIP_IN, Frame, How
from gpxstage.plot.legs import clock_of
from gpxstage.plot.scene import EIGHT_OF_TEN, Border, Scene
from gpxstage.plot.style import (
    CAP_IN,
    FAINT,
    INK,
    SOFT,
    STAMP,
    elide,
    in_row,
    line_axes,
    put_lines,
    rgb,
    width_in,
    write,
)
from gpxstage.units import DAYS, HOUR_S, Units, clock_text, duration_text, range_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gpxstage.facts.analysis import Report

TICK_PT = 8.5
MOST_HEIGHTS, MOST_MOMENTS = 7, 14
BETWEEN_IN = 0.17  # from one height to the next, at least
LEANING_IN = 0.06  # that a number may reach to the left of the course
LONGEST_LEVEL_IN = 0.7
SHORT_S = 10.0 * HOUR_S  # a short text gives durations from here on in whole hours
CLOCK, ELAPSED, STARTS, CUTOFF = "clock", "elapsed", "starts", "cutoff"

# round numbers

Tick = tuple[float, str]
STEPS = (1.0, 2.0, 5.0)
MINUTES = (1, 2, 5, 10, 15, 30)
STEPS_H = (*(minutes / 60 for minutes in MINUTES), 1, 2, 3, 4, 6, 12, 24, 48, 96, 240)
MOST_OF_HOURS = 0.8  # words of hours are wider than distances


def even(low: float, high: float, most: int) -> list[float]:
    """Round numbers in a range, at most so many: 1, 2 or 5 times a power of ten apart."""
    power = np.floor(np.log10((high - low) / most))
    steps = [step * 10.0**p for p in (power, power + 1.0) for step in STEPS]
    step = next(step for step in steps if (high - low) / step <= most - 1 + 1e-9)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(step * k) + 0.0 for k in np.arange(first, last + 1.0)]  # no negative zero


def step_s(span_s: float, most: int) -> float:
    """The smallest step in round minutes or hours that fits into a span at most so often."""
    steps = (hours for hours in STEPS_H if span_s <= most * hours * HOUR_S)
    return HOUR_S * next(steps, STEPS_H[-1])


def across_ticks(scene: Scene, width: float, unit: Units, most: int) -> list[Tick]:
    """Places across a picture of that width in metres or seconds, and the words of each."""
    if scene.across == "distance":
        return list(_distances(width / unit.m_per_distance, unit, most))
    most = round(MOST_OF_HOURS * most)
    if scene.across == "clock":
        assert scene.start is not None
        return list(clock_ticks(scene.start, scene.first_s, width, most))
    step = step_s(width, most)
    first = np.ceil(scene.first_s / step - 1e-9)
    at_s = step * np.arange(first, np.floor((scene.first_s + width) / step) + 1.0)
    return [(float(s) - scene.first_s, duration_text(float(s), np.inf)) for s in at_s]


def _distances(width: float, unit: Units, most: int) -> Iterator[Tick]:
    found = even(0.0, width, most)
    digits = 0 if len(found) < 2 else max(0, int(np.ceil(-np.log10(found[1]) - 1e-9)))
    for tick in found:
        yield tick * unit.m_per_distance, f"{tick:,.{digits}f}" if tick else "0"


def clock_ticks(start: datetime, first_s: float, width_s: float, most: int) -> Iterator[Tick]:
    """Round hours of the local clock; midnight has the new day's name.

    Each step is converted to local time, so that a change of the clocks is kept.
    """
    step = timedelta(seconds=step_s(width_s, most))
    fine = min(step, timedelta(hours=1))
    begin = start.astimezone(UTC) + timedelta(seconds=first_s)
    day = begin.astimezone(start.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    moment, end = day.astimezone(UTC), begin + timedelta(seconds=width_s)
    while moment <= end:
        local = moment.astimezone(start.tzinfo)
        hours = timedelta(hours=local.hour, minutes=local.minute)
        days = timedelta(days=(local.date() - day.date()).days)
        if moment >= begin and not (days + hours) % step:
            words = f"{local:%H:%M}" if hours else DAYS[local.weekday()]
            yield (moment - begin).total_seconds(), words
        moment += fine


def height_ticks(low_m: float, high_m: float, unit: Units, most: int = MOST_HEIGHTS) -> list[float]:
    """Altitudes that get a line and a number, in the unit."""
    return even(low_m / unit.m_per_height, high_m / unit.m_per_height, most)


def frame_heights(frame: Frame, unit: Units) -> list[float]:
    """The altitudes for which the height of a page has room."""
    top_m = min(frame.high_m, frame.top_m)
    most = 1 + int((frame.y(top_m) - frame.base_in) / BETWEEN_IN)
    return height_ticks(frame.low_m, top_m, unit, min(max(most, 2), MOST_HEIGHTS))


def put_altitudes(axes: Axes, frame: Frame, unit: Units) -> LineCollection:
    """Draw a faint line at each round altitude, over the colours; those to stress are darker."""
    ticks = frame_heights(frame, unit)
    marked = [tick in unit.marked for tick in ticks]
    lines = [[(0.0, m), (frame.width, m)] for m in (tick * unit.m_per_height for tick in ticks)]
    tints = [np.array([*rgb(INK), 0.30 if each else 0.13]) for each in marked]
    return line_axes(axes, lines, tints, [0.8 if each else 0.6 for each in marked], 2.5)


def put_heights(figure: Figure, frame: Frame, unit: Units) -> list[Text]:
    """Write altitudes at the left; the highest has the unit, those to stress are darker."""
    heights = frame_heights(frame, unit)
    texts = []
    for tick in heights:
        height_m = tick * unit.m_per_height
        words = unit.height_text(height_m) if tick == heights[-1] else unit.high(height_m)
        color = INK if tick in unit.marked else SOFT
        texts.append(put_beside(figure, frame, frame.y(height_m), words, color))
    return texts


def put_beside(
    figure: Figure, frame: Frame, middle_in: float, words: str, color: str = SOFT
) -> Text:
    """Write words at the left of the course, with their middle at that height."""
    return _left_of_row(figure, frame, middle_in - CAP_IN * TICK_PT, words, color)


def _left_of_row(figure: Figure, frame: Frame, y_in: float, words: str, color: str = SOFT) -> Text:
    return write(figure, frame.left_in - 0.1, y_in, words, TICK_PT, color=color, ha="right")


# the rows below


@dataclass(frozen=True)
class Moment:
    """What is written below one place, by the name of its row."""

    at: float
    words: dict[str, str]
    late: bool = False  # past its cutoff


def moments(scene: Scene, unit: Units, most: int) -> list[Moment]:
    """At the borders, and within a single stage at round hours or distances."""
    known = [border for border in scene.borders if border.visit.elapsed_s is not None]
    if not scene.one_clock:
        return [_moment(scene, border, unit, np.inf) for border in scene.borders]
    if not known:
        return []
    exact_s = 24.0 * HOUR_S if (known[-1].visit.elapsed_s or 0.0) < 24.0 * HOUR_S else SHORT_S
    found = [_moment(scene, border, unit, exact_s) for border in known]
    if len(known) == 2:
        found[1:1] = _between(scene, unit, most, exact_s)
    return found


def _moment(scene: Scene, border: Border, unit: Units, exact_s: float) -> Moment:
    """The words below a border; durations have their minutes below *exact_s*."""
    visit, start, begins = border.visit, border.clock, border.begins

    def when(after_s: float | None, exact_below_s: float = exact_s) -> str:
        if after_s is None:
            return ""
        if start is None:
            return duration_text(after_s, exact_below_s)
        return clock_text(start, after_s)

    closes = when(visit.cutoff_s, np.inf)  # a rule is exact, an estimate is not
    shared = scene.one_clock
    low_s, high_s = visit.low_s or 0.0, visit.high_s or 0.0
    words = {
        unit.distance: unit.far(border.length_m, 0),
        ELAPSED: "" if visit.elapsed_s is None else duration_text(visit.elapsed_s, exact_s),
        CLOCK: when(visit.elapsed_s) if shared and start is not None else "",
        STARTS: "" if begins is None else clock_text(begins, 0.0),
        EIGHT_OF_TEN: range_text(low_s, high_s, exact_s) if low_s > 0.0 else "",
        CUTOFF: f"{'past ' if visit.is_late else ''}{closes}",
    }
    if shared or border.length_m:
        names = map(level_name, scene.levels)
        words |= {name: when(s) for name, s in zip(names, visit.levels_s, strict=False)}
    return Moment(border.at, words, visit.is_late)


def _between(scene: Scene, unit: Units, most: int, exact_s: float) -> list[Moment]:
    """Within a stage: every full hour, or two, or six; round distances where hours are across."""
    (leg,) = scene.legs
    assert leg.estimate is not None
    place_m, clock_s = clock_of(leg.estimate)
    if scene.across == "distance":
        step = step_s(float(clock_s[-1] - clock_s[0]), most)
        first, last = np.floor(clock_s[0] / step) + 1.0, np.ceil(clock_s[-1] / step)
        every_s = step * np.arange(first, last)
        at_m = np.interp(every_s, clock_s, place_m)
    else:
        ticks = even(0.0, leg.profile.length_m / unit.m_per_distance, most)
        at_m = np.array([unit.m_per_distance * tick for tick in ticks if tick > 0.0])
        every_s = np.array([leg.estimate.arrival_s(float(m)) for m in at_m])
    return [
        Moment(
            float(at),
            {
                unit.distance: f"{m / unit.m_per_distance:,g}",
                ELAPSED: duration_text(float(s), exact_s),
                CLOCK: "" if scene.start is None else clock_text(scene.start, float(s)),
            },
        )
        for at, m, s in zip(leg.reach(at_m), at_m, every_s, strict=True)
    ]


def level_name(level: str) -> str:
    """A level's name beside its row."""
    return elide(level, LONGEST_LEVEL_IN, TICK_PT)


def row_of_ticks(how: How) -> str:
    """The name of the row of ticks: what is across the picture."""
    return {"distance": how.unit.distance, "time": ELAPSED, "clock": CLOCK}[how.across]


def plan_rows(report: Report, race: Scene, how: How, *, whole: bool) -> tuple[str, ...]:
    """Names of the rows from above, the ticks' first; the same for all stages of a race."""
    unit = how.unit
    known = any(leg.estimate is not None for leg in race.legs)
    shared = known and (report.course.format == "continuous" or len(race.legs) == 1 or not whole)
    starts = any([report.course.start, *(stage.start for stage in report.course.stages)])
    visits = [border.visit for border in race.borders]
    rows = [row_of_ticks(how)]
    if race.levels and known:
        rows += map(level_name, race.levels)
    else:
        rows += [CLOCK] * (starts and shared)
        rows += [ELAPSED] * shared
        between = whole and shared and len(visits) > 2
        rows += [EIGHT_OF_TEN] * (between and any(visit.low_s for visit in visits))
    glance = how.sheet.compact
    closes = any(visit.cutoff_s is not None for visit in visits)
    rows += [CUTOFF] * (closes and known and not glance)
    rows += [STARTS] * (starts and not shared and how.across != "clock")
    rows += [unit.distance] * (shared and how.across != "distance")
    rows = list(dict.fromkeys(rows))
    return tuple(rows[:2] if glance and not race.levels else rows)


def put_rows(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """Write the names of the strips, the ticks, and the moments row by row."""
    texts = _ticks(figure, frame, scene, unit)
    if any(leg.estimate is not None for leg in scene.legs):
        for strip in frame.plan.strips:
            middle_in = frame.strip_in(strip) + 0.5 * STRIP_IN
            texts.append(put_beside(figure, frame, middle_in, strip))
    return texts + _moments(figure, frame, scene, unit)


def _ticks(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """The row of what is across."""
    ticks = across_ticks(scene, frame.width, unit, frame.plan.sheet.most_distances)
    xs = [frame.x(at) for at, _ in ticks]
    foot = frame.foot_in - 0.02
    put_lines(figure, [[(x, foot), (x, foot - 0.04)] for x in xs], FAINT, 0.8)
    y_in = frame.row_in(0)
    texts = [_left_of_row(figure, frame, y_in, frame.plan.rows[0])]
    for x, (_, words) in zip(xs, ticks, strict=True):
        half_in = 0.5 * width_in(words, TICK_PT, True)
        if x + half_in > frame.plan.sheet.width_in:
            continue
        color, weight = (INK, "bold") if words.isalpha() else (SOFT, "normal")
        at_in = max(x, frame.left_in + half_in - LEANING_IN)
        texts.append(
            write(figure, at_in, y_in, words, TICK_PT, ha="center", color=color, weight=weight)
        )
    return texts


def _moments(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """One row above the other, the words of one place below each other."""
    names = frame.plan.rows[1:]
    found = moments(scene, unit, MOST_MOMENTS)
    columns = [[moment.words.get(name, "") for name in names] for moment in found]
    spans = [
        (frame.x(moment.at), max((width_in(w, TICK_PT) for w in column), default=0.0))
        for moment, column in zip(found, columns, strict=True)
    ]
    last = len(spans) - 1
    left = in_row(spans, (frame.left_in, frame.right_in), 0.14, lambda k: (k not in (0, last), k))
    texts = []
    for row, name in enumerate(names):
        if not any(column[row] for column in columns):
            continue
        y_in = frame.row_in(row + 1)
        texts.append(_left_of_row(figure, frame, y_in, name))
        for k, start in left.items():
            if not columns[k][row]:
                continue
            x, align = _aligned(start, spans[k])
            strong = STAMP if name == CUTOFF and found[k].late else INK
            color = SOFT if name in (ELAPSED, EIGHT_OF_TEN) else strong
            texts.append(write(figure, x, y_in, columns[k][row], TICK_PT, color=color, ha=align))
    return texts


def _aligned(start: float, span: tuple[float, float]) -> tuple[float, str]:
    """Where a column of words is, and its alignment: near the page's edges it leans inwards."""
    middle, width = span
    if start > middle - 0.5 * width + 1e-9:
        return start, "left"
    if start < middle - 0.5 * width - 1e-9:
        return start + width, "right"
    return middle, "center"
