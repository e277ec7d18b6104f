"""One step on a real node, run at most once: real systemd, real sshd, and everything that may come between."""

from __future__ import annotations

import itertools
import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.action import Unreachable
from bot.names import NodeName, Secret
from bot.run import KEPT, Fate, Outcome, Ticket, Trace, outcome
from bot.ssh import run_once
from bot.ssh.login import Login
from bot.ssh.nodes import SshNodes
from bot.ssh.run_once import SECRETS, SHOWN_BYTES
from tests.lab.lab import Lab
from tests.lab.network import connector
from tests.ssh.sshd import until

pytestmark = pytest.mark.parametrize("booted", [{"count": 1, "links": 1}], indirect=True)
PVE01 = NodeName("pve01")
SUCCEEDED, NEVER, REFUSED, UNKNOWN = Outcome(Fate.SUCCEEDED, 0), Fate.NEVER, Fate.REFUSED, Fate.UNKNOWN
PASSWORD = Secret("pw-7c1e$HOME%s'\"\\\n")


@dataclass
class Node:
    """One node and the bot's way to it. Each ticket is new unless an id is given."""

    lab: Lab
    nodes: SshNodes
    boot_id: str
    numbers: Iterator[int]

    def ticket(self, *argv: str, guard: str = "true\n", timeout_s: int = 60, secret: Secret | None = None) -> Ticket:
        fingerprint, not_after_s = self.nodes.host(PVE01).fingerprint, int(time.time()) + 30
        return Ticket(f"t-{next(self.numbers)}", PVE01, argv, guard, timeout_s, fingerprint, not_after_s, secret)

    def found(self, ticket: Ticket) -> Outcome:
        return outcome(self.nodes.trace(ticket), self.boot_id)

    def ended(self, ticket: Ticket) -> Trace:
        """Once its unit is gone."""
        until(lambda: not self.nodes.trace(ticket).is_active)
        return self.nodes.trace(ticket)

    def ran(self, ticket: Ticket) -> tuple[Outcome, Trace]:
        assert self.nodes.start(ticket) == ""
        trace = self.ended(ticket)
        return outcome(trace, self.boot_id), trace

    def sh(self, script: str) -> str:
        """Past SSH."""
        return self.lab.exec(PVE01, "sh", "-c", script, check=True).stdout

    def kept(self, ticket: Ticket) -> list[str]:
        return self.sh(f"cd {KEPT}; ls -d {ticket.id}.* 2>/dev/null || true").split()


def login(lab: Lab, **other: object) -> Login:
    known = Login(lab.address(PVE01), 22, "root", lab.key, known_hosts=lab.known_hosts_file())
    return replace(known, **other)  # type: ignore[arg-type]  # by name


@contextmanager
def reached(lab: Lab, **other: object) -> Iterator[SshNodes]:
    now_us = lambda: time.time_ns() // 1000  # noqa: E731 - the bot's clock
    with closing(SshNodes({PVE01: login(lab, **other)}, now_us=now_us, connect=connector(lab))) as nodes:
        yield nodes


NUMBERS = itertools.count(1)


@pytest.fixture
def node(booted: Lab) -> Iterator[Node]:
    with reached(booted) as nodes:
        yield Node(booted, nodes, nodes.boot_id(PVE01), NUMBERS)


# How a step ends


def test_a_command_that_succeeds_is_known_to_have_succeeded_and_what_it_printed(node: Node) -> None:
    found, trace = node.ran(node.ticket("sh", "-c", "echo out; echo err >&2"))
    assert (found, trace.out, trace.err) == (SUCCEEDED, "out\n", "err\n")
    assert trace.result == "success exited 0"


def test_an_exit_code_is_read_as_it_was(node: Node) -> None:
    assert node.ran(node.ticket("sh", "-c", "exit 3"))[0] == Outcome(Fate.FAILED, 3)


def test_what_the_guard_refuses_never_runs(node: Node) -> None:
    ticket = node.ticket("touch", "/root/guarded", guard="echo nodeid is 4 >&2\nfalse\n")
    found, trace = node.ran(ticket)
    assert (found.fate, trace.err) == (REFUSED, "nodeid is 4\n")
    assert node.sh("ls /root/guarded 2>&1 || true").endswith("No such file or directory\n")


def test_what_takes_too_long_is_killed(node: Node) -> None:
    found, trace = node.ran(node.ticket("sh", "-c", "echo begun; exec sleep 31.25", timeout_s=1))
    assert (found.fate, trace.out) == (Fate.TIMED_OUT, "begun\n")
    assert node.sh("pgrep -xf 'sleep 31.25' || true") == ""


def test_what_is_killed_by_a_signal_failed(node: Node) -> None:
    assert node.ran(node.ticket("sh", "-c", "kill -9 $$"))[0] == Outcome(Fate.FAILED)


def test_a_program_that_there_is_not_fails_and_the_node_says_why(node: Node) -> None:
    found, trace = node.ran(node.ticket("no-such-program"))
    assert found == Outcome(Fate.FAILED, 127)
    assert "no-such-program: not found" in trace.err


def test_a_program_that_cannot_be_executed_fails(node: Node) -> None:
    node.sh("echo garbage >/root/garbled; chmod 644 /root/garbled")
    assert node.ran(node.ticket("/root/garbled"))[0] == Outcome(Fate.FAILED, 126)  # sh(1)


def test_a_step_outlives_that_systemd_reads_its_units_again(node: Node) -> None:
    """Also with words that systemd writes otherwise than it reads them: `systemctl mask`, or any installation, does it."""
    script = 'first="$1"; until test -e /root/reloaded; do sleep 0.05; done\necho "$first; \\$HOME"; exit 3'
    ticket = node.ticket("sh", "-c", script, "sh", "é %h")
    node.nodes.start(ticket)
    until(lambda: node.nodes.trace(ticket).spent)
    node.sh("systemctl daemon-reload; touch /root/reloaded")
    trace = node.ended(ticket)
    assert (trace.out, trace.err, trace.result) == ("é %h; $HOME\n", "", "exit-code exited 3")


# At most once


def test_a_ticket_that_is_used_again_runs_nothing_and_leaves_the_first_ones_traces(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "echo first")
    _, first = node.ran(ticket)
    assert node.nodes.start(ticket) == ""
    node.ended(ticket)
    assert "differ" in node.nodes.start(replace(ticket, argv=("sh", "-c", "echo second")))
    second = node.ended(ticket)
    assert (second.out, second.result) == (first.out, first.result) == ("first\n", "success exited 0")


def test_a_ticket_that_is_used_again_while_it_runs_runs_nothing(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "echo first; until test -e /root/go; do sleep 0.05; done")
    node.nodes.start(ticket)
    assert "already" in node.nodes.start(ticket)
    assert "differ" in node.nodes.start(replace(ticket, argv=("sh", "-c", "echo second")))
    node.sh("touch /root/go")
    trace = node.ended(ticket)
    assert (trace.out, trace.result) == ("first\n", "success exited 0")


def test_of_many_that_send_one_ticket_at_once_one_runs_it(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "echo once >> /root/times")
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: node.nodes.start(ticket), range(6)))
    assert node.ended(ticket).result == "success exited 0"
    assert node.sh("cat /root/times") == "once\n"


def test_a_ticket_burnt_before_it_starts_never_runs(node: Node) -> None:
    ticket = node.ticket("touch", "/root/burnt")
    assert node.nodes.burn(ticket)
    assert not node.nodes.burn(ticket)
    node.nodes.start(ticket)
    node.ended(ticket)
    assert node.sh("ls /root/burnt 2>&1 || true").endswith("No such file or directory\n")


def test_a_ticket_that_was_used_cannot_be_burnt(node: Node) -> None:
    ticket = node.ticket("true")
    node.ran(ticket)
    assert not node.nodes.burn(ticket)


def test_a_second_start_after_a_run_that_left_no_result_does_not_say_that_it_never_ran(node: Node) -> None:
    ticket = node.ticket("true")
    node.ran(ticket)
    node.sh(f"rm {KEPT}/{ticket.id}.result")  # as a node that died in the middle
    node.nodes.start(ticket)
    node.ended(ticket)
    assert node.found(ticket).fate is UNKNOWN


def test_nothing_starts_after_its_last_moment(node: Node) -> None:
    late = replace(node.ticket("touch", "/root/late"), not_after_s=int(time.time()) - 1)
    found, trace = node.ran(late)
    assert (found.fate, trace.err) == (REFUSED, f"{run_once.TOO_LATE}\n")
    assert node.sh("ls /root/late 2>&1 || true").endswith("No such file or directory\n")


# What arrives


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


# What goes wrong between


def test_a_run_whose_ssh_was_cut_is_found_ended_afterwards(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/cut-now; do sleep 0.05; done; echo done")
    node.nodes.start(ticket)
    node.lab.cut_ssh(PVE01)
    try:
        node.sh("touch /root/cut-now")
        node.lab.wait_for(PVE01, command=f"test -s {KEPT}/{ticket.id}.result")
    finally:
        node.lab.heal()
    assert node.ended(ticket).out == "done\n"
    assert node.found(ticket) == SUCCEEDED


def test_a_run_goes_on_without_the_bot_and_without_sshd(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/no-sshd; do sleep 0.05; done; echo done")
    node.nodes.start(ticket)
    node.nodes.close()
    node.sh("pkill -9 sshd; touch /root/no-sshd")
    node.sh("systemctl restart ssh.socket ssh 2>/dev/null || systemctl restart ssh")
    with reached(node.lab) as again:
        until(lambda: outcome(again.trace(ticket), node.boot_id) == SUCCEEDED)


@pytest.mark.parametrize("moment", ["running", "not sent"])
def test_after_a_power_cut_nobody_says_that_it_never_ran(node: Node, moment: str) -> None:
    ticket = node.ticket("sh", "-c", "echo begun; exec sleep 60")
    if moment == "running":
        node.nodes.start(ticket)
        until(lambda: node.nodes.trace(ticket).out == "begun\n")
    node.lab.kill(PVE01)
    node.lab.start(PVE01)
    trace = node.nodes.trace(ticket)
    assert trace.boot_id != node.boot_id
    assert trace.spent == (moment == "running")
    assert node.found(ticket).fate is UNKNOWN


@contextmanager
def over_kept(node: Node, mount: str) -> Iterator[None]:
    node.sh(f"mkdir -p {KEPT}; {mount}")
    try:
        yield
    finally:
        node.sh(f"umount {KEPT}")


READ_ONLY = f"mount --bind {KEPT} {KEPT}; mount -o remount,bind,ro {KEPT}"
FULL = f"mount -t tmpfs -o size=64k,nr_inodes=1 full {KEPT}"


@pytest.mark.parametrize(("mount", "why"), [(READ_ONLY, "Read-only file system"), (FULL, "No space left on device")])
def test_a_node_that_cannot_write_starts_nothing_and_never_is_not_claimed_of_it(
    node: Node, mount: str, why: str
) -> None:
    ticket = node.ticket("touch", "/root/unwritten")
    with over_kept(node, mount):
        assert why in node.nodes.start(ticket)
        with pytest.raises(Unreachable, match=why):
            node.nodes.burn(ticket)
    assert node.sh("ls /root/unwritten 2>&1 || true").endswith("No such file or directory\n")
    assert node.nodes.burn(ticket)


def test_a_ticket_that_cannot_be_burnt_runs_nothing(node: Node) -> None:
    """Guard and command still find room, what burns the ticket does not."""
    ticket = node.ticket("touch", "/root/unburnt")
    with over_kept(node, FULL.replace("nr_inodes=1", "nr_inodes=4")):
        assert node.nodes.start(ticket) == ""
        node.ended(ticket)
        assert node.found(ticket).fate is NEVER
        with pytest.raises(Unreachable, match="No space left"):
            node.nodes.burn(ticket)
    assert node.sh("ls /root/unburnt 2>&1 || true").endswith("No such file or directory\n")


def test_a_run_that_cannot_write_its_result_is_of_unknown_outcome(node: Node) -> None:
    ticket = node.ticket("sh", "-c", "until test -e /root/read-only; do sleep 0.05; done")
    node.nodes.start(ticket)
    until(lambda: node.nodes.trace(ticket).spent)
    with over_kept(node, READ_ONLY):
        node.sh("touch /root/read-only")
        node.ended(ticket)
        assert node.found(ticket).fate is UNKNOWN


def test_a_node_whose_systemd_does_not_answer_proves_nothing(node: Node) -> None:
    ticket = node.ticket("true")
    node.sh("mv /usr/bin/systemctl /usr/bin/systemctl.away")
    try:
        with pytest.raises(Unreachable, match="cannot tell whether the unit runs"):
            node.nodes.trace(ticket)
    finally:
        node.sh("mv /usr/bin/systemctl.away /usr/bin/systemctl")


def test_a_node_that_can_run_changes_is_found_able_and_one_that_cannot_write_is_not(node: Node) -> None:
    assert [probe.obstacles for probe in node.nodes.probes()] == [()]
    with over_kept(node, READ_ONLY):
        (probe,) = node.nodes.probes()
    assert [text.to("en") for text in probe.obstacles] == [f"{KEPT} on {node.lab.address(PVE01)} cannot be written"]
