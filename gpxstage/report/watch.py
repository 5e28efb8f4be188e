"""Report -> FIT courses for watches: the track with expected times, and its named points.

Garmin's own FIT SDK writes the bytes; it comes with the extra ``[fit]``. The times are those of the
estimate, by which the virtual partner of a watch runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.parser.garmin import EPOCH_S, SEMICIRCLE_DEG
from gpxstage.text import one_line
from gpxstage.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.facts import StageFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

    Message = dict[str, float]  # of FIT: numbers by name

# judgement: bends of a path are longer, and a day's course has less than 6,000 records
RECORD_M = 40.0
NAME_BYTES = 48  # longer names are cut; most watches show less
# without a start only the time between records counts; a watch wants some day
SOME_DAY = datetime(2020, 1, 1, tzinfo=UTC)
TYPES = {
    "col": "summit",
    "aid": "food",
    "water": "water",
    "life-base": "rest_area",
    "crew": "meeting_spot",
}


def courses_fit(report: Report, stages: Sequence[int] = ()) -> dict[int, bytes]:
    """A FIT course for each stage that has an estimate, by number; *stages* picks some.

    Coordinates to a centimetre, heights to 0.2 m, whole seconds. Raises ImportError without the
    library.
    """
    return {
        part.stage.number: _course_fit(part, facts, report.course.name)
        for part, facts in zip(report.shown(stages), report.facts.shown(stages).stages, strict=True)
        if part.estimate is not None
    }


def _course_fit(part: Part, facts: StageFacts, race: str) -> bytes:
    from garmin_fit_sdk import Encoder, Profile

    count = max(round(part.profile.length_m / RECORD_M), 1)
    records = _records(part, np.linspace(0.0, part.profile.length_m, count + 1))
    encoder = Encoder()

    def write(kind: str, **fields: float | str) -> None:
        encoder.on_mesg(Profile["mesg_num"][kind], fields)

    first, last = records[0], records[-1]
    name = race if part.is_last and part.offset_m == 0.0 else facts.name  # one stage, or many
    write("FILE_ID", type="course", manufacturer="development", product=0,
          time_created=first["timestamp"], serial_number=1)  # fmt: skip
    write("COURSE", sport="running", name=_name(name or race))
    write(
        "LAP",
        timestamp=last["timestamp"],
        start_time=first["timestamp"],
        start_position_lat=first["position_lat"],
        start_position_long=first["position_long"],
        end_position_lat=last["position_lat"],
        end_position_long=last["position_long"],
        total_elapsed_time=last["timestamp"] - first["timestamp"],
        total_timer_time=last["timestamp"] - first["timestamp"],
        total_distance=last["distance"],
    )
    write("EVENT", timestamp=first["timestamp"], event="timer", event_type="start")
    for record in records:
        write("RECORD", **record)
    for k, point in enumerate(facts.points):
        write("COURSE_POINT", message_index=k, name=_name(point.name),
              type=TYPES.get(point.kind, "generic"),
              **_there(part, point.distance_m))  # fmt: skip
    write("EVENT", timestamp=last["timestamp"], event="timer", event_type="stop_disable_all")
    return bytes(encoder.close())


def _records(part: Part, at_m: Array) -> list[Message]:
    """The fields of every record."""
    times_s, profile = _times_s(part, at_m), part.profile
    lat_deg, lon_deg = profile.position_deg(at_m)
    found: list[Message] = [
        {"timestamp": t, "position_lat": a, "position_long": b, "distance": m}
        for t, a, b, m in zip(
            times_s,
            np.round(lat_deg / SEMICIRCLE_DEG).astype(int).tolist(),
            np.round(lon_deg / SEMICIRCLE_DEG).astype(int).tolist(),
            at_m.tolist(),
            strict=True,
        )
    ]
    if profile.cells is not None:
        heights_m = np.interp(at_m, profile.distance_m, profile.elevation_m)
        for record, height_m in zip(found, heights_m.tolist(), strict=True):
            record["altitude"] = height_m
    return found


def _times_s(part: Part, at_m: Array) -> list[int]:
    """Seconds since FIT's epoch at each distance."""
    assert part.estimate is not None
    start = part.start or SOME_DAY
    arrivals_s = part.estimate.arrivals_s(at_m)
    if part.start is None:
        arrivals_s = arrivals_s - part.estimate.offset_s
    return [seconds(start.timestamp() + after_s - EPOCH_S) or 0 for after_s in arrivals_s.tolist()]


def _there(part: Part, at_m: float) -> Message:
    """Where and when a point is reached."""
    (record,) = _records(part, np.array([at_m]))
    record.pop("altitude", None)
    return record


def _name(text: str) -> str:
    """At most 48 bytes of UTF-8, whole letters."""
    return one_line(text).encode()[:NAME_BYTES].decode("utf-8", "ignore").rstrip()
