"""What lies between two recorded parts: neither its length nor its height was walked."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from test_public_heights import DEG_M, GAIN_M, fixed, hills

from gpxstage.clean import repair
from gpxstage.course import CourseError, Track
from gpxstage.profile import measure
from gpxstage.profile.climbs import climbs
from gpxstage.racefile import load


def parted(track: Track, at: int, north_m: float, by_m: float, *, segment: bool = True) -> Track:
    """The points from *at* on farther north and higher, in a segment of their own."""
    later = np.arange(len(track)) >= at
    return replace(
        track,
        lat_deg=track.lat_deg + np.where(later, north_m / DEG_M, 0.0),
        elevation_m=track.elevation_m + np.where(later, by_m, 0.0),
        segment_starts=np.array([0, at]) if segment else np.zeros(1, dtype=int),
    )


@pytest.mark.parametrize("by_m", [-440.0, 440.0, 1500.0])
@pytest.mark.parametrize("north_m", [0.0, 300.0, 2000.0])
def test_a_lift_between_segments_is_not_climbed(north_m: float, by_m: float) -> None:
    profile, notes = fixed(parted(hills(), 1234, north_m, by_m))
    whole = measure(hills())
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.005)
    assert profile.loss_m == pytest.approx(GAIN_M, rel=0.005)
    assert profile.gain_raw_m == pytest.approx(GAIN_M, rel=0.005)
    assert profile.steepest(100.0) == pytest.approx(whole.steepest(100.0), abs=0.01)
    assert max(abs(climb.steepest_grade) for climb in climbs(profile)) < 0.3
    assert profile.cells is not None
    assert np.abs(profile.cells.grade).max() < 0.3
    assert re.search(r"the gaps, .* with [\d,]+ m of height, are not counted", notes[0])


def test_elevations_are_those_of_the_file_on_both_sides_of_a_lift() -> None:
    track = parted(hills(), 1200, 2000.0, 1500.0)
    profile, _ = fixed(track)
    assert profile.highest_m == pytest.approx(1200.0 + 350.0 + 1500.0, abs=1.0)
    assert profile.elevation_at_m(profile.length_m) == pytest.approx(2700.0, abs=1.0)
    assert profile.elevation_at_m(0.0) == pytest.approx(1200.0, abs=1.0)
    assert profile.cells is not None
    assert profile.cells.elevation_m[-1] == pytest.approx(2700.0, abs=1.0)


def test_an_altimeter_set_anew_between_segments_at_one_place() -> None:
    track = hills()
    again = np.r_[np.arange(1200), 1199, np.arange(1200, len(track))]
    later = np.arange(len(again)) >= 1200
    paused = Track(
        track.lat_deg[again],
        track.lon_deg[again],
        track.elevation_m[again] + np.where(later, 60.0, 0.0),
        track.time_s[again] + np.where(later, 600.0, 0.0),
        np.array([0, 1200]),
    )
    profile, notes = fixed(paused)
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.002)
    assert profile.length_m == pytest.approx(measure(track).length_m)
    assert notes == (
        "x: 2 segments joined; the gaps, 0.0 km in all with 60 m of height, are not counted",
    )


def test_a_jump_that_the_clock_forbids_is_neither_length_nor_climb() -> None:
    profile, notes = fixed(parted(hills(), 1200, 3000.0, 440.0, segment=False))
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.005)
    assert "1 jump of 3.0 km left out" in notes[0]


def test_a_straight_line_that_the_clock_allows_is_walked_and_told() -> None:
    track = parted(hills(), 1200, 2000.0, 440.0, segment=False)
    late = np.where(np.arange(len(track)) < 1200, 0.0, 3600.0)
    profile, notes = fixed(replace(track, time_s=track.time_s + late))
    assert profile.gain_m == pytest.approx(GAIN_M + 440.0, rel=0.005)
    assert notes == ("x: 1 straight line of 2.0 km counted as walked near km 12.0",)


@pytest.mark.parametrize("step_m", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("ferry_m", [510.0, 1200.0, 3000.0, 4900.0])
def test_a_straight_line_of_a_plan_is_length(ferry_m: float, step_m: float) -> None:
    plan = hills(step_m, timed=False)
    profile, notes = fixed(parted(plan, len(plan) // 2, ferry_m, 0.0, segment=False))
    assert profile.length_m == pytest.approx(24_000.0 + ferry_m, rel=0.001)
    assert all("counted as walked near km" in note for note in notes)


@pytest.mark.parametrize("days", [0.0, 1.0, 60.0])
@pytest.mark.parametrize("away_m", [60_000.0, 4_000_000.0])
def test_a_jump_over_50_km_is_never_walked(away_m: float, days: float) -> None:
    track = parted(hills(), 1200, away_m, 0.0, segment=False)
    late = np.where(np.arange(len(track)) < 1200, 0.0, 86_400.0 * days)
    profile, notes = fixed(replace(track, time_s=track.time_s + late))
    assert profile.length_m == pytest.approx(24_000.0, rel=0.01)
    assert "1 jump of" in notes[0]


def sketch(*km: float) -> Track:
    """Points at kilometres along a meridian, without a clock."""
    north = 1000.0 * np.array(km)
    level = 500.0 + 5.0 * np.arange(len(north))
    nothing = np.full(len(north), np.nan)
    return Track(45.0 + north / DEG_M, 0.0 * north, level, nothing, np.zeros(1, dtype=int))


@pytest.mark.parametrize(
    "km",
    [
        (0.0, 0.00001, 10.0),
        (0.0, 10.0, 10.00001),
        (0.0, 0.2, 0.20001, 11.0),
        (0.0, 0.00001, 30.0, 30.00001, 61.0),
        (0.0, 3.0, 3.00001, 9.0, 9.00001, 40.0),
        (0.0, 0.00001, 80.0),
    ],
)
def test_a_sparse_course_does_not_vanish_where_two_points_nearly_coincide(
    km: tuple[float, ...],
) -> None:
    good, _ = repair(sketch(*km), "x")
    assert measure(good).length_m == pytest.approx(1000.0 * km[-1], rel=0.005)


def test_a_track_around_the_earth_is_refused_before_it_takes_memory() -> None:
    far = replace(sketch(*range(12)), lon_deg=np.array([0.0, 170.0] * 6))
    tracemalloc.start()
    with pytest.raises(CourseError, match=r"^x: measures .* km: a track of over 5,000 km"):
        repair(far, "x")
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_a_course_of_many_long_tracks_is_refused() -> None:
    line = '<trkpt lat="10" lon="0"/><trkpt lat="50" lon="0"/>'
    tracks = f"<trk><trkseg>{line}</trkseg></trk>" * 6
    with pytest.raises(CourseError, match=r"its stages measure .* over 20,000 km"):
        load(f"<gpx>{tracks}</gpx>".encode())


def segments(order: list[int], *, turned: int | None = None) -> Track:
    """The made course cut in six, the parts in another order, one of them turned round."""
    track = hills(timed=False)
    cuts = np.linspace(0, len(track) - 1, 7).astype(int)
    parts = [np.arange(a, b + 1) for a, b in pairwise(cuts.tolist())]
    chosen = [parts[k][::-1] if k == turned else parts[k] for k in order]
    index = np.concatenate(chosen)
    starts = np.cumsum([0, *(len(part) for part in chosen[:-1])])
    columns = (track.lat_deg, track.lon_deg, track.elevation_m, track.time_s)
    return Track(*(column[index] for column in columns), starts)


def test_segments_out_of_order_are_told_and_add_up() -> None:
    profile, notes = fixed(segments([3, 0, 5, 1, 4, 2]))
    assert profile.length_m == pytest.approx(24_000.0, rel=0.001)
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.02)
    assert (
        notes[-1] == "x: its segments join in another order than that of the file: check the file"
    )


def test_a_segment_that_is_turned_round_is_told() -> None:
    _, notes = fixed(segments([0, 1, 2, 3, 4, 5], turned=2))
    assert notes[-1] == "x: its segment 3 would join the other way round: check the file"
    assert not any("segment" in note for note in fixed(segments([0, 1, 2, 3, 4, 5]))[1])


PUBLIC = {  # file: km, gain, steepest at most, and what a note must hold
    "lift-up-440": (16.0, 1400.0, 0.28, "440 m of height"),
    "lift-down-440": (16.0, 1400.0, 0.28, "440 m of height"),
    "lift-up-440-flat": (10.0, 0.0, 0.01, "440 m of height"),
    "lift-3-times": (16.0, 1400.0, 0.28, "of height"),
    "pause-same-place-60": (16.0, 1400.0, 0.28, "60 m of height"),
    "signal-lost-in-valley": (22.0, 2100.0, 0.28, "are not counted"),
    "segs-shuffled": (24.0, 2100.0, 0.29, "join in another order"),
    "segs-half-reversed": (24.0, 2100.0, 0.29, "segment 2 would join the other way round"),
    "lift-up-440-one-seg": (18.0, 1839.0, 0.28, "counted as walked near km 8.0"),
    "rec-auto-pause-segs": (23.5, 2056.0, 0.35, "the gaps"),
    "lift-segs-50-m-walk": (22.5, 1969.0, 0.35, "the gaps"),
    "ferry-gap-level": (16.0, 1400.0, 0.28, "the gaps"),
    "lift-same-height": (16.0, 1400.0, 0.28, "the gaps"),
    "straight-510-in-5": (16.5, 1400.0, 0.28, "straight line"),
    "straight-1200-in-10": (17.2, 1400.0, 0.28, "straight line"),
    "straight-1200-in-20": (17.2, 1400.0, 0.28, "straight line"),
    "straight-3000-in-5": (19.0, 1400.0, 0.28, "straight line"),
    "straight-800-up-300": (16.8, 1700.0, 0.38, "straight line"),
    "spacing-1500m-one-hole": (23.95, 2066.0, 0.29, "straight line"),
    "straight-400-in-5": (16.4, 1400.0, 0.28, ""),
    "straight-400-in-10": (16.4, 1400.0, 0.28, ""),
    "straight-400-in-20": (16.4, 1400.0, 0.28, ""),
    "straight-510-in-20": (16.5, 1400.0, 0.28, ""),
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_files(name: str, data: Callable[[str], Path]) -> None:
    km, gain_m, steepest, text = PUBLIC[name]
    (stage,) = load(data(f"public/{name}.gpx")).stages
    profile = measure(stage.track)
    assert profile.length_m == pytest.approx(1000.0 * km, rel=0.004)
    assert profile.gain_m == pytest.approx(gain_m, rel=0.01, abs=1.0)
    assert abs(profile.steepest(100.0) or 0.0) <= steepest
    assert any(text in note for note in stage.notes) or not text
