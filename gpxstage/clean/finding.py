"""What a rule finds in a track: the repaired track, and a line for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import handed_over, missing
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices, Track

    Mask = NDArray[np.bool_]

ONE_PLACE_M = 1000.0  # judgement: findings closer than this are named as one place
PLACES_NAMED = 3  # judgement: then "and 4 more places"


@dataclass(frozen=True, eq=False)
class Finding:
    """What one rule found: {} in *text* is replaced by *done*, the repair, or by "kept"."""

    track: Track
    text: str = ""  # empty: a repair that needs no note
    done: str = ""
    always: bool = False  # also where repairs are not wanted: the input cannot be used otherwise

    def note(self, repaired: bool) -> str:
        """The line for people."""
        return self.text.format(self.done if repaired or self.always else "kept")


def near(distances_m: Iterable[float]) -> str:
    """``near km 14.2, 20.1 and 3 more places``, each place named once."""
    places: list[float] = []
    for distance_m in sorted(distances_m):
        if not places or distance_m - places[-1] > ONE_PLACE_M:
            places.append(distance_m)
    named = ", ".join(f"{place / 1000:.1f}" for place in places[:PLACES_NAMED])
    more = len(places) - PLACES_NAMED
    if more > 0:
        named += f" and {counted(more, 'more place')}"
    return f"near km {named}"


def _kept(values: Array, keep: Mask) -> Array:
    if values.strides == (0,):  # all of them are missing
        return missing(int(np.count_nonzero(keep)))
    return handed_over(values[keep])


def thinned(track: Track, keep: Mask, segment_starts: Indices) -> Track:
    """Only the points to keep; a segment starts at its first point that is left."""
    kept_before = np.concatenate([[0], np.cumsum(keep)])
    starts = geo.distinct(np.append(0, kept_before[segment_starts]))
    columns = {name: _kept(getattr(track, name), keep) for name in track.columns}
    return track.with_columns(columns, starts[starts < kept_before[-1]])
