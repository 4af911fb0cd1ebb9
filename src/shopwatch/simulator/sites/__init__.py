"""One file per part of an origin; each has ``site(world) -> Site`` and is found by its name in ``PARTS``."""
