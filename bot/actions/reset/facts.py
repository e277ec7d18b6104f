"""What `reset NODE` looks at: the node as it sees itself, and as the rest of its cluster sees it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import EachNode
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.ha import Ha
from bot.cluster.identity import Identity
from bot.cluster.local_guests import LocalGuests
from bot.cluster.login_keys import LoginKeys
from bot.cluster.members import Members
from bot.cluster.mounts import Mounts
from bot.cluster.others import without
from bot.cluster.quorum import Quorum, View
from bot.cluster.views import Views
from bot.names import NodeName


@dataclass(frozen=True)
class Args:
    node: NodeName


@dataclass(frozen=True)
class Facts:
    identity: EachNode[Identity]
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    guests: EachNode[LocalGuests]
    mounts: EachNode[Mounts]
    ha: EachNode[Ha]
    keys: EachNode[LoginKeys]

    @property
    def nodes(self) -> tuple[NodeName, ...]:
        return tuple(sorted({*self.identity.by_node, *self.identity.silent}))

    def own(self, node: NodeName) -> Identity:
        """`check` refuses a node that does not say who it is."""
        return self.identity.by_node[node]

    def view(self, node: NodeName) -> View | None:
        """Of the node itself; None also where its corosync does not run."""
        return self.quorum.by_node[node].view if node in self.quorum.by_node else None

    def rest(self, node: NodeName) -> Views:
        """The same cluster as all the others see it."""
        return Views(without(self.quorum, node), without(self.members, node), without(self.conf, node))

    def node_id(self, node: NodeName) -> int | None:
        """As its own file has it, else as the others' has it."""
        own = self.own(node).node_id
        return own if own is not None else self.rest(node).ids.get(node)

    def is_standalone(self, node: NodeName) -> bool:
        """In no cluster, with nothing left of one, and able to write its own /etc/pve."""
        identity, members, quorum = (each.by_node.get(node) for each in (self.identity, self.members, self.quorum))
        return (
            isinstance(identity, Identity)
            and identity.conf is None
            and isinstance(members, Members)
            and (members.mounted and not members.cluster)
            and isinstance(quorum, Quorum)
            and quorum.view is None
        )
