"""Two real hosts that stand alone, and a third that does too: what `create NAME --node pve01` then sees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.action import Call, Output, Unreachable
from bot.actions import load_actions
from bot.actions.create.facts import Args, Facts, further
from bot.command_line import parse
from bot.look import Look
from bot.names import NodeName
from bot.text import Text, same

LINE = "create pve-prod --node pve01 --link0 10.0.1.11 --link1 10.0.2.11"
HOST, CONF = "/proc/sys/kernel/hostname", "/etc/corosync/corosync.conf"
IDENTITY = f"head -v -c 900000 {HOST} {CONF}"
MEMBERS, QUORUM = "cat /etc/pve/.members", "corosync-quorumtool -siH"
KEY, SHARED_CONF = "/etc/corosync/authkey", "/etc/pve/corosync.conf"
LEFTOVERS = f"ls -d {KEY} {CONF} {SHARED_CONF}"
WRITABLE = "find /etc/pve/nodes -maxdepth 0 -perm -u=w -writable"
GUESTS = "find /etc/pve/nodes -mindepth 3 -maxdepth 3 -name *.conf"
NAME, ADDRESSES, CLOCK = "hostname -i", "ip -j addr", "date +%s.%N"
PVE, COROSYNC = "dpkg-query --status pve-manager", "dpkg-query --status corosync"
PATHS = "bash"
SENT_S = 1_764_000_000
NODES = ("pve01", "pve02", "pve03")
Said = Mapping[tuple[str, str], str | Text | Output]


def conf(name: str, *links: str, node: str = "pve01") -> str:
    """As `pvecm create` was seen to write it (pve-cluster 9.1.6)."""
    rings = "".join(f"    ring{number}_addr: {link}\n" for number, link in enumerate(links))
    return (
        f"nodelist {{\n  node {{\n    name: {node}\n    nodeid: 1\n    quorum_votes: 1\n{rings}  }}\n}}\n\n"
        f"quorum {{\n  provider: corosync_votequorum\n}}\n\ntotem {{\n  cluster_name: {name}\n  config_version: 1\n}}\n"
    )


def identity(node: str, file: str | None = None) -> Output:
    shown = f"==> {HOST} <==\n{node}\n"
    if file is not None:
        return Output(NodeName(node), 0, f"{shown}\n==> {CONF} <==\n{file}")
    return Output(NodeName(node), 1, shown, f"head: cannot open '{CONF}' for reading: No such file or directory")


def members(node: str, name: str, *, quorate: bool = True) -> str:
    cluster = {"name": name, "version": 1, "nodes": 1, "quorate": int(quorate)}
    return json.dumps({"nodename": node, "version": 4, "cluster": cluster, "nodelist": {node: {"id": 1, "online": 1}}})


def ring(address: str, *, quorate: bool = True) -> Output:
    """One node alone, as corosync 3.1.9 shows it."""
    text = (
        "Quorum information\n------------------\nDate:             Sun Nov 22 10:29:31 2026\n"
        "Quorum provider:  corosync_votequorum\nNodes:            1\nNode ID:          0x00000001\nRing ID:          1.5\n"
        f"Quorate:          {'Yes' if quorate else 'No'}\n\nVotequorum information\n----------------------\n"
        "Expected votes:   1\nHighest expected: 1\nTotal votes:      1\nQuorum:           1  \nFlags:            Quorate \n\n"
        "Membership information\n----------------------\n    Nodeid      Votes Name\n"
        f"0x00000001          1 {address} (local)\n"
    )
    return Output(NodeName("pve01"), 0 if quorate else 2, text)


def leftovers(*files: str) -> Output:
    gone = [file for file in (KEY, CONF, SHARED_CONF) if file not in files]
    missing = "".join(f"ls: cannot access '{file}': No such file or directory\n" for file in gone)
    return Output(NodeName("pve01"), 2 if gone else 0, "".join(f"{file}\n" for file in files), missing)


def package(name: str, version: str) -> str:
    return f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n"


def clock(offset_s: float) -> Output:
    """The bot asked at SENT_S and heard 2 ms later."""
    at = f"{SENT_S + 0.001 + offset_s:.9f}\n"
    return Output(NodeName("pve01"), 0, at, sent_at_us=SENT_S * 1_000_000, took_us=2000)


def interfaces(number: int) -> str:
    nets = {"lo": ("127.0.0.1", 8), "vmbr0": (f"10.0.0.{number}", 24)}
    nets |= {f"ens{18 + net}": (f"10.0.{net}.{number}", 24) for net in (1, 2)}
    return json.dumps(
        [
            {"ifname": name, "mtu": 1500, "operstate": "UP", "addr_info": [{"local": ip, "prefixlen": length}]}
            for name, (ip, length) in nets.items()
        ]
    )


def alone(node: str) -> dict[tuple[str, str], str | Text | Output]:
    """It answers, belongs to no cluster, and has three networks."""
    number = 10 + int(node[-1])
    said: dict[str, str | Text | Output] = {
        IDENTITY: identity(node),
        MEMBERS: json.dumps({"nodename": node, "version": 0}),
        QUORUM: Output(NodeName(node), 1, "", "Cannot initialize CMAP service\n"),
        LEFTOVERS: leftovers(),
        WRITABLE: "/etc/pve/nodes\n",
        GUESTS: "",
        NAME: f"10.0.0.{number}\n",
        ADDRESSES: interfaces(number),
        CLOCK: clock(0),
        PVE: package("pve-manager", "9.1.4"),
        COROSYNC: package("corosync", "3.1.10-pve3"),
    }
    return {(node, command): answer for command, answer in said.items()}


def created(name: str = "pve-prod", *links: str) -> dict[tuple[str, str], str | Text | Output]:
    """What pve01 says afterwards."""
    links = links or ("10.0.1.11", "10.0.2.11")
    return {
        ("pve01", IDENTITY): identity("pve01", conf(name, *links)),
        ("pve01", MEMBERS): members("pve01", name),
        ("pve01", QUORUM): ring(links[0]),
        ("pve01", LEFTOVERS): leftovers(KEY, CONF, SHARED_CONF),
    }


@dataclass
class Hosts:
    """*said*: what is otherwise than `alone`, a Text for no answer; a node with `*` says nothing at all."""

    said: Said = field(default_factory=dict)
    names: tuple[NodeName, ...] = tuple(map(NodeName, NODES))

    def ask(self, calls: Sequence[Call]) -> list[Output | Unreachable]:
        return [self._answer(call) for call in calls]

    def _answer(self, call: Call) -> Output | Unreachable:
        command = " ".join(call.argv)
        short = command if call.argv[0] != PATHS else PATHS
        answer = self.said.get(
            (call.node, short), self.said.get((call.node, "*"), alone(call.node).get((call.node, short)))
        )
        if answer is None and short == PATHS:
            return Output(call.node, 0, near(call.argv[4:]))
        if isinstance(answer, Text | None):
            return Unreachable(answer or same(f"nobody knows {command}"))
        return answer if isinstance(answer, Output) else Output(call.node, 0, answer)


def near(words: Sequence[str]) -> str:
    """Everything answers at once."""
    lines = []
    for kind, address, size in zip(words[::3], words[1::3], words[2::3], strict=True):
        echoes = "3 packets transmitted, 3 received, 0% packet loss|time=0.2 ms" if kind == "ping" else ""
        lines.append(f"{kind} {address} {size} 0|{echoes}\n")
    return "".join(lines)


def args(line: str = LINE) -> Args:
    found: Args = parse(line, load_actions()).args
    return found


def look(more: Said | None = None, line: str = LINE) -> Facts:
    found: Facts = Look(Hosts(more or {})).gather(Facts, partial(further, args(line)))
    return found
