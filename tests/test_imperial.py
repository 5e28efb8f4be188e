"""Miles, feet and pounds: ``--units imperial`` reaches every file that people read."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import gpxpy
import numpy as np
import pytest
from made import Gpxstage, gpx, points

from gpxstage import folder
from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.whole import as_json
from gpxstage.plot import draw
from gpxstage.report.markup import text
from gpxstage.report.say import all_tables
from gpxstage.report.say.noted import in_units

PACKAGE = Path(folder.__file__).parent
METRIC = re.compile(r"\d ?(km|m|kg|l)\b|\b(km|kg) \d| l\b")


def course() -> Course:
    """Two stages over a hill from sea level to 3,900 m, a hut half-way."""
    n = 401
    track = Track(
        45.0 + np.linspace(0.0, 0.3, n),
        np.full(n, 7.0),
        1950.0 - 1950.0 * np.cos(np.linspace(0.0, 2.0 * math.pi, n)),
        np.full(n, np.nan),
        np.array([0]),
    )
    hut = Point("Hut", "aid", distance_m=16_093.44, stop_s=600.0)
    start = datetime(2026, 6, 5, 10, tzinfo=ZoneInfo("Europe/Rome"))
    return Course("Hill", tuple(Stage(k, "", track, points=(hut,)) for k in (1, 2)), start=start)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), LEVELS["mid"], draws=20)


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("imperial")
    folder.write(report, into, folder.Form(units="imperial", pictures=False))
    return into


def test_a_terminal_has_miles_feet_and_pounds(report: Report) -> None:
    shown = text(all_tables(report, "imperial"))
    assert re.search(r"\d\.\d mi flat in an hour, \d+\.\d lb carried", shown)
    assert not METRIC.search(shown)
    assert "(328 ft: steepest grade over that length)" in shown


def test_bands_and_thresholds_end_at_round_feet(report: Report) -> None:
    by_altitude = next(t for t in all_tables(report, "imperial") if t.title == "By altitude")
    assert [row[0] for row in by_altitude.rows] == [
        "0 to 1,500 ft",
        "1,500 to 6,500 ft",
        "6,500 to 10,000 ft",
        "10,000 to 18,000 ft",
        "above 5,000 ft",
        "above 8,000 ft",
        "above 10,000 ft",
        "above 12,000 ft",
    ]


def test_bands_add_up_to_the_course_in_both_units(report: Report) -> None:
    for units in ("metric", "imperial"):
        for stage in as_json(report.facts_for(units=units))["stages"]:
            share = sum(band["distance_m"] for band in stage["altitude_bands"])
            assert share == pytest.approx(stage["length_m"], abs=0.05)


def test_watch_files_and_calendar_speak_of_miles(written: Path) -> None:
    for name in ("race.gpx", "stage-1.gpx", "stage-2.gpx"):
        found = gpxpy.parse((written / name).read_text())
        assert found.waypoints[0].description.startswith("mi ")
        assert not [w for w in found.waypoints if METRIC.search(w.description)]
    first, *_ = gpxpy.parse((written / "race.gpx").read_text()).waypoints
    assert first.description.startswith("mi 10.0, after ")
    assert first.elevation == pytest.approx(3890.0, abs=40.0)  # GPX has metres alone
    calendar = (written / "race.ics").read_text()
    assert "mi 10.0" in calendar.replace("\r\n ", "").replace("\n ", "")
    assert "km " not in calendar


def test_tables_page_and_crew_card_speak_of_miles(written: Path) -> None:
    markdown = (written / "report.md").read_text().split("## How it was measured")[0]
    assert not METRIC.search(markdown)
    assert re.search(r"water +\| [\d,]+ fl oz on the way", markdown)
    assert "leg_water_fl_oz" in (written / "splits.csv").read_text().splitlines()[0]
    assert (written / "splits.csv").read_text().startswith("stage,point,kind,mi,race_mi,height_ft,")
    assert not METRIC.search(re.sub(r"<style>.*?</style>", "", (written / "crew.html").read_text()))


def test_a_picture_has_miles_and_feet_alone(report: Report) -> None:
    for stage in (None, 1):
        words = [text.get_text() for text in draw(report, stage, units="imperial").words.all]
        assert not [each for each in words if METRIC.search(each)]
        assert "mi" in words


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("a.gpx: 3 points dropped near km 0.8, 16.1 and 2 more places",
         "a.gpx: 3 points dropped near mile 0.5, 10.0 and 2 more places"),
        ("11.8 of 23.8 km are lines of more than 500 m near km 12.0: rough",
         "7.3 of 14.8 mi are lines of more than 1,640 ft near mile 7.5: rough"),
        ("its climb of 1,188 m is 176 to 1,223 m", "its climb of 3,898 ft is 577 to 4,012 ft"),
        ("a limit of 8 h for 1,012.3 km asks for 4.5 km/h",
         "a limit of 8 h for 629.0 mi asks for 2.8 mi/h"),
        ("passed at km 12.34 by its km", "passed at km 12.34 by its km"),
        ("2.5 m/s, 90 min, 12 m/h, 50km.gpx, aid 12.35km", None),
        ('"km 10.0, 500 m" lies 300 m from the track',
         '"km 10.0, 500 m" lies 984 ft from the track'),
        ("worth 10 km 45:12, a name of km 5, a hut at 2500 m", None),
        ("a course of over 2,000 km, 1234.5 km, near km 1,234.5 and km 1,234.56",
         "a course of over 1,243 mi, 767.1 mi, near mile 767.1 and km 1,234.56"),
        ('12.5 km.gpx: point "Hut" with km = 12.4 is past the end, which is km = 10.0', None),
    ],
)  # fmt: skip
def test_a_note_has_miles_and_feet_but_for_names(note: str, said: str | None) -> None:
    assert in_units(note, "imperial") == (said or note)
    assert in_units(note, "metric") == note


def lengths() -> Iterator[tuple[str, str, str]]:
    """Where an f-string of the package writes a number before a unit or after "km", and how."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else []
            for before, part, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
                spec = part.format_spec if isinstance(part, ast.FormattedValue) else None
                first, last = (
                    str(each.value) if isinstance(each, ast.Constant) else ""
                    for each in (before, after)
                )
                unit = re.match(r" (km|m)(?![\w/]| %)", last)
                if spec is not None and (unit or re.search(r"\bkm $", first)):
                    written = ast.unparse(spec)[2:-1]
                    yield f"{path.name}:{part.lineno}", written, unit[1] if unit else "place"


def test_every_message_writes_its_lengths_as_they_are_turned() -> None:
    forms = {
        "km": {".1f", ",.1f", ",.0f"},  # of limits: 2,000 km
        "m": {",.0f", ",.1f"},
        "place": {".1f", ",.1f"},
    }
    found = list(lengths())
    assert len(found) > 30
    assert not [each for each in found if each[1] not in forms[each[2]]]


@pytest.mark.usefixtures("few_plans")
def test_notes_of_all_faces_have_miles(run: Gpxstage, tmp_path: Path) -> None:
    repeated = tmp_path / "repeated.gpx"
    ways = points().split("<trkpt")
    repeated.write_text(gpx("<trkpt".join([*ways[:20], *ways[19:]])))  # the point after a kilometre

    def notes(*command: str) -> str:
        found = run(*command, str(repeated), "--units", "imperial")
        return found.out if command[0] == "check" else found.err

    said = notes("info")
    assert "1 repeated point dropped near mile 0.6" in said
    assert "near km" not in said
    for command in (("check",), ("check", "--json"), ("estimate", "--draws", "0"),
                    ("report", "-o", str(tmp_path / "out"))):  # fmt: skip
        assert "near mile 0.6" in notes(*command)
        assert "near km" not in notes(*command)
    markdown = (tmp_path / "out" / "report.md").read_text()
    assert "near mile 0.6" in markdown
    assert "near km" not in markdown
    page = (tmp_path / "out" / "index.html").read_text()
    assert re.search(r'data-other="[^"]*near km 1\.0[^"]*">[^<]*near mile 0\.6', page)
    assert "near km 1.0" in run("info", str(repeated)).err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--stop", "Hut=10min"), "may be Hut/1 (mile 0.9), Hut/2 (mile 4.6)"),
        (("--flat", "2000km", "400h"), "2000km in 400h: a flat race is at most 621 mi long"),
        (("--past", "9.5 km 9,000 m", "3:00"), "9.5 km 9,000 m: so much climb"),
        (("--past", "4000km 100m", "3:00"), "at most 932 mi"),
    ],
)
def test_errors_have_miles_but_for_what_was_typed(
    asked: tuple[str, ...], said: str, run: Gpxstage, tmp_path: Path
) -> None:
    (tmp_path / "1.gpx").write_text(gpx(points()))
    hut = "[[stage.point]]\nname = 'Hut'\nkm = "
    race = tmp_path / "race.toml"
    race.write_text(f"[[stage]]\ngpx = '1.gpx'\n{hut}1.5\n{hut}7.4\n")
    assert said in run("estimate", str(race), "--units", "imperial", "--draws", 0, *asked).err
    assert " mi" not in run("estimate", str(race), "--draws", 0, *asked).err


def test_errors_of_a_batch_and_of_a_file_have_miles_but_for_its_keys(
    run: Gpxstage, tmp_path: Path
) -> None:
    (tmp_path / "1.gpx").write_text(gpx(points()))
    race = tmp_path / "race.toml"
    race.write_text("[[stage]]\ngpx = '1.gpx'\n[[stage.point]]\nname = 'Hut'\nkm = 20.0\n")
    wrong = 'point "Hut" with km = 20.0 is past the end, which is km = 8.9'
    assert wrong in run("check", str(race), "--units", "imperial").err
    far = tmp_path / "far.gpx"
    far.write_text(gpx("".join(
        f'<trkpt lat="{k % 2}" lon="7.0"><ele>9</ele></trkpt>' for k in range(100)
    )))  # fmt: skip
    out = tmp_path / "out"
    said = "km: a track of over", "mi: a track of over"
    for units, has in zip(("metric", "imperial"), said, strict=True):
        for command in (("info", str(far)), ("batch", str(far), "-o", str(out))):
            assert has in run(*command, "--units", units).err


def test_a_cut_and_a_limit_are_in_the_unit_that_was_typed(run: Gpxstage, hill: Path) -> None:
    def said(*arguments: object) -> str:
        return run(*arguments).err

    cut = ("split", hill, "-o", hill.parent / "cut")
    assert "every 40mi: the course is 5.5 mi long" in said(*cut, "--every", "40mi")
    assert "every 40km: the course is 8.9 km long" in said(*cut, "--every", "40km")
    assert "must be 328 ft from the one before it (mile 0.0)" in said(*cut, "--at", "40mi")
    assert "'400lb' is not within 0 to 88 lb" in said("estimate", hill, "--pack", "400lb")
    assert "'400' is not within 0 to 40 kg" in said("estimate", hill, "--pack", "400")


def test_the_name_of_a_folder_stays_as_it_is(
    run: Gpxstage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "x" / "run 12.5 km"
    inner.mkdir(parents=True)
    (tmp_path / "link").symlink_to(inner)
    for at, source in (
        (tmp_path, "x/run 12.5 km"),
        (tmp_path, "x/run 12.5 km/"),
        (tmp_path / "x", "run 12.5 km"),
        (inner, "."),
        (tmp_path, "link"),
    ):
        monkeypatch.chdir(at)
        found = run("info", source, "--units", "imperial")
        assert "run 12.5 km: the folder holds no race.toml" in found.err
