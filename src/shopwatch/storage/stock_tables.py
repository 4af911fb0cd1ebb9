"""The tables of the monitor and the buyer: states, history, restocks, alerts, events, purchases."""

from __future__ import annotations

import sqlalchemy as sa

from shopwatch.storage.columns import Document, Id, Moment, Words
from shopwatch.storage.schema import at, count, metadata, number, partial_index, text

#: Conditions of partial indexes. Queries repeat them as they stand: SQLite proves the match by the text.
ALERT_OPEN = "state = 'pending'"
RESTOCK_OPEN = "ended_at IS NULL"
PURCHASE_OPEN = "state IN ('reserved', 'carted', 'placing', 'ambiguous')"

# --- stock -------------------------------------------------------------------------------------------------

stock_states = sa.Table(
    "stock_states",
    metadata,
    sa.Column("retailer", sa.Text, primary_key=True),
    sa.Column("sku", sa.Text, primary_key=True),
    count("version"),
    text("availability"),
    text("pickup"),
    text("in_store"),
    sa.Column("price_cents", sa.BigInteger),
    sa.Column("price_currency", sa.Text),
    sa.Column("regular_cents", sa.BigInteger),
    sa.Column("regular_currency", sa.Text),
    sa.Column("sold_by", Words),
    text("title", ""),
    sa.Column("purchase_limit", sa.Integer),
    sa.Column("image_url", Words),
    sa.Column("since", Moment),
    sa.Column("last_checked", Moment),
    sa.Column("last_restock", Moment),
    sa.Column("held", Document, nullable=False, server_default="{}"),
    sqlite_with_rowid=False,
)

stock_changes = sa.Table(
    "stock_changes",
    metadata,
    number(),
    sa.Column("retailer", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    at("at"),
    text("was"),
    text("availability"),
    text("pickup"),
    text("in_store"),
    sa.Column("price_cents", sa.BigInteger),
    sa.Column("price_currency", sa.Text),
    sa.Column("quantity", sa.BigInteger),
    text("source"),
    text("reason", ""),
    sa.Column("restock_id", Id),
    sa.Index("ix_stock_changes_product", "retailer", "sku", "id"),
    sa.Index("ix_stock_changes_at", "at"),
    sqlite_autoincrement=True,
)

price_points = sa.Table(
    "price_points",
    metadata,
    number(),
    sa.Column("retailer", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    at("at"),
    sa.Column("price_cents", sa.BigInteger, nullable=False),
    sa.Column("price_currency", sa.Text, nullable=False),
    sa.Column("regular_cents", sa.BigInteger),
    sa.Index("ix_price_points_product", "retailer", "sku", "at"),
    sa.Index("ix_price_points_at", "at", "retailer", "sku", "price_cents"),
)

restocks = sa.Table(
    "restocks",
    metadata,
    number(),
    sa.Column("retailer", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    at("at"),
    sa.Column("observation", Document, nullable=False),
    text("confirmation", "unconfirmed"),
    sa.Column("confirmation_evidence", Document),
    sa.Column("ended_at", Moment),
    sa.Index("ix_restocks_product", "retailer", "sku", "id"),
    sa.Index("ix_restocks_at", "at", "retailer", "sku"),
    partial_index("ix_restocks_open", "retailer", "sku", where=RESTOCK_OPEN),
    sqlite_autoincrement=True,  # the id is the key of a purchase and of alerts: never given twice
)


def _rollup(name: str, *keys: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        *(sa.Column(key, sa.Text, primary_key=True) for key in keys),
        sa.Column("at", Moment, primary_key=True),
        count("checks"),
        count("unknowns"),
        count("in_stock_checks"),
        sqlite_with_rowid=False,
    )


#: How many checks, never a row for each: a retailer by the minute; a product by the hour, later by the day.
retailer_minutes = _rollup("retailer_minutes", "retailer")
product_hours = _rollup("product_hours", "retailer", "sku")
product_days = _rollup("product_days", "retailer", "sku")
sa.Index("ix_product_hours_at", product_hours.c.at)  # to find what is to be folded into days

pauses = sa.Table(
    "pauses",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    at("until"),
    text("reason", ""),
    sa.Column("strikes", sa.Integer, nullable=False),
)

retailer_health = sa.Table(
    "retailer_health",
    metadata,
    sa.Column("retailer", sa.Text, primary_key=True),
    text("state"),
    at("since"),
    text("reason", ""),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("body", Document, nullable=False),
    at("written_at"),
)

# --- events and alerts -------------------------------------------------------------------------------------

events = sa.Table(
    "events",
    metadata,
    number(),
    text("kind"),
    at("at"),
    sa.Column("data", Document, nullable=False),
    sa.Index("ix_events_at", "at"),
    sqlite_autoincrement=True,  # a reader resumes after the last id it saw, also when all were pruned
)

outbox = sa.Table(
    "outbox",
    metadata,
    number(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    text("kind"),
    sa.Column("retailer", sa.Text),
    sa.Column("sku", sa.Text),
    sa.Column("facts", Document, nullable=False),
    sa.Column("expires_at", Moment),
    text("state", "pending"),
    count("attempts"),
    at("created_at"),
    at("next_try_at"),
    sa.Column("leased_until", Moment),
    sa.Column("sent_at", Moment),
    text("last_error", ""),
    partial_index("ix_outbox_open", "next_try_at", "id", where=ALERT_OPEN),
    sqlite_autoincrement=True,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("alert_id", Id, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.Text, primary_key=True),
    text("name"),
    at("at"),
    sa.Column("ok", sa.Boolean, nullable=False),
    count("attempts"),
    text("error", ""),
    sqlite_with_rowid=False,
)

purchases = sa.Table(
    "purchases",
    metadata,
    number(),
    sa.Column("restock_id", Id, nullable=False, unique=True),
    sa.Column("retailer", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    text("state"),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("product_group", sa.Text),
    sa.Column("unit_price_cents", sa.BigInteger),
    sa.Column("unit_price_currency", sa.Text),
    sa.Column("total_cents", sa.BigInteger),
    sa.Column("total_currency", sa.Text),
    sa.Column("order_number", Words),
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Column("reasons", Document, nullable=False, server_default="[]"),
    sa.Column("legs_ms", Document, nullable=False, server_default="[]"),
    at("created_at"),
    at("updated_at"),
    sa.Index("ix_purchases_created", "created_at"),
    sa.Index("ix_purchases_updated", "updated_at"),
    partial_index("ix_purchases_open", "id", where=PURCHASE_OPEN),
    sqlite_autoincrement=True,
)

purchase_entries = sa.Table(
    "purchase_entries",
    metadata,
    number(),
    sa.Column("purchase_id", Id, sa.ForeignKey("purchases.id"), nullable=False),
    at("at"),
    sa.Column("was", sa.Text),
    text("state"),
    sa.Column("facts", Document, nullable=False),
    sa.Index("ix_purchase_entries_purchase", "purchase_id", "id"),
    sqlite_autoincrement=True,
)
