"""Local times that do not exist or exist twice: noted wherever a race file or an option has one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gpxstage import load
from gpxstage.course import Course

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
