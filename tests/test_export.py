"""Exports, read back by other libraries: GPX by gpxpy and lxml, GeoJSON, a calendar."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import gpxpy
import numpy as np
import pytest
from lxml import etree

from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track, track_distance_m
from gpxstage.estimator.nouns import Passed
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.racefile import load
from gpxstage.report.calls import arrival_range_s
from gpxstage.report.export import SYMBOLS, race_geojson, race_gpx, stages_gpx, track_gpx
from gpxstage.units import minutes
from gpxstage.walltime import to_the_minute

ROOT = Path(__file__).resolve().parents[1]
ROME = ZoneInfo("Europe/Rome")
START = datetime(2026, 6, 5, 10, tzinfo=ROME)
EVIL = "a <b>&amp; \x1b[31m\u202e]]> Jōmon 峠"
READ = "a <b>&amp; [31m]]> Jōmon 峠"

# the order of elements, from the complexTypes of the GPX 1.1 schema (gpx.xsd of topografix.com)
ORDER = {
    "gpx": ("metadata", "wpt", "rte", "trk", "extensions"),
    "metadata": (
        "name",
        "desc",
        "author",
        "copyright",
        "link",
        "time",
        "keywords",
        "bounds",
        "extensions",
    ),
    "wpt": (
        "ele",
        "time",
        "magvar",
        "geoidheight",
        "name",
        "cmt",
        "desc",
        "src",
        "link",
        "sym",
        "type",
        "fix",
        "sat",
        "hdop",
        "vdop",
        "pdop",
        "ageofdgpsdata",
        "dgpsid",
        "extensions",
    ),
    "trk": ("name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"),
    "trkseg": ("trkpt", "extensions"),
}
ORDER["trkpt"] = ORDER["wpt"]


def course(lon_deg: float = 7.0, heights: bool = True, **changes: Any) -> Course:
    """Two stages east of a longitude, recorded in 2019, a hut each and a base between them."""
    n = 801
    track = Track(
        np.full(n, 45.0),
        (lon_deg + np.linspace(0.0, 0.25, n) + 180.0) % 360.0 - 180.0,
        1500.0 + 500.0 * np.sin(np.linspace(0.0, 9.0, n)) if heights else np.full(n, np.nan),
        1.55e9 + 10.0 * np.arange(n),
        np.array([0, 400]),
    )
    points = (
        Point("Hut", "aid", distance_m=9000.0, cutoff_s=40_000.0, stop_s=600.0),
        Point("Pass", "col", distance_m=14_000.0),
    )
    stages = tuple(Stage(k, f"Day {k}", track, points) for k in (1, 2))
    found = Course("Hills", stages, start=START, timezone="Europe/Rome", survey="sketch")
    return replace(found, **changes)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), draws=40)


def misplaced(text: str) -> list[str]:
    """Elements that are not where the schema of GPX 1.1 puts them."""
    root = etree.fromstring(text.encode())
    wrong = []
    for parent in root.iter():
        name = etree.QName(parent).localname
        inside = [etree.QName(child).localname for child in parent]
        order = ORDER.get(name, ())
        places = [order.index(child) if child in order else -1 for child in inside]
        if places != sorted(places) or -1 in places:
            wrong.append(f"{name}: {inside}")
    return wrong


def test_the_order_is_that_of_the_schema(report: Report) -> None:
    for text in (race_gpx(report), *stages_gpx(report).values()):
        assert misplaced(text) == []
    track = report.course.stages[0].track
    points = [Point("Hut", "aid", 45.0, 7.0, 1200.0, symbol="Flag")]
    assert misplaced(track_gpx(track, points)) == []
    assert misplaced("<gpx><trk/><wpt/></gpx>") == ["gpx: ['trk', 'wpt']"]


def test_waypoints_carry_the_expected_arrival(report: Report) -> None:
    found = gpxpy.parse(race_gpx(report))
    rows = [point for stage in as_json(report.facts)["stages"] for point in stage["points"]]
    assert [w.name for w in found.waypoints] == [row["name"] for row in rows]
    for waypoint, row in zip(found.waypoints, rows, strict=True):
        assert waypoint.time == to_the_minute(datetime.fromisoformat(row["arrival"]))
        assert waypoint.description.startswith(f"km {row['race_distance_m'] / 1000:.1f}, after ")
        assert waypoint.comment not in waypoint.description  # no text comes twice
        assert waypoint.type == row["kind"]
        assert waypoint.symbol == SYMBOLS[row["kind"]]
    assert found.waypoints[0].comment.startswith("Fri ")
    assert found.waypoints[0].description.endswith("stop 0:10 h")
    assert found.description == "track: sketch"


def test_the_track_has_the_expected_times_and_not_the_recorded_ones(report: Report) -> None:
    found = gpxpy.parse(race_gpx(report))
    for gpx_track, row in zip(found.tracks, as_json(report.facts)["stages"], strict=True):
        assert [len(segment.points) for segment in gpx_track.segments] == [400, 401]
        points = [point for segment in gpx_track.segments for point in segment.points]
        times = [point.time for point in points]
        assert times == sorted(times)
        assert abs(times[0] - datetime.fromisoformat(row["start"])) <= timedelta(seconds=1)
        arrived = datetime.fromisoformat(row["points"][-1]["arrival"])
        assert abs(times[-1] - arrived) <= timedelta(seconds=1)
        gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
        assert max(gaps) >= 600.0  # the stop at the hut
    bare = gpxpy.parse(race_gpx(analyze(course(start=None), draws=0)))
    assert {p.time for t in bare.tracks for s in t.segments for p in s.points} == {None}
    assert {waypoint.time for waypoint in bare.waypoints} == {None}


def test_a_stage_has_its_own_file(report: Report) -> None:
    files = stages_gpx(report)
    whole = gpxpy.parse(race_gpx(report))
    assert list(files) == [1, 2]
    for number, text in files.items():
        found = gpxpy.parse(text)
        assert found.name == f"Hills: Day {number}"
        assert len(found.tracks) == 1
        assert [w.time for w in found.waypoints] == [
            w.time for w in whole.waypoints[3 * number - 3 : 3 * number]
        ]
    assert list(stages_gpx(report, (2,))) == [2]


def test_the_pieces_of_the_map_are_the_track(report: Report) -> None:
    found = json.loads(race_geojson(report))
    assert (found["type"], found["survey"]) == ("FeatureCollection", "sketch")
    lines = [f for f in found["features"] if f["geometry"]["type"] == "LineString"]
    rows = as_json(report.facts)["stages"]
    for row in rows:
        mine = [f for f in lines if f["properties"]["stage"] == row["number"]]
        told = [f["properties"] for f in mine]
        assert told[0]["from_m"] == 0.0
        assert told[-1]["to_m"] == row["length_m"]
        assert all(a["to_m"] == b["from_m"] for a, b in pairwise(told))
        assert all(200.0 < p["to_m"] - p["from_m"] < 400.0 for p in told)
        for before, after in pairwise(f["geometry"]["coordinates"] for f in mine):
            assert before[-1] == after[0]  # no hole between pieces
        moving_s = sum(p["moving_s"] for p in told)
        assert moving_s == pytest.approx(row["moving_s"]["p50"], abs=0.5 * len(told))
        hiked = sum(p["moving_s"] * p["hike_fraction"] for p in told) / moving_s
        assert hiked == pytest.approx(row["hike_fraction"]["of_time"]["p50"], abs=0.002)
        assert all(0.0 <= p["hike_fraction"] <= 1.0 for p in told)
        arrivals = [datetime.fromisoformat(p["arrival"]) for p in told]
        assert arrivals == sorted(arrivals)
        assert told[0]["arrival"] == row["start"]


def test_longitude_comes_first(report: Report) -> None:
    found = json.loads(race_geojson(report))["features"]
    for feature in found:
        geometry = feature["geometry"]
        line = geometry["coordinates"]
        for lon, lat, height in line if geometry["type"] == "LineString" else [line]:
            assert (7.0 <= lon <= 7.26, lat, 900.0 < height < 2100.0) == (True, 45.0, True)
    points = [f["properties"] for f in found if f["geometry"]["type"] == "Point"]
    assert [p["name"] for p in points] == ["Hut", "Pass", "End of stage 1", "Hut", "Pass", "Finish"]
    rows = [point for stage in as_json(report.facts)["stages"] for point in stage["points"]]
    assert [p["arrival_s"] for p in points] == [row["arrival_s"] for row in rows]


def test_a_map_over_the_date_line_is_cut_there() -> None:
    found = json.loads(race_geojson(analyze(course(lon_deg=179.9), draws=0)))["features"]
    lines = [f["geometry"] for f in found if f["geometry"]["type"] != "Point"]
    cut = [line for line in lines if line["type"] == "MultiLineString"]
    assert len(cut) == 2  # once a stage
    for line in lines:
        parts = line["coordinates"] if line in cut else [line["coordinates"]]
        for part in parts:
            assert len(part) >= 2
            assert max(p[0] for p in part) - min(p[0] for p in part) < 1.0


def test_a_waypoint_on_the_date_line_is_there() -> None:
    made = course(lon_deg=179.9)
    stage = made.stages[0]
    line_m = float(np.interp(0.1, np.linspace(0.0, 0.25, 801), track_distance_m(stage.track)))
    stage = replace(stage, points=(Point("Line", "col", distance_m=line_m),))
    report = analyze(replace(made, stages=(stage,)), draws=0)
    waypoint = gpxpy.parse(race_gpx(report)).waypoints[0]
    assert waypoint.name == "Line"
    assert abs(waypoint.longitude) == pytest.approx(180.0, abs=1e-4)


def test_without_heights_there_are_two_numbers_and_no_hours() -> None:
    flat = analyze(course(heights=False), draws=0)
    text = race_geojson(flat)
    assert "NaN" not in text
    feature = json.loads(text)["features"][0]
    assert all(len(place) == 2 for place in feature["geometry"]["coordinates"])
    unknown = ("grade", "moving_s", "hike_fraction", "arrival_s", "arrival")
    assert [feature["properties"][key] for key in unknown] == [None] * 5
    assert misplaced(race_gpx(flat)) == []


def events(data: bytes) -> list[Any]:
    calendar = pytest.importorskip("icalendar")
    return list(calendar.Calendar.from_ical(data).walk("VEVENT"))


def ics(report: Report) -> bytes:
    pytest.importorskip("icalendar")
    from gpxstage.report.export import race_ics

    return race_ics(report)


def test_an_event_is_the_range_of_arrival_given_the_finish(report: Report) -> None:
    found = events(ics(report))
    rows = [point for _, point in report.facts.every_point() if point.kind != "col"]
    assert [str(event["summary"]) for event in found] == [
        f"{to_the_minute(row.arrival):%H:%M} {row.name}, Hills" for row in rows if row.arrival
    ]
    for event, row in zip(found, rows, strict=True):
        low_s, middle_s, high_s = arrival_range_s(row, through=True)
        assert low_s <= middle_s <= high_s
        for after_s, end in ((low_s, "dtstart"), (high_s, "dtend")):
            if low_s < high_s or end == "dtstart":
                assert event[end].dt == START + timedelta(minutes=minutes(after_s))
        assert "track: sketch" in event["description"]
        assert event["geo"].latitude == pytest.approx(45.0)
        assert 7.0 <= event["geo"].longitude <= 7.26
        assert event["dtstamp"].dt == START.astimezone(UTC)
    assert "stop 0:10 h" in found[0]["description"]
    assert "margin +" in found[0]["description"]
    assert "leave by " in found[0]["description"]
    assert len({str(event["uid"]) for event in found}) == len(found)


def shut(report: Report, late_s: float) -> Course:
    """The course with a cutoff some seconds before the first place of people is reached."""
    stage, *others = course().stages
    row = next(row for _, row in report.facts.every_point() if row.kind != "col")
    cutoff_s = (row.arrival_s.p50 or 0) - late_s
    points = tuple(
        replace(p, cutoff_s=cutoff_s, cutoff_at="arrive", crew=True) if p.name == row.name else p
        for p in stage.points
    )
    return course(stages=(replace(stage, points=points), *others))


def test_an_event_ends_at_the_cutoff_and_none_comes_after_a_closed_place(report: Report) -> None:
    kept = events(ics(analyze(shut(report, -60.0), draws=40)))
    assert len(kept) == len(events(ics(report)))
    closing = re.search(r"cutoff (\w+ \d\d:\d\d)", str(kept[0]["description"]))
    assert closing
    assert f"{kept[0]['dtend'].dt.astimezone(START.tzinfo):%a %H:%M}" == closing[1]
    assert "the crew may be here" in kept[0]["description"]
    (last,) = events(ics(analyze(shut(report, 1200.0), draws=40)))
    assert "the plan misses it: nothing after this place is listed" in last["description"]


def test_the_same_race_gives_the_same_calendar(report: Report) -> None:
    assert ics(analyze(course(), draws=40)) == ics(report)
    slower = events(ics(analyze(course(), LEVELS["back"], draws=0)))
    assert [e["uid"] for e in slower] == [e["uid"] for e in events(ics(report))]  # moved, not new


def test_an_event_says_until_when_the_runner_is_where_they_were_last_seen(report: Report) -> None:
    shut_late = shut(report, -7200.0)
    row = next(point for _, point in report.facts.every_point() if point.stop_s)
    passed = (Passed(1, row.distance_m, float(row.arrival_s.p50 or 0) + 300.0, row.name),)
    found = analyze(shut_late, draws=0, passed=passed)
    (there,) = [point for _, point in found.facts.every_point() if point.passed]
    assert there.arrival is not None
    leaves = to_the_minute(there.arrival + timedelta(seconds=there.stop_s or 0))
    (words,) = [str(e["description"]) for e in events(ics(found)) if "leaves" in e["description"]]
    assert f"passed {there.arrival:%a %H:%M}" in words
    assert f"leaves {leaves:%a %H:%M}" in words
    later = (Passed(2, 3000.0, float(row.arrival_s.p50 or 0) + 36_000.0, "a bend"),)
    first = events(ics(analyze(shut_late, draws=0, passed=later)))[0]
    assert re.search(r"cutoff \w+ \d\d:\d\d, kept\n", str(first["description"]))


def test_without_draws_an_event_is_a_moment() -> None:
    found = events(ics(analyze(course(), draws=0)))
    assert len(found) > 1
    assert [event for event in found if "dtend" in event] == []


def test_a_calendar_over_the_change_of_clocks() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=ROME)
    found = events(ics(analyze(course(start=start), LEVELS["back"], draws=0)))
    assert "expected Sun " in found[-1]["description"]
    after_s = as_json(analyze(course(start=start), LEVELS["back"], draws=0).facts)["elapsed_s"][
        "p50"
    ]
    assert found[-1]["dtstart"].dt == start.astimezone(UTC) + timedelta(minutes=minutes(after_s))


def test_names_stay_names() -> None:
    stages = course().stages
    points = tuple(replace(p, name=EVIL) for p in stages[0].points)
    named = analyze(
        course(name=EVIL, survey=EVIL, stages=(replace(stages[0], points=points),)), draws=0
    )
    found = gpxpy.parse(race_gpx(named))
    assert (found.name, found.waypoints[0].name) == (READ, READ)
    assert json.loads(race_geojson(named))["name"] == READ
    assert str(events(ics(named))[0]["summary"])[6:] == f"{READ}, {READ}"


def test_a_folder_holds_them(report: Report, tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    names = folder.write(report, tmp_path, folder.Form(stages=(2,), pages=False, pictures=False))
    assert {"race.gpx", "race.geojson", "race.ics", "stage-2.gpx"} <= set(names)
    assert "stage-1.gpx" not in names
    assert (tmp_path / "race.ics").read_bytes() == ics(report)
    one = analyze(replace(course(), stages=course().stages[:1]), draws=0)
    form = folder.Form(pages=False, pictures=False)
    assert "stage-1.gpx" not in folder.write(one, tmp_path / "one", form)  # race.gpx is that


def test_without_a_start_a_note_stands_for_the_calendar(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    bare = analyze(course(start=None), draws=0)
    form = folder.Form(pages=False, pictures=False)
    assert "race.ics" not in folder.write(bare, tmp_path, form)
    assert [note for note in folder.left_out(bare) if "no race.ics: no start" in note]


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "sample_courses").iterdir()))
def test_the_sample_races(name: str) -> None:
    report = analyze(load(ROOT / "sample_courses" / name), draws=20)
    assert misplaced(race_gpx(report)) == []
    found = json.loads(race_geojson(report), parse_constant=lambda word: pytest.fail(word))
    length_m = 0.0
    for feature in found["features"]:
        if feature["geometry"]["type"] == "LineString":
            for a, b in pairwise(feature["geometry"]["coordinates"]):
                east = (b[0] - a[0]) * 111_320.0 * math.cos(math.radians(a[1]))
                length_m += math.hypot((b[1] - a[1]) * 111_132.0, east)
    assert length_m == pytest.approx(as_json(report.facts)["length_m"], rel=0.01)
    starts = [e["dtstart"].dt for e in events(ics(report))]
    assert starts
    assert starts == sorted(starts)


def test_a_track_is_written_as_gpxpy_writes_it() -> None:
    """Points are written beside gpxpy, in its form but for last zeros: tiny numbers, gaps."""
    track = Track(
        np.array([1e-5, -0.1234567, 45.0, 45.1, 45.2]),
        np.array([7.0, 7.0000001, -1e-7, 7.3, 179.9]),
        np.array([0.001, np.nan, -3.0, 1234.567, np.nan]),
        np.array([np.nan, 1.75e9, 1.75e9 + 0.25, 1.75e9 + 7, np.nan]),
        np.array([0, 2, 4]),
        name=EVIL,
    )
    text = track_gpx(track)
    shortest = re.sub(r"(\.[0-9]+?)0+(?=[\"<])", r"\1", text).replace(".000000Z", "Z")
    assert gpxpy.parse(text).to_xml(version="1.1") == shortest
    assert text.count("<trkseg>") == 3
