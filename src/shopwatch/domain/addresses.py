"""Addresses as people may see them; without it a key or a password would reach logs and error texts."""

from __future__ import annotations

import re

_SECRET_FIELDS = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|password|passwd|signature|auth)=)[^&;#\s]+", re.IGNORECASE
)
#: Up to the last "@", and past a "/" where a password was not encoded; a port is no password.
_USER_INFO = re.compile(r"(?<=://)(?:[^/?#@\s:]+:(?!\d*[/?#])\S*|[^/?#\s]+)@")


def redact(url: str) -> str:
    """Take user names, passwords and the values of secret query fields out of an address."""
    return _SECRET_FIELDS.sub(r"\1***", _USER_INFO.sub("***@", url))
