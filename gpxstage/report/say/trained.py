"""Recorded weeks beside the demands of a race -> tables of ready text, and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.demanded import cells, measures, slopes
from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import counted, one_line
from gpxstage.units import UNITS, hours, number, percent, written_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.training.covered import Amounts
    from gpxstage.training.weeks import Training, Week
    from gpxstage.units import Units

    Lines = list[dict[str, str]]

PAIRS = 3  # so many are shown


def training_tables(found: Training, weeks: Sequence[Week], units: str = "metric") -> list[Table]:
    """All tables of a training; *weeks* are the last ones, with those without an outing."""
    unit = UNITS[units]
    tables = [
        Table("", ("", ""), tuple(_sentences(found, unit)), words=2),
        _week_table(weeks, unit),
        _against_table(found, unit),
        _slope_table(found, unit),
        _pair_table(found, unit),
        _reported_table(found, unit),
    ]
    return [table for table in tables if table.rows]


def _sentences(found: Training, unit: Units) -> list[tuple[str, str]]:
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
    """The last weeks and the most specific one beside the race, and their shares of it."""
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


def _slope_table(found: Training, unit: Units) -> Table:
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


def training_rows(found: Training, units: str = "metric") -> tuple[list[str], list[list[object]]]:
    """The head and the rows of a table for a spreadsheet: outings, weeks, windows, pairs, race."""
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
    lines.append({**race, **cells(found.demands.whole, unit)})
    return list(lines[0]), [list(line.values()) for line in lines]
