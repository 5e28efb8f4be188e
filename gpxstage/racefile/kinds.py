"""What a place is, guessed from its name or from the symbol that a GPX waypoint carries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gpxstage.text import letters

if TYPE_CHECKING:
    from gpxstage.course import Point

KINDS = ("start", "col", "aid", "water", "crew", "life-base", "finish", "waypoint")

# The first row with a whole word of the name decides; words without accents, lower case.
WORDS: tuple[tuple[str, str], ...] = (
    ("start", r"start|depart|partenza|salida"),
    ("finish", r"finish|arrivee|arrivo|ziel|meta|llegada"),
    ("life-base", r"life ?base|base ?(de )?vie|base ?vita|basevita|lifebase|base"),
    (
        "col",
        r"col|colle|colletto|passo|pass|passage|fenetre|finestra|bocchetta|bocca|forcella"
        r"|joch|sattel|furka|furgge|gap|saddle|collado|puerto|breche",
    ),
    ("water", r"water|fountain|fontaine|fontana|source|sorgente|fuente|spring|drink|drinking"),
    ("crew", r"crew|assistance|assistenza"),
    (
        "aid",
        r"rifugio|rif|refuge|refugio|ref|hut|[a-z]*hutte|cabane|capanna|bivacco|bivouac|stf|cp\d*"
        r"|aid|refreshment|ravito|ravitaillement|ristoro|checkpoint|check ?point|dortoir|gite|camp"
        r"|camping|auberge|hospice|lodge|food|drop",
    ),
)
PATTERNS = tuple((kind, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])")) for kind, words in WORDS)
TURN = re.compile(r"((slight|sharp) )?(left|right)|straight|u-?turn|cue|generic cue")


def guess(name: str, symbol: str = "") -> tuple[str, str]:
    """The kind of a place and what it was guessed from: "name", "symbol" or "" for a guess of none.

    A place of which nothing is known is a waypoint.
    """
    own, worn = _kind(name), _kind(symbol)
    if own and (own != "col" or not worn):  # a Gap that wears an aid station's symbol is one
        return own, "name"
    return (worn, "symbol") if worn else ("waypoint", "")


def _kind(text: str) -> str:
    words = letters(text)
    return next((kind for kind, pattern in PATTERNS if pattern.search(words)), "")


def is_turn(point: Point) -> bool:
    """Whether a waypoint is a turn of a navigation's cue sheet and no place."""
    return TURN.fullmatch(point.symbol.strip().lower()) is not None
