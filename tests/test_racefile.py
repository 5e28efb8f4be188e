"""race.toml: every key of a race and of its stages, and what is doubtful."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from race_courses import (
    FULL,
    Race,
    gpx,
    names,
    notes,
    placed,
    straight,
    trk,
)

from gpxstage.course import CourseError
from gpxstage.racefile import load


class TestRaceFile:
    """Every key."""

    def test_all_of_it(self, passes: Race) -> None:
        course = passes.load(FULL)
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

    def test_results_are_kept(self, passes: Race) -> None:
        (result,) = passes.load(FULL).results
        assert (result.year, result.source) == (2024, "live timing")
        assert (result.winner_s, result.p10_s) == (71_663.0, 104_400.0)
        assert (result.median_s, result.p90_s) == (146_089.0, 163_800.0)
        assert (result.finishers, result.p25_s, result.p75_s) == (1760, 127_440.0, None)

    def test_a_result_past_the_limit_is_a_note(self, passes: Race) -> None:
        assert "results" not in notes(passes.load(FULL))
        late = notes(passes.load(FULL.replace('"45:30"', '"60:00:01"')))
        assert "results 1: p90 lies past the limit of 60 h" in late

    def test_a_terrain_is_known_when_results_set_it(self, passes: Race) -> None:
        assert passes.load(FULL).terrain_spread is None
        found = FULL.replace("terrain = 0.45", "terrain = 0.45\nterrain_spread = 0.06")
        course = passes.load(found)
        assert course.terrain_spread == 0.06
        assert passes.load(found, terrain=0.4).terrain_spread is None
        with pytest.raises(CourseError, match="terrain_spread without a terrain"):
            passes.load(FULL.replace("terrain = 0.45", "terrain_spread = 0.06"))

    def test_the_file_itself_is_a_source_too(self, passes: Race) -> None:
        passes.write(FULL)
        assert load(passes.folder / "race.toml").name == load(passes.folder).name == "Three Passes"

    def test_the_least(self, passes: Race) -> None:
        course = passes.load('[[stage]]\ngpx = "a.gpx"\n')
        assert (course.name, course.format) == ("three-passes", "continuous")
        assert (course.stages[0].name, course.stages[0].terrain) == ("Stage 1", 0.4)
        assert course.notes == ("no terrain: 0.4 (mountain trail) is taken",)

    def test_terrain_comes_from_the_command_line_the_stage_or_the_race(self, passes: Race) -> None:
        assert [s.terrain for s in passes.load(FULL, terrain=0.9).stages] == [0.9, 0.9]
        text = '[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\nterrain = 0.0\n'
        course = passes.load(text)
        assert [stage.terrain for stage in course.stages] == [0.4, 0.0]
        assert "no terrain for stage 1: 0.4 (mountain trail) is taken" in notes(course)
        assert "terrain" not in notes(passes.load(text, terrain=0.3))

    def test_terrain_along_the_way(self, passes: Race) -> None:
        road = "[{ to_km = 4, value = 0.1 }, { to_km = 9, value = 0.6 }]"
        stage = passes.one(f"terrain = {road}").stages[0]
        at_m = np.array([0.0, 3_900.0, 4_100.0, 9_900.0])
        assert stage.terrain_at(at_m).tolist() == [0.1, 0.1, 0.6, 0.6]  # the last goes on
        assert stage.terrain == pytest.approx(0.4 * 0.1 + 0.6 * 0.6, abs=1e-3)
        assert stage.terrain_moved(0.5).terrain_at(at_m).tolist() == [0.6, 0.6, 1.0, 1.0]
        assert "no terrain" not in notes(passes.one(f"terrain = {road}"))
        assert passes.one(f"terrain = {road}", terrain=0.3).stages[0].terrain_along == ()

    def test_terrain_along_a_race_of_several_stages(self, passes: Race) -> None:
        pieces = [(4, 0.1), (14, 0.6), (20, 0)]
        road = ", ".join(f"{{ to_km = {km}, value = {value} }}" for km, value in pieces)
        stages = '[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        course = passes.load(f"terrain = [{road}]\n{stages}")
        at_m = np.array([3_900.0, 4_100.0, 9_900.0])
        first, second = (stage.terrain_at(at_m).tolist() for stage in course.stages)
        assert (first, second) == ([0.1, 0.6, 0.6], [0.6, 0.0, 0.0])

    def test_terrain_along_counts_as_the_organiser_does(self, passes: Race) -> None:
        road = "[{ to_km = 6, value = 0.1 }, { to_km = 12, value = 0.6 }]"
        stage = passes.one(f"terrain = {road}\nofficial = {{ km = 12 }}").stages[0]
        assert stage.terrain_at(np.array([4_900.0, 5_100.0])).tolist() == [0.1, 0.6]
        whole = f'[[stage]]\ngpx = "a.gpx"\nterrain = {road}\nofficial = {{ gain_m = 500 }}\n'
        stage = passes.load(f"official = {{ km = 12 }}\n{whole}").stages[0]
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
    def test_a_wrong_terrain_along_the_way(self, passes: Race, terrain: str, said: str) -> None:
        with pytest.raises(CourseError, match=said):
            passes.one(f"terrain = {terrain}")

    def test_weather_pack_and_conditions(self, passes: Race) -> None:
        said = (
            'timezone = "Europe/Rome"\nconditions = 1.1\npack_kg = 5\n[[weather]]\n'
            "at = 2026-09-04T15:00:00\ntemperature_c = 28\nhumidity = 40\nheight_m = 600\n"
        )
        course = passes.one(race=said)
        (row,) = course.weather
        assert (course.conditions, course.pack_kg) == (1.1, 5.0)
        assert row.at == datetime(2026, 9, 4, 13, tzinfo=UTC)
        assert (row.temperature_c, row.humidity, row.height_m) == (28.0, 0.4, 600.0)
        bare = passes.one()
        assert (bare.conditions, bare.pack_kg, bare.weather) == (1.0, None, ())
        for wrong, rule in (
            ("humidity = 140", "humidity must be at most 100"),
            ("wind = 3", "weather 1: unknown key wind"),
            ("temperature_c = 99", "temperature_c must be at most 60"),
            ("temperature_f = 200", "temperature_f must be at most 140"),
            ("temperature_f = 82.4", "weather 1: give either temperature_c or temperature_f"),
        ):
            key = wrong.split(" ")[0]
            text = "\n".join(x for x in said.split("\n") if not x.startswith(key)) + wrong
            with pytest.raises(CourseError, match=rule):
                passes.one(race=text)
        fahrenheit = passes.one(race=said.replace("temperature_c = 28", "temperature_f = 82.4"))
        assert fahrenheit.weather[0].temperature_c == pytest.approx(28.0)
        with pytest.raises(CourseError, match="give either temperature_c or temperature_f"):
            passes.one(race=said.replace("temperature_c = 28\n", ""))
        with pytest.raises(CourseError, match="weather 1: at: a date and time needs a timezone"):
            passes.one(race=said.replace('timezone = "Europe/Rome"\n', ""))

    def test_several_stages_without_a_format_are_staged_with_a_note(self, passes: Race) -> None:
        text = 'terrain = 0.4\n[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        course = passes.load(text)
        assert course.format == "staged"
        assert "several stages without a format are taken as staged" in notes(course)
        assert notes(passes.load(text, format="continuous")) == ""

    def test_a_race_file_without_points_takes_the_waypoints(self, passes: Race) -> None:
        text = 'format = "staged"\n[[stage]]\ngpx = "a.gpx"\n[[stage]]\ngpx = "b.gpx"\n'
        assert names(passes.load(text)) == [
            ["Rifugio Neve", "End of stage 1"],
            ["Hope Pass", "Finish"],
        ]

    def test_a_track_by_number_or_name(self, passes: Race) -> None:
        for track in ("2", '"Two"', '"two"'):
            course = passes.load(f'[[stage]]\ngpx = "two.gpx"\ntrack = {track}\n')
            assert course.stages[0].name == "Two"

    def test_stage_starts_of_a_staged_race(self, passes: Race) -> None:
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
        course = passes.load(text)
        assert notes(course) == ""
        assert course.start == course.stages[0].start
        assert [s.start.isoformat() for s in course.stages if s.start] == [
            "2026-10-24T08:00:00+02:00",
            "2026-10-25T09:00:00+01:00",
        ]
        assert course.stages[0].limit_s == 50_400.0
        assert [s.points[0].cutoff_s for s in course.stages] == [7200.0, 10_800.0]
        moved = passes.load(text, start="2026-11-01T07:00")
        assert [s.start.isoformat() for s in moved.stages if s.start] == [
            "2026-11-01T07:00:00+01:00",
            "2026-11-02T08:00:00+01:00",
        ]
        assert [s.points[0].cutoff_s for s in moved.stages] == [7200.0, 10_800.0]

    def test_a_cutoff_over_the_clock_change_goes_through_utc(self, passes: Race) -> None:
        course = passes.one(
            race='timezone = "Europe/Rome"\nstart = 2026-10-24T22:00:00',
            point='name = "Rifugio Neve"\ncutoff = 2026-10-25T06:00:00',
        )
        assert course.stages[0].points[0].cutoff_s == 9 * 3600

    def test_a_wave_moves_the_start_and_its_cutoffs_with_it(self, passes: Race) -> None:
        first, second = passes.load(FULL), passes.load(FULL, wave=2)
        assert second.start == datetime(2026, 9, 4, 10, tzinfo=UTC)
        assert load(passes.folder, wave=1).start == first.start
        assert first.stages[0].points[0].cutoff_s == second.stages[0].points[0].cutoff_s
        assert first.limit_s == second.limit_s

    def test_a_start_given_by_hand_is_local_or_has_an_offset(self, passes: Race) -> None:
        for start in ("2026-09-05T09:00", "2026-09-05T07:00+00:00", datetime(2026, 9, 5, 9)):
            assert passes.load(FULL, start=start).start == datetime(2026, 9, 5, 7, tzinfo=UTC)


class TestDoubts:
    """Usable, but said."""

    def test_a_gap_is_a_note_unless_it_is_a_transfer(self, passes: Race) -> None:
        (passes.folder / "b.gpx").write_bytes(gpx(trk(straight(13, 20))))
        text = 'format = "staged"\nterrain = 0.4\n[[stage]]\ngpx = "a.gpx"\n{}\n'
        text += '[[stage]]\ngpx = "b.gpx"\n'
        course = passes.load(text.format(""))
        assert notes(course) == "stage 2 starts 3.0 km from the end of stage 1"
        assert notes(passes.load(text.format("transfer = true"))) == ""

    def test_a_length_far_from_the_official_one(self, passes: Race) -> None:
        course = passes.one("official = { km = 12 }", race="official = { km = 8 }")
        assert "stage 1: measures 10.0 km, 17 % less than the organiser's 12.0 km" in notes(course)
        assert "the race measures 10.0 km, 25 % more than the organiser's 8.0 km" in notes(course)
        assert notes(passes.one("official = { km = 10.4 }")) == ""

    def test_cutoffs_out_of_order(self, passes: Race) -> None:
        text = """name = "Rifugio Neve"
cutoff = 2026-09-04T14:00:00
[[stage.point]]
name = "Lake"
km = 6
cutoff = 2026-09-04T13:00:00
"""
        clock = 'timezone = "Europe/Rome"\nstart = 2026-09-04T10:00:00'
        course = passes.one(point=text, race=clock)
        assert notes(course) == (
            'stage 1: the cutoff at "Lake" is earlier than the one at "Rifugio Neve" before it'
        )

    def test_the_start_of_a_later_stage_of_a_continuous_race(self, passes: Race) -> None:
        text = 'timezone = "Europe/Rome"\nformat = "continuous"\nterrain = 0.4\n'
        text += '[[stage]]\ngpx = "a.gpx"\n'
        text += '[[stage]]\ngpx = "b.gpx"\nstart = 2026-09-04T10:00:00\n'
        assert "stage 2: its start is not used" in notes(passes.load(text))
