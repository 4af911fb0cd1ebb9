"""The ``shopwatch`` command: global options, the commands, and the one place where errors become words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from typer.exceptions import TyperException

from shopwatch.bootstrap.paths import Paths
from shopwatch.cli import context
from shopwatch.cli.groups import Known, LoadsWhenCalled
from shopwatch.cli.misuse import sentence_of
from shopwatch.cli.output import complain, speak_as_the_terminal_does
from shopwatch.domain.errors import Blocked, Invalid, ShopwatchError

_STATUS = """
Exit status: 0 done; 1 not found, in conflict or unusable; 2 wrong input; 130 interrupted.
`check`: 0 buyable, 1 not, 3 unknown, 4 blocked. `drill`: 1 a leg failed, 3 no browser.
"""

_HERE = "shopwatch.cli"


class Commands(LoadsWhenCalled):
    """In the order of the manual."""

    table: ClassVar[Mapping[str, Known]] = {
        "demo": Known(
            f"{_HERE}.demo:demo",
            "Show everything against the built-in simulator: watches, restocks, crawls. Nothing is kept.",
        ),
        "serve": Known(
            f"{_HERE}.serve:serve", "Run the dashboard, the supervisor and the monitor until stopped."
        ),
        "watch": Known(
            f"{_HERE}.watch:app", "The watch list: add, edit, list, remove, pause, resume, import, export."
        ),
        "monitor": Known(
            f"{_HERE}.monitor:monitor",
            "Watch stock until stopped; or check every enabled watch once and print what was seen.",
        ),
        "alerts": Known(
            f"{_HERE}.alerts:app",
            "Alerts: `alerts` lists what was told, what waits and why.",
        ),
        "check": Known(
            f"{_HERE}.check:check",
            "Look at products now: verdict, price, and why; or which stores near you have one.",
        ),
        "crawl": Known(
            f"{_HERE}.crawl:crawl_command", "Crawl store directories, several at once if several are named."
        ),
        "runs": Known(f"{_HERE}.runs:app", "History of crawls: `runs [RETAILER]` lists."),
        "stores": Known(f"{_HERE}.stores:app", "Store directories: export, import, changes, near."),
        "config": Known(f"{_HERE}.config:app", "Check, migrate, compare and roll back the configuration."),
        "login": Known(
            f"{_HERE}.login:login",
            "Open a window, wait until you have signed in, and keep the session.",
        ),
        "sessions": Known(
            f"{_HERE}.login:sessions", "Show the signed-in sessions, as the monitor last saw them."
        ),
        "purchases": Known(f"{_HERE}.purchases:app", "The book of purchases: `purchases` lists."),
        "stop-buying": Known(
            f"{_HERE}.purchases:stop_buying",
            "Emergency stop: nobody buys any more, also in the middle of a purchase, until resume-buying.",
        ),
        "resume-buying": Known(f"{_HERE}.purchases:resume_buying", "End the emergency stop."),
        "drill": Known(f"{_HERE}.drill:drill", "Rehearse detect, confirm, alert and buy on a simulator."),
        "simulate": Known(
            f"{_HERE}.simulate:simulate",
            "Run the six retailers on loopback until stopped; prints their addresses as one JSON line.",
        ),
        "unpause": Known(
            f"{_HERE}.operations:unpause",
            "End a retailer's pause, after you have looked at its site and it let you in.",
        ),
        "backup": Known(
            f"{_HERE}.operations:backup", "Copy the database to a file while everything goes on running."
        ),
        "restore": Known(f"{_HERE}.operations:restore", "Replace the database by a backup."),
        "doctor": Known(
            f"{_HERE}.operations:doctor",
            "Look at everything Shopwatch needs, and say what is wrong and what to do.",
        ),
        "version": Known(f"{_HERE}.operations:version", "Print the version."),
    }


app = typer.Typer(
    cls=Commands,
    help="Watches shops: a stock monitor that learns, and six store directories that can be trusted."
    + _STATUS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    context_: typer.Context,
    config_dir: Annotated[
        Path, typer.Option(envvar="SHOPWATCH_CONFIG_DIR", help="Folder of shopwatch.yaml and retailers.yaml.")
    ] = Path("config"),
    data_dir: Annotated[
        Path, typer.Option(envvar="SHOPWATCH_DATA_DIR", help="Folder of the database, exports and runs.")
    ] = Path("data"),
    database: Annotated[
        str,
        typer.Option(
            envvar="SHOPWATCH_DATABASE",
            help="postgresql://…, or another SQLite file (./name, name.db) than the one in the data folder.",
        ),
    ] = "",
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log everything to standard error.")
    ] = False,
) -> None:
    paths = Paths(config_dir=config_dir, data_dir=data_dir, database=database)
    context_.obj = context.Context(paths=paths, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and never shows a traceback for an expected error."""
    speak_as_the_terminal_does()
    try:
        return _called(arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except KeyboardInterrupt:
        return 130
    except ShopwatchError as error:
        return _said(error)
    except BaseExceptionGroup as group:
        expected, bugs = group.split(ShopwatchError)
        if bugs is not None or expected is None:
            raise
        return max(_said(error) for error in _leaves(expected))


def _called(arguments: Sequence[str] | None) -> int:
    try:
        status = app(args=arguments, prog_name="shopwatch", standalone_mode=False)
    except typer.Abort as unanswered:
        return _unanswered(unanswered)
    except TyperException as misuse:
        if said := sentence_of(misuse):
            complain(said)
        return misuse.exit_code
    return status if isinstance(status, int) else 0


def _unanswered(question: typer.Abort) -> int:
    """A question was met with Ctrl-C, or nobody was there to answer it."""
    if isinstance(question.__context__, KeyboardInterrupt):
        return 130
    complain("\nnothing was done: the question was not answered")
    return 2


def _said(error: ShopwatchError) -> int:
    """Tell the person; returns the exit status."""
    if isinstance(error, Invalid):
        for problem in error.problems:
            complain(problem)
        return 2
    complain(str(error))
    return 4 if isinstance(error, Blocked) else 1


def _leaves(group: BaseExceptionGroup[ShopwatchError]) -> Iterator[ShopwatchError]:
    """The errors themselves: what fails beside others comes wrapped."""
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one
