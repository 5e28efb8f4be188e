"""Runs and hikes in one folder: two modes of one person, told apart by speed where one could run.

An outing on which hardly anything runnable was covered faster than people walk is a hike, however
far it went; cadence says the same of the recordings that have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.fit.outings import Outing
    from gpxstage.estimator.runner_file import Gait

# All of these are judgement; on 157 recordings of 16 people they agree with the kind of outing
# that the files name, but for nine, of which five were hiked by their cadence.
RUNNABLE = (-0.12, 0.05)  # grade
WALKED_MPS = 2.0  # the speed at which most change gait on the flat
RAN_SHARE = 0.10  # of the time on runnable ground: less, and it was a hike


def ran_share(outing: Outing) -> float:
    """Share of the time on runnable ground that was faster than walking; NaN without any."""
    grade = outing.push.grade
    speed_mps = np.diff(outing.push.edge_m) * np.hypot(1.0, grade)
    speed_mps = speed_mps / np.maximum(outing.cell_s, 1e-9)
    used = outing.kept & (grade > RUNNABLE[0]) & (grade < RUNNABLE[1])
    whole_s = float(outing.cell_s[used].sum())
    if whole_s == 0.0:
        return float("nan")
    return float(outing.cell_s[used & (speed_mps > WALKED_MPS)].sum()) / whole_s


def gait_of(outing: Outing) -> Gait:
    """What an outing was; without runnable ground, what little was hiked by foot: a hike."""
    return "run" if ran_share(outing) >= RAN_SHARE else "hike"


def parted(outings: Sequence[Outing]) -> dict[Gait, list[Outing]]:
    """Runs and hikes of a folder, runs first; a gait without an outing is not there."""
    found: dict[Gait, list[Outing]] = {"run": [], "hike": []}
    for outing in outings:
        found[gait_of(outing)].append(outing)
    return {gait: some for gait, some in found.items() if some}
