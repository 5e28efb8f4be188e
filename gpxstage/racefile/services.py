"""What places offer, by language: the words of race files and tables, and what they mean.

The words were collected like those of `vocabulary`, and are written as they are there.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from gpxstage.racefile import vocabulary
from gpxstage.text import letters, listed, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.course import Point

WORDS: dict[str, dict[str, str]] = {
    "food": {
        "en": "food, foods, meal, meals, snack, snacks, soup, buffet, breakfast, lunch, dinner,"
              " restaurant, kitchen, aid, aid station, refreshment, refreshments, feed, feed zone",
        "fr": "ravitaillement, ravitaillements, ravito, ravitos, nourriture, repas, solide,"
              " solides, restauration, soupe, petit déjeuner",
        "it": "ristoro, ristori, cibo, pasto, pasti, rifornimento, solido, solidi, alimenti,"
              " vitto, ristorante, colazione, cena",
        "de": "verpflegung*, essen, mahlzeit*, suppe*, labe*, imbiss*, frühstück, restaurant",
        "es": "comida, comidas, avituallamiento, avituallamientos, alimento, alimentos,"
              " alimentación, sólido, sólidos, desayuno, sopa",
        "ca": "avituallament, avituallaments, menjar",
        "pt": "abastecimento, abastecimentos, refeição, refeições, alimentação, jantar, almoço",
        "nl": "eten, voeding, verzorging, maaltijd*", "pl": "jedzenie, posiłek, bufet",
        "cs": "jídlo, občerstvení", "sv": "mat", "no": "mat",
        "ja": "食, エイド, 補給", "zh": "补给, 補給, 餐", "ko": "음식, 식사, 보급",
    },
    "water": {
        "en": "water, drink, drinks, drinking, beverage, beverages, liquid, liquids, fluid,"
              " fluids, tea, coffee, fountain, spring",
        "fr": "eau, boisson, boissons, liquide, liquides, fontaine, source",
        "it": "acqua, bevanda, bevande, liquido, liquidi, fontana, sorgente",
        "de": "*wasser, wasser*, getränk*, trink*", "es": "agua, bebida, bebidas, fuente",
        "ca": "aigua, beguda", "pt": "água, fonte", "nl": "drinken, drank", "pl": "woda, napoje",
        "cs": "voda, pití", "sv": "vatten, dryck", "no": "vann, drikke",
        "ja": "水, ドリンク, 飲料", "zh": "饮, 飲", "ko": "물, 급수",
    },
    "bed": {
        "en": "bed, beds, sleep, sleeping, dorm, dorms, dormitory, dormitories, bunk, bunks,"
              " mattress, mattresses, cot, cots, nap, accommodation",
        "fr": "lit, lits, couchage, couchages, dortoir, dortoirs, dormir, matelas, hébergement,"
              " nuitée, sommeil",
        "it": "letto, letti, branda, brande, dormire, dormitorio, dormitori, riposo,"
              " pernottamento, materasso, materassi",
        "de": "bett, betten, *betten, schlaf*, matratze*, übernacht*, liegen",
        "es": "cama, camas, dormir, dormitorio, dormitorios, litera, literas, colchón, colchones",
        "ca": "llit, llits", "pt": "dormitório, dormitórios, beliche, beliches, colchão, colchões",
        "nl": "bedden, slapen, slaapplaats*", "pl": "łóżko, łóżka, nocleg, spanie",
        "cs": "postel, postele, spaní, nocleh", "sv": "säng, sängar, sova", "no": "seng, senger",
        "ja": "寝, 眠, ベッド, 宿泊", "zh": "床, 睡", "ko": "침대, 수면",
    },
    "medical": {
        "en": "medical, medic, medics, doctor, doctors, nurse, physio, physios, physiotherapy,"
              " first aid, emergency, ambulance, hospital, rescue",
        "fr": "médecin, médecins, médical, médicale, infirmier, infirmière, infirmerie, secours,"
              " kiné, kinés, podologue, soins",
        "it": "medico, medici, medica, infermeria, soccorso, fisioterapia, fisioterapista,"
              " sanitario, sanitaria",
        "de": "arzt, ärzte, *arzt, sanität*, medizin*, physio*, rettung*, erste hilfe",
        "es": "médico, médicos, médica, enfermería, socorro, fisio*, primeros auxilios",
        "ca": "metge, mèdic, mèdica", "pt": "médicos, enfermagem, socorros",
        "nl": "arts, ehbo, medisch*", "pl": "lekarz, medyk, pomoc medyczna", "cs": "lékař",
        "ja": "救護, 医", "zh": "医, 醫", "ko": "의료",
    },
    "crew": {
        "en": "crew, crews, support, supporters", "fr": "assistance, assistants, accompagnateurs",
        "it": "assistenza, accompagnatori", "de": "betreuung*, betreuer*, begleit*",
        "es": "asistencia, acompañantes", "ca": "assistència", "pt": "assistência, apoio",
        "ja": "サポート", "ko": "서포트",
    },
    "bag": {
        "en": "bag, bags, drop bag, drop bags, dropbag, dropbags, luggage",
        "fr": "sac, sacs, bagage, bagages",
        "it": "sacca, sacche, borsa, borse, borsone, borsoni, bagaglio, bagagli",
        "de": "*tasche, *taschen, beutel, *beutel, gepäck*, dropbag*",
        "es": "bolsa, bolsas, equipaje", "pt": "saco, sacos, bagagem", "nl": "tas, tassen",
        "ja": "バッグ, 荷物", "zh": "包", "ko": "백",
    },
    "": {  # known, and of no consequence here
        "en": "shower, showers, toilet, toilets, wc, massage, massages, shop, shops, bus, bus stop,"
              " shuttle, train, parking, car park, charging, power, timing, wifi, bar, pub,"
              " pharmacy, clothes, changing, fire, heating, shelter, tent, tents, hut, camp",
        "fr": "douche, douches, toilettes, navette, gare, pharmacie, vestiaire, vestiaires, abri",
        "it": "doccia, docce, bagno, bagni, servizi igienici, navetta, massaggi, negozio, farmacia,"
              " parcheggio, spogliatoio, spogliatoi",
        "de": "dusche, duschen, *dusche, toilette, toiletten, massagen, laden, apotheke, parkplatz,"
              " umkleide*, zelt, zelte",
        "es": "ducha, duchas, aseo, aseos, baño, baños, masaje, masajes, tienda, farmacia,"
              " aparcamiento, vestuario, vestuarios",
        "pt": "duche, duches, chuveiro, chuveiros, casa de banho, massagem, massagens, loja",
        "ja": "シャワー, トイレ, マッサージ, 駐車, 売店, バス", "zh": "厕所, 淋浴", "ko": "화장실",
    },
}  # fmt: skip
NOT = re.compile(r"(?:no|not|without|sans|pas de|senza|ohne|kein|keine|sin|sem|nessun\w*|zonder) ")
MEANINGS = tuple(filter(None, WORDS))


@lru_cache(4096)
def meaning(service: str) -> frozenset[str]:
    """What a service is, of food, water, bed, medical, crew and bag; none for other words.

    "hot meals and beds" is food and a bed. "medical assistance" is not the crew's.
    """
    plain = _plain(service)
    if NOT.match(plain):
        return frozenset()
    found = {what for what in MEANINGS if _patterns()[what].search(plain)}
    return frozenset(found - {"crew"} if "medical" in found else found)


def meanings(services: Iterable[str]) -> frozenset[str]:
    """What some services are together."""
    return frozenset().union(*map(meaning, services))


def offered(point: Point) -> frozenset[str]:
    """What a place offers by its services."""
    return meanings(point.services)


def is_known(service: str) -> bool:
    """Whether a service has a word that is in the table."""
    plain = _plain(service)
    return bool(NOT.match(plain)) or any(p.search(plain) for p in _patterns().values())


def _plain(service: str) -> str:
    """A service in small letters without accents: "DropBag" as one word and as two."""
    return f"{letters(service)} | {vocabulary.plain_words(service)}"


def parted(text: str) -> tuple[str, ...]:
    """The services of a text: parted by signs, by wide gaps, or by spaces where all are known."""
    found: list[str] = []
    for part in re.split(r"[,;/|+&•、・]\s*|\s{2,}", text):
        words = part.lower().split()
        each = all(map(is_known, words)) and meanings(words) == meaning(part)
        found += words if each else [part.strip()]
    return tuple(word for word in found if word)


def doubts(named: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Notes of the services that mean nothing; *named* holds places and their services."""
    places: dict[str, list[str]] = {}
    for place, offers in named:
        for service in offers:
            if not is_known(service):
                places.setdefault(service, []).append(place)
    english = [{"en": tongues["en"]} for tongues in WORDS.values()]  # before all other words
    known = [word for table in (*english, *WORDS.values()) for word in vocabulary.words_of(table)]
    notes = []
    for service, at in places.items():
        close = nearest(service, dict.fromkeys(word.strip("*") for word in known))
        hint = f'did you mean "{close}"?' if close else f"known are {', '.join(MEANINGS)}"
        notes.append(f'service "{service}" is not known ({hint}): {listed(at)}')
    return notes


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words_of, pattern_of = vocabulary.words_of, vocabulary.pattern_of
    return {what: pattern_of(words_of(tongues)) for what, tongues in WORDS.items()}
