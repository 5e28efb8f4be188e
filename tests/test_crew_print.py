"""The crew card in a browser: sheets of paper of two sizes, a screen, a phone."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages import visit
from test_crew import ITEMS, course

from gpxstage.course import Course, Point
from gpxstage.estimator import Passed
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.racefile import load
from gpxstage.report.card import card
from gpxstage.report.crew import crew_html
from gpxstage.report.pocket import pocket_html

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]
LONG = "Rifugio dell'Alpe più lontana di tutte le valli della regione autonoma, lato nord"
INCH_MM = 25.4
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
MARGIN_MM = 10.0


def opened(browser: Any, page: str, folder: Path) -> None:
    path = folder / "crew.html"
    path.write_text(page, encoding="utf-8")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    visit(browser, path.as_uri())


def sheets(browser: Any, paper: str) -> int:
    """How many sheets the page is printed on."""
    wide_mm, high_mm = PAPERS[paper]
    size = {"paperWidth": wide_mm / INCH_MM, "paperHeight": high_mm / INCH_MM}
    size["generateTaggedPDF"] = False  # the sheets are counted, not read
    sides = {f"margin{side}": MARGIN_MM / INCH_MM for side in ("Top", "Bottom", "Left", "Right")}
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", size | sides)["data"])
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def width(browser: Any, wide: int, media: str = "screen") -> int:
    """How wide the page is in a window that is *wide* pixels wide."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
    screen = {"width": wide, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    found: int = browser.execute_script(
        "return Math.max(document.documentElement.scrollWidth,"
        " Math.ceil(document.querySelector('.card').getBoundingClientRect().right))"
    )
    return found


def tor(*, full: bool) -> Course:
    """The Tor; *full*: long names, crew at every aid station, bags at bases, drives, services."""
    found = load(ROOT / "sample_courses" / "tor-des-geants")
    if not full:
        return found
    stages = tuple(
        replace(
            stage,
            points=tuple(
                replace(
                    point,
                    name=LONG,
                    crew=point.kind in ("aid", "life-base"),
                    drop_bag=point.kind == "life-base",
                    drive_s=5400.0,
                    services=("food", "water", "bed", "medical"),
                )
                for point in stage.points
            ),
        )
        for stage in found.stages
    )
    return replace(found, name=LONG, stages=stages)


def sixty() -> Course:
    """Sixty places of the crew, with cutoffs, drives, and a bag at every eighth."""
    many = tuple(
        Point(
            f"Place {k}, {LONG}",
            "crew",
            distance_m=3300.0 * k,
            drop_bag=k % 8 == 0,
            drive_s=3600.0,
            cutoff_s=3600.0 * (2 * k + 6),
        )
        for k in range(1, 59)
    )
    return course(200.0, stages=(replace(course(200.0).stages[0], points=many),))


@pytest.fixture(scope="module", params=["tor", "full", "sixty"])
def carded(request: pytest.FixtureRequest) -> Report:
    made = sixty() if request.param == "sixty" else tor(full=request.param == "full")
    return analyze(made, LEVELS["back"], draws=20, crew_items=ITEMS)


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_a_card_is_one_sheet_of_either_paper(
    browser: Any, tmp_path: Path, carded: Report, units: str
) -> None:
    page = crew_html(carded, units)
    strips = page.count('<section class="strips">')
    assert strips >= 1
    opened(browser, page, tmp_path)
    for paper in PAPERS:
        assert sheets(browser, paper) == 1 + strips, paper
    narrow = int((PAPERS["A4"][0] - 2 * MARGIN_MM) / INCH_MM * 96)
    assert width(browser, narrow, "print") <= narrow  # a browser would make all of it smaller
    for wide in (800, 390):
        assert width(browser, wide) <= wide


CUT = """
return [...document.querySelectorAll(".face")].filter((face) => {
  const inside = face.getBoundingClientRect();
  return [...face.querySelectorAll("td, th")].some((cell) => {
    const box = cell.getBoundingClientRect();
    return box.bottom > inside.bottom || box.right > inside.right || box.left < inside.left
      || cell.scrollWidth > cell.clientWidth + 1;
  });
}).length
"""


@pytest.fixture(scope="module", params=["tor-des-geants", "grand-to-grand", "long"])
def paced(request: pytest.FixtureRequest) -> Report:
    sample = request.param
    made = course(480.0) if sample == "long" else load(ROOT / "sample_courses" / sample)
    return analyze(replace(made, name=LONG), LEVELS["back"], draws=0)


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_a_pace_card_is_one_sheet_of_either_paper(
    browser: Any, tmp_path: Path, paced: Report, units: str
) -> None:
    """Its faces are as large as a bank card, and nothing on them is cut."""
    opened(browser, pocket_html(paced, units), tmp_path)
    for paper in PAPERS:
        assert sheets(browser, paper) == 1, paper
    assert browser.execute_script(CUT) == 0
    face = browser.execute_script(
        "const box = document.querySelector('.face').getBoundingClientRect();"
        "return [box.width * 25.4 / 96, box.height * 25.4 / 96]"
    )
    assert face == pytest.approx([85.6, 54.0], abs=0.5)


@pytest.mark.parametrize("km", [30.0, 150.0])
def test_what_is_passed_or_missed_leaves_it_one_sheet(
    browser: Any, tmp_path: Path, km: float
) -> None:
    made = sixty()
    (stage,) = made.stages
    late = analyze(made, LEVELS["back"], draws=0)
    row = next(p for _, p in late.facts.every_point() if p.race_distance_m > 180_000.0)
    shut = replace(
        stage,
        points=tuple(
            replace(p, cutoff_s=3600.0 * 24 if p.name == row.name else None, cutoff_at="arrive")
            for p in stage.points
        ),
    )
    passed = tuple(
        Passed(1, p.distance_m, 0.6 * p.distance_m, p.name)
        for _, p in late.facts.every_point()
        if p.distance_m <= 1000.0 * km
    )
    made = replace(made, stages=(shut,), name=LONG)
    report = analyze(made, LEVELS["back"], draws=20, crew_items=ITEMS, passed=passed)
    assert card(report).missed
    assert card(report).passed.count(",") >= 8
    page = crew_html(report)
    opened(browser, page, tmp_path)
    strips = page.count('<section class="strips">')
    assert [sheets(browser, paper) for paper in PAPERS] == [1 + strips] * 2


def test_the_strip_is_a_sheet_of_its_own(browser: Any, tmp_path: Path) -> None:
    report = analyze(course(), LEVELS["back"], draws=0)
    opened(browser, crew_html(report), tmp_path)
    assert [sheets(browser, paper) for paper in PAPERS] == [2, 2]
    wide_px = browser.execute_script(
        "return document.querySelector('.strip').getBoundingClientRect().width"
    )
    assert wide_px * INCH_MM / 96 == pytest.approx(60.0, abs=0.5)


def test_nothing_of_a_strip_is_cut_off(browser: Any, tmp_path: Path) -> None:
    report = analyze(tor(full=False), LEVELS["back"], draws=0)
    opened(browser, crew_html(report), tmp_path)
    short = browser.execute_script(
        "return [...document.querySelectorAll('.stop')]"
        ".filter(e => e.scrollHeight > e.clientHeight + 1).map(e => e.innerText)"
    )
    assert short == []


def test_on_a_phone_a_name_keeps_its_letters(browser: Any, tmp_path: Path) -> None:
    stages = tuple(
        replace(s, points=tuple(replace(p, drop_bag=True) for p in s.points))
        for s in course().stages
    )
    report = analyze(course(stages=stages), LEVELS["back"], draws=20, crew_items=ITEMS)
    opened(browser, crew_html(report), tmp_path)
    screen = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('.card td, .card .name')].filter(e => e.innerText)"
        ".map(e => [parseFloat(getComputedStyle(e).fontSize), e.scrollWidth - e.clientWidth])"
    )
    over_others = browser.execute_script(
        "return [...document.querySelectorAll('.card tbody tr')].flatMap(row => {"
        " const name = row.querySelector('.place').getBoundingClientRect();"
        " const inside = row.querySelector('.place').lastElementChild.getBoundingClientRect();"
        " return inside.bottom > name.bottom + 1 ? [row.innerText] : []; })"
    )
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert over_others == []
    assert min(size for size, _ in sizes) >= 14.0
    assert max(over for _, over in sizes) <= 1
