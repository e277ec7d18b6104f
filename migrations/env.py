"""Run revisions on the connection, and in the transaction, that `bot.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bot.store.tables import is_ours, metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, include_object=is_ours)
with context.begin_transaction():
    context.run_migrations()
