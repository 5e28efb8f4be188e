"""The races of a batch -> summary.csv, summary.json and index.html, a row at a time."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import IO, TYPE_CHECKING

from gpxstage.batch import place
from gpxstage.batch.index import Line, Scale, page
from gpxstage.batch.one import Figures, row_in
from gpxstage.course import CourseError
from gpxstage.text import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gpxstage.batch.races import Race

HEAD = ("source", "folder", "status", "error")
FACTS = tuple(field.name for field in fields(Figures))
SCHEMA = 1


def write(
    output: Path,
    races: Sequence[Race],
    errors: Mapping[int, str],
    levels: Sequence[str],
    units: str = "metric",
) -> None:
    """Write the three files of a summary, each whole; *levels* have a column each.

    *units* are those of the page; the files for programs are metric, as report.json is.
    Raises CourseError where a file cannot be written.
    """
    columns = [*HEAD, *FACTS, *(f"elapsed_s_{name}" for name in levels)]
    try:
        with _whole(output, "summary.csv") as out:
            table = csv.writer(out, lineterminator="\n")
            table.writerow(columns)
            for line in _lines(output, races, errors):
                each_s = line.race.levels if line.race else {}
                cells = map(safe_cell, _cells(line).values())
                table.writerow([*cells, *(each_s.get(name) for name in levels)])
        with _whole(output, "summary.json") as out:
            out.write(f'{{"schema":{SCHEMA},"races":[')
            for k, line in enumerate(_lines(output, races, errors)):
                shown = _cells(line) | {"levels": line.race.levels if line.race else {}}
                text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                out.write((",\n" if k else "\n") + text)
            out.write("\n]}\n")
        scale = Scale.of(_lines(output, races, errors))
        with _whole(output, "index.html") as out:
            lines = _lines(output, races, errors)
            out.writelines(page(lines, scale, len(races), levels, units))
    except OSError as error:
        raise CourseError(f"{output}: cannot be written: {error.strerror}") from error


def _lines(output: Path, races: Sequence[Race], errors: Mapping[int, str]) -> Iterator[Line]:
    """A line for each race, read from its folder; one that could not be made has its error."""
    for k, race in enumerate(races):
        if k in errors:
            yield Line(race.source, "", "error", errors[k])
        elif race.same_as:
            yield Line(race.source, race.same_as, "same")
        else:
            found = place.manifest(output / race.name)
            yield Line(race.source, race.name, "ok", race=row_in(found) if found else None)


def _cells(line: Line) -> dict[str, str | float | None]:
    """The columns of a line but for the levels; None where nothing is known."""
    facts = asdict(line.race.facts) if line.race else dict.fromkeys(FACTS)
    return {name: getattr(line, name) for name in HEAD} | facts


@contextmanager
def _whole(output: Path, name: str) -> Iterator[IO[str]]:
    """A text file that gets its name once it is written in full."""
    part = output / f"{place.PART}{name}"
    with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as out:
        yield out
    os.replace(part, output / name)
