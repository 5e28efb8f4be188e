"""Laws of the engine on made courses: what must hold for any runner on any ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from hills import (
    MID,
    MORNING,
    Shape,
    abilities,
    hills,
    laws,
    lengths,
    only,
    ramp,
    sine,
    solve,
    starts,
    terrains,
)
from hypothesis import example, given
from hypothesis import strategies as st

from gpxstage.estimator import engine
from gpxstage.estimator.assumptions import UNSETTLED
from gpxstage.estimator.runner import at_ability

# finite, whatever the course


@pytest.mark.parametrize("length_m", [12.0, 49.0, 60.0, 1000.0, 50_000.0, 1_000_000.0])
@pytest.mark.parametrize("altitude_m", [0.0, 5500.0])
@pytest.mark.parametrize("ability_mps", [2.5, 6.5])
def test_everything_is_finite(length_m: float, altitude_m: float, ability_mps: float) -> None:
    shape = partial(sine, base_m=altitude_m, steepest=0.5, wave_m=3000.0)
    found = solve(length_m, shape, at_ability(ability_mps), terrain=1.0, start=MORNING)
    stage = only(found)
    assert stage.hiked_s is not None
    assert stage.hiked_m is not None
    assert stage.dark_s is not None
    assert stage.energy_kcal is not None
    parts = (stage.cell_s, stage.hiked_s, stage.hiked_m, stage.energy_kcal)
    assert all((part > 0.0).all() and np.isfinite(part).all() for part in parts)
    assert (stage.dark_s >= 0.0).all()
    assert length_m / 10.0 < found.elapsed_s < length_m / 0.05  # between 36 and 0.18 km/h


@pytest.mark.parametrize("grade", [-30.0, -1.0, 1.0, 30.0])
def test_a_wall_counts_as_the_steepest_grade_that_is_known(grade: float) -> None:
    steepest = float(np.copysign(0.45, grade))
    wall = solve(9.0, partial(ramp, base_m=0.0, grade=grade))  # ends below 300 m: thick air
    known = solve(9.0, partial(ramp, base_m=0.0, grade=steepest))
    assert wall.elapsed_s == pytest.approx(known.elapsed_s)
    assert wall.notes[0].startswith("100.0 % of the length is steeper than the model gait knows")


def test_it_does_not_depend_on_when_the_rounds_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = partial(sine, base_m=1000.0, steepest=0.3, wave_m=9000.0)
    as_it_is = solve(200_000.0, shape, start=MORNING)
    monkeypatch.setitem(engine.run.__kwdefaults__, "tolerance", 1e-12)
    to_the_end = solve(200_000.0, shape, start=MORNING)
    assert to_the_end.elapsed_s == pytest.approx(as_it_is.elapsed_s, rel=1e-5)
    assert to_the_end.elapsed_s != as_it_is.elapsed_s
    monkeypatch.setattr(engine, "SUN_ROUNDS", (0, 5, 10))
    later = solve(200_000.0, shape, start=MORNING)
    assert later.elapsed_s == pytest.approx(as_it_is.elapsed_s, rel=1e-4)


def test_rounds_that_do_not_settle_have_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = partial(sine, base_m=1000.0, steepest=0.3, wave_m=9000.0)
    assert UNSETTLED not in solve(50_000.0, shape).notes
    monkeypatch.setattr(engine, "ROUNDS", 4)
    assert UNSETTLED in solve(50_000.0, shape).notes


@pytest.mark.parametrize("slope", [-0.8, -0.3, 0.2, 0.45])
def test_two_rounds_of_a_straight_line_lead_to_its_fixed_point(slope: float) -> None:
    there = np.array([3.0, 7.0])
    guess = there + np.array([1.0, -2.0])
    first = there + slope * (guess - there)
    second = there + slope * (first - there)
    before = first, first - guess
    for limits in ({}, {"on": engine.MOST_ON, "back": engine.MOST_BACK}):
        assert engine.ahead(second, second - first, before, **limits) == pytest.approx(there)


@pytest.mark.parametrize(("miss", "wanted"), [([0.5, 0.45], 2.0), ([0.5, -5.0], 9.6)])
def test_a_step_is_no_longer_than_it_may_be(miss: list[float], wanted: float) -> None:
    first, second = np.array([10.0]), np.array([6.0])
    before = first, np.array(miss[:1])
    found = engine.ahead(second, np.array(miss[1:]), before, on=1.0, back=0.9)
    assert found == pytest.approx([wanted])


# monotone


@laws
@given(length_m=lengths, shape=hills(), ability=abilities, terrain=terrains, start=starts)
def test_the_fitter_are_faster(
    length_m: float, shape: Shape, ability: float, terrain: float, start: datetime | None
) -> None:
    slow = solve(length_m, shape, at_ability(ability), terrain=terrain, start=start)
    fast = solve(length_m, shape, at_ability(ability * 1.03), terrain=terrain, start=start)
    assert fast.elapsed_s < slow.elapsed_s


@laws
@given(length_m=lengths, shape=hills(most=0.35), ability=abilities, terrain=terrains, start=starts)
def test_the_fitter_hike_less(
    length_m: float, shape: Shape, ability: float, terrain: float, start: datetime | None
) -> None:
    """Steeper than that all hike all climbs, and the fitter gain most of their time downhill."""
    slow = solve(length_m, shape, at_ability(ability), terrain=terrain, start=start)
    fast = solve(length_m, shape, at_ability(ability * 1.03), terrain=terrain, start=start)
    assert slow.hike_of_time is not None
    assert fast.hike_of_time is not None
    # For who is faster the nights fall on other ground, and without nights there is no exception.
    night = 0.0 if start is None else 1e-5
    assert 0.0 < fast.hike_of_time < slow.hike_of_time + night < 1.0


@laws
@given(
    length_m=lengths,
    ability=abilities,
    terrain=terrains,
    steepest=st.floats(0.20, 0.35),
    wave_m=st.floats(1000.0, 10_000.0),
)
def test_higher_hills_are_slower(
    length_m: float, ability: float, terrain: float, steepest: float, wave_m: float
) -> None:
    length_m = wave_m * max(1, round(length_m / wave_m))  # whole hills: back to the start's height
    flat, hilly, hillier = (
        solve(
            length_m,
            partial(sine, base_m=500.0, steepest=grade, wave_m=wave_m),
            at_ability(ability),
            terrain=terrain,
        ).elapsed_s
        for grade in (0.0, steepest, steepest * 1.15)
    )
    assert flat < hilly < hillier


@pytest.mark.parametrize("steepest", [0.01, 0.03, 0.06])
@pytest.mark.parametrize(
    ("ability_mps", "length_m", "terrain"),
    [
        (3.9, 40_000.0, 0.4),
        (5.0, 160_000.0, 0.4),
        (6.3, 160_000.0, 0.0),
        (2.7, 40_000.0, 0.4),
        (3.3, 160_000.0, 0.0),
    ],
)
def test_gentle_hills_are_not_faster_than_the_flat(
    ability_mps: float, length_m: float, terrain: float, steepest: float
) -> None:
    flat, hilly = (
        solve(
            length_m,
            partial(sine, base_m=500.0, steepest=grade, wave_m=8000.0),
            at_ability(ability_mps),
            terrain=terrain,
        ).moving_s
        for grade in (0.0, steepest)
    )
    assert hilly > 0.998 * flat


@laws
@given(
    length_m=st.floats(1000.0, 8000.0), ability=abilities, terrain=terrains,
    grade=st.floats(0.0, 0.42), more=st.floats(0.01, 0.03),
)  # fmt: skip
@example(1000.0, 1.375, 0.0, 0.0, 0.01)
def test_a_steeper_climb_is_slower(
    length_m: float, ability: float, terrain: float, grade: float, more: float
) -> None:
    """Where both are nearly level, a hiker walks both at the same greatest speed."""
    gentle, steep = (
        solve(
            length_m,
            partial(ramp, base_m=200.0, grade=slope),
            at_ability(ability),
            terrain=terrain,
        )
        for slope in (grade, grade + more)
    )
    as_fast = 2e-5 if grade < 0.02 else 0.0  # of the time: the rounds end at a part of that
    assert gentle.moving_s < steep.moving_s * (1.0 + as_fast)


@laws
@given(
    length_m=lengths, shape=hills(), ability=abilities, start=starts,
    terrain=st.floats(0.0, 0.8), rougher=st.floats(0.05, 0.2),
)  # fmt: skip
def test_rougher_ground_is_slower(
    length_m: float, shape: Shape, ability: float, start: datetime | None,
    terrain: float, rougher: float,
) -> None:  # fmt: skip
    runner = at_ability(ability)
    smooth = solve(length_m, shape, runner, terrain=terrain, start=start)
    rough = solve(length_m, shape, runner, terrain=terrain + rougher, start=start)
    assert rough.elapsed_s > smooth.elapsed_s


@laws
@given(
    length_m=lengths,
    shape=hills(),
    ability=abilities,
    start=starts,
    lift_m=st.floats(350.0, 2000.0),
)
def test_the_same_shape_higher_up_is_slower(
    length_m: float, shape: Shape, ability: float, start: datetime | None, lift_m: float
) -> None:
    runner = at_ability(ability)
    low = solve(length_m, shape, runner, start=start)
    high = solve(length_m, lambda along_m: shape(along_m) + lift_m, runner, start=start)
    assert high.elapsed_s > low.elapsed_s


@laws
@given(length_m=lengths, shape=hills(), ability=abilities, terrain=terrains, start=starts)
def test_night_is_slower_than_day(
    length_m: float, shape: Shape, ability: float, terrain: float, start: datetime | None
) -> None:
    runner, start = at_ability(ability), start or MORNING
    light = solve(length_m, shape, runner, terrain=terrain)
    real = solve(length_m, shape, runner, terrain=terrain, start=start)
    dark_s = only(real).dark_s
    assert only(light).dark_s is None
    assert dark_s is not None
    if dark_s.sum() > 1.0:
        assert real.elapsed_s > light.elapsed_s
    else:
        assert real.elapsed_s == pytest.approx(light.elapsed_s, rel=1e-3)


def test_a_run_in_the_night_is_dark_and_one_at_noon_is_not() -> None:
    flat = partial(ramp, base_m=500.0, grade=0.0)
    night = only(solve(15_000.0, flat, start=datetime(2025, 12, 14, 22, tzinfo=UTC)))
    noon = only(solve(15_000.0, flat, start=datetime(2025, 12, 14, 10, tzinfo=UTC)))
    assert night.dark_s == pytest.approx(night.cell_s)
    assert noon.dark_s == pytest.approx(0.0)
    assert night.elapsed_s > 1.02 * noon.elapsed_s


@laws
@given(
    length_m=lengths, shape=hills(), ability=abilities, start=starts,
    more_m=st.floats(250.0, 20_000.0),  # more than the smoothing of an end can change
)  # fmt: skip
def test_a_longer_course_takes_longer(
    length_m: float, shape: Shape, ability: float, start: datetime | None, more_m: float
) -> None:
    runner = at_ability(ability)
    part = solve(length_m, shape, runner, start=start)
    whole = solve(length_m + more_m, shape, runner, start=start)
    assert whole.elapsed_s > part.elapsed_s
    assert whole.moving_s > part.moving_s


# parts add up


@laws
@given(length_m=lengths, shape=hills(), ability=abilities, terrain=terrains, start=starts)
def test_parts_add_up_and_shares_are_shares(
    length_m: float, shape: Shape, ability: float, terrain: float, start: datetime | None
) -> None:
    found = solve(length_m, shape, at_ability(ability), terrain=terrain, start=start)
    stage = only(found)
    end_m = float(stage.edge_m[-1])
    assert stage.cell_s.sum() == pytest.approx(found.moving_s)
    assert found.elapsed_s == pytest.approx(found.moving_s + stage.stopped_s)
    assert stage.arrival_s(end_m) == pytest.approx(found.elapsed_s)
    assert stage.arrival_s(0.0) == 0.0
    assert 0.0 <= stage.slept_s <= stage.stopped_s
    assert stage.hiked_s is not None
    assert stage.hiked_m is not None
    for hiked, whole in ((stage.hiked_s, stage.cell_s), (stage.hiked_m, np.diff(stage.edge_m))):
        assert ((hiked > 0.0) & (hiked <= whole * (1.0 + 1e-12))).all()
    assert stage.energy_kcal is not None
    assert (stage.energy_kcal > 0.0).all()
    if stage.dark_s is not None:
        assert ((stage.dark_s >= 0.0) & (stage.dark_s <= stage.cell_s * (1.0 + 1e-9))).all()


def test_a_heavier_body_burns_more_and_a_heavier_pack_is_slower() -> None:
    shape = partial(sine, base_m=500.0, steepest=0.25, wave_m=5000.0)
    light, heavy, loaded = (
        solve(30_000.0, shape, replace(MID, **change))
        for change in ({"body_kg": 60.0}, {"body_kg": 90.0}, {"body_kg": 60.0, "pack_kg": 12.0})
    )
    energies = [only(found).energy_kcal for found in (light, heavy)]
    assert energies[0] is not None
    assert energies[1] is not None
    assert energies[1].sum() > 1.2 * energies[0].sum()
    assert loaded.moving_s > light.moving_s > heavy.moving_s


def test_a_kilometre_of_flat_road_costs_about_a_kilocalorie_per_kilogram() -> None:
    runner = replace(at_ability(4.4), pack_kg=0.0)
    found = only(solve(10_000.0, partial(ramp, base_m=0.0, grade=0.0), runner, terrain=0.0))
    assert found.energy_kcal is not None
    per_kg_km = found.energy_kcal.sum() / runner.body_kg / 10.0
    assert 0.90 < per_kg_km < 1.11  # gross: 1.05 to 1.11, Fletcher 2009; Minetti's is lower
