"""The index of a batch in a browser: what a phone shows of it, and its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import visit, window

from gpxstage.batch import summary
from gpxstage.batch.one import Figures, RaceRow
from gpxstage.batch.summary import Line, Scale

WHY = "race.toml: stage 1: start has no timezone: it needs one, such as Europe/Rome"


def lines() -> list[Line]:
    """Two races and one that could not be made."""
    found = []
    for name, elapsed_s in (("A very long name of a mountain race", 86_400), ("Short", 3600)):
        facts = Figures(
            *(name, 1, "staged", 337e3, 24e3, 24e3, 305.0, 3290.0, "mid", elapsed_s, elapsed_s),
            *(elapsed_s, elapsed_s, 0.5, None, 0),
        )
        race = RaceRow(facts, {}, [305, 3290, 305], "report.md")
        found.append(Line(f"{name}.gpx".replace(" ", "-"), name, "ok", race=race))
    return [found[0], Line("broken", "", "error", WHY), found[1]]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_index_scrolls_its_table_alone_and_shows_why_a_race_is_not_there(
    browser: Any, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "index.html"
    page = "".join(summary.page(lines(), Scale.of(lines()), 3, units="imperial"))
    path.write_text(page, encoding="utf-8")
    window(browser, width)
    visit(browser, path.as_uri())
    run = browser.execute_script
    assert run("return document.documentElement.scrollWidth") == width
    assert (
        run("return document.querySelector('td.error span').getBoundingClientRect().right") < width
    )
    run("document.querySelector('.box').scrollLeft = 1000")
    name = "document.querySelector('tbody td').getBoundingClientRect().left"
    assert 0.0 <= run(f"return {name}") < 40.0  # the name of the race stays in sight
    assert "209.4 mi" in run("return document.body.textContent")


@pytest.mark.browser
def test_races_are_put_in_order_and_those_without_figures_last(
    browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "index.html"
    path.write_text("".join(summary.page(lines(), Scale.of(lines()), 3)), encoding="utf-8")
    visit(browser, path.as_uri())
    names = "return [...document.querySelectorAll('tbody td:first-child')].map(e => e.dataset.v[0])"
    for expected in (["S", "A", "b"], ["A", "S", "b"]):
        browser.execute_script("document.querySelectorAll('th button')[1].click()")
        assert browser.execute_script(names) == expected
