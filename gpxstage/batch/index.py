"""The rows of a summary -> a page that lists them, with small profiles on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gpxstage.text import counted
from gpxstage.units import hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_SHOWN = 5000  # races in one page: judgement, about 5 MB
WIDTH, HEIGHT, LEAST_WIDTH = 240.0, 40.0, 4.0  # of the largest profile, and of the shortest

STYLE = """body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}
table{border-collapse:collapse}th,td{padding:.3rem .7rem;text-align:right;white-space:nowrap}
td:first-child,th:first-child,td.error{text-align:left;white-space:normal}
tr{border-bottom:1px solid #ddd}svg{display:block}svg path{fill:#8a9a7b}
th button{all:unset;cursor:pointer;font-weight:600}th button:focus{outline:2px solid #357}
td.error{color:#a40000}a{color:#1a4f8a}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}a{color:#8ab8f0}
td.error{color:#ff9a8a}tr{border-color:#444}}"""
SCRIPT = """document.querySelectorAll("th button").forEach((b,k)=>b.onclick=()=>{
const t=b.closest("table").tBodies[0],d=b.dataset.down==="1"?-1:1;b.dataset.down=d===1?"1":"0";
const v=r=>r.cells[k].dataset.v,n=x=>x===""?Infinity:+x;
[...t.rows].sort((p,q)=>{const x=v(p),y=v(q);if(k===0)return d*x.localeCompare(y);
if((x==="")!==(y===""))return x===""?1:-1;return d*(n(x)-n(y)||0)}).forEach(r=>t.append(r))})"""
COLUMNS = ("Race", "Length", "Climb", "Highest", "Time", "Hiked", "Profile")


@dataclass(frozen=True)
class Scale:
    """What all small profiles have in common: the longest race, the lowest and highest place."""

    length_m: float = 0.0
    lowest_m: float = 0.0
    highest_m: float = 0.0

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> Scale:
        """The scale on which all these rows fit."""
        length_m, low_m, high_m = 0.0, float("inf"), float("-inf")
        for row in rows:
            if heights := row["profile_m"]:
                length_m = max(length_m, row["length_m"])
                low_m, high_m = min(low_m, *heights), max(high_m, *heights)
        return cls(length_m, low_m, high_m) if length_m else cls()


def page(rows: Iterable[dict[str, Any]], scale: Scale, count: int) -> Iterator[str]:
    """The page, in pieces; of more than 5,000 races it shows the first."""
    more = f" The first {MOST_SHOWN:,} are here." if count > MOST_SHOWN else ""
    head = "".join(f"<th><button>{name}</button></th>" for name in COLUMNS)
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{counted(count, 'race')}</title><style>{STYLE}</style></head>\n<body>"
        f"<h1>{counted(count, 'race')}</h1>\n"
        '<p>All of them are in <a href="summary.csv">summary.csv</a> and'
        f' <a href="summary.json">summary.json</a>.{more} All profiles have one scale.</p>\n'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    )
    for k, row in enumerate(rows):
        if k >= MOST_SHOWN:
            break
        yield _line(row, scale)
    yield f"</tbody></table>\n<script>{SCRIPT}</script>\n</body></html>\n"


def _line(row: dict[str, Any], scale: Scale) -> str:
    if row["status"] != "ok":
        why = row["error"] or f"the same bytes as {row['folder']}"
        empty = '<td data-v=""></td>' * (len(COLUMNS) - 2)
        source = escape(row["source"])
        return (
            f'<tr><td data-v="{source}">{source}</td>{empty}'
            f'<td class="error" data-v="">{escape(why)}</td></tr>\n'
        )
    name, folder = escape(row["name"]), quote(row["folder"])
    cells = (
        _cell(row["length_m"], "{:,.1f} km", 0.001),
        _cell(row["gain_m"], "{:,.0f} m"),
        _cell(row["highest_m"], "{:,.0f} m"),
        _cell(row["elapsed_s"], "{}"),
        _cell(row["hike_fraction"], "{:.0f} %", 100.0),
    )
    small = _svg(row["profile_m"], row["length_m"], scale)
    link = f'<a href="{folder}/{row["opens"]}">{name}</a>'
    return (
        f'<tr><td data-v="{name}">{link}</td>{"".join(cells)}'
        f'<td data-v="{row["length_m"]}">{small}</td></tr>\n'
    )


def _cell(value: float | None, form: str, factor: float = 1.0) -> str:
    if value is None:
        return '<td data-v=""></td>'
    shown = hours(value) if form == "{}" else form.format(value * factor)
    return f'<td data-v="{value}">{shown}</td>'


def _svg(heights: list[int], length_m: float, scale: Scale) -> str:
    """A profile as a filled line; its width is its length on the common scale."""
    if not heights or not scale.length_m:
        return ""
    width = max(LEAST_WIDTH, WIDTH * length_m / scale.length_m)
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
