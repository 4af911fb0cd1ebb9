"""What the one Python loads from which the children of tests are forked (see ``warm_children``).

Nothing of it may start a thread: a fork keeps only one. The simulator's stores are made here too, once for
all simulators of a worker.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pkgutil import iter_modules

import shopwatch.simulator.sites
from shopwatch.cli.groups import load
from shopwatch.cli.main import Commands
from shopwatch.simulator.server import Options, build
from shopwatch.simulator.shelf import Products
from shopwatch.simulator.world import World

for _name, _known in Commands.table.items():
    load(_name, _known.where)
for _module in (
    "shopwatch.bootstrap.watching",
    "shopwatch.simulator.__main__",
    "tests.buying_shop",
    "tests.storage_crawler",
    "uvicorn.protocols.http.httptools_impl",
    *(f"shopwatch.simulator.sites.{one.name}" for one in iter_modules(shopwatch.simulator.sites.__path__)),
):
    import_module(_module)
build(Options(), World(seed=1, products=Products()))
gc.freeze()  # the children share these pages for as long as nobody looks at them
