"""The command line: every command and form, its exit codes, and what goes to which stream."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from gpxstage.cli import COMMANDS, main, measuring
from gpxstage.cli.values import distance_m, duration_s, flat_time_s

Run = Callable[..., "Done"]

GPX = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="a test">\n{}</gpx>\n'
M_PER_DEG = 111_200.0

RACE = """
name = "Two Days"
timezone = "Europe/Rome"
format = "staged"
terrain = 0.3

[[stage]]
name = "Day one"
gpx = "1.gpx"
start = 2026-09-04T08:00:00
limit_h = 9
transfer = true
  [[stage.point]]
  name = "Hut"
  kind = "aid"
  km = 5
  cutoff = 2026-09-04T11:00:00
  services = ["food", "bed"]

[[stage]]
name = "Day two"
gpx = "2.gpx"
start = 2026-09-05T08:00:00
  [[stage.point]]
  name = "Tap"
  kind = "water"
  km = 6
"""


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: object
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.raw, parse_constant=_refuse)

    @property
    def hours(self) -> float:
        return float(self.json["elapsed_s"]["p50"]) / 3600.0


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Done(end.value.code, out, err.decode())

    return call


def hills(base_m: float = 1000.0, length_m: float = 12_000.0, name: str = "Hills") -> str:
    """A track of waves of 400 m every 4 km, a point every 25 m."""
    along_m = np.arange(0.0, length_m + 1.0, 25.0)
    height_m = base_m + 200.0 - 200.0 * np.cos(2.0 * np.pi * along_m / 4000.0)
    return track(name, along_m, height_m)


def track(name: str, along_m: np.ndarray, height_m: np.ndarray | None) -> str:
    points = "".join(
        f'<trkpt lat="{46.0 + x / M_PER_DEG:.7f}" lon="7.0">'
        + ("" if height_m is None else f"<ele>{height_m[k]:.2f}</ele>")
        + "</trkpt>\n"
        for k, x in enumerate(along_m)
    )
    return f"<trk><name>{name}</name><trkseg>{points}</trkseg></trk>\n"


def waypoint(name: str, at_m: float) -> str:
    return f'<wpt lat="{46.0 + at_m / M_PER_DEG:.7f}" lon="7.0"><name>{name}</name></wpt>\n'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Three waves, 12 km, two waypoints."""
    path = tmp_path / "hills.gpx"
    path.write_text(
        GPX.format(waypoint("Rifugio Uno", 4000) + waypoint("Rif. Due", 8000) + hills())
    )
    return path


@pytest.fixture
def high(tmp_path: Path) -> Path:
    """The same at 3,000 m."""
    path = tmp_path / "high.gpx"
    path.write_text(GPX.format(hills(3000.0)))
    return path


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """Two staged days with a race file that leaves nothing open."""
    folder = tmp_path / "two days"
    folder.mkdir()
    (folder / "race.toml").write_text(RACE)
    for k in (1, 2):
        (folder / f"{k}.gpx").write_text(GPX.format(hills(name=f"t{k}")))
    return folder


# what every command does


def test_the_commands_are_listed_with_what_they_do(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_80_columns(run: Run, name: str) -> None:
    for flag in ("--help", "-h"):
        done = run(name, flag)
        assert done.code == 0
        assert done.out.startswith(f"Usage: gpxstage {name}")
        assert max(map(len, done.out.splitlines())) <= 80
        assert not done.err


def test_the_version(run: Run) -> None:
    assert run("--version").out.startswith("gpxstage ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["info"],
        ["info", "--nonsense", "x.gpx"],
        ["plot", "x.gpx"],  # no -o
        ["report", "x.gpx"],
        ["estimate", "x.gpx", "--format", "fast"],
        ["estimate", "x.gpx", "--units", "cubits"],
        ["estimate", "x.gpx", "--terrain", "1.5"],
        ["estimate", "x.gpx", "--conditions", "0"],
        ["estimate", "x.gpx", "--wave", "0"],
        ["estimate", "x.gpx", "--goal", "soon"],
        ["estimate", "x.gpx", "--goal", "0:00"],
        ["estimate", "x.gpx", "--hike-above", "steep"],
        ["estimate", "x.gpx", "--hike-above", "101%"],
        ["estimate", "x.gpx", "--flat", "10km"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_before_a_file_is_opened(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert not done.raw
    assert "Error: " in done.err


# input that cannot be used

BOMB = """<?xml version="1.0"?>
<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<gpx><trk><trkseg><trkpt lat="1" lon="2"><name>&c;</name></trkpt></trkseg></trk></gpx>"""
UNUSABLE = {
    "text": ("no GPX at all, just words", "text.gpx: is not XML, so not a GPX file"),
    "empty": ("", "empty.gpx: is empty"),
    "blank": ("  \n \n", "blank.gpx: is empty"),
    "truncated": (GPX.format(hills())[:-3000], "the file ends before it is complete"),
    "waypoints": (
        GPX.format(waypoint("a", 0) + waypoint("b", 5)),
        "waypoints.gpx: has 2 waypoints but no track or route",
    ),
    "nothing": (GPX.format(""), "nothing.gpx: has no track or route"),
    "single": (
        GPX.format('<trk><trkseg><trkpt lat="46" lon="7"><ele>1</ele></trkpt></trkseg></trk>'),
        "single.gpx: its track is a single place",
    ),
    "range": (
        GPX.format(
            '<trk><trkseg><trkpt lat="146" lon="7"/><trkpt lat="46" lon="7"/></trkseg></trk>'
        ),
        "range.gpx: line 3",
    ),
    "bomb": (BOMB, "bomb.gpx: has a DOCTYPE"),
    "page": ("<!DOCTYPE html><html></html>", "page.gpx: is a web page"),
}
COMMON = [
    ["info"],
    ["info", "--json"],
    ["estimate"],
    ["estimate", "--csv", "--goal", "3:00"],
    ["check"],
    ["plot", "-o", "{out}/x.png"],
    ["report", "-o", "{out}/made"],
]


@pytest.mark.parametrize("command", COMMON, ids=" ".join)
@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_input_is_one_line_on_stderr(
    run: Run, tmp_path: Path, name: str, command: list[str]
) -> None:
    text, message = UNUSABLE[name]
    path, out = tmp_path / f"{name}.gpx", tmp_path / "out"
    path.write_text(text)
    out.mkdir()
    done = run(*(part.format(out=out) for part in command), path)
    assert done.code == 1
    assert not done.raw
    assert done.err.startswith("gpxstage: ")
    assert done.err.count("\n") == 1
    assert message in done.err
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("command", COMMON, ids=" ".join)
def test_a_missing_file_is_wrong_usage(run: Run, tmp_path: Path, command: list[str]) -> None:
    done = run(*(part.format(out=tmp_path) for part in command), tmp_path / "gone.gpx")
    assert done.code == 2
    assert done.err == f"gpxstage: {tmp_path / 'gone.gpx'}: no such file\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_gpx(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    done = run("info", tmp_path)
    assert done.code == 1
    assert done.err == (
        f"gpxstage: {tmp_path.name}: the folder holds no race.toml and no GPX file\n"
    )


def test_a_file_that_the_race_file_names_and_is_not_there(run: Run, race: Path) -> None:
    (race / "2.gpx").unlink()
    done = run("estimate", race)
    assert done.code == 1
    assert done.err.startswith("gpxstage: race.toml: stage 2 ")
    assert "2.gpx" in done.err


def test_a_race_file_with_an_unknown_key(run: Run, race: Path) -> None:
    (race / "race.toml").write_text(RACE.replace("limit_h", "limit_hours"))
    done = run("info", race)
    assert done.code == 1
    assert "unknown key limit_hours: did you mean limit_h?" in done.err


def test_the_picture_and_the_folder_need_a_place_to_go(
    run: Run, course: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("here")
    for made in (["plot", "-o", tmp_path / "no/x.png"], ["report", "-o", tmp_path / "file"]):
        done = run(*made, course)
        assert done.code == 1
        assert done.err.startswith(f"gpxstage: {made[-1]}: cannot be ")
    assert (tmp_path / "file").read_text() == "here"


def test_interrupted_is_130(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "load", stop)
    done = run("info", course)
    assert done.code == 130
    assert done.err.strip() == "gpxstage: interrupted"  # on a line of its own, after the ^C


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_reader_that_has_gone_is_no_error(course: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "gpxstage", "info", "--json", str(course)],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    os.close(writer)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


@pytest.mark.xfail(reason="nan passes the ranges, and a traceback follows", raises=ValueError)
@pytest.mark.parametrize("option", ["--conditions", "--home-altitude", "--pack", "--body"])
def test_no_number_is_wrong_usage(run: Run, course: Path, option: str) -> None:
    assert run("estimate", course, option, "nan").code == 2


@pytest.mark.parametrize("option", ["--terrain", "--index", "--hike-above"])
def test_no_number_is_refused(run: Run, course: Path, option: str) -> None:
    assert run("estimate", course, option, "nan").code in (1, 2)


@pytest.mark.xfail(reason="a clock that runs out of the calendar", raises=OverflowError)
@pytest.mark.parametrize("start", ["9999-12-31T23:00+00:00", "0001-01-01T00:00+02:00"])
def test_a_start_at_the_end_of_the_calendar(run: Run, course: Path, start: str) -> None:
    assert run("estimate", course, "--start", start).code in (1, 2)


@pytest.mark.xfail(reason="the logarithm of no distance", raises=ValueError)
def test_a_flat_race_of_no_length(run: Run, course: Path) -> None:
    assert run("estimate", course, "--flat", "0km", "10:00").code in (1, 2)


@pytest.mark.xfail(reason="bytes of a file name that are no text", raises=UnicodeEncodeError)
@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_name_that_is_no_text(run: Run, course: Path) -> None:
    path = os.fsdecode(os.fsencode(course.parent) + b"/h\xff.gpx")
    course.rename(path)
    assert run("estimate", "--json", path).code == 0


# where things go


def test_data_on_stdout_and_notes_on_stderr(run: Run, course: Path) -> None:
    for command in ("info", "estimate"):
        for form in ([], ["--json"], ["--csv"], ["--markdown"]):
            done = run(command, course, *form)
            assert done.code == 0
            assert done.raw
            assert done.err.startswith("note: no race file: ")
            assert all(line.startswith("note: ") for line in done.err.splitlines())
            assert b"note: " not in done.raw
            quiet = run(command, course, *form, "-q")
            assert (quiet.raw, quiet.err) == (done.raw, "")


@pytest.mark.parametrize("command", ["info", "estimate", "check", "models"])
@pytest.mark.parametrize(
    "forms", [("--json", "--csv"), ("--csv", "--markdown"), ("--json", "--csv", "--markdown")]
)
def test_forms_exclude_each_other(
    run: Run, course: Path, command: str, forms: tuple[str, ...]
) -> None:
    done = run(command, *([] if command == "models" else [course]), *forms)
    assert done.code == 2
    assert f"{' and '.join(forms)} exclude each other" in done.err


def test_the_json_has_a_runner_only_where_one_is_asked_for(run: Run, course: Path) -> None:
    assert "runner" not in run("info", "--json", course).json
    row = run("estimate", "--json", course).json
    assert row["runner"]["source"] == "level"
    assert row["runner"]["name"] == "mid"


def test_the_csv_is_a_row_a_point(run: Run, course: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("estimate", "--csv", course).out)))
    assert [row["point"] for row in rows][:2] == ["Rifugio Uno", "Rif. Due"]
    assert len(rows) == 3
    assert {"stage", "point", "km", "arrival", "cutoff"} <= set(rows[0])
    assert "arrival" not in run("info", "--csv", course).out


def test_the_markdown_has_a_title_and_tables(run: Run, course: Path) -> None:
    text = run("estimate", "--markdown", course).out
    assert text.startswith("# hills\n")
    assert "\n## Points\n" in text


@pytest.mark.parametrize("command", ["info", "estimate", "check", "models"])
def test_output_fits_80_columns(run: Run, tmp_path: Path, command: str) -> None:
    long = "A very long name of a place that nobody would ever want to read in full " * 2
    tracks = "".join(hills(name=f"{k} {long}", length_m=8000.0) for k in range(3))
    path = tmp_path / "long.gpx"
    path.write_text(GPX.format(waypoint(f"Rifugio {long}", 4000) + tracks))
    done = run(*([command] if command == "models" else [command, path]))
    if command != "check":  # a note is a line, however long: for grep
        assert max(map(len, done.out.splitlines())) <= 80


def test_imperial(run: Run, course: Path) -> None:
    done = run("info", course, "--units", "imperial")
    assert "7.5 mi" in done.out
    assert " km" not in done.out
    above = run("info", "--json", course, "--units", "imperial").json["stages"][0]["above"]
    assert [row["m"] for row in above] == [1524.0, 2438.4, 3048.0, 3657.6]


def test_an_old_terminal_gets_what_it_can_show(
    run: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = run("info", course).out
    assert "─" in text
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit):
        main(["info", "-q", str(course)])
    out.flush()
    assert out.buffer.getvalue().decode("ascii").count("\n") == text.count("\n")  # type: ignore[attr-defined]


def test_two_runs_give_the_same_bytes(run: Run, race: Path) -> None:
    for arguments in (["info"], ["estimate"], ["estimate", "--json"], ["estimate", "--markdown"]):
        assert run(*arguments, race) == run(*arguments, race)


# sources


def test_gpx_on_standard_input(run: Run, course: Path) -> None:
    piped = run("info", "--json", "-", stdin=course.read_bytes())
    assert piped.code == 0
    named = run("info", "--json", course).json
    assert piped.json | {"name": "hills"} == named
    assert piped.json["name"] == "Hills"  # the track's, as no file has one


def test_nothing_on_standard_input(run: Run) -> None:
    done = run("info", "-")
    assert (done.code, done.err) == (1, "gpxstage: standard input: is empty\n")


def test_several_files_are_stages_in_the_order_given(run: Run, course: Path, high: Path) -> None:
    row = run("info", "--json", high, course).json
    assert row["format"] == "staged"
    assert row["name"] == "high to hills"
    assert [stage["lowest_m"] for stage in row["stages"]] == [3000.0, 1000.0]


def test_a_folder_is_read_in_natural_order(run: Run, tmp_path: Path) -> None:
    for k in (10, 2, 1):
        (tmp_path / f"day {k}.gpx").write_text(GPX.format(hills(name=str(k))))
    row = run("info", "--json", tmp_path).json
    assert [stage["name"] for stage in row["stages"]] == ["1", "2", "10"]
    assert row["name"] == tmp_path.name


def test_many_tracks_without_a_race_file_are_staged_and_said_to_be(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "seven.gpx"
    path.write_text(GPX.format("".join(hills(name=str(k), length_m=4000.0) for k in range(7))))
    done = run("estimate", "--json", path)
    assert done.json["format"] == "staged"
    assert len(done.json["stages"]) == 7
    assert "note: 7 tracks without a race file are taken as staged" in done.err
    assert "--format continuous" in done.err
    assert "gpxstage init" not in done.err
    through = run("estimate", "--json", path, "--format", "continuous")
    assert "taken as staged" not in through.err
    assert through.json["format"] == "continuous"
    assert through.hours > done.hours


def test_one_track_with_waypoints_names_init(run: Run, course: Path) -> None:
    err = run("estimate", course).err
    assert "terrain 0.4 (mountain trail) unless --terrain says otherwise" in err
    assert "no clock without --start" in err
    assert "2 waypoints" in err
    assert "`gpxstage init`" in err


def test_what_is_said_leaves_the_notes(run: Run, course: Path) -> None:
    err = run("estimate", course, "--terrain", "0.2", "--start", "2026-09-04T08:00+02:00").err
    assert "terrain" not in err
    assert "clock" not in err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--start", "2026-09-04T08:00"], "needs an offset, as in 2026-09-04T08:00+02:00"),
        (["--wave", "2"], "wave 2: only a race file has waves"),
        (["--start", "tomorrow"], 'start "tomorrow" is no date and time'),
    ],
)
def test_a_clock_that_a_bare_file_cannot_have(
    run: Run, course: Path, option: list[str], message: str
) -> None:
    done = run("estimate", course, *option)
    assert done.code in (1, 2)
    assert message in done.err


def test_a_race_file_and_its_folder_are_the_same_race(run: Run, race: Path) -> None:
    by_folder = run("estimate", "--json", race)
    assert by_folder.raw == run("estimate", "--json", race / "race.toml").raw
    assert by_folder.json["name"] == "Two Days"
    assert not by_folder.err.count("terrain")


def test_raw_measures_without_repairs(run: Run, tmp_path: Path) -> None:
    along_m = np.arange(0.0, 4001.0, 20.0)
    height_m = np.full(len(along_m), 500.0)
    height_m[100] = 900.0  # a spike
    path = tmp_path / "spike.gpx"
    path.write_text(GPX.format(track("spike", along_m, height_m)))
    repaired, raw = run("info", "--json", path).json, run("info", "--json", "--raw", path).json
    assert repaired["gain_raw_m"] == 0.0
    assert raw["gain_raw_m"] == 400.0


def test_without_elevation_there_are_figures_but_no_estimate(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "flat.gpx"
    path.write_text(GPX.format(track("flat", np.arange(0.0, 4001.0, 20.0), None)))
    for arguments in (["estimate"], ["estimate", "--json"], ["estimate", "--goal", "1:00"]):
        done = run(*arguments, path)
        assert done.code == 0
        assert "no estimate: stage 1 has no elevation" in done.err
    row = run("estimate", "--json", path).json
    assert row["elapsed_s"] == {"p10": None, "p50": None, "p90": None}
    assert run("report", path, "-o", tmp_path / "out").code == 0


# runners


@pytest.mark.parametrize("level", ["elite", "strong", "mid", "back"])
def test_a_level(run: Run, course: Path, level: str) -> None:
    row = run("estimate", "--json", course, "--level", level).json
    assert (row["runner"]["name"], row["runner"]["source"]) == (level, "level")


def test_levels_in_their_order(run: Run, course: Path) -> None:
    found = [
        run("estimate", "--json", course, "--level", level).hours
        for level in ("elite", "strong", "mid", "back")
    ]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("option", "names"),
    [
        (["--level", "fastest"], "'fastest' is not one of elite, strong, mid, back"),
        (["--model", "tobbler"], "'tobbler' is not one of gait, "),
    ],
)
def test_an_unknown_name_lists_the_known(
    run: Run, course: Path, option: list[str], names: str
) -> None:
    done = run("estimate", course, *option)
    assert done.code == 2
    assert names in done.err


def test_a_level_may_be_given_once(run: Run, course: Path) -> None:
    assert run("estimate", course, "--level", "mid", "--level", "back").code == 2


@pytest.mark.parametrize(
    "more", [["--goal", "3:00"], ["--flat", "10km", "40:00"], ["--index", "600"]]
)
def test_there_is_one_runner(run: Run, course: Path, more: list[str]) -> None:
    done = run("estimate", course, "--level", "mid", *more)
    assert done.code == 2
    assert "exclude each other" in done.err


def test_a_goal_is_met_and_its_runner_told(run: Run, course: Path) -> None:
    done = run("estimate", "--json", course, "--goal", "2:00")
    assert done.json["elapsed_s"]["p50"] == pytest.approx(7200, abs=1)
    assert done.json["runner"]["name"] == "goal"
    assert "on flat road: 10 km " in done.err
    assert "marathon " in done.err


@pytest.mark.parametrize(("goal", "who"), [("0:10", "fastest"), ("99h", "slowest")])
def test_a_goal_that_nobody_meets(run: Run, course: Path, goal: str, who: str) -> None:
    done = run("estimate", "--json", course, "--goal", goal)
    assert done.code == 1
    assert not done.raw
    assert f"cannot be met: the {who} runner that can be estimated takes " in done.err


def test_a_flat_race_and_a_faster_one(run: Run, course: Path) -> None:
    slow, fast = (
        run("estimate", "--json", course, "--flat", "10km", time) for time in ("55:00", "40:00")
    )
    assert fast.hours < slow.hours
    assert fast.json["runner"]["source"] == "10km in 40:00"
    same = run("estimate", "--json", course, "--flat", "10 km", "0:40:00")
    assert same.hours == fast.hours


def test_a_past_race_on_this_course_is_its_own_forecast(run: Run, course: Path) -> None:
    done = run("estimate", "--json", course, "--past", course, "2:20")
    assert done.json["elapsed_s"]["p50"] == pytest.approx(140 * 60, abs=2)
    assert done.json["runner"]["source"] == "hills in 2:20"


def test_an_index(run: Run, course: Path) -> None:
    hours = [run("estimate", "--json", course, "--index", n).hours for n in (400, 550, 700, 900)]
    assert hours == sorted(hours, reverse=True)
    done = run("estimate", course, "--index", "5000")
    assert done.code == 1
    assert "index 5000 is out of range: 250 ... 1000" in done.err


def test_clues_that_contradict_each_other_are_noted(run: Run, course: Path) -> None:
    done = run("estimate", course, "--flat", "10km", "30:00", "--past", course, "3:30")
    assert done.code == 0
    assert "note: 10km in 30:00 speaks for a runner " in done.err
    assert "they contradict each other" in done.err


@pytest.mark.parametrize(
    "option",
    [
        ["--flat", "far", "40:00"],
        ["--flat", "10km", "fast"],
        ["--past", "{course}", "quick"],
        ["--past", "gone.gpx", "3:00"],
    ],
    ids=" ".join,
)
def test_a_clue_that_cannot_be_read_is_wrong_usage(
    run: Run, course: Path, option: list[str]
) -> None:
    assert run("estimate", course, *(part.format(course=course) for part in option)).code == 2


def test_hiking_all_that_is_steep_makes_more_of_it(run: Run, course: Path) -> None:
    def hiked(*more: str) -> float:
        row = run("estimate", "--json", course, "--level", "elite", *more).json
        return float(row["hike_fraction"]["of_time"]["p50"])

    assert hiked("--hike-above", "8%") > hiked() + 0.1
    assert hiked("--hike-above", "0.08") == hiked("--hike-above", "8%")
    assert hiked("--hike-above", "100%") == hiked()


def test_conditions_slow_all_movement(run: Run, course: Path) -> None:
    plain, muddy = (
        run("estimate", "--json", course, "--conditions", factor).json["moving_s"]["p50"]
        for factor in ("1", "1.1")
    )
    assert muddy == pytest.approx(1.1 * plain, rel=0.02)


def test_up_high_the_unacclimatised_are_slower(run: Run, course: Path, high: Path) -> None:
    def slower(path: Path) -> float:
        used, fresh = (
            run("estimate", "--json", path, option).hours
            for option in ("--acclimatised", "--not-acclimatised")
        )
        return fresh / used

    assert slower(high) > 1.03
    assert slower(high) > slower(course) >= 1.0
    home = run("estimate", "--json", high, "--home-altitude", "3000", "--not-acclimatised").hours
    assert home < run("estimate", "--json", high, "--not-acclimatised").hours


def test_a_pack_is_slower(run: Run, course: Path) -> None:
    light, heavy = (run("estimate", "--json", course, "--pack", kg) for kg in (0, 12))
    assert heavy.hours > light.hours
    assert heavy.json["runner"]["pack_kg"] == 12.0


def test_rough_ground_is_slower(run: Run, course: Path) -> None:
    assert (
        run("estimate", "--json", course, "--terrain", "0.8").hours
        > run("estimate", "--json", course, "--terrain", "0.1").hours
    )


def test_a_plain_model_has_no_gait(run: Run, course: Path) -> None:
    row = run("estimate", "--json", course, "--model", "tobler").json
    assert row["runner"]["model"] == "tobler"
    assert row["hike_fraction"]["of_time"]["p50"] is None
    assert row["moving_s"]["p50"] > 0
    assert "hiked" not in run("estimate", course, "--model", "tobler").out


def test_why_adds_up(run: Run, race: Path) -> None:
    row = run("estimate", "--json", "--why", race).json
    for stage, why in zip(row["stages"], row["why"]["stages"], strict=True):
        causes = sum(value for key, value in why.items() if key.endswith("_s"))
        assert causes == pytest.approx(stage["elapsed_s"]["p50"], abs=6)
    assert "tobler" in row["why"]["models"]
    text = run("estimate", "--why", race).out
    assert "flat road" in text
    assert "tobler" in text


# stages


def test_a_stage_is_a_part_of_the_answer_and_changes_none(run: Run, race: Path) -> None:
    every = run("estimate", "--json", race).json
    only = run("estimate", "--json", race, "--stage", "2").json
    assert only == every | {"stages": every["stages"][1:]}
    assert run("estimate", "--json", race, "--stage", "1", "--stage", "2").json == every


@pytest.mark.parametrize("number", ["0", "3", "-1", "x"])
@pytest.mark.parametrize("command", ["info", "estimate", "plot", "report"])
def test_a_stage_that_is_not_there(
    run: Run, race: Path, tmp_path: Path, command: str, number: str
) -> None:
    out = {"plot": ["-o", tmp_path / "x.png"], "report": ["-o", tmp_path / "out"]}.get(command, [])
    done = run(command, race, "--stage", number, *out)
    assert done.code == 2
    assert not done.raw
    assert not (tmp_path / "x.png").exists()
    assert not (tmp_path / "out").exists()


# plot, report, check, models


@pytest.mark.parametrize(
    ("name", "magic"), [("x.png", b"\x89PNG"), ("X.SVG", b"<?xml"), ("x.pdf", b"%PDF")]
)
def test_a_picture_is_of_the_kind_its_ending_says(
    run: Run, course: Path, tmp_path: Path, name: str, magic: bytes
) -> None:
    done = run("plot", course, "-o", tmp_path / name)
    assert done.code == 0
    assert not done.raw
    first = (tmp_path / name).read_bytes()
    assert first.startswith(magic)
    run("plot", course, "-o", tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_a_picture_on_stdout_is_png(run: Run, race: Path, tmp_path: Path) -> None:
    done = run("plot", race, "-o", "-", "--stage", "1")
    assert done.raw.startswith(b"\x89PNG")
    run("plot", race, "-o", tmp_path / "x.png", "--stage", "1")
    assert (tmp_path / "x.png").read_bytes() == done.raw


@pytest.mark.parametrize(
    "name",
    [
        "x.gif",
        "x",
        "",
        "x.png/",
        pytest.param("png", marks=pytest.mark.xfail(reason="a name without a dot is an ending")),
    ],
)
def test_another_ending_is_wrong_usage(
    run: Run, course: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.parent)
    done = run("plot", course, "-o", name)
    assert done.code == 2
    assert "the ending must be .png, .svg or .pdf" in done.err


def test_a_picture_of_two_stages_is_wrong_usage(run: Run, race: Path, tmp_path: Path) -> None:
    done = run("plot", race, "-o", tmp_path / "x.png", "--stage", "1", "--stage", "2")
    assert done.code == 2
    assert "a picture shows the race or one stage" in done.err


def test_a_report_is_a_folder_and_the_same_twice(run: Run, race: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "b", tmp_path / "second"
    done = run("report", race, "-o", first)
    assert (done.code, done.raw) == (0, b"")
    names = sorted(path.name for path in first.iterdir())
    assert {
        "report.json", "report.md", "splits.csv", "race.gpx", "race.png", "stage-1.png",
        "stage-2.png",
    } <= set(names)  # fmt: skip
    assert (first / "report.json").read_bytes() == run("estimate", "--json", race).raw
    assert (first / "splits.csv").read_bytes() == run("estimate", "--csv", race).raw
    assert (first / "report.md").read_bytes() == run("estimate", "--markdown", race).raw
    assert done.err.splitlines()[-2].startswith("Two Days: 24.0 km, +")
    assert run("report", race, "-o", second, "-q") == Done(0, b"", "")
    assert names == sorted(path.name for path in second.iterdir())
    for name in names:
        data = (first / name).read_bytes()
        assert data == (second / name).read_bytes(), name
        assert str(tmp_path).encode() not in data, name


def test_check_prints_notes_and_fails_if_there_are_any(run: Run, course: Path) -> None:
    done = run("check", course)
    assert done.code == 1
    assert done.out.startswith("no race file: ")
    assert not done.err
    rows = run("check", "--json", course).json
    assert [row["note"] for row in rows] == done.out.splitlines()
    assert run("check", "--csv", course).out.startswith("note\n")
    assert run("check", "--markdown", course).out.startswith("| note")


def test_check_of_a_race_without_anything_odd(run: Run, race: Path) -> None:
    done = run("check", race)
    assert done.out == "nothing to note: 2 stages read and measured\n"
    assert (done.code, done.err) == (0, "")
    assert run("check", "--json", race).json == []


def test_the_models(run: Run) -> None:
    done = run("models")
    assert done.code == 0
    for name in ("gait", "minetti", "tobler", "naismith", "din33466", "munter"):
        assert name in done.out
    rows = run("models", "--json").json
    assert all(row["lowest_grade"] < row["highest_grade"] for row in rows)
    assert all(row["reference"] for row in rows)
    assert len(run("models", "--csv").out.splitlines()) == len(rows) + 1


# split, init, schema


def test_a_track_split_and_read_again(run: Run, course: Path, tmp_path: Path) -> None:
    done = run("split", course, "--every", "5km", "-o", tmp_path / "cut")
    assert (done.code, done.raw) == (0, b"")
    again = run("info", "--json", tmp_path / "cut")
    assert [round(stage["length_m"], -2) for stage in again.json["stages"]] == [5000, 5000, 2000]
    for wrong in ([], ["--every", "5km", "--at", "3"]):
        assert run("split", course, *wrong, "-o", tmp_path / "not").code == 2
    assert not (tmp_path / "not").exists()


def test_a_first_race_file(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.parent)
    text = run("init", course, "-o", "-").out
    assert 'gpx = "hills.gpx"' in text
    assert "Rifugio Uno" in text
    assert run("init", course).code == 0
    assert Path("race.toml").read_text(encoding="utf-8") == text
    assert run("estimate", "race.toml").code == 0
    again = run("init", course)
    assert again.code == 2
    assert "is there already" in again.err


def test_the_schema_is_json(run: Run) -> None:
    assert "properties" in json.dumps(run("schema", "manifest").json)
    assert run("schema", "weather").code == 2


# what people type


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("38:00", 38 * 3600.0),
        ("0:45", 45 * 60.0),
        ("1:02:03", 3723.0),
        ("19:54:23", 71_663.0),
        ("100:00", 360_000.0),
        ("38h", 38 * 3600.0),
        ("1.5h", 5400.0),
        ("1.5 h", 5400.0),
        ("90min", 5400.0),
        ("90 min", 5400.0),
        ("90m", 5400.0),
        ("45s", 45.0),
        ("1h30", 5400.0),
        ("1h30min", 5400.0),
        ("1h 5m", 3900.0),
        ("  2:00 ", 7200.0),
        ("2H", 7200.0),
        ("", None),
        ("38", None),
        ("1:60", None),
        ("1:00:60", None),
        ("1:2:3:4", None),
        ("-1:00", None),
        ("1h60", None),
        ("soon", None),
        ("1,5h", None),
        ("nan", None),
        ("infh", None),
    ],
)
def test_times(text: str, seconds: float | None) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("10km", 10_000.0),
        ("10 km", 10_000.0),
        ("10K", 10_000.0),
        ("21.1km", 21_100.0),
        ("13.1mi", 13.1 * 1609.344),
        ("5000m", 5000.0),
        ("marathon", 42_195.0),
        ("Half", 21_097.5),
        ("half-marathon", 21_097.5),
        ("ten km", None),
        ("10", None),
        ("-10km", None),
        ("10 km flat", None),
        ("", None),
    ],
)
def test_distances(text: str, metres: float | None) -> None:
    assert distance_m(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("distance", "text", "seconds"),
    [
        ("10km", "38:00", 38 * 60.0),  # m:ss
        ("10km", "1:02", 62 * 60.0),  # h:mm, as it is 9.7 km/h
        ("marathon", "2:55", 175 * 60.0),  # h:mm
        ("marathon", "10:30", 10.5 * 3600.0),
        ("half", "1:25", 85 * 60.0),
        ("half", "85:00", 85 * 60.0),
        ("5km", "19:30", 19.5 * 60.0),
        ("1mi", "4:10", 250.0),
        ("100km", "9:00", 9 * 3600.0),
        ("10km", "0:38:00", 38 * 60.0),
        ("10km", "38min", 38 * 60.0),
        ("10km", "fast", None),
    ],
)
def test_two_parts_of_a_flat_race(distance: str, text: str, seconds: float | None) -> None:
    length_m = distance_m(distance)
    assert length_m is not None
    assert flat_time_s(text, length_m) == seconds
