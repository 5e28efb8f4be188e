"""Outings and results -> a runner file: what is known at the recordings' effort and in a race."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gpxstage.estimator.fit import effort as efforts
from gpxstage.estimator.fit.clues import Result
from gpxstage.estimator.fit.modes import parted
from gpxstage.estimator.fit.pooling import Clue, of_next
from gpxstage.estimator.fit.solving import fitted
from gpxstage.estimator.runner_file import Mode, Number, Raced, Recorded, RunnerFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.estimator.fit.effort import Raced as Race
    from gpxstage.estimator.fit.effort import Shape
    from gpxstage.estimator.fit.outings import Outing
    from gpxstage.estimator.fit.solving import Fitted, Parameter
    from gpxstage.estimator.runner import Runner

SPREAD_RESULT = 0.05  # a race is not known better than the same runner's next (judgement)


@dataclass(frozen=True, eq=False)
class Found:
    """What recordings and results say of somebody."""

    file: RunnerFile
    fitted: Fitted | None  # None without recordings; of the runs where there are hikes, too
    notes: tuple[str, ...]


def find(
    outings: Sequence[Outing],
    results: Sequence[Result] = (),
    *,
    effort: str | None = None,
    pack_kg: float | None = None,
    body_kg: float | None = None,
) -> Found:
    """A runner file from outings, from results, or from both.

    *effort* says how hard the outings were, "race" or "recorded" (easier); else the heart rate
    does, where there is one. What was raced tells the race, the outings the rest; runs and
    hikes are fitted apart. Raises ValueError with neither.
    """
    given = {"pack_kg": pack_kg, "body_kg": body_kg}
    typed: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    own = tuple(Number(key, value) for key, value in typed.items())

    def made(runner: Runner) -> Runner:
        return replace(runner, **typed)

    if not outings:
        raced = _raced(results, made)
        spread = Number("ability_spread", _spread(raced), None, "data")
        numbers = (*_numbers(raced.parameters), spread, *own)
        file = RunnerFile(numbers, effort="race", raced=_seen(raced))
        return Found(file, None, raced.notes)
    gaits = parted(outings)
    gait, main = next(iter(gaits.items()))
    best = fitted(main, made)
    share = efforts.heart_share(main)
    said = effort or efforts.recorded_effort(main, share)
    if not results:
        raced = efforts.from_recordings(best, share, said)
    elif said == "race":
        raced = _raced([*results, _as_result(best)], efforts.shape_of(best))
    else:
        raced = _raced(results, efforts.shape_of(best))
    file = replace(_file(best, raced, said, share, own), gait=gait, raced=_seen(raced))
    if len(gaits) > 1:
        hikes = fitted(gaits["hike"], made)
        known = _known(hikes)
        mode = Mode((*known.values(), *own), _recorded(hikes, efforts.heart_share(gaits["hike"])))
        file = replace(file, hike=mode)
    return Found(file, best, raced.notes)


def _seen(raced: Race) -> Raced | None:
    """The mountain races that told an ability."""
    if raced.ground is None:
        return None
    return Raced(raced.count, raced.ground.effort_km, raced.ground.climb_m_per_km)


def _spread(raced: Race) -> float:
    """How far the next race may be off."""
    flat = _flat(raced)
    return max(of_next(flat.spread, here=False, ground=raced.ground), SPREAD_RESULT)


def _raced(results: Sequence[Result], shape: Shape) -> Race:
    def shaped(result: Result) -> Callable[[Shape], Clue]:
        return lambda enduring: result.clue(lambda runner: enduring(shape(runner)))

    if not results:
        raise ValueError("neither outings nor results")
    return efforts.from_results([shaped(r) for r in results], [r.elapsed_s for r in results])


def _as_result(best: Fitted) -> Result:
    """Raced recordings, to be weighed with other results."""
    flat = next(p for p in best.parameters if p.name == "flat_speed_mps")
    clue = Clue("what was recorded", flat.value, max(flat.spread, SPREAD_RESULT))
    return Result(lambda shape: clue, max(outing.moving_s for outing in best.outings))


def _known(best: Fitted) -> dict[str, Number]:
    """The numbers of a fit by name, with the scatter of its outings."""
    numbers = {number.key: number for number in _numbers(best.parameters)}
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
    best: Fitted, raced: Race, said: str, share: float | None, own: tuple[Number, ...]
) -> RunnerFile:
    numbers, race = _known(best), tuple[Number, ...]()
    if said == "race":
        numbers |= {number.key: number for number in _numbers(raced.parameters)}
    else:
        race = (*_numbers(raced.parameters), Number("ease", efforts.RACE_EASE))
        if "gait_shift_mps" in numbers:
            shifts = efforts.gait_shifts(best).items()
            race = (*race, *(Number(name, value) for name, value in shifts))
    return RunnerFile(
        (*numbers.values(), *own),
        effort="race" if said == "race" else "recorded" if said == "recorded" else "unknown",
        recorded=_recorded(best, share),
        race=race,
        race_told_by=raced.told_by if race else "",
    )


def _flat(raced: Race) -> Parameter:
    return next(p for p in raced.parameters if p.name == "flat_speed_mps")


def _numbers(parameters: Sequence[Parameter]) -> list[Number]:
    return [
        Number(p.name, p.value, p.spread, "data" if p.told_by == "data" else "prior")
        for p in parameters
    ]
