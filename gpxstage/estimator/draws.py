"""The draws behind p10 and p90: one run of many runners like this one.

What is not known of a runner, of the constants and of the day is drawn; the engine runs all
draws at once on coarser cells, and what the coarser cells miss against the run without draws
is put back cell by cell. Quasi-random and seeded: the same seed gives the same bytes.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo
from gpxstage.estimator import engine
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.nouns import Policy, Push, Run
from gpxstage.estimator.stops import agreed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gpxstage.course import Array
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.runner import Runner

DRAWS, SEED = 200, 1
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31)
MERGED_CELLS = 4  # cells of 50 m in one of the draws'
MOST_AT_ONCE = 400_000  # draws times cells: 200 draws of 400 km; the engine keeps 40 such arrays
IN_CACHE = 50_000  # the same, of one step of the engine: 400 kB an array
TOLERANCE = 1e-4

# Standard deviations of the logarithm, terrain's absolute; the ability's own is the runner's.
# Judgement, from the design study of the estimator, but for the last two: those are set so that
# docs/accuracy.md's intervals hold 80 % of the time. The table is for a course of which nothing
# but the track is known, and a runner known from elsewhere.
SPREADS = {
    "decay": 0.07,
    "fatigue": 0.12,
    "descent": 0.15,
    "walk_cost": 0.04,
    "stops": 0.35,
    "sleep": 0.35,
    "altitude": 0.20,
    "terrain": 0.08,
    "course": 0.11,  # what no track shows of a course: footing, mud, heat, the company
    "day": 0.04,  # what is left: the same runner on the same course again
}
# the race's terrain is set by its past results
WITH_RESULTS = SPREADS | {"terrain": 0.04, "course": 0.08}
# the runner was solved on a race, this one or another: what another day and another course may
# change is in the spread of the ability, learnt from pairs of races
WITH_OWN = SPREADS | {
    "decay": 0.03,
    "fatigue": 0.05,
    "walk_cost": 0.02,
    "stops": 0.20,
    "sleep": 0.20,
    "altitude": 0.10,
    "terrain": 0.0,
    "course": 0.0,
    "day": 0.0,
}
# the runner is known by outings: days and courses are in how those scatter; what many more
# hours cost is not
OF_OUTINGS = SPREADS | {"terrain": 0.0, "course": 0.0, "day": 0.0}


def spreads_for(runner: Runner, terrain_spread: float | None) -> Mapping[str, float]:
    """What is not known of a runner on a course, by what both are known from.

    *terrain_spread* is of a terrain that was set by the race's past results, else None. Without
    those a level's range is as wide as fields and courses differ. Where a runner's habit of
    standing on the way is known, stops scatter as it does from outing to outing.
    """
    found = _spreads_for(runner, terrain_spread)
    habit = {"stops": runner.stopped_spread} if runner.stopped_min_per_h is not None else {}
    return {**found, **habit}


def _spreads_for(runner: Runner, terrain_spread: float | None) -> Mapping[str, float]:
    if runner.known_from == "outings":
        return OF_OUTINGS
    if runner.known_from in ("here", "results"):
        return WITH_OWN
    if runner.source == "level" and terrain_spread is None:
        known = learnt()  # a level that was renamed counts as the middle of a field
        return WITH_OWN | {
            "course": getattr(known, f"level_spread_{runner.name}", known.level_spread_mid)
        }
    return SPREADS if terrain_spread is None else WITH_RESULTS | {"terrain": terrain_spread}


def drawn(
    push: Push,
    run: Run,
    runner: Runner,
    policy: Policy,
    *,
    constants: Judgement,
    normals: Array,
    fresh: Array | float,
    spreads: Mapping[str, float] = SPREADS,
    merged: int = MERGED_CELLS,
) -> tuple[Push, Run]:
    """The same push for d draws, (d, 11) standard normal *normals*: coarse push, and its run.

    *run* is the push without draws; *fresh* is what earlier stages left of the power, for each
    draw, (d, 1). The metres hiked and the energy of the draws are sums by stage, (d, stages).
    """
    coarse = coarse_push(push, merged)
    plain = engine.run(coarse, runner, constants, policy, tolerance=TOLERANCE)
    fresh = np.broadcast_to(fresh, (len(normals), 1))

    def part(rows: slice) -> tuple[Inputs, Array]:
        there = replace(coarse, fresh=fresh[rows])
        each = somebody(there, runner, constants, policy, normals[rows], spreads=spreads)
        slower = engine.slowdown_of(each[3]) / engine.slowdown_of(policy)
        slower = slower / each[1].flat_speed_mps * runner.flat_speed_mps
        return each, plain.moving_s * slower

    def parts() -> Iterator[tuple[slice, Run]]:
        for rows in pieces(slice(0, len(normals)), len(coarse.grade), MOST_AT_ONCE):
            small = pieces(rows, len(coarse.grade))
            each, guesses_s = zip(*map(part, small), strict=True)
            found = engine.run_all(each, TOLERANCE, guesses_s)
            for piece, one in zip(small, found, strict=True):
                yield piece, _settled(coarse, _corrected(push, run, coarse, plain, one))

    return coarse, together(len(normals), parts())


def pieces(rows: slice, cells: int, most: int = IN_CACHE) -> list[slice]:
    """Rows of so many cells each, in pieces of which none has more cells than that, or one row."""
    step = max(1, most // cells)
    firsts = range(rows.start, rows.stop, step)
    return [slice(first, min(first + step, rows.stop)) for first in firsts]


DRAWN = ("moving_s", "hiked_s", "hiked_m", "energy_kcal", "stop_s", "sleep_s")


def together(count: int, runs: Iterable[tuple[slice, Run]]) -> Run:
    """The draws of several pieces, one under another; no two copies of them at a time."""
    found: dict[str, Any] = {}
    for rows, run in runs:
        if len(run.moving_s) == count:
            return run
        for name in DRAWN:
            values = getattr(run, name)
            found.setdefault(name, np.empty((count, values.shape[1])))[rows] = values
    return replace(run, **found)


def rows_of(draws: Run, rows: slice) -> Run:
    """Some of the draws, as views."""
    return replace(draws, **{name: getattr(draws, name)[rows] for name in DRAWN})


def change(draws: Run, step: Callable[[Run, slice], Run]) -> None:
    """Change the times of draws in place, piece by piece, so that they exist once."""
    assert draws.hiked_s is not None
    count, cells = draws.hiked_s.shape
    for rows in pieces(slice(0, count), cells):
        changed = step(rows_of(draws, rows), rows)
        draws.moving_s[rows], draws.hiked_s[rows] = changed.moving_s, changed.hiked_s


def stretched(draws: Run, times: Array) -> Run:
    """Draws whose cells take some *times*, (n,) or (d, n), as long."""
    assert draws.hiked_s is not None
    moving_s = geo.so_far(np.diff(draws.moving_s) * times)
    return replace(draws, moving_s=moving_s, hiked_s=draws.hiked_s * times)


def mean_cell_s(moving_s: Array) -> Array:
    """(n,) what the draws (d, n+1) need for each cell on average."""
    total_s = np.zeros((0, moving_s.shape[1] - 1))
    for rows in pieces(slice(0, len(moving_s)), moving_s.shape[1]):
        cell_s = np.concatenate([total_s, np.diff(moving_s[rows])])
        total_s = cell_s.sum(axis=0, keepdims=True)
    return np.asarray(total_s[0] / len(moving_s))


def somebody(
    push: Push,
    runner: Runner,
    constants: Judgement,
    policy: Policy,
    normals: Array,
    *,
    spreads: Mapping[str, float] = SPREADS,
) -> Inputs:
    """What the engine runs on, as columns (d, 1) for (d, 11) standard *normals*; (11,): one."""
    each = normals if normals.ndim == 1 else normals.T[:, :, None]
    columns = dict(zip(("ability", *SPREADS), each, strict=True))
    times = {name: np.exp(spreads[name] * columns[name]) for name in SPREADS}
    faster: Any = np.exp(runner.ability_spread * columns["ability"])
    slowdown: Any = engine.slowdown_of(policy) * times["course"] * times["day"]
    rough = np.clip(push.terrain + spreads["terrain"] * columns["terrain"], 0.0, 1.0)
    return (
        replace(push, terrain=rough),
        _somebody(replace(runner, flat_speed_mps=runner.flat_speed_mps * faster), times),
        _world(constants, times),
        replace(policy, slowdown=slowdown),
    )


def _somebody(runner: Runner, times: Mapping[str, Any]) -> Runner:
    """The runners that are drawn, beside their ability."""
    stopped: Any = runner.stopped_min_per_h
    return replace(
        runner,
        stopped_min_per_h=None if stopped is None else stopped * times["stops"],
        decay=runner.decay * times["decay"],
        descent_m_per_h=runner.descent_m_per_h * times["descent"],
        stops=runner.stops * times["stops"],
        sleep=runner.sleep * times["sleep"],
    )


def _world(constants: Judgement, times: Mapping[str, Any]) -> Judgement:
    """The constants that are drawn."""
    felt: Any = np.minimum(constants.altitude_acclimatised * times["altitude"], 1.0)
    lost: Any = np.minimum(constants.fatigue_loss * times["fatigue"], 0.9)
    walk: Any = constants.walk_cost * times["walk_cost"]
    return replace(constants, fatigue_loss=lost, walk_cost=walk, altitude_acclimatised=felt)


def _corrected(push: Push, run: Run, coarse: Push, plain: Run, found: Run) -> Run:
    """Draws with what coarse cells miss put back, by the run that exists on both grids."""
    starts, length_m = np.searchsorted(push.edge_m, coarse.edge_m[:-1]), np.diff(coarse.edge_m)
    fine_s = np.diff(np.interp(coarse.edge_m, push.edge_m, run.moving_s))
    plain_s, found_s = np.diff(plain.moving_s), np.diff(found.moving_s)
    cell_s = found_s * (fine_s / plain_s)
    fine, rough, draws = (_gait(each) for each in (run, plain, found))
    missed = np.add.reduceat(fine[0], starts) / fine_s - rough[0] / plain_s
    of_time = np.clip(draws[0] / found_s + missed, 0.0, 1.0)
    missed = (np.add.reduceat(fine[1], starts) - rough[1]) / length_m
    of_length = np.clip(draws[1] / length_m + missed, 0.0, 1.0)
    return Run(
        moving_s=geo.so_far(cell_s),
        hiked_s=of_time * cell_s,
        hiked_m=of_length * length_m,
        dark_s=None,
        energy_kcal=draws[2] * np.add.reduceat(fine[2], starts) / rough[2],
        effort=None,
        stop_s=found.stop_s,
        sleep_s=found.sleep_s,
    )


def _settled(coarse: Push, draws: Run) -> Run:
    """Draws that keep all passages; what nobody needs by cell is summed by stage."""
    waking_s = draws.stop_s - draws.sleep_s
    moving_s, awake_s, sleep_s = agreed(coarse, draws.moving_s, (waking_s, draws.sleep_s))
    draws = replace(draws, moving_s=moving_s, stop_s=awake_s + sleep_s, sleep_s=sleep_s)
    return summed(coarse, draws, "hiked_m", "energy_kcal")


def summed(coarse: Push, draws: Run, *names: str) -> Run:
    """Draws of which some values (d, n) of the cells are sums by stage: (d, stages)."""
    borders = [0, *coarse.border_cells.tolist(), len(coarse.grade)]
    found: dict[str, Any] = {
        name: np.stack(
            [getattr(draws, name)[:, a:b].sum(axis=1) for a, b in pairwise(borders)], axis=1
        )
        for name in names
    }
    return replace(draws, **found)


def _gait(run: Run) -> tuple[Array, Array, Array]:
    """Seconds hiked, metres hiked, energy: what only the engine knows."""
    assert run.hiked_s is not None
    assert run.hiked_m is not None
    assert run.energy_kcal is not None
    return run.hiked_s, run.hiked_m, run.energy_kcal


def coarse_push(push: Push, merged: int = MERGED_CELLS) -> Push:
    """Every few cells as one; a stage's border or a passage stays an edge of a shorter one."""
    passed = np.searchsorted(push.edge_m, push.passed.distance_m)
    borders = geo.distinct(np.concatenate([push.border_cells, passed, [0, len(push.grade)]]))
    starts = np.concatenate([np.arange(a, b, merged) for a, b in pairwise(borders.tolist())])
    edge_m = push.edge_m[np.append(starts, len(push.grade))]
    weight = np.diff(push.edge_m)

    def mean(values: Array | float) -> Any:
        if np.ndim(values) == 0:
            return values
        return np.asarray(np.add.reduceat(values * weight, starts) / np.diff(edge_m))

    return replace(
        push,
        edge_m=edge_m,
        grade=mean(push.grade),
        altitude_m=mean(push.altitude_m),
        terrain=mean(push.terrain),
        slowed=mean(push.slowed),
        sand=mean(push.sand),
        lighter_kg=mean(push.lighter_kg),
        lat_deg=push.lat_deg[starts],
        lon_deg=push.lon_deg[starts],
        border_cells=np.searchsorted(starts, push.border_cells),
    )


def slower(
    push: Push,
    runner: Runner,
    constants: Judgement,
    policy: Policy,
    *,
    spreads: Mapping[str, float],
) -> Array:
    """(11,) by how much each standard normal makes a push slower: change of the log of its time.

    A central difference over one spread each way, on cells twice as coarse as the draws'.
    """
    one = np.eye(1 + len(SPREADS))
    coarse = coarse_push(push, 2 * MERGED_CELLS)
    each = somebody(coarse, runner, constants, policy, np.concatenate([one, -one]), spreads=spreads)
    found = engine.run(*each, tolerance=TOLERANCE)
    up, down = np.split(np.log(found.moving_s[:, -1] + found.stop_s.sum(axis=1)), 2)
    return np.asarray(0.5 * (up - down))


def normals(count: int = DRAWS, seed: int = SEED, along: Array | None = None) -> Array:
    """(count, 11) quasi-random standard normals, even along a direction that is given.

    Richtmyer's additive recurrence, by square roots of primes (Niederreiter 1978, "Quasi-Monte
    Carlo methods and pseudo-random numbers"), shifted by the seed, through the normal quantile.
    (The generalised golden ratio has a step near 8/9 in 11 dimensions, which leaves a bias.)
    *along*, (11,), is what makes the result slower, as `slower` finds it: in that direction the
    draws are one in each of *count* equal strata, as a quantile of the times hangs on little else
    (stratified sampling along a direction; Glasserman 2003, "Monte Carlo Methods in Financial
    Engineering", 4.3.2).
    """
    size = 1 + len(SPREADS)
    steps = np.sqrt(PRIMES) % 1.0
    shift = np.random.default_rng(seed).random(size)
    uniform = (shift + np.outer(np.arange(1, count + 1), steps)) % 1.0
    quantile = NormalDist().inv_cdf
    values = [quantile(min(max(u, 1e-6), 1.0 - 1e-6)) for u in uniform.ravel()]
    found = np.array(values).reshape(count, size)
    if along is None or not np.linalg.norm(along) > 0.0:
        return found
    strata = np.array([quantile((k + 0.5) / count) for k in range(count)])
    found[np.argsort(found[:, 0]), 0] = strata
    return _turned(found, along / np.linalg.norm(along))


def _turned(found: Array, along: Array) -> Array:
    """The same normals mirrored so that the first axis lies along a unit vector (Householder)."""
    across = -along
    across[0] += 1.0
    square = float(across @ across)
    if square < 1e-12:
        return found
    return found - np.outer(found @ across, 2.0 * across / square)
