"""What people type and read: durations, names, lists; one parser and one matcher for all doors."""

from __future__ import annotations

import math
import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEW = 5  # names that a folded list shows
MOST_LETTERS = 120  # judgement: of a name; the longest real ones have half as many
LIKE = 0.6  # of 1: a name at least this similar is suggested (difflib's own default)

# Letters that Unicode does not take apart into a letter and an accent.
LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)
SIGNS = str.maketrans(
    {
        "\N{RATIO}": ":",
        "\N{PRIME}": "'",
        "\N{DOUBLE PRIME}": '"',
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    }
)
CLOCK = re.compile(r"(\d+):([0-5]?\d)(?::([0-5]?\d(?:\.\d+)?))?\s*h?")
PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z'\"]*)")
UNITS = (  # seconds, how many make the unit before it, and how people write it; longest first
    (86_400.0, math.inf, ("d", "day", "days")),
    (3600.0, 24.0, ("h", "hr", "hrs", "hour", "hours")),
    (60.0, 60.0, ("m", "min", "mins", "minute", "minutes", "'")),
    (1.0, 60.0, ("s", "sec", "secs", "second", "seconds", '"', "''")),
)

# text that begins so is run by a spreadsheet; the wide ones in East Asian settings
FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
           "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
# where a line may not end: inside a range, and between a number and its unit
KEPT = re.compile(r"(?<=[\d%]) – |(?<=\d) (?=%|(?:h|min|km|m|mi|ft|kcal|kg|lb|l|fl oz)\b)")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def duration_s(text: str) -> float | None:
    """Seconds of a duration as people write it; None for any other text.

    Two grammars, whose letters may be small or capital::

        H:MM  H:MM:SS  H:MM:SS.s            two parts are hours and minutes; an h may follow
        4d 12h   38h   1h30   1h 30min   1.5 h   90min   90m   38'20"   45s

    The second is numbers with units (day, hour, minute, second; short or in full), each unit
    once and the longer ones first. Behind another one a unit counts less than one of that (no
    ``1h90``), only the last number may have a decimal point, and a last number without a unit
    counts the next smaller one: ``1h30`` is an hour and 30 minutes. A number alone has no unit and
    is no duration, nor is a negative one. Spaces, digits and signs of all scripts are read.
    """
    plain = _ascii_like(text).strip().casefold()
    if found := CLOCK.fullmatch(plain):
        h, minutes, seconds = (float(part or 0.0) for part in found.groups())
        return _finite(3600.0 * h + 60.0 * minutes + seconds)
    return _by_units(plain)


def _by_units(plain: str) -> float | None:
    total_s, k, at = 0.0, -1, 0  # k: the unit before, by its row in UNITS
    while at < len(plain):
        found = PART.match(plain, at)
        if found is None:
            return None
        number, word, at = found[1], found[2], found.end()
        first, last = k < 0, at == len(plain)
        here = next((j for j, (_, _, words) in enumerate(UNITS) if word in words), None)
        if not word and last and not first:
            here = k + 1
        if here is None or not k < here < len(UNITS) or ("." in number and not last):
            return None
        most = math.prod(most for _, most, _ in UNITS[k + 1 : here + 1])
        if not first and float(number) >= most:
            return None
        total_s, k = total_s + float(number) * UNITS[here][0], here
    return _finite(total_s) if k >= 0 else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ascii_like(text: str) -> str:
    """Wide letters as narrow ones, all digits as 0 to 9, one kind of space."""

    def one(c: str) -> str:
        kind = unicodedata.category(c)
        if kind == "Nd":
            return str(unicodedata.decimal(c))
        return c if kind == "No" else unicodedata.normalize("NFKC", c)  # a half is no 12

    return "".join(map(one, text.translate(SIGNS)))


def legible(raw: str) -> str:
    """Text without what steers a terminal, turns the direction or is no XML; one kind of space."""
    if raw.isprintable():  # then the only space in it is the usual one
        return raw
    return "".join(
        " " if c.isspace() else c
        for c in raw
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )


def one_line(name: str | None) -> str:
    """A name on one line, without characters that steer a terminal or turn the direction."""
    return " ".join(legible(name or "").split())


def short(text: str, most: int = MOST_LETTERS) -> str:
    """A text of at most *most* letters: a longer one is cut, which three dots show."""
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def unbroken(text: str) -> str:
    """The same, where a line ends neither in a range nor between a number and its unit."""
    kept = KEPT.sub(lambda gap: gap[0].replace(" ", "\u00a0"), text)
    return kept.replace("–\u00a0", "–\u2060\u00a0")  # a line may else end after a dash


@lru_cache(maxsize=4096)  # the same few names are compared with one another
def letters(name: str) -> str:
    """A name as people type it: no case, no accents, its words parted by single spaces.

    A word is letters and digits: ``"St-Rhémy (aid)"`` is ``"st rhemy aid"``. A name that has
    neither stays as it is.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    letters = "".join(c for c in apart if not unicodedata.combining(c)).translate(LETTERS)
    words = "".join(c if c.isalnum() else " " for c in letters).split()
    return " ".join(words or letters.split())


def fits(wanted: str, names: Sequence[str]) -> list[int]:
    """The places in *names* of those that a typed name may mean, in their order.

    The names that are equal go before those that are equal but for signs, these before those
    that are equal but for case, too (capitals alone may have lost their accents), these before
    those that are equal but for accents, and these before those of which *wanted* gives some words,
    in their order, each by its beginning: "Frassati", "rif frass" and "giorgio fra" all fit
    "Rifugio Pier Giorgio Frassati". A word of digits is given whole: "aid 1" does not fit "Aid 12".
    """
    same = [k for k, name in enumerate(names) if name.split() == wanted.split()]
    typed = letters(wanted)
    if same or not typed:
        return same
    spelled = _spelled(wanted)
    if same := [k for k, name in enumerate(names) if _spelled(name) == spelled]:
        return same
    folded = spelled.casefold()
    if not (wanted.isupper() and folded == typed) and (
        same := [k for k, name in enumerate(names) if _spelled(name).casefold() == folded]
    ):
        return same
    known = [letters(name) for name in names]
    alike = [k for k, name in enumerate(known) if name == typed]
    return alike or [k for k, name in enumerate(known) if _gives(typed.split(), name.split())]


@lru_cache(maxsize=4096)
def _spelled(name: str) -> str:
    """A name with its accents and capitals, however they are coded, without its signs."""
    composed = unicodedata.normalize("NFKC", name)
    return " ".join(
        "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in composed).split()
    )


def _gives(typed: list[str], words: list[str]) -> bool:
    left = iter(words)
    return all(
        any(word == begin or (not begin.isdigit() and word.startswith(begin)) for word in left)
        for begin in typed
    )


def nearest(wanted: str, names: Iterable[str]) -> str | None:
    """The name that somebody who typed *wanted* probably meant, by the whole name or by a word."""
    found: dict[str, str] = {}
    for name in names:
        for form in (name, letters(name), *letters(name).split()):
            found.setdefault(form, name)
    close = get_close_matches(wanted, found, 1, LIKE) or get_close_matches(
        letters(wanted), found, 1, LIKE
    )
    return found[close[0]] if close else None


def suggestion(wanted: str, names: Sequence[str], what: str = "") -> str:
    """The end of a message about a name that fits none: the nearest one, or some of them.

    *what* they are ("the points are") begins the list; without it there is no list.
    """
    if close := nearest(wanted, names):
        return f': did you mean "{close}"?'
    return f": {what} {listed(list(dict.fromkeys(names)))}" if what and names else ""


def key_suggestion(wanted: str, keys: Sequence[str]) -> str:
    """The same of a key of a file, which nobody puts in quotes."""
    close = nearest(wanted, keys)
    return f": did you mean {close}?" if close else f": known are {', '.join(keys)}"


def listed(names: Sequence[str], few: int = FEW) -> str:
    """A list that fits on a line: the first few, and how many more."""
    more = f" and {len(names) - few} more" if len(names) > few else ""
    return ", ".join(names[:few]) + more


def counted(number: int, thing: str) -> str:
    """A number and its thing, in the plural where it is not one: "1 track", "2 tracks"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def safe_cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = one_line(value)
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text
