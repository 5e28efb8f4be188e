"""The page as a planner: a finish time moves what the command line gives for that goal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import SAMPLES, data, opened, page_of, quiet, visit

from gpxstage.estimator import Estimate, estimate
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.finishes import MOST, finishes
from gpxstage.facts.whole import as_json

pytest.importorskip("bokeh", reason="the page needs the extra [web]")
pytest.importorskip("jinja2", reason="the page needs the extra [web]")

CHOOSE = (
    "const g = document.getElementById('goal'); g.value = arguments[0];"
    "g.dispatchEvent(new Event('change'))"
)
ARRIVALS = "return gpxstage.shownPlan().arrival"
COLUMN = (
    "const t = document.querySelector(`[aria-labelledby=${arguments[0]}-caption] table`);"
    "const k = [...t.tHead.rows[0].cells].findIndex(c => c.textContent === arguments[1]);"
    "return [...t.tBodies].flatMap(b => [...b.rows]).filter(r => r.cells.length > 1)"
    ".map(r => r.cells[k].textContent)"
)


def goal(run: Any, folder: Path, finish: str) -> Any:
    import json

    done = run("estimate", folder, "--goal", finish, "--draws", "0", "--json", "-q")
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.fixture(scope="module")
def planned(tor: Report) -> Sequence[Estimate]:
    return finishes(tor)


def test_plans_lie_around_the_expected_finish_in_order(
    tor: Report, planned: Sequence[Estimate]
) -> None:
    found = [plan.elapsed_s for plan in planned]
    assert found == sorted(found)
    assert 15 <= len(found) <= MOST
    assert tor.estimate is not None
    assert tor.estimate.elapsed_s in found
    assert tor.estimate.spread is not None
    drawn = np.sum([stage.elapsed_s for stage in tor.estimate.spread], axis=0)
    low, high = np.quantile(drawn, (0.05, 0.95))
    assert found[0] == pytest.approx(low, rel=0.01)
    assert found[-1] == pytest.approx(high, rel=0.01)


def test_a_plan_that_begins_from_its_neighbours_is_the_same(
    tor: Report, planned: Sequence[Estimate]
) -> None:
    for plan in planned[::30]:
        alone = estimate(tor.course, tor.profiles, plan.runner, policy=plan.policy)
        assert plan.elapsed_s == pytest.approx(alone.elapsed_s, abs=5.0)


def test_there_are_no_plans_where_nobody_is_estimated(tor: Report) -> None:
    assert finishes(analyze(tor.course, profiles=tor.profiles, estimated=False)) == ()
    walkers = analyze(tor.course, profiles=tor.profiles, model="naismith", draws=0)
    assert finishes(walkers) == ()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("race", "name", "goals"),
    [
        ("chattanooga", "chattanooga-mountains", ("9:10", "16:00")),
        ("transrockies", "transrockies-run-2016", ("20:00", "35:00")),
        ("tor", "tor-des-geants", ("97:00", "149:17", "171:00")),
    ],
)
def test_the_slider_gives_what_a_goal_gives(
    browser: Any,
    run: Any,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    race: str,
    name: str,
    goals: tuple[str, ...],
) -> None:
    folder = SAMPLES / name
    opened(browser, page_of(request.getfixturevalue(race)), tmp_path / "index.html")
    for finish in goals:
        browser.execute_script(CHOOSE, finish)
        wanted = [p for s in goal(run, folder, finish)["stages"] for p in s["points"]]
        there = [point["arrival_s"]["p50"] for point in wanted]
        assert browser.execute_script(ARRIVALS) == pytest.approx(there, abs=60.0)
        stops = browser.execute_script("return gpxstage.shownPlan().stop")
        assert stops == pytest.approx([point["stop_s"] for point in wanted], abs=60.0)
        assert browser.execute_script("return location.hash") == f"#goal={finish}"
    quiet(browser)


@pytest.mark.browser
def test_the_expected_plan_is_that_of_the_tables(
    browser: Any, tor: Report, tor_page: str, tmp_path: Path
) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    there = [p["arrival_s"]["p50"] for s in as_json(tor.facts)["stages"] for p in s["points"]]
    assert browser.execute_script(ARRIVALS) == pytest.approx(there, abs=0.6)
    before = browser.execute_script(COLUMN, "points", "expected")
    browser.execute_script(CHOOSE, "110:00")
    moved = browser.execute_script(COLUMN, "points", "expected")
    assert sum(a != b for a, b in zip(before, moved, strict=True)) > len(before) - 3
    browser.execute_script("document.getElementById('as-expected').click()")
    assert browser.execute_script(COLUMN, "points", "expected") == before
    # what the script writes for the expected plan is what the tables were made with
    written = browser.execute_script(
        "const p = gpxstage.shownPlan(), { points, clock } = gpxstage.plans;"
        "return points.map((q, k) => clock(q.stage, p.arrival[k]))"
    )
    assert written == before


@pytest.mark.browser
def test_the_keyboard_moves_the_finish_time(browser: Any, tor_page: str, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    opened(browser, tor_page, tmp_path / "index.html")
    slider = browser.find_element(By.ID, "finish")
    before = int(slider.get_attribute("value"))
    slider.send_keys(Keys.ARROW_RIGHT)
    after = int(slider.get_attribute("value"))
    assert 0 < after - before <= 10  # minutes
    said = slider.get_attribute("aria-valuetext")
    assert re.match(rf"{after // 60}:{after % 60:02d} h, \w{{3}} \d\d:\d\d$", said)


@pytest.mark.browser
def test_a_passage_retimes_the_rest(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    plans = data(tor_page, "plan-data")
    k = len(plans["points"]) // 2
    steps = plans["arrival"][: len(plans["finish"]) // 3 + 1]  # each adds to the plan before
    wanted = sum(row[k] for row in steps)
    browser.execute_script(
        "const p = gpxstage.plans, w = p.wall(p.points[arguments[0]].stage, arguments[1]);"
        "const t = Math.round(w / 60) % 1440, two = v => String(v).padStart(2, '0');"
        "document.getElementById('now-point').value = arguments[0];"
        "document.getElementById('now-time').value = `${two(Math.floor(t / 60))}:${two(t % 60)}`;"
        "document.getElementById('retime').click()",
        k,
        wanted,
    )
    assert browser.execute_script(ARRIVALS)[k] == pytest.approx(wanted, abs=60.0)
    assert "The rest follows" in browser.execute_script(
        "return document.getElementById('planner-said').textContent"
    )


@pytest.mark.browser
def test_the_charts_follow_the_plan(browser: Any, tor_page: str, tmp_path: Path) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    state = (
        "const d = Bokeh.documents.at(-1), n = d.get_model_by_name('profile-night').data;"
        "return [[...n.x0], [...n.x1]]"
    )
    before = browser.execute_script(state)
    browser.execute_script(CHOOSE, "92:00")
    fast = browser.execute_script(state)
    browser.execute_script(CHOOSE, "175:00")
    slow = browser.execute_script(state)
    assert len(fast[0]) < len(before[0]) < len(slow[0])  # nights on the way
    assert all(a < b for a, b in zip(*slow, strict=True))
    assert browser.execute_script("return gpxstage.shownPlan().nights.flat().length") == len(
        slow[0]
    )


@pytest.mark.browser
def test_a_place_that_is_pointed_at_follows_the_plan(
    browser: Any, tor_page: str, tmp_path: Path
) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    browser.execute_script(
        "const s = document.getElementById('slider'); s.value = 600;"
        "s.dispatchEvent(new Event('input'))"
    )
    seen = []
    for finish in ("92:00", "175:00"):
        browser.execute_script(CHOOSE, finish)
        when, tips = browser.execute_script(
            "const d = Bokeh.documents.at(-1);"
            "return [document.getElementById('now-when').textContent,"
            " ['profile-tip', 'plan-tip'].map(n => d.get_model_by_name(n).data.text[0])]"
        )
        assert all(when in tip for tip in tips)
        seen.append(when)
    assert seen[0] != seen[1]


@pytest.mark.browser
def test_a_part_of_the_course_is_what_the_facts_say(
    browser: Any, tor: Report, tor_page: str, tmp_path: Path
) -> None:
    opened(browser, tor_page, tmp_path / "index.html")
    stage = as_json(tor.facts)["stages"][2]
    first, last = stage["points"][1], stage["points"][5]
    found = browser.execute_script(
        "const p = gpxstage.plans.points.filter(p => p.stage === 2);"
        "gpxstage.range(p[1].place, p[5].place); return gpxstage.rangeFigures()"
    )
    assert found["length"] == pytest.approx(last["distance_m"] - first["distance_m"], abs=1.0)
    assert found["gain"] == pytest.approx(last["gain_m"] - first["gain_m"], abs=1.0)
    took_s = last["arrival_s"]["p50"] - first["arrival_s"]["p50"]
    assert found["elapsed"] == pytest.approx(took_s, abs=2.0)
    assert tor.estimate is not None
    there = tor.estimate.stages[2]
    ends = first["distance_m"], last["distance_m"]
    hiked_s = there.hiked_between_s(*ends)
    assert hiked_s is not None
    assert found["hiked"] == pytest.approx(hiked_s / there.moving_between_s(*ends), abs=0.002)


@pytest.mark.browser
def test_a_link_keeps_the_plan(browser: Any, tor_page: str, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    opened(browser, tor_page, path)
    browser.execute_script(CHOOSE, "97:00")
    arrivals = browser.execute_script(ARRIVALS)
    link = browser.execute_script("return location.href")
    assert link.endswith("#goal=97:00")
    visit(browser, "about:blank")
    visit(browser, link)
    assert browser.execute_script("return document.getElementById('goal').value") == "97:00"
    assert browser.execute_script(ARRIVALS) == arrivals
    text = browser.execute_script("return gpxstage.planText()")
    assert ": 97:00 h" in text.splitlines()[0]
    assert browser.execute_script("return document.getElementById('arrives').textContent") in text
