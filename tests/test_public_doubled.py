"""The same way twice in the tracks of a course: what the notes say, and what --track takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import gpxstage as gs
from gpxstage.course import Course, Track, WishError
from gpxstage.racefile import doubled, load

HEAD = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">'
DAY_S = 86_400.0
NOON_S = 1_749_988_800.0

Lines = np.ndarray  # (n, 2) north and east in m


def winding(km: float, seed: int = 0) -> Lines:
    """A way from somewhere to elsewhere, a point every 25 m."""
    rng = np.random.default_rng(seed)
    heading = np.cumsum(rng.normal(0.0, 0.15, round(40 * km)))
    return 25.0 * np.cumsum(np.column_stack([np.cos(heading) + 0.6, np.sin(heading)]), axis=0)


def loop(km: float, turn: float = 0.0) -> Lines:
    """Back to its start."""
    angle = np.linspace(0.0, 2.0 * np.pi, round(40 * km))
    radius_m = 1000.0 * km / (2.0 * np.pi)
    around = radius_m * np.column_stack([np.sin(angle), 1.0 - np.cos(angle)])
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(around @ spin)


def seen(line: Lines, seed: int = 1) -> Lines:
    """As another recorder has it."""
    return line + np.random.default_rng(seed).normal(0.0, 6.0, line.shape)


def track(line: Lines, start_s: float = np.nan) -> Track:
    north_m, east_m = line.T
    time_s = start_s + 10.0 * np.arange(len(line))
    lat_deg = 45.0 + north_m / 111_195.0
    return Track(
        lat_deg,
        7.0 + east_m / 78_626.0,
        np.full(len(line), 900.0),
        time_s,
        np.zeros(1, dtype=np.int64),
    )


def said(lines: Sequence[Lines], names: Sequence[str] = (), starts_s: Sequence[float] = ()) -> str:
    """All notes of some tracks, a line each."""
    starts_s = starts_s or [np.nan] * len(lines)
    tracks = [track(line, start_s) for line, start_s in zip(lines, starts_s, strict=True)]
    return "\n".join(doubled.notes(tracks, tracks, names or [""] * len(tracks)))


def gpx(lines: Sequence[Lines], names: Sequence[str]) -> bytes:
    """The tracks as a file."""
    parts = []
    for line, name in zip(lines, names, strict=True):
        made = track(line)
        points = "".join(
            f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>900</ele></trkpt>'
            for lat, lon in zip(made.lat_deg, made.lon_deg, strict=True)
        )
        parts.append(f"<trk><name>{name}</name><trkseg>{points}</trkseg></trk>")
    return f"{HEAD}{''.join(parts)}</gpx>".encode()


def test_a_copy_is_told_with_what_to_do() -> None:
    assert said([winding(12)] * 2, ["Tour", "Tour again"]) == (
        'track 2 "Tour again" goes the way of track 1 "Tour" again: it counts twice;'
        " --track 1 takes one of them"
    )


@pytest.mark.parametrize(
    "names", [("loop", "loop (1)"), ("loop 2", "loop 2 copy"), ("", ""), ("24 km", "25 km")]
)
def test_a_loop_is_no_lap_by_the_name_of_a_copy(names: tuple[str, str]) -> None:
    assert "goes the way of track 1" in said([loop(24)] * 2, names)


def test_two_recorders_of_one_day() -> None:
    way = winding(12)
    assert "again" in said([way, seen(way)], starts_s=[NOON_S, NOON_S + 40.0])
    around = loop(12)
    assert "again" in said([around, seen(around)], ["1", "2"], starts_s=[NOON_S, NOON_S + 40.0])


@pytest.mark.parametrize("count", [2, 3, 24])
def test_a_whole_beside_its_parts(count: int) -> None:
    way = winding(24)
    parts = [way[k[0] : k[-1] + 2] for k in np.array_split(np.arange(len(way)), count)]
    for lines, number in (([way, *parts], 1), ([*parts, way], count + 1)):
        note = said(lines)
        assert f"are parts of track {number}: the way counts twice" in note
        assert f"--track {number} takes the whole" in note
        assert "\n" not in note


def test_a_short_race_on_the_long_one() -> None:
    way = winding(50)
    assert said([way, way[:1000]], ["50K", "25K"]).startswith('track 2 "25K" lies on track 1 "50K"')


def test_variants_have_much_in_common() -> None:
    way, other = winding(24), winding(8, seed=5)
    variant = np.concatenate([way[:650], way[649] + other])
    note = said([way, variant])
    common_km = np.linalg.norm(np.diff(way[:650], axis=0), axis=1).sum() / 1000.0
    assert float(note.split()[4]) == pytest.approx(common_km, abs=0.2)
    assert note.endswith("km of the way in common: are they variants? --track 1 takes one")


def test_races_from_one_place_named_after_their_lengths() -> None:
    note = said([loop(50), loop(25, turn=2.0)], ["50 km", "25 km"])
    assert "named after their lengths" in note
    assert said([loop(50), loop(25, turn=2.0)], ["North loop", "South loop"]) == ""


@pytest.mark.parametrize("order", [1, -1])
def test_pieces_of_one_way_in_any_order(order: int) -> None:
    way = winding(24)
    pieces = [way[k : k + 5] for k in range(0, len(way) - 4, 4)]
    rng = np.random.default_rng(2)
    mixed = [pieces[k] for k in rng.permutation(len(pieces))] if order < 0 else pieces
    assert said(mixed).startswith(f"{len(pieces)} tracks join end to end and make one way of ")


def test_stages_of_a_journey_are_no_news() -> None:
    way = winding(120)
    assert said([way[k : k + 401] for k in range(0, len(way) - 400, 400)]) == ""


@pytest.mark.parametrize(
    ("lines", "names", "starts_s"),
    [
        ([loop(24)] * 2, ("", ""), (NOON_S, NOON_S + DAY_S)),  # two days
        ([loop(24), seen(loop(24))], ("", ""), (NOON_S, NOON_S + DAY_S)),
        ([loop(10)] * 5, tuple(f"Lap {k}" for k in range(1, 6)), ()),
        ([loop(24)] * 2, ("Saturday", "Sunday"), ()),
        ([loop(24)] * 2, ("Première boucle", "Deuxième boucle"), ()),
        ([loop(24), loop(24)[::-1]], ("clockwise", "anticlockwise"), ()),
        ([winding(16), winding(16)[::-1]], ("Out", "Back"), ()),
    ],
)
def test_what_is_walked_twice_is_meant(
    lines: list[Lines], names: tuple[str, ...], starts_s: tuple[float, ...]
) -> None:
    assert said(lines, names, starts_s) == ""


def test_many_copies_are_one_note() -> None:
    note = said([winding(12)] * 80)
    assert "it counts 80 times" in note
    assert "\n" not in note


def growing(*, timed: bool) -> Track:
    """Three segments, each of which repeats those before it."""
    way = winding(24)
    pieces = [track(way[:last], NOON_S if timed else np.nan) for last in (300, 650, 960)]
    columns = {
        name: np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("lat_deg", "lon_deg", "elevation_m", "time_s")
    }
    return Track(**columns, segment_starts=np.array([0, 300, 950]))


@pytest.mark.parametrize("timed", [True, False])
def test_segments_that_repeat_the_way(timed: bool) -> None:
    (note,) = doubled.segments(growing(timed=timed), "x.gpx")
    assert note.startswith("x.gpx: its segments repeat the way: ")


def test_laps_as_segments_are_laps() -> None:
    around = np.concatenate([loop(5)] * 3)
    for start_s in (NOON_S, np.nan):
        laps = track(around, start_s)
        parted = Track(
            laps.lat_deg, laps.lon_deg, laps.elevation_m, laps.time_s, np.array([0, 200, 400])
        )
        assert doubled.segments(parted, "x.gpx") == []


# --track

FULL = gpx(
    [winding(12), winding(12)[:240], winding(12)[240:]], ["Full race", "Section 1", "Section 2"]
)


def names(course: Course) -> list[str]:
    return [stage.name for stage in course.stages]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["1"], ["Full race"]),
        (["full"], ["Full race"]),
        (["FULL  race"], ["Full race"]),
        (["3", "2"], ["Section 2", "Section 1"]),
        (["section 2"], ["Section 2"]),
        ([2, 2], ["Section 1"]),
    ],
)
def test_tracks_are_chosen_by_number_or_name(wanted: list[str | int], found: list[str]) -> None:
    assert names(gs.load(FULL, tracks=wanted)) == found


def test_what_is_chosen_is_no_longer_doubled() -> None:
    assert any("parts of track" in note for note in gs.load(FULL).notes)
    assert not any("parts of track" in note for note in gs.load(FULL, tracks=["1"]).notes)


@pytest.mark.parametrize("wanted", ["section", "9", "", "Etape"])
def test_a_track_that_is_none_or_several(wanted: str) -> None:
    with pytest.raises(WishError, match="track"):
        gs.load(FULL, tracks=[wanted])


def test_the_option(tmp_path: Path, call: Callable[..., tuple[int, str, str]]) -> None:
    path = tmp_path / "tour.gpx"
    path.write_bytes(FULL)
    for command in (("info",), ("estimate", "--draws", 0), ("check",)):
        *rest, _ = call(command[0], path, *command[1:], "--track", "full", "--json")
        assert "Section 1" not in str(rest[1])
    assert call("info", path, "--track", "nowhere")[0] == 2
    race = tmp_path / "race.toml"
    race.write_text('[[stage]]\ngpx = "tour.gpx"\ntrack = 1\n', encoding="utf-8")
    code, _, err = call("info", race, "--track", 1)
    assert code == 2
    assert "a race file names its tracks itself" in err


# files of the public collection


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("dup-track-twice.gpx", "goes the way of track 1"),
        ("dup-loop-twice.gpx", "goes the way of track 1"),
        ("dup-two-routes-two-profiles.gpx", "goes the way of track 1"),
        ("dup-long-and-short-race.gpx", "lies on track 1"),
        ("dup-loop-50k-25k.gpx", "named after their lengths"),
        ("dup-full-and-sections.gpx", "are parts of track 1"),
        ("dup-growing-segments.gpx", "its segments repeat the way"),
        ("order-copies", 'track 3 "2" goes the way of track 2 "2 (1)"'),
        ("tracks-200-shuffled.gpx", "make one way of 24.0 km"),
        ("tracks-40-in-order.gpx", "make one way of 24.0 km"),
        ("dup-route-beside-track.gpx", ""),
        ("dup-loop-two-days.gpx", ""),
        ("dup-loop-both-ways.gpx", ""),
        ("dup-reversed-way-back.gpx", ""),
    ],
)
def test_public_courses(name: str, note: str, data: Callable[[str], Path]) -> None:
    course = gs.load(data(f"public/{name}"))
    notes = [*course.notes, *(said for stage in course.stages for said in stage.notes)]
    words = ("the way", "lies on", "one way", "named after")
    told = [each for each in notes if any(word in each for word in words)]
    assert len(told) == bool(note)
    assert all(note in each for each in told)


@pytest.mark.parametrize("name", ["alta-via-1", "o-circuit", "tor330-2025-7-tracks.gpx"])
def test_real_stages_are_not_doubled(name: str, data: Callable[[str], Path]) -> None:
    notes = gs.load(data(f"courses/{name}")).notes
    words = ("the way of", "lies on", "are parts of", "variants", "one way")
    assert not any(word in note for note in notes for word in words)


def test_segments_that_touch_at_their_ends_repeat_nothing(data: Callable[[str], Path]) -> None:
    (stage,) = load(data("public/segs-shuffled.gpx")).stages
    assert any("join in another order" in note for note in stage.notes)
    assert not any("repeat the way" in note for note in stage.notes)
