"""Everybody with recordings: their outings, told one by one from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import Pool

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.engine import run
from gpxstage.estimator.fit.filing import gait_of, habit, logs_of
from gpxstage.estimator.fit.pooling import ground, own_ability
from gpxstage.estimator.fit.recordings import Outing, read
from gpxstage.estimator.fit.solving import fitted
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import SLOPE_PER, Learnt, learnt
from gpxstage.estimator.nouns import Policy, Run
from gpxstage.estimator.runner import Runner, moved
from validation import bands
from validation.folders import Folders
from validation.pairs import HELD

SAME_PERSON = {"group-a-more": "group-a"}
PACK_KG = {"group-b": 10.0}  # judgement: nobody weighed it
WORKERS = 2
FACTORS = (0.6, 0.8, 1.0, 1.25, 1.6, 2.0)


@dataclass(frozen=True, eq=False)
class Recording:
    """One outing, whose it is, and which gait it was."""

    person: str
    gait: str
    outing: Outing


@dataclass(frozen=True, eq=False)
class Told:
    """An outing told from others of its person."""

    recording: Recording
    count: int  # of the others
    moving_s: float
    log_mps: float  # of the ability that it was told with
    own_log_mps: float  # and of the one that it asks for
    runner: Runner
    residuals: np.ndarray  # of the others, in logs of ability
    run: Run

    @property
    def hiked(self) -> float:
        """Share of the moving time."""
        assert self.run.hiked_s is not None
        return float(self.run.hiked_s.sum() / self.moving_s)

    @property
    def error(self) -> float:
        """Told over real moving time - 1."""
        return self.moving_s / self.recording.outing.moving_s - 1.0


@cache
def recordings(folders: Folders, only: tuple[str, ...] = ()) -> tuple[Recording, ...]:
    """All outings of all people, or of *only* some."""
    found = []
    for folder in sorted((folders.data / "recordings").glob("group-*")):
        person = SAME_PERSON.get(folder.name, folder.name)
        if only and person not in only:
            continue
        for outing in read([folder])[0]:
            found.append(Recording(person, gait_of(outing), outing))
    return tuple(found)


def people(found: Sequence[Recording]) -> list[str]:
    """Whose they are."""
    return list(dict.fromkeys(each.person for each in found))


def _made(person: str):
    def made(runner: Runner) -> Runner:
        pack_kg = PACK_KG.get(person)
        return runner if pack_kg is None else replace(runner, pack_kg=pack_kg)

    return made


def _told(task: tuple[Recording, list[Outing], Learnt]) -> Told:
    recording, others, known = task
    outing = recording.outing
    best = fitted(others, _made(recording.person), at_s=outing.start_s, known=known)
    stood = habit(others, recording.gait, known)
    runner = replace(
        best.runner,
        stopped_min_per_h=stood.value,
        stopped_spread=stood.spread,
        stopped_to_h=max(other.moving_s for other in others) / 3600.0,
    )
    there = moved(runner, ground(outing))
    done = run(outing.push, there, JUDGEMENT, Policy())
    return Told(
        recording,
        len(others),
        float(done.moving_s[-1]),
        float(np.log(there.flat_speed_mps)),
        own_ability(outing, there),
        there,
        best.placed.residuals,
        done,
    )


@cache
def left_out(
    folders: Folders, *, mixed: bool = False, only: tuple[str, ...] = ()
) -> tuple[Told, ...]:
    """Every outing from the same person's others of its gait, or of both where *mixed*.

    What is learnt over people comes from other people; of *only* some, from the table.
    """
    found = recordings(folders, only)
    known = {
        person: learnt() if only else _of_people(folders, learnt(), without=person)
        for person in people(found)
    }
    tasks = []
    for each in found:
        others = [
            other.outing
            for other in found
            if other.person == each.person
            and other is not each
            and (mixed or other.gait == each.gait)
        ]
        if others:
            tasks.append((each, others, known[each.person]))
    if only:
        return tuple(_told(task) for task in tasks)
    with Pool(WORKERS) as pool:
        return tuple(pool.map(_told, tasks, chunksize=4))


@cache
def _abilities(folders: Folders) -> tuple[tuple[str, np.ndarray, np.ndarray], ...]:
    """Of every person and gait: (n, 2) lengths and steepnesses, (n,) log abilities."""
    found, rows = recordings(folders), []
    for person in people(found):
        for gait in ("run", "hike"):
            outings = [r.outing for r in found if (r.person, r.gait) == (person, gait)]
            if len(outings) > 1:
                best = fitted(outings, _made(person))
                grounds = [ground(outing) for outing in outings]
                about = [[np.log(g.effort_km), g.climb_m_per_km / SLOPE_PER] for g in grounds]
                rows.append((person, np.array(about), best.placed.logs))
    return tuple(rows)


def _slopes(folders: Folders, known: Learnt, without: str = "") -> Learnt:
    """The table with slopes of length and steepness over people: each about their own mean."""
    rows = [row for row in _abilities(folders) if row[0] != without]
    about = np.concatenate([row[1] - row[1].mean(axis=0) for row in rows])
    logs = np.concatenate([row[2] - row[2].mean() for row in rows])
    length, steepness = np.linalg.lstsq(about, logs, rcond=None)[0]
    return replace(known, outing_length=float(length), outing_steepness=float(steepness))


def _of_people(folders: Folders, known: Learnt, without: str = "") -> Learnt:
    """The table with what people share, but for one of them."""
    return standing_of(folders, _slopes(folders, known, without), without)


def standing_of(folders: Folders, known: Learnt, without: str = "") -> Learnt:
    """The table with minutes standing an hour of moving: the middle of people's own, the scatter.

    The scatter is that of outings about the mean of their person and gait.
    """
    found = [each for each in recordings(folders) if each.person != without]
    middle, squares, free = {"run": [], "hike": []}, 0.0, 0
    for person in people(found):
        for gait, medians in middle.items():
            own = [r.outing for r in found if (r.person, r.gait) == (person, gait)]
            if own:
                logs = logs_of(own)
                medians.append(float(np.median(logs)))
                squares += float(np.square(logs - logs.mean()).sum())
                free += len(own) - 1
    return replace(
        known,
        outing_stopped_run=float(np.expm1(np.median(middle["run"]))),
        outing_stopped_hike=float(np.expm1(np.median(middle["hike"]))),
        outing_stopped_scatter=float(np.sqrt(squares / free)),
    )


def learnt_of(folders: Folders, known: Learnt) -> Learnt:
    """The table with what recordings say: what people share, and how far left-out ones are off."""
    known = _of_people(folders, known)
    told = left_out(folders)
    miss = np.array([-np.log1p(each.error) for each in told])
    share = [
        bands.held(np.array([band_of(each, factor) for each in told]), miss).mean()
        for factor in FACTORS
    ]
    wider = float(np.interp(HELD, np.maximum.accumulate(share), FACTORS))
    return replace(known, outing_drawn=learnt().outing_drawn * wider)


def band_of(told: Told, factor: float = 1.0) -> np.ndarray:
    """(2,) logs of p10 and p90 over p50 by the program's own draws, the spread times a factor."""
    runner = replace(told.runner, ability_spread=factor * told.runner.ability_spread)
    return bands.band_of(told.recording.outing.push, runner, draws.OF_OUTINGS)
