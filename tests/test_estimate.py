"""The door: courses of many stages, plain models, notes, and two races from their own files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, CourseError, Point, Stage, Track
from gpxstage.estimator import LEVELS, Estimate, Runner, estimate
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.runner import at_ability
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure
from gpxstage.racefile import load

PLAIN = [name for name in MODELS if name != "gait"]
MORNING = datetime(2025, 9, 14, 8, tzinfo=UTC)
MID = at_ability(3.7)


def two_waves(along_m: np.ndarray) -> np.ndarray:
    """A mountain every 16 km, and knolls."""
    return np.asarray(1500.0 - 600.0 * np.cos(along_m / 2500.0) + 40.0 * np.sin(along_m / 400.0))


def line(from_m: float, to_m: float, *, step_m: float = 10.0, height: Any = two_waves) -> Track:
    """A part of one long way eastward from 46 N, 7 E."""
    along_m = np.linspace(from_m, to_m, max(1, round((to_m - from_m) / step_m)) + 1)
    _, east_m_per_deg = metric_m_per_deg(np.array([46.0]))
    lat, nowhen = np.full(len(along_m), 46.0), np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m_per_deg, height(along_m), nowhen, np.zeros(1, int))


def race(*tracks: Track, points: dict[int, list[Point]] | None = None, **facts: Any) -> Course:
    """A race of some tracks; points by the number of their stage."""
    stages = tuple(
        Stage(number, f"day {number}", track, tuple((points or {}).get(number, ())))
        for number, track in enumerate(tracks, start=1)
    )
    return Course("made", stages, **facts)


def run(course: Course, runner: Runner | None = MID, **how: Any) -> Estimate:
    return estimate(course, [measure(stage.track) for stage in course.stages], runner, **how)


# what is refused, what is noted


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown model 'tobbler': one of gait, .*tobler"):
        run(race(line(0.0, 5000.0)), model="tobbler")


@pytest.mark.parametrize("model", MODELS)
def test_without_elevation_there_is_no_duration(model: str) -> None:
    bare = line(0.0, 5000.0, height=lambda along_m: np.full(len(along_m), np.nan))
    with pytest.raises(CourseError, match="stage 2: no elevation, so no duration"):
        run(race(line(0.0, 5000.0), bare), model=model)


def test_profiles_must_be_those_of_the_stages() -> None:
    course = race(line(0.0, 5000.0), line(5000.0, 9000.0))
    with pytest.raises(ValueError, match="1 profiles for 2 stages"):
        estimate(course, [measure(course.stages[0].track)], MID)


def test_without_a_runner_it_is_the_middle_of_the_field() -> None:
    course = race(line(0.0, 20_000.0))
    found = run(course, None)
    assert found.runner == run(course, LEVELS["mid"]).runner
    assert found.runner.name == "mid"
    assert found.model == "gait"
    assert found.elapsed_s == run(course, LEVELS["mid"]).elapsed_s


def test_what_is_steeper_than_known_is_noted_with_its_share() -> None:
    steep = run(race(line(0.0, 2000.0, height=lambda along_m: 0.6 * along_m)))
    assert steep.notes[0] == (
        "100.0 % of the length is steeper than the model gait knows"
        " and counts as its steepest grade"
    )
    assert not run(race(line(0.0, 2000.0, height=lambda along_m: 0.3 * along_m))).notes


# stages


@pytest.fixture(scope="module")
def whole() -> Estimate:
    return run(race(line(0.0, 128_000.0), start=MORNING))


@pytest.mark.parametrize("count", [2, 5, 7])
def test_cutting_a_race_changes_nothing_while_the_clock_runs_on(
    whole: Estimate, count: int
) -> None:
    edges_m = np.linspace(0.0, 128_000.0, count + 1)
    parts = [line(a, b) for a, b in pairwise(edges_m)]
    cut = run(race(*parts, start=MORNING))
    assert len(cut.stages) == count
    assert cut.elapsed_s == pytest.approx(whole.elapsed_s, rel=0.005)
    assert cut.hike_of_time == pytest.approx(whole.hike_of_time, abs=0.005)
    clock_s = 0.0
    for stage, end_m in zip(cut.stages, edges_m[1:], strict=True):
        assert stage.offset_s == pytest.approx(clock_s)
        clock_s += stage.elapsed_s
        arrival_s = stage.arrival_s(float(stage.edge_m[-1]))
        assert arrival_s == pytest.approx(whole.stages[0].arrival_s(end_m), rel=0.01)
    assert clock_s == pytest.approx(cut.elapsed_s)


@settings(max_examples=15, deadline=None)
@given(
    cuts_m=st.lists(st.floats(2000.0, 84_000.0), min_size=1, max_size=6, unique=True),
    ability=st.floats(2.5, 6.5),
)
def test_cutting_anywhere_changes_nothing(cuts_m: list[float], ability: float) -> None:
    edges_m = [0.0, *(cut for cut in sorted(cuts_m)), 86_000.0]
    edges_m = [a for a, b in pairwise(edges_m) if b - a > 500.0]
    edges_m.append(86_000.0)
    parts = [line(a, b) for a, b in pairwise(edges_m)]
    runner = at_ability(ability)
    assert run(race(*parts), runner).elapsed_s == pytest.approx(
        run(race(line(edges_m[0], 86_000.0)), runner).elapsed_s, rel=0.01
    )


def test_the_same_day_again_is_slower_after_a_night_and_starts_at_zero() -> None:
    day = line(0.0, 30_000.0)
    found = run(race(day, day, day, format="staged"))
    fresh = run(race(day))
    days_s = [stage.elapsed_s for stage in found.stages]
    assert days_s[0] == pytest.approx(fresh.elapsed_s)
    assert days_s[0] * 1.001 < days_s[1] < 1.1 * days_s[0]
    assert days_s[2] - days_s[1] > 0.8 * (days_s[1] - days_s[0])  # one night does not mend it all
    assert [stage.offset_s for stage in found.stages] == [0.0, 0.0, 0.0]
    assert found.elapsed_s == pytest.approx(sum(days_s))


def test_three_days_with_nights_are_faster_than_one_push() -> None:
    days = [line(a, a + 30_000.0) for a in (0.0, 30_000.0, 60_000.0)]
    assert run(race(*days, format="staged")).moving_s < 0.97 * run(race(*days)).moving_s


def test_each_day_has_its_own_start_and_a_day_without_one_knows_no_darkness() -> None:
    day = line(0.0, 10_000.0)
    stages = (
        Stage(1, "", day, start=datetime(2025, 9, 14, 23, tzinfo=UTC)),
        Stage(2, "", day, start=datetime(2025, 9, 15, 10, tzinfo=UTC)),
        Stage(3, "", day),
    )
    night, noon, unknown = run(Course("made", stages, format="staged")).stages
    assert night.dark_s == pytest.approx(night.cell_s)
    assert noon.dark_s == pytest.approx(0.0)
    assert unknown.dark_s is None


# sampling


@pytest.mark.parametrize("length_m", [3000.0, 20_000.0, 160_000.0])
@pytest.mark.parametrize("step_m", [5.0, 20.0])
def test_twice_and_half_the_points_change_less_than_a_percent(
    length_m: float, step_m: float
) -> None:
    usual, other = (run(race(line(0.0, length_m, step_m=step))) for step in (10.0, step_m))
    assert other.elapsed_s == pytest.approx(usual.elapsed_s, rel=0.003)
    assert other.hike_of_time == pytest.approx(usual.hike_of_time, abs=0.003)


# places


def aid(name: str, distance_m: float, kind: str = "aid", **more: Any) -> Point:
    return Point(name, kind, distance_m=distance_m, **more)


def stops_of(found: Estimate) -> list[list[tuple[str, float]]]:
    return [[(stop.point, stop.distance_m) for stop in stage.stops] for stage in found.stages]


DAYS = (line(0.0, 50_000.0), line(50_000.0, 100_000.0))
END_M = measure(DAYS[0]).length_m


def test_without_places_stops_are_spread_and_said_to_be() -> None:
    found = run(race(*DAYS))
    assert found.notes == (
        "no aid stations are known: stops and sleep are spread evenly along the way",
    )
    assert sum(stage.stopped_s for stage in found.stages) > 0.02 * found.moving_s
    assert not run(race(line(0.0, 8000.0))).notes  # a short run needs none


def test_only_the_stages_without_places_are_said_to_have_none() -> None:
    points = {2: [aid("tap", 20_000.0, "water"), aid("end", END_M, "finish")]}
    found = run(race(*DAYS, points=points, format="staged"))
    assert found.notes[0] == ("no aid stations are known in stage 1: stops there are spread evenly")
    assert [stop.point for stop in found.stages[1].stops] == ["tap"]
    assert "stage" not in run(race(*DAYS, format="staged")).notes[0]  # nowhere any
    assert run(race(*DAYS, points=points)).notes == ()  # one clock: the places are there


def test_nobody_stops_at_the_start_the_finish_or_a_pass() -> None:
    points = {
        1: [aid("start", 0.0, "start"), aid("hut", 20_000.0), aid("pass", 30_000.0, "col")],
        2: [aid("tap", 20_000.0, "water"), aid("end", END_M, "finish"), aid("tent", END_M)],
    }
    found = run(race(*DAYS, points=points))
    assert stops_of(found) == [[("hut", 20_000.0)], [("tap", 20_000.0)]]
    hut, tap = (stage.stops[0].stop_s - stage.stops[0].sleep_s for stage in found.stages)
    assert tap == pytest.approx(0.3 * hut)


def test_a_stop_at_a_border_belongs_to_the_stage_that_ends_there() -> None:
    points = {1: [aid("base", END_M, "life-base")], 2: [aid("hut", 20_000.0)]}
    first, second = run(race(*DAYS, points=points)).stages
    assert [stop.point for stop in first.stops] == ["base"]
    assert second.offset_s == pytest.approx(first.moving_s[-1] + first.stopped_s)
    assert first.arrival_s(END_M) == pytest.approx(first.moving_s[-1])  # before the stop


def test_a_stop_at_a_border_is_counted_once_in_spite_of_rounding() -> None:
    first, second = run(race(*DAYS, points={1: [aid("base", END_M + 5e-7)]})).stages
    assert [stop.point for stop in first.stops] == ["base"]
    assert second.stops == ()


@pytest.mark.parametrize("kind", ["finish", "waypoint"])
def test_a_base_at_a_border_is_kept_where_only_the_next_stage_says_it_is_one(kind: str) -> None:
    points = {
        1: [aid("base", END_M, kind)],
        2: [aid("base", 0.0, "life-base", stop_s=600.0), aid("hut", 20_000.0)],
    }
    assert stops_of(run(race(*DAYS, points=points)))[0] == [("base", pytest.approx(END_M))]


def test_beds_are_where_the_points_say() -> None:
    places = [aid("hut", 15_000.0), aid("base", 30_000.0, "life-base"), aid("inn", 45_000.0)]
    slow = at_ability(2.7)
    unsaid = run(race(*DAYS, points={1: places}), slow)
    assert "no bed is known at any point: sleep is spread over the life bases" in unsaid.notes
    assert [stop.sleep_s > 0.0 for stop in unsaid.stages[0].stops] == [False, True, False]
    places[2] = aid("inn", 45_000.0, services=("food",))
    fed = run(race(*DAYS, points={1: places}), slow)  # food alone says nothing of beds
    assert (fed.notes, fed.elapsed_s) == (unsaid.notes, unsaid.elapsed_s)
    places[2] = aid("inn", 45_000.0, services=("bed",))
    said = run(race(*DAYS, points={1: places}), slow)
    assert not said.notes
    assert [stop.sleep_s > 0.0 for stop in said.stages[0].stops] == [False, False, True]


def test_an_aid_station_at_the_start_takes_no_stopping_away() -> None:
    hut = aid("hut", 25_000.0)
    alone, both = (
        run(race(*DAYS, points={1: places})).elapsed_s
        for places in ([hut], [aid("start", 0.0), hut])
    )
    assert both == pytest.approx(alone, rel=1e-3)


def test_a_place_on_both_sides_of_a_border_is_one() -> None:
    here, there = aid("base", END_M, stop_s=3600.0), aid("base", 0.0, stop_s=3600.0)
    hut = aid("hut", 20_000.0, services=("bed",))
    found = run(race(*DAYS, points={1: [here], 2: [there, hut]}))
    assert found.stages[0].stopped_s == pytest.approx(3600.0)


def test_two_places_at_one_distance_keep_their_names() -> None:
    places = [aid("tap", 20_000.0, "water"), aid("hut", 20_000.0)]
    found = run(race(*DAYS, points={1: places}))
    assert stops_of(found)[0] == [("tap", 20_000.0), ("hut", 20_000.0)]


def test_a_stop_at_a_border_keeps_the_name_that_the_next_stage_gives() -> None:
    found = run(race(*DAYS, points={2: [aid("base", 0.0, "life-base")]}))
    assert stops_of(found)[0] == [("base", pytest.approx(END_M))]


# plain models


@pytest.mark.parametrize("model", PLAIN)
def test_a_plain_model_knows_time_but_no_gait(model: str) -> None:
    found = run(race(*DAYS, start=MORNING), model=model)
    assert found.model == model
    assert found.hike_of_time is None
    for stage in found.stages:
        assert stage.hiked_s is None
        assert stage.hiked_m is None
        assert stage.energy_kcal is None
        assert stage.dark_s is None
        assert (stage.cell_s > 0.0).all()
    assert 5.0 < found.moving_s / 3600.0 < 60.0
    assert found.elapsed_s > found.moving_s


@pytest.mark.parametrize("model", PLAIN)
@pytest.mark.parametrize("length_m", [12.0, 60.0, 1_000_000.0])
def test_a_plain_model_is_finite_on_any_course(model: str, length_m: float) -> None:
    found = run(race(line(0.0, length_m, step_m=50.0)), at_ability(2.5), model=model)
    assert length_m / 10.0 < found.elapsed_s < length_m / 0.1


def test_the_rules_of_hiking_keep_their_own_pace_and_the_factors_follow_the_runner() -> None:
    for model in PLAIN:
        slow, fast = (run(race(*DAYS), at_ability(mps), model=model).moving_s for mps in (3.0, 5.0))
        if MODELS[model].is_factor and MODELS[model].kind != "walking":
            assert fast < 0.75 * slow, model
        else:
            assert fast == pytest.approx(slow), model


def test_a_rule_of_hiking_is_what_it_says() -> None:
    flat = line(0.0, 12_000.0, height=lambda along_m: 0.0 * along_m)
    assert run(race(flat), model="din33466").moving_s == pytest.approx(3 * 3600.0, rel=1e-6)
    climb = line(0.0, 3000.0, height=lambda along_m: 0.2 * along_m)
    assert run(race(climb), model="naismith").moving_s == pytest.approx(
        3600.0 * (3.0 / 5.0 + 600.0 / 600.0), rel=1e-3
    )


def test_a_plain_model_says_what_it_does_not_know() -> None:
    steep = run(race(line(0.0, 2000.0, height=lambda along_m: 0.42 * along_m)), model="tobler")
    assert not steep.notes
    steep = run(
        race(line(0.0, 2000.0, height=lambda along_m: 0.42 * along_m)), model="course-generator"
    )
    assert (
        "100.0 % of the length is steeper than the model course-generator knows" in steep.notes[0]
    )


# two races, bare: no start, no terrain of their own

BARE_H = {  # level -> hours
    "courses/tor330-2025.gpx": {
        "elite": (62.0, 71.0),
        "strong": (95.0, 109.0),
        "mid": (120.0, 136.0),
        "back": (137.0, 155.0),
    },
    "courses/utmb-2025.gpx": {
        "elite": (18.5, 21.5),
        "strong": (27.5, 32.0),
        "mid": (38.0, 43.5),
        "back": (42.5, 49.0),
    },
}


@pytest.mark.parametrize("name", BARE_H)
def test_the_levels_are_places_in_the_field(data: Callable[[str], Path], name: str) -> None:
    course = load(data(name))
    profiles = [measure(stage.track) for stage in course.stages]
    found = {level: estimate(course, profiles, LEVELS[level]) for level in LEVELS}
    for level, (low_h, high_h) in BARE_H[name].items():
        assert low_h < found[level].elapsed_s / 3600.0 < high_h, level
    shares = [found[level].hike_of_time or 0.0 for level in ("elite", "strong", "mid", "back")]
    assert shares == sorted(shares)
    assert shares[-1] < 0.92


def test_the_tor_is_mostly_hiked_by_a_strong_runner(data: Callable[[str], Path]) -> None:
    course = load(data("courses/tor330-2025.gpx"))
    found = estimate(course, [measure(stage.track) for stage in course.stages], LEVELS["strong"])
    assert found.hike_of_time is not None
    # a finisher of 97 h prepared for 70 %; people with cadence hike more at such speeds
    assert 0.65 < found.hike_of_time < 0.85
