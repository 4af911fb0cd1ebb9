"""The whole product around a test: ``shopwatch monitor`` as a process, a simulated shop, a webhook."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from tests.simulator_fixture import TARGET_KEY, Simulator
from tests.warm_children import SHOPWATCH, WarmChild

from shopwatch.domain.stock import Availability
from shopwatch.domain.stock_state import StockState
from shopwatch.ports import OutboxRow
from shopwatch.storage.database import Database
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox

PATIENCE_S = 60.0  #: a busy machine must never fail a test
TIME_OUT_S = 1.0  #: of a request to the shop
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Letter:
    """A message at the receiver: the title is the SKU, the body says what kind of alert it is, and which."""

    sku: str
    kind: str
    key: str  #: the same for the same alert, however often it arrives
    text: str
    at_s: float  #: epoch


class Receiver:
    """A webhook on one port that can go down and come back."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.refused = 0
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.wrong_status: int | None = None  #: answered while set, and nothing is taken

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.down()

    @property
    def channel(self) -> str:
        return f"json://127.0.0.1:{self._port}/"

    async def up(self) -> None:
        application = web.Application()
        application.router.add_post("/", self._take)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Nobody listens any more: connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def of(self, kind: str = "restock") -> list[str]:
        return [letter.sku for letter in self.letters if letter.kind == kind]

    async def _take(self, request: web.Request) -> web.Response:
        at_s = time.time()
        told = json.loads(await request.read())
        if self.wrong_status is not None:
            self.refused += 1
            return web.Response(status=self.wrong_status)
        kind, key, text = (told["message"] + "  ").split(" ", maxsplit=2)
        self.letters.append(Letter(told["title"], kind, key, text.strip(), at_s))
        return web.Response()


@dataclass
class Whole:
    """An installation in a folder, its monitor process, and who listens."""

    folder: Path
    simulator: Simulator
    receiver: Receiver
    database: Database
    skus: Sequence[str]
    pacing: str
    process: WarmChild | None = None
    log: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start the monitor with the words of a person in a shell."""
        places = ("--config-dir", str(self.folder / "config"), "--data-dir", str(self.folder / "data"))
        words = (*places, "monitor", "--pacing", self.pacing)
        self.process = await asyncio.to_thread(WarmChild, SHOPWATCH, *words, own_session=True, heard=False)

    async def kill(self) -> None:
        """SIGKILL, at any moment: nothing is finished, nothing is said."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            await asyncio.to_thread(process.wait, PATIENCE_S)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)  # what it had started
        process.close()

    async def states(self) -> dict[str, StockState]:
        found = await SqlObservations(self.database).load()
        return {sku: state for (_, sku), state in found.items()}

    async def alerts(self) -> list[OutboxRow]:
        return await SqlOutbox(self.database).rows(limit=1_000)

    async def until_known(self, skus: Iterable[str], availability: Availability) -> None:
        wanted = set(skus)

        async def known() -> bool:
            states = await self.states()
            return all(sku in states and states[sku].availability is availability for sku in wanted)

        await self.until(known)

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
        """Wait until it holds; a monitor that has died is said at once."""
        async with asyncio.timeout(seconds):
            while True:
                held = condition()
                if await held if asyncio.iscoroutine(held) else held:
                    return
                assert self.process is None or self.process.poll() is None, self.process.complaints()
                await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def whole_monitor(
    folder: Path,
    simulator: Simulator,
    skus: Sequence[str],
    *,
    every_s: float = 1.0,
    pacing: str = "adaptive",
    monitor: Mapping[str, object] | None = None,
    notify: Mapping[str, object] | None = None,
    auto_purchase: bool = False,
) -> AsyncIterator[Whole]:
    """Everything but the monitor's process is up when the block begins; nothing is left when it ends."""
    async with Receiver() as receiver:
        configure(
            folder,
            simulator.origins,
            skus,
            receiver.channel,
            every_s=every_s,
            monitor=monitor,
            notify=notify,
            auto_purchase=auto_purchase,
        )
        (folder / "data").mkdir(exist_ok=True)
        database = await asyncio.to_thread(Database.open, folder / "data" / "shopwatch.db")
        whole = Whole(folder, simulator, receiver, database, skus, pacing)
        try:
            yield whole
        finally:
            await whole.stop()
            await asyncio.to_thread(database.close)


def configure(
    folder: Path,
    origins: Mapping[str, str],
    skus: Sequence[str],
    channel: str,
    *,
    every_s: float,
    monitor: Mapping[str, object] | None = None,
    notify: Mapping[str, object] | None = None,
    auto_purchase: bool = False,
) -> None:
    """Write the two files of an installation that watches ``skus`` at the simulated Target."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    target = {
        "base_url": origins["target"],
        "api_url": origins["target-api"],
        "carts_url": origins["target-carts"],
        "account_url": origins["target-api"],
        "keys": {"web": TARGET_KEY},
        "location": {"store_id": "2272", "zip": "20147", "state": "VA"},
        "timeout": TIME_OUT_S,
        "stock_requests_per_second": 200.0,
        "stock_in_flight": 16,
        "stock_min_interval": 0.02,
    }
    products = {
        sku: {"name": sku, "check_frequency": every_s, "auto_purchase": auto_purchase} for sku in skus
    }
    # The title tells which product, the body's first word which kind of alert.
    kinds = ("restock", "confirmed", "not_confirmed", "sold_out", "purchase", "health", "late")
    templates = {kind: f"{kind} {{key}} {{confirmation_text}} {{reason}}" for kind in kinds} | {
        f"{kind}.title": "{sku}" for kind in kinds
    }
    document = {
        "products": products,
        "monitor": {"background_sessions": 0, "details_interval": 86_400, **(monitor or {})},
        "notify": {"channels": [channel], "storm_threshold": 1000, "templates": templates, **(notify or {})},
    }
    (config / "retailers.yaml").write_text(json.dumps({"retailers": {"target": target}}), "utf-8")
    (config / "shopwatch.yaml").write_text(json.dumps(document), "utf-8")


async def lay_out(simulator: Simulator, skus: Iterable[str]) -> None:
    """Put the products on the shelf, sold out."""
    for sku in skus:
        await simulator.put(
            sku, ship="OUT_OF_STOCK", pickup="UNAVAILABLE", quantity=0, price="19.99", title=f"Product {sku}"
        )
