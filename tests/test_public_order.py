"""The order of files that are stages, and the names that points of a route carry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from gpxstage import geo
from gpxstage.course import Course
from gpxstage.racefile import load

Place = tuple[float, float]  # kilometres north and east

LINE: list[Place] = [(0, 0), (5, 2), (9, 8), (15, 9), (18, 15), (26, 16)]
RING: list[Place] = [(0, 0), (5, 2), (9, 8), (4, 12), (-3, 7), (0, 0)]


def gpx(start: Place, end: Place) -> str:
    """A straight track of 101 points."""
    share = np.linspace(0.0, 1.0, 101)
    north = start[0] + share * (end[0] - start[0])
    east = start[1] + share * (end[1] - start[1])
    points = "".join(
        f'<trkpt lat="{45 + n / 111.143:.6f}" lon="{7 + e / 78.847:.6f}"><ele>900</ele></trkpt>'
        for n, e in zip(north, east, strict=True)
    )
    return f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>"


def tour(folder: Path, names: Sequence[str], places: Sequence[Place] = LINE) -> Path:
    """A folder of stages from place to place, in the order of *names*."""
    for name, start, end in zip(names, places, places[1:], strict=False):
        (folder / f"{name}.gpx").write_text(gpx(start, end))
    return folder


def joins(course: Course) -> bool:
    """Whether each stage starts where the one before it ends."""
    ends = [stage.track for stage in course.stages]
    return all(
        geo.steps_m(
            np.array([a.lat_deg[-1], b.lat_deg[0]]), np.array([a.lon_deg[-1], b.lon_deg[0]])
        )[0]
        < 1.0
        for a, b in pairwise(ends)
    )


NAMES = {
    "english": ["day one", "day two", "day three", "day four", "day five"],
    "german": ["Erste", "Zweite", "Dritte", "Vierte", "Letzte"],
    "french": ["première", "deuxième", "troisième", "quatrième", "dernière"],
    "roman": ["I", "VIII", "IX", "X", "XI"],
    "weekdays": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "dates": ["28-06-2025", "29-06-2025", "30-06-2025", "01-07-2025", "02-07-2025"],
    "months": ["29 June", "30 June", "1 July", "2 July", "3 July"],
    "places": ["Zermatt", "Arolla", "Verbier", "Champex", "Chamonix"],
}


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_a_folders_stages_take_the_order_in_which_they_join(kind: str, tmp_path: Path) -> None:
    course = load(tour(tmp_path, NAMES[kind]))
    assert joins(course)
    notes = " | ".join(course.notes)
    assert f"not that of the file names: {', '.join(NAMES[kind])}" in notes
    assert "starts" not in notes


@pytest.mark.parametrize("names", [["1", "2", "3", "10", "11"], ["a", "b", "c", "d", "e"]])
def test_an_order_that_joins_has_no_note(names: list[str], tmp_path: Path) -> None:
    course = load(tour(tmp_path, names))
    assert joins(course)
    assert not any("order" in note for note in course.notes)


def test_stages_numbered_against_their_ends_keep_their_numbers_and_have_a_note(
    tmp_path: Path,
) -> None:
    course = load(tour(tmp_path, ["3", "1", "2", "5", "4"]))
    assert not joins(course)
    assert any("would join in another order: 3, 1, 2, 5, 4" in note for note in course.notes)


def test_files_that_a_person_listed_keep_their_order_and_have_a_note(tmp_path: Path) -> None:
    folder = tour(tmp_path, ["a", "b", "c"])
    course = load(folder / "c.gpx", folder / "a.gpx", folder / "b.gpx")
    assert course.stages[0].track.lat_deg[0] == pytest.approx(45 + 9 / 111.143, abs=1e-5)
    assert any("would join in another order: a, b, c" in note for note in course.notes)


def test_a_circle_begins_with_the_stage_that_is_named_first(tmp_path: Path) -> None:
    course = load(tour(tmp_path, NAMES["english"], RING))
    assert joins(course)
    assert course.stages[0].track.lat_deg[0] == pytest.approx(45.0)
    assert any("day one, day two" in n and "they make a circle" in n for n in course.notes)


def test_an_order_that_nothing_tells_has_a_note(tmp_path: Path) -> None:
    far = [(20.0 * k, 0.0) for k in range(5)]
    for name, place in zip(["north", "south", "east", "west", "middle"], far, strict=True):
        (tmp_path / f"{name}.gpx").write_text(gpx(place, (place[0] + 5.0, 3.0)))
    notes = load(tmp_path).notes
    assert any("their order is that of the file names, and may be wrong" in n for n in notes)


def test_a_stage_that_is_drawn_backwards_is_named(tmp_path: Path) -> None:
    tour(tmp_path, ["1", "2", "3"])
    (tmp_path / "2.gpx").write_text(gpx(LINE[2], LINE[1]))
    assert load(tmp_path).notes[0].startswith("stage 2 would join its neighbours the other way")


def in_one_file(order: Sequence[int]) -> list[str]:
    """The notes of a file that holds the stages of the line as tracks in an order."""
    parts = [gpx(start, end)[len("<gpx>") : -len("</gpx>")] for start, end in pairwise(LINE)]
    return list(load(f"<gpx>{''.join(parts[k] for k in order)}</gpx>".encode()).notes)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ((0, 1, 3, 2, 4), "join in another order: 1, 2, 4, 3, 5; their order is kept"),
        ((1, 0), "join in another order: 2, 1 or all of them are drawn backwards"),
        ((4, 3, 2, 1, 0), "join in another order: 5, 4, 3, 2, 1 or all of them"),
    ],
)
def test_tracks_of_one_file_that_would_join_in_another_order(
    order: tuple[int, ...], says: str
) -> None:
    assert any(says in note for note in in_one_file(order))


def test_tracks_of_one_file_in_order_have_no_note() -> None:
    assert not any("order" in note for note in in_one_file(range(5)))


def test_the_chain_is_found_whatever_the_order() -> None:
    for order in permutations(range(5)):
        at = np.argsort(order)
        matrix = np.zeros((5, 5), dtype=bool)
        matrix[order[:-1], order[1:]] = True
        assert geo.chain(matrix) == list(order)
        assert at[order[0]] == 0
    assert geo.chain(np.ones((3, 3), dtype=bool)) is None  # one base: any order joins
    assert geo.chain(np.zeros((3, 3), dtype=bool)) is None
    ring_and_pair = np.zeros((5, 5), dtype=bool)
    ring_and_pair[[0, 1, 3, 4], [1, 0, 4, 3]] = True
    assert geo.chain(ring_and_pair) is None


PUBLIC = {
    "order-german-words": "Erste Etappe, Zweite Etappe, Dritte Etappe, Vierte Etappe, Letzte",
    "order-english-words": "day-one, day-two, day-three, day-four, day-five",
    "order-weekdays": "monday, tuesday, wednesday, thursday, friday",
    "order-dates-dmy": "28-06-2025, 29-06-2025, 30-06-2025, 01-07-2025, 02-07-2025",
    "order-stage10": "",
    "order-prologue": "",
    "reversed-one-stage": "stage 2 would join its neighbours the other way round",
    "reversed-all-stages": "all of them are drawn backwards",
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_folders(name: str, data: Callable[[str], Path]) -> None:
    course = load(data(f"public/{name}"))
    assert any(PUBLIC[name] in note for note in course.notes)
    if not name.startswith("reversed"):
        assert not any("from the end of stage" in note for note in course.notes)
    if not PUBLIC[name]:
        assert not any("order" in note for note in course.notes)


# names of points


def route(*names: str) -> bytes:
    points = "".join(
        f'<rtept lat="{45 + 0.02 * k}" lon="7"><ele>900</ele><name>{name}</name></rtept>'
        for k, name in enumerate(names)
    )
    return f"<gpx><rte>{points}</rte></gpx>".encode()


def names_of(source: object) -> list[str]:
    return [point.name for stage in load(source).stages for point in stage.points]


def test_named_points_of_a_route_are_points_of_the_course() -> None:
    assert names_of(route("Village", "Hut 1", "Col", "Hut 2")) == ["Hut 1", "Col", "Hut 2"]


def test_what_a_planner_numbers_or_turns_is_no_point() -> None:
    assert names_of(route("RPT001", "002", "Left", "via 3", "Hut", "WP-6")) == ["Hut", "Finish"]


def test_route_points_beside_a_track_are_no_points() -> None:
    track = gpx((0, 0), (9, 0)).removeprefix("<gpx>").removesuffix("</gpx>")
    both = route("Village", "Hut").decode().replace("</gpx>", f"{track}</gpx>")
    assert names_of(both.encode()) == ["Finish"]


@pytest.mark.parametrize("tag", ["desc", "cmt"])
def test_a_waypoint_without_a_name_takes_its_short_description(tag: str) -> None:
    def named(text: str, name: str = "") -> list[str]:
        point = f'<wpt lat="45.04" lon="7">{name}<{tag}>{text}</{tag}></wpt>'
        return names_of(gpx((0, 0), (9, 0)).replace("<trk>", f"{point}<trk>").encode())

    assert named("Aid station") == ["Aid station", "Finish"]
    assert named("long " * 40) == ["Finish"]
    assert named("with soup", "<name>Hut</name>") == ["Hut", "Finish"]


@pytest.mark.parametrize("inner", ["<sym>Flag, Blue</sym>", "<name> </name>", "<type>x</type>"])
def test_waypoints_without_any_name_are_counted(inner: str) -> None:
    point = f'<wpt lat="45.04" lon="7">{inner}</wpt>'
    notes = load(gpx((0, 0), (9, 0)).replace("<trk>", f"{point}<trk>").encode()).notes
    assert "1 of 1 waypoints have no name: left out" in notes


@pytest.mark.parametrize("name", ["Start/Finish", "Départ - Arrivée", "START &amp; ZIEL"])
def test_where_laps_begin_and_end_is_a_place_of_each_lap(name: str) -> None:
    lap = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    way = [*lap * 3, lap[0]]
    points = "".join(
        f'<trkpt lat="{45 + n / 111.143:.6f}" lon="{7 + e / 78.847:.6f}"><ele>900</ele></trkpt>'
        for n, e in way
    )
    text = f'<gpx><wpt lat="45" lon="7"><name>{name}</name></wpt><trk><trkseg>{points}'
    (stage,) = load(f"{text}</trkseg></trk></gpx>".encode()).stages
    assert [point.kind for point in stage.points] == ["waypoint", "waypoint", "finish"]
    assert [round((point.distance_m or 0.0) / 1000.0) for point in stage.points] == [8, 16, 24]


def test_public_route(data: Callable[[str], Path]) -> None:
    found = names_of(data("public/wpt-in-route.gpx"))
    assert [name for name in found if "Hut" in name]
    assert names_of(data("public/wpt-named-in-desc.gpx"))[:2] == ["Aid station", "Hut"]


def test_many_stages_that_do_not_join_are_one_note(tmp_path: Path) -> None:
    rows = "".join(
        f'<trk><trkseg><trkpt lat="{45 + 0.2 * k}" lon="7"/>'
        f'<trkpt lat="{45.05 + 0.2 * k}" lon="7"/></trkseg></trk>'
        for k in range(20)
    )
    path = tmp_path / "far.gpx"
    path.write_text(f"<gpx>{rows}</gpx>", encoding="utf-8")
    notes = [note for note in load(path).notes if "from the end of" in note]
    assert notes == ["19 of 20 stages start far from the end of the one before"]
