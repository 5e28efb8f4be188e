"""A runner fitted to recordings, as `gpxstage fit` does it, told of one that was left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from gpxstage.estimator.engine import run
from gpxstage.estimator.fit import Fitted, Outing, fitted
from gpxstage.estimator.fit.recordings import read
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Run
from gpxstage.estimator.runner import Runner
from gpxstage.geo import by_band
from gpxstage.profile import GRADE_EDGES
from validation.folders import Folders
from validation.outings import GROUPS, PACK_KG
from validation.page import percent, signed, table

LEAST_S = 120.0  # a band of grade with less is not judged

TOP = """\
## A runner of your own

What `gpxstage fit` makes of recordings, each outing told by a runner fitted to the same person's
others: moving time at the effort of the recordings, terrain 0.4 for all, a pack of 10 kg assumed
on the GR20. **In sample in part:** the priors of the fit and the weight of its bins were chosen
with these 29 outings in view, and so was the ability table below 3.3 m/s; each outing itself is
never among those that its runner is fitted to. *Hiked*: by cadence, where a watch counted steps.
"""


class LeftOut(NamedTuple):
    """One outing told from the others of its person."""

    person: str
    outing: Outing
    others: Fitted
    run: Run

    @property
    def error(self) -> float:
        """Told over real moving time - 1."""
        return float(self.run.moving_s[-1]) / self.outing.moving_s - 1.0

    def hiked(self) -> tuple[float, float]:
        """Share of the time by cadence, and told."""
        assert self.outing.hiked is not None
        assert self.run.hiked_s is not None
        known = np.isfinite(self.outing.hiked)
        real = np.average(self.outing.hiked[known], weights=self.outing.cell_s[known])
        return float(real), float(self.run.hiked_s.sum() / self.run.moving_s[-1])


@cache
def left_out(folders: Folders) -> tuple[LeftOut, ...]:
    """Every outing of every person."""
    found = []
    for person in GROUPS:
        outings, _ = read([folders.data / "recordings" / person])

        def made(runner: Runner, pack_kg: float | None = PACK_KG.get(person)) -> Runner:
            return runner if pack_kg is None else replace(runner, pack_kg=pack_kg)

        for k, outing in enumerate(outings):
            others = fitted(outings[:k] + outings[k + 1 :], made)
            told = run(outing.push, others.runner, JUDGEMENT, Policy())
            found.append(LeftOut(person, outing, others, told))
    return tuple(found)


def miss_by_grade(case: LeftOut) -> tuple[np.ndarray, np.ndarray]:
    """Seconds in bands of grade, and told minus real share of them that is hiked."""
    outing, done = case.outing, case.run
    assert outing.hiked is not None
    assert done.hiked_s is not None
    edges = np.array([-np.inf, *GRADE_EDGES, np.inf])
    grade, known = outing.push.grade, np.isfinite(outing.hiked)
    known_s = np.where(known, outing.cell_s, 0.0)
    weight, hiked, ours, whole = (
        by_band(grade, grade, values, edges)
        for values in (
            known_s,
            known_s * np.nan_to_num(outing.hiked),
            done.hiked_s,
            np.diff(done.moving_s),
        )
    )
    used = weight > LEAST_S
    return weight[used], ours[used] / whole[used] - hiked[used] / weight[used]


def section(folders: Folders) -> str:
    """The whole section."""
    cases = left_out(folders)
    parts = [TOP, _by_person(cases), _hiked(cases), "### Outing by outing\n", _by_outing(cases)]
    return "\n".join(parts)


def people_of(cases: tuple[LeftOut, ...]) -> dict[str, list[LeftOut]]:
    """The outings of each person."""
    return {
        name: [case for case in cases if case.person == name]
        for name in dict.fromkeys(case.person for case in cases)
    }


def _by_person(cases: tuple[LeftOut, ...]) -> str:
    rows, means = [], []
    for name, own in people_of(cases).items():
        error = np.abs([case.error for case in own])
        means.append(float(error.mean()))
        what = f"{name.replace('-', ' ')}: {GROUPS[name]}"
        rows.append([what, len(own), percent(float(np.median(error))), percent(means[-1])])
    error = np.abs([case.error for case in cases])
    rows.append(
        [
            "**all; mean over people**",
            len(cases),
            percent(float(np.median(error))),
            percent(float(np.mean(means))),
        ]
    )
    return table(("person", "outings", "median error, %", "mean error, %"), rows)


def _hiked(cases: tuple[LeftOut, ...]) -> str:
    """Whole outings and bands of grade, of the person who also runs; of others, the least."""
    runs = [case for case in cases if case.person == "group-a"]
    off = [abs(told - real) for real, told in (case.hiked() for case in runs)]
    by_grade = [miss_by_grade(case) for case in runs]
    weight, miss = (np.concatenate(each) for each in zip(*by_grade, strict=True))
    rms = float(np.sqrt(np.average(np.square(miss), weights=weight)))
    hikes = [c.hiked()[1] for c in cases if c.person == "group-b" and c.outing.hiked is not None]
    return (
        "The hiked share of a left-out run of group a is missed by"
        f" {percent(float(np.median(off)))} points (median of {len(runs)}), its share in bands of"
        f" grade by {percent(rms)} (rms, weighted by time). Group b hikes throughout, and the"
        f" least that is told of its {len(hikes)} outings is {percent(min(hikes), 0)} %.\n"
    )


def _by_outing(cases: tuple[LeftOut, ...]) -> str:
    rows = [
        [
            f"{case.person.removeprefix('group-')}: {case.outing.where.removesuffix('.gpx')}",
            f"{case.outing.push.edge_m[-1] / 1000.0:.1f}",
            f"{case.outing.moving_s / 3600.0:.2f}",
            signed(case.error),
        ]
        for case in cases
    ]
    return table(("left out", "km", "moving, h", "error, %"), rows)
