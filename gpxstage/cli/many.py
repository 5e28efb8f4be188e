"""The command that works off many races: batch."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output, unforeseen
from gpxstage.cli.options import RaceOptions, ShowOptions, folder_option
from gpxstage.cli.racing import ScaleOptions, analyzed
from gpxstage.cli.values import NumberRange, all_typed, as_asked, as_typed, command, option
from gpxstage.text import counted, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gpxstage.batch.races import Found
    from gpxstage.batch.run import Outcome
    from gpxstage.facts.analysis import Report
    from gpxstage.folder import Form

MOST_ERRORS = 40  # more of them are in the summary alone
HOW = ("--output", "--jobs", "--timeout", "--force", "--scheduler", "--quiet")  # change no file
STEPS = 10  # lines of progress where stderr is no terminal


@dataclass(frozen=True)
class WorkOptions:
    """How the work is done."""

    jobs: int | None = option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Number of processes that work at the same time; without it one for each core.",
    )
    timeout_s: float | None = option(
        "--timeout",
        type=NumberRange(0.01, 86_400),
        metavar="SECONDS",
        help="Time that one race may take; a race that takes longer is an error.",
    )
    scheduler: str | None = option(
        "--scheduler",
        metavar="ADDRESS",
        help="Address of a dask cluster that does the work, as tcp://10.0.0.1:8786, instead of"
        " processes on this machine. It needs the extra [cluster].",
    )
    force: bool = option(
        "--force/--resume",
        help="Make every race anew, or (--resume, as usual) only those whose files, options or"
        " version of gpxstage have changed.",
    )
    plots: bool = option("--plots/--no-plots", default=True, help="Draw pictures, or none.")
    pages: bool = option(
        "--page/--no-page",
        default=True,
        help="Write index.html, crew.html and pocket.html, or none.",
    )


@dataclass(frozen=True)
class BatchRequest:
    """What `batch` reads."""

    output: str = folder_option()
    work: WorkOptions = WorkOptions()
    scale: ScaleOptions = ScaleOptions()
    show: ShowOptions = ShowOptions()
    race: RaceOptions = RaceOptions()


@dataclass(frozen=True)
class Wishes:
    """What a worker needs to know of the command line."""

    request: BatchRequest
    typed: tuple[tuple[str, str], ...]
    key: str

    @property
    def reads(self) -> tuple[tuple[str, tuple[Path, ...]], ...]:
        """The runner file and the past courses, where there are any: each with its files."""
        who = self.request.race.runner
        past = [(source, output.inputs([source])) for source, _ in who.results.past]
        known = [(source, tuple(read)) for source, read in past if os.path.exists(source)]
        return (*((file, (Path(file),)) for file in who.files), *known)

    def moved(self, places: Mapping[str, str]) -> Wishes:
        """The same where these are in other places."""
        race = self.request.race
        who = race.runner
        past = tuple((places.get(source, source), time) for source, time in who.results.past)
        files = tuple(places[file] for file in who.files)
        runner = replace(who, files=files, results=replace(who.results, past=past))
        return replace(self, request=replace(self.request, race=replace(race, runner=runner)))

    def report(self, path: str) -> tuple[Report, Form]:
        """The report of the race at a path, and what its files look like."""
        from gpxstage.course import CourseError
        from gpxstage.folder import Form

        wanted = self.request
        course = replace(wanted.race.course, source=(path,))
        try:
            with as_typed(dict(self.typed)):
                found = analyzed(replace(wanted.race, course=course))
                stages = output.stage_numbers(wanted.show.stages, found.course)
        except click.ClickException as error:  # wrong for this race alone
            raise CourseError(error.format_message()) from None
        look = (wanted.scale.same_scale, wanted.work.plots, wanted.work.pages)
        return found, Form(wanted.show.units, stages, *look)

    def explain(self, error: Exception) -> str:
        """An error as the command line would show it."""
        from gpxstage.course import CourseError

        if isinstance(error, CourseError):
            return as_asked(str(error), self.request.show.units, self.request)
        if isinstance(error, OSError):
            name = os.path.basename(error.filename or "") or "output"
            return f"{name}: {error.strerror or error}"
        return unforeseen(error)


@command(BatchRequest())
def batch(request: BatchRequest) -> None:
    """Report on many races: a folder for each of them, and a summary of all.

    Every folder with a race.toml below the sources is a race, and so is every other GPX
    file. Started again, it makes only what is missing or out of date.
    """
    from gpxstage.batch import races
    from gpxstage.batch.run import run
    from gpxstage.course import CourseError

    if "-" in request.race.course.source:
        raise click.UsageError("-: batch reads files and folders, not standard input")
    _check(request.work)
    wishes = _wishes(request)
    found = races.find(request.race.course.source, request.output)
    if not found.races:
        there, source = os.path.realpath(request.output), request.race.course.source
        inside = [path for path in source if os.path.realpath(path) == there]
        why = f": {inside[0]} is the output folder, too, and is not looked into" if inside else ""
        raise CourseError(f"no race.toml and no GPX file is below the paths that are given{why}")
    doubles = sum(1 for race in found.races if race.same_as)
    level = request.race.runner.level
    with _progress(len(found.races) - doubles, request.show.quiet) as stepped:
        outcome = run(
            wishes,
            found.races,
            request.output,
            jobs=request.work.jobs or _cores(),
            timeout_s=request.work.timeout_s,
            force=request.work.force,
            scheduler=request.work.scheduler,
            levels=level if len(level) > 1 else (),
            units=request.show.units,
            stepped=stepped,
        )
    _say(found, outcome, request)
    if outcome.errors:
        raise CourseError(
            f"{len(outcome.errors)} of {counted(len(found.races), 'race')} could not be made:"
            " summary.csv has the reasons"
        )


def _say(found: Found, outcome: Outcome, request: BatchRequest) -> None:
    """What came out, on stderr: notes, errors, counts."""
    same = [f"{one.source}: the same bytes as {one.same_as}" for one in found.races if one.same_as]
    if outcome.others:
        number = counted(len(outcome.others), "folder")
        same.append(f"{number} of races that are not in this run: kept, and not in the summary")
    output.say([*found.notes, *same], request.show.quiet, request.show.units)
    for source, error in outcome.errors[:MOST_ERRORS]:
        file = f"{os.path.basename(source)}: "
        click.echo(one_line(f"gpxstage: {source}: {error.removeprefix(file)}"), err=True)
    if not request.show.quiet:
        words = [f"{counted(outcome.made, 'race')} made in {request.output}"]
        words += [f"{outcome.there} up to date"] if outcome.there else []
        copies = "1 is a copy" if outcome.doubles == 1 else f"{outcome.doubles} are copies"
        words += [f"{copies} of another"] if outcome.doubles else []
        click.echo(", ".join(words), err=True)


def _check(work: WorkOptions) -> None:
    if not work.scheduler:
        return
    if work.timeout_s is not None or work.jobs is not None:
        raise click.UsageError("--jobs and --timeout are for this machine: not with --scheduler")
    if find_spec("distributed") is None:
        from gpxstage.course import CourseError

        raise CourseError("--scheduler needs the extra [cluster]: pip install '.[cluster]'")


def _wishes(request: BatchRequest) -> Wishes:
    """The wishes for all races, checked as far as that hangs on none of them."""
    from gpxstage.batch.races import digest_of
    from gpxstage.cli import raced, runners
    from gpxstage.estimator.runner_file import read_file
    from gpxstage.folder import WITH_WEB, can_make

    race, who = request.race, request.race.runner
    runners.check_together(race, plans=False)
    if who.files:
        read_file(who.files[0])
    raced.results(who.results, who.weight)
    read = output.inputs((), who.results.past, who.files)
    course = replace(race.course, source=())
    request = replace(request, output="", race=replace(race, course=course))
    work = replace(request.work, jobs=None, timeout_s=None, force=False, scheduler=None)
    same = replace(request, work=work, show=replace(request.show, quiet=False))
    typed = tuple(item for item in all_typed().items() if item[0] not in HOW)
    can = [name for name in WITH_WEB if can_make(name)]
    key = hashlib.sha256(repr((same, typed, can, digest_of(read))).encode()).hexdigest()
    return Wishes(request, typed, key)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _progress(count: int, quiet: bool) -> Iterator[Callable[[], object]]:
    """A bar with rate and time left where stderr is a terminal, else a line at each tenth."""
    if quiet or sys.stderr is None:
        yield lambda: None
        return
    if sys.stderr.isatty():
        begin_s = time.monotonic()

        def rate(position: int | None) -> str | None:
            if not position:
                return None
            return f"{60.0 * position / (time.monotonic() - begin_s):,.0f} races/min"

        races = range(1, count + 1)
        with click.progressbar(
            races, label="races", file=sys.stderr, show_pos=True, width=20, item_show_func=rate
        ) as bar:
            yield lambda: bar.update(1, bar.pos + 1)
        return
    done = 0

    def line() -> None:
        nonlocal done
        done += 1
        if done * STEPS // count > (done - 1) * STEPS // count:
            click.echo(f"{done} of {count} races", err=True)

    yield line
