"""The tables as they are now; `migrations/` brings a database here, and a test compares the two."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text

Big = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only an INTEGER key
CHAIN = 1

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("asked", Text, nullable=False),
    Column("at_us", Big, nullable=False),
    Column("claimed_us", Big),
    Column("done_us", Big, index=True),
    Column("claimed_by", String(32)),
)
Index(
    "ix_inbox_waiting",
    inbox.c.id,
    sqlite_where=text("done_us IS NULL"),
    postgresql_where=text("done_us IS NULL"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("way", String(16), nullable=False),
    Column("to", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("due_us", Big, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lent_us", Big),
    Column("done_us", Big, index=True),
    Column("why", Text),
)
Index(
    "ix_outbox_waiting",
    outbox.c.due_us,
    sqlite_where=text("done_us IS NULL"),
    postgresql_where=text("done_us IS NULL"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("seq", Big, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at_us", Big, nullable=False),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("event_id", String(36), nullable=False, unique=True),
    Column("at_us", Big, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("cluster", String(64)),
    Column("action", String(32)),
    Column("request_id", String(26)),
    Column("outcome", String(16)),
    Column("body", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("chain", "prev_hash"),
    Index(None, "at_us", "seq"),
    Index(None, "cluster", "at_us", "seq"),
    Index(None, "actor", "at_us", "seq"),
)
Index(
    "ix_audit_event_request",
    audit_event.c.request_id,
    audit_event.c.seq,
    sqlite_where=text("request_id IS NOT NULL"),
    postgresql_where=text("request_id IS NOT NULL"),
)
