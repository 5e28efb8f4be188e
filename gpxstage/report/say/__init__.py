"""The words for facts: all tables of a report, and those that compare levels, plans and models.

Terminal, Markdown, notebook and page share them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gpxstage.facts import CAUSES
from gpxstage.facts.chances import as_planned
from gpxstage.report.say.preparation import (
    altitude_cost_table,
    at_altitude,
    eating,
    eating_tables,
    team_tables,
)
from gpxstage.report.say.sentences import figures, kss, sentences, when
from gpxstage.report.say.tables import (
    Table,
    altitude_table,
    by_column,
    climb_table,
    cutoff_table,
    filled,
    grade_table,
    point_table,
    recorded_table,
    stage_table,
    widest,
)
from gpxstage.text import one_line
from gpxstage.units import MINUS, MINUTE_S, UNITS, Units, clock, elapsed_minutes, hours, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.facts import LevelFacts, RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.figures import Plan
    from gpxstage.report.say.tables import Face

ONLY_WIDE = {"against", "worst KSS", "tightest"}  # of a plan of sleep
NARROW_LEVELS = 3  # beside more of them, a terminal has no room for the cutoffs
MOST_STAGES = 7  # beside each other in the table of causes

CAUSE_WORDS = {
    "road": "flat road",
    "fatigue": "length, fatigue",
    "slope": "slopes",
    "descents": "footing down",
    "terrain": "rough ground",
    "altitude": "altitude",
    "night": "darkness",
    "conditions": "pack, sand, heat",
    "sleepiness": "sleepiness",
    "stops": "stops",
    "sleep": "sleep",
}


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
        Table(
            "",
            ("", ""),
            (*sentences(race, unit), *eating(race, unit), *at_altitude(race, unit)),
            words=2,
        ),
        *plan_tables(race, face),
        best(partial(stage_table, race, shown, unit)),
        recorded_table(shown, unit),
        *reason_tables(race, shown, unit),
        best(partial(point_table, shown, unit)),
        cutoff_table(shown),
        *field_tables(shown, unit, face),
        *team_tables(race, shown),
        best(partial(climb_table, shown, unit)),
        grade_table(shown, unit),
        altitude_table(shown, unit),
    ]
    if wide or (race.eating and race.eating.base_meal_kcal):
        found += eating_tables(race, shown, unit)
    return [table for table in found if table.rows]


# levels


def first_to_last(levels: Sequence[LevelFacts]) -> list[LevelFacts]:
    """The levels, those who finish first in front."""
    return sorted(levels, key=lambda level: level.elapsed_s or 0)


def field_tables(shown: RaceFacts, unit: Units, face: Face) -> list[Table]:
    """When each level passes every point, where several levels were chosen.

    Day and clock where the race has a start, else hours; *open* is from first to last.
    """
    if not shown.levels:
        return []
    levels, place = first_to_last(shown.levels), 0
    lines: list[dict[str, str]] = []
    breaks = []
    for stage in shown.stages:
        for point in stage.points:
            line = {
                "no.": str(stage.number) if len(shown.stages) > 1 else "",
                "point": one_line(point.name),
                unit.distance: unit.far(
                    point.race_distance_m if shown.through else point.distance_m
                ),
            }
            met = [level.points[place] for level in levels]
            for level, there in zip(levels, met, strict=True):
                line[one_line(level.level)] = clock(there.arrival) or hours(there.arrival_s)
            each_s = [there.arrival_s for there in met if there.arrival_s is not None]
            line["open"] = hours(MINUTE_S * elapsed_minutes(min(each_s), max(each_s)))
            if face != "narrow" or len(levels) <= NARROW_LEVELS:
                line["cutoff"] = when(shown, stage, point.cutoff_s)
            lines.append(line)
            place += 1
        breaks.append(len(lines) - 1)
    names = [one_line(level.level) for level in levels]
    title = f"The field: places open with {names[0]} and close after {names[-1]}"
    return [filled(title, by_column(lines), 2, breaks[:-1])]


# plans of sleep


def plan_tables(race: RaceFacts, face: Face) -> list[Table]:
    """The estimate as it is and every plan, a line each; *wide*, the margins of each too."""
    if not race.plans:
        return []
    title = "Plans of sleep, the best first (late: one time in ten it is later"
    title += "; collapse: lying down by the trail; finish: chances too near to be told apart are"
    title += " put in order by the collapse"
    title += ", and they are given this finishing time)" if race.range_given == "finish" else ")"
    own = as_planned(race)
    every = [own, *race.plans]
    lines = [_plan(race, plan, own, k) for k, plan in enumerate(every)]
    columns = by_column(lines)
    if face == "narrow":
        columns = {name: cells for name, cells in columns.items() if name not in ONLY_WIDE}
    found = [filled(title, columns, 2, (0,))]
    if face != "narrow" and own.margins:
        columns = {"point": [one_line(margin.point) for margin in own.margins]}
        for k, plan in enumerate(every):
            name = f"plan {k}" if k else "this"
            columns[name] = [hours(margin.s, signed=True) for margin in plan.margins]
        found.append(filled("Margin at each cutoff by plan", columns, 1, ()))
    return found


def _plan(race: RaceFacts, plan: Plan, own: Plan, k: int) -> dict[str, str]:
    places = ", ".join(f"{one_line(sleep.point)} {hours(sleep.s)}" for sleep in plan.sleeps)
    given = race.usual is not None and race.usual.sleeps_given
    against_s = (plan.elapsed_s or 0) - (own.elapsed_s or 0)
    worst = plan.worst_kss
    return {
        "no.": str(k) if k else "",
        "sleep at": (places or "nowhere") if k else ("as given" if given else "as usual"),
        "expected": hours(plan.elapsed_s),
        "against": hours(against_s, signed=True) if k else "",
        "asleep ahead" if race.behind else "asleep": hours(plan.slept_s),
        "worst KSS": "" if worst is None else kss(worst, off_scale=bool(plan.off_scale)),
        "late": hours(plan.p90_s),
        "collapse %": percent(plan.collapse_probability),
        "tightest": hours(plan.tightest.margin_s, signed=True) if plan.tightest else "",
        "finish %": percent(plan.finish_probability),
    }


# causes and models


def reason_tables(race: RaceFacts, shown: RaceFacts, unit: Units) -> list[Table]:
    """Where the hours go, what other models say, what altitude costs; nothing if not wanted."""
    if shown.why is None:
        return []
    return [_causes(shown), _models(shown), altitude_cost_table(race, shown, unit)]


def _causes(shown: RaceFacts) -> Table:
    """A line a cause, a column a stage where they fit, and the whole race; h:mm."""
    assert shown.why is not None
    numbers = {stage.number for stage in shown.stages}
    stages = [stage for stage in shown.why.stages if stage.number in numbers]
    few = stages if 1 < len(stages) <= MOST_STAGES else []
    columns = ("", *(f"stage {stage.number}" for stage in few), "all")
    lines = []
    for cause in CAUSES:
        each = [stage.seconds(cause) for stage in few]
        whole = sum(stage.seconds(cause) for stage in stages)
        if whole or any(each):
            lines.append((CAUSE_WORDS[cause], *(_added(s, cause) for s in (*each, whole))))
    ends = [*(stage.total_s for stage in few), sum(stage.total_s for stage in stages)]
    lines.append(("time on the clock", *map(hours, ends)))
    title = "Where the hours go (against a flat road at sea level, h:mm)"
    return Table(title, columns, tuple(lines), breaks=(len(lines) - 2,))


def _models(shown: RaceFacts) -> Table:
    """The moving time of the race by every model, shortest first."""
    assert shown.why is not None
    assert shown.runner is not None
    found = [*shown.why.models.items(), (shown.runner.model, shown.moving_s.p50 or 0)]
    lines = sorted((value_s, name) for name, value_s in found)
    title = "Moving time by other models, none of which knows the runner's race"
    rows = tuple((one_line(name), hours(value_s)) for value_s, name in lines)
    return Table(title, ("model", "moving"), rows)


def _added(value_s: float, cause: str) -> str:
    text = hours(value_s)
    return text if cause == "road" or text.startswith(MINUS) else f"+{text}"
