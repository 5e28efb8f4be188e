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

from gpxstage.plot import style
from gpxstage.plot.layout import HIKED, MARKS_IN, NEXT, SLEEP, SLEEPY, STRIP_IN, Frame, How
from gpxstage.plot.pictograms import OFFERS, put_around, shown
from gpxstage.plot.scene import EIGHT_OF_TEN, Border, Scene, when
from gpxstage.plot.style import GAP_IN, TICK_PT
from gpxstage.units import DAYS, HOUR_S, Units, clock, clock_text, duration_text, hours, range_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


RACE_PT, MARK_PT = 7.5, 7.5
MOST_HEIGHTS = 7
SHORTEST_LINE_IN = 0.15  # between two words
BETWEEN_IN = 0.17  # from one height to the next, at least
LEANING_IN = 0.06  # that a number of the ticks may reach to the left of the course
LONGEST_LEVEL_IN, LONGEST_BESIDE_IN = 0.7, 0.75
SHORT_S = 10.0 * HOUR_S  # a short text gives durations from here on in whole hours
CLOCK, ELAPSED, STARTS, CUTOFF = "clock", "elapsed", "starts", "cutoff"
ARRIVES = "arrives"  # the clock at the ends of stages that have their own starts
RACE = "race "  # before the unit: kilometres of the race in the picture of a stage
FINE = 0.5  # kilometres or miles between ticks: whole ones would repeat

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
    step = step_s(width, most)
    if scene.across == "clock" and not scene.one_clock:
        return list(_clocks_afresh(scene, step))
    if scene.across == "clock":
        assert scene.start is not None
        return list(clock_ticks(scene.start, scene.first_s, width, step))
    first = np.ceil(scene.first_s / step - 1e-9)
    at_s = step * np.arange(first, np.floor((scene.first_s + width) / step) + 1.0)
    return [(float(s) - scene.first_s, duration_text(float(s), np.inf)) for s in at_s]


def _distances(width: float, unit: Units, most: int) -> Iterator[Tick]:
    found = even(0.0, width, most)
    digits = 0 if len(found) < 2 else max(0, int(np.ceil(-np.log10(found[1]) - 1e-9)))
    for tick in found:
        yield tick * unit.m_per_distance, f"{tick:,.{digits}f}" if tick else "0"


def _clocks_afresh(scene: Scene, step_s: float) -> Iterator[Tick]:
    """Day and hour of each stage's start, and the round hours until its end."""
    for leg in scene.legs:
        assert leg.stage.start is not None
        yield leg.start, clock_text(leg.stage.start, 0.0)
        for at, words in clock_ticks(leg.stage.start, 0.0, leg.end - leg.start, step_s):
            yield leg.start + at, words


def clock_ticks(start: datetime, first_s: float, width_s: float, step_s: float) -> Iterator[Tick]:
    """Round hours of the local clock; midnight has the new day's name.

    Each step is converted to local time, so that a change of the clocks is kept.
    """
    step = timedelta(seconds=step_s)
    fine = min(step, timedelta(hours=1))
    begin = start.astimezone(UTC) + timedelta(seconds=first_s)
    day = begin.astimezone(start.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    moment, end = day.astimezone(UTC), begin + timedelta(seconds=width_s)
    while moment <= end:
        local = moment.astimezone(start.tzinfo)
        hours = timedelta(hours=local.hour, minutes=local.minute)
        days = timedelta(days=(local.date() - day.date()).days)
        if moment >= begin and not (days + hours) % step:
            words = clock(local).partition(" ")[2] if hours else DAYS[local.weekday()]
            yield (moment - begin).total_seconds(), words
        moment += fine


def height_ticks(low_m: float, high_m: float, unit: Units, most: int = MOST_HEIGHTS) -> list[float]:
    """Altitudes that get a line and a number, in the unit."""
    return even(low_m / unit.m_per_height, high_m / unit.m_per_height, most)


def frame_heights(frame: Frame) -> list[float]:
    """The altitudes for which the height of a page has room."""
    top_m = min(frame.high_m, frame.top_m)
    most = 1 + int((frame.y(top_m) - frame.base_in) / BETWEEN_IN)
    return height_ticks(frame.low_m, top_m, frame.how.unit, min(max(most, 2), MOST_HEIGHTS))


Box = tuple[float, float, float, float]  # left, right, lower and upper edge, in inches


def put_altitudes(axes: Axes, frame: Frame, boxes_in: Sequence[Box]) -> LineCollection:
    """Draw a faint line at each round altitude, over the colours; those to stress are darker.

    The lines have gaps where words are.
    """
    lines, marked, unit = [], [], frame.how.unit
    for tick in frame_heights(frame):
        m = tick * unit.m_per_height
        parts = list(_around(frame, [box for box in boxes_in if box[2] < frame.y(m) < box[3]]))
        lines += [[(start, m), (end, m)] for start, end in parts]
        marked += [tick in unit.marked] * len(parts)
    tints = [np.array([*style.rgb(style.INK), 0.30 if each else 0.13]) for each in marked]
    return style.line_axes(axes, lines, tints, [0.8 if each else 0.6 for each in marked], 2.5)


def _around(frame: Frame, boxes_in: Sequence[Box]) -> Iterator[tuple[float, float]]:
    """From where to where across the picture no box is in the way."""
    start = 0.0
    for left_in, right_in, _, _ in sorted(boxes_in):
        left, right = frame.at(left_in), frame.at(right_in)
        if frame.x(left) - frame.x(start) > SHORTEST_LINE_IN:
            yield start, left
        start = max(start, right)
    if start < frame.width:
        yield start, frame.width


def put_heights(figure: Figure, frame: Frame) -> list[Text]:
    """Write altitudes at the left; the highest has the unit, those to stress are darker."""
    unit, heights = frame.how.unit, frame_heights(frame)
    texts = []
    for tick in heights:
        height_m = tick * unit.m_per_height
        words = unit.height_text(height_m) if tick == heights[-1] else unit.high(height_m)
        color = style.INK if tick in unit.marked else style.SOFT
        texts.append(put_beside(figure, frame, frame.y(height_m), words, color=color))
    return texts


def put_beside(
    figure: Figure,
    frame: Frame,
    middle_in: float,
    words: str,
    *,
    color: str = style.SOFT,
    size: float = TICK_PT,
) -> Text:
    """Write words at the left of the course, with their middle at that height."""
    at = frame.left_in - 0.1, middle_in - style.CAP_IN * size
    return style.write(figure, *at, words, size, color=color, ha="right")


def _left_of_row(figure: Figure, frame: Frame, y_in: float, words: str) -> Text:
    return put_beside(figure, frame, y_in + style.CAP_IN * TICK_PT, words)


# the rows below


@dataclass(frozen=True)
class Moment:
    """What is written below one place, by the name of its row."""

    at: float
    words: dict[str, str]
    late: bool = False  # past its cutoff


def moments(scene: Scene, frame: Frame) -> list[Moment]:
    """At the borders; of a single stage without bases also at ticks, evenly spaced."""
    alone = len(scene.legs) == 1 and len(scene.borders) == 2
    found = [_moment(scene, border, frame, int(alone)) for border in scene.borders]
    if alone:
        found[1:1] = _between(scene, frame)
    return found


def _race_far(scene: Scene, along_m: float, frame: Frame) -> str:
    """A distance from the start of the race, with a digit more where ticks are that close."""
    unit, page_m = frame.how.unit, scene.length_m * frame.width / scene.width
    close_m = FINE * (frame.how.sheet.most_distances - 1) * unit.m_per_distance
    return unit.far(scene.before_m + along_m, int(page_m <= close_m))


def _moment(scene: Scene, border: Border, frame: Frame, digits: int) -> Moment:
    """The words below a border; *digits* are those of distances in the picture."""
    visit, start, begins = border.visit, border.clock, border.begins
    shared, unit = scene.one_clock, frame.how.unit
    low_s, high_s = visit.low_s or 0.0, visit.high_s or 0.0
    words = {
        unit.distance: unit.far(border.length_m, digits),
        RACE + unit.distance: _race_far(scene, border.length_m, frame),
        ELAPSED: hours(visit.elapsed_s),
        CLOCK: when(start, visit.elapsed_s) if start is not None else "",
        ARRIVES: when(start, visit.elapsed_s) if border.length_m and start is not None else "",
        STARTS: "" if begins is None else clock_text(begins, 0.0),
        EIGHT_OF_TEN: range_text(low_s, high_s, SHORT_S) if low_s > 0.0 else "",
        CUTOFF: visit.closes(start),
    }
    if shared or border.length_m:
        names = map(level_name, scene.levels)
        times = (when(start, level_s) for level_s in visit.levels_s)
        words |= dict(zip(names, times, strict=False))
    return Moment(border.at, words, visit.is_late)


def _between(scene: Scene, frame: Frame) -> list[Moment]:
    """Within a stage: at every tick, or every second, third and so on, as there is room."""
    (leg,), unit = scene.legs, frame.how.unit
    most = frame.how.sheet.most_distances
    ticks = [at for at, _ in across_ticks(scene, frame.width, unit, most)]
    found = []
    for at in (at for at in ticks if 0.0 < at < scene.width):
        at_m = float(np.interp(at, leg.way, leg.way_m))
        words = {RACE + unit.distance: _race_far(scene, at_m, frame)}
        words[unit.distance] = unit.far(at_m)
        for k, estimate in enumerate(leg.estimates):
            at_s = estimate.arrival_s(at_m)
            if k == 0:
                words |= {ELAPSED: hours(at_s), CLOCK: when(scene.start, at_s)}
            if scene.levels:
                words[level_name(scene.levels[k])] = when(scene.start, at_s)
        found.append(Moment(at, words))
    widest_in = max(
        (style.width_in(w, TICK_PT) for each in found for w in each.words.values()), default=0
    )
    per_in = frame.width / (frame.right_in - frame.left_in)
    step = found[1].at - found[0].at if len(found) > 1 else scene.width
    every = max(1, int(np.ceil((widest_in + GAP_IN) * per_in / step)))
    ends = (1.5 * widest_in + GAP_IN) * per_in  # the words of the ends lean inwards
    return [each for each in found[every - 1 :: every] if ends < each.at < scene.width - ends]


def level_name(level: str) -> str:
    """A level's name beside its row."""
    return style.elide(level, LONGEST_LEVEL_IN, TICK_PT)


def row_of_ticks(how: How) -> str:
    """The name of the row of ticks: what is across the picture."""
    return {"distance": how.unit.distance, "time": ELAPSED, "clock": CLOCK}[how.across]


def plan_rows(race: Scene, how: How) -> tuple[str, ...]:
    """Names of the rows from above, the ticks' first; the same for all stages of a race."""
    unit = how.unit
    known = bool(race.estimates)
    shared = known and (race.one_clock or not how.whole)
    starts = any(border.clock for border in race.borders)
    visits = [border.visit for border in race.borders]
    rows = [row_of_ticks(how)]
    if not how.whole and len(race.legs) > 1:
        rows += [RACE + unit.distance] if how.across == "distance" else []
    if race.levels and known:
        rows += map(level_name, race.levels)
    else:
        rows += [CLOCK] * (starts and shared)
        rows += [ELAPSED] * shared
        between = how.whole and shared and len(visits) > 2
        rows += [EIGHT_OF_TEN] * (between and any(visit.low_s for visit in visits))
    glance = how.sheet.compact
    visits += [place.visit for place in race.places if how.whole]
    closes = any(visit.cutoff_s is not None for visit in visits)
    rows += [CUTOFF] * (closes and known and not glance)
    afresh = starts and not shared and how.across != "clock"
    rows += [ARRIVES] * (afresh and known and not race.levels)
    rows += [STARTS] * afresh
    rows += [unit.distance] * (shared and how.across != "distance")
    rows = list(dict.fromkeys(rows))
    if glance and not race.levels:
        glances = (name for name in rows if not name.startswith(RACE))
        rows = [CLOCK if name == ARRIVES else name for name in glances][:2]
    return tuple(rows)


def put_rows(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Write the names of the strips, the ticks, and the moments row by row."""
    texts = _ticks(figure, frame, scene)
    empty = {*OFFERS} - {*shown(scene)}  # what other stages of the race have
    for strip in frame.plan.strips:
        if strip in empty:
            continue
        of_runner = strip in (HIKED, SLEEPY, SLEEP)
        if of_runner and not scene.estimates:
            continue
        high_in = STRIP_IN if strip in (HIKED, SLEEPY) else MARKS_IN
        words = f"{frame.how.unit.distance} {strip}" if strip == NEXT else strip
        if strip == SLEEP and scene.levels:  # the legend says whose the other strips are
            words = style.elide(f"{strip}, {scene.levels[0]}", LONGEST_BESIDE_IN, MARK_PT)
        middle_in = frame.strip_in(strip) + 0.5 * high_in
        size = TICK_PT if high_in == STRIP_IN else MARK_PT
        texts.append(put_beside(figure, frame, middle_in, words, size=size))
    return texts + _moments(figure, frame, scene)


def _ticks(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """The row of what is across."""
    sheet = frame.how.sheet
    ticks = across_ticks(scene, frame.width, frame.how.unit, sheet.most_distances)
    xs = [frame.x(at) for at, _ in ticks]
    foot = frame.foot_in - 0.02
    style.put_lines(figure, [[(x, foot), (x, foot - 0.04)] for x in xs], style.FAINT, 0.8)
    y_in = frame.row_in(0)
    texts = [_left_of_row(figure, frame, y_in, frame.plan.rows[0])]
    taken: list[tuple[float, float]] = []
    for x, (_, words) in sorted(
        zip(xs, ticks, strict=True), key=lambda each: not each[1][1][0].isalpha()
    ):
        half_in = 0.5 * style.width_in(words, TICK_PT, True)
        leaning_in = 0.0 if words[0].isalpha() else LEANING_IN
        at_in = max(x, frame.left_in + half_in - leaning_in)
        near = any(abs(at_in - other) < half_in + half + 0.05 for other, half in taken)
        if near or x + half_in > sheet.width_in:
            continue
        taken.append((at_in, half_in))
        color, weight = (style.INK, "bold") if words[0].isalpha() else (style.SOFT, "normal")
        texts.append(
            style.write(
                figure, at_in, y_in, words, TICK_PT, ha="center", color=color, weight=weight
            )
        )
    return texts


def _moments(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """One row above the other, the words of one place below each other."""
    names = frame.plan.rows[1:]
    found = moments(scene, frame)
    columns = [[moment.words.get(name, "") for name in names] for moment in found]
    spans = [
        (frame.x(moment.at), max((style.width_in(w, TICK_PT) for w in column), default=0.0))
        for moment, column in zip(found, columns, strict=True)
    ]
    last, levels = len(spans) - 1, tuple(map(level_name, scene.levels))
    bounds, steps = (frame.left_in, frame.right_in), (*style.ASIDE, *style.BESIDE)
    left = style.in_row(spans, bounds, GAP_IN, lambda k: (k not in (0, last), k), steps)
    texts = []
    for row, name in enumerate(names):
        closes = name == CUTOFF and frame.how.whole and any(_closings(scene))
        if not closes and not any(column[row] for column in columns):
            continue
        y_in = frame.row_in(row + 1)
        texts.append(_left_of_row(figure, frame, y_in, name))
        for k, start in left.items():
            if not columns[k][row]:
                continue
            x, align = style.aligned(start, spans[k])
            strong = style.STAMP if name == CUTOFF and found[k].late else style.INK
            color = strong if name in (CLOCK, ARRIVES, STARTS, CUTOFF, *levels) else style.SOFT
            size = RACE_PT if name.startswith(RACE) else TICK_PT
            texts.append(style.write(figure, x, y_in, columns[k][row], size, color=color, ha=align))
        if name == CUTOFF and frame.how.whole:
            taken = [(start, spans[k][1]) for k, start in left.items() if columns[k][row]]
            texts += put_around(figure, frame, y_in, taken, list(_closings(scene)))
    return texts


def _closings(scene: Scene) -> Iterator[tuple[float, str, bool]]:
    """Where the places between the borders are, when they close, and whether it is past then."""
    through = scene.course.format == "continuous"
    for place in scene.places:
        if place.visit.cutoff_s is not None:
            leg = next(leg for leg in scene.legs if place.at <= leg.end)
            start = scene.course.start if through else leg.stage.start
            yield place.at, place.visit.closes(start), place.visit.is_late
