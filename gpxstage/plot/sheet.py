"""The sizes of a picture: for a screen, for a post, for paper."""

from __future__ import annotations

from dataclasses import dataclass

ANOTHER_STRIP_IN = 0.26


@dataclass(frozen=True)
class Sheet:
    """A page in inches, and how many pixels an inch has."""

    width_in: float
    race_in: float  # how high the picture of a race is
    stage_in: float  # and that of a stage
    dpi: float
    left_in: float  # from the page's left edge to where the course starts
    right_in: float  # and to where it ends
    hours_in: float  # how high the curve of hours is; 0 for none
    panels_in: float = 0.0  # how high the panels at the foot are; 0 for none
    most_distances: int = 18  # numbers below the profile
    title_in: float = 0.43  # from the upper edge to the title's baseline
    head_in: float = 0.60  # and to all below the title
    title_pt: float = 18.0
    facts_pt: float = 10.5
    compact: bool = False  # a glance: no figures by section, one row of moments

    @property
    def is_cut(self) -> bool:
        """May a page be higher or lower than that?"""
        return not (self.compact or self.panels_in)

    def more_in(self, *, hours: bool, strips: int) -> float:
        """What a page is higher for a second strip, lower without the curve of hours."""
        if not self.is_cut:
            return 0.0
        return ANOTHER_STRIP_IN * (strips - 1) - self.hours_in * (not hours)


SHEETS = {
    "screen": Sheet(14.0, 7.6, 6.9, 150.0, 0.92, 13.62, 0.95),
    # 1200 x 630 pixels, what sites show beside a link
    "preview": Sheet(
        7.2, 3.78, 3.78, 1200.0 / 7.2, 0.74, 6.98, 0.0, most_distances=9,
        title_in=0.36, head_in=0.7, title_pt=14.0, facts_pt=8.5, compact=True,
    ),
    # A4 across
    "print": Sheet(
        11.69, 8.27, 8.27, 300.0, 0.92, 11.35, 0.8, panels_in=1.5, most_distances=14, facts_pt=9.5
    ),
}  # fmt: skip
