"""Walking and running against the papers: cost, transition speeds, and the share that is hiked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.estimator import gait
from gpxstage.estimator.gait import Walking
from gpxstage.estimator.judgement import JUDGEMENT

ANGLE_DEG = np.array([0.0, 5.0, 10.0, 15.0])  # of Brill & Kram's treadmill

uphill = st.floats(0.0, 0.45)
grades = st.floats(-0.45, 0.45)
powers = st.floats(0.5, 25.0)  # W per kg
loads = st.floats(0.0, 0.3)


def one(value: float) -> np.ndarray:
    return np.array([value])


def by_angle(angle_deg: float) -> np.ndarray:
    return one(float(np.tan(np.radians(angle_deg))))


def climbing_m_per_h(speed_mps: np.ndarray, angle_deg: np.ndarray) -> np.ndarray:
    return np.asarray(3600.0 * speed_mps * np.sin(np.radians(angle_deg)))


# Minetti et al. 2002: the points of the abstract, J per kg and metre

RUN_POINTS = {0.0: 3.40, 0.45: 18.93, -0.20: 1.73, -0.45: 3.92}
STEEP_WALK_POINTS = {0.45: 17.33, -0.45: 3.46}


@pytest.mark.parametrize(("grade", "published"), RUN_POINTS.items())
def test_the_running_polynomial_is_a_little_above_every_point(
    grade: float, published: float
) -> None:
    miss = gait.running_cost_j_per_kg_m(one(grade))[0] / published - 1.0
    assert 0.02 < miss < 0.06


@pytest.mark.parametrize(("grade", "published"), STEEP_WALK_POINTS.items())
def test_the_walking_polynomial_holds_where_it_is_steep(grade: float, published: float) -> None:
    assert gait.walking_cost_j_per_kg_m(one(grade)) == pytest.approx([published], rel=0.05)


def test_the_walking_polynomial_misses_the_points_near_the_level() -> None:
    level, gentle = gait.walking_cost_j_per_kg_m(np.array([0.0, -0.10]))
    assert level == 2.5  # measured 1.64 +- 0.50: more than one and a half deviations above
    assert level - 1.64 == pytest.approx(0.86)
    assert gentle - 0.81 == pytest.approx(0.318, abs=0.001)


# Brill & Kram 2021, Ortiz et al. 2017: speeds of transition


def test_transition_speeds_at_the_angles_that_were_measured() -> None:
    grade = np.tan(np.radians(ANGLE_DEG))
    assert gait.preferred_transition_mps(grade) == pytest.approx([1.95, 1.78, 1.62, 1.47])
    assert gait.energetic_transition_mps(grade) == pytest.approx([2.14, 1.99, 1.78, 1.51])
    assert gait.energetic_transition_mps(by_angle(30.0)) == pytest.approx([0.80])


def test_the_preferred_speed_follows_the_line_through_the_angles() -> None:
    angle_deg = np.linspace(0.0, 15.0, 16)
    line_mps = 1.945 - 0.032 * angle_deg  # read from the four points
    preferred_mps = gait.preferred_transition_mps(np.tan(np.radians(angle_deg)))
    assert preferred_mps == pytest.approx(line_mps, abs=0.01)


def test_transition_as_vertical_speed() -> None:
    angle_deg = ANGLE_DEG[1:]
    grade = np.tan(np.radians(angle_deg))
    low = climbing_m_per_h(gait.preferred_transition_mps(grade), angle_deg)
    high = climbing_m_per_h(gait.energetic_transition_mps(grade), angle_deg)
    assert low == pytest.approx([560.0, 1010.0, 1370.0], abs=10.0)
    assert high == pytest.approx([620.0, 1110.0, 1410.0], abs=10.0)


def test_the_preferred_speed_that_others_found() -> None:
    preferred_mps = gait.preferred_transition_mps(by_angle(7.2))  # Finiel 2026: 1.76 at 800 m/h
    assert preferred_mps == pytest.approx([1.76], abs=0.06)


def test_descents_take_the_transition_speeds_of_the_flat() -> None:
    grade = np.array([-0.45, -0.1, 0.0])
    assert gait.preferred_transition_mps(grade).tolist() == [1.95] * 3
    assert gait.energetic_transition_mps(grade).tolist() == [2.14] * 3


# walking tied to running


@given(grade=uphill, load=loads)
def test_both_gaits_cost_the_same_at_the_energetic_transition(grade: float, load: float) -> None:
    speed_mps = gait.energetic_transition_mps(one(grade))
    walking = Walking(one(grade), load, 1.0).power(speed_mps)
    running = speed_mps * gait.running_cost_j_per_kg_m(one(grade)) * (1.0 + load)
    assert walking == pytest.approx(running, rel=1e-12)


@given(grade=uphill, share=st.floats(0.3, 1.7).filter(lambda share: abs(share - 1.0) > 0.01))
def test_below_the_transition_walking_is_cheaper_above_it_running(
    grade: float, share: float
) -> None:
    speed_mps = share * gait.energetic_transition_mps(one(grade))
    walking = Walking(one(grade), 0.0, 1.0).power(speed_mps)[0]
    running = (speed_mps * gait.running_cost_j_per_kg_m(one(grade)))[0]
    assert (walking < running) == (share < 1.0)


@pytest.mark.parametrize("angle_deg", [15.8, 20.4])
def test_steep_climbs_are_cheaper_to_walk(angle_deg: float) -> None:
    speed_mps = one(0.35 / np.sin(np.radians(angle_deg)))  # Giovanelli 2016: 0.35 m/s of height,
    walking = Walking(by_angle(angle_deg), 0.0, 1.0).power(speed_mps)  # walking 8 % cheaper
    running = speed_mps * gait.running_cost_j_per_kg_m(by_angle(angle_deg))
    assert -0.085 < walking[0] / running[0] - 1.0 < -0.03


def test_up_to_the_easy_speed_walking_costs_the_minimum_of_the_paper() -> None:
    grade = np.linspace(-0.45, 0.45, 19)
    walking = Walking(grade, 0.0, 1.0)
    assert walking.power(walking.easy_mps) == pytest.approx(
        walking.easy_mps * gait.walking_cost_j_per_kg_m(grade)
    )


@given(grade=grades, load=loads, slow=st.floats(0.05, 5.0), more=st.floats(0.01, 3.0))
def test_walking_faster_takes_more_power(
    grade: float, load: float, slow: float, more: float
) -> None:
    walking = Walking(one(grade), load, JUDGEMENT.walk_cost)
    assert walking.power(one(slow + more)) > walking.power(one(slow))


def test_load_and_a_costly_gait_multiply_the_power() -> None:
    plain, loaded = Walking(one(0.1), 0.0, 1.0), Walking(one(0.1), 0.1, 1.06)
    assert loaded.power(one(1.2)) == pytest.approx(1.1 * 1.06 * plain.power(one(1.2)))


# the speed that a power buys


def inversion_error(walking: Walking, power: np.ndarray, guess: np.ndarray | None) -> np.ndarray:
    speed_mps = walking.speed_mps(power, guess)
    return np.asarray(np.abs(walking.power(speed_mps) / power - 1.0))


GRID_POWER, GRID_GRADE = (
    axis.ravel() for axis in np.meshgrid(np.linspace(0.5, 25.0, 50), np.linspace(-0.45, 0.45, 91))
)


def test_speed_inverts_power_everywhere() -> None:
    walking = Walking(GRID_GRADE, 0.05, JUDGEMENT.walk_cost)
    assert inversion_error(walking, GRID_POWER, None).max() < 1e-6


@given(power=powers, grade=grades, load=loads, change=st.floats(0.8, 1.25))
def test_speed_inverts_power_from_an_earlier_round(
    power: float, grade: float, load: float, change: float
) -> None:
    walking = Walking(one(grade), load, JUDGEMENT.walk_cost)
    guess_mps = walking.speed_mps(one(power))
    assert inversion_error(walking, one(power * change), guess_mps) < 1e-6


# which gait


def share(
    run_mps: float, grade: float = 0.0, *, terrain: float = 0.0, weight: float = 0.5
) -> float:
    return float(gait.Change(one(grade), one(terrain), weight, JUDGEMENT).hiked(one(run_mps))[0])


def test_the_gaits_mix_around_the_transition() -> None:
    assert share(1.9) > 0.5  # Baker 2025: mostly walking at 1.9 m/s on the flat,
    assert share(3.0) < 0.1  # mostly running at 3.0
    middle_mps = 0.5 * (1.95 + 2.14) + JUDGEMENT.gait_shift_mps
    assert share(middle_mps) == pytest.approx(0.5)


@given(run_mps=st.floats(0.0, 8.0), grade=grades, terrain=st.floats(0.0, 1.0))
def test_who_would_run_faster_hikes_less(run_mps: float, grade: float, terrain: float) -> None:
    slower = share(run_mps, grade, terrain=terrain)
    faster = share(run_mps + 0.2, grade, terrain=terrain)
    assert 0.0 < faster < slower < 1.0


def test_the_energetic_chooser_hikes_more_and_descents_are_run_at_lower_speeds() -> None:
    assert share(2.0, weight=1.0) > share(2.0, weight=0.5) > share(2.0, weight=0.0)
    assert share(2.0, -0.20) < share(2.0, -0.10) < share(2.0)


def test_rough_ground_widens_the_step() -> None:
    assert share(1.5, terrain=0.8) < share(1.5)
    assert share(3.0, terrain=0.8) > share(3.0)


@pytest.mark.parametrize("run_mps", [0.0, 1e-9, 1e6])
def test_no_speed_overflows_the_step(run_mps: float) -> None:
    assert 0.0 <= share(run_mps, 0.45) <= 1.0
    assert 0.0 <= share(run_mps, -0.45, terrain=1.0) <= 1.0


# a runner's own gait


def test_a_shift_on_descents_leaves_the_rest_alone() -> None:
    grade = np.array([-0.3, -0.05, 0.0, 0.2])
    assert gait.own_shift_mps(grade, 0.2, 0.1).tolist() == pytest.approx([0.3, 0.3, 0.2, 0.2])


@given(grade=grades, run_mps=st.floats(0.5, 4.0), sooner=st.floats(0.0, 1.0))
def test_who_hikes_sooner_hikes_more(grade: float, run_mps: float, sooner: float) -> None:
    less, more = (
        gait.Change(one(grade), one(0.4), 0.5, JUDGEMENT, shift_mps=shift).hiked(one(run_mps))
        for shift in (0.0, sooner)
    )
    assert more >= less


@pytest.mark.parametrize(
    ("grade", "hiked"),
    [(-0.35, 0.85), (-0.25, 0.7), (-0.15, 0.7), (-0.075, 0.8), (0.0, 0.85), (0.15, 0.99)],
)
def test_slow_descents_are_hiked(grade: float, hiked: float) -> None:
    """Six people with cadence, where running would go at 1.2 m/s; to within a fifth."""
    found = gait.Change(one(grade), one(0.4), 0.5, JUDGEMENT).hiked(one(1.2))
    assert float(found[0]) == pytest.approx(hiked, abs=0.2)
