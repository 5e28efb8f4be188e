"""Rows -> what stands above the tables: figures side by side, and the race in a few facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.cutoffs import inside, tightest_facts
from gpxstage.report.rest import sleep_facts, sleepiness_facts
from gpxstage.units import (
    MINUTE_S,
    Units,
    date,
    elapsed_minutes,
    number,
    percent,
    range_s,
    spoken,
    spoken_left,
)

if TYPE_CHECKING:
    from gpxstage.report.rows import Row

    Lines = tuple[tuple[str, ...], ...]

PLACES = {  # what a level is
    "elite": "wins",
    "strong": "10th of a hundred",
    "mid": "50th of a hundred",
    "back": "90th of a hundred",
}


def figures(row: Row, unit: Units) -> tuple[tuple[str, ...], Lines]:
    """Columns and lines: measured, the band, the raw sum and the organiser's side by side."""
    official = row["official"]
    columns = {
        "": ["distance", "climb", "descent"],
        "measured": [
            f"{unit.far(row['length_m'])} {unit.distance}",
            *(_high(row[key], unit) for key in ("gain_m", "loss_m")),
        ],
    }
    if row["gain_m"] is not None:
        low, high = unit.high(row["gain_low_m"]), unit.high(row["gain_high_m"])
        columns["low to high"] = ["", f"{low} to {high}", ""]
        columns["raw sum"] = ["", unit.high(row["gain_raw_m"]), ""]
    said = [unit.far(official["length_m"]), unit.high(official["gain_m"]), ""]
    if any(said):
        columns["organiser's"] = said
    return tuple(columns), tuple(zip(*columns.values(), strict=True))


def _high(value_m: float | None, unit: Units) -> str:
    return "unknown" if value_m is None else f"{unit.high(value_m)} {unit.height}"


def facts(row: Row, unit: Units) -> Lines:
    """What a runner asks first, a line each."""
    made = []
    if row["survey"]:
        made.append(("track", plain(row["survey"])))
    if row["highest_m"] is not None:
        low, high = unit.high(row["lowest_m"]), unit.high(row["highest_m"])
        made.append(("altitude", f"{low} to {high} {unit.height}"))
    if row["start"]:
        made.append(("start", date(row["start"])))
    if row["limit_s"] is not None:
        made.append(("limit", spoken(row["limit_s"])))
    if row.get("runner"):
        made += _takes(row, unit)
    return tuple(made)


def _takes(row: Row, unit: Units) -> list[tuple[str, str]]:
    made = [("runner", who(row["runner"], unit))]
    elapsed_s, moving_s = row["elapsed_s"]["p50"], row["moving_s"]["p50"]
    time = spoken(elapsed_s)
    if row["limit_s"] is not None:
        left_s = row["limit_s"] - elapsed_s
        time += f", {spoken_left(left_s)} {'inside' if left_s >= 0 else 'past'} the limit"
    made.append(("time", time))
    if "levels" in row:
        each = (f"{plain(x['level'])} {spoken(x['elapsed_s'])}" for x in row["levels"])
        made.append(("field", ", ".join(each)))
    low_s, high_s = row["elapsed_s"]["p10"], row["elapsed_s"]["p90"]
    if low_s is not None and high_s is not None:
        low_s, high_s = range_s(low_s, high_s)
        sure = f"8 of 10 between {spoken(low_s)} and {spoken(high_s)}"
        if row["finish_probability"] is not None:
            sure += f"; {percent(row['finish_probability'])} % {inside(row)}"
        made.append(("range", sure))
    made += tightest_facts(row)
    if row["stopped_s"]:
        stopped_s = MINUTE_S * elapsed_minutes(moving_s, elapsed_s)
        asleep = f", {spoken(row['slept_s'])} of it asleep" if row["slept_s"] else ""
        made.append(("of it", f"{spoken(moving_s)} moving, {spoken(stopped_s)} stopped{asleep}"))
    made += sleep_facts(row)
    of_time, of_distance = (row["hike_fraction"][k]["p50"] for k in ("of_time", "of_distance"))
    if of_time is not None:
        way = f"{percent(of_distance)} % of the way"
        made.append(("hiked", f"{percent(of_time)} % of the moving time, {way}"))
    nights = [stage["night"] for stage in row["stages"]]
    if all(nights):
        dark_s, dark_m = (sum(n[key] for n in nights) for key in ("moving_s", "distance_m"))
        dark = f"{spoken(dark_s)} moving, {unit.far(dark_m)} {unit.distance}"
        made.append(("in the dark", dark if dark_s else "nothing"))
    if earlier_s := sum(stage["earlier_days_s"] or 0 for stage in row["stages"]):
        said = f"{spoken(earlier_s)} of the time, for the stages before (judgement)"
        made.append(("earlier days", said))
    made += sleepiness_facts(row)
    if row["energy_kcal"]["p50"] is not None:
        made.append(("energy", f"{number(row['energy_kcal']['p50'], -2)} kcal while moving"))
    return made


def who(runner: Row, unit: Units) -> str:
    """Whom the estimate is for."""
    name = plain(runner["name"]) or plain(runner["source"])
    place = PLACES.get(name) if runner["source"] == "level" else None
    flat = f"{unit.speed(runner['flat_speed_mps'])} {unit.distance} flat"
    said = [place] if place else []
    said.append(f"{flat} in an hour")
    if runner["model"] == "gait" and runner["pack_kg"]:
        said.append(f"{unit.mass_text(runner['pack_kg'])} carried")
    if runner["model"] != "gait":
        said.append(f"moving time by the model {runner['model']}")
    return f"{name} ({', '.join(said)})"
