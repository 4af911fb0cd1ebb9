"""Runs the simulator from the shell: ``python -m shopwatch.simulator``; tests start it in this way too."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from uvicorn.loops.auto import auto_loop_factory

from shopwatch.simulator.server import CannotStart, Options, serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit status: 0 stopped, 1 it cannot start, 2 wrong arguments."""
    options, until_eof = _parse(arguments)
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop where it is installed
            runner.run(_run(options, until_eof=until_eof))
    except CannotStart as error:
        sys.stderr.write(f"shopwatch simulate: {error}\n")
        return 1
    return 0


async def _run(options: Options, *, until_eof: bool) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if until_eof:
        loop.add_reader(sys.stdin.fileno(), _read, loop, stop)
    await serve(options, ready=_say, stop=stop)


def _read(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Whoever started us holds the other end for as long as it lives."""
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin.fileno())
        stop.set()


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _parse(arguments: list[str] | None) -> tuple[Options, bool]:
    default = Options()
    parser = argparse.ArgumentParser(
        prog="shopwatch simulate",
        description="The six retailers on loopback. Prints one JSON line with all origins when ready.",
    )
    add = parser.add_argument
    add("--host", default=default.host)
    add(
        "--port",
        type=int,
        default=default.port,
        help="of the control API; the sites follow. 0: any free ports",
    )
    add("--latency-ms", type=float, default=default.latency_ms, help="of every answer of a site")
    add("--seed", type=int, default=default.seed, help="same seed, same world")
    add("--stores", type=Path, metavar="DIR", help="GeoJSON store sets instead of made-up ones")
    add("--store-count", type=int, metavar="N", help="in each made-up set; default: a few hundred")
    add("--products", type=int, default=default.products, metavar="N", help="on each of the three shelves")
    add("--until-eof", action="store_true", help="end when standard input does: with whoever started it")
    given = vars(parser.parse_args(arguments))
    until_eof = given.pop("until_eof")
    return Options(**given), until_eof


if __name__ == "__main__":
    sys.exit(main())
