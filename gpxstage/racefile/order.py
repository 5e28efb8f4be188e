"""The order of files that are stages: by their names, checked by where ends meet starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.matching import OFF_TRACK_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Track

FEW = 5  # names that a note lists
FIRST = re.compile(
    r"(?<![^\W_])(one|first|start|prologue?|erster?|erstes|eins|premiere?|première|un|une"
    r"|primo|prima|uno|primero|primera|i)(?![^\W_])"
)  # words for the first one, where stages make a circle


@dataclass(frozen=True)
class Order:
    """Positions of the files in the order of the stages, and what people should know about it."""

    positions: tuple[int, ...]
    notes: tuple[str, ...]


def check(names: Sequence[str], files: Sequence[Sequence[Track]], *, by_name: bool) -> Order:
    """Compare the order of files with the one in which the end of each meets a start.

    *files* holds the tracks of each file. Where *by_name*, the order comes from the names alone
    (a folder), and the other order is taken if it is the only one and the names do not number
    the files; where a person gave the order it is kept. Either way a note says so.
    """
    kept = tuple(range(len(names)))
    starts, ends = _ends(files, 0), _ends(files, -1)
    joins = geo.near_pairs(ends, starts, OFF_TRACK_M)
    open_ = [k for k in kept[1:] if not joins[k - 1, k]]
    if not open_:
        return Order(kept, ())
    order = geo.chain(joins)
    if order is not None:
        circle = bool(joins[order[-1], order[0]])
        order = _from_first(order, names) if circle else order
        return _other_order(names, order, take=by_name and not _numbered(names), circle=circle)
    notes = [
        f"stage {k + 1} would join its neighbours the other way round: it may be drawn backwards"
        for k in _backwards(joins, starts, ends)
    ]
    if not notes and len(names) > 2 and 2 * len(open_) >= len(names) - 1:
        whose = "that of the file names" if by_name else "the one in which the files were given"
        notes.append(
            f"{len(open_)} of {len(names)} stages do not start where the one before them ends:"
            f" their order is {whose}, and may be wrong"
        )
    return Order(kept, tuple(notes))


def _ends(files: Sequence[Sequence[Track]], at: int) -> tuple[geo.Array, geo.Array]:
    lat = np.array([tracks[at].lat_deg[at] for tracks in files])
    return lat, np.array([tracks[at].lon_deg[at] for tracks in files])


def _other_order(names: Sequence[str], order: list[int], *, take: bool, circle: bool) -> Order:
    listed = ", ".join(names[k] for k in order[:FEW])
    listed += f" and {len(order) - FEW} more" if len(order) > FEW else ""
    start = "; they make a circle, so check which one is the first" if circle else ""
    if take:
        note = (
            "the order of the stages is the one in which the end of each meets the start of the"
            f" next, not that of the file names: {listed}{start}"
        )
        return Order(tuple(order), (note,))
    back = order == sorted(order, reverse=True)
    hint = " or all of them are drawn backwards" if back else ""
    note = f"the stages would join in another order: {listed}{start}{hint}; their order is kept"
    return Order(tuple(range(len(names))), (note,))


def _from_first(order: list[int], names: Sequence[str]) -> list[int]:
    """A circle, beginning with the one file whose name says that it is the first."""
    first = [k for k in order if FIRST.search(names[k].casefold())]
    at = order.index(first[0]) if len(first) == 1 else 0
    return order[at:] + order[:at]


def _numbered(names: Sequence[str]) -> bool:
    """Whether each name holds one number, and they count without a hole; days of months do not."""
    numbers = [re.findall(r"\d+", name) for name in names]
    if any(len(found) != 1 for found in numbers):
        return False
    counted = sorted(int(found[0]) for found in numbers)
    return counted == list(range(counted[0], counted[0] + len(names)))


def _backwards(
    joins: np.ndarray,
    starts: tuple[geo.Array, geo.Array],
    ends: tuple[geo.Array, geo.Array],
) -> list[int]:
    """Stages between two others that would join both if they were walked the other way."""
    end_end = geo.near_pairs(ends, ends, OFF_TRACK_M)
    start_start = geo.near_pairs(starts, starts, OFF_TRACK_M)
    return [
        k
        for k in range(1, len(joins) - 1)
        if end_end[k - 1, k] and start_start[k, k + 1]
        if not joins[k - 1, k] and not joins[k, k + 1]
    ]
