"""The reader: every dialect of GPX in, the same points out; damage is an error with its line."""

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpxstage import parser
from gpxstage.course import CourseError, Track
from gpxstage.parser import GpxFile, read

GPX_11 = "http://www.topografix.com/GPX/1/1"
GPX_10 = "http://www.topografix.com/GPX/1/0"

TWO_POINTS = """
  <trk><name>Way</name><trkseg>
    <trkpt lat="45.1" lon="7.2"><ele>1000.5</ele><time>2024-06-01T08:00:00Z</time></trkpt>
    <trkpt lat="45.2" lon="7.3"><ele>1100</ele><time>2024-06-01T09:00:00Z</time></trkpt>
  </trkseg></trk>"""


def gpx(body: str = TWO_POINTS, root: str = f'xmlns="{GPX_11}" version="1.1"') -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<gpx {root}>{body}</gpx>'


def read_text(text: str) -> GpxFile:
    return read(text.encode())


def points(inner: str) -> str:
    """A file whose one track has these point elements."""
    return gpx(f"<trk><trkseg>{inner}</trkseg></trk>")


def only(file: GpxFile) -> Track:
    assert len(file.tracks) == 1
    return file.tracks[0]


def assert_two_points(file: GpxFile) -> None:
    track = only(file)
    assert track.name == "Way"
    assert track.lat_deg.tolist() == [45.1, 45.2]
    assert track.lon_deg.tolist() == [7.2, 7.3]
    assert track.elevation_m.tolist() == [1000.5, 1100.0]
    assert np.diff(track.time_s).tolist() == [3600.0]


# --- dialects -----------------------------------------------------------------------------------

PREFIXED = TWO_POINTS.replace("</", "</g:").replace("<", "<g:").replace("<g:/g:", "</g:")


@pytest.mark.parametrize(
    "text",
    [
        gpx(),
        gpx(root=f'xmlns="{GPX_10}" version="1.0"'),
        gpx(root=""),
        gpx(root='xmlns="https://example.org/some/other/schema"'),
        f'<g:gpx xmlns:g="{GPX_11}">{PREFIXED}</g:gpx>',
        gpx().split("\n", 1)[1],  # no XML declaration
        "\n\n  " + gpx(),
        gpx().replace('"', "'"),
        gpx().replace("\n", "\r\n"),
        gpx().replace("Way", "<![CDATA[Way]]>").replace("1000.5", "<![CDATA[1000.5]]>"),
        gpx().replace("1000.5", "10<!-- no -->00.5").replace("<trkseg>", "<!-- x --><trkseg>"),
        gpx().replace("1000.5", " 1000.5\n ").replace("1100", "1.1E3"),
        gpx().replace('lat="45.1" lon="7.2"', 'lon="7.2" lat="45.1"'),
        gpx().replace('lat="45.1"', 'id="a" lat="4.51E1"'),
        gpx().replace("Way", "&#87;ay"),
        gpx().replace("<trkseg>", "<trkseg></trkseg><trkseg>"),
        gpx().replace("08:00:00Z", "10:00:00+02:00"),
        gpx().replace("08:00:00Z", "08:00:00"),
        gpx().replace("08:00:00Z", "08:00:00.000Z"),
    ],
)
def test_every_dialect_gives_the_same_points(text: str) -> None:
    file = read_text(text)
    assert_two_points(file)
    assert file.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_by_its_bytes(encoding: str) -> None:
    named = gpx().replace("Way", "Colle dél Nîvolet – 峠").replace(' encoding="UTF-8"', "")
    assert only(read(named.encode(encoding))).name == "Colle dél Nîvolet – 峠"


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "ISO-8859-15", "windows-1252", "us-ascii"])
def test_one_byte_encodings_by_their_declaration(encoding: str) -> None:
    name = "Way" if encoding == "us-ascii" else "Tête de Défay"
    text = gpx().replace("UTF-8", encoding).replace("Way", name)
    assert only(read(text.encode(encoding))).name == name


def test_a_mark_and_blank_lines_before_the_declaration() -> None:
    assert_two_points(read(b"\xef\xbb\xbf\r\n\r\n" + gpx().encode()))


def test_an_undeclared_prefix_is_read_with_a_note() -> None:
    sensor = "<extensions><gpxpx:PowerExtension><gpxpx:PowerInWatts>211</gpxpx:PowerInWatts>"
    body = TWO_POINTS.replace(
        "</trkpt>", f"{sensor}</gpxpx:PowerExtension></extensions></trkpt>", 1
    )
    file = read(gpx(body).encode(), "course.gpx")
    assert_two_points(file)
    assert file.notes == (
        "course.gpx: uses an XML prefix that it does not declare; read without namespaces",
    )
    power = only(file).power_w
    assert power is not None
    assert power[0] == 211.0


def test_points_of_a_track_without_segments_count() -> None:
    flat = gpx().replace("<trkseg>", "").replace("</trkseg>", "")
    assert_two_points(read_text(flat))


# --- what a file holds --------------------------------------------------------------------------


def test_tracks_segments_routes_and_waypoints() -> None:
    point = '<trkpt lat="1" lon="2"/>'
    segments = f"<trkseg>{point * 3}</trkseg><trkseg/><trkseg>{point}</trkseg>"
    file = read_text(
        gpx(
            '<metadata><name>File</name></metadata><wpt lat="3" lon="4"><ele>5</ele>'
            "<name>Hut</name><sym>Lodge</sym></wpt>"
            f"<trk><name>A</name>{segments}</trk>"
            '<rte><name>B</name><rtept lat="6" lon="7"><ele>8</ele><name>x</name></rtept></rte>'
            f"<trk><trkseg>{point}</trkseg></trk><trk><name>Nothing</name></trk>"
        )
    )
    assert [(track.name, len(track)) for track in file.tracks] == [("A", 4), ("", 1)]
    assert file.tracks[0].segment_starts.tolist() == [0, 3]
    assert [route.name for route in file.routes] == ["B"]
    assert file.routes[0].is_route
    assert file.routes[0].elevation_m.tolist() == [8.0]
    hut = file.waypoints[0]
    assert (hut.name, hut.symbol, hut.lat_deg, hut.lon_deg) == ("Hut", "Lodge", 3.0, 4.0)
    assert hut.elevation_m == 5.0
    assert file.notes == ("GPX: 1 track without points: left out",)


def test_a_waypoint_does_not_leak_into_the_track_before_it() -> None:
    sensor = "<extensions><hr>99</hr></extensions>"
    body = (
        '<trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk>'
        f'<wpt lat="3" lon="4"><ele>7</ele><time>2020-01-01T00:00:00Z</time>{sensor}</wpt>'
    )
    track = only(read_text(gpx(body)))
    assert np.isnan(track.elevation_m).all()
    assert np.isnan(track.time_s).all()
    assert track.heart_rate_bpm is None


def test_statistics_of_a_track_are_no_sensors_of_its_last_point() -> None:
    body = (
        '<trk><trkseg><trkpt lat="1" lon="2"/></trkseg>'
        "<extensions><s><hr>99</hr></s></extensions></trk>"
    )
    assert only(read_text(gpx(body))).heart_rate_bpm is None


def test_names_of_other_things_are_not_the_tracks() -> None:
    body = TWO_POINTS.replace(
        "<trkseg>",
        '<link href="x"><text>t</text><type>y</type></link><extensions><name>z</name></extensions>'
        "<trkseg>",
    ).replace("<ele>", "<name>p</name><ele>")
    assert_two_points(read_text(gpx(body)))


@pytest.mark.parametrize(
    "ele", ["", "<ele></ele>", "<ele/>", "<ele> \n </ele>", "<extensions><ele>9</ele></extensions>"]
)
def test_a_missing_elevation_is_missing_and_never_zero(ele: str) -> None:
    file = read_text(points(f'<trkpt lat="1" lon="2">{ele}</trkpt><trkpt lat="1" lon="3"/>'))
    assert np.isnan(only(file).elevation_m).all()
    assert file.notes == ()


@pytest.mark.parametrize("ele", ["12,5", "abc", "NaN", "inf", "1e99", "12 m"])
def test_an_elevation_that_is_no_number_is_missing_and_told(ele: str) -> None:
    body = f'<trkpt lat="1" lon="2"><ele>{ele}</ele></trkpt>'
    file = read_text(points(body * 2))
    assert np.isnan(only(file).elevation_m).all()
    assert file.notes == ("GPX: 2 elevations cannot be read: left out",)


@pytest.mark.parametrize("time", ["2012-06-12T10:00:60Z", "yesterday", "2012-13-01T00:00:00Z"])
def test_a_time_that_is_none_is_missing_and_told(time: str) -> None:
    file = read_text(points(f'<trkpt lat="1" lon="2"><time>{time}</time></trkpt>'))
    assert np.isnan(only(file).time_s).all()
    assert file.notes == ("GPX: 1 time cannot be read: left out",)


def test_fractions_of_a_second_and_offsets() -> None:
    times = ("2024-01-01T00:00:00.25Z", "2024-01-01T01:00:01+01:00", "1901-12-13T20:45:52Z")
    inner = "".join(f'<trkpt lat="1" lon="2"><time>{time}</time></trkpt>' for time in times)
    assert only(read_text(points(inner))).time_s.tolist() == [
        1704067200.25,
        1704067201.0,
        -2147483648.0,
    ]


SENSORS = """<extensions><{0}TrackPointExtension><{0}hr>{1}</{0}hr><{0}cad>{2}</{0}cad>
</{0}TrackPointExtension><power>{3}</power></extensions>"""


@pytest.mark.parametrize("prefix", ["gpxtpx:", "ns3:", ""])
def test_sensors_under_any_prefix(prefix: str) -> None:
    declared = f' xmlns:{prefix[:-1]}="http://www.garmin.com/x"' if prefix else ""
    inner = (
        f'<trkpt lat="1" lon="2">{SENSORS.format(prefix, 120, 80, 200)}</trkpt>'
        '<trkpt lat="1" lon="3"/><trkpt lat="1" lon="4"/>'
        f'<trkpt lat="1" lon="5">{SENSORS.format(prefix, 130, "", "x")}</trkpt>'
        '<trkpt lat="1" lon="6"/>'
    )
    text = points(inner).replace(' version="1.1"', declared)
    file = read_text(text)
    track = only(file)
    nan = np.nan
    np.testing.assert_array_equal(track.heart_rate_bpm, [120, nan, nan, 130, nan])
    np.testing.assert_array_equal(track.cadence_spm, [80, nan, nan, nan, nan])
    np.testing.assert_array_equal(track.power_w, [200, nan, nan, nan, nan])
    assert file.notes == ("GPX: 1 sensor value cannot be read: left out",)


# --- what cannot be read ------------------------------------------------------------------------

BAD_POINT = '<trkpt lat="1" lon="2"/>\n<trkpt {}/>'

ERRORS = [
    (b"", "course.gpx: is empty"),
    (b" \n\t ", "course.gpx: is empty"),
    (b"\xef\xbb\xbf", "course.gpx: is empty"),
    (b"version https://git-lfs.github.com/spec/v1", "course.gpx: is not XML, so not a GPX file"),
    (b"<kml/>", "is not GPX: its first element is <kml>"),
    (b"<html><body/></html>", "is not GPX: its first element is <html>"),
    (b"<!DOCTYPE html><html></html>", "is a web page, not a GPX file"),
    (b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx>&a;</gpx>', "has a DOCTYPE, .* refused as unsafe"),
    (b'<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>', "has a DOCTYPE"),
    (gpx().encode()[:-8], r"line 6, column \d+: the file ends before it is complete"),
    (gpx().encode()[:200], "the file ends before it is complete"),
    (gpx().replace("Way", "4&deg;").encode(), "line 3, column 15: undefined entity"),
    (gpx().replace("</name>", "</nome>").encode(), "line 3, column 19: mismatched tag"),
    (gpx().encode() + b"<gpx/>", "junk after document element"),
    (gpx().replace("Way", "T\xeate").encode("latin-1"), r"not well-formed \(invalid token\)"),
    (gpx().replace("UTF-8", "x-klingon").encode(), "cannot be decoded: unknown encoding"),
    (gpx().replace("UTF-8", "shift_jis").encode(), "cannot be decoded: .*; save it as UTF-8"),
    (gpx().replace("UTF-8", "hex").encode(), "cannot be decoded"),
    (points(BAD_POINT.format('lat="91" lon="2"')).encode(), "line 3: lat 91.0 lon 2.0 is out of"),
    (points(BAD_POINT.format('lat="1" lon="-180.01"')).encode(), "line 3: .* out of range"),
    (points(BAD_POINT.format('lat="nan" lon="2"')).encode(), "line 3: .* out of range"),
    (points(BAD_POINT.format('lon="1"')).encode(), "line 3: a point without lat and lon"),
    (points(BAD_POINT.format("")).encode(), "line 3: a point without lat and lon"),
    (points(BAD_POINT.format('lat="4,5" lon="2"')).encode(), "line 3: .* must be numbers"),
    (points(BAD_POINT.format('lat="" lon="2"')).encode(), "line 3: .* must be numbers"),
    (gpx('<wpt lat="99" lon="0"/>').encode(), "line 2: lat 99.0 lon 0.0 is out of range"),
    (gpx('<rte><rtept lon="0"/></rte>').encode(), "line 2: a point without lat and lon"),
    (gzip.compress(gpx().encode())[:-20], "its gzip data are damaged"),
    (gzip.compress(gpx().encode())[:15] + b"garbage" * 9, "its gzip data are damaged"),
]


@pytest.mark.parametrize(("data", "message"), ERRORS)
def test_what_cannot_be_read_says_where_and_why(data: bytes, message: str) -> None:
    with pytest.raises(CourseError, match=message) as caught:
        read(data, "course.gpx")
    assert str(caught.value).startswith("course.gpx: ")
    assert "\n" not in str(caught.value)


def test_lines_are_counted_as_an_editor_does() -> None:
    """Blank lines before the declaration count, though expat must not see them there."""
    bad = points(BAD_POINT.format('lat="91" lon="2"'))
    with pytest.raises(CourseError, match="line 5: lat 91"):
        read_text("\n\n" + bad)


def test_an_external_entity_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("12")
    text = (
        f'<!DOCTYPE gpx [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<gpx><trk><trkseg><trkpt lat="1" lon="2"><ele>&x;</ele></trkpt></trkseg></trk></gpx>'
    )
    with pytest.raises(CourseError, match="DOCTYPE"):
        read_text(text)


def test_entities_do_not_multiply() -> None:
    tenfold = [f"&l{k - 1};" * 10 for k in range(1, 10)]
    lol = "".join(f'<!ENTITY l{k} "{text}">' for k, text in enumerate(tenfold, 1))
    with pytest.raises(CourseError, match="DOCTYPE"):
        read_text(f'<!DOCTYPE gpx [<!ENTITY l0 "lol">{lol}]><gpx><name>&l9;</name></gpx>')


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


@pytest.mark.parametrize("data", [gpx().encode(), gzip.compress(gpx().encode())])
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
    """A megabyte of text at a time would show; the arrays of 60,000 points are 2.4 MB."""
    import tracemalloc

    row = b'<trkpt lat="45.123456" lon="7.123456"><ele>1000.25</ele><desc>%s</desc></trkpt>\n'
    body = (row % (b"x" * 200)) * 60_000
    data = gpx("@").encode().replace(b"@", b"<trk><trkseg>" + body + b"</trkseg></trk>")
    stream = io.BytesIO(data)
    tracemalloc.start()
    try:
        track = only(read(stream))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(track) == 60_000
    assert peak < 8e6 < len(data)
