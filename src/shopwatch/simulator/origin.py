"""One origin at work: finds the handler, lets faults and latency have their way, and counts.

Starlette's own application would do, but it asks each route in turn and wraps every answer three times; the
simulator must never be the bottleneck of a benchmark.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from shopwatch.simulator import fault_answers
from shopwatch.simulator.faults import OF_DELIVERY, OF_HANDLERS, Fault, Faults
from shopwatch.simulator.request_log import RequestLog, Seen
from shopwatch.simulator.site import Site
from shopwatch.simulator.world import World

logger = logging.getLogger(__name__)

#: Longer than any client waits: a ``hang`` ends when the client goes or the server stops. Seconds.
_HANG = 3600.0


class CutShort(Exception):
    """The connection has to be dropped in the middle of a body."""


class Origin:
    """Serves one site, or the control API, which nothing disturbs and nobody counts."""

    def __init__(self, site: Site, world: World, faults: Faults, log: RequestLog) -> None:
        self.name = site.name
        self.latency = 0.0  #: seconds, half before the handler looks at the shelf and half after
        self._world = world
        self._faults = faults
        self._log = log
        self._counted = site.name != "control"
        self._exact: dict[str, list[Route]] = {}
        self._patterns: list[Route] = []
        for route in (*site.routes, Route("/robots.txt", _text(site.robots), methods=["GET"])):
            if "{" in route.path:
                self._patterns.append(route)
            else:
                self._exact.setdefault(route.path, []).append(route)
        if self._counted:
            log.obey(site.name, site.robots)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._counted:
            await (await self._respond(scope, receive))(scope, receive, send)
            return
        now = time.time()
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        agent = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"user-agent"), "")
        remote = scope["client"][0] if scope["client"] else ""
        client = self._log.start(self.name, agent, remote, f"{path}?{query}" if query else path, at=now)
        fault = None if path == "/robots.txt" else self._faults.pick(self.name, path)
        status, retry_after = 0, None
        try:
            response = await self._answer(scope, receive, fault)
            retry_after = _retry_after(response)
            await self._deliver(response, fault, scope, receive, send)
            status = response.status_code
        finally:
            kind = fault.kind if fault else None
            seen = Seen(now, self.name, agent, scope["method"], path, query, status, kind)
            self._log.end(client, seen, retry_after=retry_after, now=time.time())

    async def _answer(self, scope: Scope, receive: Receive, fault: Fault | None) -> Response:
        if self.latency:
            await pause(self.latency / 2)
        scope["state"] = {"fault": fault.kind if fault and fault.kind in OF_HANDLERS else None}
        if fault is not None and fault.detail:
            scope["state"]["fault_detail"] = fault.detail
        if fault is None or fault.kind in OF_HANDLERS | OF_DELIVERY:
            response = await self._respond(scope, receive)
        else:
            response = fault_answers.answer(fault, self.name, scope["path"], self._world)
        if self.latency:
            await pause(self.latency / 2)
        return response

    async def _deliver(
        self, response: Response, fault: Fault | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault and fault.kind == "slow":
            await pause(fault.delay_ms / 1000)
        elif fault and fault.kind == "hang":
            await until_gone(receive)
            raise CutShort
        elif fault and fault.kind == "cut":
            await _cut(response, send)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        route, params = self._find(scope)
        if route is None:
            return PlainTextResponse("Not Found", 404)
        if route.methods and scope["method"] not in route.methods:
            return PlainTextResponse("Method Not Allowed", 405, {"allow": ", ".join(sorted(route.methods))})
        scope["path_params"] = params
        try:
            response: Response = await route.endpoint(Request(scope, receive))
        except HTTPException as error:
            return PlainTextResponse(error.detail, error.status_code, error.headers)
        except Exception:  # a bug in one handler is a 500 with its traceback, as at a real site
            logger.exception("%s failed at %s %s", self.name, scope["method"], scope["path"])
            return PlainTextResponse("Internal Server Error", 500)
        return response

    def _find(self, scope: Scope) -> tuple[Route | None, dict[str, Any]]:
        """Find the route for path and method; one for the path alone, if there is none for both."""
        near: tuple[Route | None, dict[str, Any]] = (None, {})
        for route in self._exact.get(scope["path"], ()):
            near = (route, {})
            if not route.methods or scope["method"] in route.methods:
                return near
        for route in self._patterns:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return route, child["path_params"]
            preflight = route.methods == {"OPTIONS"}  # there for every path, also for those that are not
            if match is Match.PARTIAL and near[0] is None and not preflight:
                near = (route, child["path_params"])
        return near


async def pause(seconds: float) -> None:
    """Take time, as the way to a real site does."""
    await asyncio.sleep(seconds)


async def until_gone(receive: Receive) -> None:
    """Wait for the client to hang up."""
    async with asyncio.timeout(_HANG):
        while (await receive())["type"] != "http.disconnect":
            pass


async def _cut(response: Response, send: Send) -> None:
    """Promise the whole body and send half of it."""
    start: Message = {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": response.raw_headers,
    }
    body = bytes(getattr(response, "body", b""))
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise CutShort


def _retry_after(response: Response) -> float | None:
    value = response.headers.get("retry-after")
    return float(value) if value and value.isdigit() else None


def _text(text: str) -> Any:
    async def handler(request: Request) -> Response:
        return PlainTextResponse(text)

    return handler
