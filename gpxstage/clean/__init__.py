"""A raw track -> a track fit to measure, and a note of every repair.

The rules, in order; every threshold is judgement, a named constant of the module that holds
the rule, fitted so that planned courses keep all their points and elevations.

The clock (``clock``): the times of a route are ignored. Times that are all the same, before
2000 or run backwards are no recording: dropped. Some points without time: told.

Positions (``position``)
    - repeated points (the coordinates of the one before): dropped, the first is kept;
    - teleports: a step over 500 m that is 10 times as long as those around it and faster than
      15 m/s, or 50 times as long where no clock can tell. Out and back within three points:
      the points are dropped. A jump that stays away becomes a gap, which is not counted;
    - a cloud: 20 points or more within 30 m of a place, within 10 m of height, over 150 m
      long: collapsed where the clock shows three minutes there, else only told.

Elevations (``elevation``)
    - missing in the file: told, with the longest stretch; measuring interpolates over distance,
      level at both ends;
    - below -500 m or above 9,000 m: missing;
    - exactly 0, more than 50 m from its neighbours and at least half as steep as the steepest
      possible way: missing;
    - a spike, up to three points or 100 m that stand out from both neighbours by more than
      20 m, impossibly steeply on both sides (2.5 m per metre, less over long steps): missing;
    - all of them 0, or under 20 % of the points: none at all, so no climb.

What is only told: a mean step over 250 m, and segments joined over gaps of more than 100 m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean import clock, elevation, position
from gpxstage.clean.finding import Finding, along_m, counted
from gpxstage.course import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Track

__all__ = ["fold", "repair"]

COARSE_M = 250.0  # judgement: a mean step longer than this cuts bends and passes over climbs
GAPS_M = 100.0  # judgement: gaps that add up to less are not worth a line
PAGE_LINES = 40  # judgement: what fits a screen


def repair(track: Track, where: str, *, repairs: bool = True) -> tuple[Track, tuple[str, ...]]:
    """Make a track fit to measure; each note is a line that begins with *where*.

    Without *repairs* only what could not be used is changed (times that are no clock, too few
    elevations); the notes tell what was found. Raises CourseError when fewer than two
    different points are left.
    """
    notes = []
    fixed = track
    for rule in RULES:
        if len(fixed) > 1 and (finding := rule(fixed)) is not None:
            if repairs or finding.always:
                fixed = finding.track
            notes.append(finding.note(repairs))
    length_m = float(along_m(fixed)[-1]) if len(fixed) else 0.0
    if length_m == 0.0:
        raise CourseError(f"{where}: a track needs at least two different points")
    notes += [*_gaps(track), *_coarse(len(fixed), length_m)]
    return fixed, tuple(f"{where}: {note}" for note in notes if note)


def fold(notes: Sequence[str], limit: int = PAGE_LINES) -> tuple[str, ...]:
    """At most *limit* lines: the last one counts those left out."""
    if len(notes) <= limit:
        return tuple(notes)
    shown = max(limit - 1, 0)
    return (*notes[:shown], f"and {len(notes) - shown} more")


def _gaps(track: Track) -> list[str]:
    """Segments of the file as it is, where what lies between them adds up to something."""
    ends = np.sort(np.concatenate([track.segment_starts[1:] - 1, track.segment_starts[1:]]))
    gaps_m = geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[::2].sum()
    if gaps_m <= GAPS_M:
        return []
    count = counted(len(track.segment_starts), "segment")
    return [f"{count} joined; the gaps, {gaps_m / 1000:,.1f} km in all, are not counted"]


def _coarse(points: int, length_m: float) -> list[str]:
    if length_m <= COARSE_M * (points - 1):
        return []
    rough = f"only {points:,} points for {length_m / 1000:,.1f} km"
    return [f"{rough}, straight lines between them: length and climb are rough"]


RULES: tuple[Callable[[Track], Finding | None], ...] = (
    clock.clock,
    position.repeated,
    position.teleports,
    position.clouds,
    elevation.holes,
    elevation.implausible,
    elevation.dropouts_and_spikes,
    elevation.coverage,
)
