"""The crew card: who, where, when, and one page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track, track_distance_m
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.report.card import Place, card
from gpxstage.report.crew import crew_html
from gpxstage.units import range_s

pytest.importorskip("jinja2")

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


def places(report: Report, **options: Any) -> tuple[Place, ...]:
    return card(report, **options).places


def named(lines: tuple[Place, ...]) -> list[str]:
    return [line.name for line in lines]


def minutes(text: str) -> int:
    hour, minute = text[-5:].replace(" ", "").split(":")
    return 60 * int(hour) + int(minute)


def points_of(report: Report) -> dict[str, Any]:
    """The points of a report's first stage, by name."""
    return {point["name"]: point for point in as_json(report.facts)["stages"][0]["points"]}


def test_no_line_of_the_heading_ends_between_a_number_and_its_unit(report: Report) -> None:
    heading = crew_html(report).split("<h1")[1][:400]
    assert re.search(r"\d\u00a0% range \d+\u00a0h", heading)
    assert not re.search(r"\d (?:%|h|min)[ ;]", heading)


def test_the_crew_is_at_the_finish_as_early_as_the_runner_may_come(report: Report) -> None:
    """Its range, given the finish, is one minute: the one of the place before counts."""
    end = course().stages[1]
    length_m = float(track_distance_m(end.track)[-1])
    finish = Point("End", "finish", distance_m=length_m, drive_s=2700.0)
    way = replace(course(), stages=(course().stages[0], replace(end, points=(*end.points, finish))))
    lines = places(analyze(way, LEVELS["back"], draws=200))
    before, last = lines[-2], lines[-1]
    early = minutes(before.expected) - minutes(before.window.partition("–")[0])
    assert early > 0
    assert minutes(last.expected) - minutes(last.leave.rstrip(" !")) == 45 + early


def test_the_places_are_start_crew_and_finish(report: Report) -> None:
    assert named(places(report)) == ["Start", "Hut", "Base", "Hut", "Finish"]
    assert named(places(report, bases_only=True)) == ["Start", "Base", "Finish"]


def test_an_expected_time_and_its_range_are_those_of_the_facts(report: Report) -> None:
    hut, point = places(report)[1], points_of(report)["Hut"]
    assert hut.group == ("Fri", "5 Jun")
    assert minutes(hut.expected) == 600 + round(point["arrival_s"]["p50"] / 60)
    given = point["given_finish_s"]
    ends_s = range_s(given["p10"], given["p90"])
    assert [minutes(end) for end in hut.window.split("–")] == [600 + end / 60 for end in ends_s]
    assert ends_s[1] - ends_s[0] < point["arrival_s"]["p90"] - point["arrival_s"]["p10"]


def test_days_are_those_of_the_expected_times() -> None:
    late = analyze(
        course(start=datetime(2026, 6, 5, 16, 30, tzinfo=ROME)), LEVELS["back"], draws=50
    )
    found = {line.name: line for line in places(late)[2:]}
    assert found["Base"].group == ("Fri", "5 Jun")
    assert found["Finish"].group == ("Sat", "6 Jun")
    assert found["Finish"].window == ""  # given the finish


def test_a_day_is_named_where_it_is_another() -> None:
    near = course(start=datetime(2026, 6, 5, 20, 50, tzinfo=ROME))
    windows = [line.window for line in places(analyze(near, LEVELS["back"], draws=50))]
    assert any(re.fullmatch(r"\d\d:\d\d–Sat \d\d:\d\d", window) for window in windows)


def test_a_range_ends_at_the_cutoff() -> None:
    free = analyze(course(), LEVELS["back"], draws=50)
    hut = points_of(free)["Hut"]
    cutoff_s = hut["arrival_s"]["p50"] + 60.0 * 4  # before the late end
    shut = with_point("Hut", cutoff_s=cutoff_s, stop_s=0.0)
    line = places(analyze(shut, LEVELS["back"], draws=50))[1]
    assert line.window.split("–")[1] == line.cutoff
    assert minutes(line.cutoff) == 600 + round(cutoff_s / 60)


def test_nothing_comes_after_a_place_that_has_closed(report: Report) -> None:
    base = points_of(report)["Base"]
    shut = with_point("Base", cutoff_s=base["arrival_s"]["p50"] - 2400.0)
    found = card(analyze(shut, LEVELS["back"], draws=50))
    assert named(found.places) == ["Start", "Hut"]
    assert found.places[1].kcal
    assert [line.name for line in found.strip] == ["Start", "Well", "Hut"]
    assert found.missed.startswith("The plan misses the cutoff at Base: it closes at Fri ")
    assert found.missed.endswith(" 40 min too late. Nothing after it is listed.")


def test_a_plan_that_leaves_too_late_is_warned_of(report: Report) -> None:
    hut = points_of(report)["Hut"]
    tight = with_point("Hut", cutoff_s=hut["arrival_s"]["p50"] + 600.0)
    found = card(analyze(tight, LEVELS["back"], draws=0))
    assert found.places[1].remarks == ("the plan leaves 0:20 h after the cutoff",)
    assert not found.missed


def with_point(name: str, **changes: Any) -> Course:
    stages = tuple(
        replace(
            stage,
            points=tuple(
                replace(p, **changes) if p.name == name and stage.number == 1 else p
                for p in stage.points
            ),
        )
        for stage in course().stages
    )
    return course(stages=stages)


def test_the_way_is_that_from_the_place_before(report: Report) -> None:
    lines = places(report)
    assert lines[0].far == lines[0].climb == ""
    far_m = sum(float(line.far) for line in lines[1:])
    assert far_m == pytest.approx(report.facts.length_m / 1000.0, abs=0.2)
    climb_m = sum(int(line.climb.replace(",", "")) for line in lines[1:])
    assert climb_m == pytest.approx(report.facts.gain_m, abs=3.0)
    miles = places(report, units="imperial")
    assert float(miles[1].far) == pytest.approx(float(lines[1].far) / 1.609344, abs=0.1)


def test_stops_and_sleep_are_the_planned_ones() -> None:
    long = analyze(course(120.0), LEVELS["back"], draws=0)
    facts = points_of(long)["Base"]
    line = next(line for line in places(long) if line.name == "Base")
    assert minutes(line.stop) == round(facts["stop_s"] / 60)
    assert minutes(line.sleep) == round(facts["sleep_s"] / 60) > 0


def test_food_follows_the_hours_and_the_intake(report: Report) -> None:
    points = {point.name: point for _, point in list(report.facts.every_point())[:3]}
    hut, base = points["Hut"], points["Base"]
    awake_s = (base.arrival_s.p50 or 0) - (hut.arrival_s.p50 or 0) - (hut.sleep_s or 0)
    for scale in (1.0, 2.0):
        lines = places(replace(report, intake_kcal_per_h=250.0 * scale))
        kcal = int(lines[1].kcal.replace(",", ""))
        assert kcal == pytest.approx(250.0 * scale * awake_s / 3600.0, abs=25.0)
        assert kcal % 50 == 0
        assert lines[-1].kcal == ""


def test_nobody_eats_asleep() -> None:
    stages = tuple(
        replace(s, points=tuple(replace(p, crew=False, kind="aid") for p in s.points))
        for s in course(120.0).stages
    )
    found = analyze(course(120.0, stages=stages), LEVELS["back"], draws=0)
    slept_s = sum(point.sleep_s or 0 for _, point in found.facts.every_point())
    assert slept_s > 3600
    start, _ = places(found)  # no crew on the way
    awake_h = (as_json(found.facts)["elapsed_s"]["p50"] - slept_s) / 3600.0
    assert int(start.kcal.replace(",", "")) == pytest.approx(200.0 * awake_h, abs=30.0)


def test_a_start_at_night_is_dark() -> None:
    first, *_ = places(analyze(course(4.0, start=datetime(2026, 6, 5, 1, tzinfo=ROME)), draws=0))
    assert first.light == "dark"


def test_light_is_that_of_the_sun_on_arrival() -> None:
    noon, midnight = (
        places(analyze(course(4.0, start=datetime(2026, 6, 5, hour, tzinfo=ROME)), draws=0))[
            1
        ].light
        for hour in (12, 0)
    )
    assert (noon, midnight) == ("light", "dark")


def test_the_crew_leaves_as_long_before_the_early_end_as_it_drives(report: Report) -> None:
    driven = analyze(with_point("Base", drive_s=2700.0), LEVELS["back"], draws=50)
    base = places(driven)[2]
    assert base.drive == "0:45"
    assert minutes(base.window.split("–")[0]) - minutes(base.leave) == 45
    assert "!: the crew" not in crew_html(driven)
    assert {line.drive for line in places(driven) if line.name != "Base"} == {""}
    assert places(driven, bases_only=True)[1].drive == ""  # the way by the hut is not known


def test_a_crew_that_cannot_wait_for_the_runner_is_warned() -> None:
    driven = analyze(with_point("Base", drive_s=6 * 3600.0), LEVELS["back"], draws=0)
    hut, base = places(driven)[1:3]
    assert base.leave.endswith(" !")  # before the runner has left the hut
    assert hut.leave == ""
    assert "!: the crew sets off before the runner" in crew_html(driven)


def test_a_way_past_places_that_are_left_out_is_the_sum() -> None:
    stages = tuple(
        replace(stage, points=tuple(replace(p, drive_s=1800.0) for p in stage.points))
        for stage in course().stages
    )
    driven = analyze(course(stages=stages), draws=0)
    assert places(driven, bases_only=True)[1].drive == "1:00"  # hut and base; no crew at the well


def test_bags_say_how_long_it_is_to_the_next() -> None:
    evening = course(120.0, start=datetime(2026, 6, 5, 20, tzinfo=ROME))
    stages = tuple(
        replace(s, points=tuple(replace(p, drop_bag=p.name == "Base") for p in s.points))
        for s in evening.stages
    )
    found = analyze(replace(evening, stages=stages), LEVELS["back"], draws=0)
    by_name = {line.name: line for line in places(found)}
    base = points_of(found)["Base"]
    first_h, last_h = (
        round(s / 3600.0)
        for s in (
            base["arrival_s"]["p50"],
            as_json(found.facts)["elapsed_s"]["p50"] - base["arrival_s"]["p50"] - base["stop_s"],
        )
    )
    assert [line.name for line in card(found).strip if "bag" in line.what] == ["Base"]
    (start,), (bag,) = by_name["Start"].remarks, by_name["Base"].remarks
    assert re.fullmatch(rf"first bag in {first_h} h, \d nights?: take lights", start)
    assert re.fullmatch(rf"last bag, finish in {last_h} h, \d nights?: take lights", bag)
    assert not any(line.remarks for line in places(analyze(course(8.0), draws=0)))


def test_the_strip_has_the_numbers_of_the_card(report: Report) -> None:
    found = card(report)
    strip = {(line.name, line.expected[4:]): line for line in found.strip}
    for line in found.places:
        on_strip = strip[line.name, line.expected]
        assert (on_strip.cutoff, on_strip.stop) == (line.cutoff, line.stop)
    assert "Well" in {*named(found.strip)} - {*named(found.places)}  # a stop without the crew
    assert next(line for line in found.strip if line.name == "Hut").what == "crew bed"


def test_without_a_start_there_are_hours() -> None:
    bare = analyze(course(start=None), draws=20)
    lines = places(bare)
    assert {line.group for line in lines} == {()}
    assert {line.light for line in lines} == {""}
    assert re.fullmatch(r"\d+:\d\d–\d+:\d\d", lines[1].window)
    assert "h after the start" in crew_html(bare)
    assert ">on arrival<" not in crew_html(bare)


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
    assert [line.expected for line in lines[::2]] == ["08:00", "08:00"]
    assert [bool(line.kcal) for line in lines] == [True, False, True, False]


def test_without_draws_there_is_one_time() -> None:
    single = analyze(course(), draws=0)
    assert not any(line.window for line in places(single))
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


@pytest.mark.usefixtures("few_plans")
def test_it_lies_beside_the_report(report: Report, tmp_path: Path) -> None:
    assert "crew.html" in folder.write(report, tmp_path, folder.Form(pictures=False))
    assert (tmp_path / "crew.html").read_text("utf-8") == crew_html(report)
    assert folder.left_out(report) == []
    form = folder.Form(units="imperial", crew_bases=True, pictures=False)
    folder.write(report, tmp_path, form)
    bases = crew_html(report, "imperial", bases_only=True)
    assert (tmp_path / "crew.html").read_text("utf-8") == bases
    assert "mi from the last" in bases


def test_without_the_libraries_a_note_says_so(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "find_spec", lambda name: None)
    assert "crew.html" not in folder.write(report, tmp_path, folder.Form(pictures=False))
    note, *_ = folder.left_out(report)
    assert re.match(r"no .*crew\.html.*: they need .*pip install '\.\[web\]'", note)
