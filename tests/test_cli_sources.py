"""Sources in every form; split, init, schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from made import Gpxstage, gpx, points


def test_seven_tracks_add_up_to_the_race(run: Gpxstage, data: Callable[[str], Path]) -> None:
    path = data("courses/tor330-2025-7-tracks.gpx")
    ran = run("info", path, "--json")
    rows = json.loads(ran.out)
    assert len(rows["stages"]) == 7
    for key in ("length_m", "gain_m", "loss_m"):
        assert round(sum(stage[key] for stage in rows["stages"]), 1) == rows[key]
    assert "7 tracks without a race file are taken as staged" in ran.err


@pytest.mark.parametrize(("folder", "count"), [("alta-via-1", 10), ("o-circuit", 8)])
def test_a_folder_of_stages_in_order(
    run: Gpxstage, data: Callable[[str], Path], folder: str, count: int
) -> None:
    path = data(f"courses/{folder}")
    rows = json.loads(run("info", path, "--json").out)
    assert rows["format"] == "staged"
    assert [stage["number"] for stage in rows["stages"]] == list(range(1, count + 1))


@pytest.mark.parametrize("text", [gpx(), "<!DOCTYPE html><html></html>", " \n\n"])
def test_more_that_cannot_be_used(run: Gpxstage, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.gpx"
    path.write_text(text, encoding="utf-8")
    ran = run("report", path, "-o", tmp_path / "out")
    assert ran.code == 1
    assert ran.err.startswith("gpxstage: bad.gpx: ")
    assert ran.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_without_gpx(run: Gpxstage, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    ran = run("info", tmp_path)
    said = f"gpxstage: {tmp_path.name}: the folder holds no race.toml and no GPX file\n"
    assert (ran.code, ran.out, ran.err) == (1, "", said)


def test_several_files_are_stages_in_the_order_given(
    run: Gpxstage, waves: Path, high: Path
) -> None:
    rows = json.loads(run("info", "--json", high, waves).out)
    assert rows["format"] == "staged"
    assert rows["name"] == "high to waves"
    assert [stage["lowest_m"] for stage in rows["stages"]] == [3000.0, 1000.0]


def test_a_folder_is_read_in_natural_order(run: Gpxstage, tmp_path: Path) -> None:
    for k in (10, 2, 1):
        text = gpx(points()).replace("Day 1", f"No. {k}")
        (tmp_path / f"day {k}.gpx").write_text(text, encoding="utf-8")
    rows = json.loads(run("info", "--json", tmp_path).out)
    assert [stage["name"] for stage in rows["stages"]] == ["No. 1", "No. 2", "No. 10"]


def test_a_race_file_and_its_folder_are_the_same_race(run: Gpxstage, race: Path) -> None:
    assert run("estimate", "--json", race) == run("estimate", "--json", race / "race.toml")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--wave", "2"], "wave 2: only a race file has waves"),
        (["--start", "tomorrow"], 'start "tomorrow" is no date and time'),
    ],
)
def test_a_clock_that_a_bare_file_cannot_have(
    run: Gpxstage, hill: Path, option: list[str], message: str
) -> None:
    ran = run("estimate", hill, *option)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--wave", "2"], "race.toml: wave 2: it has 0 waves"),
        (["--wave", "1", "--start", "2026-09-05T10:00"], "a start and a wave: give one of them"),
        (["--start", "tomorrow"], 'start "tomorrow" is no date and time'),
    ],
)
def test_a_clock_that_a_race_cannot_have(
    run: Gpxstage, race: Path, option: list[str], message: str
) -> None:
    ran = run("estimate", race, *option)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("command", ["info", "estimate", "check", "models"])
@pytest.mark.parametrize(
    "forms", [("--json", "--csv"), ("--csv", "--markdown"), ("--json", "--csv", "--markdown")]
)
def test_forms_exclude_each_other(
    run: Gpxstage, hill: Path, command: str, forms: tuple[str, ...]
) -> None:
    ran = run(command, *([] if command == "models" else [hill]), *forms)
    assert (ran.code, ran.out) == (2, "")
    assert f"{' and '.join(forms)} exclude each other" in ran.err


@pytest.mark.parametrize("command", ["info", "estimate"])
def test_very_long_names_fit_80_columns(run: Gpxstage, tmp_path: Path, command: str) -> None:
    long = "A very long name of a place that nobody would ever want to read in full " * 2
    hut = f'<wpt lat="45.04" lon="7.0"><name>Rifugio {long}</name></wpt>'
    text = gpx(points(), points(), extra=hut).replace("Day 1", long)
    path = tmp_path / "long.gpx"
    path.write_text(text, encoding="utf-8")
    assert max(map(len, run(command, path).out.splitlines())) <= 80


@pytest.mark.parametrize("number", ["0", "3", "-1", "x"])
@pytest.mark.parametrize("command", ["estimate", "plot", "report"])
def test_a_stage_that_is_not_there(run: Gpxstage, race: Path, command: str, number: str) -> None:
    out = race.parent / "x.png"
    more = [] if command == "estimate" else ["-o", out]
    ran = run(command, race, "--stage", number, *more)
    assert (ran.code, ran.out) == (2, "")
    assert not out.exists()


# split, init, schema


def test_a_track_split_and_read_again(run: Gpxstage, waves: Path, tmp_path: Path) -> None:
    ran = run("split", waves, "--every", "5km", "-o", tmp_path / "cut")
    assert (ran.code, ran.out) == (0, "")
    rows = json.loads(run("info", "--json", tmp_path / "cut").out)
    assert [round(stage["length_m"], -2) for stage in rows["stages"]] == [5000, 5000, 2000]
    for wrong in ([], ["--every", "5km", "--at", "3"]):
        assert run("split", waves, *wrong, "-o", tmp_path / "not").code == 2
    assert not (tmp_path / "not").exists()


def test_init_knows_its_time_zones(run: Gpxstage, hill: Path) -> None:
    race = hill.parent / "race.toml"
    ran = run("init", hill, "--timezone", "Europe/Roma", "-o", race)
    assert ran.code == 2
    assert "Europe/Rome" in ran.err
    assert not race.exists()


def test_a_first_race_file(run: Gpxstage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hut = '<wpt lat="45.04" lon="7.0"><name>Rifugio Uno</name></wpt>'
    Path("hill.gpx").write_text(gpx(points(), extra=hut), encoding="utf-8")
    text = run("init", "hill.gpx", "-o", "-").out
    assert 'gpx = "hill.gpx"' in text
    assert "Rifugio Uno" in text
    assert run("init", "hill.gpx").code == 0
    assert Path("race.toml").read_text(encoding="utf-8") == text
    assert run("estimate", "race.toml").code == 0
    again = run("init", "hill.gpx")
    assert again.code == 2
    assert "is there already" in again.err


def test_the_schema_is_json(run: Gpxstage) -> None:
    assert "properties" in json.dumps(json.loads(run("schema", "manifest").out))
    assert run("schema", "weather").code == 2
