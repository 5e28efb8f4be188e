"""fit: a runner file from one's own recordings and results, or a race file with its terrain."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    EFFORTS,
    CourseOptions,
    LimitOptions,
    ResultOptions,
    WeightOptions,
    quiet_option,
    units_option,
)
from gpxstage.cli.values import NumberRange, argument, command, option, picture_kind, typed
from gpxstage.text import counted

if TYPE_CHECKING:
    from gpxstage.course import Course
    from gpxstage.estimator.fit.field_terrain import Chart, FoundTerrain
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.fit.solving import Fitted
    from gpxstage.estimator.runner_file import Number, RunnerFile

WEAK = 0.02  # of the ability: less than that is as strong as others
WHY_UNSURE = "A strong field looks like smooth ground and a weak one like rough: hence the ±."
# the options that `fit --race` has
WITH_RACE = (
    "--race",
    "--output",
    "--units",
    "--quiet",
    "--max-file-mib",
    "--max-points",
    "--max-nesting",
)


@dataclass(frozen=True)
class FitRequest:
    """What `fit` reads."""

    recording: tuple[str, ...] = argument(nargs=-1)
    race: str | None = option(
        "--race",
        metavar="FILE",
        help="Find the terrain that fits the [[results]] of this race file.",
    )
    results: ResultOptions = ResultOptions()
    effort: str | None = option(
        "--effort",
        type=click.Choice(EFFORTS),
        help="Effort of the recordings: as hard as in a race, or easier.",
    )
    weight: WeightOptions = WeightOptions()
    terrain: float | None = option(
        "--terrain",
        type=NumberRange(0.0, 1.0),
        metavar="0..1",
        help="Roughness of the ground in the recordings: 0 road, 0.4 mountain trail (the default).",
    )
    plot: str | None = option(
        "--plot", metavar="FILE", help="Picture of the fit to write: .png, .svg or .pdf."
    )
    output: str = option(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="File to write: a runner file, or with --race a race file; - is stdout.",
    )
    units: str = units_option()
    quiet: bool = quiet_option()
    most: LimitOptions = LimitOptions()


@command(FitRequest())
def fit(request: FitRequest) -> None:
    """Make a runner file from one's own timed recordings and past races.

    A RECORDING is .gpx, .gpx.gz or .fit, or a folder of them; .fit needs the extra [fit]
    (pip install '.[fit]').
    With --race it writes a race file instead, with the terrain that fits its past results.
    """
    if request.race is None:
        _fit_runner(request)
        return
    more = ["recordings"] if request.recording else []
    more += [flag for flag in typed() if flag not in WITH_RACE]
    if more:
        raise click.UsageError(f"--race is about a race, {more[0]} about a runner: one at a time")
    _fit_race(request.race, request)


def _fit_runner(request: FitRequest) -> None:
    """Write the runner file, and the picture of the fit where one is wanted."""
    raced = request.results
    if not request.recording and not raced.past and not raced.flat:
        raise click.UsageError("give recordings, --past or --flat: what is the runner to be of?")
    kind = picture_kind("--plot", request.plot)
    if request.plot and not request.recording:
        raise click.UsageError("--plot: there is nothing to draw without a recording")
    if request.plot and os.path.realpath(request.plot) == os.path.realpath(request.output):
        raise click.UsageError("-o and --plot name one file")
    _check_runner_file(request.output)
    from gpxstage import folder
    from gpxstage.cli.raced import results
    from gpxstage.estimator.fit import recordings
    from gpxstage.estimator.fit.filing import find
    from gpxstage.estimator.runner_text import text

    weight, known = request.weight, results(raced, request.weight)
    outings, notes = _read(request)
    found = find(
        outings, known, effort=request.effort, pack_kg=weight.pack_kg, body_kg=weight.body_kg
    )
    stem = Path(request.output).stem.lstrip("-")
    file = replace(found.file, name=stem) if stem else found.file
    content = text(file)
    made = {} if request.output == "-" else {Path(request.output): content.encode()}
    if request.plot and found.fitted is not None:
        from gpxstage.plot import save
        from gpxstage.plot.fitted import draw

        made[Path(request.plot)] = save(draw(found.fitted, request.units).figure, kind)
    read = output.inputs((), raced.past)
    folder.write_files(made, [*recordings.files(request.recording), *read])
    if request.output == "-":
        output.put(content)
    noted = [note for result in known for note in result.notes]
    output.say([*notes, *noted, *found.notes], request.quiet, request.units)
    if not request.quiet:
        click.echo("\n".join(_numbers(file, found.fitted)), err=True)
        where = "the file" if request.output == "-" else request.output
        click.echo(f"the meaning of each number is in {where}", err=True)


def _read(request: FitRequest) -> tuple[list[Outing], tuple[str, ...]]:
    if not request.recording:
        return [], ()
    from gpxstage.course import DEFAULT_TERRAIN
    from gpxstage.estimator.fit import recordings

    paths = recordings.files(request.recording)
    terrain = DEFAULT_TERRAIN if request.terrain is None else request.terrain
    with output.progress(len(paths), "reading", request.quiet) as done:
        return recordings.read(paths, terrain=terrain, done=done, limits=request.most.limits)


def _check_runner_file(path: str) -> None:
    """A usage error where the output would take the place of something else."""
    if not output.taken(path) or Path(path).is_dir():  # a folder: writing says so
        return
    with Path(path).open("rb") as stream:
        head = stream.read(200)
    if b"gpxstage estimate --runner" not in head:
        raise click.UsageError(f"-o {path}: is there already, and is no runner file")


def _numbers(file: RunnerFile, fitted: Fitted | None) -> list[str]:
    """What was found, a line for each number."""
    from gpxstage.estimator.runner import STOPPED

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
            f"{counted(hikes.count, 'hike')}, {hikes.hours:.1f} h of moving,"
            " fitted apart: --as hike"
        )
    for number in file.hike.numbers if file.hike is not None else ():
        if number.key == STOPPED:
            lines.append(_stands(number, " of hikes"))
    for number in file.numbers:
        if number.spread is None:
            continue
        if number.key == STOPPED:
            lines.append(_stands(number))
            continue
        absolute = number.key.endswith(("_shift_mps", "_down_mps", "_slope"))
        off = f"{number.spread:.2f}" if absolute else f"{100.0 * number.spread:.0f} %"
        value = f"{number.value:.2f}" if number.value < 100.0 else f"{number.value:,.0f}"
        lines.append(f"{number.key:19} {value:>7} \N{PLUS-MINUS SIGN} {off} ({number.origin})")
    return lines


def _stands(number: Number, whose: str = "") -> str:
    """The habit of standing on the way, and how it scatters from outing to outing."""
    from gpxstage.estimator.fit.filing import eight_in_ten

    low, high = eight_in_ten(number.value, number.spread or 0.0)
    return (
        f"{number.key + whose:19} {number.value:>7.1f}, 8 of 10 outings {low:.1f} to {high:.1f}"
        f" ({number.origin})"
    )


def _fit_race(source: str, request: FitRequest) -> None:
    """Find the terrain and write the race file with it."""
    from gpxstage import folder
    from gpxstage.course import CourseError
    from gpxstage.estimator.fit import field_terrain
    from gpxstage.parser.inputs import whole
    from gpxstage.racefile.rows import with_terrain
    from gpxstage.racefile.sources import race_file

    target, quiet = request.output, request.quiet
    path = race_file((source,))
    if path is None:
        raise click.UsageError(f"--race {source}: give a race.toml, or a folder that holds one")
    _check_race_file(target, path)
    course = CourseOptions((str(path),), most=request.most).load()
    if not course.results:
        raise CourseError(f"{path.name}: no [[results]]: what earlier fields needed is not known")
    where = f"{path.name}: results"
    needed = field_terrain.needed(course.results, where)
    chart, before = _run(course, quiet)
    found = field_terrain.find(needed, chart, where=where)
    content = with_terrain(
        whole(path, path.name).decode("utf-8-sig"),
        shift=found.terrain - before,
        spread=found.spread,
        source=_source(course, found),
    )
    if target == "-":
        output.put(content)
    else:
        read = [one for one in output.inputs((str(path),)) if one != path]
        folder.write_file(target, content.encode(), inputs=read)
    noted = [note for note in course.notes if not note.startswith("no terrain")]  # now there is
    output.say([*noted, *found.notes, *_elsewhere(target, path)], quiet, request.units)
    if not quiet:
        for line in _terrain(course, found, before):
            click.echo(line, err=True)


def _check_race_file(target: str, race: Path) -> None:
    """A usage error where the output would take the place of something else."""
    from gpxstage.parser.inputs import whole

    path = Path(target)
    if path.resolve() == race.resolve() or not output.taken(target):
        return
    if path.is_dir() or b"terrain_spread" not in whole(path, target):
        raise click.UsageError(f"-o {target}: is there already, and is not written by fit --race")


def _run(course: Course, quiet: bool) -> tuple[Chart, float]:
    """What the course takes by terrain and ability, and its terrain as the file has it."""
    import numpy as np

    from gpxstage.estimator import Runner, estimate
    from gpxstage.estimator.fit import field_terrain
    from gpxstage.profile import measure

    profiles = [measure(stage.track) for stage in course.stages]
    lengths_m = [profile.length_m for profile in profiles]
    before = float(np.average([stage.terrain for stage in course.stages], weights=lengths_m))
    count = len(field_terrain.TERRAINS) * len(field_terrain.ABILITIES_MPS)
    with output.progress(count, "running the course", quiet) as done:

        def time_of(roughness: float, runner: Runner) -> float:
            moved = field_terrain.moved(course, roughness - before)
            elapsed_s = estimate(moved, profiles, runner).elapsed_s
            done()
            return elapsed_s

        return field_terrain.chart(time_of), before


def _source(course: Course, found: FoundTerrain) -> str:
    """What the terrain was found from, for a comment."""
    sources = list(dict.fromkeys(result.source for result in course.results if result.source))
    return f"fit --race from {_fields(course, found)}" + (
        f" ({'; '.join(sources)})" if sources else ""
    )


def _fields(course: Course, found: FoundTerrain) -> str:
    """Years and finishers in words."""
    years = [str(result.year) for result in course.results if result.year is not None]
    what = ", ".join(years) or f"{found.needed.years} results"
    counts = [result.finishers for result in course.results]
    known = sum(count for count in counts if count is not None)
    return what if None in counts else f"{what}: {known:,} finishers"


def _elsewhere(target: str, race: Path) -> list[str]:
    """A note that a race file in another folder does not find its GPX files."""
    folders = [os.path.dirname(os.path.realpath(path)) for path in (target, race)]
    if target == "-" or folders[0] == folders[1]:
        return []
    return [f"{target}: its GPX files are named from the folder of {race.name}: move it there"]


def _terrain(course: Course, found: FoundTerrain, before: float) -> list[str]:
    """What was found, and how the field compares."""
    from gpxstage.units import hours

    lines = [
        f"terrain {found.terrain:.2f} ± {found.spread:.2f} (was {before:.2f}),"
        f" from {_fields(course, found)}"
    ]
    rows = zip(
        found.needed.places, found.needed.hours, found.flat_speed_mps, found.stronger, strict=True
    )
    for place, needed_h, mps, share in rows:
        against = "as strong as fields elsewhere"
        if abs(share) > WEAK:
            word = "stronger" if share > 0 else "weaker"
            against = f"{100.0 * abs(share):.0f} % {word} than fields elsewhere"
        lines.append(f"  {place:7}{hours(3600.0 * needed_h):>7} h  {mps:.2f} m/s: {against}")
    return [*lines, WHY_UNSURE]
