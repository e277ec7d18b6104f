"""One bot works on a SQLite file; what it held is free the moment it is gone, however it went."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.store import Sole, Taken, open_engine
from bot.store.engine import writing

HOLDS = """
import sys
from bot.store import Sole, open_engine
engine = open_engine(sys.argv[1])
with Sole.of(engine).held():
    print("held", flush=True)
    sys.stdin.read()
"""


READS = """
import sys
from bot.store.engine import open_engine, reading
engine = open_engine(sys.argv[1])
with reading(engine) as connection:
    print(connection.exec_driver_sql("SELECT count(*) FROM t").scalar(), flush=True)
    sys.stdin.read()
"""


def sole(engine: Engine) -> Sole:
    found = Sole.of(engine)
    assert found is not None
    return found


@contextmanager
def process(program: str, url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """*program* on the database of that name, and the first line that it says; it ends with its standard input."""
    argv = [sys.executable, "-c", program, url]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield running, running.stdout.readline()


@pytest.fixture
def here(tmp_path: Path) -> Sole:
    return sole(open_engine(f"sqlite:///{tmp_path}/bot.db"))


def test_a_second_one_is_refused_and_told_who_holds_it_until_the_first_is_killed(here: Sole, tmp_path: Path) -> None:
    with process(HOLDS, f"sqlite:///{tmp_path}/bot.db") as (other, said):
        assert said == "held\n"
        with pytest.raises(Taken, match=rf"process {other.pid}\).*stop it first"), here.held():
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with here.held():
            assert here.path.stat().st_mode & 0o777 == 0o600


def test_it_is_free_again_afterwards(here: Sole) -> None:
    for _ in range(2):
        with here.held():
            pass


def test_two_names_of_one_file_are_one_file(here: Sole, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(tmp_path)
    (tmp_path / "link.db").symlink_to(tmp_path / "bot.db")
    names = ("sqlite:///{}/other/bot.db", "sqlite:///{}/link.db", "sqlite:///file:{}/bot.db?uri=true")
    assert {sole(open_engine(name.format(tmp_path))).path for name in names} == {here.path}


@pytest.mark.parametrize("name", ["hard", "symlink", "relative"])
def test_one_file_is_held_under_whatever_name(
    here: Sole, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/hard.db").hardlink_to(tmp_path / "bot.db")
    (tmp_path / "elsewhere/link.db").symlink_to(tmp_path / "elsewhere/hard.db")
    monkeypatch.chdir(tmp_path / "elsewhere")  # what a relative path is relative to
    url = {"hard": tmp_path / "elsewhere/hard.db", "symlink": tmp_path / "elsewhere/link.db", "relative": "hard.db"}
    with process(HOLDS, f"sqlite:///{url[name]}") as (_other, said):
        assert said == "held\n"
        with pytest.raises(Taken, match=r"under another name.*fuser"), here.held():
            pass


def test_holding_it_and_letting_go_leaves_sqlites_own_locks_alone(tmp_path: Path) -> None:
    """In WAL the last connection to close removes the log: it must see that another process is still there."""
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        connection.commit()
        with sole(engine).held():
            pass
        with process(READS, f"sqlite:///{tmp_path}/bot.db") as (_other, said):
            assert said == "0\n"
        assert (tmp_path / "bot.db-wal").exists()


def test_another_process_reads_and_writes_while_it_is_held(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    with process(HOLDS, url) as (_other, said):
        assert said == "held\n"
        with writing(open_engine(url)) as connection:
            connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        with process(READS, url) as (_reader, counted):
            assert counted == "0\n"


def test_on_postgresql_several_may_work(engine: Engine) -> None:
    assert (Sole.of(engine) is None) == (engine.dialect.name == "postgresql")
