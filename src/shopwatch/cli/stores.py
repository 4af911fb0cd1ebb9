"""``shopwatch stores``: the data: exports, imports, the change feed, what is near."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from shopwatch.bootstrap.core import directory_of, opened
from shopwatch.bootstrap.crawling import take_baseline
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.formats import formats_of
from shopwatch.cli.output import AsJson, complain, print_json, say, table
from shopwatch.config.replacing import replacing
from shopwatch.domain.errors import Invalid, NotFound, Unusable
from shopwatch.domain.store import Store
from shopwatch.locator.export import MEDIA_TYPES, export
from shopwatch.locator.feed import FEED_FORMATS, feed, summary
from shopwatch.locator.places import place_of
from shopwatch.locator.rows import Edition
from shopwatch.ports import StoreChange
from shopwatch.retailers.baseline import FORMATS, Baseline, read_baseline
from shopwatch.retailers.registry import DIRECTORIES

app = typer.Typer(help="Store directories: export, import, changes, near.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="att bestbuy target tmobile verizon walmart")]


@app.command("export")
def export_(
    context: typer.Context,
    retailer: Name,
    *,
    formats: Annotated[
        str, typer.Option("--format", help="csv, json, geojson, xlsx; several with commas.")
    ] = "csv",
    output: Annotated[
        Path | None, typer.Option(help="A file (its folder, with several formats); default: standard output.")
    ] = None,
) -> None:
    """Write the last good set of a retailer."""
    directory_of(retailer)
    names = formats_of(formats)
    if not names:
        raise Invalid(f"--format must be of {', '.join(MEDIA_TYPES)}, got {formats!r}")
    if output is None and (len(names) > 1 or "xlsx" in names):
        raise Invalid("name a file or a folder with --output for several formats or for xlsx")
    pieces = ctx.run(_pieces(ctx.of(context), retailer, names))
    for name, content in pieces.items():
        if output is None:
            sys.stdout.buffer.write(content)
        else:
            is_folder = len(names) > 1 or output.is_dir()
            path = output / f"{retailer}_stores.{name}" if is_folder else output
            _write(path, content)
            say(f"{path}: {len(content):,} bytes")


async def _pieces(call: ctx.Context, retailer: str, formats: list[str]) -> dict[str, bytes]:
    async with opened(call.paths) as core:
        age = await core.stores.age(retailer)
        if age is None:
            raise NotFound(f"{retailer} has no published set yet: `shopwatch crawl {retailer}` makes one")
        known = await core.stores.known(retailer)
        edition = Edition(retailer=retailer, run_id=age[0], published_at=age[1], exported_at=core.clock.now())
        return {name: b"".join(export(known, name, edition)) for name in formats}


def _write(path: Path, content: bytes) -> None:
    try:
        with replacing(path) as stream:
            stream.write(content)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from None


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="GeoJSON or CSV (.geojson, .json, .csv, also .gz)."),
    ],
    *,
    retailer: Annotated[
        str | None, typer.Option("--retailer", "-r", help="Whose stores, where the file does not say.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Also in place of a set we crawled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a directory from elsewhere as the set that the next run is compared with.

    GeoJSON in OpenStreetMap's words (All The Places, `stores export`) or CSV with the columns of
    `stores export`. What cannot be used is said line by line; the rest is imported.

    Exit status: 0 imported; anything else: nothing was.
    """
    call = ctx.of(context)
    logs.set_up(call.paths.logs / "shopwatch.log", verbose=call.verbose)
    name = None if retailer is None else directory_of(retailer).id
    try:
        baseline = read_baseline(_read(file), _format_of(file), retailer=name)
    except Invalid as error:
        raise Invalid(f"{file}: {error}") from None

    async def take() -> None:
        async with opened(call.paths) as core:
            await take_baseline(core, baseline.retailer, baseline.stores, replace=replace)

    ctx.run(take())
    if as_json:
        told = {"retailer": baseline.retailer, "imported": len(baseline.stores), "remarks": baseline.remarks}
        print_json(told)
        return
    _tell_imported(file, baseline)


def _tell_imported(file: Path, baseline: Baseline) -> None:
    for remark in baseline.remarks:
        complain(f"{file}: {remark}")
    lines = f"; {len(baseline.remarks):,} remarks above" if baseline.remarks else ""
    say(
        f"{baseline.retailer}: {len(baseline.stores):,} stores imported{lines}. "
        f"`shopwatch crawl {baseline.retailer}` is compared with them"
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror}") from None


def _format_of(path: Path) -> str:
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    name = {"json": "geojson"}.get(ending, ending)
    if name not in FORMATS:
        raise Invalid("its name must end in .geojson, .json or .csv, packed or not with .gz")
    return name


@app.command()
def changes(
    context: typer.Context,
    retailer: Name,
    *,
    format_: Annotated[str, typer.Option("--format", help="table, " + ", ".join(FEED_FORMATS))] = "table",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Changes, at most, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what opened, closed, moved or changed from run to run."""
    name = directory_of(retailer).name

    async def fetch() -> list[StoreChange]:
        async with opened(ctx.of(context).paths) as core:
            return await core.stores.changes(retailer, limit)

    found = ctx.run(fetch())
    chosen = "json" if as_json else format_
    if chosen != "table":
        sys.stdout.buffer.write(feed(found, chosen, name=name, now=ctx.now()))
        return
    rows = ((change.at, change.kind, change.ref, summary(change)) for change in found)
    table(
        ("at", "kind", "store", "what"),
        rows,
        empty=f"no changes of {name} yet: each run that is published is compared with the one before",
    )


@app.command()
def near(
    context: typer.Context,
    zip_code: Annotated[str, typer.Argument(metavar="ZIP")],
    *,
    miles: Annotated[float, typer.Option(min=0.1, max=500, help="Radius.")] = 15.0,
    retailer: Annotated[list[str] | None, typer.Option("--retailer", "-r", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the stores near a ZIP code, the nearest first."""
    names = [directory_of(name).id for name in retailer or sorted(DIRECTORIES)]
    lat, lon = place_of(zip_code)

    async def fetch() -> list[tuple[Store, float]]:
        async with opened(ctx.of(context).paths) as core:
            return await core.stores.near(lat, lon, miles, names)

    found = ctx.run(fetch())
    if as_json:
        print_json([{"miles": round(away, 2), "store": store} for store, away in found])
        return
    rows = (
        (
            f"{away:.1f}",
            store.retailer,
            store.ref,
            store.name,
            ", ".join(store.address),
            store.city,
            store.phone,
        )
        for store, away in found
    )
    columns = ("miles>", "retailer", "store", "name", "address", "city", "phone")
    lacking = ctx.run(_uncrawled(ctx.of(context), names)) if not found else []
    hint = f"; of {', '.join(lacking)} none is known yet: `shopwatch crawl {lacking[0]}`" if lacking else ""
    table(columns, rows, empty=f"no known store within {miles:g} miles of {zip_code}{hint}")


async def _uncrawled(call: ctx.Context, names: list[str]) -> list[str]:
    async with opened(call.paths) as core:
        return [name for name in names if await core.stores.age(name) is None]
