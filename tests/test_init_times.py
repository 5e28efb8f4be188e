"""Starts, cutoffs, passages and names that `gpxstage init` finds in tables and waypoints."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from race_courses import gpx, points, straight, trk, wpt

from gpxstage.racefile import load
from gpxstage.racefile.places import joined_rows
from gpxstage.racefile.rows import PointRow
from gpxstage.racefile.write import Draft, first_race_file

START = datetime(2026, 9, 4, 10)  # a Friday


@pytest.fixture
def two_stages(tmp_path: Path) -> Path:
    (tmp_path / "1.gpx").write_bytes(gpx(trk(straight(0, 20), "One")))
    (tmp_path / "2.gpx").write_bytes(gpx(trk(straight(20, 40), "Two")))
    return tmp_path


@pytest.fixture
def out_and_back(tmp_path: Path) -> Path:
    way = [*straight(0, 10), *reversed(straight(0, 10))]
    places = [wpt("Hut", 4), wpt("Lake aller", 8), wpt("Lake retour", 8)]
    places += [wpt("Town (Out)", 6), wpt("Town (In)", 6)]
    (tmp_path / "course.gpx").write_bytes(gpx(trk(way, "There and Back"), *places))
    return tmp_path


def draft(folder: Path, rows: str = "", **clock: Any) -> Draft:
    """A first race file, written into the folder; the rows are a table's, header first."""
    table = folder / "points.csv"
    table.write_text(rows, encoding="utf-8")
    found = first_race_file(folder, points=table if rows else None, timezone="Europe/Rome", **clock)
    (folder / "race.toml").write_text(found.text, encoding="utf-8")
    return found


def cutoffs(found: Draft) -> list[str]:
    """The live cutoffs, in order."""
    stages = tomllib.loads(found.text)["stage"]
    points = [point for stage in stages for point in stage.get("point", ())]
    return [f"{point['cutoff']:%m-%d %H:%M}" for point in points if "cutoff" in point]


def test_times_of_a_table_become_cutoffs_after_the_start_it_names(two_stages: Path) -> None:
    found = draft(
        two_stages,
        "name,km,stage,cutoff\nStart,0,1,2026-09-04 10:00\nHut,10,1,14:30\nEnd,20,1,Sat 1:30\n"
        "Start,0,2,D2 09:00\nLake,10,2,D2 14:30\nEnd,20,2,20h00\n",
    )
    assert cutoffs(found) == ["09-04 14:30", "09-05 01:30", "09-05 14:30", "09-05 20:00"]
    assert 'cutoff = 2026-09-05T01:30:00 # read from "Sat 1:30"' in found.text
    assert found.notes == ("the start 2026-09-04 10:00 was taken from the table",)
    course = load(two_stages)
    assert [point.cutoff_s for point in course.stages[1].points] == [5.5 * 3600.0, 11.0 * 3600.0]


def test_a_start_without_a_date_has_that_of_the_first_cutoff_with_one(two_stages: Path) -> None:
    rows = "name,km,stage,cutoff\nStart,0,1,{}\nHut,10,1,2026-09-05 02:00\n"
    found = draft(two_stages, rows.format("22:00"))
    assert tomllib.loads(found.text)["start"] == datetime(2026, 9, 4, 22)
    (two_stages / "race.toml").unlink()
    found = draft(two_stages, rows.format("Mon 22:00"))  # no day before that cutoff
    assert "start" not in tomllib.loads(found.text)


def test_a_stage_without_a_start_keeps_its_cutoffs_as_comments(two_stages: Path) -> None:
    found = draft(
        two_stages,
        "name,km,stage,cutoff\nHut,10,1,2026-09-04 14:30\nLake,10,2,2026-09-05 14:30\n",
        start=START,
    )
    assert cutoffs(found) == ["09-04 14:30"]
    assert "# cutoff = 2026-09-05T14:30:00" in found.text
    (note,) = found.notes
    assert note.startswith("the cutoffs of stages without a start became comments: stage 2")
    assert f"# {note}" in found.text
    live = found.text.replace("# cutoff =", "cutoff =").replace('"staged"', '"continuous"')
    (two_stages / "race.toml").write_text(live, encoding="utf-8")
    assert load(two_stages).stages[1].points[0].cutoff_s == 28.5 * 3600.0


def test_a_later_stage_that_would_start_before_the_one_before_it_has_no_start(
    two_stages: Path,
) -> None:
    rows = "name,km,stage,cutoff\nStart,0,2,2026-09-03 09:00\nLake,10,2,2026-09-05 14:30\n"
    assert cutoffs(draft(two_stages, rows, start=START)) == []


def test_the_day_of_a_cutoff_may_stand_in_a_column(out_and_back: Path) -> None:
    rows = "name,km,{},cut-off time\nHut,4,{},14:30\nLake,12,{},02:30\n"
    for column, days in (
        ("day", ("1", "2")),
        ("Jour", ("ven.", "sam.")),
        ("date", ("2026-09-04", "2026-09-05")),
    ):
        found = draft(out_and_back, rows.format(column, *days), start=START)
        assert cutoffs(found) == ["09-04 14:30", "09-05 02:30"], column
        (out_and_back / "race.toml").unlink()


def test_a_day_column_is_the_stage_of_a_race_with_several(two_stages: Path) -> None:
    stages = tomllib.loads(draft(two_stages, "name,km,day\nHut,10,1\nLake,10,2\n").text)["stage"]
    assert [[point["name"] for point in stage["point"]] for stage in stages] == [["Hut"], ["Lake"]]


def test_what_is_not_read_is_in_a_note_and_in_the_file(out_and_back: Path) -> None:
    found = draft(
        out_and_back,
        "name,km,Opening,cutoff,empty\nHut,4,11:00,when it is dark,\nLake,8,,09:00,\n"
        "Town,9,,2026-09-04 08:00,\n",
        start=START,
    )
    assert found.notes[0] == "columns that a race file has no place for, left out: Opening"
    assert found.notes[1].endswith("cannot be read as a time and became a comment: Hut")
    assert found.notes[2].endswith("would not be after the start and became a comment: Town")
    assert "# cutoff: when it is dark; write it as date and time" in found.text
    assert all(f"# {note}\n" in found.text for note in found.notes)
    assert cutoffs(found) == ["09-05 09:00"]  # the next morning


def test_without_a_start_or_a_time_zone_a_note_says_what_is_missing(out_and_back: Path) -> None:
    rows = "name,km,cutoff\nHut,4,14:30\n"
    assert draft(out_and_back, rows).notes == (
        "1 cutoff without a date became a comment: --start gives the day: Hut",
    )
    (out_and_back / "race.toml").unlink()
    found = first_race_file(out_and_back, points=out_and_back / "points.csv", start=START)
    assert found.notes == ("starts and cutoffs became comments: --timezone makes them count",)
    assert "# start = 2026-09-04T10:00:00" in found.text
    assert "# cutoff = 2026-09-04T14:30:00" in found.text


@pytest.mark.parametrize(
    "text",
    ["14:30", "Cut-off: 14:30", "Barrière horaire : ven. 14h30", "Food, bed. BH 14h30. Crew.",
     "Open from 09:00, closing 14:30", "関門 14時30分", "D1 14:30", "14:30 (cutoff)"],
)  # fmt: skip
def test_a_description_names_a_cutoff(tmp_path: Path, text: str) -> None:
    place = wpt("Hut", 4).replace("</name>", f"</name><desc>{text}</desc>")
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), place))
    assert cutoffs(draft(tmp_path, start=START)) == ["09-04 14:30"]


@pytest.mark.parametrize("text", ["Open 09:00 to 14:30", "Hut at 14.30 km", "cutoff", "12"])
def test_other_descriptions_name_none(tmp_path: Path, text: str) -> None:
    place = wpt("Hut", 4).replace("</name>", f"</name><desc>{text}</desc>")
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), place))
    found = draft(tmp_path, start=START)
    assert "cutoff" not in found.text.replace(f"cutoff: {text}", "")


def passages(found: Draft) -> list[tuple[str, float]]:
    (stage,) = tomllib.loads(found.text)["stage"]
    return [(point["name"], round(point["km"])) for point in stage["point"]]


def test_waypoints_of_the_way_out_and_back_are_one_passage_each(out_and_back: Path) -> None:
    assert passages(draft(out_and_back)) == [
        ("Hut", 4), ("Town (Out)", 6), ("Lake aller", 8), ("Lake retour", 12), ("Town (In)", 14),
        ("Hut", 16),
    ]  # fmt: skip


def test_rows_of_the_way_out_and_back_have_the_km_of_their_passages(out_and_back: Path) -> None:
    found = draft(out_and_back, "name\nHut aller\nLake\nLake\nHut retour\n")
    assert passages(found) == [("Hut aller", 4), ("Lake", 8), ("Lake", 12), ("Hut retour", 16)]
    assert [p.name for p in load(out_and_back).stages[0].points][:2] == ["Hut aller", "Lake"]


def test_the_two_doors_of_a_place_are_one_place(tmp_path: Path) -> None:
    places = [wpt("Base IN", 4), wpt("Base OUT", 4.3)]
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), *places))
    assert passages(draft(tmp_path)) == [("Base", 4)]
    (tmp_path / "race.toml").unlink()
    found = draft(tmp_path, "name,km,cutoff\nBase IN,4,14:00\nBase OUT,4.2,16:00\n", start=START)
    assert passages(found) == [("Base", 4)]
    assert cutoffs(found) == ["09-04 16:00"]
    far = [PointRow("Base IN", km=4.0), PointRow("Base OUT", km=9.0)]
    assert joined_rows(far) == far
    (one,) = joined_rows([PointRow("Base IN", cutoff="14:00"), PointRow("Base OUT")])
    assert (one.cutoff, one.cutoff_at) == ("14:00", "arrive")


def described(name: str, km: float, text: str, sym: str = "Aid Station") -> str:
    """A waypoint with a description."""
    return wpt(name, km, sym=sym).replace("</name>", f"</name><desc>{text}</desc>")


def turning(folder: Path, *places: str) -> None:
    """A course of 40 km, out for 20 km and back the same way."""
    way = [*straight(0, 20), *reversed(straight(0, 20))]
    (folder / "course.gpx").write_bytes(gpx(trk(way, "There and Back"), *places))


@pytest.mark.parametrize(
    "text",
    [
        "Aid. cutoffs 12:30 PM, 2:30 AM Sat. no crew. drop bags.",
        "cut-off: 12:30 / Sat 2h30",
        "Cutoff 12:30 and 2:30",
        "Out: closing 12:30. Back: closing 2:30",
        "12:30, 2:30",
    ],
)
def test_the_second_passage_of_a_place_has_its_second_cutoff(tmp_path: Path, text: str) -> None:
    turning(tmp_path, described("Dam", 8, text))
    found = draft(tmp_path, start=START)
    assert cutoffs(found) == ["09-04 12:30", "09-05 02:30"]
    assert found.notes == ()
    first, second, _ = load(tmp_path).stages[0].points
    assert (first.cutoff_s, second.cutoff_s) == (2.5 * 3600.0, 16.5 * 3600.0)


@pytest.mark.parametrize(
    ("text", "named"),
    [("cutoff 12:30", "1 cutoff (12:30)"),
     ("cutoffs 12:30, 18:00, 22:00", "3 cutoffs (12:30, 18:00, 22:00)")],
)  # fmt: skip
def test_cutoffs_of_which_nobody_knows_the_passage_are_left_out(
    tmp_path: Path, text: str, named: str
) -> None:
    turning(tmp_path, described("Dam", 8, text))
    found = draft(tmp_path, start=START)
    assert cutoffs(found) == []
    assert found.notes == (
        f'the text of "Dam" names {named}, and the place is passed 2 times: left out',
    )
    assert "# " + found.notes[0] in found.text


def test_two_words_for_the_one_cutoff_of_a_place_that_is_passed_once(tmp_path: Path) -> None:
    place = described("Hut", 4, "Closing 14:30. Last departure, time limit 14:45.")
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), place))
    assert cutoffs(draft(tmp_path, start=START)) == ["09-04 14:30"]


def test_an_aid_station_where_the_way_turns_is_one_place(tmp_path: Path) -> None:
    turning(tmp_path, described("Village", 19.6, ""), described("Camp", 18.8, "mile 12.4 mi"))
    assert passages(draft(tmp_path)) == [("Village", 20), ("Camp", 20)]
    assert [p.name for p in load(tmp_path / "course.gpx").stages[0].points[:-1]] == [
        "Village", "Camp",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("km", "text", "sym"),
    [
        (18.8, "", "Aid Station"),  # far from the turn, and nothing says that it is there
        (18.8, "mile 11.7 mi", "Aid Station"),  # the distance of the way out
        (19.6, "cutoffs 14:00, 15:00", "Aid Station"),
        (19.6, "km 19.6 km, 20.4 km", "Aid Station"),
        (19.6, "", "Flag"),  # nobody stops there
        (17.0, "mile 12.4 mi", "Aid Station"),
    ],
)
def test_other_places_near_a_turn_are_passed_twice(
    tmp_path: Path, km: float, text: str, sym: str
) -> None:
    turning(tmp_path, described("Village", km, text, sym))
    assert [round(at, 1) for at in kms(draft(tmp_path))] == [km, round(40.0 - km, 1)]


def test_a_loop_round_a_place_is_no_turn(tmp_path: Path) -> None:
    corners = [(0.0, 0.0), (4.0, 0.0), (4.3, 0.1), (4.3, 0.3), (4.0, 0.3), (4.0, 0.0), (8.0, -0.1)]
    tracks = [points([north], east) for north, east in corners]
    way = f"<trk><name>Loop</name><trkseg>{''.join(tracks)}</trkseg></trk>"
    (tmp_path / "a.gpx").write_bytes(gpx(way, described("Hut", 4.0, "")))
    assert len(kms(draft(tmp_path))) == 2


def kms(found: Draft) -> list[float]:
    (stage,) = tomllib.loads(found.text)["stage"]
    return [point["km"] for point in stage["point"]]
