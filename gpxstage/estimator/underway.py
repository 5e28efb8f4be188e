"""The race has begun: what passages that are known say of the runner and of the rest.

Everything that a draw leaves open (`draws.SPREADS`) is estimated anew from the legs between the
passages: least squares with the draws' own spreads as the prior, the model made linear around
its best answer, which also gives what stays unknown (a Gaussian posterior; Tarantola 2005,
"Inverse Problem Theory", 3.2). The clock then agrees with every passage exactly, and the rest
goes on from the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import cutoffs, endurance, engine, scatter
from gpxstage.estimator.cutoffs import MOST_NAMED, NOTED_S
from gpxstage.estimator.draws import (
    PRIMES,
    TOLERANCE,
    coarse_push,
    mean_cell_s,
    normals,
    somebody,
)
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import NEAR_M, Passages, Passed, Policy, Push
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.units import hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpxstage.course import Array, Course, Indices
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.nouns import Halt, Run
    from gpxstage.estimator.plan import Part
    from gpxstage.estimator.runner import Runner
    from gpxstage.profile import Cells, Profile

# What no ability explains: a leg comes out slower or faster by itself, the more so the later.
# Legs err independently; up to a share t of a race the variance of the time is NOISE squared
# times t to the power GROWTH, of a whole race's time (fitted to the passages of six races; the
# power by finishers of the Tor). Of what is left, NOISE is in proportion to the drift.
NOISE, GROWTH = 0.027, 1.5
LEGS = NOISE / scatter.DRIFT_ASSUMED
TIMED_S = 60.0  # no passage is known better
MOST_BLOCK = 0.25  # a short rest errs no more than this
STEP = 0.3  # of a prior's spread, for derivatives
ROUNDS, NEAR = 6, 0.05  # of a prior's spread
MERGED_CELLS = 8  # cells of 50 m in one, where only differences count
BLOCKS = 8  # the rest of a push errs in so many independent parts
SNAP_M = 0.01  # an edge this near to a passage is its edge
MOST_S = 5000.0 * 3600.0  # what is longer is no race
LEAST_M = 0.5  # between two passages
DOUBTFUL = 4.0  # in spreads of the prior: farther off, and something else is wrong


@dataclass(frozen=True, eq=False)
class Known:
    """What is thought of runner, world and day, and where the runner has been."""

    runner: Runner
    policy: Policy
    spreads: Mapping[str, float]  # of what is drawn
    way: float = scatter.WAY_ASSUMED  # how finishers in the same time differ on the way
    drift: float = scatter.DRIFT_ASSUMED  # and how far what is left errs as a whole
    passed: tuple[Passed, ...] = ()
    best: Array | None = None  # (11,) in the draws' spreads, of what is drawn; None: the middle
    left: Array | None = None  # (11, 11) what is still unknown, as a factor; None: everything
    whole_s: float = 0.0  # of the race, as it was planned
    # by the first stage of each push: sleep on the way to each passage, as it was planned
    planned_sleep_s: Mapping[int, Array] = field(default_factory=dict)

    def passages(self, part: Part) -> Passages:
        """The passages of a push, and the longest sleep that is assumed before them."""
        there = passages_of(part, self.passed)
        planned_s = self.planned_sleep_s.get(part[0][0].number, np.inf)
        return replace(there, planned_sleep_s=planned_s)

    def inputs(self, push: Push) -> Inputs:
        """What the engine runs on: the best estimate of runner, world and day."""
        if self.best is None:
            return push, self.runner, JUDGEMENT, self.policy
        each = (push, self.runner, JUDGEMENT, self.policy, self.best)
        return somebody(*each, spreads=self.spreads)

    def normals(self, draws: int, seed: int, slower: Array) -> Array:
        """(draws, 11) standard normals, for what is left unknown.

        *slower*, (11,), is what each unit of them adds to the log of the time.
        """
        if self.left is None:
            return normals(draws, seed, slower)
        return np.asarray(normals(draws, seed, slower @ self.left) @ self.left.T)

    def erring(
        self, push: Push, moving_s: Array, begin_s: float, seed: int
    ) -> tuple[Array, Indices] | None:
        """How the way of draws from the last passage on errs, as the legs before it did.

        *moving_s*, (d, n+1), is the draws' own; *begin_s* is when the push begins, by the hours
        of the race. Returned are times of some parts of the way, (d, parts), and the part of
        each cell, (n,); None where nothing errs.
        """
        if not self.passed:
            return None
        ahead = push.passed.leg_of(push.edge_m[:-1]) == len(push.passed)
        usual_s = mean_cell_s(moving_s)
        done, rest_s = np.cumsum(np.where(ahead, usual_s, 0.0)), float(usual_s[ahead].sum())
        if rest_s == 0.0:
            return None
        block = np.minimum((BLOCKS * done / rest_s).astype(int), BLOCKS - 1)
        first_s = begin_s + usual_s[~ahead].sum()
        moments_s = first_s + rest_s * np.arange(BLOCKS + 1) / BLOCKS
        widths = np.minimum(_noise(moments_s, self.whole_s, LEGS * self.drift), MOST_BLOCK)
        chance = np.random.default_rng((seed, int(begin_s)))  # each push its own
        normals = chance.standard_normal((len(moving_s), BLOCKS))
        rest = np.exp(self.drift * scatter.normals(len(moving_s), seed))[:, None]
        times = np.exp(widths * normals - 0.5 * widths**2) * rest
        behind = np.ones((len(times), 1))  # as it was
        return np.concatenate([times, behind], axis=1), np.where(ahead, block, BLOCKS)


def _noise(clock_s: Array, whole_s: float, noise: float = NOISE) -> Array:
    """(k,) how far the time between each two of k+1 moments of a race errs by itself, share."""
    variance = np.diff((clock_s / whole_s) ** GROWTH)
    return np.asarray(noise * np.sqrt(variance) * whole_s / np.diff(clock_s))


def checked(course: Course, profiles: Sequence[Profile], passed: Sequence[Passed]) -> None:
    """Raise ValueError where passages contradict each other or the course."""
    lengths_m = {s.number: p.length_m for s, p in zip(course.stages, profiles, strict=True)}
    before = Passed(0, 0.0, 0.0)
    for here in _in_order(passed):
        name = _name(here)
        if here.stage not in lengths_m:
            raise ValueError(f"{name}: there is no stage {here.stage}")
        if not 0.0 < here.distance_m <= lengths_m[here.stage] + SNAP_M:
            end_km = lengths_m[here.stage] / 1000.0
            raise ValueError(
                f"{name}: not between the start of stage {here.stage} and its end,"
                f" {end_km:.1f} km on"
            )
        if not here.elapsed_s > 0.0:
            raise ValueError(f"{name}: the time is not after the start")
        if here.elapsed_s > MOST_S:
            raise ValueError(f"{name}: more than {MOST_S / 3600.0:.0f} hours after the start")
        same = course.format == "continuous" or before.stage == here.stage
        if same and before.stage and here.elapsed_s <= before.elapsed_s:
            raise ValueError(
                f"{name} after {hours(here.elapsed_s)}: {_name(before)} comes before it, and was"
                f" passed after {hours(before.elapsed_s)}"
            )
        if before.stage == here.stage and here.distance_m - before.distance_m < LEAST_M:
            raise ValueError(f"{name} and {_name(before)} are the same place")
        before = here


def with_edges(
    course: Course, profiles: Sequence[Profile], passed: Sequence[Passed]
) -> tuple[Profile, ...]:
    """Profiles whose cells have an edge at every passage.

    Raises ValueError for passages that contradict each other or the course.
    """
    checked(course, profiles, passed)
    found = []
    for stage, profile in zip(course.stages, profiles, strict=True):
        cells = profile.cells
        for here in passed:
            if cells is not None and here.stage == stage.number:
                cells = _cut(cells, here.distance_m)
        found.append(profile if cells is profile.cells else replace(profile, cells=cells))
    return tuple(found)


def _cut(cells: Cells, at_m: float) -> Cells:
    """The cells with one of them in two, of the same grade."""
    if np.abs(cells.edge_m - at_m).min() <= SNAP_M:
        return cells
    k = int(np.searchsorted(cells.edge_m, at_m))  # in cell k - 1
    height_m = float(np.interp(at_m, cells.edge_m, cells.elevation_m))
    twice = {name: getattr(cells, name) for name in ("grade", "lat_deg", "lon_deg")}
    return replace(
        cells,
        edge_m=np.insert(cells.edge_m, k, at_m),
        elevation_m=np.insert(cells.elevation_m, k, height_m),
        **{name: np.insert(values, k, values[k - 1]) for name, values in twice.items()},
    )


def passages_of(part: Part, passed: Sequence[Passed]) -> Passages:
    """The passages of a push, each on an edge of its cells."""
    at_m, at_s, offset_m = [], [], 0.0
    for stage, profile in part:
        assert profile.cells is not None
        edge_m = profile.cells.edge_m
        for here in _in_order(passed):
            if here.stage == stage.number:
                k = int(np.abs(edge_m - here.distance_m).argmin())
                at_m.append(edge_m[k] + offset_m)
                at_s.append(here.elapsed_s)
        offset_m += profile.length_m
    return Passages(np.array(at_m), np.array(at_s))


def learned(course: Course, parts: Sequence[Part], plan: Known, passed: Sequence[Passed]) -> Known:
    """What passages say of the runner, the world and the day of a plan."""
    planned = _planned(course, parts, plan)
    known = [passages_of(part, passed) for part in parts]
    plan_s = np.concatenate(
        [_legs_s(push, there, run) for (push, run), there in zip(planned, known, strict=True)]
    )
    ends_s = np.array([run.moving_s[-1] + run.stop_s.sum() for _, run in planned])
    coarse = _coarse([push for push, _ in planned], known)
    real_s = np.concatenate([np.diff(there.clock_s, prepend=0.0) for there in known])
    noise = np.hypot(_leg_noise(known, plan_s, ends_s), TIMED_S / plan_s)
    size = len(PRIMES)
    best, steps = np.zeros(size), np.vstack([np.zeros(size), STEP * np.eye(size)])
    missed: Array | None = None  # by the coarse cells
    for _ in range(ROUNDS):
        logs = np.log(_drawn_legs_s(coarse, known, plan, best + steps))
        missed = np.log(plan_s) - logs[0] if missed is None else missed
        slopes = ((logs[1:] - logs[0]) / STEP).T / noise[:, None]
        off = (logs[0] + missed - np.log(real_s)) / noise
        square = np.eye(size) + slopes.T @ slopes
        before, best = best, np.linalg.solve(square, slopes.T @ (slopes @ best - off))
        if np.abs(best - before).max() < NEAR:
            break
    who = f"{plan.runner.name or plan.runner.source}, as passed"
    return replace(
        plan,
        runner=replace(plan.runner, name=who, source="passed"),
        passed=tuple(_in_order(passed)),
        best=best,
        left=np.linalg.cholesky(np.linalg.inv(square)),
        whole_s=float(ends_s.sum()),
        planned_sleep_s={
            part[0][0].number: _per_leg(there, push) @ run.sleep_s
            for part, there, (push, run) in zip(parts, known, planned, strict=True)
        },
    )


def _planned(course: Course, parts: Sequence[Part], plan: Known) -> list[tuple[Push, Run]]:
    """The pushes of the plan before the start, with what its cutoffs leave of stops and sleep."""
    found, fresh = [], 1.0
    for part in parts:
        push = push_of(course, part, halts_of(course, part, plan.policy), fresh)
        given = plan.runner.known_from == "goal"
        closing = None if given else cutoffs.closing_of(course, part, push)
        push, run, _ = cutoffs.kept(
            closing, push, lambda push, guess_s: engine.run(*plan.inputs(push), guess_s=guess_s)
        )
        fresh = endurance.next_fresh(fresh, push, run, plan.runner, JUDGEMENT).item()
        found.append((push, run))
    return found


def doubts(known: Known) -> list[str]:
    """A note where the passages are too far from what was expected."""
    if known.best is None or np.linalg.norm(known.best) <= DOUBTFUL:
        return []
    last = known.passed[-1]
    return [
        f"{_name(last)} after {hours(last.elapsed_s)} is far from what was expected: are the"
        " points and the times right?"
    ]


def slept_before(known: Known, part: Part, halts: Sequence[Halt], run: Run) -> list[str]:
    """A note of the sleep before the last passage of a push, where nobody gave it."""
    numbers = [stage.number for stage, _ in part]
    here = [there for there in known.passed if there.stage in numbers][-1:]
    if not here or known.policy.sleeps is not None:
        return []
    last = numbers.index(here[0].stage), here[0].distance_m - NEAR_M
    slept = [
        (halt.name or "one place", float(sleep_s))
        for halt, sleep_s in zip(halts, run.sleep_s, strict=True)
        if (halt.stage, halt.distance_m) < last and sleep_s >= NOTED_S
    ]
    if not slept:
        return []
    where = ", ".join(f"{name} {hours(sleep_s)}" for name, sleep_s in slept[:MOST_NAMED])
    if more := slept[MOST_NAMED:]:
        where += f", {len(more)} more {hours(sum(sleep_s for _, sleep_s in more))}"
    return [
        f"the sleep before {_name(here[0])} is not known: {where} is assumed, as planned or less;"
        " --sleep gives what it was"
    ]


def _leg_noise(known: Sequence[Passages], plan_s: Array, ends_s: Array) -> Array:
    """How far each leg errs by itself, by where in the race it is planned."""
    found, first = [], 0
    for there, begin_s in zip(known, np.cumsum(ends_s) - ends_s, strict=True):
        legs_s = plan_s[first : first + len(there)]
        moments_s = begin_s + geo.so_far(legs_s)
        found.append(_noise(moments_s, float(ends_s.sum())))
        first += len(there)
    return np.concatenate(found)


def _coarse(pushes: Sequence[Push], known: Sequence[Passages]) -> list[Push]:
    """The pushes up to the last passage, on coarse cells that keep the passages as edges."""
    last = max(k for k, there in enumerate(known) if len(there))
    return [
        replace(coarse_push(replace(push, passed=there), MERGED_CELLS), passed=Passages())
        for push, there in zip(pushes[: last + 1], known, strict=False)
    ]


def _per_leg(there: Passages, push: Push) -> Array:
    """(p, k) 1 where a stop is made on the way to a passage, after the one before it."""
    legs = there.leg_of(push.sites.distance_m)
    return np.asarray(legs == np.arange(len(there))[:, None], dtype=np.float64)


def _legs_s(push: Push, there: Passages, run: Run) -> Array:
    """(..., p) seconds of every leg between passages that are not used."""
    moving_s = np.diff(
        geo.at_distance(there.distance_m, push.edge_m, run.moving_s), prepend=0.0, axis=-1
    )
    return np.asarray(moving_s + run.stop_s @ _per_leg(there, push).T)


def _drawn_legs_s(
    pushes: Sequence[Push], known: Sequence[Passages], plan: Known, normals: Array
) -> Array:
    """(..., legs) seconds of every leg of somebody who is drawn."""
    legs = []
    fresh: Array | float = 1.0
    for push, there in zip(pushes, known, strict=False):
        each = (replace(push, fresh=fresh), plan.runner, JUDGEMENT, plan.policy)
        each = somebody(*each, normals, spreads=plan.spreads)
        run = engine.run(*each, tolerance=TOLERANCE)
        fresh = endurance.next_fresh(fresh, push, run, each[1], JUDGEMENT)
        legs.append(_legs_s(push, there, run))
    return np.concatenate(legs, axis=-1)


def _in_order(passed: Sequence[Passed]) -> list[Passed]:
    return sorted(passed, key=lambda here: (here.stage, here.distance_m))


def _name(here: Passed) -> str:
    return here.name or f"{here.distance_m / 1000.0:.1f} km"
