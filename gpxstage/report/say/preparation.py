"""Facts that help to prepare -> sentences and tables.

What is spent, eaten, drunk and carried by leg; what a team costs its members; what altitude costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.figures import LossRange
from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import one_line
from gpxstage.units import (
    MINUS,
    MINUTE_S,
    elapsed_minutes,
    hours,
    number,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.figures import AltitudeCost, EatingFacts, TeamMember
    from gpxstage.units import Units

    Lines = list[tuple[str, str]]


def eating(race: RaceFacts, unit: Units) -> Lines:
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
    return [
        *made,
        ("water", f"{unit.water(found.water_l, 0)} {unit.volume} on the way (judgement)"),
    ]


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


def eating_tables(race: RaceFacts, shown: RaceFacts, unit: Units) -> list[Table]:
    """By leg, and what is carried from each supply; *shown* picks the stages."""
    found = shown.eating
    if found is None:
        return []
    several, water = len(shown.stages) > 1, f"water {unit.volume}"
    legs = [
        {
            "no.": str(leg.stage) if several else "",
            "to": one_line(leg.point),
            "spent kcal": _kcal(leg.spent_kcal),
            "eaten kcal": _kcal(leg.eaten_kcal),
            "in the stop": _kcal(leg.there_kcal) if leg.there_kcal else "",
            "deficit kcal": _kcal(leg.deficit_kcal),
            water: unit.water(leg.water_l),
        }
        for leg in found.legs
    ]
    ends = [k for k, leg in enumerate(legs[1:]) if leg["no."] != legs[k]["no."]]
    if len(shown.stages) == len(race.stages) and len(legs) > 1:
        ends.append(len(legs) - 1)
        legs.append(_whole(found) | {water: unit.water(found.water_l)})
    carried = [
        {
            "no.": str(one.stage) if several else "",
            "from": one_line(one.point),
            "food kcal": _kcal(one.food_kcal),
            "food until": one_line(one.food_until or ""),
            water: unit.water(one.water_l),
            "water until": one_line(one.water_until or ""),
        }
        for one in found.carried
    ]
    return [
        filled("Eating and drinking by leg (water: judgement)", by_column(legs), 2, ends),
        _carried(carried, water),
    ]


def _whole(found: EatingFacts) -> dict[str, str]:
    return {
        "no.": "",
        "to": "whole race",
        "spent kcal": _kcal(found.spent_kcal),
        "eaten kcal": _kcal(found.eaten_kcal),
        "in the stop": _kcal(sum(leg.there_kcal for leg in found.legs)),
        "deficit kcal": _kcal(found.deficit_kcal),
    }


def _carried(lines: list[dict[str, str]], water: str) -> Table:
    """What to carry; where food and water last to the same places, the place is named once."""
    columns = by_column(lines)
    title = "Carry from each place with food or water to the next (water: judgement)"
    if columns and columns["food until"] == columns["water until"]:
        columns["until"] = columns.pop("food until")
        del columns["water until"]
        columns = {name: columns[name] for name in ("no.", "from", "until", "food kcal", water)}
        return filled(title, columns, 3, ())
    order = ("no.", "from", "food until", "water until", "food kcal", water)
    return filled(title, {name: columns[name] for name in order if name in columns}, 4, ())


def _kcal(value: int | None) -> str:
    if value is None:
        return ""
    return f"{MINUS if value < 0 else ''}{number(abs(value))}"


LEAST_S = 0.5 * MINUTE_S  # less than that is not shown


def team_tables(race: RaceFacts, shown: RaceFacts) -> list[Table]:
    """What the team costs each member, and where each waits; nothing for one runner."""
    if not race.team:
        return []
    members = [
        {
            "runner": one_line(member.name),
            "alone": hours(member.alone_s),
            "together": hours(race.elapsed_s.p50),
            "costs": hours(member.costs_s),
            "waits on the way": hours(_way_s(member)),
            "in stops": hours(MINUTE_S * elapsed_minutes(_way_s(member), member.costs_s)),
        }
        for member in race.team
    ]
    numbers = {stage.number for stage in shown.stages}
    lines = []
    for same in zip(*(member.waits for member in race.team), strict=True):
        waits_s = [wait.way_s + wait.stop_s for wait in same]
        if same[0].stage in numbers and max(waits_s) >= LEAST_S:
            line = {"no.": str(same[0].stage) if len(numbers) > 1 else ""}
            line["up to the end of the stop at"] = one_line(same[0].point)
            for member, wait_s in zip(race.team, waits_s, strict=True):
                line[one_line(member.name)] = hours(wait_s) if wait_s >= LEAST_S else ""
            lines.append(line)
    return [
        filled("The team: everywhere at the pace of the slower one", by_column(members), 1, ()),
        filled("Who waits where (h:mm)", by_column(lines), 2, ()),
    ]


def _way_s(member: TeamMember) -> int:
    return sum(wait.way_s for wait in member.waits)


# Schuler et al. 2007, Scand J Med Sci Sports 17:588: eight cyclists at 2,340 m
DAYS = (
    "about 14 days: eight cyclists at {height} lost 12.8 % of VO2max on day 1; it rose by 3.2 %"
    " to day 7, by 4.8 % to day 14, and hardly more to day 21 (Schuler 2007)"
)
TITLE = (
    "What altitude costs of the moving time, against the whole race run anew at sea level, where"
    " fatigue is less too (range: power falls by 4.6 to 7.5 % every {height}, Wehrlin 2006)"
)


def at_altitude(race: RaceFacts, unit: Units) -> Lines:
    """What altitude costs in all, and the days that acclimatisation takes."""
    if race.why is None or not race.why.altitude:
        return []
    used, fresh = _in_all(race.why.altitude)
    if fresh.middle_s < MINUTE_S:
        return []
    words = f"{_spoken(used)} if acclimatised (judgement), {_spoken(fresh)} if not"
    words += ", on what is left of the race" if race.range_given == "passages" else ""
    return [
        ("altitude costs", words),
        ("acclimatising", DAYS.format(height=unit.height_text(2340.0))),
    ]


def altitude_cost_table(race: RaceFacts, shown: RaceFacts, unit: Units) -> Table:
    """A line a stage and one for the race; no rows where altitude costs nothing."""
    costs = race.why.altitude if race.why else ()
    title = TITLE.format(height=unit.height_text(1000.0))
    names = {stage.number: one_line(stage.name) for stage in shown.stages}
    lines = [
        _line(str(cost.stage), names[cost.stage], cost.acclimatised, cost.unacclimatised)
        for cost in costs
        if cost.stage in names
    ]
    if not any(cost.unacclimatised.high_s >= MINUTE_S for cost in costs):
        return Table(title, (), ())
    several = len(lines) > 1
    if several and len(lines) == len(race.stages):
        lines.append(_line("", "whole race", *_in_all(costs)))
    breaks = [len(shown.stages) - 1] if len(lines) > len(shown.stages) else []
    return filled(title, by_column(lines), 2, breaks)


def _line(number: str, name: str, used: LossRange, fresh: LossRange) -> dict[str, str]:
    return {
        "no.": number,
        "stage": name,
        "acclimatised": hours(used.middle_s),
        "range": f"{hours(used.low_s)} – {hours(used.high_s)}",
        "not acclimatised": hours(fresh.middle_s),
        "its range": f"{hours(fresh.low_s)} – {hours(fresh.high_s)}",
    }


def _in_all(costs: Sequence[AltitudeCost]) -> tuple[LossRange, LossRange]:
    """What the stages lose together: a runner who is used to the altitude, and one who is not."""
    return _sum([c.acclimatised for c in costs]), _sum([c.unacclimatised for c in costs])


def _sum(ranges: Sequence[LossRange]) -> LossRange:
    return LossRange(
        low_s=sum(one.low_s for one in ranges),
        middle_s=sum(one.middle_s for one in ranges),
        high_s=sum(one.high_s for one in ranges),
    )


def _spoken(found: LossRange) -> str:
    return f"{spoken(found.middle_s)} ({hours(found.low_s)} – {hours(found.high_s)})"


def by_stage_words(costs: Sequence[AltitudeCost], *, several: bool) -> Lines:
    """What altitude costs the race, with and without acclimatisation, by stage too."""
    used, fresh = _in_all(costs)
    if fresh.middle_s < MINUTE_S:
        return []
    made = [("altitude", f"costs {_short(used)}; not acclimatised {_short(fresh)}")]
    if several:
        ends = [(cost.acclimatised.middle_s, cost.unacclimatised.middle_s) for cost in costs]
        numbers = [cost.stage for cost in costs]
        parts = (f"{n} {hours(a)}–{hours(b)}" for n, (a, b) in zip(numbers, ends, strict=True))
        made.append(("", f"by stage, acclimatised–not: {', '.join(parts)}"))
    return made


def _short(found: LossRange) -> str:
    return f"{hours(found.middle_s)} h ({hours(found.low_s)}–{hours(found.high_s)})"
