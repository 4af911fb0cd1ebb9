"""What the commands of the watch list take: which products are meant, and the settings said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from shopwatch.config.settings import ProductSettings
from shopwatch.config.watchlist import WatchList
from shopwatch.domain.errors import Invalid, NotFound
from shopwatch.domain.stock import Key
from shopwatch.domain.watch import Watch
from shopwatch.retailers.addresses import key_of

Which = Annotated[
    list[str] | None,
    typer.Argument(metavar="SKU", help="A SKU, retailer:SKU, or a product's address; or say --tagged."),
]
Tagged = Annotated[str | None, typer.Option("--tagged", help="All products with this tag or of this group.")]
Name = Annotated[str | None, typer.Option(help="For you; else the site's title.")]
MaxPrice = Annotated[float | None, typer.Option(help="Dollars; no alert and no purchase above it.")]
Every = Annotated[float | None, typer.Option("--every", help="Seconds between checks, at most.")]
PriorityName = Annotated[str | None, typer.Option(help="low, normal, high, critical")]
Tags = Annotated[list[str] | None, typer.Option(help="Several if you like.")]
Group = Annotated[str | None, typer.Option(help="Products that stand in for each other when buying.")]
Ways = Annotated[
    list[str] | None, typer.Option("--channel", help="shipping, pickup, in_store: which of them count.")
]
Drop = Annotated[float | None, typer.Option(help="Alert when the price falls by so many percent.")]
Below = Annotated[float | None, typer.Option(help="Alert when the price is at or below it, dollars.")]

#: What the options call settings otherwise than the file.
_AS_OPTIONS = {
    "every": "check_frequency",
    "tag": "tags",
    "channel": "channels",
    "mute": "muted",
    "snooze": "snoozed_until",
    "third_party": "third_party_sellers",
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|h|d)")
_UNITS = {"m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}  #: seconds
_LONGEST_S = 3650 * 86_400.0  #: of a snooze


def chosen(watchlist: WatchList, skus: Sequence[str] | None, tagged: str | None) -> list[Key]:
    """The products that a command is about.

    Raises:
        Invalid: none was named.
        NotFound: nothing has this tag.
    """
    named = [key_of(sku) for sku in skus or ()]
    if tagged is not None:
        found = [one.key for one in watchlist.all() if tagged in one.tags or tagged == one.group]
        if not found:
            raise NotFound(f"nothing that is watched has the tag or group {tagged!r}")
        named += found
    if not named:
        raise Invalid("say which: one or more SKUs or addresses, or --tagged TAG")
    return list(dict.fromkeys(named))


def said(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was said."""
    return {name: value for name, value in settings.items() if value is not None}


def snooze_end(text: str, now: datetime) -> str | None:
    """When a snooze of ``8h``, ``30m`` or ``2d`` ends, as the file writes it; ``0`` ends one.

    Raises:
        Invalid: it is no such time.
    """
    if text.strip() == "0":
        return None
    match = _SPAN.fullmatch(text.strip().casefold())
    if match is None:
        raise Invalid(f"--snooze must be a time as 30m, 8h or 2d, or 0 to end it, got {text[:40]!r}")
    span_s = float(match[1]) * _UNITS[match[2]]
    if span_s > _LONGEST_S:
        raise Invalid(f"--snooze is for ten years at most, got {text[:40]!r}: mute it instead")
    end = now + timedelta(seconds=span_s)
    return end.replace(microsecond=0).isoformat()


def standing(watch: Watch, now: datetime) -> str:
    """What keeps it from being looked at, or from being told."""
    if not watch.enabled:
        return "paused"
    if watch.muted:
        return "muted"
    if watch.snoozed_until is not None and now < watch.snoozed_until:
        return f"snoozed until {watch.snoozed_until.astimezone(UTC):%m-%d %H:%M}Z"
    return ""


def marks(watch: Watch) -> str:
    """The prices it is told of."""
    below, drop = watch.alert_below_price, watch.alert_price_drop_percent
    return ", ".join(filter(None, (f"≤ {below}" if below else "", f"-{drop:g} %" if drop else "")))


def unset(names: Iterable[str]) -> dict[str, None]:
    """Settings that go back to their default.

    Raises:
        Invalid: there is no such setting.
    """
    known = ProductSettings.model_fields.keys() - {"retailer"}
    found: dict[str, None] = {}
    for said_name in names:
        word = said_name.replace("-", "_")
        name = _AS_OPTIONS.get(word, word)
        if name not in known:
            there_are = ", ".join(sorted(known))
            raise Invalid(f"--unset: there is no setting {said_name[:40]!r}; there are {there_are}")
        found[name] = None
    return found
