"""What `create NAME` says to do about what forbids it, and what it only points out."""

from __future__ import annotations

from bot.text import Text

CHECK_CONFIG = Text(en="Check the nodes in config.toml", fr="Vérifiez les nœuds dans config.toml")
CONSOLE = Text(
    en="Repair the bot's way to {node} first: all of this runs on it",
    fr="Réparez d'abord l'accès du bot à {node} : tout se passe sur lui",
)
ASK_AGAIN = Text(en="Ask again as soon as it answers", fr="Redemandez dès qu'il répond")
JOIN_OR_RESET = Text(
    en="To bring other nodes into it: /pve-cluster join. To take {node} out of it: /pve-cluster reset {node}",
    fr="Pour y faire entrer d'autres nœuds : /pve-cluster join. Pour en sortir {node} : /pve-cluster reset {node}",
)
RESET_FIRST = Text(
    en="To take it away, with a copy kept: /pve-cluster reset {node}",
    fr="Pour l'ôter, en gardant une copie : /pve-cluster reset {node}",
)
PUT_KEY_AWAY = Text(
    en="On {node}, if no cluster needs it any more: mv {key} {key}.old",
    fr="Sur {node}, si plus aucun cluster n'en a besoin : mv {key} {key}.old",
)
STOP_COROSYNC = Text(en="On {node}: systemctl stop corosync", fr="Sur {node} : systemctl stop corosync")
START_PMXCFS = Text(
    en="On {node}: systemctl start pve-cluster, then ask again",
    fr="Sur {node} : systemctl start pve-cluster, puis redemandez",
)
SEE_PMXCFS = Text(
    en="On {node}, see why: journalctl -u pve-cluster; df /var/lib/pve-cluster",
    fr="Sur {node}, voyez pourquoi : journalctl -u pve-cluster ; df /var/lib/pve-cluster",
)
HOSTS = Text(
    en="In /etc/hosts of {node}, one line, and none with 127.0.1.1: {address} {node}.example.com {node}",
    fr="Dans /etc/hosts de {node}, une ligne, et aucune avec 127.0.1.1 : {address} {node}.example.com {node}",
)
ITS_ADDRESS = Text(en="ITS-ADDRESS", fr="SON-ADRESSE")
BEGIN_WITH_0 = Text(en="Name the first one --link0", fr="Appelez le premier --link0")
SET_CLOCK = Text(
    en="Above {limit} s Proxmox VE takes no ticket of another host, and a new certificate may not be valid yet: no node could "
    "join. On {node}: systemctl restart chrony; chronyc tracking",
    fr="Au-delà de {limit} s Proxmox VE n'accepte aucun ticket d'un autre hôte, et un certificat neuf peut ne pas encore valoir : "
    "aucun nœud ne pourrait rejoindre. Sur {node} : systemctl restart chrony ; chronyc tracking",
)
JOIN_INSTEAD = Text(
    en="A node comes into a cluster that is there by joining: /pve-cluster join {address} --node {node}",
    fr="Un nœud entre dans un cluster existant en le rejoignant : /pve-cluster join {address} --node {node}",
)
ITS_NAME = Text(en="whether it is in a cluster", fr="s'il est dans un cluster")
WHAT_IS_LEFT = Text(en="what it has left of a cluster", fr="ce qu'il garde d'un cluster")
ITS_RING = Text(en="whether corosync runs", fr="si corosync tourne")
ITS_WRITES = Text(en="whether /etc/pve takes writes", fr="si /etc/pve accepte des écritures")
ITS_HOST_NAME = Text(en="what its own host name means", fr="ce que désigne son propre nom d'hôte")
ITS_ADDRESSES = Text(en="which addresses it has", fr="quelles adresses il a")
ITS_CLOCK = Text(en="what time it is there", fr="quelle heure il y est")

# Warnings and notes
CLOCK_OFF = Text(
    en="The clock of {node} is {seconds} s off that of {other}",
    fr="L'horloge de {node} diffère de {seconds} s de celle de {other}",
)
BOT = Text(en="the bot", fr="le bot")
SET_CLOCKS = Text(
    en="Let both follow the same time servers: chronyc tracking",
    fr="Faites suivre les mêmes serveurs de temps : chronyc tracking",
)
OTHER_SILENT = Text(
    en="{node} does not answer, so whether it can join later is unknown: {why}",
    fr="{node} ne répond pas, on ne sait donc pas s'il pourra rejoindre : {why}",
)
PVE_DIFFERS = Text(
    en="The nodes do not have the same Proxmox VE: {versions}", fr="Les nœuds n'ont pas le même Proxmox VE : {versions}"
)
COROSYNC_DIFFERS = Text(
    en="The nodes do not have the same corosync: {versions}", fr="Les nœuds n'ont pas le même corosync : {versions}"
)
UPDATE = Text(
    en="Bring all of them up to date before the second one joins",
    fr="Mettez-les tous à jour avant que le deuxième rejoigne",
)
OLD_COROSYNC = Text(
    en="{node} has corosync {version}: before 3.1.10-pve3 one node that comes back with an outdated corosync.conf can hang "
    "/etc/pve on all of them, and with HA they all reset",
    fr="{node} a corosync {version} : avant 3.1.10-pve3, un nœud qui revient avec un corosync.conf périmé peut figer /etc/pve "
    "sur tous, et avec la HA tous redémarrent",
)
GUESTS = Text(
    en="{node} has {guests}: they stay and go on running. Nodes that join later must have none",
    fr="{node} a {guests} : elles restent et continuent de tourner. Les nœuds qui rejoignent ensuite ne doivent pas en avoir",
)
FOR_EVER = Text(
    en="The name {name} can never be changed, and must be the only one of its kind on the network",
    fr="Le nom {name} ne pourra jamais changer, et doit être seul de son genre sur le réseau",
)
PRIORITY_0 = Text(
    en="pvecm drops the priority 0 of link {link}: it gets corosync's own, 1",
    fr="pvecm ignore la priorité 0 du lien {link} : il a celle de corosync, 1",
)
