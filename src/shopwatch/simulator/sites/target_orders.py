"""Target's order history: where one looks when nobody can say whether an order was placed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.names import escaped
from shopwatch.simulator.site import Site
from shopwatch.simulator.sites.target_api import KEYS, cors
from shopwatch.simulator.sites.target_cart_json import session_of
from shopwatch.simulator.sites.target_json import JSON, page_url
from shopwatch.simulator.world import World

_PAGE = 10


def site(world: World) -> Site:
    """Make the order history of the origin ``target-api``, at its older and its newer address."""
    history = _History(world)
    routes = (
        Route("/guest_order_aggregations/v1/order_history", history.read, methods=["GET"]),
        Route("/post_orders/v1/orders/history", history.read, methods=["GET"]),
    )
    return Site(name="target-api", routes=routes, robots="")


def orders_of(world: World, session: str) -> list[dict[str, Any]]:
    """What the guest of a session sees of the order book, newest first: it may lag behind."""
    guest, now = world.sessions[session], world.now()
    lag = timedelta(seconds=world.checkout.history_delay_s)
    return [order for order in reversed(world.orders) if order["guest"] == guest and order["at"] + lag <= now]


class _History:
    def __init__(self, world: World) -> None:
        self._world = world

    async def read(self, request: Request) -> Response:
        """Show the orders of who is signed in, ten a page."""
        session = session_of(request, self._world)
        if request.headers.get("x-api-key") not in KEYS:
            return self._say({"message": "unauthorized"}, 401)
        if session is None or session in self._world.stale:
            return self._say({"code": "_ERR_AUTH_DENIED", "message": "T83072242"}, 401)
        query = request.query_params
        number, size = _number(query.get("page_number"), 1), _number(query.get("page_size"), _PAGE)
        found = orders_of(self._world, session)
        shown = found[(number - 1) * size : number * size]
        body = {
            "total_orders": len(found),
            "total_pages": -(-len(found) // size),
            "orders": [self._order(order) for order in shown],
        }
        return self._say(body, 200)

    def _order(self, order: dict[str, Any]) -> JSON:
        at: datetime = order["at"]
        return {
            "order_number": order["order_number"],
            "order_date": at.date().isoformat(),
            "placed_date": at.isoformat(),
            "order_purchase_type": "ONLINE",
            "summary": {"grand_total": f"{order['total_cents'] / 100:.2f}"},
            "order_lines": [self._line(line) for line in order["lines"]],
        }

    def _line(self, line: JSON) -> JSON:
        product = self._world.products.get("target", line["sku"])
        item: JSON = {"tcin": line["sku"]}
        if product:
            item |= {"description": escaped(product.title), "buy_url": page_url(product, self._world)}
        status = {"key": "STAT_PROCESSING", "operations": {"is_cancellable": True}}
        return {"item": item, "quantity": line["quantity"], "fulfillment_spec": {"status": status}}

    def _say(self, body: JSON, status: int) -> Response:
        return Response(msgspec.json.encode(body), status, cors(self._world), "application/json")


def _number(text: str | None, default: int) -> int:
    return max(1, int(text)) if text and text.isdigit() else default
