"""Numbers as people read them: each is rounded once, halves upwards, whoever writes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.units import (
    UNITS,
    band,
    clock,
    clock_text,
    date,
    day,
    duration_text,
    elapsed_minutes,
    figure,
    fraction,
    half_up,
    hms,
    hours,
    local,
    metres,
    minutes,
    minutes_left,
    number,
    percent,
    percent_text,
    range_s,
    range_text,
    seconds,
    spoken,
    spoken_left,
)

METRIC, IMPERIAL = UNITS["metric"], UNITS["imperial"]
ROME = ZoneInfo("Europe/Rome")
moments_s = st.floats(0.0, 2e6)


def test_lengths_and_heights() -> None:
    assert (METRIC.far(48_597.0), METRIC.high(2834.4), METRIC.high(-3408.0)) == (
        "48.6",
        "2,834",
        "−3,408",
    )
    assert (IMPERIAL.far(1609.344), IMPERIAL.high(3048.0)) == ("1.0", "10,000")
    assert (METRIC.far(None), METRIC.high(None), METRIC.pace(None, 1.0)) == ("", "", "")
    assert METRIC.height_text(2834.4) == "2,834 m"
    assert METRIC.height_text(-12.0) == "\N{MINUS SIGN}12 m"
    assert METRIC.height_text(-0.2) == "0 m"
    assert METRIC.gain_text(3874.0) == "+3,874 m"
    assert METRIC.distance_text(9940.0) == "9.9 km"
    assert METRIC.distance_text(48_600.0) == "49 km"
    assert IMPERIAL.height_text(3048.0) == "10,000 ft"
    assert IMPERIAL.distance_text(160_934.4) == "100 mi"


def test_speed_pace_and_weight() -> None:
    assert (METRIC.pace(750.0, 1000.0), IMPERIAL.pace(750.0, 1000.0)) == ("12:30", "20:07")
    assert METRIC.pace(10.0, 0.0) == ""
    assert (METRIC.speed_text(3.0), IMPERIAL.speed_text(3.0)) == ("10.8 km/h", "6.7 mi/h")
    assert (METRIC.mass_text(5.0), IMPERIAL.mass_text(5.0)) == ("5.0 kg", "11.0 lb")
    assert (METRIC.water(0.5), IMPERIAL.water(0.5), IMPERIAL.water(None)) == ("0.5", "17", "")
    assert IMPERIAL.l_per_volume == pytest.approx(0.0295735295625)  # NIST Handbook 44, a US ounce


def test_altitudes_are_round_in_both_units() -> None:
    assert [m / 0.3048 for m in IMPERIAL.above_m] == pytest.approx([5000, 8000, 10_000, 12_000])
    feet = [round(m / 0.3048, 6) for m in IMPERIAL.edges_m]
    assert feet == [0, 1500, 6500, 10_000, 18_000]
    for imperial_m, metric_m in zip(IMPERIAL.edges_m, METRIC.edges_m, strict=True):
        assert imperial_m == pytest.approx(metric_m, abs=250 * 0.3048)  # the nearest 500 feet


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.5, 0, 1.0), (1.5, 0, 2.0), (2.5, 0, 3.0), (-2.5, 0, -3.0), (0.25, 1, 0.3),
     (1250.0, -2, 1300.0), (-0.4, 0, 0.0), (1.005, 2, 1.01)],
)  # fmt: skip
def test_halves_count_upwards(value: float, digits: int, shown: float) -> None:
    assert half_up(value, digits) == shown
    assert str(half_up(value, digits)) != "-0.0"


@pytest.mark.parametrize(
    ("value_s", "table", "sentence"),
    [
        (0.0, "0:00", "0 min"),
        (29.0, "0:00", "0 min"),
        (30.0, "0:01", "1 min"),
        (90.0, "0:02", "2 min"),
        (150.0, "0:03", "3 min"),
        (3570.0, "1:00", "1 h"),
        (273_030.0, "75:51", "75 h 51 min"),
        (461_520.0, "128:12", "128 h 12 min"),
        (2700.0, "0:45", "45 min"),
    ],
)
def test_durations(value_s: float, table: str, sentence: str) -> None:
    assert (hours(value_s), spoken(value_s)) == (table, sentence)


@pytest.mark.parametrize(
    ("value_s", "said"),
    [
        (0.0, "0 h"),
        (20.0, "0 h"),
        (45 * 60.0, "45 min"),
        (3600.0, "1 h"),
        (7 * 3600.0 + 25 * 60.0, "7 h 25"),
        (7 * 3600.0 + 5 * 60.0, "7 h 05"),
        (24 * 3600.0, "24 h"),
        (46.5 * 3600.0, "47 h"),
        (101.4 * 3600.0, "101 h"),
        (1200 * 3600.0, "1,200 h"),
    ],
)
def test_durations_in_a_picture(value_s: float, said: str) -> None:
    assert duration_text(value_s) == said


def test_a_rule_is_written_with_its_minutes_however_long_it_is() -> None:
    assert duration_text(46.5 * 3600.0, np.inf) == "46 h 30"
    assert duration_text(150 * 3600.0, np.inf) == "150 h"


def test_ranges_in_a_picture() -> None:
    assert range_text(90_000.0, 129_600.0) == "25–36 h"
    assert range_text(11_400.0, 14_700.0) == "3 h 10–4 h 05"
    assert range_text(36_000.0, 36_000.0, 0.0) == "10 h"  # not 10–10
    assert range_text(11_400.0, 11_400.0) == "3 h 10"


@pytest.mark.parametrize(
    ("low_s", "high_s", "shown"),
    [
        (3661.0, 7201.0, ("1:00", "2:05")),
        (80_000.0, 90_001.0, ("22:00", "25:30")),
        (366_600.0, 600_000.0, ("101:00", "167:00")),
        (7_229.0, 7_190.0, ("2:00", "2:00")),  # known: the runner has been there
        (7200.0, 10_800.0, ("2:00", "3:00")),
    ],
)
def test_a_range_is_widened_to_what_the_draws_know(
    low_s: float, high_s: float, shown: tuple[str, str]
) -> None:
    low, high = range_s(low_s, high_s)
    assert (hours(low), hours(high)) == shown


@given(low_s=moments_s, more_s=moments_s)
def test_a_range_shown_holds_the_range(low_s: float, more_s: float) -> None:
    low, high = range_s(low_s, low_s + more_s)
    assert low <= low_s + 0.5
    assert high >= low_s + more_s - 0.5
    assert 0.0 <= low <= high


def test_a_flat_race() -> None:
    assert (hms(2529.6), hms(12_310.0)) == ("42:10", "3:25:10")


def test_margins_have_a_sign() -> None:
    assert [hours(s, signed=True) for s in (3600.0, -4800.0, -10.0, 30.0, -30.0, None)] == [
        "+1:00",
        "−1:20",
        "+0:00",
        "+0:00",
        "−0:01",
        "",
    ]
    assert (spoken_left(4800.0), spoken_left(-4800.0)) == ("1 h 20 min", "1 h 20 min")


def test_shares_and_numbers() -> None:
    assert (percent(0.7644), percent(0.765), percent(None), percent(-0.004)) == (
        "76", "77", "", "0",
    )  # fmt: skip
    assert number(-1234.5, 1) == "−1,234.5"
    assert number(1234.5, -2) == "1,200"
    assert (figure(-1234.5, 1), figure(-0.04, 1)) == ("-1234.5", "0.0")
    assert band(None, 5.0, "%") == "below 5 %"
    assert band(-5.0, 5.0, "%") == "−5 to 5 %"
    assert band(5500.0, None, "m") == "above 5,500 m"


def test_moments() -> None:
    evening = datetime(2025, 9, 14, 19, 44, 31, tzinfo=ROME)
    midnight = datetime(2025, 9, 14, 23, 59, 40, tzinfo=ROME)
    assert clock(evening) == clock(evening.replace(second=30)) == "Sun 19:45"
    assert clock(None) == local(None) == day(None) == ""
    assert local(midnight) == "2025-09-15 00:00"
    assert day(midnight) == "Mon 15 Sep"
    assert date(datetime(2025, 9, 14, 10, tzinfo=ROME)) == "Sun 14 Sep 2025 10:00"


def test_a_clock_goes_through_the_change_of_the_clocks() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=ROME)
    assert clock_text(start, 0.0) == "Sat 22:00"
    assert clock_text(start, 9 * 3600.0) == "Sun 06:00"
    assert clock_text(start, 29.0) == "Sat 22:00"
    assert clock_text(start, 30.0) == "Sat 22:01"


@given(after_s=moments_s)
def test_elapsed_and_clock_show_the_same_minute(after_s: float) -> None:
    start = datetime(2026, 9, 13, 10, tzinfo=ROME)
    there = datetime(2026, 9, 13, 10) + timedelta(minutes=minutes(after_s))
    assert clock_text(start, after_s) == f"{there:%a %H:%M}"


@given(after_s=moments_s)
def test_what_report_json_holds_is_shown_as_the_value_itself(after_s: float) -> None:
    assert hours(seconds(after_s)) == hours(after_s)
    assert METRIC.high(metres(after_s)) == METRIC.high(after_s)
    assert IMPERIAL.far(metres(after_s)) == IMPERIAL.far(after_s)
    share = after_s / 2e6
    assert percent(fraction(share)) == percent(share)
    assert percent_text(share) == f"{percent(fraction(share))} %"


@given(length_m=st.floats(0.0, 1e6), units=st.sampled_from(["metric", "imperial"]))
def test_a_coarse_distance_is_the_finer_one_rounded(length_m: float, units: str) -> None:
    unit = UNITS[units]
    assert unit.far(length_m) == number(float(unit.far_figure(length_m)), 1)
    assert unit.far(length_m, 0) == number(float(unit.far(length_m).replace(",", "")))


@given(arrival_s=moments_s, cutoff=st.integers(0, 30_000))
def test_a_margin_is_the_cutoff_less_the_arrival_as_both_are_shown(
    arrival_s: float, cutoff: int
) -> None:
    left_s = 60.0 * cutoff - (seconds(arrival_s) or 0)
    assert minutes_left(left_s) == cutoff - minutes(arrival_s)
    assert minutes_left(left_s) == elapsed_minutes(arrival_s, 60.0 * cutoff)
