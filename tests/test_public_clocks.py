"""Clocks that are wrong in part: before the first fix, set on the way, of another era, planned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made import Gpxstage
from test_public_heights import GAIN_M, fixed, hills
from tracks import NOON_S, recording
from walks import only, walk, written

from gpxstage.clean import repair
from gpxstage.course import Track
from gpxstage.estimator.fit.recordings import outings_of, tracks_of
from gpxstage.training.outings import doubts

DAY_S = 86_400.0

ASTRAY = [  # of 200 times: those that are wrong, and by how much
    ("the last one of the day before", [199], -DAY_S),
    ("one set back", [120], -40.0),
    ("one ahead", [120], 40.0),
    ("an hour ahead before the first fix", [0, 1, 2], 3600.0),
    ("weeks before the first fix", [0, 1, 2], -49 * DAY_S),
    ("of 1970", [0], -NOON_S),
    ("weeks after the last fix", [198, 199], 49 * DAY_S),
]


@pytest.mark.parametrize(("points", "by_s"), [r[1:] for r in ASTRAY], ids=[r[0] for r in ASTRAY])
def test_a_few_times_beside_a_good_clock_are_left_out(points: list[int], by_s: float) -> None:
    good = recording()
    times = good.time_s.copy()
    times[points] += by_s
    fixed, (note,) = repair(replace(good, time_s=times), "x")
    kept = np.isfinite(fixed.time_s)
    assert (fixed.time_s[kept] == good.time_s[kept]).mean() > 0.99
    assert np.count_nonzero(~kept) in range(1, 5)
    assert np.diff(fixed.time_s[kept]).min() >= 0.0
    assert fixed.time_s[kept][-1] - fixed.time_s[kept][0] < good.time_s[-1] - good.time_s[0] + 1.0
    assert "cannot be beside the others left out near km" in note


def test_a_day_of_rest_between_two_halves_is_a_clock() -> None:
    times = recording().time_s + (DAY_S + 100.0) * (np.arange(200) > 99)
    fixed, notes = repair(replace(recording(), time_s=times), "x")
    assert notes == ()
    assert fixed.time_s.tolist() == times.tolist()


def set_back(track: Track, points: slice, by_s: float) -> Track:
    time_s = track.time_s.copy()
    time_s[points] += by_s
    return replace(track, time_s=time_s)


@pytest.mark.parametrize("by_s", [-1168.0 * 3600.0, 2.0 * 3600.0])
def test_a_review_begins_with_the_first_fix(by_s: float, tmp_path: Path, run: Gpxstage) -> None:
    good = walk(6.0)
    paths = [
        written(tmp_path / name, track)
        for name, track in (("good.gpx", good), ("fix.gpx", set_back(good, slice(9), by_s)))
    ]
    first, second = (
        json.loads(run("review", paths[0], path, "--json", "-q").out) for path in paths
    )
    assert second["start"][:13] == first["start"][:13]
    whole_s, seen_s = (sum(leg["elapsed_s"] for leg in each["legs"]) for each in (first, second))
    assert whole_s - 120 < seen_s <= whole_s
    assert sum(leg["standing_s"] for leg in second["legs"]) < 60


def test_one_wrong_second_costs_no_recording() -> None:
    good = walk(6.0)
    outings, notes = outings_of(set_back(good, slice(300, 301), -40.0), "x.gpx", 0.4)
    assert notes == []
    assert outings[0].moving_s == pytest.approx(only(good).moving_s, rel=0.01)


@pytest.mark.parametrize("weeks", [-1024, 1024])
def test_an_outing_of_another_era_is_noted(weeks: int) -> None:
    good = only(walk(6.0))
    days = [replace(good, where=f"{k}.gpx", start_s=good.start_s + k * DAY_S) for k in range(3)]
    off = replace(good, where="off.gpx", start_s=good.start_s + 7.0 * weeks * DAY_S)
    (note,) = doubts([*days, off], [])
    side = "before" if weeks < 0 else "after"
    assert note.startswith(f"off.gpx: recorded 20 years {side} the others")
    assert doubts(days, []) == []


@pytest.mark.parametrize("step_s", [0.5, 1.0])
@pytest.mark.parametrize("away_m", [600.0, 3000.0])
def test_the_clock_of_a_planner_cuts_no_straight_line(step_s: float, away_m: float) -> None:
    plan = hills()
    later = np.arange(len(plan)) >= 1200
    north_deg = np.where(later, away_m / 111_143.0, 0.0)
    drawn = replace(
        plan,
        lat_deg=plan.lat_deg + north_deg,
        time_s=NOON_S + step_s * np.arange(len(plan)),
    )
    profile, notes = fixed(drawn)
    assert profile.length_m == pytest.approx(24_000.0 + away_m, rel=0.001)
    assert profile.gain_m == pytest.approx(GAIN_M, rel=0.005)
    assert len(notes) == 1
    assert "counted as walked near km 12.0" in notes[0]


REAL = ("2022-07-31-12km-890m-09", "2022-08-28-24km-1180m-10")


@pytest.mark.parametrize("name", REAL)
def test_real_recordings_with_a_dozen_wrong_times(name: str, data: Callable[[str], Path]) -> None:
    (track,) = tracks_of(data(f"recordings/group-p02/{name}.gpx"))
    outings, _ = outings_of(track, name, 0.4)
    assert outings
    assert sum(outing.moving_s for outing in outings) > 3.0 * 3600.0
