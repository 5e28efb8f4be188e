"""Outings and results -> a runner file: what is known at the recordings' effort and in a race."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gpxstage.estimator.fit import effort as efforts
from gpxstage.estimator.fit.clues import Clue, Result
from gpxstage.estimator.fit.solving import fitted
from gpxstage.estimator.runner_file import Number, Recorded, RunnerFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.estimator.fit.effort import Raced, Shape
    from gpxstage.estimator.fit.outings import Outing
    from gpxstage.estimator.fit.solving import Fitted, Parameter
    from gpxstage.estimator.runner import Runner

SPREAD_RESULT = 0.05  # a race is not known better than the same runner's next (judgement)


@dataclass(frozen=True, eq=False)
class Found:
    """What recordings and results say of somebody."""

    file: RunnerFile
    fitted: Fitted | None  # None without recordings
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
    does, where there is one. What was raced tells the race, the outings the rest. Raises
    ValueError with neither.
    """
    given = {"pack_kg": pack_kg, "body_kg": body_kg}
    typed: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    own = tuple(Number(key, value) for key, value in typed.items())

    def made(runner: Runner) -> Runner:
        return replace(runner, **typed)

    if not outings:
        raced = _raced(results, made)
        flat = _flat(raced)
        spread = Number("ability_spread", max(flat.spread, SPREAD_RESULT), None, "data")
        file = RunnerFile((*_numbers(raced.parameters), spread, *own), effort="race")
        return Found(file, None, raced.notes)
    best = fitted(outings, made)
    share = efforts.heart_share(outings)
    said = effort or efforts.recorded_effort(outings, share)
    if not results:
        raced = efforts.from_recordings(best, share, said)
    elif said == "race":
        raced = _raced([*results, _as_result(best)], efforts.shape_of(best))
    else:
        raced = _raced(results, efforts.shape_of(best))
    return Found(_file(best, raced, said, share, own), best, raced.notes)


def _raced(results: Sequence[Result], shape: Shape) -> Raced:
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


def _file(
    best: Fitted, raced: Raced, said: str, share: float | None, own: tuple[Number, ...]
) -> RunnerFile:
    hours = [outing.moving_s / 3600.0 for outing in best.outings]
    recorded = Recorded(len(hours), sum(hours), min(hours), max(hours), share)
    numbers = {number.key: number for number in _numbers(best.parameters)}
    spread = Number("ability_spread", best.runner.ability_spread, None, "data")
    race: tuple[Number, ...] = ()
    if said == "race":
        numbers |= {number.key: number for number in _numbers(raced.parameters)}
        numbers.pop("habit", None)
    else:
        race = (*_numbers(raced.parameters), Number("ease", efforts.RACE_EASE))
        if "gait_shift_mps" in numbers:
            race = (*race, Number("gait_shift_mps", efforts.gait_shift_mps(best)))
    flat = numbers.pop("flat_speed_mps")
    return RunnerFile(
        (flat, spread, *numbers.values(), *own),
        effort="race" if said == "race" else "recorded" if said == "recorded" else "unknown",
        recorded=recorded,
        race=race,
        race_told_by=raced.told_by if race else "",
    )


def _flat(raced: Raced) -> Parameter:
    return next(p for p in raced.parameters if p.name == "flat_speed_mps")


def _numbers(parameters: Sequence[Parameter]) -> list[Number]:
    return [
        Number(p.name, p.value, p.spread, "data" if p.told_by == "data" else "prior")
        for p in parameters
    ]
