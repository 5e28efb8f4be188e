"""A race under way: passages are kept, and they say something of the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.cli import cli
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Estimate, Passed, Policy, estimate, underway
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import as_json
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure
from gpxstage.report.say import all_tables

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
MORNING = datetime(2025, 9, 14, 8, tzinfo=UTC)
MID = at_ability(3.75, "mid")
KM = (8.2, 20.0, 31.7, 45.0)
POINTS = tuple(
    Point(name, kind, distance_m=1000.0 * km, services=bed)
    for name, kind, km, bed in (
        ("Col", "col", KM[0], ()),
        ("Hut", "aid", KM[1], ("food",)),
        ("Lake", "waypoint", KM[2], ()),
        ("Base", "life-base", KM[3], ("bed",)),
    )
)


def track(length_m: float) -> Track:
    """Hills of 800 m eastward."""
    along_m = np.linspace(0.0, length_m, round(length_m / 25.0) + 1)
    _, east_m_per_deg = metric_m_per_deg(np.array([46.0]))
    height_m = 1500.0 + 400.0 * (1.0 - np.cos(2.0 * np.pi * along_m / 9000.0))
    lat, nowhen = np.full(len(along_m), 46.0), np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m_per_deg, height_m, nowhen, np.zeros(1, int))


LONG = Course(
    "made", (Stage(1, "all", track(60_000.0), POINTS),), start=MORNING, limit_s=20.0 * 3600.0
)
DAYS = Course(
    "days",
    tuple(
        Stage(k, f"day {k}", track(25_000.0), POINTS[:2], start=MORNING + timedelta(days=k - 1))
        for k in (1, 2, 3)
    ),
    format="staged",
)
PROFILES = {course.name: tuple(measure(s.track) for s in course.stages) for course in (LONG, DAYS)}


def run(course: Course, *passed: Passed, draws: int = 0, **how: Any) -> Estimate:
    return estimate(course, PROFILES[course.name], MID, draws=draws, passed=passed, **how)


PLAN = run(LONG, draws=60)


def at(k: int, factor: float) -> Passed:
    """The kth point of the long race, so much later than planned."""
    at_m = 1000.0 * KM[k]
    return Passed(1, at_m, factor * PLAN.stages[0].arrival_s(at_m), POINTS[k].name)


def band_s(told: Estimate) -> float:
    assert told.spread is not None
    low, high = np.quantile(sum(stage.elapsed_s for stage in told.spread), (0.1, 0.9))
    return float(high - low)


@settings(max_examples=12, deadline=None)
@given(
    which=st.sets(st.integers(0, 3), min_size=1),
    legs=st.lists(st.floats(0.5, 3.0), min_size=4, max_size=4),
)
def test_what_was_passed_is_kept_and_nothing_comes_before_it(
    which: set[int], legs: list[float]
) -> None:
    plan_s = [0.0, *(at(k, 1.0).elapsed_s for k in sorted(which))]
    clock_s, passed = 0.0, []
    for k, (before_s, here_s), factor in zip(sorted(which), pairwise(plan_s), legs, strict=False):
        clock_s += factor * (here_s - before_s)
        passed.append(Passed(1, 1000.0 * KM[k], clock_s))
    told = run(LONG, *passed, draws=30)
    stage, spread = told.stages[0], told.spread
    assert spread is not None
    for here in passed:
        assert stage.arrival_s(here.distance_m) == pytest.approx(here.elapsed_s, abs=0.5)
        assert spread[0].arrival_s(here.distance_m) == pytest.approx(here.elapsed_s, abs=0.5)
    arrivals_s = np.array([stage.arrival_s(float(at_m)) for at_m in stage.edge_m])
    assert (np.diff(arrivals_s) > 0.0).all()
    for at_m in (1000.0 * km for km in KM if 1000.0 * km > passed[-1].distance_m):
        assert (spread[0].arrival_s(at_m) > passed[-1].elapsed_s).all()
    assert (spread[0].elapsed_s > passed[-1].elapsed_s).all()
    assert stage.elapsed_s > passed[-1].elapsed_s


def test_who_is_on_plan_stays_on_it() -> None:
    told = run(LONG, at(1, 1.0), at(3, 1.0))
    assert told.elapsed_s == pytest.approx(PLAN.elapsed_s, rel=0.002)
    assert told.runner.flat_speed_mps == pytest.approx(MID.flat_speed_mps, rel=0.002)


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.15, 1.4])
def test_the_rest_goes_on_as_the_race_has_begun(factor: float) -> None:
    told = run(LONG, at(1, factor), at(3, factor))
    rest_s = told.elapsed_s - at(3, factor).elapsed_s
    planned_s = PLAN.elapsed_s - at(3, 1.0).elapsed_s
    assert min(1.0, factor) - 0.1 < rest_s / planned_s < max(1.0, factor) + 0.15
    assert (rest_s / planned_s - 1.0) * (factor - 1.0) > 0.0
    behind = analyze(LONG, MID, passed=(at(1, factor), at(3, factor)), draws=0).facts.behind
    assert behind is not None
    assert behind.s == behind.in_all_s == pytest.approx(at(3, factor - 1.0).elapsed_s, abs=61.0)


def test_the_later_it_is_the_surer_is_the_finish() -> None:
    widths = [band_s(PLAN)] + [band_s(run(LONG, at(k, 1.05), draws=60)) for k in (0, 1, 3)]
    assert all(later < 0.9 * earlier for earlier, later in pairwise(widths))


def test_a_stop_of_a_given_length_is_kept_where_the_leg_has_room_for_it() -> None:
    policy = Policy(stops={"Hut": 3600.0})
    for after_s, stop_s in ((1.2 * at(2, 1.0).elapsed_s, 3600.0), (3000.0, 2500.0)):
        told = run(LONG, Passed(1, 1000.0 * KM[2], after_s), policy=policy)
        hut = next(stop for stop in told.stages[0].stops if stop.point == "Hut")
        assert told.stages[0].arrival_s(1000.0 * KM[2]) == pytest.approx(after_s)
        assert hut.stop_s == pytest.approx(stop_s) or 0.0 < hut.stop_s < 3000.0 == after_s


def test_a_race_that_is_over_is_known() -> None:
    end = Passed(1, 60_000.0, 9.0 * 3600.0, "Finish")
    told = run(LONG, end, draws=20)
    assert told.elapsed_s == pytest.approx(end.elapsed_s)
    assert band_s(told) == pytest.approx(0.0, abs=1.0)


def test_a_slow_leg_alone_moves_the_rest_less_than_a_slow_race() -> None:
    """One bad hour is half forgiven; the same delay from the start on is not."""
    hour = Passed(1, 1000.0 * KM[2], at(2, 1.0).elapsed_s + 3600.0)
    once = run(LONG, at(0, 1.0), at(1, 1.0), hour)
    factor = hour.elapsed_s / at(2, 1.0).elapsed_s
    ever = run(LONG, at(0, factor), at(1, factor), hour)
    assert PLAN.elapsed_s + 3600.0 < once.elapsed_s < ever.elapsed_s


def test_a_finished_day_tells_of_the_days_to_come() -> None:
    plan = run(DAYS, draws=40)
    slow = Passed(1, 25_000.0, 1.2 * plan.stages[0].elapsed_s, "stage 1")
    told = run(DAYS, slow, draws=40)
    assert told.stages[0].elapsed_s == pytest.approx(slow.elapsed_s)
    assert told.spread is not None
    assert told.spread[0].elapsed_s == pytest.approx(slow.elapsed_s)
    for before, after in zip(plan.stages[1:], told.stages[1:], strict=True):
        assert 1.05 < after.elapsed_s / before.elapsed_s < 1.25
        assert after.offset_s == 0.0
    quick = Passed(2, 25_000.0, plan.stages[1].elapsed_s - 60.0, "stage 2")
    behind = analyze(DAYS, MID, passed=(slow, quick), draws=0).facts.behind
    assert behind is not None
    assert behind.s == pytest.approx(-60.0, abs=1.0)
    slow_s = slow.elapsed_s - plan.stages[0].elapsed_s
    assert behind.in_all_s == pytest.approx(slow_s - 60.0, abs=2.0), "of both days together"
    third = run(DAYS, Passed(3, 8200.0, 1.1 * plan.stages[2].arrival_s(8200.0)))
    assert third.stages[0].elapsed_s > plan.stages[0].elapsed_s  # of the same runner


def test_how_far_behind_is_said_once_of_all_days_and_of_the_last() -> None:
    race = SAMPLES / "transrockies-run-2016"
    days = ("--passed", "stage 1", "4:10", "--passed", "stage 2", "2:55")
    shown = CliRunner().invoke(cli, ["estimate", str(race), "--draws", "0", *days]).output
    words = " ".join(shown.split())
    assert "under way 8 min behind the plan in all, 6 min ahead of it on stage 2 moving" in words
    assert words.count("behind") == words.count("ahead of") == 1


def test_each_day_to_come_errs_by_itself() -> None:
    told = run(DAYS, Passed(1, 25_000.0, 3.5 * 3600.0), draws=200)
    assert told.spread is not None
    second, third = (np.log(stage.moving_s[:, -1]) for stage in told.spread[1:])
    together = np.corrcoef(second, third)[0, 1]
    assert 0.0 < together < 0.9, "one runner, two days"


def test_the_same_passages_give_the_same_bytes() -> None:
    first, second = (run(LONG, at(1, 1.1), draws=20) for _ in range(2))
    assert first.spread is not None
    assert second.spread is not None
    assert (first.spread[0].moving_s == second.spread[0].moving_s).all()


def test_the_measured_course_stays_what_it_was() -> None:
    before, after = (
        as_json(analyze(LONG, MID, passed=passed, draws=0).facts)
        for passed in ((), (at(0, 1.0), at(2, 1.0)))
    )
    for key in ("length_m", "gain_m", "loss_m", "highest_m"):
        assert before[key] == after[key]
    for a, b in zip(*(row["stages"][0]["grade_bands"] for row in (before, after)), strict=True):
        assert a["distance_m"] == pytest.approx(b["distance_m"], abs=0.2)


def test_the_report_says_what_is_known() -> None:
    found = analyze(LONG, MID, passed=(at(1, 1.1),), draws=40)
    row = as_json(found.facts)
    points = {point["name"]: point for point in row["stages"][0]["points"]}
    assert [name for name, point in points.items() if point["passed"]] == ["Hut"]
    arrival = points["Hut"]["arrival_s"]
    assert arrival["p10"] == arrival["p50"] == arrival["p90"] == round(at(1, 1.1).elapsed_s)
    assert row["runner"]["source"] == "passed"
    cells = [cell for table in all_tables(found) for line in table.rows for cell in line]
    assert "Hut, passed" in cells
    assert not any(
        point["passed"]
        for point in as_json(analyze(LONG, MID, draws=0).facts)["stages"][0]["points"]
    )


def test_given_sleep_is_held_against_the_same_race_under_way() -> None:
    policy = Policy(sleeps={"Base": 3600.0})
    found = analyze(LONG, MID, passed=(at(1, 1.3),), policy=policy, draws=0)
    assert found.usual is not None
    assert found.usual.passed == (at(1, 1.3),)
    row = as_json(found.facts)
    assert row["usual"]["sleeps_given"]
    assert ("sleep", "Base 1:00: as given") in all_tables(found)[1].rows


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ([Passed(2, 10.0, 9.0)], "there is no stage 2"),
        ([Passed(1, 61_000.0, 9.0, "Far")], "Far: not between the start of stage 1 and its end"),
        ([Passed(1, 0.0, 9.0, "Start")], "Start: not between"),
        ([Passed(1, 5000.0, 0.0, "Early")], "Early: the time is not after the start"),
        (
            [Passed(1, 9000.0, 3600.0, "B"), Passed(1, 5000.0, 7200.0, "A")],
            "B after 1:00: A comes before it, and was passed after 2:00",
        ),
        ([Passed(1, 9000.0, 60.0, "A"), Passed(1, 9000.0, 90.0, "B")], "B and A are the same"),
    ],
)
def test_passages_that_cannot_be_are_refused(passed: list[Passed], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(LONG, *passed)


def test_a_report_refuses_a_passage_past_the_end() -> None:
    with pytest.raises(ValueError, match="not between the start of stage 1 and its end"):
        analyze(LONG, passed=(Passed(1, 1e7, 3600.0),), draws=0)


def test_a_plain_model_has_no_runner_to_learn_of() -> None:
    with pytest.raises(
        ValueError, match="the model naismith cannot learn of a runner from passages"
    ):
        run(LONG, at(1, 1.0), model="naismith")


def test_far_from_the_plan_is_doubted() -> None:
    assert "right?" in run(LONG, at(3, 3.0)).notes[0]
    assert "right?" not in " ".join(run(LONG, at(3, 1.2)).notes)


def test_an_edge_is_made_only_where_there_is_none() -> None:
    cells = PROFILES["made"][0].cells
    assert cells is not None
    there = Passed(1, float(cells.edge_m[7]), 60.0)
    assert underway.with_edges(LONG, PROFILES["made"], [there]) == PROFILES["made"]
    cut = underway.with_edges(LONG, PROFILES["made"], [Passed(1, 1234.5, 60.0)])[0].cells
    assert cut is not None
    assert len(cut.grade) == len(cells.grade) + 1
    assert (np.diff(cut.edge_m) > 0.0).all()


# the command line

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
RACE = """
name = "Two Days"
timezone = "Europe/Rome"
format = "continuous"
start = 2025-10-25T20:00:00
terrain = 0.4
[[stage]]
gpx = "1.gpx"
  [[stage.point]]
  name = "Col Alto"
  kind = "col"
  km = 4.0
  [[stage.point]]
  name = "Col Basso"
  kind = "col"
  km = 6.0
[[stage]]
gpx = "2.gpx"
"""


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("race")
    for k in (0, 1):
        made = "".join(
            f'<trkpt lat="{45.0 + (160 * k + i) * 5e-4:.5f}" lon="7.0">'
            f"<ele>{1400 + 400 * np.sin(i / 160 * np.pi):.1f}</ele></trkpt>"
            for i in range(161)
        )
        text = f"{HEAD}<trk><trkseg>{made}</trkseg></trk></gpx>"
        (folder / f"{k + 1}.gpx").write_text(text, encoding="utf-8")
    (folder / "race.toml").write_text(RACE, encoding="utf-8")
    return folder


def told(race: Path, *options: str) -> Any:
    return CliRunner().invoke(cli, ["estimate", str(race), "--draws", "20", *options])


@pytest.mark.parametrize(
    ("time", "after_s"),
    [
        ("1:05", 3900),
        ("1:05:30", 3930),
        ("65min", 3900),
        ("D1 21:05", 3900),
        ("2025-10-25T21:05", 3900),
        ("2025-10-25T19:05+00:00", 3900),
        ("D2 02:30", 6.5 * 3600),  # the first of the two that night
        ("D2 04:00", 9 * 3600),  # the clocks went back at 3
    ],
)
def test_a_time_in_every_form(race: Path, time: str, after_s: float) -> None:
    ran = told(race, "--json", "--passed", "col a", time)
    assert ran.exit_code == 0, ran.output
    point = json.loads(ran.stdout)["stages"][0]["points"][0]
    assert (point["name"], point["passed"], point["arrival_s"]["p90"]) == (
        "Col Alto",
        True,
        after_s,
    )


def test_the_end_of_a_stage_by_its_number(race: Path) -> None:
    row = json.loads(told(race, "--json", "--passed", "stage 1", "2:00").stdout)
    assert row["stages"][0]["points"][-1]["passed"]
    assert row["stages"][0]["elapsed_s"] == {"p10": 7200, "p50": 7200, "p90": 7200}
    assert row["elapsed_s"]["p10"] > 7200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["Col", "1:00"], '"Col" may be 1/Col Alto (km 4.0), 1/Col Basso'),
        (["Nowhere", "1:00"], '"Nowhere" is no point on the track'),
        (["Col A", "soon"], "a time is 14:35"),
        (["Col A", "D2 25:00"], "a time is 14:35"),
        (["Col A", "D3000000 10:00"], "a time is 14:35"),
        (["Col A", "2025-10-25"], "a time is 14:35"),
        (["Col A", "0001-01-01T00:00+23:00"], "a time is 14:35"),
        (["Col A", "9999-12-31T23:59"], "more than 5000 hours after the start"),
        (["Col A", "1000000000:00"], "more than 5000 hours after the start"),
        (["Col A", "D1 19:00"], "Col Alto: the time is not after the start"),
        (["Col A", "2025-10-25T20:00"], "Col Alto: the time is not after the start"),
        (["Col A", "2:00", "--passed", "Col B", "1:00"], "Col Basso after 1:00: Col Alto comes"),
        (["Col A", "2:00", "--passed", "col alto", "2:30"], "are the same place"),
        (["Col A", "2:00", "--model", "naismith"], "not for a plain --model"),
        (["Col A", "2:00", "--level", "mid", "--level", "back"], "--passed is about one runner"),
    ],
)
def test_what_cannot_be_is_one_line(race: Path, options: list[str], said: str) -> None:
    ran = told(race, "--passed", *options)
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_a_time_of_day_needs_a_start(race: Path) -> None:
    ran = CliRunner().invoke(
        cli, ["estimate", str(race / "1.gpx"), "--passed", "finish", "D1 12:00"]
    )
    assert ran.exit_code == 2
    assert "needs a start" in ran.stderr
