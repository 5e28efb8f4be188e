"""What a picture says, as words: title, sections, names of places, moments on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.plot.units import HOUR_S, clock_text, duration_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpxstage.estimator.result import Estimate, StageEstimate
    from gpxstage.plot.scene import Place, Scene, Section
    from gpxstage.plot.units import Units
    from gpxstage.report import Report

SEPARATOR = "  ·  "
MINUTES = (1, 2, 5, 10, 15, 30)
STEPS_H = (*(minutes / 60 for minutes in MINUTES), 1, 2, 3, 4, 6, 12, 24, 48, 96, 240)
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
    limit_s = report.course.limit_s if alone else report.course.stages[index or 0].limit_s
    if limit_s:
        said.append(f"limit {duration_text(limit_s)}")
    parts = [leg.estimate for leg in scene.legs if leg.estimate is not None]
    if report.estimate is not None and parts:
        said.append(_asked(report.estimate, parts))
    if not alone:
        said.append(report.course.name)
    return said


def _asked(estimate: Estimate, parts: list[StageEstimate]) -> str:
    """``mid runner: 126 h, 82 % hiked``."""
    name = " ".join(str(getattr(estimate.runner, "name", "")).split())[:24]
    if name and getattr(estimate.runner, "source", "") == "level":
        name = f"{name} runner"
    said = f"{name or 'estimate'}: {duration_text(sum(part.elapsed_s for part in parts))}"
    hiked = [float(part.hiked_s.sum()) for part in parts if part.hiked_s is not None]
    if len(hiked) < len(parts):
        return said
    share = sum(hiked) / sum(float(part.moving_s[-1]) for part in parts)
    return f"{said}, {percent_text(share)} hiked"


def section_lines(section: Section, unit: Units) -> list[list[str]]:
    """What a section asks: in two lines, in two shorter ones, in four short ones."""
    course = [unit.distance_text(section.end_m - section.start_m)]
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
    beside = unit.height_text(place.elevation_m)
    if whole_race or place.elapsed_s is None:
        return place.name, beside
    if scene.start is not None:
        hour = clock_text(scene.start, place.elapsed_s).split()[-1]
        return place.name, f"{beside} · {hour}"
    return place.name, f"{beside} · {duration_text(place.elapsed_s, np.inf)}"


def moments(scene: Scene, most: int) -> Iterator[tuple[float, str, str]]:
    """Distance, hours on the way, wall clock: at the borders, else at round hours.

    A race of several stages with a clock each has the hour that each of them starts at.
    """
    if len(scene.clock_s) == 0:
        for leg in scene.legs if len(scene.legs) > 1 else ():
            if leg.stage.start is not None:
                yield leg.start_m, "", clock_text(leg.stage.start, 0.0)
        return
    known = [(b.at_m, b.elapsed_s) for b in scene.borders if b.elapsed_s is not None]
    if len(known) == 2:
        known[1:1] = _round_hours(scene, known[0][1], known[1][1], most)
    exact_s = 24.0 * HOUR_S if known[-1][1] < 24.0 * HOUR_S else SHORT_H * HOUR_S
    for at_m, elapsed_s in known:
        clock = "" if scene.start is None else clock_text(scene.start, elapsed_s)
        yield at_m, duration_text(elapsed_s, exact_s), clock


def _round_hours(
    scene: Scene, first_s: float, last_s: float, most: int
) -> list[tuple[float, float]]:
    """Where the runner is at every full hour, or two, or six."""
    spans = (STEPS_H[-1], *(h for h in STEPS_H[::-1] if (last_s - first_s) <= most * h * HOUR_S))
    step_s = spans[-1] * HOUR_S
    round_s = step_s * np.arange(np.floor(first_s / step_s) + 1.0, np.ceil(last_s / step_s))
    at_m = np.interp(round_s, scene.clock_s, scene.clock_m)
    return [(float(at), float(s)) for at, s in zip(at_m, round_s, strict=True)]
