"""The rehearsal: a product comes back at a simulated shop, and the real monitor must do all that follows."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.mailbox import Letter, Mailbox, mailbox
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.simulated import simulator, write_configuration
from shopwatch.bootstrap.simulated_account import sign_in_simulated
from shopwatch.bootstrap.watching import MonitorWish, watch
from shopwatch.bootstrap.witness import Moment, Witness
from shopwatch.browser.find import find_browser
from shopwatch.domain.errors import Unusable
from shopwatch.domain.purchase import Purchase, PurchaseState

SKU = "20000001"
_LATENCY_MS = 50.0  #: each answer of the simulated shop takes so long
_INTERVAL_S = 1.0  #: between two looks at the product
_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "monitor": {"background_sessions": 2, "audit_negatives": False},
    "safety": {"max_order_total": 60.0, "ship_to_zip": "20147", "card_last_four": "4444"},
}
_NAME = "Rehearsal"
_PRODUCT = {"name": _NAME, "max_price": 50.0, "check_frequency": _INTERVAL_S, "auto_purchase": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """One leg of the way from the shelf to the till."""

    name: str  #: detect, confirm, alert, buy
    ok: bool | None  #: None: it cannot be rehearsed on this machine
    ms: float | None  #: from the end of the leg it waits for
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """How the rehearsal went; ``total_ms`` is from the flip on the shelf to the end of the last leg."""

    legs: tuple[Leg, ...]
    total_ms: float
    orders: int  #: in the simulated shop's book: none, or test mode is broken

    @property
    def ok(self) -> bool:
        return self.orders == 0 and all(leg.ok is not False for leg in self.legs)

    @property
    def is_whole(self) -> bool:
        return all(leg.ok for leg in self.legs)


async def rehearse(*, patience_s: float = 60.0) -> Report:
    """Rehearse detect, confirm, alert and buy in test mode, on a simulator and a folder thrown away after.

    ``patience_s``: for what comes before the flip, and again for what follows it.

    Raises:
        Unusable: the simulator, the database or the monitor does not start.
    """
    with TemporaryDirectory(prefix="shopwatch-drill-", ignore_cleanup_errors=True) as name:
        paths = Paths(config_dir=Path(name) / "config", data_dir=Path(name) / "data")
        async with simulator(products=5, latency_ms=_LATENCY_MS) as told, mailbox(time.monotonic) as box:
            shop = _Shop(told)
            await shop.lay_out()
            await sign_in_simulated(told["origins"], paths.sessions)
            write_configuration(
                paths.config_dir,
                told["origins"],
                products={SKU: _PRODUCT},
                retailers=("target",),
                sections={**_SETTINGS, "notify": {"channels": [box.channel]}},
            )
            async with opened(paths) as core, _watching(core) as witness:
                return await _Rehearsal(shop, box, witness, core, patience_s).run()


@asynccontextmanager
async def _watching(core: Core) -> AsyncIterator[Witness]:
    """The whole monitor at work; whatever ends it before its time ends the rehearsal too."""
    witness = Witness.of(core)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watch(core, MonitorWish(), stop), name="monitor")
        try:
            yield witness
        finally:
            stop.set()


class _Shop:
    """The simulated Target, as the person and the weather see it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._control = told["control"]

    async def lay_out(self) -> None:
        """Put the product on the list of the shop, sold out."""
        await self.put(ship="OUT_OF_STOCK", pickup="UNAVAILABLE", price="49.99", quantity=0, title=_NAME)

    async def put(self, **changes: object) -> None:
        await self._ask("PUT", f"/products/target/{SKU}", changes)

    async def orders(self) -> int:
        return len((await self._ask("GET", "/orders"))["orders"])

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.request(method, self._control + path, json=body) as answer,
            ):
                answer.raise_for_status()
                return await answer.json()
        except aiohttp.ClientError as error:
            raise Unusable(f"the simulator does not answer: {error}") from None


class _Rehearsal:
    """The flip, and what came of it."""

    def __init__(self, shop: _Shop, box: Mailbox, witness: Witness, core: Core, patience_s: float) -> None:
        self._shop = shop
        self._box = box
        self._witness = witness
        self._core = core
        self._patience_s = patience_s
        self._browser = find_browser(os.environ, Path.home())

    async def run(self) -> Report:
        witness = self._witness
        ready = [witness.looked] if self._browser.path is None else [witness.looked, witness.signed_in]
        try:
            async with asyncio.timeout(self._patience_s):
                await asyncio.gather(*(one.wait() for one in ready))
        except TimeoutError:
            raise Unusable(f"the monitor was not ready within {self._patience_s:g} s") from None
        self._box.empty()  # what came before the flip is about something else
        flipped_s = time.monotonic()
        await self._shop.put(ship="IN_STOCK", quantity=5)
        async with asyncio.TaskGroup() as tasks:
            waits = [tasks.create_task(self._soon(step)) for step in self._steps()]
        seen, letter, verdict, bought = (wait.result() for wait in waits)
        legs = (
            _detected(seen, flipped_s),
            self._confirmed(verdict, seen),
            _alerted(letter, seen),
            await self._bought(bought, verdict),
        )
        ends = [one.at_s for one in (seen, letter, verdict, bought) if one is not None]
        total_s = max(ends, default=flipped_s) - flipped_s
        return Report(legs=legs, total_ms=round(total_s * 1000, 1), orders=await self._shop.orders())

    def _steps(self) -> Sequence[Awaitable[Any]]:
        witness = self._witness
        steps = [witness.seen.wait(), self._box.about(_NAME)]
        if self._browser.path is None:
            return [*steps, _nothing(), _nothing()]
        return [*steps, witness.confirmed.wait(), self._purchase()]

    async def _purchase(self) -> Moment | None:
        """There is none to wait for unless the browser confirms."""
        verdict = await self._witness.confirmed.wait()
        return await self._witness.bought.wait() if verdict.what == "confirmed" else None

    async def _soon(self, step: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self._patience_s):
                return await step
        except TimeoutError:
            return None

    def _confirmed(self, verdict: Moment | None, seen: Moment | None) -> Leg:
        if self._browser.path is None:
            return Leg(name="confirm", ok=None, ms=None, says=self._browser.missing)
        if verdict is None:
            return _missed("confirm", "no browser looked")
        told = {"confirmed": "a browser sees it too", "refuted": "the page does not offer it"}
        says = told.get(verdict.what, f"the browser could not tell; before: {self._witness.signed_in.what}")
        return Leg(name="confirm", ok=verdict.what == "confirmed", ms=_between(seen, verdict), says=says)

    async def _bought(self, end: Moment | None, verdict: Moment | None) -> Leg:
        if self._browser.path is None:
            return Leg(name="buy", ok=None, ms=None, says="buying needs a browser")
        if end is None:
            return _missed("buy", "nothing to buy: not confirmed" if verdict else "nothing was confirmed")
        purchase = (await self._core.ledger.recent(1))[0]
        ok = purchase.state is PurchaseState.REHEARSED
        return Leg(name="buy", ok=ok, ms=_between(verdict, end), says=_walked(purchase))


def _detected(seen: Moment | None, flipped_s: float) -> Leg:
    if seen is None:
        return _missed("detect", "the monitor did not see it")
    says = (
        f"looked at every {_INTERVAL_S:g} s, a surprise once more before it is believed; "
        f"the shop takes {_LATENCY_MS:g} ms to answer"
    )
    return Leg(name="detect", ok=True, ms=round((seen.at_s - flipped_s) * 1000, 1), says=says)


def _alerted(letter: Letter | None, seen: Moment | None) -> Leg:
    if letter is None or seen is None:
        return _missed("alert", "nothing arrived at the channel")
    ms = round(max(0.0, letter.at_s - seen.at_s) * 1000, 1)
    return Leg(name="alert", ok=True, ms=ms, says=f"“{letter.title}” arrived, before it was confirmed")


def _walked(purchase: Purchase) -> str:
    legs = ", ".join(f"{name} {ms:.0f} ms" for name, ms in purchase.legs_ms)
    reasons = "; ".join(purchase.reasons)
    return ": ".join(filter(None, (purchase.state.value, reasons))) + (f" ({legs})" if legs else "")


def _missed(name: str, why: str) -> Leg:
    return Leg(name=name, ok=False, ms=None, says=why)


def _between(begin: Moment | None, end: Moment) -> float | None:
    return None if begin is None else round((end.at_s - begin.at_s) * 1000, 1)


async def _nothing() -> None:
    """A leg that is not walked."""
