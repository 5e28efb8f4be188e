"""One axis of ability: interpolation, order of the levels, and what is refused."""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.course import Result
from gpxstage.estimator import runner
from gpxstage.estimator.runner import (
    ABILITY_MPS,
    LEVELS,
    RESULT_OF,
    WITH_ABILITY,
    Runner,
    against_results,
    at_ability,
)

FALLS = {
    "decay",
    "early",
    "front",
    "wear",
    "stops",
    "sleep",
    "pack_kg",
}  # with ability; the rest rises


def test_every_row_has_a_value_for_every_ability() -> None:
    assert list(ABILITY_MPS) == sorted(ABILITY_MPS)
    assert {len(values) for values in WITH_ABILITY.values()} == {len(ABILITY_MPS)}
    needed = {field.name for field in fields(Runner) if field.default is MISSING}
    assert set(WITH_ABILITY) == needed - {"name", "source", "flat_speed_mps"}


def test_every_row_says_that_the_fitter_are_better() -> None:
    for name, values in WITH_ABILITY.items():
        if name == "early":  # who never races does not begin hard
            values = values[1:]
        steps = -np.diff(values) if name in FALLS else np.diff(values)
        assert (steps >= 0.0).all(), name
        assert values[0] != values[-1], name


@pytest.mark.parametrize("index", range(len(ABILITY_MPS)))
def test_the_table_is_met_at_its_own_abilities(index: int) -> None:
    found = at_ability(ABILITY_MPS[index])
    assert {key: getattr(found, key) for key in WITH_ABILITY} == {
        key: values[index] for key, values in WITH_ABILITY.items()
    }


def test_between_two_abilities_lies_what_lies_between() -> None:
    found = at_ability(0.5 * (ABILITY_MPS[1] + ABILITY_MPS[2]))
    for key, values in WITH_ABILITY.items():
        assert getattr(found, key) == pytest.approx(0.5 * (values[1] + values[2]))


@given(st.floats(0.5, 10.0))
def test_beyond_the_axis_only_the_speed_changes(flat_speed_mps: float) -> None:
    found = at_ability(flat_speed_mps)
    assert found.flat_speed_mps == flat_speed_mps
    for key, values in WITH_ABILITY.items():
        assert min(values) <= getattr(found, key) <= max(values)


@pytest.mark.parametrize("flat_speed_mps", [0.0, -3.0, float("nan")])
def test_a_speed_that_is_none_is_refused(flat_speed_mps: float) -> None:
    with pytest.raises(ValueError, match="flat speed must be positive, got"):
        at_ability(flat_speed_mps)


def test_levels_are_places_in_a_field() -> None:
    assert list(LEVELS) == ["elite", "strong", "mid", "back"]
    speeds = [level.flat_speed_mps for level in LEVELS.values()]
    assert speeds == sorted(speeds, reverse=True)
    assert {(level.name, level.source) for level in LEVELS.values()} == {
        (name, "level") for name in LEVELS
    }
    assert runner.DEFAULT_LEVEL in LEVELS


def test_the_elite_is_below_the_one_hour_world_record() -> None:
    assert LEVELS["elite"].flat_speed_mps < 21_330.0 / 3600.0  # men, track, 2020


def test_load_is_the_pack_over_the_body() -> None:
    heavy = replace(at_ability(3.7), pack_kg=7.0, body_kg=70.0)
    assert heavy.load() == pytest.approx(0.1)
    assert replace(heavy, body_kg=100.0).load(2.0) == pytest.approx(0.05)
    assert heavy.load(8.0) == 0.0  # nobody carries less than nothing


def test_a_runner_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        at_ability(3.7).pack_kg = 0.0  # type: ignore[misc]


@pytest.mark.parametrize(("name", "place"), RESULT_OF.items())
def test_a_level_says_where_this_race_has_another_field(name: str, place: str) -> None:
    slow, fast = Result(**{place: 52.0 * 3600.0}), Result(**{place: 48.0 * 3600.0})
    (note,) = against_results(LEVELS[name], (slow, fast), 45.9 * 3600.0)
    assert note.startswith(f"{name}: ")
    assert "--goal 50:00" in note
    assert not against_results(LEVELS[name], (slow, fast), 47.0 * 3600.0)
    assert not against_results(LEVELS[name], (Result(),), 46.0 * 3600.0)
    assert not against_results(at_ability(4.0, name), (slow, fast), 46.0 * 3600.0)
