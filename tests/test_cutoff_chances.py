"""Chances at cutoffs: cumulative along the course, and a finisher keeps all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course, CourseError, Point, Stage, Track
from gpxstage.estimator import Estimate, Passed, Policy, estimate
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.geo import metric_m_per_deg
from gpxstage.plot.scene import compose
from gpxstage.profile import measure
from gpxstage.racefile.split import split
from gpxstage.report.say.sentences import sentences
from gpxstage.units import UNITS

H = 3600.0
MORNING = datetime(2025, 9, 14, 8, tzinfo=UTC)
MID = at_ability(3.75, "mid")
PLACES = {"Hut": 12_000.0, "Inn": 20_000.0, "Base": 31_000.0}
DRAWS = 120


def track(length_m: float) -> Track:
    along_m = np.linspace(0.0, length_m, round(length_m / 25.0) + 1)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    height_m = 1500.0 + 400.0 * (1.0 - np.cos(2.0 * np.pi * along_m / 9000.0))
    lat, nowhen = np.full(len(along_m), 46.0), np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int))


LONG, DAY = track(40_000.0), track(25_000.0)
MEASURED = {id(t): measure(t) for t in (LONG, DAY)}


def points(cutoffs_h: dict[str, float], cutoff_at: Any = "leave") -> tuple[Point, ...]:
    return tuple(
        Point(
            name,
            "life-base" if name == "Base" else "aid",
            distance_m=at_m,
            stop_s=1200.0,
            cutoff_s=H * cutoffs_h[name] if name in cutoffs_h else None,
            cutoff_at=cutoff_at,
        )
        for name, at_m in PLACES.items()
    )


def race(cutoffs_h: dict[str, float], limit_h: float | None = None, **how: Any) -> Course:
    stage = Stage(1, "all", LONG, points(cutoffs_h, **how))
    limit_s = None if limit_h is None else H * limit_h
    return Course("race", (stage,), start=MORNING, limit_s=limit_s)


def report(course: Course, **how: Any) -> Report:
    profiles = tuple(MEASURED[id(stage.track)] for stage in course.stages)
    return analyze(course, MID, profiles=profiles, draws=how.pop("draws", DRAWS), **how)


def row(course: Course, **how: Any) -> dict[str, Any]:
    return as_json(report(course, **how).facts)


def spoken(course: Course) -> dict[str, str]:
    return dict(sentences(report(course).facts, UNITS["metric"]))


def closing(rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [p for s in rows["stages"] for p in s["points"] if p["cutoff_s"] is not None]


PLAN = estimate(race({}), [MEASURED[id(LONG)]], MID, draws=DRAWS)


def leaving_s(plan: Estimate, name: str, *, stopped: bool = True) -> Any:
    """(d,) by the draws themselves: the walk there, the stops before it, and its own."""
    assert plan.spread is not None
    drawn = plan.spread[0]
    there = np.array([np.interp(PLACES[name], drawn.edge_m, each) for each in drawn.moving_s])
    until = drawn.halt_m <= PLACES[name] + (1.0 if stopped else -1.0)
    return there + drawn.stop_s[:, until].sum(axis=1)


cutoffs = st.dictionaries(
    st.sampled_from(list(PLACES)), st.floats(0.8, 1.3), min_size=1, max_size=3
)


@settings(max_examples=25)
@given(
    shares=cutoffs, limit=st.none() | st.floats(0.8, 1.3), at=st.sampled_from(["leave", "arrive"])
)
def test_the_chance_of_missing_only_grows_and_the_finish_holds_all(
    shares: dict[str, float], limit: float | None, at: str
) -> None:
    plan_h = {name: float(np.median(leaving_s(PLAN, name))) / H for name in PLACES}
    closes = {name: share * plan_h[name] for name, share in shares.items()}
    limit_h = None if limit is None else limit * PLAN.elapsed_s / H
    rows = row(race(closes, limit_h, cutoff_at=at))
    chances = [point["miss_probability"] for point in closing(rows)]
    assert all(before <= after for before, after in pairwise(chances))
    assert chances[-1] == pytest.approx(1.0 - rows["finish_probability"], abs=1e-9)
    out = np.zeros(DRAWS, bool)
    for name in [name for name in PLACES if name in closes]:
        out |= leaving_s(PLAN, name, stopped=at == "leave") > H * closes[name]
    assert out.mean() == pytest.approx(chances[len(closes) - 1], abs=1e-3)


def test_a_hut_that_most_miss_is_no_finish_for_them() -> None:
    """The hut is missed by about three of four, the limit by hardly one."""
    closes_h = float(np.quantile(leaving_s(PLAN, "Hut"), 0.26)) / H
    rows = row(race({"Hut": closes_h}, 1.5 * PLAN.elapsed_s / H))
    hut, end = closing(rows)
    assert hut["miss_probability"] == pytest.approx(0.74, abs=0.02)
    assert rows["finish_probability"] == pytest.approx(1.0 - hut["miss_probability"], abs=0.01)
    assert end["miss_probability"] >= hut["miss_probability"]
    assert rows["tightest"]["miss_probability"] == hut["miss_probability"]
    words = spoken(race({"Hut": closes_h}, 1.5 * PLAN.elapsed_s / H))
    percent = round(100 * rows["finish_probability"])
    assert words["finish"] == f"{percent} % chance inside all cutoffs and the limit"
    assert words["tightest"].endswith(
        f", chance of missing {round(100 * hut['miss_probability'])} %"
    )


def test_without_a_limit_cutoffs_alone_decide_and_without_both_nothing_does() -> None:
    assert row(race({}))["finish_probability"] is None
    assert row(race({"Inn": 99.0}))["finish_probability"] == 1.0
    assert row(race({"Inn": 0.5}))["finish_probability"] == 0.0
    assert row(race({"Inn": 99.0}), draws=0)["finish_probability"] is None
    assert spoken(race({}, 99.0))["finish"] == "100 % chance inside the limit"
    assert spoken(race({"Inn": 99.0}))["finish"] == "100 % chance inside all cutoffs"


def test_a_cutoff_is_a_time_to_leave_unless_the_race_says_arrive() -> None:
    """Twenty minutes are planned at the hut, which closes ten after the arrival."""
    arrives_s = PLAN.stages[0].arrival_s(PLACES["Hut"])
    closes = {"Hut": (arrives_s + 600.0) / H}
    leave, arrive = (closing(row(race(closes, cutoff_at=at)))[0] for at in ("leave", "arrive"))
    assert (leave["cutoff_at"], arrive["cutoff_at"]) == ("leave", "arrive")
    assert leave["margin_s"]["p50"] == pytest.approx(-600, abs=1)
    assert arrive["margin_s"]["p50"] == pytest.approx(600, abs=1)
    for end in ("p10", "p90"):
        assert arrive["margin_s"][end] - leave["margin_s"][end] == pytest.approx(1200, abs=1)
    assert leave["miss_probability"] > arrive["miss_probability"]


@pytest.mark.parametrize(("at", "late"), [("leave", True), ("arrive", False)])
def test_the_picture_marks_who_is_late_by_the_same_rule(at: str, late: bool) -> None:
    arrives_s = PLAN.stages[0].arrival_s(PLACES["Base"])
    drawn = compose(
        report(race({"Base": (arrives_s + 600.0) / H}, cutoff_at=at), draws=0), None, "distance"
    )
    (base,) = (border for border in drawn.borders if border.name == "Base")
    assert base.visit.is_late is late


def test_of_an_arrival_cutoff_one_may_leave_later() -> None:
    tight = {"Hut": 5.0, "Base": 100.0}
    leave, arrive = (closing(row(race(tight, cutoff_at=at)))[0] for at in ("leave", "arrive"))
    assert leave["leave_by_s"] == 5 * H < arrive["leave_by_s"]


def test_a_longer_stop_is_a_smaller_chance() -> None:
    closes = {"Inn": float(np.median(leaving_s(PLAN, "Inn"))) / H}
    short, long = (
        closing(row(race(closes), policy=Policy(stops={"Inn": stop_s})))[0]
        for stop_s in (300.0, 3600.0)
    )
    assert long["margin_s"]["p50"] - short["margin_s"]["p50"] == pytest.approx(-3300, abs=120)
    assert long["miss_probability"] > short["miss_probability"]


def test_days_are_counted_through_in_a_staged_race() -> None:
    """Who is out on the first day is out on the second."""
    days = tuple(
        Stage(k, f"day {k}", DAY, start=MORNING + timedelta(days=k - 1), limit_s=limit_s)
        for k, limit_s in ((1, None), (2, 99 * H))
    )
    course = Course("days", days, format="staged")
    first = estimate(course, [MEASURED[id(DAY)]] * 2, MID, draws=DRAWS)
    assert first.spread is not None
    tight_s = float(np.quantile(first.spread[0].elapsed_s, 0.6))
    tight = (replace(days[0], limit_s=tight_s), days[1])
    rows = row(replace(course, stages=tight))
    chances = [point["miss_probability"] for point in closing(rows)]
    assert chances[0] == pytest.approx(0.4, abs=0.02)
    assert chances == [chances[0]] * 2
    assert rows["finish_probability"] == pytest.approx(1.0 - chances[0], abs=1e-9)


def test_who_has_passed_was_let_through() -> None:
    """Late at the hut by the plan's stop, but seen at the inn."""
    arrives_s = PLAN.stages[0].arrival_s(PLACES["Hut"])
    at_inn_s = PLAN.stages[0].arrival_s(PLACES["Inn"])
    course = race({"Hut": (arrives_s - 60.0) / H, "Base": 99.0})
    seen = (Passed(1, PLACES["Inn"], at_inn_s, "Inn"),)
    before, after = closing(row(course)), closing(row(course, passed=seen))
    assert before[0]["miss_probability"] > 0.4
    assert [point["miss_probability"] for point in after] == [None, 0.0]
    assert [point["margin_s"]["p50"] is None for point in after] == [True, False]


# the race file

FILE = """
name = "R"
timezone = "Europe/Rome"
start = 2026-09-04T10:00:00
{race}
[[stage]]
gpx = "r.gpx"
[[stage.point]]
name = "Hut"
kind = "aid"
km = 4
cutoff = 2026-09-04T12:00:00
{point}
"""


def written(folder: Path, race: str = "", point: str = "") -> Course:
    rows = "".join(
        f'<trkpt lat="{46 + k / 1111.5:.6f}" lon="7"><ele>{1000 + 5 * k}</ele></trkpt>'
        for k in range(101)
    )
    gpx = f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>'
    (folder / "r.gpx").write_text(gpx, "utf-8")
    (folder / "race.toml").write_text(FILE.format(race=race, point=point), "utf-8")
    return gpxstage.load(folder)


@pytest.mark.parametrize(
    ("race", "point", "expected"),
    [
        ("", "", "leave"),
        ('cutoff_at = "arrive"', "", "arrive"),
        ("", 'cutoff_at = "arrive"', "arrive"),
        ('cutoff_at = "arrive"', 'cutoff_at = "leave"', "leave"),
    ],
)
def test_a_race_file_says_what_its_cutoffs_ask_for(
    tmp_path: Path, race: str, point: str, expected: str
) -> None:
    course = written(tmp_path, race, point)
    assert course.stages[0].points[0].cutoff_at == expected
    again = split(course, every="5km").race_file
    assert ('cutoff_at = "arrive"' in again) is (expected == "arrive")


def test_another_word_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(
        CourseError, match='point "Hut": cutoff_at "leaving" is unknown: did you mean "leave"'
    ):
        written(tmp_path, point='cutoff_at = "leaving"')
    with pytest.raises(CourseError, match=r'cutoff_at "gone" is unknown: known are leave, arrive$'):
        written(tmp_path, race='cutoff_at = "gone"')
