"""GPX and race files that tests make, and what a course read from them shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpxstage.course import Course
from gpxstage.racefile import load

DEG_M = 111_143.0  # a degree of latitude at 45 degrees north, within 20 m
DEG_EAST_M = 78_847.0  # and of longitude


def points(kms: Sequence[float], east_km: float = 0.0, tag: str = "trkpt") -> str:
    """Track points north of 45 N, 7 E."""
    lon = 7.0 + 1000.0 * east_km / DEG_EAST_M
    return "".join(
        f'<{tag} lat="{45.0 + 1000.0 * km / DEG_M:.7f}" lon="{lon:.7f}">'
        f"<ele>{1000 + 50 * (k % 3)}</ele></{tag}>"
        for k, km in enumerate(kms)
    )


def straight(begin_km: float, end_km: float) -> list[float]:
    steps = round(abs(end_km - begin_km) * 10)
    return [begin_km + (end_km - begin_km) * k / steps for k in range(steps + 1)]


def trk(kms: Sequence[float], name: str = "", east_km: float = 0.0) -> str:
    return f"<trk><name>{name}</name><trkseg>{points(kms, east_km)}</trkseg></trk>"


def rte(kms: Sequence[float], name: str = "") -> str:
    return f"<rte><name>{name}</name>{points(kms, tag='rtept')}</rte>"


def wpt(name: str, km: float, east_km: float = 0.0, sym: str = "") -> str:
    lat, lon = 45.0 + 1000.0 * km / DEG_M, 7.0 + 1000.0 * east_km / DEG_EAST_M
    return f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>{name}</name><sym>{sym}</sym></wpt>'


def gpx(*parts: str) -> bytes:
    head = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}{''.join(parts)}</gpx>".encode()


def placed(course: Course) -> list[list[tuple[str, str, float]]]:
    """Per stage the points: name, kind, kilometre."""
    return [
        [(p.name, p.kind, round((p.distance_m or 0.0) / 1000.0, 1)) for p in stage.points]
        for stage in course.stages
    ]


def names(course: Course) -> list[list[str]]:
    return [[point.name for point in stage.points] for stage in course.stages]


def notes(course: Course) -> str:
    return "\n".join([*course.notes, *(note for stage in course.stages for note in stage.notes)])


END = ("Finish", "finish", 10.0)
TEN = trk(straight(0, 10), "Ten")


class Race:
    """A folder with a race file and GPX files: a.gpx 0 to 10 km, b.gpx 10 to 20, both there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        hut, hope = wpt("Rifugio Neve", 4), wpt("Hope Pass", 13)
        (folder / "a.gpx").write_bytes(gpx(trk(straight(0, 10)), hut))
        (folder / "b.gpx").write_bytes(gpx(trk(straight(10, 20)), hope))
        whole = trk(straight(0, 20)), hut, hope, wpt("Base", 10)
        (folder / "whole.gpx").write_bytes(gpx(*whole))
        (folder / "two.gpx").write_bytes(
            gpx(trk(straight(0, 10), "One"), trk(straight(10, 20), "Two"))
        )

    def write(self, text: str) -> None:
        (self.folder / "race.toml").write_text(text, encoding="utf-8")

    def load(self, text: str, **options: Any) -> Course:
        self.write(text)
        return load(self.folder, **options)

    def one(self, keys: str = "", point: str = "", race: str = "", **options: Any) -> Course:
        """A race of one stage, a.gpx, with keys of the race, of the stage and of one point."""
        text = f'terrain = 0.4\n{race}\n[[stage]]\ngpx = "a.gpx"\nname = "Day 1"\n{keys}\n'
        return self.load(text + (f"[[stage.point]]\n{point}\n" if point else ""), **options)


FULL = """
name = "Three Passes"
timezone = "Europe/Rome"
format = "continuous"
waves = [2026-09-04T10:00:00, 2026-09-04T12:00:00]
limit_h = 60
terrain = 0.45
official = { km = 20, gain_m = 950 }
survey = "reconstructed"

[[results]]
year = 2024
winner = "19:54:23"
finishers = 1760
p10 = "29h"
p25 = "35:24"
median = "40:34:49"
p90 = "45:30"
source = "live timing"

[[stage]]
name = "Courmayeur - Valgrisenche"
gpx = "a.gpx"
terrain = 0.5

  [[stage.point]]
  name = "Rifugio Neve"
  kind = "aid"
  crew = true
  services = ["food", "bed"]
  stop_min = 10
  cutoff = 2026-09-04T19:30:00

  [[stage.point]]
  name = "Lake"
  km = 6.5

  [[stage.point]]
  name = "Chapel"
  kind = "water"
  lat = 45.0719718
  lon = 7.0

  [[stage.point]]
  name = "Valgrisenche"
  kind = "life-base"
  km = 10.0

[[stage]]
name = "Valgrisenche - Cogne"
gpx = "b.gpx"
official = { km = 10, gain_m = 500 }

  [[stage.point]]
  name = "Hope Pass"
  kind = "col"
"""


HILL = gpx(
    trk(straight(0, 20), "Hill"),
    wpt("Rifugio Neve", 4),
    wpt("Col Alto", 7),
    wpt("Halls Gap", 9, sym="Aid Station"),
    wpt("Lake", 12),
    wpt("Arrivée", 20),
)
