"""Amounts of money, without which a price would be a float in some unknown unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, DecimalException

_MOST_CENTS = 10**15  #: more is no price, and no database's number


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in the currency's minor unit (US cents); never a float."""

    cents: int
    currency: str = "USD"

    @classmethod
    def parse(cls, text: str, currency: str = "USD") -> Money:
        """Read ``"1,299.99"`` or ``"$50"``.

        Raises:
            ValueError: ``text`` is no amount, or has a fraction of a cent.
        """
        try:
            cents = Decimal(text.strip().lstrip("$").replace(",", "")) * 100
        except DecimalException:
            raise ValueError(f"not an amount of money: {text!r}") from None
        if not cents.is_finite() or cents != cents.to_integral_value() or abs(cents) > _MOST_CENTS:
            raise ValueError(f"not a whole number of cents: {text[:60]!r}")
        return cls(int(cents), currency)

    @classmethod
    def dollars(cls, amount: float | Decimal | str) -> Money:
        """Read a price a site gives in dollars as a JSON number: ``17.99`` is 1799 cents.

        Raises:
            ValueError: the amount is not a whole number of cents.
        """
        return cls.parse(str(amount))

    @classmethod
    def limit(cls, amount: float) -> Money:
        """A limit a person set, in dollars, down to the cent: one of 50.006 allows 50.00, never 50.01."""
        return cls(int((Decimal(str(amount)) * 100).to_integral_value(ROUND_FLOOR)))

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        symbol = "$" if self.currency == "USD" else f"{self.currency} "
        return f"{sign}{symbol}{abs(self.cents) // 100:,}.{abs(self.cents) % 100:02}"
