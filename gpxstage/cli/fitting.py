"""fit: a runner file from one's own recordings and results."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli import asked, options
from gpxstage.cli.asked import Number, picture_kind
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.fit.solving import Fitted
    from gpxstage.estimator.runner_file import RunnerFile


@click.command()
@click.argument("recording", nargs=-1)
@click.option(
    "--race", metavar="FILE", help="Find the terrain that fits the [[results]] of this race file."
)
@asked.result_options
@click.option(
    "--effort",
    type=click.Choice(asked.EFFORTS),
    help="Effort of the recordings: as hard as in a race, or easier.",
)
@asked.load_options
@click.option(
    "--terrain",
    type=Number(0.0, 1.0),
    metavar="0..1",
    help="Roughness of the ground in the recordings: 0 road, 0.4 mountain trail (the default).",
)
@click.option("--plot", metavar="FILE", help="Picture of the fit to write: .png, .svg or .pdf.")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="File to write: a runner file, or with --race a race file; - is stdout.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no notes.")
def fit(
    recording: tuple[str, ...], race: str | None, output: str, quiet: bool, **given: Any
) -> None:
    """Make a runner file from one's own timed recordings and past races.

    A RECORDING is .gpx, .gpx.gz or .fit, or a folder of them; .fit needs the extra [fit]
    (pip install '.[fit]').
    With --race it writes a race file instead, with the terrain that fits its past results.
    """
    if race is not None:
        _only_race(recording, given)
        from gpxstage.cli.fit_race import fit_race

        fit_race(race, output, quiet=quiet)
        return
    if not recording and not given["past"] and not given["flat"]:
        raise click.UsageError("give recordings, --past or --flat: what is the runner to be of?")
    plot = _plot_kind(given["plot"], recording, output)
    _check_output(output)
    from gpxstage import folder
    from gpxstage.cli.runners import results
    from gpxstage.estimator.fit import recordings
    from gpxstage.estimator.fit.filing import find
    from gpxstage.estimator.runner_file import text

    raced = results(given["flat"], given["past"], given["body"])
    outings, notes = _read(recording, given["terrain"], quiet)
    found = find(
        outings,
        raced,
        effort=given["effort"],
        pack_kg=given["pack"],
        body_kg=given["body"],
    )
    inputs = [*recordings.files(recording), *options.inputs((), given)]
    made = {} if output == "-" else {Path(output): text(found.file).encode()}
    if plot and found.fitted is not None:
        made[Path(given["plot"])] = _drawn(found.fitted, plot)
    folder.write_files(made, inputs)
    if output == "-":
        options.put(text(found.file))
    options.say([*notes, *(n for result in raced for n in result.notes), *found.notes], quiet)
    if not quiet:
        click.echo("\n".join(_told(found.file, found.fitted)), err=True)
        where = "the file" if output == "-" else output
        click.echo(f"the meaning of each number is in {where}", err=True)


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


def _plot_kind(path: str | None, recording: Sequence[str], output: str) -> str | None:
    """What the picture of a fit is to be; None without one."""
    if not path:
        return None
    kind = picture_kind("--plot", path)
    if not recording:
        raise click.UsageError("--plot: there is nothing to draw without a recording")
    if os.path.realpath(path) == os.path.realpath(output):
        raise click.UsageError("-o and --plot name one file")
    return kind


def _check_output(output: str) -> None:
    """A usage error where the output would take the place of something else."""
    path = Path(output)
    if not options.taken(output) or path.is_dir():  # a folder: writing says so
        return
    with path.open("rb") as stream:
        head = stream.read(200)
    if b"gpxstage estimate --runner" not in head:
        raise click.UsageError(f"-o {output}: is there already, and is no runner file")


def _drawn(fitted: Fitted, kind: str) -> bytes:
    from gpxstage.plot import save
    from gpxstage.plot.fitted import draw

    return save(draw(fitted).figure, kind)


def _told(file: RunnerFile, fitted: Fitted | None) -> list[str]:
    """What was found, a line a number."""
    lines = []
    if file.recorded is not None and fitted is not None:
        count = file.recorded.count
        lines.append(
            f"{counted(count, 'outing')}, {file.recorded.hours:.1f} h of moving;"
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
        lines.append(f"{number.key:19} {value:>7} \N{PLUS-MINUS SIGN} {off} ({number.origin})")
    return lines
