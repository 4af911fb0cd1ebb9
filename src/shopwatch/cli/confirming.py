"""The typed word before anything may cost money: it names the caps in force."""

from __future__ import annotations

import typer

from shopwatch.config.settings import Settings
from shopwatch.domain.errors import Conflict, Invalid

_WORD = "BUY"


def confirm_live(settings: Settings) -> None:
    """Ask for the word, naming what may be spent.

    Raises:
        Conflict: the configuration says test_mode.
        Invalid: the word was not typed.
    """
    safety = settings.shopwatch.safety
    if safety.test_mode:
        raise Conflict("safety.test_mode is on: set it to false in shopwatch.yaml before buying for real")
    watches = [name for name, product in settings.shopwatch.products.items() if product.auto_purchase]
    lines = [
        "This may place real orders from your account:",
        f"  watches that may buy:  {len(watches)} ({', '.join(watches[:8]) or 'none'})",
        f"  a day, at most:        {safety.max_daily_purchases} orders, {_dollars(safety.max_daily_spend)}",
        f"  an order, at most:     {_dollars(safety.max_order_total)}",
        f"  between two orders:    {safety.purchase_cooldown:g} s",
        f"  ships to ZIP:          {safety.ship_to_zip or 'not checked'}",
        f"  card ending in:        {safety.card_last_four or 'not checked'}",
    ]
    for line in lines:
        typer.echo(line)
    if typer.prompt(f"Type {_WORD} to go on", default="", show_default=False).strip() != _WORD:
        raise Invalid(f"not started: {_WORD} was not typed")


def _dollars(amount: float | None) -> str:
    return "no limit of money" if amount is None else f"${amount:,.2f}"
