"""Where the hours go: a run as losses against a flat road at sea level by day.

One thing after another is put back onto the flat road, in the order of `CAUSES`, with the
effort of the finished run held as it was; each loss is what its step adds, so they add up to
the time on the clock exactly. Another order would share them out a little differently.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import engine
from gpxstage.estimator.conditions import ALTITUDE_LOSS_ENDS, ALTITUDE_LOSS_PER_KM, altitude_factor
from gpxstage.estimator.endurance import held_factor
from gpxstage.estimator.nouns import AltitudeLoss, Policy, Push, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.estimator.runner import Runner

STEPS = ("road", "fatigue", "slope", "descents", "terrain", "altitude", "night")
CAUSES = (*STEPS, "conditions", "sleepiness")


def losses_s(
    push: Push, run: Run, runner: Runner, constants: Judgement, policy: Policy
) -> dict[str, Array]:
    """Seconds of each of n cells by cause: ``road`` is the time itself, the rest are losses.

    - road: the distance at the power this runner could hold on a flat road for as long as
      that takes;
    - fatigue: the power really in use, by the length of the race and the hours awake;
    - slope: cost of climbing and of its gait, less what descents give back;
    - descents: braking and footing; terrain; altitude; night; conditions (the multiplier,
      the pack, a hiking policy, a habit);
    - sleepiness: what given sleeps add to the usual, whose own is part of the fatigue.
    """
    assert run.effort is not None
    dark = np.zeros(len(push.grade))
    if run.dark_s is not None:
        dark = run.dark_s / np.diff(run.moving_s)
    free = replace(runner, descent_m_per_h=1e9, downhill_gain=1e3, pack_kg=0.0)
    bound = replace(runner, pack_kg=0.0)
    nothing = np.zeros(len(push.grade))
    usual = replace(push, slowed=1.0, sand=0.0)
    flat = replace(usual, grade=nothing, altitude_m=nothing, terrain=nothing)
    low = replace(usual, altitude_m=nothing, terrain=nothing)
    rough = replace(usual, altitude_m=nothing)
    plain = replace(policy, hike_above=None, slowdown=None)
    steps = (
        (flat, free, plain, _road_effort(push, runner, constants), nothing),
        (flat, free, plain, run.effort, nothing),
        (low, free, plain, run.effort, nothing),
        (low, bound, plain, run.effort, nothing),
        (rough, bound, plain, run.effort, nothing),
        (usual, bound, plain, run.effort, nothing),
        (usual, bound, plain, run.effort, dark),
    )
    found: dict[str, Array] = {}
    before = nothing
    for cause, (where, who, how, effort, night) in zip(STEPS, steps, strict=True):
        ground = engine.ground_of(where, who, constants, how)
        pace = engine.pace_of(ground, who, constants, effort=effort, dark=night, guess_mps=None)
        cell_s = np.diff(pace.moving_s)
        found[cause], before = cell_s - before, cell_s
    cell_s = np.diff(run.moving_s)
    passed = np.searchsorted(push.sites.distance_m, push.edge_m[:-1], side="right")
    awake = engine.rested_share(push, passed, run.moving_s, runner, constants)
    sleepy_s = cell_s * (1.0 - awake)
    return found | {"conditions": cell_s - before - sleepy_s, "sleepiness": sleepy_s}


def by_stage(losses: dict[str, Array], stages: Sequence[StageEstimate]) -> list[dict[str, float]]:
    """Seconds by cause for each stage of a push, its stops and its sleep added."""
    found, first = [], 0
    for stage in stages:
        last = first + len(stage.edge_m) - 1
        row = {cause: float(cell_s[first:last].sum()) for cause, cell_s in losses.items()}
        row |= {"stops": stage.stopped_s - stage.slept_s, "sleep": stage.slept_s}
        found.append(row)
        first = last
    return found


def _road_effort(push: Push, runner: Runner, constants: Judgement) -> Array:
    """Share of the one-hour power held over the same distance on a flat road."""
    moving_h = 1.0
    for _ in range(50):
        held = float(held_factor(moving_h, runner.decay, runner.ease, constants))
        speed_mps = runner.flat_speed_mps * float(push.fresh) * held
        moving_h = float(push.edge_m[-1]) / speed_mps / 3600.0
    return np.full(len(push.grade), held)


def altitude_losses(
    push: Push,
    runner: Runner,
    constants: Judgement,
    policy: Policy,
    stages: Sequence[StageEstimate],
) -> list[AltitudeLoss]:
    """What altitude adds to each stage of a push, with and without acclimatisation.

    The whole push is run anew, at the power of sea level and at that of each loss; stops do not
    count. What is above home counts in full without acclimatisation. The ends are those of the
    published loss of power with altitude (`conditions.ALTITUDE_LOSS_ENDS`).
    """
    used, home_m = constants.altitude_acclimatised, policy.home_altitude_m
    now = altitude_factor(push.altitude_m, home_m, used, used if policy.acclimatised else 1.0)

    def moving_s(factor: Array | float) -> Array:
        run = engine.run(replace(push, fresh=push.fresh * factor / now), runner, constants, policy)
        return np.diff(run.moving_s)

    low, high = (end / ALTITUDE_LOSS_PER_KM for end in ALTITUDE_LOSS_ENDS)
    sea_s = moving_s(1.0)
    each = [
        moving_s(altitude_factor(push.altitude_m, home_m, scale * used, scale * felt)) - sea_s
        for felt in (used, 1.0)
        for scale in (low, 1.0, high)
    ]
    found, first = [], 0
    for stage in stages:
        last = first + len(stage.edge_m) - 1
        least, middle, most, *rest = (float(lost_s[first:last].sum()) for lost_s in each)
        found.append(AltitudeLoss((least, middle, most), (rest[0], rest[1], rest[2])))
        first = last
    return found
