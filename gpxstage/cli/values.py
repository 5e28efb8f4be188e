"""How click is used: fields that options fill, and the types of what people type."""

from __future__ import annotations

import math
import os.path
import re
from contextlib import contextmanager
from dataclasses import field, fields, is_dataclass, replace
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from gpxstage.text import duration_s, fits, listed, suggestion
from gpxstage.units import LENGTH_M, LONG_M, MASS_KG, amount, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Request = TypeVar("Request")

DISTANCES_M = {"marathon": 42_195.0, "half": 21_097.5, "half-marathon": 21_097.5}
TYPED = "gpxstage.typed"  # in a context of a worker: the options that its batch was given
# begins with a number and has no ending of a file: "31mi", "5900ft 50", and not "50k.gpx"
LIKE_COURSE = re.compile(r"\s*(d?\+)?\s*\d(?!.*\.[a-z]\w*\s*$).*", re.IGNORECASE)
FLAT_KMH = (4.0, 25.0)  # the speeds of a flat race: they distinguish h:mm from m:ss


def option(*flags: str, **how: Any) -> Any:
    """A field of a group that an option fills; *how* is what `click.Option` takes."""
    unset = () if how.get("multiple") else False if how.get("is_flag") else None
    default = how.get("default", unset)
    return field(default=default, metadata={"parameter": (click.Option, flags, how)})


def argument(**how: Any) -> Any:
    """A field of a group that an argument fills; *how* is what `click.Argument` takes."""
    return field(default=(), metadata={"parameter": (click.Argument, (), how)})


def command(groups: Request) -> Callable[[Callable[[Request], None]], click.Command]:
    """Make a function of one request into a command with the options of its groups."""

    def decorate(body: Callable[[Request], None]) -> click.Command:
        @click.command(params=list(_parameters(groups)))
        @wraps(body)
        def filled(**given: Any) -> None:
            request, units = _filled(groups, given), given.get("units", "metric")
            try:
                body(request)
            except click.UsageError as error:
                raise click.UsageError(as_asked(error.message, units, request)) from None
            except ValueError as error:
                from gpxstage.course import CourseError  # --help does without numpy

                if isinstance(error, CourseError):
                    error.args = (as_asked(str(error), units, request),)
                raise

        return filled

    return decorate


def as_asked(message: str, units: str, request: object) -> str:
    """An error with its lengths in *units*; what was typed in the request is quoted as it is."""
    if units == "metric":
        return message
    from gpxstage.report.say.noted import in_units

    return in_units(message, units, kept=_texts(request))


def _texts(value: object) -> Iterator[str]:
    """All texts in a request, in its groups and its lists; errors call a path by its last part."""
    if isinstance(value, str):
        yield from (value, os.path.basename(value))
        if os.path.isdir(value):  # ".", "alps/" or a link
            yield os.path.basename(os.path.realpath(value))
    elif isinstance(value, tuple) or is_dataclass(value):
        for each in value if isinstance(value, tuple) else vars(value).values():
            yield from _texts(each)


def _parameters(group: Any) -> Iterator[click.Parameter]:
    for one in fields(group):
        if is_dataclass(one.default):
            yield from _parameters(one.default)
        else:
            kind, flags, how = one.metadata["parameter"]
            yield kind([*flags, one.name], **how)


def _filled(group: Any, given: Mapping[str, object]) -> Any:
    """The group with the values that click hands over: the only place that reads its dict."""
    return replace(
        group,
        **{
            one.name: _filled(one.default, given) if is_dataclass(one.default) else given[one.name]
            for one in fields(group)
        },
    )


def typed(*flags: str) -> list[str]:
    """Which of these options were given on the command line, as they were typed; or all that were.

    ``--not-acclimatised`` is the answer where ``--acclimatised`` is in *flags* and was refused.
    """
    found = all_typed()
    return [found[flag] for flag in flags or found if flag in found]


def all_typed() -> dict[str, str]:
    """All options that were given on the command line: the name of each, and what was typed."""
    context = click.get_current_context()
    found = dict(context.meta.get(TYPED, {}))
    for one in context.command.params:
        is_given = context.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
        if isinstance(one, click.Option) and is_given:
            refused = one.secondary_opts and context.params.get(one.name or "") is False
            found[one.opts[-1]] = one.secondary_opts[0] if refused else one.opts[-1]
    return found


@contextmanager
def as_typed(found: Mapping[str, str]) -> Iterator[None]:
    """Let `typed` answer in a worker as where its command was given: *found* is `all_typed`."""
    with click.Context(click.Command("batch")) as context:
        context.meta[TYPED] = found
        yield


def distance_m(text: str) -> float | None:
    """Metres of ``10km``, ``13.1mi``, ``marathon``; None for anything else, and for nothing."""
    text = text.strip().lower()
    if text in DISTANCES_M:
        return DISTANCES_M[text]
    length_m = amount(text, LENGTH_M) or 0.0
    return length_m if length_m > 0.0 else None


def no_half_course(source: str) -> None:
    """A usage error for what is no file and seems to be a length and climb, but is none."""
    if LIKE_COURSE.fullmatch(source) and not os.path.exists(source):
        forms = "'106km 6100m', '50k 1800m' or '31mi 5900ft'"
        raise click.UsageError(f"--past {source}: is no file, and no length and climb as {forms}")


def picture_kind(option: str, path: str | None) -> str:
    """The ending of the path that an *option* gave: what a picture is to be. Empty without one."""
    if path is None:
        return ""
    kind = os.path.splitext(path)[1].lower()
    if kind not in {".png", ".svg", ".pdf"}:
        raise click.UsageError(f"{option} {path}: the ending must be .png, .svg or .pdf")
    return kind[1:]


def flat_time_s(text: str, length_m: float) -> float | None:
    """A time for a flat race: two parts are h:mm where that is 4 to 25 km/h, else m:ss."""
    value_s = duration_s(text)
    if value_s is None or not re.fullmatch(r"\s*\d+:\d+\s*", text):
        return value_s
    low, high = FLAT_KMH
    return value_s if low <= 3.6 * length_m / max(value_s, 1e-9) <= high else value_s / 60.0


class NumberRange(click.FloatRange):
    """A number in a range: click's own takes nan, which no bound excludes."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number, or a usage error."""
        found = float(super().convert(value, param, ctx))
        if math.isnan(found):
            self.fail(f"{value!r} is not a number", param, ctx)
        return found


class Amount(NumberRange):
    """A number with a unit, in a range; without a unit it is in *usual*, which others count in."""

    def __init__(self, what: str, usual: str, low: float, high: float, *shown: str) -> None:
        super().__init__(low, high)
        self.name, self.usual, self.shown = what, usual, shown
        self.units = MASS_KG if usual in MASS_KG else LENGTH_M

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Metres or kilograms, or a usage error that shows the forms."""
        found = amount(str(value), self.units)
        try:
            found = float(value) if found is None else found
        except ValueError:
            forms = f"{', '.join(self.shown)}, or a bare number in {self.usual}"
            self.fail(f"{value!r} is no {self.name}: {forms}", param, ctx)
        assert self.min is not None
        assert self.max is not None
        if math.isnan(found):
            self.fail(f"{value!r} is not a number", param, ctx)
        if not self.min <= found <= self.max:
            letters = re.sub(r"[^a-z]", "", str(value).lower())
            unit = letters if letters in self.units else self.usual  # "1e9" and "inf" have none
            low, high = self._limits(unit)
            self.fail(f"{value!r} is not within {low} to {high} {unit}", param, ctx)
        return found

    def _limits(self, unit: str) -> tuple[str, str]:
        """The least and the most in a unit, rounded to what is within; km and mi have a decimal."""
        assert self.min is not None
        assert self.max is not None
        digits = 1 if unit in LONG_M else 0
        scale = 10.0**digits / self.units[unit]
        low, high = math.ceil(self.min * scale), math.floor(self.max * scale)
        return number(low / 10.0**digits, digits), number(high / 10.0**digits, digits)


class Duration(click.ParamType[float]):
    """A time or a duration, in seconds."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Seconds, or a usage error that shows the forms."""
        found = duration_s(str(value))
        if found is None or not found > 0:
            self.fail(f"{value!r} is not a time: 38:00 (h:mm), 1:02:03, 38h, 90min", param, ctx)
        return found


class PlaceDuration(click.ParamType[tuple[str, float]]):
    """A point of the course and a duration; one of *words* may take the place of both."""

    name = "place"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        """Name and seconds, or one of the words and nothing; else a usage error."""
        place, _, time = str(value).rpartition("=")
        found = duration_s(time)
        if not place and value in self.words:
            return str(value), 0.0
        if not place.strip() or found is None:
            also = "".join(f"{word} or " for word in self.words)
            self.fail(f"{value!r} is not {also}POINT=DURATION, as Cogne=1h30", param, ctx)
        return place.strip(), found


class Grade(click.ParamType[float]):
    """A grade: ``8%`` or ``0.08``."""

    name = "grade"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """A fraction, or a usage error."""
        text = str(value).strip()
        try:
            found = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
        except ValueError:
            found = -1.0
        if not 0.0 <= found <= 1.0:
            self.fail(f"{value!r} is not a grade: 8% or 0.08", param, ctx)
        return found


class OneOf(click.ParamType[str]):
    """A name out of a table that is only read when a value is given."""

    def __init__(self, name: str, module: str, table: str) -> None:
        self.name, self.module, self.table = name, module, table

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The name, or a usage error that lists all."""
        names: list[str] = list(getattr(import_module(self.module), self.table))
        found = [names[k] for k in fits(str(value), names)]
        if len(found) > 1:
            self.fail(f"{value!r} may be {listed(found)}", param, ctx)
        if not found:
            hint = suggestion(str(value), names)
            self.fail(f"{value!r} is not one of {', '.join(names)}{hint}", param, ctx)
        return found[0]


def each_once(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse an option that is given twice with one value."""
    for value in values:
        if values.count(value) > 1:
            raise click.BadParameter(f"{value} is given twice", ctx, option)
    return values


def card_items(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse more things for the crew to bring than a card has room for."""
    if values:
        from gpxstage.estimator.runner import too_much

        if wrong := too_much(values):
            raise click.BadParameter(wrong, ctx, option)
    return values
