"""Where names go: slanted labels that clear the profile, rows that do not collide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array

SLANT_DEG = 60.0
COS, SIN = math.cos(math.radians(SLANT_DEG)), math.sin(math.radians(SLANT_DEG))
GAP_PX = 9.0  # between the profile and the foot of a label
FIRST = {"life-base": 0, "col": 1, "start": 2, "finish": 2, "aid": 3, "crew": 3, "water": 4}
LAST = 5


@dataclass(frozen=True)
class Slanted:
    """A label's place in pixels: its foot, and how far it reaches along the slant."""

    index: int
    x_px: float
    y_px: float
    width_px: float


def importance(kind: str) -> int:
    """The smaller the sooner a place gets its name."""
    return FIRST.get(kind, LAST)


def slanted(
    feet_px: Sequence[tuple[float, float]],
    widths_px: Sequence[float],
    order: Sequence[int],
    outline_px: tuple[Array, Array],
    *,
    line_px: float,
    right_px: float,
    top_px: float,
) -> list[Slanted]:
    """Place labels in an *order* of importance; those that find no room are left out.

    *feet_px* are the places on the profile, *outline_px* the profile itself, *line_px* the
    height of a line of text. A label rises to the right from above its place, as low as the
    profile allows; none may pass *right_px* or *top_px*.
    """
    placed: list[Slanted] = []
    for k in order:
        x, y = feet_px[k]
        width = widths_px[k]
        reach = width * COS + line_px
        foot = max(_foot(x, reach, outline_px), y) + GAP_PX
        label = Slanted(k, x, foot, width)
        inside = x + reach <= right_px and foot + width * SIN + line_px <= top_px
        if inside and all(_apart(label, other, line_px) for other in placed):
            placed.append(label)
    return placed


def _foot(x_px: float, reach_px: float, outline_px: tuple[Array, Array]) -> float:
    """The lowest foot from which a slanted line stays above the outline."""
    xs, ys = outline_px
    near = (xs >= x_px - 4.0) & (xs <= x_px + reach_px)
    if not near.any():
        return -math.inf
    return float(np.max(ys[near] - np.maximum(xs[near] - x_px, 0.0) * SIN / COS))


def _apart(a: Slanted, b: Slanted, line_px: float) -> bool:
    """Two parallel strips do not touch: compared along the slant and across it."""
    along_a, along_b = (s.x_px * COS + s.y_px * SIN for s in (a, b))
    across = abs((a.x_px - b.x_px) * SIN - (a.y_px - b.y_px) * COS)
    overlap = min(along_a + a.width_px, along_b + b.width_px) - max(along_a, along_b)
    return across >= line_px or overlap < -0.5 * line_px


def row(
    centres_px: Sequence[float],
    texts: Sequence[str],
    width_of: Callable[[str], float],
    bounds_px: tuple[float, float],
    *,
    gap_px: float = 10.0,
) -> list[tuple[int, float]]:
    """Texts in one line: index and left edge of each that fits; the two ends come first.

    A text is centred on its place but pushed inside *bounds_px*, and may give way sideways
    by a quarter of its width.
    """
    taken: list[tuple[float, float]] = []
    placed = []
    last = len(texts) - 1
    for k in sorted(range(len(texts)), key=lambda k: (k not in (0, last), k)):
        width = width_of(texts[k])
        if not texts[k] or width > bounds_px[1] - bounds_px[0]:
            continue
        for aside in (0.0, -0.12, 0.12, -0.25, 0.25):
            left = centres_px[k] + (aside - 0.5) * width
            left = min(max(left, bounds_px[0]), bounds_px[1] - width)
            if all(left + width + gap_px <= low or left >= high + gap_px for low, high in taken):
                taken.append((left, left + width))
                placed.append((k, left))
                break
    return placed
