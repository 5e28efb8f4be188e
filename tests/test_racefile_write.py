"""What writes race files: the first one, the one of a split, and their schema."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from race_courses import HILL, gpx, names, notes, placed, straight, trk, wpt

from gpxstage.course import CourseError, Point, Track, track_distance_m
from gpxstage.profile import measure
from gpxstage.racefile import load
from gpxstage.racefile.keys import schema
from gpxstage.racefile.split import Split, split
from gpxstage.racefile.write import first_race_file


def plain_gpx(track: Track, points: tuple[Point, ...]) -> bytes:
    """A track with its waypoints as GPX, every digit kept."""
    rows = zip(track.lat_deg.tolist(), track.lon_deg.tolist(), track.elevation_m, strict=True)
    starts = set(track.segment_starts.tolist()[1:])
    body = "".join(
        ("</trkseg><trkseg>" if k in starts else "")
        + f'<trkpt lat="{lat!r}" lon="{lon!r}">'
        + (f"<ele>{float(ele)!r}</ele>" if np.isfinite(ele) else "")
        + "</trkpt>"
        for k, (lat, lon, ele) in enumerate(rows)
    )
    return gpx(f"<trk><name>{track.name}</name><trkseg>{body}</trkseg></trk>")


def written(parts: Split, folder: Path) -> Path:
    for name, content in parts.files(plain_gpx).items():
        (folder / name).write_bytes(content)
    (folder / "race.toml").write_text(parts.race_file, encoding="utf-8")
    return folder


class TestFirstRaceFile:
    """``gpxstage init``."""

    def test_what_is_known_is_written_and_the_rest_is_a_comment(self, hill_gpx: Path) -> None:
        text = first_race_file(hill_gpx).text
        assert text.startswith("# A first race file for hill.gpx: check every line")
        for line in (
            'name = "Hill"\n',
            '# timezone = "Europe/Rome"',
            "# start = 2026-09-04T10:00:00",
            "# limit_h = 60\n",
            "terrain = 0.4 # 0 road ... 1 hands on rock",
            'gpx = "hill.gpx"\n',
            '  name = "Rifugio Neve"\n  kind = "aid" # guessed from the name\n  km = 4.0\n',
            '  kind = "aid" # guessed from the symbol Aid Station\n',
            '  name = "Lake"\n  km = 12.0\n',
            '  name = "Arrivée"\n  kind = "finish" # guessed from the name\n',
        ):
            assert line in text
        assert tomllib.loads(text)["stage"][0]["name"] == "Hill"

    def test_it_reads_back_as_the_bare_file(self, hill_gpx: Path) -> None:
        bare = load(hill_gpx)
        text = first_race_file(hill_gpx).text
        (hill_gpx.parent / "race.toml").write_text(text, encoding="utf-8")
        course = load(hill_gpx.parent)
        assert placed(course) == placed(bare)
        assert notes(course) == ""
        assert course.stages[0].points[-1].distance_m == bare.stages[0].points[-1].distance_m

    def test_the_comments_can_be_filled_in(self, hill_gpx: Path) -> None:
        text = (
            first_race_file(hill_gpx)
            .text.replace("# timezone", "timezone")
            .replace("# start", "start")
        )
        (hill_gpx.parent / "race.toml").write_text(text, encoding="utf-8")
        assert load(hill_gpx.parent).start == datetime(2026, 9, 4, 8, tzinfo=UTC)

    def test_several_files_and_tracks(self, tmp_path: Path) -> None:
        (tmp_path / "a.gpx").write_bytes(
            gpx(trk(straight(0, 5), "One"), trk([0]), trk(straight(5, 9), "Two"))
        )
        (tmp_path / "b.gpx").write_bytes(gpx(trk(straight(9, 12), "Three"), wpt("Hut", 10)))
        text = first_race_file(tmp_path).text
        stages = tomllib.loads(text)["stage"]
        assert [(s["gpx"], s.get("track")) for s in stages] == [
            ("a.gpx", 1),
            ("a.gpx", 2),
            ("b.gpx", None),
        ]
        assert 'format = "staged" # each stage has its own start; or continuous' in text
        assert text.count("# start = ") == 4  # the race's and each stage's
        (tmp_path / "race.toml").write_text(text, encoding="utf-8")
        course = load(tmp_path)
        assert [stage.name for stage in course.stages] == ["One", "Two", "Three"]
        assert names(course)[2] == ["Hut", "Finish"]

    def test_files_are_named_from_where_the_race_file_will_stand(self, hill_gpx: Path) -> None:
        def named(**where: Path) -> str:
            text = first_race_file(hill_gpx, **where).text
            stage: dict[str, Any] = tomllib.loads(text)["stage"][0]
            return str(stage["gpx"])

        assert named() == "hill.gpx"
        assert named(beside=hill_gpx.parent) == "hill.gpx"
        assert named(beside=hill_gpx.parent.parent) == "hill/hill.gpx"
        assert named(beside=hill_gpx.parent / "elsewhere") == "hill.gpx"

    @pytest.mark.parametrize(
        ("file", "head", "tracks", "name"),
        [
            ("race", "", ["Three Passes"], "Three Passes"),
            ("race", "<metadata><name>Three Passes</name></metadata>", [""], "Three Passes"),
            ("my race", "<name>Three Passes</name>", ["Day 1", "Day 2"], "Three Passes"),
            ("race", "<metadata><name>route 7</name></metadata>", ["track"], "race"),
            ("three-passes", "<metadata><name>Export</name></metadata>", ["x"], "three-passes"),
        ],
    )
    def test_a_race_is_named_by_what_says_most(
        self, tmp_path: Path, file: str, head: str, tracks: list[str], name: str
    ) -> None:
        path = tmp_path / f"{file}.gpx"
        path.write_bytes(gpx(head, *(trk(straight(0, 5), each) for each in tracks)))
        assert tomllib.loads(first_race_file(path).text)["name"] == name

    def test_gpx_without_a_file_has_a_name_all_the_same(self) -> None:
        assert tomllib.loads(first_race_file(HILL).text)["stage"][0]["gpx"] == "course.gpx"

    def test_a_race_file_is_one_already(self, hill_gpx: Path) -> None:
        text = first_race_file(hill_gpx).text
        (hill_gpx.parent / "race.toml").write_text(text, encoding="utf-8")
        with pytest.raises(CourseError, match=r"race\.toml: is a race file already"):
            first_race_file(hill_gpx.parent)

    def test_two_runs_give_the_same(self, hill_gpx: Path) -> None:
        assert first_race_file(hill_gpx) == first_race_file(hill_gpx)


class TestSplit:
    """``gpxstage split``."""

    def test_at_points_and_kilometres(self, hill_gpx: Path) -> None:
        parts = split(load(hill_gpx), ["Col A", "12.5", 15.0, "10mi"]).parts
        assert [(part.file, part.name) for part in parts] == [
            ("1.gpx", "Start - Col Alto"),
            ("2.gpx", "Col Alto - km 12.5"),
            ("3.gpx", "km 12.5 - km 15"),
            ("4.gpx", "km 15 - mile 10"),
            ("5.gpx", "mile 10 - Arrivée"),
        ]
        assert [[p.name for p in part.points] for part in parts] == [
            ["Rifugio Neve", "Col Alto"],
            ["Halls Gap", "Lake", "km 12.5"],
            ["km 15"],
            ["mile 10"],
            ["Arrivée"],
        ]
        lengths = [track_distance_m(part.track)[-1] for part in parts]
        assert lengths == pytest.approx([7000, 5500, 2500, 1093, 3905], abs=10.0)

    def test_every_so_far(self, hill_gpx: Path) -> None:
        course = load(hill_gpx)
        assert [p.name for p in split(course, every="8km").parts] == [
            "Start - km 8",
            "km 8 - km 16",
            "km 16 - Arrivée",
        ]
        parts = split(course, every="3 mi").parts
        assert [part.points[-1].name for part in parts] == [
            "mile 3",
            "mile 6",
            "mile 9",
            "mile 12",
            "Arrivée",
        ]
        assert len(split(course, every="9.98km").parts) == 2  # no stage of 40 m at the end

    def test_a_place_passed_twice_is_meant_after_the_cut_before_it(self) -> None:
        back = trk([*straight(0, 5), *straight(5, 0)[1:]])
        course = load(gpx(back, wpt("Hut", 4), wpt("Top", 5)))
        parts = split(course, ["Hut", "Top", "Hut"]).parts
        lengths = [track_distance_m(part.track)[-1] for part in parts]
        assert lengths == pytest.approx([4000, 1000, 1000, 4000], abs=5.0)

    @pytest.mark.parametrize(
        ("at", "every", "message"),
        [
            ([], None, "give places to cut at, or a distance to cut by"),
            (["5"], "5km", "give places to cut at, or a distance to cut by"),
            (["Rifugio Neva"], None, r'no point of that name: did you mean "Rifugio Neve"\?'),
            (["Zoo"], None, "no point of that name: the points are Rifugio Neve, Col Alto"),
            (["30"], None, r"cut at km 30 \(km 30\.0\): a cut must be 100 m from the one before"),
            (["12", "12.05"], None, r"cut at km 12\.05 .*a cut must be 100 m"),
            ([], "far", r'every "far" is no distance such as 50km or 30mi'),
            ([], "0km", r'every "0km" is no distance'),
            ([], "50km", r"every 50km: the course is 20\.0 km long"),
        ],
    )
    def test_what_is_wrong(
        self, hill_gpx: Path, at: list[str], every: str | None, message: str
    ) -> None:
        with pytest.raises(CourseError, match=message):
            split(load(hill_gpx), at, every)

    def test_an_ambiguous_beginning(self) -> None:
        course = load(gpx(trk(straight(0, 20)), wpt("Col A", 4), wpt("Col B", 8)))
        with pytest.raises(CourseError, match='cut at "col": may be Col A, Col B'):
            split(course, ["col"])

    def test_a_course_of_several_stages_is_split_already(self) -> None:
        with pytest.raises(CourseError, match="has 2 stages already"):
            split(load(gpx(trk(straight(0, 5)), trk(straight(5, 9)))), ["3"])

    def test_the_terrain_of_each_part(self, hill_gpx: Path, tmp_path: Path) -> None:
        road = "[{ to_km = 5, value = 0.1 }, { to_km = 20, value = 0.5 }]"
        (hill_gpx.parent / "race.toml").write_text(
            f'terrain = {road}\n[[stage]]\ngpx = "hill.gpx"\n', encoding="utf-8"
        )
        folder = tmp_path / "parts"
        folder.mkdir()
        after = load(written(split(load(hill_gpx.parent), ["10km"]), folder))
        assert [stage.terrain for stage in after.stages] == pytest.approx([0.3, 0.5], abs=0.01)

    def test_what_a_race_file_knows_is_kept(self, hill_gpx: Path, tmp_path: Path) -> None:
        (hill_gpx.parent / "race.toml").write_text(
            """
name = "Hill Race"
timezone = "Europe/Rome"
waves = [2026-10-24T22:00:00, 2026-10-25T00:00:00]
limit_h = 15
terrain = 0.6
official = { km = 20, gain_m = 900 }
survey = "sketch"
[[stage]]
gpx = "hill.gpx"
  [[stage.point]]
  name = "Rifugio Neve"
  kind = "life-base"
  cutoff = 2026-10-25T06:00:00
  crew = true
  services = ["bed"]
  stop_min = 10
""",
            encoding="utf-8",
        )
        before = load(hill_gpx.parent)
        folder = tmp_path / "parts"
        folder.mkdir()
        after = load(written(split(before, ["Rifugio"]), folder))
        for key in ("name", "timezone", "format", "start", "waves", "limit_s", "survey"):
            assert getattr(after, key) == getattr(before, key)
        assert (after.official_length_m, after.official_gain_m) == (20_000.0, 900.0)
        assert [stage.terrain for stage in after.stages] == [0.6, 0.6]
        (hut,) = after.stages[0].points
        assert (hut.kind, hut.crew, hut.services) == ("life-base", True, ("bed",))
        assert (hut.stop_s, hut.cutoff_s) == (600.0, 9 * 3600.0)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.floats(0.3, 19.5), min_size=1, max_size=5, unique=True))
    def test_lengths_add_up(self, kms: list[float]) -> None:
        kms = [km for k, km in enumerate(sorted(kms)) if k == 0 or km - sorted(kms)[k - 1] > 0.2]
        course = load(HILL)
        parts = split(course, kms).parts
        total = sum(track_distance_m(part.track)[-1] for part in parts)
        assert total == pytest.approx(track_distance_m(course.stages[0].track)[-1], abs=1e-6)

    def test_six_bases_make_the_seven_stages(
        self, data: Callable[[str], Path], tmp_path: Path
    ) -> None:
        whole = load(data("courses/tor330-2025.gpx"))
        seven = load(data("courses/tor330-2025-7-tracks.gpx"))
        bases = [p.name for p in whole.stages[0].points if p.kind == "life-base"]
        parts = split(whole, bases)
        course = load(written(parts, tmp_path))
        profile = measure(whole.stages[0].track)
        found = [measure(stage.track) for stage in course.stages]
        assert [p.length_m for p in found] == pytest.approx(
            [measure(stage.track).length_m for stage in seven.stages], abs=50.0
        )
        assert sum(p.length_m for p in found) == pytest.approx(profile.length_m, abs=1e-3)
        assert sum(p.gain_m or 0.0 for p in found) == pytest.approx(
            profile.gain_m or 0.0, abs=3.0 * 6
        )
        assert sum(len(stage.points) for stage in course.stages) == 78
        assert names(course)[0][-1] == "BaseVita-Valgrisenche"


class TestSchema:
    """``gpxstage schema manifest``."""

    def test_every_key_has_a_description_and_none_is_null(self) -> None:
        found = schema()
        text = json.dumps(found)
        assert '"null"' not in text
        assert "null" not in text
        for name, shape in found["$defs"].items():
            for key, rule in shape["properties"].items():
                assert "description" in rule, f"{name}.{key}"

    def test_what_it_says(self) -> None:
        found = schema()["$defs"]
        assert found["RaceTable"]["required"] == ["stage"]
        assert found["RaceTable"]["additionalProperties"] is False
        assert found["StageTable"]["required"] == ["gpx"]
        assert found["PointTable"]["properties"]["kind"]["enum"] == sorted(
            ["aid", "col", "crew", "finish", "life-base", "start", "water", "waypoint"]
        )
        terrain = found["RaceTable"]["properties"]["terrain"]["anyOf"]
        assert any(each.get("maximum") == 1.0 for each in terrain)
        assert any(each.get("minItems") == 1 for each in terrain)
        assert set(found["StageTable"]["properties"]) >= {"from", "to", "transfer", "track"}
