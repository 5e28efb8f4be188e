"""The command line: options in, the layers below called, one translation of errors."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from gpxstage import __version__

COMMANDS = {  # name -> module; in the order of --help
    "info": "measuring",
    "estimate": "racing",
    "plot": "racing",
    "report": "racing",
    "batch": "many",
    "relay": "racing",
    "review": "before_after",
    "demands": "before_after",
    "training": "before_after",
    "fit": "fitting",
    "split": "measuring",
    "init": "measuring",
    "check": "measuring",
    "models": "measuring",
    "schema": "measuring",
}

# threads of linear algebra: one is enough for arrays of this size, and workers share the cores
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

DEBUG = "GPXSTAGE_DEBUG"  # where this variable is set, an unforeseen error shows its traceback
MOST_QUOTED = 200  # letters of such an error
MOST_LINE = 1_000  # letters of any error


class Commands(click.Group):
    """Commands by name: the module of a command is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, as --help lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f"gpxstage.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; it is no error that the reader of its output has gone, as `head` does."""
        try:
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return 0
        return result


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """What a long mountain race will be: GPX files in, hours and hiking out.

    A SOURCE is a .gpx file, a race.toml, a folder of either, or - for GPX on standard
    input. Several files are stages in the order given.
    """


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 unusable input, 2 wrong usage, 130 interrupted."""
    _end_as_interrupted()
    for name in THREADS:  # processes that are started here have them, too
        os.environ.setdefault(name, "1")
    try:
        code = cli.main(args=args, prog_name="gpxstage", standalone_mode=False)
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        lines = _legible(message.getvalue()).splitlines()
        click.echo("\n".join(map(_short, lines)), err=True)
        sys.exit(2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except FileNotFoundError as error:
        _fail(f"{error.filename or error}: no such file", 2)
    except ValueError as error:
        from gpxstage.course import CourseError, WishError  # --help does without numpy

        if not isinstance(error, CourseError):
            if os.environ.get(DEBUG):
                raise
            _fail(unforeseen(error), 1)
        _fail(str(error), 2 if isinstance(error, WishError) else 1)
    except OSError as error:
        if error.filename is None:
            _drop_output()
        _fail(f"{error.filename or 'output'}: {error.strerror or error}", 1)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        _fail(unforeseen(error), 1)
    sys.exit(code if isinstance(code, int) else 0)


def _drop_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not try again at its end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def unforeseen(error: Exception) -> str:
    """One line for an error that nobody foresaw: what it is and where it came up."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace is not None else None
    where = f" in {os.path.basename(code.co_filename)}, {code.co_name}" if code else ""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"unforeseen error{where}: {what[:MOST_QUOTED]}. This is a fault of gpxstage: please"
        f" report it, with the file that you gave it ({DEBUG}=1 shows more)"
    )


def _end_as_interrupted() -> None:
    """Let SIGTERM and a closed terminal end the program as Ctrl-C does: half-written files go."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set what a signal does
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup stays
            signal.signal(number, signal.default_int_handler)


def _fail(message: str, code: int) -> NoReturn:
    line = " ".join(_legible(message).splitlines())
    click.echo(f"gpxstage: {_short(line)}", err=True)
    sys.exit(code)


def _short(line: str) -> str:
    """A message on one line that a person reads, whatever it quotes: its beginning and its end."""
    if len(line) <= MOST_LINE:
        return line
    return f"{line[: MOST_LINE - MOST_QUOTED]} ... {line[-MOST_QUOTED:]}"


def _legible(message: str) -> str:
    """A message without characters that steer a terminal: it may quote a file or its name."""
    return "".join(c for c in message if c.isprintable() or c == "\n")
