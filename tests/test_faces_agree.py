"""One report, all its faces: minutes, metres and kilometres are the same in every one of them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import gpxpy
import pytest
from icalendar import Calendar
from lxml.html import fromstring

from gpxstage.course import Course
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.plot import draw
from gpxstage.racefile import load
from gpxstage.report.card import card
from gpxstage.report.export import race_gpx, race_ics
from gpxstage.report.page import page_html
from gpxstage.report.say import all_tables
from gpxstage.report.say.tables import Table
from gpxstage.report.splits import csv_text
from gpxstage.units import UNITS, clock, half_up, minutes, number, range_s, spoken

TOR = Path(__file__).parents[1] / "sample_courses" / "tor-des-geants"
ROME = ZoneInfo("Europe/Rome")
EVERY_UNIT = ("metric", "imperial")


def lying(course: Course) -> Course:
    """The course with a waypoint's own height 70 m off or zero everywhere."""
    stages = []
    for stage in course.stages:
        points = [
            replace(p, elevation_m=0.0 if k % 2 else (p.elevation_m or 1000.0) + 70.0)
            for k, p in enumerate(stage.points)
        ]
        stages.append(replace(stage, points=tuple(points)))
    return replace(course, stages=tuple(stages), start=datetime(2026, 9, 13, 10, tzinfo=ROME))


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(lying(load(TOR)), LEVELS["mid"], draws=60)


def lines(report: Report, units: str) -> list[dict[str, str]]:
    """splits.csv: a line a point."""
    return list(csv.DictReader(io.StringIO(csv_text(report, units))))


def columns(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def titled(report: Report, units: str, title: str) -> list[dict[str, str]]:
    """The lines of the table of that title."""
    found = next(t for t in all_tables(report, units, wide=True) if t.title.startswith(title))
    return columns(found)


@cache
def page_points(report: Report, units: str) -> list[dict[str, str]]:
    """The lines of the page's table of points."""
    table = fromstring(page_html(report, units)).xpath("//table[caption[@id='points-caption']]")[0]
    head = [cell.text_content() for cell in table.xpath("thead//th")]
    rows = table.xpath("tbody/tr[not(th[@scope='rowgroup'])]")
    return [
        dict(zip(head, (c.text_content() for c in row.xpath("th|td")), strict=True)) for row in rows
    ]


def signed(left: int) -> str:
    """Minutes of a margin, as tables write them."""
    return f"{'−' if left < 0 else '+'}{abs(left) // 60}:{abs(left) % 60:02d}"


def clocked(line: dict[str, str]) -> str:
    """The day and clock of a line of splits.csv, as tables write them."""
    return clock(datetime.fromisoformat(line["clock"]))


@pytest.mark.usefixtures("few_plans")
@pytest.mark.parametrize("units", EVERY_UNIT)
def test_tables_and_page_show_what_the_csv_holds(report: Report, units: str) -> None:
    unit, said = UNITS[units], lines(report, units)
    table, page = titled(report, units, "Points"), page_points(report, units)
    assert len(said) == len(table) == len(page) > 30
    for line, row, shown in zip(said, table, page, strict=True):
        high = number(float(line[f"height_{unit.height}"]))
        assert high == row[unit.height] == shown[unit.height]
        assert clocked(line) == row["expected"] == shown["expected"]
        assert line["arrival"] == row["after"]
        if line["margin_min"]:
            assert signed(int(line["margin_min"])) == row["margin"] == shown["margin"]


@pytest.mark.parametrize("units", EVERY_UNIT)
@pytest.mark.parametrize("number_", [1, 2, 7])
def test_a_stage_s_picture_shows_what_the_csv_holds(
    report: Report, units: str, number_: int
) -> None:
    unit = UNITS[units]
    drawn = draw(report, number_, units=units).words
    here = [line for line in lines(report, units) if line["stage"] == str(number_)]
    high = f"height_{unit.height}"
    known = {
        f"{number(float(line[high]))} {unit.height} · {clocked(line)[4:]}": line["point"]
        for line in here
    }
    beside = [text.get_text().split(" · ") for text in drawn.beside]
    assert len(beside) >= 6
    for height, arrival, *_ in beside:
        assert f"{height} · {arrival}" in known
    row = titled(report, units, "Stages")[number_ - 1]
    facts = drawn.title[1].get_text()
    assert f"+{row[f'climb {unit.height}']} {unit.height}" in facts
    hours, rest = map(int, row["expected"].split(":"))
    assert f": {spoken(3600.0 * hours + 60.0 * rest)} " in facts
    below = [text.get_text() for text in drawn.rows]
    assert {clocked(here[-1]), here[-1]["arrival"]} <= set(below)
    far = [0.0, *(half_up(float(line[unit.distance]), 1) for line in here)]
    between = [number(there - before, 1) for before, there in pairwise(far) if there > before]
    slept = [line["sleep"] for line in here if line["sleep"] not in ("", "0:00")]
    marks = [text.get_text() for text in drawn.marks]
    wide = [text for text in marks if ":" not in text and float(text) > 0.5]
    assert wide == [text for text in between if float(text) > 0.5]  # others may have no room
    assert [text for text in marks if ":" in text] == slept


@pytest.mark.parametrize("units", EVERY_UNIT)
def test_the_race_s_picture_shows_what_the_tables_hold(report: Report, units: str) -> None:
    unit, drawn = UNITS[units], draw(report, units=units).words
    facts, race = drawn.title[1].get_text(), as_json(report.facts)
    *stages, whole = titled(report, units, "Stages")
    assert facts.startswith(f"{number(float(whole[unit.distance]))} {unit.distance}  ·  ")
    assert f"+{whole[f'climb {unit.height}']} {unit.height}" in facts
    low_s, high_s = range_s(race["elapsed_s"]["p10"], race["elapsed_s"]["p90"])
    assert f"8 of 10: {low_s / 3600:.0f}–{high_s / 3600:.0f} h" in facts
    sections = [text.get_text() for text in drawn.sections]
    for row in stages:
        far = f"{number(float(row[unit.distance]))} {unit.distance}"
        assert f"{far} · +{row[f'climb {unit.height}']} {unit.height}" in sections
        assert f"{row['expected']} · {row['hiked %']} %" in sections
    assert f": {spoken(race['elapsed_s']['p50'])} (8 of 10" in facts
    heights = {number(float(line[f"height_{unit.height}"])) for line in lines(report, units)}
    assert {text.get_text().split(" ")[0] for text in drawn.beside} <= heights


@pytest.mark.parametrize("units", EVERY_UNIT)
def test_a_watch_file_shows_what_the_csv_holds(report: Report, units: str) -> None:
    unit, said = UNITS[units], lines(report, units)
    waypoints = gpxpy.parse(race_gpx(report, units)).waypoints
    for line, waypoint in zip(said, waypoints, strict=True):
        far = number(float(line[f"race_{unit.distance}"]), 1)
        assert waypoint.comment == clocked(line)
        words = f"{unit.distance} {far}, after {line['arrival']} h"
        assert waypoint.description.startswith(words)
        assert clock(waypoint.time.astimezone(ROME)) == clocked(line)
        assert waypoint.time.second == 0


@pytest.mark.parametrize("units", EVERY_UNIT)
def test_a_calendar_shows_what_the_csv_holds(report: Report, units: str) -> None:
    unit = UNITS[units]
    said = [x for x in lines(report, units) if x["kind"] not in ("col", "water")]
    events = Calendar.from_ical(race_ics(report, units)).walk("VEVENT")
    for line, event in zip(said, events, strict=True):
        words = str(event["description"])
        assert words.startswith(f"expected {clocked(line)}, after {line['arrival']} h\n")
        assert f"\n{unit.distance} " in words
        if line["margin_min"]:
            assert f"margin {signed(int(line['margin_min']))} h" in words


def test_times_are_the_same_in_calendar_and_crew_card(report: Report) -> None:
    events = Calendar.from_ical(race_ics(report)).walk("VEVENT")
    shown = {}
    for event in events:
        if "dtend" not in event:  # the finish is given
            continue
        low, high = (event[key].dt.astimezone(ROME) for key in ("dtstart", "dtend"))
        there, name = re.fullmatch(r"(\d\d:\d\d) (.*?), .*", str(event["summary"])).groups()
        shown[name] = (there, f"{low:%H:%M}", f"{high:%H:%M}")
        words = str(event["description"])
        assert re.search(rf"^range \w+ {low:%H:%M} to \w+ {high:%H:%M}\b", words, re.MULTILINE)
    ranged = [line for line in card(report).places if line.window]
    assert len(ranged) > 20
    for line in ranged:
        ends = re.findall(r"\d\d:\d\d", line.window)
        assert shown[line.name] == (line.expected, *ends)


def test_a_later_end_its_stop_and_its_margin_add_up_to_the_cutoff(report: Report) -> None:
    """A cutoff is one of leaving: the late margin, too, is what is left after the stop."""
    stayed = []
    for stage in as_json(report.facts)["stages"]:
        for point, row in zip(stage["points"], _slow(report, stage["number"]), strict=True):
            if (cutoff_s := point["cutoff_s"]) is None:
                continue
            ends_s = [cutoff_s - point["margin_s"][end] for end in ("p10", "p90")]
            left = minutes(cutoff_s) - minutes(range_s(*ends_s)[1])
            assert row["late margin"] == signed(left)
            assert left <= minutes(point["margin_s"]["p90"])
            arrived_s = range_s(point["arrival_s"]["p10"], point["arrival_s"]["p90"])[1]
            stayed.append(minutes(cutoff_s) - minutes(arrived_s) - left)
            assert stayed[-1] >= 0
            if not point["stop_s"] or point["cutoff_at"] == "arrive":
                assert stayed[-1] == 0
    assert max(stayed) >= 60  # a life base


def _slow(report: Report, number_: int) -> list[dict[str, Any]]:
    counts = [len(stage["points"]) for stage in as_json(report.facts)["stages"]]
    first = sum(counts[: number_ - 1])
    return page_points(report, "metric")[first : first + counts[number_ - 1]]


def test_a_half_minute_is_the_same_minute_everywhere(report: Report) -> None:
    """A start at an odd second moves the arrivals over all half minutes; each face follows."""
    start = report.course.start
    assert start is not None
    moved = replace(report.course, start=start + timedelta(seconds=30))
    found = replace(report, course=moved)
    for line, row in zip(lines(found, "metric"), titled(found, "metric", "Points"), strict=True):
        assert clocked(line) == row["expected"]
    drawn = draw(found, 2).words
    clocks = {clocked(line)[4:] for line in lines(found, "metric")}
    assert {text.get_text().split(" · ")[1] for text in drawn.beside} <= clocks


def test_a_limit_is_written_with_its_minutes(report: Report) -> None:
    short = replace(report.course, limit_s=46.5 * 3600.0)
    facts = draw(replace(report, course=short)).words.title[1].get_text()
    assert facts.endswith("past the limit of 46 h 30")


@pytest.mark.parametrize("race", ["tor", "transrockies", "chattanooga"])
@pytest.mark.parametrize("first", ["Stages", "Points"])
def test_times_add_up_or_the_table_says_that_each_is_rounded(
    race: str, first: str, request: pytest.FixtureRequest
) -> None:
    """The stages are compared with the whole race, stops and sleep with their exact sum."""
    report: Report = request.getfixturevalue(race)
    facts = report.facts
    table = next(t for t in all_tables(report, wide=True) if t.title.startswith(first))
    times = {name: [_minutes(row[k]) for row in table.rows] for k, name in enumerate(table.columns)
             if name in ("expected", "moving", "in the dark", "earlier days", "stop", "asleep")
             and (first == "Stages" or name in ("stop", "asleep"))}  # fmt: skip
    if first == "Stages":
        off = {name: sum(cells[:-1]) - cells[-1] for name, cells in times.items()}
    else:
        every = [point for stage in facts.stages for point in stage.points]
        exact_s = {"stop": sum(point.stop_s or 0 for point in every),
                   "asleep": sum(point.sleep_s or 0 for point in every)}  # fmt: skip
        off = {name: sum(cells) - minutes(exact_s[name]) for name, cells in times.items()}
    assert off
    assert ("each time is rounded by itself" in table.title) == any(off.values())


def _minutes(time: str) -> int:
    whole, _, rest = time.partition(":")
    return 60 * int(whole or 0) + int(rest or 0)
