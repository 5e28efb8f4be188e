"""What the tests of the page share: a made course, names that attack, and what scripts read."""

from __future__ import annotations

import hashlib
import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.facts.analysis import Report

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
PATIENCE_S = 120.0  # for a page or its scripts: a busy machine is no failure
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


def page_of(report: Report, units: str = "metric", picture: bytes | None = PICTURE) -> str:
    """The page of a report that several tests look at."""
    return _page_of(report, units, picture)


@cache
def _page_of(report: Report, units: str, picture: bytes | None) -> str:
    from gpxstage.report.page import page_html

    return page_html(report, units, picture=picture)


def data(page: str, name: str) -> Any:
    """What a script of the page reads."""
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def places(page: str) -> dict[str, Any]:
    """The places of a page's course: metres and kilometres, None where unknown."""
    course = data(page, "course-data")
    found: dict[str, Any] = course["places"]
    for name in ("at", "high", "east", "north"):
        values, so_far = [], 0
        for step in found[name]:
            so_far += step or 0
            values.append(None if step is None else so_far)
        found[name] = values
    found["window"] = [text for count, text in found["window"] for _ in range(count)]
    views = course["views"][1:] or course["views"]
    from_m = np.concatenate([[v["from"]] * (v["last"] + 1 - v["first"]) for v in views])
    found["x"] = (from_m + np.array(found["at"]) / 10.0) / 1000.0
    return found


# All that a test may change: the link, the elements with what they hold, and the charts.
STATE = """
const state = () => {
  const d = Bokeh.documents.at(-1), model = name => d.get_model_by_name(name);
  const range = ({ start, end }) => [start, end];
  const charts = ['profile', 'plan'].map(model).filter(Boolean).map(p => [p.inner_width,
    p.inner_height, range(p.x_range), range(p.y_range),
    p.renderers.map(r => Object.entries(r.data_source?.data || {}).sort())]);
  const axes = ['far', 'high', 'heights', 'far-steps', 'high-steps', 'far-format'].map(model)
    .filter(Boolean).map(m => [m.start, m.end, m.bounds, m.interval, m.format]);
  const held = [...document.querySelectorAll('input, select, textarea')]
    .map(each => [each.value, each.checked]);
  const all = [location.hash, document.documentElement.className, scrollX, scrollY, held, axes,
    ...['header', 'main'].map(each => document.querySelector(each).outerHTML), charts];
  return JSON.stringify(all, (_, value) => ArrayBuffer.isView(value) ? [...value] : value);
};
"""
# The charts have the size of their boxes, and nothing has changed while some frames were drawn.
STEADY = (
    STATE
    + """
const done = arguments[arguments.length - 1], [page] = arguments;
const fits = name => {
  const p = Bokeh.documents.at(-1).get_model_by_name(name);
  const box = document.getElementById(name)?.getBoundingClientRect();
  return !p || Math.abs(p.outer_width - box.width) < 1; // bokeh leaves parts of a pixel out
};
let first = '', same = 0;
const look = () => {
  const now = state();
  same = now === first && fits('profile') && fits('plan') ? same + 1 : 0;
  first = now;
  if (same < 4) return requestAnimationFrame(look);
  window.atFirst = { page, first };
  done();
};
look();
"""
)
# Whether this page is open, and as it was when it had been opened: made so by a person's means.
BACK = (
    STATE
    + """
const done = arguments[arguments.length - 1];
if (window.atFirst?.page !== arguments[0]) return done(false);
const press = where => document.querySelector(where)?.click();
const set = (where, value, event) => {
  const each = document.querySelector(where);
  if (!each || each.value === value) return;
  each.value = value;
  each.dispatchEvent(new Event(event));
};
press('#range-clear');
press(`input[name=units][value=${gpxstage.course.first}]`);
press('input[name=view][value="0"]');
set('#slider', '0', 'input');
press('#as-expected');
set('#now-point', '0', 'change');
set('#now-time', '', 'change');
document.getElementById('range-figures').replaceChildren(); // nothing of it is seen
history.replaceState(null, '', location.pathname);
document.activeElement.blur();
scrollTo({ top: 0, left: 0, behavior: 'instant' });
for (const name of ['profile-tip', 'plan-tip']) { // a tip stays until another place is pointed at
  const tip = Bokeh.documents.at(-1).get_model_by_name(name);
  if (tip) tip.data = Object.fromEntries(Object.keys(tip.data).map(key => [key, []]));
}
let looks = 30; // a chart finds its size in a few steps
const look = () => {
  if (state() === window.atFirst.first) done(true);
  else if (looks-- > 0) requestAnimationFrame(look);
  else done(false);
};
look();
"""
)
ASKED: list[str] = []  # addresses that the open page has asked for, as far as they have been read


def until(browser: Any, script: str, *arguments: Any) -> None:
    """Wait until a script of the page says yes."""
    from selenium.webdriver.support.ui import WebDriverWait

    wait = WebDriverWait(browser, PATIENCE_S, poll_frequency=0.02)
    wait.until(lambda b: b.execute_script(script, *arguments))


def visit(browser: Any, address: str) -> None:
    """Go to an address and wait until it has been read: the driver may come back before that."""
    before, *_ = address.split("#")
    browser.execute_script("window.leaving = true")  # the address may be the same as before
    browser.get(address)
    there = "!window.leaving && location.href.startsWith(arguments[0])"
    until(browser, f"return {there} && document.readyState === 'complete'", before)


def window(browser: Any, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def opened(browser: Any, page: str, path: Path, width: int = 1280, *, anew: bool = False) -> None:
    """Have a page open, as it is at first in a window of that width.

    One that is open already is brought back into that state, or opened again where that fails.
    """
    name = hashlib.sha256(page.encode()).hexdigest()
    if not anew and browser.execute_async_script(BACK, name):
        if browser.execute_script("return innerWidth") != width:
            window(browser, width)
            browser.execute_async_script(STEADY, name)
        return
    path.write_text(page, encoding="utf-8")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    ASKED.clear()
    window(browser, width)
    visit(browser, path.as_uri())
    until(browser, "return document.documentElement.classList.contains('drawn')")
    browser.execute_async_script(STEADY, name)


def quiet(browser: Any) -> None:
    """No error on the console, and nothing asked of a network, since the page was opened."""
    errors = [line for line in browser.get_log("browser") if line["level"] != "INFO"]
    assert errors == []
    events = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    ASKED.extend(
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    )
    assert ASKED
    assert [url for url in ASKED if not url.startswith(("file:", "data:"))] == []
