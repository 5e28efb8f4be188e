"""Facts -> words: moments, ranges and margins, and the sentences above the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.chances import names_of
from gpxstage.facts.headline import behind
from gpxstage.text import one_line
from gpxstage.units import (
    HOUR_S,
    MINUTE_S,
    SHOWN_S,
    Units,
    clock,
    date,
    elapsed_minutes,
    hours,
    number,
    percent,
    range_s,
    spoken,
    spoken_left,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gpxstage.facts import ArriveFacts, PointFacts, RaceFacts, RunnerFacts, StageFacts
    from gpxstage.facts.figures import CollapseFacts, Interval, N, Sleepiest

    Lines = list[tuple[str, str]]

PLACES = {  # what a level is
    "elite": "wins",
    "strong": "10th of a hundred",
    "mid": "50th of a hundred",
    "back": "90th of a hundred",
}
USUAL = "as runners of this level usually do (a survey of 221 runners, Tor 2025)"
MOST_BEDS = 10  # in a sentence


# moments, ranges and margins


def when(race: RaceFacts, stage: StageFacts, after_s: float | None) -> str:
    """Day and local time of a moment on a stage's clock; hours and minutes without a start."""
    return clock(race.clock_at(stage, after_s)) or hours(after_s)


def when_range(race: RaceFacts, stage: StageFacts, times_s: Interval[int]) -> str:
    """From p10 to p90; nothing without draws. A day is named once where both are the same."""
    if times_s.ends is None:
        return ""
    early, late = (when(race, stage, after_s) for after_s in range_s(*times_s.ends))
    if early == late:
        return early
    day, space, time = late.partition(" ")
    return f"{early} – {time if space and early.startswith(day) else late}"


def range_text(values: Interval[N], text: Callable[[float], str] | None = None) -> str:
    """From p10 to p90, of times unless *text* writes something else; nothing without draws."""
    if values.ends is None:
        return ""
    low, high = map(text, values.ends) if text else map(hours, range_s(*values.ends))
    return low if low == high else f"{low} – {high}"


def late_margin_s(point: PointFacts) -> float | None:
    """The margin at its late end: what is left after the stop, to what the draws know."""
    if point.cutoff_s is None or point.margin_s.ends is None:
        return None
    leaving_s = (point.cutoff_s - left_s for left_s in point.margin_s.ends)
    return point.cutoff_s - range_s(*leaving_s)[1]


def stopped_s(moving_s: float, elapsed_s: float) -> float:
    """Time in stops to the minute, as the difference of what is shown."""
    return MINUTE_S * elapsed_minutes(moving_s, elapsed_s)


# columns of times whose sum is the time of the whole race
SUMMED = {"expected", "moving", "in the dark", "earlier days", "moving in the dark", "stopped"}
ROUNDED = "each time is rounded by itself"


def over_whole(title: str, columns: Mapping[str, Sequence[str]], breaks: Sequence[int]) -> str:
    """The title of a table of stages, `with_rounding` where the whole race is below a break."""
    if not breaks:
        return title
    times = {name: columns[name] for name in {*SUMMED, "asleep"} if columns.get(name)}
    whole = {name: cells[-1] for name, cells in times.items()}
    return with_rounding(title, {name: cells[:-1] for name, cells in times.items()}, whole)


def with_rounding(
    title: str, columns: Mapping[str, Sequence[str]], whole: Mapping[str, str]
) -> str:
    """Add a note to the title where the times shown do not add up to the total shown."""
    for name, time in whole.items():
        cells = [cell for cell in columns.get(name, ()) if cell]
        if cells and sum(map(_minutes, cells)) != _minutes(time):
            return f"{title[:-1]}; {ROUNDED})" if title.endswith(")") else f"{title} ({ROUNDED})"
    return title


def _minutes(time: str) -> int:
    whole, _, rest = time.partition(":")
    return 60 * int(whole or 0) + int(rest or 0)


def kcal(value: float) -> str:
    """Energy to a hundred kilocalories."""
    return number(value, -2)


# sentences


def figures(race: RaceFacts, unit: Units) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Columns and lines: measured, the band, the raw sum and the organiser's side by side."""
    official = race.official
    columns = {
        "": ["distance", "climb", "descent"],
        "measured": [
            f"{unit.far(race.length_m)} {unit.distance}",
            *(_high(value, unit) for value in (race.gain_m, race.loss_m)),
        ],
    }
    if race.gain_m is not None:
        low, high = unit.high(race.gain_low_m), unit.high(race.gain_high_m)
        columns["low to high"] = ["", f"{low} to {high}", ""]
        columns["raw sum"] = ["", unit.high(race.gain_raw_m), ""]
    published = [unit.far(official.length_m), unit.high(official.gain_m), ""]
    if any(published):
        columns["organiser's"] = published
    return tuple(columns), tuple(zip(*columns.values(), strict=True))


def _high(value_m: float | None, unit: Units) -> str:
    return "unknown" if value_m is None else f"{unit.high(value_m)} {unit.height}"


def sentences(race: RaceFacts, unit: Units) -> Lines:
    """What a runner asks first, a line each: what it is about, and the answer."""
    made = []
    if race.survey:
        made.append(("track", one_line(race.survey)))
    if race.highest_m is not None:
        low, high = unit.high(race.lowest_m), unit.high(race.highest_m)
        made.append(("altitude", f"{low} to {high} {unit.height}"))
    if race.start:
        made.append(("start", date(race.start)))
    if race.limit_s is not None:
        made.append(("limit", spoken(race.limit_s)))
    if race.runner is None:
        return made
    made.append(("runner", who(race.runner, unit)))
    made += [*_time(race), *tightest(race), *_stops(race), *sleep(race)]
    made += [*_ground(race, unit), *sleepiness(race), *collapse(race)]
    energy = race.energy_kcal.p50
    if energy is None:
        return made
    body = f"a body of {unit.mass_text(race.runner.body_kg)}"
    return [*made, ("energy", f"{kcal(energy)} kcal while moving, for {body}")]


def who(runner: RunnerFacts, unit: Units) -> str:
    """Whom the estimate is for."""
    name, place = name_and_place(runner)
    words = [place] if place else []
    words.append(f"{unit.speed(runner.flat_speed_mps)} {unit.distance} flat in an hour")
    if runner.model == "gait" and runner.pack_kg:
        words.append(f"{unit.mass_text(runner.pack_kg)} carried")
    if runner.source == "team":
        words.append("the slower one of the team")
    if runner.model != "gait":
        words.append(f"moving time by the model {runner.model}")
    return f"{name} ({', '.join(words)})"


def name_and_place(runner: RunnerFacts) -> tuple[str, str | None]:
    """What a runner is called, and, of a level, the place in a field."""
    name = one_line(runner.name) or one_line(runner.source)
    return name, PLACES.get(name) if runner.source == "level" else None


def _time(race: RaceFacts) -> Lines:
    """The expected time, the times of a field, the range and the chance to finish."""
    elapsed_s = race.elapsed_s.p50 or 0
    time = spoken(elapsed_s)
    if race.limit_s is not None:
        time += f", {against_limit(race.limit_s - elapsed_s)}"
    made = [("expected", time)]
    if race.behind is not None:
        made.append(("under way", behind(race.behind)))
    if race.arrive is not None:
        made.append(("arrival", _arrive(race.arrive)))
    if race.levels:
        each = (f"{one_line(x.level)} {spoken(x.elapsed_s or 0)}" for x in race.levels)
        made.append(("field", ", ".join(each)))
    if race.elapsed_s.ends:
        low_s, high_s = range_s(*race.elapsed_s.ends)
        made.append(("range (80 %)", f"{spoken(low_s)} to {spoken(high_s)}"))
    if race.range_given == "finish":
        made.append(("on the way", "all ranges and chances are given this finishing time"))
    if race.finish_probability is not None:
        chance = f"{percent(race.finish_probability)} % chance"
        made.append(("finish", f"{chance} {inside(race)}"))
    return made


def against_limit(left_s: float) -> str:
    """How long before the limit the race is over, or after it."""
    return f"{spoken_left(left_s)} {'inside' if left_s >= 0 else 'past'} the limit"


def _arrive(found: ArriveFacts) -> str:
    """What has to change for an arrival: the speed, or the rest before."""
    when_ = clock(found.wanted) or hours(found.wanted_s)
    words = f"{one_line(found.point)} at {when_} is {spoken(abs(found.later_s))}"
    words += f" {'earlier' if found.later_s < 0 else 'later'} than expected: "
    if found.speed_share is None or found.elapsed_s is None:
        words += f"no runner is that {'fast' if found.later_s < 0 else 'slow'}"
    else:
        share = percent(abs(found.speed_share - 1.0))
        side = "faster" if found.speed_share >= 1.0 else "slower"
        words += f"{share} % {side} on the flat (the race then takes {spoken(found.elapsed_s)})"
    if found.later_s >= 0:
        return f"{words}, or {spoken(found.later_s)} more rest before it"
    if found.rest_before_s < -found.later_s:
        return f"{words}; less rest is not enough ({spoken(found.rest_before_s)} before it)"
    return f"{words}, or {spoken(-found.later_s)} less rest before it"


def inside(race: RaceFacts) -> str:
    """What a finisher keeps, in words: the limit, cutoffs, or both; and what is given."""
    given = ", given this finishing time" if race.range_given == "finish" else ""
    ends = [stage.points[-1] for stage in race.stages[-1:]]
    cutoffs = [point for _, point in race.every_point() if point.cutoff_s is not None]
    if all(point in ends for point in cutoffs):
        return f"inside the limit{given}"
    return f"inside all cutoffs{'' if race.limit_s is None else ' and the limit'}{given}"


def tightest(race: RaceFacts) -> Lines:
    """The tightest cutoff; nothing where the only one is the limit."""
    found = race.tightest
    count = sum(p.cutoff_s is not None and not p.behind for _, p in race.every_point())
    if found is None or count < 2:
        return []
    left = f"{spoken_left(found.margin_s)} {'left' if found.margin_s >= 0 else 'late'}"
    share = percent(abs(found.of_time))
    words = f"the cutoff at {one_line(found.name)}, {left} ({share} % of its time)"
    if found.miss_probability is not None:
        words += f", chance of missing {percent(found.miss_probability)} %"
    return [("tightest", words)]


def _stops(race: RaceFacts) -> Lines:
    moving_s, elapsed_s = race.moving_s.p50, race.elapsed_s.p50
    if not race.stopped_s or moving_s is None or elapsed_s is None:
        return []
    stops = f"{spoken(stopped_s(moving_s, elapsed_s))} stopped"
    stops += f" (asleep {spoken(race.slept_s)})" if race.slept_s else ""
    return [("moving", f"{spoken(moving_s)}, {stops}")]


def sleep(race: RaceFacts) -> Lines:
    """Where the runner sleeps, why there, and what it costs against usual sleep and stops."""
    every = [(stage.number, point) for stage, point in race.every_point()]
    names = names_of([(number, one_line(p.name), p.distance_m) for number, p in every])
    ahead = [(name, p) for name, (_, p) in zip(names, every, strict=True) if not p.behind]
    beds = [(name, p.sleep_s) for name, p in ahead if (p.sleep_s or 0) >= SHOWN_S]
    usual, made = race.usual, []
    by = "as given" if usual and usual.sleeps_given else USUAL
    if 0 < len(beds) <= MOST_BEDS:
        made.append(("sleep", f"{', '.join(f'{n} {hours(s)}' for n, s in beds)}: {by}"))
    elif beds:
        made.append(("sleep", f"a little at each of {len(beds)} places: {by}"))
    if usual and race.moving_s.p50 is not None and race.stopped_s is not None:
        moving_s = race.moving_s.p50 - usual.moving_s
        stops_s = race.stopped_s - usual.stopped_s
        words = f"{_signed(moving_s + stops_s)} on the clock: {_signed(stops_s)} in stops, "
        words += f"{_signed(moving_s)} moving (night, fatigue, sleepiness)"
        made.append(("than usual", words))
    return made


def _signed(value_s: float) -> str:
    return hours(value_s, signed=True)


def _ground(race: RaceFacts, unit: Units) -> Lines:
    """What is hiked, what is in the dark, what earlier days add."""
    made = []
    of_time, of_distance = race.hike_fraction.of_time.p50, race.hike_fraction.of_distance.p50
    if of_time is not None:
        way = f"{percent(of_distance)} % of the distance"
        made.append(("hiked", f"{percent(of_time)} % of the moving time, {way}"))
    if night := race.night:
        dark = f"{spoken(night.moving_s)} moving, {unit.far(night.distance_m)} {unit.distance}"
        made.append(("in the dark", dark if night.moving_s else "nothing"))
    if race.earlier_days_s:
        words = f"{spoken(race.earlier_days_s)} of the time, for the stages before (judgement)"
        made.append(("earlier days", words))
    return made


def sleepiness(race: RaceFacts) -> Lines:
    """The worst moment, its place and the sleepy hours; nothing where nobody gets sleepy."""
    found = race.alertness
    if found is None or not found.hours_above_kss_7:
        return []
    worst = found.worst
    words = f"{kss(worst.kss, off_scale=worst.off_scale)} at worst, {clock(worst.clock)}"
    words += f" {_place(race, worst)}"
    for_s = HOUR_S * found.hours_above_kss_7
    scale = "7 sleepy, 9 fighting sleep, the end of the scale"
    return [("sleepiness", f"{words}; above 7 for {spoken(for_s)} ({scale})")]


def kss(value: float, *, off_scale: bool) -> str:
    """A value of the Karolinska scale, which ends at 9."""
    return "9+" if off_scale else number(value, 1)


def collapse(race: RaceFacts) -> Lines:
    """The chance of having to lie down by the trail, the likeliest place, the cost, the remedy."""
    chance, found = race.collapse_probability, race.collapse
    if not chance:
        return []
    words = f"{percent(chance)} % chance of having to lie down by the trail"
    if found is None:
        return [("collapse", words)]
    words += f", likeliest {_place(race, found)}, {clock(found.clock)}"
    if found.cost_s.p50 is not None and found.cost_s.p90 is not None:
        low, high = hours(found.cost_s.p50), hours(found.cost_s.p90)
        words += f"; it then costs {low} h, one time in ten {high} h or more"
    made = [("collapse", words)]
    if more := found.more_sleep:
        words = f"{hours(more.sleep_s)} more at {one_line(more.point)} makes that"
        made.append(("more sleep", f"{words} {percent(more.collapse_probability)} %"))
    return made


def _place(race: RaceFacts, worst: Sleepiest | CollapseFacts) -> str:
    """Between which points a place of a stage lies."""
    stages = [stage for stage in race.stages if stage.number <= worst.stage]
    points = stages[-1].points
    before = [point.name for point in points if point.distance_m <= worst.distance_m]
    after = next((point.name for point in points if point.distance_m > worst.distance_m), "")
    if not before and len(stages) > 1 and race.through:
        before = [stages[-2].points[-1].name]
    if before and after:
        return f"between {one_line(before[-1])} and {one_line(after)}"
    return f"at {one_line(before[-1])}" if before else f"before {one_line(after)}"
