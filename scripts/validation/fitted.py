"""A runner fitted to recordings, as `gpxstage fit` does it, told of one that was left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gpxstage.geo import by_band
from gpxstage.profile import GRADE_EDGES
from validation import hard, persons, rules
from validation.folders import Folders
from validation.page import percent, signed, table
from validation.persons import Recording, Told

LEAST_S = 120.0  # a band of grade with less is not judged
WHO = {
    "group-a": "trail runs in Guatemala, some hiked",
    "group-b": "GR20 with a loaded backpack",
    "group-c": "hikes up mountains, one a scramble",
    "group-f": "two hiking days",
    "group-h": "hikes of 9 to 60 km",
    "group-p01": "a walk across Eurasia with a pack",
    "group-p02": "hikes",
    "group-p04": "trail runs and flat runs",
    "group-p06": "trail runs, marathons, hikes",
    "group-p08": "trail runs",
    "group-p09": "hikes",
    "group-p12": "runs",
    "group-p15": "hikes over twelve years",
    "group-p18": "trail runs, races of 50 km",
    "group-p20": "hikes",
    "group-p23": "trail races, runs, hikes",
}

TOP = """\
## A runner of your own

What `gpxstage fit` makes of recordings: {n} outings of {people} people, each told by a runner
fitted to the same person's others, moving time at the effort of the recordings, terrain 0.4 for
all, a pack of 10 kg assumed on the GR20. *Runs and hikes apart*: as the program parts them, told
from others of the same gait. *A mixed folder*: told from all others, whatever they were.

**Fitted:** nothing to the outing that is told. What is learnt over people (how ability goes with
length and steepness) comes from the other people. **In sample in part:** the priors of the fit, the
ability table below 3.3 m/s and the half-life of an outing were chosen with some of these people in
view; the width of the range is set on all of them. *A rule*: its scale on each other outing, their
mean of logs. Mean over people: of each person's mean error.
"""

TRIED = """\
Tried, and left out again because left-out people did not gain: a slope on altitude (the engine has
one), heart rate as a sign of effort (92 outings have it: median 7.4 without, 7.5 with), weighing by
a half-life of half a year or of two, and an exponent of speed against the hours of an outing.
"""

Errors = tuple[list[str], np.ndarray]  # whose, and told over real - 1


def hiked(case: Told) -> tuple[float, float]:
    """Share of the time by cadence, and told."""
    outing = case.recording.outing
    assert outing.hiked is not None
    known = np.isfinite(outing.hiked)
    return float(np.average(outing.hiked[known], weights=outing.cell_s[known])), case.hiked


def miss_by_grade(case: Told) -> tuple[np.ndarray, np.ndarray]:
    """Seconds in bands of grade, and told minus real share of them that is hiked."""
    outing, done = case.recording.outing, case.run
    assert outing.hiked is not None
    assert done.hiked_s is not None
    edges = np.array([-np.inf, *GRADE_EDGES, np.inf])
    grade, known = outing.push.grade, np.isfinite(outing.hiked)
    known_s = np.where(known, outing.cell_s, 0.0)
    weight, real, ours, whole = (
        by_band(grade, grade, values, edges)
        for values in (
            known_s,
            known_s * np.nan_to_num(outing.hiked),
            done.hiked_s,
            np.diff(done.moving_s),
        )
    )
    used = weight > LEAST_S
    return weight[used], ours[used] / whole[used] - real[used] / weight[used]


def errors(told: Sequence[Told]) -> Errors:
    """Of outings told from others."""
    return [each.recording.person for each in told], np.array([each.error for each in told])


def rule_errors(folders: Folders, rule: rules.Rule, *, mixed: bool) -> Errors:
    """A plain rule, scaled to the person's other outings."""
    found = persons.recordings(folders)
    scale = np.array([_scale(each, rule) for each in found])
    people, told = [], []
    for k, each in enumerate(found):
        others = [
            n
            for n, other in enumerate(found)
            if n != k and other.person == each.person and (mixed or other.gait == each.gait)
        ]
        if others:
            people.append(each.person)
            told.append(np.expm1(scale[others].mean() - scale[k]))
    return people, np.array(told)


def _scale(each: Recording, rule: rules.Rule) -> float:
    push = each.outing.push
    whole = rule(push.grade, np.diff(push.edge_m), push.altitude_m).sum()
    return float(np.log(each.outing.moving_s / whole))


def figures(found: Errors) -> tuple[float, float, float]:
    """Median error, 80th percentile, mean of people's means."""
    people, size = np.array(found[0]), np.abs(found[1])
    means = [size[people == name].mean() for name in dict.fromkeys(found[0])]
    return float(np.median(size)), float(np.quantile(size, 0.8)), float(np.mean(means))


def best_rule(folders: Folders, at: int, *, mixed: bool) -> tuple[str, float]:
    """The rule whose median (0) or mean over people (2) is least."""
    found = {
        name: figures(rule_errors(folders, rule, mixed=mixed))[at]
        for name, rule in rules.CURVES.items()
    }
    name = min(found, key=lambda key: found[key])
    return name, found[name]


def section(folders: Folders) -> str:
    """The whole section."""
    apart = persons.left_out(folders)
    top = TOP.format(
        n=len(persons.recordings(folders)), people=len(persons.people(persons.recordings(folders)))
    )
    parts = [
        top,
        _by_rule(folders),
        TRIED,
        _by_person(apart),
        hard.section(folders),
        _by_outing(apart),
    ]
    return "\n".join(parts)


def _by_rule(folders: Folders) -> str:
    ours: Callable[[bool], Errors] = lambda mixed: errors(persons.left_out(folders, mixed=mixed))  # noqa: E731
    rows = [["**ours**", *_cells(ours(False)), *_cells(ours(True))]]
    for name, rule in rules.CURVES.items():
        both = (rule_errors(folders, rule, mixed=mixed) for mixed in (False, True))
        rows.append([name, *(cell for each in both for cell in _cells(each))])
    head = ["rule"]
    for name in ("runs and hikes apart", "a mixed folder"):
        head += [f"{name}: median error, %", "80 in 100 within", "mean over people"]
    return table(head, rows)


def _cells(found: Errors) -> list[str]:
    return [percent(value) for value in figures(found)]


def _by_person(told: Sequence[Told]) -> str:
    rows = []
    for name in persons.people([each.recording for each in told]):
        own = [each for each in told if each.recording.person == name]
        error = np.abs([each.error for each in own])
        gaits = [sum(each.recording.gait == gait for each in own) for gait in ("run", "hike")]
        what = f"{name.replace('-', ' ')}: {WHO.get(name, '')}"
        steps = [hiked(each) for each in own if each.recording.outing.hiked is not None]
        steps = [pair for pair in steps if np.isfinite(pair[0])]
        off = percent(float(np.median([abs(a - b) for a, b in steps]))) if steps else "–"
        numbers = (percent(float(np.median(error))), percent(float(error.mean())))
        rows.append([what, *gaits, *numbers, off])
    head = ("person", "runs", "hikes", "median error, %", "mean error, %",
            "hiked share missed by, points (median)")  # fmt: skip
    return "### By person\n\n" + table(head, rows)


def _by_outing(told: Sequence[Told]) -> str:
    rows = [
        [
            f"{each.recording.person.removeprefix('group-')}:"
            f" {each.recording.outing.where.removesuffix('.gpx')}",
            each.recording.gait,
            f"{each.recording.outing.push.edge_m[-1] / 1000.0:.1f}",
            f"{each.recording.outing.moving_s / 3600.0:.2f}",
            signed(each.error),
        ]
        for each in told
    ]
    head = ("left out", "gait", "km", "moving, h", "error, %")
    return "### Outing by outing\n\n" + table(head, rows)
