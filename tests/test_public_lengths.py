"""Lengths that are too long: rounded coordinates, points out of order; and routes with a shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gpx_texts import gpx, read_text
from tracks import DEG_EAST_M, DEG_M, NOON_S, made, notes_of

from gpxstage.clean import repair
from gpxstage.course import Track, track_distance_m
from gpxstage.racefile import load


def winding(step_m: float = 10.0, km: float = 12.0) -> Track:
    """A way with bends of a kilometre on a slope."""
    along = np.arange(0.0, 1000.0 * km, step_m)
    return made(0.9 * along, 300.0 * np.sin(along / 500.0), 1000.0 + 0.1 * along)


def taken(track: Track, order: np.ndarray) -> Track:
    columns = {name: getattr(track, name)[order] for name in ("lat_deg", "lon_deg", "elevation_m")}
    return Track(
        **columns, time_s=np.full(len(order), np.nan), segment_starts=np.zeros(1, dtype=np.int64)
    )


def length_m(track: Track) -> float:
    return float(track_distance_m(track)[-1])


@pytest.mark.parametrize(("decimals", "step_m"), [(3, 10.0), (3, 100.0), (4, 5.0), (4, 10.0)])
def test_rounded_coordinates_are_told(decimals: int, step_m: float) -> None:
    way = winding(step_m)
    rounded = replace(
        way, lat_deg=np.round(way.lat_deg, decimals), lon_deg=np.round(way.lon_deg, decimals)
    )
    assert length_m(rounded) > 1.02 * length_m(way)
    (note,) = [note for note in notes_of(rounded) if "decimals" in note]
    assert f"have {decimals} decimals" in note
    told = float(note.partition(", by ")[2].partition(" %")[0]) / 100.0
    assert told <= length_m(rounded) / length_m(way) - 0.99


@pytest.mark.parametrize(("decimals", "step_m"), [(7, 10.0), (6, 1.0), (5, 5.0), (4, 60.0)])
def test_coordinates_that_are_fine_enough_are_not(decimals: int, step_m: float) -> None:
    way = winding(step_m)
    rounded = replace(
        way, lat_deg=np.round(way.lat_deg, decimals), lon_deg=np.round(way.lon_deg, decimals)
    )
    assert length_m(rounded) < 1.02 * length_m(way)
    assert notes_of(rounded) == ()


def test_neighbours_that_changed_places_are_told() -> None:
    way = winding()
    order = np.arange(len(way)) ^ 1
    (note,) = notes_of(taken(way, order))
    assert "goes to and fro, from point to point" in note


def test_a_receiver_without_a_view_is_told() -> None:
    way = winding()
    rng = np.random.default_rng(4)
    east, north = (15.0 * rng.standard_normal(len(way)) for _ in range(2))
    poor = replace(
        way, lat_deg=way.lat_deg + north / DEG_M, lon_deg=way.lon_deg + east / DEG_EAST_M
    )
    assert length_m(poor) > 1.5 * length_m(way)
    assert any("to and fro" in note for note in notes_of(poor))


@pytest.mark.parametrize("step_m", [5.0, 15.0, 25.0, 40.0])
@pytest.mark.parametrize("leg_m", [60.0, 120.0])
def test_hairpins_are_no_to_and_fro(step_m: float, leg_m: float) -> None:
    along = np.arange(0.0, 6000.0, step_m)
    east = np.abs((along + leg_m) % (2.0 * leg_m) - leg_m)
    steep = made(0.15 * along, east, 800.0 + 0.12 * along)
    assert not any("to and fro" in note for note in notes_of(steep))


def test_a_way_out_and_back_is_no_to_and_fro() -> None:
    way = winding(100.0)
    order = np.r_[np.arange(len(way)), np.arange(len(way) - 1)[::-1]]
    assert not any("to and fro" in note for note in notes_of(taken(way, order)))


def strayed(count: int, sigma: float, per_step: float, seed: int) -> np.ndarray:
    """How far off a receiver is that forgets a share of where it was with each fix."""
    rng = np.random.default_rng(seed)
    off = np.zeros(count)
    for k in range(1, count):
        off[k] = (1.0 - per_step) * off[k - 1] + sigma * np.sqrt(2.0 * per_step) * rng.normal()
    return off


@pytest.mark.parametrize(("sigma_m", "forgets"), [(15.0, 0.08), (40.0, 0.08), (40.0, 0.2)])
def test_hours_under_a_roof_are_no_way(sigma_m: float, forgets: float) -> None:
    along, rest_s, step_s = np.arange(0.0, 8000.0, 10.0), 7200.0, 5.0
    rest = np.full(int(rest_s / step_s), 4000.0)
    north = np.r_[along[:401], rest + strayed(len(rest), sigma_m, forgets, 1), along[401:]]
    east = np.r_[0.0 * along[:401], strayed(len(rest), sigma_m, forgets, 2), 0.0 * along[401:]]
    z = np.r_[along[:401], rest + strayed(len(rest), 0.5 * sigma_m, 0.02, 3), along[401:]]
    time_s = np.r_[along[:401] / 2.0, 2000.0 + step_s * np.arange(len(rest))]
    time_s = np.r_[time_s, 2000.0 + rest_s + (along[401:] - 4000.0) / 2.0]
    fixed, notes = repair(made(north, east, 1000.0 + 0.1 * z, NOON_S + time_s), "x")
    assert length_m(fixed) == pytest.approx(8000.0, rel=0.02)
    assert fixed.time_s[-1] - fixed.time_s[0] == pytest.approx(time_s[-1])
    assert any("of scattered points left out near km" in note for note in notes)


@pytest.mark.parametrize("laps", [25, 100])
def test_laps_around_a_track_are_a_way(laps: int) -> None:
    turn = np.arange(0.0, 2.0 * np.pi * laps, 0.05)
    flat = made(63.7 * np.cos(turn), 63.7 * np.sin(turn), 20.0, NOON_S + 63.7 * turn / 3.0)
    assert length_m(repair(flat, "x")[0]) == pytest.approx(400.0 * laps, rel=0.01)


def test_an_hour_up_hairpins_is_a_way() -> None:
    along = np.arange(0.0, 3000.0, 5.0)
    east = np.abs((along + 40.0) % 80.0 - 40.0)
    steep = made(0.06 * along, east, 900.0 + 0.2 * along, NOON_S + along / 0.8)
    assert length_m(repair(steep, "x")[0]) == pytest.approx(length_m(steep))


def points(order: range) -> str:
    return "".join(
        f'<trkpt lat="{45 + k * 1e-3:.4f}" lon="7.0"><ele>{900 + k}</ele></trkpt>' for k in order
    )


def test_a_way_that_a_file_holds_twice_in_one_segment_is_told() -> None:
    once, twice = points(range(200)), points(range(200)) * 2
    found = [
        load(f"<gpx><trk><trkseg>{text}</trkseg></trk></gpx>".encode()) for text in (once, twice)
    ]
    assert not any("count twice" in note for course in found[:1] for note in course.stages[0].notes)
    assert any("22.1 of 44.2 km lie on segments before" in n for n in found[1].stages[0].notes)


def shaped(extension: str) -> str:
    """A route of two points, and what a planner put between them."""
    return gpx(
        '<rte><rtept lat="45" lon="7"><name>Hut</name><extensions>'
        f"{extension}</extensions></rtept>"
        '<rtept lat="45.2" lon="7"><name>Col</name></rtept></rte>',
        root='xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://example.org/x"',
    )


def test_the_points_that_shape_a_route_are_on_the_way() -> None:
    shape = '<x:rpt lat="45.1" lon="7.1"><x:Subclass>06</x:Subclass></x:rpt>'
    (route,) = read_text(shaped(f"<x:RoutePointExtension>{shape}</x:RoutePointExtension>")).routes
    assert route.lat_deg.tolist() == [45.0, 45.1, 45.2]
    assert route.lon_deg.tolist() == [7.0, 7.1, 7.0]
    named = read_text(shaped(shape)).route_points
    assert [(point.name, point.lat_deg) for point in named] == [("Hut", 45.0), ("Col", 45.2)]


def test_such_points_elsewhere_are_none() -> None:
    file = read_text(
        gpx('<trk><trkseg><trkpt lat="1" lon="2"/><rpt lat="3" lon="4"/></trkseg></trk>')
    )
    assert file.tracks[0].lat_deg.tolist() == [1.0]
