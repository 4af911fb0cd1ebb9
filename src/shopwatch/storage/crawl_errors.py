"""What went wrong in a run: the last errors word by word, all of them by class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.run import RunError
from shopwatch.storage.crawl_tables import run_error_counts, run_errors
from shopwatch.storage.many import add_up, insert_many

KEPT = 1_000  #: errors of a run, the last; a site that fails 25,000 times is told once by class


def keep(connection: Connection, run_id: str, errors: Sequence[RunError]) -> None:
    if not errors:
        return
    rows = [
        {
            "run_id": run_id,
            "at": error.at,
            "error_class": error.error_class,
            "message": error.message,
            "url": error.url,
        }
        for error in errors
    ]
    insert_many(connection, run_errors, rows)
    by_class = Counter(error.error_class for error in errors)
    counts = [
        {"run_id": run_id, "error_class": name, "errors": number} for name, number in sorted(by_class.items())
    ]
    add_up(connection, run_error_counts, counts, keys=("run_id", "error_class"), sums=("errors",))
    of_run = run_errors.c.run_id == run_id
    oldest = sa.select(run_errors.c.id).where(of_run).order_by(run_errors.c.id.desc()).offset(KEPT).limit(1)
    connection.execute(run_errors.delete().where(of_run, run_errors.c.id <= oldest.scalar_subquery()))


def counts_of(connection: Connection, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By run, by class."""
    query = sa.select(run_error_counts).where(run_error_counts.c.run_id.in_(run_ids))
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["run_id"], {})[row["error_class"]] = row["errors"]
    return found


def last_of(connection: Connection, run_id: str, limit: int) -> tuple[RunError, ...]:
    """The last errors, oldest first."""
    query = sa.select(run_errors).where(run_errors.c.run_id == run_id).order_by(run_errors.c.id.desc())
    rows = connection.execute(query.limit(limit)).mappings().all()
    return tuple(
        RunError(at=row["at"], error_class=row["error_class"], message=row["message"], url=row["url"])
        for row in reversed(rows)
    )
