"""race.toml, folders and GPX files -> Course."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, CourseError, Track, track_distance_m
from gpxstage.racefile import kinds, load
from gpxstage.racefile.cut import cut
from gpxstage.racefile.sources import natural

DEG_M = 111_143.0  # a degree of latitude at 45 degrees north, within 20 m
DEG_EAST_M = 78_847.0  # and of longitude


def points(kms: Sequence[float], east_km: float = 0.0, tag: str = "trkpt") -> str:
    """Track points north of 45 N, 7 E."""
    lon = 7.0 + 1000.0 * east_km / DEG_EAST_M
    return "".join(
        f'<{tag} lat="{45.0 + 1000.0 * km / DEG_M:.7f}" lon="{lon:.7f}">'
        f"<ele>{1000 + 50 * (k % 3)}</ele></{tag}>"
        for k, km in enumerate(kms)
    )


def straight(begin_km: float, end_km: float) -> list[float]:
    steps = round(abs(end_km - begin_km) * 10)
    return [begin_km + (end_km - begin_km) * k / steps for k in range(steps + 1)]


def trk(kms: Sequence[float], name: str = "", east_km: float = 0.0) -> str:
    return f"<trk><name>{name}</name><trkseg>{points(kms, east_km)}</trkseg></trk>"


def rte(kms: Sequence[float], name: str = "") -> str:
    return f"<rte><name>{name}</name>{points(kms, tag='rtept')}</rte>"


def wpt(name: str, km: float, east_km: float = 0.0, sym: str = "") -> str:
    lat, lon = 45.0 + 1000.0 * km / DEG_M, 7.0 + 1000.0 * east_km / DEG_EAST_M
    return f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>{name}</name><sym>{sym}</sym></wpt>'


def gpx(*parts: str) -> bytes:
    head = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}{''.join(parts)}</gpx>".encode()


def placed(course: Course) -> list[list[tuple[str, str, float]]]:
    """Per stage the points: name, kind, kilometre."""
    return [
        [(p.name, p.kind, round((p.distance_m or 0.0) / 1000.0, 1)) for p in stage.points]
        for stage in course.stages
    ]


def names(course: Course) -> list[list[str]]:
    return [[point.name for point in stage.points] for stage in course.stages]


def notes(course: Course) -> str:
    return "\n".join([*course.notes, *(note for stage in course.stages for note in stage.notes)])


TEN = trk(straight(0, 10), "Ten")


class TestSources:
    """What may be handed over."""

    def test_a_path_as_text_or_as_path(self, tmp_path: Path) -> None:
        (tmp_path / "walk.gpx").write_bytes(gpx(TEN))
        for source in (tmp_path / "walk.gpx", str(tmp_path / "walk.gpx")):
            course = load(source)
            assert (course.name, course.format, len(course.stages)) == ("walk", "continuous", 1)

    def test_a_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "walk.gpx.gz").write_bytes(gzip.compress(gpx(TEN)))
        assert load(tmp_path / "walk.gpx.gz").name == "walk"
        assert load(tmp_path).name == tmp_path.name

    def test_bytes_and_a_stream(self) -> None:
        assert load(gpx(TEN)).name == "Ten"
        assert load(io.BytesIO(gpx(TEN))).name == "Ten"

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(gpx(TEN))))
        assert load("-").name == "Ten"

    def test_a_gpxpy_object(self) -> None:
        gpxpy = pytest.importorskip("gpxpy")
        text = gpx(trk(straight(0, 10), "Ten"), wpt("Rifugio Neve", 4)).decode()
        course, same = load(gpxpy.parse(text)), load(text.encode())
        assert placed(course) == placed(same) == [[("Rifugio Neve", "aid", 4.0), END]]
        for name in ("lat_deg", "lon_deg", "elevation_m", "segment_starts"):
            mine, theirs = (getattr(c.stages[0].track, name) for c in (course, same))
            np.testing.assert_array_equal(mine, theirs)

    def test_something_else_is_the_programmers_mistake(self) -> None:
        with pytest.raises(TypeError, match="a source is a path"):
            load(3)
        with pytest.raises(TypeError, match="needs a source"):
            load()

    def test_a_folder_in_natural_order(self, tmp_path: Path) -> None:
        for number in (10, 2, 1):
            begin = 10 * number
            (tmp_path / f"leg{number}.gpx").write_bytes(
                gpx(trk(straight(begin, begin + 1), f"Leg {number}"))
            )
        (tmp_path / "readme.txt").write_text("not a stage")
        (tmp_path / ".hidden.gpx").write_text("nor this")
        course = load(tmp_path)
        assert [stage.name for stage in course.stages] == ["Leg 1", "Leg 2", "Leg 10"]
        assert course.name == tmp_path.name

    def test_files_in_the_order_given(self, tmp_path: Path) -> None:
        for name in "ab":
            (tmp_path / f"{name}.gpx").write_bytes(gpx(trk(straight(0, 1), name)))
        course = load(tmp_path / "b.gpx", tmp_path / "a.gpx")
        assert [stage.name for stage in course.stages] == ["b", "a"]
        assert course.name == "b to a"

    def test_natural_order(self) -> None:
        given_ = ["leg10.gpx", "Leg2.gpx", "leg1.gpx", "10.gpx", "9a.gpx", "a.gpx"]
        found = [path.name for path in sorted(map(Path, given_), key=natural)]
        assert found == ["9a.gpx", "10.gpx", "a.gpx", "leg1.gpx", "Leg2.gpx", "leg10.gpx"]

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CourseError, match=r"holds no race\.toml and no GPX file"):
            load(tmp_path)

    def test_a_source_that_is_not_there(self, tmp_path: Path) -> None:
        for name in ("no.gpx", "no.toml"):
            with pytest.raises(FileNotFoundError):
                load(tmp_path / name)

    def test_a_race_file_stands_alone(self, race: Race) -> None:
        race.write("[[stage]]\ngpx = 'a.gpx'")
        with pytest.raises(CourseError, match=r"race\.toml: a race file is a whole race"):
            load(race.folder, race.folder / "a.gpx")


END = ("Finish", "finish", 10.0)


class TestBareGpx:
    """Nothing is known but the file."""

    def test_what_it_has(self) -> None:
        course = load(gpx(TEN))
        assert (course.start, course.timezone, course.limit_s) == (None, None, None)
        assert course.stages[0].terrain == 0.4
        assert placed(course) == [[END]]
        assert course.stages[0].points[-1].distance_m == pytest.approx(
            track_distance_m(course.stages[0].track)[-1]
        )

    def test_one_note_says_what_is_open(self) -> None:
        (note,) = load(gpx(TEN, wpt("Hut", 3), wpt("Lake", 4))).notes
        for word in ("--terrain", "--start", "2 waypoints", "`gpxstage init`"):
            assert word in note
        (note,) = load(gpx(TEN)).notes
        assert "init" not in note
        (note,) = load(gpx(TEN), terrain=0.2).notes
        assert "--terrain" not in note
        assert load(gpx(TEN), terrain=0.2, start="2026-09-04T10:00+02:00").notes == ()

    def test_tracks_are_stages_and_segments_are_joined(self) -> None:
        two = f"<trk><trkseg>{points([0, 1])}</trkseg><trkseg>{points([5, 6])}</trkseg></trk>"
        course = load(gpx(two, trk(straight(6, 8), "Second")))
        assert [stage.name for stage in course.stages] == ["Stage 1", "Second"]
        assert track_distance_m(course.stages[0].track)[-1] == pytest.approx(2000.0, rel=1e-3)

    def test_several_tracks_are_staged_with_a_note(self) -> None:
        course = load(gpx(trk(straight(0, 2)), trk(straight(2, 4))))
        assert course.format == "staged"
        assert "2 tracks without a race file are taken as staged" in notes(course)
        assert "--format continuous" in notes(course)

    def test_several_files_are_staged_with_a_note(self) -> None:
        course = load(gpx(trk(straight(0, 2))), gpx(trk(straight(2, 4))))
        assert course.format == "staged"
        assert "staged" in notes(course)

    def test_the_format_that_is_asked_for_has_no_note(self) -> None:
        course = load(gpx(trk(straight(0, 2)), trk(straight(2, 4))), format="continuous")
        assert course.format == "continuous"
        assert "staged" not in notes(course)
        assert [p.kind for stage in course.stages for p in stage.points] == ["waypoint", "finish"]

    def test_a_route_stands_in_for_a_track(self) -> None:
        course = load(gpx(rte(straight(0, 2), "Way")))
        assert course.stages[0].name == "Way"
        assert course.stages[0].track.is_route

    def test_routes_beside_tracks_are_left_out_with_a_note(self) -> None:
        course = load(gpx(TEN, rte([0, 1]), rte([0, 2])))
        assert len(course.stages) == 1
        assert "has 2 routes beside its tracks: left out" in notes(course)

    def test_no_track(self) -> None:
        waypoints = [wpt(f"w{k}", k) for k in range(86)]
        with pytest.raises(CourseError, match="has 86 waypoints but no track or route"):
            load(gpx(*waypoints))
        with pytest.raises(CourseError, match="has 1 waypoint but no track or route"):
            load(gpx(waypoints[0]))
        with pytest.raises(CourseError, match="GPX: has no track or route"):
            load(gpx())

    def test_one_point(self) -> None:
        with pytest.raises(CourseError, match="is a single place: a course needs two at least"):
            load(gpx(trk([0])))
        course = load(gpx(trk([0, 0]), TEN))
        assert [stage.name for stage in course.stages] == ["Ten"]
        assert "1 track of a single place: left out" in notes(course)

    def test_all_points_in_one_place(self) -> None:
        with pytest.raises(CourseError, match="is a single place: a course needs two at least"):
            load(gpx(trk([0, 0, 0])))

    def test_a_start_needs_an_offset(self) -> None:
        with pytest.raises(CourseError, match=r"start 2026-09-04T10:00 needs an offset"):
            load(gpx(TEN), start="2026-09-04T10:00")
        course = load(gpx(TEN), start="2026-09-04T10:00+02:00")
        assert course.start == datetime(2026, 9, 4, 8, tzinfo=UTC)

    def test_a_start_that_is_none(self) -> None:
        with pytest.raises(CourseError, match='start "tomorrow" is no date and time'):
            load(gpx(TEN), start="tomorrow")

    def test_only_the_first_of_staged_stages_has_the_start(self) -> None:
        course = load(gpx(trk(straight(0, 2)), trk(straight(2, 4))), start="2026-09-04T10:00+02:00")
        assert [stage.start is None for stage in course.stages] == [False, True]
        assert "only stage 1 has a start" in notes(course)

    def test_waves_are_a_race_files(self) -> None:
        with pytest.raises(CourseError, match="only a race file has waves"):
            load(gpx(TEN), wave=1)

    def test_terrain_out_of_range(self) -> None:
        with pytest.raises(CourseError, match=r"terrain 1\.5 is out of range: 0 road"):
            load(gpx(TEN), terrain=1.5)

    def test_stages_that_do_not_join_are_notes_with_the_distance(self) -> None:
        course = load(gpx(trk(straight(0, 2)), trk(straight(2.2, 4)), trk(straight(9, 10))))
        assert "stage 3 starts 5.0 km from the end of stage 2" in notes(course)
        assert "stage 2 starts" not in notes(course)


class TestWaypoints:
    """Points of a bare GPX."""

    def test_each_is_on_the_track_where_it_is(self) -> None:
        course = load(gpx(TEN, wpt("Col Alto", 7, 0.1), wpt("Rifugio Neve", 3), wpt("", 5)))
        assert placed(course) == [
            [("Rifugio Neve", "aid", 3.0), ("Col Alto", "col", 7.0), END],
        ]

    def test_a_place_passed_twice_gives_two_points(self) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        assert placed(load(gpx(back, wpt("Hut", 4)))) == [
            [("Hut", "aid", 4.0), ("Hut", "aid", 6.0), END]
        ]

    def test_those_far_off_are_folded_into_a_note(self) -> None:
        far = [wpt(f"far {k}", 3, 2.0) for k in range(8)]
        course = load(gpx(TEN, *far))
        assert placed(course) == [[END]]
        assert "8 waypoints lie farther than 250 m from the track, left out: far 0, " in notes(
            course
        )
        assert "far 4 and 3 more" in notes(course)
        assert "far 5" not in notes(course)

    def test_the_start_is_no_point_and_the_finish_is_the_end(self) -> None:
        loop = trk([*straight(0, 5), *straight(5, 0.02)[1:]])
        course = load(gpx(loop, wpt("Start", 0), wpt("Finish line", 0.02), wpt("Lake", 5)))
        assert names(course) == [["Lake", "Finish line"]]
        assert (
            course.stages[0].points[-1].distance_m == track_distance_m(course.stages[0].track)[-1]
        )

    def test_a_place_at_the_start_is_no_point(self) -> None:
        assert names(load(gpx(TEN, wpt("Chamonix", 0.0)))) == [["Finish"]]

    def test_a_base_between_two_stages_stands_once(self) -> None:
        two = trk(straight(0, 5), "A - B"), trk(straight(5, 10), "B - C")
        course = load(gpx(*two, wpt("Base Vita", 4.9), wpt("Lake", 7)))
        assert placed(course) == [
            [("Base Vita", "life-base", 5.0)],
            [("Lake", "waypoint", 2.0), ("C", "finish", 5.0)],
        ]

    def test_a_waypoint_of_one_file_is_a_point_of_another_files_stage(self) -> None:
        hut = wpt("Hut", 5)
        course = load(gpx(trk(straight(0, 5)), hut), gpx(trk(straight(5, 10)), hut))
        assert names(course) == [["Hut"], ["Finish"]]

    def test_a_segment_start_on_the_way_is_a_place_like_others(self) -> None:
        course = load(gpx(TEN, wpt("Climb / SEGMENT START", 4), wpt("Climb / finish", 6)))
        assert placed(course) == [
            [("Climb / SEGMENT START", "waypoint", 4.0), ("Climb / finish", "waypoint", 6.0), END]
        ]

    def test_turns_of_a_cue_sheet_are_no_places(self) -> None:
        course = load(gpx(TEN, wpt("Right @ 3 km", 3, sym="cue"), wpt("Hope Pass", 5)))
        assert names(course) == [["Hope Pass", "Finish"]]
        assert "1 of 2 waypoints are turns of a cue sheet: left out" in notes(course)

    @pytest.mark.parametrize(
        ("stage", "end"),
        [
            ("Leg1: Kvikkjokk → STF Pårte", "STF Pårte"),
            ("Courmayeur - Valgrisenche", "Valgrisenche"),
            ("Tour - Day 3", "End of stage 1"),
            ("CA Section A", "End of stage 1"),
        ],
    )
    def test_an_end_without_a_point_is_named_after_its_stage(self, stage: str, end: str) -> None:
        assert names(load(gpx(trk(straight(0, 5), stage), trk(straight(5, 6)))))[0] == [end]

    @pytest.mark.parametrize(
        ("name", "symbol", "kind"),
        [
            ("Col d'Arp", "", "col"),
            ("Fenêtre du Tsan", "", "col"),
            ("PASSO Alto", "", "col"),
            ("Colmar", "", "waypoint"),
            ("Rif. Bonatti", "", "aid"),
            ("Obstansersee-Hütte", "", "aid"),
            ("CP3 Arnouvaz", "", "aid"),
            ("BaseVita-Cogne", "", "life-base"),
            ("Life Base 2", "", "life-base"),
            ("Fontaine du Roi", "", "water"),
            ("Start TOR330", "", "start"),
            ("Arrivée", "", "finish"),
            ("Halls Gap", "Aid Station", "aid"),
            ("Halls Gap", "", "col"),
            ("La Thuile", "Drinking Water", "water"),
            ("La Thuile", "user", "waypoint"),
        ],
    )
    def test_kinds_are_guessed(self, name: str, symbol: str, kind: str) -> None:
        assert kinds.guess(name, symbol)[0] == kind


class Race:
    """A folder with a race file and GPX files: a.gpx 0 to 10 km, b.gpx 10 to 20, both there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        hut, hope = wpt("Rifugio Neve", 4), wpt("Hope Pass", 13)
        (folder / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), hut))
        (folder / "b.gpx").write_bytes(gpx(trk(straight(10, 20)), hope))
        whole = trk(straight(0, 20)), hut, hope, wpt("Base", 10)
        (folder / "whole.gpx").write_bytes(gpx(*whole))
        (folder / "two.gpx").write_bytes(
            gpx(trk(straight(0, 10), "One"), trk(straight(10, 20), "Two"))
        )

    def write(self, text: str) -> None:
        (self.folder / "race.toml").write_text(text, encoding="utf-8")

    def load(self, text: str, **options: Any) -> Course:
        self.write(text)
        return load(self.folder, **options)

    def one(self, keys: str = "", point: str = "", race: str = "", **options: Any) -> Course:
        """A race of one stage, a.gpx, with keys of the race, of the stage and of one point."""
        text = f'terrain = 0.4\n{race}\n[[stage]]\ngpx = "a.gpx"\nname = "Day 1"\n{keys}\n'
        return self.load(text + (f"[[stage.point]]\n{point}\n" if point else ""), **options)


@pytest.fixture
def race(tmp_path: Path) -> Race:
    folder = tmp_path / "three-passes"
    folder.mkdir()
    return Race(folder)


FULL = """
name = "Three Passes"
timezone = "Europe/Rome"
format = "continuous"
waves = [2026-09-04T10:00:00, 2026-09-04T12:00:00]
limit_h = 60
terrain = 0.45
official = { km = 20, gain_m = 950 }
survey = "reconstructed"

[[results]]
year = 2024
winner = "19:54:23"
finishers = 1760
p10 = "29h"
p25 = "35:24"
median = "40:34:49"
p90 = "45:30"
source = "live timing"

[[stage]]
name = "Courmayeur - Valgrisenche"
gpx = "a.gpx"
terrain = 0.5

  [[stage.point]]
  name = "Rifugio Neve"
  kind = "aid"
  crew = true
  services = ["food", "bed"]
  stop_min = 10
  cutoff = 2026-09-04T19:30:00

  [[stage.point]]
  name = "Lake"
  km = 6.5

  [[stage.point]]
  name = "Chapel"
  kind = "water"
  lat = 45.0719718
  lon = 7.0

  [[stage.point]]
  name = "Valgrisenche"
  kind = "life-base"
  km = 10.0

[[stage]]
name = "Valgrisenche - Cogne"
gpx = "b.gpx"
official = { km = 10, gain_m = 500 }

  [[stage.point]]
  name = "Hope Pass"
  kind = "col"
"""


class TestRaceFile:
    """Every key."""

    def test_all_of_it(self, race: Race) -> None:
        course = race.load(FULL)
        assert notes(course) == ""
        assert (course.name, course.format, course.survey) == (
            "Three Passes",
            "continuous",
            "reconstructed",
        )
        assert (course.timezone, course.limit_s) == ("Europe/Rome", 216_000.0)
        assert (course.official_length_m, course.official_gain_m) == (20_000.0, 950.0)
        assert course.start == datetime(2026, 9, 4, 8, tzinfo=UTC)
        assert [wave.isoformat() for wave in course.waves] == [
            "2026-09-04T10:00:00+02:00",
            "2026-09-04T12:00:00+02:00",
        ]
        assert [stage.terrain for stage in course.stages] == [0.5, 0.45]
        assert [stage.official_length_m for stage in course.stages] == [None, 10_000.0]
        assert course.stages[1].official_gain_m == 500.0
        assert placed(course) == [
            [
                ("Rifugio Neve", "aid", 4.0),
                ("Lake", "waypoint", 6.5),
                ("Chapel", "water", 8.0),
                ("Valgrisenche", "life-base", 10.0),
            ],
            [("Hope Pass", "col", 3.0), ("Cogne", "finish", 10.0)],
        ]
        hut = course.stages[0].points[0]
        assert (hut.crew, hut.services, hut.stop_s) == (True, ("food", "bed"), 600.0)
        assert hut.cutoff_s == 9.5 * 3600

    def test_results_are_kept(self, race: Race) -> None:
        (result,) = race.load(FULL).results
        assert (result.year, result.source) == (2024, "live timing")
        assert (result.winner_s, result.p10_s) == (71_663.0, 104_400.0)
        assert (result.median_s, result.p90_s) == (146_089.0, 163_800.0)
        assert (result.finishers, result.p25_s, result.p75_s) == (1760, 127_440.0, None)

    def test_a_result_past_the_limit_is_a_note(self, race: Race) -> None:
        assert "results" not in notes(race.load(FULL))
        late = notes(race.load(FULL.replace('"45:30"', '"60:00:01"')))
        assert "results 1: p90 lies past the limit of 60 h" in late

    def test_a_terrain_is_known_when_results_set_it(self, race: Race) -> None:
        assert race.load(FULL).terrain_spread is None
        found = FULL.replace("terrain = 0.45", "terrain = 0.45\nterrain_spread = 0.06")
        course = race.load(found)
        assert course.terrain_spread == 0.06
        assert race.load(found, terrain=0.4).terrain_spread is None
        with pytest.raises(CourseError, match="terrain_spread without a terrain"):
            race.load(FULL.replace("terrain = 0.45", "terrain_spread = 0.06"))

    def test_the_file_itself_is_a_source_too(self, race: Race) -> None:
        race.write(FULL)
        assert load(race.folder / "race.toml").name == load(race.folder).name == "Three Passes"

    def test_the_least(self, race: Race) -> None:
        course = race.load('[[stage]]\ngpx = "a.gpx"\n')
        assert (course.name, course.format) == ("three-passes", "continuous")
        assert (course.stages[0].name, course.stages[0].terrain) == ("Stage 1", 0.4)
        assert course.notes == ("no terrain: 0.4 (mountain trail) is taken",)

    def test_terrain_comes_from_the_command_line_the_stage_or_the_race(self, race: Race) -> None:
        assert [s.terrain for s in race.load(FULL, terrain=0.9).stages] == [0.9, 0.9]
        text = '[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\nterrain = 0.0\n'
        course = race.load(text)
        assert [stage.terrain for stage in course.stages] == [0.4, 0.0]
        assert "no terrain for stage 1: 0.4 (mountain trail) is taken" in notes(course)
        assert "terrain" not in notes(race.load(text, terrain=0.3))

    def test_terrain_along_the_way(self, race: Race) -> None:
        road = "[{ to_km = 4, value = 0.1 }, { to_km = 9, value = 0.6 }]"
        stage = race.one(f"terrain = {road}").stages[0]
        at_m = np.array([0.0, 3_900.0, 4_100.0, 9_900.0])
        assert stage.terrain_at(at_m).tolist() == [0.1, 0.1, 0.6, 0.6]  # the last goes on
        assert stage.terrain == pytest.approx(0.4 * 0.1 + 0.6 * 0.6, abs=1e-3)
        assert stage.terrain_moved(0.5).terrain_at(at_m).tolist() == [0.6, 0.6, 1.0, 1.0]
        assert "no terrain" not in notes(race.one(f"terrain = {road}"))
        assert race.one(f"terrain = {road}", terrain=0.3).stages[0].terrain_along == ()

    def test_terrain_along_a_race_of_several_stages(self, race: Race) -> None:
        pieces = [(4, 0.1), (14, 0.6), (20, 0)]
        road = ", ".join(f"{{ to_km = {km}, value = {value} }}" for km, value in pieces)
        stages = '[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        course = race.load(f"terrain = [{road}]\n{stages}")
        at_m = np.array([3_900.0, 4_100.0, 9_900.0])
        first, second = (stage.terrain_at(at_m).tolist() for stage in course.stages)
        assert (first, second) == ([0.1, 0.6, 0.6], [0.6, 0.0, 0.0])

    def test_terrain_along_counts_as_the_organiser_does(self, race: Race) -> None:
        road = "[{ to_km = 6, value = 0.1 }, { to_km = 12, value = 0.6 }]"
        stage = race.one(f"terrain = {road}\nofficial = {{ km = 12 }}").stages[0]
        assert stage.terrain_at(np.array([4_900.0, 5_100.0])).tolist() == [0.1, 0.6]

    @pytest.mark.parametrize(
        ("terrain", "said"),
        [
            ("[]", "must not be empty"),
            ("[{ to_km = 4 }]", "value is missing"),
            ("[{ to_km = 4, value = 2 }]", "value must be at most 1"),
            ("[{ to_km = 4, value = 0.1, rock = 1 }]", "unknown key rock"),
            (
                "[{ to_km = 4, value = 0.1 }, { to_km = 4, value = 0.2 }]",
                "each to_km must lie beyond the one before",
            ),
        ],
    )
    def test_a_wrong_terrain_along_the_way(self, race: Race, terrain: str, said: str) -> None:
        with pytest.raises(CourseError, match=said):
            race.one(f"terrain = {terrain}")

    def test_weather_pack_and_conditions(self, race: Race) -> None:
        said = (
            'timezone = "Europe/Rome"\nconditions = 1.1\npack_kg = 5\n[[weather]]\n'
            "at = 2026-09-04T15:00:00\ntemperature_c = 28\nhumidity = 40\nheight_m = 600\n"
        )
        course = race.one(race=said)
        (row,) = course.weather
        assert (course.conditions, course.pack_kg) == (1.1, 5.0)
        assert row.at == datetime(2026, 9, 4, 13, tzinfo=UTC)
        assert (row.temperature_c, row.humidity, row.height_m) == (28.0, 0.4, 600.0)
        bare = race.one()
        assert (bare.conditions, bare.pack_kg, bare.weather) == (1.0, None, ())
        for wrong, rule in (
            ("humidity = 140", "humidity must be at most 100"),
            ("wind = 3", "weather 1: unknown key wind"),
            ("temperature_c = 99", "temperature_c must be at most 60"),
        ):
            key = wrong.split(" ")[0]
            text = "\n".join(x for x in said.split("\n") if not x.startswith(key)) + wrong
            with pytest.raises(CourseError, match=rule):
                race.one(race=text)
        with pytest.raises(CourseError, match="weather 1: at: a date and time needs a timezone"):
            race.one(race=said.replace('timezone = "Europe/Rome"\n', ""))

    def test_several_stages_without_a_format_are_staged_with_a_note(self, race: Race) -> None:
        text = 'terrain = 0.4\n[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        course = race.load(text)
        assert course.format == "staged"
        assert "several stages without a format are taken as staged" in notes(course)
        assert notes(race.load(text, format="continuous")) == ""

    def test_a_race_file_without_points_takes_the_waypoints(self, race: Race) -> None:
        text = 'format = "staged"\n[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        assert names(race.load(text)) == [
            ["Rifugio Neve", "End of stage 1"],
            ["Hope Pass", "Finish"],
        ]

    def test_a_track_by_number_or_name(self, race: Race) -> None:
        for track in ("2", '"Two"', '"two"'):
            course = race.load(f'[[stage]]\ngpx = "two.gpx"\ntrack = {track}\n')
            assert course.stages[0].name == "Two"

    def test_stage_starts_of_a_staged_race(self, race: Race) -> None:
        text = """
timezone = "Europe/Rome"
format = "staged"
terrain = 0.4
[[stage]]
gpx = "a.gpx"
start = 2026-10-24T08:00:00
limit_h = 14
  [[stage.point]]
  name = "Rifugio Neve"
  cutoff = 2026-10-24T10:00:00
[[stage]]
gpx = "b.gpx"
start = 2026-10-25T09:00:00
  [[stage.point]]
  name = "Hope Pass"
  cutoff = 2026-10-25T12:00:00
"""
        course = race.load(text)
        assert notes(course) == ""
        assert course.start == course.stages[0].start
        assert [s.start.isoformat() for s in course.stages if s.start] == [
            "2026-10-24T08:00:00+02:00",
            "2026-10-25T09:00:00+01:00",
        ]
        assert course.stages[0].limit_s == 50_400.0
        assert [s.points[0].cutoff_s for s in course.stages] == [7200.0, 10_800.0]
        moved = race.load(text, start="2026-11-01T07:00")
        assert [s.start.isoformat() for s in moved.stages if s.start] == [
            "2026-11-01T07:00:00+01:00",
            "2026-11-02T08:00:00+01:00",
        ]
        assert [s.points[0].cutoff_s for s in moved.stages] == [7200.0, 10_800.0]

    def test_a_cutoff_over_the_clock_change_goes_through_utc(self, race: Race) -> None:
        course = race.one(
            race='timezone = "Europe/Rome"\nstart = 2026-10-24T22:00:00',
            point='name = "Rifugio Neve"\ncutoff = 2026-10-25T06:00:00',
        )
        assert course.stages[0].points[0].cutoff_s == 9 * 3600

    def test_a_wave_moves_the_start_and_its_cutoffs_with_it(self, race: Race) -> None:
        first, second = race.load(FULL), race.load(FULL, wave=2)
        assert second.start == datetime(2026, 9, 4, 10, tzinfo=UTC)
        assert load(race.folder, wave=1).start == first.start
        assert first.stages[0].points[0].cutoff_s == second.stages[0].points[0].cutoff_s
        assert first.limit_s == second.limit_s

    def test_a_start_given_by_hand_is_local_or_has_an_offset(self, race: Race) -> None:
        for start in ("2026-09-05T09:00", "2026-09-05T07:00+00:00", datetime(2026, 9, 5, 9)):
            assert race.load(FULL, start=start).start == datetime(2026, 9, 5, 7, tzinfo=UTC)


class TestPoints:
    """Where the points of a race file stand."""

    def test_kilometres_are_as_measured(self, race: Race) -> None:
        assert placed(race.one(point='name = "Lake"\nkm = 6.5')) == [
            [("Lake", "waypoint", 6.5), END]
        ]

    def test_kilometres_are_the_organisers_where_the_stage_has_an_official_length(
        self, race: Race
    ) -> None:
        keys = "official = { km = 10.4 }"
        lake = race.one(keys, point='name = "Lake"\nkm = 5.2').stages[0].points[0]
        assert lake.distance_m == pytest.approx(5000.0, rel=1e-3)
        ten = race.one(keys, point='name = "End"\nkm = 10.4').stages[0].points
        assert [point.name for point in ten] == ["End"]

    def test_kilometres_that_end_where_the_track_ends_are_as_measured(self, race: Race) -> None:
        text = 'name = "Lake"\nkm = 5\n[[stage.point]]\nname = "End"\nkm = 10.0'
        lake, end = race.one("official = { km = 10.4 }", point=text).stages[0].points
        assert lake.distance_m == pytest.approx(5000.0)
        assert end.name == "End"

    def test_an_out_and_back_by_order_and_by_kilometre(self, race: Race) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        (race.folder / "a.gpx").write_bytes(gpx(back, wpt("Hut", 4), wpt("Top", 5)))
        text = 'name = "Hut out"\nlat = 45.03599\nlon = 7.0\n[[stage.point]]\nname = "Top"\n'
        text += '[[stage.point]]\nname = "Hut back"\nlat = 45.03599\nlon = 7.0\n'
        assert [km for _, _, km in placed(race.one(point=text))[0]] == [4.0, 5.0, 6.0, 10.0]
        text = 'name = "Hut"\nkm = 4.1\n[[stage.point]]\nname = "Hut"\nkm = 6.0\n'
        assert [km for _, _, km in placed(race.one(point=text))[0]] == [4.1, 6.0, 10.0]

    def test_the_start_is_no_point(self, race: Race) -> None:
        text = 'name = "Square"\nkind = "start"\n[[stage.point]]\nname = "Lake"\nkm = 3\n'
        assert names(race.one(point=text)) == [["Lake", "Finish"]]
        assert names(race.one(point='name = "Square"\nkm = 0.0')) == [["Finish"]]

    def test_a_finish_needs_no_place(self, race: Race) -> None:
        assert placed(race.one(point='name = "Square"\nkind = "finish"')) == [
            [("Square", "finish", 10.0)]
        ]

    def test_a_base_stands_once_though_both_stages_list_it(self, race: Race) -> None:
        base = 'name = "Base"\nkind = "life-base"\nlat = 45.0899\nlon = 7.0\n'
        text = f"""
format = "continuous"
terrain = 0.4
[[stage]]
gpx = "a.gpx"
[[stage.point]]
{base}
[[stage]]
gpx = "b.gpx"
[[stage.point]]
{base}
[[stage.point]]
name = "Hope Pass"
"""
        assert placed(race.load(text)) == [
            [("Base", "life-base", 10.0)],
            [("Hope Pass", "waypoint", 3.0), END],
        ]

    def test_the_next_stages_start_names_an_end(self, race: Race) -> None:
        text = """
format = "continuous"
terrain = 0.4
[[stage]]
gpx = "a.gpx"
[[stage]]
gpx = "b.gpx"
[[stage.point]]
name = "Base"
kind = "life-base"
km = 0
services = ["bed"]
"""
        course = race.load(text)
        assert placed(course) == [[("Base", "life-base", 10.0)], [END]]
        assert course.stages[0].points[0].services == ("bed",)

    def test_a_point_off_the_track_is_a_note(self, race: Race) -> None:
        course = race.one(point='name = "Hut"\nlat = 45.03599\nlon = 7.0075')
        assert notes(course) == 'stage 1: point "Hut" lies 591 m from the track: placed at km 4.0'
        assert names(course) == [["Hut", "Finish"]]

    def test_a_point_far_from_the_track_is_left_out_with_a_note(self, race: Race) -> None:
        course = race.one(point='name = "Hut"\nlat = 45.03599\nlon = 7.5')
        assert 'point "Hut" lies farther than 1 km from the track: left out' in notes(course)
        assert names(course) == [["Finish"]]

    def test_with_a_kilometre_it_stays_there(self, race: Race) -> None:
        course = race.one(point='name = "Hut"\nkm = 3\nlat = 45.03599\nlon = 7.5')
        assert "from the track: placed at km 3.0 by its km alone" in notes(course)

    def test_a_kilometre_that_contradicts_the_coordinates_is_a_note(self, race: Race) -> None:
        course = race.one(point='name = "Hut"\nkm = 8\nlat = 45.03599\nlon = 7')
        assert 'point "Hut" is passed at km 4.0 by its coordinates, at km 8.0 by its km' in notes(
            course
        )

    def test_a_point_out_of_order_is_left_out_with_a_note(self, race: Race) -> None:
        text = 'name = "Lake"\nkm = 6\n[[stage.point]]\nname = "Rifugio Neve"\n'
        course = race.one(point=text)
        assert 'point "Rifugio Neve" is not passed in this order: left out' in notes(course)


class TestParts:
    """One long file, cut into stages."""

    TEXT = """
format = "continuous"
terrain = 0.4
[[stage]]
gpx = "whole.gpx"
to = "Base"
[[stage]]
gpx = "whole.gpx"
from = "Base"
to = "Lake"
  [[stage.point]]
  name = "Hope Pass"
  kind = "col"
  [[stage.point]]
  name = "Lake"
  km = 5.55
[[stage]]
gpx = "whole.gpx"
from = "Lake"
"""

    def test_parts_add_up(self, race: Race) -> None:
        course, whole = race.load(self.TEXT), load(race.folder / "whole.gpx")
        assert notes(course) == ""
        lengths = [track_distance_m(stage.track)[-1] for stage in course.stages]
        assert lengths == pytest.approx([10_000.0, 5_550.0, 4_450.0], rel=1e-3)
        assert sum(lengths) == pytest.approx(track_distance_m(whole.stages[0].track)[-1], abs=1e-6)

    def test_they_share_their_boundary(self, race: Race) -> None:
        course = race.load(self.TEXT)
        for before, after in zip(course.stages[:-1], course.stages[1:], strict=True):
            assert before.track.lat_deg[-1] == after.track.lat_deg[0]
            assert before.track.elevation_m[-1] == after.track.elevation_m[0]

    def test_names_and_ends(self, race: Race) -> None:
        course = race.load(self.TEXT)
        assert [s.name for s in course.stages] == ["Start - Base", "Base - Lake", "Lake - Finish"]
        assert names(course) == [["Base"], ["Hope Pass", "Lake"], ["Finish"]]

    def test_a_loop_passes_its_bases_in_order(self, race: Race) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        (race.folder / "whole.gpx").write_bytes(gpx(back, wpt("Hut", 4), wpt("Top", 5)))
        text = "terrain = 0.4\nformat = 'continuous'\n"
        for keys in ("to = 'Hut'", "from = 'Hut'\nto = 'Top'", "from = 'Top'\nto = 'Hut'"):
            text += f"[[stage]]\ngpx = 'whole.gpx'\n{keys}\n"
        text += "[[stage]]\ngpx = 'whole.gpx'\nfrom = 'Hut'\n"
        lengths = [track_distance_m(stage.track)[-1] for stage in race.load(text).stages]
        assert lengths == pytest.approx([4000.0, 1000.0, 1000.0, 4000.0], rel=1e-3)

    def test_a_point_that_is_nowhere(self, race: Race) -> None:
        with pytest.raises(
            CourseError,
            match=r'race\.toml: stage 1 "Day 1": to = "Rifugio Nevi" is no point of the race file'
            r' and no waypoint of a\.gpx: did you mean "Rifugio Neve"\?',
        ):
            race.one('to = "Rifugio Nevi"')

    def test_a_point_that_is_not_on_the_track(self, race: Race) -> None:
        with pytest.raises(CourseError, match=r'stage 1 "Day 1": from = "Hut" is not on the track'):
            race.one('from = "Hut"', point='name = "Hut"\nlat = 46\nlon = 7')

    def test_a_part_without_length(self, race: Race) -> None:
        with pytest.raises(CourseError, match="from Rifugio Neve to Rifugio Neve has no length"):
            race.one('from = "Rifugio Neve"\nto = "Rifugio Neve"')


class TestDoubts:
    """Usable, but said."""

    def test_a_gap_is_a_note_unless_it_is_a_transfer(self, race: Race) -> None:
        (race.folder / "b.gpx").write_bytes(gpx(trk(straight(13, 20))))
        text = 'format = "staged"\nterrain = 0.4\n[[stage]]\ngpx = "a.gpx"\n{}\n'
        text += '[[stage]]\ngpx = "b.gpx"\n'
        course = race.load(text.format(""))
        assert notes(course) == "stage 2 starts 3.0 km from the end of stage 1"
        assert notes(race.load(text.format("transfer = true"))) == ""

    def test_a_length_far_from_the_official_one(self, race: Race) -> None:
        course = race.one("official = { km = 12 }", race="official = { km = 8 }")
        assert "stage 1: measures 10.0 km, 17 % less than the organiser's 12.0 km" in notes(course)
        assert "the race measures 10.0 km, 25 % more than the organiser's 8.0 km" in notes(course)
        assert notes(race.one("official = { km = 10.4 }")) == ""

    def test_cutoffs_out_of_order(self, race: Race) -> None:
        text = """name = "Rifugio Neve"
cutoff = 2026-09-04T14:00:00
[[stage.point]]
name = "Lake"
km = 6
cutoff = 2026-09-04T13:00:00
"""
        clock = 'timezone = "Europe/Rome"\nstart = 2026-09-04T10:00:00'
        course = race.one(point=text, race=clock)
        assert notes(course) == (
            'stage 1: the cutoff at "Lake" is earlier than the one at "Rifugio Neve" before it'
        )

    def test_the_start_of_a_later_stage_of_a_continuous_race(self, race: Race) -> None:
        text = 'timezone = "Europe/Rome"\nformat = "continuous"\nterrain = 0.4\n'
        text += '[[stage]]\ngpx = "a.gpx"\n'
        text += '[[stage]]\ngpx = "b.gpx"\nstart = 2026-09-04T10:00:00\n'
        assert "stage 2: its start is not used" in notes(race.load(text))


ZONE = 'timezone = "Europe/Rome"\nstart = 2026-09-04T10:00:00'
AT = r'race\.toml: stage 1 "Day 1": '
POINT = rf'{AT}point "Lake": '
LAKE = 'name = "Lake"\nkm = 3\n'

WRONG = [  # keys of the race, of the stage, of the point; what the message says
    ("nam = 'A'", "", "", r"race\.toml: unknown key nam: did you mean name\?"),
    ("time_zone = 'A'", "", "", r"unknown key time_zone: did you mean timezone\?"),
    ("", "terain = 0.3", "", rf"{AT}unknown key terain: did you mean terrain\?"),
    ("", "wheels = 2", "", rf"{AT}unknown key wheels: known are gpx, name, track, from, to"),
    ("", "", LAKE + "cut_off = 3", rf"{POINT}unknown key cut_off: did you mean cutoff\?"),
    ("official = { kms = 3 }", "", "", r"race\.toml: official: unknown key kms: did you mean km\?"),
    ("", "official = { gain = 3 }", "", rf"{AT}official: unknown key gain: did you mean gain_m\?"),
    ("[[results]]\nwiner = '1:00'", "", "", r"results 1: unknown key winer: did you mean winner\?"),
    ("name = 3", "", "", r"race\.toml: name must be text in quotes, not a whole number"),
    ("limit_h = '60'", "", "", r"race\.toml: limit_h must be a number, not text in quotes"),
    ("limit_h = 0", "", "", r"race\.toml: limit_h must be at least 0.1"),
    ("limit_h = nan", "", "", r"race\.toml: limit_h must be a finite number"),
    ("format = 'stage'", "", "", r'race\.toml: format "stage" is unknown: did you mean "staged"\?'),
    ("survey = ''", "", "", r"race\.toml: survey must not be empty"),
    ("", "terrain = 2", "", rf"{AT}terrain must be at most 1"),
    ("", "track = true", "", rf"{AT}track must be a whole number or text in quotes, not true"),
    ("", "transfer = 1", "", rf"{AT}transfer must be true or false, not a whole number"),
    ("", "point = 3", "", rf"{AT}point must be a list, not a whole number"),
    ("", "", LAKE + "crew = 'yes'", rf"{POINT}crew must be true or false, not text in quotes"),
    ("", "", "name = 'Lake'\nkm = -1", rf"{POINT}km must be at least 0"),
    ("", "", LAKE + "kind = 'aidd'", rf'{POINT}kind "aidd" is unknown: did you mean "aid"\?'),
    ("", "", LAKE + "kind = 'zoo'", rf'{POINT}kind "zoo" is unknown: known are start, col, aid,'),
    ("", "", LAKE + "services = 'bed'", rf"{POINT}services must be a list, not text in quotes"),
    ("", "", LAKE + "services = [3]", rf"{POINT}services must be text in quotes, not a whole"),
    ("", "", LAKE + "lat = 95\nlon = 7", rf"{POINT}lat must be at most 90"),
    ("", "", LAKE + "lat = 45", rf"{POINT}lat and lon go together: no lon"),
    ("", "", "km = 3", rf"{AT}point 1: name is missing"),
    (
        "start = '2026-09-04T10:00:00'",
        "",
        "",
        r"race\.toml: start must be a date and time without quotes, such as 2026-09-04T10:00:00",
    ),
    ("start = 2026-09-04", "", "", r"race\.toml: start must be a date and time .* not a date with"),
    ("start = 2026-09-04T10:00:00Z", "", "", r"race\.toml: start is local wall clock, without an"),
    ("waves = 2026-09-04T10:00:00", "", "", r"race\.toml: waves must be a list"),
    ("start = 2026-09-04T10:00:00", "", "", r"race\.toml: start: a date and time needs a timezone"),
    (
        "timezone = 'Europe/Room'",
        "",
        "",
        r'timezone "Europe/Room" is not a name of the IANA list: did you mean Europe/Rome\?',
    ),
    ("timezone = '../etc'", "", "", r'timezone "\.\./etc" is not a name of the IANA list'),
    (ZONE + "\nwaves = [2026-09-04T10:00:00]", "", "", r"start and waves: the race has one"),
    (
        'timezone = "Europe/Rome"\nwaves = [2026-09-04T12:00:00, 2026-09-04T10:00:00]',
        "",
        "",
        r"race\.toml: waves must be in order",
    ),
    (ZONE, "start = 2026-09-04T11:00:00", "", rf"{AT}start differs from the race's start"),
    (
        ZONE,
        "",
        LAKE + "cutoff = 2026-09-04T09:00:00",
        rf"{POINT}cutoff 2026-09-04 09:00 is not after the start 2026-09-04 10:00",
    ),
    (
        'timezone = "Europe/Rome"',
        "",
        LAKE + "cutoff = 2026-09-04T09:00:00",
        rf"{POINT}a cutoff needs a start to count from",
    ),
    ("[[results]]\nmedian = 'slow'", "", "", r'results 1: median "slow" is no time such as'),
    ("[[results]]\nmedian = '0:00'", "", "", "a time must be longer than nothing"),
    ("[[results]]\nfinishers = 0", "", "", "results 1: finishers must be at least 1"),
    (
        "[[results]]\nyear = 2024\n[[results]]\nwinner = '9h'\np25 = '12h'\nmedian = '11:59'",
        "",
        "",
        r'race\.toml: results 2: median "11:59" is faster than p25 "12h"',
    ),
    ("terrain_spread = 0", "", "", "terrain_spread must be more than 0"),
    ("", "track = 3", "", rf"{AT}a\.gpx has 1 tracks, no track 3"),
    ("", "track = 'Two'", "", rf'{AT}a\.gpx has no track named "Two"'),
    (
        "",
        "",
        "name = 'Rifugio Neve'\nkm = 48.2",
        rf'{AT}point "Rifugio Neve" at 48\.2 km is past the end \(10\.0 km\)',
    ),
    (
        "",
        "official = { km = 10.5 }",
        "name = 'Lake'\nkm = 48.2",
        rf'{AT}point "Lake" at 48\.2 km is past the end',
    ),
    (
        "",
        "",
        "name = 'Rifugio Nevi'",
        rf'{AT}point "Rifugio Nevi" has no km, no lat and lon, and a\.gpx has no waypoint of that'
        r' name: did you mean "Rifugio Neve"\?',
    ),
    (
        "",
        "",
        LAKE + "[[stage.point]]\nname = 'Lake'",
        rf'{AT}point "Lake" stands 2 times: each needs its km',
    ),
    (
        "",
        "",
        LAKE + "[[stage.point]]\nname = 'Hut'\nkm = 2.5",
        rf'{AT}point "Hut" at 2\.5 km stands after "Lake" at 3\.0 km: points go in the order',
    ),
]


class TestErrors:
    """What a person can fix: where, what, and the rule."""

    @pytest.mark.parametrize(("keys", "stage", "point", "message"), WRONG)
    def test_one_clear_line(
        self, race: Race, keys: str, stage: str, point: str, message: str
    ) -> None:
        with pytest.raises(CourseError, match=message) as caught:
            race.one(stage, point, keys)
        assert str(caught.value).startswith("race.toml")
        assert "\n" not in str(caught.value)
        assert str(race.folder) not in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("name = 'A'", r"race\.toml: has no \[\[stage\]\]: a race needs at least one"),
            ("stage = []", r"race\.toml: has no \[\[stage\]\]"),
            ("stage = 3", r"race\.toml: stage must be a list, not a whole number"),
            ("stage = [3]", r"race\.toml: stage 1 must be a table, not a whole number"),
            ("[[stage]]\nname = 'A'", r'race\.toml: stage 1 "A": gpx is missing'),
            ("name = 3 4", r"race\.toml: is not TOML: .*line 1"),
            ("terrain = 0.5\nterrain = 0.4\n", r"is not TOML: the key stands twice \(at line 2"),
            ("[[stage]]\ngpx = 'c.gpx'", r"race\.toml: stage 1: c\.gpx is not there"),
            ("[[stage]]\ngpx = 'two.gpx'", r"two\.gpx has 2 tracks: track = says which"),
        ],
    )
    def test_a_file_as_a_whole(self, race: Race, text: str, message: str) -> None:
        with pytest.raises(CourseError, match=message):
            race.load(text)

    def test_not_utf_8(self, race: Race) -> None:
        (race.folder / "race.toml").write_bytes("name = 'Malatrà'".encode("latin-1"))
        with pytest.raises(CourseError, match=r"race\.toml: is not UTF-8 text"):
            load(race.folder)

    @pytest.mark.parametrize(
        "path", ["../a.gpx", "x/../../a.gpx", "/etc/a.gpx", "C:\\\\a.gpx", "..\\\\a.gpx"]
    )
    def test_a_path_out_of_the_folder_is_refused(self, race: Race, path: str) -> None:
        (race.folder.parent / "a.gpx").write_bytes(gpx(TEN))
        with pytest.raises(CourseError, match=r"stage 1: gpx = .* leads out of the folder"):
            race.load(f'[[stage]]\ngpx = "{path}"')

    def test_a_link_out_of_the_folder_is_refused(self, race: Race) -> None:
        (race.folder.parent / "out.gpx").write_bytes(gpx(TEN))
        (race.folder / "in.gpx").symlink_to(race.folder.parent / "out.gpx")
        with pytest.raises(CourseError, match="leads out of the folder of the race file"):
            race.load('[[stage]]\ngpx = "in.gpx"')

    def test_a_file_in_a_folder_inside_is_fine(self, race: Race) -> None:
        (race.folder / "gpx").mkdir()
        (race.folder / "gpx" / "a.gpx").write_bytes(gpx(TEN))
        assert race.load('[[stage]]\ngpx = "gpx/a.gpx"').stages[0].name == "Ten"

    def test_a_wave_that_is_not_there(self, race: Race) -> None:
        with pytest.raises(CourseError, match=r"race\.toml: wave 3: it has 2 waves"):
            race.load(FULL, wave=3)
        with pytest.raises(CourseError, match="a start and a wave: give one of them"):
            race.load(FULL, wave=2, start="2026-09-05T09:00")

    def test_stages_that_start_before_the_one_before(self, race: Race) -> None:
        text = 'timezone = "Europe/Rome"\nformat = "staged"\n'
        for name in "ab":
            text += f'[[stage]]\ngpx = "{name}.gpx"\nstart = 2026-09-04T10:00:00\n'
        with pytest.raises(CourseError, match=r"race\.toml: stage 2: starts before the stage"):
            race.load(text)


STEPS = st.lists(st.tuples(st.floats(-2e-3, 2e-3), st.floats(-2e-3, 2e-3)), min_size=2, max_size=60)


@settings(max_examples=80, deadline=None)
@given(STEPS, st.lists(st.floats(0.001, 0.999), max_size=6), st.integers(1, 59), st.booleans())
def test_splitting_keeps_lengths(
    steps: list[tuple[float, float]], shares: list[float], gap: int, date_line: bool
) -> None:
    lat, lon = 46.0 + np.cumsum([s[0] for s in steps]), np.cumsum([s[1] for s in steps])
    lon = (lon + 180.0 + 180.0) % 360.0 - 180.0 if date_line else lon
    starts = [0, gap] if gap < len(lat) else [0]
    nothing = np.full(len(lat), np.nan)
    track = Track(lat, lon, np.arange(len(lat), dtype=float), nothing, np.array(starts))
    along_m = track_distance_m(track)
    cuts_m = sorted({0.0, *(share * along_m[-1] for share in shares), float(along_m[-1])})
    cuts_m = [c for k, c in enumerate(cuts_m) if k == 0 or c - cuts_m[k - 1] > 5.0]
    if len(cuts_m) < 2 or along_m[-1] - cuts_m[-1] > 0.0:
        return
    parts = [cut(track, along_m, a, b) for a, b in pairwise(cuts_m)]
    lengths = [track_distance_m(part)[-1] for part in parts]
    assert sum(lengths) == pytest.approx(along_m[-1], abs=1e-6)
    assert lengths == pytest.approx(np.diff(cuts_m), abs=2.0)  # a cut may snap by a metre
    assert all(part.segment_starts[0] == 0 for part in parts)


def test_a_cut_at_a_gap_leaves_it_out() -> None:
    nothing = np.full(4, np.nan)
    track = Track(
        np.array([45.0, 45.01, 45.05, 45.06]), np.zeros(4), nothing, nothing, np.array([0, 2])
    )
    along_m = track_distance_m(track)
    before, after = (
        cut(track, along_m, 0.0, along_m[1]),
        cut(track, along_m, along_m[1], along_m[-1]),
    )
    assert before.lat_deg.tolist() == [45.0, 45.01]
    assert after.lat_deg.tolist() == [45.05, 45.06]
    assert after.segment_starts.tolist() == [0]


class TestRealFiles:
    """Courses as people have them; skipped where they are not at hand."""

    def test_79_waypoints_in_alphabetical_order_are_where_they_were_measured(
        self, data: Callable[[str], Path]
    ) -> None:
        with data("../facts/courses/tdg-legs-measured.tsv").open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        course = load(data("courses/tor330-2025.gpx"))
        without = ("Rifugio Sogno", "Pont-Saint-Martin", "Mont de la Saxe")  # no waypoints
        kms = [float(row["km"]) for row in rows[1:] if not row["name"].startswith(without)]
        found = [(point.distance_m or 0.0) / 1000.0 for point in course.stages[0].points]
        assert len(found) == len(kms) == 78  # the start is no point
        assert found == pytest.approx(kms, abs=1.0)
        assert found == sorted(found)
        assert course.stages[0].points[-1].name == "TORX Finish Line"
        assert "79 waypoints" in notes(course)
        assert "`gpxstage init`" in notes(course)

    def test_seven_tracks_are_seven_stages(self, data: Callable[[str], Path]) -> None:
        course = load(data("courses/tor330-2025-7-tracks.gpx"))
        assert [len(stage.points) for stage in course.stages] == [1] * 7
        assert "7 tracks without a race file are taken as staged" in notes(course)
        assert sum(track_distance_m(s.track)[-1] for s in course.stages) == pytest.approx(
            336_890.0, rel=5e-4
        )

    def test_one_file_cut_at_six_bases_is_the_seven_tracks(
        self, data: Callable[[str], Path], tmp_path: Path
    ) -> None:
        whole = data("courses/tor330-2025.gpx")
        seven = load(data("courses/tor330-2025-7-tracks.gpx"))
        (tmp_path / "whole.gpx").write_bytes(whole.read_bytes())
        bases = ["Valgrisenche", "Cogne", "Donnas", "Gressoney", "Valtournenche", "Ollomont"]
        text = 'format = "continuous"\nterrain = 0.4\n'
        for begin, end in zip(["", *bases], [*bases, ""], strict=True):
            text += '[[stage]]\ngpx = "whole.gpx"\n'
            text += f'from = "BaseVita-{begin}"\n' if begin else ""
            text += f'to = "BaseVita-{end}"\n' if end else ""
        (tmp_path / "race.toml").write_text(text, encoding="utf-8")
        lengths = [track_distance_m(s.track)[-1] for s in load(tmp_path).stages]
        assert lengths == pytest.approx(
            [track_distance_m(s.track)[-1] for s in seven.stages], abs=50.0
        )
        (stage,) = load(whole).stages
        assert sum(lengths) == pytest.approx(track_distance_m(stage.track)[-1], abs=1e-5)

    def test_folders_of_stages(self, data: Callable[[str], Path]) -> None:
        course = load(data("courses/alta-via-1"))
        assert [stage.name for stage in course.stages][1:] == [
            f"Stage {number:02}" for number in range(2, 11)
        ]
        assert course.format == "staged"
        assert len(load(data("courses/o-circuit")).stages) == 8

    def test_missing_legs_are_told(self, data: Callable[[str], Path]) -> None:
        said = notes(load(data("courses/kungsleden")))
        assert said.count(" from the end of stage ") == 4
        assert "stage 3 starts 2.9 km from the end of stage 2" in said
        said = notes(load(data("courses/karnischer")))
        assert "stage 4 starts 49.4 km from the end of stage 3" in said

    def test_a_long_trail_has_29_stages(self, data: Callable[[str], Path]) -> None:
        assert len(load(data("courses/pacific-crest-trail.gpx")).stages) == 29

    def test_a_route(self, data: Callable[[str], Path]) -> None:
        course = load(data("courses/uta100-route.gpx"))
        assert course.stages[0].name == "UTA100"
        assert track_distance_m(course.stages[0].track)[-1] == pytest.approx(100_170, rel=1e-3)

    def test_an_out_and_back_passes_its_huts_twice(self, data: Callable[[str], Path]) -> None:
        (stage,) = load(data("courses/leadville-100-dem.gpx")).stages
        places = [point.name for point in stage.points]
        assert places[5:7] == ["Hope Pass", "Winfield"]
        assert places.count("Hope Pass") == places.count("Twin Lakes Village") == 2

    def test_a_table_of_checkpoints_by_coordinates(
        self, data: Callable[[str], Path], tmp_path: Path
    ) -> None:
        with data("../facts/courses/utmb-2025.tsv").open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        (tmp_path / "a.gpx").write_bytes(data("courses/utmb-2025.gpx").read_bytes())
        text = 'terrain = 0.4\n[[stage]]\ngpx = "a.gpx"\nofficial = { km = 174.67 }\n'
        for row in rows:
            text += f'[[stage.point]]\nname = "{row["name"]} {row["order"]}"\nkm = {row["km"]}\n'
            text += f"lat = {row['lat']}\nlon = {row['lon']}\n"
        (tmp_path / "race.toml").write_text(text, encoding="utf-8")
        course = load(tmp_path)
        found = [(point.distance_m or 0.0) / 1000.0 for point in course.stages[0].points]
        assert found == pytest.approx([float(row["km"]) for row in rows[1:]], abs=1.5)
        assert "from the track" not in notes(course)
