"""The heights of an organiser's table beside those of the track, and places that come twice."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from race_courses import DEG_EAST_M, DEG_M, gpx, straight, trk, wpt

from gpxstage.course import CourseError
from gpxstage.racefile import load
from gpxstage.racefile.columns import read as columns_of
from gpxstage.racefile.table import read
from gpxstage.racefile.write import Draft, first_race_file

KM = np.linspace(0.0, 60.0, 1201)


def height_m(km: float) -> float:
    """A saw of 400 m: up for 5 km, down for 5 km, from 1,000 m; 8 % steep."""
    return 1000.0 + 80.0 * abs((km + 5.0) % 10.0 - 5.0)


def hilly(folder: Path) -> Path:
    """A straight course of 60 km over this saw."""
    places = ((45.0 + 1000.0 * km / DEG_M, height_m(km)) for km in KM)
    rows = (f'<trkpt lat="{lat:.7f}" lon="7"><ele>{z:.1f}</ele></trkpt>' for lat, z in places)
    (folder / "a.gpx").write_bytes(
        gpx(f"<trk><name>Saw</name><trkseg>{''.join(rows)}</trkseg></trk>")
    )
    return folder / "a.gpx"


def drafted(folder: Path, rows: str) -> Draft:
    table = folder / "points.csv"
    table.write_text(rows, encoding="utf-8")
    found = first_race_file(folder / "a.gpx", points=table)
    (folder / "race.toml").write_text(found.text, encoding="utf-8")
    return found


HEAD = "name,km,kind,{}\n"


@pytest.mark.parametrize(
    ("title", "unit_m"),
    [("altitude", 1.0), ("Elevation (ft)", 0.3048), ("Höhe", 1.0), ("quota (m slm)", 1.0),
     ("Altitud msnm", 1.0), ("標高", 1.0), ("ele", 1.0)],
)  # fmt: skip
def test_a_place_at_another_height_is_a_note_with_both_heights(
    tmp_path: Path, title: str, unit_m: float
) -> None:
    hilly(tmp_path)
    # the pass is at km 45; near it the doubt of the km explains the difference
    rows = [
        ("Lake", 22.0, "aid", 1210.0),
        ("Pass", 44.2, "col", 1400.0),
        ("End", 60.0, "finish", 1e3),
    ]
    lines = "".join(f"{name},{km},{kind},{h / unit_m:.0f}\n" for name, km, kind, h in rows)
    found = drafted(tmp_path, HEAD.format(title) + lines)
    assert found.notes == ()
    found = drafted(tmp_path, (HEAD.format(title) + lines).replace("44.2", "43.4"))
    (note,) = found.notes
    assert note == (
        '"Pass" is at 1,400 m in the table, and the track at km 43.4 is at 1,272 m; it is as high'
        " as that at km 44.9, 1.5 km farther: check its km"
    )
    assert f"# {note}" in found.text
    assert tomllib.loads(found.text)["stage"][0]["point"][1]["km"] == 43.4  # nothing is moved


def test_no_place_is_proposed_past_another_one_or_far_away(tmp_path: Path) -> None:
    hilly(tmp_path)
    rows = "Pass,43.4,col,1400\nHut,44.5,aid,1360\n"
    (note,) = drafted(tmp_path, HEAD.format("altitude") + rows).notes
    assert note.endswith("at km 43.4 is at 1,272 m: check where it is")
    rows = "Peak,42,col,1650\nHut,44.5,aid,1360\n"
    (note,) = drafted(tmp_path, HEAD.format("altitude") + rows).notes
    assert note.startswith(
        '"Peak" is at 1,650 m in the table, and the track at km 42.0 is at 1,160 m:'
    )


def test_of_coordinates_nothing_is_proposed(tmp_path: Path) -> None:
    hilly(tmp_path)
    lat = 45.0 + 43_400.0 / DEG_M
    (note,) = drafted(tmp_path, f"name,kind,lat,lon,altitude\nPass,col,{lat:.6f},7,1400\n").notes
    assert note.endswith("at km 43.4 is at 1,272 m: check where it is")


def test_a_table_of_other_heights_is_one_note(tmp_path: Path) -> None:
    hilly(tmp_path)
    rows = "".join(f"P{km},{km},aid,{height_m(km) + 900:.0f}\n" for km in range(5, 55, 5))
    (note,) = drafted(tmp_path, HEAD.format("altitude") + rows).notes
    assert note.startswith("the heights of 10 of 10 points are not those of the track")
    feet = "".join(f"P{km},{km},aid,{height_m(km) / 0.3048:.0f}\n" for km in range(5, 55, 5))
    assert drafted(tmp_path, HEAD.format("altitude") + feet).notes == ()  # feet without a word


def test_a_column_of_climb_is_none_of_heights() -> None:
    for title in ("Elevation gain", "altitude +", "D+", "Höhenmeter", "height loss (m)"):
        assert ("height" in columns_of(["name", "km", title]).known) == (title == "altitude +")
    found = columns_of(["name", "miles", "Elevation"])
    assert (found.height_unit, columns_of(["name", "miles", "Elevation (m)"]).height_unit) == (
        "ft", "m",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "high_m"),
    [("2'123", 2123.0), ("2 123 m", 2123.0), ("2,123", 2123.0), ("1961,5", 1961.5), ("985", 985.0),
     ("6,890 ft", 2100.07), ("about 900", None), ("", None)],
)  # fmt: skip
def test_heights_as_people_write_them(tmp_path: Path, text: str, high_m: float | None) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"name;km;altitude\nHut;4;{text}\n", encoding="utf-8")
    (row,) = read(path).rows
    assert row.point.elevation_m == (None if high_m is None else pytest.approx(high_m, abs=0.01))


def at(east_km: float, north_km: float) -> str:
    return f"{45.0 + 1000.0 * north_km / DEG_M:.7f},{7.0 + 1000.0 * east_km / DEG_EAST_M:.7f}"


def test_a_loop_that_ends_where_it_starts_needs_no_km(tmp_path: Path) -> None:
    out, back = straight(0, 10), list(reversed(straight(0, 10)))
    (tmp_path / "a.gpx").write_bytes(gpx(trk([*out, *back], "Loop")))
    rows = (
        f"Town,{at(0, 0.02)}\nHut,{at(0, 4)}\nTop,{at(0, 10)}\nHut,{at(0, 4)}\nTown,{at(0, 0.02)}\n"
    )
    assert drafted(tmp_path, f"name,lat,lon\n{rows}").notes == ()
    (stage,) = load(tmp_path).stages
    places = [(p.name, round((p.distance_m or 0.0) / 1000.0, 1)) for p in stage.points]
    assert places == [("Hut", 4.0), ("Top", 10.0), ("Hut", 16.0), ("Town", 20.0)]


def test_two_rows_of_one_place_in_a_row_are_two_passages(tmp_path: Path) -> None:
    way = [*straight(0, 10), *reversed(straight(0, 10))]
    (tmp_path / "a.gpx").write_bytes(gpx(trk(way, "Turn"), wpt("Lake", 7)))
    drafted(tmp_path, f"name,lat,lon\nHut,{at(0, 4)}\nHut,{at(0, 4)}\n")
    (stage,) = load(tmp_path).stages
    assert [round((p.distance_m or 0.0) / 1000.0) for p in stage.points] == [4, 16, 20]
    drafted(tmp_path, "name\nLake\nLake\n")
    (stage,) = load(tmp_path).stages
    assert [round((p.distance_m or 0.0) / 1000.0) for p in stage.points] == [7, 13, 20]


def test_the_first_and_the_last_row_of_a_town_that_is_passed_thrice_are_the_ends(
    tmp_path: Path,
) -> None:
    loop = [*straight(0, 5), *reversed(straight(0, 5))]
    (tmp_path / "a.gpx").write_bytes(gpx(trk([*loop, *loop], "Two laps")))
    drafted(tmp_path, f"name,lat,lon\nTown,{at(0, 0)}\nTown,{at(0, 0)}\n")
    (stage,) = load(tmp_path).stages
    assert [(p.name, round((p.distance_m or 0.0) / 1000.0)) for p in stage.points] == [("Town", 20)]


def test_a_place_that_is_listed_more_often_than_it_is_passed_needs_its_km(tmp_path: Path) -> None:
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 10))))
    with pytest.raises(CourseError) as error:
        drafted(tmp_path, f"name,lat,lon\nHut,{at(0, 4)}\nHut,{at(0, 4)}\n")
    assert str(error.value).endswith(
        'point "Hut" is listed 2 times, and the track passes it less often in this order: each'
        " needs its km"
    )
