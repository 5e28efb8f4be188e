"""The races people train for, from their folder to the report; and the files as users have them."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Callable
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from gpxstage import folder
from gpxstage.cli import main
from gpxstage.facts.analysis import analyze
from gpxstage.profile import measure
from gpxstage.racefile import load
from gpxstage.racefile.keys import schema

ROOT = Path(__file__).resolve().parents[1]
COURSES = ROOT / "sample_courses"
RACES = sorted(path.parent.name for path in COURSES.glob("*/race.toml"))
MDS = "marathon-des-sables-2024"
Data = Callable[[str], Path]

each_race = pytest.mark.parametrize("race", RACES)


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def reported(folder: Path, capfd: pytest.CaptureFixture[str], *options: object) -> Any:
    assert run("estimate", folder, "--json", "--draws", "0", *options) == 0
    return json.loads(capfd.readouterr().out)


def above_h(row: Any, height_m: int) -> list[float]:
    return [
        above["moving_s"] / 3600.0
        for stage in row["stages"]
        for above in stage["above"]
        if above["m"] == height_m
    ]


@each_race
def test_check_is_clean(race: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("check", COURSES / race) == 0
    assert "nothing to note" in capfd.readouterr().out


def checked(folder: Path) -> Any:
    """The report in a folder, which has all pictures and says that nobody surveyed the track."""
    row = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert row["survey"] in {"reconstructed", "sketch"}
    assert row["survey"] in (folder / "report.md").read_text(encoding="utf-8")
    pictures = {"race.png", *(f"stage-{stage['number']}.png" for stage in row["stages"])}
    assert pictures <= {path.name for path in folder.iterdir()}
    return row


@each_race
def test_a_report_says_that_nobody_surveyed_the_track(race: str) -> None:
    report = analyze(load(COURSES / race), draws=0)
    made = folder.made(report, folder.Form(pictures=False, pages=False))
    row = json.loads(made["report.json"])
    assert row["stages"]
    assert row["survey"] in {"reconstructed", "sketch"}
    assert row["survey"] in made["report.md"].decode()


def test_all_of_a_report_but_its_page(tmp_path: Path) -> None:
    report = analyze(load(COURSES / "chattanooga-mountains"), draws=20)
    folder.write(report, tmp_path, folder.Form(pages=False))
    assert checked(tmp_path)["stages"]


def test_altitude_is_where_the_passes_are(capfd: pytest.CaptureFixture[str]) -> None:
    row = reported(COURSES / "transrockies-run-2016", capfd)
    hope_pass = above_h(row, 3000)[1]
    assert 1.5 < hope_pass < row["stages"][1]["elapsed_s"]["p50"] / 3600.0
    assert [hours > 0.0 for hours in above_h(row, 3500)] == [False, True, False, False, True, False]
    tor = reported(COURSES / "tor-des-geants", capfd)
    assert 10.0 < sum(above_h(tor, 2500)) < 40.0
    assert 0.0 < sum(above_h(tor, 3000)) < 4.0
    for race in ("chattanooga-mountains", MDS):
        assert sum(above_h(reported(COURSES / race, capfd), 1500)) == 0.0


@pytest.mark.usefixtures("few_plans")
def test_the_race_file_knows_pack_ground_and_heat(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    readme = (COURSES / MDS / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    gpxstage (report .*)$", readme, re.MULTILINE)
    words = line.replace(f"sample_courses/{MDS}", str(COURSES / MDS)).split()
    words[-1] = str(tmp_path / "out")
    assert run(*words, "--draws", "20") == 0
    loaded = checked(tmp_path / "out")
    assert (tmp_path / "out" / "index.html").exists()
    text = (COURSES / MDS / "race.toml").read_text(encoding="utf-8")
    keys = ("sand", "pack_kg", "terrain", "[[weather]]")
    assert all(key in text for key in keys)
    rows = [row for row in readme.splitlines() if row.startswith("| `")]
    assert [key for key in keys if any(key in row for row in rows)] == list(keys)
    bare = tmp_path / "bare"
    shutil.copytree(COURSES / MDS, bare)
    kept = text[: text.index("# the days of 2024")] + text[text.index("[[stage]]") :]
    kept = re.sub("^(sand|pack_kg) .*\n", "", kept, flags=re.MULTILINE)
    (bare / "race.toml").write_text(kept, encoding="utf-8")
    plain = reported(bare, capfd)["elapsed_s"]["p50"]
    assert 1.15 * plain < loaded["elapsed_s"]["p50"] < 1.5 * plain


class TestAsUsersHaveThem:
    """Real files; skipped where they are not at hand."""

    def test_one_file_cut_at_its_bases_is_the_seven_stages(
        self, data: Data, tmp_path: Path
    ) -> None:
        whole = data("courses/tor330-2025.gpx")
        bases = [p.name for p in load(whole).stages[0].points if p.kind == "life-base"]
        assert len(bases) == 6
        at = [word for base in bases for word in ("--at", base)]
        assert run("split", whole, *at, "-q", "-o", tmp_path) == 0
        cut = [measure(stage.track) for stage in load(tmp_path).stages]
        seven = load(data("courses/tor330-2025-7-tracks.gpx")).stages
        theirs = [measure(stage.track) for stage in seven]
        ends = [list(accumulate(p.length_m for p in part)) for part in (cut, theirs)]
        assert ends[0] == pytest.approx(ends[1], abs=5.0)  # each border within 5 m
        for k, (mine, other) in enumerate(zip(cut, theirs, strict=True)):
            borders = 1 if k in (0, 6) else 2
            assert mine.gain_m == pytest.approx(other.gain_m, abs=3.0 * borders)

    @pytest.mark.parametrize(
        ("folder", "gaps"),
        [
            (
                "kungsleden",
                [
                    "stage 3 starts 2.9 km from the end of stage 2",
                    "stage 6 starts 3.3 km from the end of stage 5",
                    "stage 7 starts 2.5 km from the end of stage 6",
                    "stage 9 starts 868 m from the end of stage 8",
                ],
            ),
            (
                "karnischer",
                [
                    "stage 2 starts 7.0 km from the end of stage 1",
                    "stage 3 starts 7.3 km from the end of stage 2",
                    "stage 4 starts 49.4 km from the end of stage 3",
                ],
            ),
        ],
    )
    def test_missing_legs_are_told_with_their_distance(
        self, folder: str, gaps: list[str], data: Data, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert run("check", data(f"courses/{folder}")) == 1
        said = capfd.readouterr().out.splitlines()
        assert [line for line in said if "from the end of" in line] == gaps

    def test_a_trail_of_29_stages(self, data: Data, capfd: pytest.CaptureFixture[str]) -> None:
        assert run("info", data("courses/pacific-crest-trail.gpx"), "--json") == 0
        assert len(json.loads(capfd.readouterr().out)["stages"]) == 29

    def test_a_route_is_estimated(self, data: Data, capfd: pytest.CaptureFixture[str]) -> None:
        row = reported(data("courses/uta100-route.gpx"), capfd)
        assert row["length_m"] == pytest.approx(100_170.0, rel=1e-3)
        assert row["elapsed_s"]["p50"] > 8 * 3600


RACE = """\
name = "A"
timezone = "America/New_York"
terrain = 0.4
start = 2014-06-13T08:00:00
[[stage]]
gpx = "1-raccoon-mountain.gpx"
[[stage.point]]
name = "Aid"
km = 7
cutoff = 2014-06-13T12:00:00
"""
TWICE = '[[stage.point]]\nname = "Aid"\n'
MISTAKES = {  # what is changed, into what, what is said
    "a misspelt key": ("terrain", "terain", "unknown key terain: did you mean terrain?"),
    "a wrong type": ("km = 7", 'km = "7"', "km must be a number, not text in quotes"),
    "a bad time zone": ("New_York", "New_Yrk", "did you mean America/New_York?"),
    "a cutoff before the start": ("T12:00", "T07:00", "is not after the start 2014-06-13 08:00"),
    "a missing file": ("1-raccoon", "1-racoon", "1-racoon-mountain.gpx is not there"),
    "a path out": ('"1-raccoon', '"../1-raccoon', "leads out of the folder of the race file"),
    "a name twice": ("km = 7", f"km = 7\n{TWICE}", '"Aid" is listed 2 times: each needs its km'),
    "no stages": (RACE[RACE.index("[[stage]]") :], "", "has no [[stage]]: a race needs at least"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_clear_line(
    mistake: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(COURSES / "chattanooga-mountains" / "1-raccoon-mountain.gpx", tmp_path)
    path = tmp_path / "race.toml"
    path.write_text(RACE, encoding="utf-8")
    assert run("check", path) == 0
    capfd.readouterr()
    old, new, message = MISTAKES[mistake]
    path.write_text(RACE.replace(old, new, 1), encoding="utf-8")
    assert run("estimate", path) == 1
    out, err = capfd.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("gpxstage: race.toml: ")
    assert message in line
    assert str(tmp_path) not in line


PLAIN = {"string": (str, datetime), "number": (int, float), "integer": int, "boolean": bool}


def breaks(value: Any, rule: Any, shapes: Any, at: str = "$") -> list[str]:
    """What of a document breaks a schema: the few words of JSON Schema that ours uses."""
    if "$ref" in rule:
        rule = shapes[rule["$ref"].rpartition("/")[2]]
    if "anyOf" in rule:
        found = [breaks(value, choice, shapes, at) for choice in rule["anyOf"]]
        return min(found, key=len)
    if "enum" in rule:
        return [] if value in rule["enum"] else [f"{at}: {value}"]
    if rule["type"] in ("object", "array") and not isinstance(value, (dict, list)):
        return [f"{at}: {value!r} is no {rule['type']}"]
    if rule["type"] == "object":
        known = rule["properties"]
        missing = [f"{at}: no {key}" for key in rule.get("required", ()) if key not in value]
        unknown = [f"{at}: {key}" for key in value if key not in known]
        inner = [
            breaks(value[key], known[key], shapes, f"{at}.{key}") for key in known if key in value
        ]
        return missing + unknown + [line for lines in inner for line in lines]
    if rule["type"] == "array":
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        short = [f"{at}: short"] if len(value) < rule.get("minItems", 0) else []
        inner = [breaks(v, rule["items"], shapes, f"{at}[{k}]") for k, v in enumerate(value)]
        return short + [line for lines in inner for line in lines]
    if not isinstance(value, PLAIN[rule["type"]]):
        return [f"{at}: {value!r} is no {rule['type']}"]
    low = rule.get("minimum", rule.get("exclusiveMinimum", value))
    return [] if low <= value <= rule.get("maximum", value) else [f"{at}: {value} out of range"]


class TestSchema:
    """``gpxstage schema manifest`` against race files."""

    @each_race
    def test_it_accepts_the_sample_races(self, race: str) -> None:
        table = tomllib.loads((COURSES / race / "race.toml").read_text(encoding="utf-8"))
        found = schema()
        assert breaks(table, found, found["$defs"]) == []

    @pytest.mark.parametrize("change", ["terain", "terrain = 2\n", 'km = "7"', 'kind = "zoo"\nkm'])
    def test_it_refuses_mistakes(self, change: str) -> None:
        key = "km = 7" if change.startswith("km") else "km" if "km" in change else "terrain"
        old = "terrain = 0.4\n" if change.startswith("terrain") else key
        found = schema()
        assert breaks(tomllib.loads(RACE), found, found["$defs"]) == []
        table = tomllib.loads(RACE.replace(old, change, 1))
        assert len(breaks(table, found, found["$defs"])) == 1

    def test_the_page_lists_every_key(self) -> None:
        page = (ROOT / "docs" / "race-file.md").read_text(encoding="utf-8")
        for shape in schema()["$defs"].values():
            for key, rule in shape["properties"].items():
                assert re.search(rf"^\| `{key}`.* \| {re.escape(rule['description'])}", page, re.M)
