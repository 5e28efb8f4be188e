"""--passed: the forms of a moment, and passages that no winner comes near to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click import UsageError
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage import load
from gpxstage.cli.whereabouts import EARLY_S, FASTER, passages
from gpxstage.course import Course, Point, Stage
from gpxstage.estimator import estimate
from gpxstage.estimator.runner import LEVELS
from gpxstage.profile import Profile, measure
from gpxstage.units import clock
from gpxstage.walltime import on_the_wall

Call = Callable[..., tuple[int, str, str]]

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
HOUR = 3600.0


@pytest.fixture(scope="module")
def tor() -> tuple[Course, list[Profile]]:
    """Starts on Sunday 2025-09-14 at 10:00 in Rome; its winner of 2025 took 66:08."""
    course = load(TOR)
    return course, [measure(stage.track) for stage in course.stages]


def elapsed_h(tor: tuple[Course, list[Profile]], place: str, when: str) -> float:
    (found,), _ = passages(*tor, [(place, when)])
    return found.elapsed_s / HOUR


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("28:10", 28 + 1 / 6),
        ("28h", 28.0),
        ("Mon 14:10", 28 + 1 / 6),
        ("mon 14:10", 28 + 1 / 6),
        ("Monday 14:10", 28 + 1 / 6),
        (" MON.  14:10 ", 28 + 1 / 6),
        ("D2 14:10", 28 + 1 / 6),
        ("d2 Mon 14:10", 28 + 1 / 6),
        ("2025-09-15T14:10", 28 + 1 / 6),
        ("2025-09-15 14:10", 28 + 1 / 6),
        ("2025-09-15T12:10+00:00", 28 + 1 / 6),
        ("Tue 00:05", 38 + 1 / 12),
        ("Sat 10:00", 144.0),
        ("Sun 09:59", 168 - 1 / 60),  # the first one after the start, seven days on
    ],
)
def test_a_moment_in_every_form(tor: tuple[Course, list[Profile]], when: str, hours: float) -> None:
    assert elapsed_h(tor, "Cogne", when) == pytest.approx(hours)


@settings(max_examples=12)
@given(minutes=st.integers(18 * 60, 7 * 24 * 60 - 1))
def test_what_the_outputs_write_is_read_as_it_was(
    tor: tuple[Course, list[Profile]], minutes: int
) -> None:
    """`clock` writes "Mon 14:10", the cutoffs "D2 Mon 14:10"."""
    start = tor[0].start
    assert start is not None
    there = start.astimezone(UTC) + timedelta(minutes=minutes)
    shown = clock(there.astimezone(start.tzinfo))
    day = (there.astimezone(start.tzinfo).date() - start.date()).days + 1
    for when in (shown, f"D{day} {shown}"):
        assert elapsed_h(tor, "Cogne", when) == pytest.approx(minutes / 60.0)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("D2 Tue 14:10", "D2 is a Monday"),
        ("Xyz 14:10", "a time is 14:35 (h:mm since the start), 38h, Mon 14:30, D2 14:30, 2026-"),
        ("Mon 24:10", "a time is 14:35"),
        ("Mon", "a time is 14:35"),
        ("2025-09-15", "a time is 14:35"),
        ("soon", "a time is 14:35"),
    ],
)
def test_what_is_no_moment_is_wrong_usage(call: Call, when: str, said: str) -> None:
    code, out, err = call("estimate", TOR, "--draws", "0", "--passed", "Cogne", when)
    assert (code, out) == (2, "")
    assert said in err


# too fast


def test_a_clock_time_read_as_elapsed_is_no_silent_world_record(call: Call) -> None:
    code, out, err = call("estimate", TOR, "--draws", "0", "--passed", "Cogne", "14:10")
    assert (code, out) == (2, "")
    words = " ".join(err.split())
    assert "--passed Cogne 14:10: 14:10 as elapsed time would be " in words
    assert " % faster than the winner's level (elite), which gets there after 1" in words
    assert words.endswith("as clock time use 'Mon 14:10'")
    code, out, _ = call("estimate", TOR, "--draws", "0", "--json", "--passed", "Cogne", "Mon 14:10")
    assert code == 0
    places = [p for s in json.loads(out)["stages"] for p in s["points"] if p["passed"]]
    assert [point["arrival"] for point in places] == ["2025-09-15T14:10:00+02:00"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("9:00", "as clock time use 'Mon 09:00'"),
        ("3:15", "as clock time use 'Mon 03:15'"),
        ("38min", "0:38 after the start would be "),
        ("D1 14:10", "4:10 after the start would be "),
        ("Sun 14:10", "are the point and the time right?"),
        ("2025-09-14T14:10", "are the point and the time right?"),
    ],
)
def test_both_readings_are_spelled_out(call: Call, when: str, said: str) -> None:
    code, _, err = call("estimate", TOR, "--draws", "0", "--passed", "Cogne", when)
    assert code == 2
    assert said in " ".join(err.split())


def test_without_a_start_the_clock_asks_for_one(call: Call, tmp_path: Path) -> None:
    rows = "".join(
        f'<trkpt lat="{46 + k / 1111.5:.6f}" lon="7"><ele>{1000 + 5 * (k % 80)}</ele></trkpt>'
        for k in range(601)
    )
    course = tmp_path / "x.gpx"
    course.write_text(
        f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>', "utf-8"
    )
    code, _, err = call("estimate", course, "--draws", "0", "--passed", "finish", "1:10")
    assert code == 2
    words = " ".join(err.split())
    assert "as clock time give --start and the day, as in 'Mon 14:10' or 'D2 14:10'" in words


@pytest.mark.parametrize("place", ["Valgrisenche", "Cogne", "Donnas", "Ollomont", "finish"])
def test_winners_are_believed_and_a_tenth_more_is_not(
    tor: tuple[Course, list[Profile]], place: str
) -> None:
    """The race file's own winner is the measure; faster is noted, faster by a tenth refused."""
    course, profiles = tor
    winner = estimate(course, profiles, LEVELS["elite"])
    (here,), _ = passages(course, profiles, [(place, "90h")])
    stage = next(k for k, s in enumerate(course.stages) if s.number == here.stage)
    record_s = course.results[0].winner_s
    assert record_s is not None
    factor = record_s / winner.elapsed_s
    there_s = factor * winner.stages[stage].arrival_s(here.distance_m)
    assert passages(*tor, [(place, f"{round(there_s / 1.02)}s")])[1] == ()
    _, (note,) = passages(*tor, [(place, f"{round(there_s / 1.07)}s")])
    assert "would be 7 % faster than the winner's level (elite)" in note
    with pytest.raises(UsageError, match="faster than the winner's level"):
        passages(*tor, [(place, f"{round(there_s / FASTER - EARLY_S) - 60}s")])


def test_the_winner_of_2025_is_believed(tor: tuple[Course, list[Profile]]) -> None:
    """Hours into the six bases (organiser's timing): none is refused or noted."""
    course, profiles = tor
    real = {"Valgrisenche": 7.05, "Cogne": 15.97, "Donnas": 24.34, "Ollomont": 54.65}
    found, notes = passages(course, profiles, [(n, f"{round(h * 60)}min") for n, h in real.items()])
    assert [round(here.elapsed_s / HOUR, 1) for here in found] == [7.0, 16.0, 24.3, 54.6]
    assert notes == ()


# on the night that the clocks change


def test_a_passage_in_the_hour_that_comes_twice_is_noted(call: Call, tmp_path: Path) -> None:
    course = autumn(tmp_path)
    for when in ("Sun 02:30", "D2 02:30", "2025-10-26T02:30"):
        code, _, err = call("estimate", course, "--draws", "0", "--passed", "Hut", when)
        assert code == 0
        said = "2025-10-26 02:30 exists twice, because the clocks go back then: the first is taken"
        assert f"--passed Hut {when}: {said}" in err
    for when in ("Sun 03:30", "2025-10-26T02:30+01:00", "4:30"):
        assert "exists twice" not in call("estimate", course, "--passed", "Hut", when)[2]


def autumn(folder: Path) -> Path:
    rows = "".join(
        f'<trkpt lat="{46 + k / 1111.5:.6f}" lon="7"><ele>{1000 + 5 * (k % 40)}</ele></trkpt>'
        for k in range(301)
    )
    gpx = f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>'
    (folder / "r.gpx").write_text(gpx, "utf-8")
    (folder / "race.toml").write_text(
        'name = "R"\ntimezone = "Europe/Rome"\nstart = 2025-10-25T22:00:00\nterrain = 0.4\n'
        '[[stage]]\ngpx = "r.gpx"\n[[stage.point]]\nname = "Hut"\nkind = "aid"\nkm = 15\n',
        "utf-8",
    )
    return folder


@settings(max_examples=50)
@given(local=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
@pytest.mark.parametrize("name", ["Europe/Rome", "America/Denver", "Pacific/Chatham", "Asia/Tokyo"])
def test_a_local_time_is_kept_or_noted(name: str, local: datetime) -> None:
    zone = ZoneInfo(name)
    when, doubt = on_the_wall(local, zone)
    assert when.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == when.replace(tzinfo=None)
    assert (when.replace(tzinfo=None) == local) or "does not exist" in doubt
    assert name != "Asia/Tokyo" or not doubt


def test_days_of_a_staged_race_count_from_their_own_start() -> None:
    start = datetime(2026, 7, 7, 8, tzinfo=UTC)  # a Tuesday
    track = load(TOR).stages[0].track
    stages = tuple(
        Stage(k, f"{k}", track, (Point(f"P{k}", distance_m=30e3),), start + timedelta(days=k - 1))
        for k in (1, 2)
    )
    course = Course("days", stages, format="staged")
    there, _ = passages(course, [measure(track)] * 2, [("P2", "Wed 17:00"), ("P1", "D1 16:00")])
    assert [here.elapsed_s / HOUR for here in there] == [9.0, 8.0]
