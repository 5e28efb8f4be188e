"""The card of a race under way: what was passed, where the runner is, what lies ahead."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pages import SAMPLES
from test_crew import ROME, course, named, points_of

from gpxstage.estimator.nouns import Passed
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.racefile import load
from gpxstage.report.card import card
from gpxstage.report.crew import crew_html


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), LEVELS["back"], draws=50)


def test_passed_places_are_one_line(report: Report) -> None:
    hut = points_of(report)["Hut"]
    at = Passed(1, 20_000.0, hut["arrival_s"]["p50"] + 1200.0, "Hut")
    under_way = analyze(course(), LEVELS["back"], draws=50, passed=(at,))
    found = card(under_way)
    assert found.passed == "", "the runner is there still"
    assert named(found.places) == ["Hut", "Base", "Hut", "Finish"]
    here, there = found.places[0], found.strip[0]
    leaves = next(p for _, p in under_way.facts.every_point() if p.passed)
    assert leaves.arrival is not None
    at_clock = (leaves.arrival + timedelta(seconds=leaves.stop_s or 0)).strftime("%H:%M")
    assert here.remarks == there.remarks == (f"there until {at_clock}",)
    assert (here.drive, here.leave, here.window) == ("", "", "")
    assert here.stop == there.stop != ""
    assert "behind the plan at Hut" in crew_html(under_way)


def test_only_given_passages_are_shown_as_passed(report: Report) -> None:
    """The base at 40 km was passed unseen; the second hut was not left yet."""
    places = [point for _, point in report.facts.every_point() if point.name in ("Hut", "Base")]
    first, base, second = places[:3]
    seen = [Passed(k, p.distance_m, p.arrival_s.p50 or 0.0, "Hut") for k, p in ((1, first),)]
    seen.append(Passed(2, second.distance_m, (second.arrival_s.p50 or 0.0) + 600.0, "Hut"))
    found = card(analyze(course(), LEVELS["back"], draws=0, passed=tuple(seen)))
    assert re.fullmatch(r"Hut Fri \d\d:\d\d", found.passed)
    assert base.name not in found.passed
    assert named(found.places) == ["Hut", "Finish"]


def test_a_finished_stage_is_folded_and_the_next_one_is_not() -> None:
    days = [datetime(2026, 6, day, 8, tzinfo=ROME) for day in (5, 7)]
    stages = tuple(replace(s, start=d) for s, d in zip(course().stages, days, strict=True))
    staged = course(start=None, format="staged", stages=stages)
    planned = analyze(staged, LEVELS["back"], draws=0)
    end = planned.facts.stages[0].points[-1]
    at = Passed(1, end.distance_m, float(end.arrival_s.p50 or 0) + 900.0, end.name)
    found = card(analyze(staged, LEVELS["back"], draws=0, passed=(at,)))
    assert re.fullmatch(rf"{end.name} Fri \d\d:\d\d", found.passed)
    assert {line.group[0] for line in found.places} == {"Stage 2"}
    assert found.places[0].name == "Start"
    assert found.strip[0].group == "Stage 2"
    assert found.strip[0].far == "0.0"  # from the start of the stage


def test_what_a_place_has_is_said_once() -> None:
    first, last = course().stages
    served = tuple(
        replace(point, drop_bag=True, crew=True, services=("food", "Bag", "crew", "water", "food"))
        if point.name == "Base"
        else point
        for point in first.points
    )
    planned = analyze(course(stages=(replace(first, points=served), last)), LEVELS["back"], draws=0)
    (base,) = [line for line in card(planned).strip if line.name == "Base"]
    assert base.what == "crew bag food water"


def test_each_start_has_the_name_of_its_place() -> None:
    report = analyze(load(SAMPLES / "transrockies-run-2016"), LEVELS["mid"], draws=0)
    starts = [line.name for line in card(report).places if not line.far]
    assert starts[:3] == ["Buena Vista", "Vicksburg", "Leadville"]
    assert report.facts.eating is not None
