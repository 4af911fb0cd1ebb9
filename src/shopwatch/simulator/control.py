"""The control API: by it tests and people change the simulated world and ask what was done to it."""

from __future__ import annotations

import math
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.checkout import changed
from shopwatch.simulator.control_bodies import (
    ExpireBody,
    FaultBody,
    ModeBody,
    ProductBody,
    Refused,
    ResetBody,
    ScenarioBody,
    changes_of,
    read,
    refusing,
    say,
)
from shopwatch.simulator.faults import KINDS, Faults
from shopwatch.simulator.request_log import RequestLog
from shopwatch.simulator.scenario import Event, Timeline, events_of
from shopwatch.simulator.shelf import SITES, Flip, Product
from shopwatch.simulator.site import ORIGINS
from shopwatch.simulator.stores import field_called
from shopwatch.simulator.world import World

Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """The handlers, and what they act upon."""

    def __init__(self, world: World, faults: Faults, log: RequestLog, *, missing: list[str]) -> None:
        self.world = world
        self.faults = faults
        self.log = log
        self.timeline = Timeline(world)
        self._missing = missing

    def routes(self) -> tuple[Route, ...]:
        """Every route of the control API."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/state", self.state),
            ("GET", "/products/{site}", self.shelf),
            ("GET", "/products/{site}/{sku}", self.product),
            ("PUT", "/products/{site}/{sku}", self.put_product),
            ("DELETE", "/products/{site}/{sku}", self.remove_product),
            ("GET", "/shelf/history", self.history),
            ("POST", "/scenario", self.start_scenario),
            ("DELETE", "/scenario", self.stop_scenario),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/week", self.week),
            ("GET", "/stores/{retailer}", self.stores),
            ("GET", "/modes", self.modes),
            ("PUT", "/modes/{retailer}", self.set_mode),
            ("GET", "/requests", self.requests),
            ("DELETE", "/requests", self.clear_requests),
            ("GET", "/checkout", self.checkout),
            ("PUT", "/checkout", self.put_checkout),
            ("GET", "/orders", self.orders),
            ("POST", "/session/expire", self.expire_sessions),
            ("POST", "/reset", self.reset),
        ]
        known = [f"{method} {path}" for method, path, _ in table]

        async def index(_: Request) -> Response:
            return say({"routes": known, "origins": self.world.origins})

        table.append(("GET", "/", index))
        return tuple(Route(path, _answering(handler), methods=[method]) for method, path, handler in table)

    async def state(self, request: Request) -> Response:
        """Say how the world is."""
        world = self.world
        return say(
            {
                "pid": os.getpid(),
                "seed": world.seed,
                "now": world.now(),
                "speed": world.clock.speed,
                "origins": world.origins,
                "missing_parts": self._missing,
                "products": {site: len(shelf) for site, shelf in world.products.shelves.items()},
                "stores": {name: len(s) for name, s in world.stores.items() if hasattr(s, "__len__")},
                "scenario": {"pending": self.timeline.pending, "done": self.timeline.done},
                "faults": self.faults.in_force(),
                "orders": len(world.orders),
            }
        )

    async def shelf(self, request: Request) -> Response:
        """List the products of a site, ``?offset=&limit=``."""
        products = list(self.world.products.shelves[_site(request)].values())
        offset, limit = _number(request, "offset", 0), _number(request, "limit", 1000)
        page = products[int(offset) : int(offset + limit)]
        return say({"total": len(products), "products": [_shown(product) for product in page]})

    async def product(self, request: Request) -> Response:
        """Show one product as it truly is."""
        site, sku = _site(request), request.path_params["sku"]
        product = self.world.products.get(site, sku)
        if product is None:
            raise Refused(404, f"{site} does not sell {sku}")
        return say(_shown(product))

    async def put_product(self, request: Request) -> Response:
        """Change a product or lay a new one on the shelf."""
        body = read(ProductBody, await request.body())
        product = self.world.products.put(_site(request), request.path_params["sku"], **changes_of(body))
        return say(_shown(product))

    async def remove_product(self, request: Request) -> Response:
        """Take a product off the shelf: the site does not know it any more."""
        site, sku = _site(request), request.path_params["sku"]
        if not self.world.products.remove(site, sku):
            raise Refused(404, f"{site} does not sell {sku}")
        return say({"removed": sku})

    async def history(self, request: Request) -> Response:
        """List the flips of the shelf, ``?site=&sku=&since=`` (seconds since 1970), oldest first."""
        since = _number(request, "since", 0.0)
        wanted = {
            name: request.query_params[name] for name in ("site", "sku") if name in request.query_params
        }
        flips: list[Flip] = [
            flip
            for flip in self.world.products.history
            if flip.at >= since and all(getattr(flip, name) == value for name, value in wanted.items())
        ]
        return say({"flips": flips})

    async def start_scenario(self, request: Request) -> Response:
        """Plan restocks, blips, lies and drops; answer with every event, so that a test knows them."""
        body = read(ScenarioBody, await request.body())
        if body.speed is not None and body.speed <= 0:
            raise Refused(422, f"speed must be above 0, got {body.speed}")
        if body.plan and body.plan.site not in SITES:
            raise Refused(422, f"plan.site must be one of {', '.join(SITES)}, got {body.plan.site!r}")
        events = list(body.events) + (events_of(body.plan, self.world) if body.plan else [])
        for event in events:
            self._check(event)
        if body.replace:
            self.timeline.stop()
        self.world.clock.move(speed=body.speed)
        changes = self.timeline.add(events)
        return say({"events": events, "changes": changes, "speed": self.world.clock.speed}, 202)

    async def stop_scenario(self, request: Request) -> Response:
        """Let nothing more happen."""
        pending = self.timeline.pending
        self.timeline.stop()
        return say({"dropped": pending})

    async def list_faults(self, request: Request) -> Response:
        """List the faults in force."""
        return say({"faults": self.faults.in_force()})

    async def add_fault(self, request: Request) -> Response:
        """Put a fault in force."""
        body = read(FaultBody, await request.body())
        if body.kind not in KINDS:
            raise Refused(422, f"kind must be one of {', '.join(sorted(KINDS))}, got {body.kind!r}")
        if body.site is not None and body.site not in ORIGINS:
            raise Refused(422, f"site must be one of {', '.join(ORIGINS)} or null, got {body.site!r}")
        if not 0 <= body.rate <= 1:
            raise Refused(422, f"rate must be from 0 to 1, got {body.rate}")
        if body.detail is not None:
            try:
                field_called(body.detail)
            except ValueError as error:
                raise Refused(422, f"detail: {error}") from None
        return say(self.faults.add(**msgspec.structs.asdict(body)), 201)

    async def clear_faults(self, request: Request) -> Response:
        """Take away all faults, those of ``?site=``, or the one with ``?id=``."""
        chosen = int(_number(request, "id", 0)) or None
        return say({"removed": self.faults.clear(site=request.query_params.get("site"), fault_id=chosen)})

    async def week(self, request: Request) -> Response:
        """Let a week pass at the stores; say what each store set changed."""
        changed = self.world.week()
        self.timeline.arm()
        return say({"now": self.world.now(), "changed": changed})

    async def stores(self, request: Request) -> Response:
        """List the stores of a retailer as they truly are: what a complete crawl must find."""
        found = self._store_set(request).stores
        return say({"total": len(found), "stores": list(found.values())})

    async def modes(self, request: Request) -> Response:
        """Say how each retailer's store pages are set up: which of the shapes they once had."""
        return say({name: stores.modes for name, stores in self.world.stores.items()})

    async def set_mode(self, request: Request) -> Response:
        """Give a retailer's store pages another shape."""
        body, store_set = read(ModeBody, await request.body()), self._store_set(request)
        try:
            store_set.set_mode(body.mode)
        except ValueError as error:
            raise Refused(422, str(error)) from None
        return say(store_set.modes)

    async def requests(self, request: Request) -> Response:
        """Count the requests, ``?site=&client=&path=&status=&recent=``."""
        query = request.query_params
        status = int(_number(request, "status", 0)) or None
        return say(
            self.log.report(
                site=query.get("site", "*"),
                client=query.get("client", ""),
                path=query.get("path", "*"),
                status=status,
                recent=int(_number(request, "recent", 0)),
            )
        )

    async def clear_requests(self, request: Request) -> Response:
        """Forget the requests so far."""
        self.log.clear()
        return say({"status": "cleared"})

    async def orders(self, request: Request) -> Response:
        """List the orders that were truly placed."""
        return say({"orders": self.world.orders})

    async def checkout(self, request: Request) -> Response:
        """Say how a purchase at Target goes."""
        return say(self.world.checkout)

    async def put_checkout(self, request: Request) -> Response:
        """Let purchases at Target go another way; ``simulator/checkout.py`` lists every setting and word."""
        settings = refusing(lambda raw: changed(self.world.checkout, raw), await request.body())
        if settings.foreign is not None and self.world.products.get("target", settings.foreign) is None:
            raise Refused(422, f"target does not sell {settings.foreign!r}: put it on the shelf first")
        self.world.checkout = settings
        return say(settings)

    async def expire_sessions(self, request: Request) -> Response:
        """Sign everybody out, or with ``{"kind": "access"}`` until a page is loaded, which renews them."""
        body = read(ExpireBody, await request.body())
        expired = len(self.world.sessions)
        if body.kind == "access":
            self.world.stale |= self.world.sessions.keys()
        else:
            self.world.sessions.clear()
        return say({"expired": expired})

    async def reset(self, request: Request) -> Response:
        """Put everything back to the first day, of the same seed or another."""
        body = read(ResetBody, await request.body())
        self.world.seed = self.world.seed if body.seed is None else body.seed
        self.timeline.stop()
        self.faults.clear()
        self.log.clear()
        self.world.reset(stores=body.stores)
        return say({"seed": self.world.seed})

    def _store_set(self, request: Request) -> Any:
        retailer = request.path_params["retailer"]
        if retailer not in self.world.stores:
            raise Refused(404, f"no stores of {retailer!r}: there are {', '.join(self.world.stores)}")
        return self.world.stores[retailer]

    def _check(self, event: Event) -> None:
        if event.site not in SITES:
            raise Refused(422, f"an event's site must be one of {', '.join(SITES)}, got {event.site!r}")
        if event.action == "drop":
            if not any(p.brand == event.brand for p in self.world.products.shelves[event.site].values()):
                raise Refused(422, f"{event.site} sells nothing of the brand {event.brand!r}")
        elif self.world.products.get(event.site, event.sku) is None:
            raise Refused(422, f"{event.site} does not sell {event.sku!r}: put it on the shelf first")


def _answering(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refusal:
            body = {"status": "error", "message": str(refusal), "errors": [str(refusal)]}
            return say(body, refusal.status)

    return answer


def _site(request: Request) -> str:
    site: str = request.path_params["site"].removesuffix("-api")
    if site not in SITES:
        raise Refused(404, f"no shelf of {site!r}: the shelves are {', '.join(SITES)}")
    return site


def _number(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refused(400, f"{name} must be a number, got {text!r}")
    return number


def _shown(product: Product) -> dict[str, Any]:
    shown = {name: getattr(product, name) for name in Product.__slots__ if name != "cache"}
    return shown | {"claims": product.claims, "buyable": product.buyable}
