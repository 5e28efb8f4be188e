"""--splits: what each kilometre or mile takes; the splits add up to the stage and to the clock."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import walks
from hypothesis import given, settings
from hypothesis import strategies as st
from made import Gpxstage

from gpxstage import folder, load
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.pace import splits
from gpxstage.units import MILE_M, unit_of

ROOT = Path(__file__).resolve().parents[1]
TOR, DAYS = (ROOT / "sample_courses" / n for n in ("tor-des-geants", "transrockies-run-2016"))


@pytest.fixture(scope="module")
def through() -> Report:
    return analyze(load(TOR), draws=0)


@pytest.fixture(scope="module")
def staged() -> Report:
    return analyze(load(DAYS), draws=0)


@settings(max_examples=12)
@given(step_m=st.floats(700.0, 60_000.0))
def test_splits_of_any_length_add_up(through: Report, staged: Report, step_m: float) -> None:
    for report in (through, staged):
        found = splits(report, step_m)
        for stage in report.facts.stages:
            each = [split for split in found if split.stage == stage.number]
            assert sum(s.length_m for s in each) == pytest.approx(
                stage.length_m, abs=0.06 * len(each)
            )
            assert sum(s.gain_m or 0 for s in each) == pytest.approx(
                stage.gain_m, abs=0.06 * len(each)
            )
            assert each[-1].arrival == stage.points[-1].arrival
            assert max(s.length_m for s in each) <= step_m + 1.1
    last = splits(through, step_m)
    assert sum(s.elapsed_s or 0 for s in last) == last[-1].arrival_s


def test_whole_kilometres_are_counted_through_the_race(through: Report, staged: Report) -> None:
    ends_m = [split.to_m for split in splits(through, 1000.0)]
    lengths = {stage.offset_m + stage.length_m for stage in through.facts.stages}
    assert [m for m in ends_m if m % 1000.0 > 0.05] == pytest.approx(sorted(lengths), abs=0.15)
    first = splits(staged, MILE_M, (2,))[0]
    assert (first.stage, first.to_m) == (2, pytest.approx(MILE_M, abs=0.06))
    assert first.elapsed_s == first.arrival_s


def test_a_step_must_be_a_length(through: Report) -> None:
    with pytest.raises(ValueError, match="too short"):
        splits(through, 0.0)
    with pytest.raises(ValueError, match="neither km nor mi"):
        unit_of("m")


def test_all_forms_have_the_same_splits(run: Gpxstage) -> None:
    as_json = json.loads(run("estimate", DAYS, "--splits", "mi", "--draws", 0, "--json").out)
    text = run("estimate", DAYS, "--splits", "mi", "--draws", 0, "--csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["elapsed_s"]) for row in rows] == [row["elapsed_s"] for row in as_json]
    assert [float(row["length_mi"]) for row in rows] == pytest.approx(
        [row["length_m"] / MILE_M for row in as_json], abs=0.0006
    )
    table = run("estimate", DAYS, "--splits", "mi", "--stage", 2, "--draws", 0).out
    assert max(map(len, table.splitlines())) <= 80
    assert "min/mi" in table
    assert "min/km" in run("estimate", DAYS, "--splits", "km", "--draws", 0, "--markdown").out
    assert run("estimate", DAYS, "--splits", "m").code == 2


def test_a_report_writes_them_where_they_are_wanted(tmp_path: Path) -> None:
    path = walks.written(tmp_path / "hills.gpx", walks.course(4.5), with_time=False)
    report, into = analyze(load(path), draws=0), tmp_path / "out"
    form = folder.Form(pages=False, pictures=False)
    assert "splits-km.csv" in folder.write(report, into, replace(form, splits="km"))
    rows = list(csv.DictReader(io.StringIO((into / "splits-km.csv").read_text("utf-8"))))
    assert [float(row["to_km"]) for row in rows] == pytest.approx([1, 2, 3, 4, 4.5], abs=0.01)
    assert "splits-km.csv" not in folder.write(report, into, form)
