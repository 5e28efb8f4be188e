"""Relay -> a table of legs, and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.report.splits import lines_csv
from gpxstage.text import one_line
from gpxstage.units import UNITS, clock, hours, local, percent, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from gpxstage.facts.relay import Relay, RelayLeg

LEAST_NEEDED = ("hiked %", "dark")  # left out, one by one, where the names have no room


def relay_tables(
    relay: Relay, units: str = "metric", *, fits: Callable[[Table], bool] | None = None
) -> list[Table]:
    """What each runner does and when; then the same for those who go along.

    Columns that are least needed are left out of a table that *fits* refuses.
    """
    tables = []
    for role, title in (
        ("runner", f"Relay, expected {spoken(relay.elapsed_s)}"),
        ("pacer", "Pacers"),
    ):
        legs = [leg for leg in relay.legs if leg.role == role]
        if legs:
            columns = by_column([_line(leg, units) for leg in legs])
            table = filled(title, columns, 1, ())
            for name in LEAST_NEEDED:
                if fits is not None and not fits(table):
                    del columns[name]
                    table = filled(title, columns, 1, ())
            tables.append(table)
    return tables


def _line(leg: RelayLeg, units: str) -> dict[str, str]:
    unit = UNITS[units]
    return {
        "who": one_line(leg.who),
        "stages": numbers(leg.stages),
        unit.distance: unit.far(leg.length_m),
        f"+{unit.height}": unit.high(leg.gain_m),
        "start": clock(leg.start),
        "expected": clock(leg.arrival),
        "hours": hours(leg.elapsed_s),
        "hiked %": percent(leg.hike_fraction),
        "dark": hours(leg.dark_s),
        "margin": hours(leg.margin_s, signed=True),
    }


def numbers(stages: tuple[int, ...]) -> str:
    """``1-3`` for stages in a row, ``1, 3, 5`` for others."""
    if len(stages) > 1 and stages == tuple(range(stages[0], stages[-1] + 1)):
        return f"{stages[0]}-{stages[-1]}"
    return ", ".join(map(str, stages))


def relay_csv(relay: Relay, units: str = "metric") -> str:
    """A row for each leg: durations h:mm, local clocks."""
    unit = UNITS[units]
    lines = [
        {
            "who": leg.who,
            "role": leg.role,
            "stages": numbers(leg.stages),
            unit.distance: unit.far_figure(leg.length_m),
            f"gain_{unit.height}": unit.high_figure(leg.gain_m),
            f"loss_{unit.height}": unit.high_figure(leg.loss_m),
            "start": local(leg.start),
            "arrival": local(leg.arrival),
            "moving": hours(leg.moving_s),
            "elapsed": hours(leg.elapsed_s),
            "hiked_percent": percent(leg.hike_fraction),
            "dark": hours(leg.dark_s),
            "margin": hours(leg.margin_s, signed=True),
        }
        for leg in relay.legs
    ]
    return lines_csv(lines)
