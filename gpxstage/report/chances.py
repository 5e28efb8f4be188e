"""Chances: of missing a cutoff or one before it, and of keeping all of them and the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.report.figures import Row
from gpxstage.report.passages import leaving_draws_s, points_of
from gpxstage.units import fraction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gpxstage.report.bands import Part


def set_chances(parts: Sequence[Part], stages: Sequence[Row]) -> None:
    """Write ``miss_probability`` into the points of stages: the share of draws out there or before.

    It can only grow along the course, from stage to stage, too. Null without draws, and where
    there is no cutoff.
    """
    for k, j, out in _out(parts):
        stages[k]["points"][j]["miss_probability"] = fraction(float(out.mean()))


def finish_probability(parts: Sequence[Part], limit_s: float | None) -> float | None:
    """Share of the draws that keep every cutoff and the race's limit.

    None without draws, and where there is neither.
    """
    drawn = [part.spread.elapsed_s for part in parts if part.spread is not None]
    if not drawn:
        return None
    missed = [out for _, _, out in _out(parts)][-1:]  # the last holds all before it
    if limit_s is not None:
        missed.append(np.asarray(sum(drawn) > limit_s))
    return fraction(1.0 - float(np.any(missed, axis=0).mean())) if missed else None


def _out(parts: Sequence[Part]) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """Stage, point, and which draws are out by then, for every point with a cutoff, in order.

    Who has passed a place farther on was let through.
    """
    reached = [k for k, part in enumerate(parts) if part.passed_m]
    out: NDArray[np.bool_] | None = None
    for k, part in enumerate(parts):
        for j, point in enumerate(points_of(part)):
            leaving_s = leaving_draws_s(part, point)
            if leaving_s is None or point.cutoff_s is None:
                continue
            late = leaving_s > point.cutoff_s
            if reached and (k, point.distance_m or 0.0) < (reached[-1], last_m(parts[reached[-1]])):
                late = np.zeros_like(late)
            out = late if out is None else out | late
            yield k, j, out


def last_m(part: Part) -> float:
    """How far along a stage its runner is known to have been, less what counts as the same."""
    return max(part.passed_m) - 1.0
