"""The purchase guard: every reason not to spend money, in one list.

It fails closed. A rule can only refuse; a rule that raises ends the purchase too. Before the cart is seen
(``case.cart is None``) the rules of the cart have nothing to say; ``decide`` is asked again once it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shopwatch.domain.cart import Cart, CartLine
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits, Purchase, PurchaseState
from shopwatch.domain.stock import Channel, Observation, Source
from shopwatch.domain.watch import Watch

__all__ = ["RULES", "Cart", "CartLine", "Case", "Decision", "Rule", "Used", "decide", "used"]

#: States that may have cost, or may yet cost, money.
_COUNTS = frozenset(
    {
        PurchaseState.RESERVED,
        PurchaseState.CARTED,
        PurchaseState.PLACING,
        PurchaseState.PLACED,
        PurchaseState.AMBIGUOUS,
    }
)

#: Of these nobody knows yet whether money was spent.
_OPEN = _COUNTS - {PurchaseState.PLACED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """All that a rule may look at, gathered before the first rule runs. The defaults refuse."""

    watch: Watch
    observation: Observation
    limits: Limits
    now: datetime
    live: bool = False  #: False is test mode: the whole way but the last click
    last_click: bool = False  #: whether this decision is for the click that spends
    emergency_stop: bool = True
    session_healthy: bool = False
    #: Other purchases that are unresolved or younger than a day; not the one being decided.
    others: Sequence[Purchase] = ()
    purchase_limit: int | None = None  #: pieces the site sells to a shopper; None: it does not say
    cart: Cart | None = None
    ship_to_zip: str | None = None  #: as configured
    card_last_four: str | None = None  #: as configured


@dataclass(frozen=True, slots=True)
class Decision:
    refusals: tuple[str, ...]  #: every reason, not the first

    @property
    def allowed(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Used:
    """What of the limits is used, as the rules count it; also for whoever shows it."""

    orders: int  #: of the last 24 hours
    cents: int  #: of the last 24 hours
    latest: datetime | None  #: when the last purchase moved: the cooldown runs from there


Rule = Callable[[Case], str | None]


def not_stopped(case: Case) -> str | None:
    return "the emergency stop is on" if case.emergency_stop else None


def wanted(case: Case) -> str | None:
    return None if case.watch.auto_purchase else "auto_purchase is off for this watch"


def live_mode(case: Case) -> str | None:
    return "this is test mode" if case.last_click and not case.live else None


def same_product(case: Case) -> str | None:
    return None if case.observation.product.key == case.watch.key else "the observation is of another product"


def buyable(case: Case) -> str | None:
    # In a store one must walk in; only shipping and pickup can be ordered.
    channels = case.watch.channels - {Channel.IN_STORE}
    seen = case.observation.by(channels)
    return None if seen.is_buyable else f"it is {seen.value.replace('_', ' ')}"


def confirmed(case: Case) -> str | None:
    return None if case.observation.source is Source.BROWSER else "no browser has confirmed it"


def recent(case: Case) -> str | None:
    age_s = (case.now - case.observation.observed_at).total_seconds()
    if age_s < 0:
        return f"seen {-age_s:.0f} s in the future: the clock has jumped"
    return f"seen {age_s:.0f} s ago" if age_s > case.limits.max_age_s else None


def right_seller(case: Case) -> str | None:
    offer = case.observation.offer
    if offer is None or offer.sold_by is None or case.watch.third_party_sellers:
        return None
    return f"sold by {offer.sold_by}"


def within_price(case: Case) -> str | None:
    offer, limit = case.observation.offer, case.watch.max_price
    if limit is None:
        return "the watch has no max_price"
    if offer is None or offer.price is None or offer.price.currency != limit.currency:
        return "no price to compare"
    return f"{offer.price} is over {limit}" if offer.price > limit else None


def within_order_total(case: Case) -> str | None:
    cap = case.limits.max_order_total
    if cap is None:
        return "no max_order_total is set"
    total = case.cart.total if case.cart else _expected_total(case)
    if total is None:
        return "no total to compare"
    return f"a total of {total} is over {cap}" if total > cap else None


def under_daily_count(case: Case) -> str | None:
    bought = _used(case).orders
    cap = case.limits.max_daily_purchases
    return f"{bought} of {cap} bought today" if bought >= cap else None


def under_daily_spend(case: Case) -> str | None:
    cap = case.limits.max_daily_spend
    if cap is None:
        return None
    spent = _used(case).cents
    total = case.cart.total if case.cart else _expected_total(case)
    if total is None:
        return "no total to compare"
    left = Money(cap.cents - spent, cap.currency)
    return f"{total} is more than the {left} left of today's {cap}" if total > left else None


def cooled_down(case: Case) -> str | None:
    latest = _used(case).latest
    if latest is None:
        return None
    since_s = (case.now - latest).total_seconds()
    return f"the last purchase was {since_s:.0f} s ago" if since_s < case.limits.cooldown_s else None


def group_free(case: Case) -> str | None:
    same = [one for one in _counted_today(case.others, case.now) if _is_same(one, case.watch)]
    cap = case.limits.max_group_purchases
    return f"{len(same)} of {cap} bought today of this product or its group" if len(same) >= cap else None


def nothing_unresolved(case: Case) -> str | None:
    open_ = [one for one in case.others if one.state is PurchaseState.AMBIGUOUS and _is_same(one, case.watch)]
    return f"purchase {open_[0].id} of it is not resolved" if open_ else None


def within_purchase_limit(case: Case) -> str | None:
    quantity, most = case.watch.quantity, case.purchase_limit
    if quantity < 1:
        return "the quantity is not positive"
    if most is not None and quantity > most:
        return f"{quantity} wanted, but the site sells {most} to a shopper"
    return None


def signed_in(case: Case) -> str | None:
    return None if case.session_healthy else "the session is not signed in"


def cart_is_exactly_it(case: Case) -> str | None:
    if case.cart is None:
        return None
    if len(case.cart.lines) != 1:
        return f"the cart holds {len(case.cart.lines)} lines, not 1"
    (line,) = case.cart.lines
    if line.sku != case.watch.sku:
        return f"the cart holds {line.sku}, not {case.watch.sku}"
    if line.quantity != case.watch.quantity:
        return f"the cart holds {line.quantity} pieces, not {case.watch.quantity}"
    if line.sold_by is not None and not case.watch.third_party_sellers:
        return f"the cart's line is sold by {line.sold_by}"
    return None


def cart_can_be_ordered(case: Case) -> str | None:
    return "; ".join(case.cart.cannot_order) or None if case.cart else None


def cart_price(case: Case) -> str | None:
    if case.cart is None or case.watch.max_price is None:
        return None
    for line in case.cart.lines:
        if line.unit_price is None or line.unit_price.currency != case.watch.max_price.currency:
            return "the cart shows no price"
        if line.unit_price > case.watch.max_price:
            return f"the cart's price {line.unit_price} is over {case.watch.max_price}"
    return None


def totals_agree(case: Case) -> str | None:
    if case.cart is None or not case.last_click:
        return None
    if case.cart.page_total is None:
        return "the page shows no total"
    if case.cart.total != case.cart.page_total:
        return f"the page says {case.cart.page_total}, the cart {case.cart.total}"
    return None


def right_address(case: Case) -> str | None:
    if case.cart is None or not case.last_click or case.ship_to_zip is None:
        return None
    shown = case.cart.ship_to_zip
    return None if shown == case.ship_to_zip else "the address is not the configured one"


def right_card(case: Case) -> str | None:
    if case.cart is None or not case.last_click or case.card_last_four is None:
        return None
    return None if case.cart.card_last_four == case.card_last_four else "the card is not the configured one"


RULES: tuple[Rule, ...] = (
    not_stopped,
    wanted,
    live_mode,
    same_product,
    buyable,
    confirmed,
    recent,
    right_seller,
    within_price,
    within_order_total,
    under_daily_count,
    under_daily_spend,
    cooled_down,
    group_free,
    nothing_unresolved,
    within_purchase_limit,
    signed_in,
    cart_is_exactly_it,
    cart_can_be_ordered,
    cart_price,
    totals_agree,
    right_address,
    right_card,
)


def decide(case: Case) -> Decision:
    return Decision(tuple(refusal for rule in RULES if (refusal := rule(case))))


def used(purchases: Sequence[Purchase], limits: Limits, now: datetime) -> Used:
    """``purchases``: at least all that are unresolved or younger than the longest cooldown and a day."""
    counted = _counted_today(purchases, now)
    latest = max((_moved_at(one) for one in purchases if one.live and one.state in _COUNTS), default=None)
    return Used(len(counted), sum(_cost(one, limits) for one in counted), latest)


def _used(case: Case) -> Used:
    return used(case.others, case.limits, case.now)


def _expected_total(case: Case) -> Money | None:
    offer = case.observation.offer
    if offer is None or offer.price is None:
        return None
    return Money(offer.price.cents * case.watch.quantity, offer.price.currency)


def _counted_today(purchases: Sequence[Purchase], now: datetime) -> list[Purchase]:
    """Purchases of the last 24 hours that may have cost money; one without an end counts for ever."""
    day_ago = now - timedelta(days=1)
    return [
        one
        for one in purchases
        if one.live and one.state in _COUNTS and (_moved_at(one) > day_ago or one.state in _OPEN)
    ]


def _moved_at(purchase: Purchase) -> datetime:
    """The later of begin and last step: an order may be placed long after its reservation."""
    return max(purchase.created_at, purchase.updated_at)


def _cost(purchase: Purchase, limits: Limits) -> int:
    """Cents; a purchase whose total nobody knows counts as the whole cap of an order."""
    if purchase.total is not None:
        return purchase.total.cents
    return limits.max_order_total.cents if limits.max_order_total else 0


def _is_same(purchase: Purchase, watch: Watch) -> bool:
    return purchase.key == watch.key or (watch.group is not None and purchase.group == watch.group)
