"""What a batch shows while it works: a bar on a real terminal, plain lines anywhere else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made import gpx, points

import gpxstage

SOURCE = str(Path(gpxstage.__file__).parents[1])
PLAIN = ("--draws", "0", "--no-plots", "--no-page", "--jobs", "1")
COUNT = 20


def season(tmp_path: Path, count: int = 10) -> Path:
    """Races of 100 points and more."""
    path = tmp_path / "season"
    path.mkdir()
    for k in range(count):
        (path / f"{k}.gpx").write_text(gpx(points(100 + k)), encoding="utf-8")
    return path


def on_a_terminal(season: Path, *more: str, slow: bool = False) -> str:
    """What stderr shows where it is a pseudo-terminal of 80 columns.

    *slow* lets a batch that has begun rest for over a second: the bar waits for that long before
    it says how long the rest will take.
    """
    pty = pytest.importorskip("pty")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "gpxstage", "batch", str(season), "-o", str(season / "out")]
    process = subprocess.Popen(
        [*command, *PLAIN, *more],
        stdout=subprocess.PIPE,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": SOURCE, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            more_bytes = os.read(ours, 4096)
        except OSError:  # so Linux says that the other end is closed
            break
        if not more_bytes:
            break
        shown += more_bytes
        if slow and f" 1/{COUNT} ".encode() in shown:
            process.send_signal(signal.SIGSTOP)
            time.sleep(1.1)
            process.send_signal(signal.SIGCONT)
            slow = False
    os.close(ours)
    assert process.communicate(timeout=60)[0] == b""
    assert process.returncode == 0, shown
    return shown.decode()


def test_a_terminal_shows_the_rate_and_the_time_left(tmp_path: Path) -> None:
    shown = on_a_terminal(season(tmp_path, COUNT), slow=True)
    frames = re.split(r"[\r\n]+", shown)
    bars = [frame for frame in frames if "races  [" in frame]
    assert any(
        re.search(rf" \d+/{COUNT}  \d\d:\d\d:\d\d  [\d,]+ races/min", frame) for frame in bars
    )
    assert any(f"{COUNT}/{COUNT}" in frame for frame in bars)
    plain = [re.sub(r"\x1b\[[?\d]*[A-Za-z]", "", frame) for frame in bars]
    assert max(map(len, plain)) <= 80
    assert f"{COUNT} races made" in shown


def test_quiet_shows_no_bar_on_a_terminal(tmp_path: Path) -> None:
    assert "races" not in on_a_terminal(season(tmp_path), "-q")


def test_elsewhere_there_are_plain_lines(tmp_path: Path) -> None:
    few = season(tmp_path, 20)
    command = [sys.executable, "-m", "gpxstage", "batch", str(few), "-o", str(few / "out")]
    done = subprocess.run(
        [*command, *PLAIN],
        capture_output=True,
        encoding="utf-8",
        check=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": SOURCE},
    )
    lines = done.stderr.splitlines()
    assert lines[:10] == [f"{2 * k} of 20 races" for k in range(1, 11)]
    assert "\r" not in done.stderr
    assert "\x1b" not in done.stderr
