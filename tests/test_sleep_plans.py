"""The search for plans of sleep: against all plans there are, and against the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import gpxstage
from gpxstage.course import Course
from gpxstage.estimator import Estimate, Policy, engine, estimate, plan_sleep, sleep_plans
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import as_json
from gpxstage.profile import Profile

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
MID = LEVELS["mid"]
HOUR_S = 3600.0

Measured = tuple[Course, list[Profile]]


@pytest.fixture(scope="module")
def tor() -> Measured:
    course = gpxstage.load(TOR)
    return course, [gpxstage.measure(stage.track) for stage in course.stages]


def way(tor: Measured, beds: int) -> sleep_plans.Way:
    """The Tor as the search sees it, with its first few beds alone."""
    part = list(zip(*tor_parts(tor), strict=True))
    halts = halts_of(tor[0], part)
    push = push_of(tor[0], part, halts, 1.0)
    some = [k for k, halt in enumerate(halts) if halt.bed][-beds:]
    return sleep_plans.way_of(push, engine.run(push, MID, JUDGEMENT, Policy()), some)


def tor_parts(tor: Measured) -> tuple[tuple[gpxstage.Stage, ...], list[Profile]]:
    return tor[0].stages, tor[1]


def worst(found: Estimate) -> float:
    curves = [stage.alertness for stage in found.stages if stage.alertness is not None]
    return max(float(curve.kss.max()) for curve in curves)


def one_plan(ahead: sleep_plans.Way, naps_h: tuple[float, ...]) -> tuple[float, float]:
    """Lateness and worst hour of one plan, walked without any pruning."""
    one = np.zeros(1)
    front, left_h = sleep_plans.Front(np.zeros((1, 0)), one, one, one + ahead.level), 0.0
    for bed, nap_h in enumerate(naps_h):
        front = sleep_plans.walked(ahead, front, bed, left_h)
        front = sleep_plans.slept(front, ahead.bed_at_h[bed] - left_h, ahead.bed_stop_h[bed])
        mine = np.flatnonzero(front.naps_h[:, -1] == nap_h)
        if len(mine) == 0:  # as good as another nap, and slower
            return np.inf, np.inf
        front = front.of(mine)
        left_h = ahead.bed_at_h[bed] + ahead.bed_stop_h[bed]
    front = sleep_plans.walked(ahead, front, len(naps_h), left_h)
    return float(front.late_h[0]), float(front.worst[0])


def test_the_search_finds_what_trying_all_plans_finds(tor: Measured) -> None:
    ahead = way(tor, 3)
    front = sleep_plans.searched(ahead)
    every = np.array([one_plan(ahead, naps) for naps in product(sleep_plans.NAPS_H, repeat=3)])
    for late_h, kss in zip(front.late_h, front.worst, strict=True):
        assert not ((every[:, 0] < late_h - 0.3) & (every[:, 1] <= kss)).any()
        assert not ((every[:, 0] <= late_h) & (every[:, 1] < kss - 0.1)).any()
    assert (np.diff(front.late_h) > 0.0).all()
    assert (np.diff(front.worst) < 0.0).all()
    assert front.naps_h[0].sum() == 0.0


def test_the_engine_agrees_with_the_search(tor: Measured) -> None:
    """What the search thinks of a plan is near what the engine finds."""
    ahead, plans = way(tor, 6), plan_sleep(*tor)
    front, none = sleep_plans.searched(ahead), estimate(*tor, policy=Policy(sleeps={}))
    assert worst(none) == pytest.approx(float(front.worst[0]), abs=0.1)
    for plan in plans:
        found = estimate(*tor, policy=Policy(sleeps=plan))
        hours = sum(plan.values()) / HOUR_S
        k = int(np.argmin(np.where(front.naps_h.sum(axis=1) <= hours + 1e-9, front.worst, np.inf)))
        late_h = (found.elapsed_s - none.elapsed_s) / HOUR_S
        thought_h = float(front.late_h[k] - front.late_h[0])  # nights are not thought of
        assert late_h == pytest.approx(thought_h, rel=0.15, abs=0.3)
        assert worst(found) == pytest.approx(float(front.worst[k]), abs=0.4)


@pytest.mark.parametrize("level", ["elite", "mid", "back"])
def test_three_plans_that_differ(tor: Measured, level: str) -> None:
    plans = plan_sleep(*tor, LEVELS[level])
    assert len(plans) == 3
    slept_h = [sum(plan.values()) / HOUR_S for plan in plans]
    assert min(np.diff(slept_h)) >= 0.5
    beds = {p.name for stage in tor[0].stages for p in stage.points if "bed" in p.services}
    for plan in plans:
        assert {name.partition("/")[2] for name in plan} <= beds
    found = [estimate(*tor, LEVELS[level], policy=Policy(sleeps=plan)) for plan in plans]
    kss = [worst(each) for each in found]
    assert kss[0] > kss[1] > kss[2]
    assert found[0].elapsed_s < found[1].elapsed_s < found[2].elapsed_s


def test_the_best_use_of_usual_sleep_is_no_worse_than_the_usual(tor: Measured) -> None:
    usual = estimate(*tor)
    middle = estimate(*tor, policy=Policy(sleeps=plan_sleep(*tor)[1]))
    assert middle.elapsed_s < usual.elapsed_s
    assert worst(middle) < worst(usual)


def test_no_plans_without_an_hour_without_beds_or_where_nobody_is_sleepy(tor: Measured) -> None:
    course, profiles = tor
    assert plan_sleep(replace(course, start=None), profiles) == []
    bare = [
        replace(stage, points=tuple(p for p in stage.points if p.kind == "col"))
        for stage in course.stages
    ]
    assert plan_sleep(replace(course, stages=tuple(bare)), profiles) == []
    short = replace(course, stages=course.stages[:2])
    assert plan_sleep(short, profiles[:2], LEVELS["elite"]) == []
    report = analyze(replace(course, start=None), plans=True, draws=0)
    assert report.plans == ()
    assert any("no plans of sleep" in note for note in report.notes)


def test_a_stop_of_given_length_is_no_bed(tor: Measured) -> None:
    for plan in plan_sleep(*tor, policy=Policy(stops={"Ollomont": 600.0})):
        assert "6/Ollomont" not in plan


def test_the_row_of_a_plan_is_that_of_its_own_estimate(tor: Measured) -> None:
    course, _ = tor
    report = analyze(course, draws=30, plans=True)
    rows = as_json(report.facts)
    assert report.plans is not None
    for plan, told in zip(rows["plans"], report.plans, strict=True):
        assert told.policy is not None
        alone = as_json(analyze(course, draws=30, policy=Policy(sleeps=told.policy.sleeps)).facts)
        assert plan["elapsed_s"] == alone["elapsed_s"]["p50"]
        assert plan["worst_kss"] == alone["alertness"]["worst"]["kss"]
        assert plan["finish_probability"] == alone["finish_probability"]
        assert plan["tightest"] == alone["tightest"]
        assert sum(each["s"] for each in plan["sleeps"]) == alone["slept_s"]
    assert "plans" not in as_json(analyze(course, draws=0).facts)


# the command line


@pytest.fixture
def call(call: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    """``call("--plans")`` estimates the Tor."""
    return partial(call, "estimate", TOR)


def test_the_table_of_plans(call: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = call("--plans", "--draws", 20)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    table = out.partition("Plans of sleep")[2].partition("Stages")[0]
    assert "as usual" in table
    for number in "123":
        assert any(line.startswith(f"{number}  ") for line in table.splitlines())
    _, wide, _ = call("--plans", "--draws", 0, "--markdown")
    assert "| point                |   this | plan 1 | plan 2 | plan 3 |" in wide


def test_plans_for_a_goal_beside_sleep_that_is_given(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    wishes = ("--plans", "--draws", 0, "--goal", "97:00", "--sleep", "Cogne=1h")
    _, out, _ = call(*wishes, "--json")
    rows = json.loads(out)
    assert rows["slept_s"] == 3600
    assert len(rows["plans"]) == 3
    assert all(plan["finish_probability"] is None for plan in rows["plans"])
    assert "as given" in call(*wishes)[1].partition("Plans of sleep")[2]


def test_plans_are_of_one_runner(call: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = call("--plans", "--level", "mid", "--level", "back")
    assert code == 2
    assert "--plans is for one runner" in err


@pytest.mark.parametrize("wish", [("--passed", "Cogne", "30:00"), ("--model", "tobler")])
def test_plans_are_for_before_the_start_and_by_the_engine(
    call: Callable[..., tuple[int, str, str]], wish: tuple[str, ...]
) -> None:
    code, out, err = call("--plans", *wish)
    assert (code, out) == (2, "")
    assert "--plans is for before the start" in err
