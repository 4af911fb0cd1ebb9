"""A buyer with a real browser, database and emergency stop, in front of the simulated shop.

Also a program: ``buying_shop.py FOLDER RESTOCK [POINT]`` buys once and kills itself at a point such as
``before:add`` or ``after:place``; ``reserved``, ``carted`` and ``placing`` are the ledger's own moments.
``buying_shop.py FOLDER listen DATABASE`` buys for each restock whose number it reads.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from tests.browsers_below import browsers_below

from shopwatch.bootstrap.buying import checkouts_of, is_dead, owner
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.browser.launching import Start
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.seats import save_state, state_file
from shopwatch.browser.target_checkout import TabCheckouts
from shopwatch.config.settings import Settings
from shopwatch.config.sites import site_of
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits, Purchase
from shopwatch.domain.stock import Availability, Observation, Offer, Source
from shopwatch.domain.watch import Watch
from shopwatch.purchase.buyer import Buyer
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.purchase.means import Means, Terms
from shopwatch.purchase.reconcile import reconcile
from shopwatch.purchase.recovery import recover
from shopwatch.retailers.registry import PROBES, RETAILERS, SESSION_PROBES
from shopwatch.transport.clock import SystemClock

SKU = "1011209279"
PASSWORD, CARD, ZIP = "bullseye", "4444", "20147"
PRICE = Money(4999)
WATCH = Watch(retailer="target", sku=SKU, max_price=PRICE, auto_purchase=True)
LIMITS = Limits(
    max_order_total=Money(6000), max_daily_spend=Money(60_000), cooldown_s=0, max_group_purchases=99
)
LIVE = Terms(limits=LIMITS, live=True, ship_to_zip=ZIP, card_last_four=CARD)


class AlwaysSignedIn:
    """The session as the sign-in left it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def healthy(self, retailer: str) -> bool:
        return not self.asked

    def hand_over(self, retailer: str, reason: str) -> None:
        self.asked.append(reason)


@dataclass
class Counter:
    """Where one buys: everything real but the shop."""

    core: Core
    pool: Pool
    checkouts: TabCheckouts
    stop: EmergencyStop
    sessions: AlwaysSignedIn
    terms: Terms = LIVE
    waits: list[float] = field(default_factory=list)  #: before a walk was tried again, seconds

    async def wait(self, seconds: float) -> None:
        """Nobody waits here for a busy site."""
        self.waits.append(seconds)

    def buyer(self, *, checkouts: Any = None, ledger: Any = None) -> Buyer:
        return Buyer(
            Means(
                ledger=ledger or self.core.ledger,
                checkouts=checkouts or self.checkouts,
                clock=self.core.clock,
                stop=self.stop,
                terms=lambda: self.terms,
                sessions=self.sessions,
                owner=owner(),
                patience_s=90,
                wait=self.wait,
            )
        )

    async def buy(self, restock_id: int = 1) -> Purchase:
        purchase = await self.buyer().buy(restock_id, WATCH, confirmed())
        assert purchase is not None
        return purchase

    async def tidy(self, later_s: float = 0.0) -> None:
        """As the monitor does now and then; or as if it were later."""
        clock = LaterClock(later_s)
        await recover(self.core.ledger, clock, is_dead=is_dead)
        await reconcile(self.core.ledger, self.checkouts, clock)


class LaterClock:
    """The machine's clock, but so many seconds ahead."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead_s


def confirmed() -> Observation:
    return Observation(
        product=WATCH.product,
        availability=Availability.IN_STOCK,
        source=Source.BROWSER,
        observed_at=datetime.now(UTC),
        offer=Offer(price=PRICE),
    )


async def furnish(
    origins: dict[str, str],
    folder: Path,
    *,
    shopwatch: Mapping[str, Any] | None = None,
    ship: str = "IN_STOCK",
) -> None:
    """Write the configuration, lay the product on the shelf and sign in as the person would."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    addresses = {
        "base_url": origins["target"],
        "api_url": origins["target-api"],
        "carts_url": origins["target-carts"],
        "account_url": origins["target-api"],
    }
    place = {"store_id": "2272", "zip": ZIP, "state": "VA"}
    pace = {"stock_requests_per_second": 20.0, "stock_in_flight": 8, "stock_min_interval": 0.2}
    document = {"retailers": {"target": addresses | pace | {"location": place}}}
    (config / "retailers.yaml").write_text(json.dumps(document))
    (config / "shopwatch.yaml").write_text(json.dumps(shopwatch or {}))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        shelf = f"{origins['control']}/products/target/{SKU}"
        body = {"price": 49.99, "ship": ship, "quantity": 90, "limit": 5}
        async with session.put(shelf, json=body) as answer:
            assert answer.status < 300, await answer.text()
        url = f"{origins['target']}/gsp/authentications/v1/credential_validations"
        given = {"username": "shopper@example.com", "password": PASSWORD, "keepMeSignedIn": True}
        async with session.post(url, json=given) as answer:
            assert answer.status == 200, await answer.text()
        cookies = [
            {
                "name": cookie.key,
                "value": cookie.value,
                "domain": "127.0.0.1",
                "path": "/",
                "expires": -1,
                "httpOnly": False,
                "secure": False,
                "sameSite": "Lax",
            }
            for cookie in session.cookie_jar
        ]
    save_state(state_file(folder / "sessions", "target"), json.dumps({"cookies": cookies, "origins": []}))


@asynccontextmanager
async def counter(folder: Path, *, pool: Pool | None = None, database: str = "") -> AsyncIterator[Counter]:
    """``pool``: one that others use too; its sessions are those of this folder."""
    paths = Paths(config_dir=folder / "config", data_dir=folder / "data", database=database)
    async with opened(paths) as core, AsyncExitStack() as stack:
        shared: Pool = pool or pool_at(paths.sessions, core.settings)
        if pool is None:
            await stack.enter_async_context(shared)
        stop = EmergencyStop(paths.emergency_stop)
        yield Counter(core, shared, checkouts_of(core, shared, stop), stop, AlwaysSignedIn())


def pool_at(sessions: Path, settings: Settings) -> Pool:
    target = RETAILERS["target"]
    pages = ProductPages(
        probe=PROBES["target"],
        site=site_of(target.site, settings.retailer("target")),
        recognise_wall=target.recognise_wall,
        session=SESSION_PROBES["target"],
    )
    return Pool(Start(sessions=sessions, size=1), {"target": pages}, SystemClock())


class Doomed:
    """Passes everything on, and dies at its point."""

    def __init__(self, inner: Any, point: str) -> None:
        self._inner = inner
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[Doomed]:
        async with self._inner.walk(retailer) as checkout:
            yield Doomed(checkout, self._point)

    async def _do(self, name: str, *given: Any) -> Any:
        self._perhaps_die(f"before:{name}")
        answer = await getattr(self._inner, name)(*given)
        self._perhaps_die(f"after:{name}")
        return answer

    async def look(self, watch: Watch) -> Any:
        return await self._do("look", watch)

    async def cart(self) -> Any:
        return await self._do("cart")

    async def add(self, watch: Watch) -> Any:
        return await self._do("add", watch)

    async def check_out(self) -> Any:
        return await self._do("check_out")

    async def place(self) -> Any:
        return await self._do("place")

    async def reserve(self, *given: Any, **facts: Any) -> Any:
        answer = await self._inner.reserve(*given, **facts)
        self._perhaps_die("reserved")
        return answer

    async def move(self, purchase_id: int, before: Any, after: Any, **facts: Any) -> Any:
        answer = await self._inner.move(purchase_id, before, after, **facts)
        self._perhaps_die(after.value)
        return answer

    def _perhaps_die(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


class Unplugged(Doomed):
    """Its browser is killed with SIGKILL at a point; once."""

    killed = False

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[Doomed]:
        async with self._inner.walk(retailer) as checkout:
            inner = Unplugged(checkout, "" if self.killed else self._point)
            if self._point == "during:place":
                checkout._tab.on("request", inner.on_request)
            try:
                yield inner
            finally:
                self.killed = self.killed or inner.killed

    def on_request(self, request: Any) -> None:
        if request.method == "POST" and request.url.split("?")[0].endswith("/web_checkouts/v1/checkout"):
            self._perhaps_die("during:place")

    def _perhaps_die(self, point: str) -> None:
        if point == self._point and not self.killed:
            self.killed = True
            for browser in browsers_below():
                browser.kill()


class Stopping(Doomed):
    """Somebody presses the emergency stop at a point."""

    def __init__(self, inner: Any, point: str, press: Callable[[], Awaitable[object]]) -> None:
        super().__init__(inner, point)
        self._press = press

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[Doomed]:
        async with self._inner.walk(retailer) as checkout:
            yield Stopping(checkout, self._point, self._press)

    async def _do(self, name: str, *given: Any) -> Any:
        if self._point == f"before:{name}":
            await self._press()
        return await super()._do(name, *given)

    async def move(self, purchase_id: int, before: Any, after: Any, **facts: Any) -> Any:
        answer = await super().move(purchase_id, before, after, **facts)
        if self._point == after.value:
            await self._press()
        return answer

    def _perhaps_die(self, point: str) -> None:
        """Nobody dies here."""


async def buy_and_die(folder: Path, restock_id: int, point: str) -> str:
    async with counter(folder) as shop:
        buyer = shop.buyer(checkouts=Doomed(shop.checkouts, point), ledger=Doomed(shop.core.ledger, point))
        purchase = await buyer.buy(restock_id, WATCH, confirmed())
        return "taken" if purchase is None else f"{purchase.state.value}: {'; '.join(purchase.reasons)}"


async def listen(folder: Path, database: str) -> None:
    """A clerk: buys for each restock it reads the number of, and says what became of it."""
    loop = asyncio.get_running_loop()
    async with counter(folder, database=database) as shop:
        shop.terms = replace(LIVE, limits=replace(LIMITS, max_daily_purchases=50, max_daily_spend=None))
        _say("ready")
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            purchase = await shop.buyer().buy(int(line), WATCH, confirmed())
            _say("taken" if purchase is None else f"{purchase.state.value}: {'; '.join(purchase.reasons)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """Buy and die in a folder, for a restock, at a point; or listen in a folder, to a database."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder, what, *rest = words
    if what == "listen":
        asyncio.run(listen(Path(folder), rest[0]))
    else:
        _say(asyncio.run(buy_and_die(Path(folder), int(what), "".join(rest))))


if __name__ == "__main__":
    main(sys.argv[1:])
