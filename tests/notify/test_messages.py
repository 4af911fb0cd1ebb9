"""What alerts say: facts in words, the person's own templates, nothing of a site taken for a field."""

import pytest

from shopwatch.config.templates import checked
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.notify.messages import collapsed, render

FACTS = {
    "name": "Cards",
    "availability": "in_stock",
    "price": "$49.99",
    "url": "https://x/1",
    "sold_by": None,
}


def alert(kind: AlertKind = AlertKind.RESTOCK, **facts: object) -> Alert:
    return Alert(key="k", kind=kind, retailer="target", sku="1", facts={**FACTS, **facts})


def test_a_restock_says_what_where_for_how_much_and_how_sure() -> None:
    message = render(alert(), {})
    assert message.title == "Cards is in stock"
    assert message.body.split("\n") == [
        "$49.99 https://x/1 ",
        "Unconfirmed: only the retailer says so yet; a browser is looking.",
    ]


def test_an_unknown_price_is_said_and_a_marketplace_seller_is_named() -> None:
    body = render(alert(price=None, sold_by="Someone"), {}).body
    assert "Price unknown, sold by Someone" in body


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_has_words_even_without_facts(kind: AlertKind) -> None:
    message = render(Alert(key="k", kind=kind), {})
    assert message.title
    assert "{" not in message.title + message.body


def test_the_person_s_template_wins() -> None:
    message = render(alert(), {"restock": "BUY {name} {price_text}", "restock.title": "{sku}!"})
    assert (message.title, message.body) == ("1!", "BUY Cards $49.99")


def test_a_template_may_carry_the_key_by_which_a_receiver_knows_what_it_has_already() -> None:
    assert checked({"restock": "{key}"})
    assert render(alert(), {"restock": "{key} {name}"}).body == "k Cards"


def test_braces_in_a_site_s_title_are_text() -> None:
    assert render(alert(name="{price.__class__} Cards"), {}).title == "{price.__class__} Cards is in stock"


@pytest.mark.parametrize(
    ("kind", "template", "said"),
    [
        ("restok", "{name}", "no such alert"),
        ("restock", "{colour}", "none of: colour"),
        ("restock", "{name", "expected"),
        ("restock", "{price:.2f}", "write {price}"),
        ("restock", "{name!x}", "write {name}"),
        ("restock", "{name:{title}}", "write {name}"),
    ],
)
def test_a_wrong_template_is_refused_with_what_there_is(kind: str, template: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked({kind: template})


def test_a_template_cannot_reach_into_objects() -> None:
    with pytest.raises(ValueError, match="a field there is none of"):
        checked({"restock": "{name.__class__}"})


def test_many_alerts_are_a_list_with_a_count() -> None:
    message = collapsed([alert(name=f"Cards {n}") for n in range(20)], {}, why="restock target")
    assert message.title == "20 alerts: restock target"
    assert message.body.splitlines()[0] == "Cards 0 is in stock https://x/1"
    assert message.body.splitlines()[-1] == "and 5 more"


def test_a_state_of_a_retailer_is_told_in_its_own_words() -> None:
    facts = {"state": "working", "text": "target works again", "reason": "late since 12:00 UTC"}
    message = render(Alert(key="k", kind=AlertKind.LATE, retailer="target", facts=facts), {})
    assert (message.title, message.body) == ("target works again", "late since 12:00 UTC")
