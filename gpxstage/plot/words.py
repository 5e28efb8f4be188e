"""The words of a picture: title, sections, names of places, hours and clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties

from gpxstage.plot import labels
from gpxstage.plot.colours import FAINT, INK, SOFT, STAMP
from gpxstage.plot.units import clock_text, duration_text, percent_text

if TYPE_CHECKING:
    from gpxstage.plot.picture import Drawing
    from gpxstage.plot.scene import Scene, Section
    from gpxstage.plot.units import Units
    from gpxstage.report import Report

TITLE_PT, SUBTITLE_PT, NAME_PT, SMALL_PT, PLACE_PT = 19.0, 11.0, 10.0, 9.0, 8.5
LONGEST_NAME = 34  # characters; longer ones are cut with an ellipsis


def write(drawing: Drawing, report: Report, scene: Scene, index: int | None, unit: Units) -> None:
    """Put all words in their places."""
    pen = _Pen(drawing)
    _title(pen, report, scene, index, unit)
    _sections(pen, scene, unit)
    _border_names(pen, scene)
    _place_names(pen, scene, unit)
    _hours(pen, scene, whole_race=index is None)
    pen.put(pen.left_px - 16, pen.ticks_px, unit.distance, SMALL_PT, SOFT, right=True)
    if drawing.hiked is not None:
        pen.put(pen.left_px - 8, 0.229 * pen.height_px, "hiked", SMALL_PT, SOFT, right=True)
    if report.course.survey:
        pen.put(
            pen.left_px, 0.022 * pen.height_px, f"track: {report.course.survey}", SMALL_PT, STAMP
        )


def tick_pad_pt(drawing: Drawing) -> float:
    """Between the profile's foot and the kilometres: the hiked strip lies there, if any."""
    return 3.0 if drawing.strip is None else 28.0


class _Pen:
    """Writes at pixels and knows how wide words are."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        figure = drawing.figure
        self.width_px, self.height_px = figure.get_size_inches() * figure.dpi
        self.renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        box = drawing.profile.get_position()
        self.left_px, self.right_px = box.x0 * self.width_px, box.x1 * self.width_px
        self.scale = figure.dpi / 72.0
        pad_pt = tick_pad_pt(drawing) + 0.8 * SMALL_PT
        self.ticks_px = box.y0 * self.height_px - pad_pt * self.scale  # baseline of the ticks

    def width(self, text: str, size: float, weight: str = "normal") -> float:
        font = FontProperties(size=size, weight=weight)
        return float(self.renderer.get_text_width_height_descent(text, font, False)[0])

    def put(
        self, x_px: float, y_px: float, text: str, size: float, colour: str = INK, *,
        weight: str = "normal", right: bool = False, slant: bool = False,
    ) -> None:  # fmt: skip
        artist = self.drawing.figure.text(
            x_px / self.width_px, y_px / self.height_px, text, fontsize=size, color=colour,
            fontweight=weight, ha="right" if right else "left", va="baseline", parse_math=False,
            rotation=labels.SLANT_DEG if slant else 0.0, rotation_mode="anchor",
        )  # fmt: skip
        (self.drawing.names if slant else self.drawing.texts).append(artist)

    def x(self, at_m: float, scene: Scene) -> float:
        return float(self.left_px + (self.right_px - self.left_px) * at_m / scene.length_m)


def _title(pen: _Pen, report: Report, scene: Scene, index: int | None, unit: Units) -> None:
    name = shorten(report.course.name, 48)
    if index is not None:
        stage = report.course.stages[index]
        name = f"{stage.number}  {shorten(stage.name, 44)}"
    y_px = 0.935 * pen.height_px
    pen.put(pen.left_px, y_px, name, TITLE_PT, weight="bold")
    said = [unit.distance_text(scene.length_m)]
    gains = [section.gain_m for section in scene.sections]
    if None not in gains:
        said.append(unit.gain_text(sum(gain for gain in gains if gain is not None)))
    if index is None and report.course.limit_s:
        said.append(f"limit {duration_text(report.course.limit_s)}")
    estimate = report.estimate
    if estimate is not None:
        runner = (
            f"{estimate.runner.name} runner" if estimate.runner.source == "level" else "estimate"
        )
        parts = estimate.stages if index is None else [estimate.stages[index]]
        said.append(f"{runner}: {duration_text(sum(part.elapsed_s for part in parts))}")
        if all(part.hiked_s is not None for part in parts):
            hiked = sum(float(p.hiked_s.sum()) for p in parts if p.hiked_s is not None)
            share = hiked / sum(float(part.moving_s[-1]) for part in parts)
            said.append(f"{percent_text(share)} of the moving time hiked")
    if index is not None:
        said.append(shorten(report.course.name, 30))
    x_px = pen.left_px + pen.width(name, TITLE_PT, "bold") + 26
    text = "  ·  ".join(said)
    while said and x_px + pen.width(text, SUBTITLE_PT) > pen.right_px:
        said.pop()
        text = "  ·  ".join(said)
    pen.put(x_px, y_px, text, SUBTITLE_PT, SOFT)


def _sections(pen: _Pen, scene: Scene, unit: Units) -> None:
    if len(scene.sections) < 2:
        return
    for section in scene.sections:
        low, high = pen.x(section.start_m, scene), pen.x(section.end_m, scene)
        for k, line in enumerate(_said(section, unit)):
            for size in (SMALL_PT, SMALL_PT - 1.5):
                width = pen.width(line, size)
                if width <= high - low - 8:
                    y_px = (0.838 - 0.032 * k) * pen.height_px
                    pen.put(0.5 * (low + high - width), y_px, line, size)
                    break


def _said(section: Section, unit: Units) -> list[str]:
    course = unit.distance_text(section.end_m - section.start_m)
    if section.gain_m is not None:
        course += f" · {unit.gain_text(section.gain_m)}"
    if section.elapsed_s is None:
        return [course]
    effort = duration_text(section.elapsed_s)
    if section.hiked is not None:
        effort += f" · {percent_text(section.hiked)} hiked"
    return [course, effort]


def _border_names(pen: _Pen, scene: Scene) -> None:
    texts = [shorten(border.name, 24) for border in scene.borders]
    centres = [pen.x(border.at_m, scene) for border in scene.borders]
    bounds = (pen.left_px, pen.right_px)

    def width(text: str) -> float:
        return pen.width(text, NAME_PT, "bold")

    for k, left in labels.row(centres, texts, width, bounds):
        pen.put(left, 0.882 * pen.height_px, texts[k], NAME_PT, weight="bold")


def _place_names(pen: _Pen, scene: Scene, unit: Units) -> None:
    """Names above the profile, the important ones first, each with a line to its place."""
    axes = pen.drawing.profile
    if pen.drawing.fill is None or not scene.places:
        return
    texts = [f"{shorten(p.name)}  {unit.height_text(p.elevation_m)}" for p in scene.places]
    feet = axes.transData.transform([(p.at_m, p.ground_m) for p in scene.places])
    outline = np.concatenate(
        [
            axes.transData.transform(
                np.column_stack([leg.profile.distance_m + leg.start_m, leg.profile.elevation_m])
            )
            for leg in scene.legs
            if leg.profile.cells is not None
        ]
    )
    order = sorted(
        range(len(texts)),
        key=lambda k: (labels.importance(scene.places[k].kind), -scene.places[k].elevation_m),
    )
    chosen = labels.slanted(
        [(float(x), float(y)) for x, y in feet],
        [pen.width(text, PLACE_PT) for text in texts],
        order,
        (outline[:, 0], outline[:, 1]),
        line_px=1.45 * PLACE_PT * pen.scale,
        right_px=pen.width_px - 6.0,
        top_px=axes.transData.transform((0.0, axes.get_ylim()[1]))[1] + 6.0,
    )
    lines = []
    for label in chosen:
        x_px = label.x_px + 0.35 * PLACE_PT * pen.scale
        pen.put(x_px, label.y_px, texts[label.index], PLACE_PT, slant=True)
        ends = [(label.x_px, feet[label.index][1]), (label.x_px, label.y_px - 2.0)]
        lines.append(axes.transData.inverted().transform(ends))
    axes.add_collection(
        LineCollection(lines, colors=FAINT, linewidths=0.7, zorder=3.5), autolim=False
    )


def _hours(pen: _Pen, scene: Scene, *, whole_race: bool) -> None:
    """Clock and hours on the way: at the borders of a race, at full hours of a stage."""
    if whole_race:
        moments = [(b.at_m, b.elapsed_s) for b in scene.borders if b.elapsed_s is not None]
    else:
        moments = _full_hours(scene)
    if not moments:
        return
    centres = [pen.x(at_m, scene) for at_m, _ in moments]
    bounds = (pen.left_px, pen.right_px)
    after = [duration_text(elapsed_s) for _, elapsed_s in moments]
    rows = [("after", after, 0.112)]
    if scene.start is not None:
        clocks = [clock_text(scene.start, elapsed_s) for _, elapsed_s in moments]
        rows.insert(0, ("clock", clocks, 0.148))
    widest = [max((texts[k] for _, texts, _ in rows), key=len) for k in range(len(moments))]
    placed = labels.row(centres, widest, lambda text: pen.width(text, SMALL_PT), bounds)
    for title, texts, y in rows:
        pen.put(pen.left_px - 8, y * pen.height_px, title, SMALL_PT, SOFT, right=True)
        for k, left in placed:
            spare = pen.width(widest[k], SMALL_PT) - pen.width(texts[k], SMALL_PT)
            shift = 0.0 if k == 0 else spare if k == len(moments) - 1 else 0.5 * spare
            pen.put(left + shift, y * pen.height_px, texts[k], SMALL_PT)


def _full_hours(scene: Scene) -> list[tuple[float, float]]:
    """Where the runner is at the start, at every full hour (or two, or five), at the end."""
    if len(scene.clock_s) < 2:
        return []
    first, last = float(scene.clock_s[0]), float(scene.clock_s[-1])
    step = next(h for h in (0.5, 1, 2, 3, 6, 12, 24, 48, 1e9) if (last - first) / 3600 <= 12 * h)
    full = 3600.0 * step * np.arange(np.ceil(first / 3600 / step), last / 3600 / step)
    inner = full[(full > first) & (full < last)]
    places = np.interp(inner, scene.clock_s, scene.clock_m)
    middle = [(float(at), float(s)) for at, s in zip(places, inner, strict=True)]
    return [(0.0, first), *middle, (scene.length_m, last)]


def shorten(name: str, most: int = LONGEST_NAME) -> str:
    """A name on one line, cut with an ellipsis."""
    text = " ".join(name.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
