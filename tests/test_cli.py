"""The command line: exit codes, streams, one clear line for what a person can fix."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

import gpxstage
from gpxstage.cli import COMMANDS, cli, main
from gpxstage.cli.values import Grade, distance_m, duration_s, flat_time_s

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
PNG = b"\x89PNG\r\n\x1a\n"


def points(count: int = 161, *, height: bool = True, from_lat: float = 45.0) -> str:
    """A hill due north: 9 km, 400 m up and down."""
    made = []
    for k in range(count):
        ele = f"<ele>{1400 + 400 * math.sin(k / (count - 1) * math.pi):.1f}</ele>" if height else ""
        made.append(f'<trkpt lat="{from_lat + k * 5e-4:.5f}" lon="7.0">{ele}</trkpt>')
    return "".join(made)


def gpx(*tracks: str, extra: str = "") -> str:
    """A GPX file of some tracks."""
    made = "".join(
        f"<trk><name>Day {k}</name><trkseg>{t}</trkseg></trk>" for k, t in enumerate(tracks, 1)
    )
    return f"{HEAD}{extra}{made}</gpx>"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str
    raw: bytes = b""


Gpxstage = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Gpxstage:
    """``run("info", path)`` in this process, through the door that the console script uses."""

    def command(*arguments: object) -> Ran:
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out.decode("utf-8", "replace"), err.decode("utf-8"), out)

    return command


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    path = tmp_path / "hill.gpx"
    path.write_text(gpx(points()), encoding="utf-8")
    return path


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """A race folder: two stages, a hut, a cutoff, no note to make."""
    folder = tmp_path / "race"
    folder.mkdir()
    (folder / "1.gpx").write_text(gpx(points()), encoding="utf-8")
    (folder / "2.gpx").write_text(gpx(points(from_lat=45.08)), encoding="utf-8")
    (folder / "race.toml").write_text(
        """
        name = "Two Hills"
        timezone = "Europe/Rome"
        format = "continuous"
        start = 2026-09-04T22:00:00
        limit_h = 8
        terrain = 0.4
        [[stage]]
        name = "One"
        gpx = "1.gpx"
          [[stage.point]]
          name = "Hut"
          kind = "aid"
          services = ["food", "bed"]
          km = 4.5
          cutoff = 2026-09-05T00:00:00
        [[stage]]
        name = "Two"
        gpx = "2.gpx"
        """,
        encoding="utf-8",
    )
    return folder


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
    (["estimate", "--level", "mid", "--level", "back", "{hill}"], "may be given once"),
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
    assert hut["margin_s"]["p50"] == 7200 - hut["arrival_s"]["p50"]
    assert rows["stages"][0]["night"]["moving_s"] > 0
    assert "runner" not in json.loads(run("info", race, "--json").out)


def test_one_stage_of_the_same_race(run: Gpxstage, race: Path) -> None:
    whole = json.loads(run("estimate", race, "--json").out)
    part = json.loads(run("estimate", race, "--json", "--stage", 2).out)
    assert part["elapsed_s"] == whole["elapsed_s"]
    assert part["stages"] == whole["stages"][1:]
    for form in ("--csv", "--markdown"):
        assert "Hut" in run("estimate", race, form).out
        assert "Hut" not in run("estimate", race, form, "--stage", 2).out


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


def test_a_plain_model(run: Gpxstage, race: Path) -> None:
    rows = json.loads(run("estimate", race, "--json", "--model", "swiss").out)
    assert rows["runner"]["model"] == "swiss"
    assert rows["hike_fraction"]["of_time"]["p50"] is None


def test_a_start_needs_an_offset_where_no_zone_is_known(run: Gpxstage, hill: Path) -> None:
    ran = run("estimate", hill, "--start", "2026-09-04T10:00")
    assert ran.code == 1
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


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", PNG), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", PNG)]
)
def test_a_picture_by_its_ending(run: Gpxstage, race: Path, ending: str, begins: bytes) -> None:
    path = race.parent / f"picture.{ending}"
    assert run("plot", race, "-o", path) == (0, "", "", b"")
    first = path.read_bytes()
    assert first.startswith(begins)
    run("plot", race, "-o", path)
    assert path.read_bytes() == first


def test_a_picture_of_one_stage_on_stdout(run: Gpxstage, race: Path) -> None:
    whole, part = (run("plot", race, "-o", "-", *more).raw for more in ((), ("--stage", "2")))
    assert whole.startswith(PNG)
    assert part.startswith(PNG)
    assert whole != part
    ran = run("plot", race, "-o", "-", "--stage", "1", "--stage", "2")
    assert ran.code == 2
    assert "a picture shows the race or one stage" in ran.err


def test_a_picture_where_no_folder_is(run: Gpxstage, race: Path) -> None:
    ran = run("plot", race, "-o", race / "none" / "a.png")
    assert ran.code == 1
    assert "a.png: cannot be written: No such file or directory" in ran.err


def test_report_writes_a_folder_and_says_so(run: Gpxstage, race: Path) -> None:
    out = race.parent / "out"
    ran = run("report", race, "-o", out)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("Two Hills: 17.8 km, ")
    names = {"report.json", "report.md", "splits.csv", "race.png", "stage-1.png", "stage-2.png"}
    assert names <= {path.name for path in out.iterdir()}
    assert (out / "report.json").read_text("utf-8") == run("estimate", race, "--json").out
    assert (out / "report.md").read_text("utf-8") == run("estimate", race, "--markdown").out
    assert (out / "splits.csv").read_text("utf-8") == run("estimate", race, "--csv").out
    assert run("report", race, "-o", out, "-q") == (0, "", "", b"")


def test_report_where_a_file_is(run: Gpxstage, race: Path) -> None:
    taken = race.parent / "out"
    taken.write_text("mine")
    ran = run("report", race, "-o", taken)
    assert ran.code == 1
    assert "cannot be made a folder" in ran.err
    assert taken.read_text() == "mine"


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


def test_interrupted(run: Gpxstage, hill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gpxstage.manifest.load", interrupt)
    ran = run("info", hill)
    assert (ran.code, ran.out) == (130, "")
    assert "gpxstage: interrupted" in ran.err


def test_a_bug_is_not_dressed_up(hill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("gpxstage.manifest.load", bug)
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
    done = shell(f"gpxstage info {race} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_an_old_terminal_gets_what_it_can_show(race: Path) -> None:
    done = shell(f"gpxstage info {race}", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"-----" in done.stdout
    assert b"?" not in done.stdout
    plain = shell(f"gpxstage info --json {race}", PYTHONIOENCODING="ascii")
    assert json.loads(plain.stdout)["name"] == "Two Hills"


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


@pytest.mark.parametrize(
    ("text", "value_s"),
    [
        ("38:00", 136_800.0),
        ("1:02:03", 3723.0),
        ("38h", 136_800.0),
        ("90min", 5400.0),
        ("1h30", 5400.0),
        ("later", None),
        ("1:99", None),
    ],
)
def test_durations(text: str, value_s: float | None) -> None:
    assert duration_s(text) == value_s


def test_flat_races() -> None:
    assert distance_m("10km") == 10_000.0
    assert distance_m("13.1mi") == pytest.approx(21_082.4, abs=0.1)
    assert distance_m("marathon") == 42_195.0
    assert distance_m("far") is None
    assert flat_time_s("38:00", 10_000.0) == 2280.0  # minutes: nobody needs 38 hours
    assert flat_time_s("2:55", 42_195.0) == 10_500.0  # hours: nobody needs 3 minutes
    assert Grade().convert("8%", None, None) == Grade().convert("0.08", None, None) == 0.08


def test_above_asks_for_altitudes_of_ones_own(run: Gpxstage, hill: Path) -> None:
    found = run("info", str(hill), "--json", "--above", "1500", "--above", "1700")
    (stage,) = json.loads(found.out)["stages"]
    assert [row["m"] for row in stage["above"]] == [1500.0, 1700.0]
    low, high = (row["distance_m"] for row in stage["above"])
    assert stage["length_m"] > low > high > 0.0
    assert "above 1,700 m" in run("estimate", str(hill), "--above", "1700", "-q").out
