"""The jobs of procrastinate: that an approved request is to be run. Only on PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer
from sqlalchemy import Connection, text

from bot.request import Request
from bot.store.clock import clock_us

QUEUE, TASK = "requests", "run"
_LIVE = text("SELECT args->>'id' FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing')")


@dataclass(frozen=True)
class Jobs:
    """Puts jobs in with the caller's connection, so that they stand or fall with its transaction."""

    # Never opened: it has no connection of its own.
    _app: App = field(default_factory=lambda: App(connector=SyncPsycopgConnector()))

    def approved(self, connection: Connection, request: Request) -> None:
        """One that must wait gets no job yet: it would keep others of its cluster waiting behind it."""
        if (request.not_before_us or 0) <= clock_us(connection, lambda: 0):
            self.put(connection, request.id, request.cluster)

    def put(self, connection: Connection, id_: str, cluster: str) -> None:
        """Nothing if one waits already."""
        locks = {"lock": f"cluster:{cluster}", "queueing_lock": f"request:{id_}"}
        try:
            with connection.begin_nested():
                self._deferrer(connection, **locks).defer(id=id_)
        except AlreadyEnqueued:
            return

    def _deferrer(self, connection: Connection, **locks: Any) -> JobDeferrer:
        driver = connection.connection.dbapi_connection
        return self._app.configure_task(TASK, queue=QUEUE, connection=driver, **locks)

    def live(self, connection: Connection) -> set[str]:
        """The requests that have a job which waits or is being done."""
        return set(connection.execute(_LIVE, {"queue": QUEUE}).scalars())
