"""Starts the simulator for tests: in a process of its own, as people do, or in the loop of a cheap test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from tests.warm_children import SIMULATOR, WarmChild

from shopwatch.simulator.server import Options, serve

#: Until a simulator that does not stop fails its test.
_PATIENCE_S = 60

#: The public key the simulated pages carry.
TARGET_KEY = "9f36aeafbe60771e321a7cc95a78140772ab3e96"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site said."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Simulator:
    """A running simulator: where its origins are, and how to talk to it."""

    def __init__(self, origins: dict[str, str], session: aiohttp.ClientSession) -> None:
        self.origins = origins
        self.session = session

    @property
    def control(self) -> str:
        """The address of the control API."""
        return self.origins["control"]

    async def ask(self, method: str, url: str, **arguments: Any) -> Answer:
        """Send a request, to an address or to ``site:/path``."""
        site, _, path = url.partition(":")
        address = self.origins[site] + path if site in self.origins else url
        async with self.session.request(method, address, allow_redirects=False, **arguments) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, url: str, **arguments: Any) -> Answer:
        """GET."""
        return await self.ask("GET", url, **arguments)

    async def tell(self, method: str, path: str, body: object = None) -> Any:
        """Ask something of the control API, which has to agree."""
        answer = await self.ask(method, f"control:{path}", json=body)
        assert answer.status < 300, answer.text
        return answer.json

    async def put(self, sku: str, *, site: str = "target", **changes: Any) -> Any:
        """Change a product, or lay a new one on the shelf."""
        return await self.tell("PUT", f"/products/{site}/{sku}", changes)

    async def fault(self, kind: str, *, site: str | None = None, **terms: Any) -> Any:
        """Put a fault in force."""
        return await self.tell("POST", "/faults", {"kind": kind, "site": site, **terms})

    async def summary(self, *tcins: str, store_id: str = "2272", key: str = TARGET_KEY) -> Answer:
        """Ask Target's API for a batch."""
        path = "/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1"
        return await self.get(
            f"target-api:{path}", params={"key": key, "tcins": ",".join(tcins), "store_id": store_id}
        )

    async def of_target(self, name: str, **query: str) -> Answer:
        """Ask one of Target's aggregations."""
        return await self.get(
            f"target-api:/redsky_aggregations/v1/web/{name}", params={"key": TARGET_KEY, **query}
        )


async def hung_up(asking: Coroutine[Any, Any, object], got: Callable[[], Awaitable[object]]) -> None:
    """Ask for what is never answered, and hang up once the site has ``got`` the question."""
    asked = asyncio.ensure_future(asking)
    async with asyncio.timeout(_PATIENCE_S):
        while not await got():
            pass
    await asyncio.wait([asked], timeout=0.1)  # an answer would be here by now
    assert not asked.done(), "it was answered"
    asked.cancel()
    await asyncio.wait([asked])


@asynccontextmanager
async def running_simulator(
    *, seed: int = 1, products: int = 60, latency_ms: float = 0, arguments: tuple[str, ...] = ()
) -> AsyncIterator[Simulator]:
    """Run the simulator in a child process on free ports; stop it by SIGTERM."""
    process = await asyncio.to_thread(_started, seed, products, latency_ms, arguments)
    try:
        told = await asyncio.to_thread(process.line)
        async with aiohttp.ClientSession() as session:
            yield Simulator(told["origins"], session)
    finally:
        await asyncio.to_thread(process.end, _PATIENCE_S)


@contextmanager
def simulator_process(
    *, seed: int = 1, products: int = 60, latency_ms: float = 0, arguments: tuple[str, ...] = ()
) -> Iterator[dict[str, str]]:
    """Run the simulator as above, for a whole module of tests: gives its origins."""
    process = _started(seed, products, latency_ms, arguments)
    try:
        yield process.line()["origins"]
    finally:
        process.end(_PATIENCE_S)


@asynccontextmanager
async def simulator_in_loop(
    *, seed: int = 1, products: int = 60, latency_ms: float = 0
) -> AsyncIterator[Simulator]:
    """Run the simulator in this very loop: cheap, but its time is the test's time."""
    options = Options(port=0, seed=seed, products=products, latency_ms=latency_ms)
    ready: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    task = asyncio.create_task(serve(options, ready=ready.set_result, stop=stop))
    try:
        either: list[asyncio.Future[Any]] = [task, ready]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        async with aiohttp.ClientSession() as session:
            yield Simulator(ready.result()["origins"], session)
    finally:
        stop.set()
        await task


def _started(seed: int, products: int, latency_ms: float, arguments: tuple[str, ...]) -> WarmChild:
    words = ["--port", "0", "--seed", str(seed), "--products", str(products), "--latency-ms", str(latency_ms)]
    return WarmChild(SIMULATOR, *words, *arguments)
