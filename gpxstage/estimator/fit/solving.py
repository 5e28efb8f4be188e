"""The runner whom the engine needs to explain some outings: least squares with priors.

The fit uses the engine's own equations with a known clock: the duration of an outing, the hours
since its start, the share already covered and the darkness are read from the recording, so
nothing has to be solved for. Residuals are of two kinds. An outing as a whole was faster or
slower than this runner usually is: one number, whose spread is that between days. Within it each
bin took more or less of the time than its slope explains; bins next to each other err together,
so each counts as less than one. Large residuals of both kinds count less than their squares (a
lost path is not a law), and every parameter is drawn towards what its ability makes likely. The
ability by whole outings, and its change with length and steepness, come from `pooling.placed`.

The second half of this file measures what a picture of the fit shows: speed against grade, as
recorded and as fitted, and what the fit leaves over by hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import engine
from gpxstage.estimator.fit.pooling import Placed, ages, placed
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import Runner, at, at_ability, with_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.learnt import Learnt
    from gpxstage.estimator.runner_file import Origin


@dataclass(frozen=True)
class Prior:
    """The likely value of a parameter before any recording: a logarithm where it is a share."""

    middle: float
    spread: float


# Judgement; the middles of shares are against `runner.WITH_ABILITY` at the same ability. What
# leaving one recording out shows of them is in docs/accuracy.md.
PRIORS = {
    "flat_speed_mps": Prior(np.log(2.5), 0.6),  # a walker at 1.4, a winner at 5.6
    "descent_m_per_h": Prior(0.0, 0.4),  # varies most between people
    "downhill_gain": Prior(0.0, 0.15),
    "hike_most_mps": Prior(0.0, 0.10),
    "gait_shift_mps": Prior(0.0, 0.6),  # absolute; who never runs comes out at 1.2
    "gait_down_mps": Prior(0.0, 0.6),  # absolute, too
}
SHARES = ("flat_speed_mps", "descent_m_per_h", "downhill_gain", "hike_most_mps")
SHIFTS = ("gait_shift_mps", "gait_down_mps")
SLOPES = ("length_slope", "steepness_slope")
DAY = 0.10  # how one person's outings scatter, share of the time (judgement, by the recordings)
GAIT = 0.30  # how a bin's hiked share scatters (the same)
SHAPE = 0.16  # weight of a bin for the next outing, against its weight for its own (the same)
STEPS = 0.64  # the same for a bin's hiked share, which depends less on the day (the same)
LEAST_BIN = 0.05  # no bin's time is known better, share
LITTLE_S = 30.0  # no bin is judged finer than this
BY_DATA = 0.7  # of the prior's spread left: with less, a number is from the data (judgement)
NORMAL = 1.4826  # standard deviation of a normal distribution over its median deviation
MOST_TOGETHER = 0.9  # correlation of neighbours beyond which nothing is believed
STEP = 0.02  # of a prior's spread, for derivatives
MOST_ROUNDS = 30


@dataclass(frozen=True)
class Noise:
    """How the bins of outings scatter (judgement, by the recordings, before they are seen)."""

    scatter: float = 0.17  # of a bin's time about its outing's, share
    alone: float = 0.4  # what a bin counts for, of one that errs independently


@dataclass(frozen=True)
class Parameter:
    """One number of a fitted runner: its spread is a share, or absolute as in PRIORS."""

    name: str
    value: float
    spread: float
    origin: Origin  # data, prior


@dataclass(frozen=True, eq=False)
class Fitted:
    """A runner at the effort of their recordings, and how well each number is known."""

    runner: Runner
    parameters: tuple[Parameter, ...]
    outings: tuple[Outing, ...]
    placed: Placed  # by the outings as wholes


def fitted(
    outings: Sequence[Outing],
    made: Callable[[Runner], Runner] = lambda r: r,
    *,
    at_s: float | None = None,
    known: Learnt | None = None,
) -> Fitted:
    """Fit a runner to outings; *made* sets what is known otherwise, such as the pack.

    The fit is made twice: the first one shows how bins scatter, the second one weighs them by
    that. *at_s* is the time for which the runner is wanted, seconds since 1970, by default that
    of the newest outing. *known* are numbers of other people, by default as learnt. Raises
    ValueError without an outing.
    """
    if not outings:
        raise ValueError("no outing to fit to")
    names = _free(outings)
    middle = np.array([PRIORS[name].middle for name in names])
    width = np.array([PRIORS[name].spread for name in names])

    def runner_of(z: Array) -> Runner:
        return made(_runner(dict(zip(names, middle + width * z, strict=True))))

    noise, counts = Noise(), np.sqrt(ages(outings, at_s, known))

    def misses(z: Array) -> Array:
        runner = runner_of(z)
        each = zip(outings, counts, strict=True)
        return np.concatenate([z, *(c * _misses(outing, runner, noise) for outing, c in each)])

    z, _ = _solved(np.zeros(len(names)), misses)
    noise = _noise(outings, runner_of(z))
    z, shares_left = _solved(z, misses)
    together = placed(outings, runner_of(z), at_s, known)
    runner = replace(
        at(runner_of(z), together.flat_speed_mps),
        ability_spread=together.spread,
        known_from="outings",
        seen=together.seen,
    )
    parameters = [
        Parameter(name, getattr(runner, name), float(w * s), "data" if s < BY_DATA else "prior")
        for name, w, s in zip(names, width, shares_left, strict=True)
    ]
    return Fitted(runner, (*parameters, *_slopes(together)), tuple(outings), together)


def _slopes(together: Placed) -> list[Parameter]:
    """The change of the ability with length and with steepness."""
    known = learnt()
    usual = (known.outing_length_sd, known.outing_steepness_sd)
    return [
        Parameter(name, value, sure, "data" if sure < BY_DATA * sd else "prior")
        for name, (value, sure), sd in zip(SLOPES, together.slopes, usual, strict=True)
    ]


def _solved(start: Array, misses: Callable[[Array], Array]) -> tuple[Array, Array]:
    """The point where the sum of squares is least, and its standard deviations."""
    from scipy.optimize import least_squares

    last = start, misses(start)  # the slopes are wanted where the misses were found last

    def found(z: Array) -> Array:
        nonlocal last
        last = z.copy(), misses(z)
        return last[1]

    def slopes(z: Array) -> Array:
        here = last[1] if np.array_equal(z, last[0]) else misses(z)
        return np.column_stack([(misses(z + STEP * e) - here) / STEP for e in np.eye(len(z))])

    best = least_squares(found, start, slopes, bounds=(-6.0, 6.0), max_nfev=MOST_ROUNDS, xtol=1e-5)
    return best.x, np.sqrt(np.diag(np.linalg.inv(best.jac.T @ best.jac)))


def _free(outings: Sequence[Outing]) -> list[str]:
    """The parameters that are fitted: gait shifts only where a cadence was recorded."""
    names = list(SHARES)
    if any(outing.hiked is not None for outing in outings):
        names += SHIFTS
    return names


def _runner(values: dict[str, float]) -> Runner:
    """The runner with some values; shares are relative to what the ability makes likely."""
    likely = at_ability(float(np.exp(values["flat_speed_mps"])), "you", "recordings")
    known = {name: getattr(likely, name) * float(np.exp(values[name])) for name in SHARES[1:]}
    known |= {name: float(values.get(name, 0.0)) for name in SHIFTS}
    return replace(with_numbers(likely, known), known_from="outings")


def cell_times(outing: Outing, runner: Runner) -> tuple[Array, Array]:
    """(n,) seconds of each cell by the engine with the outing's own clock, and (n,) share hiked."""
    moving_s = geo.so_far(outing.cell_s)
    ground = engine.ground_of(outing.push, runner, JUDGEMENT, Policy())
    effort = engine.effort_of(ground, runner, JUDGEMENT, moving_s, outing.clock_h)
    pace = engine.pace_of(
        ground,
        runner,
        JUDGEMENT,
        effort=effort,
        dark=outing.dark,
        guess_mps=None,
        brisk=engine.brisk_of(runner, moving_s),
    )
    return np.diff(pace.moving_s), pace.share


def binned(outing: Outing, values: Array) -> Array:
    """Sums over the known cells of each bin."""
    count = int(outing.bins[-1]) + 1
    return np.bincount(outing.bins, np.where(outing.kept, values, 0.0), count).astype(float)


def _misses(outing: Outing, runner: Runner, noise: Noise) -> Array:
    """Residuals of an outing: as a whole, bin by bin, by gait."""
    estimated_s, share = cell_times(outing, runner)
    off, weight = _bins_off(outing, estimated_s)
    counts = np.sqrt(SHAPE * noise.alone * weight)
    parts = [
        _soft(np.array([_whole(outing, estimated_s) / DAY])),
        counts * _soft(off / noise.scatter),
    ]
    if outing.hiked is not None:
        known = np.isfinite(outing.hiked)
        base = np.maximum(binned(outing, np.where(known, outing.cell_s, 0.0)), 1e-9)
        ours = binned(outing, np.where(known, share * outing.cell_s, 0.0)) / base
        theirs = binned(outing, np.where(known, outing.hiked * outing.cell_s, 0.0)) / base
        parts.append(np.sqrt(STEPS * weight) * _soft((ours - theirs) / GAIT))
    return np.concatenate(parts)


def _bins_off(outing: Outing, estimated_s: Array) -> tuple[Array, Array]:
    """Log of estimated over real time in each bin, less the outing's own mean; and weights."""
    real_s, binned_s = binned(outing, outing.cell_s), binned(outing, estimated_s)
    weight = real_s / real_s.mean()
    off = np.log((binned_s + LITTLE_S) / (real_s + LITTLE_S))
    return off - weight @ off / weight.sum(), weight


def _noise(outings: Sequence[Outing], runner: Runner) -> Noise:
    """The scatter of bins about a runner, and how independent neighbouring bins are."""
    all_off = [_bins_off(outing, cell_times(outing, runner)[0])[0] for outing in outings]
    scatter = float(NORMAL * np.median(np.abs(np.concatenate(all_off))))
    square = sum(float(off @ off) for off in all_off)
    beside = sum(float(off[1:] @ off[:-1]) for off in all_off)
    together = min(max(beside / square, 0.0), MOST_TOGETHER) if square > 0.0 else 0.0
    return Noise(max(scatter, LEAST_BIN), (1.0 - together) / (1.0 + together))


def _whole(outing: Outing, estimated_s: Array) -> float:
    return float(np.log(estimated_s[outing.kept].sum() / outing.cell_s[outing.kept].sum()))


def _soft(miss: Array) -> Array:
    """Residuals whose square is the soft absolute value: quadratic near 0, linear far out."""
    return np.sign(miss) * np.sqrt(2.0 * (np.sqrt(1.0 + np.square(miss)) - 1.0))


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
    hiked: Array  # (n,) share of the time, NaN without cadence


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
    """Residuals of n bins: real time over fitted time - 1, at hours since the start."""

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
    """The fitted speed by grade; its band covers doubtful parameters and the scatter of outings."""
    runner = fitted.runner
    grade = np.concatenate([outing.push.grade[outing.kept] for outing in fitted.outings])
    length_m = [np.diff(outing.push.edge_m)[outing.kept] for outing in fitted.outings]
    bands = np.round(grade / BAND).astype(int)
    numbers = np.unique(bands)

    def banded(values: Array) -> Array:
        return np.array([values[bands == number].sum() for number in numbers])

    estimated_s, hiked_s = _seconds(fitted, runner)
    seconds = banded(estimated_s)
    variance = np.full(len(numbers), runner.ability_spread**2)
    for parameter in fitted.parameters:
        if parameter.name in CURVED:  # the ability's own is in its spread
            moved = banded(_seconds(fitted, _nudged(runner, parameter))[0])
            variance = variance + (np.log(moved / seconds) / NUDGE * parameter.spread) ** 2
    mps, off = banded(np.concatenate(length_m)) / seconds, np.exp(EIGHT_OF_TEN * np.sqrt(variance))
    shown = seconds >= LEAST_S
    columns = (BAND * numbers, mps, mps / off, mps * off, banded(hiked_s) / seconds)
    return Curve(*(values[shown] for values in columns))


def left(fitted: Fitted) -> Left:
    """Real over fitted time, bin by bin."""
    hours, shares, numbers = [], [], []
    for number, outing in enumerate(fitted.outings):
        estimated_s, _ = cell_times(outing, fitted.runner)
        real_s, fitted_s, clock = (
            binned(outing, values)
            for values in (outing.cell_s, estimated_s, outing.clock_h * outing.cell_s)
        )
        used = real_s > 0.0
        hours.append(clock[used] / real_s[used])
        shares.append(real_s[used] / fitted_s[used] - 1.0)
        numbers.append(np.full(int(used.sum()), number))
    return Left(np.concatenate(hours), np.concatenate(shares), np.concatenate(numbers))


def _nudged(runner: Runner, parameter: Parameter) -> Runner:
    share = parameter.name in SHARES
    value = parameter.value * np.exp(NUDGE) if share else parameter.value + NUDGE
    return with_numbers(runner, {parameter.name: float(value)})


def _seconds(fitted: Fitted, runner: Runner) -> tuple[Array, Array]:
    """Seconds of all known cells by a runner, and how many of these are hiked."""
    found = [(*cell_times(outing, runner), outing.kept) for outing in fitted.outings]
    return (
        np.concatenate([seconds[kept] for seconds, _, kept in found]),
        np.concatenate([(seconds * share)[kept] for seconds, share, kept in found]),
    )
