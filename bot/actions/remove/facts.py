"""What `remove NODE` looks at: the cluster as its other nodes see it, and every trace of the node itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from bot.action import NOT_ASKED, EachNode
from bot.cluster.api_status import ApiStatus
from bot.cluster.ceph import Ceph
from bot.cluster.conf_change import ConfChange
from bot.cluster.corosync_conf import CorosyncConf, is_ip
from bot.cluster.guests import Guests
from bot.cluster.ha import Ha
from bot.cluster.ha_rules import HaRules
from bot.cluster.key_lists import KeyLists
from bot.cluster.local_guests import LocalGuests
from bot.cluster.members import Members
from bot.cluster.node_folders import NodeFolders
from bot.cluster.others import without
from bot.cluster.paths import Paths
from bot.cluster.quorum import Quorum, View
from bot.cluster.replication import Replication
from bot.cluster.storages import Storages
from bot.cluster.views import Views
from bot.names import NodeName

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")  # never an option of ping


@dataclass(frozen=True)
class Args:
    node: NodeName
    cleanup: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    guests: EachNode[Guests]
    files: EachNode[LocalGuests]
    ha: EachNode[Ha]
    rules: EachNode[HaRules]
    storages: EachNode[Storages]
    replication: EachNode[Replication]
    ceph: EachNode[Ceph]
    change: EachNode[ConfChange]
    folders: EachNode[NodeFolders]
    keys: EachNode[KeyLists]
    api: EachNode[ApiStatus]
    paths: EachNode[Paths] = NOT_ASKED

    def of(self, node: NodeName) -> Removal:
        return Removal(node, self)


@dataclass(frozen=True)
class Removal:
    """The facts, seen with *node* being the one that goes."""

    node: NodeName
    facts: Facts

    @cached_property
    def views(self) -> Views:
        """The cluster as all the others see it: the node's own word of it may be old."""
        facts = self.facts
        return Views(
            without(facts.quorum, self.node), without(facts.members, self.node), without(facts.conf, self.node)
        )

    @cached_property
    def ring(self) -> dict[NodeName, View]:
        """The views of those that answer, of the ring that counts."""
        best = self.views.best
        seen = self.views.seen.items()
        return {name: view for name, view in seen if view.node_id in best.member_ids} if best else {}

    @property
    def executor(self) -> NodeName:
        """Where it runs: the node of that ring with the lowest id that answers. `check` refuses if there is none."""
        return min(self.ring, key=lambda name: self.ring[name].node_id)

    @property
    def view(self) -> View:
        return self.ring[self.executor]

    @property
    def conf(self) -> CorosyncConf | None:
        """The corosync.conf of the executor."""
        return self.facts.conf.by_node.get(self.executor)

    @property
    def silent_members(self) -> tuple[NodeName, ...]:
        """In the ring, but without a word on it."""
        ids = self.view.member_ids
        return tuple(name for name, id_ in self.views.ids.items() if id_ in ids and name not in {*self.ring, self.node})

    @property
    def absent(self) -> tuple[NodeName, ...]:
        """The others that are not in the ring."""
        ids = self.view.member_ids
        return tuple(name for name, id_ in self.views.ids.items() if id_ not in ids and name != self.node)

    @property
    def is_listed(self) -> bool:
        return self.node in self.views.ids

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everything by which the others know the node on the network."""
        facts = self.facts
        confs = [conf.nodes[self.node] for conf in facts.conf.by_node.values() if self.node in conf.nodes]
        listed = [m.nodes[self.node].address for m in facts.members.by_node.values() if self.node in m.nodes]
        keys = [name for lists in facts.keys.by_node.values() for name in lists.names_of(self.node, self.taken)]
        found = {address for node in confs for address in node.addresses.values()} | {*listed, *keys}
        return tuple(sorted(one for one in found - {self.node} - self.taken if is_ip(one) or _HOST.fullmatch(one)))

    @cached_property
    def taken(self) -> frozenset[str]:
        """The addresses of the others."""
        facts = self.facts
        confs = [node for conf in facts.conf.by_node.values() for name, node in conf.nodes.items() if name != self.node]
        listed = [m.nodes for m in facts.members.by_node.values()]
        return frozenset(
            {address for node in confs for address in node.addresses.values()}
            | {node.address for nodes in listed for name, node in nodes.items() if name != self.node}
        )

    def answers(self, node: NodeName) -> bool:
        """Whether *node* said anything at all over SSH."""
        facts = self.facts
        asked = (facts.quorum, facts.members, facts.conf, facts.files, facts.ha, facts.storages, facts.folders)
        return any(node in each.by_node for each in asked)
