"""FIT courses for watches, read back by Garmin's own decoder."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import Gpxstage

from gpxstage import folder, load
from gpxstage.facts.analysis import Report, analyze
from gpxstage.parser import garmin
from gpxstage.parser.garmin import SEMICIRCLE_DEG
from gpxstage.report.watch import NAME_BYTES, courses_fit

ROOT = Path(__file__).resolve().parents[1]
sdk = pytest.importorskip("garmin_fit_sdk")


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(load(ROOT / "sample_courses" / "tor-des-geants"), draws=0)


def decoded(data: bytes) -> dict[str, list[dict[str, Any]]]:
    assert sdk.Decoder(sdk.Stream.from_byte_array(bytearray(data))).check_integrity()
    found, errors = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(data))).read()
    assert errors == []
    messages: dict[str, list[dict[str, Any]]] = found
    return messages


def test_a_course_holds_the_track_with_its_expected_times(report: Report) -> None:
    files = courses_fit(report)
    assert list(files) == [stage.number for stage in report.course.stages]
    part, facts = report.parts[1], report.facts.stages[1]
    found = decoded(files[2])
    assert found["file_id_mesgs"][0]["type"] == "course"
    assert found["course_mesgs"][0]["name"] == facts.name
    records = found["record_mesgs"]
    times = [record["timestamp"] for record in records]
    assert times == sorted(times)
    assert facts.start is not None
    assert abs(times[0] - facts.start.astimezone(UTC)) <= timedelta(seconds=1)
    last = facts.points[-1].arrival
    assert last is not None
    assert abs(times[-1] - last.astimezone(UTC)) <= timedelta(seconds=1)
    at_m = np.array([record["distance"] for record in records])
    assert at_m[-1] == pytest.approx(facts.length_m, abs=0.1)
    lat = np.array([record["position_lat"] for record in records]) * SEMICIRCLE_DEG
    there = np.interp(at_m, part.profile.distance_m, part.profile.lat_deg)
    assert np.abs(lat - there).max() < 1e-6
    heights = np.array([record["altitude"] for record in records])
    assert heights.max() == pytest.approx(facts.highest_m, abs=30.0)


def test_a_course_names_its_points_when_and_where_they_are(report: Report) -> None:
    facts = report.facts.stages[0]
    found = decoded(courses_fit(report, (1,))[1])["course_point_mesgs"]
    assert [point["name"] for point in found] == [point.name for point in facts.points]
    for point, row in zip(found, facts.points, strict=True):
        assert point["distance"] == pytest.approx(row.distance_m, abs=0.1)
        assert row.arrival is not None
        assert abs(point["timestamp"] - row.arrival.astimezone(UTC)) <= timedelta(seconds=1)
    kinds = {row.kind: point["type"] for point, row in zip(found, facts.points, strict=True)}
    assert kinds["col"] == "summit"
    lap = decoded(courses_fit(report, (1,))[1])["lap_mesgs"][0]
    assert lap["total_distance"] == pytest.approx(facts.length_m, abs=0.1)
    assert facts.points[-1].arrival_s.p50 is not None
    assert lap["total_elapsed_time"] == pytest.approx(facts.points[-1].arrival_s.p50, abs=1.0)


def test_without_a_start_the_times_between_records_are_the_same(report: Report) -> None:
    dated = decoded(courses_fit(report, (3,))[3])["record_mesgs"]
    stages = tuple(replace(stage, start=None) for stage in report.course.stages)
    bare = analyze(replace(report.course, start=None, stages=stages, timezone=None), draws=0)
    found = decoded(courses_fit(bare, (3,))[3])["record_mesgs"]
    assert found[0]["timestamp"] == datetime(2020, 1, 1, tzinfo=UTC)
    # without a clock there is no night and no sleepiness, so it is a little faster
    seconds = [
        (each[-1]["timestamp"] - each[0]["timestamp"]).total_seconds() for each in (found, dated)
    ]
    assert 0.7 < seconds[0] / seconds[1] <= 1.0


def test_across_the_date_line_positions_stay_near(tmp_path: Path) -> None:
    east = [(179.95 + 0.001 * k + 180) % 360 - 180 for k in range(100)]
    points = "".join(
        f'<trkpt lat="-17.0" lon="{lon:.6f}"><ele>{k}</ele></trkpt>' for k, lon in enumerate(east)
    )
    path = tmp_path / "far.gpx"
    path.write_text(
        '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        f"{points}</trkseg></trk></gpx>"
    )
    found = decoded(courses_fit(analyze(load(path), draws=0))[1])["record_mesgs"]
    lon = np.array([record["position_long"] for record in found]) * SEMICIRCLE_DEG
    assert np.abs(np.diff(np.unwrap(lon, period=360.0))).max() < 0.001
    assert (lon >= -180.0).all()


def test_a_long_name_is_cut_between_letters(report: Report) -> None:
    stage = report.course.stages[0]
    points = tuple(replace(point, name="給水" * 20) for point in stage.points)
    named = analyze(replace(report.course, stages=(replace(stage, points=points),)), draws=0)
    found = decoded(courses_fit(named)[1])
    name = found["course_point_mesgs"][0]["name"]
    assert name == ("給水" * 20)[: NAME_BYTES // 3]
    assert found["course_mesgs"][0]["name"] == report.course.name


def test_a_report_has_one_for_each_stage(report: Report, tmp_path: Path) -> None:
    names = folder.write(report, tmp_path, folder.Form(stages=(2,), pages=False, pictures=False))
    assert [name for name in names if name.endswith(".fit")] == ["stage-2.fit"]


def test_a_course_is_read_as_a_track_and_compares_with_its_own_plan(
    report: Report, tmp_path: Path, run: Gpxstage
) -> None:
    path = tmp_path / "stage-1.fit"
    path.write_bytes(courses_fit(report, (1,))[1])
    track = garmin.read(path)
    stage = report.facts.stages[0]
    assert track.time_s[-1] - track.time_s[0] == pytest.approx(
        stage.points[-1].arrival_s.p50, abs=1
    )
    tor = ROOT / "sample_courses" / "tor-des-geants"
    ran = run("review", tor, path, "--stage", "1", "--json")
    found = json.loads(ran.out)
    assert [leg["name"] for leg in found["legs"]] == [point.name for point in stage.points]
    assert all(abs(leg["elapsed_s"] - leg["planned_s"]) < 60 for leg in found["legs"])
    assert "is it a recording?" in ran.err
