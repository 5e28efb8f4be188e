"""FIT files, as watches write them -> a track: the only reader of FIT.

The official Garmin FIT SDK reads the bytes; it comes with the extra ``[fit]``.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from gpxstage.course import CourseError, Track
from gpxstage.parser import inputs
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.text import short

if TYPE_CHECKING:
    from gpxstage.course import Array

EPOCH_S = 631_065_600.0  # seconds from 1970 to FIT's own epoch, 1989-12-31 UTC
SEMICIRCLE_DEG = 180.0 / 2.0**31
NAN = float("nan")

Message = dict[Any, Any]


def read(path: str | Path, where: str | None = None, limits: Limits = LIMITS) -> Track:
    """The track of a FIT activity; *where* names it in messages.

    Raises CourseError for what is no FIT activity with positions, and where the library is
    not installed; a missing file raises FileNotFoundError.
    """
    where = where or Path(path).name
    data = _plain(inputs.whole(path, where, limits.file_mib), where, limits.file_mib)
    try:
        from garmin_fit_sdk import Decoder, Stream
    except ImportError:
        raise CourseError(
            f"{where}: reading FIT needs Garmin's library: pip install '.[fit]'"
            " in the folder of gpxstage adds it"
        ) from None
    decoder = Decoder(Stream.from_byte_array(bytearray(data)))
    if not decoder.is_fit():
        raise CourseError(f"{where}: is not a FIT file")
    found, errors = decoder.read(convert_datetimes_to_dates=False)
    messages = cast("dict[str, list[Message]]", found)
    placed = [record for record in messages.get("record_mesgs", []) if _placed(record)]
    if not placed:
        why = f" ({errors[0]})" if errors else ""
        raise CourseError(f"{where}: holds no positions{why}")
    return _track(placed, messages.get("session_mesgs", []))


def _plain(data: bytes, where: str, most_mib: int) -> bytes:
    """The bytes themselves, unpacked where they are gzipped."""
    if not data.startswith(inputs.GZIP_MAGIC):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return inputs.limited(cast("IO[bytes]", packed), where, most_mib)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CourseError(f"{where}: its gzip data are damaged: {error}") from None


def _placed(record: Message) -> bool:
    return record.get("position_lat") is not None and record.get("position_long") is not None


def _track(records: list[Message], sessions: list[Message]) -> Track:
    name = short(str(sessions[0].get("sport_profile_name", ""))) if sessions else ""
    return Track(
        SEMICIRCLE_DEG * _column(records, "position_lat"),
        SEMICIRCLE_DEG * _column(records, "position_long"),
        _column(records, "enhanced_altitude", "altitude"),
        EPOCH_S + _column(records, "timestamp"),
        np.zeros(1, dtype=np.int64),
        name=name,
        heart_rate_bpm=_sensor(records, "heart_rate"),
        cadence_spm=_sensor(records, "cadence"),
        power_w=_sensor(records, "power"),
    )


def _column(records: list[Message], *names: str) -> Array:
    """The first of some fields that a record has, NaN where it has none."""
    found = np.full(len(records), NAN)
    for k, record in enumerate(records):
        value = next((record[name] for name in names if record.get(name) is not None), None)
        if isinstance(value, int | float):
            found[k] = value
    return found


def _sensor(records: list[Message], name: str) -> Array | None:
    values = _column(records, name)
    return values if np.isfinite(values).any() else None
