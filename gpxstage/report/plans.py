"""Plans of sleep: their rows and their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.cutoffs import tightest_row
from gpxstage.report.rows import Row
from gpxstage.units import hours, number, percent, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    Columns = dict[str, list[str]]

TITLE = "Plans of sleep (worst sleepiness, and hours above 8; 9 is fighting sleep)"


def _told(race: Row, stages: Sequence[Row]) -> Row:
    """What is said of a plan, of the rows of a race and of its stages."""
    sleepy, every = race["alertness"], [(s["number"], p) for s in stages for p in s["points"]]
    return {
        "sleeps": [
            {"point": point["name"], "s": point["sleep_s"], "stage": number}
            for number, point in every
            if point["sleep_s"]
        ],
        "elapsed_s": seconds(race["elapsed_s"]["p50"]),
        "worst_kss": sleepy["worst"]["kss"] if sleepy else None,
        "finish_probability": race["finish_probability"],
        "slept_s": seconds(race["slept_s"]),
        "hours_above_kss_8": sleepy["hours_above_kss_8"] if sleepy else None,
        "tightest": tightest_row(stages),
        "margins": [
            {"point": point["name"], "s": point["margin_s"]["p50"], "stage": number}
            for number, point in every
            if point["margin_s"]["p50"] is not None
        ],
    }


def plan_columns(race: Row) -> tuple[str, Columns]:
    """The estimate as it is and every plan, a line each; no columns without plans."""
    columns: Columns = {}
    if not race.get("plans"):
        return TITLE, columns
    as_is = _told(race, race["stages"])
    for k, plan in enumerate([as_is, *race["plans"]]):
        places = ", ".join(f"{plain(s['point'])} {hours(s['s'])}" for s in plan["sleeps"])
        as_said = "as asked for" if race.get("usual", {}).get("sleeps_given") else "as usual"
        worst, above, tight = plan["worst_kss"], plan["hours_above_kss_8"], plan["tightest"]
        line = {
            "": str(k) if k else "",
            "sleep at": (places or "nowhere") if k else as_said,
            "time": hours(plan["elapsed_s"]),
            "against": hours(plan["elapsed_s"] - as_is["elapsed_s"], signed=True) if k else "",
            "asleep": hours(plan["slept_s"]),
            "worst": "" if worst is None else number(worst, 1),
            ">8": "" if above is None else number(above),
            "tightest": hours(tight["margin_s"], signed=True) if tight else "",
            "inside %": percent(plan["finish_probability"]),
        }
        for name, cell in line.items():
            columns.setdefault(name, []).append(cell)
    return TITLE, columns


def margin_columns(race: Row) -> tuple[str, Columns]:
    """What each plan leaves at every cutoff; no columns without plans or without cutoffs."""
    title, plans = "Left at each cutoff by plan", race.get("plans") or []
    if not plans or not plans[0]["margins"]:
        return title, {}
    every = [_told(race, race["stages"]), *plans]
    columns = {"cutoff at": [plain(margin["point"]) for margin in every[0]["margins"]]}
    for k, plan in enumerate(every):
        name = f"plan {k}" if k else "this"
        columns[name] = [hours(margin["s"], signed=True) for margin in plan["margins"]]
    return title, columns
