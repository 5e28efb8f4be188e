"""Notes and errors -> the same in the units that are shown.

They are made far from any output, by the reader, the repairs and the estimator, and they are text
with metres and kilometres in it; so does report.json have them. Here their lengths become miles and
feet. They write a place as "km 12.3", a distance as "12.3 km" or "1,234 km", a height or a short
way as "1,234 m": names that people chose ("100 km", "km 5") are rarely of this form, and what is in
double quotes is theirs and stays. What a file holds under a key has the form of that key,
"km = 12.3": it stays, too, as that is what has to be changed.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, number

if TYPE_CHECKING:
    from collections.abc import Iterable

FAR = r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)\.\d|\d{1,3}(?:,\d{3})+)"
HIGH = r"(?<![\d.,])\d{1,3}(?:,\d{3})*(?:\.\d)?"
ENDS = r"(?![\w/]|\.\w)"  # "run 12.5 km.gpx" is a file
PLACES = re.compile(rf"\bkm ({FAR}(?:, {FAR})*)(?![.,]?\d)")
FORMS = (  # a length or two of them, and what it is measured in
    (re.compile(rf"(?<![\d.,])({FAR} (?:to|of) )?({FAR}) km{ENDS}"), "distance"),
    (re.compile(rf"({HIGH} (?:to|of) )?({HIGH}) m{ENDS}"), "height"),
    (re.compile(r"(?<![\d.,])()(\d+(?:\.\d+)?) km/h"), "speed"),
)
QUOTED = r'"[^"]*"'


def notes_in(notes: Iterable[str], units: str) -> list[str]:
    """Each note once, on one line, its lengths in *units*."""
    return [in_units(note, units) for note in dict.fromkeys(map(one_line, notes))]


def in_units(note: str, units: str, kept: Iterable[str] = ()) -> str:
    """A note with its lengths in *units*; what is in double quotes stays, and each text *kept*."""
    unit = UNITS[units]
    if units == "metric":
        return note
    lengths = sorted((text for text in kept if _turned(text, unit) != text), key=len, reverse=True)
    parts = re.split(f"({'|'.join((QUOTED, *map(re.escape, lengths)))})", note)
    return "".join(part if k % 2 else _turned(part, unit) for k, part in enumerate(parts))


def _turned(text: str, unit: Units) -> str:
    def places(found: re.Match[str]) -> str:
        return "mile " + ", ".join(_far(place, unit) for place in found[1].split(", "))

    text = PLACES.sub(places, text)
    for form, what in FORMS:
        text = form.sub(partial(_length, what=what, unit=unit), text)
    return text


def _length(found: re.Match[str], *, what: str, unit: Units) -> str:
    """One length, or the two of "1.2 of 3.4 km" and "176 to 223 m"."""
    turned = _high if what == "height" else _far
    named = {"distance": unit.distance, "height": unit.height, "speed": f"{unit.distance}/h"}
    first, word = (found[1] or "").partition(" ")[::2]
    before = f"{turned(first, unit)} {word}" if first else ""
    return f"{before}{turned(found[2], unit)} {named[what]}"


def _far(kilometres: str, unit: Units) -> str:
    digits = 1 if "." in kilometres or "," not in kilometres else 0  # "1,234 km" has no decimal
    return number(1000.0 * float(kilometres.replace(",", "")) / unit.m_per_distance, digits)


def _high(metres: str, unit: Units) -> str:
    digits = len(metres.partition(".")[2])
    return number(float(metres.replace(",", "")) / unit.m_per_height, digits)
