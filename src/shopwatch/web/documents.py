"""Watches, restocks, purchases and alerts as the JSON that the pages read; unknown is null, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Purchase
from shopwatch.domain.stock import Evidence, Observation
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch
from shopwatch.ports import OutboxRow, Restock
from shopwatch.web.watchbook import Plan, Spark, WatchBook


def stamp(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if at is None:
        return None
    in_utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return in_utc.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def dollars(money: Money | None) -> float | None:
    return None if money is None else money.cents / 100


def title_of(watch: Watch | None, state: StockState) -> str:
    """What a person calls the product."""
    return (watch.name if watch else "") or state.title or state.key[1]


def watch_document(watch: Watch, book: WatchBook, *, url: str, spark: Spark) -> dict[str, Any]:
    """A row of the list."""
    state, plan = book.state(watch.key), book.plan(watch.key)
    return {
        "retailer": watch.retailer,
        "sku": watch.sku,
        "name": watch.name,
        "title": title_of(watch, state),
        "url": url,
        "image_url": state.image_url,
        **_settings(watch),
        "state": _state(state),
        "next_check": plan_document(plan),
        "sparkline": spark,
    }


def plan_document(plan: Plan | None) -> dict[str, Any] | None:
    """When a product is looked at next, and why then."""
    return None if plan is None else {"due_at": stamp(plan[0]), "why": plan[1]}


def _settings(watch: Watch) -> dict[str, Any]:
    return {
        "enabled": watch.enabled,
        "priority": watch.priority.value,
        "check_frequency": watch.check_frequency_s,
        "max_price": dollars(watch.max_price),
        "channels": sorted(channel.value for channel in watch.channels),
        "third_party_sellers": watch.third_party_sellers,
        "auto_purchase": watch.auto_purchase,
        "quantity": watch.quantity,
        "group": watch.group,
        "tags": list(watch.tags),
        "muted": watch.muted,
        "snoozed_until": stamp(watch.snoozed_until),
        "price_drop_percent": watch.alert_price_drop_percent,
        "below_price": dollars(watch.alert_below_price),
    }


def _state(state: StockState) -> dict[str, Any]:
    return {
        "availability": state.availability.value,
        "pickup": state.pickup.value,
        "in_store": state.in_store.value,
        "price": dollars(state.price),
        "price_text": str(state.price) if state.price else None,
        "regular_price": dollars(state.regular_price),
        "sold_by": state.sold_by,
        "purchase_limit": state.purchase_limit,
        "since": stamp(state.since),
        "last_checked": stamp(state.last_checked),
        "last_restock": stamp(state.last_restock),
    }


def observation_document(seen: Observation) -> dict[str, Any]:
    """What one look saw, with its evidence."""
    offer = seen.offer
    return {
        "retailer": seen.product.retailer,
        "sku": seen.product.sku,
        "availability": seen.availability.value,
        "pickup": seen.pickup.value,
        "in_store": seen.in_store.value,
        "reason": seen.reason,
        "quantity": seen.quantity,
        "price": dollars(offer.price) if offer else None,
        "price_text": str(offer.price) if offer and offer.price else None,
        "sold_by": offer.sold_by if offer else None,
        "source": seen.source.value,
        "observed_at": stamp(seen.observed_at),
        "evidence": evidence_document(seen.evidence),
    }


def evidence_document(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        "url": evidence.url,
        "status": evidence.status,
        "seen": msgspec.to_builtins(evidence.seen, str_keys=True),
    }


def restock_document(restock: Restock, book: WatchBook) -> dict[str, Any]:
    """A line of the list of restocks."""
    offer, ended = restock.observation.offer, restock.ended_at
    watch, state = book.watches.get(restock.key), book.state(restock.key)
    return {
        "id": restock.id,
        "retailer": restock.key[0],
        "sku": restock.key[1],
        "title": title_of(watch, state),
        "at": stamp(restock.at),
        "price": dollars(offer.price) if offer else None,
        "confirmation": restock.confirmation,
        "ended_at": stamp(ended),
        "duration_seconds": round((ended - restock.at).total_seconds(), 3) if ended else None,
    }


def purchase_document(purchase: Purchase, book: WatchBook) -> dict[str, Any]:
    """A line of the ledger."""
    return {
        "id": purchase.id,
        "restock_id": purchase.restock_id,
        "retailer": purchase.key[0],
        "sku": purchase.key[1],
        "title": title_of(book.watches.get(purchase.key), book.state(purchase.key)),
        "state": purchase.state.value,
        "live": purchase.live,
        "quantity": purchase.quantity,
        "group": purchase.group,
        "unit_price": dollars(purchase.unit_price),
        "total": dollars(purchase.total),
        "order_number": purchase.order_number,
        "reasons": list(purchase.reasons),
        "legs_ms": [[name, milliseconds] for name, milliseconds in purchase.legs_ms],
        "created_at": stamp(purchase.created_at),
        "updated_at": stamp(purchase.updated_at),
    }


def alert_document(row: OutboxRow) -> dict[str, Any]:
    """A line of the outbox."""
    facts: Mapping[str, Any] = row.alert.facts
    return {
        "id": row.id,
        "key": row.alert.key,
        "kind": row.alert.kind.value,
        "retailer": row.alert.retailer,
        "sku": row.alert.sku,
        "name": str(facts.get("name") or facts.get("title") or facts.get("text") or ""),
        "state": row.state,
        "attempts": row.attempts,
        "created_at": stamp(row.created_at),
        "next_try_at": stamp(row.next_try_at) if row.state == "pending" else None,
        "sent_at": stamp(row.sent_at),
        "last_error": row.last_error,
    }
