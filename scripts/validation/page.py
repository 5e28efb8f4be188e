"""Markdown: tables, and figures as people read them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

import numpy as np


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the others are set to the right."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *[list(row) for row in rows]]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def fill(text: str) -> str:
    """Paragraphs broken at 100 characters; tables, headings and lists stay as they are."""
    blocks = text.split("\n\n")
    kept = ("|", "#", "- ", "<")
    return "\n\n".join(
        block
        if block.lstrip().startswith(kept)
        else textwrap.fill(block, 100, break_on_hyphens=False)
        for block in blocks
    )


def signed(share: float, digits: int = 1) -> str:
    """A share as signed per cent."""
    return plus_minus(100.0 * share, digits)


def plus_minus(number: float, digits: int = 0) -> str:
    """A number with its sign; nothing has none."""
    text = f"{number:+.{digits}f}"
    if float(text) == 0.0:
        text = text[1:]
    return text.replace("-", "−")


def percent(share: float, digits: int = 1) -> str:
    """A share as per cent."""
    return f"{100.0 * share:.{digits}f}"


def rms(values: np.ndarray) -> float:
    """Root of the mean square of what is known."""
    return float(np.sqrt(np.nanmean(np.square(values))))


def count(number: float) -> str:
    """A whole number with a thin thousands mark."""
    return f"{number:,.0f}"
