"""Figures of the facts: intervals, sums, and parts that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gpxstage.facts import Interval
from gpxstage.units import fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gpxstage.course import Array

N = TypeVar("N", int, float)


def ratio(part: float | None, whole: float | None) -> float | None:
    """A share to a thousandth; of nothing it is unknown."""
    return None if part is None or not whole else fraction(part / whole)


def interval(
    p50: N | None, draws: Array | None, rounded: Callable[[float], N | None]
) -> Interval[N]:
    """p50 of the run without draws, p10 and p90 of the draws: None without them."""
    if p50 is None or draws is None:
        return Interval(None, p50, None)
    low, high = (rounded(float(value)) for value in np.quantile(draws, (0.1, 0.9)))
    return Interval(min(p50, low or 0), p50, max(p50, high or 0))


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
