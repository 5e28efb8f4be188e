"""A field at every point: several levels in one report, when places open and close."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from rich.cells import cell_len

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json, json_text
from gpxstage.report.markup import markdown_text, text
from gpxstage.report.say import all_tables
from gpxstage.report.say.tables import Table
from gpxstage.report.splits import csv_text

ROME = ZoneInfo("Europe/Rome")
START = datetime(2026, 10, 24, 22, tzinfo=ROME)  # the clocks go back that night
NAMES = ("mid", "elite", "back")


def course(**changes: Any) -> Course:
    """Two stages of 20 km over a hill, a hut on each; the first closes at 06:00."""
    n = 401
    track = Track(
        45.0 + np.linspace(0.0, 0.18, n),
        np.full(n, 7.0),
        1500.0 + 700.0 * np.sin(np.linspace(0.0, math.pi, n)),
        np.full(n, np.nan),
        np.array([0]),
    )
    places = (
        Point("Hut", "aid", distance_m=9000.0, cutoff_s=9 * 3600.0),
        Point("Well", "water", distance_m=15_000.0),
    )
    stages = tuple(Stage(k, f"Day {k}", track, points=places) for k in (1, 2))
    found = Course("Hills", stages, start=START, timezone="Europe/Rome", limit_s=90_000.0)
    return replace(found, **changes)


def field(names: tuple[str, ...] = NAMES, of: Course | None = None, **options: Any) -> Report:
    first, *rest = (LEVELS[name] for name in names)
    return analyze(of or course(), first, others=tuple(rest), **options)


@pytest.fixture(scope="module")
def report() -> Report:
    return field(draws=20)


def sheet(report: Report, **options: Any) -> Table:
    return next(t for t in all_tables(report, **options) if t.title.startswith("The field"))


def column(table: Table, name: str) -> list[str]:
    return [row[table.columns.index(name)] for row in table.rows]


def test_each_level_is_what_it_would_be_alone(report: Report) -> None:
    levels = as_json(report.facts)["levels"]
    assert [level["level"] for level in levels] == list(NAMES)  # in the order asked for
    for level in levels:
        alone = as_json(analyze(course(), LEVELS[level["level"]], draws=0).facts)
        assert level["elapsed_s"] == alone["elapsed_s"]["p50"]
        points = [(stage["number"], p) for stage in alone["stages"] for p in stage["points"]]
        assert level["points"] == [
            {
                "stage": number,
                "name": point["name"],
                "arrival_s": point["arrival_s"]["p50"],
                "arrival": point["arrival"],
            }
            for number, point in points
        ]


def test_the_rest_of_the_report_is_the_first_levels(report: Report) -> None:
    rows = as_json(report.facts)
    alone = as_json(analyze(course(), LEVELS["mid"], draws=20).facts)
    assert {key: value for key, value in rows.items() if key != "levels"} == alone
    assert report.levels[0] == ("mid", report.estimate)
    assert all(estimate.spread is None for _, estimate in report.levels[1:])


def test_one_level_is_no_field() -> None:
    report = field(("mid",))
    assert report.levels == ()
    assert "levels" not in as_json(report.facts)
    assert "elite" not in csv_text(report)
    assert "The field" not in markdown_text(report)


def test_the_sheet_goes_from_first_to_last(report: Report) -> None:
    table = sheet(report)
    assert table.title == "The field: places open with elite and close after back"
    assert table.columns == ("no.", "point", "km", "elite", "mid", "back", "open", "cutoff")
    assert column(table, "point") == ["Hut", "Well", "End of stage 1", "Hut", "Well", "Finish"]
    assert column(table, "elite")[0].startswith("Sat 2")
    assert table.breaks == (2,)


def test_what_is_open_is_what_lies_between_the_clocks_shown(report: Report) -> None:
    table = sheet(report)
    for first, last, opened in zip(
        *(column(table, c) for c in ("elite", "back", "open")), strict=True
    ):
        if first.startswith("Sat") and last.startswith("Sat"):
            minutes = [int(t[4:6]) * 60 + int(t[7:]) for t in (first, last)]
            assert (
                opened == f"{(minutes[1] - minutes[0]) // 60}:{(minutes[1] - minutes[0]) % 60:02d}"
            )
    assert column(table, "open")[0] < column(table, "open")[-1]


def test_a_cutoff_is_on_the_wall_after_the_clocks_changed(report: Report) -> None:
    assert column(sheet(report), "cutoff")[0] == "Sun 06:00"  # nine hours after 22:00


def test_without_a_start_there_are_hours() -> None:
    table = sheet(field(of=course(start=None)))
    assert all(cell.count(":") == 1 and cell[0].isdigit() for cell in column(table, "elite"))
    assert column(table, "cutoff")[0] == "9:00"


def test_a_staged_field_starts_afresh() -> None:
    days = [datetime(2026, 9, day, 8, tzinfo=ROME) for day in (4, 5)]
    each = tuple(replace(s, start=d) for s, d in zip(course().stages, days, strict=True))
    table = sheet(field(of=course(start=None, format="staged", stages=each)))
    assert [cell[:3] for cell in column(table, "mid")] == ["Fri"] * 3 + ["Sat"] * 3
    assert column(table, "cutoff")[3] == "Sat 17:00"
    assert column(table, "km")[0] == column(table, "km")[3]


def test_all_four_levels_fit_a_terminal() -> None:
    long = tuple(
        replace(s, points=(replace(s.points[0], name="Rifugio " * 9),)) for s in course().stages
    )
    shown = text(all_tables(field(tuple(LEVELS), course(stages=long)), "imperial"))
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "…" not in shown


def test_only_the_stages_asked_for(report: Report) -> None:
    rows = as_json(report.facts.shown((2,)))
    assert {point["stage"] for level in rows["levels"] for point in level["points"]} == {2}
    whole = as_json(report.facts)["levels"]
    assert [level["elapsed_s"] for level in rows["levels"]] == [x["elapsed_s"] for x in whole]
    assert len(sheet(report, stages=(2,)).rows) == 3
    assert csv_text(report, stages=(2,)).splitlines()[1:] == csv_text(report).splitlines()[4:]


def test_the_splits_have_two_columns_a_level(report: Report) -> None:
    lines = list(csv.DictReader(io.StringIO(csv_text(report))))
    assert list(lines[0])[-6:] == [
        f"{name}_{what}" for name in ("elite", "mid", "back") for what in ("arrival", "clock")
    ]
    for line in lines:
        assert (line["mid_arrival"], line["mid_clock"]) == (line["arrival"], line["clock"])


def test_the_sheet_is_in_the_markdown(report: Report) -> None:
    assert "## The field: places open with elite and close after back" in markdown_text(report)
    assert re.search(
        r"^\| field +\| mid \d+ h.*, elite \d+ h.*, back \d+ h", markdown_text(report), re.M
    )


def test_the_same_field_gives_the_same_bytes(report: Report) -> None:
    assert json_text(field(draws=20).facts) == json_text(report.facts)
