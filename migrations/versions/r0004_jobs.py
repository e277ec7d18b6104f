"""The tables of procrastinate, which says on PostgreSQL whose job an approved request is.

They are procrastinate's own, taken from the installed release and held to the digest below: one whose tables differ
needs a revision of its own here. None of them is in `bot.store.tables`.
"""

from __future__ import annotations

from hashlib import sha256

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA_SHA256 = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"  # of release 3.10


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        bind.exec_driver_sql(schema().replace("%", "%%"))  # the driver makes one of two


def schema() -> str:
    """Raise `RuntimeError` if the installed release has other tables than those that this version knows."""
    from procrastinate.schema import SchemaManager  # of the extra `postgres`, like the driver

    statements: str = SchemaManager.get_schema()
    if sha256(statements.encode()).hexdigest() != SCHEMA_SHA256:
        raise RuntimeError("the installed procrastinate has other tables: install the locked release")
    return statements


def downgrade() -> None:
    raise NotImplementedError("what was approved is not taken back")
