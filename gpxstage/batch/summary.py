"""The races of a batch -> summary.csv, summary.json and index.html, a row at a time."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from gpxstage.batch import place
from gpxstage.batch.index import Scale, page
from gpxstage.course import CourseError
from gpxstage.text import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gpxstage.batch.races import Race

HEAD = ("source", "folder", "status", "error")
FACTS = (
    *("name", "stages", "format", "length_m", "gain_m", "loss_m", "lowest_m", "highest_m"),
    *("runner", "moving_s", "elapsed_s", "elapsed_s_p10", "elapsed_s_p90", "hike_fraction"),
    *("finish_probability", "notes"),
)
SCHEMA = 1


def write(
    output: Path, races: Sequence[Race], errors: Mapping[int, str], levels: Sequence[str]
) -> None:
    """Write the three files of a summary, each whole; *levels* have a column each.

    Raises CourseError where a file cannot be written.
    """
    columns = [*HEAD, *FACTS, *(f"elapsed_s_{name}" for name in levels)]
    try:
        with _whole(output, "summary.csv") as out:
            table = csv.DictWriter(out, columns, lineterminator="\n")
            table.writeheader()
            for row in _rows(output, races, errors):
                each = {f"elapsed_s_{name}": row["levels"].get(name) for name in levels}
                table.writerow({name: safe_cell(row[name]) for name in (*HEAD, *FACTS)} | each)
        with _whole(output, "summary.json") as out:
            out.write(f'{{"schema":{SCHEMA},"races":[')
            for k, row in enumerate(_rows(output, races, errors)):
                shown = {name: row[name] for name in (*HEAD, *FACTS)} | {"levels": row["levels"]}
                text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                out.write((",\n" if k else "\n") + text)
            out.write("\n]}\n")
        scale = Scale.of(_rows(output, races, errors))
        with _whole(output, "index.html") as out:
            out.writelines(page(_rows(output, races, errors), scale, len(races)))
    except OSError as error:
        raise CourseError(f"{output}: cannot be written: {error.strerror}") from error


def _rows(
    output: Path, races: Sequence[Race], errors: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    """A row for each race, read from its folder; one that could not be made has its error."""
    for k, race in enumerate(races):
        row: dict[str, Any] = dict.fromkeys(FACTS) | {
            "source": race.source,
            "folder": race.same_as or race.name,
            "status": "same" if race.same_as else "ok",
            "error": "",
            "levels": {},
            "profile_m": [],
        }
        found = place.manifest(output / race.name) if not race.same_as else None
        if k in errors:
            row |= {"folder": "", "status": "error", "error": errors[k]}
        elif found is not None:
            row |= found["row"]["facts"]
            row |= {name: found["row"][name] for name in ("levels", "profile_m", "opens")}
        yield row


@contextmanager
def _whole(output: Path, name: str) -> Iterator[IO[str]]:
    """A text file that gets its name once it is written in full."""
    part = output / f"{place.PART}{name}"
    with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as out:
        yield out
    os.replace(part, output / name)
