"""Pages of docs/ about races: the gallery of the sample courses and the keys of a race file."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image  # matplotlib needs it, so it is here

import gpxstage
from gpxstage import plot
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.whole import as_json
from gpxstage.racefile.keys import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COURSES = Path(__file__).resolve().parents[1] / "sample_courses"

RACES = {  # folder -> what of the track is known and what is made up
    "tor-des-geants": "reconstructed: the points, their heights and the figures of each leg are"
    " the organiser's track as measured; the line between two points is made up",
    "transrockies-run-2016": "reconstructed: lengths, climb and towns are published, most high"
    " points too; heights of towns, most checkpoints and the line between them are not",
    "chattanooga-mountains": "a sketch: lengths, climb and one start are published; two starts,"
    " all heights and the shape of each day are stand-ins",
    "marathon-des-sables-2024": "a sketch: lengths, climb, dates and bivouacs' names are published;"
    " every place and height is a stand-in; sand, heat and pack are judged",
    "grand-to-grand": "a sketch of low trust: the total is ITRA's; stage lengths are remembered,"
    " their climb is shared out, every place is a stand-in",
}

GALLERY_TOP = """\
# Gallery

<!-- Written by scripts/make_docs.py: change scripts/docs_pages.py and run it again. -->

The races of `sample_courses/`, each for a runner in the middle of the field. None of the tracks was
surveyed: what each is made of stands in its last line, and with sources in its own README. Ranges
hold 8 of 10 outcomes. Times above an altitude are moving times.
"""

RACE_FILE_TOP = """\
# The race file

<!-- Written by scripts/make_docs.py: change gpxstage/racefile/keys.py and run it again. -->

`race.toml` holds the facts that GPX files do not hold. Only `[[stage]]` with its `gpx`
is needed; everything else says more. `gpxstage init` and `gpxstage split` write a first one, and
`gpxstage check` finds what does not fit together. An unknown key is an error that names the nearest
known one.

```toml
#:schema ./race.schema.json
name     = "Three Passes"
timezone = "Europe/Rome"
format   = "continuous"
waves    = [2026-09-04T10:00:00, 2026-09-04T12:00:00]
limit_h  = 30
terrain  = 0.45
official = { km = 60, gain_m = 4200 }

[[stage]]
name = "Start - Lago"
gpx  = "1.gpx"

  [[stage.point]]
  name     = "Rifugio Neve"
  kind     = "aid"
  km       = 12.4
  services = ["food", "bed"]
  cutoff   = 2026-09-04T19:30:00
```

The first line is for editors that know Taplo (Even Better TOML in VS Code, and others): with the
schema beside the race file they complete keys and mark mistakes.

    gpxstage schema manifest > race.schema.json

Dates and times are the wall clock of `timezone`, without quotes and without an offset. A duration
in `[[results]]` is text: "40:34:49", "38:00" (h:mm), "38h", "1h 30min" ([all of them](cli.md)). The
names in `from`, `to` and `track`, and of a point without `km`, `lat` and `lon`, may be some of the
words of a waypoint's, point's or track's name, if no other name fits. Where a track passes a place
more than once, `from` and `to` take the pass as the command line does: `from = "Twin Lakes/2"`.

`terrain` may change along the way, as where a race begins on a road; kilometres count from the
start of the race or of the stage:

    terrain = [{ to_km = 9, value = 0.1 }, { to_km = 48, value = 0.5 }]

`gpxstage fit --race race.toml -o race.toml` finds `terrain` from `[[results]]` and writes it with
its `terrain_spread`: the ground on which the field is as strong as fields elsewhere
([accuracy.md](accuracy.md)). With several years of them the range of an estimate is narrower.
"""

TABLES = {  # of the schema -> how it is written
    "RaceTable": "The race",
    "StageTable": "`[[stage]]`",
    "PointTable": "`[[stage.point]]`",
    "Official": "`official = { … }`, of the race or of a stage",
    "TerrainTable": "`terrain = [{ … }, …]`, of the race or of a stage",
    "WeatherTable": "`[[weather]]`",
    "ResultTable": "`[[results]]`",
}
CLOCKS = {"start", "waves", "cutoff", "at"}
PLAIN = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true, false"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


@cache
def estimated(race: str) -> gpxstage.Report:
    """A sample course for the middle of the field."""
    course = gpxstage.load(str(COURSES / race))
    return gpxstage.analyze(course, LEVELS["mid"], draws=200, seed=1)


def gallery_page() -> str:
    """docs/gallery.md: a picture and five lines for every sample course."""
    parts = [GALLERY_TOP]
    for race, made in RACES.items():
        row = as_json(estimated(race).facts)
        lines = "\n".join(f"- {line}" for line in five(row, made))
        name, sources = row["name"], f"Sources: `sample_courses/{race}/README.md`"
        picture = f"![{name}: profile, hiked share and hours](gallery/{race}.png)"
        parts.append(f"## {name}\n\n{picture}\n\n{lines}\n\n{sources}\n")
    return "\n".join(parts)


def five(row: dict[str, Any], made: str) -> list[str]:
    """Size, days, time, hiking and altitude, and how far to trust the track."""
    said = row["official"]
    size = f"{row['length_m'] / 1000.0:.0f} km, {row['gain_m']:,.0f} m of climb"
    size += f"; officially {said['length_m'] / 1000.0:.0f} km, {said['gain_m']:,.0f} m"
    time = row["elapsed_s"]
    spread = f"{hours(time['p10'])} to {hours(time['p90'])}"
    above = {m: _above_s(row, m) for m in (2500, 3000)}
    high = ", ".join(f"{hours(s)} above {m:,} m" for m, s in above.items() if s)
    hiked = f"{100.0 * row['hike_fraction']['of_time']['p50']:.0f} % of the moving time is hiked"
    return [
        size,
        _days(row),
        f"{hours(time['p50'])}, {spread}",
        f"{hiked}; {high or _top(row)}",
        made,
    ]


def _days(row: dict[str, Any]) -> str:
    count, start = len(row["stages"]), row["start"][:10]
    limit = f", limit {hours(row['limit_s'])}" if row["limit_s"] else ""
    if row["format"] == "continuous":
        nights = row["elapsed_s"]["p50"] / 86400.0
        return f"{count} sections without a break, {nights:.0f} days from {start}{limit}"
    last = row["stages"][-1]["start"][:10]
    return f"{count} stages, each with its own start, {start} to {last}{limit}"


def _above_s(row: dict[str, Any], height_m: float) -> float:
    found = [
        above["moving_s"] or 0
        for stage in row["stages"]
        for above in stage["above"]
        if above["m"] == height_m
    ]
    return float(sum(found))


def _top(row: dict[str, Any]) -> str:
    return f"never above 2,500 m: {row['highest_m']:,.0f} m at most"


def hours(value_s: float) -> str:
    """Whole hours of a long time, tenths of a short one."""
    value = value_s / 3600.0
    return f"{value:.0f} h" if value >= 48.0 else f"{value:.1f} h"


def gallery_pictures(folder: Path) -> None:
    """One picture a sample course, in 256 colours: a third of the bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for race in RACES:
        data = plot.save(gpxstage.draw(estimated(race)))
        picture = Image.open(io.BytesIO(data)).convert("RGB").quantize(256)
        picture.save(folder / f"{race}.png", optimize=True)


def race_file_page() -> str:
    """docs/race-file.md: every key of race.toml with its meaning, from the schema."""
    shapes = schema()["$defs"]
    parts = [RACE_FILE_TOP]
    for name, title in TABLES.items():
        shape = shapes[name]
        needed = shape.get("required", [])
        rows = [
            [f"`{key}`" + (" (needed)" if key in needed else ""), holds(key, rule), meaning(rule)]
            for key, rule in shape["properties"].items()
        ]
        keys = table(["key", "holds", "meaning"], rows)
        parts.append(f"## {title}\n\n{shape['description']}\n\n{keys}")
    return "\n".join(parts)


def meaning(rule: dict[str, Any]) -> str:
    """What the schema says of a key, and what counts where it is absent."""
    default = rule.get("default")
    return rule["description"] + (f"; else {default}" if isinstance(default, str) else "")


def holds(key: str, rule: dict[str, Any]) -> str:
    """The type of a key and its range, in the words of who writes a race file."""
    if "anyOf" in rule:
        return " or ".join(holds(key, choice) for choice in rule["anyOf"])
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    if "$ref" in rule:
        return "table"
    if rule["type"] == "array":
        return "tables" if "$ref" in rule["items"] else f"list of {holds(key, rule['items'])}"
    if key in CLOCKS:
        return "date and time"
    text = PLAIN[rule["type"]]
    low, high = rule.get("minimum"), rule.get("maximum")
    if low is not None and high is not None:
        return f"{text}, {low:g} to {high:g}".replace("-", "−")
    if "exclusiveMinimum" in rule:
        return f"{text} above {rule['exclusiveMinimum']:g}"
    return text if low is None else f"{text} from {low:g}"
