"""Staged races and clocks: however a race is cut, wherever and whenever it is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, Stage, Track
from gpxstage.estimator import Estimate, Passed, Policy, endurance, estimate
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure
from gpxstage.racefile import load

MID = at_ability(3.7, "mid")
HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
PER_STAGE = 200  # steps of 55 m: 11 km each
ZONES = ("Pacific/Honolulu", "America/St_Johns", "UTC", "Asia/Kathmandu", "Pacific/Kiritimati")


def hills(k: int) -> float:
    return 1500.0 + 300.0 * np.sin(2.0 * np.pi * k / PER_STAGE) + 40.0 * np.sin(k / 3.0)


def trackpoints(first: int, last: int) -> str:
    """A way northward from step to step, both included."""
    return "".join(
        f'<trkpt lat="{45.0 + k * 5e-4:.5f}" lon="7.0"><ele>{hills(k):.2f}</ele></trkpt>'
        for k in range(first, last + 1)
    )


def gpx(*tracks: str, waypoints: str = "") -> str:
    made = "".join(f"<trk><trkseg>{one}</trkseg></trk>" for one in tracks)
    return f"{HEAD}{waypoints}{made}</gpx>"


STAGES = tuple(trackpoints(k * PER_STAGE, (k + 1) * PER_STAGE) for k in range(3))


def elapsed_s(source: Path, form: str) -> list[float]:
    course = load(source, format=form)
    assert len(course.stages) == 3
    profiles = [measure(stage.track) for stage in course.stages]
    return [stage.elapsed_s for stage in estimate(course, profiles, MID).stages]


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One race as a folder of files, as one file with tracks, and as parts of one track."""
    folder = tmp_path_factory.mktemp("cuts")
    files = folder / "files"
    files.mkdir()
    for k, one in enumerate(STAGES, 1):
        (files / f"{k}.gpx").write_text(gpx(one), encoding="utf-8")
    tracks = folder / "tracks.gpx"
    tracks.write_text(gpx(*STAGES), encoding="utf-8")
    parts = folder / "parts"
    parts.mkdir()
    places = [f'<wpt lat="{45.0 + k * PER_STAGE * 5e-4:.5f}" lon="7.0"><name>P{k}</name></wpt>'
              for k in range(4)]  # fmt: skip
    whole = gpx(trackpoints(0, 3 * PER_STAGE), waypoints="".join(places))
    (parts / "whole.gpx").write_text(whole, encoding="utf-8")
    each = [f'[[stage]]\ngpx = "whole.gpx"\nfrom = "P{k}"\nto = "P{k + 1}"\n' for k in range(3)]
    facts = 'name = "parts"\nterrain = 0.4\n'
    (parts / "race.toml").write_text(facts + "".join(each), encoding="utf-8")
    return {"files": files, "tracks": tracks, "parts": parts}


@pytest.mark.parametrize("form", ["staged", "continuous"])
def test_a_race_is_the_same_from_files_from_tracks_and_from_parts(
    cuts: dict[str, Path], form: str
) -> None:
    files, tracks, parts = (elapsed_s(source, form) for source in cuts.values())
    assert tracks == pytest.approx(files, rel=1e-9)
    # the smoothing of heights ends at the end of a track, and a part is measured as one
    assert parts == pytest.approx(files, rel=0.002)
    assert sum(parts) == pytest.approx(sum(files), rel=0.001)


def eastward(length_m: float, lat_deg: float = 46.0) -> Track:
    along_m = np.linspace(0.0, length_m, round(length_m / 25.0) + 1)
    _, east_m_per_deg = metric_m_per_deg(np.array([lat_deg]))
    height_m = 1500.0 + 400.0 * (1.0 - np.cos(2.0 * np.pi * along_m / 9000.0))
    nowhen = np.full(len(along_m), np.nan)
    lat = np.full(len(along_m), lat_deg)
    return Track(lat, 7.0 + along_m / east_m_per_deg, height_m, nowhen, np.zeros(1, int))


DAY = eastward(30_000.0)
DAY_PROFILE = measure(DAY)
FIRST = datetime(2025, 6, 1, 8, tzinfo=UTC)


def days(*starts: datetime | None) -> Course:
    stages = tuple(Stage(k, f"day {k}", DAY, start=at) for k, at in enumerate(starts, 1))
    return Course("days", stages, format="staged")


def run(course: Course, **how: object) -> Estimate:
    profiles = [DAY_PROFILE] * len(course.stages)
    return estimate(course, profiles, MID, **how)  # type: ignore[arg-type]


def each_day(hours: list[float]) -> Course:
    """A stage, and others some hours after the start of the one before."""
    return days(*(FIRST + timedelta(hours=float(h)) for h in np.cumsum([0.0, *hours])))


# what the days before cost


def test_a_day_says_what_the_days_before_added() -> None:
    course = each_day([24.0, 24.0, 24.0])
    told = run(course)
    added_s = [stage.earlier_days_s for stage in told.stages]
    assert added_s[0] == 0.0
    assert all(one is not None and one > 0.0 for one in added_s[1:])
    alone_s = run(days(FIRST)).elapsed_s
    for stage, one in zip(told.stages, added_s, strict=True):
        assert one is not None
        assert stage.elapsed_s - one == pytest.approx(alone_s, rel=1e-5)
    shown = as_json(analyze(course, MID, draws=0).facts)
    assert [stage["earlier_days_s"] for stage in shown["stages"]] == [
        round(s or 0) for s in added_s
    ]


def test_only_days_have_days_before_them() -> None:
    course = replace(each_day([24.0]), format="continuous", start=FIRST)
    assert [stage.earlier_days_s for stage in run(course).stages] == [None, None]
    passed = run(each_day([24.0]), passed=[Passed(2, 30_000.0, 5 * 3600.0)])
    assert [stage.earlier_days_s for stage in passed.stages] == [0.0, None]
    plain = run(each_day([24.0]), model="naismith")
    assert [stage.earlier_days_s for stage in plain.stages] == [None, None]
    assert (
        as_json(Report(days(None), (DAY_PROFILE,)).facts)["stages"][0].get("earlier_days_s") is None
    )


@settings(max_examples=20, deadline=None)
@given(
    factor=st.floats(0.86, 1.0),
    moving_h=st.floats(0.5, 30.0),
    rest_h=st.floats(-5.0, 100.0),
    more_h=st.floats(0.0, 100.0),
)
def test_more_rest_never_costs(
    factor: float, moving_h: float, rest_h: float, more_h: float
) -> None:
    less, more = (
        float(endurance.next_stage_factor(factor, moving_h, JUDGEMENT, hours))
        for hours in (rest_h, rest_h + more_h)
    )
    usual = float(endurance.next_stage_factor(factor, moving_h, JUDGEMENT))
    assert JUDGEMENT.stage_floor <= usual <= less <= more <= 1.0
    assert float(endurance.next_stage_factor(factor, moving_h, JUDGEMENT, 1e6)) == pytest.approx(
        1.0
    )


def test_a_day_off_gives_back_a_part() -> None:
    through, off = (run(each_day([24.0, hours])).stages[2] for hours in (24.0, 48.0))
    assert through.earlier_days_s is not None
    assert off.earlier_days_s is not None
    assert 0.3 * through.earlier_days_s < off.earlier_days_s < 0.8 * through.earlier_days_s
    told = [run(each_day([24.0, hours]), draws=20).spread for hours in (24.0, 48.0)]
    worn_s, rested_s = (spread[2].moving_s[:, -1] for spread in told if spread is not None)
    assert (rested_s < worn_s).all()


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (2.0, r"stage 1 ends 8:\d\d after the next one has started"),
        (12.0, r"1:\d\d from the end of stage 1 to the next: a whole night is counted"),
    ],
)
def test_a_night_that_is_none_is_noted(hours: float, said: str) -> None:
    slow = run(each_day([hours]), policy=Policy(slowdown=1.5))
    assert any(re.fullmatch(said, note) for note in slow.notes), slow.notes
    assert not any("stage 1" in note for note in run(each_day([24.0])).notes)


# wherever and whenever


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)),
)
def test_a_start_is_a_moment_whatever_its_zone(zone: str, start: datetime) -> None:
    """The clock counts through UTC: a zone changes what is shown, never how long it takes."""
    aware = start.replace(tzinfo=UTC)
    there = aware.astimezone(ZoneInfo(zone))
    a, b = (
        analyze(
            Course("made", (Stage(1, "", DAY),), start=moment),
            MID,
            profiles=(DAY_PROFILE,),
            draws=0,
        )
        for moment in (aware, there)
    )
    assert a.estimate is not None
    assert b.estimate is not None
    assert b.estimate.elapsed_s == a.estimate.elapsed_s
    arrivals = [as_json(report.facts)["stages"][0]["points"][-1]["arrival"] for report in (a, b)]
    assert datetime.fromisoformat(arrivals[0]) == datetime.fromisoformat(arrivals[1])
    finish = datetime.fromisoformat(arrivals[1])
    assert finish.utcoffset() == finish.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize(
    ("start", "hours_on_the_wall"),
    [("2025-10-25T20:00", -1.0), ("2025-03-29T20:00", 1.0), ("2025-06-01T20:00", 0.0)],
)
def test_the_nights_when_clocks_change(start: str, hours_on_the_wall: float) -> None:
    rome = ZoneInfo("Europe/Rome")
    moment = datetime.fromisoformat(start).replace(tzinfo=rome)
    course = Course("made", (Stage(1, "", eastward(60_000.0)),), start=moment)
    row = as_json(analyze(course, MID, draws=0).facts)
    arrival = datetime.fromisoformat(row["stages"][0]["points"][-1]["arrival"])
    on_the_wall_s = (arrival.replace(tzinfo=None) - moment.replace(tzinfo=None)).total_seconds()
    assert on_the_wall_s == row["elapsed_s"]["p50"] + 3600.0 * hours_on_the_wall
    assert row["stages"][0]["night"]["moving_s"] > 0


def test_under_the_midnight_sun_nothing_is_dark() -> None:
    summer, winter = (
        analyze(
            Course("north", (Stage(1, "", eastward(60_000.0, 69.0)),), start=moment), MID, draws=0
        )
        for moment in (
            datetime(2025, 6, 20, 20, tzinfo=UTC),
            datetime(2025, 12, 20, 12, tzinfo=UTC),
        )
    )
    light, dark = (as_json(report.facts)["stages"][0] for report in (summer, winter))
    assert light["night"]["moving_s"] == 0
    assert dark["night"]["moving_s"] > 0.7 * dark["moving_s"]["p50"]
    assert dark["moving_s"]["p50"] > 1.02 * light["moving_s"]["p50"]
