"""What a designer looks at: names that touch nothing, figures in whole rows, ranges on one line."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import opened, page_of, quiet

from gpxstage.facts.analysis import Report

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 768, 1280)
CHART = """
const d = Bokeh.documents.at(-1), p = d.get_model_by_name(arguments[0]);
const size = 0.75 * parseFloat(getComputedStyle(document.documentElement).fontSize);
const pen = document.createElement('canvas').getContext('2d');
const names = ['normal', 'bold'].flatMap(style => {
  const { data } = d.get_model_by_name(`${p.name}-${style}`);
  pen.font = `${style} ${size}px system-ui, sans-serif`;
  return data.text.map((text, k) => ({ text, x: data.x[k], y: data.y[k], dx: data.dx[k],
    dy: data.dy[k], anchor: data.anchor[k], turned: data.angle[k] > 1,
    long: pen.measureText(text).width }));
});
const { places, stages } = gpxstage.course;
const [x, y] = p.name === 'plan' ? [places.east, places.north] : [places.x, places.y];
const piece = (values, s) => values.slice(s.first, s.last + 1);
return { size, names, width: p.inner_width, height: p.inner_height,
  x: [p.x_range.start, p.x_range.end], y: [p.y_range.start, p.y_range.end],
  ways: stages.map(s => [piece(x, s), piece(y, s)]) };
"""
AXES = """
const d = Bokeh.documents.at(-1), p = d.get_model_by_name('profile');
const size = 0.75 * parseFloat(getComputedStyle(document.documentElement).fontSize);
const pen = document.createElement('canvas').getContext('2d');
pen.font = `${size}px system-ui, sans-serif`;
const far = d.get_model_by_name('far'), high = d.get_model_by_name('high');
return { size, width: p.inner_width, height: p.inner_height, far: [far.start, far.end],
  high: [high.start, high.end], bounds: d.get_model_by_name('heights').bounds,
  steps: ['far', 'high'].map(n => d.get_model_by_name(`${n}-steps`).interval),
  label: pen.measureText(`${Math.round(far.end)} km`).width,
  ruler: [document.getElementById('ruler-bar').getBoundingClientRect().width,
    document.getElementById('ruler-length').textContent] };
"""
FIGURES = """
return [...document.querySelectorAll('.figures, #range-figures')].map(list =>
  [...list.children].map(each => Math.round(each.getBoundingClientRect().top)));
"""
WIDER = """
return [...document.querySelectorAll(arguments[0])].filter(each => each.checkVisibility())
  .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.innerText.slice(0, 60));
"""
STOPS = """
return [...document.querySelectorAll('.box')].filter(each => each.checkVisibility())
  .filter(each => each.tabIndex === 0).map(each => each.innerText.slice(0, 60));
"""
TORN = """
const found = [], kept = /\\S+\\s–\\u2060?\\s\\S+|\\d\\s(?:%|h|min|km)/g;
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
  const inside = node.parentElement, part = document.createRange();
  if (inside.closest('script, style, .unseen, select') || !inside.checkVisibility()) continue;
  for (const { index, 0: text } of node.data.matchAll(kept)) {
    part.setStart(node, index);
    part.setEnd(node, index + text.length);
    const tops = [...part.getClientRects()].map(r => Math.round(r.top));
    if (Math.max(...tops) - Math.min(...tops) > 4) found.push(text);
  }
}
return found;
"""


@pytest.fixture(scope="module")
def looked(tor_page: str, transrockies: Report, gressoney: Report) -> dict[str, str]:
    """Pages of a race through the nights, of a week in stages, and of a single track."""
    return {"tor": tor_page, "week": page_of(transrockies), "one": page_of(gressoney)}


@pytest.fixture(scope="module", params=list(product(("one", "week", "tor"), WIDTHS)), ids=str)
def race(
    browser: Any,
    looked: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """One of these, open in a browser of one of the widths."""
    name, width = request.param
    opened(browser, looked[name], tmp_path_factory.mktemp(name) / "index.html", width)
    return str(name)


def box(name: dict[str, Any], chart: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Left, top, right and bottom of a written name in pixels: what its letters fill."""
    (x0, x1), (y0, y1) = chart["x"], chart["y"]
    x = (name["x"] - x0) / (x1 - x0) * chart["width"] + name["dx"]
    y = (y1 - name["y"]) / (y1 - y0) * chart["height"] + name["dy"]
    long, tall = name["long"], 0.9 * chart["size"]
    u = -long if "right" in name["anchor"] else 0.0 if "left" in name["anchor"] else -0.5 * long
    v = 0.0 if "top" in name["anchor"] else -0.5 * tall
    if name["turned"]:  # a quarter of a turn against the clock
        return np.array([x + v, y - u - long, x + v + tall, y - u])
    return np.array([x + u, y + v, x + u + long, y + v + tall])


def way(chart: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Pixels of the way, less than one from another."""
    (x0, x1), (y0, y1) = chart["x"], chart["y"]
    found = []
    for x, y in chart["ways"]:
        px = (np.array(x) - x0) / (x1 - x0) * chart["width"]
        py = (y1 - np.array(y)) / (y1 - y0) * chart["height"]
        far = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(px), np.diff(py)))])
        fine = np.arange(0.0, far[-1], 0.7)
        found.append(np.stack([np.interp(fine, far, px), np.interp(fine, far, py)]))
    return np.concatenate(found, axis=1)


def touch(a: Any, b: Any, x: float, y: float) -> bool:
    return bool(a[0] < b[2] + x and b[0] < a[2] + x and a[1] < b[3] + y and b[1] < a[3] + y)


def faults(chart: dict[str, Any], *, upright: bool) -> list[str]:
    """Names that are cut off, that lie on the way or a border, or that touch one another."""
    boxes = {(k, name["text"]): box(name, chart) for k, name in enumerate(chart["names"])}
    px, py = way(chart)
    edges = [0.0, 0.0, chart["width"], chart["height"]]
    borders = [
        (x[0] - chart["x"][0]) / (chart["x"][1] - chart["x"][0]) * chart["width"]
        for x, _ in chart["ways"][1:]
    ]
    found = []
    for (_, name), (left, top, right, bottom) in boxes.items():
        if left < edges[0] or top < edges[1] or right > edges[2] or bottom > edges[3]:
            found.append(f"{name} is cut off")
        pad = 1.0 if upright else 3.0  # half of what is drawn
        on = (px > left - pad) & (px < right + pad) & (py > top - pad) & (py < bottom + pad)
        if on.any():
            found.append(f"{name} lies on the way")
        if upright and any(left - 1 < x < right + 1 for x in borders):
            found.append(f"{name} lies on a border")
    for (one, a), (two, b) in combinations(boxes.items(), 2):
        lying = not chart["names"][one[0]]["turned"] and not chart["names"][two[0]]["turned"]
        if touch(a, b, *((5.0, 1.0) if lying else (1.0, 5.0))):
            found.append(f"{one[1]} touches {two[1]}")
    return found


def test_names_touch_nothing(browser: Any, race: str) -> None:
    for view in {"tor": (4, 0), "week": (2, 0), "one": (0,)}[race]:
        browser.execute_script(
            "const all = document.querySelectorAll('input[name=view]');"
            "if (all.length) all[arguments[0]].click()",
            view,
        )
        for plot in ("profile", "plan"):
            chart = browser.execute_script(CHART, plot)
            assert chart["names"], (view, plot)
            assert faults(chart, upright=plot == "profile") == [], (view, plot)
    assert len(chart["names"]) > (8 if race == "tor" else 0)
    quiet(browser)


def test_axes_count_in_even_steps(browser: Any, race: str) -> None:
    found = browser.execute_script(AXES)
    spans = [found["far"], found["high"]]
    pixels = [
        step / (end - start) * size
        for (start, end), step, size in zip(
            spans, found["steps"], (found["width"], found["height"]), strict=True
        )
    ]
    for step in found["steps"]:
        assert float(f"{step:e}".split("e")[0]) in {1.0, 2.0, 5.0}
    assert pixels[0] > found["label"] + 6
    assert pixels[1] > 1.5 * found["size"]
    low, top = found["bounds"]
    assert top // found["steps"][1] - -(-low // found["steps"][1]) >= 1  # two numbers at least
    assert found["far"][1] // found["steps"][0] >= 2


def test_the_scale_below_the_plan_is_right(browser: Any, race: str) -> None:
    bar, said = browser.execute_script(AXES)["ruler"]
    chart = browser.execute_script(CHART, "plan")
    m_per_pixel = (chart["x"][1] - chart["x"][0]) / chart["width"]
    length, unit = said.split()
    assert unit == "km"
    assert bar * m_per_pixel == pytest.approx(1000 * float(length), rel=0.01)
    assert bar > 0.1 * chart["width"]


def test_no_figure_is_alone_and_no_range_is_torn(browser: Any, race: str) -> None:
    browser.execute_script("gpxstage.range(40, 90)")
    for tops in browser.execute_script(FIGURES)[:2]:
        rows = Counter(tops).values()
        assert max(rows) == 1 or min(rows) > 1, tops
    part = Counter(browser.execute_script(FIGURES)[2])
    assert part[max(part)] > 1  # the last row of a part's figures
    assert browser.execute_script(WIDER, ".figures .value, .now dd") == []
    browser.execute_script(
        "const s = document.getElementById('slider'); s.value = 300;"
        "s.dispatchEvent(new Event('input'))"
    )
    assert browser.execute_script(TORN) == []


def test_a_screen_of_1280_shows_all_columns(browser: Any, race: str) -> None:
    """On a narrower one, what does not fit is a stop for the keyboard, and nothing else is."""
    wider = browser.execute_script(WIDER, ".box")
    assert wider == browser.execute_script(STOPS)
    assert wider == [] or browser.execute_script("return innerWidth") < 1280


@pytest.mark.parametrize("width", [640, 1024, 1920])
def test_figures_fill_their_rows(browser: Any, tor_page: str, tmp_path: Path, width: int) -> None:
    opened(browser, tor_page, tmp_path / "index.html", width)
    for tops in browser.execute_script(FIGURES)[:2]:
        rows = Counter(tops).values()
        assert max(rows) == 1 or min(rows) > 1, tops
