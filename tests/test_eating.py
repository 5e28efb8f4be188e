"""What is spent, eaten, drunk and carried: sums, the rhythm of meals, supplies, water."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import Estimated

import gpxstage as gs
from gpxstage.course import Point, Weather
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.eating import PAUSE_S, WATER_L_PER_H, has_food, has_water, open_s
from gpxstage.facts.figures import EatingFacts
from gpxstage.report.say.preparation import eating, rhythm
from gpxstage.report.splits import csv_text
from gpxstage.units import UNITS

SAMPLES = ("tor-des-geants", "transrockies-run-2016", "chattanooga-mountains")


def eaten(report: Report) -> EatingFacts:
    assert report.facts.eating is not None
    return report.facts.eating


@pytest.fixture(scope="module")
def tor() -> gs.Course:
    return gs.load("sample_courses/tor-des-geants")


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("meal_kcal", [0.0, 500.0])
def test_eaten_and_deficit_are_what_is_spent(sample: str, meal_kcal: float) -> None:
    report = analyze(gs.load(f"sample_courses/{sample}"), draws=0, base_meal_kcal=meal_kcal)
    found = eaten(report)
    for leg in found.legs:
        assert leg.spent_kcal is not None
        assert leg.deficit_kcal is not None
        assert leg.eaten_kcal + leg.deficit_kcal == leg.spent_kcal
        assert 0 <= leg.there_kcal <= leg.eaten_kcal
    assert found.spent_kcal == report.facts.energy_kcal.p50
    for name in ("spent_kcal", "eaten_kcal", "deficit_kcal"):
        assert getattr(found, name) == sum(getattr(leg, name) for leg in found.legs)
    assert found.water_l == pytest.approx(sum(leg.water_l for leg in found.legs), abs=0.05)
    assert [leg.point for leg in found.legs] == [point.name for point in report.points]


@pytest.mark.parametrize("meal_kcal", [0.0, 300.0, 500.0])
def test_the_hourly_mean_holds_whatever_the_meals(tor: gs.Course, meal_kcal: float) -> None:
    report = analyze(tor, "strong", draws=0, intake_kcal_per_h=220.0, base_meal_kcal=meal_kcal)
    found, race = eaten(report), report.facts
    assert race.elapsed_s.p50 is not None
    assert race.slept_s is not None
    awake_h = (race.elapsed_s.p50 - race.slept_s) / 3600.0
    assert found.eaten_kcal == pytest.approx(220.0 * awake_h, abs=2.0)
    assert found.eaten_kcal_per_h == pytest.approx(220.0, abs=0.1)
    assert found.meal_stops == (6 if meal_kcal else 0)


def test_after_a_meal_nothing_is_eaten_for_two_hours(tor: gs.Course) -> None:
    found = eaten(analyze(tor, "strong", draws=0, base_meal_kcal=500.0))
    names = [leg.point for leg in found.legs]
    for base in ("Valgrisenche", "Cogne", "Donnas"):
        here, after = (found.legs[names.index(base) + k] for k in (0, 1))
        assert here.there_kcal == 500
        assert after.eaten_kcal == 0  # the next place is less than two hours away
    assert 95 <= found.portion_kcal <= 105
    words = rhythm(found)
    assert words.startswith("a meal of 500 kcal at each base with a stop (6), nothing for 2 h")


@given(
    st.lists(
        st.tuples(st.floats(0.0, 3e4), st.floats(0.0, 6e3), st.booleans(), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_a_pause_is_as_long_as_it_should_be(
    legs: list[tuple[float, float, bool, bool]],
) -> None:
    way, stood, meal, first = (list(column) for column in zip(*legs, strict=True))
    first[0] = True
    way_s, there_s = open_s(first, np.array(way), np.array(stood), meal)
    assert (way_s >= 0.0).all()
    assert (way_s <= np.array(way) + 1e-9).all()
    assert (there_s <= np.array(stood) + 1e-9).all()
    assert not there_s[np.array(meal)].any()
    closed_s = sum(way) + sum(stood) - float(way_s.sum() + there_s.sum())
    stops_s = sum(s for s, is_meal in zip(stood, meal, strict=True) if is_meal)
    assert closed_s <= stops_s + PAUSE_S * sum(meal) + 1e-6
    if not any(meal):
        assert closed_s == pytest.approx(0.0, abs=1e-6)


def test_a_runner_of_97_hours_eats_about_as_much_as_one_who_reported_it(
    estimated: Estimated,
) -> None:
    # Koop, Tor des Géants 2019: about 200 kcal an hour, over 20,000 in all, in 97 h
    when = ("--goal", "97:00", "--start", "2019-09-08T12:00")
    for meal in ("0", "500"):
        rows = estimated("sample_courses/tor-des-geants", *when, "--base-meal", meal)
        assert 4.5 < rows["slept_s"] / 3600.0 < 6.0
        assert rows["eating"]["eaten_kcal"] == pytest.approx(20_000, rel=0.1)


def test_meals_that_are_too_many_are_named() -> None:
    tor = gs.load("sample_courses/tor-des-geants")
    found = eaten(analyze(tor, draws=0, intake_kcal_per_h=10.0, base_meal_kcal=2000.0))
    assert found.eaten_kcal == 12_000
    assert found.portion_kcal == 0
    assert rhythm(found).endswith("and nothing else: that is 10 kcal an hour or more")


def test_meals_that_leave_no_time_for_the_rest_are_named() -> None:
    tor = gs.load("sample_courses/tor-des-geants")
    every = tuple(
        replace(s, points=tuple(replace(p, kind="life-base") for p in s.points)) for s in tor.stages
    )
    report = analyze(replace(tor, stages=every), draws=0, base_meal_kcal=20.0)
    found = eaten(report)
    assert found.eaten_kcal_per_h is not None
    assert found.eaten_kcal_per_h < 190.0
    assert found.portion_kcal == 200  # nobody eats more than 400 an hour
    assert rhythm(found).endswith("the meals leave too little time for 200 kcal an hour")


def test_who_eats_nothing_has_no_portions(tor: gs.Course) -> None:
    found = eaten(analyze(tor, draws=0, intake_kcal_per_h=0.0))
    assert found.eaten_kcal == 0
    assert found.deficit_kcal == found.spent_kcal
    assert rhythm(found) == "nothing"


def test_a_race_without_bases_has_no_meals() -> None:
    course = gs.load("sample_courses/chattanooga-mountains")
    found = eaten(analyze(course, draws=0, base_meal_kcal=500.0))
    assert found.meal_stops == 0
    assert found.portion_kcal == 100
    assert "no meals, because the race has no base with a stop" in rhythm(found)


def test_a_plain_model_knows_what_is_eaten_and_not_what_is_spent(tor: gs.Course) -> None:
    report = analyze(tor, model="naismith", draws=0)
    found = eaten(report)
    assert found.eaten_kcal > 10_000
    assert found.spent_kcal is None
    assert all(leg.deficit_kcal is None for leg in found.legs)
    assert "than is spent" not in dict(eating(report.facts, UNITS["metric"]))["eaten"]


def test_a_part_of_the_race_shows_its_own_legs_and_the_same_totals(tor: gs.Course) -> None:
    race = analyze(tor, "strong", draws=0).facts
    shown = race.shown((2, 3)).eating
    assert shown is not None
    assert race.eating is not None
    assert {leg.stage for leg in shown.legs} == {2, 3}
    assert {one.stage for one in shown.carried} == {2, 3}
    assert shown.eaten_kcal == race.eating.eaten_kcal


# carrying


def test_what_is_carried_lasts_to_the_next_supply(tor: gs.Course) -> None:
    found = eaten(analyze(tor, "strong", draws=0))
    carried = [one for one in found.carried if one.food_kcal is not None]
    for one, after in pairwise(carried):
        assert one.food_until == after.point
    assert carried[-1].food_until == "Courmayeur"
    by_supply = sum(one.food_kcal or 0 for one in carried)
    fed = {one.point for one in carried[1:]}
    at_supplies = sum(leg.there_kcal for leg in found.legs if leg.point in fed)
    assert by_supply + at_supplies == found.eaten_kcal
    wet = [one.water_l or 0.0 for one in found.carried]
    assert sum(wet) == pytest.approx(found.water_l, abs=0.1 * len(wet))


def test_each_stage_of_a_staged_race_begins_with_a_supply() -> None:
    course = gs.load("sample_courses/transrockies-run-2016")
    found = eaten(analyze(course, draws=0))
    firsts = {one.stage: one for one in reversed(found.carried)}
    assert sorted(firsts) == [stage.number for stage in course.stages]


@pytest.mark.parametrize(
    ("point", "named", "food", "water"),
    [
        (Point("A", "aid"), False, True, True),
        (Point("A", "aid"), True, False, True),
        (Point("A", "aid", services=("food",)), True, True, True),
        (Point("A", "col", services=("Meals",)), True, True, False),
        (Point("A", "col"), False, False, False),
        (Point("A", "water"), False, False, True),
        (Point("A", "waypoint", services=("water",)), True, False, True),
        (Point("A", "waypoint", crew=True), True, True, False),
        (Point("A", "life-base"), True, True, False),
    ],
)
def test_where_food_and_water_are(point: Point, named: bool, food: bool, water: bool) -> None:
    assert has_food(point, named) == food
    assert has_water(point) == water


# water


def test_more_is_drunk_in_the_heat() -> None:
    course = gs.load("sample_courses/chattanooga-mountains")
    start = datetime(2026, 6, 12, 7, tzinfo=ZoneInfo("America/New_York"))
    stage = replace(course.stages[0], start=start)
    course = replace(course, stages=(stage,), start=start, format="staged")

    def per_h(temperature_c: float) -> float:
        rows = tuple(
            Weather(start + timedelta(hours=k), temperature_c, 0.5, None) for k in range(24)
        )
        report = analyze(replace(course, weather=rows), draws=0)
        return eaten(report).water_l / ((report.facts.moving_s.p50 or 0) / 3600.0)

    cold, warm, hot = (per_h(temperature_c) for temperature_c in (0.0, 20.0, 40.0))
    low, high = WATER_L_PER_H
    assert cold == pytest.approx(low, abs=0.05)
    assert hot == pytest.approx(high, abs=0.05)
    assert cold < warm < hot


def test_the_columns_of_the_csv_are_the_legs(tor: gs.Course) -> None:
    report = analyze(tor, "strong", draws=0)
    head, *lines = [line.split(",") for line in csv_text(report).splitlines()]
    for name in ("leg_spent_kcal", "leg_eaten_kcal"):
        column = [int(line[head.index(name) - len(head)]) for line in lines]
        assert column == [getattr(leg, name.removeprefix("leg_")) for leg in eaten(report).legs]
