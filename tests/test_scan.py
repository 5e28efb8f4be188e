"""The scan for runs of plain points: what it reads is what the handlers read, errors included."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DATA
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage import parser
from gpxstage.course import CourseError, Track
from gpxstage.parser import GpxFile, PointRun, Scanner, UnsureError, parse, read, read_by_handlers

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
COLUMNS = ("lat_deg", "lon_deg", "elevation_m", "time_s", "segment_starts")
SENSORS = ("heart_rate_bpm", "cadence_spm", "power_w")


class Counting(Scanner):
    """A scanner that knows how many points it has lifted."""

    lifted = 0

    def columns_of(self, run: bytes) -> PointRun:
        found = super().columns_of(run)
        self.lifted += len(found.lat_deg)
        return found


def lifted(data: bytes) -> int:
    """How many points are lifted out of a file that the scan alone can read."""
    scanner = Counting("GPX")
    parse(io.BytesIO(data), "GPX", scanner)
    return scanner.lifted


def bits(track: Track) -> tuple[Any, ...]:
    """All of a track, numbers to the last bit."""
    sensors = (getattr(track, name) for name in SENSORS)
    return (
        track.name,
        track.is_route,
        *(getattr(track, name).tobytes() for name in COLUMNS),
        *(None if values is None else values.tobytes() for values in sensors),
    )


def all_of(file: GpxFile) -> tuple[Any, ...]:
    tracks = tuple(map(bits, file.tracks + file.routes))
    return tracks, file.waypoints, file.notes


def both(data: bytes) -> tuple[tuple[Any, ...] | str, tuple[Any, ...] | str]:
    """What the reader makes of a file, and what the handlers alone make of it."""
    found: list[tuple[Any, ...] | str] = []
    for how in (lambda: read(data), lambda: read_by_handlers(io.BytesIO(data), "GPX")):
        try:
            found.append(all_of(how()))
        except CourseError as error:
            found.append(str(error))
    return found[0], found[1]


# --- real files ---------------------------------------------------------------------------------


def test_sample_courses_are_lifted_and_read_the_same() -> None:
    files = sorted(SAMPLES.glob("*/*.gpx"))
    assert files
    points = taken = 0
    for path in files:
        scanned, handled = both(path.read_bytes())
        assert scanned == handled, path.name
        points += sum(map(len, read(path).tracks))
        taken += lifted(path.read_bytes())
    assert taken > 0.95 * points


@pytest.mark.parametrize("kind", ["awkward", "courses", "recordings"])
def test_real_files_are_read_the_same(kind: str) -> None:
    files = sorted((DATA / kind).rglob("*.gpx*"))
    if not files:
        pytest.skip(f"{DATA / kind} is not there")
    for path in files:
        scanned, handled = both(path.read_bytes())
        assert scanned == handled, path.name


# --- what is lifted, and what is not --------------------------------------------------------------

GPX_11 = 'xmlns="http://www.topografix.com/GPX/1/1"'
ROOT = f'{GPX_11} xmlns:p="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"'
RUN = "".join(
    f'<trkpt lat="45.{k}" lon="-7.25">\n <ele>{k}.5</ele>\n</trkpt>\n' for k in range(1, 9)
)
HEART = "<p:TrackPointExtension><p:hr>120</p:hr></p:TrackPointExtension>"
RECORDED = RUN.replace(
    "\n</trkpt>", f"<time>2024-06-01T08:00:01.5Z</time><extensions>{HEART}</extensions></trkpt>"
)


def gpx(segment: str, root: str = ROOT) -> str:
    track = f"<trk><name>Way</name><trkseg>{segment}</trkseg></trk>"
    return f'<?xml version="1.0"?>\n<gpx {root}>{track}</gpx>'


@pytest.mark.parametrize("root", [ROOT, "xmlns:p='q'", "xmlns='a' xmlns:p='a'"])
@pytest.mark.parametrize("run", [RUN, RECORDED, RUN.replace("\n", ""), RUN.replace("\n", "\r\n")])
def test_all_points_but_the_last_are_lifted(root: str, run: str) -> None:
    data = gpx(run, root).encode()
    assert lifted(data) == 7
    scanned, handled = both(data)
    assert scanned == handled
    assert len(read(data).tracks[0]) == 8


@pytest.mark.parametrize(
    "segment",
    [
        f"{RUN}<name>Höhe</name>{RUN}",
        f"{RUN}</trkseg><trkseg>{RUN}",
        f'{RUN}</trkseg></trk><wpt lat="1" lon="2"><ele>3</ele></wpt><trk><trkseg>{RECORDED}',
        f"{RUN}{RECORDED}{RUN}",
        f"{RECORDED}<hr>99</hr>{RUN}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_runs_between_other_things(segment: str, encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    text = gpx(segment).replace('"1.0"?', f'"1.0" encoding="{name}"?')
    assert lifted(text.encode(encoding)) >= 14
    scanned, handled = both(text.encode(encoding))
    assert scanned == handled


@pytest.mark.parametrize(
    "around",
    [
        "<!--@-->",
        "<![CDATA[@]]>",
        "<?note @?>",
        "<name><![CDATA[@]]></name>",
        "<extensions>@</extensions>",
        '<z xmlns="other">@</z>',
        '<trkpt lat="1" lon="2"><extensions>@</extensions></trkpt>',
        "</trkseg>@<trkseg>",
        '</trkseg></trk><wpt lat="1" lon="2">@</wpt><trk><trkseg>',
        '</trkseg></trk><rte><rtept lat="1" lon="2">@</rtept></rte><trk><trkseg>',
    ],
)
def test_runs_where_they_are_no_points_of_a_segment(around: str) -> None:
    data = gpx(around.replace("@", RUN)).encode()
    with pytest.raises(UnsureError):
        lifted(data)
    scanned, handled = both(data)
    assert scanned == handled


@pytest.mark.parametrize(
    ("segment", "root"),
    [
        (RECORDED, GPX_11),  # an undeclared prefix
        (RECORDED.replace("p:", "xmlns:"), ROOT),
        (f'<y a="{RUN}"/>', ROOT),
        (RUN.replace('lat="45.5"', 'lat="95.5"'), ROOT),
        (RUN.replace('lat="45.5"', 'lat="45,5"'), ROOT),
        (RUN.replace('lat="45.5"', 'lat="45.5" lat="45.5"'), ROOT),
        (RUN.replace("<ele>5", "<ele>5<"), ROOT),
        (f"{RUN}</trkpt>", ROOT),
        (f"{RUN}&deg;", ROOT),
        (f"{RUN}<!DOCTYPE a>", ROOT),
    ],
)
def test_errors_and_their_lines_are_the_handlers_own(segment: str, root: str) -> None:
    data = gpx(RUN + segment, root).encode()
    scanned, handled = both(data)
    assert scanned == handled
    assert isinstance(handled, str) or "does not declare" in handled[2][0]


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("120", "12345678"),
        ("120", " 120"),
        ("120", "-1"),
        ("<ele>5.5", "<ele>1234567"),
        ("<ele>5.5", "<ele>5e1"),
        ('lat="45.5"', 'lat="+45.5"'),
        ("08:00:01.5Z", "10:00:01.5+02:00"),
        ("08:00:01.5Z", "08:00:01,5Z"),
        ("2024-06", "2024-6"),
    ],
)
def test_a_value_in_another_form(usual: str, odd: str) -> None:
    assert usual in RECORDED
    scanned, handled = both(gpx(RECORDED.replace(usual, odd)).encode())
    assert scanned == handled


def test_a_time_that_is_none_is_told_as_the_handlers_tell_it() -> None:
    data = gpx(RECORDED.replace("08:00:01.5Z", "08:00:60Z", 3)).encode()
    assert read(data).notes == ("GPX: 3 times cannot be read: left out",)
    scanned, handled = both(data)
    assert scanned == handled


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp037"])
def test_what_looks_like_a_run_in_another_encoding(encoding: str) -> None:
    """Ideographs whose bytes in UTF-16 are those of a run, and the run itself."""
    disguise = RUN if len(RUN) % 2 == 0 else f"{RUN} "
    text = gpx(f"{RUN}<name>@</name>").replace('"1.0"?', f'"1.0" encoding="{encoding[:6]}"?')
    before, _, after = text.partition("@")
    data = before.encode(encoding) + disguise.encode("ascii") + after.encode(encoding)
    scanned, handled = both(data)
    assert scanned == handled


@pytest.mark.parametrize("zipped", [False, True])
def test_a_stream_that_must_be_read_again(zipped: bool) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    data = gpx(RUN + f"<!--{RUN}-->").encode()
    found = read(Pipe(gzip.compress(data) if zipped else data))
    assert all_of(found) == all_of(read(data))
    assert len(found.tracks[0]) == 8


def test_the_last_column_is_as_long_as_the_track() -> None:
    """Sensors that begin, pause and end, in and out of runs."""
    data = gpx(RUN + RECORDED + RUN + RECORDED + RUN).encode()
    track = read(data).tracks[0]
    assert track.heart_rate_bpm is not None
    known = np.isfinite(track.heart_rate_bpm)
    assert known.tolist() == ([False] * 8 + [True] * 8) * 2 + [False] * 8
    assert np.isfinite(track.time_s).tolist() == known.tolist()


# --- any file -------------------------------------------------------------------------------------

numbers = st.sampled_from(
    [
        "1",
        "-7.25",
        "0",
        "-0.0",
        "89.99999999999999999999",
        "90",
        "-91",
        "1e1",
        "+3",
        "5.",
        ".5",
        " 4 ",
        "007",
        "179.9",
        "-180",
        "4,5",
        "",
        "NaN",
        "INF",
        "99999.9",
        "1000000",
        "45.12345678901234567",
    ]
)
plain = st.sampled_from(["1", "-7.25", "45.123456789012345678901234", "-0.0", "08", "89.999"])
blanks = st.sampled_from(["", "", " ", "\n  ", "\r\n\t"])
between = st.one_of(blanks, st.sampled_from(["<!-- c -->", "<?p i?>", "x", "&amp;", "&nbsp;"]))
heights = st.sampled_from(
    [
        "",
        "<ele/>",
        "<ele></ele>",
        "<ele>x</ele>",
        "<ele>1<!-- --></ele>",
        "<ele><![CDATA[5]]></ele>",
        "<ele>1&#48;</ele>",
        "<x:ele xmlns:x='u'>3</x:ele>",
        "<p:ele>3</p:ele>",
        "<ele>1</ele><ele>2</ele>",
    ]
)
times = st.sampled_from(
    [
        "",
        "",
        "<time>2024-06-01T08:00:00Z</time>",
        "<time>2024-06-01T08:00:01.123456Z</time>",
        "<time>1901-02-01T08:00:01.1Z</time>",
        "<time>2024-06-01T10:00:00+02:00</time>",
    ]
)
odd_times = st.sampled_from(
    [
        "<time>2024-06-01T08:00:60Z</time>",
        "<time>2024-02-30T00:00:00Z</time>",
        "<time></time>",
        "<time>2024-06-01T08000:00Z</time>",
        '<name>&lt;trkpt lat="1" lon="2"></name>',
        "<hr>50</hr>",
    ]
)
sensors = st.sampled_from(
    [
        "",
        HEART,
        HEART.replace("120", "12345678"),
        "<power>200</power><p:TrackPointExtension><p:atemp>9</p:atemp><p:cad>80</p:cad>"
        "</p:TrackPointExtension>",
        "<q:TrackPointExtension><q:hr>7</q:hr></q:TrackPointExtension>",
        "<TrackPointExtension><hr>7</hr></TrackPointExtension>",
    ]
).map(lambda inner: inner and f"<extensions>{inner}</extensions>")
good_points = st.builds(
    '<trkpt lat="{}" lon="{}">{w}<ele>{}</ele>{w}{}{w}{}</trkpt>{w}'.format,
    plain, plain, plain, times, sensors, w=blanks,
)  # fmt: skip
odd_points = st.builds(
    "<trkpt {x[0]}={q}{}{q} {x[1]}={q}{}{q}>{w}{}{w}{}</trkpt>{w}".format,
    numbers, numbers, heights, st.one_of(times, odd_times, sensors), w=between,
    q=st.sampled_from("\"\"'"), x=st.sampled_from([("lat", "lon"), ("lon", "lat"), ("lat", "lat")]),
)  # fmt: skip
runs = st.lists(good_points, min_size=2, max_size=6).map("".join)
others = st.sampled_from(
    [
        '<wpt lat="1" lon="2"><ele>5</ele><name>w</name></wpt>',
        "</trkseg><trkseg>",
        "</trkpt>",
        "é",
        '</trkseg></trk><wpt lat="3" lon="4"><ele>6</ele></wpt><trk><name>é</name><trkseg>',
        "<trkpt/>",
        "<trkpt></trkpt>",
        "<trkpt><p:x/></trkpt>",
    ]
)
frames = st.sampled_from(
    [
        "<!--@-->",
        "<![CDATA[@]]>",
        "<name>@</name>",
        "<hr>@ </hr>",
        "<hr>@</hr>",
        '<y a="@"/>',
        "<?pi @?>",
        "<extensions>@</extensions>",
        '<z xmlns="other">@</z>',
        "<name>@<x/></name>",
        "<trkpt lat='1' lon='2'>@</trkpt>",
        "</trkseg>@<trkseg>",
        '<wpt lat="1" lon="2">@</wpt>',
        "</trkseg></trk>@<trk><trkseg>",
        "<z xmlns:p='u' xmlns:q='u'>@</z>",
        "<p:z>@</p:z>",
    ]
)
framed = st.builds(lambda frame, run: frame.replace("@", run), frames, runs)
bodies = st.lists(
    st.one_of(runs, runs, runs, good_points, odd_points, others, framed), max_size=6
).map("".join)
roots = st.sampled_from([ROOT, ROOT, GPX_11, 'xmlns:p="q"', 'xmlns="a" xmlns:p="a"', ""])
encodings = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin-1", "utf-16", "ascii"])


@settings(max_examples=200, deadline=None)
@given(bodies, roots, encodings, st.integers(40, 2000), st.booleans(), st.floats(0.0, 2.0))
def test_any_file_is_read_as_the_handlers_read_it(
    body: str, root: str, encoding: str, chunk_bytes: int, zipped: bool, cut: float
) -> None:
    text = gpx(body, root).replace('"1.0"?', f'"1.0" encoding="{encoding.removesuffix("-sig")}"?')
    data = text.encode(encoding, "replace")
    data = data[: round(cut * len(data))] if cut < 1.0 and cut > 0.9 else data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(parser, "HEAD_BYTES", 40)
        scanned, handled = both(gzip.compress(data) if zipped else data)
    assert scanned == handled


@pytest.mark.parametrize("odd", ["-0", "007", "00.50", "-05.25", "5", "-0.0", "12345678" * 3])
def test_numbers_that_json_does_not_have_are_read_to_the_same_bits(odd: str) -> None:
    lat = odd if abs(float(odd)) < 90.0 else f"1.{odd}"
    ele = odd if abs(float(odd)) < 90.0 else f"7.{odd}"
    point = f'<trkpt lat="{lat}" lon="{lat}"><ele>{ele}</ele></trkpt>\n'
    text = f'<gpx version="1.1" creator="t"><trk><trkseg>{point * 5}</trkseg></trk></gpx>'.encode()
    (found,) = read(text).tracks
    (wanted,) = read_by_handlers(io.BytesIO(text), "t").tracks
    for name in ("lat_deg", "lon_deg", "elevation_m"):
        assert getattr(found, name).tobytes() == getattr(wanted, name).tobytes(), name
