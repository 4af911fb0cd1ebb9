"""Addresses as people may see them; without it a key or a password would reach logs and error texts."""

from __future__ import annotations

import re

_SECRET_FIELDS = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|password|passwd|signature|auth)=)[^&;#\s]+", re.IGNORECASE
)
_USER_INFO = re.compile(r"(?<=://)[^/?#@\s]+@")


def redact(url: str) -> str:
    """Take user names, passwords and the values of secret query fields out of an address."""
    return _SECRET_FIELDS.sub(r"\1***", _USER_INFO.sub("***@", url))
