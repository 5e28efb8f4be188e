"""A raw track -> a track fit to measure, and a note of every repair.

The rules, in order; every threshold is judgement, a named constant of the module that holds
the rule, fitted so that planned courses keep all their points and elevations.

The clock (``clock``): the times of a route are ignored. Times that are all the same, before
2000 or run backwards are no recording: dropped. Some points without time: told.

Positions (``position``)
    - repeated points (the coordinates of the one before): dropped, the first is kept;
    - teleports: a step over 500 m that is 10 times as long as those around it and faster than
      15 m/s, or 50 times as long where no clock can tell. Out and back within three points:
      the points are dropped. A jump that stays away becomes a gap, which is not counted, but
      up to 5 km it is walked where no clock can tell: a plan draws ferries and roads so.
      More than 50 km are never walked. A long straight step that is counted is told;
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
      at an end of the track one side is enough, 20 m and 1.5 m per metre;
    - a run of one value that begins and ends with an impossible step: missing;
    - an impossible step that stays, where two of one size cancel, or the clock, a pause or its
      size leave no doubt: a gap, whose height is not counted. Other steps of over 40 m: told;
    - all of them 0, or under 20 % of the points: none at all, so no climb.

What is only told: a mean step over 250 m, a quarter of the length in steps over 500 m, segments
joined over gaps of more than 100 m or 10 m of height, 100 m steeper than 70 %, a loop that ends
30 m above or below its start, and a steep step at an end. Over 5,000 km no track is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean import clock, doubts, elevation, position, resets
from gpxstage.clean.finding import Finding, along_m, counted
from gpxstage.course import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array, Track

__all__ = ["fold", "repair"]

COARSE_M = 250.0  # judgement: a mean step longer than this cuts bends and passes over climbs
GAPS_M = 100.0  # judgement: gaps that add up to less are not worth a line
FEW_SEGMENTS, MANY_SEGMENTS = 3, 500  # judgement: which may be out of order, and are compared
GAPS_HEIGHT_M = 10.0  # judgement: nor is less height
LONGEST_M = 5_000_000.0  # judgement: the Pacific Crest Trail has 4,270 km; it bounds the grid
PAGE_LINES = 40  # judgement: what fits a screen


def repair(track: Track, where: str, *, repairs: bool = True) -> tuple[Track, tuple[str, ...]]:
    """Make a track fit to measure; each note is a line that begins with *where*.

    Without *repairs* only what could not be used is changed (times that are no clock, too few
    elevations); the notes tell what was found. Raises CourseError when fewer than two
    different points are left.
    """
    notes: list[str] = []
    fixed = track
    while True:
        for rule in RULES:
            if len(fixed) > 1 and (finding := rule(fixed)) is not None:
                if repairs or finding.always:
                    fixed = finding.track
                notes.append(finding.note(repairs))
        if not repairs or len(fixed) < 2 or position.repeated(fixed) is None:
            break  # else a point that was kept for its elevation has lost it
    along = along_m(fixed) if len(fixed) else np.zeros(1)
    length_m = float(along[-1])
    if length_m == 0.0:
        raise CourseError(f"{where}: a track needs at least two different points")
    if length_m > LONGEST_M:
        raise CourseError(
            f"{where}: measures {length_m / 1000:,.0f} km: a track of over"
            f" {LONGEST_M / 1000:,.0f} km is no course on foot"
        )
    found = [doubt(fixed, along) for doubt in DOUBTS]
    notes += [doubt.text for doubt in found if doubt is not None]
    notes += [*_gaps(track), *_disorder(track), *_coarse(len(fixed), length_m)]
    return fixed, tuple(f"{where}: {note}" for note in dict.fromkeys(notes) if note)


def shortened(notes: Sequence[str], limit: int = PAGE_LINES) -> tuple[str, ...]:
    """At most *limit* lines: the last one counts those left out."""
    if len(notes) <= limit:
        return tuple(notes)
    shown = max(limit - 1, 0)
    return (*notes[:shown], f"and {len(notes) - shown} more")


def _gaps(track: Track) -> list[str]:
    """Segments of the file as it is, where what lies between them adds up to something."""
    starts = track.segment_starts[1:]
    ends = np.sort(np.concatenate([starts - 1, starts]))
    gaps_m = geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[::2].sum()
    height_m = float(np.nansum(np.abs(track.elevation_m[starts] - track.elevation_m[starts - 1])))
    if gaps_m <= GAPS_M and height_m <= GAPS_HEIGHT_M:
        return []
    count = counted(len(track.segment_starts), "segment")
    height = f" with {height_m:,.0f} m of height" if height_m > GAPS_HEIGHT_M else ""
    return [f"{count} joined; the gaps, {gaps_m / 1000:,.1f} km in all{height}, are not counted"]


def _disorder(track: Track) -> list[str]:
    """Segments that would join in another order, or one of them the other way round."""
    count = len(track.segment_starts)
    if not FEW_SEGMENTS <= count <= MANY_SEGMENTS:
        return []
    first, last = track.segment_starts, np.append(track.segment_starts[1:], len(track)) - 1
    starts = track.lat_deg[first], track.lon_deg[first]
    ends = track.lat_deg[last], track.lon_deg[last]
    joins = geo.near_pairs(ends, starts, GAPS_M)
    order = geo.chain(joins)
    if order is not None and order != list(range(count)) and not np.diagonal(joins, 1).all():
        return ["its segments join in another order than that of the file: check the file"]
    end_end, start_start = (geo.near_pairs(e, e, GAPS_M) for e in (ends, starts))
    backwards = [
        k + 1
        for k in range(1, count - 1)
        if end_end[k - 1, k] and start_start[k, k + 1]
        if not joins[k - 1, k] and not joins[k, k + 1]
    ]
    return [f"its segment {k} would join the other way round: check the file" for k in backwards]


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
    resets.resets,
    elevation.coverage,
)

DOUBTS: tuple[Callable[[Track, Array], Finding | None], ...] = (
    doubts.ends,
    doubts.too_steep,
    doubts.drift,
    doubts.coarse_part,
)
