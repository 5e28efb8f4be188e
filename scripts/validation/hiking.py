"""The hiked share by grade, measured from cadence and told by the engine, and by the person."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from gpxstage.estimator import conditions, engine, gait
from gpxstage.estimator.fit.recordings import read
from gpxstage.estimator.fit.solving import PRIORS, SHIFTS
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.profile import GRADE_EDGES
from validation.folders import Folders
from validation.page import percent, rms, signed, table

RUNS = ("run", "trail run", "run flat")  # kinds of INDEX-2.tsv; a hike is hiked by definition
EDGES = (-np.inf, *GRADE_EDGES, np.inf)
LEAST_S = 600.0  # of a person in a grade band, to count there
OWN_SPREAD = [PRIORS[name].spread for name in SHIFTS]  # m/s, of people's own: as `fit` has it
COUNTS = 0.3  # how far a cell's share may be off, for an hour (judgement)
TOP = """\
## How much is hiked

{runs} runs of {people} people carry cadence. A moving second is hiked under 140 steps a minute, or
below 1.1 m/s: steps fall into two heaps, about 80–130 and 150–170. **Fitted:** ability and descent
limit of each run to its own hours by grade. **Seen:** the gait's six constants were chosen with
these runs in view and, against them, two stories of the Tor. Two rows: *most people*, nothing known
of the person's gait; *own gait*, two numbers of the person, how much sooner they hike everywhere
and on descents, from their other runs. *Aims*: whole outings 5 points, people by grade 10 (rms).

A second without a step is hiked as well (the hands are on poles), below 2.14 m/s: walking faster
costs more than running, so the steps were missed there. That moves the measured share of a run by
1.8 points (rms).
"""
NO_HELP = """\
**The run's own speed is known here.** Where ability is estimated from the person's other runs as
well, as `--runner` does it, the whole share of 54 runs with cadence is off by 12.3 points rms, 7.4
in the median: an error of speed adds to that of the gait. Counting cadence three times as much in
that fit gave 13.1 and 7.6, when this gave 12.5 and 7.0.

*What did not help*, each run left out (rms of whole outings; people by grade), tried with a prior
of 0.35 m/s, which gives 6.8; 9.0: a third number of the person for climbs 6.7; 8.5, for flat
ground 6.9; 8.9, for the width of the change 6.6; 8.6, for the hours on the way 6.8; 8.9; a share
that is always hiked 6.8; 8.9; the share averaged over 1 min, since nobody changes gait at once,
6.7; 8.8, over 4 min 6.8; 8.7; speed and grade over 4 min 6.9; 8.2; one threshold from +5 to +15 %
alone 7.8; 10.9; drawn to the other people's mean 6.7; 8.8. Trusting a person's own runs more (1
m/s, and 0.1 in place of 0.3 for a cell) gives 6.1; 5.7, but after one run alone 9.0 in place of
7.8.

Tried where the shipped form gave 6.4; 7.5, before missed steps were left out: hysteresis, so that a
runner who hikes goes on hiking until running is clearly better and the reverse, by half a width of
the change 6.2; 7.4, by one 6.4; 7.2, by two 8.3; 6.6. How cadence is read: a threshold for each
person between their own two heaps (138 to 150 steps) 6.4; 7.5, 130 for all 6.7; 7.3, 148 for all
6.4; 7.6, the gait of most of 30 s 6.8; 7.7, seconds without a step left out 6.2; 8.4. These move
the measured share of a run by 0.4, 2.0, 0.9, 1.2 and 4.7 points (rms): a part of what is left is
how well cadence tells the gait.

What helps here and is not used: a speed of the change that falls with ability, 0.24 to 0.62 m/s for
each m/s of one-hour flat speed without each person in turn. Each person told by the other people's
slope, *most people* comes out at 7.0 and 10.6, by the other people's constant alone at 8.5 and
13.3; by both 8.3 and 11.4, by a slope for which each person counts alike 7.1 and 9.8. But *own
gait* gains nothing (5.9; 7.2), nor where ability is estimated as well (12.9; 8.5 in the median, in
place of 12.3; 7.4); and races left out, all fitted anew to a slope of 0.35, have passages of 6.12
in place of 6.04 % rms.
"""


@dataclass(frozen=True, eq=False)
class Cells:
    """One run's cells of which the gait is known."""

    person: str
    grade: np.ndarray
    seconds: np.ndarray
    hiked: np.ndarray
    eased_mps: np.ndarray  # what running would go at, for the run's own ability
    terrain: np.ndarray
    weight: float

    def told(self, own_mps: float = 0.0, down_mps: float = 0.0) -> np.ndarray:
        """The share of each cell, for a person's own shifts."""
        shift_mps = gait.own_shift_mps(self.grade, own_mps, down_mps)
        change = gait.Change(self.grade, self.terrain, self.weight, JUDGEMENT, shift_mps=shift_mps)
        return change.hiked(self.eased_mps)


def _band(grade: np.ndarray) -> np.ndarray:
    return np.digitize(grade, GRADE_EDGES)


def _paths(folders: Folders) -> list[tuple[str, str]]:
    """Person and file of all runs."""
    root = folders.data / "recordings"
    found = [("a", f"group-a/{path.name}") for path in sorted((root / "group-a").glob("*.gpx"))]
    index = root / "INDEX-2.tsv"
    if index.is_file():
        with open(index, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                name = row["file"].removeprefix("recordings/")
                person = name.split("/")[0].removeprefix("group-").removesuffix("-more")
                if row["has_cadence"] == "yes" and row["kind"] in RUNS:
                    found.append((person, name))
    return found


def _solved(outing, logs: np.ndarray) -> tuple[engine.Pace, np.ndarray, Runner]:
    """The engine on an outing's own clock: pace, speed of running, the runner."""
    runner = at_ability(float(np.exp(logs[0])))
    runner = replace(runner, descent_m_per_h=runner.descent_m_per_h * float(np.exp(logs[1])))
    moving_s = np.concatenate([[0.0], np.cumsum(outing.cell_s)])
    ground = engine.ground_of(outing.push, runner, JUDGEMENT, Policy())
    effort = engine.effort_of(ground, runner, JUDGEMENT, moving_s, outing.clock_h)
    pace = engine.pace_of(
        ground, runner, JUDGEMENT, effort=effort, dark=outing.dark, guess_mps=None
    )
    power = ground.power * effort
    flat_mps = power / (gait.RUNNING[-1] * (1.0 + runner.load()))
    cap_mps = conditions.downhill_cap_mps(ground.grade, flat_mps, runner.downhill_gain)
    free_mps = power / ground.running_cost
    limits = map(conditions.to_minus_4, (free_mps, cap_mps, ground.descent_mps))
    return pace, conditions.softened(*limits), runner


def _cells(person: str, outing) -> Cells:
    """An outing with the ability and the descent limit that suit its hours by grade best."""
    from scipy.optimize import least_squares

    kept, band = outing.kept, _band(outing.push.grade)
    real = np.bincount(band[kept], outing.cell_s[kept], len(EDGES) - 1)

    def miss(logs: np.ndarray) -> np.ndarray:
        cell_s = np.diff(_solved(outing, logs)[0].moving_s)
        told = np.bincount(band[kept], cell_s[kept], len(EDGES) - 1)
        off = np.sqrt(real / real.sum()) * np.log((told + 20.0) / (real + 20.0)) / 0.15
        whole = np.log(told.sum() / real.sum()) / 0.02
        return np.concatenate([off, [whole, logs[1] / 0.7, logs[0] - 1.2]])

    _, eased_mps, runner = _solved(outing, least_squares(miss, [1.2, 0.0], diff_step=0.02).x)
    known = np.isfinite(outing.hiked) & kept
    values = (outing.push.grade, outing.cell_s, outing.hiked, eased_mps, outing.push.terrain)
    return Cells(person, *(value[known] for value in values), runner.gait_weight)


@cache
def cells(folders: Folders) -> tuple[Cells, ...]:
    """All runs with cadence."""
    found = []
    for person, name in _paths(folders):
        outings, _ = read([folders.data / "recordings" / name])
        found += [_cells(person, outing) for outing in outings if outing.hiked is not None]
    return tuple(found)


def own(runs: list[Cells]) -> np.ndarray:
    """A person's two shifts from some of their runs: none without any."""
    from scipy.optimize import least_squares

    def miss(shifts: np.ndarray) -> np.ndarray:
        parts = [shifts / OWN_SPREAD]
        for run in runs:
            parts.append(np.sqrt(run.seconds / 3600.0) * (run.told(*shifts) - run.hiked) / COUNTS)
        return np.concatenate(parts)

    return np.asarray(least_squares(miss, np.zeros(2)).x) if runs else np.zeros(2)


def shares(folders: Folders, known: bool) -> list[tuple[Cells, np.ndarray]]:
    """Each run and the share told of its cells, with a person's own gait from their other runs."""
    every = cells(folders)
    found = []
    for run in every:
        others = [each for each in every if each.person == run.person and each is not run]
        shifts = own(others) if known else np.zeros(2)
        found.append((run, run.told(*shifts)))
    return found


def whole(told: list[tuple[Cells, np.ndarray]]) -> np.ndarray:
    """(runs,) points that each run's whole share is off."""
    return np.array([np.average(t - run.hiked, weights=run.seconds) for run, t in told])


def by_grade(told: list[tuple[Cells, np.ndarray]]) -> dict[tuple[str, int], np.ndarray]:
    """Seconds, told and real hiked seconds, by person and band of grade."""
    sums: dict[tuple[str, int], np.ndarray] = {}
    for run, share in told:
        band = _band(run.grade)
        for k in np.unique(band):
            at = band == k
            row = [
                run.seconds[at].sum(),
                run.seconds[at] @ share[at],
                run.seconds[at] @ run.hiked[at],
            ]
            sums[run.person, int(k)] = sums.get((run.person, int(k)), np.zeros(3)) + row
    return sums


def grade_errors(sums: dict[tuple[str, int], np.ndarray]) -> np.ndarray:
    """Points that each person is off in each band where there is enough of them."""
    return np.array([(row[1] - row[2]) / row[0] for row in sums.values() if row[0] > LEAST_S])


def section(folders: Folders) -> str:
    """The whole section."""
    every = cells(folders)
    people = sorted({run.person for run in every})
    top = TOP.format(runs=len(every), people=len(people))
    rows, sums = [], {}
    for name, known in (("most people", False), ("own gait", True)):
        told = shares(folders, known)
        off, sums[name] = whole(told), by_grade(told)
        grades = grade_errors(sums[name])
        row = [percent(rms(off)), percent(float(np.median(np.abs(off)))), signed(float(off.mean()))]
        rows.append([name, *row, percent(rms(grades))])
    head = ("known", "whole outings: rms, points", "median", "bias", "people by grade: rms, points")
    return "\n".join([top, table(head, rows), _by_band(people, sums), NO_HELP])


def _by_band(people: list[str], sums: dict[str, dict[tuple[str, int], np.ndarray]]) -> str:
    """Real and told shares by band, over all and for each person."""
    names = [f"{100 * low:+.0f} to {100 * high:+.0f} %" for low, high in itertools.pairwise(EDGES)]
    names[0], names[-1] = f"under {100 * EDGES[1]:+.0f} %", f"over {100 * EDGES[-2]:+.0f} %"
    rows, most = [], sums["most people"]
    for k, name in enumerate(names):
        here = {person: most[person, k] for person in people if (person, k) in most}
        total = sum(here.values())
        mine = sum(sums["own gait"][person, k] for person in here)
        row = [f"{total[0] / 3600.0:.1f}"]
        row += [percent(part / total[0], 0) for part in (total[2], total[1], mine[1])]
        for person in people:
            one = here.get(person)
            enough = one is not None and one[0] > LEAST_S
            row.append(
                f"{percent(one[2] / one[0], 0)} ({percent(one[1] / one[0], 0)})" if enough else ""
            )
        rows.append([name.replace("-", "−"), *row])
    head = ("grade", "hours", "hiked, %", "most people", "own gait")
    return table((*head, *(f"{person} (most people)" for person in people)), rows)
