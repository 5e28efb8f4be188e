"""Local times that do not exist or exist twice: noted wherever a race file or an option has one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pages import hill, opened, quiet

from gpxstage import analyze, load
from gpxstage.course import Course
from gpxstage.facts.analysis import Report
from gpxstage.report.calls import arrival_range_s
from gpxstage.report.say import all_tables
from gpxstage.units import clock, clock_text, date

ROWS = "".join(
    f'<trkpt lat="{46 + k / 1111.5:.6f}" lon="7"><ele>{1000 + 5 * (k % 40)}</ele></trkpt>'
    for k in range(301)
)
GAP = "2026-03-29 02:30 does not exist, because the clocks go forward then: 03:30 is taken"
TWICE = "2026-10-25 02:30 exists twice, because the clocks go back then: the first is taken"


def race(folder: Path, head: str, point: str = "", second: str = "") -> Path:
    gpx = f'<gpx version="1.1" creator="test"><trk><trkseg>{ROWS}</trkseg></trk></gpx>'
    (folder / "r.gpx").write_text(gpx, "utf-8")
    text = (
        f'name = "R"\ntimezone = "Europe/Rome"\nterrain = 0.4\n{head}\n[[stage]]\ngpx = "r.gpx"\n'
    )
    text += f'[[stage.point]]\nname = "Hut"\nkm = 15\n{point}\n'
    if second:
        text += f'[[stage]]\ngpx = "r.gpx"\n{second}\n'
    (folder / "race.toml").write_text(text, "utf-8")
    return folder


def doubts(course: Course) -> list[str]:
    return [note for note in course.notes if "the clocks go" in note]


@pytest.mark.parametrize(
    ("head", "point", "expected"),
    [
        ("start = 2026-03-29T02:30:00", "", f"race.toml: start: {GAP}"),
        ("start = 2026-10-25T02:30:00", "", f"race.toml: start: {TWICE}"),
        ("waves = [2026-10-25T01:00:00, 2026-10-25T02:30:00]", "", f"race.toml: waves: {TWICE}"),
        (
            "start = 2026-03-28T22:00:00",
            "cutoff = 2026-03-29T02:30:00",
            f'race.toml: stage 1: point "Hut": cutoff: {GAP}',
        ),
        (
            "start = 2026-10-24T22:00:00",
            "cutoff = 2026-10-25T02:30:00",
            f'race.toml: stage 1: point "Hut": cutoff: {TWICE}',
        ),
    ],
)
def test_a_race_files_doubtful_moment_is_noted(
    tmp_path: Path, head: str, point: str, expected: str
) -> None:
    assert doubts(load(race(tmp_path, head, point))) == [expected]


def test_other_moments_are_not(tmp_path: Path) -> None:
    plain = race(tmp_path, "start = 2026-03-28T22:00:00", "cutoff = 2026-03-29T03:30:00")
    course = load(plain)
    assert doubts(course) == []
    assert course.stages[0].points[0].cutoff_s == 4.5 * 3600.0


def test_a_moment_that_does_not_exist_is_as_much_later_as_the_clocks_jump(tmp_path: Path) -> None:
    folder = race(tmp_path, "start = 2026-03-28T22:00:00", "cutoff = 2026-03-29T02:30:00")
    assert load(folder).stages[0].points[0].cutoff_s == 4.5 * 3600.0
    course = load(race(tmp_path, "start = 2026-03-29T02:30:00"))
    assert course.start is not None
    assert course.start.isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-29T02:30", [f"the start: {GAP}"]),
        (datetime(2026, 10, 25, 2, 30), [f"the start: {TWICE}"]),
        ("2026-10-25T02:30+01:00", []),  # the offset says which
        ("2026-10-25T03:30", []),
    ],
)
def test_a_start_that_is_asked_for(
    tmp_path: Path, start: str | datetime, expected: list[str]
) -> None:
    folder = race(tmp_path, "start = 2026-09-04T10:00:00")
    assert doubts(load(folder, start=start)) == expected


def test_a_stage_that_a_later_start_moves_into_the_jump(tmp_path: Path) -> None:
    folder = race(
        tmp_path,
        'format = "staged"\nstart = 2026-03-20T08:00:00',
        second="start = 2026-03-21T02:30:00",
    )
    assert doubts(load(folder)) == []
    assert doubts(load(folder, start="2026-03-28T08:00")) == [f"the start of stage 2: {GAP}"]


BACK = (
    "the clocks go back by 1 h on Sun 25 Oct at 03:00: the times from 02:00 to 03:00 come twice,"
    " first as CEST, then as CET"
)
FORWARD = (
    "the clocks go forward by 1 h on Sun 29 Mar at 02:00: there is no time from 02:00 to 03:00"
)
MORE = "".join(
    f'[[stage.point]]\nname = "Aid {km}"\nkind = "aid"\nkm = {km}\n' for km in (16, 18, 20, 22, 24)
)


def estimated(folder: Path, start: str, point: str = "") -> Report:
    return analyze(load(race(folder, f"start = {start}", f"{point}\n{MORE}")), draws=20)


@pytest.mark.parametrize(
    ("start", "note"),
    [
        ("2026-10-25T01:30:00", BACK), ("2026-10-24T23:30:00", BACK),
        ("2026-03-29T01:30:00", FORWARD), ("2026-10-25T04:00:00", None),
        ("2026-07-01T01:30:00", None), ("2026-10-24T08:00:00", None),
    ],
)  # fmt: skip
def test_a_change_of_the_clocks_on_the_way_is_one_note(
    tmp_path: Path, start: str, note: str | None
) -> None:
    notes = [each for each in estimated(tmp_path, start).notes if "the clocks go" in each]
    assert notes == ([] if note is None else [note])


def test_a_change_before_the_last_cutoff_counts_too(tmp_path: Path) -> None:
    report = estimated(tmp_path, "2026-10-24T08:00:00", "cutoff = 2026-10-25T06:00:00")
    assert BACK in report.notes


def test_only_times_that_come_twice_have_the_name_of_their_zone(tmp_path: Path) -> None:
    report = estimated(tmp_path, "2026-10-24T23:30:00")
    table = next(t for t in all_tables(report) if t.title.startswith("Points"))
    at = table.columns.index("expected")
    shown = [row[at] for row in table.rows]
    assert any(text.endswith(" CEST") for text in shown)
    assert any(text.endswith(" CET") for text in shown)
    for text in shown:
        day, time, *zone = text.split()
        assert (day, bool(zone)) == ("Sun", "02:00" <= time < "03:00")


def test_a_moment_in_words() -> None:
    start = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Rome"))
    hours = [clock_text(start, 3600.0 * k / 2) for k in range(6)]
    assert hours == [
        "Sun 01:30", "Sun 02:00 CEST", "Sun 02:30 CEST", "Sun 02:00 CET", "Sun 02:30 CET",
        "Sun 03:00",
    ]  # fmt: skip
    again = start.replace(hour=2, fold=1)
    assert (clock(again), date(again)) == ("Sun 02:30 CET", "Sun 25 Oct 2026 02:30 CET")


def test_the_calendar_has_the_second_of_two_times(tmp_path: Path) -> None:
    icalendar = pytest.importorskip("icalendar")
    from gpxstage.report.export import race_ics

    report = estimated(tmp_path, "2026-10-24T23:30:00")
    found = icalendar.Calendar.from_ical(race_ics(report)).walk("VEVENT")
    for event, (_, point) in zip(found, report.facts.every_point(), strict=True):
        assert point.arrival is not None
        assert str(event["summary"]).startswith(clock(point.arrival)[4:])
        low_s, _, _ = arrival_range_s(point, through=True)
        at = datetime(2026, 10, 24, 21, 30, tzinfo=UTC) + timedelta(seconds=low_s)
        assert abs(event["dtstart"].dt - at) <= timedelta(seconds=30)


@pytest.mark.browser
def test_the_page_writes_the_clock_of_the_tables_where_the_clocks_change(
    browser: Any, tmp_path: Path
) -> None:
    pytest.importorskip("bokeh", reason="the page needs the extra [web]")
    from gpxstage.report.page import page_html

    rome = ZoneInfo("Europe/Rome")
    for start in (datetime(2026, 10, 25, 1, 30, 7), datetime(2026, 3, 29, 1, 30, 7)):
        course = replace(hill(names=("Aid", "Bed")), start=start.replace(tzinfo=rome))
        opened(browser, page_html(analyze(course)), tmp_path / "index.html")
        at_s = [0, 1762, 1763, 1853, 5362, 5363, 5393, 5400, 6000, 8962, 8963, 12_000]
        written = browser.execute_script(
            "return arguments[0].map(s => gpxstage.plans.clock(0, s))", at_s
        )
        assert written == [clock_text(course.start, s) for s in at_s]
    quiet(browser)
