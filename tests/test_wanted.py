"""Questions that are solved backwards: an arrival, all cutoffs kept, a slower part of the race."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course
from gpxstage.estimator import Passed, Policy, StageEstimate, estimate
from gpxstage.estimator.nouns import Slower
from gpxstage.estimator.runner import LEVELS, at
from gpxstage.facts.analysis import Report, analyze
from gpxstage.profile import Profile

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
STAGED = TOR.parent / "transrockies-run-2016"
HOUR_S = 3600.0
CELL_S = 60.0  # more than any cell takes

Call = Callable[..., tuple[int, str, str]]


def rows(call: Call, *wishes: object) -> dict[str, object]:
    code, out, err = call("estimate", TOR, "--draws", 0, "--json", *wishes)
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


@pytest.mark.parametrize("later_h", [-3.0, 2.0])
def test_the_speed_that_is_found_arrives_as_wanted(later_h: float, tor: Report) -> None:
    course, plain = tor.course, tor
    assert plain.estimate is not None
    end_m = plain.profiles[1].length_m
    expected_s = plain.estimate.stages[1].arrival_s(end_m)
    there = Passed(2, end_m, expected_s + later_h * HOUR_S, "Cogne")
    found = analyze(course, "mid", profiles=tor.profiles, draws=0, arrive=there).facts.arrive
    assert found is not None
    assert found.speed_share is not None
    assert found.later_s == pytest.approx(later_h * HOUR_S, abs=1.0)
    assert (found.speed_share > 1.0) == (later_h < 0.0)
    faster = at(LEVELS["mid"], LEVELS["mid"].flat_speed_mps * found.speed_share)
    raced = estimate(course, plain.profiles, faster)
    assert raced.stages[1].arrival_s(end_m) == pytest.approx(there.elapsed_s, rel=1e-3)
    assert raced.elapsed_s == pytest.approx(found.elapsed_s, rel=1e-3)
    stops = [s for stage in plain.estimate.stages[:2] for s in stage.stops]
    before_s = sum(s.stop_s for s in stops) - stops[-1].stop_s  # that of Cogne itself
    assert found.rest_before_s == pytest.approx(before_s, abs=1.0)


def test_an_arrival_on_the_command_line(call: Call) -> None:
    code, out, _ = call("estimate", TOR, "--draws", 0, "--arrive", "Cogne=Mon 12:00")
    assert code == 0
    assert "Cogne at Mon 12:00 is 3 h 51 min earlier than expected" in " ".join(out.split())
    found = rows(call, "--arrive", "Cogne=26:00")["arrive"]
    assert isinstance(found, dict)
    assert (found["wanted_s"], found["wanted"]) == (26 * 3600, "2025-09-15T12:00:00+02:00")
    late = rows(call, "--arrive", "Cogne=D1 11:00")["arrive"]
    assert isinstance(late, dict)
    assert late["speed_share"] is None


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (("--arrive", "Cogne"), "it is POINT=WHEN"),
        (("--arrive", "Cogne=later"), "a time is 14:35"),
        (("--arrive", "Nowhere=30:00"), "Nowhere"),
        (("--arrive", "Cogne=30:00", "--passed", "Valgrisenche", "20:00"), "before the start"),
        (("--arrive", "Cogne=30:00", "--model", "tobler"), "all runners take the same time"),
        (("--inside", "--level", "mid"), "exclude each other"),
        (("--until", "Cogne"), "--until needs --slower"),
        (
            ("--slower", "0.9", "--until", "Valgrisenche", "--passed", "Cogne", "30:00"),
            "has been there already",
        ),
    ],
)
def test_wishes_that_cannot_be(call: Call, wish: tuple[str, ...], message: str) -> None:
    code, out, err = call("estimate", TOR, *wish)
    assert (code, out) == (2, "")
    assert message in err


def test_inside_is_the_slowest_runner_who_keeps_half_an_hour(call: Call) -> None:
    found = rows(call, "--inside")
    margins = [
        point["margin_s"]["p50"]
        for stage in found["stages"]  # type: ignore[attr-defined]
        for point in stage["points"]
        if point["cutoff_s"] is not None
    ]
    assert min(margins) == pytest.approx(1800.0, abs=30.0)
    assert found["range_given"] == "finish"


def test_a_race_without_cutoffs_has_no_inside(call: Call) -> None:
    course = min(TOR.glob("*.gpx"))
    code, out, err = call("estimate", course, "--inside")
    assert (code, out) == (1, "")
    assert "neither cutoffs nor a limit" in err


@cache
def first_stage() -> tuple[Course, Profile, StageEstimate]:
    course = gpxstage.load(STAGED)
    one, profile = (
        replace(course, stages=course.stages[:1]),
        gpxstage.measure(course.stages[0].track),
    )
    return one, profile, estimate(one, [profile]).stages[0]


@settings(max_examples=15, deadline=None)
@given(
    speed=st.floats(0.3, 0.98),
    ends=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2, unique=True).map(sorted),
)
def test_a_slower_part_takes_longer_by_its_share_at_least(speed: float, ends: list[float]) -> None:
    one, profile, plain = first_stage()
    start_m, end_m = (share * profile.length_m for share in ends)
    how = Policy(slower=Slower(speed, (1, start_m), (1, end_m)))
    slow = estimate(one, [profile], policy=how).stages[0]
    at_m = np.array([start_m, end_m])
    plain_s, slow_s = (np.interp(at_m, each.edge_m, each.moving_s) for each in (plain, slow))
    there_s = float(np.diff(plain_s)[0])
    least_s = (1.0 / speed - 1.0) * (there_s - 2.0 * CELL_S)
    assert np.diff(slow_s)[0] - there_s >= least_s
    after_s = (each.moving_s[-1] - s[1] for each, s in ((slow, slow_s), (plain, plain_s)))
    assert next(after_s) >= next(after_s) - CELL_S  # more fatigue, never less


def test_slower_from_a_passage_to_a_point(call: Call) -> None:
    passed = ("--passed", "Cogne", "30:00")
    plain = rows(call, *passed)
    slow = rows(call, *passed, "--slower", "0.8", "--until", "Donnas")

    def arrivals(found: dict[str, object]) -> np.ndarray:
        return np.array(
            [
                point["arrival_s"]["p50"]
                for stage in found["stages"]  # type: ignore[attr-defined]
                for point in stage["points"]
            ]
        )

    later_s = arrivals(slow) - arrivals(plain)
    names = [p["name"] for stage in plain["stages"] for p in stage["points"]]  # type: ignore[attr-defined]
    cogne, donnas = names.index("Cogne"), names.index("Donnas")
    assert (np.abs(later_s[:cogne]) <= 300).all()  # between passages the time is shared anew
    assert later_s[cogne] == 0
    assert (later_s[cogne + 1 :] > 0).all()
    moving_s = arrivals(plain)[donnas] - arrivals(plain)[cogne]
    assert 0.15 * moving_s < later_s[donnas] < 0.35 * moving_s
    said = [note for note in slow["notes"] if "80 % of the expected speed" in note]  # type: ignore[attr-defined]
    assert [note.partition(": ")[2] for note in said] == ["more hours on the way tire besides"]


def test_who_is_behind_the_plan_reads_it_first(call: Call, tor: Report) -> None:
    (planned_s,) = [p.arrival_s.p50 for _, p in tor.facts.every_point() if p.name == "Cogne"]
    assert planned_s is not None
    late_s = planned_s + 3900
    found = rows(call, "--passed", "Cogne", f"{late_s / 3600:.6f}h")
    behind = found["behind"]
    assert isinstance(behind, dict)
    assert behind["point"] == "Cogne"
    assert behind["s"] == pytest.approx(3900, abs=2)
    _, out, _ = call("estimate", TOR, "--draws", 0, "--passed", "Cogne", "28:00")
    assert "ahead of the plan at Cogne" in " ".join(out.split())
