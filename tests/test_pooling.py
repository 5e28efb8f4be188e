"""Results of mountain races: how far one is drawn, how several add up, where nothing is drawn."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "scripts"))

from validation import learn, pairs  # noqa: E402
from validation.folders import Folders  # noqa: E402

from gpxstage.course import CourseError  # noqa: E402
from gpxstage.estimator import draws, estimate, fit  # noqa: E402
from gpxstage.estimator.fit import (  # noqa: E402
    by_length_and_climb,
    made,
    pooling,
)
from gpxstage.estimator.fit.pooling import Clue, pooled, population, shrunk  # noqa: E402
from gpxstage.estimator.learnt import Ground, Learnt, change, far, ground_of, learnt, of_races  # noqa: E402  # noqa: E402
from gpxstage.estimator.runner import LEVELS, moved  # noqa: E402
from gpxstage.profile import measure  # noqa: E402

HERE = Ground(160.0, 55.0)
MIDDLE = learnt().race_middle_mps


def result(mps: float, ground: Ground = HERE, **changed: object) -> Clue:
    """One past race."""
    clue = Clue("a race", mps, learnt().race_scatter, ground=ground)
    return replace(clue, **changed)  # type: ignore[arg-type]


def ability(*clues: Clue) -> float:
    """The one-hour flat speed that results tell."""
    return fit.combine(clues)[0].flat_speed_mps


@given(st.floats(2.2, 5.2))
def test_one_result_is_drawn_towards_the_middle(mps: float) -> None:
    told = ability(result(mps))
    assert min(mps, MIDDLE) - 1e-9 <= told <= max(mps, MIDDLE) + 1e-9
    kept = math.log(told / MIDDLE) / math.log(mps / MIDDLE) if abs(mps - MIDDLE) > 0.1 else None
    assert kept is None or 0.70 < kept < 0.95


@given(st.floats(2.2, 5.2), st.integers(1, 6))
def test_more_results_that_agree_are_drawn_less_and_surer(mps: float, count: int) -> None:
    few, many = (fit.combine([result(mps)] * n)[0] for n in (count, count + 1))
    assert (
        abs(math.log(many.flat_speed_mps / mps)) <= abs(math.log(few.flat_speed_mps / mps)) + 1e-9
    )
    assert many.ability_spread < few.ability_spread


def test_a_result_by_figures_says_a_little_less() -> None:
    by_figures = replace(HERE, made=True)
    assert ability(result(4.6, by_figures)) < ability(result(4.6))
    kept = math.log(ability(result(4.6, by_figures)) / MIDDLE) / math.log(4.6 / MIDDLE)
    assert kept == pytest.approx(learnt().race_kept)  # from such pairs it was learnt


def test_a_time_on_the_very_course_is_not_drawn() -> None:
    runner, _ = fit.combine([result(4.6, here=True, spread=pooling.day())])
    assert runner.flat_speed_mps == pytest.approx(4.6)
    assert (runner.known_from, runner.seen) == ("here", None)
    assert runner.ability_spread == pytest.approx(learnt().race_again)


def test_beyond_what_was_seen_the_pull_grows_no_further() -> None:
    least = learnt().race_least_mps
    pull = [math.log(ability(result(share * least)) / (share * least)) for share in (1.0, 0.5)]
    assert pull[1] == pytest.approx(pull[0])


def test_flat_races_and_an_index_are_not_drawn() -> None:
    flat = Clue("10 km", 4.6, 0.1)
    assert ability(flat) == pytest.approx(4.6)
    assert ability(result(4.6, Ground(42.2, 2.0))) == pytest.approx(4.6)  # a road race
    together, ground = pooled([flat, result(3.0)])
    assert ground is not None
    assert ground.effort_km == pytest.approx(HERE.effort_km)
    assert together[1] == flat


def test_results_meet_on_their_common_ground() -> None:
    short, long = Ground(40.0, 55.0), Ground(250.0, 55.0)
    runner, _ = fit.combine([result(4.0, short), result(4.0, long)])
    assert runner.seen is not None
    assert runner.seen.ground.effort_km == pytest.approx(100.0)


def test_a_longer_or_a_steeper_race_takes_a_little_more() -> None:
    seen = of_races(HERE)
    assert change(seen, HERE) == 0.0
    assert change(seen, Ground(320.0, 55.0)) < 0.0 < change(seen, Ground(80.0, 55.0))
    assert change(seen, Ground(160.0, 80.0)) < 0.0 < change(seen, Ground(160.0, 20.0))
    assert change(seen, Ground(1e9, 55.0)) == pytest.approx(2.0 * learnt().race_length)


def test_far_from_the_results_the_range_is_wider() -> None:
    runner, _ = fit.combine([result(4.0)])
    near, off = (moved(runner, Ground(km, 55.0)).ability_spread for km in (170.0, 30.0))
    assert runner.ability_spread < near < off


def test_shrinking_is_the_normal_posterior() -> None:
    middle, width = population()
    logs, noise = np.log([4.2, 3.9]), np.array([0.08, 0.10])
    told, sure = shrunk(logs, noise)
    weight = np.append(noise, width) ** -2.0
    assert told == pytest.approx(weight @ np.append(logs, middle) / weight.sum())
    assert sure == pytest.approx(weight.sum() ** -0.5)


# a course known by its length and climb


@pytest.mark.parametrize(
    ("text", "km", "gain_m"),
    [
        ("106km 6100m", 106.0, 6100.0),
        ("106 km, 6,100 m D+", 106.0, 6100.0),
        ("66mi 20000ft", 106.2, 6096.0),
        ("50km/0m", 50.0, 0.0),
        ("42.5 km + 1'200 m", 42.5, 1200.0),
    ],
)
def test_length_and_climb_are_a_course(text: str, km: float, gain_m: float) -> None:
    course = by_length_and_climb(text)
    assert course is not None
    profile = measure(course.stages[0].track)
    assert profile.length_m == pytest.approx(1000.0 * km, rel=1e-3)
    assert profile.gain_m == pytest.approx(gain_m, rel=0.01)


@pytest.mark.parametrize("text", ["race.gpx", "106km", "6100m 106m", "a 106km 6100m", "km m"])
def test_other_text_is_a_file(text: str) -> None:
    assert by_length_and_climb(text) is None


@pytest.mark.parametrize("text", ["0km 10m", "10km 4000m", "9000km 10m"])
def test_a_course_that_cannot_be(text: str) -> None:
    with pytest.raises(CourseError):
        by_length_and_climb(text)


# levels


def test_a_level_is_weaker_in_a_shorter_race_and_itself_on_the_utmb() -> None:
    grounds = [Ground(km, 55.0) for km in (30.0, 100.0, 273.0, 600.0)]
    for runner in LEVELS.values():
        mps = [moved(runner, ground).flat_speed_mps for ground in grounds]
        assert mps == sorted(mps)
        assert mps[2] == mps[3] == pytest.approx(runner.flat_speed_mps)


def test_a_level_without_results_is_as_wide_as_fields_differ() -> None:
    course = made(100_000.0, 4500.0)
    profiles = [measure(course.stages[0].track)]
    found = estimate(course, profiles, LEVELS["mid"], draws=100).spread
    assert found is not None
    low, high = np.quantile(found[0].elapsed_s, (0.1, 0.9))
    assert math.log(high / low) / 2.0 >= 1.2 * learnt().level_spread_mid
    known = draws.spreads_for(LEVELS["mid"], 0.05)
    assert known["course"] < draws.spreads_for(LEVELS["mid"], None)["course"]


def test_how_far_a_race_is_beyond_the_longest_outing_is_noted() -> None:
    seen = replace(of_races(ground_of(30_000.0, 1500.0)), longest_h=6.0)
    runner = replace(LEVELS["mid"], name="you", seen=seen)
    course = made(100_000.0, 4500.0)
    found = estimate(course, [measure(course.stages[0].track)], runner)
    hours = found.moving_s / 3600.0
    (note,) = [note for note in found.notes if "recorded outing" in note]
    assert note == (
        f"you: the longest recorded outing took 6.0 h of moving, and this race takes {hours:.1f} h,"
        f" {hours / 6.0:.1f} times as long: nothing that long was recorded, so the range is wide"
    )
    (note,) = far("you", replace(seen, longest_h=hours / 1.5), hours)
    assert note.endswith("1.5 times as long")
    assert far("you", replace(seen, longest_h=hours), hours) == []
    assert far("you", replace(seen, longest_h=None), hours) == []


def test_in_a_staged_race_the_longest_stage_is_compared() -> None:
    seen = replace(of_races(ground_of(30_000.0, 1500.0)), longest_h=2.0)
    runner = replace(LEVELS["mid"], name="you", seen=seen)
    course = made(60_000.0, 2500.0)
    stage = course.stages[0]
    staged = replace(course, format="staged", stages=(stage, replace(stage, number=2)))
    profile = measure(stage.track)
    found = estimate(staged, [profile, profile], runner)
    longest_h = max(float(each.moving_s[-1]) for each in found.stages) / 3600.0
    (note,) = [note for note in found.notes if "recorded outing" in note]
    assert f"the longest stage of this race takes {longest_h:.1f} h" in note


# what was learnt


def test_every_constant_has_a_unit_and_a_basis() -> None:
    assert set(learn.UNITS) == set(Learnt.__dataclass_fields__)
    rows = [line.split("\t") for line in learn.table(learnt()).splitlines()[1:]]
    assert all(len(row) == 4 and all(row) for row in rows)
    assert learn.TABLE.read_text("utf-8") == learn.table(learnt())


def test_pairs_are_scored_by_what_the_program_does() -> None:
    """The validation's own arithmetic over all pairs, against `combine` and `moved`."""
    found, known = pairs.by_figures(Folders.default()), learnt()
    told = pairs.carried(found, known)
    for k in (0, 77, 1234):
        grounds = [Ground(found.effort_km[k, j], found.climb[k, j], made=True) for j in (0, 1)]
        clue = result(math.exp(found.logs[k, 0]), grounds[0])
        runner = moved(fit.combine([clue])[0], grounds[1])
        assert math.log(runner.flat_speed_mps) == pytest.approx(told[k], abs=1e-6)
        width = pairs.spread_of(found, known)[k]
        assert runner.ability_spread == pytest.approx(width, rel=0.12)


def test_a_race_from_another_race_of_the_same_person() -> None:
    found = pairs.by_figures(Folders.default())
    error = found.hours(pairs.left_out(Folders.default(), learnt())) - found.log_h[:, 1]
    median, most, bias = pairs.figures(error, found.weight)
    assert median <= 0.10
    assert most <= 0.19
    assert abs(bias) <= 0.02
    for rule in pairs.RULES.values():
        by_rule = pairs.figures(rule(found) - found.log_h[:, 1], found.weight)
        assert (median, most) < by_rule[:2]
