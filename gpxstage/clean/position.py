"""Times and positions that cannot be: no clock, repeated points, teleports."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean.finding import Finding, near, thinned
from gpxstage.course import track_distance_m
from gpxstage.text import counted

if TYPE_CHECKING:
    from gpxstage.clean.finding import Mask
    from gpxstage.course import Array, Track

# All of these are judgement, fitted so that the planned courses at hand keep every point.
JUMP_M = 500.0  # a shorter step is measured, whatever it is
JUMP_MPS = 15.0  # nobody on foot is faster, a sprint reaches 12
JUMP_TIMED = 10.0  # a jump is longer by this factor than the steps around it ...
JUMP_UNTIMED = 50.0  # ... and by this one where no clock says that it was too fast
MOST_LOOKS = 8  # what still jumps then is no course, and its length will say so
AROUND = 5  # steps on each side that a jump is compared with
LEAST_STEP_M = 1.0  # a shorter step is no measure of what is usual
BLIP_POINTS = 3  # up to so many points astray are dropped, more are kept
BLIP_RETURN = 0.5  # ... if the track comes back to within this part of the way out
STRAIGHT_M = 5000.0  # a ferry or a road that a plan draws without a point on it
NEVER_M = 50_000.0  # nobody walks so far between two points, whatever the clock says
REST_M = 100.0  # where less is left without a jump, the jump was the course
RESET_M = 10.0  # an altimeter that was set anew in a pause
SKETCH_SHARE = 0.2  # where so many steps are long, the track is a sketch
FEW_STEPS = 10  # of fewer steps no share is taken

YEAR_2000_S = 946_684_800.0  # no track was recorded before; 1901 and 1970 are defaults
YEAR_2100_S = 4_102_444_800.0  # nor after it
ASTRAY_SHARE = 0.02  # so few times are wrong where a clock is set on the way
ASTRAY_S = 86_400.0  # nobody rests so long before the second hundredth of the points
FEET_MPS = 7.0  # who does most steps faster is not on foot, or no clock was there


def clock(track: Track) -> Finding | None:
    """Drop times that are no recording: a route's, all equal, of other centuries, backwards.

    Where a few of them do not fit the others, as before a watch has its first fix, they alone
    are dropped. A point without a time between timed ones is only counted: its time stays missing.
    """
    known = np.flatnonzero(np.isfinite(track.time_s))
    if len(known) == 0:
        return None
    without = replace(track, time_s=np.full(len(track), np.nan))
    if track.is_route:  # when its points were made, in whatever order
        return Finding(without, always=True)
    times_s = track.time_s[known]
    if why := _no_clock(times_s):
        return Finding(without, f"its times {why}: no recorded time", always=True)
    astray = _astray(times_s)
    if np.count_nonzero(astray) > ASTRAY_SHARE * len(times_s):
        back = known[1:][np.diff(times_s) < 0.0]
        more = f" and {len(back) - 1:,} more" if len(back) > 1 else ""
        why = f"its times run backwards at point {back[0] + 1:,}{more}"
        return Finding(without, f"{why}: no recorded time", always=True)
    if astray.any():
        time_s = track.time_s.copy()
        time_s[known[astray]] = np.nan
        what = counted(int(np.count_nonzero(astray)), "time")
        places = near(track_distance_m(track)[known[astray]])
        text = f"{what} that cannot be beside the others {{}} {places}"
        return Finding(replace(track, time_s=time_s), text, "left out", always=True)
    if len(known) < len(track):
        return Finding(track, f"{len(times_s):,} of {len(track):,} points have a time")
    return None


def _no_clock(times_s: Array) -> str:
    """Why times as a whole are none of a recording; empty where they may be."""
    if times_s.max() < YEAR_2000_S:
        return "are before 2000"
    if times_s.min() > YEAR_2100_S:
        return "are after 2100"
    return "are all the same" if len(times_s) > 1 and np.ptp(times_s) == 0.0 else ""


def _astray(times_s: Array) -> Mask:
    """The times that run backwards, and few at an end that are a day from the rest."""
    early = times_s < np.maximum.accumulate(times_s)
    late = times_s > np.minimum.accumulate(times_s[::-1])[::-1]
    astray = min(early, late, key=np.count_nonzero)
    few = int(ASTRAY_SHARE * len(times_s)) - int(np.count_nonzero(astray))
    good = np.flatnonzero(~astray)
    leaps = np.flatnonzero(np.diff(times_s[good]) > ASTRAY_S) + 1
    for at in leaps.tolist():
        if at <= few:
            astray[good[:at]] = True
        elif len(good) - at <= few:
            astray[good[at:]] = True
    return astray


def repeated(track: Track) -> Finding | None:
    """Drop points with the coordinates of the one before; the first is kept, with its time.

    It takes the elevation of a later one if it has none itself. Where a segment starts at the
    very point at which the last one ended, they are joined, unless the altimeter was set anew
    between them.
    """
    same = (np.diff(track.lat_deg) == 0.0) & (np.diff(track.lon_deg) == 0.0)
    borders = track.segment_starts[1:] - 1
    same[borders] &= ~(np.abs(np.diff(track.elevation_m)[borders]) > RESET_M)
    if not same.any():
        return None
    keep = np.append(True, ~same)
    z = track.elevation_m.copy()
    for late in np.flatnonzero(~keep & np.isfinite(z))[::-1]:  # from behind: the first one stays
        if np.isnan(z[late - 1]):
            z[late - 1] = z[late]
    starts = track.segment_starts
    fixed = thinned(replace(track, elevation_m=z), keep, starts[keep[starts]])
    what = counted(int(same.sum()), "repeated point")
    return Finding(fixed, f"{what} {{}} {near(track_distance_m(track)[~keep])}", "dropped")


@dataclass(frozen=True, eq=False)
class _Steps:
    """The steps of a track and how they look as jumps, and what has been found in them."""

    lat_deg: Array
    lon_deg: Array
    length_m: Array
    far: Mask  # longer than a jump must be
    fast: Mask  # far, and no clock allows it
    factor: Array  # by which a jump is longer than the steps around it
    astray: list[int] = field(default_factory=list)  # points
    jumps: list[int] = field(default_factory=list)  # steps
    straight: list[int] = field(default_factory=list)  # steps that are long, but walked

    def is_blip(self, p: int, q: int) -> bool:
        """Out by step p, back by step q to nearly the same place, at least one of them fast."""
        least_m = min(self.length_m[p], self.length_m[q])
        bridge_m = geo.steps_m(self.lat_deg[[p, q + 1]], self.lon_deg[[p, q + 1]])
        around_m = np.concatenate([bridge_m, *self._sides(p, q)])
        around_m = around_m[around_m > 0.0]
        factor = min(self.factor[p], self.factor[q])
        enough = 1 if factor == JUMP_TIMED else AROUND  # steps that show what is usual
        if not (self.fast[p] or self.fast[q]) or len(around_m) < enough:
            return False
        return bool(bridge_m[0] <= BLIP_RETURN * least_m and least_m > factor * np.median(around_m))

    def is_outlier(self, p: int) -> bool:
        """Much longer than most steps before it and most steps after it."""
        medians = [np.sort(side)[(len(side) - 1) // 2] for side in self._sides(p, p) if len(side)]
        return bool(self.length_m[p] > self.factor[p] * max([LEAST_STEP_M, *medians]))

    def is_walked(self, p: int) -> bool:
        """Whether a long step is slow, a straight line of a plan, or all there is of a course."""
        few = len(self.length_m) <= FEW_STEPS and self.length_m[p] <= NEVER_M
        plan = self.factor[p] == JUMP_UNTIMED and (few or self.length_m[p] <= STRAIGHT_M)
        if plan or not self.fast[p]:
            return True
        return bool(self.length_m.sum() - self.length_m[p] < REST_M)

    def _sides(self, p: int, q: int) -> tuple[Array, Array]:
        before, after = self.length_m[:p], self.length_m[q + 1 :]
        sides = before[-AROUND:], after[:AROUND]
        if len(self.length_m) <= FEW_STEPS:  # two points that nearly coincide show nothing
            return sides[0][sides[0] > LEAST_STEP_M], sides[1][sides[1] > LEAST_STEP_M]
        return sides

    def add_jump(self, p: int) -> None:
        """Keep a jump by step p: a gap, or points astray where only a few lie beyond it."""
        points = len(self.length_m) + 1
        if points > FEW_STEPS and p < BLIP_POINTS:
            self.astray.extend(range(p + 1))
        elif points > FEW_STEPS and points - 1 - p <= BLIP_POINTS:
            self.astray.extend(range(p + 1, points))
        else:
            self.jumps.append(p)

    def along_m(self) -> Array:
        """Distance at each point, without what has been found."""
        walked = self.length_m.copy()
        walked[self.jumps] = 0.0
        for point in self.astray:
            walked[max(point - 1, 0) : point + 1] = 0.0
        return geo.so_far(walked)


def teleports(track: Track) -> Finding | None:
    """Drop blips, out and back within three points; make gaps of jumps that stay away.

    A jump is longer than 500 m and much longer than the steps before and after it: 10 times
    where the clock says that it was faster than anyone runs, 50 times and longer than 5 km where
    there is no clock, never where the clock allows it, unless it is longer than 50 km. Where
    many steps are long, as in a sketch, none is a jump. A long straight step that is counted as
    walked is noted.
    """
    fixed = track
    astray_m: list[float] = []
    places_m: list[float] = []
    jumped_m = 0.0
    looks = 0
    while (found := _search(fixed)) and (found.astray or found.jumps) and looks < MOST_LOOKS:
        looks += 1
        along = found.along_m()  # what was hidden beside a jump shows in the next look
        astray_m += along[found.astray].tolist()
        places_m += along[found.jumps].tolist()
        jumped_m += float(found.length_m[found.jumps].sum())
        keep = np.ones(len(fixed), dtype=bool)
        keep[found.astray] = False
        gaps = np.array(found.jumps, dtype=np.int64) + 1
        fixed = thinned(fixed, keep, np.append(fixed.segment_starts, gaps))
    texts = []
    if astray_m:
        texts.append(f"{counted(len(astray_m), 'point')} far off the track {{0}} {near(astray_m)}")
    if places_m:
        texts.append(f"{_lengths('jump', len(places_m), jumped_m)} {{0}} {near(places_m)}")
    if found and found.straight:
        lines = _lengths(
            "straight line", len(found.straight), float(found.length_m[found.straight].sum())
        )
        texts.append(f"{lines} counted as walked {near(track_distance_m(fixed)[found.straight])}")
    return Finding(fixed, "; ".join(texts), "left out") if texts else None


def walked_m(track: Track) -> Array:
    """Distance at each point, without the jumps that nobody walks: a raw track may have some."""
    step_m = np.diff(track_distance_m(track))
    return geo.so_far(np.where(step_m > NEVER_M, 0.0, step_m))


def _lengths(what: str, count: int, sum_m: float) -> str:
    return f"{counted(count, what)} of {sum_m / 1000:,.1f} km{' in all' if count > 1 else ''}"


def _search(track: Track) -> _Steps | None:
    """What one look at a track finds, None where it finds nothing."""
    length_m = track.steps_m
    far = length_m > JUMP_M
    is_sketch = len(far) > FEW_STEPS and far.mean() > SKETCH_SHARE  # gaps, too: they come later
    far[track.segment_starts[1:] - 1] = False
    if is_sketch:
        far &= length_m > NEVER_M
    if not far.any():
        return None
    taken_s = np.diff(track.time_s)
    timed = np.isfinite(taken_s)
    if timed.any() and np.median(length_m[timed] - FEET_MPS * taken_s[timed]) > 0.0:
        timed[:] = False  # a planner wrote these times, so they forbid no step
    never = length_m > NEVER_M
    fast = far & (never | ~(timed & (length_m <= JUMP_MPS * taken_s)))
    factor = np.where(timed | never, JUMP_TIMED, JUMP_UNTIMED)
    steps = _Steps(track.lat_deg, track.lon_deg, length_m, far, fast, factor)
    at = np.flatnonzero(far).tolist()
    back = -1  # the step by which the last blip came back
    for k, p in enumerate(at):
        if p <= back:
            continue
        later = [q for q in at[k + 1 : k + 1 + BLIP_POINTS] if q - p <= BLIP_POINTS]
        back = next((q for q in later if steps.is_blip(p, q)), back)
        if back > p:
            steps.astray.extend(range(p + 1, back + 1))
        elif steps.is_outlier(p):
            if steps.is_walked(p):
                steps.straight.extend([p] if len(far) > FEW_STEPS else [])
            else:
                steps.add_jump(p)
    return steps
