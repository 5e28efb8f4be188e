"""info, check, models, split, init, schema: what needs no runner."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from gpxstage.cli import options
from gpxstage.text import counted


def load(source: tuple[str, ...], **wishes: Any) -> Any:
    """The course of some sources, by the race options."""
    from gpxstage.racefile import load as load_course

    repair = not wishes.pop("raw", False)
    return load_course(*source, repair=repair, **wishes)


@click.command()
@options.source_argument
@options.output_options
@options.show_options
@options.race_options
@options.above_option
def info(source: tuple[str, ...], **given: Any) -> None:
    """Show what the course is: distance, climb, steepness, altitude, climbs, points."""
    how = options.shown(given)
    from gpxstage.facts.analysis import analyze

    options.show(analyze(load(source, **given), estimated=False), how)


@click.command()
@options.source_argument
@options.output_options
@options.race_options
def check(source: tuple[str, ...], **given: Any) -> None:
    """Read everything and print the notes; exit 1 if there are any."""
    form = options.form_of(given)
    from gpxstage.facts.analysis import analyze
    from gpxstage.text import one_line

    report = analyze(load(source, **given), estimated=False)
    notes = [one_line(note) for note in dict.fromkeys(report.notes)]
    if form:
        options.put_rows(form, [{"note": note} for note in notes])
    elif notes:
        options.put("".join(f"{note}\n" for note in notes))
    else:
        count = len(report.course.stages)
        options.put(f"nothing to note: {counted(count, 'stage')} read and measured\n")
    if notes:
        sys.exit(1)


@click.command()
@options.output_options
def models(**given: Any) -> None:
    """List the speed models: name, range of grades, reference."""
    form = options.form_of(given)
    from gpxstage.estimator.models import MODELS
    from gpxstage.report.say.tables import Table
    from gpxstage.units import percent

    if form:
        keys = ("name", "kind", "reference", "what_it_says")
        options.put_rows(
            form,
            [
                {key: getattr(row, key) for key in keys}
                | {"lowest_grade": row.grade_range[0], "highest_grade": row.grade_range[1]}
                for row in MODELS.values()
            ],
        )
        return
    rows = tuple(
        (row.name, " to ".join(map(percent, row.grade_range)), row.kind, row.reference)
        for row in MODELS.values()
    )
    table = Table("Speed models", ("name", "grades, %", "what for", "reference"), rows, words=4)
    options.print_tables([table])


@click.command()
@click.argument("source")
@click.option(
    "--at", multiple=True, metavar="NAME|KM", help="Place of a cut: a point's name or a kilometre."
)
@click.option("--every", metavar="50km|30mi", help="Cut every so many kilometres or miles.")
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")
@click.option("-q", "--quiet", is_flag=True, help="Print no notes.")
def split(source: str, at: tuple[str, ...], every: str | None, output: str, quiet: bool) -> None:
    """Cut one long track into stage files and a race.toml."""
    if bool(at) == bool(every):
        raise click.UsageError("give --at (repeatable) or --every")
    options.check_apart((source,), output)
    from gpxstage import folder
    from gpxstage.racefile import split as cutting
    from gpxstage.report.export import track_gpx

    course = load((source,))
    found = cutting.split(course, at, every)
    files = {name: text.encode() for name, text in found.files(track_gpx).items()}
    race_file = {"race.toml": found.race_file.encode()}
    written = folder.write_all(output, files | race_file, inputs=options.inputs((source,), {}))
    options.say([note for stage in course.stages for note in stage.notes], quiet)
    if not quiet:
        click.echo(f"{len(written)} files in {output}: {', '.join(written)}", err=True)


@click.command()
@options.source_argument
@click.option(
    "--points", metavar="CSV", help="Table of an organiser: name, km, kind, cutoff, services."
)
@click.option(
    "--timezone", metavar="IANA", help="Time zone of the cutoffs, for example Europe/Rome."
)
@click.option("--start", metavar="WHEN", help="Local start, for example 2026-09-04T10:00.")
@click.option(
    "-o", "--output", default="race.toml", metavar="FILE", help="File to write; - is stdout."
)
def init(
    source: tuple[str, ...],
    points: str | None,
    timezone: str | None,
    start: str | None,
    output: str,
) -> None:
    """Write a first race file from the waypoints in the GPX, or from a table of points."""
    from gpxstage import folder
    from gpxstage.racefile.bare import wished
    from gpxstage.racefile.write import first_race_file

    moment = wished(start) if start else None
    if options.taken(output):
        raise click.UsageError(f"-o {output}: is there already, and may hold work of yours")
    is_new = output != "-" and not Path(output).exists()
    beside = Path(os.path.realpath(output)).parent if is_new else Path.cwd()
    text = first_race_file(*source, points=points, beside=beside, timezone=timezone, start=moment)
    if output == "-":
        options.put(text)
        return
    folder.write_file(output, text.encode())
    click.echo(f"{output}: check every line, then fill in what is commented", err=True)


@click.command()
@click.argument("what", type=click.Choice(["manifest", "report"]))
def schema(what: str) -> None:
    """Print the JSON Schema of race.toml (manifest) or of report.json (report)."""
    if what == "report":
        from gpxstage.facts.whole import schema as wanted
    else:
        from gpxstage.racefile.keys import schema as wanted
    options.put(json.dumps(wanted(), indent=2, ensure_ascii=False) + "\n")
