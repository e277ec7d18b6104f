"""A cluster built of empty simulated hosts, and what the bot sees of it: built, a node lost, removed, separated, joined again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.identity import Identity
from bot.cluster.login_keys import LoginKeys
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum
from bot.demo.cluster.kept import CHANGING
from bot.demo.cluster.simulated import SimulatedCluster, pve_new
from bot.demo.cluster.situation import Power, Service, Situation
from tests.demo.hosts import Hosts

MEMBER = "10.20.1.11"
CREATE = f"pvecm create pve-new --link0 {MEMBER} --link1 10.20.2.11"


def add(number: int) -> str:
    return f"pvecm add {MEMBER} --use_ssh --link0 10.20.1.1{number} --link1 10.20.2.1{number}"


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    cluster = SimulatedCluster(pve_new(), file=tmp_path / "nodes.json", pace=0)
    yield Hosts(cluster)
    cluster.close()


@pytest.fixture
def three(hosts: Hosts) -> Hosts:
    """A cluster of three."""
    hosts.run("new01", CREATE)
    hosts.becomes_writable("new01")
    for number in (2, 3):
        hosts.trust("new01", f"new0{number}", MEMBER)
        assert hosts.run(f"new0{number}", add(number)).result == "success exited 0"
    return hosts


def votes(hosts: Hosts, node: str) -> tuple[int, int, bool]:
    view = hosts.fact(Quorum, node).view
    return view.total, view.expected, view.quorate


def test_a_host_that_stands_alone_has_no_corosync_and_a_writable_etc_pve(hosts: Hosts) -> None:
    assert hosts.fact(Quorum, "new01").view is None
    assert hosts.fact(Identity, "new01").conf is None
    assert hosts.fact(Members, "new01").cluster == ""
    assert hosts.cluster.situation.can_write("new01", 0)


def test_after_create_corosync_has_quorum_some_seconds_before_etc_pve_can_be_written(hosts: Hosts) -> None:
    hosts.run("new01", CREATE)
    assert votes(hosts, "new01") == (1, 1, True)
    assert not hosts.fact(Members, "new01").quorate
    hosts.trust("new01", "new02", MEMBER)
    assert hosts.run("new02", add(2)).out == "cluster not ready - no quorum?\n"
    hosts.becomes_writable("new01")
    assert hosts.run("new02", add(2)).out.endswith("successfully added node 'new02' to cluster.\n")


def test_three_empty_hosts_become_a_cluster_of_two_links(three: Hosts) -> None:
    for node in ("new01", "new02", "new03"):
        assert votes(three, node) == (3, 3, True)
        conf = three.fact(CorosyncConf, node)
        assert (conf.name, conf.version, conf.links) == ("pve-new", 3, (0, 1))
        assert set(three.fact(Members, node).nodes) == {"new01", "new02", "new03"}


def test_the_keys_of_the_cluster_take_the_place_of_a_host_s_own(three: Hosts) -> None:
    lists = [three.fact(LoginKeys, node).keys for node in ("new01", "new02", "new03")]
    assert lists[0] == lists[1] == lists[2]
    assert {key.comment for key in lists[0]} == {"root@new01", "root@new02", "root@new03"}


def test_a_node_that_died_is_removed_comes_back_stale_is_separated_and_joins_again(three: Hosts) -> None:
    three.cluster.power("new03", "off")
    assert votes(three, "new01") == (2, 3, True)
    assert three.run("new01", "pvecm delnode new03").result == "success exited 0"
    assert votes(three, "new02") == (2, 2, True)

    three.cluster.power("new03", "on")
    assert votes(three, "new03") == (1, 3, False)
    assert set(three.fact(Members, "new03").nodes) == {"new01", "new02", "new03"}
    assert set(three.fact(Members, "new01").nodes) == {"new01", "new02"}
    assert "already exists" in three.run("new03", add(3)).out

    three.run("new03", "sh -c SCRIPT separate new03")
    assert three.fact(Members, "new03").cluster == ""
    assert three.run("new03", add(3)).out.endswith("successfully added node 'new03' to cluster.\n")
    assert votes(three, "new03") == (3, 3, True)


def test_delnode_of_a_node_that_lives_ends_its_corosync(three: Hosts) -> None:
    three.run("new01", "pvecm delnode new03")
    assert three.cluster.run("new03", ("systemctl", "is-active", "corosync")).stdout == "failed\n"
    assert votes(three, "new01") == (2, 2, True)
    three.cluster.service("new03", Service.COROSYNC, runs=True)
    assert votes(three, "new03") == (1, 3, False)


def test_who_was_away_takes_over_what_was_written_meanwhile(three: Hosts) -> None:
    three.cluster.power("new02", "off")
    three.run("new01", "pvecm delnode new03")
    assert three.run("new01", "pvecm expected 1").err == ""
    three.cluster.power("new02", "on")
    assert three.fact(CorosyncConf, "new02") == three.fact(CorosyncConf, "new01")
    assert votes(three, "new02") == (2, 2, True)


def test_a_host_that_loses_power_while_it_joins_is_in_the_list_and_never_came() -> None:
    hosts = Hosts(SimulatedCluster(pve_new()))
    hosts.run("new01", CREATE)
    hosts.becomes_writable("new01")
    hosts.trust("new01", "new02", MEMBER)
    begun = hosts.begin("new02", tuple(add(2).split()))
    while "new02" not in hosts.cluster.situation.member_conf("new01").names:
        pass
    hosts.cluster.power("new02", "off")
    hosts.cluster.power("new02", "on")
    assert hosts.left(begun).result == ""
    assert votes(hosts, "new01") == (1, 2, False)
    assert not hosts.fact(Members, "new01").nodes["new02"].online


def test_the_cluster_that_was_built_outlives_the_demo(three: Hosts, tmp_path: Path) -> None:
    again = SimulatedCluster(pve_new(), file=tmp_path / "nodes.json")
    assert again.situation == three.cluster.situation
    assert Hosts(again).fact(Members, "new02").quorate


def test_what_an_earlier_version_kept_is_read(tmp_path: Path) -> None:
    kept = {"power": [["pve03", "off"]], "cut": [["pve01", 1]], "stopped": [], "forced": [], "masked": [], "changes": 7}
    old = {"situation": {**kept, "separated": ["pve04"]}, "boots": {}, "tickets": {}}
    (tmp_path / "nodes.json").write_text(json.dumps(old))
    now = SimulatedCluster(file=tmp_path / "nodes.json").situation
    assert now.conf_of("pve04") is None
    assert now.conf_of("pve01") is not None
    assert now.power_of("pve03") is Power.OFF
    assert now.cut == {("pve01", 1)}


def test_all_that_changes_is_kept() -> None:
    assert {*CHANGING, "layout"} == {one.name for one in fields(Situation)}
