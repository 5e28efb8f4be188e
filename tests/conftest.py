"""What every test has at hand: the folder of real GPX files that are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

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
