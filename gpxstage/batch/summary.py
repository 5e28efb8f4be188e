"""The races of a batch -> summary.csv, summary.json and index.html, a row at a time."""

from __future__ import annotations

import csv
import json
import math
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from html import escape
from statistics import median
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from gpxstage.batch import place
from gpxstage.batch.one import Figures, row_in
from gpxstage.course import CourseError
from gpxstage.text import counted, safe_cell
from gpxstage.units import UNITS, Units, hours, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gpxstage.batch.one import RaceRow
    from gpxstage.batch.races import Race

HEAD = ("source", "folder", "status", "error")
FACTS = tuple(field.name for field in fields(Figures))
SCHEMA = 1

MOST_SHOWN = 5000  # races in one page: judgement, about 5 MB
WIDTH, HEIGHT, LEAST_WIDTH = 240.0, 40.0, 4.0  # of the largest profile, and of the shortest
MUCH_LONGER = 10.0  # judgement: a race so many times as long as most would shrink them to dots

STYLE = """body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}
table{border-collapse:collapse}th,td{padding:.3rem .7rem;text-align:right;white-space:nowrap}
td:first-child,th:first-child,td.error{text-align:left;white-space:normal}
th:last-child{text-align:left}td:last-child small{text-align:left}
tr{border-bottom:1px solid #ddd}svg{display:block}svg path{fill:#8a9a7b}
th button{all:unset;cursor:pointer;font-weight:600}th button:focus{outline:2px solid #357}
.box{overflow-x:auto}td:first-child,th:first-child{position:sticky;left:0;background:inherit}
table,thead,tbody,tr,.box{background:inherit}small{display:block;color:#666}td.error{color:#a40000}
td.error span{display:block;max-width:min(45rem,calc(100vw - 11rem))}a{color:#1a4f8a}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}a{color:#8ab8f0}
small{color:#aaa}td.error{color:#ff9a8a}tr{border-color:#444}}
@media(max-width:40rem){body{margin:1rem}th,td{padding:.3rem .5rem}
td:first-child,th:first-child{min-width:7rem;padding-left:0;overflow-wrap:anywhere}
}"""
SCRIPT = """document.querySelectorAll("th button").forEach((b,k)=>b.onclick=()=>{
const t=b.closest("table").tBodies[0],d=b.dataset.down==="1"?-1:1;b.dataset.down=d===1?"1":"0";
const v=r=>r.cells[k]?.dataset.v||"",n=x=>x===""?Infinity:+x;
[...t.rows].sort((p,q)=>{const x=v(p),y=v(q);if(k===0)return d*x.localeCompare(y);
if((x==="")!==(y===""))return x===""?1:-1;return d*(n(x)-n(y)||0)}).forEach(r=>t.append(r))})"""
AFTER_HIKED = ("Length", "Climb", "Highest", "Profile")


@dataclass(frozen=True)
class Line:
    """A line of the summary; *status*: ok, same (as that in *folder*), error."""

    source: str
    folder: str
    status: str
    error: str = ""
    race: RaceRow | None = None


@dataclass(frozen=True)
class Scale:
    """What all lines have in common: a length, the lowest and highest place, whose times they are.

    The length is that of the longest race, but for those that are much longer than most.
    """

    length_m: float = 0.0
    lowest_m: float = 0.0
    highest_m: float = 0.0
    runner: str = ""

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Scale:
        """The scale on which all these lines fit."""
        lengths_m, runners, low_m, high_m = list[float](), set[str](), math.inf, -math.inf
        for line in lines:
            if line.race and line.race.profile_m:
                lengths_m.append(line.race.facts.length_m)
                low_m = min(low_m, *line.race.profile_m)
                high_m = max(high_m, *line.race.profile_m)
            if line.race and line.race.facts.runner:
                runners.add(line.race.facts.runner)
        if not lengths_m:
            return cls()
        most_m = MUCH_LONGER * median(lengths_m)
        longest_m = max(length_m for length_m in lengths_m if length_m <= most_m)
        return cls(longest_m, low_m, high_m, runners.pop() if len(runners) == 1 else "")


def write(
    output: Path,
    races: Sequence[Race],
    errors: Mapping[int, str],
    levels: Sequence[str],
    units: str = "metric",
) -> None:
    """Write the three files of a summary, each whole; *levels* have a column each.

    *units* are those of the page; the files for programs are metric, as report.json is.
    Raises CourseError where a file cannot be written.
    """
    columns = [*HEAD, *FACTS, *(f"elapsed_s_{name}" for name in levels)]
    try:
        with _whole(output, "summary.csv") as out:
            table = csv.writer(out, lineterminator="\n")
            table.writerow(columns)
            for line in _lines(output, races, errors):
                each_s = line.race.levels if line.race else {}
                cells = map(safe_cell, _figures(line).values())
                table.writerow([*cells, *(each_s.get(name) for name in levels)])
        with _whole(output, "summary.json") as out:
            out.write(f'{{"schema":{SCHEMA},"races":[')
            for k, line in enumerate(_lines(output, races, errors)):
                shown = _figures(line) | {"levels": line.race.levels if line.race else {}}
                text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
                out.write((",\n" if k else "\n") + text)
            out.write("\n]}\n")
        scale = Scale.of(_lines(output, races, errors))
        with _whole(output, "index.html") as out:
            lines = _lines(output, races, errors)
            out.writelines(page(lines, scale, len(races), levels, units))
    except OSError as error:
        raise CourseError(f"{output}: cannot be written: {error.strerror}") from error


def _lines(output: Path, races: Sequence[Race], errors: Mapping[int, str]) -> Iterator[Line]:
    """A line for each race, read from its folder; one that could not be made has its error."""
    for k, race in enumerate(races):
        if k in errors:
            yield Line(race.source, "", "error", errors[k])
        elif race.same_as:
            yield Line(race.source, race.same_as, "same")
        else:
            found = place.manifest(output / race.name)
            yield Line(race.source, race.name, "ok", race=row_in(found) if found else None)


def _figures(line: Line) -> dict[str, str | float | None]:
    """The columns of a line but for the levels; None where nothing is known."""
    facts = asdict(line.race.facts) if line.race else dict.fromkeys(FACTS)
    return {name: getattr(line, name) for name in HEAD} | facts


@contextmanager
def _whole(output: Path, name: str) -> Iterator[IO[str]]:
    """A text file that gets its name once it is written in full."""
    part = output / f"{place.PART}{name}"
    with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as out:
        yield out
    os.replace(part, output / name)


# the page


def page(
    lines: Iterable[Line],
    scale: Scale,
    count: int,
    levels: Sequence[str] = (),
    units: str = "metric",
) -> Iterator[str]:
    """The page, in pieces; of more than 5,000 races it shows the first."""
    unit = UNITS[units]
    more = f" The first {MOST_SHOWN:,} are here." if count > MOST_SHOWN else ""
    whose = (
        f" Times are those of the runner {escape(scale.runner)}."
        if scale.runner and not levels
        else ""
    )
    times = [f"Time, {escape(name)}" for name in levels] or ["Time"]
    # the hiked share of a race is that of its first level
    hiked = f"Hiked, {escape(levels[0])}" if levels else "Hiked"
    heads = ("Race", *times, hiked, *AFTER_HIKED)
    head = "".join(f"<th><button>{name}</button></th>" for name in heads)
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{counted(count, 'race')}</title><style>{STYLE}</style></head>\n<body>"
        f"<h1>{counted(count, 'race')}</h1>\n"
        '<p>All of them are in <a href="summary.csv">summary.csv</a> and'
        f' <a href="summary.json">summary.json</a>.{more}{whose} All profiles have one scale, but'
        " for those of races that are much longer than most.</p>\n"
        '<div class="box" role="region" aria-label="races" tabindex="0">\n'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    )
    for k, line in enumerate(lines):
        if k >= MOST_SHOWN:
            break
        race = line.race
        yield _row(line, race, scale, levels, unit) if race else _empty(line, len(heads))
    yield f"</tbody></table></div>\n<script>{SCRIPT}</script>\n</body></html>\n"


def _empty(line: Line, columns: int) -> str:
    """A race without figures, and why."""
    why = line.error or f"the same bytes as {line.folder}"
    source = escape(line.source)
    return (
        f'<tr><td data-v="{source}">{source}</td>'
        f'<td class="error" colspan="{columns - 1}"><span>{escape(why)}</span></td></tr>\n'
    )


def _row(line: Line, race: RaceRow, scale: Scale, levels: Sequence[str], unit: Units) -> str:
    name, facts = escape(race.facts.name), race.facts
    times_s = [race.levels.get(name) for name in levels] or [facts.elapsed_s]
    cells = (
        *(_cell(time_s, hours) for time_s in times_s),
        _cell(facts.hike_fraction, percent_text),
        _cell(facts.length_m, lambda length_m: f"{unit.far(length_m)} {unit.distance}"),
        _cell(facts.gain_m, unit.height_text),
        _cell(facts.highest_m, unit.height_text),
    )
    small = _svg(race.profile_m, facts.length_m, scale)
    longer = "<small>longer than the scale</small>" if facts.length_m > scale.length_m else ""
    link = f'<a href="{quote(line.folder)}/{race.opens}">{name}</a>'
    source = "" if line.source == race.facts.name else f"<small>{escape(line.source)}</small>"
    return (
        f'<tr><td data-v="{name}">{link}{source}</td>{"".join(cells)}'
        f'<td data-v="{facts.length_m}">{small}{longer if small else ""}</td></tr>\n'
    )


def _cell(value: float | None, form: Callable[[float], str]) -> str:
    if value is None:
        return '<td data-v=""></td>'
    return f'<td data-v="{value}">{form(value)}</td>'


def _svg(heights: list[int], length_m: float, scale: Scale) -> str:
    """A profile as a filled line; its width is its length on the common scale."""
    if not heights or not scale.length_m:
        return ""
    width = max(LEAST_WIDTH, WIDTH * min(length_m / scale.length_m, 1.0))
    span = max(1.0, scale.highest_m - scale.lowest_m)
    step = width / (len(heights) - 1)
    line = " ".join(
        f"{k * step:.1f},{HEIGHT - (HEIGHT - 2.0) * (height - scale.lowest_m) / span:.1f}"
        for k, height in enumerate(heights)
    )
    return (
        f'<svg width="{width:.0f}" height="{HEIGHT:.0f}" role="img" aria-label="profile">'
        f'<path d="M0,{HEIGHT:.0f} {line} {width:.1f},{HEIGHT:.0f}z"/></svg>'
    )
