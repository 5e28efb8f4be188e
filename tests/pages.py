"""What the tests of the page share: a made course, names that attack, and what scripts read."""

from __future__ import annotations

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


@cache
def page_of(report: Report, units: str = "metric", picture: bytes | None = PICTURE) -> str:
    """The page of a report that several tests look at."""
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


def visit(browser: Any, address: str) -> None:
    """Go to an address and wait until it has been read: the driver may come back before that."""
    from selenium.webdriver.support.ui import WebDriverWait

    there = "return location.href.startsWith(arguments[0]) && document.readyState === 'complete'"
    before, *_ = address.split("#")
    browser.get(address)
    WebDriverWait(browser, 30).until(lambda b: b.execute_script(there, before))


def opened(browser: Any, page: str, path: Path, width: int = 1280) -> None:
    """Open a page from disk, wait until its charts are drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    path.write_text(page, encoding="utf-8")
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    visit(browser, path.as_uri())
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
