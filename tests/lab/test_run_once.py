"""One step on a real node, run at most once: real systemd, real sshd."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.run import KEPT, Fate, Outcome
from bot.ssh import run_once
from tests.lab.one_step import REFUSED, SUCCEEDED, UNKNOWN, Node
from tests.ssh.sshd import until

pytestmark = pytest.mark.parametrize("booted", [{"count": 1, "links": 1}], indirect=True)


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
