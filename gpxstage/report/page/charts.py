"""Curves -> the two linked charts, profile and plan, as bokeh's JSON.

The charts are in kilometres and metres; the axes have ranges of their own, to which the page
gives the units that are shown. A model says by its tags, "property=--name", which colour of the
page's CSS it wears; the page sets them for light and for dark. What stands in a file reaches a
chart only as data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.report.page import thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bokeh.models.glyph import Glyph
    from bokeh.models.plots import Plot

    from gpxstage.course import Array
    from gpxstage.report.page.thinned import Curve

RIBBON = 0.05  # of the height: the strip that shows what is hiked
LEAST_M = 250.0  # of height on the scale: a flat course is not drawn as an alpine one
FONT = "system-ui, sans-serif"
CASING, WAY = 6.0, 3.0  # widths in pixels of the way on the plan


def charts(
    found: Sequence[Curve],
    x: Sequence[Array],
    plan: Sequence[tuple[Array, Array]],
    marks: dict[str, list[Any]],
) -> dict[str, Any]:
    """The document for ``Bokeh.embed.embed_items``, and where its charts go.

    *x* is the distance of each curve's places in kilometres, *plan* where they are in metres
    east and north. *marks* are columns of the named points. The same course gives the same bytes.
    """
    from bokeh.document import Document

    document = Document(title="")
    if any(np.isfinite(curve.elevation_m).any() for curve in found):
        document.add_root(_profile(found, x, marks))
    document.add_root(_plan(found, plan, marks))
    made = _renamed(document.to_json(deferred=False))
    placed = {root["id"]: root["attributes"]["name"] for root in made["roots"]}
    item = {"docid": "race", "roots": placed, "root_ids": list(placed)}
    return {"documents": {"race": made}, "items": [item]}


def _renamed(made: Any) -> Any:
    """Ids by first appearance: bokeh's own count on through a process."""
    ids: dict[str, str] = {}

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: ids.setdefault(each, f"m{len(ids)}")
                if key == "id" and isinstance(each, str)
                else walk(each)
                for key, each in value.items()
            }
        return [walk(each) for each in value] if isinstance(value, list | tuple) else value

    return walk(made)


def _profile(found: Sequence[Curve], x: Sequence[Array], marks: dict[str, list[Any]]) -> Plot:
    """Height over distance: night, grades, what is hiked, stage borders, points."""
    from bokeh.models.glyphs import Line, Patches, Quad, VSpan, VStrip

    y = [curve.elevation_m for curve in found]
    level = np.concatenate(y)
    low, high = float(np.nanmin(level)), float(np.nanmax(level))
    span = max(high - low, LEAST_M)
    base = low - 0.05 * span
    bottom = base - RIBBON * span
    plot = _plot("profile", (x[0][0], x[-1][-1]), (bottom, low + span), 14)
    pairs = list(zip(found, x, strict=True))
    night = [line for curve, along in pairs for line in thinned.spans(curve, along)]
    strip = VStrip(x0="x0", x1="x1", line_color=None, tags=["fill_color=--night"])
    _draw(plot, "night", strip, thinned.columns(("x0", "x1"), night))
    _axes(plot)
    ground = Patches(xs="xs", ys="ys", fill_color="colour", line_color="colour", line_width=0.7)
    _draw(plot, "grades", ground, thinned.areas(found, x, y, base))
    share = [line for curve, along in pairs for line in thinned.hiked(curve, along)]
    quad = Quad(left="from", right="to", bottom=bottom, top=base, fill_alpha="share")
    quad.update(line_color=None, tags=["fill_color=--hike"])
    _draw(plot, "hiked", quad, thinned.columns(("from", "to", "share"), share))
    outline = Line(x="x", y="y", line_width=1.4, line_join="round", tags=["line_color=--ink"])
    _draw(plot, "outline", outline, {"x": thinned.joined(x), "y": thinned.joined(y)})
    borders = VSpan(x="x", line_width=1, tags=["line_color=--soft"])
    _draw(plot, "borders", borders, {"x": thinned.small([along[0] for along in x[1:]])})
    part = VStrip(x0="x0", x1="x1", fill_alpha=0.2, line_color=None, tags=["fill_color=--accent"])
    _draw(plot, "range", part, {"x0": [], "x1": []})
    _marks(plot, marks["at"], marks["height"], marks["rank"])
    _cursor(plot, upright=True)
    return plot


def _plan(
    found: Sequence[Curve],
    plan: Sequence[tuple[Array, Array]],
    marks: dict[str, list[Any]],
) -> Plot:
    """The way from above, north up."""
    from bokeh.models.glyphs import MultiLine, Scatter

    east, north = (np.concatenate(each) for each in zip(*plan, strict=True))
    plot = _plot("plan", (east.min(), east.max()), (north.min(), north.max()), 0)
    ways = {"xs": [thinned.small(e) for e, _ in plan], "ys": [thinned.small(n) for _, n in plan]}
    casing = MultiLine(xs="xs", ys="ys", line_width=CASING, tags=["line_color=--ink"])
    way = MultiLine(xs="xs", ys="ys", line_color="colour", line_width=WAY)
    for line in (casing, way):
        line.update(line_join="round", line_cap="round")
    _draw(plot, "casing", casing, ways)
    _draw(plot, "grades", way, thinned.paths(found, plan))
    start = Scatter(x="x", y="y", marker="triangle", size=15, line_width=1.5)
    start.tags = ["fill_color=--accent", "line_color=--paper"]
    _draw(plot, "start", start, {"x": east[:1], "y": north[:1]})
    _marks(plot, marks["east"], marks["north"], marks["rank"])
    _cursor(plot, upright=False)
    return plot


def _plot(name: str, x: tuple[float, float], y: tuple[float, float], right: int) -> Plot:
    """An empty chart, transparent, as large as the box that the page gives it."""
    from bokeh.models.plots import Plot
    from bokeh.models.ranges import Range1d

    return Plot(
        name=name,
        x_range=Range1d(start=float(x[0]), end=float(x[1])),
        y_range=Range1d(start=float(y[0]), end=float(y[1])),
        title=None,
        sizing_mode="stretch_both",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        toolbar_location=None,
        min_border=0,
        min_border_right=right,
        lod_threshold=None,
    )


def _draw(plot: Plot, name: str, glyph: Glyph, data: dict[str, Any]) -> None:
    """Add a glyph; its data can be found as "chart-name"."""
    from bokeh.models.sources import ColumnDataSource

    source = ColumnDataSource(data, name=f"{plot.name}-{name}")
    plot.add_glyph(source, glyph)


def _axes(plot: Plot) -> None:
    """Axes without lines, and heights that can be read across: "far" and "high" to the page."""
    from bokeh.models.axes import LinearAxis
    from bokeh.models.formatters import NumeralTickFormatter, PrintfTickFormatter
    from bokeh.models.grids import Grid
    from bokeh.models.ranges import Range1d
    from bokeh.models.tickers import SingleIntervalTicker

    plot.extra_x_ranges = {"far": Range1d(name="far")}
    plot.extra_y_ranges = {"high": Range1d(name="high")}
    across, upward = LinearAxis(), LinearAxis()
    for axis, name in ((across, "far-steps"), (upward, "high-steps")):  # the page sets the steps
        axis.update(ticker=SingleIntervalTicker(name=name, interval=1e3, num_minor_ticks=0))
    across.update(x_range_name="far", formatter=PrintfTickFormatter(name="far-format"))
    upward.update(y_range_name="high", formatter=NumeralTickFormatter(format="0,0"))
    upward.name = "heights"
    for axis in (across, upward):
        axis.update(axis_line_color=None, major_tick_line_color=None, major_label_standoff=4)
        axis.update(major_label_text_font=FONT, major_label_text_font_size="12px")
        axis.tags = ["major_label_text_color=--soft"]
    plot.add_layout(across, "below")
    plot.add_layout(upward, "left")
    grid = Grid(name="levels", dimension=1, ticker=upward.ticker, y_range_name="high")
    grid.tags = ["grid_line_color=--rule"]
    plot.add_layout(grid)


def _marks(plot: Plot, x: list[float], y: list[float], rank: list[int]) -> None:
    """Dots of the named points, and their names: the page writes those that find room."""
    from bokeh.core.property.vectorization import value
    from bokeh.models.glyphs import Scatter, Text

    dots = Scatter(x="x", y="y", size="size", line_width=1.4)
    dots.tags = ["fill_color=--paper", "line_color=--ink"]
    sizes = [9.0 if each < 2 else 5.0 for each in rank]
    _draw(plot, "dots", dots, {"x": thinned.small(x), "y": thinned.small(y), "size": sizes})
    written = ("x", "y", "text", "angle", "anchor", "dx", "dy")
    for style in ("normal", "bold"):
        text = Text(x="x", y="y", text="text", angle="angle", anchor="anchor")
        text.update(x_offset="dx", y_offset="dy", text_font_size="12px", tags=["text_color=--ink"])
        text.update(text_font=value(FONT), text_font_style=value(style))
        if plot.name == "plan":
            text.update(background_fill_alpha=0.7, padding=1, border_radius=3)
            text.tags = ["text_color=--ink", "background_fill_color=--paper"]
        _draw(plot, style, text, {name: [] for name in written})


def _cursor(plot: Plot, *, upright: bool) -> None:
    """What follows the pointer: a line on the profile, a dot, and what is so there."""
    from bokeh.core.property.vectorization import value
    from bokeh.models.glyphs import Scatter, Text, VSpan
    from bokeh.models.sources import ColumnDataSource

    place = ColumnDataSource({"x": [], "y": []}, name=f"{plot.name}-cursor")
    if upright:
        plot.add_glyph(place, VSpan(x="x", line_width=1, tags=["line_color=--accent"]))
    dot = Scatter(x="x", y="y", size=11, line_width=2)
    dot.tags = ["fill_color=--accent", "line_color=--paper"]
    plot.add_glyph(place, dot)
    text = Text(x="x", y="y", text="text", anchor="anchor", x_offset="dx", text_font=value(FONT))
    text.update(text_font_size="12.5px", text_line_height=1.35, padding=8, border_radius=6)
    text.update(background_fill_alpha=0.94, border_line_alpha=1.0)
    text.tags = ["text_color=--ink", "background_fill_color=--paper", "border_line_color=--rule"]
    _draw(plot, "tip", text, {name: [] for name in ("x", "y", "text", "anchor", "dx")})
