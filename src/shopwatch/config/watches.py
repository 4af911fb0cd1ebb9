"""From the ``products`` section to watches and back, so that there is one list of what is watched."""

from __future__ import annotations

from functools import lru_cache

from shopwatch.config.problems import InvalidSettings, Problem
from shopwatch.config.settings import ProductSettings, ShopwatchFile
from shopwatch.config.shops import Shops
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Channel, Key
from shopwatch.domain.watch import Priority, Watch


def key_of(name: str, product: ProductSettings) -> Key:
    """``"89542109"`` is the section's own retailer, ``"bestbuy:6411488"`` names another."""
    retailer, colon, sku = name.partition(":")
    return (retailer, sku) if colon else (product.retailer, name)


def name_of(key: Key) -> str:
    """How ``products`` names a watch."""
    retailer, sku = key
    return sku if retailer == "target" else f"{retailer}:{sku}"


def watches_of(file: ShopwatchFile, shops: Shops | None = None) -> tuple[Watch, ...]:
    """All watches of a file, paused ones too; with ``shops``, only retailers among them may be named.

    Raises:
        InvalidSettings: two sections name the same product, or a section contradicts its own key.
    """
    watches: dict[Key, Watch] = {}
    problems: list[Problem] = []
    for name, product in file.products.items():
        key = key_of(name, product)
        problem = _contradiction(name, key, product, shops) or (
            "names a product twice" if key in watches else None
        )
        if problem:
            problems.append(Problem(f"products.{name}", problem))
        else:
            watches[key] = _watch(key, product)
    if problems:
        raise InvalidSettings(problems)
    return tuple(watches.values())


def _contradiction(name: str, key: Key, product: ProductSettings, shops: Shops | None) -> str | None:
    retailer, sku = key
    if shops is not None and retailer not in shops.stock:
        known = ", ".join(sorted(shops.stock))
        return f"names no retailer whose stock can be watched: {retailer!r} (there are {known})"
    if not sku.isalnum():
        return "is no SKU: letters and digits only"
    if ":" in name and "retailer" in product.model_fields_set and product.retailer != retailer:
        return f"is of {retailer}, but says retailer: {product.retailer}"
    if product.auto_purchase and shops is not None and retailer not in shops.checkout:
        known = ", ".join(sorted(shops.checkout))
        return f"has auto_purchase, but the way to an order is not known at {retailer} (known: {known})"
    return None


def _watch(key: Key, product: ProductSettings) -> Watch:
    retailer, sku = key
    return Watch(
        retailer=retailer,
        sku=sku,
        name=product.name,
        url=product.url,
        enabled=product.enabled,
        priority=_PRIORITIES[product.priority],
        check_frequency_s=product.check_frequency,
        max_price=_limit(product.max_price),
        channels=_channels(product.channels),
        third_party_sellers=product.third_party_sellers,
        auto_purchase=product.auto_purchase,
        quantity=product.quantity,
        group=product.group,
        tags=product.tags,
        alert_price_drop_percent=product.price_drop_percent,
        alert_below_price=_limit(product.below_price),
        muted=product.muted,
        snoozed_until=product.snoozed_until,
    )


_PRIORITIES = {priority.value: priority for priority in Priority}


@lru_cache(maxsize=64)  # the same for most of 50,000 watches: one object then
def _channels(names: tuple[str, ...]) -> frozenset[Channel]:
    return frozenset(map(Channel, names))


@lru_cache(maxsize=1024)  # as above
def _limit(dollars: float | None) -> Money | None:
    return None if dollars is None else Money.limit(dollars)
