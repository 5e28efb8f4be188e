"""Courses of real files; skipped where they are not at hand."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from race_courses import (
    notes,
)

from gpxstage.course import track_distance_m
from gpxstage.racefile import load


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
