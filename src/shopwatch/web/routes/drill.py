"""The rehearsal at a click: would a restock be seen, confirmed, told and bought?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from shopwatch.domain.errors import Conflict
from shopwatch.web.errors import RESPONSES
from shopwatch.web.services import Given

router = APIRouter(prefix="/api", tags=["operations"], responses=RESPONSES)


@router.post("/drill")
async def drill(services: Given) -> dict[str, Any]:
    """Rehearse on a simulator, in test mode, and answer with the time of each leg; it takes some 20 s.

    Nothing of this installation is read or written. 409 while another rehearsal is under way.
    """
    if services.drilling.locked():
        raise Conflict("a rehearsal is under way: wait until it is over")
    async with services.drilling:
        return await services.rehearse()
