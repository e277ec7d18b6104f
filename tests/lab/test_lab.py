"""The lab itself: what tests of changes rely on. Transient units, hard power-off, a cut SSH network."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from tests.lab.changes import whole
from tests.lab.lab import Lab

FOLDER = "/var/lib/lab-test"


def unit(name: str, *argv: str) -> str:
    """A line that starts *argv* as a transient unit which burns its own ticket and writes down its result."""
    result = f"set -C; echo $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS > {FOLDER}/{name}.result"
    properties = (
        "Type=oneshot",
        "CollectMode=inactive-or-failed",
        f"StandardOutput=append:{FOLDER}/{name}.out",
        f"StandardError=append:{FOLDER}/{name}.err",
        f"ExecStartPre=/usr/bin/mkdir {FOLDER}/{name}.spent",
        f'ExecStopPost=-/bin/sh -c "{result}"',
    )
    words = ["systemd-run", "--quiet", "--no-block", f"--unit=lab-{name}"]
    return shlex.join([*words, *(word for each in properties for word in ("-p", each)), "--", *argv])


@pytest.fixture(autouse=True)
def folder(booted: Lab):
    for node in booted.members:
        booted.exec(node, "mkdir", "-p", FOLDER, check=True)
    yield
    booted.heal()


def read(lab: Lab, node: str, file: str) -> str:
    return lab.exec(node, "cat", f"{FOLDER}/{file}").stdout


def ended(lab: Lab, node: str, name: str) -> None:
    lab.wait_for(node, command=f"test -s {FOLDER}/{name}.result && ! systemctl is-active --quiet lab-{name}")


def gated(lab: Lab, node: str, name: str) -> str:
    """A command that says `begun` and goes on when `open_gate` lets it."""
    lab.exec(node, "mkfifo", f"{FOLDER}/{name}.gate", check=True)
    return f"echo begun > {FOLDER}/{name}.state; read line < {FOLDER}/{name}.gate; echo $line"


def open_gate(lab: Lab, node: str, name: str) -> None:
    lab.exec(node, "sh", "-c", f"echo went on > {FOLDER}/{name}.gate", check=True)


@pytest.mark.parametrize(("exit_", "result"), [(0, "success exited 0"), (3, "exit-code exited 3")])
def test_a_transient_unit_started_over_ssh_leaves_its_result(booted: Lab, exit_: int, result: str) -> None:
    name = f"exit-{exit_}"
    assert booted.ssh("pve01", unit(name, "/bin/sh", "-c", f"echo ran; exit {exit_}")).returncode == 0
    ended(booted, "pve01", name)
    assert (read(booted, "pve01", f"{name}.out"), read(booted, "pve01", f"{name}.result")) == ("ran\n", f"{result}\n")


def test_a_unit_whose_ticket_is_spent_does_not_run_again(booted: Lab) -> None:
    start = unit("once", "/bin/sh", "-c", "echo ran")
    booted.ssh("pve01", start)
    ended(booted, "pve01", "once")
    booted.ssh("pve01", start)
    booted.wait_for("pve01", command=f"grep -q 'File exists' {FOLDER}/once.err")
    assert read(booted, "pve01", "once.out") == "ran\n"


def test_a_power_cut_ends_a_unit_without_a_result_and_keeps_the_disk(booted: Lab) -> None:
    booted.ssh("pve03", unit("lost", "/bin/sh", "-c", gated(booted, "pve03", "lost")))
    booted.wait_for("pve03", command=f"test -s {FOLDER}/lost.state")
    before = booted.exec("pve03", "cat", "/proc/sys/kernel/random/boot_id").stdout
    booted.kill("pve03")
    assert not booted.is_up("pve03")
    booted.wait_members(2)
    booted.start("pve03")
    whole(booted)
    after = booted.ssh("pve03", f"cat /proc/sys/kernel/random/boot_id; ls {FOLDER}; systemctl is-active lab-lost")
    assert before not in after.stdout
    assert "lost.spent" in after.stdout
    assert "lost.result" not in after.stdout
    assert after.stdout.endswith("inactive\n")


def test_ssh_to_a_node_can_be_cut_while_a_unit_runs_on(booted: Lab) -> None:
    booted.ssh("pve02", unit("goes-on", "/bin/sh", "-c", gated(booted, "pve02", "goes-on")))
    follow = booted.ssh_argv("pve02", f"tail -n +1 -F {FOLDER}/goes-on.out 2>/dev/null")
    with subprocess.Popen(follow, stdout=subprocess.PIPE, text=True) as watcher:
        booted.wait_for("pve02", command=f"test -s {FOLDER}/goes-on.state && pgrep -f tail.*goes-on.out")
        booted.cut_ssh("pve02")
        open_gate(booted, "pve02", "goes-on")
        ended(booted, "pve02", "goes-on")
        booted.wait_members(3)  # corosync's own links are other cables
        assert watcher.poll() is None  # the connection is silent, not closed
        watcher.kill()
        assert watcher.stdout is not None
        assert watcher.stdout.read() == ""
    booted.heal()
    assert booted.ssh("pve02", f"cat {FOLDER}/goes-on.out").stdout == "went on\n"
    assert read(booted, "pve02", "goes-on.result") == "success exited 0\n"


def test_a_frozen_node_answers_nothing_until_it_is_thawed(booted: Lab) -> None:
    booted.freeze("pve03")
    with subprocess.Popen(booted.ssh_argv("pve03", "echo alive"), stdout=subprocess.PIPE, text=True) as asked:
        booted.wait_members(2, ["pve01", "pve02"])
        assert asked.poll() is None
        booted.thaw("pve03")
        assert asked.communicate()[0] == "alive\n"
    whole(booted)
