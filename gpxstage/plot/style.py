"""Colours and fonts, the length of words, and how words, lines and shapes are drawn.

Grades use one diverging scale on the bands of the tables, of which the middle one is parted in
three: blue down, pale flat, orange to red up. Each arm darkens with steepness, so that a grey
print still ranks the grades, and blue against orange can be distinguished with all the common
kinds of colour blindness.

Positions on a page are in inches from the figure's lower left corner. Text is never read as
mathematics: a name may hold any character.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import NDArray

from gpxstage.profile import GRADE_EDGES
from gpxstage.text import legible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from matplotlib.text import Text

    from gpxstage.course import Array, Course
    from gpxstage.facts.analysis import Report

Corners = Sequence[tuple[float, float]]
Tint = str | NDArray[np.float64]  # "#rrggbb", or its three channels from 0 to 1
Tints = Tint | Sequence[Tint]

INK = "#1b2533"
SOFT = "#5d6878"  # text that steps back
FAINT = "#9aa4b2"
RULE = "#3b4657"
GRID = "#d5dae1"
NIGHT = "#e0e4ef"
BAND = "#b9c4d6"  # from p10 to p90
STOPPED = "#a3aab5"  # where the clock runs and nobody moves
ASLEEP = "#6c679c"  # the part of a stop that is slept
STAMP = "#9c3d22"
RAN = "#d9642f"  # run beside HIKE on white, where RUN is too pale

GRADE_COLOURS = (
    "#1d4e83",  # below -30 %
    "#4583ba",
    "#8ab6da",
    "#b2d1e6",
    "#f4f0e6",  # -5 to 5 %
    "#f7c67c",
    "#f0a65a",
    "#d9642f",
    "#a02c1c",  # above 30 %
)
GENTLE_EDGES = (-0.01, 0.01)  # part the middle band, so that a gentle course is not one colour
GENTLE_COLOURS = ("#d3e5f0", GRADE_COLOURS[4], "#f9e0ae")
MIDDLE = len(GRADE_EDGES) // 2  # of the edges: those before it are downhill
DRAWN_EDGES = (*GRADE_EDGES[:MIDDLE], *GENTLE_EDGES, *GRADE_EDGES[MIDDLE:])
DRAWN_COLOURS = (*GRADE_COLOURS[:MIDDLE], *GENTLE_COLOURS, *GRADE_COLOURS[MIDDLE + 1 :])
RUN = "#eef1ee"
HIKE = "#1f6d48"
AWAKE, SLEEPY = "#f1eff4", "#4a2a70"
AWAKE_KSS, SLEEPY_KSS = 5.0, 9.0  # Karolinska scale: neither alert nor sleepy; fighting sleep


def rgb(colour: str) -> Array:
    """A colour's three channels, 0 to 1."""
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64) / 255.0


def grade_colours(grade: Array) -> Array:
    """(n, 3) colours of n grades, by band."""
    table = np.array([rgb(colour) for colour in DRAWN_COLOURS])
    return np.asarray(table[np.digitize(grade, DRAWN_EDGES)])


def hike_colours(share: Array) -> Array:
    """(n, 3) colours of n hiked shares: pale where all is run, deep green where all is hiked."""
    return _between(RUN, HIKE, share)


def sleep_colours(kss: Array) -> Array:
    """(n, 3) colours of n values of the Karolinska scale: pale up to 5, deep violet from 9 on."""
    return _between(AWAKE, SLEEPY, (kss - AWAKE_KSS) / (SLEEPY_KSS - AWAKE_KSS))


def _between(pale: str, deep: str, share: Array) -> Array:
    part = np.clip(share, 0.0, 1.0)[:, None]
    return np.asarray((1.0 - part) * rgb(pale) + part * rgb(deep))


FAMILY = "DejaVu Sans"  # comes with matplotlib: a picture is the same everywhere
NO_LETTERS = "(no font here has its letters)"
LEAST_LEFT = 0.5  # of a name's letters; with fewer it means nothing


def writable(words: str) -> str:
    """*words* without letters that no font here has; empty where too few are left."""
    if words.isascii():
        return words
    seen = legible(words)
    kept = "".join(letter for letter in seen if letter == " " or family_of(letter))
    return kept if kept.strip() and len(kept) >= LEAST_LEFT * len(seen) else ""


@lru_cache(maxsize=4096)
def families(words: str) -> tuple[str, ...]:
    """The fonts that *words* need, the usual one first."""
    if words.isascii():
        return (FAMILY,)
    found = (family_of(letter) for letter in legible(words) if letter != " ")
    return tuple(dict.fromkeys([FAMILY, *filter(None, found)]))


@lru_cache(maxsize=4096)
def family_of(letter: str) -> str:
    """The font that has a letter; empty where none has it."""
    code = ord(letter)
    if code in _letters(font_manager.findfont(FAMILY)):
        return FAMILY
    return next((name for name, path in _others() if code in _letters(path)), "")


@lru_cache(maxsize=1)
def _others() -> list[tuple[str, str]]:
    """Name and file of this machine's upright fonts, those without serifs first.

    The fonts that come with matplotlib are left out: the others of them are for formulas.
    """
    own = mpl.get_data_path()
    fonts = [
        font
        for font in font_manager.fontManager.ttflist
        if font.style == "normal" and font.weight in (400, "normal", "regular")
    ]
    named = {font.name: font.fname for font in fonts if not font.fname.startswith(own)}
    return sorted(named.items(), key=lambda each: ("Sans" not in each[0], each[0]))


@lru_cache(maxsize=256)
def _letters(path: str) -> frozenset[int]:
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):  # a file that went away, or that is no font
        return frozenset()


@lru_cache(maxsize=2)
def written_report(report: Report) -> Report:
    """The report with names that the fonts of this machine can write."""
    course = report.course
    names = [course.name, course.survey or "", *_names(course)]
    if all(writable(name) == name for name in names):
        return report
    stages = tuple(
        replace(
            stage,
            name=writable(stage.name),
            points=tuple(replace(point, name=writable(point.name)) for point in stage.points),
        )
        for stage in course.stages
    )
    name, survey = writable(course.name) or NO_LETTERS, course.survey and writable(course.survey)
    return replace(report, course=replace(course, name=name, survey=survey, stages=stages))


def lost(report: Report) -> list[str]:
    """Names that a picture cannot write in full, each once."""
    return [
        name for name in dict.fromkeys(_names(report.course)) if writable(name) != legible(name)
    ]


def _names(course: Course) -> Iterable[str]:
    yield course.name
    for stage in course.stages:
        yield stage.name
        yield from (point.name for point in stage.points)


DPI = 150.0
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
CAP_IN = 0.36 / 72.0  # half the height of a capital, for each point of its size
ASIDE = (0.0, -0.12, 0.12, -0.24, 0.24, -0.36, 0.36)  # of a word's length, to give way
BESIDE = (-0.5, 0.5, -0.65, 0.65, -0.8, 0.8)  # likewise, to stand beside their place
HEADING_IN, HEADING_PT = 0.43, 13.0  # of a chart: from the upper edge to its baseline
TICK_PT, GAP_IN = 8.5, 0.14  # of the rows below the profile: their letters, between two words
LEAST_LETTERS = 4  # a name that is cut shorter means nothing


@contextmanager
def quiet_fonts() -> Iterator[None]:
    """Without a warning for each letter that the font does not have."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        yield


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=4096)
def width_in(words: str, size: float, bold: bool = False) -> float:
    """Length of a line of text in inches; *size* is in points."""
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


class Page(Figure):
    """A figure whose inches may be larger or smaller on paper."""

    scale = 1.0  # inches of paper for one of the layout


def _of_page(figure: Figure | SubFigure) -> tuple[float, Transform]:
    """The scale of a page, and the transform from its inches; 1 for a figure of somebody else."""
    scale = float(getattr(figure, "scale", 1.0))
    return scale, Affine2D().scale(scale) + figure.dpi_scale_trans


def write(
    figure: Figure,
    x_in: float,
    y_in: float,
    words: str,
    size: float,
    *,
    color: str = INK,
    ha: str = "left",
    weight: str = "normal",
    upright: bool = False,
) -> Text:
    """Write *words* at a place of the page, which is where their baseline begins (see *ha*)."""
    scale, inches = _of_page(figure)
    return figure.text(
        x_in, y_in, legible(words), transform=inches, color=color, ha=ha, va="baseline",
        weight=weight, fontfamily=families(words), fontsize=scale * size, parse_math=False,
        rotation=90.0 if upright else 0.0, rotation_mode="anchor",
    )  # fmt: skip


def put_lines(
    figure: Figure, segments: Sequence[Corners], color: str, width: float
) -> LineCollection:
    """Draw straight lines on the page, as one artist."""
    scale, inches = _of_page(figure)
    artist = LineCollection(segments, colors=color, linewidths=scale * width, transform=inches)
    figure.add_artist(artist)
    return artist


def put_heading(figure: Figure, left_in: float, words: str) -> Text:
    """Write what a chart is about above all of its axes."""
    at = left_in, figure.get_figheight() - HEADING_IN
    return write(figure, *at, words, HEADING_PT, weight="bold")


def open_frame(axes: Axes, title: str, below: str = "") -> None:
    """Axes with their title, a line below, lines across behind what is drawn, quiet numbers."""
    axes.set_title(
        legible(title), loc="left", color=INK, fontsize=11, fontfamily=families(title),
        parse_math=False,
    )  # fmt: skip
    axes.set_xlabel(below, color=SOFT, fontsize=9.5, fontfamily=FAMILY)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelcolor=SOFT, labelsize=9, labelfontfamily=FAMILY)


def put_shapes(figure: Figure, shapes: Sequence[Corners], tints: Tints) -> PolyCollection:
    """Draw filled shapes on the page, as one artist."""
    artist = PolyCollection(shapes, facecolors=tints, transform=_of_page(figure)[1])
    figure.add_artist(artist)
    return artist


def line_axes(
    axes: Axes,
    segments: Sequence[Corners | Array],
    colors: Tints,
    widths: float | list[float],
    zorder: float,
    **style: str,
) -> LineCollection:
    """Draw lines in the coordinates of *axes*, as one artist."""
    thick = np.multiply(widths, _of_page(axes.figure)[0])
    artist = LineCollection(segments, colors=colors, linewidths=thick, zorder=zorder, **style)
    axes.add_collection(artist, autolim=False)
    return artist


def fill_axes(
    axes: Axes, shapes: Sequence[Corners | Array], tints: Tints, zorder: float
) -> PolyCollection | None:
    """Draw filled shapes in the coordinates of *axes*, as one artist; None where there is none."""
    if not shapes:
        return None
    artist = PolyCollection(shapes, facecolors=tints, linewidths=0.0, zorder=zorder)
    axes.add_collection(artist, autolim=False)
    return artist


def box(left: float, right: float, low: float, high: float) -> Corners:
    """The corners of a box."""
    return [(left, low), (left, high), (right, high), (right, low)]


def in_row(
    items: Sequence[tuple[float, float]],
    bounds_in: tuple[float, float],
    gap_in: float,
    order: Callable[[int], tuple[bool, int]] = lambda k: (False, k),
    steps: Sequence[float] = ASIDE,
) -> dict[int, float]:
    """Where each word of a row begins, by its index in *items* (middle, width).

    The smallest in *order* gets its room first; a word without room is left out. Words move
    inwards at the bounds, and aside by one of the *steps*, the first that is free.
    """
    placed: dict[int, float] = {}
    for k in sorted(range(len(items)), key=order):
        middle, width = items[k]
        if not 0.0 < width <= bounds_in[1] - bounds_in[0]:
            continue
        for aside in steps:
            left = middle + (aside - 0.5) * width
            left = min(max(left, bounds_in[0]), bounds_in[1] - width)
            taken = ((start, start + items[j][1]) for j, start in placed.items())
            if all(left + width + gap_in <= low or left >= high + gap_in for low, high in taken):
                placed[k] = left
                break
    return dict(sorted(placed.items()))


def aligned(start: float, item: tuple[float, float]) -> tuple[float, str]:
    """Where the words of an item of `in_row` are, and how they are aligned there.

    Words are a little wider or narrower than measured where the sheet has other pixels: they
    keep their middle, or the edge to which they moved.
    """
    middle, width = item
    if start > middle - 0.5 * width + 1e-9:
        return start, "left"
    if start < middle - 0.5 * width - 1e-9:
        return start + width, "right"
    return middle, "center"
