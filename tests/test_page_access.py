"""The page and the crew card by the accessibility engine axe: light, dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages import SAMPLES, opened, page_of, visit, window

from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.racefile import load
from gpxstage.report.crew import crew_html

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")

axe = pytest.importorskip("axe_core_python.selenium", reason="axe is not installed")

pytestmark = pytest.mark.browser

PLAIN = (  # axe reads no colour behind a shade, nor one that still changes or moves
    "const plain = document.createElement('style');"
    "plain.textContent = '.box { background: none !important }"
    " * { transition: none !important; scroll-behavior: auto !important }';"
    "document.head.append(plain);"
)
RUN = "axe.run(document, arguments[0]).then(arguments[1])"
COLOURS = ["color-contrast", "link-in-text-block"]
USED = (  # a plan, its text, a part of the course, and miles
    "document.getElementById('copy').click();"
    "const g = document.getElementById('finish'); g.value = g.min;"
    "g.dispatchEvent(new Event('input'));"
    "gpxstage.range(40, 90);"
    "document.querySelector('input[name=units][value=imperial]').click();"
)


@pytest.fixture(scope="module")
def reports(gressoney: Report, transrockies: Report) -> dict[str, Report]:
    """A race through the nights with all that can be asked, a single track, a week in stages."""
    tor = load(SAMPLES / "tor-des-geants")
    tor = replace(tor, stages=tor.stages[:3])  # two nights: the others have nothing new
    asked = {"others": (LEVELS["back"],), "why": True, "plans": True}
    return {
        "tor": analyze(tor, LEVELS["strong"], **asked, draws=10),
        "one": gressoney,
        "week": transrockies,
    }


@contextmanager
def shown_in(browser: Any, scheme: str) -> Iterator[None]:
    feature = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
    yield
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def faults(browser: Any, *, colours: bool = True, alone: bool = False) -> list[str]:
    """Where axe finds something serious or critical, or cannot tell how a text contrasts.

    *alone*: by the rules for colours, where nothing else has changed since all were looked at.
    """
    if not browser.execute_script("return Boolean(window.axe)"):
        browser.execute_script(PLAIN)
        browser.execute_script(axe.Axe().axe_script)
    # of what passes, one place for each rule is enough
    options: dict[str, Any] = {"resultTypes": ["violations", "incomplete"]}
    found = browser.execute_async_script(RUN, options | ({"runOnly": COLOURS} if alone else {}))
    assert len(found["passes"]) > (0 if alone else 15)
    bad = [each for each in found["violations"] if each["impact"] in {"serious", "critical"}]
    bad += [each for each in found["incomplete"] if colours and each["id"] == "color-contrast"]
    return [f"{each['id']}: {node['html'][:150]}" for each in bad for node in each["nodes"]]


@pytest.mark.parametrize(
    ("race", "width", "scheme"),
    [("tor", 1280, "light"), ("tor", 390, "dark"), ("one", 390, "light"), ("week", 1280, "dark")],
)
def test_everybody_can_use_the_page(
    browser: Any, reports: dict[str, Report], tmp_path: Path, race: str, width: int, scheme: str
) -> None:
    opened(browser, page_of(reports[race]), tmp_path / "index.html", width)
    with shown_in(browser, scheme):
        assert faults(browser) == []


def test_everybody_can_use_a_page_that_is_in_use(
    browser: Any, reports: dict[str, Report], tmp_path: Path
) -> None:
    opened(browser, page_of(reports["week"]), tmp_path / "index.html")
    browser.execute_script(USED)
    assert faults(browser) == []
    with shown_in(browser, "dark"):
        assert faults(browser, alone=True) == []


@pytest.mark.parametrize("race", ["tor", "one", "week"])
def test_everybody_can_use_the_crew_card(
    browser: Any, reports: dict[str, Report], tmp_path: Path, race: str
) -> None:
    path = tmp_path / "crew.html"
    path.write_text(crew_html(reports[race]), encoding="utf-8")
    visit(browser, path.as_uri())
    for width in (1280, 390):
        window(browser, width)
        # of cells over two lines, axe is never sure
        assert faults(browser, colours=False) == [], width
        with shown_in(browser, "dark"):
            assert faults(browser, colours=False, alone=True) == [], width


def test_axe_finds_a_fault(browser: Any, reports: dict[str, Report], tmp_path: Path) -> None:
    path = tmp_path / "crew.html"
    card = crew_html(reports["one"])
    broken = card.replace("color: #111;", "color: #ddd;").replace(' lang="en"', "")
    assert len(broken) < len(card)
    path.write_text(broken, encoding="utf-8")
    visit(browser, path.as_uri())
    assert {each.split(":")[0] for each in faults(browser)} >= {"color-contrast", "html-has-lang"}
