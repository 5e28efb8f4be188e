"""Hard outings, told from the same person's others with a race's effort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import Pool

import numpy as np

from gpxstage.estimator.engine import run
from gpxstage.estimator.fit.filing import find, raced_share
from gpxstage.estimator.fit.pooling import ground
from gpxstage.estimator.fit.recordings import Outing
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import Seen
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import Runner, moved
from gpxstage.estimator.runner_file import runner_of
from validation import persons
from validation.folders import Folders
from validation.page import signed, table
from validation.persons import WORKERS, Recording

HARD = 0.06  # of the highest heart rate: so much less than in a race at most

TOP = """\
### As hard as in a race

The {n} runs of {people} people whose mean heart rate is at most {hard:.0f} hundredths of the
highest one below a race's of that length, told from the person's others with `--effort race`: the
ability that the heart rate of the others makes likely. Nothing was fitted to them but the rule
for a race's heart rate, which is judgement. *Slopes of outings*: ability grows with length as it
does from outing to outing. *No slopes*: it stays. *Slopes of races*, as the program has it: it
changes as between two races of one person.

"""
END = """
Rms of log time: {rms}; mean: {mean}. With the slopes of outings the effort counts twice: people
take their long outings harder than their short ones, and the heart rate has made up for that
already. Drawing the ability towards the middle of those who race, as a past race's is, was tried
and left out again: it changed the rms of these by less than 0.005, and told a person's races
without heart rate no better. No recording is as long as a hundred miles, so what is said of one
is an extrapolation.
"""


@dataclass(frozen=True)
class Hard:
    """A hard outing: how hard, and log of told over real moving time in three ways."""

    recording: Recording
    off: float  # of a race's share of the highest heart rate
    by_outings: float
    without: float
    by_races: float


@cache
def found(folders: Folders) -> tuple[Hard, ...]:
    """All of them."""
    runs = [each for each in persons.recordings(folders) if each.gait == "run"]
    tasks = []
    for each in runs:
        own = [other.outing for other in runs if other.person == each.person]
        off = _off(each.outing, own)
        if off is not None and off >= -HARD and len(own) > 1:
            tasks.append((each, off, [other for other in own if other is not each.outing]))
    with Pool(WORKERS) as pool:
        return tuple(pool.map(_told, tasks, chunksize=1))


def _off(outing: Outing, own: Sequence[Outing]) -> float | None:
    """Share of the highest heart rate of all own outings, less a race's; None without one."""
    highest = [each.highest_bpm for each in own if each.highest_bpm is not None]
    if outing.heart_bpm is None or not highest:
        return None
    return outing.heart_bpm / max(highest) - raced_share(outing.moving_s / 3600.0)


def _told(task: tuple[Recording, float, list[Outing]]) -> Hard:
    recording, off, others = task
    file = find(others).file
    racer, easy = runner_of(file, "race")[0], runner_of(file, "recorded")[0]
    assert racer.seen is not None
    assert easy.seen is not None
    flat = replace(racer.seen, length=0.0, steepness=0.0)
    seen = (replace(easy.seen, most=None), flat, racer.seen)
    return Hard(recording, off, *(_error(recording.outing, racer, each) for each in seen))


def _error(outing: Outing, racer: Runner, seen: Seen) -> float:
    there = moved(replace(racer, seen=seen), ground(outing))
    done = run(outing.push, replace(there, stops=0.0, sleep=0.0), JUDGEMENT, Policy())
    return float(np.log(done.moving_s[-1] / outing.moving_s))


def section(folders: Folders) -> str:
    """The table, and what it says."""
    hard = found(folders)
    people = len(persons.people([each.recording for each in hard]))
    three = np.array([[each.by_outings, each.without, each.by_races] for each in hard])
    rows = [
        [
            f"{each.recording.person.removeprefix('group-')}:"
            f" {each.recording.outing.where.removesuffix('.gpx')}",
            f"{each.recording.outing.push.edge_m[-1] / 1000.0:.1f}",
            f"{each.recording.outing.moving_s / 3600.0:.2f}",
            f"{100.0 * each.off:+.0f}".replace("-", "−"),
            *(signed(float(np.expm1(value))) for value in row),
        ]
        for each, row in zip(hard, three, strict=True)
    ]
    head = ("left out", "km", "moving, h", "heart rate, points off a race's",
            "slopes of outings: error, %", "no slopes", "**slopes of races**")  # fmt: skip
    rms = ", ".join(f"{value:.3f}" for value in np.sqrt(np.square(three).mean(axis=0)))
    mean = ", ".join(f"{value:+.3f}".replace("-", "−") for value in three.mean(axis=0))
    top = TOP.format(n=len(hard), people=people, hard=100.0 * HARD)
    return top + table(head, rows) + END.format(rms=rms, mean=mean)
