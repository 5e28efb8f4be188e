"""What reaches a terminal: its width is used, colour only where it is wanted, nothing steers it."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

pty = pytest.importorskip("pty")  # POSIX
ROOT = Path(__file__).resolve().parents[1]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TOR = ROOT / "sample_courses" / "tor-des-geants"

Screen = Callable[..., str]


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """``screen(100, "info", path)`` is what a terminal of 100 columns is sent."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")

    def shown(columns: int, *arguments: object, **environment: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
        command = [sys.executable, "-m", "gpxstage", *map(str, arguments)]
        with subprocess.Popen(
            command,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env=kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | environment,
        ):
            os.close(theirs)
            out = b""
            while True:
                try:
                    found = os.read(ours, 65_536)
                except OSError:  # Linux: the other side has closed
                    break
                if not found:
                    break
                out += found
        os.close(ours)
        return out.decode().replace("\r\n", "\n")

    return shown


def widest(text: str) -> int:
    return max(cell_len(line) for line in ESCAPE.sub("", text).splitlines())


FIELD = ("--level", "elite", "--level", "mid", "--level", "back", "--why", "--draws", "0")


@pytest.mark.parametrize("columns", [72, 80, 111, 125, 300])
def test_tables_use_the_width_of_a_terminal(screen: Screen, columns: int) -> None:
    shown = screen(columns, "estimate", TOR, *FIELD)
    assert widest(shown) <= columns
    assert widest(shown) > min(columns, 130) - 12
    assert "…" not in shown
    assert ("leg km" in shown) == (columns >= 112)  # more columns where there is room


def test_a_narrow_terminal_gets_whole_figures(screen: Screen) -> None:
    assert "…" not in screen(30, "estimate", TOR, *FIELD)


@pytest.mark.parametrize("command", [("models",), ("info", TOR), ("estimate", TOR, *FIELD)])
def test_a_pipe_gets_eighty_columns_and_no_colour(command: tuple[object, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "gpxstage", *map(str, command)],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200", "FORCE_COLOR": "1", "PYTHONPATH": str(ROOT)},
    )
    shown = ran.stdout.decode()
    assert widest(shown) <= 80
    assert "\x1b" not in shown


def test_colour_is_for_those_who_want_it(screen: Screen) -> None:
    assert "\x1b[" in screen(80, "info", TOR)
    assert "\x1b[" in screen(80, "info", TOR, NO_COLOR="")  # empty is not set
    assert "\x1b" not in screen(80, "info", TOR, NO_COLOR="1")
    assert "\x1b" not in screen(80, "info", TOR, TERM="dumb")


@pytest.mark.parametrize("code", ["1", "2"])
def test_a_message_cannot_steer_a_terminal(tmp_path: Path, code: str) -> None:
    name = "evil\x1b[2J\u202e.gpx"
    if code == "1":
        (tmp_path / name).write_text("<gpx>no end", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "gpxstage", "info", name],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    said = ran.stderr.decode()
    assert str(ran.returncode) == code
    assert "evil[2J.gpx" in said
    assert not [c for c in said if not c.isprintable() and c != "\n"]
