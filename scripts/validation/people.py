"""An outing told from the same person's other outings."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from gpxstage.estimator.engine import run
from gpxstage.estimator.fit.windows import MOVING_MPS, WINDOW_S
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Run
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.profile import GRADE_EDGES
from validation import rules
from validation.folders import Folders
from validation.outings import GROUPS, PACK_KG, TERRAIN, Outing, outings
from validation.page import percent, signed, table

ABILITIES = np.geomspace(0.5, 7.0, 24)
HOURS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
COMBINED: dict[str, Callable[[np.ndarray], float]] = {
    "mean of logs": lambda logs: float(np.mean(logs)),
    "median": lambda logs: float(np.median(logs)),
}
TOP = """\
## An outing from the others of the same person

{n} recordings of {people} people: {groups}. Each outing's moving time is told from the others of
its person, never from itself. Moving time: the recording is cut at its points into windows of at
least {window:.0f} s, and a window counts when it covers more than {speed} m/s along the repaired
track; a pause in recording is one long window. Ours: ability solved on each other outing alone
(no stops, no sleep, no clock, terrain {terrain} for all, a pack of 10 kg assumed on the GR20, else
as ability has it), then combined. A rule: its scale on each other outing, combined the same way.
**Fitted:** one number a person, from the other outings, to ours and to every rule alike; of the
engine's constants {fitted} was chosen with the cadence of group a in view. **In
sample for hikers:** the ability table's rows below 3.3 m/s (hiking speed, descents, ease) were
chosen on these very outings. Mean over people: of each person's mean error; the columns of the
groups are combined by mean of logs.
"""
FITTED = "only the softness of the gait"


def runner_of(outing: Outing, flat_speed_mps: float) -> Runner:
    """Someone of an ability who neither stops nor sleeps."""
    found = replace(at_ability(flat_speed_mps), stops=0.0, sleep=0.0)
    if outing.person in PACK_KG:
        found = replace(found, pack_kg=PACK_KG[outing.person])
    return found


def runs(outing: Outing) -> list[Run]:
    """The whole axis of ability over an outing's course."""
    return [run(outing.push, runner_of(outing, float(v)), JUDGEMENT, Policy()) for v in ABILITIES]


@cache
def recorded(folders: Folders) -> tuple[list[Outing], list[list[Run]]]:
    """All recordings, and the axis of ability over each."""
    found = outings(folders)
    return found, [runs(outing) for outing in found]


def left_out(
    found: list[Outing], values: np.ndarray, how: Callable[[np.ndarray], float]
) -> np.ndarray:
    """For each outing the combined value of the person's other outings."""
    person = np.array([outing.person for outing in found])
    told = np.empty(len(found))
    for k in range(len(found)):
        others = np.flatnonzero(person == person[k])
        told[k] = how(values[others[others != k]])
    return told


def of_people(found: list[Outing], error: np.ndarray) -> list[float]:
    """Each person's mean absolute error."""
    person = np.array([outing.person for outing in found])
    return [float(np.abs(error[person == name]).mean()) for name in dict.fromkeys(person)]


def engine_errors(
    found: list[Outing], all_runs: list[list[Run]], how: Callable[[np.ndarray], float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors, the log ability that tells each outing, and the one that suits it by itself."""
    log_v = np.log(ABILITIES)
    log_s = [np.log([done.moving_s[-1] for done in each]) for each in all_runs]
    real = np.log([outing.moving_s for outing in found])
    own = np.array([np.interp(y, x[::-1], log_v[::-1]) for x, y in zip(log_s, real, strict=True)])
    told = left_out(found, own, how)
    guess = np.array([np.interp(v, log_v, x) for v, x in zip(told, log_s, strict=True)])
    return np.expm1(guess - real), told, own


def rule_errors(
    found: list[Outing], rule: rules.Rule, how: Callable[[np.ndarray], float]
) -> np.ndarray:
    """A plain rule, scaled to the person's other outings."""
    whole = [rule(o.push.grade, np.diff(o.push.edge_m), o.push.altitude_m).sum() for o in found]
    scale = np.log([outing.moving_s for outing in found]) - np.log(whole)
    return np.expm1(left_out(found, scale, how) - scale)


def section(folders: Folders) -> str:
    """The whole section."""
    found, all_runs = recorded(folders)
    people = list(dict.fromkeys(outing.person for outing in found))
    sizes = {name: sum(outing.person == name for outing in found) for name in people}
    top = TOP.format(
        n=len(found),
        people=len(people),
        groups=", ".join(f"{GROUPS[name]} ({sizes[name]})" for name in people),
        window=WINDOW_S,
        speed=MOVING_MPS,
        terrain=TERRAIN,
        fitted=FITTED,
    )
    how = COMBINED["mean of logs"]
    _, told, own = engine_errors(found, all_runs, how)
    parts = [top, _by_rule(found, all_runs, people), _by_outing(found, all_runs, own)]
    parts += _by_part(found, [_at(each, v) for each, v in zip(all_runs, told, strict=True)])
    return "\n".join(parts)


def _at(each: list[Run], log_ability: float) -> np.ndarray:
    """(n+1,) moving time at the edges, for an ability between two of the axis."""
    table_s = np.log([np.maximum(done.moving_s[1:], 1e-9) for done in each])
    k = int(np.clip(np.searchsorted(np.log(ABILITIES), log_ability), 1, len(ABILITIES) - 1))
    low, high = np.log(ABILITIES[k - 1 : k + 1])
    share = (log_ability - low) / (high - low)
    return np.concatenate([[0.0], np.exp((1 - share) * table_s[k - 1] + share * table_s[k])])


def _by_rule(found: list[Outing], all_runs: list[list[Run]], people: list[str]) -> str:
    rows = []
    for name, rule in {"**ours**": None, **rules.CURVES}.items():
        row, each = [name], []
        for how in COMBINED.values():
            if rule is None:
                error = engine_errors(found, all_runs, how)[0]
            else:
                error = rule_errors(found, rule, how)
            each.append(of_people(found, error))
            row += [percent(float(np.median(np.abs(error)))), percent(float(np.mean(each[-1])))]
        rows.append([*row, *(percent(value) for value in each[0])])
    head = ["rule"]
    for name in COMBINED:
        head += [f"by {name}: median error, %", "mean over people"]
    return table([*head, *(name.replace("group-", "group ") for name in people)], rows)


def _by_outing(found: list[Outing], all_runs: list[list[Run]], own: np.ndarray) -> str:
    """Each outing: hours, the ability that suits it, our error."""
    error = engine_errors(found, all_runs, COMBINED["mean of logs"])[0]
    rows = [
        [
            f"{o.person.removeprefix('group-')}: {o.name}",
            f"{o.push.edge_m[-1] / 1000.0:.1f}",
            f"{o.moving_s / 3600.0:.2f}",
            f"{(o.edge_s[-1] - o.edge_s[0]) / 3600.0:.2f}",
            f"{np.exp(v):.2f}",
            signed(float(e), 0),
        ]
        for o, v, e in zip(found, own, error, strict=True)
    ]
    head = (
        "recording",
        "km",
        "moving, h",
        "on the clock, h",
        "ability of its own, m/s",
        "error, %",
    )
    return "### Outing by outing\n\n" + table(head, rows)


def _by_part(found: list[Outing], guess: list[np.ndarray]) -> list[str]:
    """Errors by hour of the outing and by grade, each outing's own total made right first."""
    hours, grades = [], []
    for outing, edge_s in zip(found, guess, strict=True):
        right = edge_s * outing.moving_s / edge_s[-1]
        passed = outing.passed_s
        told = np.diff(np.interp(outing.edge_m, outing.push.edge_m, right))
        middle_h = 0.5 * (passed[1:] + passed[:-1]) / 3600.0
        hours.append(_banded(middle_h, told, np.diff(passed), HOURS))
        edges = (-np.inf, *GRADE_EDGES, np.inf)
        grades.append(_banded(outing.push.grade, np.diff(right), outing.cell_s(), edges))
    hour_names = [f"{low:.0f}–{high:.0f} h" for low, high in itertools.pairwise(HOURS)]
    per_cent = [f"{100 * edge:+.0f}".replace("-", "−") for edge in GRADE_EDGES]
    grade_names = [f"under {per_cent[0]} %"]
    grade_names += [f"{low} to {high} %" for low, high in itertools.pairwise(per_cent)]
    grade_names.append(f"over {per_cent[-1]} %")
    intro = (
        "### Ours by hour and by grade\n\n"
        "Predicted over real moving time − 1 within each part, after the outing's own total has"
        " been made right: what is left is where the time goes. *Runs* is group a.\n"
    )
    return [
        intro,
        _parts("hour", hour_names, found, hours),
        _parts("grade", grade_names, found, grades),
    ]


def _banded(value: np.ndarray, told: np.ndarray, real: np.ndarray, edges) -> np.ndarray:
    """(bands, 2) told and real time by band."""
    inside = [(value >= low) & (value < high) for low, high in itertools.pairwise(edges)]
    return np.array([[told[mask].sum(), real[mask].sum()] for mask in inside])


def _parts(what: str, names: list[str], found: list[Outing], parts: list[np.ndarray]) -> str:
    runs_only = np.array([outing.person == "group-a" for outing in found])
    stacked, rows = np.array(parts), []
    for k, name in enumerate(names):
        row = [name]
        for mask in (runs_only, ~runs_only):
            told, real = stacked[mask, k].sum(axis=0)
            here = stacked[mask, k]
            each = here[here[:, 1] > 300.0]
            off = np.abs(each[:, 0] / each[:, 1] - 1.0)
            row += [f"{real / 3600.0:.1f}", signed(told / real - 1.0, 0) if real else "–"]
            row.append(percent(float(np.median(off)), 0) if len(off) else "–")
        rows.append(row)
    head = [what]
    for who in ("runs", "hikes"):
        head += [f"{who}: hours", "bias, %", "median error of an outing, %"]
    return table(head, rows)
