"""Every read action against three real nodes on two links: healthy, then broken in every way that ends by itself."""

import pytest

from tests.lab.conftest import READS, Bench


@pytest.fixture(autouse=True)
def whole_again(bench: Bench):
    """Each test finds and leaves three members."""
    yield
    bench.lab.heal()
    bench.lab.start(*(node for node in bench.lab.members if not bench.lab.is_up(node)))
    for node in bench.lab.members:
        bench.lab.exec(node, "systemctl", "start", "corosync")
    bench.lab.wait_members(3)


@pytest.mark.parametrize("line", READS)
def test_a_healthy_cluster_answers_everything(bench: Bench, line: str) -> None:
    told = bench.ask(line)
    assert "did not understand" not in told
    assert "no answer" not in told


def test_a_healthy_status(bench: Bench) -> None:
    told = bench.ask("status")
    assert "3 of 3 votes" in told
    assert "survives 1 more failure" in told
    assert told.count("online") == 3


def test_a_node_that_is_off(bench: Bench) -> None:
    bench.lab.kill("pve03")
    bench.lab.wait_members(2)
    told = bench.ask("status")
    assert "2 of 3 votes" in told
    assert "pve03 gave no answer" in told
    assert "offline" in told


def test_no_quorum(bench: Bench) -> None:
    bench.lab.kill("pve02", "pve03")
    bench.lab.wait_members(1, quorate=False)
    assert "no quorum" in bench.ask("status").lower()
    assert "accepted" in bench.ask("expected")


def test_a_link_that_is_down(bench: Bench) -> None:
    bench.lab.link("pve03", 1, "down")
    bench.lab.wait_for("pve01", "pve02", command="corosync-cfgtool -s | grep -q '3:.*disconnected'")
    bench.lab.wait_for("pve03", command="test $(corosync-cfgtool -s | grep -c disconnected) = 2")
    told = bench.ask("links")
    assert "2 of 6 connections are down" in told
    assert told.count("disconnected") == 2
    assert "3 of 3 votes" in bench.ask("status")


def test_corosync_stopped_on_one_node(bench: Bench) -> None:
    bench.lab.exec("pve03", "systemctl", "stop", "corosync", check=True)
    bench.lab.wait_members(2, ["pve01", "pve02"])
    told = bench.ask("status")
    assert "2 of 3 votes" in told
    assert "corosync" in told


def test_a_partition_shows_that_the_views_disagree(bench: Bench) -> None:
    bench.lab.partition("pve03")
    bench.lab.wait_members(2, ["pve01", "pve02"])
    bench.lab.wait_members(1, ["pve03"], quorate=False)
    assert "pve03 runs corosync in another partition" in bench.ask("status")


def test_a_changed_host_key_is_refused_with_both_fingerprints(bench: Bench) -> None:
    lab = bench.lab
    lab.kill("pve02")
    known = lab.known_hosts_file()
    kept = known.read_text()
    other = next(line.split()[2] for line in kept.splitlines() if line.startswith("pve01"))
    known.write_text(
        "\n".join(_with_key(line, other) if line.startswith("pve02") else line for line in kept.splitlines())
    )
    try:
        lab.start("pve02")
        lab.wait_members(3)
        told = bench.ask("status")
    finally:
        known.write_text(kept)
    assert told.count("SHA256:") >= 2
    assert "pve02" in told


def _with_key(line: str, key: str) -> str:
    names, kind, _ = line.split()
    return f"{names} {kind} {key}"


def test_a_node_that_hangs_delays_nothing_beyond_its_own_limit(bench: Bench) -> None:
    lab = bench.lab
    bench.ask("status")
    lab.exec("pve03", "sh", "-c", "systemctl stop ssh.socket ssh; pkill -STOP sshd; true")
    lab.exec(
        "pve03",
        "sh",
        "-c",
        "mv /usr/bin/cat /usr/bin/cat.real; printf '#!/bin/sh\\nsleep 600\\n' >/usr/bin/cat; chmod 755 /usr/bin/cat",
    )
    try:
        told = bench.ask("status")
    finally:
        lab.exec("pve03", "sh", "-c", "mv /usr/bin/cat.real /usr/bin/cat; pkill -CONT sshd; systemctl start ssh")
    assert "pve03" in told
    assert "3 of 3 votes" in told
