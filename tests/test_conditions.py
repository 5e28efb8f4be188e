"""Altitude, slope habit, descents and terrain: each against its paper or its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.estimator import conditions
from gpxstage.estimator.judgement import JUDGEMENT

altitudes = st.floats(0.0, 5500.0)
downhill = st.floats(-0.45, -0.001)


def one(value: float) -> np.ndarray:
    return np.array([value])


# altitude


def left(altitude_m: float, home_m: float = 0.0, used: float = 0.67, felt: float = 1.0) -> float:
    return float(conditions.altitude_factor(one(altitude_m), home_m, used, felt)[0])


def test_the_acute_loss_of_wehrlin_and_hallen() -> None:
    assert left(300.0) == 1.0  # from 300 m on,
    assert left(1300.0) == pytest.approx(1.0 - 0.063)  # 6.3 % of VO2max per 1,000 m
    assert left(2800.0) == pytest.approx(1.0 - 2.5 * 0.063)  # up to their highest chamber


@pytest.mark.parametrize(("altitude_m", "acclimatised", "not_yet"), [(2000.0, 91.6, 87.6)])
def test_altitude_lies_where_bassett_has_it(
    altitude_m: float, acclimatised: float, not_yet: float
) -> None:
    used = JUDGEMENT.altitude_acclimatised
    assert 100.0 * left(altitude_m) == pytest.approx(not_yet, abs=2.0)
    assert 100.0 * left(altitude_m, felt=used) == pytest.approx(acclimatised, abs=2.0)


def test_above_the_highest_chamber_the_loss_steepens() -> None:
    below = left(2300.0) - left(2800.0)
    above = left(2800.0) - left(3300.0)
    assert above - below == pytest.approx(0.5 * conditions.ALTITUDE_EXTRA_PER_KM)
    assert left(2800.0 + 1e-6) == pytest.approx(left(2800.0))


@given(altitude_m=altitudes, more_m=st.floats(0.0, 2000.0), home_m=altitudes)
def test_higher_is_never_stronger(altitude_m: float, more_m: float, home_m: float) -> None:
    assert 1.0 >= left(altitude_m, home_m) >= left(altitude_m + more_m, home_m) > 0.0


@given(altitude_m=altitudes, home_m=altitudes, higher_m=st.floats(0.0, 2000.0))
def test_a_higher_home_and_weeks_of_getting_used_help(
    altitude_m: float, home_m: float, higher_m: float
) -> None:
    assert left(altitude_m, home_m + higher_m) >= left(altitude_m, home_m) - 1e-12
    used = left(altitude_m, home_m, used=0.67, felt=0.67)
    assert used >= left(altitude_m, home_m) - 1e-12
    assert used == pytest.approx(left(altitude_m, 0.0, used=0.67, felt=0.67))


def test_living_at_the_height_of_the_race_is_being_used_to_it() -> None:
    assert left(2000.0, home_m=2000.0) == pytest.approx(left(2000.0, felt=0.67))
    assert left(3000.0, home_m=2000.0) == pytest.approx(
        left(2000.0, felt=0.67) - 0.063 - 0.2 * 0.03
    )


@pytest.mark.parametrize("altitude_m", [-430.0, 0.0, 8849.0, 1e5])
def test_no_altitude_leaves_nothing(altitude_m: float) -> None:
    assert 0.1 <= left(altitude_m) <= 1.0


# slope habit


def test_people_push_up_and_ease_down() -> None:
    up, down = 1.0 + JUDGEMENT.uphill_push, 1.0 - JUDGEMENT.downhill_ease
    grade = np.array([0.45, 0.08, 0.04, 0.0, -0.05, -0.10, -0.45])
    wanted = [up, up, 0.5 * (1.0 + up), 1.0, 0.5 * (1.0 + down), down, down]
    assert conditions.slope_factor(grade, JUDGEMENT) == pytest.approx(wanted)
    assert 1.0 < up <= 1.12  # Townshend 2010: 12 % each way on short slopes
    assert 0.75 < down < 1.0  # passages ask for more


# descents


@given(grade=downhill, descent_m_per_h=st.floats(500.0, 8000.0))
def test_the_descent_limit_is_a_vertical_speed(grade: float, descent_m_per_h: float) -> None:
    limit_mps = conditions.descent_limit_mps(one(grade), descent_m_per_h)
    assert 3600.0 * limit_mps * np.sin(np.arctan(-grade)) == pytest.approx([descent_m_per_h])


def test_descent_limits_do_not_bind_on_the_flat_and_uphill() -> None:
    grade = np.array([0.0, 0.2])
    assert (conditions.descent_limit_mps(grade, 2000.0) > 1e6).all()
    assert (conditions.downhill_cap_mps(grade, np.full(2, 3.0), 1.2) > 1e3).all()


def test_the_best_descending_speed_is_reached_at_ten_percent() -> None:
    grade = np.array([-0.05, -0.10, -0.20, -0.45])
    cap_mps = conditions.downhill_cap_mps(grade, np.full(4, 4.0), 1.23)  # Kay 2012
    assert cap_mps == pytest.approx([2 * 4.92, 4.92, 4.92, 4.92])


def test_earlier_descents_wear() -> None:
    half_m = JUDGEMENT.descent_wear_m * np.log(2.0)
    wear = conditions.wear_factor(np.array([0.0, half_m, 1e6]), 0.2, JUDGEMENT)
    assert wear == pytest.approx([1.0, 0.9, 0.8])


# terrain


def test_a_road_takes_nothing() -> None:
    assert [factor[0] for factor in conditions.terrain_factors(one(0.0), JUDGEMENT)] == [1.0] * 4


@given(terrain=st.floats(0.0, 0.9), more=st.floats(0.01, 0.1))
def test_roughness_takes_speed_from_every_gait(terrain: float, more: float) -> None:
    smooth = conditions.terrain_factors(one(terrain), JUDGEMENT)
    rough = conditions.terrain_factors(one(terrain + more), JUDGEMENT)
    assert all(0.0 < b[0] < a[0] <= 1.0 for a, b in zip(smooth, rough, strict=True))


def test_roughness_is_worst_for_running_down() -> None:
    level, up, down, walk = (f[0] for f in conditions.terrain_factors(one(0.5), JUDGEMENT))
    assert down < level < walk < 1.0
    assert down < level < up < 1.0


# soft minimum


def soft_minimum(*values: np.ndarray) -> np.ndarray:
    return conditions.softened(*map(conditions.to_minus_4, values))


@given(speeds=st.lists(st.floats(0.01, 100.0), min_size=1, max_size=4), scale=st.floats(0.1, 10.0))
def test_the_soft_minimum_is_a_little_below_the_smallest(speeds: list[float], scale: float) -> None:
    soft = soft_minimum(*map(one, speeds))[0]
    assert min(speeds) * len(speeds) ** -0.25 <= soft * (1.0 + 1e-12)
    assert soft <= min(speeds) * (1.0 + 1e-12)
    scaled = soft_minimum(*(one(scale * speed) for speed in speeds))[0]
    assert scaled == pytest.approx(scale * soft)


def test_the_soft_minimum_forgets_what_is_far_away() -> None:
    assert soft_minimum(one(2.0), one(200.0)) == pytest.approx([2.0], rel=1e-7)
    assert soft_minimum(one(2.0), one(np.inf)) == pytest.approx([2.0])
    assert soft_minimum(one(0.0), one(2.0))[0] < 1e-8
