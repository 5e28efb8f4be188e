"""Plans that are taken for recordings, and recordings too sparse to tell anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from walks import START_S, course, walk, written

from gpxstage import parser
from gpxstage.course import CourseError, Track, track_distance_m
from gpxstage.estimator.fit import recordings
from gpxstage.estimator.fit.recordings import LEAST_S, outings_of

Grades = np.ndarray

# Seconds per metre by grade, as planners reckon.
RULES: dict[str, Callable[[Grades], Grades]] = {
    "Naismith": lambda g: 0.72 + 6.0 * np.maximum(g, 0.0),
    "Tobler": lambda g: 0.6 * np.exp(3.5 * np.abs(g + 0.05)),
    "DIN 33466": lambda g: (
        np.maximum(0.9, np.where(g > 0.0, 12.0 * g, -7.2 * g))
        + 0.5 * np.minimum(0.9, np.where(g > 0.0, 12.0 * g, -7.2 * g))
    ),
    "equal effort": lambda g: 0.35 * (1.0 + 5.4 * g + 12.9 * g**2),
    "up and down": lambda g: np.where(g > 0.0, 0.8, 0.5),
    "one speed": lambda g: 0.5 + 0.0 * g,
}


def spaced(km: float, every: int) -> Track:
    """Hills with a point every so many 10 m."""
    track = course(km, seed=4)
    columns = ("lat_deg", "lon_deg", "elevation_m", "time_s")
    return replace(track, **{name: getattr(track, name)[::every] for name in columns})


def planned(track: Track, pace: Callable[[Grades], Grades], factor: float | Grades = 1.0) -> Track:
    """A track with the times of a rule, in whole seconds."""
    length_m = np.diff(track_distance_m(track))
    step_s = pace(np.diff(track.elevation_m) / length_m) * length_m * factor
    time_s = START_S + np.concatenate([[0.0], np.cumsum(step_s)])
    return replace(track, time_s=np.round(time_s))


def said(track: Track) -> str:
    """The only note of a track that gives no outing."""
    found, notes = outings_of(track, "x.gpx", 0.4)
    assert found == []
    (note,) = notes
    return note


@pytest.mark.parametrize("every", [1, 3, 10])
@pytest.mark.parametrize("rule", RULES)
def test_a_plan_by_a_rule_is_no_recording(rule: str, every: int) -> None:
    assert "planned and not recorded" in said(planned(spaced(18.0, every), RULES[rule]))


@pytest.mark.parametrize("rule", RULES)
def test_a_plan_that_tires_is_no_recording(rule: str) -> None:
    track = spaced(18.0, 2)
    tiring = np.linspace(1.0, 1.5, len(track) - 1)
    assert "planned and not recorded" in said(planned(track, RULES[rule], tiring))


@pytest.mark.parametrize("rule", RULES)
def test_a_plan_with_a_pace_for_each_kilometre_is_no_recording(rule: str) -> None:
    track = spaced(18.0, 2)
    number = (track_distance_m(track)[1:] // 1000.0).astype(int)
    factor = np.random.default_rng(2).uniform(0.8, 1.6, number[-1] + 1)[number]
    assert "planned and not recorded" in said(planned(track, RULES[rule], factor))


@pytest.mark.parametrize("scatter", [0.15, 0.3])
@pytest.mark.parametrize("rule", RULES)
def test_feet_scatter_about_any_rule(rule: str, scatter: float) -> None:
    track = spaced(18.0, 1)
    scattered = np.exp(scatter * np.random.default_rng(1).standard_normal(len(track) - 1))
    found, notes = outings_of(planned(track, RULES[rule], scattered), "x.gpx", 0.4)
    assert (len(found), notes) == (1, [])


def test_a_clock_that_starts_with_the_year_is_a_planners() -> None:
    track = walk()
    new_year_s = 1_262_304_000.0  # 2010-01-01, 0:00 UTC
    assert "starts with the year" in said(
        replace(track, time_s=track.time_s - START_S + new_year_s)
    )
    late = replace(track, time_s=track.time_s - START_S + new_year_s + 61.0)
    assert outings_of(late, "x.gpx", 0.4)[1] == []


@pytest.mark.parametrize("minutes", [1, 2])
def test_times_in_whole_minutes_are_not_taken_for_a_plan(minutes: int) -> None:
    track = kept_every(walk(40.0), 30.0)
    unit_s = 60.0 * minutes
    _, notes = outings_of(
        replace(track, time_s=unit_s * np.round(track.time_s / unit_s)), "x.gpx", 0.4
    )
    assert not any("planned" in note for note in notes)


def test_half_of_the_way_in_no_time_is_not_on_foot() -> None:
    track = walk(10.0)
    frozen = np.where(np.arange(len(track)) > 500, track.time_s[500], track.time_s)
    note = said(replace(track, time_s=600.0 * np.round(frozen / 600.0)))
    assert note.endswith("not on foot")


def kept_every(track: Track, seconds: float) -> Track:
    """What a tracker sends that wakes up every so many seconds."""
    number = (track.time_s - track.time_s[0]) // seconds
    here = np.flatnonzero(np.diff(number, prepend=-1.0))
    columns = ("lat_deg", "lon_deg", "elevation_m", "time_s")
    return replace(track, **{name: getattr(track, name)[here] for name in columns})


@pytest.mark.parametrize("seconds", [150.0, 300.0, 1200.0])
def test_points_too_far_apart_in_time_say_so(seconds: float) -> None:
    note = said(kept_every(walk(40.0), seconds))
    assert note.startswith("x.gpx: not used: points ")
    assert note.endswith(" s apart: too sparse, 120 s is the most")


@pytest.mark.parametrize("seconds", [30.0, 60.0, 100.0])
def test_points_near_enough_in_time_are_used(seconds: float) -> None:
    found, notes = outings_of(kept_every(walk(40.0), seconds), "x.gpx", 0.4)
    assert (len(found), notes) == (1, [])


def test_what_is_used_of_a_recording_is_never_nothing() -> None:
    dense, sparse = walk(40.0), kept_every(walk(40.0), 400.0)
    for count in (20, 60, 200, 500):
        columns = ("lat_deg", "lon_deg", "elevation_m", "time_s")
        later = sparse.time_s > dense.time_s[count]
        mixed = replace(
            dense,
            **{
                name: np.append(getattr(dense, name)[:count], getattr(sparse, name)[later])
                for name in columns
            },
        )
        found, notes = outings_of(mixed, "x.gpx", 0.4)
        assert len(found) + len(notes) == 1
        assert all(each.cell_s[each.kept].sum() >= LEAST_S for each in found)


def test_one_sparse_file_leaves_the_others(tmp_path: Path, call: Callable[..., object]) -> None:
    written(tmp_path / "good.gpx", walk(14.0))
    written(tmp_path / "few.gpx", kept_every(walk(40.0), 300.0))
    code, out, err = call("fit", tmp_path, "-o", "-")  # type: ignore[misc]
    assert code == 0
    assert "count = 1" in out
    assert "note: few.gpx: not used: points 3" in err
    code, out, err = call("fit", tmp_path / "few.gpx", "-o", "-")  # type: ignore[misc]
    assert (code, out) == (1, "")
    assert "no recording can be used; few.gpx: not used: points 3" in err


# files of the public collection

PLANS = (
    "2010-ladder",
    "din33466",
    "even-speed",
    "gap",
    "naismith",
    "pace-table",
    "tobler",
    "tobler-100m",
    "two-speeds",
)
RECORDED = ("same-a", "other-b", "rec-smart-60s", "rec-auto-pause-20", "tracker-every-60-s")
SPARSE = ("tracker-every-121-s", "tracker-every-300-s", "tracker-every-1200-s", "rec-15-weeks")


@pytest.mark.parametrize("name", PLANS)
def test_a_public_plan(name: str, data: Callable[[str], Path]) -> None:
    with pytest.raises(CourseError, match=r"planned and not recorded$"):
        recordings.read([data(f"public/plan-{name}.gpx")])


@pytest.mark.parametrize("name", [*RECORDED, "tracker-every-119-s", "tracker-dense-start"])
def test_a_public_recording(name: str, data: Callable[[str], Path]) -> None:
    found, notes = recordings.read([data(f"public/{name}.gpx")])
    assert (len(found), notes) == (1, ())


@pytest.mark.parametrize("name", SPARSE)
def test_a_public_tracker(name: str, data: Callable[[str], Path]) -> None:
    with pytest.raises(CourseError, match=r"points \d+ s apart: too sparse"):
        recordings.read([data(f"public/{name}.gpx")])


def test_no_recording_of_real_people_is_a_plan(data: Callable[[str], Path]) -> None:
    """Evenest first: roads, and a tenth of the rest."""
    even = (
        "group-p12/2024-02-04-31km-133m-04",
        "group-p04/2024-07-11-17km-0m-09",
        "group-p08/2024-11-28-11km-513m-04",
        "group-p01/2026-04-15-8km-28m-16",
    )
    paths = [data(f"recordings/{name}.gpx") for name in even]
    paths += sorted(data("recordings").rglob("*.gpx"))[::20]
    for path in paths:
        for track in parser.read(path).tracks:
            assert not any("planned" in note for note in outings_of(track, path.name, 0.4)[1])
