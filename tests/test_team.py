"""A team of two, and several runners beside each other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import Gpxstage

import gpxstage as gs
from gpxstage.estimator.nouns import Estimate
from gpxstage.estimator.runner import LEVELS
from gpxstage.estimator.team import together
from gpxstage.facts.analysis import Report, analyze

TOR = "sample_courses/tor-des-geants"
STAGED = "sample_courses/chattanooga-mountains"
RUNNER = 'schema = 1\nname = "{name}"\nflat_speed_mps = {mps}\n'


def alone(report: Report) -> tuple[Estimate, Estimate]:
    first, second = report.team
    return first, second


@pytest.fixture(scope="module")
def staged() -> gs.Course:
    return gs.load(STAGED)


@settings(max_examples=15, deadline=None)
@given(st.floats(2.8, 5.0), st.floats(2.8, 5.0), st.floats(600.0, 2500.0))
def test_a_team_is_never_faster_than_its_slower_member(
    staged: gs.Course, one_mps: float, other_mps: float, descent_m_per_h: float
) -> None:
    one = replace(LEVELS["mid"], flat_speed_mps=one_mps)
    other = replace(LEVELS["strong"], flat_speed_mps=other_mps, descent_m_per_h=descent_m_per_h)
    report = analyze(staged, one, others=(other,), together=True, draws=0)
    assert report.estimate is not None
    first, second = alone(report)
    for team, mine, theirs in zip(report.estimate.stages, first.stages, second.stages, strict=True):
        assert team.cell_s == pytest.approx(np.maximum(mine.cell_s, theirs.cell_s))
        for stop, his, hers in zip(team.stops, mine.stops, theirs.stops, strict=True):
            assert stop.stop_s == max(his.stop_s, hers.stop_s) >= stop.sleep_s
    assert report.facts.team is not None
    for member in report.facts.team:
        assert member.costs_s >= 0
        assert all(wait.way_s >= 0 and wait.stop_s >= 0 for wait in member.waits)
        waited_s = sum(wait.way_s + wait.stop_s for wait in member.waits)
        assert waited_s == pytest.approx(member.costs_s, abs=len(member.waits) + 10)


@pytest.mark.parametrize("source", [TOR, STAGED])
def test_a_team_of_equals_takes_as_long_as_one(source: str) -> None:
    course, draws = gs.load(source), 20
    one = analyze(course, "strong", draws=draws)
    two = analyze(course, "strong", others=("strong",), together=True, draws=draws)
    assert one.estimate is not None
    assert two.estimate is not None
    assert two.facts.elapsed_s == one.facts.elapsed_s
    assert two.facts.hike_fraction == one.facts.hike_fraction
    assert two.facts.alertness == one.facts.alertness
    assert [p.arrival for p in two.points] == [p.arrival for p in one.points]
    for mine, theirs in zip(one.facts.stages, two.facts.stages, strict=True):
        assert mine.night is None or theirs.night is not None
        if mine.night is not None and theirs.night is not None:
            assert theirs.night.moving_s == pytest.approx(mine.night.moving_s, abs=120)
    assert two.facts.team is not None
    assert [member.costs_s for member in two.facts.team] == [0, 0]


def test_the_order_of_a_team_changes_nothing_but_the_order(staged: gs.Course) -> None:
    reports = [analyze(staged, "strong", draws=0), analyze(staged, "back", draws=0)]
    first, second = (report.estimate for report in reports)
    assert first is not None
    assert second is not None
    profiles = reports[0].profiles
    there = together(staged, profiles, first, second)
    back = together(staged, profiles, second, first)
    assert there.elapsed_s == back.elapsed_s
    assert [stage.stops for stage in there.stages] == [stage.stops for stage in back.stages]


def test_a_team_is_two(staged: gs.Course) -> None:
    with pytest.raises(ValueError, match="a team is two runners, not 3"):
        analyze(staged, "mid", others=("back", "strong"), together=True)


# the command line


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "ann.toml", tmp_path / "ben.toml"
    for path, name, mps in zip(found, ("Ann", "Ben"), (4.2, 3.6), strict=True):
        path.write_text(RUNNER.format(name=name, mps=mps), encoding="utf-8")
    return found


def test_two_runners_together(run: Gpxstage, files: tuple[Path, Path]) -> None:
    pair = ("--runner", files[0], "--runner", files[1])
    ran = run("estimate", STAGED, *pair, "--together", "--draws", 10, "--json")
    assert ran.code == 0, ran.err
    rows = json.loads(ran.out)
    assert rows["runner"]["name"] == "Ann and Ben"
    assert [member["name"] for member in rows["team"]] == ["Ann", "Ben"]
    assert rows["team"][0]["costs_s"] > 1800
    assert rows["energy_kcal"]["p50"] is None
    ran = run("estimate", STAGED, *pair, "--together", "--draws", 0, "-q")
    assert "Who waits where" in ran.out


def test_several_runners_are_a_field(run: Gpxstage, files: tuple[Path, Path]) -> None:
    pair = ("--runner", files[0], "--runner", files[1])
    ran = run("estimate", STAGED, *pair, "--draws", 0, "--json")
    rows = json.loads(ran.out)
    assert [level["level"] for level in rows["levels"]] == ["Ann", "Ben"]
    assert rows["levels"][0]["elapsed_s"] < rows["levels"][1]["elapsed_s"]
    assert "team" not in rows


def test_runners_of_one_name_are_told_apart(run: Gpxstage, files: tuple[Path, Path]) -> None:
    files[1].write_text(RUNNER.format(name="Ann", mps=3.6), encoding="utf-8")
    ran = run(
        "estimate", STAGED, "--runner", files[0], "--runner", files[1], "--draws", 0, "--json"
    )
    levels = json.loads(ran.out)["levels"]
    assert [level["level"] for level in levels] == ["Ann (ann)", "Ann (ben)"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--together",), "--together: a team is two runners: give --runner twice"),
        (("--runner", "b", "--plans"), "--plans is for one runner: not with several --runner"),
        (("--runner", "a"), "a is given twice"),
        (
            ("--runner", "b", "--together", "--plans"),
            "--plans is for one runner: not with --together",
        ),
        (("--runner", "b", "--together", "--passed", "Aid", "1:00"), "--passed is about one"),
    ],
)
def test_what_a_team_cannot_be(run: Gpxstage, more: tuple[str, ...], why: str) -> None:
    ran = run("estimate", STAGED, "--runner", "a", *more)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
