"""Worker processes that may die: the race that one of them was at is tried once more.

Each worker has a pipe of its own and one race at a time, so that a process that the system kills
takes nothing with it but that race. Workers end when their parent does, whatever ends it.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from gpxstage.batch.one import Done, Job, work_off
from gpxstage.course import CourseError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from multiprocessing.context import SpawnProcess

    from gpxstage.batch.races import Race

TRIES = 2  # of a race at which a worker dies
MOST_STILLBORN = 3  # workers in a row that die before they can begin
READY = "ready"
DIED = "the process that worked on it died twice: was it short of memory?"


@dataclass(frozen=True)
class Task:
    """A race, its position in the batch, and how often a worker has died at it."""

    position: int
    race: Race
    deaths: int = 0


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    is_ready: bool = False
    task: Task | None = None
    ends_at: float = math.inf


def work(
    job: Job,
    tasks: Sequence[Task],
    count: int,
    *,
    timeout_s: float | None = None,
    lock: int | None = None,
) -> Generator[tuple[Task, Done], None, None]:
    """How each race went, as they come, from *count* processes, of which none is left behind.

    *lock* is a file descriptor that the processes hold open as long as they live.
    Raises CourseError where no process can be started.
    """
    if tasks:
        with _Pool(job, count, timeout_s=timeout_s, lock=lock) as pool:
            yield from pool.work(tasks)


class _Pool:
    """Worker processes, as a context that ends them."""

    def __init__(self, job: Job, count: int, *, timeout_s: float | None, lock: int | None) -> None:
        self.job, self.count, self.timeout_s, self.lock = job, count, timeout_s, lock
        self.workers: list[_Worker] = []
        self.stillborn = 0

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()

    def work(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Done]]:
        """How each race went, as they come; a task is taken when a worker is free."""
        todo, again, more = iter(tasks), list[Task](), True
        while True:
            while len(self.workers) < self.count:
                self.workers.append(self._started())
            for worker in self.workers:
                if worker.is_ready and worker.task is None and (more or again):
                    task = again.pop() if again else next(todo, None)
                    more = more and task is not None
                    if task is not None:
                        self._give(worker, task)
            if not (more or again or any(worker.task for worker in self.workers)):
                return
            for task, done in self._heard():
                if done is None:
                    again.append(task)
                else:
                    yield task, done

    def _started(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, self.job, _Held(self.lock)))
        with _uninterrupted():
            process.start()
        there.close()
        return _Worker(process, here)

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task = task
        if self.timeout_s is not None:
            worker.ends_at = time.monotonic() + self.timeout_s
        with suppress(OSError):  # it has died: its pipe says so next
            worker.pipe.send(task.race)

    def _heard(self) -> list[tuple[Task, Done | None]]:
        """What the workers answer next: a race done, or one to try again, whose worker died."""
        first = min(worker.ends_at for worker in self.workers)
        pipes = [worker.pipe for worker in self.workers]
        heard = wait(pipes, None if first == math.inf else max(0.0, first - time.monotonic()))
        found: list[tuple[Task, Done | None]] = []
        for worker in list(self.workers):
            if worker.pipe in heard:
                found += self._answer(worker)
            elif worker.task and time.monotonic() >= worker.ends_at:
                self._bury(worker)
                limit = Done(f"took longer than {self.timeout_s:g} s (--timeout)")
                found.append((worker.task, limit))
        return found

    def _answer(self, worker: _Worker) -> list[tuple[Task, Done | None]]:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._died(worker)
        task, worker.task, worker.ends_at = worker.task, None, math.inf
        worker.is_ready, self.stillborn = True, 0
        return [(task, message)] if task is not None and isinstance(message, Done) else []

    def _died(self, worker: _Worker) -> list[tuple[Task, Done | None]]:
        self._bury(worker)
        if worker.task is None:
            self.stillborn += not worker.is_ready
            if self.stillborn >= MOST_STILLBORN:
                raise CourseError("worker processes end before they can begin")
            return []
        task = replace(worker.task, deaths=worker.task.deaths + 1)
        return [(task, Done(DIED) if task.deaths >= TRIES else None)]

    def _bury(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self.workers.remove(worker)


class _Held:
    """A file descriptor that a spawned process gets too, and keeps open to its end."""

    def __init__(self, descriptor: int | None) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        if self.descriptor is None:
            return _Held, (None,)
        from multiprocessing.reduction import DupFd

        return _held, (DupFd(self.descriptor),)


def _held(sent: Any) -> _Held:
    return _Held(sent.detach())


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C does not reach processes that are started here: their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, job: Job, lock: _Held) -> None:
    """A worker: races come through the pipe, and how they went goes back."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        pipe.send(READY)
        pipe.send(work_off(job, pipe.recv()))
        gc.collect()
        gc.freeze()  # all modules are there: from now on nobody looks for circles among them
        while True:
            pipe.send(work_off(job, pipe.recv()))
    del lock  # held until here


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
