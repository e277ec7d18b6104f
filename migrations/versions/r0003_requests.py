"""Requests, their votes, steps and cards, and the guards of what was shown and said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.guards import request_guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STATES = "aborted approved cancelled denied expired failed indeterminate pending reconciled refused running succeeded superseded"
BUSY = "state IN ('indeterminate', 'running')"


def upgrade() -> None:
    _request()
    _vote()
    _step()
    _card()
    for guard in request_guards(op.get_bind().dialect.name):
        for statement in guard.create:
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("what was approved is not taken back")


def _request() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cluster", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("requester", "person", "name", "channel", "plan_text")),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("demand", "reason", "ticket")),
        sa.Column("created_us", BIG, nullable=False),
        sa.Column("approve_by_us", BIG, nullable=False),
        *(sa.Column(name, BIG) for name in ("approved_us", "not_before_us", "execute_by_us", "ended_us")),
        sa.Column("fence", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "stop_by")),
        sa.Column("by_glass", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("reviewed_by", "ended_by")),
        sa.Column("why", sa.Text),
        sa.Column("did", sa.Boolean),
        sa.Column("reminded", sa.Integer, nullable=False),
        sa.Column("timer_us", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES.split())), name="state"),
    )
    op.create_index("ix_request_state_created_us", "request", ["state", "created_us"])
    op.create_index("ix_request_person_created_us", "request", ["person", "created_us"])
    _partial("uq_request_busy_cluster", "request", ["cluster"], BUSY, unique=True)
    _partial("ix_request_timer", "request", ["timer_us"], "timer_us IS NOT NULL")
    glass = "by_glass AND reviewed_by = ''"
    _partial("uq_request_unreviewed_glass", "request", ["by_glass"], glass, unique=True)


def _vote() -> None:
    op.create_table(
        "request_vote",
        sa.Column("request_id", sa.String(20), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("account", "name")),
        sa.Column("plan_hash", sa.String(64), nullable=False),
        sa.Column("at_us", BIG, nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("typed", "statement", "groups")),
        sa.PrimaryKeyConstraint("request_id", "person", "number", name="pk_request_vote"),
        _of_request("request_vote"),
    )


def _step() -> None:
    op.create_table(
        "request_step",
        sa.Column("request_id", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("progress", sa.String(8), nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("boot_id", sa.Text, nullable=False),
        sa.Column("exit", sa.Integer),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("started_us", BIG),
        sa.Column("finished_us", BIG),
        sa.PrimaryKeyConstraint("request_id", "number", name="pk_request_step"),
        _of_request("request_step"),
    )


def _card() -> None:
    op.create_table(
        "card",
        sa.Column("request_id", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("place", "channel", "ts")),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("drawn_us", BIG, nullable=False),
        sa.Column("due_us", BIG),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "place", name="pk_card"),
        _of_request("card"),
    )
    _partial("ix_card_due", "card", ["due_us"], "due_us IS NOT NULL")


def _of_request(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=f"fk_{table}_request_id_request")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
