"""What a fetch costs beyond the HTTP library, and how late an answer is beyond the server's own time.

Run ``python benchmarks/transport.py [--requests 3000] [--rounds 5] [--in-flight 50] [--latency-ms 50]``. The
server is a process of its own that answers 6 KB of gzipped JSON after an exact delay. Rounds of both clients
alternate; CPU time is the client process's alone. Exit status 1 if the goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import structlog
import uvloop

from shopwatch.domain.crawling import Request
from shopwatch.transport.client import Client
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

GOAL_MS = 10.0  #: p99 beyond the server's own time, at 50 in flight
BODY = json.dumps([{"tcin": str(number), "availability_status": "OUT_OF_STOCK"} for number in range(110)])
PACKED = gzip.compress(BODY.encode())
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: %d\r\n\r\n" % len(PACKED)
) + PACKED

Fetch = Callable[[str], Awaitable[object]]


class Server(asyncio.Protocol):
    """Answers every request after the delay its path names, in milliseconds."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        delay_ms = float(data.split(b" ", 2)[1].strip(b"/"))
        self.loop.call_later(delay_ms / 1000, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def load(fetch: Fetch, url: str, count: int, in_flight: int) -> tuple[float, list[float]]:
    """CPU seconds for each request, and how long each took, seconds."""
    left, took = iter(range(count)), []

    async def worker() -> None:
        for _ in left:
            started = time.perf_counter()
            await fetch(url)
            took.append(time.perf_counter() - started)

    cpu = time.process_time()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return (time.process_time() - cpu) / count, sorted(took)


async def bare(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as response:
        return await response.read()


async def measure(base: str, options: argparse.Namespace) -> bool:
    policy = Policy(retailer="target", pace=Pace(concurrency=options.in_flight), obey_robots=False)
    exact = Policy(retailer="target", pace=Pace(requests_per_second=9e5, concurrency=500), obey_robots=False)
    connector = aiohttp.TCPConnector(limit=200)
    async with Client() as client, aiohttp.ClientSession(connector=connector) as session:
        polite, limited = client.fetcher(policy), client.fetcher(exact)
        clients: dict[str, Fetch] = {
            "aiohttp alone": lambda url: bare(session, url),
            "our client": lambda url: polite.fetch(Request(url=url)),
            "our client, rate limited": lambda url: limited.fetch(Request(url=url)),
        }
        cost: dict[str, list[float]] = {name: [] for name in clients}
        late: dict[str, list[float]] = {name: [] for name in clients}
        for fetch in clients.values():
            await load(fetch, base + "/0", options.in_flight * 4, options.in_flight)
        for _ in range(options.rounds):
            for name, fetch in clients.items():
                cpu, _ = await load(fetch, base + "/0", options.requests, options.in_flight)
                cost[name].append(cpu)
                url = f"{base}/{options.latency_ms}"
                _, took = await load(fetch, url, options.requests // 3, options.in_flight)
                late[name] += [seconds * 1000 - options.latency_ms for seconds in took]
    return report(cost, late, options)


def report(cost: dict[str, list[float]], late: dict[str, list[float]], options: argparse.Namespace) -> bool:
    alone = statistics.median(cost["aiohttp alone"])
    p99 = {}
    print(f"{options.in_flight} in flight, {len(BODY)} bytes of JSON ({len(PACKED)} packed), uvloop")
    for name, seconds in cost.items():
        median, beyond = statistics.median(seconds), sorted(late[name])
        p50, p99[name] = beyond[len(beyond) // 2], beyond[len(beyond) * 99 // 100]
        print(
            f"{name:26} {median * 1e6:6.0f} us CPU a request ({median / alone:.2f} x),"
            f" beyond {options.latency_ms} ms: p50 {p50:.2f} ms, p99 {p99[name]:.2f} ms"
        )
    print(f"goal: p99 under {GOAL_MS:g} ms beyond the server's own time")
    return p99["our client"] < GOAL_MS


def main(options: argparse.Namespace) -> int:
    if options.serve:
        uvloop.run(serve())
        return 0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        base = f"http://127.0.0.1:{int(child.stdout.readline())}"
        try:
            reached = uvloop.run(measure(base, options))
        finally:
            child.terminate()
    return 0 if reached else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--in-flight", type=int, default=50)
    parser.add_argument("--latency-ms", type=float, default=50.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    sys.exit(main(parser.parse_args()))
