"""What `join` looks at: the node that joins, the members that take it in, and how the one reaches the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from bot.action import NOT_ASKED, EachNode
from bot.actions.join.typed import Fingerprint, Peer
from bot.cluster.addresses import Addresses
from bot.cluster.certificates import Certificates
from bot.cluster.clock import Clock
from bot.cluster.corosync_conf import CorosyncConf
from bot.cluster.host_keys import HostKeys
from bot.cluster.identity import Identity
from bot.cluster.known_names import KnownNames
from bot.cluster.leftovers import Leftovers
from bot.cluster.link_address import LinkAddress
from bot.cluster.link_stats import LinkStats
from bot.cluster.local_guests import LocalGuests
from bot.cluster.login_keys import LoginKeys
from bot.cluster.members import Members
from bot.cluster.own_key import OwnKey
from bot.cluster.own_name import OwnName
from bot.cluster.paths import Paths
from bot.cluster.peer_certificate import PeerCertificate
from bot.cluster.quorum import Quorum
from bot.cluster.served_certificate import ServedCertificate
from bot.cluster.tfa import Tfa
from bot.cluster.versions import CorosyncVersion, PveVersion
from bot.names import NodeName, Number


@dataclass(frozen=True)
class Args:
    """*member*: who takes the new node in, by name or address. *node*: the new one."""

    member: Peer
    _: KW_ONLY
    node: NodeName
    link0: LinkAddress | None = None
    link1: LinkAddress | None = None
    link2: LinkAddress | None = None
    link3: LinkAddress | None = None
    link4: LinkAddress | None = None
    link5: LinkAddress | None = None
    link6: LinkAddress | None = None
    link7: LinkAddress | None = None
    fingerprint: Fingerprint | None = None
    use_ssh: bool = False
    votes: Number | None = None
    nodeid: Number | None = None


@dataclass(frozen=True)
class Facts:
    identity: EachNode[Identity]
    quorum: EachNode[Quorum]
    members: EachNode[Members]
    conf: EachNode[CorosyncConf]
    guests: EachNode[LocalGuests]
    leftovers: EachNode[Leftovers]
    addresses: EachNode[Addresses]
    own_name: EachNode[OwnName]
    versions: EachNode[PveVersion]
    corosync: EachNode[CorosyncVersion]
    clocks: EachNode[Clock]
    certificates: EachNode[Certificates]
    logins: EachNode[LoginKeys]
    own_key: EachNode[OwnKey]
    host_keys: EachNode[HostKeys]
    tfa: EachNode[Tfa]
    stats: EachNode[LinkStats]
    served: EachNode[ServedCertificate] = NOT_ASKED
    copies: EachNode[PeerCertificate] = NOT_ASKED
    names: EachNode[KnownNames] = NOT_ASKED
    paths: EachNode[Paths] = NOT_ASKED

    @property
    def nodes(self) -> tuple[NodeName, ...]:
        return tuple(sorted({*self.identity.by_node, *self.identity.silent}))


Argv = Mapping[NodeName, tuple[str, ...]]
