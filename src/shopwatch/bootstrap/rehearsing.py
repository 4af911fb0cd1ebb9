"""The rehearsal as a child process: its browser and its simulator take no memory of the dashboard's."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from typing import Any

from shopwatch.bootstrap.ending import end
from shopwatch.domain.errors import Unusable
from shopwatch.supervisor.environment import child_environment

_LONGEST_S = 240.0  #: starts, two waits of the rehearsal, and its clearing away
_LONGEST_END_S = 15.0


async def rehearsed() -> dict[str, Any]:
    """Run ``shopwatch drill`` and give what it printed as JSON.

    Raises:
        Unusable: it ended without a report.
    """
    words = [sys.executable, "-m", "shopwatch", "drill", "--json"]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=PIPE, stderr=PIPE, env=child_environment(), start_new_session=True
    )
    try:
        async with asyncio.timeout(_LONGEST_S):
            told, complaint = await process.communicate()
    except TimeoutError:
        raise Unusable(f"the rehearsal was not over after {_LONGEST_S:g} s") from None
    finally:
        await end(process, within_s=_LONGEST_END_S)
    try:
        report: dict[str, Any] = json.loads(told)
    except ValueError:
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Unusable(f"the rehearsal did not come to an end: {last or 'it said nothing'}") from None
    return report
