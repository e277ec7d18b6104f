"""Triggers by which the database itself refuses to change the ledger; made by a migration, asserted at every start.

A change here needs a revision that makes the guards anew: what is in the database is compared with these texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text


@dataclass(frozen=True)
class Guard:
    """One trigger or trigger function. *body*: the text by which it is recognised in the catalogue."""

    name: str
    body: str
    create: tuple[str, ...]


def guards(dialect: str) -> tuple[Guard, ...]:
    return ledger_guards(dialect) + request_guards(dialect)


def ledger_guards(dialect: str) -> tuple[Guard, ...]:
    return _SQLITE if dialect == "sqlite" else _FUNCTIONS + _TRIGGERS


def request_guards(dialect: str) -> tuple[Guard, ...]:
    """What was approved stays as it was shown, and a vote as it was cast."""
    return _SQLITE_REQUESTS if dialect == "sqlite" else (*_REQUEST_FUNCTIONS, *_REQUEST_TRIGGERS)


def guards_missing(connection: Connection) -> list[str]:
    """The guards that are not there, not switched on, or not as they were made."""
    dialect = connection.dialect.name
    found = _sqlite_found(connection) if dialect == "sqlite" else _postgres_found(connection)
    return [guard.name for guard in guards(dialect) if found.get(guard.name) != guard.body]


def _sqlite_found(connection: Connection) -> Mapping[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return _by_name(rows.all())


def _postgres_found(connection: Connection) -> Mapping[str, str]:
    functions = connection.execute(
        text("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace")
    )
    # tgtype: which statements it watches; tgenabled A: also under session_replication_role = replica.
    triggers = connection.execute(
        text(
            "SELECT t.tgname, c.relname || ' ' || p.proname || ' ' || t.tgtype::text || ' ' || t.tgenabled::text"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND t.tgqual IS NULL"
        )
    )
    return _by_name([*functions, *triggers])


def _by_name(rows: Sequence[Row[Any]]) -> dict[str, str]:
    return {str(name): str(made) for name, made in (tuple(row) for row in rows)}


def _sqlite(name: str, what: str, refusal: str, when: str = "") -> Guard:
    condition = f" WHEN {when}" if when else ""
    sql = f"CREATE TRIGGER {name} BEFORE {what}{condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    return Guard(name, sql, (sql,))


def _there(table: str, *key: str) -> str:
    same = " AND ".join(f"t.{name} = NEW.{name}" for name in key)
    return f"EXISTS (SELECT 1 FROM {table} t WHERE {same})"  # noqa: S608 - our own names


_NOT_NEXT = "audit_event: not the next link"
_NOT_FOLLOWING = "audit_head: must follow audit_event"
_SQLITE = (
    _sqlite("audit_event_update", "UPDATE ON audit_event", "audit_event is append-only"),
    _sqlite("audit_event_delete", "DELETE ON audit_event", "audit_event is append-only"),
    # Also what stops INSERT OR REPLACE, which fires no DELETE trigger where recursive_triggers is off.
    _sqlite(
        "audit_event_insert",
        "INSERT ON audit_event",
        _NOT_NEXT,
        "NOT EXISTS (SELECT 1 FROM audit_head h WHERE h.chain = NEW.chain AND h.seq + 1 = NEW.seq"
        " AND h.hash = NEW.prev_hash AND h.at_us <= NEW.at_us)",
    ),
    _sqlite(
        "audit_head_update",
        "UPDATE ON audit_head",
        _NOT_FOLLOWING,
        "NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM audit_event e"
        " WHERE e.chain = NEW.chain AND e.seq = NEW.seq AND e.hash = NEW.hash AND e.at_us = NEW.at_us)",
    ),
    _sqlite("audit_head_insert", "INSERT ON audit_head", "audit_head is permanent"),
    _sqlite("audit_head_delete", "DELETE ON audit_head", "audit_head is permanent"),
)

_BYTES = (
    *("id", "cluster", "requester", "person", "name", "plan_text", "plan_hash", "demand", "reason", "ticket"),
    *("created_us", "approve_by_us"),
)
_SQLITE_REQUESTS = (
    _sqlite(
        "request_update",
        "UPDATE ON request",
        "request: what was shown stays as it was",
        " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _BYTES),
    ),
    # INSERT OR REPLACE fires no other trigger where recursive_triggers is off.
    _sqlite("request_insert", "INSERT ON request", "request is permanent", _there("request", "id")),
    _sqlite(
        "request_vote_insert",
        "INSERT ON request_vote",
        "request_vote is append-only",
        _there("request_vote", "request_id", "person", "number"),
    ),
    _sqlite("request_delete", "DELETE ON request", "request is permanent"),
    _sqlite("request_vote_update", "UPDATE ON request_vote", "request_vote is append-only"),
    _sqlite("request_vote_delete", "DELETE ON request_vote", "request_vote is append-only"),
)


def _function(name: str, body: str) -> Guard:
    # The body is compared byte for byte with pg_proc.prosrc; on its way there the driver makes one % of two.
    quoted = body.replace("%", "%%")
    return Guard(name, body, (f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${quoted}$guard$",))


# The table is named with its schema: a temporary table of the same name would otherwise be seen first.
_FUNCTIONS = (
    _function("audit_refuse", " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END "),
    _function(
        "audit_event_is_next",
        r"""
DECLARE next boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.audit_head h WHERE h.chain = $1 AND h.seq + 1 = $2'
    ' AND h.hash = $3 AND h.at_us <= $4)', TG_TABLE_SCHEMA)
    INTO next USING NEW.chain, NEW.seq, NEW.prev_hash, NEW.at_us;
  IF NOT next THEN
    RAISE EXCEPTION 'audit_event: not the next link';
  END IF;
  IF NEW.hash <> encode(sha256('\x7076652d61756469742f3100'::bytea || decode(NEW.prev_hash, 'hex')
      || sha256(convert_to(NEW.body, 'UTF8'))), 'hex') THEN
    RAISE EXCEPTION 'audit_event: the hash is not that of the body';
  END IF;
  RETURN NEW;
END
""",
    ),
    _function(
        "audit_head_follows",
        """
DECLARE follows boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.audit_event e WHERE e.chain = $1 AND e.seq = $2'
    ' AND e.hash = $3 AND e.at_us = $4)', TG_TABLE_SCHEMA)
    INTO follows USING NEW.chain, NEW.seq, NEW.hash, NEW.at_us;
  IF NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1 OR NOT follows THEN
    RAISE EXCEPTION 'audit_head: must follow audit_event';
  END IF;
  RETURN NEW;
END
""",
    ),
)
# pg_trigger.tgtype, as bits: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
_EVENTS = {4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE"}


def _trigger(name: str, table: str, function: str, *bits: int, each: str = "STATEMENT") -> Guard:
    tgtype = sum(bits) + 2 + (1 if each == "ROW" else 0)
    what = " OR ".join(_EVENTS[bit] for bit in bits)
    create = f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
    always = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
    return Guard(name, f"{table} {function} {tgtype} A", (create, always))


_TRIGGERS = (
    _trigger("audit_event_only_appended", "audit_event", "audit_refuse", 8, 16, 32),
    _trigger("audit_event_next", "audit_event", "audit_event_is_next", 4, each="ROW"),
    _trigger("audit_head_permanent", "audit_head", "audit_refuse", 4, 8, 32),
    _trigger("audit_head_following", "audit_head", "audit_head_follows", 16, each="ROW"),
)
_REQUEST_FUNCTIONS = (
    _function(
        "request_bytes_stay",
        f"""
BEGIN
  IF ({", ".join(f"NEW.{name}" for name in _BYTES)}) IS DISTINCT FROM ({", ".join(f"OLD.{name}" for name in _BYTES)}) THEN
    RAISE EXCEPTION 'request: what was shown stays as it was';
  END IF;
  RETURN NEW;
END
""",
    ),
)
_REQUEST_TRIGGERS = (
    _trigger("request_bytes", "request", "request_bytes_stay", 16, each="ROW"),
    _trigger("request_permanent", "request", "audit_refuse", 8, 32),
    _trigger("request_vote_only_appended", "request_vote", "audit_refuse", 8, 16, 32),
)
