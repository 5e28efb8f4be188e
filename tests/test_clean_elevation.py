"""Heights that cannot be: which are missing, which are kept, and what is noted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import course, lifted, made, missing, notes_of

from gpxstage.clean import repair
from gpxstage.clean.elevation import possible_rise_m
from gpxstage.profile import measure

# --- elevations ---------------------------------------------------------------------------------


def test_impossible_elevations_are_missing() -> None:
    fixed, notes = repair(lifted(course(), [3, 120, 121], [-4542.4, 9001, 32_767]), "x")
    assert missing(fixed) == [3, 120, 121]
    assert notes == ("x: 3 impossible elevations removed near km 0.1, 2.4",)


def test_below_the_sea_is_possible() -> None:
    track = made(20.0 * np.arange(50), z=np.linspace(10, -430, 50))
    assert notes_of(track) == ()


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_all_zero_is_missing(zero: float) -> None:
    fixed, notes = repair(lifted(course(), slice(None), zero), "x")
    assert np.isnan(fixed.elevation_m).all()
    assert notes == ("x: every elevation is 0: taken as missing, length only",)
    assert measure(fixed).gain_m is None


def test_dropouts_to_zero_are_missing() -> None:
    at = [0, 1, 2, 50, 100, 101, 102, 103, 104, 199]
    fixed, notes = repair(lifted(course(), at, 0.0), "x")
    assert missing(fixed) == at
    assert notes == ("x: 10 dropouts to 0 removed near km 0.0, 2.0, 4.0",)


def test_zero_is_a_height_by_the_sea() -> None:
    z = np.maximum(0.0, 60.0 * np.sin(np.arange(200) / 15.0))
    assert (z == 0.0).sum() > 80
    assert notes_of(made(20.0 * np.arange(200), z=z)) == ()


def test_a_beach_below_a_sketched_cliff_is_kept() -> None:
    assert missing(repair(made([0, 400, 800], z=[120, 0, 150]), "x")[0]) == []


@pytest.mark.parametrize("height", [-700.0, 120.0, 5000.0])
@pytest.mark.parametrize("points", [1, 2, 3])
def test_spikes_are_missing(height: float, points: int) -> None:
    at = list(range(100, 100 + points))
    track = lifted(course(), at, course().elevation_m[100] + height)
    fixed, notes = repair(track, "stage 2")
    assert missing(fixed) == at
    plural = "s" if points > 1 else ""
    assert notes == (f"stage 2: {points} elevation spike{plural} removed near km 2.0",)


def test_spikes_beside_each_other_and_at_both_ends() -> None:
    track = course()
    at = [0, 98, 100, 101, 103, 198, 199]
    sign = np.array([1, 1, -1, -1, 1, -1, -1])
    fixed, _ = repair(lifted(track, at, track.elevation_m[at] + 400.0 * sign), "x")
    assert missing(fixed) == at


def test_a_spike_of_many_points_close_together_is_one_all_the_same() -> None:
    track = course(400, 3.0)
    fixed, _ = repair(lifted(track, slice(100, 120), 46.8), "x")
    assert missing(fixed) == list(range(100, 120))


def test_a_sparse_route_over_passes_keeps_its_passes() -> None:
    """A point every 250 m, 1,000 m up and down within four of them."""
    z = 1000.0 + 140.0 * np.array([0, 1, 2, 3, 4, 3, 2, 1] * 10)
    assert notes_of(made(240.0 * np.arange(80), z=z)) == ()


def test_a_tower_house_and_a_ladder_are_kept() -> None:
    """One side steep is a cliff with a ladder, not a spike: it is kept, and told."""
    z = np.r_[np.full(100, 1000.0), np.full(100, 1060.0)] + 0.1 * np.arange(200)
    fixed, notes = repair(made(10.0 * np.arange(200), z=z), "x")
    assert fixed.elevation_m.tolist() == z.tolist()
    assert measure(fixed).gain_m == pytest.approx(60.0 + 0.1 * 199, abs=1.0)
    assert notes == (
        "x: 1 step in height, 60 m, that no ground does: counted, in doubt, near km 1.0",
    )


@given(st.lists(st.floats(0.0, 50_000.0), min_size=2, max_size=20))
def test_the_possible_rise_grows_with_the_ground(ground: list[float]) -> None:
    rise = possible_rise_m(np.array(sorted(ground)))
    assert (np.diff(rise) >= 0.0).all()
    assert rise[0] >= 20.0


def test_holes_are_told_with_the_longest() -> None:
    fixed, notes = repair(lifted(course(), [5, *range(100, 120)], np.nan), "x")
    assert len(missing(fixed)) == 21
    assert notes == (
        "x: 21 of 200 points without elevation: interpolated, longest stretch 0.4 km near km 2.0",
    )


@pytest.mark.parametrize("known", [1, 39])
def test_under_a_fifth_is_none(known: int) -> None:
    fixed, notes = repair(lifted(course(), slice(known, None), np.nan), "x")
    assert len(missing(fixed)) == 200
    assert notes == (
        f"x: only {known} of 200 points with elevation: too few for a climb, length only",
    )


def test_a_fifth_is_enough() -> None:
    fixed, notes = repair(lifted(course(), slice(40, None), np.nan), "x")
    assert len(missing(fixed)) == 160
    assert "longest stretch 3.2 km near km 0.8" in notes[0]


def test_no_elevation_says_so() -> None:
    assert notes_of(lifted(course(), slice(None), np.nan)) == ("x: no elevation: length only",)


def test_a_level_course_of_some_length_is_doubtful() -> None:
    track = lifted(course(), slice(None), 12.0)
    assert notes_of(track) == ("x: every elevation is 12 m: the climb is not known",)
    assert notes_of(lifted(course(20), slice(None), 12.0)) == ()


# --- all together -------------------------------------------------------------------------------


def test_coarse_tracks_are_told() -> None:
    assert notes_of(course(40, 300.0)) == (
        "x: only 40 points for 11.7 km, straight lines between them: length and climb are rough",
    )
