"""What is wrong in a race file is one line with its place."""

from __future__ import annotations

import pytest
from race_courses import (
    FULL,
    TEN,
    Race,
    gpx,
)

from gpxstage.course import CourseError
from gpxstage.racefile import load

ZONE = 'timezone = "Europe/Rome"\nstart = 2026-09-04T10:00:00'
AT = r'race\.toml: stage 1 "Day 1": '
POINT = rf'{AT}point "Lake": '
LAKE = 'name = "Lake"\nkm = 3\n'


WRONG = [  # keys of the race, of the stage, of the point; what the message says
    ("nam = 'A'", "", "", r"race\.toml: unknown key nam: did you mean name\?"),
    ("time_zone = 'A'", "", "", r"unknown key time_zone: did you mean timezone\?"),
    ("", "terain = 0.3", "", rf"{AT}unknown key terain: did you mean terrain\?"),
    ("", "wheels = 2", "", rf"{AT}unknown key wheels: known are gpx, name, track, from, to"),
    ("", "", LAKE + "cut_off = 3", rf"{POINT}unknown key cut_off: did you mean cutoff\?"),
    ("official = { kms = 3 }", "", "", r"race\.toml: official: unknown key kms: did you mean km\?"),
    ("", "official = { gain = 3 }", "", rf"{AT}official: unknown key gain: did you mean gain_m\?"),
    ("[[results]]\nwiner = '1:00'", "", "", r"results 1: unknown key winer: did you mean winner\?"),
    ("name = 3", "", "", r"race\.toml: name must be text in quotes, not a whole number"),
    ("limit_h = '60'", "", "", r"race\.toml: limit_h must be a number, not text in quotes"),
    ("limit_h = 0", "", "", r"race\.toml: limit_h must be at least 0.1"),
    ("limit_h = nan", "", "", r"race\.toml: limit_h must be a finite number"),
    ("format = 'stage'", "", "", r'race\.toml: format "stage" is unknown: did you mean "staged"\?'),
    ("survey = ''", "", "", r"race\.toml: survey must not be empty"),
    ("", "terrain = 2", "", rf"{AT}terrain must be at most 1"),
    ("", "track = true", "", rf"{AT}track must be a whole number or text in quotes, not true"),
    ("", "transfer = 1", "", rf"{AT}transfer must be true or false, not a whole number"),
    ("", "point = 3", "", rf"{AT}point must be a list, not a whole number"),
    ("", "", LAKE + "crew = 'yes'", rf"{POINT}crew must be true or false, not text in quotes"),
    ("", "", "name = 'Lake'\nkm = -1", rf"{POINT}km must be at least 0"),
    ("", "", LAKE + "kind = 'aidd'", rf'{POINT}kind "aidd" is unknown: did you mean "aid"\?'),
    ("", "", LAKE + "kind = 'zoo'", rf'{POINT}kind "zoo" is unknown: known are start, col, aid,'),
    ("", "", LAKE + "services = 'bed'", rf"{POINT}services must be a list, not text in quotes"),
    ("", "", LAKE + "services = [3]", rf"{POINT}services must be text in quotes, not a whole"),
    ("", "", LAKE + "lat = 95\nlon = 7", rf"{POINT}lat must be at most 90"),
    ("", "", LAKE + "lat = 45", rf"{POINT}lat and lon go together: no lon"),
    ("", "", "km = 3", rf"{AT}point 1: name is missing"),
    (
        "start = '2026-09-04T10:00:00'",
        "",
        "",
        r"race\.toml: start must be a date and time without quotes, such as 2026-09-04T10:00:00",
    ),
    ("start = 2026-09-04", "", "", r"race\.toml: start must be a date and time .* not a date with"),
    ("start = 2026-09-04T10:00:00Z", "", "", r"race\.toml: start is local wall clock, without an"),
    ("waves = 2026-09-04T10:00:00", "", "", r"race\.toml: waves must be a list"),
    ("start = 2026-09-04T10:00:00", "", "", r"race\.toml: start: a date and time needs a timezone"),
    (
        "timezone = 'Europe/Room'",
        "",
        "",
        r'timezone "Europe/Room" is not a name of the IANA list: did you mean Europe/Rome\?',
    ),
    ("timezone = '../etc'", "", "", r'timezone "\.\./etc" is not a name of the IANA list'),
    (ZONE + "\nwaves = [2026-09-04T10:00:00]", "", "", r"start and waves: the race has one"),
    (
        'timezone = "Europe/Rome"\nwaves = [2026-09-04T12:00:00, 2026-09-04T10:00:00]',
        "",
        "",
        r"race\.toml: waves must be in order",
    ),
    (ZONE, "start = 2026-09-04T11:00:00", "", rf"{AT}start differs from the race's start"),
    (
        ZONE,
        "",
        LAKE + "cutoff = 2026-09-04T09:00:00",
        rf"{POINT}cutoff 2026-09-04 09:00 is not after the start 2026-09-04 10:00",
    ),
    (
        'timezone = "Europe/Rome"',
        "",
        LAKE + "cutoff = 2026-09-04T09:00:00",
        rf"{POINT}a cutoff needs a start to count from",
    ),
    ("[[results]]\nmedian = 'slow'", "", "", r'results 1: median "slow" is no time such as'),
    ("[[results]]\nmedian = '0:00'", "", "", "a time must be longer than nothing"),
    ("[[results]]\nfinishers = 0", "", "", "results 1: finishers must be at least 1"),
    (
        "[[results]]\nyear = 2024\n[[results]]\nwinner = '9h'\np25 = '12h'\nmedian = '11:59'",
        "",
        "",
        r'race\.toml: results 2: median "11:59" is faster than p25 "12h"',
    ),
    ("terrain_spread = 0", "", "", "terrain_spread must be more than 0"),
    ("", "track = 3", "", rf"{AT}a\.gpx has 1 tracks, no track 3"),
    ("", "track = 'Two'", "", rf'{AT}a\.gpx has no track named "Two"'),
    (
        "",
        "",
        "name = 'Rifugio Neve'\nkm = 48.2",
        rf'{AT}point "Rifugio Neve" with km = 48\.2 is past the end, which is km = 10\.0',
    ),
    (
        "",
        "official = { km = 10.5 }",
        "name = 'Lake'\nkm = 48.2",
        rf'{AT}point "Lake" with km = 48\.2 is past the end',
    ),
    (
        "",
        "",
        "name = 'Rifugio Nevi'",
        rf'{AT}point "Rifugio Nevi" has no km, no lat and lon, and a\.gpx has no waypoint of that'
        r' name: did you mean "Rifugio Neve"\?',
    ),
    (
        "",
        "",
        LAKE + "[[stage.point]]\nname = 'Lake'",
        rf'{AT}point "Lake" is listed 2 times: each needs its km',
    ),
    (
        "",
        "",
        LAKE + "[[stage.point]]\nname = 'Hut'\nkm = 2.5",
        rf'{AT}point "Hut" with km = 2\.5 is listed after "Lake" with km = 3\.0: points go',
    ),
]


class TestErrors:
    """What a person can fix: where, what, and the rule."""

    @pytest.mark.parametrize(("keys", "stage", "point", "message"), WRONG)
    def test_one_clear_line(
        self, passes: Race, keys: str, stage: str, point: str, message: str
    ) -> None:
        with pytest.raises(CourseError, match=message) as caught:
            passes.one(stage, point, keys)
        assert str(caught.value).startswith("race.toml")
        assert "\n" not in str(caught.value)
        assert str(passes.folder) not in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("name = 'A'", r"race\.toml: has no \[\[stage\]\]: a race needs at least one"),
            ("stage = []", r"race\.toml: has no \[\[stage\]\]"),
            ("stage = 3", r"race\.toml: stage must be a list, not a whole number"),
            ("stage = [3]", r"race\.toml: stage 1 must be a table, not a whole number"),
            ("[[stage]]\nname = 'A'", r'race\.toml: stage 1 "A": gpx is missing'),
            ("name = 3 4", r"race\.toml: is not TOML: .*line 1"),
            ("terrain = 0.5\nterrain = 0.4\n", r"is not TOML: the key is given twice \(at line 2"),
            ("[[stage]]\ngpx = 'c.gpx'", r"race\.toml: stage 1: c\.gpx is not there"),
            ("[[stage]]\ngpx = 'two.gpx'", r"two\.gpx has 2 tracks: track = says which"),
        ],
    )
    def test_a_file_as_a_whole(self, passes: Race, text: str, message: str) -> None:
        with pytest.raises(CourseError, match=message):
            passes.load(text)

    def test_not_utf_8(self, passes: Race) -> None:
        (passes.folder / "race.toml").write_bytes("name = 'Malatrà'".encode("latin-1"))
        with pytest.raises(CourseError, match=r"race\.toml: is not UTF-8 text"):
            load(passes.folder)

    @pytest.mark.parametrize(
        "path", ["../a.gpx", "x/../../a.gpx", "/etc/a.gpx", "C:\\\\a.gpx", "..\\\\a.gpx"]
    )
    def test_a_path_out_of_the_folder_is_refused(self, passes: Race, path: str) -> None:
        (passes.folder.parent / "a.gpx").write_bytes(gpx(TEN))
        with pytest.raises(CourseError, match=r"stage 1: gpx = .* leads out of the folder"):
            passes.load(f'[[stage]]\ngpx = "{path}"')

    def test_a_link_out_of_the_folder_is_refused(self, passes: Race) -> None:
        (passes.folder.parent / "out.gpx").write_bytes(gpx(TEN))
        (passes.folder / "in.gpx").symlink_to(passes.folder.parent / "out.gpx")
        with pytest.raises(CourseError, match="leads out of the folder of the race file"):
            passes.load('[[stage]]\ngpx = "in.gpx"')

    def test_a_file_in_a_folder_inside_is_fine(self, passes: Race) -> None:
        (passes.folder / "gpx").mkdir()
        (passes.folder / "gpx" / "a.gpx").write_bytes(gpx(TEN))
        assert passes.load('[[stage]]\ngpx = "gpx/a.gpx"').stages[0].name == "Ten"

    def test_a_wave_that_is_not_there(self, passes: Race) -> None:
        with pytest.raises(CourseError, match=r"race\.toml: wave 3: it has 2 waves"):
            passes.load(FULL, wave=3)
        with pytest.raises(CourseError, match="a start and a wave: give one of them"):
            passes.load(FULL, wave=2, start="2026-09-05T09:00")

    def test_stages_that_start_before_the_one_before(self, passes: Race) -> None:
        text = 'timezone = "Europe/Rome"\nformat = "staged"\n'
        for name in "ab":
            text += f'[[stage]]\ngpx = "{name}.gpx"\nstart = 2026-09-04T10:00:00\n'
        with pytest.raises(CourseError, match=r"race\.toml: stage 2: starts before the stage"):
            passes.load(text)
