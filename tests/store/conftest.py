"""A database of its own for each test, at head, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from bot import store
from tests.store.postgres import running

clock = count(1_000_000)


def now_us() -> int:
    return next(clock)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running() as server:
        yield server.url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bot.db"
        return
    server, name = request.getfixturevalue("postgres_server"), f"t{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{server}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(empty_url: str) -> str:
    store.upgrade(empty_url, now_us)
    return empty_url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = store.ready_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> store.SqlLedger:
    return store.SqlLedger(engine, now_us)
