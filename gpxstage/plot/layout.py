"""The place of everything on the page: rectangles and rows, in inches.

All stages of a race share one frame and one vertical scale: how tall the profile may be is
found from all of the race's names, so that the highest place still has room for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.plot.legs import Leg
    from gpxstage.plot.scene import Scene
    from gpxstage.units import Units

Needs = Sequence[tuple[float, float]]  # heights of ground, and how long the name above each is

LEADER_IN = 0.16  # the shortest line from a place to its name
LINE_IN = 0.175  # from one line of small words to the next
NAMES_IN = 0.07  # from the profile's ceiling to the bases' names
LEGEND_IN = 0.40  # what the legend takes at the foot
ROW_IN = 0.2
STRIP_IN, STRIP_GAP_IN = 0.19, 0.07
MARKS_IN, MARKS_GAP_IN, FIRST_GAP_IN = 0.165, 0.005, 0.05  # a row of pictograms or of distances
HIKED, SLEEPY, SLEEP, NEXT = "hiked", "sleepy", "sleep", "to next"  # strips below the profile
HOURS_GAP_IN = 0.09  # above the curve of hours

LEAST_RANGE_M, MOST_STRETCH_M = 400.0, 1600.0  # flat courses must not look alpine, nor long ones
RANGE_OF_LENGTH = 0.01
LEAST_SKY_IN = 2.0  # from the profile's foot to its ceiling
LEAST_SPARE_IN, MOST_PANELS_IN = 0.2, 2.6  # of sky that panels get, and how high they become
LEANING_IN = 0.25  # how much higher a name may be beside a steep slope
LEAST_PAGE_IN = 7.9  # a page with few rows has more room for its profile
LEAST_SHARE = 0.42  # of the height above the base that is the profile's, whatever the names are
LEVELS_IN = 0.4  # room in the right margin for the names of levels beside their curves


@dataclass(frozen=True)
class Sheet:
    """A page in inches of its layout, and how large these are on paper."""

    width_in: float
    height_in: float  # 0: as high as what is shown
    dpi: float  # pixels in an inch of paper
    left_in: float  # from the page's left edge to where the course starts
    right_in: float  # and to where it ends
    hours_in: float  # how high the curve of hours is; 0 for none
    scale: float = 1.0  # inches of paper for one of the layout
    panels_in: float = 0.0  # how high the panels at the foot are; 0 for none
    most_distances: int = 18  # numbers below the profile
    title_in: float = 0.43  # from the upper edge to the title's baseline
    head_in: float = 0.60  # and to all below the title
    names_in: float = 1.6  # longest name and height that the profile makes room for
    title_pt: float = 18.0
    facts_pt: float = 10.5
    margin_in: float = 0.0  # at the foot: printers leave it white
    compact: bool = False  # a glance: no figures by section, one row of moments

    @property
    def is_cut(self) -> bool:
        """Is a page only as high as what it shows?"""
        return self.height_in == 0.0


def _paper(width_mm: float, height_mm: float, scale: float) -> tuple[float, float]:
    """Width and height of a sheet of paper, in inches of its layout."""
    return width_mm / MM_PER_IN / scale, height_mm / MM_PER_IN / scale


MM_PER_IN = 25.4
PREVIEW, PRINT, POSTER = 6.0 / 7.0, 0.835, 1.25  # scales
RACE_ZONE_IN, STAGE_ZONE_IN = 3.5, 3.3  # from a profile's foot to its ceiling
SHEETS = {
    "screen": Sheet(14.0, 0.0, 150.0, 0.92, 13.62, 1.45),
    # 1200 x 630 pixels, what sites show beside a link
    "preview": Sheet(
        1200.0 / 140.0, 4.5, 140.0 / PREVIEW, 0.82, 8.3, 0.0, scale=PREVIEW,
        most_distances=11, title_in=0.36, head_in=0.68, title_pt=15.0, facts_pt=9.5, compact=True,
    ),
    # A4 across: the rows have the hours, the curve's room is the profile's
    "print": Sheet(
        *_paper(297.0, 210.0, PRINT), 300.0, 1.1, 13.62, 0.0, scale=PRINT,
        panels_in=1.1, names_in=2.0, margin_in=0.08,
    ),
    # A2 across, for a wall
    "poster": Sheet(
        *_paper(594.0, 420.0, POSTER), 200.0, 1.1, 18.33, 1.7, scale=POSTER,
        panels_in=1.8, names_in=2.0, margin_in=0.08,
        most_distances=24, title_pt=24.0, facts_pt=13.0, title_in=0.5, head_in=0.75,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class How:
    """How somebody wants a picture: its units, its page, what is across, and of what it is."""

    unit: Units
    sheet: Sheet
    across: str  # distance, time or clock
    same_scale: bool  # a kilometre, or an hour, is as wide in every stage
    index: int | None = None  # of the stage; None for the whole race

    @property
    def whole(self) -> bool:
        """Is it a picture of the whole race?"""
        return self.index is None


@dataclass(frozen=True)
class SectionText:
    """The words of a section: lines from above, its head, and the middle of both on the page."""

    lines: list[str]
    head: str
    middle_in: float


@dataclass(frozen=True)
class Sections:
    """The words of all sections and how many rows they take, the heads included."""

    shown: list[SectionText]
    rows: int
    upright: bool = False
    labels: tuple[str, ...] = ()  # at the left of the lines, from above
    elsewhere: str = ""  # the figures of sections without room above themselves


Bases = list[dict[int, float]]  # rows from below: a name's left end by the index of its border


@dataclass(frozen=True)
class PagePlan:
    """Which rows a page has, and the words of those above the profile.

    All stages of a race have the same number of rows, whatever their own words need.
    """

    sections: Sections
    bases: Bases
    section_rows: int
    name_rows: int
    strips: tuple[str, ...]  # below the profile, from above
    hours: bool  # the curve of hours with its band
    span_s: float  # of the curve of hours, at least; 0: as long as the picture's own
    rows: tuple[str, ...]  # of words below, from above; the first is that of the ticks


@dataclass(frozen=True)
class Frame:
    """Places on one page, and from metres to inches."""

    how: How
    plan: PagePlan
    height_in: float  # of the page
    width: float  # across the picture, in metres or seconds
    low_m: float
    high_m: float
    foot_in: float  # foot of the lowest axes
    hours_in: tuple[float, float]  # foot and ceiling of the curve of hours
    base_in: float  # foot of the profile
    top_in: float  # ceiling of the profile's axes
    relief_in: float  # from low_m to high_m

    @property
    def left_in(self) -> float:
        """Where the course starts on the page."""
        return self.how.sheet.left_in

    @property
    def right_in(self) -> float:
        """Where the page's axes end."""
        return self.how.sheet.right_in

    def x(self, at: float) -> float:
        """Where a place across the picture is on the page."""
        return self.left_in + (self.right_in - self.left_in) * at / self.width

    def at(self, x_in: float) -> float:
        """Which place across the picture is there on the page."""
        return self.width * (x_in - self.left_in) / (self.right_in - self.left_in)

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

    def strip_in(self, strip: str) -> float:
        """Foot of a strip."""
        above = self.plan.strips[: 1 + self.plan.strips.index(strip)]
        return self.base_in - strips_in(above)

    def row_in(self, row: int) -> float:
        """Baseline of a row of words below, from above."""
        return self.foot_in - 0.2 - ROW_IN * row - 0.04 * (row > 0)

    def box(self, base_in: float, top_in: float) -> tuple[float, float, float, float]:
        """A rectangle for axes, as shares of the figure."""
        high, sheet = self.height_in, self.how.sheet
        wide = (self.right_in - self.left_in) / sheet.width_in
        return self.left_in / sheet.width_in, base_in / high, wide, (top_in - base_in) / high


def strips_in(strips: Sequence[str]) -> float:
    """How high some strips are, with the gaps above them."""
    tall = sum(strip in (HIKED, SLEEPY) for strip in strips)
    small = len(strips) - tall
    first_in = FIRST_GAP_IN * (small > 0)
    return first_in + (STRIP_IN + STRIP_GAP_IN) * tall + (MARKS_IN + MARKS_GAP_IN) * small


def lay_out(how: How, plan: PagePlan, width: float, race: Scene, needs: Needs) -> Frame:
    """The frame of a page on which the picture is so wide; *race* is the whole race.

    A page that no printer has a size for is cut where the sky over a gentle course would be
    empty; a printed one gives that room to its panels.
    """
    sheet, range_m = how.sheet, vertical_m(race.legs, centred=not how.sheet.is_cut)
    y = sheet.margin_in + LEGEND_IN + 0.12 + sheet.panels_in
    y += ROW_IN * (len(plan.rows) - 1) + 0.04 * (len(plan.rows) > 1) + 0.2
    foot_in = y
    hours_in = (y, y + sheet.hours_in * plan.hours)
    y = hours_in[1] + HOURS_GAP_IN * plan.hours
    y += strips_in(plan.strips)
    rows = plan.section_rows * LINE_IN + 0.05 * (plan.section_rows > 0) + plan.name_rows * LINE_IN
    above_in = sheet.head_in + rows + NAMES_IN
    zone_in = max(RACE_ZONE_IN if how.whole else STAGE_ZONE_IN, LEAST_PAGE_IN - y - above_in)
    top_in = y + zone_in if sheet.is_cut else sheet.height_in - above_in
    relief_in = _relief_in(top_in - y, range_m, needs)
    spare_in = top_in - y - max(_used_in(relief_in, range_m, race.legs, needs), LEAST_SKY_IN)
    if spare_in > LEAST_SPARE_IN and 0.0 < sheet.panels_in < MOST_PANELS_IN:
        more = replace(sheet, panels_in=min(sheet.panels_in + spare_in, MOST_PANELS_IN))
        return lay_out(replace(how, sheet=more), plan, width, race, needs)
    if sheet.is_cut:
        top_in -= max(spare_in, 0.0)
    high_in = top_in + above_in
    return Frame(how, plan, high_in, width, *range_m, foot_in, hours_in, y, top_in, relief_in)


def _relief_in(room_in: float, range_m: tuple[float, float], needs: Needs) -> float:
    """How tall the profile may be so that each name fits between its place and the ceiling."""
    low_m, high_m = range_m
    relief_in = room_in - 0.12
    for ground_m, length_in in needs:
        share = max((ground_m - low_m) / (high_m - low_m), 1e-6)
        relief_in = min(relief_in, (room_in - length_in - LEADER_IN - 0.02) / share)
    return max(relief_in, LEAST_SHARE * room_in)


def _used_in(
    relief_in: float,
    range_m: tuple[float, float],
    legs: Sequence[Leg],
    needs: Needs,
) -> float:
    """How high above the profile's foot anything is drawn."""
    low_m, high_m = range_m
    known = [leg.profile for leg in legs if leg.profile.cells is not None]
    tops = [(float(profile.elevation_m.max()), 0.1) for profile in known]
    named = [(ground_m, length_in + LEADER_IN + LEANING_IN) for ground_m, length_in in needs]
    scale = relief_in / (high_m - low_m)
    return max(((m - low_m) * scale + above_in for m, above_in in tops + named), default=0.0)


def vertical_m(legs: Sequence[Leg], *, centred: bool = False) -> tuple[float, float]:
    """Lowest and highest altitude that is drawn: one range for every stage of a race.

    With *centred*, a gentle course has no more room above than below.
    """
    known = [leg.profile for leg in legs if leg.profile.cells is not None]
    if not known:
        return 0.0, LEAST_RANGE_M
    low = float(min(profile.elevation_m.min() for profile in known))
    high = float(max(profile.elevation_m.max() for profile in known))
    length_m = sum(profile.length_m for profile in known)
    least = max(LEAST_RANGE_M, min(RANGE_OF_LENGTH * length_m, MOST_STRETCH_M))
    span = max(high - low, least)
    step = 500.0 if span > 1500.0 else 100.0
    below = max(0.06 * span, 0.5 * (span - (high - low)) * centred)
    floor = step * np.floor((low - below) / step)
    if 0.0 <= low < 0.35 * span:
        floor = 0.0  # near the sea the sea is the honest floor
    floor = max(floor, 0.0) if low >= 0.0 else floor
    return float(floor), float(max(high, floor + least))
