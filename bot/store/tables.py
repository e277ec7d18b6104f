"""The tables as they are now; `migrations/` brings a database here, and a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.request import BUSY, State

Big = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only an INTEGER key
CHAIN = 1

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def is_ours(_object: object, name: str | None, kind: str, _is_reflected: bool, _compared_to: object) -> bool:  # noqa: FBT001 - as Alembic calls it
    """For Alembic: the tables of procrastinate come by revisions, but are not described here."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


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


def _one_of(states: frozenset[State]) -> str:
    return "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(states)))


request = Table(
    "request",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("cluster", String(64), nullable=False),
    Column("requester", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("plan_text", Text, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("demand", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("created_us", Big, nullable=False),
    Column("approve_by_us", Big, nullable=False),
    Column("approved_us", Big),
    Column("not_before_us", Big),
    Column("execute_by_us", Big),
    Column("ended_us", Big),
    Column("fence", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("stop_by", Text, nullable=False),
    Column("by_glass", Boolean, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("why", Text),
    Column("did", Boolean),
    Column("reminded", Integer, nullable=False),
    Column("timer_us", Big),
    CheckConstraint(_one_of(frozenset(State)), "state"),
    Index(None, "state", "created_us"),
    Index(None, "person", "created_us"),
)
# The lock of a cluster: it is a constraint, so it cannot leak; it holds while an outcome is not known.
Index(
    "uq_request_busy_cluster",
    request.c.cluster,
    unique=True,
    sqlite_where=text(_one_of(BUSY)),
    postgresql_where=text(_one_of(BUSY)),
)
Index(
    "ix_request_timer",
    request.c.timer_us,
    sqlite_where=text("timer_us IS NOT NULL"),
    postgresql_where=text("timer_us IS NOT NULL"),
)
# One break-glass waits for its review at a time, however many bots decide at the same moment.
Index(
    "uq_request_unreviewed_glass",
    request.c.by_glass,
    unique=True,
    sqlite_where=text("by_glass AND reviewed_by = ''"),
    postgresql_where=text("by_glass AND reviewed_by = ''"),
)

request_vote = Table(
    "request_vote",
    metadata,
    Column("request_id", String(20), ForeignKey("request.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("verdict", String(8), nullable=False),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("at_us", Big, nullable=False),
    Column("via", String(16), nullable=False),
    Column("typed", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("groups", Text, nullable=False),
)

request_step = Table(
    "request_step",
    metadata,
    Column("request_id", String(20), ForeignKey("request.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("progress", String(8), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("exit", Integer),
    Column("said", Text, nullable=False),
    Column("started_us", Big),
    Column("finished_us", Big),
)

card = Table(
    "card",
    metadata,
    Column("request_id", String(20), ForeignKey("request.id"), primary_key=True),
    Column("place", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("drawn_us", Big, nullable=False),
    Column("due_us", Big),
    Column("attempts", Integer, nullable=False),
)
Index(
    "ix_card_due",
    card.c.due_us,
    sqlite_where=text("due_us IS NOT NULL"),
    postgresql_where=text("due_us IS NOT NULL"),
)
