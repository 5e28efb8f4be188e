"""Outings and results -> a runner file: numbers as recorded, and numbers in a race.

Runs and hikes are fitted apart. An outing is a hike where hardly anything runnable was covered
faster than people walk, however far it went.

The standing time is all time on the clock that is not moving time: rests, views, and gaps in
which a watch paused by itself. One outing may hold a long meal, so the middle of several counts,
drawn towards what other people do on runs or on hikes. Minutes are compared as log (minutes + 1):
who never stands has a number, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.endurance import duration_factor
from gpxstage.estimator.fit import AGREE, RacedTime, pooling
from gpxstage.estimator.fit.pooling import Clue
from gpxstage.estimator.fit.solving import EIGHT_OF_TEN, SHARES, SHIFTS, Parameter, fitted
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.runner import (
    STOPPED,
    STOPPED_RANGE,
    Runner,
    at_ability,
    with_numbers,
)
from gpxstage.estimator.runner_file import Gait, Mode, Number, Raced, Recorded, RunnerFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.fit.solving import Fitted
    from gpxstage.estimator.learnt import Ground, Learnt

    Shape = Callable[[Runner], Runner]

# Runs and hikes. All of these are judgement: of 157 recordings of 16 people they classify all but
# nine as their files do, and five of the nine were hiked by their cadence.
RUNNABLE = (-0.12, 0.05)  # grade
WALKED_MPS = 2.0  # the speed at which most change gait on the flat
RAN_SHARE = 0.10  # of the time on runnable ground: less, and it was a hike

# Effort. All of these are judgement.
RACED = (0.88, 0.10, 3.5)  # of the highest heart rate: held in a race of 3.5 h, less per ln h
RACED_MOST, RACED_LEAST = 0.92, 0.60  # shorter than an hour's race, and a day's and longer
RESTING = 0.30  # of the highest heart rate: no power at all
NEARLY = 0.04  # a heart rate this close to a race's was a race's
MOST_HARDER = 1.25  # a race has at most this much of the recorded power, whatever the heart rate
RACE_EASE = 1.2  # nothing is held back, as in the fields of `runner.WITH_ABILITY`
SPREAD_HEART, SPREAD_UNKNOWN = 0.10, 0.14  # of the ability in a race, by recordings
HIKED_ALL = 0.95  # of the time, by cadence: with more, no running was seen
DECAY = 0.15  # how runners differ in what duration costs them, share
DURATIONS_RATIO = 2.0  # the longest result over the shortest: with less, endurance stays as usual
SPREAD_RESULT = 0.05  # a race is not known better than the same runner's next


@dataclass(frozen=True)
class InRace:
    """Numbers of a runner in a race; they replace those of the recordings."""

    parameters: tuple[Parameter, ...]
    origin: str  # results, heart rate, recordings, usual
    notes: tuple[str, ...] = ()
    ground: Ground | None = None  # on which the ability is this; None: known by no mountain race
    count: int = 0  # of mountain races


@dataclass(frozen=True, eq=False)
class FoundRunner:
    """A runner file with the fit behind it."""

    file: RunnerFile
    fitted: Fitted | None  # None without recordings; of the runs where there are hikes, too
    notes: tuple[str, ...]


def find(
    outings: Sequence[Outing],
    results: Sequence[RacedTime] = (),
    *,
    effort: str | None = None,
    pack_kg: float | None = None,
    body_kg: float | None = None,
) -> FoundRunner:
    """A runner file from outings, from results, or from both.

    *effort* is how hard the outings were, "race" or "recorded" (easier than a race); without it
    the heart rate decides, where there is one. Numbers in a race come from the results where
    there are any; all other numbers come from the outings. Raises ValueError with neither.
    """
    given = {"pack_kg": pack_kg, "body_kg": body_kg}
    known = {key: value for key, value in given.items() if value is not None}
    own = tuple(Number(key, value) for key, value in known.items())
    made = partial(with_numbers, numbers=known)

    if not outings:
        raced = _raced(results, made)
        flat = _flat(raced.parameters)
        next_race = pooling.of_next(flat.spread, here=False, ground=raced.ground)
        spread = Number("ability_spread", max(next_race, SPREAD_RESULT), None, "data")
        numbers = (*_numbers(raced.parameters), spread, *own)
        file = RunnerFile(numbers, effort="race", raced=_seen(raced))
        return FoundRunner(file, None, raced.notes)
    gaits = parted(outings)
    gait, main = next(iter(gaits.items()))
    best = fitted(main, made)
    share = heart_share(main)
    effort = effort or recorded_effort(main, share)
    if not results:
        raced = from_recordings(best, share, effort)
    elif effort == "race":
        raced = _raced([*results, _as_result(best)], shape_of(best))
    else:
        raced = _raced(results, shape_of(best))
    file = replace(_file(best, raced, effort, share, own), gait=gait, raced=_seen(raced))
    if len(gaits) > 1:
        hikes = fitted(gaits["hike"], made)
        recorded = _recorded(hikes, heart_share(gaits["hike"]))
        file = replace(file, hike=Mode((*_known(hikes).values(), *own), recorded))
    return FoundRunner(file, best, raced.notes)


def _seen(raced: InRace) -> Raced | None:
    """The mountain races behind an ability, as a runner file holds them."""
    if raced.ground is None:
        return None
    return Raced(raced.count, raced.ground.effort_km, raced.ground.climb_m_per_km)


def _raced(results: Sequence[RacedTime], shape: Shape) -> InRace:
    def shaped(result: RacedTime) -> Callable[[Shape], Clue]:
        return lambda enduring: result.clue(lambda runner: enduring(shape(runner)))

    if not results:
        raise ValueError("neither outings nor results")
    return from_results([shaped(r) for r in results], [r.elapsed_s for r in results])


def _as_result(best: Fitted) -> RacedTime:
    """Recordings of races as one result, to be weighed with the other results."""
    flat = _flat(best.parameters)
    clue = Clue("what was recorded", flat.value, max(flat.spread, SPREAD_RESULT))
    return RacedTime(lambda shape: clue, max(outing.moving_s for outing in best.outings))


def _known(best: Fitted) -> dict[str, Number]:
    """The numbers of a fit to outings of one gait by name, with the scatter of its outings."""
    stood = habit(best.outings, gait_of(best.outings[0]))
    numbers = {number.key: number for number in _numbers([*best.parameters, stood])}
    flat = numbers.pop("flat_speed_mps")
    spread = Number("ability_spread", best.runner.ability_spread, None, "data")
    return {"flat_speed_mps": flat, "ability_spread": spread, **numbers}


def _recorded(best: Fitted, share: float | None) -> Recorded:
    hours, seen = [outing.moving_s / 3600.0 for outing in best.outings], best.placed.seen
    where = (
        (seen.ground.effort_km, *seen.effort_km),
        (seen.ground.climb_m_per_km, *seen.climb_m_per_km),
    )
    return Recorded(len(hours), sum(hours), min(hours), max(hours), share, *where)


def _file(
    best: Fitted, raced: InRace, effort: str, share: float | None, own: tuple[Number, ...]
) -> RunnerFile:
    numbers, race = _known(best), tuple[Number, ...]()
    if effort == "race":
        numbers |= {number.key: number for number in _numbers(raced.parameters)}
    else:
        race = (*_numbers(raced.parameters), Number("ease", RACE_EASE))
        if "gait_shift_mps" in numbers:
            shifts = gait_shifts(best).items()
            race = (*race, *(Number(name, value) for name, value in shifts))
    return RunnerFile(
        (*numbers.values(), *own),
        effort="race" if effort == "race" else "recorded" if effort == "recorded" else "unknown",
        recorded=_recorded(best, share),
        race=race,
        race_origin=raced.origin if race else "",
    )


def _flat(parameters: Sequence[Parameter]) -> Parameter:
    return next(p for p in parameters if p.name == "flat_speed_mps")


def _numbers(parameters: Sequence[Parameter]) -> list[Number]:
    return [Number(p.name, p.value, p.spread, p.origin) for p in parameters]


def ran_share(outing: Outing) -> float:
    """Share of the time on runnable ground that was faster than walking; NaN without any."""
    grade = outing.push.grade
    speed_mps = np.diff(outing.push.edge_m) * np.hypot(1.0, grade)
    speed_mps = speed_mps / np.maximum(outing.cell_s, 1e-9)
    used = outing.kept & (grade > RUNNABLE[0]) & (grade < RUNNABLE[1])
    whole_s = float(outing.cell_s[used].sum())
    if whole_s == 0.0:
        return float("nan")
    return float(outing.cell_s[used & (speed_mps > WALKED_MPS)].sum()) / whole_s


def gait_of(outing: Outing) -> Gait:
    """Whether an outing was a run or a hike; without any runnable ground it counts as a hike."""
    return "run" if ran_share(outing) >= RAN_SHARE else "hike"


def parted(outings: Sequence[Outing]) -> dict[Gait, list[Outing]]:
    """The runs and the hikes of a folder, runs first; a gait without an outing is left out."""
    found: dict[Gait, list[Outing]] = {"run": [], "hike": []}
    for outing in outings:
        found[gait_of(outing)].append(outing)
    return {gait: some for gait, some in found.items() if some}


def heart_share(outings: Sequence[Outing]) -> float | None:
    """Mean heart rate of the recorded hours over the highest seen; None where not recorded."""
    known = [o for o in outings if o.heart_bpm is not None and o.highest_bpm is not None]
    if sum(o.moving_s for o in known) < 0.5 * sum(o.moving_s for o in outings):
        return None
    hours = np.array([outing.moving_s for outing in known])
    mean = np.array([outing.heart_bpm or 0.0 for outing in known]) @ hours / hours.sum()
    return float(mean / max(outing.highest_bpm or 1.0 for outing in known))


def raced_share(moving_h: float) -> float:
    """Heart rate that is held in a race, of the highest."""
    held, less, at_h = RACED
    return float(np.clip(held - less * math.log(moving_h / at_h), RACED_LEAST, RACED_MOST))


def recorded_effort(outings: Sequence[Outing], share: float | None) -> str:
    """How hard the recordings were: race, recorded (easier), unknown."""
    if share is None:
        return "unknown"
    return "race" if share >= raced_share(_typical_h(outings)) - NEARLY else "recorded"


def gait_shifts(fitted: Fitted) -> dict[str, float]:
    """The gait shifts in a race: 0 for a runner who only hiked, as their running is not known."""
    hiked_s = known_s = 0.0
    for outing in fitted.outings:
        if outing.hiked is not None:
            known = np.isfinite(outing.hiked)
            hiked_s += float((outing.hiked * outing.cell_s)[known].sum())
            known_s += float(outing.cell_s[known].sum())
    shown = hiked_s < HIKED_ALL * known_s
    return {name: getattr(fitted.runner, name) if shown else 0.0 for name in SHIFTS}


def shape_of(fitted: Fitted) -> Shape:
    """A function that gives any ability the descents, hiking and gait of a fitted runner.

    Such a runner holds nothing back, as in a race.
    """
    runner = fitted.runner
    likely = at_ability(runner.flat_speed_mps)
    shifts = gait_shifts(fitted)
    shares = {name: getattr(runner, name) / getattr(likely, name) for name in SHARES[1:]}

    def shaped(other: Runner) -> Runner:
        known = {name: getattr(other, name) * shares[name] for name in shares} | shifts
        return replace(
            with_numbers(other, known),
            pack_kg=runner.pack_kg,
            body_kg=runner.body_kg,
            ease=max(other.ease, RACE_EASE),
        )

    return shaped


def from_recordings(fitted: Fitted, share: float | None, effort: str) -> InRace:
    """The ability in a race by recordings: as recorded, by heart rate, or as is usual."""
    runner = fitted.runner
    if effort == "race":
        return InRace((_flat(fitted.parameters),), "recordings")
    if share is None:
        value = Parameter("flat_speed_mps", runner.flat_speed_mps, SPREAD_UNKNOWN, "prior")
        return InRace((value,), "usual")
    moving_h = _typical_h(fitted.outings)
    harder = (raced_share(moving_h) - RESTING) / max(share - RESTING, 0.05)
    held = float(duration_factor(moving_h, runner.decay, JUDGEMENT))
    flat_mps = runner.flat_speed_mps * min(held, runner.ease) / held
    flat_mps *= float(np.clip(harder, 1.0, MOST_HARDER))
    return InRace((Parameter("flat_speed_mps", flat_mps, SPREAD_HEART, "data"),), "heart rate")


def from_results(clues: Sequence[Callable[[Shape], Clue]], durations: Sequence[float]) -> InRace:
    """The ability that fits some results, and endurance where their durations differ enough.

    Each of *clues* gives its ability when a function is passed that changes a runner before the
    estimate; *durations* are those of the results, in any one unit. Mountain races are taken to
    their common ground and drawn towards the middle of those who race (`pooling`).
    """
    enduring = max(durations) >= DURATIONS_RATIO * min(durations)
    trials = (-DECAY, 0.0, DECAY) if enduring else (0.0,)
    found = [[clue(_enduring(trial)) for trial in trials] for clue in clues]
    logs = np.array([[math.log(each.flat_speed_mps) for each in row] for row in found])
    spread = np.array([row[0].spread for row in found])
    races = [k for k, row in enumerate(found) if pooling.is_mountain(row[0])]
    ground = pooling.middle_of([found[k][0] for k in races])
    if ground is not None:
        logs[races] += np.array([[pooling.moved_by(found[k][0], ground)] for k in races])
        spread[races] = [pooling.noise_of(found[k][0], ground) for k in races]
    weight = spread**-2.0
    ones = np.ones(len(found))
    slope = (logs[:, -1] - logs[:, 0]) / (2.0 * DECAY) if enduring else 0.0 * ones
    # unknowns: the log ability, and the log of decay with its prior; logs + slope decay = ability
    rows = np.vstack([np.column_stack([ones, -slope]) * np.sqrt(weight)[:, None], [0.0, 1 / DECAY]])
    middle = logs[:, len(trials) // 2]
    right = np.append(middle * np.sqrt(weight), 0.0)
    if races:
        typical, width = pooling.population()
        rows, right = np.vstack([rows, [1.0 / width, 0.0]]), np.append(right, typical / width)
    answer = np.linalg.lstsq(rows, right, rcond=None)[0]
    left = np.sqrt(np.diag(np.linalg.inv(rows.T @ rows)))
    flat_mps = float(np.exp(answer[0]))
    parameters = [Parameter("flat_speed_mps", flat_mps, float(left[0]), "data")]
    if enduring:
        decay = at_ability(flat_mps).decay * float(np.exp(answer[1]))
        parameters.append(Parameter("decay", decay, float(left[1]), "data"))
    off = middle + slope * answer[1] - answer[0]
    notes = tuple(
        f"{row[0].what} fits a runner {abs(100 * math.expm1(miss)):.0f} %"
        f" {'faster' if miss > 0 else 'slower'} than all results together"
        for row, miss in zip(found, off, strict=True)
        if abs(miss) > AGREE * row[0].spread
    )
    return InRace(tuple(parameters), "results", notes, ground, len(races))


def _enduring(log_decay: float) -> Shape:
    return lambda runner: replace(runner, decay=runner.decay * math.exp(log_decay))


def _typical_h(outings: Sequence[Outing]) -> float:
    return float(np.exp(np.mean([math.log(outing.moving_s / 3600.0) for outing in outings])))


# the habit of standing on the way

OTHERS = 1.0  # outings that the habit of other people counts for (judgement, by left-out outings)


def stopped_min_per_h(outing: Outing) -> float:
    """Minutes that an outing stood for each hour of moving."""
    stopped_s = max(float(outing.edge_s[-1] - outing.edge_s[0]) - outing.moving_s, 0.0)
    return min(60.0 * stopped_s / outing.moving_s, STOPPED_RANGE[1])


def logs_of(outings: Sequence[Outing]) -> Array:
    """(n,) log (minutes standing an hour of moving + 1) of each outing."""
    return np.log1p([stopped_min_per_h(outing) for outing in outings])


def habit(outings: Sequence[Outing], gait: Gait, known: Learnt | None = None) -> Parameter:
    """Minutes standing for each hour of moving, and how far the next outing may be off.

    *gait* is that of all outings; *known* are numbers of other people, by default as learnt. The
    spread is that of the logarithm which keeps the late end of eight outings in ten.
    """
    known = known or learnt()
    others = known.outing_stopped_hike if gait == "hike" else known.outing_stopped_run
    logs = logs_of(outings)
    count, sure = len(logs), len(logs) + OTHERS
    middle = (count * float(np.median(logs)) + OTHERS * math.log1p(others)) / sure
    prior = known.outing_scatter_counts
    squares = prior * known.outing_stopped_scatter**2 + float(np.square(logs - middle).sum())
    scatter = math.sqrt(squares / (prior + count - 1.0) * (1.0 + 1.0 / sure))
    minutes, late = math.expm1(middle), math.expm1(middle + EIGHT_OF_TEN * scatter)
    spread = math.log(late / minutes) / EIGHT_OF_TEN
    return Parameter(STOPPED, minutes, spread, "data" if count > OTHERS else "prior")


def eight_in_ten(minutes: float, spread: float) -> tuple[float, float]:
    """Minutes an hour of moving between which eight outings in ten lie, by such a spread."""
    times = math.exp(EIGHT_OF_TEN * spread)
    return minutes / times, minutes * times
