"""The web page: one file, what it says is what report.json says, and it works in a browser."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpxstage
from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import level
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.in_json import as_json

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")
from lxml.html import HtmlElement, fromstring

from gpxstage.report.page import page_html
from gpxstage.units import UNITS, clock, hours, percent, range_s

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
MOST_BYTES = 2_500_000
PICTURE = b"\x89PNG\r\n\x1a\n"
EVIL = (
    "</script><script>window.broken=1</script>",
    '<img src="x" onerror="window.broken=1">',
    "'\"><svg onload=window.broken=1>",
    "$$\\frac{1}{2}$$ {{ 7*7 }} @{at} &amp;",
)


def hill(name: str = "Hills", names: tuple[str, ...] = (), *, flat: bool = False) -> Course:
    """Two stages of 8 km over a hill, with named points."""
    n = 401
    level = np.full(n, np.nan) if flat else 900 + 400 * np.sin(np.linspace(0, math.pi, n))
    lat = 45.0 + np.linspace(0.0, 0.072, n)
    track = Track(lat, np.full(n, 7.0), level, np.full(n, np.nan), np.array([0]))
    points = tuple(
        Point(each, "aid", distance_m=1500.0 * k) for k, each in enumerate(names, start=1)
    )
    return Course(name, tuple(Stage(k, f"{name} {k}", track, points) for k in (1, 2)), survey=name)


@pytest.fixture(scope="module")
def tor() -> Report:
    return analyze(gpxstage.load(SAMPLES / "tor-des-geants"), draws=50)


@pytest.fixture(scope="module")
def tor_page(tor: Report) -> str:
    return page_html(tor, picture=PICTURE)


@pytest.fixture(scope="module")
def chattanooga() -> Report:
    return analyze(gpxstage.load(SAMPLES / "chattanooga-mountains"), draws=50)


@pytest.fixture(scope="module")
def evil_page() -> str:
    return page_html(analyze(hill(EVIL[0], EVIL), draws=20))


def data(page: str, name: str) -> Any:
    """What a script of the page reads."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


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
    assert len(tor_page.encode()) + 4 / 3 * 500_000 < MOST_BYTES  # a picture of half a megabyte


def test_the_same_report_gives_the_same_bytes(tor: Report, tor_page: str) -> None:
    assert page_html(tor, picture=PICTURE) == tor_page


def test_no_path_is_in_it(tor_page: str) -> None:
    own = tor_page[: tor_page.index("<style>")] + tor_page[tor_page.index("</style>") :]
    assert str(SAMPLES.parent) not in own
    assert str(Path.home()) not in own.replace("/root", "") or str(Path.home()) == "/root"


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_the_places_say_what_the_report_says(tor: Report, units: str) -> None:
    unit, row, said = UNITS[units], as_json(tor.facts), data(page_html(tor, units), "course-data")
    places, x = said["places"], np.array(said["places"]["x"])
    assert len(x) <= 2000
    for stage in row["stages"]:
        for point in stage["points"]:
            k = int(np.abs(x - point["race_distance_m"] / unit.m_per_distance).argmin())
            assert places["at"][k] == unit.far(point["race_distance_m"])
            assert places["high"][k] == unit.high(point["elevation_m"])
            if point is not stage["points"][-1]:  # there, the next stage begins, after the stop
                assert places["when"][k] == clock(datetime.fromisoformat(point["arrival"]))
                low = clock_after(point, "p10")
                assert places["window"][k].startswith(low)


def clock_after(point: dict[str, Any], key: str) -> str:
    """The clock of p10 or p90 as shown, without a change of clocks on the way."""
    arrival_s = point["arrival_s"]
    ends_s = range_s(arrival_s["p10"], arrival_s["p90"])
    later_s = ends_s[key == "p90"] - arrival_s["p50"]
    return clock(datetime.fromisoformat(point["arrival"]) + timedelta(seconds=later_s))


def test_no_summit_is_cut(tor: Report, tor_page: str) -> None:
    drawn = data(tor_page, "course-data")["places"]["y"]
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


def test_what_a_runner_asks_is_on_the_page(tor_page: str) -> None:
    said = text(tor_page)
    for words in ("Track: reconstructed", "336.9 km", "Climbs", "By grade", "By altitude",
                  "Night, sleep, energy", "What the estimate assumed", "How it was measured",
                  "Range (80 %)"):  # fmt: skip
        assert words in said


def test_names_are_text(evil_page: str) -> None:
    tree = fromstring(evil_page)
    assert len(tree.xpath("//script")) == 4
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
    assert tree.xpath("//img[not(@alt)]|//*[@role='img'][not(@aria-label)]") == []
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


def test_a_course_without_heights(tmp_path: Path) -> None:
    page = page_html(analyze(hill(flat=True), draws=0))
    assert 'id="profile"' not in page
    assert "no elevation" in text(page)
    assert set(data(page, "course-data")["places"]["high"]) == {""}


def test_a_course_without_a_runner() -> None:
    page = page_html(analyze(hill(), estimated=False))
    assert "assumed" not in text(page)
    assert "Climbs" in text(page)


def test_a_field_plans_and_reasons() -> None:
    levels = [level(name) for name in ("elite", "mid")]
    course = gpxstage.load(SAMPLES / "tor-des-geants")
    page = page_html(analyze(course, levels[0], others=tuple(levels[1:]), why=True, draws=0))
    said = text(page)
    assert "Places open with elite and close after mid" in said
    assert "Where the hours go" in said
    assert "Other models" in said
    assert "Tightest: the cutoff at " in said


def test_plans_of_sleep() -> None:
    page = page_html(analyze(gpxstage.load(SAMPLES / "tor-des-geants"), plans=True, draws=0))
    tables = fromstring(page).xpath("//table[starts-with(caption/@id, 'plans-')]")
    assert [len(table.xpath("tbody/tr")) > 2 for table in tables] == [True, True]


def test_some_stages(chattanooga: Report) -> None:
    page = page_html(chattanooga, "imperial", (2,))
    said, stages = data(page, "course-data"), as_json(chattanooga.facts)["stages"]
    assert len(said["views"]) == 1
    assert said["marks"]["name"][-1] == stages[1]["points"][-1]["name"]
    assert stages[0]["name"] not in text(page)
    assert " mi" in text(page)


def test_a_later_stage_without_a_start() -> None:
    start = datetime(2026, 9, 4, 8, tzinfo=UTC)
    course = hill()
    first, second = course.stages
    course = replace(course, format="staged", stages=(replace(first, start=start), second))
    page = page_html(analyze(course, draws=0))
    assert "Fri 08:" in text(page)
    rows = fromstring(page).xpath("//section[@aria-labelledby='points']//tbody/tr[td]")
    assert [re.sub(r"\d", "0", row.text_content()).count("Fri 00:00") for row in rows] == [1, 0]


def test_sleep_that_has_no_named_place_is_counted() -> None:
    n = 8001  # 150 km without a point
    height_m = 1500.0 + 500.0 * np.sin(np.linspace(0.0, 60.0, n))
    lat = 45.0 + np.linspace(0.0, 1.35, n)
    track = Track(lat, np.full(n, 7.0), height_m, np.full(n, np.nan), np.array([0]))
    report = analyze(Course("Long", (Stage(1, "Long", track),)), level("back"), draws=0)
    slept = hours(as_json(report.facts)["slept_s"])
    assert slept != "0:00"
    (table,) = fromstring(page_html(report)).xpath("//table[caption[@id='nights-caption']]")
    names = [cell.text_content() for cell in table.xpath("./thead//th")]
    assert table.xpath("./tbody/tr/*")[names.index("asleep")].text_content() == slept


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
    assert "index.html" not in folder.write(report, tmp_path / "less")
    note, *_ = folder.left_out(report)
    assert note.startswith("no index.html: they need the extra [web]: pip install")


def test_a_runner_of_another_kind(chattanooga: Report) -> None:
    page = page_html(analyze(chattanooga.course, model="tobler", draws=0))
    assert "tobler" in text(page)
    assert set(data(page, "course-data")["places"]["hiked"]) == {""}


# ---- in a browser -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no Chromium with its driver here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=Service(driver))
    yield found
    found.quit()


def opened(browser: Any, page: str, path: Path, width: int = 1280) -> None:
    """Open a page from disk, wait until its charts are drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    path.write_text(page, encoding="utf-8")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())
    WebDriverWait(browser, 30).until(
        lambda b: "drawn" in b.execute_script("return document.documentElement.className")
    )


def quiet(browser: Any) -> None:
    """No error on the console, and nothing asked of a network."""
    errors = [line for line in browser.get_log("browser") if line["level"] != "INFO"]
    assert errors == []
    events = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def shown(browser: Any, key: str) -> str:
    return str(browser.execute_script(f"return document.getElementById('now-{key}').textContent"))


def cursors(browser: Any) -> list[list[str]]:
    """What both charts say at the pointer."""
    return list(
        browser.execute_script(
            "const d = Bokeh.documents.at(-1);"
            "return ['profile', 'plan'].map(n => d.get_model_by_name(n + '-tip').data.text)"
        )
    )


@pytest.mark.browser
def test_pointing_tells_what_report_json_says(
    browser: Any, tor: Report, tor_page: str, tmp_path: Path
) -> None:
    from selenium.webdriver import ActionChains

    opened(browser, tor_page, tmp_path / "index.html")
    point = as_json(tor.facts)["stages"][1]["points"][5]
    at = browser.execute_script(
        "const p = Bokeh.documents.at(-1).get_model_by_name('profile'), r = p.x_range;"
        "document.getElementById('profile').scrollIntoView({block: 'center', behavior: 'instant'});"
        "const v = Bokeh.index.get_by_id ? Bokeh.index.get_by_id(p.id) : Bokeh.index[p.id];"
        "const box = document.getElementById('profile').getBoundingClientRect();"
        "const f = v.frame.bbox, c = v.canvas_view.el.getBoundingClientRect();"
        "return [c.left + f.left + (arguments[0] - r.start) / (r.end - r.start) * f.width,"
        " c.top + f.top + f.height / 2]",
        point["race_distance_m"] / 1000.0,
    )
    mouse = ActionChains(browser)
    mouse.w3c_actions.pointer_action.move_to_location(round(at[0]), round(at[1]))
    mouse.perform()
    k = browser.execute_script("return Number(document.getElementById('slider').value)")
    places = data(tor_page, "course-data")["places"]
    assert abs(places["x"][k] - point["race_distance_m"] / 1000.0) < 0.5  # a pixel is 0.3 km
    browser.execute_script(  # a pixel is coarser than a place: step to the point itself
        "const s = document.getElementById('slider'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('input'))",
        int(np.abs(np.array(places["x"]) - point["race_distance_m"] / 1000.0).argmin()),
    )
    assert shown(browser, "at") == UNITS["metric"].far(point["race_distance_m"])
    assert shown(browser, "high") == UNITS["metric"].high(point["elevation_m"])
    assert shown(browser, "when") == clock(datetime.fromisoformat(point["arrival"]))
    assert shown(browser, "where") == point["name"]
    profile, plan = cursors(browser)
    assert profile == plan
    assert clock(datetime.fromisoformat(point["arrival"])) in profile[0]
    quiet(browser)


@pytest.mark.browser
def test_pointing_at_the_plan_moves_both(browser: Any, tor_page: str, tmp_path: Path) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    opened(browser, tor_page, tmp_path / "index.html")
    plan = browser.find_element(By.ID, "plan")
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", plan
    )
    ActionChains(browser).move_to_element_with_offset(plan, 60, 20).perform()
    profile, said = cursors(browser)
    assert profile == said
    assert " km · " in profile[0]


@pytest.mark.browser
def test_names_stay_text_in_a_browser(browser: Any, evil_page: str, tmp_path: Path) -> None:
    opened(browser, evil_page, tmp_path / "index.html")
    browser.execute_script(
        "const s = document.getElementById('slider');"
        "for (s.value = 0; s.value < s.max; s.value = +s.value + 9)"
        " s.dispatchEvent(new Event('input'))"
    )
    assert browser.execute_script("return window.broken === undefined")
    written = browser.execute_script(
        "return Bokeh.documents.at(-1).get_model_by_name('plan-names').data.text"
    )
    assert any(name.startswith(("<img", "</script")) for name in written)
    quiet(browser)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 3840])
def test_the_page_never_scrolls_sideways(
    browser: Any, chattanooga: Report, tmp_path: Path, width: int
) -> None:
    opened(browser, page_html(chattanooga, "imperial"), tmp_path / "index.html", width)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    small = browser.execute_script(
        "return [...document.querySelectorAll('#profile, #plan')].map(e => e.clientWidth)"
    )
    assert min(small) > 0.5 * min(width, 1800) * 0.9
    quiet(browser)


INK = "return getComputedStyle(document.documentElement).getPropertyValue('--soft')"


def colours(browser: Any) -> list[str]:
    """Of the page's text, of an axis, of the grades."""
    return list(
        browser.execute_script(
            "const d = Bokeh.documents.at(-1), p = d.get_model_by_name('profile');"
            "return [getComputedStyle(document.body).color, p.left[0].major_label_text_color,"
            " d.get_model_by_name('profile-grades').data.colour.join()]"
        )
    )


@pytest.mark.browser
def test_dark_and_light(browser: Any, chattanooga: Report, tmp_path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    opened(browser, page_html(chattanooga), tmp_path / "index.html")
    seen = []
    for scheme in ("light", "dark"):
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
        WebDriverWait(browser, 10).until(lambda b: colours(b)[1] == b.execute_script(INK))
        seen.append(colours(browser))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    light, dark = seen
    assert all(a != b for a, b in zip(light, dark, strict=True))


@pytest.mark.browser
def test_a_course_without_heights_opens(browser: Any, tmp_path: Path) -> None:
    opened(browser, page_html(analyze(hill(flat=True), draws=0)), tmp_path / "index.html")
    assert shown(browser, "at") == "0.0"
    assert shown(browser, "high") == "–"
    quiet(browser)


@pytest.mark.browser
def test_a_stage_can_be_looked_at(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    browser.execute_script("document.querySelectorAll('input[name=view]')[3].click()")
    start, end = browser.execute_script(
        "const r = Bokeh.documents.at(-1).get_model_by_name('profile').x_range;"
        "return [r.start, r.end]"
    )
    view = data(tor_page, "course-data")["views"][3]
    x = data(tor_page, "course-data")["places"]["x"]
    assert (start, end) == pytest.approx((x[view["first"]], x[view["last"]]), abs=1.0)


@pytest.mark.browser
def test_it_prints(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    asked = {"preferCSSPageSize": True, "printBackground": True}
    made = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", asked)["data"])
    assert made.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", made)) <= 16
