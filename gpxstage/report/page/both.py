"""What is said in metric and in imperial units -> one answer, whose texts know each other."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from gpxstage import text

if TYPE_CHECKING:
    from gpxstage.report.say.tables import Table


class Both(str):
    """A text in the units that are shown first; `other` is the same in the other ones."""

    __slots__ = ("other",)
    other: str


def both(here: Any, there: Any) -> Any:
    """Texts, or tuples, lists, dicts and dataclasses of texts, with what they are elsewhere.

    Where one answer has more texts than the other one, an empty text takes their place.
    """
    if isinstance(here, str):
        if here == there:
            return here
        found = Both(here)
        found.other = str(there)
        return found
    if isinstance(here, tuple | list):
        return type(here)(both(a, b) for a, b in zip_longest(here, there, fillvalue=""))
    if isinstance(here, dict):
        return {key: both(value, there[key]) for key, value in here.items()}
    if is_dataclass(here) and not isinstance(here, type):
        names = [each.name for each in fields(here)]
        return replace(here, **{n: both(getattr(here, n), getattr(there, n)) for n in names})
    return here


def unbroken(found: Any) -> Any:
    """Texts, or tuples and lists of texts, whose ranges and measures stay on one line."""
    if isinstance(found, str):
        return text.unbroken(found)
    if isinstance(found, tuple | list):
        return type(found)(unbroken(each) for each in found)
    return found


def tables(here: Table | None, there: Table | None) -> list[tuple[Table, str]]:
    """A table for both units; two, where their rows are of other things: "first" and "second"."""
    if here is None or there is None:
        return []
    heads, others = ([row[: here.words] for row in each.rows] for each in (here, there))
    if len(here.columns) == len(there.columns) and heads == others:
        return [(both(here, there), "")]
    return [(here, "first"), (there, "second")]


def other(text: str) -> str:
    """The attribute of an element that keeps its text in the other units; of most, nothing."""
    from markupsafe import Markup, escape

    return Markup(f' data-other="{escape(text.other)}"') if isinstance(text, Both) else ""
