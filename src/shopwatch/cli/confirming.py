"""Which mode is on, and the typed word before anything may cost money: it names the caps and the account."""

from __future__ import annotations

import typer

from shopwatch.bootstrap.paths import Paths
from shopwatch.browser.signed_in import account_of
from shopwatch.config.settings import SafetySettings, Settings
from shopwatch.config.watches import watches_of
from shopwatch.domain.errors import Conflict, Invalid
from shopwatch.domain.watch import Watch
from shopwatch.purchase.emergency import EmergencyStop

_WORD = "BUY"
PACINGS = ("adaptive", "fixed")
_SHOWN = 8  #: names of watches, at most


def confirm_live(settings: Settings, paths: Paths) -> None:
    """Ask for the word, naming what may be spent and from which account.

    Raises:
        Conflict: the configuration says test_mode.
        Invalid: the word was not typed.
    """
    safety = settings.shopwatch.safety
    if safety.test_mode:
        raise Conflict("safety.test_mode is on: set it to false in shopwatch.yaml before buying for real")
    wanted = _wanted(settings)
    typer.echo("This may place real orders:")
    for line in [*_accounts(wanted, paths), *_caps(safety, wanted)]:
        typer.echo(f"  {line}")
    if typer.prompt(f"Type {_WORD} to go on", default="", show_default=False).strip() != _WORD:
        raise Invalid(f"not started: {_WORD} was not typed")


def check_pacing(word: str | None) -> None:
    """Refuse a pacing there is none of, before anything is started with it.

    Raises:
        Invalid: it is none.
    """
    if word is not None and word not in PACINGS:
        raise Invalid(f"--pacing must be {' or '.join(PACINGS)}, got {word!r}")


def mode_line(settings: Settings, paths: Paths, *, live: bool) -> str:
    """Which mode is on, in one line that nobody overlooks."""
    wanted = _wanted(settings)
    if EmergencyStop(paths.emergency_stop).is_on():
        return "BUYING IS STOPPED: the emergency stop is on (`shopwatch resume-buying` ends it)"
    if live and not settings.shopwatch.safety.test_mode:
        cap = _dollars(settings.shopwatch.safety.max_daily_spend)
        return f"LIVE: {len(wanted)} watches may buy, {cap} a day at most (`shopwatch stop-buying` ends it)"
    return "TEST MODE: nothing is bought; watches that may buy are walked to the last click"


def _accounts(wanted: list[Watch], paths: Paths) -> list[str]:
    lines = []
    for retailer in sorted({watch.retailer for watch in wanted}):
        account = account_of(paths.sessions, retailer)
        said = f"nobody has signed in: shopwatch login {retailer}"
        if account is not None:
            greeting, at = account
            said = f"{greeting or 'signed in'} (since {at:%Y-%m-%d %H:%M}Z)"
        lines.append(f"account at {f'{retailer}:':<12} {said}")
    return lines


def _caps(safety: SafetySettings, wanted: list[Watch]) -> list[str]:
    names = [watch.name or watch.sku for watch in wanted]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    group = safety.max_group_purchases
    return [
        f"watches that may buy:   {len(names)} ({shown or 'none'})",
        f"a day, at most:         {safety.max_daily_purchases} orders, {_dollars(safety.max_daily_spend)}",
        f"of a product or group:  {group} a day",
        f"an order, at most:      {_dollars(safety.max_order_total)}",
        f"between two orders:     {safety.purchase_cooldown:g} s",
        f"ships to ZIP:           {safety.ship_to_zip or 'not checked'}",
        f"card ending in:         {safety.card_last_four or 'not checked'}",
    ]


def _wanted(settings: Settings) -> list[Watch]:
    return [watch for watch in watches_of(settings.shopwatch) if watch.auto_purchase and watch.enabled]


def _dollars(amount: float | None) -> str:
    return "no limit of money" if amount is None else f"${amount:,.2f}"
