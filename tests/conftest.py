"""What every test lives by."""

import gc
import os
import shutil
import sys
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import settings
from tests.compiled_once import share_what_is_compiled
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


def pytest_collection(session: pytest.Session) -> None:
    """Each worker loads another part first: what one has compiled, in a fresh clone, the others find."""
    if session.config.pluginmanager.has_plugin("dsession"):  # it hands the tests out and runs none
        return
    gc.disable()  # until all is loaded: nothing of it is garbage
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    files = sorted(HERE.rglob("test_*.py"))
    first = int(worker.removeprefix("gw")) * len(files) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for file in [*files[first:], *files[:first]]:
        import_module(".".join(file.relative_to(HERE.parent).with_suffix("").parts))


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
    share_what_is_compiled()
    gc.collect()
    gc.freeze()
    gc.enable()
