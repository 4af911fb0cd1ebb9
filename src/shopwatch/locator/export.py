"""The last good set as files others can use: CSV, JSON, GeoJSON and XLSX, streamed and replaced whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from shopwatch.config.replacing import replacing
from shopwatch.domain.errors import Invalid
from shopwatch.locator.files import RunFiles
from shopwatch.locator.progress import stamp
from shopwatch.locator.rows import COLUMNS, Cell, Edition, facts_of, guarded, row, tags_of
from shopwatch.ports import KnownStore

#: Written after every published run; XLSX is made when somebody asks.
KEPT_FORMATS = ("csv", "json", "geojson")
#: Stores encoded together.
_TOGETHER = 200

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(stores: Iterable[KnownStore], format_name: str, edition: Edition) -> Iterator[bytes]:
    """The set in one of the formats, piece by piece. Stores closed for good are left out.

    Raises:
        Invalid: there is no such format.
    """
    writer = _WRITERS.get(format_name)
    if writer is None:
        raise Invalid(f"no format {format_name!r}: it must be one of {', '.join(_WRITERS)}")
    return writer((known for known in stores if known.closed_at is None), edition)


def export_file(stores: Iterable[KnownStore], path: Path, edition: Edition) -> None:
    """Write ``path``, whose ending names the format; whoever reads it sees the old set or the new one."""
    pieces = export(stores, path.suffix.removeprefix("."), edition)
    with replacing(path) as stream:
        stream.writelines(pieces)


def export_all(stores: Iterable[KnownStore], files: RunFiles, edition: Edition) -> list[Path]:
    """The files that are kept up to date after every published run."""
    stores = list(stores)
    paths = [files.output(name) for name in KEPT_FORMATS]
    for path in paths:
        export_file(stores, path, edition)
    return paths


def written_edition(path: Path) -> str | None:
    """The run whose set an exported JSON file holds, read from its head; ``None`` where there is none."""
    try:
        with path.open("rb") as stream:
            head = stream.readline() + b"]}"
        run_id: str = msgspec.json.decode(head)["run_id"]
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        return None
    return run_id


def csv_pieces(lines: Iterable[Iterable[Cell]], columns: Iterable[str]) -> Iterator[bytes]:
    """A table as CSV; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for number, line in enumerate(lines, 1):
        writer.writerow([_csv_cell(cell) for cell in line])
        if number % _TOGETHER == 0:
            yield _emptied(text)
    yield _emptied(text)


def _csv(stores: Iterable[KnownStore], edition: Edition) -> Iterator[bytes]:
    return csv_pieces((row(known, edition) for known in stores), COLUMNS)


def _json(stores: Iterable[KnownStore], edition: Edition) -> Iterator[bytes]:
    head = {**_head(edition), "stores": []}
    yield from _document(head, (facts_of(known) for known in stores))


def _geojson(stores: Iterable[KnownStore], edition: Edition) -> Iterator[bytes]:
    head = {"type": "FeatureCollection", **_head(edition), "features": []}
    yield from _document(head, (_feature(known) for known in stores))


def _xlsx(stores: Iterable[KnownStore], edition: Edition) -> Iterator[bytes]:
    """Openpyxl needs a whole file to pack; the cells themselves are streamed to the disk by it."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and only this format needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("stores")
    sheet.append(list(COLUMNS))
    for known in stores:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row(known, edition)])
    about = book.create_sheet("about")
    for name, value in _head(edition).items():
        about.append([name, value])
    packed = io.BytesIO()
    book.save(packed)
    yield packed.getvalue()


_WRITERS: dict[str, Callable[[Iterable[KnownStore], Edition], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "geojson": _geojson,
    "xlsx": _xlsx,
}


def _head(edition: Edition) -> dict[str, Any]:
    return {
        "retailer": edition.retailer,
        "run_id": edition.run_id,
        "published_at": stamp(edition.published_at),
        "exported_at": stamp(edition.exported_at),
        "age_seconds": round(edition.age_s),
    }


def _document(head: dict[str, Any], members: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """``head`` with its last member, an empty list, filled one by one."""
    yield msgspec.json.encode(head).removesuffix(b"]}") + b"\n"
    waiting: list[bytes] = []
    separator = b""
    for member in members:
        waiting.append(msgspec.json.encode(member))
        if len(waiting) >= _TOGETHER:
            yield separator + b",\n".join(waiting)
            separator = b",\n"
            waiting.clear()
    if waiting:
        yield separator + b",\n".join(waiting)
    yield b"\n]}\n"


def _feature(known: KnownStore) -> dict[str, Any]:
    store = known.store
    has_position = store.lat is not None and store.lon is not None
    return {
        "type": "Feature",
        "id": f"{store.retailer}/{store.ref}",
        "geometry": {"type": "Point", "coordinates": [store.lon, store.lat]} if has_position else None,
        "properties": tags_of(known),
    }


def _csv_cell(cell: Cell) -> Cell:
    return str(cell).lower() if isinstance(cell, bool) else guarded(cell)


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    """Text stays text: openpyxl would make a formula of what begins with "="."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _emptied(text: IO[str]) -> bytes:
    text.seek(0)
    piece = text.read().encode()
    text.seek(0)
    text.truncate()
    return piece
