"""The ledger's databases, as the storage tests have them."""

from tests.storage.conftest import (
    address,
    database,
    open_database,
    postgres_template,
    server,
    sqlite_template,
)

__all__ = ["address", "database", "open_database", "postgres_template", "server", "sqlite_template"]
