"""Where the real files and the published figures lie, and how they are read."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpxstage.course import Course
from gpxstage.profile import Profile, measure
from gpxstage.racefile import load

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Folders:
    """GPX files as docs/cases.tsv names them, and tables of facts."""

    data: Path
    facts: Path

    @classmethod
    def default(cls) -> Folders:
        """GPXSTAGE_DATA, else beside the checkout; GPXSTAGE_FACTS, else the project's own."""
        return cls(
            Path(os.environ.get("GPXSTAGE_DATA", ROOT / ".." / "shared" / "data")),
            Path(os.environ.get("GPXSTAGE_FACTS", Path(__file__).with_name("facts"))),
        )

    def missing(self) -> str | None:
        """What keeps the validation from running, None if nothing does."""
        needed = (
            self.data / "courses" / "tor330-2025.gpx",
            self.data / "courses" / "utmb-2025.gpx",
            self.data / "recordings",
            self.facts / "results" / "tor330-2025-splits.tsv",
            self.facts / "results" / "utmb-splits.tsv",
            self.facts / "courses" / "tdg-legs-measured.tsv",
        )
        gone = (f"no {path.parent.name}/{path.name}" for path in needed if not path.exists())
        return next(gone, None)

    def rows(self, name: str) -> list[dict[str, str]]:
        """A table of facts, a dictionary a row."""
        with open(self.facts / name, encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="\t"))

    def measured(self, name: str) -> tuple[Course, tuple[Profile, ...]]:
        """A file or folder of the data, read, repaired and measured as the program does it."""
        return _measured(self.data / name)


@cache
def _measured(path: Path) -> tuple[Course, tuple[Profile, ...]]:
    course = load(path)
    return course, tuple(measure(stage.track) for stage in course.stages)
