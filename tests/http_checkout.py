"""A checkout over the simulated shop's own HTTP, without a browser: real carts and a real order book."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.buying_shop import CARD, ZIP
from tests.simulator_fixture import Answer, Simulator
from tests.target_shopper import CARTS, Shopper

from shopwatch.domain.cart import Cart, PastOrder, Placement
from shopwatch.domain.checkout_probe import Answered
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Observation, Offer, Source
from shopwatch.domain.watch import Watch
from shopwatch.retailers.stock import target_cart, target_orders


class HttpCheckout:
    """One shopper's way, asked of the cart host; answers are read as the browser's are."""

    def __init__(self, simulator: Simulator, visitor: str) -> None:
        self._shopper = Shopper(simulator, visitor)
        self.at_the_click: list[datetime] = []

    async def sign_in(self) -> None:
        assert (await self._shopper.sign_in()).status == 200

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[HttpCheckout]:
        yield self

    async def orders(self, retailer: str) -> Sequence[PastOrder]:
        return target_orders.read_orders(_answered(await self._shopper.history()))

    async def look(self, watch: Watch) -> Observation:
        return Observation(
            product=watch.product,
            availability=Availability.IN_STOCK,
            source=Source.BROWSER,
            observed_at=datetime.now(UTC),
            offer=Offer(price=Money(4999)),
        )

    async def cart(self) -> Cart:
        return target_cart.read_cart(_answered(await self._shopper.cart()))

    async def add(self, watch: Watch) -> None:
        if (error := target_cart.not_added(_answered(await self._shopper.add(watch.sku)))) is not None:
            raise error

    async def take_out(self, watch: Watch) -> None:
        answer = await self._shopper.cart()
        for line in answer.json["cart_items"] if answer.status == 200 else []:
            await self._shopper.ask("DELETE", f"{CARTS}/cart_items/{line['cart_item_id']}")

    async def check_out(self) -> Cart:
        cart = await self.cart()
        return replace(cart, page_total=cart.total, ship_to_zip=ZIP, card_last_four=CARD)

    async def place(self) -> Placement:
        answer = await self._shopper.place()
        number = target_orders.order_number(answer.json) if answer.status == 201 else None
        return Placement(confirmed=number is not None, shown=f"HTTP {answer.status}", order_number=number)


def _answered(answer: Answer) -> Answered:
    headers: Mapping[str, str] = {name.lower(): value for name, value in answer.headers.items()}
    body: Any = answer.json if answer.body else None
    return Answered(url="http://cart", status=answer.status, headers=headers, body=body)
