"""Trace and even plan -> moving time by slope, by daylight, and in thirds of the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.facts.parts import ratio
from gpxstage.facts.review import GroundReview
from gpxstage.units import fraction, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.fit.retraced import Trace
    from gpxstage.facts.ways import PlannedWay, Way

STEEP = 0.05  # grade from which the ground goes up or down (judgement)


@dataclass(frozen=True, eq=False)
class PassedCells:
    """Every cell of the course that was passed: moving time recorded and by the even plan."""

    length_m: Array
    grade: Array
    moving_s: Array
    hiked_s: Array
    gait_s: Array
    dark: Array  # share of the time
    even_s: Array
    even_hiked_s: Array

    def ground(self, name: str, mask: NDArray[np.bool_]) -> GroundReview:
        """What these cells have in common."""
        moving_s, even_s = float(self.moving_s[mask].sum()), float(self.even_s[mask].sum())
        return GroundReview(
            name=name,
            distance_m=metres(float(self.length_m[mask].sum())) or 0.0,
            moving_s=seconds(moving_s) or 0,
            even_s=seconds(even_s) or 0,
            of_even=ratio(moving_s, even_s),
            hike_fraction=ratio(float(self.hiked_s[mask].sum()), float(self.gait_s[mask].sum())),
        )


def passed(way: Way, trace: Trace, even: PlannedWay | None) -> PassedCells | None:
    """None for splits, and without an even plan."""
    clock = trace.clock
    if clock is None or even is None:
        return None
    columns: list[Array] = []
    for part, offset_m, stage in zip(way.parts, way.offset_m, even.stages, strict=True):
        cells = part.profile.cells
        if cells is None:
            return None
        edge_m = offset_m + cells.edge_m
        known = (edge_m[:-1] >= trace.begin_m) & (edge_m[1:] <= trace.reached_m)
        for off in trace.stretches:
            known &= (edge_m[1:] <= off.from_m) | (edge_m[:-1] >= off.to_m)
        edge_s = np.interp(edge_m, trace.passed_m, trace.passed_s)
        counted = [
            np.diff(np.interp(edge_s, clock.edge_s, getattr(clock, name)))
            for name in ("moving_s", "hiked_s", "gait_s", "dark_moving_s")
        ]
        hiked_s = stage.hiked_until_s
        until_s = np.zeros_like(stage.edge_m) if hiked_s is None else hiked_s
        # as coarse as the recording, whose passages are known only so often
        of_plan = [
            np.diff(
                np.interp(
                    edge_m,
                    trace.passed_m,
                    np.interp(trace.passed_m - offset_m, stage.edge_m, so_far_s),
                )
            )
            for so_far_s in (stage.moving_s, until_s)
        ]
        columns.append(np.stack([cells.length_m, cells.grade, *counted, *of_plan])[:, known])
    rows = np.concatenate(columns, axis=1)
    length_m, grade, moving_s, hiked_s, gait_s, dark_s, *planned = rows
    if not len(length_m):
        return None
    dark = dark_s / np.maximum(moving_s, 1e-9)
    return PassedCells(length_m, grade, moving_s, hiked_s, gait_s, dark, *planned)


def by_slope(cells: PassedCells | None) -> tuple[GroundReview, ...]:
    """Up, flat and down."""
    if cells is None:
        return ()
    up, down = cells.grade > STEEP, cells.grade < -STEEP
    return (cells.ground("up", up), cells.ground("flat", ~up & ~down), cells.ground("down", down))


def by_daylight(cells: PassedCells | None) -> tuple[GroundReview, ...]:
    """By day and in the dark, where there was both."""
    if cells is None or not (cells.dark > 0.5).any():
        return ()
    return cells.ground("day", cells.dark <= 0.5), cells.ground("night", cells.dark > 0.5)


def in_thirds(cells: PassedCells | None) -> tuple[GroundReview, ...]:
    """The way in three parts that take the even plan the same moving time."""
    if cells is None:
        return ()
    done = (np.cumsum(cells.even_s) - 0.5 * cells.even_s) / cells.even_s.sum()
    names = ("first third", "second third", "last third")
    return tuple(cells.ground(name, np.floor(3.0 * done) == k) for k, name in enumerate(names))


def fade(thirds: Sequence[GroundReview]) -> float | None:
    """How much longer the last third took than the first, each against the even plan, share."""
    if not thirds or not thirds[0].of_even or thirds[-1].of_even is None:
        return None
    return fraction(thirds[-1].of_even / thirds[0].of_even - 1.0)
