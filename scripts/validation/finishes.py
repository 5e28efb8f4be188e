"""Finish times carried from one race to another at the same place in the field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.estimator.nouns import Push
from gpxstage.estimator.runner import LEVELS
from validation import races, rules, transfer
from validation.events import Event, bare, events
from validation.folders import Folders
from validation.levels import solve
from validation.page import percent, rms, signed, table

TOP = """\
## Fields from one race to another

The ability that explains a percentile's time at one race is used to predict the same percentile
at another: the winner, 10th, 25th, 50th, 75th and 90th of {years}. One course a race stands for
all its years, although they changed it; terrain {terrains} assumed, starts {starts} assumed (no
source), stops spread evenly where no aid stations are known. **Fitted:** nothing to OCC and
UTA100; the engine's constants and levels saw UTMB 2024. *With other years*: one number, a scale on
the time, is taken from the **other** years of the target race and this source, never from the year
that is scored; UTA100 has one other year, UTMB two, OCC three. The same percentile at two races is
not the same runner, nor the same kind of field, and no track can tell that.
"""


WHY = """
Ours says what the *same* runner would do. Fields differ most behind: the UTMB admits by index and
closes after 46.5 h, the OCC has finishers whom it would turn away, so the winner's and the 10th
percentile's columns are the fairer ones. That is an explanation and no excuse: on this table a
fixed ratio of times, which knows nothing of ability, is the better rule by a good margin. UTA100 is
slower in truth than ours even at the front; its track has 3,426 m of climb by our method where the
organiser states 4,500.
"""


Carry = Callable[
    [Event, Event, np.ndarray, float], np.ndarray
]  # hours at one give hours at another


def engine(source: Event, target: Event, hours: np.ndarray, terrain: float) -> np.ndarray:
    """Ours."""
    return target.finish_h(source.ability(hours, source.terrain), terrain)


def by_rule(rule: rules.Rule, exponent: float) -> Carry:
    """A plain rule: the ratio of what it says of both courses, to a power."""

    def whole(push: Push) -> float:
        return float(rule(push.grade, np.diff(push.edge_m), push.altitude_m).sum())

    def carry(source: Event, target: Event, hours: np.ndarray, terrain: float) -> np.ndarray:
        return hours * (whole(target.push) / whole(source.push)) ** exponent

    return carry


RULES: dict[str, Carry] = {
    "**ours**": engine,
    "km-effort, exponent 1.15": by_rule(rules.CURVES["km-effort"], 1.15),
    "km-effort": by_rule(rules.CURVES["km-effort"], 1.0),
    "Course Generator's curve, exponent 1.15": by_rule(
        rules.CURVES["Course Generator's curve"], 1.15
    ),
    "Naismith, exponent 1.15": by_rule(rules.CURVES["Naismith"], 1.15),
    "distance, exponent 1.15": by_rule(rules.distance, 1.15),
}


def _pairs(found: list[Event]) -> Iterator[tuple[Event, int, Event, int]]:
    """Every source year with every target year of another race."""
    for source in found:
        for target in found:
            if source is not target:
                for i in range(len(source.years)):
                    for j in range(len(target.years)):
                        yield source, i, target, j


def _told(found: list[Event], carry: Carry, how: str) -> dict[tuple[str, str], np.ndarray]:
    """Errors of all pairs by name: *how* is plain or scale."""
    told: dict[tuple[str, str], list[np.ndarray]] = {}
    for source, i, target, j in _pairs(found):
        hours, real = source.results_h[i], target.results_h[j]
        others = np.delete(target.results_h, j, axis=0)
        guess = carry(source, target, hours, target.terrain)
        if how == "scale":
            guess = guess * np.exp(np.log(others / guess).mean())
        told.setdefault((source.name, target.name), []).append(guess / real - 1.0)
    return {pair: np.array(errors) for pair, errors in told.items()}


def carried(found: list[Event], carry: Carry, how: str) -> np.ndarray:
    """Errors of all pairs in one array."""
    told = _told(found, carry, how)
    return np.concatenate([errors.ravel() for errors in told.values()])


def repeats(found: list[Event]) -> np.ndarray:
    """The same percentile of the same race in another year, over this year's: minus 1."""
    return np.concatenate(
        [
            event.results_h[i] / event.results_h[j] - 1.0
            for event in found
            for i in range(len(event.years))
            for j in range(len(event.years))
            if i != j
        ]
    )


def section(folders: Folders) -> str:
    """The whole section."""
    found = events(folders)
    top = TOP.format(
        years=", ".join(f"{e.name} {e.years[0]}–{e.years[-1] % 100}" for e in found),
        terrains=", ".join(f"{event.terrain}" for event in found),
        starts=", ".join(f"{event.push.start:%H:%M}" for event in found if event.push.start),
    )
    parts = [top, _by_rule(found), _by_pair(found), _by_percentile(found)]
    parts += [transfer.section(folders, _beside(found)), _leadville(folders)]
    return "\n".join(parts)


def _beside(found: list[Event]) -> dict[str, dict[tuple[str, str], np.ndarray]]:
    """What the rows with past results are to be compared with."""
    best = "Naismith, exponent 1.15"
    return {
        "ours, nothing but the tracks": _told(found, engine, "plain"),
        "ours, a scale from the race's other years": _told(found, engine, "scale"),
        f"{best}, nothing but the tracks": _told(found, RULES[best], "plain"),
        f"{best}, a scale from the race's other years": _told(found, RULES[best], "scale"),
    }


def _median_rms(errors: np.ndarray) -> list[str]:
    return [percent(float(np.median(np.abs(errors)))), percent(rms(errors))]


def _by_rule(found: list[Event]) -> str:
    """All pairs together, by rule."""
    rows = []
    for name, carry in RULES.items():
        plain, scaled = (carried(found, carry, how) for how in ("plain", "scale"))
        rows.append([name, *_median_rms(plain), *_median_rms(scaled)])
    rows.append(["the same race in another year", *_median_rms(repeats(found)), "", ""])
    head = ("rule", "median error, %", "rms", "with a scale from other years: median", "rms")
    return table(head, rows)


def _by_pair(found: list[Event]) -> str:
    """Ours, pair by pair: the bias without and with other years."""
    plain, scaled = (_told(found, engine, how) for how in ("plain", "scale"))
    rows = [
        [
            f"{source} → {target}",
            errors.size,
            signed(float(errors.mean())),
            percent(float(np.median(np.abs(errors)))),
            percent(float(np.median(np.abs(scaled[source, target])))),
        ]
        for (source, target), errors in plain.items()
    ]
    head = ("ours", "cases", "bias, %", "median error", "with a scale: median error")
    return "### Ours, by pair of races\n\n" + table(head, rows)


def _by_percentile(found: list[Event]) -> str:
    """Bias by place in the field, ours and km-effort's: where the fields differ."""
    rows = []
    for name in ("**ours**", "km-effort, exponent 1.15"):
        for (source, target), errors in _told(found, RULES[name], "plain").items():
            means = [signed(float(value), 0) for value in errors.mean(axis=0)]
            rows.append([f"{source} → {target}", name, *means])
    head = ("bias, %", "rule", "winner", "10th", "25th", "50th", "75th", "90th")
    return "### Where in the field\n\n" + table(head, rows) + WHY


def _leadville(folders: Folders) -> str:
    """A sanity row: ranks are known, sizes of fields are not."""
    name = "courses/leadville-100-dem.gpx"
    if not (folders.data / name).exists():
        return ""
    start = datetime(2011, 8, 20, 4, tzinfo=ZoneInfo("America/Denver"))
    push = bare(folders, name, start)(0.2)
    hours = [races.elapsed_h(solve(push, runner)) for runner in LEVELS.values()]
    ours = ", ".join(f"{name} {h:.1f}" for name, h in zip(LEVELS, hours, strict=True))
    rows = folders.rows("results/leadville-rank-time.tsv")
    known = ", ".join(
        f"{row['rank_overall']} in {float(row['hours']):.1f}"
        for row in rows
        if "2011" in row["race"]
    )
    return (
        "*Leadville 100*, a sanity row (ranks without the size of the field, the course of 2026,"
        f" terrain 0.2 and a start at 04:00 assumed; nothing fitted): levels {ours} h;"
        f" ranks of 2011: {known} h.\n"
    )
