"""One bot works on a SQLite file; what it held is free the moment it is gone, however it went."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.store import Sole, Taken, open_engine

HOLDS = """
import sys
from bot.store import Sole, open_engine
engine = open_engine(sys.argv[1])
with Sole.of(engine).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def sole(engine: Engine) -> Sole:
    found = Sole.of(engine)
    assert found is not None
    return found


@pytest.fixture
def here(tmp_path: Path) -> Sole:
    return sole(open_engine(f"sqlite:///{tmp_path}/bot.db"))


def test_a_second_one_is_refused_and_told_who_holds_it_until_the_first_is_killed(here: Sole, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLDS, f"sqlite:///{tmp_path}/bot.db"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
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


def test_on_postgresql_several_may_work(engine: Engine) -> None:
    assert (Sole.of(engine) is None) == (engine.dialect.name == "postgresql")
