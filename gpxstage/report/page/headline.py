"""Rows of report.json -> the page's headline figures, and what the estimate assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gpxstage.course import plain
from gpxstage.report.figures import Row
from gpxstage.report.summary import PLACES
from gpxstage.units import (
    MINUTE_S,
    Units,
    elapsed_minutes,
    hours,
    number,
    percent,
    range_s,
    spoken,
    spoken_left,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Figure:
    """A headline figure: what it is, the value with its unit, and what else is so."""

    name: str
    value: str
    unit: str
    more: tuple[str, ...] = ()


def ranged(values: Row, text: Callable[[float], str] | None = None) -> str:
    """From p10 to p90, of times unless *text* writes something else; nothing without draws."""
    if values["p10"] is None or values["p90"] is None:
        return ""
    ends = values["p10"], values["p90"]
    low, high = map(text, ends) if text else map(hours, range_s(*ends))
    return low if low == high else f"{low} – {high}"


def headline(row: Row, unit: Units) -> list[Figure]:
    """The race in figures: the four that come first in front."""
    official = row["official"]
    said = [f"organiser: {unit.far(official['length_m'])} {unit.distance}"]
    far = Figure(
        "Distance",
        unit.far(row["length_m"]),
        unit.distance,
        tuple(said if official["length_m"] is not None else ()),
    )
    if row["gain_m"] is None:
        return [far]
    low, high = unit.high(row["gain_low_m"]), unit.high(row["gain_high_m"])
    said = [f"{low} – {high} by method"] if low != high else []
    if official["gain_m"] is not None:
        said.append(f"organiser: {unit.high(official['gain_m'])} {unit.height}")
    climb = Figure("Climb", unit.high(row["gain_m"]), unit.height, tuple(said))
    low = f"lowest {unit.high(row['lowest_m'])} {unit.height}"
    highest = Figure("Highest point", unit.high(row["highest_m"]), unit.height, (low,))
    loss = Figure("Descent", unit.high(row["loss_m"]), unit.height)
    if not row.get("runner"):
        return [far, climb, highest, loss]
    return [far, climb, _time(row), *_hiked(row), *_limit(row), *_rest(row, unit), highest]


def _time(row: Row) -> Figure:
    elapsed, runner = row["elapsed_s"], row["runner"]
    name = plain(runner["name"]) or plain(runner["source"])
    place = PLACES.get(name) if runner["source"] == "level" else None
    more = [f"8 of 10 between {ranged(elapsed)}"] if elapsed["p10"] is not None else []
    more.append(f"for {name}: {place}" if place else f"for {name}")
    return Figure("Time on the clock", hours(elapsed["p50"]), "h", tuple(more))


def _hiked(row: Row) -> list[Figure]:
    of_time, of_distance = row["hike_fraction"]["of_time"], row["hike_fraction"]["of_distance"]
    if of_time["p50"] is None:
        return []
    wide = ranged(of_time, percent)
    more = [f"8 of 10 between {wide} %"] if wide else []
    more.append(f"{percent(of_distance['p50'])} % of the way")
    return [Figure("Hiked, of the moving time", percent(of_time["p50"]), "%", tuple(more))]


def _limit(row: Row) -> list[Figure]:
    if row["limit_s"] is None:
        return []
    left_s, chance = row["limit_s"] - row["elapsed_s"]["p50"], row["finish_probability"]
    side = "inside" if left_s >= 0 else "past"
    more = (f"{spoken_left(left_s)} {side} the {spoken(row['limit_s'])}",)
    if chance is None:
        return [Figure("Before the limit", hours(left_s, signed=True), "h", more)]
    return [Figure("Chance to be in time", percent(chance), "%", more)]


def _rest(row: Row, unit: Units) -> list[Figure]:
    """Moving and standing, night, energy."""
    moving_s, elapsed_s = row["moving_s"]["p50"], row["elapsed_s"]["p50"]
    stopped = spoken(MINUTE_S * elapsed_minutes(moving_s, elapsed_s))
    more = [f"{stopped} stopped"] if row["stopped_s"] else []
    more += [f"{spoken(row['slept_s'])} of it asleep"] if row["slept_s"] else []
    found = [Figure("Moving", hours(row["moving_s"]["p50"]), "h", tuple(more))]
    nights = [stage["night"] for stage in row["stages"]]
    if all(nights) and any(night["moving_s"] for night in nights):
        dark_s, dark_m = (sum(n[key] for n in nights) for key in ("moving_s", "distance_m"))
        far = f"{unit.far(dark_m)} {unit.distance}"
        found.append(Figure("Moving in the dark", hours(dark_s), "h", (far,)))
    energy = row["energy_kcal"]
    if energy["p50"] is not None:
        wide = ranged(energy, kcal)
        more = [f"8 of 10 between {wide}"] if wide else []
        found.append(Figure("Energy while moving", kcal(energy["p50"]), "kcal", tuple(more)))
    return found


def kcal(value: float) -> str:
    """Energy to a hundred kilocalories."""
    return number(value, -2)


FOUND = {"elsewhere": "other races", "here": "this very race", "outings": "own outings"}


def _speed(value_mps: float, unit: Units) -> str:
    return unit.speed_text(value_mps)


def _mass(value_kg: float, unit: Units) -> str:
    return unit.mass_text(value_kg)


# what a key of report.json's runner is in words, and how its value is written
ASSUMED: dict[str, tuple[str, Callable[[Any, Units], str]]] = {
    "known_from": ("found in", lambda v, _: FOUND.get(v, plain(v))),
    "name": ("runner", lambda v, _: plain(v)),
    "source": ("known from", lambda v, _: plain(v)),
    "model": ("model of speed", lambda v, _: plain(v)),
    "flat_speed_mps": ("an hour on flat road", _speed),
    "descent_mph": ("best descending", lambda v, u: f"{u.high(v)} {u.height}/h"),
    "downhill_gain": ("fastest downhill, of flat speed", lambda v, _: f"{percent(v)} %"),
    "hike_most_mps": ("fastest hiking on the flat", _speed),
    "gait_weight": ("changes to hiking: 0 by comfort, 1 by energy", lambda v, _: number(v, 2)),
    "decay": ("power lost in long hours, of what is usual", lambda v, _: f"{percent(v)} %"),
    "ease": ("most power used, of an hour's best", lambda v, _: f"{percent(v)} %"),
    "front": ("starts harder than goes on, by", lambda v, _: f"{percent(v)} %"),
    "wear": ("descending lost to tired legs", lambda v, _: f"{percent(v)} %"),
    "stops": ("time in stops, of what is usual", lambda v, _: f"{percent(v)} %"),
    "sleep": ("sleep, of what is usual", lambda v, _: f"{percent(v)} %"),
    "night_up": ("speed uphill in the dark", lambda v, _: f"{percent(v)} %"),
    "night_down": ("speed downhill in the dark", lambda v, _: f"{percent(v)} %"),
    "pack_kg": ("carried", _mass),
    "body_kg": ("body", _mass),
    "ability_spread": ("speed scatters besides, by", lambda v, _: f"± {percent(v)} %"),
    "gait_shift_mps": ("hikes on to a higher speed, by", _speed),
    "gait_down_mps": ("and on descents besides, by", _speed),
    "habit": ("slower on longer outings, exponent", lambda v, _: number(v, 2)),
    "habit_from_h": ("seen in outings from", lambda v, _: f"{number(v, 1)} h"),
    "habit_to_h": ("seen in outings to", lambda v, _: f"{number(v, 1)} h"),
}


def assumed(row: Row, unit: Units) -> list[tuple[str, str]]:
    """All that the estimate took to be so of a runner, in words; a key that is new as it is."""
    found = []
    for key, value in (row.get("runner") or {}).items():
        if value is None or (key == "name" and not plain(value)):
            continue
        words, text = ASSUMED.get(key, (key.replace("_", " "), lambda v, _: plain(str(v))))
        found.append((words, text(value, unit)))
    found.append(("eaten while moving", f"{number(row['intake_kcal_per_h'])} kcal/h"))
    return found
