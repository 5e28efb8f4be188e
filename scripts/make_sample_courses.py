"""Write the sample courses from their points.tsv.

    python scripts/make_sample_courses.py [RACE...] [--to DIR]

Each folder of sample_courses/ has a points.tsv, kept by hand: the facts and where they come from.
From it this script writes race.toml and one GPX file a stage, the same bytes every time. Lines of
points.tsv that begin with "#=" are race.toml without its points.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gpxpy.gpx
from reconstruct import Place, Shape, reconstruct

COURSES = Path(__file__).resolve().parents[1] / "sample_courses"
POINTS = "points.tsv"
HEAD = "#="
MADE = "Reconstructed from published figures, not surveyed."
BANNER = f"""\
# {MADE}
# Written by scripts/make_sample_courses.py from points.tsv: change that and run it again.
"""


@dataclass(frozen=True)
class Row:
    """One line of points.tsv."""

    stage: int
    name: str
    kind: str
    services: tuple[str, ...]
    barrier_h: float | None
    place: Place


def read_rows(path: Path) -> tuple[str, list[Row]]:
    """The text for race.toml, and the rows."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = "\n".join(line[len(HEAD) :].removeprefix(" ") for line in lines if line.startswith(HEAD))
    table = csv.DictReader(
        (line for line in lines if not line.startswith("#")),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
        strict=True,
    )
    return head, [_row(cells) for cells in table]


def _row(cells: dict[str, str]) -> Row:
    def number(column: str) -> float | None:
        return float(cells[column]) if cells.get(column) else None

    lat, lon = number("lat"), number("lon")
    place = Place(
        elevation_m=float(cells["elevation_m"]),
        at_deg=None if lat is None or lon is None else (lat, lon),
        leg_m=1000.0 * (number("leg_km") or 0.0),
        gain_m=number("leg_gain_m") or 0.0,
        loss_m=number("leg_loss_m") or 0.0,
        highest_m=number("leg_highest_m"),
        lowest_m=number("leg_lowest_m"),
    )
    services = tuple(cells["services"].split())
    stage = int(cells["stage"])
    return Row(stage, cells["name"], cells["kind"], services, number("barrier_h"), place)


def stage_rows(rows: list[Row], number: int) -> list[Row]:
    """A stage's rows; one that has no start of its own begins where the one before ended."""
    own = [row for row in rows if row.stage == number]
    if own[0].kind == "start":
        return own
    return [[row for row in rows if row.stage == number - 1][-1], *own]


def write_race(source: Path, folder: Path) -> None:
    """Write one race's files into a folder from the points.tsv at *source*."""
    head, rows = read_rows(source)
    race = tomllib.loads(head)
    blocks = head.split("[[stage]]")
    text = [BANNER + blocks[0].rstrip() + "\n"]
    folder.mkdir(parents=True, exist_ok=True)
    for number, (stage, block) in enumerate(zip(race["stage"], blocks[1:], strict=True), 1):
        part = stage_rows(rows, number)
        shape = reconstruct([row.place for row in part], name=stage["name"], seed=number)
        (folder / stage["gpx"]).write_text(
            gpx_text(stage["name"], part, shape), encoding="utf-8", newline="\n"
        )
        text.append(f"\n[[stage]]{block.rstrip()}\n")
        start = stage.get("start") or race.get("start") or race["waves"][0]
        km = [math.floor(shape.along_m[k]) / 1000.0 for k in shape.at]
        text += [point_text(row, at, start) for row, at in zip(part[1:], km[1:], strict=True)]
    (folder / "race.toml").write_text("".join(text), encoding="utf-8", newline="\n")


def point_text(row: Row, km: float, start: datetime) -> str:
    """One [[stage.point]] of race.toml; a barrier counts from *start*."""
    values: dict[str, Any] = {"name": row.name, "kind": row.kind, "km": km}
    services = [service for service in row.services if service != "crew"]
    if services:
        values["services"] = services
    if "crew" in row.services:
        values["crew"] = True
    lines = [f"{key:<8} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    if row.barrier_h is not None:
        lines.append(f"{'cutoff':<8} = {(start + timedelta(hours=row.barrier_h)).isoformat()}")
    return "\n".join(["", "  [[stage.point]]", *(f"  {line}" for line in lines), ""])


def gpx_text(name: str, part: list[Row], shape: Shape) -> str:
    """A stage as GPX: its points as waypoints, one track without times."""
    gpx = gpxpy.gpx.GPX()
    gpx.creator, gpx.name, gpx.description = "gpxstage", name, MADE
    track = shape.track
    points = [
        (round(float(lat), 6), round(float(lon), 6), round(float(elevation), 1))
        for lat, lon, elevation in zip(track.lat_deg, track.lon_deg, track.elevation_m, strict=True)
    ]
    for row, k in list(zip(part, shape.at, strict=True))[1:]:
        gpx.waypoints.append(gpxpy.gpx.GPXWaypoint(*points[k], name=row.name, type=row.kind))
    segment = gpxpy.gpx.GPXTrackSegment([gpxpy.gpx.GPXTrackPoint(*at) for at in points])
    drawn = gpxpy.gpx.GPXTrack(name=name, description=MADE)
    drawn.segments.append(segment)
    gpx.tracks.append(drawn)
    return str(gpx.to_xml(version="1.1")) + "\n"


def main() -> None:
    """Write the races named on the command line, or all of them."""
    races = sorted(path.parent.name for path in COURSES.glob(f"*/{POINTS}"))
    parser = argparse.ArgumentParser(description="Write the sample courses from their points.tsv.")
    parser.add_argument("race", nargs="*", help=f"all of them if none is named: {', '.join(races)}")
    parser.add_argument("--to", type=Path, default=COURSES, help="another folder for the files")
    wanted = parser.parse_args()
    if unknown := sorted(set(wanted.race) - set(races)):
        parser.error(f"no {POINTS} for {', '.join(unknown)}")
    for race in wanted.race or races:
        write_race(COURSES / race / POINTS, wanted.to / race)


if __name__ == "__main__":
    main()
