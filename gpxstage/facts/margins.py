"""What hangs on other points too: chances of missing, when to leave, the tightest cutoff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.facts import Tightest, replace
from gpxstage.facts.parts import points_of
from gpxstage.facts.passages import leaving_draws_s, points
from gpxstage.units import fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from gpxstage.facts import PointFacts
    from gpxstage.facts.parts import Part

    Points = list[list[PointFacts]]  # of each stage


def with_margins(parts: Sequence[Part], *, through: bool) -> Points:
    """The points of all stages, complete; *through*: one clock runs through all stages."""
    return with_leave_by(with_chances(parts), through=through)


def with_chances(parts: Sequence[Part]) -> Points:
    """The points with ``miss_probability``: the share of draws that are out there or before.

    It can only grow along the course, from stage to stage, too. None without draws, and where
    there is no cutoff.
    """
    found = [points(part) for part in parts]
    for k, j, out in _out(parts):
        found[k][j] = replace(found[k][j], miss_probability=fraction(float(out.mean())))
    return found


def with_leave_by(stages: Sequence[Sequence[PointFacts]], *, through: bool) -> Points:
    """The points with ``leave_by_s``.

    Who goes on later, and then as planned, misses a cutoff farther on; nobody stays past the
    place's own, where that is one of leaving. None where there is none of either. *through*:
    the clock runs from stage to stage.
    """
    found = [list(stage) for stage in stages]
    slack_s: int | None = None
    for stage in reversed(found):
        slack_s = slack_s if through else None
        for j in reversed(range(len(stage))):
            point = stage[j]
            arrival_s, stop_s, left_s = point.arrival_s.p50, point.stop_s, point.margin_s.p50
            if slack_s is not None and arrival_s is not None and stop_s is not None:
                by_s = arrival_s + stop_s + slack_s
                if point.cutoff_at == "leave" and point.cutoff_s is not None:
                    by_s = min(by_s, point.cutoff_s)
                stage[j] = replace(point, leave_by_s=by_s)
            if left_s is not None:
                slack_s = left_s if slack_s is None else min(slack_s, left_s)
    return found


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


def tightest(points: Iterable[tuple[int, PointFacts]]) -> Tightest | None:
    """The cutoff whose margin is the least share of its time; None without cutoffs.

    *points* are all points, each with the number of its stage.
    """
    known = [
        (point.margin_s.p50 / max(point.cutoff_s, 1), number, point)  # whole seconds
        for number, point in points
        if point.margin_s.p50 is not None and point.cutoff_s is not None
    ]
    if not known:
        return None
    share, number, point = min(known, key=lambda each: each[0])
    return Tightest(
        stage=number,
        name=point.name,
        margin_s=point.margin_s.p50 or 0,
        of_time=round(share, 3),
        miss_probability=point.miss_probability,
    )
