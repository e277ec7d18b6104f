"""The sentences of `network_findings`."""

from __future__ import annotations

from bot.text import Text

# What forbids
LOOPBACK = Text(
    en="Link {link} would be {ip}, which no other host can reach",
    fr="Le lien {link} serait {ip}, que nul autre hôte ne peut atteindre",
)
LOOPBACK_FIX = Text(
    en="Take an address of a network card. If it is what the host's own name means: in /etc/hosts, give the name its real "
    "address, and remove a line 127.0.1.1",
    fr="Prenez une adresse d'une carte réseau. Si c'est ce que désigne le nom de l'hôte : dans /etc/hosts, donnez au nom sa "
    "vraie adresse, et ôtez une ligne 127.0.1.1",
)
NOT_LOCAL = Text(
    en="Link {link} would be {ip}, which is no address of {node}",
    fr="Le lien {link} serait {ip}, qui n'est pas une adresse de {node}",
)
NOT_LOCAL_FIX = Text(en="{node} has {known}", fr="{node} a {known}")
TWICE = Text(
    en="Links {one} and {other} would both be {ip}",
    fr="Les liens {one} et {other} seraient tous deux {ip}",
)
USE_ANOTHER = Text(
    en="A second link is there for when the first network fails: give it another one",
    fr="Un second lien sert quand le premier réseau tombe : donnez-lui un autre réseau",
)
# What people judge
ALIKE = Text(
    en="Links {one} and {other} are in one network: what fails takes both",
    fr="Les liens {one} et {other} sont dans le même réseau : une panne prend les deux",
)
DOWN = Text(
    en="Link {link} would be on {interface}, which is down on {node}",
    fr="Le lien {link} serait sur {interface}, qui est hors service sur {node}",
)
DOWN_FIX = Text(en="See its cable, and: ip link set {name} up", fr="Voyez son câble, et : ip link set {name} up")
DEDICATED = Text(
    en="Corosync's traffic would go over link {link}, the management network, and only when that fails over link {other}, which "
    "has a network of its own",
    fr="Le trafic de corosync passerait par le lien {link}, le réseau de gestion, et seulement s'il tombe par le lien {other}, "
    "qui a un réseau à lui",
)
DEDICATED_FIX = Text(
    en="The dedicated network first: {words}; or give it the higher priority",
    fr="Le réseau dédié d'abord : {words} ; ou donnez-lui la priorité plus haute",
)
NOWHERE = Text(
    en="{node} has no address in the network of link {link}",
    fr="{node} n'a pas d'adresse dans le réseau du lien {link}",
)
NOWHERE_FIX = Text(
    en="It needs one there to join: the nodes of a cluster have the same links",
    fr="Il lui en faut une pour rejoindre : les nœuds d'un cluster ont les mêmes liens",
)
MTU = Text(
    en="The ends of link {link} do not have the same MTU: {mtus}",
    fr="Les bouts du lien {link} n'ont pas le même MTU : {mtus}",
)
MTU_FIX = Text(
    en="Set one MTU on all interfaces and switches of that network",
    fr="Mettez un seul MTU sur toutes les interfaces et tous les commutateurs de ce réseau",
)
NO_PING = Text(
    en="{node} has no ping: latency and MTU of its links are unknown",
    fr="{node} n'a pas ping : latence et MTU de ses liens sont inconnus",
)
NO_PING_FIX = Text(en="On {node}: apt install iputils-ping", fr="Sur {node} : apt install iputils-ping")
UNKNOWN_WAY = Text(en="{node} does not say whom it reaches: {why}", fr="{node} ne dit pas qui il atteint : {why}")
NO_ANSWER = Text(
    en="On link {link}, {node} gets no answer from {target} ({ip})",
    fr="Sur le lien {link}, {node} n'a pas de réponse de {target} ({ip})",
)
CHECK_WAY = Text(
    en="See cable, VLAN and firewall: ping and UDP {port} must pass both ways",
    fr="Voyez câble, VLAN et pare-feu : ping et UDP {port} doivent passer dans les deux sens",
)
FRAGMENTS = Text(
    en="On link {link}, small packets from {node} reach {target}, but none with {size} bytes, which the interfaces allow",
    fr="Sur le lien {link}, de petits paquets de {node} atteignent {target}, mais aucun de {size} octets, que les interfaces "
    "permettent",
)
FRAGMENTS_FIX = Text(
    en="Look for a switch, bridge or tunnel with a smaller MTU on that path",
    fr="Cherchez un commutateur, un pont ou un tunnel de MTU plus petit sur ce chemin",
)
SLOW = Text(
    en="On link {link}, {target} is {ms} ms away from {node}: 5 is the limit for a steady cluster",
    fr="Sur le lien {link}, {target} est à {ms} ms de {node} : 5 est la limite d'un cluster stable",
)
TOO_SLOW = Text(
    en="On link {link}, {target} is {ms} ms away from {node}: above 10 a cluster of more than three hardly works",
    fr="Sur le lien {link}, {target} est à {ms} ms de {node} : au-delà de 10, un cluster de plus de trois ne marche guère",
)
SLOW_FIX = Text(
    en="Give corosync a network of its own, without storage or migration traffic, and no long way between the nodes",
    fr="Donnez à corosync un réseau à lui, sans trafic de stockage ni de migration, et sans longue distance entre les nœuds",
)
PORT = Text(
    en="From {node}, TCP {port} of {target} ({ip}) is {door}",
    fr="Depuis {node}, TCP {port} de {target} ({ip}) est {door}",
)
CLOSED = Text(en="closed", fr="fermé")
SILENT = Text(en="silent, as behind a firewall", fr="muet, comme derrière un pare-feu")
PORT_FIX = Text(
    en="Open TCP 22 and 8006 between the nodes: joining needs 8006, migration and consoles 22",
    fr="Ouvrez TCP 22 et 8006 entre les nœuds : rejoindre demande 8006, migrations et consoles 22",
)
UDP = Text(
    en="Whether UDP {ports} passes cannot be seen before corosync runs at both ends",
    fr="On ne peut voir si UDP {ports} passe avant que corosync tourne aux deux bouts",
)
UDP_FIX = Text(
    en="Let UDP 5405-5412 pass between the nodes in every firewall; nc -zu proves nothing. Afterwards: corosync-cfgtool -n",
    fr="Laissez passer UDP 5405-5412 entre les nœuds dans chaque pare-feu ; nc -zu ne prouve rien. Ensuite : corosync-cfgtool -n",
)
