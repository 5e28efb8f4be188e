"""Runners who have to lie down by the trail: laws, and the finisher of the Tor of 2019."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpxstage
from gpxstage.course import Course
from gpxstage.estimator import Estimate, Policy, collapse, engine, estimate, sleepiness
from gpxstage.estimator.draws import coarse_push
from gpxstage.estimator.fit import for_goal
from gpxstage.estimator.hazard import (
    DEBT_H,
    FIGHTING,
    PAID_H,
    PER_POINT,
    Legs,
    Way,
    hazards,
    way_of,
)
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.risks import Alertness
from gpxstage.estimator.runner import LEVELS, Runner
from gpxstage.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

TOR = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
HOUR_S = 3600.0
BASES = ("Valgrisenche", "Cogne", "Donnas", "Gressoney", "Valtournenche", "Ollomont")
AS_IN_2019 = {"Cogne": 1.5 * HOUR_S, "Donnas": 2.0 * HOUR_S, "Valtournenche": 1.5 * HOUR_S}
DRAWS = 100


@cache
def tor() -> tuple[Course, tuple[Profile, ...]]:
    start = datetime(2019, 9, 8, 12, tzinfo=ZoneInfo("Europe/Rome"))
    course = replace(gpxstage.load(TOR), start=start)
    return course, tuple(gpxstage.measure(stage.track) for stage in course.stages)


@cache
def finisher() -> Runner:
    """Who takes 97 hours with the sleep of 2019."""
    policy = Policy(sleeps=AS_IN_2019)
    return for_goal(
        lambda runner: estimate(*tor(), runner, policy=policy).elapsed_s, 97.0 * HOUR_S, "goal"
    )[0]


def raced(sleeps: dict[str, float] | None, runner: Runner | str, draws: int = DRAWS) -> Estimate:
    return _raced(None if sleeps is None else tuple(sleeps.items()), runner, draws)


@cache
def _raced(
    sleeps: tuple[tuple[str, float], ...] | None, runner: Runner | str, draws: int
) -> Estimate:
    policy = Policy(sleeps=None if sleeps is None else dict(sleeps))
    return estimate(*tor(), runner, policy=policy, draws=draws)


def chance(found: Estimate) -> float:
    assert found.collapse is not None
    return found.collapse.probability


@cache
def ahead() -> Way:
    """The way of a middle runner without sleep, one row."""
    course, profiles = tor()
    part = list(zip(course.stages, profiles, strict=True))
    policy = Policy(sleeps={})
    push = coarse_push(push_of(course, part, halts_of(course, part, policy), 1.0))
    run = engine.run(push, LEVELS["mid"], JUDGEMENT, policy, tolerance=1e-4)
    way = way_of(push, run, JUDGEMENT)
    assert way is not None
    return way


def with_naps(asleep_h: Sequence[float], awake_h: Sequence[float] = (0.0,) * 6) -> Way:
    """That way with hours asleep at six places, and hours of lying there awake."""
    way = ahead()
    count = way.slept_h.shape[1]
    at = np.eye(count)[np.linspace(2, count - 4, 6).astype(int)]
    rest_h = way.rest_h + np.asarray(awake_h) @ at
    return replace(way, slept_h=(np.asarray(asleep_h) @ at)[None, :], rest_h=rest_h)


def walked(way: Way, draws: int = DRAWS, seed: int = 1) -> collapse.Met:
    """What the draws meet on it."""
    luck = collapse.luck(draws, seed, 0, JUDGEMENT)
    return collapse.met(way, np.ones(1), luck, JUDGEMENT)


def hazard_of(way: Way) -> tuple[np.ndarray, np.ndarray]:
    """(1, m-1) the hazard of each leg, and sleepiness there."""
    legs = Legs(way)
    return legs.hazard(legs.start(), JUDGEMENT)


def at_all_hours(asleep_h: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """(m-1,) the same, mean of starts at every full hour of the clock."""
    way = with_naps(asleep_h)
    each = [hazard_of(replace(way, start_h=float(hour))) for hour in range(24)]
    hazard, kss = np.mean(each, axis=(0, 2))
    return hazard, kss


def test_the_finisher_of_2019_risks_more_than_with_eight_hours_of_sleep() -> None:
    five = raced(AS_IN_2019, finisher())
    eight = raced({name: 1.6 * s for name, s in AS_IN_2019.items()}, finisher())
    assert chance(five) > 1.3 * chance(eight) > 0.0
    assert five.collapse is not None
    assert five.collapse.stage == 7  # after Ollomont, in the last night
    assert five.collapse.elapsed_s is not None
    assert 80.0 < five.collapse.elapsed_s / HOUR_S < 92.0
    assert five.collapse.cost_p90_s is not None
    assert five.collapse.cost_p90_s > 5.0 * HOUR_S
    assert five.spread is not None
    elapsed_s = sum(stage.elapsed_s for stage in five.spread)
    assert np.quantile(elapsed_s, 0.9) > five.elapsed_s + 5.0 * HOUR_S


def test_the_sleep_that_is_proposed_lowers_the_chance() -> None:
    five = raced(AS_IN_2019, finisher())
    assert five.collapse is not None
    more = five.collapse.more_sleep
    assert more is not None
    assert more.probability < five.collapse.probability
    longer = AS_IN_2019 | {more.point: AS_IN_2019.get(more.point, 0.0) + more.sleep_s}
    assert chance(raced(longer, finisher())) < five.collapse.probability


naps = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=6, max_size=6).map(np.array)


@settings(max_examples=25, deadline=None)
@given(naps, naps)
def test_an_hour_asleep_is_never_worse_than_the_same_hour_awake(
    naps_h: np.ndarray, more_h: np.ndarray
) -> None:
    """Both reach all places at the same hours: no leg and no draw is worse for the sleep."""
    asleep, awake = with_naps(naps_h + more_h), with_naps(naps_h, more_h)
    for rested, tired in zip(hazard_of(asleep), hazard_of(awake), strict=True):
        assert (rested <= tired).all()
    rested_m, tired_m = (np.nan_to_num(walked(way).first_m, nan=np.inf) for way in (asleep, awake))
    assert (rested_m >= tired_m).all()


@settings(max_examples=25, deadline=None)
@given(naps, naps)
def test_over_all_hours_of_the_clock_more_sleep_lowers_the_hazard(
    naps_h: np.ndarray, more_h: np.ndarray
) -> None:
    """All that follows is later; who may be there at any hour is less sleepy from there on."""
    (less, calm), (much, tired) = (at_all_hours(hours) for hours in (naps_h + more_h, naps_h))
    assert (less <= much + 1e-12).all()
    longer = with_naps(more_h)
    first = longer.site_node[longer.slept_h[0] > 0.0].min(initial=len(calm))
    np.testing.assert_allclose(calm[:first], tired[:first])
    assert (calm[first:] < tired[first:]).all()


def test_a_finish_that_is_later_in_the_last_night_may_cost_more_than_the_sleep_gives() -> None:
    """At one pace, a quarter more sleep moves the finish from midnight into the small hours."""
    naps_h = np.array([3.0, 3.0, 3.0, 3.0, 2.0, 0.0])
    less, more = with_naps(naps_h), with_naps(1.25 * naps_h)
    fewer, later = (hazards(way, np.ones(1), JUDGEMENT).nights[0] for way in (less, more))
    last = int(np.flatnonzero(fewer)[-1])
    assert (later[:last] <= fewer[:last]).all()
    assert later[last] > 5.0 * fewer[last] > 0.0
    assert walked(more).fell.mean() > walked(less).fell.mean()


@pytest.mark.parametrize(
    ("naps_h", "more_h"),
    [
        ((3, 3, 3, 3, 2, 0), (0.75, 0.75, 0.75, 0.75, 0.5, 0)),
        ((0, 0, 0, 1, 2, 3), (3, 0, 0, 0, 0, 0)),
    ],
)
def test_draws_arrive_at_many_hours_so_more_sleep_lowers_their_chance(
    naps_h: tuple[float, ...], more_h: tuple[float, ...]
) -> None:
    """At one pace, more sleep of these two kinds is what raises the chance most."""
    less, more = (
        raced({base: HOUR_S * h for base, h in zip(BASES, hours, strict=True) if h}, "mid")
        for hours in (naps_h, np.add(naps_h, more_h).tolist())
    )
    assert chance(more) < chance(less) - 0.05


@pytest.mark.parametrize("share", [0.5, 0.7, 0.85, 0.95])
def test_what_lies_ahead_changes_nothing_before_it(share: float) -> None:
    """A way that ends early: the same draws fall at the same places, so the chance only grows."""
    way = with_naps([0.0, 1.0, 2.0, 0.0, 1.0, 0.0])
    end = int(share * len(way.at_m))
    sites = way.site_node <= end
    short = replace(
        way,
        at_m=way.at_m[: end + 1],
        moving_h=way.moving_h[:, : end + 1],
        site_node=way.site_node[sites],
        rest_h=way.rest_h[:, sites],
        slept_h=way.slept_h[:, sites],
        ahead=way.ahead[:end],
    )
    whole_m = walked(way).first_m
    assert (whole_m <= way.at_m[end]).any()
    before_m = np.where(whole_m <= way.at_m[end], whole_m, np.nan)
    np.testing.assert_array_equal(walked(short).first_m, before_m)


@pytest.mark.parametrize(("hour", "within_h"), [(5, 19), (7, 17), (9, 15), (12, 12), (20, 4)])
def test_nobody_collapses_who_is_back_by_midnight(hour: int, within_h: int) -> None:
    start_h, level = sleepiness.at_start(datetime(2019, 9, 8, hour), JUDGEMENT)
    way = replace(ahead(), start_h=start_h, level=level)
    there = Legs(way).end_h[0] <= within_h
    assert there.sum() > 5
    assert (hazard_of(way)[0][0, there] == 0.0).all()


def test_a_hundred_draws_say_the_chance_better_than_plain_ones_would() -> None:
    way = with_naps([1.0] * 6)
    true = walked(way, 4000).fell.mean()
    each = [walked(way, 100, seed).fell.mean() for seed in range(1, 21)]
    plain = np.sqrt(true * (1.0 - true) / 100.0)
    assert np.sqrt(np.mean(np.square(np.subtract(each, true)))) < 0.6 * plain


def test_without_any_sleep_most_of_the_middle_fall() -> None:
    assert walked(ahead()).fell.mean() > 0.8


def test_the_mean_of_a_field_that_sleeps_as_usual_stays_as_it_was() -> None:
    found = raced(None, "mid")
    assert found.spread is not None
    whole_s = np.asarray(sum(stage.elapsed_s for stage in found.spread))
    lost_s = np.asarray(sum(s.lost_s[:, -1] for s in found.spread if s.lost_s is not None))
    assert lost_s.mean() > 0.25 * HOUR_S
    start = replace(tor()[0], start=None)  # nobody collapses where no hour is known
    never = estimate(start, tor()[1], "mid", draws=DRAWS)
    assert never.collapse is None
    assert never.spread is not None
    plain_s = sum(stage.elapsed_s for stage in never.spread)
    ratio = whole_s.mean() / found.elapsed_s / (np.mean(plain_s) / never.elapsed_s)
    assert ratio == pytest.approx(1.0, abs=0.006)
    assert found.elapsed_s == raced(None, "mid", 0).elapsed_s  # p50 is of the run without draws


def step_by_step(way: Way, luck: collapse.Luck, k: int) -> np.ndarray:
    """(m,) what the draw k has lost in hours up to each node, by one step after another."""
    level, clock_h, debt_h, hazard, late_h, count = way.level, 0.0, 0.0, 0.0, 0.0, 0
    slow_m = np.maximum(way.at_m - JUDGEMENT.collapse_slow_m, 0.0)
    slow_h = way.moving_h[0] - np.interp(slow_m, way.at_m, way.moving_h[0])
    lost_h = []
    for node, there_h in enumerate(way.moving_h[0]):
        if node:
            dt_h = there_h - way.moving_h[0, node - 1]
            middle = sleepiness.awake(level, 0.5 * dt_h)
            kss = sleepiness.sleepiness(middle, way.start_h + clock_h + 0.5 * dt_h)
            level, clock_h, debt_h = sleepiness.awake(level, dt_h), clock_h + dt_h, debt_h + dt_h
            if kss > JUDGEMENT.sleepy_above_kss:
                per_h = JUDGEMENT.collapse_per_h * luck.prone[k] * max(debt_h, 0.0) / DEBT_H
                hazard += per_h * dt_h * np.exp(PER_POINT * (kss - FIGHTING))
            if count < collapse.MOST and hazard > luck.withstands[k, count]:
                slower_h, sleep_h = (
                    slow_h[node] * JUDGEMENT.collapse_slower,
                    luck.sleeps_h[k, count],
                )
                rest_h = JUDGEMENT.collapse_rest * sleep_h
                level = sleepiness.asleep(sleepiness.awake(level, slower_h), rest_h)
                clock_h, late_h = clock_h + slower_h + sleep_h, late_h + slower_h + sleep_h
                debt_h, hazard, count = debt_h + slower_h - PAID_H * rest_h, 0.0, count + 1
        lost_h.append(late_h)
        for site in np.flatnonzero(way.site_node == node):
            rest_h, slept_h = way.rest_h[0, site], way.slept_h[0, site]
            level = sleepiness.asleep(sleepiness.awake(level, 0.5 * rest_h), slept_h)
            level = sleepiness.awake(level, 0.5 * rest_h)
            clock_h, debt_h = clock_h + rest_h + slept_h, debt_h + rest_h - PAID_H * slept_h
    return np.array(lost_h)


@pytest.mark.parametrize("slept_h", [0.0, 1.5])
def test_what_is_lost_is_what_a_walk_step_by_step_loses(slept_h: float) -> None:
    way, luck = ahead(), collapse.luck(12, 1, 0, JUDGEMENT)
    naps_h = np.zeros_like(way.slept_h)
    naps_h[0, ::6] = slept_h
    way = replace(way, slept_h=naps_h)
    found = collapse.met(way, np.ones(1), luck, JUDGEMENT)
    each = [step_by_step(way, luck, k) for k in range(12)]
    assert max(len(np.unique(lost_h)) for lost_h in each) > 2  # someone falls again
    np.testing.assert_allclose(found.lost_s, HOUR_S * np.array(each), atol=1e-3)


def test_a_collapse_at_the_finish_is_the_last() -> None:
    way, luck = ahead(), collapse.luck(1, 1, 0, JUDGEMENT)
    met = hazards(way, np.ones(1), JUDGEMENT).gained
    assert met[-1] > 0.0
    at_the_end = np.full_like(luck.withstands, met.sum() - 0.5 * met[-1])
    found = collapse.met(
        way, np.ones(1), replace(luck, withstands=at_the_end, prone=np.ones(1)), JUDGEMENT
    )
    assert found.first_m == way.at_m[-1]
    assert found.lost_s[0, -2] == 0.0 < found.lost_s[0, -1]


def test_nobody_collapses_in_a_day() -> None:
    course, profiles = tor()
    assert course.start is not None
    start = course.start.replace(hour=7)
    first = replace(course, stages=course.stages[:1], start=start)
    found = estimate(first, profiles[:1], "mid", draws=DRAWS)
    assert found.collapse is not None
    assert found.collapse.probability == 0.0
    assert found.collapse.stage is None


def test_a_seed_gives_its_collapses() -> None:
    policy = Policy(sleeps=AS_IN_2019)
    first = raced(AS_IN_2019, finisher())
    again = estimate(*tor(), finisher(), policy=policy, draws=DRAWS)
    assert first.collapse == again.collapse
    other = estimate(*tor(), finisher(), policy=policy, draws=DRAWS, seed=2)
    assert other.collapse != first.collapse
    assert chance(other) == pytest.approx(chance(first), abs=0.08)


def test_what_is_lost_counts_at_every_place_behind_it() -> None:
    found = raced({}, "mid")
    assert found.spread is not None
    last = found.spread[-1]
    assert last.lost_s is not None
    assert (np.diff(last.lost_s, axis=1) > -1e-6).all()
    end_s = last.arrival_s(float(last.edge_m[-1]))
    np.testing.assert_allclose(end_s, last.offset_s + last.elapsed_s)
    again = replace(last, lost_s=None)
    np.testing.assert_allclose(end_s - again.arrival_s(float(last.edge_m[-1])), last.lost_s[:, -1])


def test_sleepiness_beyond_the_scale_says_so() -> None:
    curve = Alertness(np.zeros(3), np.arange(3.0), np.array([8.0, 9.6, 7.0]), np.zeros(2, bool))
    assert (curve.worst_on_scale, curve.off_scale) == (9.0, True)
    calm = replace(curve, kss=np.array([3.0, 5.0, 4.0]))
    assert (calm.worst_on_scale, calm.off_scale) == (5.0, False)
