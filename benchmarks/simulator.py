"""How much the simulator can answer: it must never be what a benchmark of the product measures.

Run ``python benchmarks/simulator.py [--seconds 5] [--connections 16] [--skus 30] [--products 1000]``. The
client is a bare socket reader in another process; CPU time is the simulator's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import psutil
import uvloop

KEY = "9f36aeafbe60771e321a7cc95a78140772ab3e96"
GOAL = 2500  #: requests a second


def main(options: argparse.Namespace) -> int:
    """Measure, print, and say by the exit status whether the goal was reached."""
    command = [sys.executable, "-m", "shopwatch.simulator", "--port", "0", "--latency-ms", "0"]
    with subprocess.Popen(
        [*command, "--products", str(options.products)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        told = json.loads(child.stdout.readline())
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                rate = runner.run(measure(told, options))
        finally:
            child.send_signal(signal.SIGTERM)
    return 0 if rate >= GOAL else 1


async def measure(told: dict[str, Any], options: argparse.Namespace) -> float:
    """Ask for batches over keep-alive connections for a while."""
    tcins = await skus_of(told["control"], options.skus)
    path = (
        f"/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1?key={KEY}&tcins={','.join(tcins)}"
        "&store_id=2272&zip=20147&state=VA&latitude=39.030&longitude=-77.490&required_store_id=2272"
        "&scheduled_delivery_store_id=2272&has_required_store_id=true"
    )
    process = psutil.Process(told["pid"])
    before, started = process.cpu_times(), time.perf_counter()
    until = started + options.seconds
    spent = await asyncio.gather(
        *(ask(told["origins"]["target-api"], path, until) for _ in range(options.connections))
    )
    elapsed, after = time.perf_counter() - started, process.cpu_times()
    durations = sorted(duration for of_one, _ in spent for duration in of_one)
    cpu = after.user + after.system - before.user - before.system
    rate = len(durations) / elapsed
    print(f"batch of {options.skus} SKUs, {spent[0][1]} bytes, {options.connections} connections")
    print(f"{rate:.0f} requests/s (goal {GOAL}), {1000 * cpu / len(durations):.3f} ms CPU per request")
    print(f"answer time p50 {1000 * durations[len(durations) // 2]:.2f} ms, ", end="")
    print(f"p99 {1000 * durations[len(durations) * 99 // 100]:.2f} ms")
    print(f"memory of the simulator {process.memory_info().rss >> 20} MB")
    return rate


async def skus_of(control: str, count: int) -> list[str]:
    """Read the first SKUs of the shelf."""
    reader, writer = await connect(control)
    body = await fetch(reader, writer, f"/products/target?limit={count}")
    writer.close()
    return [product["sku"] for product in json.loads(body)["products"]]


async def ask(origin: str, path: str, until: float) -> tuple[list[float], int]:
    """Ask one after the other until the time is over."""
    reader, writer = await connect(origin)
    durations, size = [], 0
    while (start := time.perf_counter()) < until:
        size = len(await fetch(reader, writer, path))
        durations.append(time.perf_counter() - start)
    writer.close()
    return durations, size


async def connect(origin: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection."""
    parts = urlsplit(origin)
    assert parts.hostname is not None
    return await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)


async def fetch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> bytes:
    """Read one answer with a Content-Length."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n", 1)[0], head
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return await reader.readexactly(length)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--skus", type=int, default=30)
    parser.add_argument("--products", type=int, default=1000)
    sys.exit(main(parser.parse_args()))
