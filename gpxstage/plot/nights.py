"""Where it is dark: on the way, or by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.daylight import darkness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from gpxstage.plot.legs import Leg

Span = tuple[float, float]
SAME_NIGHT = 1.0  # metres or seconds between two dark stretches


def night_spans(legs: Sequence[Leg], begin: datetime | None) -> list[Span]:
    """From where to where across the picture it is dark, joined across stage borders.

    *begin* is the moment at the left edge, where the clock is across: then nights that are
    slept are shown, too. Else what counts is where the runner is in the dark.
    """
    return _joined(_by_cells(legs) if begin is None else _by_clock(legs, begin))


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] < SAME_NIGHT:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _by_cells(legs: Sequence[Leg]) -> Iterator[Span]:
    for leg in legs:
        if leg.estimate is None or leg.estimate.dark_s is None:
            continue
        dark = leg.estimate.dark_s > 0.5 * leg.estimate.cell_s
        turns = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]]).astype(np.int8)))
        begin = leg.leave(leg.estimate.edge_m[turns[::2]])
        end = leg.reach(leg.estimate.edge_m[turns[1::2]])
        yield from zip(begin.tolist(), end.tolist(), strict=True)


def _by_clock(legs: Sequence[Leg], begin: datetime) -> Iterator[Span]:
    """The nights between the start and the last arrival, walked or not."""
    known = [(leg, leg.profile.cells) for leg in legs if leg.profile.cells is not None]
    at_s = [leg.leave(0.5 * (cells.edge_m[1:] + cells.edge_m[:-1])) for leg, cells in known]
    nights = darkness(
        begin,
        np.concatenate(at_s),
        np.concatenate([cells.lat_deg for _, cells in known]),
        np.concatenate([cells.lon_deg for _, cells in known]),
    )
    dark = np.flatnonzero(np.diff(nights.dark_s) > 0.0)
    for start, end in zip(nights.clock_s[dark], nights.clock_s[dark + 1], strict=True):
        if start < legs[-1].end and end > 0.0:
            yield max(float(start), 0.0), min(float(end), legs[-1].end)
