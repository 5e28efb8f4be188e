"""fit: a runner file from one's own recordings and results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli import asked, options
from gpxstage.cli.values import Number, picture_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.fit import Fitted, Outing
    from gpxstage.estimator.runner.filed import RunnerFile


@click.command()
@click.argument("recording", nargs=-1)
@click.option(
    "--race", metavar="FILE", help="Find the terrain that this race file's [[results]] ask for."
)
@asked.result_options
@click.option(
    "--effort", type=click.Choice(asked.EFFORTS), help="How hard you went: raced, or easier."
)
@asked.load_options
@click.option(
    "--terrain",
    type=Number(0.0, 1.0),
    metavar="0..1",
    help="Of the recordings: 0 road, 0.4 mountain trail (that, if not given).",
)
@click.option("--plot", metavar="FILE", help="What the fit looks like: .png, .svg or .pdf.")
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="me.toml, or the race file; - is stdout."
)
@click.option("-q", "--quiet", is_flag=True, help="No notes.")
def fit(
    recording: tuple[str, ...], race: str | None, output: str, quiet: bool, **given: Any
) -> None:
    """A runner file from one's own timed recordings and past races.

    A RECORDING is .gpx, .gpx.gz or .fit (with the extra gpxstage[fit]), or a folder of them.
    With --race it is a race file that is written: with the terrain its past results ask for.
    """
    if race is not None:
        _only_race(recording, given)
        from gpxstage.cli.terrain import fit_race

        fit_race(race, output, quiet=quiet)
        return
    plot = picture_kind("--plot", given["plot"]) if given["plot"] else None
    if not recording and not given["past"] and not given["flat"]:
        raise click.UsageError("give recordings, --past or --flat: what is the runner to be of?")
    if plot and not recording:
        raise click.UsageError("--plot: there is nothing to draw without a recording")
    _check_output(output)
    from gpxstage.cli.runners import results
    from gpxstage.estimator.fit.filing import find
    from gpxstage.estimator.runner.filed import text

    raced = results(given)
    outings, notes = _read(recording, given["terrain"], quiet)
    found = find(
        outings,
        raced,
        effort=given["effort"],
        pack_kg=given["pack"],
        body_kg=given["body"],
    )
    _write(output, text(found.file))
    if plot and found.fitted is not None:
        _draw(found.fitted, given["plot"], plot)
    options.say([*notes, *(n for result in raced for n in result.notes), *found.notes], quiet)
    if not quiet:
        for line in _told(found.file, found.fitted):
            click.echo(line, err=True)
        click.echo(f"what each is stands in {'the file' if output == '-' else output}", err=True)


def _only_race(recording: Sequence[str], given: dict[str, Any]) -> None:
    """A usage error for what says something of a runner beside --race."""
    more = [f"--{name}" for name, value in given.items() if value not in (None, ())]
    if recording:
        more.insert(0, "recordings")
    if more:
        raise click.UsageError(f"--race is about a race, {more[0]} about a runner: one at a time")


def _read(
    recording: Sequence[str], terrain: float | None, quiet: bool
) -> tuple[list[Outing], tuple[str, ...]]:
    if not recording:
        return [], ()
    from gpxstage.course import DEFAULT_TERRAIN
    from gpxstage.estimator.fit import recordings

    paths, terrain = recordings.files(recording), DEFAULT_TERRAIN if terrain is None else terrain
    with options.progress(len(paths), "reading", quiet) as done:
        return recordings.read(paths, terrain=terrain, done=done)


def _check_output(output: str) -> None:
    """A usage error where the output would take the place of something else."""
    path = Path(output)
    if output == "-" or not path.is_file():
        return
    if "gpxstage estimate --runner" not in path.read_text("utf-8", errors="replace")[:200]:
        raise click.UsageError(f"-o {output}: is there already, and is no runner file")


def _write(output: str, content: str) -> None:
    if output == "-":
        options.put(content)
        return
    from gpxstage import folder

    folder.write_file(output, content.encode())


def _draw(fitted: Fitted, path: str, kind: str) -> None:
    from gpxstage import folder
    from gpxstage.plot import save
    from gpxstage.plot.fitted import draw

    folder.write_file(path, save(draw(fitted), kind))


def _told(file: RunnerFile, fitted: Fitted | None) -> list[str]:
    """What was found, a line a number."""
    lines = []
    if file.recorded is not None and fitted is not None:
        count = file.recorded.count
        lines.append(
            f"{count} outing{'s' if count > 1 else ''}, {file.recorded.hours:.1f} h of moving;"
            f" effort: {file.effort}"
        )
    if file.hike is not None:
        hikes = file.hike.recorded
        lines[0] = lines[0].replace("outing", "run", 1)
        lines.append(
            f"{hikes.count} hike{'s' if hikes.count > 1 else ''}, {hikes.hours:.1f} h of moving,"
            " fitted apart: --as hike"
        )
    for number in file.numbers:
        if number.spread is None:
            continue
        absolute = number.key.endswith(("_shift_mps", "_down_mps", "_slope"))
        off = f"{number.spread:.2f}" if absolute else f"{100.0 * number.spread:.0f} %"
        value = f"{number.value:.2f}" if number.value < 100.0 else f"{number.value:,.0f}"
        lines.append(f"{number.key:19} {value:>7} \N{PLUS-MINUS SIGN} {off} ({number.told_by})")
    return lines
