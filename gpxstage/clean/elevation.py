"""Elevations that cannot be: impossible values, spikes, steps that no ground does; and coverage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean.finding import Finding, near
from gpxstage.course import track_distance_m
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpxstage.clean.finding import Mask
    from gpxstage.course import Array, Indices, Track

# All of these are judgement, fitted so that the planned courses at hand keep every elevation.
LOWEST_M, HIGHEST_M = -500.0, 9000.0  # the Dead Sea's shore is at -430, Everest's top at 8,849
DROPOUT_M = 50.0  # a zero is a dropout where a neighbour is farther away than this
DROPOUT_STEEPNESS = 0.5  # ... and this part of the steepest possible way
SPIKE_M = 20.0  # what leaves its neighbours by less is noise, and left to smoothing
SPIKE_POINTS = 3  # a longer run is a place, not a spike ...
SPIKE_RUN_M = 100.0  # ... unless it is shorter than this: points may lie very close
SPIKE_GRADE = 2.5  # 68 degrees; coarse elevation models do show 60 on both sides
SPIKE_FAR_M = 1000.0  # 1 km over 1 km is possible; farther, rise goes with the root
END_FACTOR = 2.5  # at an end, with a neighbour on one side only, be this much surer
END_NEAR_M = 40.0  # ... unless the points lie closer than this: a first fix is ...
END_GRADE = 1.5  # ... wrong where it is this much steeper, 56 degrees, and 20 m off
END_POINTS = 8  # how many elevations are needed to find that an end is wrong
VOID_POINTS = 3  # so many equal values, reached impossibly, are no ground
VOID_VALUES = (0.0, -1.0)  # what programs write for "unknown"
FROZEN_POINTS, FROZEN_M = 10, 100.0  # equal values that only end impossibly
COVERAGE = 0.20  # judgement, as in the definition of gain: below, elevation is not known
CONSTANT_FROM_M = 1000.0  # shorter courses may well be level
WORTH_M = 40.0  # a smaller step changes no figure that anyone would read
PAIR_M, PAIR_SHARE = 15.0, 0.1  # two steps of one shift differ by less than either
PAIR_APART_M = 50_000.0  # farther apart, two equal steps are chance ...
SMALL_APART_M = 5_000.0  # ... and smaller ones than SURE_M are chance from here on
CLOCK_MPS = 5.0  # nobody on foot gains or loses height so fast ...
CLOCK_M = 30.0  # ... and less height than this comes back within some steps
PAUSE_S, PAUSE_M = 300.0, 30.0  # a pause, and what is walked in one
SURE_M, SURE_GRADE = 100.0, 5.0  # 79 degrees over so much height is no ladder
ALONE_M = 200.0  # beside a step in the other direction, a step is bad ground data
BACK_M = 80.0  # so much in the other direction within 200 m is no ground, either


def implausible(track: Track) -> Finding | None:
    """Lower than any shore or higher than any summit: missing."""
    z = track.elevation_m
    bad = (z < LOWEST_M) | (z > HIGHEST_M)
    if not bad.any():
        return None
    places = near(track_distance_m(track)[bad])
    text = f"{counted(int(bad.sum()), 'impossible elevation')} {{}} {places}"
    return Finding(replace(track, elevation_m=np.where(bad, np.nan, z)), text, "removed")


def holes(track: Track) -> Finding | None:
    """Points without elevation, only noted: measuring interpolates, level at both ends."""
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    missing = len(track) - len(known)
    if missing == 0 or _too_few(len(known), len(track)):
        return None
    along = track_distance_m(track)
    at = np.concatenate([[0.0], along[known], [along[-1]]])
    gone = np.diff(np.concatenate([[-1], known, [len(track)]])) > 1
    length_m = np.where(gone, np.diff(at), -1.0)
    longest = int(np.argmax(length_m))
    share = f"{missing:,} of {len(track):,} points without elevation"
    stretch = f"longest stretch {max(length_m[longest], 0.0) / 1000:.1f} km"
    return Finding(track, f"{share}: interpolated, {stretch} {near([at[longest]])}")


def dropouts_and_spikes(track: Track) -> Finding | None:
    """Zeros, short runs and runs of one value that the ground cannot do: missing.

    Taking one away may show another beside it, so the rules run until none finds more.
    """
    z = track.elevation_m.copy()
    if not (np.abs(np.diff(z[np.isfinite(z)])) > SPIKE_M).any():  # nor can there be a dropout
        return None
    ground_m = geo.so_far(track.steps_m)
    dropped: list[int] = []
    spiked: list[int] = []
    void: list[int] = []
    timed = bool(np.isfinite(track.time_s).any())
    while True:
        known = np.flatnonzero(np.isfinite(z))
        if bad := _dropouts(z[known], ground_m[known]):
            dropped += (gone := known[bad]).tolist()
        elif bad := _spikes(z[known], ground_m[known], timed=timed):
            spiked += (gone := known[bad]).tolist()
        elif bad := _voids(z[known], ground_m[known]):
            void += (gone := known[bad]).tolist()
        else:
            break
        z[gone] = np.nan
    if not dropped and not spiked and not void:
        return None
    along = track_distance_m(track)
    found = ((dropped, "dropout to 0"), (spiked, "elevation spike"), (void, "void elevation"))
    texts = [
        f"{counted(len(where), what)} {{0}} {near(along[where])}" for where, what in found if where
    ]
    texts = [text.replace("dropout to 0s", "dropouts to 0") for text in texts]
    return Finding(replace(track, elevation_m=z), "; ".join(texts), "removed")


def coverage(track: Track) -> Finding | None:
    """Elevations that are all zero, or too few, are removed; a track without any is noted."""
    known = track.elevation_m[np.isfinite(track.elevation_m)]
    total = len(track)
    if len(known) == 0:
        return Finding(track, "no elevation: length only")
    empty = replace(track, elevation_m=np.full(total, np.nan))
    if not known.any():  # a program wrote 0 for missing
        return Finding(empty, "every elevation is 0: {}", "taken as missing, length only")
    if _too_few(len(known), total):
        count = f"{len(known):,} of {total:,} points with elevation"
        return Finding(empty, f"only {count}: too few for a climb, length only", always=True)
    if known.min() == known.max() and track_distance_m(track)[-1] > CONSTANT_FROM_M:
        return Finding(track, f"every elevation is {known[0]:,.0f} m: the climb is not known")
    return None


def _too_few(known: int, total: int) -> bool:
    return known < max(2.0, COVERAGE * total)


def possible_rise_m(ground_m: Array) -> Array:
    """The most that a way rises over some ground, and comes down again after it.

    2.5 times the ground up to 160 m, then with its root: 1 km over 1 km, 3.2 over 10, 4.5 over 20.
    """
    far = SPIKE_FAR_M * np.sqrt(ground_m / SPIKE_FAR_M)
    return np.maximum(SPIKE_M, np.minimum(SPIKE_GRADE * ground_m, far))


def _dropouts(z: Array, ground_m: Array) -> list[int]:
    """Runs of exact zeros whose neighbours are all far away, and reached impossibly steeply."""
    zero = np.flatnonzero(z == 0.0)
    if len(zero) in (0, len(z)):
        return []
    new = np.diff(zero) > 1
    bad: list[int] = []
    for start, end in zip(zero[np.append(True, new)], zero[np.append(new, True)], strict=True):
        sides = [(k, m) for k, m in ((start, start - 1), (end, end + 1)) if 0 <= m < len(z)]
        limit = DROPOUT_STEEPNESS * possible_rise_m(
            np.array([abs(ground_m[k] - ground_m[m]) for k, m in sides])
        )
        if all(abs(z[m]) > max(DROPOUT_M, most) for (_, m), most in zip(sides, limit, strict=True)):
            bad += range(start, end + 1)
    return bad


def _spikes(z: Array, ground_m: Array, *, timed: bool) -> list[int]:
    """Short runs that differ from both neighbours, impossibly steeply on both sides.

    At an end one side is enough; the first fix of a recording needs less than a plan.
    """
    rise, limit = np.diff(z), possible_rise_m(np.diff(ground_m))
    steep = np.flatnonzero(np.abs(rise) > limit)
    bad: list[int] = []
    for p, q in _pairs(steep, ground_m):
        side = np.sign(rise[p])
        if (bad and p <= bad[-1]) or side == np.sign(rise[q]):
            continue  # a spike may share no neighbour with the one before: the next look finds it
        if (z[p + 1 : q + 1] * side).min() - max(z[p] * side, z[q + 1] * side) > SPIKE_M:
            bad += range(p + 1, q + 1)
    if bad or len(z) < END_POINTS:
        return bad
    sure = _end_limit_m(np.diff(ground_m)) if timed else END_FACTOR * limit
    return _wrong_ends(np.abs(rise) > sure, ground_m)


def _end_limit_m(ground_m: Array) -> Array:
    """The most that a first fix, or a void value, is right beside its only neighbour."""
    near_m = np.maximum(SPIKE_M, END_GRADE * ground_m)
    far_m = END_FACTOR * possible_rise_m(ground_m)
    return np.where(ground_m <= END_NEAR_M, near_m, far_m)


def _pairs(steep: Indices, ground_m: Array) -> Iterator[tuple[int, int]]:
    """Steep steps with a short run between them, the shortest first for each."""
    at = steep.tolist()
    for k, p in enumerate(at):
        for q in at[k + 1 :]:
            if q - p > SPIKE_POINTS and ground_m[q] - ground_m[p + 1] > SPIKE_RUN_M:
                break
            yield p, q


def _voids(z: Array, ground_m: Array) -> list[int]:
    """Runs of one value that begin and end impossibly: what a device writes where it is off.

    At an end of the track one side is enough. A long run that only ends impossibly is an
    altimeter that froze: its first value was right.
    """
    change = np.flatnonzero(np.diff(z) != 0.0)
    starts, ends = np.append(0, change + 1), np.append(change, len(z) - 1)
    rise, limit = np.diff(z), possible_rise_m(np.diff(ground_m))
    end_limit = _end_limit_m(np.diff(ground_m))
    bad: list[int] = []
    for k in np.flatnonzero(ends - starts + 1 >= VOID_POINTS).tolist():
        start, end = int(starts[k]), int(ends[k])
        inside = start > 0 and end < len(z) - 1
        most = limit if inside else end_limit if z[start] in VOID_VALUES else END_FACTOR * limit
        into = start == 0 or abs(rise[start - 1]) > most[start - 1]
        out = end == len(z) - 1 or abs(rise[end]) > most[end]
        if into and out and not (inside and rise[start - 1] * rise[end] > 0.0):
            bad += range(start, end + 1) if len(change) else ()  # all one value: see coverage
        elif out and inside and end - start >= FROZEN_POINTS:
            long = ground_m[end] - ground_m[start] >= FROZEN_M
            bad += range(start + 1, end + 1) if long else ()
    return bad


def _wrong_ends(wrong: Mask, ground_m: Array) -> list[int]:
    """The first or last points, where only one side can be judged, if one step is impossible."""
    steps = np.flatnonzero(wrong)
    near_start = ground_m[steps] - ground_m[0] <= SPIKE_RUN_M
    near_end = ground_m[-1] - ground_m[steps + 1] <= SPIKE_RUN_M
    count = len(wrong)
    half = count // 2
    early = steps[((steps < SPIKE_POINTS) | near_start) & (steps < half)]
    late = steps[((steps >= count - SPIKE_POINTS) | near_end) & (steps >= half)]
    bad: list[int] = []
    if len(early) == 1:
        bad += range(int(early[0]) + 1)
    if len(late) == 1:
        bad += range(int(late[0]) + 1, len(wrong) + 1)
    return bad


@dataclass(frozen=True, eq=False)
class _Heights:
    """The steps between points that have an elevation."""

    point: Indices  # of the track, at the end of each step
    rise_m: Array
    ground_m: Array
    at_m: Array  # ground from the start to the middle of each step
    taken_s: Array
    steep: Mask  # more than any ground does, gaps excepted


def resets(track: Track) -> Finding | None:
    """Make a gap of each step of height that no ground does; note the doubtful ones.

    Sure are two opposite steps of one size (a shift that ends), a step that the clock forbids,
    one in a pause, and one of over 100 m at 79 degrees; the last three where no step in the
    other direction lies beside them. The elevations stay: only the step is not counted.
    """
    heights = _heights(track)
    if heights is None:
        return None
    sure = _paired(heights) | (_single(heights) & _alone(heights))
    doubtful = heights.steep & ~sure & (np.abs(heights.rise_m) >= WORTH_M)
    if not (sure.any() or doubtful.any()):
        return None
    along = track_distance_m(track)
    texts = []
    for which, what in ((sure, "{0}"), (doubtful, "counted, in doubt,")):
        if which.any():
            sum_m = float(np.abs(heights.rise_m[which]).sum())
            steps = f"{counted(int(which.sum()), 'step')} in height"
            all_ = " in all" if which.sum() > 1 else ""
            places = near(along[heights.point[which]])
            texts.append(f"{steps}, {sum_m:,.0f} m{all_}, that no ground does: {what} {places}")
    if not sure.any():
        return Finding(track, "; ".join(texts))
    starts = geo.distinct(np.concatenate([track.segment_starts, heights.point[sure]]))
    fixed = replace(track, segment_starts=starts)
    return Finding(fixed, "; ".join(texts), "not counted as climb")


def _heights(track: Track) -> _Heights | None:
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    z = track.elevation_m[known]
    rise = np.diff(z)
    if not (np.abs(rise) > SPIKE_M).any():
        return None
    along = track_distance_m(track)[known]
    ground = np.diff(along)
    gaps = np.searchsorted(track.segment_starts[1:], known, side="right")
    taken_s = np.diff(track.time_s[known])
    steep = np.abs(rise) > possible_rise_m(ground)
    steep |= _fast(rise, taken_s) & (np.abs(rise) > ground)  # 45 degrees, and the clock forbids it
    steep &= np.diff(gaps) == 0
    if not steep.any():
        return None
    middle = 0.5 * (along[1:] + along[:-1])
    return _Heights(known[1:], rise, ground, middle, taken_s, steep)


def _paired(heights: _Heights) -> Mask:
    """Two steep steps in turn, up and down by the same height: what lies between is shifted."""
    sure = np.zeros(len(heights.rise_m), dtype=bool)
    worth = np.flatnonzero(heights.steep & (np.abs(heights.rise_m) >= WORTH_M)).tolist()
    k = 0
    while k + 1 < len(worth):
        p, q = worth[k], worth[k + 1]
        first, second = float(heights.rise_m[p]), float(heights.rise_m[q])
        allowed_m = max(PAIR_M, PAIR_SHARE * min(abs(first), abs(second)))
        reach_m = PAIR_APART_M if min(abs(first), abs(second)) >= SURE_M else SMALL_APART_M
        close = heights.at_m[q] - heights.at_m[p] <= reach_m
        if close and first * second < 0.0 and abs(first + second) <= allowed_m:
            sure[[p, q]] = True
            k += 1
        k += 1
    return sure


def _single(heights: _Heights) -> Mask:
    """Steps that the clock forbids, that happened in a pause, or that no ladder does."""
    size = np.abs(heights.rise_m)
    with np.errstate(invalid="ignore"):
        paused = (heights.taken_s >= PAUSE_S) & (heights.ground_m <= PAUSE_M)
    sheer = (size >= SURE_M) & (size >= SURE_GRADE * heights.ground_m)
    fast = _fast(heights.rise_m, heights.taken_s)
    return np.asarray(heights.steep & (fast | paused | sheer))


def _fast(rise_m: Array, taken_s: Array) -> Mask:
    """Steps of height that nobody on foot does in the time that the clock gives them."""
    size = np.abs(rise_m)
    with np.errstate(invalid="ignore"):
        return np.asarray((size >= CLOCK_M) & (size > CLOCK_MPS * taken_s))


def _alone(heights: _Heights) -> Mask:
    """Steep steps without as much in the other direction beside them, at once or bit by bit."""
    alone = heights.steep.copy()
    some = np.abs(heights.rise_m) > np.maximum(SPIKE_M / 2.0, heights.ground_m)
    for k in np.flatnonzero(heights.steep).tolist():
        first = int(np.searchsorted(heights.at_m, heights.at_m[k] - ALONE_M))
        last = int(np.searchsorted(heights.at_m, heights.at_m[k] + ALONE_M, side="right"))
        against = -np.sign(heights.rise_m[k]) * heights.rise_m
        at_once = some[first:last] & (against[first:last] > 0.0)
        before, after = against[first:k][::-1].cumsum(), against[k + 1 : last].cumsum()
        back_m = max(before.max(initial=0.0), after.max(initial=0.0))
        alone[k] = not at_once.any() and back_m < max(BACK_M, 0.5 * abs(heights.rise_m[k]))
    return alone
