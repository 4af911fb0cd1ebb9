"""Runs with their frontier and stores, the last good sets, and our processes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _runs()
    _run_errors()
    _frontier()
    _frontier_counts()
    _stores()
    _store_changes()
    _processes()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger()),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("stores", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duplicates", sa.Integer(), server_default="0", nullable=False),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("errors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gate_reasons", sa.Text(), server_default="[]", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("pid", sa.Integer()),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_retailer", "runs", ["retailer", "started_at"])
    op.create_index("ix_runs_started", "runs", ["started_at", "run_id"])
    op.create_index(
        "uq_runs_under_way",
        "runs",
        ["retailer"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )


def _run_errors() -> None:
    op.create_table(
        "run_errors",
        sa.Column("id", Id, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_errors"),
    )
    op.create_index("ix_run_errors_run", "run_errors", ["run_id", "id"])
    op.create_table(
        "run_error_counts",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("errors", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "error_class", name="pk_run_error_counts"),
    )
    op.create_table(
        "run_stores",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("filled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "ref", name="pk_run_stores"),
    )


def _frontier() -> None:
    op.create_table(
        "frontier",
        sa.Column("id", Id, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.Text()),
        sa.Column("meta", sa.Text()),
        sa.Column("accept", sa.Text()),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.BigInteger()),
        sa.Column("error_class", sa.Text()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_frontier"),
        sa.UniqueConstraint("run_id", "key_hash", name="uq_frontier_run_id_key_hash"),
    )
    op.create_index(
        "ix_frontier_open",
        "frontier",
        ["run_id", "phase", "id"],
        sqlite_where=sa.text("state IN ('pending', 'retry')"),
        postgresql_where=sa.text("state IN ('pending', 'retry')"),
    )


def _frontier_counts() -> None:
    op.create_table(
        "frontier_counts",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "phase", name="pk_frontier_counts"),
    )


def _stores() -> None:
    op.create_table(
        "stores",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(16)),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("page_body", sa.Text()),
        sa.Column("missed_runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pending_hours", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("retailer", "ref", name="pk_stores"),
    )
    op.create_index("ix_stores_lat", "stores", ["lat"])
    op.create_index("ix_stores_page", "stores", ["retailer", "key_hash"])


def _store_changes() -> None:
    op.create_table(
        "published_sets",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stores", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("retailer", name="pk_published_sets"),
    )
    op.create_table(
        "store_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store_changes"),
    )
    op.create_index("ix_store_changes_retailer", "store_changes", ["retailer", "id"])
    op.create_table(
        "page_validators",
        sa.Column("retailer", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.PrimaryKeyConstraint("retailer", "key_hash", name="pk_page_validators"),
    )


def _processes() -> None:
    op.create_table(
        "processes",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_s", sa.Double(), nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger()),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_index(
        "uq_processes_running",
        "processes",
        ["kind", "name"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "host_turns",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("free_at_s", sa.Double(), nullable=False),
        sa.Column("held_until_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_turns"),
    )
