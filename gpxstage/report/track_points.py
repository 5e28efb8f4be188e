"""The points of a track -> GPX text, digit by digit in arrays.

A file of a race is points for the most part, and to write them one after another would take as
long as to read the race. So a row of bytes holds what one point may need, a zero byte where a
point needs none, and all rows become text at once.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpxstage.course import Array, Track

    Flags = NDArray[np.bool_]

Letters = NDArray[np.uint8]  # (n, width), ASCII; 0 where there is none

DEGREE_DECIMALS, METRE_DECIMALS = 7, 2  # a centimetre
DIGITS = 12  # of a number, in three groups of four
MOST = 4e9  # what 32 bits hold, of units of the last decimal
NEAR_HALF = 1e-4  # of such a unit: there a product may be rounded the wrong way


def segments(track: Track, time_s: Array) -> Iterator[str]:
    """The text of each segment, its points with these times; NaN is no time."""
    rows = _rows(track, time_s)
    for first, last in pairwise([*track.segment_starts.tolist(), len(track)]):
        points = rows[first:last].tobytes().replace(b"\0", b"").decode("ascii")
        yield f"\n    <trkseg>{points}\n    </trkseg>"


def _rows(track: Track, time_s: Array) -> Letters:
    has_height, has_time = np.isfinite(track.elevation_m), np.isfinite(time_s)
    fields: list[tuple[str | Letters, Flags | None]] = [
        ('\n      <trkpt lat="', None),
        (decimals(track.lat_deg, DEGREE_DECIMALS), None),
        ('" lon="', None),
        (decimals(track.lon_deg, DEGREE_DECIMALS), None),
        ('">', None),
    ]
    if has_height.any():
        height = decimals(np.where(has_height, track.elevation_m, 0.0), METRE_DECIMALS)
        fields += [(text, has_height) for text in ("\n        <ele>", height, "</ele>")]
    if has_time.any():
        clock = _clock(np.where(has_time, time_s, 0.0))
        fields += [(text, has_time) for text in ("\n        <time>", clock, "Z</time>")]
    fields.append(("\n      </trkpt>", None))
    widths = [len(text) if isinstance(text, str) else text.shape[1] for text, _ in fields]
    rows = np.empty((len(track), sum(widths)), dtype=np.uint8)
    end = 0
    for (text, is_there), width in zip(fields, widths, strict=True):
        begin, end = end, end + width
        letters = np.frombuffer(text.encode(), np.uint8) if isinstance(text, str) else text
        rows[:, begin:end] = letters
        if is_there is not None and not is_there.all():
            rows[~is_there, begin:end] = 0
    return rows


def decimals(values: Array, places: int) -> Letters:
    """Each number with so many decimals, as ``"%.7f" % value`` has them.

    A number that is too large for the digits, or so near the middle of two that its product with
    a power of ten may be rounded to the other one, is left to that expression.
    """
    with np.errstate(over="ignore"):  # infinite is too large, too
        scaled = np.abs(values) * 10.0**places
    nearest = np.rint(scaled)
    at_large = ~(scaled < MOST)
    scaled[at_large] = nearest[at_large] = 0.0
    unsure = at_large | (np.abs(np.abs(scaled - nearest) - 0.5) < NEAR_HALF)
    found = _whole(np.where(unsure, 0.0, nearest).astype(np.uint32), places)
    point = np.full((len(values), 1), ord("."), dtype=np.uint8)
    parts = [found[:, :-places], point, found[:, -places:]]
    if (below := np.signbit(values)).any():
        parts.insert(0, np.where(below, ord("-"), 0).astype(np.uint8)[:, None])
    found = np.hstack(parts)
    at = np.flatnonzero(unsure).tolist()
    texts = [b"%.*f" % (places, value) for value in values[at].tolist()]
    wider = max(map(len, texts), default=0) - found.shape[1]
    if wider > 0:
        found = np.pad(found, ((0, 0), (wider, 0)))
    for k, text in zip(at, texts, strict=True):
        found[k] = np.frombuffer(text.rjust(found.shape[1], b"\0"), np.uint8)
    return found


def _whole(units: NDArray[np.uint32], places: int) -> Letters:
    """The digits of whole numbers, as many as the largest needs; a digit before the decimals."""
    groups = np.stack([units // 100_000_000, units // 10_000 % 10_000, units % 10_000], axis=1)
    digits = _four_digits()[groups].view(np.uint8)
    first = DIGITS - max(len(str(units.max(initial=0))), places + 1)
    for k in range(first, DIGITS - places - 1):
        digits[units < 10 ** (DIGITS - 1 - k), k] = 0
    return digits[:, first:]


@cache
def _four_digits() -> NDArray[np.uint32]:
    """The letters of 0000 ... 9999, four in one number."""
    each = np.arange(10_000)[:, None] // [1000, 100, 10, 1] % 10 + ord("0")
    return np.ascontiguousarray(each.astype(np.uint8)).view(np.uint32)[:, 0]


def _clock(time_s: Array) -> Letters:
    """Seconds since 1970 as dates and times, with microseconds where any has them."""
    moments = np.rint(time_s * 1e6).astype("datetime64[us]")
    if not np.any(time_s % 1.0):
        moments = moments.astype("datetime64[s]")
    text = np.ascontiguousarray(np.datetime_as_string(moments).astype("S"))
    return text.view(np.uint8).reshape(len(text), -1)
