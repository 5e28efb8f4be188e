"""Report -> race.ics: windows of arrival for a calendar, written by icalendar."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from icalendar import Calendar, Event

from gpxstage.course import plain
from gpxstage.report.rows import Row, as_json, on_the_wall, parts
from gpxstage.units import UNITS, Units, clock, hours, range_s, to_the_minute

if TYPE_CHECKING:
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

NOBODY_THERE = ("col", "water")  # kinds of places where nobody waits: no event


def race_ics(report: Report, units: str = "metric") -> bytes:
    """An event for each place where people are, from p10 to p90 of the arrival.

    Without a start there is none. Times are UTC, which every calendar shows in its own
    zone; the description has the race's. The stamp is the race's start and the identifiers
    come from what the places are, so the same input gives the same bytes. Windows are whole
    minutes, the same as in every table.
    """
    row = as_json(report)
    calendar = Calendar()
    calendar.add("prodid", "-//gpxstage//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", plain(row["name"]))
    for part, stage in zip(parts(report), row["stages"], strict=True):
        for point in stage["points"]:
            if point.get("arrival") and point["kind"] not in NOBODY_THERE:
                calendar.add_component(_event(row, part, stage, point, UNITS[units]))
    return bytes(calendar.to_ical())


def _event(row: Row, part: Part, stage: Row, point: Row, unit: Units) -> Event:
    arrival_s = point["arrival_s"]
    ends_s = arrival_s["p10"], arrival_s["p90"]
    ends_s = (arrival_s["p50"], arrival_s["p50"]) if None in ends_s else range_s(*ends_s)
    low, high = (_utc(on_the_wall(row, stage, after_s)) for after_s in ends_s)
    event = Event()
    event.add("uid", _uid(row, stage, point))
    event.add("dtstamp", _utc(row["start"] or stage["start"]))
    event.add("dtstart", low)
    if high > low:
        event.add("dtend", high)
    event.add("summary", f"{plain(point['name'])}, {plain(row['name'])}")
    event.add("description", _said(row, point, unit))
    event.add("geo", _place(part, point["distance_m"]))
    event.add("transp", "TRANSPARENT")  # nobody is busy all through a window
    return event


def _utc(iso: str | None) -> datetime:
    assert iso is not None  # a point with an arrival has a start
    return to_the_minute(datetime.fromisoformat(iso)).astimezone(UTC)


def _uid(row: Row, stage: Row, point: Row) -> str:
    what = [row["name"], stage["number"], point["name"], point["distance_m"]]
    return f"{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}@gpxstage"


def _said(row: Row, point: Row, unit: Units) -> str:
    said = [
        f"expected {clock(point['arrival'])}, after {hours(point['arrival_s']['p50'])} h",
        f"{unit.distance} {unit.far(point['race_distance_m'])}",
    ]
    if point["stop_s"]:
        asleep = f", {hours(point['sleep_s'])} h of it asleep" if point["sleep_s"] else ""
        said.append(f"stop {hours(point['stop_s'])} h{asleep}")
    if point["cutoff_s"] is not None:
        said.append(f"margin {hours(point['margin_s']['p50'], signed=True)} h")
    if row["survey"]:
        said.append(f"track: {plain(row['survey'])}")
    return "\n".join(said)


def _place(part: Part, at_m: float) -> tuple[float, float]:
    profile = part.profile
    k = min(int(np.searchsorted(profile.distance_m, at_m)), len(profile.distance_m) - 1)
    return round(float(profile.lat_deg[k]), 5), round(float(profile.lon_deg[k]), 5)
