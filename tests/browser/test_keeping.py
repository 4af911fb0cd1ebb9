"""How a session is doing: by evidence, with a warning ahead, and never by what its cookies claim."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.scripted_checkout import NOON, SetClock

from shopwatch.browser.keeping import SessionKeeper, token_end
from shopwatch.browser.seats import kept_state, save_state, state_file
from shopwatch.browser.signed_in import signed_in_mark
from shopwatch.domain.errors import Unreachable, Unusable
from shopwatch.domain.probe import SessionState
from shopwatch.domain.session import SessionHealth, SessionStatus

H = SessionHealth


def stored(end: datetime | None) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": end.timestamp() if end else None}).encode())
    token = f"e30.{payload.decode().rstrip('=')}.c2ln"
    return json.dumps({"cookies": [{"name": "accessToken", "value": token}], "origins": []})


class Visits:
    """The site's side: who it greets, and what it renews."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock
        self.signed_in: bool | None = True
        self.end: datetime | None = NOON + timedelta(hours=24)
        self.is_down = False
        self.looks = 0

    async def session(self, retailer: str) -> SessionState:
        self.looks += 1
        if self.is_down:
            raise Unreachable("https://x/account", "HTTP 503")
        reason = "Hi, Jane" if self.signed_in else "the account page asks to sign in"
        return SessionState(
            retailer=retailer, signed_in=self.signed_in, checked_at=self.clock.now(), reason=reason
        )

    async def state(self, retailer: str) -> str:
        return stored(self.end)


class Notes:
    def __init__(self) -> None:
        self.written: dict[str, Mapping[str, object]] = {}

    async def read(self, name: str) -> Mapping[str, object] | None:
        return self.written.get(name)

    async def write(self, name: str, document: Mapping[str, object]) -> None:
        self.written[name] = document


class Desk:
    def __init__(self, folder: Path) -> None:
        self.clock, self.notes = SetClock(), Notes()
        self.visits = Visits(self.clock)
        self.folder = folder
        self.told: list[SessionStatus] = []
        self.waits: list[tuple[float, float]] = []
        self.waited_thrice = asyncio.Event()
        save_state(state_file(folder, "target"), stored(self.visits.end))
        self.keeper = SessionKeeper(
            self.visits,
            sessions=folder,
            retailers=("target",),
            clock=self.clock,
            notebook=self.notes,
            between_s=self.between,
            told=self.tell,
        )

    def between(self, earliest_s: float, latest_s: float) -> float:
        self.waits.append((earliest_s, latest_s))
        if len(self.waits) == 3:
            self.waited_thrice.set()
        return 0.001

    async def tell(self, status: SessionStatus) -> None:
        self.told.append(status)

    async def health(self) -> SessionHealth:
        return (await self.keeper.check("target")).health


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_greeting_is_health(desk: Desk) -> None:
    assert not desk.keeper.healthy("target"), "before the first look nothing is known"
    assert await desk.health() is H.HEALTHY
    assert desk.keeper.healthy("target")


async def test_without_a_sign_in_there_is_none_and_nothing_is_asked(desk: Desk) -> None:
    state_file(desk.folder, "target").unlink()
    assert await desk.health() is H.NONE
    assert desk.visits.looks == 0


async def test_no_greeting_is_expired_whatever_the_cookies_claim(desk: Desk) -> None:
    desk.visits.signed_in = False
    assert await desk.health() is H.EXPIRED
    assert not desk.keeper.healthy("target")


async def test_it_warns_ahead_of_the_tokens_end_unless_the_site_renews_it(desk: Desk) -> None:
    desk.visits.end = NOON + timedelta(minutes=50)
    assert await desk.health() is H.EXPIRING
    assert desk.keeper.healthy("target"), "expiring is still signed in"
    desk.visits.end = NOON + timedelta(hours=24)
    assert await desk.health() is H.HEALTHY
    assert [status.health for status in desk.told] == [H.EXPIRING, H.HEALTHY]


async def test_since_when_is_kept_while_nothing_changes(desk: Desk) -> None:
    await desk.health()
    desk.clock.move(1500)
    status = await desk.keeper.check("target")
    assert (status.since, status.checked_at) == (NOON, NOON + timedelta(seconds=1500))
    assert len(desk.told) == 1


async def test_what_could_not_be_looked_at_for_an_hour_is_not_known(desk: Desk) -> None:
    await desk.health()
    desk.visits.is_down = True
    desk.clock.move(1800)
    assert await desk.health() is H.HEALTHY
    assert desk.keeper.healthy("target")
    desk.clock.move(2200)
    await desk.health()
    assert not desk.keeper.healthy("target")


async def test_a_person_who_was_asked_for_is_waited_for(desk: Desk) -> None:
    await desk.health()
    desk.keeper.hand_over("target", "the checkout asks for a verification code")
    assert await desk.health() is H.NEEDS_HUMAN
    assert not desk.keeper.healthy("target")
    desk.clock.at = datetime.now(UTC) - timedelta(minutes=1)
    desk.keeper.hand_over("target", "again")
    signed_in_mark(desk.folder, "target").touch()
    desk.visits.end = None
    assert await desk.health() is H.HEALTHY


async def test_it_is_looked_at_again_every_20_to_30_minutes_until_told_to_stop(desk: Desk) -> None:
    stop = asyncio.Event()
    keeping = asyncio.create_task(desk.keeper.keep(stop))
    async with asyncio.timeout(60):
        await desk.waited_thrice.wait()
    stop.set()
    await keeping
    assert set(desk.waits) == {(1200.0, 1800.0)}


async def test_a_person_who_signs_in_is_noticed_before_the_next_round(desk: Desk) -> None:
    desk.visits.signed_in = False
    await desk.keeper.check_all()
    await desk.keeper.notice()
    assert (desk.visits.looks, desk.keeper.healthy("target")) == (1, False)
    desk.visits.signed_in = True
    save_state(state_file(desk.folder, "target"), stored(desk.visits.end) + " ")
    await desk.keeper.notice()
    assert (desk.visits.looks, desk.keeper.healthy("target")) == (2, True)
    assert "healthy" in json.dumps(desk.notes.written)


async def test_after_a_sleep_of_the_machine_a_session_is_looked_at_before_the_next_round(desk: Desk) -> None:
    await desk.keeper.check_all()
    desk.clock.move(3 * 3600)
    assert not desk.keeper.healthy("target")
    await desk.keeper.notice()
    assert desk.keeper.healthy("target")
    await desk.keeper.notice()
    assert desk.visits.looks == 2


async def test_that_a_person_is_needed_is_told_and_written_down(desk: Desk) -> None:
    await desk.keeper.check_all()
    desk.keeper.hand_over("target", "the checkout asks for the card's security code")
    await desk.keeper.notice()
    assert [status.health for status in desk.told][-1] is H.NEEDS_HUMAN
    assert "security code" in json.dumps(desk.notes.written)
    told = len(desk.told)
    await desk.keeper.notice()
    assert len(desk.told) == told, "once"


async def test_a_session_that_was_replaced_while_we_looked_is_not_written_over(desk: Desk) -> None:
    fresh = stored(desk.visits.end) + " "

    async def state(retailer: str) -> str:
        save_state(state_file(desk.folder, "target"), fresh)  # a person signs in at this very moment
        return stored(None)

    desk.visits.state = state  # type: ignore[method-assign]
    await desk.keeper.check("target")
    assert state_file(desk.folder, "target").read_text() == fresh
    await desk.keeper.notice()
    assert desk.visits.looks == 2, "the session of that moment has not been looked at yet"


async def test_a_session_that_was_replaced_and_noticed_while_we_looked_is_not_written_over(
    desk: Desk,
) -> None:
    fresh = stored(desk.visits.end) + " "
    reading, go_on = asyncio.Event(), asyncio.Event()
    read = desk.visits.state

    async def state(retailer: str) -> str:
        desk.visits.state = read  # type: ignore[method-assign]
        reading.set()
        await go_on.wait()
        return stored(None)

    desk.visits.state = state  # type: ignore[method-assign]
    checking = asyncio.create_task(desk.keeper.check("target"))
    await reading.wait()
    save_state(state_file(desk.folder, "target"), fresh)
    desk.visits.signed_in = None  # nothing is renewed by the look that notices it
    await desk.keeper.notice()
    go_on.set()
    await checking
    assert state_file(desk.folder, "target").read_text() == fresh


async def test_other_processes_read_it_in_the_notebook_without_a_secret(desk: Desk) -> None:
    await desk.keeper.check_all()
    noted = json.dumps(desk.notes.written)
    assert "healthy" in noted
    token = json.loads(stored(desk.visits.end))["cookies"][0]["value"]
    assert token not in noted


@pytest.mark.parametrize("text", ["", "{}", '{"cookies": []}', stored(None), "[1]"])
def test_a_token_that_cannot_be_read_has_no_end(tmp_path: Path, text: str) -> None:
    path = tmp_path / "target_storage.json"
    path.write_text(text)
    assert token_end(path) is None


async def test_a_person_who_is_asked_for_while_we_look_is_not_forgotten(desk: Desk) -> None:
    await desk.health()
    looking, go_on = asyncio.Event(), asyncio.Event()
    look = desk.visits.session

    async def session(retailer: str) -> SessionState:
        looking.set()
        await go_on.wait()
        return await look(retailer)

    desk.visits.session = session  # type: ignore[method-assign]
    checking = asyncio.create_task(desk.keeper.check("target"))
    await looking.wait()
    desk.keeper.hand_over("target", "the checkout asks for the card's security code")
    go_on.set()
    status = await checking
    assert (status.health, status.reason) == (H.NEEDS_HUMAN, "the checkout asks for the card's security code")
    assert not desk.keeper.healthy("target")
    await desk.keeper.notice()
    assert [one.health for one in desk.told] == [H.HEALTHY, H.NEEDS_HUMAN], "told, and once"


@pytest.mark.parametrize("text", ["", '{"cookies": [', "[]", "\0"])
def test_a_file_that_holds_no_session_is_named_and_ends_no_monitor(tmp_path: Path, text: str) -> None:
    path = state_file(tmp_path, "target")
    assert kept_state(path) is None
    path.write_text(text)
    with pytest.raises(Unusable, match=r"target_storage\.json holds no session; sign in again"):
        kept_state(path)
