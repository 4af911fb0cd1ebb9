"""Which texts a person may write for alerts: a wrong one is refused with the file, not when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from shopwatch.domain.stock_state import AlertKind

#: What a text may hold in braces.
FIELDS = frozenset(
    {"key", "name", "title", "sku", "retailer", "availability", "state", "reason", "text", "url"}
    | {"price", "price_text", "before_text", "limit_text", "seller_text", "confirmation_text"}
)


def checked(templates: Mapping[str, str]) -> dict[str, str]:
    """Raises ValueError: no such kind of alert, or a field there is none of."""
    for kind, template in templates.items():
        if kind.removesuffix(".title") not in {one.value for one in AlertKind}:
            raise ValueError(f"has {kind[:40]!r}, but there is no such alert; one of {', '.join(AlertKind)}")
        try:
            parts = [part for part in Formatter().parse(template) if part[1] is not None]
        except ValueError as error:
            raise ValueError(f"has in {kind!r} a text that cannot be read: {error}") from None
        if unknown := sorted({str(name) for _, name, _, _ in parts} - FIELDS):
            known = ", ".join(sorted(FIELDS))
            raise ValueError(
                f"has in {kind!r} a field there is none of: {', '.join(unknown)}; there are {known}"
            )
        if formed := [name for _, name, form, conversion in parts if form or conversion]:
            raise ValueError(
                f"has in {kind!r} a form for {formed[0]}; fields are texts, write {{{formed[0]}}}"
            )
    return dict(templates)
