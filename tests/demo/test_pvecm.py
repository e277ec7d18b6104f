"""`pvecm create`, `add` and `delnode` on simulated hosts, held to what the real ones were recorded to say and exit with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.members import Members
from bot.demo.cluster import shared
from bot.demo.cluster.conf import Member
from bot.demo.cluster.pve import key_of
from bot.demo.cluster.simulated import SimulatedCluster
from bot.demo.cluster.situation import Layout, Power, Situation
from tests.demo.hosts import Hosts

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data/pvecm/membership-9.1.6.json").read_text(encoding="utf-8")
)
NODES = ("pve01", "pve02", "pve03")
HOSTS = Layout("lab", NODES, prefix="10.88", has_qdevice=False, standalone=True, empty=frozenset(NODES))
MEMBER = "10.88.1.11"


def situation(*members: str, full: frozenset[str] = frozenset()) -> Situation:
    """*members* are a cluster, by hand; *full*: who has guests."""
    layout = replace(HOSTS, empty=HOSTS.empty - full)
    now = Situation(layout)
    listed = [Member(node, layout.number(node), _links(layout, node)) for node in members]
    if not listed:
        return now
    together = replace(HOSTS, standalone=False).begins_as(members[0])
    assert together.conf is not None
    conf = replace(together.conf, members=tuple(listed))
    alike = replace(together, conf=conf, nodes=members, keys=tuple(map(key_of, members)))
    return replace(now, pve=tuple((node, alike) for node in members))


def _links(layout: Layout, node: str) -> tuple[tuple[int, str], ...]:
    return tuple((link, layout.address(node, link)) for link in (0, 1))


def known(now: Situation, node: str) -> Situation:
    return replace(now, known=((node, (MEMBER,)),))


def trusted(now: Situation, node: str) -> Situation:
    return known(shared.write(now, "pve01", keys=(*now.pve_of("pve01").keys, key_of(node))), node)


def listed_only(now: Situation, node: str) -> Situation:
    """The cluster has it in its list; it never came."""
    conf = now.member_conf("pve01").with_member(Member(node, HOSTS.number(node), _links(HOSTS, node)))
    return shared.write(now, "pve01", conf=conf)


ONE, TWO, THREE = situation("pve01"), situation("pve01", "pve02"), situation(*NODES)
CASES: dict[str, Callable[[], Situation]] = {
    "delnode_standalone": situation,
    "create_bad_underscore": situation,
    "create_bad_long": situation,
    "create_noname": situation,
    "create_foreign_link": situation,
    "create": situation,
    "create_twice": lambda: ONE,
    "delnode_self": lambda: ONE,
    "delnode_unknown": lambda: ONE,
    "add_no_keys_no_known_hosts": lambda: ONE,
    "add_known_hosts_no_key": lambda: known(ONE, "pve02"),
    "add_without_use_ssh_no_stdin": lambda: ONE,
    "add_bad_link": lambda: trusted(ONE, "pve02"),
    "add_unreachable": lambda: trusted(ONE, "pve02"),
    "add_one_link_missing": lambda: trusted(ONE, "pve02"),
    "add_no_links": lambda: trusted(ONE, "pve02"),
    "add_ok": lambda: trusted(ONE, "pve02"),
    "add_with_guest": lambda: trusted(situation("pve01", "pve02", full=frozenset({"pve03"})), "pve03"),
    "add_again": lambda: listed_only(trusted(TWO, "pve03"), "pve03"),
    "delnode_online": lambda: THREE,
    "add_without_cleanup": lambda: trusted(THREE, "pve03"),
    "delnode_no_quorum": lambda: TWO.with_power("pve02", Power.OFF),
    "delnode_offline": lambda: replace(TWO.with_power("pve02", Power.OFF), forced=(("pve01", 1),)),
    "add_while_cluster_has_no_quorum": lambda: listed_only(trusted(ONE, "pve02"), "pve02"),
}


@pytest.fixture
def hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    cluster = SimulatedCluster(request.param, pace=0)
    yield Hosts(cluster)
    cluster.close()


def normal(text: str) -> str:
    """Without the second of a backup; the recorded hosts had their names on the network of the first link."""
    return re.sub(r"config-\d+\.sql", "config-….sql", text).replace("10.88.0.", "10.88.1.")


@pytest.mark.parametrize("case", RECORDED)
def test_it_says_and_exits_as_recorded(case: str) -> None:
    row, cluster = RECORDED[case], SimulatedCluster(CASES[case](), pace=0)
    left = Hosts(cluster).run(row["node"], row["command"])
    cluster.close()
    assert (normal(left.out), normal(left.err)) == (normal(row["stdout"]), normal(row["stderr"]))
    assert left.result == f"{'exit-code' if row['exit'] else 'success'} exited {row['exit']}"


def test_every_recording_is_held_to() -> None:
    assert RECORDED.keys() == CASES.keys()


ADD = f"pvecm add {MEMBER} --link0 10.88.1.12 --link1 10.88.2.12"


@pytest.mark.parametrize("hosts", [ONE], indirect=True)
def test_over_the_api_it_wants_the_password_of_root(hosts: Hosts) -> None:
    assert "401" in hosts.run("pve02", ADD, secret="wrong").err
    assert "Login succeeded." in (out := hosts.run("pve02", ADD, secret="simulated").out)
    assert out.endswith("successfully added node 'pve02' to cluster.\n")


@pytest.mark.parametrize(
    "hosts", [trusted(ONE, "pve02").with_link("pve02", 0, up=False).with_link("pve02", 1, up=False)], indirect=True
)
def test_a_host_that_cannot_reach_the_others_waits_for_quorum_until_its_time_is_over(hosts: Hosts) -> None:
    left = hosts.run("pve02", ADD.replace(MEMBER, "10.88.0.11"), limit_s=2, secret="simulated")
    assert left.out.endswith("waiting for quorum...")
    assert left.result == "timeout killed TERM"
    seen = hosts.fact(Members, "pve01")
    assert not seen.quorate
    assert not seen.nodes["pve02"].online


@pytest.mark.parametrize("hosts", [trusted(ONE, "pve02").with_power("pve01", Power.OFF)], indirect=True)
def test_a_member_that_is_off_cannot_be_asked(hosts: Hosts) -> None:
    assert hosts.run("pve02", f"{ADD} --use_ssh").err == "unable to copy ssh ID: exit code 1\n"
    assert hosts.cluster.situation.conf_of("pve02") is None


@pytest.mark.parametrize("hosts", [trusted(TWO, "pve03")], indirect=True)
@pytest.mark.parametrize(
    ("links", "word"),
    [
        ("--link0 10.88.1.13 --link1 10.88.2.13 --link2 10.88.0.13", "link 2 specified for new node doesn't exist"),
        ("--link0 10.88.1.13", "cluster has 2 links, but only 1 given"),
    ],
)
def test_the_member_refuses_links_that_are_not_those_of_its_cluster(hosts: Hosts, links: str, word: str) -> None:
    assert word in hosts.run("pve03", f"pvecm add {MEMBER} --use_ssh {links}").out


@pytest.mark.parametrize("hosts", [situation()], indirect=True)
def test_votes_number_and_priorities_are_those_that_were_given(hosts: Hosts) -> None:
    hosts.run(
        "pve01", "pvecm create lab --link0 10.88.1.11,priority=20 --link1 address=10.88.2.11 --votes 2 --nodeid 7"
    )
    conf = hosts.cluster.situation.member_conf("pve01")
    assert [(one.id, one.votes, one.links) for one in conf.members] == [(7, 2, (0, 1))]
    assert conf.priorities == ((0, 20),)
