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
    """Two locks: on a file beside the database, which says who holds it and stays when the database is put back from
    a backup; and on the database's own inode, which is the same under every name. *file*: the database itself.
    """

    path: Path
    file: Path
    database: str

    @classmethod
    def of(cls, engine: Engine) -> Sole | None:
        """None on PostgreSQL, where several may work side by side."""
        if engine.dialect.name != "sqlite":
            return None
        name = (engine.url.database or "").removeprefix("file:")
        file = Path(name).resolve()
        return cls(Path(f"{file}.lock"), file, shown(engine.url))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raise `Taken` if another process holds it. The file stays: to remove it would let two hold it."""
        with self._held_beside(), self._held_inode():
            yield

    @contextmanager
    def _held_beside(self) -> Iterator[None]:
        descriptor = _open(self.path)
        try:
            if not _locks(descriptor):
                by = os.read(descriptor, 20).decode(errors="replace").strip() or "?"
                raise Taken(TAKEN.fill(database=self.database, process=by, file=self.path))
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _held_inode(self) -> Iterator[None]:
        # Never closed: with any descriptor of its file SQLite's own locks end in this process (fcntl(2), POSIX).
        # flock(2) itself is nothing to them.
        descriptor = _open(self.file)
        if not _locks(descriptor):
            raise Taken(ALIASED.fill(database=self.database, file=self.file))
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise NotRecorded(CANNOT_OPEN.fill(database=path, reason=error.strerror)) from None


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


TAKEN = Text(
    en="Another bot works on {database} (process {process}): stop it first, or name another database in database.url. "
    "The lock is on {file} and ends with that process",
    fr="Un autre bot travaille sur {database} (processus {process}) : arrêtez-le d'abord, ou indiquez une autre base "
    "dans database.url. Le verrou est sur {file} et finit avec ce processus",
)
ALIASED = Text(
    en="Another bot works on {database} under another name, such as a hard link or a mount: stop it first, or name another "
    "database in database.url. fuser {file} says which process it is",
    fr="Un autre bot travaille sur {database} sous un autre nom, comme un lien physique ou un montage : arrêtez-le d'abord, "
    "ou indiquez une autre base dans database.url. fuser {file} dit quel processus c'est",
)
