"""A scene in ink: one figure, axes in fixed rectangles, few artists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from gpxstage.plot import colours, legend, names, page, rows, words
from gpxstage.plot.cells import cell_edges_m, cell_grades, cell_shares, night_spans_m
from gpxstage.plot.colours import INK, NIGHT, RULE, SOFT
from gpxstage.plot.frame import RACE_IN, STAGE_IN, STRIP_IN, WIDTH_IN, Plan, lay_out, vertical_m
from gpxstage.plot.scene import compose

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.plot.frame import Frame
    from gpxstage.plot.scene import Leg, Scene
    from gpxstage.plot.units import Units
    from gpxstage.report import Report

COLUMNS = 1900  # the profile's line needs no more points than twice the page's columns
LAP = 0.5 / COLUMNS  # cells reach this share of the page under their neighbour: no seams
NO_ELEVATION = "no elevation in this file"


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure and its artists by role; None for what the picture does not have."""

    figure: Figure
    profile: Axes  # metres along and metres high
    strip: Axes | None
    fill: PolyCollection | None  # a cell each, in the colour of its grade
    outline: LineCollection | None
    hiked: PolyCollection | None  # a cell each, the darker the more of it is hiked
    nights: PolyCollection | None
    heights: LineCollection  # a line at each altitude that has a number
    borders: LineCollection  # of stages and at bases
    leaders: LineCollection | None  # from the names to their places
    words: words.Words


def picture(report: Report, index: int | None, unit: Units) -> Drawing:
    """Draw the stage at *index*, or the whole race."""
    whole = index is None
    race = compose(report, None)
    scene = race if index is None else compose(report, index)
    written = names.captions_of(scene, unit, whole_race=whole)
    sections = words.plan_sections(scene, unit, whole_race=whole)
    bases = words.plan_bases(scene, 2 if whole else 1)
    plan = _plan(report, race, sections.rows, len(bases), whole=whole)
    needs = names.needs(race, unit, whole_race=whole)
    frame = lay_out(plan, scene.length_m, vertical_m(race.legs), needs)
    figure = Figure((WIDTH_IN, plan.height_in), dpi=page.DPI, facecolor="white")
    FigureCanvasAgg(figure)
    inked = _ink(figure, frame, scene, bases, unit)
    said = words.Words(
        title=words.put_title(figure, report, scene, index, unit),
        sections=words.put_sections(figure, frame, scene, sections),
        bases=words.put_bases(figure, frame, scene, bases),
        heights=[] if inked.fill is None else rows.put_heights(figure, frame, unit),
        rows=rows.put_rows(figure, frame, scene, unit),
        missing=_missing(figure, frame, scene),
    )
    leaders = None
    if inked.outline is not None and scene.places:
        outline = np.concatenate(inked.outline.get_segments())
        said.names, said.beside, leaders = names.put_names(figure, frame, scene, written, outline)
    said.legend, left_in = legend.put_legend(
        figure,
        grades=inked.fill is not None,
        hiked=inked.hiked is not None,
        night=inked.nights is not None,
    )
    said.survey = legend.put_survey(figure, report.course.survey, left_in)
    return replace(inked, leaders=leaders, words=said)


def _plan(report: Report, race: Scene, section_rows: int, name_rows: int, *, whole: bool) -> Plan:
    """The rows of a page: a race's own, or those that any of its stages needs."""
    if not whole:
        section_rows = 2 if len(race.sections) > len(race.legs) else 0
        name_rows = int(any(border.name for border in race.borders))
    estimates = [leg.estimate for leg in race.legs if leg.estimate is not None]
    starts = [report.course.start, *(stage.start for stage in report.course.stages)]
    shared = report.course.format == "continuous" or len(race.legs) == 1 or not whole
    return Plan(
        RACE_IN if whole else STAGE_IN,
        section_rows,
        name_rows,
        strip=any(estimate.hiked_s is not None for estimate in estimates),
        hours=bool(estimates) and shared,
        clocks=any(starts) and (bool(estimates) or not shared),
    )


def _ink(
    figure: Figure, frame: Frame, scene: Scene, bases: list[dict[int, float]], unit: Units
) -> Drawing:
    """Everything but words."""
    profile = _axes(figure, frame, frame.base_in, frame.top_in)
    profile.set_ylim(frame.low_m, frame.top_m)
    fill, outline = _ground(profile, frame, scene)
    strip, hiked = _strip(figure, frame, scene)
    right = scene.length_m
    page.lines(figure, [[(frame.x(0), frame.base_in), (frame.x(right), frame.base_in)]], RULE, 0.8)
    tops = words.border_tops(frame, scene, bases)
    sides = [(frame.x(b.at_m), top) for b, top in zip(scene.borders, tops, strict=True)][1:-1]
    return Drawing(
        figure,
        profile,
        strip,
        fill,
        outline,
        hiked,
        _nights(profile, frame, scene),
        _altitudes(profile, frame, unit, known=fill is not None),
        page.lines(figure, [[(x, frame.base_in), (x, top_in)] for x, top_in in sides], RULE, 0.9),
        None,
        words.Words(),
    )


def _axes(figure: Figure, frame: Frame, base_in: float, top_in: float) -> Axes:
    axes = figure.add_axes(frame.box(base_in, top_in))
    axes.set_axis_off()
    axes.set_xlim(0.0, frame.length_m)
    return axes


def _altitudes(axes: Axes, frame: Frame, unit: Units, *, known: bool) -> LineCollection:
    """A faint line at each round altitude, over the colours too; those to stress are darker."""
    ticks = rows.height_ticks(frame, unit) if known else []
    at_m = [tick * unit.height_m for tick in ticks]
    stressed = [tick in unit.marked for tick in ticks]
    artist = LineCollection(
        [[(0.0, m), (frame.length_m, m)] for m in at_m],
        colors=[(*colours.rgb(INK), 0.30 if marked else 0.13) for marked in stressed],
        linewidths=[0.8 if marked else 0.6 for marked in stressed],
        zorder=2.5,
    )
    axes.add_collection(artist, autolim=False)
    return artist


def _nights(axes: Axes, frame: Frame, scene: Scene) -> PolyCollection | None:
    low, top = frame.low_m, frame.top_m
    boxes = [((a, low), (a, top), (b, top), (b, low)) for a, b in night_spans_m(scene.legs)]
    if not boxes:
        return None
    artist = PolyCollection(boxes, facecolors=NIGHT, zorder=0)
    axes.add_collection(artist, autolim=False)
    return artist


def _ground(
    axes: Axes, frame: Frame, scene: Scene
) -> tuple[PolyCollection | None, LineCollection | None]:
    """The profile filled with the colours of its grades, and its outline."""
    shapes: list[Array] = []
    grades, outline = [], []
    for leg in scene.legs:
        if leg.profile.cells is None:
            continue
        edges = cell_edges_m(leg, scene.length_m)
        grades.append(cell_grades(leg, edges))
        shape = _shape(leg, edges, scene.length_m)
        shapes += _cells(shape, edges + leg.start_m, frame.low_m, LAP * scene.length_m)
        outline.append(shape)
    if not shapes:
        return None, None
    fill = PolyCollection(
        shapes, facecolors=colours.grade_colours(np.concatenate(grades)), linewidths=0.0, zorder=2
    )
    line = LineCollection(outline, colors=INK, linewidths=1.1, zorder=3, joinstyle="round")
    axes.add_collection(fill, autolim=False)
    axes.add_collection(line, autolim=False)
    return fill, line


def _shape(leg: Leg, edges: Array, picture_m: float) -> Array:
    """(n, 2) the leg's outline: lowest and highest node of each column, and all cells' edges."""
    x, y = leg.profile.distance_m, leg.profile.elevation_m
    per = int(len(x) / max(1.0, COLUMNS * leg.profile.length_m / picture_m))
    if per > 2:
        columns = len(x) // per
        blocks = y[: columns * per].reshape(columns, per)
        first = per * np.arange(columns)
        kept = np.concatenate([first + blocks.argmin(axis=1), first + blocks.argmax(axis=1)])
        x = x[np.union1d(kept, [0, len(x) - 1])]
    x = np.union1d(x, edges)
    height = np.interp(x, leg.profile.distance_m, leg.profile.elevation_m)
    return np.column_stack([x + leg.start_m, height])


def _cells(shape: Array, edges: Array, low_m: float, lap_m: float) -> list[Array]:
    """A polygon for each cell: its part of the outline, a lap to the right, the foot."""
    cuts = np.searchsorted(shape[:, 0], edges - 1e-6)
    found = []
    for first, last in pairwise(cuts):
        part = shape[first : last + 1]
        right = part[-1, 0] + (lap_m if last < len(shape) - 1 else 0.0)
        corners = [(right, part[-1, 1]), (right, low_m), (part[0, 0], low_m)]
        found.append(np.concatenate([part, corners]))
    return found


def _strip(figure: Figure, frame: Frame, scene: Scene) -> tuple[Axes | None, PolyCollection | None]:
    """How much of each cell is hiked, below the profile."""
    boxes: list[NDArray[np.float64]] = []
    shares = []
    for leg in scene.legs:
        edges = cell_edges_m(leg, scene.length_m)
        share = None if leg.estimate is None else cell_shares(leg.estimate, edges)
        if share is None:
            continue
        shares.append(share)
        left, right = edges[:-1] + leg.start_m, edges[1:] + leg.start_m
        right[:-1] += LAP * scene.length_m
        x = np.stack([left, left, right, right], axis=1)
        y = np.broadcast_to([0.0, 1.0, 1.0, 0.0], x.shape)
        boxes.append(np.stack([x, y], axis=2))
    if not boxes:
        return None, None
    axes = _axes(figure, frame, frame.strip_in, frame.strip_in + STRIP_IN)
    axes.set_ylim(0.0, 1.0)
    tints = colours.hike_colours(np.concatenate(shares))
    hiked = PolyCollection(list(np.concatenate(boxes)), facecolors=tints, linewidths=0.0)
    axes.add_collection(hiked, autolim=False)
    return axes, hiked


def _missing(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Says where there is no elevation: of the whole picture, or of the stages that lack it."""
    blank = [leg for leg in scene.legs if leg.profile.cells is None]
    if len(blank) == len(scene.legs):
        said = [(0.5 * scene.length_m, NO_ELEVATION, 13.0)]
    else:
        said = [(0.5 * (leg.start_m + leg.end_m), "no elevation", 8.0) for leg in blank]
        room = [frame.x(leg.end_m) - frame.x(leg.start_m) for leg in blank]
        said = [w for w, wide in zip(said, room, strict=True) if page.width_in(w[1], w[2]) < wide]
    y_in = frame.base_in + 0.4 * frame.relief_in
    return [
        page.write(figure, frame.x(at_m), y_in, words_, size, color=SOFT, ha="center")
        for at_m, words_, size in said
    ]
