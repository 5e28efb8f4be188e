"""The pictures that compare: several courses, a recording with its plans, weeks with a race."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from gpxstage.plot.ground import put_ground
from gpxstage.plot.layout import SHEETS, vertical_m
from gpxstage.plot.panels import put_keys
from gpxstage.plot.scales import across_ticks, height_ticks, step_s
from gpxstage.plot.scene import compose
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
from gpxstage.text import legible, one_line
from gpxstage.units import HOUR_S, UNITS, hms, hours, number, written_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import BarContainer
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from gpxstage.course import Array
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.review import ReviewFacts
    from gpxstage.facts.workload import Amounts, Training, Week
    from gpxstage.units import Units

LEFT_IN = 0.78  # where titles begin, and the profiles of courses
MOST_COURSE, MOST_REVIEW, MOST_RACE = 70, 90, 60  # letters of a name in a title

# courses: one under another, kilometres and metres on one scale

WIDE_IN, ROW_IN, HEAD_IN, FOOT_IN = 13.0, 1.9, 0.6, 0.7
RIGHT_IN = 12.74  # where the profiles end
ABOVE_IN, BELOW_IN = 0.25, 0.4  # of each row, for its words
HEADROOM = 0.03  # share of the heights that is free above the highest
MOST_HEIGHTS, MOST_DISTANCES = 6, 12  # numbers beside and below each profile


@dataclass(eq=False)
class CoursesDrawing:
    """The profiles of several courses: the figure and its artists by role."""

    figure: Figure
    rows: list[Axes] = field(default_factory=list)
    ground: list[PolyCollection] = field(default_factory=list)


def draw_courses(reports: Sequence[Report], units: str = "metric") -> CoursesDrawing:
    """Draw the profile of each report, coloured by grade; courses without heights stay empty."""
    unit, high_in = UNITS[units], HEAD_IN + ROW_IN * len(reports) + FOOT_IN
    found = CoursesDrawing(Figure((WIDE_IN, high_in), dpi=DPI, facecolor="white"))
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
    words = f"{legible(facts.name)[:MOST_COURSE]}  {unit.distance_text(facts.length_m)}"
    return words + ("" if facts.gain_m is None else f"  {unit.gain_text(facts.gain_m)}")


# a review: the recorded line, the plan and the even plan over the profile

REVIEW_IN = (13.0, 7.4)
MOST_HOURS, MOST_BEHIND, MOST_LEVELS = 7, 4, 4  # numbers at the left of each chart
COLOURS = {"recorded": INK, "plan": "#4583ba", "even plan": "#d9642f"}


@dataclass(eq=False)
class ReviewDrawing:
    """A recorded line over its plans: the figure and its artists by role."""

    figure: Figure
    clock: Axes
    behind: Axes
    ground: Axes
    lines: dict[str, Line2D] = field(default_factory=dict)
    gaps: dict[str, Line2D] = field(default_factory=dict)


def draw_review(
    review: ReviewFacts, along_m: Array, height_m: Array, units: str = "metric"
) -> ReviewDrawing:
    """Hours against distance, how far behind each plan, and the ground; *height_m* may be NaN."""
    unit = UNITS[units]
    figure = Figure(REVIEW_IN, dpi=DPI, facecolor="white")
    clock = figure.add_axes((0.06, 0.48, 0.92, 0.385))
    behind = figure.add_axes((0.06, 0.275, 0.92, 0.15), sharex=clock)
    ground = figure.add_axes((0.06, 0.08, 0.92, 0.14), sharex=clock)
    found = ReviewDrawing(figure, clock, behind, ground)
    open_frame(clock, "Time since the start of the recording on the course, h:mm")
    open_frame(behind, "Behind (+) or ahead of (−) each plan, h:mm")
    open_frame(ground, f"Height, {unit.height}", unit.distance)
    name = legible(review.name)[:MOST_REVIEW]
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
    ground.yaxis.set_major_locator(MaxNLocator(MOST_LEVELS, steps=[1, 2, 5, 10]))
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


# a training: hours and climb of each week, and those of the race beside them

WEEKS_IN = (13.0, 6.4)
APART = 1.6  # from the last week to the race, in weeks
WIDTH = 0.72  # of a bar, in weeks
LEAST_WEEKS = 6  # for which there is always room, so that few bars are not wide


@dataclass(eq=False)
class WeeksDrawing:
    """Weeks and a race: the figure and its artists by role; the last bar of each is the race."""

    figure: Figure
    hours: Axes
    climb: Axes
    hiked: BarContainer | None = None
    run: BarContainer | None = None
    moving: BarContainer | None = None  # where nothing is known of the gait
    climbed: BarContainer | None = None
    title: Text | None = None


def draw_weeks(training: Training, weeks: Sequence[Week], units: str = "metric") -> WeeksDrawing:
    """Draw some weeks and the race, in metric or imperial units."""
    figure = Figure(WEEKS_IN, dpi=DPI, facecolor="white")
    upper = figure.add_axes((0.06, 0.545, 0.92, 0.31))
    climb = figure.add_axes((0.06, 0.115, 0.92, 0.31))
    found, unit = WeeksDrawing(figure, upper, climb), UNITS[units]
    open_frame(upper, "Hours moving")
    open_frame(climb, f"Climb, {unit.height}")
    each = [*(week.covered for week in weeks), training.demands.whole]
    at = np.append(np.arange(len(weeks), dtype=np.float64), len(weeks) - 1.0 + APART)
    _week_hours(found, at, each)
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
    name = (writable(one_line(training.race)) or "the race")[:MOST_RACE]
    since = f"{last} of training: from Monday {written_day(weeks[0].start)}"
    found.title = put_heading(figure, LEFT_IN, f"{name}, and {since}")
    return found


def _week_hours(found: WeeksDrawing, at: Array, each: Sequence[Amounts]) -> None:
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


def _above(axes: Axes, at: Array, values: Array, words: Sequence[str]) -> None:
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
