"""An organiser's table of points as a race file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from race_courses import gpx, straight, trk

from gpxstage.course import CourseError, track_distance_m
from gpxstage.racefile import load
from gpxstage.racefile.table import read
from gpxstage.racefile.write import first_race_file


def table(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "points.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


class TestPointsTable:
    """``gpxstage init --points``."""

    def test_the_columns(self, tmp_path: Path) -> None:
        path = table(
            tmp_path,
            "name,km,kind,cutoff,services,crew\n"
            'Rifugio Neve,4.0,aid,2026-09-04T19:30:00,"food, bed",yes\n'
            "Col Alto,7.1,,,,\n"
            "La Thuile,9,,D1 21:00,food;crew,\n"
            "Lac,12.0,,,drink_supply,\n"
            "Base,14.0,,,Food bed medical,\n"
            "Fattoria,15.0,,,hot food,\n",
        )
        hut, col, town, lake, base, farm = (row.point for row in read(path).rows)
        assert (hut.name, hut.kind, hut.guessed, hut.km) == ("Rifugio Neve", "aid", "", 4.0)
        assert (hut.services, hut.crew) == (("food", "bed"), True)
        assert hut.cutoff == datetime(2026, 9, 4, 19, 30)
        assert (col.kind, col.guessed, col.crew) == ("col", "the name", False)
        assert (town.kind, town.guessed, town.crew) == ("aid", "its services", True)
        assert town.cutoff == "D1 21:00"
        assert (lake.kind, lake.guessed) == ("water", "its services")
        assert base.services == ("food", "bed", "medical")
        assert farm.services == ("hot food",)

    @pytest.mark.parametrize(
        "text",
        [
            "name;km\nHut;12,4 km\n",
            "name\tkm\nHut\t12.4\n",
            'Name,Distance (km)\nHut,"12,4"\n',
            "Nom;Distance\nHut;12.4km\n",
            "\ufeffname,km\nHut,12.400\n\n,,\n",
            "Point,Miles\nHut,7.705\n",
            "place,distance_mi,ele\nHut,7.705,1200\n",
            "checkpoint;km;\nHut;7.705 mi;\n",
            "name,km\r\nHut,12400 m\r\n",
        ],
    )
    def test_separators_and_units(self, tmp_path: Path, text: str) -> None:
        (row,) = read(table(tmp_path, text)).rows
        assert (row.point.name, row.stage) == ("Hut", None)
        assert row.point.km == pytest.approx(12.4, abs=1e-3)

    def test_a_spreadsheets_old_encoding(self, tmp_path: Path) -> None:
        (row,) = read(table(tmp_path, "name;km\nFenêtre;3\n".encode("cp1252"))).rows
        assert (row.point.name, row.point.kind) == ("Fenêtre", "col")

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", r"points\.csv: is empty"),
            ("where,km\nHut,3\n", r"points\.csv: has no column called name, only where, km"),
            ("name,km\nHut,far\n", r'points\.csv: row 2: "far" is no distance such as 12\.4'),
            ("name,km\nHut,1\n,3\n", r"points\.csv: row 3: has no name"),
            ("name,lat,lon\nHut,north,7\n", r'row 2: lat "north" is no number of degrees'),
            ("name,lat,lon\nHut,95,7\n", r"row 2: lat 95 is out of range"),
            (
                "name,km,stage\nHut,3,last\n",
                r'points\.csv: stage "last" is no stage',
            ),
            ("name,km,stage\nHut,3,2\n", r"points\.csv: stage 2: the course has 1"),
        ],
    )
    def test_what_is_wrong(self, hill_gpx: Path, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(CourseError, match=message):
            first_race_file(hill_gpx, points=table(tmp_path, text))

    def test_a_race_file_of_a_table(self, hill_gpx: Path, tmp_path: Path) -> None:
        path = table(
            tmp_path,
            "name,km,kind,cutoff,services\nHut,4.2,aid,2026-09-04T19:30,bed\n"
            "Lake,12.6,,D1 23:00,\nGoal,20.8,finish,,\n",
        )
        text = first_race_file(hill_gpx, points=path).text
        assert "  # cutoff = 2026-09-04T19:30:00\n" in text
        assert "  # cutoff: D1 23:00; write it as date and time" in text
        (hill_gpx.parent / "race.toml").write_text(text, encoding="utf-8")
        course = load(hill_gpx.parent)
        assert course.stages[0].official_length_m == 20_800.0
        hut, lake, goal = course.stages[0].points
        length_m = float(track_distance_m(course.stages[0].track)[-1])
        assert hut.distance_m == pytest.approx(4200.0 * length_m / 20_800.0)
        assert lake.distance_m == pytest.approx(12_600.0 * length_m / 20_800.0)
        assert (goal.name, goal.kind, goal.distance_m) == ("Goal", "finish", length_m)

    def test_cutoffs_are_live_with_a_clock(self, hill_gpx: Path, tmp_path: Path) -> None:
        path = table(tmp_path, "name,km,cutoff\nHut,4,2026-09-04T19:30\n")
        text = first_race_file(
            hill_gpx, points=path, timezone="Europe/Rome", start=datetime(2026, 9, 4, 10)
        ).text
        (hill_gpx.parent / "race.toml").write_text(text, encoding="utf-8")
        assert load(hill_gpx.parent).stages[0].points[0].cutoff_s == 9.5 * 3600.0

    def test_kilometres_of_the_race_are_shared_out_to_the_stages(self, tmp_path: Path) -> None:
        for k, name in enumerate("ab"):
            (tmp_path / f"{name}.gpx").write_bytes(gpx(trk(straight(10 * k, 10 * k + 10))))
        path = table(tmp_path, "name,km\nHut,4\nBase,10\nLake,13\nGoal,20\n")
        stages = tomllib.loads(first_race_file(tmp_path, points=path).text)["stage"]
        assert [[(p["name"], p["km"]) for p in stage["point"]] for stage in stages] == [
            [("Hut", 4.0), ("Base", pytest.approx(10.0, abs=0.02))],
            [("Lake", pytest.approx(3.0, abs=0.02)), ("Goal", pytest.approx(10.0, abs=0.02))],
        ]
        path = table(tmp_path, "name,km,stage\nHut,4,1\nLake,3,2\n")
        stages = tomllib.loads(first_race_file(tmp_path, points=path).text)["stage"]
        assert [stage["point"][0]["name"] for stage in stages] == ["Hut", "Lake"]
        for k, name in enumerate(("Long Day", "Short Day")):
            (tmp_path / f"{'ab'[k]}.gpx").write_bytes(gpx(trk(straight(10 * k, 10 * k + 10), name)))
        path = table(tmp_path, "name,km,stage\nHut,4,LONG\nLake,3,short day\n")
        stages = tomllib.loads(first_race_file(tmp_path, points=path).text)["stage"]
        assert [stage["point"][0]["name"] for stage in stages] == ["Hut", "Lake"]
        path = table(tmp_path, "name,km,stage\nHut,4,day\n")
        with pytest.raises(CourseError, match=r'csv: stage "day" may be Long Day, Short Day$'):
            first_race_file(tmp_path, points=path)
        path = table(tmp_path, "name\nHut\n")
        with pytest.raises(CourseError, match="each row needs its km, or a stage column"):
            first_race_file(tmp_path, points=path)

    def test_an_organisers_table(self, data: Callable[[str], Path], tmp_path: Path) -> None:
        (tmp_path / "a.gpx").write_bytes(data("courses/utmb-2025.gpx").read_bytes())
        path = data("../facts/courses/utmb-2025.tsv")
        text = first_race_file(tmp_path / "a.gpx", points=path).text
        (tmp_path / "race.toml").write_text(text, encoding="utf-8")
        points = load(tmp_path).stages[0].points
        assert len(points) == 23  # the entry and the exit of a place are one place
        assert [p.name for p in points][-2:] == ["La Flégère", "Chamonix"]
        assert text.count("# cutoff = 2025-08-") == 13
