#!/usr/bin/env python3
"""Growth: whole commands on inputs of several sizes, with seconds, peak memory, and linearity.

Usage: python scripts/growth.py [--only WORD] [--write]

Makes its inputs itself. --only takes the rows whose name holds a word; --write puts the table
into docs/benchmarks.md, where it replaces the one of that heading. Takes some minutes.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from benchmark import compiled

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
HEADING = "## Growth"
M_PER_DEG = 111_195.0  # of latitude, on a sphere; of longitude at the equator
LEAST_S = 0.2  # of processor time beyond the start: less is too little to compare
TEXT = f"""{HEADING}

Written by `python scripts/growth.py --write`. Each row is a whole process: processor seconds, peak
memory, and what each unit of the input costs beyond the start of the program, against the row
above: 1 is linear, less is cheaper. There is no ratio where a row takes under {LEAST_S} s beyond
the start, or where an input is refused: that line says how soon.

| what | size | seconds | MiB | against linear |
|---|---|---|---|---|
"""

Place = tuple[float, float, float]  # metres east, north, up


class Row(NamedTuple):
    """One kind of growth: how an input of a size is made, and what runs on it."""

    name: str
    sizes: tuple[int, ...]
    text: Callable[[int], Iterable[str]]  # of the file
    options: Callable[[int], list[str]]


class Cost(NamedTuple):
    """What a process took."""

    is_refused: bool
    seconds: float
    mib: float


def main() -> None:
    """Run the rows, print the table, and write the page when asked to."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only", default="", help="rows whose name holds this word")
    options.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = options.parse_args()
    compiled()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        start = cost_of(Path(folder), ROWS[0], 100)
        for row in ROWS:
            if given.only in row.name:
                for line in table(Path(folder), row, start):
                    print(line, flush=True)
                    lines.append(line)
    if given.write:
        page = PAGE.read_text(encoding="utf-8").split(HEADING)[0].rstrip("\n")
        PAGE.write_text(f"{page}\n\n{TEXT}" + "\n".join(lines) + "\n", encoding="utf-8")


def table(folder: Path, row: Row, start: Cost) -> Iterator[str]:
    """The lines of one kind of growth; *start* is the cost of a command on a tiny file."""
    before: float | None = None
    for size in row.sizes:
        found = cost_of(folder, row, size)
        beyond_s = found.seconds - start.seconds
        each = None if found.is_refused or beyond_s < LEAST_S else beyond_s / size
        ratio = f"{each / before:.2f}" if each and before else ""
        before = each
        shown = f"{size:,}, refused" if found.is_refused else f"{size:,}"
        yield f"| {row.name} | {shown} | {found.seconds:.2f} | {found.mib:.0f} | {ratio} |"


def cost_of(folder: Path, row: Row, size: int) -> Cost:
    """The processor time and the peak memory of a command on an input that is made for it."""
    path = folder / "made.gpx"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(row.text(size))
    command = [sys.executable, "-m", "gpxstage", *row.options(size)]
    command = [str(path) if word == "PATH" else word for word in command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    child = subprocess.Popen(command, cwd=ROOT, **quiet)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{row.name}, {size}: ended with {child.returncode}")
    return Cost(child.returncode == 1, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024.0)


def file_of(parts: Iterable[str]) -> Iterator[str]:
    """A GPX file around some elements."""
    yield '<?xml version="1.0"?>\n<gpx version="1.1" creator="made" '
    yield 'xmlns="http://www.topografix.com/GPX/1/1">\n'
    yield from parts
    yield "</gpx>\n"


def track_of(places: Iterable[Place]) -> Iterator[str]:
    """A track through places in metres; on the equator, where a degree is one both ways."""
    yield "<trk><trkseg>\n"
    for east_m, north_m, up_m in places:
        lat, lon = north_m / M_PER_DEG, east_m / M_PER_DEG
        yield f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{up_m:.1f}</ele></trkpt>\n'
    yield "</trkseg></trk>\n"


def way(length_m: float, count: int) -> Iterator[Place]:
    """A winding way over hills of 300 m."""
    for k in range(count):
        along_m = length_m * k / max(count - 1, 1)
        yield along_m, 500.0 * math.sin(along_m / 2000.0), 1000.0 + 150.0 * math.sin(along_m / 1500)


def looped(waypoints: int) -> Iterator[str]:
    """Twenty rounds of 10 km, and waypoints on them."""
    turn, radius_m = 2.0 * math.pi, 10_000.0 / (2.0 * math.pi)
    for k in range(waypoints):
        angle = turn * k / waypoints
        lat, lon = radius_m * math.sin(angle) / M_PER_DEG, radius_m * math.cos(angle) / M_PER_DEG
        yield f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>W{k}</name></wpt>\n'
    angles = (turn * k / 500 for k in range(20 * 500))
    yield from track_of(
        (radius_m * math.cos(a), radius_m * math.sin(a), 1000.0 + 50.0 * math.sin(a))
        for a in angles
    )


def resting(count: int) -> Iterator[str]:
    """A way to a hut, as many points of a night there, and the way on."""
    yield "<trk><trkseg>\n"
    moments = 1000 + count + 1000
    for k in range(moments):
        there = min(k, 1000) + max(k - 1000 - count, 0)
        scatter = 7.0 if 1000 <= k < 1000 + count else 0.0
        east_m = 10.0 * there + scatter * math.sin(1.7 * k * k)
        north_m = scatter * math.cos(2.3 * k * k)
        clock = f"{6 + k // 3600 // 24:02d}T{k // 3600 % 24:02d}:{k // 60 % 60:02d}:{k % 60:02d}"
        yield f'<trkpt lat="{north_m / M_PER_DEG:.7f}" lon="{east_m / M_PER_DEG:.7f}">'
        yield f"<ele>1000</ele><time>2026-06-{clock}Z</time></trkpt>\n"
    yield "</trkseg></trk>\n"


def info(_: int) -> list[str]:
    """The command that only measures."""
    return ["info", "PATH", "-q", "--max-file-mib", "1024"]


def filled(head: str, size: int, tail: str) -> Iterator[str]:
    """So many letters between two texts, in pieces: a child's peak starts at its parent's."""
    yield head
    for _ in range(size // 1000):
        yield "x" * 1000
    yield tail
    yield from SHORT


def long(km: int) -> Iterator[str]:
    """So many kilometres in tracks of 1,000 at most, each where the one before ends."""
    each = min(km, 1000)
    places = list(way(1e3 * each, 20 * each))
    for k in range(km // each):
        east_m = 1e3 * each * k
        yield from track_of((x + east_m, y, z) for x, y, z in places)


def tracks(count: int) -> Iterator[str]:
    """So many tracks of ten points, one behind the other."""
    for k in range(count):
        yield from track_of((10.0 * (9 * k + j) % 1e6, 0.0, 1000.0) for j in range(10))


def estimated(*more: str) -> Callable[[int], list[str]]:
    """The command that estimates."""
    return lambda _: ["estimate", "PATH", "-q", *more]


SHORT = tuple(track_of(way(20_000.0, 2000)))
LONG = tuple(track_of(way(300_000.0, 15_000)))
ROWS = (
    Row("points, 300 km: info", (50_000, 500_000, 2_000_000, 5_000_000),
        lambda n: file_of(track_of(way(3e5, n))), info),
    Row("tracks of 90 m: info", (100, 1_000, 5_000, 100_000), lambda n: file_of(tracks(n)), info),
    Row("waypoints on 20 rounds: info", (30, 300, 3_000), lambda n: file_of(looped(n)), info),
    Row("points of a night: info", (40_000, 400_000), lambda n: file_of(resting(n)), info),
    Row("bytes of a comment: info", (10_000_000, 100_000_000),
        lambda n: file_of(filled("<!--", n, "-->")), info),
    Row("bytes of an attribute: info", (1_000_000, 4_000_000, 50_000_000),
        lambda n: file_of(filled('<link href="', n, '"/>')), info),
    Row("attributes of a tag: info", (5_000, 50_000, 5_000_000),
        lambda n: file_of(chain(["<link"], (f' a{k}=""' for k in range(n)), ["/>"], SHORT)), info),
    Row("draws, 300 km: estimate", (200, 1_000, 5_000), lambda n: file_of(LONG),
        lambda n: ["estimate", "PATH", "-q", "--draws", str(n)]),
    Row("km: info", (100, 1_000, 10_000), lambda n: file_of(long(n)), info),
    Row("km: estimate", (100, 1_000, 10_000), lambda n: file_of(long(n)), estimated()),
)  # fmt: skip

if __name__ == "__main__":
    main()
