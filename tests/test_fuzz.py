"""The fuzzer finds what it looks for, and the same input comes again from the same seed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import fuzz
from fuzzing import commands, samples


@pytest.mark.parametrize(
    ("ran", "finding"),
    [
        (fuzz.Ran(0, "", "", ""), []),
        (fuzz.Ran(1, "", "note: x\ngpxstage: a.gpx: is empty\n", ""), []),
        (fuzz.Ran(2, "", "Usage: x\nTry 'x'\n\nError: no\n", ""), []),
        (fuzz.Ran(3, "", "", ""), ["exit 3"]),
        (fuzz.Ran(1, "", "", ""), ["0 error lines with exit 1"]),
        (fuzz.Ran(1, "", "gpxstage: a\ngpxstage: b\n", ""), ["2 error lines with exit 1"]),
        (fuzz.Ran(0, "", "x.py:3: RuntimeWarning: y\n", ""), ["on stderr: x.py:3: Runti"]),
        (fuzz.Ran(0, '{"a": NaN}', "", ""), ["JSON: holds NaN"]),
        (fuzz.Ran(0, '{"elapsed_s": {"p10": -1}}', "", ""), ["elapsed_s is -0 hours"]),
        (fuzz.Ran(0, '{"stages": [{"moving_s": 4e6}]}', "", ""), ["moving_s is 1111 hours"]),
        (fuzz.Ran(None, "", "", "KeyError in x.py:1 y"), ["KeyError in x.py:1 y"]),
    ],
)
def test_what_breaks_a_promise_is_found(ran: fuzz.Ran, finding: list[str]) -> None:
    found = list(fuzz.broken(ran))
    assert len(found) == len(finding)
    assert all(one.startswith(start) for one, start in zip(found, finding, strict=True))


def test_an_exception_that_nobody_catches_is_found_with_its_place() -> None:
    ran = fuzz.within(lambda: json.loads("{"))
    assert ran.code is None
    assert ran.broke.startswith("JSONDecodeError in decoder.py")


def test_the_same_seed_gives_the_same_inputs(tmp_path: Path) -> None:
    def made(folder: Path, seed: str) -> tuple[list[str], list[bytes]]:
        folder.mkdir()
        dice = random.Random(seed)
        paths = samples.write(dice, folder)
        arguments = [part.replace(str(folder), "") for part in commands.make(dice, paths)]
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return arguments, [path.read_bytes() for path in files]

    first = made(tmp_path / "a", "1/7")
    assert made(tmp_path / "b", "1/7") == first
    assert made(tmp_path / "c", "1/8") != first


def test_the_reader_is_led_by_what_it_covers(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="the extra [fuzz] is not installed")
    script = Path(fuzz.__file__).with_name("fuzz_reader.py")
    # a child's peak of memory begins with that of its parent, which may be large here
    options = ["-runs=3000", "-seed=1", "-rss_limit_mb=4096", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, str(script), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done 3000 runs" in done.stderr


def test_another_reading_by_the_plain_handlers_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("atheris", reason="the extra [fuzz] is not installed")
    import fuzz_reader

    data = fuzz_reader.SEEDS[0].encode()
    fuzz_reader.check(data)
    file = fuzz_reader.parser.read(fuzz_reader.SEEDS[1].encode())
    monkeypatch.setattr(fuzz_reader.parser, "read_by_handlers", lambda *_: file)
    with pytest.raises(AssertionError):
        fuzz_reader.check(data)
