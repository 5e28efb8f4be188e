"""A report in Python: points as rows, arrivals by name, time at altitude; its examples run."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import gpxstage as gs
from gpxstage.facts import analysis

ROOT = Path(__file__).resolve().parents[1]
TOR = gs.load(ROOT / "sample_courses" / "tor-des-geants")


@pytest.fixture(scope="module")
def tor() -> gs.Report:
    return gs.analyze(TOR, "strong", draws=0)


def test_the_examples_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(analysis)
    assert found.attempted > 8
    assert found.failed == 0


def test_points_are_rows_in_order(tor: gs.Report) -> None:
    along_m = [point.race_distance_m for point in tor.points]
    assert along_m == sorted(along_m)
    assert tor.points[-1].arrival_s.p50 == tor.facts.elapsed_s.p50


def test_an_arrival_is_the_local_time_of_the_table(tor: gs.Report) -> None:
    found = tor.arrival("frassati")
    assert isinstance(found, datetime)
    assert found in [point.arrival for point in tor.points if point.name == "Rifugio Frassati"]


def test_without_a_start_an_arrival_is_seconds(tor: gs.Report) -> None:
    stages = tuple(replace(stage, start=None) for stage in TOR.stages)
    found = gs.analyze(replace(TOR, start=None, stages=stages), "strong", draws=0)
    after_s = found.arrival("Cogne")
    assert after_s == next(p.arrival_s.p50 for p in found.points if p.name == "Cogne")


def test_a_name_that_means_none_is_told_the_rule(tor: gs.Report) -> None:
    with pytest.raises(gs.CourseError, match="no point on the track"):
        tor.arrival("Atlantis")


def test_time_above_is_that_of_the_table(tor: gs.Report) -> None:
    table_s = [b.elapsed_s for stage in tor.facts.stages for b in stage.above or () if b.m == 3000]
    assert tor.time_above(3000) == sum(value or 0 for value in table_s)
    assert tor.time_above(9000) == 0.0


def test_a_report_that_was_only_measured_has_no_times() -> None:
    measured = gs.analyze(TOR, estimated=False)
    with pytest.raises(ValueError, match="need an estimate"):
        measured.arrival("Cogne")
    with pytest.raises(ValueError, match="needs an estimate"):
        measured.time_above(3000)
