"""What is wrong with the networks of links that are to be: each wrong thing is said, once, and what is right is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.action import EachNode, Finding, Level
from bot.cluster import network_findings
from bot.cluster.network_findings import dedicated_first, findings
from bot.cluster.paths import Door, Echo, Paths, Ping, Port
from bot.cluster.wanted_links import WantedLinks, peers_nearby, questions
from bot.text import same
from tests.cluster.networks import LOST, PVE01, PVE02, Seen, addresses, each

UDP = "Whether UDP 5405, 5406 passes cannot be seen before corosync runs at both ends"
ONE_WAY = {("pve01", Ping("10.0.2.12", size)): LOST for size in (56, 1472)}


def told(seen: Seen) -> list[str]:
    """Without the note that is always there."""
    return said([one for one in findings(seen.wanted, seen.addresses, seen.paths) if one.text.to("en") != UDP])


def said(found: Sequence[Finding]) -> list[str]:
    return [f"{one.level}: {one.text.to('en')}" for one in found]


def refused(links: dict[int, str]) -> list[str]:
    found = network_findings.refused(WantedLinks(PVE01, links), each({PVE01: addresses(11)}))
    assert all(one.blocks and one.fix for one in found)
    return [one.text.to("en") for one in found]


def test_two_good_networks_leave_only_that_udp_cannot_be_seen() -> None:
    seen = Seen()
    assert said(findings(seen.wanted, seen.addresses, seen.paths)) == [f"note: {UDP}"]
    assert network_findings.refused(seen.wanted, seen.addresses) == []


@pytest.mark.parametrize(
    ("links", "why"),
    [
        ({0: "10.0.9.11"}, "Link 0 would be 10.0.9.11, which is no address of pve01"),
        ({3: "127.0.1.1"}, "Link 3 would be 127.0.1.1, which no other host can reach"),
        ({0: "::1"}, "Link 0 would be ::1, which no other host can reach"),
        ({0: "fe80::1"}, "Link 0 would be fe80::1, which no other host can reach"),
        ({0: "10.0.1.11", 1: "10.0.1.11"}, "Links 0 and 1 would both be 10.0.1.11"),
    ],
)
def test_an_address_that_no_cluster_can_use_is_refused(links: dict[int, str], why: str) -> None:
    assert refused(links) == [why]


def test_all_that_is_refused_is_refused_at_once() -> None:
    assert len(refused({0: "10.0.9.11", 1: "127.0.0.1", 2: "10.0.9.11"})) == 4


def test_the_addresses_that_there_are_are_named() -> None:
    (found,) = network_findings.refused(WantedLinks(PVE01, {0: "10.0.9.9"}), each({PVE01: addresses(11)}))
    assert found.fix is not None
    assert found.fix.to("en") == "pve01 has 10.0.0.11, 10.0.1.11, 10.0.2.11"


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        (
            Seen(other=addresses(12, {"ens20": 9000})),
            "warning: The ends of link 1 do not have the same MTU: pve01: 1500 · pve02: 9000",
        ),
        (
            Seen(echoes={("pve01", Ping("10.0.1.12")): Echo(3, 3, 5.0)}),
            "warning: On link 0, pve02 is 5.0 ms away from pve01: 5 is the limit for a steady cluster",
        ),
        (
            Seen(echoes={("pve02", Ping("10.0.1.11")): Echo(3, 3, 10.1)}),
            "bad: On link 0, pve01 is 10.1 ms away from pve02: above 10 a cluster of more than three hardly works",
        ),
        (Seen(echoes=ONE_WAY), "warning: On link 1, pve01 gets no answer from pve02 (10.0.2.12)"),
        (
            Seen(echoes={("pve01", Ping("10.0.1.12", 1472)): LOST}),
            "warning: On link 0, small packets from pve01 reach pve02, but none with 1472 bytes, which the interfaces allow",
        ),
        (
            Seen(doors={("pve02", Port("10.0.0.11", 8006)): Door.REFUSED}),
            "warning: From pve02, TCP 8006 of pve01 (10.0.0.11) is closed",
        ),
        (
            Seen(doors={("pve01", Port("10.0.0.12", 22)): Door.SILENT}),
            "warning: From pve01, TCP 22 of pve02 (10.0.0.12) is silent, as behind a firewall",
        ),
        (Seen(theirs={0: "10.0.1.12"}), "warning: pve02 has no address in the network of link 1"),
    ],
)
def test_what_is_wrong_is_said_once(seen: Seen, what: str) -> None:
    assert told(seen) == [what]


@pytest.mark.parametrize("latency_ms", [0.1, 2.0, 4.9])
def test_what_is_near_enough_is_not_mentioned(latency_ms: float) -> None:
    """The limit is 5 ms, not 2."""
    assert told(Seen(echoes={("pve01", Ping("10.0.1.12")): Echo(3, 3, latency_ms)})) == []


def test_two_links_in_one_network_and_an_interface_that_is_down_are_said() -> None:
    own = addresses(11, state="DOWN")
    wide = replace(own, interfaces=(*own.interfaces, replace(own.interfaces[1], name="ens21", state="UP")))
    found = said(findings(WantedLinks(PVE01, {0: "10.0.1.11", 1: "10.0.1.11"}), each({PVE01: wide}), each({})))
    assert found[:3] == [
        "warning: Link 0 would be on ens19, which is down on pve01",
        "warning: Link 1 would be on ens19, which is down on pve01",
        "warning: Links 0 and 1 are in one network: what fails takes both",
    ]


def test_one_link_alone_is_noted() -> None:
    found = findings(WantedLinks(PVE01, {0: "10.0.1.11"}), each({PVE01: addresses(11)}), each({}))
    assert [one.level for one in found] == [Level.NOTE, Level.NOTE]
    assert found[0].text.to("en").startswith("There is one link only")


def test_a_node_without_ping_or_without_an_answer_leaves_the_way_unknown() -> None:
    seen = Seen()
    paths = EachNode({PVE01: Paths(ports=seen.paths.by_node[PVE01].ports)}, {PVE02: same("timed out")})
    assert said(findings(seen.wanted, seen.addresses, paths))[:-1] == [
        "unknown: pve01 has no ping: latency and MTU of its links are unknown",
        "unknown: pve02 does not say whom it reaches: timed out",
    ]


# The dedicated network first


def test_the_dedicated_network_belongs_first() -> None:
    """The notes that people copy have it the other way round."""
    seen = Seen(links={0: "10.0.0.11", 1: "10.0.2.11"})
    (found,) = dedicated_first(seen.wanted, seen.addresses)
    assert found.level is Level.NOTE
    assert found.fix is not None
    assert found.fix.to("en").startswith("The dedicated network first: --link0 10.0.2.11 --link1 10.0.0.11;")


@pytest.mark.parametrize(
    "seen",
    [
        Seen(),
        Seen(links={0: "10.0.2.11", 1: "10.0.0.11"}),
        Seen(links={0: "10.0.0.11"}),
        Seen(links={0: "10.0.0.11", 1: "10.0.2.11"}, priorities={1: 20}),
    ],
)
def test_a_dedicated_network_that_is_first_or_alone_or_preferred_is_right(seen: Seen) -> None:
    assert dedicated_first(seen.wanted, seen.addresses) == []


# What is asked


def test_both_sides_are_asked_for_both_sizes_and_both_ports() -> None:
    seen = Seen(other=addresses(12, {"ens20": 1400}))
    asked = questions(seen.wanted, seen.addresses)
    assert asked.keys() == {PVE01, PVE02}
    assert " ".join(asked[PVE01][4:]) == (
        "ping 10.0.1.12 56 ping 10.0.1.12 1472 ping 10.0.2.12 56 ping 10.0.2.12 1372 tcp 10.0.0.12 22 tcp 10.0.0.12 8006"
    )
    assert " ".join(asked[PVE02][4:]) == (
        "ping 10.0.1.11 56 ping 10.0.1.11 1472 ping 10.0.2.11 56 ping 10.0.2.11 1372 tcp 10.0.0.11 22 tcp 10.0.0.11 8006"
    )


def test_a_longer_header_leaves_less_room() -> None:
    wanted = WantedLinks(PVE01, {0: "fd00::11"}, {PVE02: {0: "fd00::12"}})
    assert questions(wanted, each({}))[PVE01][4:] == ("ping", "fd00::12", "56", "ping", "fd00::12", "1452")


def test_the_other_ends_of_a_new_cluster_are_in_the_same_networks() -> None:
    known = each({PVE01: addresses(11), PVE02: addresses(12)})
    assert peers_nearby({0: "10.0.1.11", 1: "10.0.2.11"}, PVE01, known) == {PVE02: {0: "10.0.1.12", 1: "10.0.2.12"}}
    assert peers_nearby({0: "10.9.9.9"}, PVE01, known) == {PVE02: {}}
    assert peers_nearby({0: "10.0.1.11"}, PVE01, each({PVE02: addresses(12)})) == {}
