"""The wall clock: every step is right on the two days of a year on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage import walltime

PARIS = ZoneInfo("Europe/Paris")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
HOUR_S = 3600.0

# In 2026 Paris goes from 2:00 to 3:00 on 29 March, and from 3:00 back to 2:00 on 25 October.
BEFORE_SPRING = datetime(2026, 3, 28, 22, 0, tzinfo=PARIS)
BEFORE_AUTUMN = datetime(2026, 10, 24, 22, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("start", "hours", "wall"),
    [
        (BEFORE_SPRING, 3.5, "2026-03-29T01:30:00+01:00"),
        (BEFORE_SPRING, 4.0, "2026-03-29T03:00:00+02:00"),
        (BEFORE_SPRING, 10.0, "2026-03-29T09:00:00+02:00"),
        (BEFORE_AUTUMN, 4.5, "2026-10-25T02:30:00+02:00"),
        (BEFORE_AUTUMN, 5.5, "2026-10-25T02:30:00+01:00"),
        (BEFORE_AUTUMN, 10.0, "2026-10-25T07:00:00+01:00"),
    ],
)
def test_the_wall_clock_after_some_hours(start: datetime, hours: float, wall: str) -> None:
    later = walltime.after(start, hours * HOUR_S)
    assert later.isoformat() == wall
    assert later.tzinfo is PARIS
    assert walltime.between_s(start, later) == hours * HOUR_S
    assert walltime.between_s(later, start) == -hours * HOUR_S


@pytest.mark.parametrize(("start", "hours"), [(BEFORE_SPRING, 23.0), (BEFORE_AUTUMN, 25.0)])
def test_a_day_of_a_change_has_23_or_25_hours(start: datetime, hours: float) -> None:
    next_day = start.replace(day=start.day + 1)  # the same hour on the wall
    assert walltime.between_s(start, next_day) == hours * HOUR_S
    assert walltime.after(start, hours * HOUR_S) == next_day


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    st.integers(0, 200 * 3600),
    st.sampled_from([PARIS, LORD_HOWE]),
)
def test_the_seconds_between_are_those_that_were_added(
    local: datetime, seconds: int, zone: ZoneInfo
) -> None:
    start, _ = walltime.on_the_wall(local, zone)
    assert walltime.between_s(start, walltime.after(start, seconds)) == seconds


def test_a_moment_is_unknown_where_its_start_or_its_time_is() -> None:
    assert walltime.moment(None, 60.0) is None
    assert walltime.moment(BEFORE_SPRING, None) is None
    assert walltime.moment(BEFORE_SPRING, 4 * HOUR_S) == walltime.after(BEFORE_SPRING, 4 * HOUR_S)


def test_utc_counts_from_1970() -> None:
    assert walltime.utc(0.0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert walltime.utc(86_400.5) == datetime(1970, 1, 2, 0, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "minute"), [("10:00:29.9", "10:00"), ("10:00:30", "10:01"), ("23:59:30", "00:00")]
)
def test_a_half_minute_counts_upwards(clock: str, minute: str) -> None:
    there = datetime.fromisoformat(f"2026-05-01T{clock}").replace(tzinfo=PARIS)
    assert f"{walltime.to_the_minute(there):%H:%M}" == minute


def test_an_ordinary_local_time_has_no_note() -> None:
    when, note = walltime.on_the_wall(datetime(2026, 9, 4, 10, 0), PARIS)
    assert when.isoformat() == "2026-09-04T10:00:00+02:00"
    assert note == ""


@pytest.mark.parametrize(
    ("zone", "local", "real"),
    [
        (PARIS, datetime(2026, 3, 29, 2, 30), "2026-03-29T03:30:00+02:00"),
        (PARIS, datetime(2026, 3, 29, 2, 0), "2026-03-29T03:00:00+02:00"),
        (LORD_HOWE, datetime(2026, 10, 4, 2, 10), "2026-10-04T02:40:00+11:00"),
    ],
)
def test_a_time_in_a_gap_is_as_much_later_as_the_clocks_jump(
    zone: ZoneInfo, local: datetime, real: str
) -> None:
    when, note = walltime.on_the_wall(local, zone)
    assert when.isoformat() == real
    assert f"{local:%Y-%m-%d %H:%M} does not exist" in note
    assert f"{when:%H:%M} is taken" in note


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_comes_twice_is_the_first(fold: int) -> None:
    when, note = walltime.on_the_wall(datetime(2026, 10, 25, 2, 30, fold=fold), PARIS)
    assert when.utcoffset() == timedelta(hours=2)
    assert walltime.between_s(BEFORE_AUTUMN, when) == 4.5 * HOUR_S
    assert "2026-10-25 02:30 exists twice" in note


@pytest.mark.parametrize("local", [datetime(2026, 3, 29, 3, 0), datetime(2026, 10, 25, 3, 0)])
def test_the_end_of_a_gap_and_of_a_fold_are_not_doubtful(local: datetime) -> None:
    assert walltime.on_the_wall(local, PARIS)[1] == ""


def test_a_start_moves_on_the_wall_across_a_change() -> None:
    first = datetime(2026, 10, 23, 8, 0, tzinfo=PARIS)
    second = datetime(2026, 10, 24, 6, 30, tzinfo=PARIS)
    moved = datetime(2026, 10, 24, 9, 0, tzinfo=PARIS)  # a day and an hour later
    assert walltime.shifted(second, first, moved) == datetime(2026, 10, 25, 7, 30)


def test_a_start_moves_by_the_clock_of_the_race_whatever_zone_the_new_one_has() -> None:
    first = datetime(2026, 9, 4, 10, 0, tzinfo=PARIS)
    moved = datetime(2026, 9, 5, 9, 0, tzinfo=UTC)  # 11:00 in Paris
    assert walltime.shifted(first, first, moved) == datetime(2026, 9, 5, 11, 0)


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (BEFORE_AUTUMN, [(5 * HOUR_S, -HOUR_S, "CEST", "CET")]),
        (BEFORE_SPRING, [(4 * HOUR_S, HOUR_S, "CET", "CEST")]),
        (BEFORE_AUTUMN + timedelta(minutes=17, seconds=9), [(16_971.0, -HOUR_S, "CEST", "CET")]),
        (datetime(2026, 4, 4, 22, tzinfo=LORD_HOWE), [(14_400.0, -1800.0, "+11", "+1030")]),
        (datetime(2026, 7, 1, 22, tzinfo=PARIS), []),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), []),
    ],
)
def test_changes_of_the_clocks_are_found_to_the_second(
    start: datetime, found: list[tuple[float, float, str, str]]
) -> None:
    changes = walltime.changes(start, 36 * HOUR_S)
    assert [(c.after_s, c.by_s, c.before, c.then) for c in changes] == [
        (pytest.approx(after_s), *rest) for after_s, *rest in found
    ]
    assert walltime.changes(start, 3.9 * HOUR_S) == []


@pytest.mark.parametrize(
    ("after_s", "wall", "zone"),
    [
        (3 * HOUR_S + 3540.0, "01:59", ""), (4 * HOUR_S, "02:00", "CEST"),
        (5 * HOUR_S - 31.0, "02:59", "CEST"), (5 * HOUR_S - 30.0, "02:00", "CET"),
        (5 * HOUR_S + 780.0, "02:13", "CET"), (6 * HOUR_S - 30.0, "03:00", ""),
    ],
)  # fmt: skip
def test_a_minute_that_comes_twice_keeps_which_it_is(after_s: float, wall: str, zone: str) -> None:
    there = walltime.to_the_minute(walltime.after(BEFORE_AUTUMN, after_s))
    assert (f"{there:%H:%M}", walltime.zone_where_twice(there)) == (wall, zone)
    assert abs(walltime.between_s(BEFORE_AUTUMN, there) - after_s) <= 30.0


def test_no_time_of_a_gap_or_of_a_fixed_offset_comes_twice() -> None:
    gap = datetime(2026, 3, 29, 2, 30, tzinfo=PARIS)
    assert walltime.zone_where_twice(gap) == ""
    assert walltime.zone_where_twice(datetime(2026, 10, 25, 2, 30, tzinfo=UTC)) == ""
    assert walltime.zone_where_twice(datetime(2026, 10, 25, 2, 30)) == ""


@pytest.mark.parametrize(("text", "after_h"), [("Sun 02:13 CEST", 4), ("d2 sun 02:13 cet", 5)])
def test_a_time_that_comes_twice_may_be_read_by_its_zone(text: str, after_h: float) -> None:
    there = walltime.read(text, BEFORE_AUTUMN, BEFORE_AUTUMN.replace(tzinfo=None))
    assert walltime.between_s(BEFORE_AUTUMN, there) == after_h * HOUR_S + 780.0
    with pytest.raises(ValueError, match="no time of the zone"):
        walltime.read("Sun 02:13 EST", BEFORE_AUTUMN, BEFORE_AUTUMN.replace(tzinfo=None))
