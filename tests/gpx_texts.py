"""GPX as text that tests make, and what reading it gives."""

from __future__ import annotations

import numpy as np

from gpxstage.course import Track
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
