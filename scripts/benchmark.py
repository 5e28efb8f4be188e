#!/usr/bin/env python3
"""Speed as ratios: pairs of tasks in fresh processes, run in turn, medians of the ratios.

Usage: python scripts/benchmark.py [--runs N] [--quick] [--course FILE] [--write]

Makes its inputs itself (seeded). --course adds a real file; --quick leaves out two million
points; --write puts the tables into docs/benchmarks.md. Needs the extra [dev] (gpxpy, lxml).
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_courses" / "tor-des-geants"
PAGE = ROOT / "docs" / "benchmarks.md"

HEAD = "import sys, time, io\npath = sys.argv[1] if len(sys.argv) > 1 else ''\n"
START = "data = open(path, 'rb').read()\nbegin = time.process_time()\n"
END = "\nprint(time.process_time() - begin)\n"

FLOOR = (
    "from xml.parsers import expat\n" + START + "p = expat.ParserCreate(namespace_separator=' ')\n"
    "for k in range(0, len(data), 65536): p.Parse(data[k:k + 65536], False)\n"
    "p.Parse(b'', True)"
)
READER = "from gpxstage.parser import read\n" + START + "read(data)"
PROFILE = (
    "from gpxstage.parser import read\nfrom gpxstage.profile import measure\n"
    + START
    + "for track in read(data).tracks: measure(track)"
)
GPXPY = "import gpxpy\n" + START + "gpxpy.parse(data.decode())"
GPXPY_ALONE = "sys.modules['lxml'] = None\n" + GPXPY
GPXPY_SUMS = (
    "import sys\nsys.modules['lxml'] = None\nimport gpxpy\nfound = gpxpy.parse(open(sys.argv[1]))\n"
    "found.length_3d()\nfound.get_uphill_downhill()"
)
ESTIMATE = (
    "import gpxstage\ncourse = gpxstage.load(path)\n"
    "profiles = [gpxstage.measure(stage.track) for stage in course.stages]\n"
    "import gpxstage.estimator\n"
    "from gpxstage.estimator import estimate\nbegin = time.process_time()\n"
    "estimate(course, profiles)"
)
DRAWN = ESTIMATE.replace("estimate(course, profiles)", "estimate(course, profiles, draws=200)")
SEARCHED = ESTIMATE.replace("import estimate\n", "import Policy, estimate, plan_sleep\n").replace(
    "\nestimate(course, profiles)", "\nplans = plan_sleep(course, profiles)"
)
PLANNED = SEARCHED + ("\nfor plan in plans: estimate(course, profiles, policy=Policy(sleeps=plan))")
BARE = (
    "import numpy\nfrom matplotlib.figure import Figure\n"
    "from matplotlib.backends.backend_agg import FigureCanvasAgg\n"
)
NUMPY_MEMORY = "import numpy, resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
READ_MEMORY = (
    "import numpy, resource\nfrom gpxstage.parser import read\nfound = read(path)\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def main() -> None:
    """Run all tables, print them, and write the page when asked to."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=7, help="pairs of each comparison")
    options.add_argument("--quick", action="store_true", help="without two million points")
    options.add_argument("--course", help="a real file to read as well")
    options.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = options.parse_args()
    compiled()
    with tempfile.TemporaryDirectory() as folder:
        text = page(Path(folder), given)
    print(text)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")


def compiled() -> None:
    """Make the bytecode of the program, as an installation does: gpxpy has its own, too."""
    compileall.compile_dir(ROOT / "gpxstage", quiet=1)


def page(folder: Path, given: argparse.Namespace) -> str:
    """All tables as Markdown."""
    sizes = [5_000, 50_000, 500_000] + ([] if given.quick else [2_000_000])
    plain = {size: made(folder / f"{size}.gpx", size) for size in sizes}
    timed = made(folder / "timed.gpx", 50_000, timed=True)
    inputs = [("50,000 points, indented", plain[50_000]), ("with time and heart rate", timed)]
    if given.course:
        inputs.append((Path(given.course).name, Path(given.course)))
    lines = [
        "# Speed",
        "",
        "Written by `python scripts/benchmark.py --write`. Ratios of processor time, medians of"
        f" {given.runs} interleaved pairs in fresh processes; with the lowest and highest pair."
        " The made inputs are indented, one element a line. All modules have their bytecode, as an"
        " installation makes it.",
        "",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}.",
        "",
        *reading(inputs, given.runs),
        *per_point(plain, given.runs),
        *memory(plain),
        *starting(plain[5_000], given.runs),
        *estimating(inputs, given.runs),
        *planning(given.runs),
        *drawing(inputs[2:], given.runs),
    ]
    return "\n".join(lines) + "\n"


def reading(inputs: list[tuple[str, Path]], runs: int) -> list[str]:
    """The reader against expat alone and against gpxpy."""
    lines = [
        "## Reading",
        "",
        "| input | ratio | median | lowest | highest |",
        "|---|---|---|---|---|",
    ]
    for name, path in inputs:
        for what, a, b in (
            ("reader / expat without callbacks", READER, FLOOR),
            ("gpxpy's parse without lxml / reader and profile", GPXPY_ALONE, PROFILE),
            ("gpxpy's parse with lxml / reader and profile", GPXPY, PROFILE),
        ):
            lines.append(row(f"{name} | {what}", pairs(a, b, path, runs)))
    return [*lines, ""]


def per_point(plain: dict[int, Path], runs: int) -> list[str]:
    """Time per point at several sizes, against that at 50,000."""
    lines = ["## Reading, time per point", "", "| points | against 50,000 | lowest | highest |"]
    lines.append("|---|---|---|---|")
    for size, path in plain.items():
        few = max(3, runs // 2) if size > 100_000 else runs
        ratios = []
        for _ in range(few):
            here = seconds(READER, path) / size
            ratios.append(here / (seconds(READER, plain[50_000]) / 50_000))
        lines.append(row(f"{size:,}", ratios))
    return [*lines, ""]


def memory(plain: dict[int, Path]) -> list[str]:
    """Peak memory of reading from a path, over a process that has only numpy."""
    bare = float(printed(NUMPY_MEMORY, None))
    lines = ["## Memory", "", "| points | MiB over numpy |", "|---|---|"]
    for size, path in plain.items():
        lines.append(f"| {size:,} | {(float(printed(READ_MEMORY, path)) - bare) / 1024:.0f} |")
    return [*lines, ""]


def starting(path: Path, runs: int) -> list[str]:
    """Whole processes against a bare start that imports numpy and matplotlib's Agg canvas."""
    lines = ["## Commands, against a bare start with numpy and matplotlib's Agg canvas", ""]
    lines += ["| command | ratio | lowest | highest |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as out:
        report = ["report", str(SAMPLE), "-o", f"{out}/report", "-q"]
        commands = {
            "--help": ["--help"],
            "info, 5,000 points": ["info", str(path), "-q"],
            "estimate, 5,000 points": ["estimate", str(path), "-q"],
            "plot, 5,000 points": ["plot", str(path), "-o", f"{out}/x.png", "-q"],
            "report, sample of the Tor des Géants, 8 pictures": report,
        }
        for name, arguments in commands.items():
            ratios = []
            for _ in range(runs):
                mine = process([sys.executable, "-m", "gpxstage", *arguments])
                ratios.append(mine / process([sys.executable, "-c", BARE]))
            lines.append(row(name, ratios))
    return [*lines, ""]


def estimating(inputs: list[tuple[str, Path]], runs: int) -> list[str]:
    """One estimate, without reading and profile, against expat's pass over the same file."""
    lines = [
        "## One estimate / expat without callbacks",
        "",
        "| input | ratio | lowest | highest |",
    ]
    lines.append("|---|---|---|---|")
    for name, path in inputs:
        lines.append(row(name, pairs(ESTIMATE, FLOOR, path, runs)))
    return lines


def drawing(inputs: list[tuple[str, Path]], runs: int) -> list[str]:
    """200 draws against gpxpy on the same file: without start and reading, and whole processes."""
    if not inputs:
        return []
    lines = ["", "## An estimate with 200 draws", "", "| input | ratio | lowest | highest |"]
    lines.append("|---|---|---|---|")
    for name, path in inputs:
        for what, other in (("with lxml", GPXPY), ("without lxml", GPXPY_ALONE)):
            lines.append(row(f"{name}, over gpxpy's parse {what}", pairs(DRAWN, other, path, runs)))
        mine = [sys.executable, "-m", "gpxstage", "estimate", str(path), "--draws", "200", "-q"]
        other = [sys.executable, "-c", GPXPY_SUMS, str(path)]
        ratios = [process(mine) / process(other) for _ in range(runs)]
        lines.append(row(f"{name}, whole process / gpxpy without lxml reading and summing", ratios))
    return lines


def planning(runs: int) -> list[str]:
    """Plans of sleep on the sample course, against one estimate without draws."""
    lines = [
        "",
        "## Plans of sleep / one estimate, Tor des Géants",
        "",
        "| | ratio | lowest | highest |",
    ]
    lines.append("|---|---|---|---|")
    for what, task in (("the search", SEARCHED), ("with an estimate of each plan", PLANNED)):
        lines.append(row(what, pairs(task, ESTIMATE, SAMPLE, runs)))
    return lines


def pairs(a: str, b: str, path: Path, runs: int) -> list[float]:
    """Ratios a / b, one of each in turn."""
    return [seconds(a, path) / seconds(b, path) for _ in range(runs)]


def row(name: str, ratios: list[float]) -> str:
    """A line of a table."""
    middle = statistics.median(ratios)
    return f"| {name} | {middle:.2f} | {min(ratios):.2f} | {max(ratios):.2f} |"


def seconds(code: str, path: Path) -> float:
    """Processor time of the timed part of a task in a fresh process."""
    return float(printed(code + END, path))


def printed(code: str, path: Path | None) -> str:
    """What a task prints in a fresh process."""
    command = [sys.executable, "-c", HEAD + code, *([str(path)] if path else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()[-1]


def process(command: list[str]) -> float:
    """Processor time of a whole process, start-up included."""
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def made(path: Path, points: int, *, timed: bool = False, seed: int = 1) -> Path:
    """A seeded GPX file, indented, one element a line."""
    dice = random.Random(seed)
    lat, lon, height = 45.8, 7.0, 1500.0
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="made"')
        out.write(' xmlns="http://www.topografix.com/GPX/1/1"')
        out.write(' xmlns:tpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n')
        out.write("  <trk>\n    <name>made</name>\n    <trkseg>\n")
        for k in range(points):
            lat += dice.uniform(-1e-4, 1e-4)
            lon += dice.uniform(0.0, 1e-4)
            height += dice.uniform(-2.0, 2.0) + 0.01 * (1500.0 - height)
            out.write(f'      <trkpt lat="{lat:.6f}" lon="{lon:.6f}">\n')
            out.write(f"        <ele>{height:.1f}</ele>\n")
            if timed:
                out.write(f"        <time>2026-01-{1 + k // 86400:02d}T{k // 3600 % 24:02d}:")
                out.write(f"{k // 60 % 60:02d}:{k % 60:02d}Z</time>\n        <extensions>\n")
                out.write("          <tpx:TrackPointExtension>\n")
                out.write(f"            <tpx:hr>{dice.randint(100, 170)}</tpx:hr>\n")
                out.write("          </tpx:TrackPointExtension>\n        </extensions>\n")
            out.write("      </trkpt>\n")
        out.write("    </trkseg>\n  </trk>\n</gpx>\n")
    return path


if __name__ == "__main__":
    main()
