"""Flat road races: the ability that a time asks for is solved on the engine that uses it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, CourseError, Stage, Track
from gpxstage.estimator import estimate, fit
from gpxstage.estimator.endurance import duration_factor
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import Profile, measure

Call = Callable[..., tuple[int, str, str]]

KM = 1000.0
HALF_M, MARATHON_M = 21_097.5, 42_195.0
RACES = {  # what a race file or an option says, metres, seconds
    "10 km in an hour": ("10km", "60:00", 10 * KM, 3600.0),
    "10 km in 70 minutes": ("10km", "70:00", 10 * KM, 4200.0),
    "10 km at a walk": ("10km", "2:30:00", 10 * KM, 9000.0),
    "a fast 10 km": ("10km", "28:00", 10 * KM, 1680.0),
    "a marathon in 2:55": ("marathon", "2:55", MARATHON_M, 10_500.0),
    "a marathon in 5:00": ("marathon", "5:00", MARATHON_M, 18_000.0),
}


@cache
def road(length_m: float, north_deg: float = 46.0) -> tuple[Course, tuple[Profile, ...]]:
    """A flat course at 200 m, of many points, of which nothing is known but that it is a road."""
    along_m = np.linspace(0.0, length_m, round(length_m / 100.0) + 1)
    _, east_m = metric_m_per_deg(np.array([north_deg]))
    lat_deg, nowhen = np.full(len(along_m), north_deg), np.full(len(along_m), np.nan)
    height_m = np.full(len(along_m), 200.0)
    track = Track(lat_deg, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int))
    stage = Stage(1, "road", track, terrain=0.0)
    return Course("road", (stage,)), (measure(track),)


def estimated_s(runner: Runner, length_m: float) -> float:
    """By the door that everybody uses, without a pack."""
    return estimate(*road(length_m), replace(runner, pack_kg=0.0)).elapsed_s


def gpx(path: Path, length_m: float) -> Path:
    """The same road northward, as a file."""
    steps = round(length_m / 50.0)
    per_deg, _ = metric_m_per_deg(np.array([10.0]))
    rows = "".join(
        f'<trkpt lat="{10.0 + length_m * k / steps / float(per_deg[0]):.8f}" lon="7.0">'
        f"<ele>{200.0 + (k % 2) * 0.1:.1f}</ele></trkpt>"
        for k in range(steps + 1)
    )
    path.write_text(
        f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>', "utf-8"
    )
    return path


# the engine's own inverse


@pytest.mark.parametrize("name", RACES)
def test_a_flat_race_comes_back_as_its_own_time(name: str) -> None:
    *_, length_m, elapsed_s = RACES[name]
    clue = fit.from_flat(name, length_m, elapsed_s)
    found_s = estimated_s(at_ability(clue.flat_speed_mps), length_m)
    assert found_s == pytest.approx(elapsed_s, rel=1e-4)


@settings(max_examples=25)
@given(mps=st.floats(0.65, 6.4), length_m=st.sampled_from([5 * KM, 15 * KM, MARATHON_M]))
def test_every_ability_is_found_again_from_its_time(mps: float, length_m: float) -> None:
    """Hikers, joggers and the fastest alike."""
    elapsed_s = estimated_s(at_ability(mps), length_m)
    found = fit.from_flat("x", length_m, elapsed_s).flat_speed_mps
    assert found == pytest.approx(mps, rel=1e-3)


@settings(max_examples=40)
@given(
    mps=st.floats(0.6, 6.3),
    faster=st.floats(0.01, 0.2),
    length_m=st.sampled_from([1.5 * KM, 10 * KM, HALF_M, MARATHON_M, 100 * KM]),
)
def test_who_is_able_to_more_needs_less(mps: float, faster: float, length_m: float) -> None:
    slow_s, fast_s = (fit.flat_time_s(at_ability(v), length_m) for v in (mps, mps + faster))
    assert fast_s < slow_s


@settings(max_examples=20)
@given(mps=st.floats(0.7, 6.3), length_m=st.floats(1.5 * KM, 100 * KM), longer=st.floats(1.05, 2.0))
def test_a_longer_flat_race_takes_longer(mps: float, length_m: float, longer: float) -> None:
    short_s, long_s = (fit.flat_time_s(at_ability(mps), d) for d in (length_m, length_m * longer))
    assert long_s > short_s


@pytest.mark.parametrize("length_m", [10 * KM, 20 * KM, 30 * KM])
@pytest.mark.parametrize("mps", [1.0, 3.0, 5.0])
def test_a_metre_more_is_no_stop_more(mps: float, length_m: float) -> None:
    """Places to stop that nobody knows are spread by distance; how long one stops is by hours."""
    short_s, long_s = (estimated_s(at_ability(mps), d) for d in (length_m - 5.0, length_m + 5.0))
    assert long_s == pytest.approx(short_s, rel=2e-3)


@settings(max_examples=20)
@given(mps=st.floats(3.7, 6.4), distance_m=st.floats(5000.0, 9000.0))
def test_a_runner_on_the_road_holds_what_can_be_held_that_long(
    mps: float, distance_m: float
) -> None:
    """Where nobody hikes, fades or stops, the engine on a road is the duration curve alone."""
    runner = at_ability(mps)
    elapsed_s = fit.flat_time_s(runner, distance_m)
    held = float(duration_factor(elapsed_s / 3600.0, runner.decay, JUDGEMENT))
    assert distance_m / elapsed_s == pytest.approx(mps * min(held, 1.05), rel=0.005)


def test_an_hour_is_raced_at_the_flat_speed() -> None:
    assert fit.flat_time_s(at_ability(4.0), 3600.0 * 4.0) == pytest.approx(3600.0, rel=0.006)


@pytest.mark.parametrize(
    ("ten_km_min", "least", "most"), [(30, 1.0, 1.04), (38, 1.0, 1.06), (60, 1.02, 1.10)]
)
def test_ten_kilometres_and_a_marathon_agree_as_races_do(
    ten_km_min: float, least: float, most: float
) -> None:
    """Riegel 1981 (Am Sci 69:285): time grows with the 1.06th power of the distance.

    Slower runners lose more than that (Vickers & Vertosick 2016, BMC Sports Sci 8:26).
    """
    clue = fit.from_flat("10 km", 10 * KM, 60.0 * ten_km_min)
    elapsed_s = fit.equivalents(at_ability(clue.flat_speed_mps))["marathon"]
    riegel_s = 60.0 * ten_km_min * (MARATHON_M / (10 * KM)) ** 1.06
    assert least <= elapsed_s / riegel_s <= most


def test_equivalents_are_without_a_pack_and_in_order() -> None:
    runner = at_ability(4.0)
    found = fit.equivalents(runner)
    assert list(found) == ["10 km", "half marathon", "marathon"]
    assert found == fit.equivalents(replace(runner, pack_kg=15.0))
    assert list(found.values()) == sorted(found.values())


@pytest.mark.parametrize(
    ("distance_m", "spread"),
    [(5 * KM, 0.10), (10 * KM, 0.10), (20.541 * KM, 0.085), (MARATHON_M, 0.07), (100 * KM, 0.07)],
)
def test_the_longer_a_flat_race_the_more_it_says(distance_m: float, spread: float) -> None:
    elapsed_s = fit.flat_time_s(at_ability(4.0), distance_m)
    assert fit.from_flat("x", distance_m, elapsed_s).spread == pytest.approx(spread, abs=1e-4)


def test_what_is_known_of_a_runner_counts_but_not_the_pack() -> None:
    heavy = fit.from_flat("x", 10 * KM, 2700.0, lambda runner: replace(runner, pack_kg=20.0))
    tired = fit.from_flat("x", MARATHON_M, 18_000.0, lambda runner: replace(runner, decay=1.6))
    assert heavy == fit.from_flat("x", 10 * KM, 2700.0)
    assert tired.flat_speed_mps > fit.from_flat("x", MARATHON_M, 18_000.0).flat_speed_mps


def test_a_flat_race_beyond_all_races_is_refused() -> None:
    with pytest.raises(CourseError, match=r"^2000km in 400h: a flat race is at most 1,000 km long"):
        fit.from_flat("2000km in 400h", 2000 * KM, 400 * 3600.0)


# through the command line


@pytest.mark.parametrize("name", RACES)
def test_the_command_line_gives_a_flat_race_its_time_back(
    call: Call, tmp_path: Path, name: str
) -> None:
    distance, time, length_m, elapsed_s = RACES[name]
    course = gpx(tmp_path / "road.gpx", length_m)
    runs = ("estimate", course, "--terrain", "0", "--draws", "0", "--csv", "-q")
    shown = [call(*runs, *more, "--flat", distance, time) for more in ((), ("--pack", "0"))]
    assert shown[0] == shown[1]  # nobody has a pack on a road
    end = dict(zip(*(line.split(",") for line in shown[0][1].splitlines()), strict=True))
    hours, minutes = map(int, end["arrival"].split(":"))
    assert abs(60 * (60 * hours + minutes) - elapsed_s) <= 60


@pytest.mark.parametrize("file", [True, False], ids=["race file", "bare GPX"])
def test_past_and_flat_say_the_same_of_one_race(call: Call, tmp_path: Path, file: bool) -> None:
    """A past course that is flat and of unknown terrain is a road race, and a note says so."""
    hills = tmp_path / "hills.gpx"
    heights = [1000.0 - 300.0 * math.cos(k / 20.0) for k in range(400)]
    rows = "".join(
        f'<trkpt lat="{46.0 + k * 5e-4:.5f}" lon="7"><ele>{height:.1f}</ele></trkpt>'
        for k, height in enumerate(heights)
    )
    hills.write_text(
        f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>', "utf-8"
    )
    past = gpx(tmp_path / "road.gpx", 10 * KM)
    if file:
        text = 'name = "road"\nterrain = 0\n[[stage]]\ngpx = "road.gpx"\n'
        past = tmp_path / "race.toml"
        past.write_text(text, "utf-8")
    common = ("estimate", hills, "--json", "--draws", "0")
    flat = call(*common, "--flat", "10km", "60:00")
    raced = call(*common, "--past", past, "1:00:00")
    assert ability(raced[1]) == pytest.approx(ability(flat[1]), rel=1e-3)
    note = "--past road: no terrain, and it is flat: a road race without a pack is taken"
    assert (note in raced[2]) is not file


def ability(report: str) -> float:
    import json

    return float(json.loads(report)["runner"]["flat_speed_mps"])
