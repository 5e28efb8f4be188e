"""Does the interval from p10 to p90 hold? Levels, past races, recordings; and how wide it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations, product

import numpy as np

from gpxstage import geo
from gpxstage.estimator import draws, fit
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Push, Run
from gpxstage.estimator.runner import LEVELS, Runner, at_ability
from validation import events, fitted, levels, passages, races, transfer
from validation.events import Event
from validation.folders import Folders
from validation.page import percent, table
from validation.refit import TOR_LEVELS_H

AIM = 0.80
ABILITIES = np.array([2.4, 3.2, 4.2, 6.4])
WIDTHS = (0.0, 0.1, 0.32)  # what is run; between them it is a matter of lines
FINE = np.linspace(0.0, 0.32, 161)  # where a width is looked for
# races told by their own other years, and the one on whose course the width is taken
AGAIN = {"utmb utmb": "UTMB", "occ": "OCC", "UTA100": "UTA100", "kosciuszko": "UTA100"}
OTHER_WAY = {("UTA100", "2022")}  # 2,775 m of climb where other years have 4,400
PLACES = (0, 1, 3, 5)  # of events.COLUMNS: what the levels stand for

TOP = """\
## Does the interval hold?

p10 to p90 should hold the truth in 80 of 100 cases, and an interval that is right because it is
wide is no use. *Half-width* is half the way from p10 to p90 over p50, the median case. **Fitted:**
one width a row, named in it, chosen with all of its cases in view: *coverage* as shipped is in
sample. **Not fitted:** *left out*, where that width is set, for 80 %, on cases that have nothing to
do with the one scored: other races, other people. The first two rows share one width and are set
together, each counting alike; that, and the races told by their own other years, were settled after
a first round of left-out results, so *left out* is not wholly blind. All other widths are
judgement.

- *A level* against its place in each field. Its interval is about the day and the course, not
  about who somebody is; a field is more than that, so what is missed here is fields.
- *A past result*: ability solved from one percentile of one race and year, and spread by the
  program's own rule; the same percentile elsewhere. With *its results known* the terrain of the
  target comes from its other years, that of the source from its own (see *With past results*).
  *The same race, another year*: a percentile's time told by its own time in each other year; needs
  no course, so the Kosciuszko miler is in it with a width taken on the UTA100's course. The UTA100
  of 2022 went another way and is left out.
- *Recordings*: each outing by a runner fitted to the same person's others, as above; the spread
  from how those scatter.
"""

PASSAGES = """\
### Passages on the way, when the finish is known

For information: no width was set by these. A runner is solved from each finish; *given the finish*
scales every draw to it, so that only the way there is uncertain.
"""


@dataclass(frozen=True, eq=False)
class Cases:
    """n cases of one kind, with their intervals for w values of the one width that is set."""

    what: str
    set_by: str
    shipped: float  # the width the program has
    widths: np.ndarray  # (w,)
    miss: np.ndarray  # (n,) log of what happened over p50
    bands: np.ndarray  # (w, n, 2) logs of p10 and of p90 over p50
    group: np.ndarray  # (n,) what is left out together
    touches: np.ndarray  # (n, any) all groups a case has to do with

    def band(self, width: float) -> np.ndarray:
        """(n, 2) for a width between those that were run."""
        k = int(np.clip(np.searchsorted(self.widths, width), 1, len(self.widths) - 1))
        low, high = self.widths[k - 1 : k + 1]
        share = (width - low) / (high - low)
        return (1.0 - share) * self.bands[k - 1] + share * self.bands[k]

    def held(self, width: float) -> np.ndarray:
        """(n,) whether the interval held."""
        band = self.band(width)
        return (band[:, 0] <= self.miss) & (self.miss <= band[:, 1])

    def half_width(self, width: float) -> np.ndarray:
        """(n,) half the way from p10 to p90 over p50."""
        return np.diff(np.exp(self.band(width)), axis=1)[:, 0] / 2.0

    def left_out(self, alike: Sequence[Cases]) -> dict[str, tuple[float, np.ndarray, np.ndarray]]:
        """By group: the width that all other cases of *alike* ask for, what held, half-widths."""
        told = {}
        for name in dict.fromkeys(self.group.tolist()):
            width = needed(alike, name)
            here = self.group == name
            told[name] = (width, self.held(width)[here], self.half_width(width)[here])
        return told


def needed(alike: Sequence[Cases], without: str = "") -> float:
    """The least width that holds 80 % of the cases that have nothing to do with a group.

    Kinds of cases whose width is one and the same number count alike.
    """
    these = [~(cases.touches == without).any(axis=1) for cases in alike]
    share = [
        np.mean([cases.held(width)[mask].mean() for cases, mask in zip(alike, these, strict=True)])
        for width in FINE
    ]
    enough = np.flatnonzero(np.array(share) >= AIM)
    return float(FINE[enough[0]]) if len(enough) else float(FINE[-1])


def drawn(push: Push, runner: Runner, spreads: Mapping[str, float]) -> tuple[Run, Push, Run]:
    """The run without draws, and the draws on their push."""
    plain = levels.solve(push, runner)
    return (
        plain,
        *draws.drawn(
            push,
            plain,
            runner,
            Policy(),
            constants=JUDGEMENT,
            normals=draws.normals(),
            fresh=1.0,
            spreads=spreads,
        ),
    )


def band_of(push: Push, runner: Runner, spreads: Mapping[str, float]) -> np.ndarray:
    """(2,) logs of p10 and p90 of the elapsed time over p50."""
    plain, _, many = drawn(push, runner, spreads)
    elapsed_s = many.moving_s[:, -1] + many.stop_s.sum(axis=1)
    return np.log(np.quantile(elapsed_s, (0.1, 0.9)) / (3600.0 * races.elapsed_h(plain)))


def _bands(
    push: Push, spreads: Mapping[str, float], name: str, widths: Sequence[float], ability: float
) -> np.ndarray:
    """(w, g, 2) on the axis of ability, for some values of one of the widths."""
    runners = [replace(at_ability(float(v)), ability_spread=ability) for v in ABILITIES]
    return np.array(
        [
            [band_of(push, runner, {**spreads, name: width}) for runner in runners]
            for width in widths
        ]
    )


def _at(bands: np.ndarray, log_ability: np.ndarray) -> np.ndarray:
    """(w, n, 2) for some abilities on the axis."""
    axis = np.log(ABILITIES)
    ends = [[np.interp(log_ability, axis, row) for row in each.T] for each in bands]
    return np.moveaxis(np.array(ends), 1, 2)


@cache
def of_levels(folders: Folders) -> Cases:
    """Each level against its place in a field, by race and year."""
    widths = WIDTHS
    fields = [(e.name, e.push, e.results_h[:, PLACES]) for e in events.events(folders)]
    tor = passages.tor(folders).pushes[0]
    fields.append(("Tor", tor, np.array([TOR_LEVELS_H])))
    miss, bands, group = [], [], []
    for name, push, results_h in fields:
        for k, runner in enumerate(LEVELS.values()):
            hours = races.elapsed_h(levels.solve(push, runner))
            found = [band_of(push, runner, {**draws.SPREADS, "course": sd}) for sd in widths]
            for real_h in results_h[:, k]:
                miss.append(np.log(real_h / hours))
                bands.append(found)
                group.append(name)
    groups = np.array(group)
    return Cases(
        "a level in a field",
        "course",
        draws.SPREADS["course"],
        np.array(widths),
        np.array(miss),
        np.moveaxis(np.array(bands), 0, 1),
        groups,
        groups[:, None],
    )


def _past(folders: Folders, what: str, spreads: Mapping[str, float], *, known: bool) -> Cases:
    """A percentile carried to another race."""
    found = events.events(folders)
    miss, bands, targets, touches = [], [], [], []
    for target in found:
        here = spreads
        if known:
            sure = transfer.before(folders, target.name, target.years[0]).spread[target.name]
            here = {**spreads, "terrain": sure}
        table_ = _bands(target.push, here, "course", WIDTHS, fit.SPREAD_PAST)
        for source, i, j in _elsewhere(found, target):
            hours, real = source.results_h[i], target.results_h[j]
            terrains = {event.name: event.terrain for event in found}
            if known:
                terrains = transfer.before(folders, target.name, target.years[j]).terrain
            ability = source.ability(hours, terrains[source.name])
            miss.append(np.log(real / target.finish_h(ability, terrains[target.name])))
            bands.append(_at(table_, ability))
            targets += [target.name] * len(real)
            touches += [(source.name, target.name)] * len(real)
    return Cases(
        what,
        "course",
        spreads["course"],
        np.array(WIDTHS),
        np.concatenate(miss),
        np.concatenate(bands, axis=1),
        np.array(targets),
        np.array(touches),
    )


def _elsewhere(found: list[Event], target: Event) -> Iterator[tuple[Event, int, int]]:
    """Another race, its year and the target's year."""
    for source in found:
        if source is not target:
            for i, j in product(range(len(source.years)), range(len(target.years))):
                yield source, i, j


def _all_years_h(folders: Folders, race: str) -> np.ndarray:
    """(years, percentiles) of a race in all years that went its usual way."""
    rows = [row for row in folders.rows("results/finish-times.tsv") if _is(row, race)]
    return np.array([[events.clock_h(row[name]) for name in events.COLUMNS] for row in rows])


def _is(row: Mapping[str, str], race: str) -> bool:
    name = f"{row['event']} {row['race']}".lower()
    return race.lower() in name and (race, row["year"]) not in OTHER_WAY


def _again(folders: Folders) -> Cases:
    """A percentile's time at a race in another of its years, told by itself."""
    known = {event.name: event for event in events.events(folders)}
    miss, bands, group = [], [], []
    for name, like in AGAIN.items():
        event = known[like]
        table_ = _bands(event.push, draws.WITH_OWN, "day", WIDTHS, fit.SPREAD_PAST)
        results_h = _all_years_h(folders, name)
        for i, j in permutations(range(len(results_h)), 2):
            ability = event.ability(results_h[i], event.terrain)
            miss.append(np.log(results_h[j] / results_h[i]))
            bands.append(_at(table_, ability))
            group += [name] * len(results_h[i])
    return Cases(
        "the same race, another year",
        "day",
        draws.WITH_OWN["day"],
        np.array(WIDTHS),
        np.concatenate(miss),
        np.concatenate(bands, axis=1),
        np.array(group),
        np.array(group)[:, None],
    )


@cache
def of_past(folders: Folders) -> list[Cases]:
    """Past results, by what is known of the race they are carried to."""
    return [
        _past(folders, "a past result, another race", draws.SPREADS, known=False),
        _past(folders, "the same, its results known", draws.WITH_RESULTS, known=True),
        _again(folders),
    ]


@cache
def of_outings(folders: Folders) -> Cases:
    """Each recording from a runner fitted to the person's others, as the program does it."""
    miss, bands, person = [], [], []
    for case in fitted.left_out(folders):
        others = case.others.runner
        share = others.ability_spread / draws.outings_spread(case.others.residuals)
        scattered = [
            share * draws.outings_spread(case.others.residuals, scatter) for scatter in WIDTHS
        ]
        bands.append(
            [
                band_of(case.outing.push, replace(others, ability_spread=each), draws.OF_OUTINGS)
                for each in scattered
            ]
        )
        miss.append(-np.log1p(case.error))
        person.append(case.person)
    groups = np.array(person)
    return Cases(
        "an outing, a runner fitted to the others",
        "scatter",
        draws.SCATTER,
        np.array(WIDTHS),
        np.array(miss),
        np.moveaxis(np.array(bands), 0, 1),
        groups,
        groups[:, None],
    )


def all_cases(folders: Folders) -> list[tuple[Cases, list[Cases]]]:
    """Every kind, and the kinds that one width is set on."""
    level, (elsewhere, known, again) = of_levels(folders), of_past(folders)
    outings = of_outings(folders)
    return [
        (level, [level, elsewhere]),
        (elsewhere, [level, elsewhere]),
        *((cases, [cases]) for cases in (known, again, outings)),
    ]


def section(folders: Folders) -> str:
    """The whole section."""
    return "\n".join([TOP, _kinds(folders), _groups(folders), PASSAGES, _passages(folders)])


def _kinds(folders: Folders) -> str:
    rows = []
    for cases, alike in all_cases(folders):
        told = cases.left_out(alike).values()
        held = np.concatenate([each[1] for each in told])
        half = np.concatenate([each[2] for each in told])
        rows.append(
            [
                cases.what,
                len(cases.miss),
                percent(cases.held(cases.shipped).mean(), 0),
                percent(float(np.median(cases.half_width(cases.shipped))), 0),
                percent(held.mean(), 0),
                percent(float(np.median(half)), 0),
                f"{cases.set_by} {cases.shipped:.2f}",
                f"{needed(alike):.2f}",
            ]
        )
    head = ("cases", "number", "coverage, %", "half-width, %", "left out: coverage", "half-width",
            "width that was set", "for 80 % of all")  # fmt: skip
    return table(head, rows)


def _groups(folders: Folders) -> str:
    """Left out, one race or one person at a time."""
    rows = []
    for cases, alike in all_cases(folders):
        for name, (width, held, half) in cases.left_out(alike).items():
            here = cases.group == name
            rows.append(
                [
                    f"{cases.what}: {name.replace('group-', 'group ')}",
                    here.sum(),
                    percent(cases.held(cases.shipped)[here].mean(), 0),
                    percent(float(np.median(cases.half_width(cases.shipped)[here])), 0),
                    f"{width:.2f}",
                    percent(held.mean(), 0),
                    percent(float(np.median(half)), 0),
                ]
            )
    head = ("left out", "number", "as shipped: coverage, %", "half-width, %",
            "width set on the rest", "coverage, %", "half-width, %")  # fmt: skip
    return "### One race, one person left out\n\n" + table(head, rows)


def _passages(folders: Folders) -> str:
    rows = []
    for race in (passages.tor(folders), passages.utmb(folders)):
        for what, given in (("as printed", False), ("given the finish", True)):
            held, half = _way(race, given=given)
            rows.append([f"{race.name}, {what}", held.size, percent(held.mean(), 0), percent(half)])
    return table(("passages", "number", "coverage, %", "half-width, %"), rows)


def _way(race: races.Race, *, given: bool) -> tuple[np.ndarray, float]:
    """Whether each passage's interval held; the median half-width."""
    held, half = [], []
    for wave, push in enumerate(race.pushes):
        who = np.flatnonzero(race.wave == wave)
        finish_h, bands = _passage_bands(race, push, given=given)
        for k in range(len(race.at_m)):
            low, middle, high = (
                np.exp(np.interp(np.log(race.finish_h[who]), finish_h[::-1], row[::-1]))
                for row in bands[:, k].T
            )
            real = race.observed_h[who, k]
            held.append((low <= real) & (real <= high))
            half.append((high - low) / 2.0 / middle)
    return np.concatenate(held), float(np.median(np.concatenate(half)))


def _passage_bands(race: races.Race, push: Push, *, given: bool) -> tuple[np.ndarray, np.ndarray]:
    """(g,) log finishes and (g, k, 3) logs of p10, p50 and p90 at each place."""
    finishes_h, bands = [], []
    own = 0.0 if given else fit.SPREAD_PAST
    for ability in (3.0, 3.5, 4.2, 6.2):
        runner = replace(at_ability(ability), ability_spread=own)
        plain, coarse, many = drawn(push, runner, draws.SPREADS)
        at_s = geo.at_distance(race.at_m, coarse.edge_m, many.moving_s)
        last_m = race.at_m + np.where(race.leaving, 1.0, -1.0)
        at_s += many.stop_s @ (push.sites.distance_m[:, None] < last_m)
        elapsed_s = many.moving_s[:, -1] + many.stop_s.sum(axis=1)
        finish_s = 3600.0 * races.elapsed_h(plain)
        if given:
            at_s *= finish_s / elapsed_s[:, None]
        low, high = np.quantile(at_s / 3600.0, (0.1, 0.9), axis=0)
        middle = races.passage_h(race, push, plain)
        finishes_h.append(np.log(finish_s / 3600.0))
        bands.append(np.log([low, middle, high]).T)
    return np.array(finishes_h), np.array(bands)
