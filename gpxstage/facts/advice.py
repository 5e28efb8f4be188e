"""Trace and plan -> Advice: what to change in the runner file, and the evidence for it.

The course is cut into bins: each kilometre's ground by grade. In each the recorded moving time is
compared with the planned one, and, where the cadence shows it, the hiked share. How each number
of the runner changes these is measured with the engine itself. Numbers are then taken in one by
one, the one that explains most first, as long as the rule of clear evidence (`_Asked.is_clear`,
all of it judgement) holds: so a slower runner is not also found to climb badly. What no number of
a runner file holds, the speed uphill alone, is a finding without a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.runner import KEYS, STOPPED, with_numbers
from gpxstage.facts.review import Advice
from gpxstage.facts.slopes_taken import STEEP, fade, in_thirds, passed
from gpxstage.units import fraction, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.fit.retraced import Trace
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts.review import About, Measure
    from gpxstage.facts.slopes_taken import PassedCells
    from gpxstage.facts.ways import PlannedWay, Way

# All of these are judgement.
BIN_M = 1000.0
GRADES = (-0.20, -0.10, -STEEP, STEEP, 0.10, 0.20)  # edges of the bins
# a window below 0.25 m/s counts as standing (`fit.windows`), so that ground on which the plan goes
# hardly faster would look quick; bins with more than this share of it are left out
SLOW_MPS, MOST_SLOW = 0.4, 0.15
LEAST_BIN_S = 30.0  # shorter bins hold too little to compare
MOST_LOG = 0.7  # a bin that took twice or half as long was no matter of ability
HIKE_WEIGHT = 0.5  # of a hiked share against a logarithm of time: shares scatter more
LEAST_GROUND_S = 1200.0  # of less moving time nothing is concluded
LEAST_ERRORS = 4.0  # standard errors between the number and the planned one
LEAST_EXPLAINED = 0.08  # of what is left of the misfit
SHOWS = 0.4  # of the strongest effect: the ground that shows a number
STEP, ROUNDS = 0.04, 2  # of a change, to see its effect; how often a fit is repeated
REFINED = 3  # so many of the candidates that the linear fit puts first
# slow steps count as standing, so that short stops look longer; much more is a rest and no habit
TELLING_STOPS, LEAST_STOP_S, MOST_STOPS = 0.2, 600.0, 5.0


@dataclass(frozen=True)
class _Number:
    """A number that a recording may contradict: multiplied by a factor, or shifted."""

    about: About
    key: str | None
    # change of its logarithm, or of itself, that is worth a line, and that can be believed
    least: float
    most: float
    shifts: bool = False


CLIMBING = _Number("climbing", None, 0.07, 0.7)
NUMBERS = (
    _Number("flat speed", "flat_speed_mps", 0.05, 0.7),
    CLIMBING,
    _Number("descending", "descent_m_per_h", 0.07, 0.7),
    _Number("gait", "gait_shift_mps", 0.10, 1.0, shifts=True),
    _Number("endurance", "front", 0.10, 0.6, shifts=True),
)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A recording in n bins, and how to read a plan in the same."""

    way: Way
    trace: Trace
    cells: PassedCells
    number: NDArray[np.int64]  # (cells,) which bin
    kept: NDArray[np.bool_]  # (n,)
    up: Array  # (n,) 1 where the ground rises
    recorded: Array  # rows
    weight: Array  # rows
    gait: bool  # whether the cadence shows it

    def rows(self, plan: PlannedWay) -> Array:
        """Logarithms of the moving times and, where the cadence shows them, hiked shares."""
        cells = passed(self.way, self.trace, plan)
        if cells is None:
            raise ValueError("a plan without gaits cannot be compared")
        even_s = _summed(self.number, cells.even_s)[self.kept]
        hiked_s = _summed(self.number, cells.even_hiked_s)[self.kept]
        return _rows(even_s, hiked_s / even_s, gait=self.gait)


def _rows(moving_s: Array, hiked: Array, *, gait: bool) -> Array:
    log_s = np.log(moving_s)
    return np.concatenate([log_s, HIKE_WEIGHT * hiked]) if gait else log_s


def _summed(number: NDArray[np.int64], values: Array) -> Array:
    return np.asarray(np.bincount(number, weights=values), dtype=np.float64)


def _seen(way: Way, trace: Trace, planned: PlannedWay) -> _Seen | None:
    """None where no bin can be compared."""
    cells = passed(way, trace, planned)
    if cells is None or trace.clock is None:
        return None
    along = (np.cumsum(cells.length_m) // BIN_M).astype(np.int64)
    label = along * (len(GRADES) + 1) + np.digitize(cells.grade, GRADES)
    _, number = np.unique(label, return_inverse=True)
    moving_s, even_s = _summed(number, cells.moving_s), _summed(number, cells.even_s)
    gait = trace.clock.gait_from == "cadence"
    known_s = _summed(number, cells.gait_s)
    kept = (even_s >= LEAST_BIN_S) & (moving_s > 0.0)
    kept &= (known_s > 0.0) | (not gait)
    slow_s = np.where(cells.length_m < SLOW_MPS * cells.even_s, cells.even_s, 0.0)
    kept &= _summed(number, slow_s) <= MOST_SLOW * even_s
    if not kept.any():
        return None
    log = np.log(np.where(kept, moving_s, 1.0) / np.where(kept, even_s, 1.0))
    kept &= np.abs(log - np.median(log[kept])) < MOST_LOG
    up = _summed(number, np.where(cells.grade > STEEP, cells.even_s, 0.0))[kept] / even_s[kept]
    hiked = _summed(number, cells.hiked_s)[kept] / np.maximum(known_s[kept], 1.0)
    recorded = _rows(moving_s[kept], hiked, gait=gait)
    weight = np.sqrt(np.tile(even_s[kept], 2 if gait else 1))
    return _Seen(way, trace, cells, number, kept, up, recorded, weight, gait)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Changes of the chosen numbers, their standard errors, and what each does to the rows."""

    change: dict[_Number, float]
    error: dict[_Number, float]
    effect: dict[_Number, Array]
    misfit: float


@dataclass(frozen=True, eq=False)
class _Asked:
    """A recording, the planned runner, and how a runner becomes a plan."""

    seen: _Seen
    runner: Runner
    plan_of: Callable[[Runner], PlannedWay]
    known: dict[frozenset[tuple[_Number, float]], Array] = field(default_factory=dict)

    def rows(self, change: dict[_Number, float]) -> Array:
        """The rows of a plan with these changes; each plan is made once."""
        keyed = frozenset((n, x) for n, x in change.items() if n.key is not None)
        if keyed not in self.known:
            self.known[keyed] = self.seen.rows(self.plan_of(changed(self.runner, change)))
        rows = self.known[keyed].copy()
        faster = change.get(CLIMBING, 0.0)
        rows[: len(self.seen.up)] -= faster * self.seen.up
        return rows

    def cells(self, change: dict[_Number, float]) -> PassedCells:
        """The recording beside the plan with these changes."""
        plan = self.plan_of(changed(self.runner, change))
        cells = passed(self.seen.way, self.seen.trace, plan) or self.seen.cells
        faster = np.where(cells.grade > STEEP, change.get(CLIMBING, 0.0), 0.0)
        return replace(cells, even_s=cells.even_s * np.exp(-faster))

    def effect(self, number: _Number, change: dict[_Number, float], rows: Array) -> Array:
        """How the rows go with a number."""
        there = change | {number: change.get(number, 0.0) + STEP}
        return (self.rows(there) - rows) / STEP

    def solved(
        self, numbers: Sequence[_Number], change: dict[_Number, float], rows: Array,
        effects: dict[_Number, Array],
    ) -> _Fit:  # fmt: skip
        """The linear least squares around some changes."""
        weight, left = self.seen.weight, self.seen.recorded - rows
        if not numbers:
            return _Fit({}, {}, {}, float(np.sum((weight * left) ** 2)))
        matrix = np.stack([weight * effects[number] for number in numbers], axis=1)
        found, *_ = np.linalg.lstsq(matrix, weight * left, rcond=None)
        misfit = float(np.sum((weight * left - matrix @ found) ** 2))
        scatter = misfit / max(len(left) - len(numbers), 1)
        errors = np.sqrt(scatter * np.maximum(np.diag(np.linalg.pinv(matrix.T @ matrix)), 0.0))
        return _Fit(
            {n: change.get(n, 0.0) + float(x) for n, x in zip(numbers, found, strict=True)},
            dict(zip(numbers, errors.tolist(), strict=True)),
            {n: effects[n] for n in numbers},
            misfit,
        )

    def refined(self, numbers: Sequence[_Number], change: dict[_Number, float]) -> _Fit:
        """The same, repeated around what it finds: the engine is not linear."""
        fit = _Fit({}, {}, {}, np.inf)
        for _ in range(ROUNDS):
            rows = self.rows(change)
            effects = {number: self.effect(number, change, rows) for number in numbers}
            fit = self.solved(numbers, change, rows, effects)
            change = fit.change
        return fit

    def next(self, fit: _Fit, refused: Sequence[_Number]) -> tuple[_Number, _Fit] | None:
        """The number that explains most of what is left; None where none explains enough."""
        rows = self.rows(fit.change)
        left = [n for n in NUMBERS if n not in fit.change and n not in refused]
        effects = {n: self.effect(n, fit.change, rows) for n in (*fit.change, *left)}
        tried = [(n, self.solved((*fit.change, n), fit.change, rows, effects)) for n in left]
        first = sorted(tried, key=lambda each: each[1].misfit)[:REFINED]
        better = [(n, self.refined((*fit.change, n), new.change)) for n, new in first]
        best = min(better, key=lambda each: each[1].misfit, default=None)
        if best is None or best[1].misfit > (1.0 - LEAST_EXPLAINED) * fit.misfit:
            return None
        return best

    def ground(self, effect: Array) -> NDArray[np.bool_]:
        """The cells that show a number."""
        of_bin = np.zeros(len(self.seen.kept), dtype=bool)
        strength = np.abs(effect[: len(self.seen.up)])
        of_bin[self.seen.kept] = strength >= SHOWS * strength.max()
        return np.asarray(of_bin[self.seen.number])

    def is_clear(self, number: _Number, fit: _Fit) -> bool:
        """Far enough from the plan, far outside the scatter, and on enough ground (judgement)."""
        size = abs(fit.change[number])
        enough_s = float(self.seen.cells.moving_s[self.ground(fit.effect[number])].sum())
        sure = size >= LEAST_ERRORS * fit.error[number]
        return number.least <= size <= number.most and sure and enough_s >= LEAST_GROUND_S


def changed(runner: Runner, change: dict[_Number, float]) -> Runner:
    """The runner with changed numbers, within what a runner file may hold."""
    values = {}
    for number, x in change.items():
        if number.key is not None:
            own = getattr(runner, number.key)
            low, high = KEYS[number.key].low, KEYS[number.key].high
            values[number.key] = min(max(own + x if number.shifts else own * np.exp(x), low), high)
    return replace(runner, **values)


def _found(asked: _Asked) -> _Fit:
    """The numbers for which there is clear evidence."""
    refused: list[_Number] = []
    fit = asked.solved((), {}, asked.rows({}), {})
    while best := asked.next(fit, refused):
        number, new = best
        if asked.is_clear(number, new):
            fit = new
        else:
            refused.append(number)
    while unclear := [n for n in fit.change if not asked.is_clear(n, fit)]:
        kept = [n for n in fit.change if n != unclear[0]]
        fit = asked.refined(kept, {n: fit.change[n] for n in kept})
    return fit


# the facts


def advice_on(
    way: Way, trace: Trace, runner: Runner, plan_of: Callable[[Runner], PlannedWay]
) -> tuple[Advice, ...]:
    """What a recording says about the numbers of a runner; nothing without clear evidence.

    Parameters
    ----------
    way
        The chosen stages.
    trace
        The recording on them; a table of splits gives no advice.
    runner
        With the numbers of the runner file, as they were planned with.
    plan_of
        The plan of any runner, on the same way.
    """
    planned = plan_of(runner)
    seen = _seen(way, trace, planned)
    if seen is None:
        return ()
    asked = _Asked(seen, runner, plan_of)
    fit = _found(asked)
    found = [_advice(asked, fit, number) for number in NUMBERS if number in fit.change]
    return (*found, *_on_stops(asked, fit.change))


def _advice(asked: _Asked, fit: _Fit, number: _Number) -> Advice:
    ground = asked.ground(fit.effect[number])
    others = {n: x for n, x in fit.change.items() if n is not number}
    cells = asked.cells(others)
    measure, recorded, planned = _figures(cells, number, ground, gait=asked.seen.gait)
    now = advised = error = None
    if number.key is not None:
        now = float(getattr(asked.runner, number.key))
        advised = float(getattr(changed(asked.runner, {number: fit.change[number]}), number.key))
        error = fit.error[number] * (1.0 if number.shifts else advised)
    return Advice(
        about=number.about,
        measure=measure,
        recorded=fraction(recorded) or 0.0,
        planned=fraction(planned) or 0.0,
        moving_s=seconds(float(cells.moving_s[ground].sum())) or 0,
        distance_m=metres(float(cells.length_m[ground].sum())) or 0.0,
        key=number.key,
        now=_short(now),
        advised=_short(advised),
        error=_short(error, 2),
        line=_line(number.key, advised),
    )


def _figures(
    cells: PassedCells, number: _Number, ground: NDArray[np.bool_], *, gait: bool
) -> tuple[Measure, float, float]:
    """What was measured on some ground, recorded and planned."""
    moving_s, even_s = float(cells.moving_s[ground].sum()), float(cells.even_s[ground].sum())
    if number.about in ("climbing", "descending"):
        height_m = float(np.abs(cells.grade * cells.length_m)[ground].sum())
        return "height_m_per_h", 3600.0 * height_m / moving_s, 3600.0 * height_m / even_s
    if number.about == "gait" and gait:
        hiked, of_s = float(cells.hiked_s[ground].sum()), float(cells.gait_s[ground].sum())
        planned = float(cells.even_hiked_s[ground].sum()) / even_s
        return "hike_fraction", hiked / max(of_s, 1.0), planned
    if number.about == "endurance":
        slower = fade(in_thirds(cells))
        return "fade", slower or 0.0, 0.0
    length_m = float(cells.length_m[ground].sum())
    return "speed_mps", length_m / moving_s, length_m / even_s


def _on_stops(asked: _Asked, change: dict[_Number, float]) -> Iterator[Advice]:
    """Time without movement against that of the plan, at the speed that was recorded."""
    trace, runner = asked.seen.trace, changed(asked.runner, change)
    ends_m = (trace.begin_m, trace.reached_m)

    def standing_s(one: Runner) -> float:
        plan = asked.plan_of(one)
        return plan.between_s(*ends_m) - plan.moving_s(*ends_m)

    key, step = ("stops", 0.1) if runner.stopped_min_per_h is None else (STOPPED, 1.0)
    now = float(getattr(runner, key))
    planned_s = standing_s(runner)
    more_s = standing_s(with_numbers(runner, {key: now + step}))
    from_s, to_s = trace.at_s(ends_m[0]), trace.at_s(ends_m[1])
    moving_s = trace.clock.between("moving_s", from_s, to_s) if trace.clock else 0.0
    moving_s += _unseen_s(asked.cells(change))
    stood_s = to_s - from_s - moving_s
    if max(planned_s, stood_s) < LEAST_GROUND_S or more_s - planned_s < 1.0:
        return
    late_s = stood_s - planned_s
    if abs(late_s) < max(LEAST_STOP_S, TELLING_STOPS * planned_s):
        return
    low, high = KEYS[key].low, KEYS[key].high
    advised: float | None = now + step * late_s / (more_s - planned_s)
    if advised is not None and not low <= advised <= min(high, MOST_STOPS * now):
        advised = None
    yield Advice(
        about="stops",
        measure="standing_s",
        recorded=float(seconds(stood_s) or 0),
        planned=float(seconds(planned_s) or 0),
        moving_s=seconds(moving_s) or 0,
        distance_m=metres(ends_m[1] - ends_m[0]) or 0.0,
        key=key,
        now=_short(now),
        advised=_short(advised, 2),
        error=None,
        line=_line(key, advised, 2),
    )


def _unseen_s(cells: PassedCells) -> float:
    """Moving time that the windows take for standing: on ground where the plan is slow, too."""
    slow = cells.length_m < SLOW_MPS * cells.even_s
    return max(float((cells.even_s - cells.moving_s)[slow].sum()), 0.0)


def _short(value: float | None, digits: int = 3) -> float | None:
    """As many digits as are known."""
    return None if value is None else float(f"{value:.{digits}g}")


def _line(key: str | None, value: float | None, digits: int = 3) -> str | None:
    return None if key is None or value is None else f"{key} = {_short(value, digits):g}"
