"""The tables of the crawls: runs, their frontier, their stores, the last good sets; and our processes."""

from __future__ import annotations

import sqlalchemy as sa

from shopwatch.storage.columns import Document, Moment, Words
from shopwatch.storage.schema import at, count, metadata, number, partial_index, text

#: Conditions of partial indexes. Queries repeat them as they stand: SQLite proves the match by the text.
RUN_UNDER_WAY = "state IN ('pending', 'running')"
REQUEST_OPEN = "state IN ('pending', 'retry')"
PROCESS_RUNNING = "state = 'running'"

# --- crawling ----------------------------------------------------------------------------------------------

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("retailer", sa.Text, nullable=False),
    text("state"),
    sa.Column("options", Document, nullable=False),
    at("started_at"),
    sa.Column("completed_at", Moment),
    sa.Column("published_at", Moment),
    count("stores"),
    count("duplicates"),
    count("requests"),
    count("errors"),
    sa.Column("gate_reasons", Document, nullable=False, server_default="[]"),
    text("message", ""),
    sa.Column("pid", sa.Integer),
    sa.Index("ix_runs_started", "started_at", "run_id"),
    sa.Index("ix_runs_retailer", "retailer", "started_at"),
    partial_index("uq_runs_under_way", "retailer", where=RUN_UNDER_WAY, unique=True),
)

run_errors = sa.Table(
    "run_errors",
    metadata,
    number(),
    sa.Column("run_id", sa.Text, nullable=False),
    at("at"),
    text("error_class"),
    text("message"),
    text("url"),
    sa.Index("ix_run_errors_run", "run_id", "id"),
)

run_error_counts = sa.Table(
    "run_error_counts",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("error_class", sa.Text, primary_key=True),
    count("errors"),
)

frontier = sa.Table(
    "frontier",
    metadata,
    number(),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
    text("phase"),
    text("url"),
    text("method"),
    sa.Column("headers", Document),
    sa.Column("body", Words),
    sa.Column("meta", Document),
    sa.Column("accept", Document),
    text("state", "pending"),
    count("attempts"),
    sa.Column("retry_at", Moment),
    sa.Column("error_class", sa.Text),
    sa.Column("etag", Words),
    sa.Column("last_modified", Words),
    sa.UniqueConstraint("run_id", "key_hash"),
    partial_index("ix_frontier_open", "run_id", "phase", "id", where=REQUEST_OPEN),
)

frontier_counts = sa.Table(
    "frontier_counts",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("phase", sa.Text, primary_key=True),
    count("position"),
    count("total"),
    count("completed"),
    count("failed"),
)

run_stores = sa.Table(
    "run_stores",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("ref", Words, primary_key=True),
    sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
    count("filled"),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("body", sa.Text, nullable=False),
)

# --- the last good sets ------------------------------------------------------------------------------------

stores = sa.Table(
    "stores",
    metadata,
    sa.Column("retailer", sa.Text, primary_key=True),
    sa.Column("ref", Words, primary_key=True),
    sa.Column("key_hash", sa.LargeBinary(16)),
    sa.Column("lat", sa.Double),
    sa.Column("lon", sa.Double),
    sa.Column("body", sa.Text, nullable=False),
    at("first_seen"),
    at("last_seen"),
    sa.Column("page_body", sa.Text),  # as its page gave it, where the set believes otherwise
    count("missed_runs"),
    sa.Column("pending_hours", Words),
    sa.Column("closed_at", Moment),
    sa.Index("ix_stores_page", "retailer", "key_hash"),
    sa.Index("ix_stores_lat", "lat"),
)

published_sets = sa.Table(
    "published_sets",
    metadata,
    sa.Column("retailer", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    at("at"),
    count("stores"),
)

store_changes = sa.Table(
    "store_changes",
    metadata,
    number(),
    at("at"),
    sa.Column("retailer", sa.Text, nullable=False),
    text("ref"),
    text("kind"),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("before", Document, nullable=False),
    sa.Column("after", Document, nullable=False),
    sa.Index("ix_store_changes_retailer", "retailer", "id"),
)

page_validators = sa.Table(
    "page_validators",
    metadata,
    sa.Column("retailer", sa.Text, primary_key=True),
    sa.Column("key_hash", sa.LargeBinary(16), primary_key=True),
    sa.Column("etag", Words),
    sa.Column("last_modified", Words),
)

processes = sa.Table(
    "processes",
    metadata,
    number(),
    text("kind"),
    text("name"),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_s", sa.Double, nullable=False),
    text("mark", ""),
    sa.Column("run_id", sa.Text),
    text("state", "running"),
    sa.Column("heartbeat_at", Moment),  # of an earlier version: pid and start time say who lives
    at("added_at"),
    partial_index("uq_processes_running", "kind", "name", where=PROCESS_RUNNING, unique=True),
)

host_turns = sa.Table(
    "host_turns",
    metadata,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("free_at_s", sa.Double, nullable=False),
    sa.Column("held_until_s", sa.Double, nullable=False),
    sa.Column("asked_at_s", sa.Double, nullable=False, server_default="0"),
)
