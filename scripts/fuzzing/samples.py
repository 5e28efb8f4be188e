"""Made samples and what is done to them: bytes, XML, numbers, encodings, TOML, CSV."""

from __future__ import annotations

import gzip
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

NASTY_NUMBERS = [
    "0",
    "-0",
    "1",
    "-1",
    "90",
    "-90",
    "90.0001",
    "180",
    "-180",
    "179.9999999",
    "-179.9999999",
    "360",
    "1e-320",
    "1e308",
    "-1e308",
    "1e309",
    "nan",
    "inf",
    "-inf",
    "0x10",
    "1_000",
    "٣",
    "½",
    "1e6",
    "999999",
    "-500",
    "9000",
    "9001",
    "8848.9",
    "0.1",
    "1.7976931348623157e308",
    "2**31",
    "99999999999999999999999",
    "1,5",
    "--1",
    "+4",
    ".5",
    "5.",
    "1e",
    "4e-7",
    "\x00",
    "1;2",
]
NASTY_TEXTS = (
    "",
    " ",
    "x" * 3000,
    "../../etc/passwd",
    "\u202eabc",
    "\x1b[31mred",
    "<script>alert(1)</script>",
    "a\nb",
    "=1+2",
    "🏔️" * 40,
    "Col d'Arp",
    "é" * 200,
    "CON",
    "{0}",
    "%s%n",
    "[red]x[/red]",
    "-",
    "2026-02-30T25:61:00",
    "9999-12-31T23:59:59",
    "Mon 14:10",
    "38h",
    "NaN",
)
NASTY_TOML = [
    '""',
    '"x"',
    "-1",
    "0",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "true",
    "[]",
    "{}",
    "[[]]",
    "2026-09-04",
    "2026-09-04T10:00:00",
    "2026-09-04T10:00:00+02:00",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59",
    "10:00:00",
    "1_0",
    "0x1F",
    "99999999999999999999",
    '"1:00"',
    '"25:99"',
    '["a","b"]',
    "{a=1}",
    '"../x"',
    '"\\u0000"',
    "0.5",
    "3",
    "200",
    "1e9",
]
ENCODINGS = ("utf-8", "utf-16", "utf-16-be", "utf-8-sig", "latin-1", "cp1252", "ascii", "utf-32")


class Paths(NamedTuple):
    """What was written: the source of the command, and what its options may name."""

    folder: Path
    source: Path
    points: Path
    runner: Path
    timed: Path


def write(dice: random.Random, folder: Path) -> Paths:
    """Write the samples, one or several of them mutated."""
    kind = dice.choice(["gpx", "gpx", "gpx", "race", "race", "table", "runner", "none"])
    gpx = _gpx(dice).encode()
    second = _gpx(dice).encode()
    timed = _gpx(dice, timed=True).encode()
    if kind == "gpx":
        gpx = mutated_gpx(dice, gpx)
        timed = mutated_gpx(dice, timed)
    source = folder / "a.gpx"
    if kind == "gpx" and dice.random() < 0.1:
        source = folder / "a.gpx.gz"
        gpx = _bytes(dice, gzip.compress(gpx, 1)) if dice.random() < 0.5 else gzip.compress(gpx, 1)
    source.write_bytes(gpx)
    (folder / "b.gpx").write_bytes(second)
    (folder / "timed.gpx").write_bytes(timed)
    if kind == "race" or dice.random() < 0.2:
        race = folder / "race"
        race.mkdir()
        text = _race(dice).encode()
        (race / "race.toml").write_bytes(mutated_toml(dice, text) if kind == "race" else text)
        (race / "a.gpx").write_bytes(second)
        (race / "b.gpx").write_bytes(second)
        source = race
    table = TABLE.encode()
    (folder / "points.csv").write_bytes(mutated_table(dice, table) if kind == "table" else table)
    runner = RUNNER.encode()
    runner = mutated_toml(dice, runner) if kind == "runner" else runner
    (folder / "runner.toml").write_bytes(runner)
    return Paths(
        folder, source, folder / "points.csv", folder / "runner.toml", folder / "timed.gpx"
    )


def _gpx(dice: random.Random, *, timed: bool = False) -> str:
    """A hill or several, as one file."""
    count, step = dice.choice([3, 30, 120, 120]), dice.choice([2e-5, 1e-4, 5e-4])
    timed = timed or dice.random() < 0.3
    lines = []
    for k in range(count):
        height = 1000.0 + 200.0 * math.sin(k / 15.0)
        clock = f"<time>2026-05-01T{8 + k // 60:02d}:{k % 60:02d}:00Z</time>" if timed else ""
        lines.append(
            f'<trkpt lat="{45.0 + step * k:.6f}" lon="{7.0 + 1e-4 * (k % 7):.6f}">'
            f"<ele>{height:.1f}</ele>{clock}</trkpt>"
        )
    mark = "\n".join(
        f'<wpt lat="{45.0 + step * k:.6f}" lon="7.0002"><ele>1100</ele><name>{name}</name>'
        f"<sym>Flag</sym></wpt>"
        for k, name in ((count // 3, "Rifugio Uno"), (count // 2, "Col Due"))
    )
    middle = count // 2
    parts = [lines] if dice.random() < 0.7 else [lines[:middle], lines[middle:]]
    segments = "".join(f"<trkseg>{chr(10).join(part)}</trkseg>" for part in parts)
    name = dice.choice(["Way", "Day 1", "A - B"])
    body = f"<trk><name>{name}</name>{segments}</trk>"
    if dice.random() < 0.15:
        body += body.replace("45.", "45.0")
    if dice.random() < 0.15:
        body = body.replace("trkpt", "rtept").replace("trk>", "rte>")
        body = re.sub("</?trkseg>", "", body)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="made"'
        f' xmlns="http://www.topografix.com/GPX/1/1">\n{mark}\n{body}\n</gpx>\n'
    )


def _race(dice: random.Random) -> str:
    staged = dice.random() < 0.4
    start = "start = 2026-09-04T08:00:00"
    return (
        'name = "Two Hills"\ntimezone = "Europe/Rome"\n'
        f'format = "{"staged" if staged else "continuous"}"\n'
        f"{'' if staged else start}\nlimit_h = 20\nterrain = 0.4\npack_kg = 2.0\n"
        'survey = "made"\nweather = [{at = 2026-09-04T12:00:00, temperature_c = 24,'
        " humidity = 60}]\n[[results]]\nyear = 2025\nfinishers = 80\n"
        'winner = "0:40"\nmedian = "1:10"\np90 = "1:40"\n'
        f'[[stage]]\nname = "One"\ngpx = "a.gpx"\n{start if staged else ""}\n'
        '[[stage.point]]\nname = "Hut"\nkind = "aid"\nkm = 0.3\nservices = ["food", "bed"]\n'
        "cutoff = 2026-09-04T10:00:00\nstop_min = 10\n"
        '[[stage.point]]\nname = "Rifugio Uno"\n'
        '[[stage]]\nname = "Two"\ngpx = "b.gpx"\ntransfer = true\n'
        f"{start.replace('04', '05', 2) if staged else ''}\n"
    )


TABLE = (
    "name;km;kind;cutoff;services;lat;lon\nHut;0.5;aid;2026-09-04 10:00;food bed;;\n"
    "Col Due;1.0;col;;;;\nRifugio Uno;;aid;Fri 12:00;water;45.001;7.0\n"
)
RUNNER = (
    'schema = 1\nname = "you"\neffort = "race"\nflat_speed_mps = 3.4\nclimb_m_per_h = 950\n'
    "descent_m_per_h = 2400\nhabit_from_h = 2\nhabit_to_h = 9\n"
)


def _bytes(dice: random.Random, data: bytes) -> bytes:
    """Flip, take out, double or cut some bytes."""
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.choice([1, 1, 3, 40, 1000]))
    junk = bytes(dice.randrange(256) for _ in range(dice.choice([1, 4, 30])))
    choices = (
        data[:at] + junk + data[end:],
        data[:at] + data[end:],
        data[:at] + data[at:end] * 3 + data[end:],
        data[:at],
        data[at:],
        data[:at] + junk + data[at:],
    )
    return dice.choice(choices)


def _xml(dice: random.Random, data: bytes) -> bytes:
    """Take out, double, swap, rename or nest elements and tags."""
    tags = list(re.finditer(rb"<[^<>]+>", data))
    if len(tags) < 2:
        return data
    one, two = sorted(dice.sample(range(len(tags)), 2))
    a, b = tags[one], tags[two]
    between = data[a.start() : b.end()]
    name = dice.choice(
        [b"trk", b"trkseg", b"trkpt", b"ele", b"time", b"name", b"wpt", b"x", b"gpx"]
    )
    choices = (
        lambda: data[: a.start()] + data[a.end() :],
        lambda: data[: a.start()] + data[b.end() :],
        lambda: data[: b.end()] + between + data[b.end() :],
        lambda: data[: a.start()] + b[0] + data[a.end() : b.start()] + a[0] + data[b.end() :],
        lambda: data[: a.start()] + b"<%s>" % name + between + b"</%s>" % name + data[b.end() :],
        lambda: re.sub(rb"(?<=</)\w+(?=>)|(?<=<)\w+(?=>)", name, data, count=2),
        lambda: data[: a.start()] + b"<%s>" % name * 150 + data[a.start() :],
        lambda: data[: a.end()] + dice.choice(JUNK) + data[a.end() :],
        lambda: re.sub(rb"<ele>[^<]*</ele>", b"", data),
        lambda: re.sub(rb"<trkpt [^>]*>", b"<trkpt>", data, count=1),
    )
    return dice.choice(choices)()


JUNK = (
    b"<!-- c -->",
    b"<![CDATA[<trkpt>]]>",
    b"&amp;&lt;&#0;",
    b"&#x1F600;",
    b"&nope;",
    b"<!DOCTYPE gpx>",
    b"<?pi x?>",
    b"\x00",
    b"\xff\xfe",
    b"<wpt lat='45' lon='7'/>",
    b"<extensions><hr>120</hr></extensions>",
    b"<trkpt lat='1' lon='2'/>",
    b"]]>",
)


def _number(dice: random.Random, data: bytes) -> bytes:
    """Put something nasty in the place of one number, or of all that look like it."""
    numbers = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not numbers:
        return data
    found = dice.choice(numbers)
    new = dice.choice(NASTY_NUMBERS).encode()
    if dice.random() < 0.1:
        return re.sub(rb'(?<=lat=")[^"]*', lambda _: new, data, count=dice.choice([0, 2, 40]))
    if dice.random() < 0.1:
        return re.sub(rb"(?<=<ele>)[^<]*", lambda _: new, data, count=dice.choice([0, 2, 40]))
    return data[: found.start()] + new + data[found.end() :]


def _encoding(dice: random.Random, data: bytes) -> bytes:
    """Write it in another encoding, or declare another one."""
    text = data.decode("utf-8", "replace")
    if dice.random() < 0.5:
        text = text.replace("UTF-8", dice.choice([*ENCODINGS, "klingon", "rot13", "utf-7", "hex"]))
    return text.encode(dice.choice(ENCODINGS), "replace")


def _text(dice: random.Random, data: bytes) -> bytes:
    """A nasty text as a name."""
    new = dice.choice(NASTY_TEXTS).encode()
    return re.sub(rb"(?<=<name>)[^<]*", lambda _: new, data, count=dice.choice([0, 1]))


def mutated_gpx(dice: random.Random, data: bytes) -> bytes:
    """GPX after one to four mutations."""
    return _after(dice, data, (_bytes, _xml, _xml, _number, _number, _encoding, _text))


def mutated_toml(dice: random.Random, data: bytes) -> bytes:
    """TOML after one to four mutations."""
    return _after(dice, data, (_bytes, _line, _value, _value, _value, _number))


def mutated_table(dice: random.Random, data: bytes) -> bytes:
    """A table after one to four mutations."""
    return _after(dice, data, (_bytes, _line, _cell, _cell, _encoding, _number))


def _line(dice: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    k, m = dice.randrange(len(lines)), dice.randrange(len(lines))
    choices = (
        lines[:k] + lines[k + 1 :],
        [*lines[:k], lines[k], *lines[k:]],
        [*lines[:k], lines[m], *lines[k:]],
        [*lines[:k], b"nonsense = 1", *lines[k:]],
    )
    return b"\n".join(dice.choice(choices))


def _value(dice: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    keyed = [k for k, line in enumerate(lines) if b" = " in line]
    if not keyed:
        return data
    k = dice.choice(keyed)
    new = dice.choice(NASTY_TOML)
    if dice.random() < 0.2:
        text = dice.choice(NASTY_TEXTS).replace("\\", "/").replace('"', "'")
        new = f'"{text}"'
    lines[k] = lines[k].split(b" = ")[0] + b" = " + new.encode()
    return b"\n".join(lines)


def _cell(dice: random.Random, data: bytes) -> bytes:
    rows = [row.split(b";") for row in data.split(b"\n")]
    row = dice.choice(rows)
    row[dice.randrange(len(row))] = dice.choice([*NASTY_NUMBERS, *NASTY_TEXTS, '"']).encode()
    return b"\n".join(b";".join(row) for row in rows)


def _after(
    dice: random.Random,
    data: bytes,
    how: tuple[Callable[[random.Random, bytes], bytes], ...],
) -> bytes:
    for _ in range(dice.choice([1, 1, 2, 4])):
        data = dice.choice(how)(dice, data)
    return data
