"""What the colours mean, small, at the foot of the page; and how the track was made."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.plot.colours import GRADE_COLOURS, NIGHT, SOFT, STAMP, hike_colours
from gpxstage.plot.frame import LEFT_IN, RIGHT_IN
from gpxstage.plot.page import boxes, elide, width_in, write
from gpxstage.profile import GRADE_EDGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

LEGEND_PT, STAMP_PT = 7.5, 9.0
FOOT_IN, SWATCH_IN = 0.27, 0.12  # where the swatches stand, how high they are
NUMBER_IN = 0.14  # baseline of the numbers below them
GRADE_IN, HIKE_IN, NIGHT_IN = 0.29, 0.1, 0.3  # how wide a swatch is
GAP_IN = 0.45


def put_legend(
    figure: Figure, *, grades: bool, hiked: bool, night: bool
) -> tuple[list[Text], float]:
    """The keys to what the picture shows, from the right; and where they begin."""
    right, texts = RIGHT_IN, []
    if grades:
        left = right - GRADE_IN * len(GRADE_COLOURS)
        texts += _ramp(figure, left, GRADE_IN, GRADE_COLOURS, "grade")
        for k, edge in enumerate(GRADE_EDGES, 1):
            said = f"{100 * edge:.0f}".replace("-", "\N{MINUS SIGN}")
            said += " %" if k == len(GRADE_EDGES) else ""
            x_in = left + GRADE_IN * k
            texts.append(write(figure, x_in, NUMBER_IN, said, LEGEND_PT, color=SOFT, ha="center"))
        right = left - width_in("grade", LEGEND_PT) - 0.08 - GAP_IN
    if hiked:
        tints = list(hike_colours(np.linspace(0.0, 1.0, 9)))
        left = right - HIKE_IN * len(tints)
        texts += _ramp(figure, left, HIKE_IN, tints, "hiked")
        for x_in, said in ((left, "0"), (right, "100 %")):
            texts.append(write(figure, x_in, NUMBER_IN, said, LEGEND_PT, color=SOFT, ha="center"))
        right = left - width_in("hiked", LEGEND_PT) - 0.08 - GAP_IN
    if night:
        left = right - NIGHT_IN
        texts += _ramp(figure, left, NIGHT_IN, [NIGHT], "night")
        right = left - width_in("night", LEGEND_PT) - 0.08 - GAP_IN
    return texts, right


def _ramp(figure: Figure, left: float, width: float, tints: Sequence[Any], name: str) -> list[Text]:
    """Swatches side by side, and their name before them."""
    low, high = FOOT_IN, FOOT_IN + SWATCH_IN
    xs = left + width * np.arange(len(tints) + 1)
    boxes(
        figure,
        [[(a, low), (a, high), (b, high), (b, low)] for a, b in pairwise(xs)],
        tints,
    )
    return [write(figure, left - 0.08, FOOT_IN + 0.02, name, LEGEND_PT, color=SOFT, ha="right")]


def put_survey(figure: Figure, survey: str | None, right_in: float) -> list[Text]:
    """How the track was made, stamped where nobody overlooks it."""
    said = " ".join((survey or "").split())
    if not said:
        return []
    said = said if "track" in said.lower() else f"track: {said}"
    words = elide(said, right_in - LEFT_IN, STAMP_PT, True)
    return [write(figure, LEFT_IN, NUMBER_IN + 0.06, words, STAMP_PT, color=STAMP, weight="bold")]
