"""What people type: distances and times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made import Gpxstage

from gpxstage.cli.values import Grade, distance_m, flat_time_s
from gpxstage.estimator.fit import by_length_and_climb
from gpxstage.profile import measure


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
        ("1 mile", 1609.344),
        ("5,280 ft", 1609.344),
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


@pytest.mark.parametrize(
    ("flag", "alike", "other"),
    [
        ("--above", ("1500", "1500m", "4921.26ft", "4,921.26 feet"), "1500ft"),
        ("--pack", ("4.5359237", "10lb", "10 lbs", "4.5359237kg"), "10"),
        ("--body", ("68.0388555", "150lb", "68.0388555 kg"), "150"),
    ],
)
def test_heights_and_weights_take_a_unit(
    run: Gpxstage, hill: Path, flag: str, alike: tuple[str, ...], other: str
) -> None:
    def shown(value: str) -> str:
        return run("estimate", str(hill), "--draws", "0", flag, value, "--json").out

    assert len({shown(value) for value in alike}) == 1
    assert shown(other) != shown(alike[0])


def test_home_altitude_takes_feet(run: Gpxstage, hill: Path) -> None:
    how = ("estimate", str(hill), "--draws", "0", "--not-acclimatised", "--json")
    assert run(*how, "--home-altitude", "5000ft").out == run(*how, "--home-altitude", "1524").out


@pytest.mark.parametrize(
    ("flag", "value", "says"),
    [
        ("--above", "9000q", "'9000q' is no altitude: 9000ft, 2743m, or a bare number in m"),
        ("--above", "30000ft", "'30000ft' is not within"),
        ("--home-altitude", "8lb", "'8lb' is no altitude"),
        ("--pack", "100lb", "'100lb' is not within 0 to 88 lb"),
        ("--pack", "inf", "'inf' is not within 0 to 40 kg"),
        ("--pack", "1e9", "'1e9' is not within 0 to 40 kg"),
        ("--above", "1e6", "'1e6' is not within −500 to 9,000 m"),
        ("--home-altitude", "9km", "'9km' is not within −0.5 to 5.5 km"),
        ("--home-altitude", "4mi", "'4mi' is not within −0.3 to 3.4 mi"),
        ("--pack", "3m", "'3m' is no weight: 8lb, 3.6kg, or a bare number in kg"),
    ],
)
def test_what_is_no_height_or_weight(
    run: Gpxstage, hill: Path, flag: str, value: str, says: str
) -> None:
    found = run("estimate", str(hill), flag, value)
    assert found.code == 2
    assert says in found.err


@pytest.mark.parametrize("value", ["-0.5km", "5.5km", "-0.3mi", "3.4mi", "-1640ft", "18044ft"])
def test_the_limits_that_an_error_shows_are_taken(run: Gpxstage, hill: Path, value: str) -> None:
    how = ("--draws", "0", "--not-acclimatised", "--home-altitude", value)
    found = run("estimate", str(hill), *how)
    assert found.code == 0, found.err


def test_a_threshold_above_the_course_gets_a_note(run: Gpxstage, hill: Path) -> None:
    metres = run("info", str(hill), "--above", "1500", "--above", "6000")
    assert "nothing lies above 6,000 m: the highest point is at" in metres.err
    assert "nothing lies above 1,500 m" not in metres.err
    feet = run("info", str(hill), "--above", "6000", "--units", "imperial", "--json")
    assert "nothing lies above 19,685 ft (a number without a unit is in metres" in feet.err


def test_splits_are_cut_by_miles_or_feet(run: Gpxstage, hill: Path, tmp_path: Path) -> None:
    for name, given in (("a", "1mi"), ("b", "1 mile"), ("c", "5280ft")):
        assert run("split", str(hill), "--every", given, "-o", str(tmp_path / name)).code == 0
    assert len({(tmp_path / name / "race.toml").read_text() for name in "abc"}) == 1
    assert 'name = "Start - mile 1"' in (tmp_path / "a" / "race.toml").read_text()


@pytest.mark.parametrize(
    ("text", "length_m", "gain_m"),
    [
        ("106km 6100m", 106_000.0, 6100.0),
        ("50k 1800m", 50_000.0, 1800.0),
        ("31 miles 5900 feet", 49_889.7, 1798.3),
        ("5900ft 31mi", 49_889.7, 1798.3),
        ("31mi / +5,900 ft", 49_889.7, 1798.3),
        ("1800 m D+, 50 K", 50_000.0, 1800.0),
    ],
)
def test_a_past_course_by_length_and_climb(text: str, length_m: float, gain_m: float) -> None:
    course = by_length_and_climb(text)
    assert course is not None
    found = measure(course.stages[0].track)
    assert found.length_m == pytest.approx(length_m, rel=0.002)
    assert found.gain_m == pytest.approx(gain_m, rel=0.03)


@pytest.mark.parametrize("text", ["31mi", "5900ft", "31 5900", "50km 30mi", "about 31mi"])
def test_half_a_past_course_shows_the_form(run: Gpxstage, hill: Path, text: str) -> None:
    found = run("estimate", str(hill), "--past", text, "7:10")
    if text.startswith("about"):
        assert "no such file" in found.err
    else:
        assert found.code == 2
        assert "'106km 6100m', '50k 1800m' or '31mi 5900ft'" in found.err
