"""The configuration folder together with the retailers it may name."""

from __future__ import annotations

from pathlib import Path

from shopwatch.config.files import ConfigFolder
from shopwatch.config.shops import Shops
from shopwatch.retailers.registry import CHECKOUTS, RETAILERS

SHOPS = Shops(
    all=frozenset(RETAILERS),
    stock=frozenset(name for name, retailer in RETAILERS.items() if retailer.stock is not None),
    checkout=frozenset(CHECKOUTS),
)


def config_folder(path: Path) -> ConfigFolder:
    return ConfigFolder(path, SHOPS)
