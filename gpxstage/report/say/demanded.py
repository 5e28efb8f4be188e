"""Demands of a race -> tables of ready text, and rows for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.sentences import kcal, range_text, who
from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.report.say.thin_air import by_stage_words
from gpxstage.text import one_line
from gpxstage.units import UNITS, clock, day, figure, hours, local, number, percent, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gpxstage.facts import RaceFacts
    from gpxstage.training.covered import Amounts
    from gpxstage.training.demands import Day, Demands
    from gpxstage.training.scouting import Section
    from gpxstage.units import Units

    Lines = list[dict[str, str]]

MOST_COLUMNS = 6  # days of the calendar beside each other in 80 columns
STEEP, SLOPING = 0.20, 0.05  # grades at which the columns of hours change
SLOPES: tuple[tuple[str, float | None, float | None], ...] = (
    ("up 20+", STEEP, None),
    ("up 5+", SLOPING, STEEP),
    ("level", -SLOPING, SLOPING),
    ("down 5+", -STEEP, -SLOPING),
    ("down 20+", None, -STEEP),
)
BY_SLOPE = "Hours by grade (20+: above 20 %), above an altitude (with stops), in the dark"


def demand_tables(race: RaceFacts, found: Demands, units: str = "metric") -> list[Table]:
    """All tables of the demands of a race, on one screen."""
    unit, whole = UNITS[units], found.whole
    days = "Days, 24 hours each from the start" if found.through else "Days, a stage each"
    days += f" ({unit.height}/{unit.distance}: climb)"
    tables = [
        Table("", ("", ""), tuple(_sentences(race, found, unit)), words=2),
        _day_table(days, found.days, whole, clock, unit),
        _slope_table(found.days, whole, unit),
    ]
    if found.calendar and len(found.calendar) > 1:
        tables.append(_calendar_table(found.calendar, unit))
    tables.append(_section_table(found, unit))
    return [table for table in tables if table.rows]


def _sentences(race: RaceFacts, found: Demands, unit: Units) -> list[tuple[str, str]]:
    """Whom this is for, and the hardest days."""
    whole, made = found.whole, []
    climb = f"{unit.far(whole.length_m)} {unit.distance}, {unit.gain_text(whole.gain_m)}"
    made.append(("race", f"{climb}, {_a_distance(whole, unit)} {unit.height}/{unit.distance}"))
    if race.runner is not None:
        made.append(("runner", who(race.runner, unit)))
    time = spoken(whole.elapsed_s)
    if race.elapsed_s.ends:
        time += f", range (80 %) {range_text(race.elapsed_s)}"
    made.append(("expected", time))
    if found.hardest_pair is not None:
        first, pair = found.hardest_pair.first, found.hardest_pair.covered
        words = f"days {first} and {first + 1}: {unit.far(pair.length_m)} {unit.distance},"
        words += f" {unit.gain_text(pair.gain_m)}, {hours(pair.moving_s)} h moving"
        if pair.energy_kcal is not None:
            words += f", {kcal(pair.energy_kcal)} kcal"
        made.append(("hardest pair", words))
    longest = [
        f"{_shorter_name(each)} {unit.height_text(each.height_m)} in {hours(each.moving_s)} h"
        for each in (found.longest_climb, found.longest_descent)
        if each is not None
    ]
    if longest:
        made.append(("longest", ", ".join(longest)))
    several = len({cost.stage for cost in found.altitude}) > 1
    return [*made, *by_stage_words(found.altitude, several=several)]


def _shorter_name(section: Section) -> str:
    """Where a climb or descent leads; the sign of its height says which of both it is."""
    return f"to {one_line(section.name)}" if section.name else section.kind


def _a_distance(part: Amounts, unit: Units) -> str:
    """Climb for each kilometre in metres, or for each mile in feet."""
    return number(part.gain_m_per_km * unit.m_per_distance / 1000.0 / unit.m_per_height)


def _day_table(
    title: str,
    days: Sequence[Day],
    whole: Amounts | None,
    when: Callable[[datetime | None], str],
    unit: Units,
) -> Table:
    """What each day holds, and, where *whole* is given, all of them."""
    lines = [
        {"day": str(one.number), "from": when(one.start), **measures(one.covered, unit)}
        for one in days
    ]
    if whole is None:
        return filled(title, by_column(lines), 2, ())
    return _with_all(title, lines, {"day": "all", "from": "", **measures(whole, unit)})


def _calendar_table(days: Sequence[Day], unit: Units) -> Table:
    """A column for each day of the calendar, where so many fit; else a line for each."""
    title = "Days of the calendar"
    if len(days) > MOST_COLUMNS:
        return _day_table(title, days, None, day, unit)
    columns = {"": [unit.distance, f"climb {unit.height}", "moving"]}
    for one in days:
        part = one.covered
        columns[day(one.start)] = [
            unit.far(part.length_m), unit.high(part.gain_m), hours(part.moving_s)
        ]  # fmt: skip
    return filled(title, columns, 1, ())


def _slope_table(days: Sequence[Day], whole: Amounts, unit: Units) -> Table:
    """Hours of each day by grade, above altitudes and in the dark."""
    lines = [{"day": str(one.number), "": "", **slopes(one.covered, unit)} for one in days]
    last = {"day": "all", "": "", **slopes(whole, unit)}
    never = [name for name, text in last.items() if name != "dark" and text == hours(0)]
    lines = [{name: line[name] for name in line if name not in never} for line in [*lines, last]]
    return _with_all(BY_SLOPE, lines[:-1], lines[-1])


def _with_all(title: str, lines: Lines, whole: dict[str, str]) -> Table:
    """A table with a last line for all, where there are several lines."""
    several = len(lines) > 1
    rows = [*lines, whole] if several else lines
    return filled(title, by_column(rows), 2, [len(lines) - 1] if several else [])


def measures(part: Amounts, unit: Units) -> dict[str, str]:
    """The main measures of a day, a week or a race by column."""
    energy = part.energy_kcal
    return {
        unit.distance: unit.far(part.length_m),
        f"climb {unit.height}": unit.high(part.gain_m),
        f"{unit.height}/{unit.distance}": _a_distance(part, unit),
        "moving": hours(part.moving_s),
        "hiked": hours(part.hiked_s),
        "run": hours(part.run_s),
        "kcal": "" if energy is None else kcal(energy),
    }


def slopes(part: Amounts, unit: Units) -> dict[str, str]:
    """Hours by grade, above altitudes and in the dark, by column."""
    found = {name: hours(part.slope_s(low, high)) for name, low, high in SLOPES}
    found |= {f">{unit.high(level.above_m)}": hours(level.elapsed_s) for level in part.above}
    return found | {"dark": hours(part.dark_s)}


def _section_table(found: Demands, unit: Units) -> Table:
    """The sections to see beforehand, each with its reasons."""
    staged = not found.through and len(found.days) > 1
    several = staged or len({section.stage for section in found.sections}) > 1
    lines = [
        {
            "no.": str(section.stage) if several else "",
            "to": one_line(section.name) or section.kind,
            "why": ", ".join(_why(section, reason, unit) for reason in section.reasons),
            f"at {unit.distance}": unit.far(section.from_m),
            unit.distance: unit.far(section.length_m),
            unit.height: unit.high(section.height_m),
            "mean %": percent(section.mean_grade),
            "moving": hours(section.moving_s),
        }
        for section in found.sections
    ]
    return filled("Five sections to see beforehand (judgement)", by_column(lines), 3, ())


def section_name(section: Section) -> str:
    """``climb to Col Loson``; without a point at its end, the kind alone."""
    return f"{section.kind} to {one_line(section.name)}" if section.name else section.kind


def _why(section: Section, reason: str, unit: Units) -> str:
    """A reason in words, or its figure where the columns do not have it."""
    if reason.endswith("at altitude"):
        return f"{hours(section.above_s)} above {unit.high(section.above_m or 0.0)}"
    if reason.endswith("in the dark"):
        return f"{hours(section.dark_s)} in the dark"
    if reason.endswith("sleepiest"):
        return f"sleepiness {number(section.kss or 0.0, 1)}"
    if reason.endswith("cutoff"):
        return f"margin {hours(section.margin_s, signed=True)}"
    return reason


def demand_rows(found: Demands, units: str = "metric") -> tuple[list[str], list[list[object]]]:
    """The head and the rows of a table for a spreadsheet: one for each day, pair and whole.

    Durations are h:mm and clocks local; ``days`` says how the days are counted.
    """
    kind = "24 h" if found.through else "stage"
    rows = [(kind, one.number, one.start, one.covered) for one in found.days]
    rows += [("calendar", one.number, one.start, one.covered) for one in found.calendar or ()]
    if found.hardest_pair is not None:
        rows.append(("hardest pair", found.hardest_pair.first, None, found.hardest_pair.covered))
    rows.append(("all", 1, found.start, found.whole))
    lines = [
        {"days": what, "first": first, "from": local(start), **cells(covered, UNITS[units])}
        for what, first, start, covered in rows
    ]
    return list(lines[0]), [list(line.values()) for line in lines]


def cells(part: Amounts, unit: Units) -> dict[str, object]:
    """The measures of a day, a week or a race for a spreadsheet, by column."""
    far, high = unit.distance, unit.height
    return {
        far: unit.far_figure(part.length_m),
        f"gain_{high}": unit.high_figure(part.gain_m),
        f"loss_{high}": unit.high_figure(part.loss_m),
        f"gain_{high}_per_{far}": figure(float(_a_distance(part, unit).replace(",", "")), 0),
        "elapsed": hours(part.elapsed_s),
        "moving": hours(part.moving_s),
        "hiked": hours(part.hiked_s),
        "run": hours(part.run_s),
        "dark": hours(part.dark_s),
        "kcal": part.energy_kcal,
        **{f"above_{unit.high_figure(a.above_m)}_{high}": hours(a.elapsed_s) for a in part.above},
        **{_band(band.from_grade, band.to_grade): hours(band.moving_s) for band in part.by_grade},
    }


def _band(low: float | None, high: float | None) -> str:
    """A band of grades as the name of a column: ``grade_5_to_10_percent``."""
    if low is None or high is None:
        end = f"below_{figure(100.0 * (high or 0.0))}" if low is None else ""
        return f"grade_{end or f'above_{figure(100.0 * (low or 0.0))}'}_percent"
    return f"grade_{figure(100.0 * low)}_to_{figure(100.0 * high)}_percent"
