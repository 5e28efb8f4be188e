"""Which column of an organiser's table holds what, and what its cutoffs count from.

A title may be in any of several languages.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage.racefile import clocks, services, vocabulary
from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# What people call the columns, in small letters; accents do not matter. The first that is there
# counts. The last names are those of columns of places that have no better name.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "point name", "point", "place", "checkpoint", "check point", "control",
             "station", "aid station", "location", "nom", "lieu", "point de passage", "localité",
             "poste", "nome", "luogo", "località", "punto", "posto", "ort", "name des punktes",
             "punkt", "posten", "stelle", "standort", "nombre", "lugar", "localidad", "sitio",
             "local", "localidade", "ponto", "lloc", "punt", "naam", "plaats", "地点", "地点名",
             "名称", "場所", "地名", "ポイント", "名前", "エイド", "地點", "ravitaillement",
             "ravito", "ristoro", "verpflegung", "verpflegungsstelle", "verpflegungsposten",
             "verpflegungspunkt", "avituallamiento", "abastecimento"),
    "km": ("km", "kilometre", "kilometer", "kilometres", "kilometers", "distance", "dist",
           "distanza", "distanz", "distancia", "distância", "total km", "cumulative distance",
           "total distance", "kilomètre", "kilomètres", "chilometro", "chilometri", "progressiva",
           "kilómetro", "kilómetros", "quilómetro", "quilómetros", "quilômetro", "quilômetros",
           "strecke", "afstand", "距離", "累積距離", "キロ", "里程", "距离"),
    "miles": ("miles", "mile", "mi"),
    "stage": ("stage", "etape", "tappa", "etappe", "etapa", "ステージ"),
    "day": ("day", "jour", "giorno", "tag", "dia", "weekday", "día", "wochentag", "曜日", "日"),
    "date": ("date", "data", "datum", "fecha", "日付"),
    "kind": ("kind", "type", "tipo", "typ", "art", "category", "catégorie", "categoria",
             "categoría", "kategorie", "tipologia", "nature", "genre", "soort", "種類", "種別",
             "タイプ", "区分", "类型"),
    "cutoff": (*vocabulary.limits(), "barrier", "barriers", "limit", "max time", "maximum time",
               "deadline", "latest time", "latest departure", "limite", "temps max",
               "temps maximum", "limiti", "tempo max", "límite", "tiempo máximo", "tempo máximo",
               "horario límite", "horário limite", "schluss", "sperrzeit", "maximalzeit",
               "elapsed", "elapsed time", "race time", "time since start", "temps de course",
               "tempo di gara", "rennzeit", "laufzeit", "tiempo de carrera", "関門時刻",
               "関門時間"),
    "services": ("services", "service", "servizi", "servizio", "amenities", "facilities",
                 "prestations", "servicios", "servicio", "serviços", "serviço", "leistungen",
                 "angebot", "ausstattung", "serveis", "voorzieningen", "サービス", "設備", "提供"),
    "crew": ("crew", "assistance", "assistenza"),
    "height": ("altitude", "elevation", "ele", "elev", "alt", "height", "altitud", "altura", "cota",
               "altitudine", "quota", "höhe", "meereshöhe", "seehöhe", "höhe über meer", "hoogte",
               "wysokość", "nadmořská výška", "nadmorska visina", "høyde", "höjd",
               "標高", "高度", "海拔", "海拔高度", "해발", "고도"),
    "lat": ("lat", "latitude", "latitud", "latitudine", "breite", "breitengrad", "緯度"),
    "lon": ("lon", "lng", "long", "longitude", "longitud", "longitudine", "länge", "längengrad",
            "経度"),
}  # fmt: skip
HEIGHT_UNITS = {  # what may follow the title of a height: "altitude gain" is none
    "m", "mt", "mts", "meter", "meters", "metre", "metres", "mètres", "metri", "metros", "ft",
    "feet", "foot", "pieds", "msnm", "snm", "slm", "masl", "amsl", "asl", "s", "l", "n", "ü", "nn",
    "müm", "above", "sea", "level", "in", "en",
}  # fmt: skip
FEET = {"ft", "feet", "foot", "pieds"}
TIMES = (  # of a passage; those that count from the start come first
    "elapsed", "elapsed time", "race time", "time since start", "temps de course", "temps",
    "tempo di gara", "rennzeit", "laufzeit", "tiempo de carrera", "tiempo", "tempo de prova",
    "tempo", "タイム", "時間", "时间", "time", "arrival", "clock", "passage time", "heure",
    "heure de passage", "passage", "arrivée", "ora", "orario", "passaggio", "arrivo", "zeit",
    "uhrzeit", "ankunft", "durchgang", "hora", "paso", "llegada", "passagem", "chegada", "tijd",
    "aankomst", "通過時刻", "時刻", "到着", "到达",
)  # fmt: skip
NAMES = "name, place, nom, lieu, nome, località, Ort, Punkt, nombre, lugar, ponto or 地点"
ELAPSED = {
    "elapsed", "since", "h", "hour", "hours", "hrs", "heures", "ore", "stunden", "std", "horas",
    "race time", "temps de course", "tempo di gara", "rennzeit", "laufzeit", "tiempo de carrera",
    "depuis", "desde", "dalla partenza", "seit",
}  # fmt: skip
DURATION = {
    "time limit", "time limits", "limit", "limite", "limiti", "max time", "maximum time",
    "temps limite", "temps max", "temps maximum", "tempo limite", "tempo max", "tempo massimo",
    "tiempo limite", "tiempo maximo", "tempo maximo", "zeitlimit", "zeitlimits", "maximalzeit",
    "制限時間",
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The places of the columns in a row, from 0."""

    known: dict[str, int]
    offers: dict[int, str]  # columns named after a service, with that service
    unit: str  # of distances: km or mi
    cutoff: str = ""  # the title of the column of cutoffs
    height_unit: str = "m"  # m or ft


def read(header: Sequence[str]) -> Columns:
    """What the columns of a table hold, by its header."""
    titled = [_plain(title) for title in header]
    heights = [title if _is_height(title) else "" for title in titled]
    places = {
        key: _first(heights if key == "height" else titled, titles)
        for key, titles in _headers().items()
    }
    found = {key: k for key, k in places.items() if k is not None}
    if "km" in found and "miles" in found:
        del found["miles"]
    words = titled[found["km"]].split() if "km" in found else []
    unit = "mi" if "miles" in found or {"mi", "mile", "miles"} & set(words) else "km"
    high = titled[found["height"]].split() if "height" in found else []
    feet = FEET & set(high) or (unit == "mi" and not {"m", "meters", "metres"} & set(high))
    offers = {
        k: min(meant)
        for k, title in enumerate(titled)
        if k not in found.values() and len(meant := services.meaning(title)) == 1
    }
    cutoff = titled[found["cutoff"]] if "cutoff" in found else ""
    return Columns(found, offers, unit, cutoff, "ft" if feet else "m")


def of_splits(header: Sequence[str]) -> Columns | None:
    """The columns of a table of splits, those of the place and the time as "name" and "time".

    None where one of these is missing.
    """
    titled = [_plain(title) for title in header]
    place = _first(titled, (*_headers()["name"], "to"))
    time = _first(titled, [_plain(title) for title in TIMES])
    if place is None or time is None:
        return None
    found = read(header)
    known = {key: k for key, k in found.known.items() if key in ("stage", "km", "miles")}
    return Columns({**known, "name": place, "time": time}, {}, found.unit)


def _first(titled: Sequence[str], titles: Sequence[str]) -> int | None:
    """The first column with one of the titles, whole, or else at its beginning."""
    for exact in (True, False):
        for title in titles:
            for k, name in enumerate(titled):
                if name == title if exact else name.startswith(f"{title} "):
                    return k
    return None


def _is_height(title: str) -> bool:
    """Whether a title is that of a height, with its unit at most."""
    titles = (known for known in _headers()["height"] if f"{title} ".startswith(f"{known} "))
    units = set(map(letters, HEIGHT_UNITS))
    return any(set(title[len(known) :].split()) <= units for known in titles)


def of_elapsed(title: str) -> bool:
    """Whether the title of a column of cutoffs says that they count from the start."""
    return any(f" {word} " in f" {title} " for word in ELAPSED)


def of_hours(title: str) -> bool:
    """Whether a number alone is hours in a column of cutoffs of this title."""
    return of_elapsed(title) or of_duration(title)


def of_duration(title: str) -> bool:
    """Whether it says so perhaps: a time limit may be a clock time."""
    return any(f" {letters(word)} " in f" {title} " for word in DURATION)


@cache
def _headers() -> dict[str, tuple[str, ...]]:
    return {key: tuple(map(_plain, titles)) for key, titles in HEADERS.items()}


def _plain(title: str) -> str:
    """A column's title: letters only."""
    return " ".join(re.findall(r"[^\W\d_]+", letters(title)))


# Whether the cutoffs of a table are times of day or hours since the start: "7h30" and "7:30" may be
# both. The title of the column decides where it is clear, then a cutoff of 30 hours and more, then
# the speed that the first cutoff asks for in either reading. The speeds of `SANE_KMH` are
# judgement: first cutoffs of trail races ask for 2 to 8 km/h.
SANE_KMH = (2.0, 8.0)  # judgement
USUAL_KMH = 4.0  # judgement: the middle of these
NEAR_KM = 5.0  # judgement: a cutoff so near to the start says nothing of speeds
TITLED = 0.15  # judgement: what "time limit" as the title counts for, in ratios of speed: 1.16


@dataclass(frozen=True)
class Bare:
    """A cutoff without a day, its place, and how far from the start that is."""

    name: str
    text: str
    km: float | None
    clock: timedelta | None  # the time of day, where it can be one
    elapsed: timedelta  # the hours since the start, if it is that


@dataclass(frozen=True)
class Clock:
    """The cutoffs without a day that count from one start."""

    start: datetime
    first: str  # what the table says of the start itself
    rows: tuple[Bare, ...]

    @property
    def as_clocks_h(self) -> list[float]:
        """Hours from the start to each cutoff, read as a time of day."""
        found, last = [], self.start
        for row in self.rows:
            entry = clocks.Written(clock=row.clock)
            there = None if row.clock is None else clocks.moment(entry, self.start, last)
            if there is not None:
                last = there
            found.append(math.nan if there is None else (there - self.start) / clocks.HOUR)
        return found

    @property
    def as_elapsed_h(self) -> list[float]:
        """The same, read as hours since the start."""
        return [row.elapsed / clocks.HOUR for row in self.rows]

    @property
    def time_of_day(self) -> timedelta:
        """The time of day of the start."""
        return self.start - self.start.replace(hour=0, minute=0)

    def gives(self, first: timedelta, *, numbers: bool = False) -> bool:
        """Whether this is the time that the table has at a start that is not at midnight."""
        at_midnight = self.start.hour + self.start.minute == 0
        return not at_midnight and clocks.since_start(self.first, numbers=numbers) == first

    def asks(self) -> tuple[float, float, float] | None:
        """The km of the first cutoff that says something of speeds, and the speeds it asks for.

        Read as a time of day, and as hours since the start; None where no such km is known.
        """
        readings = zip(self.rows, self.as_clocks_h, self.as_elapsed_h, strict=True)
        for row, clock_h, elapsed_h in readings:
            if row.km is not None and row.km >= NEAR_KM:
                return row.km, row.km / clock_h, row.km / max(elapsed_h, 1e-6)
        return None


def bare(name: str, text: str, km: float | None, title: str) -> Bare | None:
    """A cutoff that may count from the start; None for one that is dated or is no such text."""
    entry = clocks.read(text)
    elapsed = clocks.since_start(text, numbers=of_hours(title))
    if elapsed is None or "+" in text:
        return None
    return Bare(name, text, km, None if entry is None else entry.clock, elapsed)


def are_elapsed(races: Sequence[Clock], title: str, *, dated: bool) -> tuple[bool, list[str]]:
    """Whether the cutoffs count from the start, and what to say about it.

    *dated* says that other cutoffs of the table have a day: then these are times of day, too.
    """
    races = [race for race in races if race.rows]
    if not races or dated or any(race.gives(race.time_of_day) for race in races):
        return False, []
    rises = all(a.elapsed <= b.elapsed for race in races for a, b in pairwise(race.rows))
    from_zero = any(race.gives(timedelta(), numbers=True) for race in races)
    if of_elapsed(title) or from_zero:
        return True, [_says(races[0], "count from the start")]
    if any(row.clock is None for race in races for row in race.rows):
        asked = races[0].asks()
        since = rises and (asked is None or not _is_sane(asked[1]) or _is_sane(asked[2]))
        return since, [_says(races[0], "count from the start")] if since else []
    readings = [zip(race.as_clocks_h, race.as_elapsed_h, strict=True) for race in races]
    if all(abs(a - b) < 1e-6 for both in readings for a, b in both):  # the start is at midnight
        return False, []
    return _by_speed(races, title, rises=rises)


def _by_speed(races: Sequence[Clock], title: str, *, rises: bool) -> tuple[bool, list[str]]:
    """The reading that asks for the usual speeds."""
    first = races[0]
    asked = first.asks()
    if asked is None:
        early = first.rows[0].elapsed < first.time_of_day
        since = rises and early
        doubtful = early or of_duration(title)
        return since, [_says(first, _which(since))] if doubtful else []
    km, clock_kmh, elapsed_kmh = asked
    by_clock, by_start = _is_sane(clock_kmh), _is_sane(elapsed_kmh) and rises
    if by_clock != by_start:
        why = f"as hours since the start the first asks for {elapsed_kmh:.1f} km/h"
        if by_start:
            why = f"as times of day the first asks for {clock_kmh:.1f} km/h"
        doubtful = by_start or of_duration(title)
        return by_start, [_says(first, _which(by_start), why)] if doubtful else []
    if not by_clock:
        why = (
            f"neither is usual for {km:.1f} km, {clock_kmh:.1f} km/h as a time of day,"
            f" {elapsed_kmh:.1f} km/h as hours since the start"
        )
        return False, [_says(first, _which(False), why)]
    off = [
        sum(_off(race, hours) for race, hours in zip(races, readings, strict=True))
        for readings in ([r.as_clocks_h for r in races], [r.as_elapsed_h for r in races])
    ]
    since = off[1] - TITLED * of_duration(title) < off[0]
    return since, [_says(first, _which(since), "both are possible: check one of them")]


def _which(since: bool) -> str:
    return "were read as hours since the start" if since else "were read as times of day"


def _says(race: Clock, what: str, why: str = "") -> str:
    row = race.rows[0]
    return f'the cutoffs {what} ("{row.text}" at {row.name})' + (f": {why}" if why else "")


def _is_sane(kmh: float) -> bool:
    return SANE_KMH[0] <= kmh <= SANE_KMH[1]


def _off(race: Clock, hours: Sequence[float]) -> float:
    """How far the speeds are from the usual one, as a mean of the logarithms of their ratios."""
    off = [
        abs(math.log(row.km / after_h / USUAL_KMH))
        for row, after_h in zip(race.rows, hours, strict=True)
        if row.km and after_h > 0.0
    ]
    return sum(off) / len(off) if off else math.inf
