"""What names a process whatever the clock says."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("processes", sa.Column("mark", sa.Text(), server_default="", nullable=False))
