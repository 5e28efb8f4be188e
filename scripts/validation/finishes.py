"""Finish times carried from one race to another at the same place in the field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.estimator.engine import Push
from gpxstage.estimator.runner import LEVELS, at_ability
from validation import races, rules
from validation.folders import Folders
from validation.levels import solve
from validation.page import percent, rms, signed, table

COLUMNS = ("winner_m", "p10", "p25", "median", "p75", "p90")
TERRAINS = np.array([0.0, 0.2, 0.35, 0.4, 0.6, 0.8, 1.0])
ABILITIES = np.array([1.8, 2.2, 2.6, 3.0, 3.4, 3.8, 4.2, 4.7, 5.3, 6.0, 6.8])
TOP = """\
## Finish times from one race to another

The ability that explains a percentile's time at one race is used to predict the same percentile
at another: the winner, 10th, 25th, 50th, 75th and 90th of {years}. One course a race stands for
all its years, although they changed it; terrain {terrains} assumed, starts {starts} assumed (no
source), stops spread evenly where no aid stations are known. **Fitted:** nothing to OCC and
UTA100; the engine's constants and levels saw UTMB 2024. *With other years*: one number for
the target race (a scale on the time, or its terrain between 0 and 1) is taken from the **other**
years of that race and this source, never from the year that is scored; UTA100 has one other year,
UTMB two, OCC three. The same percentile at two races is not the same runner, nor the same kind of
field, and no track can tell that.
"""


WHY = """
Ours says what the *same* runner would do. Fields differ most behind: the UTMB admits by index and
closes after 46.5 h, the OCC has finishers whom it would turn away, so the winner's and the 10th
percentile's columns are the fairer ones. That is an explanation and no excuse: on this table a
fixed ratio of times, which knows nothing of ability, is the better rule by a good margin. UTA100 is
slower in truth than ours even at the front; its track has 3,426 m of climb by our method where the
organiser states 4,500.
"""


@dataclass(frozen=True, eq=False)
class Event:
    """A race with results of some years, and what the engine and the rules need of it."""

    name: str
    terrain: float
    years: tuple[int, ...]
    results_h: np.ndarray  # (years, percentiles)
    hours: np.ndarray  # (terrains, abilities)
    push: Push

    def ability(self, hours: np.ndarray, terrain: float) -> np.ndarray:
        """Log ability that finishes in some hours."""
        log_h = np.array([np.interp(terrain, TERRAINS, column) for column in np.log(self.hours).T])
        return np.interp(np.log(hours), log_h[::-1], np.log(ABILITIES)[::-1])

    def finish_h(self, ability: np.ndarray, terrain: float) -> np.ndarray:
        """Hours that a log ability takes."""
        log_h = np.array([np.interp(terrain, TERRAINS, column) for column in np.log(self.hours).T])
        return np.exp(np.interp(ability, np.log(ABILITIES), log_h))


def _hours(text: str) -> float:
    hours, minutes, seconds = map(int, text.split(":"))
    return hours + minutes / 60.0 + seconds / 3600.0


def _event(
    folders: Folders,
    name: str,
    push: Callable[[float], Push],
    terrain: float,
    years: tuple[int, ...],
) -> Event:
    rows = {
        int(row["year"]): row
        for row in folders.rows("results/finish-times.tsv")
        if row["race"].lower() == name.lower() and int(row["year"]) in years
    }
    results = [[_hours(rows[year][column]) for column in COLUMNS] for year in years]
    hours = np.empty((len(TERRAINS), len(ABILITIES)))
    for i, roughness in enumerate(TERRAINS):
        there = push(float(roughness))
        for k, ability in enumerate(ABILITIES):
            hours[i, k] = races.elapsed_h(solve(there, at_ability(float(ability))))
    return Event(name, terrain, years, np.array(results), hours, push(terrain))


def _bare(folders: Folders, name: str, start: datetime) -> Callable[[float], Push]:
    """A course of which nothing but the track is known."""
    course, _ = folders.measured(name)
    track = course.stages[0].track
    return lambda terrain: races.race_push(name, track, [], terrain, start)


def _utmb(folders: Folders) -> Callable[[float], Push]:
    track = races.utmb_track(folders, of_2024=True)
    points, _ = races.utmb_points(folders, track)
    start = races.utmb_start(2024, 30)
    return lambda terrain: races.race_push("UTMB", track, points, terrain, start)


@cache
def events(folders: Folders) -> list[Event]:
    """UTMB, OCC and UTA100."""
    paris, sydney = ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Sydney")
    occ = _bare(folders, "courses/occ.gpx", datetime(2024, 8, 29, 8, 15, tzinfo=paris))
    uta = _bare(folders, "courses/uta100-route.gpx", datetime(2025, 5, 16, 6, 30, tzinfo=sydney))
    return [
        _event(folders, "UTMB", _utmb(folders), races.UTMB_TERRAIN, (2022, 2023, 2024)),
        _event(folders, "OCC", occ, 0.35, (2022, 2023, 2024, 2025)),
        _event(folders, "UTA100", uta, 0.4, (2024, 2025)),
    ]


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


def terrain_of(source: Event, hours: np.ndarray, target: Event, others: np.ndarray) -> float:
    """The terrain between 0 and 1 that suits the other years of a race best."""
    miss = [
        float(np.log(engine(source, target, hours, terrain) / others).mean())
        for terrain in TERRAINS
    ]
    return float(np.interp(0.0, miss, TERRAINS))


def _told(found: list[Event], carry: Carry, how: str) -> dict[tuple[str, str], np.ndarray]:
    """Errors of all pairs by name: *how* is plain, scale or terrain."""
    told: dict[tuple[str, str], list[np.ndarray]] = {}
    for source, i, target, j in _pairs(found):
        hours, real = source.results_h[i], target.results_h[j]
        others = np.delete(target.results_h, j, axis=0)
        terrain = target.terrain
        if how == "terrain":
            terrain = terrain_of(source, hours, target, others)
        guess = carry(source, target, hours, terrain)
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
    parts = [top, _by_rule(found), _by_pair(found), _by_percentile(found), _leadville(folders)]
    return "\n".join(parts)


def _median_rms(errors: np.ndarray) -> list[str]:
    return [percent(float(np.median(np.abs(errors)))), percent(rms(errors))]


def _by_rule(found: list[Event]) -> str:
    """All pairs together, by rule."""
    rows = []
    for name, carry in RULES.items():
        plain, scaled = (carried(found, carry, how) for how in ("plain", "scale"))
        terrain = ["", ""]
        if carry is engine:
            terrain = _median_rms(carried(found, carry, "terrain"))
        rows.append([name, *_median_rms(plain), *_median_rms(scaled), *terrain])
    rows.append(["the same race in another year", *_median_rms(repeats(found)), "", "", "", ""])
    head = ("rule", "median error, %", "rms", "with a scale from other years: median", "rms",
            "with a terrain: median", "rms")  # fmt: skip
    return table(head, rows)


def _by_pair(found: list[Event]) -> str:
    """Ours, pair by pair: the bias without and with other years."""
    plain, terrain, scaled = (_told(found, engine, how) for how in ("plain", "terrain", "scale"))
    rows = [
        [
            f"{source} → {target}",
            errors.size,
            signed(float(errors.mean())),
            percent(float(np.median(np.abs(errors)))),
            signed(float(terrain[source, target].mean())),
            percent(float(np.median(np.abs(terrain[source, target])))),
            percent(float(np.median(np.abs(scaled[source, target])))),
        ]
        for (source, target), errors in plain.items()
    ]
    head = ("ours", "cases", "bias, %", "median error", "with a terrain: bias", "median error",
            "with a scale: median error")  # fmt: skip
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
    push = _bare(folders, name, start)(0.2)
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
