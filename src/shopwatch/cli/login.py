"""``shopwatch login`` and ``sessions``: a person signs in by hand, and sees how long it lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shopwatch.bootstrap.core import Core, opened, retailer_of
from shopwatch.browser.keeping import NOTE, token_end
from shopwatch.browser.launching import Start
from shopwatch.browser.login import sign_in
from shopwatch.browser.remote import WITHOUT_A_SCREEN, has_screen, take_over
from shopwatch.browser.seats import state_file
from shopwatch.browser.signed_in import account_of
from shopwatch.cli import context as ctx
from shopwatch.cli.output import AsJson, print_json, say, table
from shopwatch.domain.errors import Invalid, Unusable
from shopwatch.domain.session import SessionHealth
from shopwatch.retailers.registry import SESSION_PROBES


def login(
    context: typer.Context,
    retailer: Annotated[str, typer.Argument(help="Where to sign in.")] = "target",
    *,
    cdp: Annotated[
        str | None, typer.Option(help="Debugging port of a browser elsewhere: http://127.0.0.1:9222")
    ] = None,
) -> None:
    """Open a window, wait until you have signed in, and keep the session. No password is ever stored."""
    known = retailer_of(retailer)
    if retailer not in SESSION_PROBES:
        raise Invalid(f"signing in is known for {', '.join(SESSION_PROBES)} only, not for {known.name}")

    async def run() -> Path:
        async with opened(ctx.of(context).paths) as core:
            return await _sign_in(core, retailer, cdp)

    if cdp is None and has_screen():
        say(f"sign in at {known.name} in the window, with 'Keep me signed in'; it closes by itself")
    elif cdp is not None:
        say(f"sign in at {known.name} in the other browser; a tab of it opens there")
    say(f"the session is kept in {ctx.run(run())}; it is as good as the password")


async def _sign_in(core: Core, retailer: str, cdp: str | None) -> Path:
    site, probe, sessions = core.site(retailer_of(retailer)), SESSION_PROBES[retailer], core.paths.sessions
    if cdp is not None:
        return await take_over(retailer, site, probe, cdp_url=cdp, sessions=sessions)
    if not has_screen():
        file = state_file(sessions, retailer)
        raise Unusable(WITHOUT_A_SCREEN.format(retailer=retailer, file=file))
    return await sign_in(retailer, site, probe, Start(sessions=sessions, headless=False))


def sessions(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show the signed-in sessions, as the monitor last saw them."""

    async def fetch() -> list[dict[str, object]]:
        async with opened(ctx.of(context).paths) as core:
            noted = await core.notebook.read(NOTE) or {}
            return [_session(core, name, noted.get(name)) for name in SESSION_PROBES]

    found = ctx.run(fetch())
    if as_json:
        print_json(found)
        return
    columns = ("retailer", "account", "health", "since", "looked at", "token ends", "why")
    table(columns, (tuple(one.values()) for one in found), empty="no retailer has sessions")


def _session(core: Core, name: str, noted: object) -> dict[str, object]:
    path = state_file(core.paths.sessions, name)
    known = noted if isinstance(noted, dict) else {}
    if not path.is_file():
        known = {
            "health": SessionHealth.NONE.value,
            "reason": f"nobody has signed in: shopwatch login {name}",
        }
    return {
        "retailer": name,
        "account": account[0] if (account := account_of(core.paths.sessions, name)) else None,
        "health": known.get("health", "unknown"),
        "since": known.get("since"),
        "checked_at": known.get("checked_at"),
        "expires_at": known.get("expires_at") or token_end(path),
        "reason": known.get("reason", "not looked at yet: the monitor does"),
    }
