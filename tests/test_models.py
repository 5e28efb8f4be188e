"""The speed models against what their authors published, and what holds for every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gpxstage.estimator import gait, models
from gpxstage.estimator.models import MODELS, clipped_share, pace_s_per_m

CURVES = [model for model in MODELS.values() if model.pace is not None]
FACTORS = [model for model in CURVES if model.is_factor]
TIMES = [model for model in CURVES if not model.is_factor]

BREAKS = {  # the grades where a rule itself jumps
    "munter": [0.0],
    "naismith": [float(np.tan(np.radians(angle_deg))) for angle_deg in (-5.0, -12.0)],
    "swiss": [-0.4, 0.4],
}

any_grades = arrays(np.float64, st.integers(1, 30), elements=st.floats(-1.0, 1.0))


def pace(name: str, *grades: float, flat_speed_mps: float | None = 1.0) -> Any:
    """Seconds per horizontal metre; for a factor, at 1 m/s on the flat."""
    return pace_s_per_m(MODELS[name], np.array(grades), flat_speed_mps)


def hours(name: str, *, km: float, rise_m: float) -> float:
    """A leg of even slope, made of 50 m cells."""
    cells = round(20 * km)
    grade = np.full(cells, rise_m / (1000.0 * km))
    return float((pace_s_per_m(MODELS[name], grade) * 1000.0 * km / cells).sum() / 3600.0)


# Minetti et al. 2002


@pytest.mark.parametrize(
    ("grade", "published", "miss"),  # of the abstract; what the polynomial is above it
    [(0.45, 18.93, 0.026), (0.0, 3.40, 0.059), (-0.20, 1.73, 0.040), (-0.45, 3.92, 0.029)],
)
def test_running_cost_against_the_abstract(grade: float, published: float, miss: float) -> None:
    cost = gait.running_cost_j_per_kg_m(np.array([grade]))
    assert cost == pytest.approx([published * (1.0 + miss)], rel=0.001)


@pytest.mark.parametrize(
    ("grade", "published", "miss"),
    [(0.45, 17.33, 0.016), (0.0, 1.64, 0.524), (-0.10, 0.81, 0.392), (-0.45, 3.46, 0.042)],
)
def test_walking_cost_against_the_abstract(grade: float, published: float, miss: float) -> None:
    cost = gait.walking_cost_j_per_kg_m(np.array([grade]))
    assert cost == pytest.approx([published * (1.0 + miss)], rel=0.001)


def test_the_cost_of_a_vertical_metre_is_level_between_20_and_40_percent() -> None:
    grade = np.linspace(0.20, 0.40, 21)
    vertical = gait.running_cost_j_per_kg_m(grade) / np.sin(np.arctan(grade))
    assert np.abs(vertical - 44.9).max() < 3.8  # 44.9 +- 3.8 J/kg


def test_the_cheapest_grades() -> None:
    grade = np.linspace(-0.45, 0.45, 901)
    running = grade[np.argmin(gait.running_cost_j_per_kg_m(grade))]
    walking = grade[np.argmin(gait.walking_cost_j_per_kg_m(grade))]
    assert running == pytest.approx(-0.20 + 0.02, abs=0.005)  # the paper's point, the miss
    assert walking == pytest.approx(-0.10 - 0.05, abs=0.005)


@pytest.mark.parametrize(
    ("grade", "ratio"),
    [
        (-0.30, 0.68), (-0.20, 0.50), (-0.10, 0.60), (-0.05, 0.76), (0.0, 1.0),
        (0.05, 1.30), (0.10, 1.66), (0.15, 2.06), (0.20, 2.50), (0.30, 3.49), (0.40, 4.68),
    ],
)  # fmt: skip
def test_minetti_ratios(grade: float, ratio: float) -> None:
    assert models.minetti(np.array([grade])) == pytest.approx([ratio], abs=0.006)


def test_minetti_is_carried_from_the_surface_to_the_horizontal() -> None:
    for name, cost in (("minetti", 9.006688 / 3.6), ("minetti-walk", 7.87744 / 2.5)):
        assert pace(name, 0.2, flat_speed_mps=2.5) == pytest.approx([cost * 1.04**0.5 / 2.5])


# walking and hiking


@pytest.mark.parametrize(("grade", "km_per_h"), [(0.0, 5.037), (-0.05, 6.0)])
def test_tobler(grade: float, km_per_h: float) -> None:
    assert 3.6 / pace("tobler", grade) == pytest.approx([km_per_h], abs=0.0005)


def test_naismith_and_his_600_m() -> None:
    assert hours("naismith", km=5.0, rise_m=600.0) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("angle_deg", "minutes_per_300_m"),
    [(-4.9, 0), (-5.1, -10), (-11.9, -10), (-12.1, 10), (-30, 10)],
)
def test_langmuirs_corrections(angle_deg: float, minutes_per_300_m: float) -> None:
    drop = -float(np.tan(np.radians(angle_deg)))
    km = 0.3 / drop  # 300 m of descent
    minutes = 60.0 * hours("naismith", km=20.0, rise_m=-20_000.0 * drop) * km / 20.0
    assert minutes == pytest.approx(12.0 * km + minutes_per_300_m)


@pytest.mark.parametrize(
    ("grade", "km_per_h"),
    [
        (-0.4, 1.67), (-0.2, 3.02), (-0.05, 4.53), (0.0, 4.20), (0.1, 3.00), (0.2, 1.86),
        (0.4, 0.88),
    ],
)  # fmt: skip
def test_swiss(grade: float, km_per_h: float) -> None:
    assert 3.6 / pace("swiss", grade) == pytest.approx([km_per_h], abs=0.006)


def test_swiss_times_beyond_the_polynomial_are_vertical() -> None:
    assert hours("swiss", km=2.0, rise_m=1000.0) == pytest.approx(170.0 / 60.0)
    assert hours("swiss", km=2.0, rise_m=-1000.0) == pytest.approx(90.0 / 60.0)


@pytest.mark.parametrize(
    ("km", "rise_m", "expected"),
    [
        (8.0, 900.0, 4.0),  # the example of AV-Wegekonzept 2009: 3 h and half of 2 h
        (8.0, 1200.0, 5.0),
        (10.0, 1200.0, 5.25),
        (10.0, -1200.0, 3.7),
        (12.0, 0.0, 3.0),
    ],
)
def test_din33466_by_its_worked_examples(km: float, rise_m: float, expected: float) -> None:
    assert hours("din33466", km=km, rise_m=rise_m) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("km", "rise_m", "expected"), [(8.0, 1200.0, 4.0), (8.0, 400.0, 2.5), (8.0, -800.0, 2.5)]
)
def test_sac_by_hand(km: float, rise_m: float, expected: float) -> None:
    assert hours("sac", km=km, rise_m=rise_m) == pytest.approx(expected)


def test_by_the_cell_din33466_is_at_most_a_third_above_the_leg() -> None:
    by_cell_h = hours("din33466", km=3.9, rise_m=0.0) + hours("din33466", km=0.3, rise_m=300.0)
    leg_h = hours("din33466", km=4.2, rise_m=300.0)
    assert 1.0 < by_cell_h / leg_h < 4.0 / 3.0


@pytest.mark.parametrize(
    ("km", "rise_m", "expected"),
    [
        (9.5, 500.0, 3.625),  # the ascent to a hut as guides reckon it: 3 h 38
        (9.5, -500.0, 14.5 / 6.0),
        (6.0, 0.0, 1.0),
        (4.0, 800.0, 3.0),
    ],
)
def test_munter(km: float, rise_m: float, expected: float) -> None:
    assert hours("munter", km=km, rise_m=rise_m) == pytest.approx(expected)


def test_km_effort_of_a_whole_race() -> None:
    up = 1000.0 * 50.0 * pace("km-effort", 0.198)[0]  # 50 km that climb 9,900 m, 124 km that do not
    flat = 1000.0 * 124.0 * pace("km-effort", -0.08)[0]
    assert (up + flat) / 1000.0 == pytest.approx(174.0 + 99.0)


def test_campbell_is_fastest_where_its_curve_peaks() -> None:
    angle_deg = np.linspace(-10.0, 10.0, 2001)
    fastest = angle_deg[np.argmin(pace("campbell", *np.tan(np.radians(angle_deg))))]
    assert fastest == pytest.approx(-2.171, abs=0.15)
    peak = 63.660 / (np.pi * 10.064) + 0.628 + 0.00463 * 2.171
    assert 1.0 / pace("campbell", np.tan(np.radians(-2.171))) == pytest.approx([peak])


# grade-adjusted pace


@pytest.mark.parametrize(
    ("percent", "factor"),
    [
        (45, 4.286), (30, 3.158), (25, 2.727), (20, 2.297), (15, 1.846), (10, 1.459), (8, 1.337),
        (6, 1.228), (4, 1.135), (2, 1.055), (0, 1.0), (-2, 0.960), (-4, 0.918), (-6, 0.891),
        (-8, 0.876), (-10, 0.876), (-15, 0.941), (-20, 1.081), (-25, 1.273), (-30, 1.495),
        (-45, 2.096), (35, 3.158 + (4.286 - 3.158) / 3.0),
    ],
)  # fmt: skip
def test_strava_gap(percent: float, factor: float) -> None:
    assert pace("strava-gap", percent / 100.0) == pytest.approx([factor])


@pytest.mark.parametrize(
    ("percent", "factor"),
    [
        (-40, 2.63), (-30, 1.92), (-20, 1.30), (-15, 1.06), (-10, 0.89), (-7, 0.85), (-6, 0.85),
        (-5, 0.85), (0, 1.0), (5, 1.14), (10, 1.43), (20, 2.33), (30, 3.45), (40, 4.55), (15, 1.88),
    ],
)  # fmt: skip
def test_course_generator(percent: float, factor: float) -> None:
    assert pace("course-generator", percent / 100.0) == pytest.approx([factor])


@pytest.mark.parametrize(
    ("percent", "factor"),
    [
        (-50, 2.9036), (-30, 1.7356), (-22, 1.2684), (-10, 0.87), (10, 1.55), (16, 2.0816),
        (30, 3.4984),
    ],
)  # fmt: skip
def test_ultrapacer(percent: float, factor: float) -> None:
    assert pace("ultrapacer", percent / 100.0) == pytest.approx([factor])


# every row


@pytest.mark.parametrize("name", MODELS)
def test_a_row_is_complete(name: str) -> None:
    model = MODELS[name]
    low, high = model.grade_range
    assert low < 0.0 < high
    assert model.name == name == name.lower()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert model.kind in {"running", "walking", "walking and running", "hiking rule"}
    assert model.reference
    assert model.what_it_says
    assert "\n" not in model.reference + model.what_it_says


def test_the_engine_is_the_first_row_and_has_no_curve() -> None:
    assert next(iter(MODELS)) == "gait"
    assert [name for name, model in MODELS.items() if model.pace is None] == ["gait"]
    assert MODELS["gait"].flat_speed_mps is None
    with pytest.raises(ValueError, match="gait has no pace by grade alone"):
        pace("gait", 0.0)


@pytest.mark.parametrize("name", [m.name for m in FACTORS])
def test_a_factor_is_one_on_the_flat_and_multiplies_the_runners_pace(name: str) -> None:
    assert MODELS[name].flat_speed_mps is None
    assert pace(name, 0.0, flat_speed_mps=4.0) == pytest.approx([0.25])
    assert pace(name, 0.1, flat_speed_mps=4.0) == pytest.approx(pace(name, 0.1) / 4.0)


@pytest.mark.parametrize("flat_speed_mps", [None, 0.0, -1.0, float("nan")])
def test_a_factor_needs_a_flat_speed(flat_speed_mps: float | None) -> None:
    with pytest.raises(ValueError, match="minetti needs a flat speed above 0 m/s, got"):
        pace("minetti", 0.0, flat_speed_mps=flat_speed_mps)


@pytest.mark.parametrize(
    ("name", "km_per_h"),
    [
        ("tobler", 5.037), ("naismith", 5.0), ("swiss", 4.204), ("din33466", 4.0), ("sac", 4.0),
        ("munter", 6.0), ("campbell", 9.19),
    ],
)  # fmt: skip
def test_a_time_brings_its_own_flat_speed(name: str, km_per_h: float) -> None:
    flat_mps = MODELS[name].flat_speed_mps
    assert flat_mps is not None
    assert 3.6 * flat_mps == pytest.approx(km_per_h, abs=0.005)
    assert pace(name, 0.0, flat_speed_mps=None) == pytest.approx([1.0 / flat_mps])
    assert pace(name, 0.1, flat_speed_mps=9.0) == pace(name, 0.1, flat_speed_mps=None)


def test_every_time_was_asked_for_its_flat_speed() -> None:
    assert len(TIMES) == 7


@given(grade=any_grades)
def test_a_pace_is_finite_and_positive_and_leaves_its_input(grade: Any) -> None:
    before = grade.copy()
    for model in CURVES:
        seconds = pace_s_per_m(model, grade, 3.0)
        assert seconds.shape == grade.shape
        assert seconds.dtype == np.float64
        assert np.isfinite(seconds).all(), model.name
        assert (seconds > 0.0).all(), model.name
        assert (grade == before).all(), model.name


@given(grade=any_grades)
def test_beyond_its_range_a_model_stays_at_its_end(grade: Any) -> None:
    for model in CURVES:
        inside = np.clip(grade, *model.grade_range)
        assert (pace_s_per_m(model, grade, 3.0) == pace_s_per_m(model, inside, 3.0)).all(), model


@settings(max_examples=300)
@given(grade=st.floats(-1.0, 1.0), step=st.floats(0.0, 1e-6))
def test_a_pace_is_continuous_except_where_its_rule_jumps(grade: float, step: float) -> None:
    for model in CURVES:
        if not any(grade <= place <= grade + step for place in BREAKS.get(model.name, [])):
            here, there = pace_s_per_m(model, np.array([grade, grade + step]), 1.0)
            # no curve is steeper than a minute per unit
            assert abs(there - here) <= 60.0 * step + 1e-9, model.name


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, places in BREAKS.items() for place in places]
)
def test_the_jumps_are_there(name: str, place: float) -> None:
    below, above = pace(name, place - 1e-9, place + 1e-9)
    assert abs(above - below) > 0.01


@given(grade=any_grades)
def test_uphill_a_steeper_metre_takes_longer(grade: Any) -> None:
    up = np.sort(np.abs(grade))
    for model in CURVES:
        assert (np.diff(pace_s_per_m(model, up, 1.0)) >= -1e-12).all(), model.name


# what was clipped


@given(grade=any_grades, data=st.data())
def test_a_clipped_share_is_a_share(grade: Any, data: st.DataObject) -> None:
    length_m = data.draw(arrays(np.float64, len(grade), elements=st.floats(0.0, 1e5)))
    for name, model in MODELS.items():
        assert 0.0 <= clipped_share(model, grade, length_m) <= 1.0, name
        inside = np.clip(grade, *model.grade_range)
        assert clipped_share(model, inside, length_m) == 0.0, name


def test_a_clipped_share_is_by_length() -> None:
    grade, length_m = np.array([-0.5, 0.45, 0.46, 0.0]), np.array([10.0, 20.0, 30.0, 40.0])
    assert clipped_share(MODELS["minetti"], grade, length_m) == pytest.approx(0.4)
    assert clipped_share(MODELS["naismith"], grade, length_m) == 0.0
    assert clipped_share(MODELS["minetti"], np.empty(0), np.empty(0)) == 0.0
