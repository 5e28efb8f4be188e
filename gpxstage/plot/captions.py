"""Words and round numbers of a picture: title, sections, places, times on the way, ticks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.plot.legs import clock_of
from gpxstage.plot.scene import RANGE
from gpxstage.plot.style import elide, writable
from gpxstage.units import DAYS, HOUR_S, clock_text, duration_text, percent_text, range_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gpxstage.estimator.nouns import Estimate, StageEstimate
    from gpxstage.facts.analysis import Report
    from gpxstage.plot.scene import Border, Place, Scene, Section
    from gpxstage.units import Units

SEPARATOR = "  ·  "
EIGHT_OF_TEN = "8 of 10"  # what lies between p10 and p90
LONGEST_LEVEL_IN, LEVEL_PT = 0.7, 8.5
SHORT_H = 10.0  # durations from here on are told in whole hours where a glance is enough


def title(report: Report, index: int | None) -> str:
    """The race's name, or a stage's number and name."""
    course = report.course
    if index is None or len(course.stages) == 1:
        return course.name
    stage = course.stages[index]
    return f"Stage {stage.number}" + (f" · {stage.name}" if stage.name else "")


def facts(report: Report, scene: Scene, index: int | None, unit: Units) -> list[str]:
    """What stands beside the title, the most important first."""
    said = [unit.distance_text(scene.length_m)]
    gains = [section.gain_m for section in scene.sections if section.gain_m is not None]
    if len(gains) == len(scene.sections):
        said.append(unit.gain_text(sum(gains)))
    alone = index is None or len(report.course.stages) == 1
    parts = [leg.estimate for leg in scene.legs if leg.estimate is not None]
    if report.estimate is not None and parts:
        said.append(_asked(report.estimate, scene, parts))
    limit_s = report.course.limit_s if alone else report.course.stages[index or 0].limit_s
    if limit_s:
        late = bool(parts) and sum(part.on_clock_s for part in parts) > limit_s
        said.append(f"{'past the limit of' if late else 'limit'} {duration_text(limit_s, np.inf)}")
    if not alone:
        said.append(report.course.name)
    return said


def _asked(estimate: Estimate, scene: Scene, parts: list[StageEstimate]) -> str:
    """``mid runner: 126 h (8 of 10: 98-167 h), 82 % hiked``."""
    name = writable(" ".join(estimate.runner.name.split()))[:24]
    if name and estimate.runner.source == "level":
        name = f"{name} runner"
    elapsed_s = sum(part.on_clock_s for part in parts)
    said = f"{name or 'estimate'}: {duration_text(elapsed_s)}"
    draws = [leg.spread.elapsed_s for leg in scene.legs if leg.spread is not None]
    if draws:
        low_s, high_s = np.quantile(np.sum(draws, axis=0), RANGE).tolist()
        said += f" ({EIGHT_OF_TEN}: {range_text(min(low_s, elapsed_s), max(high_s, elapsed_s))})"
    hiked = [float(part.hiked_s.sum()) for part in parts if part.hiked_s is not None]
    if len(hiked) < len(parts):
        return said
    share = sum(hiked) / sum(float(part.moving_s[-1]) for part in parts)
    return f"{said}, {percent_text(share)} hiked"


def section_lines(section: Section, unit: Units) -> list[list[str]]:
    """What a section asks: in two lines, in two shorter ones, in four short ones."""
    course = [unit.distance_text(section.length_m)]
    if section.gain_m is not None:
        course.append(unit.gain_text(section.gain_m))
    effort = []
    if section.elapsed_s is not None:
        effort.append(duration_text(section.elapsed_s, SHORT_H * HOUR_S))
    if section.hiked is not None:
        effort.append(percent_text(section.hiked))
    wide = [" · ".join(part) for part in (course, effort) if part]
    clear = [*wide[:1], *(f"{line} hiked" if len(effort) > 1 else line for line in wide[1:])]
    return [clear, wide, [*course, *effort[:1], *(f"{share} hiked" for share in effort[1:])]]


def place_lines(place: Place, scene: Scene, unit: Units, *, whole_race: bool) -> tuple[str, str]:
    """A place's name, and what stands beside it: its height and, in a stage, when one is there."""
    beside, visit = unit.height_text(place.ground_m), place.visit
    if whole_race or visit.elapsed_s is None:
        return place.name, beside
    said = [beside, _when(scene, visit.elapsed_s)[1]]
    if visit.cutoff_s is not None:
        (day, _), (last_day, hour) = (
            _when(scene, seconds) for seconds in (visit.elapsed_s, visit.cutoff_s)
        )
        late = "past cutoff" if visit.is_late else "cutoff"
        said.append(f"{late} {hour}" if day == last_day else f"{late} {last_day} {hour}")
    return place.name, " · ".join(said)


def _when(scene: Scene, elapsed_s: float) -> tuple[str, str]:
    """Day and hour of a moment of a stage; without a clock no day, and the time on the way."""
    if scene.start is None:
        return "", duration_text(elapsed_s, np.inf)
    day, hour = clock_text(scene.start, elapsed_s).split()
    return day, hour


# moments


@dataclass(frozen=True)
class Moment:
    """What is said below a place, row by row; empty words where a row has none there."""

    at: float
    distance: str = ""
    elapsed: str = ""
    clock: str = ""
    range: str = ""
    cutoff: str = ""
    late: bool = False  # past its cutoff
    levels: tuple[str, ...] = ()  # of a field


def moments(scene: Scene, unit: Units, most: int) -> list[Moment]:
    """At the borders, and within a single stage at round hours or distances."""
    known = [border for border in scene.borders if border.visit.elapsed_s is not None]
    if not scene.one_clock:
        return [_moment(border, unit, np.inf, shared=False) for border in scene.borders]
    if not known:
        return []
    exact_s = (24.0 if (known[-1].visit.elapsed_s or 0.0) < 24.0 * HOUR_S else SHORT_H) * HOUR_S
    said = [_moment(border, unit, exact_s, shared=True) for border in known]
    if len(known) == 2:
        said[1:1] = _between(scene, unit, most, exact_s)
    return said


def _moment(border: Border, unit: Units, exact_s: float, *, shared: bool) -> Moment:
    """*shared*: there is one clock; else the clock is that of the stage that begins there."""
    visit, start = border.visit, border.clock

    def when(after_s: float | None, exact_below_s: float = exact_s) -> str:
        if after_s is None:
            return ""
        if start is None:
            return duration_text(after_s, exact_below_s)
        return clock_text(start, after_s)

    closes = when(visit.cutoff_s, np.inf)  # a rule, not an estimate
    begins = border.begins
    clock = when(visit.elapsed_s) if shared and start is not None else ""
    if not shared and begins is not None:
        clock = clock_text(begins, 0.0)
    ends = (visit.low_s or 0.0, visit.high_s or 0.0)
    return Moment(
        border.at,
        unit.far(border.length_m, 0),
        "" if visit.elapsed_s is None else duration_text(visit.elapsed_s, exact_s),
        clock,
        range_text(*ends, exact_s) if ends[0] > 0.0 else "",
        f"{'past ' if visit.is_late else ''}{closes}",
        visit.is_late,
        tuple(when(each) for each in visit.levels_s) if shared or border.length_m else (),
    )


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
        round_ = even(0.0, leg.profile.length_m / unit.m_per_distance, most)
        at_m = np.array([unit.m_per_distance * tick for tick in round_ if tick > 0.0])
        every_s = np.array([leg.estimate.arrival_s(float(m)) for m in at_m])
    across = leg.reach(at_m)
    return [
        Moment(
            float(at),
            f"{m / unit.m_per_distance:,g}",
            duration_text(float(seconds), exact_s),
            "" if scene.start is None else clock_text(scene.start, float(seconds)),
        )
        for at, m, seconds in zip(across, at_m, every_s, strict=True)
    ]


def level_name(level: str) -> str:
    """A level's name beside its row."""
    return elide(level, LONGEST_LEVEL_IN, LEVEL_PT)


Tick = tuple[float, str]
STEPS = (1.0, 2.0, 5.0)
MINUTES = (1, 2, 5, 10, 15, 30)
STEPS_H = (*(minutes / 60 for minutes in MINUTES), 1, 2, 3, 4, 6, 12, 24, 48, 96, 240)
MOST_OF_HOURS = 0.8  # words of hours are wider than distances


def even(low: float, high: float, most: int) -> list[float]:
    """Round numbers in a range, as many as may be: 1, 2 or 5 times a power of ten apart."""
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
    """Places across a picture that is so wide, and what is written there."""
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

    Every full step is asked for its local time, so that a change of the clocks is kept.
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
            said = f"{local:%H:%M}" if hours else DAYS[local.weekday()]
            yield (moment - begin).total_seconds(), said
        moment += fine
