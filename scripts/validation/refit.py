"""The constants fitted anew to one race, to the other, and to both; kept in refits.tsv.

The same eleven numbers that the shipped constants were fitted by: five of `Judgement`'s, one
more of its descents, and factors on what `runner.WITH_ABILITY` gives. The prior is weak and
lies at the values of the prototype that came before any fit to these races.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gpxstage.estimator.judgement import JUDGEMENT, Judgement
from gpxstage.estimator.runner import LEVEL_MPS, Runner, at_ability
from validation import races
from validation.races import Field, Race

STORE = Path(__file__).with_name("refits.tsv")
HELD = "UTMB 2024, fatigue's time constant held"
FITS = ("UTMB 2024", HELD, "Tor 2025", "both")
ABILITIES = np.array([2.9, 3.3, 3.65, 4.0, 4.4, 4.9, 5.5, 6.2])
TOR_LEVELS_H = (66.14, 103.0, 128.0, 146.0)
UTMB_LEVELS_H = (19.91, 29.78, 40.74, 45.46)
WINNER_MPS, WINNER_SPREAD = 5.6, 0.15  # one-hour speed that a winner of either has (judgement)
PRIOR_WEIGHT = 0.3


@dataclass(frozen=True)
class Free:
    """One number that is fitted: the prototype's value, how far it may lie, hard bounds."""

    name: str
    prior: float
    spread: float
    low: float
    high: float


CONSTANTS = (
    Free("decay_long", 0.096, 0.02, 0.05, 0.2),
    Free("fatigue_loss", 0.56, 0.2, 0.2, 0.95),
    Free("fatigue_after_h", 8.0, 6.0, 0.0, 20.0),
    Free("fatigue_time_h", 34.0, 25.0, 8.0, 150.0),
    Free("downhill_ease", 0.10, 0.05, -0.05, 0.3),
    Free("descent_wear_m", 4000.0, 1500.0, 1500.0, 15000.0),
)
FACTORS = (  # on the runner's own, as shipped
    Free("front", 1.3, 0.5, 0.0, 2.5),
    Free("wear", 1.0, 0.5, 0.0, 4.0),
    Free("descent_m_per_h", 0.42, 0.4, 0.2, 3.0),
    Free("downhill_gain", 0.98, 0.1, 0.7, 1.2),
    Free("decay_slope", 0.0, 0.05, -0.3, 0.3),  # per m/s, of the runner's decay around 4.2 m/s
)
FREE = (*CONSTANTS, *FACTORS)
Maker = Callable[[float], Runner]


def built(values: np.ndarray) -> tuple[Judgement, Maker]:
    """The constants and the axis of ability that some values stand for."""
    named = dict(zip([free.name for free in FREE], map(float, values), strict=True))
    constants = replace(JUDGEMENT, **{free.name: named[free.name] for free in CONSTANTS})

    def make(flat_speed_mps: float) -> Runner:
        runner = at_ability(flat_speed_mps)
        return replace(
            runner,
            front=runner.front * named["front"],
            wear=runner.wear * named["wear"],
            descent_m_per_h=runner.descent_m_per_h * named["descent_m_per_h"],
            downhill_gain=runner.downhill_gain * named["downhill_gain"],
            decay=1.0 - named["decay_slope"] * (flat_speed_mps - 4.2),
        )

    return constants, make


def misses(race: Race, runs: list[Field]) -> np.ndarray:
    """Passage errors and their mean at each place, by how much each should count."""
    error = np.log1p(races.errors(race, runs))
    mean = error.mean(axis=0)
    return np.concatenate(
        [error.ravel() / 0.05 / np.sqrt(error.size / 8.0), mean / 0.03 / np.sqrt(len(mean) / 2.0)]
    )


def _winner(run: Field, levels_h: tuple[float, ...]) -> np.ndarray:
    speeds = run.at_finish(run.ability, np.array(levels_h))
    return np.array([(speeds[0] - WINNER_MPS) / WINNER_SPREAD])


def _same_levels(tor: Field, utmb: Field) -> np.ndarray:
    """One ability should give a place in both fields; the winner's should be likely."""
    both = [
        np.log(run.at_finish(run.ability, np.array(levels_h)))
        for run, levels_h in ((tor, TOR_LEVELS_H), (utmb, UTMB_LEVELS_H))
    ]
    winner = (np.exp(0.5 * (both[0][0] + both[1][0])) - WINNER_MPS) / WINNER_SPREAD
    # a share of ability is about the same share of time
    return np.append((both[0] - both[1]) / 0.04, winner)


def fit(which: str, tor: Race, utmb: Race) -> np.ndarray:
    """Values of FREE that suit one race's passages, or both races' and the levels."""
    from scipy.optimize import least_squares

    held = {"fatigue_time_h": JUDGEMENT.fatigue_time_h} if which == HELD else {}
    prior = np.array([held.get(free.name, free.prior) for free in FREE])
    spread = np.array([0.5 if free.name in held else free.spread for free in FREE])
    which = "UTMB 2024" if which == HELD else which
    first_wave = replace(tor, pushes=tor.pushes[:1], wave=np.zeros_like(tor.wave))

    def residuals(values: np.ndarray) -> np.ndarray:
        constants, make = built(values)
        parts = [PRIOR_WEIGHT * (values - prior) / spread]
        runs = {}
        for name, race in (("Tor 2025", first_wave), ("UTMB 2024", utmb)):
            if which in (name, "both"):
                runs[name] = races.fields(race, constants, make, ABILITIES)
                parts.append(misses(race, runs[name]))
        if which == "both":
            parts.append(_same_levels(runs["Tor 2025"][0], runs["UTMB 2024"][0]))
        else:
            levels_h = TOR_LEVELS_H if which == "Tor 2025" else UTMB_LEVELS_H
            parts.append(_winner(runs[which][0], levels_h))
        return np.concatenate(parts)

    bounds = tuple(np.array([getattr(free, side) for free in FREE]) for side in ("low", "high"))
    found = least_squares(
        residuals, prior, bounds=bounds, x_scale=spread, diff_step=0.03, max_nfev=12
    )
    return np.asarray(found.x)


def store(fits: dict[str, np.ndarray]) -> None:
    """Write the values of all fits to refits.tsv."""
    lines = [
        "# written by scripts/validate.py --refit: what the cross scores of docs/accuracy.md use"
    ]
    lines.append("\t".join(["fitted", *fits]))
    for k, free in enumerate(FREE):
        lines.append("\t".join([free.name, *(f"{values[k]:.5g}" for values in fits.values())]))
    STORE.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def stored() -> dict[str, np.ndarray]:
    """The values of all fits, as they were last written."""
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


def shipped() -> np.ndarray:
    """FREE as the program has it."""
    speeds = np.array(list(LEVEL_MPS.values()))
    decay = np.array([at_ability(v).decay for v in speeds])
    slope = -np.polyfit(speeds - 4.2, decay, 1)[0]
    constants = [getattr(JUDGEMENT, free.name) for free in CONSTANTS]
    return np.array([*constants, *np.ones(len(FACTORS) - 1), slope])
