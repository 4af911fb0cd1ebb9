"""The mission's two old files, read as they are: every key either has a place here or is named in a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopwatch.config.problems import InvalidSettings, Problem
from shopwatch.config.settings import MonitorSettings, ProductSettings, SafetySettings

_PRODUCT_KEYS = set(ProductSettings.model_fields)
_RENAMED = {
    "tcin": None,
    "buy_quantity": "quantity",
    "check_interval": "check_frequency",
    "product_url": "url",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """A ``ShopwatchFile`` document, and what could not be carried, each in a sentence."""

    document: dict[str, Any]
    notes: tuple[str, ...]


def convert(document: object, *, file: str) -> Converted:
    """Read ``ultra_fast_config.json`` or ``product_config.json``; which one is told by its ``products``.

    Raises:
        InvalidSettings: it is neither.
    """
    if not isinstance(document, Mapping):
        raise InvalidSettings([Problem("the document", "must be a mapping with products", file)])
    if isinstance(document.get("products"), list):
        return _from_product_list(document)
    if isinstance(document.get("products"), Mapping):
        return _from_product_map(document)
    raise InvalidSettings([Problem("products", "is required: a list of products, or products by SKU", file)])


def _from_product_map(document: Mapping[str, Any]) -> Converted:
    """``ultra_fast_config.json``: products by SKU, ``ultra_fast`` for our ``monitor``, ``safety``."""
    notes: list[str] = []
    products = {
        str(sku): _product(product, f"products.{sku}", {}, notes)
        for sku, product in document["products"].items()
    }
    monitor = {**_section(document, "ultra_fast"), **_section(document, "monitor")}
    out: dict[str, Any] = {"products": products}
    out["monitor"] = _known(monitor, set(MonitorSettings.model_fields), "ultra_fast", notes)
    out["safety"] = _known(_section(document, "safety"), set(SafetySettings.model_fields), "safety", notes)
    notes += _unplaced(document, {"products", "ultra_fast", "monitor", "safety"})
    return Converted(out, tuple(notes))


def _from_product_list(document: Mapping[str, Any]) -> Converted:
    """``product_config.json``: a list of products with ``tcin``, one ``check_interval`` for all."""
    notes: list[str] = []
    problems: list[Problem] = []
    settings = _section(document, "settings")
    common = {"check_frequency": settings["check_interval"]} if "check_interval" in settings else {}
    products: dict[str, Any] = {}
    for number, product in enumerate(document["products"]):
        sku = product.get("tcin", product.get("sku")) if isinstance(product, Mapping) else None
        if sku is None:
            problems.append(Problem(f"products.{number}.tcin", "is required"))
        elif str(sku) in products:
            problems.append(Problem(f"products.{number}.tcin", f"names {sku} a second time"))
        else:
            products[str(sku)] = _product(product, f"products.{number}", common, notes)
    if problems:
        raise InvalidSettings(problems)
    notes += _unplaced(settings, {"check_interval"}, "settings.")
    notes += _unplaced(document, {"products", "settings"})
    monitor = {"pacing": "fixed"}
    return Converted({"products": products, "monitor": monitor}, tuple(notes))


def _product(product: object, path: str, common: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    if not isinstance(product, Mapping):
        raise InvalidSettings([Problem(path, "must be a section of its own (a mapping)")])
    named = {_RENAMED.get(key, key): value for key, value in product.items() if key not in ("tcin", "sku")}
    if (url := named.get("url")) and isinstance(url, str) and "://" not in url:
        named["url"] = f"https://{url}"
    return {**common, **_known(named, _PRODUCT_KEYS, path, notes)}


def _known(section: Mapping[Any, Any], known: set[str], path: str, notes: list[str]) -> dict[str, Any]:
    notes += _unplaced(section, known, f"{path}.")
    return {str(key): value for key, value in section.items() if key in known}


def _unplaced(section: Mapping[Any, Any], known: set[str], prefix: str = "") -> list[str]:
    return [
        f"{prefix}{key} has no place in Shopwatch and was not carried" for key in section if key not in known
    ]


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, Mapping):
        raise InvalidSettings([Problem(name, "must be a section of its own (a mapping)")])
    return section
