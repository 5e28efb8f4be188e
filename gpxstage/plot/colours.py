"""The colours of a picture, and what they stand for.

Grades use one diverging scale on the bands of the tables: blue down, pale flat, orange to
red up. Each arm darkens with steepness, so that a grey print still ranks the grades, and
blue against orange is told apart by all the common kinds of colour blindness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.profile import GRADE_EDGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array

INK = "#1b2533"
SOFT = "#5d6878"  # text that steps back
FAINT = "#9aa4b2"
RULE = "#3b4657"
NIGHT = "#e0e4ef"
BAND = "#b9c4d6"  # from p10 to p90
STOPPED = "#a3aab5"  # where the clock runs and nobody moves
STAMP = "#9c3d22"

GRADE_COLOURS = (
    "#1d4e83",  # below -30 %
    "#4583ba",
    "#8ab6da",
    "#c3dcec",
    "#f2ecdf",  # -5 to 5 %
    "#fad9a0",
    "#f0a65a",
    "#d9642f",
    "#a02c1c",  # above 30 %
)
RUN = "#eef1ee"
HIKE = "#1f6d48"
AWAKE, SLEEPY = "#f1eff4", "#4a2a70"
AWAKE_KSS, SLEEPY_KSS = 5.0, 9.0  # Karolinska scale: neither alert nor sleepy, fighting sleep


def rgb(colour: str) -> Array:
    """A colour's three channels, 0 to 1."""
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64) / 255.0


def grade_colours(grade: Array) -> NDArray[np.float64]:
    """(n, 3) colours of n grades, by band."""
    table = np.array([rgb(colour) for colour in GRADE_COLOURS])
    colours: NDArray[np.float64] = table[np.digitize(grade, GRADE_EDGES)]
    return colours


def hike_colours(share: Array) -> NDArray[np.float64]:
    """(n, 3) colours of n hiked shares: pale where all is run, deep green where all is hiked."""
    return _between(RUN, HIKE, share)


def sleep_colours(kss: Array) -> NDArray[np.float64]:
    """(n, 3) colours of n degrees of sleepiness: pale while awake, deep violet near sleep."""
    return _between(AWAKE, SLEEPY, (kss - AWAKE_KSS) / (SLEEPY_KSS - AWAKE_KSS))


def _between(pale: str, deep: str, share: Array) -> NDArray[np.float64]:
    part = np.clip(share, 0.0, 1.0)[:, None]
    colours: NDArray[np.float64] = (1.0 - part) * rgb(pale) + part * rgb(deep)
    return colours
