"""A recording on a course: when each place of the course was passed, and what the clock held.

Places of the course are looked for along the recording, in their order. So laps and ways there
and back are not confused, a recording may stop early, and the course may be another edition's:
stretches that the recording does not follow are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo, matching
from gpxstage.clean import position, repair
from gpxstage.course import CourseError, Point, Track, track_distance_m
from gpxstage.estimator import daylight
from gpxstage.estimator.fit.recordings import tracks_of
from gpxstage.estimator.fit.windows import hiked_and_known_s, why_planned, windows_of
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gpxstage.course import Array
    from gpxstage.estimator.fit.windows import Windows
    from gpxstage.profile import Profile

# All of these are judgement.
SAMPLE_M = 250.0  # from place to place of the course that is looked for
APART_M = 2.5 * SAMPLE_M  # places farther apart than this have a stretch off the course between
END_M = 500.0  # a recording that ends this near to the finish has reached it
# a stretch along which the recording goes less far than this share was not walked, and what lies
# beyond it does not count where it is shorter than that share of the stretch
JUMP_SHARE, JUMP_END_SHARE = 0.25, 0.5
HALT_M = 200.0  # a halt this near before a place is an arrival there
HALT_S = 120.0  # a shorter halt is no arrival
# over level ground people mix both gaits from 1.9 m/s (mostly walked) to 3.0 m/s (mostly run):
# Baker 2025, arXiv 2501.00720; on steep ground a slow run counts as hiked
HIKED_BELOW_MPS = 2.0


@dataclass(frozen=True)
class Stretch:
    """A part of the course that the recording does not follow."""

    from_m: float  # of the course
    to_m: float
    recorded_m: float  # along the recording meanwhile
    elapsed_s: float


@dataclass(frozen=True, eq=False)
class Clock:
    """What happened on the clock of a recording, in w windows; cumulative from its first moment."""

    edge_s: Array  # (w+1,)
    moving_s: Array  # (w+1,)
    hiked_s: Array  # (w+1,)
    gait_s: Array  # (w+1,) moving time of which the gait is known
    dark_s: Array  # (w+1,) in the dark, moving or not
    dark_moving_s: Array  # (w+1,)
    gait_from: str  # cadence or speed

    def between(self, name: str, from_s: float, to_s: float) -> float:
        """Seconds of one kind between two moments."""
        first, last = np.interp([from_s, to_s], self.edge_s, getattr(self, name))
        return float(last - first)


@dataclass(frozen=True, eq=False)
class Trace:
    """A recording on a course: p places in order, and when they were passed.

    Of a table of splits only the passages are known: then ``clock`` is None.
    """

    where: str
    passed_m: Array  # (p,) along the course, rising
    passed_s: Array  # (p,) since the first moment, never falling
    lasts_s: float
    length_m: float  # of the course
    start_s: float | None = None  # since 1970, of the first moment
    clock: Clock | None = None
    stretches: tuple[Stretch, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def begin_m(self) -> float:
        """The first place of the course that was passed."""
        return float(self.passed_m[0])

    @property
    def reached_m(self) -> float:
        """The last place of the course that was passed."""
        return float(self.passed_m[-1])

    @property
    def is_whole(self) -> bool:
        """Whether the finish was reached."""
        return self.length_m - self.reached_m <= END_M

    def at_s(self, at_m: float) -> float:
        """Seconds after the first moment at which a place was passed."""
        return float(np.interp(at_m, self.passed_m, self.passed_s))

    def arrival_s(self, at_m: float) -> float | None:
        """The same, or the beginning of a halt just before; None where the place is not known."""
        if not self.begin_m <= at_m <= self.reached_m:
            return None
        if self.clock is None:
            known = np.abs(self.passed_m - at_m) < 1.0
            return float(self.passed_s[known][0]) if known.any() else None
        if any(off.from_m < at_m < off.to_m for off in self.stretches):
            return None
        passed_s, from_s = self.at_s(at_m), self.at_s(max(at_m - HALT_M, self.begin_m))
        stood_s = passed_s - from_s - self.clock.between("moving_s", from_s, passed_s)
        if stood_s < HALT_S:
            return passed_s
        inside = (self.clock.edge_s[:-1] >= from_s) & (self.clock.edge_s[:-1] < passed_s)
        standing = inside & (np.diff(self.clock.moving_s) <= 0.0)
        return float(self.clock.edge_s[:-1][standing][0]) if standing.any() else passed_s


def retrace(
    path: Path, profiles: Sequence[Profile], marks_m: Sequence[float], limits: Limits = LIMITS
) -> Trace:
    """The recording of a file on a course of some stages; *marks_m* are places of interest.

    Raises CourseError for a file without recorded times, and for one that is nowhere on the
    course.
    """
    track, (start_s, end_s), notes = _read(path, limits)
    timed = np.flatnonzero(np.isfinite(track.time_s))
    windows = windows_of(track)
    along_m = track_distance_m(track)
    found = _passages(track, along_m, profiles, marks_m)
    if len(found) < 2:
        raise CourseError(f"{path.name}: it is nowhere on the course: is it of another race?")
    recorded_m = np.array([passage.distance_m for _, passage in found])
    clock_s = np.interp(recorded_m, along_m[timed], track.time_s[timed] - start_s)
    passed_m = np.array([at_m for at_m, _ in found])
    passed_s = np.maximum.accumulate(clock_s)
    stretches = tuple(
        Stretch(*map(float, (a_m, b_m, to_m - from_m, to_s - from_s)))
        for (a_m, b_m), (from_m, to_m), (from_s, to_s) in zip(
            pairwise(passed_m), pairwise(recorded_m), pairwise(passed_s), strict=True
        )
        if b_m - a_m > APART_M
    )
    return Trace(
        path.name,
        passed_m,
        passed_s,
        end_s - start_s,
        sum(profile.length_m for profile in profiles),
        start_s,
        _clock(track, windows, start_s),
        stretches,
        notes,
    )


def _read(path: Path, limits: Limits) -> tuple[Track, tuple[float, float], tuple[str, ...]]:
    """The repaired recording of a file, its first and last moment, and notes about it.

    Points that repeat a place are repaired away at the ends, too: the clock went on there.
    """
    raw = _joined([track for track in tracks_of(path, limits) if np.isfinite(track.time_s).any()])
    if raw is None:
        raise CourseError(f"{path.name}: it has no times: a review needs a recording")
    track, notes = repair(raw, path.name)
    timed = track.time_s[np.isfinite(track.time_s)]
    if len(timed) < 2 or timed[-1] <= timed[0]:
        lost = next((note for note in notes if "no recorded time" in note), "")
        raise CourseError(
            lost or f"{path.name}: it has no recorded time: a review needs a recording"
        )
    doubt = position.clock(raw)
    times_s = (raw if doubt is None else doubt.track).time_s
    ends_s = times_s[np.isfinite(times_s)]
    planned = why_planned(track)
    return (
        track,
        (float(ends_s[0]), float(ends_s[-1])),
        (*notes, *([f"{path.name}: {planned}: is it a recording?"] if planned else [])),
    )


def _joined(tracks: Sequence[Track]) -> Track | None:
    """All tracks as one, in the order of their clocks; a sensor that one lacks is left out."""
    if not tracks:
        return None
    ordered = sorted(tracks, key=lambda track: float(np.nanmin(track.time_s)))
    columns = {
        name: np.concatenate([getattr(track, name) for track in ordered])
        if all(getattr(track, name) is not None for track in ordered)
        else None
        for name in ordered[0].columns
    }
    before = np.cumsum([0, *(len(track) for track in ordered[:-1])])
    starts = [t.segment_starts + n for t, n in zip(ordered, before.tolist(), strict=True)]
    return ordered[0].with_columns(columns, np.concatenate(starts))


def _passages(
    track: Track, along_m: Array, profiles: Sequence[Profile], marks_m: Sequence[float]
) -> list[tuple[float, matching.Passage]]:
    """Places of the course in order, each with its passage along the recording."""
    line, offset_m, places = matching.Line(track, along_m), 0.0, []
    for profile in profiles:
        end_m = offset_m + profile.length_m
        marks = [mark_m - offset_m for mark_m in marks_m if offset_m <= mark_m <= end_m]
        at_m = np.union1d(np.arange(0.0, profile.length_m, SAMPLE_M), [*marks, profile.length_m])
        at_m = at_m[(at_m >= 0.0) & (at_m <= profile.length_m)]
        lat = np.interp(at_m, profile.distance_m, profile.lat_deg)
        lon = np.interp(at_m, profile.distance_m, profile.lon_deg)
        places += [
            Point("", "waypoint", float(a), float(b), distance_m=float(offset_m + m))
            for m, a, b in zip(at_m, lat, lon, strict=True)
            if len(line.near(float(a), float(b), matching.OFF_TRACK_M).step)
        ]
        offset_m = end_m
    found: dict[float, matching.Passage] = {}
    for place, passage in zip(places, matching.match(line, places), strict=True):
        if passage is not None and passage.off_m <= matching.OFF_TRACK_M:
            found[place.distance_m or 0.0] = passage
    return _followed(sorted(found.items()))


def _followed(found: list[tuple[float, matching.Passage]]) -> list[tuple[float, matching.Passage]]:
    """Each place of the recording once, and no end of the course that it only happens to be near.

    A start is often a finish too, so who stops early there is near the last places as well.
    """
    nearest: dict[float, tuple[float, matching.Passage]] = {}
    for at_m, passage in found:
        other = nearest.get(passage.distance_m)
        if other is None or passage.off_m < other[1].off_m:
            nearest[passage.distance_m] = (at_m, passage)
    kept = sorted(nearest.values(), key=lambda each: each[0])
    while (cut := _apart(kept)) is not None:
        first, last = cut
        kept = kept[first:last]
    return kept


def _apart(kept: Sequence[tuple[float, matching.Passage]]) -> tuple[int, int] | None:
    """Which places stay, where a short end lies beyond a jump; None where none does."""
    if len(kept) < 2:
        return None
    course_m = np.array([at_m for at_m, _ in kept])
    recorded_m = np.array([passage.distance_m for _, passage in kept])
    jump_m = np.diff(course_m)
    for k in np.flatnonzero((jump_m > APART_M) & (np.diff(recorded_m) < JUMP_SHARE * jump_m)):
        if course_m[-1] - course_m[k + 1] < JUMP_END_SHARE * jump_m[k]:
            return 0, int(k) + 1
        if course_m[k] - course_m[0] < JUMP_END_SHARE * jump_m[k]:
            return int(k) + 1, len(kept)
    return None


def _clock(track: Track, windows: Windows, start_s: float) -> Clock:
    """What happened since *start_s*; before the first window and after the last nobody moved."""
    lasts_s = np.diff(windows.edge_s)
    moving_s = np.where(windows.moving, lasts_s, 0.0)
    by_cadence = hiked_and_known_s(track, windows, windows.edge_m)
    if by_cadence is None:
        known_s = np.where(windows.gap, 0.0, moving_s)
        hiked_s = np.where(windows.speed_mps < HIKED_BELOW_MPS, known_s, 0.0)
    else:
        hiked_s, known_s = by_cadence
    edge_s = windows.edge_s - windows.edge_s[0]
    timed = np.flatnonzero(np.isfinite(track.time_s))
    there_s = track.time_s[timed] - windows.edge_s[0]
    nights = daylight.darkness(
        utc(float(windows.edge_s[0])),
        edge_s[1:],
        np.interp(edge_s[1:], there_s, track.lat_deg[timed]),
        np.interp(edge_s[1:], there_s, track.lon_deg[timed]),
    )
    dark_s = nights.between_s(edge_s[:-1], edge_s[1:])
    return Clock(
        windows.edge_s - start_s,
        geo.so_far(moving_s),
        geo.so_far(hiked_s),
        geo.so_far(known_s),
        geo.so_far(dark_s),
        geo.so_far(np.where(windows.moving, dark_s, 0.0)),
        "speed" if by_cadence is None else "cadence",
    )
