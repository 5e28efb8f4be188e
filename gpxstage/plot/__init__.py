"""Report -> Scene -> Frame -> artists of matplotlib -> PNG, SVG, PDF.

A `Scene` is what a picture shows, in metres and seconds. A `Frame` is where everything is on the
page, in inches. What is drawn is then a function of these two, whichever part it is: ``put_rows
(figure, frame, scene)``. `draw` leads through the three steps.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from gpxstage.plot import headings, labels, layout, panels, pictograms, scales, style
from gpxstage.plot.ground import (
    Ground,
    Hours,
    ends_s,
    put_ground,
    put_hours,
    put_nights,
    put_strip,
)
from gpxstage.plot.legs import ACROSS
from gpxstage.plot.scene import EIGHT_OF_TEN, Scene, between_m, compose
from gpxstage.plot.style import RULE, Page, lost, quiet_fonts, written_report
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gpxstage.facts.analysis import Report

__all__ = ["Drawing", "draw", "lost", "save"]

SLEEPY_KSS = 6.0  # a race in which nobody gets there has no strip of sleepiness
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
    how = layout.How(UNITS[units], layout.SHEETS[size], across, same_scale, index)
    if ax is not None:
        if not isinstance(ax, Axes):
            raise TypeError(f"ax is an Axes of matplotlib, not a {type(ax).__name__}")
        if size != "screen" or same_scale:
            raise ValueError("size and same_scale are of a whole picture: leave them out with ax")
        return _onto(ax, report, how)
    with _own_style(), quiet_fonts():
        return _picture(*_arranged(written_report(report), how))


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


# facts -> a scene, which is what is shown, and a frame, which is where


def _arranged(report: Report, how: layout.How) -> tuple[Scene, layout.Frame]:
    """What is shown and where: the frame has the same rows for all stages of a race."""
    if report.levels and how.across == "distance" and how.sheet.hours_in:
        right_in = how.sheet.right_in - layout.LEVELS_IN
        how = replace(how, sheet=replace(how.sheet, right_in=right_in))
    race = _race_of(report, how.across if how.whole else "distance")
    scene = race if how.whole else compose(report, how.index, how.across)
    width, span_s = scene.width, 0.0
    if how.same_scale and not how.whole:
        width, span_s = _widest(report, how.across)
    sections = headings.plan_sections(scene, how, width)
    bases = headings.plan_bases(scene, how, width)
    section_rows, name_rows = sections.rows, len(bases)
    if not how.whole:
        parted = len(race.sections) > len(race.legs) and not how.sheet.compact
        section_rows = (1 + len(race.sections[0].efforts)) * parted
        name_rows = int(any(border.name for border in race.borders))
    plan = layout.PagePlan(
        sections,
        bases,
        section_rows,
        name_rows,
        strips=_strips(race, how),
        hours=bool(race.estimates) and how.across == "distance" and how.sheet.hours_in > 0.0,
        span_s=span_s,
        rows=scales.plan_rows(race, how),
    )
    return scene, layout.lay_out(how, plan, width, race, list(labels.needs(race, how)))


@lru_cache(maxsize=2)
def _race_of(report: Report, across: str) -> Scene:
    """The whole race, from which the picture of each stage takes its frame."""
    return compose(report, None, across)


@lru_cache(maxsize=2)
def _widest(report: Report, across: str) -> tuple[float, float]:
    """The widest stage of a race, in metres or seconds, and the longest curve of hours."""
    scenes = [compose(report, k, across) for k in range(len(report.course.stages))]
    spans_s = (high_s - low_s for low_s, high_s in map(ends_s, scenes))
    return max(scene.width for scene in scenes), max(spans_s)


def _strips(race: Scene, how: layout.How) -> tuple[str, ...]:
    """Which strips a race has below its profiles; a compact page has none."""
    if how.sheet.compact:
        return ()
    hiked = any(estimate.hiked_s is not None for estimate in race.estimates)
    curves = [each.alertness for each in race.estimates if each.alertness is not None]
    sleepy = any(float(curve.kss.max()) > SLEEPY_KSS for curve in curves)
    ways = not how.whole or len(race.legs) == 1 or pictograms.has_room(race, how)
    known = any(between_m(leg) for leg in race.legs)
    marked = (layout.NEXT,) * (known and ways) + pictograms.shown(race)
    marked += (layout.SLEEP,) * any(map(pictograms.sleeps, race.estimates))
    return marked + (layout.HIKED,) * hiked + (layout.SLEEPY,) * sleepy


# a scene and a frame -> artists


def _picture(scene: Scene, frame: layout.Frame) -> Drawing:
    """Draw the shapes first, then all words, so that these give way to each other."""
    sheet = frame.how.sheet
    size_in = sheet.scale * sheet.width_in, sheet.scale * frame.height_in
    figure = Page(size_in, dpi=sheet.dpi, facecolor="white")
    figure.scale = sheet.scale
    FigureCanvasAgg(figure)
    drawn = _ink(figure, frame, scene)
    words = _words(drawn, frame, scene)
    leaders = heights = None
    if drawn.ground.outline is not None:
        if sheet.compact:
            named = labels.put_summit(figure, frame, scene)
        else:
            outline = np.concatenate(drawn.ground.outline.get_segments())
            named = labels.put_names(figure, frame, scene, outline)
        words.names, words.beside, leaders = named.names, named.beside, named.leaders
        heights = scales.put_altitudes(drawn.profile, frame, named.boxes_in)
    words.legend, words.survey = panels.put_legend(figure, frame, scene, _shown(drawn))
    return replace(drawn, heights=heights, leaders=leaders, words=words)


def _ink(figure: Figure, frame: layout.Frame, scene: Scene) -> Drawing:
    """Everything but words; only the hours at the left of their curve are written here."""
    profile = _axes(figure, frame, frame.base_in, frame.top_in)
    profile.set_ylim(frame.low_m, frame.top_m)
    ground = put_ground(profile, scene)
    hours = None
    if frame.plan.hours:
        hours = put_hours(figure, _axes(figure, frame, *frame.hours_in), frame, scene)
    feet = [[(frame.x(at), frame.base_in) for at in (leg.start, leg.end)] for leg in scene.legs]
    style.put_lines(figure, feet, RULE, 0.8)
    nights = [put_nights(axes, scene) for axes in [profile, *([hours.axes] if hours else [])]]
    return Drawing(
        figure=figure,
        profile=profile,
        ground=ground,
        hiked=put_strip(profile, frame, scene, layout.HIKED),
        sleepy=put_strip(profile, frame, scene, layout.SLEEPY),
        services=pictograms.put_services(figure, frame, scene),
        nights=nights[0],
        hours=hours,
        borders=headings.put_borders(figure, frame, scene),
    )


def _words(drawn: Drawing, frame: layout.Frame, scene: Scene) -> headings.Words:
    """All words but the names of places and the legend."""
    figure = drawn.figure
    return headings.Words(
        title=headings.put_title(figure, frame, scene),
        sections=headings.put_sections(figure, frame),
        bases=headings.put_bases(figure, frame, scene),
        marks=[
            *pictograms.put_next(figure, frame, scene),
            *pictograms.put_sleep(figure, frame, scene),
        ],
        heights=[] if drawn.ground.fill is None else scales.put_heights(figure, frame),
        hours=[] if drawn.hours is None else [*drawn.hours.heights, *drawn.hours.names],
        rows=scales.put_rows(figure, frame, scene),
        panels=panels.put_panels(figure, frame, scene),
        missing=headings.put_missing(figure, frame, scene),
    )


def _axes(figure: Figure, frame: layout.Frame, base_in: float, top_in: float) -> Axes:
    axes = figure.add_axes(frame.box(base_in, top_in))
    axes.set_axis_off()
    axes.set_xlim(0.0, frame.width)
    return axes


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


def _onto(axes: Axes, report: Report, how: layout.How) -> Drawing:
    """Draw the profile, the nights and the borders into somebody's axes, and label these."""
    scene, unit = compose(report, how.index, how.across), how.unit
    low_m, high_m = layout.vertical_m(_race_of(report, "distance").legs)
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
        nights=put_nights(axes, scene),
    )
