"""What every test lives by."""

import gc
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from tests.headless_shell import prefer_it

prefer_it()

# An assertion in a helper says what it compared, as one in a test does.
helpers = {f"tests.{one.stem}" for one in Path(__file__).parent.iterdir()}
pytest.register_assert_rewrite(*(helpers - sys.modules.keys()))

# How long one example takes is the machine's business, not the behaviour's.
settings.register_profile("shopwatch", deadline=None)
settings.load_profile("shopwatch")


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()
