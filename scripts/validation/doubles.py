"""Two races of one person on one weekend: what a day costs the next, and how it wears off."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize

from gpxstage.estimator import endurance
from gpxstage.estimator.judgement import JUDGEMENT, Judgement
from validation.folders import Folders
from validation.page import signed, table

SHIPPED = (JUDGEMENT.stage_loss, JUDGEMENT.stage_free_h, JUDGEMENT.stage_rest_h)
STARTS = ((0.04, 3.0, 50.0), (0.04, 3.0, 25.0), (0.06, 4.0, 20.0))
FIRST_H = (0.0, 2.0, 4.0, 8.0, 14.0)
REST_H = (10.0, 20.0, 40.0, 60.0)
TIME_BY_POWER = 0.85  # a share of power less is so much of it in time, where part is hiked
SAMPLES, SEED = 20, 1
FEW = 9  # fewer pairs are no row

TEXT = """\
### What a day costs the next

Two races of one person on one weekend, {count} times: how much slower the second is than the first,
each against what the race takes others. Fitted to it, by the least absolute error: a stage costs
{loss:.3f} of the power an hour beyond its first {free:.1f} h, of which a rest of {rest:.0f} h
leaves 1/e; against the person's other races, where those are known ({known} times), {loss_p:.3f}
an hour beyond {free_p:.1f} h and {rest_p:.0f} h ({low:.0f} to {high:.0f} h in nine of ten
resamplings of the pairs). Shipped: {shipped}.
"""


@cache
def columns(folders: Folders) -> dict[str, np.ndarray]:
    """Hours of the first race and of rest, and the change of the logarithm of the time."""
    rows = folders.rows("results/weekend-doubles.tsv")
    names = ("time_a_s", "rest_h", "resid_a", "resid_b", "person_effect")
    read = {n: np.array([float(row[n]) if row[n] else np.nan for row in rows]) for n in names}
    return {
        "first_h": read["time_a_s"] / 3600.0,
        "rest_h": read["rest_h"],
        "first": read["resid_b"] - read["resid_a"],
        "others": read["resid_b"] - read["person_effect"],
    }


def slower(found: dict[str, np.ndarray], loss: float, free_h: float, rest_h: float) -> np.ndarray:
    """The change that the engine expects, which is of the logarithm of time."""
    values = {name: getattr(JUDGEMENT, name) for name in Judgement.__dataclass_fields__}
    values |= {"stage_loss": loss, "stage_free_h": free_h, "stage_rest_h": rest_h}
    values["stage_night_h"] = 0.0  # rest as it was
    constants = Judgement(**values)
    kept = endurance.next_stage_factor(1.0, found["first_h"], constants, found["rest_h"])
    return np.asarray(-TIME_BY_POWER * np.log(kept))


def fitted(found: dict[str, np.ndarray], against: str) -> np.ndarray:
    """(3,) loss, free hours and rest that are nearest."""
    real = found[against]

    def miss(values: np.ndarray) -> float:
        loss, free_h, rest_h = np.abs(values)
        return float(np.abs(real - slower(found, loss, free_h, max(rest_h, 3.0))).mean())

    options = {"xatol": 1e-4, "fatol": 1e-7, "maxiter": 4000}
    each = [minimize(miss, x, method="Nelder-Mead", options=options) for x in STARTS]
    return np.abs(min(each, key=lambda one: float(one.fun)).x)


def section(folders: Folders) -> str:
    """The text, and a table by hours of the first race and of rest."""
    found = columns(folders)
    known = {name: values[np.isfinite(found["others"])] for name, values in found.items()}
    one, person = fitted(found, "first"), fitted(known, "others")
    rng = np.random.default_rng(SEED)
    count = len(known["others"])
    picks = [rng.choice(count, count) for _ in range(SAMPLES)]
    rests = [fitted({n: v[pick] for n, v in known.items()}, "others")[2] for pick in picks]
    low, high = np.quantile(rests, [0.05, 0.95])
    text = TEXT.format(
        count=len(found["first"]),
        known=count,
        **dict(zip(("loss", "free", "rest"), one, strict=True)),
        **dict(zip(("loss_p", "free_p", "rest_p"), person, strict=True)),
        low=low,
        high=high,
        shipped=", ".join(f"{value:g}" for value in SHIPPED),
    )
    return text + "\n" + _table(found)


def _table(found: dict[str, np.ndarray]) -> str:
    rows = []
    for low_h, high_h in pairwise(FIRST_H):
        for least_h, most_h in pairwise(REST_H):
            first_h, rest_h = found["first_h"], found["rest_h"]
            here = (first_h >= low_h) & (first_h < high_h) & (rest_h >= least_h) & (rest_h < most_h)
            if here.sum() < FEW:
                continue
            told = slower(found, *SHIPPED)[here]
            others = found["others"][here]
            others = others[np.isfinite(others)]
            medians = [np.expm1(float(np.median(v))) for v in (found["first"][here], others, told)]
            rows.append(
                [
                    f"{low_h:.0f}–{high_h:.0f}",
                    f"{least_h:.0f}–{most_h:.0f}",
                    str(int(here.sum())),
                    *(signed(value) for value in medians),
                ]
            )
    head = (
        "first race, h",
        "rest, h",
        "pairs",
        "second slower than the first, %",
        "than the person's other races",
        "ours",
    )
    return table(head, rows)
