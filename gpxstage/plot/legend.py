"""What the colours mean, small, at the foot of the page; and how the track was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.plot.captions import EIGHT_OF_TEN
from gpxstage.plot.colours import (
    AWAKE_KSS,
    BAND,
    GRADE_COLOURS,
    NIGHT,
    RULE,
    SLEEPY_KSS,
    SOFT,
    STAMP,
    STOPPED,
    hike_colours,
    sleep_colours,
)
from gpxstage.plot.page import boxes, elide, width_in, write
from gpxstage.profile import GRADE_EDGES
from gpxstage.units import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.plot.sheet import Sheet

LEGEND_PT, STAMP_PT, ELSEWHERE_PT = 7.5, 9.0, 8.5
FOOT_IN, SWATCH_IN = 0.27, 0.12  # where the swatches stand, how high they are
THIN_IN = 0.02  # how high the mark of a cutoff is
NUMBER_IN = 0.14  # baseline of the numbers below them
NAME_GAP_IN, GAP_IN = 0.08, 0.4  # from a key to its name, and to the next key
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
    high_in: float = SWATCH_IN


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
    gap_in = GAP_IN if sheet.width_in >= FULL_IN else 0.5 * GAP_IN
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
    low = FOOT_IN + 0.5 * (SWATCH_IN - key.high_in)
    high = low + key.high_in
    xs = left + key.swatch_in * np.arange(len(key.tints) + 1)
    shapes = [[(a, low), (a, high), (b, high), (b, low)] for a, b in pairwise(xs)]
    boxes(figure, shapes, key.tints)
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
