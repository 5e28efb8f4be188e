"""The words of the crew card and of the runner's strip: the same numbers on both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gpxstage.facts.parts import start_name
from gpxstage.racefile.services import meaning
from gpxstage.report.calls import calls_of, reached_m, sky_of
from gpxstage.text import counted, one_line
from gpxstage.units import (
    DASH,
    HOUR_S,
    MINUTE_S,
    SHOWN_S,
    UNITS,
    clock,
    day,
    elapsed_minutes,
    half_up,
    hours,
    minutes,
    number,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from gpxstage.facts.analysis import Report
    from gpxstage.report.calls import Call, Chain
    from gpxstage.units import Units

ROUNDED_KCAL = 50.0  # food comes in pieces
TOO_EARLY = " !"  # the crew sets off before the runner leaves the place before


@dataclass(frozen=True)
class Place:
    """One line of the card, in words; times of another day than expected name it."""

    group: tuple[str, ...]  # the day, or the stage, that it is under, line by line
    name: str
    remarks: tuple[str, ...]
    expected: str
    window: str
    cutoff: str
    far: str
    climb: str
    stop: str
    sleep: str
    light: str
    kcal: str
    drive: str
    leave: str


@dataclass(frozen=True)
class Strip:
    """One place of the runner's strip, in words."""

    group: str  # the stage, at the first place of it, where each has its own clock
    name: str
    what: str
    remarks: tuple[str, ...]
    far: str
    expected: str
    cutoff: str
    stop: str


@dataclass(frozen=True)
class Card:
    """Given passages in one line, the places ahead, where the plan ends early, the strip."""

    passed: str
    places: tuple[Place, ...]
    missed: str
    strip: tuple[Strip, ...]


def card(report: Report, units: str = "metric", *, bases_only: bool = False) -> Card:
    """All of the card, in the order of the course, up to a place that the plan finds closed.

    Raises ValueError for a report without an estimate.
    """
    if report.estimate is None:
        raise ValueError("a crew card needs an estimate")
    race, through = report.facts, report.facts.through
    each = list(zip(report.parts, race.stages, strict=True))
    passed: list[str] = []
    places: list[Place] = []
    strip: list[Strip] = []
    missed, gain_m, been_m = "", 0.0, reached_m(report.parts)
    for chain in [each] if through else [[one] for one in each]:
        numbers = {stage.number for _, stage in chain}
        legs = [leg for leg in race.eating.legs if leg.stage in numbers] if race.eating else []
        start = start_name(chain[0][0].stage, report.course)
        calls = calls_of(chain, legs, start=start, through=through, gain_m=gain_m, been_m=been_m)
        words = _Words(report, chain, tuple(calls), UNITS[units])
        shown = [call for call in calls if call.end or (call.base if bases_only else call.crewed)]
        passed += [words.been(call) for call in calls if call.seen and call.passed]
        places += words.places(shown)
        strip += words.strip()
        if calls[-1].closed:
            missed = words.missed(calls[-1])
            break
        gain_m += chain[-1][1].gain_m or 0.0
    return Card(", ".join(passed), tuple(places), missed, tuple(strip))


class _Words:
    """The calls of stages on one clock, in words."""

    def __init__(self, report: Report, chain: Chain, calls: tuple[Call, ...], unit: Units) -> None:
        race, stage = report.facts, chain[0][1]
        self.on_wall: Callable[[float], datetime | None] = partial(race.clock_at, stage)
        self.label = "" if race.through else f"Stage {stage.number}"
        self.end = "finish" if chain[-1][0].is_last else "end of the stage"
        self.calls, self.unit, self.sky = calls, unit, sky_of(chain)

    def at(self, at_s: float, near_s: float) -> str:
        """A time of day, with its weekday where that is another than of *near_s*."""
        there = self.on_wall(at_s)
        if there is None:
            return hours(at_s)
        return clock(there)[4:] if day(there) == day(self.on_wall(near_s)) else clock(there)

    def full(self, at_s: float) -> str:
        """A weekday and a time of day, or hours after the start."""
        return clock(self.on_wall(at_s)) or f"{hours(at_s)} h"

    def been(self, call: Call) -> str:
        """A place that the runner is known to have passed, and when."""
        return f"{one_line(call.name)} {self.full(call.arrival_s)}"

    def missed(self, call: Call) -> str:
        """Where the plan ends, as the cutoff there is missed."""
        late = spoken(MINUTE_S * elapsed_minutes(call.cutoff_s or 0.0, call.arrival_s))
        return (
            f"The plan misses the cutoff at {one_line(call.name)}: it closes at"
            f" {self.full(call.cutoff_s or 0)}, and the runner is expected at"
            f" {self.full(call.arrival_s)}, {late} too late. Nothing after it is listed."
        )

    def places(self, shown: Sequence[Call]) -> list[Place]:
        """The lines of the card that are ahead."""
        ahead = [call for call in shown if not (call.passed or call.closed)]
        return [
            self.place(call, self.before(call, shown), self.after(call, shown)) for call in ahead
        ]

    def before(self, call: Call, shown: Sequence[Call]) -> Call | None:
        """The place of the card before one."""
        k = shown.index(call)
        return shown[k - 1] if k else None

    def after(self, call: Call, shown: Sequence[Call]) -> Call | None:
        """The place of the card after one, or where the plan ends."""
        k = shown.index(call) + 1
        last = self.calls[-1]
        return shown[k] if k < len(shown) else last if last is not call and last.closed else None

    def place(self, call: Call, before: Call | None, after: Call | None) -> Place:
        """One line of the card."""
        drive_s = self.drive_s(before, call)
        return Place(
            group=self.group(call),
            name=one_line(call.name),
            remarks=tuple(self.remarks(call)),
            expected=self.at(call.arrival_s, call.arrival_s),
            window=self.window(call),
            cutoff=self.cutoff(call),
            far=""
            if before is None
            else self.unit.far(call.race_distance_m - before.race_distance_m),
            climb="" if before is None else f"+{self.unit.high(call.gain_m - before.gain_m)}",
            stop=hours(call.stop_s) if call.stop_s >= SHOWN_S else "",
            sleep=hours(call.sleep_s) if call.sleep_s >= SHOWN_S else "",
            light="" if self.sky is None else "dark" if self.sky.dark(call.arrival_s) else "light",
            kcal="" if after is None else self.kcal(call, after),
            drive="" if drive_s is None else hours(drive_s),
            leave="" if drive_s is None else self.leave(before, call, drive_s),
        )

    def group(self, call: Call) -> tuple[str, ...]:
        """The stage, where each has its clock, and the day of the expected time."""
        weekday, _, dated = day(self.on_wall(call.arrival_s)).partition(" ")
        return tuple(filter(None, (self.label, weekday, dated)))

    def window(self, call: Call) -> str:
        """From when to when; nothing where both are the expected minute."""
        first, last = (self.at(at_s, call.arrival_s) for at_s in (call.early_s, call.late_s))
        return "" if minutes(call.early_s) == minutes(call.late_s) else f"{first}{DASH}{last}"

    def cutoff(self, call: Call) -> str:
        return "" if call.cutoff_s is None else self.at(call.cutoff_s, call.arrival_s)

    def drive_s(self, before: Call | None, call: Call) -> float | None:
        """The crew's way from the place before; by the crew places that are not listed."""
        if before is None or call.staying:
            return None
        i, k = self.calls.index(before), self.calls.index(call)
        ways = [way.drive_s for way in self.calls[i + 1 : k] if way.crewed] + [call.drive_s]
        known = [way for way in ways if way is not None]
        return sum(known) if len(known) == len(ways) else None

    def leave(self, before: Call | None, call: Call, drive_s: float) -> str:
        """When the crew sets off, marked where the runner is not yet gone from the place before.

        Ranges are those of runners who finish as expected, so the finish has none: the crew is
        there as early as the runner may have been at the place before.
        """
        ahead_s = call.arrival_s - call.early_s
        if before is not None and call.end:
            ahead_s = ahead_s or before.arrival_s - before.early_s
        by_s = call.arrival_s - ahead_s - drive_s
        early = before is not None and by_s < before.leave_s
        return f"{self.at(by_s, call.arrival_s)}{TOO_EARLY if early else ''}"

    def kcal(self, call: Call, after: Call) -> str:
        """What is eaten from the arrival at one place to that at the next."""
        eaten_kcal = after.eaten_kcal - call.eaten_kcal
        return number(ROUNDED_KCAL * half_up(eaten_kcal / ROUNDED_KCAL))

    def remarks(self, call: Call) -> Iterator[str]:
        """What is written under a name."""
        if call.staying:
            yield f"there until {self.at(call.leave_s, call.arrival_s)}"
        if call.late_leaving_s >= SHOWN_S:
            yield f"the plan leaves {hours(call.late_leaving_s)} h after the cutoff"
        if call.bag:
            yield self.next_bag(call)

    def next_bag(self, call: Call) -> str:
        """How long it is until the next bag, and whether that is at night."""
        k = self.calls.index(call)
        there = next((later for later in self.calls[k + 1 :] if later.bag), None)
        ending = self.calls[-1]
        if there is None:
            where, until = f"last bag, {'cutoff missed' if ending.closed else self.end}", ending
        else:
            where, until = "first bag" if k == 0 else "next bag", there
        words = f"{where} in {_whole_hours(until.arrival_s - call.leave_s)}"
        if self.sky is None:
            return words
        count = self.sky.nights_between(call.leave_s, until.arrival_s)
        if not count:
            return f"{words}, by day"
        return f"{words}, {counted(count, 'night')}: take lights"

    # the strip

    def strip(self) -> Iterator[Strip]:
        """Every place ahead that has a cutoff, a service, a planned stop, the crew or a bag."""
        group = self.label
        for call in self.calls:
            if call.passed or call.closed:
                continue
            served = call.services or call.stop_s >= SHOWN_S or call.crewed or call.bag
            if not (served or call.cutoff_s is not None or call.end):
                continue
            yield Strip(
                group=group,
                name=one_line(call.name),
                what=" ".join(self.what(call)),
                remarks=tuple(self.remarks(call)),
                far=self.unit.far(call.race_distance_m - self.calls[0].race_distance_m),
                expected=self.full(call.arrival_s),
                cutoff=self.cutoff(call),
                stop=hours(call.stop_s) if call.stop_s >= SHOWN_S else "",
            )
            group = ""

    def what(self, call: Call) -> Iterable[str]:
        """What there is at a place, in the order in which it is looked for."""
        bag = call.bag and call is not self.calls[0]
        own = [what for what, there in (("crew", call.crewed), ("bag", bag)) if there]
        yield from own
        others = (word for word in call.services if not meaning(word) or meaning(word) - {*own})
        yield from dict.fromkeys(map(one_line, others))


def _whole_hours(value_s: float) -> str:
    whole = int(half_up(value_s / HOUR_S))
    return f"{whole} h" if whole else f"{minutes(value_s)} min"
