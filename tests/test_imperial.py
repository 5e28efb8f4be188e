"""Miles, feet and pounds: ``--units imperial`` reaches every file that people read."""

from __future__ import annotations

import math
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import gpxpy
import numpy as np
import pytest

from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.plot import draw
from gpxstage.report.markup import text
from gpxstage.report.say import all_tables

METRIC = re.compile(r"\d ?(km|m|kg)\b|\b(km|kg) \d")


def course() -> Course:
    """Two stages over a hill from sea level to 3,900 m, a hut half-way."""
    n = 401
    track = Track(
        45.0 + np.linspace(0.0, 0.3, n),
        np.full(n, 7.0),
        1950.0 - 1950.0 * np.cos(np.linspace(0.0, 2.0 * math.pi, n)),
        np.full(n, np.nan),
        np.array([0]),
    )
    hut = Point("Hut", "aid", distance_m=16_093.44, stop_s=600.0)
    start = datetime(2026, 6, 5, 10, tzinfo=ZoneInfo("Europe/Rome"))
    return Course("Hill", tuple(Stage(k, "", track, points=(hut,)) for k in (1, 2)), start=start)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), LEVELS["mid"], draws=20)


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("imperial")
    folder.write(report, into, folder.Form(units="imperial"))
    return into


def test_a_terminal_has_miles_feet_and_pounds(report: Report) -> None:
    shown = text(all_tables(report, "imperial"))
    assert re.search(r"\d\.\d mi flat in an hour, \d+\.\d lb carried", shown)
    assert not METRIC.search(re.sub(r"100 m( and 500 m)?: steepest|[15]00 m %", "", shown))


def test_bands_and_thresholds_end_at_round_feet(report: Report) -> None:
    by_altitude = next(t for t in all_tables(report, "imperial") if t.title == "By altitude")
    assert [row[0] for row in by_altitude.rows] == [
        "0 to 1,500 ft",
        "1,500 to 6,500 ft",
        "6,500 to 10,000 ft",
        "10,000 to 18,000 ft",
        "above 5,000 ft",
        "above 8,000 ft",
        "above 10,000 ft",
        "above 12,000 ft",
    ]


def test_bands_add_up_to_the_course_in_both_units(report: Report) -> None:
    for units in ("metric", "imperial"):
        for stage in as_json(report.facts_for(units=units))["stages"]:
            share = sum(band["distance_m"] for band in stage["altitude_bands"])
            assert share == pytest.approx(stage["length_m"], abs=0.05)


def test_watch_files_and_calendar_speak_of_miles(written: Path) -> None:
    for name in ("race.gpx", "stage-1.gpx", "stage-2.gpx"):
        found = gpxpy.parse((written / name).read_text())
        assert found.waypoints[0].description.startswith("mi ")
        assert not [w for w in found.waypoints if METRIC.search(w.description)]
    first, *_ = gpxpy.parse((written / "race.gpx").read_text()).waypoints
    assert first.description.startswith("mi 10.0, after ")
    assert first.elevation == pytest.approx(3890.0, abs=40.0)  # GPX has metres alone
    calendar = (written / "race.ics").read_text()
    assert "mi 10.0" in calendar.replace("\r\n ", "").replace("\n ", "")
    assert "km " not in calendar


def test_tables_page_and_crew_card_speak_of_miles(written: Path) -> None:
    markdown = (written / "report.md").read_text().split("## How it was measured")[0]
    assert not METRIC.search(markdown.replace("100 m", "").replace("500 m", ""))
    assert (written / "splits.csv").read_text().startswith("stage,point,kind,mi,race_mi,height_ft,")
    assert not METRIC.search(re.sub(r"<style>.*?</style>", "", (written / "crew.html").read_text()))


def test_a_picture_has_miles_and_feet_alone(report: Report) -> None:
    for stage in (None, 1):
        words = [text.get_text() for text in draw(report, stage, units="imperial").words.all]
        assert not [each for each in words if METRIC.search(each)]
        assert "mi" in words
