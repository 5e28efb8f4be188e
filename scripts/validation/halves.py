"""The Tor's passages: constants fitted on one half of its finishers, scored on the other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.judgement import JUDGEMENT, Judgement
from gpxstage.estimator.runner import Runner, at_ability
from validation import passages, races, refit
from validation.folders import Folders
from validation.page import percent, rms, signed, table
from validation.races import Field, Race
from validation.refit import Free

# what only passages on the way can tell, from the prototype's values; the rest as shipped
CONSTANTS = (
    *(free for free in refit.CONSTANTS if free.name.startswith("fatigue")),
    Free("sleep_peak", 0.35, 0.15, 0.1, 1.0),
)
FRONT = next(free for free in refit.FACTORS if free.name == "front")
FREE = (*CONSTANTS, FRONT)
MOST = 8  # rounds
SEEDS = tuple(range(7))
AIM_RMS, AIM_BIAS = 0.048, 0.03

TOP = """\
## Half of the Tor's finishers told from the other half

The {n} finishers, one of each two that are neighbours in rank in each half: by turns, and, since
that one halving missed the aim, by {k} seeded draws as well, to see how much of it is luck. What
only passages on the way can decide ({names}) is fitted anew to one half, from the values of the
prototype that had seen neither (a weak prior), on cells of 200 m, and scored on the other half by
the whole engine; then the other way round. **Not refitted:** what else there is, constants which
have seen both halves. A runner's bases err together, so that two halves differ by luck as much as
by what is fitted. The biases are of both halves together, where theirs cancel out; the column
before them has the largest of one half. *Aim*: rms at most {rms:.1f} %, every base's bias within
±{bias:.0f} %.
"""


def built(values: np.ndarray) -> tuple[Judgement, float]:
    """The constants, and the factor on how much harder people start."""
    named = dict(zip([free.name for free in FREE], map(float, values), strict=True))
    front = named.pop("front")
    return replace(JUDGEMENT, **named), front


def sides(count: int, seed: int) -> np.ndarray:
    """(count,) the half of each finisher: by turns for seed 0, else drawn within each pair."""
    if seed == 0:
        return np.arange(count) % 2
    draw = np.random.default_rng(seed)
    pairs = [draw.permutation(2) for _ in range((count + 1) // 2)]
    return np.concatenate(pairs)[:count]


def part(race: Race, who: np.ndarray) -> Race:
    """Some of the finishers."""
    return replace(
        race,
        wave=race.wave[who],
        observed_h=race.observed_h[who],
        finish_h=race.finish_h[who],
        who=tuple(race.who[k] for k in who),
    )


def fields(race: Race, values: np.ndarray, abilities: np.ndarray) -> list[Field]:
    """The whole axis of ability over each wave."""
    constants, front = built(values)

    def make(flat_speed_mps: float) -> Runner:
        runner = at_ability(flat_speed_mps)
        return replace(runner, front=runner.front * front)

    return races.fields(race, constants, make, abilities, tolerance=1e-4)


def fitted(race: Race) -> np.ndarray:
    """Values of FREE that suit some finishers."""
    from scipy.optimize import least_squares

    race = replace(race, pushes=tuple(draws.coarse_push(push) for push in race.pushes))
    prior = np.array([free.prior for free in FREE])
    width = np.array([free.spread for free in FREE])

    def misses(values: np.ndarray) -> np.ndarray:
        weak = refit.PRIOR_WEIGHT * (values - prior) / width
        return np.concatenate([weak, refit.misses(race, fields(race, values, refit.ABILITIES))])

    bounds = tuple(np.array([getattr(free, side) for free in FREE]) for side in ("low", "high"))
    found = least_squares(
        misses, prior, bounds=bounds, x_scale=width, diff_step=0.03, max_nfev=MOST
    )
    return np.asarray(found.x)


@cache
def told(folders: Folders, seed: int) -> np.ndarray:
    """(finishers, bases) errors, each finisher by what was fitted to the half without them."""
    race = passages.tor(folders)
    side = sides(len(race.finish_h), seed)
    error = np.empty_like(race.observed_h)
    for half in (0, 1):
        values = fitted(part(race, np.flatnonzero(side != half)))
        here = part(race, np.flatnonzero(side == half))
        error[side == half] = races.errors(here, fields(here, values, races.ABILITIES))
    return error


def _row(name: str, error: np.ndarray, halves: list[np.ndarray]) -> list[str]:
    bias = [signed(float(value)) for value in error.mean(axis=0)]
    each = " and ".join(percent(rms(half)) for half in halves)
    worst = [float(np.abs(half.mean(axis=0)).max()) for half in halves]
    return [name, percent(rms(error)), each, percent(max(worst)) if worst else "", *bias]


def section(folders: Folders) -> str:
    """The whole section."""
    race = passages.tor(folders)
    count = len(race.finish_h)
    names = ", ".join(f"`{free.name}`" for free in FREE)
    top = TOP.format(n=count, k=len(SEEDS) - 1, names=names, rms=100 * AIM_RMS, bias=100 * AIM_BIAS)
    rows = []
    for seed in SEEDS:
        error, side = told(folders, seed), sides(count, seed)
        halves = [error[side == half] for half in (0, 1)]
        rows.append(_row(f"draw {seed}" if seed else "by turns", error, halves))
    every = np.array([told(folders, seed) for seed in SEEDS])
    mean = _row("**mean**", every.mean(axis=0), [])
    mean[1] = percent(float(np.mean([rms(error) for error in every])))
    seen = passages.score(race)
    rows += [mean, _row("as shipped, which has seen all", seen, [])]
    head = (
        "halves",
        "rms, %",
        "of each half",
        "largest bias of a half",
        *(f"bias: {place}" for place in race.places),
    )
    return "\n".join([top, table(head, rows)])
