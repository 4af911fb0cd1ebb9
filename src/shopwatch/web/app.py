"""The application: routes, errors, security and the page itself put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles

import shopwatch
from shopwatch.web import errors, openapi
from shopwatch.web.live import Live
from shopwatch.web.routes import (
    alerts,
    carrying,
    config,
    drill,
    history,
    live,
    looks,
    monitor,
    operations,
    purchases,
    runs,
    status,
    stores,
    watches,
)
from shopwatch.web.security import COOKIE, Guarded
from shopwatch.web.services import Services

_STATIC = Path(__file__).parent / "static"
_ROUTERS = (
    status.router,
    runs.router,
    stores.router,
    config.router,
    live.router,
    carrying.router,
    looks.router,
    watches.router,
    history.router,
    monitor.router,
    purchases.router,
    alerts.router,
    drill.router,
    operations.router,
)


def create_app(services: Services, *, hosts: frozenset[str], token: str | None = None) -> FastAPI:
    """The dashboard over ``services``, answering to ``hosts``, behind ``token`` if there is one."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await _app.state.live.close()

    app = FastAPI(
        title="Shopwatch", version=shopwatch.__version__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.openapi = partial(openapi.document_of, app)  # type: ignore[method-assign] # FastAPI's documented way
    connect(app, services)
    errors.install(app)
    for router in _ROUTERS:
        app.include_router(router)

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        response = FileResponse(_STATIC / "index.html", headers={"cache-control": "no-cache"})
        if token is not None:
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return response

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return FileResponse(_STATIC / "docs.html", headers={"cache-control": "no-cache"})

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(
        Guarded, hosts=hosts, token=token, pictures=lambda: app.state.services.rows.picture_origins
    )
    return app


def connect(app: FastAPI, services: Services) -> None:
    """Let the application work with ``services``; one that served others before forgets them."""
    app.state.services = services
    app.state.live = Live(services.core.events, services.core.clock)
    app.middleware_stack = None
