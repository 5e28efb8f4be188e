"""Points as GPX text: the digits of ``%``, whatever the number, and what a point has not."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gpxstage.course import Track
from gpxstage.report.track_points import decimals, segments

numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20)


@given(numbers, st.sampled_from([2, 7]))
@example([0.5e-7, 1.5e-7, 0.005, 0.015, 1.005, 2.675, -0.0, -1e-9, 9.9999999999, 429.4967296], 7)
@example([0.125, 0.375, 1e30, -1e300, 42_949_672.95, 42_949_672.96, 999.995], 2)
def test_digits_are_those_of_python(values: list[float], places: int) -> None:
    rows = decimals(np.array(values), places)
    texts = [row.tobytes().replace(b"\0", b"").decode() for row in rows]
    assert texts == [f"{value:.{places}f}" for value in values]


def test_a_point_has_the_elements_that_are_known() -> None:
    nan = np.nan
    track = Track(
        np.array([45.5, -0.25, 45.0]),
        np.array([7.0, 179.9999999, -7.125]),
        np.array([999.994, nan, -12.0]),
        np.array([0.0, 1.0, nan]),
        np.array([0, 2]),
    )
    first, second = segments(track, track.time_s)
    assert first == (
        "\n    <trkseg>"
        '\n      <trkpt lat="45.5000000" lon="7.0000000">'
        "\n        <ele>999.99</ele>"
        "\n        <time>1970-01-01T00:00:00Z</time>"
        "\n      </trkpt>"
        '\n      <trkpt lat="-0.2500000" lon="179.9999999">'
        "\n        <time>1970-01-01T00:00:01Z</time>"
        "\n      </trkpt>"
        "\n    </trkseg>"
    )
    assert second == (
        "\n    <trkseg>"
        '\n      <trkpt lat="45.0000000" lon="-7.1250000">'
        "\n        <ele>-12.00</ele>"
        "\n      </trkpt>"
        "\n    </trkseg>"
    )
