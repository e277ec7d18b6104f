"""Four of five real nodes with quorum, and one that is off, unless something answers: what `remove pve05` then sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.action import Finding, Output
from bot.actions.remove import change
from bot.actions.remove.check import check
from bot.actions.remove.facts import Args, Facts
from bot.cluster.ceph import Ceph
from bot.cluster.conf_change import ConfChange
from bot.cluster.guests import Guests
from bot.cluster.ha_rules import HaRules
from bot.cluster.key_lists import KeyLists
from bot.cluster.local_guests import LocalGuests
from bot.cluster.node_folders import NodeFolders
from bot.look import Look
from bot.names import NodeName
from bot.text import Text, same
from tests.actions.two_of_five import RecordedApi
from tests.recorded import RecordedNodes, answers, members

Said = Mapping[tuple[str, str], str | Text | Output]
ALIVE = tuple(f"pve0{n}" for n in range(1, 5))
PVE05 = NodeName("pve05")
IDS = {f"pve0{n}": n for n in range(1, 6)}
CONF = answers("one-node-down", "cat /etc/pve/corosync.conf")[0].stdout
QUORUM, MEMBERS, CONF_CMD = "corosync-quorumtool -siH", "cat /etc/pve/.members", "cat /etc/pve/corosync.conf"
HA, STORAGES, JOBS = "cat /etc/pve/ha/manager_status", "cat /etc/pve/storage.cfg", "cat /etc/pve/replication.cfg"
FILES, GUESTS, RULES, FOLDERS, KEYS, CEPH, CHANGE = (
    " ".join(fact.ARGV) for fact in (LocalGuests, Guests, HaRules, NodeFolders, KeyLists, Ceph, ConfChange)
)

VIEW = answers("one-node-down", QUORUM)[0]


def headed(command: str, *texts: str) -> str:
    """An answer to `head -v`, of files in their order."""
    paths = command.split()[4:]
    return "\n".join(f"==> {path} <==\n{text}" for path, text in zip(paths, texts, strict=True))


def listed(**guests: str) -> str:
    """`.vmlist` and `.rrd`: node by number of the guest."""
    ids = {id_: {"node": node, "type": "qemu", "version": 1} for id_, node in guests.items()}
    return headed(GUESTS, json.dumps({"version": 1, "ids": ids}), "")


NOBODY_CHANGES = "".join(f"find: '{path}': No such file or directory\n" for path in ConfChange.ARGV[1:3])
USUAL: Mapping[str, str | Output] = {
    FILES: "/etc/pve/nodes/pve01/qemu-server/100.conf\n",
    GUESTS: listed(),
    RULES: headed(RULES, "", ""),
    FOLDERS: "".join(f"/etc/pve/nodes/pve0{n}\n/etc/pve/nodes/pve0{n}/lrm_status\n" for n in range(1, 6)),
    KEYS: headed(KEYS, "".join(f"ssh-rsa AAAA{n} root@pve0{n}\n" for n in range(1, 6)), "pve05 ssh-rsa H5\n"),
    CEPH: Output(PVE05, 127, "", "env: 'ceph': No such file or directory"),
    CHANGE: Output(PVE05, 1, "", NOBODY_CHANGES),
    MEMBERS: members("pve01", IDS, quorate=True, online=ALIVE),
}


class Nodes(RecordedNodes):
    """Asked further, whether something answers: *signs* are lines of such an answer by member, a Text for none at all."""

    signs: Mapping[str, str | Text] = {}

    def _answer(self, call: Any) -> Any:
        if call.argv[3:4] != ("paths",):
            return super()._answer(call)
        said = self.signs.get(call.node, "")
        if isinstance(said, Text):
            return super()._answer(call)
        return Output(call.node, 0, silence(call.argv[4:]) + said)


def silence(asked: tuple[str, ...]) -> str:
    """Nothing comes back from anything that is tried."""
    lines = []
    for kind, address, number in zip(asked[::3], asked[1::3], asked[2::3], strict=True):
        said = "3 packets transmitted, 0 received, 100% packet loss" if kind == "ping" else ""
        lines.append(f"{kind} {address} {number} {1 if kind == 'ping' else 124}|{said}\n")
    return "".join(lines)


def look(
    more: Said | None = None,
    *,
    node: str = "pve05",
    cleanup: bool = False,
    api: Mapping[str, str] | None = None,
    signs: Mapping[str, str | Text] | None = None,
    situation: str = "one-node-down",
) -> Facts:
    """Four of five have quorum, and pve05 says nothing."""
    up = [name for name in ALIVE if (name, "*") not in (more or {})]
    usual = {(name, command): said for name in up for command, said in USUAL.items()}
    off = {("pve05", "*"): same("timed out")}
    nodes = Nodes(situation, {**usual, **off, **(more or {})}, ("pve05",))
    nodes.signs = signs or {}
    args = Args(NodeName(node), cleanup=cleanup)
    found: Facts = Look(nodes, None if api is None else RecordedApi(api)).gather(Facts, partial(change.further, args))
    return found


def everywhere(command: str, said: str | Text | Output) -> Said:
    """The same answer of all four."""
    return {(name, command): said for name in ALIVE}


def findings(facts: Facts, node: str = "pve05") -> list[Finding]:
    return check(Args(NodeName(node)), facts)


def refused(facts: Facts, node: str = "pve05") -> list[str]:
    return [found.text.to("en") for found in findings(facts, node) if found.blocks]


def told(facts: Facts) -> list[str]:
    return [found.text.to("en") for found in findings(facts) if not found.blocks]


def votes(view: Output, **fields: str) -> Output:
    """The same view with other numbers."""
    lines = view.stdout.splitlines(keepends=True)
    changed = {name.replace("_", " "): value for name, value in fields.items()}
    new = [f"{name}: {changed[name]}\n" if (name := line.partition(":")[0]) in changed else line for line in lines]
    return replace(view, stdout="".join(new))


def without_quorum() -> Said:
    lost = replace(votes(VIEW, Quorate="No", Quorum="4 Activity blocked", Total_votes="3"), exit=2)
    read_only = everywhere(MEMBERS, members("pve01", IDS, quorate=False, online=ALIVE))
    return {**everywhere(QUORUM, lost), **read_only}


def expecting(n: int) -> Said:
    """The ring of pve01 alone, with its one vote, since `expected 1`."""
    alone = "".join(
        line
        for line in VIEW.stdout.splitlines(keepends=True)
        if not line.startswith(("0x00000002", "0x00000003", "0x00000004"))
    )
    view = votes(replace(VIEW, stdout=alone), Expected_votes=str(n), Total_votes="1", Quorum="1  ")
    return {("pve01", QUORUM): view} | {(f"pve0{n}", "*"): same("off") for n in (2, 3, 4)}


def three(gone: str) -> dict[tuple[str, str], Output]:
    """Of five, three and no more are in the ring."""
    line = next(line for line in VIEW.stdout.splitlines(keepends=True) if line.startswith(f"0x0000000{gone[-1]}"))
    return {
        (node, QUORUM): votes(replace(view, stdout=view.stdout.replace(line, "")), Total_votes="3")
        for node, view in zip(ALIVE, answers("one-node-down", QUORUM), strict=True)
        if node != gone
    }
