"""``shopwatch config``: check, migrate, compare, roll back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from shopwatch.bootstrap.folder import SHOPS, config_folder
from shopwatch.bootstrap.usable import check_usable
from shopwatch.cli import context as ctx
from shopwatch.cli.output import AsJson, print_json, say, table
from shopwatch.config.files import FILES, FileName
from shopwatch.config.preview import differences
from shopwatch.config.schema import schema_of
from shopwatch.domain.errors import Invalid, NotFound

app = typer.Typer(help="Check, migrate, compare and roll back the configuration.", no_args_is_help=True)
FileName_ = Annotated[str, typer.Argument(metavar="FILE", help="shopwatch.yaml or retailers.yaml.")]


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Check this file instead of the folder in use.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List everything wrong with the configuration, by file, line and path.

    Exit status: 0 if it can be used, 2 if not.
    """
    if file is not None:
        _check_file(file)
        if as_json:
            print_json({"file": str(file), "ok": True})
        else:
            say(f"{file}: ok")
        return
    loaded = ctx.of(context).folder.load()
    settings = loaded.settings
    check_usable(settings, loaded.watches)
    enabled = sum(product.enabled for product in settings.shopwatch.products.values())
    facts = {
        "products_file": loaded.products_file,
        "watches": len(settings.shopwatch.products),
        "enabled": enabled,
        "test_mode": settings.shopwatch.safety.test_mode,
        "notes": loaded.notes,
    }
    if as_json:
        print_json(facts)
        return
    source = loaded.products_file or "no products file"
    say(f"ok: {source}, {enabled} of {len(settings.shopwatch.products)} watches enabled")
    for note in loaded.notes:
        say(f"note: {note}")


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    folder = config_folder(file.parent)
    if file.name in FILES:
        folder.validate(file.name, folder.text(file.name))
    elif file.suffix == ".json":
        folder.read_old(file.name)
    else:
        raise Invalid(f"{file.name} is none of {', '.join(FILES)} or an old *.json file")


@app.command()
def migrate(context: typer.Context) -> None:
    """Write shopwatch.yaml from the old ultra_fast_config.json or product_config.json in use."""
    name, notes = ctx.of(context).watchlist.migrate(now=ctx.now())
    say(f"{name} → shopwatch.yaml; {name} is not read any more and can be deleted")
    for note in notes:
        say(f"note: {note}")


@app.command()
def backups(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the backups of both files, newest first."""
    folder = ctx.of(context).folder
    rows = [(path.name, path.stat().st_size) for name in FILES for path in folder.backups(name)]
    if as_json:
        print_json([{"backup": name, "bytes": size} for name, size in rows])
    else:
        table(("backup", "bytes>"), rows, empty="no backups yet: each save makes one")


@app.command()
def rollback(
    context: typer.Context, backup: Annotated[str, typer.Argument(help="A name of `backups`.")]
) -> None:
    """Make a backup the file again, byte for byte; the present file becomes a backup first."""
    name = ctx.of(context).folder.roll_back(backup, now=ctx.now())
    say(f"{name} is {backup} again")


@app.command()
def diff(
    context: typer.Context,
    backup: Annotated[str, typer.Argument(help="A name of `backups`.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what the present file says differently from a backup, setting by setting."""
    folder = ctx.of(context).folder
    name = _file_of(backup)
    before = folder.validate(name, folder.backup_text(backup))
    after = folder.validate(name, folder.text(name))
    found = differences(before, after)
    if as_json:
        print_json(found)
        return
    for line in list(map(str, found)) or ["no difference"]:
        say(line)


@app.command()
def schema(file: FileName_ = "shopwatch.yaml") -> None:
    """Print the JSON Schema of a file, for an editor."""
    say(json.dumps(schema_of(_file_of(file), SHOPS), indent=2))


def _file_of(name: str) -> FileName:
    found = next((file for file in FILES if name.startswith(file)), None)
    if found is None:
        raise NotFound(f"{name!r} is no configuration file: {' or '.join(FILES)}")
    return found
