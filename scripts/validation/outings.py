"""Recordings: which of their hours were moving, and where along the way those were spent."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gpxstage.course import Track
from gpxstage.estimator.fit.windows import windows_of
from gpxstage.estimator.nouns import Push, Sites
from gpxstage.profile import Cells
from validation.folders import Folders

GROUPS = {  # one person each, as far as the files tell
    "group-a": "trail runs",
    "group-b": "GR20 with a loaded backpack",
    "group-c": "hikes up mountains, one a scramble",
    "group-f": "two hiking days",
    "group-h": "hikes of 9 to 60 km",
}
PACK_KG = {"group-b": 10.0}  # judgement: nobody weighed it
TERRAIN = 0.4
NOWHERE = Sites(*(np.zeros(0) for _ in range(4)))


@dataclass(frozen=True, eq=False)
class Outing:
    """A recording: its course in n cells, and w windows of at least 30 s."""

    name: str
    person: str
    track: Track
    push: Push
    edge_m: np.ndarray  # (w+1,) along the track
    edge_s: np.ndarray  # (w+1,) on the recording's clock
    moving: np.ndarray  # (w,) bool

    @property
    def moving_s(self) -> float:
        """All moving time."""
        return float(np.diff(self.edge_s)[self.moving].sum())

    @property
    def passed_s(self) -> np.ndarray:
        """(w+1,) cumulative moving time."""
        return np.concatenate([[0.0], np.cumsum(np.diff(self.edge_s) * self.moving)])

    def cell_s(self) -> np.ndarray:
        """(n,) moving time in each cell."""
        return np.diff(np.interp(self.push.edge_m, self.edge_m, self.passed_s))


def outing(folders: Folders, path: Path) -> Outing:
    """One recording, read and repaired as any course."""
    name = path.relative_to(folders.data).as_posix()
    course, profiles = folders.measured(name)
    track, cells = course.stages[0].track, profiles[0].cells
    assert cells is not None
    windows = windows_of(track)
    return Outing(
        path.stem,
        path.parent.name,
        track,
        push_of(cells),
        windows.edge_m,
        windows.edge_s,
        windows.moving,
    )


def push_of(cells: Cells) -> Push:
    """Cells without stops and without a clock: moving time alone, by day."""
    terrain = np.full(len(cells.grade), TERRAIN)
    return Push(
        cells.edge_m, cells.grade, cells.altitude_m, terrain, cells.lat_deg, cells.lon_deg, NOWHERE
    )


def outings(folders: Folders) -> list[Outing]:
    """All recordings of the people of whom there are two or more."""
    found = []
    for person in GROUPS:
        files = sorted((folders.data / "recordings" / person).glob("*.gpx"))
        if len(files) < 2:
            print(f"recordings/{person}: fewer than two files, left out", file=sys.stderr)
            continue
        found += [outing(folders, path) for path in files]
    return found
