"""Report -> race.ics: windows of arrival for a calendar, written by icalendar."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING

import numpy as np
from icalendar import Calendar, Event

from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, clock, hours, range_s
from gpxstage.walltime import to_the_minute

if TYPE_CHECKING:
    from datetime import datetime

    from gpxstage.facts import PointFacts, RaceFacts, StageFacts
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
    race = report.facts
    calendar = Calendar()
    calendar.add("prodid", "-//gpxstage//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", one_line(race.name))
    for part, stage in zip(report.parts, race.stages, strict=True):
        for point in stage.points:
            if point.arrival and point.kind not in NOBODY_THERE:
                calendar.add_component(_event(race, part, stage, point, UNITS[units]))
    return bytes(calendar.to_ical())


def _event(race: RaceFacts, part: Part, stage: StageFacts, point: PointFacts, unit: Units) -> Event:
    arrival_s, ends = point.arrival_s.p50 or 0, point.arrival_s.ends
    low_s, high_s = range_s(*ends) if ends else (arrival_s, arrival_s)
    low, high = (_utc(race.clock_at(stage, after_s)) for after_s in (low_s, high_s))
    event = Event()
    event.add("uid", _uid(race, stage, point))
    event.add("dtstamp", _utc(race.start or stage.start))
    event.add("dtstart", low)
    if high > low:
        event.add("dtend", high)
    event.add("summary", f"{one_line(point.name)}, {one_line(race.name)}")
    event.add("description", _words(race, point, unit))
    event.add("geo", _place(part, point.distance_m))
    event.add("transp", "TRANSPARENT")  # nobody is busy all through a window
    return event


def _utc(there: datetime | None) -> datetime:
    assert there is not None  # a point with an arrival has a start
    return to_the_minute(there).astimezone(UTC)


def _uid(race: RaceFacts, stage: StageFacts, point: PointFacts) -> str:
    what = [race.name, stage.number, point.name, point.distance_m]
    return f"{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}@gpxstage"


def _words(race: RaceFacts, point: PointFacts, unit: Units) -> str:
    words = [
        f"expected {clock(point.arrival)}, after {hours(point.arrival_s.p50)} h",
        f"{unit.distance} {unit.far(point.race_distance_m)}",
    ]
    if point.stop_s:
        asleep = f", asleep {hours(point.sleep_s)} h" if point.sleep_s else ""
        words.append(f"stop {hours(point.stop_s)} h{asleep}")
    if point.cutoff_s is not None:
        words.append(f"margin {hours(point.margin_s.p50, signed=True)} h")
    if race.survey:
        words.append(f"track: {one_line(race.survey)}")
    return "\n".join(words)


def _place(part: Part, at_m: float) -> tuple[float, float]:
    profile = part.profile
    k = min(int(np.searchsorted(profile.distance_m, at_m)), len(profile.distance_m) - 1)
    return round(float(profile.lat_deg[k]), 5), round(float(profile.lon_deg[k]), 5)
