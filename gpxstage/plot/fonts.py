"""Which fonts write a name, and what to do about letters that none of them has."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from gpxstage.course import legible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gpxstage.course import Course
    from gpxstage.facts.analysis import Report

FAMILY = "DejaVu Sans"  # comes with matplotlib: a picture is the same everywhere
NO_LETTERS = "(no font here has its letters)"
LEAST_LEFT = 0.5  # of a name's letters, else it says nothing any more


def writable(words: str) -> str:
    """*words* without letters that no font here has; empty where too few are left."""
    if words.isascii():
        return words
    seen = legible(words)
    kept = "".join(letter for letter in seen if letter == " " or _family(letter))
    return kept if kept.strip() and len(kept) >= LEAST_LEFT * len(seen) else ""


@lru_cache(maxsize=4096)
def families(words: str) -> tuple[str, ...]:
    """The fonts that *words* need, the usual one first."""
    if words.isascii():
        return (FAMILY,)
    found = (_family(letter) for letter in legible(words) if letter != " ")
    return tuple(dict.fromkeys([FAMILY, *filter(None, found)]))


@lru_cache(maxsize=4096)
def _family(letter: str) -> str:
    """The font that has a letter; empty where none has it."""
    code = ord(letter)
    if code in _letters(font_manager.findfont(FAMILY)):
        return FAMILY
    return next((name for name, path in _others() if code in _letters(path)), "")


@lru_cache(maxsize=1)
def _others() -> list[tuple[str, str]]:
    """Upright fonts of this machine, those without serifs first: name and file.

    Those that come with matplotlib are for formulas, but for the one that draws boxes.
    """
    own = mpl.get_data_path()
    fonts = [
        font
        for font in font_manager.fontManager.ttflist
        if font.style == "normal" and font.weight in (400, "normal", "regular")
    ]
    named = {font.name: font.fname for font in fonts if not font.fname.startswith(own)}
    return sorted(named.items(), key=lambda each: ("Sans" not in each[0], each[0]))


@lru_cache(maxsize=256)
def _letters(path: str) -> frozenset[int]:
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):  # a file that went away, or that is no font
        return frozenset()


@lru_cache(maxsize=2)
def written_report(report: Report) -> Report:
    """A report whose names can be written with the fonts there are."""
    course = report.course
    names = [course.name, course.survey or "", *_names(course)]
    if all(writable(name) == name for name in names):
        return report
    stages = tuple(
        replace(
            stage,
            name=writable(stage.name),
            points=tuple(replace(point, name=writable(point.name)) for point in stage.points),
        )
        for stage in course.stages
    )
    name, survey = writable(course.name) or NO_LETTERS, course.survey and writable(course.survey)
    return replace(report, course=replace(course, name=name, survey=survey, stages=stages))


def lost(report: Report) -> list[str]:
    """Names that a picture cannot write in full, each once."""
    return [
        name for name in dict.fromkeys(_names(report.course)) if writable(name) != legible(name)
    ]


def _names(course: Course) -> Iterable[str]:
    yield course.name
    for stage in course.stages:
        yield stage.name
        yield from (point.name for point in stage.points)
