"""The alerts a change makes: at most one, its key unique, its facts enough to act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Channel, Observation
from shopwatch.domain.stock_state import Alert, AlertKind, StockState
from shopwatch.monitor.rules import LONGEST_WAIT, Rules


def restock(
    after: StockState, seen: Observation, rules: Rules, *, channels: tuple[Channel, ...], was: str, note: str
) -> Alert:
    """``note`` says why no browser will confirm it; empty when one will."""
    facts = _facts(after, seen, rules) | {
        "was": was,
        "first_look": was == Availability.UNKNOWN.value,
        "channels": [channel.value for channel in channels],
        "restock": "{restock}",
        "confirmation": "unconfirmed",
        "unconfirmed_because": note,
    }
    alert = _alert("restock:{restock}", AlertKind.RESTOCK, after, facts)
    if rules.ask_first and not note:
        alert = replace(alert, waits_until=seen.observed_at + LONGEST_WAIT)
    return alert


def sold_out(after: StockState, seen: Observation, rules: Rules, why: str) -> Alert:
    facts = _facts(after, seen, rules) | {"restock": "{restock}", "why": why}
    key = f"sold_out:{after.key[0]}:{after.key[1]}:{after.version}"  # there may be no restock that it ends
    return _alert(key, AlertKind.SOLD_OUT, after, facts)


def cheaper(before: StockState, after: StockState, seen: Observation, rules: Rules) -> Alert | None:
    """A price at or below the person's mark, or fallen by their percentage; never both."""
    watch, was, now = rules.watch, before.price, after.price
    if now is None or now == was:
        return None
    mark, percent = watch.alert_below_price, watch.alert_price_drop_percent
    facts = _facts(after, seen, rules) | {"price_before": _money(was)}
    if mark is not None and now <= mark and (was is None or was > mark):
        return _priced(AlertKind.BELOW_PRICE, after, facts | {"below": str(mark)})
    if was is None or percent is None or (was.cents - now.cents) * 100 < was.cents * Decimal(str(percent)):
        return None
    fallen = round(100 * (1 - now.cents / was.cents), 1)
    return _priced(AlertKind.PRICE_DROP, after, facts | {"fallen_percent": fallen})


def _priced(kind: AlertKind, after: StockState, facts: dict[str, object]) -> Alert:
    return _alert(f"price:{after.key[0]}:{after.key[1]}:{after.version}", kind, after, facts)


def _alert(key: str, kind: AlertKind, after: StockState, facts: dict[str, object]) -> Alert:
    return Alert(key=key, kind=kind, retailer=after.key[0], sku=after.key[1], facts=facts)


def _facts(after: StockState, seen: Observation, rules: Rules) -> dict[str, object]:
    watch = rules.watch
    return {
        "name": watch.name or after.title or seen.product.name or watch.sku,
        "retailer": watch.retailer,
        "sku": watch.sku,
        "url": rules.url,
        "availability": after.availability.value,
        "pickup": after.pickup.value,
        "in_store": after.in_store.value,
        "price": _money(after.price),
        "regular_price": _money(after.regular_price),
        "max_price": _money(watch.max_price),
        "sold_by": after.sold_by,
        "quantity": seen.quantity,
        "purchase_limit": after.purchase_limit,
        "image_url": after.image_url,
        "source": seen.source.value,
        "reason": seen.reason,
        "seen_at": _time(seen.observed_at),
        "priority": watch.priority.value,
    }


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _time(at: datetime) -> str:
    return at.isoformat()
