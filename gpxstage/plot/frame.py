"""Where everything stands on the page: rectangles and rows, in inches.

All stages of a race share one frame and one vertical scale: how tall the profile may be is
found from all of the race's names, so that the highest place still has room for its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.plot.labels import LEADER_IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.plot.scene import Leg

WIDTH_IN, RACE_IN, STAGE_IN = 14.0, 6.0, 5.0
LEFT_IN, RIGHT_IN = 0.92, 13.62
MARGIN_IN = 0.12  # nothing is nearer to the edge of the page

TITLE_IN = 0.43  # from the upper edge to the title's baseline
HEAD_IN = 0.60  # from the upper edge to all below the title
LINE_IN = 0.175  # from one line of small words to the next
NAMES_IN = 0.07  # from the profile's ceiling to the bases' names
LEGEND_IN = 0.40  # what the legend takes at the foot
ROW_IN = 0.2
STRIP_IN = 0.19

LEAST_RANGE_M, MOST_STRETCH_M = 400.0, 1000.0  # flat courses must not look alpine, nor long ones
RANGE_OF_LENGTH = 0.006
LEAST_SHARE = 0.5  # of the height above the base that is the profile's, whatever the names are


@dataclass(frozen=True)
class Plan:
    """Which rows the pictures of a race have: the same for all of its stages."""

    height_in: float
    section_rows: int
    name_rows: int
    strip: bool
    hours: bool
    clocks: bool


@dataclass(frozen=True)
class Frame:
    """Places on one page, and from metres to inches."""

    plan: Plan
    length_m: float
    low_m: float
    high_m: float
    km_in: float  # baseline of the distances
    hours_in: float
    clocks_in: float
    strip_in: float  # foot of the hiked strip
    base_in: float  # foot of the profile
    top_in: float  # ceiling of the profile's axes
    relief_in: float  # from low_m to high_m

    def x(self, at_m: float) -> float:
        """Where a distance is across the page."""
        return LEFT_IN + (RIGHT_IN - LEFT_IN) * at_m / self.length_m

    def y(self, height_m: float) -> float:
        """Where a height is on the page."""
        share = (height_m - self.low_m) / (self.high_m - self.low_m)
        return self.base_in + self.relief_in * share

    @property
    def top_m(self) -> float:
        """The height at the ceiling."""
        scale = (self.high_m - self.low_m) / self.relief_in
        return self.low_m + scale * (self.top_in - self.base_in)

    def names_in(self, row: int) -> float:
        """Baseline of a row of bases' names, from below."""
        return self.top_in + NAMES_IN + LINE_IN * row

    def section_in(self, row: int) -> float:
        """Baseline of a row of the sections' figures, from below."""
        return self.names_in(self.plan.name_rows) + 0.05 + LINE_IN * row

    def box(self, base_in: float, top_in: float) -> tuple[float, float, float, float]:
        """A rectangle for axes, as shares of the figure."""
        high = self.plan.height_in
        wide = (RIGHT_IN - LEFT_IN) / WIDTH_IN
        return LEFT_IN / WIDTH_IN, base_in / high, wide, (top_in - base_in) / high


def lay_out(
    plan: Plan,
    length_m: float,
    range_m: tuple[float, float],
    needs: Iterable[tuple[float, float]],
) -> Frame:
    """The frame of a page; *needs* are heights of ground and how long the name above each is."""
    y = LEGEND_IN + 0.12
    hours_in = y
    y += ROW_IN * plan.hours
    clocks_in = y
    y += ROW_IN * plan.clocks + 0.04
    km_in = y
    y += 0.2
    strip_in = y
    y += (STRIP_IN + 0.07) * plan.strip
    rows = plan.section_rows * LINE_IN + 0.05 * (plan.section_rows > 0) + plan.name_rows * LINE_IN
    top_in = plan.height_in - HEAD_IN - rows - NAMES_IN
    relief_in = _relief_in(top_in - y, range_m, needs)
    low_m, high_m = range_m
    return Frame(
        plan, length_m, low_m, high_m, km_in, hours_in, clocks_in, strip_in, y, top_in, relief_in
    )


def _relief_in(
    room_in: float, range_m: tuple[float, float], needs: Iterable[tuple[float, float]]
) -> float:
    """How tall the profile may be so that each name fits between its place and the ceiling."""
    low_m, high_m = range_m
    relief_in = room_in - 0.12
    for ground_m, length_in in needs:
        share = max((ground_m - low_m) / (high_m - low_m), 1e-6)
        relief_in = min(relief_in, (room_in - length_in - LEADER_IN - 0.02) / share)
    return max(relief_in, LEAST_SHARE * room_in)


def vertical_m(legs: Sequence[Leg]) -> tuple[float, float]:
    """Lowest and highest altitude that is drawn: one range for every stage of a race."""
    known = [leg.profile for leg in legs if leg.profile.cells is not None]
    if not known:
        return 0.0, LEAST_RANGE_M
    low = float(min(profile.elevation_m.min() for profile in known))
    high = float(max(profile.elevation_m.max() for profile in known))
    longest_m = max(profile.length_m for profile in known)
    least = max(LEAST_RANGE_M, min(RANGE_OF_LENGTH * longest_m, MOST_STRETCH_M))
    span = max(high - low, least)
    step = 500.0 if span > 1500.0 else 100.0
    floor = step * np.floor((low - 0.06 * span) / step)
    if 0.0 <= low < 0.35 * span:
        floor = 0.0  # near the sea the sea is the honest floor
    return float(floor), float(max(high, floor + least))
