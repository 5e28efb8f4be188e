"""Parts and points -> EatingFacts: what is spent, eaten, drunk and carried.

A runner eats so much for each hour awake; who has a meal at a base then eats nothing for a while.
Recommended for ultra-marathons are 150 to 400 kcal and 0.45 to 0.75 l of water an hour (Tiller et
al. 2019, J Int Soc Sports Nutr 16:50). Two men in a mountain race of 161 km drank 0.48 and
0.66 l an hour and ate half of what they spent (Creer et al. 2025, Int J Sports Physiol Perform).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.conditions import COOL_C, wbgt_c, weather_hours
from gpxstage.facts.figures import Carried, EatingFacts, LegEaten
from gpxstage.facts.parts import apart, points_of, start_name, total
from gpxstage.racefile import services
from gpxstage.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course, Point
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts import StageFacts
    from gpxstage.facts.parts import Part

PORTION_EVERY_S = 1800.0  # 100 kcal at the usual intake (judgement: a gel, a bar, a sandwich)
PAUSE_S = 7200.0  # after a meal, until a runner eats again (a usual plan: judgement)
MOST_KCAL_PER_H = 400.0  # the upper end of what is recommended (Tiller et al. 2019)
WATER_L_PER_H = (0.45, 0.75)  # the ends of what is recommended (Tiller et al. 2019)
HOT_C = 28.0  # WBGT at which the upper end is drunk; the lower one up to COOL_C (judgement)
UNKNOWN_L_PER_H = 0.60  # by day where no weather is known: the middle (judgement)
BASES = ("life-base", "crew")  # kinds of places that have food whatever their services


@dataclass(frozen=True, eq=False)
class _Legs:
    """The k legs of a race in order: the way to each point, and the stop there."""

    numbers: list[int]  # of their stages
    places: list[Point]
    first: list[bool]  # a clock begins with this leg
    way_s: Array  # (k,) awake on the clock from leaving the point before
    stood_s: Array  # (k,) awake during the stop at the end
    based: list[bool]  # that stop is at a base
    spent_kcal: list[int | None]
    water_l: Array  # (k,)


def eating_facts(
    course: Course,
    parts: Sequence[Part],
    stages: Sequence[StageFacts],
    *,
    intake_kcal_per_h: float,
    base_meal_kcal: float,
) -> EatingFacts | None:
    """What is spent, eaten, drunk and carried by leg; None without an estimate."""
    if any(part.estimate is None for part in parts):
        return None
    legs = _legs(course, parts, stages)
    meal = np.array(legs.based, dtype=float) * (base_meal_kcal > 0.0)
    way_s, there_s = open_s(legs.first, legs.way_s, legs.stood_s, list(meal > 0.0))
    awake_h = float(legs.way_s.sum() + legs.stood_s.sum()) / 3600.0
    rest_kcal = max(intake_kcal_per_h * awake_h - base_meal_kcal * float(meal.sum()), 0.0)
    free_h = float(way_s.sum() + there_s.sum()) / 3600.0
    most = max(MOST_KCAL_PER_H, intake_kcal_per_h)
    per_s = min(rest_kcal / free_h, most) / 3600.0 if free_h else 0.0
    found = _eaten(legs, per_s * way_s, per_s * there_s + base_meal_kcal * meal)
    spent, eaten = total(legs.spent_kcal, 0), sum(leg.eaten_kcal for leg in found)
    return EatingFacts(
        intake_kcal_per_h=intake_kcal_per_h,
        base_meal_kcal=base_meal_kcal,
        meal_stops=int(meal.sum()),
        pause_s=int(PAUSE_S) if meal.any() else 0,
        portion_kcal=seconds(per_s * PORTION_EVERY_S) or 0,
        portion_every_s=int(PORTION_EVERY_S),
        eaten_kcal_per_h=round(eaten / awake_h, 1) if awake_h else None,
        spent_kcal=None if spent is None else int(spent),
        eaten_kcal=eaten,
        deficit_kcal=None if spent is None else int(spent) - eaten,
        water_l=round(sum(leg.water_l for leg in found), 1),
        legs=found,
        carried=_carried(course, legs, found),
    )


def _eaten(legs: _Legs, way_kcal: Array, there_kcal: Array) -> tuple[LegEaten, ...]:
    """The legs with what is eaten on the way and during the stop, in whole kilocalories."""
    each = apart(np.column_stack([way_kcal, there_kcal]).ravel(), 0)
    found = []
    for k, (place, water_l) in enumerate(zip(legs.places, apart(legs.water_l, 1), strict=True)):
        eaten, spent = int(each[2 * k] + each[2 * k + 1]), legs.spent_kcal[k]
        found.append(
            LegEaten(
                stage=legs.numbers[k],
                point=place.name,
                spent_kcal=spent,
                eaten_kcal=eaten,
                there_kcal=int(each[2 * k + 1]),
                deficit_kcal=None if spent is None else spent - eaten,
                water_l=water_l,
            )
        )
    return tuple(found)


def open_s(
    first: Sequence[bool], way_s: Array, stood_s: Array, meal: Sequence[bool]
) -> tuple[Array, Array]:
    """(k,) and (k,) awake seconds of each way and of each stop in which portions are eaten.

    Who has a meal at a stop eats nothing else there, and nothing until `PAUSE_S` after it. A
    clock begins with each leg that is a *first* one; nobody has a pause then.
    """
    found_s = np.zeros((2, len(way_s)))
    pause_s = 0.0
    for k in range(len(way_s)):
        pause_s = 0.0 if first[k] else pause_s
        for row, awake_s in enumerate((way_s[k], stood_s[k])):
            if row and meal[k]:
                pause_s = PAUSE_S
                continue
            found_s[row, k] = max(awake_s - pause_s, 0.0)
            pause_s = max(pause_s - awake_s, 0.0)
    return found_s[0], found_s[1]


# legs


def _legs(course: Course, parts: Sequence[Part], stages: Sequence[StageFacts]) -> _Legs:
    numbers, places, first, based = [], [], [], []
    spent: list[int | None] = []
    way_s, stood_s, water_l = [], [], []
    for part, stage in zip(parts, stages, strict=True):
        estimate = part.estimate
        assert estimate is not None
        at_m = np.array([point.distance_m for point in stage.points])
        spent += _by_leg(estimate, at_m)
        water_l.append(_water_l(course, part, at_m))
        asleep_s = _asleep_on_the_way_s(estimate, stage)
        left_s = float(seconds(estimate.offset_s) or 0)
        for point, place, slept_s in zip(stage.points, points_of(part), asleep_s, strict=True):
            arrival_s, stop_s = point.arrival_s.p50 or 0, point.stop_s or 0
            first.append(point is stage.points[0] and (part.is_staged or part.offset_m == 0.0))
            numbers.append(stage.number)
            places.append(place)
            based.append(point.kind == "life-base" and stop_s > 0)
            way_s.append(max(arrival_s - left_s - slept_s, 0.0))
            stood_s.append(max(stop_s - (point.sleep_s or 0), 0.0))
            left_s = float(arrival_s + stop_s)
    drunk_l = np.concatenate(water_l)
    return _Legs(numbers, places, first, np.array(way_s), np.array(stood_s), based, spent, drunk_l)


def _by_leg(estimate: StageEstimate, at_m: Array) -> list[int | None]:
    """Kilocalories spent up to each point from the one before; they add up to the stage's."""
    if estimate.energy_kcal is None:
        return [None] * len(at_m)
    each = _between(estimate.edge_m, estimate.energy_kcal, at_m)
    return [int(kcal) for kcal in apart(each, 0)]


def _between(edge_m: Array, values: Array, at_m: Array) -> Array:
    """The sum of what n cells hold from each point to the next; the last is the end."""
    until = geo.so_far(values)
    ends = np.interp(at_m, edge_m, until)
    ends[-1] = until[-1]
    return np.diff(np.concatenate([[0.0], ends]))


def _asleep_on_the_way_s(estimate: StageEstimate, stage: StageFacts) -> list[float]:
    """Sleep that is not at a point, by leg."""
    found = [0.0] * len(stage.points)
    at_points = {
        stop for point in stage.points for stop in estimate.stops_at(point.distance_m, point.name)
    }
    at_m = [point.distance_m for point in stage.points]
    for stop in estimate.stops:
        if stop not in at_points:
            k = int(np.searchsorted(at_m, stop.distance_m))
            found[min(k, len(found) - 1)] += stop.sleep_s
    return found


# water


def _water_l(course: Course, part: Part, at_m: Array) -> Array:
    """Litres drunk on the way to each point: by the weather, or by day and night without one."""
    estimate, cells = part.estimate, part.profile.cells
    assert estimate is not None
    assert cells is not None
    dark = estimate.dark_share
    if dark is None:
        dark = np.zeros(len(estimate.cell_s))
    weather = weather_hours(course.weather, part.start)
    if weather is None:
        per_h = UNKNOWN_L_PER_H + (WATER_L_PER_H[0] - UNKNOWN_L_PER_H) * dark
    else:
        clock_s = estimate.arrivals_s(0.5 * (estimate.edge_m[1:] + estimate.edge_m[:-1]))
        felt_c = wbgt_c(weather, clock_s, cells.altitude_m, dark)
        per_h = np.interp(felt_c, (COOL_C, HOT_C), WATER_L_PER_H)
    return _between(estimate.edge_m, per_h * estimate.cell_s / 3600.0, at_m)


# carrying


def _carried(course: Course, legs: _Legs, eaten: Sequence[LegEaten]) -> tuple[Carried, ...]:
    """What is carried from each place with food or water to the next one, clock by clock."""
    named = any(point.services for stage in course.stages for point in stage.points)
    starts = [k for k, begins in enumerate(legs.first) if begins]
    found: list[Carried] = []
    for low, high in pairwise([*starts, len(eaten)]):
        places, chain = legs.places[low:high], eaten[low:high]
        food = [True, *(has_food(place, named) for place in places)]
        water = [fed or has_water(place) for fed, place in zip(food, [None, *places], strict=True)]
        names = [_start(course, chain[0].stage), *(place.name for place in places)]
        for k in (k for k in range(len(chain)) if water[k]):
            fed, wet = (_next(k, there) for there in (food, water))
            kcal = sum(leg.eaten_kcal for leg in chain[k:fed]) - chain[fed - 1].there_kcal
            found.append(
                Carried(
                    stage=chain[max(k - 1, 0)].stage,
                    point=names[k],
                    food_kcal=kcal if food[k] else None,
                    food_until=names[fed] if food[k] else None,
                    water_l=round(sum(leg.water_l for leg in chain[k:wet]), 1),
                    water_until=names[wet],
                )
            )
    return tuple(found)


def _next(k: int, there: Sequence[bool]) -> int:
    """The next place after *k* that has it, or the end."""
    return next((j for j in range(k + 1, len(there)) if there[j]), len(there) - 1)


def _start(course: Course, number: int) -> str:
    """The name of the place where a stage starts."""
    return start_name(course.stages[course.index(number)], course) or "Start"


def has_food(place: Point, named: bool) -> bool:
    """Whether a place has food, or the crew or a bag brings it; *named*: the race names services.

    Where no point of a race does, aid stations have food.
    """
    kinds = BASES if named else (*BASES, "aid")
    offered = services.offered(place)
    return bool(place.crew or place.drop_bag or place.kind in kinds or "food" in offered)


def has_water(place: Point | None) -> bool:
    """Whether a place that may have no food has water."""
    if place is None:
        return True
    return place.kind in ("water", "aid") or "water" in services.offered(place)
