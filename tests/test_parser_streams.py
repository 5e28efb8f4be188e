"""The reader: where bytes come from, chunks, and another reader as an oracle."""

from __future__ import annotations

import gzip
import io
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gpxpy
import numpy as np
import pytest
from gpx_texts import TWO_POINTS, assert_two_points, gpx, only, read_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpxstage import parser
from gpxstage.course import CourseError, Track
from gpxstage.parser import GpxFile, read

# --- where bytes come from ----------------------------------------------------------------------


class OneWay(io.RawIOBase):
    """A stream that gives a few bytes at a time and cannot go back."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step = data, step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part, self.data = self.data[: self.step], self.data[self.step :]
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize("data", [gpx().encode(), gzip.compress(gpx().encode(), mtime=0)])
def test_paths_bytes_and_streams_are_alike(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "course.gpx.gz"  # the bytes decide, not the name
    path.write_bytes(data)
    for source in (data, path, str(path), io.BytesIO(data), OneWay(data, 7)):
        assert_two_points(read(source))


@pytest.mark.parametrize("unbound", [False, True])
def test_a_pipe_can_be_read_twice(unbound: bool) -> None:
    text = gpx().replace("<trkseg>", "<extensions><a:b/></extensions><trkseg>" if unbound else "")
    text = text if unbound else gpx()
    outlet, inlet = os.pipe()

    def fill() -> None:
        with open(inlet, "wb") as stream:
            stream.write(text.encode() + b" " * 200_000)

    writer = threading.Thread(target=fill)
    writer.start()
    with open(outlet, "rb") as stream:
        assert_two_points(read(stream))
    writer.join()


def test_reading_starts_where_the_stream_is() -> None:
    stream = io.BytesIO(b"something else" + gpx().encode())
    stream.seek(len(b"something else"))
    assert_two_points(read(stream))


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.gpx")


MIXED = (
    gpx(
        '<wpt lat="3" lon="4"><name>Hütte &amp; Café</name></wpt>'
        + TWO_POINTS
        + "<trk><!-- a --><trkseg>"
        + "".join(
            f'<trkpt lat="{45 + k / 999}" lon="7"><ele>{k * 1.37}</ele>'
            f"<time>2024-01-01T00:{k:02}:00Z</time>"
            f"<extensions><hr>{100 + k}</hr></extensions></trkpt>\n"
            for k in range(40)
        )
        + "</trkseg></trk>"
    )
).encode()


def same(first: GpxFile, second: GpxFile) -> bool:
    return (
        first.waypoints == second.waypoints
        and first.notes == second.notes
        and len(first.tracks) == len(second.tracks)
        and all(map(same_track, first.tracks, second.tracks))
    )


def same_track(first: Track, second: Track) -> bool:
    names = ("lat_deg", "lon_deg", "elevation_m", "time_s", "segment_starts")
    arrays = all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True)
        for name in names
    )
    return arrays and first.name == second.name


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 300))
def test_chunks_may_end_anywhere(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(MIXED)
    monkeypatch.setattr(parser, "CHUNK_BYTES", size)
    monkeypatch.setattr(parser, "HEAD_BYTES", 64)
    assert same(read(MIXED), whole)
    assert same(read(gzip.compress(MIXED)), whole)


# --- an oracle ----------------------------------------------------------------------------------


def assert_as_gpxpy(file: GpxFile, text: str) -> None:
    """The same numbers, in the same tracks, as gpxpy reads."""
    theirs = [track for track in gpxpy.parse(text).tracks if track.get_points_no()]
    assert len(file.tracks) == len(theirs)
    for ours, track in zip(file.tracks, theirs, strict=True):
        walked = [point for segment in track.segments for point in segment.points]
        assert ours.lat_deg.tolist() == [point.latitude for point in walked]
        assert ours.lon_deg.tolist() == [point.longitude for point in walked]
        heights = [np.nan if point.elevation is None else point.elevation for point in walked]
        np.testing.assert_array_equal(ours.elevation_m, heights)
        times = [np.nan if point.time is None else point.time.timestamp() for point in walked]
        np.testing.assert_allclose(ours.time_s, times, rtol=0, atol=1e-3)
        sizes = [len(segment.points) for segment in track.segments if segment.points]
        assert np.diff([*ours.segment_starts, len(ours)]).tolist() == sizes


point_texts = st.builds(
    "<trkpt {}>{}</trkpt>".format,
    st.builds('lat="{:.7f}" lon="{!r}"'.format, st.floats(-90, 90), st.floats(-180, 180)),
    st.one_of(st.just(""), st.builds("<ele>{!r}</ele>".format, st.floats(-500, 9000))),
)
files = st.lists(st.lists(st.lists(point_texts, max_size=4), max_size=3), max_size=3)


@settings(deadline=None)
@given(files)
def test_generated_files_read_as_gpxpy_reads_them(tracks: list[list[list[str]]]) -> None:
    def wrap(tag: str, parts: Iterable[str]) -> str:
        return f"<{tag}>{''.join(parts)}</{tag}>"

    segments = [[wrap("trkseg", segment) for segment in track] for track in tracks]
    text = gpx("".join(wrap("trk", track) for track in segments))
    assert_as_gpxpy(read_text(text), text)


@pytest.mark.parametrize(
    "name",
    [
        "courses/utmb-2025.gpx",
        "courses/karnischer/khw-03.gpx",
        "courses/kungsleden/leg5.gpx",
        "courses/alta-via-1/stage-10.gpx",
        "recordings/group-c/pikes-peak.gpx",
        "awkward/3-tracks_multiday_mapsource.gpx",
        "awkward/425-segments.gpx",
        "awkward/made_ele-zero-dropouts.gpx",
    ],
)
def test_real_files_read_as_gpxpy_reads_them(name: str, data: Callable[[str], Path]) -> None:
    path = data(name)
    assert_as_gpxpy(read(path), path.read_text(encoding="utf-8-sig"))


def test_memory_grows_with_the_numbers_only() -> None:
    """A megabyte of text at a time would show; the arrays of 20,000 points are 0.8 MB."""
    import tracemalloc

    row = b'<trkpt lat="45.123456" lon="7.123456"><ele>1000.25</ele><desc>%s</desc></trkpt>\n'
    body = (row % (b"x" * 600)) * 20_000
    data = gpx("@").encode().replace(b"@", b"<trk><trkseg>" + body + b"</trkseg></trk>")
    stream = io.BytesIO(data)
    tracemalloc.start()
    try:
        track = only(read(stream))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(track) == 20_000
    assert peak < 3e6 < len(data)
