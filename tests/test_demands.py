"""What a race asks of a training: parts that add up, days, sections, one screen, every form."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made import Gpxstage, gpx, points
from pages import SAMPLES

from gpxstage import geo
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.workload import Amounts, Demands
from gpxstage.racefile import load
from gpxstage.training.covered import Covered, joined, of_stage, strictly, total
from gpxstage.training.demands import demands, hardest_pair
from gpxstage.training.scouting import SECTIONS, to_see

ONE_SCREEN = 80, 52  # columns and lines


def made(step_s: list[float], step_m: list[float]) -> Covered:
    """A clock whose figures are all some multiple of the metres that are covered."""
    clock_s = np.concatenate([[0.0], np.cumsum(step_s)])
    along_m = np.concatenate([[0.0], np.cumsum(step_m)])
    bands = np.arange(1.0, 10.0)[:, None] / 45.0
    return strictly(
        Covered(
            clock_s,
            along_m,
            0.1 * along_m,
            0.2 * along_m,
            0.5 * along_m,
            bands * along_m,
            bands * 0.5 * along_m,
            np.stack([0.4 * along_m, 0.3 * along_m]),
            (2000.0, 3000.0),
            hiked_s=0.25 * along_m,
        )
    )


STEPS = st.lists(st.tuples(st.floats(0.0, 9000.0), st.floats(0.0, 5000.0)), min_size=1, max_size=30)


@given(STEPS, st.lists(st.floats(0.0, 300_000.0), max_size=6))
def test_parts_add_up_to_the_whole(steps: list[tuple[float, float]], cuts: list[float]) -> None:
    walked = made([1.0 + s for s, _ in steps], [m for _, m in steps])
    ends = [float(walked.clock_s[0]), float(walked.clock_s[-1])]
    parts = walked.between(sorted([*ends, *(cut for cut in cuts if cut < ends[1])]))
    assert total(parts) == walked.whole()


@given(STEPS)
@example([(0.0, 5.0), (1.0, 0.0)])
@example([(1.0, 0.0), (0.0, 5.0)])
@example([(0.0, 5.0)])
def test_a_clock_that_does_not_go_on_loses_nothing(steps: list[tuple[float, float]]) -> None:
    walked = made([s for s, _ in steps], [m for _, m in steps])
    assert (np.diff(walked.clock_s) > 0.0).all()
    assert walked.length_m[-1] == pytest.approx(sum(m for _, m in steps))
    assert walked.length_m[0] == 0.0 or len(walked.clock_s) == 1


def test_parts_that_follow_each_other_are_one() -> None:
    first, second = made([100.0, 50.0], [200.0, 80.0]), made([70.0], [90.0])
    second = replace(second, clock_s=second.clock_s + 150.0)
    both = joined([first, second])
    assert both.whole() == total([first.whole(), second.whole()])
    assert both.at_m(150.0) == pytest.approx(280.0)


def test_outside_of_the_clock_nothing_is_covered() -> None:
    before, after = made([10.0], [20.0]).between([-50.0, 0.0, 10.0])
    assert (before.length_m, before.elapsed_s) == (0.0, 0)
    assert after == made([10.0], [20.0]).whole()


@given(st.lists(st.floats(-500.0, 5000.0), min_size=2, max_size=20))
def test_the_shares_of_bands_are_what_banding_adds_up(levels: list[float]) -> None:
    level, edges = np.array(levels), np.array([-np.inf, 0.0, 2000.0, np.inf])
    weight = np.arange(1.0, len(level))
    shares = geo.band_shares(level[:-1], level[1:], edges)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    expected = geo.by_band(level[:-1], level[1:], weight, edges)
    assert weight @ shares == pytest.approx(expected, abs=1e-9 * weight.sum())


# the races


@pytest.fixture(scope="module")
def rockies() -> Report:
    return analyze(load(SAMPLES / "transrockies-run-2016"), draws=0)


@pytest.fixture(scope="module", params=["tor", "rockies", "chattanooga"])
def race(request: pytest.FixtureRequest) -> Report:
    report: Report = request.getfixturevalue(request.param)
    return report


def test_the_days_are_the_race_as_every_other_face_has_it(race: Report) -> None:
    found, facts = demands(race), race.facts
    for days in filter(None, (found.days, found.calendar)):
        assert total([day.covered for day in days]) == found.whole
    whole = found.whole
    assert whole.length_m == facts.length_m
    assert (whole.gain_m, whole.loss_m) == (facts.gain_m, facts.loss_m)
    assert (whole.moving_s, whole.elapsed_s) == (facts.moving_s.p50, facts.elapsed_s.p50)
    assert whole.energy_kcal == facts.energy_kcal.p50
    assert whole.hike_fraction == pytest.approx(facts.hike_fraction.of_time.p50, abs=0.001)
    assert whole.dark_s == sum(stage.night.moving_s for stage in facts.stages if stage.night)
    for level in whole.above:
        assert level.elapsed_s == pytest.approx(race.time_above(level.above_m), abs=len(found.days))
    assert sum(band.moving_s for band in whole.by_grade) == pytest.approx(whole.moving_s, abs=9)
    assert sum(band.length_m for band in whole.by_grade) == pytest.approx(whole.length_m, abs=1)


def test_no_day_is_longer_than_24_hours_and_they_follow_each_other(tor: Report) -> None:
    found = demands(tor)
    assert [day.covered.elapsed_s for day in found.days[:-1]] == [86_400] * (len(found.days) - 1)
    assert found.days[-1].covered.elapsed_s <= 86_400
    for days in (found.days, found.calendar or ()):
        assert all(one.to_m == two.from_m for one, two in pairwise(days))
        assert (days[0].from_m, days[-1].to_m) == (0.0, found.whole.length_m)
    starts = [day.start for day in (found.calendar or ())[1:]]
    assert all(start is not None and (start.hour, start.minute) == (0, 0) for start in starts)


def test_a_day_on_which_the_clocks_change_is_longer(tor: Report) -> None:
    start = datetime(2026, 10, 24, 10, tzinfo=ZoneInfo("Europe/Rome"))
    found = demands(analyze(replace(tor.course, start=start), profiles=tor.profiles, draws=0))
    assert found.calendar is not None
    assert found.calendar[1].covered.elapsed_s == 25 * 3600
    assert found.days[1].start == start + timedelta(hours=23)  # the same 24 hours later


def test_without_a_start_there_is_no_calendar_and_no_night(tor: Report) -> None:
    found = demands(analyze(replace(tor.course, start=None), profiles=tor.profiles, draws=0))
    assert found.calendar is None
    assert found.whole.dark_s is None
    assert {day.start for day in found.days} == {None}


def test_the_hardest_pair_takes_the_most_energy(race: Report) -> None:
    found = demands(race)
    days = [day.covered for day in found.days]
    pairs = [(one.energy_kcal or 0) + (two.energy_kcal or 0) for one, two in pairwise(days)]
    assert found.hardest_pair is not None
    assert pairs[found.hardest_pair.first - 1] == max(pairs)
    assert hardest_pair(found.days[:1]) is None


def test_two_stages_with_a_day_of_rest_between_them_are_no_pair() -> None:
    found = demands(analyze(load(SAMPLES / "marathon-des-sables-2024"), draws=0))
    starts = [day.start.date() for day in found.days if day.start is not None]
    assert (starts[3] - starts[2]).days == 2
    assert found.hardest_pair is not None
    assert found.hardest_pair.first == 2
    assert hardest_pair(found.days[2:4]) is None
    unknown = [replace(day, start=None) for day in found.days]
    assert (hardest_pair(unknown) or found.hardest_pair).first == 3


# the sections


def test_the_longest_climb_is_the_highest_of_the_facts(race: Report) -> None:
    found = demands(race)
    climbs = [climb for stage in race.facts.stages for climb in stage.climbs or ()]
    descents = [one for stage in race.facts.stages for one in stage.descents or ()]
    assert found.longest_climb is not None
    assert found.longest_descent is not None
    assert found.longest_climb.height_m == max(climb.height_m for climb in climbs)
    assert found.longest_descent.height_m == min(one.height_m for one in descents)


def test_five_sections_each_once_in_order_and_with_a_reason(race: Report) -> None:
    sections = demands(race).sections
    places = [(section.race_distance_m, section.to_m) for section in sections]
    assert len(sections) == SECTIONS
    assert places == sorted(set(places))
    assert all(section.reasons for section in sections)
    reasons = [reason for section in sections for reason in section.reasons]
    assert len(set(reasons)) == len(reasons)
    assert {"longest climb", "longest descent"} <= set(reasons)


def test_of_three_sections_three_are_shown_and_of_none_none(tor: Report) -> None:
    some = demands(tor).sections[:3]
    blank = tuple(replace(section, reasons=()) for section in some)
    assert [s.from_m for s in to_see(blank, 336_885.0)] == [s.from_m for s in some]
    assert to_see((), 1000.0) == ()


def test_stops_are_on_the_clock_and_not_on_the_feet(tor: Report) -> None:
    for part in tor.parts:
        assert part.estimate is not None
        covered = of_stage(part, (2000.0,)).whole()
        assert covered.elapsed_s == part.estimate.on_clock_s
        assert covered.elapsed_s - covered.moving_s == pytest.approx(part.estimate.stopped_s, abs=2)


# the command


SHOWN = ["tor-des-geants", "transrockies-run-2016", "chattanooga-mountains"]


@pytest.mark.parametrize("name", SHOWN)
def test_one_screen(run: Gpxstage, name: str) -> None:
    for units in ("metric", "imperial"):
        ran = run("demands", SAMPLES / name, "--units", units, "--draws", 0)
        lines = ran.out.splitlines()
        assert ran.code == 0
        assert max(map(len, lines)) <= ONE_SCREEN[0]
        assert len(lines) <= ONE_SCREEN[1]
        assert "…" not in ran.out


def _forms(run: Gpxstage, *arguments: object) -> tuple[dict[str, object], list[dict[str, str]]]:
    found = json.loads(run("demands", *arguments, "--json").out, parse_constant=pytest.fail)
    rows = list(csv.DictReader(io.StringIO(run("demands", *arguments, "--csv").out)))
    return found, rows


def test_every_form_has_the_same_days(run: Gpxstage) -> None:
    source = (SAMPLES / "chattanooga-mountains", "--draws", 0)
    found, rows = _forms(run, *source)
    assert [row["days"] for row in rows] == ["stage"] * 3 + ["hardest pair", "all"]
    days: list[dict[str, dict[str, int]]] = found["days"]  # type: ignore[assignment]
    assert [round(day["covered"]["gain_m"]) for day in days] == [int(r["gain_m"]) for r in rows[:3]]
    text, marked = run("demands", *source).out, run("demands", *source, "--markdown").out
    for row in rows[:3]:
        assert row["moving"] in text
        assert row["moving"] in marked
    assert marked.startswith("# Chattanooga Mountains Stage Race\n")


def test_the_json_is_as_its_schema_says(run: Gpxstage, tor: Report) -> None:
    source = (SAMPLES / "tor-des-geants", "--draws", 0)
    found = msgspec.json.decode(run("demands", *source, "--json").raw, type=Demands)
    assert found.days == demands(tor).days
    assert found.sections == demands(tor).sections
    schema = json.loads(run("schema", "demands").out)
    assert set(schema["$defs"]["Demands"]["properties"]) == set(asdict(found))


def test_another_model_knows_no_hiking(run: Gpxstage, hill: Path) -> None:
    found, rows = _forms(run, hill, "--model", "tobler")
    whole: dict[str, object] = found["whole"]  # type: ignore[assignment]
    assert whole["hiked_s"] is None
    assert rows[-1]["hiked"] == ""
    assert "hiked" not in run("demands", hill, "--model", "tobler").out


def test_a_course_without_elevation_has_no_demands(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "flat.gpx"
    path.write_text(gpx(points(height=False)), encoding="utf-8")
    ran = run("demands", path)
    assert ran.code == 1
    assert "no estimate: stage 1 has no elevation" in ran.err


def test_the_demands_are_those_of_one_runner(run: Gpxstage, hill: Path) -> None:
    ran = run("demands", hill, "--level", "mid", "--level", "back")
    assert ran.code == 2
    assert "the demands are those of one runner" in ran.err


def test_a_slower_runner_has_more_hours(tor: Report) -> None:
    def whole(report: Report) -> Amounts:
        found: Demands = demands(report)
        return found.whole

    slow = whole(analyze(tor.course, "back", profiles=tor.profiles, draws=0))
    assert slow.elapsed_s > whole(tor).elapsed_s
    assert slow.length_m == whole(tor).length_m


def test_sleepiness_ends_with_its_scale(tor: Report) -> None:
    """The Karolinska scale ends at 9; what is beyond is written 9+, as in all other tables."""
    sleepiest = next(section for section in demands(tor).sections if "sleepiest" in section.reasons)
    assert sleepiest.off_scale
    assert sleepiest.kss == 9.0


def test_altitude_is_what_the_estimate_says_and_costs_more_without_acclimatisation(
    run: Gpxstage,
) -> None:
    where = SAMPLES / "transrockies-run-2016"
    found = json.loads(run("demands", where, "--draws", 0, "--json", "-q").out)
    told = json.loads(run("estimate", where, "--draws", 0, "--why", "--json", "-q").out)
    assert found["altitude"] == told["why"]["altitude"]
    assert [cost["stage"] for cost in found["altitude"]] == [1, 2, 3, 4, 5, 6]
    for cost in found["altitude"]:
        assert 0 < cost["acclimatised"]["middle_s"] < cost["unacclimatised"]["middle_s"]
    text = run("demands", where, "--draws", 0, "-q").out
    assert "by stage, acclimatised–not: 1 0:" in text
