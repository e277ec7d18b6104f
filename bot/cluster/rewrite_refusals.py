"""What forbids any change of a cluster's corosync.conf, whatever it changes."""

from bot.text import Text

NO_CLUSTER = Text(
    en="No corosync.conf: these nodes are in no cluster, or none of them answers",
    fr="Pas de corosync.conf : ces nœuds ne sont dans aucun cluster, ou aucun ne répond",
)
SILENT = Text(
    en="{node} does not say how its corosync is ({why}), and every node takes the new file",
    fr="{node} ne dit pas comment va son corosync ({why}), et chaque nœud prend le nouveau fichier",
)
NOT_CONFIGURED = Text(
    en="{node} is a member, and the bot was not told of it: it could not try the new file there",
    fr="{node} est membre, et le bot ne le connaît pas : il n'a pas pu y essayer le nouveau fichier",
)
NOT_ALL_THERE = Text(
    en="{nodes} is not in the ring: it would come back with the old file, which can stop the others",
    fr="{nodes} n'est pas dans l'anneau : il reviendrait avec l'ancien fichier, ce qui peut arrêter les autres",
)
NO_QUORUM = Text(
    en="There is no quorum, so /etc/pve is read-only", fr="Il n'y a pas de quorum, donc /etc/pve est en lecture seule"
)
COPIES_DIFFER = Text(
    en="The nodes do not all have the same file: {finding}", fr="Les nœuds n'ont pas tous le même fichier : {finding}"
)
OTHER_LOADED = Text(
    en="{node} runs version {loaded} and its file has version {version}",
    fr="{node} utilise la version {loaded} et son fichier a la version {version}",
)
CHANGING = Text(
    en="Somebody is changing corosync.conf right now: {node} has {what}",
    fr="Quelqu'un modifie corosync.conf en ce moment : {node} a {what}",
)
MIXED_COROSYNC = Text(
    en="The nodes run different versions of corosync ({versions}), between which a reload is not supported",
    fr="Les nœuds ont des versions de corosync différentes ({versions}), entre lesquelles recharger n'est pas pris en charge",
)
FLAWED = Text(en="The new file would be broken: {rule}, {what}", fr="Le nouveau fichier serait cassé : {rule}, {what}")
REJECTED = Text(
    en="corosync on {node} refuses the new file: {why}", fr="corosync sur {node} refuse le nouveau fichier : {why}"
)
NOT_TRIED = Text(
    en="The new file could not be tried on {node}: {why}",
    fr="Le nouveau fichier n'a pas pu être essayé sur {node} : {why}",
)
NOTHING_CHANGES = Text(en="The file is like that already", fr="Le fichier est déjà ainsi")
