"""Which column of an organiser's table holds what, by its title in any of several languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gpxstage.racefile import services, vocabulary
from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def of_splits(header: Sequence[str]) -> tuple[int, int] | None:
    """The columns of the place and of the time in a table of splits; None where one is missing."""
    titled = [_plain(title) for title in header]
    place = _first(titled, (*_headers()["name"], "to"))
    time = _first(titled, [_plain(title) for title in TIMES])
    return None if place is None or time is None else (place, time)


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
