"""Races worked off by a dask cluster: inputs travel as bytes, and so do the files that come back.

Nothing has to be shared between the machines but the version of the program. This process reads
the inputs and puts the folders in place, so a worker that is lost loses no more than its race,
which the scheduler gives to another one.
"""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpxstage import __version__
from gpxstage.batch.one import Done, answer
from gpxstage.batch.pool import DIED
from gpxstage.batch.races import Race
from gpxstage.course import CourseError
from gpxstage.parser.inputs import LIMITS, whole
from gpxstage.racefile import files
from gpxstage.text import one_line

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from distributed import Client, Future

    from gpxstage.batch.one import Job, RaceRow, Wishes
    from gpxstage.batch.pool import Task

AHEAD = 2  # races a thread of the cluster that are sent before an answer is waited for
PATIENCE_S = 10.0  # for a scheduler to answer

_drawing = threading.Lock()  # threads of one worker take turns: font libraries are not for several


@dataclass(frozen=True)
class Packed:
    """The files of one source: what it is called, its folder's name, bytes by relative path."""

    source: str
    folder: str
    files: tuple[tuple[str, bytes], ...]

    def unpacked(self, into: Path) -> str:
        """Write the files below a folder; the source's path there."""
        root = into / (self.folder or "race")
        for name, data in self.files:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return str(root / self.source)


@dataclass(frozen=True)
class Answer:
    """What a worker sends back: the files and the row of a race, or its error."""

    files: dict[str, bytes]
    row: RaceRow | None
    error: str = ""


def packed(source: str, read: Iterable[Path]) -> Packed:
    """The bytes of a source, a file or a folder, and of the files that are *read* for it."""
    root = Path(source if os.path.isdir(source) else os.path.dirname(source) or ".")
    found = [
        (path.relative_to(root).as_posix(), whole(path, path.name, LIMITS.file_mib))
        for path in read
    ]
    name = "" if os.path.isdir(source) else os.path.basename(source)
    return Packed(name, os.path.basename(os.path.realpath(root)), tuple(found))


def work(job: Job, tasks: Iterable[Task], address: str) -> Generator[tuple[Task, Done], None, None]:
    """How each race went, as they come. Raises CourseError where the cluster is lost."""
    from distributed import as_completed

    todo = iter(tasks)
    packs = tuple((source, packed(source, read)) for source, read in job.wishes.reads)
    sent: dict[Future[Any], tuple[Task, str]] = {}
    with warnings.catch_warnings(), _connected(address) as client:
        warnings.simplefilter("ignore")  # of large messages: a file may be large
        coming = as_completed()  # type: ignore[no-untyped-call]
        while True:
            room = max(1, AHEAD * sum(client.nthreads().values()))
            while len(sent) < room and (task := next(todo, None)) is not None:
                found = _send(client, job, task, packs)
                if isinstance(found, Done):
                    yield task, found
                    continue
                future, digest = found
                sent[future] = (task, digest)
                coming.add(future)  # type: ignore[no-untyped-call]
            if not sent:
                return
            future = next(coming)
            task, digest = sent.pop(future)
            yield task, _received(job, task.race, digest, future)


def _connected(address: str) -> Client:
    from distributed import Client

    try:
        return Client(address, timeout=PATIENCE_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        why = one_line(str(error))
        raise CourseError(f"--scheduler {address}: no scheduler answers: {why}") from None


def _send(
    client: Client, job: Job, task: Task, packs: tuple[tuple[str, Packed], ...]
) -> tuple[Future[Any], str] | Done:
    """The future of a race and the digest of its input; or how it went, if no work is needed."""
    race = task.race
    try:
        digest = job.begin(race)
        if digest is None:
            return Done(was_there=True)
        sent = packed(race.path, files(race.path))
    except Exception as error:
        return Done(error=one_line(job.wishes.explain(error)))
    arguments = (job.wishes, race, sent, packs, __version__)
    return client.submit(there, *arguments, pure=False), digest


def _received(job: Job, race: Race, digest: str, future: Future[Any]) -> Done:
    """Put what came back in place."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        found: Answer = future.result()
        if found.row is None:
            return Done(found.error)
        job.put(race, digest, found.files, found.row)
    except KilledWorker:
        return Done(DIED)
    except CancelledError:
        raise CourseError("the scheduler has ended: start the batch again to go on") from None
    except Exception as error:
        return Done(one_line(job.wishes.explain(error)))
    return Done()


def there(
    wishes: Wishes,
    race: Race,
    sent: Packed,
    packs: tuple[tuple[str, Packed], ...],
    version: str,
) -> Answer:
    """On a worker: the files of a race, made in a folder of their own that is then removed."""
    if version != __version__:
        return Answer({}, None, f"a worker has gpxstage {__version__}, not {version}")
    try:
        with tempfile.TemporaryDirectory() as name, _drawing:
            moved = {old: pack.unpacked(Path(name, str(k))) for k, (old, pack) in enumerate(packs)}
            path = sent.unpacked(Path(name, "race"))
            found, row = answer(wishes.moved(moved), Race(race.source, path, race.name))
            return Answer(found, row)
    except Exception as error:
        return Answer({}, None, one_line(wishes.explain(error)))
