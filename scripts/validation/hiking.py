"""The hike share by grade, measured from cadence and told by the engine."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from gpxstage.estimator.engine import run
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Run
from gpxstage.estimator.runner import at_ability
from gpxstage.profile import GRADE_EDGES
from validation.folders import Folders
from validation.outings import Outing, outings
from validation.page import percent, rms, table

PERSON = "group-a"
WALKING_SPM = 135.0  # between two heaps, 80–130 and 150–170 steps a minute
LEGS = 2.0  # the watch counts the steps of one leg
EDGES = (-np.inf, *GRADE_EDGES, np.inf)
LEAST_S = 120.0  # of an outing in a grade band, to count there
TOP = """\
## How much is hiked

{n} trail runs of one person carry cadence (of one leg, so doubled). Steps a minute fall into two
heaps, about 80–130 and 150–170, with a valley between 130 and 140: a moving moment under
{border:.0f} is hiked, as is one at 0, where the watch counted nothing while the runner got on.
**Fitted:** ability and descent limit of each run to its own hours by grade; the
three constants that soften the gait were chosen with these very runs in view, so this is a check
of the fit, on one person, and no test. Scored: the share of the time hiked in each grade band.
"""


def steps_of(outing: Outing) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each step of the recording: seconds that count, the cell, whether it was hiked."""
    track = outing.track
    assert track.cadence_spm is not None
    spm = LEGS * np.nan_to_num(track.cadence_spm[1:])
    window = np.searchsorted(outing.edge_s, track.time_s[1:], side="left") - 1
    moving = outing.moving[np.clip(window, 0, len(outing.moving) - 1)]
    seconds = np.diff(track.time_s) * moving
    along_m = np.interp(track.time_s[1:], outing.edge_s, outing.edge_m)
    cell = np.searchsorted(outing.push.edge_m, along_m, side="right") - 1
    return seconds, np.clip(cell, 0, len(outing.push.grade) - 1), spm < WALKING_SPM


def bands(grade: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    """(weights, bands) sums by grade band."""
    inside = [(grade >= low) & (grade < high) for low, high in itertools.pairwise(EDGES)]
    return np.array([[weight[mask].sum() for mask in inside] for weight in weights])


def fitted(outing: Outing) -> Run:
    """The engine with ability and descent limit that suit the outing's hours by grade best."""
    from scipy.optimize import least_squares

    real = bands(outing.push.grade, outing.cell_s())[0]

    def solve(logs: np.ndarray) -> Run:
        runner = at_ability(float(np.exp(logs[0])))
        runner = replace(
            runner,
            stops=0.0,
            sleep=0.0,
            descent_m_per_h=runner.descent_m_per_h * float(np.exp(logs[1])),
        )
        return run(outing.push, runner, JUDGEMENT, Policy())

    def miss(logs: np.ndarray) -> np.ndarray:
        told = bands(outing.push.grade, np.diff(solve(logs).moving_s))[0]
        whole = np.log(told.sum() / real.sum())
        return np.append(
            np.sqrt(real / real.sum()) * np.log((told + 60.0) / (real + 60.0)), 3.0 * whole
        )

    start = np.log([3.0, 1.0])
    return solve(least_squares(miss, start, diff_step=0.02, bounds=(start - 1.5, start + 1.5)).x)


def section(folders: Folders) -> str:
    """The shares by grade."""
    found = [o for o in outings(folders) if o.person == PERSON and o.track.cadence_spm is not None]
    measured, told, whole = [], [], []
    for outing in found:
        seconds, cell, hiked = steps_of(outing)
        total, walked = bands(outing.push.grade[cell], seconds, seconds * hiked)
        done = fitted(outing)
        assert done.hiked_s is not None
        cell_s = np.diff(done.moving_s)
        ours = bands(outing.push.grade, cell_s, done.hiked_s)
        measured.append((total, walked))
        told.append(ours)
        whole.append((walked.sum() / total.sum(), ours[1].sum() / ours[0].sum()))
    top = TOP.format(n=len(found), border=WALKING_SPM)
    return "\n".join([top, _table(found, np.array(measured), np.array(told), np.array(whole))])


def _table(found: list[Outing], measured: np.ndarray, told: np.ndarray, whole: np.ndarray) -> str:
    """Share by band over all runs, range over runs, and what is off."""
    with np.errstate(invalid="ignore", divide="ignore"):
        real = np.where(measured[:, 0] > LEAST_S, measured[:, 1] / measured[:, 0], np.nan)
        ours = told[:, 1] / told[:, 0]
    off = ours - real
    names = [f"{100 * low:+.0f} to {100 * high:+.0f} %" for low, high in itertools.pairwise(EDGES)]
    names[0], names[-1] = f"under {100 * EDGES[1]:+.0f} %", f"over {100 * EDGES[-2]:+.0f} %"
    rows = []
    for k, name in enumerate(names):
        hours = measured[:, 0, k].sum() / 3600.0
        share = measured[:, 1, k].sum() / measured[:, 0, k].sum()
        span = f"{percent(np.nanmin(real[:, k]), 0)}–{percent(np.nanmax(real[:, k]), 0)}"
        mine = told[:, 1, k].sum() / told[:, 0, k].sum()
        rows.append(
            [name.replace("-", "−"), f"{hours:.1f}", percent(share, 0), span, percent(mine, 0)]
        )
    head = ("grade", "hours", "hiked, %", "lowest and highest run", "ours")
    runs = ", ".join(
        f"{o.name} {percent(real_, 0)} (ours {percent(ours_, 0)})"
        for o, (real_, ours_) in zip(found, whole, strict=True)
    )
    return table(head, rows) + (
        f"\nRoot mean square over runs and bands: {percent(rms(off[np.isfinite(off)]), 0)} points;"
        f" over whole runs: {percent(rms(whole[:, 0] - whole[:, 1]), 1)} points.\n"
        f"Whole runs, hiked in per cent: {runs}.\n"
    )
