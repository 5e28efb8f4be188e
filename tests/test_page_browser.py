"""The web page in a browser: pointing, names as text, widths, dark and light, printing."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import data, hill, opened, page_of, places, quiet, until

from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.report.page import page_html
from gpxstage.units import UNITS, clock

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")


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
    x = places(tor_page)["x"]
    assert abs(x[k] - point["race_distance_m"] / 1000.0) < 0.5  # a pixel is 0.3 km
    browser.execute_script(  # a pixel is coarser than a place: step to the point itself
        "const s = document.getElementById('slider'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('input'))",
        int(np.abs(x - point["race_distance_m"] / 1000.0).argmin()),
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
def test_a_stage_can_be_looked_at(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    browser.execute_script("document.querySelectorAll('input[name=view]')[3].click()")
    start, end = browser.execute_script(
        "const r = Bokeh.documents.at(-1).get_model_by_name('profile').x_range;"
        "return [r.start, r.end]"
    )
    view = data(tor_page, "course-data")["views"][3]
    x = places(tor_page)["x"]
    assert (start, end) == pytest.approx((x[view["first"]], x[view["last"]]), abs=1.0)


@pytest.mark.browser
def test_it_prints(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    asked = {"preferCSSPageSize": True, "printBackground": True}
    made = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", asked)["data"])
    assert made.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", made)) <= 16


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
        "return Bokeh.documents.at(-1).get_model_by_name('plan-normal').data.text"
    )
    assert any(name.startswith(("<img", "</script")) for name in written)
    quiet(browser)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 3840])
def test_the_page_never_scrolls_sideways(
    browser: Any, chattanooga: Report, tmp_path: Path, width: int
) -> None:
    opened(browser, page_of(chattanooga, "imperial"), tmp_path / "index.html", width)
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    small = browser.execute_script(
        "return [...document.querySelectorAll('#profile, #plan')].map(e => e.clientWidth)"
    )
    assert min(small) > 0.5 * min(width, 1800) * 0.9
    quiet(browser)


INKED = (
    "const soft = getComputedStyle(document.documentElement).getPropertyValue('--soft');"
    "const [axis] = Bokeh.documents.at(-1).get_model_by_name('profile').left;"
    "return axis.major_label_text_color === soft"
)


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
    opened(browser, page_of(chattanooga), tmp_path / "index.html")
    seen = []
    for scheme in ("light", "dark"):
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
        until(browser, INKED)
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


LOOKS = (
    "const size = m => m.text_font_size?.value ?? m.major_label_text_font_size;"
    "const models = [...Bokeh.documents.at(-1)._all_models.values()];"
    "return [window.atFirst.first, models.map(size).filter(Boolean).join()]"
)


@pytest.mark.browser
def test_a_resized_page_is_as_one_that_was_opened_at_that_width(
    browser: Any, evil_page: str, tmp_path: Path
) -> None:
    widths, path, seen = (390, 1600), tmp_path / "index.html", {}
    for first, then in (widths, widths[::-1]):
        opened(browser, evil_page, path, first, anew=True)
        seen[first, "opened"] = browser.execute_script(LOOKS)
        opened(browser, evil_page, path, then)
        seen[then, "resized"] = browser.execute_script(LOOKS)
    for width in widths:
        for one, other in zip(seen[width, "opened"], seen[width, "resized"], strict=True):
            assert one == other
    for narrow, wide in zip(*(seen[width, "opened"] for width in widths), strict=True):
        assert narrow != wide
