"""Facts of altitude -> a sentence and a table: what it costs, and what acclimatisation changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.prepared import LossRange
from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import one_line
from gpxstage.units import hours, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.prepared import AltitudeCost

    Lines = list[tuple[str, str]]

# Schuler et al. 2007, Scand J Med Sci Sports 17:588: eight cyclists at 2,340 m
DAYS = (
    "about 14 days: eight cyclists at 2,340 m lost 12.8 % of VO2max on day 1; it rose by 3.2 %"
    " to day 7, by 4.8 % to day 14, and hardly more to day 21 (Schuler 2007)"
)
TITLE = (
    "What altitude costs of the moving time (range: power falls by 4.6 to 7.5 % every 1,000 m,"
    " Wehrlin 2006)"
)


def at_altitude(race: RaceFacts) -> Lines:
    """What altitude costs in all, and the days that acclimatisation takes."""
    if race.why is None or not race.why.altitude:
        return []
    used = _sum([cost.acclimatised for cost in race.why.altitude])
    fresh = _sum([cost.unacclimatised for cost in race.why.altitude])
    if fresh.middle_s < 60:
        return []
    words = f"{_spoken(used)} if acclimatised (judgement), {_spoken(fresh)} if not"
    words += ", on what is left of the race" if race.range_given == "passages" else ""
    return [("altitude costs", words), ("acclimatising", DAYS)]


def altitude_cost_table(race: RaceFacts, shown: RaceFacts) -> Table:
    """A line a stage and one for the race; no rows where altitude costs nothing."""
    costs = race.why.altitude if race.why else ()
    names = {stage.number: one_line(stage.name) for stage in shown.stages}
    lines = [
        _line(str(cost.stage), names[cost.stage], cost.acclimatised, cost.unacclimatised)
        for cost in costs
        if cost.stage in names
    ]
    if not any(cost.unacclimatised.high_s >= 60 for cost in costs):
        return Table(TITLE, (), ())
    several = len(lines) > 1
    if several and len(lines) == len(race.stages):
        used, fresh = (
            _sum([getattr(cost, name) for cost in costs])
            for name in ("acclimatised", "unacclimatised")
        )
        lines.append(_line("", "whole race", used, fresh))
    breaks = [len(shown.stages) - 1] if len(lines) > len(shown.stages) else []
    return filled(TITLE, by_column(lines), 2, breaks)


def by_stage_words(costs: Sequence[AltitudeCost], *, several: bool) -> Lines:
    """What altitude costs the race, with and without acclimatisation, by stage too."""
    used, fresh = (
        _sum([getattr(cost, name) for cost in costs]) for name in ("acclimatised", "unacclimatised")
    )
    if fresh.middle_s < 60:
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


def _line(number: str, name: str, used: LossRange, fresh: LossRange) -> dict[str, str]:
    return {
        "no.": number,
        "stage": name,
        "acclimatised": hours(used.middle_s),
        "range": f"{hours(used.low_s)} – {hours(used.high_s)}",
        "not acclimatised": hours(fresh.middle_s),
        "its range": f"{hours(fresh.low_s)} – {hours(fresh.high_s)}",
    }


def _sum(ranges: Sequence[LossRange]) -> LossRange:
    return LossRange(
        low_s=sum(one.low_s for one in ranges),
        middle_s=sum(one.middle_s for one in ranges),
        high_s=sum(one.high_s for one in ranges),
    )


def _spoken(found: LossRange) -> str:
    return f"{spoken(found.middle_s)} ({hours(found.low_s)} – {hours(found.high_s)})"
