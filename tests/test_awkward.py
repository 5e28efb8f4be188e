"""Real files that other tools trip over: each of them does what a good tool would do.

The files are not part of the project. Every one in the folder needs a row here: what it is
refused for, or what it holds, how long it is, what it climbs, and what is said about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from awkward_rows import ONE_PLACE, ROWS
from conftest import DATA

from gpxstage.clean import repair
from gpxstage.course import CourseError, Point, Track
from gpxstage.parser import read
from gpxstage.profile import measure

FOLDER = DATA / "awkward"

HIKE_KM, HIKE_GAIN_M, HIKE_RAW_M = 6.43, 379.0, 489.1  # the plain hike, by our definition


def repaired(lines: tuple[Track, ...]) -> tuple[list[Track | None], list[str]]:
    """Each line fit to measure, or None where it is a single place, and what was said."""
    fixed: list[Track | None] = []
    said: list[str] = []
    for number, line in enumerate(lines, 1):
        where = f"stage {number}"
        if len(set(zip(line.lat_deg, line.lon_deg, strict=True))) == 1:
            with pytest.raises(CourseError, match=f"^{where}: {ONE_PLACE}$"):
                repair(line, where)
            fixed.append(None)
            continue
        track, notes = repair(line, where)
        assert all(note.startswith(f"{where}: ") for note in notes)
        fixed.append(track)
        said += [note.removeprefix(f"{where}: ") for note in notes]
    return fixed, said


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_file_does_what_its_row_says(name: str, data: Callable[[str], Path]) -> None:
    row = ROWS[name]
    path = data(f"awkward/{name}")
    if row.error:
        with pytest.raises(CourseError, match=row.error) as caught:
            read(path)
        assert str(caught.value).startswith(f"{name}: ")
        return
    file = read(path)
    assert (len(file.tracks), len(file.routes), len(file.waypoints)) == row[1:4]
    fixed, said = repaired(file.tracks + file.routes)
    notes = [note.removeprefix(f"{name}: ") for note in file.notes] + said
    assert len(notes) == len(row.notes), notes
    for note, pattern in zip(notes, row.notes, strict=True):
        assert re.match(pattern, note)
    assert len(fixed) == len(row.km) == len(row.gain_m)
    for track, km, gain_m in zip(fixed, row.km, row.gain_m, strict=True):
        if track is None:
            assert km is None
            continue
        profile = measure(track)
        assert profile.length_m / 1000 == pytest.approx(km, abs=0.006)
        assert profile.gain_m == (None if gain_m is None else pytest.approx(gain_m, abs=0.6))
    if row.timed is not None:
        assert row.timed == tuple(int(np.isfinite(t.time_s).sum()) for t in fixed if t is not None)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no folder of real files (GPXSTAGE_DATA)")
def test_every_file_has_a_row() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(ROWS)


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if not row.error))
def test_no_figure_is_out_of_bounds(name: str, data: Callable[[str], Path]) -> None:
    """With repairs or without: no NaN where a figure is given, no zero for what is not known."""
    file = read(data(f"awkward/{name}"))
    for line in (*file.tracks, *file.routes):
        for repairs in (True, False):
            try:
                track, _ = repair(line, "x", repairs=repairs)
            except CourseError:
                continue
            profile = measure(track)
            figures = (
                profile.gain_m,
                profile.loss_m,
                profile.gain_raw_m,
                profile.gain_low_m,
                profile.gain_high_m,
                profile.lowest_m,
                profile.highest_m,
            )
            assert 0.0 < profile.length_m < 3e6
            if np.isfinite(track.elevation_m).any():
                assert np.isfinite(figures).all()
            else:
                assert set(figures) == {None}


def test_the_hike_is_the_same_in_every_dress(data: Callable[[str], Path]) -> None:
    for name in ("made_crlf.gpx", "made_ele-zero-dropouts.gpx"):
        track, _ = repair(read(data(f"awkward/{name}")).tracks[0], "x")
        profile = measure(track)
        assert profile.length_m == pytest.approx(6420.0, rel=0.002)
        assert profile.gain_m == pytest.approx(HIKE_GAIN_M, rel=0.005)
        assert profile.gain_raw_m == pytest.approx(HIKE_RAW_M, rel=0.01)
        assert track.time_s[-1] - track.time_s[0] == pytest.approx(3.56 * 3600.0, rel=0.002)


def waypoints(path: Path) -> dict[str, Point]:
    return {point.name: point for point in read(path).waypoints}


def test_names_come_through_intact(data: Callable[[str], Path]) -> None:
    assert "šđčćž" in waypoints(data("awkward/unicode-names.gpx"))
    assert list(waypoints(data("awkward/latin1_declared.gpx"))) == list("12345678")


def test_a_depression_lies_below_the_sea(data: Callable[[str], Path]) -> None:
    tracks = read(data("awkward/below-sea-level_partial-ele_death-valley.gpx")).tracks
    assert measure(repair(tracks[0], "x")[0]).lowest_m == pytest.approx(-69.9)


def test_power_is_read_under_a_prefix_that_is_not_declared(data: Callable[[str], Path]) -> None:
    power = read(data("awkward/undeclared-gpxpx-prefix.gpx")).tracks[0].power_w
    assert power is not None
    assert np.isfinite(power).any()
