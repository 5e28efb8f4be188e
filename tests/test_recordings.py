"""Recordings become outings: what is moving, what is no recording on foot, the gait, the files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from walks import POINT_M, course, only, timed, walk, wobbly, written

from gpxstage.course import CourseError, Track
from gpxstage.estimator.fit import recordings
from gpxstage.estimator.fit.recordings import BIN_M, outings_of
from gpxstage.estimator.fit.windows import hiked_and_known_s, windows_of
from gpxstage.parser import garmin


def refused(track: Track) -> str:
    found, notes = outings_of(track, "x.gpx", 0.4)
    assert found == []
    (note,) = notes
    return note


# what is moving


def test_a_stop_is_no_moving_time() -> None:
    track = walk()
    stopped = replace(track, time_s=track.time_s + np.where(np.arange(len(track)) > 300, 900.0, 0))
    assert only(stopped).moving_s == pytest.approx(only(track).moving_s, rel=0.02)
    assert only(stopped).clock_h[-1] == pytest.approx(only(track).clock_h[-1] + 0.25, abs=0.01)


def test_a_gap_that_was_walked_is_time_but_no_evidence() -> None:
    track = walk()
    here = (np.arange(len(track)) < 200) | (np.arange(len(track)) > 260)
    outing = only(
        Track(
            track.lat_deg[here],
            track.lon_deg[here],
            track.elevation_m[here],
            track.time_s[here],
            np.zeros(1, dtype=np.int64),
        )
    )
    assert outing.moving_s == pytest.approx(only(track).moving_s, rel=0.01)
    assert 8 <= np.count_nonzero(~outing.kept) <= 14  # of 50 m


def test_bins_are_short_and_cover_everything() -> None:
    outing = only(walk(12.0))
    lengths = np.bincount(outing.bins, np.diff(outing.push.edge_m))
    assert lengths.max() <= BIN_M + 50.0
    assert (np.diff(outing.bins) >= 0).all()
    assert outing.cell_s.sum() == pytest.approx(windows_of(walk(12.0)).moving_s)


def test_a_night_parts_two_outings() -> None:
    track = walk(12.0)
    night = replace(track, time_s=track.time_s + np.where(np.arange(len(track)) > 600, 36_000.0, 0))
    found, notes = outings_of(night, "x.gpx", 0.4)
    assert [outing.where for outing in found] == ["x.gpx, part 1", "x.gpx, part 2"]
    assert notes == []


def test_the_dark_is_known() -> None:
    late = walk()
    late = replace(late, time_s=late.time_s + 17.0 * 3600.0)
    assert only(walk()).dark.max() < 1.0
    assert only(late).dark.min() == pytest.approx(1.0)


# what is no recording on foot


def test_no_times() -> None:
    assert refused(course(6.0)) == "x.gpx: not used: it has no times"


def test_times_that_are_all_the_same() -> None:
    assert "its times are all the same" in refused(timed(course(6.0), 0.0))


def test_planned_times() -> None:
    assert "planned and not recorded" in refused(timed(course(6.0), 8.0))


def test_a_route() -> None:
    assert "it is a route" in refused(replace(walk(), is_route=True))


def test_one_point() -> None:
    track = walk(0.02)
    one = replace(track, lat_deg=track.lat_deg * 0 + 46.0, lon_deg=track.lon_deg * 0 + 7.0)
    assert "at least two different points" in refused(one)


def test_no_elevations() -> None:
    track = walk()
    assert "it has no elevations" in refused(replace(track, elevation_m=np.nan * track.lat_deg))


def test_too_short() -> None:
    assert "0.5 km in 6 min of moving are too little" in refused(walk(0.5))


def test_another_sport() -> None:
    track = course(40.0)
    assert "km/h for" in refused(timed(track, wobbly(len(track) - 1, mps=7.0)))


def test_the_drive_home_is_left_out() -> None:
    track = course(14.0)
    step_s = wobbly(len(track) - 1, 1.5)
    step_s[1050:] = wobbly(len(step_s) - 1050, 9.0)
    outing = only(timed(track, step_s))
    assert outing.kept[:200].all()
    assert not outing.kept[215:].any()


def test_a_fast_descent_is_on_foot() -> None:
    track = course(14.0)
    step_s = wobbly(len(track) - 1, 3.0)
    step_s[300:400] = POINT_M / 6.0  # 1 km at 21.6 km/h
    assert only(timed(track, step_s)).kept.all()


# gait


def steps(track: Track, spm: Any) -> tuple[np.ndarray, np.ndarray] | None:
    full = replace(track, cadence_spm=np.broadcast_to(np.asarray(spm, float), len(track)).copy())
    return hiked_and_known_s(full, windows_of(full), np.array([0.0, 3000.0, 1e9]))


@pytest.mark.parametrize(
    ("mps", "spm", "hiked"),
    [
        (3.0, 82.0, 0.0),  # one leg of a runner
        (3.0, 164.0, 0.0),  # both legs
        (3.0, 328.0, 0.0),  # both legs, each step twice
        (1.3, 55.0, 1.0),
        (1.3, 112.0, 1.0),
        (1.3, 224.0, 1.0),
        (0.7, 164.0, 1.0),  # a slow steep step counted twice
    ],
)
def test_gait_by_cadence(mps: float, spm: float, hiked: float) -> None:
    found = steps(walk(6.0, mps), spm)
    assert found is not None
    assert found[0].sum() / found[1].sum() == pytest.approx(hiked)


def test_no_steps_while_getting_on_are_hiked() -> None:
    track = walk(6.0, 1.0)
    found = steps(track, np.where(np.arange(len(track)) < 300, 0.0, 55.0))
    assert found is not None
    assert found[0] == pytest.approx(found[1])


def test_missed_steps_are_no_hiking_where_nobody_hikes() -> None:
    track = walk(6.0, 3.0)
    found = steps(track, np.where(np.arange(len(track)) < 300, 0.0, 164.0))
    assert found is not None
    assert found[1].sum() > 0.0
    assert not found[0].any()


def test_void_values_are_no_heart_rate() -> None:
    track = walk()
    some = np.where(np.arange(len(track)) % 3 == 0, 255.0, 140.0)
    outing = only(replace(track, heart_rate_bpm=some))
    assert (outing.heart_bpm, outing.highest_bpm) == (140.0, 140.0)
    assert only(replace(track, heart_rate_bpm=np.full(len(track), 255.0))).heart_bpm is None


@pytest.mark.parametrize("spm", [0.0, 255.0, np.nan])
def test_a_sensor_that_never_counts_is_none(spm: float) -> None:
    assert steps(walk(), spm) is None


# files


def test_a_folder_is_its_recordings(tmp_path: Path) -> None:
    written(tmp_path / "b.gpx", walk())
    written(tmp_path / "a.gpx", course(6.0), with_time=False)
    (tmp_path / "broken.gpx").write_text("<gpx", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not mine", encoding="utf-8")
    found, notes = recordings.read([tmp_path])
    assert [outing.where for outing in found] == ["b.gpx"]
    assert notes[0] == "a.gpx: not used: it has no times"
    assert notes[1].startswith("broken.gpx: not used: ")


def test_nothing_left_is_an_error_that_says_why(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpx", course(6.0), with_time=False)
    with pytest.raises(CourseError, match=r"no recording can be used; a\.gpx: not used: it has no"):
        recordings.read([path])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        recordings.read([tmp_path / "gone.gpx"])


def fit_bytes(track: Track) -> bytes:
    """The track as a watch writes it."""
    sdk = pytest.importorskip("garmin_fit_sdk")
    encoder = sdk.Encoder()
    numbers = sdk.Profile["mesg_num"]
    encoder.write_mesg({"mesg_num": numbers["FILE_ID"], "type": "activity"})
    circles = 2.0**31 / 180.0
    for lat, lon, z, time_s in zip(
        track.lat_deg, track.lon_deg, track.elevation_m, track.time_s, strict=True
    ):
        encoder.write_mesg(
            {
                "mesg_num": numbers["RECORD"],
                "timestamp": int(time_s - garmin.EPOCH_S),
                "position_lat": round(lat * circles),
                "position_long": round(lon * circles),
                "enhanced_altitude": float(z),
                "heart_rate": 140,
                "cadence": 55,
            }
        )
    return bytes(encoder.close())


def test_fit_files_are_read(tmp_path: Path) -> None:
    track = walk(3.0)
    path = tmp_path / "x.fit"
    path.write_bytes(fit_bytes(track))
    found = garmin.read(path)
    assert found.lat_deg == pytest.approx(track.lat_deg, abs=1e-6)
    assert found.elevation_m == pytest.approx(track.elevation_m, abs=0.2)
    assert found.time_s == pytest.approx(track.time_s, abs=1.0)
    ((outing,), notes) = recordings.read([path])
    assert notes == ()
    assert outing.heart_bpm == pytest.approx(140.0)
    assert outing.hiked is not None
    assert outing.moving_s == pytest.approx(only(track).moving_s, rel=0.01)


@pytest.mark.parametrize("data", [b"", b"not a watch's", b"\x1f\x8bbroken"])
def test_what_is_no_fit_file(tmp_path: Path, data: bytes) -> None:
    pytest.importorskip("garmin_fit_sdk")
    path = tmp_path / "x.fit"
    path.write_bytes(data)
    with pytest.raises(CourseError, match=r"x\.fit: (is not a FIT file|its gzip data)"):
        garmin.read(path)


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "garmin_fit_sdk", None)
    (tmp_path / "x.fit").write_bytes(b"any")
    with pytest.raises(CourseError, match=r"pip install '\.\[fit\]'"):
        garmin.read(tmp_path / "x.fit")
