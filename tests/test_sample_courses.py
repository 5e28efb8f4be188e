"""The sample courses: made again they are the same, and they have the figures of their points."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gpxpy
import numpy as np
import pytest

from gpxstage.course import Track
from gpxstage.profile import Profile, measure

ROOT = Path(__file__).resolve().parents[1]
COURSES = ROOT / "sample_courses"
SCRIPT = ROOT / "scripts" / "make_sample_courses.py"

GAIN_WITHIN = {"tor-des-geants": 0.01}
STAGES = {
    "chattanooga-mountains": 3,
    "grand-to-grand": 6,
    "marathon-des-sables-2024": 6,
    "tor-des-geants": 7,
    "transrockies-run-2016": 6,
}
CASES = [(race, number) for race, count in STAGES.items() for number in range(1, count + 1)]
FIRST_LINE = "Reconstructed from published figures, not surveyed"

Cells = dict[str, str]


@dataclass(frozen=True)
class Made:
    """One stage as it stands in the folder, and the rows of points.tsv it was made from."""

    table: dict[str, Any]
    rows: list[Cells]  # without the place where the stage starts
    start: Cells
    gpx: Any
    track: Track
    profile: Profile

    def total(self, column: str) -> float:
        return sum(float(row[column]) for row in self.rows)


def race_table(race: str) -> dict[str, Any]:
    return tomllib.loads((COURSES / race / "race.toml").read_text(encoding="utf-8"))


def point_rows(race: str) -> list[Cells]:
    lines = (COURSES / race / "points.tsv").read_text(encoding="utf-8").splitlines()
    data = [line for line in lines if not line.startswith("#")]
    return list(csv.DictReader(data, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def made(race: str, number: int) -> Made:
    table = race_table(race)["stage"][number - 1]
    rows = point_rows(race)
    own = [row for row in rows if int(row["stage"]) == number]
    if own[0]["kind"] == "start":
        start, own = own[0], own[1:]
    else:
        start = [row for row in rows if int(row["stage"]) == number - 1][-1]
    gpx = gpxpy.parse((COURSES / race / table["gpx"]).read_text(encoding="utf-8"))
    points = gpx.tracks[0].segments[0].points
    lat, lon, elevation = (
        np.array([getattr(point, name) for point in points])
        for name in ("latitude", "longitude", "elevation")
    )
    track = Track(lat, lon, elevation, np.full(len(lat), np.nan), np.array([0]))
    return Made(table, own, start, gpx, track, measure(track))


each_stage = pytest.mark.parametrize(("race", "number"), CASES)
each_race = pytest.mark.parametrize("race", STAGES)


def test_every_folder_is_tested() -> None:
    assert {path.parent.name for path in COURSES.glob("*/points.tsv")} == set(STAGES)


def test_made_again_on_another_processor_the_files_are_the_same(tmp_path: Path) -> None:
    """OpenBLAS takes the kernels of an older one, whose sums differ in the last digit."""
    older = os.environ | {"OPENBLAS_CORETYPE": "Nehalem"}
    subprocess.run([sys.executable, str(SCRIPT), "--to", str(tmp_path)], check=True, env=older)
    again = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")}
    kept = {path.relative_to(COURSES) for path in COURSES.rglob("*.*")}
    assert kept - again == {Path(race, n) for race in STAGES for n in ("README.md", "points.tsv")}
    assert again <= kept
    for path in sorted(again):
        assert (tmp_path / path).read_bytes() == (COURSES / path).read_bytes(), path


def test_an_unknown_race_is_wrong_usage() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "x"], capture_output=True, check=False)
    assert done.returncode == 2


@each_race
def test_the_readme_says_what_the_track_is(race: str) -> None:
    readme = (COURSES / race / "README.md").read_text(encoding="utf-8")
    assert readme.splitlines()[0].startswith(FIRST_LINE)


@each_race
def test_the_race_file_says_what_the_track_is(race: str) -> None:
    table = race_table(race)
    assert table["survey"] in {"reconstructed", "sketch"}
    assert len(table["stage"]) == STAGES[race]
    assert table["official"]["km"] > 0.0
    assert all(stage["official"]["km"] > 0.0 for stage in table["stage"])


@each_stage
def test_length_and_climb_are_those_of_the_points(race: str, number: int) -> None:
    stage = made(race, number)
    assert stage.profile.length_m == pytest.approx(1000.0 * stage.total("leg_km"), rel=0.01)
    within = GAIN_WITHIN.get(race, 0.02)
    assert stage.profile.gain_m == pytest.approx(stage.total("leg_gain_m"), rel=within)
    assert stage.profile.loss_m == pytest.approx(stage.total("leg_loss_m"), rel=within, abs=3.0)


@each_stage
def test_heights_at_the_points_are_right(race: str, number: int) -> None:
    stage = made(race, number)
    for row, point in zip(stage.rows, stage.table["point"], strict=True):
        height_m = stage.profile.elevation_at_m(1000.0 * point["km"])
        assert height_m == pytest.approx(float(row["elevation_m"]), abs=3.0), row["name"]
    assert stage.track.elevation_m[0] == pytest.approx(float(stage.start["elevation_m"]), abs=3.0)


@each_stage
def test_points_stand_in_order_within_the_stage(race: str, number: int) -> None:
    stage = made(race, number)
    points = stage.table["point"]
    assert [point["name"] for point in points] == [row["name"] for row in stage.rows]
    km = [point["km"] for point in points]
    assert km == sorted(set(km))
    assert km[0] > 0.0
    assert km[-1] <= stage.profile.length_m / 1000.0
    assert km[-1] == pytest.approx(stage.profile.length_m / 1000.0, abs=0.05)
    legs_km = np.diff([0.0, *km])
    assert legs_km == pytest.approx(
        [float(row["leg_km"]) for row in stage.rows], rel=0.05, abs=0.01
    )


@each_stage
def test_the_track_looks_like_one_that_is_walked(race: str, number: int) -> None:
    profile = made(race, number).profile
    assert profile.cells is not None
    grade = np.abs(profile.cells.grade)
    assert profile.clipped_share == 0.0
    assert np.mean(grade > 0.35) < 0.03
    assert profile.gain_raw_m == pytest.approx(profile.gain_m, rel=0.05, abs=10.0)  # no saw-tooth


@each_stage
def test_waypoints_lie_on_the_track(race: str, number: int) -> None:
    stage = made(race, number)
    assert [w.name for w in stage.gpx.waypoints] == [row["name"] for row in stage.rows]
    on_track = set(zip(stage.track.lat_deg, stage.track.lon_deg, strict=True))
    for waypoint, row in zip(stage.gpx.waypoints, stage.rows, strict=True):
        assert (waypoint.latitude, waypoint.longitude) in on_track
        if row["lat"]:
            where = (float(row["lat"]), float(row["lon"]))
            assert (waypoint.latitude, waypoint.longitude) == pytest.approx(where, abs=1e-6)


@each_stage
def test_no_time_is_in_the_files(race: str, number: int) -> None:
    gpx = made(race, number).gpx
    assert gpx.creator == "gpxstage"
    assert gpx.time is None
    assert not gpx.has_times()


@each_race
def test_barriers_become_cutoffs_on_the_wall_clock(race: str) -> None:
    table = race_table(race)
    hours = []
    for stage in table["stage"]:
        start = stage.get("start") or table.get("start") or table["waves"][0]
        for point in stage["point"]:
            wait = point["cutoff"] - start if "cutoff" in point else None
            hours.append(None if wait is None else wait.total_seconds() / 3600.0)
    rows = [row for row in point_rows(race) if row["kind"] != "start"]
    assert hours == [float(row["barrier_h"]) if row["barrier_h"] else None for row in rows]


@each_race
def test_a_staged_race_says_when_and_where_each_stage_starts(race: str) -> None:
    table = race_table(race)
    if table["format"] == "continuous":
        assert all("start" not in stage for stage in table["stage"])
        return
    starts = [stage["start"] for stage in table["stage"]]
    assert starts == sorted(starts)
    for number, stage in enumerate(table["stage"][:-1], 1):
        here, there = made(race, number).track, made(race, number + 1).track
        end, start = (here.lat_deg[-1], here.lon_deg[-1]), (there.lat_deg[0], there.lon_deg[0])
        assert stage.get("transfer", False) == (end != start)


def test_the_tor_has_its_bases_once() -> None:
    points = [point for stage in race_table("tor-des-geants")["stage"] for point in stage["point"]]
    bases = [point["name"] for point in points if point["kind"] == "life-base"]
    assert bases == [
        "Valgrisenche",
        "Cogne",
        "Donnas",
        "Gressoney-Saint-Jean",
        "Valtournenche",
        "Ollomont",
    ]
    assert len(points) == 81
    assert points[-1]["cutoff"].isoformat() == "2025-09-20T16:00:00"
