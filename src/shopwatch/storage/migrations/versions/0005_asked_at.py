"""When a host was last asked for a turn, so that a clock set back is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("host_turns", sa.Column("asked_at_s", sa.Double(), server_default="0", nullable=False))
