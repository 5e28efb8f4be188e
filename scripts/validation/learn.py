"""gpxstage/estimator/learnt.tsv: what many people's races and recordings say, fitted anew."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np

from gpxstage.estimator.runner import LEVEL_MPS
from gpxstage.estimator.runner.learnt import Learnt, learnt
from validation import kinds, pairs, persons
from validation.folders import ROOT, Folders
from validation.pairs import EIGHT_OF_TEN, HELD, Pairs

TABLE = ROOT / "gpxstage" / "estimator" / "learnt.tsv"
TOP = (
    "# written by scripts/validate.py --learn: what many people's races and recordings say\n"
    "name\tvalue\tunit\tbasis\n"
)
PER_FOLD, PER_STEEP = "log ability an e-fold of km-effort", "log ability a 100 m/km"
BY_PAIRS = "2,529 pairs of races of one person, by kilometres and climb, weighted"
UNITS = {
    "race_middle_mps": ("m/s", BY_PAIRS),
    "race_kept": ("share, of a result by kilometres and climb", BY_PAIRS),
    "race_length": (PER_FOLD, BY_PAIRS),
    "race_steepness": (PER_STEEP, BY_PAIRS),
    "race_scatter": ("log ability", "those pairs, held 80 % of the time, people left out"),
    "race_apart": (PER_FOLD, "the same"),
    "race_again": ("log ability", "pairs on one course, held 80 % of the time"),
    "race_made": ("log ability", "pairs by kilometres and climb against pairs with tracks"),
    "race_least_mps": ("m/s", "all but the slowest hundredth of those pairs"),
    "race_most_mps": ("m/s", "all but the fastest hundredth"),
    "outing_half_life_y": ("years", "judgement; left-out outings are told alike by 0.5 to 2"),
    "outing_length": (PER_FOLD, "recordings of 16 people, each about their own mean"),
    "outing_length_sd": (PER_FOLD, "judgement, by left-out outings"),
    "outing_steepness": (PER_STEEP, "recordings of 16 people, each about their own mean"),
    "outing_steepness_sd": (PER_STEEP, "judgement, by left-out outings"),
    "outing_scatter": ("log ability", "left-out outings, held 80 % of the time"),
    "outing_scatter_counts": ("outings", "judgement"),
}
BY_FIELDS = "fields of 383 race-years by kilometres and climb, and of 30 of 12 races"
UNITS |= {f"level_length_{level}": (PER_FOLD, BY_FIELDS) for level in LEVEL_MPS}
UNITS |= {f"level_spread_{level}": ("log time", "the same, held 80 %") for level in LEVEL_MPS}
EDGE = 0.01
SCATTERS, APARTS = np.arange(0.05, 0.141, 0.005), np.arange(0.0, 0.141, 0.02)
MADES = np.arange(0.0, 0.091, 0.01)


def races(folders: Folders, known: Learnt) -> Learnt:
    """What pairs of races say."""
    known_pairs = pairs.by_figures(folders)
    own = known_pairs.logs[:, 0]
    known = replace(
        known,
        race_least_mps=math.exp(float(np.quantile(own, EDGE))),
        race_most_mps=math.exp(float(np.quantile(own, 1.0 - EDGE))),
    )
    known = pairs.constants(pairs.regressed(known_pairs, ~known_pairs.same), known)
    return spreads(folders, known)


def spreads(folders: Folders, known: Learnt) -> Learnt:
    """How far left-out races are off: the spreads whose 80 % quantile fits best.

    Pinball loss of the size of the error, which a quantile makes least.
    """
    sets = (
        (pairs.by_figures(folders), pairs.left_out(folders, known)),
        (pairs.by_tracks(folders), pairs.tracks_left_out(folders, known)),
    )
    again = [each.logs[:, 1] - each.logs[:, 0] for each, _ in sets]
    best, least = known, math.inf
    for scatter in SCATTERS:
        for apart in APARTS:
            for made in MADES:
                trial = replace(
                    known,
                    race_scatter=float(scatter),
                    race_apart=float(apart),
                    race_made=float(made),
                )
                loss = sum(_pinball(each, told, trial) for each, told in sets)
                if loss < least:
                    best, least = trial, loss
    size = np.concatenate([np.abs(miss[p.same]) for miss, (p, _) in zip(again, sets, strict=True)])
    weight = np.concatenate([each.weight[each.same] for each, _ in sets])
    return replace(best, race_again=pairs.quantile(size, weight, HELD) / EIGHT_OF_TEN)


def spread_of(each: Pairs, known: Learnt) -> np.ndarray:
    """(n,) spread of the next race's log ability, as `fit.combine` and `seen.moved` have it.

    By figures alone the later course adds as much as the earlier one.
    """
    noise, made = known.race_scatter**2, known.race_made**2 if each.made else 0.0
    ability = pairs.kept(each, known) * (noise + made)
    apart = known.race_apart * np.abs(pairs.features(each)[:, 2])
    return np.sqrt(ability + noise + made + apart**2)


def _pinball(each: Pairs, told: np.ndarray, known: Learnt) -> float:
    used = ~each.same
    size = np.abs(each.logs[used, 1] - told[used])
    over = size - EIGHT_OF_TEN * spread_of(each, known)[used]
    loss = np.where(over > 0.0, HELD * over, (HELD - 1.0) * over)
    return float(np.average(loss, weights=each.weight[used]))


def table(known: Learnt) -> str:
    """The file."""
    lines = [
        f"{field.name}\t{getattr(known, field.name):.4g}\t" + "\t".join(UNITS[field.name])
        for field in fields(Learnt)
    ]
    return TOP + "".join(f"{line}\n" for line in lines)


def write(folders: Folders) -> None:
    """Fit everything and write the table."""
    known = races(folders, learnt())
    known = kinds.fit((kinds.by_places(folders), kinds.by_results(folders)), known)
    known = persons.learnt_of(folders, known)
    TABLE.write_text(table(known), encoding="utf-8", newline="\n")
    learnt.cache_clear()
