#!/usr/bin/env python3
"""Feed the GPX reader bytes that are led by what they cover, with Atheris (extra [fuzz]).

Usage: python scripts/fuzz_reader.py [CORPUS_DIR] [-runs=N] [-max_total_time=SECONDS] ...

The options with one hyphen are those of libFuzzer. A finding is any other exception than
CourseError, a file that the fast reader reads otherwise than the plain handlers do, more than
512 MiB, or more than 5 s. Without a folder of inputs it begins with small made ones.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
with atheris.instrument_imports(include=["gpxstage"]):
    from gpxstage import parser
    from gpxstage.course import CourseError

LIMITS = ["-rss_limit_mb=512", "-timeout=5", "-max_len=65536"]
POINT = (
    '<trkpt lat="45.{0}" lon="-7.{0}"><ele>10{0}</ele><time>2026-06-01T08:00:0{0}Z</time>'
    "<extensions><a:TrackPointExtension><a:hr>12{0}</a:hr></a:TrackPointExtension></extensions>"
    "</trkpt>"
)
HEAD = '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" xmlns:a="urn:a">'
SEEDS = (
    f"{HEAD}<trk><name>A</name><trkseg>{''.join(map(POINT.format, range(9)))}</trkseg></trk></gpx>",
    f"{HEAD}<rte><rtept lat='1' lon='2'><name>B</name><sym>Flag</sym></rtept></rte></gpx>",
    f"{HEAD}<wpt lat='1' lon='2'><ele>5</ele><cmt><![CDATA[C]]></cmt></wpt><!-- D --></gpx>",
)


def check(data: bytes) -> None:
    """Read an input both ways. Raises AssertionError where they differ."""
    found = expected = None
    with contextlib.suppress(CourseError):
        found = parser.read(data)
    with contextlib.suppress(CourseError):
        expected = parser.read_by_handlers(io.BytesIO(data), "GPX")
    assert (found and shown(found)) == (expected and shown(expected))


def shown(file: parser.GpxFile) -> list[object]:
    """What a file holds; not a number equals itself as bytes."""
    found: list[object] = [file.notes, file.waypoints, file.route_points]
    for track in (*file.tracks, *file.routes):
        columns = (track.lat_deg, track.lon_deg, track.elevation_m, track.time_s)
        found += [track.name, *(column.tobytes() for column in columns)]
    return found


def main() -> None:
    """Run libFuzzer, which ends the process at a finding or after the last run."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(SEEDS):
            Path(folder, str(number)).write_text(text, encoding="utf-8")
        given = sys.argv[1:]
        corpus = [] if any(not word.startswith("-") for word in given) else [folder]
        atheris.Setup([sys.argv[0], *LIMITS, *corpus, *given], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
