"""The ``shopwatch`` command: global options, the commands, and the one place where errors become words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from shopwatch.bootstrap.paths import Paths
from shopwatch.cli import context
from shopwatch.cli.groups import LoadsWhenCalled
from shopwatch.cli.output import complain
from shopwatch.domain.errors import Blocked, Invalid, ShopwatchError

_STATUS = """
Exit status: 0 done; 1 not found, in conflict or unusable; 2 wrong input; 130 interrupted.
`check`: 0 buyable, 1 not, 3 unknown, 4 blocked. `drill`: 1 a leg failed, 3 no browser.
"""

_HERE = "shopwatch.cli"


class Commands(LoadsWhenCalled):
    """In the order of the manual."""

    table: ClassVar[Mapping[str, str]] = {
        "demo": f"{_HERE}.demo:demo",
        "serve": f"{_HERE}.serve:serve",
        "watch": f"{_HERE}.watch:app",
        "monitor": f"{_HERE}.monitor:monitor",
        "check": f"{_HERE}.check:check",
        "crawl": f"{_HERE}.crawl:crawl_command",
        "runs": f"{_HERE}.runs:app",
        "stores": f"{_HERE}.stores:app",
        "config": f"{_HERE}.config:app",
        "login": f"{_HERE}.login:login",
        "sessions": f"{_HERE}.login:sessions",
        "purchases": f"{_HERE}.purchases:app",
        "stop-buying": f"{_HERE}.purchases:stop_buying",
        "resume-buying": f"{_HERE}.purchases:resume_buying",
        "drill": f"{_HERE}.drill:drill",
        "simulate": f"{_HERE}.simulate:simulate",
        "backup": f"{_HERE}.operations:backup",
        "restore": f"{_HERE}.operations:restore",
        "doctor": f"{_HERE}.operations:doctor",
        "version": f"{_HERE}.operations:version",
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
            envvar="SHOPWATCH_DATABASE", help="postgresql://… instead of the SQLite file in the data folder."
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
    try:
        app(args=arguments, prog_name="shopwatch")
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
    return 0


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
