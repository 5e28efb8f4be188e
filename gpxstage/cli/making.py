"""split, init, schema: what makes race files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from gpxstage.cli import options
from gpxstage.cli.measuring import load


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
    from gpxstage.report.export.gpx import track_gpx

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
        from gpxstage.facts.in_json import schema as wanted
    else:
        from gpxstage.racefile.keys import schema as wanted
    options.put(json.dumps(wanted(), indent=2, ensure_ascii=False) + "\n")
