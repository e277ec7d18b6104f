"""What a node says of its networks, of its own name, of what is left of a cluster, and of the way to others.

Recorded with iproute2 6.1.0, iputils 20221126 and bash 5.2 in a network namespace.
"""

from __future__ import annotations

import os
import subprocess
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action import Output, Unreadable
from bot.cluster.addresses import Addresses
from bot.cluster.leftovers import FILES, Leftovers
from bot.cluster.link_address import LinkAddress
from bot.cluster.own_name import OwnName
from bot.cluster.paths import Door, Echo, Paths, Ping, Port
from bot.names import NodeName
from bot.text import Refused

PVE01 = NodeName("pve01")
IP = (
    '[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"qdisc":"noqueue","operstate":"UNKNOWN",'
    '"group":"default","txqlen":1000,"link_type":"loopback","address":"00:00:00:00:00:00","broadcast":"00:00:00:00:00:00",'
    '"addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"},'
    '{"family":"inet6","local":"::1","prefixlen":128,"scope":"host"}]},'
    '{"ifindex":3,"link":"eth9","ifname":"eth0","flags":["NO-CARRIER","BROADCAST","MULTICAST","UP","M-DOWN"],"mtu":9000,'
    '"qdisc":"noqueue","operstate":"LOWERLAYERDOWN","group":"default","txqlen":1000,"link_type":"ether",'
    '"address":"4e:ab:2f:3f:74:0a","broadcast":"ff:ff:ff:ff:ff:ff","addr_info":[{"family":"inet","local":"10.77.1.11",'
    '"prefixlen":24,"scope":"global","label":"eth0"},{"family":"inet6","local":"fd00:77:1::11","prefixlen":64,'
    '"scope":"global","tentative":true}]},'
    '{"ifindex":2,"link":"eth0","ifname":"eth9","flags":["BROADCAST","MULTICAST"],"mtu":1500,"qdisc":"noop",'
    '"operstate":"DOWN","group":"default","txqlen":1000,"link_type":"ether","addr_info":[]}]\n'
)
PINGED = (
    "ping 10.0.1.12 1472 0|PING 10.0.1.12 (10.0.1.12) 1472(1500) bytes of data.|1480 bytes from 10.0.1.12: icmp_seq=1 ttl=64 "
    "time=9.098 ms|1480 bytes from 10.0.1.12: icmp_seq=2 ttl=64 time=0.042 ms|1480 bytes from 10.0.1.12: icmp_seq=3 ttl=64 "
    "time=0.026 ms||--- 10.0.1.12 ping statistics ---|3 packets transmitted, 3 received, 0% packet loss, time 409ms|rtt "
    "min/avg/max/mdev = 0.026/0.055/9.098/0.030 ms\n"
)
TOO_LONG = (
    "ping 10.0.2.12 1472 1|PING 10.0.2.12 (10.0.2.12) 1472(1500) bytes of data.|ping: local error: message too long, mtu=1400||"
    "--- 10.0.2.12 ping statistics ---|1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
)
NO_NETWORK = "ping 10.9.0.1 56 2|ping: connect: Network is unreachable\n"
REFUSED = "tcp 10.0.1.12 8006 1|10.0.1.12: connect: Connection refused|10.0.1.12: line 1: /dev/tcp/10.0.1.12/8006: Connection refused\n"
OPEN, SILENT = "tcp 10.0.1.12 22 0|\n", "tcp 10.9.0.1 22 124|\n"
NO_ROUTE = (
    "tcp 10.9.0.2 22 1|10.9.0.2: connect: No route to host|10.9.0.2: line 1: /dev/tcp/10.9.0.2/22: No route to host\n"
)
NO_PING = "ping 10.0.1.12 56 127|paths: line 2: ping: command not found\n"


def said(stdout: str, exit_: int = 0, stderr: str = "") -> Output:
    return Output(PVE01, exit_, stdout, stderr)


# Its interfaces


def test_an_address_has_its_interface_and_its_network() -> None:
    own = Addresses.parse(said(IP))
    found = own.interface_of("10.77.1.11")
    assert found is not None
    assert (found.name, found.mtu, found.state, found.is_down) == ("eth0", 9000, "LOWERLAYERDOWN", True)
    assert own.network_of("fd00:77:1:0::11") == ip_network("fd00:77:1::/64")
    assert own.has("127.0.0.1")
    assert not own.has("10.77.1.12")
    assert own.network_of("10.77.1.12") is None


def test_the_address_inside_a_network_is_found() -> None:
    own = Addresses.parse(said(IP))
    assert own.inside(ip_network("10.77.0.0/16")) == "10.77.1.11"
    assert own.inside(ip_network("fd00:77:1::/64")) == "fd00:77:1::11"
    assert own.inside(ip_network("10.77.2.0/24")) is None


@pytest.mark.parametrize(
    "answer", ["", "[{}]", '{"a": 1}', '[{"ifname": "a", "mtu": 1, "operstate": "UP", "addr_info": 3}]']
)
def test_what_is_no_list_of_interfaces_is_not_guessed(answer: str) -> None:
    with pytest.raises(Unreadable):
        Addresses.parse(said(answer))


# Its own name


@pytest.mark.parametrize(
    ("answer", "addresses", "address"),
    [
        ("10.0.0.11\n", ("10.0.0.11",), "10.0.0.11"),
        ("127.0.1.1 10.0.0.11 \n", ("127.0.1.1", "10.0.0.11"), "10.0.0.11"),
        ("127.0.1.1\n", ("127.0.1.1",), None),
        ("fe80::1%eth0 ::1\n", ("fe80::1", "::1"), "fe80::1"),
    ],
)
def test_a_name_means_the_first_address_that_is_no_loopback(
    answer: str, addresses: tuple[str, ...], address: str
) -> None:
    own = OwnName.parse(said(answer))
    assert (own.addresses, own.address) == (addresses, address)


def test_a_name_that_does_not_resolve_means_nothing() -> None:
    own = OwnName.parse(said("", 1, "hostname: Name or service not known\n"))
    assert (own.addresses, own.address) == ((), None)


@pytest.mark.parametrize("answer", [said(""), said("pve01\n"), said("", 127, "sh: 1: hostname: not found")])
def test_what_is_no_address_is_not_guessed(answer: Output) -> None:
    with pytest.raises(Unreadable):
        OwnName.parse(answer)


# What is left of a cluster


def missing(*files: str) -> str:
    return "".join(f"ls: cannot access '{file}': No such file or directory\n" for file in files)


@pytest.mark.parametrize("there", [(), FILES[:1], FILES[1:], FILES])
def test_the_files_that_are_there_are_named(there: tuple[str, ...]) -> None:
    gone = [file for file in FILES if file not in there]
    answer = said("".join(f"{file}\n" for file in there), 2 if gone else 0, missing(*gone))
    assert Leftovers.parse(answer).files == there


def test_a_file_of_which_nobody_can_say_is_not_taken_as_missing() -> None:
    stale = f"ls: cannot access '{FILES[2]}': Transport endpoint is not connected\n"
    with pytest.raises(Unreadable):
        Leftovers.parse(said("", 2, missing(*FILES[:2]) + stale))


# The way to others


def test_what_came_back_is_told_for_each_size_and_port() -> None:
    paths = Paths.parse(said(PINGED + TOO_LONG + NO_NETWORK + REFUSED + OPEN + SILENT + NO_ROUTE))
    assert paths.echoes == {
        Ping("10.0.1.12", 1472): Echo(3, 3, 0.042),
        Ping("10.0.2.12", 1472): Echo(1, 0),
        Ping("10.9.0.1"): Echo(3, 0),
    }
    assert paths.door("10.0.1.12", 8006) is Door.REFUSED
    assert paths.door("10.0.1.12", 22) is Door.OPEN
    assert paths.door("10.9.0.1", 22) is Door.SILENT
    assert paths.door("10.9.0.2", 22) is Door.SILENT
    assert paths.door("10.0.2.12", 22) is None
    assert [paths.reaches(f"10.{end}") for end in ("0.1.12", "0.2.12", "9.0.1", "0.3.12")] == [True, False, False, None]


def test_the_way_is_as_long_as_the_middle_packet_says_for_the_first_must_find_it() -> None:
    assert Paths.parse(said(PINGED)).latency_ms("10.0.1.12") == 0.042
    assert Paths.parse(said(PINGED)).echoes[Ping("10.0.1.12", 1472)].loss_percent == 0
    assert Paths.parse(said(TOO_LONG)).latency_ms("10.0.2.12") is None


def test_a_node_without_ping_says_nothing_of_echoes_and_all_of_ports() -> None:
    paths = Paths.parse(said(NO_PING + OPEN))
    assert paths.echoes == {}
    assert paths.reaches("10.0.1.12") is True


@pytest.mark.parametrize(
    "line", ["garbage\n", "ping 10.0.1.12 56 1|ping: socket: no\n", "tcp 10.0.1.12 22 1|bash: odd\n"]
)
def test_what_is_not_understood_is_no_answer(line: str) -> None:
    with pytest.raises(Unreadable):
        Paths.parse(said(line))


def test_the_script_asks_all_targets_of_the_machine_it_runs_on() -> None:
    argv = Paths.argv([Ping("127.0.0.1"), Ping("127.0.0.1")], [Port("127.0.0.1", 1), Port("::1", 1)])
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    paths = Paths.parse(said(ran.stdout, ran.returncode, ran.stderr))
    assert paths.door("127.0.0.1", 1) is Door.REFUSED
    assert len(paths.ports) == 2
    assert len(paths.echoes) <= 1


# The address of a link


@pytest.mark.parametrize(
    ("word", "address", "priority"),
    [
        ("10.0.1.11", "10.0.1.11", None),
        ("address=10.0.1.11,priority=255", "10.0.1.11", 255),
        ("FD00::A,priority=0", "fd00::a", 0),
    ],
)
def test_a_link_is_kept_as_it_was_typed(word: str, address: str, priority: int | None) -> None:
    link = LinkAddress(word)
    assert (str(link), link.address, link.priority) == (word, address, priority)


@pytest.mark.parametrize(
    "word",
    [
        "pve01",
        "10.0.1.11/24",
        "10.0.1.011",
        "10.0.1.11,priority=256",
        "10.0.1.11,priority=-1",
        "10.0.1.11,priority=",
        "10.0.1.11,priority=1,priority=2",
        "10.0.1.11,20",
        "priority=20",
        "fe80::1%eth0",
        "address=address=10.0.1.11",
        "10.0.1.11 ",
        "10.0.1.11,priority=١",
        "",
    ],
)
def test_what_is_no_address_of_a_link_is_refused_in_a_sentence(word: str) -> None:
    with pytest.raises(Refused) as refused:
        LinkAddress(word)
    assert refused.value.text.to("en") != refused.value.text.to("fr")


@given(st.text())
def test_no_other_text_becomes_a_link(word: str) -> None:
    try:
        link = LinkAddress(word)
    except Refused:
        return
    assert str(link) == word
    assert set(word) <= set("0123456789abcdefABCDEF.:,=priortyads")
