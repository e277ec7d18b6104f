"""A database of its own for each test, at head, on both engines."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from bot import store

clock = count(1_000_000)


def now_us() -> int:
    return next(clock)


def _as_postgres(*argv: str) -> None:
    as_user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run((*as_user, *argv), check=True, capture_output=True, cwd="/")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    root, port = Path(mkdtemp(prefix="pve-pg-")), _free_port()
    if os.geteuid() == 0:
        os.chown(root, pwd.getpwnam("postgres").pw_uid, -1)
    data = str(root / "data")
    options = f"-p {port} -k {root} -h 127.0.0.1"
    try:
        _as_postgres(str(found[-1] / "initdb"), "-D", data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--no-locale")
        _as_postgres(str(found[-1] / "pg_ctl"), "-D", data, "-o", options, "-l", str(root / "log"), "-w", "start")
        yield f"postgresql://bot:sesame@127.0.0.1:{port}"
        _as_postgres(str(found[-1] / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(root)


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
