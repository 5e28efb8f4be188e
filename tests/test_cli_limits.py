"""Numbers, dates and names at the end of what there is."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from made import Gpxstage


@pytest.mark.parametrize(
    "option", ["--conditions", "--home-altitude", "--pack", "--body", "--above", "--intake"]
)
def test_no_number_is_wrong_usage(run: Gpxstage, hill: Path, option: str) -> None:
    ran = run("estimate", hill, option, "nan")
    assert ran.code == 2
    assert f"'{option}': 'nan' is not a number" in ran.err


@pytest.mark.parametrize("option", ["--terrain", "--index", "--hike-above"])
def test_no_number_is_refused(run: Gpxstage, hill: Path, option: str) -> None:
    assert run("estimate", hill, option, "nan").code in (1, 2)


@pytest.mark.parametrize("start", ["9999-12-31T23:00+00:00", "0001-01-01T00:00+02:00"])
def test_a_start_at_the_end_of_the_calendar(run: Gpxstage, hill: Path, start: str) -> None:
    for command in ("estimate", "init"):
        ran = run(command, hill, "--start", start)
        assert ran.code == 2
        assert "is out of range: 1900 ... 2100" in ran.err


@pytest.mark.parametrize("key", ["start", "waves"])
def test_a_race_at_the_end_of_the_calendar(run: Gpxstage, race: Path, key: str) -> None:
    path = race / "race.toml"
    when = "9999-12-31T22:00:00"
    asked = f"start = {when}" if key == "start" else f"waves = [{when}]"
    path.write_text(path.read_text("utf-8").replace("start = 2026-09-04T22:00:00", asked), "utf-8")
    ran = run("estimate", race)
    assert ran.code == 1
    assert ran.err == f"gpxstage: race.toml: {key}: the year 9999 is out of range: 1900 ... 2100\n"


def test_a_stop_that_never_ends(run: Gpxstage, race: Path) -> None:
    path = race / "race.toml"
    text = path.read_text("utf-8").replace("km = 4.5", "km = 4.5\nstop_min = 1e12")
    path.write_text(text, "utf-8")
    ran = run("estimate", race)
    assert ran.code == 1
    assert 'point "Hut": stop_min must be at most 10080' in ran.err


@pytest.mark.parametrize("distance", ["0km", "9" * 400 + "km"], ids=["none", "endless"])
def test_a_flat_race_of_no_length(run: Gpxstage, hill: Path, distance: str) -> None:
    ran = run("estimate", hill, "--flat", distance, "10:00")
    assert ran.code == 2
    assert f"--flat {distance}: a distance is 10km, 13.1mi, marathon" in ran.err


@pytest.mark.parametrize("time", ["9" * 400 + "h", "9" * 5000 + ":00"], ids=["h", "h:mm"])
def test_a_goal_without_end(run: Gpxstage, hill: Path, time: str) -> None:
    ran = run("estimate", hill, "--goal", time)
    assert ran.code == 2
    assert "is not a time" in ran.err


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_name_that_is_no_text(run: Gpxstage, hill: Path) -> None:
    path = os.fsdecode(os.fsencode(hill.parent) + b"/h\xff.gpx")
    hill.rename(path)
    ran = run("estimate", "--json", path)
    assert ran.code == 0
    assert json.loads(ran.raw.decode("utf-8"))["name"] == "h\N{REPLACEMENT CHARACTER}"
    assert run("report", path, "-o", hill.parent / "out", "--draws", 0).code == 0
    ran = run("init", path, "-o", hill.parent / "race.toml")
    assert ran.code == 1
    assert "its name is no UTF-8 text: a race file cannot name it" in ran.err
