"""Marks tests that need a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shopwatch.browser.find import find_browser

FOUND = find_browser(os.environ, Path.home())

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(FOUND.path is None, reason=FOUND.missing or "no browser"),
]
