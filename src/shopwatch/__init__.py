"""Shopwatch: watches shops for stock, and keeps store directories."""

from importlib.metadata import version

__version__ = version("shopwatch")
