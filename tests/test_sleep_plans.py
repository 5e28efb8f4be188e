"""The search for plans of sleep: against all plans there are, against the engine, by rank."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import gpxstage
from gpxstage.course import Course, Point
from gpxstage.estimator import (
    Estimate,
    Passed,
    Policy,
    engine,
    estimate,
    hazard,
    plan_sleep,
    sleep_plans,
)
from gpxstage.estimator.draws import SPREADS
from gpxstage.estimator.runner import LEVELS
from gpxstage.estimator.underway import Known
from gpxstage.facts.analysis import analyze
from gpxstage.facts.chances import error_of
from gpxstage.facts.whole import as_json
from gpxstage.profile import Profile

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
HOUR_S = 3600.0
DRAWS = 100

LATE = Passed(2, 55_460.0, 41.0 * HOUR_S, "Cogne")

Measured = tuple[Course, list[Profile]]
Proposed = Callable[[str], list[dict[str, float]]]


@pytest.fixture(scope="module")
def tor() -> Measured:
    course = gpxstage.load(TOR)
    return course, [gpxstage.measure(stage.track) for stage in course.stages]


@pytest.fixture(scope="module")
def proposed(tor: Measured) -> Proposed:
    """``proposed("mid")``: the plans of a level."""
    return cache(lambda level: plan_sleep(*tor, level))


def ahead(tor: Measured, level: str = "mid") -> sleep_plans.Ahead:
    """The Tor as the search sees it."""
    course, profiles = tor
    known = Known(LEVELS[level], Policy(), SPREADS)
    found = sleep_plans.ahead_of(course, list(zip(course.stages, profiles, strict=True)), known)
    assert found is not None
    return found


def worst(found: Estimate) -> float:
    curves = [stage.alertness for stage in found.stages if stage.alertness is not None]
    return max(float(curve.kss.max()) for curve in curves)


def finishing(tor: Measured, level: str, sleeps: dict[str, float] | None) -> float:
    how = Policy(sleeps=sleeps)
    report = analyze(tor[0], level, profiles=tuple(tor[1]), policy=how, draws=DRAWS)
    assert report.facts.finish_probability is not None
    return report.facts.finish_probability


def test_the_search_comes_near_to_what_trying_all_plans_finds(tor: Measured) -> None:
    some = ahead(tor)
    few = replace(
        some,
        beds=some.beds[-3:],
        names=some.names[-3:],
        most_h=some.most_h[-3:],
        shut=replace(some.shut, counted=some.shut.counted[:, -3:]),
        usual_h=4.0,
        whole_h=60.0,
    )
    every = np.array(list(product([0.0, 1.0, 1.5, 2.0, 2.5, 3.0], repeat=3)))
    risk, _ = sleep_plans.walked(few, every)
    found = sleep_plans.searched(few)
    assert len(found) > 1
    for plan in found:
        mine, _ = sleep_plans.walked(few, plan[None, :])
        best = risk[every.sum(axis=1) <= plan.sum() + 1e-9].min()
        assert mine[0] <= best + 0.01


@pytest.mark.parametrize("level", ["strong", "mid", "back"])
def test_three_plans_that_differ(tor: Measured, proposed: Proposed, level: str) -> None:
    plans = proposed(level)
    assert len(plans) == 3
    slept_h = np.array([sum(plan.values()) / HOUR_S for plan in plans])
    assert min(np.diff(slept_h)) >= 0.5
    usual = estimate(*tor, level)
    usual_h = sum(stage.slept_s for stage in usual.stages) / HOUR_S
    least_h = 1.0 + (usual.elapsed_s / HOUR_S - 30.0) / 24.0
    wanted_h = np.maximum(usual_h * np.array([0.5, 1.0, 1.5]), least_h)
    np.testing.assert_allclose(slept_h[:2], wanted_h[:2], atol=0.55)
    beds = {p.name for stage in tor[0].stages for p in stage.points if "bed" in p.services}
    for plan in plans:
        assert {name.partition("/")[2] for name in plan} <= beds
        assert all(HOUR_S <= s <= 3.0 * HOUR_S for s in plan.values())
    found = [estimate(*tor, level, policy=Policy(sleeps=plan)) for plan in plans]
    kss = [worst(each) for each in found]
    assert kss[0] > kss[2]
    assert found[0].elapsed_s < found[1].elapsed_s < found[2].elapsed_s


def test_over_thirty_hours_no_plan_is_without_its_least_sleep(tor: Measured) -> None:
    plans = plan_sleep(*tor, "elite")  # who sleep an hour as usual
    assert plans
    for plan in plans:
        assert sum(plan.values()) >= 2.0 * HOUR_S


def test_nobody_is_planned_to_sleep_by_day_where_a_night_follows(
    tor: Measured, proposed: Proposed
) -> None:
    course, _ = tor
    assert course.start is not None
    for plan in proposed("mid"):
        found = estimate(*tor, policy=Policy(sleeps=plan))
        beds = []  # hours since the start, and the sleep, at every bed
        for stage, told in zip(course.stages, found.stages, strict=True):
            for stop in told.stops:
                point = next((p for p in stage.points if p.name == stop.point), None)
                if point is not None and "bed" in point.services:
                    rest_s = 0.5 * (stop.stop_s - stop.sleep_s)
                    beds.append((told.arrival_s(stop.distance_m) + rest_s, stop.sleep_s))
        at_h = np.array(beds)[:, 0] / HOUR_S
        clock_h = (course.start.hour + at_h) % 24.0
        night = (clock_h > 19.0) | (clock_h < 7.0)
        for k in np.flatnonzero(np.array(beds)[:, 1] > 0.0):
            follows = night[k + 1 :] & (at_h[k + 1 :] < at_h[k] + 19.0)
            assert night[k] or not follows.any()


@pytest.mark.parametrize("level", ["mid", "back"])
def test_usual_sleep_finishes_more_often_than_none(
    tor: Measured, proposed: Proposed, level: str
) -> None:
    as_much = proposed(level)[1]
    none = finishing(tor, level, {})
    assert finishing(tor, level, as_much) > none + 0.05
    assert finishing(tor, level, None) > none + 0.05


def test_plans_are_ranked_by_finishing_first(tor: Measured) -> None:
    plans = analyze(tor[0], profiles=tuple(tor[1]), draws=200, plans=True).facts.plans
    assert plans is not None
    assert len(plans) == 3
    best = max(plan.finish_probability or 0.0 for plan in plans)
    alike = [
        plan for plan in plans if best - (plan.finish_probability or 0.0) <= error_of(best, 200)
    ]
    assert list(plans[: len(alike)]) == alike
    keys = [(plan.collapse_probability, plan.p90_s) for plan in alike]
    assert keys == sorted(keys)
    by_sleep = sorted(plans, key=lambda plan: plan.slept_s or 0)
    risks = [plan.collapse_probability or 0.0 for plan in by_sleep]
    assert risks[0] > risks[1] > risks[2] > 0.0


def test_plans_under_way_keep_what_was_slept_and_plan_what_lies_ahead(tor: Measured) -> None:
    course, profiles = tor
    usual = estimate(course, profiles)
    end_m = profiles[1].length_m
    passed = [Passed(2, end_m, usual.stages[1].arrival_s(end_m) * 1.05, "Cogne")]
    plans = plan_sleep(course, profiles, passed=passed)
    assert len(plans) >= 2
    behind = {plan["1/Valgrisenche"] for plan in plans}
    assert len(behind) == 1
    for plan in plans:
        assert any(name > "2/Cogne" for name in plan)
        told = estimate(course, profiles, policy=Policy(sleeps=plan), passed=passed)
        assert told.stages[1].arrival_s(end_m) == pytest.approx(passed[0].elapsed_s, abs=1.0)


def test_many_beds_take_hardly_more_work(tor: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    course, profiles = tor
    stages = tuple(
        replace(
            stage,
            points=tuple(
                Point(f"Hut {k}", "aid", distance_m=float(m), services=("bed",))
                for k, m in enumerate(np.linspace(1000.0, profile.length_m - 1000.0, 20))
            ),
        )
        for stage, profile in zip(course.stages, profiles, strict=True)
    )
    runs, walks = [], []
    run, walked = engine.run, hazard.hazards
    monkeypatch.setattr(engine, "run", lambda *a, **k: runs.append(1) or run(*a, **k))
    monkeypatch.setattr(hazard, "hazards", lambda *a: walks.append(1) or walked(*a))
    assert len(plan_sleep(replace(course, stages=stages), profiles)) == 3
    assert len(runs) <= 3  # as usual, and without
    assert len(walks) < 100


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
    started = replace(course, start=None)
    report = analyze(started, profiles=tuple(profiles), plans=True, draws=0)
    assert report.plans == ()
    assert any("no plans of sleep" in note for note in report.notes)


def test_a_stop_of_given_length_is_no_bed(tor: Measured) -> None:
    plans = plan_sleep(*tor, policy=Policy(stops={"Ollomont": 600.0}))
    assert plans
    for plan in plans:
        assert "6/Ollomont" not in plan


def test_the_row_of_a_plan_is_that_of_its_own_estimate(tor: Measured) -> None:
    raced = partial(analyze, tor[0], profiles=tuple(tor[1]))
    planned = raced(draws=20, plans=True)
    rows = as_json(planned.facts)
    assert planned.plans is not None
    for plan in (rows["plans"][0], rows["plans"][-1]):
        told = next(one for one in planned.plans if round(one.elapsed_s) == plan["elapsed_s"])
        assert told.policy is not None
        alone = as_json(raced(draws=20, policy=Policy(sleeps=told.policy.sleeps)).facts)
        assert plan["elapsed_s"] == alone["elapsed_s"]["p50"]
        assert plan["worst_kss"] == alone["alertness"]["worst"]["kss"]
        assert plan["finish_probability"] == alone["finish_probability"]
        assert plan["collapse_probability"] == alone["collapse_probability"]
        assert plan["p90_s"] == alone["elapsed_s"]["p90"]
        assert plan["tightest"] == alone["tightest"]
        assert sum(each["s"] for each in plan["sleeps"]) == alone["slept_s"]
    assert "plans" not in as_json(raced(draws=0).facts)


# the command line


@pytest.fixture
def call(call: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    """``call("--plans")`` estimates the Tor."""
    return partial(call, "estimate", TOR)


def test_the_table_of_plans(call: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = call("--plans", "--draws", 5)
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


def test_plans_under_way_are_of_what_is_left(call: Callable[..., tuple[int, str, str]]) -> None:
    there = ("--passed", "Donnas", "42:00", "--draws")
    code, out, _ = call("--plans", *there, 20, "--json")
    assert code == 0
    rows = json.loads(out)
    before = [p for stage in rows["stages"] for p in stage["points"] if p["behind"]]
    assert sum(point["sleep_s"] for point in before) > 3600
    for plan in rows["plans"]:
        assert {each["stage"] for each in plan["sleeps"]} <= {3, 4, 5, 6}
        assert plan["slept_s"] == sum(each["s"] for each in plan["sleeps"]) > 0
    table = call("--plans", *there, 0)[1].partition("Plans of sleep")[2].partition("Stages")[0]
    assert "asleep ahead" in table
    assert "Valgrisenche" not in table


def test_who_is_late_is_not_planned_to_go_on_for_days_without_sleep(tor: Measured) -> None:
    """Some 110 h are left, and the cutoffs leave nothing: one hour, and one a day beyond 30 h."""
    course, profiles = tor
    report = gpxstage.analyze(
        course, profiles=tuple(profiles), passed=(LATE,), plans=True, draws=40
    )
    plans = report.facts.plans or ()
    assert plans
    for plan in plans:
        assert plan.slept_s is not None
        assert plan.slept_s >= HOUR_S * (1.0 + (105.0 - 30.0) / 24.0)
        assert all(sleep.stage >= 2 and sleep.point != "Valgrisenche" for sleep in plan.sleeps)
        assert (plan.collapse_probability or 0.0) < (report.facts.collapse_probability or 0.0)


def test_a_plain_model_has_no_plans_of_sleep(call: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = call("--plans", "--model", "tobler")
    assert (code, out) == (2, "")
    assert "--plans: a plain --model knows no sleep" in err
