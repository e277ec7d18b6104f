"""What forbids `remove NODE`, whoever approves."""

from __future__ import annotations

from bot.text import Text

NO_VIEW = Text(
    en="No node other than {node} says how the votes stand: nobody can remove it",
    fr="Aucun autre nœud que {node} ne dit où en sont les voix : personne ne peut le retirer",
)
NO_SUCH_NODE = Text(
    en="The cluster {cluster} has no node “{node}”: it has {known}",
    fr="Le cluster {cluster} n'a pas de nœud « {node} » : il a {known}",
)
NOT_CONFIGURED = Text(
    en="The bot was never told of {node}, so it cannot try whether it is off",
    fr="Le bot ne connaît pas {node} et ne peut pas vérifier qu'il est éteint",
)
NO_QUORUM = Text(
    en="There is no quorum ({votes} of {needed} votes): /etc/pve cannot be written",
    fr="Il n'y a pas de quorum ({votes} voix sur {needed}) : /etc/pve n'accepte aucune écriture",
)
READ_ONLY = Text(
    en="/etc/pve is still read-only on {executor}, although corosync has quorum there",
    fr="/etc/pve est encore en lecture seule sur {executor}, alors que corosync y a le quorum",
)
LOSES_QUORUM = Text(
    en="Without {node} there would be no quorum: {needed} of {expected} votes needed, {votes} present",
    fr="Sans {node}, il n'y aurait plus de quorum : {needed} voix nécessaires sur {expected}, {votes} présentes",
)
ONLINE = Text(
    en="{node} is online, say {nodes}: its corosync would be killed, and with HA it resets itself",
    fr="{node} est en ligne, disent {nodes} : son corosync serait tué et, avec la HA, il se réinitialise",
)
ANSWERS_SSH = Text(
    en="{node} answers the bot over SSH: it is not off", fr="{node} répond au bot en SSH : il n'est pas éteint"
)
ANSWERS_API = Text(
    en="{node} answers the bot on port 8006: it is not off",
    fr="{node} répond au bot sur le port 8006 : il n'est pas éteint",
)
ANSWERS_MEMBER = Text(
    en="Something answers at an address of {node}: {address} ({ways}), tried from {member}",
    fr="Quelque chose répond à une adresse de {node} : {address} ({ways}), essayée depuis {member}",
)
NOT_TRIED = Text(
    en="{member} does not say whether {node} answers it: {why}",
    fr="{member} ne dit pas si {node} lui répond : {why}",
)
MEMBER_SILENT = Text(
    en="{member} is in the ring and does not tell the bot how it sees {node}: {why}",
    fr="{member} est dans l'anneau et ne dit pas au bot comment il voit {node} : {why}",
)
MEMBERS_DISAGREE = Text(
    en="The members do not agree on {what}: {views}", fr="Les membres ne disent pas la même chose ; {what} : {views}"
)
OTHER_ALIVE = Text(
    en="{other} is up, but not in the ring: it would keep a corosync.conf that lists {node}",
    fr="{other} est allumé, mais hors de l'anneau : il garderait un corosync.conf qui liste {node}",
)
CHANGING = Text(
    en="Somebody else is changing corosync.conf: {path} is there",
    fr="Quelqu'un d'autre modifie corosync.conf : {path} existe",
)
GUESTS = Text(en="{node} has guests: {guests}", fr="{node} a des machines : {guests}")
SERVICES = Text(en="HA has services on {node}: {services}", fr="La HA a des services sur {node} : {services}")
ONLY_NODE_OF_RULE = Text(
    en="{node} is the only node of the HA rule {rule}: its guests would have nowhere to run",
    fr="{node} est le seul nœud de la règle HA {rule} : ses machines n'auraient nulle part où tourner",
)
REPLICATION = Text(
    en="Replication still goes to or from {node}: {jobs}",
    fr="La réplication va encore vers {node} ou en vient : {jobs}",
)
CEPH = Text(en="Ceph has daemons on {node}: {daemons}", fr="Ceph a des démons sur {node} : {daemons}")
NOT_KNOWN = Text(en="{executor} does not say {what}: {why}", fr="{executor} ne dit pas {what} : {why}")
