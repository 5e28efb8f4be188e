"""What is doubtful about cutoffs, limits, zones and kinds: a note at `init` and when it is read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from race_courses import Race, gpx, notes, straight, trk

from gpxstage.racefile import doubts, load
from gpxstage.racefile.doubts import Closing
from gpxstage.racefile.write import first_race_file


def drafted(folder: Path, rows: str, zone: str = "Europe/Rome") -> tuple[list[str], list[str]]:
    """The notes of `init` for a table of a race of 60 km, and those of the race it makes."""
    (folder / "a.gpx").write_bytes(gpx(trk(straight(0, 60))))
    table = folder / "points.csv"
    table.write_text(rows, encoding="utf-8")
    start = datetime(2025, 8, 29, 5, 15)
    found = first_race_file(folder / "a.gpx", points=table, timezone=zone, start=start)
    (folder / "race.toml").write_text(found.text, encoding="utf-8")
    return list(found.notes), list(load(folder, terrain=0.4).notes)


@pytest.mark.parametrize(
    ("first", "second", "wait"), [("14:15", "13:45", "23:30"), ("23:30", "22:30", "23:00")]
)
def test_a_cutoff_that_goes_back_names_both_places(
    tmp_path: Path, first: str, second: str, wait: str
) -> None:
    head = "name,km,kind,cutoff\nEarly,8,aid,8:00\n"
    at_init, at_load = drafted(tmp_path, f"{head}A,32,aid,{first}\nB,40,aid,{second}\n")
    assert (
        f'the cutoff at "B", {second}, is before that at "A", {first}, and on the next day {wait}'
        " later for 8.0 km: it became a comment"
    ) in at_init
    assert at_load == []


def test_a_time_of_day_is_never_moved_past_a_dated_cutoff_that_follows(tmp_path: Path) -> None:
    rows = "name,km,kind,cutoff\nA,20,aid,14:15\nB,30,aid,13:45\nEnd,60,finish,D2 02:00\n"
    at_init, at_load = drafted(tmp_path, rows)
    assert (
        'the cutoff at "B", 13:45, is before that at "A", 14:15, and on the next day after one'
        " that follows: it became a comment"
    ) in at_init
    assert at_load == []
    at_init, _ = drafted(tmp_path, rows.replace("13:45", "00:30").replace("B,30", "B,45"))
    assert at_init == []  # half past midnight is the next day


def test_a_day_of_the_week_before_the_start_is_not_moved_to_the_next_week(tmp_path: Path) -> None:
    rows = "name,km,kind,cutoff\nA,20,aid,Fri 5:00\nB,40,aid,Fri 18:00\nC,50,aid,Thu 20:00\n"
    at_init, at_load = drafted(tmp_path, rows)  # the start is on Friday at 5:15
    assert at_init == [
        'the cutoff at "A", Fri 5:00, would be 167:45 after the start: it became a comment',
        'the cutoff at "C", Thu 20:00, would be 158:45 after the start: it became a comment',
    ]
    assert at_load == []
    at_init, _ = drafted(tmp_path, "name,km,kind,cutoff\nA,10,aid,Sat 9:00\n")
    assert at_init == [
        'the cutoff at "A" is 27:45 after the start for 10.0 km: its day may be wrong'
    ]


def test_a_day_far_too_late_is_a_note(tmp_path: Path) -> None:
    rows = "name,km,kind,cutoff\nA,20,aid,D1 14:15\nB,28,aid,D9 10:00\nEnd,60,finish,D2 02:00\n"
    at_init, at_load = drafted(tmp_path, rows)
    late = 'the cutoff at "B" is 187:45 after the one at "A" for 8.0 km: its day may be wrong'
    back = 'the cutoff at "End" is earlier than the one at "B" before it'
    assert at_init == [back, late]
    assert at_load == [f"stage 1: {back}", late]


def test_long_nights_between_far_places_are_no_doubt() -> None:
    assert doubts.legs([Closing("A", 20.0, 50.0), Closing("B", 42.0, 100.0)]) == []
    assert doubts.legs([Closing("A", 20.0, 50.0), Closing("A out", 24.0, 50.0)]) == []


def test_a_cutoff_that_nobody_can_keep_is_a_note() -> None:
    (note,) = doubts.legs([Closing("A", 1.0, 40.0)])
    assert note == 'the cutoff at "A", 1:00 after the start, asks for 40 km/h'


CLOCK = 'timezone = "Europe/Rome"\nstart = 2026-09-04T10:00:00\n'
FINISH = 'name = "End"\nkind = "finish"\ncutoff = 2026-09-04T14:45:00'


def test_a_limit_beside_the_cutoff_at_the_finish(passes: Race) -> None:
    says = 'limit_h is 4:00, and the cutoff at "End" 4:45 after the start'
    assert notes(passes.one(race=f"{CLOCK}limit_h = 4", point=FINISH)) == says
    assert notes(passes.one(race=f"{CLOCK}limit_h = 4.75", point=FINISH)) == ""
    staged = f'{CLOCK}format = "staged"'
    assert notes(passes.one("limit_h = 4", race=staged, point=FINISH)) == f"stage 1: {says}"


def test_a_limit_of_a_speed_that_no_race_has(passes: Race) -> None:
    assert notes(passes.one(race="limit_h = 4650")) == (
        "limit_h of 4650 h for 10.0 km asks for 0.0022 km/h"
    )
    assert notes(passes.one("limit_h = 0.5")) == (
        "stage 1: limit_h of 0.5 h for 10.0 km asks for 20 km/h"
    )
    assert notes(passes.one(race="limit_h = 4")) == ""


def test_a_zone_far_from_the_place_is_a_note(tmp_path: Path, passes: Race) -> None:
    says = (
        'timezone "Asia/Tokyo" (UTC+9) is 9 h ahead of the sun at the start (7.0° east):'
        " it may be the wrong one"
    )
    at_init, at_load = drafted(tmp_path, "name,km\nA,20\n", zone="Asia/Tokyo")
    assert says in at_init
    assert says in at_load
    assert notes(passes.one(race=CLOCK)) == ""
    assert notes(passes.one(race=CLOCK.replace("Europe/Rome", "Asia/Tokyo"))) == says


@pytest.mark.parametrize(
    ("name", "lon_deg", "is_near"),
    [
        ("Europe/Madrid", -9.2, True), ("Asia/Shanghai", 76.0, True), ("Asia/Tokyo", 7.0, False),
        ("Pacific/Kiritimati", -157.4, True), ("Pacific/Auckland", 178.0, True),
        ("America/Denver", -106.0, True), ("UTC", -106.0, False), ("Europe/Paris", 55.5, True),
        ("Indian/Reunion", 55.5, True),
    ],
)  # fmt: skip
def test_zones_and_the_sun(name: str, lon_deg: float, is_near: bool) -> None:
    found = doubts.zone(name, ZoneInfo(name), lon_deg, datetime(2026, 7, 1, 12))
    assert (found == []) == is_near


def test_another_start_moves_the_cutoffs_with_a_note(passes: Race) -> None:
    point = 'name = "Rifugio Neve"\ncutoff = 2026-09-04T13:30:00'
    course = passes.one(race=CLOCK, point=point, start="2026-09-04T12:00")
    assert course.stages[0].points[0].cutoff_s == 3.5 * 3600.0
    assert notes(course) == (
        "the start is not that of race.toml, and the cutoffs move with it: that at"
        ' "Rifugio Neve" from 13:30 to 15:30; to keep the cutoffs, write the start into race.toml'
    )
    for same in ("2026-09-04T10:00", "2027-08-27T10:00"):
        assert notes(passes.one(race=CLOCK, point=point, start=same)) == ""
    waves = CLOCK.replace("start = 2026-09-04T10:00:00", "waves = [2026-09-04T10:00:00]")
    waves = waves.replace("]", ", 2026-09-04T12:00:00]")
    assert notes(passes.one(race=waves, point=point, wave=2)) == ""


def test_places_that_are_nothing_but_names(tmp_path: Path) -> None:
    says = (
        "none of 3 points has a kind: stops cannot be placed: write"
        ' kind = "aid", "water", "crew" or "life-base"'
    )
    at_init, at_load = drafted(tmp_path, "name,km\nA,20\nB,32\nC,40\n")
    assert at_init == [says]
    assert at_load == [says]
    assert drafted(tmp_path, "name,km,kind\nA,20,\nB,32,aid\nC,40,\n") == ([], [])


def test_a_time_limit_written_as_a_clock_of_the_next_day_is_a_note(passes: Race) -> None:
    point = 'name = "Rifugio Neve"\ncutoff = 2026-09-05T04:00:00'
    assert notes(passes.one(race=CLOCK, point=point)) == (
        'the cutoff at "Rifugio Neve" is 18:00 after the start for 4.0 km: its day may be wrong'
    )
