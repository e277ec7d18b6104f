"""Inbox, outbox, and the ledger with its guards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.guards import ledger_guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
EVENT_INDEXES = (("at_us", "seq"), ("cluster", "at_us", "seq"), ("actor", "at_us", "seq"))


def upgrade() -> None:
    _mail()
    _ledger()
    # The head's first row, before the guard that allows no other.
    head = sa.table("audit_head", *(sa.column(name) for name in ("chain", "seq", "hash", "at_us")))
    op.execute(sa.insert(head).values(chain=1, seq=0, hash="0" * 64, at_us=0))
    for guard in ledger_guards(op.get_bind().dialect.name):
        for statement in guard.create:
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back")


def _mail() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("dedupe_key", sa.Text, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("at_us", BIG, nullable=False),
        sa.Column("claimed_us", BIG),
        sa.Column("done_us", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("dedupe_key", name="uq_inbox_dedupe_key"),
    )
    op.create_index("ix_inbox_done_us", "inbox", ["done_us"])
    _partial("ix_inbox_waiting", "inbox", ["id"], "done_us IS NULL")
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("to", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("due_us", BIG, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lent_us", BIG),
        sa.Column("done_us", BIG),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_done_us", "outbox", ["done_us"])
    _partial("ix_outbox_waiting", "outbox", ["due_us"], "done_us IS NULL")


def _ledger() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at_us", BIG, nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_head"),
    )
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", BIG, nullable=False, autoincrement=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("at_us", BIG, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("cluster", sa.String(64)),
        sa.Column("action", sa.String(32)),
        sa.Column("request_id", sa.String(26)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit_event"),
        sa.UniqueConstraint("event_id", name="uq_audit_event_event_id"),
        sa.UniqueConstraint("chain", "prev_hash", name="uq_audit_event_chain_prev_hash"),
    )
    for columns in EVENT_INDEXES:
        op.create_index("ix_audit_event_" + "_".join(columns), "audit_event", list(columns))
    _partial("ix_audit_event_request", "audit_event", ["request_id", "seq"], "request_id IS NOT NULL")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
