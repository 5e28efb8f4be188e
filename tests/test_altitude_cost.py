"""What altitude costs, with and without acclimatisation, by the published loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

import gpxstage as gs
from gpxstage.course import Course
from gpxstage.estimator import Policy
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.figures import AltitudeCost
from gpxstage.report.say.preparation import altitude_cost_table, at_altitude
from gpxstage.units import UNITS

TOR = "sample_courses/tor-des-geants"


def costs(report: Report) -> tuple[AltitudeCost, ...]:
    assert report.facts.why is not None
    return report.facts.why.altitude


@pytest.fixture(scope="module")
def tor() -> Report:
    return analyze(gs.load(TOR), "strong", draws=0, why=True)


def test_the_cost_grows_with_the_loss_and_without_acclimatisation(tor: Report) -> None:
    found = costs(tor)
    assert [cost.stage for cost in found] == [stage.number for stage in tor.course.stages]
    for cost in found:
        for loss in (cost.acclimatised, cost.unacclimatised):
            assert 0 < loss.low_s < loss.middle_s < loss.high_s
        assert cost.acclimatised.middle_s < cost.unacclimatised.middle_s


def test_what_is_shown_is_what_the_estimate_then_takes(tor: Report) -> None:
    fresh = analyze(tor.course, "strong", draws=0, policy=Policy(acclimatised=False), why=True)
    for used, other, cost in zip(tor.facts.stages, fresh.facts.stages, costs(tor), strict=True):
        assert used.moving_s.p50 is not None
        assert other.moving_s.p50 is not None
        more_s = cost.unacclimatised.middle_s - cost.acclimatised.middle_s
        assert other.moving_s.p50 - used.moving_s.p50 == pytest.approx(more_s, abs=120)
    # who asks does not change what altitude costs
    for mine, theirs in zip(costs(tor), costs(fresh), strict=True):
        assert mine.unacclimatised.middle_s == pytest.approx(theirs.unacclimatised.middle_s, abs=60)


def test_who_lives_as_high_loses_no_more_than_the_acclimatised(tor: Report) -> None:
    policy = Policy(acclimatised=False, home_altitude_m=3500.0)
    high = costs(analyze(tor.course, "strong", draws=0, policy=policy, why=True))
    assert len(high) == len(tor.course.stages)
    for cost in high:
        assert cost.unacclimatised.middle_s == pytest.approx(cost.acclimatised.middle_s, abs=2)


def test_below_300_m_altitude_costs_nothing(tor: Report) -> None:
    low = tuple(
        replace(stage, track=replace(stage.track, elevation_m=stage.track.elevation_m / 15.0))
        for stage in tor.course.stages[:1]
    )
    course: Course = replace(tor.course, stages=low)
    report = analyze(course, "strong", draws=0, why=True)
    assert all(cost.unacclimatised.high_s == 0 for cost in costs(report))
    assert at_altitude(report.facts, UNITS["metric"]) == []
    assert altitude_cost_table(report.facts, report.facts, UNITS["metric"]).rows == ()


def test_the_table_ends_with_the_sum_of_the_stages(tor: Report) -> None:
    table = altitude_cost_table(tor.facts, tor.facts, UNITS["metric"])
    assert "every 1,000 m" in table.title
    feet = altitude_cost_table(tor.facts, tor.facts, UNITS["imperial"])
    assert (feet.rows, "every 3,281 ft" in feet.title) == (table.rows, True)
    assert len(table.rows) == len(tor.course.stages) + 1
    assert table.rows[-1][1] == "whole race"
    assert "7,677 ft" in dict(at_altitude(tor.facts, UNITS["imperial"]))["acclimatising"]
    words = dict(at_altitude(tor.facts, UNITS["metric"]))
    assert "if acclimatised (judgement)" in words["altitude costs"]
    assert "14 days" in words["acclimatising"]
