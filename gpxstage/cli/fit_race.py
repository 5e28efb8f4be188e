"""fit --race: the terrain of a race from what its earlier fields needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gpxstage.cli import options
from gpxstage.cli.measuring import load
from gpxstage.parser.inputs import whole

if TYPE_CHECKING:
    from gpxstage.course import Course
    from gpxstage.estimator.fit.field_terrain import Chart, Found

WEAK = 0.02  # of the ability: less than that is as strong as others
LIMITS = "A strong field looks like smooth ground and a weak one like rough: hence the ±."


def fit_race(source: str, output: str, *, quiet: bool) -> None:
    """Find the terrain and write the race file with it."""
    from gpxstage import folder
    from gpxstage.course import CourseError
    from gpxstage.estimator.fit import field_terrain
    from gpxstage.racefile.sources import race_file
    from gpxstage.racefile.write import with_terrain

    path = race_file((source,))
    if path is None:
        raise click.UsageError(f"--race {source}: give a race.toml, or a folder that holds one")
    _check_output(output, path)
    course = load((str(path),))
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
    if output == "-":
        options.put(content)
    else:
        read = [one for one in options.inputs((str(path),), {}) if one != path]
        folder.write_file(output, content.encode(), inputs=read)
    said = [note for note in course.notes if not note.startswith("no terrain")]  # now there is
    options.say([*said, *found.notes, *_elsewhere(output, path)], quiet)
    if not quiet:
        for line in _told(course, found, before):
            click.echo(line, err=True)


def _check_output(output: str, race: Path) -> None:
    """A usage error where the output would take the place of something else."""
    path = Path(output)
    if path.resolve() == race.resolve() or not options.taken(output):
        return
    if path.is_dir() or b"terrain_spread" not in whole(path, output):
        raise click.UsageError(f"-o {output}: is there already, and is not written by fit --race")


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
    with options.progress(count, "running the course", quiet) as done:

        def time_of(roughness: float, runner: Runner) -> float:
            moved = field_terrain.moved(course, roughness - before)
            elapsed_s = estimate(moved, profiles, runner).elapsed_s
            done()
            return elapsed_s

        return field_terrain.chart(time_of), before


def _source(course: Course, found: Found) -> str:
    """What the terrain was found from, for a comment."""
    sources = list(dict.fromkeys(result.source for result in course.results if result.source))
    told = f"fit --race from {_fields(course, found)}"
    return told + (f" ({'; '.join(sources)})" if sources else "")


def _fields(course: Course, found: Found) -> str:
    """Years and finishers in words."""
    years = [str(result.year) for result in course.results if result.year is not None]
    what = ", ".join(years) or f"{found.needed.years} results"
    counts = [result.finishers for result in course.results]
    known = sum(count for count in counts if count is not None)
    return what if None in counts else f"{what}: {known:,} finishers"


def _elsewhere(output: str, race: Path) -> list[str]:
    """A race file names its GPX files from where it stands."""
    folders = [os.path.dirname(os.path.realpath(path)) for path in (output, race)]
    if output == "-" or folders[0] == folders[1]:
        return []
    return [f"{output}: its GPX files are named from the folder of {race.name}: move it there"]


def _told(course: Course, found: Found, before: float) -> list[str]:
    """What was found, and how the field compares."""
    from gpxstage.units import hours

    lines = [
        f"terrain {found.terrain:.2f} ± {found.spread:.2f} (was {before:.2f}),"
        f" from {_fields(course, found)}"
    ]
    rows = zip(
        found.needed.places,
        found.needed.hours,
        found.flat_speed_mps,
        found.stronger,
        strict=True,
    )
    for place, needed_h, mps, share in rows:
        against = "as strong as fields elsewhere"
        if abs(share) > WEAK:
            word = "stronger" if share > 0 else "weaker"
            against = f"{100.0 * abs(share):.0f} % {word} than fields elsewhere"
        lines.append(f"  {place:7}{hours(3600.0 * needed_h):>7} h  {mps:.2f} m/s: {against}")
    return [*lines, LIMITS]
