"""The name of a race that nobody named: what its track, its file or its folder is called.

People name tracks and files, and so do devices and web sites: "ACTIVE LOG", "Morning Run",
"course", "2014-05-06_132925", "Track 034". A name is telling where a word of it is none of theirs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpxstage.racefile.sources import name_of, real
from gpxstage.text import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.racefile.sources import Source

# What devices, planners and web sites call files and tracks, and the words of days and stages:
# judgement, from the names in real files and the usual titles of Garmin, Strava and AllTrails.
# Numbers and single letters of the alphabet tell nothing, either.
MACHINE_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    active activity connect copy course current default doc document download downloaded edited
    export exported file final full garmin gps gpx individual log map my name new official path plan
    planned race recorded recording rec route strava the to tour track trace trail trk unnamed
    untitled workout of by at with on
    gara lauf course parcours randonnee traillauf wanderung carrera caminata corsa camminata
    run running hike hiking walk walking ride jog backpacking
    morning lunch midday noon afternoon evening night
    am morgen mittag nachmittag abend nacht
    pied le la les en dans apres midi matin soir soiree nuit
    de por manana matutina tarde vespertina noche
    mattutina mattina pomeriggio pomeridiana sera serale
    day stage leg part section segment tag etappe tappa etape etapa jour giorno dia
    km mi mile miles
    mon tue wed thu fri sat sun
    monday tuesday wednesday thursday friday saturday sunday
    jan feb mar apr may jun jul aug sep sept oct nov dec
    january february march april june july august september october november december
    """,
    )
)


def telling(name: str) -> bool:
    """Whether a name says which course this is."""
    words = re.findall(r"[^\W\d_]+", letters(name))
    own = (word for word in words if len(word) > 1 or not word.isascii())
    return any(not {word, word.removesuffix("s")} & MACHINE_WORDS for word in own)


def title(sources: Sequence[Any], found: Sequence[Source]) -> str:
    """The name of a race that nobody named.

    One file is called as its track is, as it is by its metadata, or by its file name; several
    are called by their folder or their file names, or by a name that all tracks have, whichever
    is the first that is telling.
    """
    tracks = _shared(track.name for source in found for track in source.ways)
    whole = _shared(source.gpx.name for source in found)
    given = _given(sources, found)
    names = [tracks, whole, given] if _is_one_file(sources) else [given, tracks, whole]
    first = (track.name for source in found for track in source.ways if track.name)
    return next(filter(telling, names), given or next(first, "course"))


def _is_one_file(sources: Sequence[Any]) -> bool:
    return len(sources) == 1 and not _is_folder(sources[0])


def _is_folder(source: Any) -> bool:
    return isinstance(source, str | Path) and Path(source).is_dir()


def _given(sources: Sequence[Any], found: Sequence[Source]) -> str:
    """The folder's name, the file's, or those of the first and the last one."""
    if len(sources) > 1:
        first, last = found[0].stem, found[-1].stem
        return f"{first} to {last}" if first and last else "course"
    return name_of(real(Path(sources[0]))) if _is_folder(sources[0]) else found[0].stem


def _shared(names: Iterable[str]) -> str:
    """The name that is the only one, but for those that are empty; else nothing."""
    known = set(filter(None, names))
    return known.pop() if len(known) == 1 else ""
