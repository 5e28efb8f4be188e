"""The kernels: lengths against GeographicLib, climb on shapes with known answers, laws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from gpxstage import geo

WGS84 = Geodesic.WGS84

heights = st.lists(st.integers(0, 4000).map(lambda z: z / 4), min_size=2, max_size=60).map(np.array)
reversals = st.sampled_from([0.5, 2.0, 3.0, 5.0, 50.0])


def arrays(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def totals(values: np.ndarray, reversal: float) -> tuple[float, float]:
    ascent, descent = geo.climb(values, reversal)
    return float(ascent[-1]), float(descent[-1])


# --- lengths ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lat", [-89.0, -60.0, -33.3, 0.0, 0.001, 28.1, 45.8, 61.2, 70.0, 89.0])
@pytest.mark.parametrize("lon", [7.0, 179.9999, -180.0])
@pytest.mark.parametrize("length_m", [1.0, 10.0, 100.0, 1000.0])
def test_a_step_is_as_long_as_the_geodesic(lat: float, lon: float, length_m: float) -> None:
    allowed = 1e-8 * length_m + 1e-8  # 0.01 ppm, and the rounding of degrees
    if abs(lat) > 71.0:
        allowed += 1e-4 * length_m  # beyond any race: the metric turns within a step
    for azimuth in range(0, 360, 15):
        end = WGS84.Direct(lat, lon, azimuth, length_m)
        ours = geo.steps_m(arrays(lat, end["lat2"]), arrays(lon, end["lon2"]))[0]
        assert ours == pytest.approx(length_m, abs=allowed)


@pytest.mark.parametrize("lat", [0.0, 28.0, 46.0, 62.0])
def test_a_long_step_is_a_few_ppm_off(lat: float) -> None:
    for azimuth in range(0, 360, 15):
        end = WGS84.Direct(lat, 7.0, azimuth, 20_000.0)
        ours = geo.steps_m(arrays(lat, end["lat2"]), arrays(7.0, end["lon2"]))[0]
        assert ours == pytest.approx(20_000.0, rel=10e-6)


def test_the_date_line_is_no_jump() -> None:
    east, west = arrays(179.999, -179.999), arrays(-179.999, 179.999)
    here = geo.steps_m(arrays(10.0, 10.0), arrays(7.0, 7.002))
    assert geo.steps_m(arrays(10.0, 10.0), east) == pytest.approx(here)
    assert geo.steps_m(arrays(10.0, 10.0), west) == pytest.approx(here)


@given(st.floats(-720, 720))
def test_wrapped_differences_are_in_range(difference: float) -> None:
    wrapped = float(geo.wrap_deg(np.array([difference]))[0])
    assert -180.0 <= wrapped < 180.0 or wrapped == pytest.approx(180.0)
    assert (wrapped - difference) / 360.0 == pytest.approx(round((wrapped - difference) / 360.0))


@given(
    st.lists(st.tuples(st.floats(-60, 60), st.floats(-90, 90)), min_size=2, max_size=9),
    st.floats(-300, 300),
)
def test_shifting_east_and_walking_back_change_no_length(
    places: list[tuple[float, float]], shift: float
) -> None:
    lat, lon = np.array(places).T
    lengths = geo.steps_m(lat, lon)
    np.testing.assert_allclose(geo.steps_m(lat, lon + shift), lengths, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(geo.steps_m(lat[::-1], lon[::-1])[::-1], lengths, atol=1e-6)


@given(st.floats(0.1, 1e6), st.floats(1.0, 100.0))
def test_an_even_grid_is_even_and_whole(length_m: float, spacing_m: float) -> None:
    nodes = geo.even_grid(length_m, spacing_m)
    assert nodes[0] == 0.0
    assert nodes[-1] == length_m
    steps = np.diff(nodes)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert length_m < spacing_m or 0.66 * spacing_m <= steps[0] <= 1.5 * spacing_m


# --- smoothing ----------------------------------------------------------------------------------


@given(st.integers(1, 200), st.floats(-2, 2), st.floats(0.1, 20.0))
def test_a_ramp_stays_that_ramp(points: int, slope: float, sigma: float) -> None:
    ramp = 100.0 + slope * np.arange(points)
    np.testing.assert_allclose(geo.smooth(ramp, sigma), ramp, atol=1e-9)


@given(heights, st.floats(0.1, 20.0))
def test_smoothing_keeps_the_ends_and_has_no_direction(values: np.ndarray, sigma: float) -> None:
    smooth = geo.smooth(values, sigma)
    assert len(smooth) == len(values)
    assert smooth[[0, -1]] == pytest.approx(values[[0, -1]])
    np.testing.assert_allclose(geo.smooth(values[::-1], sigma)[::-1], smooth, atol=1e-8)


def test_a_wave_fades_as_a_gaussian_says() -> None:
    """A cosine of wavelength L loses the factor exp(-2 (pi sigma / L)^2)."""
    x = np.arange(1000)
    wave = np.cos(2.0 * np.pi * x / 25.0)
    middle = geo.smooth(wave, 3.0)[200:800]
    expected = np.exp(-2.0 * (np.pi * 3.0 / 25.0) ** 2)
    assert middle.max() == pytest.approx(expected, rel=1e-3)


# --- climb --------------------------------------------------------------------------------------

SHAPES = [
    ("level", [5, 5, 5, 5], 3.0, 0.0, 0.0),
    ("ramp", range(0, 101, 10), 3.0, 100.0, 0.0),
    ("ramp with a plateau", [0, 50, 50, 50, 100], 3.0, 100.0, 0.0),
    ("hill", [0, 100, 0], 3.0, 100.0, 100.0),
    ("valley", [100, 0, 100], 3.0, 100.0, 100.0),
    ("loop", [0, 40, 10, 90, 0], 3.0, 120.0, 120.0),
    ("a flat top", [0, 100, 100, 0], 3.0, 100.0, 100.0),
    ("sawtooth above the reversal", [0, 4] * 10, 3.0, 40.0, 36.0),
    ("sawtooth at the reversal", [0, 3] * 10, 3.0, 30.0, 27.0),
    ("sawtooth below it", [0, 2.9] * 10 + [0], 3.0, 0.0, 0.0),
    ("a dip too small to split a climb", [0, 50, 48, 100], 3.0, 100.0, 0.0),
    ("a dip that splits it", [0, 50, 46, 100], 3.0, 104.0, 4.0),
    ("small dips that add up", [0, 50, 48, 49, 46, 100], 3.0, 104.0, 4.0),
    ("a small tail down", [0, 100, 98], 3.0, 100.0, 0.0),
    ("a small tail up", [100, 0, 2], 3.0, 0.0, 100.0),
    ("a small start", [2, 0, 100], 3.0, 100.0, 0.0),
    ("two points", [0, 1], 3.0, 1.0, 0.0),
    ("one point", [7], 3.0, 0.0, 0.0),
]


@pytest.mark.parametrize(
    ("values", "reversal", "up", "down"),
    [row[1:] for row in SHAPES],
    ids=[row[0] for row in SHAPES],
)
def test_climb_of_a_shape(values: list[float], reversal: float, up: float, down: float) -> None:
    assert totals(np.array(values, dtype=float), reversal) == pytest.approx((up, down))


def test_turning_points_are_the_ends_and_the_turns() -> None:
    values = arrays(0, 50, 49, 100, 100, 10, 12, 60, 58)
    assert geo.turning_points(values, 3.0) == [0, 4, 5, 7, 8]


@given(heights, reversals)
def test_reversing_swaps_ascent_and_descent(values: np.ndarray, reversal: float) -> None:
    assert totals(values[::-1], reversal) == pytest.approx(totals(values, reversal)[::-1])


@given(heights, reversals)
def test_turning_upside_down_swaps_them_too(values: np.ndarray, reversal: float) -> None:
    assert totals(-values, reversal) == pytest.approx(totals(values, reversal)[::-1])


@given(heights, reversals)
def test_doubling_the_points_changes_nothing(values: np.ndarray, reversal: float) -> None:
    middles = 0.5 * (values[1:] + values[:-1])
    doubled = np.insert(values, np.arange(1, len(values)), middles)
    assert totals(doubled, reversal) == pytest.approx(totals(values, reversal))


@given(heights, reversals)
def test_cumulative_climb_never_falls_and_never_exceeds_the_raw_sum(
    values: np.ndarray, reversal: float
) -> None:
    ascent, descent = geo.climb(values, reversal)
    steps = np.diff(values)
    for part, raw in ((ascent, steps.clip(0).sum()), (descent, (-steps).clip(0).sum())):
        assert part[0] == 0.0
        assert (np.diff(part) >= 0.0).all()
        assert part[-1] <= raw + 1e-9
    assert abs((ascent[-1] - descent[-1]) - (values[-1] - values[0])) < 2.0 * reversal + 1e-9


@given(heights, reversals)
def test_every_turn_is_confirmed(values: np.ndarray, reversal: float) -> None:
    """Between the first and the last turn, neighbours differ by the reversal, and alternate."""
    turns = geo.turning_points(values, reversal)
    assert turns == sorted(set(turns))
    assert (turns[0], turns[-1]) == (0, len(values) - 1)
    swings = [values[b] - values[a] for a, b in pairwise(turns[1:-1])]
    assert all(abs(swing) >= reversal for swing in swings)
    assert all(a * b < 0 for a, b in pairwise(swings))


@given(heights, st.sampled_from([2.0, 3.0, 5.0]))
def test_a_larger_reversal_counts_no_more(values: np.ndarray, reversal: float) -> None:
    up, down = totals(values, reversal)
    more_up, more_down = totals(values, 0.5 * reversal)
    assert up <= more_up + 1e-9
    assert down <= more_down + 1e-9


# --- bands --------------------------------------------------------------------------------------

EDGES = arrays(-np.inf, 0.0, 500.0, 2000.0, np.inf)


def test_a_cell_that_crosses_an_edge_is_shared_exactly() -> None:
    start, end, weight = arrays(400, 500, 1000, 3000), arrays(600, 500, 1000, 1000), np.ones(4)
    assert geo.by_band(start, end, weight, EDGES).tolist() == [0.0, 0.5, 3.0, 0.5]


def test_a_cell_over_several_edges() -> None:
    shares = geo.by_band(arrays(-100), arrays(2900), arrays(30.0), EDGES)
    assert shares == pytest.approx([1.0, 5.0, 15.0, 9.0])


@given(
    st.lists(
        st.tuples(st.floats(-500, 4000), st.floats(-500, 4000), st.floats(0, 100)),
        min_size=1,
        max_size=30,
    )
)
def test_bands_add_up_and_have_no_direction(cells: list[tuple[float, float, float]]) -> None:
    start, end, weight = np.array(cells).T
    bands = geo.by_band(start, end, weight, EDGES)
    assert (bands >= -1e-9).all()
    assert bands.sum() == pytest.approx(weight.sum())
    np.testing.assert_allclose(geo.by_band(end, start, weight, EDGES), bands, atol=1e-9)


@given(st.floats(-500, 4000), st.floats(-500, 4000), st.floats(0.01, 0.99), st.floats(0.1, 100))
def test_cutting_a_cell_changes_no_band(a: float, b: float, at: float, weight: float) -> None:
    middle = a + at * (b - a)
    whole = geo.by_band(arrays(a), arrays(b), arrays(weight), EDGES)
    parts = geo.by_band(
        arrays(a, middle), arrays(middle, b), arrays(at * weight, (1 - at) * weight), EDGES
    )
    if abs(a - b) > 1e-3:
        np.testing.assert_allclose(parts, whole, atol=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), max_size=30), st.integers(0, 3))
def test_sums_so_far_begin_at_nothing_and_give_the_steps_back(
    steps: list[float], draws: int
) -> None:
    values = np.broadcast_to(np.array(steps), (draws, len(steps)))
    sums = geo.so_far(values)
    assert sums.shape == (draws, len(steps) + 1)
    assert (sums[:, 0] == 0.0).all()
    assert np.diff(sums) == pytest.approx(values, abs=1e-9)
    assert (geo.so_far(np.array(steps)) == sums[:1]).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.lists(st.floats(0.0, 1.0)))
def test_quantiles_are_those_of_numpy_to_the_last_bit(
    values: list[float], shares: list[float]
) -> None:
    draws = np.array(values)
    assert geo.quantiles(draws, shares) == np.quantile(draws, shares).tolist()


@given(st.lists(st.integers(-5, 5)))
def test_distinct_values_are_in_order_and_each_is_there_once(values: list[int]) -> None:
    found = geo.distinct(np.array(values, dtype=np.int64))
    assert found.tolist() == sorted(set(values))
