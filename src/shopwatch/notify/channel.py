"""A channel people are told through: one Apprise address, which is a secret from end to end."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import threading

from shopwatch.domain.errors import Invalid, Unreachable
from shopwatch.notify.services import service_of, why_not

_TIME_OUT_S = 20.0


class AppriseChannel:
    """A ``ports.Channel``. Its name tells the service, never the address."""

    def __init__(self, address: str) -> None:
        """Raises Invalid: nothing could be sent there; the address is not repeated."""
        service = service_of(address)
        if service is None:
            raise Invalid(why_not(address))
        self._service = service
        self.key = hashlib.sha256(address.encode()).hexdigest()[:12]
        self.name = f"{service.service_name} ({self.key[:4]})"

    async def send(self, title: str, body: str) -> None:
        """Raises Unreachable with what Apprise said of it."""
        try:
            # Apprise's own asynchronous way runs the same blocking code in a thread; so do we, with a limit.
            async with asyncio.timeout(_TIME_OUT_S):
                error = await asyncio.to_thread(self._notify, title, body)
        except TimeoutError:
            raise Unreachable(self.name, f"no answer within {_TIME_OUT_S:g} s") from None
        if error:
            raise Unreachable(self.name, error)

    def _notify(self, title: str, body: str) -> str:
        """Send, and say what went wrong; "" when it left."""
        listener = _Listener(threading.get_ident())
        logger = logging.getLogger("apprise")
        logger.addHandler(listener)
        try:
            left = self._service.notify(title=title, body=body)
        finally:
            logger.removeHandler(listener)
        return "" if left else (listener.said or "the service refused the message")


class _Listener(logging.Handler):
    """Apprise says why it failed only in its log. Its words may hold the address: only a status is kept."""

    def __init__(self, thread: int) -> None:
        super().__init__(logging.WARNING)
        self._thread = thread  #: other channels send at the same time
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            status = re.search(r"error=(\d{3})", record.getMessage())
            self.said = f"the service answered {status[1]}" if status else "the service could not be reached"
