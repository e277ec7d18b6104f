"""Who works on a command of the inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("claimed_by", sa.String(32)))


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back")
