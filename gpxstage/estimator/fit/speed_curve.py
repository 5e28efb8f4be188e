"""What a fit looks like: speed against grade, measured and fitted, and what is left by hour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.estimator.fit.solving import SHARES, cell_times

if TYPE_CHECKING:
    from gpxstage.course import Array, Indices
    from gpxstage.estimator.fit.outings import Outing
    from gpxstage.estimator.fit.solving import Fitted, Parameter
    from gpxstage.estimator.runner import Runner

# All of these are judgement: what can be read in a picture.
PIECE_CELLS = 4  # cells of 50 m in one measured speed
ONE_GRADE = 0.06  # a piece whose cells differ by more has no grade of its own
BAND = 0.03  # width of the grade bands of the curve
LEAST_S = 300.0  # in a band, to be drawn
HALF = 0.5  # hiked more than this, a piece counts as walked
EIGHT_OF_TEN = 1.2816  # standard deviations to either side
CURVED = (*SHARES[1:], "gait_shift_mps", "gait_down_mps")  # what changes speed against grade
NUDGE = 0.02  # for derivatives: logarithms, or absolute


@dataclass(frozen=True, eq=False)
class Measured:
    """n pieces of about 200 m of one grade."""

    grade: Array  # (n,)
    mps: Array  # (n,) along the way
    hiked: Array  # (n,) share of the time, NaN where no cadence tells


@dataclass(frozen=True, eq=False)
class Curve:
    """The fitted runner's speed in b bands of grade, under the conditions of the outings."""

    grade: Array  # (b,) middle
    mps: Array  # (b,)
    low_mps: Array  # (b,) 8 of 10 outings lie between
    high_mps: Array  # (b,)
    hiked: Array  # (b,) share of the time


@dataclass(frozen=True, eq=False)
class Left:
    """What the fit leaves, n bins: real time over fitted - 1, at hours since the start."""

    clock_h: Array  # (n,)
    share: Array  # (n,)
    outing: Indices  # (n,)


def measured(fitted: Fitted) -> Measured:
    """All pieces of the outings that have a grade of their own."""
    found = [_pieces(outing) for outing in fitted.outings]
    return Measured(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def _pieces(outing: Outing) -> tuple[Array, Array, Array]:
    whole = len(outing.cell_s) // PIECE_CELLS * PIECE_CELLS
    by_piece = (-1, PIECE_CELLS)
    grade, kept, length_m, cell_s = (
        values[:whole].reshape(by_piece)
        for values in (outing.push.grade, outing.kept, np.diff(outing.push.edge_m), outing.cell_s)
    )
    used = kept.all(axis=1) & (np.ptp(grade, axis=1) <= ONE_GRADE)
    hiked = np.full((len(used), PIECE_CELLS), np.nan)
    if outing.hiked is not None:
        hiked = outing.hiked[:whole].reshape(by_piece)
    share = (hiked * cell_s).sum(axis=1) / cell_s.sum(axis=1)
    mps = length_m.sum(axis=1) / cell_s.sum(axis=1)
    return grade.mean(axis=1)[used], mps[used], share[used]


def curve(fitted: Fitted) -> Curve:
    """The fitted speed by grade; its band is of parameters and of how outings scatter."""
    runner = fitted.runner
    grade = np.concatenate([outing.push.grade[outing.kept] for outing in fitted.outings])
    length_m = [np.diff(outing.push.edge_m)[outing.kept] for outing in fitted.outings]
    bands = np.round(grade / BAND).astype(int)
    numbers = np.unique(bands)

    def banded(values: Array) -> Array:
        return np.array([values[bands == number].sum() for number in numbers])

    told_s, hiked_s = _told(fitted, runner)
    seconds = banded(told_s)
    variance = np.full(len(numbers), runner.ability_spread**2)
    for parameter in fitted.parameters:
        if parameter.name in CURVED:  # the ability's own is in its spread
            moved = banded(_told(fitted, _nudged(runner, parameter))[0])
            variance = variance + (np.log(moved / seconds) / NUDGE * parameter.spread) ** 2
    mps, off = banded(np.concatenate(length_m)) / seconds, np.exp(EIGHT_OF_TEN * np.sqrt(variance))
    shown = seconds >= LEAST_S
    columns = (BAND * numbers, mps, mps / off, mps * off, banded(hiked_s) / seconds)
    return Curve(*(values[shown] for values in columns))


def left(fitted: Fitted) -> Left:
    """Real over fitted time, bin by bin."""
    hours, shares, numbers = [], [], []
    for number, outing in enumerate(fitted.outings):
        told_s, _ = cell_times(outing, fitted.runner)
        count = int(outing.bins[-1]) + 1
        kept = outing.kept.astype(float)
        real, told, clock = (
            np.bincount(outing.bins, kept * values, count)
            for values in (outing.cell_s, told_s, outing.clock_h * outing.cell_s)
        )
        used = real > 0.0
        hours.append(clock[used] / real[used])
        shares.append(real[used] / told[used] - 1.0)
        numbers.append(np.full(int(used.sum()), number))
    return Left(np.concatenate(hours), np.concatenate(shares), np.concatenate(numbers))


def _nudged(runner: Runner, parameter: Parameter) -> Runner:
    share = parameter.name in SHARES
    value = parameter.value * np.exp(NUDGE) if share else parameter.value + NUDGE
    changed: dict[str, Any] = {parameter.name: float(value)}
    return replace(runner, **changed)


def _told(fitted: Fitted, runner: Runner) -> tuple[Array, Array]:
    """Seconds of all cells that are known, and of them hiked, by a runner."""
    told = [cell_times(outing, runner) for outing in fitted.outings]
    kept = [outing.kept for outing in fitted.outings]
    return (
        np.concatenate([s[k] for (s, _), k in zip(told, kept, strict=True)]),
        np.concatenate([(s * share)[k] for (s, share), k in zip(told, kept, strict=True)]),
    )
