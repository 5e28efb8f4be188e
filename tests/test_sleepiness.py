"""Sleepiness along the course: against the equations integrated in small steps, and its laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course
from gpxstage.estimator import Estimate, estimate, sleepiness
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.risks import Alertness
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import as_json

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
ROME = ZoneInfo("Europe/Rome")

levels = st.floats(sleepiness.LOW, sleepiness.HIGH)
nights = st.lists(st.tuples(st.floats(0.5, 30.0), st.floats(0.0, 9.0)), min_size=1, max_size=5)


def schedule(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Begin and length of sleeps from hours awake before each, and hours of it."""
    awake_h, slept_h = (np.array(each) for each in zip(*pairs, strict=True))
    return np.cumsum(awake_h) + np.concatenate([[0.0], np.cumsum(slept_h[:-1])]), slept_h


def stepped(at_h: float, begin_h: np.ndarray, slept_h: np.ndarray, level: float) -> float:
    """S by Euler's rule: awake it falls towards its low end, asleep it rises towards the high."""
    step_h, now_h = 1e-3, 0.0
    while now_h < at_h - 1e-9:
        if ((now_h >= begin_h) & (now_h < begin_h + slept_h)).any():
            level += step_h * sleepiness.RECOVERY_PER_H * (14.3 - max(level, 12.2))
        else:
            level -= step_h * 0.0353 * (level - 2.4)
        now_h += step_h
    return level


@given(nights, levels, st.floats(0.0, 60.0))
@settings(max_examples=25, deadline=None)
def test_the_closed_form_is_what_small_steps_come_to(
    pairs: list[tuple[float, float]], level: float, at_h: float
) -> None:
    begin_h, slept_h = schedule(pairs)
    found = sleepiness.homeostatic(np.array([at_h]), begin_h, slept_h, level)
    assert found[0] == pytest.approx(stepped(at_h, begin_h, slept_h, level), abs=0.02)


def test_published_figures() -> None:
    """Recovery by its definition; a day of 16 and 8 hours repeats; 14, 7, 3 as the scale says."""
    per_h = sleepiness.RECOVERY_PER_H
    assert per_h == pytest.approx(0.3813, abs=2e-4)
    rested = float(sleepiness.asleep(sleepiness.awake(sleepiness.RESTED, 16.0), 8.0))
    assert rested == pytest.approx(sleepiness.RESTED, abs=0.005)
    hour = np.linspace(0.0, 24.0, 24 * 60 + 1)
    at_peak = sleepiness.sleepiness(np.full(len(hour), 10.0), hour)
    assert 14.0 < hour[np.argmin(at_peak)] < 20.0
    assert 3.0 < hour[np.argmax(at_peak)] < 6.0
    flat = sleepiness.KSS_AT_ZERO + sleepiness.KSS_PER_UNIT * np.array([14.0, 7.0, 3.0])
    assert flat == pytest.approx([2.2, 6.4, 8.8])


@given(nights, st.integers(0, 4), st.floats(0.0, 3.0), levels)
def test_more_sleep_never_raises_the_pressure(
    pairs: list[tuple[float, float]], which: int, more_h: float, level: float
) -> None:
    """One sleep lasts longer, into what were waking hours: S is never lower at any hour."""
    begin_h, slept_h = schedule(pairs)
    k = which % len(begin_h)
    until_h = np.append(begin_h, np.inf)[k + 1]
    longer_h = slept_h.copy()
    longer_h[k] = min(slept_h[k] + more_h, until_h - begin_h[k])
    at_h = np.linspace(0.0, float(begin_h[-1] + slept_h[-1]) + 40.0, 300)
    less, more = (
        sleepiness.homeostatic(at_h, begin_h, hours, level) for hours in (slept_h, longer_h)
    )
    assert (more >= less - 1e-9).all()


@given(nights, levels)
def test_draws_are_rows(pairs: list[tuple[float, float]], level: float) -> None:
    begin_h, slept_h = schedule(pairs)
    at_h = np.linspace(0.0, 80.0, 50)
    rows = [np.stack([values, values * 0.9]) for values in (at_h, begin_h, slept_h)]
    both = sleepiness.homeostatic(*rows, level)
    for k in range(2):
        one = sleepiness.homeostatic(*(row[k] for row in rows), level)
        assert both[k] == pytest.approx(one)


@pytest.mark.parametrize(("hour", "woken_h"), [(10, 3), (12, 5), (22, 15), (6, 2), (0, 17), (8, 2)])
def test_awake_since_the_morning_or_two_hours_before_an_early_start(
    hour: int, woken_h: float
) -> None:
    start, none = datetime(2025, 9, 14, hour, tzinfo=ROME), np.zeros(0)
    found = sleepiness.along(np.zeros(1), none, none, start, JUDGEMENT)
    level = sleepiness.awake(sleepiness.RESTED, float(woken_h))
    assert found[0] == pytest.approx(float(sleepiness.sleepiness(level, np.array(float(hour)))))


def test_hours_above_a_level_are_exact_and_leave_sleep_out() -> None:
    kss = np.array([6.0, 8.0, 8.0, 7.0, 6.0])
    curve = Alertness(np.zeros(5), 3600.0 * np.array([0, 1, 4, 5, 6.0]), kss, np.arange(4) == 1)
    assert curve.above_s(7.0) == pytest.approx(1.5 * 3600.0)
    assert curve.above_s(9.0) == 0.0
    assert curve.worst == 1


@pytest.fixture(scope="module")
def tor() -> tuple[Course, Estimate]:
    course = gpxstage.load(SAMPLES / "tor-des-geants")
    return course, estimate(course, [gpxstage.measure(stage.track) for stage in course.stages])


def test_the_curve_follows_the_clock_of_the_race(tor: tuple[Course, Estimate]) -> None:
    ends: list[tuple[float, float]] = []
    for stage in tor[1].stages:
        curve = stage.alertness
        assert curve is not None
        assert len(curve.kss) == len(curve.elapsed_s) == len(curve.asleep) + 1
        assert (np.diff(curve.elapsed_s) >= 0.0).all()
        assert (np.diff(curve.distance_m) >= 0.0).all()
        slept_s = np.diff(curve.elapsed_s)[curve.asleep].sum()
        assert slept_s == pytest.approx(stage.slept_s)
        assert curve.elapsed_s[-1] == pytest.approx(stage.offset_s + stage.elapsed_s)
        ends += [(curve.kss[0], curve.kss[-1])]
    for (_, last), (first, _) in pairwise(ends):
        assert first == pytest.approx(last)


def test_the_worst_hour_of_the_tor_is_in_its_last_night(tor: tuple[Course, Estimate]) -> None:
    row = as_json(analyze(tor[0], draws=0).facts)
    worst = row["alertness"]["worst"]
    assert worst["stage"] == 7
    assert worst["clock"].startswith("2025-09-19T0")
    assert 7.0 < worst["kss"] < 11.0
    hours = row["alertness"]["hours_above_kss_7"], row["alertness"]["hours_above_kss_8"]
    assert hours[0] > hours[1] > 0.0


def test_no_hour_no_sleepiness(tor: tuple[Course, Estimate]) -> None:
    unknown = replace(tor[0], start=None, timezone=None)
    assert as_json(analyze(unknown, draws=0).facts)["alertness"] is None


def test_a_staged_race_begins_every_stage_rested() -> None:
    course = gpxstage.load(SAMPLES / "transrockies-run-2016")
    found = estimate(course, [gpxstage.measure(stage.track) for stage in course.stages])
    for stage in found.stages:
        assert stage.alertness is not None
        assert stage.alertness.elapsed_s[0] == 0.0
        assert stage.alertness.kss[0] < 4.0
