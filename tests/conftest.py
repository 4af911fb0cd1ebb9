"""What every test lives by."""

import gc
import os
import shutil
import sys
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import settings
from tests.headless_shell import prefer_it

prefer_it()

# An assertion in a helper says what it compared, as one in a test does.
HERE = Path(__file__).parent
helpers = {f"tests.{one.stem}" for one in HERE.iterdir()}
pytest.register_assert_rewrite(*(helpers - sys.modules.keys()))

# A database waits for the disk at each commit; tests keep theirs in memory, where there is enough of it.
MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 2 * 1024**3
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# How long one example takes is the machine's business, not the behaviour's.
settings.register_profile("shopwatch", deadline=None)
settings.load_profile("shopwatch")


#: One for each worker of ``make test``. Rooms that share a server or a browser stand together, so that few
#: are started; they come first, so that no worker is left with a long test at the end.
LANES = (
    ("browser", "web", "supervisor", "notify"),
    ("purchase", "storage"),
    ("locator", "cli", "monitor", "simulator"),
)


@pytest.hookimpl(trylast=True)  # within a room they stay as they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lay the lanes out one after the other, each filled up with quick tests to an equal number."""
    rooms: dict[str, list[pytest.Item]] = {}
    for item in items:
        rooms.setdefault(item.path.relative_to(HERE).parts[0], []).append(item)
    lanes = [[item for room in lane for item in rooms.pop(room, [])] for lane in LANES]
    quick = list(chain.from_iterable(rooms.values()))
    for lane in lanes:
        missing = max(0, len(items) // len(lanes) - len(lane))
        lane.extend(quick[:missing])
        del quick[:missing]
    items[:] = [*chain.from_iterable(lanes), *quick]


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()
