"""The engine under a policy and with stops, and what it makes of well-known cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hills import MORNING, only, ramp, sine, solve, track

from gpxstage.course import Point
from gpxstage.estimator import LEVELS, Estimate, Policy
from gpxstage.estimator.runner import at_ability
from gpxstage.profile import measure

# policies


@pytest.fixture(scope="module")
def mountain() -> Callable[..., Estimate]:
    shape = partial(sine, base_m=1500.0, steepest=0.3, wave_m=8000.0)
    return partial(solve, 60_000.0, shape, at_ability(4.8))


def test_everything_steeper_than_the_policy_is_hiked(mountain: Callable[..., Estimate]) -> None:
    free, bound = only(mountain()), only(mountain(policy=Policy(hike_above=0.08)))
    grade = measure(track(60_000.0, mountain.args[1])).cells.grade  # type: ignore[attr-defined]
    assert free.hiked_s is not None
    assert bound.hiked_s is not None
    steep = grade > 0.08
    assert bound.hiked_s[steep] == pytest.approx(bound.cell_s[steep])
    assert (bound.hiked_s[~steep] < bound.cell_s[~steep]).all()
    assert bound.hiked_s.sum() > free.hiked_s.sum()


def test_slowdown_stretches_the_moving_time(mountain: Callable[..., Estimate]) -> None:
    plain, slowed = mountain(), mountain(policy=Policy(slowdown=1.2))
    assert slowed.moving_s >= 1.2 * plain.moving_s
    assert slowed.moving_s < 1.5 * plain.moving_s
    hiked_m = only(slowed).hiked_m
    assert hiked_m is not None
    assert (hiked_m <= np.diff(only(slowed).edge_m)).all()


def test_altitude_takes_least_from_who_is_used_to_it(mountain: Callable[..., Estimate]) -> None:
    lowlander, resident, acclimatised = (
        mountain(policy=policy).elapsed_s
        for policy in (
            Policy(acclimatised=False),
            Policy(acclimatised=False, home_altitude_m=1500.0),
            Policy(),
        )
    )
    assert lowlander > resident > acclimatised
    assert lowlander < 1.15 * acclimatised


# stops


def test_a_fixed_stop_is_kept_and_the_rest_is_shared(mountain: Callable[..., Estimate]) -> None:
    points = (
        Point("hut", "aid", distance_m=15_000.0),
        Point("photo", "waypoint", distance_m=20_000.0, stop_s=777.0),
        Point("base", "life-base", distance_m=30_000.0),
        Point("pass", "col", distance_m=40_000.0),
        Point("end", "finish", distance_m=60_000.0),
    )
    stage = only(mountain(points=points))
    assert [stop.point for stop in stage.stops] == ["hut", "photo", "base"]
    hut, photo, base = (stop.stop_s for stop in stage.stops)
    assert photo == 777.0
    assert base == pytest.approx(5.0 * hut)
    after_s = stage.arrival_s(30_001.0) - stage.arrival_s(30_000.0)
    assert after_s == pytest.approx(base, abs=5.0)


def test_after_a_long_stop_it_is_night_from_the_next_cell_on() -> None:
    base = Point("base", "life-base", distance_m=15_025.0, stop_s=32_400.0)  # from 10 to 19 h
    flat = partial(ramp, base_m=500.0, grade=0.0)
    stage = only(solve(30_000.0, flat, start=MORNING, points=(base,)))
    assert stage.dark_s is not None
    before = stage.edge_m[:-1] < 15_025.0
    assert stage.dark_s[before] == pytest.approx(0.0)
    assert stage.dark_s[~before] == pytest.approx(stage.cell_s[~before])


# examples


@pytest.mark.parametrize("ability_mps", [3.3, 3.7, 3.9, 4.2, 4.5])
def test_a_road_marathon_is_run(ability_mps: float) -> None:
    flat = partial(ramp, base_m=0.0, grade=0.0)
    found = solve(42_195.0, flat, at_ability(ability_mps), terrain=0.0)
    assert found.hike_of_time is not None
    faster_than_11 = 3.6 * 42_195.0 / found.moving_s > 11.0
    assert faster_than_11 == (ability_mps > 3.6)
    assert (found.hike_of_time < 0.05) == faster_than_11


@pytest.mark.parametrize("level", LEVELS)
def test_a_wall_of_forty_percent_is_hiked_by_all(level: str) -> None:
    found = solve(2500.0, partial(ramp, base_m=500.0, grade=0.4), LEVELS[level])
    assert found.hike_of_time is not None
    assert found.hike_of_time >= 0.99


def test_an_elite_runs_a_climb_that_is_hiked_forty_hours_later() -> None:
    """Every 20 km a climb of 3 km at 12 %, and down again."""
    corners_m = np.array([0.0, 8000.0, 11_000.0, 17_000.0, 20_000.0])

    def saw(along_m: np.ndarray) -> np.ndarray:
        return np.interp(along_m % 20_000.0, corners_m, [0.0, 0.0, 360.0, 0.0, 0.0])

    stage = only(solve(400_000.0, saw, LEVELS["elite"]))
    assert stage.hiked_s is not None

    def hiked_near(hour: float) -> tuple[float, float]:
        """Share of the climb that is nearest to an hour, and when its middle is passed."""
        middle_m = np.arange(20) * 20_000.0 + 9500.0
        arrivals_h = np.array([stage.arrival_s(m) / 3600.0 for m in middle_m])
        k = int(np.argmin(np.abs(arrivals_h - hour)))
        on_climb = np.abs(stage.edge_m[:-1] - middle_m[k]) < 1000.0
        assert stage.hiked_s is not None
        return float(stage.hiked_s[on_climb].sum() / stage.cell_s[on_climb].sum()), arrivals_h[k]

    early, early_h = hiked_near(2.0)
    late, late_h = hiked_near(40.0)
    assert 1.0 < early_h < 3.0
    assert 38.0 < late_h < 42.0
    assert early < 0.5 < late
    assert late > 0.75
