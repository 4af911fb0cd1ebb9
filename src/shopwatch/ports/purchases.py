"""The book of purchases and the way through a checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from shopwatch.domain.cart import Cart, PastOrder, Placement
from shopwatch.domain.purchase import Allow, Entry, Purchase, PurchaseState
from shopwatch.domain.stock import Observation
from shopwatch.domain.watch import Watch


class Ledger(Protocol):
    """The append-only book of purchases. A unique index on the restock decides who may buy.

    ``allow`` is asked within the transaction that acts on its answer, with every purchase that may count
    against a limit: two monitors cannot both find room under a cap. Its reasons make the purchase REFUSED.
    """

    async def reserve(
        self,
        restock_id: int,
        watch: Watch,
        *,
        live: bool,
        now: datetime,
        allow: Allow | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Purchase | None:
        """Claim a restock: RESERVED, or REFUSED with all reasons; ``None`` if it is taken."""

    async def move(
        self,
        purchase_id: int,
        before: PurchaseState,
        after: PurchaseState,
        *,
        now: datetime,
        facts: Mapping[str, object],
        allow: Allow | None = None,
    ) -> bool:
        """Compare-and-set with an appended entry; committed to disk when it returns. ``False``: refused,
        or not in ``before``."""

    async def get(self, purchase_id: int) -> Purchase: ...

    async def entries(self, purchase_id: int) -> list[Entry]: ...

    async def recent(self, limit: int = 100, before_id: int | None = None) -> list[Purchase]: ...

    async def counted_since(self, since: datetime) -> list[Purchase]:
        """Those that count against the limits: all but refused, failed and rehearsed."""

    async def limiting(self, now: datetime) -> list[Purchase]:
        """Every purchase that may count against a limit at ``now``, as ``Allow`` is given them."""

    async def unresolved(self) -> list[Purchase]: ...


class Checkout(Protocol):
    """One walk through a retailer's purchase. A page it does not know raises; nothing is guessed or typed.

    Every step may raise ``RetailerError``: ``HandOver`` when a person is needed, ``NotSold`` when the site
    refused, ``LayoutChanged`` for a page that is not understood, ``Blocked``, ``Unreachable``.
    """

    async def look(self, watch: Watch) -> Observation:
        """Open the product page and read it anew; the way of getting it is chosen."""

    async def cart(self) -> Cart:
        """Read the cart as the site has it now."""

    async def add(self, watch: Watch) -> None:
        """Click the product's own button. What came of it is the cart's to say."""

    async def check_out(self) -> Cart:
        """Go up to the last button, which can be clicked when this returns; both totals are read."""

    async def take_out(self, watch: Watch) -> None:
        """Empty a cart that holds this product and nothing else; any other is left as it is."""

    async def place(self) -> Placement:
        """Click the last button, once. Raises nothing: what is not confirmed is unclear."""


class Checkouts(Protocol):
    """Where a walk begins: a tab of a signed-in session, nobody else's while it lasts."""

    def walk(self, retailer: str) -> AbstractAsyncContextManager[Checkout]: ...


class OrderHistory(Protocol):
    async def orders(self, retailer: str) -> Sequence[PastOrder]:
        """The latest orders, read only.

        Raises:
            RetailerError: they cannot be read.
        """
