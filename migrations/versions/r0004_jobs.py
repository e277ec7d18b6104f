"""The tables of procrastinate, which says on PostgreSQL whose job an approved request is.

They are procrastinate's own, of schema 3.4 (releases 3.4 to 3.10 at least), and none of `bot.store.tables`. A release
that changes them needs a revision here; a test compares the two.
"""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    statements = (resources.files("migrations.procrastinate") / "schema_3_10.sql").read_text(encoding="utf-8")
    bind.exec_driver_sql(statements.replace("%", "%%"))  # the driver makes one of two


def downgrade() -> None:
    raise NotImplementedError("what was approved is not taken back")
