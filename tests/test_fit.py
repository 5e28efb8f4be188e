"""A runner from what is known of one: solving inverts the estimate, clues are weighed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, CourseError, Stage, Track
from gpxstage.estimator import estimate, fit
from gpxstage.estimator.fit.pooling import Clue
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure
from gpxstage.racefile import load

KM = 1000.0
MARATHON_M = 42_195.0

laws = settings(deadline=None)  # the first solution imports the solver


def steady(runner: Runner) -> float:
    """10 km at the flat speed itself."""
    return 10_000.0 / runner.flat_speed_mps


def hills(length_m: float = 30_000.0) -> Callable[[Runner], float]:
    """The estimate of a course of waves, by runner."""
    along_m = np.arange(0.0, length_m + 1.0, 10.0)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    nowhen = np.full(len(along_m), np.nan)
    height_m = 1000.0 - 400.0 * np.cos(along_m / 1200.0)
    flat = np.full(len(along_m), 46.0)
    track = Track(flat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int))
    course, profiles = Course("hills", (Stage(1, "hills", track),)), [measure(track)]
    return lambda runner: estimate(course, profiles, runner).elapsed_s


# solving


@laws
@given(mps=st.floats(1.05, 6.45))
def test_solving_inverts_a_time(mps: float) -> None:
    assert fit.solve(steady, 10_000.0 / mps, "x") == pytest.approx(mps, rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(mps=st.floats(2.2, 6.3))
def test_solving_inverts_the_engine(mps: float) -> None:
    time_of = hills()
    found = fit.solve(time_of, time_of(at_ability(mps)), "x")
    assert found == pytest.approx(mps, rel=1e-4)


@pytest.mark.parametrize(
    ("elapsed_s", "message"),
    [
        (1000.0, r"my race: cannot be met: the fastest runner that can be estimated takes 0:26 h"),
        (18_000.0, r"my race: cannot be met: the slowest runner that can be estimated takes 4:38"),
        (0.0, "my race: a time must be longer than nothing"),
        (-5.0, "my race: a time must be longer than nothing"),
        (math.nan, "my race: a time must be longer than nothing"),
    ],
)
def test_a_time_that_nobody_meets_is_refused_with_the_nearest(
    elapsed_s: float, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        fit.solve(steady, elapsed_s, "my race")


# past races


def test_a_past_race_is_as_sure_as_pairs_of_races_say() -> None:
    time_of = hills()
    clue = fit.from_past("the hills", time_of, time_of(at_ability(3.4)))
    assert clue.flat_speed_mps == pytest.approx(3.4, rel=1e-4)
    assert clue.spread == learnt().race_scatter


# the index


def test_a_higher_index_is_faster_everywhere() -> None:
    found = [fit.from_index(index).flat_speed_mps for index in np.linspace(250.0, 1000.0, 301)]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
    assert found[0] > fit.SLOWEST_MPS
    assert found[-1] < fit.FASTEST_MPS
    assert fit.from_index(612.5).what == "UTMB index 612.5"


@pytest.mark.parametrize("index", [0.0, 249.9, 1000.1, -600.0, math.nan, math.inf])
def test_an_index_out_of_range(index: float) -> None:
    with pytest.raises(CourseError, match=r"is out of range: 250 \.\.\. 1000 can be carried"):
        fit.from_index(index)


@pytest.mark.parametrize("index", [400.0, 600.0, 800.0, 1000.0])
def test_an_index_is_a_time_on_the_utmb(data: Callable[[str], Path], index: float) -> None:
    """The table says of itself: 1000 is 18.8 h there, and the rest in proportion."""
    course = load(data("courses/utmb-2025.gpx"))
    profiles = [measure(stage.track) for stage in course.stages]
    runner = at_ability(fit.from_index(index).flat_speed_mps)
    hours = estimate(course, profiles, runner).elapsed_s / 3600.0
    assert hours == pytest.approx(18.8 * 1000.0 / index, rel=0.03)


# clues together


def test_one_clue_is_the_runner() -> None:
    runner, notes = fit.combine([Clue("10 km in 38:00", 4.2, 0.1)])
    assert runner.flat_speed_mps == pytest.approx(4.2)
    assert (runner.name, runner.source) == ("you", "10 km in 38:00")
    assert notes == ()
    named = {"name": "you", "source": runner.source, "ability_spread": runner.ability_spread}
    assert runner == replace(at_ability(runner.flat_speed_mps), **named)


def test_the_more_clues_the_surer() -> None:
    spreads = [fit.combine([Clue("x", 4.2, 0.08)] * count)[0].ability_spread for count in (1, 2, 4)]
    assert spreads == pytest.approx([0.08, 0.08 / math.sqrt(2.0), 0.04])


def test_clues_weigh_by_their_spreads() -> None:
    even, _ = fit.combine([Clue("a", 3.9, 0.08), Clue("b", 4.1, 0.08)])
    assert even.flat_speed_mps == pytest.approx(math.sqrt(3.9 * 4.1))
    uneven, _ = fit.combine([Clue("a", 3.9, 0.05), Clue("b", 4.1, 0.10)])
    share = 0.05**-2 / (0.05**-2 + 0.10**-2)
    assert uneven.flat_speed_mps == pytest.approx(3.9**share * 4.1 ** (1.0 - share))
    assert uneven.source == "a; b"


@laws
@given(
    clues=st.lists(
        st.builds(Clue, st.just("x"), st.floats(2.0, 6.0), st.floats(0.03, 0.2)),
        min_size=1,
        max_size=6,
    )
)
def test_the_mean_lies_among_the_clues(clues: list[Clue]) -> None:
    runner, _ = fit.combine(clues)
    speeds = [clue.flat_speed_mps for clue in clues]
    assert min(speeds) - 1e-9 <= runner.flat_speed_mps <= max(speeds) + 1e-9
    assert runner.flat_speed_mps == pytest.approx(fit.combine(clues[::-1])[0].flat_speed_mps)


def test_clues_that_agree_need_no_note() -> None:
    assert fit.combine([Clue("a", 3.9, 0.05), Clue("b", 4.1, 0.05)])[1] == ()


def test_clues_that_contradict_each_other_are_told() -> None:
    _, notes = fit.combine([Clue("10 km in 30:00", 5.2, 0.05), Clue("the Tor", 3.4, 0.05)])
    assert notes == (
        "10 km in 30:00 fits a runner 24 % faster than all clues together:"
        " they contradict each other",
        "the Tor fits a runner 19 % slower than all clues together: they contradict each other",
    )


# goals


def test_a_goal_is_met_by_its_runner() -> None:
    time_of = hills()
    runner, notes = fit.for_goal(time_of, 4.5 * 3600.0, "goal 4:30")
    assert time_of(runner) == pytest.approx(4.5 * 3600.0, abs=0.5)
    assert (runner.name, runner.source, notes) == ("goal", "goal 4:30", ())


def test_a_goal_beyond_the_world_record_is_met_and_doubted() -> None:
    runner, notes = fit.for_goal(steady, 10_000.0 / 6.2, "goal 0:27")
    assert runner.flat_speed_mps > fit.ONE_HOUR_RECORD_MPS
    assert notes == (
        "this takes 22.3 km on a flat track in an hour, more than the world record of 21.3 km:"
        " not plausible",
    )
    assert fit.combine([Clue("a mile in 3:40", 6.2, 0.1)])[1] == notes


def test_a_goal_that_nobody_meets() -> None:
    time_of = hills()
    with pytest.raises(CourseError, match=r"goal 1:00: cannot be met: the fastest .* \d+:\d\d h"):
        fit.for_goal(time_of, 3600.0, "goal 1:00")
    with pytest.raises(CourseError, match=r"goal 99:00: cannot be met: the slowest .* \d+:\d\d h"):
        fit.for_goal(time_of, 99 * 3600.0, "goal 99:00")
