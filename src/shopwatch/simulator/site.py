"""What one origin of the simulator is made of; without it the server would have to know each site by hand.

Every module named in ``PARTS`` lives in ``simulator/sites/`` and has one function
``site(world: World) -> Site``. An origin with several parts joins their routes in the order given here; a
part whose module is not there is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import Route

#: The origins in the order of their ports: the control API has the base port, these follow.
ORIGINS = (
    "verizon",
    "att",
    "target",
    "target-api",
    "target-carts",
    "tmobile",
    "walmart",
    "bestbuy",
    "bestbuy-api",
)

#: Which modules of ``simulator/sites/`` make up each origin; the first one that has a robots.txt gives it.
PARTS: dict[str, tuple[str, ...]] = {
    "verizon": ("verizon",),
    "att": ("att",),
    "target": ("target_stores", "target_pages", "target_checkout"),
    "target-api": ("target_api", "target_orders"),
    "target-carts": ("target_carts", "target_placing"),
    "tmobile": ("tmobile",),
    "walmart": ("walmart_stores", "walmart_pages"),
    "bestbuy": ("bestbuy_stores", "bestbuy_pages"),
    "bestbuy-api": ("bestbuy_api", "bestbuy_api_stores"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One origin: its routes, its robots.txt and nothing else."""

    name: str  #: one of ``ORIGINS``
    routes: tuple[Route, ...]  #: handlers are ``async def handler(request: Request) -> Response``
    robots: str  #: served at /robots.txt; empty where another part of the origin has it


def fault_of(request: Request) -> str | None:
    """Say which fault the handler itself has to show: ``wrong-state``, ``missing-field``, ``206`` or none."""
    fault: str | None = request.scope["state"].get("fault")
    return fault
