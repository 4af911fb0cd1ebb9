"""The mailbox of a rehearsal: the letter about the product is the alert, not whatever came first."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from shopwatch.bootstrap.mailbox import mailbox


async def send(channel: str, title: str, message: str) -> None:
    address = channel.replace("json://", "http://")
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, json={"title": title, "message": message}) as answer,
    ):
        answer.raise_for_status()


async def test_a_letter_from_before_the_flip_and_one_about_something_else_are_not_the_alert() -> None:
    async with asyncio.timeout(20), mailbox(time.monotonic) as box:
        await send(box.channel, "Rehearsal is sold out", "before the flip")
        box.empty()
        await send(box.channel, "Session has ended", "sign in again")
        await send(box.channel, "In stock", "Rehearsal at 49.99")
        letter = await box.about("Rehearsal")
        assert (letter.title, letter.body) == ("In stock", "Rehearsal at 49.99")
        assert box.letters.empty()
