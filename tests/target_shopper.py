"""A person who buys at the simulated Target without a browser: for tests of what the pages post and show."""

from __future__ import annotations

from typing import Any

from selectolax.lexbor import LexborHTMLParser
from tests.simulator_fixture import TARGET_KEY, Answer, Simulator

SKU = "20000001"
CARTS = "target-carts:/web_checkouts/v1"
USER, PASSWORD, CODE = "shopper@example.com", "bullseye", "246810"


class Shopper:
    """Keeps cookies by hand, one jar for all ports, as a browser does."""

    def __init__(self, simulator: Simulator, visitor: str = "019F100E23A4020094B19874BE5166E1") -> None:
        self.simulator = simulator
        self.cookies = {"visitorId": visitor}

    async def ask(self, method: str, url: str, **arguments: Any) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"cookie": cookie, **arguments.pop("headers", {})}
        answer = await self.simulator.ask(method, url, headers=headers, **arguments)
        for line in answer.headers.getall("set-cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def page(self, path: str) -> LexborHTMLParser:
        return LexborHTMLParser((await self.ask("GET", f"target:{path}")).text)

    async def sign_in(self, **given: Any) -> Answer:
        body = {"username": USER, "password": PASSWORD, "keepMeSignedIn": True, **given}
        path = "target:/gsp/authentications/v1/credential_validations"
        return await self.ask("POST", path, json=body)

    async def add(self, tcin: str = SKU, quantity: int = 1) -> Answer:
        return await self.ask(
            "POST", f"{CARTS}/cart_items", json={"cart_item": {"tcin": tcin, "quantity": quantity}}
        )

    async def cart(self) -> Answer:
        return await self.ask("GET", f"{CARTS}/cart", params={"field_groups": "CART_ITEMS,SUMMARY"})

    async def place(self) -> Answer:
        return await self.ask("POST", f"{CARTS}/checkout", json={"cart_type": "REGULAR", "channel_id": "10"})

    async def history(self, key: str = TARGET_KEY) -> Answer:
        path = "target-api:/guest_order_aggregations/v1/order_history"
        return await self.ask("GET", path, headers={"x-api-key": key})

    async def orders(self) -> list[Any]:
        """The order book: what was truly placed."""
        return list((await self.simulator.tell("GET", "/orders"))["orders"])

    async def settings(self, **settings: Any) -> None:
        await self.simulator.tell("PUT", "/checkout", settings)


def text_of(page: LexborHTMLParser, selector: str) -> str:
    """What stands in the one element of a page."""
    nodes = page.css(selector)
    assert len(nodes) == 1, f"{len(nodes)} of {selector}"
    return (nodes[0].text() or "").strip()
