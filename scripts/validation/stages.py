"""Staged races: later stages told from the first ones, and what a day leaves for the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import numpy as np

from gpxstage.estimator import endurance, engine, estimate
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Push
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import LEVELS, Runner, at_ability
from gpxstage.profile import measure
from gpxstage.racefile import load
from gpxstage.text import listed
from validation import doubles, outings, rules
from validation.folders import ROOT, Folders
from validation.page import percent, rms, signed, table

MDS = ROOT / "sample_courses" / "marathon-des-sables-2024"
FIELD_MIDDLE_H = (44.0, 48.0)  # of the Marathon des Sables 2024
BEST_LATER_H = (0.0, 0.0, 1.5, 1.5, 0.0, 0.0)  # the first 50, and the first 150
WINNERS = ("men 1", "women 1")
WHOLE = -1
ABILITIES = np.geomspace(3.5, 8.0, 12)
HIKERS = np.geomspace(0.8, 4.0, 16)
KNOWN_DAYS = 3

TOP = """\
## Staged races

*Marathon des Sables 2024*: the first three men and the first two women, by place in the week; each
one's ability is from their own first stage by the sample course as it is (terrain {terrain}, the
pack, the sand and the weather of each stage), the other stages and the whole week are told from it,
with the later starts of the best. The course is a sketch: lengths and climbs are published, the
ground is not. *Thirteen days*: the GR20 with a backpack, days 4 to 13 told from days 1 to 3 (moving
time, ability by the mean of logs). **Fitted:** nothing to either, but how much of each stage is
soft sand is a judgement that had these times in view; what a stage costs the next ones is from
people's weekends, below, what heat costs from marathons, what sand costs from laboratories. *Aims*:
the winners' totals within 6 %, the level `mid` within 10 % of the middle of the field, median of
days 4 to 13 at most 12 %.
"""
LITTLE = """
The thirteen days got faster, not slower, against what the first three promise: the first are the
roughest and the pack grows lighter. Who holds back, as a hiker does, loses nothing overnight here.
As the file has it, without any result, the level `elite` takes {elite:.1f} h (the winner
{winner:.1f}), `mid` {mid:.1f} h (the middle of the field some {low:.0f} to {high:.0f}). Of
Chattanooga's three days only single stages of different people and years are known, one of them of
a doubtful length: they tell nothing. What a report calls the share of earlier days stays a
judgement.

The second man ran stage 3 in 7:38 h and then stage 5, hurt, in 3:04 h; the other two men of his
pace took 8:32 and 2:12 h. The second woman's first stage was slow against her others. Stage 4, of
which the organiser says that almost half is sand, is told too slow for all: it was run by people
who had rested for 40 h. Without any cost of earlier days the five totals would be {free}.
"""


@dataclass(frozen=True, eq=False)
class Days:
    """Stages one after another, and what they took."""

    pushes: tuple[Push, ...]
    runner: Runner  # of every ability (a, 1)
    policy: Policy
    log_ability: np.ndarray  # (a,)

    def log_s(self, loss: float) -> np.ndarray:
        """(stages, a) log seconds on the clock, for every ability."""
        constants = replace(JUDGEMENT, stage_loss=loss)
        fresh, found = np.ones((len(self.log_ability), 1)), []
        for push in self.pushes:
            there = replace(push, fresh=fresh)
            run = engine.run(there, self.runner, constants, self.policy)
            fresh = endurance.next_fresh(fresh, push, run, self.runner, constants)
            found.append(np.log(run.moving_s[:, -1] + run.stop_s.sum(axis=1)))
        return np.array(found)

    def told_s(self, loss: float, known: dict[int, float]) -> np.ndarray:
        """(stages,) seconds for the mean ability of some stages, by their index."""
        log_s = self.log_s(loss)
        own = [
            np.interp(np.log(s), log_s[k][::-1], self.log_ability[::-1]) for k, s in known.items()
        ]
        return np.exp([np.interp(np.mean(own), self.log_ability, row) for row in log_s])


def runners(abilities: np.ndarray, **known: float) -> Runner:
    """One runner whose fields are columns."""
    each = [at_ability(float(v)) for v in abilities]
    names = [name for name, value in vars(each[0]).items() if isinstance(value, float)]
    columns = {name: np.array([[getattr(one, name)] for one in each]) for name in names}
    return replace(each[0], **(columns | known))


@cache
def sables() -> Days:
    """The Marathon des Sables 2024, as the best ran it."""
    course, pushes = load(MDS), []
    for stage, later_h in zip(course.stages, BEST_LATER_H, strict=True):
        part = [(stage, measure(stage.track))]
        push = push_of(course, part, halts_of(course, part), 1.0)
        assert push.start is not None
        pushes.append(replace(push, start=push.start + timedelta(hours=later_h)))
    runner = runners(ABILITIES, pack_kg=course.pack_kg)
    return Days(tuple(pushes), runner, Policy(slowdown=course.conditions), np.log(ABILITIES))


@cache
def bare_h(level: str) -> float:
    """Hours of a level at the Marathon des Sables, by its file alone."""
    course = load(MDS)
    profiles = [measure(stage.track) for stage in course.stages]
    return estimate(course, profiles, LEVELS[level]).elapsed_s / 3600.0


def _seconds(text: str) -> float:
    if not text:
        return np.nan
    hours, minutes, seconds = map(int, text.split(":"))
    return 3600.0 * hours + 60.0 * minutes + seconds


@cache
def results(folders: Folders) -> dict[str, np.ndarray]:
    """(7,) seconds of the six stages and of the whole week, by who; NaN where not known."""
    columns = (*(f"stage_{k}" for k in range(1, 7)), "total")
    return {
        f"{row['category']} {row['place']}": np.array([_seconds(row[name]) for name in columns])
        for row in folders.rows("results/sables-2024.tsv")
    }


def sables_errors(folders: Folders, loss: float) -> dict[str, np.ndarray]:
    """(6,) predicted over real minus 1 of stages 2 to 6 and the whole, by who."""
    return {
        who: _errors(sables().told_s(loss, {0: real_s[0]}), real_s)
        for who, real_s in results(folders).items()
    }


def sables_by_rule(folders: Folders, name: str, exponent: float) -> dict[str, np.ndarray]:
    """The same by a plain rule that is scaled to the first stage."""
    size = np.array([_rule(rules.CURVES[name], push) for push in sables().pushes]) ** exponent
    return {
        who: _errors(size / size[0] * real_s[0], real_s) for who, real_s in results(folders).items()
    }


def _errors(told_s: np.ndarray, real_s: np.ndarray) -> np.ndarray:
    return np.append(told_s, told_s.sum())[1:] / real_s[1:] - 1.0


def winners_error(errors: dict[str, np.ndarray]) -> float:
    """The larger error of the two winners' totals."""
    return max(abs(float(errors[who][WHOLE])) for who in WINNERS)


def _rule(rule: rules.Rule, push: Push) -> float:
    return float(rule(push.grade, np.diff(push.edge_m), push.altitude_m).sum())


@cache
def traverse(folders: Folders) -> tuple[Days, np.ndarray]:
    """The thirteen days, and their moving seconds."""
    files = sorted((folders.data / "recordings" / "group-b").glob("*.gpx"))
    found = [outings.outing(folders, path) for path in files]
    begins = [float(one.edge_s[0]) for one in found]
    pushes = []
    for k, one in enumerate(found):
        paused_s = float(one.edge_s[-1] - one.edge_s[0]) - one.moving_s
        after = begins[k + 1] - begins[k] - paused_s if k + 1 < len(found) else None
        pushes.append(replace(one.push, next_start_s=after))
    pack_kg = outings.PACK_KG["group-b"]
    runner = runners(HIKERS, pack_kg=pack_kg, stops=0.0, sleep=0.0)
    days = Days(tuple(pushes), runner, Policy(), np.log(HIKERS))
    return days, np.array([one.moving_s for one in found])


def traverse_errors(folders: Folders, loss: float) -> np.ndarray:
    """(10,) of days 4 to 13."""
    days, real_s = traverse(folders)
    told_s = days.told_s(loss, dict(enumerate(real_s[:KNOWN_DAYS])))
    return (told_s / real_s - 1.0)[KNOWN_DAYS:]


def traverse_by_rule(folders: Folders, rule: rules.Rule) -> np.ndarray:
    """The same by a plain rule, scaled to the first three days."""
    days, real_s = traverse(folders)
    size = np.log([_rule(rule, push) for push in days.pushes])
    scale = (np.log(real_s) - size)[:KNOWN_DAYS].mean()
    return (np.exp(size + scale) / real_s - 1.0)[KNOWN_DAYS:]


def section(folders: Folders) -> str:
    """The whole section."""
    top = TOP.format(terrain=load(MDS).stages[0].terrain)
    free = sables_errors(folders, 0.0)
    little = LITTLE.format(
        elite=bare_h("elite"),
        mid=bare_h("mid"),
        winner=results(folders)["men 1"][WHOLE] / 3600.0,
        low=FIELD_MIDDLE_H[0],
        high=FIELD_MIDDLE_H[1],
        free=listed([f"{signed(each[WHOLE])} %" for each in free.values()]),
    ).lstrip()
    parts = (top, _sables(folders), _traverse(folders), little, doubles.section(folders))
    return "\n".join(parts)


def _sables(folders: Folders) -> str:
    """Ours by person, and the rules in all."""
    real, ours = results(folders), sables_errors(folders, JUDGEMENT.stage_loss)
    rows = [
        [f"{who}, {real[who][WHOLE] / 3600.0:.2f} h", *map(_signed, errors)]
        for who, errors in ours.items()
    ]
    heads = ("Marathon des Sables 2024, error, %", *(f"stage {k}" for k in range(2, 7)), "total")
    told = {"**ours**": ours} | {
        f"{name}, exponent {exponent}": sables_by_rule(folders, name, exponent)
        for name, exponent in (
            ("distance", 1.0),
            ("distance", 1.15),
            ("km-effort", 1.15),
            ("Naismith", 1.15),
        )
    }
    head = ("by", "single stages, rms, %", "totals, rms", "larger one of the winners' totals")
    each = []
    for name, errors in told.items():
        found = np.array(list(errors.values()))
        values = (rms(found[:, :WHOLE]), rms(found[:, WHOLE]), winners_error(errors))
        each.append([name, *map(percent, values)])
    return table(heads, rows) + "\n" + table(head, each)


def _signed(error: float) -> str:
    return signed(float(error)) if np.isfinite(error) else ""


def _traverse(folders: Folders) -> str:
    told = {"**ours**": traverse_errors(folders, JUDGEMENT.stage_loss)}
    told |= {name: traverse_by_rule(folders, rule) for name, rule in rules.CURVES.items()}
    rows = [
        [
            name,
            percent(float(np.median(np.abs(error)))),
            signed(float(error.mean())),
            *(signed(float(value), 0) for value in error),
        ]
        for name, error in told.items()
    ]
    head = ("thirteen days", "median error, %", "bias", *(f"day {k}" for k in range(4, 14)))
    return table(head, rows)
