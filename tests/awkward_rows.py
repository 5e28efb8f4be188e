"""What every awkward file is read as: one row for each."""

from __future__ import annotations

from typing import NamedTuple

HIKE_KM, HIKE_GAIN_M, HIKE_RAW_M = 6.43, 379.0, 489.1  # the plain hike, by our definition
COARSE = "straight lines between them: length and climb are rough"
NO_ELEVATION = "no elevation: length only"
ONE_PLACE = "a track needs at least two different points"


class Row(NamedTuple):
    """What one file must give. Lengths and gains are of the tracks, then of the routes."""

    error: str = ""  # a pattern: the file is refused
    tracks: int = 0
    routes: int = 0
    waypoints: int = 0
    km: tuple[float | None, ...] = ()  # None for one that is refused: a single place
    gain_m: tuple[float | None, ...] = ()  # None without elevation
    notes: tuple[str, ...] = ()  # patterns: all of them, in order, and no other
    timed: tuple[int, ...] | None = None  # points with a time, where it matters


def repeated(count: int) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} repeated point{plural} dropped near km"


def empty(count: int, what: str = "track") -> str:
    return f"{count} {what} without points: left out"


def backwards(first: int) -> str:
    return f"its times run backwards at point {first}( and \\d+ more)?: no recorded time"


def astray(count: int) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} time{plural} that cannot be beside the others left out near km"


LOGS_KM = (1.91, 0.87, 0.03, 1.35, 0.03, 0.03, 0.35)
ALL_FIELDS = Row(
    tracks=1,
    routes=2,
    waypoints=2,
    km=(None, 310.99, 154.79),
    gain_m=(None, None, None),
    notes=(
        empty(1),
        "only 1 of 3 points with elevation: too few for a climb, length only",
        f"only 3 points for 311.0 km, {COARSE}",
        NO_ELEVATION,
        f"only 2 points for 154.8 km, {COARSE}",
    ),
)

ROWS: dict[str, Row] = {
    "3-tracks_multiday_mapsource.gpx": Row(
        tracks=3,
        km=(29.45, 29.08, 22.04),
        gain_m=(1087, 873, 829),
        notes=(
            repeated(1),
            "2 stops with 545 m of scattered points left out near km 11.5",
            repeated(5),
            repeated(7),
            "1 stop with 607 m of scattered points left out near km 12.3",
        ),
    ),
    "4-tracks_partial-time.gpx": Row(
        tracks=3,
        waypoints=2,
        km=(8.64, 2.29, 3.99),
        gain_m=(356, 200, 68),
        notes=(
            empty(1),
            "1 step in height, 45 m, that no ground does: counted, in doubt, near km 0.4",
        ),
        timed=(0, 176, 337),
    ),
    "425-segments.gpx": Row(tracks=1, km=(15.04,), gain_m=(1679,), notes=(repeated(387),)),
    "8-tracks_cerknica.gpx": Row(
        tracks=7,
        waypoints=7,
        km=LOGS_KM,
        gain_m=(25, 5, 37, 10, 31, 0, 32),
        notes=(empty(1), "1 elevation spike removed near km 0.0"),  # a first fix 45 m too low
    ),
    "8-tracks_ele-zero.gpx": Row(
        tracks=7,
        waypoints=7,
        km=LOGS_KM,
        gain_m=(None,) * 7,
        notes=(empty(1), *["every elevation is 0: taken as missing, length only"] * 7),
    ),
    "8-tracks_no-ele.gpx": Row(
        tracks=7,
        waypoints=7,
        km=LOGS_KM,
        gain_m=(None,) * 7,
        notes=(empty(1), *[NO_ELEVATION] * 6, "20 of 21 points have a time", NO_ELEVATION),
    ),
    "bad-float_undefined.gpx": Row("line 5: lat undefined .* coordinates must be numbers"),
    "below-sea-level_partial-ele_death-valley.gpx": Row(
        tracks=3,
        waypoints=11,
        km=(84.83, 45.05, 1.27),
        gain_m=(1123, 428, None),
        notes=(
            f"only 60 points for 84.8 km, {COARSE}",
            f"only 35 points for 45.0 km, {COARSE}",
            NO_ELEVATION,
        ),
    ),
    "bom-utf8.gpx": Row(waypoints=1),
    "bom_basecamp.gpx": Row(
        tracks=1,
        routes=1,
        waypoints=2,
        km=(4.38, 4.38),
        gain_m=(None, None),
        notes=(NO_ELEVATION, f"only 2 points for 4.4 km, {COARSE}") * 2,
    ),
    "comments-in-nodes.gpx": Row(tracks=1, km=(None,), gain_m=(None,)),
    "ele-minus-4542.gpx": Row(
        tracks=4,
        km=(0.42, 6.19, 14.20, 1.94),
        gain_m=(0, 168, 1017, 10),
        notes=(
            repeated(14),
            "1 impossible elevation removed near km 0.0",
            repeated(12),
            "1 impossible elevation removed near km 0.0",
            "1 elevation spike removed near km 5.1",
            repeated(1),
            "1 impossible elevation removed near km 0.0",
            "100 m with a grade of 122 %, steeper than anyone climbs",
            repeated(1),
            "1 impossible elevation removed near km 0.0",
            "0.6 of 1.9 km are straight lines of more than 500 m",
        ),
    ),
    "elevation-outliers-hampel.gpx": Row(
        tracks=1,
        km=(1045.45,),
        gain_m=(4108,),
        notes=(
            "2 elevation spikes removed near km 248.6, 722.6",
            f"only 29 points for 1,045.5 km, {COARSE}",
        ),
    ),
    "empty-ele.gpx": Row(tracks=1, km=(None,), gain_m=(None,)),
    "empty-gpx-element.gpx": Row(),
    "empty-segment.gpx": Row(tracks=1, km=(0.09,), gain_m=(0,)),
    "empty-trk.gpx": Row(notes=(empty(1),)),
    "extensions-without-namespaces.gpx": Row(waypoints=1),
    "external-entity_xxe.gpx": Row("has a DOCTYPE, which no GPX needs: refused as unsafe"),
    "garmin-jumps_last-point-backdated.gpx": Row(
        tracks=1,
        km=(1.81,),
        gain_m=(0,),
        notes=(
            astray(1),
            "2 points far off the track left out near km 0.0, 2.1",
            "2 stops with 355 m of scattered points left out near km 1.1",
        ),
        timed=(203,),
    ),
    "git-lfs-pointer.gpx": Row("is not XML, so not a GPX file"),
    "gpx10_all-fields.gpx": ALL_FIELDS,
    "gpx11_all-fields.gpx": ALL_FIELDS,
    "hiketech_partial-ele19.gpx": Row(
        tracks=1,
        waypoints=86,
        km=(7.65,),
        gain_m=(None,),
        notes=("only 12 of 64 points with elevation: too few for a climb, length only",),
    ),
    "html-entity_deg_undefined.gpx": Row("line 9, column 43: undefined entity"),
    "jpx_mismatched-extension-tag.gpx": Row("line 39, column 4: mismatched tag"),
    "lat-91.gpx": Row("line 5: lat 91.0 lon 0.0 is out of range"),
    "latin1_declared.gpx": Row(waypoints=8),
    "leading-blank-line_no-xml-decl.gpx": Row(
        tracks=1, km=(6.05,), gain_m=(144,), notes=(repeated(40),)
    ),
    "made_billion-laughs.gpx": Row("has a DOCTYPE, which no GPX needs: refused as unsafe"),
    "made_comma-decimal.gpx": Row(
        tracks=1,
        km=(HIKE_KM,),
        gain_m=(None,),
        notes=(
            "1,917 elevations cannot be read: left out",
            "1 stop with 164 m of scattered points counted as walked near km 2.1",
            NO_ELEVATION,
        ),
    ),
    "made_crlf.gpx": Row(tracks=1, km=(HIKE_KM,), gain_m=(HIKE_GAIN_M,), timed=(1917,)),
    "made_ele-zero-dropouts.gpx": Row(
        tracks=1,
        km=(HIKE_KM,),
        gain_m=(HIKE_GAIN_M,),
        notes=("38 dropouts to 0 removed near km 0.2, 1.3, 2.4 and 3 more places",),
    ),
    "made_times-out-of-order.gpx": Row(
        tracks=1, km=(6.66,), gain_m=(383,), notes=(backwards(802),), timed=(0,)
    ),
    "made_truncated-60pct.gpx": Row("line 4603, column 7: the file ends before it is complete"),
    "made_zero-bytes.gpx": Row("is empty"),
    "metadata-only.gpx": Row(),
    "missing-lat-lon-attr.gpx": Row("line 12: a point without lat and lon"),
    "no-closing-gpx-tag.gpx": Row("line 204, column 1: the file ends before it is complete"),
    "no-root-attributes.gpx": Row(tracks=1, km=(None,), gain_m=(None,)),
    "ns-prefix-https_invalid-xml_bgr-leg1.gpx": Row("line 6, column 14: not well-formed"),
    "out-of-range_lon-180.88_lat-91.4.gpx": Row("line 3: lat 91.38389 .* is out of range"),
    "prefixed-root_ns.gpx": Row(
        tracks=1, km=(13.63,), gain_m=(280,), notes=(repeated(14),), timed=(688,)
    ),
    "route-ext_viking.gpx": Row(
        tracks=1,
        waypoints=1,
        km=(0.75,),
        gain_m=(None,),
        notes=(empty(1, "route"), NO_ELEVATION),
    ),
    "route-only_86wpt_fells.gpx": Row(
        routes=1, waypoints=86, km=(11.20,), gain_m=(201,), timed=(0,)
    ),
    "route-only_no-ele.gpx": Row(routes=1, km=(6.69,), gain_m=(None,), notes=(NO_ELEVATION,)),
    "route-without-rtept.gpx": Row(notes=(empty(1, "route"),)),
    "sci-notation_issue151.gpx": Row(
        tracks=10,
        km=(1.61, 1.27, 2.17, 1.76, 1.30, 1.82, 1.98, 1.16, 0.46, 0.44),
        gain_m=(None,) * 10,
        notes=(
            *(repeated(117), NO_ELEVATION),
            *(repeated(150), NO_ELEVATION),
            *(repeated(180), NO_ELEVATION),
            *(repeated(24), NO_ELEVATION, f"only 8 points for 1.8 km, {COARSE}"),
            *(repeated(33), NO_ELEVATION),
            *(repeated(48), NO_ELEVATION),
            *(repeated(165), NO_ELEVATION),
            *(repeated(99), NO_ELEVATION),
            *(repeated(30), NO_ELEVATION),
            *(repeated(12), NO_ELEVATION),
        ),
    ),
    "single-quoted-attrs_24pt.gpx": Row(
        tracks=2,
        km=(650.25, 389.89),
        gain_m=(1989, 2379),
        notes=(f"only 12 points for 650.3 km, {COARSE}", f"only 12 points for 389.9 km, {COARSE}"),
    ),
    "single-trkpt.gpx": Row(tracks=1, km=(None,), gain_m=(None,)),
    "small-floats_near-null-island.gpx": Row(
        tracks=1,
        km=(9.41,),
        gain_m=(2,),
        notes=(repeated(1), f"only 2 points for 9.4 km, {COARSE}"),
    ),
    "subsecond-time.gpx": Row(tracks=1, km=(0.002,), gain_m=(0,), timed=(2,)),
    "teleport-blip_3pt.gpx": Row(
        tracks=1,
        km=(0.03,),
        gain_m=(1.6,),
        notes=("1 point far off the track left out near km 0.0",),
    ),
    "time-second-60.gpx": Row(
        tracks=1,
        km=(14.48,),
        gain_m=(68,),
        notes=("1 time cannot be read: left out", astray(6), repeated(34)),
        timed=(736,),
    ),
    "times-1901-int32_mojstrovka.gpx": Row(
        tracks=1,
        km=(2.70,),
        gain_m=(428,),
        notes=(
            "its times are before 2000: no recorded time",
            "1 step in height, 69 m, that no ground does: counted, in doubt, near km 1.8",
            "the elevation at its start or end steps by 22 m near km 0.0: in doubt",
            "100 m with a grade of 70 %, steeper than anyone climbs",
        ),
        timed=(0,),
    ),
    "undeclared-gpxpx-prefix.gpx": Row(
        tracks=1,
        km=(2.23,),
        gain_m=(42,),
        notes=("uses an XML prefix that it does not declare; read without namespaces",),
    ),
    "unicode-names.gpx": Row(waypoints=6),
    "with-or-without-elev.gpx": Row(tracks=2, km=(None, None), gain_m=(None, None)),
    "wpt-only_empty-name.gpx": Row(waypoints=1),
    "zumo-route_6-via-points.gpx": Row(
        routes=1,
        km=(181.61,),  # with the points that shape the way between the six
        gain_m=(None,),
        notes=(repeated(12), NO_ELEVATION),
    ),
}
