"""What a step is made of arrives on a real node as it was, or nothing of it starts; a secret shows nowhere."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.action import Unreachable
from bot.names import Secret
from bot.run import KEPT, outcome
from bot.ssh import run_once
from bot.ssh.run_once import SECRETS, SHOWN_BYTES
from tests.lab.one_step import NEVER, PASSWORD, PVE01, SUCCEEDED, Node, reached

pytestmark = pytest.mark.parametrize("booted", [{"count": 1, "links": 1}], indirect=True)


HARD = st.sampled_from(
    ["", "$HOME", "${HOME}", "$$", "$", "%h", "%%", "'", '"', "\\", "\\n", "\n", "-", "--", "*", ";", "!"]
)


WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | HARD


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(WORD | st.lists(HARD, max_size=6).map("".join), max_size=8), min_size=1, max_size=4))
def test_any_words_arrive_as_they_were(node: Node, argvs: list[list[str]]) -> None:
    tickets = [node.ticket("printf", "%s\\0", "first", *argv) for argv in argvs]
    for ticket in tickets:
        assert node.nodes.start(ticket) == ""
    for ticket, argv in zip(tickets, argvs, strict=True):
        assert node.ended(ticket).out == "".join(word + "\0" for word in ("first", *argv))


def test_a_word_that_systemd_itself_would_refuse_arrives(node: Node) -> None:
    assert node.ran(node.ticket("printf", "%s", "\ufdd0"))[1].out == "\ufdd0"


def test_a_guard_arrives_byte_for_byte(node: Node) -> None:
    guard = "# é ' \" $HOME \\ %s\ntrue"
    ticket = node.ticket("true", guard=guard)
    assert node.ran(ticket)[0] == SUCCEEDED
    assert node.sh(f"cat {KEPT}/{ticket.id}.guard") == guard


def test_what_is_printed_is_capped_and_keeps_its_bytes(node: Node) -> None:
    _, trace = node.ran(node.ticket("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; printf '\\377end'"))
    assert trace.out.encode(errors="surrogateescape") == b"x" * (SHOWN_BYTES - 4) + b"\xffend"


def test_a_secret_arrives_and_shows_nowhere_and_is_gone_afterwards(node: Node) -> None:
    script = "cat >/root/got; until test -e /root/seen; do sleep 0.05; done"
    ticket = node.ticket("sh", "-c", script, secret=PASSWORD)
    node.nodes.start(ticket)
    unit = f"pve-cluster-bot-{ticket.id}.service"
    shown = node.sh(f"systemctl show {unit}; systemctl cat {unit}; ps -eww -o args e; systemctl status {unit} || true")
    node.sh("touch /root/seen")
    trace = node.ended(ticket)
    shown += node.sh(
        f"journalctl --no-pager -o export | tr -d '\\200-\\377'; cat {KEPT}/{ticket.id}.out {KEPT}/{ticket.id}.err {KEPT}/*.guard"
    )
    assert trace.result == "success exited 0"
    assert node.sh("cat /root/got") == PASSWORD.reveal()
    assert "pw-7c1e" not in shown
    assert unit in shown
    assert node.sh(f"ls {SECRETS}") == ""


@pytest.mark.parametrize("how", ["refused", "burnt", "used before"])
def test_a_secret_that_nobody_read_is_gone_too(node: Node, how: str) -> None:
    ticket = node.ticket("true", guard="false\n" if how == "refused" else "true\n", secret=PASSWORD)
    if how == "used before":
        node.ran(ticket)
    if how == "burnt":
        node.nodes.burn(ticket)
    node.nodes.start(ticket)
    node.ended(ticket)
    assert node.sh(f"ls {SECRETS}") == ""


def test_a_secret_of_a_step_that_could_not_start_goes_when_its_ticket_is_burnt(node: Node) -> None:
    ticket = node.ticket("true", secret=PASSWORD, timeout_s=-1)
    assert "TimeoutStartSec" in node.nodes.start(ticket)
    assert node.sh(f"cat {SECRETS}/{ticket.id}.in") == PASSWORD.reveal()
    assert node.nodes.burn(ticket)
    assert node.sh(f"ls {SECRETS}") == ""


@pytest.mark.parametrize("missing", [1, 4, 5 + 6])
def test_what_is_cut_off_on_its_way_starts_nothing_and_leaves_no_secret(node: Node, missing: int) -> None:
    ticket = node.ticket("touch", "/root/cut", guard="true\n", secret=Secret("s3cret"))
    argv, stdin = run_once.start(ticket)
    line = shlex.join(("env", "LC_ALL=C", *argv))
    assert node.lab.ssh(PVE01, line, input=stdin.decode()[:-missing]).returncode == 1
    assert node.found(ticket).fate is NEVER
    assert node.sh(f"ls {SECRETS}") == ""
    assert {*node.kept(ticket)} <= {f"{ticket.id}.guard", f"{ticket.id}.run"}


def test_a_sudo_login_runs_it_as_root(node: Node) -> None:
    node.sh(
        "useradd -m -s /bin/bash -p '*' keeper; install -d -o keeper -m 700 /home/keeper/.ssh; "
        "install -o keeper -m 600 /root/.ssh/authorized_keys /home/keeper/.ssh/authorized_keys; "
        "echo 'keeper ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/keeper"
    )
    with reached(node.lab, user="keeper", sudo=True) as nodes:
        ticket = node.ticket("sh", "-c", "id -u; cat; echo $HOME", secret=Secret("word\n"))
        assert nodes.host(PVE01).login.startswith("keeper@")
        assert nodes.start(ticket) == ""
        assert node.ended(ticket).out == "0\nword\n/root\n"
        assert outcome(nodes.trace(ticket), nodes.boot_id(PVE01)) == SUCCEEDED
        assert not nodes.burn(ticket)


def test_a_node_that_shows_another_key_than_the_approved_one_is_sent_nothing(node: Node) -> None:
    ticket = replace(node.ticket("true"), fingerprint="SHA256:approved")
    with pytest.raises(Unreachable, match="nothing was sent"):
        node.nodes.start(ticket)
    with pytest.raises(Unreachable, match="nothing was sent"):
        node.nodes.burn(ticket)
    assert node.kept(ticket) == []
