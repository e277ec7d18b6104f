"""The messages of corosync's log that mean something, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.action import Level
from bot.text import Text


@dataclass(frozen=True)
class Known:
    """A message that means something: how to tell it, how bad it is, what it says in words, what to do."""

    pattern: re.Pattern[str]
    level: Level
    meaning: Text
    fix: Text


def known(line: str) -> Known | None:
    """What *line* means, if it is one of the messages worth knowing."""
    return next((each for each in KNOWN if each.pattern.search(line)), None)


def _means(pattern: str, level: Level, meaning: Text, fix: Text) -> Known:
    return Known(re.compile(pattern), level, meaning, fix)


NETWORK = Text(
    en="Look at the link with /pve-cluster links; keep storage and migration traffic off corosync's network",
    fr="Regardez le lien avec /pve-cluster links ; tenez stockage et migrations hors du réseau de corosync",
)
FILE = Text(
    en="Compare the copies with /pve-cluster corosync show", fr="Comparez les copies avec /pve-cluster corosync show"
)
LINT = Text(
    en="Check the file with /pve-cluster corosync lint", fr="Vérifiez le fichier avec /pve-cluster corosync lint"
)
STATUS = Text(en="See who is a member with /pve-cluster status", fr="Voyez qui est membre avec /pve-cluster status")

KNOWN: tuple[Known, ...] = (
    _means(
        r"config version \(\d+\) is different than my config version",
        Level.BAD,
        Text(
            en="this node has another config_version than the cluster, and corosync stopped itself",
            fr="ce nœud a un autre config_version que le cluster, et corosync s'est arrêté",
        ),
        FILE,
    ),
    _means(
        r"parse error in config|parser error",
        Level.BAD,
        Text(en="corosync refused its file", fr="corosync a refusé son fichier"),
        LINT,
    ),
    _means(
        r"Killed by node \d+",
        Level.BAD,
        Text(
            en="another node killed this corosync: it was removed from the cluster while running",
            fr="un autre nœud a tué ce corosync : il a été retiré du cluster en marche",
        ),
        STATUS,
    ),
    _means(
        r"exiting with status",
        Level.BAD,
        Text(en="corosync ended with an error", fr="corosync s'est terminé en erreur"),
        LINT,
    ),
    _means(
        r"Retransmit List",
        Level.WARNING,
        Text(
            en="messages were lost and sent again: the network loses packets or a node is overloaded",
            fr="des messages perdus ont été renvoyés : le réseau perd des paquets ou un nœud est surchargé",
        ),
        NETWORK,
    ),
    _means(
        r"Token has not been received|token was lost|processor failed, forming new configuration",
        Level.WARNING,
        Text(
            en="the token did not come round in time: the network is slow or a node stopped",
            fr="le token n'est pas revenu à temps : le réseau est lent ou un nœud s'est arrêté",
        ),
        NETWORK,
    ),
    _means(
        r"not scheduled for",
        Level.WARNING,
        Text(
            en="corosync did not get the processor in time: the node is overloaded or was paused",
            fr="corosync n'a pas eu le processeur à temps : le nœud est surchargé ou a été suspendu",
        ),
        Text(en="Look at the load of that node", fr="Regardez la charge de ce nœud"),
    ),
    _means(
        r"has no active links",
        Level.WARNING,
        Text(en="a node could not be reached on any link", fr="un nœud était injoignable sur tous les liens"),
        NETWORK,
    ),
    _means(
        r"link: \d+ (?:\(.*\) )?is down",
        Level.WARNING,
        Text(en="a link to another node went down", fr="un lien vers un autre nœud est tombé"),
        NETWORK,
    ),
    _means(
        r"Failed to receive the leave message",
        Level.WARNING,
        Text(en="a node vanished without saying goodbye", fr="un nœud a disparu sans prévenir"),
        STATUS,
    ),
    _means(
        r"cannot be changed at run-time",
        Level.WARNING,
        Text(
            en="a setting was changed that takes effect only after a restart of corosync",
            fr="un réglage modifié ne prendra effet qu'après un redémarrage de corosync",
        ),
        FILE,
    ),
    _means(
        r"link: \d+ (?:\(.*\) )?is up",
        Level.NOTE,
        Text(en="a link to another node came up", fr="un lien vers un autre nœud est revenu"),
        NETWORK,
    ),
    _means(
        r"A new membership",
        Level.NOTE,
        Text(en="the set of members changed", fr="l'ensemble des membres a changé"),
        STATUS,
    ),
    _means(
        r"Config reload requested",
        Level.NOTE,
        Text(en="the file was reloaded on the whole cluster", fr="le fichier a été rechargé sur tout le cluster"),
        FILE,
    ),
)
