"""Passage times with the finish known, ours and everyone's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache, partial

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN
from validation import races, refit, rules
from validation.folders import Folders
from validation.page import percent, plus_minus, rms, signed, table
from validation.races import Race

TOR_GROUPS_H = (0.0, 90.0, 110.0, 120.0, 132.0, 140.0, 151.0)
NEAREST = 6  # finishers: what a planner who knew the field would take
ITRA_2017_KM = 168.6

TOP = """\
## Passage times when the finish is known

Ability is set so that the finish is right; what is scored is every passage in between, as
predicted over real elapsed time − 1. **Fitted:** the engine's constants to these races, but for
the table of races that were left out.

*Tor des Géants 2025*: {tor_n} finishers at six life bases, course `tor330-2025.gpx` at terrain
{tor_terrain}, waves at 10:00 and 12:00. *UTMB 2024*: the winner and eight percentiles at {utmb_k}
places, terrain {utmb_terrain}, start 18:00. The race of 2024 reached the Col de Voza by a way
1.36 km shorter and with 145 m less climb than the track of 2025 (13.19 km and 805 m in its table
against 14.55 and 950): so the hill between km 6.0 and 9.0 of the track is left out, after which
the col comes at {voza:.2f} km. Places stand where their coordinates meet the track. Courmayeur's
times of 2024 are those of leaving it (1.7 h from Checrouit for the median; in 2015 0.8 h to the
way in), and are compared with leaving. *UTMB 2015 and 2017* had other checkpoints and courses:
places by their own kilometres, scaled to the same track.

That sleep falls mostly in the second quarter of a race, and that a life base draws five times
the stops of an aid station, was read from the Tor as well and is in every row of ours. The
percentiles of a race are not runners: a percentile's passages smooth over what single runners do.
"""

CROSS = """\
### Races that were left out of the fit

{n} race-years of seven races, single finishers where there are any: 120 of each by place (58 of
the Tor; the winner and eight percentiles of the UTMB). `scripts/validate.py --refit` fits the {k}
numbers that passages can tell anew without each race, all its years at once, from a weak prior;
each row is scored by the fit that has not seen the race. **Seen all the same:** what is not
refitted: the gait and what slopes ask for (from recordings), how pacing goes with ability (chosen
with these races in view), and that of the three races of La Réunion, and of the two of the
Causses, parts of the way are the same. Terrain is that of a bare file, {terrain}, but for the
Tor and the UTMB. The bias is of each quarter of the race by the clock. *Aims*: rms at most 7.5,
mean of the medians at most 3.0, every quarter's mean bias within ±4; the Tor 5.0, the UTMB 3.5.

*Tried and not used*: how much harder the first hours are could fall with ability by a power, in
place of a line. Fitted as well, with a slope of the gait of 0.35 and a surplus of at most three
times the rest, it gives a mean rms of 5.6 with each race left out (Tor 5.4, UTMB 3.6, Mascareignes
8.7), without that bound 5.3; the powers found lie between 2.9 and 4.4. But a runner of 60 min for
10 km would then take 5:28 h for a marathon on a road, 19 % over Riegel's rule, and the Tor gets
worse. A steeper line gives 5.8; a start at the one-hour power that wears off 6.0; beside the power
without a bound another one for the habit of the whole race 5.5.

The third power, a start of at most 1.12 times the one-hour power, and a mean effort that stays, as
what the bound takes from the first hours is there for the others: 5.5 with each race left out (Tor
4.8, UTMB 3.6, Mascareignes 8.5), and 5.2 with the constants that are shipped (4.7, 3.4, 8.0), if
`fatigue_time_h` is at least 8; free, it goes to 3 h without the Tor, which then has 5.2. (That
bound alone leaves the line at 6.1.) But slow runners' races of 5 to 20 h become faster, a road
marathon at 2.6 m/s by 6 %, and with everything learnt anew races of one person tell each other less
well (by length and climb 9.6; 18.6 in place of 9.5; 18.5 %, with tracks 7.9; 15.7 in place of 7.6;
15.0), as do fields with the terrain of both races (11.0 in place of 9.9), thirteen days (14.6 in
place of 12.9), and `mid` in the desert week (41.3 in place of 41.8 h). Where what the bound takes
is lost, races of one person stay (9.4; 18.4 and 7.7; 15.3), and marathons from 2.6 m/s on within 2
%, with the constants that are shipped passages have 5.1; but each race left out 5.6, the Tor 5.3
and the UTMB 4.1, and only with a prior of the first hours that holds the fits near what is shipped,
which has seen all races, 5.4, 4.6 and 3.8; thirteen days have 14.5. Put back, and each race left
out: the line 6.0; the power fitted as well under a bound of 1.05 5.7, and with the slope of the
gait 5.8; under 1.2 5.5; the bound fitted as well 5.5, the Tor 5.9; a surplus that goes to nothing
from 30 to 100 h 5.5, the Tor 5.3. A road (terrain 0.1) on the first 8 km of the UTMB of 2024, which
no source states, makes its first hours, told too short as it is, shorter still: with the third
power 3.9 in place of 3.4.

A surplus that leaves the finish as it would be without one, from a second run in each estimate:
what is told here would stay, as the finish is given, so the UTMB would have 3.6 by the third power
at best; and races of one person, told without a surplus, tell each other less well with tracks
(7.7; 15.7 in place of 7.6; 15.0), and as before by length and climb (9.5; 18.5).
"""

QUEUE = """
The field walks in a crowd there: from the 25th percentile to the 99th all pass the Col de Voza
between 1.70 and 2.05 h, though they finish after 35.6 to 46.2 h.

### The first place of each race, by place in the field

Minutes by which finishers passed the first place later than told, with the constants as shipped.
A queue at the start makes runners later the further back they are, and the more the more people
start (Diagonale {diagonale:,}, Templiers {templiers:,}, Mascareignes {mascareignes}). So it is on
the UTMB, whose rows are percentiles and not runners, and a little on the Tor; on the six others the
last are the earliest. A wait by the number of starters, which the UTMB asks for, would make them
worse, the Diagonale by most: it is not used.
"""
STARTERS = {"diagonale": 2834, "templiers": 2417, "mascareignes": 512}  # rows of their live timing
RANKS = (0.0, 0.05, 0.15, 0.35, 0.65, 0.85, 1.0)
ROADS = """\
### Terrain along the way

The same three races of La Réunion, each left out, with the road that they begin on in the race
file's `terrain` ({road} to the kilometre given, {trail} from there on, by judgement). Signs in the
track itself were tried on these races in place of it: turning per kilometre, altitude and the noise
of the heights told nothing that held from race to race; how much the grade changes from cell to
cell told some (mean rms 5.6 to 5.4), and made the UTMB worse: none is used. Nor do these hold over
all ten races left out, terrain 0.15 rougher for each standard deviation (mean rms 6.04 without):
points in 2 km of the track 6.28, and 6.11 the reverse; turning in 2 km 6.16 and 6.09; how much of
2 km is flat 6.17 and 6.19: each helps some races and harms as many. Nor does the usual warmth of
October on La Réunion (20 to 27 °C at the coast): Bourbon 7.8 to 6.6, Diagonale 6.7 to 7.2,
Mascareignes 10.6 to 10.8.
"""

RULES = """\
### The rules that are in use

The same passages by published rules, each scaled to the finish, none with stops or fatigue unless
said. Nothing in them was fitted here; Course Generator's fade of 1.0 to 0.6 is the one that did
best on 100-mile races.
"""


@cache
def tor(folders: Folders) -> Race:
    """The Tor of 2025, read once."""
    return races.tor(folders)


@cache
def utmb(folders: Folders) -> Race:
    """The UTMB of 2024, read once."""
    return races.utmb_2024(folders)


@cache
def earlier(folders: Folders) -> list[Race]:
    """UTMB 2015 and 2017."""
    return [
        races.utmb_by_km(folders, 2015, races.utmb_start(2015, 28), 169.4),
        races.utmb_by_km(folders, 2017, races.utmb_start(2017, 1, 9), ITRA_2017_KM),
    ]


@cache
def families(folders: Folders) -> dict[str, list[Race]]:
    """All races with passages, by what is left out of a fit together."""
    found = {"Tor": [tor(folders)], "UTMB": [utmb(folders), *earlier(folders)]}
    for name, (_, family) in races.SINGLE.items():
        found.setdefault(family, []).append(races.single(folders, name))
    return found


def left_out(folders: Folders) -> list[tuple[Race, np.ndarray]]:
    """Each race and our errors by the fit that has not seen it."""
    fits = refit.stored()
    return [
        (race, score(race, fits[name]))
        for name, family in families(folders).items()
        for race in family
    ]


def others(race: Race, nearest: int | None) -> np.ndarray:
    """Errors if each finisher's passages are told by the other finishers' mean share."""
    share = race.observed_h / race.finish_h[:, None]
    error = np.empty_like(share)
    for k, finish_h in enumerate(race.finish_h):
        order = np.argsort(np.abs(np.log(race.finish_h / finish_h)), kind="stable")
        company = order[order != k][:nearest]
        error[k] = np.nanmean(share[company], axis=0) / share[k] - 1.0
    return error


def by_rule(race: Race, rule: rules.Rule) -> np.ndarray:
    """Errors of a plain rule that is scaled to the finish."""
    push = race.pushes[0]
    cell_s = rule(push.grade, np.diff(push.edge_m), push.altitude_m)
    total = np.concatenate([[0.0], np.cumsum(cell_s)])
    share = np.interp(race.at_m, push.edge_m, total) / total[-1]
    return race.finish_h[:, None] * share / race.observed_h - 1.0


def figures(race: Race, error: np.ndarray) -> list[str]:
    """The rms, the bias of each quarter, and of the first place."""
    return [percent(rms(error)), *map(signed, quarters(race, error)), signed(_mean(error[:, 0]))]


def _mean(error: np.ndarray) -> float:
    """Of what is known; NaN where nothing is."""
    return float(np.nanmean(error)) if np.isfinite(error).any() else float("nan")


def quarters(race: Race, error: np.ndarray) -> list[float]:
    """The bias in each quarter of a race, NaN where no place is in it."""
    return [_mean(error[:, places]) for places in race.quarters()]


def median(error: np.ndarray) -> float:
    """The median size of errors."""
    return float(np.nanmedian(np.abs(error)))


@cache
def shipped(race: Race) -> np.ndarray:
    """Our errors, with the constants as they are."""
    return races.errors(race, races.fields(race))


def score(race: Race, values: np.ndarray | None = None) -> np.ndarray:
    """Our errors: as shipped, or with refitted values."""
    if values is None:
        return shipped(race)
    return races.errors(race, races.fields(race, *refit.built(values)))


def section(folders: Folders) -> str:
    """The whole section."""
    first, second = tor(folders), utmb(folders)
    top = TOP.format(
        tor_n=len(first.finish_h),
        utmb_k=len(second.at_m),
        tor_terrain=races.TOR_TERRAIN,
        utmb_terrain=races.UTMB_TERRAIN,
        voza=second.at_m[0] / 1000.0,
    )
    parts = [top, _ours(folders), _tor_by_level(first), _utmb_by_place(second)]
    parts.append(_late_by_rank(folders))
    every = sum(map(len, families(folders).values()))
    parts += [
        CROSS.format(n=every, k=len(refit.FREE), terrain=DEFAULT_TERRAIN),
        _crossed(folders),
        ROADS.format(road=races.ROAD, trail=races.TRAIL),
        _roads(folders),
        RULES,
        _plain(folders),
    ]
    return "\n".join(parts)


HEAD = ("rms, %", "bias 1st quarter", "2nd", "3rd", "4th", "first point")


def _ours(folders: Folders) -> str:
    """The shipped constants on every race, and what other finishers would do."""
    first, second = tor(folders), utmb(folders)
    rows = []
    for race in (first, second):
        rows.append([race.name, "ours, fitted to it", *figures(race, score(race))])
    for race in earlier(folders):
        rows.append([race.name, "ours, not fitted to this year", *figures(race, score(race))])
    for race in (first, second):
        rows.append([race.name, "mean of all others", *figures(race, others(race, None))])
    named = f"mean of the {NEAREST} others nearest in finish"
    rows.append([first.name, named, *figures(first, others(first, NEAREST))])
    note = (
        "\nThe last rows are a floor of sorts: each finisher told by others of the same race,"
        " their splits scaled to the finish. Quarters are of the time on the clock; first point:"
        " Valgrisenche on the Tor, Col de Voza on the UTMB.\n"
    )
    return table(("race", "by", *HEAD), rows) + note


def _tor_by_level(race: Race) -> str:
    """Bias and scatter at each base, for groups of finishers."""
    error, rows = score(race), []
    for low, high in itertools.pairwise(TOR_GROUPS_H):
        who = np.flatnonzero((race.finish_h >= low) & (race.finish_h < high))
        if len(who):
            span = f"{race.finish_h[who].min():.0f}–{race.finish_h[who].max():.0f} h"
            means = [signed(float(error[who, k].mean())) for k in range(len(race.at_m))]
            rows.append([span, len(who), percent(rms(error[who])), *means])
    means = [signed(float(error[:, k].mean())) for k in range(len(race.at_m))]
    rows.append(["all: bias", len(error), percent(rms(error)), *means])
    spread = [percent(float(error[:, k].std())) for k in range(len(race.at_m))]
    rows.append(["all: scatter", len(error), "", *spread])
    return "### Tor 2025, bias by finish and base, %\n\n" + table(
        ("finish", "finishers", "rms", *race.places), rows
    )


def _utmb_by_place(race: Race) -> str:
    """Bias at each place, and who is off."""
    error = score(race)
    picked = [race.who.index(name) for name in ("winner", "10th", "50th", "90th")]
    rows = [
        [
            place,
            f"{race.at_m[k] / 1000.0:.1f}",
            signed(float(error[:, k].mean())),
            *(signed(float(error[row, k])) for row in picked),
        ]
        for k, place in enumerate(race.places)
    ]
    head = ("place", "km", "all nine", "winner", "10th percentile", "50th", "90th")
    return "### UTMB 2024, error by place, %\n\n" + table(head, rows) + QUEUE.format(**STARTERS)


def _late_by_rank(folders: Folders) -> str:
    """Minutes later than told at the first place of each race, by place in the field."""
    rows = []
    for race in (race for family in families(folders).values() for race in family):
        late_min = -60.0 * race.observed_h[:, 0] * score(race)[:, 0]
        rank = np.argsort(np.argsort(race.finish_h)) / len(race.finish_h)
        if np.isfinite(late_min).any():
            parts = [(rank >= low) & (rank < high) for low, high in itertools.pairwise(RANKS)]
            told = [plus_minus(_mean(late_min[part])) if part.any() else "" for part in parts]
            rows.append([race.name, race.places[0], f"{race.at_m[0] / 1000.0:.1f}", *told])
    shares = [f"{100 * low:.0f}–{100 * high:.0f} %" for low, high in itertools.pairwise(RANKS)]
    return table(("race", "first place", "km", *shares), rows)


def _crossed(folders: Folders) -> str:
    """Every race by the fit without it, beside rules and the other finishers."""
    found, rows = left_out(folders), []
    beside: dict[str, Callable[[Race], np.ndarray]] = {
        "the other finishers": lambda race: others(race, NEAREST),
        **{name: partial(by_rule, rule=rule) for name, rule in rules.WITH_FADE.items()},
    }
    for race, error in found:
        low, high = race.finish_h.min(), race.finish_h.max()
        ours = [percent(rms(error)), percent(median(error)), *map(_or_none, quarters(race, error))]
        told = [
            f"{percent(rms(e))}; {percent(median(e))}" for e in (f(race) for f in beside.values())
        ]
        rows.append([race.name, f"{low:.0f}–{high:.0f}", *ours, percent(rms(score(race))), *told])
    rows.append(_whole(found, [list(map(f, (race for race, _ in found))) for f in beside.values()]))
    head = ("race", "finishes, h", "left out: rms, %", "median", "bias 1st quarter", "2nd", "3rd")
    return table((*head, "4th", "as shipped: rms", *(f"{n}: rms; median" for n in beside)), rows)


def _roads(folders: Folders) -> str:
    """Races that begin on a road, with and without it in their terrain."""
    fits, rows = refit.stored(), []
    for name, to_m in races.ROADS_M.items():
        values = fits[races.SINGLE[name][1]]
        for race, what in (
            (races.single(folders, name), f"{DEFAULT_TERRAIN} throughout"),
            (races.with_road(folders, name), f"a road to km {to_m / 1000.0:.1f}"),
        ):
            error = score(race, values)
            first = _or_none(quarters(race, error)[0])
            rows.append([race.name, what, percent(rms(error)), percent(median(error)), first])
    return table(("race", "terrain", "left out: rms, %", "median", "bias 1st quarter"), rows)


def _each(beside: dict[str, Callable[[Race], np.ndarray]], race: Race) -> list[np.ndarray]:
    return [errors(race) for errors in beside.values()]


def _or_none(bias: float) -> str:
    return signed(bias) if np.isfinite(bias) else ""


def _whole(found: list[tuple[Race, np.ndarray]], told: list[list[np.ndarray]]) -> list[str]:
    """The row of means over the races."""
    bias = np.nanmean([quarters(race, error) for race, error in found], axis=0)
    ours = [[error for _, error in found], [score(race) for race, _ in found], *told]
    size = [percent(float(np.mean([rms(error) for error in each]))) for each in ours]
    middle = [percent(float(np.mean([median(error) for error in each]))) for each in ours]
    pairs = [f"{a}; {b}" for a, b in zip(size[2:], middle[2:], strict=True)]
    mean = ["**mean**", "", size[0], middle[0], *map(signed, map(float, bias)), size[1]]
    return [*mean, *pairs]


def _plain(folders: Folders) -> str:
    """Published rules beside ours."""
    first, second = tor(folders), utmb(folders)
    rows = [["**ours**", *figures(first, score(first)), *figures(second, score(second))]]
    for name, rule in (rules.WITH_FADE | rules.CURVES).items():
        told = [by_rule(race, rule) for race in (first, second)]
        rows.append([name, *figures(first, told[0]), *figures(second, told[1])])
    head = ["rule", *(f"Tor: {name}" for name in HEAD), *(f"UTMB: {name}" for name in HEAD)]
    return table(head, rows)
