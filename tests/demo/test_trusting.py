"""What `join` and `remove` send around pvecm, on simulated hosts: trust for a while, and what a removed node left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.actions.join import trust
from bot.actions.remove import scripts
from bot.cluster.host_keys import HostKeys
from bot.cluster.key_lists import KeyLists
from bot.cluster.local_guests import LocalGuests
from bot.cluster.login_keys import LoginKeys
from bot.cluster.node_folders import NodeFolders
from bot.cluster.own_key import OwnKey
from bot.cluster.served_certificate import ServedCertificate
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Power
from bot.names import NodeName
from tests.demo.hosts import Hosts
from tests.demo.test_pvecm import MEMBER, ONE, THREE, TWO

ADD = f"pvecm add {MEMBER} --use_ssh 1 --link0 10.88.1.12 --link1 10.88.2.12"
PVE02, PVE03 = NodeName("pve02"), NodeName("pve03")


@pytest.fixture
def hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    cluster = SimulatedCluster(request.param, pace=0)
    yield Hosts(cluster)
    cluster.close()


@pytest.mark.parametrize("hosts", [ONE], indirect=True)
def test_over_ssh_a_host_joins_only_while_it_is_trusted_and_stays_in_the_list(hosts: Hosts) -> None:
    key = hosts.fact(OwnKey, "pve02").key
    lines = trust.known_hosts(MEMBER, hosts.fact(HostKeys, "pve01").keys, PVE02)
    hosts.run_words("pve02", trust.know(lines))
    assert "Permission denied" in hosts.run("pve02", ADD).err
    assert "let in until" in hosts.run_words("pve01", trust.admit(key, ["10.88.1.12"], PVE02)).out
    assert [one.options.split(",")[0] for one in hosts.fact(LoginKeys, "pve01").keys][-1] == "restrict"
    hosts.run_words("pve02", trust.forget(lines))
    assert hosts.run("pve02", ADD).err == "unable to copy ssh ID: exit code 1\n"
    hosts.run_words("pve02", trust.know(lines))
    assert hosts.run("pve02", ADD).out.endswith("successfully added node 'pve02' to cluster.\n")
    hosts.run_words("pve01", trust.dismiss(key, PVE02))
    kept = hosts.fact(LoginKeys, "pve02").keys
    assert [one.comment for one in kept] == ["root@pve01", "root@pve02"]
    assert not any(one.options for one in kept)


@pytest.mark.parametrize("hosts", [TWO], indirect=True)
def test_the_certificate_that_is_served_is_the_one_in_etc_pve_until_the_member_is_off(hosts: Hosts) -> None:
    argv = ServedCertificate.argv(MEMBER)
    assert hosts.said(ServedCertificate, "pve03", argv).fingerprint
    hosts.cluster.power("pve01", Power.OFF)
    assert not hosts.said(ServedCertificate, "pve03", argv).fingerprint


@pytest.mark.parametrize("hosts", [THREE], indirect=True)
def test_what_a_removed_node_left_is_taken_away_piece_by_piece_on_all_members(hosts: Hosts) -> None:
    hosts.cluster.power("pve03", Power.OFF)
    hosts.run("pve01", "pvecm delnode pve03")
    assert set(hosts.fact(NodeFolders, "pve02").by_node) == {"pve01", "pve02", "pve03"}
    assert hosts.fact(KeyLists, "pve02").logins_of("pve03")
    names = hosts.fact(KeyLists, "pve02").names_of("pve03")
    for argv in (scripts.archive_and_remove(PVE03), scripts.forget_logins(PVE03), scripts.forget_hosts(names)):
        assert hosts.run_words("pve01", argv).result == "success exited 0"
    assert set(hosts.fact(NodeFolders, "pve02").by_node) == {"pve01", "pve02"}
    assert not hosts.fact(KeyLists, "pve02").logins_of("pve03")
    assert not hosts.fact(KeyLists, "pve02").names_of("pve03")
    assert not hosts.fact(LocalGuests, "pve02").on(PVE03)


@pytest.mark.parametrize("hosts", [THREE], indirect=True)
def test_without_quorum_nothing_is_taken_away(hosts: Hosts) -> None:
    for node in ("pve02", "pve03"):
        hosts.cluster.power(node, Power.OFF)
    assert hosts.run_words("pve01", scripts.archive_and_remove(PVE03)).result == "exit-code exited 1"
    assert "pve03" in hosts.fact(NodeFolders, "pve01").by_node
