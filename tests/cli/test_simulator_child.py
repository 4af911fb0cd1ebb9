"""The simulator of a rehearsal never outlives the process that wanted it."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE

OWNER = """
import asyncio
from shopwatch.bootstrap.simulated import simulator

async def main():
    async with simulator(products=5, latency_ms=0.0) as told:
        print(told["pid"], flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_simulator_whose_owner_is_killed_ends_by_itself() -> None:
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=PIPE, stderr=PIPE)
    assert owner.stdout is not None
    assert owner.stderr is not None
    async with asyncio.timeout(60):
        assert int(await owner.stdout.readline())
        owner.kill()
        complaint = await owner.stderr.read()  # ends only when the simulator, which has it too, is gone
        await owner.wait()
    assert complaint == b""
