"""Figures of the rows: intervals, sums and parts that add up, moments on the wall."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.units import fraction, moment, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gpxstage.course import Array

Row = dict[str, Any]


def ratio(part: float | None, whole: float | None) -> float | None:
    """A share to a thousandth; of nothing it is unknown."""
    return None if part is None or not whole else fraction(part / whole)


def interval(
    p50: float | None,
    draws: Array | None = None,
    rounded: Callable[[float], float | None] = seconds,
) -> Row:
    """p50 of the run without draws, p10 and p90 of the draws: null without them."""
    if p50 is None or draws is None:
        return {"p10": None, "p50": p50, "p90": None}
    low, high = (rounded(float(value)) for value in np.quantile(draws, (0.1, 0.9)))
    return {"p10": min(p50, low or 0), "p50": p50, "p90": max(p50, high or 0)}


def total(values: Iterable[float | None], digits: int = 1) -> float | None:
    """The sum of values that are rounded already; unknown where one of them is."""
    found = list(values)
    known = [value for value in found if value is not None]
    return round(sum(known), digits) if len(known) == len(found) else None


def apart(parts: Array, digits: int, before: float = 0.0) -> list[float]:
    """Round parts so that they add up to their rounded whole.

    They are the steps between rounded running sums, which start at *before*.
    """
    sums = np.round(before + np.concatenate([[0.0], np.cumsum(parts)]), digits)
    return [round(float(step), digits) + 0.0 for step in np.diff(sums)]


def on_the_wall(race: Row, stage: Row, after_s: float | None) -> str | None:
    """Local time, ISO, of a moment on the clock that a stage's arrivals count from.

    *race* and *stage* are rows of a report; None without a start.
    """
    start = stage["start"] if race["format"] == "staged" else race["start"]
    if start is None or after_s is None:
        return None
    first = datetime.fromisoformat(start)
    if race["timezone"]:  # an offset alone would not change with the clocks
        first = first.astimezone(ZoneInfo(race["timezone"]))
    there = moment(first, after_s)
    return None if there is None else there.isoformat(timespec="seconds")
