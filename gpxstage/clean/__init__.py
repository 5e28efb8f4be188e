"""A raw track -> a track fit to measure, and a note of every repair and every doubt.

The rules, in order. Every threshold is judgement: a named constant of the module that holds the
rule, fitted so that planned courses keep all their points and elevations.

The clock (``position``): the times of a route are ignored. Times that are all the same, before
2000 or run backwards are no recording and are dropped. Up to 2 % of them that do not fit the
others are dropped alone. Some points without a time are noted.

Positions (``position``)
    - repeated points (the coordinates of the one before): dropped, the first is kept;
    - teleports: a step over 500 m that is 10 times as long as those around it and faster than
      15 m/s, or 50 times as long where there is no clock. Out and back within three points:
      the points are dropped. A jump that stays away becomes a gap, which is not counted, but
      up to 5 km it is walked where there is no clock: a plan draws ferries and roads so.
      More than 50 km are never walked. A long straight step that is counted is noted;
    - a cloud (``resting``): 20 points or more within 30 m of a place, within 10 m of height, over
      150 m long: collapsed where the clock shows three minutes there, else only noted. Half an
      hour within 200 m of a place, over 1 km long, that turns at every point is collapsed, too.

Elevations (``elevation``)
    - missing in the file: noted, with the longest stretch; measuring interpolates over distance,
      level at both ends;
    - below -500 m or above 9,000 m: missing;
    - exactly 0, more than 50 m from its neighbours and at least half as steep as the steepest
      possible way: missing;
    - a spike, up to three points or 100 m that differ from both neighbours by more than
      20 m, impossibly steeply on both sides (2.5 m per metre, less over long steps): missing;
      at an end of the track one side is enough, 20 m and 1.5 m per metre;
    - a run of one value that begins and ends with an impossible step: missing;
    - an impossible step that stays, where two of one size cancel, or the clock, a pause or its
      size leave no doubt: a gap, whose height is not counted. Other steps of over 40 m are noted;
    - all of them 0, or under 20 % of the points: none at all, so no climb.

Doubts that nothing proves are only noted (here): a mean step over 250 m, a quarter of the length
in steps over 500 m, coordinates so rounded that they add 2 % to the length, a fifth of the
length to and fro from point to point, segments joined over gaps of more than 100 m or 10 m of
height or in a doubtful order, 100 m steeper than 70 %, 2 km of one elevation on hilly ground, a
loop that ends 30 m above or below its start, and a steep step at an end. A track of over 5,000 km
is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean import elevation, position
from gpxstage.clean.finding import Finding, near
from gpxstage.clean.resting import clouds, turns
from gpxstage.course import CourseError, gap_heights_m, track_distance_m
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array, Track

COARSE_M = 250.0  # judgement: a mean step longer than this cuts bends and passes over climbs
GAPS_M = 100.0  # judgement: gaps that add up to less are not worth a line
GAPS_HEIGHT_M = 10.0  # judgement: nor is less height
FEW_SEGMENTS, MANY_SEGMENTS = 3, 500  # judgement: which may be out of order, and are compared
LONGEST_M = 5_000_000.0  # judgement: the Pacific Crest Trail has 4,270 km; it bounds the grid
WINDOW_M = 100.0  # of the steepest grade that is reported
NOBODY_GRADE = 0.70  # judgement: 35 degrees on the mean of 100 m; the steepest races reach 0.6
GRID_M, SIGMA_M = 10.0, 30.0  # of the definition of gain
LOOP_M = 50.0  # judgement: who comes back so near is at the place of the start
LOOP_LEAST_M = 1000.0  # judgement: a shorter track is no loop
DRIFT_M = 30.0  # judgement: a receiver errs by less on most days
END_POINTS = 3  # judgement: steps at an end that are looked at
END_M, END_GRADE = 20.0, 1.2  # judgement: at an end, a step of more and steeper is in doubt
LONG_M, LONG_SHARE = 500.0, 0.25  # judgement: where steps so long are such a share of the length
ROUNDED_SHARE = 0.02  # judgement: recordings of five decimals add up to 0.9 % to their lengths
DECIMALS = range(2, 6)  # that coordinates may be rounded to and show it
TO_AND_FRO = 0.2  # judgement: of the length; a sketch of 160 m steps over mountains has 0.16
SHARP_COS, SHARP_M, SHARP_TURNS = -0.5, 1.0, 20  # judgement: 120 degrees, steps that have a side
LEVEL_M, LEVEL_POINTS = 2000.0, 20  # judgement: one elevation for longer is no mountain ground ...
HILLY = 0.05  # judgement: ... where the rest climbs and descends so much; lakes and moors do less
PAGE_LINES = 40  # judgement: what fits a screen

RULES: tuple[Callable[[Track], Finding | None], ...] = (
    position.clock,
    position.repeated,
    position.teleports,
    clouds,
    elevation.holes,
    elevation.implausible,
    elevation.dropouts_and_spikes,
    elevation.resets,
    elevation.coverage,
)


def repair(track: Track, where: str, *, repairs: bool = True) -> tuple[Track, tuple[str, ...]]:
    """Make a track fit to measure; each note is a line that begins with *where*.

    Without *repairs* only what could not be used is changed (times that are no clock, too few
    elevations); the notes name what was found. Raises CourseError when fewer than two
    different points are left, or when the track is longer than 5,000 km.
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
    along = track_distance_m(fixed) if len(fixed) else np.zeros(1)
    length_m = float(along[-1])
    if length_m == 0.0:
        raise CourseError(f"{where}: a track needs at least two different points")
    if length_m > LONGEST_M:
        raise CourseError(
            f"{where}: measures {length_m / 1000:,.0f} km: a track of over"
            f" {LONGEST_M / 1000:,.0f} km is no course on foot"
        )
    notes += [doubt(fixed, along) for doubt in DOUBTS]
    notes += [_gaps(track), *_disorder(track), _coarse(len(fixed), length_m)]
    return fixed, tuple(f"{where}: {note}" for note in dict.fromkeys(notes) if note)


def shortened(notes: Sequence[str], limit: int = PAGE_LINES) -> tuple[str, ...]:
    """At most *limit* lines: the last one counts those left out."""
    if len(notes) <= limit:
        return tuple(notes)
    shown = max(limit - 1, 0)
    return (*notes[:shown], f"and {len(notes) - shown} more")


def _ends(track: Track, along: Array) -> str:
    """A step at the start or the end that is steep, but not surely wrong."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(known) < 2 * END_POINTS + 2:
        return ""
    walked = np.diff((track.elevation_m - gap_heights_m(track, along))[known])
    along = along[known]
    steep = np.flatnonzero(np.abs(walked) > np.maximum(END_M, END_GRADE * np.diff(along)))
    places = steep[(steep < END_POINTS) | (steep >= len(walked) - END_POINTS)]
    if len(places) == 0:
        return ""
    rise_m = float(np.abs(walked[places]).max())
    where = near(along[places + 1])
    return f"the elevation at its start or end steps by {rise_m:,.0f} m {where}: in doubt"


def _too_steep(track: Track, along: Array) -> str:
    """Places where 100 m are steeper than anyone climbs, as the profile measures them."""
    known = np.isfinite(track.elevation_m)
    if not known.any() or along[-1] < WINDOW_M:
        return ""
    nodes = geo.even_grid(along[-1], GRID_M)
    level = (track.elevation_m - gap_heights_m(track, along))[known]
    even = np.interp(nodes, along[known], level)
    cells = round(WINDOW_M / nodes[1])
    raw_rise_m = np.abs(even[cells:] - even[:-cells])  # smoothing makes no window steeper
    if len(raw_rise_m) == 0 or raw_rise_m.max() < 0.9 * NOBODY_GRADE * WINDOW_M:
        return ""
    smooth = geo.smooth(even, SIGMA_M / nodes[1])
    start = nodes[nodes <= nodes[-1] - WINDOW_M]
    rise = np.interp(start + WINDOW_M, nodes, smooth) - np.interp(start, nodes, smooth)
    grade = np.abs(rise) / WINDOW_M
    steep = grade >= NOBODY_GRADE
    if not steep.any():
        return ""
    return (
        f"100 m with a grade of {100.0 * grade.max():,.0f} %, steeper than anyone climbs:"
        f" the elevations are in doubt {near(start[steep] + 0.5 * WINDOW_M)}"
    )


def _drift(track: Track, along: Array) -> str:
    """A way that ends where it starts, at another elevation: the altimeter drifted."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(known) == 0 or along[-1] < LOOP_LEAST_M:
        return ""
    ends = known[[0, -1]]
    apart_m = float(geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[0])
    drift_m = abs(float(np.diff(track.elevation_m[ends])[0]))
    if apart_m > LOOP_M or drift_m < max(DRIFT_M, apart_m) or along[ends[1]] < LOOP_LEAST_M:
        return ""
    return (
        f"starts and ends at one place, with elevations that differ by {drift_m:,.0f} m:"
        " climb or descent is wrong by as much"
    )


def _coarse_part(track: Track, along: Array) -> str:
    """A good part of the length in long straight lines, where the mean step is not long."""
    step_m = np.diff(along)
    long = step_m > LONG_M
    long_m = float(step_m[long].sum())
    if long_m < LONG_SHARE * along[-1] or along[-1] > 0.5 * LONG_M * len(step_m):
        return ""
    return (
        f"{long_m / 1000.0:,.1f} of {along[-1] / 1000.0:,.1f} km are straight lines of more than"
        f" {LONG_M:,.0f} m {near(along[:-1][long])}: length and climb are rough there"
    )


def _are_rounded(degrees: Array, decimals: int) -> bool:
    for part in (degrees[:PAGE_LINES], degrees):  # most tracks show it at once
        off = part * 10.0**decimals
        off -= np.rint(off)
        if np.abs(off, out=off).max() > 1e-6:
            return False
    return True


def _rounded(track: Track, along: Array) -> str:
    """Coordinates of few decimals: each step errs sideways, and the way becomes a staircase.

    Rounding to a side errs by a twelfth of its square at both ends of a step, half of it across.
    """
    for decimals in DECIMALS:
        if all(_are_rounded(degrees, decimals) for degrees in (track.lat_deg, track.lon_deg)):
            break
    else:
        return ""
    sides_m = [float(m[0]) * 10.0**-decimals for m in geo.metric_m_per_deg(track.lat_deg[:1])]
    step_m = np.diff(along)
    longer_m = (sides_m[0] ** 2 + sides_m[1] ** 2) / 24.0 / step_m[step_m > 0.0]
    share = float(longer_m.sum()) / float(along[-1])
    if share < ROUNDED_SHARE:
        return ""
    return (
        f"its coordinates have {decimals} decimals, so it goes in stairs of {max(sides_m):,.0f} m:"
        f" its length is too long, by {100.0 * share:.0f} % or more"
    )


def _to_and_fro(track: Track, along: Array) -> str:
    """Points out of order, or noise: the way turns back at point after point."""
    there_m, count = 0.0, 0
    for first in range(0, len(track) - 1, geo.BLOCK):
        last = min(first + geo.BLOCK, len(track) - 1)
        ahead, lesser_m = turns(track, along, first, last)  # none at a gap
        sharp = (lesser_m > SHARP_M) & (ahead < SHARP_COS)
        sharp &= np.append(sharp[1:], False) | np.append(False, sharp[:-1])  # a hairpin is alone
        there_m += float(lesser_m[sharp].sum())
        count += int(np.count_nonzero(sharp))
    share = there_m / float(along[-1])
    if share < TO_AND_FRO or count < SHARP_TURNS:
        return ""
    return (
        f"{100.0 * share:.0f} % of its length goes to and fro, from point to point: points out of"
        " order, or a poor receiver: its length is too long"
    )


def _level(track: Track, along: Array) -> str:
    """One elevation for kilometres, on ground that is hilly elsewhere: the altimeter froze."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(known) < LEVEL_POINTS or along[-1] < LEVEL_M:
        return ""
    walked = np.diff((track.elevation_m - gap_heights_m(track, along))[known])
    if np.count_nonzero(walked == 0.0) < LEVEL_POINTS:
        return ""
    at_m = along[known]
    change = np.flatnonzero(walked != 0.0)
    first, last = np.append(0, change + 1), np.append(change, len(walked))
    long = (at_m[last] - at_m[first] > LEVEL_M) & (last - first >= LEVEL_POINTS)
    level_m = float((at_m[last] - at_m[first])[long].sum())
    if not long.any() or np.abs(walked).sum() <= HILLY * (along[-1] - level_m):
        return ""
    return (
        f"{level_m / 1000.0:,.1f} km are level to the metre {near(at_m[first[long]])}, where the"
        " rest is hilly: climb and descent are not known there"
    )


DOUBTS: tuple[Callable[[Track, Array], str], ...] = (
    _ends,
    _too_steep,
    _level,
    _drift,
    _rounded,
    _to_and_fro,
    _coarse_part,
)


def _gaps(track: Track) -> str:
    """Segments of the file as it is, where what lies between them adds up to something."""
    starts = track.segment_starts[1:]
    ends = np.sort(np.concatenate([starts - 1, starts]))
    gaps_m = geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[::2].sum()
    height_m = float(np.nansum(np.abs(track.elevation_m[starts] - track.elevation_m[starts - 1])))
    if gaps_m <= GAPS_M and height_m <= GAPS_HEIGHT_M:
        return ""
    count = counted(len(track.segment_starts), "segment")
    height = f" with {height_m:,.0f} m of height" if height_m > GAPS_HEIGHT_M else ""
    return f"{count} joined; the gaps, {gaps_m / 1000:,.1f} km in all{height}, are not counted"


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
    return [
        f"its segment {k + 1} would join the other way round: check the file"
        for k in geo.backwards(joins, starts, ends, GAPS_M)
    ]


def _coarse(points: int, length_m: float) -> str:
    if length_m <= COARSE_M * (points - 1):
        return ""
    rough = f"only {points:,} points for {length_m / 1000:,.1f} km"
    return f"{rough}, straight lines between them: length and climb are rough"
