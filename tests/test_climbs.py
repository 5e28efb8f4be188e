"""Climbs and descents: one hill is one climb, a dip on the way is forgiven, flat ends are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Point, Track
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import Profile, measure
from gpxstage.profile.climbs import Climb, climbs
from gpxstage.racefile import load

Corner = tuple[float, float]  # metres along, metres high

ROUNDED_M = 15.0  # what smoothing takes off two sharp corners of up to 25 %, at most
HILL = [(0.0, 1000.0), (5000.0, 1600.0), (10_000.0, 1000.0)]


def way(*corners: Corner, step_m: float = 10.0) -> Profile:
    """A straight way east whose height is linear between corners."""
    along_m = np.arange(0.0, corners[-1][0] + step_m / 2, step_m)
    height_m = np.interp(along_m, *np.array(corners).T)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    nowhen = np.full(len(along_m), np.nan)
    flat = np.full(len(along_m), 46.0)
    return measure(Track(flat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, int)))


def back(corners: Sequence[Corner]) -> list[Corner]:
    """The same way walked the other way."""
    return [(corners[-1][0] - x, y) for x, y in reversed(corners)]


def place(name: str, at_m: float, kind: str = "aid") -> Point:
    return Point(name, kind, distance_m=at_m)


def heights_m(found: Sequence[Climb]) -> list[float]:
    return [climb.height_m for climb in found]


def about(*heights: float) -> object:
    """These heights, but for what smoothing takes off the corners at both ends."""
    return pytest.approx(list(heights), abs=ROUNDED_M)


def test_one_hill_is_one_climb_and_one_descent() -> None:
    up, down = climbs(way(*HILL))
    assert up.height_m == pytest.approx(600.0, abs=ROUNDED_M)
    assert down.height_m == pytest.approx(-600.0, abs=ROUNDED_M)
    assert up.from_m == pytest.approx(0.0, abs=60.0)
    assert up.to_m == pytest.approx(5000.0, abs=60.0)
    assert down.from_m == pytest.approx(up.to_m, abs=30.0)
    assert down.to_m == pytest.approx(10_000.0, abs=60.0)
    assert up.length_m == up.to_m - up.from_m
    assert up.mean_grade == pytest.approx(0.12, abs=0.002)
    assert up.steepest_grade == pytest.approx(0.12, abs=0.001)
    assert down.steepest_grade == pytest.approx(-0.12, abs=0.001)


def test_the_steepest_hundred_metres() -> None:
    (up,) = climbs(way((0.0, 0.0), (1000.0, 50.0), (1200.0, 110.0), (3000.0, 200.0)))
    assert up.steepest_grade == pytest.approx(0.30, abs=0.01)
    assert up.mean_grade == pytest.approx(200.0 / 3000.0, abs=0.002)


@pytest.mark.parametrize("dip_m", [20.0, 80.0, 140.0])
def test_a_dip_of_up_to_a_seventh_does_not_split_a_climb(dip_m: float) -> None:
    found = climbs(way((0.0, 0.0), (4000.0, 600.0), (5000.0, 600.0 - dip_m), (8000.0, 1000.0)))
    assert heights_m(found) == about(1000.0)


@pytest.mark.parametrize("dip_m", [170.0, 200.0, 300.0])
def test_a_dip_of_a_fifth_does(dip_m: float) -> None:
    found = climbs(way((0.0, 0.0), (4000.0, 600.0), (5000.0, 600.0 - dip_m), (8000.0, 1000.0)))
    assert heights_m(found) == about(600.0, -dip_m, 400.0 + dip_m)


def test_what_counts_as_a_dip_can_be_chosen() -> None:
    profile = way((0.0, 0.0), (4000.0, 600.0), (5000.0, 400.0), (8000.0, 1000.0))
    assert len(climbs(profile, dip_share=0.10)) == 3
    assert heights_m(climbs(profile, dip_share=0.25)) == about(1000.0)


def test_many_small_dips_are_forgiven_one_by_one() -> None:
    teeth = [(1000.0 * k, 75.0 * k + (60.0 if k % 2 else 0.0)) for k in range(13)]
    assert heights_m(climbs(way(*teeth))) == about(900.0)


@pytest.mark.parametrize("ramp", [0.0, 0.01, 0.015])
def test_a_flat_run_in_and_run_out_are_no_climb(ramp: float) -> None:
    run_m = 3000.0 * ramp
    (up,) = climbs(
        way((0.0, 0.0), (3000.0, run_m), (7000.0, run_m + 400.0), (10_000.0, 2.0 * run_m + 400.0))
    )
    assert up.from_m == pytest.approx(3000.0, abs=60.0)
    assert up.to_m == pytest.approx(7000.0, abs=60.0)
    assert up.height_m == pytest.approx(400.0, abs=ROUNDED_M)


def test_a_steep_enough_run_in_belongs_to_the_climb() -> None:
    (up,) = climbs(way((0.0, 0.0), (3000.0, 90.0), (7000.0, 490.0)))
    assert up.from_m < 60.0


def test_low_ones_and_gentle_ones_are_none() -> None:
    assert climbs(way((0.0, 0.0), (1000.0, 95.0), (2000.0, 0.0))) == ()
    assert len(climbs(way((0.0, 0.0), (1000.0, 110.0), (2000.0, 0.0)))) == 2
    assert climbs(way((0.0, 0.0), (10_000.0, 250.0))) == ()
    assert len(climbs(way((0.0, 0.0), (10_000.0, 350.0)))) == 1
    assert len(climbs(way((0.0, 0.0), (1000.0, 95.0)), least_height_m=50.0)) == 1
    assert len(climbs(way((0.0, 0.0), (10_000.0, 250.0)), least_grade=0.02)) == 1


def test_a_flat_course_has_none() -> None:
    assert climbs(way((0.0, 500.0), (10_000.0, 500.0))) == ()


def test_nothing_is_known_without_elevation() -> None:
    assert climbs(way((0.0, float("nan")), (5000.0, float("nan")))) == ()


def test_a_plateau_on_the_way_up_joins_what_it_is_shorter_than() -> None:
    hill_and_hill = [(0.0, 0.0), (3000.0, 300.0), (8000.0, 300.0), (11_000.0, 600.0)]
    assert heights_m(climbs(way(*hill_and_hill))) == about(600.0)


def test_a_long_plateau_parts_two_climbs() -> None:
    hills = [(0.0, 0.0), (3000.0, 300.0), (23_000.0, 300.0), (26_000.0, 600.0)]
    assert heights_m(climbs(way(*hills))) == about(300.0, 300.0)


def test_two_hills_in_order() -> None:
    found = climbs(way((0.0, 0), (4000.0, 500), (8000.0, 100), (12_000.0, 900), (16_000.0, 200)))
    assert heights_m(found) == about(500.0, -400.0, 800.0, -700.0)
    assert all(a.to_m <= b.from_m for a, b in pairwise(found))


@pytest.mark.parametrize(
    "corners",
    [
        HILL,
        [(0.0, 0.0), (4000.0, 600.0), (5000.0, 460.0), (8000.0, 1000.0)],
        [(0.0, 0.0), (4000.0, 500.0), (8000.0, 100.0), (12_000.0, 900.0), (16_000.0, 200.0)],
        [(0.0, 0.0), (3000.0, 20.0), (7000.0, 420.0), (9000.0, 430.0), (12_000.0, 0.0)],
    ],
)
def test_walked_back_climbs_are_descents(corners: list[Corner]) -> None:
    there, again = climbs(way(*corners)), climbs(way(*back(corners)))
    assert len(there) == len(again)
    for one, other in zip(there, reversed(again), strict=True):
        assert other.height_m == pytest.approx(-one.height_m, abs=1.0)
        assert other.steepest_grade == pytest.approx(-one.steepest_grade, abs=0.01)
        assert corners[-1][0] - other.to_m == pytest.approx(one.from_m, abs=60.0)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(300.0, 4000.0), st.floats(-0.3, 0.3)), min_size=2, max_size=14
    )
)
def test_on_any_course_they_are_in_order_high_and_steep(steps: list[Corner]) -> None:
    corners = [(0.0, 1000.0)]
    for length_m, grade in steps:
        corners.append((corners[-1][0] + length_m, corners[-1][1] + grade * length_m))
    profile = way(*corners)
    found = climbs(profile)
    assert all(a.to_m <= b.from_m for a, b in pairwise(found))
    for climb in found:
        low_m, high_m = (profile.elevation_at_m(at) for at in (climb.from_m, climb.to_m))
        assert low_m is not None
        assert high_m is not None
        assert climb.height_m == pytest.approx(high_m - low_m)
        assert abs(climb.height_m) >= 100.0
        assert abs(climb.mean_grade) >= 0.03
        assert climb.steepest_grade / climb.mean_grade >= 0.999
        assert 0.0 <= climb.from_m < climb.to_m <= profile.length_m
    up_m = sum(climb.height_m for climb in found if climb.height_m > 0.0)
    assert up_m <= (profile.gain_m or 0.0) + 1e-6


# names


def test_a_climb_is_named_by_its_top_and_a_descent_by_its_foot() -> None:
    points = (place("Foot", 0.0), place("Pass", 5000.0, "col"), place("Village", 9900.0))
    assert [climb.name for climb in climbs(way(*HILL), points)] == ["Pass", "Village"]


def test_a_col_is_named_before_a_nearer_place() -> None:
    points = (place("Bench", 5000.0), place("Pass", 5400.0, "col"), place("Hut", 5100.0))
    assert climbs(way(*HILL), points)[0].name == "Pass"


def test_the_nearest_place_names_it_and_a_far_one_does_not() -> None:
    points = (place("Far", 4300.0, "col"), place("Near", 5200.0), place("Nearer", 4900.0))
    assert climbs(way(*HILL), points)[0].name == "Nearer"
    assert climbs(way(*HILL), points[:1])[0].name == ""
    assert climbs(way(*HILL), [Point("Nowhere", "col")])[0].name == ""


# real courses


def test_the_climbs_of_the_utmb(data: Callable[[str], Path]) -> None:
    """Voza, Bonhomme, Seigne, Favre, Bertone, Ferret, Champex, Bovine, Tseppes, and the two last.

    The organiser's profile shows these as the ten great climbs; the last, to Tête aux Vents and
    La Flégère, is two here, because the way drops by more than a seventh of it between them.
    """
    (stage,) = load(data("courses/utmb-2025.gpx")).stages
    found = climbs(measure(stage.track))
    great = [climb for climb in found if climb.height_m > 400.0]
    assert len(great) == 11
    assert max(climb.height_m for climb in great) == pytest.approx(1425.0, abs=15.0)  # Bonhomme
    assert sum(climb.height_m > 100.0 for climb in found) == 15


def test_the_climbs_of_the_tor(data: Callable[[str], Path]) -> None:
    course = load(data("courses/tor330-2025-7-tracks.gpx"))
    profiles = [measure(stage.track) for stage in course.stages]
    found = [climb for profile in profiles for climb in climbs(profile)]
    up_m = sum(climb.height_m for climb in found if climb.height_m > 0.0)
    assert 0.90 < up_m / sum(profile.gain_m or 0.0 for profile in profiles) < 1.0
    arp = found[0]
    assert arp.height_m == pytest.approx(2570.0 - 1220.0, abs=60.0)  # Courmayeur to Col Arp
