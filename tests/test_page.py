"""The web page: one file, what it says is what report.json says, and it works in a browser."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpxstage
from gpxstage import folder
from gpxstage.course import Course, Stage, Track
from gpxstage.estimator import Passed
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.racefile import load

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")
from lxml.html import HtmlElement, fromstring
from made import Gpxstage
from pages import EVIL, PICTURE, SAMPLES, data, hill, places

from gpxstage.report.page import page_html
from gpxstage.report.say.sentences import collapse
from gpxstage.units import clock, hours, percent, range_s

MOST_BYTES = 2_500_000


def text(page: str) -> str:
    """All the words that are seen, on one line."""
    tree = fromstring(page)
    for hidden in tree.xpath("//script|//style"):
        hidden.drop_tree()
    return " ".join(tree.text_content().split())


def test_it_asks_nothing_of_anybody(tor_page: str) -> None:
    tree = fromstring(tor_page)
    asked = [*tree.xpath("//@src"), *tree.xpath("//@href"), *tree.xpath("//@action")]
    assert [a for a in asked if not a.startswith(("data:", "#"))] == []
    assert "default-src 'none'" in tor_page


def test_it_is_small(tor_page: str) -> None:
    assert len(tor_page.encode()) + 4 / 3 * 430_000 < MOST_BYTES  # its picture has 423 kB


def test_the_same_report_gives_the_same_bytes(tor: Report, tor_page: str) -> None:
    assert page_html(tor, picture=PICTURE) == tor_page


@pytest.mark.usefixtures("few_plans")
def test_no_path_is_in_it(tmp_path: Path) -> None:
    own = tmp_path / "folder-of-a-runner"
    shutil.copytree(SAMPLES / "chattanooga-mountains", own)
    page = page_html(analyze(load(own), draws=0))
    assert own.name not in page
    for path in (
        tmp_path,
        Path(gpxstage.__file__).parent,
        Path(pytest.importorskip("bokeh").__file__).parent,
    ):
        assert str(path) not in page


def test_the_places_say_what_the_report_says(tor: Report, tor_page: str) -> None:
    row, said = as_json(tor.facts), places(tor_page)
    x = said["x"]
    assert len(x) <= 2000
    for stage in row["stages"]:
        for point in stage["points"]:
            k = int(np.abs(x - point["race_distance_m"] / 1000.0).argmin())
            assert said["at"][k] == round(10.0 * point["race_distance_m"])
            assert said["high"][k] == round(10.0 * point["elevation_m"])
            if point is not stage["points"][-1]:  # there, the next stage begins, after the stop
                assert said["when"][k] == clock(datetime.fromisoformat(point["arrival"]))
                low = clock_after(point, "p10")
                assert said["window"][k].startswith(low)


def clock_after(point: dict[str, Any], key: str) -> str:
    """The clock of p10 or p90 as shown, without a change of clocks on the way."""
    arrival_s = point["arrival_s"]
    ends_s = range_s(arrival_s["p10"], arrival_s["p90"])
    later_s = ends_s[key == "p90"] - arrival_s["p50"]
    return clock(datetime.fromisoformat(point["arrival"]) + timedelta(seconds=later_s))


def test_no_summit_is_cut(tor: Report, tor_page: str) -> None:
    drawn = np.array(places(tor_page)["high"]) / 10.0
    assert max(drawn) == pytest.approx(max(p.elevation_m.max() for p in tor.profiles), abs=0.06)
    assert min(drawn) == pytest.approx(min(p.elevation_m.min() for p in tor.profiles), abs=0.06)


def test_the_tables_hold_arrivals_margins_and_chances(tor: Report, tor_page: str) -> None:
    tree = fromstring(tor_page)
    table = tree.xpath("//table[caption[@id='points-caption']]")[0]
    head = [cell.text_content() for cell in table.xpath("thead//th")]
    end = as_json(tor.facts)["stages"][0]["points"][-1]
    line = table.xpath(f"tbody/tr[th[.='{end['name']}']]")[0]
    cells = dict(zip(head, (c.text_content() for c in line.xpath("th|td")), strict=True))
    assert cells["expected"] == clock(datetime.fromisoformat(end["arrival"]))
    assert cells["miss %"] == percent(end["miss_probability"])
    assert cells["range (80 %)"].startswith(clock_after(end, "p10"))
    assert cells["margin"].startswith("+")


@pytest.mark.usefixtures("few_plans")
@pytest.mark.parametrize("place", [1, 3, 4])
def test_points_are_under_their_own_stage_when_a_race_is_under_way(place: int) -> None:
    """From the middle and from the end of the first stage, and from the second stage alone."""
    course = hill(names=("A", "B", "C"))
    stage, there = list(analyze(course, draws=0).facts.every_point())[place]
    passed = Passed(stage.number, there.distance_m, 2.0 * (there.arrival_s.p50 or 0), there.name)
    report = analyze(course, draws=0, passed=(passed,))
    table = fromstring(page_html(report)).xpath("//table[caption[@id='points-caption']]")[0]
    listed, head = [], ""
    for line in table.xpath("tbody/tr"):
        if line.xpath("th[@scope='rowgroup']"):
            head = line.text_content()
        else:
            listed.append((head, line.xpath("th")[0].text_content().partition(",")[0]))
    left = list(report.facts.every_point())
    first = next(k for k, (_, p) in enumerate(left) if p.passed)
    assert listed == [(f"{s.number} · {s.name}", p.name) for s, p in left[first:]]


def test_what_a_runner_asks_is_on_the_page(tor_page: str) -> None:
    said = text(tor_page)
    for words in ("Track: reconstructed", "336.9 km", "Climbs", "By grade", "By altitude",
                  "Night, sleep, energy", "What the estimate assumed", "How it was measured",
                  "Range (80 %)"):  # fmt: skip
        assert words in said


def test_names_are_text(evil_page: str) -> None:
    tree = fromstring(evil_page)
    assert len(tree.xpath("//script")) == 5
    assert tree.xpath("//img|//svg|//*[@onload]|//*[@onerror]") == []
    said = text(evil_page)
    for name in EVIL:
        assert name in said
    assert data(evil_page, "course-data")["marks"]["name"][:4] == [*EVIL]


def headings(tree: HtmlElement) -> list[int]:
    return [int(each.tag[1]) for each in tree.xpath("//h1|//h2|//h3|//h4")]


@pytest.mark.parametrize("which", ["tor_page", "evil_page"])
def test_a_screen_reader_finds_its_way(which: str, request: pytest.FixtureRequest) -> None:
    tree = fromstring(request.getfixturevalue(which))
    levels = headings(tree)
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert tree.xpath("/html/@lang") == ["en"]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    named = {*tree.xpath("//@aria-labelledby"), *(a[1:] for a in tree.xpath("//a/@href"))}
    assert named <= set(ids)
    assert all(each.xpath("caption") for each in tree.xpath("//table"))
    assert tree.xpath("//th[not(@scope)]") == []
    assert tree.xpath("//tbody/tr[not(th)]") == []
    assert (
        tree.xpath("//img[not(@alt)]|//*[@role='img'][not(@aria-label or @aria-labelledby)]") == []
    )
    assert tree.xpath("//input[not(ancestor::label)]") == []
    assert tree.xpath("//a[@class='skip']/@href") == ["#main"]


def test_colours_can_be_read() -> None:
    style = Path(gpxstage.__file__).parent.joinpath("report/page/page.css").read_text("utf-8")
    themes = [
        dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in style.split("@media")[:2]
    ]
    assert all(len(theme) > 15 for theme in themes)
    for theme in themes:
        for front in ("ink", "soft", "accent"):
            for back in ("paper", "raised", "stamp", "night"):
                if (front, back) in {("soft", "stamp"), ("accent", "night")}:
                    continue  # never on one another
                assert contrast(theme[front], theme[back]) >= 4.5, (front, back)


def contrast(front: str, back: str) -> float:
    """WCAG 2.1, contrast ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    one, other = sorted((light(front), light(back)))
    return (other + 0.05) / (one + 0.05)


@pytest.mark.usefixtures("few_plans")
def test_a_course_without_heights(tmp_path: Path) -> None:
    page = page_html(analyze(hill(flat=True), draws=0))
    assert 'id="profile"' not in page
    assert "no elevation" in text(page)
    assert set(places(page)["high"]) == {None}


def test_a_course_without_a_runner() -> None:
    page = page_html(analyze(hill(), estimated=False))
    assert "assumed" not in text(page)
    assert "Climbs" in text(page)


@pytest.mark.usefixtures("few_plans")
def test_a_field_plans_and_reasons(tor: Report) -> None:
    field = {"others": (LEVELS["mid"],), "why": True, "plans": True}
    page = page_html(analyze(tor.course, LEVELS["strong"], profiles=tor.profiles, **field, draws=0))
    said = text(page)
    assert "Places open with strong and close after mid" in said
    assert "Where the hours go" in said
    assert "Other models" in said
    assert "Tightest: the cutoff at " in said
    tables = fromstring(page).xpath("//table[starts-with(caption/@id, 'plans-')]")
    assert [len(table.xpath("tbody/tr")) > 2 for table in tables] == [True, True]


def test_the_page_has_the_chance_of_a_collapse(tor: Report, tor_page: str) -> None:
    (_, words), *_ = collapse(tor.facts)
    assert words.partition(",")[0] in text(tor_page)


def test_the_page_of_a_goal_says_what_its_ranges_are_given(
    run: Gpxstage, few_plans: None, tmp_path: Path
) -> None:
    source, words = SAMPLES / "chattanooga-mountains", "ranges on the way are given this time"
    ran = run("report", source, "-o", tmp_path, "--goal", "11:00", "--draws", "20", "-q")
    assert ran == (0, "", "", b"")
    assert words in text((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert words not in text(page_html(analyze(load(source), draws=20)))


@pytest.mark.usefixtures("few_plans")
def test_cutoffs_without_a_limit_have_a_chance_to_finish(tor: Report) -> None:
    said = text(page_html(analyze(replace(tor.course, limit_s=None), "back", draws=20)))
    assert "Chance to finish" in said
    assert "inside all cutoffs" in said


@pytest.mark.usefixtures("few_plans")
def test_some_stages(chattanooga: Report) -> None:
    page = page_html(chattanooga, "imperial", (2,))
    said, stages = data(page, "course-data"), as_json(chattanooga.facts)["stages"]
    assert len(said["views"]) == 1
    assert said["marks"]["name"][-1] == stages[1]["points"][-1]["name"]
    assert stages[0]["name"] not in text(page)
    assert " mi" in text(page)


@pytest.mark.usefixtures("few_plans")
def test_a_later_stage_without_a_start() -> None:
    start = datetime(2026, 9, 4, 8, tzinfo=UTC)
    course = hill()
    first, second = course.stages
    course = replace(course, format="staged", stages=(replace(first, start=start), second))
    page = page_html(analyze(course, draws=0))
    assert "Fri 08:" in text(page)
    rows = fromstring(page).xpath("//section[@aria-labelledby='points']//tbody/tr[td]")
    assert [re.sub(r"\d", "0", row.text_content()).count("Fri 00:00") for row in rows] == [1, 0]


@pytest.mark.usefixtures("few_plans")
def test_sleep_that_has_no_named_place_is_counted() -> None:
    n = 8001  # 150 km without a point
    height_m = 1500.0 + 500.0 * np.sin(np.linspace(0.0, 60.0, n))
    lat = 45.0 + np.linspace(0.0, 1.35, n)
    track = Track(lat, np.full(n, 7.0), height_m, np.full(n, np.nan), np.array([0]))
    report = analyze(Course("Long", (Stage(1, "Long", track),)), LEVELS["back"], draws=0)
    slept = hours(as_json(report.facts)["slept_s"])
    assert slept != "0:00"
    (table,) = fromstring(page_html(report)).xpath("//table[caption[@id='nights-caption']]")
    names = [cell.text_content() for cell in table.xpath("./thead//th")]
    assert table.xpath("./tbody/tr/*")[names.index("asleep")].text_content() == slept


@pytest.mark.usefixtures("few_plans")
def test_the_folder_has_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = analyze(hill(), draws=10)
    assert "index.html" in folder.write(report, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_bytes()
    assert len(page) < MOST_BYTES
    assert str(tmp_path).encode() not in page
    folder.write(report, tmp_path / "again")
    assert (tmp_path / "again" / "index.html").read_bytes() == page
    assert not any("index.html" in note for note in folder.left_out(report))
    found = folder.find_spec
    monkeypatch.setattr(folder, "find_spec", lambda name: None if name == "bokeh" else found(name))
    assert "index.html" not in folder.made(report, folder.Form(pictures=False))
    note, *_ = folder.left_out(report)
    assert note.startswith("no index.html: they need the extra [web]: pip install")


def test_a_runner_of_another_kind(chattanooga: Report) -> None:
    page = page_html(analyze(chattanooga.course, model="tobler", draws=0))
    assert "tobler" in text(page)
    assert set(places(page)["hiked"]) == {None}
