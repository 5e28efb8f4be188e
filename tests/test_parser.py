"""The reader: dialects, encodings, what a file holds, what cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from gpx_texts import GPX_10, GPX_11, TWO_POINTS, assert_two_points, gpx, only, points, read_text

from gpxstage.course import CourseError
from gpxstage.parser import read

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
    (b"PK\x03\x04\x14\x00", "course.gpx: is a zip archive: unpack it first"),
    (
        b"\x0e\x10\xd9\x07\x00\x00\x00\x00.FIT\x00\x00",
        "course.gpx: is a FIT file, not GPX: its name",
    ),
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
    (gzip.compress(gpx().encode(), mtime=0)[:-20], "its gzip data are damaged"),
    (gzip.compress(gpx().encode(), mtime=0)[:15] + b"garbage" * 9, "its gzip data are damaged"),
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
