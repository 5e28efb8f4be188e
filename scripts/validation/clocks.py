"""The clock of a left-out outing: how long it took, breaks included, and did the range hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import Pool

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.fit.filing import stopped_min_per_h
from gpxstage.estimator.nouns import Push, Sites
from gpxstage.estimator.plan import UNNAMED_EVERY_M
from gpxstage.estimator.runner import Runner
from validation import bands, levels, persons, races
from validation.folders import Folders
from validation.page import percent, signed, table
from validation.persons import WORKERS, Told

TOP = """\
## Clock times of outings

The same left-out outings by the clock, breaks included: {n} outings of {people} people, none with
known places, so that stops are spread along the way as the program does it. *As in a field*: the
stops of a field of races. *By their habit*: minutes standing for an hour of moving, from the same
person's other outings of the gait, drawn towards other people's; the range has their scatter.
*Held*: within p10 to p90. Mean over people: of each person's mean error.

**Fitted:** nothing to the outing that is told; what people share (minutes in the middle, scatter)
comes from the other people. **In sample in part:** that other people count as one outing was chosen
with these outings in view (a half to three are alike), and the range of the moving time is set on
all of them. All that is no moving counts, gaps of the recording included; a pause of more than
three hours parts two outings.
"""


@dataclass(frozen=True, eq=False)
class Clocked:
    """An outing told by the clock, in one of two ways."""

    told: Told
    error: float  # told over real - 1
    band: np.ndarray  # (2,) logs of p10 and p90 over p50

    @property
    def off(self) -> int:
        """-1 below the range, 0 within, 1 above."""
        miss = -np.log1p(self.error)
        return int(miss > self.band[1]) - int(miss < self.band[0])


def clock_s(told: Told) -> float:
    """Seconds from start to end, breaks included."""
    edge_s = told.recording.outing.edge_s
    return float(edge_s[-1] - edge_s[0])


def spread_out(push: Push) -> Push:
    """A push with places to stop along the way, as where none is known."""
    end_m = float(push.edge_m[-1])
    count = max(int(end_m // UNNAMED_EVERY_M), 1)
    at_m = (np.arange(count) + 1.0) * end_m / (count + 1)
    sites = Sites(at_m, np.ones(count), np.zeros(count), np.full(count, np.nan))
    return replace(push, sites=sites)


def _clocked(task: tuple[Told, Runner]) -> Clocked:
    told, runner = task
    push = spread_out(told.recording.outing.push)
    elapsed_s = 3600.0 * races.elapsed_h(levels.solve(push, runner))
    band = bands.band_of(push, runner, draws.spreads_for(runner, None))
    return Clocked(told, elapsed_s / clock_s(told) - 1.0, band)


@cache
def both_ways(folders: Folders) -> tuple[list[Clocked], list[Clocked]]:
    """All outings with the stops of a field, and by the person's habit."""
    told = persons.left_out(folders)
    tasks = [(each, replace(each.runner, stopped_min_per_h=None)) for each in told]
    tasks += [(each, each.runner) for each in told]
    with Pool(WORKERS) as pool:
        found = pool.map(_clocked, tasks, chunksize=4)
    return found[: len(told)], found[len(told) :]


def section(folders: Folders) -> str:
    """The whole section."""
    before, after = both_ways(folders)
    who = persons.people([each.told.recording for each in after])
    top = TOP.format(n=len(after), people=len(who))
    return "\n".join([top, _by_gait(before, after), _by_person(before, after, who)])


def _by_gait(before: Sequence[Clocked], after: Sequence[Clocked]) -> str:
    rows = []
    for gait in ("run", "hike", ""):
        for name, all_of in (("as in a field", before), ("**by their habit**", after)):
            own = [each for each in all_of if gait in ("", each.told.recording.gait)]
            rows.append([f"{gait or 'all outing'}s, {name}", len(own), *_figures(own)])
    head = ("outings", "n", "median error, %", "signed, median, %", "mean over people, %",
            "held, %", "below, %", "above, %", "half width, %")  # fmt: skip
    return table(head, rows)


def _figures(own: Sequence[Clocked]) -> list[str]:
    error, off = np.array([each.error for each in own]), np.array([each.off for each in own])
    person = np.array([each.told.recording.person for each in own])
    means = [np.abs(error[person == name]).mean() for name in np.unique(person)]
    width = bands.half_width(np.array([each.band for each in own]))
    return [
        percent(float(np.median(np.abs(error)))),
        signed(float(np.median(error))),
        percent(float(np.mean(means))),
        *(f"{100.0 * float((off == side).mean()):.0f}" for side in (0, -1, 1)),
        percent(float(np.median(width))),
    ]


def _by_person(before: Sequence[Clocked], after: Sequence[Clocked], who: Sequence[str]) -> str:
    rows = []
    for name in who:
        ways = [[each for each in way if each.told.recording.person == name]
                for way in (before, after)]  # fmt: skip
        outings = [each.told.recording.outing for each in ways[0]]
        stood = float(np.median([stopped_min_per_h(outing) for outing in outings]))
        errors = [percent(float(np.median(np.abs([c.error for c in way])))) for way in ways]
        held = [f"{sum(each.off == 0 for each in way)}" for way in ways]
        rows.append([name.replace("-", " "), len(outings), f"{stood:.1f}", *errors, *held])
    head = ("person", "outings", "stood, min/h (median)", "median error, %: as in a field",
            "by their habit", "held: as in a field", "by their habit")  # fmt: skip
    return "### Clock times by person\n\n" + table(head, rows)
