"""What a review advises: what a recording differs in from the plan, its size, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import walks
from made import Gpxstage

from gpxstage import load
from gpxstage.course import Track, track_distance_m
from gpxstage.estimator.runner import KEYS, LEVELS, RANGES, Runner
from gpxstage.estimator.runner_file import read_file, runner_of
from gpxstage.facts.analysis import analyze

ROOT = Path(__file__).resolve().parents[1]
REAL = (
    "recordings/group-a/panajachel-33k-2025-06.gpx",
    "recordings/group-c/pikes-peak.gpx",
    "recordings/group-p18/2025-07-05-49km-2303m-15.gpx",
)
TOR = ROOT / "sample_courses" / "tor-des-geants"


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    return walks.written(folder / "long.gpx", walks.course(30.0, seed=3), with_time=False)


@cache
def mid(course: Path) -> Runner:
    """The middle of the field, as a level is on this course."""
    estimate = analyze(load(course), LEVELS["mid"], draws=0).estimate
    assert estimate is not None
    return estimate.runner


def day_of(runner: Runner, course: Path, to: Path, up: float = 1.0) -> Path:
    """What a receiver records of the engine's own run; *up* makes steps uphill longer."""
    loaded = load(course)
    estimate = analyze(loaded, runner, draws=0).estimate
    assert estimate is not None
    columns, times_s = [], []
    for stage, there in zip(loaded.stages, estimate.stages, strict=True):
        track = stage.track
        along_m = track_distance_m(track)
        times_s.append(there.arrivals_s(along_m))
        columns.append([track.lat_deg, track.lon_deg, track.elevation_m])
    lat, lon, height_m = np.concatenate(columns, axis=1)
    time_s = np.maximum.accumulate(np.concatenate(times_s))
    if up != 1.0:
        rises = np.diff(height_m) > 0.05 * walks.POINT_M
        time_s = time_s[0] + np.append(0.0, np.cumsum(np.diff(time_s) * np.where(rises, up, 1.0)))
    starts = np.zeros(1, dtype=np.int64)
    return walks.written(to, Track(lat, lon, height_m, walks.START_S + np.round(time_s), starts))


def fitted(file: Path, more: str = "") -> Runner:
    """The runner of a file that is written with a speed and *more*."""
    file.write_text(f"schema = 1\nflat_speed_mps = 3.86\n{more}")
    return runner_of(read_file(file))[0]


def advice(run: Gpxstage, course: Path, day: Path, *more: str) -> dict[str, dict[str, Any]]:
    ran = run("review", course, day, "--json", "-q", *more)
    assert ran.code == 0, ran.err
    return {each["about"]: each for each in json.loads(ran.out)["advice"]}


def test_a_recording_of_the_plan_gives_no_advice(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    for course in (hills, TOR):
        assert advice(run, course, day_of(mid(course), course, tmp_path / "day.gpx")) == {}


@pytest.mark.parametrize(
    ("about", "key", "factor", "shift", "off"),
    [
        ("flat speed", "flat_speed_mps", 0.9, 0.0, 0.04),
        ("flat speed", "flat_speed_mps", 1.1, 0.0, 0.04),
        ("descending", "descent_m_per_h", 0.7, 0.0, 30.0),
        ("descending", "descent_m_per_h", 1.3, 0.0, 170.0),
        ("gait", "gait_shift_mps", 1.0, 0.4, 0.05),
        ("gait", "gait_shift_mps", 1.0, -0.4, 0.05),
        ("endurance", "front", 1.0, 0.3, 0.05),
        ("stops", "stops", 2.0, 0.0, 0.25),
    ],
)
def test_what_differs_is_found_with_its_size_and_nothing_else(
    about: str, key: str, factor: float, shift: float, off: float,
    hills: Path, tmp_path: Path, run: Gpxstage,
) -> None:  # fmt: skip
    plain = mid(hills)
    true = factor * getattr(plain, key) + shift
    day = day_of(replace(plain, **{key: true}), hills, tmp_path / "day.gpx")
    found = advice(run, hills, day)
    assert list(found) == [about]
    (only,) = found.values()
    assert only["advised"] == pytest.approx(true, abs=off)
    assert only["line"] == f"{key} = {only['advised']:g}"
    assert only["moving_s"] >= 1200
    assert only["recorded"] != only["planned"]


def test_a_habit_of_standing_is_advised_in_its_own_key(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    file = tmp_path / "me.toml"
    runner = fitted(file, "stopped_min_per_h = 6\n")
    day = day_of(replace(runner, stopped_min_per_h=15.0), hills, tmp_path / "day.gpx")
    found = advice(run, hills, day, "--runner", str(file))
    assert list(found) == ["stops"]
    assert found["stops"]["key"] == "stopped_min_per_h"
    assert found["stops"]["advised"] == pytest.approx(15.0, abs=1.5)


def test_a_slow_runner_of_the_tor_does_not_climb_badly(tmp_path: Path, run: Gpxstage) -> None:
    plain = mid(TOR)
    slow = replace(plain, flat_speed_mps=0.9 * plain.flat_speed_mps)
    found = advice(run, TOR, day_of(slow, TOR, tmp_path / "day.gpx"))
    assert list(found) == ["flat speed"]
    assert found["flat speed"]["advised"] == pytest.approx(slow.flat_speed_mps, rel=0.015)


def test_the_speed_on_level_ground_is_not_called_the_flat_speed(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    plain = mid(hills)
    slow = replace(plain, flat_speed_mps=0.9 * plain.flat_speed_mps)
    ran = run("review", hills, day_of(slow, hills, tmp_path / "day.gpx"))
    assert "level ground" in ran.out
    assert "flat speed" not in ran.out
    assert "flat_speed_mps is the speed of a race of one hour on a flat road" in " ".join(
        ran.err.split()
    )


def test_two_differences_are_told_apart(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    plain = mid(hills)
    both = replace(plain, flat_speed_mps=0.92 * plain.flat_speed_mps, gait_shift_mps=0.3)
    found = advice(run, hills, day_of(both, hills, tmp_path / "day.gpx"))
    assert list(found) == ["flat speed", "gait"]
    assert found["flat speed"]["advised"] == pytest.approx(both.flat_speed_mps, rel=0.015)
    assert found["gait"]["advised"] == pytest.approx(0.3, abs=0.06)


def test_climbing_alone_has_evidence_and_no_line(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    found = advice(run, hills, day_of(mid(hills), hills, tmp_path / "day.gpx", up=1.15))
    assert list(found) == ["climbing"]
    climbing = found["climbing"]
    assert climbing["line"] is climbing["advised"] is climbing["key"] is None
    assert climbing["planned"] / climbing["recorded"] == pytest.approx(1.15, abs=0.03)


def test_the_line_in_a_runner_file_ends_the_advice(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    file = tmp_path / "me.toml"
    runner = fitted(file)
    day = day_of(replace(runner, descent_m_per_h=1300.0), hills, tmp_path / "day.gpx")
    found = advice(run, hills, day, "--runner", str(file))
    assert list(found) == ["descending"]
    file.write_text(file.read_text() + found["descending"]["line"] + "\n")
    assert advice(run, hills, day, "--runner", str(file)) == {}


@pytest.mark.parametrize("name", REAL)
def test_who_takes_the_advice_of_a_real_recording_gets_no_more(
    name: str, data: Callable[[str], Path], tmp_path: Path, run: Gpxstage
) -> None:
    path, file = data(name), tmp_path / "me.toml"
    plain = mid(path)
    numbers = {key: getattr(plain, key) for key in KEYS if key in RANGES}
    own: dict[str, Any] = {}
    for left in (True, False):
        lines = "".join(f"{key} = {value}\n" for key, value in (numbers | own).items())
        file.write_text(f"schema = 1\n{lines}")
        found = advice(run, path, path, "--runner", str(file))
        keyed = {each["key"]: each["advised"] for each in found.values() if each["line"]}
        assert bool(keyed) is left
        assert all(each["moving_s"] >= 1200 for each in found.values())
        own |= keyed


def test_the_table_fits_a_terminal(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    plain = mid(hills)
    runner = replace(
        plain, flat_speed_mps=0.87 * plain.flat_speed_mps, stops=3.0, gait_shift_mps=0.4,
        descent_m_per_h=0.7 * plain.descent_m_per_h,
    )  # fmt: skip
    day = day_of(runner, hills, tmp_path / "day.gpx")
    for units in ("metric", "imperial"):
        text = run("review", hills, day, "-q", "--units", units).out
        assert "flat_speed_mps = " in text
        assert "descent_m_per_h = " in text
        assert max(map(len, text.splitlines())) <= 80
