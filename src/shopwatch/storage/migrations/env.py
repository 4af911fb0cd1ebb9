"""Runs the migrations on the connection it is given, in its transaction."""

from alembic import context

from shopwatch.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
