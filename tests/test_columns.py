"""The titles of the columns of organisers' tables, in their languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpxstage.course import CourseError
from gpxstage.racefile import columns
from gpxstage.racefile.table import TableRow, read

HEADERS = {
    "en": "Place, Distance (km), Type, Facilities, Cut-off time",
    "fr": "Localité, Kilomètres, Nature, Prestations, Barrières horaires",
    "it": "Località, Distanza, Tipo, Servizi, Barriera oraria",
    "it 2": "Punto, Km, Tipologia, Servizi, Tempo limite",
    "de": "Ort, Kilometer, Art, Leistungen, Zeitlimit",
    "es": "Punto, Kilómetros, Tipo, Servicios, Tiempo de corte",
    "pt": "Localidade, Quilômetros, Tipo, Serviços, Horário de corte",
    "ja": "地点, 距離, 種類, サービス, 関門時刻",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_titles_in_seven_languages(header: str) -> None:
    found = columns.read(header.split(", "))
    assert found.known == {"name": 0, "km": 1, "kind": 2, "services": 3, "cutoff": 4}


def rows(folder: Path, text: str) -> list[TableRow]:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf-8")
    return list(read(path).rows)


def test_columns_named_after_a_service(tmp_path: Path) -> None:
    base, spring, gate = (
        row.point
        for row in rows(
            tmp_path,
            "Ort;km;Verpflegung;Wasser;Betten;Taschen;Betreuung\n"
            "Dorf;20;ja;x;40;ja;ja\nQuelle;32;nein;ja;-;;nein\nTor;40;;;;;\n",
        )
    )
    assert (base.kind, base.guessed, base.crew) == ("aid", "its services", True)
    assert base.services == ("food", "water", "bed", "bag")
    assert (spring.kind, spring.services, spring.crew) == ("water", ("water",), False)
    assert (gate.kind, gate.services) == ("waypoint", ())


def test_a_column_named_after_a_service_may_hold_the_kind_or_the_services(tmp_path: Path) -> None:
    first, second, base = (
        row.point
        for row in rows(
            tmp_path,
            "Lieu,km,Ravitaillement\nBourg,10,solide + liquide\nPont,20,liquide\n"
            "Refuge Neuf,30,Base de vie\n",
        )
    )
    assert (first.kind, first.services) == ("aid", ("solide", "liquide"))
    assert (second.kind, second.services) == ("water", ("liquide",))
    assert (base.kind, base.guessed) == ("life-base", "the table's kind")


def test_a_kind_that_means_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("name,km,kind\nA,1,ristoro\nB,2,portal\nC,3,\nD,4,col\nE,5,-\n", "utf-8")
    assert read(path).kinds == ("portal",)


def test_a_column_of_aid_stations_holds_names_where_no_other_does(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "Ravitaillement,km\nBourg,10\n")
    assert row.point.name == "Bourg"


def test_a_table_without_names_says_what_the_column_may_be_called(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"only where, km: it may be called name, place, nom,"):
        rows(tmp_path, "where,km\nHut,3\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "name,km,kind,cutoff\nA,20,aid,10:00\n\nB,31,4,aid,12:00\n",
            r'row 4: has 5 cells, and the header 4: write a cell .* as "31,4", or .* by ;',
        ),
        ("name,km,kind,cutoff\nB,31,4,aid\n", r'row 2: is shifted: write a cell .* as "31,4"'),
        ("name,km,cutoff,note\nB,31,4,12:00\n", r'row 2: is shifted: write a cell .* as "31,4"'),
        ("name,km\nHut,4,,near the lake\n", r"row 2: has 4 cells, and the header 2"),
    ],
)
def test_a_comma_too_many_names_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        rows(tmp_path, text)


def test_a_decimal_comma_that_is_no_separator(tmp_path: Path) -> None:
    for text in ('name,km,kind\nB,"31,4",aid\n', "name;km;kind\nB;31,4;aid\n"):
        (row,) = rows(tmp_path, text)
        assert (row.point.km, row.point.kind, row.line) == (31.4, "aid", 2)


def test_titles_that_say_how_cutoffs_count() -> None:
    for header, since, perhaps in (
        ("Limit (h)", True, True), ("Elapsed", True, False), ("Temps de course", True, False),
        ("Time limit", False, True), ("Tempo limite", False, True), ("Cutoff", False, False),
        ("Barrière horaire", False, False),
    ):  # fmt: skip
        title = columns.read(["name", header]).cutoff
        assert (columns.of_elapsed(title), columns.of_duration(title)) == (since, perhaps), header
