"""``shopwatch watch``: the watch list."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from shopwatch.bootstrap.folder import SHOPS
from shopwatch.cli import context as ctx
from shopwatch.cli.output import print_json, say, table
from shopwatch.config import documents
from shopwatch.config.importing import FORMATS, read_list, settings_of, write_csv
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Invalid, NotFound
from shopwatch.domain.stock import Key
from shopwatch.retailers.addresses import key_of, read_address

app = typer.Typer(
    help="The watch list: add, list, remove, pause, resume, import, export.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Which = Annotated[
    list[str], typer.Argument(metavar="SKU...", help="A SKU, retailer:SKU, or a product's address.")
]


@app.command()
def add(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="URL-or-SKU")],
    *,
    retailer: Annotated[
        str | None, typer.Option("--retailer", "-r", help="Of a bare SKU; target if not said.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="For you; else the site's title.")] = None,
    max_price: Annotated[
        float | None, typer.Option(help="Dollars; no alert and no purchase above it.")
    ] = None,
    check_frequency: Annotated[
        float | None, typer.Option("--every", help="Seconds between checks, at most.")
    ] = None,
    priority: Annotated[str | None, typer.Option(help="low, normal, high, critical")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Several if you like.")] = None,
    group: Annotated[
        str | None, typer.Option(help="Products that stand in for each other when buying.")
    ] = None,
    auto_purchase: Annotated[
        bool, typer.Option(help="May be bought, within the limits of `safety`.")
    ] = False,
) -> None:
    """Watch a product, named by the address of its page or by its SKU."""
    key = key_of(what, retailer=retailer)
    settings: dict[str, Any] = {
        "name": name,
        "max_price": max_price,
        "check_frequency": check_frequency,
        "priority": priority,
        "tags": list(tag) if tag else None,
        "group": group,
        "auto_purchase": auto_purchase or None,
        "url": what if "://" in what else None,
    }
    given = {key_: value for key_, value in settings.items() if value is not None}
    ctx.of(context).watchlist.add({key: given}, now=ctx.now())
    say(f"watching {name_of(key)}")


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List what is watched."""
    watches = ctx.of(context).watchlist.all()
    if as_json:
        print_json([{"retailer": one.retailer, "sku": one.sku, **settings_of(one)} for one in watches])
        return
    rows = (
        (
            one.retailer,
            one.sku,
            one.name,
            one.max_price,
            f"{one.check_frequency_s:g} s",
            one.priority,
            "" if one.enabled else "paused",
            ", ".join(one.tags),
        )
        for one in watches
    )
    columns = ("retailer", "SKU", "name", "max price>", "every>", "priority", "", "tags")
    table(columns, rows, empty="nothing is watched: `shopwatch watch add URL` adds a product")


@app.command()
def remove(context: typer.Context, skus: Which) -> None:
    """Watch these products no longer; what was seen of them stays in the history."""
    keys = [key_of(sku) for sku in skus]
    ctx.of(context).watchlist.remove(keys, now=ctx.now())
    say(f"removed {_named(keys)}")


@app.command()
def pause(context: typer.Context, skus: Which) -> None:
    """Keep these products on the list, but do not check them."""
    keys = [key_of(sku) for sku in skus]
    ctx.of(context).watchlist.update(keys, {"enabled": False}, now=ctx.now())
    say(f"paused {_named(keys)}")


@app.command()
def resume(context: typer.Context, skus: Which) -> None:
    """Check paused products again."""
    keys = [key_of(sku) for sku in skus]
    ctx.of(context).watchlist.update(keys, {"enabled": None}, now=ctx.now())
    say(f"watching {_named(keys)} again")


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A list, a backup or one of the mission's files.")],
    *,
    format_: Annotated[
        str | None, typer.Option("--format", help=", ".join(FORMATS) + "; else told by the file.")
    ] = None,
    replace: Annotated[bool, typer.Option(help="Overwrite watches that are there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add the products of another tool's list; what could not be carried is listed."""
    if not file.is_file():
        raise NotFound(f"there is no file {file}")
    found = read_list(
        file.read_bytes(), name=file.name, read_address=read_address, shops=SHOPS, format_=format_
    )
    watchlist = ctx.of(context).watchlist
    known = {watch.key for watch in watchlist.all()}
    new = {key: settings for key, settings in found.products.items() if replace or key not in known}
    notes = [
        *found.not_carried,
        *(f"{name_of(key)} is watched already" for key in found.products if key not in new),
    ]
    if new:
        watchlist.add(new, now=ctx.now(), replace=replace)
    if as_json:
        print_json({"added": len(new), "not_carried": notes})
        return
    say(f"{len(new)} of {len(found.products)} products added")
    for note in notes:
        say(f"not carried: {note}")


@app.command("export")
def export_(
    context: typer.Context,
    *,
    format_: Annotated[str, typer.Option("--format", help="csv, yaml, json")] = "csv",
) -> None:
    """Print the watch list in a form that `import` reads."""
    watches = ctx.of(context).watchlist.all()
    products = {name_of(one.key): settings_of(one) for one in watches}
    match format_:
        case "csv":
            sys.stdout.write(write_csv(watches))
        case "yaml":
            sys.stdout.write(documents.dump({"products": products}))
        case "json":
            print_json({"products": products})
        case _:
            raise Invalid(f"--format must be csv, yaml or json, got {format_!r}")


def _named(keys: Sequence[Key]) -> str:
    return ", ".join(map(name_of, keys))
