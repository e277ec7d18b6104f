"""A PostgreSQL server of its own, on the loopback, gone without a trace afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest


@dataclass(frozen=True)
class Server:
    """*bin*: of its programs."""

    bin: Path
    root: Path
    port: int

    @property
    def url(self) -> str:
        """Without a database."""
        return f"postgresql://bot:sesame@127.0.0.1:{self.port}"

    def new(self, name: str) -> str:
        """The URL of a new database."""
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return f"{self.url}/{name}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.root} -h 127.0.0.1"
        self.control("-o", options, "-l", str(self.root / "log"), "-w", "start")

    def crash(self) -> None:
        """As if its host had lost power; it is back at once."""
        self.control("-m", "immediate", "-w", "stop")
        self.start()

    def control(self, *argv: str) -> None:
        as_postgres(str(self.bin / "pg_ctl"), "-D", str(self.root / "data"), *argv)


@contextmanager
def running() -> Iterator[Server]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    server = Server(found[-1], Path(mkdtemp(prefix="pve-pg-")), free_port())
    if os.geteuid() == 0:
        os.chown(server.root, pwd.getpwnam("postgres").pw_uid, -1)
    try:
        data = str(server.root / "data")
        as_postgres(str(found[-1] / "initdb"), "-D", data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--no-locale")
        server.start()
        try:
            yield server
        finally:
            server.control("-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(server.root)


def as_postgres(*argv: str) -> None:
    as_user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    subprocess.run((*as_user, *argv), check=True, capture_output=True, cwd="/")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
