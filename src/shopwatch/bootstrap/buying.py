"""The buyer put together: the guard's limits, the ledger, the tabs, the sessions, the emergency stop."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import psutil
import structlog

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.current import Current
from shopwatch.browser.keeping import SessionKeeper
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.target_checkout import TabCheckouts, Way
from shopwatch.config.settings import SafetySettings, Settings
from shopwatch.domain.errors import Unusable
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits, Purchase
from shopwatch.domain.session import SessionStatus
from shopwatch.purchase.buyer import Buyer
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.purchase.means import Means, Terms
from shopwatch.purchase.reconcile import ReadingPace, reconcile
from shopwatch.purchase.recovery import recover
from shopwatch.retailers.registry import CHECKOUTS, PROBES, RETAILERS, SESSION_PROBES
from shopwatch.supervisor.living import mark_of, start_of

log = structlog.get_logger(__name__)

_SAME_START_S = 2.0  #: the boot time that starts are counted from may be set by so much


@dataclass(frozen=True, kw_only=True, slots=True)
class Buying:
    """What the monitor needs for buying."""

    buyer: Buyer
    sessions: SessionKeeper
    checkouts: TabCheckouts
    stop: EmergencyStop


def buying_of(
    core: Core,
    pool: Pool,
    *,
    live: bool,
    told: Callable[[SessionStatus], Awaitable[None]] | None = None,
) -> Buying:
    """``live``: confirmed by the person; without it, or with ``safety.test_mode``, nothing is bought."""
    stop = EmergencyStop(core.paths.emergency_stop)
    sessions = keeper_of(core, pool, told)
    checkouts = checkouts_of(core, pool, stop)
    means = Means(
        ledger=core.ledger,
        checkouts=checkouts,
        clock=core.clock,
        stop=stop,
        terms=lambda: terms_of(core.settings, live=live),
        sessions=sessions,
        owner=owner(),
    )
    return Buying(buyer=Buyer(means), sessions=sessions, checkouts=checkouts, stop=stop)


def keeper_of(
    core: Core, pool: Pool, told: Callable[[SessionStatus], Awaitable[None]] | None = None
) -> SessionKeeper:
    return SessionKeeper(
        pool,
        sessions=core.paths.sessions,
        retailers=tuple(SESSION_PROBES),
        clock=core.clock,
        notebook=core.notebook,
        between_s=random.uniform,
        told=told,
    )


def checkouts_of(core: Core, pool: Pool, stop: EmergencyStop) -> TabCheckouts:
    def before_click() -> None:
        if stop.is_on():
            raise Unusable("the emergency stop is on")

    return TabCheckouts(pool.tab, ways_of(core), core.clock, before_click=before_click)


def ways_of(core: Core) -> Mapping[str, Way]:
    """Each retailer's way to an order, as the configuration is when a walk begins."""
    return Current(CHECKOUTS, lambda name: Way(pages=_pages(core, name), probe=CHECKOUTS[name]))


async def tidy(core: Core, checkouts: TabCheckouts, pace: ReadingPace) -> list[Purchase]:
    """At the start and between two purchases: end what nobody works on any more, look ambiguous ones up.

    What this very process has left was broken off by its database: it buys one thing after the other.

    Returns those of which more is known now: that nobody knows their end, or that they are placed.
    """
    ours = owner()
    unclear = await recover(core.ledger, core.clock, is_dead=lambda token: token == ours or is_dead(token))
    changed = await reconcile(core.ledger, checkouts, core.clock, pace)
    return list({one.id: one for one in [*unclear, *changed]}.values())


def terms_of(settings: Settings, *, live: bool) -> Terms:
    safety = settings.shopwatch.safety
    return Terms(
        limits=limits_of(safety),
        live=live and not safety.test_mode,
        ship_to_zip=safety.ship_to_zip,
        card_last_four=safety.card_last_four,
    )


def limits_of(safety: SafetySettings) -> Limits:
    return Limits(
        max_order_total=_limit(safety.max_order_total),
        max_daily_purchases=safety.max_daily_purchases,
        max_daily_spend=_limit(safety.max_daily_spend),
        cooldown_s=safety.purchase_cooldown,
        max_age_s=safety.max_confirmation_age,
        max_group_purchases=safety.max_group_purchases,
    )


def owner() -> str:
    """Names this very process: its number alone may be somebody else's later."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{mark_of(pid) or f'{psutil.Process(pid).create_time():.1f}'}"


def is_dead(token: str) -> bool:
    """Whether the process of an ``owner`` token is surely gone; one of another machine nobody can tell."""
    try:
        host, pid, began = token.rsplit(":", 2)
        if host != socket.gethostname():
            return False
        now_s = start_of(int(pid))
        if now_s is None or began == mark_of(int(pid)):
            return now_s is None
        return _is_mark(began) or abs(now_s - float(began)) > _SAME_START_S
    except ValueError:
        return False


def _is_mark(began: str) -> bool:
    return "-" in began  # a boot's name; a start time has none


def _pages(core: Core, retailer: str) -> ProductPages:
    known = RETAILERS[retailer]
    return ProductPages(probe=PROBES[retailer], site=core.site(known), recognise_wall=known.recognise_wall)


def _limit(dollars: float | None) -> Money | None:
    return None if dollars is None else Money.limit(dollars)
