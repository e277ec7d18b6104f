"""What forbids `remove NODE --cleanup`, whoever approves."""

from __future__ import annotations

from bot.text import Text

NO_VIEW = Text(
    en="No node says how the votes stand: nobody can write /etc/pve",
    fr="Aucun nœud ne dit où en sont les voix : personne ne peut écrire dans /etc/pve",
)
NO_QUORUM = Text(
    en="There is no quorum ({votes} of {needed} votes): /etc/pve cannot be written",
    fr="Il n'y a pas de quorum ({votes} voix sur {needed}) : /etc/pve n'accepte aucune écriture",
)
READ_ONLY = Text(
    en="/etc/pve is still read-only on {executor}, although corosync has quorum there",
    fr="/etc/pve est encore en lecture seule sur {executor}, alors que corosync y a le quorum",
)
STILL_LISTED = Text(
    en="{node} is still a node of the cluster, by corosync.conf on {nodes}",
    fr="{node} est encore un nœud du cluster, d'après corosync.conf sur {nodes}",
)
STILL_A_MEMBER = Text(
    en="{node} is still a member of the cluster, by /etc/pve/.members on {nodes}",
    fr="{node} est encore membre du cluster, d'après /etc/pve/.members sur {nodes}",
)
THINKS_IT_IS_A_MEMBER = Text(
    en="{node} is up, and takes itself for a member of the cluster: it came back after its removal",
    fr="{node} est allumé et se croit membre du cluster : il est revenu après son retrait",
)
MEMBER_SILENT = Text(
    en="{member} is in the ring and does not tell the bot whether it still knows {node}: {why}",
    fr="{member} est dans l'anneau et ne dit pas au bot s'il connaît encore {node} : {why}",
)
CHANGING = Text(
    en="Somebody else is changing corosync.conf: {path} is there",
    fr="Quelqu'un d'autre modifie corosync.conf : {path} existe",
)
GUESTS = Text(
    en="/etc/pve/nodes/{node} holds guests, and may be all that is left of them: {guests}",
    fr="/etc/pve/nodes/{node} contient des machines, et peut-être tout ce qu'il en reste : {guests}",
)
SERVICES = Text(en="HA has services on {node}: {services}", fr="La HA a des services sur {node} : {services}")
BOT_KEY = Text(
    en="The key with which the bot itself logs in is named {name}, as that of {node} is",
    fr="La clé avec laquelle le bot lui-même se connecte s'appelle {name}, comme celle de {node}",
)
NOT_KNOWN = Text(en="{executor} does not say {what}: {why}", fr="{executor} ne dit pas {what} : {why}")
NOTHING = Text(en="There is nothing of {node} to clean up", fr="Il n'y a rien de {node} à nettoyer")
