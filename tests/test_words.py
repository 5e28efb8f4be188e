"""The words that races use for their places, by language."""

from __future__ import annotations

import pytest
from race_courses import gpx, names, placed, straight, trk, wpt

from gpxstage.course import Point
from gpxstage.racefile import load, vocabulary
from gpxstage.racefile.places import guess, is_turn

BY_LANGUAGE = {
    "en": {
        "aid": ["Aid Station 4", "Mile 12 Aid", "CP3", "Feed zone", "Drop bag point"],
        "water": ["Water", "Drinking water", "Water 2"],
        "start": ["Start"],
        "finish": ["Finish line"],
        "crew": ["Crew access"],
        "col": ["Hope Pass", "Windy Gap"],
        "life-base": ["Life Base 2", "LifeBase"],
    },
    "fr": {
        "aid": ["Ravito 4", "RAVITO4 Bellevue", "Poste de ravitaillement", "Refuge du Nid"],
        "water": ["Point d'eau", "POINT D\u2019EAU", "Eau potable", "Fontaine", "Eau"],
        "start": ["Départ"],
        "finish": ["ARRIVÉE"],
        "crew": ["Zone d'assistance"],
        "col": ["Col Haut", "Brèche Noire", "Hourquette Basse"],
        "life-base": ["Base de vie", "Base-vie n°2", "BDV 1"],
    },
    "it": {
        "aid": ["Ristoro 3", "Punto ristoro", "Rifugio Neve", "Rif. Neve", "Capanna Alta"],
        "water": ["Punto acqua", "Sorgente", "Acqua"],
        "start": ["Partenza"],
        "finish": ["Arrivo"],
        "crew": ["Assistenza"],
        "col": ["Colle Alto", "Bocchetta Nera", "Passo Alto"],
        "life-base": ["Base Vita", "BaseVita-Nord"],
    },
    "de": {
        "aid": ["Verpflegung", "Verpflegungsposten 2", "Verpflegungsstelle", "VP 5", "VP5",
                "V3 Seealm", "Labestation", "Schneehütte", "LABE 2"],
        "water": ["Wasserstelle", "Trinkwasser", "Getränkestation"],
        "finish": ["Ziel"],
        "crew": ["Betreuerzone"],
        "col": ["Hochjoch", "Kreuzsattel", "Furka"],
    },
    "es": {
        "aid": ["Avituallamiento", "Avituallamiento 3", "Refugio Nuevo", "AS 2", "PC 4",
                "Control de paso"],
        "water": ["Punto de agua", "Fuente Vieja", "Agua"],
        "start": ["Salida"],
        "finish": ["Meta", "Llegada"],
        "crew": ["Asistencia"],
        "col": ["Collado Alto", "Puerto Viejo"],
        "life-base": ["Base de vida"],
    },
    "ca": {"aid": ["Avituallament 2", "Refugi Nou"], "col": ["Coll Alt"], "finish": ["Arribada"]},
    "pt": {"aid": ["Abastecimento 4"], "finish": ["Chegada"], "life-base": ["Base de Vida"]},
    "nl": {"aid": ["Verzorgingspost 1"]},
    "sv": {"aid": ["Vätskestation"], "finish": ["Mål"]},
    "no": {"aid": ["Drikkestasjon"]},
    "pl": {"aid": ["Punkt odżywczy", "Schronisko", "PK 3"], "col": ["Przełęcz Wysoka"]},
    "cs": {"aid": ["Občerstvovací stanice", "Občerstvení"], "finish": ["Cíl"]},
    "sl": {"aid": ["Okrepčevalnica", "Koča"], "finish": ["Cilj"]},
    "hu": {"aid": ["Frissítőpont"]},
    "ja": {
        "aid": ["エイド", "第3エイドステーション", "Ｗ２エイド", "A3 山小屋", "第1関門"],
        "water": ["給水", "給水所2", "水場"],
        "start": ["スタート"],
        "finish": ["フィニッシュ", "ゴール"],
        "col": ["雪峠"],
    },
    "zh": {"aid": ["补给站", "CP4 补给点"], "water": ["饮水点"], "start": ["起点"],
           "finish": ["终点"]},
    "ko": {"aid": ["체크포인트"], "finish": ["도착"]},
}  # fmt: skip
CASES = [
    pytest.param(name, kind, id=f"{language}: {name}")
    for language, kinds in BY_LANGUAGE.items()
    for kind, places in kinds.items()
    for name in places
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_name_says_its_kind_in_the_language_of_the_race(name: str, kind: str) -> None:
    assert vocabulary.guess(name) == (kind, "name")


@pytest.mark.parametrize(
    "name",
    [
        "Base of the Cliff", "Base du Mur", "Colmar", "Vpered", "As Neves", "Tasch", "Eaux Rousses",
        "Aquatic Centre", "Refugee Square", "First Aid", "Papas 2", "Avon", "Startforth", "水上",
        "Kapas", "Metal Bridge", "Campo Nuovo", "Passau", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_word_says_nothing(name: str) -> None:
    assert vocabulary.guess(name) == ("waypoint", "")


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("Aid Station", "aid"), ("AID STATION", "aid"), ("AidStation", "aid"),
        ("aid_station", "aid"),
        ("Restaurant", "aid"), ("Food", "aid"), ("Campground", "aid"), ("LifeBase", "life-base"),
        ("aid_station_with_warm_meal", "aid"), ("drink_supply", "water"), ("Water", "water"),
        ("Drinking Water", "water"), ("Sports Drink", "water"), ("Ravitaillement", "aid"),
        ("Checkpoint", "aid"), ("Begin", "start"), ("Departure", "start"), ("Arrival", "finish"),
        ("End", "finish"), ("First Aid", "waypoint"), ("user", "waypoint"), ("Alert", "waypoint"),
        ("Flag, Blue", "waypoint"), ("poi", "waypoint"), ("Danger", "waypoint"),
        ("Segment End", "waypoint"),
    ],
)  # fmt: skip
def test_types_and_symbols_of_watches_and_planners(mark: str, kind: str) -> None:
    assert vocabulary.guess("La Thuile", category=mark)[0] == kind
    assert vocabulary.guess("La Thuile", symbol=mark)[0] == kind


def test_a_description_says_it_with_the_words_of_stations_alone() -> None:
    def kind(description: str) -> str:
        return vocabulary.guess("La Thuile", description=description)[0]

    assert kind("Ristoro - Ravitaillement - Refreshment point") == "aid"
    assert kind("Base vita - Base vie - Life base. Docce") == "life-base"
    assert kind("Please take more water and food than you think") == "waypoint"
    assert kind("A steep climb, and a long way to the next checkpoint") == "waypoint"
    assert kind("no crew access, camp of the army, a source of joy") == "waypoint"


def test_a_col_with_an_aid_station_is_an_aid_station() -> None:
    assert vocabulary.guess("Colle Vecchia", symbol="Restaurant") == ("aid", "symbol")
    assert vocabulary.guess("Colle Vecchia", description="Ristoro") == ("aid", "description")
    assert vocabulary.guess("Colle Vecchia", "user", "Triangle, Green") == ("col", "name")
    assert vocabulary.guess("Ristoro Vecchia", "Drinking Water") == ("aid", "name")


def test_a_type_that_says_nothing_does_not_hide_the_symbol() -> None:
    point = wpt("La Thuile", 4).replace("<sym></sym>", "<sym>Restaurant</sym><type>user</type>")
    course = load(gpx(trk(straight(0, 10)), point))
    assert placed(course)[0][0] == ("La Thuile", "aid", 4.0)


def test_segments_of_strava_are_no_places() -> None:
    assert is_turn(Point("Top / SEGMENT START", symbol="Segment Start", category="Segment Start"))
    ends = (
        wpt(f"Top / SEGMENT {end}", k, sym=f"Segment {end}")
        for k, end in ((3, "Start"), (5, "End"))
    )
    assert names(load(gpx(trk(straight(0, 10)), *ends))) == [["Finish"]]


def test_guess_reads_all_texts_of_a_waypoint() -> None:
    assert guess(Point("A", symbol="Flag", category="user", description="ristoro")) == (
        "aid",
        "description",
    )
