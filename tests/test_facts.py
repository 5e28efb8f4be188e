"""The facts of a report: keys in order, figures that add up, nothing but JSON's own numbers."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Estimate, StageEstimate, Stop
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.parts import apart
from gpxstage.facts.whole import as_json, json_text
from gpxstage.profile import measure
from gpxstage.report.markup import markdown_text
from gpxstage.report.splits import csv_text
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import moment

ROME = ZoneInfo("Europe/Rome")
M_PER_DEG = 111_132.0  # roughly, of latitude

RACE_KEYS = [
    "schema",
    "name",
    "survey",
    "format",
    "timezone",
    "start",
    "limit_s",
    "official",
    "length_m",
    "gain_m",
    "gain_low_m",
    "gain_high_m",
    "gain_raw_m",
    "loss_m",
    "lowest_m",
    "highest_m",
    "runner",
    "moving_s",
    "elapsed_s",
    "stopped_s",
    "slept_s",
    "hike_fraction",
    "energy_kcal",
    "intake_kcal_per_h",
    "eating",
    "finish_probability",
    "range_given",
    "behind",
    "arrive",
    "collapse_probability",
    "collapse",
    "tightest",
    "alertness",
    "stages",
    "notes",
]
NEEDS_RUNNER = set(RACE_KEYS[16:33])
STAGE_KEYS = [
    "number",
    "name",
    "length_m",
    "gain_m",
    "gain_low_m",
    "gain_high_m",
    "gain_raw_m",
    "loss_m",
    "lowest_m",
    "highest_m",
    "steepest_100m",
    "steepest_500m",
    "start",
    "limit_s",
    "official",
    "moving_s",
    "elapsed_s",
    "hike_fraction",
    "energy_kcal",
    "earlier_days_s",
    "grade_bands",
    "altitude_bands",
    "above",
    "night",
    "climbs",
    "descents",
    "points",
    "notes",
]
POINT_KEYS = [
    "name", "kind", "distance_m", "race_distance_m", "elevation_m", "gain_m", "arrival_s",
    "given_finish_s", "arrival", "day", "stop_s", "sleep_s", "cutoff_s", "cutoff_at", "margin_s",
    "miss_probability", "leave_by_s", "passed", "behind",
]  # fmt: skip


def track(heights_m: list[float], length_m: float, name: str = "") -> Track:
    """Due north, heights evenly apart."""
    n = len(heights_m)
    lat = 45.0 + np.linspace(0.0, length_m / M_PER_DEG, n)
    return Track(lat, np.full(n, 7.0), np.array(heights_m), np.full(n, np.nan), np.array([0]), name)


HILL = [1400.0 + 900.0 * math.sin(x / 40.0 * math.pi) ** 2 for x in range(41)]
DESCENT = [2600.0 - 60.0 * x for x in range(41)]


def race(**changes: Any) -> Course:
    """Two stages, three places."""
    stages = (
        Stage(
            1,
            "Up and over",
            track(HILL, 12_345.0),
            points=(
                Point("Hut", "aid", distance_m=6000.0, services=("bed",), cutoff_s=36_000.0),
                Point("Village", "life-base", distance_m=20_000.0, services=("bed",)),
            ),
        ),
        Stage(
            2, "Down", track(DESCENT, 9_876.0), points=(Point("Well", "water", distance_m=500.0),)
        ),
    )
    return replace(Course("Two Days", stages, limit_s=180_000.0), **changes)


START = datetime(2026, 9, 4, 10, tzinfo=ROME)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(race(start=START, timezone="Europe/Rome"), draws=0)


@pytest.fixture(scope="module")
def rows(report: Report) -> dict[str, Any]:
    return as_json(report.facts)


def test_the_keys_of_an_estimate_are_those_of_the_contract_in_its_order(
    rows: dict[str, Any],
) -> None:
    assert list(rows) == RACE_KEYS
    for stage in rows["stages"]:
        assert list(stage) == STAGE_KEYS
        assert all(list(point) == POINT_KEYS for point in stage["points"])
        assert list(stage["grade_bands"][0]) == [
            "from",
            "to",
            "distance_m",
            "moving_s",
            "hike_fraction",
        ]
        assert list(stage["above"][0]) == ["m", "distance_m", "moving_s", "elapsed_s"]
    assert list(rows["runner"])[:2] == ["source", "model"]


def test_info_has_no_key_that_needs_a_runner() -> None:
    rows = as_json(analyze(race(), estimated=False).facts)
    assert list(rows) == [key for key in RACE_KEYS if key not in NEEDS_RUNNER]
    stage = rows["stages"][0]
    assert not {"moving_s", "elapsed_s", "hike_fraction", "energy_kcal", "night"} & set(stage)
    assert list(stage["points"][0]) == [*POINT_KEYS[:6], "cutoff_s", "cutoff_at"]
    assert list(stage["climbs"][0])[-1] == "steepest_grade"


def test_without_elevation_what_was_asked_for_is_null() -> None:
    flat = race(stages=(Stage(1, "Flat", track([math.nan] * 9, 5000.0)),))
    report = analyze(flat, draws=0)
    rows = as_json(report.facts)
    assert list(rows) == RACE_KEYS
    assert list(rows["stages"][0]) == STAGE_KEYS
    assert rows["length_m"] == pytest.approx(5000.0, rel=0.01)
    unknown = ("gain_m", "highest_m", "runner", "stopped_s", "slept_s")
    assert [rows[key] for key in unknown] == [None] * len(unknown)
    assert rows["moving_s"] == {"p10": None, "p50": None, "p90": None}
    assert [rows["stages"][0][key] for key in STAGE_KEYS[19:25]] == [None] * 6
    assert rows["stages"][0]["points"][0]["arrival"] is None
    assert "no estimate: stage 1 has no elevation" in rows["notes"][-1]
    for text in (markdown_text(report), csv_text(report)):
        assert "nan" not in text.lower()


def test_stages_add_up_to_the_race(rows: dict[str, Any]) -> None:
    for key in ("length_m", "gain_m", "gain_low_m", "gain_high_m", "gain_raw_m", "loss_m"):
        assert round(sum(stage[key] for stage in rows["stages"]), 1) == rows[key]
    for key in ("moving_s", "elapsed_s", "energy_kcal"):
        assert sum(stage[key]["p50"] for stage in rows["stages"]) == rows[key]["p50"]
    assert rows["moving_s"]["p50"] + rows["stopped_s"] == rows["elapsed_s"]["p50"]


def test_bands_add_up_to_their_stage(rows: dict[str, Any]) -> None:
    for stage in rows["stages"]:
        for key in ("grade_bands", "altitude_bands"):
            length_m = round(sum(band["distance_m"] for band in stage[key]), 1)
            assert length_m == stage["length_m"]
            assert sum(band["moving_s"] for band in stage[key]) == stage["moving_s"]["p50"]
        elapsed_s = sum(band["elapsed_s"] for band in stage["altitude_bands"])
        assert elapsed_s == stage["elapsed_s"]["p50"]


def test_what_is_above_an_altitude_is_what_the_bands_say(rows: dict[str, Any]) -> None:
    for stage in rows["stages"]:
        by_band = [band for band in stage["altitude_bands"] if (band["from_m"] or 0.0) >= 2000.0]
        (above,) = [row for row in stage["above"] if row["m"] == 2000.0]
        for key in ("moving_s", "elapsed_s"):
            assert sum(band[key] for band in by_band) == above[key]
        assert above["distance_m"] == pytest.approx(sum(b["distance_m"] for b in by_band))


def test_a_stage_ends_at_its_last_point(rows: dict[str, Any]) -> None:
    first, second = (stage["points"] for stage in rows["stages"])
    assert [point["name"] for point in first] == ["Hut", "Village"]
    assert [(point["name"], point["kind"]) for point in second][-1] == ("Finish", "finish")
    before_m = 0.0
    for stage in rows["stages"]:
        end = stage["points"][-1]
        assert end["distance_m"] == stage["length_m"]
        assert end["gain_m"] == stage["gain_m"]
        before_m = round(before_m + stage["length_m"], 1)
        assert end["race_distance_m"] == before_m
    assert second[-1]["arrival_s"]["p50"] == rows["elapsed_s"]["p50"]


def test_a_stage_that_ends_nowhere_gets_an_end() -> None:
    bare = race(stages=tuple(replace(stage, points=()) for stage in race().stages))
    names = [
        s["points"][-1]["name"] for s in as_json(analyze(bare, estimated=False).facts)["stages"]
    ]
    assert names == ["End of stage 1", "Finish"]


def test_a_start_is_no_point() -> None:
    stage = race().stages[1]
    begun = replace(stage, points=(Point("Start", "start", distance_m=0.0), *stage.points))
    rows = as_json(analyze(race(stages=(begun,)), estimated=False).facts)
    assert [point["name"] for point in rows["stages"][0]["points"]] == ["Well", "Finish"]


def test_the_cutoff_less_arrival_and_stop_is_the_margin(rows: dict[str, Any]) -> None:
    hut = rows["stages"][0]["points"][0]
    assert hut["margin_s"]["p50"] == hut["cutoff_s"] - hut["arrival_s"]["p50"] - hut["stop_s"]
    assert rows["stages"][1]["points"][0]["margin_s"]["p50"] is None


def test_the_clock_runs_through_a_continuous_race(rows: dict[str, Any]) -> None:
    first, second = rows["stages"]
    assert first["start"] == rows["start"] == "2026-09-04T10:00:00+02:00"
    left_s = (datetime.fromisoformat(second["start"]) - START).total_seconds()
    assert left_s == first["elapsed_s"]["p50"]
    village = first["points"][-1]
    assert village["arrival_s"]["p50"] + village["stop_s"] == pytest.approx(left_s, abs=1)
    assert rows["stages"][1]["points"][0]["arrival_s"]["p50"] > left_s


def made(course: Course, *stages: StageEstimate) -> Report:
    """A report with an estimate made by hand."""
    profiles = tuple(measure(stage.track) for stage in course.stages)
    return Report(course, profiles, Estimate(LEVELS["mid"], "gait", stages))


def steady(course: Course, index: int, total_s: float, **changes: Any) -> StageEstimate:
    """All at one speed."""
    cells = measure(course.stages[index].track).cells
    assert cells is not None
    moving_s = cells.edge_m / cells.edge_m[-1] * total_s
    found = StageEstimate(cells.edge_m, moving_s, None, None, None, None, (), 0.0)
    return replace(found, **changes)


def test_the_clock_goes_through_utc_when_the_clocks_change() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=ROME)
    course = race(start=start, stages=race().stages[1:])
    finish = as_json(made(course, steady(course, 0, 32_400.0)).facts)["stages"][0]["points"][-1]
    assert finish["arrival_s"]["p50"] == 32_400
    assert finish["arrival"] == "2026-10-25T06:00:00+01:00"  # nine hours later, not eight
    assert finish["day"] == 2


def test_a_staged_race_counts_from_each_start() -> None:
    days = [datetime(2026, 9, day, 8, tzinfo=ROME) for day in (4, 6)]
    stages = tuple(replace(s, start=day) for s, day in zip(race().stages, days, strict=True))
    course = race(format="staged", stages=stages)
    rows = as_json(made(course, steady(course, 0, 7200.0), steady(course, 1, 3600.0)).facts)
    ends = [stage["points"][-1] for stage in rows["stages"]]
    assert [end["arrival_s"]["p50"] for end in ends] == [7200, 3600]
    assert [end["arrival"] for end in ends] == [
        "2026-09-04T10:00:00+02:00",
        "2026-09-06T09:00:00+02:00",
    ]
    assert [end["day"] for end in ends] == [1, 3]
    assert rows["elapsed_s"]["p50"] == 10_800
    assert rows["start"] == "2026-09-04T08:00:00+02:00"


def test_a_stop_belongs_to_its_point_and_its_altitude() -> None:
    course = race(stages=race().stages[:1])
    stop = Stop("Hut", 6000.0 - 1e-9, 1800.0, 600.0)  # a hair before the point
    row = as_json(made(course, steady(course, 0, 7200.0, stops=(stop,))).facts)["stages"][0]
    hut, end = row["points"]
    assert (hut["stop_s"], hut["sleep_s"], end["stop_s"]) == (1800, 600, 0)
    assert hut["arrival_s"]["p50"] == pytest.approx(7200.0 * 6000.0 / row["length_m"], abs=1.0)
    assert end["arrival_s"]["p50"] == row["elapsed_s"]["p50"] == 9000
    at_hut = [band for band in row["altitude_bands"] if band["elapsed_s"] > band["moving_s"]]
    assert [(band["from_m"], band["to_m"]) for band in at_hut] == [(2000.0, 3000.0)]


def test_an_arrival_does_not_hold_the_stop_that_is_made_there() -> None:
    course = race(stages=race().stages[:1])
    for off_m in (-1e-7, 0.0, 1e-7):
        stops = (Stop("Hut", 6000.0 + off_m, 1800.0),)
        row = as_json(made(course, steady(course, 0, 7200.0, stops=stops)).facts)["stages"][0]
        assert row["points"][0]["arrival_s"]["p50"] < 7200


def test_a_plain_model_hikes_nothing_it_knows_of() -> None:
    rows = as_json(analyze(race(), model="tobler", draws=0).facts)
    assert rows["hike_fraction"]["of_time"]["p50"] is None
    assert rows["energy_kcal"]["p50"] is None
    assert rows["moving_s"]["p50"] > 0
    assert rows["stages"][0]["grade_bands"][4]["hike_fraction"] is None
    assert rows["runner"]["model"] == "tobler"


def test_night_is_unknown_without_a_start(rows: dict[str, Any]) -> None:
    assert as_json(analyze(race(), draws=0).facts)["stages"][0]["night"] is None
    night = rows["stages"][0]["night"]
    assert list(night) == ["distance_m", "moving_s"]
    late = as_json(analyze(race(start=START.replace(hour=22)), draws=0).facts)["stages"][0]
    assert 0 < late["night"]["moving_s"] <= late["moving_s"]["p50"]


def test_picking_stages_changes_no_figure(report: Report, rows: dict[str, Any]) -> None:
    picked = as_json(report.facts.shown((2,)))
    assert picked["stages"] == rows["stages"][1:]
    apart = {"stages": rows["stages"], "eating": rows["eating"]}  # which has a test of its own
    assert picked | apart == rows


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [x for inner in value.values() for x in numbers(inner)]
    if isinstance(value, list):
        return [x for inner in value for x in numbers(inner)]
    return [value] if isinstance(value, float) else []


def test_json_is_json_and_the_same_twice(report: Report) -> None:
    text = json_text(report.facts)
    assert text == json_text(analyze(race(start=START, timezone="Europe/Rome"), draws=0).facts)
    assert text.endswith("}\n")
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert found == as_json(report.facts)
    assert all(map(math.isfinite, numbers(found)))
    assert not any(x == 0 and math.copysign(1, x) < 0 for x in numbers(found))


def test_rounding() -> None:
    assert (metres(12.34567), seconds(12.5001), fraction(0.12345)) == (12.3, 13, 0.123)
    assert [metres(x) for x in (None, math.nan, math.inf)] == [None] * 3
    assert math.copysign(1.0, metres(-0.01) or 0.0) == 1.0


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=12), st.floats(0.0, 1e6))
def test_rounded_parts_add_up(parts: list[float], before: float) -> None:
    found = apart(np.array(parts), 1, before)
    whole = round(float(np.round(before + np.cumsum(parts)[-1], 1) - np.round(before, 1)), 1)
    assert round(sum(found), 1) == whole
    assert all(part >= 0.0 for part in found)
    assert all(abs(x - y) < 0.11 for x, y in zip(parts, found, strict=True))


def test_a_moment_without_a_start_is_unknown() -> None:
    assert moment(None, 5.0) is None
    assert moment(datetime(2026, 1, 1, tzinfo=UTC), None) is None
