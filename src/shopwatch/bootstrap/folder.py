"""The configuration folder together with the retailers it may name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shopwatch.config.files import ConfigFolder
from shopwatch.config.settings import Settings
from shopwatch.config.shops import Shops
from shopwatch.config.sites import site_of
from shopwatch.domain.errors import Invalid
from shopwatch.retailers.registry import CHECKOUTS, RETAILERS

SHOPS = Shops(
    all=frozenset(RETAILERS),
    stock=frozenset(name for name, retailer in RETAILERS.items() if retailer.stock is not None),
    checkout=frozenset(CHECKOUTS),
)


def config_folder(path: Path) -> ConfigFolder:
    return ConfigFolder(path, SHOPS)


def lacking(settings: Settings, retailers: Iterable[str]) -> list[str]:
    """What must still be configured before the stock of these retailers can be read, a sentence each."""
    return list(filter(None, (_lacking(settings, name) for name in sorted(set(retailers)))))


def _lacking(settings: Settings, name: str) -> str:
    retailer = RETAILERS[name]
    if retailer.stock is None:
        return ""
    if not settings.retailer(name).enabled:
        return f"retailers.{name}.enabled is false: it is not watched"
    try:
        return retailer.stock.lacks(site_of(retailer.site, settings.retailer(name)))
    except Invalid as error:  # a key in a variable that is not set
        return str(error)
