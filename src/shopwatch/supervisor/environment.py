"""What a child may know of the environment: what it needs to run, nothing that lies about by chance."""

from __future__ import annotations

import os
from collections.abc import Mapping

_NAMES = frozenset(
    {
        "DISPLAY",  # a window to sign in
        "DBUS_SESSION_BUS_ADDRESS",
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PLAYWRIGHT_BROWSERS_PATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SYSTEMROOT",
        "TMPDIR",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "XDG_RUNTIME_DIR",
    }
)
_PREFIXES = ("LC_", "SHOPWATCH_", "PYTHON")


def child_environment(
    environment: Mapping[str, str] = os.environ, *, names: frozenset[str] = frozenset()
) -> dict[str, str]:
    """``names`` are those the configuration refers to (``${BESTBUY_API_KEY}``): a child reads it too."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NAMES or name in names or name.startswith(_PREFIXES)
    }
