"""Cutoffs: margins, the tightest, when to go on at the latest; nights when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.facts import PointFacts
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.chances import tightest
from gpxstage.facts.figures import Interval
from gpxstage.facts.parts import EARLIEST, with_leave_by
from gpxstage.facts.whole import as_json
from gpxstage.report.markup import markdown_text, text
from gpxstage.report.say import all_tables

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
ROME = ZoneInfo("Europe/Rome")


def hills(length_m: float = 30e3) -> Track:
    along_m = np.linspace(0.0, length_m, 601)
    height_m = 1200.0 - 300.0 * np.cos(along_m / 1500.0)
    nowhen = np.full(len(along_m), np.nan)
    lon_deg = 7.0 + along_m / 77_700.0
    return Track(np.full(len(along_m), 46.0), lon_deg, height_m, nowhen, np.zeros(1, int))


def race(**facts: Any) -> Course:
    """30 km in about five hours, with an aid station in the middle that closes after six."""
    point = Point("Inn", "aid", distance_m=15e3, cutoff_s=6 * 3600.0)
    return Course("night", (Stage(1, "all", hills(), (point,)),), timezone="Europe/Rome", **facts)


# leave by


points = st.lists(
    st.tuples(
        st.integers(60, 20_000),  # to get there
        st.integers(0, 9_000),  # to stay
        st.none() | st.integers(-5_000, 20_000),  # left before the cutoff, on arriving
        st.sampled_from(["leave", "arrive"]),
    ),
    min_size=1,
    max_size=12,
)


Legs = list[tuple[int, int, int | None, str]]


def places(legs: Legs) -> list[PointFacts]:
    found, now_s = [], 0
    for leg_s, stop_s, left_s, cutoff_at in legs:
        now_s += leg_s
        cutoff_s = None if left_s is None else max(now_s + left_s, 1)
        done_s = now_s + (stop_s if cutoff_at == "leave" else 0)
        found.append(
            PointFacts(
                name=str(len(found)),
                kind="aid",
                distance_m=0.0,
                race_distance_m=0.0,
                elevation_m=None,
                gain_m=None,
                arrival_s=Interval(None, now_s, None),
                stop_s=stop_s,
                cutoff_s=cutoff_s,
                cutoff_at=None if cutoff_s is None else cutoff_at,
                margin_s=Interval(None, None if cutoff_s is None else cutoff_s - done_s, None),
            )
        )
        now_s += stop_s
    return found


@given(points, st.integers(0, 12))
def test_who_leaves_by_then_keeps_all_that_follow_and_a_second_later_not(
    legs: Legs, cut: int
) -> None:
    every = places(legs)
    one, two = with_leave_by([every[:cut], every[cut:]], through=True)
    for k, here in enumerate([*one, *two]):
        later_s = [p.margin_s.p50 for p in every[k + 1 :] if p.margin_s.p50 is not None]
        if not later_s:
            assert here.leave_by_s is None
            continue
        assert here.arrival_s.p50 is not None
        if here.leave_by_s is None:  # who would have to be there in less than half the time
            least_s = min([*later_s, 10**9 if here.cutoff_s is None else here.margin_s.p50 or 0])
            least_s = least_s if here.cutoff_at == "leave" else min(later_s)
            done_s = here.arrival_s.p50 + (here.stop_s or 0)
            assert done_s + least_s < EARLIEST * here.arrival_s.p50
            continue
        delay_s = here.leave_by_s - here.arrival_s.p50 - (here.stop_s or 0)
        at_its_own = here.cutoff_at == "leave" and here.leave_by_s == here.cutoff_s
        assert all(delay_s <= left_s for left_s in later_s)
        assert any(delay_s + 1 > left_s for left_s in later_s) or at_its_own


@given(points)
def test_in_a_staged_race_each_stage_is_on_its_own(legs: Legs) -> None:
    (alone,) = with_leave_by([places(legs)], through=False)
    assert with_leave_by([places(legs), places(legs)], through=False) == [alone, alone]


def test_the_tightest_is_the_least_share_of_its_time() -> None:
    """Two hours left after ten are less than three after thirty are not: 20 % against 10."""
    every = places(
        [(28_800, 0, 7_200, "leave"), (79_200, 0, 10_800, "leave"), (100, 0, None, "leave")]
    )
    found = tightest((3, point) for point in every)
    assert found is not None
    assert (found.stage, found.name, found.of_time) == (3, "1", 0.091)
    assert tightest([(1, every[2])]) is None


# the Tor


@pytest.fixture(scope="module")
def tor() -> Report:
    return analyze(gpxstage.load(SAMPLES / "tor-des-geants"), draws=50)


def test_every_barrier_of_the_tor_has_day_clock_margin_and_chance(tor: Report) -> None:
    row = as_json(tor.facts)
    barriers = [p for s in row["stages"] for p in s["points"] if p["cutoff_s"] is not None]
    assert len(barriers) == 13
    for point in barriers:
        assert point["day"] in range(1, 8)
        assert point["arrival"].endswith("+02:00")
        leaves_s = point["arrival_s"]["p50"] + point["stop_s"]
        assert point["margin_s"]["p50"] == point["cutoff_s"] - leaves_s
        assert point["margin_s"]["p10"] > point["margin_s"]["p50"] > point["margin_s"]["p90"]
        assert 0.0 <= point["miss_probability"] <= 1.0
        assert point["leave_by_s"] is not None or point is barriers[-1]
    names = [point["name"] for point in barriers]
    assert row["tightest"]["name"] in names
    for shown in (text(all_tables(tor)), markdown_text(tor)):
        said = " ".join(shown.split())
        assert f"{row['tightest']['name']}, " in said
        assert "D1 Sun 2" in said
    assert max(map(len, text(all_tables(tor)).splitlines())) <= 80


def test_without_a_start_cutoffs_are_hours() -> None:
    shown = text(all_tables(analyze(race(limit_s=9 * 3600.0), draws=0)))
    line = next(line for line in shown.splitlines() if line.startswith("Inn") and "6:00" in line)
    assert "D1" not in line


# limits


def test_a_limit_closes_the_end_of_the_race_or_of_the_stage() -> None:
    whole = as_json(analyze(race(limit_s=9 * 3600.0), draws=20).facts)
    assert [p["cutoff_s"] for p in whole["stages"][0]["points"]] == [21_600, 32_400]
    missed = whole["stages"][0]["points"][-1]["miss_probability"]
    assert missed == pytest.approx(1.0 - whole["finish_probability"], abs=1e-3)
    one = race().stages[0]
    days = replace(
        race(), stages=(replace(one, limit_s=3600.0), replace(one, number=2)), format="staged"
    )
    ends = [stage["points"][-1] for stage in as_json(analyze(days, draws=0).facts)["stages"]]
    assert [end["cutoff_s"] for end in ends] == [3600, None]
    assert ends[0]["margin_s"]["p50"] < 0
    assert ends[1]["margin_s"]["p50"] is None


# the clocks change


@pytest.mark.parametrize(
    ("start", "shift_h"),
    [
        (datetime(2025, 10, 25, 23, tzinfo=ROME), -1),
        (datetime(2026, 3, 28, 23, tzinfo=ROME), 1),
        (datetime(2025, 9, 13, 23, tzinfo=ROME), 0),
    ],
)
def test_a_race_through_a_night_of_changing_clocks(start: datetime, shift_h: int) -> None:
    """Elapsed time knows nothing of it; every clock on the wall is right to the minute."""
    row = as_json(analyze(race(start=start, limit_s=9 * 3600.0), draws=0).facts)
    plain = as_json(analyze(race(start=datetime(2025, 9, 13, 23, tzinfo=ROME)), draws=0).facts)
    for point, same in zip(row["stages"][0]["points"], plain["stages"][0]["points"], strict=True):
        there = datetime.fromisoformat(point["arrival"])
        after = timedelta(seconds=point["arrival_s"]["p50"])
        assert there == start.astimezone(UTC) + after
        wall = there.replace(tzinfo=None) - start.replace(tzinfo=None) - after
        changed = there >= datetime(start.year, start.month, start.day + 1, 1, tzinfo=UTC)
        assert wall == timedelta(hours=shift_h if changed else 0)
        assert point["day"] == 2
        assert point["arrival_s"]["p50"] == pytest.approx(same["arrival_s"]["p50"], rel=0.05)
    closes = text(all_tables(analyze(race(start=start, limit_s=9 * 3600.0), draws=0)))
    line = next(x for x in closes.splitlines() if x.startswith("Inn") and "D2" in x)
    assert f"Sun {5 + shift_h:02d}:00" in line
