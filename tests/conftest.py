"""What every test lives by."""

from hypothesis import settings

# How long one example takes is the machine's business, not the behaviour's.
settings.register_profile("shopwatch", deadline=None)
settings.load_profile("shopwatch")
