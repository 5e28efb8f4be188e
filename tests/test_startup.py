"""What a command may load: asked of ``sys.modules`` in a fresh interpreter, not of a clock."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gpxstage

HEAVY = {"numpy", "scipy", "matplotlib", "bokeh", "jinja2", "rich", "msgspec", "gpxpy", "dask"}

SOURCE = str(Path(gpxstage.__file__).parents[1])

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>Hill</name><trkseg>{points}</trkseg></trk></gpx>
"""

COMMAND = """
import sys
from gpxstage.cli import main
sys.argv[0] = "gpxstage"
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def run(*arguments: str) -> list[str]:
    """What a fresh interpreter prints, in lines; it imports the gpxstage that is under test."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def loaded(code: str, *arguments: str) -> set[str]:
    """The heavy libraries that are loaded once *code* has run."""
    listing = "import sys; print(sorted(sys.modules))"
    modules = set(ast.literal_eval(run("-c", f"{code}\n{listing}", *arguments)[-1]))
    assert "gpxstage" in modules
    return modules & HEAVY


def command(*arguments: str) -> set[str]:
    """The heavy libraries that a command has loaded; it has to succeed."""
    return loaded(COMMAND, *arguments)


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    """A GPX file of a hill: 2 km with a 100 m climb in the middle."""
    points = "".join(
        f'<trkpt lat="{45 + i * 1e-4:.4f}" lon="7.0"><ele>{1100 - abs(i - 100)}</ele></trkpt>'
        for i in range(201)
    )
    path = tmp_path / "hill.gpx"
    path.write_text(GPX.format(points=points), encoding="utf-8")
    return path


def test_a_heavy_library_would_be_seen() -> None:
    assert "numpy" in loaded("import gpxstage.course")


def test_importing_the_package_loads_nothing() -> None:
    assert loaded("import gpxstage; dir(gpxstage); gpxstage.__version__") == set()


def test_help_loads_nothing_heavy() -> None:
    assert command("--help") == set()


@pytest.mark.parametrize("name", ["info", "estimate", "plot", "report"])
def test_a_commands_help_loads_nothing_heavy(name: str) -> None:
    assert command(name, "--help") == set()


def test_info_loads_only_what_it_needs(hill: Path) -> None:
    assert command("info", str(hill)) & {"scipy", "matplotlib", "bokeh", "jinja2", "dask"} == set()


def test_info_as_json_loads_no_tables(hill: Path) -> None:
    assert command("info", "--json", str(hill)) & {"scipy", "matplotlib", "bokeh", "rich"} == set()


def test_algebra_has_one_thread(hill: Path) -> None:
    threads = "import os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    assert run("-c", f"{COMMAND}\n{threads}", "info", str(hill), "-q")[-1] == "1"


def test_python_m_gpxstage_is_the_command() -> None:
    assert run("-m", "gpxstage", "--help")[0].startswith("Usage: ")


@pytest.mark.parametrize("name", gpxstage.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(gpxstage, name) is not None
    assert name in dir(gpxstage)


def test_nothing_but_the_public_names_is_offered() -> None:
    offered = [name for name in dir(gpxstage) if not name.startswith("__")]
    assert offered == [name for name in gpxstage.__all__ if not name.startswith("__")]


def test_the_lazy_names_are_the_public_ones() -> None:
    assert sorted([*gpxstage._HOMES, "__version__"]) == sorted(gpxstage.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'gpxstage' has no attribute 'mesure'"):
        gpxstage.mesure  # noqa: B018
