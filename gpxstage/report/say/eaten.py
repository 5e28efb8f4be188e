"""Facts of eating -> sentences and tables: spent, eaten and drunk by leg, and what to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import one_line
from gpxstage.units import MINUS, number, spoken

if TYPE_CHECKING:
    from gpxstage.facts import RaceFacts
    from gpxstage.facts.prepared import EatingFacts

    Lines = list[tuple[str, str]]


def eating(race: RaceFacts) -> Lines:
    """How much is eaten and in which rhythm, what is missing of what is spent, and the water."""
    found = race.eating
    if found is None:
        return []
    words = f"{number(found.eaten_kcal, -2)} kcal"
    if found.eaten_kcal_per_h is not None:
        words += f", {number(found.eaten_kcal_per_h)} in each hour awake on the course"
    if found.deficit_kcal is not None:
        side = "less" if found.deficit_kcal >= 0 else "more"
        words += f"; {number(abs(found.deficit_kcal), -2)} kcal {side} than is spent while moving"
    made = [("eaten", words), ("rhythm", rhythm(found))]
    return [*made, ("water", f"{number(found.water_l)} l on the way (judgement)")]


def rhythm(found: EatingFacts) -> str:
    """When something is eaten: meals, the hours after them, portions."""
    portion = f"{number(found.portion_kcal)} kcal every {spoken(found.portion_every_s)}"
    portion = portion if found.portion_kcal else "nothing"
    if not found.base_meal_kcal:
        return portion
    if not found.meal_stops:
        return f"{portion}; no meals, because the race has no base with a stop"
    words = f"a meal of {number(found.base_meal_kcal)} kcal at each base with a stop"
    words += f" ({found.meal_stops})"
    wanted, per_h = found.intake_kcal_per_h, found.eaten_kcal_per_h or 0.0
    if not found.portion_kcal:
        return f"{words} and nothing else: that is {number(wanted)} kcal an hour or more"
    words += f", nothing for {spoken(found.pause_s)}, then {portion}"
    if per_h < wanted - 1.0:
        words += f"; the meals leave too little time for {number(wanted)} kcal an hour"
    return words


def eating_tables(race: RaceFacts, shown: RaceFacts) -> list[Table]:
    """By leg, and what is carried from each supply; *shown* picks the stages."""
    found = race.eating
    if found is None:
        return []
    numbers = {stage.number for stage in shown.stages}
    several = len(numbers) > 1
    legs = [
        {
            "no.": str(leg.stage) if several else "",
            "to": one_line(leg.point),
            "spent kcal": _kcal(leg.spent_kcal),
            "eaten kcal": _kcal(leg.eaten_kcal),
            "in the stop": _kcal(leg.there_kcal) if leg.there_kcal else "",
            "deficit kcal": _kcal(leg.deficit_kcal),
            "water l": number(leg.water_l, 1),
        }
        for leg in found.legs
        if leg.stage in numbers
    ]
    ends = [k for k, leg in enumerate(legs[1:]) if leg["no."] != legs[k]["no."]]
    if len(shown.stages) == len(race.stages) and len(legs) > 1:
        ends.append(len(legs) - 1)
        legs.append(_whole(found))
    carried = [
        {
            "no.": str(one.stage) if several else "",
            "from": one_line(one.point),
            "food kcal": _kcal(one.food_kcal),
            "food until": one_line(one.food_until or ""),
            "water l": "" if one.water_l is None else number(one.water_l, 1),
            "water until": one_line(one.water_until or ""),
        }
        for one in found.carried
        if one.stage in numbers
    ]
    return [
        filled("Eating and drinking by leg (water: judgement)", by_column(legs), 2, ends),
        _carried(carried),
    ]


def _whole(found: EatingFacts) -> dict[str, str]:
    return {
        "no.": "",
        "to": "whole race",
        "spent kcal": _kcal(found.spent_kcal),
        "eaten kcal": _kcal(found.eaten_kcal),
        "in the stop": _kcal(sum(leg.there_kcal for leg in found.legs)),
        "deficit kcal": _kcal(found.deficit_kcal),
        "water l": number(found.water_l, 1),
    }


def _carried(lines: list[dict[str, str]]) -> Table:
    """What to carry; where food and water last to the same places, the place is named once."""
    columns = by_column(lines)
    title = "Carry from each place with food or water to the next (water: judgement)"
    if columns and columns["food until"] == columns["water until"]:
        columns["until"] = columns.pop("food until")
        del columns["water until"]
        columns = {name: columns[name] for name in ("no.", "from", "until", "food kcal", "water l")}
        return filled(title, columns, 3, ())
    order = ("no.", "from", "food until", "water until", "food kcal", "water l")
    return filled(title, {name: columns[name] for name in order if name in columns}, 4, ())


def _kcal(value: int | None) -> str:
    if value is None:
        return ""
    return f"{MINUS if value < 0 else ''}{number(abs(value))}"
