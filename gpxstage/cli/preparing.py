"""The commands for the months before a race: demands."""

from __future__ import annotations

from dataclasses import dataclass

import click

from gpxstage.cli import output
from gpxstage.cli.options import FormOptions, RaceOptions
from gpxstage.cli.values import command, option


@dataclass(frozen=True)
class DemandShow:
    """How the demands are shown."""

    forms: FormOptions = FormOptions()
    units: str = option(
        "--units",
        type=click.Choice(["metric", "imperial"]),
        default="metric",
        help="Units of the output: kilometres and metres, or miles and feet.",
    )
    quiet: bool = option("-q", "--quiet", is_flag=True, help="Print no notes.")


@dataclass(frozen=True)
class DemandsRequest:
    """What `demands` reads."""

    show: DemandShow = DemandShow()
    race: RaceOptions = RaceOptions()


@command(DemandsRequest())
def demands(request: DemandsRequest) -> None:
    """Show what a race asks of a training: each day, its hours, and sections to see.

    The days of a staged race are its stages; a race whose clock runs through is counted in 24
    hours from its start, and by the calendar too.
    """
    if len(request.race.runner.level) > 1:
        raise click.UsageError("--level: the demands are those of one runner: give it once")
    from gpxstage.cli.racing import analyzed
    from gpxstage.report.say.preparing import demand_rows, demand_tables
    from gpxstage.training.demands import demands as demands_of

    show = request.show
    report = analyzed(request.race)
    found = demands_of(report, show.units)
    if show.forms.form == "json":
        from gpxstage.facts.whole import text_of

        output.put(text_of(found))
    elif show.forms.form == "csv":
        from gpxstage.report.splits import table_csv

        output.put(table_csv(*demand_rows(found, show.units)))
    else:
        output.put_tables(
            demand_tables(report.facts, found, show.units), found.race, show.forms.form
        )
    output.say(found.notes, show.quiet)
