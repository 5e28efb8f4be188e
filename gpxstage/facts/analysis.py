"""Course + Runner -> Report: a course, its measures and its estimate, and the facts of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from gpxstage.course import Course, CourseError
from gpxstage.estimator import Policy, estimate, plan_sleep, underway
from gpxstage.estimator.draws import DRAWS
from gpxstage.estimator.plan import checked
from gpxstage.estimator.runner import for_crew, in_range
from gpxstage.estimator.team import together as team_of
from gpxstage.estimator.wanted import wanted
from gpxstage.facts.headline import headline
from gpxstage.facts.parts import finish_probability, parts_of, sleeps_behind
from gpxstage.facts.stages import rough
from gpxstage.facts.whole import INTAKE_KCAL_PER_H, Findings, race_facts
from gpxstage.profile import measure
from gpxstage.text import fits
from gpxstage.units import percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.estimator import Passed
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts import PointFacts, RaceFacts
    from gpxstage.profile import Profile

NO_PLANS = "no plans of sleep: they need a start, places with beds, and a race that makes sleepy"


@dataclass(frozen=True, eq=False)
class Report(Findings):
    """A course, its measured profiles, and, where there is a runner, an estimate.

    ``profiles`` and ``estimate.stages`` are in the order of ``course.stages``. The estimate
    is None without a runner, and for a course without elevation: ``estimated`` is True for
    the second alone. ``levels`` holds the estimates of several runners by name, the report's
    own first; ``team`` those of two who stay together. ``crew_items`` is what the crew brings;
    ``usual`` is the same estimate with the usual stops and sleep, where others were given;
    ``plans`` are the same with other sleeps, where plans were wanted; ``planned`` is the
    estimate before the start, where the runner is under way; ``wanted`` is what has to change
    for an arrival.
    """

    @cached_property
    def facts(self) -> RaceFacts:
        """The facts of the race with metric thresholds: what report.json holds."""
        return race_facts(self)

    def facts_for(self, units: str = "metric", above_m: Sequence[float] = ()) -> RaceFacts:
        """The facts with the altitude bands and thresholds of *units*, or those of *above_m*."""
        if units == "metric" and not above_m:
            return self.facts
        return _facts(self, units, tuple(above_m))

    @property
    def points(self) -> list[PointFacts]:
        """All points in the order of the course, a row each: place, arrival, cutoff, margin.

        Times are seconds on the clock of the race, or of the stage in a staged race; lengths are
        metres. See `gpxstage.facts.PointFacts` for every field.

        Examples
        --------
        >>> import gpxstage as gs
        >>> race = gs.load("sample_courses/chattanooga-mountains")
        >>> report = gs.analyze(race, "strong", draws=0)
        >>> [(point.name, round(point.distance_m)) for point in report.points[:2]]
        [('Aid 1', 7238), ('Aid 2', 12866)]
        """
        return [point for _, point in self.facts.every_point()]

    def arrival(self, name: str) -> datetime | float:
        """When the runner is expected at a place that is named by any word of its name.

        Parameters
        ----------
        name : str
            As on the command line: "Cogne"; "2/Aid" for a name that is in several stages;
            "Twin Lakes/2" for the second pass of a place.

        Returns
        -------
        datetime or float
            Local time; for a race without a start, seconds after the start of its clock.

        Raises
        ------
        CourseError
            For a name that means no point, or several.
        ValueError
            For a report without an estimate.

        Examples
        --------
        >>> import gpxstage as gs
        >>> race = gs.load("sample_courses/tor-des-geants")
        >>> report = gs.analyze(race, "strong", draws=0)
        >>> report.arrival("Cogne").tzname()
        'CEST'
        """
        point = self._point(name)
        if point.arrival_s.p50 is None:
            raise ValueError("arrivals need an estimate, and this report has none")
        return point.arrival or float(point.arrival_s.p50)

    def time_above(self, altitude_m: float) -> float:
        """Expected seconds above an altitude in metres, with the stops that are made there.

        Raises ValueError without an estimate, and out of range; TypeError for what is no number.

        Examples
        --------
        >>> import gpxstage as gs
        >>> race = gs.load("sample_courses/tor-des-geants")
        >>> report = gs.analyze(race, "strong", draws=0)
        >>> report.time_above(2000) > report.time_above(3000) > 0
        True
        """
        in_range("altitude_m", altitude_m, -1e4, 1e4)  # from below all courses to above them
        stages = self.facts_for(above_m=(altitude_m,)).stages
        each_s = [above.elapsed_s for stage in stages for above in stage.above or ()]
        known_s = [value_s for value_s in each_s if value_s is not None]
        if not known_s:
            raise ValueError("time above an altitude needs an estimate, and this report has none")
        return float(sum(known_s))

    def _point(self, name: str) -> PointFacts:
        """The point that is meant; the ends of stages have names too, where the course has none."""
        points = [point for _, point in self.facts.every_point()]
        made = [points[k] for k in fits(name, [point.name for point in points])]
        if len(made) == 1:
            return made[0]
        stage, meant = self.course.point(name)  # raises what is wrong with the name
        here = self.facts.stages[self.course.index(stage.number)].points
        found = [point for point in here if point.name == meant.name]
        if not found:
            raise CourseError(f'"{name}" is where the race starts: nobody arrives there')
        return min(found, key=lambda point: abs(point.distance_m - (meant.distance_m or 0.0)))

    def __str__(self) -> str:
        """The race in one sentence."""
        return headline(self.facts)

    def __repr__(self) -> str:
        """The race in one line; everything else is in the fields."""
        return f"<Report {self}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from gpxstage.report.markup import report_html

        return report_html(self)


@lru_cache(maxsize=2)
def _facts(report: Report, units: str, above_m: tuple[float, ...]) -> RaceFacts:
    """Facts that several files of a folder read."""
    return race_facts(report, units=units, above_m=above_m)


def analyze(
    course: Course,
    runner: Runner | str | None = None,
    *,
    others: tuple[Runner | str, ...] = (),
    together: bool = False,
    model: str = "gait",
    policy: Policy | None = None,
    why: bool = False,
    draws: int = DRAWS,
    seed: int = 1,
    estimated: bool = True,
    profiles: tuple[Profile, ...] | None = None,
    notes: tuple[str, ...] = (),
    intake_kcal_per_h: float = INTAKE_KCAL_PER_H,
    base_meal_kcal: float = 0.0,
    crew_items: tuple[str, ...] = (),
    passed: tuple[Passed, ...] = (),
    plans: bool = False,
    arrive: Passed | None = None,
) -> Report:
    """Measure every stage and, unless *estimated* is False, estimate the race for a runner.

    Parameters
    ----------
    course : Course
        As `gpxstage.load` gives it. Where a stage has no elevation, the whole race gets no
        estimate, and a note says so.
    runner : Runner or str, optional
        A runner, or a level: elite, strong, mid, back. The default is mid.
    others : tuple of Runner or str
        The rest of a field, estimated the same way, without draws.
    together : bool
        The runner and the only other one are a team, and stay together.
    model, policy, why, passed
        A speed model by name; stops, sleeps and effort; whether to find where the hours go; where
        the runner has been already.
    draws, seed : int
        The runs behind the 80 % ranges; 0 gives none. The same seed gives the same values.
    profiles : tuple of Profile, optional
        The measures of the stages, where they have been made already.
    notes : tuple of str
        Kept in front of the notes of the estimate.
    intake_kcal_per_h, base_meal_kcal, crew_items
        Energy eaten in each hour awake, its part in a meal at each base, and what the crew brings.
    plans : bool
        Whether to search for plans of sleep, for the whole race or for the rest.
    arrive : Passed, optional
        Where the runner wants to be, and when: find what has to change for it.

    Raises
    ------
    CourseError
        For a stage without length.
    ValueError
        For an unknown level or model, a number out of its range, passages that cannot be.
    TypeError
        For a value of the wrong kind.

    Examples
    --------
    >>> import gpxstage as gs
    >>> gs.analyze(gs.load("sample_courses/tor-des-geants"), estimated=False)
    <Report Tor des Géants: 336.9 km, +24,599 m>
    """
    wish = _Wish(model, policy, why, draws, seed, passed)
    report = replace(
        _measured(course, profiles, notes),
        intake_kcal_per_h=intake_kcal_per_h,
        base_meal_kcal=base_meal_kcal,
        crew_items=tuple(crew_items),
    )
    if not estimated:
        return report
    runners, wish = wish.checked((runner, *others))
    for_crew(intake_kcal_per_h, base_meal_kcal, crew_items)
    if together and len(runners) != 2:
        raise ValueError(f"a team is two runners, not {len(runners)}")
    report = _with_estimate(replace(report, estimated=True), runners, wish, together=together)
    if report.estimate is None or report.team:
        return report
    report = _with_usual(report, runners[0], wish)
    report = _with_plan_and_wanted(report, runners[0], wish, arrive)
    return _with_plans(report, runners[0], wish) if plans else report


@dataclass(frozen=True)
class _Wish:
    """How an estimate is to be made."""

    model: str
    policy: Policy | None
    why: bool = False
    draws: int = 0
    seed: int = 1
    passed: tuple[Passed, ...] = ()

    def checked(self, runners: tuple[Runner | str | None, ...]) -> tuple[tuple[Runner, ...], _Wish]:
        """The runners behind their names and the same wish, or what is wrong with them."""
        found, policy = checked(
            runners,
            policy=self.policy,
            model=self.model,
            draws=self.draws,
            seed=self.seed,
            passed=self.passed,
            why=self.why,
        )
        return found, replace(self, policy=policy)

    def estimate(self, report: Report, runner: Runner) -> Estimate:
        """The estimate of a runner on the course of a report."""
        return estimate(
            report.course,
            report.profiles,
            runner,
            model=self.model,
            policy=self.policy,
            why=self.why,
            draws=self.draws,
            seed=self.seed,
            passed=self.passed,
        )


def _measured(
    course: Course, profiles: tuple[Profile, ...] | None, notes: tuple[str, ...]
) -> Report:
    """The report of a course with its measures and the notes that belong to them."""
    if not isinstance(course, Course):
        raise TypeError(f"a course is what gpxstage.load() gives, not {type(course).__name__}")
    if profiles is None:
        profiles = tuple(measure(stage.track) for stage in course.stages)
    if len(profiles) != len(course.stages):
        raise ValueError(f"{len(profiles)} profiles for {len(course.stages)} stages")
    of_stages = (note for stage in course.stages for note in stage.notes)
    return Report(
        course, profiles, notes=(*course.notes, *of_stages, *rough(course, profiles), *notes)
    )


def _with_estimate(
    report: Report, runners: tuple[Runner, ...], wish: _Wish, *, together: bool
) -> Report:
    """The report with an estimate of each runner; ranges and reasons are of the first alone."""
    course, profiles = report.course, report.profiles
    blank = [str(s.number) for s, p in zip(course.stages, profiles, strict=True) if p.cells is None]
    if blank:
        stages = f"stage {blank[0]} has" if len(blank) == 1 else f"stages {', '.join(blank)} have"
        none = f"no estimate: {stages} no elevation, so no grade and no duration"
        return replace(report, notes=(*report.notes, none))
    report = replace(report, profiles=underway.with_edges(course, profiles, wish.passed))
    if together:
        first, second = (replace(wish, why=False).estimate(report, each) for each in runners)
        team = team_of(course, report.profiles, first, second)
        joint = (*report.notes, *team.notes)
        return replace(report, estimate=team, team=(first, second), notes=joint)
    plain_wish = _Wish(wish.model, wish.policy)
    found = [wish.estimate(report, runners[0])]
    found += [plain_wish.estimate(report, runner) for runner in runners[1:]]
    notes = dict.fromkeys(_whose(note, one, found) for one in found for note in one.notes)
    levels = tuple((one.runner.name, one) for one in found) if len(found) > 1 else ()
    return replace(report, estimate=found[0], notes=(*report.notes, *notes), levels=levels)


def _whose(note: str, one: Estimate, all_: Sequence[Estimate]) -> str:
    """A note that is not one of all runners, with the name of the one whom it is about."""
    name = one.runner.name
    of_all = all(note in other.notes for other in all_)
    return note if of_all or note.startswith(name) else f"{name}: {note}"


def _with_usual(report: Report, runner: Runner, wish: _Wish) -> Report:
    """The report with the same race by usual sleep and stops, where other ones were given."""
    policy = wish.policy
    if policy is None or (policy.sleeps is None and not policy.stops):
        return report
    passed = report.estimate.passed if report.estimate else ()
    as_usual = _Wish(wish.model, replace(policy, sleeps=None, stops={}), passed=passed)
    return replace(report, usual=as_usual.estimate(report, runner))


def _with_plan_and_wanted(
    report: Report, runner: Runner, wish: _Wish, arrive: Passed | None
) -> Report:
    """The report with the plan of before the start, and with what a wanted arrival needs."""
    before = replace(wish, why=False, draws=0, passed=())
    if wish.passed:
        report = replace(report, planned=before.estimate(report, runner))
    if arrive is not None and report.estimate is not None:
        again = partial(before.estimate, report)
        found = wanted(report.course, runner, report.estimate, arrive, again)
        report = replace(report, wanted=found)
    return report


def _with_plans(report: Report, runner: Runner, wish: _Wish) -> Report:
    """The report with plans of sleep, each with its own estimate."""
    policy = wish.policy or Policy()

    def slept(sleeps: dict[str, float]) -> Estimate:
        there = replace(wish, policy=replace(policy, sleeps=sleeps), why=False)
        return there.estimate(report, runner)

    found = plan_sleep(report.course, report.profiles, runner, policy, passed=wish.passed)
    plans = tuple(map(slept, found))
    notes: tuple[str, ...] = () if plans else (NO_PLANS,)
    if wish.draws and found and all(found):
        none = slept(sleeps_behind(report.course, report.parts, found[0]))
        notes = _without(report, plans, none)
    return replace(report, plans=plans, notes=(*report.notes, *notes))


def _without(report: Report, plans: Sequence[Estimate], none: Estimate) -> tuple[str, ...]:
    """A note where no sleep ahead has a higher chance of finishing than all plans have."""

    def chance(one: Estimate) -> int:
        parts = parts_of(report.course, report.profiles, one, estimated=True)
        return int(percent(finish_probability(parts, report.course.limit_s) or 0.0))

    without, best = chance(none), max(map(chance, plans))
    slept_s = [sum(stage.slept_s for stage in one.stages) for one in (none, *plans)]
    if without <= best or min(slept_s[1:]) <= slept_s[0] + 60.0:
        return ()
    return (
        f"without sleep the chance of finishing is {without} %, with the best plan {best} %: it is"
        " no plan, as nobody is planned to go on for more than 30 h without sleep",
    )
