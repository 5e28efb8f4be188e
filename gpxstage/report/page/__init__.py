"""Report -> index.html: one file that opens from disk and asks nothing of any network."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gpxstage.report.markup import how_measured
from gpxstage.report.page.both import both, other, tables, unbroken
from gpxstage.report.page.plans import grounds, plans
from gpxstage.report.page.thinned import curves, plan_m, shape
from gpxstage.report.page.words import assumed, headline, marks, places, views
from gpxstage.report.say import field_tables, plan_tables, reason_tables
from gpxstage.report.say.noted import notes_in
from gpxstage.report.say.preparation import eating, eating_tables, team_tables
from gpxstage.report.say.sentences import collapse, sleep, sleepiness, tightest
from gpxstage.report.say.tables import (
    RANGE,
    STEEP_M,
    altitude_table,
    climb_table,
    grade_table,
    night_table,
    point_table,
    points_left,
    stage_table,
)
from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, date, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part
    from gpxstage.report.say.tables import Table

__all__ = ["page_html"]

# bokeh reads a model where it stands first: the order of keys is part of its JSON
JSON = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}
# one after another: the numbers, the charts, what reads both
SCRIPTS = ("course.js", "plans.js", "names.js", "page.js", "ranges.js", "planner.js")


def page_html(
    report: Report,
    units: str = "metric",
    stages: Sequence[int] = (),
    *,
    picture: bytes | None = None,
) -> str:
    """The page of a race; *picture*, a PNG, stands for the charts in print and without scripts.

    *units* are those that are shown first: the page changes to the others, and back. *stages*
    picks the stages shown. Every value is one of the report's facts, but for the
    places between its points, which are measured in the same way. The same report gives the
    same bytes. Raises ImportError where a library of the extra [web] is missing.
    """
    own = report.shown(stages)
    first, second = sorted(UNITS, key=lambda name: name != units)
    race = report.facts_for(first)
    here, there = (
        (report.facts_for(name), report.facts_for(name).shown(stages), UNITS[name])
        for name in (first, second)
    )
    sheets = _tables(*here, own), _tables(*there, own)
    written: str = _template().render(
        race=race,
        words=both(_words(*here), _words(*there)),
        units=[(name, UNITS[name]) for name in ("metric", "imperial")],
        first=first,
        tables={name: tables(sheet, sheets[1][name]) for name, sheet in sheets[0].items()},
        notes=both(*(unbroken(notes_in(report.notes, name)) for name in (first, second))),
        measured=unbroken(how_measured(report)),
        picture=base64.b64encode(picture).decode() if picture else "",
        **_said(race, here[1]),
        **_drawn(report, here[1], own, first),
        **_code(),
    )
    return written


@cache
def _template() -> Any:
    """The page's template: a batch of races reads it once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gpxstage.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = JSON
    environment.filters |= {"plain": one_line, "date": date, "other": other}
    environment.filters["spoken"] = lambda duration_s: unbroken(spoken(duration_s))
    return environment.get_template("page.html")


def _words(race: RaceFacts, shown: RaceFacts, unit: Units) -> dict[str, Any]:
    """What is said outside the tables, in one system of units."""
    between = f" between {unit.high(race.lowest_m)} and {unit.high(race.highest_m)} {unit.height}"
    low = "" if race.lowest_m is None else between
    over, timed = unit.height_text(STEEP_M[0]), race.runner is not None
    return {
        "figures": [replace(each, more=unbroken(each.more)) for each in headline(race, unit)],
        "assumed": assumed(race, unit) if race.runner else [],
        "course": f"{unit.far(race.length_m)} {unit.distance}{low}",
        "heights": f"Heights in {unit.height}",
        "distance": unit.distance,
        "height": unit.height,
        "eating": unbroken(eating(race, unit)),
        "food": [table for table in eating_tables(race, shown, unit) if table.rows],
        "reasons": [table for table in reason_tables(race, shown, unit) if table.rows],
        "around": f"the grade is that of {over} around",
        "stages": f"{over}: steepest grade over that length" + ("; times in h:mm" if timed else ""),
        "climbs": f"{over}: steepest grade over that length" + ("; moving h:mm" if timed else ""),
    }


def _tables(race: RaceFacts, shown: RaceFacts, unit: Units, own: Sequence[Part]) -> dict[str, Any]:
    """The tables of the page that speak of lengths and heights; None where there is none."""
    slept_s = [None if p.estimate is None else float(p.estimate.slept_s) for p in own]
    named = {
        "stages": stage_table(race, shown, unit, "page"),
        "points": _arrival_first(point_table(shown, unit, "page")),
        "climbs": climb_table(shown, unit, "page"),
        "grades": grade_table(shown, unit),
        "altitudes": altitude_table(shown, unit),
        "nights": night_table(race, shown, slept_s, unit) if race.runner else None,
    }
    return named | {"field": next(iter(field_tables(shown, unit, "page")), None)}


def _said(race: RaceFacts, shown: RaceFacts) -> dict[str, Any]:
    """What is the same in all units."""
    return {
        "heads": _heads(shown),
        "plans": plan_tables(race, "page"),
        "tightest": unbroken(tightest(race)),
        "team": team_tables(race, shown),
        "sleep": unbroken(_slept(race)) if race.runner else [],
    }


def _heads(shown: RaceFacts) -> list[str]:
    """A line above the points of each stage that is listed, where several are shown."""
    if len(shown.stages) < 2:
        return []
    return [f"{stage.number} · {one_line(stage.name)}" for stage, _ in points_left(shown)]


FIRST = ("point", "expected", RANGE, "margin", "cutoff")  # what fits a phone


def _slept(race: RaceFacts) -> list[tuple[str, str]]:
    """How the runner sleeps, how sleepy that leaves, and the chance of a collapse."""
    return [*sleep(race), *sleepiness(race), *collapse(race)]


def _arrival_first(points: Table) -> Table:
    """Points with their arrivals in front; the numbers of stages are in the lines above them."""
    order = [name for name in FIRST if name in points.columns]
    order += [name for name in points.columns if name not in (*FIRST, "no.")]
    picked = [points.columns.index(name) for name in order]
    rows = tuple(tuple(row[k] for k in picked) for row in points.rows)
    return replace(points, columns=tuple(order), rows=rows, words=1)


def _drawn(report: Report, shown: RaceFacts, own: Sequence[Part], first: str) -> dict[str, Any]:
    """The two charts, what the page's script says at each of their places, and its plans."""
    from gpxstage.report.page.charts import charts

    found = curves(own)
    x = [(c.part.offset_m + c.distance_m) / 1000.0 for c in found]
    plan = plan_m(found)
    named = marks(found, shown.stages, plan)
    course = {
        "first": first,
        "units": {
            name: [unit.distance, unit.height, unit.m_per_distance, unit.m_per_height]
            for name, unit in UNITS.items()
        },
        "views": views(found),
        "staged": own[0].is_staged and len(own) > 1,
        "clock": all(part.start is not None for part in own),
        "places": places(found, shown, plan),
        "marks": named,
        "ground": grounds(found),
    }
    return {
        "charts": charts(found, x, plan, named),
        "course": course,
        "wide": shape(plan),
        "plans_between": plans(report, shown, own, found),
    }


def _code() -> dict[str, Any]:
    """What the page brings along: its style, its script, and bokeh's."""
    from bokeh.resources import Resources
    from markupsafe import Markup

    here = files(__package__)
    style = here.joinpath("page.css").read_text("utf-8")
    script = "\n".join(here.joinpath(name).read_text("utf-8") for name in SCRIPTS)
    bokeh = "\n".join(Resources(mode="inline", components=["bokeh"], minified=True).js_raw)
    return {"style": Markup(style), "script": Markup(script), "bokeh": Markup(bokeh)}
