"""The one clock by which requests live: the database's, which never goes back, not even where the machine's does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Connection, Engine, select, text

from bot.store.engine import reading
from bot.store.tables import CHAIN, audit_head


def monotonic_us() -> int:
    return time.monotonic_ns() // 1000


@dataclass
class Clock:
    """*now_us*: this machine's; PostgreSQL has its own, which all replicas share.

    Where that is behind the ledger, time goes on from the ledger's last event, a second each second: standing still
    there, no limit would ever be reached.
    """

    now_us: Callable[[], int]
    monotonic_us: Callable[[], int] = monotonic_us
    _at_us: int = 0
    _then_us: int = 0
    _lock: Lock = field(default_factory=Lock)

    def read(self, connection: Connection) -> int:
        """Unix microseconds, read now, under whatever lock is held; never earlier than the ledger, nor than before."""
        own_us, last_us = _own_us(connection, self.now_us), _last_us(connection)
        with self._lock:
            now_us = self.monotonic_us()
            went_on_us = self._at_us + now_us - self._then_us if self._at_us else 0
            self._at_us = own_us if own_us >= max(last_us, self._at_us) else max(last_us, went_on_us)
            self._then_us = now_us
            return self._at_us


def clock_us(connection: Connection, now_us: Callable[[], int]) -> int:
    """The database's clock, read now by who reads it once; it never goes back behind the ledger."""
    return max(_own_us(connection, now_us), _last_us(connection))


def behind_us(engine: Engine, now_us: Callable[[], int]) -> int:
    """How far the clock is behind the ledger's last event; 0 if it is not."""
    with reading(engine) as connection:
        return max(0, _last_us(connection) - _own_us(connection, now_us))


def _own_us(connection: Connection, now_us: Callable[[], int]) -> int:
    if connection.dialect.name != "postgresql":
        return now_us()
    # Not now(): that is when the transaction began, perhaps long before the lock was had.
    seconds = "EXTRACT(EPOCH FROM clock_timestamp()) * 1000000"
    return int(connection.execute(text(f"SELECT CAST({seconds} AS bigint)")).scalar_one())


def _last_us(connection: Connection) -> int:
    return int(connection.execute(select(audit_head.c.at_us).where(audit_head.c.chain == CHAIN)).scalar_one())
