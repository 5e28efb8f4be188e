"""What a rule finds in a track: the track repaired, and a line that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

ONE_PLACE_M = 1000.0  # judgement: findings closer than this are told as one place
PLACES_TOLD = 3  # judgement: then "and 4 more places"

COLUMNS = ("lat_deg", "lon_deg", "elevation_m", "time_s")
SENSORS = ("heart_rate_bpm", "cadence_spm", "power_w")


@dataclass(frozen=True, eq=False)
class Finding:
    """One rule's answer: {} in *text* is where *done*, the repair, is named, or "kept"."""

    track: Track
    text: str = ""  # nothing: a repair that goes without saying
    done: str = ""
    always: bool = False  # also where repairs are not wanted: the input cannot be used otherwise

    def note(self, repaired: bool) -> str:
        """The line for people."""
        return self.text.format(self.done if repaired or self.always else "kept")


def along_m(track: Track) -> Array:
    """Distance from the start at each point; the gap between segments counts nothing."""
    step = geo.steps_m(track.lat_deg, track.lon_deg)
    step[track.segment_starts[1:] - 1] = 0.0
    return np.concatenate([[0.0], np.cumsum(step)])


def near(distances_m: Iterable[float]) -> str:
    """``near km 14.2, 20.1 and 3 more places``, each place told once."""
    places: list[float] = []
    for distance_m in sorted(distances_m):
        if not places or distance_m - places[-1] > ONE_PLACE_M:
            places.append(distance_m)
    told = ", ".join(f"{place / 1000:.1f}" for place in places[:PLACES_TOLD])
    more = len(places) - PLACES_TOLD
    if more > 0:
        told += f" and {more} more place{'s' if more > 1 else ''}"
    return f"near km {told}"


def counted(number: int, what: str) -> str:
    """``1 jump``, ``2 jumps``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def with_elevation(track: Track, elevation_m: Array) -> Track:
    """The same points with other elevations."""
    return replace(track, elevation_m=elevation_m)


def thinned(track: Track, keep: Mask, segment_starts: Indices) -> Track:
    """Only the points to keep; a segment starts at its first point that is left."""
    kept_before = np.concatenate([[0], np.cumsum(keep)])
    starts = np.array(sorted({0, *kept_before[segment_starts].tolist()}))  # no np.unique: 15 ms
    arrays = {name: getattr(track, name)[keep] for name in COLUMNS}
    for name in SENSORS:
        if (values := getattr(track, name)) is not None:
            arrays[name] = values[keep]
    return replace(track, **arrays, segment_starts=starts[starts < kept_before[-1]])
