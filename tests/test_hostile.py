"""Files from strangers: what they name, how long it is, and where it may lead."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from gpx_texts import gpx
from made import Gpxstage

from gpxstage import text
from gpxstage.racefile import load

LONG = "Näme of a place " * 625  # 10,000 letters
WAY = "".join(
    f'<trkpt lat="{45 + 1e-4 * k:.4f}" lon="7"><ele>{k}</ele></trkpt>' for k in range(300)
)
NAMED = gpx(
    f'<wpt lat="45.01" lon="7"><name>{LONG}</name><sym>{LONG}</sym></wpt>'
    f"<trk><name>{LONG}</name><trkseg>{WAY}</trkseg></trk>"
    f"<trk><name>{LONG}2</name><trkseg>{WAY}</trkseg></trk>"
)


@pytest.fixture
def named(tmp_path: Path) -> Path:
    path = tmp_path / "named.gpx"
    path.write_text(NAMED, encoding="utf-8")
    return path


@pytest.mark.usefixtures("few_plans")
def test_names_of_any_length_are_cut_where_they_are_read(run: Gpxstage, named: Path) -> None:
    course = load(named)
    assert "named.gpx: 3 names of over 120 letters: cut" in course.notes
    for command in ("info", "estimate"):
        ran = run(command, named)
        assert ran.code == 0
        assert max(map(len, ran.err.splitlines())) < 1100
        assert len(ran.out) < 10_000
    out = named.parent / "out"
    assert run("report", named, "-o", out, "--draws", 0, "-q").code == 0
    assert (out / "report.md").stat().st_size < 40_000
    stages = json.loads((out / "report.json").read_text())["stages"]
    assert {len(stage["name"]) for stage in stages} <= set(range(110, 121))


@pytest.mark.parametrize("key", ["race", "stage", "point", "survey", "service"])
def test_a_race_file_with_an_endless_name_is_refused(
    run: Gpxstage, tmp_path: Path, key: str
) -> None:
    said = {name: LONG if name == key else name for name in ("race", "stage", "point", "survey")}
    service = LONG if key == "service" else "food"
    (tmp_path / "a.gpx").write_text(gpx(f"<trk><trkseg>{WAY}</trkseg></trk>"))
    (tmp_path / "race.toml").write_text(
        f'name = "{said["race"]}"\nterrain = 0.4\nsurvey = "{said["survey"]}"\n'
        f'[[stage]]\nname = "{said["stage"]}"\ngpx = "a.gpx"\n'
        f'[[stage.point]]\nname = "{said["point"]}"\nkm = 1\nservices = ["{service}"]\n',
        encoding="utf-8",
    )
    ran = run("info", tmp_path)
    assert ran.code == 1
    assert "is longer than 200 letters" in ran.err
    assert ran.err.count("\n") == 1
    assert len(ran.err) < 1200


def test_a_refusal_is_one_line_however_many_files_it_names(run: Gpxstage, tmp_path: Path) -> None:
    names = [tmp_path / f"{'x' * 100}{k}.gpx" for k in range(200)]
    short = "".join(re.findall("<trkpt.*?</trkpt>", WAY)[:30])
    for path in names:
        path.write_text(gpx(f"<trk><trkseg>{short}</trkseg></trk>"))
    for arguments in (
        ["fit", *names, "-o", "-"],
        ["info", *names, "--track", "none of these"],
        ["info", *names, tmp_path / "race.toml"],
        ["info", tmp_path / ("long" * 50)],
        ["estimate", *names, "--passed", "nowhere", "1:00"],
    ):
        ran = run(*arguments)
        assert ran.code in (1, 2)
        said = ran.err.splitlines()
        assert len([line for line in said if line.startswith(("gpxstage:", "Error:"))]) == 1
        assert all(len(line) <= 1100 for line in said)


def test_what_is_cut_is_marked_and_what_is_short_stays() -> None:
    assert text.short("Rifugio") == "Rifugio"
    assert text.short("a" * 120) == "a" * 120
    assert text.short("a" * 121) == "a" * 117 + "..."
    assert text.short("ab cd ef", 6) == "ab..."


SECRET = '<gpx><trk><name>secret</name><trkseg><trkpt lat="45" lon="7"/></trkseg></trk></gpx>'


@pytest.mark.parametrize(
    "way", ["../secret.gpx", "sub/../../secret.gpx", "link.gpx", "dir/secret.gpx", "absolute"]
)
def test_a_race_folder_reads_nothing_outside_itself(
    run: Gpxstage, tmp_path: Path, way: str
) -> None:
    secret, race = tmp_path / "secret.gpx", tmp_path / "race"
    secret.write_text(SECRET)
    (race / "sub").mkdir(parents=True)
    (race / "link.gpx").symlink_to(secret)
    (race / "dir").symlink_to(tmp_path, target_is_directory=True)
    way = str(secret) if way == "absolute" else way
    (race / "race.toml").write_text(f'name = "X"\nterrain = 0.4\n[[stage]]\ngpx = "{way}"\n')
    ran = run("info", race)
    assert ran.code == 1
    assert "leads out of the folder of the race file" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("name", ["x.gpx", "race.toml"])
def test_a_link_in_a_folder_that_leads_out_of_it_is_refused(
    run: Gpxstage, tmp_path: Path, name: str
) -> None:
    (tmp_path / "race").mkdir()
    (tmp_path / name).write_text(SECRET)
    (tmp_path / "race" / name).symlink_to(tmp_path / name)
    ran = run("info", tmp_path / "race")
    assert ran.code == 1
    assert ran.err == f"gpxstage: {name}: is a link that leads out of its folder\n"
    (tmp_path / "race" / name).unlink()
    (tmp_path / "race" / "a.gpx").write_text(gpx(f"<trk><trkseg>{WAY}</trkseg></trk>"))
    (tmp_path / "race" / "b.gpx").symlink_to("a.gpx")
    assert run("info", tmp_path / "race").code == 0
    (tmp_path / "linked").symlink_to(tmp_path / "race", target_is_directory=True)
    assert run("info", tmp_path / "linked").code == 0


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file://{}">',
        '<!ENTITY % x SYSTEM "file://{}"> %x;',
        '<!ENTITY x "' + "y" * 100 + '"><!ENTITY z "&x;&x;&x;&x;&x;">',
    ],
)
def test_entities_are_neither_read_nor_expanded(
    run: Gpxstage, tmp_path: Path, declared: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    path = tmp_path / "x.gpx"
    path.write_text(
        f"<!DOCTYPE gpx [{declared.format(secret)}]>\n"
        f"<gpx><trk><name>&x;</name><trkseg>{WAY}</trkseg></trk></gpx>"
    )
    ran = run("info", path)
    assert ran.code == 1
    assert "DOCTYPE" in ran.err
    assert "secret words" not in ran.out + ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.usefixtures("few_plans")
def test_a_report_writes_into_its_folder_alone(run: Gpxstage, tmp_path: Path) -> None:
    """Whatever the tracks and the race are called."""
    name = "../../evil/\\x/..%2f<b>"
    path = tmp_path / "in" / "x.gpx"
    path.parent.mkdir()
    way = f"<trkseg>{WAY}</trkseg>"
    evil = name.replace("<", "&lt;")
    path.write_text(gpx(f"<trk><name>{evil}</name>{way}</trk>" * 2))
    before = {str(each) for each in tmp_path.rglob("*")}
    out = tmp_path / "out"
    assert run("report", path, "-o", out, "--draws", 0, "-q").code == 0
    new = {str(each) for each in tmp_path.rglob("*")} - before
    assert new
    assert all(each.startswith(str(out)) for each in new)


def test_an_output_name_as_long_as_a_file_system_takes(run: Gpxstage, tmp_path: Path) -> None:
    path = tmp_path / "x.gpx"
    path.write_text(gpx(f"<trk><trkseg>{WAY}</trkseg></trk>"))
    for letter, count in (("x", 251), ("ü", 125)):
        name = letter * count + ".svg"
        ran = run("plot", path, "-o", tmp_path / name, "-q")
        assert ran.code == 0, ran.err
        assert name in os.listdir(tmp_path)
    ran = run("plot", path, "-o", tmp_path / ("x" * 300 + ".svg"), "-q")
    assert ran.code == 1
    assert ran.err.count("\n") == 1


def test_a_blank_name_is_no_name(run: Gpxstage, race: Path) -> None:
    """It was taken for the unnamed start of the stage, and then not found in its order."""
    file = race / "race.toml"
    file.write_text(
        file.read_text().replace(
            '[[stage]]\n        name = "Two"',
            '''[[stage.point]]
          name = " "
        [[stage]]
        name = "Two"''',
        )
    )
    ran = run("info", race)
    assert ran.code == 1
    assert ran.err.endswith("name must not be empty\n")
    assert ran.err.count("\n") == 1


def test_a_point_by_its_name_alone_that_is_not_passed_in_this_order(
    run: Gpxstage, race: Path
) -> None:
    file = race / "race.toml"
    file.write_text(
        file.read_text().replace(
            '[[stage]]\n        name = "Two"',
            '''[[stage.point]]
          name = "Begin"
          kind = "start"
        [[stage]]
        name = "Two"''',
        )
    )
    ran = run("info", race)
    assert ran.code == 0
    assert 'point "Hut" is not passed in this order: left out' in ran.err
