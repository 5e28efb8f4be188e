"""Where the names of places go: upright above the profile, never on each other.

Greedy, the most important first. A name stands as low as the profile below it allows; it
may step aside a little, its leader line then leans. What finds no room is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array

RANKS = {"life-base": 0, "start": 0, "finish": 0, "col": 1, "crew": 2, "aid": 3, "water": 4}
LAST = 5
LEADER_IN = 0.16  # the shortest line from a place to its name
CLEAR_IN = 0.04  # around a name
AIRY_IN = 0.13  # around a name that matters less
STEPS_ASIDE = (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)
FEW_ASIDE = STEPS_ASIDE[:5]
ASIDE_IN = 0.06  # a step
ASIDE_COST = 1.2  # inches of height that an inch aside is worth


@dataclass(frozen=True)
class Wish:
    """A name that wants room: its place on the profile, its kind, its length and thickness."""

    x_in: float
    y_in: float
    kind: str
    length_in: float
    thickness_in: float


@dataclass(frozen=True)
class Spot:
    """Room that was found: the middle of the name's foot, for the wish of that index."""

    index: int
    wish: Wish
    x_in: float
    y_in: float


@dataclass(frozen=True, eq=False)
class Ground:
    """What is around the names: the profile, the borders, the edges of the page."""

    profile_x_in: Array
    profile_y_in: Array
    walls_in: tuple[float, ...]
    left_in: float
    right_in: float
    top_in: float

    def height_in(self, left_in: float, right_in: float) -> float:
        """The profile's highest between two places; the floor where there is none."""
        first, last = np.searchsorted(self.profile_x_in, (left_in, right_in))
        return float(self.profile_y_in[max(first - 1, 0) : last + 1].max(initial=-np.inf))


def rank(kind: str) -> int:
    """The smaller, the sooner a place gets its name."""
    return RANKS.get(kind, LAST)


def place(wishes: Sequence[Wish], ground: Ground, *, airy: bool) -> list[Spot]:
    """Room for as many names as can be, from left to right.

    On an *airy* page only cols and bases may stand close and step far aside.
    """
    spots: list[Spot] = []

    def turn(k: int) -> tuple[int, float, float]:
        return rank(wishes[k].kind), -wishes[k].y_in, wishes[k].x_in

    for k in sorted(range(len(wishes)), key=turn):
        wish = wishes[k]
        if wish.length_in <= 0.0:
            continue
        minor = airy and rank(wish.kind) > RANKS["col"]
        clear, steps = (AIRY_IN, FEW_ASIDE) if minor else (CLEAR_IN, STEPS_ASIDE)
        tried = (Spot(k, wish, x, y) for x, y in _candidates(wish, ground, steps))
        spot = next((spot for spot in tried if _free(spot, ground, spots, clear)), None)
        if spot is not None:
            spots.append(spot)
    return sorted(spots, key=lambda spot: spot.x_in)


def _candidates(wish: Wish, ground: Ground, steps: Sequence[int]) -> list[tuple[float, float]]:
    """Feet for a name, the best first: low, and straight above the place."""
    reach = 0.5 * wish.thickness_in + CLEAR_IN
    found = []
    for step in steps:
        aside = ASIDE_IN * step
        x = wish.x_in + aside
        below = ground.height_in(x - reach, x + reach)
        y = max(below + 0.5 * LEADER_IN, wish.y_in + LEADER_IN)
        found.append((y - wish.y_in + ASIDE_COST * abs(aside), x, y))
    return [(x, y) for _, x, y in sorted(found)]


def _free(spot: Spot, ground: Ground, taken: Sequence[Spot], clear: float) -> bool:
    half = 0.5 * spot.wish.thickness_in
    inside = (
        spot.y_in + spot.wish.length_in <= ground.top_in
        and spot.x_in - half >= ground.left_in
        and spot.x_in + half <= ground.right_in
    )
    if not inside or any(abs(spot.x_in - wall) < half + CLEAR_IN for wall in ground.walls_in):
        return False
    return not any(_touch(spot, other, clear) for other in taken)


def _touch(a: Spot, b: Spot, clear: float) -> bool:
    """Two names too near, a leader that runs into a name, or two leaders that cross."""
    near = abs(a.x_in - b.x_in) < 0.5 * (a.wish.thickness_in + b.wish.thickness_in) + clear
    apart = (
        a.y_in >= b.y_in + b.wish.length_in + clear or b.y_in >= a.y_in + a.wish.length_in + clear
    )
    crossed = (a.wish.x_in - b.wish.x_in) * (a.x_in - b.x_in) < 0.0
    return (near and not apart) or crossed or _pierces(a, b) or _pierces(b, a)


def _pierces(a: Spot, b: Spot) -> bool:
    """Does the leader of *a* run into the name of *b*?"""
    low, high = max(a.wish.y_in, b.y_in), min(a.y_in, b.y_in + b.wish.length_in)
    if low > high:
        return False
    slope = (a.x_in - a.wish.x_in) / (a.y_in - a.wish.y_in)
    xs = [a.wish.x_in + slope * (y - a.wish.y_in) - b.x_in for y in (low, high)]
    half = 0.5 * b.wish.thickness_in + 0.5 * CLEAR_IN
    return min(xs) < half and max(xs) > -half
