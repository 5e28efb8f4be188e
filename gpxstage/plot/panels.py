"""The foot of a page: panels of hours by grade and by altitude, the legend, the survey note."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.plot import captions
from gpxstage.plot.captions import EIGHT_OF_TEN
from gpxstage.plot.layout import LEGEND_IN
from gpxstage.plot.style import (
    AWAKE_KSS,
    BAND,
    FAINT,
    GRADE_COLOURS,
    HIKE,
    INK,
    NIGHT,
    RULE,
    RUN,
    SLEEPY_KSS,
    SOFT,
    STAMP,
    STOPPED,
    elide,
    hike_colours,
    put_lines,
    put_shapes,
    sleep_colours,
    width_in,
    write,
)
from gpxstage.profile import GRADE_EDGES, by_altitude, by_grade
from gpxstage.units import HOUR_S, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.course import Array
    from gpxstage.plot.layout import Frame, Sheet
    from gpxstage.plot.scene import Scene
    from gpxstage.units import Units

TITLE_PT, VALUE_PT = 9.0, 7.5
GAP_IN, BETWEEN_IN = 0.6, 0.05  # between panels, between bars
SWATCH_IN, LABEL_IN, ABOVE_IN = 0.06, 0.2, 0.2  # below the bars, below those, above the bars
TITLE_IN = 0.2
MOST_BANDS = 9  # of altitude


@dataclass(frozen=True, eq=False)
class Panel:
    """n bars with what is hiked of each; the n-1 words at the borders between them."""

    title: str
    total: Array  # (n,) hours, or the unit of distance where no hours are known
    hiked: Array | None  # (n,) likewise
    edges: Sequence[str]
    tints: Sequence[str]  # of the swatch below each bar; () for none


def panels_of(scene: Scene, unit: Units) -> list[Panel]:
    """By grade and by altitude; nothing without elevation."""
    known = [leg for leg in scene.legs if leg.profile.cells is not None]
    if not known:
        return []
    timed = all(leg.estimate is not None for leg in known)
    what = "Moving hours" if timed else {"km": "Kilometres", "mi": "Miles"}[unit.distance]
    edges = [percent(edge) for edge in GRADE_EDGES]
    levels_m = _levels_m(scene, unit)
    heights = [unit.high(m) for m in levels_m]
    by_height = [_banded(scene, unit, levels_m, hiked=hiked) for hiked in (False, True)]
    grades = [_banded(scene, unit, None, hiked=hiked) for hiked in (False, True)]
    assert grades[0] is not None
    assert by_height[0] is not None
    return [
        Panel(f"{what} by grade, %", grades[0], grades[1], edges, GRADE_COLOURS),
        Panel(f"{what} by altitude, {unit.height}", by_height[0], by_height[1], heights, ()),
    ]


def _levels_m(scene: Scene, unit: Units) -> list[float]:
    """Round altitudes between which there is something."""
    nodes = [leg.profile.elevation_m for leg in scene.legs if leg.profile.cells is not None]
    low = float(min(each.min() for each in nodes)) / unit.m_per_height
    high = float(max(each.max() for each in nodes)) / unit.m_per_height
    found = captions.even(low, max(high, low + 1.0), MOST_BANDS)
    return [tick * unit.m_per_height for tick in found if low < tick < high] or [
        low * unit.m_per_height
    ]


def _banded(
    scene: Scene, unit: Units, levels_m: list[float] | None, *, hiked: bool
) -> Array | None:
    """Hours or distance of all legs by band; None where it is not known what is hiked."""
    found = []
    for leg in scene.legs:
        cells, estimate = leg.profile.cells, leg.estimate
        if cells is None:
            continue
        if hiked and (estimate is None or estimate.hiked_s is None):
            return None
        weight = (
            cells.length_m / unit.m_per_distance if estimate is None else estimate.cell_s / HOUR_S
        )
        if hiked and estimate is not None and estimate.hiked_s is not None:
            weight = estimate.hiked_s / HOUR_S
        banded = (
            by_grade(cells, weight) if levels_m is None else by_altitude(cells, weight, levels_m)
        )
        found.append(banded)
    return np.asarray(np.sum(found, axis=0))


def put_panels(figure: Figure, frame: Frame, scene: Scene, unit: Units) -> list[Text]:
    """All panels side by side."""
    found = panels_of(scene, unit)
    wide = (frame.right_in - frame.left_in - GAP_IN * (len(found) - 1)) / max(len(found), 1)
    texts = []
    for k, panel in enumerate(found):
        texts += _put_panel(figure, frame, panel, frame.left_in + k * (wide + GAP_IN), wide)
    return texts


def _put_panel(
    figure: Figure, frame: Frame, panel: Panel, left_in: float, wide_in: float
) -> list[Text]:
    foot_in = LEGEND_IN + 0.12 + LABEL_IN + SWATCH_IN
    top_in = LEGEND_IN + frame.plan.sheet.panels_in - TITLE_IN - 0.05
    bar_in = wide_in / len(panel.total)
    scale = (top_in - ABOVE_IN - foot_in) / max(float(panel.total.max()), 1e-9)
    lefts = np.asarray(left_in + bar_in * np.arange(len(panel.total)), dtype=np.float64)
    middles_in = lefts + 0.5 * bar_in
    shapes, tints = [], []
    for k, left in enumerate(lefts):
        a, b = left + BETWEEN_IN, left + bar_in - BETWEEN_IN
        hiked = 0.0 if panel.hiked is None else float(panel.hiked[k])
        bars = [(0.0, hiked, HIKE), (hiked, float(panel.total[k]), RUN if hiked else FAINT)]
        for low, high, tint in bars:
            shapes.append(_box(a, b, foot_in + scale * low, foot_in + scale * high))
            tints.append(tint)
        if panel.tints:
            shapes.append(_box(a, b, foot_in - SWATCH_IN - 0.02, foot_in - 0.02))
            tints.append(panel.tints[k])
    put_shapes(figure, shapes, tints)
    heights = foot_in + scale * panel.total
    sides = [
        _box(left + BETWEEN_IN, left + bar_in - BETWEEN_IN, foot_in, top)
        for left, top in zip(lefts, heights, strict=True)
    ]
    put_lines(figure, sides, RULE, 0.5)
    put_lines(figure, [[(left_in, foot_in), (left_in + wide_in, foot_in)]], RULE, 0.8)
    return [
        write(figure, left_in, top_in + 0.05, panel.title, TITLE_PT, weight="bold"),
        *_values(figure, panel, middles_in, heights + 0.04),
        *_edges(figure, panel, lefts[1:], foot_in - SWATCH_IN - LABEL_IN + 0.03),
    ]


def _values(figure: Figure, panel: Panel, middles_in: Array, feet_in: Array) -> list[Text]:
    """Hours above the bars."""
    room_in = float(middles_in[1] - middles_in[0])
    texts = []
    for x_in, y_in, value in zip(middles_in, feet_in, panel.total, strict=True):
        said = number(float(value), 0 if value >= 9.95 else 1)
        if value >= 0.05 and width_in(said, VALUE_PT) < room_in:
            texts.append(write(figure, x_in, y_in, said, VALUE_PT, color=INK, ha="center"))
    return texts


def _edges(figure: Figure, panel: Panel, xs_in: Array, y_in: float) -> list[Text]:
    """Below the borders between the bars, where one band ends."""
    return [
        write(figure, x_in, y_in, said, VALUE_PT, color=SOFT, ha="center")
        for x_in, said in zip(xs_in, panel.edges, strict=True)
    ]


def _box(left: float, right: float, low: float, high: float) -> list[tuple[float, float]]:
    return [(left, low), (left, high), (right, high), (right, low)]


LEGEND_PT, STAMP_PT, ELSEWHERE_PT = 7.5, 9.0, 8.5
FOOT_IN, KEY_SWATCH_IN = 0.27, 0.12  # where the swatches stand, how high they are
THIN_IN = 0.02  # how high the mark of a cutoff is
NUMBER_IN = 0.14  # baseline of the numbers below them
NAME_GAP_IN, KEY_GAP_IN = 0.08, 0.4  # from a key to its name, and to the next key
FULL_IN = 14.0  # a page so wide has room for all keys as large as they are
HIKE_STEPS = 9
MOST_SURVEY = 0.45  # of the page's width that a long survey keeps the legend off


@dataclass(frozen=True)
class Key:
    """One entry: its swatches side by side, and the numbers at some of their edges."""

    name: str
    tints: Sequence[Any]
    swatch_in: float
    numbers: dict[int, str] = field(default_factory=dict)
    high_in: float = KEY_SWATCH_IN


def keys(sheet: Sheet, shown: frozenset[str]) -> list[Key]:
    """What is shown, from the right."""
    small = min(1.0, max(0.7, sheet.width_in / FULL_IN))
    edges = {k: percent(edge) for k, edge in enumerate(GRADE_EDGES, 1)}
    edges[len(GRADE_EDGES)] += " %"
    shares = list(hike_colours(np.linspace(0.0, 1.0, HIKE_STEPS)))
    kss = list(sleep_colours(np.linspace(AWAKE_KSS, SLEEPY_KSS, HIKE_STEPS)))
    every = [
        Key("grade", GRADE_COLOURS, 0.29 * small, {} if sheet.compact else edges),
        Key("hiked", shares, 0.1 * small, {} if sheet.compact else {0: "0", HIKE_STEPS: "100 %"}),
        Key("sleepy", kss, 0.1 * small, {} if sheet.compact else {0: "5", 4: "7", 8: "9 KSS"}),
        Key("night", [NIGHT], 0.3 * small),
        Key("stopped", [STOPPED], 0.3 * small),
        Key(EIGHT_OF_TEN, [BAND], 0.3 * small),
        Key("cutoff", [RULE], 0.16, high_in=THIN_IN),
    ]
    return [key for key in every if key.name in shown]


def put_legend(
    figure: Figure, sheet: Sheet, shown: frozenset[str], survey: str | None
) -> tuple[list[Text], float]:
    """The keys to what the picture shows, from the right; and where they begin.

    How the track was made comes first: keys that leave no room for it are left out.
    """
    right, texts = sheet.right_in, []
    gap_in = KEY_GAP_IN if sheet.width_in >= FULL_IN else 0.5 * KEY_GAP_IN
    kept_in = min(_survey_in(survey), MOST_SURVEY * (sheet.right_in - sheet.left_in))
    for key in keys(sheet, shown):
        left = right - key.swatch_in * len(key.tints)
        begin = left - width_in(key.name, LEGEND_PT) - NAME_GAP_IN - gap_in
        if begin < sheet.left_in + kept_in:
            break
        texts += _put_key(figure, key, left)
        right = begin
    return texts, right


def _put_key(figure: Figure, key: Key, left: float) -> list[Text]:
    """Swatches side by side, their name before them, numbers below."""
    low = FOOT_IN + 0.5 * (KEY_SWATCH_IN - key.high_in)
    high = low + key.high_in
    xs = left + key.swatch_in * np.arange(len(key.tints) + 1)
    shapes = [[(a, low), (a, high), (b, high), (b, low)] for a, b in pairwise(xs)]
    put_shapes(figure, shapes, key.tints)
    at = left - NAME_GAP_IN, FOOT_IN + 0.02
    texts = [write(figure, *at, key.name, LEGEND_PT, color=SOFT, ha="right")]
    for k, said in key.numbers.items():
        texts.append(write(figure, xs[k], NUMBER_IN, said, LEGEND_PT, color=SOFT, ha="center"))
    return texts


def survey_words(survey: str | None) -> str:
    """How the track was made, in one line; empty where nothing is said of it."""
    said = " ".join((survey or "").split())
    return said if not said or "track" in said.lower() else f"track: {said}"


def _survey_in(survey: str | None) -> float:
    return width_in(survey_words(survey), STAMP_PT, True)


def put_survey(
    figure: Figure, sheet: Sheet, survey: str | None, elsewhere: str, right_in: float
) -> list[Text]:
    """How the track was made, stamped where nobody overlooks it; behind it what had no room."""
    left_in, y_in = sheet.left_in, NUMBER_IN + 0.06
    texts = []
    if said := survey_words(survey):
        words = elide(said, right_in - left_in, STAMP_PT, True)
        texts.append(write(figure, left_in, y_in, words, STAMP_PT, color=STAMP, weight="bold"))
        left_in += width_in(words, STAMP_PT, True) + 0.3
    if elsewhere:
        words = elide(elsewhere, max(right_in - left_in, 0.0), ELSEWHERE_PT)
        texts += [write(figure, left_in, y_in, words, ELSEWHERE_PT, color=SOFT)] if words else []
    return texts
