"""What a batch of many races costs, and whether it survives being killed: docs/scale.md.

Each table is measured on made files: hills of 3,000 to 10,000 points, different in each. Times are
of whole processes. Run it on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmark import compiled, made

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scale.md"
TRIMMED = ("--draws", "0", "--no-plots", "--no-page")
POINTS = (3000, 10000)  # the quartiles of 22 files of organisers are 3,300 and 9,700
KILLED_RACES = 12

GPXPY = """
import sys
sys.modules["lxml"] = None
import gpxpy
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        gpxpy.parse(file)
"""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processors, and the most memory in MiB."""

    clock_s: float
    processor_s: float
    parent_mib: float = 0.0
    worker_mib: float = 0.0


def main() -> None:
    """Measure, print, and write the page when asked to."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--races", type=int, default=200, help="races of the timed batches")
    options.add_argument("--kills", type=int, default=30, help="kills at random moments")
    options.add_argument("--seed", type=int, default=1, help="seed of those moments")
    options.add_argument("--write", action="store_true", help="write docs/scale.md")
    given = options.parse_args()
    compiled()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sections = [
            costs(folder, given.races),
            workers(folder, given.races),
            memory(folder),
            kills(folder, given.kills, given.seed),
        ]
    text = (ROOT / "scripts" / "scale_head.md").read_text(encoding="utf-8")
    machine = f"{platform.python_implementation()} {platform.python_version()},"
    machine += f" {platform.machine()}, {os.cpu_count()} cores; {_extras()}."
    text += "\n" + machine + "\n\n" + "\n".join(sections)
    print(text)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")


def _extras() -> str:
    """Which extras are there: they decide on the files of a folder."""
    wanted = {"web": "icalendar", "fit": "garmin_fit_sdk"}
    found = [f"[{name}]" for name, module in wanted.items() if importlib.util.find_spec(module)]
    return "extras " + (" and ".join(found) or "none")


def season(
    folder: Path, count: int, points: tuple[int, int] = POINTS, *, timed: bool = False
) -> Path:
    """A folder of *count* made files, with clock and heart rate where they are *timed*."""
    path = folder / f"season-{count}-{points[1]}{'-timed' if timed else ''}"
    if not path.exists():
        path.mkdir()
        dice = random.Random(7)
        for k in range(count):
            made(path / f"{k}.gpx", dice.randint(*points), timed=timed, seed=k)
    return path


def command(source: Path, out: Path, *more: str) -> list[str]:
    """The command line of a batch."""
    return [sys.executable, "-m", "gpxstage", "batch", str(source), "-o", str(out), "-q", *more]


def cost(arguments: list[str], *, memory: bool = False) -> Cost:
    """What a process and its children take."""
    begin, before = time.monotonic(), os.times()
    process = subprocess.Popen(arguments, env=os.environ | {"PYTHONPATH": str(ROOT)})
    parent = worker = 0.0
    while memory and process.poll() is None:
        parent = max(parent, _peak_mib(process.pid))
        worker = max([worker, *(_peak_mib(child) for child in children(process.pid))])
        time.sleep(0.02)
    if process.wait():
        raise SystemExit(f"{' '.join(arguments[:6])} ended with {process.returncode}")
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return Cost(time.monotonic() - begin, spent, parent, worker)


def _peak_mib(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024.0 for line in lines if line.startswith("VmHWM")), 0.0)


def children(parent: int) -> list[int]:
    """The workers of a batch, by /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            ancestor = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            is_worker = ancestor == parent and b"spawn_main" in (path / "cmdline").read_bytes()
        except OSError:
            continue
        if is_worker:
            found.append(int(path.name))
    return found


def costs(folder: Path, count: int) -> str:
    """What each part of a race folder costs, against gpxpy's parser alone."""
    few = max(10, count // 5)
    plain = season(folder, count)
    small, timed = season(folder, few), season(folder, few, timed=True)
    parse_s = {source: _of_gpxpy(source) / races(source) for source in (plain, small, timed)}
    lines = [
        "## What a race costs\n",
        "Files of 3,000 to 10,000 points with heights; those of the second row have a clock and a"
        " heart rate, too. Processor time of one worker, the start of the program included, whose"
        " modules have their bytecode, as an installation makes it;"
        f" gpxpy without lxml takes {1000.0 * parse_s[plain]:.0f} ms a file, and"
        f" {1000.0 * parse_s[timed]:.0f} ms of the second row's, merely to parse the same.\n",
        "| options | races | ms a race | hours for a million, one core | gpxpy / this |",
        "| --- | --- | --- | --- | --- |",
    ]
    for options, source in (
        (TRIMMED, plain),
        (TRIMMED, timed),
        (("--no-plots", "--no-page"), plain),
        (("--draws", "0", "--no-plots"), small),
        (("--draws", "0", "--no-page"), small),
        ((), small),
    ):
        out = folder / f"cost-{source.name}-{'-'.join(options)}"
        spent = cost(command(source, out, "--jobs", "1", *options))
        share = parse_s[source] / (spent.processor_s / races(source))
        shown = f"`{' '.join(options)}`" if options else "none: all files"
        lines.append(_cost_row(shown, spent, source, f"{share:.1f}"))
    out = folder / f"cost-{plain.name}-{'-'.join(TRIMMED)}"
    again = cost(command(plain, out, "--jobs", "1", *TRIMMED))
    lines.append(_cost_row("the first once more: all up to date", again, plain, ""))
    return "\n".join(lines) + "\n"


def _cost_row(shown: str, spent: Cost, source: Path, share: str) -> str:
    one_s = spent.processor_s / races(source)
    hours = 1e6 * one_s / 3600.0
    return f"| {shown} | {races(source)} | {1000.0 * one_s:.1f} | {hours:.1f} | {share} |"


def races(source: Path) -> int:
    """How many files a season has."""
    return sum(1 for _ in source.iterdir())


def _of_gpxpy(source: Path) -> float:
    return cost([sys.executable, "-c", GPXPY, *map(str, source.iterdir())]).processor_s


def workers(folder: Path, count: int) -> str:
    """Two workers against one, bracketed by runs of one."""
    source, options = season(folder, count), ("--no-page", "--draws", "200", "--no-plots")
    lines = ["## Two workers against one\n"]
    lines += [f"{count} races, draws and no pictures, on the clock.\n"]
    lines += ["| workers | seconds | races a second |", "| --- | --- | --- |"]
    found = []
    for k, jobs in enumerate((1, 2, 1, 2, 1)):
        spent = cost(command(source, folder / f"workers-{k}", "--jobs", str(jobs), *options))
        found.append(spent.clock_s)
        lines.append(f"| {jobs} | {spent.clock_s:.1f} | {count / spent.clock_s:.1f} |")
    one, two = sum(found[::2]) / 3.0, sum(found[1::2]) / 2.0
    return "\n".join(lines) + f"\n\nTwo workers are {one / two:.2f} times as fast as one.\n"


def memory(folder: Path) -> str:
    """Peaks of 100 and of 1,000 races."""
    lines = [
        "## Memory\n",
        "The peaks of the parent and of the largest of two workers.\n",
        "| races | parent, MiB | worker, MiB |",
        "| --- | --- | --- |",
    ]
    peaks = []
    for count in (100, 1000):
        source = season(folder, count, (500, 1500))
        found = cost(command(source, folder / f"mem-{count}", "--jobs", "2", *TRIMMED), memory=True)
        peaks.append(found.parent_mib + found.worker_mib)
        lines.append(f"| {count:,} | {found.parent_mib:.1f} | {found.worker_mib:.1f} |")
    return "\n".join(lines) + f"\n\n1,000 races take {peaks[1] / peaks[0]:.2f} times as much.\n"


def kills(folder: Path, count: int, seed: int) -> str:
    """Kills at random moments, each followed by a run that has to leave the same bytes."""
    source, dice = season(folder, KILLED_RACES), random.Random(seed)
    calm = folder / "calm"
    usual = cost(command(source, calm, "--jobs", "2", *TRIMMED))
    same, hit = 0, 0
    for k in range(count):
        out = folder / f"killed-{k}"
        arguments = command(source, out, "--jobs", "2", *TRIMMED)
        process = subprocess.Popen(
            arguments, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(0.3, 1.0) * usual.clock_s)
        hit += _kill_one(process, dice)
        process.wait()
        cost(arguments)
        same += digest(out) == digest(calm)
    return (
        "## Kills\n\n"
        f"{count} runs over {KILLED_RACES} races were hit at a random moment (seed {seed}): the"
        " parent by SIGKILL or SIGTERM, or a worker by SIGKILL."
        f" {hit} of the signals met a process that was still there. After the next run,"
        f" {same} of {count} folders had the bytes of a run that nothing had disturbed.\n"
    )


def _kill_one(process: subprocess.Popen[bytes], dice: random.Random) -> bool:
    found = children(process.pid)
    who, number = dice.choice(
        [(process.pid, signal.SIGKILL), (process.pid, signal.SIGTERM)]
        + [(child, signal.SIGKILL) for child in found]
    )
    if process.poll() is not None:
        return False
    try:
        os.kill(who, number)
    except ProcessLookupError:
        return False
    return True


def digest(folder: Path) -> str:
    """All names and bytes below a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(path.relative_to(folder).as_posix().encode())
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()


if __name__ == "__main__":
    main()
