"""A batch that is stopped or killed, and the next one: the same bytes as without that."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from made import Gpxstage, gpx, points
from test_batch import PLAIN, rows, tree

import gpxstage
from gpxstage.batch import place
from gpxstage.batch.races import find
from gpxstage.batch.run import LOCK
from gpxstage.batch.run import run as run_batch
from gpxstage.facts.analysis import Report, analyze
from gpxstage.folder import Form
from gpxstage.racefile import load

SOURCE = str(Path(gpxstage.__file__).parents[1])
COUNT = 4
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """Some races, one of which is broken."""
    path = tmp_path / "season"
    path.mkdir()
    for k in range(COUNT):
        (path / f"{k}.gpx").write_text(gpx(points(161 + 20 * k)), encoding="utf-8")
    (path / "broken.gpx").write_text("<gpx>", encoding="utf-8")
    return path


def started(season: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gpxstage", "batch", str(season), "-o", str(out), *more]
    return subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": SOURCE},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def children(parent: int) -> list[int]:
    """The workers of a batch: its children that were spawned to work."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status = (path / "stat").read_text().rpartition(")")[2].split()
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and b"spawn_main" in command:
            found.append(int(path.name))
    return sorted(found)


def until(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.02)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are listed in /proc, which is not here"
)


def test_a_second_run_makes_nothing_anew_but_what_has_changed(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert "4 races made" in run("batch", season, "-o", out, *PLAIN).err
    before, written = tree(out), (out / "1" / "report.json").stat().st_mtime_ns
    assert "0 races made" in run("batch", season, "-o", out, *PLAIN).err
    assert tree(out) == before
    assert (out / "1" / "report.json").stat().st_mtime_ns == written
    (season / "2.gpx").write_text(gpx(points(400)), encoding="utf-8")
    assert "1 race made" in run("batch", season, "-o", out, *PLAIN).err
    assert {name for name, data in tree(out).items() if data != before[name]} >= {
        *("2/report.json", "summary.csv", "summary.json", "index.html")
    }
    back = ("batch", season, "-o", out, *PLAIN, "--level", "back")
    assert "4 races made" in run(*back).err
    assert "4 races made" in run(*back, "--force").err


def test_a_damaged_file_is_made_again_and_files_of_others_stay(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run("batch", season, "-o", out, *PLAIN)
    before = tree(out)
    (out / "1" / "report.json").write_bytes(b"\0" * 100)  # as after a loss of power
    (out / "1" / "my notes.txt").write_text("mine", encoding="utf-8")
    (out / "2" / "splits.csv").unlink()
    assert "2 races made" in run("batch", season, "-o", out, *PLAIN).err
    assert tree(out) == before | {"1/my notes.txt": b"mine"}


def test_a_race_that_has_become_unreadable_leaves_no_outdated_folder(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run("batch", season, "-o", out, *PLAIN)
    (season / "1.gpx").write_text("<gpx>", encoding="utf-8")
    assert "2 of 5 races could not be made" in run("batch", season, "-o", out, *PLAIN).err
    assert not (out / "1").exists()


def test_what_a_killed_run_left_of_a_race_that_is_gone_is_brought_into_order(
    run: Gpxstage, hill: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / f"{place.PART}gone").mkdir(parents=True)
    place.put(out, "moved", {"report.json": b"old"}, {"k": 1})
    (out / "moved").rename(out / f"{place.OLD}moved")
    assert run("batch", hill, "-o", out, *PLAIN).code == 0
    assert not list(out.glob(f"{place.PART}*")) + list(out.glob(f"{place.OLD}*"))
    assert (out / "moved" / "report.json").read_bytes() == b"old"


def test_a_folder_that_no_batch_wrote_is_not_touched(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "out" / "1"
    mine.mkdir(parents=True)
    (mine / "race.gpx").write_text("mine", encoding="utf-8")
    run("batch", season, "-o", tmp_path / "out", *PLAIN)
    assert tree(mine) == {"race.gpx": b"mine"}
    assert "no batch wrote it" in rows(tmp_path / "out")[1]["error"]


@needs_proc
def test_after_a_kill_the_next_run_leaves_what_an_undisturbed_one_does(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    run("batch", season, "-o", tmp_path / "calm", *PLAIN)
    out, chance = tmp_path / "out", random.Random(1)
    for number in (signal.SIGKILL, signal.SIGTERM):
        batch = started(season, out, *PLAIN[:-2], "--jobs", "2", "--force")
        until(lambda batch=batch: len(children(batch.pid)) == 2 or batch.poll() is not None)
        time.sleep(chance.uniform(0.0, 1.0))
        batch.send_signal(number)
        batch.communicate(timeout=60)
    assert run("batch", season, "-o", out, *PLAIN).code == 1
    assert tree(out) == tree(tmp_path / "calm")


@needs_proc
def test_a_worker_that_is_killed_costs_nothing(run: Gpxstage, season: Path, tmp_path: Path) -> None:
    (season / "3.gpx").unlink()
    options = ("--draws", "0", "--no-page", "--jobs", "1")
    run("batch", season, "-o", tmp_path / "calm", *options)
    out = tmp_path / "out"
    batch = started(season, out, *options)
    until(lambda: list(out.glob("[0-9]/race.png")) or batch.poll() is not None)
    (worker,) = children(batch.pid)
    os.kill(worker, signal.SIGKILL)
    _, err = batch.communicate(timeout=60)
    assert (batch.returncode, "3 races made" in err) == (1, True), err  # one is broken
    assert tree(out) == tree(tmp_path / "calm")


class Deadly:
    """Wishes that end the process where the race is called 3, as a lack of memory would."""

    key = "deadly"
    reads = ()

    def moved(self, places: object) -> Deadly:
        return self

    def report(self, path: str) -> tuple[Report, Form]:
        if Path(path).stem == "3":
            os.kill(os.getpid(), signal.SIGKILL)
        return analyze(load(path), draws=0), Form(pictures=False, pages=False)

    def explain(self, error: Exception) -> str:
        return str(error)


def test_a_race_that_kills_its_workers_is_an_error_and_others_are_made(
    season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outcome = run_batch(Deadly(), find([str(season)], str(out)).races, str(out), jobs=2)
    assert outcome.made == COUNT - 1
    assert [source for source, _ in outcome.errors] == ["3.gpx", "broken.gpx"]
    assert "died twice" in outcome.errors[0][1]
    assert not list(out.glob(".gpxstage-part*"))


@needs_proc
def test_a_second_run_into_one_folder_is_refused(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    batch = started(season, out, "--jobs", "1", "--draws", "5000")
    until((out / LOCK).exists)
    until(lambda: children(batch.pid) or batch.poll() is not None)
    second = run("batch", season, "-o", out, *PLAIN)
    batch.kill()
    batch.communicate(timeout=60)
    assert (second.code, "another run is writing into this folder" in second.err) == (1, True)
    assert run("batch", season, "-o", out, *PLAIN).code == 1  # the lock went with its holder
    assert len(list(out.glob("*/report.json"))) == COUNT


def nothing_but_a_part(out: Path) -> None:
    (out / f"{place.PART}a").mkdir()
    (out / f"{place.PART}a" / "report.json").write_bytes(b"ne")


def former_moved(out: Path) -> None:
    nothing_but_a_part(out)
    (out / "a").rename(out / f"{place.OLD}a")


def both_there(out: Path) -> None:
    (out / "a").rename(out / f"{place.OLD}a")
    place.put(out / "elsewhere", "a", NEW, {"k": 2})
    (out / "elsewhere" / "a").rename(out / "a")


def former_half_removed(out: Path) -> None:
    both_there(out)
    (out / f"{place.OLD}a" / "report.json").unlink()


NEW = {"report.json": b"new"}
STATES = (nothing_but_a_part, former_moved, both_there, former_half_removed)


@pytest.mark.parametrize("state", STATES)
def test_every_state_in_which_a_run_can_be_killed_is_brought_into_order(
    tmp_path: Path, state: Callable[[Path], None]
) -> None:
    out = tmp_path / "out"
    (out / "elsewhere").mkdir(parents=True)
    place.put(out, "a", {"report.json": b"old", "index.html": b"old"}, {"k": 1})
    (out / "a" / "notes.txt").write_bytes(b"mine")
    state(out)
    place.settle_all(out)
    assert sorted(path.name for path in out.iterdir()) in (["a", "elsewhere"], ["elsewhere"])
    place.put(out, "a", NEW, {"k": 2})
    (out / "elsewhere").rmdir()
    assert tree(out).keys() == {
        *("a/report.json", "a/notes.txt", "a/.gpxstage-files", "a/.gpxstage-race")
    }
    assert place.manifest(out / "a") == {"k": 2}
