"""Cutoffs of a table that count from the start, told from times of day."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from race_courses import gpx, straight, trk, wpt

from gpxstage.course import CourseError
from gpxstage.racefile import load
from gpxstage.racefile.write import Draft, first_race_file

KM = (20, 32, 48, 60)


def draft(
    folder: Path, title: str, texts: str, start: str = "2025-08-29T05:15", km: tuple[int, ...] = KM
) -> Draft:
    """A first race file of 60 km with four cutoffs, written into the folder."""
    (folder / "a.gpx").write_bytes(gpx(trk(straight(0, 60))))
    rows = zip("ABCD", km, texts.split(","), strict=True)
    table = folder / "points.csv"
    lines = [f"{name};{at};aid;{text.strip()}" for name, at, text in rows]
    table.write_text("\n".join([f"name;km;kind;{title}", *lines]), encoding="utf-8")
    when = datetime.fromisoformat(start)
    found = first_race_file(folder / "a.gpx", points=table, timezone="Europe/Rome", start=when)
    (folder / "race.toml").write_text(found.text, encoding="utf-8")
    return found


def hours(found: Draft, folder: Path) -> list[float]:
    """The cutoffs in hours after the start, as the race is read."""
    points = load(folder).stages[0].points
    return [point.cutoff_s / 3600.0 for point in points if point.cutoff_s is not None]


@pytest.mark.parametrize("title", ["Time limit", "cutoff", "Limite", "Tempo limite", "Zeitlimit"])
@pytest.mark.parametrize(
    "texts", ["4:00, 7:30, 12:15, 14:30", "4h, 7h30, 12h15, 14h30", "4 h, 7 h 30, 12 h 15, 14 h 30"]
)
def test_limits_that_no_clock_would_have_count_from_the_start(
    tmp_path: Path, title: str, texts: str
) -> None:
    found = draft(tmp_path, title, texts)
    assert hours(found, tmp_path) == [4.0, 7.5, 12.25, 14.5]
    (note,) = found.notes
    first = texts.split(",", maxsplit=1)[0]
    assert note == (
        f'the cutoffs were read as hours since the start ("{first}" at A): as times of day the'
        " first asks for 0.9 km/h"
    )


def test_clock_times_stay_clock_times(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "22:00, 1:00, 5:15, 9:30", start="2025-08-29T17:45")
    assert hours(found, tmp_path) == [4.25, 7.25, 11.5, 15.75]
    assert found.notes == ()


def test_both_readings_of_a_usual_speed_are_a_note(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "10:00, 13:00, 17:00, 20:00")
    assert hours(found, tmp_path) == [4.75, 7.75, 11.75, 14.75]
    (note,) = found.notes
    assert note == (
        'the cutoffs were read as times of day ("10:00" at A): both are possible: check one of them'
    )


def test_no_reading_of_a_usual_speed_is_a_note(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "2:00, 4:00, 6:00, 8:00")
    assert hours(found, tmp_path) == [20.75, 22.75, 24.75, 26.75]
    assert (
        'the cutoffs were read as times of day ("2:00" at A): neither is usual for 20.0 km,'
        " 1.0 km/h as a time of day, 10.0 km/h as hours since the start"
    ) in found.notes


@pytest.mark.parametrize("title", ["Elapsed", "Limit (h)", "Temps de course"])
def test_a_title_may_say_it(tmp_path: Path, title: str) -> None:
    found = draft(tmp_path, title, "10:00, 13:00, 17, 20.5")
    if title == "Temps de course":
        assert "count from the start" in found.notes[-1]
    assert hours(found, tmp_path) == [10.0, 13.0, 17.0, 20.5]


@pytest.mark.parametrize("texts", ["4, 7.5, 12, 14.5", "4.00, 7.30, 12.00, 14.30"])
def test_numbers_of_a_time_limit_are_hours(tmp_path: Path, texts: str) -> None:
    found = draft(tmp_path, "Time limit", texts)
    assert hours(found, tmp_path) == [4.0, 7.5, 12.0, 14.5]
    assert len(found.notes) == 1


def test_stages_with_starts_of_their_own_have_limits_of_their_own(tmp_path: Path) -> None:
    for k, name in enumerate(("1.gpx", "2.gpx")):
        (tmp_path / name).write_bytes(gpx(trk(straight(30 * k, 30 * k + 30))))
    table = tmp_path / "points.csv"
    table.write_text(
        "name,km,kind,stage,time limit\nStart,0,start,1,2026-09-04 08:00\nHut,20,aid,1,4:00\n"
        "End,30,finish,1,7:30\nStart,0,start,2,2026-09-05 08:00\nLake,20,aid,2,4:00\n"
        "End,30,finish,2,7:30\n",
        encoding="utf-8",
    )
    found = first_race_file(tmp_path, points=table, timezone="Europe/Rome")
    (tmp_path / "race.toml").write_text(found.text, encoding="utf-8")
    cutoffs_s = [[point.cutoff_s for point in stage.points] for stage in load(tmp_path).stages]
    assert cutoffs_s == [[4.0 * 3600.0, 7.5 * 3600.0]] * 2


def test_more_hours_than_a_day_has_count_from_the_start(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "6:00, 15:00, 25:00, 35:00")
    assert hours(found, tmp_path) == [6.0, 15.0, 25.0, 35.0]
    assert found.notes == ('the cutoffs count from the start ("6:00" at A)',)
    found = draft(tmp_path, "cutoff", "Fri 10:00, Fri 13:00, Sat 01:30, 46h30")
    assert hours(found, tmp_path) == [4.75, 7.75, 20.25, 46.5]
    found = draft(tmp_path, "cutoff", "Fri 10:00, Fri 13:00, Sat 01:30, 35:00")
    assert hours(found, tmp_path)[-1] == 35.0
    assert "1 cutoff of 30 h and more counts from the start: D" in found.notes


def test_a_day_beside_one_cutoff_makes_all_of_them_times_of_day(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "8:00, 13:00, 18:00, D2 01:30")
    assert hours(found, tmp_path) == [2.75, 7.75, 12.75, 20.25]


def test_the_row_of_the_start_may_say_it(tmp_path: Path) -> None:
    found = draft(tmp_path, "cutoff", "0:00, 13:00, 17:00, 20:00", km=(0, 32, 48, 60))
    assert hours(found, tmp_path) == [13.0, 17.0, 20.0]
    found = draft(tmp_path, "cutoff", "5:15, 13:00, 17:00, 20:00", km=(0, 32, 48, 60))
    assert hours(found, tmp_path) == [7.75, 11.75, 14.75]
    assert found.notes == ()


def test_descriptions_of_waypoints_are_told_apart_too(tmp_path: Path) -> None:
    places = [
        wpt(name, km).replace("</name>", f"</name><desc>Time limit {text}</desc>")
        for name, km, text in (("Hut A", 20, "4:00"), ("Hut B", 32, "7:30"))
    ]
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 60)), *places))
    start = datetime(2025, 8, 29, 5, 15)
    found = first_race_file(tmp_path / "a.gpx", timezone="Europe/Rome", start=start)
    points = tomllib.loads(found.text)["stage"][0]["point"]
    assert [f"{point['cutoff']:%d %H:%M}" for point in points] == ["29 09:15", "29 12:45"]


def test_a_row_without_a_place_is_named(tmp_path: Path) -> None:
    mark = wpt("SEGMENT START", 3, sym="segment start")
    (tmp_path / "a.gpx").write_bytes(gpx(trk(straight(0, 60)), mark))
    table = tmp_path / "points.csv"
    table.write_text("name,km\nA,20\n\nSegment Hut,\n", encoding="utf-8")
    with pytest.raises(CourseError) as error:
        first_race_file(tmp_path / "a.gpx", points=table)
    assert str(error.value) == (
        'points.csv: makes no race file that can be read: row 4: "Segment Hut" has no km, and a.gpx'
        " has no waypoint of that name"
    )
