"""What people type: every door reads the same durations and finds a name by any of its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.cli.values import Duration, PlaceDuration, flat_time_s
from gpxstage.course import Course, CourseError
from gpxstage.racefile import load
from gpxstage.text import counted, duration_s, fits, letters, listed, nearest, suggestion

Call = Callable[..., tuple[int, str, str]]

DURATIONS = [
    ("38:00", 136_800.0),
    ("38:00h", 136_800.0),
    ("19:54:23", 71_663.0),
    ("1:02:03", 3723.0),
    ("0:00:01.5", 1.5),
    ("  2:00 ", 7200.0),
    ("38h", 136_800.0),
    ("2H", 7200.0),
    ("38 h", 136_800.0),
    ("38\N{NO-BREAK SPACE}h", 136_800.0),
    ("1.5h", 5400.0),
    ("1.5 h", 5400.0),
    ("90min", 5400.0),
    ("90m", 5400.0),
    ("90'", 5400.0),
    ("45s", 45.0),
    ("1h30", 5400.0),
    ("1h05", 3900.0),
    ("1h 30", 5400.0),
    ("1h30m", 5400.0),
    ("1h30min", 5400.0),
    ("1h 30min", 5400.0),
    ("1 hour 30 minutes", 5400.0),
    ("1h30min20s", 5420.0),
    ("1h30m20", 5420.0),
    ("1h 90s", 3690.0),
    ("38'20\"", 2300.0),
    ("38\N{PRIME}20\N{DOUBLE PRIME}", 2300.0),
    ("38''", 38.0),
    ("4d 12h", 388_800.0),
    ("2 days", 172_800.0),
    ("\N{FULLWIDTH DIGIT THREE}８：００", 136_800.0),
    ("\N{ARABIC-INDIC DIGIT THREE}٨:٠٠", 136_800.0),
]
NONE = [
    "",
    " ",
    "later",
    "h",
    "38",
    "1:60",
    "1:99",
    "1:75",
    "1:00:60",
    "1:2:3:4",
    "-1:00",
    "-1h",
    "+1h",
    "1h60",
    "1h90",
    "1h2h",
    "30min 1h",
    "1.5h 30min",
    "1h 30 20",
    "1,5h",
    "1½h",
    "1h3²",
    "1e3h",
    "nan",
    "infh",
    "9" * 5000 + "h",
    "9" * 5000 + ":00",
]


@pytest.mark.parametrize(("text", "value_s"), DURATIONS)
def test_a_duration_is_read(text: str, value_s: float) -> None:
    assert duration_s(text) == value_s


@pytest.mark.parametrize("text", NONE, ids=lambda text: text[:12])
def test_what_is_no_duration(text: str) -> None:
    assert duration_s(text) is None


@given(st.integers(0, 9_999), st.integers(0, 59), st.integers(0, 59))
def test_ways_to_write_one_duration_agree(h: int, m: int, s: int) -> None:
    ways = (f"{h}:{m:02}:{s:02}", f"{h}h{m:02}m{s:02}s", f"{h} h {m} min {s}", f"{h}h{m}'{s}\"")
    assert {duration_s(way) for way in ways} == {3600.0 * h + 60.0 * m + s}


@given(st.text(max_size=12))
def test_any_text_has_an_answer(text: str) -> None:
    value_s = duration_s(text)
    assert value_s is None or 0.0 <= value_s < float("inf")


def test_the_page_shows_what_is_read() -> None:
    """Every duration in the words of docs/cli.md is one, and in the list above."""
    page = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
    words = page.read_text("utf-8").partition("**Durations.**")[2].partition("A number alone")[0]
    shown = re.findall(r"`(\d[^`]*)`", words)
    assert len(shown) >= 8
    assert set(shown) <= {text for text, _ in DURATIONS}


# the doors


@pytest.fixture(scope="module")
def hill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 km with three places, as a race file beside its GPX."""
    folder = tmp_path_factory.mktemp("hill")
    points = "".join(
        f'<trkpt lat="{46.0 + 0.0018 * k:.6f}" lon="7.0"><ele>{1000 + 10 * (k % 20)}</ele></trkpt>'
        for k in range(101)
    )
    places = {"Rifugio Frassati": 5, "Étape": 10, "Col Loson": 15, "Col Alto": 18}
    waypoints = "".join(
        f'<wpt lat="{46.0 + 0.009 * km:.6f}" lon="7.0"><name>{name}</name></wpt>'
        for name, km in places.items()
    )
    (folder / "a.gpx").write_text(
        f"<gpx>{waypoints}<trk><name>Day One</name><trkseg>{points}</trkseg></trk></gpx>", "utf-8"
    )
    (folder / "race.toml").write_text(RACE, "utf-8")
    return folder


RACE = """timezone = "Europe/Rome"
start = 2026-09-04T10:00:00
terrain = 0.4
[[stage]]
gpx = "a.gpx"
"""


def test_every_door_reads_every_duration(hill: Path, tmp_path: Path) -> None:
    """--goal, --stop and --sleep, --flat, and the results of a race file."""
    (tmp_path / "a.gpx").write_bytes((hill / "a.gpx").read_bytes())
    for text, value_s in DURATIONS:
        assert Duration().convert(text, None, None) == value_s, text
        assert PlaceDuration().convert(f"Hut={text}", None, None) == ("Hut", value_s), text
        assert flat_time_s(text, value_s * 3.0) == value_s, text  # at 3 m/s: no m:ss
        quoted = text.replace('"', '\\"')
        (tmp_path / "race.toml").write_text(f'{RACE}[[results]]\nwinner = "{quoted}"\n', "utf-8")
        assert load(tmp_path).results[0].winner_s == value_s, text


@pytest.mark.parametrize("text", ["3h", "2h 30min", "180'", "3:02:03", "3.5 h", "0d 3h"])
def test_the_other_options_read_them(hill: Path, call: Call, text: str) -> None:
    """--passed and --past do not go through a type of option."""
    race = hill / "race.toml"
    assert call("estimate", race, "--passed", "Loson", text, "--draws", 0)[0] == 0
    assert call("fit", "--past", race, text, "-o", "-")[0] == 0


@pytest.mark.parametrize("text", ["1h90", "38", "later"])
def test_every_door_refuses_the_same(hill: Path, tmp_path: Path, call: Call, text: str) -> None:
    race = hill / "race.toml"
    for wish in (
        ("--goal", text),
        ("--stop", f"Frassati={text}"),
        ("--sleep", f"Frassati={text}"),
        ("--passed", "Frassati", text),
        ("--past", race, text),
        ("--flat", "10km", text),
    ):
        assert call("estimate", race, *wish, "--draws", 0)[0] == 2, wish
    (tmp_path / "a.gpx").write_bytes((hill / "a.gpx").read_bytes())
    (tmp_path / "race.toml").write_text(f'{RACE}[[results]]\nwinner = "{text}"\n', "utf-8")
    with pytest.raises(CourseError, match="is no time such as"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('limit_h = "38:00"', r"limit_h must be a number of hours: 38 where you have \"38:00\""),
        ('limit_h = "long"', r"limit_h must be a number, not text in quotes"),
    ],
)
def test_a_number_with_its_unit_in_the_key_says_which(
    hill: Path, tmp_path: Path, key: str, said: str
) -> None:
    (tmp_path / "a.gpx").write_bytes((hill / "a.gpx").read_bytes())
    (tmp_path / "race.toml").write_text(f"{key}\n{RACE}", "utf-8")
    with pytest.raises(CourseError, match=said):
        load(tmp_path)


def test_a_stop_in_words_says_its_minutes(hill: Path, tmp_path: Path) -> None:
    (tmp_path / "a.gpx").write_bytes((hill / "a.gpx").read_bytes())
    point = '[[stage.point]]\nname = "Frassati"\nstop_min = "1h30"\n'
    (tmp_path / "race.toml").write_text(RACE + point, "utf-8")
    said = r'point "Frassati": stop_min must be a number of minutes: 90 where you have "1h30"'
    with pytest.raises(CourseError, match=said):
        load(tmp_path)


# names


NAMES = ["Rifugio Pier Giorgio Frassati", "Étape", "Col Loson", "Col Alto", "CP 1", "CP 12", "★"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Frassati", [0]), ("rif frass", [0]), ("giorgio f", [0]),
        ("frassati rifugio", []),  # in their order
        ("etape", [1]), ("ETAPE", [1]), ("lo", [2]), ("col", [2, 3]), ("cp 1", [4]), ("1", [4]),
        ("cp", [4, 5]), ("★", [6]), ("", []), ("rassati", []),
    ],
)  # fmt: skip
def test_a_name_by_its_words(wanted: str, found: list[int]) -> None:
    assert fits(wanted, NAMES) == found


def test_what_is_typed_exactly_goes_first() -> None:
    assert fits("etape", ["Étape", "etape", "Etape 2"]) == [1]
    assert fits("ETAPE", ["Étape", "etape", "Etape 2"]) == [0, 1]
    assert fits("か", ["が", "か"]) == [1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Refuge de l'Étape", [0]), ("refuge de l'étape", [0]), ("Refuge de l'E\u0301tape", [0]),
        ("REFUGE DE L'ÉTAPE", [0]), ("Refuge de l'Etape", [1]), ("refuge de l etape", [1]),
        ("REFUGE DE L'ETAPE", [0, 1]), ("étape", [0, 1, 2]), ("étape nord", [2]),
    ],
)  # fmt: skip
def test_of_two_names_that_differ_by_an_accent_each_can_be_given(
    wanted: str, found: list[int]
) -> None:
    names = ["Refuge de l\u2019Étape", "Refuge de l\u2019Etape", "Etape Nord"]
    assert fits(wanted, names) == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("  Saint-Rhémy  (aid) ", "saint rhemy aid"),
        ("Bodø", "bodo"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("L'Épée", "l epee"),
        ("槍ヶ岳", "槍ヶ岳"),
        ("--", "--"),
    ],
)
def test_a_name_as_it_is_typed(name: str, said: str) -> None:
    assert letters(name) == said


WORD = st.text(st.characters(categories=["L"]), min_size=1, max_size=6)


@given(st.lists(st.lists(WORD, min_size=1, max_size=3), min_size=1, max_size=5))
def test_every_name_is_found_by_itself_and_by_each_word(made: list[list[str]]) -> None:
    names = [" ".join(words) for words in made]
    for k, words in enumerate(made):
        assert k in fits(names[k], names)
        assert any(letters(names[j]) == letters(words[0]) or j == k for j in fits(words[0], names))


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=4))
def test_any_names_have_an_answer(wanted: str, names: list[str]) -> None:
    assert letters(letters(wanted)) == letters(wanted)
    assert set(fits(wanted, names)) <= set(range(len(names)))
    assert nearest(wanted, names) in {None, *names}


def test_what_may_have_been_meant() -> None:
    assert nearest("Frasati", NAMES) == NAMES[0]
    assert suggestion("Frasati", NAMES) == f': did you mean "{NAMES[0]}"?'
    assert suggestion("Zoo", ["A", "B", "A"], "the points are") == ": the points are A, B"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert (counted(1, "track"), counted(0, "track")) == ("1 track", "0 tracks")


@pytest.mark.parametrize(
    "wish",
    [
        ("estimate", "--stop", "etape=10min"),
        ("estimate", "--sleep", "FRASSATI=1h"),
        ("estimate", "--passed", "loson", "4:00"),
        ("info", "--stage", "day"),
        ("estimate", "--level", "STRONG"),
        ("split", "--at", "etape"),
        ("split", "--at", "frass"),
    ],
)
def test_every_door_finds_a_name_by_a_word(
    hill: Path, tmp_path: Path, call: Call, wish: tuple[str, ...]
) -> None:
    command, *more = wish
    more += ["-o", str(tmp_path / "out")] if command == "split" else []
    code, _, err = call(command, hill / "race.toml", *more, "-q")
    assert code == 0, err


@pytest.mark.parametrize(
    "wish",
    [
        ("estimate", "--stop", "{}=10min"),
        ("estimate", "--sleep", "{}=1h"),
        ("estimate", "--passed", "{}", "4:00"),
        ("split", "--at", "{}"),
    ],
)
def test_every_door_refuses_a_name_that_means_several_or_none(
    hill: Path, tmp_path: Path, call: Call, wish: tuple[str, ...]
) -> None:
    command, *more = wish
    for typed, said in (("col", "Col Loson"), ("Frasati", 'did you mean "Rifugio Frassati"?')):
        words = [part.format(typed) for part in more]
        words += ["-o", str(tmp_path / "out")] if command == "split" else []
        code, _, err = call(command, hill / "race.toml", *words)
        assert code == 2
        assert said in err


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (("--stage", "9"), "--stage 9: the race has stages 1 to 1"),
        (("--stage", "zoo"), "--stage zoo: is no stage: the stages are Day One"),
        (("--level", "strnog"), 'did you mean "strong"?'),
    ],
)
def test_a_stage_or_a_level_that_is_not_there(
    hill: Path, call: Call, wish: tuple[str, ...], said: str
) -> None:
    code, _, err = call("estimate", hill / "race.toml", *wish)
    assert code == 2
    assert said in " ".join(err.split())


def cut_race(folder: Path, gpx: bytes, *stages: str) -> Course:
    (folder / "a.gpx").write_bytes(gpx)
    tables = "".join(f'[[stage]]\ngpx = "a.gpx"\n{stage}\n' for stage in stages)
    (folder / "race.toml").write_text(f"terrain = 0.4\n{tables}", "utf-8")
    return load(folder)


def test_a_race_file_names_its_cuts_by_a_word(hill: Path, tmp_path: Path) -> None:
    gpx = (hill / "a.gpx").read_bytes()
    whole = cut_race(tmp_path, gpx, 'to = "Rifugio Frassati"', 'from = "Rifugio Frassati"')
    short = cut_race(tmp_path, gpx, 'to = "FRASSATI"', 'from = "frass"')
    for one, other in zip(whole.stages, short.stages, strict=True):
        assert [p.name for p in one.points] == [p.name for p in other.points]
        assert [p.distance_m for p in one.points] == [p.distance_m for p in other.points]
        assert one.name == other.name


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ('to = "col"', r'to = "col" may be Col Loson, Col Alto$'),
        ('to = "Frasati"', r'did you mean "Rifugio Frassati"\?'),
        ('track = "night"', r'has no track named "night"$'),
        ('[[stage.point]]\nname = "col"', r'point "col" may be the waypoint Col Loson, Col Alto'),
    ],
)
def test_a_race_file_that_means_several_or_none(
    hill: Path, tmp_path: Path, stage: str, said: str
) -> None:
    with pytest.raises(CourseError, match=said):
        cut_race(tmp_path, (hill / "a.gpx").read_bytes(), stage)


def test_a_track_and_a_waypoint_by_a_word(hill: Path, tmp_path: Path) -> None:
    stage = 'track = "one"\n[[stage.point]]\nname = "frassati"\nkind = "aid"'
    course = cut_race(tmp_path, (hill / "a.gpx").read_bytes(), stage)
    hut, _ = course.stages[0].points
    assert hut.name == "frassati"
    assert hut.distance_m == pytest.approx(5000.0, abs=10.0)


def test_a_point_with_its_own_place_takes_nothing_from_a_name_that_is_only_like_it(
    hill: Path, tmp_path: Path
) -> None:
    stage = '[[stage.point]]\nname = "Col"\nkm = 2.0'
    course = cut_race(tmp_path, (hill / "a.gpx").read_bytes(), stage)
    assert course.stages[0].points[0].lat_deg is None
    assert course.stages[0].points[0].distance_m == 2000.0
