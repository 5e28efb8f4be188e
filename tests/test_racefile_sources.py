"""Sources of a course without a race file: files, folders, tracks, waypoints."""

from __future__ import annotations

import gzip
import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from race_courses import (
    END,
    TEN,
    Race,
    gpx,
    names,
    notes,
    placed,
    points,
    rte,
    straight,
    trk,
    wpt,
)

from gpxstage.course import CourseError, track_distance_m
from gpxstage.racefile import load, vocabulary
from gpxstage.racefile.sources import natural


class TestSources:
    """What may be handed over."""

    def test_a_path_as_text_or_as_path(self, tmp_path: Path) -> None:
        (tmp_path / "walk.gpx").write_bytes(gpx(TEN))
        for source in (tmp_path / "walk.gpx", str(tmp_path / "walk.gpx")):
            course = load(source)
            assert (course.name, course.format, len(course.stages)) == ("Ten", "continuous", 1)

    def test_a_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "walk.gpx.gz").write_bytes(gzip.compress(gpx(TEN)))
        assert load(tmp_path / "walk.gpx.gz").name == "Ten"
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

    def test_a_race_file_stands_alone(self, passes: Race) -> None:
        passes.write("[[stage]]\ngpx = 'a.gpx'")
        with pytest.raises(CourseError, match=r"race\.toml: a race file is a whole race"):
            load(passes.folder, passes.folder / "a.gpx")


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
        assert "1 of 2 waypoints are turns or segments: left out" in notes(course)

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
        assert vocabulary.guess(name, symbol=symbol)[0] == kind
