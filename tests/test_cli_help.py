"""models and --help: what the program says of itself."""

from __future__ import annotations

import csv
import io
import json

import pytest
from made import Gpxstage

from gpxstage.cli import COMMANDS


def test_models_in_every_form(run: Gpxstage) -> None:
    from gpxstage.estimator.models import MODELS

    table = run("models").out
    assert max(map(len, table.splitlines())) <= 80
    rows = json.loads(run("models", "--json").out)
    assert [row["name"] for row in rows] == list(MODELS)
    assert all(row["reference"] and row["lowest_grade"] < row["highest_grade"] for row in rows)
    lines = list(csv.DictReader(io.StringIO(run("models", "--csv").out)))
    assert [line["name"] for line in lines] == list(MODELS)
    marked = run("models", "--markdown").out.splitlines()
    assert len(marked) == len(MODELS) + 2
    for name in MODELS:
        assert f"\n{name} " in table


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Gpxstage, name: str) -> None:
    ran = run(name, "-h")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: gpxstage {name} ")
    assert ran == run(name, "--help")
    assert max(map(len, ran.out.splitlines())) <= 80


def test_the_version(run: Gpxstage) -> None:
    assert run("--version").out.split()[0] == "gpxstage"


def test_help_names_the_levels_that_there_are(run: Gpxstage) -> None:
    from gpxstage.estimator.runner import LEVELS

    said = " ".join(run("estimate", "-h").out.split())
    assert ", ".join(LEVELS) in said
