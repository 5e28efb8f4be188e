"""Inputs that never end or never begin: refused with one line, at every door."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made import Gpxstage

from gpxstage import parser
from gpxstage.course import CourseError
from gpxstage.parser import garmin, inputs

Call = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")

COMMAND = "import sys; from gpxstage.cli import main; sys.argv[0] = 'gpxstage'; main()"
TRACK = (
    "<gpx><trk><trkseg>"
    + "".join(
        f'<trkpt lat="{46.0 + 0.0018 * k:.6f}" lon="7.0"><ele>{1000 + k}</ele></trkpt>'
        for k in range(51)
    )
    + "</trkseg></trk></gpx>"
)


class HangsError(Exception):
    """Whatever waits for a pipe is woken by this."""


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    def wake(*_: object) -> None:
        raise HangsError

    before = signal.signal(signal.SIGALRM, wake)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(params=["pipe", "device", "socket"])
def never(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path]:
    """``never("a.gpx")`` is a path of that name that leads to no file."""

    def make(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if request.param == "pipe":
            os.mkfifo(path)
        elif request.param == "device":
            path.symlink_to("/dev/zero")
        else:
            import socket

            here = Path.cwd()
            os.chdir(path.parent)  # the path of a socket must be short
            try:
                with socket.socket(socket.AF_UNIX) as made:
                    made.bind(path.name)
            finally:
                os.chdir(here)
        return path

    return make


REFUSED = (
    *("a named pipe, not a file", "a device, not a file", "a socket, not a file"),
    "a link that leads out of its folder",
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x.gpx", ("info", "{never}")),
        ("x.gpx.gz", ("info", "{never}")),
        ("x.gpx", ("info", "{hill}", "{never}")),
        ("race.toml", ("info", "{never}")),
        ("in/x.gpx", ("info", "{folder}")),
        ("in/race.toml", ("info", "{folder}")),
        ("x.toml", ("estimate", "{hill}", "--runner", "{never}")),
        ("x.gpx", ("estimate", "{hill}", "--past", "{never}", "3:00")),
        ("x.gpx", ("plot", "{never}", "-o", "{folder}/a.png")),
        ("x.gpx", ("split", "{never}", "--at", "3", "-o", "{folder}")),
        ("x.csv", ("init", "{hill}", "--points", "{never}", "-o", "-")),
        ("x.gpx", ("init", "{never}", "-o", "-")),
        ("x.gpx", ("fit", "{never}", "-o", "-")),
        ("x.fit", ("fit", "{never}", "-o", "-")),
        ("in/x.gpx", ("fit", "{folder}", "-o", "-")),
        ("x.toml", ("fit", "--race", "{never}", "-o", "-")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_no_door_waits_for_what_is_no_file(
    never: Callable[[str], Path], tmp_path: Path, call: Call, name: str, words: tuple[str, ...]
) -> None:
    hill, folder = tmp_path / "hill.gpx", tmp_path / "in"
    hill.write_text(TRACK)
    path = never(name)
    folder.mkdir(exist_ok=True)
    code, out, err = call(*(w.format(never=path, hill=hill, folder=folder) for w in words))
    assert (code, out) == (1, "")
    assert any(said in err for said in REFUSED), err
    assert "Traceback" not in err


def test_a_race_file_that_names_a_pipe(
    never: Callable[[str], Path], tmp_path: Path, call: Call
) -> None:
    never("a.gpx")
    race = tmp_path / "race.toml"
    race.write_text('[[stage]]\ngpx = "a.gpx"\n')
    code, _, err = call("info", race)
    assert code == 1
    assert any(said in err for said in REFUSED) or "leads out of the folder" in err


def test_a_recording_among_others_is_left_out_with_its_reason(
    never: Callable[[str], Path], call: Call
) -> None:
    path = never("runs/b.gpx")
    (path.parent / "a.gpx").write_text(TRACK)  # without times: it cannot be used either
    code, _, err = call("fit", path.parent, "-o", "-")
    assert code == 1
    assert any(f"b.gpx: not used: is {said}" in err for said in REFUSED)


# streams


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y", "is longer than 256 MiB"),
        ('<trkpt lat="46" lon="7"></trkpt>', "is longer than 256 MiB"),
    ],
)
def test_endless_standard_input(text: str, said: str) -> None:
    with subprocess.Popen(["yes", text], stdout=subprocess.PIPE) as endless:
        ran = subprocess.run(
            [sys.executable, "-c", COMMAND, "info", "-"],
            stdin=endless.stdout,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        endless.kill()
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert f"standard input: {said}" in ran.stderr


def test_a_device_as_standard_input() -> None:
    with open("/dev/zero", "rb") as zeros:
        ran = subprocess.run(
            [sys.executable, "-c", COMMAND, "info", "-"],
            stdin=zeros,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 1
    assert "standard input: is longer than 256 MiB" in ran.stderr


def test_what_a_shell_hands_over_is_read() -> None:
    """A pipe without a name has a writer, so it has an end: ``gpxstage info <(zcat a.gpx.gz)``."""
    reads, writes = os.pipe()
    os.write(writes, TRACK.encode())
    os.close(writes)
    try:
        assert len(parser.read(f"/dev/fd/{reads}").tracks[0]) == 51
    finally:
        os.close(reads)


def test_a_runner_file_that_a_shell_hands_over_is_read_once(run: Gpxstage, waves: Path) -> None:
    reads, writes = os.pipe()
    os.write(writes, b"schema = 1\nflat_speed_mps = 3.2\n")
    os.close(writes)
    try:
        ran = run("estimate", waves, "--runner", f"/dev/fd/{reads}", "--draws", 0, "-q")
        assert (ran.code, ran.err) == (0, "")
    finally:
        os.close(reads)


class Endless(io.RawIOBase):
    """A stream of one byte, for ever."""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert size > 0, "nobody may ask for all of it"
        return b" " * size


def test_an_endless_stream_in_python() -> None:
    with pytest.raises(CourseError, match="is longer than 256 MiB"):
        parser.read(Endless())  # type: ignore[arg-type]


# long files


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("race.toml", ("info", "{path}")),
        ("me.toml", ("estimate", "{hill}", "--runner", "{path}")),
        ("points.csv", ("init", "{hill}", "--points", "{path}", "-o", "-")),
        ("race.toml", ("fit", "--race", "{path}", "-o", "-")),
    ],
)
def test_a_text_that_is_far_too_long(
    tmp_path: Path, call: Call, name: str, words: tuple[str, ...]
) -> None:
    hill, path = tmp_path / "hill.gpx", tmp_path / name
    hill.write_text(TRACK)
    path.touch()
    os.truncate(path, (inputs.MOST_TEXT_MIB << 20) + 1)
    code, _, err = call(*(word.format(path=path, hill=hill) for word in words))
    assert code == 1
    assert f"{name}: is longer than 4 MiB" in err


def test_a_recording_that_unpacks_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "bomb.fit.gz"
    with gzip.open(path, "wb", 1) as packed:
        for _ in range(inputs.LIMITS.file_mib + 1):
            packed.write(bytes(1 << 20))
    with pytest.raises(CourseError, match="is longer than 256 MiB"):
        garmin.read(path)


def test_a_file_and_a_pipe_have_one_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.gpx"
    path.write_text(TRACK + " " * (1 << 20))
    wide, narrow = inputs.Limits(file_mib=2), inputs.Limits(file_mib=1)
    assert len(parser.read(path, limits=wide).tracks[0]) == 51
    with pytest.raises(CourseError, match=r"is longer than 1 MiB.+--max-file-mib raises"):
        parser.read(path, limits=narrow)
    for limits in (wide, narrow):
        with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as piped:
            assert piped.stdout is not None
            if limits is wide:
                assert len(parser.read(piped.stdout, limits=limits).tracks[0]) == 51
                continue
            with pytest.raises(CourseError, match="is longer than 1 MiB"):
                parser.read(piped.stdout, limits=limits)
