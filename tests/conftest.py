"""What every test lives by."""

import gc

from hypothesis import settings

# How long one example takes is the machine's business, not the behaviour's.
settings.register_profile("shopwatch", deadline=None)
settings.load_profile("shopwatch")


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: no collection of garbage looks at it again."""
    gc.collect()
    gc.freeze()
