"""A runner from recordings: what is used, what the fit recovers, how well it foretells."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "scripts"))

from validation import bands, persons  # noqa: E402
from validation import fitted as told  # noqa: E402
from validation.folders import Folders  # noqa: E402
from validation.persons import Told  # noqa: E402

from gpxstage.course import CourseError, Track  # noqa: E402
from gpxstage.estimator import engine  # noqa: E402
from gpxstage.estimator.endurance import habit_factor  # noqa: E402
from gpxstage.estimator.fit import recordings  # noqa: E402
from gpxstage.estimator.fit.filing import find, gait_of, heart_share, parted, recorded_effort  # noqa: E402
from gpxstage.estimator.fit.pooling import YEAR_S, ages  # noqa: E402
from gpxstage.estimator.fit.recordings import BIN_M, Outing, outings_of, push_of  # noqa: E402
from gpxstage.estimator.fit.solving import curve, fitted, left, measured  # noqa: E402
from gpxstage.estimator.fit.windows import hiked_and_known_s, windows_of  # noqa: E402
from gpxstage.estimator.judgement import JUDGEMENT  # noqa: E402
from gpxstage.estimator.learnt import learnt  # noqa: E402
from gpxstage.estimator.nouns import Policy  # noqa: E402
from gpxstage.estimator.runner import Runner, at_ability  # noqa: E402
from gpxstage.estimator.runner_file import runner_of  # noqa: E402
from gpxstage.geo import metric_m_per_deg  # noqa: E402
from gpxstage.parser import garmin  # noqa: E402
from gpxstage.profile import measure  # noqa: E402

START_S = 1_749_960_000.0  # 2025-06-15, 04:00 UTC: a whole summer's day lies ahead
POINT_M = 10.0
HEAD = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'


def course(km: float, seed: int = 0) -> Track:
    """Hills of three sizes, a point every 10 m, no clock."""
    rng = np.random.default_rng(seed)
    along_m = np.arange(0.0, 1000.0 * km + 1.0, POINT_M)
    height_m = 1200.0 + sum(
        high * np.sin(2.0 * np.pi * (along_m / long + rng.random()))
        for long, high in ((9000.0, 330.0), (4200.0, 120.0), (1700.0, 25.0))
    )
    _, east_m = metric_m_per_deg(np.array([46.0]))
    flat = np.full(len(along_m), 46.0)
    nowhen = np.full(len(along_m), np.nan)
    return Track(flat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, dtype=np.int64))


def timed(track: Track, step_s: Any, **sensors: Any) -> Track:
    """A track with a clock: seconds from point to point."""
    time_s = START_S + np.concatenate([[0.0], np.cumsum(np.broadcast_to(step_s, len(track) - 1))])
    return replace(track, time_s=time_s, **sensors)


def wobbly(count: int, mps: float = 1.5, seed: int = 0) -> np.ndarray:
    """Seconds for steps of 10 m, a little uneven, as feet go."""
    rng = np.random.default_rng(seed)
    slow = np.repeat(rng.normal(0.0, 0.15, count // 20 + 1), 20)[:count]
    return POINT_M / mps * np.exp(slow + rng.normal(0.0, 0.1, count))


def walk(km: float = 6.0, mps: float = 1.5) -> Track:
    track = course(km)
    return timed(track, wobbly(len(track) - 1, mps))


def written(path: Path, track: Track, *, with_time: bool = True) -> Path:
    """The track as GPX."""
    times = np.datetime64(0, "s") + np.nan_to_num(track.time_s).astype("timedelta64[s]")
    points = "".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>{z:.1f}</ele>'
        + (f"<time>{time}Z</time>" if with_time else "")
        + "</trkpt>"
        for lat, lon, z, time in zip(
            track.lat_deg, track.lon_deg, track.elevation_m, times, strict=True
        )
    )
    path.write_text(f"{HEAD}{points}</trkseg></trk></gpx>", encoding="utf-8")
    return path


def only(track: Track) -> Outing:
    found, notes = outings_of(track, "x.gpx", 0.4)
    assert notes == []
    (outing,) = found
    return outing


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
        (1.3, 55.0, 1.0),
        (1.3, 112.0, 1.0),
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


@pytest.mark.parametrize("spm", [0.0, np.nan])
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


# recovery


def recorded(runner: Runner, km: float, seed: int) -> Outing:
    """The engine's own run with 7 % noise a bin, 15 % a step, and stops in a twentieth of bins."""
    rng = np.random.default_rng(seed)
    track = course(km, seed)
    cells = measure(track).cells
    assert cells is not None
    run = engine.run(push_of(cells, 0.4), runner, JUDGEMENT, Policy())
    number = (cells.edge_m[:-1] // BIN_M).astype(int)
    cell_s = np.diff(run.moving_s) * np.exp(0.07 * rng.standard_normal(number[-1] + 1))[number]
    passed_s = np.concatenate([[0.0], np.cumsum(cell_s)])
    along_m = POINT_M * np.arange(len(track))
    step_s = np.diff(np.interp(along_m, cells.edge_m, passed_s))
    step_s *= 1.0 + 0.15 * np.random.default_rng(seed + 1000).standard_normal(len(step_s))
    time_s = np.concatenate([[0.0], np.cumsum(step_s)])
    for stop in np.flatnonzero(rng.random(number[-1] + 1) < 0.05):
        time_s[along_m > BIN_M * (stop + rng.random())] += rng.uniform(30.0, 300.0)
    return only(replace(track, time_s=START_S + time_s))


def recovered(flat_mps: float, descent: float, seed: int) -> tuple[float, float]:
    """By how much ability and descent limit are missed."""
    real = replace(at_ability(flat_mps), stops=0.0, sleep=0.0, known_from="outings")
    real = replace(real, descent_m_per_h=descent * real.descent_m_per_h)
    outings = [recorded(real, km, 10 * seed + k) for k, km in enumerate((12.0, 20.0, 30.0))]
    found = fitted(outings).runner
    return found.flat_speed_mps / flat_mps - 1.0, found.descent_m_per_h / real.descent_m_per_h - 1.0


def test_the_fit_recovers_who_made_the_recordings() -> None:
    misses = np.array([recovered(3.7, 1.25, seed) for seed in range(20)])
    assert np.count_nonzero(np.abs(misses[:, 0]) < 0.03) >= 17
    assert np.count_nonzero(np.abs(misses[:, 1]) < 0.08) >= 17


def test_one_short_run_is_a_wide_answer() -> None:
    real = replace(at_ability(3.7), stops=0.0, sleep=0.0)
    short = fitted([recorded(real, 6.0, 1)])
    long = fitted([recorded(real, km, int(km)) for km in (10.0, 14.0, 18.0, 22.0, 26.0, 30.0)])
    assert short.runner.ability_spread > 1.15 * long.runner.ability_spread
    spreads = {p.name: p for p in short.parameters}
    assert spreads["hike_most_mps"].told_by == "prior"
    for parameter in long.parameters:
        if parameter.name in spreads:
            assert parameter.spread < spreads[parameter.name].spread


def test_slopes_are_other_peoples_where_the_outings_are_alike() -> None:
    real = replace(at_ability(3.0), stops=0.0, sleep=0.0)
    alike = fitted([recorded(real, km, int(km)) for km in (12.0, 12.1)])
    apart = fitted([recorded(real, km, int(km)) for km in (6.0, 9.0, 14.0, 24.0, 40.0)])
    by_name = [{p.name: p for p in found.parameters} for found in (alike, apart)]
    assert by_name[0]["length_slope"].value == pytest.approx(learnt().outing_length, abs=0.01)
    assert by_name[0]["length_slope"].told_by == "prior"
    assert by_name[1]["length_slope"].told_by == "data"
    assert abs(by_name[1]["length_slope"].value) < abs(learnt().outing_length)  # there is none


def test_an_old_outing_counts_less() -> None:
    slow, fast = (replace(at_ability(mps), stops=0.0, sleep=0.0) for mps in (2.6, 3.4))
    old, new = recorded(slow, 14.0, 1), recorded(fast, 14.0, 1)
    apart_s = 2.0 * YEAR_S
    found = fitted([replace(old, start_s=0.0), replace(new, start_s=apart_s)])
    then = fitted([replace(old, start_s=0.0), replace(new, start_s=apart_s)], at_s=0.0)
    assert found.runner.flat_speed_mps > 1.05 * then.runner.flat_speed_mps
    assert ages(found.outings) == pytest.approx([0.25, 1.0])  # of a year's half-life


def test_runs_and_hikes_are_told_apart() -> None:
    run, hike = recorded(at_ability(3.8), 12.0, 1), only(walk(12.0, 1.1))
    assert [gait_of(run), gait_of(hike)] == ["run", "hike"]
    assert parted([hike, run]) == {"run": [run], "hike": [hike]}
    assert parted([hike]) == {"hike": [hike]}


def test_a_folder_of_both_makes_two_modes() -> None:
    outings = [recorded(at_ability(3.8), 12.0, 1), recorded(at_ability(3.8), 9.0, 2)]
    file = find([*outings, only(walk(12.0, 1.1))]).file
    assert file.gait == "run"
    assert file.recorded is not None
    assert file.recorded.count == 2
    assert file.hike is not None
    assert file.hike.recorded.count == 1
    (run, note), (hike, other) = runner_of(file), runner_of(file, gait="hike")
    assert hike.flat_speed_mps < run.flat_speed_mps
    assert "--as hike is by 1 hike" in note[0]
    assert "by 1 hike, as hard as" in other[0]
    with pytest.raises(CourseError, match="do not tell what is raced"):
        runner_of(file, "race", "hike")
    alone = find(outings).file
    with pytest.raises(CourseError, match="no hikes among the recordings"):
        runner_of(alone, gait="hike")


def test_a_habit_bends_nothing_in_the_middle_and_stops_beyond() -> None:
    hours = np.array([1.0, 2.0, 4.0, 8.0, 12.0, 100.0])
    factor = habit_factor(hours, 0.2, 2.0, 8.0)
    assert factor[2] == pytest.approx(1.0)
    assert factor[3] / factor[1] == pytest.approx(4.0**0.2)
    assert factor[4] == pytest.approx(factor[5])
    assert habit_factor(hours, 0.0, 2.0, 8.0) == pytest.approx(1.0)


def test_a_habit_changes_the_time_and_nothing_of_how() -> None:
    cells = measure(course(30.0)).cells
    assert cells is not None
    push = push_of(cells, 0.4)
    usual = replace(at_ability(2.2), stops=0.0, sleep=0.0, habit_from_h=2.0, habit_to_h=5.0)
    plain = engine.run(push, usual, JUDGEMENT, Policy())
    brisk = engine.run(push, replace(usual, habit=0.2), JUDGEMENT, Policy())
    assert brisk.moving_s[-1] < plain.moving_s[-1]
    assert brisk.hiked_m is not None
    assert (brisk.hiked_m <= np.diff(push.edge_m) + 1e-6).all()


def test_nothing_is_no_fit() -> None:
    with pytest.raises(ValueError, match="no outing"):
        fitted([])


def test_what_is_drawn_of_a_fit() -> None:
    found = fitted([recorded(at_ability(3.0), 12.0, 3)])
    line, pieces, rest = curve(found), measured(found), left(found)
    assert (line.low_mps < line.mps).all()
    assert (line.mps < line.high_mps).all()
    assert len(pieces.grade) == len(pieces.mps) == len(pieces.hiked)
    assert np.isnan(pieces.hiked).all()
    assert np.median(np.abs(rest.share)) < 0.12


# effort


def with_heart(mean: float, highest: float) -> list[Outing]:
    return [replace(only(walk(12.0)), heart_bpm=mean, highest_bpm=highest)]


@pytest.mark.parametrize(
    ("mean", "highest", "said"), [(168.0, 185.0, "race"), (130.0, 185.0, "recorded")]
)
def test_effort_by_heart_rate(mean: float, highest: float, said: str) -> None:
    outings = with_heart(mean, highest)
    assert recorded_effort(outings, heart_share(outings)) == said


def test_effort_without_a_heart_rate_is_unknown() -> None:
    assert recorded_effort([only(walk())], heart_share([only(walk())])) == "unknown"


# real recordings, each left out in turn

FEW = ("group-a", "group-b", "group-c", "group-h", "group-p06", "group-p08")


@pytest.fixture(scope="module")
def left_out(data: Callable[[str], Path]) -> tuple[Told, ...]:
    folders = Folders(data("recordings").parent, Folders.default().facts)
    return persons.left_out(folders, only=FEW)


def test_an_outing_from_the_others(left_out: tuple[Told, ...]) -> None:
    median, _, people = told.figures(told.errors(left_out))
    assert len(left_out) >= 50
    assert median <= 0.11  # of these few; of all people docs/accuracy-tables.md
    assert people <= 0.118


def test_how_much_of_a_run_is_hiked(left_out: tuple[Told, ...]) -> None:
    runs = [each for each in left_out if each.recording.person == "group-a"]
    runs = [each for each in runs if each.recording.gait == "run"]
    assert np.median([abs(np.subtract(*told.hiked(each))) for each in runs]) <= 0.18


def test_nobody_who_hikes_is_made_to_run(left_out: tuple[Told, ...]) -> None:
    hikes = [each for each in left_out if each.recording.person == "group-b"]
    assert max(1.0 - each.hiked for each in hikes) < 0.12


def test_the_range_holds(left_out: tuple[Told, ...]) -> None:
    band = np.array([persons.band_of(each) for each in left_out])
    miss = np.array([-np.log1p(each.error) for each in left_out])
    assert 0.70 <= bands.held(band, miss).mean() <= 0.90
    assert np.median(bands.half_width(band)) < 0.20
