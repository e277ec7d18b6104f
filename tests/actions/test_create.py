"""/pve-cluster create NAME: what forbids it, what is pointed out, and what is looked at."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from bot.action import Finding, Output
from bot.actions.create import refusals
from bot.actions.create.check import check
from bot.actions.create.facts import Facts, further
from bot.actions.create.refusals import CLOCK, CLUSTER_THERE, LEFTOVERS
from bot.look import Look
from bot.names import NodeName
from bot.text import Text, same
from tests.actions import lone_host as host
from tests.actions.lone_host import LINE, Said, args, look

NEW = NodeName("pve01")


def findings(more: Said | None = None, line: str = LINE) -> list[Finding]:
    return check(args(line), look(more, line))


def refused(more: Said | None = None, line: str = LINE) -> list[str]:
    return [found.text.to("en") for found in findings(more, line) if found.blocks]


def told(more: Said | None = None, line: str = LINE) -> list[str]:
    return [f"{found.level}: {found.text.to('en')}" for found in findings(more, line) if not found.blocks]


def test_hosts_that_stand_alone_on_good_networks_may_begin_a_cluster() -> None:
    assert refused() == []
    assert told() == [
        "note: Whether UDP 5405, 5406 passes cannot be seen before corosync runs at both ends",
        "note: The name pve-prod can never be changed, and must be the only one of its kind on the network",
    ]


FORBIDDEN: list[tuple[str, Said, str, str]] = [
    ("NO_SUCH_NODE", {}, "create pve-prod --node pve09", "This cluster has no node “pve09” in config.toml: it has"),
    ("SILENT", {("pve01", "*"): same("timed out")}, LINE, "pve01 does not answer: timed out"),
    ("NOT_KNOWN", {("pve01", host.ADDRESSES): same("timed out")}, LINE, "pve01 does not say which addresses it has"),
    ("NOT_KNOWN", {("pve01", host.LEFTOVERS): same("timed out")}, LINE, "pve01 does not say what it has left of a"),
    ("NOT_KNOWN", {("pve01", host.MEMBERS): same("timed out")}, LINE, "pve01 does not say whether it is in a cluster"),
    ("NOT_KNOWN", {("pve01", host.QUORUM): same("timed out")}, LINE, "pve01 does not say whether corosync runs"),
    ("NOT_KNOWN", {("pve01", host.WRITABLE): same("timed out")}, LINE, "pve01 does not say whether /etc/pve takes"),
    ("NOT_KNOWN", {("pve01", host.NAME): same("timed out")}, LINE, "pve01 does not say what its own host name means"),
    ("NOT_KNOWN", {("pve01", host.CLOCK): same("timed out")}, LINE, "pve01 does not say what time it is there"),
    ("OTHER_HOST", {("pve01", host.IDENTITY): host.identity("pve07")}, LINE, "The host that answers as pve01 is named"),
    ("MEMBER", host.created("old"), LINE, "pve01 is in the cluster old already"),
    (
        "LEFTOVERS",
        {("pve01", host.LEFTOVERS): host.leftovers(host.KEY)},
        LINE,
        "pve01 is in no cluster, but has left of",
    ),
    ("RUNNING", {("pve01", host.QUORUM): host.ring("10.0.1.11")}, LINE, "corosync runs on pve01, which is in no"),
    (
        "NOT_MOUNTED",
        {("pve01", host.MEMBERS): Output(NEW, 1, "", "cat: /etc/pve/.members: No such file or directory")},
        LINE,
        "/etc/pve is not mounted on pve01",
    ),
    ("READ_ONLY", {("pve01", host.WRITABLE): ""}, LINE, "/etc/pve takes no writes on pve01"),
    (
        "UNRESOLVED",
        {("pve01", host.NAME): Output(NEW, 1, "", "hostname: Name or service not known\n")},
        LINE,
        "pve01 does not know its own host name",
    ),
    ("NAME_ELSEWHERE", {("pve01", host.NAME): "127.0.1.1\n"}, LINE, "On pve01 its own host name means 127.0.1.1, and"),
    ("NAME_ELSEWHERE", {("pve01", host.NAME): "10.0.0.99\n"}, LINE, "On pve01 its own host name means 10.0.0.99, and"),
    ("NO_LINK0", {}, "create pve-prod --node pve01 --link1 10.0.1.11", "There is no link 0 among the links 1"),
    ("LOOPBACK", {}, "create pve-prod --node pve01 --link0 127.0.0.1", "Link 0 would be 127.0.0.1, which no other"),
    ("NOT_LOCAL", {}, "create pve-prod --node pve01 --link0 10.0.1.12", "Link 0 would be 10.0.1.12, which is no"),
    ("TWICE", {}, "create p --node pve01 --link0 10.0.1.11 --link1 10.0.1.11", "Links 0 and 1 would both be 10.0.1.11"),
    ("CLOCK", {("pve01", host.CLOCK): host.clock(-301)}, LINE, "The clock of pve01 is 301.0 s off the bot's"),
    (
        "CLUSTER_THERE",
        {("pve02", host.MEMBERS): host.members("pve02", "old")},
        LINE,
        "pve02, which is to be in the same cluster as pve01, is in the cluster old already",
    ),
    (
        "NAME_TAKEN",
        {("pve03", host.IDENTITY): host.identity("pve03", host.conf("pve-prod", "10.0.1.13"))},
        LINE,
        "There is a cluster pve-prod already: pve03 is in it",
    ),
]


@pytest.mark.parametrize(("name", "more", "line", "why"), FORBIDDEN)
def test_what_forbids_it(name: str, more: Said, line: str, why: str) -> None:
    (found,) = [one for one in findings(more, line) if one.blocks]
    assert found.text.to("en").startswith(why)
    assert found.text.en == getattr(refusals, name).en
    assert found.fix is not None
    assert found.fix.to("fr") != found.fix.to("en") or name == "NOT_LOCAL"


def test_every_refusal_is_among_these() -> None:
    assert {name for name, *_ in FORBIDDEN} == {n for n, value in vars(refusals).items() if isinstance(value, Text)}


def test_all_that_forbids_it_is_said_at_once() -> None:
    more: Said = {
        ("pve01", host.NAME): "127.0.1.1\n",
        ("pve01", host.CLOCK): host.clock(400),
        ("pve01", host.LEFTOVERS): host.leftovers(host.KEY),
        ("pve02", host.MEMBERS): host.members("pve02", "old"),
    }
    assert len(refused(more, "create pve-prod --node pve01 --link0 10.9.9.9 --link1 127.0.0.1")) == 6


@pytest.mark.parametrize(
    ("files", "fix"),
    [((host.KEY,), f"mv {host.KEY} {host.KEY}.old"), ((host.KEY, host.CONF), "/pve-cluster reset pve01")],
)
def test_what_is_left_of_a_cluster_is_put_away_as_it_can_be(files: tuple[str, ...], fix: str) -> None:
    found = next(
        one for one in findings({("pve01", host.LEFTOVERS): host.leftovers(*files)}) if one.text.en == LEFTOVERS.en
    )
    assert found.fix is not None
    assert fix in found.fix.to("en")


def test_a_node_comes_into_a_cluster_that_is_there_by_joining() -> None:
    found = next(
        one
        for one in findings({("pve02", host.MEMBERS): host.members("pve02", "old")})
        if one.text.en == CLUSTER_THERE.en
    )
    assert found.fix is not None
    assert found.fix.to("en").endswith("/pve-cluster join 10.0.0.12 --node pve01")


# Warnings and notes


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({("pve01", host.CLOCK): host.clock(1.1)}, "warning: The clock of pve01 is 1.1 s off that of the bot"),
        ({("pve02", host.CLOCK): host.clock(-30)}, "warning: The clock of pve02 is 30.0 s off that of pve01"),
        ({("pve03", "*"): same("no route")}, "warning: pve03 does not answer, so whether it can join later is unknown"),
        (
            {("pve02", host.PVE): host.package("pve-manager", "8.4.1")},
            "warning: The nodes do not have the same Proxmox VE: pve01, pve03: 9.1.4 · pve02: 8.4.1",
        ),
        (
            {("pve02", host.COROSYNC): host.package("corosync", "3.1.9-pve2")},
            "warning: The nodes do not have the same corosync: pve01, pve03: 3.1.10-pve3 · pve02: 3.1.9-pve2",
        ),
        (
            {("pve01", host.GUESTS): "/etc/pve/nodes/pve01/lxc/7.conf\n"},
            "note: pve01 has 1 guest: they stay and go on running",
        ),
        (
            {("pve02", host.ADDRESSES): host.interfaces(12).replace('"ens20", "mtu": 1500', '"ens20", "mtu": 9000')},
            "warning: The ends of link 1 do not have the same MTU: pve01: 1500 · pve02: 9000 · pve03: 1500",
        ),
    ],
)
def test_what_does_not_forbid_it_is_said(more: Said, what: str) -> None:
    assert refused(more) == []
    assert [one for one in told(more) if one.startswith(what)]


@pytest.mark.parametrize("offset_s", [-0.9, 0.0, 1.0])
def test_a_second_between_clocks_is_nothing(offset_s: float) -> None:
    assert not [one for one in told({("pve01", host.CLOCK): host.clock(offset_s)}) if "clock" in one]


@pytest.mark.parametrize(("offset_s", "forbids"), [(299, False), (-299, False), (302, True)])
def test_a_clock_forbids_from_where_no_node_could_join(offset_s: float, forbids: bool) -> None:  # noqa: FBT001 - a case
    found = findings({("pve01", host.CLOCK): host.clock(offset_s)})
    assert any(one.text.en == CLOCK.en for one in found) is forbids


@pytest.mark.parametrize(
    ("version", "is_old"),
    [
        ("3.1.9-pve2", True),
        ("3.1.10-pve2", True),
        ("3.1.10-pve3", False),
        ("3.2.0-pve1", False),
        ("3.1.7-1+deb12u1", True),
    ],
)
def test_a_corosync_by_which_one_node_can_hang_all_is_noted(version: str, is_old: bool) -> None:  # noqa: FBT001 - a case
    more = {(node, host.COROSYNC): host.package("corosync", version) for node in host.NODES}
    assert (
        any(one.startswith(f"note: pve01 has corosync {version}: before 3.1.10-pve3") for one in told(more)) is is_old
    )


def test_the_priority_that_pvecm_drops_is_said() -> None:
    line = "create p --node pve01 --link0 10.0.1.11,priority=0"
    assert "note: pvecm drops the priority 0 of link 0: it gets corosync's own, 1" in told(line=line)


@pytest.mark.parametrize(("name", "more", "line", "_why"), FORBIDDEN)
def test_every_finding_is_said_in_both_languages(name: str, more: Said, line: str, _why: str) -> None:
    for found in findings(more, line):
        assert found.text.to("en") != found.text.to("fr"), name


# What notes have wrong


def test_the_dedicated_network_comes_first() -> None:
    line = "create pve-prod --node pve01 --link0 10.0.0.11 --link1 10.0.2.11"
    found = next(
        one for one in findings(line=line) if one.text.to("en").startswith("Corosync's traffic would go over link 0")
    )
    assert found.fix is not None
    assert "--link0 10.0.2.11 --link1 10.0.0.11" in found.fix.to("en")
    assert not [one for one in told(line=f"{line},priority=20") if "traffic would go over" in one], (
        "the higher one wins"
    )


@pytest.mark.parametrize(("latency_ms", "level"), [("3.9", None), ("5.0", "warning"), ("10.1", "bad")])
def test_latency_is_warned_of_from_5_ms_and_not_from_2(latency_ms: str, level: str | None) -> None:
    echoes = f"3 packets transmitted, 3 received, 0% packet loss|time={latency_ms} ms"
    away = {("pve01", host.PATHS): Output(NEW, 0, f"ping 10.0.1.12 56 0|{echoes}\nping 10.0.1.12 1472 0|{echoes}\n")}
    found = [one.partition(":")[0] for one in told(away) if "ms away" in one]
    assert found == ([level] if level else [])


def test_a_udp_port_is_said_to_be_invisible_and_the_api_port_is_tried() -> None:
    closed = {("pve02", host.PATHS): Output(NodeName("pve02"), 0, "tcp 10.0.0.11 8006 1|connect: Connection refused\n")}
    assert "warning: From pve02, TCP 8006 of pve01 (10.0.0.11) is closed" in told(closed)
    note = next(one for one in findings() if "UDP 5405, 5406" in one.text.to("en"))
    assert note.fix is not None
    assert "UDP 5405-5412" in note.fix.to("fr")
    assert "nc -zu" in note.fix.to("fr")


# Looking


def test_the_future_members_are_asked_about_the_way_both_ways() -> None:
    asked: list[Any] = []

    class Asked(host.Hosts):
        def ask(self, calls: Any) -> Any:
            asked.extend(calls)
            return super().ask(calls)

    Look(Asked()).gather(Facts, partial(further, args()))
    ways = {call.node: call.argv[4:] for call in asked if call.argv[0] == host.PATHS}
    assert ways.keys() == set(host.NODES)
    assert ways[NodeName("pve03")][:6] == ("ping", "10.0.1.11", "56", "ping", "10.0.1.11", "1472")
    assert {word for word in ways[NEW] if word.startswith("10.")} == {
        *("10.0.1.12", "10.0.2.12", "10.0.1.13", "10.0.2.13"),
        *("10.0.0.12", "10.0.0.13"),
    }
