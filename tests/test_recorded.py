"""A recording as a course: how long it took, where the stops were, the time at altitude."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import Gpxstage
from walks import course, timed, walk, written

from gpxstage.course import Track
from gpxstage.facts.figures import RecordedFacts
from gpxstage.facts.stages import recorded
from gpxstage.profile import measure

LEVELS_M = 1000.0, 1200.0, 1400.0
STOP_AT, STOP_S = 300, 900.0  # point, 3 km from the start


def facts(track: Track) -> RecordedFacts | None:
    return recorded(track, measure(track), LEVELS_M, LEVELS_M)


def with_stop(track: Track, at: int = STOP_AT, lasts_s: float = STOP_S) -> Track:
    return replace(track, time_s=track.time_s + np.where(np.arange(len(track)) > at, lasts_s, 0.0))


def test_a_stop_is_found_where_it_was_made() -> None:
    found = facts(with_stop(walk()))
    assert found is not None
    (stop,) = found.stops
    assert stop.distance_m == pytest.approx(3000.0, abs=60.0)
    assert stop.stop_s == pytest.approx(STOP_S, abs=40.0)
    before_s = float(walk().time_s[STOP_AT] - walk().time_s[0])
    assert stop.after_s == pytest.approx(before_s, abs=40.0)


def test_without_a_stop_all_time_is_moving() -> None:
    found = facts(walk())
    assert found is not None
    assert found.stops == ()
    assert found.stopped_s == 0
    assert found.elapsed_s == pytest.approx(walk().time_s[-1] - walk().time_s[0], abs=1.0)


@given(st.lists(st.tuples(st.integers(20, 550), st.floats(0.0, 5000.0)), max_size=4))
def test_the_parts_add_up_to_the_time_on_the_clock(stops: list[tuple[int, float]]) -> None:
    track = walk()
    for at, lasts_s in stops:
        track = with_stop(track, at, lasts_s)
    found = facts(track)
    assert found is not None
    assert found.moving_s + found.stopped_s == found.elapsed_s
    assert sum(stop.stop_s for stop in found.stops) <= found.stopped_s + len(found.stops)
    assert found.altitude_bands is not None
    assert found.above is not None
    bands_s = [band.elapsed_s for band in found.altitude_bands]
    assert sum(bands_s) == pytest.approx(found.elapsed_s, abs=1)
    assert [level.elapsed_s for level in found.above] == [sum(bands_s[k:]) for k in (1, 2, 3)]


def test_a_plan_a_route_and_a_track_without_times_are_no_recordings() -> None:
    assert facts(course(6.0)) is None
    assert facts(timed(course(6.0), 8.0)) is None
    assert facts(replace(walk(), is_route=True)) is None


def test_times_on_a_part_of_the_track_are_of_that_part() -> None:
    track = with_stop(walk())
    late = replace(track, time_s=np.where(np.arange(len(track)) < 200, np.nan, track.time_s))
    found = facts(late)
    assert found is not None
    assert found.stops[0].distance_m == pytest.approx(3000.0, abs=60.0)
    assert found.elapsed_s == pytest.approx(track.time_s[-1] - track.time_s[200], abs=1.0)


def test_without_elevation_there_is_a_clock_and_no_altitude() -> None:
    found = facts(replace(walk(), elevation_m=np.nan * walk().lat_deg))
    assert found is not None
    assert found.above is None
    assert found.altitude_bands is None


def test_info_shows_what_was_recorded(run: Gpxstage, tmp_path: Path) -> None:
    path = written(tmp_path / "walk.gpx", with_stop(walk()))
    shown = run("info", path)
    (row,) = [line for line in shown.out.splitlines() if line.startswith("2025-06-15 04:00 UTC")]
    assert row.split()[-3:-1] == ["1", "0:15"]
    assert "with stops" not in shown.out
    (stage,) = json.loads(run("info", path, "--json").out)["stages"]
    assert (
        stage["recorded"]["moving_s"] + stage["recorded"]["stopped_s"]
        == (stage["recorded"]["elapsed_s"])
    )
    plan = written(tmp_path / "plan.gpx", walk(), with_time=False)
    assert "Recorded" not in run("info", plan).out
    assert "recorded" not in json.loads(run("info", plan, "--json").out)["stages"][0]


def test_an_estimate_is_no_recording(run: Gpxstage, tmp_path: Path) -> None:
    path = written(tmp_path / "walk.gpx", walk())
    assert '"recorded"' not in run("estimate", path, "--json", "--draws", 0).out
