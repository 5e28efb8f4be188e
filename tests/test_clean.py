"""What is repaired in a track, and what is only noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tracks import NOON_S, course, lifted, made, missing, moved, notes_of, recording, same

from gpxstage.clean import repair, shortened
from gpxstage.course import CourseError, Track
from gpxstage.parser import read
from gpxstage.profile import measure

# --- nothing to do ------------------------------------------------------------------------------


@given(st.integers(2, 400), st.floats(1.0, 240.0), st.floats(0.0, 300.0), st.floats(100.0, 3000.0))
def test_a_clean_course_is_left_alone(n: int, step_m: float, height: float, wave: float) -> None:
    along = step_m * np.arange(n)
    z = 2000.0 + min(height, 0.3 * wave) * np.sin(along / wave) + 0.001 * along
    track = made(along, z=z, time_s=NOON_S + along)
    fixed, notes = repair(track, "stage 1")
    assert fixed is track
    assert notes == ()


@pytest.mark.parametrize("repairs", [True, False])
def test_a_track_without_any_time_is_no_finding(repairs: bool) -> None:
    assert notes_of(course(), repairs=repairs) == ()


@pytest.mark.parametrize("north", [[], [0.0], [0.0, 0.0, 0.0]])
def test_two_different_points_are_needed(north: list[float]) -> None:
    with pytest.raises(CourseError, match=r"^stage 3: .* at least two different points"):
        repair(made(north), "stage 3")
    with pytest.raises(CourseError, match=r"^stage 3: "):
        repair(made(north), "stage 3", repairs=False)


# --- the clock ----------------------------------------------------------------------------------

CLOCKS = [
    ("all the same", lambda t: np.full_like(t, NOON_S), "its times are all the same"),
    ("of 1901", lambda t: t - NOON_S - 2_147_483_648.0, "its times are before 2000"),
    ("of 1970", lambda t: t - NOON_S, "its times are before 2000"),
    ("backwards", lambda t: t[::-1], "its times run backwards at point 2 and 198 more"),
    ("of 2613", lambda t: t + 588 * 365 * 86_400.0, "its times are after 2100"),
    ("an hour twice", lambda t: t - 3600.0 * (t > t[99]), "its times run backwards at point 101"),
]


@pytest.mark.parametrize("repairs", [True, False])
@pytest.mark.parametrize(
    ("change", "text"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS]
)
def test_times_that_are_no_clock(
    change: Callable[[np.ndarray], np.ndarray], text: str, repairs: bool
) -> None:
    track = replace(recording(), time_s=change(recording().time_s))
    fixed, notes = repair(track, "x", repairs=repairs)
    assert np.isnan(fixed.time_s).all()
    assert notes == (f"x: {text}: no recorded time",)
    assert len(fixed) == len(track)


def test_a_part_without_times_is_told() -> None:
    times = recording().time_s.copy()
    times[50:60] = np.nan
    fixed, notes = repair(replace(recording(), time_s=times), "x")
    assert np.isnan(fixed.time_s).sum() == 10
    assert notes == ("x: 190 of 200 points have a time",)


def test_a_routes_times_are_ignored_silently() -> None:
    times = NOON_S - 1e7 * np.arange(200.0)
    fixed, notes = repair(replace(course(), time_s=times, is_route=True), "x")
    assert np.isnan(fixed.time_s).all()
    assert notes == ()


# --- repeated points ----------------------------------------------------------------------------


def test_repeated_points_are_dropped_and_the_pause_stays_in_the_clock() -> None:
    track = recording(10)
    again = [0, 1, 2, 3, 3, 3, 4, 5, 6, 6, 7, 8, 9]
    times = np.array([0, 1, 2, 3, 600, 1200, 1204, 1205, 1206, 1300, 1301, 1302, 1303]) * 20.0
    doubled = made(
        20.0 * np.array(again),
        z=track.elevation_m[again],
        time_s=NOON_S + times,
        heart_rate_bpm=np.arange(13.0),
    )
    fixed, notes = repair(doubled, "x")
    assert fixed.lat_deg == pytest.approx(track.lat_deg)
    assert np.diff(fixed.time_s).max() == 20.0 * 1201
    assert fixed.heart_rate_bpm is not None
    assert fixed.heart_rate_bpm.tolist() == [0, 1, 2, 3, 6, 7, 8, 10, 11, 12]
    assert notes == ("x: 3 repeated points dropped near km 0.1",)


def test_a_repeated_point_lends_its_elevation() -> None:
    fixed, _ = repair(made([0, 0, 0, 20, 40], z=[np.nan, 812, 815, 813, 814]), "x")
    assert fixed.elevation_m.tolist() == [812, 813, 814]


def test_a_segment_that_starts_where_the_last_one_ended_is_no_gap() -> None:
    track = made([0, 100, 100, 200, 500, 600], segment_starts=[0, 2, 4])
    fixed, notes = repair(track, "x")
    assert fixed.segment_starts.tolist() == [0, 3]
    assert measure(fixed).length_m == pytest.approx(300.0, rel=1e-3)
    assert notes == (
        "x: 1 repeated point dropped near km 0.1",
        "x: 3 segments joined; the gaps, 0.3 km in all, are not counted",
    )


# --- teleports ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [course, recording])
@pytest.mark.parametrize("points", [1, 2, 3])
@pytest.mark.parametrize("away_m", [1500.0, 20_000.0, 5e6])
def test_a_blip_is_dropped(make: Callable[[], Track], points: int, away_m: float) -> None:
    track = make()
    east = 0.3 * away_m
    fixed, notes = repair(moved(track, slice(100, 100 + points), -0.8 * away_m, east), "x")
    keep = np.r_[0:100, 100 + points : 200]
    assert same(fixed, replace(track, **{n: getattr(track, n)[keep] for n in COLUMNS}))
    plural = "s" if points > 1 else ""
    assert notes == (f"x: {points} point{plural} far off the track left out near km 2.0",)


COLUMNS = ("lat_deg", "lon_deg", "elevation_m", "time_s")


@pytest.mark.parametrize("make", [course, recording])
def test_a_jump_that_stays_away_is_a_gap(make: Callable[[], Track]) -> None:
    track = moved(make(), slice(100, None), 0.0, 30_000.0)
    fixed, notes = repair(track, "x")
    assert len(fixed) == 200
    assert fixed.segment_starts.tolist() == [0, 100]
    assert measure(fixed).length_m == pytest.approx(198 * 20.0, rel=1e-3)
    assert notes == ("x: 1 jump of 30.0 km left out near km 2.0",)


def test_points_astray_at_an_end_are_dropped() -> None:
    track = moved(moved(course(), 0, 40_000.0), slice(198, None), 0.0, -9000.0)
    fixed, notes = repair(track, "x")
    assert len(fixed) == 197
    assert fixed.segment_starts.tolist() == [0]
    assert notes == ("x: 3 points far off the track left out near km 0.0, 3.9",)


def test_a_pause_in_the_recording_is_no_jump_if_its_time_allows_the_way() -> None:
    track = moved(recording(), slice(100, None), 3000.0)
    late = track.time_s + np.where(np.arange(200) < 100, 0.0, 1800.0)
    notes = notes_of(replace(track, time_s=late))
    assert notes[0] == "x: 1 straight line of 3.0 km counted as walked near km 2.0"
    assert notes[1].startswith("x: 3.0 of 7.0 km are straight lines of more than 500 m near km 2.0")
    assert "1 jump of 3.0 km" in notes_of(track)[0]


def test_no_step_of_a_sketch_is_a_teleport() -> None:
    rng = np.random.default_rng(4)
    sketch = made(rng.uniform(0, 60_000, 20), rng.uniform(0, 60_000, 20))
    fixed, notes = repair(sketch, "x")
    assert fixed is sketch
    assert len(notes) == 2  # every elevation the same; only 20 points
    assert "only 20 points for" in notes[1]


def test_a_long_straight_between_short_steps_is_walked() -> None:
    """A road of 1.4 km without a bend, in a course that has a point every 70 m."""
    track = course(100, 70.0)
    assert notes_of(moved(track, slice(50, None), 1400.0)) == ()


def test_an_out_and_back_to_a_summit_in_a_sketch_is_walked() -> None:
    assert len(repair(made([0, 3000, 0], [0, 0, 30], z=[500, 2000, 500]), "x")[0]) == 3


# --- clouds -------------------------------------------------------------------------------------


def rested(minutes: float, wander_m: float = 8.0, z: float = 0.0) -> Track:
    """A recording that scatters for some minutes, a point every 5 s, after 2 km."""
    rng = np.random.default_rng(7)
    n = int(minutes * 12)
    before, after = recording(100), recording(100)
    north = np.r_[
        20.0 * np.arange(100), 1980.0 + rng.normal(0, wander_m, n), 2000.0 + 20.0 * np.arange(100)
    ]
    east = np.r_[np.zeros(100), rng.normal(0, wander_m, n), np.zeros(100)]
    time_s = np.r_[
        before.time_s,
        before.time_s[-1] + 5.0 * np.arange(1, n + 1),
        before.time_s[-1] + 5.0 * n + 16.0 + after.time_s - NOON_S,
    ]
    height = (
        1000.0
        + z * np.r_[np.zeros(100), np.arange(n) / n, np.ones(100)]
        + 0.02 * np.arange(200 + n)
    )
    return made(north, east, z=height, time_s=time_s)


def test_a_stop_that_scatters_is_collapsed_and_keeps_its_time() -> None:
    track = rested(10)
    fixed, notes = repair(track, "x")
    assert len(notes) == 1
    assert "1 stop with" in notes[0]
    assert "m of scattered points left out near km 2.0" in notes[0]
    assert measure(track).length_m > 4500.0
    assert measure(fixed).length_m == pytest.approx(3980.0, abs=100.0)
    assert np.diff(fixed.time_s).max() > 540.0
    assert fixed.time_s[-1] == track.time_s[-1]


@pytest.mark.parametrize(
    "track",
    [
        replace(rested(10), time_s=np.full(len(rested(10)), np.nan)),
        replace(rested(10), time_s=NOON_S + np.arange(len(rested(10)))),  # over in 2 minutes
    ],
)
def test_without_proof_of_rest_a_cloud_is_only_told(track: Track) -> None:
    fixed, notes = repair(track, "x")
    assert fixed is track
    assert len(notes) == 1
    assert "scattered points counted as walked near km" in notes[0]


def test_hairpins_are_no_cloud() -> None:
    """Legs of 30 m, 5 m apart, at a grade of 20 %."""
    legs = [[(25, k * 5), (-5, k * 5)] if k % 2 else [(-5, k * 5), (25, k * 5)] for k in range(10)]
    corners = np.array([corner for leg in legs for corner in leg], dtype=float)
    fine = np.concatenate([np.linspace(a, b, 8)[:-1] for a, b in pairwise(corners)])
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(fine, axis=0).T))]
    assert notes_of(made(fine[:, 1], fine[:, 0], z=500 + 0.2 * along)) == ()


def test_raw_keeps_what_it_finds_and_tells_it() -> None:
    track = lifted(moved(course(), 100, 9000.0), [20, 150], [0.0, 5000.0])
    track = replace(track, segment_starts=np.array([0, 180]))
    fixed, notes = repair(track, "x", repairs=False)
    assert fixed is track
    assert notes == (
        "x: 1 point far off the track kept near km 2.0",
        "x: 1 dropout to 0 kept near km 0.4; 1 elevation spike kept near km 21.0",
        *notes[2:],
    )
    assert any("steeper than anyone climbs" in note for note in notes[2:])


def test_raw_still_has_no_climb_from_a_few_elevations() -> None:
    fixed, _ = repair(lifted(course(), slice(9, None), np.nan), "x", repairs=False)
    assert len(missing(fixed)) == 200


@st.composite
def messy(draw: st.DrawFn) -> Track:
    """A course with any mixture of damage."""
    n = draw(st.integers(4, 120))
    step = draw(st.sampled_from([3.0, 20.0, 90.0, 400.0]))
    track = course(n, step)
    some = st.lists(st.integers(0, n - 1), max_size=6)
    lat, lon, z = track.lat_deg.copy(), track.lon_deg.copy(), track.elevation_m.copy()
    for index in draw(some):
        lat[index:] += draw(st.sampled_from([0.0, 0.01, 0.1])) * draw(st.sampled_from([-1, 1]))
    for index in draw(some):
        lon[index] += draw(st.sampled_from([0.006, 0.02, 0.3]))
    for index in draw(some):
        lat[index], lon[index] = lat[index - 1], lon[index - 1]
    for index in draw(some):
        height = draw(st.sampled_from([0.0, np.nan, 46.0, 1040.0, 5000.0, 9999.0]))
        z[index : index + draw(st.integers(1, 6))] = height
    if draw(st.booleans()):
        z[draw(st.integers(0, n)) :] = np.nan
    if draw(st.booleans()):
        z[:] *= 0.0
    times = NOON_S + 15.0 * np.arange(n)
    for index in draw(some):
        times[index:] += draw(st.sampled_from([-20.0, 0.0, 600.0, np.nan]))
    known = draw(st.booleans())
    starts = np.array(sorted({0, *draw(some)}))
    track = Track(lat, lon, z, times if known else np.full(n, np.nan), starts)
    try:
        repair(track, "x")
    except CourseError:  # damaged beyond measure
        reject()
    return track


@settings(max_examples=150, deadline=None)
@given(messy())
def test_what_is_repaired_stays_so_and_can_be_measured(track: Track) -> None:
    fixed, notes = repair(track, "stage 9")
    again, _ = repair(fixed, "stage 9")
    assert same(again, fixed)
    assert all(note.startswith("stage 9: ") and "\n" not in note for note in notes)
    assert "{" not in "".join(notes)
    assert len(notes) <= 12
    # elevations are kept or missing, never invented
    known = fixed.elevation_m[np.isfinite(fixed.elevation_m)]
    assert set(known) <= set(track.elevation_m)
    assert len(fixed) <= len(track)
    assert fixed.segment_starts[0] == 0
    assert fixed.segment_starts[-1] < len(fixed)
    for either in (fixed, repair(track, "stage 9", repairs=False)[0]):
        profile = measure(either)
        assert np.isfinite(profile.length_m)
        assert profile.gain_m is None or np.isfinite(profile.gain_m)


def test_a_gap_made_by_a_repair_is_one_of_the_long_steps_of_a_sketch() -> None:
    """8 of 35 steps are long; a step in height makes a gap of one, and a sketch stays one."""
    place = np.arange(36)
    track = made(
        np.r_[12_800.0, 316.0, -311.0, 89.0 + 400.0 * np.arange(33)],
        np.where((place == 3) | (place == 6), 472.0, np.where(place == 8, 23_600.0, 0.0)),
        z=np.where((place == 0) | (place == 7), 0.0, 1000.0 + 80.0 * np.sin(place)),
        time_s=NOON_S + 15.0 * place,
    )
    fixed, _ = repair(track, "x")
    assert (len(fixed), fixed.segment_starts.tolist()) == (36, [0, 7])
    again, _ = repair(fixed, "x")
    assert same(again, fixed)


def test_notes_are_folded_to_a_page() -> None:
    notes = [f"stage {k}: x" for k in range(100)]
    assert shortened(notes[:40]) == tuple(notes[:40])
    assert shortened(notes) == (*notes[:39], "and 61 more")
    assert shortened(notes, limit=2) == ("stage 0: x", "and 99 more")
    assert shortened([]) == ()


# --- real courses -------------------------------------------------------------------------------

REAL = [
    "courses/tor330-2025.gpx",
    "courses/gr20-planned.gpx",
    "courses/utmb-2025.gpx",
    "courses/uta100-route.gpx",
    "courses/leadville-100-baro.gpx",
    "courses/leadville-100-dem.gpx",
    "courses/gpt100-miler.gpx",
    "courses/lake-sonoma-55k.gpx",
    "courses/occ.gpx",
    "courses/haute-route-sparse.gpx",
    "courses/alta-via-1/stage-04.gpx",
    "courses/alta-via-1/stage-10.gpx",
    "courses/o-circuit/stage-05.gpx",
    "courses/kungsleden/leg11.gpx",
    "courses/karnischer/khw-03.gpx",
]


@pytest.mark.parametrize("name", REAL)
def test_real_courses_keep_their_figures(name: str, data: Callable[[str], Path]) -> None:
    file = read(data(name))
    for track in (*file.tracks, *file.routes):
        fixed, notes = repair(track, "x")
        before, after = measure(track), measure(fixed)
        assert after.length_m == pytest.approx(before.length_m, rel=1e-6)
        assert after.gain_m == pytest.approx(before.gain_m, rel=0.005)
        assert not missing(fixed)
        assert not any("removed" in note or "left out" in note for note in notes)


def test_one_spike_in_24000_points_of_the_pacific_crest(data: Callable[[str], Path]) -> None:
    """167 m up over 62 m and down over 56 m: the only elevation in all courses that goes."""
    tracks = read(data("courses/pacific-crest-trail.gpx")).tracks
    fixed = [repair(track, "x")[0] for track in tracks]
    assert sum(len(missing(track)) for track in fixed) == 1
    gains = [sum(measure(t).gain_m or 0.0 for t in some) for some in (tracks, fixed)]
    assert gains[1] == pytest.approx(gains[0], rel=0.0005)
