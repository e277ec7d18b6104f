"""What the help explains beyond the actions: quorum, network, architecture."""

from __future__ import annotations

from collections.abc import Mapping

from bot.text import Text

QUORUM = Text(
    en="""\
QUORUM RULES
Votes count, not nodes: quorum = floor(expected / 2) + 1
The QDevice's votes are part of the expected votes.

2 nodes           2 votes  quorum 2   survives 0   QDevice recommended
2 nodes + QDevice 3 votes  quorum 2   survives 1
3 nodes           3 votes  quorum 2   survives 1
4 nodes           4 votes  quorum 3   survives 1
4 nodes + QDevice 5 votes  quorum 3   survives 2
5 nodes           5 votes  quorum 3   survives 2
Odd nodes + QDevice: not advised, the QDevice gets N-1 votes
and becomes nearly a single point of failure.

WITHOUT QUORUM
- /etc/pve is read-only: no start, no migration, no change
- guests that run go on running
- a node with active HA services resets itself after 60 s

EXPECTED VOTES
Only for a side without quorum, whose missing nodes are proven off.
The number is the votes present, never blindly 1. It is not kept.""",
    fr="""\
RÈGLES DE QUORUM
Ce sont les voix qui comptent : quorum = partie entière(attendues / 2) + 1
Les voix du QDevice font partie des voix attendues.

2 nœuds           2 voix  quorum 2   supporte 0   QDevice recommandé
2 nœuds + QDevice 3 voix  quorum 2   supporte 1
3 nœuds           3 voix  quorum 2   supporte 1
4 nœuds           4 voix  quorum 3   supporte 1
4 nœuds + QDevice 5 voix  quorum 3   supporte 2
5 nœuds           5 voix  quorum 3   supporte 2
Nombre impair + QDevice : déconseillé, le QDevice reçoit N-1 voix
et devient presque un point unique de panne.

SANS QUORUM
- /etc/pve en lecture seule : ni démarrage, ni migration, ni changement
- les machines qui tournent continuent
- un nœud aux services HA actifs redémarre seul après 60 s

VOIX ATTENDUES
Seulement d'un côté sans quorum, dont les nœuds absents sont éteints,
preuve à l'appui. Le nombre est celui des voix présentes, jamais 1 à
l'aveugle. Il n'est pas conservé.""",
)
NETWORK = Text(
    en="""\
RECOMMENDED NETWORK
Link 0  dedicated corosync VLAN or NIC   (10.0.2.0/24)
Link 1  backup: management               (10.0.1.0/24)
Equal priority: the lowest link number carries the traffic;
otherwise the higher priority wins.

Latency   below 5 ms between nodes; above 10 ms only up to 3 nodes
MTU       the same on every link
UDP       5405-5412 between the nodes (5405 + link number)
TCP       22 (SSH), 8006 (join), 5403 from nodes to the QDevice host
Not on    the storage or migration network: it must never be full
Options   --link0, --link1 (--ring0_addr is gone since PVE 6)

LOOKING
corosync-cfgtool -s, -n show the links.
corosync-cfgtool -R does not: it reloads the file on all nodes.""",
    fr="""\
RÉSEAU RECOMMANDÉ
Lien 0  VLAN ou carte dédiés à corosync  (10.0.2.0/24)
Lien 1  secours : management             (10.0.1.0/24)
À priorité égale, le plus petit numéro porte le trafic ;
sinon la plus haute priorité l'emporte.

Latence   moins de 5 ms entre nœuds ; plus de 10 ms : 3 nœuds au plus
MTU       identique sur chaque lien
UDP       5405-5412 entre les nœuds (5405 + numéro du lien)
TCP       22 (SSH), 8006 (join), 5403 des nœuds vers l'hôte QDevice
Pas sur   le réseau de stockage ou de migration : jamais saturé
Options   --link0, --link1 (--ring0_addr n'existe plus depuis PVE 6)

REGARDER
corosync-cfgtool -s et -n montrent les liens.
corosync-cfgtool -R non : il recharge le fichier sur tous les nœuds.""",
)
ARCHITECTURE = Text(
    en="""\
PRODUCTION CLUSTER
Minimum   3 nodes, or 2 nodes and a QDevice
Good      5 nodes: 2 may fail
Maximum   no fixed limit; over 50 seen. Watch token time and latency
Network   two links; storage and guests on networks of their own
NTP       on every node, less than 1 s apart
HA        a node without quorum resets itself after 60 s

2 NODES AND A QDEVICE
┌─────────┐      ┌─────────┐      ┌─────────┐
│  pve01  │◄────►│ QDevice │◄────►│  pve02  │
│ 1 vote  │      │ 1 vote  │      │ 1 vote  │
└────┬────┘      └─────────┘      └────┬────┘
     └──────────── corosync ───────────┘
3 votes, quorum 2: any one of the three may fail.
The QDevice runs outside the cluster (corosync-qnetd, TCP 5403),
and corosync-qdevice on every node.

BEFORE A NODE JOINS
- same major version, up to date; host name unique and resolved
- no guests: its whole /etc/pve is replaced
- TCP 8006 and 22, UDP 5405-5412, clock within 1 s""",
    fr="""\
CLUSTER DE PRODUCTION
Minimum   3 nœuds, ou 2 nœuds et un QDevice
Bien      5 nœuds : 2 pannes possibles
Maximum   pas de limite fixe ; plus de 50 vus. Surveiller token, latence
Réseau    deux liens ; stockage et machines sur leurs propres réseaux
NTP       sur chaque nœud, moins de 1 s d'écart
HA        un nœud sans quorum redémarre seul après 60 s

2 NŒUDS ET UN QDEVICE
┌─────────┐      ┌─────────┐      ┌─────────┐
│  pve01  │◄────►│ QDevice │◄────►│  pve02  │
│ 1 voix  │      │ 1 voix  │      │ 1 voix  │
└────┬────┘      └─────────┘      └────┬────┘
     └──────────── corosync ───────────┘
3 voix, quorum 2 : l'un des trois peut tomber.
Le QDevice tourne hors du cluster (corosync-qnetd, TCP 5403),
et corosync-qdevice sur chaque nœud.

AVANT QU'UN NŒUD REJOIGNE
- même version majeure, à jour ; nom d'hôte unique et résolu
- pas de machines : tout son /etc/pve est remplacé
- TCP 8006 et 22, UDP 5405-5412, horloge à moins de 1 s""",
)
# Topic → its title and its text.
TOPICS: Mapping[str, tuple[Text, Text]] = {
    "quorum": (Text(en="How quorum is counted", fr="Comment se compte le quorum"), QUORUM),
    "network": (Text(en="The network a cluster wants", fr="Le réseau qu'il faut à un cluster"), NETWORK),
    "architecture": (Text(en="How a cluster is built", fr="Comment bâtir un cluster"), ARCHITECTURE),
}
