"""What people type: distances and times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made import Gpxstage

from gpxstage.cli.values import Grade, distance_m, flat_time_s


def test_flat_races() -> None:
    assert distance_m("10km") == 10_000.0
    assert distance_m("13.1mi") == pytest.approx(21_082.4, abs=0.1)
    assert distance_m("marathon") == 42_195.0
    assert distance_m("far") is None
    assert flat_time_s("38:00", 10_000.0) == 2280.0  # minutes: nobody needs 38 hours
    assert flat_time_s("2:55", 42_195.0) == 10_500.0  # hours: nobody needs 3 minutes
    assert Grade().convert("8%", None, None) == Grade().convert("0.08", None, None) == 0.08


@pytest.mark.parametrize(
    ("text", "value_m"),
    [
        ("10 km", 10_000.0),
        ("10K", 10_000.0),
        ("21.1km", 21_100.0),
        ("5000m", 5000.0),
        ("Half", 21_097.5),
        ("half-marathon", 21_097.5),
        ("ten km", None),
        ("10", None),
        ("-10km", None),
        ("10 km flat", None),
        ("", None),
    ],
)
def test_more_distances(text: str, value_m: float | None) -> None:
    assert distance_m(text) == (None if value_m is None else pytest.approx(value_m))


@pytest.mark.parametrize(
    ("distance", "text", "value_s"),
    [
        ("10km", "1:02", 62 * 60.0),  # h:mm, as it is 9.7 km/h
        ("marathon", "10:30", 10.5 * 3600.0),
        ("half", "1:25", 85 * 60.0),
        ("half", "85:00", 85 * 60.0),
        ("5km", "19:30", 19.5 * 60.0),
        ("1mi", "4:10", 250.0),
        ("100km", "9:00", 9 * 3600.0),
        ("10km", "0:38:00", 38 * 60.0),
        ("10km", "38min", 38 * 60.0),
        ("10km", "fast", None),
    ],
)
def test_two_parts_of_a_flat_race(distance: str, text: str, value_s: float | None) -> None:
    length_m = distance_m(distance)
    assert length_m is not None
    assert flat_time_s(text, length_m) == value_s


def test_above_asks_for_altitudes_of_ones_own(run: Gpxstage, hill: Path) -> None:
    found = run("info", str(hill), "--json", "--above", "1500", "--above", "1700")
    (stage,) = json.loads(found.out)["stages"]
    assert [row["m"] for row in stage["above"]] == [1500.0, 1700.0]
    low, high = (row["distance_m"] for row in stage["above"])
    assert stage["length_m"] > low > high > 0.0
    assert "above 1,700 m" in run("estimate", str(hill), "--above", "1700", "-q").out
