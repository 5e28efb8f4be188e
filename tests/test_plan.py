"""Stops and sleeps that are asked for: where they go, what they move, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course, CourseError, Point, Stage, Track
from gpxstage.estimator import Estimate, Policy, estimate
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import as_json

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
FINISHER = ("--start", "2019-09-08T12:00", "--goal", "97:00", "--draws", 0)
HOUR_S = 3600.0


def made(*, start: datetime | None = datetime(2025, 9, 14, 8, tzinfo=UTC)) -> Course:
    """160 km in two stages over hills, with two beds, a hut without one and a border base."""
    stages = []
    for number, names in enumerate([("Bed", "Hut", "Border"), ("Border", "Inn", "End")], 1):
        along_m = np.linspace(0.0, 80e3, 1601)
        nowhen = np.full(len(along_m), np.nan)
        height_m = 1500.0 - 500.0 * np.cos(along_m / 2500.0)
        lon = (number - 1) * 1.03 + along_m / 77_700.0
        track = Track(np.full(len(along_m), 46.0), lon, height_m, nowhen, np.zeros(1, int))
        ways_m = (30e3, 55e3, None) if number == 1 else (0.0, 40e3, None)
        length_m = gpxstage.measure(track).length_m
        points = tuple(
            Point(
                name,
                "waypoint" if name == "Hut" else "life-base",
                distance_m=length_m if at_m is None else at_m,
                services=() if name == "Hut" else ("bed",),
            )
            for name, at_m in zip(names, ways_m, strict=True)
        )
        stages.append(Stage(number, f"day {number}", track, points))
    return Course("made", tuple(stages), start=start, timezone="UTC")


COURSE = made()
PROFILES = [gpxstage.measure(stage.track) for stage in COURSE.stages]


def run(course: Course = COURSE, **wishes: Any) -> Estimate:
    return estimate(course, PROFILES, policy=Policy(**wishes))


def slept(found: Estimate) -> dict[str, float]:
    return {s.point: s.sleep_s for stage in found.stages for s in stage.stops if s.sleep_s}


# where they go


def test_given_sleeps_are_all_there_are() -> None:
    assert set(slept(run())) == {"Bed", "Border", "Inn"}
    assert slept(run(sleeps={})) == {}
    assert slept(run(sleeps={"inn": 1800.0, "Bor": 60.0})) == {"Border": 60.0, "Inn": 1800.0}


def test_a_stop_holds_its_sleep_and_leaves_the_others_alone() -> None:
    usual = {s.point: s.stop_s for stage in run(sleeps={}).stages for s in stage.stops}
    found = run(sleeps={"Bed": HOUR_S}, stops={"Bed": 3 * HOUR_S, "Hut": 600.0})
    there = {s.point: s.stop_s for stage in found.stages for s in stage.stops}
    assert (there["Bed"], there["Hut"]) == (3 * HOUR_S, 600.0)
    share = there["Inn"] / usual["Inn"]
    assert there["Border"] / usual["Border"] == pytest.approx(share)
    assert share == pytest.approx(1.0, abs=0.02)


def test_sleep_without_a_bed_is_a_note_only_where_it_is_asked_for() -> None:
    said = "Hut: no bed is known there; sleep is planned anyway"
    assert said in run(sleeps={"Hut": 600.0}).notes
    assert not any("bed" in note for note in (*run().notes, *run(sleeps={"Bed": 600.0}).notes))
    assert "Hut" not in slept(run())


def test_a_staged_race_keeps_the_sleep_of_its_stages() -> None:
    staged = replace(COURSE, format="staged")
    assert slept(run(staged, sleeps={"Inn": 600.0})) == {"Inn": 600.0}
    with pytest.raises(CourseError, match="Border: the race ends there, so no stop is planned"):
        run(staged, sleeps={"Border": 600.0})


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"sleeps": {"End": 60.0}}, "End: the race ends there, so no stop is planned"),
        ({"sleeps": {"In": 60.0, "Inn": 60.0}}, "Inn: is named twice"),
        ({"stops": {"B": 60.0}}, '"B" may be 1/Bed \\(km 30.0\\), 1/Border'),
        ({"stops": {"Inn": 60.0}, "sleeps": {"Inn": 61.0}}, "a stop includes its sleep"),
        ({"stops": {"Inn": 169 * HOUR_S}}, "Inn: a stop lasts from nothing to a week"),
        ({"sleeps": {"Inn": float("nan")}}, "Inn: a stop lasts"),
    ],
)
def test_what_cannot_be_is_refused(wishes: dict[str, Any], said: str) -> None:
    with pytest.raises(CourseError, match=said):
        run(**wishes)


def test_draws_keep_what_is_given() -> None:
    policy = Policy(sleeps={"Bed": HOUR_S}, stops={"Inn": 900.0})
    found = estimate(COURSE, PROFILES, policy=policy, draws=20)
    assert found.spread is not None
    for stage, drawn in zip(found.stages, found.spread, strict=True):
        for k, stop in enumerate(stage.stops):
            assert drawn.sleep_s[:, k] == pytest.approx(stop.sleep_s)
            if stop.point == "Inn":
                assert drawn.stop_s[:, k] == pytest.approx(900.0)


# what they move


@given(
    where=st.sampled_from(["Bed", "Hut", "Border", "Inn"]),
    stop_h=st.floats(0.1, 5.0),
    sleep=st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_every_later_arrival_moves_by_the_stop_and_what_it_changes(
    where: str, stop_h: float, sleep: bool
) -> None:
    """Exactly: its length, what it does to the moving time, and to the stops that go with it."""
    stage, point = COURSE.point(where)
    given = {"stops": {where: stop_h * HOUR_S}, "sleeps": {where: 360.0} if sleep else {}}
    less = {"stops": {where: 360.0}, "sleeps": given["sleeps"]}
    longer, shorter = run(**given), run(**less)
    for number, (a, b) in enumerate(zip(longer.stages, shorter.stages, strict=True), 1):
        for at_m in (10e3, 35e3, 60e3, 79e3):
            beyond = (number, at_m) > (stage.number, point.distance_m or 0.0)
            moved_s = a.arrival_s(at_m) - b.arrival_s(at_m)
            moving_s = _moving_s(longer, number, at_m) - _moving_s(shorter, number, at_m)
            others_s = _others_s(longer, where, number, at_m) - _others_s(
                shorter, where, number, at_m
            )
            stop_s = (stop_h * HOUR_S - 360.0) if beyond else 0.0
            assert moved_s == pytest.approx(stop_s + moving_s + others_s, abs=0.5)
            whole_s = longer.moving_s - shorter.moving_s  # stops grow with it, a little
            assert abs(others_s) <= 0.12 * abs(whole_s) + 1.0


def _moving_s(found: Estimate, number: int, at_m: float) -> float:
    before = sum(float(stage.moving_s[-1]) for stage in found.stages[: number - 1])
    return before + found.stages[number - 1].moving_at_s(at_m)


def _others_s(found: Estimate, where: str, number: int, at_m: float) -> float:
    return sum(
        stop.stop_s
        for k, stage in enumerate(found.stages, 1)
        for stop in stage.stops
        if stop.point != where and (k, stop.distance_m) < (number, at_m)
    )


def test_without_an_hour_a_sleep_moves_the_rest_by_its_length_alone() -> None:
    course = replace(COURSE, start=None)
    some, more = (run(course, sleeps={"Bed": s}) for s in (HOUR_S, 2 * HOUR_S))
    assert more.moving_s == pytest.approx(some.moving_s)
    assert more.elapsed_s - some.elapsed_s == pytest.approx(HOUR_S)


def test_the_report_says_what_given_sleep_costs_against_the_usual() -> None:
    row = as_json(analyze(COURSE, policy=Policy(sleeps={"Bed": HOUR_S}), draws=0).facts)
    plain = as_json(analyze(COURSE, draws=0).facts)
    assert "usual" not in plain
    for key in ("moving_s", "elapsed_s"):
        assert row["usual"][key] == pytest.approx(plain[key]["p50"], abs=2)
    assert row["usual"]["slept_s"] == plain["slept_s"]
    assert row["slept_s"] == 3600


def test_sleep_as_usual_costs_nothing_when_it_is_spelt_out() -> None:
    """The same sleeps, given: what they do to the speed is in the fatigue already."""
    usual = run()
    spelt = run(sleeps=slept(usual))
    assert spelt.moving_s == pytest.approx(usual.moving_s, rel=1e-4)
    assert run(sleeps={}).moving_s > usual.moving_s


def test_what_sleepiness_costs_has_a_line_of_its_own() -> None:
    for wishes, least_s in (({"sleeps": {}}, 60.0), ({}, 0.0)):
        found = estimate(COURSE, PROFILES, policy=Policy(**wishes), why=True)
        assert found.why is not None
        sleepy_s = sum(causes["sleepiness"] for causes in found.why.stages)
        packed_s = sum(causes["conditions"] for causes in found.why.stages)
        assert sleepy_s >= least_s
        assert (sleepy_s > 0.0) == bool(wishes)
        assert packed_s / found.moving_s == pytest.approx(0.04, abs=0.03)


# the command line


@pytest.fixture
def call(call: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    """``call("--plans")`` estimates the Tor."""
    return partial(call, "estimate", TOR)


def test_the_finisher_of_2019_is_sleepiest_in_the_last_night(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    """Five hours of sleep before Ollomont; two more make the worst hour better, and cost."""
    found = []
    for cogne, donnas in (("1h30", "2h"), ("2h30", "3h")):
        naps = ("--sleep", f"Cogne={cogne}", "--sleep", f"Donnas={donnas}")
        code, out, _ = call(*FINISHER, *naps, "--sleep", "Valtournenche=1h30", "--json")
        assert code == 0
        found.append(json.loads(out))
    five, seven = found
    worst = five["alertness"]["worst"]
    assert five["elapsed_s"]["p50"] == pytest.approx(97 * HOUR_S, abs=60.0)
    assert (five["slept_s"], seven["slept_s"]) == (5 * HOUR_S, 7 * HOUR_S)
    assert worst["stage"] == 7
    assert worst["clock"].startswith("2019-09-12T0")
    assert (worst["kss"], worst["off_scale"]) == (9.0, True)
    assert seven["alertness"]["hours_above_kss_8"] < five["alertness"]["hours_above_kss_8"]
    cost_s = [row["elapsed_s"]["p50"] - row["usual"]["elapsed_s"] for row in found]
    assert 1.0 < (cost_s[1] - cost_s[0]) / HOUR_S < 2.1


def test_the_table_says_where_one_sleeps_and_by_what(
    call: Callable[..., tuple[int, str, str]],
) -> None:
    _, usual, _ = call("--draws", 0)
    assert re.search(
        r"Ollomont \d:\d\d: as runners of this level usually do", " ".join(usual.split())
    )
    assert "than usual" not in usual
    _, out, err = call("--draws", 0, "--sleep", "2/Cog=1h30", "--sleep", "Col Loson=20min")
    said = " ".join(out.split())
    assert "sleep Col Loson 0:20, Cogne 1:30: as given" in said
    assert "than usual −" in said
    assert "note: Col Loson: no bed is known there" in err
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sleep", "Cogne"), "is not auto or none or POINT=DURATION"),
        (("--stop", "auto"), "is not POINT=DURATION"),
        (("--sleep", "=1h"), "is not auto or none or POINT"),
        (("--sleep", "Cogne=99999999h"), "Cogne: a stop lasts from nothing to a week"),
        (("--sleep", "Cogne=soon"), "POINT=DURATION, as Cogne=1h30"),
        (("--sleep", "Atlantis=1h"), '"Atlantis" is no point on the track'),
        (("--sleep", "Col=1h"), '"Col" may be 1/Col d\'Arp'),
        (
            ("--sleep", "none", "--sleep", "Cogne=1h"),
            "--sleep none cannot be given with another --sleep",
        ),
        (("--sleep", "Cogne=1h", "--sleep", "cog=1h"), "Cogne: is named twice"),
        (("--stop", "Cogne=1h", "--stop", "Cogne=2h"), "--stop Cogne: is named twice"),
        (("--stop", "Cogne=1h", "--sleep", "Cogne=2h"), "a stop includes its sleep"),
        (("--stop", "Courmayeur=1h"), "Courmayeur: the race ends there, so no stop is planned"),
    ],
)
def test_wrong_usage(
    call: Callable[..., tuple[int, str, str]], options: tuple[str, ...], said: str
) -> None:
    code, out, err = call(*options)
    assert (code, out) == (2, "")
    assert said in err
