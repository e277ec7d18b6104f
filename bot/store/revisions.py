"""The revisions of `migrations/`, by Alembic, which takes a while to load: only this file knows it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations


def bring_to_head(connection: Connection) -> None:
    """Within the caller's transaction."""
    command.upgrade(_config(connection), "head")


def current(connection: Connection) -> str | None:
    """Where the database is; None where no revision ever was."""
    return MigrationContext.configure(connection).get_current_revision()


def head(connection: Connection) -> str | None:
    return ScriptDirectory.from_config(_config(connection)).get_current_head()


def known(connection: Connection) -> frozenset[str]:
    return frozenset(one.revision for one in ScriptDirectory.from_config(_config(connection)).walk_revisions())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
