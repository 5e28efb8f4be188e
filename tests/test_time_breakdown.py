"""Where the hours go: losses add up to the clock, and none comes from what is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Estimate, Policy, engine, estimate
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.estimator.time_breakdown import CAUSES, losses_s
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure

EVENING = datetime(2026, 9, 4, 18, tzinfo=UTC)
MID = at_ability(3.7)
LITTLE_S = 1e-6  # of a cell: rounding


def track(length_m: float, base_m: float, steepest: float, wave_m: float = 6000.0) -> Track:
    """Waves of a steepest grade; level without one."""
    along_m = np.arange(0.0, length_m + 1.0, 10.0)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    rise_m = steepest * wave_m / (2.0 * np.pi)
    height_m = base_m + rise_m * (1.0 - np.cos(2.0 * np.pi * along_m / wave_m))
    nowhen = np.full(len(along_m), np.nan)
    flat = np.full(len(along_m), 46.0)
    return Track(flat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int))


@dataclass(frozen=True)
class Told:
    """A run and its losses, cell by cell."""

    cell_s: np.ndarray
    losses: dict[str, np.ndarray]

    def total_s(self, cause: str) -> float:
        return float(self.losses[cause].sum())


def told(
    length_m: float = 40_000.0,
    base_m: float = 1500.0,
    steepest: float = 0.2,
    *,
    runner: Runner = MID,
    terrain: float = 0.4,
    sand: float = 0.0,
    start: datetime | None = EVENING,
    policy: Policy | None = None,
) -> Told:
    way = track(length_m, base_m, steepest)
    stage = Stage(1, "waves", way, terrain=terrain, sand=sand)
    course, part = Course("waves", (stage,), start=start), [(stage, measure(way))]
    push = push_of(course, part, halts_of(course, part), 1.0)
    how = policy or Policy()
    run = engine.run(push, runner, JUDGEMENT, how)
    return Told(np.diff(run.moving_s), losses_s(push, run, runner, JUDGEMENT, how))


LOADED = replace(MID, pack_kg=10.0)
CASES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "by day": {"start": None},
    "flat": {"steepest": 0.0},
    "steep": {"steepest": 0.45},
    "high": {"base_m": 3500.0},
    "sea": {"base_m": 0.0, "steepest": 0.05},
    "rough": {"terrain": 1.0},
    "road": {"terrain": 0.0},
    "long": {"length_m": 250_000.0},
    "short": {"length_m": 1000.0},
    "fast": {"runner": at_ability(6.3)},
    "slow": {"runner": at_ability(2.3)},
    "loaded": {"runner": LOADED},
    "muddy": {"policy": Policy(slowdown=1.2)},
    "sandy": {"sand": 0.3},
    "hiked": {"policy": Policy(hike_above=0.05)},
    "fresh air": {"base_m": 2500.0, "policy": Policy(acclimatised=False)},
}


@pytest.mark.parametrize("case", CASES)
def test_losses_add_up_to_the_moving_time_of_every_cell(case: str) -> None:
    found = told(**CASES[case])
    assert list(found.losses) == list(CAUSES)
    assert sum(found.losses.values()) == pytest.approx(found.cell_s, rel=1e-5)
    total_s = sum(found.total_s(cause) for cause in CAUSES)
    assert total_s == pytest.approx(found.cell_s.sum(), rel=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_what_makes_ground_and_air_harder_gives_nothing_back(case: str) -> None:
    """But for a hair in a cell: with less power more is hiked, which is at times no slower."""
    found = told(**CASES[case])
    assert (found.losses["road"] > 0.0).all()
    for cause in ("altitude", "night"):
        assert (found.losses[cause] >= -0.01 * found.cell_s).all(), cause
    for cause in ("altitude", "night", "terrain", "descents"):
        assert found.total_s(cause) >= -LITTLE_S


@settings(max_examples=25, deadline=None)
@given(
    length_m=st.floats(2000.0, 150_000.0),
    base_m=st.floats(0.0, 4000.0),
    steepest=st.floats(0.0, 0.4),
    ability=st.floats(2.3, 6.4),
    terrain=st.floats(0.0, 1.0),
)
def test_on_any_course(
    length_m: float, base_m: float, steepest: float, ability: float, terrain: float
) -> None:
    found = told(length_m, base_m, steepest, runner=at_ability(ability), terrain=terrain)
    assert sum(found.losses.values()) == pytest.approx(found.cell_s, rel=1e-4)
    for cause in ("terrain", "altitude", "night"):
        assert found.total_s(cause) >= -LITTLE_S, cause


# what is not there costs nothing


@pytest.mark.parametrize(
    ("cause", "how"),
    [
        ("night", {"start": None}),
        ("night", {"start": datetime(2026, 9, 4, 8, tzinfo=UTC), "length_m": 15_000.0}),
        ("altitude", {"base_m": 0.0, "steepest": 0.05}),  # up to 95 m
        ("terrain", {"terrain": 0.0}),
        ("slope", {"steepest": 0.0}),
        ("descents", {"steepest": 0.0}),
        ("conditions", {"runner": replace(MID, pack_kg=0.0)}),
    ],
)
def test_what_is_not_there_costs_nothing(cause: str, how: dict[str, Any]) -> None:
    assert told(**how).losses[cause] == pytest.approx(0.0, abs=LITTLE_S)


@pytest.mark.parametrize(
    ("cause", "how"),
    [
        ("night", {}),
        ("altitude", {}),
        ("terrain", {}),
        ("slope", {}),
        ("descents", {}),
        ("conditions", {}),
        ("fatigue", {}),
    ],
)
def test_what_is_there_costs_something(cause: str, how: dict[str, Any]) -> None:
    assert told(**how).total_s(cause) > 10.0


@pytest.mark.parametrize(
    ("cause", "less", "more"),
    [
        ("altitude", {"base_m": 1500.0}, {"base_m": 3000.0}),
        ("terrain", {"terrain": 0.3}, {"terrain": 0.9}),
        ("slope", {"steepest": 0.15}, {"steepest": 0.3}),
        ("fatigue", {"length_m": 40_000.0}, {"length_m": 160_000.0}),
        ("conditions", {}, {"runner": LOADED}),
        ("conditions", {}, {"policy": Policy(slowdown=1.1)}),
        ("conditions", {"runner": at_ability(5.7)}, {
            "runner": at_ability(5.7), "policy": Policy(hike_above=0.05)
        }),
        ("altitude", {"base_m": 2500.0}, {"base_m": 2500.0, "policy": Policy(acclimatised=False)}),
    ],
)  # fmt: skip
def test_more_of_it_costs_more(cause: str, less: dict[str, Any], more: dict[str, Any]) -> None:
    assert told(**more).total_s(cause) > told(**less).total_s(cause)


def test_a_slowdown_is_all_its_own() -> None:
    """Mud of 10 % is a tenth of what the rest takes, none of it under another name."""
    found = told(runner=replace(MID, pack_kg=0.0), policy=Policy(slowdown=1.1), start=None)
    rest_s = found.cell_s.sum() - found.total_s("conditions")
    assert found.total_s("conditions") == pytest.approx(0.1 * rest_s, rel=1e-6)


def test_night_costs_only_in_the_dark() -> None:
    found = told(15_000.0, start=datetime(2026, 9, 4, 17, tzinfo=UTC))  # dark from about 18:30
    assert (found.losses["night"][: len(found.cell_s) // 3] < LITTLE_S).all()
    assert found.losses["night"][-1] > 0.0


def test_descents_cost_nothing_on_a_climb() -> None:
    found = told(3000.0)  # up only: half a wave
    assert found.total_s("descents") == pytest.approx(0.0, abs=0.01)
    assert found.total_s("slope") > 60.0


def test_the_road_is_a_flat_race_without_a_pack() -> None:
    from gpxstage.estimator.fit import flat_time_s

    found = told(42_195.0)
    road_s = flat_time_s(MID, 42_195.0)
    assert found.total_s("road") == pytest.approx(road_s, rel=0.08)  # what of it is hiked differs


# through the door


def race(count: int = 3, **facts: Any) -> Estimate:
    stages = tuple(
        Stage(
            k,
            f"day {k}",
            track(30_000.0, 1500.0, 0.2),
            (Point("hut", "aid", distance_m=15_000.0, services=("bed",)),),
        )
        for k in range(1, count + 1)
    )
    course = Course("made", stages, **facts)
    return estimate(course, [measure(s.track) for s in stages], MID, why=True)


@pytest.mark.parametrize("format_", ["continuous", "staged"])
def test_each_stage_adds_up_to_its_clock(format_: str) -> None:
    found = race(format=format_)
    assert found.why is not None
    assert len(found.why.stages) == 3
    for causes, stage in zip(found.why.stages, found.stages, strict=True):
        assert list(causes) == [*CAUSES, "stops", "sleep"]
        assert sum(causes.values()) == pytest.approx(stage.elapsed_s, rel=1e-6)
        assert causes["sleep"] == stage.slept_s
        assert causes["stops"] == pytest.approx(stage.stopped_s - stage.slept_s)


def test_the_plain_models_stand_beside() -> None:
    found = race()
    assert found.why is not None
    assert list(found.why.models) == [name for name in MODELS if name != "gait"]
    course = Course("one", (Stage(1, "", track(30_000.0, 1500.0, 0.2)),))
    profiles = [measure(course.stages[0].track)]
    told_ = estimate(course, profiles, MID, why=True).why
    assert told_ is not None
    for name, moving_s in told_.models.items():
        alone = estimate(course, profiles, MID, model=name)
        assert moving_s == pytest.approx(alone.moving_s), name


def test_nothing_is_told_that_was_not_asked_or_is_not_known() -> None:
    course = Course("one", (Stage(1, "", track(5000.0, 1500.0, 0.2)),))
    profiles = [measure(course.stages[0].track)]
    assert estimate(course, profiles, MID).why is None
    assert estimate(course, profiles, MID, model="tobler", why=True).why is None
