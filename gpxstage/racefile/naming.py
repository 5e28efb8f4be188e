"""The name of a race that nobody named: what its track, its file or its folder is called.

People name tracks and files, and so do devices and web sites: "ACTIVE LOG", "Morning Run",
"course", "2014-05-06_132925", "Track 034". A name is telling if it has a word that devices and web
sites do not use, as "Morning Run at Pikes Peak" does. The address of a web page is not telling.
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

# What devices, planners and web sites call files and tracks, their own names, the endings of files,
# words for running and hiking, and the words of days and stages: judgement, from the names in real
# files and the usual titles of Garmin, Strava and AllTrails in several languages. Numbers and
# single letters of the alphabet tell nothing, either.
MACHINE_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    active activity connect copy course current default doc document download downloaded edited
    export exported file final full gps individual log map my name new official path plan
    planned race recorded recording rec route session the to tour track trace tracklog trail trk
    unnamed untitled watch waypoint workout of by at with on
    csv fit geojson gpx gz json kml kmz tcx zip
    adidas alltrails amazfit basecamp bergfex caltopo coros endomondo etrex fatmap fenix fitbit
    forerunner garmin gpsies gpslogger huawei komoot locus mapmyhike mapmyrun mapsource mapy
    openrunner oruxmaps osmand outdooractive plotaroute polar relive ridewithgps runalyze runkeeper
    runtastic samsung sportstracker strava suunto tracedetrail trainingpeaks visugpx wahoo wikiloc
    zepp
    run running hike hiking walk walking ride jog jogging backpacking trekking trek trailrun
    trailrunning
    lauf laufen joggen traillauf bergtour bergwanderung spaziergang wandern wanderung wandertour
    parcours rando randonnee balade marche promenade
    gara corsa camminata escursione passeggiata
    carrera caminata excursion paseo senderismo corrida caminhada
    hardlopen wandelen wandeling ochtendloop middagloop avondloop ochtendwandeling
    middagwandeling avondwandeling lopning lop lopetur lob vandring gatur bieg spacer beh turistika
    morning lunch midday noon afternoon evening night
    am der in zur morgen mittag mittagszeit nachmittag abend nacht
    pied le la les en dans apres midi matin soir soiree nuit
    da de na por manana matinal matutina tarde vespertina noche noturna
    mattutina mattina pomeriggio pomeridiana sera serale notturna
    day stage leg part section segment tag etappe tappa etape etapa jour giorno dia
    km mi mile miles
    mon tue wed thu fri sat sun
    monday tuesday wednesday thursday friday saturday sunday
    jan feb mar apr may jun jul aug sep sept oct nov dec
    january february march april june july august september october november december
    """,
    )
)
ADDRESS = re.compile(r"http|www\.|\.com\b", re.IGNORECASE)


def telling(name: str) -> bool:
    """Whether a name says which course this is."""
    if ADDRESS.search(name):
        return False
    words = re.findall(r"[^\W\d_]+", letters(name))
    own = (word for word in words if len(word) > 1 or not word.isascii())
    return any(not {word, word.removesuffix("s")} & MACHINE_WORDS for word in own)


def title(sources: Sequence[Any], found: Sequence[Source]) -> str:
    """The name of a race that nobody named.

    One file has the name of its track, of its metadata or of the file itself. Several files have
    that of their folder or of the first and the last file, that of all tracks, or that of all
    metadata. The first of these names that is telling is taken.
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
