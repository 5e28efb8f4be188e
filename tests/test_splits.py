"""splits.csv and report.md: a row for every point, and names that stay text."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from test_facts import START, race

from gpxstage.course import Point
from gpxstage.facts.analysis import Report, analyze
from gpxstage.report.markup import markdown_text
from gpxstage.report.splits import csv_text
from gpxstage.text import safe_cell
from gpxstage.units import hours


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(race(start=START, timezone="Europe/Rome"), draws=0)


def splits(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_splits_have_a_row_for_every_point(report: Report) -> None:
    lines = splits(csv_text(report))
    assert [(line["stage"], line["point"]) for line in lines] == [
        ("1", "Hut"),
        ("1", "Village"),
        ("2", "Well"),
        ("2", "Finish"),
    ]
    assert lines[0]["cutoff"] == "10:00"
    assert int(lines[0]["margin_min"]) > 0
    assert lines[0]["clock"].startswith("2026-09-04 1")
    assert lines[2]["leg_km"] == "0.50"
    assert float(lines[1]["leg_km"]) == pytest.approx(float(lines[1]["km"]) - 6.0, abs=0.02)
    assert all(0 <= int(line["leg_hiked_percent"]) <= 100 for line in lines)


def test_the_ends_of_a_range_and_the_cutoff_are_clocks_that_sort() -> None:
    report = analyze(race(start=START, timezone="Europe/Rome"), draws=40)
    lines = splits(csv_text(report))
    points = [point for stage in report.facts.stages for point in stage.points]
    clocks = ("clock_p10", "clock", "clock_p90")
    for line, point in zip(lines, points, strict=True):
        early, middle, late = (datetime.fromisoformat(line[name]) for name in clocks)
        assert early <= middle <= late
        assert sorted(line[name] for name in clocks) == [line[name] for name in clocks]
        assert point.arrival_s.p90 is not None
        assert line["arrival_p90"] == hours(point.arrival_s.p90)
        gone = late - START.replace(tzinfo=None)
        assert gone.total_seconds() == pytest.approx(point.arrival_s.p90, abs=30.5)
        with closing(sqlite3.connect(":memory:")) as database:  # another reader of clocks
            ((read,),) = database.execute("select datetime(?)", (line["clock_p90"],))
        assert read == f"{late}"
    assert lines[0]["cutoff_clock"] == f"{START + timedelta(hours=10):%Y-%m-%d %H:%M}"


def test_splits_of_a_course_have_no_columns_of_a_runner() -> None:
    head = csv_text(analyze(race(), estimated=False)).splitlines()[0]
    assert (
        head == "stage,point,kind,km,race_km,height_m,gain_m,leg_km,leg_gain_m,cutoff,cutoff_clock"
    )


def test_splits_in_miles_and_of_one_stage(report: Report) -> None:
    lines = splits(csv_text(report, "imperial", (2,)))
    assert {line["stage"] for line in lines} == {"2"}
    assert lines[0]["mi"] == "0.31"
    assert "height_ft" in lines[0]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r-x", "'-x"),
        ("＝1+1", "'＝1+1"),
        ("-inf", "'-inf"),
        ("+1_0", "'+1_0"),
        ("-12.5", "-12.5"),
        ("+7", "+7"),
        ("Col d'Arp", "Col d'Arp"),
        (-3, -3),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(cell: Any, safe: Any) -> None:
    assert safe_cell(cell) == safe


def test_names_cannot_break_out_of_the_tables() -> None:
    evil = "| *a* <b> [c](d)\n# =x\x1b[31m"
    stage = replace(race().stages[1], name=evil, points=(Point(evil, distance_m=500.0),))
    report = analyze(race(name=evil, stages=(stage,)), draws=0)
    lines = markdown_text(report).splitlines()
    assert not [line for line in lines if "\x1b" in line or "<b>" in line or line == "# =x"]
    tables = [block.splitlines() for block in "\n".join(lines).split("\n\n") if block[0] == "|"]
    assert len(tables) > 5
    for table in tables:  # no bar of a name is a border
        assert len({row.count("|") - row.count("\\|") for row in table}) == 1
    assert splits(csv_text(report))[0]["point"] == "| *a* <b> [c](d) # =x[31m"


def test_report_md_says_what_where_and_how(report: Report) -> None:
    text = markdown_text(report)
    assert text.startswith("# Two Days\n")
    for title in ("Stages", "Points", "Climbs and descents", "By grade", "By altitude"):
        assert f"\n## {title}" in text
    assert "resampled every 10 m" in text
    assert "σ 30 m" in text
    assert "| Hut" in text
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("| ")]
    assert len(tables) > 5
    assert all(len({len(line) for line in table}) == 1 for table in tables)  # aligned in source


def test_the_survey_and_the_notes_are_in_report_md() -> None:
    text = markdown_text(analyze(race(survey="reconstructed", notes=("odd", "odd")), draws=0))
    assert "**The track is reconstructed.**" in text
    assert text.count("- odd\n") == 1
