"""The foot of a page: panels of hours by grade and by altitude, the legend, the survey note."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from gpxstage.plot import style
from gpxstage.plot.layout import LEGEND_IN, Frame, Sheet
from gpxstage.plot.scales import LONGEST_LEVEL_IN, even
from gpxstage.plot.scene import EIGHT_OF_TEN, Scene
from gpxstage.profile import GRADE_EDGES, by_altitude, by_grade
from gpxstage.units import HOUR_S, Units, hours, number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array
    from gpxstage.profile import Cells

TITLE_PT, VALUE_PT = 9.0, 7.5
GAP_IN, BETWEEN_IN = 0.6, 0.05  # between panels, between bars
SWATCH_IN, LABEL_IN, ABOVE_IN = 0.06, 0.2, 0.2  # below the bars, below those, above the bars
TITLE_IN = 0.2
MOST_BANDS = 9  # of altitude


@dataclass(frozen=True, eq=False)
class Panel:
    """n bars with the part of each that is hiked; the n-1 words at the borders between them."""

    title: str
    timed: bool
    total: Array  # (n,) hours, or the unit of distance where no hours are known
    hiked: Array | None  # (n,) likewise
    edges: Sequence[str]
    tints: Sequence[str]  # of the swatch below each bar; () for none


def _panels(scene: Scene, unit: Units) -> list[Panel]:
    """By grade and by altitude; nothing without elevation."""
    if not scene.measured:
        return []
    timed = all(leg.estimate is not None for leg in scene.measured)
    what = "Moving hours" if timed else {"km": "Kilometres", "mi": "Miles"}[unit.distance]
    levels_m = _levels_m(scene, unit)
    grades = _banded(scene, unit, by_grade)
    heights = _banded(scene, unit, lambda cells, each: by_altitude(cells, each, levels_m))
    edges = [percent(edge) for edge in GRADE_EDGES]
    high = [unit.high(m) for m in levels_m]
    return [
        Panel(f"{what} by grade, %", timed, *grades, edges, style.GRADE_COLOURS),
        Panel(f"{what} by altitude, {unit.height}", timed, *heights, high, ()),
    ]


def _levels_m(scene: Scene, unit: Units) -> list[float]:
    """Round altitudes between the lowest and the highest; at least one altitude."""
    nodes = [leg.profile.elevation_m for leg in scene.measured]
    low = float(min(each.min() for each in nodes)) / unit.m_per_height
    high = float(max(each.max() for each in nodes)) / unit.m_per_height
    found = [tick for tick in even(low, max(high, low + 1.0), MOST_BANDS) if low < tick < high]
    return [tick * unit.m_per_height for tick in found or [low]]


def _banded(
    scene: Scene, unit: Units, bands: Callable[[Cells, Array], Array]
) -> tuple[Array, Array | None]:
    """In each band, hours or distance of all legs; and the hiked hours where they are known."""
    totals, hiked = [], []
    for leg in scene.legs:
        cells, estimate = leg.profile.cells, leg.estimate
        if cells is None:
            continue
        if estimate is None:
            totals.append(bands(cells, cells.length_m / unit.m_per_distance))
            continue
        totals.append(bands(cells, estimate.cell_s / HOUR_S))
        if estimate.hiked_s is not None:
            hiked.append(bands(cells, estimate.hiked_s / HOUR_S))
    all_known = len(hiked) == len(totals)
    return np.sum(totals, axis=0), np.sum(hiked, axis=0) if all_known else None


def put_panels(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Draw all panels side by side, on a page that has them; the answer is their words."""
    found = _panels(scene, frame.how.unit) if frame.how.sheet.panels_in else []
    wide = (frame.right_in - frame.left_in - GAP_IN * (len(found) - 1)) / max(len(found), 1)
    texts = []
    for k, panel in enumerate(found):
        texts += _put_panel(figure, frame, panel, frame.left_in + k * (wide + GAP_IN), wide)
    return texts


def _put_panel(
    figure: Figure, frame: Frame, panel: Panel, left_in: float, wide_in: float
) -> list[Text]:
    below_in = frame.how.sheet.margin_in + LEGEND_IN
    foot_in = below_in + 0.12 + LABEL_IN + SWATCH_IN
    top_in = below_in + frame.how.sheet.panels_in - TITLE_IN - 0.05
    bar_in = wide_in / len(panel.total)
    scale = (top_in - ABOVE_IN - foot_in) / max(float(panel.total.max()), 1e-9)
    lefts = np.asarray(left_in + bar_in * np.arange(len(panel.total)), dtype=np.float64)
    heights = foot_in + scale * panel.total
    shapes: list[style.Corners] = []
    tints: list[style.Tint] = []
    sides: list[style.Corners] = []
    for k, left in enumerate(lefts):
        a, b = left + BETWEEN_IN, left + bar_in - BETWEEN_IN
        hiked = 0.0 if panel.hiked is None else float(panel.hiked[k])
        bars = [
            (0.0, hiked, style.HIKE),
            (hiked, float(panel.total[k]), style.RUN if hiked else style.FAINT),
        ]
        for low, high, tint in bars:
            shapes.append(style.box(a, b, foot_in + scale * low, foot_in + scale * high))
            tints.append(tint)
        if panel.tints:
            shapes.append(style.box(a, b, foot_in - SWATCH_IN - 0.02, foot_in - 0.02))
            tints.append(panel.tints[k])
        sides.append(style.box(a, b, foot_in, heights[k]))
    style.put_shapes(figure, shapes, tints)
    style.put_lines(figure, sides, style.RULE, 0.5)
    style.put_lines(figure, [[(left_in, foot_in), (left_in + wide_in, foot_in)]], style.RULE, 0.8)
    edge_in = foot_in - SWATCH_IN - LABEL_IN + 0.03
    return [
        style.write(figure, left_in, top_in + 0.05, panel.title, TITLE_PT, weight="bold"),
        *_values(figure, panel, lefts + 0.5 * bar_in, heights + 0.04),
        *(
            style.write(figure, x_in, edge_in, words, VALUE_PT, color=style.SOFT, ha="center")
            for x_in, words in zip(lefts[1:], panel.edges, strict=True)
        ),
    ]


def _values(figure: Figure, panel: Panel, middles_in: Array, feet_in: Array) -> list[Text]:
    """Hours and minutes, or kilometres, above the bars that are not nothing."""
    room_in = float(middles_in[1] - middles_in[0])
    texts = []
    for x_in, y_in, value in zip(middles_in, feet_in, panel.total, strict=True):
        short = number(float(value), 0 if value >= 9.95 else 1)
        words = hours(HOUR_S * float(value)) if panel.timed else short
        if words not in (hours(0.0), "0.0") and style.width_in(words, VALUE_PT) < room_in:
            texts.append(
                style.write(figure, x_in, y_in, words, VALUE_PT, color=style.INK, ha="center")
            )
    return texts


# legend

LEGEND_PT, STAMP_PT, ELSEWHERE_PT = 7.5, 9.0, 8.5
FOOT_IN, KEY_SWATCH_IN = 0.27, 0.12  # lower edge and height of the swatches
THIN_IN = 0.02  # height of the mark of a cutoff
NUMBER_IN = 0.14  # baseline of the numbers below them
NAME_GAP_IN, KEY_GAP_IN = 0.08, 0.4  # from a key to its name, and to the next key
APART_IN = 0.03  # between two numbers of the grades
HIKE_STEPS = 9
GLANCE_EDGES = (1, 3, 8, 10)  # the grades that have numbers on a compact page
MANY_KEYS = 6  # these are nearer to each other
MOST_SURVEY = 0.45  # of the page's width, which a long survey note keeps free of the legend


@dataclass(frozen=True)
class Key:
    """One entry: its swatches side by side, and the numbers at some of their edges."""

    what: str  # that it is the key to
    name: str
    tints: Sequence[style.Tint]
    swatch_in: float
    numbers: dict[int, str] = field(default_factory=dict)
    high_in: float = KEY_SWATCH_IN


def _keys(sheet: Sheet, shown: frozenset[str], level: str) -> list[Key]:
    """The keys to what is shown, from the right; before those of a field's first *level* its name.

    A key without swatches is a word.
    """
    own = f"{style.elide(level, LONGEST_LEVEL_IN, LEGEND_PT)}:"
    edges = {k: percent(edge) for k, edge in enumerate(style.DRAWN_EDGES, 1)}
    edges[len(style.DRAWN_EDGES)] += " %"
    apart_in = max(style.width_in(words, LEGEND_PT) for words in edges.values()) + APART_IN
    shares = list(style.hike_colours(np.linspace(0.0, 1.0, HIKE_STEPS)))
    kss = list(style.sleep_colours(np.linspace(style.AWAKE_KSS, style.SLEEPY_KSS, HIKE_STEPS)))
    every = [
        Key(
            "grade",
            "grade",
            style.DRAWN_COLOURS,
            0.2 if sheet.compact else apart_in,
            {k: edges[k] for k in GLANCE_EDGES} if sheet.compact else edges,
        ),
        Key("hiked", "hiked", shares, 0.1, {} if sheet.compact else {0: "0", HIKE_STEPS: "100 %"}),
        Key("sleepy", "sleepy (KSS)", kss, 0.1, {} if sheet.compact else {0: "5", 4: "7", 8: "9+"}),
        Key("night", "night", [style.NIGHT], 0.3),
        Key("stopped", "stopped", [style.STOPPED], 0.3),
        Key("asleep", "asleep", [style.ASLEEP], 0.3),
        Key(EIGHT_OF_TEN, EIGHT_OF_TEN, [style.BAND], 0.3),
        Key("level", own, [], 0.0),
        Key("cutoff", "cutoff", [style.RULE], 0.16, high_in=THIN_IN),
    ]
    of_level = bool(level) and bool(shown - {"grade", "cutoff"})
    return [key for key in every if key.what in shown or (key.what == "level" and of_level)]


def put_legend(
    figure: Figure, frame: Frame, scene: Scene, shown: frozenset[str]
) -> tuple[list[Text], list[Text]]:
    """Draw the keys to what is *shown*, and write how the track was made; the words of both.

    How the track was made has priority: keys that leave no room for it are left out.
    """
    sheet, survey = frame.how.sheet, _survey_words(scene.course.survey)
    survey_in = style.width_in(survey, STAMP_PT, True)
    kept_in = min(survey_in, MOST_SURVEY * (sheet.right_in - sheet.left_in))
    keys, left_in = put_keys(figure, sheet, shown, next(iter(scene.levels), ""), kept_in)
    return keys, _put_survey(figure, frame, survey, left_in)


def put_keys(
    figure: Figure, sheet: Sheet, shown: frozenset[str], level: str = "", kept_in: float = 0.0
) -> tuple[list[Text], float]:
    """Draw keys from the right; the answer is their words and where the last one begins."""
    right, texts = sheet.right_in, []
    gap_in = KEY_GAP_IN if len(shown) < MANY_KEYS and not sheet.compact else 0.5 * KEY_GAP_IN
    for key in _keys(sheet, shown, level):
        left = right - key.swatch_in * len(key.tints)
        begin = left - style.width_in(key.name, LEGEND_PT) - NAME_GAP_IN - gap_in
        if begin < sheet.left_in + kept_in:
            break
        texts += _put_key(figure, key, left, sheet.margin_in)
        right = begin
    return texts, right


def _put_key(figure: Figure, key: Key, left: float, base_in: float) -> list[Text]:
    """Swatches side by side, their name before them, numbers below."""
    low = base_in + FOOT_IN + 0.5 * (KEY_SWATCH_IN - key.high_in)
    xs = left + key.swatch_in * np.arange(len(key.tints) + 1)
    style.put_shapes(
        figure, [style.box(a, b, low, low + key.high_in) for a, b in pairwise(xs)], key.tints
    )
    at = left - NAME_GAP_IN, base_in + FOOT_IN + 0.02
    numbers_in = base_in + NUMBER_IN
    texts = [style.write(figure, *at, key.name, LEGEND_PT, color=style.SOFT, ha="right")]
    for k, words in key.numbers.items():
        texts.append(
            style.write(figure, xs[k], numbers_in, words, LEGEND_PT, color=style.SOFT, ha="center")
        )
    return texts


def _survey_words(survey: str | None) -> str:
    """How the track was made, in one line; empty where that is unknown."""
    words = " ".join((survey or "").split())
    return words if not words or "track" in words.lower() else f"track: {words}"


def _put_survey(figure: Figure, frame: Frame, survey: str, right_in: float) -> list[Text]:
    """Write how the track was made where nobody overlooks it, and behind it what had no room."""
    left_in, y_in, texts = frame.left_in, frame.how.sheet.margin_in + NUMBER_IN + 0.06, []
    if words := style.elide(survey, right_in - left_in, STAMP_PT, True):
        texts.append(
            style.write(figure, left_in, y_in, words, STAMP_PT, color=style.STAMP, weight="bold")
        )
        left_in += style.width_in(words, STAMP_PT, True) + 0.3
    room_in = max(right_in - left_in, 0.0)
    if words := style.elide(frame.plan.sections.elsewhere, room_in, ELSEWHERE_PT):
        texts.append(style.write(figure, left_in, y_in, words, ELSEWHERE_PT, color=style.SOFT))
    return texts
