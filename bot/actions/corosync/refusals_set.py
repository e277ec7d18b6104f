"""What forbids `corosync set`, beside what forbids any change of corosync.conf."""

from bot.cluster.conf_edit import NO_SECTION, NO_VERSION
from bot.cluster.rewrite_refusals import (
    CHANGING,
    COPIES_DIFFER,
    FLAWED,
    MIXED_COROSYNC,
    NO_CLUSTER,
    NO_QUORUM,
    NOT_ALL_THERE,
    NOT_CONFIGURED,
    NOT_TRIED,
    NOTHING_CHANGES,
    OTHER_LOADED,
    REJECTED,
    SILENT,
)
from bot.text import Text

__all__ = [
    "CHANGING",
    "COPIES_DIFFER",
    "FLAWED",
    "FOR_GOOD",
    "MIXED_COROSYNC",
    "NOTHING_CHANGES",
    "NOT_ALL_THERE",
    "NOT_CONFIGURED",
    "NOT_HERE",
    "NOT_TRIED",
    "NO_CLUSTER",
    "NO_QUORUM",
    "NO_SECTION",
    "NO_VERSION",
    "OTHER_LOADED",
    "REJECTED",
    "SILENT",
]
FOR_GOOD = Text(
    en="{key} holds from the start of corosync on: nodes with the old and with the new value do not talk to each other",
    fr="{key} vaut dès le démarrage de corosync : des nœuds avec l'ancienne et la nouvelle valeur ne se parlent pas",
)
NOT_HERE = Text(
    en="{key} is not set by hand: it says who is in the cluster, and whose vote counts",
    fr="{key} ne se règle pas à la main : il dit qui est dans le cluster, et quelles voix comptent",
)
