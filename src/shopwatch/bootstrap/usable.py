"""What only shows when a configuration is put to use: channels nobody knows, variables that are not set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shopwatch.config.problems import InvalidSettings, Problem
from shopwatch.config.settings import NotifySettings, Settings
from shopwatch.config.sites import secret, site_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.watch import Watch
from shopwatch.ports import Channel
from shopwatch.retailers.registry import RETAILERS


def check_usable(settings: Settings, watches: tuple[Watch, ...]) -> None:
    """Raises InvalidSettings: what the monitor would refuse although both files are valid by themselves."""
    problems = list(_keys(settings, watches))
    try:
        channels_of(settings.shopwatch.notify)
    except InvalidSettings as error:
        problems = [*error.details, *problems]
    if problems:
        raise InvalidSettings(problems)


def channels_of(notify: NotifySettings) -> Sequence[Channel]:
    """Raises InvalidSettings: Apprise knows no such service, or an environment variable is not set."""
    if not notify.channels:
        return ()
    # Apprise takes half a second to load: only where there is a channel.
    from shopwatch.notify.channel import AppriseChannel  # noqa: PLC0415 - see above

    channels: list[Channel] = []
    problems: list[Problem] = []
    for number, address in enumerate(notify.channels):
        try:
            channels.append(AppriseChannel(secret(address)))
        except Invalid as error:
            problems.append(
                Problem(f"notify.channels.{number}", f"cannot be used: {error}", "shopwatch.yaml")
            )
    if problems:
        raise InvalidSettings(problems)
    return channels


def _keys(settings: Settings, watches: tuple[Watch, ...]) -> Iterator[Problem]:
    for name in sorted({watch.retailer for watch in watches if watch.enabled}):
        try:
            site_of(RETAILERS[name].site, settings.retailer(name))
        except Invalid as error:
            yield Problem(f"retailers.{name}.keys", f"cannot be used: {error}", "retailers.yaml")
