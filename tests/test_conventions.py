"""The suffixes of docs/conventions.md hold for the public names."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import msgspec
import pytest

import gpxstage
from gpxstage import facts

PAGE = Path(__file__).resolve().parents[1] / "docs" / "conventions.md"
# endings that look like a unit and are none, or are another word for one on the page
WRONG = ("meters", "metres", "seconds", "hours", "minutes", "km", "kmh", "mph", "ms", "sec", "hrs")


def suffixes() -> set[str]:
    """The endings that the page lists."""
    rows = re.findall(r"^\| (`_[^|]*`) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`_([a-z_]+)`", row)}


def public_names() -> Iterator[tuple[str, str, bool]]:
    """Owner, name, and whether it holds a number, of public parameters and fields."""
    for name in gpxstage.__all__:
        thing = getattr(gpxstage, name)
        if is_dataclass(thing):
            yield from ((name, field.name, "float" in str(field.type)) for field in fields(thing))
        if inspect.isfunction(thing):
            yield from (
                (name, parameter.name, "float" in str(parameter.annotation))
                for parameter in inspect.signature(thing).parameters.values()
            )
    for name, thing in vars(facts).items():
        if inspect.isclass(thing) and issubclass(thing, msgspec.Struct):
            for field in msgspec.structs.fields(thing):
                yield name, field.name, bool(re.search(r"\b(float|int)\b", str(field.type)))


def wrongly_named(name: str) -> bool:
    """Whether a name ends with a unit in another form than that of the page."""
    last = name.rsplit("_", 1)[-1]
    return last in WRONG and last not in suffixes()


def test_the_page_lists_the_suffixes() -> None:
    assert {"m", "s", "mps", "m_per_h", "deg", "kg", "kcal"} <= suffixes()


@pytest.mark.parametrize("name", ["speed_kmh", "descent_mph", "time_ms", "length_meters"])
def test_another_form_of_a_unit_is_found(name: str) -> None:
    assert wrongly_named(name)


def test_public_names_end_with_a_unit_of_the_page_or_with_none() -> None:
    names = list(public_names())
    assert len(names) > 100
    assert [(owner, name) for owner, name, _ in names if wrongly_named(name)] == []


# a share, a ratio, a count or a number on a scale of its own
PLAIN = re.compile(
    r".*(fraction|share|probability|grade|spread|slope|kss|above_\d|of_time|terrain|sand|stages?|day"
    r"|number|schema|year|low|high|of_distance|models|shift|finishers|draws|seed|downhill_gain"
    r"|weight|decay|ease|front|early|wear|stops|sleep"
    r"|night_up|night_down|habit|p10|p50|p90|from_|to|steepest_\d+m|conditions|index).*"
)


def test_a_public_number_has_a_unit_or_is_a_share_or_a_count() -> None:
    ends = tuple(f"_{suffix}" for suffix in suffixes())
    known = {"m", "s"}  # of a threshold, and of a plan's sleep
    odd = {
        (owner, name)
        for owner, name, is_number in public_names()
        if is_number and not name.endswith(ends) and name not in known and not PLAIN.match(name)
    }
    assert odd == set()
