"""The pace card: its numbers are those of the splits, and it fits on a sheet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_crew import course

from gpxstage.estimator.nouns import Passed
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.pace import splits
from gpxstage.racefile import load
from gpxstage.report.pocket import ABREAST, FACES, ROWS, STEPS, Face, faces, pocket_html
from gpxstage.report.say.tables import night_table
from gpxstage.units import UNITS, clock, hours, minutes

pytest.importorskip("jinja2")

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"


@pytest.fixture(scope="module", params=["tor-des-geants", "transrockies-run-2016", "hills"])
def report(request: pytest.FixtureRequest) -> Report:
    given = course() if request.param == "hills" else load(SAMPLES / request.param)
    return analyze(given, LEVELS["mid"], draws=0)


def in_minutes(text: str) -> int:
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def by_stage(found: tuple[Face, ...]) -> list[list[Face]]:
    stages: list[list[Face]] = []
    for face in found:
        if face.number == 1:
            stages.append([])
        stages[-1].append(face)
    return stages


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_the_lines_are_places_of_the_splits(report: Report, units: str) -> None:
    """Of whichever step was chosen; and each stage ends when the report says."""
    unit = UNITS[units]
    known = {
        (unit.far(split.to_m), clock(split.arrival).rpartition(" ")[2], hours(split.arrival_s))
        for step in STEPS
        for split in splits(report, step * unit.m_per_distance)
    }
    found = faces(report, units)
    for face in found:
        for row in face.rows:
            far = row.far if "." in row.far else f"{row.far}.0"
            assert (far, row.expected.rpartition(" ")[2], row.after) in known
    race = report.facts
    ends = [race.elapsed_s] if race.through else [stage.elapsed_s for stage in race.stages]
    last = [stage[-1].rows[-1].after for stage in by_stage(found)]
    assert last == [hours(end.p50) for end in ends]


def test_pace_and_stops_since_the_line_before_make_its_time(report: Report) -> None:
    found = faces(report)
    assert all(face.rows for face in found)
    assert len(found) > 1
    for stage in by_stage(found):
        before, far = 0, 0.0
        for row in (row for face in stage for row in face.rows):
            minute, second = row.pace.split(":")
            moving = (float(row.far) - far) * (int(minute) + int(second) / 60.0)
            spent = moving + (in_minutes(row.stop) if row.stop else 0.0)
            # the last line is at a tenth of a kilometre, a stop and a clock at a minute
            assert in_minutes(row.after) - before == pytest.approx(spent, abs=3.5)
            before, far = in_minutes(row.after), float(row.far)


def test_it_is_as_short_as_it_should_be(report: Report) -> None:
    found = faces(report)
    assert all(1 <= len(face.rows) <= ROWS for face in found)
    most = FACES if report.facts.through else 1
    assert all(len(stage) <= most for stage in by_stage(found))
    assert len(by_stage(found)) == (1 if report.facts.through else len(report.facts.stages))
    assert all(" " in face.rows[0].expected for face in found)  # its day


def test_the_climbs_add_up(report: Report) -> None:
    climbs = [float(row.climb.replace(",", "")) for face in faces(report) for row in face.rows]
    assert sum(climbs) == pytest.approx(report.facts.gain_m, abs=0.5 * len(climbs))


def test_what_is_passed_is_left_out() -> None:
    there = Passed(1, 20_000.0, 4 * 3600.0)
    found = faces(analyze(course(), LEVELS["mid"], draws=0, passed=[there]))
    assert float(found[0].rows[0].far) > 20.0
    assert (
        found[-1].rows[-1].far == faces(analyze(course(), LEVELS["mid"], draws=0))[-1].rows[-1].far
    )


def test_the_card_ends_where_a_cutoff_is_missed() -> None:
    whole = course()
    shut = replace(whole.stages[0].points[1], cutoff_s=600.0)
    stage = replace(whole.stages[0], points=(whole.stages[0].points[0], shut))
    report = analyze(replace(whole, stages=(stage, whole.stages[1])), LEVELS["mid"], draws=0)
    assert max(float(row.far) for face in faces(report) for row in face.rows) <= 20.0
    assert "ends where the plan misses a cutoff" in pocket_html(report)


def test_without_a_start_the_hours_count() -> None:
    report = analyze(replace(course(), start=None), LEVELS["mid"], draws=0)
    assert all(row.expected == "" for face in faces(report) for row in face.rows)
    assert "expected</th>" not in pocket_html(report)


def test_names_are_text() -> None:
    page = pocket_html(analyze(replace(course(), name="<b>&"), LEVELS["mid"], draws=0))
    assert "&lt;b&gt;&amp;: pace card" in page
    assert "<b>" not in page


def test_it_needs_an_estimate() -> None:
    with pytest.raises(ValueError, match="needs an estimate"):
        faces(analyze(course(), estimated=False))


def test_many_stages_fill_sheets_of_eight() -> None:
    report = analyze(load(SAMPLES / "tor-des-geants"), LEVELS["mid"], draws=0)
    assert pocket_html(report).count('<section class="sheet">') == -(-len(faces(report)) // ABREAST)
    assert minutes(report.facts.elapsed_s.p50 or 0) == in_minutes(faces(report)[-1].rows[-1].after)


def test_the_stops_of_a_card_add_up() -> None:
    race = analyze(load(SAMPLES / "transrockies-run-2016"), "mid", draws=0)
    for stage, face in zip(race.facts.stages, faces(race), strict=True):
        whole_s = (stage.elapsed_s.p50 or 0) - (stage.moving_s.p50 or 0)
        assert sum(in_minutes(row.stop) for row in face.rows if row.stop) == minutes(whole_s)
    assert any("no aid stations are known in stage 2" in note for note in race.notes)


def test_a_stage_stops_as_long_as_at_its_only_place() -> None:
    race = analyze(load(SAMPLES / "transrockies-run-2016"), "mid", draws=0).facts
    table = night_table(race, race, [0.0] * len(race.stages), UNITS["metric"])
    stopped = [row[table.columns.index("stopped")] for row in table.rows]
    for stage, shown in zip(race.stages, stopped, strict=False):  # the last row is the whole race
        stops_s = [point.stop_s for point in stage.points if point.stop_s]
        if len(stops_s) == 1:
            assert shown == hours(stops_s[0]), stage.name
