"""Trying the alert channels, each on its own, so that a person learns which of them works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import SecretStr

from shopwatch.bootstrap.core import Core
from shopwatch.config.sites import secret
from shopwatch.domain.errors import Invalid, Unreachable
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.notify.messages import render


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """How sending to one channel ended."""

    channel: str
    ok: bool
    error: str = ""


async def try_channels(core: Core, number: int | None = None) -> list[Tried]:
    """Send a test message to every channel, or to one by its number from 1; none there: an empty list."""
    section = core.settings.shopwatch.notify
    message = render(Alert(key="test", kind=AlertKind.TEST), section.templates)
    wanted = [(at, address) for at, address in enumerate(section.channels, 1) if number in (None, at)]
    tries = (_try(at, address, message.title, message.body) for at, address in wanted)
    return list(await asyncio.gather(*tries))


async def _try(number: int, address: SecretStr, title: str, body: str) -> Tried:
    # Apprise is loaded only by who sends: the dashboard starts without it.
    from shopwatch.notify.channel import AppriseChannel  # noqa: PLC0415 - see above

    name = f"channel {number}"
    try:
        channel = AppriseChannel(secret(address))
        name = channel.name
        await channel.send(title, body)
    except Unreachable as error:
        return Tried(channel=name, ok=False, error=error.reason)
    except Invalid as error:
        return Tried(channel=name, ok=False, error=str(error))
    return Tried(channel=name, ok=True)
