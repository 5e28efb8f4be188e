"""Which tracks go the same way in the same direction, by cells of a grid and not by pairs.

Each track is sampled every 50 m. A sample lies on another track where that has one in the same
or a neighbouring cell of 50 m, with a heading that differs by less than about 70 degrees: the
way back is another way. Only tracks that share coarse cells are compared, and a track that is
another one again is not compared any more, so that a thousand stages or copies cost little.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.course import track_distance_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

# All of these are judgement.
STEP_M = 50.0  # between samples, and the side of a cell: recorders differ by less
COARSE = 5  # cells in the side of a coarse one
LIKELY = 0.3  # of the coarse cells of the shorter track shared: less, and they are not compared
LEAST_M = 500.0  # two shorter tracks are too near to each other's ends to be compared
SAME = 0.8  # of a track on another one: it lies on it
M_PER_DEG = 111_195.0  # a sphere is enough to tell what is near


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
        return np.unique(np.concatenate(keys))

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
    along_m = track_distance_m(track)
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
