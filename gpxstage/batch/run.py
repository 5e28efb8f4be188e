"""A batch from its races to its summary: one run at a time in a folder, resumed or anew."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.batch import place, pool, summary
from gpxstage.batch.one import Done, Job
from gpxstage.batch.pool import Task
from gpxstage.course import CourseError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from gpxstage.batch.one import Wishes
    from gpxstage.batch.races import Race

LOCK = ".gpxstage-lock"
PATIENCE_S = 3.0  # judgement: workers of a run that was killed end within that time


@dataclass(frozen=True)
class Outcome:
    """What a batch did: how many races were made, were there already, are doubles, and errors.

    *errors* are sources and messages, in the order of the races; *others* are the folders of races
    of earlier runs, which stay.
    """

    made: int
    there: int
    doubles: int
    errors: tuple[tuple[str, str], ...]
    others: tuple[str, ...]


def run(
    wishes: Wishes,
    races: Sequence[Race],
    output: str,
    *,
    jobs: int = 1,
    timeout_s: float | None = None,
    force: bool = False,
    scheduler: str | None = None,
    levels: Sequence[str] = (),
    units: str = "metric",
    stepped: Callable[[], object] = lambda: None,
) -> Outcome:
    """Work off all races into folders of *output* and write the summary of them.

    *scheduler* is the address of a dask cluster that works instead of *jobs* processes here.
    *stepped* is called after each race. Raises CourseError where the folder cannot be written,
    or where another run is writing into it.
    """
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{output}: cannot be made a folder: {error.strerror}") from error
    tasks = [Task(k, race) for k, race in enumerate(races) if not race.same_as]
    with _alone(folder) as lock:
        place.settle_all(folder)
        job = Job(wishes, folder.absolute(), force)
        if scheduler:
            from gpxstage.batch import cluster

            work = cluster.work(job, tasks, scheduler)
        else:
            work = pool.work(job, tasks, min(jobs, len(tasks)), timeout_s=timeout_s, lock=lock)
        there, errors = _followed(folder, work, stepped)
        _double(folder, races, errors)
        others = place.strangers(folder, {race.name for race in races})
        summary.write(folder, races, errors, levels, units)
    failed = sum(1 for task in tasks if task.position in errors)
    listed = tuple((races[k].source, errors[k]) for k in sorted(errors))
    doubles = len(races) - len(tasks) - (len(errors) - failed)
    return Outcome(len(tasks) - there - failed, there, doubles, listed, tuple(others))


def _followed(
    folder: Path, work: Generator[tuple[Task, Done], None, None], stepped: Callable[[], object]
) -> tuple[int, dict[int, str]]:
    """How many races were there already, and the errors of others, of which no folder stays."""
    there, errors = 0, dict[int, str]()
    try:
        for task, done in work:
            there += done.was_there and not task.deaths  # else the one that died had made it
            if done.error:
                errors[task.position] = done.error
                place.remove(folder, task.race.name)
            stepped()
    except BaseException:
        work.close()  # its processes write into the folder until then
        place.settle_all(folder)
        raise
    return there, errors


def _double(folder: Path, races: Sequence[Race], errors: dict[int, str]) -> None:
    """A race with the bytes of another has no folder, and the error of the other."""
    failed = {races[k].name: error for k, error in errors.items()}
    for k, race in enumerate(races):
        if race.same_as:
            place.remove(folder, race.name)
            if race.same_as in failed:
                errors[k] = failed[race.same_as]


@contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """Hold the lock of an output folder; the system releases it whatever ends the program."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        until = time.monotonic() + PATIENCE_S
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise CourseError(f"{folder}: another run is writing into this folder")
            time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
