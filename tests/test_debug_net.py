"""What nobody has thought of, and what a person can feed in: one line, never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gpxstage.cli import DEBUG

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "sample_courses" / "chattanooga-mountains" / "1-raccoon-mountain.gpx"

Call = Callable[..., tuple[int, str, str]]
DIGITS = "9" * 5000
NESTED = "[" * 1000 + "]" * 1000
STAGE = f'[[stage]]\ngpx = "{COURSE.name}"\n'
RUNNER = "schema = 1\nflat_speed_mps = 3.5\n"
RECORDED = RUNNER + "habit = -0.5\n[recordings]\ncount = 3\nhours = 9\n"

ERRORS = (
    ValueError("no number"),
    ZeroDivisionError("division by zero"),
    KeyError("p50"),
    AssertionError(),
    RecursionError("too deep"),
    RuntimeError("two\nlines \x1b[2J" + "x" * 1000),
    MemoryError(),
)


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """A folder with the GPX file that STAGE names."""
    (tmp_path / COURSE.name).write_bytes(COURSE.read_bytes())
    return tmp_path


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_unforeseen_error_is_one_line(
    call: Call, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks(*given: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("gpxstage.racefile.load", breaks)
    with pytest.raises(type(error)):  # as tests are run: with GPXSTAGE_DEBUG=1
        call("info", COURSE)
    monkeypatch.delenv(DEBUG)
    code, out, err = call("info", COURSE)
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("gpxstage: unforeseen error in test_debug_net.py, breaks: ")
    assert type(error).__name__ in line
    assert "please report it, with the file" in line
    assert f"{DEBUG}=1" in line
    assert "\x1b" not in line
    assert len(line) < 500


def test_the_tests_themselves_see_tracebacks() -> None:
    assert os.environ[DEBUG] == "1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"limit_h = {DIGITS}\n{STAGE}", "a whole number in it is too long"),
        (f"limit_h = {'9' * 4000}\n{STAGE}", "limit_h is too large a number"),
        (f"limit_h = {NESTED}\n{STAGE}", "its lists or tables are nested too deeply"),
        (f"x = {'{a=' * 1000}1{'}' * 1000}\n{STAGE}", "its lists or tables are nested too deeply"),
        ('[[stage]]\ngpx = "a\\u0000.gpx"\n', "stage 1: gpx holds a NUL character"),
        (f"limit_h = 0.0001\n{STAGE}", "limit_h must be at least 0.1"),
        (f"limit_h = 1e308\n{STAGE}", "limit_h must be at most 10000"),
        (f"{STAGE}limit_h = 1e-300\n", "limit_h must be at least 0.1"),
        (f"{STAGE}official = {{ km = 1e308 }}\n", "km must be at most 100000"),
        (f"{STAGE}official = {{ gain_m = 1e308 }}\n", "gain_m must be at most 1e+06"),
        (f"{STAGE}[[results]]\nyear = {'9' * 400}\n", "year must be at most 2200"),
        (f"{STAGE}[[results]]\nfinishers = 9999999\n", "finishers must be at most 1e+06"),
    ],
)
def test_a_race_file_that_lies_is_refused_with_its_place(
    race: Path, call: Call, text: str, says: str
) -> None:
    path = race / "race.toml"
    path.write_text(text, encoding="utf-8")
    for command in ("info", "estimate"):
        code, out, err = call(command, path)
        assert (code, out) == (1, "")
        assert err.startswith(f"gpxstage: {path.name}: ")
        assert says in err
        assert len(err) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{RUNNER}descent_m_per_h = {DIGITS}\n", "a whole number in it is too long"),
        (f"{RUNNER}descent_m_per_h = {NESTED}\n", "its lists or tables are nested too deeply"),
        (f"{RUNNER}descent_m_per_h = {'9' * 400}\n", "descent_m_per_h: number out of range"),
        (
            f"{RECORDED}shortest_h = 1e308\nlongest_h = 1e308\n",
            "shortest_h: expected a number of at most",
        ),
        (f"{RECORDED}shortest_h = 1e-308\nlongest_h = 9\n", "shortest_h: expected"),
        (f"{RECORDED}shortest_h = 9\nlongest_h = 2\n", "shortest_h is more than longest_h"),
        (f"{RUNNER}descent_m_per_h = {{ value = 2000, spread = 1e308 }}\n", "spread: expected"),
    ],
)
def test_a_runner_file_that_lies_is_refused_with_its_place(
    tmp_path: Path, call: Call, text: str, says: str
) -> None:
    path = tmp_path / "me.toml"
    path.write_text(text, encoding="utf-8")
    code, out, err = call("estimate", COURSE, "--runner", path)
    assert (code, out) == (1, "")
    assert err.startswith("gpxstage: me.toml: ")
    assert says in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"name,km\nHut,{DIGITS}\n", "row 2: .* is no distance"),
        ("name,km\nHut,1e400\n", "row 2: .* is no distance"),
        (f"name,stage\nHut,{DIGITS}\n", "row 2: stage .* is no number of a stage"),
        (f"name,lat,lon\nHut,{DIGITS},7\n", "row 2: lat inf is out of range"),
        (f'name,km\n"{"A" * 200_000}",1\n', "is no table that can be read"),
    ],
)
def test_a_table_that_lies_is_refused_with_its_place(
    tmp_path: Path, call: Call, text: str, says: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    code, out, err = call("init", COURSE, "--points", path, "-o", "-")
    assert (code, out) == (1, "")
    assert re.match(f"gpxstage: points.csv: {says}", err), err
    assert len(err) < 300


def test_a_name_in_a_table_holds_no_control_characters(tmp_path: Path, call: Call) -> None:
    (tmp_path / "points.csv").write_text("name,km\nA\0B\x1b[2J,1\n", encoding="utf-8")
    _, out, _ = call("init", COURSE, "--points", tmp_path / "points.csv", "-o", "-")
    assert 'name = "AB[2J"' in out


LOOPED = [
    ("info", "LOOP"),
    ("check", "LOOP"),
    ("estimate", COURSE, "--draws", "0", "--runner", "LOOP"),
    ("estimate", COURSE, "--draws", "0", "--past", "LOOP", "2:00"),
    ("init", COURSE, "-o", "-", "--points", "LOOP"),
    ("split", "LOOP", "--every", "5km", "-o", "parts"),
    ("init", COURSE, "-o", "LOOP"),
    ("split", COURSE, "--every", "5km", "-o", "LOOP"),
    ("fit", "--flat", "10km", "40:00", "-o", "LOOP"),
    ("plot", COURSE, "--draws", "0", "-o", "LOOP"),
    ("report", COURSE, "--draws", "0", "-o", "LOOP"),
    ("fit", "LOOP", "-o", "me.toml"),
]


@pytest.mark.parametrize("command", LOOPED, ids=lambda command: f"{command[0]} {command[-2]}")
@pytest.mark.parametrize("ending", ["gpx", "toml", "png"])
def test_a_link_that_leads_to_itself_is_no_file(
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[object, ...],
    ending: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = Path(f"one.{ending}"), Path(f"two.{ending}")
    one.symlink_to(two)
    two.symlink_to(one)
    code, out, err = call(*(one if word == "LOOP" else word for word in command))
    assert code in (1, 2)
    assert out == ""
    assert one.name in err or two.name in err
    assert one.is_symlink()  # nothing was put in its place
    assert two.is_symlink()


def test_a_race_file_may_name_such_a_link(race: Path, call: Call) -> None:
    (race / "loop.gpx").symlink_to("loop.gpx")
    (race / "race.toml").write_text('[[stage]]\ngpx = "loop.gpx"\n', encoding="utf-8")
    code, _, err = call("info", race)
    assert code == 1
    assert err.startswith("gpxstage: loop.gpx: cannot be read: ")


@pytest.mark.parametrize("apart_deg", ["0.0000001", "0.0000004", "0.000008"])
@pytest.mark.parametrize("command", ["info", "check", "estimate", "report", "plot"])
def test_a_course_of_no_length_is_one_place(
    tmp_path: Path, call: Call, apart_deg: str, command: str
) -> None:
    points = "".join(
        f'<trkpt lat="45.0" lon="{lon}"><ele>9</ele></trkpt>' for lon in ("0", apart_deg)
    )
    path = tmp_path / "short.gpx"
    path.write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>", encoding="utf-8")
    more = {"report": ("-o", tmp_path / "out"), "plot": ("-o", tmp_path / "a.png")}
    code, out, err = call(command, path, *more.get(command, ()))
    assert (code, out) == (1, "")
    assert "short.gpx: its track is a single place" in err


@pytest.mark.parametrize("every", ["0.000001km", "0.099km", "0.01mi"])
def test_a_course_is_not_cut_into_dust(tmp_path: Path, call: Call, every: str) -> None:
    code, out, err = call("split", COURSE, "--every", every, "-o", tmp_path / "out")
    assert (code, out) == (1, "")
    assert f"every {every}" in err


CLOSED_OUT = [
    ("info", str(COURSE)),
    ("info", str(COURSE), "--json"),
    ("estimate", str(COURSE), "--draws", "0", "--csv"),
    ("check", str(COURSE)),
    ("models",),
    ("schema", "manifest"),
    ("init", str(COURSE), "-o", "-"),
    ("fit", "--flat", "10km", "40:00", "-o", "-"),
    ("plot", str(COURSE), "--draws", "0", "-o", "-"),
]


IN_TURN = """
import json, sys
from gpxstage.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as ended:
        print("END", ended.code, file=sys.stderr)
"""


def closed(
    stream: str, *arguments: str, cwd: Path, program: tuple[str, ...] = ("-m", "gpxstage")
) -> subprocess.CompletedProcess[str]:
    """A command with a stream closed as the shell's ``>&-`` closes it."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {stream}', sys.executable, *program, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.skipif(os.name != "posix", reason="closes streams by the shell")
class TestClosed:
    """Streams that are closed before the program begins."""

    def test_output_that_nobody_can_get_is_an_error(self, tmp_path: Path) -> None:
        ran = closed(">&-", *CLOSED_OUT[0], cwd=tmp_path)
        assert ran.returncode == 1
        assert ran.stderr.startswith("gpxstage: standard output is closed")
        assert ran.stderr.count("\n") == 1

    def test_so_it_is_for_every_command(self, tmp_path: Path) -> None:
        ran = closed(">&-", json.dumps(CLOSED_OUT), cwd=tmp_path, program=("-c", IN_TURN))
        assert ran.returncode == 0, ran.stderr
        ends = ran.stderr.split("END 1\n")
        assert len(ends) == len(CLOSED_OUT) + 1
        for command, said in zip(CLOSED_OUT, ends, strict=False):
            assert "gpxstage: standard output is closed" in said, command
            assert "Traceback" not in said, command
        assert ends[-1] == ""

    def test_a_report_needs_no_stdout(self, tmp_path: Path) -> None:
        ran = closed(">&- <&-", "split", str(COURSE), "--every", "9km", "-o", "out", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        assert (tmp_path / "out" / "race.toml").is_file()

    def test_input_from_a_closed_stdin(self, tmp_path: Path) -> None:
        ran = closed("<&-", "info", "-", cwd=tmp_path)
        assert ran.returncode == 1
        assert ran.stderr.startswith("gpxstage: standard input is closed")

    def test_without_stderr_the_answer_is_the_same(self, tmp_path: Path) -> None:
        with_notes = closed("", "info", str(COURSE), "--json", cwd=tmp_path)
        without = closed("2>&-", "info", str(COURSE), "--json", cwd=tmp_path)
        assert (without.returncode, without.stdout) == (0, with_notes.stdout)
        assert closed("2>&-", "info", "absent.gpx", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_a_race_file_on_stdout_is_utf8_whatever_the_terminal_speaks(
    tmp_path: Path, encoding: str
) -> None:
    text = COURSE.read_text(encoding="utf-8").replace("Laurel Point", "月桂樹の岬")
    (tmp_path / "岬.gpx").write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "gpxstage", "init", "岬.gpx", "-o", "-"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
    )
    assert ran.returncode == 0, ran.stderr
    assert 'name = "月桂樹の岬"' in ran.stdout.decode("utf-8")
