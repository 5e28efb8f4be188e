"""gpxstage/estimator/learnt.tsv: what many people's races and recordings say, fitted anew."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
from scipy.optimize import brentq

from gpxstage.estimator.learnt import Learnt, learnt
from gpxstage.estimator.runner import LEVEL_MPS
from validation import kinds, pairs, persons, ranges
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
    "race_scatter": ("log ability", "those pairs, held 78 % of the time, people left out"),
    "race_apart": (PER_FOLD, "the same"),
    "race_again": ("log ability", "pairs on one course, held 78 % of the time"),
    "race_made": ("log ability", "pairs by kilometres and climb against pairs with tracks"),
    "race_least_mps": ("m/s", "all but the slowest hundredth of those pairs"),
    "race_most_mps": ("m/s", "all but the fastest hundredth"),
    "outing_half_life_y": ("years", "judgement; left-out outings are told alike by 0.5 to 2"),
    "outing_length": (PER_FOLD, "recordings of 16 people, each about their own mean"),
    "outing_length_sd": (PER_FOLD, "judgement, by left-out outings"),
    "outing_steepness": (PER_STEEP, "recordings of 16 people, each about their own mean"),
    "outing_steepness_sd": (PER_STEEP, "judgement, by left-out outings"),
    "outing_scatter": ("log ability", "judgement, by left-out outings"),
    "outing_scatter_counts": ("outings", "judgement"),
    "outing_drawn": ("factor", "left-out outings, held 78 % of the time"),
    "outing_stopped_run": ("min an hour of moving", "runs of 10 people, the median of medians"),
    "outing_stopped_hike": ("min an hour of moving", "hikes of 14 people, the median of medians"),
    "outing_stopped_scatter": ("log (minutes + 1)", "those outings about each person's own mean"),
}
BY_FIELDS = "fields of 383 race-years by kilometres and climb, and of 30 of 12 races"
UNITS |= {f"level_length_{level}": (PER_FOLD, BY_FIELDS) for level in LEVEL_MPS}
UNITS |= {
    f"level_spread_{level}": ("log time", "the same, held 80 % of the time") for level in LEVEL_MPS
}
EDGE = 0.01
SCATTERS, APARTS = np.arange(0.05, 0.141, 0.005), np.arange(0.0, 0.141, 0.02)
FACTORS = (0.5, 3.0)
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
    best = replace(best, race_again=pairs.quantile(size, weight, HELD) / EIGHT_OF_TEN)
    return _as_drawn(folders, best)


def _as_drawn(folders: Folders, known: Learnt) -> Learnt:
    """The spreads so large that the program's own draws hold 78 %.

    A draw changes the one-hour speed alone, and endurance with it when an ability is solved.
    """

    def wider(factor: float) -> Learnt:
        names = ("race_scatter", "race_apart", "race_made", "race_again")
        return replace(known, **{name: factor * getattr(known, name) for name in names})

    def lack(factor: float, which: slice) -> float:
        found = (
            ranges.by_figures(folders, wider(factor)),
            *ranges.by_tracks(folders, wider(factor)),
        )
        return float(np.mean([each.coverage for each in found[which]])) - HELD

    another = brentq(lack, *FACTORS, (slice(0, 2),), xtol=0.01)
    again = brentq(lack, *FACTORS, (slice(2, 3),), xtol=0.01)
    return replace(wider(another), race_again=again * known.race_again)


def _pinball(each: Pairs, told: np.ndarray, known: Learnt) -> float:
    used = ~each.same
    size = np.abs(each.logs[used, 1] - told[used])
    over = size - EIGHT_OF_TEN * pairs.spread_of(each, known)[used]
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
