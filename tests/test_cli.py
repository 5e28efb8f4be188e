"""The command line: exit codes, streams, one clear line for what a person can fix."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made import HEAD, Gpxstage, gpx, points

import gpxstage
from gpxstage.cli import cli, main

BAD = {
    "text": ("hello", "bad.gpx: is not XML, so not a GPX file"),
    "empty": ("", "bad.gpx: is empty"),
    "truncated": (gpx(points())[:4000], "bad.gpx: line 2, column "),
    "waypoints": (f'{HEAD}<wpt lat="45" lon="7"/></gpx>', "bad.gpx: has 1 waypoint but no track"),
    "one point": (
        gpx(points(2).partition("</trkpt>")[0] + "</trkpt>"),
        "a course needs two at least",
    ),
    "out of range": (gpx(points().replace('lat="45.00000"', 'lat="95.0"')), "out of range"),
    "entity bomb": (
        '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        "<gpx><trk><name>&b;</name></trk></gpx>",
        "bad.gpx: has a DOCTYPE",
    ),
}


@pytest.mark.parametrize("command", ["report", "split"])
def test_a_folder_that_is_read_is_not_written(
    run: Gpxstage, tmp_path: Path, hill: Path, command: str
) -> None:
    before = hill.read_bytes()
    more = ["--every", "2km"] if command == "split" else []
    for source in (hill, tmp_path):
        ran = run(command, source, *more, "-o", tmp_path)
        assert ran.code == 2
        assert "the race is read from there: take another folder" in ran.err
    assert list(tmp_path.iterdir()) == [hill]
    assert hill.read_bytes() == before


@pytest.mark.parametrize("command", ["info", "estimate", "plot", "report", "check"])
@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_one_line(
    run: Gpxstage, tmp_path: Path, command: str, name: str
) -> None:
    text, message = BAD[name]
    path = tmp_path / "bad.gpx"
    path.write_text(text, encoding="utf-8")
    output = ["-o", tmp_path / "out.png"] if command in ("plot", "report") else []
    ran = run(command, path, *output)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("gpxstage: ")
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", ["info", "estimate", "plot", "report", "check"])
def test_a_source_that_is_not_there_is_wrong_usage(
    run: Gpxstage, tmp_path: Path, command: str
) -> None:
    output = ["-o", tmp_path / "out.png"] if command in ("plot", "report") else []
    ran = run(command, tmp_path / "none.gpx", *output)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("gpxstage: ")
    assert ran.err.endswith("none.gpx: no such file\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_race_file_names_is_unusable_input(run: Gpxstage, race: Path) -> None:
    (race / "2.gpx").unlink()
    ran = run("info", race)
    assert ran.code == 1
    assert ran.err == 'gpxstage: race.toml: stage 2 "Two": 2.gpx is not there\n'


WRONG = [
    (["nonsense"], "No such command 'nonsense'"),
    (["info"], "Missing argument 'SOURCE...'"),
    (["info", "--json", "--csv", "{hill}"], "--json and --csv exclude each other"),
    (["info", "--stage", "2", "{hill}"], "--stage 2: the race has stages 1 to 1"),
    (["info", "--units", "nautical", "{hill}"], "'nautical' is not one of 'metric', 'imperial'"),
    (["estimate", "--level", "best", "{hill}"], "'best' is not one of elite, strong, mid, back"),
    (["estimate", "--level", "mid", "--level", "mid", "{hill}"], "mid is given twice"),
    (
        ["plot", "--level", "mid", "--level", "back", "--goal", "9h", "-o", "x.png", "{hill}"],
        "level and goal exclude each other",
    ),
    (
        ["estimate", "--level", "mid", "--level", "back", "--sleep", "none", "{hill}"],
        "--sleep is for one runner: not with several --level",
    ),
    (
        ["estimate", "--level", "mid", "--level", "back", "--model", "tobler", "{hill}"],
        "by --model tobler all runners take the same time",
    ),
    (["report", *["--crew-item", "x"] * 7, "-o", "out", "{hill}"], "crew card takes 6 at most"),
    (["report", "--crew-item", "", "-o", "out", "{hill}"], "an item is empty"),
    (["estimate", "--intake", "-1", "{hill}"], "-1.0 is not in the range"),
    (["estimate", "--model", "guess", "{hill}"], "'guess' is not one of gait, minetti,"),
    (["estimate", "--terrain", "2", "{hill}"], "2.0 is not in the range"),
    (["estimate", "--format", "relay", "{hill}"], "'relay' is not one of"),
    (["estimate", "--wave", "0", "{hill}"], "0 is not in the range"),
    (["estimate", "--goal", "soon", "{hill}"], "'soon' is not a time"),
    (["estimate", "--flat", "10", "38:00", "{hill}"], "--flat 10: a distance is 10km"),
    (["estimate", "--flat", "10km", "fast", "{hill}"], "a time is 38:00"),
    (["estimate", "--hike-above", "steep", "{hill}"], "'steep' is not a grade"),
    (["plot", "{hill}"], "Missing option '-o'"),
    (["plot", "{hill}", "-o", "picture.gif"], "the ending must be .png, .svg or .pdf"),
    (["report", "{hill}"], "Missing option '-o'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_wrong_usage(run: Gpxstage, hill: Path, arguments: list[str], message: str) -> None:
    ran = run(*(argument.format(hill=hill) for argument in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.startswith("Usage: gpxstage")
    assert list(hill.parent.iterdir()) == [hill]


def test_the_tables_are_on_stdout_and_the_notes_on_stderr(run: Gpxstage, hill: Path) -> None:
    ran = run("info", hill)
    assert ran.code == 0
    assert ran.out.startswith("hill\n")
    assert "8.9 km" in ran.out
    assert ran.err.startswith("note: no race file: ")
    assert all(line.startswith("note: ") for line in ran.err.splitlines())
    assert run("info", hill, "-q").err == ""


@pytest.mark.parametrize("command", ["info", "estimate"])
@pytest.mark.parametrize("form", ["", "--json", "--csv", "--markdown"])
def test_two_runs_print_the_same(run: Gpxstage, race: Path, command: str, form: str) -> None:
    arguments = [command, race, *([form] if form else [])]
    first = run(*arguments)
    assert first.code == 0
    assert first.err == ""
    assert run(*arguments) == first
    assert str(race.parent) not in first.out
    if not form:
        assert max(map(len, first.out.splitlines())) <= 80


def test_json_is_the_contract(run: Gpxstage, race: Path) -> None:
    rows: dict[str, Any] = json.loads(
        run("estimate", race, "--json").out, parse_constant=lambda name: pytest.fail(name)
    )
    assert rows["name"] == "Two Hills"
    assert rows["start"] == "2026-09-04T22:00:00+02:00"
    assert rows["runner"]["name"] == "mid"
    assert [stage["name"] for stage in rows["stages"]] == ["One", "Two"]
    hut = rows["stages"][0]["points"][0]
    assert (hut["name"], hut["cutoff_s"]) == ("Hut", 7200)
    assert hut["margin_s"]["p50"] == 7200 - hut["arrival_s"]["p50"] - hut["stop_s"]
    assert rows["stages"][0]["night"]["moving_s"] > 0
    assert "runner" not in json.loads(run("info", race, "--json").out)


def test_one_stage_of_the_same_race(run: Gpxstage, race: Path) -> None:
    whole = json.loads(run("estimate", race, "--json").out)
    part = json.loads(run("estimate", race, "--json", "--stage", 2).out)
    assert part["elapsed_s"] == whole["elapsed_s"]
    assert part["stages"] == whole["stages"][1:]
    for form, first in (("--csv", ""), ("--markdown", "## ")):  # the facts are the race's
        assert "Hut" in run("estimate", race, form).out.partition(first or "\n")[2]
        assert (
            "Hut" not in run("estimate", race, form, "--stage", 2).out.partition(first or "\n")[2]
        )


def test_imperial_thresholds(run: Gpxstage, race: Path) -> None:
    assert "above 5,000 ft" in run("info", race, "--units", "imperial").out
    rows = json.loads(run("info", race, "--units", "imperial", "--json").out)
    assert [row["m"] for row in rows["stages"][0]["above"]] == [1524.0, 2438.4, 3048.0, 3657.6]
    lines = list(csv.DictReader(io.StringIO(run("info", race, "--units", "imperial", "--csv").out)))
    assert float(lines[0]["mi"]) == pytest.approx(4.5 / 1.609344, abs=0.01)


def test_levels_are_in_order(run: Gpxstage, race: Path) -> None:
    times = [
        json.loads(run("estimate", race, "--json", "--level", level).out)["elapsed_s"]["p50"]
        for level in ("elite", "strong", "mid", "back")
    ]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_several_levels_are_a_field(run: Gpxstage, race: Path, tmp_path: Path) -> None:
    field = ("--level", "elite", "--level", "mid", "--level", "back", "--draws", 0)
    ran = run("estimate", race, *field)
    assert (ran.code, ran.err) == (0, "")
    assert "The field: places open with elite and close after back" in ran.out
    rows = json.loads(run("estimate", race, *field, "--json").out)
    assert [level["level"] for level in rows["levels"]] == ["elite", "mid", "back"]
    assert rows["levels"][0]["elapsed_s"] == rows["elapsed_s"]["p50"]
    assert run("report", race, *field, "-q", "-o", tmp_path / "out").code == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text("utf-8")) == rows
    assert "back_clock" in (tmp_path / "out" / "splits.csv").read_text("utf-8")
    assert run("plot", race, *field, "-q", "-o", tmp_path / "a.png").code == 0


def test_the_crew_card_and_what_is_eaten(run: Gpxstage, race: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    mine = tmp_path / "me.toml"
    mine.write_text('schema = 1\nflat_speed_mps = 3.2\ncrew_items = ["dry socks"]\n', "utf-8")
    out, runner = tmp_path / "out", ("--runner", mine, "--draws", 0, "-q")
    assert run("report", race, *runner, "--intake", 300, "-o", out).code == 0
    assert json.loads((out / "report.json").read_text("utf-8"))["intake_kcal_per_h"] == 300
    card = (out / "crew.html").read_text("utf-8")
    assert "dry socks" in card
    assert "Food while awake: 150 kcal every 30 min." in card
    assert run("report", race, *runner, "--crew-item", "pizza", "-o", out).code == 0
    card = (out / "crew.html").read_text("utf-8")
    assert "pizza" in card
    assert "dry socks" not in card  # what is asked for takes the place of what the file says


def test_all_of_a_field_carry_the_same(run: Gpxstage, race: Path) -> None:
    field = ("--level", "elite", "--level", "back", "--draws", 0, "--json")
    light, heavy = (
        json.loads(run("estimate", race, *field, "--pack", kg).out)["levels"] for kg in (1, 12)
    )
    assert all(a["elapsed_s"] < b["elapsed_s"] for a, b in zip(light, heavy, strict=True))


def test_a_plain_model(run: Gpxstage, race: Path) -> None:
    rows = json.loads(run("estimate", race, "--json", "--model", "swiss").out)
    assert rows["runner"]["model"] == "swiss"
    assert rows["hike_fraction"]["of_time"]["p50"] is None


def test_a_start_needs_an_offset_where_no_zone_is_known(run: Gpxstage, hill: Path) -> None:
    ran = run("estimate", hill, "--start", "2026-09-04T10:00")
    assert ran.code == 2
    assert "needs an offset" in ran.err
    rows = json.loads(run("estimate", hill, "--json", "--start", "2026-09-04T10:00+02:00").out)
    assert rows["stages"][0]["points"][-1]["arrival"].startswith("2026-09-04T1")


def test_a_staged_race_and_its_note(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "days.gpx"
    path.write_text(gpx(points(), points(from_lat=45.08)), encoding="utf-8")
    ran = run("estimate", path)
    assert "2 tracks without a race file are taken as staged" in ran.err
    through = run("estimate", path, "--format", "continuous")
    assert "staged" not in through.err


def test_waypoints_are_counted_and_init_is_named(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "hill.gpx"
    hut = '<wpt lat="45.04" lon="7.0"><name>Hut</name></wpt>'
    path.write_text(gpx(points(), extra=hut), encoding="utf-8")
    err = run("info", path).err
    assert "1 waypoint" in err
    assert "gpxstage init" in err


def test_without_elevation_there_is_a_length_and_a_note(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "flat.gpx"
    path.write_text(gpx(points(height=False)), encoding="utf-8")
    ran = run("estimate", path)
    assert ran.code == 0
    assert "climb      unknown" in ran.out
    assert "note: no estimate: stage 1 has no elevation" in ran.err


def test_check_finds_nothing(run: Gpxstage, race: Path) -> None:
    assert run("check", race) == (
        0,
        "nothing to note: 2 stages read and measured\n",
        "",
        b"nothing to note: 2 stages read and measured\n",
    )
    assert json.loads(run("check", race, "--json").out) == []


def test_check_prints_the_notes(run: Gpxstage, hill: Path) -> None:
    ran = run("check", hill)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("no race file: ")
    assert [row["note"] for row in json.loads(run("check", hill, "--json").out)] == (
        ran.out.splitlines()
    )


def test_raw_measures_without_repairs(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "spike.gpx"
    spike = points().replace("<ele>1800.0</ele>", "<ele>4450.2</ele>", 1)
    assert spike != points()
    path.write_text(gpx(spike), encoding="utf-8")
    repaired, raw = (
        json.loads(run("info", path, "--json", *more).out)["highest_m"] for more in ((), ("--raw",))
    )
    assert repaired == pytest.approx(1800.0, abs=1.0)
    assert raw == 4450.2


def test_interrupted(run: Gpxstage, hill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gpxstage.racefile.load", interrupt)
    ran = run("info", hill)
    assert (ran.code, ran.out) == (130, "")
    assert "gpxstage: interrupted" in ran.err


def test_a_bug_is_not_dressed_up(hill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("gpxstage.racefile.load", bug)
    with pytest.raises(ValueError, match="ours"):
        main(["info", str(hill)])


def test_standard_input() -> None:
    ran = CliRunner().invoke(cli, ["info", "-", "--json", "-q"], input=gpx(points()))
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["length_m"] == pytest.approx(8900.0, rel=0.01)


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a shell, ``gpxstage`` being the one under test."""
    source = str(Path(gpxstage.__file__).parents[1])
    return subprocess.run(
        ["bash", "-c", command.replace("gpxstage", f"{sys.executable} -m gpxstage", 1)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": source} | environment,
        timeout=120,
    )


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_reader_that_goes_away_is_no_error(race: Path) -> None:
    for form in ("--json", "--markdown"):
        done = shell(f"gpxstage estimate {form} {race} | true; exit ${{PIPESTATUS[0]}}")
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_is_one_line(race: Path) -> None:
    done = shell(f"gpxstage info {race} > /dev/full", PYTHONUNBUFFERED="")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_an_old_terminal_gets_what_it_can_show(race: Path) -> None:
    done = shell(f"gpxstage info {race}", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"-----" in done.stdout
    assert b"?" not in done.stdout
