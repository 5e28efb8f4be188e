"""Recorded weeks beside a race: sums by hand, weeks and days, shared hours, the course seen."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import Gpxstage
from pages import SAMPLES
from walks import course, only, timed, walk, wobbly, written

from gpxstage.course import Course, Stage
from gpxstage.estimator.fit import recordings
from gpxstage.estimator.fit.recordings import Outing
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.workload import Training
from gpxstage.plot import save
from gpxstage.plot.compared import draw_weeks
from gpxstage.racefile import load
from gpxstage.training.covered import total
from gpxstage.training.demands import demands
from gpxstage.training.outings import begins, doubts, of_outing, seen, zone_s
from gpxstage.training.weeks import REPORTED, last_weeks, specific_share, training

MID = LEVELS["mid"]
DAY_S = 86_400.0
MONDAY = date(2025, 6, 16)  # the walks begin on the day before, a Sunday, at 4:00 UTC


def later(outing: Outing, days: float, where: str = "") -> Outing:
    return replace(
        outing, start_s=outing.start_s + DAY_S * days, where=where or f"{outing.where} +{days:g}"
    )


@pytest.fixture(scope="module")
def hills() -> Report:
    stage = Stage(1, "Hills", course(20.0, seed=3))
    return analyze(Course("Hills", (stage,)), draws=0)


@pytest.fixture(scope="module")
def outing() -> Outing:
    return only(walk(12.0))


def trained(report: Report, *outings: Outing) -> Training:
    assert report.estimate is not None
    ground = (report.course, report.profiles)
    return training(outings, demands(report), report.estimate.runner, ground)


# parts and wholes


@given(days=st.lists(st.floats(0.0, 40.0), min_size=1, max_size=6))
def test_weeks_and_days_add_up_to_all_that_was_recorded(days: list[float]) -> None:
    found = trained(HILLS, *(later(SHORT, day) for day in days))
    assert total([week.covered for week in found.weeks]) == found.whole
    assert total([each.covered for each in found.outings]) == found.whole
    assert sum(week.outings for week in found.weeks) == len(days)
    assert found.whole.moving_s == (found.whole.hiked_s or 0) + (found.whole.run_s or 0)


HILLS = analyze(Course("Hills", (Stage(1, "Hills", course(5.0, seed=3)),)), draws=0)
SHORT = only(walk(3.0))


def test_an_outing_over_midnight_is_in_two_weeks(hills: Report, outing: Outing) -> None:
    found = trained(hills, later(outing, 19.0 / 24.0))  # at 23:00 UTC, the sun's time at 7 E
    assert [week.start for week in found.weeks] == [MONDAY - timedelta(days=7), MONDAY]
    assert [week.outings for week in found.weeks] == [1, 0]
    assert found.weeks[0].covered.elapsed_s == 3600
    assert total([week.covered for week in found.weeks]) == found.outings[0].covered


def test_the_clock_is_that_of_the_race_where_it_is_near(outing: Outing) -> None:
    far = replace(outing, push=replace(outing.push, lon_deg=outing.push.lon_deg + 100.0))
    assert zone_s(outing) == 0.0
    assert zone_s(outing, "Europe/Rome") == 7200.0
    assert zone_s(outing, "America/Denver") == 0.0
    assert zone_s(far, "Europe/Rome") == 7 * 3600.0
    rome = begins(later(outing, 18.5 / 24.0), 7200.0)
    assert rome.isoformat() == "2025-06-16T00:30:00+02:00"


def test_an_outing_is_measured_as_a_course_is(outing: Outing) -> None:
    covered = of_outing(outing, MID, (1000.0, 1200.0)).whole()
    profile = outing.profile
    assert covered.length_m == pytest.approx(profile.length_m, abs=0.1)
    assert covered.gain_m == pytest.approx(profile.gain_m, abs=0.1)
    assert covered.loss_m == pytest.approx(profile.loss_m, abs=0.1)
    assert covered.moving_s == pytest.approx(outing.moving_s, abs=1)
    assert covered.elapsed_s == pytest.approx(outing.edge_s[-1], abs=1)
    assert covered.above[0].elapsed_s >= covered.above[1].elapsed_s > 0


def test_weeks_without_an_outing_are_weeks(hills: Report, outing: Outing) -> None:
    found = trained(hills, outing, later(outing, 21.0))
    last = last_weeks(found.weeks, 4)
    assert [week.outings for week in last] == [1, 0, 0, 1]
    assert last[1].covered.elapsed_s == 0
    assert [window.weeks for window in found.last] == [2, 4, 8, 12]
    assert found.last[0].covered == found.weeks[-1].covered
    assert {window.covered for window in found.last[1:]} == {found.whole}


def test_pairs_are_days_in_a_row(hills: Report, outing: Outing) -> None:
    found = trained(hills, *(later(outing, day) for day in (0, 1, 2, 5)))
    assert [pair.start for pair in found.pairs] == [MONDAY - timedelta(days=1), MONDAY]
    assert found.pairs[0].covered == total([each.covered for each in found.outings[:2]])
    assert trained(hills, outing, later(outing, 2.0)).pairs == ()


def test_a_day_of_less_than_an_hour_is_in_no_pair(hills: Report, outing: Outing) -> None:
    short = only(walk(3.0))
    assert short.moving_s < 3600.0
    assert trained(hills, outing, later(short, 1.0)).pairs == ()


def test_the_longest_outing_beside_the_race(hills: Report, outing: Outing) -> None:
    found = trained(hills, only(walk(3.0)), later(outing, 2.0, "long.gpx"))
    assert found.longest.where == "long.gpx"
    assert found.longest_race_s == found.demands.whole.moving_s
    ratio = found.longest_race_s / found.longest.covered.moving_s
    assert found.times_longest == pytest.approx(ratio, abs=0.05)


def test_in_a_staged_race_the_longest_stage_counts(outing: Outing) -> None:
    report = analyze(load(SAMPLES / "transrockies-run-2016"), draws=0)
    found = trained(report, outing)
    stages_s = [stage.moving_s.p50 for stage in report.facts.stages]
    assert found.longest_race_s == max(s for s in stages_s if s is not None)


def test_a_week_that_is_the_race_has_all_of_it(hills: Report) -> None:
    race = demands(hills).whole
    assert specific_share(race, race) == 1.0
    assert specific_share(total([race, race]), race) == 1.0
    assert specific_share(race.none(), race) == 0.0


def test_the_specific_week_has_the_largest_share(hills: Report, outing: Outing) -> None:
    found = trained(hills, only(walk(3.0)), later(outing, 7.0), later(only(walk(4.0)), 14.0))
    assert found.specific.start == MONDAY - timedelta(days=7) + timedelta(days=7)
    shares = [specific_share(week.covered, found.demands.whole) for week in found.weeks]
    assert found.specific_share == max(shares)


# hiking, by cadence and without


def test_hiking_is_by_cadence_where_it_was_recorded() -> None:
    track = course(6.0)
    steps = wobbly(len(track) - 1, 1.6)
    spm = np.where(np.arange(len(track)) < 300, 100.0, 170.0)
    covered = of_outing(only(timed(track, steps, cadence_spm=spm)), MID, (0.0,)).whole()
    assert covered.hike_fraction == pytest.approx(0.5, abs=0.05)


def test_without_cadence_the_slow_hike_and_the_fast_run(hills: Report) -> None:
    slow, fast = (of_outing(only(walk(6.0, mps)), MID, (0.0,)).whole() for mps in (1.0, 3.4))
    assert (slow.hike_fraction or 0.0) > 0.8
    assert (fast.hike_fraction or 1.0) < 0.2
    (note,) = trained(hills, only(walk(6.0))).notes
    assert note.startswith("100 % of the moving time was recorded without cadence")


# one person, once


def test_two_people_at_one_time_are_noted(hills: Report, outing: Outing) -> None:
    push = outing.push
    north = replace(outing, where="b.gpx", push=replace(push, lat_deg=push.lat_deg + 0.1))
    (note,) = doubts([outing, later(north, 0.07, "b.gpx")], [])
    assert "x.gpx and b.gpx share 0:3" in note
    assert note.endswith("h in two places: are these two people? Both count")


def test_two_people_that_reading_has_noted_are_not_noted_again(outing: Outing) -> None:
    push = outing.push
    moved = replace(push, lat_deg=push.lat_deg + 0.1)
    two = [outing, replace(outing, where="11.gpx", push=moved), later(outing, 3.0)]
    kept, notes = recordings.once(two)
    assert len(kept) == 3
    (note,) = notes
    assert "are these two people?" in note
    assert doubts(kept, notes) == []
    assert len(doubts(kept, [note.replace("11.gpx", "111.gpx")])) == 1


def test_an_hour_that_two_devices_recorded_is_noted(outing: Outing) -> None:
    push, ends = outing.push, outing.clock_h > outing.clock_h[-1] - 1.0 / 3.0
    moved_deg = float(push.lon_deg[ends][0] - push.lon_deg[0])
    half = replace(
        outing,
        where="b.gpx",
        start_s=outing.start_s + float(outing.edge_s[-1]) - 1200.0,
        push=replace(push, lon_deg=push.lon_deg + moved_deg),
    )
    (note,) = doubts([outing, half], [])
    assert note == "x.gpx and b.gpx share 0:20 h in one place: it counts twice"
    assert doubts([outing, later(outing, 1.0)], []) == []


def test_far_off_zones_are_noted(outing: Outing) -> None:
    push = outing.push
    away = replace(outing, push=replace(push, lon_deg=push.lon_deg + 100.0))
    (note,) = doubts([outing, later(away, 3.0)], [])
    assert "between UTC+0 and UTC+7" in note


def test_a_ride_counts_nothing() -> None:
    track = course(14.0)
    step_s = wobbly(len(track) - 1, 1.5)
    step_s[1050:] = wobbly(len(step_s) - 1050, 9.0)
    rode = only(timed(track, step_s))
    covered = of_outing(rode, MID, (0.0,)).whole()
    assert covered.length_m == pytest.approx(10_500.0, abs=300.0)
    (note,) = doubts([rode], [])
    assert "km too fast for feet: left out" in note


# the course that was seen


def test_who_was_on_the_course_has_seen_it(hills: Report) -> None:
    track = hills.course.stages[0].track
    walked = only(timed(track, wobbly(len(track) - 1)))
    (stage,) = trained(hills, walked).seen
    assert stage.seen_m == pytest.approx(stage.length_m, rel=0.001)
    half = track.part(0, len(track) // 2)
    (stage,) = trained(hills, only(timed(half, wobbly(len(half) - 1)))).seen
    assert stage.seen_m == pytest.approx(0.5 * stage.length_m, abs=60.0)


@pytest.mark.parametrize(("north_m", "is_seen"), [(45.0, 1.0), (55.0, 0.0)])
def test_seen_is_within_50_m(outing: Outing, north_m: float, is_seen: float) -> None:
    there = outing.profile.lat_deg + north_m / 111_160.0, outing.profile.lon_deg
    assert set(seen(there, [outing], 50.0)) == {is_seen}


def test_the_course_is_seen_across_the_date_line() -> None:
    lat, lon = np.full(200, 10.0), (179.9 + 0.001 * np.arange(200) + 180.0) % 360.0 - 180.0
    profile = replace(only(walk(3.0)).profile, lat_deg=lat, lon_deg=lon)
    outing = replace(only(walk(3.0)), profile=profile)
    assert set(seen((lat, lon), [outing], 50.0)) == {1.0}


# the command and the picture


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """A folder of three walks on two days, one file without times, one copy."""
    folder = tmp_path / "diary"
    folder.mkdir()
    track = walk(8.0)
    written(folder / "a.gpx", track)
    written(folder / "b.gpx", replace(track, time_s=track.time_s + DAY_S))
    written(folder / "copy.gpx", track)
    written(folder / "plan.gpx", track, with_time=False)
    return folder


def test_every_form_has_the_same_figures(run: Gpxstage, diary: Path, hill: Path) -> None:
    source = (diary, "--for", hill)
    ran = run("training", *source)
    assert ran.code == 0, ran.err
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "copy.gpx: not used: it is the outing of a.gpx again" in ran.err
    assert "plan.gpx: not used: it has no times" in ran.err
    found = json.loads(run("training", *source, "--json").out, parse_constant=pytest.fail)
    rows = list(csv.DictReader(io.StringIO(run("training", *source, "--csv").out)))
    assert [row["what"] for row in rows[:4]] == ["outing", "outing", "week", "week"]
    assert len(found["outings"]) == 2
    assert int(rows[-2]["gain_m"]) == round(found["whole"]["gain_m"])
    assert rows[-2]["moving"] in ran.out
    assert run("training", *source, "--markdown").out.startswith("# hill\n")
    imperial = run("training", *source, "--units", "imperial").out
    assert "climb ft" in imperial
    assert "within 164 ft of a recording" in imperial
    rows = [line.split()[0] for line in imperial.splitlines() if line.strip()]
    assert [rows.count(name) for name in ("week", "race")] == [
        3 + 2,
        2,
    ]  # a head, and two of others


def test_the_json_is_as_its_schema_says(run: Gpxstage, diary: Path, hill: Path) -> None:
    found = msgspec.json.decode(run("training", diary, "--for", hill, "--json").raw, type=Training)
    assert total([week.covered for week in found.weeks]) == found.whole
    schema = json.loads(run("schema", "training").out)
    assert set(schema["$defs"]["Training"]["required"]) == set(asdict(found))


def test_a_picture_is_written(run: Gpxstage, diary: Path, hill: Path, tmp_path: Path) -> None:
    path = tmp_path / "weeks.png"
    assert run("training", diary, "--for", hill, "-o", path).code == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    ran = run("training", diary, "--for", hill, "-o", tmp_path / "weeks.txt")
    assert ran.code == 2
    assert "the ending must be" in ran.err


def test_the_picture_has_a_bar_a_week_and_one_of_the_race(hills: Report, outing: Outing) -> None:
    found = trained(hills, outing, later(outing, 21.0))
    drawn = draw_weeks(found, last_weeks(found.weeks, 4))
    assert drawn.hiked is not None
    assert drawn.run is not None
    tops = [bar.get_y() + bar.get_height() for bar in drawn.run]
    weeks_h = [week.covered.moving_s / 3600.0 for week in last_weeks(found.weeks, 4)]
    assert tops == pytest.approx([*weeks_h, found.demands.whole.moving_s / 3600.0])
    assert save(drawn.figure) == save(draw_weeks(found, last_weeks(found.weeks, 4)).figure)


def test_without_a_recording_that_can_be_used_there_is_an_error(
    run: Gpxstage, hill: Path, tmp_path: Path
) -> None:
    plan = written(tmp_path / "plan.gpx", walk(5.0), with_time=False)
    ran = run("training", plan, "--for", hill)
    assert ran.code == 1
    assert "no recording can be used" in ran.err
    assert run("training", plan).code == 2
    inside = tmp_path / "all" / "2025"
    inside.mkdir(parents=True)
    plan.rename(inside / "plan.gpx")
    ran = run("training", inside.parent, "--for", hill)
    assert "no recording can be used: folders within a folder are not read" in ran.err


def test_weeks_of_others_have_a_source_and_stand_beside_ones_own(
    run: Gpxstage, diary: Path, hill: Path
) -> None:
    for one in REPORTED:
        assert "http" in one.source
        assert one.gain_m > 4500.0
    text = run("training", diary, "--for", hill, "-q", "--units", "imperial").out
    assert "Weeks that other runners report (their own figures)" in text
    assert "30,100" in text
    assert max(map(len, text.splitlines())) <= 80
