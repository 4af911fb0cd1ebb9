"""What the person's watch says about a state: whether they would want the product so, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shopwatch.domain.stock import Availability, Channel
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch

#: An alert waits so long for a browser's word, then it leaves unconfirmed: two looks and a restart of it.
LONGEST_WAIT = timedelta(seconds=90)
_OUT, _UNKNOWN = Availability.OUT_OF_STOCK, Availability.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """A watch with what its alerts need to say."""

    watch: Watch
    url: str = ""  #: of the product page
    tell_end: bool = False  #: alert when it can no longer be had
    ask_first: bool = False  #: a restock is told when a browser has confirmed it


def by_channel(state: StockState) -> dict[Channel, Availability]:
    return {
        Channel.SHIPPING: state.availability,
        Channel.PICKUP: state.pickup,
        Channel.IN_STORE: state.in_store,
    }


def ways(state: StockState, watch: Watch) -> tuple[Channel, ...]:
    """The ways the person cares for in which it can be had now."""
    return tuple(
        channel
        for channel, availability in by_channel(state).items()
        if channel in watch.channels and availability.is_buyable
    )


def unwanted(state: StockState, watch: Watch) -> str:
    """Why the person would not want it although it can be had; empty: they would."""
    if state.sold_by is not None and not watch.third_party_sellers:
        return f"sold by {state.sold_by}, not by the retailer itself"
    if watch.max_price is not None and state.price is not None and state.price > watch.max_price:
        return f"{state.price} is over your limit of {watch.max_price}"
    return ""


def silence(watch: Watch, at: datetime) -> str:
    """Why the person does not want to hear of it now; empty: they do."""
    if watch.muted:
        return "the watch is muted"
    if watch.snoozed_until is not None and at < watch.snoozed_until:
        return f"snoozed until {watch.snoozed_until:%Y-%m-%d %H:%M} UTC"
    return ""
