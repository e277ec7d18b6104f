"""All that forbids `create NAME`."""

from __future__ import annotations

from bot.cluster import network_texts
from bot.text import Text

NO_SUCH_NODE = Text(
    en="This cluster has no node “{node}” in config.toml: it has {known}",
    fr="Ce cluster n'a pas de nœud « {node} » dans config.toml : il a {known}",
)
SILENT = Text(en="{node} does not answer: {why}", fr="{node} ne répond pas : {why}")
NOT_KNOWN = Text(en="{node} does not say {what}: {why}", fr="{node} ne dit pas {what} : {why}")
OTHER_HOST = Text(
    en="The host that answers as {node} is named {host}", fr="L'hôte qui répond comme {node} s'appelle {host}"
)
MEMBER = Text(en="{node} is in the cluster {cluster} already", fr="{node} est déjà dans le cluster {cluster}")
LEFTOVERS = Text(
    en="{node} is in no cluster, but has left of one: {files}",
    fr="{node} n'est dans aucun cluster, mais garde d'un autre : {files}",
)
RUNNING = Text(
    en="corosync runs on {node}, which is in no cluster", fr="corosync tourne sur {node}, qui n'est dans aucun cluster"
)
NOT_MOUNTED = Text(en="/etc/pve is not mounted on {node}", fr="/etc/pve n'est pas monté sur {node}")
READ_ONLY = Text(en="/etc/pve takes no writes on {node}", fr="/etc/pve n'accepte pas d'écriture sur {node}")
UNRESOLVED = Text(en="{node} does not know its own host name", fr="{node} ne résout pas son propre nom d'hôte")
NAME_ELSEWHERE = Text(
    en="On {node} its own host name means {addresses}, and none of that is an address by which others reach it",
    fr="Sur {node} son propre nom d'hôte désigne {addresses}, et rien de cela n'est une adresse où les autres l'atteignent",
)
NO_LINK0 = Text(
    en="There is no link 0 among the links {links}: corosync knows a node by its address there",
    fr="Il n'y a pas de lien 0 parmi les liens {links} : corosync reconnaît un nœud à son adresse là",
)
LOOPBACK, NOT_LOCAL, TWICE = network_texts.LOOPBACK, network_texts.NOT_LOCAL, network_texts.TWICE
CLOCK = Text(
    en="The clock of {node} is {seconds} s off the bot's",
    fr="L'horloge de {node} diffère de {seconds} s de celle du bot",
)
CLUSTER_THERE = Text(
    en="{other}, which is to be in the same cluster as {node}, is in the cluster {cluster} already",
    fr="{other}, qui doit être dans le même cluster que {node}, est déjà dans le cluster {cluster}",
)
NAME_TAKEN = Text(
    en="There is a cluster {cluster} already: {other} is in it",
    fr="Il y a déjà un cluster {cluster} : {other} en fait partie",
)
