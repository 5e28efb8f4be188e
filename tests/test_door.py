"""The door of the Python interface: levels by name, options out of range, rows of one's own."""

from __future__ import annotations

import copy
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpxstage as gs
from gpxstage.estimator import Passed, Policy, plan_sleep
from gpxstage.estimator.runner import LEVELS, RANGES, Runner, in_range, runner_of
from gpxstage.facts.whole import as_json, json_text

COURSES = Path(__file__).resolve().parents[1] / "sample_courses"


@pytest.fixture(scope="module")
def course() -> gs.Course:
    return gs.load(COURSES / "chattanooga-mountains", start="2026-05-01T08:00-04:00")


@pytest.fixture(scope="module")
def report(course: gs.Course) -> gs.Report:
    return gs.analyze(course, "strong", draws=8, why=True)


def test_the_name_of_a_level_is_a_runner(course: gs.Course) -> None:
    profiles = [gs.measure(stage.track) for stage in course.stages]
    for name, runner in LEVELS.items():
        by_name = gs.analyze(course, name, draws=0)
        assert by_name.estimate is not None
        assert by_name.estimate.runner == gs.estimate(course, profiles, runner).runner
        assert by_name.estimate.runner.name == name
        assert by_name.estimate.elapsed_s == gs.estimate(course, profiles, runner).elapsed_s
        assert gs.estimate(course, profiles, name).elapsed_s == by_name.estimate.elapsed_s
    assert plan_sleep(course, profiles, "mid") == plan_sleep(course, profiles)
    field = gs.analyze(course, "elite", others=("mid", LEVELS["back"]), draws=0)
    assert [name for name, _ in field.levels] == ["elite", "mid", "back"]


def test_a_level_that_is_none_is_answered_with_those_that_are(course: gs.Course) -> None:
    known = 'elite, strong, mid, back: did you mean "strong"'
    with pytest.raises(ValueError, match=known):
        gs.analyze(course, "strongest", draws=0)
    with pytest.raises(ValueError, match="no level is called '', only elite"):
        gs.analyze(course, "mid", others=("",), draws=0)


WRONG_NUMBERS = [
    ("flat_speed_mps", (-3.0, 0.0, math.nan, math.inf, 11.0)),
    ("body_kg", (0.0, -70.0, math.nan, 1e308)),
    ("pack_kg", (-1.0, math.nan, 41.0)),
    ("descent_m_per_h", (0.0, -1.0, math.nan)),
    ("hike_most_mps", (0.0, math.nan)),
    ("stops", (-1.0, math.inf)),
    ("sleep", (-1.0, math.nan)),
    ("night_up", (0.0, math.nan)),
    ("ability_spread", (-0.1, math.nan, 2.0)),
    ("habit", (-1.0, math.nan)),
    ("habit_from_h", (0.0, 1e308, math.nan)),
]
CASES = [(key, value) for key, values in WRONG_NUMBERS for value in values]


@pytest.mark.parametrize(("key", "value"), CASES)
def test_a_runner_that_cannot_be_is_refused(course: gs.Course, key: str, value: float) -> None:
    wrong = replace(LEVELS["mid"], **{key: value})
    with pytest.raises(ValueError, match=f"runner: {key} .* is out of range: "):
        gs.analyze(course, wrong, draws=0)
    profiles = [gs.measure(stage.track) for stage in course.stages]
    for ask in (gs.estimate, plan_sleep):
        with pytest.raises(ValueError, match=f"runner: {key}"):
            ask(course, profiles, wrong)


@pytest.mark.parametrize("key", ["flat_speed_mps", "body_kg", "gait_weight"])
@pytest.mark.parametrize("value", ["3.5", None, True, np.ones(2), 1j])
def test_what_is_no_number_is_a_type_error(course: gs.Course, key: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"runner: {key} is a number, not "):
        gs.analyze(course, replace(LEVELS["mid"], **{key: value}))


@pytest.mark.parametrize("key", RANGES)
def test_every_number_of_a_runner_has_a_range(key: str) -> None:
    assert {name for name, kind in Runner.__annotations__.items() if kind == "float"} == set(RANGES)
    low, high = RANGES[key]
    for runner in LEVELS.values():
        assert low <= getattr(runner, key) <= high
        assert runner_of(replace(runner, **{key: low}))
        assert runner_of(replace(runner, **{key: np.float32(0.5 * (low + high))}))


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"draws": -1}, ValueError, "draws -1 is out of range: 0 ... 5000"),
        ({"draws": 5001}, ValueError, "draws 5001 is out of range"),
        ({"draws": 2.5}, TypeError, "draws is a whole number, not 2.5"),
        ({"draws": True}, TypeError, "draws is a whole number, not True"),
        ({"draws": "many"}, TypeError, "draws is a whole number, not 'many'"),
        ({"seed": -1}, ValueError, "seed -1 is out of range: 0 or more"),
        ({"seed": None}, TypeError, "seed is a whole number, not NoneType"),
        ({"model": "gate"}, ValueError, "unknown model 'gate'.*did you mean \"gait\""),
        ({"model": ["gait"]}, TypeError, "a model is the name of one, not list"),
        ({"why": 1}, TypeError, "why is True or False, not 1"),
        ({"intake_kcal_per_h": math.nan}, ValueError, "intake_kcal_per_h nan is out of range"),
        ({"intake_kcal_per_h": -1.0}, ValueError, "intake_kcal_per_h -1 is out of range"),
        ({"intake_kcal_per_h": 10**400}, ValueError, "intake_kcal_per_h inf is out of range"),
        ({"intake_kcal_per_h": "200"}, TypeError, "intake_kcal_per_h is a number, not '200'"),
        ({"crew_items": "soup"}, TypeError, "crew_items is a list of texts"),
        ({"crew_items": [3]}, TypeError, "crew_items is a list of texts"),
        ({"crew_items": ["x"] * 7}, ValueError, "crew_items: 7 items: a crew card takes 6"),
        ({"passed": ["Cogne"]}, TypeError, "passed holds Passed, not 'Cogne'"),
        ({"passed": [Passed(1, math.nan, 60.0)]}, ValueError, "stage 1"),
        ({"passed": [Passed(1, 9000.0, math.nan)]}, ValueError, "not after the start"),
        ({"runner": 3}, TypeError, "a runner is a Runner or the name of a level, not 3"),
        ({"policy": {}}, TypeError, "a policy is a Policy, not dict"),
        ({"policy": Policy(slowdown=0.0)}, ValueError, "policy: slowdown 0 is out of range"),
        ({"policy": Policy(slowdown=math.nan)}, ValueError, "policy: slowdown nan"),
        ({"policy": Policy(hike_above=-0.1)}, ValueError, "policy: hike_above -0.1"),
        ({"policy": Policy(home_altitude_m=9000.0)}, ValueError, "policy: home_altitude_m 9000"),
        ({"policy": Policy(stops=[])}, TypeError, "policy: stops is a dict of seconds by point"),
        ({"policy": Policy(stops={"Aid": "10"})}, TypeError, "stops: Aid is a number, not '10'"),
        ({"policy": Policy(stops={3: 10.0})}, TypeError, "a point is named by text, not 3"),
        ({"policy": Policy(sleeps={"1/Aid 1": math.nan})}, ValueError, "from nothing to a week"),
        ({"policy": Policy(sleeps={"1/Aid 1": -1.0})}, ValueError, "from nothing to a week"),
    ],
)
def test_an_option_that_cannot_be_is_refused(
    course: gs.Course, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        gs.analyze(course, **options)


@pytest.mark.parametrize(
    ("altitude_m", "error", "says"),
    [
        ("9000", TypeError, "altitude_m is a number, not '9000'"),
        (None, TypeError, "altitude_m is a number, not NoneType"),
        (math.nan, ValueError, "altitude_m nan is out of range"),
        (math.inf, ValueError, "altitude_m inf is out of range"),
    ],
)
def test_time_above_what_is_no_altitude(
    report: gs.Report, altitude_m: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        report.time_above(altitude_m)


def test_a_runner_file_is_read_in_one_call(tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text(
        'schema = 1\nname = "ida"\neffort = "recorded"\ngait = "run"\nflat_speed_mps = 3.2\n'
        '[race]\nfrom = "heart rate"\nflat_speed_mps = 3.9\n',
        encoding="utf-8",
    )
    easy, hard = gs.read_runner(file), gs.read_runner(str(file), effort="race")
    assert (easy.name, easy.flat_speed_mps, hard.flat_speed_mps) == ("ida", 3.2, 3.9)
    wrong: Any = "hard"
    with pytest.raises(ValueError, match="effort is one of race, recorded, unknown, not 'hard'"):
        gs.read_runner(file, effort=wrong)
    with pytest.raises(gs.CourseError, match="no hikes among the recordings"):
        gs.read_runner(file, gait="hike")


def test_a_thing_of_another_kind_is_named(course: gs.Course, report: gs.Report) -> None:
    wrong: Any = "race.gpx"
    with pytest.raises(TypeError, match=r"a course is what gpxstage.load\(\) gives, not str"):
        gs.analyze(wrong, draws=0)
    with pytest.raises(TypeError, match="a Track is measured, not str"):
        gs.measure(wrong)
    with pytest.raises(TypeError, match=r"what gpxstage.analyze\(\) gives, not of a Course"):
        gs.draw(course)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 profiles for 3 stages"):
        gs.analyze(course, profiles=report.profiles[:1], draws=0)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"format": "contiuous"}, ValueError),
        ({"wave": 0}, ValueError),
        ({"wave": 1.5}, ValueError),
        ({"wave": True}, ValueError),
        ({"terrain": "0.4"}, TypeError),
        ({"terrain": math.nan}, ValueError),
        ({"terrain": -0.1}, ValueError),
        ({"start": 3}, TypeError),
    ],
)
def test_loading_checks_its_options(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(options))):
        gs.load(COURSES / "chattanooga-mountains", **options)


def test_a_name_with_a_nul_is_no_file() -> None:
    with pytest.raises(gs.CourseError, match="holds a NUL character"):
        gs.load("race\0.gpx")


@given(low=st.floats(-1e6, 1e6), width=st.floats(0.0, 1e6), value=st.floats() | st.integers())
def test_a_number_passes_exactly_within_its_range(low: float, width: float, value: float) -> None:
    try:
        in_range("it", value, low, low + width)
    except ValueError:
        assert not low <= value <= low + width
    else:
        assert low <= value <= low + width


def spoiled(node: Any) -> None:
    """Every row and list changed, down to the last."""
    for inner in list(node.values() if isinstance(node, dict) else node):
        if isinstance(inner, dict | list):
            spoiled(inner)
    node.clear()


def test_rows_that_were_handed_out_are_never_handed_out_again(report: gs.Report) -> None:
    text, first = json_text(report.facts), as_json(report.facts)
    kept = copy.deepcopy(first)
    first["stages"][0]["name"] = "changed"
    spoiled(first)
    assert as_json(report.facts) == kept
    assert json_text(report.facts) == text


LONGEST = 160  # characters that a line of a terminal shows on two rows


def test_what_python_shows_is_short(course: gs.Course, report: gs.Report) -> None:
    assert report.estimate is not None
    assert report.estimate.spread is not None
    shown = {
        repr(report): r"<Report Chattanooga Mountains.*: 96\.\d km, \+.* for strong, .*>",
        repr(course): r"<Course Chattanooga Mountains.*: 3 stages, staged>",
        repr(course.stages[0]): r"<Stage 1 Raccoon Mountain: 29\.\d km, 4 points>",
        repr(course.stages[0].track): r"<Track Raccoon Mountain: \d+ points>",
        repr(report.profiles[0]): r"<Profile: 29\.\d km, \+\d+ m>",
        repr(report.profiles[0].cells): r"<Cells: \d+ of 29\.\d km>",
        repr(report.estimate): r"<Estimate for strong: \d+:\d\d h on 3 stages>",
        repr(report.estimate.stages[0]): r"<StageEstimate: 29\.\d km in \d:\d\d h>",
        repr(report.estimate.runner): r"<Runner strong: 4\.\d\d m/s for an hour>",
        repr(report.estimate.spread[0]): r"<StageSpread: 8 draws of 29\.\d km>",
        repr(report.estimate.why): r"<Why: 3 stages by cause, \d+ other models>",
        repr(report.estimate.stages[0].alertness): r"<Alertness: \d+ moments, KSS \d\.\d at worst>",
        repr(gs.draw(report)): r"<Drawing of \d+ x \d+ pixels>",
    }
    for text, pattern in shown.items():
        assert len(text) <= LONGEST
        assert "array" not in text
        assert re.fullmatch(pattern, text), text


def test_a_course_without_elevation_shows_itself_too() -> None:
    track = gs.Track(
        np.array([45.0, 45.01]),
        np.array([7.0, 7.0]),
        np.full(2, np.nan),
        np.full(2, np.nan),
        np.array([0]),
    )
    bare = gs.Course("Bare", (gs.Stage(1, "Bare", track),))
    assert repr(track) == "<Track without a name: 2 points>"
    assert repr(gs.measure(track)) == "<Profile: 1.1 km, no elevation>"
    assert repr(gs.analyze(bare, draws=0)) == "<Report Bare: 1.1 km>"
