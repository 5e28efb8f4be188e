"""What every test has at hand: the folder of real GPX files that are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from gpxstage.cli import main

# an error that nobody has thought of shows itself, here and in what tests start
os.environ["GPXSTAGE_DEBUG"] = "1"

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("GPXSTAGE_DATA", CHECKOUT / "../shared/data"))


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("courses/x.gpx")`` is that file's path; without the file the test is skipped."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"no {name} in the folder of real files (GPXSTAGE_DATA)")
        return path

    return find


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``call("info", path)`` by the console script's door: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return run
