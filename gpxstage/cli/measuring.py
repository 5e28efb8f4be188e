"""The commands that need no runner: info, check, split, init, models, schema."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    CourseOptions,
    FormOptions,
    LimitOptions,
    TableOptions,
    folder_option,
    quiet_option,
    units_option,
)
from gpxstage.cli.values import argument, command, option, picture_kind, typed
from gpxstage.text import counted, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course


@dataclass(frozen=True)
class InfoRequest:
    """What `info` reads."""

    tables: TableOptions = TableOptions()
    course: CourseOptions = CourseOptions()
    compare: bool = option(
        "--compare",
        is_flag=True,
        help="Compare the sources, each a course of its own, with the first one.",
    )
    picture: str | None = option(
        "-o",
        "--output",
        metavar="FILE",
        help="Picture of the compared courses to write: .png, .svg or .pdf.",
    )


@command(InfoRequest())
def info(request: InfoRequest) -> None:
    """Show what the course is: distance, climb, steepness, altitude, climbs, points."""
    if request.compare:
        _compare(request)
        return
    if request.picture:
        raise click.UsageError("-o: info draws with --compare alone; use `gpxstage plot`")
    from gpxstage.facts.analysis import analyze

    output.show(analyze(request.course.load(), estimated=False), request.tables)


def _compare(request: InfoRequest) -> None:
    """Print each source as a course of its own beside the others, and draw them."""
    courses, tables, path = request.course, request.tables, request.picture
    if len(courses.source) < 2:
        raise click.UsageError("--compare needs two courses or more")
    if refused := typed("--stage", "--above"):
        raise click.UsageError(f"{refused[0]} is not for --compare")
    kind = picture_kind("-o", path)
    from gpxstage.facts.analysis import analyze
    from gpxstage.facts.comparison import Comparison, compared
    from gpxstage.report.say.side_by_side import comparison_csv, comparison_tables

    loaded = [replace(courses, source=(source,)).load() for source in courses.source]
    # what each takes the middle of the field
    reports = [analyze(course, draws=0) for course in _apart(loaded, courses.source)]
    found, units = compared([report.facts for report in reports]), tables.show.units
    if path:
        from gpxstage import folder
        from gpxstage.plot import save
        from gpxstage.plot.compared import draw_courses

        read = [one for source in courses.source for one in output.inputs((source,))]
        folder.write_file(path, save(draw_courses(reports, units).figure, kind), inputs=read)
    output.put_facts(
        Comparison(courses=found),
        tables.forms,
        "Courses compared",
        csv=lambda: comparison_csv(found, units),
        tables=lambda: comparison_tables(found, units),
    )
    notes = [f"{report.course.name}: {note}" for report in reports for note in report.course.notes]
    output.say(notes, tables.show.quiet, units)


def _apart(courses: Sequence[Course], source: Sequence[str]) -> list[Course]:
    """The courses; where sources of one name differ, each has its file's name behind it.

    Files that have one name, too, have their paths there, and so has ".", which is no name.
    """
    from gpxstage.racefile.sources import stem_of

    paths = [one_line(os.fsencode(path).decode("utf-8", "replace")) for path in source]
    stems = [stem_of(Path(path).name) for path in paths]
    each = list(zip([course.name for course in courses], stems, paths, strict=True))
    found = []
    for course, (name, stem, path) in zip(courses, each, strict=True):
        alike = {(s, p) for n, s, p in each if n == name}
        text = stem if stem and [s for s, _ in alike].count(stem) == 1 else path
        found.append(replace(course, name=f"{name} ({text})") if len(alike) > 1 else course)
    return found


@dataclass(frozen=True)
class CheckRequest:
    """What `check` reads."""

    forms: FormOptions = FormOptions()
    units: str = units_option()
    course: CourseOptions = CourseOptions()


@command(CheckRequest())
def check(request: CheckRequest) -> None:
    """Read everything and print the notes; exit 1 if there are any."""
    from gpxstage.facts.analysis import analyze
    from gpxstage.report.say.noted import notes_in

    report = analyze(request.course.load(), estimated=False)
    notes = notes_in(report.notes, request.units)
    if request.forms.form:
        output.put_rows(request.forms.form, ("note",), [(note,) for note in notes])
    elif notes:
        output.put("".join(f"{note}\n" for note in notes))
    else:
        stages = counted(len(report.course.stages), "stage")
        output.put(f"nothing to note: {stages} read and measured\n")
    if notes:
        sys.exit(1)


@dataclass(frozen=True)
class SplitRequest:
    """What `split` reads."""

    source: str = argument()
    at: tuple[str, ...] = option(
        "--at",
        multiple=True,
        metavar="NAME|DISTANCE",
        help="Place of a cut: a point's name, or a distance (a bare number: km).",
    )
    every: str | None = option(
        "--every", metavar="50km|30mi", help="Cut every so far (a bare number: km)."
    )
    output: str = folder_option()
    quiet: bool = quiet_option()
    most: LimitOptions = LimitOptions()


@command(SplitRequest())
def split(request: SplitRequest) -> None:
    """Cut one long track into stage files and a race.toml."""
    if bool(request.at) == bool(request.every):
        raise click.UsageError("give --at (repeatable) or --every")
    source = (request.source,)
    output.check_apart(source, request.output)
    from gpxstage import folder
    from gpxstage.racefile import split as cutting
    from gpxstage.report.export import track_gpx

    course = CourseOptions(source, most=request.most).load()
    found = cutting.split(course, request.at, request.every)
    files = {name: text.encode() for name, text in found.files(track_gpx).items()}
    files["race.toml"] = found.race_file.encode()
    names = folder.write_all(request.output, files, inputs=output.inputs(source))
    notes = [note for stage in course.stages for note in stage.notes]
    output.say([*notes, *found.notes], request.quiet)
    if not request.quiet:
        output.written(names, request.output)


@dataclass(frozen=True)
class InitRequest:
    """What `init` reads."""

    source: tuple[str, ...] = argument(nargs=-1, required=True)
    points: str | None = option(
        "--points",
        metavar="CSV",
        help="Table of an organiser: name, km, altitude, kind, cutoff, services.",
    )
    timezone: str | None = option(
        "--timezone",
        metavar="IANA",
        help="Time zone of the cutoffs, for example Europe/Rome.",
    )
    start: str | None = option(
        "--start", metavar="WHEN", help="Local start, for example 2026-09-04T10:00."
    )
    output: str = option(
        "-o", "--output", default="race.toml", metavar="FILE", help="File to write; - is stdout."
    )
    most: LimitOptions = LimitOptions()


@command(InitRequest())
def init(request: InitRequest) -> None:
    """Write a first race file from the waypoints in the GPX, or from a table of points."""
    from gpxstage import folder
    from gpxstage.racefile.bare import wished
    from gpxstage.racefile.write import first_race_file

    path = request.output
    moment = wished(request.start) if request.start else None
    if output.taken(path):
        raise click.UsageError(f"-o {path}: is there already, and may hold work of yours")
    is_new = path != "-" and not Path(path).exists()
    draft = first_race_file(
        *request.source,
        points=request.points,
        beside=Path(os.path.realpath(path)).parent if is_new else Path.cwd(),
        timezone=request.timezone,
        start=moment,
        limits=request.most.limits,
    )
    if path == "-":
        output.put(draft.text)
        output.say(draft.notes, quiet=False)
        return
    folder.write_file(path, draft.text.encode())
    output.say(draft.notes, quiet=False)
    click.echo(f"{path}: check every line, then fill in what is commented", err=True)


@command(FormOptions())
def models(forms: FormOptions) -> None:
    """List the speed models: name, range of grades, reference."""
    from gpxstage.estimator.models import MODELS
    from gpxstage.report.say.tables import Table
    from gpxstage.units import percent

    known = MODELS.values()
    if forms.form:
        head = ("name", "kind", "reference", "what_it_says", "lowest_grade", "highest_grade")
        facts = [(m.name, m.kind, m.reference, m.what_it_says, *m.grade_range) for m in known]
        output.put_rows(forms.form, head, facts)
        return
    rows = tuple(
        (m.name, " to ".join(map(percent, m.grade_range)), m.kind, m.reference) for m in known
    )
    table = Table("Speed models", ("name", "grades, %", "what for", "reference"), rows, words=4)
    output.print_tables([table])


# what `schema` knows beside the race file: the module and the name of the typed facts
FACTS = {
    "report": ("gpxstage.facts", "RaceFacts"),
    "demands": ("gpxstage.facts.workload", "Demands"),
    "training": ("gpxstage.facts.workload", "Training"),
    "review": ("gpxstage.facts.review", "ReviewFacts"),
    "compare": ("gpxstage.facts.comparison", "Comparison"),
    "relay": ("gpxstage.facts.relay", "Relay"),
}


@click.command()
@click.argument("what", type=click.Choice(["manifest", *FACTS]))
def schema(what: str) -> None:
    """Print the JSON Schema of race.toml (manifest) or of the JSON that a command prints.

    report is that of info, estimate and report.json; compare is that of info --compare.
    """
    if what == "manifest":
        from gpxstage.racefile.keys import schema as of_manifest

        found = of_manifest()
    else:
        from gpxstage.facts.whole import schema as of_facts

        module, name = FACTS[what]
        nouns = getattr(import_module(module), name)
        found = of_facts(nouns, "report.json" if what == "report" else what)
    output.put(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
