"""Nights and cutoffs: no usual or proposed plan misses a cutoff by its own stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Estimate, Passed, Policy, estimate, plan_sleep
from gpxstage.estimator.nouns import Slower
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import analyze
from gpxstage.facts.chances import error_of, ranked
from gpxstage.facts.figures import Plan
from gpxstage.facts.figures import replace as changed
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure
from gpxstage.report.say import all_tables

H = 3600.0
EVENING = datetime(2025, 8, 29, 18, tzinfo=UTC)
RUNNER = at_ability(3.4)
HUTS_M = (30_000.0, 55_000.0, 80_000.0, 110_000.0, 140_000.0)


def track(length_m: float = 170_000.0) -> Track:
    along_m = np.linspace(0.0, length_m, round(length_m / 100.0) + 1)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    height_m = 1500.0 + 600.0 * (1.0 - np.cos(2.0 * np.pi * along_m / 14_000.0))
    lat, nowhen = np.full(len(along_m), 46.0), np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int))


TRACK = track()
PROFILES = [measure(TRACK)]


def race(closes_h: dict[int, float], limit_h: float | None = None, beds: bool = True) -> Course:
    """Five huts; *closes_h*, by hut, is when they close."""
    services = ("food", "bed") if beds else ()
    points = tuple(
        Point(
            f"Hut {k}",
            "aid",
            distance_m=at_m,
            services=services,
            cutoff_s=H * closes_h[k] if k in closes_h else None,
        )
        for k, at_m in enumerate(HUTS_M)
    )
    limit_s = None if limit_h is None else H * limit_h
    return Course("race", (Stage(1, "all", TRACK, points),), start=EVENING, limit_s=limit_s)


def margins_s(course: Course, found: Estimate, *, free: float = 1.0) -> list[float]:
    """What is left at each cutoff ahead, in order; *free* is the share of all stops that counts."""
    stage, end_m = found.stages[0], TRACK_M
    here_m = found.passed[-1].distance_m if found.passed else 0.0
    left = []
    for point in course.stages[0].points:
        if point.cutoff_s is not None and (point.distance_m or 0.0) >= here_m:
            assert point.distance_m is not None
            before = [s.stop_s for s in stage.stops if s.distance_m <= point.distance_m + 1.0]
            left.append(point.cutoff_s - stage.moving_at_s(point.distance_m) - free * sum(before))
    if course.limit_s is not None:
        left.append(course.limit_s - stage.moving_at_s(end_m) - free * stage.stopped_s)
    return left


TRACK_M = PROFILES[0].length_m
FREE = estimate(race({}), PROFILES, RUNNER)
AT_H = [FREE.stages[0].arrival_s(at_m) / H for at_m in HUTS_M]
END_H = FREE.elapsed_s / H

closing = st.dictionaries(st.integers(0, 4), st.floats(0.9, 1.3), min_size=0, max_size=3)


@settings(max_examples=20)
@given(closing, st.floats(0.85, 1.2))
def test_usual_stops_and_sleep_never_miss_a_cutoff_that_shorter_ones_keep(
    shares: dict[int, float], limit: float
) -> None:
    course = race({k: AT_H[k] * share for k, share in shares.items()}, END_H * limit)
    found = estimate(course, PROFILES, RUNNER)
    kept = zip(margins_s(course, found), margins_s(course, found, free=0.0), strict=True)
    for left_s, at_best_s in kept:
        assert left_s >= 0.0 or at_best_s < 120.0
    assert all(stop.stop_s >= stop.sleep_s >= 0.0 for stop in found.stages[0].stops)


@settings(max_examples=8)
@given(closing, st.floats(0.95, 1.2), st.none() | st.integers(1, 3), st.floats(1.0, 1.1))
def test_a_proposed_plan_never_sleeps_past_a_cutoff(
    shares: dict[int, float], limit: float, been: int | None, late: float
) -> None:
    course = race({k: AT_H[k] * share for k, share in shares.items()}, END_H * limit)
    passed = [] if been is None else [Passed(1, HUTS_M[been], H * AT_H[been] * late, f"Hut {been}")]
    none = estimate(course, PROFILES, RUNNER, policy=Policy(sleeps={}), passed=passed)
    without_all_s = margins_s(course, none)
    here_s = passed[-1].elapsed_s if passed else 0.0
    no_time = none.elapsed_s - here_s > 30.0 * H and min(without_all_s) < 1.5 * H
    for sleeps in plan_sleep(course, PROFILES, RUNNER, passed=passed):
        found = estimate(course, PROFILES, RUNNER, policy=Policy(sleeps=sleeps), passed=passed)
        for left_s, without_s in zip(margins_s(course, found), without_all_s, strict=True):
            assert left_s >= 0.0 or without_s < 0.0 or no_time


@pytest.mark.parametrize("late", [1.02, 1.2, 1.45])
def test_who_is_late_did_not_sleep_longer_for_it(late: float) -> None:
    """Only one passage is given; sleep before it is the plan's, in the draws about as much."""
    passed = (Passed(1, HUTS_M[3], H * AT_H[3] * late, "Hut 3"),)
    found = estimate(race({}), PROFILES, RUNNER, passed=passed, draws=100)
    pairs = list(zip(FREE.stages[0].stops, found.stages[0].stops, strict=True))[:3]
    planned_s, slept_s = (sum(pair[k].sleep_s for pair in pairs) for k in (0, 1))
    assert 0.9 * planned_s < slept_s < planned_s + 1.0
    assert found.spread is not None
    assert found.spread[0].sleep_s[:, :3].sum(axis=1).max() < planned_s + 1.0
    (note,) = [note for note in found.notes if "is not known" in note]
    assert note.startswith("the sleep before Hut 3 is not known: Hut ")
    given = Policy(sleeps={"Hut 2": H})
    told = estimate(race({}), PROFILES, RUNNER, passed=passed, policy=given)
    assert told.stages[0].stops[2].sleep_s == pytest.approx(H)
    assert not [note for note in told.notes if "is not known" in note]


def test_a_cutoff_behind_the_runner_was_kept() -> None:
    """The plan's stops would have missed it; the runner was seen farther on."""
    course = race({2: AT_H[2], 4: 1.2 * AT_H[4]}, END_H * 1.2)
    passed = (Passed(1, HUTS_M[3], H * AT_H[3] * 1.1, "Hut 3"),)
    report = analyze(course, RUNNER, draws=50, passed=passed)
    facts = report.facts
    behind = [point for _, point in facts.every_point() if point.behind]
    assert [point.name for point in behind] == ["Hut 0", "Hut 1", "Hut 2"]
    assert {(p.margin_s.p50, p.miss_probability, p.leave_by_s) for p in behind} == {(None,) * 3}
    assert facts.tightest is not None
    assert facts.tightest.name in ("Hut 4", "Finish")
    (table,) = [t for t in all_tables(report) if "Cutoffs" in t.title]
    assert [row[0] for row in table.rows] == ["Hut 4", "Finish"]


def test_a_cutoff_cuts_the_sleep_and_a_note_says_so() -> None:
    free = estimate(race({}), PROFILES, RUNNER)
    tight = race({}, END_H - 0.4 * sum(s.sleep_s for s in free.stages[0].stops) / H)
    found = estimate(tight, PROFILES, RUNNER)
    assert 0.0 < found.stages[0].slept_s < 0.7 * free.stages[0].slept_s
    assert found.elapsed_s < (tight.limit_s or 0.0)
    (note,) = [note for note in found.notes if "cuts the sleep" in note]
    assert note.startswith("the limit cuts the sleep: Hut")
    assert not [note for note in free.notes if "cuts the sleep" in note]


@pytest.mark.parametrize(("spare", "said"), [(1.01, True), (1.06, False)])
def test_a_speed_that_leaves_no_time_to_stop_is_named(spare: float, said: bool) -> None:
    """Slower on the way to the fourth hut: what is left of a tight limit decides."""
    how = Policy(sleeps={}, slower=Slower(0.85, end=(1, HUTS_M[3])))
    free = estimate(race({}), PROFILES, RUNNER, policy=how)
    found = estimate(race({}, spare * free.moving_s / H), PROFILES, RUNNER, policy=how)
    (note,) = [note for note in found.notes if note.startswith("stops are ")]
    stopped = sum(stop.stop_s for stop in found.stages[0].stops)
    usually = sum(stop.stop_s for stop in free.stages[0].stops)
    assert (stopped < 0.25 * usually) is said
    assert ("at this speed it leaves no time to stop" in note) is said


def test_a_plan_that_cannot_keep_a_cutoff_says_so_and_has_no_leave_by() -> None:
    course = race({0: 0.4 * AT_H[0], 3: 1.2 * AT_H[3]})
    report = analyze(course, RUNNER, draws=0)
    assert any("cannot keep the cutoff at Hut 0" in note for note in report.facts.notes)
    assert report.points[0].leave_by_s is None
    early = analyze(race({2: 0.4 * AT_H[2]}), RUNNER, draws=0).points[0]
    assert early.leave_by_s is None


def test_a_slower_runner_is_never_earlier_whatever_is_cut() -> None:
    course = race({2: AT_H[2] * 1.02}, END_H)
    speeds = np.linspace(3.9, 2.7, 13)
    took_s = [estimate(course, PROFILES, at_ability(mps)).elapsed_s for mps in speeds]
    assert all(np.diff(took_s) > 0.0)


def test_assumed_beds_are_for_the_nights() -> None:
    """The first hut is reached in the first evening, another one by day."""
    course = race({}, beds=False)
    found = estimate(course, PROFILES, RUNNER)
    slept_s = {stop.point: stop.sleep_s for stop in found.stages[0].stops}
    assert sum(slept_s.values()) > 0.5 * H
    for name, at_h in zip(slept_s, AT_H, strict=True):
        clock_h = (EVENING.hour + at_h) % 24.0
        if at_h < 6.0 or (at_h < 24.0 and 8.0 < clock_h < 20.0):
            assert slept_s[name] == 0.0
        elif 8.0 < clock_h < 20.0:
            assert slept_s[name] < 0.1 * sum(slept_s.values())


def test_no_sleep_is_proposed_where_little_is_left_and_named_where_it_is_better() -> None:
    limit_h = END_H * 1.02
    raced = partial(analyze, race({}, limit_h), RUNNER, profiles=tuple(PROFILES))
    before = raced(plans=True, draws=50)
    assert before.facts.plans
    assert all(plan.slept_s for plan in before.facts.plans)
    none = raced(policy=Policy(sleeps={}), draws=50).facts
    best = max(plan.finish_probability or 0.0 for plan in before.facts.plans)
    said = any("without sleep the chance of finishing" in note for note in before.facts.notes)
    assert said is (round(100 * (none.finish_probability or 0.0)) > round(100 * best))
    passed = (Passed(1, HUTS_M[3], H * AT_H[3], "Hut 3"),)
    after = raced(plans=True, draws=0, passed=passed)
    ahead = [
        [sleep for sleep in plan.sleeps if sleep.point in ("Hut 3", "Hut 4")]
        for plan in after.facts.plans or ()
    ]
    assert [] in ahead


def test_plans_of_one_chance_are_ranked_by_collapse() -> None:
    (plan, *_) = analyze(race({}, END_H * 1.1), RUNNER, plans=True, draws=2).facts.plans or ()

    def one(finish: float, collapse: float) -> Plan:
        return changed(plan, finish_probability=finish, collapse_probability=collapse)

    some = [one(0.71, 0.68), one(0.69, 0.29), one(0.40, 0.01), one(0.38, 0.005)]
    assert ranked(some, 200) == (some[1], some[0], some[3], some[2])
    assert error_of(0.7, 200) == pytest.approx(0.0458, abs=1e-3)


@pytest.mark.parametrize("goal", [0.8, 1.1])
def test_margins_and_chances_of_a_goal_are_given_the_same(goal: float) -> None:
    """A late margin that is more than nothing is missed by less than one in ten."""
    runner = replace(RUNNER, known_from="goal")
    course = race({k: at_h * goal * 1.1 for k, at_h in enumerate(AT_H)}, END_H * goal * 1.1)
    facts = analyze(course, runner, draws=100).facts
    assert facts.range_given == "finish"
    chances = [p.miss_probability or 0.0 for _, p in facts.every_point() if p.cutoff_s]
    assert chances == sorted(chances)
    assert chances[-1] == pytest.approx(1.0 - (facts.finish_probability or 0.0), abs=1e-9)
    for _, point in facts.every_point():
        if point.margin_s.p90 is not None and point.margin_s.p90 < 0:
            assert (point.miss_probability or 0.0) >= 0.05
    if all((p.margin_s.p90 or 0) >= 0 for _, p in facts.every_point() if p.cutoff_s):
        assert chances[-1] < 0.5


def test_nobody_leaves_a_place_behind_the_last_passage() -> None:
    course = race({k: at_h * 1.2 for k, at_h in enumerate(AT_H)}, END_H * 1.2)
    passed = (Passed(1, HUTS_M[2], H * AT_H[2], "Hut 2"),)
    points = analyze(course, RUNNER, draws=0, passed=passed).points
    assert [point.leave_by_s is None for point in points] == [True, True, *[False] * 3, True]


def test_an_altitude_of_home_that_changes_nothing_gets_a_note() -> None:
    used, new = (
        estimate(
            race({}), PROFILES, RUNNER, policy=Policy(home_altitude_m=200.0, acclimatised=both)
        )
        for both in (True, False)
    )
    assert any("altitude of home changes nothing" in note for note in used.notes)
    assert not any("altitude of home" in note for note in new.notes)
