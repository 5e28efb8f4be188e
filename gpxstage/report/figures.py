"""How figures are rounded: metres to 0.1, seconds to 1, fractions to 0.001, sums kept."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gpxstage.course import Array

Row = dict[str, Any]


def metres(value: float | None) -> float | None:
    """To a decimetre."""
    return _rounded(value, 1)


def seconds(value: float | None) -> int | None:
    """To a second; kilocalories too."""
    found = _rounded(value, 0)
    return None if found is None else int(found)


def fraction(value: float | None) -> float | None:
    """To a thousandth."""
    return _rounded(value, 3)


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


def moment(start: datetime | None, after_s: float | None) -> datetime | None:
    """The clock on the wall some seconds after a start: through UTC, as clocks may change."""
    if start is None or after_s is None:
        return None
    return (start.astimezone(UTC) + timedelta(seconds=after_s)).astimezone(start.tzinfo)


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


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(np.round(value, digits)) + 0.0
