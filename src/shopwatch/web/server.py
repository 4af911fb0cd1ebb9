"""The HTTP server in this process's own loop: told when to stop by an event, and says when it answers."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from shopwatch.domain.errors import Unusable

_GRACE_S = 2  #: for open requests when told to stop; live streams end at once


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        Unusable: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        reason = error.strerror or str(error)
        is_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        hint = f"choose another with {'--port' if is_port else '--host'}"
        raise Unusable(f"cannot listen on {host}:{port} ({reason}): {hint}") from None
    sock.listen(128)
    return sock


async def serve(app: FastAPI, sock: socket.socket, *, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Answer requests on ``sock`` until ``stop``."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config, ready)
    stopper = asyncio.create_task(_stop(app, server, stop), name="web stop")
    try:
        await server.serve(sockets=[sock])
    finally:
        stopper.cancel()


async def _stop(app: FastAPI, server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    await app.state.live.close()  # an endless stream would hold the server up
    server.should_exit = True


class _Server(uvicorn.Server):
    """Uvicorn that leaves the signals to whoever runs the loop."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()
