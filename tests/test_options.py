"""The options of the commands: groups of fields, one request, what was typed."""

from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError, dataclass

import click
import pytest
from click.testing import CliRunner

from gpxstage.cli import COMMANDS, cli
from gpxstage.cli.options import CourseOptions, FormOptions, RaceOptions, RunnerOptions
from gpxstage.cli.values import command, option, typed


@dataclass(frozen=True)
class Inner:
    """A group inside another."""

    height_m: float = option("--height", type=float, default=1.0)
    dry: bool = option("--dry/--wet", default=True)


@dataclass(frozen=True)
class Outer:
    """A request."""

    names: tuple[str, ...] = option("-n", "--name", multiple=True)
    inner: Inner = Inner()


def answer(*arguments: str) -> str:
    @command(Outer())
    def show(request: Outer) -> None:
        """Show what was read."""
        click.echo(f"{request} {typed()} {typed('--dry', '--name')}")

    return CliRunner().invoke(show, arguments, catch_exceptions=False).output.strip()


def test_without_options_a_command_gets_the_defaults() -> None:
    assert answer() == f"{Outer()} [] []"
    assert Outer() == Outer(names=(), inner=Inner(height_m=1.0, dry=True))


def test_a_nested_group_is_filled_and_what_was_typed_is_known() -> None:
    request = Outer(names=("a", "b"), inner=Inner(height_m=1.0, dry=False))
    flags = ["--name", "--wet"]
    assert answer("-n", "a", "--name", "b", "--wet") == f"{request} {flags} {flags[::-1]}"


def test_a_value_that_is_the_default_was_typed_all_the_same() -> None:
    assert answer("--height", "1", "--dry") == f"{Outer()} {['--height', '--dry']} {['--dry']}"


def test_a_request_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        RaceOptions().plan.conditions = 2.0  # type: ignore[misc]


def test_two_forms_of_output_exclude_each_other() -> None:
    assert FormOptions(csv=True).form == "csv"
    with pytest.raises(click.UsageError, match="--json and --csv exclude each other"):
        FormOptions(json=True, csv=True)


def test_the_defaults_of_a_group_are_those_of_the_program() -> None:
    assert RunnerOptions().weight.pack_kg is None
    assert RunnerOptions().acclimatised is True
    assert RaceOptions().model.draws == 200
    assert CourseOptions(("a.gpx",)).source == ("a.gpx",)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_two_options_of_a_command_have_one_name(name: str) -> None:
    found = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
    flags = [flag for one in found.params for flag in (*one.opts, *one.secondary_opts)]
    for names in (flags, [one.name for one in found.params if isinstance(one, click.Option)]):
        assert [each for each, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_text_begins_with_a_verb_or_a_noun(name: str) -> None:
    found = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
    helps = [found.help, *(one.help for one in found.params if isinstance(one, click.Option))]
    assert helps
    for text in helps:
        assert text.split()[0] not in ("Of", "On", "In", "By", "With", "For", "At", "Whether")
