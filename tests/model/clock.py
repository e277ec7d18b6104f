"""One clock for the process and for PostgreSQL, whose own is overshadowed: tests say what time it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

START_US = 1_800_000_000_000_000


@dataclass
class Clock:
    """One clock for the process and, on PostgreSQL, for the database: its own is overshadowed."""

    engine: Engine
    at_us: int = START_US

    def __post_init__(self) -> None:
        self.is_postgres = self.engine.dialect.name == "postgresql"
        if self.is_postgres:
            with self.engine.begin() as connection:
                for statement in _OVERSHADOW:
                    connection.execute(text(statement))
            self.engine.dispose()  # the search path holds for new connections
        self.set(self.at_us)

    def now_us(self) -> int:
        return self.at_us

    def set(self, at_us: int) -> None:
        self.at_us = at_us
        if self.is_postgres:
            with self.engine.begin() as connection:
                connection.execute(text("UPDATE test_clock SET at_us = :at_us"), {"at_us": at_us})


_OVERSHADOW = (
    "CREATE TABLE test_clock (at_us bigint)",
    "INSERT INTO test_clock VALUES (0)",
    (
        "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
        " 'SELECT timestamptz ''epoch'' + at_us * interval ''1 microsecond'' FROM public.test_clock'"
    ),
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$",
)
