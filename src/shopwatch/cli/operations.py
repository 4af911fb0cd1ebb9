"""Operations: backup, restore, unpause, doctor, version."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

import shopwatch
from shopwatch.bootstrap.folder import lacking
from shopwatch.cli import context as ctx
from shopwatch.cli.output import AsJson, print_json, say, table
from shopwatch.domain.errors import Invalid, NotFound, ShopwatchError, Unusable
from shopwatch.purchase.emergency import EmergencyStop

_FREE_ENOUGH = 500_000_000  #: bytes


def version(*, as_json: AsJson = False) -> None:
    """Print the version."""
    if as_json:
        print_json({"version": shopwatch.__version__, "python": platform.python_version()})
        return
    say(f"shopwatch {shopwatch.__version__} (Python {platform.python_version()})")


def backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="The backup to write.")]
) -> None:
    """Copy the database to a file while everything goes on running."""
    from shopwatch.bootstrap.core import opened  # noqa: PLC0415 - the other commands here need no database
    from shopwatch.storage.backup import back_up  # noqa: PLC0415 - as above

    async def work() -> None:
        async with opened(ctx.of(context).paths) as core:
            await back_up(core.database, file)

    ctx.run(work())
    say(f"{file}: {file.stat().st_size:,} bytes")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Replace the database by a backup. Stop Shopwatch first."""
    from shopwatch.storage.backup import restore as bring_back  # noqa: PLC0415 - as above
    from shopwatch.storage.backup import restored_file  # noqa: PLC0415 - as above

    where = restored_file(ctx.of(context).paths.database_file)
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    if not yes and not typer.confirm(f"Replace {where} by {file}?"):
        raise Invalid("nothing was restored")
    bring_back(where, file)
    say(f"{where} is {file} now")


def unpause(
    context: typer.Context, retailer: Annotated[str, typer.Argument(help="Its id, as `target`.")]
) -> None:
    """End a retailer's pause, after you have looked at its site and it let you in.

    Exit status: 0 ended, the monitor asks again within ten seconds; 1 it is not paused.
    """
    from shopwatch.bootstrap.core import retailer_of  # noqa: PLC0415 - as above
    from shopwatch.bootstrap.pausing import end_pause  # noqa: PLC0415 - as above
    from shopwatch.storage.database import Database  # noqa: PLC0415 - as above
    from shopwatch.storage.health import SqlPauses  # noqa: PLC0415 - as above

    name = retailer_of(retailer).id
    with Database.open(ctx.of(context).paths.database_file) as database:
        ctx.run(end_pause(SqlPauses(database), name, now=ctx.now()))
    say(f"{retailer} is no longer paused")


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    says: str


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Look at everything Shopwatch needs, and say what is wrong and what to do.

    Exit status: 0 if all is well, 1 if something is not.
    """
    findings = list(_findings(ctx.of(context)))
    if as_json:
        print_json(findings)
    else:
        rows = ((one.what, "ok" if one.ok else "WRONG", one.says) for one in findings)
        table(("what", "", "says"), rows, empty="")
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


def _findings(call: ctx.Context) -> Iterator[Finding]:
    yield Finding("version", True, f"{shopwatch.__version__} on Python {platform.python_version()}")
    checks: tuple[tuple[str, Callable[[ctx.Context], str]], ...] = (
        ("configuration", _configuration),
        ("shops", _shops),
        ("database", _database),
        ("folders", _folders),
        ("pauses", _pauses),
        ("disk", _disk),
        ("browser", _browser),
        ("alerts", _alerts),
        ("emergency stop", _emergency_stop),
    )
    told: set[str] = set()
    for what, check in checks:
        try:
            yield Finding(what, True, check(call))
        except ShopwatchError as error:
            says = "cannot be told before that is mended" if str(error) in told else str(error)
            told.add(str(error))
            yield Finding(what, False, says)


def _configuration(call: ctx.Context) -> str:
    loaded = call.folder.load()
    mode = "test mode" if loaded.settings.shopwatch.safety.test_mode else "may buy when started live"
    watches = len(loaded.settings.shopwatch.products)
    counted = "1 watch" if watches == 1 else f"{watches:,} watches"
    return f"{loaded.products_file or 'no products file'}, {counted}, {mode}"


def _shops(call: ctx.Context) -> str:
    loaded = call.folder.load()
    watched = {watch.retailer for watch in loaded.watches}
    if wanting := lacking(loaded.settings, watched):
        raise Unusable("; ".join(wanting))
    return f"{', '.join(sorted(watched)) or 'none'} watched, nothing to be configured is missing"


def _database(call: ctx.Context) -> str:
    from shopwatch.storage.database import Database  # noqa: PLC0415 - as above

    with Database.open(call.paths.database_file) as database:
        return f"{database.name} is of the present version"


def _pauses(call: ctx.Context) -> str:
    from shopwatch.bootstrap.pausing import pauses_now  # noqa: PLC0415 - as above
    from shopwatch.storage.database import Database  # noqa: PLC0415 - as above
    from shopwatch.storage.health import SqlPauses  # noqa: PLC0415 - as above

    with Database.open(call.paths.database_file) as database:
        paused = ctx.run(pauses_now(SqlPauses(database), ctx.now()))
    told = [
        f"{one.name} until {one.until:%Y-%m-%d %H:%M} UTC: {one.reason};"
        f" look at its site yourself, then `shopwatch unpause {one.name}`"
        for one in paused
    ]
    if told:
        raise Unusable("; ".join(told))
    return "none: every retailer may be asked"


def _folders(call: ctx.Context) -> str:
    folders = (call.paths.config_dir, call.paths.data_dir, call.paths.logs, call.paths.sessions)
    for folder in folders:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not os.access(nearest, os.W_OK):
            raise Unusable(f"{folder} cannot be written: change its permissions, or choose another folder")
    return "writable"


def _disk(call: ctx.Context) -> str:
    place = next(
        path for path in (call.paths.data_dir, *call.paths.data_dir.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(place).free
    if free < _FREE_ENOUGH:
        raise Unusable(f"only {free / 1e6:,.0f} MB free at {place}: make room")
    return f"{free / 1e9:,.1f} GB free"


def _browser(call: ctx.Context) -> str:
    from shopwatch.browser.find import find_browser  # noqa: PLC0415 - as above

    found = find_browser(os.environ, Path.home())
    if found.path is None:
        raise Unusable(f"{found.missing}; until then alerts stay unconfirmed and nothing can be bought")
    return str(found.path)


def _alerts(call: ctx.Context) -> str:
    from shopwatch.bootstrap.usable import channels_of  # noqa: PLC0415 - as above

    channels = channels_of(call.folder.load().settings.shopwatch.notify)
    names = ", ".join(channel.name for channel in channels)
    return names or "no channel: alerts are only on the dashboard (notify.channels in shopwatch.yaml)"


def _emergency_stop(call: ctx.Context) -> str:
    stop = call.paths.emergency_stop
    return f"{stop} is on: nothing is bought" if EmergencyStop(stop).is_on() else "off"
