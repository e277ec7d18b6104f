"""A database that is read-only, full or not migrated: the bot does not start, a command is not done, no node is asked."""

import os
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.shell import SLACK, Ran, Shell

TOKENS = {"TEST_BOT_TOKEN": "xoxb-1", "TEST_APP_TOKEN": "xapp-1"}
COMMANDS = (("serve",), ("do", "--", "status"), ("do", "--json", "--", "status"), ("audit list",))
EMPTY_KB = 256  # room for the tables, not for much more


def can_mount() -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def node() -> Iterator[socket.socket]:
    """Where a node would be: whoever asks it anything leaves a connection waiting."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening


def was_asked(node: socket.socket) -> bool:
    return bool(select.select([node], [], [], 0)[0])


@pytest.fixture
def shell(tmp_path: Path, node: socket.socket) -> Shell:
    return Shell(tmp_path, TOKENS).configure(SLACK, tables(node))


def tables(node: socket.socket) -> str:
    port = node.getsockname()[1]
    return f'[clusters.pve-prod]\nnodes = [{{ name = "pve01", host = "127.0.0.1", port = {port} }}]'


def refused(ran: Ran, node: socket.socket) -> str:
    """The one sentence that a person reads."""
    assert ran.code == 1
    assert "Traceback" not in ran.stderr
    assert not was_asked(node)
    (line,) = ran.stderr.splitlines()
    return line


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_that_is_not_migrated_refuses(shell: Shell, node: socket.socket, words: tuple[str, ...]) -> None:
    assert refused(shell.run(*words), node) == (
        f"The database sqlite:///{shell.folder}/pve-cluster-bot.db does not have the tables of this version: "
        "run pve-cluster-bot db upgrade --config F"
    )


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_that_is_read_only_refuses(shell: Shell, node: socket.socket, words: tuple[str, ...]) -> None:
    assert shell.run("db upgrade").code == 0
    url = f"sqlite:///file:{shell.folder}/pve-cluster-bot.db?mode=ro&uri=true"
    shell.configure(SLACK, tables(node), f'[database]\nurl = "{url}"')
    assert refused(shell.run(*words), node) == (
        f"Not recorded, so nothing is done: the database sqlite:///file%3A{shell.folder}/pve-cluster-bot.db cannot be "
        "written. Give the bot's user write access to the file and its directory, or to the tables "
        "(attempt to write a readonly database)"
    )


@pytest.mark.skipif(not can_mount(), reason="needs root, and the right to mount a small file system")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_that_is_full_refuses(
    shell: Shell, node: socket.socket, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert shell.run("db upgrade").code == 0
    full = tmp_path / "full"
    full.mkdir()
    fill = (
        f"mount -t tmpfs -o size={EMPTY_KB}k tmpfs {full} && cp {shell.folder}/pve-cluster-bot.db {full}/bot.db && "
        f'cat /dev/zero >{full}/rest 2>/dev/null; exec "$@"'
    )
    inside = Shell(shell.folder, TOKENS, ("unshare", "-m", "sh", "-c", fill, "sh"))
    inside.configure(SLACK, tables(node), f'[database]\nurl = "sqlite:///{full}/bot.db"')
    said = refused(inside.run(*words), node)
    assert said.startswith("Not recorded, so nothing is done: ")
    assert "Free some space" in said
