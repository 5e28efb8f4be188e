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

from gpxstage.estimator import collapse, engine
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.nouns import Policy, Push, Run, StageSpread
from gpxstage.estimator.stops import agreed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Halt
    from gpxstage.estimator.runner import Runner

DRAWS, SEED = 200, 1
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31)
MERGED_CELLS = 4  # cells of 50 m in one of the draws'
MOST_AT_ONCE = 400_000  # draws times cells: 200 draws of 400 km; the engine keeps 40 such arrays
TOLERANCE = 1e-4
LEAST_KEPT = 0.5  # of the time that is left

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
    those a level's range is as wide as fields and courses differ.
    """
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
    draw, (d, 1).
    """
    coarse = coarse_push(push, merged)
    plain = engine.run(coarse, runner, constants, policy, tolerance=TOLERANCE)
    fresh = np.broadcast_to(fresh, (len(normals), 1))

    def block(rows: slice) -> Run:
        there = replace(coarse, fresh=fresh[rows])
        each = somebody(there, runner, constants, policy, normals[rows], spreads=spreads)
        slower = each[3].slowdown / policy.slowdown / each[1].flat_speed_mps * runner.flat_speed_mps
        found = engine.run(*each, tolerance=TOLERANCE, guess_s=plain.moving_s * slower)
        return _corrected(push, run, coarse, plain, found)

    draws = together([block(rows) for rows in blocks(len(normals), len(coarse.grade))])
    standing = (draws.stop_s - draws.sleep_s, draws.sleep_s)
    moving_s, awake_s, sleep_s = agreed(coarse, draws.moving_s, standing)
    return coarse, replace(draws, moving_s=moving_s, stop_s=awake_s + sleep_s, sleep_s=sleep_s)


def blocks(draws: int, cells: int) -> list[slice]:
    """Draws that are run at once: as many as keep what is needed in between small."""
    rows = max(1, MOST_AT_ONCE // cells)
    return [slice(first, first + rows) for first in range(0, draws, rows)]


DRAWN = ("moving_s", "hiked_s", "hiked_m", "energy_kcal", "stop_s", "sleep_s")


def together(runs: Sequence[Run]) -> Run:
    """The draws of several blocks, one under another."""
    if len(runs) == 1:
        return runs[0]
    found: dict[str, Any] = {
        name: np.concatenate([getattr(run, name) for run in runs]) for name in DRAWN
    }
    return replace(runs[0], **found)


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
    slowdown: Any = policy.slowdown * times["course"] * times["day"]
    rough = np.clip(push.terrain + spreads["terrain"] * columns["terrain"], 0.0, 1.0)
    return (
        replace(push, terrain=rough),
        _somebody(replace(runner, flat_speed_mps=runner.flat_speed_mps * faster), times),
        _world(constants, times),
        replace(policy, slowdown=slowdown),
    )


def _somebody(runner: Runner, times: Mapping[str, Any]) -> Runner:
    """The runners that are drawn, beside their ability."""
    return replace(
        runner,
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
        moving_s=np.concatenate([np.zeros((len(cell_s), 1)), np.cumsum(cell_s, axis=1)], axis=1),
        hiked_s=of_time * cell_s,
        hiked_m=of_length * length_m,
        dark_s=None,
        energy_kcal=draws[2] * np.add.reduceat(fine[2], starts) / rough[2],
        effort=None,
        stop_s=found.stop_s,
        sleep_s=found.sleep_s,
    )


def collapsing(
    coarse: Push,
    draws: Run,
    run: Run,
    inputs: Inputs,
    *,
    needs: Array,
    luck: collapse.Luck,
) -> tuple[Run, collapse.Met | None]:
    """Draws of a push with those who have to lie down by the trail, and what they met.

    *coarse* and *draws* are as `drawn` gives them, *run* is without draws, *inputs* is what
    the engine made it from; *needs*, (d,), is how much sleep each draw needs.

    The engine was fitted to fields in which some collapse, so their mean loss is in it already:
    all draws are faster by what a field that sleeps as usual loses, and its mean stays as fitted.
    None as what they met where no start is known.
    """
    _, runner, constants, policy = inputs
    if coarse.start is None:
        return draws, None
    usual = run, inputs[0]
    if coarse.sites.slept_s is not None:
        there = replace(coarse, sites=replace(coarse.sites, slept_s=None))
        usual = engine.run(there, runner, constants, policy, tolerance=TOLERANCE), there
    usually = collapse.way_of(usual[1], usual[0], constants)
    assert usually is not None
    lost = collapse.met(usually, collapse.need(runner), luck, constants).lost_s[:, -1].mean()
    ahead = coarse.edge_m[:-1] >= coarse.passed.distance_m.max(initial=-1.0)
    rest_s = float(np.diff(draws.moving_s).mean(axis=0)[ahead].sum())
    kept = np.where(ahead, max(1.0 - lost / rest_s, LEAST_KEPT) if rest_s > 0.0 else 1.0, 1.0)
    cell_s = np.diff(draws.moving_s) * kept
    start_s = np.zeros((len(cell_s), 1))
    moving_s = np.concatenate([start_s, np.cumsum(cell_s, axis=1)], axis=1)
    assert draws.hiked_s is not None
    draws = replace(draws, moving_s=moving_s, hiked_s=draws.hiked_s * kept)
    way = collapse.way_of(coarse, draws, constants)
    assert way is not None
    found = collapse.met(way, needs, luck, constants)
    return collapse.with_lost(draws, coarse, found), found


def _gait(run: Run) -> tuple[Array, Array, Array]:
    """Seconds hiked, metres hiked, energy: what only the engine knows."""
    assert run.hiked_s is not None
    assert run.hiked_m is not None
    assert run.energy_kcal is not None
    return run.hiked_s, run.hiked_m, run.energy_kcal


def coarse_push(push: Push, merged: int = MERGED_CELLS) -> Push:
    """Every few cells as one; a stage's border or a passage stays an edge of a shorter one."""
    passed = np.searchsorted(push.edge_m, push.passed.distance_m)
    borders = np.unique(np.concatenate([push.border_cells, passed, [0, len(push.grade)]]))
    starts = np.concatenate([np.arange(a, b, merged) for a, b in pairwise(borders.tolist())])
    edge_m = push.edge_m[np.append(starts, len(push.grade))]
    weight = np.diff(push.edge_m)

    def mean(values: Array) -> Array:
        return np.asarray(np.add.reduceat(values * weight, starts) / np.diff(edge_m))

    return replace(
        push,
        edge_m=edge_m,
        grade=mean(push.grade),
        altitude_m=mean(push.altitude_m),
        terrain=mean(push.terrain),
        slowed=mean(push.slowed + np.zeros(len(weight))),
        lat_deg=push.lat_deg[starts],
        lon_deg=push.lon_deg[starts],
        border_cells=np.searchsorted(starts, push.border_cells),
    )


def split_draws(coarse: Push, run: Run, halts: Sequence[Halt]) -> list[StageSpread]:
    """A push's draws, stage by stage; a stop at a border belongs to the stage that ends there."""
    hiked_s, hiked_m, energy_kcal = _gait(run)
    borders = [0, *coarse.border_cells.tolist(), len(coarse.grade)]
    offset_s = np.zeros(len(run.moving_s))
    found = []
    for number, (first, last) in enumerate(pairwise(borders)):
        here, mine = slice(first, last), [k for k, h in enumerate(halts) if h.stage == number]
        stage = StageSpread(
            edge_m=coarse.edge_m[first : last + 1] - coarse.edge_m[first],
            moving_s=_since(run.moving_s, first, last),
            hiked_s=hiked_s[:, here].sum(axis=1),
            hiked_m=hiked_m[:, here].sum(axis=1),
            energy_kcal=energy_kcal[:, here].sum(axis=1),
            halt_m=np.array([halts[k].distance_m for k in mine]),
            stop_s=run.stop_s[:, mine],
            sleep_s=run.sleep_s[:, mine],
            offset_s=offset_s,
            lost_s=None if run.lost_s is None else _since(run.lost_s, first, last),
            ended=None if run.ended_m is None else _within(run.ended_m, coarse.edge_m, first, last),
        )
        found.append(stage)
        offset_s = offset_s + stage.elapsed_s
    return found


def _since(so_far_s: Array, first: int, last: int) -> Array:
    """What has come together from one edge on, up to another."""
    return so_far_s[:, first : last + 1] - so_far_s[:, first : first + 1]


def _within(at_m: Array, edge_m: Array, first: int, last: int) -> NDArray[np.bool_]:
    """Which places lie between two edges."""
    return np.asarray((at_m > edge_m[first]) & (at_m <= edge_m[last]))


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
