"""Report -> the files of a race folder, each written whole."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.report.export.geojson import race_geojson
from gpxstage.report.export.gpx import race_gpx, stages_gpx
from gpxstage.report.markdown import markdown_text
from gpxstage.report.rows import json_text
from gpxstage.report.splits import csv_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.report import Report


EXTRA = "the extra [web]: pip install '.[web]' in the folder of gpxstage"
# what the libraries of the extra [web] are needed for
WITH_WEB = {
    "index.html": ("jinja2", "bokeh"),
    "crew.html": ("jinja2",),
    "race.ics": ("icalendar",),
}


def left_out(report: Report) -> list[str]:
    """Notes of what `write` cannot make."""
    asked = WITH_WEB if report.estimate else ["index.html"]
    notes = []
    if missing := [name for name in asked if not _can_make(name)]:
        shown = "; crew items are printed on crew.html alone" if report.crew_items else ""
        notes.append(f"no {', '.join(missing)}: they need {EXTRA}{shown}")
    if report.estimate and _can_make("race.ics") and not _has_start(report):
        notes.append("no race.ics: no start is known, so no arrival has a date (--start)")
    return notes


def _can_make(name: str) -> bool:
    return all(find_spec(library) is not None for library in WITH_WEB[name])


def _has_start(report: Report) -> bool:
    course = report.course
    return course.start is not None or any(stage.start is not None for stage in course.stages)


def write(
    report: Report,
    folder: str | Path,
    *,
    units: str = "metric",
    stages: Sequence[int] = (),
    same_scale: bool = False,
    drawn: Callable[[], object] = lambda: None,
) -> list[str]:
    """Write report.json, report.md, splits.csv, exports and pictures; return their names.

    With the extra [web] also index.html, crew.html, race.ics; `left_out` tells what is missing.
    Everything is made before anything is written, and each file appears whole or not at all.
    *stages* picks the stages shown; *same_scale* is of the stages' pictures; *drawn* is called
    after each picture.
    Raises CourseError when the folder cannot be made.
    """
    from gpxstage.plot import draw, save  # split writes files, too, and draws nothing

    files = {
        "report.json": json_text(report, stages=stages).encode(),
        "report.md": markdown_text(report, units, stages).encode(),
        "splits.csv": csv_text(report, units, stages).encode(),
        "race.gpx": race_gpx(report, units).encode(),
        "race.geojson": race_geojson(report).encode(),
    }
    if len(report.course.stages) > 1:
        made = stages_gpx(report, stages, units)
        files |= {f"stage-{number}.gpx": text.encode() for number, text in made.items()}
    files |= _for_web(report, units)
    files["race.png"] = save(draw(report, units=units), "png")
    if _can_make("index.html"):
        from gpxstage.report.page import page_html

        page = page_html(report, units, stages, picture=files["race.png"])
        files["index.html"] = page.encode()
    drawn()
    for stage in report.course.stages:
        if not stages or stage.number in stages:
            picture = save(draw(report, stage.number, units=units, same_scale=same_scale), "png")
            files[f"stage-{stage.number}.png"] = picture
            drawn()
    return write_all(folder, files)


def _for_web(report: Report, units: str) -> dict[str, bytes]:
    """What an estimate and the extra [web] add."""
    files: dict[str, bytes] = {}
    if report.estimate is None:
        return files
    if _can_make("crew.html"):
        from gpxstage.report.crew import crew_html

        files["crew.html"] = crew_html(report).encode()
    if _can_make("race.ics") and _has_start(report):
        from gpxstage.report.export.diary import race_ics

        files["race.ics"] = race_ics(report, units)
    return files


def write_all(folder: str | Path, files: dict[str, bytes]) -> list[str]:
    """Write files into a folder, made if it is not there; return their names."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{folder}: cannot be made a folder: {error.strerror}") from error
    for name, data in files.items():
        write_file(Path(folder) / name, data)
    return list(files)


def write_file(given: str | Path, data: bytes) -> None:
    """Write a file whole: under another name beside it first, then renamed.

    Raises CourseError when that cannot be done; what stood there before then stays.
    """
    path = Path(os.path.realpath(given))  # of a link, what it leads to
    if path.is_symlink():  # still
        raise CourseError(f"{given}: cannot be written: it is a link that leads to itself")
    try:
        handle, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(half, 0o666 & ~_umask())
            os.replace(half, path)
        except BaseException:
            os.unlink(half)
            raise
    except OSError as error:
        raise CourseError(f"{given}: cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
