"""Races with finish times of several years and a known course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.estimator.fit.field_terrain import Chart
from gpxstage.estimator.nouns import Push
from gpxstage.estimator.runner import at_ability
from validation import races
from validation.fields import Edition
from validation.folders import Folders
from validation.levels import solve
from validation.refit import TOR_LEVELS_H

COLUMNS = ("winner_m", "p10", "p25", "median", "p75", "p90")
TERRAINS = np.array([0.0, 0.2, 0.35, 0.4, 0.6, 0.8, 1.0])
# what UTMB and Tor were taken for when the engine's constants were fitted to them
ANCHORS = {"UTMB": races.UTMB_TERRAIN, "Tor": races.TOR_TERRAIN}
QUARTERS = [NormalDist().inv_cdf(share) for share in (0.25, 0.75)]
ABILITIES = np.array([1.8, 2.2, 2.6, 3.0, 3.4, 3.8, 4.2, 4.7, 5.3, 6.0, 6.8])


@dataclass(frozen=True, eq=False)
class Event:
    """A race with results of some years, and what the engine and the rules need of it."""

    edition: Edition
    terrain: float  # assumed where nothing is known
    push: Push

    @property
    def name(self) -> str:
        """Of the race."""
        return self.edition.name

    @property
    def years(self) -> tuple[int, ...]:
        """That have results."""
        return self.edition.years

    @property
    def results_h(self) -> np.ndarray:
        """(years, percentiles)."""
        return self.edition.results_h

    def ability(self, hours: np.ndarray, terrain: float) -> np.ndarray:
        """Log ability that finishes in some hours."""
        return self.edition.chart.ability(hours, terrain)

    def finish_h(self, ability: np.ndarray, terrain: float) -> np.ndarray:
        """Hours that a log ability takes."""
        return self.edition.chart.hours(ability, terrain)


def clock_h(text: str) -> float:
    """Hours of h:mm:ss."""
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
    results = [[clock_h(rows[year][column]) for column in COLUMNS] for year in years]
    finishers = tuple(int(rows[year]["finishers"]) for year in years)
    anchor = ANCHORS.get(name)
    edition = Edition(name, years, np.array(results), finishers, _chart(push), anchor)
    return Event(edition, terrain, push(terrain))


def _chart(push: Callable[[float], Push]) -> Chart:
    """The whole axis of ability on a course, on smooth ground and rough."""
    hours = np.empty((len(TERRAINS), len(ABILITIES)))
    for i, roughness in enumerate(TERRAINS):
        there = push(float(roughness))
        for k, ability in enumerate(ABILITIES):
            hours[i, k] = races.elapsed_h(solve(there, at_ability(float(ability))))
    return Chart(TERRAINS, np.log(ABILITIES), np.log(hours))


def bare(folders: Folders, name: str, start: datetime) -> Callable[[float], Push]:
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
    occ = bare(folders, "courses/occ.gpx", datetime(2024, 8, 29, 8, 15, tzinfo=paris))
    uta = bare(folders, "courses/uta100-route.gpx", datetime(2025, 5, 16, 6, 30, tzinfo=sydney))
    return [
        _event(folders, "UTMB", _utmb(folders), races.UTMB_TERRAIN, (2022, 2023, 2024)),
        _event(folders, "OCC", occ, 0.35, (2022, 2023, 2024, 2025)),
        _event(folders, "UTA100", uta, 0.4, (2024, 2025)),
    ]


@cache
def editions(folders: Folders) -> tuple[Edition, ...]:
    """What fields.tsv is made of: the events, and the Tor."""
    return (*(event.edition for event in events(folders)), _tor(folders))


def _tor(folders: Folders) -> Edition:
    """The Tor 2025: its quarters between those finishers whose rank and time are known."""
    race = races.tor(folders)
    push, count = race.pushes[0], int(race.who[-1])
    shares = [(float(rank) - 0.5) / count for rank in race.who]
    at = [NormalDist().inv_cdf(share) for share in shares]
    quarters = np.exp(np.interp(QUARTERS, at, np.log(race.finish_h)))
    winner, p10, median, p90 = TOR_LEVELS_H
    hours = np.array([[winner, p10, quarters[0], median, quarters[1], p90]])
    chart = _chart(lambda terrain: replace(push, terrain=np.full_like(push.terrain, terrain)))
    return Edition("Tor", (2025,), hours, (count,), chart, ANCHORS["Tor"])
