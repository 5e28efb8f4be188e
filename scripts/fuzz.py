#!/usr/bin/env python3
"""Feed gpxstage seeded nonsense, and report whatever breaks a promise of docs/reliability.md.

Usage: python scripts/fuzz.py [--count N] [--seed N] [--only N] [--minutes M] [--keep DIR]

Each input is a made sample (GPX, race folder, table of points, runner file) with some mutations,
and a command with options, some of them nonsense as well. All run in this process, through the
command line or the library. Promised is: exit 0, 1 or 2; an error is one line, without a
traceback; nothing else than notes on stderr; no NaN in JSON; no hours below 0 or above 1,000;
less than 512 MiB; less than 5 s. --only runs one input again and shows its traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fuzzing import commands, samples

from gpxstage.cli import main as gpxstage
from gpxstage.course import CourseError
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import json_text
from gpxstage.racefile import load

MOST_S, MOST_MIB, MOST_HOURS = 5.0, 512, 1000.0
HANG_S = 30  # after which an input is ended
COURSE_M = 2_000_000.0  # a longer course may well take 1,000 hours
SHOWN = 3  # inputs named for each kind of finding


class Ran(NamedTuple):
    """What one input did."""

    code: int | None
    out: str
    err: str
    broke: str  # the place of an exception that nobody caught; else empty


class HangError(BaseException):
    """An input that does not come to an end."""


def main() -> None:
    """Run the inputs, print the findings, and exit 1 where there are any."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=2000, help="how many inputs")
    options.add_argument("--seed", type=int, default=1, help="of all of them")
    options.add_argument("--first", type=int, default=0, help="number of the first input")
    options.add_argument("--only", type=int, help="run one input again, with its traceback")
    options.add_argument("--minutes", type=float, default=60.0, help="at most")
    options.add_argument("--keep", help="a folder for the inputs of findings")
    given = options.parse_args()
    os.environ["GPXSTAGE_DEBUG"] = "1"  # an error that nobody foresaw comes here
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _hangs)
    numbers = range(given.first, given.first + given.count)
    numbers = numbers if given.only is None else range(given.only, given.only + 1)
    found: dict[str, list[str]] = {}
    codes: Counter[int | None] = Counter()
    until = time.monotonic() + 60.0 * given.minutes
    done = 0
    for number in numbers:
        if time.monotonic() > until:
            break
        with tempfile.TemporaryDirectory() as folder:
            code, findings, shown = one(given.seed, number, Path(folder))
            done += 1
            codes[code] += 1
            for finding in findings:
                found.setdefault(finding, []).append(f"{number}: {shown}")
                print(f"finding {finding}: {number}: {shown}", flush=True)
            if findings and given.keep:
                shutil.copytree(folder, Path(given.keep, str(number)), dirs_exist_ok=True)
    ended = ", ".join(f"{count} with {code}" for code, count in sorted(codes.items(), key=str))
    print(f"{done:,} inputs of seed {given.seed}: {ended}; {len(found)} kinds of findings")
    for finding, where in sorted(found.items()):
        print(f"{len(where)} times {finding}")
        print("\n".join(f"    {line}" for line in where[:SHOWN]))
    sys.exit(1 if found else 0)


def one(seed: int, number: int, folder: Path) -> tuple[int | None, list[str], str]:
    """Run one input: its exit code, which promises it breaks, and the command."""
    dice = random.Random(f"{seed}/{number}")
    paths = samples.write(dice, folder)
    before = time.process_time()
    with contextlib.suppress(OSError):  # Linux forgets the peak of what ran before
        Path("/proc/self/clear_refs").write_text("5")
    if dice.random() < 0.1:
        shown = f"library {paths.source}"
        ran = within(lambda: _library(paths.source))
    else:
        arguments = commands.make(dice, paths)
        shown = " ".join(map(repr, arguments))
        ran = within(lambda: gpxstage(arguments))
    taken_s = time.process_time() - before
    findings = list(broken(ran))
    if taken_s > MOST_S:
        findings.append(f"more than {MOST_S:g} s")
    if peak_mib() > MOST_MIB:
        findings.append(f"more than {MOST_MIB} MiB")
    return ran.code, findings, shown


def peak_mib() -> float:
    """The most memory since the peak was forgotten, where Linux says; else of the process."""
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def within(task: Callable[[], object]) -> Ran:
    """Run a task with its output caught and its time bounded."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: int | None = 0
    broke = ""
    signal.alarm(HANG_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            task()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except (Exception, HangError) as error:
        code, broke = None, _place(error)
        if "--only" in sys.argv:
            traceback.print_exc()
    finally:
        signal.alarm(0)
    texts = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err)]  # type: ignore[attr-defined]
    return Ran(code, *texts, broke)


def broken(ran: Ran) -> Iterator[str]:
    """Which promises the output breaks."""
    if ran.broke:
        yield ran.broke
        return
    if ran.code not in (0, 1, 2):
        yield f"exit {ran.code}"
    lines = ran.err.splitlines()
    errors = [line for line in lines if line.startswith(("gpxstage:", "Error:"))]
    usage = ("Usage:", "Try '", "note: ")
    others = [line for line in lines if line and line not in errors and not line.startswith(usage)]
    if ran.code in (1, 2) and len(errors) != 1 and not (ran.code == 1 and ran.out):
        yield f"{len(errors)} error lines with exit {ran.code}"
    if any(word in ran.err for word in ("Traceback", "unforeseen")) or any(
        "Warning" in line for line in others
    ):
        yield f"on stderr: {others[0][:80] if others else errors[0][:80]}"
    if ran.code == 0 and ran.out.startswith("{"):
        try:
            yield from impossible(json.loads(ran.out, parse_constant=_no_number))
        except ValueError as error:
            yield f"JSON: {str(error)[:60]}"


def impossible(facts: Any) -> Iterator[str]:
    """Times of a report that nobody can take."""
    length_m = facts.get("length_m") if isinstance(facts, dict) else None
    if isinstance(length_m, int | float) and length_m > COURSE_M:
        return
    for key, value in _numbers(facts, ""):
        if not 0.0 <= value / 3600.0 <= MOST_HOURS:
            yield f"{key} is {value / 3600.0:.0f} hours"


def _numbers(node: Any, key: str) -> Iterator[tuple[str, float]]:
    """Durations of a report, with their keys."""
    if isinstance(node, dict):
        for name, value in node.items():
            within_ = name if name.endswith("_s") or not key.endswith("_s") else key
            yield from _numbers(value, within_)
    elif isinstance(node, list):
        for value in node:
            yield from _numbers(value, key)
    elif isinstance(node, int | float) and key in ("moving_s", "elapsed_s", "arrival_s"):
        yield key, float(node)


def _library(source: Path) -> None:
    """Load and analyze; what a person can fix is a CourseError."""
    with contextlib.suppress(CourseError, FileNotFoundError):
        course = load(source if source.is_dir() else source.read_bytes())
        json.loads(json_text(analyze(course, draws=5).facts), parse_constant=_no_number)


def _no_number(word: str) -> None:
    raise ValueError(f"holds {word}")


def _place(error: BaseException) -> str:
    """Kind and place of an exception, in gpxstage where it came through there."""
    frames = list(traceback.extract_tb(error.__traceback__))
    own = [frame for frame in frames if f"{os.sep}gpxstage{os.sep}" in frame.filename] or frames
    last = own[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno} {last.name}"


def _hangs(*_: object) -> None:
    raise HangError


if __name__ == "__main__":
    main()
