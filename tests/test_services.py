"""The words for what places offer, and the races in which they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from race_courses import Race, notes

from gpxstage.course import Point
from gpxstage.facts.eating import has_food, has_water
from gpxstage.racefile import services
from gpxstage.racefile.table import read

WORDS = {
    "bed": "bed, Bed, BEDS, sleeping, dormitory, letto, posti letto, Betten, lits, cama, dortoir,"
           " Matratzenlager, 寝, 仮眠, ベッド",
    "food": "food, meals, hot food, ravitaillement, Ravito, ristoro, Verpflegung, Essen,"
            " avituallamiento, comida, abastecimento, refeição, aid_station, エイド, 給食",
    "water": "water, drinks, drink_supply, eau, boissons, acqua, Wasser, Getränke, agua, água,"
             " 給水",
    "medical": "medical, doctor, first aid, emergency, secours, médecin, medico, pronto soccorso,"
               " Arzt, Sanität, médico, 救護, medical assistance, assistenza medica",
    "crew": "crew, assistance, assistenza, asistencia, assistência, Betreuung, サポート",
    "bag": "bag, drop bag, DropBag, sac, Sac d'allègement, sacca, borse, Taschen, bolsa, バッグ",
    "": "shower, WiFi, bus_stop, Toiletten, doccia, no water, sans ravitaillement, ohne Betten,"
        " foood",
}  # fmt: skip
CASES = [(word.strip(), what) for what, words in WORDS.items() for word in words.split(",")]


@pytest.mark.parametrize(("word", "what"), CASES, ids=[word for word, _ in CASES])
def test_a_word_of_any_language_is_what_it_says(word: str, what: str) -> None:
    assert services.meaning(word) == ({what} if what else set())


def test_a_text_may_be_several_services() -> None:
    assert services.meaning("Hot meals and beds") == {"food", "bed"}
    assert services.parted("Letti + ristoro / doccia") == ("letti", "ristoro", "doccia")
    assert services.parted("ravitaillement lits") == ("ravitaillement", "lits")
    assert services.parted("medical assistance") == ("medical assistance",)
    assert services.parted("live music; 食事、仮眠") == ("live music", "食事", "仮眠")


def test_services_of_no_consequence_are_known() -> None:
    known = ["WiFi", "bus_stop", "Toiletten", "no water", "Duschen", "massages", "シャワー"]
    assert services.doubts([("A", known)]) == []


def test_every_word_of_the_table_means_itself() -> None:
    for what, tongues in services.WORDS.items():
        for text in tongues.values():
            for word in text.split(","):
                assert services.is_known(word.strip(" *")), word
                assert not what or what in services.meaning(word.strip(" *")) or what == "crew"


def test_places_have_what_their_services_mean() -> None:
    assert has_food(Point("A", services=("Ristoro",)), named=True)
    assert has_water(Point("A", services=("boissons",)))
    assert not has_water(Point("A", services=("letti",)))


def test_a_race_file_has_services_in_any_language(passes: Race) -> None:
    said = 'name = "Rifugio Neve"\nservices = ["letti", "assistenza", "Sacche"]'
    course = passes.one(point=said)
    (hut, *_) = course.stages[0].points
    assert services.offered(hut) == {"bed", "crew", "bag"}
    assert (hut.crew, hut.drop_bag) == (True, True)
    assert notes(course) == ""


def test_an_unknown_service_is_a_note_with_the_nearest_word(passes: Race) -> None:
    said = 'name = "Rifugio Neve"\nservices = ["foood", "bed", "live music"]'
    assert notes(passes.one(point=said)).split("\n") == [
        'service "foood" is not known (did you mean "food"?): Rifugio Neve',
        'service "live music" is not known (known are food, water, bed, medical, crew, bag):'
        " Rifugio Neve",
    ]


def test_sleep_is_planned_where_beds_are_in_any_language(passes: Race) -> None:
    from gpxstage.estimator.plan import _beds

    course = passes.one(point='name = "Rifugio Neve"\nservices = ["Betten"]')
    points = list(course.stages[0].points)
    assert _beds(course, points) == [point.name == "Rifugio Neve" for point in points]


def test_a_table_of_a_timing_company(data: Callable[[str], Path]) -> None:
    rows = read(data("../facts/courses/utmb-2025.tsv")).rows
    offers = {row.point.name: row.point.services for row in rows}
    meant = {services.meaning(word) for word in offers["Les Chapieux"]}
    assert frozenset({"food"}) in meant
    assert services.doubts(list(offers.items())) == []
