"""What the routes work with, made once by ``serve``; the web process holds no truth besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from shopwatch.bootstrap.core import Core, retailer_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.retailer import Retailer
from shopwatch.ports import ProcessRow
from shopwatch.web.errors import BadRequest


class Children(Protocol):
    """What the routes ask of the supervisor."""

    async def start(self, kind: str, name: str, arguments: list[str], run_id: str | None = None) -> None:
        """Raises Conflict: it runs already."""

    async def stop(self, name: str) -> bool:
        """Ask for a stop; answers at once. ``False``: nothing of that name runs."""

    async def live(self) -> list[ProcessRow]: ...


@dataclass(kw_only=True, slots=True)
class Services:
    """The core of this process, and who starts and stops children."""

    core: Core
    children: Children


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


def known_retailer(name: str) -> Retailer:
    """Raises BadRequest: the mission answers an unknown retailer with 400."""
    try:
        return retailer_of(name)
    except NotFound as error:
        raise BadRequest(str(error)) from None
