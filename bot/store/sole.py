"""One process at a time works on a SQLite database; the kernel lets go of it however that process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from bot.store.not_recorded import CANNOT_OPEN, NotRecorded, shown
from bot.text import Refused, Text


class Taken(Refused):
    """Another process works on this database."""


@dataclass(frozen=True)
class Sole:
    """A lock on a file beside the database: SQLite's own locks end when any descriptor of its file is closed."""

    path: Path
    database: str

    @classmethod
    def of(cls, engine: Engine) -> Sole | None:
        """None on PostgreSQL, where several may work side by side."""
        if engine.dialect.name != "sqlite":
            return None
        name = (engine.url.database or "").removeprefix("file:")
        return cls(Path(f"{Path(name).resolve()}.lock"), shown(engine.url))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raise `Taken` if another process holds it. The file stays: to remove it would let two hold it."""
        descriptor = self._open()
        try:
            self._lock(descriptor)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise NotRecorded(CANNOT_OPEN.fill(database=self.path, reason=error.strerror)) from None

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            by = os.read(descriptor, 20).decode(errors="replace").strip() or "?"
            raise Taken(TAKEN.fill(database=self.database, process=by, file=self.path)) from None


TAKEN = Text(
    en="Another bot works on {database} (process {process}): stop it first, or name another database in database.url. "
    "The lock is on {file} and ends with that process",
    fr="Un autre bot travaille sur {database} (processus {process}) : arrêtez-le d'abord, ou indiquez une autre base "
    "dans database.url. Le verrou est sur {file} et finit avec ce processus",
)
