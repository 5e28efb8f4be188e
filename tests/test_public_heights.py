"""Elevations that lie: what is surely no ground is repaired, the rest has a note with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.clean import repair
from gpxstage.course import Track
from gpxstage.profile import Profile, measure
from gpxstage.racefile import load

DEG_M = 111_143.0  # a degree of latitude at 45 degrees north, within 20 m
NOON_S = 1_700_000_000.0
WAVES, HEIGHT_M = 6, 350.0  # hills of the made course
GAIN_M = WAVES * HEIGHT_M
LENGTH_M = 24_000.0
STEEPER = "steeper than anyone climbs"


def hills(step_m: float = 10.0, *, timed: bool = True) -> Track:
    """24 km with six hills of 350 m, at most 28 % steep, a point every *step_m*."""
    along = np.arange(0.0, LENGTH_M + step_m / 2.0, step_m)
    z = 1200.0 + 0.5 * HEIGHT_M * (1.0 - np.cos(2.0 * np.pi * WAVES * along / LENGTH_M))
    time_s = NOON_S + along / 3.0 if timed else np.full(len(along), np.nan)
    flat = np.full(len(along), 7.0)
    return Track(45.0 + along / DEG_M, flat, z, time_s, np.zeros(1, dtype=int))


def with_heights(track: Track, where: slice, z: object) -> Track:
    elevation = track.elevation_m.copy()
    elevation[where] = z
    return replace(track, elevation_m=elevation)


def shifted(track: Track, where: slice, by_m: float) -> Track:
    return with_heights(track, where, track.elevation_m[where] + by_m)


def fixed(track: Track) -> tuple[Profile, tuple[str, ...]]:
    """The track repaired and measured, and the notes."""
    good, notes = repair(track, "x")
    return measure(good), notes


def test_the_made_course_is_clean() -> None:
    profile, notes = fixed(hills())
    assert notes == ()
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.005)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("points", [11, 40, 300, 900])
@pytest.mark.parametrize("value", [-1.0, 0.0, 4000.0])
def test_a_void_value_of_any_length_is_missing(value: float, points: int, timed: bool) -> None:
    track = with_heights(hills(timed=timed), slice(600, 600 + points), value)
    good, notes = repair(track, "x")
    assert np.isnan(good.elevation_m[600 : 600 + points]).all()
    assert any("removed near km 6.0" in note for note in notes)
    profile = measure(good)
    left_m = (np.diff(track.elevation_m[:600]).clip(0).sum(), good.elevation_m[600 + points])
    assert left_m[0] < (profile.gain_m or 0.0) < GAIN_M * 1.01
    assert abs(profile.steepest(100.0) or 0.0) < 0.35


@given(
    start=st.integers(200, 1200),
    points=st.integers(30, 1000),
    by_m=st.sampled_from([-600.0, -300.0, -100.0, -60.0, 60.0, 100.0, 300.0, 600.0]),
)
def test_a_shift_that_ends_is_not_climbed(start: int, points: int, by_m: float) -> None:
    profile, notes = fixed(shifted(hills(), slice(start, start + points), by_m))
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.01)
    assert profile.loss_m == pytest.approx(GAIN_M, rel=0.01)
    assert abs(profile.steepest(100.0) or 0.0) < 0.35
    assert any("in height" in note or "removed" in note for note in notes)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("by_m", [-400.0, -150.0, 150.0, 400.0])
def test_an_altimeter_set_anew_on_the_way_is_not_climbed(by_m: float, timed: bool) -> None:
    track = shifted(hills(timed=timed), slice(600, None), by_m)
    good, notes = repair(track, "x")
    assert good.elevation_m.tolist() == track.elevation_m.tolist()  # which side is right?
    assert measure(good).gain_m == pytest.approx(GAIN_M, rel=0.01)
    (note,) = notes
    assert "that no ground does: not counted as climb near km 6.0" in note


@pytest.mark.parametrize("step_m", [3.0, 10.0, 25.0])
def test_a_step_that_the_clock_forbids_is_not_climbed(step_m: float) -> None:
    track = hills(step_m)
    profile, notes = fixed(shifted(track, slice(len(track) // 4, None), 60.0))
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.01)
    assert "1 step in height" in notes[0]


def test_an_altimeter_set_anew_in_a_pause_is_not_climbed() -> None:
    track = shifted(hills(), slice(600, None), 35.0)
    late = np.where(np.arange(len(track)) < 600, 0.0, 1800.0)
    profile, notes = fixed(replace(track, time_s=track.time_s + late))
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.005)
    assert "1 step in height" in notes[0]


def test_a_step_that_a_ladder_may_do_is_counted_and_told() -> None:
    profile, notes = fixed(shifted(hills(timed=False), slice(600, None), 60.0))
    assert profile.gain_m == pytest.approx(GAIN_M + 60.0, rel=0.005)
    assert "counted, in doubt, near km 6.0" in notes[0]


def test_raw_keeps_the_step_and_tells_it() -> None:
    track = shifted(hills(), slice(600, None), 150.0)
    good, notes = repair(track, "x", repairs=False)
    assert good is track
    assert "kept near km 6.0" in notes[0]
    assert any(STEEPER in note for note in notes)


@pytest.mark.parametrize("off_m", [-45.0, -30.0, 30.0, 45.0])
@pytest.mark.parametrize("points", [1, 2, 5])
@pytest.mark.parametrize("end", ["start", "end"])
def test_a_first_fix_that_is_off_is_missing(end: str, points: int, off_m: float) -> None:
    where = slice(0, points) if end == "start" else slice(-points, None)
    good, notes = repair(shifted(hills(), where, off_m), "x")
    assert np.isnan(good.elevation_m[where]).all()
    assert measure(good).gain_m == pytest.approx(GAIN_M, rel=0.005)
    assert len(notes) == 1


def test_zeros_before_the_first_fix_in_low_hills_are_missing() -> None:
    track = replace(hills(25.0, timed=False), elevation_m=hills(25.0).elevation_m - 1160.0)
    profile, notes = fixed(with_heights(track, slice(0, 8), 0.0))
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.01)
    assert "8 void elevations removed near km 0.0" in notes[0]


@pytest.mark.parametrize("by_m", [75.0, 150.0, 300.0])
def test_nothing_that_nobody_can_climb_is_printed_without_a_note(by_m: float) -> None:
    """A rise that is spread over 100 m: no step is impossible, the grade is."""
    ramp = np.clip(np.arange(len(hills())) - 600.0, 0.0, 10.0) / 10.0 * by_m
    track = replace(hills(timed=False), elevation_m=hills().elevation_m + ramp)
    profile, notes = fixed(track)
    steepest = abs(profile.steepest(100.0) or 0.0)
    assert (steepest >= 0.7) == any(STEEPER in note for note in notes)
    assert any("km 6." in note for note in notes) == (steepest >= 0.7)


def test_heights_in_feet_have_a_note() -> None:
    track = hills()
    _, notes = fixed(replace(track, elevation_m=track.elevation_m / 0.3048))
    assert any(STEEPER in note for note in notes)


def test_a_loop_that_ends_at_another_height_is_told() -> None:
    track = hills()
    there = np.arange(0, len(track), 2)
    loop = Track(
        np.r_[track.lat_deg[there], track.lat_deg[there][::-1]],
        np.r_[track.lon_deg[there], track.lon_deg[there][::-1] + 1e-4],
        np.linspace(1200.0, 1260.0, 2 * len(there)),
        np.full(2 * len(there), np.nan),
        np.zeros(1, dtype=int),
    )
    _, notes = fixed(loop)
    assert notes == (
        "x: starts and ends at one place, with elevations that differ by 60 m:"
        " climb or descent is wrong by as much",
    )


def test_a_coarse_half_is_told() -> None:
    fine, coarse = np.arange(0, 1200), np.arange(1200, 2401, 100)
    track = hills(timed=False)
    keep = np.r_[fine, coarse]
    half = Track(
        track.lat_deg[keep],
        track.lon_deg[keep],
        track.elevation_m[keep],
        track.time_s[keep],
        np.zeros(1, dtype=int),
    )
    _, notes = fixed(half)
    assert any("straight lines of more than 500 m near km 12.0" in note for note in notes)


PUBLIC = {  # file: gain, within a share, and what a note must hold
    "plateau-minus1-11": (2100.0, 0.03, "near km 6.0"),
    "plateau-minus1-300": (2100.0, 0.06, "near km 6.0"),  # a hill is missing under the void
    "plateau-by-300": (2100.0, 0.03, "near km 6.0"),
    "plateau-by+100": (2100.0, 0.03, "near km 6.0"),
    "ele-minus-1": (2100.0, 0.03, "void"),
    "step-once+150": (2100.0, 0.03, "near km 6.0"),
    "plateau-minus1-3": (2100.0, 0.03, "spike"),
    "plateau-minus1-10": (2100.0, 0.03, "spike"),
    "plateau-by-50": (2100.0, 0.03, "near km 6.0"),
    "plateau-by+50": (2100.0, 0.03, "near km 6.0"),
    "step-once+40": (2100.0, 0.03, ""),
    "ele-minus-32768": (2100.0, 0.03, "impossible"),
    "ele-minus-9999": (2100.0, 0.03, "impossible"),
    "ele-zero-start": (2100.0, 0.03, "dropouts to 0"),
    "ele-zero-start-100-s-recorded": (2100.0, 0.03, "dropouts to 0"),
    "ele-zero-start-low": (2099.0, 0.005, "void"),
    "ele-cliff-model": (2099.0, 0.005, "spikes"),
    "ele-nan": (2099.0, 0.005, "cannot be read"),
    "ele-added-wpts-without": (2038.0, 0.005, "interpolated"),
    "ele-feet": (6888.0, 0.005, STEEPER),
    "ele-feet-low": (6888.0, 0.005, STEEPER),
    "ele-sea-and-cliff": (657.0, 0.005, ""),
    "ele-negative": (2099.0, 0.005, ""),
    "ele-geoid-in-file": (2099.0, 0.005, ""),
    "ele-drift-60-loop": (530.0, 0.01, "differ by 60 m"),
    "ele-drift-60-5-laps": (2530.0, 0.01, "differ by 60 m"),
    "ele-drift-60-flat": (60.0, 0.01, "differ by 60 m"),
    "spacing-half-half": (2094.0, 0.005, "straight lines of more than 500 m"),
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_files(name: str, data: Callable[[str], Path]) -> None:
    gain_m, share, text = PUBLIC[name]
    course = load(data(f"public/{name}.gpx"))
    (stage,) = course.stages
    notes = [*course.notes, *stage.notes]
    profile = measure(stage.track)
    assert profile.gain_m == pytest.approx(gain_m, rel=share)
    if abs(profile.steepest(100.0) or 0.0) >= 0.7:
        assert any(STEEPER in note for note in notes)
    assert any(text in note for note in notes)
    if not text:
        assert stage.notes == ()


@pytest.mark.parametrize(
    "name", ["ele-unit-text", "ele-thousands", "ele-comma", "ele-all-sea-level"]
)
def test_elevations_that_are_no_numbers_leave_the_length(
    name: str, data: Callable[[str], Path]
) -> None:
    course = load(data(f"public/{name}.gpx"))
    profile = measure(course.stages[0].track)
    assert profile.length_m == pytest.approx(LENGTH_M, rel=0.001)
    assert profile.gain_m is None
    assert any("length only" in note for note in course.stages[0].notes)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("where", [slice(1000, None), slice(0, 1400), slice(800, 1200)])
def test_an_altimeter_that_stands_still_for_kilometres_is_told(where: slice, timed: bool) -> None:
    track = hills(timed=timed)
    level = track.elevation_m[where][0 if where.stop is None else -1]
    profile, notes = fixed(with_heights(track, where, level))
    assert (profile.gain_m or 0.0) < 0.9 * GAIN_M
    (note,) = [note for note in notes if "level to the metre" in note]
    assert note.endswith("climb and descent are not known there")


def test_a_lake_and_a_moor_are_level() -> None:
    lake = with_heights(hills(), slice(780, 820), 1550.0)
    assert not any("level to the metre" in note for note in fixed(lake)[1])
    along = 10.0 * np.arange(2401)
    moor = replace(hills(), elevation_m=500.0 + np.round(4.0 * np.sin(along / 3000.0)))
    assert fixed(moor)[1] == ()
