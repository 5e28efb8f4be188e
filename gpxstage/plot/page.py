"""The page: how long words are, how to shorten them, how to put them down.

Every position is in inches from the figure's lower left corner. Text is never read as
mathematics: a name may hold any character.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.font_manager import FontProperties

from gpxstage.course import legible
from gpxstage.plot.colours import INK
from gpxstage.plot.fonts import families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

DPI = 150.0
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
CAP_IN = 0.36 / 72.0  # half the height of a capital, for each point of its size
ASIDE = (0.0, -0.12, 0.12, -0.24, 0.24, -0.36, 0.36)  # of a word's length, to give way
LEAST_LETTERS = 4  # a name cut shorter than that says nothing


@contextmanager
def quiet_fonts() -> Iterator[None]:
    """Letters that the font lacks are drawn as boxes, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        yield


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=4096)
def width_in(words: str, size: float, bold: bool = False) -> float:
    """How long a line of text is."""
    font = FontProperties(family=families(words), size=size, weight="bold" if bold else "normal")
    measure = _renderer().get_text_width_height_descent
    width, _, _ = measure(legible(words), font, False)  # type: ignore[no-untyped-call]
    return float(width) / DPI


def elide(words: str, room_in: float, size: float, bold: bool = False) -> str:
    """*words* on one line, cut with an ellipsis to fit; empty where hardly a letter does."""
    words = " ".join(legible(words).split())
    if width_in(words, size, bold) <= room_in:
        return words
    low, high = 0, len(words)  # the longest beginning that fits, by halves
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_in(words[:middle].rstrip() + ELLIPSIS, size, bold) <= room_in
        low, high = (middle, high) if fits else (low, middle - 1)
    return words[:low].rstrip() + ELLIPSIS if low >= LEAST_LETTERS else ""


def write(
    figure: Figure,
    x_in: float,
    y_in: float,
    words: str,
    size: float,
    *,
    upright: bool = False,
    **style: Any,
) -> Text:
    """Put *words* down at a place of the page; their left end and baseline unless *style* says."""
    style = {"ha": "left", "va": "baseline", "color": INK, **style}
    return figure.text(
        x_in, y_in, legible(words), transform=figure.dpi_scale_trans,
        fontfamily=families(words), fontsize=size, parse_math=False,
        rotation=90.0 if upright else 0.0, rotation_mode="anchor", **style,
    )  # fmt: skip


def lines(figure: Figure, segments: Sequence[Any], color: str, width: float) -> LineCollection:
    """Straight lines on the page, as one artist."""
    artist = LineCollection(
        segments, colors=color, linewidths=width, transform=figure.dpi_scale_trans
    )
    figure.add_artist(artist)
    return artist


def boxes(figure: Figure, shapes: Sequence[Any], tints: Sequence[Any]) -> PolyCollection:
    """Filled shapes on the page, as one artist."""
    artist = PolyCollection(shapes, facecolors=tints, transform=figure.dpi_scale_trans)
    figure.add_artist(artist)
    return artist


def in_row(
    items: Sequence[tuple[float, float]],
    bounds_in: tuple[float, float],
    gap_in: float,
    order: Callable[[int], Any] = lambda k: k,
) -> dict[int, float]:
    """Where words of a row begin: of each item (middle, width) that finds room, by its index.

    Who comes first in *order* is served first. Words move inwards at the bounds and may step
    aside as long as they are still above their place.
    """
    placed: dict[int, float] = {}
    for k in sorted(range(len(items)), key=order):
        middle, width = items[k]
        if not 0.0 < width <= bounds_in[1] - bounds_in[0]:
            continue
        for aside in ASIDE:
            left = middle + (aside - 0.5) * width
            left = min(max(left, bounds_in[0]), bounds_in[1] - width)
            taken = ((start, start + items[j][1]) for j, start in placed.items())
            if all(left + width + gap_in <= low or left >= high + gap_in for low, high in taken):
                placed[k] = left
                break
    return dict(sorted(placed.items()))
