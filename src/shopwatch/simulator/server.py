"""Puts the ten origins on ten ports of one process; everything else in this room only answers."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from shopwatch.simulator.control import Control
from shopwatch.simulator.faults import Faults
from shopwatch.simulator.origin import CutShort, Origin
from shopwatch.simulator.request_log import RequestLog
from shopwatch.simulator.shelf import Products
from shopwatch.simulator.site import ORIGINS, PARTS, Site
from shopwatch.simulator.stocking import first_day
from shopwatch.simulator.world import World

#: Seconds an open request has to end when the simulator is told to stop.
_GRACE = 1

_HERE = "shopwatch.simulator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What ``shopwatch simulate`` can be told."""

    port: int = 8800  #: of the control API; the sites follow. 0: any ten free ports
    latency_ms: float = 50.0  #: of every answer of a site, there and back
    seed: int = 1
    stores: Path | None = None  #: a folder of GeoJSON store sets; None: made from the seed
    store_count: int | None = None  #: of each set that is made; None: a few hundred
    products: int = 200  #: on each of the three shelves
    host: str = "127.0.0.1"


class CannotStart(Exception):
    """A port is taken, or the store sets cannot be read; the text says which and what to do."""


async def serve(options: Options, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Run the simulator until ``stop`` is set; ``ready`` is told the origins once they answer.

    Raises:
        CannotStart: a port is taken, or ``options.stores`` has no store sets.
    """
    sockets = _listen(options)
    ports = {name: sock.getsockname()[1] for name, sock in zip(("control", *ORIGINS), sockets, strict=True)}
    world = World(seed=options.seed, products=Products())
    world.origins = {name: f"http://{options.host}:{port}" for name, port in ports.items()}
    try:
        origins = build(options, world)
    except CannotStart:
        for sock in sockets:
            sock.close()
        raise
    app = _Dispatch({ports[origin.name]: origin for origin in origins})
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=75,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # faults look like errors to it
    told: dict[str, Any] = {
        "control": world.origins["control"],
        "origins": world.origins,
        "pid": os.getpid(),
        "seed": world.seed,
    }
    problems = _problems(world)
    if problems:
        told["problems"] = problems
    server = _Server(config, ready=lambda: ready(told))
    stopper = asyncio.create_task(_stop(server, stop))
    try:
        await server.serve(sockets=sockets)
    finally:
        stopper.cancel()


def build(options: Options, world: World) -> list[Origin]:
    """Make the world's shelves and stores, and the origins that show them: control first."""
    world.products = Products(lambda: first_day(world.seed, options.products))
    world.refill = lambda: fill_stores(world, options.stores, options.store_count)
    world.refill()
    faults, log, missing = Faults(options.seed), RequestLog(), []
    origins = []
    for name in ORIGINS:
        parts = [_part(part, world) for part in PARTS[name] if _exists(f"{_HERE}.sites.{part}")]
        missing += [part for part in PARTS[name] if not _exists(f"{_HERE}.sites.{part}")]
        origin = Origin(_joined(name, parts), world, faults, log)
        origin.latency = options.latency_ms / 1000
        origins.append(origin)
    control = Control(world, faults, log, missing=missing)
    return [Origin(Site(name="control", routes=control.routes(), robots=""), world, faults, log), *origins]


def fill_stores(world: World, folder: Path | None, count: int | None = None) -> None:
    """Let the store sets be made, if that part of the simulator is there."""
    if _exists(f"{_HERE}.stores"):
        try:
            importlib.import_module(f"{_HERE}.stores").fill(world, folder, count=count)
        except ValueError as error:
            raise CannotStart(str(error)) from None


def _problems(world: World) -> list[str]:
    """What was wrong with the files of ``--stores``, feature by feature."""
    return [problem for stores in world.stores.values() for problem in getattr(stores, "problems", ())]


def _part(part: str, world: World) -> Site:
    site: Site = importlib.import_module(f"{_HERE}.sites.{part}").site(world)
    return site


def _exists(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _joined(name: str, parts: list[Site]) -> Site:
    routes = tuple(route for part in parts for route in part.routes)
    robots = next((part.robots for part in parts if part.robots), "User-agent: *\nDisallow:\n")
    return Site(name=name, routes=routes, robots=robots)


def _listen(options: Options) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    for offset in range(1 + len(ORIGINS)):
        port = options.port + offset if options.port else 0
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sockets.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((options.host, port))
        except OSError as error:
            for opened in sockets:
                opened.close()
            raise CannotStart(
                f"cannot listen on {options.host}:{port} ({error.strerror}): the simulator needs ten ports "
                f"from {options.port} on; choose others with --port, or --port 0 for any"
            ) from None
    return sockets


async def _stop(server: _Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


class _Dispatch:
    """The one application behind all the sockets: the port a request came to says for whom it is."""

    def __init__(self, origins: dict[int, Origin]) -> None:
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # CutShort: uvicorn drops the connection when an application returns with its answer unfinished
        with contextlib.suppress(CutShort):
            await self._origins[scope["server"][1]](scope, receive, send)


class _Server(uvicorn.Server):
    """Uvicorn, told when to stop by our event instead of by signals."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever runs the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._ready()
