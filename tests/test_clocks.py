"""Times as organisers write them become local dates and times."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.racefile import clocks

START = datetime(2025, 8, 29, 17, 45)  # a Friday


def there(
    text: str, start: datetime | None = START, last: datetime | None = None, zone: str = ""
) -> str:
    said = clocks.read(text)
    assert said is not None, text
    found = clocks.moment(said, start, last, ZoneInfo(zone) if zone else None)
    return "" if found is None else f"{found:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("22:00", "2025-08-29 22:00"),
        ("22h00", "2025-08-29 22:00"),
        ("22h", "2025-08-29 22:00"),
        ("22.00 Uhr", "2025-08-29 22:00"),
        ("10:00 PM", "2025-08-29 22:00"),
        ("12:15 am", "2025-08-30 00:15"),
        ("22時00分", "2025-08-29 22:00"),
        ("\uff12\uff12\uff1a\uff10\uff10", "2025-08-29 22:00"),
        ("14:30", "2025-08-30 14:30"),
        ("24:30", "2025-08-30 00:30"),
        ("25:30", "2025-08-30 01:30"),
        ("D1 19:00", "2025-08-29 19:00"),
        ("D2 09:30", "2025-08-30 09:30"),
        ("Day 2, 09:30", "2025-08-30 09:30"),
        ("J2 9h30", "2025-08-30 09:30"),
        ("2日目 9:30", "2025-08-30 09:30"),
        ("D1 24:30", "2025-08-30 00:30"),
        ("Fri 19:30", "2025-08-29 19:30"),
        ("Fri 09:30", "2025-09-05 09:30"),
        ("5:30 AM Sun", "2025-08-31 05:30"),
        ("sam. 9h30", "2025-08-30 09:30"),
        ("samedi à 9h30", "2025-08-30 09:30"),
        ("sábado 9:30", "2025-08-30 09:30"),
        ("domenica ore 9.30", "2025-08-31 09:30"),
        ("So 09:30", "2025-08-31 09:30"),
        ("Donnerstag 09:30", "2025-09-04 09:30"),
        ("土 09:30", "2025-08-30 09:30"),
        ("30/08 09:30", "2025-08-30 09:30"),
        ("30.08. 09:30", "2025-08-30 09:30"),
        ("30.08.2025 09:30", "2025-08-30 09:30"),
        ("8/30/25 9:30 AM", "2025-08-30 09:30"),
        ("09/01 10:00", "2025-09-01 10:00"),
        ("2025-08-30 09:30", "2025-08-30 09:30"),
        ("2025/8/30 9:30", "2025-08-30 09:30"),
        ("+33.5 h", "2025-08-31 03:15"),
        ("+33:30", "2025-08-31 03:15"),
        ("46h", "2025-08-31 15:45"),
        ("46h30", "2025-08-31 16:15"),
        ("J+1 01:30", "2025-08-30 01:30"),
        ("D+1 10:00", "2025-08-30 10:00"),
        ("+1 01:30", "2025-08-30 01:30"),
        ("01:30 (+1)", "2025-08-30 01:30"),
        ("01:30 +2d", "2025-08-31 01:30"),
        ("next day 10:00", "2025-08-30 10:00"),
        ("翌13:15", "2025-08-30 13:15"),
        ("día siguiente 10:00", "2025-08-30 10:00"),
        ("lendemain 10h", "2025-08-30 10:00"),
        ("J+0 22:00", "2025-08-29 22:00"),
        ("31 août 11:45", "2025-08-31 11:45"),
        ("sam. 30 août 9h30", "2025-08-30 09:30"),
        ("Sat 30 August, 9:30 AM", "2025-08-30 09:30"),
        ("August 31st, 2025 11:45", "2025-08-31 11:45"),
        ("11:45 31 Aug", "2025-08-31 11:45"),
        ("1er sept. 10h", "2025-09-01 10:00"),
        ("31 de agosto 11:45", "2025-08-31 11:45"),
        ("2. September 10:00", "2025-09-02 10:00"),
        ("8月31日 11:45", "2025-08-31 11:45"),
        ("mar 9:30", "2025-09-02 09:30"),
        ("9 h 30 mar", "2025-09-02 09:30"),
    ],
)
def test_a_text_is_a_moment_after_the_start(text: str, moment: str) -> None:
    assert there(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "n/a",
        "31:00",
        "tbd 09:30",
        "13:00 pm",
        "9:30 or 10:30",
        "Fri",
        "2025-08-30",
        "12",
    ],
)
def test_what_is_no_time_is_not_guessed(text: str) -> None:
    assert clocks.read(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("4:00", 4.0), ("4h", 4.0), ("7h30", 7.5), ("14 h 30", 14.5), ("7h 30min", 7.5),
        ("35:00", 35.0), ("46h30", 46.5), ("12:15:00", 12.25), ("7 hours", 7.0), ("9 Std", 9.0),
    ],
)  # fmt: skip
def test_a_text_is_hours_since_the_start(text: str, hours: float) -> None:
    assert clocks.since_start(text) == timedelta(hours=hours)


def test_a_number_alone_is_hours_where_the_column_says_so() -> None:
    assert clocks.since_start("46.5") is None
    assert clocks.since_start("46.5", numbers=True) == timedelta(hours=46.5)
    assert clocks.since_start("12.75", numbers=True) == timedelta(hours=12.75)
    assert clocks.since_start("12.30", numbers=True) == timedelta(hours=12.5)
    assert clocks.since_start("9:30 am", numbers=True) is None


def test_a_time_of_day_follows_the_cutoff_before_it() -> None:
    last = datetime(2025, 8, 31, 9, 0)
    assert there("14:30", last=last) == "2025-08-31 14:30"
    assert there("08:00", last=last) == "2025-09-01 08:00"
    assert there("09:00", last=last) == "2025-08-31 09:00"
    assert there("Fri 20:00", last=datetime(2025, 9, 4)) == "2025-09-05 20:00"


def test_a_text_without_a_date_needs_a_start() -> None:
    for text in ("14:30", "D2 09:30", "Fri 09:30", "+33 h", "30/08 09:30"):
        assert there(text, start=None) == ""
    assert there("30.08.2025 09:30", start=None) == "2025-08-30 09:30"
    assert there("08/09/2025 09:30", start=None) == ""  # of August or of September


def test_hours_from_the_start_are_counted_through_a_change_of_the_clocks() -> None:
    start = datetime(2025, 10, 25, 22)
    assert there("+10 h", start, zone="Europe/Rome") == "2025-10-26 07:00"
    assert there("+10 h", start) == "2025-10-26 08:00"


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 59)), max_size=20))
def test_times_of_day_never_go_back_nor_skip_a_day(times: list[tuple[int, int]]) -> None:
    last = START
    for hour, minute in times:
        said = clocks.read(f"{hour}:{minute:02}")
        assert said is not None
        found = clocks.moment(said, START, last)
        assert found is not None
        assert last <= found
        assert (found - last).total_seconds() <= 24 * 3600
        assert (found.hour, found.minute) == (hour, minute)
        last = found
