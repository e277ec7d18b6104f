"""Three real nodes on two links, and an empty one beside them: what `join` then sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bot import propose
from bot.action import Call, Output, Unreachable
from bot.actions import load_actions
from bot.actions.join.check import check
from bot.actions.join.facts import Args, Facts
from bot.actions.join.further import further
from bot.cluster.certificates import Certificates
from bot.cluster.host_keys import FILES, HostKeys
from bot.cluster.leftovers import FILES as LEFT
from bot.cluster.leftovers import Leftovers
from bot.cluster.local_guests import LocalGuests
from bot.cluster.login_keys import LoginKeys
from bot.cluster.own_key import OwnKey
from bot.cluster.own_name import OwnName
from bot.cluster.served_certificate import ServedCertificate
from bot.cluster.tfa import Tfa
from bot.cluster.versions import CorosyncVersion, PveVersion
from bot.command_line import parse
from bot.demo.cluster.certificates import Authority
from bot.demo.cluster.situation import Layout
from bot.look import Look
from bot.names import ClusterName, NodeName
from bot.plan import Plan
from bot.policy import demand
from bot.text import Text
from tests.recorded import RecordedNodes, answers, members, stopped

SITUATION, NEW = "dual-link-healthy", "pve04"
OVER_API, OVER_SSH = "join pve01 --node pve04", "join pve01 --node pve04 --use_ssh"
CONF = answers(SITUATION, "cat /etc/pve/corosync.conf")[0].stdout
NODES = ("pve01", "pve02", "pve03", "pve04")
BOT = "ssh-ed25519 AAAAC3NzaBot="
PEM = Authority(Layout(), 1_790_000_000).of_node("pve01")
Answer = str | Text | Output
Said = Mapping[tuple[str, str], Answer]
MEMBERS, QUORUM = "cat /etc/pve/.members", "corosync-quorumtool -siH"
IDENTITY = "head -v -c 900000 /proc/sys/kernel/hostname /etc/corosync/corosync.conf"
LOGINS, OWN, HOST, GUESTS, LEFTOVERS, NAME, CERTIFICATES = (
    " ".join(fact.ARGV) for fact in (LoginKeys, OwnKey, HostKeys, LocalGuests, Leftovers, OwnName, Certificates)
)
VIEW = answers(SITUATION, QUORUM)[0].stdout
TFA, PVE, COROSYNC = (" ".join(fact.ARGV) for fact in (Tfa, PveVersion, CorosyncVersion))
DATE, ADDRESSES = "date +%s.%N", "ip -j addr"
SERVED = " ".join(ServedCertificate.argv("10.0.1.11"))


def failing(why: str, exit_: int = 1, stdout: str = "") -> Output:
    return Output(NodeName(NEW), exit_, stdout, why)


def key(node: str) -> str:
    return f"ssh-rsa AAAAB3{node}== root@{node}"


def logins(*lines: str) -> Output:
    return Output(NodeName(NEW), 0, "".join(f"{line}\n" for line in lines), key=BOT)


def interfaces(*addresses: str) -> str:
    """`ADDRESS/BITS` each, every one on a card of its own."""
    cards = [
        {
            "ifname": f"eth{number}",
            "mtu": 1500,
            "operstate": "UP",
            "addr_info": [{"local": each.partition("/")[0], "prefixlen": int(each.partition("/")[2])}],
        }
        for number, each in enumerate(("127.0.0.1/8", *addresses))
    ]
    return json.dumps(cards)


def at_home(node: str) -> str:
    return interfaces(*(f"10.0.{net}.1{node[-1]}/24" for net in (0, 1, 2)))


def _everywhere(node: str) -> dict[tuple[str, str], Answer]:
    number = node[-1]
    return {
        (node, ADDRESSES): at_home(node),
        (node, NAME): f"10.0.0.1{number}\n",
        (node, PVE): "Package: pve-manager\nStatus: install ok installed\nVersion: 9.1.1\n",
        (node, COROSYNC): "Corosync Cluster Engine, version '3.1.9'\n",
        (node, DATE): "5.000000000\n",
        (node, TFA): failing(f"grep: {Tfa.ARGV[-1]}: No such file or directory", 2),
        (node, OWN): f"{key(node)}\n",
        (node, HOST): f"==> {FILES[0]} <==\nssh-ed25519 AAAAhost{number} root@{node}\n",
        (node, LOGINS): logins(f"{BOT} bot", *map(key, NODES[:3])),
        (node, CERTIFICATES): f"==> /etc/pve/local/pve-ssl.pem <==\n{PEM}",
        (node, GUESTS): "/etc/pve/nodes/pve01/qemu-server/100.conf\n",
        (node, LEFTOVERS): "".join(f"{path}\n" for path in LEFT),
        (node, IDENTITY): f"==> /proc/sys/kernel/hostname <==\n{node}\n\n==> /etc/corosync/corosync.conf <==\n{CONF}",
    }


def _alone() -> dict[tuple[str, str], Answer]:
    no_conf = "head: cannot open '/etc/corosync/corosync.conf' for reading: No such file or directory"
    missing = "".join(f"ls: cannot access '{path}': No such file or directory\n" for path in LEFT)
    return {
        **stopped(NEW),
        (NEW, MEMBERS): json.dumps({"nodename": NEW, "version": 1}),
        (NEW, "cat /etc/pve/corosync.conf"): failing("cat: /etc/pve/corosync.conf: No such file or directory"),
        (NEW, IDENTITY): failing(no_conf, 1, f"==> /proc/sys/kernel/hostname <==\n{NEW}\n"),
        (NEW, LEFTOVERS): failing(missing, 2),
        (NEW, GUESTS): "",
        (NEW, LOGINS): logins(f"{BOT} bot", key(NEW)),
        (NEW, SERVED): f"CONNECTED(00000003)\n{PEM}",
    }


def said(more: Said | None = None) -> dict[tuple[str, str], Answer]:
    everywhere = {asked: answer for node in NODES for asked, answer in _everywhere(node).items()}
    ids = {f"pve0{n}": n for n in range(1, 4)}
    seen = {(node, MEMBERS): members(node, ids, quorate=True, online=tuple(ids)) for node in NODES[:3]}
    return {**everywhere, **seen, **_alone(), **(more or {})}


@dataclass
class OpenNetwork(RecordedNodes):
    """Everything comes back from everywhere, but what is said otherwise."""

    def _answer(self, call: Call) -> Output | Unreachable:
        words = call.argv[4:]
        if call.argv[:1] != ("bash",) or (call.node, "bash") in self.said:
            argv = ("bash",) if call.argv[:1] == ("bash",) else call.argv
            return super()._answer(Call(call.node, argv))
        return Output(call.node, 0, "".join(map(_came_back, words[::3], words[1::3], words[2::3])))


def _came_back(kind: str, address: str, size: str) -> str:
    told = "|64 bytes: time=0.2 ms|3 packets transmitted, 3 received, 0% packet loss|" if kind == "ping" else "|"
    return f"{kind} {address} {size} 0{told}\n"


def look(more: Said | None = None, line: str = OVER_API) -> Facts:
    nodes = OpenNetwork(SITUATION, said(more), (NEW,))
    found: Facts = Look(nodes).gather(Facts, partial(further, args(line)))
    return found


def args(line: str = OVER_API) -> Args:
    found: Args = parse(line, load_actions()).args
    return found


def planned(facts: Facts, line: str = OVER_API) -> Plan:
    command = parse(line, load_actions())
    name = ClusterName("pve-lab")
    return propose.plan(command, name, line, facts, demand(command, name, ()))


def refused(more: Said | None = None, line: str = OVER_API) -> list[str]:
    return [found.text.to("en") for found in check(args(line), look(more, line)) if found.blocks]
