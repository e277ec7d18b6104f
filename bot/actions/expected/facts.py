"""What `expected N` looks at, and who of the cluster's nodes is on which side."""

from __future__ import annotations

from dataclasses import dataclass

from bot.action import EachNode
from bot.cluster.api_status import ApiStatus
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.guests import Guests
from bot.cluster.ha import Ha
from bot.cluster.members import Members
from bot.cluster.quorum import Quorum, View
from bot.cluster.views import Views
from bot.names import NodeName, Number


@dataclass(frozen=True)
class Args:
    n: Number


@dataclass(frozen=True)
class Facts:
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    guests: EachNode[Guests]
    ha: EachNode[Ha]
    api: EachNode[ApiStatus]

    @property
    def views(self) -> Views:
        return Views(self.quorum, self.members, self.conf)

    @property
    def side(self) -> dict[NodeName, View]:
        """The views of the nodes of this side that answer: of the one that counts. `check` refuses if there is none."""
        best = self.views.best
        if best is None:
            raise ValueError("no node has a view of the quorum")
        return {node: view for node, view in self.views.seen.items() if view.node_id in best.member_ids}

    @property
    def survivor(self) -> NodeName:
        """Where the number is set: the node of this side with the lowest id that answers."""
        return min(self.side, key=lambda node: self.side[node].node_id)

    @property
    def view(self) -> View:
        """Of the survivor, whose corosync will judge; on the others of its ring the numbers can differ (seen)."""
        return self.side[self.survivor]

    @property
    def own_conf(self) -> CorosyncConf | None:
        """The corosync.conf of the survivor."""
        return self.conf.by_node.get(self.survivor)

    @property
    def absent(self) -> tuple[NodeName, ...]:
        """The nodes of the cluster that are not in the ring of this side."""
        return tuple(node for node, id_ in self.views.ids.items() if id_ not in self.view.member_ids)

    @property
    def stopped(self) -> tuple[NodeName, ...]:
        """Absent, but up: they answer, and say that their corosync does not run."""
        heard = self.quorum.by_node
        return tuple(node for node in self.absent if node in heard and heard[node].view is None)

    @property
    def silent(self) -> tuple[NodeName, ...]:
        """Absent, and nothing was heard of them in any way: only people can know what they are."""
        return tuple(node for node in self.absent if not self.is_heard(node))

    @property
    def unclear(self) -> tuple[NodeName, ...]:
        """Absent and alive, but what their corosync does is not known."""
        return tuple(node for node in self.absent if node not in self.quorum.by_node and self.is_heard(node))

    def is_heard(self, node: NodeName) -> bool:
        return self.answers_over_ssh(node) or node in self.api.by_node

    def answers_over_ssh(self, node: NodeName) -> bool:
        asked = (self.quorum, self.members, self.conf, self.guests, self.ha)
        return any(node in each.by_node for each in asked)

    def was_tried(self, node: NodeName) -> bool:
        """Whether the bot knows this node at all."""
        return node in self.quorum.by_node or node in self.quorum.silent
