"""The habit of standing on the way: learnt from clocks, used on outings, and in no race."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from walks import START_S, course, only, timed, walk, wobbly, written

from gpxstage.course import Point, Track
from gpxstage.estimator import Estimate, Runner, estimate, stops
from gpxstage.estimator.fit.filing import eight_in_ten, habit, stopped_min_per_h
from gpxstage.estimator.fit.recordings import Outing, outings_of
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.runner import at_ability, runner_of
from gpxstage.estimator.runner_file import Number, Recorded, RunnerFile
from gpxstage.estimator.runner_file import runner_of as of_file
from gpxstage.profile import measure
from gpxstage.racefile import load

WALKER = replace(at_ability(2.2), known_from="outings")
FLAT = Number("flat_speed_mps", 3.2, 0.06, "data")
STOOD = Number("stopped_min_per_h", 9.0, 0.6, "data")
RECORDED = Recorded(5, 20.3, 2.3, 6.1)


def with_breaks(km: float, break_s: float, *, points: bool = False) -> Track:
    """A walk of 1.5 m/s that pauses every hour of moving; with *points* the watch goes on."""
    track = course(km)
    step_s = wobbly(len(track) - 1)
    begins = np.flatnonzero(np.diff(np.cumsum(step_s) // 3600.0)) + 1
    if not points:
        step_s[begins] += break_s
        return timed(track, step_s)
    along = np.arange(len(track))
    there = np.repeat(along, 1 + np.isin(along, begins) * int(break_s / 10.0))
    moved = np.diff(there) > 0
    each_s = np.where(moved, step_s[np.minimum(there[1:], len(step_s)) - 1], 10.0)
    rows = {name: getattr(track, name)[there] for name in ("lat_deg", "lon_deg", "elevation_m")}
    time_s = START_S + np.concatenate([[0.0], np.cumsum(each_s)])
    return replace(track, **rows, time_s=time_s)


@pytest.mark.parametrize("points", [False, True], ids=["auto-paused", "recorded"])
def test_six_minutes_every_hour_are_six_minutes_an_hour(points: bool) -> None:
    outing = only(with_breaks(27.5, 360.0, points=points))  # 5.1 h: five breaks
    assert stopped_min_per_h(outing) == pytest.approx(6.0, abs=0.5)


def test_nobody_stands_without_a_pause() -> None:
    assert stopped_min_per_h(only(walk(10.0))) == 0.0


def test_a_night_is_no_habit() -> None:
    track = with_breaks(20.0, 360.0)
    late_s = np.where(np.arange(len(track)) > 1000, 10.0 * 3600.0, 0.0)
    found, _ = outings_of(replace(track, time_s=track.time_s + late_s), "x.gpx", 0.4)
    assert len(found) == 2
    assert max(map(stopped_min_per_h, found)) < 12.0


def standing_for(*minutes: float) -> list[Outing]:
    """Outings that stood so many minutes an hour of moving."""
    plain = only(walk(6.0))
    return [
        replace(plain, edge_s=np.array([0.0, plain.moving_s * (1.0 + each / 60.0)]))
        for each in minutes
    ]


def test_many_outings_outweigh_other_people() -> None:
    few, many = (habit(standing_for(*(6.0,) * count), "hike") for count in (1, 40))
    assert 6.0 < many.value < few.value < learnt().outing_stopped_hike
    assert many.value == pytest.approx(6.0, rel=0.05)
    assert (few.origin, many.origin) == ("prior", "data")
    assert many.spread < few.spread


def test_one_long_meal_is_no_habit() -> None:
    usual = habit(standing_for(5.0, 5.5, 6.0, 6.5, 7.0), "run")
    feast = habit(standing_for(5.0, 5.5, 6.0, 6.5, 150.0), "run")
    assert feast.value == pytest.approx(usual.value, rel=0.01)
    assert feast.spread > usual.spread


def test_runners_stand_less_than_hikers() -> None:
    alike = standing_for(6.0)
    assert habit(alike, "run").value < 6.0 < habit(alike, "hike").value


@given(minutes=st.lists(st.floats(0.0, 600.0), min_size=1, max_size=8))
def test_a_habit_is_a_number_that_a_runner_file_may_hold(minutes: list[float]) -> None:
    found = habit(standing_for(*minutes), "hike")
    assert 0.0 < found.value <= 600.0
    assert 0.0 < found.spread <= 10.0
    low, high = eight_in_ten(found.value, found.spread)
    assert low < found.value < high


def test_an_outing_stands_as_the_file_says() -> None:
    file = RunnerFile((FLAT, STOOD), effort="recorded", recorded=RECORDED)
    runner, _ = of_file(file)
    assert (runner.stopped_min_per_h, runner.stopped_spread) == (9.0, 0.6)
    share = stops.share_of(runner, np.array([1.0, 4.0, 6.1]), JUDGEMENT)
    assert share == pytest.approx(9.0 / 60.0)


def test_beyond_the_longest_outing_stops_grow_as_in_a_field() -> None:
    runner, _ = of_file(RunnerFile((FLAT, STOOD), effort="recorded", recorded=RECORDED))
    more = stops.share_of(runner, np.array([20.0]), JUDGEMENT) - 9.0 / 60.0
    field = stops.stop_share(np.array([20.0]), JUDGEMENT)
    assert more == pytest.approx(field - stops.stop_share(np.array([6.1]), JUDGEMENT))


@pytest.mark.parametrize("effort", ["recorded", "unknown"])
def test_who_races_does_not_stand_as_on_outings(effort: str) -> None:
    race = (Number("flat_speed_mps", 3.9, 0.1, "data"),)
    file = RunnerFile((FLAT, STOOD), effort=effort, recorded=RECORDED, race=race)  # type: ignore[arg-type]
    assert of_file(file, "race")[0].stopped_min_per_h is None


def test_what_was_seen_in_races_counts_in_a_race() -> None:
    file = RunnerFile((FLAT, STOOD), effort="race", recorded=RECORDED)
    assert of_file(file)[0].stopped_min_per_h == 9.0


def test_a_runner_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"stopped_min_per_h -1 is out of range: 0 \.\.\. 600"):
        runner_of(replace(WALKER, stopped_min_per_h=-1.0))


def estimated(path: Path, runner: Runner, places: tuple[Point, ...] = ()) -> Estimate:
    found = load(written(path, course(24.0), with_time=False))
    (stage,) = found.stages
    found = replace(found, stages=(replace(stage, points=(*places, *stage.points)),))
    return estimate(found, [measure(stage.track)], runner, draws=200)


def test_at_known_places_the_same_minutes_are_spent_there(tmp_path: Path) -> None:
    runner, path = replace(WALKER, stopped_min_per_h=12.0), tmp_path / "day.gpx"
    hut = Point("hut", kind="aid", distance_m=9000.0)
    alone, housed = estimated(path, runner), estimated(path, runner, (hut,))
    for found in (alone, housed):
        (stage,) = found.stages
        assert stage.stopped_s == pytest.approx(0.2 * stage.moving_s[-1], rel=1e-3)
    assert [stop.point for stop in housed.stages[0].stops] == ["hut"]
    assert len(alone.stages[0].stops) == 2


def test_the_range_of_the_clock_has_the_scatter_of_the_stops(tmp_path: Path) -> None:
    def width_s(spread: float) -> float:
        who = replace(WALKER, stopped_min_per_h=12.0, stopped_spread=spread)
        spreads = estimated(tmp_path / "day.gpx", who).spread
        assert spreads is not None
        clock_s = spreads[0].elapsed_s
        return float(np.diff(np.quantile(clock_s, (0.1, 0.9)))[0])

    assert width_s(0.8) > 1.2 * width_s(0.05)


def test_fit_writes_and_says_it(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    written(tmp_path / "walk.gpx", with_breaks(27.5, 360.0))
    me = tmp_path / "me.toml"
    code, _, err = call("fit", tmp_path / "walk.gpx", "-o", me)
    assert code == 0
    (line,) = [line for line in err.splitlines() if line.startswith("stopped_min_per_h")]
    assert "8 of 10 outings" in line
    assert "minutes standing for an hour of moving" in me.read_text("utf-8")
