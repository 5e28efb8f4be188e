"""Demands of a race, and a training beside them -> tables of ready text, rows for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.preparation import by_stage_words
from gpxstage.report.say.sentences import kcal, kss, range_text, who
from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import counted, one_line
from gpxstage.units import (
    UNITS,
    clock,
    day,
    figure,
    hours,
    local,
    number,
    percent,
    spoken,
    written_day,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.workload import Amounts, Day, Demands, Section, Training, Week
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
PAIRS = 3  # so many are shown
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
    density = f"{_a_distance(whole, unit)} {unit.height}/{unit.distance}"
    made.append(("race", f"{_far(whole, unit)}, {density}"))
    if race.runner is not None:
        made.append(("runner", who(race.runner, unit)))
    time = spoken(whole.elapsed_s)
    if race.elapsed_s.ends:
        time += f", range (80 %) {range_text(race.elapsed_s)}"
    made.append(("expected", time))
    if found.hardest_pair is not None:
        first, pair = found.hardest_pair.first, found.hardest_pair.covered
        words = f"days {first} and {first + 1}: {_far(pair, unit)}, {hours(pair.moving_s)} h moving"
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


def _why(section: Section, reason: str, unit: Units) -> str:
    """A reason in words, or its figure where the columns do not have it."""
    if reason.endswith("at altitude"):
        return f"{hours(section.above_s)} above {unit.height_text(section.above_m or 0.0)}"
    if reason.endswith("in the dark"):
        return f"{hours(section.dark_s)} in the dark"
    if reason.endswith("sleepiest"):
        return f"sleepiness {kss(section.kss or 0.0, off_scale=section.off_scale)}"
    if reason.endswith("cutoff"):
        return f"margin {hours(section.margin_s, signed=True)}"
    return reason


def demand_rows(found: Demands, units: str = "metric") -> list[dict[str, object]]:
    """The rows of a table for a spreadsheet, by column: one for each day, pair and whole.

    Durations are h:mm and clocks local; ``days`` says how the days are counted.
    """
    kind = "24 h" if found.through else "stage"
    rows = [(kind, one.number, one.start, one.covered) for one in found.days]
    rows += [("calendar", one.number, one.start, one.covered) for one in found.calendar or ()]
    if found.hardest_pair is not None:
        rows.append(("hardest pair", found.hardest_pair.first, None, found.hardest_pair.covered))
    rows.append(("all", 1, found.start, found.whole))
    return [
        {"days": what, "first": first, "from": local(start), **cells(covered, UNITS[units])}
        for what, first, start, covered in rows
    ]


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


def training_tables(found: Training, weeks: Sequence[Week], units: str = "metric") -> list[Table]:
    """All tables of a training; *weeks* are the last ones, with those without an outing."""
    unit = UNITS[units]
    tables = [
        Table("", ("", ""), tuple(_training_sentences(found, unit)), words=2),
        _week_table(weeks, unit),
        _against_table(found, unit),
        _slopes_against(found, unit),
        _pair_table(found, unit),
        _reported_table(found, unit),
    ]
    return [table for table in tables if table.rows]


def _training_sentences(found: Training, unit: Units) -> list[tuple[str, str]]:
    """What was recorded, the longest outing, the course that was seen."""
    first, last = found.outings[0].start.date(), found.outings[-1].start.date()
    when = written_day(first) if first == last else f"{written_day(first)} to {written_day(last)}"
    whole, longest = found.whole, found.longest.covered
    made = [
        ("recorded", f"{counted(len(found.outings), 'outing')}, {when}"),
        ("", f"{_far(whole, unit)}, {hours(whole.moving_s)} h moving"),
        ("longest", f"{one_line(found.longest.where)}"),
        ("", f"{_far(longest, unit)}, {hours(longest.moving_s)} h moving"),
    ]
    what = "the race" if found.demands.through else "the longest stage"
    times = f"{number(found.times_longest, 1)} times the longest"
    made.append((what, f"{hours(found.longest_race_s)} h moving: {times}"))
    length_m = sum(stage.length_m for stage in found.seen)
    seen_m = sum(stage.seen_m for stage in found.seen)
    share = f"{percent(seen_m / max(length_m, 1.0))} %" if seen_m else "nothing"
    words = f"{share} of {unit.far(length_m)} {unit.distance} is within"
    words += f" {unit.height_text(found.seen_within_m)} of a recording"
    made.append(("course seen", words))
    parts = [stage for stage in found.seen if stage.seen_m and len(found.seen) > 1]
    if parts:
        each = (f"{s.stage} ({percent(s.seen_m / s.length_m)} %)" for s in parts)
        made.append(("", f"stage{'s' if len(parts) > 1 else ''} {', '.join(each)}"))
    return made


def _far(part: Amounts, unit: Units) -> str:
    """Length and climb."""
    return f"{unit.far(part.length_m)} {unit.distance}, {unit.gain_text(part.gain_m)}"


def _week_table(weeks: Sequence[Week], unit: Units) -> Table:
    """The last weeks, a line each."""
    lines = []
    for week in weeks:
        of_week = measures(week.covered, unit)
        blank = dict.fromkeys(of_week, "") if not week.covered.elapsed_s else of_week
        began = {"week of": written_day(week.start), "outings": str(week.outings)}
        lines.append(began | blank)
    last = f"last {len(lines)} weeks" if len(lines) > 1 else "week"
    return filled(f"The {last}, from Monday", by_column(lines), 1, ())


def _rows(found: Training) -> list[tuple[str, Amounts]]:
    """The windows that are compared with the race: those that hold more than the one before."""
    rows: list[tuple[str, Amounts]] = []
    for window in found.last:
        if not rows or window.covered != rows[-1][1]:
            rows.append((f"last {window.weeks}", window.covered))
    return [*rows, ("week", found.specific.covered)]


def _against_table(found: Training, unit: Units) -> Table:
    """The last weeks and the most specific one beside the race, and their shares of the race."""
    race = found.demands.whole
    lines = [{"": name, **_beside(part, race, unit)} for name, part in _rows(found)]
    lines.append({"": "race", **_beside(race, race, unit)})
    share = percent(found.specific_share)
    week = f"{written_day(found.specific.start)}, {share} % of the race"
    title = f"Last weeks, the most specific week ({week}) and the race"
    return filled(title, by_column(lines), 1, [len(lines) - 2])


def _beside(part: Amounts, race: Amounts, unit: Units) -> dict[str, str]:
    kept = (unit.distance, f"climb {unit.height}", f"{unit.height}/{unit.distance}", "moving")
    found = measures(part, unit)
    return {
        **{name: found[name] for name in kept},
        "hiked %": percent(part.hike_fraction),
        f"{unit.distance} %": _share(part.length_m, race.length_m),
        "climb %": _share(part.gain_m, race.gain_m),
        "hours %": _share(part.moving_s, race.moving_s),
    }


def _share(part: float, whole: float) -> str:
    return percent(part / whole) if whole else ""


def _slopes_against(found: Training, unit: Units) -> Table:
    """Hours by grade, above altitudes and in the dark of the same weeks and of the race."""
    rows = [*_rows(found), ("race", found.demands.whole)]
    lines = [{"": name, **slopes(part, unit)} for name, part in rows]
    never = [n for n in lines[0] if n and all(line[n] in ("", hours(0)) for line in lines)]
    lines = [{name: line[name] for name in line if name not in never} for line in lines]
    title = "Hours by grade (20+: above 20 %), above an altitude (with pauses), in the dark"
    return filled(title, by_column(lines), 1, [len(lines) - 2])


def _pair_table(found: Training, unit: Units) -> Table:
    """The hardest pairs of days beside that of the race."""
    lines: Lines = [
        {"from": written_day(pair.start), **measures(pair.covered, unit)}
        for pair in found.pairs[:PAIRS]
    ]
    pairs = counted(len(found.pairs), "pair")
    title = f"Two days in a row, an hour or more each: {pairs}, the hardest first"
    hardest = found.demands.hardest_pair
    if not lines or hardest is None:
        return filled(title, by_column(lines), 1, ())
    lines.append({"from": "the race", **measures(hardest.covered, unit)})
    return filled(title, by_column(lines), 1, [len(lines) - 2])


def _reported_table(found: Training, unit: Units) -> Table:
    """Weeks that other runners have published, with where these figures are from."""
    lines = [
        {
            "what": each.what,
            "from": written_day(each.start),
            "for": each.race,
            unit.distance: unit.far(each.length_m, 0),
            f"climb {unit.height}": unit.high(each.gain_m),
            "hours": hours(each.moving_s),
            "published at": each.source.split("//")[1].split("/")[0],
        }
        for each in found.reported
    ]
    return filled("Weeks that other runners report (their own figures)", by_column(lines), 3, ())


def training_rows(found: Training, units: str = "metric") -> list[dict[str, object]]:
    """The rows of a table for a spreadsheet, by column: outings, weeks, windows, pairs, race."""
    unit = UNITS[units]
    rows = [("outing", one.where, one.start.date(), one.covered) for one in found.outings]
    rows += [("week", counted(w.outings, "outing"), w.start, w.covered) for w in found.weeks]
    last = found.weeks[-1].start
    rows += [("last weeks", str(each.weeks), last, each.covered) for each in found.last]
    rows += [("two days", "", pair.start, pair.covered) for pair in found.pairs]
    rows.append(("all", "", found.outings[0].start.date(), found.whole))
    lines: list[dict[str, object]] = [
        {"what": what, "name": name, "from": when.isoformat(), **cells(covered, unit)}
        for what, name, when, covered in rows
    ]
    race = {"what": "race", "name": found.race, "from": ""}
    return [*lines, {**race, **cells(found.demands.whole, unit)}]
