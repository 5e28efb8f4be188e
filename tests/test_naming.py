"""What a race is called that nobody named: the same on all faces."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest
from made import HEAD, Gpxstage, points

from gpxstage import load
from gpxstage.racefile.naming import telling
from gpxstage.racefile.write import first_race_file


def file(path: Path, *tracks: str, whole: str = "") -> Path:
    """A file with a track of each name, and a name of its own."""
    own = f"<metadata><name>{whole}</name></metadata>" if whole else ""
    made = "".join(f"<trk><name>{t}</name><trkseg>{points()}</trkseg></trk>" for t in tracks)
    path.write_text(f"{HEAD}{own}{made}</gpx>", "utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    ["", "Track 1", "ACTIVE LOG #2", "Morning Run", "2014-05-06_132925", "2013-07-06T14:59:00Z",
     "Current Track: 15 SEP 2020 14:25", "course", "Untitled Path", "New file 1", "Stage 02",
     "Day 3", "50 km", "Course à pied le matin", "Lauf am Nachmittag", "Etappe 4", "trace2", "x",
     "Suunto", "COROS", "TrackLog", "GPSies Track", "activity_123.fit", "garmin.com", "WWW.gps.eu",
     "https://www.strava.com/activities/123", "Wikiloc - Senderismo", "Wandern", "Bergtour 3",
     "Trailrunning am Morgen", "Lauf zur Mittagszeit", "Corrida da tarde", "Avondwandeling",
     "komoot-Tour.kml", "http://example.org/Three-Passes"],
)  # fmt: skip
def test_what_devices_and_web_sites_call_a_track_tells_nothing(name: str) -> None:
    assert not telling(name)


@pytest.mark.parametrize(
    "name",
    ["UTMB 2025", "Haute Route", "O Circuit", "Morning Run at Pikes Peak", "20240214桃山",
     "Day 9 - de l'Onda to Vizzavona", "TOR330-FULL-DEM-2025", "Мой путь", "GR®20 Traversée",
     "Polar Circle Marathon", "Wandern am Watzmann", "Trail du St.Comgall"],
)  # fmt: skip
def test_what_people_call_a_course_does(name: str) -> None:
    assert telling(name)


@pytest.mark.parametrize(
    ("stem", "tracks", "whole", "name"),
    [
        ("walk", ["Three Passes"], "", "Three Passes"),
        ("activity_123", ["Three Passes"], "The Alps", "Three Passes"),
        ("walk", ["Track 1"], "The Alps", "The Alps"),
        ("walk", ["Morning Run"], "Untitled", "walk"),
        ("Three Passes", ["Suunto"], "https://www.strava.com/activities/123", "Three Passes"),
        ("course", ["Track 1"], "", "course"),
        ("walk", ["To the hut", "From the hut"], "The Alps", "The Alps"),
        ("walk", ["To the hut", "From the hut"], "", "walk"),
    ],
)
def test_a_file_is_called_as_its_track_or_its_metadata(
    stem: str, tracks: list[str], whole: str, name: str, tmp_path: Path
) -> None:
    path = file(tmp_path / f"{stem}.gpx", *tracks, whole=whole)
    assert load(path).name == name
    assert tomllib.loads(first_race_file(path).text)["name"] == name


@pytest.mark.parametrize(
    ("folder", "tracks", "name"),
    [
        ("alps", ["Three Passes", "Three Passes"], "alps"),
        ("stages", ["Three Passes", "Three Passes"], "Three Passes"),
        ("gpx", ["One", "Two"], "gpx"),
    ],
)
def test_a_folder_is_called_as_it_is_where_that_tells_something(
    folder: str, tracks: list[str], name: str, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    for k, track in enumerate(tracks, 1):
        file(tmp_path / folder / f"{k}.gpx", track)
    assert load(tmp_path / folder).name == name


@pytest.mark.usefixtures("few_plans")
def test_all_faces_have_one_name(run: Gpxstage, tmp_path: Path) -> None:
    walk, out = file(tmp_path / "walk.gpx", "Three Passes"), tmp_path / "out"
    assert run("info", walk).out.startswith("Three Passes\n")
    assert json.loads(run("estimate", walk, "--draws", 0, "--json").out)["name"] == "Three Passes"
    run("plot", walk, "-o", tmp_path / "a.svg", "--draws", 0)
    assert "Three Passes" in (tmp_path / "a.svg").read_text()
    run("report", walk, "-o", out, "--draws", 0)
    assert (out / "report.md").read_text().startswith("# Three Passes\n")
    assert "<title>Three Passes" in (out / "index.html").read_text()
    run("batch", walk, "-o", tmp_path / "all", "--draws", 0, "--no-plots", "--no-page")
    (row,) = csv.DictReader((tmp_path / "all/summary.csv").read_text().splitlines())
    assert (row["name"], row["source"], row["folder"]) == ("Three Passes", "walk.gpx", "walk")


def test_compared_courses_of_one_name_have_their_files_beside_it(
    run: Gpxstage, tmp_path: Path
) -> None:
    one, two, other = (
        file(tmp_path / f"{name}.gpx", track)
        for name, track in [("old", "Three Passes"), ("new", "Three Passes"), ("x", "Lake")]
    )
    rows = json.loads(run("info", one, two, other, "--compare", "--json").out)["courses"]
    assert [row["name"] for row in rows] == ["Three Passes (old)", "Three Passes (new)", "Lake"]
