"""Places on a track: passages, and lists of places in the order they are walked."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage import matching, parser
from gpxstage.course import Point, Track, track_distance_m
from gpxstage.matching import Line, match

DEG_M = 111_143.0  # a degree of latitude at 45 degrees north, within 20 m
DEG_EAST_M = 78_847.0  # and of longitude


def track(north_m: Sequence[float], east_m: Sequence[float] | None = None) -> Track:
    """A track through places around 45 N, 7 E, in metres."""
    north = np.asarray(north_m, dtype=float)
    east = np.zeros(len(north)) if east_m is None else np.asarray(east_m, dtype=float)
    nothing = np.full(len(north), np.nan)
    return Track(45.0 + north / DEG_M, 7.0 + east / DEG_EAST_M, nothing, nothing, np.array([0]))


def place(
    name: str, north_m: float | None = None, east_m: float = 0.0, km: float | None = None
) -> Point:
    return Point(
        name,
        lat_deg=None if north_m is None else 45.0 + north_m / DEG_M,
        lon_deg=None if north_m is None else 7.0 + east_m / DEG_EAST_M,
        distance_m=None if km is None else 1000.0 * km,
    )


def there_and_back(far_m: float = 10_000.0) -> Track:
    out = np.arange(0.0, far_m + 1.0, 50.0)
    return track(np.concatenate([out, out[-2::-1]]))


def matched(course: Track, *points: Point) -> list[float | None]:
    """Kilometres of the matched points, rounded to 10 m."""
    found = match(Line(course, track_distance_m(course)), points)
    return [None if passage is None else round(passage.distance_m / 1000.0, 2) for passage in found]


def passages(course: Track, point: Point) -> list[float]:
    assert point.lat_deg is not None
    assert point.lon_deg is not None
    line = Line(course, track_distance_m(course))
    found = line.passages(point.lat_deg, point.lon_deg)
    return [round(passage.distance_m / 1000.0, 2) for passage in found]


def test_a_place_beside_the_track_is_between_its_points() -> None:
    course = track([0.0, 1000.0, 2000.0])
    line = Line(course, track_distance_m(course))
    point = place("hut", 1234.0, 30.0)
    (passage,) = line.passages(point.lat_deg or 0.0, point.lon_deg or 0.0)
    assert passage.distance_m == pytest.approx(1234.0, abs=1.0)
    assert passage.off_m == pytest.approx(30.0, abs=0.1)


def test_a_place_passed_twice_has_two_passages() -> None:
    assert passages(there_and_back(), place("hut", 4000.0, 20.0)) == [4.0, 16.0]


def test_the_turn_of_an_out_and_back_is_passed_once() -> None:
    assert passages(there_and_back(), place("hut", 10_000.0)) == [10.0]


def test_a_turn_just_beyond_a_hut_is_two_passages() -> None:
    assert passages(there_and_back(), place("hut", 9_850.0)) == [9.85, 10.15]


def test_two_long_steps_past_a_place_are_two_passages() -> None:
    assert passages(track([0.0, 9000.0, 0.0]), place("hut", 4000.0, 20.0)) == [4.0, 14.0]


def test_bends_below_a_pass_are_no_passages() -> None:
    rows = np.arange(0.0, 240.0, 30.0)
    north = np.repeat(rows, 2)
    east = np.tile([-100.0, 100.0, 100.0, -100.0], len(rows) // 2)
    assert len(passages(track(north, east), place("pass", 210.0))) == 1


def test_another_path_farther_off_is_no_passage() -> None:
    course = track([0.0, 2000.0, 2000.0, 0.0], [0.0, 0.0, 200.0, 200.0])
    assert passages(course, place("hut", 1000.0, 5.0)) == [1.0]


def test_a_place_farther_off_than_250_m_is_not_on_the_track() -> None:
    assert passages(there_and_back(), place("hut", 4000.0, 240.0)) == [4.0, 16.0]
    assert passages(there_and_back(), place("hut", 4000.0, 260.0)) == []


def test_a_gap_is_no_way() -> None:
    course = track([0.0, 1000.0, 5000.0, 6000.0])
    gap = Track(course.lat_deg, course.lon_deg, course.elevation_m, course.time_s, np.array([0, 2]))
    assert passages(gap, place("in the gap", 3000.0)) == []
    assert passages(gap, place("behind it", 5500.0)) == [1.5]


def test_the_date_line_is_no_border() -> None:
    nothing = np.full(3, np.nan)
    course = Track(
        np.zeros(3), np.array([179.99, -179.99, -179.97]), nothing, nothing, np.array([0])
    )
    line = Line(course, track_distance_m(course))
    assert [p.distance_m for p in line.passages(0.0, 180.0)] == pytest.approx([1113.2], abs=0.1)
    assert [p.distance_m for p in line.passages(0.0, -180.0)] == pytest.approx([1113.2], abs=0.1)


def test_a_hut_listed_before_and_after_the_summit_is_matched_both_times() -> None:
    hut, summit = place("hut", 4000.0, 20.0), place("summit", 10_000.0)
    assert matched(there_and_back(), hut, summit, hut) == [4.0, 10.0, 16.0]


def test_the_order_tells_which_passage_is_meant() -> None:
    hut, summit = place("hut", 4000.0, 20.0), place("summit", 10_000.0)
    assert matched(there_and_back(), hut, summit) == [4.0, 10.0]
    assert matched(there_and_back(), summit, hut) == [10.0, 16.0]
    assert matched(there_and_back(), hut) == [4.0]


def test_the_distance_tells_which_passage_is_meant() -> None:
    assert matched(there_and_back(), place("hut", 4000.0, 20.0, km=15.2)) == [16.0]
    assert matched(there_and_back(), place("hut", 4000.0, 20.0, km=4.9)) == [4.0]


def test_a_point_with_a_distance_alone_is_fixed_and_orders_the_others() -> None:
    hut = place("hut", 4000.0, 20.0)
    assert matched(there_and_back(), place("water", km=7.0), hut) == [7.0, 16.0]
    assert matched(there_and_back(), hut, place("water", km=7.0)) == [4.0, 7.0]


def test_two_points_may_stand_at_one_place() -> None:
    assert matched(there_and_back(), place("in", 10_000.0), place("out", 10_000.0)) == [10.0, 10.0]


def test_a_point_that_does_not_fit_the_order_is_left_out_and_no_other() -> None:
    course = track(np.arange(0.0, 10_001.0, 50.0))
    points = [place("a", 2000.0), place("late", 9000.0), place("b", 4000.0), place("c", 6000.0)]
    assert matched(course, *points) == [2.0, None, 4.0, 6.0]


def test_a_point_far_away_is_left_out_unless_it_has_a_distance() -> None:
    assert matched(there_and_back(), place("far", 4000.0, 5000.0)) == [None]
    found = match(
        Line(there_and_back(), track_distance_m(there_and_back())),
        [place("far", 4000.0, 5000.0, km=3.0)],
    )
    assert [(p.distance_m, p.off_m) for p in found if p] == [(3000.0, np.inf)]


def test_a_point_between_250_m_and_1_km_off_says_how_far() -> None:
    course = track([0.0, 10_000.0])
    (found,) = match(Line(course, track_distance_m(course)), [place("hut", 4000.0, 600.0)])
    assert found is not None
    assert found.off_m == pytest.approx(600.0, rel=1e-3)


def test_no_points_are_no_passages() -> None:
    assert matched(there_and_back()) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-800.0, 800.0), st.floats(-800.0, 800.0)), min_size=2, max_size=40
    ),
    st.lists(st.tuples(st.floats(-800.0, 800.0), st.floats(-800.0, 800.0)), max_size=8),
)
def test_matched_distances_never_fall_and_lie_on_the_track(
    course: list[tuple[float, float]], places: list[tuple[float, float]]
) -> None:
    line = track([north for north, _ in course], [east for _, east in course])
    along_m = track_distance_m(line)
    points = [place("p", north, east) for north, east in places]
    found = [passage for passage in match(Line(line, along_m), points) if passage is not None]
    distances = [passage.distance_m for passage in found]
    assert distances == sorted(distances)
    assert all(0.0 <= d <= along_m[-1] for d in distances)
    assert all(passage.off_m <= matching.REACH_M for passage in found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 9.0), min_size=1, max_size=12))
def test_places_of_a_way_without_bends_are_found_where_they_are(kms: list[float]) -> None:
    course = track(np.arange(0.0, 9_001.0, 100.0))
    kms = sorted(kms)
    found = match(
        Line(course, track_distance_m(course)),
        [place(f"p{k}", 1000.0 * km) for k, km in enumerate(kms)],
    )
    assert [p and p.distance_m for p in found] == pytest.approx(
        [1000.0 * km for km in kms], abs=2.0
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_the_checkpoints_of_a_race_are_where_its_table_has_them(
    data: Callable[[str], Path],
) -> None:
    rows = rows_of(data("../facts/courses/utmb-2025.tsv"))
    course = parser.read(data("courses/utmb-2025.gpx")).tracks[0]
    points = [
        Point(row["name"], lat_deg=float(row["lat"]), lon_deg=float(row["lon"])) for row in rows
    ]
    found = match(Line(course, track_distance_m(course)), points)
    for row, passage in zip(rows, found, strict=True):
        assert passage is not None
        assert passage.off_m < 50.0, row["name"]
        # the file's track makes a detour of 2 km that the table leaves out
        assert passage.distance_m / 1000.0 == pytest.approx(float(row["km"]), abs=1.5), row["name"]


def test_37000_points_and_79_waypoints_are_quick(data: Callable[[str], Path]) -> None:
    gpx = parser.read(data("courses/tor330-2025.gpx"))
    course, along_m = gpx.tracks[0], track_distance_m(gpx.tracks[0])
    start = time.process_time()
    match(Line(course, along_m), gpx.waypoints)
    assert time.process_time() - start < 3.0  # a tenth of it is the aim: not a stopwatch
