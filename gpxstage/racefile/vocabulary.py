"""What races call their places, by language: one table of words, and the kind that a text means.

The words were collected from the course files, the road books and the rules of races, and from
the types and symbols that watches and planners write (Garmin, Suunto, Strava, komoot, livetrail,
trace de trail). Which word decides where two are in a name is judgement.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["start", "col", "aid", "water", "crew", "life-base", "finish", "waypoint"]
KINDS = get_args(Kind)

# Each kind with its words by language, separated by commas. The first kind of which a word is in
# the text decides. A number may follow a word: "Ravito 4", "CP3". A word with
#   *  at its beginning may be the end of a longer word: "Obstanserseehütte",
#   *  at its end may be the beginning of a longer word: "Verpflegungsposten",
#   =  before it counts only where it is the whole text, but for a number: "Water 2",
#   #  after it counts only with a number: "VP 3".
# Accents and capitals do not matter. Words of scripts without spaces may be anywhere.
WORDS: dict[str, dict[str, str]] = {
    "start": {
        "en": "start", "fr": "départ", "it": "partenza", "es": "salida", "ca": "sortida",
        "pt": "partida, largada", "ja": "スタート", "zh": "起点, 起點", "ko": "출발",
    },
    "finish": {
        "en": "finish, finish line", "fr": "arrivée", "it": "arrivo", "de": "ziel",
        "es": "meta, llegada", "ca": "arribada", "pt": "chegada", "sv": "mål", "no": "mål",
        "sl": "cilj", "cs": "cíl", "ja": "フィニッシュ, ゴール", "zh": "终点, 終點", "ko": "도착",
    },
    "life-base": {
        "en": "life base, lifebase, base", "fr": "base de vie, base vie, bdv", "it": "base vita",
        "es": "base de vida, base vida", "ca": "base de vida", "pt": "base de vida, base vida",
        "any": "bv#",
    },
    "col": {
        "en": "pass, gap, saddle", "fr": "col, brèche, fenêtre, hourquette, passage",
        "it": "colle, colletto, passo, finestra, bocchetta, bocca, forcella",
        "de": "*joch, *sattel, furka, furgge, scharte, törl", "es": "collado, puerto", "ca": "coll",
        "sl": "sedlo", "pl": "przełęcz", "ja": "峠", "zh": "垭口",
    },
    "water": {
        "en": "water, drinking water, drink, drinking, drink supply, fountain, spring",
        "fr": "point d'eau, eau potable, fontaine, source, =eau",
        "it": "punto acqua, acqua potabile, fontana, sorgente, =acqua",
        "de": "wasserstelle, wasserstation, trinkwasser, getränke*, =wasser",
        "es": "punto de agua, agua potable, fuente, =agua", "ca": "punt d'aigua, =aigua, =font",
        "pt": "ponto de água, fonte, =água", "nl": "waterpost", "sv": "vattenstation, =vatten",
        "no": "vannstasjon, =vann", "pl": "=woda", "cs": "=voda", "sl": "=voda",
        "ja": "給水, 水場, ウォーター", "zh": "饮水, 飲水, 水站", "ko": "급수",
    },
    "crew": {
        "en": "crew", "fr": "assistance", "it": "assistenza", "es": "asistencia",
        "ca": "assistència", "pt": "assistência", "de": "betreuer, betreuerzone, betreuungszone",
        "ja": "サポート",
    },
    "aid": {
        "en": "aid, aid station, refreshment, refreshments, checkpoint, check point, feed station,"
              " feed zone, rest stop, hut, camp, camping, campsite, campground, lodge, bivouac,"
              " food, drop, drop bag, dropbag",
        "fr": "ravito, ravitos, ravitaillement, ravitaillements, ravit, refuge, cabane, dortoir,"
              " gîte, auberge, hospice",
        "it": "ristoro, ristori, rifornimento, rifugio, rif, capanna, bivacco",
        "de": "verpflegung*, labestation, labestelle, labstation, labe, *hütte, berghaus, stf",
        "es": "avituallamiento, avituallamientos, avit, refugio, albergue, punto de control,"
              " control de paso",
        "ca": "avituallament, refugi", "eu": "hornidura",
        "pt": "abastecimento, posto de abastecimento, posto de controlo",
        "nl": "verzorgingspost, verzorging, bevoorrading",
        "sv": "vätskekontroll, vätskestation, matstation, depå",
        "no": "drikkestasjon, matstasjon", "da": "depot, væskestation",
        "pl": "punkt odżywczy, punkt żywieniowy, bufet, schronisko",
        "cs": "občerstvovací, občerstvovačka, občerstvení, chata", "sk": "občerstvenie",
        "sl": "okrepčevalnica, koča", "hr": "okrjepa",
        "hu": "frissítő, frissítőpont, ellenőrzőpont",
        "ro": "punct de alimentare, cabana",
        "ja": "エイド, 給食, チェックポイント, 関門, 小屋",
        "zh": "补给, 補給, 打卡点, 打卡點", "ko": "보급, 체크포인트",
        "any": "cp, ckpt, ref, vp, as#, ta#, pc#, pa#, pk#, ck#, ks#, zp#, v#",
    },
}  # fmt: skip

# What only a type or a symbol says: in a name these words may be anything.
MARKS: dict[str, str] = {
    "start": "=begin, =departure",
    "finish": "=end, =arrival, =arrivee",
    "water": "sports drink",
    "col": "=valley, =saddle",
    "aid": "restaurant, fast food, cafe, energy gel, rest area, checkpoint, picnic area, shelter",
}

# Which passage of a place a name means: "Gèdre aller" is the first one, "Gèdre retour" the last.
PASSAGES: dict[str, dict[str, str]] = {
    "out": {"en": "out, outbound", "fr": "aller", "it": "andata", "es": "ida", "ca": "anada",
            "de": "hin, hinweg", "ja": "往路"},
    "back": {"en": "back, return, inbound", "fr": "retour", "it": "ritorno",
             "es": "vuelta, regreso", "ca": "tornada", "de": "zurück, rückweg", "ja": "復路"},
}  # fmt: skip

# The two doors of one place: "Courmayeur IN" and "Courmayeur OUT".
DOORS: dict[str, dict[str, str]] = {
    "in": {"en": "in, entry, arrival", "fr": "entrée, arrivée", "it": "entrata, ingresso, arrivo",
           "es": "entrada, llegada", "de": "eingang, ein, ankunft", "pt": "entrada, chegada",
           "ja": "入", "zh": "进"},
    "out": {"en": "out, exit, departure", "fr": "sortie, départ", "it": "uscita, partenza",
            "es": "salida", "de": "ausgang, aus, abgang", "pt": "saída, partida", "ja": "出",
            "zh": "出"},
}  # fmt: skip

# What a time limit at a place is called.
LIMITS: dict[str, str] = {
    "en": "cutoff, cut off, cut offs, cutoffs, time limit, time limits, time barrier,"
          " time deadline, closing",
    "fr": "barrière horaire, barrières horaires, barrière, limite horaire, heure limite,"
          " temps limite, fermeture, bh",
    "it": "barriera oraria, cancello orario, cancello, barriera, tempo limite, orario limite,"
          " tempo massimo",
    "es": "barrera horaria, tiempo límite, hora límite, hora de corte, tiempo de corte,"
          " horario de corte, corte, cierre",
    "ca": "temps límit, tall horari, tancament",
    "pt": "barreira horária, tempo limite, hora limite, hora de corte, tempo de corte,"
          " horário de corte, fecho",
    "de": "zeitlimit, zeitlimits, cutoffzeit, karenzzeit, sollzeit, durchgangszeit, schlusszeit,"
          " kontrollschluss",
    "ja": "関門, 制限時間, 閉鎖", "zh": "关门, 關門",
}  # fmt: skip

# Months, January first: each begins with one of these.
MONTHS: dict[str, str] = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "fr": "janv fev mars avr mai juin juil aou sep oct nov dec",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "ca": "gen feb mar abr mai jun jul ago set oct nov des",
    "de": "jan feb mar apr mai jun jul aug sep okt nov dez",
}

# Days of the week, Monday first: each begins with one of these.
WEEKDAYS: dict[str, str] = {
    "en": "mon tue wed thu fri sat sun", "fr": "lun mar mer jeu ven sam dim",
    "it": "lun mar mer gio ven sab dom", "es": "lun mar mie jue vie sab dom",
    "pt": "seg ter qua qui sex sab dom", "ca": "dil dim dimec dij div dis dium",
    "de": "mo di mi do fr sa so", "ja": "月 火 水 木 金 土 日",
}  # fmt: skip

# Scripts that put no spaces between words: Hangul, taken apart by `letters`, kana, Han.
UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")
HUMPS = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")  # "BaseVita", "AidStation"
NOT_A_BASE = r"(?! (?:of|camp|du|des|della|del|dell)(?![a-z]))"  # the base of a cliff is none
NOT_FIRST = r"(?<!first )"  # first aid is no aid station
NOTHING = re.compile(r"(?!)")
HEAD_WORDS = 4  # judgement: the words of a description that may name the place; then it is prose
PROSE = ("life-base", "aid")  # what a description may mean: other words of it may mean anything
NOT_IN_PROSE = {
    "base", "aid", "hut", "camp", "camping", "food", "drop", "drop bag", "dropbag", "lodge",
    "refuge", "rif", "ref", "labe", "stf", "chata", "depot", "cabana",
}  # fmt: skip


def guess(
    name: str, category: str = "", symbol: str = "", description: str = ""
) -> tuple[str, str]:
    """The kind of a place, and what it was guessed from: "name", "type", "symbol", ...

    *category* is the type that a GPX waypoint has. A col with an aid station's type or symbol is
    an aid station. A place of which nothing is known is a waypoint, and the second is "".
    """
    found = (
        ("type", _kind(category, marks=True)),
        ("symbol", _kind(symbol, marks=True)),
        ("description", _kind(description, prose=True)),
    )
    other = next(((kind, origin) for origin, kind in found if kind), ("waypoint", ""))
    own = _kind(name)
    return (own, "name") if own and (own != "col" or not other[1]) else other


@lru_cache(maxsize=1024)  # types, symbols and many names come again and again
def _kind(text: str, *, marks: bool = False, prose: bool = False) -> str:
    plain = plain_words(text)
    if prose:
        plain = " ".join(plain.split()[:HEAD_WORDS])
    tables = ("prose",) if prose else ("prose", "name", "mark") if marks else ("prose", "name")
    found = (kind for kind in WORDS for table in tables if _pattern(kind, table).search(plain))
    first = next(found, "") if plain else ""
    if first == "start" and any(_pattern("finish", table).search(plain) for table in tables):
        return next((kind for kind in found if kind != "finish"), "")  # a place of every lap
    return first


def limits() -> tuple[str, ...]:
    """What a time limit is called in any language, in small letters without accents and signs."""
    words = set(map(letters, words_of(LIMITS)))
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def words_of(tongues: Mapping[str, str]) -> list[str]:
    """The words of a table, of all its languages."""
    return [word.strip() for text in tongues.values() for word in text.split(",")]


def plain_words(text: str) -> str:
    """A text in small letters without accents and signs: "BaseVita-Cogne" is "base vita cogne"."""
    return letters(HUMPS.sub(" ", text))


@cache
def _pattern(kind: str, table: str) -> re.Pattern[str]:
    """The words of a kind that count in prose, too, those that do not, or those of marks."""
    if table == "mark":
        words = MARKS[kind].split(", ") if kind in MARKS else []
    else:
        words = words_of(WORDS[kind])
        in_prose = [word for word in words if kind in PROSE and word not in NOT_IN_PROSE]
        words = in_prose if table == "prose" else [word for word in words if word not in in_prose]
    return pattern_of(words) if words else NOTHING


def pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """The pattern of some words of the table, in a text of plain words."""
    cores: dict[tuple[str, str], list[str]] = {}  # by what has to come before and after
    for word in words:
        before, core, after = _parts(word)
        cores.setdefault((before, after), []).append(core)
    return re.compile("|".join(f"{b}(?:{'|'.join(each)}){a}" for (b, a), each in cores.items()))


def _parts(word: str) -> tuple[str, str, str]:
    core = re.escape(letters(word.strip("*=#"))).replace(r"\ ", " ")
    if UNSPACED.search(core):
        return "", core, ""
    if word.startswith("="):
        return "^", core, r"(?: ?\d+)?$"
    before = r"(?<![a-z])" if not word.startswith("*") else ""
    if word == "aid":
        before = f"{NOT_FIRST}{before}"
    if word.endswith("#"):
        return before, core, r" ?\d{1,3}[a-z]?(?![a-z0-9])"
    after = r"(?:\d+[a-z]?)?(?![a-z])" if not word.endswith("*") else ""
    return before, core, after + (NOT_A_BASE if word == "base" else "")


def passage(name: str) -> tuple[str, str]:
    """A name without the word for one of its passages, and which: "out", "back" or ""."""
    return _ending(name, _meanings("passage"))


def door(name: str) -> tuple[str, str]:
    """A name without the word for one of its doors, and which: "in", "out" or ""."""
    return _ending(name, _meanings("door"))


def _ending(name: str, meanings: Mapping[str, str]) -> tuple[str, str]:
    """A name without its last word, where that is a word of the table, and what it means."""
    found = re.search(r"[^\W\d_]+(?=\W*$)", name)
    stem = name[: found.start()].strip(" -–,;:/([") if found else ""
    means = meanings.get(letters(found[0]), "") if found and stem else ""
    return (stem, means) if means else (name, "")


@cache
def _meanings(which: str) -> dict[str, str]:
    table = PASSAGES if which == "passage" else DOORS
    return {letters(word): key for key, tongues in table.items() for word in words_of(tongues)}
