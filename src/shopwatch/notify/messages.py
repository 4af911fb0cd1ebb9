"""What an alert says, in words: pure, and changed by the person's own templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopwatch.domain.stock_state import Alert, AlertKind

_TEMPLATES: Mapping[AlertKind, tuple[str, str]] = {
    AlertKind.RESTOCK: ("{name} is {availability}", "{price_text}{seller_text} {url}\n{confirmation_text}"),
    AlertKind.CONFIRMED: ("Confirmed: {name}", "A browser sees it too: {price_text} {url}"),
    AlertKind.NOT_CONFIRMED: ("Not confirmed: {name}", "The page does not offer it: {reason}. {url}"),
    AlertKind.SOLD_OUT: ("{name} is gone", "{reason} {url}"),
    AlertKind.PRICE_DROP: ("{name}: {price_text}", "Down from {before_text}. {url}"),
    AlertKind.BELOW_PRICE: ("{name}: {price_text}", "At or below your {limit_text}. {url}"),
    AlertKind.PURCHASE: ("Purchase of {name}: {state}", "{reason} {url}"),
    AlertKind.HEALTH: ("{text}", "{reason}"),
    AlertKind.LATE: ("{text}", "{reason}"),
    AlertKind.CRAWL: ("{retailer} stores: {state}", "{reason}"),
    AlertKind.TEST: ("Shopwatch: a test", "If you read this, this channel works."),
}


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


class _Facts(dict[str, Any]):
    """A fact nobody knows reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def render(alert: Alert, templates: Mapping[str, str]) -> Message:
    """The message of an alert; a template ``kind`` replaces the body, ``kind.title`` the title."""
    title, body = _TEMPLATES[alert.kind]
    facts = _facts(alert)
    title = templates.get(f"{alert.kind.value}.title", title)
    body = templates.get(alert.kind.value, body)
    return Message(_filled(title, facts), _filled(body, facts))


def collapsed(alerts: list[Alert], templates: Mapping[str, str], *, why: str) -> Message:
    """One message in the place of many: a line each, with the address of its page."""
    lines = [
        " ".join(filter(None, (render(alert, templates).title, str(alert.facts.get("url") or ""))))
        for alert in alerts
    ]
    shown = lines[:_LINES] + ([f"and {len(lines) - _LINES} more"] if len(lines) > _LINES else [])
    return Message(f"{len(alerts)} alerts: {why}", "\n".join(shown))


_LINES = 15  #: of a collapsed message


def _facts(alert: Alert) -> _Facts:
    facts = _Facts(alert.facts)
    facts["key"] = alert.key
    facts["retailer"] = alert.retailer or ""
    facts["sku"] = alert.sku or ""
    facts["name"] = (
        facts.get("name") or facts.get("title") or " ".join(filter(None, (alert.retailer, alert.sku)))
    )
    facts["availability"] = str(facts.get("availability", "")).replace("_", " ")
    facts["state"] = str(facts.get("state", "")).replace("_", " ")
    facts["text"] = facts.get("text") or f"{facts['retailer']}: {facts['state']}"
    facts["price_text"] = _money(facts.get("price")) or "Price unknown"
    facts["before_text"] = _money(facts.get("price_before"))
    facts["limit_text"] = _money(facts.get("below"))
    facts["reason"] = facts.get("reason") or facts.get("why") or ""
    seller = facts.get("sold_by")
    facts["seller_text"] = f", sold by {seller}" if seller else ""
    facts["confirmation_text"] = _confirmation(facts)
    return facts


def _confirmation(facts: _Facts) -> str:
    if facts.get("confirmation") == "confirmed":
        return "Confirmed by a browser."
    because = facts.get("unconfirmed_because")
    return f"Unconfirmed: {because or 'only the retailer says so yet; a browser is looking'}."


def _money(value: object) -> str:
    return f"${value:,.2f}" if isinstance(value, int | float) else str(value or "")


def _filled(template: str, facts: _Facts) -> str:
    return " \n".join(
        " ".join(line.split()) for line in template.format_map(facts).splitlines() if line.strip()
    )
