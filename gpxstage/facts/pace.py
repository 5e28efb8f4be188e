"""Report -> splits of one length: what each kilometre or mile takes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.facts.figures import Moment, Struct, replace
from gpxstage.facts.parts import ratio, to_the_second
from gpxstage.units import metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gpxstage.facts.analysis import Report
    from gpxstage.facts.figures import Interval
    from gpxstage.facts.parts import Part

LEAST_M = 1.0  # a shorter rest at the end of a stage belongs to the split before


class Split(Struct, frozen=True, kw_only=True):
    """A piece of the way, the last of a stage shorter than the others.

    ``to_m`` counts from the start of the race, in a staged race from the start of the stage;
    ``elapsed_s`` includes stops, and ``arrival_s`` is the expected time on the clock at its end.
    """

    stage: int
    to_m: float
    length_m: float
    gain_m: float | None
    loss_m: float | None
    moving_s: int | None
    hike_fraction: float | None
    elapsed_s: int | None
    arrival_s: int | None
    arrival: Moment | None
    arrival_ends_s: tuple[int, int] | None = None  # p10 and p90; None without draws


def splits(report: Report, step_m: float, stages: Sequence[int] = ()) -> tuple[Split, ...]:
    """The splits of some stages, all if none are named; without an estimate they have no times.

    Raises ValueError for a step that is not longer than nothing.
    """
    if not step_m > LEAST_M:
        raise ValueError(f"a split of {step_m} m is too short")
    found, left_s = [], 0
    for k, part in enumerate(report.parts):
        through = report.course.format == "continuous"
        made = list(_of_stage(part, step_m, part.offset_m if through else 0.0, left_s))
        here = report.facts.stages if through else (report.facts.stages[k],)
        made = _with_ends(made, [point.arrival_s for stage in here for point in stage.points])
        if through and made and made[-1].arrival_s is not None:
            left_s = made[-1].arrival_s
        if not stages or part.stage.number in stages:
            found += made
    return tuple(found)


def _with_ends(made: Sequence[Split], places: Sequence[Interval[int]]) -> list[Split]:
    """Splits with their ranges; *places* are the arrivals at the places on the same clock."""
    known = [(at.p50, at.p10, at.p90) for at in places if None not in (at.p50, at.p10, at.p90)]
    if not known:
        return list(made)
    expected_s, early_s, late_s = zip((0, 0, 0), *sorted(known), strict=True)
    return [
        split
        if split.arrival_s is None
        else replace(
            split,
            arrival_ends_s=(
                round(float(np.interp(split.arrival_s, expected_s, early_s))),
                round(float(np.interp(split.arrival_s, expected_s, late_s))),
            ),
        )
        for split in made
    ]


def _of_stage(part: Part, step_m: float, offset_m: float, left_s: int) -> Iterator[Split]:
    """The splits of a stage; *left_s*, on the clock, is when the one before its first ended."""
    profile, estimate = part.profile, part.estimate
    end_m = profile.length_m
    first = np.floor(offset_m / step_m) + 1.0
    marks_m = np.arange(first * step_m - offset_m, end_m - LEAST_M, step_m)
    edges_m = [0.0, *marks_m[marks_m > LEAST_M].tolist(), end_m]
    climbed_m = zip(*profile.climbed_m(edges_m), strict=True)
    for (from_m, to_m), (gain_m, loss_m) in zip(pairwise(edges_m), climbed_m, strict=True):
        arrival_s = moving_s = hiked_s = None
        if estimate is not None:
            arrival_s = seconds(estimate.arrival_s(to_m))
            moving_s = estimate.moving_between_s(from_m, to_m)
            hiked_s = estimate.hiked_between_s(from_m, to_m)
        yield Split(
            stage=part.stage.number,
            to_m=metres(offset_m + to_m) or 0.0,
            length_m=metres(to_m - from_m) or 0.0,
            gain_m=metres(gain_m),
            loss_m=metres(loss_m),
            moving_s=seconds(moving_s),
            hike_fraction=ratio(hiked_s, moving_s),
            elapsed_s=None if arrival_s is None else arrival_s - left_s,
            arrival_s=arrival_s,
            arrival=to_the_second(moment(part.start, arrival_s)),
        )
        left_s = left_s if arrival_s is None else arrival_s
