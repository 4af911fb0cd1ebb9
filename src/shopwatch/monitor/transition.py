"""What an observation makes of a state: the one pure function behind every change and every alert."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shopwatch.domain.stock import UNNAMED_SELLER, Availability, Channel, Key, Observation, Offer
from shopwatch.domain.stock_state import Alert, StockState, Transition
from shopwatch.monitor import believing, telling
from shopwatch.monitor.rules import Rules, by_channel, silence, unwanted, ways

UNWANTED = "unwanted"  #: in ``StockState.held``: why something that can be had makes no alert
#: What the clocks of two machines may differ by. A state further ahead is of before the clock was set back.
_SKEW = timedelta(seconds=5)


def is_news(state: StockState, seen: Observation) -> bool:
    """A cheap first look: whether ``judge`` could come to anything but nothing. Most checks end here."""
    unknown = Availability.UNKNOWN
    offer = seen.offer
    return bool(
        state.held
        or (seen.availability is not state.availability and seen.availability is not unknown)
        or (seen.pickup is not state.pickup and seen.pickup is not unknown)
        or (seen.in_store is not state.in_store and seen.in_store is not unknown)
        or (
            offer is not None
            and (
                offer.sold_by != state.sold_by
                or (
                    offer.price is not None
                    and (offer.price != state.price or offer.regular_price != state.regular_price)
                )
            )
        )
    )


def judge(
    state: StockState,
    seen: Observation,
    rules: Rules,
    *,
    now: datetime | None = None,
    doubtful: bool = False,
    note: str = "",
) -> Transition | None:
    """Decide what ``seen`` makes of ``state``; ``None`` when nothing is to be written.

    ``now``: what the clock says; without it no state is taken to be ahead of it.
    ``doubtful``: the scheduler wants to ask again before a start is believed.
    ``note``: why no browser will confirm a restock, for its alert.
    """
    if _is_overtaken(state, seen, now):
        return None
    after = _believed(state, seen, doubtful=doubtful)
    gained, why_not = _wanted(state, after, rules)
    if why_not:
        after = replace(after, held={**after.held, UNWANTED: why_not})
    if _same(state, after):
        return None
    if gained:
        after = replace(after, last_restock=seen.observed_at)
    quiet = silence(rules.watch, seen.observed_at)
    case = _Case(state, after, seen, rules)
    alert = case.restock(gained, note) if gained else case.end() or case.price()
    return Transition(
        after=after,
        is_restock=bool(gained),
        is_change=_is_change(state, after),
        alerts=() if alert is None or quiet else (alert,),
    )


def _is_overtaken(state: StockState, seen: Observation, now: datetime | None) -> bool:
    """Whether a later look has changed the state already."""
    if state.since is None or seen.observed_at >= state.since:
        return False
    return now is None or state.since <= now + _SKEW


class Decider:
    """A ``Decide`` for the database that remembers what the states were when they were decided upon.

    It runs in the database's thread, so it reads only what never changes.
    """

    def __init__(
        self,
        rules_of: Callable[[Key], Rules | None],
        doubtful: Collection[Key] = (),
        note: str = "",
        *,
        now: datetime | None = None,
    ) -> None:
        self._rules_of = rules_of
        self._doubtful = frozenset(doubtful)
        self._note = note
        self._now = now
        self.known: dict[Key, StockState] = {}  #: as the database had them where nothing was to be written

    def __call__(self, state: StockState, seen: Observation) -> Transition | None:
        key = seen.product.key
        rules = self._rules_of(key)
        transition = None
        if rules is not None:
            transition = judge(
                state, seen, rules, now=self._now, doubtful=key in self._doubtful, note=self._note
            )
        if transition is None:
            self.known[key] = state
        return transition


def _believed(state: StockState, seen: Observation, *, doubtful: bool) -> StockState:
    at, held = seen.observed_at, state.held
    was = by_channel(state)
    shipping, pickup, in_store = (
        believing.channel(was[name], now, held=held.get(name.value), at=at, doubtful=doubtful)
        for name, now in zip(was, (seen.availability, seen.pickup, seen.in_store), strict=True)
    )
    offer = seen.offer
    price, held_price = believing.price(
        state.price, offer.price if offer else None, held=held.get("price"), at=at
    )
    waiting = {
        Channel.SHIPPING.value: shipping.held,
        Channel.PICKUP.value: pickup.held,
        Channel.IN_STORE.value: in_store.held,
        "price": held_price,
    }
    told_price = offer is not None and offer.price is not None and offer.price == price
    return StockState(  # not ``replace``: it takes three times as long, and a first sweep has 50,000
        key=state.key,
        version=state.version + 1,
        availability=shipping.availability,
        pickup=pickup.availability,
        in_store=in_store.availability,
        price=price,
        regular_price=offer.regular_price if offer and told_price else state.regular_price,
        sold_by=_seller(state, offer) if offer else state.sold_by,
        title=state.title or seen.product.name,
        purchase_limit=state.purchase_limit,
        image_url=state.image_url,
        since=shipping.since or state.since,
        last_checked=at if has_verdict(seen) else state.last_checked,
        last_restock=state.last_restock,
        held={name: answer for name, answer in waiting.items() if answer},
    )


def _wanted(state: StockState, after: StockState, rules: Rules) -> tuple[tuple[Channel, ...], str]:
    """The ways that make this a restock, and why something that can be had is none."""
    now = ways(after, rules.watch)
    if not now:
        return (), ""
    if why_not := unwanted(after, rules.watch):
        return (), why_not
    before = ways(state, rules.watch) if UNWANTED not in state.held else ()
    if not before:
        return now, ""
    better = Channel.SHIPPING in now and Channel.SHIPPING not in before
    return ((Channel.SHIPPING,) if better else ()), ""


@dataclass(frozen=True, slots=True)
class _Case:
    """The one alert of a change: a restock goes before an end, an end before a price."""

    state: StockState
    after: StockState
    seen: Observation
    rules: Rules

    def restock(self, channels: tuple[Channel, ...], note: str) -> Alert:
        was = str(self.state.held.get(UNWANTED) or self.state.availability.value)
        return telling.restock(self.after, self.seen, self.rules, channels=channels, was=was, note=note)

    def end(self) -> Alert | None:
        if not self.rules.tell_end:
            return None
        had = bool(ways(self.state, self.rules.watch)) and UNWANTED not in self.state.held
        why_not = str(self.after.held.get(UNWANTED, ""))
        if not had or (ways(self.after, self.rules.watch) and not why_not):
            return None
        return telling.sold_out(self.after, self.seen, self.rules, why_not or self.seen.reason)

    def price(self) -> Alert | None:
        gone = self.after.availability is Availability.OUT_OF_STOCK and not ways(self.after, self.rules.watch)
        if gone or UNWANTED in self.after.held:
            return None  # a price nobody can pay is no news
        return telling.cheaper(self.state, self.after, self.seen, self.rules)


def _seller(state: StockState, offer: Offer) -> str | None:
    """A batch answer knows that there is another seller, the details know who: that is no change."""
    if offer.sold_by == UNNAMED_SELLER and state.sold_by is not None:
        return state.sold_by
    return offer.sold_by


def has_verdict(seen: Observation) -> bool:
    return any(one is not Availability.UNKNOWN for one in (seen.availability, seen.pickup, seen.in_store))


def _same(state: StockState, after: StockState) -> bool:
    """Whether nothing but the time of the look differs; a title alone is stored with the details."""
    return (
        _facts(state) == _facts(after)
        and state.held == after.held
        and state.regular_price == after.regular_price
    )


def _is_change(state: StockState, after: StockState) -> bool:
    """Availability, price or seller: what the history keeps. An answer held back is none of them.

    Nor is the first look at a product that cannot be had: nothing happened on the shelf.
    """
    first_look_at_nothing = state.version == 0 and after.price is None and not _can_be_had(after)
    return _facts(state) != _facts(after) and not first_look_at_nothing


def _can_be_had(state: StockState) -> bool:
    return any(availability.is_buyable for availability in by_channel(state).values())


def _facts(state: StockState) -> tuple[object, ...]:
    return state.availability, state.pickup, state.in_store, state.price, state.sold_by
