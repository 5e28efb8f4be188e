"""A race's terrain from what its fields needed: found again where the engine made the results."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.course import Course, CourseError, Result
from gpxstage.estimator import Runner, estimate
from gpxstage.estimator.fit import field_terrain as ground
from gpxstage.estimator.runner import at_ability
from gpxstage.profile import measure
from gpxstage.racefile import load

SAMPLE = Path(__file__).resolve().parents[1] / "sample_courses" / "chattanooga-mountains"


class Race:
    """A sample course, run once for all terrains and abilities."""

    def __init__(self) -> None:
        self.course: Course = load(SAMPLE)
        self.profiles = [measure(stage.track) for stage in self.course.stages]
        self.chart = ground.chart(self.seconds)

    def seconds(self, roughness: float, runner: Runner) -> float:
        stages = tuple(replace(stage, terrain=roughness) for stage in self.course.stages)
        return estimate(replace(self.course, stages=stages), self.profiles, runner).elapsed_s

    def results(
        self, roughness: float, *, stronger: float = 0.0, count: int | None = 1500
    ) -> Result:
        """What a field like those elsewhere needs on a terrain, by the engine itself."""
        fields = ground.elsewhere()
        hours = np.full(len(fields.places), 8.0)
        for _ in range(8):  # who needs how long depends on how long it takes
            log_mps = fields.log_mps(fields.places, hours) + stronger
            hours = self.chart.hours(log_mps, roughness)
        runners = [at_ability(math.exp(each)) for each in log_mps]
        times = [self.seconds(roughness, runner) for runner in runners]
        found = {f"{place}_s": time for place, time in zip(fields.places, times, strict=True)}
        return Result(2024, count, **found)


@pytest.fixture(scope="module")
def race() -> Race:
    return Race()


def found(race: Race, *results: Result) -> ground.FoundTerrain:
    return ground.find(ground.needed(results), race.chart)


class TestSynthetic:
    """Results made by the engine on a known terrain."""

    @pytest.mark.parametrize("roughness", [0.1, 0.45, 0.8])
    def test_the_terrain_is_found_within_its_spread(self, race: Race, roughness: float) -> None:
        here = found(race, race.results(roughness))
        assert abs(here.terrain - roughness) < here.spread < 0.2
        assert here.notes == ()
        assert np.abs(here.stronger).max() < 0.05

    def test_a_stronger_field_stays_within_two_spreads(self, race: Race) -> None:
        plain, strong = (found(race, race.results(0.5, stronger=by)) for by in (0.0, 0.05))
        assert strong.terrain < plain.terrain - 0.05
        assert abs(strong.terrain - 0.5) < 2.0 * strong.spread
        assert (strong.stronger > plain.stronger).all()

    def test_more_years_tell_more(self, race: Race) -> None:
        result = race.results(0.6)
        once, thrice = found(race, result), found(race, result, result, result)
        assert thrice.spread < once.spread
        assert thrice.needed.years == 3

    def test_the_best_of_few_are_slower_than_of_many(self, race: Race) -> None:
        winner = Result(2024, 1500, winner_s=race.results(0.4).winner_s)
        many, few = (found(race, replace(winner, finishers=count)) for count in (1500, 30))
        assert few.terrain < many.terrain - 0.05

    def test_small_fields_are_told(self, race: Race) -> None:
        result = replace(race.results(0.5), winner_s=None)
        few, many = found(race, replace(result, finishers=20)), found(race, result)
        assert few.spread > many.spread
        assert few.notes == ("fields of about 20 finishers: so few are weak evidence",)

    def test_years_that_tell_different_places_are_no_smaller_fields(self, race: Race) -> None:
        result = race.results(0.5, count=60)
        first, then = Result(2023, 60, winner_s=result.winner_s), replace(result, winner_s=None)
        here = found(race, first, then)
        assert here.notes == (), "each had 60 finishers"
        assert here.needed.years_known.tolist() == [1.0] * len(ground.PLACES)

    @pytest.mark.parametrize("places", [("median",), ("winner", "p90"), tuple(ground.PLACES)])
    def test_slower_fields_stand_on_rougher_ground(
        self, race: Race, places: tuple[str, ...]
    ) -> None:
        result, told = race.results(0.4), []
        for factor in (0.9, 0.95, 1.0, 1.05, 1.1):
            times = {f"{place}_s": factor * getattr(result, f"{place}_s") for place in places}
            told.append(found(race, Result(2024, 1500, **times)).terrain)
        assert (np.diff(told) > 0.01).all()

    def test_what_hardly_tells_leaves_the_prior(self, race: Race) -> None:
        winner = Result(winner_s=race.results(0.9).winner_s)
        here = found(race, winner)
        assert here.spread > 0.2
        assert 0.4 < here.terrain < 0.7
        assert "without their number of finishers" in here.notes[0]


class TestOdd:
    """What is no field of this course."""

    def test_no_times(self) -> None:
        with pytest.raises(CourseError, match=r"race\.toml: results: no times: winner, p10"):
            ground.needed([Result(2024, 100)], "race.toml: results")

    @pytest.mark.parametrize(("hours", "word"), [(2.0, "fast"), (400.0, "slow")])
    def test_no_runner_is_so_fast(self, race: Race, hours: float, word: str) -> None:
        result = Result(median_s=3600.0 * hours)
        with pytest.raises(CourseError, match=rf"results: median {hours:.0f}:00 h: .*so {word}"):
            found(race, result)

    def test_another_course_is_a_note(self, race: Race) -> None:
        result = race.results(0.4)
        times = {f"{place}_s": 1.6 * getattr(result, f"{place}_s") for place in ground.PLACES}
        here = found(race, replace(result, **times))
        assert here.terrain > 0.8
        assert "no terrain explains these results" in here.notes[0]
        assert "weaker than fields elsewhere" in here.notes[0]


class TestTable:
    """The table that ships."""

    def test_its_form(self) -> None:
        fields = ground.elsewhere()
        assert fields.places == tuple(ground.PLACES)
        assert (np.diff(fields.flat_speed_mps) < 0.0).all()
        assert ((fields.flat_speed_mps > 2.0) & (fields.flat_speed_mps < 6.5)).all()
        assert ((fields.spread > 0.0) & (fields.spread < 0.3)).all()

    def test_long_races_draw_fewer_slow_runners(self) -> None:
        slope = ground.elsewhere().slope
        assert slope[-1] > slope[3] > slope[0]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(1.0, 8.0))
def test_a_chart_read_both_ways(roughness: float, mps: float) -> None:
    speeds = np.linspace(0.0, 2.0, 5)
    log_h = 3.0 - speeds[None, :] * np.array([[1.2], [1.5]]) + np.array([[0.0], [0.4]])
    chart = ground.Chart(np.array([0.0, 1.0]), speeds, log_h)
    hours = chart.hours(np.log([mps]), roughness)
    assert np.exp(chart.ability(hours, roughness)) == pytest.approx(mps, rel=1e-9)


def test_stages_keep_their_differences(race: Race) -> None:
    stages = [replace(s, terrain=0.2 * k) for k, s in enumerate(race.course.stages, 1)]
    course = replace(race.course, stages=tuple(stages))
    assert [s.terrain for s in ground.moved(course, 0.1).stages] == pytest.approx([0.3, 0.5, 0.7])
    assert [s.terrain for s in ground.moved(course, 0.5).stages] == pytest.approx([0.7, 0.9, 1.0])
