"""Power against duration, fatigue, pacing and the nights between stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.estimator import endurance
from gpxstage.estimator.judgement import JUDGEMENT

hours = st.floats(0.0, 400.0)


def held(moving_h: float, decay: float = 1.0) -> float:
    return float(endurance.duration_factor(moving_h, decay, JUDGEMENT))


def test_the_one_hour_power_is_held_for_one_hour() -> None:
    assert held(1.0) == 1.0


def test_road_races_up_to_the_bend_follow_riegel() -> None:
    moving_h = np.linspace(0.5, endurance.BEND_H, 21)
    riegel = moving_h ** -(0.06 / 1.06)  # T2 = T1 (D2/D1)^1.06, Riegel 1981
    assert endurance.duration_factor(moving_h, 1.0, JUDGEMENT) == pytest.approx(riegel, rel=0.015)


def test_past_the_bend_power_is_linear_in_the_logarithm_of_the_hours() -> None:
    bend_h = endurance.BEND_H
    fall = JUDGEMENT.decay_long * np.log(2.0)
    assert held(bend_h) - held(2.0 * bend_h) == pytest.approx(fall)
    assert held(2.0 * bend_h) - held(4.0 * bend_h) == pytest.approx(fall)
    assert held(bend_h * (1.0 + 1e-9)) == pytest.approx(held(bend_h))


@given(moving_h=hours, more_h=st.floats(0.1, 100.0), decay=st.floats(0.5, 2.0))
def test_longer_is_weaker_down_to_a_floor(moving_h: float, more_h: float, decay: float) -> None:
    assert held(moving_h, decay) >= held(moving_h + more_h, decay) >= endurance.LEAST
    if held(moving_h, decay) > endurance.LEAST and moving_h > 0.02:
        assert held(moving_h, decay) > held(moving_h + more_h, decay)


def test_who_decays_more_holds_less_but_only_past_the_bend() -> None:
    assert held(2.0, 1.2) == held(2.0, 0.8)
    assert held(10.0, 1.2) < held(10.0, 0.8)


@pytest.mark.parametrize("moving_h", [0.0, 1e-12, 1e6])
def test_no_duration_is_too_short_or_too_long(moving_h: float) -> None:
    assert endurance.LEAST <= held(moving_h) < 1.3


# fatigue


def left(awake_h: float) -> float:
    return float(endurance.fatigue_factor(np.array([awake_h]), JUDGEMENT)[0])


def test_fatigue_starts_after_some_hours_and_levels_out() -> None:
    assert left(0.0) == left(JUDGEMENT.fatigue_after_h) == 1.0
    assert left(1e4) == pytest.approx(np.sqrt(1.0 - JUDGEMENT.fatigue_loss))
    e_fold = left(JUDGEMENT.fatigue_after_h + JUDGEMENT.fatigue_time_h)
    assert 1.0 - e_fold**2 == pytest.approx(JUDGEMENT.fatigue_loss * (1.0 - np.exp(-1.0)))


@given(awake_h=hours, more_h=st.floats(0.1, 50.0))
def test_fatigue_only_grows(awake_h: float, more_h: float) -> None:
    assert left(awake_h) >= left(awake_h + more_h) > 0.0


# pacing


@given(moving_h=st.floats(0.001, 400.0), front=st.floats(0.0, 0.6))
def test_the_mean_of_pacing_is_one(moving_h: float, front: float) -> None:
    done = (np.arange(20_000) + 0.5) / 20_000
    factor = endurance.pacing_factor(done, moving_h, front)
    assert factor.mean() == pytest.approx(1.0, abs=1e-8)
    assert (np.diff(factor) <= 0.0).all()


def test_short_races_are_paced_evenly_and_long_ones_from_the_front() -> None:
    ends = np.array([0.0, 1.0])
    assert endurance.pacing_factor(ends, 1.5, 0.4).tolist() == [1.0, 1.0]
    assert endurance.pacing_factor(ends, 0.01, 0.4).tolist() == [1.0, 1.0]
    start, finish = endurance.pacing_factor(ends, 30.0, 0.4)
    assert start - finish == pytest.approx(0.4 * (1.0 - np.exp(-3.0)))
    assert endurance.pacing_factor(ends, 400.0, 0.4)[0] == pytest.approx(
        1.0 + 1.15 * 0.4 * (1.0 - endurance.MEAN_OF_DECAY)
    )


# stages


def test_two_races_on_a_weekend_are_told() -> None:
    """Hours of the first, hours of rest, log of time that the second takes more; time by power."""
    for moving_h, rest_h, slower in ((2.0, 15.0, 0.0), (6.0, 15.0, 0.07), (11.0, 15.0, 0.18)):
        left = endurance.next_stage_factor(1.0, moving_h, JUDGEMENT, rest_h)
        assert -0.85 * np.log(left) == pytest.approx(slower, abs=0.02)
    left = endurance.next_stage_factor(1.0, 11.0, JUDGEMENT, 40.0)
    assert -0.85 * np.log(left) == pytest.approx(0.11, abs=0.02)


def test_a_long_stage_costs_more_but_not_without_end() -> None:
    four, ten, hundred = (
        endurance.next_stage_factor(1.0, moving_h, JUDGEMENT) for moving_h in (4.0, 10.0, 100.0)
    )
    assert 1.0 > four > ten > hundred > JUDGEMENT.stage_floor
    tired = 1.0
    for _ in range(100):
        tired = endurance.next_stage_factor(tired, 10.0, JUDGEMENT)
    assert tired == JUDGEMENT.stage_floor


def test_who_holds_back_is_rested_by_a_night() -> None:
    assert endurance.next_stage_factor(1.0, 10.0, JUDGEMENT, hard=0.0) == 1.0


def test_a_replaced_constant_is_used() -> None:
    hard = replace(JUDGEMENT, decay_long=2.0 * JUDGEMENT.decay_long)
    assert endurance.duration_factor(10.0, 1.0, hard) < held(10.0)
