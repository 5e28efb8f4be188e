"""What many ask of an estimate: the clock at a distance, and what lies between two places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.estimator.nouns import StageEstimate, Stop

END_M = 3000.0
places = st.floats(0.0, END_M)


def stage(*, hiked: bool = True) -> StageEstimate:
    """Three kilometres in 300, 600 and 400 s after two hours of race, with two stops."""
    return StageEstimate(
        edge_m=np.array([0.0, 1000.0, 2000.0, END_M]),
        moving_s=np.array([0.0, 300.0, 900.0, 1300.0]),
        hiked_s=np.array([0.0, 600.0, 100.0]) if hiked else None,
        hiked_m=np.array([0.0, 1000.0, 200.0]) if hiked else None,
        dark_s=None,
        energy_kcal=None,
        stops=(Stop("hut", 1000.0, 120.0), Stop("base", 2500.0, 7200.0, 3600.0)),
        offset_s=7200.0,
    )


def test_the_time_between_two_places_is_moving_time_alone() -> None:
    assert stage().moving_between_s(500.0, 1500.0) == 450.0
    assert stage().moving_between_s(0.0, END_M) == 1300.0


def test_what_is_hiked_between_two_places() -> None:
    assert stage().hiked_between_s(500.0, 1500.0) == 300.0
    assert stage().hiked_between_s(2000.0, END_M) == 100.0
    assert stage(hiked=False).hiked_between_s(0.0, END_M) is None


@given(places, places, places)
def test_parts_add_up_to_the_whole(one: float, two: float, three: float) -> None:
    first, middle, last = sorted((one, two, three))
    found = stage()
    for between_s in (found.moving_between_s, found.hiked_between_s):
        parts = [between_s(first, middle), between_s(middle, last)]
        assert sum(part or 0.0 for part in parts) == pytest.approx(between_s(first, last), abs=1e-9)


@given(places, places)
def test_nobody_hikes_longer_than_they_move(one: float, two: float) -> None:
    hiked_s = stage().hiked_between_s(*sorted((one, two)))
    assert hiked_s is not None
    assert -1e-9 <= hiked_s <= stage().moving_between_s(*sorted((one, two))) + 1e-9


def test_the_clock_at_a_place_counts_the_stops_before_it() -> None:
    found = stage().arrivals_s(np.array([0.0, 1000.0, 1000.5, 2000.0, END_M]))
    assert found == pytest.approx([7200.0, 7500.0, 7620.3, 8220.0, 15_820.0])
    assert stage().arrival_s(END_M) == 15_820.0


def test_a_stop_close_before_a_place_can_count_as_made_there() -> None:
    assert stage().arrivals_s(np.array([1000.5]), near_m=1.0) == pytest.approx([7500.3])


@given(st.lists(places, min_size=2, max_size=9))
def test_the_clock_never_runs_back(at_m: list[float]) -> None:
    assert (np.diff(stage().arrivals_s(np.array(sorted(at_m)))) >= 0.0).all()
