"""Report -> index.html: one file that opens from disk and asks nothing of any network."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gpxstage.course import plain
from gpxstage.report.cutoffs import tightest_facts
from gpxstage.report.markdown import how_measured
from gpxstage.report.page import sections
from gpxstage.report.page.curve import curves, plan_m, shape
from gpxstage.report.page.headline import assumed, headline
from gpxstage.report.page.places import marks, places, views
from gpxstage.report.plans import margin_columns, plan_columns
from gpxstage.report.rest import sleep_facts, sleepiness_facts
from gpxstage.report.rows import as_json, parts
from gpxstage.report.tables import (
    altitude_table,
    climb_table,
    field_tables,
    filled,
    grade_table,
    reason_tables,
)
from gpxstage.units import UNITS, Units, date, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part
    from gpxstage.report.rows import Row

__all__ = ["page_html"]

# bokeh reads a model where it stands first: the order of keys is part of its JSON
JSON = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}


def page_html(
    report: Report,
    units: str = "metric",
    stages: Sequence[int] = (),
    *,
    picture: bytes | None = None,
) -> str:
    """The page of a race; *picture*, a PNG, stands for the charts in print and without scripts.

    *stages* picks the stages shown. Every value is one of report.json's rows, but for the
    places between its points, which are measured in the same way. The same report gives the
    same bytes. Raises ImportError where a library of the extra [web] is missing.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    unit = UNITS[units]
    race = as_json(report, units=units)
    shown = [s for s in race["stages"] if not stages or s["number"] in stages]
    own = [part for part in parts(report) if not stages or part.stage.number in stages]
    environment = Environment(
        loader=PackageLoader("gpxstage.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = JSON
    environment.filters |= {"plain": plain, "spoken": spoken, "date": date}
    return environment.get_template("page.html").render(
        race=race,
        unit=unit,
        figures=headline(race, unit),
        assumed=assumed(race, unit) if race.get("runner") else [],
        notes=list(dict.fromkeys(plain(note) for note in report.notes)),
        measured=how_measured(report),
        picture=base64.b64encode(picture).decode() if picture else "",
        **_tables(race, shown, own, unit),
        **_drawn(shown, own, unit),
        **_code(),
    )


def _tables(race: Row, shown: Sequence[Row], own: Sequence[Part], unit: Units) -> Row:
    """The tables of the page by name; None where there is nothing to show."""
    row = race | {"stages": list(shown)}
    whole = len(shown) == len(race["stages"])
    clocks = sections.Clocks({part.stage.number: part.start for part in own})
    estimated = race.get("runner") is not None
    slept_s = [None if p.estimate is None else float(p.estimate.slept_s) for p in own]
    return {
        "stages": sections.stage_table(row, race if whole and len(shown) > 1 else None, unit),
        "points": sections.point_table(row, clocks, unit),
        "climbs": climb_table(row, unit, wide=False),
        "grades": grade_table(row, unit),
        "altitudes": altitude_table(row, unit),
        "nights": sections.night_table(row, slept_s, whole, unit) if estimated else None,
        "reasons": reason_tables(row),
        "plans": [filled(*plan_columns(race), 2, (0,)), filled(*margin_columns(race), 1, ())],
        "tightest": tightest_facts(race) if estimated else [],
        "field": field_tables(row, unit, wide=True),
        "sleep": [*sleep_facts(race), *sleepiness_facts(race)] if estimated else [],
    }


def _drawn(shown: Sequence[Row], own: Sequence[Part], unit: Units) -> Row:
    """The two charts, and what the page's script says at each of their places."""
    from gpxstage.report.page.charts import charts

    found = curves(own)
    x = [(c.part.offset_m + c.distance_m) / unit.m_per_distance for c in found]
    plan = [(east / unit.m_per_height, north / unit.m_per_height) for east, north in plan_m(found)]
    named = marks(found, shown, plan, unit)
    said = {
        "unit": {"distance": unit.distance, "height": unit.height},
        "views": views(found),
        "staged": own[0].is_staged and len(own) > 1,
        "clock": all(part.start is not None for part in own),
        "places": places(found, x, plan, unit),
        "marks": named,
    }
    return {"charts": charts(found, x, plan, named, unit), "course": said, "wide": shape(plan)}


def _code() -> dict[str, Any]:
    """What the page brings along: its style, its script, and bokeh's."""
    from bokeh.resources import Resources
    from markupsafe import Markup

    here = files(__package__)
    style, script = (here.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    bokeh = "\n".join(Resources(mode="inline", components=["bokeh"], minified=True).js_raw)
    return {"style": Markup(style), "script": Markup(script), "bokeh": Markup(bokeh)}
