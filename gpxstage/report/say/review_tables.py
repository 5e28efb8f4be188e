"""ReviewFacts -> tables: where the time went, by leg, climb, ground, light and level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.report.splits import lines_csv
from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, hms, hours, local, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts.review import Advice, Compared, GroundReview, LegReview, ReviewFacts

FASTER, SLOWER = "faster", "slower"
# what the figures are about, where the number of the runner file that follows is another measure
ABOUT = {"flat speed": "level ground"}


def review_tables(review: ReviewFacts, units: str = "metric") -> list[Table]:
    """All tables of a review, the whole first."""
    unit = UNITS[units]
    found = [
        _summary(review, unit),
        _legs(review, unit),
        _climbs(review, unit),
        _grounds("By kind of ground (up and down: steeper than 5 %)", review.ground, unit),
        _grounds("Day and night", review.daylight, unit),
        _grounds("The way in thirds of the even plan", review.thirds, unit),
        _field(review),
        _off(review, unit),
        _advice(review, unit),
    ]
    return [table for table in found if table.rows]


def _summary(review: ReviewFacts, unit: Units) -> Table:
    whole = review.whole
    rows = [("recording", one_line(review.recording))]
    if review.start is not None:
        utc = "" if review.zoned else " UTC"
        rows.append(("first moment", f"{local(review.start)}{utc}"))
    place = f"{unit.far(review.reached_m)} of {unit.far(review.length_m)} {unit.distance}"
    rows.append(("finished" if review.finished else "reached", place))
    rows.append(("time on the course", hms(whole.elapsed_s)))
    if whole.moving_s is not None:
        rows.append(("moving, standing", f"{hms(whole.moving_s)}, {hms(whole.standing_s or 0)}"))
    if whole.hike_fraction is not None:
        rows.append(("hiked", f"{percent(whole.hike_fraction)} % of moving, by {review.gait_from}"))
    if whole.dark_s:
        rows.append(("in the dark", hms(whole.dark_s)))
    if whole.planned_s is not None:
        late_s = whole.elapsed_s - whole.planned_s
        words = f"{hms(whole.planned_s)}: {hms(abs(late_s))} {'later' if late_s > 0 else 'earlier'}"
        rows.append((f"plan of {one_line(review.runner)}", words))
    if whole.even_s is not None and whole.even_moving_s is not None:
        stood_s = whole.even_s - whole.even_moving_s
        rows.append(
            ("even plan", f"{hours(whole.even_moving_s)} moving, {hours(stood_s)} standing")
        )
    if review.fade is not None:
        word = SLOWER if review.fade > 0.0 else FASTER
        share = percent(abs(review.fade))
        rows.append(("against the even plan", f"last third {share} % {word} than the first"))
    return Table("", ("", ""), tuple(rows), words=2)


def _legs(review: ReviewFacts, unit: Units) -> Table:
    lines = []
    for leg in review.legs:
        length_m = None if leg.from_m is None or leg.to_m is None else leg.to_m - leg.from_m
        lines.append(
            {
                "to": one_line(leg.name) or "–",
                unit.distance: unit.far(length_m),
                f"+{unit.height}": unit.high(leg.gain_m),
            }
            | _compared(leg)
        )
    title = "By leg (plan, even: how much longer, +, than planned and than in the even plan)"
    return filled(title, by_column(lines), 1, ())


def _compared(part: Compared) -> dict[str, str]:
    """The recorded times, and how much longer they are than in both plans."""
    return {
        "time": hms(part.elapsed_s),
        "standing": hours(part.standing_s),
        "hiked %": percent(part.hike_fraction),
        "plan": _signed(part.against_plan_s),
        "even": _signed(part.against_even_s),
    }


def _signed(late_s: int | None) -> str:
    return "" if late_s is None else hours(late_s, signed=True)


def _climbs(review: ReviewFacts, unit: Units) -> Table:
    lines = [
        {
            "to": one_line(climb.name) or "–",
            f"from {unit.distance}": unit.far(climb.from_m),
            unit.height: unit.high(climb.height_m),
            f"{unit.height}/h": unit.high(climb.height_m_per_h),
        }
        | _compared(climb)
        for climb in review.climbs
    ]
    title = f"Climbs and descents ({unit.height}/h: while moving; plan, even: as by leg)"
    return filled(title, by_column(lines), 1, ())


def _grounds(title: str, grounds: Sequence[GroundReview], unit: Units) -> Table:
    lines = [
        {
            "": ground.name,
            unit.distance: unit.far(ground.distance_m),
            "moving": hours(ground.moving_s),
            "even plan": hours(ground.even_s),
            "against": hours(ground.moving_s - ground.even_s, signed=True),
            "% of even": percent(ground.of_even),
            "hiked %": percent(ground.hike_fraction),
        }
        for ground in grounds
    ]
    return filled(title, by_column(lines), 1, ())


def _field(review: ReviewFacts) -> Table:
    """Recorded times beside those of each level, by leg and whole."""
    names = list(review.levels)
    lines = [
        {"to": one_line(leg.name) or "–", "recorded": hours(leg.elapsed_s)}
        | {name: hours(leg.levels.get(name)) for name in names}
        for leg in review.legs
        if leg.levels
    ]
    whole = {"to": "all of these", "recorded": hours(review.whole.elapsed_s)}
    lines.append(whole | {name: hours(review.levels[name]) for name in names})
    columns = by_column(lines) if names else {}
    title = "Against the field (levels: winner, 10th, 50th, 90th of a hundred)"
    return filled(title, columns, 1, (len(lines) - 2,) if len(lines) > 1 else ())


def _off(review: ReviewFacts, unit: Units) -> Table:
    rows = tuple(
        (unit.far(off.from_m), unit.far(off.to_m), unit.far(off.recorded_m), hours(off.elapsed_s))
        for off in review.off_course
    )
    columns = (
        f"from {unit.distance}", f"to {unit.distance}", f"recorded {unit.distance}", "time"
    )  # fmt: skip
    return Table("Parts of the course that the recording does not follow", columns, rows, words=0)


def _advice(review: ReviewFacts, unit: Units) -> Table:
    lines = [
        {
            "about": ABOUT.get(advice.about, advice.about),
            "recorded": _figure(advice, advice.recorded, unit),
            "planned": _figure(advice, advice.planned, unit),
            "over": hours(advice.moving_s),
            unit.distance: unit.far(advice.distance_m, 0),
            "line for the runner file": advice.line or "(no number of the file)",
            " ±": "" if advice.error is None else f"{advice.error:g}",
        }
        for advice in review.advice
    ]
    title = "What to change: clear evidence only (planned: with the other lines here)"
    columns = by_column(lines)
    return Table(
        title, tuple(columns), tuple(zip(*columns.values(), strict=True)) if lines else (), words=1
    )


def _figure(advice: Advice, value: float, unit: Units) -> str:
    """A recorded or planned figure with its unit."""
    if advice.measure == "speed_mps":
        return unit.speed_text(value)
    if advice.measure == "height_m_per_h":
        return f"{unit.high(value)} {unit.height}/h"
    if advice.measure == "standing_s":
        return f"{hours(value)} h"
    words = " % hiked" if advice.measure == "hike_fraction" else " % fade"
    return percent(value) + words


def review_csv(review: ReviewFacts, units: str = "metric") -> str:
    """A row for each leg; durations in seconds, so that they add up to the clock."""
    return lines_csv([_csv_line(leg, UNITS[units]) for leg in review.legs])


def _csv_line(leg: LegReview, unit: Units) -> dict[str, object]:
    far = unit.distance
    return {
        "stage": leg.stage,
        "to": leg.name,
        f"from_{far}": unit.far_figure(leg.from_m),
        f"to_{far}": unit.far_figure(leg.to_m),
        f"gain_{unit.height}": unit.high_figure(leg.gain_m),
        "clock": local(leg.arrival),
        "elapsed_s": leg.elapsed_s,
        "moving_s": leg.moving_s,
        "standing_s": leg.standing_s,
        "hiked_percent": percent(leg.hike_fraction),
        "dark_s": leg.dark_s,
        "planned_s": leg.planned_s,
        "even_s": leg.even_s,
        **{f"{name}_s": time_s for name, time_s in leg.levels.items()},
    }
