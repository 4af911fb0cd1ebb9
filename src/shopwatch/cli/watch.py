"""``shopwatch watch``: the watch list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from shopwatch.bootstrap.folder import SHOPS, lacking
from shopwatch.cli import context as ctx
from shopwatch.cli import watch_words as words
from shopwatch.cli.output import AsJson, print_json, print_text, say, table
from shopwatch.cli.watch_preview import show_preview
from shopwatch.config import documents
from shopwatch.config.importing import FORMATS, read_list, settings_of, write_csv
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Invalid, NotFound
from shopwatch.domain.stock import Key
from shopwatch.retailers.addresses import key_of, read_address

_SHOWN_NOTES = 30  #: of what an import could not carry
app = typer.Typer(
    help="The watch list: add, edit, list, remove, pause, resume, import, export.", no_args_is_help=True
)


@app.command()
def add(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="URL-or-SKU")],
    *,
    retailer: Annotated[
        str | None, typer.Option("--retailer", "-r", help="Of a bare SKU; target if not said.")
    ] = None,
    name: words.Name = None,
    max_price: words.MaxPrice = None,
    check_frequency: words.Every = None,
    priority: words.PriorityName = None,
    tag: words.Tags = None,
    group: words.Group = None,
    channel: words.Ways = None,
    price_drop_percent: words.Drop = None,
    below_price: words.Below = None,
    auto_purchase: Annotated[
        bool, typer.Option(help="May be bought, within the limits of `safety`.")
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Look what is behind it; save nothing.")] = False,
) -> None:
    """Watch a product, named by the address of its page or by its SKU."""
    key = key_of(what, retailer=retailer)
    call = ctx.of(context)
    if preview:
        show_preview(call, key)
        return
    settings = words.said(
        {
            "name": name,
            "max_price": max_price,
            "check_frequency": check_frequency,
            "priority": priority,
            "tags": list(tag) if tag else None,
            "group": group,
            "channels": list(channel) if channel else None,
            "price_drop_percent": price_drop_percent,
            "below_price": below_price,
            "auto_purchase": auto_purchase or None,
            "url": what if "://" in what else None,
        }
    )
    call.watchlist.add({key: settings}, now=ctx.now())
    say(f"watching {name_of(key)}")
    for wanted in lacking(call.folder.load().settings, [key[0]]):
        say(f"before it can be looked at: {wanted}")


@app.command()
def edit(
    context: typer.Context,
    skus: words.Which = None,
    *,
    tagged: words.Tagged = None,
    name: words.Name = None,
    max_price: words.MaxPrice = None,
    check_frequency: words.Every = None,
    priority: words.PriorityName = None,
    tag: Annotated[list[str] | None, typer.Option(help="Add this tag.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="Take this tag away.")] = None,
    group: words.Group = None,
    channel: words.Ways = None,
    price_drop_percent: words.Drop = None,
    below_price: words.Below = None,
    quantity: Annotated[int | None, typer.Option(help="Pieces to buy.")] = None,
    auto_purchase: Annotated[
        bool | None,
        typer.Option("--auto-purchase/--no-auto-purchase", help="May be bought, within `safety`."),
    ] = None,
    third_party_sellers: Annotated[
        bool | None,
        typer.Option("--third-party/--no-third-party", help="A marketplace seller will do too."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="The address of its page, for alerts and confirmation.")
    ] = None,
    muted: Annotated[bool | None, typer.Option("--mute/--unmute", help="Watched, but not told of.")] = None,
    snooze: Annotated[str | None, typer.Option(help="Not told for so long: 30m, 8h, 2d; 0 ends it.")] = None,
    unset: Annotated[
        list[str] | None, typer.Option(help="Back to the default: max_price, group, url, ...")
    ] = None,
) -> None:
    """Change settings of products that are watched: of several at once, all or none."""
    watchlist, now = ctx.of(context).watchlist, ctx.now()
    settings: dict[str, Any] = words.said(
        {
            "name": name,
            "max_price": max_price,
            "check_frequency": check_frequency,
            "priority": priority,
            "group": group,
            "channels": list(channel) if channel else None,
            "price_drop_percent": price_drop_percent,
            "below_price": below_price,
            "quantity": quantity,
            "auto_purchase": auto_purchase,
            "third_party_sellers": third_party_sellers,
            "url": url,
            "muted": muted,
        }
    ) | words.unset(unset or ())
    if snooze is not None:
        settings["snoozed_until"] = words.snooze_end(snooze, now)
    if not (settings or tag or untag):
        raise Invalid("say what to change: `shopwatch watch edit --help` lists it")
    keys = words.chosen(watchlist, skus, tagged)
    watchlist.update(keys, settings, now=now, add_tags=tag or (), remove_tags=untag or ())
    say(f"changed {_named(keys)}")


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List what is watched."""
    watches, now = ctx.of(context).watchlist.all(), ctx.now()
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
            words.standing(one, now),
            words.marks(one),
            ", ".join(filter(None, (one.group, *one.tags))),
        )
        for one in watches
    )
    columns = (
        "retailer",
        "SKU",
        "name",
        "max price>",
        "every>",
        "priority",
        "",
        "price alerts",
        "group, tags",
    )
    table(columns, rows, empty="nothing is watched: `shopwatch watch add URL` adds a product")


@app.command()
def remove(context: typer.Context, skus: words.Which = None, *, tagged: words.Tagged = None) -> None:
    """Watch these products no longer; what was seen of them stays in the history."""
    watchlist = ctx.of(context).watchlist
    keys = words.chosen(watchlist, skus, tagged)
    watchlist.remove(keys, now=ctx.now())
    say(f"removed {_named(keys)}")


@app.command()
def pause(context: typer.Context, skus: words.Which = None, *, tagged: words.Tagged = None) -> None:
    """Keep these products on the list, but do not check them."""
    watchlist = ctx.of(context).watchlist
    keys = words.chosen(watchlist, skus, tagged)
    watchlist.update(keys, {"enabled": False}, now=ctx.now())
    say(f"paused {_named(keys)}")


@app.command()
def resume(context: typer.Context, skus: words.Which = None, *, tagged: words.Tagged = None) -> None:
    """Check paused products again."""
    watchlist = ctx.of(context).watchlist
    keys = words.chosen(watchlist, skus, tagged)
    watchlist.update(keys, {"enabled": None}, now=ctx.now())
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
    """Add the products of another tool's list; what could not be carried is listed.

    Exit status: 0 added, or all were there; 1 the file names no product that could be.
    """
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
    replaced = len(known & new.keys())
    if as_json:
        print_json({"added": len(new) - replaced, "replaced": replaced, "not_carried": notes})
    else:
        done = f"{len(new) - replaced} of {len(found.products)} products added"
        say(f"{done}, {replaced} replaced" if replaced else done)
        for note in notes[:_SHOWN_NOTES]:
            say(f"not carried: {note}")
        if (more := len(notes) - _SHOWN_NOTES) > 0:
            say(f"and {more:,} more: --json lists them all")
    raise typer.Exit(0 if found.products else 1)


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
            print_text(write_csv(watches))
        case "yaml":
            print_text(documents.dump({"products": products}))
        case "json":
            print_json({"products": products})
        case _:
            raise Invalid(f"--format must be csv, yaml or json, got {format_!r}")


def _named(keys: Sequence[Key]) -> str:
    return ", ".join(map(name_of, keys))
