"""Indexes that hold all the product list asks of restocks and prices, so that it reads no whole rows."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("ix_restocks_at", "restocks")
    op.create_index("ix_restocks_at", "restocks", ["at", "retailer", "sku"])
    op.drop_index("ix_price_points_at", "price_points")
    op.create_index("ix_price_points_at", "price_points", ["at", "retailer", "sku", "price_cents"])
