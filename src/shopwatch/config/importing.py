"""Watch lists of other tools, read with a sentence for each thing that could not be carried."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shopwatch.config import convert, documents
from shopwatch.config.problems import InvalidSettings, parse
from shopwatch.config.settings import ProductSettings, ShopwatchFile
from shopwatch.config.shops import Shops
from shopwatch.config.watches import key_of, name_of, watches_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Key
from shopwatch.domain.watch import Watch

#: Reads what a person pasted: a product page's address or a SKU. ``None``: no retailer of ours knows it.
ReadAddress = Callable[[str], Key | None]

FORMATS = ("csv", "changedetection", "streetmerchant", "yaml", "json")
_LARGEST = 50_000_000  #: bytes of a document inside a backup
_SETTINGS = tuple(ProductSettings.model_fields)
_COLUMNS = ("retailer", "sku", *(name for name in _SETTINGS if name != "retailer"))
_LISTS = ("channels", "tags")


@dataclass(frozen=True, slots=True)
class Imported:
    """Watches as ``products`` holds them, and a sentence for each thing that could not be carried."""

    products: dict[Key, dict[str, Any]] = field(default_factory=dict)
    not_carried: list[str] = field(default_factory=list)


def read_list(
    content: bytes,
    *,
    name: str,
    read_address: ReadAddress,
    shops: Shops | None = None,
    format_: str | None = None,
) -> Imported:
    """Read a list in ``format_``, or in the format that its name and content tell.

    With ``shops``, only their products are carried.

    Raises:
        Invalid: it is none of ``FORMATS``, or is damaged.
    """
    kind = format_ or _format_of(content, name)
    if kind == "changedetection":
        found = _changedetection(content, read_address)
    else:
        text = _text(content)
        match kind:
            case "csv":
                found = _csv(text, read_address)
            case "streetmerchant":
                found = _streetmerchant(text)
            case "yaml" | "json":
                file = name or "the list"
                found = _document(text, file if file.lower().endswith(f".{kind}") else f"{file}.{kind}")
            case _:
                raise Invalid(f"no format {kind!r}: it must be one of {', '.join(FORMATS)}")
    _validate(found, shops)
    return found


def _format_of(content: bytes, name: str) -> str:
    lower = name.lower()
    if content[:2] == b"PK" or lower.endswith(".zip"):
        return "changedetection"
    if lower.endswith((".csv", ".tsv")):
        return "csv"
    if lower.endswith((".yaml", ".yml")):
        return "yaml"
    text = _text(content).lstrip()
    if text.startswith("{"):
        return "changedetection" if '"watching"' in text else "json"
    if lower.endswith(".env") or re.search(
        r"^\s*(STORES|SHOW_ONLY_SERIES|MAX_PRICE_SERIES\w*)\s*=", text, re.MULTILINE
    ):
        return "streetmerchant"
    return "yaml" if re.search(r"^products\s*:", text, re.MULTILINE) else "csv"


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("the list is not text (UTF-8)") from None


def _document(text: str, file: str) -> Imported:
    """Our own ``products`` section, or one of the mission's two files."""
    document = documents.read(text, file=file)
    if not isinstance(document, Mapping) or "products" not in document:
        raise Invalid("the document has no products")
    others = [key for key in document if key not in ("products", "settings")]
    if file.endswith(".json") or isinstance(document["products"], list):
        converted = convert.convert(document, file=file)
        document, notes = converted.document, list(converted.notes)
    else:
        notes = []
    notes += [f"{key} is no part of a watch list and was not carried" for key in others]
    found = Imported(not_carried=notes)
    for name, product in document["products"].items():
        settings = dict(product or {})
        retailer = settings.pop("retailer", "target")
        key = key_of(str(name), ProductSettings.model_construct(retailer=retailer))
        found.products[key] = settings
    return found


def _csv(text: str, read_address: ReadAddress) -> Imported:
    """A header with ``sku`` or ``url`` and any settings; or one address or SKU a line."""
    found = Imported()
    rows = list(csv.reader(io.StringIO(text)))
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if not {"sku", "url", "tcin"} & set(header):
        for row in rows:
            _add(found, row[0].strip() if row else "", {}, read_address)
        return found
    for unknown in [name for name in header if name and name not in (*_COLUMNS, "tcin")]:
        found.not_carried.append(f"the column {unknown} has no place in Shopwatch and was not carried")
    for row in rows[1:]:
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
        if cells:
            _add_row(found, cells, read_address)
    return found


def _add_row(found: Imported, cells: Mapping[str, str], read_address: ReadAddress) -> None:
    settings = {name: _cell(name, cells[name]) for name in _SETTINGS if name in cells and name != "retailer"}
    sku = cells.get("sku") or cells.get("tcin")
    if sku and "retailer" in cells:
        found.products[cells["retailer"], sku] = settings
    else:
        _add(found, sku or cells.get("url", ""), settings, read_address)


def _cell(name: str, text: str) -> Any:
    if name in _LISTS:
        return [part.strip() for part in re.split(r"[;|]", text) if part.strip()]
    if text.lower() in ("true", "false", "yes", "no"):
        return text.lower() in ("true", "yes")
    try:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) and name != "name" else text
    except ValueError:
        return text


def _add(found: Imported, address: str, settings: dict[str, Any], read_address: ReadAddress) -> None:
    if not address:
        return
    key = read_address(address)
    if key is None:
        found.not_carried.append(
            f"{address[:120]} is no product page of a retailer whose stock can be watched"
        )
    elif key in found.products:
        found.not_carried.append(f"{address[:120]} is in the list twice")
    else:
        found.products[key] = settings


def _changedetection(content: bytes, read_address: ReadAddress) -> Imported:
    """A backup (zip with ``url-watches.json``) or that file itself."""
    try:
        document = json.loads(_from_zip(content) if content[:2] == b"PK" else content)
        watching = document["watching"].values()
        tags = document.get("settings", {}).get("application", {}).get("tags", {})
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
        raise Invalid(
            "this is no changedetection.io backup: it has no url-watches.json with watching"
        ) from None
    found = Imported()
    for watch in watching:
        settings = _changedetection_settings(watch, tags, found)
        _add(found, str(watch.get("url", "")), settings, read_address)
    return found


def _from_zip(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = next((name for name in archive.namelist() if name.endswith("url-watches.json")), None)
        if name is None or archive.getinfo(name).file_size > _LARGEST:
            raise ValueError("no url-watches.json")
        return archive.read(name)


def _changedetection_settings(
    watch: Mapping[str, Any], tags: Mapping[str, Any], found: Imported
) -> dict[str, Any]:
    url = str(watch.get("url", ""))[:120]
    settings: dict[str, Any] = {}
    if title := watch.get("title"):
        settings["name"] = str(title)
    if watch.get("paused"):
        settings["enabled"] = False
    names = [str(tags.get(tag, {}).get("title", "")) for tag in watch.get("tags", [])]
    if named := [name for name in names if name]:
        settings["tags"] = named
    interval = watch.get("time_between_check") or {}
    factors = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
    seconds = sum(factor * (interval.get(unit) or 0) for unit, factor in factors.items())
    if seconds:
        settings["check_frequency"] = seconds
    for key in ("include_filters", "trigger_text", "notification_urls", "browser_steps"):
        if watch.get(key):
            found.not_carried.append(f"{url}: {key} has no place in Shopwatch and was not carried")
    return settings


def _streetmerchant(text: str) -> Imported:
    """A dotenv file. It names series ("3080"), never products, so nothing of it can be watched as it is."""
    found = Imported()
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        value = value.strip().strip('"').strip("'")
        if not equals or not value or name.lstrip().startswith("#"):
            continue
        found.not_carried.append(_streetmerchant_note(name.strip(), value))
    return found


def _streetmerchant_note(name: str, value: str) -> str:
    if name == "STORES":
        return f"STORES={value}: Shopwatch watches products, not shops; add each by its address"
    if name.startswith(("SHOW_ONLY", "MAX_PRICE")):
        return f"{name}: it names series and models, Shopwatch products; add them by address, with max_price"
    if name.startswith(
        ("DISCORD", "SLACK", "TELEGRAM", "TWILIO", "PUSH", "EMAIL", "SMTP", "NTFY", "GOTIFY", "MQTT")
    ):
        return f"{name}: put the channel into notify.channels as an Apprise address"
    return f"{name} has no place in Shopwatch and was not carried"


def _validate(found: Imported, shops: Shops | None) -> None:
    """Leave out, with a sentence, each watch whose settings cannot be used."""
    for key, settings in list(found.products.items()):
        try:
            file = parse(ShopwatchFile, {"products": {f"{key[0]}:{key[1]}": settings}}, shops=shops)
            watches_of(file, shops)
        except InvalidSettings as error:
            del found.products[key]
            problems = "; ".join(problem.message for problem in error.details)
            found.not_carried.append(f"{name_of(key)}: {problems}")


def write_csv(watches: Iterable[Watch]) -> str:
    """The watch list as CSV that ``read_list`` reads back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for watch in watches:
        row = settings_of(watch)
        cells = {name: ";".join(value) if isinstance(value, list) else value for name, value in row.items()}
        writer.writerow([watch.retailer, watch.sku, *(_safe(cells.get(name, "")) for name in _COLUMNS[2:])])
    return out.getvalue()


def settings_of(watch: Watch) -> dict[str, Any]:
    """A watch's section of ``products``, only what is not the default."""
    full = ProductSettings(
        name=watch.name,
        url=watch.url,
        enabled=watch.enabled,
        priority=watch.priority.value,
        check_frequency=watch.check_frequency_s,
        max_price=_dollars(watch.max_price),
        channels=tuple(sorted(channel.value for channel in watch.channels)),
        third_party_sellers=watch.third_party_sellers,
        auto_purchase=watch.auto_purchase,
        quantity=watch.quantity,
        group=watch.group,
        tags=watch.tags,
        price_drop_percent=watch.alert_price_drop_percent,
        below_price=_dollars(watch.alert_below_price),
        muted=watch.muted,
        snoozed_until=watch.snoozed_until,
    )
    settings = full.model_dump(mode="json", exclude_defaults=True)
    if set(settings.get("channels", ())) == set(ProductSettings().channels):
        settings.pop("channels", None)
    return settings


def _dollars(money: Any) -> float | None:
    return None if money is None else money.cents / 100


def _safe(value: Any) -> Any:
    """No spreadsheet may take a name for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
