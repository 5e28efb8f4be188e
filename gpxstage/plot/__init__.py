"""Profile and Estimate -> matplotlib artists -> PNG, SVG, PDF."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from gpxstage import walltime
from gpxstage.plot import headings, labels, layout, panels, pictograms, scales, style
from gpxstage.plot.arrangement import Layout, laid_out, race_of
from gpxstage.plot.ground import (
    Ground,
    Hours,
    night_spans,
    put_ground,
    put_hours,
    put_nights,
    put_strip,
)
from gpxstage.plot.legs import ACROSS, cell_shares, cell_sleepiness
from gpxstage.plot.scene import EIGHT_OF_TEN, Scene, compose
from gpxstage.plot.style import RULE, Page, lost, quiet_fonts, written_report
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gpxstage.facts.analysis import Report
    from gpxstage.plot.ground import Tints, Values

__all__ = ["Drawing", "draw", "lost", "save"]

HEADROOM = 0.05  # share of the relief that is free above the highest point, in own axes
NO_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure and its artists by role; None for what the picture does not have."""

    figure: Figure
    profile: Axes  # metres (or seconds) across, and metres of altitude upwards
    ground: Ground
    borders: LineCollection  # of stages and at bases
    nights: PolyCollection | None
    hiked: PolyCollection | None = None  # one shape for each cell: the more is hiked, the darker
    sleepy: PolyCollection | None = None  # one shape for each cell: the sleepier, the darker
    services: Sequence[PolyCollection] = ()  # pictograms, one artist for each kind
    hours: Hours | None = None
    heights: LineCollection | None = None  # a line at each altitude that has a number
    leaders: LineCollection | None = None  # from the names to their places
    words: headings.Words = field(default_factory=headings.Words)

    def __repr__(self) -> str:
        """Size and name; the artists are in the fields."""
        width, height = map(round, self.figure.get_size_inches() * self.figure.dpi)
        return f"<Drawing of {width} x {height} pixels>"

    def _repr_png_(self) -> bytes:
        """The picture that a notebook shows."""
        return save(self)


def draw(
    report: Report,
    stage: int | None = None,
    *,
    units: str = "metric",
    across: str = "distance",
    size: str = "screen",
    same_scale: bool = False,
    ax: Axes | None = None,
) -> Drawing:
    """Draw the picture of a race or of one of its stages.

    Parameters
    ----------
    report : Report
        The answer of `gpxstage.analyze`.
    stage : int, optional
        The number of a stage; without it the whole race is drawn.
    units : str
        metric or imperial.
    across : str
        What is across the picture: distance, time (hours since the start), or clock (local time;
        where each stage starts afresh, the rests between them are drawn shorter than they are).
    size : str
        screen, preview (1200 x 630 pixels), or, with panels at the foot, print (A4) or poster (A2).
    same_scale : bool
        Whether a kilometre is as wide in the picture of each stage. All stages of a race are on
        one vertical scale in any case.
    ax : matplotlib.axes.Axes, optional
        Your own axes. They get the profile in the colours of its grades, the nights and the
        borders of stages, and their limits, ticks and labels; *size* and *same_scale* are then
        left out. Their coordinates are metres, or seconds from the left edge, whatever the units
        of the tick labels are.

    Returns
    -------
    Drawing
        The figure and its artists by role. `gpxstage.plot.save` gives the bytes of a file.

    Raises
    ------
    ValueError
        For a stage that the race does not have, for hours or a clock that it does not have, for
        a word that is none of these, and for *size* or *same_scale* together with *ax*.
    TypeError
        For a report or axes of the wrong kind.
    """
    if not hasattr(report, "profiles"):
        kind = type(report).__name__
        raise TypeError(f"a picture is drawn of what gpxstage.analyze() gives, not of a {kind}")
    for name, word, known in (
        ("units", units, UNITS), ("across", across, ACROSS), ("size", size, layout.SHEETS),
    ):  # fmt: skip
        if word not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {word!r}")
    index = None
    if stage is not None:
        numbers = [each.number for each in report.course.stages]
        if stage not in numbers:
            raise ValueError(f"no stage {stage}: the race has {numbers[0]} to {numbers[-1]}")
        index = report.course.index(stage)
    sheet = layout.SHEETS[size]
    if report.levels and across == "distance" and sheet.hours_in:
        sheet = replace(sheet, right_in=sheet.right_in - layout.LEVELS_IN)
    how = layout.How(UNITS[units], sheet, across, same_scale)
    if ax is not None:
        if not isinstance(ax, Axes):
            raise TypeError(f"ax is an Axes of matplotlib, not a {type(ax).__name__}")
        if size != "screen" or same_scale:
            raise ValueError("size and same_scale are of a whole picture: leave them out with ax")
        return _onto(ax, report, index, how)
    with _own_style(), quiet_fonts():
        return _picture(written_report(report), index, how)


def save(drawing: Drawing | Figure, kind: str = "png", stream: BinaryIO | None = None) -> bytes:
    """The picture as bytes, also written to *stream*; the same picture gives the same bytes.

    *kind* is png, svg or pdf; another one raises ValueError.
    """
    if kind not in NO_DATE:
        raise ValueError(f"a picture is {', '.join(NO_DATE)}, not {kind!r}")
    figure = drawing.figure if isinstance(drawing, Drawing) else drawing
    out = io.BytesIO()
    with _own_style(), quiet_fonts():
        if kind == "png":  # level 3 of 9: a third of the default's time, a few per cent more bytes
            figure.savefig(
                out, format=kind, metadata=NO_DATE[kind], pil_kwargs={"compress_level": 3}
            )
        else:
            figure.savefig(out, format=kind, metadata=NO_DATE[kind])
    if stream is not None:
        stream.write(out.getvalue())
    return out.getvalue()


@contextmanager
def _own_style() -> Iterator[None]:
    """The library as it is shipped, whatever the reader's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "gpxstage", "svg.fonttype": "path"})
        yield


# the axes of somebody else


def _onto(axes: Axes, report: Report, index: int | None, how: layout.How) -> Drawing:
    """Draw the profile, the nights and the borders into axes, and label these."""
    scene, unit = compose(report, index, how.across), how.unit
    low_m, high_m = layout.vertical_m(race_of(report, "distance").legs)
    axes.set_xlim(0.0, scene.width)
    top_m = high_m + HEADROOM * (high_m - low_m)
    axes.set_ylim(low_m, top_m)
    ground = put_ground(axes, scene)
    at = [border.at for border in scene.borders[1:-1]]
    ticks = scales.across_ticks(scene, scene.width, unit, scales.MOST_HEIGHTS)
    axes.set_xticks([x for x, _ in ticks], [words for _, words in ticks])
    axes.set_xlabel(scales.row_of_ticks(how))
    if ground.fill is None:
        axes.set_yticks([])
    else:
        at_m = [unit.m_per_height * h for h in scales.height_ticks(low_m, high_m, unit)]
        axes.set_yticks(at_m, [unit.high(m) for m in at_m])
        axes.set_ylabel(unit.height)
    figure = axes.get_figure(root=True)
    assert figure is not None
    return Drawing(
        figure=figure,
        profile=axes,
        ground=ground,
        borders=style.line_axes(axes, [[(x, low_m), (x, top_m)] for x in at], RULE, 0.9, 2.6),
        nights=_nights([axes], scene),
    )


# a whole picture


def _picture(report: Report, index: int | None, how: layout.How) -> Drawing:
    """Draw the stage at *index*, or the whole race."""
    laid = laid_out(report, index, how)
    scale = how.sheet.scale
    size_in = scale * how.sheet.width_in, scale * laid.frame.height_in
    figure = Page(size_in, dpi=how.sheet.dpi, facecolor="white")
    figure.scale = scale
    FigureCanvasAgg(figure)
    drawn = _ink(figure, laid, how)
    words = _words(drawn, report, index, laid, how)
    leaders = heights = None
    if drawn.ground.outline is not None:
        if how.sheet.compact:
            named = labels.put_summit(figure, laid.frame, laid.scene, how.unit)
        else:
            outline = np.concatenate(drawn.ground.outline.get_segments())
            named = labels.put_names(figure, laid.frame, laid.scene, how, outline)
        words.names, words.beside, leaders = named.names, named.beside, named.leaders
        heights = scales.put_altitudes(drawn.profile, laid.frame, how.unit, named.boxes_in)
    survey, elsewhere = report.course.survey, laid.sections.elsewhere
    level = next(iter(laid.scene.levels), "")
    words.legend, left_in = panels.put_legend(figure, how.sheet, _shown(drawn), survey, level)
    words.survey = panels.put_survey(figure, how.sheet, survey, elsewhere, left_in)
    return replace(drawn, heights=heights, leaders=leaders, words=words)


def _ink(figure: Figure, laid: Layout, how: layout.How) -> Drawing:
    """Everything but words; only the hours at the left of their curve are written here."""
    frame, scene = laid.frame, laid.scene
    profile = _axes(figure, frame, frame.base_in, frame.top_in)
    profile.set_ylim(frame.low_m, frame.top_m)
    ground = put_ground(profile, scene)
    hours = None
    if frame.plan.hours:
        hours = put_hours(figure, _axes(figure, frame, *frame.hours_in), frame, scene)
    feet = [[(frame.x(at), frame.base_in) for at in (leg.start, leg.end)] for leg in scene.legs]
    style.put_lines(figure, feet, RULE, 0.8)
    tops = headings.border_tops(frame, scene, laid.bases)
    walls = [(frame.x(b.at), top) for b, top in zip(scene.borders, tops, strict=True)][1:-1]
    return Drawing(
        figure=figure,
        profile=profile,
        ground=ground,
        hiked=_strip(profile, laid, layout.HIKED, cell_shares, style.hike_colours),
        sleepy=_strip(profile, laid, layout.SLEEPY, cell_sleepiness, style.sleep_colours),
        services=pictograms.put_services(figure, frame, scene),
        nights=_nights([profile, *([hours.axes] if hours else [])], scene),
        hours=hours,
        borders=style.put_lines(
            figure, [[(x, frame.base_in), (x, top)] for x, top in walls], RULE, 0.9
        ),
    )


def _words(
    drawn: Drawing, report: Report, index: int | None, laid: Layout, how: layout.How
) -> headings.Words:
    """All words but the names of places and the legend."""
    figure, frame, scene = drawn.figure, laid.frame, laid.scene
    return headings.Words(
        title=headings.put_title(figure, report, scene, index, how),
        sections=headings.put_sections(figure, frame, laid.sections),
        bases=headings.put_bases(figure, frame, scene, laid.bases),
        marks=[
            *pictograms.put_next(figure, frame, scene, how.unit),
            *pictograms.put_sleep(figure, frame, scene),
        ],
        heights=[] if drawn.ground.fill is None else scales.put_heights(figure, frame, how.unit),
        hours=[] if drawn.hours is None else [*drawn.hours.heights, *drawn.hours.names],
        rows=scales.put_rows(figure, frame, scene, how.unit),
        panels=panels.put_panels(figure, frame, scene, how.unit) if how.sheet.panels_in else [],
        missing=headings.put_missing(figure, frame, scene),
    )


def _axes(figure: Figure, frame: layout.Frame, base_in: float, top_in: float) -> Axes:
    axes = figure.add_axes(frame.box(base_in, top_in))
    axes.set_axis_off()
    axes.set_xlim(0.0, frame.width)
    return axes


def _strip(
    axes: Axes, laid: Layout, name: str, values: Values, tints: Tints
) -> PolyCollection | None:
    if name not in laid.frame.plan.strips:
        return None
    foot_in = laid.frame.strip_in(name)
    return put_strip(axes, laid.frame, laid.scene, foot_in, values=values, tints=tints)


def _nights(axes: list[Axes], scene: Scene) -> PolyCollection | None:
    """Draw the nights in all axes; the answer is the artist of the first."""
    begin: datetime | None = None
    if scene.across != "distance" and scene.start is not None:
        begin = walltime.after(scene.start, scene.first_s)
    spans = night_spans(scene.legs, begin, one_clock=scene.one_clock)
    found = [put_nights(each, spans) for each in axes]
    return found[0]


def _shown(drawn: Drawing) -> frozenset[str]:
    """Names of the keys that the legend needs."""
    there = {
        "grade": drawn.ground.fill,
        layout.HIKED: drawn.hiked,
        layout.SLEEPY: drawn.sleepy,
        "night": drawn.nights,
        "stopped": drawn.ground.stopped,
        "asleep": drawn.ground.asleep,
        EIGHT_OF_TEN: drawn.hours and drawn.hours.band,
        "cutoff": drawn.hours and drawn.hours.cutoffs,
    }
    return frozenset(name for name, artist in there.items() if artist is not None)
