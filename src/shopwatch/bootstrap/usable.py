"""What only shows when a configuration is put to use: channels nobody knows, variables that are not set."""

from __future__ import annotations

from collections.abc import Iterator

from shopwatch.config.problems import InvalidSettings, Problem
from shopwatch.config.settings import NotifySettings, Settings
from shopwatch.config.sites import secret, site_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.watch import Watch
from shopwatch.retailers.registry import RETAILERS


def check_usable(settings: Settings, watches: tuple[Watch, ...]) -> None:
    """Raises InvalidSettings: what the monitor would refuse although both files are valid by themselves."""
    problems = [*_channels(settings.shopwatch.notify), *_keys(settings, watches)]
    if problems:
        raise InvalidSettings(problems)


def check_channels(notify: NotifySettings) -> None:
    """Raises InvalidSettings: no message could be sent to one of them."""
    if problems := list(_channels(notify)):
        raise InvalidSettings(problems)


def _channels(notify: NotifySettings) -> Iterator[Problem]:
    if not notify.channels:
        return
    # Apprise takes half a second to load: only where there is a channel.
    from shopwatch.notify.channel import AppriseChannel  # noqa: PLC0415 - see above

    for number, address in enumerate(notify.channels):
        try:
            AppriseChannel(secret(address))
        except Invalid as error:
            yield Problem(f"notify.channels.{number}", f"cannot be used: {error}", "shopwatch.yaml")


def _keys(settings: Settings, watches: tuple[Watch, ...]) -> Iterator[Problem]:
    for name in sorted({watch.retailer for watch in watches if watch.enabled}):
        try:
            site_of(RETAILERS[name].site, settings.retailer(name))
        except Invalid as error:
            yield Problem(f"retailers.{name}.keys", f"cannot be used: {error}", "retailers.yaml")
