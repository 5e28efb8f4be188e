"""The crew card: who, where, when, and one page."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.racefile import load
from gpxstage.report.crew import Place, crew_html, places
from gpxstage.units import range_s

pytest.importorskip("jinja2")

ROOT = Path(__file__).resolve().parents[1]
ROME = ZoneInfo("Europe/Rome")
ITEMS = ("pizza", "dry socks", "head torch batteries", "coffee", "poles", "salt & <b>sugar</b>")


def course(km: float = 40.0, **changes: Any) -> Course:
    """Two stages over hills: crew at a hut, a base where they meet, crew at neither well."""
    n = 2001
    track = Track(
        45.0 + np.linspace(0.0, km / 111.1, n),
        np.full(n, 7.0),
        1500.0 + 500.0 * np.sin(np.linspace(0.0, 9.0, n)),
        np.full(n, np.nan),
        np.array([0]),
    )
    bed = ("bed",)
    points = (
        Point("Well", "water", distance_m=300.0 * km),
        Point("Hut", "aid", distance_m=500.0 * km, crew=True, services=bed, stop_s=1800.0),
        Point("Base", "life-base", distance_m=1005.0 * km, services=bed),
    )
    stages = (Stage(1, "One", track, points), Stage(2, "Two", track, points[:2]))
    start = datetime(2026, 6, 5, 10, tzinfo=ROME)
    return replace(Course("Hills", stages, start=start, timezone="Europe/Rome"), **changes)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), LEVELS["back"], draws=50, crew_items=ITEMS, intake_kcal_per_h=250.0)


def named(lines: list[Place]) -> list[str]:
    return [line.name for line in lines]


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def test_the_places_are_start_crew_and_finish(report: Report) -> None:
    assert named(places(report)) == ["Start", "Hut", "Base", "Hut", "Finish"]


def test_a_window_is_that_of_the_report(report: Report) -> None:
    hut = places(report)[1]
    arrival = as_json(report.facts)["stages"][0]["points"][1]["arrival_s"]
    low, high = (36_000 + end_s for end_s in range_s(arrival["p10"], arrival["p90"]))
    assert hut.group == ("Fri", "5 Jun")
    first, last = hut.window.split(" – ")
    assert minutes(first) == round(low / 60)
    assert minutes(last) == round(high / 60)


def test_a_window_over_midnight_names_the_second_day(report: Report) -> None:
    finish = places(report)[-1]
    assert re.fullmatch(r"\d\d:\d\d – Sat \d\d:\d\d|\d\d:\d\d – \d\d:\d\d", finish.window)
    windows = [line.window for line in places(report)]
    assert any(" – Sat " in window for window in windows)


def test_hours_since_the_last_leave_its_stop_out(report: Report) -> None:
    hut, base = places(report)[1:3]
    points = {p["name"]: p for p in as_json(report.facts)["stages"][0]["points"]}
    left_s = points["Hut"]["arrival_s"]["p50"] + points["Hut"]["stop_s"]
    assert points["Hut"]["stop_s"] == 1800
    assert minutes(base.since) == round((points["Base"]["arrival_s"]["p50"] - left_s) / 60)
    assert minutes(hut.since) == round(points["Hut"]["arrival_s"]["p50"] / 60)


def test_food_follows_the_hours_and_the_intake(report: Report) -> None:
    for scale in (1.0, 2.0):
        again = replace(report, intake_kcal_per_h=250.0 * scale)
        stops_s = {point.name: point.stop_s or 0 for point in again.points}
        lines = places(again)
        for line, after in pairwise(lines):
            kcal = int(line.kcal.replace(",", ""))
            awake_h = minutes(after.since) / 60.0 + stops_s.get(line.name, 0) / 3600.0
            assert kcal == pytest.approx(250.0 * scale * awake_h, abs=30.0)
            assert kcal % 50 == 0
        assert lines[-1].kcal == ""


def test_nobody_eats_asleep() -> None:
    long = analyze(course(120.0), LEVELS["back"], draws=0)
    lines = places(long)
    asleep = [line for line in lines if line.sleep]
    assert asleep
    well = replace(long.course.stages[0].points[1], crew=False)  # sleep where no crew is
    hidden = tuple(
        replace(s, points=tuple(well if p.name == "Hut" else p for p in s.points))
        for s in long.course.stages
    )
    fewer = places(analyze(replace(long.course, stages=hidden), LEVELS["back"], draws=0))
    assert named(fewer) == ["Start", "Base", "Finish"]
    awake_h = minutes(fewer[1].since) / 60.0 - minutes(lines[1].sleep or "0:00") / 60.0
    assert int(fewer[0].kcal.replace(",", "")) == pytest.approx(200.0 * awake_h, abs=30.0)


def test_light_is_that_of_the_sun() -> None:
    noon, midnight = (
        places(analyze(course(4.0, start=datetime(2026, 6, 5, hour, tzinfo=ROME)), draws=0))[
            1
        ].light
        for hour in (12, 0)
    )
    assert (noon, midnight) == ("day", "night")


def test_a_window_may_begin_by_day_and_end_at_night() -> None:
    dusk = course(start=datetime(2026, 6, 5, 19, 25, tzinfo=ROME))
    assert places(analyze(dusk, LEVELS["back"], draws=50))[1].light == "day/night"


def test_a_window_of_two_days_holds_the_night_between_them(report: Report) -> None:
    early = course(200.0, start=datetime(2026, 6, 5, 6, tzinfo=ROME))
    wide = [line for line in places(analyze(early, draws=50)) if line.light == "both"]
    assert wide
    for line in wide:
        first, last = line.window.split(" – ")
        assert re.fullmatch(r"[A-Z][a-z]{2} \d\d:\d\d", last)
        hours = int(first[:2]), int(last[4:6])
        if not {5, 21} & set(hours):  # the sun rises and sets within these
            assert (6 <= hours[0] < 21) == (6 <= hours[1] < 21)


def test_without_a_start_there_are_hours() -> None:
    bare = analyze(course(start=None), draws=20)
    lines = places(bare)
    assert {line.group for line in lines} == {()}
    assert {line.light for line in lines} == {""}
    assert re.fullmatch(r"\d+:\d\d – \d+:\d\d", lines[1].window)
    assert "hours after the start" in crew_html(bare)
    assert ">light<" not in crew_html(bare)


def test_every_day_of_a_staged_race_has_a_start_and_an_end() -> None:
    days = [datetime(2026, 6, day, 8, tzinfo=ROME) for day in (5, 7)]
    stages = tuple(
        replace(stage, start=day, points=())
        for stage, day in zip(course().stages, days, strict=True)
    )
    lines = places(analyze(course(start=None, format="staged", stages=stages), draws=0))
    assert named(lines) == ["Start", "End of stage 1", "Start", "Finish"]
    assert [line.group for line in lines[::2]] == [
        ("Stage 1", "Fri", "5 Jun"),
        ("Stage 2", "Sun", "7 Jun"),
    ]
    assert [line.window for line in lines[::2]] == ["08:00", "08:00"]
    assert [bool(line.kcal) for line in lines] == [True, False, True, False]


def test_without_draws_there_is_one_time() -> None:
    single = analyze(course(), draws=0)
    assert all("–" not in line.window for line in places(single))
    assert "range" not in crew_html(single).partition("<body>")[2]


def test_no_estimate_no_card() -> None:
    with pytest.raises(ValueError, match="needs an estimate"):
        places(analyze(course(), estimated=False))


class Words(HTMLParser):
    """The text of a page, its tags apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_names_are_text() -> None:
    name = "<script>alert(1)</script> & \x1b[31m\u202eco"
    stages = course().stages
    points = tuple(replace(p, name=name) for p in stages[0].points)
    evil = course(name=name, stages=(replace(stages[0], points=points),), survey="<i>sketch</i>")
    page = crew_html(analyze(evil, replace(LEVELS["mid"], name=name), crew_items=ITEMS, draws=0))
    found = Words(page)
    assert not {"script", "b", "i"} & set(found.tags)
    assert found.words.count("<script>alert(1)</script> & [31mco") >= 3
    assert "salt & <b>sugar</b>" in found.words
    assert "track: <i>sketch</i>" in found.words
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page)


def test_it_asks_nothing_of_a_network(report: Report) -> None:
    page = crew_html(report)
    assert "http" not in page
    assert "<script" not in page
    assert "url(" not in page


def test_the_same_report_gives_the_same_card(report: Report) -> None:
    again = analyze(course(), LEVELS["back"], draws=50, crew_items=ITEMS, intake_kcal_per_h=250.0)
    assert crew_html(again) == crew_html(report)


def test_it_lies_beside_the_report(report: Report, tmp_path: Path) -> None:
    assert "crew.html" in folder.write(report, tmp_path)
    assert (tmp_path / "crew.html").read_text("utf-8") == crew_html(report)
    assert folder.left_out(report) == []


def test_without_the_libraries_a_note_says_so(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "find_spec", lambda name: None)
    assert "crew.html" not in folder.write(report, tmp_path)
    (note,) = folder.left_out(report)
    assert re.match(r"no .*crew\.html.*: they need .*pip install '\.\[web\]'", note)


@pytest.fixture
def pages(tmp_path: Path) -> Any:
    """How many sheets Chromium prints a page on."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium")

    def printed(page: str) -> int:
        (tmp_path / "crew.html").write_text(page, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu"]
        command += [f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer"]
        command += [f"--print-to-pdf={tmp_path / 'crew.pdf'}", str(tmp_path / "crew.html")]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        pdf = (tmp_path / "crew.pdf").read_bytes()
        return len(re.findall(rb"/Type\s*/Page\b", pdf))

    return printed


LONG = "Rifugio dell'Alpe più lontana di tutte le valli della regione autonoma, lato nord"


@pytest.mark.browser
@pytest.mark.parametrize("items", [(), tuple(f"{k} {'long item ' * 3}"[:32] for k in range(6))])
def test_the_tor_fits_one_sheet(pages: Any, items: tuple[str, ...]) -> None:
    tor = load(ROOT / "sample_courses" / "tor-des-geants")
    report = analyze(tor, draws=20, crew_items=items)
    assert pages(crew_html(report)) == 1
    stages = tuple(
        replace(s, points=tuple(replace(p, name=LONG) for p in s.points)) for s in tor.stages
    )
    longer = analyze(replace(tor, name=LONG, stages=stages), draws=20, crew_items=items)
    assert pages(crew_html(longer)) == 1


@pytest.mark.browser
def test_sixty_places_fit_one_sheet(pages: Any) -> None:
    many = tuple(Point(f"Place number {k}", "crew", distance_m=650.0 * k) for k in range(1, 60))
    stage = replace(course().stages[0], points=many)
    assert pages(crew_html(analyze(course(stages=(stage,)), crew_items=ITEMS, draws=0))) == 1
