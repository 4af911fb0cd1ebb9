"""What the use cases need of the world, and nothing of how it is done.

Rooms side by side meet here only: ``monitor``, ``locator``, ``purchase`` and ``supervisor`` ask;
``transport``, ``browser``, ``storage`` and ``notify`` answer; ``bootstrap`` joins them.
All times are aware UTC datetimes, or epoch seconds where a float is named ``…_s``.
"""

from shopwatch.ports.alerts import Channel, Deliveries, DeliveryRow, Outbox, OutboxRow
from shopwatch.ports.browser import BrowserPool
from shopwatch.ports.crawling import (
    BASELINE,
    Fetched,
    Frontier,
    FrontierRow,
    KnownStore,
    Publication,
    Runs,
    StoreChange,
    Stores,
)
from shopwatch.ports.events import Event, Events
from shopwatch.ports.processes import DASHBOARD, Processes, ProcessRow
from shopwatch.ports.purchases import Checkout, Checkouts, Ledger, OrderHistory
from shopwatch.ports.stock import CheckTally, HealthBook, Notebook, Observations, Pauses, Restock
from shopwatch.ports.time import Clock
from shopwatch.ports.transport import Fetcher, HostGate, HostTurns, Turn

__all__ = [
    "BASELINE",
    "DASHBOARD",
    "BrowserPool",
    "Channel",
    "CheckTally",
    "Checkout",
    "Checkouts",
    "Clock",
    "Deliveries",
    "DeliveryRow",
    "Event",
    "Events",
    "Fetched",
    "Fetcher",
    "Frontier",
    "FrontierRow",
    "HealthBook",
    "HostGate",
    "HostTurns",
    "KnownStore",
    "Ledger",
    "Notebook",
    "Observations",
    "OrderHistory",
    "Outbox",
    "OutboxRow",
    "Pauses",
    "ProcessRow",
    "Processes",
    "Publication",
    "Restock",
    "Runs",
    "StoreChange",
    "Stores",
    "Turn",
]
