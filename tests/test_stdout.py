"""What reaches a terminal: its width is used, colour only where it is wanted, nothing steers it."""

from __future__ import annotations

import json
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
SHORT = ROOT / "sample_courses" / "chattanooga-mountains"

Screen = Callable[..., str]
GPXSTAGE = ("-m", "gpxstage")


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """``screen(100, "info", path)`` is what a terminal of 100 columns is sent."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")

    def shown(
        columns: int, *arguments: object, program: tuple[str, ...] = GPXSTAGE, **environment: str
    ) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
        command = [sys.executable, *program, *map(str, arguments)]
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


WIDTHS = (30, 72, 80, 111, 125, 300)
IN_TURN = """
import fcntl, struct, sys, termios
from gpxstage.cli import main
for columns in map(int, sys.argv[1].split(",")):
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    try:
        main(sys.argv[2:])
    except SystemExit as ended:
        print("END OF", columns, ended.code, flush=True)
"""


def widest(text: str) -> int:
    return max(cell_len(line) for line in ESCAPE.sub("", text).splitlines())


FIELD = ("--level", "elite", "--level", "mid", "--level", "back", "--why", "--draws", "0")


def test_tables_use_the_width_of_a_terminal(screen: Screen) -> None:
    every = ",".join(map(str, WIDTHS))
    sent = screen(80, every, "estimate", SHORT, *FIELD, program=("-c", IN_TURN))
    for columns in WIDTHS:
        shown, _, sent = sent.partition(f"END OF {columns} 0\n")
        assert widest(shown) <= max(columns, 72), columns  # in less, figures stay whole
        assert widest(shown) > min(columns, 130) - 12, columns
        assert "…" not in shown, columns
        # more columns where there is room
        assert ("leg km" in shown) == (columns >= 112), columns
    assert sent == ""


NOTES_TOO = "import os, sys; os.dup2(1, 2); from gpxstage.cli import main; main(sys.argv[1:])"
OUTINGS = """
schema = 1
flat_speed_mps = 3.2
[recordings]
count = 3
hours = 3.0
shortest_h = 0.5
longest_h = 1.5
"""


def test_notes_are_wrapped_on_a_terminal_and_one_line_each_in_a_pipe(
    screen: Screen, tmp_path: Path
) -> None:
    (tmp_path / "me.toml").write_text(OUTINGS, encoding="utf-8")
    command = ("estimate", SHORT, "--runner", "me.toml", "--csv", "--draws", "0")
    shown = screen(80, *command, program=("-c", NOTES_TOO))
    shown = shown[shown.index("note: ") :]
    piped = subprocess.run(
        [sys.executable, *GPXSTAGE, *map(str, command)],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ).stderr.decode()
    assert max(map(len, piped.splitlines())) > 80
    assert all(line.startswith("note: ") for line in piped.splitlines())
    assert widest(shown) <= 80
    assert " ".join(shown.split()) == " ".join(piped.split())


ANSWERS = [("models",), ("info", TOR), ("estimate", TOR, *FIELD)]
EACH = """
import json, sys
from gpxstage.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as ended:
        print("END", ended.code, flush=True)
"""


def test_a_pipe_gets_eighty_columns_and_no_colour() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", EACH, json.dumps([list(map(str, words)) for words in ANSWERS])],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200", "FORCE_COLOR": "1", "PYTHONPATH": str(ROOT)},
    )
    *answers, rest = ran.stdout.decode().split("END 0\n")
    assert (len(answers), rest) == (len(ANSWERS), "")
    for shown in answers:
        assert 50 < widest(shown) <= 80
        assert "\x1b" not in shown


WISHES = """
import json, os, sys
from gpxstage.cli import main
for wish in json.loads(sys.argv[1]):
    before = dict(os.environ)
    os.environ.update(wish)
    try:
        main(sys.argv[2:])
    except SystemExit:
        print("END OF", json.dumps(wish), flush=True)
    os.environ.clear()
    os.environ.update(before)
"""


def test_colour_is_for_those_who_want_it(screen: Screen) -> None:
    coloured = [{}, {"NO_COLOR": ""}]  # empty is not set
    plain = [{"NO_COLOR": "1"}, {"TERM": "dumb"}]
    sent = screen(80, json.dumps([*coloured, *plain]), "info", TOR, program=("-c", WISHES))
    for wish in [*coloured, *plain]:
        shown, _, sent = sent.partition(f"END OF {json.dumps(wish)}\n")
        assert "stage" in shown
        assert ("\x1b[" in shown) == (wish in coloured), wish
        assert ("\x1b" in shown) == (wish in coloured), wish
    assert sent == ""


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
