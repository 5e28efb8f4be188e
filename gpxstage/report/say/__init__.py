"""The words for facts: tables and sentences that terminal, Markdown, notebook and page share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gpxstage.report.say.choices import field_tables, plan_tables, reason_tables
from gpxstage.report.say.sentences import figures, sentences
from gpxstage.report.say.tables import (
    Table,
    altitude_table,
    climb_table,
    cutoff_table,
    grade_table,
    point_table,
    stage_table,
    widest,
)
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.facts.analysis import Report
    from gpxstage.report.say.tables import Face


def all_tables(
    report: Report,
    units: str = "metric",
    stages: Sequence[int] = (),
    *,
    wide: bool = False,
    above_m: Sequence[float] = (),
    fits: Callable[[Table], bool] = lambda table: True,
) -> list[Table]:
    """All tables of a report, in the order in which a runner asks.

    *wide* ones do not have to fit a terminal: more columns, and the descents too. One that does
    not pass *fits* is made as if it were not wide.
    """
    unit = UNITS[units]
    face: Face = "wide" if wide else "narrow"
    race = report.facts_for(units, above_m)
    shown = race.shown(stages)

    def best(make: Callable[[Face], Table]) -> Table:
        return widest(make, face, fits)

    found = [
        Table("", *figures(race, unit)),
        Table("", ("", ""), tuple(sentences(race, unit)), words=2),
        *plan_tables(race, face),
        best(partial(stage_table, race, shown, unit)),
        *reason_tables(shown),
        best(partial(point_table, shown, unit)),
        cutoff_table(shown),
        *field_tables(shown, unit, face),
        best(partial(climb_table, shown, unit)),
        grade_table(shown, unit),
        altitude_table(shown, unit),
    ]
    return [table for table in found if table.rows]
