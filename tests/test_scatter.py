"""Three ranges on the way: nothing given, the finish given, passages given."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import gpxstage
from gpxstage.course import Course
from gpxstage.estimator import Estimate, Passed, estimate, scatter
from gpxstage.estimator.nouns import StageSpread
from gpxstage.profile import Profile

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
BEFORE_M = 1.0  # a stage's end, and any stop that is made there


@cache
def tor() -> tuple[Course, tuple[Profile, ...]]:
    course = gpxstage.load(TOR)
    return course, tuple(gpxstage.measure(stage.track) for stage in course.stages)


@cache
def told(passed: tuple[Passed, ...] = ()) -> Estimate:
    return estimate(*tor(), "mid", draws=200, passed=passed)


def ends(spread: tuple[StageSpread, ...] | None) -> list[np.ndarray]:
    assert spread is not None
    return [stage.arrival_s(float(stage.edge_m[-1]) - BEFORE_M) for stage in spread]


def widths(spread: tuple[StageSpread, ...] | None) -> np.ndarray:
    return np.array([np.diff(np.quantile(each, (0.1, 0.9)))[0] for each in ends(spread)])


def test_the_three_ranges_nest() -> None:
    nothing, finish = told(), told().given_finish
    end_m = tor()[1][1].length_m
    here_s = nothing.stages[1].arrival_s(end_m)
    known = told((Passed(2, end_m, here_s, "Cogne"),))
    assert (widths(finish) < widths(nothing.spread)).all()
    assert (widths(known.spread) < widths(nothing.spread)).all()
    assert widths(known.spread)[1] < 60.0  # it is as it was
    assert widths(finish)[-1] < 60.0
    low, high = np.quantile(ends(nothing.spread), (0.1, 0.9), axis=1)
    for each in (finish, known.spread):
        inner_low, inner_high = np.quantile(ends(each), (0.1, 0.9), axis=1)
        assert (inner_low >= low).all()
        assert (inner_high <= high).all()


def test_what_a_range_holds_is_named() -> None:
    end_m = tor()[1][1].length_m
    known = told((Passed(2, end_m, told().stages[1].arrival_s(end_m), "Cogne"),))
    assert (told().range_given, known.range_given) == ("nothing", "passages")
    assert known.given_finish is None
    assert estimate(*tor(), "mid").given_finish is None  # no draws


def test_the_range_given_the_finish_is_as_wide_as_published() -> None:
    finish, whole_s = told().given_finish, told().elapsed_s
    assert finish is not None
    for stage, each in zip(told().stages, ends(finish), strict=True):
        expected_s = stage.arrival_s(float(stage.edge_m[-1]) - BEFORE_M)
        wanted = scatter.spread_at(np.array(expected_s / whole_s), scatter.WAY)
        assert np.log(each / expected_s).std() == pytest.approx(float(wanted), abs=0.006)
        assert np.median(each) == pytest.approx(expected_s, rel=0.01)


def test_everybody_finishes_as_before_and_nobody_runs_backwards() -> None:
    finish = told().given_finish
    assert finish is not None
    whole_s = finish[-1].offset_s + finish[-1].elapsed_s
    np.testing.assert_allclose(whole_s, told().elapsed_s, rtol=1e-6)
    for stage in finish:
        assert (np.diff(stage.moving_s, axis=1) > 0.0).all()
        assert stage.hiked_s.max() <= stage.moving_s[:, -1].max()


def test_a_terrain_that_nobody_gave_makes_the_range_wider() -> None:
    course, profiles = tor()
    assumed = estimate(replace(course, terrain_assumed=True), profiles, "mid", draws=200)
    assert (widths(assumed.given_finish)[:-1] > 1.3 * widths(told().given_finish)[:-1]).all()


def test_the_same_seed_gives_the_same_ways() -> None:
    np.testing.assert_array_equal(scatter.normals(50, 3), scatter.normals(50, 3))
    assert scatter.normals(50, 3).mean() == pytest.approx(0.0, abs=1e-9)
    assert not np.array_equal(scatter.normals(50, 3), scatter.normals(50, 4))
