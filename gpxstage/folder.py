"""Report -> the files of a race folder, written whole and all at once."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import signal
import stat
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.course import CourseError, WishError
from gpxstage.parser.inputs import whole
from gpxstage.text import listed
from gpxstage.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gpxstage.facts.analysis import Report

LIST = ".gpxstage-files"  # in a report's folder: a SHA-256 and a name a line, as sha256sum writes
OWN = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9]+")  # what a report names files: no path
DESCRIPTOR = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")
BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate ends of lines
ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no SIGHUP
]

EXTRA = "the extra [web]: pip install '.[web]' in the folder of gpxstage"
# what the libraries of the extra [web] are needed for
WITH_WEB = {
    "index.html": ("jinja2", "bokeh"),
    "crew.html": ("jinja2",),
    "pocket.html": ("jinja2",),
    "race.ics": ("icalendar",),
}
FIT_EXTRA = "the extra [fit]: pip install '.[fit]' in the folder of gpxstage"
NEEDS = WITH_WEB | {"race.fit": ("garmin_fit_sdk",)}

find_spec = cache(util.find_spec)  # a batch asks for each of its races


def left_out(report: Report) -> list[str]:
    """Notes of what `write` cannot make."""
    asked = WITH_WEB if report.estimate else ["index.html"]
    notes = []
    if missing := [name for name in asked if not can_make(name)]:
        shown = "; crew items are printed on crew.html alone" if report.crew_items else ""
        notes.append(f"no {', '.join(missing)}: they need {EXTRA}{shown}")
    if report.estimate and not can_make("race.fit"):
        notes.append(f"no FIT course for watches: it needs {FIT_EXTRA}")
    if report.estimate and can_make("race.ics") and not _has_start(report):
        notes.append("no race.ics: no start is known, so no arrival has a date (--start)")
    return notes


def can_make(name: str) -> bool:
    """Whether the libraries that a file needs are installed."""
    return all(find_spec(library) is not None for library in NEEDS[name])


def _has_start(report: Report) -> bool:
    course = report.course
    return course.start is not None or any(stage.start is not None for stage in course.stages)


@dataclass(frozen=True)
class Form:
    """How the files of a report look, and which of them are made.

    *stages* picks the stages shown, all of them where it is empty; *same_scale* is of the
    pictures of stages. *pictures* are the PNG files, *pages* index.html, crew.html and
    pocket.html. *splits*, ``km`` or ``mi``, adds a table of each; *crew_bases*: the crew card has
    life bases alone.
    """

    units: str = "metric"
    stages: tuple[int, ...] = ()
    same_scale: bool = False
    pictures: bool = True
    pages: bool = True
    splits: str | None = None
    crew_bases: bool = False


def write(
    report: Report,
    folder: str | Path,
    form: Form = Form(),
    *,
    drawn: Callable[[], object] = lambda: None,
    inputs: Iterable[Path] = (),
) -> list[str]:
    """Write report.json, report.md, splits.csv, exports and pictures; return their names.

    With the extra [web] also index.html, crew.html, pocket.html and race.ics, and with [fit] a
    FIT course for each stage; `left_out` lists what is missing.
    Everything is made before anything is written, and all files appear or none. What an earlier
    report left in the folder and this one does not write is removed, unless it was changed since
    (`outdated` lists them); files of others stay. None of the *inputs* is written over;
    *drawn* is called after each picture.
    Raises CourseError when the folder cannot be made, and what `write_file` does.
    """
    path = Path(folder)
    if os.path.lexists(path) and not path.is_dir():
        _make(path)  # raises at once, before all is drawn
    return _write_report(path, made(report, form, drawn=drawn), inputs)


def made(
    report: Report, form: Form = Form(), *, drawn: Callable[[], object] = lambda: None
) -> dict[str, bytes]:
    """The files that `write` writes, by name."""
    # who lists or writes files alone needs none of these
    from gpxstage.facts.whole import json_text
    from gpxstage.report.export import race_geojson, race_gpx, stages_gpx
    from gpxstage.report.markup import markdown_text
    from gpxstage.report.splits import csv_text

    units, stages = form.units, form.stages
    files = {
        "report.json": json_text(report.facts.shown(stages)).encode(),
        "report.md": markdown_text(report, units, stages).encode(),
        "splits.csv": csv_text(report, units, stages).encode(),
        "race.gpx": race_gpx(report, units).encode(),
        "race.geojson": race_geojson(report).encode(),
    }
    if len(report.course.stages) > 1:
        each = stages_gpx(report, stages, units)
        files |= {f"stage-{number}.gpx": text.encode() for number, text in each.items()}
    if form.splits is not None:
        files[f"splits-{form.splits}.csv"] = _each(report, form.splits, stages)
    files |= _for_watches(report, stages) | _for_web(report, form)
    if form.pictures:
        from gpxstage.plot import draw, save  # split writes files, too, and draws nothing

        files["race.png"] = save(draw(report, units=units), "png")
    if form.pages and can_make("index.html"):
        from gpxstage.report.page import page_html

        page = page_html(report, units, stages, picture=files.get("race.png"))
        files["index.html"] = page.encode()
    drawn()
    for part in report.shown(stages) if form.pictures else ():
        number, scale = part.stage.number, form.same_scale
        picture = save(draw(report, number, units=units, same_scale=scale), "png")
        files[f"stage-{number}.png"] = picture
        drawn()
    return files


def _each(report: Report, distance: str, stages: Sequence[int]) -> bytes:
    """What each ``km`` or ``mi`` takes, as CSV."""
    from gpxstage.facts.pace import splits
    from gpxstage.report.splits import pace_csv

    unit = unit_of(distance)
    return pace_csv(splits(report, unit.m_per_distance, stages), unit).encode()


def _for_watches(report: Report, stages: Sequence[int]) -> dict[str, bytes]:
    """FIT courses, where there are times and the extra [fit]: one for each stage."""
    if report.estimate is None or not can_make("race.fit"):
        return {}
    from gpxstage.report.watch import courses_fit

    made = courses_fit(report, stages)
    alone = len(report.course.stages) == 1
    return {"race.fit" if alone else f"stage-{k}.fit": data for k, data in made.items()}


def _for_web(report: Report, form: Form) -> dict[str, bytes]:
    """What an estimate and the extra [web] add."""
    files: dict[str, bytes] = {}
    if report.estimate is None:
        return files
    if form.pages and can_make("crew.html"):
        from gpxstage.report.crew import crew_html
        from gpxstage.report.pocket import pocket_html

        files["crew.html"] = crew_html(report, form.units, bases_only=form.crew_bases).encode()
        files["pocket.html"] = pocket_html(report, form.units).encode()
    if can_make("race.ics") and _has_start(report):
        from gpxstage.report.export import race_ics

        files["race.ics"] = race_ics(report, form.units)
    return files


def write_all(
    folder: str | Path, files: dict[str, bytes], *, inputs: Iterable[Path] = ()
) -> list[str]:
    """Write files into a folder, made if it is not there; return their names.

    Raises what `write_file` does: then none of them is written.
    """
    _make(folder)
    write_files({Path(folder) / name: data for name, data in files.items()}, inputs)
    return list(files)


def write_file(given: str | Path, data: bytes, *, inputs: Iterable[Path] = ()) -> None:
    """Write a file whole: under another name beside it first, then renamed.

    A file that is there keeps its mode; of a link, what it leads to is written; bytes go into a
    device or a pipe, which stays what it is.
    Raises CourseError when that cannot be done, WishError for one of the *inputs*, by whatever
    name; what was there before then stays.
    """
    write_files({Path(given): data}, inputs)


def _make(folder: str | Path) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{folder}: cannot be made a folder: {error.strerror}") from error


def _write_report(folder: Path, files: dict[str, bytes], inputs: Iterable[Path]) -> list[str]:
    """Write the files of a report, its list, and remove what an earlier report left."""
    _make(folder)
    earlier = listed_in(folder)
    read = {path.resolve() for path in inputs}  # of those `write_files` has more to say
    others = [name for name in files if name not in earlier and (folder / name).exists()]
    if foreign := [name for name in others if (folder / name).resolve() not in read]:
        raise CourseError(
            f"{folder}: has {listed(foreign)}, which no report has written: choose another"
            " folder, or move what is there"
        )
    kept = {name: digest_of(data) for name, data in files.items()}
    gone = []
    for name, digest in earlier.items():
        path = folder / name
        if name in files or path.is_symlink() or not path.is_file():
            continue
        if digest_of(path.read_bytes()) == digest:
            gone.append(path)
        else:
            kept[name] = digest
    made = {folder / name: data for name, data in files.items()}
    write_files(made | {folder / LIST: list_of(kept)}, inputs, gone)
    return list(files)


def outdated(folder: str | Path, written: Iterable[str]) -> list[str]:
    """Notes of the files that an earlier report left and that somebody has changed since."""
    left = listed_in(Path(folder)).keys() - set(written)
    return [
        f"{name}: an earlier report wrote it, and it has been changed since: it stays in {folder}"
        for name in sorted(left)
    ]


def listed_in(folder: Path) -> dict[str, str]:
    """Names and digests of the files that the last report wrote into a folder."""
    try:
        rows = whole(folder / LIST, LIST).decode("utf-8", "replace").splitlines()
    except (CourseError, OSError):
        return {}
    found = {name: digest for digest, _, name in (row.partition("  ") for row in rows)}
    return {name: digest for name, digest in found.items() if OWN.fullmatch(name)}


def list_of(listed: Mapping[str, str]) -> bytes:
    """The list of names and digests, as `listed_in` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in listed.items()).encode()


def digest_of(data: bytes) -> str:
    """SHA-256 of a file, as the list has it."""
    return hashlib.sha256(data).hexdigest()


def is_stream(path: str | Path) -> bool:
    """Whether what is there takes bytes as they come: a device, a pipe, /dev/stdout, /dev/fd/3."""
    if DESCRIPTOR.fullmatch(os.path.abspath(path)):
        return True
    mode = os.stat(path).st_mode
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@dataclass(frozen=True)
class _Target:
    """Where bytes go: a file to be replaced, or what takes them as they come."""

    path: Path
    there: os.stat_result | None
    is_stream: bool


def write_files(
    files: Mapping[Path, bytes], inputs: Iterable[Path], gone: Iterable[Path] = ()
) -> None:
    """Write all files or none, then remove those that are *gone*; see `write_file`.

    Everything is first written beside its place. The renames come last, together, and no signal
    comes between them.
    """
    halves: dict[Path, Path] = {}
    known = [os.stat(path) for path in inputs if os.path.exists(path)]
    given = Path()
    try:
        targets = {given: _target(given, known) for given in files}
        for given, target in targets.items():
            if not target.is_stream:
                half = target.path.with_name(f".{secrets.token_hex(8)}.part")
                halves[half] = target.path
                _fill(half, files[given], target.there)
        for given, target in targets.items():
            if target.is_stream:
                with open(os.open(given, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                    stream.write(files[given])
        with _undisturbed():
            for half, given in halves.items():
                os.replace(half, given)
            for given in gone:
                given.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(f"{given}: cannot be written: {error.strerror}") from error
    finally:
        for half in halves:
            with suppress(OSError):
                half.unlink(missing_ok=True)


def _target(given: Path, known: Sequence[os.stat_result]) -> _Target:
    path = Path(os.path.realpath(given))  # of a link, what it leads to
    try:
        there = os.stat(given)
    except FileNotFoundError:
        return _Target(path, None, is_stream=False)
    except OSError as error:
        raise CourseError(f"{given}: cannot be written: {error.strerror}") from error
    if stat.S_ISDIR(there.st_mode):
        raise CourseError(f"{given}: cannot be written: it is a folder")
    if is_stream(given):
        return _Target(path, there, is_stream=True)
    if any(os.path.samestat(there, one) for one in known):
        raise WishError(f"{given}: is a file that is read: give the output another name")
    if not os.access(path, os.W_OK):
        raise CourseError(f"{given}: cannot be written: it is read-only")
    return _Target(path, there, is_stream=False)


def _fill(half: Path, data: bytes, there: os.stat_result | None) -> None:
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666)  # by the umask
    with os.fdopen(handle, "wb") as stream:
        if there is not None:
            with suppress(OSError, AttributeError):  # not for everybody; Windows has no owners
                os.chown(half, there.st_uid, there.st_gid)
            os.chmod(half, stat.S_IMODE(there.st_mode))
        stream.write(data)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals that end the program wait until the block is done."""
    if threading.current_thread() is not threading.main_thread():  # others get no signals
        yield
        return
    came: list[int] = []
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    for number in came:
        signal.raise_signal(number)
