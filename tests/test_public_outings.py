"""The same outing twice counts once: watch and phone, copies, cut ends, local time as UTC."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from walks import course, timed, walk, wobbly, written

from gpxstage.course import Track
from gpxstage.estimator.fit import recordings
from gpxstage.estimator.fit.recordings import Outing, once, outings_of

DAY_S = 86_400.0


def outing(track: Track, where: str) -> Outing:
    (found,), notes = outings_of(track, where, 0.4)
    assert notes == []
    return found


def part(track: Track, first: int, last: int, every: int = 1) -> Track:
    columns = ("lat_deg", "lon_deg", "elevation_m", "time_s")
    return replace(track, **{name: getattr(track, name)[first:last:every] for name in columns})


def phone(track: Track, seed: int = 3) -> Track:
    """The same way as another receiver saw it: a point every minute, 8 m off."""
    rng = np.random.default_rng(seed)
    seen = part(track, 0, len(track), 9)
    off_deg = 8.0 / 111_000.0
    return replace(
        seen,
        lat_deg=seen.lat_deg + off_deg * rng.standard_normal(len(seen)),
        lon_deg=seen.lon_deg + off_deg * rng.standard_normal(len(seen)),
        time_s=seen.time_s + 2.0,
    )


def later(track: Track, seconds: float) -> Track:
    return replace(track, time_s=track.time_s + seconds)


def test_watch_and_phone_are_one_outing() -> None:
    watch = walk(12.0)
    kept, notes = once([outing(phone(watch), "phone.gpx"), outing(watch, "watch.gpx")])
    assert [each.where for each in kept] == ["watch.gpx"]
    assert notes == ["phone.gpx: not used: it is the outing of watch.gpx again"]


def test_the_one_with_sensors_is_kept() -> None:
    plain = walk(12.0)
    full = replace(plain, heart_rate_bpm=np.full(len(plain), 140.0))
    kept, _ = once([outing(plain, "plain.gpx"), outing(part(full, 20, 1200), "heart.gpx")])
    assert [each.where for each in kept] == ["heart.gpx"]


@pytest.mark.parametrize(("first", "last"), [(60, 1201), (0, 1100), (100, 1000)])
def test_cut_ends(first: int, last: int) -> None:
    whole = walk(12.0)
    kept, notes = once([outing(part(whole, first, last), "cut.gpx"), outing(whole, "whole.gpx")])
    assert [each.where for each in kept] == ["whole.gpx"]
    assert len(notes) == 1


def test_a_recording_that_was_split_beside_the_whole() -> None:
    whole = walk(14.0)
    halves = [outing(part(whole, 0, 700), "1.gpx"), outing(part(whole, 700, 1401), "2.gpx")]
    assert len(once(halves)[0]) == 2
    kept, notes = once([*halves, outing(whole, "whole.gpx")])
    assert [each.where for each in kept] == ["whole.gpx"]
    assert len(notes) == 2


@pytest.mark.parametrize("hours", [-9.5, -5.0, 1.0, 2.0, 5.75, 13.0])
def test_local_time_as_utc(hours: float) -> None:
    track = walk(12.0)
    two = [outing(track, "a.gpx"), outing(phone(later(track, 3600.0 * hours)), "b.gpx")]
    kept, notes = once(two)
    assert [each.where for each in kept] == ["a.gpx"]
    when = f"{int(abs(hours))}:{round(60 * (abs(hours) % 1)):02d} h"
    direction = "later" if hours > 0 else "earlier"
    assert notes == [
        "b.gpx: not used: it is the outing of a.gpx again,"
        f" its clock {when} {direction}: local time written as UTC?"
    ]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("apart_s", [2.0 * 3600.0, 4.0 * 3600.0, DAY_S, 365.0 * DAY_S])
def test_the_same_way_again_is_another_outing(seed: int, apart_s: float) -> None:
    track = course(9.0)
    count = len(track) - 1
    one = timed(track, wobbly(count, 2.0, seed=seed))
    two = later(timed(track, wobbly(count, 2.0, seed=seed + 50)), apart_s)
    kept, notes = once([outing(one, "one.gpx"), outing(two, "two.gpx")])
    assert (len(kept), notes) == (2, [])


def test_two_places_at_one_time_are_told() -> None:
    track = walk(12.0)
    away = replace(track, lat_deg=track.lat_deg + 0.5)
    kept, notes = once([outing(track, "a.gpx"), outing(away, "b.gpx")])
    assert len(kept) == 2
    assert notes == [
        "b.gpx: recorded at the same time as a.gpx in another place: are these two people?"
    ]


def test_many_copies_are_one() -> None:
    track = walk(3.0)
    kept, notes = once([outing(track, f"{k}.gpx") for k in range(60)])
    assert [each.where for each in kept] == ["0.gpx"]
    assert len(notes) == 59


def test_a_zipped_copy_in_the_folder_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpx", walk(12.0))
    alone, none = recordings.read([tmp_path])
    (tmp_path / "b.gpx.gz").write_bytes(gzip.compress(path.read_bytes()))
    both, notes = recordings.read([tmp_path])
    assert [each.where for each in both] == [each.where for each in alone]
    assert (none, notes) == ((), ("b.gpx.gz: not used: it is the outing of a.gpx again",))


# files of the public collection


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (("same-a", "same-a"), 1),
        (("same-a", "same-a-copy"), 1),
        (("same-a", "same-a-cut"), 1),
        (("same-a", "same-a-2-hours-later"), 1),
        (("dup-track-twice",), 1),
        (("same-a", "other-b"), 2),
    ],
)
def test_public_outings(names: tuple[str, ...], count: int, data: Callable[[str], Path]) -> None:
    found, notes = recordings.read([data(f"public/{name}.gpx") for name in names])
    assert len(found) == count
    assert all("is the outing of" in note for note in notes)
    assert len(notes) == 2 - count


def test_nobody_of_the_recordings_is_twice(data: Callable[[str], Path]) -> None:
    """Two days of one walk, and two outings of one day."""
    days = sorted(data("recordings/group-f").glob("*.gpx"))
    days += sorted(data("recordings/group-p02").glob("2021-08-2*.gpx"))
    found, notes = recordings.read(days)
    assert (len(found), notes) == (len(days), ())
