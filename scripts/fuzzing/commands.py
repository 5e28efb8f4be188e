"""Commands with options, some of which make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzing.samples import NASTY_NUMBERS, NASTY_TEXTS

if TYPE_CHECKING:
    import random

    from fuzzing.samples import Paths

USUAL = {  # values that an option takes; None is a flag
    "--format": ("continuous", "staged"),
    "--start": ("2026-09-04T08:00", "2026-09-04T08:00+02:00", "2026-03-29T02:30+01:00"),
    "--wave": ("1", "2"),
    "--terrain": ("0", "0.5", "1"),
    "--raw": None,
    "--track": ("1", "2", "Way", "x"),
    "--max-points": ("2", "100", "1000000"),
    "--max-nesting": ("10", "200"),
    "--max-file-mib": ("1",),
    "--units": ("imperial", "metric"),
    "--above": ("1100", "-500", "9000"),
    "--stage": ("1", "2", "One"),
}
RUNNING = {
    "--level": ("elite", "strong", "steady", "back"),
    "--flat": ("10km 45:00", "marathon 4:00:00", "100m 0:10", "5k 20"),
    "--index": ("400", "900", "1"),
    "--inside": ("2:00", "30", "0:01", "900h"),
    "--goal": ("1:00", "0:05", "900h", "30m"),
    "--home-altitude": ("0", "3000", "9000"),
    "--acclimatised": None,
    "--not-acclimatised": None,
    "--pack": ("0", "5", "40"),
    "--body": ("70", "30", "200"),
    "--passed": ("Hut 0:20", "finish 1:00", "x 1:00", "Hut 09:10", "Hut Fri 09:10"),
    "--slower": ("1.2", "10%"),
    "--until": ("Hut", "Col Due"),
    "--hike-above": ("15", "0.2", "15%"),
    "--conditions": ("1.1", "0.5", "5"),
    "--sleep": ("none", "auto", "Hut=2h", "Hut=0:30"),
    "--stop": ("Hut=5min", "Hut=2h", "aid=10min"),
    "--intake": ("0", "200", "500"),
    "--model": ("minetti", "tobler", "naismith"),
    "--seed": ("1", "-1", "99999999999"),
    "--draws": ("0", "5", "20"),
    "--arrive": ("1:00", "Fri 12:00", "18:00"),
    "--plans": None,
    "--why": None,
}
FORMS = (["--json"], ["--csv"], ["--markdown"], [])
NAMES = ("info", "info", "estimate", "estimate", "estimate", "check", "init", "split", "fit")
RARE = ("plot", "report", "models", "schema")


def make(dice: random.Random, paths: Paths) -> list[str]:
    """The arguments of one command."""
    name = dice.choice(NAMES) if dice.random() < 0.97 else dice.choice(RARE)
    source = str(paths.source)
    out = str(paths.folder / "out")
    if name in ("info", "estimate"):
        options = USUAL if name == "info" else {**USUAL, **RUNNING}
        draws = ["--draws", "3"] if name == "estimate" else []
        who = ["--runner", str(paths.runner)] if name == "estimate" and _rarely(dice) else []
        sources = [source, str(paths.folder / "b.gpx")] if dice.random() < 0.1 else [source]
        return [name, *sources, *dice.choice(FORMS), *draws, *who, *_options(dice, options)]
    if name == "init":
        table = ["--points", str(paths.points)] if dice.random() < 0.6 else []
        file = source if not paths.source.is_dir() else str(paths.folder / "a.gpx")
        zone = ["--timezone", dice.choice(["Europe/Rome", "UTC", "Nowhere/Land", "../../etc"])]
        return [name, file, "-o", "-", *table, *(zone if _rarely(dice) else [])]
    if name == "split":
        every = ["--every", dice.choice(["1km", "0.3mi", "50km", *NASTY_NUMBERS[:12]])]
        at = ["--at", dice.choice(["Hut", "0.5", "1km", "Rifugio", *NASTY_TEXTS])]
        return [name, source, "-o", out, *(every if _rarely(dice) else at)]
    if name == "fit":
        race = paths.source.is_dir() and dice.random() < 0.5
        what = ["--race", source] if race else [str(paths.timed)]
        raced = ["--flat", "10km", "50:00"] if not race and _rarely(dice) else []
        return [name, *what, "-o", "-", *raced]
    if name == "plot":
        return [name, source, "-o", str(paths.folder / "x.svg"), *_options(dice, {})]
    if name == "report":
        return [name, source, "-o", out, "--draws", "3"]
    return ["schema", dice.choice(["manifest", "report", "x"])] if name == "schema" else [name]


def _options(dice: random.Random, known: dict[str, tuple[str, ...] | None]) -> list[str]:
    """Some options, one value in ten of them nonsense."""
    found: list[str] = []
    for _ in range(dice.choice([0, 0, 1, 2, 4])):
        if not known:
            break
        flag = dice.choice(list(known))
        values = known[flag]
        if values is None:
            found.append(flag)
            continue
        value = dice.choice(values)
        if dice.random() < 0.1:
            value = dice.choice([*NASTY_NUMBERS, *NASTY_TEXTS])
        pair = flag in ("--flat", "--passed", "--past")
        found += [flag, *(value.split(" ", 1) if pair else [value])]
    return found


def _rarely(dice: random.Random) -> bool:
    return dice.random() < 0.3
