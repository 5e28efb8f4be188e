"""What a picture shows, and where: the stages of a race share one frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gpxstage.plot import headings, labels, layout, pictograms, scales
from gpxstage.plot.ground import ends_s
from gpxstage.plot.scene import Scene, between_m, compose

if TYPE_CHECKING:
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts.analysis import Report

SLEEPY_KSS = 6.0  # a race in which nobody gets there has no strip of sleepiness


@dataclass(frozen=True, eq=False)
class Layout:
    """What is shown, and where on the page."""

    scene: Scene
    frame: layout.Frame
    sections: headings.Sections
    bases: headings.Rows


def laid_out(report: Report, index: int | None, how: layout.How) -> Layout:
    """What is shown, and where; the frame is the same for all stages of a race."""
    whole, sheet, unit = index is None, how.sheet, how.unit
    race = race_of(report, how.across if whole else "distance")
    scene = race if index is None else compose(report, index, how.across)
    width, span_s = scene.width, 0.0
    if how.same_scale and not whole:
        width, span_s = _widest(report, how.across)
    sections = headings.plan_sections(scene, sheet, width, unit, whole_race=whole)
    bases = headings.plan_bases(scene, sheet, width, 2 if whole else 1)
    section_rows, name_rows = sections.rows, len(bases)
    if not whole:
        parted = len(race.sections) > len(race.legs) and not sheet.compact
        section_rows = (1 + len(race.sections[0].efforts)) * parted
        name_rows = int(any(border.name for border in race.borders))
    estimates = [leg.estimate for leg in race.legs if leg.estimate is not None]
    hours = bool(estimates) and how.across == "distance" and sheet.hours_in > 0.0
    ways = not whole or len(race.legs) == 1 or pictograms.has_room(race, sheet)
    strips = _strips(estimates, sheet, race, ways=ways)
    plan = layout.Plan(
        sheet,
        layout.RACE_ZONE_IN if whole else layout.STAGE_ZONE_IN,
        section_rows,
        name_rows,
        strips=strips,
        hours=hours,
        span_s=span_s,
        rows=scales.plan_rows(report, race, how, whole=whole),
    )
    needs = list(labels.needs(race, how, whole_race=whole))
    return Layout(scene, layout.lay_out(plan, width, race.legs, needs), sections, bases)


@lru_cache(maxsize=2)
def race_of(report: Report, across: str) -> Scene:
    """The whole race, from which the picture of each stage takes its frame."""
    return compose(report, None, across)


@lru_cache(maxsize=2)
def _widest(report: Report, across: str) -> tuple[float, float]:
    """The widest stage of a race, in metres or seconds, and the longest curve of hours."""
    scenes = [compose(report, k, across) for k in range(len(report.course.stages))]
    spans_s = (high_s - low_s for low_s, high_s in map(ends_s, scenes))
    return max(scene.width for scene in scenes), max(spans_s)


def _strips(
    estimates: list[StageEstimate], sheet: layout.Sheet, race: Scene, *, ways: bool
) -> tuple[str, ...]:
    """Which strips a race has below its profiles; a compact page has none."""
    if sheet.compact:
        return ()
    hiked = any(estimate.hiked_s is not None for estimate in estimates)
    curves = [estimate.alertness for estimate in estimates if estimate.alertness is not None]
    sleepy = any(float(curve.kss.max()) > SLEEPY_KSS for curve in curves)
    known = any(between_m(leg) for leg in race.legs)
    marked = (layout.NEXT,) * (known and ways) + pictograms.shown(race)
    marked += (layout.SLEEP,) * any(map(pictograms.sleeps, estimates))
    return marked + (layout.HIKED,) * hiked + (layout.SLEEPY,) * sleepy
