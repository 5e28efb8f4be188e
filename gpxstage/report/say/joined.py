"""Facts of a team -> tables: who waits where, and what it costs each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.text import one_line
from gpxstage.units import MINUTE_S, elapsed_minutes, hours

if TYPE_CHECKING:
    from gpxstage.facts import RaceFacts
    from gpxstage.facts.prepared import TeamMember

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
