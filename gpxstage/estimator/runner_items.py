"""What a runner wants from the crew, as much of it as a card on a cooler takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ITEMS = 6
MOST_LETTERS = 32  # an item heads a narrow column


def too_much(items: Sequence[str]) -> str | None:
    """What is wrong with such a list, or None."""
    if len(items) > MOST_ITEMS:
        return f"{len(items)} items: a crew card takes {MOST_ITEMS} at most"
    long = [item for item in items if len(item) > MOST_LETTERS]
    if long:
        return f"{long[0]!r} is longer than {MOST_LETTERS} letters"
    return "an item is empty" if any(not item.strip() for item in items) else None
