"""What a recording shows against a plan: legs add up to the clock, whatever was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gpxpy
import msgspec
import numpy as np
import pytest
import walks
from made import Gpxstage

from gpxstage import load
from gpxstage.course import Track
from gpxstage.estimator.fit.retraced import retrace
from gpxstage.facts.analysis import analyze
from gpxstage.facts.review import ReviewFacts
from gpxstage.facts.ways import plan_on, way_of
from gpxstage.plot.compared import draw_review
from gpxstage.profile import measure

REAL = (
    "recordings/group-a/panajachel-33k-2025-06.gpx",
    "recordings/group-c/pikes-peak.gpx",
    "recordings/group-p18/2025-07-05-49km-2303m-15.gpx",
)
KM = 12.0
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hills")
    walks.written(folder / "course.gpx", walks.course(KM), with_time=False)
    return folder / "course.gpx"


def with_stop(track: Track, at: int, stop_s: float) -> Track:
    steps_s = np.diff(track.time_s)
    steps_s[at] += stop_s
    return walks.timed(track, steps_s)


def reviewed(run: Gpxstage, *arguments: Any) -> dict[str, Any]:
    ran = run("review", *arguments, "--json", "-q")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def gpx_clock_s(path: Path) -> int:
    """From the first moment of a file to its last, as another library reads it."""
    with path.open(encoding="utf-8") as stream:
        times = [p.point.time for p in gpxpy.parse(stream).get_points_data() if p.point.time]
    return round((max(times) - min(times)).total_seconds())


@pytest.mark.parametrize("name", REAL)
def test_the_legs_of_a_real_recording_add_up_to_its_clock(
    name: str, data: Callable[[str], Path], run: Gpxstage
) -> None:
    path = data(name)
    found = reviewed(run, path, path)
    assert found["finished"]
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    for leg in found["legs"]:
        assert leg["moving_s"] + leg["standing_s"] == leg["elapsed_s"]


def test_legs_add_up_and_a_stop_is_standing_on_its_leg(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    track = with_stop(walks.walk(KM), 700, 1800.0)
    path = walks.written(tmp_path / "day.gpx", track)
    found = reviewed(run, hills, path)
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    by_name = {leg["name"]: leg for leg in found["legs"]}
    assert 1740 <= by_name["Finish"]["standing_s"] <= 1860  # the stop is at km 7
    assert by_name["km 5"]["standing_s"] == 0


def test_the_even_plan_takes_the_recorded_time(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    found = reviewed(run, hills, walks.written(tmp_path / "day.gpx", walks.walk(KM)))
    assert found["whole"]["even_s"] == pytest.approx(found["whole"]["elapsed_s"], abs=2)
    legs = [leg for leg in found["legs"] if leg["even_s"] is not None]
    assert sum(leg["even_s"] for leg in legs) == pytest.approx(found["whole"]["even_s"], abs=3)
    ground = {each["name"]: each for each in found["ground"]}
    assert sum(each["distance_m"] for each in ground.values()) == pytest.approx(1e3 * KM, rel=0.01)
    assert list(found["levels"]) == ["elite", "strong", "mid", "back"]


def test_who_slows_down_fades(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    track = walks.course(KM)
    even_s = walks.wobbly(len(track) - 1, 1.6)
    slower = np.linspace(0.8, 1.4, len(even_s))
    fades = [
        reviewed(run, hills, walks.written(tmp_path / "day.gpx", walks.timed(track, each)))["fade"]
        for each in (even_s, even_s * slower)
    ]
    assert fades[1] - fades[0] > 0.2


def test_a_recording_that_stops_early_is_compared_up_to_there(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    whole = walks.walk(KM)
    path = walks.written(tmp_path / "early.gpx", whole.part(0, 800))
    found = reviewed(run, hills, path)
    assert not found["finished"]
    assert found["reached_m"] == pytest.approx(8000.0, abs=250.0)
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    assert found["whole"]["even_s"] == pytest.approx(found["whole"]["elapsed_s"], abs=2)
    assert found["legs"][-1]["name"] != "Finish"


def test_another_edition_is_compared_where_the_courses_agree(tmp_path: Path, run: Gpxstage) -> None:
    track = walks.course(KM)
    lat = track.lat_deg.copy()
    lat[400:600] += 0.02 * np.sin(np.linspace(0.0, np.pi, 200))  # 2 km north of the other edition
    other = Track(lat, track.lon_deg, track.elevation_m, track.time_s, track.segment_starts)
    course = walks.written(tmp_path / "other.gpx", other, with_time=False)
    path = walks.written(tmp_path / "day.gpx", walks.walk(KM))
    found = reviewed(run, course, path)
    (off,) = found["off_course"]
    assert off["recorded_m"] < off["to_m"] - off["from_m"]
    assert found["finished"]
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)


def test_without_elevation_the_recorded_side_is_there(tmp_path: Path, run: Gpxstage) -> None:
    track = walks.walk(KM)
    flat = Track(
        track.lat_deg, track.lon_deg, track.elevation_m * np.nan, track.time_s, track.segment_starts
    )
    path, picture = tmp_path / "flat.gpx", tmp_path / "flat.png"
    text = walks.written(path, flat).read_text().replace("<ele>nan</ele>", "")
    path.write_text(text)
    found = reviewed(run, path, path, "-o", picture)
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    assert found["whole"]["planned_s"] is found["whole"]["even_s"] is None
    assert run("review", path, path, "-q").code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "head",
    ["Point;Rank;Time", "Lieu;Heure;Temps de course", "Ort;km;Laufzeit", "場所;順位;タイム"],
)
def test_splits_alone_are_enough(head: str, hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    (tmp_path / "hills.gpx").write_bytes(hills.read_bytes())
    race = tmp_path / "race.toml"
    race.write_text(
        'name = "Hills"\n[[stage]]\ngpx = "hills.gpx"\n'
        '[[stage.point]]\nname = "Hut"\nkm = 4.0\n[[stage.point]]\nname = "Pass"\nkm = 9.0\n'
    )
    splits = tmp_path / "splits.csv"
    splits.write_text(f"{head}\nHut;x;0:45:10\nPass;;1:50:00\nFinish;;2:30:30\nLater;;\n")
    found = reviewed(run, race, splits)
    assert [leg["elapsed_s"] for leg in found["legs"]] == [2710, 3890, 2430]
    assert [leg["moving_s"] for leg in found["legs"]] == [None, None, None]
    assert found["whole"]["even_s"] == pytest.approx(9030, abs=2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b\n1,2\n", "has the columns point and time"),
        ("point,time\nNowhere,1:00\n", "is no point"),
        ("point,time\n", "no row with a point and a time"),
        ("point,time\nFinish,soon\n", "a time is"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(
    text: str, why: str, hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    splits = tmp_path / "splits.csv"
    splits.write_text(text)
    ran = run("review", hills, splits)
    assert ran.code == 1
    assert why in ran.err
    assert ran.err.count("\n") == 1


def test_what_is_no_recording_of_the_race_is_one_line(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    assert "it has no times" in run("review", hills, hills).err
    track = walks.walk(3.0)
    far = Track(track.lat_deg + 3.0, track.lon_deg, track.elevation_m, track.time_s, [0])  # type: ignore[arg-type]
    ran = run("review", hills, walks.written(tmp_path / "far.gpx", far))
    assert (ran.code, "nowhere on the course" in ran.err) == (1, True)
    assert run("review", hills, tmp_path / "none.gpx").code == 2
    assert run("review", hills, hills, "--passed", "Finish", "3:00").code == 2


def test_the_forms_agree_and_a_terminal_has_room(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    path = walks.written(tmp_path / "day.gpx", walks.walk(KM))
    lines = run("review", hills, path, "--csv", "-q").out.splitlines()
    column = lines[0].split(",").index("elapsed_s")
    legs = reviewed(run, hills, path)["legs"]
    assert [int(line.split(",")[column]) for line in lines[1:]] == [x["elapsed_s"] for x in legs]
    text = run("review", hills, path, "-q", "--units", "imperial").out
    assert max(map(len, text.splitlines())) <= 80
    assert " mi " in text
    assert "| to " in run("review", hills, path, "-q", "--markdown").out


def test_the_picture_has_the_recorded_line_and_both_plans(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    path, picture = walks.written(tmp_path / "day.gpx", walks.walk(KM)), tmp_path / "day.svg"
    assert run("review", hills, path, "-q", "-o", picture).code == 0
    assert picture.read_bytes().startswith(b"<?xml")
    assert run("review", hills, path, "-o", path).code == 2


def test_a_lap_is_found_by_its_order(tmp_path: Path) -> None:
    lap = walks.course(3.0)
    order = np.concatenate([np.arange(len(lap)), np.arange(len(lap))[-2::-1]] * 2)
    there = Track(
        lap.lat_deg[order], lap.lon_deg[order], lap.elevation_m[order],
        np.full(len(order), np.nan), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    recorded = walks.timed(there, walks.wobbly(len(there) - 1))
    profile = measure(there)
    half = walks.written(tmp_path / "half.gpx", recorded.part(0, len(there) // 2))
    trace = retrace(half, [profile], [])
    assert trace.begin_m == 0.0
    assert trace.reached_m == pytest.approx(6000.0, abs=300.0)
    assert np.all(np.diff(trace.passed_s) >= 0.0)


def test_the_plan_of_a_review_arrives_when_the_report_does() -> None:
    report = analyze(load(ROOT / "sample_courses" / "tor-des-geants"), draws=0)
    way = way_of(report)
    assert report.estimate is not None
    plan = plan_on(way, report.estimate)
    points = [point for stage in report.facts.stages for point in stage.points]
    for (name, _, at_m), point in zip(way.marks(), points, strict=True):
        assert (name, at_m) == (point.name, pytest.approx(point.race_distance_m, abs=1.0))
        assert plan.between_s(0.0, at_m) == pytest.approx(point.arrival_s.p50, abs=1.0)
    assert plan.moving_s(0.0, way.length_m) == pytest.approx(report.estimate.moving_s)


def test_even_legs_are_round_in_the_units_that_are_shown(tmp_path: Path, run: Gpxstage) -> None:
    track = walks.course(22.0)
    path = walks.written(tmp_path / "long.gpx", walks.timed(track, walks.wobbly(len(track) - 1)))
    for units, names, leg_m in (
        ("metric", ["km 5", "km 10", "km 15"], 5000.0),
        ("imperial", ["mi 5", "mi 10"], 5.0 * 1609.344),
    ):
        legs = reviewed(run, path, path, "--units", units)["legs"]
        assert [leg["name"] for leg in legs[:-1]] == names
        assert [leg["to_m"] - leg["from_m"] for leg in legs[:-1]] == pytest.approx(
            [leg_m] * len(names), abs=0.2
        )
        shown = run("review", path, path, "--units", units, "-q")
        assert names[0] in shown.out
        table = run("review", path, path, "--units", units, "-q", "--csv").out.splitlines()
        assert [line.split(",")[1] for line in table[1 : len(names) + 1]] == names


def test_the_shortest_track_has_one_leg(tmp_path: Path, run: Gpxstage) -> None:
    track = walks.course(1.0).part(0, 3)  # 20 m
    path = walks.written(tmp_path / "short.gpx", walks.timed(track, np.array([9.0, 8.0])))
    assert [leg["elapsed_s"] for leg in reviewed(run, path, path)["legs"]] == [17]


def test_of_days_with_their_own_starts_one_is_chosen(tmp_path: Path, run: Gpxstage) -> None:
    track = walks.walk(9.0)
    days = tmp_path / "days"
    days.mkdir()
    for day, part in (("1", track.part(0, 400)), ("2", track.part(400, 901))):
        walks.written(days / f"day-{day}.gpx", part, with_time=False)
    path = walks.written(tmp_path / "day.gpx", track.part(400, 901))
    assert "choose one with --stage" in run("review", days, path, "--format", "staged").err
    found = reviewed(run, days, path, "--format", "staged", "--stage", "2")
    assert found["finished"]
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    assert {leg["stage"] for leg in found["legs"]} == {2}


def test_standing_at_the_ends_is_on_the_clock(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    track = walks.walk(KM)
    order = np.array([0, 0, *range(len(track)), len(track) - 1])
    columns = {name: getattr(track, name)[order] for name in ("lat_deg", "lon_deg", "elevation_m")}
    time_s = np.array([-90.0, -30.0, *(track.time_s - track.time_s[0])]) + walks.START_S
    time_s = np.append(time_s, time_s[-1] + 40.0)
    still = Track(**columns, time_s=time_s, segment_starts=np.zeros(1, dtype=np.int64))
    path = walks.written(tmp_path / "still.gpx", still)
    found = reviewed(run, hills, path)
    assert sum(leg["elapsed_s"] for leg in found["legs"]) == gpx_clock_s(path)
    assert sum(leg["standing_s"] for leg in found["legs"]) >= 120


def test_the_picture_of_a_review_writes_hours_as_the_tables_do(
    hills: Path, tmp_path: Path, run: Gpxstage
) -> None:
    path = walks.written(tmp_path / "day.gpx", walks.walk(KM))
    found = msgspec.convert(reviewed(run, hills, path), ReviewFacts)
    drawn = draw_review(found, np.array([0.0, 12_000.0]), np.array([900.0, 2500.0]))
    drawn.figure.draw_without_rendering()
    clock = [text.get_text() for text in drawn.clock.get_yticklabels()]
    assert "1:00" in clock
    assert not [text for text in clock if ":" not in text]
    assert "0:00" in [text.get_text() for text in drawn.behind.get_yticklabels()]
    assert "2,000" in [text.get_text() for text in drawn.ground.get_yticklabels()]
    legend = drawn.clock.get_legend()
    assert legend is not None  # above the lines, never behind them
    assert legend.get_window_extent().y0 >= drawn.clock.get_window_extent().y1 - 1.0


def test_the_json_is_as_its_schema_says(hills: Path, tmp_path: Path, run: Gpxstage) -> None:
    path = walks.written(tmp_path / "day.gpx", walks.walk(KM))
    found = reviewed(run, hills, path)
    schema = json.loads(run("schema", "review").out)
    assert list(schema["$defs"]["ReviewFacts"]["properties"]) == list(found)
    assert list(schema["$defs"]["LegReview"]["properties"]) == list(found["legs"][0])
