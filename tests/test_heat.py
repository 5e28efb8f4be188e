"""Heat: from a thermometer to the speed that is left, against the papers and as laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course, Stage, Track, Weather
from gpxstage.estimator import Policy, conditions, estimate
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.runner import LEVELS

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
START = datetime(2026, 6, 1, 8, tzinfo=UTC)
MID = LEVELS["mid"]


def hill(*rows: Weather, start: datetime | None = START, pack_kg: float | None = None) -> Course:
    along_m = np.linspace(0.0, 30e3, 601)
    height_m = 1000.0 + 800.0 * np.sin(along_m / 30e3 * np.pi)
    nowhen = np.full(len(along_m), np.nan)
    track = Track(np.full(601, 46.0), along_m / 77_400.0, height_m, nowhen, np.zeros(1, int))
    return Course("hill", (Stage(1, "hill", track, pack_kg=pack_kg),), start=start, weather=rows)


PROFILES = [gpxstage.measure(hill().stages[0].track)]


def needed_s(course: Course, level: str = "mid") -> float:
    return estimate(course, PROFILES, LEVELS[level]).elapsed_s


def one(temperature_c: float, humidity: float = 0.5, height_m: float | None = None) -> Weather:
    return Weather(START, temperature_c, humidity, height_m)


def test_the_published_values_of_a_sunny_day() -> None:
    """The Bureau of Meteorology's own table: 30 degrees, 30 and 60 per cent."""
    found = conditions.sunny_wbgt_c(np.array([30.0, 30.0]), np.array([0.3, 0.6]))
    assert found == pytest.approx([25.9, 30.9], abs=0.15)


def test_the_wet_bulb_of_the_paper() -> None:
    """Stull 2011: 20 degrees at 50 per cent have a wet bulb of 13.7."""
    (found,) = conditions.dark_wbgt_c(np.array([20.0]), np.array([0.5]))
    assert found == pytest.approx(0.7 * 13.7 + 0.3 * 20.0, abs=0.05)


@given(temperature_c=st.floats(-20.0, 45.0), humidity=st.floats(0.05, 0.95))
def test_the_dark_is_cooler_than_the_sun(temperature_c: float, humidity: float) -> None:
    air, damp = np.array([temperature_c]), np.array([humidity])
    assert conditions.dark_wbgt_c(air, damp) < conditions.sunny_wbgt_c(air, damp) + 0.5


def test_the_best_lose_what_was_measured_and_others_more() -> None:
    assert conditions.loss_per_degree(5.7, JUDGEMENT) == pytest.approx(0.0035)  # Mantzios 2022
    speeds = np.array([2.0, 3.3, 4.0, 5.0, 5.7, 6.5])
    assert (np.diff(conditions.loss_per_degree(speeds, JUDGEMENT)) <= 0.0).all()


@settings(max_examples=25, deadline=None)
@given(temperature_c=st.floats(-10.0, 40.0), hotter=st.floats(0.0, 10.0))
def test_heat_never_helps(temperature_c: float, hotter: float) -> None:
    cool, hot = (needed_s(hill(one(t))) for t in (temperature_c, temperature_c + hotter))
    assert hot >= cool * (1.0 - 1e-6)


def test_a_cool_day_costs_nothing() -> None:
    assert needed_s(hill(one(8.0))) == pytest.approx(needed_s(hill()), rel=1e-9)


def test_a_hot_day_costs_the_slower_more() -> None:
    lost = [needed_s(hill(one(32.0)), name) / needed_s(hill(), name) for name in ("elite", "back")]
    assert 1.04 < lost[0] < 1.08
    assert 1.12 < lost[1] < 1.20


def test_it_is_cooler_higher_up() -> None:
    low, high = (needed_s(hill(one(30.0, 0.5, height_m))) for height_m in (0.0, 1500.0))
    assert low < needed_s(hill(one(30.0))) < high


def test_between_two_moments_the_weather_changes_in_a_line() -> None:
    later = START + timedelta(hours=12)
    rows = [one(10.0), replace(one(34.0), at=later)]
    rising = estimate(hill(*rows), PROFILES, MID).stages[0]
    even = estimate(hill(), PROFILES, MID).stages[0]
    slower = rising.cell_s / even.cell_s
    assert slower[0] == pytest.approx(1.0, abs=1e-3)
    assert slower[-1] > 1.015


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (None, "is not used: no start is known"),
        (START + timedelta(days=3), "is not used: its day is not the day of the start"),
    ],
)
def test_a_weather_of_another_day_is_a_note(start: datetime | None, said: str) -> None:
    hot = estimate(hill(one(35.0), start=start), PROFILES, MID)
    assert hot.elapsed_s == pytest.approx(needed_s(hill(start=start)), rel=1e-9)
    assert any(said in note for note in hot.notes)


@pytest.mark.parametrize(
    ("hours_after", "said"),
    [
        ((3.0,), ""),  # the race takes five hours
        ((0.0,), "the one reading of [[weather]] is taken for all hours"),
        ((6.0,), "the one reading of [[weather]] is taken for all hours"),
        ((-8.0, 0.0), "some hours are far from every reading"),
        ((-9.0, 14.0), "some hours are far from every reading"),  # the race between
        ((-6.0, 9.0), ""),
        ((-9.0, 2.0, 14.0), ""),
        ((-60.0, -50.0, 2.0, 60.0), ""),
    ],
)
def test_hours_without_a_reading_are_a_note(hours_after: tuple[float, ...], said: str) -> None:
    rows = [replace(one(28.0), at=START + timedelta(hours=h)) for h in hours_after]
    found = estimate(hill(*rows), PROFILES, MID)
    assert 4.5 < found.elapsed_s / 3600.0 < 6.0
    notes = [note for note in found.notes if "[[weather]]" in note]
    assert [note.startswith(said) for note in notes] == ([True] if said else [])


# what a race file says beside it


def test_nobody_carries_less_than_the_rules_ask_for() -> None:
    heavy = estimate(hill(pack_kg=9.0), PROFILES, MID)
    assert heavy.runner.pack_kg == 9.0
    assert heavy.elapsed_s > needed_s(hill())
    own = replace(MID, pack_kg=12.0)
    assert estimate(hill(pack_kg=9.0), PROFILES, own).runner.pack_kg == 12.0


def test_conditions_of_the_race_unless_others_are_given() -> None:
    sand = replace(hill(), conditions=1.2)
    moving = [estimate(course, PROFILES, MID).moving_s for course in (hill(), sand)]
    assert 1.2 < moving[1] / moving[0] < 1.3  # and the hours that it adds tire
    given_ = estimate(sand, PROFILES, MID, policy=Policy(slowdown=1.1))
    assert given_.policy is not None
    assert given_.policy.slowdown == 1.1


@pytest.mark.parametrize(
    ("race", "is_hot"),
    [
        ("marathon-des-sables-2024", True),
        ("chattanooga-mountains", True),
        ("tor-des-geants", False),
        ("transrockies-run-2016", False),
        ("grand-to-grand", False),
    ],
)
def test_a_note_where_it_may_be_hot_and_nobody_says_so(race: str, is_hot: bool) -> None:
    course = gpxstage.load(next(SAMPLES.glob(f"{race}*")))
    bare = replace(course, weather=(), conditions=1.0)
    notes = gpxstage.analyze(bare, draws=0).notes
    assert any("the sun is high" in note for note in notes) == is_hot
    slower = Policy(slowdown=1.1)
    notes = gpxstage.analyze(bare, draws=0, policy=slower).notes
    assert not any("the sun is high" in note for note in notes)
