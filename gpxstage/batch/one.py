"""One race worked off: its files, its row of the summary, or why it has none."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gpxstage import __version__
from gpxstage.batch import place
from gpxstage.batch.races import content
from gpxstage.folder import Form, made
from gpxstage.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gpxstage.batch.races import Race
    from gpxstage.facts.analysis import Report

NODES = 96  # of the small profile in the index


class Wishes(Protocol):
    """What is wanted of every race; it can be sent to another process."""

    @property
    def key(self) -> str:
        """All that decides on the answer, but for the race: the same key, the same bytes."""

    @property
    def reads(self) -> tuple[tuple[str, tuple[Path, ...]], ...]:
        """What is read for every race, a runner file and past courses: each with its files."""

    def moved(self, places: Mapping[str, str]) -> Wishes:
        """The same wishes where those sources are in other places."""

    def report(self, path: str) -> tuple[Report, Form]:
        """The report of the race at a path, and what its files look like."""

    def explain(self, error: Exception) -> str:
        """An error as a line that a person can read."""


@dataclass(frozen=True)
class Figures:
    """What the summary shows of a race, in metres, seconds and fractions; None is unknown."""

    name: str
    stages: int
    format: str
    length_m: float
    gain_m: float | None
    loss_m: float | None
    lowest_m: float | None
    highest_m: float | None
    runner: str | None
    moving_s: int | None
    elapsed_s: int | None
    elapsed_s_p10: int | None
    elapsed_s_p90: int | None
    hike_fraction: float | None
    finish_probability: float | None
    notes: int


@dataclass(frozen=True)
class RaceRow:
    """A race in the summary: ``profile_m`` at even distances, ``opens`` the file to begin with."""

    facts: Figures
    levels: dict[str, int | None]  # elapsed seconds, where there are several
    profile_m: list[int]
    opens: str


@dataclass(frozen=True)
class Job:
    """What a worker is started with; *output* is an absolute path."""

    wishes: Wishes
    output: Path
    force: bool = False

    def begin(self, race: Race) -> str | None:
        """The digest of what a race is read from; None where its folder is there, made from it."""
        digest = _source_digest(race)
        place.settle(self.output, race.name)
        if not self.force and _is_current(self.output / race.name, self.wishes.key, digest):
            return None
        return digest

    def put(self, race: Race, digest: str, files: Mapping[str, bytes], row: RaceRow) -> None:
        """Put the files of a race in place, with a manifest that says what they are made from."""
        manifest = _stamp(self.wishes.key, digest) | {"row": asdict(row)}
        place.put(self.output, race.name, files, manifest)


@dataclass(frozen=True)
class Done:
    """How a race went: *error* is empty where its folder is there."""

    error: str = ""
    was_there: bool = False


def work_off(job: Job, race: Race) -> Done:
    """Make the folder of a race, unless it is there already, made from the same."""
    try:
        digest = job.begin(race)
        if digest is None:
            return Done(was_there=True)
        job.put(race, digest, *answer(job.wishes, race))
    except Exception as error:
        place.remove(job.output, race.name)
        return Done(error=one_line(job.wishes.explain(error)))
    return Done()


def _source_digest(race: Race) -> str:
    """What a race is read from: its bytes, and its name, which may be the race's."""
    named = hashlib.sha256(Path(race.path).name.encode("utf-8", "surrogateescape"))
    named.update(content(race).encode())
    return named.hexdigest()


def _stamp(key: str, digest: str) -> place.Manifest:
    """The part of a manifest that decides whether a folder is up to date."""
    return {"version": __version__, "input": digest, "options": key}


def _is_current(folder: Path, key: str, digest: str) -> bool:
    """Whether a folder is whole, and was made by this version from this input and options."""
    found = place.manifest(folder)
    wanted = _stamp(key, digest)
    if found is None or any(found.get(name) != value for name, value in wanted.items()):
        return False
    return place.is_whole(folder)


def row_in(manifest: place.Manifest) -> RaceRow:
    """The row that a manifest of this version holds."""
    row = manifest["row"]
    return RaceRow(**row | {"facts": Figures(**row["facts"])})


def answer(wishes: Wishes, race: Race) -> tuple[dict[str, bytes], RaceRow]:
    """The files of a race and its row."""
    report, form = wishes.report(race.path)
    files = made(report, form)
    opens = next(name for name in ("index.html", "race.png", "report.md") if name in files)
    return files, _row(report, opens)


def _row(report: Report, opens: str) -> RaceRow:
    race = report.facts
    facts = Figures(
        name=one_line(race.name),
        stages=len(race.stages),
        format=race.format,
        length_m=race.length_m,
        gain_m=race.gain_m,
        loss_m=race.loss_m,
        lowest_m=race.lowest_m,
        highest_m=race.highest_m,
        runner=one_line(race.runner.name) if race.runner else None,
        moving_s=race.moving_s.p50,
        elapsed_s=race.elapsed_s.p50,
        elapsed_s_p10=race.elapsed_s.p10,
        elapsed_s_p90=race.elapsed_s.p90,
        hike_fraction=race.hike_fraction.of_time.p50,
        finish_probability=race.finish_probability,
        notes=len(race.notes),
    )
    levels = {level.level: level.elapsed_s for level in race.levels or ()}
    return RaceRow(facts, levels, _heights(report), opens)


def _heights(report: Report) -> list[int]:
    """Whole metres at even distances along all stages; none where a stage has no elevation."""
    profiles = report.profiles
    if any(profile.cells is None for profile in profiles):
        return []
    height = np.concatenate([profile.elevation_m for profile in profiles])
    at = np.linspace(0, len(height) - 1, NODES).round().astype(int)
    return [round(float(value)) for value in height[at]]
