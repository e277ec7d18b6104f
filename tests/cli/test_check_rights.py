"""`check --ssh` against a real sshd and a real sudo: what the login cannot do is named, with the way out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.ssh.sudoers import sudoers_line
from tests.cli.node import NEEDED, USER, Node, running_node, why_not
from tests.cli.shell import SLACK, Ran, Shell

pytestmark = pytest.mark.skipif(bool(why_not()), reason=str(why_not()))
LINES = tuple(sudoers_line(USER, one.argv) for one in NEEDED)
MEMBERS = ("cat", "/etc/pve/.members")


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """With a database in order, so that only the node can be wrong."""
    shell = Shell(tmp_path, {"TEST_BOT_TOKEN": "x", "TEST_APP_TOKEN": "x"})
    shell.configure(SLACK, "[clusters.pve-prod]", 'nodes = [{ name = "pve01", host = "127.0.0.1" }]')
    assert shell.run("db upgrade").code == 0
    return shell


def checked(shell: Shell, node: Node, user: str, *, sudo: bool = False) -> Ran:
    sshd = node.sshd
    shell.configure(
        SLACK,
        f'[ssh]\nuser = "{user}"\nkey = "{node.folder}/user"\nknown_hosts = "{sshd.known_hosts}"',
        f"sudo = {'true' if sudo else 'false'}",
        f'[clusters.pve-prod]\nnodes = [{{ name = "pve01", host = "127.0.0.1", port = {sshd.port} }}]',
    )
    return shell.run("check", "--ssh", "--json")


def test_root_may_all(node: Node, shell: Shell) -> None:
    ran = checked(shell, node, "root")
    assert ran.bad == []
    assert ran.code == 0
    assert f"asked all {len(NEEDED)} questions" in ran.stdout


def test_a_user_who_is_not_root_without_sudo_is_told_both_ways_out(node: Node, shell: Shell) -> None:
    ran = checked(shell, node, USER)
    (bad,) = ran.bad
    assert bad["text"] == (
        f"pve01: {USER} on 127.0.0.1 is not root and sudo is off: set sudo = true, or log in as root"
    )
    assert ran.code == 1


def test_a_user_whose_sudo_permits_exactly_what_is_needed_is_enough(node: Node, shell: Shell) -> None:
    node.allow(*LINES)
    ran = checked(shell, node, USER, sudo=True)
    assert ran.bad == []
    assert ran.code == 0


def test_the_one_command_that_sudo_does_not_permit_is_named_with_the_line_that_permits_it(
    node: Node, shell: Shell
) -> None:
    missing = sudoers_line(USER, MEMBERS)
    node.allow(*(line for line in LINES if line != missing))
    ran = checked(shell, node, USER, sudo=True)
    (bad,) = ran.bad
    assert bad["text"].startswith(f"pve01: `cat /etc/pve/.members` cannot be run. sudo on 127.0.0.1 refuses {USER}: ")
    assert missing in bad["fix"]
    assert ran.code == 1
    node.allow(*LINES[:-1], missing, LINES[-1])
    assert checked(shell, node, USER, sudo=True).code == 0


def test_a_user_whom_sudo_does_not_know_is_told_once_with_all_the_lines(node: Node, shell: Shell) -> None:
    node.allow()
    ran = checked(shell, node, USER, sudo=True)
    (bad,) = ran.bad
    assert bad["text"].count("`") == 2 * len(NEEDED)
    assert all(line in bad["fix"] for line in LINES)
    assert ran.code == 1


@pytest.mark.parametrize(("user", "sudo"), [("root", False), (USER, True)])
def test_a_program_that_is_not_installed_is_named_with_what_needs_it(
    node: Node, shell: Shell, user: str, *, sudo: bool
) -> None:
    node.allow(*LINES)
    with node.without("dpkg-query"):
        ran = checked(shell, node, user, sudo=sudo)
    words = [
        f"pve01 has no dpkg-query, which is needed for: {', '.join(one.actions)}"
        for one in NEEDED
        if one.argv[0] == "dpkg-query"
    ]
    assert [bad["text"] for bad in ran.bad] == words
    assert all("Install the package of dpkg-query on 127.0.0.1" in bad["fix"] for bad in ran.bad)
    assert ran.code == 1


def test_an_answer_that_cannot_be_read_is_named_with_its_line(node: Node, shell: Shell) -> None:
    program = node.folder / "bin" / "dpkg-query"
    kept = program.read_text()
    program.write_text("#!/bin/sh\necho welcome to this machine\n")
    try:
        bad = checked(shell, node, "root").bad
    finally:
        program.write_text(kept)
    asked = [" ".join(one.argv) for one in NEEDED if one.argv[0] == "dpkg-query"]
    for one, argv in zip(bad, asked, strict=True):
        assert f"what `{argv}` answered cannot be read (line 1: 'welcome to this machine')" in one["text"]
        assert one["fix"] == "Run it on 127.0.0.1 as root and mend what it says there"
