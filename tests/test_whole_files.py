"""What is written: whole or not at all, never in the place of a device, a link or an input."""

from __future__ import annotations

import os
import random
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gpxstage import folder
from gpxstage.course import CourseError, WishError
from gpxstage.facts.analysis import analyze
from gpxstage.racefile import load
from gpxstage.racefile.write import first_race_file

Call = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, links and signals of POSIX")

COMMAND = "import sys; from gpxstage.cli import main; sys.argv[0] = 'gpxstage'; main()"


def gpx(km: int = 6, name: str = "", waypoints: str = "") -> bytes:
    points = "".join(
        f'<trkpt lat="{46.0 + 0.0009 * k:.6f}" lon="7.0"><ele>{1000 + 10 * (k % 20)}</ele></trkpt>'
        for k in range(10 * km + 1)
    )
    track = f"<trk><name>{name}</name><trkseg>{points}</trkseg></trk>"
    return f"<gpx>{waypoints}{track}</gpx>".encode()


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    path = tmp_path / "hill.gpx"
    path.write_bytes(gpx())
    return path


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """A folder of three stages."""
    inside = tmp_path / "days"
    inside.mkdir()
    for k in (1, 2, 3):
        (inside / f"{k}.gpx").write_bytes(gpx(4, f"Day {k}"))
    return inside


# what is there already


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"before")
    path.chmod(mode)
    folder.write_file(path, b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, data = tmp_path / "pipe", b"x" * 300_000  # more than a pipe holds
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    folder.write_file(pipe, data)
    reader.join(20.0)
    assert got == [data]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    folder.write_file("/dev/null", b"gone")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    folder.write_file(link, b"gone")
    assert link.is_symlink()


def test_an_open_file_by_its_number_is_added_to(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"first\n")
    with log.open("ab") as stream:
        folder.write_file(f"/dev/fd/{stream.fileno()}", b"second\n")
    assert log.read_bytes() == b"first\nsecond\n"


def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    folder.write_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"


def test_a_loop_of_links_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CourseError, match="a: cannot be written"):
        folder.write_file(tmp_path / "a", b"x")


def test_all_or_nothing(tmp_path: Path) -> None:
    """One name that is taken by a folder, and none of the others changes."""
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "b").mkdir()
    with pytest.raises(CourseError, match="b: cannot be written: it is a folder"):
        folder.write_all(tmp_path, {"a": b"after", "c": b"new", "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


# an output that is an input


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_a_picture_never_replaces_its_track(hill: Path, call: Call, link: str) -> None:
    picture, before = hill.with_name("race.png"), hill.read_bytes()
    if link == "hard":
        os.link(hill, picture)
    else:
        picture.symlink_to(hill)
    code, _, err = call("plot", hill, "-o", picture, "--draws", 0)
    assert code == 2
    assert "race.png: is a file that is read" in err
    assert hill.read_bytes() == before


@pytest.mark.parametrize(
    "wish", [("--runner", "me.toml"), ("--past", "other.gpx", "1:30")], ids=["runner", "past"]
)
def test_other_inputs_are_inputs_too(
    hill: Path, call: Call, monkeypatch: pytest.MonkeyPatch, wish: tuple[str, ...]
) -> None:
    monkeypatch.chdir(hill.parent)
    Path("me.toml").write_text("schema = 1\nflat_speed_mps = 3.2\n")
    Path("other.gpx").write_bytes(gpx(8))
    os.link(wish[1], "race.png")
    before = Path("race.png").read_bytes()
    assert call("plot", hill, *wish, "-o", "race.png", "--draws", 0)[0] == 2
    assert Path("race.png").read_bytes() == before


@pytest.mark.usefixtures("few_plans")
def test_a_report_never_replaces_its_track(hill: Path, call: Call) -> None:
    out = hill.with_name("out")
    out.mkdir()
    (out / "race.gpx").symlink_to(hill)
    before = hill.read_bytes()
    code, _, err = call("report", hill, "-o", out, "--draws", 0)
    assert (code, hill.read_bytes()) == (2, before)
    assert "race.gpx: is a file that is read" in err
    assert [path.name for path in out.iterdir()] == ["race.gpx"]


def test_a_split_never_replaces_its_track(hill: Path, call: Call) -> None:
    out = hill.with_name("out")
    out.mkdir()
    os.link(hill, out / "1.gpx")
    before = hill.read_bytes()
    assert call("split", hill, "--at", "3", "-o", out)[0] == 2
    assert hill.read_bytes() == before


def test_a_name_in_no_way_an_input_is_written(hill: Path, call: Call) -> None:
    with pytest.raises(WishError):
        folder.write_file(hill, b"x", inputs=[hill])
    assert call("plot", hill, "-o", hill.with_name("new.png"), "--draws", 0)[0] == 0


def test_a_fit_is_written_with_its_picture_or_not_at_all(tmp_path: Path, call: Call) -> None:
    """A recording under the name of the picture: the runner file stays what it was, too."""
    recording, runner = tmp_path / "run.gpx", tmp_path / "me.toml"
    begin, rows = datetime(2026, 5, 3, 6, tzinfo=UTC), []
    after_s, scatter = 0.0, random.Random(7)
    for k in range(1500):  # down in about 4 s a step, up in 7 s; a plan would go evenly
        step = k % 400
        if k % 15 == 0:
            pace = scatter.uniform(0.8, 1.3)
        after_s += pace * (4.0 if step < 200 else 7.0)
        when = f"{begin + timedelta(seconds=round(after_s)):%Y-%m-%dT%H:%M:%SZ}"
        rows.append(
            f'<trkpt lat="{46.0 + 0.0001 * k:.6f}" lon="7.0"><ele>{1000 + abs(step - 200)}</ele>'
            f"<time>{when}</time></trkpt>"
        )
    recording.write_text(f"<gpx><trk><trkseg>{''.join(rows)}</trkseg></trk></gpx>")
    words = ("fit", recording, "-o", runner, "--plot")
    assert call(*words, tmp_path / "a.png")[0] == 0
    before = runner.read_bytes()
    os.link(recording, tmp_path / "b.png")
    assert call(*words, tmp_path / "b.png", "--body", 90)[0] == 2
    assert runner.read_bytes() == before
    assert call("fit", recording, "-o", tmp_path / "c.png", "--plot", tmp_path / "c.png")[0] == 2
    assert not (tmp_path / "c.png").exists()


# a second report into one folder


@pytest.mark.usefixtures("few_plans")
def test_a_report_removes_what_an_earlier_one_left(days: Path, call: Call) -> None:
    out = days.with_name("out")
    assert call("report", days, "-o", out, "--draws", 0)[0] == 0
    (out / "stage-9.gpx").write_text("my own")
    (out / "notes.txt").write_text("my own")
    (out / "stage-2.gpx").write_text("my own")  # what somebody has changed stays with a note
    first = {path.name for path in out.iterdir()}
    code, _, err = call("report", days / "1.gpx", "-o", out, "--draws", 0)
    assert code == 0
    left = {path.name for path in out.iterdir()}
    gone = {"stage-2.png", "stage-3.png", "stage-1.gpx", "stage-3.gpx"}
    fit = {"stage-1.fit", "stage-2.fit", "stage-3.fit"} & first  # with the extra [fit]
    assert first - left == gone | fit
    assert {"stage-9.gpx", "notes.txt", "stage-1.png"} <= left
    assert (out / "stage-2.gpx").read_text() == "my own"
    assert "note: stage-2.gpx: an earlier report wrote it, and it has been changed since" in err


@pytest.mark.parametrize("name", ["../mine.gpx", "/mine.gpx", ".hidden", "sub/a.gpx"])
def test_a_list_that_leads_elsewhere_removes_nothing(hill: Path, name: str) -> None:
    mine = hill.with_name("mine.gpx")
    mine.write_bytes(b"")
    out = hill.with_name("out")
    (out / "sub").mkdir(parents=True)
    for path in (out / ".hidden", out / "sub/a.gpx"):
        path.write_bytes(b"")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
    (out / folder.LIST).write_text(f"{digest}  {name}\n")
    few = folder.Form(pictures=False, pages=False)
    assert folder.write(analyze(load(hill), draws=0), out, few)
    assert all(path.exists() for path in (mine, out / ".hidden", out / "sub/a.gpx"))


# a signal


SLOW = """
import os, sys, time
from gpxstage import folder
fill = folder._fill
def slow(*given):
    fill(*given)
    print("half", flush=True)
    time.sleep(0.2)
folder._fill = slow
from gpxstage.cli import main
sys.argv[0] = 'gpxstage'
main()
"""


@pytest.fixture
def signals() -> Iterator[None]:
    """Signals that nobody ignores: a shell ignores some of what it runs in the background."""
    usual = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_folder_as_it_was(hill: Path, call: Call, number: int) -> None:
    """It comes when some of the new files are written beside the old ones."""
    out = hill.with_name("out")
    assert call("split", hill, "-o", out, "--every", "1km")[0] == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(before) > 5
    words = ["split", str(hill), "-o", str(out), "--every", "1.4km"]
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        for _ in range(2):
            assert running.stdout.readline() == b"half\n"
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.usefixtures("signals")
def test_a_signal_waits_for_the_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def interrupted(*given: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        time.sleep(0)  # where Python looks for signals
        replace(*given)

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.write_all(tmp_path, {"a": b"1", "b": b"2"})
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"1", b"2"]


def test_a_report_that_is_interrupted_leaves_the_earlier_one(
    days: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files, its list, and those that the later one would remove."""
    few, out = folder.Form(pictures=False, pages=False), days.with_name("out")
    folder.write(analyze(load(days), draws=0), out, few)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    fdopen, opened = os.fdopen, []

    def interrupted(*given: Any, **how: Any) -> Any:
        opened.append(given)
        if len(opened) == 3:
            raise KeyboardInterrupt
        return fdopen(*given, **how)

    monkeypatch.setattr("os.fdopen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.write(analyze(load(days / "1.gpx"), draws=0), out, few)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


# init


CSV = "name,km,kind,cutoff\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Hut,4,aid,\nHut,2,aid,\n", "points go in the order they are passed"),
        ("Hut,9,aid,\n", "is past the end"),
        ("Hut,,aid,\n", "has no waypoint of that name"),
        ("Hut,2,aid,3026-09-04 19:00\n", "out of range"),
    ],
)
def test_init_writes_no_race_file_that_it_would_refuse(
    hill: Path, call: Call, rows: str, said: str
) -> None:
    table, output = hill.with_name("points.csv"), hill.with_name("race.toml")
    table.write_text(CSV + rows, "utf-8")
    clock = ("--timezone", "Europe/Rome", "--start", "2026-09-04T10:00")
    code, _, err = call("init", hill, "--points", table, *clock, "-o", output)
    assert code == 1
    assert "points.csv: makes no race file that can be read: " in err
    assert said in err
    assert not output.exists()


def test_init_names_no_two_files_alike(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.gpx").write_bytes(gpx())
    with pytest.raises(CourseError, match=r"1\.gpx: two files have that name"):
        first_race_file(tmp_path / "a/1.gpx", tmp_path / "b/1.gpx", beside=tmp_path / "c")
    with pytest.raises(CourseError, match=r"1\.gpx: the folder of the race file has another"):
        first_race_file(tmp_path / "a/1.gpx", beside=tmp_path / "b")


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_init_into_standard_output(hill: Path, kind: str) -> None:
    race = hill.with_name("race.toml")
    with race.open("wb") as stream:
        ran = subprocess.run(
            [sys.executable, "-c", COMMAND, "init", str(hill), "-o", "/dev/stdout"],
            stdout=subprocess.PIPE if kind == "pipe" else stream,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    if kind == "pipe":
        race.write_bytes(ran.stdout)
    assert re.search(rb'^gpx = "hill\.gpx"$', race.read_bytes(), re.MULTILINE)
    assert len(load(hill.parent).stages) == 1
