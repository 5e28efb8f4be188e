"""Measuring: courses whose figures are known by arithmetic, and real ones by their organisers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage import geo
from gpxstage.clean import repair
from gpxstage.course import Course, CourseError, Stage, Track
from gpxstage.facts.analysis import analyze
from gpxstage.parser import read
from gpxstage.profile import (
    GRADE_EDGES,
    STEEPEST_GRADE,
    Profile,
    by_altitude,
    by_grade,
    measure,
    track_distance_m,
)
from gpxstage.racefile import load


def north(along_m: Any, z: Any = 0.0, lon: Any = 7.0, **more: Any) -> Track:
    """A track due north from 45 N: its points lie exactly *along_m* from the start."""
    along = np.asarray(along_m, dtype=float)
    lat = np.full(len(along), 45.0)
    for _ in range(4):  # the step's metric is taken at its middle
        per_deg = geo.metric_m_per_deg(0.5 * (lat[1:] + lat[:-1]))[0]
        lat = 45.0 + np.r_[0.0, np.cumsum(np.diff(along) / per_deg)]
    starts = more.pop("segment_starts", [0])
    z, lon = (np.broadcast_to(np.asarray(a, dtype=float), along.shape) for a in (z, lon))
    return Track(lat, lon, z, np.full(len(along), np.nan), np.array(starts), **more)


def hills(n: int = 500, step_m: float = 20.0) -> Track:
    along = step_m * np.arange(n)
    return north(along, 1500.0 + 200.0 * np.sin(along / 700.0) + 30.0 * np.sin(along / 90.0))


def reverse(track: Track) -> Track:
    return replace(
        track,
        lat_deg=track.lat_deg[::-1],
        lon_deg=track.lon_deg[::-1],
        elevation_m=track.elevation_m[::-1],
    )


def gains(profile: Profile) -> tuple[float, float]:
    assert profile.gain_m is not None
    assert profile.loss_m is not None
    return profile.gain_m, profile.loss_m


# --- arithmetic ---------------------------------------------------------------------------------


@pytest.mark.parametrize("step_m", [1.0, 7.3, 10.0, 250.0])
@pytest.mark.parametrize("grade", [-0.3, -0.02, 0.0, 0.1, 0.4])
def test_a_ramp(step_m: float, grade: float) -> None:
    along = np.arange(0.0, 5000.1, step_m)
    profile = measure(north(along, 1000.0 + grade * along))
    length = along[-1]
    assert profile.length_m == pytest.approx(length)
    assert gains(profile) == pytest.approx((max(grade, 0) * length, max(-grade, 0) * length))
    assert profile.gain_low_m == pytest.approx(profile.gain_m)
    assert profile.gain_high_m == pytest.approx(profile.gain_m)
    assert profile.cells is not None
    assert profile.cells.grade == pytest.approx(np.full(len(profile.cells.grade), grade))
    assert profile.steepest(500.0) == pytest.approx(grade)
    assert profile.clipped_share == 0.0


def test_a_long_hill_loses_only_its_tip_to_smoothing() -> None:
    """Sigma 30 m takes grade times sigma times sqrt(2/pi) off a corner of 2 x 20 %."""
    along = np.arange(0.0, 4001.0, 10.0)
    profile = measure(north(along, 1000.0 + 0.2 * (2000.0 - np.abs(along - 2000.0))))
    tip = 0.2 * 30.0 * np.sqrt(2.0 / np.pi)
    assert gains(profile) == pytest.approx((400.0 - tip, 400.0 - tip), abs=0.1)
    assert profile.highest_m == pytest.approx(1400.0)
    assert profile.lowest_m == pytest.approx(1000.0)
    assert profile.gain_raw_m == pytest.approx(400.0)


def test_waves_fade_as_the_definition_says() -> None:
    """Ten waves of 600 m: each has twice its amplitude, less exp(-2 (pi sigma / L)^2)."""
    along = np.arange(0.0, 6000.1, 10.0)
    profile = measure(north(along, 1000.0 - 20.0 * np.cos(2.0 * np.pi * along / 600.0)))
    factor = np.exp(-2.0 * (np.pi * 30.0 / 600.0) ** 2)
    assert profile.gain_m == pytest.approx(400.0 * factor, rel=0.01)
    assert profile.gain_raw_m == pytest.approx(400.0)
    assert profile.gain_low_m < profile.gain_m < profile.gain_high_m  # type: ignore[operator]


def test_ripples_under_the_reversal_are_no_climb() -> None:
    along = np.arange(0.0, 6000.1, 10.0)
    profile = measure(north(along, 1000.0 + np.where(np.arange(601) % 2, 1.0, -1.0)))
    assert gains(profile) == pytest.approx((0.0, 0.0), abs=1.5)
    assert profile.gain_raw_m == pytest.approx(600.0)


def test_nodes_are_even_and_values_in_place() -> None:
    profile = measure(hills())
    assert np.diff(profile.distance_m) == pytest.approx(10.0, rel=0.01)
    middle = profile.length_m / 2
    expected = 1500.0 + 200.0 * np.sin(middle / 700.0)
    assert profile.elevation_at_m(middle) == pytest.approx(expected, abs=35.0)
    assert profile.elevation_at_m(0.0) == pytest.approx(1500.0)
    for name in ("distance_m", "elevation_m", "ascent_m", "descent_m"):
        assert not getattr(profile, name).flags.writeable


def test_a_gap_between_segments_is_no_distance() -> None:
    along = np.r_[np.arange(0.0, 1001.0, 10.0), np.arange(3000.0, 4001.0, 10.0)]
    track = north(along, along / 10.0, segment_starts=[0, 101])
    assert track_distance_m(track)[[100, 101]] == pytest.approx([1000.0, 1000.0])
    assert measure(track).length_m == pytest.approx(2000.0)


def test_steep_cells_are_clipped_and_counted() -> None:
    along = np.arange(0.0, 4000.1, 10.0)
    profile = measure(north(along, 0.7 * np.clip(along - 2000.0, 0.0, 1000.0)))
    assert profile.cells is not None
    assert profile.cells.grade.max() == STEEPEST_GRADE
    assert profile.clipped_share == pytest.approx(0.25, abs=0.03)
    assert profile.steepest(100.0) == pytest.approx(0.7, rel=0.01)
    assert profile.steepest(4001.0) is None


def test_one_place_has_no_length() -> None:
    with pytest.raises(CourseError, match="fewer than two different points"):
        measure(north([0.0, 0.0]))


# --- elevation in part, or not at all -----------------------------------------------------------


def test_without_elevation_there_is_length_and_nothing_else() -> None:
    profile = measure(replace(hills(), elevation_m=np.full(500, np.nan)))
    assert profile.length_m == pytest.approx(measure(hills()).length_m)
    figures = (profile.gain_m, profile.loss_m, profile.gain_low_m, profile.gain_high_m)
    assert figures == (None, None, None, None)
    assert (profile.gain_raw_m, profile.lowest_m, profile.highest_m) == (None, None, None)
    assert profile.cells is None
    assert profile.elevation_at_m(5.0) is None
    assert profile.ascent_at_m(5.0) is None
    assert profile.steepest(100.0) is None


def test_holes_are_filled_over_distance_and_level_at_the_ends() -> None:
    along = np.r_[0.0, 10.0, 20.0, 1000.0, 1990.0, 2000.0]
    z = np.array([np.nan, 100.0, 101.0, np.nan, 298.0, np.nan])
    profile = measure(north(along, z))
    assert profile.elevation_at_m(1000.0) == pytest.approx(199.0, abs=0.1)
    assert profile.ascent_m[-1] == pytest.approx(198.0, abs=0.1)
    assert np.isfinite(profile.elevation_m).all()


# --- laws ---------------------------------------------------------------------------------------

shapes = st.builds(
    lambda z, step: north(step * np.arange(len(z)), z),
    st.lists(st.floats(0.0, 300.0), min_size=2, max_size=80),
    st.sampled_from([10.0, 37.0, 150.0]),
)


@settings(deadline=None)
@given(shapes)
def test_reversing_swaps_gain_and_loss(track: Track) -> None:
    there, back = measure(track), measure(reverse(track))
    assert back.length_m == pytest.approx(there.length_m)
    assert gains(back) == pytest.approx(gains(there)[::-1], abs=1e-6)


@settings(deadline=None)
@given(shapes, st.floats(-180.0, 180.0))
def test_shifting_east_changes_nothing(track: Track, shift: float) -> None:
    moved = replace(track, lon_deg=geo.wrap_deg(track.lon_deg + shift))
    here, there = measure(track), measure(moved)
    assert there.length_m == pytest.approx(here.length_m)
    assert gains(there) == pytest.approx(gains(here), abs=1e-3)


@settings(deadline=None)
@given(shapes)
def test_doubling_the_points_changes_nothing(track: Track) -> None:
    twice = {
        name: np.insert(values, np.arange(1, len(values)), 0.5 * (values[1:] + values[:-1]))
        for name in ("lat_deg", "lon_deg", "elevation_m", "time_s")
        for values in [getattr(track, name)]
    }
    once, doubled = measure(track), measure(replace(track, **twice))
    assert doubled.length_m == pytest.approx(once.length_m, rel=1e-6)
    assert gains(doubled) == pytest.approx(gains(once), rel=1e-3, abs=0.1)


@settings(deadline=None)
@given(shapes)
def test_bands_add_up_to_the_whole(track: Track) -> None:
    cells = measure(track).cells
    assert cells is not None
    length = cells.length_m
    assert by_grade(cells, length).sum() == pytest.approx(length.sum())
    assert by_altitude(cells, length, (500.0, 1500.0)).sum() == pytest.approx(length.sum())
    assert len(by_grade(cells, length)) == len(GRADE_EDGES) + 1


def test_parts_add_up_to_the_whole() -> None:
    profile = measure(hills())
    marks = [0.0, 1234.5, 5000.0, 7777.0, profile.length_m]
    parts = [
        (profile.ascent_at_m(b) or 0.0) - (profile.ascent_at_m(a) or 0.0)
        for a, b in pairwise(marks)
    ]
    assert sum(parts) == pytest.approx(profile.gain_m)
    assert min(parts) >= 0.0


def test_altitude_is_shared_exactly_at_the_crossing() -> None:
    """A ramp from 2,900 to 3,100 m over 2 km is a kilometre above 3,000."""
    along = np.arange(0.0, 2000.1, 10.0)
    cells = measure(north(along, 2900.0 + 0.1 * along)).cells
    assert cells is not None
    found = by_altitude(cells, cells.length_m, (2925.0, 3000.0, 3050.0))
    assert found == pytest.approx([250.0, 750.0, 500.0, 500.0])


@pytest.mark.parametrize("lon", [-180.0, 179.9995])
def test_the_date_line_is_no_jump(lon: float) -> None:
    track = hills()
    east = geo.wrap_deg(lon + np.linspace(0.0, 0.05, 500))
    here = measure(replace(track, lon_deg=np.linspace(7.0, 7.05, 500)))
    there = measure(replace(track, lon_deg=east))
    assert there.length_m == pytest.approx(here.length_m)
    assert np.abs(geo.wrap_deg(np.diff(there.lon_deg))).max() < 0.001


# --- real courses -------------------------------------------------------------------------------


def measured(path: Path) -> list[Profile]:
    file = read(path)
    return [measure(repair(track, "x")[0]) for track in file.tracks + file.routes]


def test_the_tor_des_geants(data: Callable[[str], Path]) -> None:
    path = data("courses/tor330-2025.gpx")
    (profile,) = measured(path)
    assert profile.length_m == pytest.approx(336_890.0, rel=0.0005)
    assert profile.gain_m == pytest.approx(24_600.0, rel=0.015)
    assert profile.highest_m == pytest.approx(read(path).tracks[0].elevation_m.max(), abs=10.0)
    assert profile.elevation_m.max() == pytest.approx(profile.highest_m, abs=10.0)
    low, high = profile.gain_low_m, profile.gain_high_m
    assert low is not None
    assert high is not None
    assert low < 24_600.0 < high


def test_seven_tracks_add_up_to_the_one_they_were_cut_from(data: Callable[[str], Path]) -> None:
    (whole,) = measured(data("courses/tor330-2025.gpx"))
    parts = measured(data("courses/tor330-2025-7-tracks.gpx"))
    assert len(parts) == 7
    assert sum(part.length_m for part in parts) == pytest.approx(whole.length_m, abs=1.0)
    assert whole.gain_m is not None
    difference = abs(sum(part.gain_m or 0.0 for part in parts) - whole.gain_m)
    assert difference <= 6 * 3.0  # the reversal, at each border


def test_one_road_by_two_elevation_sources(data: Callable[[str], Path]) -> None:
    gain = [
        measured(data(f"courses/leadville-100-{source}.gpx"))[0].gain_m
        for source in ("baro", "dem")
    ]
    assert gain[0] == pytest.approx(gain[1], rel=0.05)


@pytest.mark.parametrize("name", ["courses/tor330-2025.gpx", "courses/gr20-planned.gpx"])
def test_noise_and_thinning_hardly_change_a_dense_course(
    name: str, data: Callable[[str], Path]
) -> None:
    track = repair(read(data(name)).tracks[0], "x")[0]
    gain = measure(track).gain_m
    noise = np.random.default_rng(1).normal(0.0, 3.0, len(track))
    noisy = measure(replace(track, elevation_m=track.elevation_m + noise)).gain_m
    half = {
        column: getattr(track, column)[::2]
        for column in ("lat_deg", "lon_deg", "elevation_m", "time_s")
    }
    thin = measure(replace(track, **half)).gain_m
    assert noisy == pytest.approx(gain, rel=0.02)
    assert thin == pytest.approx(gain, rel=0.02)


# --- noise --------------------------------------------------------------------------------------


def is_told_rough(course: Course) -> bool:
    return any("by other smoothing" in note for note in analyze(course, estimated=False).notes)


@pytest.mark.parametrize(
    ("file", "rough"),
    [
        ("courses/alta-via-1/stage-10.gpx", True),
        ("courses/alta-via-1/stage-05.gpx", True),
        ("courses/tor330-2025.gpx", False),
        ("courses/gr20-planned.gpx", False),
        ("courses/utmb-2025.gpx", False),
        ("recordings/group-b/gr20-2023-stage-01.gpx", False),
    ],
)
def test_noisy_heights_are_told(data: Callable[[str], Path], file: str, rough: bool) -> None:
    assert is_told_rough(load(data(file))) is rough


def test_noise_makes_a_climb_rough() -> None:
    clean = hills()
    noise_m = np.random.default_rng(1).normal(0.0, 20.0, len(clean))
    noisy = replace(clean, elevation_m=clean.elevation_m + noise_m)
    stage = partial(Stage, 1, "hills")
    assert not is_told_rough(Course("hills", (stage(clean),)))
    assert is_told_rough(Course("hills", (stage(noisy),)))
    assert not measure(replace(clean, elevation_m=np.full(len(clean), np.nan))).is_rough
    small = replace(noisy, elevation_m=1500.0 + 0.01 * noise_m)
    assert not measure(small).is_rough
