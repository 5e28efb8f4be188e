"""What a race file says of sand, and of a pack that grows lighter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course, CourseError, Stage, Track
from gpxstage.estimator import Policy, estimate
from gpxstage.estimator.runner import LEVELS, Runner, at_ability

HIKER = replace(at_ability(2.6), pack_kg=0.0)
RACER = replace(at_ability(5.6), pack_kg=0.0)
WALKING = Policy(hike_above=0.0)


def plain(stages: int = 1, **facts: float) -> Course:
    """Stages of 20 km that rise by 20 m."""
    along_m = np.linspace(0.0, 20e3, 401)
    nowhen = np.full(len(along_m), np.nan)
    track = Track(
        np.full(401, 30.0),
        along_m / 96_400.0,
        np.linspace(700.0, 720.0, 401),
        nowhen,
        np.zeros(1, int),
    )
    each = [Stage(k + 1, f"day {k + 1}", track, terrain=0.0) for k in range(stages)]
    format_ = "staged" if stages > 1 else "continuous"
    return Course("plain", tuple(replace(one, **facts) for one in each), format=format_)


PROFILE = gpxstage.measure(plain().stages[0].track)


def moving_s(course: Course, runner: Runner, policy: Policy | None = None) -> list[float]:
    profiles = [PROFILE] * len(course.stages)
    found = estimate(course, profiles, runner, policy=policy)
    return [float(stage.moving_s[-1]) for stage in found.stages]


def times_as_long(sand: float, runner: Runner, policy: Policy | None = None) -> float:
    (firm_s,), (soft_s,) = (moving_s(plain(sand=s), runner, policy) for s in (0.0, sand))
    return soft_s / firm_s


def test_sand_costs_what_was_measured() -> None:
    """At one power: running 1.2 to 1.6 times, walking 1.6 to 2.7 (Zamparo 1992, Lejeune 1998)."""
    assert 1.2 < times_as_long(1.0, RACER) < 1.6
    assert 1.6 < times_as_long(1.0, HIKER, WALKING) < 2.7


@settings(max_examples=20, deadline=None)
@given(sand=st.floats(0.0, 0.9), more=st.floats(0.0, 0.1), mps=st.floats(2.0, 6.0))
def test_more_sand_is_never_faster(sand: float, more: float, mps: float) -> None:
    runner = at_ability(mps)
    (less_s,), (more_s,) = (moving_s(plain(sand=s), runner) for s in (sand, sand + more))
    assert more_s >= less_s * (1.0 - 1e-6)


def test_sand_costs_hikers_more_than_runners() -> None:
    assert times_as_long(0.3, LEVELS["back"]) > times_as_long(0.3, LEVELS["elite"])


def packed(*each_kg: float) -> Course:
    course = plain(len(each_kg))
    stages = zip(course.stages, each_kg, strict=True)
    return replace(course, stages=tuple(replace(one, pack_kg=kg) for one, kg in stages))


def test_a_pack_that_grows_lighter_makes_the_day_faster() -> None:
    even_s, eaten_s = moving_s(packed(9.0, 9.0), RACER), moving_s(packed(9.0, 6.0), RACER)
    assert eaten_s[0] == pytest.approx(even_s[0], rel=1e-9)
    assert 0.93 < eaten_s[1] / even_s[1] < 0.97  # 3 kg of a runner of 70: 4 % of the weight


def test_who_carries_more_eats_the_same() -> None:
    own = replace(RACER, pack_kg=12.0)
    (_, second_s), (_, lighter_s) = (
        moving_s(packed(9.0, 6.0), own),
        moving_s(packed(9.0, 9.0), replace(RACER, pack_kg=9.0)),
    )
    assert second_s == pytest.approx(lighter_s, rel=0.01)


def test_conditions_of_one_overrule_those_of_the_race() -> None:
    muddy = replace(plain(), conditions=1.2)
    dry_s, given_s = moving_s(plain(), RACER), moving_s(muddy, RACER, Policy(slowdown=1.0))
    assert given_s == pytest.approx(dry_s, rel=1e-9)
    assert moving_s(muddy, RACER)[0] > 1.2 * dry_s[0]


# in a race file


RACE = 'format = "staged"\n{race}\n[[stage]]\ngpx = "1.gpx"\n{first}\n[[stage]]\ngpx = "2.gpx"\n'


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, str], Course]:
    samples = Path(__file__).resolve().parents[1] / "sample_courses" / "chattanooga-mountains"
    for number, path in enumerate(sorted(samples.glob("*.gpx"))[:2], 1):
        (tmp_path / f"{number}.gpx").write_bytes(path.read_bytes())

    def course(race: str, first: str) -> Course:
        (tmp_path / "race.toml").write_text(RACE.format(race=race, first=first), encoding="utf-8")
        return gpxstage.load(tmp_path)

    return course


def test_a_stage_has_its_own_or_the_races(read: Callable[[str, str], Course]) -> None:
    course = read("sand = 0.2\npack_kg = 9", "sand = 0.5\npack_kg = 10")
    assert [stage.sand for stage in course.stages] == [0.5, 0.2]
    assert [stage.pack_kg for stage in course.stages] == [10.0, 9.0]
    assert course.pack_kg == 10.0  # at the start


def test_a_pack_of_some_stages_only_is_an_error(read: Callable[[str, str], Course]) -> None:
    with pytest.raises(CourseError, match=r"race.toml: no pack_kg for stage 2: give it for the"):
        read("", "pack_kg = 10")


@pytest.mark.parametrize("value", ["1.1", "-0.1", '"soft"'])
def test_sand_is_a_share(read: Callable[[str, str], Course], value: str) -> None:
    with pytest.raises(CourseError, match="sand"):
        read(f"sand = {value}", "")
