"""The page in both systems of units: a tap gives what the page made in the other one says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pages import opened, page_of, quiet, visit

from gpxstage.facts.analysis import Report
from gpxstage.facts.finishes import FEWEST
from gpxstage.report.page.both import Both, both, other, tables
from gpxstage.report.say.tables import Table

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")

# all that is seen of the tables, figures and sentences, without what the picture says
SEEN = (
    "return [...document.querySelectorAll('header, main')].map(e => e.innerText).join('\\n')"
    " + document.getElementById('profile-title').textContent"
)
TURN = "document.querySelector(`input[name=units][value=${arguments[0]}]`).click()"
STATE = "return [gpxstage.units.system(), location.hash]"
AXES = (
    "const d = Bokeh.documents.at(-1), far = d.get_model_by_name('far');"
    "return [far.start, far.end, d.get_model_by_name('far-format').format,"
    " d.get_model_by_name('heights').bounds,"
    " document.querySelector('.ruler').textContent]"
)


def test_texts_know_what_they_are_in_other_units() -> None:
    found = both(("1.0", "same", ["a"]), ("0.6", "same", ["a", "b"]))
    assert found == ("1.0", "same", ["a", ""])
    assert [type(each) for each in found[:2]] == [Both, str]
    assert other(found[0]) == ' data-other="0.6"'
    assert other(both("<1>", "<\"2'>")) == ' data-other="&lt;&#34;2&#39;&gt;"'
    assert other("same") == ""


def test_tables_with_other_rows_are_two() -> None:
    one = Table("By altitude", ("altitude", "km"), (("0 to 500 m", "1.0"),))
    more = Table("By altitude", ("altitude", "mi"), (("0 to 1,500 ft", "0.6"),))
    assert tables(one, more) == [(one, "first"), (more, "second")]
    stages = [
        Table("Stages", ("stage", name), (("One", far),))
        for name, far in (("km", "1.0"), ("mi", "0.6"))
    ]
    ((found, turn),) = tables(*stages)
    assert (turn, found.columns[1].other, found.rows[0][1].other) == ("", "mi", "0.6")
    assert tables(None, None) == []


@pytest.mark.browser
@pytest.mark.parametrize("race", ["chattanooga", "tor"])
def test_a_tap_gives_the_page_of_the_other_units(
    browser: Any, race: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    report: Report = request.getfixturevalue(race)
    seen, pages = {}, {"metric": page_of(report)}
    with pytest.MonkeyPatch.context() as few:  # plans are the same in all units
        few.setattr("gpxstage.facts.finishes.MOST", FEWEST)
        pages["imperial"] = page_of(report, "imperial")
    for units in ("imperial", "metric"):
        opened(browser, pages[units], tmp_path / "index.html")
        browser.execute_script("gpxstage.range(40, 90)")
        seen[units] = [browser.execute_script(SEEN), browser.execute_script(AXES)]
        copied = browser.execute_script("return gpxstage.planText()")
        other_units = "imperial" if units == "metric" else "metric"
        browser.execute_script(TURN, other_units)
        turned = [browser.execute_script(SEEN), browser.execute_script(AXES)]
        assert browser.execute_script(STATE) == [other_units, f"#units={other_units}"]
        assert browser.execute_script("return gpxstage.planText()") != copied
        seen[f"to {other_units}"] = turned
        quiet(browser)
    for units in ("metric", "imperial"):
        assert seen[units][0] == seen[f"to {units}"][0]
        assert seen[units][1][2:] == seen[f"to {units}"][1][2:]
        assert seen[units][1][:2] == pytest.approx(seen[f"to {units}"][1][:2])
    # in miles nothing is left in metres, but for how the climb is measured
    miles = seen["imperial"][0].split("How it was measured\n")[0]
    left = re.findall(r"\d (?:k?m|l)\b|.*\b(?:km|kg)\b.*", miles)
    assert {each for each in left if each != "km, m (metric)"} <= {"km, m"}


@pytest.mark.browser
def test_the_keyboard_changes_the_units(browser: Any, tor_page: str, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    opened(browser, tor_page, tmp_path / "index.html")
    chosen = browser.find_element(By.CSS_SELECTOR, "input[name=units]:checked")
    chosen.send_keys(Keys.ARROW_RIGHT)
    assert browser.execute_script(STATE) == ["imperial", "#units=imperial"]


@pytest.mark.browser
def test_a_link_keeps_the_units_beside_the_plan(
    browser: Any, tor_page: str, tmp_path: Path
) -> None:
    path = tmp_path / "index.html"
    opened(browser, tor_page, path)
    browser.execute_script(TURN, "imperial")
    browser.execute_script(
        "const g = document.getElementById('goal'); g.value = '97:00';"
        "g.dispatchEvent(new Event('change'))"
    )
    link = browser.execute_script("return location.href")
    assert link.endswith("#goal=97:00&units=imperial")
    visit(browser, "about:blank")
    visit(browser, link)
    assert browser.execute_script("return document.getElementById('goal').value") == "97:00"
    assert browser.execute_script("return gpxstage.units.system()") == "imperial"
    assert re.search(r"\d mi  ", browser.execute_script("return gpxstage.planText()"))
    browser.execute_script("document.getElementById('as-expected').click()")
    assert browser.execute_script(STATE) == ["imperial", "#units=imperial"]
