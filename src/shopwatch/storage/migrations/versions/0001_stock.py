"""Stock states and their history, restocks, alerts, events and purchases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _stock()
    _restocks()
    _rollups()
    _documents()
    _outbox()
    _purchases()
    _purchase_entries()
    _append_only()


def _stock() -> None:
    op.create_table(
        "stock_states",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("availability", sa.Text(), nullable=False),
        sa.Column("pickup", sa.Text(), nullable=False),
        sa.Column("in_store", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger()),
        sa.Column("price_currency", sa.Text()),
        sa.Column("regular_cents", sa.BigInteger()),
        sa.Column("regular_currency", sa.Text()),
        sa.Column("sold_by", sa.Text()),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("purchase_limit", sa.Integer()),
        sa.Column("image_url", sa.Text()),
        sa.Column("since", sa.BigInteger()),
        sa.Column("last_checked", sa.BigInteger()),
        sa.Column("last_restock", sa.BigInteger()),
        sa.Column("held", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("retailer", "sku", name="pk_stock_states"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("availability", sa.Text(), nullable=False),
        sa.Column("pickup", sa.Text(), nullable=False),
        sa.Column("in_store", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger()),
        sa.Column("price_currency", sa.Text()),
        sa.Column("quantity", sa.BigInteger()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("restock_id", Id),
        sa.PrimaryKeyConstraint("id", name="pk_stock_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stock_changes_at", "stock_changes", ["at"])
    op.create_index("ix_stock_changes_product", "stock_changes", ["retailer", "sku", "id"])


def _restocks() -> None:
    op.create_table(
        "price_points",
        sa.Column("id", Id, nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.Column("regular_cents", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_price_points"),
    )
    op.create_index("ix_price_points_at", "price_points", ["at"])
    op.create_index("ix_price_points_product", "price_points", ["retailer", "sku", "at"])
    op.create_table(
        "restocks",
        sa.Column("id", Id, nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("observation", sa.Text(), nullable=False),
        sa.Column("confirmation", sa.Text(), server_default="unconfirmed", nullable=False),
        sa.Column("confirmation_evidence", sa.Text()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_restocks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_restocks_at", "restocks", ["at"])
    op.create_index(
        "ix_restocks_open",
        "restocks",
        ["retailer", "sku"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_restocks_product", "restocks", ["retailer", "sku", "id"])


def _rollups() -> None:
    op.create_table(
        "retailer_minutes",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknowns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_stock_checks", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("retailer", "at", name="pk_retailer_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_hours",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknowns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_stock_checks", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("retailer", "sku", "at", name="pk_product_hours"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_product_hours_at", "product_hours", ["at"])
    op.create_table(
        "product_days",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknowns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_stock_checks", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("retailer", "sku", "at", name="pk_product_days"),
        sqlite_with_rowid=False,
    )


def _documents() -> None:
    op.create_table(
        "pauses",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pauses"),
    )
    op.create_table(
        "retailer_health",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("retailer", name="pk_retailer_health"),
    )
    op.create_table(
        "documents",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_documents"),
    )
    op.create_table(
        "events",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("retailer", sa.Text()),
        sa.Column("sku", sa.Text()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["next_try_at", "id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _purchases() -> None:
    op.create_table(
        "purchases",
        sa.Column("id", Id, nullable=False),
        sa.Column("restock_id", Id, nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("product_group", sa.Text()),
        sa.Column("unit_price_cents", sa.BigInteger()),
        sa.Column("unit_price_currency", sa.Text()),
        sa.Column("total_cents", sa.BigInteger()),
        sa.Column("total_currency", sa.Text()),
        sa.Column("order_number", sa.Text()),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), server_default="[]", nullable=False),
        sa.Column("legs_ms", sa.Text(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purchases"),
        sa.UniqueConstraint("restock_id", name="uq_purchases_restock_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_purchases_created", "purchases", ["created_at"])
    op.create_index(
        "ix_purchases_open",
        "purchases",
        ["id"],
        sqlite_where=sa.text("state IN ('reserved', 'carted', 'placing', 'ambiguous')"),
        postgresql_where=sa.text("state IN ('reserved', 'carted', 'placing', 'ambiguous')"),
    )
    op.create_index("ix_purchases_updated", "purchases", ["updated_at"])


def _purchase_entries() -> None:
    op.create_table(
        "purchase_entries",
        sa.Column("id", Id, nullable=False),
        sa.Column("purchase_id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchases.id"],
        ),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_entries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_purchase_entries_purchase", "purchase_entries", ["purchase_id", "id"])


def _append_only() -> None:
    """The book of purchases is written once: no entry is changed or taken out, by whomever."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER purchase_entries_{verb.lower()} BEFORE {verb} ON purchase_entries "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER purchase_entries_append_only BEFORE UPDATE OR DELETE ON purchase_entries "
        "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()"
    )
