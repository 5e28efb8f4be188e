"""Profile and Estimate -> matplotlib artists -> PNG, SVG, PDF."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from gpxstage import walltime
from gpxstage.plot import headings, labels, panels, scales, style
from gpxstage.plot.captions import EIGHT_OF_TEN
from gpxstage.plot.ground import night_spans, put_ground, put_nights, put_strip
from gpxstage.plot.layout import SHEETS, How, Plan, lay_out
from gpxstage.plot.legs import ACROSS, cell_shares, cell_sleepiness
from gpxstage.plot.scales import ends_s, put_hours
from gpxstage.plot.scene import compose
from gpxstage.plot.style import INK, RULE, SOFT, lost, quiet_fonts, written_report
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts.analysis import Report
    from gpxstage.plot.ground import Ground, Tints, Values
    from gpxstage.plot.layout import Frame, How, Sheet
    from gpxstage.plot.scales import Hours
    from gpxstage.plot.scene import Scene
    from gpxstage.units import Units

HIKED, SLEEPY = "hiked", "sleepy"
SLEEPY_KSS = 6.0  # who never gets there needs no strip for it
NO_ELEVATION = "no elevation in this file"


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure and its artists by role; None for what the picture does not have."""

    figure: Figure
    profile: Axes  # metres or seconds along, and metres high
    ground: Ground
    hiked: PolyCollection | None  # a cell each, the darker the more of it is hiked
    sleepy: PolyCollection | None  # a cell each, the darker the sleepier
    nights: PolyCollection | None
    hours: Hours | None
    heights: LineCollection  # a line at each altitude that has a number
    borders: LineCollection  # of stages and at bases
    leaders: LineCollection | None  # from the names to their places
    words: headings.Words

    def __repr__(self) -> str:
        """Size and name; the artists are in the fields."""
        width, height = map(round, self.figure.get_size_inches() * self.figure.dpi)
        return f"<Drawing of {width} x {height} pixels>"

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        from gpxstage.plot import save

        return save(self)


@dataclass(frozen=True, eq=False)
class Layout:
    """What is shown, and where on the page."""

    scene: Scene
    frame: Frame
    sections: headings.Sections
    bases: list[dict[int, float]]


def picture(report: Report, index: int | None, how: How) -> Drawing:
    """Draw the stage at *index*, or the whole race."""
    laid = _laid_out(report, index, how)
    size_in = how.sheet.width_in, laid.frame.plan.height_in
    figure = Figure(size_in, dpi=how.sheet.dpi, facecolor="white")
    FigureCanvasAgg(figure)
    inked = _ink(figure, laid, how)
    said = _say(inked, report, index, laid, how)
    leaders = None
    if inked.ground.outline is not None and laid.scene.places:
        outline = np.concatenate(inked.ground.outline.get_segments())
        said.names, said.beside, leaders = labels.put_names(
            figure, laid.frame, laid.scene, how, outline
        )
    survey, elsewhere = report.course.survey, laid.sections.elsewhere
    said.legend, left_in = panels.put_legend(figure, how.sheet, _shown(inked), survey)
    said.survey = panels.put_survey(figure, how.sheet, survey, elsewhere, left_in)
    return replace(inked, leaders=leaders, words=said)


def _ink(figure: Figure, laid: Layout, how: How) -> Drawing:
    """Everything but words, and but the hours at the left of their curve."""
    frame, scene = laid.frame, laid.scene
    profile = _axes(figure, frame, frame.base_in, frame.top_in)
    profile.set_ylim(frame.low_m, frame.top_m)
    ground = put_ground(profile, frame, scene)
    hours = _hours(figure, frame, scene)
    foot = (frame.x(0.0), frame.base_in), (frame.x(scene.width), frame.base_in)
    style.put_lines(figure, [foot], RULE, 0.8)
    tops = headings.border_tops(frame, scene, laid.bases)
    walls = [(frame.x(b.at), top) for b, top in zip(scene.borders, tops, strict=True)][1:-1]
    return Drawing(
        figure=figure,
        profile=profile,
        ground=ground,
        hiked=_strip(profile, laid, HIKED, cell_shares, style.hike_colours),
        sleepy=_strip(profile, laid, SLEEPY, cell_sleepiness, style.sleep_colours),
        nights=_nights([profile, *([hours.axes] if hours else [])], scene),
        hours=hours,
        heights=_altitudes(profile, frame, how.unit, known=ground.fill is not None),
        borders=style.put_lines(
            figure, [[(x, frame.base_in), (x, top)] for x, top in walls], RULE, 0.9
        ),
        leaders=None,
        words=headings.Words(),
    )


def _say(
    inked: Drawing, report: Report, index: int | None, laid: Layout, how: How
) -> headings.Words:
    """All words but names and legend."""
    figure, frame, scene = inked.figure, laid.frame, laid.scene
    return headings.Words(
        title=headings.put_title(figure, report, scene, index, how),
        sections=headings.put_sections(figure, frame, laid.sections),
        bases=headings.put_bases(figure, frame, scene, laid.bases),
        heights=[] if inked.ground.fill is None else scales.put_heights(figure, frame, how.unit),
        hours=[] if inked.hours is None else inked.hours.heights,
        rows=scales.put_rows(figure, frame, scene, how.unit),
        panels=panels.put_panels(figure, frame, scene, how.unit) if how.sheet.panels_in else [],
        missing=_missing(figure, frame, scene),
    )


def _laid_out(report: Report, index: int | None, how: How) -> Layout:
    """What is shown, and where; the frame is the same for all stages of a race."""
    whole, sheet, unit = index is None, how.sheet, how.unit
    race = _race(report, how.across if whole else "distance")
    scene = race if index is None else compose(report, index, how.across)
    width, span_s = scene.width, 0.0
    if how.same_scale and not whole:
        width, span_s = _widest(report, how.across)
    said = headings.plan_sections(scene, sheet, width, unit, whole_race=whole)
    crowded = sheet.compact and bool(race.levels)
    bases = headings.plan_bases(scene, sheet, width, 2 if whole and not crowded else 1)
    section_rows, name_rows = said.rows, len(bases)
    if not whole:
        section_rows = 2 if len(race.sections) > len(race.legs) and not sheet.compact else 0
        name_rows = int(any(border.name for border in race.borders))
    estimates = [leg.estimate for leg in race.legs if leg.estimate is not None]
    hours = bool(estimates) and how.across == "distance" and sheet.hours_in > 0.0
    strips = _strips(estimates, sheet)
    high_in = sheet.race_in if whole else sheet.stage_in
    plan = Plan(
        sheet,
        high_in + sheet.more_in(hours=hours, strips=len(strips)),
        section_rows,
        name_rows,
        strips=strips,
        hours=hours,
        span_s=span_s,
        rows=scales.plan_rows(report, race, how, whole=whole),
    )
    needs = list(labels.needs(race, how, whole_race=whole))
    return Layout(scene, lay_out(plan, width, race.legs, needs), said, bases)


@lru_cache(maxsize=2)
def _race(report: Report, across: str) -> Scene:
    """The whole race, which the picture of each stage asks for its frame."""
    return compose(report, None, across)


@lru_cache(maxsize=2)
def _widest(report: Report, across: str) -> tuple[float, float]:
    """The widest stage of a race, in metres or seconds, and the longest curve of hours."""
    scenes = [compose(report, k, across) for k in range(len(report.course.stages))]
    spans_s = (high_s - low_s for low_s, high_s in map(ends_s, scenes))
    return max(scene.width for scene in scenes), max(spans_s)


def _axes(figure: Figure, frame: Frame, base_in: float, top_in: float) -> Axes:
    axes = figure.add_axes(frame.box(base_in, top_in))
    axes.set_axis_off()
    axes.set_xlim(0.0, frame.width)
    return axes


def _strips(estimates: list[StageEstimate], sheet: Sheet) -> tuple[str, ...]:
    """Which strips a race has below its profiles; a glance has room for one."""
    hiked = any(estimate.hiked_s is not None for estimate in estimates)
    curves = [estimate.alertness for estimate in estimates if estimate.alertness is not None]
    sleepy = any(float(curve.kss.max()) > SLEEPY_KSS for curve in curves)
    return (HIKED,) * hiked + (SLEEPY,) * (sleepy and not sheet.compact)


def _strip(
    axes: Axes, laid: Layout, name: str, values: Values, tints: Tints
) -> PolyCollection | None:
    if name not in laid.frame.plan.strips:
        return None
    foot_in = laid.frame.strip_in(name)
    return put_strip(axes, laid.frame, laid.scene, foot_in, values=values, tints=tints)


def _hours(figure: Figure, frame: Frame, scene: Scene) -> Hours | None:
    if not frame.plan.hours:
        return None
    return put_hours(figure, _axes(figure, frame, *frame.hours_in), frame, scene)


def _nights(axes: list[Axes], scene: Scene) -> PolyCollection | None:
    """The nights over all axes; those of the first."""
    begin: datetime | None = None
    if scene.across != "distance" and scene.start is not None:
        begin = walltime.after(scene.start, scene.first_s)
    spans = night_spans(scene.legs, begin)
    found = [put_nights(each, spans) for each in axes]
    return found[0]


def _shown(inked: Drawing) -> frozenset[str]:
    """What the legend has to tell."""
    there = {
        "grade": inked.ground.fill,
        HIKED: inked.hiked,
        SLEEPY: inked.sleepy,
        "night": inked.nights,
        "stopped": inked.ground.stopped,
        EIGHT_OF_TEN: inked.hours and inked.hours.band,
        "cutoff": inked.hours and inked.hours.cutoffs,
    }
    return frozenset(name for name, artist in there.items() if artist is not None)


def _altitudes(axes: Axes, frame: Frame, unit: Units, *, known: bool) -> LineCollection:
    """A faint line at each round altitude, over the colours too; those to stress are darker."""
    ticks = scales.height_ticks(frame, unit) if known else []
    at_m = [tick * unit.m_per_height for tick in ticks]
    stressed = [tick in unit.marked for tick in ticks]
    artist = LineCollection(
        [[(0.0, m), (frame.width, m)] for m in at_m],
        colors=[(*style.rgb(INK), 0.30 if marked else 0.13) for marked in stressed],
        linewidths=[0.8 if marked else 0.6 for marked in stressed],
        zorder=2.5,
    )
    axes.add_collection(artist, autolim=False)
    return artist


def _missing(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Says where there is no elevation: of the whole picture, or of the stages that lack it."""
    blank = [leg for leg in scene.legs if leg.profile.cells is None]
    if len(blank) == len(scene.legs):
        said = [(0.5 * scene.width, NO_ELEVATION, 13.0)]
    else:
        said = [(0.5 * (leg.start + leg.end), "no elevation", 8.0) for leg in blank]
        room = [frame.x(leg.end) - frame.x(leg.start) for leg in blank]
        said = [w for w, wide in zip(said, room, strict=True) if style.width_in(w[1], w[2]) < wide]
    y_in = frame.base_in + 0.4 * frame.relief_in
    return [
        style.write(figure, frame.x(at), y_in, words_, size, color=SOFT, ha="center")
        for at, words_, size in said
    ]


__all__ = ["Drawing", "draw", "lost", "save"]

NO_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def draw(
    report: Report,
    stage: int | None = None,
    *,
    units: str = "metric",
    across: str = "distance",
    size: str = "screen",
    same_scale: bool = False,
) -> Drawing:
    """The picture of a race, or of its stage of that number, with the artists by role.

    All stages of a race are drawn on one vertical scale and, with *same_scale*, on one
    horizontal scale. *across* is distance, the hours on the way (time) or the local clock; *size* a
    screen's, a preview's (1200 x 630 pixels) or print's (A4, with panels). Raises ValueError for
    a stage that the race does not have, for hours or a clock that it does not have, and for a
    word that is none of these.
    """
    if not hasattr(report, "profiles"):
        kind = type(report).__name__
        raise TypeError(f"a picture is drawn of what gpxstage.analyze() gives, not of a {kind}")
    for name, word, known in (
        ("units", units, UNITS), ("across", across, ACROSS), ("size", size, SHEETS),
    ):  # fmt: skip
        if word not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {word!r}")
    index = None
    if stage is not None:
        numbers = [each.number for each in report.course.stages]
        if stage not in numbers:
            raise ValueError(f"no stage {stage}: the race has {numbers[0]} to {numbers[-1]}")
        index = numbers.index(stage)
    with _own_style(), quiet_fonts():
        return picture(
            written_report(report), index, How(UNITS[units], SHEETS[size], across, same_scale)
        )


def save(drawing: Drawing | Figure, kind: str = "png", stream: BinaryIO | None = None) -> bytes:
    """The picture as bytes, also written to *stream*; the same picture gives the same bytes."""
    if kind not in NO_DATE:
        raise ValueError(f"a picture is {', '.join(NO_DATE)}, not {kind!r}")
    figure = drawing.figure if isinstance(drawing, Drawing) else drawing
    out = io.BytesIO()
    with _own_style(), quiet_fonts():
        # three of nine: a third of the time of the default, and a few per cent more bytes
        squeeze: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
        figure.savefig(out, format=kind, metadata=NO_DATE[kind], **squeeze)
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
