"""One retailer's products as columns of numbers, so that fifty thousand cost no more than arithmetic."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

DOUBTFUL, ASKED = 1, 2  #: why a product is urgent; 0: it is not
FLICKERS_FROM = 4.0  #: restocks in about a day: a product that comes back that often is worth less a time

#: name: (type, value of a product just added). Below 110 bytes a product in all.
COLUMNS: dict[str, tuple[str, float]] = {
    # what the person wants
    "interval": ("f4", 60.0),
    "value": ("f4", 1.0),
    "family": ("i4", 0),
    # what was seen
    "last": ("f8", 0.0),
    "since": ("f8", 0.0),
    "not_before": ("f8", 0.0),
    "known": ("?", 0),
    "plain": ("?", 0),
    "in_stock": ("?", 0),
    "looks_in": ("u1", 0),
    "silent": ("u1", 0),
    "urgent": ("u1", 0),
    "odds": ("f4", 0.0),
    "doubted_s": ("f4", 0.0),
    "marked": ("?", 0),
    # what was learnt
    "restocks": ("f4", 0.0),
    "exposure": ("f4", 0.0),
    "sellouts": ("f4", 0.0),
    "in_time": ("f4", 0.0),
    "recent": ("f4", 0.0),
    # what follows from it
    "prior_s": ("f4", 1.0),
    "mean_in": ("f4", 300.0),
    "decay": ("f4", -1 / 300.0),
    "stake": ("f4", 0.0),
    "limit": ("f4", 60.0),
}


class Table:
    """The columns. A row number holds until ``arrange`` is called again."""

    interval: Floats  #: s, the person's check_frequency
    value: Floats  #: of seeing a restock
    family: npt.NDArray[np.int32]  #: 0: none
    last: Floats  #: time of the last verdict; before the first one, a time that makes it due
    since: Floats  #: when the state believed in was first seen
    not_before: Floats  #: not to be looked at sooner; infinite while it is out with a request
    known: Bools  #: there was a verdict
    plain: Bools  #: known to be out of stock, and nothing else to be said about it
    in_stock: Bools  #: what is believed
    looks_in: npt.NDArray[np.uint8]  #: verdicts "in stock" in a row, up to 2
    silent: npt.NDArray[np.uint8]  #: looks without a verdict in a row
    urgent: npt.NDArray[np.uint8]
    odds: Floats  #: logarithm of the odds that a doubtful answer is real
    doubted_s: Floats  #: gap before the look that was doubted
    marked: Bools  #: scratch
    restocks: Floats  #: lone restocks seen, forgotten slowly
    exposure: Floats  #: seconds in which one would have been noticed
    sellouts: Floats  #: seen, forgotten slowly
    in_time: Floats  #: s watched in stock
    recent: Floats  #: restocks in about the last day, for telling who flickers
    prior_s: Floats  #: s of exposure the prior of the restock rate counts for
    mean_in: Floats  #: s in stock, usually
    decay: Floats  #: -1/s: how quickly a restock loses its use
    stake: Floats  #: value × restock rate × useful life: what a look can bring at most
    limit: Floats  #: s, the longest interval in force

    def __init__(self) -> None:
        self.skus: list[str] = []
        self.row: dict[str, int] = {}
        for name, (kind, _) in COLUMNS.items():
            setattr(self, name, np.zeros(0, kind))

    def __len__(self) -> int:
        return len(self.skus)

    def rows_of(self, skus: Iterable[str]) -> Rows:
        """Return the rows of those products that are still watched."""
        row = self.row
        try:
            return np.array([row[sku] for sku in skus], np.intp)
        except KeyError:
            return np.array([row[sku] for sku in skus if sku in row], np.intp)

    def arrange(self, skus: Sequence[str]) -> Rows:
        """Hold exactly these products, keeping the columns of those that stay; return the new rows."""
        old = np.array([self.row.get(sku, -1) for sku in skus], np.intp)
        fresh = np.flatnonzero(old < 0)
        for name, (kind, start) in COLUMNS.items():
            column = np.full(len(skus), start, kind)
            before = getattr(self, name)
            if len(before):
                column = np.where(old < 0, column, before[old])
            setattr(self, name, column)
        self.skus = list(skus)
        self.row = {sku: row for row, sku in enumerate(self.skus)}
        return fresh

    def worth_of_restock(self, rows: Rows | slice) -> Floats:
        """Return what seeing one restock is worth: the person's value, less for what flickers."""
        worth: Floats = self.value[rows] / (1 + (self.recent[rows] / FLICKERS_FROM) ** 2)
        return worth

    def note_plain(self, rows: Rows | int) -> None:
        """Keep ``plain`` true to the columns it is made of."""
        odd = self.in_stock[rows] | (self.urgent[rows] > 0) | (self.silent[rows] > 0)
        self.plain[rows] = self.known[rows] & ~odd

    @property
    def bytes(self) -> int:
        """Return the memory of the columns."""
        return sum(getattr(self, name).nbytes for name in COLUMNS)
