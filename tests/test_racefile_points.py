"""Points of a race file on the track, parts of one long track, and how a track is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from race_courses import (
    END,
    Race,
    gpx,
    names,
    notes,
    placed,
    straight,
    trk,
    wpt,
)

from gpxstage.course import CourseError, Track, track_distance_m
from gpxstage.racefile import load
from gpxstage.racefile.sections import cut


class TestPoints:
    """Where the points of a race file stand."""

    def test_kilometres_are_as_measured(self, passes: Race) -> None:
        assert placed(passes.one(point='name = "Lake"\nkm = 6.5')) == [
            [("Lake", "waypoint", 6.5), END]
        ]

    def test_kilometres_are_the_organisers_where_the_stage_has_an_official_length(
        self, passes: Race
    ) -> None:
        keys = "official = { km = 10.4 }"
        lake = passes.one(keys, point='name = "Lake"\nkm = 5.2').stages[0].points[0]
        assert lake.distance_m == pytest.approx(5000.0, rel=1e-3)
        ten = passes.one(keys, point='name = "End"\nkm = 10.4').stages[0].points
        assert [point.name for point in ten] == ["End"]

    def test_kilometres_that_end_where_the_track_ends_are_as_measured(self, passes: Race) -> None:
        text = 'name = "Lake"\nkm = 5\n[[stage.point]]\nname = "End"\nkm = 10.0'
        lake, end = passes.one("official = { km = 10.4 }", point=text).stages[0].points
        assert lake.distance_m == pytest.approx(5000.0)
        assert end.name == "End"

    def test_an_out_and_back_by_order_and_by_kilometre(self, passes: Race) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        (passes.folder / "a.gpx").write_bytes(gpx(back, wpt("Hut", 4), wpt("Top", 5)))
        text = 'name = "Hut out"\nlat = 45.03599\nlon = 7.0\n[[stage.point]]\nname = "Top"\n'
        text += '[[stage.point]]\nname = "Hut back"\nlat = 45.03599\nlon = 7.0\n'
        assert [km for _, _, km in placed(passes.one(point=text))[0]] == [4.0, 5.0, 6.0, 10.0]
        text = 'name = "Hut"\nkm = 4.1\n[[stage.point]]\nname = "Hut"\nkm = 6.0\n'
        assert [km for _, _, km in placed(passes.one(point=text))[0]] == [4.1, 6.0, 10.0]

    def test_the_start_is_no_point(self, passes: Race) -> None:
        text = 'name = "Square"\nkind = "start"\n[[stage.point]]\nname = "Lake"\nkm = 3\n'
        assert names(passes.one(point=text)) == [["Lake", "Finish"]]
        assert names(passes.one(point='name = "Square"\nkm = 0.0')) == [["Finish"]]

    def test_a_finish_needs_no_place(self, passes: Race) -> None:
        assert placed(passes.one(point='name = "Square"\nkind = "finish"')) == [
            [("Square", "finish", 10.0)]
        ]

    def test_a_base_stands_once_though_both_stages_list_it(self, passes: Race) -> None:
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
        assert placed(passes.load(text)) == [
            [("Base", "life-base", 10.0)],
            [("Hope Pass", "waypoint", 3.0), END],
        ]

    def test_the_next_stages_start_names_an_end(self, passes: Race) -> None:
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
        course = passes.load(text)
        assert placed(course) == [[("Base", "life-base", 10.0)], [END]]
        assert course.stages[0].points[0].services == ("bed",)

    def test_a_point_off_the_track_is_a_note(self, passes: Race) -> None:
        course = passes.one(point='name = "Hut"\nlat = 45.03599\nlon = 7.0075')
        assert notes(course) == 'stage 1: point "Hut" lies 591 m from the track: placed at km 4.0'
        assert names(course) == [["Hut", "Finish"]]

    def test_a_point_far_from_the_track_is_left_out_with_a_note(self, passes: Race) -> None:
        course = passes.one(point='name = "Hut"\nlat = 45.03599\nlon = 7.5')
        assert 'point "Hut" lies farther than 1.0 km from the track: left out' in notes(course)
        assert names(course) == [["Finish"]]

    def test_with_a_kilometre_it_stays_there(self, passes: Race) -> None:
        course = passes.one(point='name = "Hut"\nkm = 3\nlat = 45.03599\nlon = 7.5')
        assert "from the track: placed at km 3.0 by its km alone" in notes(course)

    def test_a_kilometre_that_contradicts_the_coordinates_is_a_note(self, passes: Race) -> None:
        course = passes.one(point='name = "Hut"\nkm = 8\nlat = 45.03599\nlon = 7')
        assert 'point "Hut" is passed at km 4.0 by its coordinates, at km 8.0 by its km' in notes(
            course
        )

    def test_a_point_out_of_order_is_left_out_with_a_note(self, passes: Race) -> None:
        text = 'name = "Lake"\nkm = 6\n[[stage.point]]\nname = "Rifugio Neve"\n'
        course = passes.one(point=text)
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

    def test_parts_add_up(self, passes: Race) -> None:
        course, whole = passes.load(self.TEXT), load(passes.folder / "whole.gpx")
        assert notes(course) == ""
        lengths = [track_distance_m(stage.track)[-1] for stage in course.stages]
        assert lengths == pytest.approx([10_000.0, 5_550.0, 4_450.0], rel=1e-3)
        assert sum(lengths) == pytest.approx(track_distance_m(whole.stages[0].track)[-1], abs=1e-6)

    def test_they_share_their_boundary(self, passes: Race) -> None:
        course = passes.load(self.TEXT)
        for before, after in zip(course.stages[:-1], course.stages[1:], strict=True):
            assert before.track.lat_deg[-1] == after.track.lat_deg[0]
            assert before.track.elevation_m[-1] == after.track.elevation_m[0]

    def test_names_and_ends(self, passes: Race) -> None:
        course = passes.load(self.TEXT)
        assert [s.name for s in course.stages] == ["Start - Base", "Base - Lake", "Lake - Finish"]
        assert names(course) == [["Base"], ["Hope Pass", "Lake"], ["Finish"]]

    def test_a_loop_passes_its_bases_in_order(self, passes: Race) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        (passes.folder / "whole.gpx").write_bytes(gpx(back, wpt("Hut", 4), wpt("Top", 5)))
        text = "terrain = 0.4\nformat = 'continuous'\n"
        for keys in ("to = 'Hut'", "from = 'Hut'\nto = 'Top'", "from = 'Top'\nto = 'Hut'"):
            text += f"[[stage]]\ngpx = 'whole.gpx'\n{keys}\n"
        text += "[[stage]]\ngpx = 'whole.gpx'\nfrom = 'Hut'\n"
        lengths = [track_distance_m(stage.track)[-1] for stage in passes.load(text).stages]
        assert lengths == pytest.approx([4000.0, 1000.0, 1000.0, 4000.0], rel=1e-3)

    def test_a_point_that_is_nowhere(self, passes: Race) -> None:
        with pytest.raises(
            CourseError,
            match=r'race\.toml: stage 1 "Day 1": to = "Rifugio Nevi" is no point of the race file'
            r' and no waypoint of a\.gpx: did you mean "Rifugio Neve"\?',
        ):
            passes.one('to = "Rifugio Nevi"')

    def test_a_point_that_is_not_on_the_track(self, passes: Race) -> None:
        with pytest.raises(CourseError, match=r'stage 1 "Day 1": from = "Hut" is not on the track'):
            passes.one('from = "Hut"', point='name = "Hut"\nlat = 46\nlon = 7')

    @pytest.mark.parametrize("name", ["Hut", "Hut/2"])
    def test_a_part_does_not_begin_at_a_km_that_counts_from_its_begin(
        self, passes: Race, name: str
    ) -> None:
        hut = 'name = "Hut"\nkm = '
        with pytest.raises(
            CourseError,
            match=f'stage 1 "Day 1": from = "{name}" has no place yet: the km of Hut counts from'
            r" the start of its stage\. Hut needs lat and lon, or a waypoint in a\.gpx",
        ):
            passes.one(f'from = "{name}"', point=f"{hut}1.5\n[[stage.point]]\n{hut}7")

    def test_a_part_without_length(self, passes: Race) -> None:
        with pytest.raises(CourseError, match="from Rifugio Neve to Rifugio Neve has no length"):
            passes.one('from = "Rifugio Neve"\nto = "Rifugio Neve"')


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


def test_a_segment_of_a_watch_is_not_the_place_that_is_meant(passes: Race) -> None:
    mark = wpt("Neve - Lago / SEGMENT START", 3, sym="Segment Start")
    (passes.folder / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), mark))
    with pytest.raises(CourseError) as error:
        passes.one(point='name = "Neve"')
    assert str(error.value).endswith("a.gpx has no waypoint of that name")
