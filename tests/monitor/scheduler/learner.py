"""A process that keeps learning and saving until it is killed: argument, the folder of the database."""

import asyncio
import sys
from pathlib import Path

from tests.monitor.scheduler.worlds import every, watched

from shopwatch.bootstrap.exported import ExportedNotebook
from shopwatch.monitor.memory import SCHEDULER, Memory
from shopwatch.storage.database import Database
from shopwatch.storage.notebook import SqlNotebook


async def learn(folder: Path) -> None:
    notebook = SqlNotebook(Database.open(folder / "shopwatch.db"))
    memory = Memory(ExportedNotebook(notebook, {SCHEDULER: folder / "scheduler_state.json"}), {})
    world = watched(20, in_stock=every("7", 4 * 3600.0))
    while True:
        world.run(1800.0)
        await memory.remember(world.scheduler)
        sys.stdout.write(f"{world.now}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(learn(Path(sys.argv[1])))
