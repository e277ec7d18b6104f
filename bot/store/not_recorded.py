"""What a person is told when the database cannot record: no SQL, no password, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.text import Refused, Text


class NotRecorded(Refused):
    """It could not be written down, so it is not done."""


@contextmanager
def refusing(url: URL) -> Iterator[None]:
    """Raise `NotRecorded` for whatever the database says no to. The original may hold a statement's values: dropped."""
    try:
        yield
    except SQLAlchemyError as error:
        raise NotRecorded(_why(error).fill(database=shown(url), reason=_reason(error, url))) from None


def shown(url: URL) -> str:
    """The address, without its password."""
    return url.set(query={}).render_as_string(hide_password=True)


def _why(error: SQLAlchemyError) -> Text:
    if isinstance(error, PoolTimeoutError):
        return BUSY
    if not isinstance(error, DBAPIError):
        return OTHER
    said = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    by_state = {"25006": READ_ONLY, "42501": READ_ONLY, "53100": FULL, "55P03": BUSY, "57014": BUSY}
    if state in by_state:
        return by_state[state]
    return next((why for words, why in _SQLITE_SAYS.items() if words in said), _other(error))


def _other(error: DBAPIError) -> Text:
    # libpq gives no SQLSTATE when there is no server that could have given one.
    lost = error.connection_invalidated or "connection" in str(error.orig)
    return UNREACHABLE if lost and not hasattr(error.orig, "sqlite_errorcode") else OTHER


def _reason(error: SQLAlchemyError, url: URL) -> str:
    said = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    first = said.partition("\n")[0]
    return first.replace(str(url.password), "***") if url.password else first


READ_ONLY = Text(
    en="Not recorded, so nothing is done: the database {database} cannot be written. "
    "Give the bot's user write access to the file and its directory, or to the tables ({reason})",
    fr="Non enregistré, donc rien n'est fait : la base de données {database} n'est pas accessible en écriture. "
    "Donnez à l'utilisateur du bot le droit d'écrire le fichier et son répertoire, ou les tables ({reason})",
)
FULL = Text(
    en="Not recorded, so nothing is done: there is no room left for the database {database}. Free some space ({reason})",
    fr="Non enregistré, donc rien n'est fait : plus de place pour la base de données {database}. "
    "Libérez de l'espace ({reason})",
)
DISK = Text(
    en="Not recorded, so nothing is done: the disk does not take the database {database}. "
    "Free some space; if there is enough, look at the disk ({reason})",
    fr="Non enregistré, donc rien n'est fait : le disque n'accepte pas la base de données {database}. "
    "Libérez de l'espace ; s'il y en a assez, regardez le disque ({reason})",
)
BUSY = Text(
    en="Not recorded, so nothing is done: the database {database} is busy. Try again in a moment ({reason})",
    fr="Non enregistré, donc rien n'est fait : la base de données {database} est occupée. "
    "Réessayez dans un instant ({reason})",
)
UNREACHABLE = Text(
    en="Not recorded, so nothing is done: the database {database} does not answer. "
    "Start it, or correct database.url ({reason})",
    fr="Non enregistré, donc rien n'est fait : la base de données {database} ne répond pas. "
    "Démarrez-la, ou corrigez database.url ({reason})",
)
CANNOT_OPEN = Text(
    en="Not recorded, so nothing is done: the file of {database} cannot be opened. "
    "Create its directory, writable for the bot's user ({reason})",
    fr="Non enregistré, donc rien n'est fait : le fichier de {database} ne peut pas être ouvert. "
    "Créez son répertoire, accessible en écriture à l'utilisateur du bot ({reason})",
)
OTHER = Text(
    en="Not recorded, so nothing is done: the database {database} refused ({reason})",
    fr="Non enregistré, donc rien n'est fait : la base de données {database} a refusé ({reason})",
)
_SQLITE_SAYS = {
    "readonly database": READ_ONLY,
    "disk is full": FULL,
    "disk I/O error": DISK,  # also what a full disk gives where the shared memory of WAL finds no room
    "database is locked": BUSY,
    "unable to open": CANNOT_OPEN,
}
