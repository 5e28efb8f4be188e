"""Stops and sleep: how long, and where along a push."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.estimator import stops
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Sites
from gpxstage.estimator.runner import at_ability

DAY_S = 86_400.0
RUNNER = at_ability(3.7)  # stops 1, sleep 1


# stops


def sites(**weights: list[float]) -> Sites:
    count = len(next(iter(weights.values())))
    return Sites(
        distance_m=1000.0 * (np.arange(count) + 1),
        stop_weight=np.array(weights.get("stop", [1.0] * count)),
        sleep_weight=np.array(weights.get("sleep", [0.0] * count)),
        fixed_s=np.array(weights.get("fixed", [np.nan] * count)),
    )


def standing(where: Sites, moving_h: float) -> tuple[np.ndarray, np.ndarray]:
    edge_m = np.array([0.0, 1000.0 * (len(where.distance_m) + 1)])
    return stops.standing(where, edge_m, np.array([0.0, 3600.0 * moving_h]), RUNNER, JUDGEMENT)


def test_stopping_is_shared_by_weight() -> None:
    stop_s, sleep_s = standing(sites(stop=[1.0, 5.0, 0.0, 2.0]), 10.0)
    assert stop_s / stop_s.sum() == pytest.approx([0.125, 0.625, 0.0, 0.25])
    assert stop_s.sum() == pytest.approx(36_000.0 * stops.stop_share(10.0, JUDGEMENT))
    assert sleep_s.tolist() == [0.0] * 4


def test_a_fixed_stop_is_kept_and_leaves_the_others_alone() -> None:
    free, _ = standing(sites(stop=[1.0, 9.0, 1.0]), 10.0)
    stop_s, _ = standing(sites(stop=[1.0, 9.0, 1.0], fixed=[np.nan, 1234.0, np.nan]), 10.0)
    assert stop_s[1] == 1234.0
    assert stop_s[[0, 2]] == pytest.approx(free[[0, 2]])


def test_given_sleeps_are_all_there_are() -> None:
    where = replace(sites(sleep=[1.0, 0.0, 1.0]), slept_s=np.array([0.0, 600.0, 0.0]))
    stop_s, sleep_s = standing(where, 80.0)
    usual_s, _ = standing(sites(sleep=[1.0, 0.0, 1.0]), 80.0)
    assert sleep_s.tolist() == [0.0, 600.0, 0.0]
    assert stop_s == pytest.approx(usual_s)


def test_where_all_stops_are_fixed_nothing_is_added() -> None:
    stop_s, _ = standing(sites(fixed=[0.0, 600.0]), 10.0)
    assert stop_s.tolist() == [0.0, 600.0]


def test_without_sites_nobody_stands() -> None:
    nowhere = Sites(*(np.zeros(0) for _ in range(4)))
    stop_s, sleep_s = stops.standing(
        nowhere, np.array([0.0, 1e5]), np.array([0.0, 3e5]), RUNNER, JUDGEMENT
    )
    assert len(stop_s) == len(sleep_s) == 0


def test_sleep_is_shared_over_the_beds_alone() -> None:
    stop_s, sleep_s = standing(sites(sleep=[0.0, 1.0, 0.0, 1.0]), 80.0)
    assert sleep_s[0] == sleep_s[2] == 0.0
    assert (sleep_s[[1, 3]] > 0.0).all()
    awake_h = 80.0 + stop_s.sum() / 3600.0
    assert sleep_s.sum() == pytest.approx(stops.sleep_s(awake_h, RUNNER.sleep, JUDGEMENT))


def test_most_sleep_falls_on_the_first_night_not_on_the_last() -> None:
    done = np.linspace(0.0, 1.0, 101)
    wish = stops.sleep_wish(done, JUDGEMENT)
    assert done[np.argmax(wish)] == pytest.approx(JUDGEMENT.sleep_peak, abs=0.01)
    assert wish[0] == 0.0
    assert wish[-1] < 0.5 * wish.max()


@given(moving_h=st.floats(0.0, 1000.0), more_h=st.floats(0.0, 100.0))
def test_stopping_grows_with_the_hours_within_bounds(moving_h: float, more_h: float) -> None:
    shorter = stops.stop_share(moving_h, JUDGEMENT)
    assert 0.0 <= shorter <= stops.stop_share(moving_h + more_h, JUDGEMENT)
    assert stops.stop_share(moving_h + more_h, JUDGEMENT) <= JUDGEMENT.stop_most


def test_stopping_as_it_was_measured() -> None:
    median = 100.0 * stops.stop_share(22.0, JUDGEMENT)  # 107 km: women 2.6 %, men 4.7 %
    assert 2.6 < median < 5.0


# sleep


def test_no_sleep_below_the_limit() -> None:
    assert stops.sleep_s(0.0, 1.0, JUDGEMENT) == 0.0
    assert stops.sleep_s(JUDGEMENT.sleep_after_h, 1.0, JUDGEMENT) == 0.0


@given(awake_h=st.floats(28.0, 300.0), more_h=st.floats(0.1, 50.0), level=st.floats(0.1, 2.0))
def test_sleep_grows_with_the_hours_and_the_level(
    awake_h: float, more_h: float, level: float
) -> None:
    asleep_s = stops.sleep_s(awake_h, level, JUDGEMENT)
    assert stops.sleep_s(awake_h + more_h, level, JUDGEMENT) > asleep_s >= 0.0
    assert stops.sleep_s(awake_h + more_h, 1.1 * level, JUDGEMENT) > asleep_s


@given(awake_h=st.floats(28.0, 300.0))
def test_sleep_counts_among_the_hours_that_ask_for_it(awake_h: float) -> None:
    asleep_h = stops.sleep_s(awake_h, 1.0, JUDGEMENT) / 3600.0
    past_limit_h = awake_h + asleep_h - JUDGEMENT.sleep_after_h
    assert asleep_h == pytest.approx(JUDGEMENT.sleep_share * past_limit_h, abs=1e-9)


@pytest.mark.parametrize(
    ("race_h", "mean_h", "deviation_h"),  # Martin et al. 2018; ranges by their middles
    [(33.0, 0.55, 0.70), (48.0, 1.36, 1.51), (100.0, 8.24, 5.15)],
)
def test_sleep_is_within_what_a_survey_found(
    race_h: float, mean_h: float, deviation_h: float
) -> None:
    awake_h = np.linspace(1.0, 150.0, 14_901)
    asleep_h = np.array([stops.sleep_s(h, 1.0, JUDGEMENT) / 3600.0 for h in awake_h])
    here_h = np.interp(race_h, awake_h + asleep_h, asleep_h)
    assert abs(here_h - mean_h) < deviation_h


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_no_level_of_sleep_divides_by_nothing(level: float) -> None:
    assert 0.0 <= stops.sleep_s(100.0, level, JUDGEMENT) < 1e7


@pytest.mark.parametrize(
    ("sleeps", "merged"),
    [
        ([50.0, 60.0, 40.0], [0.0, 0.0, 0.0]),  # eight minutes at three places are no sleep
        ([500.0, 700.0, 1300.0], [0.0, 875.0, 1625.0]),
        ([600.0, 0.0, 3600.0], [600.0, 0.0, 3600.0]),
    ],
)
def test_nobody_plans_a_sleep_of_a_minute(sleeps: list[float], merged: list[float]) -> None:
    where, none_s = sites(sleep=[1.0, 1.0, 1.0]), np.zeros(3)
    assert stops.worthwhile(where, none_s, np.array(sleeps)).tolist() == pytest.approx(merged)
    both = stops.worthwhile(where, none_s, np.array([sleeps, [7200.0] * 3]))
    assert both == pytest.approx(np.array([merged, [7200.0] * 3]))
    given_s = replace(where, slept_s=np.array(sleeps))
    assert stops.worthwhile(given_s, none_s, np.array(sleeps)).tolist() == sleeps
