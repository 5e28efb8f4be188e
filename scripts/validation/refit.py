"""The way through a race fitted anew, to all races and to all but one; kept in refits.tsv.

What only passages on the way can tell: four constants of `Judgement`'s endurance, one of its
pacing, and factors on what `runner.WITH_ABILITY` gives. The prior is weak; that of endurance lies
at the values of the prototype, which had seen none of these races, that of the factors at what
is shipped. What recordings tell (the gait, what slopes ask for) is as shipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.judgement import JUDGEMENT, Judgement
from gpxstage.estimator.runner import Runner, at_ability
from validation import races
from validation.races import Field, Race

STORE = Path(__file__).with_name("refits.tsv")
ALL = "all"
ABILITIES = np.array([2.3, 2.6, 2.9, 3.3, 3.65, 4.0, 4.4, 4.9, 5.5, 6.2])
TOR_LEVELS_H = (66.14, 103.0, 128.0, 146.0)
UTMB_LEVELS_H = (19.91, 29.78, 40.74, 45.46)
WINNER_MPS, WINNER_SPREAD = 5.6, 0.15  # one-hour speed that a winner of either has (judgement)
PRIOR_WEIGHT = 0.3
MERGED, TOLERANCE, MOST = 2, 1e-3, 8  # cells of 50 m in one, of the moving time, rounds
FAR = 0.25  # an error from which on more is no worse: a wrong clock, a lost hour (judgement)


@dataclass(frozen=True)
class Free:
    """One number that is fitted: the value before, how far it may lie, hard bounds."""

    name: str
    prior: float
    spread: float
    low: float
    high: float


CONSTANTS = (
    Free("decay_long", 0.096, 0.02, 0.05, 0.2),
    Free("fatigue_loss", 0.56, 0.2, 0.2, 0.95),
    Free("fatigue_after_h", 8.0, 6.0, 0.0, 20.0),
    Free("fatigue_time_h", 34.0, 25.0, 3.0, 150.0),
    Free("early_time_h", 2.0, 0.6, 0.5, 5.0),
)
FACTORS = (  # on the runner's own, as shipped
    Free("early", 0.8, 0.4, 0.0, 2.0),
    Free("front", 1.0, 0.4, 0.0, 2.5),
    Free("descent_m_per_h", 1.0, 0.25, 0.4, 3.0),
)
FREE = (*CONSTANTS, *FACTORS)
Maker = Callable[[float], Runner]


def built(values: np.ndarray) -> tuple[Judgement, Maker]:
    """The constants and the axis of ability that some values stand for."""
    named = dict(zip([free.name for free in FREE], map(float, values), strict=True))
    constants = replace(JUDGEMENT, **{free.name: named[free.name] for free in CONSTANTS})

    def make(flat_speed_mps: float) -> Runner:
        runner = at_ability(flat_speed_mps)
        own = {free.name: getattr(runner, free.name) * named[free.name] for free in FACTORS}
        return replace(runner, **own)

    return constants, make


def misses(race: Race, runs: list[Field]) -> np.ndarray:
    """Passage errors and their mean at each place, by how much each should count."""
    error = np.log1p(races.errors(race, runs))
    mean = np.nanmean(error, axis=0)
    soft = np.nan_to_num(error / np.sqrt(1.0 + (error / FAR) ** 2)).ravel()
    count = np.isfinite(error).sum() / 8.0
    return np.concatenate([soft / 0.05 / np.sqrt(count), mean / 0.03 / np.sqrt(len(mean) / 2.0)])


def _levels(runs: dict[str, list[Field]]) -> np.ndarray:
    """One ability should give a place in both fields; the winner's should be likely."""
    both = [
        np.log(runs[name][0].at_finish(ABILITIES, np.array(levels_h)))
        for name, levels_h in (("Tor", TOR_LEVELS_H), ("UTMB", UTMB_LEVELS_H))
        if name in runs
    ]
    winner_mps = np.exp(np.mean([levels[0] for levels in both]))
    winner = [(winner_mps - WINNER_MPS) / WINNER_SPREAD]
    # a share of ability is about the same share of time
    return np.append((both[0] - both[-1]) / 0.04, winner)


def fit(found: dict[str, list[Race]], without: str) -> np.ndarray:
    """Values of FREE that suit the passages of all families of races but one, and the levels.

    A family is one race in some years; each counts the same.
    """
    from scipy.optimize import least_squares

    prior = np.array([free.prior for free in FREE])
    width = np.array([free.spread for free in FREE])
    some = {name: [_light(race) for race in of] for name, of in found.items() if name != without}

    def residuals(values: np.ndarray) -> np.ndarray:
        constants, make = built(values)
        parts, first = [PRIOR_WEIGHT * (values - prior) / width], {}
        for name, family in some.items():
            for race in family:
                runs = races.fields(race, constants, make, ABILITIES, tolerance=TOLERANCE)
                parts.append(misses(race, runs) / np.sqrt(len(family)))
                first.setdefault(name, runs)
        return np.concatenate([*parts, _levels(first)])

    bounds = tuple(np.array([getattr(free, side) for free in FREE]) for side in ("low", "high"))
    found_x = least_squares(
        residuals, prior, bounds=bounds, x_scale=width, diff_step=0.03, max_nfev=MOST
    )
    return np.asarray(found_x.x)


def _light(race: Race) -> Race:
    """The same on longer cells, one wave for all."""
    push = draws.coarse_push(race.pushes[0], MERGED)
    return replace(race, pushes=(push,), wave=np.zeros_like(race.wave))


def store(fits: dict[str, np.ndarray]) -> None:
    """Write the values of all fits to refits.tsv."""
    lines = ["# written by scripts/validate.py --refit: fitted to all races, and without each"]
    lines.append("\t".join(["without", *fits]))
    for k, free in enumerate(FREE):
        lines.append("\t".join([free.name, *(f"{values[k]:.5g}" for values in fits.values())]))
    STORE.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def stored() -> dict[str, np.ndarray]:
    """The values of all fits by the family that was left out, as they were last written."""
    if not STORE.is_file():
        return {}
    lines = [line.split("\t") for line in STORE.read_text("utf-8").splitlines() if line[0] != "#"]
    names = [line[0] for line in lines[1:]]
    if names != [free.name for free in FREE]:
        raise ValueError("refits.tsv holds other constants: run with --refit")
    return {
        fit_name: np.array([float(line[k]) for line in lines[1:]])
        for k, fit_name in enumerate(lines[0][1:], 1)
    }
