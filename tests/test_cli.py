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
        "--sleep is of one runner: not with several --level",
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
    assert hut["margin_s"]["p50"] == 7200 - hut["arrival_s"]["p50"]
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
    assert "300 kcal for every hour awake" in card
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


def test_plot_takes_what_is_across_and_a_size(run: Gpxstage, race: Path) -> None:
    more = ((), ("--x", "time"), ("--size", "preview"), ("--size", "print"), ("--draws", "0"))
    pictures = [run("plot", race, "-o", "-", "--draws", "20", *words).raw for words in more]
    assert len(set(pictures)) == len(more)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    alone = ("plot", race, "-o", "-", "--stage", "1")
    assert run(*alone).raw != run(*alone, "--same-scale").raw


def test_a_clock_across_needs_a_start(run: Gpxstage, hill: Path) -> None:
    ran = run("plot", hill, "-o", "-", "--x", "clock")
    assert (ran.code, ran.raw) == (2, b"")
    assert "--x clock: no clock to put across: the race has no start" in ran.err


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


# runners


@pytest.fixture
def waves(tmp_path: Path) -> Path:
    """12 km due north with three hills of 400 m."""
    return write_waves(tmp_path / "waves.gpx", 1000.0)


@pytest.fixture
def high(tmp_path: Path) -> Path:
    """The same at 3,000 m."""
    return write_waves(tmp_path / "high.gpx", 3000.0)


def write_waves(path: Path, base_m: float) -> Path:
    heights = [base_m + 200.0 - 200.0 * math.cos(2.0 * math.pi * k / 160.0) for k in range(481)]
    made = "".join(
        f'<trkpt lat="{46.0 + 25.0 * k / 111_150.0:.7f}" lon="7.0"><ele>{height:.2f}</ele></trkpt>'
        for k, height in enumerate(heights)
    )
    path.write_text(gpx(made), encoding="utf-8")
    return path


Estimated = Callable[..., dict[str, Any]]


@pytest.fixture
def estimated(run: Gpxstage) -> Estimated:
    """``estimated(path, "--goal", "2:00")`` is the JSON of an estimate, without draws."""

    def rows(*arguments: object) -> dict[str, Any]:
        ran = run("estimate", "--json", "--draws", 0, *arguments)
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.out, parse_constant=pytest.fail)
        return found

    return rows


def elapsed_s(rows: dict[str, Any]) -> int:
    return int(rows["elapsed_s"]["p50"])


def hiked(rows: dict[str, Any]) -> float:
    return float(rows["hike_fraction"]["of_time"]["p50"])


@pytest.mark.parametrize(
    "more", [["--goal", "3:00"], ["--flat", "10km", "40:00"], ["--index", "600"]], ids=" ".join
)
def test_there_is_one_runner(run: Gpxstage, waves: Path, more: list[str]) -> None:
    ran = run("estimate", waves, "--level", "mid", *more)
    assert (ran.code, ran.out) == (2, "")
    assert "exclude each other: who is the runner?" in ran.err


def test_a_goal_is_met_and_its_runner_told(
    run: Gpxstage, estimated: Estimated, waves: Path
) -> None:
    rows = estimated(waves, "--goal", "2:00")
    assert elapsed_s(rows) == pytest.approx(7200, abs=1)
    assert rows["runner"]["name"] == "goal"
    err = run("estimate", waves, "--goal", "2:00").err
    assert "on flat road: 10 km " in err
    assert "marathon " in err


@pytest.mark.parametrize(("goal", "who"), [("0:10", "fastest"), ("99h", "slowest")])
def test_a_goal_that_nobody_meets(run: Gpxstage, waves: Path, goal: str, who: str) -> None:
    ran = run("estimate", waves, "--json", "--goal", goal)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert f"cannot be met: the {who} runner that can be estimated takes " in ran.err


@pytest.mark.parametrize("model", ["swiss", "minetti-walk"])
@pytest.mark.parametrize("goal", ["0:10", "99h"])
def test_a_goal_asks_for_a_model_that_knows_runners(
    run: Gpxstage, waves: Path, model: str, goal: str
) -> None:
    ran = run("estimate", waves, "--goal", goal, "--model", model)
    assert (ran.code, ran.out) == (2, "")
    assert f"--goal: by --model {model} all runners take the same time" in ran.err


def test_a_goal_by_a_model_of_a_runners_own_pace(estimated: Estimated, waves: Path) -> None:
    rows = estimated(waves, "--goal", "2:00", "--model", "km-effort")
    assert elapsed_s(rows) == pytest.approx(2 * 3600, abs=2)


def test_a_flat_race_makes_a_runner(estimated: Estimated, waves: Path) -> None:
    slow, fast = (estimated(waves, "--flat", "10km", time) for time in ("55:00", "40:00"))
    assert elapsed_s(fast) < elapsed_s(slow)
    assert fast["runner"]["source"] == "10km in 40:00"
    assert elapsed_s(estimated(waves, "--flat", "10 km", "0:40:00")) == elapsed_s(fast)


def test_a_past_race_on_this_course_is_its_own_forecast(estimated: Estimated, waves: Path) -> None:
    rows = estimated(waves, "--past", waves, "2:20")
    assert elapsed_s(rows) == pytest.approx(140 * 60, abs=2)
    assert rows["runner"]["source"] == "waves in 2:20"
    assert rows["runner"]["known_from"] == "here"


def test_a_past_race_elsewhere_leaves_the_course_open(estimated: Estimated, waves: Path) -> None:
    tor = Path(__file__).parents[1] / "sample_courses" / "tor-des-geants"
    assert estimated(waves, "--past", tor, "120h")["runner"]["known_from"] == "results"


def test_an_index_makes_a_runner(run: Gpxstage, estimated: Estimated, waves: Path) -> None:
    times = [elapsed_s(estimated(waves, "--index", n)) for n in (400, 550, 700, 900)]
    assert times == sorted(times, reverse=True)
    ran = run("estimate", waves, "--index", "5000")
    assert ran.code == 1
    assert "index 5000 is out of range: 250 ... 1000" in ran.err


def test_what_contradicts_itself_is_noted(run: Gpxstage, waves: Path) -> None:
    ran = run("estimate", waves, "--flat", "10km", "30:00", "--past", waves, "3:30")
    assert ran.code == 0
    assert "note: 10km in 30:00 speaks for a runner " in ran.err
    assert "they contradict each other" in ran.err


@pytest.mark.parametrize("past", [["{waves}", "quick"], ["gone.gpx", "3:00"]], ids=" ".join)
def test_a_past_race_that_cannot_be_read(run: Gpxstage, waves: Path, past: list[str]) -> None:
    ran = run("estimate", waves, "--past", *(part.format(waves=waves) for part in past))
    assert (ran.code, ran.out) == (2, "")


def test_hiking_all_that_is_steep_makes_more_of_it(estimated: Estimated, waves: Path) -> None:
    free, bound = (
        hiked(estimated(waves, "--level", "elite", "--hike-above", grade))
        for grade in ("100%", "8%")
    )
    assert bound > free + 0.1
    assert hiked(estimated(waves, "--level", "elite")) == free
    assert hiked(estimated(waves, "--level", "elite", "--hike-above", "0.08")) == bound


def test_conditions_slow_all_movement(estimated: Estimated, waves: Path) -> None:
    plain, muddy = (
        estimated(waves, "--conditions", factor)["moving_s"]["p50"] for factor in ("1", "1.1")
    )
    assert muddy == pytest.approx(1.1 * plain, rel=0.02)


def test_up_high_the_unacclimatised_are_slower(
    estimated: Estimated, waves: Path, high: Path
) -> None:
    def slower(path: Path, *more: str) -> float:
        return elapsed_s(estimated(path, "--not-acclimatised", *more)) / elapsed_s(estimated(path))

    assert slower(high) > 1.03
    assert slower(high) > slower(waves) >= 1.0
    assert slower(high, "--home-altitude", "3000") < slower(high)


@pytest.mark.parametrize(
    ("option", "less", "more"), [("--pack", "0", "12"), ("--terrain", "0.1", "0.8")]
)
def test_what_makes_it_slower(
    estimated: Estimated, waves: Path, option: str, less: str, more: str
) -> None:
    light, heavy = (elapsed_s(estimated(waves, option, value)) for value in (less, more))
    assert heavy > 1.02 * light


def test_why_adds_up(run: Gpxstage, estimated: Estimated, race: Path) -> None:
    rows = estimated(race, "--why")
    for stage, why in zip(rows["stages"], rows["why"]["stages"], strict=True):
        causes = sum(value for key, value in why.items() if key.endswith("_s"))
        assert causes == pytest.approx(stage["elapsed_s"]["p50"], abs=6)
    text = run("estimate", "--why", race).out
    assert "flat road" in text
    assert "tobler" in text
    assert max(map(len, text.splitlines())) <= 80


# numbers and names that are none


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


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "",
        "x.png/",
        "png",
    ],
)
def test_a_picture_without_an_ending(
    run: Gpxstage, hill: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hill.parent)
    ran = run("plot", hill, "-o", name)
    assert ran.code == 2
    assert "the ending must be .png, .svg or .pdf" in ran.err
    assert run("fit", hill, "-o", "-", "--plot", name or "svg").code == 2
    assert os.listdir() == ["hill.gpx"]


# sources


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


# what people type


@pytest.mark.parametrize(
    ("text", "value_s"),
    [
        ("0:45", 45 * 60.0),
        ("19:54:23", 71_663.0),
        ("100:00", 360_000.0),
        ("1.5h", 5400.0),
        ("1.5 h", 5400.0),
        ("90 min", 5400.0),
        ("90m", 5400.0),
        ("45s", 45.0),
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
        ("1,5h", None),
        ("nan", None),
        ("infh", None),
    ],
)
def test_more_durations(text: str, value_s: float | None) -> None:
    assert duration_s(text) == value_s


@pytest.mark.parametrize(
    ("text", "value_m"),
    [
        ("10 km", 10_000.0),
        ("10K", 10_000.0),
        ("21.1km", 21_100.0),
        ("5000m", 5000.0),
        ("Half", 21_097.5),
        ("half-marathon", 21_097.5),
        ("ten km", None),
        ("10", None),
        ("-10km", None),
        ("10 km flat", None),
        ("", None),
    ],
)
def test_more_distances(text: str, value_m: float | None) -> None:
    assert distance_m(text) == (None if value_m is None else pytest.approx(value_m))


@pytest.mark.parametrize(
    ("distance", "text", "value_s"),
    [
        ("10km", "1:02", 62 * 60.0),  # h:mm, as it is 9.7 km/h
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
def test_two_parts_of_a_flat_race(distance: str, text: str, value_s: float | None) -> None:
    length_m = distance_m(distance)
    assert length_m is not None
    assert flat_time_s(text, length_m) == value_s
