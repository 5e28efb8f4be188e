"""ComparedCourse -> tables: several courses side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.figures import asdict
from gpxstage.report.say.tables import STEEP_M, Table, by_column, filled
from gpxstage.report.splits import lines_csv
from gpxstage.text import one_line
from gpxstage.units import UNITS, hours, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts.comparison import ComparedCourse

SAME = 0.05  # a share: nearer than this, two courses take the same time (judgement)


def comparison_tables(courses: Sequence[ComparedCourse], units: str = "metric") -> list[Table]:
    """The ground, what each takes the middle of the field, and sentences about them."""
    unit = UNITS[units]
    over = unit.height_text(STEEP_M[1])
    ground = [
        {
            "course": one_line(course.name),
            unit.distance: unit.far(course.length_m),
            f"climb {unit.height}": unit.high(course.gain_m),
            f"descent {unit.height}": unit.high(course.loss_m),
            f"{unit.height}/{unit.distance}": _density(course, units),
            f"lowest {unit.height}": unit.high(course.lowest_m),
            f"highest {unit.height}": unit.high(course.highest_m),
            f"{over} %": percent(course.steepest_500m),
        }
        for course in courses
    ]
    effort = [
        {
            "course": one_line(course.name),
            "km-effort": "" if course.km_effort is None else number(course.km_effort),
            "category": course.category or "",
            "expected": hours(course.elapsed_s),
            "hiked %": percent(course.hike_fraction),
            "in the dark": hours(course.dark_s),
            "of first": "" if course.of_first_time is None else number(course.of_first_time, 2),
        }
        for course in courses
    ]
    title = "Effort (category: by ITRA's km-effort, as measured; times: the middle of the field)"
    tables = [
        filled(f"Courses ({over}: steepest grade over that length)", by_column(ground), 1, ()),
        filled(title, by_column(effort), 1, ()),
    ]
    rows = tuple((sentence(course, courses[0]),) for course in courses[1:])
    return [*tables, Table("", ("",), tuple(row for row in rows if row[0]), words=1)]


def _density(course: ComparedCourse, units: str) -> str:
    unit = UNITS[units]
    if course.gain_m_per_km is None:
        return ""
    return number(course.gain_m_per_km / 1000.0 * unit.m_per_distance / unit.m_per_height)


def sentence(course: ComparedCourse, first: ComparedCourse) -> str:
    """How much of the first course another one is, in words; nothing where it is unknown."""
    share = course.of_first_time
    if share is None:
        return ""
    name, other = one_line(course.name), one_line(first.name)
    if abs(share - 1.0) < SAME:
        return f"{name} takes about as long as {other}."
    return f"{name} takes about {number(share, 1)} times as long as {other}."


def comparison_csv(courses: Sequence[ComparedCourse], units: str = "metric") -> str:
    """A row for each course: seconds, shares, and metres as in JSON, or miles and feet."""
    return lines_csv([_row(course, units) for course in courses])


def _row(course: ComparedCourse, units: str) -> dict[str, object]:
    """The facts of a course by their names, lengths and heights in *units*."""
    unit, row = UNITS[units], dict[str, object]()
    for name, value in asdict(course).items():
        if units == "metric" or not name.endswith(("_m", "_per_km")):
            row[name] = value
        elif name == "length_m":
            row[f"length_{unit.distance}"] = unit.far_figure(value)
        elif name == "gain_m_per_km":
            row[f"gain_{unit.height}_per_{unit.distance}"] = _density(course, units)
        else:
            row[f"{name[:-2]}_{unit.height}"] = unit.high_figure(value)
    return row
