"""Notes of a way that comes twice: a whole beside its parts, copies, recorders, variants."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo, text
from gpxstage.clean import LONGEST_M, shortened
from gpxstage.clean.position import walked_m
from gpxstage.course import track_distance_m
from gpxstage.matching import OFF_TRACK_M
from gpxstage.racefile import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

# All of these are judgement.
COMMON = 0.5  # of the shorter of two tracks: so much of the way in common makes them variants
JOIN_M = 50.0  # ends and starts this near are one place
PIECES, PIECE_M = 8, 3000.0  # so many tracks, so short in the mean, are pieces and no stages
MOST_NOTES = 10  # of tracks that share the way
MOST_COMPARED = 300  # tracks: each is compared with each, and so many days are no race
MOST_NEAR = 50  # tracks that begin near the end of one: a way is not in pieces there
REPEATED_SHARE = 0.25  # of a segment: less is where two of them touch
REPEATED_M = 500.0  # of a track that its own segments repeat: less is no news
COPY = re.compile(r"\(\d+\)|\b(copy|kopie|copie|copia)\b", re.IGNORECASE)
DAY = re.compile(  # numbers, and what names of days and laps have in their place
    r"\d+|\b(?:[ivx]+|one|two|three|four|five|first|second|third|fourth|fifth"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|(?:erste|zweite|dritte|vierte)[rs]?"
    r"|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|premiere?|deuxieme|troisieme"
    r"|(?:lune|marte|mercole|giove|vener)di|sabato|domenica|prim[ao]|second[ao]|terz[ao]"
    r"|lunes|martes|miercoles|jueves|viernes|sabado|domingo|primer[ao]?|segund[ao]|tercer[ao]?)\b"
)
LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(k|km|mi|miles)\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class _Tracks:
    """The tracks of a course, cleaned, with the names and the clocks that they came with."""

    tracks: Sequence[Track]
    raw: Sequence[Track]
    names: Sequence[str]

    def label(self, k: int) -> str:
        """What a note calls a track."""
        return f'{k + 1} "{self.names[k]}"' if self.names[k] else str(k + 1)

    def labels(self, numbers: Sequence[int]) -> str:
        """What a note calls several."""
        word = "tracks" if len(numbers) > 1 else "track"
        return f"{word} {text.listed([self.label(k) for k in numbers])}"

    def is_meant(self, i: int, j: int) -> bool:
        """Whether two tracks are walked one after the other: another day, another lap."""
        first, second = sorted((i, j))
        if places.gap_m(self.tracks[first], self.tracks[second]) > OFF_TRACK_M:
            return False
        clocks = [_clock(self.raw[k]) for k in (first, second)]
        if clocks[0] and clocks[1]:
            return clocks[0][1] <= clocks[1][0] or clocks[1][1] <= clocks[0][0]
        return _are_numbered(self.names[first], self.names[second])


def notes(tracks: Sequence[Track], raw: Sequence[Track], names: Sequence[str]) -> list[str]:
    """What of a course comes twice, and what can be done; *raw* has the clocks as they were."""
    if len(tracks) < 2:
        return []
    course = _Tracks(tracks, raw, names)
    if len(tracks) > MOST_COMPARED:
        return _pieces(course)
    found = samples(tracks)
    shared = overlaps(found)
    notes, held = _parts(course, found, shared)
    notes = [*_again(course, shared), *notes, *_variants(course, found, shared, held)]
    return [*shortened(notes or _races(course), MOST_NOTES), *_pieces(course)]


def _again(course: _Tracks, shared: Overlaps) -> list[str]:
    """Tracks that are another one again."""
    groups: dict[int, list[int]] = {}
    for k, first in shared.again.items():
        groups.setdefault(first, [first]).append(k)
    lines = []
    for first, *rest in map(sorted, groups.values()):
        others = [k for k in rest if not course.is_meant(first, k)]
        if others:
            goes = "go" if len(others) > 1 else "goes"
            lines.append(
                f"{course.labels(others)} {goes} the way of track {course.label(first)} again:"
                f" it counts {'twice' if len(others) == 1 else f'{len(others) + 1} times'};"
                f" --track {first + 1} takes one of them"
            )
    return lines


def _parts(
    course: _Tracks, found: Sequence[Samples], shared: Overlaps
) -> tuple[list[str], set[int]]:
    """Tracks that lie on a longer one; and their numbers."""
    holds: dict[int, list[int]] = {}
    held: set[int] = set()
    by_length = sorted(shared.on, key=lambda pair: -found[pair[1]].length_m)
    for part, whole in by_length:
        is_on = shared.on[part, whole].mean() >= SAME
        if part not in held and whole not in held and is_on and not course.is_meant(part, whole):
            holds.setdefault(whole, []).append(part)
            held.add(part)
    lines = []
    for whole, parts in holds.items():
        covered = np.any([shared.on[whole, part] for part in parts], axis=0).mean()
        name, take = f"track {course.label(whole)}", f"--track {whole + 1}"
        if len(parts) > 1 and covered >= SAME:
            which = course.labels(sorted(parts))
            says = f"{which} are parts of {name}: the way counts twice; {take} takes the whole"
            lines.append(says)
            continue
        long = [k for k in sorted(parts) if found[k].length_m >= LEAST_M]
        if long:
            which, lie = course.labels(long), "lie" if len(long) > 1 else "lies"
            lines.append(f"{which} {lie} on {name}: are these races of their own? {take} takes one")
    return lines, held


def _variants(
    course: _Tracks, found: Sequence[Samples], shared: Overlaps, held: set[int]
) -> list[str]:
    """Pairs with much of the way in common, of which none lies on the other."""
    lines = []
    for (i, j), on in sorted(shared.on.items()):
        common_m = on.mean() * found[i].length_m
        shorter = found[i].length_m <= found[j].length_m
        if not shorter or i in held or j in held or common_m < LEAST_M:
            continue
        if on.mean() < COMMON or course.is_meant(i, j):
            continue
        lines.append(
            f"{course.labels(sorted((i, j)))} have {common_m / 1000.0:.1f} km"
            f" of the way in common: are they variants? --track {min(i, j) + 1} takes one"
        )
    return lines


def _races(course: _Tracks) -> list[str]:
    """Tracks from one place that are named after different lengths."""
    named = [LENGTH.search(name) for name in course.names]
    found = [k for k, length in enumerate(named) if length]
    lengths = {length.group().casefold() for length in named if length}
    if len(lengths) < 2 or len(lengths) < len(found):
        return []
    begins = [course.tracks[k].part(0, 1) for k in found]
    if max(places.gap_m(begins[0], begin) for begin in begins) > OFF_TRACK_M:
        return []
    return [
        f"{course.labels(found)} start at one place and are named after their lengths: are these"
        f" races of their own? --track {found[0] + 1} takes one"
    ]


def _pieces(course: _Tracks) -> list[str]:
    """Many short tracks that make one way, in whatever order."""
    tracks = course.tracks
    lengths_m = [float(track_distance_m(track)[-1]) for track in tracks]
    if len(tracks) < PIECES or np.mean(lengths_m) > PIECE_M:
        return []
    starts: dict[tuple[int, int], list[int]] = {}
    for k, track in enumerate(tracks):
        starts.setdefault(_cell(track, 0), []).append(k)
    following: dict[int, int] = {}
    for k, track in enumerate(tracks):
        row, column = _cell(track, -1)
        near = [
            n
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for n in starts.get((row + i, column + j), ())
            if n != k
        ]
        if len(near) > MOST_NEAR:
            return []
        nearest = min(((places.gap_m(track, tracks[n]), n) for n in near), default=(np.inf, -1))
        if nearest[0] <= JOIN_M:
            following[k] = nearest[1]
    heads = set(range(len(tracks))) - set(following.values())
    at, seen = next(iter(heads), 0), 1
    while at in following and seen < len(tracks):
        at, seen = following[at], seen + 1
    if len(heads) > 1 or seen < len(tracks) or len(set(following.values())) < len(tracks) - 1:
        return []
    return [
        f"{len(tracks)} tracks join end to end and make one way of"
        f" {sum(lengths_m) / 1000.0:.1f} km: as one track of the file they are one stage"
    ]


def segments(track: Track, where: str) -> list[str]:
    """A note of a raw track whose segments repeat those before them."""
    if len(track.segment_starts) < 2:
        return []
    borders = [*track.segment_starts.tolist(), len(track)]
    pieces = [track.part(a, b) for a, b in pairwise(borders) if b - a > 1]
    pieces = [piece for piece in pieces if np.ptp(piece.lat_deg) + np.ptp(piece.lon_deg) > 0.0]
    if len(pieces) < 2 or sum(float(walked_m(piece)[-1]) for piece in pieces) > LONGEST_M:
        return []
    found = samples(pieces)
    seen: set[int] = set(found[0].around.tolist())
    repeated_m, latest_s = 0.0, _latest_s(pieces[0])
    for before, piece, sample in zip(pieces, pieces[1:], found[1:], strict=False):
        clock = _clock(piece)
        anew = clock[0] < latest_s if clock else places.gap_m(before, piece) > OFF_TRACK_M
        again = float(np.mean([k in seen for k in sample.keys.tolist()]))
        if anew and again >= REPEATED_SHARE:  # pieces that touch at their ends repeat nothing
            repeated_m += sample.length_m * again
        seen.update(sample.around.tolist())
        latest_s = max(latest_s, _latest_s(piece))
    if repeated_m < REPEATED_M:
        return []
    whole_m = sum(sample.length_m for sample in found)
    return [
        f"{where}: its segments repeat the way: {repeated_m / 1000.0:.1f} of"
        f" {whole_m / 1000.0:.1f} km lie on segments before them and count twice"
    ]


def _clock(track: Track) -> tuple[float, float] | None:
    """First and last time of a track, where it has any."""
    timed = track.time_s[np.isfinite(track.time_s)]
    return (float(timed.min()), float(timed.max())) if len(timed) and np.ptp(timed) else None


def _latest_s(track: Track) -> float:
    clock = _clock(track)
    return clock[1] if clock else -np.inf


def _are_numbered(one: str, two: str) -> bool:
    """Whether two names differ in their numbers or weekdays alone, as those of days and laps do."""
    if one == two or any(rule.search(name) for rule in (COPY, LENGTH) for name in (one, two)):
        return False
    bare = [DAY.sub("#", text.letters(name)) for name in (one, two)]
    return bare[0] == bare[1]


def _cell(track: Track, at: int) -> tuple[int, int]:
    side = JOIN_M / M_PER_DEG
    east = side / max(0.01, float(np.cos(np.radians(track.lat_deg[at]))))
    return int(track.lat_deg[at] // side), int(track.lon_deg[at] // east)


# All of these are judgement.
STEP_M = 50.0  # between samples, and the side of a cell: recorders differ by less
COARSE = 5  # cells in the side of a coarse one
LIKELY = 0.3  # of the coarse cells of the shorter track shared: less, and they are not compared
LEAST_M = 500.0  # two shorter tracks are too near to each other's ends to be compared
SAME = 0.8  # of a track on another one: it lies on it
M_PER_DEG = 111_195.0  # a sphere is exact enough for what is near


@dataclass(frozen=True, eq=False)
class Samples:
    """A track as s samples: cells of the grid, and the heading in eighths of a turn."""

    length_m: float
    row: Indices  # (s,)
    column: Indices  # (s,)
    heading: Indices  # (s,) 0 ... 7

    @property
    def keys(self) -> Indices:
        """(s,) one number for cell and heading."""
        return _key(self.row, self.column, self.heading)

    @property
    def around(self) -> Indices:
        """All keys that are near enough, sorted."""
        _, first = np.unique(self.keys, return_index=True)
        row, column, heading = self.row[first], self.column[first], self.heading[first]
        near = range(-1, 2)
        keys = [
            _key(row + i, column + j, (heading + k) % 8) for i in near for j in near for k in near
        ]
        return geo.distinct(np.concatenate(keys))  # np.unique is ten times slower on such numbers

    @property
    def coarse(self) -> set[int]:
        """Coarse cells."""
        return set(_key(self.row // COARSE, self.column // COARSE, 0 * self.heading).tolist())


@dataclass
class Overlaps:
    """Which tracks are others again, and which parts the rest have in common."""

    again: dict[int, int] = field(default_factory=dict)  # a track -> the one that it is again
    on: dict[tuple[int, int], Mask] = field(default_factory=dict)  # samples of i that lie on j


def samples(tracks: Sequence[Track]) -> list[Samples]:
    """Tracks on one common grid."""
    middle = np.concatenate([track.lat_deg for track in tracks])
    east_m = M_PER_DEG * float(np.cos(np.radians(middle.mean())))
    return [_samples(track, east_m) for track in tracks]


def overlaps(found: Sequence[Samples]) -> Overlaps:
    """What goes the same way, the longest tracks first."""
    result = Overlaps()
    cells: dict[int, list[int]] = {}
    around: dict[int, Indices] = {}

    def on(i: int, j: int) -> Mask:
        """Which samples of i lie on j."""
        if j not in around:
            around[j] = found[j].around
        return np.isin(found[i].keys, around[j])

    coarse = [sample.coarse for sample in found]
    for j in sorted(range(len(found)), key=lambda j: (-round(found[j].length_m, -2), j)):
        shared = Counter(i for cell in coarse[j] for i in cells.get(cell, ()))
        parts: dict[tuple[int, int], Mask] = {}
        for i, count in shared.most_common():
            if count < LIKELY * min(len(coarse[i]), len(coarse[j])):
                continue
            if found[i].length_m < LEAST_M:  # the longer of the two
                continue
            parts[j, i] = on(j, i)
            parts[i, j] = on(i, j)
            if parts[j, i].mean() >= SAME and parts[i, j].mean() >= SAME:
                result.again[j] = i
                break
        else:
            result.on |= parts
            for cell in coarse[j]:
                cells.setdefault(cell, []).append(j)
    return result


def _samples(track: Track, east_m: float) -> Samples:
    along_m = walked_m(track)
    count = max(1, round(float(along_m[-1]) / STEP_M))
    at_m = (np.arange(count) + 0.5) * float(along_m[-1]) / count
    lon_deg = np.unwrap(track.lon_deg, period=360.0)

    def place(m: Array) -> tuple[Array, Array]:
        return np.interp(m, along_m, track.lat_deg), np.interp(m, along_m, lon_deg)

    north, east = place(at_m)
    before, after = place(at_m - STEP_M), place(at_m + STEP_M)
    turn = np.arctan2((after[1] - before[1]) * east_m, (after[0] - before[0]) * M_PER_DEG)
    return Samples(
        float(along_m[-1]),
        np.floor(north * M_PER_DEG / STEP_M).astype(np.int64),
        np.floor(east * east_m / STEP_M).astype(np.int64),
        np.floor(turn / (np.pi / 4.0)).astype(np.int64) % 8,
    )


def _key(row: Indices, column: Indices, heading: Indices) -> Indices:
    return ((row << 24) + column) * 8 + heading
